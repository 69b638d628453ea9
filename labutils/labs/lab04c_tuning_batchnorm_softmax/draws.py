"""How numbers were drawn, told from the numbers: evenly on which scale, between which ends, or not evenly at all.

Each test leaves room for six standard deviations, so a right way of drawing is taken for a wrong one less than once in a million times.
"""
from typing import NamedTuple

import numpy as np

BASES = ((np.log, np.exp), (np.log10, lambda x: np.power(10.0, x)), (np.log2, np.exp2))

SAYS = {
    "uniform, not log-uniform": "The numbers themselves are uniform. Between 0.0001 and 1 nine in ten of them then lie above 0.1, and small learning rates are "
                                "hardly ever tried. It is the *logarithm* that should be uniform.",
    "log-uniform, not uniform": "The logarithm is uniform. On a \"linear\" scale the value itself should be, and a linear range may hold 0 or negative "
                                "numbers, which have no logarithm.",
    "logarithm not undone": "These are the logarithms of what is wanted: they are uniform, as they should be, but the exponential that undoes the logarithm is missing.",
    "two bases": "Two logarithms of different base are mixed: what undoes `np.log` is `np.exp`, what undoes `np.log10` is `10 ** …`, what undoes `np.log2` is `2 ** …`.",
    "logarithm not taken": "The exponential is taken of numbers between low and high themselves. First the logarithms of both ends, then a number between *those*, then the "
                           "exponential.",
    "logarithm after drawing": "The logarithm is taken of numbers that were drawn uniformly. It has to be the other way: draw the logarithm, then undo it.",
    "logarithm and exponential exchanged": "The exponential is taken of the ends and the logarithm of the draw. It has to be the other way: first "
                                           "the logarithm, of the ends, then the draw, then the exponential.",
    "mirrored": "Large values are finely searched and small ones hardly: the logarithmic scale stands upside down, as for a momentum near 1 (there it is 1 − β that is drawn "
                "log-uniformly). Here the number itself should be log-uniform.",
    "reciprocal of a uniform number": "The reciprocal is uniform, so almost all numbers lie near `low`. It is the logarithm that should be uniform.",
    "power of a uniform number": "A square, cube or root of a uniform number bends the scale a little; over several decades only the logarithm gives each of them its share.",
    "whole exponents": "The exponents are whole numbers, so only a handful of values such as 0.001 and 0.01 are ever tried: a grid in disguise. The exponent may be any "
                       "number between the two ends.",
    "whole numbers": "Only whole numbers are drawn. Any number in the range may come; whoever needs whole ones rounds afterwards.",
    "normal, not uniform": "What should be uniform is normally distributed: that leaves the range and prefers its middle. Every part of the range should be equally likely.",
    "one number for all": "The same number comes every time. Draw as many as are wanted, each anew.",
    "sorted": "The numbers come in order of size. A sample is as it was drawn: when two settings are drawn one after the other, sorted ones would rise together.",
}


class Finding(NamedTuple):
    """What is wrong with numbers: a short name, and sentences."""
    name: str
    says: str


def place(values, low, high):
    """Where numbers lie between low and high: 0 at low, 1 at high."""
    with np.errstate(all="ignore"):
        return (values - low) / (high - low)


def even(u):
    """Whether places may be uniform between 0 and 1, its ends included."""
    n, inside = len(u), np.isfinite(u).all() and u.min() > -1e-5 and u.max() < 1 + 1e-5
    return bool(inside and abs(u.mean() - 0.5) < 6 * 0.2887 / n ** 0.5 and abs(u.std() - 0.2887) < 6 * 0.13 / n ** 0.5
                and u.min() < 20 / n and u.max() > 1 - 20 / n)


def likeness(a, b):
    """Whether two rows of places go together more than chance lets them."""
    if a.std() < 1e-12 or b.std() < 1e-12:
        return False
    return bool(abs(np.mean((a - a.mean()) * (b - b.mean())) / (a.std() * b.std())) > 6 / len(a) ** 0.5)


def drawn(x, low, high, scale):
    """What is wrong with numbers that should be even between low and high on a scale, "log" or "linear".

    Parameters
    ----------
    x : ndarray (n,), float; below 50 numbers only their range is looked at
    low, high : float
    scale : str

    Returns
    -------
    Finding, or None if nothing is wrong
    """
    low, high = np.float64(low), np.float64(high)
    with np.errstate(all="ignore"):
        u = place(np.log(x), np.log(low), np.log(high)) if scale == "log" else place(x, low, high)
        outside = x[~((x >= low - 1e-6 * abs(low)) & (x <= high + 1e-6 * abs(high)))]
        if not np.isfinite(x).all():
            return Finding("not a number", "Some of the numbers are nan or inf: is there the logarithm of 0 or of a negative number, or a very large power?")
        if len(x) < 50:
            return _outside(outside, low, high)
        if np.ptp(x) == 0 and outside.size:
            return Finding("constant", f"The number is {x[0]:.3g} every time, which lies outside the range: is it cut to a whole number on the way?")
        if np.ptp(x) == 0:
            return Finding("one number for all", SAYS["one number for all"])
        few = np.unique(x).size < 0.98 * len(x)
        if even(u) and not few:
            return None
        whole = np.log10(np.abs(x))
        if few and (np.abs(whole - np.round(whole)) < 1e-6).all():
            return Finding("whole exponents", SAYS["whole exponents"])
        if few and (x == np.round(x)).all():
            return Finding("whole numbers", SAYS["whole numbers"])
        name = next((name for name, places in _slips(x, low, high, scale) if even(places)), "")
        if not name and len(x) >= 1000 and np.isfinite(u).all() and abs(np.mean(((u - u.mean()) / u.std()) ** 4) - 3) < 6 * (24 / len(x)) ** 0.5:
            name = "normal, not uniform"
        if name:
            return Finding(name, SAYS[name])
        own = np.log(x) if scale == "log" else x
        if np.isfinite(own).all() and even(place(own, own.min(), own.max())) and not few:
            return Finding("other ends", f"The numbers are even on the right scale, but between other ends: they run from {x.min():.3g} to {x.max():.3g}, where {low:.3g} "
                           f"to {high:.3g} is asked for. Which of the ends is written into the code, or changed on the way?")
        return _outside(outside, low, high) or Finding(
            "not even", f"The numbers are not even on the {scale} scale. Their mean place is {u.mean():.2f} (0 is at low, 1 at high), that of even ones 0.5; "
            f"the spread of the places {u.std():.2f}, that of even ones 0.29.")


def _outside(outside, low, high):
    return Finding("outside the range", f"There are numbers outside the range from {low:.3g} to {high:.3g}, such as {outside[0]:.3g}.") if outside.size else None


def _slips(x, low, high, scale):
    """Ways to go wrong that can be recognised, each with places that are even if it was gone."""
    if scale == "linear":
        if low > 0:
            yield "log-uniform, not uniform", place(np.log(x), np.log(low), np.log(high))
        return
    yield "uniform, not log-uniform", place(x, low, high)
    for log, exp in BASES:
        yield "logarithm not undone", place(x, log(low), log(high))
        yield "logarithm not taken", place(log(x), low, high)
        yield "logarithm after drawing", place(exp(x), low, high)
        yield "logarithm and exponential exchanged", place(exp(x), exp(low), exp(high))
        for other, _ in BASES:
            if other is not log:
                yield "two bases", place(other(x), log(low), log(high))
    yield "mirrored", place(np.log(low + high - x), np.log(low), np.log(high))
    yield "reciprocal of a uniform number", place(1 / x, 1 / high, 1 / low)
    for power in (1 / 2, 1 / 3, 2):
        yield "power of a uniform number", np.clip(place(x, low, high), 0, None) ** power
