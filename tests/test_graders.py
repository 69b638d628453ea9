"""The graders of all labs: the proof, and versions written by people who had not seen them."""
import copy
import json
import linecache
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage  # noqa: F401 (some versions import these themselves: the first time takes longer than the time that a call has)
import sklearn.decomposition  # noqa: F401
import sklearn.metrics  # noqa: F401
import sklearn.preprocessing  # noqa: F401

from labutils import calling, list_labs
from labutils.authoring.proof import prove
from labutils.course import exercise_names
from labutils.exercise import Mistake

EXERCISES = [(lab, name) for lab in list_labs() for name in exercise_names(lab)]
VERSIONS = Path(__file__).parent / "versions"


@pytest.mark.parametrize("lab, name", EXERCISES)
def test_the_proof_holds(labs, lab, name, monkeypatch):
    if labs[lab].exercise(name).costly:
        monkeypatch.setattr(calling, "SECONDS", 40.0)  # other tests run beside this one
    proof = prove(labs[lab], name)
    assert not proof.faults
    if labs[lab].exercise(name).variants:
        assert proof.variants > 5 and proof.rejected >= 0.8 * proof.variants and proof.named == proof.rejected


def test_a_mistake_must_not_call_what_it_stands_for(labs, monkeypatch):
    def asks_itself(z):
        return 2 * sigmoid(z)  # noqa: F821

    lab = labs["00_numpy_foundations"]
    exercise = copy.copy(lab.exercise("sigmoid"))
    exercise.mistakes = [Mistake("twice", "It is twice as large.", function=asks_itself)]
    monkeypatch.setattr(lab, "exercise", lambda name: exercise)
    assert any("call ex.sigmoid" in fault for fault in prove(lab, "sigmoid").faults)


def versions(lab, name=None):
    file = VERSIONS / f"lab{lab.split('_')[0]}.json"
    return [v for v in json.loads(file.read_text(encoding="utf-8")) if name in (None, v["exercise"])]


def graded(lab, version):
    """The report on a version, which is run as a notebook cell would be."""
    source, file = version["source"], f"<cell {abs(hash(version['source']))}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    modules = {n: m for n, m in vars(lab.graders.ex).items() if n in ("tf", "keras")}
    namespace = {"np": np, **modules, "__name__": "cell", **lab.references}
    exec(compile(source, file, "exec"), namespace)
    return lab.grade(version["exercise"], namespace[version["exercise"]])


def impatient(lab, monkeypatch):
    """Versions that never come back are given up sooner, where a call is quick; where it is not, other tests may run beside this one."""
    monkeypatch.setattr(calling, "SECONDS", 40.0 if any(e.costly for e in lab.graders.EXERCISES) else 2.0)


@pytest.mark.parametrize("lab, name", EXERCISES)
def test_unseen_versions_are_told_apart(labs, lab, name, monkeypatch, record_property):
    impatient(labs[lab], monkeypatch)
    found = [(v, graded(labs[lab], v)) for v in versions(lab, name)]
    assert not [v["source"] for v, r in found if r.passed != (v["kind"] == "right")]
    wrong = [r for v, r in found if v["kind"] == "wrong"]
    assert len(wrong) >= 10 and len(found) - len(wrong) >= 6
    record_property("named", sum(bool(r.mistake) for r in wrong) / len(wrong))


@pytest.mark.parametrize("lab", list_labs())
def test_nine_in_ten_of_the_unseen_mistakes_are_named(labs, lab, monkeypatch):
    impatient(labs[lab], monkeypatch)
    reports = [graded(labs[lab], v) for v in versions(lab) if v["kind"] == "wrong"]
    assert sum(bool(r.mistake) for r in reports) >= 0.9 * len(reports)


@pytest.mark.parametrize("lab, name", EXERCISES)
def test_the_same_answer_gets_the_same_name(labs, lab, name):
    mistakes = labs[lab].exercise(name).mistakes
    from labutils.diagnosis import mistaken

    function = mistaken(labs[lab].exercise(name), mistakes[0])
    assert len({str(labs[lab].grade(name, function)) for _ in range(3)}) == 1


@pytest.mark.parametrize("lab", list_labs())
def test_numerical_gradients_agree_with_the_reference(labs, lab):
    for exercise in labs[lab].graders.EXERCISES:
        if exercise.numerical:
            report = labs[lab].grade(exercise.name, exercise.reference)
            assert float(report.verdict.split("ones to ")[1].split(". ")[0]) < 1e-6


# Catches of the syllabus: each by its name in the report.
@pytest.mark.parametrize("lab, name, source, words", [
    ("00_numpy_foundations", "images_to_matrix", "def f(images):\n    return images.reshape(-1, len(images))", "scrambled"),
    ("00_numpy_foundations", "softmax", "def f(z):\n    return np.exp(z) / np.exp(z).sum(axis=0)", "too large for a float"),
    ("01_logistic_regression", "predict", "def f(w, b, X):\n    return 1 / (1 + np.exp(-(w.T @ X + b)))", "probabilities"),
    ("01_logistic_regression", "predict", "def f(w, b, X):\n    return np.sign(w.T @ X + b)", "−1 and 1"),
    ("01_logistic_regression", "predict", "def f(w, b, X):\n    return (w.T @ X + b < 0) * 1", "exchanged"),
    ("01_logistic_regression", "predict", "def f(w, b, X):\n    return (w.T @ X + b > 0.5) * 1", "threshold"),
    ("01_logistic_regression", "predict", "def f(w, b, X):\n    return ((w.T @ X + b > 0) * 1)[0]", "flat"),
    ("01_logistic_regression", "cross_entropy_cost", "def f(A, Y):\n    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))", "mean"),
    ("01_logistic_regression", "cross_entropy_cost", "def f(A, Y):\n    return -np.mean(Y * np.log(A))", "(1 − Y)"),
    ("01_logistic_regression", "propagate", "def f(w, b, X, Y):\n    A = sigmoid(w.T @ X + b)\n    return {'dw': X @ (Y - A).T / Y.size, "
     "'db': np.mean(Y - A)}, cross_entropy_cost(A, Y)", "Y − A"),
    ("01_logistic_regression", "propagate", "def f(w, b, X, Y):\n    A = w.T @ X + b\n    return {'dw': X @ (A - Y).T / Y.size, "
     "'db': np.mean(A - Y)}, cross_entropy_cost(A, Y)", "sigmoid were missing"),
])
def test_catches_of_the_syllabus(labs, lab, name, source, words):
    report = graded(labs[lab], {"source": source.replace("def f(", f"def {name}("), "exercise": name})
    assert not report.passed and report.mistake and words in report.message
