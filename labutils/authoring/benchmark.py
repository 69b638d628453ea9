"""Times and memory: the notebooks, unfilled and solved; grading right and wrong answers, when the graders are fresh and when they are warm."""
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from labutils import course, diagnosis

from .build import KERNEL_ENVIRONMENT, NOTEBOOKS, ROOT

CHANGING = """
[course]
regex: course \\d+/\\d+
replace: COURSE

[gradient]
regex: numerical ones to \\de-\\d+
replace: GRADIENT
"""


@dataclass
class Run:
    """What one execution of a notebook took, its kernel included."""
    cpu: float  # user and system seconds
    wall: float  # seconds
    memory: float  # MB, the most that one process held
    good: bool
    said: str


def execute(notebook):
    """Execute a notebook by nbval in an empty folder; returns a Run."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / notebook.name
        copy.write_bytes(notebook.read_bytes())
        changing, said = Path(folder) / "changing.cfg", Path(folder) / "said.txt"
        changing.write_text(CHANGING, encoding="utf-8")
        with said.open("w", encoding="utf-8") as out:
            child = subprocess.Popen([sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=600", "--nbval-sanitize-with", str(changing), "-q",
                                      "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, "--rootdir", folder, str(copy)],
                                     cwd=folder, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **KERNEL_ENVIRONMENT})
            _, status, used = os.wait4(child.pid, 0)  # of this child and its own children, whatever else runs beside it
            child.returncode = os.waitstatus_to_exitcode(status)
        return Run(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1e3, child.returncode == 0, said.read_text(encoding="utf-8"))


def _milliseconds(lab, name, function):
    start = time.perf_counter()
    lab.grade(name, function)
    return 1e3 * (time.perf_counter() - start)


def main(names):
    """Measure labs; a measurement of all of them is kept in BENCHMARK.md."""
    lines = []
    for line in _lines(names):
        print(line, flush=True)
        lines.append(line)
    if names == course.list_labs():
        (ROOT / "BENCHMARK.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(names):
    yield from (f"# What the labs take\n\nMeasured by `python -m labutils benchmark` on {platform.system()} {platform.machine()} with {os.cpu_count()} cores, "
                f"Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}.\n",
                "## Notebooks\n\nUnfilled as a learner opens it, and solved. Memory is the most that the kernel held.\n",
                f"| {'lab':32s} | CPU s unfilled | CPU s solved | seconds solved | peak MB |", "|---|---|---|---|---|")
    for name in names:
        new, solved = (execute(file) for file in (NOTEBOOKS / f"{name}.ipynb", NOTEBOOKS / "solutions" / f"{name}.ipynb"))
        failed = "" if new.good and solved.good else "   FAILED"
        yield f"| {name:32s} | {new.cpu:14.0f} | {solved.cpu:12.0f} | {solved.wall:14.0f} | {max(new.memory, solved.memory):7.0f} |{failed}"
    yield from ("\n## Graders\n\nMilliseconds to grade an answer: right ones (the reference and other right versions), and wrong ones: the first in a fresh process that",
                "nothing explains, and the named mistakes after it.\n",
                f"| {'exercise':40s} | right, median | right, worst | wrong, the first | wrong, median | wrong, worst |", "|---|---|---|---|---|---|")
    for lab in (course.Lab(n, quiet=True) for n in names):
        for name in lab.exercises:
            exercise = lab.exercise(name)
            passes = [_milliseconds(lab, name, f) for f in (exercise.reference, *exercise.right) for _ in range(3)]
            for known in (diagnosis.named, diagnosis.changed, diagnosis._combined):
                known.cache_clear()
            first = _milliseconds(lab, name, unrecognised(exercise))
            fails = [_milliseconds(lab, name, diagnosis.mistaken(exercise, m)) for m in exercise.mistakes]
            fails += [_milliseconds(lab, name, unrecognised(exercise))]
            yield (f"| {lab.number + ' ' + name:40s} | {statistics.median(passes):13.1f} | {max(passes):12.1f} | {first:16.0f} "
                   f"| {statistics.median(fails):13.1f} | {max(fails):12.0f} |")


def unrecognised(exercise):
    """A wrong version that nothing explains, so that every source of causes is asked in vain."""
    import numpy as np

    def shaken(value):
        if isinstance(value, dict):
            return {k: shaken(v) for k, v in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(shaken(v) for v in value)
        return value + 0.37 * np.sin(1 + 3 * np.asarray(value, float) + np.arange(np.size(value)).reshape(np.shape(value)))

    def wrong(*args):
        return shaken(exercise.reference(*args))

    return wrong
