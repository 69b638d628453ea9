"""What an exercise is: a reference, the cases it is tried on, and what is known about its mistakes.

A lab's `graders.py` lists its exercises in order. Nothing here runs a learner's code (that is `calling`) or
judges it (that is `grading`).
"""
import ast
import inspect
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Case:
    """One call: inputs in; what comes out is judged elsewhere.

    `sizes` are the numbers that speak in reports ({"m": 4}); a case with a `remark` is an extreme: it is not
    judged, and the remark is made when the answer there differs from the reference's. `twin` holds the
    indices of the arguments in which the case differs from the first one of its sizes.
    """
    args: tuple
    sizes: dict
    label: str = ""
    remark: str = ""
    twin: tuple = ()


class Estimate(NamedTuple):
    """A statistic of an answer that chance has a part in, and how far it may lie from the reference's.

    Take six standard deviations of the difference: the false-alarm chance is then below 1e-6.
    """
    value: float
    within: float


@dataclass(frozen=True)
class Mistake:
    """A wrong version known by name, with the sentences that teach.

    Either `replace`, an edit (old, new) or several of them, each of which must match the reference's source
    exactly once, or `function`, a whole wrong version.
    """
    name: str
    says: str
    replace: tuple = ()
    function: Any = None

    def edits(self):
        return [self.replace] if self.replace and isinstance(self.replace[0], str) else list(self.replace)


@dataclass(frozen=True)
class Quiz:
    """A question with choices {letter: (text, why it is right or wrong)} and the letter of the right one."""
    name: str
    question: str
    choices: dict
    answer: str


@dataclass(frozen=True)
class Challenge:
    """An open task, graded by its outcome: `judge(attempt)` returns (reached, a sentence with the numbers)."""
    name: str
    title: str
    goal: str
    judge: Any


class Exercise:
    """One exercise, as its lab's graders describe it.

    Parameters
    ----------
    reference : function or class
        From the lab's exercises.py. Its name is the exercise's name, its source what the learner sees.
    title : str
    difficulty, importance : int, 1 to 3
    minutes : int
    draw : callable (rng, **sizes) -> tuple of arguments
        Makes the inputs of a case. Called with each entry of `sizes`, and by the proof with random ones.
    sizes : list of dict
        One case each, the smallest first. The first entry with several examples also gets, for each argument, a
        twin case in which that argument alone is another: an argument without influence shows there.
    returns : str or tuple of str
        Names of what comes back, for reports.
    extra : list of Case
        Further cases, such as extremes.
    mistakes : list of Mistake
    right : list of functions
        Right versions that look different from the reference.
    hints : (concept, formula with shapes, code in outline)
    why : str
        Said with the solution.
    after : str
        Said after a pass: what this made possible.
    names : dict
        What the sizes stand for, {"m": "the number of examples"}.
    numerical : callable (*args) -> dict, optional
        Gradients by finite differences, by the name of the output they belong to.
    race : dict, optional
        Sizes of a case on which a right version is timed against the reference.
    play : callable (function, *args), optional
        How a case is played where it is not a plain call: a class is made and its methods called, or a function called more than
        once. Its parameters after the first name the inputs in reports. Cases are plain data, copied and shown; so where a learner's function takes
        a layer, model, optimizer or function, `draw` makes arrays, weights as lists of arrays and settings, and `play` builds the thing from
        them, calls the learner's function with it, and hands back plain data: what came back, and, say, the weights afterwards.
    observe : callable (args, value) -> value, optional
        What of an answer is judged: statistics (`Estimate`) where chance is in play.
    otherwise : callable (args, got, expected) -> (name, sentence) or None, optional
        What can be seen from the answer in the smallest failing case where no mistake is recognised: an observation, such as which of two factors is another.
    tied : sequence of tuples of str
        Arguments that belong together, as a cache does to the inputs it was made from: their twin case changes them all at once.
    unsteady : str
        What is said when two calls with the same inputs differ, though no rng is among them.
    uses : sequence of Exercise
        Exercises that the reference calls: their mistakes are recognised where a learner wrote the step anew.
    unchanged : dict, optional
        For the proof: variants that change no result, and why, {text found in the variant's name: reason}.
    costly : bool
        One call takes many milliseconds, as with TensorFlow: fewer variants are tried, with more patience, and the proof makes 10 draws, not 200.
    variants : bool
        Whether the reference with something changed is tried at all. Not for builders of models: there `observe` compares the structure
        (labutils.structure), and named mistakes explain; or `play` looks (labutils.anatomy) and hands back a `Fault` that says what it found.
    """

    def __init__(self, reference, *, title, difficulty, importance, minutes, draw, sizes, returns, mistakes, right,
                 hints, why, after, extra=(), names=None, numerical=None, race=None, play=None, observe=None,
                 otherwise=None, tied=(), unsteady="", uses=(), unchanged=None, costly=False, variants=True):
        self.reference, self.name = reference, reference.__name__
        self.title, self.difficulty, self.importance, self.minutes = title, difficulty, importance, minutes
        self.draw, self.sizes, self.extra = draw, sizes, list(extra)
        self.returns, self.names = returns, {"m": "the number of examples", **(names or {})}
        self.mistakes, self.right = mistakes, right
        self.hints, self.why, self.after = hints, why, after
        self.numerical, self.race, self.play, self.observe = numerical, race, play, observe
        self.otherwise = otherwise
        self.tied, self.unsteady, self.uses, self.unchanged = tied, unsteady, uses, unchanged or {}
        self.costly, self.variants = costly, variants

    @property
    def parameters(self):
        """Names of the arguments a case gives."""
        return list(inspect.signature(self.play).parameters)[1:] if self.play else list(inspect.signature(self.reference).parameters)

    @cached_property
    def cases(self):
        """All cases, in the order in which they are tried."""
        cases = [self.case(i, **size) for i, size in enumerate(self.sizes)]
        return cases + self._twins(cases) + self.extra

    def case(self, seed, **sizes):
        """The case that `draw` makes from a seed and sizes."""
        args = self.draw(np.random.default_rng(seed), **sizes)
        return Case(args if isinstance(args, tuple) else (args,), sizes)

    def _twins(self, cases):
        at = next((i for i, c in enumerate(cases) if c.sizes.get("m", 2) > 1), 0)
        if len(cases[at].args) == 1:
            return []
        base, other, twins = cases[at], self.case(at + 100, **cases[at].sizes), []
        tied = [[self.parameters.index(n) for n in names] for names in self.tied]
        for group in tied + [[i] for i in range(len(base.args)) if not any(i in names for names in tied)]:
            args = tuple(theirs if i in group else mine for i, (mine, theirs) in enumerate(zip(base.args, other.args)))
            if repr(args) != repr(base.args):
                twins.append(Case(args, base.sizes, twin=tuple(group)))
        return twins

    @cached_property
    def text(self):
        """The source of the exercise in exercises.py, with its solution markers."""
        return source_text(self.reference)

    @cached_property
    def source(self):
        """The reference alone: without markers, TODO comments and docstring."""
        text = strip_markers(self.text)
        lines, first = text.splitlines(), ast.parse(text).body[0].body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            del lines[first.lineno - 1:first.end_lineno]
        return "\n".join(lines) + "\n"


def namespace_of(thing):
    """Where the global names of a function, or of a class's methods, are looked up."""
    return getattr(thing, "__globals__", None) or vars(sys.modules[thing.__module__])


def source_text(reference):
    """The lines of a top-level function or class in its file, to the next statement, trailing comments included."""
    module = sys.modules[reference.__module__]
    return texts(Path(module.__file__))[reference.__name__]


def texts(path):
    """Top-level functions and classes of a Python file: {name: source text}."""
    text = path.read_text(encoding="utf-8")
    lines, body = text.splitlines(), ast.parse(text).body
    starts = [min([n.lineno] + [d.lineno for d in getattr(n, "decorator_list", [])]) for n in body]
    found = {}
    for node, start, stop in zip(body, starts, starts[1:] + [len(lines) + 1]):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own = lines[start - 1:stop - 1]
            while not own[-1].strip() or own[-1].startswith("#"):  # comments at the margin belong to what follows
                own.pop()
            found[node.name] = "\n".join(own)
    return found


def strip_markers(text):
    """Source without solution markers and TODO comments."""
    return "\n".join(line for line in text.splitlines()
                     if line.strip() not in (BEGIN, END) and not line.strip().startswith("# TODO"))
