"""The proof of the graders: what they accept, what they reject, and what they call it.

For each exercise: the reference and the right versions pass; every named mistake is rejected under its own name; every variant of the
reference that changes a result on seeded random draws is rejected, the others are listed with the reason.
"""
import dis
import statistics
import time
from dataclasses import dataclass, field

from labutils import course, diagnosis
from labutils.answers import close, leaves
from labutils.calling import TimeUp, play
from labutils.exercise import namespace_of, strip_markers
from labutils.variants import variants

DRAWS, COSTLY_DRAWS = 200, 10


@dataclass
class Proof:
    """What was found for one exercise."""
    exercise: str
    variants: int = 0
    rejected: int = 0
    named: int = 0
    unchanged: list = field(default_factory=list)  # (name, reason, or "" where none is known)
    faults: list = field(default_factory=list)
    pass_ms: float = 0.0
    fail_ms: float = 0.0


def prove(lab, name, draws=None):
    """Prove one grader.

    Parameters
    ----------
    lab : Lab
    name : str, an exercise
    draws : int, optional
        Random cases on which a variant may show that it changes a result.

    Returns
    -------
    Proof
    """
    exercise, proof = lab.exercise(name), Proof(name)
    draws = draws or (COSTLY_DRAWS if exercise.costly else DRAWS)
    passes = []
    for version in [_copy(exercise, exercise.reference), exercise.reference, *exercise.right]:
        report, ms = _timed(lab, name, version)
        passes.append(ms)
        if not report.passed:
            proof.faults.append(f"a right version ({version.__name__}) is refused: {report.message}")
    proof.pass_ms = statistics.median(passes)
    for mistake in exercise.mistakes:
        if mistake.function and _asks_itself(mistake.function, name):
            proof.faults.append(f"the mistake {mistake.name!r} calls {name}, which is the mistake itself while it is graded: call ex.{name}, the reference")
        report, _ = _timed(lab, name, diagnosis.mistaken(exercise, mistake))
        if report.passed or mistake.name not in (report.mistake or ""):
            proof.faults.append(f"the mistake {mistake.name!r} is reported as {report.mistake!r}")
    fails, cases = [], None
    for variant in variants(exercise.source, name, namespace_of(exercise.reference)) if exercise.variants else ():
        proof.variants += 1
        report, ms = _timed(lab, name, variant.function)
        if not report.passed:
            proof.rejected += 1
            proof.named += bool(report.mistake)
            if report.status != "timeout":
                fails.append(ms)
            continue
        cases = cases or [exercise.case(1000 + i, **exercise.sizes[i % len(exercise.sizes)]) for i in range(draws)]
        why = next((why for part, why in exercise.unchanged.items() if part in variant.name), "")
        if not why and any(differs(exercise, variant.function, case) for case in cases):
            proof.faults.append(f"accepted, though it changes a result: {variant.name} (as if {variant.says})")
        else:
            proof.unchanged.append((variant.name, why))
            if not why:
                proof.faults.append(f"no reason given for the unchanged variant {variant.name} (as if {variant.says})")
    proof.fail_ms = max(fails, default=0.0)
    return proof


def _copy(exercise, reference):
    scope = dict(namespace_of(reference))
    exec(compile(strip_markers(exercise.text), "<reference>", "exec"), scope)  # noqa: S102
    return scope[exercise.name]


def _asks_itself(function, name):
    code = getattr(function, "__code__", None)
    return bool(code) and any(step.opname == "LOAD_GLOBAL" and step.argval == name for step in dis.get_instructions(code))


def _timed(lab, name, function):
    start = time.perf_counter()
    report = lab.grade(name, function)
    return report, 1e3 * (time.perf_counter() - start)


def differs(exercise, function, case):
    """Whether a function's answer in a case is another than the reference's."""
    like = play(exercise, exercise.reference, case)
    try:
        mine = play(exercise, function, case, diagnosis.patience(exercise), computing=True)
    except TimeUp:
        return True
    if mine.failure or mine.changed:
        return True
    got, want = leaves(mine.value, like.value, exercise.returns), leaves(like.value, like.value, exercise.returns)
    return any(not close(got[n], want[n]) for n in want)


def main(names, reasons=False):
    """Print the table; returns 1 if anything is not proved."""
    print(f"{'exercise':34s} {'variants':>8s} {'rejected':>8s} {'named':>6s} {'unchanged':>9s} {'pass ms':>8s} {'worst fail ms':>13s}")
    faults = []
    for lab in (course.Lab(n, quiet=True) for n in names):
        for name in lab.exercises:
            p = prove(lab, name)
            print(f"{lab.number + ' ' + name:34s} {p.variants:8d} {p.rejected:8d} {p.named:6d} {len(p.unchanged):9d} {p.pass_ms:8.1f} {p.fail_ms:13.0f}",
                  flush=True)
            if reasons:
                for variant, why in p.unchanged:
                    print(f"      {variant}: {why or '?'}")
            faults += [f"{name}: {f}" for f in p.faults]
    print(*faults or ["Every grader is proved."], sep="\n")
    return 1 if faults else 0
