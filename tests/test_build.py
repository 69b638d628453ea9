"""The builder: what it makes, and what it refuses to make, with file and line."""
import json
import re
import shutil

import nbformat
import pytest

import labutils.labs
from labutils import course, list_labs
from labutils.authoring import build
from labutils.exercise import BEGIN
from labutils.workspace import ROOT

LABS = list_labs()


@pytest.mark.parametrize("name", LABS)
def test_student_notebooks_equal_a_fresh_build(name):
    assert (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8") == build.student_text(name)


@pytest.mark.parametrize("name", LABS)
def test_solved_notebooks_carry_the_hash_of_their_source(name):
    assert build.is_fresh(name)
    assert (ROOT / "notebooks" / "solutions" / f"{name}.ipynb").stat().st_size < 2e6


def test_prose_changes_without_a_run_and_code_does_not(monkeypatch):
    name, runs = LABS[0], []
    old = build.on_disk(name)
    next(c for c in old.cells if c.cell_type == "markdown").source += " Another word."
    monkeypatch.setattr(build, "on_disk", lambda name: old)
    monkeypatch.setattr(build, "_execute", runs.append)
    assert not build.is_fresh(name)
    made, anew = build.solve(name)
    assert not anew and not runs and [c.get("outputs") for c in made.cells] == [c.get("outputs") for c in old.cells]
    assert "Another word." not in made.cells[0].source
    code = build.source_hash(name, made)
    next(c for c in made.cells if c.cell_type == "code").source += "\n"
    assert build.source_hash(name, made) != code
    old.metadata["labutils"]["source"] = "that of other code"
    assert build.solve(name)[1] and len(runs) == 1


@pytest.mark.parametrize("name", LABS)
def test_two_builds_are_the_same_bytes(name):
    assert build.student_text(name) == build.student_text(name)


@pytest.mark.parametrize("name", LABS)
def test_student_notebooks_hold_no_solutions_and_no_outputs(name):
    made = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    nbformat.validate(made)
    source = build.Source(name)
    for cell in made.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None and BEGIN not in cell.source
    for exercise in source.lab.graders.EXERCISES:
        cell = next(c for c in made.cells if c.id == f"exercise-{exercise.name}")
        assert cell.source.endswith("raise NotImplementedError") and '"""' in cell.source and "# TODO" in cell.source
        assert cell.metadata.nbgrader.solution and cell.metadata.nbgrader.schema_version == 3
        check = next(c for c in made.cells if c.id == f"check-{exercise.name}")
        assert check.metadata.nbgrader.grade and check.metadata.nbgrader.points == 1 and check.metadata.nbgrader.locked
    ids = [c.metadata.nbgrader.grade_id for c in made.cells if "nbgrader" in c.metadata]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", LABS)
def test_solved_and_student_notebooks_agree(name):
    student, solved = (nbformat.read(ROOT / "notebooks" / part / f"{name}.ipynb", 4) for part in (".", "solutions"))
    assert [c.id for c in student.cells] == [c.id for c in solved.cells]
    for a, b in zip(student.cells, solved.cells):
        if "nbgrader" in b.metadata:
            assert a.metadata.nbgrader.grade_id == b.metadata.nbgrader.grade_id
        elif "lab.quiz" not in b.source:
            assert a.source == b.source
    assert all(c.execution_count for c in solved.cells if c.cell_type == "code")


@pytest.mark.parametrize("name", LABS)
def test_solved_notebooks_say_passed_throughout_and_warn_of_nothing(name):
    solved = nbformat.read(ROOT / "notebooks" / "solutions" / f"{name}.ipynb", 4)
    for cell in solved.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", cell.id
        if cell.id.startswith("check-"):
            assert "✓" in cell.outputs[0].data["text/plain"]


@pytest.mark.parametrize("name", LABS)
def test_labs_keep_to_their_measure(name):
    made = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    prose = " ".join(re.sub(r"\(data:[^)]*\)", "", c.source) for c in made.cells if c.cell_type == "markdown")
    assert 35 <= len(made.cells) <= 60 and 1500 <= len(prose.split()) <= 4000
    assert prose.count("redict first") >= 5 and "中文" in prose and re.search(r"doi:10\.|arXiv:", prose) and "What to remember" in prose
    solved = nbformat.read(ROOT / "notebooks" / "solutions" / f"{name}.ipynb", 4)
    for cell in solved.cells:
        if cell.id.startswith("exercise-"):
            body = cell.source.split(BEGIN)[1].strip().splitlines()
            assert 1 <= len(body) - 1 <= 20


def test_pictures_are_in_the_notebook_with_their_description():
    text = (ROOT / "notebooks" / "01_logistic_regression.ipynb").read_text(encoding="utf-8")
    for name in ("perceptron", "computation_graph"):
        described = (ROOT / "img" / f"{name}.txt").read_text(encoding="utf-8").strip()
        assert json.dumps(described, ensure_ascii=False)[1:-1] + "](data:image/png;base64," in text


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A copy of lab 01 as lab 98, to be spoiled; the function spoils it and gives the builder's complaints."""
    folder = tmp_path / "labs" / "lab98_broken"
    shutil.copytree(course.LABS / "lab01_logistic_regression", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(course, "LABS", tmp_path / "labs")
    monkeypatch.setattr(build, "LABS", tmp_path / "labs")
    monkeypatch.setattr(labutils.labs, "__path__", [*labutils.labs.__path__, str(tmp_path / "labs")])
    course.exercise_names.cache_clear()

    def spoil(file, old, new):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(build.BuildError) as error:
            build.notebook(build.Source("98_broken"), solved=False)
        return str(error.value), text[:text.index(old)].count("\n") + 1

    yield spoil
    import sys

    for module in [m for m in sys.modules if "lab98_broken" in m]:
        del sys.modules[module]
    course.exercise_names.cache_clear()


@pytest.mark.parametrize("file, old, new, words", [
    ("exercises.py", "    ### END SOLUTION\n", "", "solution markers do not pair"),
    ("exercises.py", "    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n", "solution markers do not pair"),
    ("exercises.py", "    ### BEGIN SOLUTION\n", "    ## Begin Solution\n", "malformed marker '## Begin Solution'"),
    ("exercises.py", "    return w, b\n    ### END SOLUTION\n", "    ### END SOLUTION\n    return w, b\n", "code after the solution"),
    ("exercises.py", "    # TODO: 2 lines\n", "", "no TODO"),
    ("graders.py", "EXERCISES = [INITIALIZE, ", "EXERCISES = [", "no entry in graders.py"),
    ("graders.py", "EXERCISES = [INITIALIZE, CROSS_ENTROPY,", "EXERCISES = [CROSS_ENTROPY, INITIALIZE,", "in their order"),
    ("graders.py", 'hints=("One weight for each input, standing in a column; one bias, a number.",', 'hints=("",', "three hints"),
    ("graders.py", "right=[initialize_by_list, ", "right=[", "fewer than three right versions"),
    ("graders.py", 'replace=("b = 0.0", "b = 1.0")', 'replace=("b = 7", "b = 1.0")', "stands 0 times in the reference"),
    ("notebook.py", 'exercise="predict"', 'exercise="predicts"', "predicts: no such exercise"),
    ("notebook.py", 'exercise="predict"', 'exercise="optimize"', "placed twice"),
    ("notebook.py", "plots.show(", "print(", "a plot without a text description"),
    ("notebook.py", "(img/perceptron.png)", "(img/nothing.png)", "img/nothing.png does not exist"),
    ("notebook.py", "(img/perceptron.png)", "(http://example.org/a.png)", "not in img/"),
    ("notebook.py", 'lab.quiz("shrug")', 'lab.quiz("shrugs")', "no question shrugs"),
    ("notebook.py", "path = None", "path = (", "does not compile"),
    ("notebook.py", "path = None", "x = 1\n" * 31 + "path = None", "lines; 30 are the most"),
])
def test_faults_are_build_errors_with_file_and_line(broken, file, old, new, words):
    said, line = broken(file, old, new)
    assert words in said and re.search(r"lab98_broken/\w+\.py:\d+: ", said)


def test_the_line_of_a_fault_is_right(broken):
    said, line = broken("notebook.py", "(img/perceptron.png)", "(img/nothing.png)")
    assert f"notebook.py:{line}: " in said


def test_a_figure_without_description_is_an_error(tmp_path, monkeypatch):
    shutil.copytree(build.IMG, tmp_path / "img")
    (tmp_path / "img" / "perceptron.txt").write_text("")
    monkeypatch.setattr(build, "IMG", tmp_path / "img")
    with pytest.raises(build.BuildError, match="figure without a text description"):
        build.Source("01_logistic_regression")


def test_a_solution_left_in_a_student_notebook_is_an_error():
    source = build.Source("01_logistic_regression")
    with pytest.raises(build.BuildError, match="a solution is left"):
        build._no_solutions(source, build.notebook(source, solved=True))


def test_the_repository_stands_in_one_place_and_is_not_invented():
    if not build.repository():
        assert all("colab-badge" not in (ROOT / "notebooks" / f"{n}.ipynb").read_text(encoding="utf-8") for n in LABS)
