"""The labs in order, and a Lab with the learner's verbs."""
import difflib
import functools
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from . import LabError, progress
from .doctor import MODULES
from .exercise import BEGIN, strip_markers, texts
from .quiet import load_tensorflow
from .report import SIGNS, Note, show

LABS = Path(__file__).parent / "labs"


def list_labs():
    """Names of the labs, in order."""
    return sorted(p.name.removeprefix("lab") for p in LABS.glob("lab*_*") if (p / "notebook.py").exists())


def find_lab(name):
    """The full name of a lab, from its name or number.

    Raises
    ------
    LabError
        If there is none; near misses are suggested.
    """
    labs, name = list_labs(), str(name).removesuffix(".ipynb")
    if name in labs:
        return name
    found = [lab for lab in labs if lab.split("_")[0] == name.zfill(2) or lab.split("_", 1)[1] == name]
    if len(found) == 1:
        return found[0]
    near = difflib.get_close_matches(name, labs, 3, 0.4)
    raise LabError(f'There is no lab "{name}". ' + (f"Do you mean {' or '.join(near)}?" if near else f"The labs are {', '.join(labs)}."))


def about(name):
    """What a lab's folder says of it: TITLE, MINUTES, NEEDS."""
    return importlib.import_module(f"labutils.labs.lab{name}")


@functools.cache
def exercise_names(name):
    """Names of a lab's exercises in order, read from the source without importing it."""
    return tuple(n for n, text in texts(LABS / f"lab{name}" / "exercises.py").items() if BEGIN in text)


def missing(name):
    """Packages that a lab needs and this machine lacks."""
    return [p for p in about(name).NEEDS if importlib.util.find_spec(MODULES.get(p, p)) is None]


class Lab:
    """A lab, opened: what a learner says to it.

    Parameters
    ----------
    name : str
        Full name or number.
    quiet : bool
        Say nothing on opening.

    Attributes
    ----------
    name, title : str
    exercises : list of str, in order

    Raises
    ------
    LabError
        For an unknown name.
    """

    def __init__(self, name, quiet=False):
        self.name = find_lab(name)
        self.number = self.name.split("_")[0]
        self.title, self.minutes = about(self.name).TITLE, about(self.name).MINUTES
        self.exercises = list(exercise_names(self.name))
        self._mine = {}
        lacking = missing(self.name)
        if lacking:
            show(Note(f"Lab {self.number} needs {', '.join(lacking)}, which this machine lacks.",
                      [f"Run `%pip install {' '.join(lacking)}` in a cell of its own, then restart the kernel."], sign="✗"))
        elif not quiet:
            if "tensorflow" in about(self.name).NEEDS:
                load_tensorflow()
            show(Note(f"**Lab {self.number} · {self.title}** · {len(self.exercises)} exercises, about {self.minutes} minutes. "
                      "This machine has all that it needs."))

    def __repr__(self):
        return f"<lab {self.name}, {len(self.exercises)} exercises>"

    @functools.cached_property
    def graders(self):
        """The lab's graders module."""
        return importlib.import_module(f"labutils.labs.lab{self.name}.graders")

    @functools.cached_property
    def _by_name(self):
        return {e.name: e for e in self.graders.EXERCISES}

    @functools.cached_property
    def references(self):
        """{name: reference} of the lab's exercises, and of those of earlier labs that it imports."""
        found = {}
        for value in vars(self.graders.ex).values():
            home = getattr(value, "__module__", "") or ""
            if home.startswith("labutils.labs.lab") and value.__name__ in exercise_names(home.split(".")[2].removeprefix("lab")):
                found[value.__name__] = value
        return found

    def exercise(self, name):
        """The Exercise of this name; raises LabError with near misses."""
        if name in self._by_name:
            return self._by_name[name]
        raise LabError(self._unknown("exercise", name, self.exercises))

    def _unknown(self, kind, name, names):
        near = difflib.get_close_matches(str(name), names, 2)
        return f'Lab {self.number} has no {kind} "{name}". ' + (f"Do you mean {' or '.join(near)}?" if near else
                                                             f"There {'is' if len(names) == 1 else 'are'}: {', '.join(names)}.")

    # --- for programs ---

    def grade(self, name, function):
        """Grade a function as the answer to an exercise.

        Parameters
        ----------
        name : str
        function : callable

        Returns
        -------
        Report

        Raises
        ------
        LabError
            For an unknown exercise.
        """
        from .grading import grade

        return grade(self.exercise(name), function, self.references)

    # --- the learner's verbs ---

    def check(self, function):
        """Grade the learner's function, report, and hand it back if it is right, else the reference.

        Parameters
        ----------
        function : the function (or class) of an exercise, under the exercise's name

        Returns
        -------
        callable : the argument itself after a pass, the reference after anything else
        """
        caller = sys._getframe(1).f_globals
        if isinstance(function, str):
            raise LabError(f"Give the function itself, without quotes: lab.check({function}).")
        name = self._name_of(function, caller)
        if name is None:
            what = getattr(function, "__name__", None) or repr(function)[:40]
            show(Note(f"{self._unknown('exercise', what, self.exercises)} Nothing was graded.", sign="○"))
            return function
        reference = self.exercise(name).reference
        if function is reference:
            show(Note(f"**{name}**: this is still the reference: run your cell above first (it may have stopped with an error).", sign="○"))
            return reference
        report = self.grade(name, function)
        if report.status != "not attempted":
            self._mine[name] = function
        self._remember(name, report)
        yours = f'yours is `lab.mine("{name}")`'
        if report.status == "not attempted":
            report.verdict += f' Until then the reference stands in, so the rest of the lab runs. `lab.hint("{name}")` gives a first push.'
        elif not report.passed:
            report.ending.append(f"From here on `{name}` is the reference, so the rest of the lab runs; {yours}. Fix it above and run both cells again.")
        report.ending.append(self._so_far())
        show(report)
        if not report.passed and os.environ.get("NBGRADER_EXECUTION") == "autograde":
            caller[name] = reference  # later exercises are graded fairly, and this cell scores nothing
            raise LabError(f"{name}: {report.status}. {report.verdict}")
        return function if report.passed else reference

    def _name_of(self, function, namespace):
        name = getattr(function, "__name__", None)
        if name in self.exercises:
            return name
        return next((n for n in self.exercises if n in namespace and namespace[n] is function), None)

    def mine(self, name):
        """The learner's last own version of an exercise, when the reference stands in.

        Raises
        ------
        LabError
            If none was checked since the kernel started.
        """
        self.exercise(name)
        if name not in self._mine:
            raise LabError(f"There is no version of {name} of your own yet: run its cell, then lab.check({name}).")
        return self._mine[name]

    def hint(self, name):
        """Show the next hint of an exercise: the concept, then the formula with shapes, then the code in outline."""
        exercise, data = self.exercise(name), progress.read(self.name)
        level = min(data["hints"].get(name, 0), 2)
        data["hints"][name] = level + 1
        progress.write(self.name, data)
        more = f'`lab.hint("{name}")` once more says more.' if level < 2 else f'That was the last hint; `lab.solution("{name}")` shows the reference.'
        show(Note(f"**{name}** · hint {level + 1} of 3 · {('the concept', 'the formula', 'the code in outline')[level]}",
                  [exercise.hints[level]], sign="", ending=[more]))

    def solution(self, name):
        """Show the reference of an exercise and why it is so; it is remembered as looked up."""
        exercise, data = self.exercise(name), progress.read(self.name)
        if name not in data["looked_up"]:
            data["looked_up"].append(name)
            progress.write(self.name, data)
        show(Note(f"**{name}** · the reference", [exercise.why], code=strip_markers(exercise.text),
                  ending=["Close it, and write your own from memory: that is what stays."]))

    def quiz(self, name, answer=None):
        """Ask a question of the lab; with an answer, say whether it is right and why each choice is or isn't.

        Parameters
        ----------
        name : str
        answer : str, optional
            The letter of a choice.
        """
        quizzes = {q.name: q for q in self.graders.QUIZZES}
        if name not in quizzes:
            raise LabError(self._unknown("question", name, list(quizzes)))
        quiz = quizzes[name]
        if answer is None:
            choices = [f"**{letter}**  {text}" for letter, (text, _) in quiz.choices.items()]
            show(Note(quiz.question, choices, sign="○", ending=[f'Answer with `lab.quiz("{name}", "{min(quiz.choices)}")`, or another letter.']))
            return
        answer = str(answer).strip().lower()
        if answer not in quiz.choices:
            raise LabError(f'"{answer}" is none of the choices of {name}: {", ".join(quiz.choices)}.')
        right, data = answer == quiz.answer, progress.read(self.name)
        data["quizzes"][name] = right
        progress.write(self.name, data)
        if not right:
            text, reason = quiz.choices[answer]
            show(Note(quiz.question, [f"**{answer}**  {text}: {reason}"], sign="✗", ending=["Not that one. Think again, and answer once more."]))
            return
        reasons = [f"**{letter}**  {text}{' (right)' if letter == quiz.answer else ''}: {reason}" for letter, (text, reason) in quiz.choices.items()]
        show(Note(quiz.question, reasons, sign="✓"))

    def challenge(self, name, attempt=None):
        """Judge an attempt at the lab's open task by its outcome; without one, say what the task is.

        Parameters
        ----------
        name : str
        attempt : what the challenge asks for, most often a function
        """
        challenge = self.graders.CHALLENGE
        if name != challenge.name:
            raise LabError(self._unknown("challenge", name, [challenge.name]))
        head = f"**Challenge · {challenge.title}**"
        if attempt is None:
            show(Note(head, [challenge.goal], sign="○"))
            return
        from .calling import failure, home

        try:
            reached, says = challenge.judge(attempt)
        except NotImplementedError:
            show(Note(f"{head} is still open.", [challenge.goal], sign="○"))
            return
        except Exception as error:  # the learner's own code, of any kind
            found = failure(error, home(attempt))
            where = f" at your line {found.line}, `{found.code}`" if found.line else ""
            show(Note(f"{head}: your code stopped{where}.", [f"{found.kind}: {found.text}", challenge.goal], sign="✗"))
            return
        data = progress.read(self.name)
        data["challenge"] = data["challenge"] or bool(reached)
        progress.write(self.name, data)
        show(Note(f"{head}: {'reached' if reached else 'not reached yet'}.", [says] if reached else [says, challenge.goal], sign="✓" if reached else "✗"))

    def progress(self):
        """Show how far the learner is, in this lab and in the whole course."""
        show(overview(self.name))

    def _remember(self, name, report):
        data = progress.read(self.name)
        data["exercises"][name] = report.status
        progress.write(self.name, data)

    def _so_far(self):
        done, total = course_counts()
        mine = progress.passed(self.name, self.exercises)
        return f"{progress.bar(mine, len(self.exercises))} lab {self.number} {mine}/{len(self.exercises)} · course {done}/{total}"


def course_counts(folder="."):
    """Passed exercises and all exercises of the course."""
    names = {lab: exercise_names(lab) for lab in list_labs()}
    return sum(progress.passed(lab, n, folder) for lab, n in names.items()), sum(map(len, names.values()))


def overview(lab=None, folder="."):
    """Progress as a Note: each lab with its bar, the exercises of one lab by name."""
    lines = []
    for name in list_labs():
        names = exercise_names(name)
        done = progress.passed(name, names, folder)
        lines.append(f"{progress.bar(done, len(names))} **{name.split('_')[0]}** {about(name).TITLE} · {done}/{len(names)}")
        if name == lab:
            data = progress.read(name, folder)
            marks = [f"{SIGNS.get(data['exercises'].get(n), '○')} {n}{' (looked up)' if n in data['looked_up'] else ''}" for n in names]
            lines += ["   ".join(marks)]
            right = sum(data["quizzes"].values())
            lines += [f"questions right: {right} · challenge {'reached' if data['challenge'] else 'open'}"]
    done, total = course_counts(folder)
    return Note(f"**Progress** · course {done}/{total}", lines)
