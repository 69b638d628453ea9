"""From a wrong answer to its cause.

Sources are asked in a fixed order, and only what explains the learner's results exactly, on every case, speaks: the
named mistakes of the exercise, the reference with something changed, how the answers differ from the right ones.
"""
import ast
import copy
import difflib
import functools
import inspect
import re
import sys
import warnings
from dataclasses import dataclass

import numpy as np

from .answers import FINE, close, leaves, listed, number, parts, reference_outcomes, tolerance, values_close
from .calling import Failure, Fault, Odd, TimeUp, play
from .exercise import Estimate, Mistake, namespace_of
from .variants import variants

MOST, MOST_PAIRS = 800, 400
PATIENCE = 0.3  # seconds of computing for one call of a variant, which may loop for ever
MOST_COSTLY, MOST_COSTLY_PAIRS, COSTLY_PATIENCE = 150, 30, 3.0  # where a call takes many milliseconds


@dataclass(frozen=True)
class Cause:
    """An established cause: its short name and what is said of it."""
    name: str
    says: str


class Candidate:
    """A wrong version to compare a learner's results with: its outcomes, computed when they are asked for.

    `clause` follows "as if"; a named mistake has whole sentences instead.
    """

    def __init__(self, exercise, name, function, says="", clause="", origin=None):
        self.exercise, self.name, self.function, self.says, self.clause, self.origin = exercise, name, function, says, clause, origin
        self.known = {}

    def parts(self, k):
        """What it gives in case k: {name: leaf} or a Failure; None if it does not come back."""
        if k not in self.known:
            try:
                outcome = play(self.exercise, self.function, self.exercise.cases[k], patience(self.exercise), computing=True)
                self.known[k] = parts(self.exercise, outcome, k)
            except TimeUp:
                self.known[k] = None
        return self.known[k]


def patience(exercise):
    """Seconds for one call of a variant."""
    return COSTLY_PATIENCE if exercise.costly else PATIENCE


@functools.cache
def named(exercise):
    """The named mistakes, the exercise's own and those of the exercises that its reference calls, as candidates."""
    found = [Candidate(exercise, m.name, mistaken(exercise, m), says=m.says) for m in exercise.mistakes]
    for used in exercise.uses:
        found += [Candidate(exercise, m.name, _with_part(exercise, used, mistaken(used, m)), says=f"In what `{used.name}` does: {m.says}")
                  for m in used.mistakes]
    return found


@functools.cache
def changed(exercise):
    """The reference, the exercises that it calls, then the right versions, with something changed."""
    if not exercise.variants:
        return []
    found = [Candidate(exercise, v.name, v.function, clause=v.says, origin=exercise)
             for v in variants(exercise.source, exercise.name, namespace_of(exercise.reference))]
    for used in exercise.uses:
        found += [Candidate(exercise, v.name, _with_part(exercise, used, v.function), clause=v.says, origin=used)
                  for v in variants(used.source, used.name, namespace_of(used.reference), likely=True)]
    for version in exercise.right:
        source = inspect.getsource(version)
        if "while" not in source:  # with a step left out it may not come back
            found += [Candidate(exercise, v.name, v.function, clause=v.says, origin=version)
                      for v in variants(source, version.__name__, namespace_of(version), likely=True)]
    return found[:MOST_COSTLY if exercise.costly else MOST]


def _with_part(exercise, used, part):
    """The reference with one of the exercises that it calls replaced."""
    scope = {**namespace_of(exercise.reference), used.name: part}
    exec(_compiled(exercise), scope)  # noqa: S102
    return scope[exercise.name]


@functools.cache
def _compiled(exercise):
    return compile(exercise.source, f"<{exercise.name}>", "exec")


def mistaken(exercise, mistake):
    """The function that a named mistake stands for."""
    if mistake.function:
        return mistake.function
    return edited(exercise, mistake.edits(), mistake.name)


def edited_source(exercise, mistake, edits=None):
    """The reference's source after the edits of a mistake, each of which must match exactly once."""
    source = exercise.source
    for old, new in edits or mistake.edits():
        if source.count(old) != 1:
            raise ValueError(f"{exercise.name}, mistake {mistake.name!r}: {old!r} stands {source.count(old)} times in the "
                             "reference, not once")
        source = source.replace(old, new)
    return source


def edited(exercise, edits, label):
    """The reference with these edits of its source, as a function."""
    source = edited_source(exercise, Mistake(label, ""), edits)
    scope = dict(namespace_of(exercise.reference))
    exec(compile(source, f"<{exercise.name}, {label}>", "exec"), scope)  # noqa: S102
    return scope[exercise.name]


# --- wrong values ----------------------------------------------------------------------------------------------------

def explain(answers):
    """The causes of wrong answers, each established on every case; an empty list if none is.

    Parameters
    ----------
    answers : Answers

    Returns
    -------
    list of Cause
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # answers may hold nan, inf, or nothing
        return _faults(answers, answers.failing[:1]) or _known_odd(answers) or _structure(answers) + _explain_values(_sound(answers)) \
            or _faults(answers, answers.failing) or _observed(answers) or _otherwise(answers) or _confused(answers)


def _faults(answers, cases):
    """What the exercise itself has found, in the first of these cases in which it found anything."""
    found = ([Cause(f.name, f.what) for f in dict.fromkeys(v for v in answers.got[k].values() if isinstance(v, Fault))] for k in cases)
    return next(filter(None, found), [])


def _observed(answers):
    """What the exercise's own look at the answer says, in words, of the smallest case that fails; for what no named mistake explains."""
    got, like = (kept[answers.failing[0]] for kept in (answers.got, answers.expected))
    words = dict.fromkeys(v for n, v in got.items() if isinstance(v, str) and isinstance(like[n], str) and like[n] == FINE)
    return [Cause(re.split(r"[:;\d\[]", w)[0].strip().removesuffix(" are") or "not as asked for", f"{w[0].upper()}{w[1:]}.") for w in words]


def _confused(answers):
    """Where an answer is one of a few words: the one that stands, or the one that is missing, in every case that fails."""
    for name in answers.wrong:
        cases = answers.having(name)
        pairs = [(answers.got[k][name], answers.expected[k][name]) for k in cases]
        wrong = [(got, like) for got, like in pairs if got != like] if all(isinstance(w, str) for pair in pairs for w in pair) else []
        if len(wrong) < 2 or len({like for _, like in pairs}) > 6:
            continue
        said, due = map(set, zip(*wrong))
        every = f"in all {len(wrong)} cases that fail"
        if len(said) == 1:
            word = said.pop()
            return [Cause(f"{word} too often", f'"{word}" comes too often: {every} it stands where {_either(due)} is right. Every other answer is right.')]
        if len(due) == 1:
            word = due.pop()
            return [Cause(f"{word} missed", f'"{word}" is missed: {every} it is right, and {_either(said)} comes. Every other answer is right.')]
    return []


def _either(words):
    return " or ".join(f'"{w}"' for w in sorted(words))


def _otherwise(answers):
    """What the exercise can see where nothing else explains, in the smallest case that fails."""
    k, look = answers.failing[0], answers.exercise.otherwise
    found = look and isinstance(answers.got[k], dict) and look(answers.cases[k].args, answers.outcomes[k].value, reference_outcomes(answers.exercise)[k].value)
    return [Cause(*found)] if found else []


def _known_odd(answers):
    """The named mistake that explains all of it, what is missing or of another kind included."""
    if any(isinstance(v, Odd) for k in answers.failing for v in answers.got[k].values()):
        for candidate in named(answers.exercise):
            if _matches(answers, candidate, answers.names):
                return [Cause(candidate.name, candidate.says)]
    return []


def _sound(answers):
    """The answers without the outputs that are missing or of a kind that is not to be computed with."""
    odd = {n for k in answers.failing for n, v in answers.got[k].items() if isinstance(v, Odd)}
    if not odd:
        return answers
    rest = copy.copy(answers)
    rest.names, rest.wrong = ([n for n in names if n not in odd] for names in (answers.names, answers.wrong))
    return rest


def recognised(answers):
    """The named mistake that explains every output on every case, if there is one, in a list."""
    return next(([Cause(c.name, c.says)] for c in named(answers.exercise) if _matches(answers, c, answers.names)), [])


def _explain_values(answers):
    if not answers.wrong:
        return []
    known = recognised(answers)
    if known:
        return known
    plainly = {name: _plain_causes(answers, name) for name in answers.wrong}
    idle = {n: [c for c in causes if "without influence" in c.name] for n, causes in plainly.items()}
    if any(idle.values()):  # what else is off then follows from it
        return _grouped({n: causes for n, causes in idle.items() if causes})
    if all(plainly.values()):
        return _grouped(plainly)
    whole = _whole_variant(answers)
    if whole:
        return whole
    explained = {name: _leaf_causes(answers, name) for name in answers.wrong}
    if all(explained.values()):
        return _grouped(explained)
    few = 3 * sum(map(bool, explained.values())) < len(explained)  # what explains a few of many may fit by accident
    return _pairs(answers) or ([] if few else _grouped(explained))


def _grouped(explained):
    """Causes of single outputs, those that are said of several outputs said once."""
    said = {}
    for output, causes in explained.items():
        for cause in causes:
            said.setdefault((cause.name, cause.says), []).append(output)
    return [Cause(name, says.replace("{outputs}", listed(outputs)).replace("{s}", "s" if len(outputs) == 1 else "")
                  .replace("{is}", "is" if len(outputs) == 1 else "are"))
            for (name, says), outputs in said.items()]


def _structure(answers):
    """Something missing, or of a kind that is not to be computed with."""
    k = next((k for k in answers.failing if any(isinstance(v, Odd) for v in answers.got[k].values())), None)
    if k is None:
        return []
    wrong = [n for n, v in answers.got[k].items() if isinstance(v, Odd)]
    value, like = answers.outcomes[k].value, reference_outcomes(answers.exercise)[k].value
    if value is None:
        return [Cause("nothing returned", "The function returns None: is the last line `return …` missing, or a `return` "
                      "in one of the branches?")]
    if isinstance(like, tuple) and isinstance(value, tuple) and len(value) == len(like):
        names = answers.exercise.returns
        for i in range(len(like)):
            for j in range(i + 1, len(like)):
                swapped = list(value)
                swapped[i], swapped[j] = swapped[j], swapped[i]
                again = leaves(tuple(swapped), like, names)
                if all(close(again[n], e) for n, e in answers.expected[k].items()):
                    return [Cause("results in another order", f"The results are right but stand in another order: "
                                  f"{listed([names[i], names[j]])} have changed places.")]
    what = dict.fromkeys(answers.got[k][n].what for n in wrong)
    if isinstance(like, tuple) and not isinstance(value, tuple) or any(w.startswith("expected 2 things") for w in what):
        name = "not all results returned"
    elif any("no key" in w for w in what):
        name = "key missing"
    elif any("expected a dict" in w for w in what):
        name = "not a dict"
    elif any(" has shape " in w for w in what):
        name = "another shape"
    elif any("expected an array" in w and ("got a list" in w or "got a tuple" in w) for w in what):
        name = "a list, not an array"
    elif any("has shape" in w for w in what):
        name = "another shape"
    elif any("is not finite" in w for w in what):
        name = "not finite"
    elif isinstance(value, tuple) and not (isinstance(like, tuple) and len(like) == len(value)):
        name = "another number of results"
    else:
        name = "another type"
    says = "; ".join(what) + "."
    return [Cause(name, says[0].upper() + says[1:])]


def _matches(answers, candidate, names, turned=False):
    """Whether a candidate gives the learner's results for these outputs, on every judged case."""
    for k in answers.telling(tuple(names)):
        theirs = candidate.parts(k)
        if not isinstance(theirs, dict):
            return False
        for n in names:
            if n not in answers.expected[k]:
                continue
            mine = answers.got[k][n]
            if turned:
                if not isinstance(mine, np.ndarray):
                    return False
                mine = -_floats(mine)
            if not close(mine, theirs[n]) or isinstance(mine, Estimate) and not close(theirs[n], mine):  # neither may hide in the other's room
                return False
    return True


def _dull(answers, name):
    """Whether an answer is the same everywhere, so that many slips would give it."""
    values = [answers.got[k][name] for k in answers.having(name)]
    if not all(isinstance(v, np.ndarray) and v.size for v in values):
        return False
    flat = np.concatenate([v.ravel().astype(float) for v in values])
    like = np.concatenate([np.ravel(answers.expected[k][name]).astype(float) for k in answers.having(name)])
    same = np.all(flat == flat[0]) or not np.isfinite(flat).any()
    return bool(same and not np.all(like == like[0]))


def _whole_variant(answers):
    """The reference with something changed, where that explains every output on every case."""
    if any(_dull(answers, n) for n in answers.wrong):
        return []
    candidates, first = iter(changed(answers.exercise)), None
    for candidate in candidates:
        if _matches(answers, candidate, answers.names):
            first = candidate
            break
    for candidate in candidates:  # another slip of the same piece of source that gives the same
        if candidate.origin is not first.origin:
            break
        if first.clause not in candidate.clause and _matches(answers, candidate, answers.names):
            return [_as_if(first, answers.wrong, f" (Or as if {candidate.clause}: both give the same.)")]
    return [_as_if(first, answers.wrong)] if first else []


def _as_if(candidate, outputs, other=""):
    verb = "comes" if len(outputs) == 1 else "come"
    return Cause(candidate.name, f"{listed(outputs)} {verb} out as if {candidate.clause}.{other}")


def _plain_causes(answers, name):
    """What is seen from one output alone: its shape, and how its values differ in a way that leaves no doubt."""
    causes = []
    shape = _shape_cause(answers, name)
    if shape:
        causes, answers = [shape], _reshaped(answers, name)
        if all(close(answers.got[k][name], answers.expected[k][name]) for k in answers.having(name)):
            return causes
    difference = _relation(answers, name, exact=True) if _comparable(answers, name) else None
    return [*causes, difference] if difference else []


def _leaf_causes(answers, name):
    """What explains one output, whatever the others do."""
    plain = _plain_causes(answers, name)
    if plain:
        return plain
    shape = _shape_cause(answers, name)
    causes = [shape] if shape else []
    answers = _reshaped(answers, name) if shape else answers
    alike = [name]
    if isinstance(answers.expected[answers.having(name)[0]][name], Estimate):  # one statistic alone is no evidence
        alike = [n for n in answers.names if isinstance(answers.expected[answers.having(n)[0]][n], Estimate)]
    for turned in (False, True):
        for candidate in named(answers.exercise):
            if _matches(answers, candidate, alike, turned):
                alone = "" if len(answers.names) == 1 else "Taken alone, {outputs} look{s} like this: "
                return [*causes, *_turned(turned), Cause(candidate.name, alone + candidate.says)]
        if not _dull(answers, name):
            for candidate in changed(answers.exercise):
                if _matches(answers, candidate, alike, turned):
                    return [*causes, *_turned(turned), Cause(candidate.name, f"{{outputs}} come{{s}} out as if {candidate.clause}.")]
    if _comparable(answers, name):
        difference = _relation(answers, name, exact=False)
        if difference:
            return [*causes, difference]
        opposite = next(filter(None, (_relation(_negative(answers, name), name, exact) for exact in (True, False))), None)
        if opposite and "m = 1" not in opposite.name:
            return [*causes, opposite, *_turned(True)]
    return causes


def _turned(turned):
    return [Cause("sign", "The sign of {outputs} is turned round.")] if turned else []


def _pairs(answers):
    """Two slips at once: a named mistake, and another one or a likely variant on top of it."""
    for candidate in _combined(answers.exercise):
        if _matches(answers, candidate, answers.names):
            return list(candidate.says)
    return []


@functools.cache
def _combined(exercise):
    found, edits, most = [], [m for m in exercise.mistakes if m.replace], MOST_COSTLY_PAIRS if exercise.costly else MOST_PAIRS
    for i, a in enumerate(edits):
        for b in edits[i + 1:]:
            try:
                function = edited(exercise, a.edits() + b.edits(), f"{a.name}, {b.name}")
            except (ValueError, SyntaxError):  # they touch the same place
                continue
            found.append(Candidate(exercise, a.name, function, says=(Cause(a.name, a.says), Cause(b.name, b.says))))
    for mistake in exercise.mistakes if exercise.variants else ():
        source = edited_source(exercise, mistake) if mistake.replace else inspect.getsource(mistake.function)
        function = mistaken(exercise, mistake)
        for v in variants(source, function.__name__, namespace_of(function), likely=True) if len(found) < most else ():
            says = Cause(mistake.name, mistake.says), Cause(v.name, f"Besides, it comes out as if {v.says}.")
            found.append(Candidate(exercise, mistake.name, v.function, says=says))
    return found[:most]


# --- how the answers differ ------------------------------------------------------------------------------------------

def _comparable(answers, name):
    return all(isinstance(answers.got[k][name], np.ndarray) for k in answers.having(name))


def _with(answers, name, change):
    """The answers with one output changed, change(got, expected), for a closer look at the rest."""
    other = copy.copy(answers)
    other.orders = {}
    other.got = [{**g, name: change(g[name], e[name])} if isinstance(g, dict) and isinstance(g.get(name), np.ndarray) else g
                 for g, e in zip(answers.got, answers.expected)]
    return other


def _reshaped(answers, name):
    """One output brought into the expected shape where it has the right number of entries."""
    return _with(answers, name, lambda g, e: g if g.size != e.size else (g.T if _is_turned(g, e) else g).reshape(e.shape))


def _negative(answers, name):
    return _with(answers, name, lambda g, e: -_floats(g))


def _floats(values):
    """An array as floats; float32 stays what it is, for the room it needs."""
    return values if values.dtype.kind == "f" else values.astype(float)


def _is_turned(got, like):
    return got.ndim == like.ndim == 2 and got.shape == like.shape[::-1] and min(like.shape) > 1


def _shape_cause(answers, name):
    """The right number of values in another shape."""
    if not _comparable(answers, name) or isinstance(answers.expected[answers.having(name)[0]][name], Estimate):
        return None
    pairs = [(answers.got[k][name], answers.expected[k][name], k) for k in answers.having(name)]
    off = [(g, e, k) for g, e, k in pairs if g.shape != e.shape]
    if not off or any(g.size != e.size for g, e, _ in off):
        return None
    got, like, k = next(((g, e, k) for g, e, k in off if e.size > 1), off[0])
    said = f"`{name}` has shape {got.shape}, expected {like.shape}"
    if got.shape == like.shape[::-1]:
        return Cause("transposed", f"{said}: rows and columns have changed places.")
    if got.ndim == 1 and min(like.shape) > 1:
        return Cause("flattened", f"{said}: all entries stand in a single row. Does a `ravel`, `flatten` or `reshape` lose the axes?")
    if got.ndim < like.ndim:
        return Cause("axis dropped", f"{said}. A sum or an index over an axis drops that axis unless `keepdims=True`; a "
                     f"flat {got.shape} later broadcasts with a column to a square, without complaint.")
    if got.ndim > like.ndim:
        return Cause("an axis too many", f"{said}: there is an axis of length 1 too many.")
    return Cause("another shape", f"{said}.")


def _relation(answers, name, exact):
    """How one output differs from the expected one, if in the same way on every case.

    `exact` asks only for what leaves no doubt about the cause; the rest is asked for when nothing else explains.
    """
    pairs = [(_floats(answers.got[k][name]), _floats(np.asarray(answers.expected[k][name])), k) for k in answers.having(name)]
    for relation in _EXACT if exact else _LOOSE:
        cause = relation(answers, name, pairs)
        if cause:
            return cause
    return None


def _always(pairs, holds):
    return all(holds(g, e) for g, e, _ in pairs)


def _near(a, b):
    return a.shape == b.shape and values_close(a, b)


def _constant(answers, name, pairs):
    if not _dull(answers, name):
        return None
    value = pairs[0][0].ravel()[0]
    if not np.isfinite(value):
        return Cause("not a number", f"{{outputs}} {{is}} {value} in every case: is there a division by 0 or the logarithm of 0 "
                     "or of a negative number?")
    return Cause("constant answer", f"{{outputs}} {{is}} {number(value)} everywhere, whatever the inputs are: do two terms cancel, does a "
                 "division or a type cut it to a whole number, or is it still the value it began with?")


def _remembered(answers, name, pairs):
    shapes = {g.shape for g, _, _ in pairs}
    first = pairs[0][0]
    if len(pairs) > 2 and len(shapes) == 1 and all(np.array_equal(g, first, equal_nan=True) for g, _, _ in pairs) \
            and not _always(pairs, lambda g, e: _near(e, pairs[0][1])):
        return Cause("the same answer for every input", "{outputs} {is} the same for every input, as if it were written into the "
                     "code or remembered from the first call.")
    return None


def _without_influence(answers, name, pairs):
    """An argument that changes the right answer and not the learner's, seen on the twin cases."""
    cases = answers.cases
    at = next((k for k in answers.having(name) if cases[k].twin), None)
    if at is None or _few_bits([answers.got[at][name]]) or answers.got[at][name].shape != answers.expected[at][name].shape:
        return None
    base = next(k for k in answers.judged if not cases[k].twin
                and all(a is b for j, (a, b) in enumerate(zip(cases[k].args, cases[at].args)) if j not in cases[at].twin))
    idle = []
    for k in answers.having(name):
        if cases[k].twin and not close(answers.expected[k][name], answers.expected[base][name]) \
                and np.array_equal(answers.got[k][name], answers.got[base][name], equal_nan=True):
            idle += [answers.exercise.parameters[i] for i in cases[k].twin]
    live = [k for k in answers.having(name) if cases[k].twin
            and not np.array_equal(answers.got[k][name], answers.got[base][name], equal_nan=True)]
    if not idle or not live:
        return None
    return Cause(f"{', '.join(idle)} without influence", f"{{outputs}} {{is}} the same whatever {listed(idle)} "
                 f"{'is' if len(idle) == 1 else 'are'}: the value is never used, or another one, written into the code or taken "
                 "from outside, stands in its place.")


def _factor(answers, name, pairs):
    """A constant factor, or one that is a size or a number among the arguments."""
    ratios = []
    for g, e, k in pairs:
        norm = float(np.sum(e * e))
        if g.shape != e.shape or not np.isfinite(g).all() or not np.isfinite(norm):
            return None
        if norm == 0:
            if np.any(g):
                return None
            continue
        r = float(np.sum(g * e)) / norm
        if r == 0 or not _near(g, r * e):
            return None
        ratios.append((r, k))
    if len(ratios) < 2:
        return None
    r0 = ratios[0][0]
    if all(np.isclose(r, r0, rtol=1e-4) for r, _ in ratios):
        return _constant_factor(r0)
    for sign in (1, -1):
        turned = "" if sign > 0 else " and the sign is turned round"
        for symbol, value in _symbols(answers, ratios):
            for scale, scaled in ((1, ""), (2, "twice "), (0.5, "half ")):
                if "/" in symbol and scale == 1 and all(np.isclose(r, sign * value[k], rtol=1e-4) for r, k in ratios):
                    right, mine = (answers.exercise.names.get(n, f"`{n}`") for n in symbol.split("/"))
                    return Cause(f"divided by {symbol.split('/')[1]}" + turned, f"{{outputs}} come{{s}} out as if divided by {mine} instead of "
                                 f"{right}{turned}.")
                if all(np.isclose(r, sign * scale * value[k], rtol=1e-4) for r, k in ratios):
                    return Cause(f"times {symbol}" + turned, f"{{outputs}} come{{s}} out {scaled or 'exactly '}{symbol} times too large"
                                 f"{turned}" + _mean(answers, symbol, scaled))
                if "/" not in symbol and all(np.isclose(r, sign * scale / value[k], rtol=1e-4) for r, k in ratios):
                    return Cause(f"divided by {symbol}" + turned, f"{{outputs}} come{{s}} out {symbol} times too small"
                                 + (f" and then {scaled.strip()} of that" if scaled else "") + f"{turned}"
                                 + _divided(answers, symbol))
    return None


def _symbols(answers, ratios):
    """Sizes, products of two of them, quotients, and numbers among the arguments: (name, {case: value})."""
    ks = [k for _, k in ratios]
    sizes = {n: {k: answers.cases[k].sizes.get(n) for k in ks} for n in answers.cases[ks[0]].sizes}
    sizes = {n: v for n, v in sizes.items() if all(isinstance(x, int) and x > 0 for x in v.values())}
    for i, n in enumerate(answers.exercise.parameters):
        v = {k: answers.argument(k, i) for k in ks}
        if all(isinstance(x, int | float) and x for x in v.values()):
            sizes[n] = v
    found = [(n, v) for n, v in sizes.items() if len(set(v.values())) > 1]
    quotients = [(f"{a}/{b}", {k: v[k] / w[k] for k in ks}) for a, v in found for b, w in found if a != b]
    products = [(f"{a}·{b}", {k: v[k] * w[k] for k in ks}) for i, (a, v) in enumerate(found) for b, w in found[i:]]
    return found + quotients + products


def _mean(answers, symbol, scaled):
    meaning = answers.exercise.names.get(symbol)
    if symbol == "m" and not scaled:
        return f", as if the division by {meaning} were missing."
    return f"; {symbol} is {meaning}." if meaning else "."


def _divided(answers, symbol):
    meaning = answers.exercise.names.get(symbol)
    return f"; {symbol} is {meaning}." if meaning else "."


KNOWN = {2: "twice too large", 0.5: "half as large as expected", 100: "a hundred times too large: percent or a fraction?",
         0.01: "a hundred times too small: percent or a fraction?", 1 / np.log(2): "as if the logarithm to base 2 were taken",
         1 / np.log(10): "as if the logarithm to base 10 were taken", 4: "four times too large", 0.25: "a quarter of what is expected"}


def _constant_factor(r):
    size = abs(r)
    words = next((w for v, w in KNOWN.items() if np.isclose(size, v, rtol=1e-4)), None)
    if np.isclose(size, 1, rtol=1e-4):
        return Cause("sign", "{outputs} {is} right but for the sign, which is turned round.")
    words = words or f"{number(size)} times what is expected, in every case"
    turned = ", and the sign is turned round" if r < 0 else ""
    return Cause(f"factor {number(r)}", f"{{outputs}} come{{s}} out {words}{turned}.")


def _exchanged(answers, name, pairs):
    """Another output, or an argument, in the place of this one."""
    for other in answers.names:
        if other != name and all(close(answers.got[k][name], answers.expected[k].get(other)) for _, _, k in pairs):
            return Cause(f"{other} in place of {name}", f"{{outputs}} hold{{s}} what `{other}` should.")
    for i, parameter in enumerate(answers.exercise.parameters):
        if all(isinstance(answers.argument(k, i), np.ndarray | float | int) and _near(g, np.asarray(answers.argument(k, i), float))
               for g, _, k in pairs):
            return Cause(f"{parameter} handed back", f"{{outputs}} {{is}} the input `{parameter}`, unchanged.")
    return None


def _simple(name, says, holds):
    """A relation that is one formula, g of e, on every case."""
    return lambda answers, output, pairs: Cause(name, says) if _always(pairs, holds) else None


def _truncated(answers, name, pairs):
    if _always(pairs, lambda g, e: g.shape == e.shape and np.all(g == np.round(g))) and \
            not _always(pairs, lambda g, e: np.all(e == np.round(e))):
        for how in (np.trunc, np.round, np.floor):
            if _always(pairs, lambda g, e, how=how: np.array_equal(g, how(e))):
                return Cause("whole numbers", "{outputs} {is} rounded to whole numbers: does an array of integers, `//` or `int(…)` "
                             "swallow what stands after the point?")
    return None


def _rounded(answers, name, pairs):
    for decimals in range(1, 7):
        if _always(pairs, lambda g, e, d=decimals: g.shape == e.shape and np.allclose(g, np.round(e, d), rtol=0, atol=1e-12)):
            return Cause("rounded", f"{{outputs}} {{is}} rounded to {decimals} decimal{'s' * (decimals > 1)}. Leave the number as it is: rounding is for showing it.")
    return None


def _summed(answers, name, pairs):
    """Not added up, or added up too far."""
    if all(not e.any() for _, e, _ in pairs):
        return None
    if _always(pairs, lambda g, e: e.size == 1 and np.size(g) >= 1 and np.isclose(g.sum(), e.sum(), rtol=1e-5)) and \
            any(g.size > 1 for g, _, _ in pairs):
        return Cause("not added up", "{outputs} {is} an array whose entries add up to the right number: a sum is "
                     "missing, or one runs over a single axis only. (Python's own `sum` adds up the rows.)")
    if _always(pairs, lambda g, e: e.size == 1 and np.isclose(g.mean(), e.mean(), rtol=1e-5)) and any(g.size > 1 for g, _, _ in pairs):
        return Cause("mean not taken", "{outputs} {is} an array whose mean is the right number: the mean over it is missing.")
    if any(e.size > 1 for _, e, _ in pairs) and _always(pairs, lambda g, e: g.size == 1):
        for word, how in (("sum", np.sum), ("mean", np.mean)):
            if _always(pairs, lambda g, e, how=how: np.isclose(float(g.ravel()[0]), how(e), rtol=1e-5)):
                return Cause(f"{word} over everything", f"{{outputs}} {{is}} one number, the {word} of the entries expected: it runs over "
                             "all axes; which one should it run over?")
    return None


def _not_one_number(answers, name, pairs):
    if _always(pairs, lambda g, e: e.size == 1) and any(g.size != 1 for g, _, _ in pairs):
        g = next(g for g, _, _ in pairs if g.size != 1)
        return Cause("an array for a number", f"{{outputs}} {{is}} an array of shape {g.shape}; one number is expected.")
    return None


def _not_zero(answers, name, pairs):
    if all(not e.any() for _, e, _ in pairs) and _always(pairs, lambda g, e: g.shape == e.shape):
        return Cause("not zero", "{outputs} should be 0 everywhere: are other numbers, perhaps random ones, put in?")
    return None


def _square(answers, name, pairs):
    """A column and a flat array broadcast to a matrix."""
    if _always(pairs, lambda g, e: g.ndim == 2 and 1 in e.shape[-2:] and g.shape == (max(e.shape), max(e.shape))) and \
            any(e.size > 1 for _, e, _ in pairs):
        g, e, _ = next(p for p in pairs if p[1].size > 1)
        return Cause("broadcast to a square", f"{{outputs}} {{is}} of shape {g.shape}, expected {e.shape}: a square. If you did not mean to make "
                     "one, it comes from broadcasting: a column combined with a flat array or a row of the same length.")
    return None


def _length(answers, name, pairs):
    """A list with too few or too many entries at an end."""
    if not _always(pairs, lambda g, e: g.ndim == e.ndim == 1):
        return None
    for says, holds in (
            ("the last entry is missing", lambda g, e: len(g) == len(e) - 1 and _near(g, e[:-1])),
            ("the first entry is missing", lambda g, e: len(g) == len(e) - 1 and _near(g, e[1:])),
            ("there is one entry too many at the end", lambda g, e: len(g) == len(e) + 1 and _near(g[:-1], e)),
            ("there is one entry too many at the beginning", lambda g, e: len(g) == len(e) + 1 and _near(g[1:], e)),
            ("only the last entry is there", lambda g, e: len(g) == 1 and _near(g, e[-1:])),
            ("only the first entry is there", lambda g, e: len(g) == 1 and _near(g, e[:1])),
            ("it is empty", lambda g, e: len(g) == 0)):
        if _always([p for p in pairs if len(p[1]) > 1], holds):
            return Cause(says, f"Of {{outputs}}, {says}; the others are right." if "only" not in says and "empty" not in says
                         else f"Of {{outputs}}, {says}." if "only" in says else "{outputs} {is} empty: nothing was ever added.")
    return None


def _other_order(answers, name, pairs):
    """The right numbers in other places."""
    if not _always(pairs, lambda g, e: g.size == e.size and _near(np.sort(g, axis=None), np.sort(e, axis=None))):
        return None
    if _always(pairs, lambda g, e: e.ndim and _near(g, e[::-1])):
        return Cause("reversed", "{outputs} hold{s} the right numbers, in reversed order.")
    return Cause("right numbers, wrong places", "{outputs} hold{s} exactly the right numbers, but in other places: look at the order of "
                 "the axes, in a reshape or transpose, or at what the loop writes where.")


def _incomplete(answers, name, pairs):
    """Entries that are missing, or too many, the others being right."""
    def within(a, b):
        return a.size < b.size and all(np.isclose(b, v, rtol=1e-4 * tolerance(a, b)[0], atol=1e-12).any() for v in a.ravel())
    big = [(g, e) for g, e, _ in pairs if e.size > 1]
    if not big or any(len(np.unique(e)) < min(4, e.size) for _, e in big):
        return None
    g, e = big[0]
    if all(within(g, e) for g, e in big):
        return Cause("part of it missing", f"{{outputs}} hold{{s}} only part of what is expected: {g.size} of {e.size} numbers, shape "
                     f"{g.shape} for {e.shape}. Those that are there are right; which are left out?")
    if all(within(e, g) for g, e in big):
        return Cause("more than asked for", f"{{outputs}} hold{{s}} all that is expected and more: {g.size} numbers for {e.size}, shape "
                     f"{g.shape} for {e.shape}.")
    return None


def _partly(answers, name, pairs):
    """Entries that were never filled in."""
    def holds(g, e):
        return g.shape == e.shape and (_near(g, e) or np.any(g) and _near(np.where(g == 0, e, g), e))
    if _always(pairs, holds) and any(np.mean((g == 0) & (e != 0)) > 0.05 for g, e, _ in pairs):
        return Cause("only partly filled in", "Where {outputs} {is} not 0 the numbers are right; the other entries are still 0: does the loop "
                     "reach all of them?")
    return None


def _not_finite(answers, name, pairs):
    """Right wherever finite: the formula breaks at extreme inputs."""
    def holds(g, e):
        return g.shape == e.shape and _near(np.where(np.isfinite(g), g, e), e)
    if _always(pairs, holds):
        k = next(k for g, e, k in pairs if not np.isfinite(g).all())
        return Cause("not stable", f"{{outputs}} {{is}} right except where it is not finite (nan or inf), for {answers.describe(k)}: an "
                     "intermediate result grows too large for a float. Which rewriting of the formula keeps it small?")
    return None


def _few_bits(values):
    """Whether answers are so few and so simple, such as two zeros, that agreement says little."""
    flat = np.concatenate([np.ravel(v) for v in values]) if values else np.zeros(0)
    return np.all(flat == np.round(flat)) and flat.size < 16


def _one_example(answers, name, pairs):
    """Right for a single example only."""
    small = [k for _, _, k in pairs if answers.cases[k].sizes.get("m") == 1]
    if _few_bits([answers.expected[k][name] for k in small]):
        return None
    good = [k for g, e, k in pairs if _near(g, e)]
    if small and set(small) <= set(good) and not set(good) - set(small):
        return Cause("right only for m = 1", "{outputs} {is} right for m = 1 and wrong for every larger m: how are the examples put together?")
    large = [k for _, _, k in pairs if answers.cases[k].sizes.get("m", 1) > 1]
    if small and set(large) <= set(good) and not set(good) - set(large):
        return Cause("wrong for m = 1", "{outputs} {is} right for several examples and wrong for a single one: does something drop or merge "
                     "an axis of length 1, as `np.squeeze` does?")
    return None


_EXACT = (_exchanged, _constant, _length, _remembered, _without_influence, _square, _factor, _summed, _truncated, _rounded)
_LOOSE = (
    _not_finite,
    _simple("one minus it", "{outputs} {is} 1 minus what is expected.", lambda g, e: _near(g, 1 - e)),
    _simple("squared", "{outputs} {is} the square of what is expected: is a root missing?", lambda g, e: _near(g, e ** 2)),
    _simple("root", "{outputs} {is} the square root of what is expected.", lambda g, e: np.all(e >= 0) and _near(g, np.sqrt(np.abs(e)))),
    _simple("reciprocal", "{outputs} {is} 1 divided by what is expected.", lambda g, e: np.all(e != 0) and _near(g, 1 / np.where(e == 0, 1, e))),
    _simple("absolute value", "{outputs} {is} right but for the signs: none is negative.", lambda g, e: _near(g, np.abs(e))),
    lambda answers, name, pairs: _offset(pairs),
    _other_order, _incomplete, _partly, _not_one_number, _not_zero, _one_example)


def _offset(pairs):
    gaps = [g - e for g, e, _ in pairs if g.shape == e.shape]
    if len(gaps) < len(pairs) or not gaps[0].size or sum(gap.size for gap in gaps) < 2:  # of a single number it says nothing
        return None
    c = gaps[0].ravel()[0]
    if np.isfinite(c) and all(np.allclose(gap, c, rtol=1e-5, atol=1e-9) for gap in gaps):
        return Cause(f"{number(c)} added", f"{{outputs}} come{{s}} out {number(abs(c))} too {'large' if c > 0 else 'small'} in every case.")
    return None


# --- exceptions ------------------------------------------------------------------------------------------------------

def explain_failure(answers):
    """The slip that stops in the same way, on the same cases, and gives the same results on the others; or None."""
    products = changed(answers.exercise) if answers.failures[0][0].operation == "matmul" else []
    for candidate in [*named(answers.exercise), *(c for c in products if "transpose" in c.name), *(c for c in products if "@ in place" in c.name)]:
        if (candidate.says or candidate.clause) and all(_same_end(answers.got[k], candidate.parts(k)) for k in [answers.failures[0][1], *answers.judged]):
            return Cause(candidate.name, candidate.says or f"That is what happens if {candidate.clause.replace(' were ', ' is ')}.")
    return None


def _same_end(mine, theirs):
    if isinstance(mine, Failure) and isinstance(theirs, Failure):
        met = _met(mine), _met(theirs)
        return mine.kind == theirs.kind and _essence(mine.text) == _essence(theirs.text) and (None in met or met[0] == met[1])
    return isinstance(mine, dict) and isinstance(theirs, dict) and all(close(mine[n], theirs[n]) for n in mine)


def _essence(text):
    """An exception's text without the differences between np.dot and @."""
    dims = re.search(r"(\d+) \(dim \d+\) != (\d+) \(dim \d+\)", text)
    if dims:
        return dims.groups()
    sizes = re.search(r"size (\d+) is different from (\d+)", text)
    return sizes.groups()[::-1] if sizes else text


def _met(failure):
    """The shapes of the two that met in a product that failed, where they are known."""
    said = re.search(r"shapes (\(.*?\)) and (\(.*?\)) not aligned", failure.text)
    if said:
        return tuple(map(ast.literal_eval, said.groups()))
    shapes = tuple(shape for _, shape in failure.operands)
    return shapes if failure.operation == "matmul" and all(isinstance(shape, tuple) for shape in shapes) else None


def failure_sentence(failure, exercise):
    """An exception as a Cause: its short name, and what was done to what, with shapes."""
    known = [(source, shape) for source, shape in failure.operands if isinstance(shape, tuple)]
    shown = [f"`{source}` {shape}" for source, shape in known]
    types = re.search(r"expected to be an? (\w+) tensor but is an? (\w+) tensor", failure.text)
    if types:
        want, got = ({"float": "float32", "double": "float64"}.get(t, t) for t in types.groups())
        return Cause("types do not fit", f"{want} meets {got}: TensorFlow converts no tensor's type by itself. Make both the same, with `tf.cast` or by the "
                     "`dtype` of what you convert; arrays of numpy are float64 unless told otherwise, TensorFlow's own numbers float32.")
    if "ndims must be >= 2" in failure.text:
        flat = next((f"; {text} is flat" for text, (_, shape) in zip(shown, known) if len(shape) < 2), "")
        return Cause("flat tensor in a product", f"`tf.matmul` takes matrices, tensors of rank 2 or more{flat}.")
    if failure.operation == "matmul" and len(known) == 2 and (failure.kind == "ValueError" or "In[0]" in failure.text):
        return _no_product(known, shown)
    if failure.operation == "elementwise" and len(known) == 2 and ("broadcast" in failure.text or "Incompatible shapes" in failure.text):
        return Cause("shapes do not fit", f"cannot combine {shown[0]} with {shown[1]} entry by entry: read from the right, lengths must be "
                     "equal or 1.")
    if failure.kind == "NameError" or failure.kind == "UnboundLocalError":
        word = re.search(r"'(\w+)'", failure.text)
        word = word.group(1) if word else "a name"
        if failure.kind == "UnboundLocalError":
            return Cause("variable without a value", f"`{word}` is used before this function gives it a value.")
        near = difflib.get_close_matches(word, [*exercise.parameters, "np", "sigmoid"], 1)
        return Cause("undefined name", f"the name `{word}` is not defined here" + (f"; do you mean `{near[0]}`?" if near else ": a slip "
                     "in the spelling, or a line that is missing?"))
    if "bitwise_xor" in failure.text or failure.kind == "TypeError" and "for ^:" in failure.text:
        return Cause("^ for **", "`^` is not the power in Python (it works on bits); the power is `**`.")
    if "truth value of an array" in failure.text:
        return Cause("if on an array", "an `if`, `and` or `not` takes one truth value, but a comparison of an array gives one for each entry: compare the "
                     "whole array at once, as in `x > 0`, or choose with `np.where`.")
    missing = re.search(r"module '(numpy|tensorflow|keras)[\w.]*?\.?(\w*)' has no attribute '(\w+)'", failure.text)
    if missing:
        return _no_function(*missing.groups())
    old = re.search(r"Generator' object has no attribute '(randn?|randint)'", failure.text)
    if old:
        new = {"rand": "random", "randn": "standard_normal", "randint": "integers"}[old[1]]
        return Cause("no such function", f"a Generator has no `{old[1]}`: in `np.random` it is an old name. Here it is `rng.{new}`, and the shape is one argument, a tuple.")
    if failure.kind == "KeyError" and failure.operation == "subscript" and known:
        return Cause("no such key", f"there is no key {failure.text}; `{known[0][0]}` has {', '.join(known[0][1]) or 'none'}.")
    shown = [text for text, (_, shape) in zip(shown, known) if shape]
    with_shapes = f" Here {' and '.join(shown)}." if shown else ""
    keyword = re.search(r"unexpected keyword argument '(\w+)'", failure.text)
    near = difflib.get_close_matches(keyword[1], KEYWORDS, 1, 0.6) if keyword else []
    hint = {"UFuncTypeError": " Is an array of integers changed in place? Make it float first.",
            "UFuncOutputCastingError": " Is an array of integers changed in place? Make it float first.",
            "AttributeError": " What stands before the point is None: `append` and `sort` change a list and give nothing back." * ("'NoneType'" in failure.text)
            or " A tensor is neither an array nor a variable: `tf.transpose` and the like stand for an array's methods, and `assign` needs a `tf.Variable`."
            * ("EagerTensor" in failure.text and "attribute '_" not in failure.text),
            "ValueError": next((says for part, says in VALUE_ERRORS.items() if part in failure.text), ""),
            "TypeError": next((says for part, says in TYPE_ERRORS.items() if part in failure.text), f" Do you mean `{near[0]}`?" if near else ""),
            "RecursionError": " Does the function call itself?", "SystemExit": " A function gives back its result with `return`."}
    name = "shapes do not fit" if "broadcast" in failure.text or "reshape" in failure.text else _words(failure.kind)
    return Cause(name, f"{failure.kind}: {failure.text.rstrip('.')}.{with_shapes}{hint.get(failure.kind, '')}")


KEYWORDS = ("axis", "keepdims", "dtype", "size", "scale", "loc", "initial", "where", "out", "reps", "mode", "replace")
VALUE_ERRORS = {"a value (None)": " One value is None: does a function lack its `return`, or is it the gradient for something that the tape did not watch?",
                "inhomogeneous": " The arrays that are put together here have different shapes.",
                "Only input tensors may be passed": " A layer stands where a tensor belongs: it has been made, but not called with what it should act on, `layer(x)`."}
TYPE_ERRORS = {"'int' object is not iterable": " A loop goes over `range(n)`, not over the number n.",
               "only length-1 arrays": " Functions of Python's own `math` take one number; `np` has the same ones for whole arrays.",
               "only 0-dimensional arrays": " Functions of Python's own `math`, and `int` and `float`, take one number; `np` has the like for whole arrays.",
               "object does not support item assignment": " A tensor, like a tuple, cannot be written to: build a new one, or use a `tf.Variable`.",
               "got multiple values for argument": " An argument stands in that place and is named as well: give each one by keyword.",
               "object is not subscriptable": " It has no entries to be asked for: are the results of a call taken apart in another order than they come in?",
               "'tuple' and": " A tuple is among the operands: a function that returns several results has to be taken apart first.",
               "'NoneType' and": " One operand is None: does a function that you call lack its `return`?",
               "object is not callable": " Round brackets after a value call it: a `*` or a comma may be missing, or square brackets meant."}


def _words(kind):
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind).lower()


def _no_function(package, module, name):
    """A function that a package lacks, with what may be meant."""
    short = {"numpy": "np", "tensorflow": "tf", "keras": "keras"}[package]
    place = f"{short}.{module}" if module and module not in (package, "v2") else short
    top = sys.modules[package]
    known = {"ln": "log", "power10": "power"} if package == "numpy" else {"dot": "matmul", "sum": "reduce_sum", "mean": "reduce_mean", "log": "math.log"}
    near = known.get(name) or next(iter(difflib.get_close_matches(name, dir(getattr(top, module, top) if module else top), 1, 0.5)), None)
    owner = short if name in known else place
    return Cause("no such function", f"`{place}` has no `{name}`" + (f"; do you mean `{owner}.{near}`?" if near else "."))


def _no_product(known, shown):
    a, b = known[0][1], known[1][1]
    text = f"cannot multiply {shown[0]} with {shown[1]}."
    if len(a) and len(b):
        inner = a[-1], b[0] if len(b) == 1 else b[-2]
        text += f" The inner sizes {inner[0]} and {inner[1]} differ."
        turned = [x for x, fits in ((known[0][0], len(a) == 2 and a[0] == inner[1]), (known[1][0], len(b) == 2 and inner[0] == b[-1])) if fits]
        if a == b:
            text += " Two arrays of the same shape: is the product entry by entry meant, `*`, or should one of them be turned round?"
        elif turned:
            text += " Which of the two should be turned round, so that the inner sizes meet?"
    return Cause("shapes do not fit", text)
