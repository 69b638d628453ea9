"""A learner's answers beside the reference's: part by part, case by case, all of it plain data."""
import functools
import inspect
from collections import Counter

import numpy as np

from .calling import Fault, Odd, play
from .exercise import Estimate

FINE = "as asked for"  # what an exercise's `observe` says where it finds nothing; otherwise it says what it finds


@functools.cache
def reference_outcomes(exercise):
    """Outcome of the reference on every case."""
    outcomes = [play(exercise, exercise.reference, case) for case in exercise.cases]
    for case, outcome in zip(exercise.cases, outcomes):
        if outcome.failure or isinstance(outcome.value, Fault):
            raise RuntimeError(f"the reference of {exercise.name} fails on {case}: {outcome.failure or outcome.value}")
    return outcomes


def parts(exercise, outcome, k):
    """What one call gave in case k: {name: leaf}, or the failure it ended in."""
    return outcome.failure or leaves(outcome.value, reference_outcomes(exercise)[k].value, exercise.returns)


class Answers:
    """A learner's outcomes on all cases of an exercise, compared with the reference's.

    Attributes
    ----------
    expected, got : list, one a case: {name: leaf}; `got` may hold a Failure instead
    judged : indices of the cases that count, extremes left out, the smallest inputs first
    names : names of the outputs, of which a case may lack some (a net of two layers has no `dW3`);  wrong : those that differ in any judged case
    failing : judged cases with any difference;  failures : [(Failure, case index)]
    """

    def __init__(self, exercise, outcomes):
        self.exercise, self.outcomes, self.cases, self.orders = exercise, outcomes, exercise.cases, {}
        self.expected = [parts(exercise, o, k) for k, o in enumerate(reference_outcomes(exercise))]
        self.got = [parts(exercise, o, k) for k, o in enumerate(outcomes)]
        self.judged = sorted((k for k, c in enumerate(self.cases) if not c.remark),
                             key=lambda k: size(self.cases[k].args))
        self.names = list(dict.fromkeys(n for e in self.expected for n in e))
        self.failures = [(self.got[k], k) for k in self.judged if not isinstance(self.got[k], dict)]
        whole = [k for k in self.judged if isinstance(self.got[k], dict)]
        off = {k: [n for n, like in self.expected[k].items() if not close(self.got[k][n], like)] for k in whole}
        self.failing = [k for k in self.judged if off.get(k, True)]
        self.wrong = [n for n in self.names if any(n in off[k] for k in whole)]

    def telling(self, names):
        """The judged cases that have any of these outputs, those first in which one of them is wrong: there a wrong guess shows soonest."""
        if names not in self.orders:
            having = [k for k in self.judged if any(n in self.expected[k] for n in names)]
            self.orders[names] = sorted(having, key=lambda k: all(close(self.got[k][n], self.expected[k][n]) for n in names if n in self.expected[k]))
        return self.orders[names]

    def having(self, name):
        """The judged cases that have this output."""
        return [k for k in self.judged if name in self.expected[k]]

    def argument(self, k, i):
        """The i-th argument in a case; where the case leaves it out, its default."""
        args = self.cases[k].args
        return args[i] if i < len(args) else inspect.signature(self.exercise.reference).parameters[self.exercise.parameters[i]].default

    def describe(self, k):
        """A case in a few words: its sizes, or its inputs where they are few."""
        case = self.cases[k]
        if case.label:
            return case.label
        shown = [f"{n} = {inline(a)}" for n, a in zip(self.exercise.parameters, case.args) if not isinstance(a, np.random.Generator)]
        if shown and size(case.args) <= 4:
            return ", ".join(shown)
        return ", ".join(f"{n} = {v}" for n, v in case.sizes.items())

    def smallest(self):
        """The smallest failing case in a sentence: what was expected, what came."""
        k = self.failing[0]
        name = next(n for n in self.wrong if n in self.expected[k] and not close(self.got[k][n], self.expected[k][n]))
        return f"For {self.describe(k)}: {self.difference(name)}."

    def difference(self, name):
        """Expected and got, for one output on the smallest case in which it differs."""
        k = next(k for k in self.having(name) if isinstance(self.got[k], dict)
                 and not close(self.got[k][name], self.expected[k][name]))
        got, like = self.got[k][name], self.expected[k][name]
        if isinstance(got, Odd):
            return f"`{name}`: {got.what}"
        if isinstance(like, Estimate):
            return f"`{name}` should be {number(like.value)} give or take {number(like.within)}, got {number(got.value)}"
        if isinstance(like, str) and like == FINE:
            return f"`{name}` is not as asked for"
        if not isinstance(like, np.ndarray):
            return f"expected {listed([name])} = {like!r}, got {got!r}"
        if got.shape != like.shape:
            return f"`{name}` has shape {got.shape}, expected {like.shape}"
        if like.size <= 4 and like.ndim < 2:
            return f"expected `{name}` = {inline(like, got)}, got {inline(got, like)}"
        at = np.unravel_index(np.argmax(~np.isclose(got.astype(float), like.astype(float), rtol=tolerance(got, like)[0], atol=0, equal_nan=True)), like.shape)
        place = ", ".join(map(str, at))
        return f"expected `{name}[{place}]` = {number(like[at], got[at])}, got {number(got[at], like[at])}"

    def inputs(self, k=None):
        """The inputs of a case, the smallest failing one, as lines to paste; nothing where they are many."""
        case = self.cases[self.failing[0] if k is None and self.failing else k or 0]
        if size(case.args) > 60:
            return ""
        return "\n".join(f"{n} = {literal(a)}" for n, a in zip(self.exercise.parameters, case.args))

    def _stands(self, k):
        """Whether an answer is fine at an extreme: finite, and the reference's where that is finite."""
        def fine(got, like):
            return isinstance(got, np.ndarray) and np.isfinite(got).all() and (close(got, like) or not np.isfinite(like).all())
        return isinstance(self.got[k], dict) and all(fine(self.got[k][n], like) for n, like in self.expected[k].items())

    def remarks(self):
        """What to say of right answers: extremes that break them, warnings on the way."""
        found = [c.remark for k, c in enumerate(self.cases) if c.remark and not self._stands(k)]
        warned = sorted({w for k, c in enumerate(self.cases) if not c.remark or self._stands(k) for w in self.outcomes[k].warned})
        return found + [f"numpy warned: {w}. The results are right all the same." for w in warned]


# --- numbers and names in sentences ----------------------------------------------------------------------------------

def number(value, other=None):
    """A number with four significant digits, with more where another one would look the same."""
    for digits in (4, 7, 12):
        text = f"{float(value):.{digits}g}"
        if other is None or text != f"{float(other):.{digits}g}":
            break
    return text


def inline(value, other=None):
    """A small array or number in a sentence."""
    if not isinstance(value, np.ndarray | np.generic | float | int):
        return repr(value)
    other = value if other is None else np.asarray(other)
    if np.ndim(value) == 0:
        return number(value, None if other is value else other)
    if np.ndim(value) > 1:
        return "[" + ", ".join(inline(v) for v in value) + "]"
    pairs = zip(value, other if np.shape(other) == np.shape(value) else value)
    return "[" + ", ".join(number(v, o if v != o else None) for v, o in pairs) + "]"


def size(value):
    """How many numbers an input holds, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(size, value)) if isinstance(value, list | tuple) else np.size(value)


def literal(value):
    """An input as Python source."""
    if isinstance(value, np.random.Generator):
        return f"np.random.default_rng({value.bit_generator.seed_seq.entropy})"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, separator=", ", threshold=100)
        return f"np.array({text})".replace("\n", "\n" + " " * 9)
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}": {literal(v)}' for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        left, right = "[]" if isinstance(value, list) else ("(", ",)" if len(value) == 1 else ")")
        return left + ", ".join(map(literal, value)) + right
    return repr(value)


def listed(names):
    """`a`, `b` and `c`; of many the first ones and the last."""
    quoted = [f"`{n}`" if " " not in n else n for n in names]
    if len(quoted) > 7:
        return ", ".join(quoted[:3]) + f", … and {quoted[-1]} ({len(quoted)} in all)"
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


# --- plain data, leaf by leaf ----------------------------------------------------------------------------------------

def describe(value):
    """What a piece of plain data is, in words."""
    if value is None:
        return "None"
    if isinstance(value, Odd):
        return value.what
    if isinstance(value, bool | str):
        return repr(value) if len(repr(value)) < 40 else "a string"
    if isinstance(value, int | float | complex | np.generic):
        return f"the number {value}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, dict):
        return "a dict with " + (", ".join(f'"{k}"' for k in value) or "no keys")
    return f"a {type(value).__name__} of {len(value)}"


def leaves(value, like, name):
    """The parts of an answer that are compared one by one.

    Parameters
    ----------
    value, like : plain data
        An answer, and the reference's, whose structure is followed.
    name : str or tuple of str
        What the whole, or each part of a tuple, is called.

    Returns
    -------
    dict {name: array, string, None, Estimate, or Odd where the structure differs}
    """
    if isinstance(value, Fault) or isinstance(value, Odd) and value.whole:
        return dict.fromkeys(leaves(like, like, name), value)
    if isinstance(like, Estimate):
        return {name: value}
    if isinstance(like, dict):
        found = {}
        for key, part in like.items():
            if isinstance(value, dict) and key in value:
                found |= leaves(value[key], part, key)
            elif isinstance(value, dict):
                found |= _all(part, key, f'there is no key "{key}" (the keys are {_keys(value)})')
            else:
                found |= _all(part, key, f"expected a dict with {_keys(like)}, got {describe(value)}")
        return found
    if isinstance(like, tuple):
        names = name if isinstance(name, tuple) else tuple(f"{name}[{i}]" for i in range(len(like)))
        if isinstance(value, list) and len(value) == len(like):
            value = tuple(value)
        if not isinstance(value, tuple) or len(value) != len(like):
            want = f"expected {len(like)} things, {_named(names)[1:-1]}; got "
            got = f"{len(value)}" if isinstance(value, tuple) else describe(value)
            return _joined([_all(part, n, want + got) for part, n in zip(like, names)], names)
        return _joined([leaves(item, part, n) for item, part, n in zip(value, like, names)], names)
    if isinstance(like, list) and not all(isinstance(x, int | float | np.generic) for x in like):
        if not isinstance(value, list | tuple) or len(value) != len(like):
            return _all(like, name, f"expected a list of {len(like)}, got {describe(value)}")
        return {k: v for i, (item, part) in enumerate(zip(value, like)) for k, v in leaves(item, part, f"{name}[{i}]").items()}
    return {name: _leaf(value, like)}


def _joined(parts, names):
    """The leaves of a tuple's parts; a key that several parts have, as two dicts may, is told apart by the part's name."""
    shared = Counter(key for part in parts for key in part)
    return {key if shared[key] == 1 or key == name else f'{name}["{key}"]': leaf for part, name in zip(parts, names) for key, leaf in part.items()}


def _named(name):
    """A name, or names within names in brackets: (Z, (A_prev, W, b))."""
    return name if isinstance(name, str) else "(" + ", ".join(map(_named, name)) + ")"


def _all(like, name, problem):
    return {n: Odd(problem) for n in leaves(like, like, name)}


def _keys(value):
    return ", ".join(f'"{k}"' for k in value) or "none"


def _leaf(value, like):
    """A single array, number, string or None, made comparable with the reference's."""
    if isinstance(value, Odd) and value.whole:
        return value
    if like is None or isinstance(like, str):
        return value if value is None or isinstance(value, str) else Odd(f"expected {like!r}, got {describe(value)}")
    if isinstance(like, list):  # of numbers
        if isinstance(value, list | tuple):
            if all(isinstance(x, bool | int | float | np.generic) or isinstance(x, np.ndarray) and x.size == 1 for x in value):
                return np.array([np.asarray(x, float).reshape(()) for x in value], float)
            return Odd(f"expected a list of numbers, got a list with {next((describe(x) for x in value if size(x) != 1), describe(value[0]))} in it")
        return value if isinstance(value, np.ndarray) and value.ndim == 1 else Odd(f"expected a list of numbers, got {describe(value)}")
    if isinstance(value, list | tuple) and isinstance(like, np.ndarray) and like.ndim:
        return Odd(f"expected an array of shape {like.shape}, got a {type(value).__name__}; `np.array` turns one into the other")
    if not isinstance(value, bool | int | float | np.generic | np.ndarray):
        want = f"an array of shape {like.shape}" if np.ndim(like) else "a number"
        return Odd(f"expected {want}, got {describe(value)}")
    value = np.asarray(value)
    return value.reshape(()) if np.ndim(like) == 0 and value.size == 1 else value


def close(got, like):
    """Whether one leaf agrees with another: same shape, values equal to a tolerance that fits their magnitude."""
    if isinstance(like, Estimate):
        return isinstance(got, Estimate) and bool(abs(got.value - like.value) <= like.within or np.isnan(got.value) and np.isnan(like.value))
    if isinstance(like, np.ndarray) and isinstance(got, np.ndarray):
        return got.shape == like.shape and values_close(got, like)
    return not isinstance(got, np.ndarray) and not isinstance(like, np.ndarray) and type(got) is type(like) and got == like


def values_close(got, like):
    """Whether arrays of one shape agree; float32 is given the room that it needs."""
    relative, absolute = tolerance(got, like)
    got, like = got.astype(float), like.astype(float)
    finite = np.abs(like[np.isfinite(like)])
    scale = finite.max() if finite.size else 0.0
    return bool(np.allclose(got, like, rtol=relative, atol=max(absolute * scale, 1e-15), equal_nan=True))


def tolerance(got, like):
    """How far two arrays may differ, relative to each value and to the largest: more where either is float32."""
    return (1e-3, 1e-5) if any(a.dtype.kind == "f" and a.dtype.itemsize < 8 for a in (got, like)) else (1e-5, 1e-7)
