"""Lab 04c: the catches of the syllabus, the statistics of its graders, its challenge, points of several classes."""
import numpy as np
import pytest
from test_graders import graded

from labutils import many_classes
from labutils.answers import close
from labutils.calling import play
from labutils.labs.lab04c_tuning_batchnorm_softmax import exercises as ex
from labutils.labs.lab04c_tuning_batchnorm_softmax import graders

LAB = "04c_tuning_batchnorm_softmax"


@pytest.mark.parametrize("name, source, words", [
    ("batchnorm_forward", "def f(Z, gamma, beta, epsilon):\n    std = np.sqrt(Z.var(axis=0, keepdims=True) + epsilon)\n    Z_hat = (Z - Z.mean(axis=0)) / std\n"
     "    return gamma * Z_hat + beta, {'Z_hat': Z_hat, 'std': std, 'gamma': gamma}", "over the examples"),
    ("batchnorm_forward", "def f(Z, gamma, beta, epsilon):\n    mu, var = Z.mean(1, keepdims=True), Z.var(1, ddof=1, keepdims=True)\n"
     "    Z_hat = (Z - mu) / np.sqrt(var + epsilon)\n"
     "    return gamma * Z_hat + beta, {'Z_hat': Z_hat, 'std': np.sqrt(var + epsilon), 'gamma': gamma}", "m − 1"),
    ("update_running_statistics", "def f(running_mean, running_var, Z, momentum):\n    new = Z.mean(1, keepdims=True), Z.var(1, keepdims=True, ddof=1)\n"
     "    return tuple(momentum * a + (1 - momentum) * b for a, b in zip((running_mean, running_var), new))", "m − 1"),
    ("batchnorm_inference", "def f(Z, gamma, beta, running_mean, running_var, epsilon):\n    mu, var = Z.mean(1, keepdims=True), Z.var(1, keepdims=True)\n"
     "    return gamma * (Z - mu) / np.sqrt(var + epsilon) + beta", "*own* mean and variance"),
    ("batchnorm_backward", "def f(dout, cache):\n    s = dout.sum(1, keepdims=True)\n"
     "    return dout * cache['gamma'] / cache['std'], (dout * cache['Z_hat']).sum(1, keepdims=True), s",
     "did not depend on Z"),
    ("sample_log_uniform", "def f(low, high, size, rng):\n    return rng.uniform(low, high, size)", "*logarithm* that should be uniform"),
    ("random_search", "def f(score, space, n_trials, rng):\n    rows = [{n: rng.uniform(a, b) for n, (a, b, _) in space.items()} for _ in range(n_trials)]\n"
     "    return sorted([(score(s), s) for s in rows], key=lambda t: -t[0])", "logarithm that should be even"),
    ("random_search", "def f(score, space, n_trials, rng):\n    rows = [{n: (rng.uniform(a, b) if s == 'linear' "
     "else a * (b / a) ** rng.random()) for n, (a, b, s) in space.items()} "
     "for _ in range(n_trials)]\n    return sorted([(score(s), s) for s in rows], reverse=True)", "only the score"),
    ("narrow", "def f(trials, space, keep):\n    return {n: (min(s[n] for _, s in trials), max(s[n] for _, s in trials), c) for n, (_, _, c) in space.items()}", "all trials"),
    ("one_hot", "def f(labels, n_classes):\n    return np.eye(n_classes)[labels]", "example is a column"),
    ("categorical_cross_entropy", "def f(P, Y):\n    return -np.sum(Y * np.log(P))", "*mean* over examples"),
    ("categorical_cross_entropy", "def f(P, Y):\n    return -np.mean(np.sum(Y * np.log(P), axis=1))", "number of classes"),
    ("softmax_cross_entropy_backward", "def f(P, Y):\n    return P - Y", "division by the number of examples"),
    ("softmax_cross_entropy_backward", "def f(P, Y):\n    return (Y - P) / Y.shape[1]", "Y − P"),
])
def test_catches_of_the_syllabus(labs, name, source, words):
    report = graded(labs[LAB], {"source": source.replace("def f(", f"def {name}("), "exercise": name})
    assert not report.passed and report.mistake and words in report.message


def test_a_learners_own_cache_may_hold_more(labs):
    def batchnorm_forward(Z, gamma, beta, epsilon):
        out, cache = ex.batchnorm_forward(Z, gamma, beta, epsilon)
        return out, {"epsilon": epsilon, **cache}
    assert labs[LAB].grade("batchnorm_forward", batchnorm_forward).passed


@pytest.mark.parametrize("exercise", [graders.SAMPLE, graders.SEARCH])
def test_no_false_alarm_on_other_draws(exercise):
    """Statistics of a right answer from 40 other generators agree with the reference's."""
    for case in [c for c in exercise.cases if not c.twin]:
        like = play(exercise, exercise.reference, case).value
        for seed in range(40):
            again = play(exercise, exercise.right[seed % 3], type(case)((*case.args[:-1], np.random.default_rng(1000 + seed)), case.sizes)).value
            assert all(close(np.asarray(again[n]) if isinstance(like[n], np.ndarray) else again[n], like[n]) for n in like)


def test_the_challenge_counts_calls_and_rejects_what_lies_outside():
    middle = {"learning_rate": 0.5, "units": 30, "weight_scale": 1.0, "momentum": 0.5}
    reached, says = graders.judge_tuning(lambda score, space, rng: middle)
    assert reached and "24 calls" in says
    assert not graders.judge_tuning(lambda score, space, rng: {**middle, "momentum": 1.5})[0]
    assert not graders.judge_tuning(lambda score, space, rng: 3)[0]
    with pytest.raises(ValueError, match="budget"):
        graders.judge_tuning(lambda score, space, rng: [score(middle) for _ in range(25)])


@pytest.mark.parametrize("make", [many_classes.clouds, many_classes.arms])
def test_points_of_several_classes(make):
    X, labels = make(101, 4, seed=3)
    assert X.shape == (2, 101) and labels.shape == (101,) and set(labels) == {0, 1, 2, 3} and np.bincount(labels).min() >= 25
    assert np.array_equal(X, make(101, 4, seed=3)[0]) and not np.array_equal(X, make(101, 4, seed=4)[0])


def test_regions_are_drawn_for_every_class():
    import matplotlib.pyplot as plt

    X, labels = many_classes.clouds(60, 3)
    many_classes.regions(lambda x: (x[0] > 0).astype(int) + (x[1] > 0), X, labels, title="three")
    assert plt.gca().get_title() == "three"
    plt.close("all")


def test_the_bias_before_batch_norm_is_idle():
    rng = np.random.default_rng(0)
    Z, gamma, beta = rng.normal(size=(3, 8)), np.ones((3, 1)), np.zeros((3, 1))
    out, cache = ex.batchnorm_forward(Z, gamma, beta, 1e-5)
    assert np.allclose(ex.batchnorm_forward(Z + 9, gamma, beta, 1e-5)[0], out, atol=1e-12)
    assert np.abs(ex.batchnorm_backward(rng.normal(size=(3, 8)), cache)[0].sum(axis=1)).max() < 1e-12
