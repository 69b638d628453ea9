"""The learner's verbs, progress, and what is said to wrong use."""
import json
import subprocess
import sys

import numpy as np
import pytest

import labutils
from labutils import LabError, list_labs, open_lab
from labutils.labs.lab01_logistic_regression import exercises as ex

SECOND = "01_logistic_regression"


def say(capsys):
    return capsys.readouterr().out


def wrong_predict():
    def predict(w, b, X):
        return (w.T @ X + b < 0).astype(int)
    return predict


def right_predict():
    def predict(w, b, X):
        return (w.T @ X + b > 0).astype(int)
    return predict


def test_labs_stand_in_order():
    assert list_labs() == sorted(list_labs()) and list_labs()[0] == "00_numpy_foundations"


def test_importing_is_light():
    code = "import sys, labutils; print(sorted(m for m in ('numpy', 'tensorflow', 'sklearn', 'matplotlib') if m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    code = "import sys, labutils; labutils.open_lab('01').exercises; print([m for m in ('tensorflow', 'sklearn', 'matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.endswith("[]\n")


def test_opening_says_what_the_lab_is(capsys):
    lab = open_lab(SECOND)
    assert "6 exercises" in say(capsys) and lab.exercises[0] == "initialize_with_zeros"


def test_a_missing_package_is_said(capsys, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sklearn" else object())
    open_lab(SECOND)
    assert "needs scikit-learn, which this machine lacks" in say(capsys)


@pytest.mark.parametrize("name", ["01_logistc", "99", "music"])
def test_unknown_labs(name):
    with pytest.raises(LabError) as error:
        open_lab(name)
    assert "There is no lab" in str(error.value) and "\n" not in str(error.value)


def test_a_near_miss_is_suggested():
    with pytest.raises(LabError, match="Do you mean 01_logistic_regression"):
        open_lab("01_logistic_regresion")
    with pytest.raises(LabError, match="Do you mean propagate"):
        open_lab("01").hint("propogate")


def test_jupyter_shows_the_sentence_alone():
    assert LabError("Say it.")._render_traceback_() == ["Say it."]


def test_check_hands_back_the_learners_own_after_a_pass(capsys):
    lab, mine = open_lab("01"), right_predict()
    assert lab.check(mine) is mine
    assert "✓ predict" in say(capsys)


def test_check_hands_back_the_plain_reference_after_a_failure(capsys):
    lab, mine = open_lab("01"), wrong_predict()
    assert lab.check(mine) is ex.predict
    out = say(capsys)
    assert "From here on `predict` is the reference" in out and 'lab.mine("predict")' in out and "✗ predict" in out
    assert lab.mine("predict") is mine
    assert lab.check(ex.predict) is ex.predict and "still the reference" in say(capsys)
    assert lab.mine("predict") is mine


def test_mine_before_anything_was_checked():
    with pytest.raises(LabError, match="no version of predict of your own"):
        open_lab("01").mine("predict")


def test_what_no_exercise_is_named_after_comes_back_untouched(capsys):
    def something():
        """Not an exercise."""
    assert open_lab("01").check(something) is something
    assert 'no exercise "something"' in say(capsys)


def test_a_lambda_or_a_number_is_found_by_the_name_it_is_bound_to(capsys):
    space = {"lab": open_lab("01"), "np": np}
    exec("predict = lambda w, b, X: (w.T @ X + b > 0) * 1\nmine = predict\npredict = lab.check(predict)", space)
    assert space["predict"] is space["mine"]
    exec("predict = 3\npredict = lab.check(predict)", space)
    assert space["predict"] is ex.predict and "the number 3, not a function" in say(capsys)


def test_hints_go_up_three_levels(capsys):
    lab = open_lab("01")
    texts = []
    for _ in range(4):
        say(capsys)
        lab.hint("propagate")
        texts.append(say(capsys))
    assert [f"hint {i} of 3" in t for i, t in zip((1, 2, 3, 3), texts)] == [True] * 4 and 'lab.solution("propagate")' in texts[2]


def test_a_solution_is_shown_without_markers_and_remembered(capsys):
    lab = open_lab("01")
    lab.solution("propagate")
    out = say(capsys)
    assert "np.dot(X, (A - Y).T) / m" in out and "BEGIN SOLUTION" not in out and "TODO" not in out
    lab.check(right_predict())
    lab.progress()
    assert "propagate (looked up)" in say(capsys)


def test_a_quiz_asks_and_answers(capsys):
    lab = open_lab("01")
    quiz = lab.graders.QUIZZES[0]
    lab.quiz(quiz.name)
    assert quiz.question in say(capsys)
    wrong = next(letter for letter in quiz.choices if letter != quiz.answer)
    lab.quiz(quiz.name, wrong)
    out = say(capsys)
    assert quiz.choices[wrong][1] in out and quiz.choices[quiz.answer][1] not in out
    lab.quiz(quiz.name, quiz.answer.upper())
    assert all(reason in say_all for say_all in [say(capsys)] for _, reason in quiz.choices.values())
    with pytest.raises(LabError, match="none of the choices"):
        lab.quiz(quiz.name, "z")
    with pytest.raises(LabError, match="no question"):
        lab.quiz("nothing", "a")


def test_every_quiz_has_reasons_and_its_answer(labs):
    for name, lab in labs.items():
        assert 2 <= len(lab.graders.QUIZZES) <= (11 if name == "08_ml_strategy" else 3)  # lab 08 has a case of eight steps besides
        for quiz in lab.graders.QUIZZES:
            assert quiz.answer in quiz.choices and all(len(reason) > 15 for _, reason in quiz.choices.values())


def test_a_challenge_is_judged_by_its_outcome(capsys):
    lab = open_lab("01")

    def unfilled(images):
        raise NotImplementedError
    lab.challenge("eight_numbers")
    assert "95 %" in say(capsys)
    lab.challenge("eight_numbers", unfilled)
    assert "still open" in say(capsys)
    lab.challenge("eight_numbers", lambda images: 1 / 0)
    assert "ZeroDivisionError" in say(capsys)
    lab.challenge("eight_numbers", lambda images: np.zeros((20, len(images))))
    assert "8 are the most" in say(capsys)
    lab.challenge("eight_numbers", lambda images: images.mean(axis=(1, 2)).T)
    assert "not reached yet" in say(capsys)
    with pytest.raises(LabError, match="no challenge"):
        lab.challenge("nine_numbers", unfilled)


def test_progress_is_kept_beside_the_notebook(tmp_path, capsys):
    lab = open_lab("01")
    lab.check(right_predict())
    lab.check(wrong_predict())
    lab.check(right_predict())
    data = json.loads((tmp_path / f".progress_{SECOND}.json").read_text())
    assert data["exercises"] == {"predict": "passed"}
    assert "lab 01 1/6" in say(capsys) and [p.name for p in tmp_path.iterdir()] == [f".progress_{SECOND}.json"]


@pytest.mark.parametrize("content", ["{not json", "[]", '{"exercises": 3}', ""])
def test_a_damaged_progress_file_is_set_aside(tmp_path, capsys, content):
    (tmp_path / f".progress_{SECOND}.json").write_text(content)
    lab = open_lab("01")
    mine = right_predict()
    assert lab.check(mine) is mine
    assert "could not be read" in say(capsys) and (tmp_path / f".progress_{SECOND}.damaged.json").read_text() == content


def test_a_folder_that_cannot_be_written_to_does_no_harm(monkeypatch):
    import os

    def refuse(*_):
        raise PermissionError
    monkeypatch.setattr(os, "replace", refuse)
    mine = right_predict()
    assert open_lab("01").check(mine) is mine


def test_under_nbgrader_a_failed_check_raises_and_leaves_the_reference(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    space = {"lab": open_lab("01"), "np": np}
    with pytest.raises(LabError, match="predict: failed"):
        exec("def predict(w, b, X):\n    return w\npredict = lab.check(predict)", space)
    assert space["predict"] is ex.predict
    exec("def predict(w, b, X):\n    return (w.T @ X + b > 0) * 1\npredict = lab.check(predict)", space)
    assert space["predict"] is not ex.predict


def test_grade_takes_only_exercises_of_the_lab():
    with pytest.raises(LabError, match='no exercise "softmax"'):
        open_lab("01").grade("softmax", ex.predict)


def test_the_version_stands_in_two_places_that_agree():
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(labutils.__file__).parent.parent / "pyproject.toml").read_text())["project"]
    assert project["version"] == labutils.__version__
