"""python -m labutils, as a learner and an author call it."""
import json
import subprocess
import sys

import pytest

from labutils import LabError, doctor, workspace
from labutils.__main__ import main
from labutils.workspace import ROOT

SECOND = "01_logistic_regression"


@pytest.fixture
def my_labs(tmp_path, monkeypatch):
    """A course folder of its own, with the pristine notebooks in it."""
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    return tmp_path / "my_labs"


def filled(path, answers):
    """Write answers into a notebook's exercise cells."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        name = cell["id"].removeprefix("exercise-")
        if cell["id"].startswith("exercise-") and name in answers:
            cell["source"] = answers[name]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_wrong_use_gets_one_sentence_and_status_2(tmp_path):
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "other.ipynb").write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    for words in (["opne"], ["check"], ["check", "nothing.ipynb"], ["check", "broken.ipynb"], ["check", "other.ipynb"], ["open", "99", "--no-jupyter"],
                  ["build", "nothing", "--check"], ["check", "."]):
        done = subprocess.run([sys.executable, "-m", "labutils", *words], capture_output=True, text=True)
        assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and not done.stdout, (words, done.stderr)


def test_help_lists_the_commands():
    done = subprocess.run([sys.executable, "-m", "labutils", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and all(c in done.stdout for c in ("open", "list", "progress", "doctor", "check", "build", "prove", "benchmark"))
    assert subprocess.run([sys.executable, "-m", "labutils"], capture_output=True).returncode == 0


def test_list(capsys):
    assert main(["list"]) == 0
    assert "01_logistic_regression" in capsys.readouterr().out


def test_open_copies_once_and_never_overwrites(my_labs, capsys):
    assert main(["open", "01", "--no-jupyter"]) == 0
    mine = my_labs / f"{SECOND}.ipynb"
    assert mine.read_bytes() == (ROOT / "notebooks" / f"{SECOND}.ipynb").read_bytes()
    mine.write_text("my work")
    assert main(["open", "01", "--no-jupyter"]) == 0 and mine.read_text() == "my work"


def test_open_starts_jupyter_on_the_copy(my_labs, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "run", lambda words, **k: started.append(words) or subprocess.CompletedProcess(words, 0))
    assert main(["open", "1"]) == 0
    assert started[0][1:4] == ["-m", "jupyter", "lab"] and started[0][4].endswith(f"{SECOND}.ipynb")


def test_update_carries_answers_over_and_keeps_the_old_file(my_labs, capsys):
    main(["open", "01", "--no-jupyter"])
    mine = my_labs / f"{SECOND}.ipynb"
    answer = "def helper():\n    return 1\n\ndef predict(w, b, X):\n    return helper()"
    broken = "def optimize(w, b, X, Y, n, a)\n    return 1"
    filled(mine, {"predict": answer, "optimize": broken})
    before = mine.read_text()
    for times in (1, 2):
        assert main(["open", "01", "--update", "--no-jupyter"]) == 0
        assert len(list(my_labs.glob("*.old-*"))) == times
    assert before in [p.read_text() for p in my_labs.glob("*.old-*")]
    sources = workspace.code_cells(workspace.read_notebook(mine))
    assert answer in sources and broken in sources and "2 answers carried over" in capsys.readouterr().out


def test_check_grades_a_filled_notebook(tmp_path, capsys):
    file = tmp_path / "copied under another name.ipynb"
    file.write_bytes((ROOT / "notebooks" / f"{SECOND}.ipynb").read_bytes())
    filled(file, {"predict": "%matplotlib inline\ndef predict(w, b, X):\n    return (w.T @ X + b > 0) * 1",
                  "cross_entropy_cost": "def cross_entropy_cost(A, Y)\n    return 0",
                  "propagate": "def propagate(w, b, X, Y):\n    m = X.shape[1]\n    A = sigmoid(np.dot(w, X) + b)\n    return {}, A"})
    assert main(["check", str(file), "--json"]) == 1
    found = {r["exercise"]: r for r in json.loads(capsys.readouterr().out)["exercises"]}
    assert found["predict"]["status"] == "passed" and found["optimize"]["status"] == "not attempted"
    assert "does not compile: line 1" in found["cross_entropy_cost"]["message"] and "your line 3" in found["propagate"]["message"]
    assert main(["check", str(file)]) == 1 and "1 of 6 right." in capsys.readouterr().out


@pytest.mark.parametrize("lab", ["00_numpy_foundations", SECOND])
def test_check_of_a_solved_notebook_succeeds(lab, capsys):
    assert main(["check", str(ROOT / "notebooks" / "solutions" / f"{lab}.ipynb")]) == 0


def test_check_runs_no_experiments(tmp_path, capsys):
    file = tmp_path / "lab.ipynb"
    file.write_bytes((ROOT / "notebooks" / f"{SECOND}.ipynb").read_bytes())
    notebook = json.loads(file.read_text())
    notebook["cells"].insert(3, {"cell_type": "code", "id": "x", "metadata": {}, "source": "open('touched', 'w')", "outputs": [], "execution_count": None})
    file.write_text(json.dumps(notebook))
    main(["check", str(file)])
    assert not (tmp_path / "touched").exists()


def test_progress_without_any(my_labs, capsys):
    assert main(["progress"]) == 0 and "course 0/" in capsys.readouterr().out


def test_no_notebooks_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(workspace, "ROOT", tmp_path)
    with pytest.raises(LabError, match="The notebooks are not here"):
        workspace.notebooks_folder()


def test_doctor_tries_everything(capsys):
    assert main(["doctor"]) == 0
    assert "a kernel: starts and computes" in capsys.readouterr().out


def test_doctor_says_how_to_mend(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "requirements", lambda: [("numpy", "99.0"), ("not-there-at-all", "1.0")])
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "99.0 or newer is needed; run  " in out and 'pip install "not-there-at-all>=1.0"' in out


def test_old_python_gets_a_sentence():
    import shutil

    old = next(filter(None, (shutil.which(f"python3.{v}") for v in (8, 9, 10))), None)
    if old is None or subprocess.run([old, "-c", "pass"], capture_output=True).returncode:
        pytest.skip("no Python older than 3.11 on this machine")
    done = subprocess.run([old, "-m", "labutils"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("labutils needs Python 3.11 or newer") and len(done.stderr.splitlines()) == 1
