"""What the graders of lab 07c know: cases, mistakes, right versions, hints."""
import copy
import math

import numpy as np
import tensorflow as tf

from labutils.calling import NOTHING, Fault, Odd, plain
from labutils.chance import DEVIATIONS
from labutils.exercise import Challenge, Estimate, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import noise_image, sampling_step

NAMES = {"m": "the number of pictures", "n_steps": "the number of steps", "h": "the height", "w": "the width", "n_a": "the points of the first cloud",
         "n_b": "the points of the second", "d": "their axes"}


def found(name, **edit):
    """A wrong version in which the grader itself finds the mistake and says what it is."""
    return Mistake(name, name[0].upper() + name[1:] + ".", **edit)


def schedule(rng, n_steps):
    """Betas and alpha_bars of a schedule that is neither of the lab's two."""
    betas = np.sort(rng.uniform(0.05, 0.6, n_steps)).round(3)
    return betas, np.cumprod(1 - betas)


def mix(y, first, second, want, names, said):
    """What of two factors in y = p · first + q · second is another than it should be: (name, sentence)."""
    A = np.stack([np.ravel(first), np.ravel(second)], axis=1)
    (p, q), *_ = np.linalg.lstsq(A, np.ravel(y).astype(float), rcond=None)
    if A.shape[0] < 3 or not np.isfinite(y).all():
        return None
    if not np.allclose(A @ (p, q), np.ravel(y), atol=1e-4):
        return f"not made of {names[0]} and {names[1]} alone", (f"What comes back is not a number times {names[0]} plus a number times {names[1]}: something else has a part in it, or the "
                                                          "numbers differ from pixel to pixel.")
    off = [i for i, (is_, be) in enumerate(zip((p, q), want)) if abs(is_ - be) > 1e-4 * max(1, abs(be))]
    if not off:
        return None
    says = [f"{names[i]} is multiplied by {(p, q)[i]:.4g}; {said[i]} is {want[i]:.4g} there." for i in off]
    says += [f"{names[1 - off[0]]} has the right factor."] if len(off) == 1 else []
    return f"another factor on {' and '.join(names[i] for i in off)}", " ".join(s[0].upper() + s[1:] for s in says)


# --- linear_beta_schedule --------------------------------------------------------------------------------------------


def draw_steps(rng, n_steps):
    return (n_steps,)


def see_line(args, got, expected):
    if not isinstance(got, np.ndarray) or got.ndim != 1 or got.dtype.kind not in "fiu" or got.size < 2:
        return None
    if got.size != expected.size:
        return "another number of betas", f"There are {got.size} betas; n_steps = {args[0]} steps have {args[0]}."
    n, free = args[0], expected < 0.999
    if np.allclose(got[free], expected[free]):
        return "another cap", f"Where the line is below 0.999 all is right; above it stands {got[~free][0]:.4g}, where 0.999 belongs."
    if free.sum() > 2 and np.ptp(np.diff(got[free])) > 1e-6 * np.abs(got[free]).max():
        return "not a straight line", "The betas are not evenly spaced: the distance from one to the next should be the same throughout."
    ends = [f"the {word} beta is {value:.4g}, where {like:.4g} belongs ({formula})" for word, value, like, formula in (
        ("first", got[0], expected[0], "0.1 / n_steps"), ("last", got[-1], expected[-1], "20 / n_steps, but at most 0.999")) if not np.isclose(value, like)]
    says = " and ".join(ends) or "the ends are right, what lies between is not"
    return "another line", f"For n_steps = {n} {says}."


def betas_by_clip(n_steps):
    scale = 1000 / n_steps
    return np.clip(np.linspace(scale * 1e-4, scale * 0.02, n_steps), 0, 0.999)


def betas_by_loop(n_steps):
    betas = []
    for i in range(n_steps):
        betas.append(min(0.1 / n_steps + i / (n_steps - 1) * 19.9 / n_steps, 0.999))
    return np.array(betas)


def betas_by_arange(n_steps):
    betas = 0.1 / n_steps + np.arange(n_steps) * (19.9 / n_steps / (n_steps - 1))
    betas[betas > 0.999] = 0.999
    return betas


LINE = "np.linspace(0.1 / n_steps, 20 / n_steps, n_steps)"
LINEAR = Exercise(
    ex.linear_beta_schedule, title="A straight line of noise", difficulty=1, importance=2, minutes=5, draw=draw_steps,
    sizes=[{"n_steps": 3}, {"n_steps": 40}, {"n_steps": 2}, {"n_steps": 21}, {"n_steps": 1000}], returns="betas", names=NAMES, otherwise=see_line,
    mistakes=[
        Mistake("not capped", "Where there are few steps the line rises above 1. A step cannot add more variance than there is room for: entries above 0.999 are 0.999.",
                replace=("np.minimum(betas, 0.999)", "betas")),
        Mistake("capped at 1", "The cap is 1. A beta of 1 leaves nothing at all of the picture, and the way back divides by 1 − beta; the cap is 0.999.",
                replace=("0.999)", "1.0)")),
        Mistake("minimum and maximum exchanged", "Small entries are raised to 0.999, and large ones stay. The cap is the *smaller* of the two numbers.",
                replace=("np.minimum", "np.maximum")),
        Mistake("numbers for 1000 steps", "These are the ends for 1000 steps, 0.0001 and 0.02, whatever `n_steps` is. With fewer steps, each has to add more.",
                replace=(LINE, "np.linspace(0.0001, 0.02, n_steps)")),
        Mistake("last step missing", "The line stops one step short of its end: the last beta should be 20 / n_steps itself.",
                replace=(LINE, "np.linspace(0.1 / n_steps, 20 / n_steps, n_steps, endpoint=False)")),
        Mistake("one entry too many", "There is one entry too many: n_steps steps have n_steps betas.", replace=("20 / n_steps, n_steps)", "20 / n_steps, n_steps + 1)")),
        Mistake("the clean share, not the noise", "These are 1 − beta, what a step leaves. The betas themselves are asked for.",
                replace=("np.minimum(betas, 0.999)", "1 - np.minimum(betas, 0.999)")),
        Mistake("alpha bars", "These are the products of 1 − beta up to each step. The betas themselves are asked for.",
                replace=("return np.minimum(betas, 0.999)", "return np.cumprod(1 - np.minimum(betas, 0.999))")),
        Mistake("downhill", "The line falls. The first steps add little noise, the last ones much.", replace=(LINE, "np.linspace(20 / n_steps, 0.1 / n_steps, n_steps)")),
        Mistake("from 0", "The line begins at 0. The first step adds a little noise, too.", replace=("0.1 / n_steps", "0")),
        Mistake("roots", "These are the roots, standard deviations. A beta is a variance.", replace=("np.minimum(betas, 0.999)", "np.sqrt(np.minimum(betas, 0.999))")),
        Mistake("evenly spaced logarithms", "The betas grow by a constant factor. They should grow by a constant amount, in a straight line.",
                replace=("linspace", "geomspace")),
        Mistake("not scaled", "The ends do not depend on `n_steps`: they are 0.1 / n_steps and 20 / n_steps.", replace=(LINE, "np.linspace(0.1, 20, n_steps)")),
        Mistake("squeezed, not cut off", "The whole line is scaled down so that its end is 0.999. Only entries above 0.999 change; the others stay.",
                replace=("np.minimum(betas, 0.999)", "betas * min(1, 0.999 / betas[-1])")),
        Mistake("one entry too few", "There is one entry too few: n_steps steps have n_steps betas.", replace=("20 / n_steps, n_steps)", "20 / n_steps, n_steps - 1)")),
        Mistake("entries left out", "Entries above the cap are left out, so there are too few. They stay, and are 0.999.", replace=("np.minimum(betas, 0.999)", "betas[betas <= 0.999]")),
        Mistake("another cap", "The cap is 0.99; 0.999 is wanted.", replace=("0.999)", "0.99)")),
        Mistake("another cap", "The cap is 0.9; 0.999 is wanted.", replace=("0.999)", "0.9)")),
        Mistake("another cap", "The cap is 0.02, the end for 1000 steps; 0.999 is wanted.", replace=("0.999)", "0.02)")),
        Mistake("another end", "The line ends at 0.2 / n_steps. It ends at 20 / n_steps.", replace=("20 / n_steps", "0.2 / n_steps")),
        Mistake("another end", "The line ends at 2 / n_steps. It ends at 20 / n_steps.", replace=("20 / n_steps", "2 / n_steps")),
        Mistake("another beginning", "The line begins at 1 / n_steps. It begins at 0.1 / n_steps.", replace=("0.1 / n_steps", "1 / n_steps")),
        Mistake("squares of a line", "It is the roots that grow in a straight line, as some libraries have it. The betas themselves should.",
                replace=(LINE, "np.linspace((0.1 / n_steps) ** 0.5, (20 / n_steps) ** 0.5, n_steps) ** 2")),
        Mistake("squared", "The betas are squared.", replace=(LINE, LINE + " ** 2")),
        Mistake("constant", "All betas are equal. They grow from the first to the last.", replace=(LINE, "np.full(n_steps, 20 / n_steps)")),
        Mistake("constant", "All betas are equal. They grow from the first to the last.", replace=(LINE, "np.full(n_steps, 0.1 / n_steps)")),
        Mistake("constant", "All betas are equal. They grow from the first to the last.", replace=(LINE, "np.full(n_steps, 10.05 / n_steps)")),
        Mistake("constant", "All betas are equal. They grow from the first to the last.", replace=(LINE, "np.full(n_steps, 10 / n_steps)")),
        Mistake("only the last is capped", "Only the last entry is kept at 0.999. Others may be above it, too.", replace=("np.minimum(betas, 0.999)", "np.append(betas[:-1], min(betas[-1], 0.999))")),
        Mistake("step by step to the end", "`np.arange` takes the distance between the entries as its third number, not how many there are.",
                replace=("np.linspace(0.1 / n_steps, 20 / n_steps, n_steps)", "np.arange(0.1 / n_steps, 20 / n_steps, n_steps)")),
        Mistake("divided by n", "The line is built from k / n_steps and so does not reach its end. From 0 to n_steps − 1 there are n_steps − 1 intervals.",
                replace=(LINE, "0.1 / n_steps + np.arange(1, n_steps + 1) / n_steps * 19.9 / n_steps")),
        Mistake("ends exchanged with the cap", "The ends are capped before the line is drawn, so the line is another. First the line, then the cap, entry by entry.",
                replace=("20 / n_steps, n_steps)", "min(20 / n_steps, 0.999), n_steps)")),
        Mistake("smallest of all", "Python's `min` gives one number. `np.minimum` compares entry by entry.", replace=("np.minimum(betas, 0.999)", "min(betas.max(), 0.999)")),
    ],
    right=[betas_by_clip, betas_by_loop, betas_by_arange],
    hints=("A straight line between two ends that depend on n_steps, then a cap.", "betas (n_steps,), from 0.1 / n_steps to 20 / n_steps; the smaller of each and 0.999.",
           "np.linspace with both ends and n_steps points; np.minimum with 0.999"),
    why="The ends are Ho's 0.0001 and 0.02 for 1000 steps, scaled so that other numbers of steps add about as much in all.",
    after="How much is left of a picture follows from these numbers alone.")

# --- cosine_schedule -------------------------------------------------------------------------------------------------


def see_shares(args, got, expected):
    if not isinstance(got, np.ndarray) or got.ndim != 1 or got.dtype.kind not in "fiu":
        return None
    if got.size != expected.size:
        return "another number of entries", f"There are {got.size} entries; n_steps = {args[0]} steps have {args[0]}, the first of them what is left after one step."
    right = np.isclose(got, expected, rtol=1e-5, atol=0)
    if right[:-1].all():
        return "last step", "All entries but the last are right: the last one is the place of the cap. It should be 0.001 of the entry before it."
    if not right[0]:
        return "first step", (f"The first entry is {got[0]:.6g}. After one step f(1 / n_steps) / f(0) should be left, {expected[0]:.6g}. Compute f(0) and f(1 / n_steps) by hand, and see which of the "
                              "two differs.")
    k = int(np.argmin(right))
    return "later steps", f"What is left after the first {'step is' if k == 1 else f'{k} steps is'} right; from the next one on it is not: {got[k]:.6g}, where {expected[k]:.6g} belongs."


def alpha_bars_by_loop(n_steps):
    def f(u):
        return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2
    left, out = 1.0, []
    for k in range(1, n_steps + 1):
        left *= max(f(k / n_steps) / f((k - 1) / n_steps), 0.001)
        out.append(left)
    return np.array(out)


def alpha_bars_by_ratio(n_steps):
    f = np.cos((np.linspace(0, 1, n_steps + 1) + 0.008) / 1.008 * np.pi / 2) ** 2
    f = f / f[0]
    return np.multiply.accumulate(np.clip(f[1:] / f[:-1], 0.001, None))


def alpha_bars_by_last(n_steps):
    f = np.cos((np.arange(n_steps + 1) / n_steps + 0.008) / 1.008 * np.pi / 2) ** 2
    left = f[1:] / f[0]
    for k in range(1, n_steps):
        left[k] = max(left[k], 0.001 * left[k - 1])
    left[0] = max(left[0], 0.001)
    return left


CAP = "np.minimum(1 - f[1:] / f[:-1], 0.999)"
COSINE = Exercise(
    ex.cosine_schedule, title="A gentler way down", difficulty=2, importance=2, minutes=10, draw=draw_steps,
    sizes=[{"n_steps": 3}, {"n_steps": 2}, {"n_steps": 10}, {"n_steps": 100}, {"n_steps": 25}], returns="alpha_bars", names=NAMES, otherwise=see_shares,
    mistakes=[
        Mistake("not capped", "The last entry is 0, or as good as: its beta is 1. No beta is above 0.999; the way back would divide by nothing.",
                replace=(CAP, "1 - f[1:] / f[:-1]")),
        Mistake("begins before the first step", "The first entry is 1: that is the share left after *no* step. alpha_bars[0] is what is left after one.",
                replace=("np.cumprod(1 - betas)", "np.cumprod(np.r_[1, 1 - betas])[:-1]")),
        Mistake("one entry too many", "There is an entry for \"no step yet\" too. alpha_bars begins with what is left after the first step.",
                replace=("np.cumprod(1 - betas)", "np.cumprod(np.r_[1, 1 - betas])")),
        Mistake("betas", "These are the betas, the noise of each step. Asked for is what is left of the picture after all steps so far: a product.",
                replace=("return np.cumprod(1 - betas)", "return betas")),
        Mistake("alphas, not their product", "This is what each single step leaves. What is left after several steps is their product.",
                replace=("np.cumprod(1 - betas)", "1 - betas")),
        Mistake("product of the betas", "The betas are multiplied. What is left is the product of what each step leaves, 1 − beta.",
                replace=("np.cumprod(1 - betas)", "np.cumprod(betas)")),
        Mistake("share of noise", "This is the share that is noise; asked for is the share that is left of the picture, one minus it.",
                replace=("np.cumprod(1 - betas)", "1 - np.cumprod(1 - betas)")),
        Mistake("cosine not squared", "The cosine is not squared: it stands for the amplitude; alpha_bar is a share of the variance.", replace=(" ** 2", "")),
        Mistake("sine for cosine", "A sine begins at 0, where all of the picture is left: the cosine is wanted.", replace=("np.cos", "np.sin")),
        Mistake("offset missing", "The offset 0.008 is missing: it keeps the first steps from adding hardly any noise.", replace=("(u + 0.008) / 1.008", "u")),
        Mistake("1.008 missing", "The division by 1.008 is missing: the angle then runs past a right angle, and what is left would grow again.",
                replace=("(u + 0.008) / 1.008", "(u + 0.008)")),
        Mistake("offset only in the numerator", "The brackets around u + 0.008 are missing: both are divided by 1.008.", replace=("(u + 0.008) / 1.008", "(u + 0.008 / 1.008)")),
        Mistake("half the angle missing", "The angle runs to π, where the squared cosine is 1 again. It ends at a right angle, π/2.", replace=("np.pi / 2", "np.pi")),
        Mistake("degrees", "The angle is in degrees. numpy's cosine takes radians: a right angle is π/2.", replace=("np.pi / 2", "90")),
        Mistake("steps counted wrongly", "The places run from 0 to 1 in n_steps steps, so there are n_steps + 1 of them, u = k / n_steps.",
                replace=("np.arange(n_steps + 1) / n_steps", "np.linspace(0, 1, n_steps)")),
        Mistake("f for alpha_bar", "These are the values of f themselves. The share that is left is f(k / n_steps) / f(0), with no beta above 0.999.",
                replace=("return np.cumprod(1 - betas)", "return f[1:]")),
        Mistake("alpha_bar capped, not beta", "alpha_bar itself is kept above 0.001. It is each *step* that leaves at least 0.001 of what it finds.",
                replace=("return np.cumprod(1 - betas)", "return np.maximum(f[1:] / f[0], 0.001)")),
        Mistake("fraction upside down", "The fraction is upside down: a step leaves f(k) / f(k − 1).", replace=("f[1:] / f[:-1]", "f[:-1] / f[1:]")),
        Mistake("another cap", "Betas are capped at 0.99; 0.999 is wanted.", replace=("0.999)", "0.99)")),
        Mistake("multiplied twice", "f(k) / f(0) is the share that is left after *all* steps so far, a product already, not what one step leaves. Here it is multiplied up once more.",
                replace=("return np.cumprod(1 - betas)", "return np.cumprod(np.maximum(f[1:] / f[0], 0.001))")),
        Mistake("multiplied twice", "f(k) / f(0) is the share that is left after *all* steps so far, a product already, not what one step leaves. Here it is multiplied up once more.",
                replace=("return np.cumprod(1 - betas)", "return np.cumprod(f[1:] / f[0])")),
        Mistake("sum for product", "Shares of shares multiply; here they are added up.", replace=("np.cumprod(1 - betas)", "np.cumsum(1 - betas)")),
        Mistake("places shifted", "The places begin at 1 / n_steps. The first of them is 0, where all is left.", replace=("np.arange(n_steps + 1) / n_steps", "np.arange(1, n_steps + 2) / n_steps")),
        Mistake("divided by the wrong number", "The places k are divided by n_steps + 1. The last one should be 1: divide by n_steps.", replace=("np.arange(n_steps + 1) / n_steps", "np.arange(n_steps + 1) / (n_steps + 1)")),
        Mistake("divided by the wrong number", "The places k are divided by n_steps − 1. The last one should be 1: divide by n_steps.", replace=("np.arange(n_steps + 1) / n_steps", "np.arange(n_steps + 1) / (n_steps - 1)")),
        Mistake("one share for all", "One number comes back, the product of all. What is left after each step is wanted: the product so far.", replace=("np.cumprod", "np.prod")),
        Mistake("angle squared", "The angle is squared, not the cosine.", replace=("np.cos((u + 0.008) / 1.008 * np.pi / 2) ** 2", "np.cos(((u + 0.008) / 1.008 * np.pi / 2) ** 2)")),
        Mistake("offset added afterwards", "The offset is added to the angle. It is added to u, before the division by 1.008 and the product with π/2.",
                replace=("(u + 0.008) / 1.008 * np.pi / 2", "u * np.pi / 2 + 0.008")),
        Mistake("cap left out, last entry set", "alpha_bar is kept above a tiny number. It is each *step* that leaves at least 0.001 of what it finds.",
                replace=("return np.cumprod(1 - betas)", "return np.maximum(f[1:] / f[0], 1e-5)")),
        Mistake("betas, uncapped", "These are the betas, and not capped. Asked for is what is left of the picture after all steps so far: a product.",
                replace=("return np.cumprod(1 - betas)", "return 1 - f[1:] / f[:-1]")),
        Mistake("backwards", "The schedule stands backwards: the first entry, after one step, is the largest.", replace=("np.cumprod(1 - betas)", "np.cumprod(1 - betas)[::-1]")),
        Mistake("sum for product", "Shares of shares multiply; here they are added up.", replace=("np.cumprod(1 - betas)", "1 - np.cumsum(betas)")),
        Mistake("root taken", "This is the root of what is asked for. alpha_bar itself is the share of variance; the root comes where a picture is mixed with noise.",
                replace=("return np.cumprod(1 - betas)", "return np.sqrt(np.cumprod(1 - betas))")),
    ],
    right=[alpha_bars_by_loop, alpha_bars_by_ratio, alpha_bars_by_last],
    hints=("f says what is left; neighbours of f say what one step leaves; the product of those is what is left, again, but now with a cap.",
           "u (n_steps + 1,) from 0 to 1; betas (n_steps,) = min(1 − f[k] / f[k − 1], 0.999); alpha_bars = running product of 1 − betas.",
           "np.arange(n_steps + 1) / n_steps; np.cos(…) ** 2; np.minimum(1 - f[1:] / f[:-1], 0.999); np.cumprod(1 - betas)"),
    why="Without the cap f(1) = 0 would say that nothing at all is left, and the way back would divide by 0.",
    after="Two schedules, ready to be compared.", unchanged={"sign of f": "only ratios of f are used"})

# --- noise_image -----------------------------------------------------------------------------------------------------


def draw_noising(rng, m, h, w, n_steps):
    _, alpha_bars = schedule(rng, n_steps)
    return rng.normal(0, 0.6, (m, h, w)).round(2), rng.permutation(np.arange(max(n_steps, m)) % n_steps)[:m], rng.standard_normal((m, h, w)).round(2), alpha_bars


def see_noising(args, got, expected):
    x0, t, epsilon, alpha_bars = args
    if not isinstance(got, np.ndarray) or got.shape != expected.shape:
        return None
    i = next((i for i in range(len(x0)) if not np.allclose(got[i], expected[i])), 0)
    a = alpha_bars[t[i]]
    return mix(got[i], x0[i], epsilon[i], (np.sqrt(a), np.sqrt(1 - a)), ("the picture", "the noise"), ("√alpha_bar", "√(1 − alpha_bar)"))


def noise_by_loop(x0, t, epsilon, alpha_bars):
    out = np.empty(x0.shape)
    for i in range(len(x0)):
        a = alpha_bars[t[i]]
        out[i] = a ** 0.5 * x0[i] + (1 - a) ** 0.5 * epsilon[i]
    return out


def noise_by_einsum(x0, t, epsilon, alpha_bars):
    a = np.take(alpha_bars, t)
    return np.einsum("m,mhw->mhw", np.sqrt(a), x0) + np.einsum("m,mhw->mhw", np.sqrt(1 - a), epsilon)


def noise_by_transpose(x0, t, epsilon, alpha_bars):
    signal, noise = np.sqrt(alpha_bars)[t], np.sqrt(1 - alpha_bars)[t]
    return (x0.T * signal + epsilon.T * noise).T


def noise_by_cumulated(x0, t, epsilon, alpha_bars):
    a = np.array([alpha_bars[int(k)] for k in t]).reshape((-1,) + (1,) * (x0.ndim - 1))
    return np.sqrt(a) * (x0 + epsilon * np.sqrt(1 / a - 1))


A, SUM = "alpha_bars[t][:, None, None]", "np.sqrt(a) * x0 + np.sqrt(1 - a) * epsilon"
NOISE = Exercise(
    ex.noise_image, title="Noise, in one go", difficulty=1, importance=3, minutes=10, draw=draw_noising,
    sizes=[{"m": 2, "h": 2, "w": 3, "n_steps": 4}, {"m": 1, "h": 3, "w": 2, "n_steps": 5}, {"m": 3, "h": 4, "w": 3, "n_steps": 6}, {"m": 5, "h": 3, "w": 4, "n_steps": 3},
           {"m": 4, "h": 4, "w": 4, "n_steps": 7}], returns="x_t", names=NAMES, otherwise=see_noising,
    mistakes=[
        Mistake("roots missing", "The shares stand there without their roots. alpha_bar is a share of *variance*; what multiplies a picture is a root of it.",
                replace=(SUM, "a * x0 + (1 - a) * epsilon")),
        Mistake("root missing on the picture", "The picture is multiplied by alpha_bar itself; its root is wanted.", replace=("np.sqrt(a)", "a")),
        Mistake("root missing on the noise", "The noise is multiplied by 1 − alpha_bar itself; its root is wanted.", replace=("np.sqrt(1 - a)", "(1 - a)")),
        Mistake("1 − √ for √(1 − )", "The noise is multiplied by 1 − √alpha_bar. Variances add up to 1, so it is the root of 1 − alpha_bar.",
                replace=("np.sqrt(1 - a)", "(1 - np.sqrt(a))")),
        Mistake("picture and noise exchanged", "The shares are exchanged: alpha_bar is what is left of the picture, the rest is noise.",
                replace=(SUM, "np.sqrt(1 - a) * x0 + np.sqrt(a) * epsilon")),
        Mistake("noise not scaled", "The noise is added as it is, on top of a picture that shrinks. Its share is 1 − alpha_bar, so that the variance stays 1.",
                replace=("np.sqrt(1 - a) * epsilon", "epsilon")),
        Mistake("picture not scaled", "The picture keeps its full strength. It shrinks by √alpha_bar while the noise grows.", replace=("np.sqrt(a) * x0", "x0")),
        Mistake("one step for all", "All pictures get the noise of the first picture's step. Each has a step of its own, t[i].", replace=(A, "alpha_bars[t[0]]")),
        Mistake("one step for all", "All pictures get the noise of the last picture's step. Each has a step of its own, t[i].", replace=(A, "alpha_bars[t[-1]]")),
        Mistake("one step for all", "All pictures get the same mean amount of noise. Each has a step of its own, t[i].", replace=(A, "alpha_bars[t].mean()")),
        Mistake("pictures numbered, not steps", "Picture i gets entry i of alpha_bars. Its step is t[i].", replace=(A, "alpha_bars[np.arange(len(x0)) % len(alpha_bars)][:, None, None]")),
        Mistake("a step late", "Each picture has the noise of one step too many: t counts from 0, and alpha_bars[t] is its entry.",
                replace=("alpha_bars[t]", "np.append(alpha_bars, alpha_bars[-1])[t + 1]")),
        Mistake("a step early", "Each picture has the noise of one step too few: t counts from 0, and alpha_bars[t] is its entry.",
                replace=("alpha_bars[t]", "np.append(1.0, alpha_bars)[t]")),
        Mistake("a step early", "Each picture has the noise of the step before: t counts from 0, and alpha_bars[t] is its entry.", replace=("alpha_bars[t]", "alpha_bars[t - 1]")),
        Mistake("last step for all", "All pictures get the noise of the last step. Each has a step of its own, t[i].", replace=(A, "alpha_bars[-1]")),
        Mistake("multiplied again", "alpha_bars is multiplied up once more: it holds the products already.", replace=("alpha_bars[t]", "np.cumprod(alpha_bars)[t]")),
        Mistake("noise subtracted", "The noise is taken away. It is added.", replace=("x0 + ", "x0 - ")),
        Mistake("one number along the rows of pixels", "The numbers of the pictures stand along the last axis, w: numpy lines shapes up from the right. They have to stand "
                "along the first axis: (m, 1, 1).", replace=(A, "alpha_bars[t]")),
        Mistake("one number along the lines of pixels", "The numbers of the pictures stand along the axis h. They have to stand along the first axis: (m, 1, 1).",
                replace=(A, "alpha_bars[t][:, None]")),
        Mistake("1 − alpha_bar² for 1 − alpha_bar", "The noise is multiplied by √(1 − alpha_bar²). alpha_bar is a share of variance already: √(1 − alpha_bar).",
                replace=("np.sqrt(1 - a)", "np.sqrt(1 - a ** 2)")),
        Mistake("squares for roots", "The shares are squared. Their roots are wanted.", replace=(SUM, "a ** 2 * x0 + (1 - a) ** 2 * epsilon")),
        Mistake("noise shrunk, too", "The noise is inside the brackets that √alpha_bar multiplies. Only the picture shrinks by it.", replace=(SUM, "np.sqrt(a) * (x0 + np.sqrt(1 - a) * epsilon)")),
        Mistake("noise shrunk, too", "Picture and noise are both multiplied by √alpha_bar. The noise is multiplied by √(1 − alpha_bar).", replace=(SUM, "np.sqrt(a) * (x0 + epsilon)")),
        Mistake("same share for both", "Picture and noise are both multiplied by √(1 − alpha_bar). The picture is multiplied by √alpha_bar.", replace=(SUM, "np.sqrt(1 - a) * (x0 + epsilon)")),
        Mistake("the way back", "This is the way back, from a noisy picture to the clean one. Here the noise is put on.", replace=(SUM, "(x0 - np.sqrt(1 - a) * epsilon) / np.sqrt(a)")),
        Mistake("taken for betas", "`alpha_bars` is treated as if it held the betas. It holds what is left after the steps so far, multiplied up already.",
                replace=("alpha_bars[t]", "np.cumprod(1 - alpha_bars)[t]")),
        Mistake("taken for a single step", "The share of a single step is used, alpha_bar over the one before. alpha_bars[t] is what is left after all of them.",
                replace=("alpha_bars[t]", "(alpha_bars / np.append(1, alpha_bars[:-1]))[t]")),
        Mistake("last picture left out", "The last picture is left out: it comes back as zeros.",
                replace=("return " + SUM, "return (" + SUM + ") * (np.arange(len(x0)) < max(1, len(x0) - 1))[:, None, None]")),
        Mistake("last picture left out", "The last picture is left out: it comes back as zeros.",
                replace=("return " + SUM, "return (" + SUM + ") * (np.arange(len(x0)) < len(x0) - 1)[:, None, None]")),
        Mistake("first picture's share of noise", "The noise of all pictures is that of the first picture's step, though each picture shrinks by its own.",
                replace=("np.sqrt(1 - a)", "np.sqrt(1 - a[0])")),
        Mistake("root of the sum", "The root is taken of the sum, or of the picture itself. It is taken of the shares only.", replace=(SUM, "np.sqrt(np.abs(a * x0 + (1 - a) * epsilon))")),
        Mistake("divided by the root", "The picture is divided by √alpha_bar. It shrinks: multiply.", replace=("np.sqrt(a) * x0", "x0 / np.sqrt(a)")),
        Mistake("backwards", "The steps are counted from the end: t = 0 gets the most noise. It gets the least.", replace=("alpha_bars[t]", "alpha_bars[::-1][t]")),
        Mistake("only the noise", "Only the noise comes back, scaled; the picture is missing.", replace=(SUM, "np.sqrt(1 - a) * epsilon")),
        Mistake("only the picture", "Only the picture comes back, scaled; the noise is missing.", replace=(SUM, "np.sqrt(a) * x0")),
        Mistake("its own noise", "The noise is drawn inside. It is given, as `epsilon`, so that the net can be asked for it later.",
                replace=("* epsilon", "* np.random.default_rng(0).standard_normal(x0.shape)")),
        Mistake("cut to the range", "The result is clipped. Noise leads out of the range of a picture, and has to.", replace=("return " + SUM, "return np.clip(" + SUM + ", -1, 1)")),
        Mistake("flattened", "The pictures come back flat. Their shape (m, h, w) stays.", replace=("return " + SUM, "return (" + SUM + ").reshape(len(x0), -1)")),
    ],
    right=[noise_by_loop, noise_by_einsum, noise_by_transpose, noise_by_cumulated],
    hints=("Each picture has one number; give that number two axes of length 1, so that it goes with all pixels of its picture.",
           "a (m, 1, 1) = alpha_bars[t]; x_t (m, h, w) = √a · x0 + √(1 − a) · epsilon.", "alpha_bars[t][:, None, None]; two roots, two products, a sum"),
    why="A sum of independent normal noises is normal noise again, so t + 1 small steps are one large one.",
    after="Any step of the way down can now be reached at once.", unchanged={"order exchanged": "two equal axes changed places"})

# --- training_batch --------------------------------------------------------------------------------------------------

DRAWN = 400  # steps drawn in a case, at least


def draw_batch(rng, m, h, w, n_steps):
    _, alpha_bars = schedule(rng, n_steps)
    return rng.normal(0, 1, (m, h, w)).round(2), alpha_bars, int(rng.integers(1000))


def play_batch(function, x0, alpha_bars, seed):
    """Many batches, looked at one by one and together."""
    m, n, rng, batches = len(x0), len(alpha_bars), np.random.default_rng(seed), []
    given, x0 = x0, x0.copy()
    for i in range(max(50, DRAWN // m)):
        value = plain(function(x0.copy() if i else given, alpha_bars.copy(), rng))  # the first call gets the case's own: a change in it is seen
        fault = _batch_fault(value, x0, alpha_bars)
        if fault:
            return fault
        batches.append(value)
    t, epsilon = np.array([b[1] for b in batches]).astype(int), np.array([b[2] for b in batches])
    again, other = (plain(function(x0.copy(), alpha_bars.copy(), np.random.default_rng(s))) for s in (seed, seed + 1))
    if not np.array_equal(again[2], epsilon[0]) or not np.array_equal(again[1], t[0]):
        return Fault("The same seed gives another batch: take steps and noise from `rng`, nothing from `np.random` or `tf.random`.", "chance not taken from rng")
    if np.array_equal(other[2], epsilon[0]) or (epsilon == epsilon[0]).all():
        return Fault("Every call puts the same noise on: a seed stands in the function, or the noise is not drawn from `rng`.", "the same noise every time")
    return _steps_fault(t, n) or _noise_fault(epsilon) or {"batch": "right"}


def _batch_fault(value, x0, alpha_bars):
    """What is wrong with a single batch."""
    m, n = len(x0), len(alpha_bars)
    if value is None:
        return NOTHING
    if not isinstance(value, tuple | list) or len(value) != 3:
        what = f"{len(value)} things came" if isinstance(value, tuple | list) else "one thing came"
        return Fault(f"Three things are wanted, x_t, t and epsilon; {what}.", "not three results")
    value = [np.asarray(v) if isinstance(v, int | float | np.generic) else v for v in value]
    if not all(isinstance(v, np.ndarray) for v in value):
        bad = next(v for v in value if not isinstance(v, np.ndarray))
        got = bad.what if isinstance(bad, Odd) else f"a {type(bad).__name__}"
        return Fault(f"Three arrays are wanted, x_t, t and epsilon; among what came is {got}.", "not arrays")
    x_t, t, epsilon = value
    if t.shape == x0.shape and x_t.shape == x0.shape and epsilon.shape == (m,) or x_t.shape == (m,) and t.shape == epsilon.shape == x0.shape:
        return Fault("The three results stand in another order: x_t, then t, then epsilon.", "results in another order")
    if t.ndim == 0 or t.size == 1 and m > 1:
        return Fault("One step is drawn for the whole batch. Each picture has a step of its own, so that every batch shows easy and hard ones.", "one step for all")
    if t.shape != (m,):
        return Fault(f"`t` has shape {t.shape}; one step for each picture is wanted, ({m},).", "steps in another shape")
    if t.dtype.kind not in "iu":
        return Fault("The steps come as floats, or as truth values. They are places in alpha_bars, so whole numbers are wanted: the net looks rows up with them.",
                     "steps not whole")
    if t.max() >= n or t.min() < 0:
        return Fault(f"A step {t.max() if t.max() >= n else t.min()} is drawn; with {n} steps they run from 0 to {n - 1}.", "steps out of range")
    for name, array in (("epsilon", epsilon), ("x_t", x_t)):
        if array.shape != x0.shape:
            return Fault(f"`{name}` has shape {array.shape}, expected {x0.shape}: every pixel of every picture has noise of its own.", "another shape")
    t = t.astype(int)
    if np.allclose(x_t, noise_image(x0, t, epsilon, alpha_bars), atol=1e-4):
        return None
    return _mix_fault(x_t, t, epsilon, x0, alpha_bars)


def _mix_fault(x_t, t, epsilon, x0, alpha_bars):
    a = alpha_bars[t][:, None, None]

    def like(array, other):
        return np.allclose(array, other, atol=1e-4)
    if like(epsilon, noise_image(x0, t, x_t, alpha_bars)):
        return Fault("x_t and epsilon have changed places: the noisy pictures come first, the noise last.", "results in another order")
    if like(epsilon, x_t - np.sqrt(a) * x0):
        return Fault("What comes back as epsilon is the noise already multiplied by √(1 − alpha_bar). The net is asked for the noise as it was drawn.", "scaled noise")
    if like(x_t, x0):
        return Fault("x_t are the clean pictures. The net has to see them with the noise on.", "clean pictures")
    if like(epsilon, x_t):
        return Fault("What comes back as epsilon are the noisy pictures. Give back the noise that was put on.", "noisy pictures for the noise")
    if like(epsilon, x0):
        return Fault("What comes back as epsilon are the clean pictures. Here the net learns to see the noise; give back what was put on.", "pictures for the noise")
    if like(x_t, x0 + epsilon):
        return Fault("x_t − x0 is exactly what comes back as epsilon. Either the noise was added at full strength, or the answer is the difference of the noisy and the clean "
                     "picture. `noise_image` mixes by the step's shares, and the answer is the noise as it was drawn.", "noise simply added")
    if like(x_t, a * x0 + (1 - a) * epsilon):
        return Fault("Picture and noise are mixed by alpha_bar without the roots.", "roots missing")
    if like(x_t, np.sqrt(1 - a) * x0 + np.sqrt(a) * epsilon):
        return Fault("The shares of picture and noise are exchanged.", "picture and noise exchanged")
    if any(like(x_t, noise_image(np.broadcast_to(x, x0.shape), t, epsilon, alpha_bars)) for x in x0):
        return Fault("One and the same picture is put under all the noise. Each picture of x0 gets its own.", "one picture for all")
    if len(set(t)) > 1 and any(like(x_t, np.sqrt(b) * x0 + np.sqrt(1 - b) * epsilon) for b in alpha_bars):
        return Fault("The noise of all pictures is that of one step, while `t` names others.", "noise of another step")
    per = [any(like(x_t[i], np.sqrt(b) * x0[i] + np.sqrt(1 - b) * epsilon[i]) for b in alpha_bars) for i in range(len(x0))]
    if all(per):
        return Fault("The noise in x_t is that of other steps than those in `t`: both have to be the same draw.", "noise of another step")
    if all(any(like(x_t[i], np.sqrt(a[i]) * x0[j] + np.sqrt(1 - a[i]) * epsilon[k]) for j in range(len(x0)) for k in range(len(x0))) for i in range(len(x0))):
        return Fault("The pictures do not stand in the order in which their steps and noise stand, or not in that of x0.", "order lost")
    inside = x_t[np.abs(x_t) < 0.999]
    if inside.size and np.isin(inside.round(4), noise_image(x0, t, epsilon, alpha_bars).round(4)).all() and np.abs(x_t).max() <= 1 + 1e-6:
        return Fault("The noisy pictures are clipped. Noise leads out of the range of a picture, and has to.", "clipped")
    return Fault("x_t is not what `noise_image` makes of x0, t and the epsilon that comes back: is the noise drawn twice, once to put on and once to give back? "
                 "The answer has to be the noise that is in the question.", "other noise")


def _steps_fault(t, n):
    """What is wrong with steps (calls, m) that should be uniform from 0 to n − 1."""
    calls, m = t.shape
    if m > 1 and (t == t[:, :1]).all():
        return Fault("One step is drawn for the whole batch. Each picture has a step of its own, so that every batch shows easy and hard ones.", "one step for all")
    if (t == t[0]).all():
        return Fault("The steps are the same in every batch. Draw them anew from `rng`.", "the same steps every time")
    if m > 1 and ((t - t[:, :1]) % n == ((t - t[:, :1]) % n)[0]).all():
        return Fault("One step is drawn, and the others of the batch follow from it. Each picture has a step of its own, drawn apart.", "steps that follow from one")
    counts = np.bincount(t.ravel(), minlength=n)
    missing = np.flatnonzero(counts == 0)
    if missing.size:
        which = "0, the least noise," if list(missing) == [0] else f"{n - 1}, the most noise," if list(missing) == [n - 1] else ", ".join(map(str, missing[:4]))
        return Fault(f"Step {which} never comes. On the way back the net is asked at every step from 0 to {n - 1}; it has to have practised each.", "steps left out")
    if m > 1 and (np.diff(t, axis=1) >= 0).all():
        return Fault("The steps of a batch come in order of size: the first picture always has little noise.", "sorted")
    room = 7 * np.sqrt(calls * m * (n - 1)) / n
    columns = np.abs(t.mean(axis=0) - (n - 1) / 2) > 6 * np.sqrt((n * n - 1) / 12 / calls)
    if (np.abs(counts - calls * m / n) > room).any() or columns.any():
        return Fault("Not all steps have the same chance: " + ", ".join(f"{c / t.size:.0%}" for c in counts[:8]) + f" for step 0, 1, …; each should come in 1 of {n}.",
                     "unequal chances")
    return None


def _noise_fault(epsilon):
    """What is wrong with noise (calls, m, h, w) that should be standard normal, drawn anew everywhere."""
    calls, m, h, w = epsilon.shape
    if m > 1 and np.allclose(epsilon, epsilon[:, :1]):
        return Fault("All pictures of a batch get the same noise. Draw it in the shape of x0, anew for each picture and pixel.", "one noise for all pictures")
    if np.allclose(epsilon, epsilon[:, :, :1, :1]):
        return Fault("All pixels of a picture get the same number: that makes it lighter or darker, not noisy. Draw noise in the shape of x0.", "one number for all pixels")
    if h > 1 and np.allclose(epsilon, epsilon[:, :, :1]) or w > 1 and np.allclose(epsilon, epsilon[:, :, :, :1]):
        return Fault("The noise is the same along the rows or columns of a picture. Draw it in the shape of x0.", "one number for all pixels")
    if h * w > 1 and np.ptp(epsilon.std(axis=(2, 3))) < 1e-5:
        return Fault("The noise of each picture has been brought to the same strength. By chance it is a little stronger here and weaker there: leave it as it was drawn.",
                     "noise standardised")
    return _normal_fault(epsilon.ravel().astype(float))


def _normal_fault(e, std=1.0):
    """What is wrong with numbers that should be normal with mean 0."""
    n = len(e)
    if abs(e.mean()) > DEVIATIONS * max(std, e.std()) / n ** 0.5:
        if e.min() >= 0:
            return Fault("The noise is never negative: is it uniform from 0 to 1, or an absolute value? It should be normal with mean 0.", "noise never negative")
        return Fault(f"The noise has mean {e.mean():.2f}; it should be 0.", "noise with another mean")
    if n >= 2000 and e.std() > 0 and np.mean(np.square(np.square(e / e.std()))) < 3 - DEVIATIONS * (24 / n) ** 0.5:
        return Fault("The noise is uniform, or cut off: large values are missing. It should be normal.", "not normal")
    if abs(e.std() - std) > DEVIATIONS * max(std, e.std()) / (2 * n) ** 0.5:
        return Fault(f"The noise has standard deviation {e.std():.2f}; it should be {std:.2g}.", "noise of another strength")
    return None


def batch_by_normal(x0, alpha_bars, rng):
    epsilon = rng.normal(size=x0.shape)
    t = rng.choice(alpha_bars.size, size=x0.shape[0])
    return noise_image(x0, t, epsilon, alpha_bars), t, epsilon


def batch_by_picture(x0, alpha_bars, rng):
    x_t, t, epsilon = np.zeros(x0.shape), np.zeros(len(x0), dtype="int32"), np.zeros(x0.shape)
    for i, picture in enumerate(x0):
        t[i] = int(rng.random() * len(alpha_bars))
        epsilon[i] = rng.standard_normal(picture.shape)
        x_t[i] = np.sqrt(alpha_bars[t[i]]) * picture + np.sqrt(1 - alpha_bars[t[i]]) * epsilon[i]
    return x_t, t, epsilon


def batch_in_float32(x0, alpha_bars, rng):
    t = np.floor(rng.uniform(0, len(alpha_bars), len(x0))).astype(np.int64)
    epsilon = rng.standard_normal(x0.shape, dtype=np.float32)
    a = alpha_bars[t].reshape(-1, 1, 1)
    return [(np.sqrt(a) * x0 + np.sqrt(1 - a) * epsilon).astype(np.float32), t, epsilon]


T, E, BACK = "rng.integers(0, len(alpha_bars), len(x0))", "rng.standard_normal(x0.shape)", "noise_image(x0, t, epsilon, alpha_bars), t, epsilon"
BATCH = Exercise(
    ex.training_batch, title="Questions for the net", difficulty=2, importance=3, minutes=10, draw=draw_batch, play=play_batch, variants=False, names=NAMES,
    sizes=[{"m": 3, "h": 2, "w": 4, "n_steps": 5}, {"m": 1, "h": 3, "w": 2, "n_steps": 4}, {"m": 7, "h": 3, "w": 4, "n_steps": 3}, {"m": 2, "h": 5, "w": 3, "n_steps": 12}],
    returns="batch",
    mistakes=[
        found("one step for all", replace=(T, "np.full(len(x0), rng.integers(0, len(alpha_bars)))")),
        found("steps left out", replace=("rng.integers(0,", "rng.integers(1,")),
        found("steps left out", replace=("len(alpha_bars), len(x0)", "len(alpha_bars) - 1, len(x0)")),
        found("steps out of range", replace=(T, "rng.integers(1, len(alpha_bars) + 1, len(x0)); alpha_bars = np.append(alpha_bars, 0.01)")),
        found("one noise for all pictures", replace=(E, "np.broadcast_to(rng.standard_normal(x0.shape[1:]), x0.shape)")),
        found("one number for all pixels", replace=(E, "np.broadcast_to(rng.standard_normal((len(x0), 1, 1)), x0.shape)")),
        found("noise never negative", replace=("rng.standard_normal(x0.shape)", "rng.random(x0.shape)")),
        found("not normal", replace=("rng.standard_normal(x0.shape)", "rng.uniform(-3 ** 0.5, 3 ** 0.5, x0.shape)")),
        found("noise of another strength", replace=(E, "0.5 * rng.standard_normal(x0.shape)")),
        found("noise with another mean", replace=(E, "rng.normal(0.5, 1, x0.shape)")),
        found("other noise", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), t, rng.standard_normal(x0.shape)")),
        found("scaled noise", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), t, np.sqrt(1 - alpha_bars[t])[:, None, None] * epsilon")),
        found("clean pictures", replace=(BACK, "x0, t, epsilon")),
        found("pictures for the noise", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), t, x0")),
        found("noise simply added", replace=("noise_image(x0, t, epsilon, alpha_bars)", "x0 + epsilon")),
        found("noise of another step", replace=(BACK, "noise_image(x0, rng.integers(0, len(alpha_bars), len(x0)), epsilon, alpha_bars), t, epsilon")),
        found("results in another order", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), epsilon, t")),
        found("results in another order", replace=(BACK, "epsilon, t, noise_image(x0, t, epsilon, alpha_bars)")),
        found("not three results", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), epsilon")),
        found("chance not taken from rng", replace=(E, "np.random.standard_normal(x0.shape)")),
        found("chance not taken from rng", replace=(T, "np.random.randint(0, len(alpha_bars), len(x0))")),
        found("the same noise every time", replace=(E, "np.random.default_rng(0).standard_normal(x0.shape)")),
        found("the same steps every time", replace=(T, "np.random.default_rng(0).integers(0, len(alpha_bars), len(x0))")),
        found("steps that follow from one", replace=(T, "(rng.integers(0, len(alpha_bars)) + np.arange(len(x0))) % len(alpha_bars)")),
        found("unequal chances", replace=(T, "np.minimum(" + T + ", " + T + ")")),
        found("sorted", replace=(T, "np.sort(" + T + ")")),
        found("steps not whole", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), t.astype(float), epsilon")),
        found("steps not whole", replace=(BACK, "noise_image(x0, t, epsilon, alpha_bars), t / len(alpha_bars), epsilon")),
        found("nothing returned", replace=("return " + BACK, "pass")),
        found("clipped", replace=("noise_image(x0, t, epsilon, alpha_bars)", "np.clip(noise_image(x0, t, epsilon, alpha_bars), -1, 1)")),
    ],
    right=[batch_by_normal, batch_by_picture, batch_in_float32],
    hints=("A question is a noisy picture and its step; the answer is the noise. Both are made here.",
           "t (m,) = whole numbers from 0 to n_steps − 1; epsilon in the shape of x0; x_t = noise_image(x0, t, epsilon, alpha_bars).",
           "rng.integers with a size; rng.standard_normal with x0's shape; one call of noise_image; all three back"),
    why="Since noise_image jumps to any step, no chain has to be run to train: each picture of a batch stands at a step of its own.",
    after="An endless supply of exercises, with solutions.")

# --- denoising_loss --------------------------------------------------------------------------------------------------


def draw_loss(rng, m, h, w):
    return tuple(rng.standard_normal((m, h, w)).round(2).astype(np.float32) for _ in range(2))


def play_loss(function, epsilon, predicted):
    epsilon, predicted = tf.constant(epsilon), tf.constant(predicted)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        loss = function(epsilon, predicted)
    if loss is None or not tf.is_tensor(loss):
        value = plain(loss)
        if isinstance(value, float | np.generic | np.ndarray) and np.size(value) == 1:
            return Fault("What comes back is a number, not a tensor: on the way the tape lost sight of `predicted`, and the net could not learn from it. Stay with "
                         "TensorFlow's operations; no `float`, `.numpy()`, or function of numpy.", "not followed by the tape")
        return value
    value = plain(loss)
    if loss.dtype == tf.float16:
        return Fault("The loss comes in half precision, float16, which has three digits only. The tensors are float32; stay with that.", "half precision")
    if np.size(value) == 1 and np.ndim(value) and len(epsilon) > 1:
        return Fault(f"The loss has shape {np.shape(value)}: axes of length 1 are kept. A tensor of rank 0 is wanted.", "axes kept")
    if np.size(value) > 1:
        return {"loss": value, "gradient": np.zeros(predicted.shape, np.float32)}
    gradient = tape.gradient(loss, predicted)
    if gradient is None:
        return Fault("The loss has no gradient with respect to `predicted`: on the way the tape lost sight of it (`.numpy()`, a function of numpy, `stop_gradient`, or "
                     "`predicted` is not used).", "not followed by the tape")
    return {"loss": value, "gradient": plain(gradient)}


def see_loss(args, got, expected):
    if not isinstance(got, dict) or np.size(got["loss"]) != 1:
        return "not one number", "One number is wanted, the mean over all entries of all pictures."
    gap = np.ravel(args[1] - args[0]).astype(float)
    slope = np.ravel(got["gradient"]).astype(float)
    if np.allclose(slope, gap * (gap @ slope) / (gap @ gap), atol=1e-4 * np.abs(slope).max()):
        return "another factor", "The slope has the direction of predicted − epsilon, as it should, but another length: the squares are there, but not their mean."
    return "another measure", "The slope of this loss is not proportional to predicted − epsilon, as that of a mean of squares is: it measures the difference in another way."


def loss_by_keras(epsilon, predicted):
    import keras

    return keras.losses.MeanSquaredError()(epsilon, predicted)


def loss_by_sums(epsilon, predicted):
    gap = tf.reshape(predicted - epsilon, [-1])
    return tf.tensordot(gap, gap, 1) / tf.cast(tf.size(gap), gap.dtype)


def loss_by_means(epsilon, predicted):
    per_picture = tf.reduce_mean(tf.square(tf.subtract(epsilon, predicted)), axis=[1, 2])
    return tf.math.reduce_mean(per_picture)


LOSS_BODY = "tf.reduce_mean((epsilon - predicted) ** 2)"
LOSS = Exercise(
    ex.denoising_loss, title="How wrong about the noise", difficulty=1, importance=2, minutes=3, draw=draw_loss, play=play_loss, costly=True, names=NAMES,
    sizes=[{"m": 2, "h": 2, "w": 3}, {"m": 1, "h": 3, "w": 2}, {"m": 5, "h": 3, "w": 4}], returns="loss", otherwise=see_loss,
    mistakes=[
        Mistake("sum for mean", "The squares are added up. The mean does not grow with the number of pictures or pixels.", replace=("reduce_mean", "reduce_sum")),
        Mistake("summed over the pixels", "The squares of a picture are added up, and only the pictures averaged. The mean runs over all entries.",
                replace=(LOSS_BODY, "tf.reduce_mean(tf.reduce_sum((epsilon - predicted) ** 2, axis=[1, 2]))")),
        Mistake("summed over one axis", "The squares are added up along one axis and averaged over the rest. The mean runs over all entries.",
                replace=(LOSS_BODY, "tf.reduce_mean(tf.reduce_sum((epsilon - predicted) ** 2, axis=-1))")),
        Mistake("summed over the pictures", "The squares are added up over the pictures and averaged over the pixels. The mean runs over all entries.",
                replace=(LOSS_BODY, "tf.reduce_mean(tf.reduce_sum((epsilon - predicted) ** 2, axis=0))")),
        Mistake("absolute error", "These are the absolute differences. Squares are wanted.", replace=(LOSS_BODY, "tf.reduce_mean(tf.abs(epsilon - predicted))")),
        Mistake("root taken", "The root is taken at the end. The mean of the squares itself is the loss.", replace=(LOSS_BODY, "tf.sqrt(" + LOSS_BODY + ")")),
        Mistake("squared after the mean", "First averaged, then squared: differences of opposite sign cancel. Square first.",
                replace=(LOSS_BODY, "tf.reduce_mean(epsilon - predicted) ** 2")),
        Mistake("not squared", "The differences are not squared: those of opposite sign cancel.", replace=(" ** 2", "")),
        Mistake("difference of the squares", "Each is squared before the difference. Take the difference first.", replace=("(epsilon - predicted) ** 2", "epsilon ** 2 - predicted ** 2")),
        Mistake("halved", "A factor ½ stands before the mean. It would do no harm to training, but it is not the mean.", replace=(LOSS_BODY, "0.5 * " + LOSS_BODY)),
        Mistake("sign", "The sign is turned round: training would make the net worse.", replace=("return tf", "return -tf")),
        Mistake("one loss a picture", "There is one loss for each picture; one for all is wanted.", replace=(LOSS_BODY, "tf.reduce_mean((epsilon - predicted) ** 2, axis=[1, 2])")),
        Mistake("one loss a row", "A mean is taken along the last axis only. One number is wanted.", replace=(LOSS_BODY, "tf.reduce_mean((epsilon - predicted) ** 2, axis=-1)")),
        Mistake("one loss a pixel", "A mean is taken over the pictures only. One number is wanted.", replace=(LOSS_BODY, "tf.reduce_mean((epsilon - predicted) ** 2, axis=0)")),
        Mistake("not averaged", "There is a square for each pixel; their mean is wanted.", replace=(LOSS_BODY, "(epsilon - predicted) ** 2")),
        Mistake("first picture only", "Only the first picture counts.", replace=(LOSS_BODY, "tf.reduce_mean((epsilon[0] - predicted[0]) ** 2)")),
        Mistake("relative error", "The error is divided by the noise. It should be plain.", replace=("(epsilon - predicted) ** 2", "((epsilon - predicted) / epsilon) ** 2")),
        Mistake("largest error", "Only the largest square counts. The mean of all is wanted.", replace=("reduce_mean", "reduce_max")),
        Mistake("half the sum", "This is half the sum of the squares, as `tf.nn.l2_loss` has it. Their mean is wanted.", replace=(LOSS_BODY, "tf.nn.l2_loss(epsilon - predicted)")),
        Mistake("length of the difference", "This is the length of the difference, a root of a sum. The mean of the squares is wanted.", replace=(LOSS_BODY, "tf.norm(epsilon - predicted)")),
        Mistake("product", "The noise and the guess are multiplied. Their difference is wanted.", replace=("(epsilon - predicted) ** 2", "epsilon * predicted")),
        Mistake("added, not subtracted", "The two are added before the square. The difference is wanted.", replace=("(epsilon - predicted)", "(epsilon + predicted)")),
        Mistake("one minus it", "This is 1 minus the loss.", replace=("return ", "return 1 - ")),
        Mistake("logarithm", "The logarithm is taken at the end.", replace=(LOSS_BODY, "tf.math.log(" + LOSS_BODY + ")")),
        Mistake("the noise alone", "`predicted` is not compared with anything.", replace=("(epsilon - predicted)", "predicted")),
        Mistake("fourth power", "The square is squared again.", replace=(" ** 2", " ** 4")),
        found("not followed by the tape", replace=(LOSS_BODY, "np.mean((np.asarray(epsilon) - np.asarray(predicted)) ** 2)")),
        found("not followed by the tape", replace=(LOSS_BODY, "float(" + LOSS_BODY + ")")),
        found("not followed by the tape", replace=("- predicted", "- tf.stop_gradient(predicted)")),
    ],
    right=[loss_by_keras, loss_by_sums, loss_by_means],
    unchanged={"difference turned round": "a square has no sign"},
    hints=("Difference, square, mean, in this order.", "two tensors (m, h, w) → one number, the mean over all m · h · w entries.", "tf.reduce_mean of a square"),
    why="For normal noise the squared error is, up to a constant, minus the logarithm of the likelihood.", after="Everything is there for training.")

# --- sampling_step ---------------------------------------------------------------------------------------------------

MANY = (6, 20, 25)  # a shape large enough for statistics


def draw_step(rng, m, h, w, n_steps, last):
    while True:  # a step at which the strengths that noise may be given by mistake can be told apart
        betas, alpha_bars = schedule(rng, n_steps)
        t = 0 if last else int(rng.integers(1, n_steps))
        k = np.array(_looked_at(betas))
        sizes = np.log([np.sqrt(betas[k]), *(f(betas[k], alpha_bars[k], alpha_bars[k - 1], betas[k - 1]) for _, _, f in STRENGTHS)])
        if t == 0 or all(np.abs(a - b).max() > 0.17 for i, a in enumerate(sizes) for b in sizes[:i]):
            break
    return rng.standard_normal((m, h, w)).round(2), t, rng.standard_normal((m, h, w)).round(2), betas, alpha_bars, np.random.default_rng(int(rng.integers(1000)))


def play_step(function, x_t, t, predicted_noise, betas, alpha_bars, rng):
    """The mean apart from the noise: the same draw is added to x_t and to zeros, so it drops out of the difference."""
    x, e = x_t.copy(), predicted_noise.copy()

    def step(x, e, t=t, generator=rng):
        return plain(function(x, t, e, betas, alpha_bars, copy.deepcopy(generator)))
    value = step(x_t, predicted_noise)
    if value is None:
        return Fault("The function returns None: is the last line `return …` missing, or a `return` in one of the branches?", "nothing returned")
    if not isinstance(value, np.ndarray):
        what = value.what if isinstance(value, Odd) else f"a {type(value).__name__}"
        return Fault(f"An array of the shape of x_t is wanted, {x.shape}; got {what}.", "not an array")
    if value.shape != x.shape:
        return Fault(f"The result has shape {value.shape}; that of x_t is wanted, {x.shape}.", "another shape")
    if t == 0:
        if not np.allclose(value, step(x.copy(), e.copy(), generator=np.random.default_rng(12345))):
            return Fault("Noise is added in the last step, t = 0, too. There is no cleaner picture left to spread around: the mean itself is the result.", "noise at the last step")
        return {"the last step": value}
    mean = value - step(np.zeros_like(x), np.zeros_like(x))
    if len(betas) < 6:  # in a few cases the noise is looked at as well
        return {"mean": mean, "drawn": value}
    many = [step(np.zeros(MANY), np.zeros(MANY), k) for k in _looked_at(betas)]
    return {"mean": mean, "drawn": value, "noise": np.array(many) if all(np.shape(z) == MANY for z in many) else np.zeros(1)}


def _looked_at(betas):
    """The steps at which the noise is looked at."""
    return sorted({1, 2, len(betas) - 1})


def observe_step(args, value):
    """The mean as it is, the noise by its statistics."""
    value = plain(value)
    if not isinstance(value, dict) or "mean" not in value:
        return value
    if "noise" not in value:
        return {"mean": value["mean"]}
    return {"mean": value["mean"], "spread of the noise": _spread(value["noise"], args[3], args[4])}


def _spread(noise, betas, alpha_bars):
    """What is wrong with the noise of some steps, or its strength, which should be 1."""
    steps = np.array(_looked_at(betas))
    if noise.shape[1:] != MANY:
        return Fault("For more pictures the noise has another shape than x_t.", "another shape")
    strength = noise.std(axis=(1, 2, 3))
    if not noise.any():
        return Fault("No noise is added. Around the mean the cleaner pictures spread with variance beta, in all steps but the last; without it all pictures end in the same few "
                     "blurs.", "no noise")
    if (strength == 0).any() and not np.ptp(noise, axis=(1, 2, 3)).any():
        return Fault("One number is drawn for all pixels: that makes the pictures lighter or darker. Draw noise in the shape of x_t.", "one number for all pixels")
    if (strength == 0).any():
        return Fault(f"At t = {steps[np.argmin(strength)]} no noise is added. Only the last step, t = 0, goes without.", "noise left out in another step")
    same = [np.ptp(noise, axis=axis).max() < 1e-9 for axis in (1, 2, 3)]
    if same[0] and not any(same[1:]):
        return Fault("All pictures get the same noise. Draw it in the shape of x_t.", "one noise for all pictures")
    if any(same):
        return Fault("Pixels share their noise: one number for all of them makes a picture lighter or darker. Draw noise in the shape of x_t.", "one number for all pixels")
    z = (noise / strength[:, None, None, None]).ravel()
    fault = _normal_fault(z)
    if fault:
        return fault

    def fits(like):
        ratio = strength / like
        return (np.abs(ratio - 1) < DEVIATIONS / (2 * noise[0].size) ** 0.5).all() and abs(ratio.mean() - 1) < DEVIATIONS / (2 * noise.size) ** 0.5
    if fits(np.sqrt(betas[steps])):
        return Estimate(1.0, 0.5)
    for name, says, formula in STRENGTHS:
        if fits(formula(betas[steps], alpha_bars[steps], alpha_bars[steps - 1], betas[steps - 1])):
            return Fault(says, name)
    return Fault(f"The noise has another strength than it should: at t = 1 its standard deviation is {strength[0]:.3f}; √beta is {np.sqrt(betas[1]):.3f}.", "noise of another strength")


STRENGTHS = [
    ("variance for standard deviation", "The noise is multiplied by beta. That is the variance; what multiplies standard normal noise is the standard deviation, its root.",
     lambda beta, bar, before, earlier: beta),
    ("noise divided, too", "The noise is divided by √(1 − beta) like the mean. It is added after the division.", lambda beta, bar, before, earlier: np.sqrt(beta / (1 - beta))),
    ("noise not scaled", "The noise is added at full strength. Its variance is beta.", lambda beta, bar, before, earlier: np.ones_like(beta)),
    ("the other variance", "The noise has the variance beta · (1 − alpha_bar before) / (1 − alpha_bar), which suits a data set of one picture. It is a fair choice in the "
     "literature, but here the variance is beta.", lambda beta, bar, before, earlier: np.sqrt(beta * (1 - before) / (1 - bar))),
    ("noise of the whole way", "The noise has the variance 1 − alpha_bar, that of all steps together. One step back adds that of one step, beta.",
     lambda beta, bar, before, earlier: np.sqrt(1 - bar)),
    ("noise of the whole way", "The noise is multiplied by √alpha_bar. One step back adds noise of variance beta.", lambda beta, bar, before, earlier: np.sqrt(bar)),
    ("beta of the step before", "The noise has the variance of the step before, betas[t − 1]. It is betas[t], like all else in this step.",
     lambda beta, bar, before, earlier: np.sqrt(earlier)),
    ("twice the variance", "The noise has the variance 2 · beta.", lambda beta, bar, before, earlier: np.sqrt(2 * beta)),
    ("noise of the whole way", "The noise has the variance 1 − alpha_bar of the step before, that of all steps that are left. One step back adds that of one step, beta.",
     lambda beta, bar, before, earlier: np.sqrt(1 - before)),
    ("alpha for beta", "The noise has variance 1 − beta, what a step leaves. It is beta, what a step adds.", lambda beta, bar, before, earlier: np.sqrt(1 - beta)),
    ("beta squared", "The noise is multiplied by beta² or has it as its variance's root.", lambda beta, bar, before, earlier: beta ** 2),
    ("variance for standard deviation", "The noise has standard deviation beta / √(1 − beta): it is multiplied by the variance and divided with the mean. It is added after the "
     "division, and what multiplies it is √beta.", lambda beta, bar, before, earlier: beta / np.sqrt(1 - beta)),
]


def see_step(args, got, expected):
    x_t, t, predicted_noise, betas, alpha_bars, _ = args
    mean = got.get("mean", got.get("the last step")) if isinstance(got, dict) else None
    if not isinstance(mean, np.ndarray) or mean.shape != x_t.shape:
        return None
    root = np.sqrt(1 - betas[t])
    return mix(mean, x_t, predicted_noise, (1 / root, -betas[t] / np.sqrt(1 - alpha_bars[t]) / root), ("`x_t`", "the predicted noise"),
               ("1 / √(1 − beta)", "−beta / √(1 − alpha_bar) / √(1 − beta)"))


def step_by_x0(x_t, t, predicted_noise, betas, alpha_bars, rng):
    bar, beta = alpha_bars[t], betas[t]
    before = alpha_bars[t - 1] if t > 0 else 1.0
    x0 = (x_t - np.sqrt(1 - bar) * predicted_noise) / np.sqrt(bar)
    mean = (np.sqrt(before) * beta * x0 + np.sqrt(1 - beta) * (1 - before) * x_t) / (1 - bar)
    return mean + (rng.normal(0, beta ** 0.5, x_t.shape) if t else 0)


def step_always_drawing(x_t, t, predicted_noise, betas, alpha_bars, rng):
    z = rng.standard_normal(x_t.shape) * (t > 0)
    alpha = 1 - betas[t]
    return alpha ** -0.5 * (x_t - (1 - alpha) / (1 - alpha_bars[t]) ** 0.5 * predicted_noise) + z * (1 - alpha) ** 0.5


def step_by_picture(x_t, t, predicted_noise, betas, alpha_bars, rng):
    alpha_bar = np.prod(1 - betas[:t + 1])
    out = np.zeros(x_t.shape)
    for i in range(len(x_t)):
        out[i] = (x_t[i] - betas[t] * predicted_noise[i] / np.sqrt(1 - alpha_bar)) / np.sqrt(1 - betas[t])
        if t > 0:
            out[i] += rng.normal(scale=np.sqrt(betas[t]), size=x_t[i].shape)
    return out


N_, M_ = "betas[t] / np.sqrt(1 - alpha_bars[t]) * predicted_noise", "(x_t - noise) / np.sqrt(1 - betas[t])"
Z_ = "np.sqrt(betas[t]) * rng.standard_normal(x_t.shape)"
STEP = Exercise(
    ex.sampling_step, title="One step back", difficulty=3, importance=3, minutes=15, draw=draw_step, play=play_step, observe=observe_step, names=NAMES, otherwise=see_step,
    sizes=[{"m": 2, "h": 2, "w": 3, "n_steps": 5, "last": False}, {"m": 2, "h": 3, "w": 2, "n_steps": 4, "last": True}, {"m": 1, "h": 3, "w": 2, "n_steps": 6, "last": False},
           {"m": 3, "h": 4, "w": 3, "n_steps": 9, "last": False}, {"m": 1, "h": 2, "w": 4, "n_steps": 4, "last": True}], returns="x",
    tied=(("betas", "alpha_bars"),),
    mistakes=[
        Mistake("noise at the last step", "Noise is added in the last step, t = 0, too. The mean itself is the result.", replace=("    if t == 0:\n        return mean\n", "")),
        Mistake("noise left out in another step", "Noise is left out at another step than the last. The last step back is t = 0.", replace=("t == 0", "t == len(betas) - 1")),
        Mistake("noise only at the last step", "The condition is turned round: noise is added at t = 0 only. There alone it is left out.", replace=("t == 0", "t > 0")),
        Mistake("no noise", "No noise is added.", replace=("return mean + " + Z_, "return mean")),
        Mistake("not divided by √(1 − beta)", "The division by √(1 − beta) is missing: each step down made the picture a little weaker, and the way back has to make it stronger.",
                replace=(" / np.sqrt(1 - betas[t])", "")),
        Mistake("divided by 1 − beta", "The mean is divided by 1 − beta; by its root is wanted.", replace=("/ np.sqrt(1 - betas[t])", "/ (1 - betas[t])")),
        Mistake("multiplied by √(1 − beta)", "The mean is multiplied by √(1 − beta). The way down multiplied by it; the way back divides.", replace=("/ np.sqrt(1 - betas[t])", "* np.sqrt(1 - betas[t])")),
        Mistake("divided by √alpha_bar", "The mean is divided by √alpha_bar, as if all steps were taken back at once. One step is: √(1 − beta).",
                replace=("/ np.sqrt(1 - betas[t])", "/ np.sqrt(alpha_bars[t])")),
        Mistake("all noise at once", "All the noise is taken away, as if to jump to the clean picture. One step takes back beta / √(1 − alpha_bar) of it.",
                replace=[("betas[t] / np.sqrt(1 - alpha_bars[t])", "np.sqrt(1 - alpha_bars[t])"), ("/ np.sqrt(1 - betas[t])", "/ np.sqrt(alpha_bars[t])")]),
        Mistake("all noise taken away", "√(1 − alpha_bar) of the noise is taken away, all that there is. One step takes back beta / √(1 − alpha_bar) of it.",
                replace=("betas[t] / np.sqrt(1 - alpha_bars[t])", "np.sqrt(1 - alpha_bars[t])")),
        Mistake("predicted noise not scaled", "The predicted noise is taken away as it is. One step takes back beta / √(1 − alpha_bar) of it.", replace=(N_, "predicted_noise")),
        Mistake("root missing under the noise", "The division is by 1 − alpha_bar; by its root is wanted.", replace=("np.sqrt(1 - alpha_bars[t])", "(1 - alpha_bars[t])")),
        Mistake("√alpha_bar under the noise", "The division is by √alpha_bar, the strength of the picture. By the strength of the noise, √(1 − alpha_bar), is wanted.",
                replace=("np.sqrt(1 - alpha_bars[t])", "np.sqrt(alpha_bars[t])")),
        Mistake("√beta on the predicted noise", "The predicted noise is multiplied by √beta; by beta is wanted.", replace=(N_, "np.sqrt(betas[t]) / np.sqrt(1 - alpha_bars[t]) * predicted_noise")),
        Mistake("noise without its division", "The division by √(1 − alpha_bar) is missing.", replace=(N_, "betas[t] * predicted_noise")),
        Mistake("beta missing", "The factor beta is missing before the predicted noise.", replace=(N_, "predicted_noise / np.sqrt(1 - alpha_bars[t])")),
        Mistake("1 − beta for beta", "1 − beta multiplies the predicted noise, what a step leaves; beta is wanted, what a step adds.",
                replace=("betas[t] / np", "(1 - betas[t]) / np")),
        Mistake("predicted noise added", "The predicted noise is added. The way back takes it away.", replace=("(x_t - noise)", "(x_t + noise)")),
        Mistake("alpha_bar of the step before", "alpha_bar is that of the step before. Here it is alpha_bars[t].", replace=("alpha_bars[t]", "np.append(1 - 1e-9, alpha_bars)[t]")),
        Mistake("brackets", "Only the predicted noise is divided by √(1 − beta). The whole difference is.", replace=(M_, "x_t - noise / np.sqrt(1 - betas[t])")),
        Mistake("brackets", "Only x_t is divided by √(1 − beta). The whole difference is.", replace=(M_, "x_t / np.sqrt(1 - betas[t]) - noise")),
        found("variance for standard deviation", replace=(Z_, "betas[t] * rng.standard_normal(x_t.shape)")),
        found("noise not scaled", replace=(Z_, "rng.standard_normal(x_t.shape)")),
        found("the other variance", replace=(Z_, "np.sqrt(betas[t] * (1 - alpha_bars[t - 1]) / (1 - alpha_bars[t])) * rng.standard_normal(x_t.shape)")),
        found("noise of the whole way", replace=(Z_, "np.sqrt(1 - alpha_bars[t]) * rng.standard_normal(x_t.shape)")),
        found("noise divided, too", replace=("return mean + " + Z_, "return mean + " + Z_ + " / np.sqrt(1 - betas[t])")),
        found("one number for all pixels", replace=("rng.standard_normal(x_t.shape)", "rng.standard_normal()")),
        found("one noise for all pictures", replace=("rng.standard_normal(x_t.shape)", "rng.standard_normal(x_t.shape[1:])")),
        found("noise never negative", replace=("rng.standard_normal(x_t.shape)", "rng.random(x_t.shape)")),
        Mistake("the predicted noise put back", "The predicted noise itself is added instead of fresh noise from `rng`.", replace=("rng.standard_normal(x_t.shape)", "predicted_noise")),
        Mistake("rng without influence", "Another `rng` gives the same numbers: a seed is written into the function.", replace=("rng.standard_normal", "np.random.default_rng(0).standard_normal")),
        Mistake("cut to the range", "The result is clipped to the range of a picture. On the way back the pictures are still noisy and lead out of it.",
                replace=[("return mean\n", "return np.clip(mean, -1, 1)\n"), ("return mean +", "mean = np.clip(mean, -1, 1)\n    return mean +")]),
    ],
    right=[step_by_x0, step_always_drawing, step_by_picture],
    hints=("Take away the share of the predicted noise that this step added, make up for the shrinking, and add a little fresh noise.",
           "mean (m, h, w) = (x_t − β / √(1 − ᾱ) · noise) / √(1 − β); for t > 0 plus √β · z, z standard normal (m, h, w).",
           "beta and alpha_bar of step t; the mean; return it if t == 0; else add np.sqrt(beta) times rng.standard_normal(x_t.shape)"),
    why="Many clean pictures could be under the noise. The fresh noise lets each chain decide for one of them.", after="The way back exists.",
    unchanged={"- in place of +": "normal noise is as often negative as positive", "in place of x_t": "only its shape is asked for there"})

# --- sample_images ---------------------------------------------------------------------------------------------------


def draw_chain(rng, m, h, w, n_steps):
    betas = schedule(rng, n_steps)[0] / 3  # some of a picture would be left in the end: the start is pure noise all the same
    return (m, h, w), betas, np.cumprod(1 - betas), np.random.default_rng(int(rng.integers(1000)))


class _Asked:
    """A stand-in for the net that answers from a formula and remembers what it was asked."""

    def __init__(self):
        self.x, self.t, self.odd = [], [], ""

    def __call__(self, x, t):
        if np.size(t) != 1:
            self.odd = f"an array of shape {np.shape(t)}"
        elif float(np.squeeze(t)) != int(np.squeeze(t)):
            self.odd = f"the number {float(np.squeeze(t)):.3g}"
        self.x.append(np.array(x, float))
        self.t.append(0 if self.odd else int(np.squeeze(t)))
        return self.answer(self.x[-1], self.t[-1])

    @staticmethod
    def answer(x, t):
        return 0.6 * np.sin(x + t) + 0.2 * x


def play_chain(function, shape, betas, alpha_bars, rng):
    net = _Asked()
    out = plain(function(net, shape, betas, alpha_bars, rng))
    return {"pictures": out, "fault": _chain_fault(out, net, shape, betas, alpha_bars)}


def _chain_fault(out, net, shape, betas, alpha_bars):
    n, ts = len(betas), net.t
    if out is None:
        return NOTHING
    if not isinstance(out, np.ndarray):
        what = out.what if isinstance(out, Odd) else f"a {type(out).__name__} of {len(out)}" if isinstance(out, tuple | list) else f"a {type(out).__name__}"
        return Fault(f"The pictures are wanted, an array of shape {shape}; got {what}.", "not the pictures alone")
    if net.odd:
        return Fault(f"`predict_noise` is called with {net.odd} for t. Here t is one whole number: all pictures stand at the same step.", "t is no whole number")
    if not ts:
        return Fault("`predict_noise` is never asked: without it nothing says where the noise is.", "the net is not asked")
    if out.shape != tuple(shape):
        return Fault(f"The pictures have shape {out.shape}, expected {tuple(shape)}.", "another shape")
    back = list(range(n))[::-1]
    if ts != back:
        return _order_fault(ts, n)
    if any(x.shape != tuple(shape) for x in net.x):
        return Fault(f"`predict_noise` is given something of shape {next(x.shape for x in net.x if x.shape != tuple(shape))}, expected {tuple(shape)}.", "another shape")
    return _start_fault(net.x[0]) or _steps_back_fault(out, net, betas, alpha_bars)


def _order_fault(ts, n):
    back = list(range(n))[::-1]
    said = f"It is asked at {', '.join(map(str, ts[:8]))}{', …' if len(ts) > 8 else ''}; with {n} steps it should be {n - 1}, {n - 2}, …, 0."
    if ts == back[::-1]:
        return Fault("The net is asked about step 0 first and about the last step at the end. The start is pure noise, so the way back begins at the last step of the way down. " + said, "steps in the wrong order")
    if len(set(ts)) == 1 and len(ts) == 1:
        return Fault("The net is asked once only. Every step asks it anew, about the pictures as they are then. " + said, "the net is asked once")
    if len(set(ts)) == 1:
        return Fault("The net is asked at the same step each time. " + said, "always the same step")
    if ts == back[:-1]:
        return Fault("The last step, t = 0, is missing: range stops one before its end. " + said, "last step missing")
    if ts == back[1:]:
        return Fault("The first step back, the noisiest, is missing. " + said, "first step missing")
    if ts == [t + 1 for t in back]:
        return Fault("The steps are counted from 1. Here they are places in betas, from 0. " + said, "steps counted from 1")
    if sorted(ts) == sorted(back * (len(ts) // n)) and len(ts) > n:
        return Fault("The net is asked more than once for a step, or for each picture. Once for all pictures is enough. " + said, "asked too often")
    return Fault("The steps are not all of them, backwards. " + said, "other steps")


def _start_fault(x):
    n = x.size
    if not x.any():
        return Fault("The start is all zeros. It should be pure noise, standard normal: that is where the way down ends.", "start at zero")
    if np.ptp(x) < 1e-9 or np.allclose(x, x[:1]) and len(x) > 1 or np.allclose(x, x[:, :1, :1]):
        return Fault("The start is the same for all pictures, or for all pixels. Draw it in the full shape.", "one start for all")
    fault = _normal_fault(x.ravel()) if n >= 500 else None
    return Fault("The start: " + fault.what, "start: " + fault.name) if fault else None


def _steps_back_fault(out, net, betas, alpha_bars):
    left = []
    for i, t in enumerate(net.t):
        x, after = net.x[i], net.x[i + 1] if i + 1 < len(net.x) else out
        said = net.answer(x, t)
        mean = (x - betas[t] / np.sqrt(1 - alpha_bars[t]) * said) / np.sqrt(1 - betas[t])
        if np.allclose(after, x) and len(net.t) > 1:
            if t == 0:
                return Fault("The last step is not taken: what comes back is what the net saw at t = 0.", "last step not taken")
            return Fault("The pictures do not change from step to step: what `sampling_step` gives has to be the next step's x.", "not carried on")
        rest = after - mean
        if t == 0:
            if np.allclose(np.clip(mean, -1, 1), out, atol=1e-5) and not np.allclose(mean, out, atol=1e-5):
                return Fault("The pictures are clipped at the end. Here they come as they are; whoever shows them may cut them.", "cut to the range")
            if not np.allclose(rest, 0, atol=1e-5):
                if np.unique(rest.round(9)).size == rest.size and abs(np.corrcoef(rest.ravel(), mean.ravel())[0, 1]) < 0.5:
                    return Fault("The last step, t = 0, adds noise. There the mean itself is the result.", "noise at the last step")
                return Fault("The last step, t = 0, is not what `sampling_step` makes of the pictures before it.", "another last step")
            continue
        if rest.size >= 500:
            size = np.sqrt(betas[t])
            if rest.std() < 1e-6:
                return Fault("The steps add no fresh noise: all steps but the last do.", "no noise")
            if np.allclose(rest / size, net.x[0], atol=1e-6):
                return Fault("The fresh noise of a step is the noise of the start: the generator begins anew. Hand on the one `rng`.", "the same noise in every step")
            if left and np.allclose(rest.ravel() / size, left[-1], atol=1e-6):
                return Fault("The fresh noise is the same in every step: the generator begins anew each time. Hand on the one `rng`.", "the same noise in every step")
            if np.ptp(rest - rest[:1]) < 1e-9 and len(rest) > 1:
                return Fault("All pictures get the same fresh noise in a step.", "one noise for all pictures")
            if np.abs(after).max() <= 1 + 1e-9 and np.mean(np.abs(after) > 1 - 1e-9) > 0.02:
                return Fault("The pictures are clipped on the way. They are still noisy and have to leave the range.", "clipped on the way")
            together = abs(np.corrcoef(rest.ravel(), x.ravel())[0, 1])
            if _normal_fault(rest.ravel(), size) or together > 8 / rest.size ** 0.5:
                return Fault(f"From step {t} to the next the pictures do not change as `sampling_step` changes them with what the net says at {t}: is another step's beta used, "
                             "another x, or noise of another strength?", "another step back")
            left.append(rest.ravel() / size)
    return None


def observe_chain(args, value):
    return plain(value["fault"]) or {"way back": "right"}


def chain_by_while(predict_noise, shape, betas, alpha_bars, rng):
    x, t = rng.normal(0.0, 1.0, size=shape), betas.size - 1
    while t >= 0:
        noise = predict_noise(x, t)
        x, t = sampling_step(x, t, noise, betas, alpha_bars, rng), t - 1
    return x


def chain_by_hand(predict_noise, shape, betas, alpha_bars, rng):
    x = rng.standard_normal(shape)
    for t in range(len(betas) - 1, -1, -1):
        z = rng.standard_normal(shape) if t > 0 else np.zeros(shape)
        x = (x - betas[t] / np.sqrt(1 - alpha_bars[t]) * predict_noise(x, t)) / np.sqrt(1 - betas[t]) + np.sqrt(betas[t]) * z
    return x


def chain_by_recursion(predict_noise, shape, betas, alpha_bars, rng):
    def back(x, t):
        return x if t < 0 else back(sampling_step(x, t, predict_noise(x, t), betas, alpha_bars, rng), t - 1)
    return back(rng.standard_normal(shape), len(betas) - 1)


LOOP, CALL = "for t in reversed(range(len(betas))):", "x = sampling_step(x, t, predict_noise(x, t), betas, alpha_bars, rng)"
START = "x = rng.standard_normal(shape)"
CHAIN = Exercise(
    ex.sample_images, title="Pictures out of nothing", difficulty=2, importance=3, minutes=10, draw=draw_chain, play=play_chain, observe=observe_chain, variants=False, names=NAMES,
    sizes=[{"m": 30, "h": 5, "w": 6, "n_steps": 5}, {"m": 1, "h": 30, "w": 25, "n_steps": 7}, {"m": 2, "h": 3, "w": 2, "n_steps": 9}, {"m": 40, "h": 4, "w": 7, "n_steps": 6}],
    returns="pictures", tied=(("betas", "alpha_bars"),),
    mistakes=[
        found("steps in the wrong order", replace=("reversed(range(len(betas)))", "range(len(betas))")),
        found("last step missing", replace=(LOOP, "for t in range(len(betas) - 1, 0, -1):")),
        found("first step missing", replace=("reversed(range(len(betas)))", "reversed(range(len(betas) - 1))")),
        found("start at zero", replace=(START, "x = np.zeros(shape)")),
        found("start: noise never negative", replace=(START, "x = rng.random(shape)")),
        found("start: noise of another strength", replace=(START, "x = 0.5 * rng.standard_normal(shape)")),
        found("one start for all", replace=(START, "x = np.broadcast_to(rng.standard_normal(shape[1:]), shape)")),
        found("not carried on", replace=(CALL, "y = sampling_step(x, t, predict_noise(x, t), betas, alpha_bars, rng)")),
        found("the net is asked once", replace=[("    for t", "    said = predict_noise(x, len(betas) - 1)\n    for t"), ("predict_noise(x, t)", "said")]),
        found("always the same step", replace=("predict_noise(x, t)", "predict_noise(x, 0)")),
        found("noise at the last step", replace=("return x", "return x + np.sqrt(betas[0]) * rng.standard_normal(shape)")),
        found("cut to the range", replace=("return x", "return np.clip(x, -1, 1)")),
        found("the same noise in every step", replace=("alpha_bars, rng)\n", "alpha_bars, np.random.default_rng(rng.bit_generator.seed_seq.entropy))\n")),
        found("rng without influence", replace=(START, "rng = np.random.default_rng(0)\n    " + START)),
        found("chance not taken from rng", replace=(START, "rng = np.random.default_rng()\n    " + START)),
        found("another step back", replace=("sampling_step(x, t,", "sampling_step(x, max(t - 1, 0),")),
        found("t is no whole number", replace=("predict_noise(x, t)", "predict_noise(x, np.full(shape[0], t))")),
        found("nothing returned", replace=("return x", "pass")),
        found("not the pictures alone", replace=("return x", "return list(x)")),
        found("no noise", replace=(CALL, "x = (x - betas[t] / np.sqrt(1 - alpha_bars[t]) * predict_noise(x, t)) / np.sqrt(1 - betas[t])")),
        found("steps counted from 1", replace=("predict_noise(x, t)", "predict_noise(x, t + 1)")),
    ],
    right=[chain_by_while, chain_by_hand, chain_by_recursion],
    hints=("The way down ends in pure noise at the last step. Begin there, and go back step by step to 0.",
           "x (m, h, w) standard normal; for t = n_steps − 1, …, 0: x = sampling_step(x, t, predict_noise(x, t), …).",
           "rng.standard_normal(shape); for t in reversed(range(len(betas))); one call of predict_noise and one of sampling_step in each turn"),
    why="Each step makes a small mistake that the next one, which asks the net anew, can put right.", after="Give it a net, and it draws.")

# --- guided_noise ----------------------------------------------------------------------------------------------------


def draw_guided(rng, m, h, w, scale):
    return rng.standard_normal((m, h, w)).round(2), rng.standard_normal((m, h, w)).round(2), float(scale + round(rng.random() / 4, 2)) if scale not in (0, 1) else scale


def see_guidance(args, got, expected):
    conditional, unconditional, scale = args
    if not isinstance(got, np.ndarray) or got.shape != expected.shape:
        return None
    return mix(got, conditional, unconditional, (scale, 1 - scale), ("the conditional noise", "the unconditional noise"), ("the scale", "one minus the scale"))


def guided_by_shares(conditional, unconditional, scale):
    return scale * conditional + (1 - scale) * unconditional


def guided_past_label(conditional, unconditional, scale):
    return conditional + (scale - 1) * (conditional - unconditional)


def guided_by_loop(conditional, unconditional, scale):
    out = np.array(unconditional, dtype=float)
    for i in np.ndindex(out.shape):
        out[i] -= scale * (unconditional[i] - conditional[i])
    return out


G = "unconditional + scale * (conditional - unconditional)"
GUIDED = Exercise(
    ex.guided_noise, title="Guidance", difficulty=1, importance=2, minutes=5, draw=draw_guided, names=NAMES, returns="noise", otherwise=see_guidance,
    sizes=[{"m": 2, "h": 2, "w": 3, "scale": 3}, {"m": 1, "h": 2, "w": 2, "scale": 0}, {"m": 2, "h": 3, "w": 2, "scale": 1}, {"m": 3, "h": 2, "w": 4, "scale": 0.5},
           {"m": 1, "h": 3, "w": 2, "scale": -1}],
    mistakes=[
        Mistake("conditional and unconditional exchanged", "The two are exchanged: scale 0 gives the conditional noise here. It should give the unconditional one, and a large scale "
                "lead away from it.", replace=(G, "conditional + scale * (unconditional - conditional)")),
        Mistake("away from the label", "The way goes in the wrong direction, away from what the label says.", replace=("(conditional - unconditional)", "(unconditional - conditional)")),
        Mistake("counted from the conditional noise", "The scale is counted from the conditional noise: here 0 gives the conditional one. Both countings are in use; this one "
                "begins at the unconditional noise.", replace=(G, "conditional + scale * (conditional - unconditional)")),
        Mistake("the difference alone", "Only the scaled difference comes back, without the point from which it is counted.", replace=(G, "scale * (conditional - unconditional)")),
        Mistake("difference not scaled", "The scale has no influence: the result is the conditional noise.", replace=(G, "conditional")),
        Mistake("only the conditional noise is scaled", "The two are added, the conditional one scaled. On the straight line the shares add up to 1.",
                replace=(G, "unconditional + scale * conditional")),
        Mistake("the label ignored", "The result is the unconditional noise, whatever the label says.", replace=(G, "unconditional")),
        Mistake("conditional noise times the scale", "The conditional noise is multiplied. It is the way from the unconditional noise to it that is made longer.", replace=(G, "scale * conditional")),
        Mistake("half-way", "The result is the middle of the two, whatever the scale.", replace=(G, "(conditional + unconditional) / 2")),
        Mistake("no farther than the label", "The scale is cut at 1. Beyond it guidance begins: the way goes past what the label says.", replace=("scale * (c", "min(scale, 1) * (c")),
        Mistake("kept between 0 and 1", "The scale is cut to between 0 and 1. Every number is allowed.", replace=("scale * (c", "np.clip(scale, 0, 1) * (c")),
        Mistake("negative scales left out", "A scale below 0 is treated like 0, or like its absolute value. It leads away from the label.", replace=("scale * (c", "max(scale, 0) * (c")),
        Mistake("negative scales left out", "A scale below 0 is treated like its absolute value. It leads away from the label.", replace=("scale * (c", "abs(scale) * (c")),
        Mistake("scale squared", "The difference is multiplied by the square of the scale.", replace=("scale * (c", "scale ** 2 * (c")),
        Mistake("absolute difference", "The difference has lost its signs.", replace=("(conditional - unconditional)", "np.abs(conditional - unconditional)")),
        Mistake("divided, not multiplied", "The difference is divided by the scale.", replace=("scale * (c", "(1 / scale if scale else 0) * (c")),
        Mistake("divided, not multiplied", "The difference is divided by the scale.", replace=("scale * (c", "np.float64(1) / scale * (c")),
        Mistake("one difference for all pixels", "The difference is averaged over all pixels. Each pixel has its own.", replace=("(conditional - unconditional)", "(conditional - unconditional).mean()")),
        Mistake("cut to the range", "The result is clipped. Noise may be as large as it is.", replace=("return " + G, "return np.clip(" + G + ", -1, 1)")),
        Mistake("brought to the old length", "The result is scaled so that its spread is that of the conditional noise. It should come as it is.",
                replace=("return " + G, "x = " + G + "\n    return x * conditional.std() / x.std()")),
        Mistake("whole numbers only", "The scale is cut to a whole number.", replace=("scale * (c", "int(scale) * (c")),
        Mistake("both scaled", "The sum of the two is multiplied by the scale.", replace=(G, "scale * (conditional + unconditional)")),
        Mistake("one too few", "The difference is multiplied by scale − 1.", replace=("scale * (c", "(scale - 1) * (c")),
        Mistake("divided by the scale", "The result is divided by the scale. It is a point on the line, not an average.", replace=("return " + G, "return (" + G + ") / (1 + scale)")),
    ],
    right=[guided_by_shares, guided_past_label, guided_by_loop],
    hints=("Stand at the unconditional noise and walk `scale` times the way to the conditional one.", "(m, h, w): u + scale · (c − u); scale 0 → u, scale 1 → c.",
           "one line: a start, a scale, a difference"),
    why="The difference between both answers is what the label adds; guidance exaggerates it.", after="Now the net can be told what to draw, and how strictly.")

# --- frechet_distance ------------------------------------------------------------------------------------------------


def draw_clouds(rng, n_a, n_b, d):
    return tuple((rng.standard_normal((n, d)) @ rng.normal(0, 1, (d, d)) + rng.normal(0, 1, d)).round(2) for n in (n_a, n_b))


def play_distance(function, a, b):
    value = function(a, b)
    number = plain(value)
    if isinstance(number, float | np.generic | np.ndarray) and np.size(number) == 1 and np.isnan(number) and min(len(a), len(b)) <= a.shape[1]:
        clouds = draw_clouds(np.random.default_rng(0), 9, 8, 3)
        if np.allclose(plain(function(*clouds)), ex.frechet_distance(*clouds)):
            return Fault("Right for many points, but nan where there are fewer points than axes: there some eigenvalues are 0, rounding makes them a little less, and a negative "
                         "number has no root. Put 0 in its place.", "not a number at rounding")
    if isinstance(number, float | np.generic | np.ndarray) and np.size(number) == 1 and min(len(a), len(b)) > a.shape[1]:
        centre = a.mean(axis=0)
        others = {"distance from itself": a.copy(), "distance from itself moved": a + np.arange(1, a.shape[1] + 1), "distance from itself stretched": centre + 2 * (a - centre)}
        return {"distance": number} | {name: np.round(plain(function(a.copy(), other)), 6) for name, other in others.items()}
    return {"distance": number}


def see_distance(args, got, expected):
    if not isinstance(got, dict) or "distance from itself" not in got:
        return None
    off = [name for name in got if not np.allclose(got[name], expected[name], rtol=1e-4)]
    if "distance from itself" in off:
        return "not 0 from itself", (f"A cloud comes out at distance {float(np.ravel(got['distance from itself'])[0]):.4g} from itself; it should be 0. The traces and the last term do not cancel: its "
                                     "roots of the eigenvalues of C · C are the variances along the cloud's own axes.")
    if "distance from itself moved" in off:
        return "the part of the means", "A cloud that is moved as a whole does not come out at the square of the way it was moved: look at the part of the means."
    if "distance from itself stretched" in off:
        return "the part of the spreads", "For a cloud and itself stretched to twice its width the distance is wrong, though the part of the means is right: look at the traces and the last term."
    return "axes that do not agree", ("Right for a cloud and itself, moved or stretched; wrong for two clouds whose axes point in different directions. There the order of product, root and "
                                      "trace matters: first the product C_a C_b, then the roots of *its* eigenvalues.")


def distance_by_sqrtm(a, b):
    from scipy.linalg import sqrtm

    C_a, C_b = np.cov(a.T), np.cov(b.T)
    with np.errstate(all="ignore"):
        values, vectors = np.linalg.eigh(C_a)
        root = vectors @ np.diag(np.sqrt(np.clip(values, 0, None))) @ vectors.T
        middle = root @ C_b @ root
        values, vectors = np.linalg.eigh(middle)
        middle = vectors @ np.diag(np.clip(values, 1e-18, None)) @ vectors.T
    return float(np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(C_a + C_b - 2 * np.real(sqrtm(middle))))


def distance_by_singular_values(a, b):
    A, B = ((x - x.mean(axis=0)) / np.sqrt(len(x) - 1) for x in (a, b))
    overlap = np.linalg.svd(A @ B.T, compute_uv=False).sum()
    return np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)) ** 2 + (A ** 2).sum() + (B ** 2).sum() - 2 * overlap


def distance_by_loop(a, b):
    def fit(x):
        mean = sum(x) / len(x)
        return mean, sum(np.outer(p - mean, p - mean) for p in x) / (len(x) - 1)
    (mean_a, C_a), (mean_b, C_b) = fit(a), fit(b)
    total = 0.0
    for value in np.linalg.eigvals(np.dot(C_b, C_a)):
        total += max(value.real, 0) ** 0.5
    return np.dot(mean_a - mean_b, mean_a - mean_b) + C_a.trace() + C_b.trace() - 2 * total


EIG = "np.maximum(np.linalg.eigvals(C_a @ C_b).real, 0)"
COVS = "np.cov(a, rowvar=False), np.cov(b, rowvar=False)"
FRECHET = Exercise(
    ex.frechet_distance, title="How far apart are two clouds?", difficulty=3, importance=2, minutes=15, draw=draw_clouds, play=play_distance, names=NAMES, returns="distance", otherwise=see_distance,
    sizes=[{"n_a": 6, "n_b": 4, "d": 2}, {"n_a": 9, "n_b": 12, "d": 3}, {"n_a": 20, "n_b": 15, "d": 5}, {"n_a": 3, "n_b": 10, "d": 6}, {"n_a": 4, "n_b": 3, "d": 7},
           {"n_a": 3, "n_b": 2, "d": 8}],
    mistakes=[
        Mistake("mean distance not squared", "The distance of the means is not squared.", replace=("gap @ gap", "np.sqrt(gap @ gap)")),
        Mistake("absolute gaps", "The gaps of the means are added up without squares.", replace=("gap @ gap", "np.abs(gap).sum()")),
        Mistake("means left out", "The distance of the means is missing: two clouds of the same form, far apart, would be equal.", replace=("gap @ gap + ", "")),
        Mistake("only the means", "Only the means are compared. A cloud that has shrunk to its mean, pictures without variety, would be perfect.",
                replace=("return float(gap @ gap + np.trace(C_a) + np.trace(C_b) - 2 * np.sqrt(eigenvalues).sum())", "return float(gap @ gap)")),
        Mistake("factor 2 missing", "The factor 2 before the last term is missing: a cloud would not be at distance 0 from itself.", replace=("2 * np.sqrt", "np.sqrt")),
        Mistake("last term added", "The last term is added. It is what both have in common, and is taken away.", replace=("- 2 *", "+ 2 *")),
        Mistake("roots missing", "The eigenvalues are added up without their roots.", replace=("np.sqrt(eigenvalues).sum()", "eigenvalues.sum()")),
        Mistake("root of the sum", "The root is taken of the sum of the eigenvalues. The eigenvalues of a root are the roots, each by itself.",
                replace=("np.sqrt(eigenvalues).sum()", "np.sqrt(eigenvalues.sum())")),
        Mistake("root entry by entry", "The root is taken of each entry of the matrix. The root of a matrix is the one that, multiplied with itself, gives it back.",
                replace=[(EIG, "np.sqrt(np.maximum(C_a @ C_b, 0))"), ("np.sqrt(eigenvalues).sum()", "np.trace(eigenvalues)")]),
        Mistake("product entry by entry", "C_a and C_b are multiplied entry by entry. The product of matrices is wanted.", replace=("C_a @ C_b", "C_a * C_b")),
        Mistake("only the variances", "Only the variances are compared, as if the axes were independent.",
                replace=[(EIG, "np.diag(C_a) * np.diag(C_b)")]),
        Mistake("not symmetric", "`eigvalsh` takes a symmetric matrix; a product of two symmetric ones need not be symmetric.", replace=("np.linalg.eigvals(C_a @ C_b).real", "np.linalg.eigvalsh(C_a @ C_b)")),
        Mistake("divided by n", "The covariances divide by n. By n − 1 is wanted, as np.cov does by itself.",
                replace=(COVS, "np.cov(a, rowvar=False, bias=True), np.cov(b, rowvar=False, bias=True)")),
        Mistake("not divided by n − 1", "The covariances are not divided by the number of points minus one.",
                replace=(COVS, "np.cov(a, rowvar=False) * (len(a) - 1), np.cov(b, rowvar=False) * (len(b) - 1)")),
        Mistake("means not taken away", "The covariances are taken about 0, not about the mean.", replace=(COVS, "a.T @ a / (len(a) - 1), b.T @ b / (len(b) - 1)")),
        Mistake("root of the whole", "The root is taken at the end. The squared distance is what is used and asked for.",
                replace=("return float(gap @ gap + np.trace(C_a) + np.trace(C_b) - 2 * np.sqrt(eigenvalues).sum())",
                         "return float(np.sqrt(gap @ gap + np.trace(C_a) + np.trace(C_b) - 2 * np.sqrt(eigenvalues).sum()))")),
        Mistake("one cloud's spread twice", "The spread of the first cloud counts twice, that of the second not at all.", replace=("np.trace(C_b)", "np.trace(C_a)")),
        Mistake("one covariance for both", "Under the root stands the square of one covariance: both clouds have their own.", replace=("C_a @ C_b", "C_a @ C_a")),
        Mistake("sum for trace", "All entries of a covariance are added up. The trace is the sum of the diagonal, the variances.",
                replace=("np.trace(C_a) + np.trace(C_b)", "C_a.sum() + C_b.sum()")),
        Mistake("one mean for all axes", "The mean is taken over all axes together. Each axis has its own.", replace=("a.mean(axis=0) - b.mean(axis=0)", "np.atleast_1d(a.mean() - b.mean())")),
        Mistake("standard deviations for variances", "Standard deviations stand where variances belong.", replace=("np.trace(C_a) + np.trace(C_b)", "np.sqrt(np.diag(C_a)).sum() + np.sqrt(np.diag(C_b)).sum()")),
        Mistake("covariances added under the root", "Under the root stands the sum of the covariances. Their product is wanted.", replace=("C_a @ C_b", "C_a + C_b")),
        Mistake("eigenvalues of each by itself", "The eigenvalues of C_a and C_b are taken apart and multiplied pair by pair. Those of the product C_a C_b are wanted; the axes of the clouds "
                "need not agree.", replace=(EIG, "np.maximum(np.linalg.eigvalsh(C_a) * np.linalg.eigvalsh(C_b), 0)")),
        Mistake("difference of the covariances", "The covariances are compared entry by entry, as the means are. The Fréchet distance has another second part.",
                replace=("np.trace(C_a) + np.trace(C_b) - 2 * np.sqrt(eigenvalues).sum()", "((C_a - C_b) ** 2).sum()")),
        Mistake("difference of the variances", "Only the traces are compared.", replace=("np.trace(C_a) + np.trace(C_b) - 2 * np.sqrt(eigenvalues).sum()", "abs(np.trace(C_a) - np.trace(C_b))")),
        Mistake("root entry by entry", "The root is taken of each entry of the matrix. The root of a matrix is the one that, multiplied with itself, gives it back.",
                replace=[(EIG, "np.diag(np.abs(C_a @ C_b))")]),
        Mistake("gaps added before the square", "The gaps of the means are added up before the square. Each is squared by itself.", replace=("gap @ gap", "gap.sum() ** 2")),
        Mistake("mean of the squared gaps", "The squared gaps of the means are averaged over the axes. They are added up.", replace=("gap @ gap", "np.mean(gap ** 2)")),
        Mistake("last term missing", "The last term is missing, what both have in common: a cloud would not be at distance 0 from itself.", replace=(" - 2 * np.sqrt(eigenvalues).sum()", "")),
        Mistake("traces missing", "The traces of the covariances are missing.", replace=("np.trace(C_a) + np.trace(C_b) - 2", "- 2")),
        Mistake("medians for means", "Medians stand where means belong.", replace=("a.mean(axis=0) - b.mean(axis=0)", "np.median(a, axis=0) - np.median(b, axis=0)")),
        Mistake("sign", "The distance comes out with the wrong sign.", replace=("float(gap", "-float(gap")),
        Mistake("determinants for traces", "Determinants stand where traces belong.", replace=("np.trace(C_a) + np.trace(C_b)", "np.linalg.det(C_a) + np.linalg.det(C_b)")),
        Mistake("correlations", "Correlations stand where covariances belong: they know nothing of how wide a cloud is.", replace=(COVS, "np.corrcoef(a, rowvar=False), np.corrcoef(b, rowvar=False)")),
        Mistake("eigenvalues of one only", "Only the eigenvalues of C_b are rooted. Those of the product are wanted.", replace=("C_a @ C_b)", "C_b)")),
        found("not a number at rounding", replace=(EIG, "np.linalg.eigvals(C_a @ C_b).real - 1e-12 * (min(len(a), len(b)) <= a.shape[1])")),
        Mistake("eigenvalues of each by itself", "The eigenvalues of C_a and C_b are taken apart and multiplied pair by pair. Those of the product C_a C_b are wanted; the axes of the clouds "
                "need not agree.", replace=(EIG, "np.maximum(np.linalg.eigvals(C_a).real * np.linalg.eigvals(C_b).real, 0)")),
        Mistake("gaps added before the square", "The gaps of the means are added up before the square. Each is squared by itself.", replace=("gap @ gap", "np.abs(gap).sum() ** 2")),
    ],
    right=[distance_by_sqrtm, distance_by_singular_values, distance_by_loop],
    hints=("Compare where the clouds lie, and how they spread.", "gap (d,), C_a and C_b (d, d), eigenvalues of C_a C_b (d,): gap² + tr C_a + tr C_b − 2 Σ √eigenvalue.",
           "means along axis 0; np.cov(…, rowvar=False) twice; np.linalg.eigvals, its real part, np.maximum with 0; then the sum"),
    why="For two normal distributions this is the least mean squared way that one has to be moved to become the other.",
    after="One number that falls both for pictures that look wrong and for pictures without variety.",
    unchanged={"real left out": "without rounding the eigenvalues are real", "maximum": "whether an eigenvalue comes out below 0 is rounding",
               "factors exchanged": "C_a C_b and C_b C_a have the same eigenvalues", "float left out": "a numpy number is as good", "bracket closed too early": "a numpy number is as good",
               "difference turned round": "a square has no sign", "steps exchanged": "neither needs the other", "transpose of": "it is symmetric, or flat", "sign of gap": "a square has no sign",
               "1 in place of": "a covariance does not change when all points move"})

EXERCISES = [LINEAR, COSINE, NOISE, BATCH, LOSS, STEP, CHAIN, GUIDED, FRECHET]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("one_go", "Ten steps of noise, or one with the same alpha_bar in the end: what is the difference between the two noisy pictures?", {
        "a": ("Ten steps leave more of the picture", "what is left is the product of what the steps leave: alpha_bar, in both."),
        "b": ("None that could be seen in many pictures: both have the same distribution", "a sum of independent normal noises is normal, its variance the sum of theirs."),
        "c": ("One step makes the noise coarser", "noise is drawn for each pixel, in both."),
    }, answer="b"),
    Quiz("loss", "After training the loss is far from 0, and yet the pictures are good. Why?", {
        "a": ("The net was not trained long enough", "longer training lowers it a little; it does not go to 0."),
        "b": ("Where there is hardly any noise in a picture, or where several pictures fit, nobody could say which noise it was",
              "the least loss is what a perfect guesser would have left. It depends on the data and the schedule."),
        "c": ("The loss is not connected with the pictures", "a net that has learned nothing has loss 1 and draws noise, as you will see."),
    }, answer="b"),
    Quiz("confidence", "A generator draws the same perfect 3 every time. What do the three scores say?", {
        "a": ("Confidence high, one class covered, Fréchet distance large", "the judge is sure, and the other two see that nine kinds of digits, and all variety, are missing."),
        "b": ("Confidence low, since the judge gets bored", "the judge looks at one picture at a time."),
        "c": ("All three are good, since the 3 is perfect", "then a photocopier would be the best generator."),
    }, answer="a"),
]


def judge_pictures(draw):
    """300 pictures, 30 of each digit in order, read right by the judge and as far from the test digits as real ones are."""
    from .generators import Judge, load

    labels = np.repeat(np.arange(10), 30)
    pictures = np.asarray(draw(labels.copy()), float)
    if pictures.shape != (300, 8, 8) or not np.isfinite(pictures).all():
        return False, f"300 pictures are wanted, an array of shape (300, 8, 8); got shape {pictures.shape}."
    digits = load()
    judge = Judge(digits)
    pictures = np.clip(pictures, -1, 1)
    right = float(np.mean(judge.probabilities(pictures).argmax(axis=1) == labels))
    distance = judge.score(pictures, ex.frechet_distance)["distance"]
    far = np.sqrt(((pictures[:, None] - digits.x_train[None]) ** 2).sum(axis=(2, 3))).min(axis=1)
    copies = float(np.mean(far < 0.5))
    reached = right >= 0.99 and distance <= 4 and copies <= 0.02
    return reached, f"{right:.1%} are read as the digit asked for (99 % wanted), the distance is {distance:.1f} (4 or less), {copies:.0%} are copies of training digits (2 % at most)."


CHALLENGE = Challenge(
    "asked_for", "Thirty of each",
    "Write `my_pictures(labels)`, which draws thirty zeros, thirty ones, …, thirty nines, an array (300, 8, 8). The judge has to read 99 % of them as asked for, their Fréchet distance has to be "
    "at most 4, about that of real digits, and copies of training digits do not count. The scale of guidance decides; it need not be the same at every step.", judge_pictures)
