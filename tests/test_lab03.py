"""Lab 03: the catches of the syllabus by their words, the payoff, the drawn data, gradients at any depth, the speed of a step."""
import numpy as np
import pytest
from test_graders import graded

from labutils.drawings import LIGHT_ON_DARK, draw_pairs, draw_pets
from labutils.labs.lab00_numpy_foundations.exercises import images_to_matrix
from labutils.labs.lab01_logistic_regression.exercises import logistic_model
from labutils.labs.lab03_deep_net import exercises as ex
from labutils.labs.lab03_deep_net import graders

LAYER = """
def linear_activation_backward(dA, cache, activation):
    linear_cache, Z = cache
    if activation == "relu":
        dZ = RELU
    elif activation == "sigmoid":
        dZ = SIGMOID
    else:
        raise ValueError
    return linear_backward(dZ, linear_cache)
"""
SLOPES = {"RELU": "dA * (Z > 0)", "SIGMOID": "dA * sigmoid(Z) * (1 - sigmoid(Z))"}
FORWARD = """
def model_forward(X, parameters):
    A, caches, L = X, [], len(parameters) // 2
    for l in range(FIRST, STOP):
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "HIDDEN")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters[f"W{L}"], parameters[f"b{L}"], "LAST")
    return AL, caches + [cache]
"""
RIGHT_FORWARD = {"FIRST": "1", "STOP": "L", "HIDDEN": "relu", "LAST": "sigmoid"}
BACKWARD = """
def model_backward(AL, Y, caches):
    grads, L = {}, len(caches)
    dA, grads[f"dW{L}"], grads[f"db{L}"] = linear_activation_backward((1 - Y) / (1 - AL) - Y / AL, caches[-1], "sigmoid")
    for l in range(L - 1, 0, -1):
        dA, grads[f"dW{l}"], grads[f"db{l}"] = linear_activation_backward(dA, caches[INDEX], "relu")
    return grads
"""
LINEAR = """
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = dZ.shape[1]
    return DA_PREV, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m
"""
INITIALIZE = """
def initialize_parameters_deep(layer_dims, rng):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters[f"W{l}"] = rng.normal(0, STD, (layer_dims[l], layer_dims[l - 1]))
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters
"""


def filled(source, right=None, **blanks):
    for name, text in {**(right or {}), **blanks}.items():
        source = source.replace(name, text)
    return source


# Catches of the syllabus: each by its name in the report.
@pytest.mark.parametrize("name, source, words", [
    ("model_forward", filled(FORWARD, RIGHT_FORWARD, LAST="relu"), "The last layer has a relu"),
    ("model_forward", filled(FORWARD, RIGHT_FORWARD, STOP="L - 1"), "a layer early"),
    ("model_forward", filled(FORWARD, RIGHT_FORWARD, STOP="L + 1"), "passed once more"),
    ("model_forward", filled(FORWARD, RIGHT_FORWARD, FIRST="0"), "begins at 0"),
    ("model_forward", filled(FORWARD, RIGHT_FORWARD, HIDDEN="sigmoid", LAST="relu"), "changed places"),
    ("model_backward", filled(BACKWARD, INDEX="L - 1 - l"), "wrong end"),
    ("model_backward", filled(BACKWARD, INDEX="l"), "caches[l − 1]"),
    ("linear_activation_backward", filled(LAYER, SLOPES, RELU="dA * (dA > 0)"), "mask of relu is made from dA"),
    ("linear_activation_backward", filled(LAYER, SLOPES, RELU="dA * (linear_cache[0] > 0)"), "mask of relu is made from A_prev"),
    ("linear_activation_backward", filled(LAYER, {"RELU": SLOPES["SIGMOID"], "SIGMOID": SLOPES["RELU"]}), "changed places"),
    ("linear_backward", filled(LINEAR, DA_PREV="W @ dZ"), "Wᵀ is needed"),
    ("linear_backward", filled(LINEAR, DA_PREV="W.T @ dZ / m"), "`dA_prev` is divided by m"),
    ("initialize_parameters_deep", filled(INITIALIZE, STD="0.01"), "is 0.01 in every layer"),
    ("initialize_parameters_deep", filled(INITIALIZE, STD="(1 / layer_dims[l - 1]) ** 0.5"), "√(1/n_in)"),
    ("initialize_parameters_deep", filled(INITIALIZE, STD="(2 / layer_dims[l]) ** 0.5"), "units *in* the layer"),
])
def test_catches_of_the_syllabus(labs, name, source, words):
    report = graded(labs["03_deep_net"], {"source": source, "exercise": name})
    assert not report.passed and report.mistake and words in report.message


@pytest.mark.parametrize("name, source", [
    ("model_forward", filled(FORWARD, RIGHT_FORWARD)), ("model_backward", filled(BACKWARD, INDEX="l - 1")), ("linear_activation_backward", filled(LAYER, SLOPES)),
    ("linear_backward", filled(LINEAR, DA_PREV="W.T @ dZ")), ("initialize_parameters_deep", filled(INITIALIZE, STD="(2 / layer_dims[l - 1]) ** 0.5"))])
def test_what_these_are_made_from_passes(labs, name, source):
    assert graded(labs["03_deep_net"], {"source": source, "exercise": name}).passed


@pytest.mark.parametrize("ending, words", [
    ("A = Z", "something is computed"), ("return None", "without complaint"), ("raise KeyError(activation)", "KeyError is raised"), ("pass", "no branch is taken"),
    ("A = sigmoid(Z)", 'treated like "sigmoid"')])
def test_another_activation_must_be_a_value_error(labs, ending, words):
    source = f"""
def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "relu":
        A = np.maximum(0, Z)
    elif activation == "sigmoid":
        A = sigmoid(Z)
    else:
        {ending}
    return A, (linear_cache, Z)
"""
    report = graded(labs["03_deep_net"], {"source": source, "exercise": "linear_activation_forward"})
    assert not report.passed and words in report.message


@pytest.mark.parametrize("start", ["parameters = initialize_parameters_deep(layer_dims, rng)",
                                   "parameters = {f'W{l}': rng.normal(0, (2 / layer_dims[l - 1]) ** 0.5, (layer_dims[l], layer_dims[l - 1]))\n"
                                   "                  for l in range(len(layer_dims) - 1, 0, -1)}\n"
                                   "    parameters |= {f'b{l}': np.zeros((layer_dims[l], 1)) for l in range(1, len(layer_dims))}"])
@pytest.mark.parametrize("rate, good", [("learning_rate", True), ("-learning_rate", False), ("learning_rate / X.shape[1]", False), ("0.1", False)])
def test_a_model_is_judged_whatever_the_order_of_its_draws(labs, start, rate, good):
    source = f"""
def deep_model(X, Y, layer_dims, num_iterations, learning_rate, rng):
    {start}
    costs = []
    for _ in range(num_iterations):
        AL, caches = model_forward(X, parameters)
        costs.append(deep_cost(AL, Y))
        parameters = update_parameters(parameters, model_backward(AL, Y, caches), {rate})
    return parameters, costs
"""
    assert graded(labs["03_deep_net"], {"source": source, "exercise": "deep_model"}).passed == good


@pytest.mark.parametrize("layer_dims", [[4, 1], [4, 3, 1], [4, 5, 3, 2, 1], [3, 4, 4, 4, 4, 4, 1]])
def test_gradients_of_the_reference_are_those_of_the_cost(layer_dims):
    rng = np.random.default_rng(1)
    parameters = {name: value + 0.1 for name, value in ex.initialize_parameters_deep(layer_dims, rng).items()}
    AL, caches = ex.model_forward(rng.standard_normal((layer_dims[0], 7)), parameters)
    Y = np.arange(7)[None] % 2
    grads, numerical = ex.model_backward(AL, Y, caches), graders.numerical_backward(AL, Y, caches)
    assert grads.keys() == numerical.keys() and all(np.allclose(grads[n], numerical[n], atol=1e-7) for n in grads)
    assert all(len(cache[0]) == 3 and cache[0][1].size for cache in caches)  # what saves time does not touch the caller's caches


def test_drawn_pets():
    images, labels = draw_pets(400, seed=3)
    again, _ = draw_pets(400, seed=3)
    assert images.shape == (400, 32, 32, 3) and images.dtype == np.uint8 and labels.shape == (1, 400) and labels.mean() == 0.5
    assert np.array_equal(images, again) and not np.array_equal(images, draw_pets(400, seed=4)[0])
    forehead, corner = images[:, 12:14, 15:17].mean(axis=(1, 2, 3)), images[:, :3, :3].mean(axis=(1, 2, 3))
    lighter = forehead > corner
    assert abs(lighter.mean() - LIGHT_ON_DARK) < 0.1 and abs(lighter[labels[0] == 1].mean() - lighter[labels[0] == 0].mean()) < 0.15


def test_drawn_pairs():
    images, labels = draw_pairs(100, seed=2)
    assert images.shape == (100, 16, 32, 3) and labels.shape == (1, 100) and 0.3 < labels.mean() < 0.7
    left, right = draw_pets(100, (2, 0), 16)[1], draw_pets(100, (2, 1), 16)[1]
    assert np.array_equal(labels, left != right)


def accuracy(parameters, X, Y):
    return 100 * np.mean((ex.model_forward(X, parameters)[0] > 0.5) == Y)


def test_a_hidden_layer_does_what_a_neuron_cannot():
    (X, Y), (X_new, Y_new) = ((np.ascontiguousarray(images_to_matrix(i) / 255), y) for i, y in (draw_pets(300, 0), draw_pets(600, 1)))
    neuron = logistic_model(X, Y, X_new, Y_new, 400, 0.005)
    parameters, _ = ex.deep_model(X, Y, [3072, 20, 1], 400, 0.02, np.random.default_rng(0))
    assert neuron["test_accuracy"] < 78 and accuracy(parameters, X_new, Y_new) > 98


def test_depth_pays_for_pairs():
    (X, Y), (X_new, Y_new) = ((i.mean(axis=3).reshape(600, -1).T / 255, y) for i, y in (draw_pairs(600, 0), draw_pairs(600, 1)))
    scores = [np.mean([accuracy(ex.deep_model(X, Y, dims, 1200, rate, np.random.default_rng(seed))[0], X_new, Y_new) for seed in (0, 1)])
              for dims, rate in (([512, 1], 0.01), ([512, 21, 1], 0.2), ([512, 20, 20, 1], 0.07))]
    assert scores[2] > scores[1] + 5 > scores[0] + 15


def test_the_challenge_has_its_rules():
    def diet(hidden, n=16):
        def described(images):
            return images.mean(axis=3).reshape(len(images), -1)[:, :n].T / 255, hidden, 0.1
        return described
    assert "300 are the most" in graders.judge_diet(diet([20]))[1] and "(n, 300) is wanted" in graders.judge_diet(lambda i: (i.mean(axis=3), [2], 0.1))[1]
    reached, says = graders.judge_diet(diet([3]))
    assert not reached and "55 parameters" in says


def test_a_step_is_no_slower_than_scikit_learns():
    from labutils.authoring import speed

    X, Y = speed.data(np.float64)
    start = ex.initialize_parameters_deep(speed.LAYER_DIMS, np.random.default_rng(0))
    import time
    import warnings

    warnings.simplefilter("ignore")
    trains = speed.ours(X, Y, start, 20), speed.sklearns(X, Y, start, 20)
    times = [[], []]
    for _ in range(6):
        for train, found in zip(trains, times):
            began = time.perf_counter()
            train()
            found.append(time.perf_counter() - began)
    assert min(times[0]) < 1.5 * min(times[1])  # about 0.7; room for a busy machine
