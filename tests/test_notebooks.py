"""The notebooks as learners run them: unfilled, solved, wrongly filled, alone in an empty folder, under nbgrader."""
import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from labutils import list_labs
from labutils.authoring.benchmark import execute
from labutils.authoring.build import KERNEL_ENVIRONMENT
from labutils.diagnosis import edited_source
from labutils.workspace import ROOT

LABS = list_labs()


@pytest.mark.parametrize("name", [f"{part}{name}.ipynb" for name in LABS for part in ("", "solutions/")])
def test_every_cell_runs(name, record_property):
    """nbval over a copy; the reports on the solved exercises are compared with the stored ones."""
    file = ROOT / "notebooks" / name
    took = execute(file)
    cells = sum(c.cell_type == "code" for c in nbformat.read(file, 4).cells)
    assert took.good, took.said
    assert f"{cells} passed" in took.said
    record_property("notebook", name)
    record_property("cpu", took.cpu)


def run(notebook, folder, **environment):
    """Execute a notebook in a folder, going on after errors."""
    old = dict(os.environ)
    os.environ.update({**KERNEL_ENVIRONMENT, **environment})
    try:
        NotebookClient(notebook, timeout=600, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    finally:
        os.environ.clear()
        os.environ.update(old)
    return {c.id: c for c in notebook.cells if c.cell_type == "code"}


def text(cell):
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)


def failed(cells):
    return [i for i, c in cells.items() if any(o.output_type == "error" for o in c.outputs)]


def test_an_unfilled_notebook_says_so_and_trains_with_the_references(tmp_path):
    cells = run(nbformat.read(ROOT / "notebooks" / "01_logistic_regression.ipynb", 4), tmp_path)
    assert not failed(cells)
    checks = [c for i, c in cells.items() if i.startswith("check-")]
    assert len(checks) == 6 and all("still to do. Until then the reference stands in" in text(c) for c in checks)
    assert any("test accuracy 7" in text(c) for c in cells.values())
    assert [p.name for p in tmp_path.iterdir()] == [".progress_01_logistic_regression.json"]


def test_a_wrongly_filled_notebook_gets_diagnoses_and_no_traceback(labs, tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "01_logistic_regression.ipynb", 4)
    expected = {}
    for exercise in labs["01_logistic_regression"].graders.EXERCISES:
        mistake = next(m for m in exercise.mistakes if m.replace)
        expected[exercise.name] = mistake
        cell = next(c for c in notebook.cells if c.id == f"exercise-{exercise.name}")
        cell.source = edited_source(exercise, mistake)
    cells = run(notebook, tmp_path)
    assert not failed(cells)
    for name, mistake in expected.items():
        said = text(cells[f"check-{name}"])
        assert f"✗ {name}" in said and mistake.says[:30].replace("**", "") in said and f'yours is `lab.mine("{name}")`' in said


def test_a_notebook_runs_alone_with_only_the_installed_package(tmp_path):
    """From the wheel, in an empty folder: nothing of the repository beside it."""
    wheel = subprocess.run([sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path / "dist")],
                           capture_output=True, text=True)
    assert not wheel.returncode, wheel.stderr
    site, alone = tmp_path / "site", tmp_path / "alone"
    alone.mkdir()
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), *map(str, (tmp_path / "dist").glob("*.whl"))], check=True)
    notebook = nbformat.read(ROOT / "notebooks" / "00_numpy_foundations.ipynb", 4)
    notebook.cells.append(nbformat.v4.new_code_cell("import labutils; print(labutils.__file__)", id="where"))
    cells = run(notebook, alone, PYTHONPATH=str(site))
    assert not failed(cells) and str(site) in text(cells["where"])


def test_without_the_package_one_sentence(tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "01_logistic_regression.ipynb", 4)
    notebook.cells = [nbformat.v4.new_code_cell("import sys; sys.modules['labutils'] = None", id="hide"), notebook.cells[1]]
    cells = run(notebook, tmp_path)
    error = next(o for o in cells["setup"].outputs if o.output_type == "error")
    assert error.ename == "SystemExit" and "labutils is not installed" in error.evalue and "\n" not in error.evalue


def test_under_nbgrader_unfilled_scores_nothing_and_a_right_answer_its_points(tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "01_logistic_regression.ipynb", 4)
    solved = {c.id: c for c in nbformat.read(ROOT / "notebooks" / "solutions" / "01_logistic_regression.ipynb", 4).cells}
    for cell in notebook.cells:
        if cell.id in ("exercise-optimize", "exercise-predict"):
            cell.source = solved[cell.id].source
    cells = run(notebook, tmp_path, NBGRADER_EXECUTION="autograde")
    assert sorted(failed(cells)) == sorted(f"check-{n}" for n in ("initialize_with_zeros", "cross_entropy_cost", "propagate", "logistic_model"))


def test_nbgrader_makes_the_student_notebook_of_the_solved_one():
    """generate_assignment's steps on the solved notebook give the student's sources and metadata."""
    from nbgrader.preprocessors import ClearOutput, ClearSolutions, ComputeChecksums, LockCells

    for name in LABS:
        made = nbformat.read(ROOT / "notebooks" / "solutions" / f"{name}.ipynb", 4)
        student = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
        resources = {"unique_key": name}
        for step in (LockCells(), ClearSolutions(code_stub={"python": "raise NotImplementedError"}), ClearOutput(), ComputeChecksums()):
            made, resources = step.preprocess(made, resources)
        graded = [(a, b) for a, b in zip(made.cells, student.cells) if "nbgrader" in b.metadata]
        assert len(graded) > 10
        for a, b in graded:
            assert a.source == b.source and json.dumps(a.metadata.nbgrader, sort_keys=True) == json.dumps(b.metadata.nbgrader, sort_keys=True)
