"""Lab 08: the mistakes that the syllabus wants known, any fair rounding of a split, the challenge, the world of the lab."""
import numpy as np
import pytest
from test_graders import graded

from labutils.labs.lab08_ml_strategy import exercises as ex
from labutils.labs.lab08_ml_strategy import graders, meters

LAB = "08_ml_strategy"
COUNTS = "    tp, fp, fn, tn = confusion_counts(y_true, y_pred)\n    p = tp / (tp + fp) if tp + fp else 0.0\n    r = tp / (tp + fn) if tp + fn else 0.0\n"
CHOOSE = """    ok = [n for n, v in candidates.items() if {test}]
    {none}
    return {pick}(ok, key=lambda n: candidates[n][optimizing[0]])"""
ALL = "all(v[k] >= l if s == '>=' else v[k] <= l for k, (s, l) in satisficing.items())"
NONE, PICK = "if not ok: return None", "(max if optimizing[1] == 'max' else min)"
CUT = "    m = X.shape[1]\n    ends = np.round(np.cumsum((0, *fractions)) * m).astype(int)\n    p, q = {p}, {q}\n    p = q if {same} else p\n" \
      "    return [(X[:, p[a:b]], Y[:, q[a:b]]) for a, b in zip(ends, ends[1:])]"


def choose(test=ALL, none=NONE, pick=PICK):
    return CHOOSE.format(test=test, none=none, pick=pick)


@pytest.mark.parametrize("name, body, words", [
    ("confusion_counts", "    y, p = y_true == 1, y_pred == 1\n    return (y & p).sum(), (y & ~p).sum(), (~y & p).sum(), (~y & ~p).sum()", "changed places"),
    ("precision_recall_f1", COUNTS + "    return r, p, 2 * p * r / (p + r) if p + r else 0.0", "changed places"),
    ("precision_recall_f1", COUNTS + "    return p, r, (p + r) / 2", "*harmonic*"),
    ("precision_recall_f1", "    tp, fp, fn, tn = confusion_counts(y_true, y_pred)\n    with np.errstate(all='ignore'):\n"
     "        p, r = np.float64(tp) / (tp + fp), np.float64(tp) / (tp + fn)\n"
     "        return p, r, 2 * p * r / (p + r)", "`nan`"),
    ("choose_model", choose(test="True"), "no influence"),
    ("choose_model", choose(test=ALL.replace(">= l", "> l").replace("<= l", "< l")), "exactly on a limit"),
    ("choose_model", choose(pick="max"), "largest value always wins"),
    ("choose_model", choose(none="ok = ok or list(candidates)"), "`None` is asked for"),
    ("weighted_error", "    return np.sum(weights * (y_true != y_pred))", "sum of all weights"),
    ("weighted_error", "    return np.sum(weights * (y_true == y_pred)) / np.sum(weights)", "*right* answers"),
    ("diagnose", "    g = [human_error - train_error, train_error - dev_error, dev_error - test_error]\n"
     "    return ['avoidable bias', 'variance', 'overfitting to dev'][int(np.argmax(g))]", "*later* error"),
    ("diagnose", "    g = np.abs(np.diff([human_error, train_error, dev_error, test_error]))\n"
     "    return ['avoidable bias', 'variance', 'overfitting to dev'][int(np.argmax(g))]", "step down"),
    ("diagnose", "    g = np.diff([human_error, train_error, dev_error, test_error])[::-1]\n"
     "    return ['overfitting to dev', 'variance', 'avoidable bias'][int(np.argmax(g))]", "first is asked for"),
    ("split_dataset", CUT.format(p="rng.permutation(m)", q="rng.permutation(m)", same="False"), "shuffled apart"),
    ("split_dataset", CUT.format(p="np.arange(m)", q="np.arange(m)", same="True"), "shuffle before you cut"),
    ("split_dataset", CUT.format(p="None", q="rng.integers(0, m, m)", same="True"), "more than once"),
    ("split_dataset", CUT.format(p="None", q="np.random.permutation(m)", same="True"), "`rng` alone"),
    ("multi_task_loss", "    return np.mean(-(Y_true * np.log(P) + (1 - Y_true) * np.log(1 - P)))", "makes every sum nan"),
    ("multi_task_loss", "    return np.nansum(-(Y_true * np.log(P) + (1 - Y_true) * np.log(1 - P))) / Y_true.size", "*all* places"),
    ("multi_task_loss", "    return np.nansum(-(Y_true * np.log(P) + (1 - Y_true) * np.log(1 - P)))", "added up, not averaged"),
    ("multi_task_loss", "    Y = np.nan_to_num(Y_true)\n    return np.mean(-(Y * np.log(P) + (1 - Y) * np.log(1 - P)))", "counted as 0"),
])
def test_catches_of_the_syllabus(labs, name, body, words):
    exercise = labs[LAB].exercise(name)
    head = exercise.text[:exercise.text.index(":\n")] + ":\n"
    report = graded(labs[LAB], {"source": head + body + "\n", "exercise": name})
    assert not report.passed and report.mistake and words in report.message


@pytest.mark.parametrize("ends", ["np.floor(np.cumsum(fractions) * m)", "np.ceil(np.cumsum(fractions) * m - 1e-9)", "np.cumsum([int(f * m) for f in fractions])"])
def test_fair_roundings_pass(labs, ends):
    source = f"def split_dataset(X, Y, fractions, rng):\n    m = X.shape[1]\n    ends = np.array({ends}).astype(int)\n    order = rng.permutation(m)\n" \
             "    return [(X[:, p], Y[:, p]) for p in np.split(order, ends[:-1])]\n"
    assert graded(labs[LAB], {"source": source, "exercise": "split_dataset"}).passed


def test_no_false_alarms_of_chance():
    for seed in range(300):
        args = graders.draw_split(np.random.default_rng(seed), 2, 95, 2 + seed % 4)
        assert graders.observe_split(args, graders.play_split(ex.split_dataset, *args)) == "as asked for"


def test_every_ladder_has_a_clear_answer_or_an_exact_tie():
    for case in graders.DIAGNOSE.cases:
        steps = np.sort(np.diff(case.args))
        assert steps[-1] - steps[-2] > 1e-3 or steps[-1] == steps[-2]


def test_the_challenge_asks_for_more_than_the_obvious_rules():
    assert not graders.judge_rule(lambda dev, test, tried: int(np.argmin(dev)))[0]
    assert not graders.judge_rule(lambda dev, test, tried: int(np.argmin(test)))[0]
    assert not graders.judge_rule(lambda dev, test, tried: int(np.argmin(dev + test)))[0]
    reached, says = graders.judge_rule(lambda dev, test, tried: 10)
    assert not reached and "index" in says


def test_the_finder_finds_a_digit_without_grain():
    X, Y = meters.digits()
    found, labels = meters.pictures(X, Y, 50, np.random.default_rng(0))
    cut = meters.find_and_cut(found)
    assert cut.shape == (50, 64) and labels.shape == (50,)
    assert cut.sum(axis=1).min() > found.sum(axis=(1, 2)).min() / 4
