"""A function in, a Report out."""
import ast
import inspect
import re
import threading
import time

import numpy as np

from . import calling, diagnosis
from .answers import Answers, describe, listed, parts, reference_outcomes
from .calling import TimeUp, home, play
from .quiet import quiet
from .report import Check, Report

SLOW, NOTICEABLE = 10, 0.002  # times the reference, seconds: beyond both a remark
_one_at_a_time = threading.RLock()


def stub():
    raise NotImplementedError


def grade(exercise, function, references):
    """Grade a learner's function or class.

    Parameters
    ----------
    exercise : Exercise
    function : callable
        The learner's own.
    references : dict
        {name: reference} of the lab's exercises: while this one is graded they stand in the learner's namespace.

    Returns
    -------
    Report
    """
    if not callable(function):
        return Report(exercise.name, "failed", f"is {describe(calling.plain(function))}, not a function.",
                      ["Run the cell that defines it, then this one; and look whether a variable took its name."],
                      mistake="not a function")
    with _one_at_a_time, quiet(), calling.borrowed(home(function), {**references, exercise.name: function}):
        try:
            outcomes, again = _play(exercise, function)
        except TimeUp:
            return Report(exercise.name, "timeout",
                          f"did not come back within {calling.SECONDS:.0f} seconds and was stopped.",
                          ["Is there a loop whose condition never becomes false, or one over far more turns than "
                           "there are examples?"], mistake="does not come back",
                          checks=[Check("comes back in time", False)])
        report = _judge(exercise, function, outcomes, again)
        if report.passed and exercise.race:
            report.remarks += _race(exercise, function)
    return report


def _play(exercise, function):
    outcomes, end = [], time.monotonic() + calling.SECONDS
    with calling.cut_printing():
        for case in exercise.cases:
            outcomes.append(play(exercise, function, case, end - time.monotonic()))
            if outcomes[-1].failure and outcomes[-1].failure.kind == "NotImplementedError" and len(outcomes) == 1:
                return outcomes, outcomes[:1]
        chance = any(isinstance(a, np.random.Generator) for a in exercise.cases[0].args) and not exercise.costly
        twice = exercise.cases if chance else exercise.cases[:1]  # chance may stray in one branch only
        return outcomes, [play(exercise, function, case, end - time.monotonic()) for case in twice]


# --- judging ---------------------------------------------------------------------------------------------------------

def _judge(exercise, function, outcomes, again):
    first = outcomes[0].failure
    if first and first.kind == "NotImplementedError":
        return _not_attempted(exercise, function, first)
    answers = Answers(exercise, outcomes)
    if answers.failures:
        return _stopped(exercise, function, answers)
    checks = [Check(name, name not in answers.wrong, "" if name not in answers.wrong else answers.difference(name))
              for name in answers.names]
    changed = sorted({exercise.parameters[i] for outcome in outcomes for i in outcome.changed})
    strays = [k for k, (a, b) in enumerate(zip(again, outcomes)) if not calling.same_data(a.given, b.given) or a.failure != b.failure]
    twice = not strays
    checks.append(Check("arguments left as they were", not changed, f"changed: {', '.join(changed)}" if changed else ""))
    checks.append(Check("the same answer twice", twice))
    kept = _idle_chance(exercise, answers) if twice else _not_steady(exercise, answers, again[strays[0]], strays[0])
    if kept and twice:
        checks.append(Check("chance taken from rng", False, "another rng, the same numbers"))
    if not answers.wrong and not changed and not kept:
        return _passed(exercise, answers, checks)

    verdict, paragraphs, causes = _right_and_wrong(answers, changed, twice), [], []
    if answers.wrong:
        causes = diagnosis.recognised(answers) or [kept] if kept else diagnosis.explain(answers)
        if any(re.search(r'\bm times|divided by m', c.says) for c in causes):  # a single example would not show the factor
            answers.failing.sort(key=lambda k: answers.cases[k].sizes.get("m") == 1)
        told = answers.smallest()
        paragraphs += [told] if not any(told.split("`: ")[-1][:-1].lower() in c.says.lower() for c in causes) else []
    elif kept:
        causes = [kept]
    if changed:
        causes.append(diagnosis.Cause(
            "argument changed in place",
            f"{listed(changed)} {'is' if len(changed) == 1 else 'are'} changed in place: whoever called the function "
            "finds other numbers in it afterwards. Compute with a copy, or with `x = x - …` instead of `x -= …`."))
    paragraphs += [cause.says for cause in causes]
    if not causes:
        paragraphs.append(_unknown(answers))
    order = _parameter_order(exercise, function)
    if order:
        paragraphs.append(order.says)
    names = [c.name for c in causes] + ([order.name] if order else [])
    return Report(exercise.name, "failed", verdict, paragraphs, inputs=answers.inputs(),
                  mistake="; ".join(dict.fromkeys(names)) or None, checks=checks)


def _right_and_wrong(answers, changed, twice):
    right = [n for n in answers.names if n not in answers.wrong]
    if not answers.wrong:
        if changed:
            return "the answers are right, but something else is not."
        return "right once, but not twice." if not twice else "the numbers look right, but they do not come from `rng`."
    if len(answers.names) == 1:
        total, good = len(answers.judged), len(answers.judged) - len(answers.failing)
        return "not right yet in any case." if not good else f"right in {good} of {total} cases."
    if len(right) > 5:
        return f"{listed(answers.wrong)} {'is' if len(answers.wrong) == 1 else 'are'} not right yet; the rest is."
    if right:
        return f"{_some(right)} {'is' if len(right) == 1 else 'are'} right; {_some(answers.wrong)} {'is' if len(answers.wrong) == 1 else 'are'} not."
    return f"{_some(answers.wrong)} are not right yet."


def _some(names):
    return listed(names) if len(names) <= 8 else f"{len(names)} things, such as {listed(names[:3])},"


def _unknown(answers):
    right = [n for n in answers.names if n not in answers.wrong]
    look = f" {_some(right)} {'is' if len(right) == 1 else 'are'} right, so look at what only " \
           f"{_some(answers.wrong)} depend{'s' if len(answers.wrong) == 1 else ''} on." if right else ""
    return "I don't recognise this mistake." + look + " Print what each line gives for the case below and compare it with " \
        "a calculation by hand; a hint is one call away."


def _not_steady(exercise, answers, again, k):
    if any(isinstance(a, np.random.Generator) for a in exercise.cases[0].args):
        return diagnosis.Cause("chance not taken from rng", "The same seed gives different results twice: take every "
                               "random number from `rng`, none from `np.random` itself.")
    first, second = answers.got[k], parts(exercise, again, k)
    if isinstance(second, dict) and any(np.size(second[n]) > np.size(first[n]) for n in first):
        return diagnosis.Cause("remembers earlier calls", "Called a second time with the same inputs, it gives back more: something is kept "
                               "from call to call, such as a list outside the function, or one as the default of a parameter.")
    return diagnosis.Cause("different on every call", exercise.unsteady or "Called twice with the same inputs, it gives two different answers: is there chance in "
                           "it (`np.random`, or weights made anew), or is something kept from call to call, such as a global variable?")


def _idle_chance(exercise, answers):
    """An rng that is never asked: another one gives the very same numbers, though not with the reference."""
    for k, case in enumerate(exercise.cases):
        if len(case.twin) == 1 and isinstance(case.args[case.twin[0]], np.random.Generator):
            base = next(i for i, c in enumerate(exercise.cases) if not c.twin and c.sizes == case.sizes)
            references = reference_outcomes(exercise)
            if calling.same_data(answers.outcomes[k].given, answers.outcomes[base].given) and \
                    not calling.same_data(references[k].given, references[base].given):
                return diagnosis.Cause("rng without influence", "Another `rng` gives exactly the same numbers: a seed is written into the function, or "
                                       "nothing is drawn from `rng` at all.")
    return None


def _parameter_order(exercise, function):
    """Said after a failure when the parameters have the right names in another order."""
    try:
        mine = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None
    theirs = list(inspect.signature(exercise.reference).parameters)
    if mine != theirs and sorted(mine) == sorted(theirs):
        return diagnosis.Cause("parameters in another order", f"Your parameters stand as ({', '.join(mine)}); the function is "
                               f"called with ({', '.join(theirs)}), in this order.")
    return None


def _passed(exercise, answers, checks):
    total = len(answers.judged)
    verdict = f"{total} of {total} cases right"
    if exercise.numerical:
        verdict += f", gradients equal the numerical ones to {_gradient_gap(exercise, answers):.0e}".replace("e-0", "e-")
    return Report(exercise.name, "passed", f"{verdict}. {exercise.after}", checks=checks, remarks=answers.remarks())


def _gradient_gap(exercise, answers):
    """Largest difference between the learner's gradients and numerical ones, on the smallest case."""
    if not hasattr(exercise, "_gradients"):
        exercise._gradients = exercise.numerical(*exercise.cases[0].args)
    return max(np.max(np.abs(answers.got[0][name] - np.asarray(g))) for name, g in exercise._gradients.items())


def _not_attempted(exercise, function, failure):
    code = getattr(function, "__code__", None)
    report = Report(exercise.name, "not attempted", "is still to do.")
    if code is not None and code.co_code != stub.__code__.co_code:
        where = f" in line {failure.line}" if failure.line else ""
        report.verdict = f"is still to do: there is code, but it ends at `raise NotImplementedError`{where}."
        report.paragraphs = ["Take that line out when your code is complete."]
    return report


def _stopped(exercise, function, answers):
    failure, case = next((f for f in answers.failures if answers.cases[f[1]].sizes.get("m", 2) > 1), answers.failures[0])  # m = 1 blurs shapes
    arity = _arity(exercise, function)
    if arity:
        return Report(exercise.name, "error", f"cannot be called: {arity}", mistake="wrong number of parameters",
                      checks=[Check("can be called", False, arity)])
    cause = diagnosis.explain_failure(answers)
    where = f"stopped at your line {failure.line}" if failure.line else "stopped"
    code = f", `{failure.code}`" if failure.code else ""
    paragraphs = []
    if len(answers.failures) < len(answers.judged):
        paragraphs.append(f"This happens in {len(answers.failures)} of {len(answers.judged)} cases, here for {answers.describe(case)}.")
    if cause:
        paragraphs.append(cause.says)
    said = diagnosis.failure_sentence(failure, exercise)
    return Report(exercise.name, "error", f"{where}{code}: {said.says}", paragraphs, inputs=answers.inputs(case),
                  mistake=cause.name if cause else said.name, checks=[Check("runs", False, said.says)])


def _arity(exercise, function):
    try:
        if list(inspect.signature(exercise.reference).parameters) == exercise.parameters:
            inspect.signature(function).bind(*exercise.cases[0].args)
    except ValueError:
        return ""  # a built-in without a signature
    except TypeError:
        theirs = list(inspect.signature(exercise.reference).parameters)
        mine = list(inspect.signature(function).parameters)
        return (f"it takes {len(mine)} argument{'s' * (len(mine) != 1)} ({', '.join(mine)}), the exercise gives "
                f"{len(theirs)}: ({', '.join(theirs)}).")
    return ""


def _race(exercise, function):
    """A remark if right code takes far longer than the reference does."""
    case = exercise.case(0, **exercise.race)

    def best(f):
        return min(play(exercise, f, case).seconds for _ in range(2))

    try:
        mine = play(exercise, function, case, seconds=1.0).seconds
        theirs = best(exercise.reference)
        if mine > max(SLOW * theirs, NOTICEABLE):
            mine = min(mine, play(exercise, function, case).seconds)
    except TimeUp:
        return ["on a larger case it takes over a second; an array operation would do the same without a Python loop (lab 00)."]
    if mine <= max(SLOW * theirs, NOTICEABLE):
        return []
    times = mine / theirs
    loops = _has_loop(function)
    return [f"{'the loop' if loops else 'this'} took {float(f'{times:.1g}'):.0f} times as long as array operations would; see lab 00."]


def _has_loop(function):
    try:
        tree = ast.parse(inspect.cleandoc(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    return any(isinstance(n, ast.For | ast.While | ast.comprehension) for n in ast.walk(tree))
