"""The grading engine: statuses, rules on time, namespaces, printing and honesty, exceptions, chance, classes."""
import linecache
import threading

import numpy as np
import pytest

from labutils import calling, chance
from labutils.answers import FINE, close, listed, literal
from labutils.calling import TimeUp, plain, time_limit
from labutils.exercise import Case, Estimate, Exercise, Mistake
from labutils.grading import grade
from labutils.labs.lab01_logistic_regression import exercises as ex
from labutils.training import from_own_start


def make(source, **names):
    """A function from source in a namespace of its own, as a notebook cell makes it."""
    namespace, file = {"np": np, **names}, f"<cell {abs(hash(source))}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec"), namespace)
    return next(v for k, v in reversed(namespace.items()) if callable(v) and k not in ("np", *names))


# --- statuses ---

def test_a_right_answer_passes_with_a_sentence(lab01):
    report = lab01.grade("propagate", ex.propagate)
    assert report.status == "passed" and report.passed and report.score == 1.0 and type(report.score) is float
    assert report.mistake is None and "8 of 8 cases" in report.message and "numerical ones to" in report.message
    assert all(c.passed for c in report.checks) and {c.name for c in report.checks} >= {"dw", "db", "cost"}


def test_a_stub_is_not_attempted(lab01):
    report = lab01.grade("predict", make("def predict(w, b, X):\n    'doc'\n    # TODO\n    raise NotImplementedError"))
    assert report.status == "not attempted" and report.score == 0.0 and type(report.score) is float


def test_code_before_a_forgotten_raise_is_told_apart(lab01):
    report = lab01.grade("predict", make("def predict(w, b, X):\n    A = w.T @ X\n    raise NotImplementedError"))
    assert report.status == "not attempted" and "line 3" in report.message


@pytest.mark.parametrize("thing, words", [(3, "the number 3"), (None, "None"), (np.zeros(2), "an array of shape (2,)")])
def test_what_cannot_be_called(lab01, thing, words):
    report = lab01.grade("predict", thing)
    assert report.status == "failed" and words in report.message and report.mistake == "not a function"


def test_report_as_data_text_and_html(lab01):
    report = lab01.grade("propagate", make(
        "def propagate(w, b, X, Y):\n    A = 1 / (1 + np.exp(-(w.T @ X + b)))\n"
        "    return {'dw': X @ (A - Y).T, 'db': np.sum(A - Y)}, -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))"))
    data = report.to_dict()
    assert data["status"] == "failed" and data["mistake"] == "no mean" and data["score"] == 0.0
    assert "`cost` is right; `dw` and `db` are not." in str(report) and "m = 3" in str(report)
    assert "mean" in report._repr_html_() and "<script" not in report._repr_html_()


def test_html_escapes_what_a_learner_wrote(lab01):
    report = lab01.grade("predict", make("def predict(w, b, X):\n    raise ValueError('<script>alert(1)</script>')"))
    assert "<script>" not in report._repr_html_() and "&lt;script&gt;" in report._repr_html_()


# --- time ---

@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)",
                                  "while True:\n        try:\n            sum(range(1000))\n        except:\n            pass",
                                  "while True:\n        try:\n            pass\n        except Exception:\n            pass"])
def test_endless_code_is_stopped(lab01, body, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.3)
    report = lab01.grade("predict", make(f"def predict(w, b, X):\n    {body}"))
    assert report.status == "timeout" and report.score == 0.0 and report.mistake == "does not come back"


def test_endless_code_is_stopped_off_the_main_thread(lab01, monkeypatch):
    monkeypatch.setattr(calling, "SECONDS", 0.3)
    reports = []
    thread = threading.Thread(target=lambda: reports.append(lab01.grade("predict", make("def predict(w, b, X):\n    while True: pass"))))
    thread.start()
    thread.join(20)
    assert reports and reports[0].status == "timeout"


def test_time_limit_is_not_swallowed_by_except_exception():
    with pytest.raises(TimeUp), time_limit(0.1):
        while True:
            try:
                sum(range(100))
            except Exception:  # noqa: S112
                continue


# --- namespaces ---

def test_the_namespace_is_put_back(lab01):
    predict = make("def predict(w, b, X):\n    return (sigmoid(w.T @ X + b) > 0.5).astype(int)")
    space = predict.__globals__
    space["optimize"] = "mine"
    assert lab01.grade("predict", predict).passed  # sigmoid, which the cell never defined, was the reference
    assert "sigmoid" not in space and space["optimize"] == "mine" and space["predict"] is predict


def test_the_namespace_is_put_back_after_an_error(lab01):
    predict = make("def predict(w, b, X):\n    raise SystemExit")
    before = dict(predict.__globals__)
    assert lab01.grade("predict", predict).status == "error"
    assert predict.__globals__ == before


def test_a_wrong_earlier_answer_does_not_spoil_a_later_one(lab01):
    optimize = make("def optimize(w, b, X, Y, n, a):\n    costs = []\n    for i in range(n):\n        grads, cost = propagate(w, b, X, Y)\n"
                    "        costs.append(cost)\n        w = w - a * grads['dw']\n        b = b - a * grads['db']\n"
                    "    return {'w': w, 'b': b}, grads, costs", propagate=lambda *a: "wrong")
    assert lab01.grade("optimize", optimize).passed


def test_closures_can_be_graded(lab01):
    def outer():
        half = 0.5

        def predict(w, b, X):
            return (1 / (1 + np.exp(-(w.T @ X + b))) > half) * 1
        return predict
    assert lab01.grade("predict", outer()).passed


# --- honesty ---

class Chameleon:
    """Claims to equal everything."""
    __class__ = np.ndarray
    shape, ndim, size, dtype = (1, 1), 2, 1, np.dtype(float)

    def __eq__(self, other):
        return True

    def __array__(self, *args, **options):
        raise AssertionError("asked for data")

    def __getattr__(self, name):
        return lambda *a, **k: True


def test_objects_that_fake_equality_do_not_pass(lab01):
    assert not lab01.grade("cross_entropy_cost", lambda A, Y: Chameleon()).passed


def test_an_array_that_fakes_equality_does_not_pass(lab01):
    class Yes(np.ndarray):
        def __eq__(self, other):
            return True

        def __array_function__(self, *args):
            return True
    assert not lab01.grade("cross_entropy_cost", lambda A, Y: np.zeros(()).view(Yes)).passed


def test_plain_data_is_a_copy():
    a = np.zeros(3)
    kept = plain({"a": [a]})
    a += 1
    assert not kept["a"][0].any()


def test_inputs_changed_in_place_are_a_finding_of_their_own(lab01):
    report = lab01.grade("predict", make("def predict(w, b, X):\n    X *= 2\n    X /= 2\n    X[0, 0] += 1e-9\n    return (w.T @ X + b > 0) * 1"))
    assert report.status == "failed" and "`X` is changed in place" in report.message and "answers are right" in report.message


def test_memory_between_calls_is_noticed(lab01):
    source = ("costs = []\ndef optimize(w, b, X, Y, n, a):\n    for i in range(n):\n        grads, cost = propagate(w, b, X, Y)\n"
              "        costs.append(cost)\n        w = w - a * grads['dw']\n        b = b - a * grads['db']\n    return {'w': w, 'b': b}, grads, list(costs)")
    report = lab01.grade("optimize", make(source))
    assert not report.passed and report.mistake == "remembers earlier calls"


# --- printing ---

def test_an_exercise_may_say_what_two_different_answers_mean():
    def double(x):
        ### BEGIN SOLUTION
        return 2 * x
        ### END SOLUTION

    exercise = Exercise(double, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (rng.normal(0, 1, n),), sizes=[{"n": 3}], returns="y",
                        mistakes=[], right=[], hints=("", "", ""), why="", after="", unsteady="A new one each time.")
    report = grade(exercise, make("def double(x):\n    return x * np.random.random()"), {})
    assert report.mistake == "different on every call" and "A new one each time." in report.message


def test_prints_are_let_through_but_cut(lab01, capsys):
    lab01.grade("predict", make("def predict(w, b, X):\n    print('here', 'x' * 500)\n    return (w.T @ X + b > 0) * 1"))
    out = capsys.readouterr().out
    assert out.startswith("here xxx") and "it is cut here" in out and len(out) < 2 * calling.PRINTED


# --- exceptions ---

def test_an_exception_is_shown_at_the_learners_line_with_shapes(lab01):
    report = lab01.grade("propagate", make(
        "def propagate(w, b, X, Y):\n    m = X.shape[1]\n    A = sigmoid(np.dot(w, X) + b)\n"
        "    return {'dw': X @ (A - Y).T / m, 'db': np.mean(A - Y)}, cross_entropy_cost(A, Y)"))
    assert report.status == "error" and "your line 3, `A = sigmoid(np.dot(w, X) + b)`" in report.message
    assert "cannot multiply `w` (2, 1) with `X` (2, 5)" in report.message and "inner sizes 1 and 2 differ" in report.message
    assert report.mistake == "transpose of w missing"


@pytest.mark.parametrize("body, words", [
    ("return sigmod(w)", "`sigmod` is not defined"), ("return sigmod(w)", "do you mean `sigmoid`"), ("d = {'a': 1}\n    return d['b']", "no key 'b'; `d` has a"),
    ("exit()", "SystemExit"),
    ("return np.random.default_rng(0).randn(3)", "`rng.standard_normal`"), ("y = y + 1", "before this function gives it a value"), ("return predict(w, b, X)", "call itself")])
def test_exceptions_in_words(lab01, body, words):
    assert words in lab01.grade("predict", make(f"def predict(w, b, X):\n    {body}")).message


def test_the_number_of_parameters(lab01):
    report = lab01.grade("predict", make("def predict(w, X):\n    return w"))
    assert report.status == "error" and "it takes 2 arguments (w, X), the exercise gives 3: (w, b, X)" in report.message


def test_the_order_of_parameters(lab01):
    report = lab01.grade("predict", make("def predict(X, w, b):\n    return (w.T @ X + b > 0) * 1"))
    assert not report.passed


# --- a report never names a cause that is not established ---

def test_an_unknown_mistake_is_not_named(lab01):
    from labutils.authoring.benchmark import unrecognised

    report = lab01.grade("cross_entropy_cost", unrecognised(lab01.exercise("cross_entropy_cost")))
    assert report.mistake is None and "I don't recognise this mistake" in report.message and "expected `cost`" in report.message


def test_rounding_is_recognised(lab01):
    report = lab01.grade("cross_entropy_cost", make("def cross_entropy_cost(A, Y):\n    return round(-np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)), 3)"))
    assert report.mistake == "rounded" and "3 decimals" in report.message


def test_two_independent_slips_are_both_found(lab01):
    report = lab01.grade("propagate", make(
        "def propagate(w, b, X, Y):\n    m = X.shape[1]\n    A = sigmoid(w.T @ X + b)\n"
        "    return {'dw': (X @ (A - Y).T / m).ravel(), 'db': -np.sum(A - Y) / m}, cross_entropy_cost(A, Y)"))
    assert "axis dropped" in report.mistake and "sign" in report.mistake


# --- chance ---

def keep_mask(shape, keep, rng):
    """A mask of zeros and ones, ones with probability keep."""
    ### BEGIN SOLUTION
    return (rng.random(shape) < keep).astype(float)
    ### END SOLUTION


def _mask_statistics(args, mask):
    shape, keep, _ = args
    mask = np.asarray(mask, float)
    if mask.shape != shape:
        return {"shape": plain(np.array(mask.shape))}
    six_sigma = 6 * np.sqrt(2 * keep * (1 - keep) / mask.size)
    return {"share kept": Estimate(mask.mean(), six_sigma), "largest value": Estimate(mask.max(), 1e-9),
            "neighbours alike": Estimate(np.mean(mask[:, 1:] == mask[:, :-1]), 6 * np.sqrt(0.5 / mask.size))}


CHANCE = Exercise(
    keep_mask, title="Mask", difficulty=1, importance=1, minutes=1, draw=lambda rng, n, k: ((100, n), k, np.random.default_rng(rng.integers(1000))),
    sizes=[{"n": 60, "k": 0.8}, {"n": 80, "k": 0.3}], returns="mask", observe=_mask_statistics,
    mistakes=[Mistake("share dropped", "keep is the share that is kept, not the one dropped.", replace=("< keep", "> keep"))],
    right=[], hints=("", "", ""), why="", after="")


def test_small_weights_do_not_hide_in_the_room_of_large_ones():
    def weights(n, rng):
        ### BEGIN SOLUTION
        return rng.standard_normal((n, 3))
        ### END SOLUTION

    huge = Mistake("huge", "Huge.", replace=("rng.standard", "100 * rng.standard"))
    exercise = Exercise(weights, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (n, np.random.default_rng(int(rng.integers(99)))),
                        sizes=[{"n": 50}, {"n": 60}], returns="W", observe=lambda args, value: chance.normal("W", value, (args[0], 3), 1.0), mistakes=[huge],
                        right=[], hints=("", "", ""), why="", after="")
    exercise.source = "def weights(n, rng):\n    return rng.standard_normal((n, 3))\n"
    report = grade(exercise, make("def weights(n, rng):\n    return 0.01 * rng.standard_normal((n, 3))"), {})
    assert not report.passed and "huge" not in (report.mistake or "")


@pytest.mark.parametrize("source", ["return np.where(rng.random(shape) < keep, 1, 0)", "return rng.binomial(1, keep, shape)",
                                    "return 1.0 - (rng.uniform(size=shape) >= keep)"])
def test_any_right_way_to_draw_passes(source):
    assert grade(CHANCE, make(f"def keep_mask(shape, keep, rng):\n    {source}"), {}).passed


@pytest.mark.parametrize("source, mistake", [
    ("return (rng.random(shape) > keep) * 1.0", "share dropped"), ("return (np.random.random(shape) < keep) * 1.0", "chance not taken from rng"),
    ("return (rng.random(shape) < 0.8) * 1.0", None), ("return (rng.random(shape) < keep) / keep", None),
    ("return np.repeat(rng.random((shape[0], 1)) < keep, shape[1], axis=1) * 1.0", None)])
def test_wrong_draws_fail_by_their_statistics(source, mistake):
    report = grade(CHANCE, make(f"def keep_mask(shape, keep, rng):\n    {source}"), {})
    assert not report.passed and (mistake is None or report.mistake == mistake)


def test_a_seed_of_ones_own_is_no_chance():
    report = grade(CHANCE, make("def keep_mask(shape, keep, rng):\n    return np.random.default_rng(3).binomial(1, keep, shape)"), {})
    assert not report.passed and report.mistake == "rng without influence" and "do not come from `rng`" in report.verdict


def test_a_fault_has_what_it_says_and_its_name():
    fault = calling.Fault("Half of the mask is missing.", "half a mask")
    assert fault.what == "Half of the mask is missing." and fault.name == "half a mask" and not fault.whole


def test_a_generator_is_not_shown_as_an_object():
    report = grade(CHANCE, make("def keep_mask(shape, keep, rng):\n    return (rng.random(shape) > keep) * 1.0"), {})
    assert "keep = 0." in report.message and "Generator" not in report.message


def _weight_statistics(args, value):
    return chance.normal("W", value, args[0], 1.0)


def test_weights_of_another_shape_are_not_taken_for_idle_chance():
    def weights(shape, rng):
        ### BEGIN SOLUTION
        return rng.standard_normal(shape)
        ### END SOLUTION

    exercise = Exercise(weights, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: ((n, 3), np.random.default_rng(int(rng.integers(99)))),
                        sizes=[{"n": 50}, {"n": 60}], returns="W", observe=_weight_statistics, mistakes=[], right=[], hints=("", "", ""), why="", after="")
    exercise.source, exercise.text = "def weights(shape, rng):\n    return rng.standard_normal(shape)\n", ""
    report = grade(exercise, make("def weights(shape, rng):\n    return rng.standard_normal(shape[::-1])"), {})
    assert "`W` has shape (3, 50), expected (50, 3)." in report.message and "got `W`" not in report.message and "without influence" not in report.mistake


def test_a_mistake_known_by_name_is_told_though_no_chance_is_in_it():
    exercise = Exercise(keep_mask, title="Mask", difficulty=1, importance=1, minutes=1, draw=CHANCE.draw, sizes=CHANCE.sizes, returns="mask", observe=_mask_statistics,
                        mistakes=[Mistake("all kept", "Nothing is dropped.", replace=("< keep", "< 1"))], right=[], hints=("", "", ""), why="", after="")
    assert grade(exercise, make("def keep_mask(shape, keep, rng):\n    return np.ones(shape)"), {}).mistake == "all kept"


def test_what_the_look_at_an_answer_finds_is_said_where_no_named_mistake_explains_it():
    def halves(n):
        return [n // 2, n - n // 2]

    def observe(args, value):
        return FINE if sum(value) == args[0] and abs(value[0] - value[1]) < 2 else f"the sizes are {value}, which add up to {sum(value)}"

    exercise = Exercise(halves, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (n,), sizes=[{"n": 5}, {"n": 8}], returns="sizes",
                        observe=observe, variants=False, mistakes=[], right=[], hints=("", "", ""), why="", after="")
    exercise.source = exercise.text = ""
    report = grade(exercise, make("def halves(n):\n    return [1, n - 2]"), {})
    assert report.mistake == "the sizes" and "`sizes` is not as asked for." in report.message and "The sizes are [1, 3], which add up to 4." in report.message
    assert grade(exercise, make("def halves(n):\n    return [n - n // 2, n // 2]"), {}).passed


@pytest.mark.parametrize("source, mistake", [
    ("'up' if x > 0 or y > 0 else 'down'", "up too often"), ("'up' if x > 2 and y > 0 else 'flat' if x > 1 else 'down'", "up missed")])
def test_a_word_that_comes_too_often_or_is_missed(source, mistake):
    def way(x, y):
        return "up" if x > 0 and y > 0 else "flat" if x > 0 else "down"

    exercise = Exercise(way, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (2, 1), sizes=[{"n": 1}], returns="way", variants=False, mistakes=[],
                        right=[], extra=[Case(pair, {"n": 1}) for pair in ((1, 2), (2, 3), (3, 4), (-1, 1), (-2, 5), (-1, -2), (-3, -1))],
                        hints=("", "", ""), why="", after="")
    exercise.source = exercise.text = ""
    assert grade(exercise, make(f"def way(x, y):\n    return {source}"), {}).mistake == mistake


def test_statistics_that_happen_to_agree_are_no_lack_of_chance():
    report = grade(CHANCE, make("def keep_mask(shape, keep, rng):\n    return rng.random(shape)[:, :1]"), {})
    assert not report.passed and report.mistake != "rng without influence"


@pytest.mark.parametrize("draw, wrong", [
    (lambda rng: 0.1 * rng.standard_normal((50, 60)), set()), (lambda rng: rng.normal(0, 0.1, (50, 60)).astype(np.float32), set()),
    (lambda rng: rng.standard_normal((50, 60)), {"standard deviation of W"}), (lambda rng: rng.uniform(-0.173, 0.173, (50, 60)), {"tails of W"}),
    (lambda rng: np.abs(0.1 * rng.standard_normal((50, 60))), {"mean of W", "standard deviation of W"}),
    (lambda rng: np.tile(0.1 * rng.standard_normal((1, 60)), (50, 1)), {"distinct numbers in W"}), (lambda rng: np.zeros((60, 50)), None)])
def test_statistics_tell_weights_apart(draw, wrong):
    like = chance.normal("W", 0.1 * np.random.default_rng(0).standard_normal((50, 60)), (50, 60), 0.1)
    for seed in range(20):
        got = chance.normal("W", draw(np.random.default_rng(100 + seed)), (50, 60), 0.1)
        off = {n for n in like if not close(got[n], like[n])}
        assert off == set(like) if wrong is None else wrong <= off and bool(wrong) == bool(off)


# --- training from a start of the learner's own ---

def fit(x, num_iterations, learning_rate, rng):
    """Gradient descent on the square of W x."""
    ### BEGIN SOLUTION
    W, costs = rng.normal(0, 0.1, (1, 2)), []
    for _ in range(num_iterations):
        costs.append((W @ x).item() ** 2)
        W = W - learning_rate * 2 * (W @ x) * x.T
    return {"W1": W, "b1": np.zeros((1, 1))}, costs
    ### END SOLUTION


def _descend(x, parameters, num_iterations, learning_rate):
    class Given:
        def normal(self, *_):
            return parameters["W1"]
    return fit(x, num_iterations, learning_rate, Given())


def _play_fit(model, x, num_iterations, learning_rate, rng):
    return from_own_start(lambda n, rate, rng: model(x, n, rate, rng), lambda rng: fit(x, 0, 0.0, rng)[0],
                          lambda parameters, n, rate: _descend(x, parameters, n, rate), num_iterations, learning_rate, rng).result


FIT = Exercise(fit, title="Fit", difficulty=1, importance=1, minutes=1,
               draw=lambda rng, n: (rng.normal(size=(2, 1)), n, 0.3, np.random.default_rng(int(rng.integers(1000)))),
               sizes=[{"n": 1}, {"n": 2}, {"n": 5}], returns=("parameters", "costs"), play=_play_fit, mistakes=[Mistake("uphill", "Uphill.", replace=("W -", "W +"))],
               right=[], hints=("", "", ""), why="", after="")
FIT_LEARNER = """
def fit(x, num_iterations, learning_rate, rng):
    W, costs = START, []
    for _ in range(num_iterations):
        costs.append((W @ x).item() ** 2)
        W = W - learning_rate * 2 * (W @ x) * x.T
    return {"W1": W, "b1": BIAS * np.ones((1, 1))}, costs
"""


@pytest.mark.parametrize("start", ["rng.normal(0, 0.1, (1, 2))", "0.1 * rng.standard_normal((2, 1)).T[:, ::-1]", "np.array([[rng.random(), rng.normal()]])",
                                   "rng.standard_normal((1, 2)).astype(np.float32)"])
def test_training_passes_from_any_start_that_rng_gives(start):
    assert grade(FIT, make(FIT_LEARNER.replace("START", start).replace("BIAS", "0")), {}).passed


@pytest.mark.parametrize("start, change, mistake", [
    ("np.ones((1, 2))", ("", ""), "rng without influence"), ("np.random.default_rng(1).normal(size=(1, 2))", ("", ""), "rng without influence"),
    ("np.random.normal(size=(1, 2))", ("", ""), "chance not taken from rng"), ("rng.normal(0, 0.1, (1, 2))", ("W - ", "W + "), "uphill"),
    ("rng.normal(0, 0.1, (1, 2))", ("learning_rate * 2", "0.1 * 2"), "0.1 in place of learning_rate"), ("rng.random((1, 2))", ("W - ", "W + "), None),
    ("rng.random((1, 2))", ("BIAS", "0.01"), "0.01 added"), ("rng.random((1, 2))", ("2 * (W @ x)", "(W @ x)"), None)])
def test_training_gone_wrong_fails_from_any_start(start, change, mistake):
    report = grade(FIT, make(FIT_LEARNER.replace("START", start).replace(*change).replace("BIAS", "0")), {})
    assert not report.passed and report.mistake == mistake


def test_a_generator_is_shown_with_its_seed():
    assert literal(np.random.default_rng(7)) == "np.random.default_rng(7)"


# --- dicts with the same keys ---

def two_averages(g):
    """The mean of the entries and of their squares."""
    ### BEGIN SOLUTION
    return {"dW1": g.mean(), "db1": g.sum()}, {"dW1": (g ** 2).mean(), "db1": 0.0}
    ### END SOLUTION


AVERAGES = Exercise(
    two_averages, title="Averages", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (rng.normal(size=n),), sizes=[{"n": 2}, {"n": 3}, {"n": 5}],
    returns=("velocity", "square"), mistakes=[], right=[], hints=("", "", ""), why="", after="")


@pytest.mark.parametrize("body, wrong", [
    ("{'dW1': g.mean(), 'db1': g.sum()}, {'dW1': (g ** 2).mean(), 'db1': 0}", []),
    ("{'dW1': g.max(), 'db1': g.sum()}, {'dW1': (g ** 2).mean(), 'db1': 0}", ['velocity["dW1"]']),
    ("{'dW1': g.mean(), 'db1': g.sum()}, {'dW1': g.mean() ** 2, 'db1': 0}", ['square["dW1"]'])])
def test_entries_of_two_dicts_with_the_same_keys_are_all_judged(body, wrong):
    report = grade(AVERAGES, make(f"def two_averages(g):\n    return {body}"), {})
    assert [c.name for c in report.checks[:4] if not c.passed] == wrong and report.passed == (not wrong)


def test_of_many_names_the_first_and_the_last_are_said():
    assert listed(["a", "b", "c"]) == "`a`, `b` and `c`" and listed("abcdefgh") == "`a`, `b`, `c`, … and `h` (8 in all)"


# --- arguments left out ---

def powered(x, power=2):
    """x to a power."""
    ### BEGIN SOLUTION
    return x ** power
    ### END SOLUTION


POWERED = Exercise(
    powered, title="Power", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (rng.uniform(1, 2, n), int(rng.integers(3, 6))), sizes=[{"n": 2}, {"n": 3}],
    returns="power", extra=[Case((np.array([1.5, 3.0]),), {"n": 2})], mistakes=[], right=[], hints=("", "", ""), why="", after="")


@pytest.mark.parametrize("source, mistake", [
    ("x, power=2):\n    return x ** power", None), ("x, power=2):\n    return x", "x handed back"), ("x, power=2):\n    return power * x ** power", "times power"),
    ("x, power):\n    return x ** power", "type error")])
def test_cases_may_leave_out_arguments_with_a_default(source, mistake):
    report = grade(POWERED, make(f"def powered({source}"), {})
    assert report.passed == (mistake is None) and report.mistake == mistake


# --- classes ---

class Neuron:
    """A neuron with weights of its own."""

    def __init__(self, n):
        ### BEGIN SOLUTION
        self.w = np.ones(n)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        return float(self.w @ x)
        ### END SOLUTION


def _play(cls, w, x):
    neuron = cls(len(w))
    neuron.w = w
    return neuron(x)


CLASS = Exercise(Neuron, title="Neuron", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (rng.normal(size=n), rng.normal(size=n)),
                 sizes=[{"n": 2}, {"n": 3}, {"n": 5}], returns="output", play=_play,
                 mistakes=[Mistake("no sum", "The products are not added.", replace=("self.w @ x", "(self.w * x)[0]"))],
                 right=[], hints=("", "", ""), why="", after="")


def test_a_class_is_graded_with_injected_weights():
    right = make("class Neuron:\n    def __init__(self, n):\n        self.w = np.zeros(n)\n    def __call__(self, x):\n        return sum(self.w * x)")
    wrong = make("class Neuron:\n    def __init__(self, n):\n        self.w = np.zeros(n)\n    def __call__(self, x):\n        return -sum(self.w * x)")
    assert grade(CLASS, right, {}).passed and grade(CLASS, wrong, {}).mistake == "sign"
    first = make("class Neuron:\n    def __init__(self, n):\n        pass\n    def __call__(self, x):\n        return self.w[0] * x[0]")
    assert grade(CLASS, first, {}).mistake == "no sum"


# --- extremes ---

def test_an_extreme_makes_a_remark_not_a_failure(lab00):
    other_side = lab00.grade("sigmoid", make("def sigmoid(z):\n    return np.exp(z) / (1 + np.exp(z))"))
    assert other_side.passed and any("1000" in r for r in other_side.remarks)


def test_a_slow_right_answer_gets_a_remark(lab00):
    source = ("def pairwise_squared_distances(A, B):\n    out = np.zeros((len(A), len(B)))\n    for i in range(len(A)):\n"
              "        for j in range(len(B)):\n            for l in range(A.shape[1]):\n                out[i, j] += (A[i, l] - B[j, l]) ** 2\n    return out")
    report = lab00.grade("pairwise_squared_distances", make(source))
    assert report.passed and any("times as long" in r for r in report.remarks)


def test_a_tiny_value_is_not_close_to_zero():
    from labutils.answers import close

    assert close(Estimate(np.nan, 1.0), Estimate(np.nan, 1.0)) and not close(Estimate(np.nan, 1.0), Estimate(0.0, 1.0))
    assert not close(np.array(0.0), np.array(1e-10)) and close(np.array(1.000001e-10), np.array(1e-10))


def odd(value, rng):
    """An answer of the right kind, spoiled somewhere in one of many ways."""
    if isinstance(value, dict):
        return {k: odd(v, rng) if rng.random() < 0.6 else v for k, v in value.items()} if rng.random() < 0.9 else list(value.values())
    if isinstance(value, tuple):
        return tuple(odd(v, rng) if rng.random() < 0.6 else v for v in value)[:rng.integers(1, 4)]
    a = np.asarray(value, float)
    ways = [a, a.T, a.ravel(), 2 * a, -a, a * np.nan, np.zeros(0), a[..., None], a.sum(), None, a.tolist(), a.astype(int), a + 1j, a.astype(object),
            np.inf * a, "x", a.reshape(-1, 1), np.broadcast_to(a, (3, *a.shape)), a[:0] if a.ndim else a, [None], a.astype(bool), np.where(a > 0, a, np.nan)]
    return ways[rng.integers(len(ways))]


@pytest.mark.parametrize("seed", range(4))
def test_no_answer_however_odd_breaks_the_grader(labs, seed):
    rng = np.random.default_rng(seed)
    for lab in labs.values():
        for exercise in lab.graders.EXERCISES:
            for _ in range(1 if exercise.costly else 10):
                same, fixed = rng.random() < 0.5, int(rng.integers(1000))

                def spoiled(*args, exercise=exercise, same=same, fixed=fixed):
                    return odd(exercise.reference(*args), np.random.default_rng(fixed) if same else rng)
                report = lab.grade(exercise.name, spoiled)
                assert str(report) and report._repr_html_() and report.to_dict()


def test_cases_are_inputs_only(labs):
    for lab in labs.values():
        for exercise in lab.graders.EXERCISES:
            assert all(isinstance(c, Case) and not callable(a) for c in exercise.cases for a in c.args)


# --- several things wrong at once ---

def test_a_missing_key_does_not_hide_a_second_mistake(lab01):
    report = lab01.grade("propagate", make(
        "def propagate(w, b, X, Y):\n    A = sigmoid(w.T @ X + b)\n    return {'dw': X @ (A - Y).T}, cross_entropy_cost(A, Y)"))
    assert report.mistake == "key missing; no mean in dw" and "For m = 1" not in report.message


def test_a_factor_m_is_shown_with_several_examples(lab01):
    report = lab01.grade("propagate", make(
        "def propagate(w, b, X, Y):\n    A = sigmoid(w.T @ X + b)\n    d = A - Y\n"
        "    return {'dw': X @ d.T, 'db': d.sum() / len(X)}, cross_entropy_cost(A, Y)"))
    assert "For m = 1" not in report.message and "times m" in report.mistake


@pytest.mark.parametrize("body, words", [
    ("cost, grads = 1.0, 2.0\n    return grads['dw'], cost", "another order"), ("import math\n    return math.log(X), 0", "`np`"),
    ("return X.sum(axes=0), 0", "Do you mean `axis`?")])
def test_common_type_errors_come_with_advice(lab01, body, words):
    assert words in lab01.grade("propagate", make(f"def propagate(w, b, X, Y):\n    {body}")).message


# --- what an exercise sees where nothing else explains ---

def test_an_observation_speaks_where_no_mistake_is_recognised():
    def double(x):
        return 2 * x

    def look(args, got, expected):
        return "another factor", f"The first entry comes {got[0] / args[0][0]:.2f} times, not twice."
    exercise = Exercise(double, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (rng.normal(0, 1, n),), sizes=[{"n": 3}], returns="y",
                        mistakes=[Mistake("not doubled", "It is not doubled.", function=lambda x: x)], right=[], hints=("",) * 3, why="", after="", otherwise=look,
                        variants=False)
    assert grade(exercise, lambda x: x, {}).mistake == "not doubled"
    report = grade(exercise, lambda x: np.sin(x) + x ** 2, {})
    assert report.mistake == "another factor" and "times, not twice" in report.message and not report.passed
    assert grade(exercise, lambda x: x + x, {}).passed
