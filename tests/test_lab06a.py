"""Lab 06a: the syllabus' catches by name, and what its data promise."""
import re

import numpy as np
import pytest

from labutils.tunes import books, load_openings, load_titles
from tests.test_graders import graded

NAME = "06a_rnn_from_scratch"


@pytest.mark.parametrize("exercise, source, words", [
    ("rnn_forward", "a, y, c = np.zeros((len(a0), x.shape[1], x.shape[2])), [], []\n    for t in range(x.shape[2]):\n        a[:, :, t], y_t, k = "
     "rnn_cell_forward(x[:, :, t], a0, parameters)\n        y.append(y_t)\n        c.append(k)\n    return a, np.stack(y, axis=2), c", "handed on"),
    ("rnn_cell_backward", "a, b, x, p = cache\n    d = da_next\n    return {'dx_t': p['Wax'].T @ d, 'da_prev': p['Waa'].T @ d, 'dWax': d @ x.T, 'dWaa': d @ b.T, "
     "'dba': d.sum(axis=1, keepdims=True)}", "1 − a_next²"),
    ("gru_cell_forward", "s = np.vstack([a_prev, x_t])\n    p = parameters\n    z, r = (sigmoid(p['W' + g] @ s + p['b' + g]) for g in 'zr')\n    h = np.tanh(p['Wh'] @ "
     "np.vstack([r * a_prev, x_t]) + p['bh'])\n    return z * a_prev + (1 - z) * h, None", "changed places"),
    ("embedding_lookup", "return E[ids]", "column")])
def test_common_mistakes_are_named(labs, exercise, source, words):
    arguments = {"rnn_forward": "x, a0, parameters", "rnn_cell_backward": "da_next, cache", "gru_cell_forward": "x_t, a_prev, parameters", "embedding_lookup": "E, ids"}
    report = graded(labs[NAME], {"exercise": exercise, "source": f"def {exercise}({arguments[exercise]}):\n    {source}\n"})
    assert not report.passed and report.mistake and words in report.message


def test_the_long_gap_has_its_count(labs):
    assert labs[NAME].references["lstm_parameter_count"](1024, 256) == 5_246_976  # Keras: 5 246 976 with embedding 256 and 1024 units


def test_titles_are_split_without_overlap():
    train, test, alphabet = load_titles()
    assert not set(train) & set(test) and len(train) > 2000 and len(test) > 200
    assert all(t.endswith("\n") and set(t) <= set(alphabet) and "\n" not in t[:-1] for t in train + test)
    assert alphabet[0] == "\n" and load_titles()[0] == train and load_titles(seed=1)[0] != train


def test_openings_are_notes_only_and_their_kind_is_the_metre():
    (notes, kinds), (others, _), symbols = load_openings()
    assert all(len(n) == 48 and set(n) <= set(symbols) for n in notes + others) and 0.4 < kinds.mean() < 0.6
    assert len(notes) + len(others) <= sum(len(re.findall(r"^M: *(?:6/8|C\|)\s*$", b, re.M)) for b in books())
    assert np.isin(kinds, (0, 1)).all()
