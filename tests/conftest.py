"""Shared by the tests: one BLAS thread, no display, and the CPU seconds of the notebooks in the summary."""
import os

os.environ.update({"OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2", "MPLBACKEND": "Agg"})
os.environ.pop("NBGRADER_EXECUTION", None)

import pytest  # noqa: E402

from labutils import list_labs  # noqa: E402
from labutils.course import Lab  # noqa: E402


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test in a folder of its own: progress files are written beside the notebook."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def labs():
    return {name: Lab(name, quiet=True) for name in list_labs()}


@pytest.fixture
def lab00(labs):
    return labs["00_numpy_foundations"]


@pytest.fixture
def lab01(labs):
    return labs["01_logistic_regression"]


def pytest_terminal_summary(terminalreporter):
    rows = [(dict(r.user_properties), r) for outcome in ("passed", "failed") for r in terminalreporter.stats.get(outcome, [])]
    rows = [(p["notebook"], p["cpu"]) for p, _ in rows if "cpu" in p]
    if rows:
        terminalreporter.section("CPU seconds per notebook")
        for name, seconds in sorted(rows):
            terminalreporter.write_line(f"{name:52s} {seconds:6.1f}")
        terminalreporter.write_line(f"{'together':52s} {sum(s for _, s in rows):6.1f}")
