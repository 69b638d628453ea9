"""Times: a pass, a failing diagnosis when the graders are fresh and when they are warm, CPU seconds of the solved notebooks."""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from labutils import course, diagnosis

from .build import KERNEL_ENVIRONMENT, NOTEBOOKS

CHANGING = """
[course]
regex: course \\d+/\\d+
replace: COURSE

[gradient]
regex: numerical ones to \\de-\\d+
replace: GRADIENT
"""


def cpu_seconds(notebook):
    """User and system seconds of executing a notebook by nbval in an empty folder; (seconds, whether it passed, what was said)."""
    import resource

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / notebook.name
        copy.write_bytes(notebook.read_bytes())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        changing = Path(folder) / "changing.cfg"  # the number of exercises in the course, the last digits of a gradient
        changing.write_text(CHANGING, encoding="utf-8")
        done = subprocess.run([sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=600", "--nbval-sanitize-with", str(changing), "-q",
                               "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, "--rootdir", folder, str(copy)], cwd=folder, capture_output=True, text=True,
                              env={**os.environ, **KERNEL_ENVIRONMENT})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, done.returncode == 0, done.stdout + done.stderr


def _milliseconds(lab, name, function):
    start = time.perf_counter()
    lab.grade(name, function)
    return 1e3 * (time.perf_counter() - start)


def main(names):
    """Print the tables."""
    print(f"{'exercise':34s} {'pass ms':>8s} {'slowest pass':>12s} {'first diagnosis':>15s} {'next ones':>9s} {'slowest':>8s}   (milliseconds)")
    for lab in (course.Lab(n, quiet=True) for n in names):
        for name in lab.exercises:
            exercise = lab.exercise(name)
            passes = [_milliseconds(lab, name, f) for f in (exercise.reference, *exercise.right) for _ in range(3)]
            for known in (diagnosis.named, diagnosis.changed, diagnosis._combined):
                known.cache_clear()
            first = _milliseconds(lab, name, unrecognised(exercise))
            fails = [_milliseconds(lab, name, diagnosis.mistaken(exercise, m)) for m in exercise.mistakes]
            fails += [_milliseconds(lab, name, unrecognised(exercise))]
            print(f"{lab.number + ' ' + name:34s} {statistics.median(passes):8.1f} {max(passes):12.1f} {first:15.0f} {statistics.median(fails):9.1f} "
                  f"{max(fails):8.0f}", flush=True)
    print(f"\n{'notebook':44s} {'CPU s':>6s}")
    for name in names:
        for file in (NOTEBOOKS / f"{name}.ipynb", NOTEBOOKS / "solutions" / f"{name}.ipynb"):
            seconds, good, _ = cpu_seconds(file)
            print(f"{str(file.relative_to(NOTEBOOKS)):44s} {seconds:6.1f}{'' if good else '   FAILED'}", flush=True)


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
