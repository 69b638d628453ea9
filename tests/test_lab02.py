"""Lab 02: its mistakes by name, training from any start, the points, the payoff."""
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from test_graders import graded

from labutils import planar, plots
from labutils.course import LABS
from labutils.labs.lab02_planar_shallow_net import graders
from labutils.labs.lab02_planar_shallow_net.exercises import forward_propagation, initialize_parameters, predict, shallow_model

LAB = "02_planar_shallow_net"
BACKWARD = """
def backward_propagation(parameters, cache, X, Y):
    m, A1, A2, Z1, W2 = X.shape[1], cache["A1"], cache["A2"], cache["Z1"], parameters["W2"]
    dZ2 = A2 - Y
    dW2, db2 = dZ2 @ A1.T / m, dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (1 - A1 ** 2)
    return {"dW2": dW2, "db2": db2, "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m}
"""
FORWARD = """
def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
"""
MODEL = """
def shallow_model(X, Y, n_h, num_iterations, learning_rate, rng):
    parameters, costs = initialize_parameters(X.shape[0], n_h, 1, rng), []
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        costs.append(compute_cost(A2, Y))
        parameters = update_parameters(parameters, backward_propagation(parameters, cache, X, Y), learning_rate)
    return parameters, costs
"""


def report_on(labs, source, *changes):
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return graded(labs[LAB], {"source": source, "exercise": re.search(r"def (\w+)", source)[1]})


# Catches of the syllabus: each by its words in the report.
@pytest.mark.parametrize("change, words", [
    (("(1 - A1 ** 2)", "A1 * (1 - A1)"), "slope of the sigmoid"), (("(1 - A1 ** 2)", "(1 - Z1 ** 2)"), "before it, is squared"),
    ((".sum(axis=1, keepdims=True)", ".sum(axis=1)"), "drop an axis"), (("dZ2 @ A1.T", "dZ2 @ X.T"), "computed from X"),
    ((" / m", ""), "division by m"), (("A2 - Y", "Y - A2"), "point the other way"), (("W2.T @ dZ2", "W2 @ dZ2"), "turned round")])
def test_gradients_gone_wrong_are_named(labs, change, words):
    assert report_on(labs, BACKWARD).passed
    report = report_on(labs, BACKWARD, change)
    assert not report.passed and report.mistake and words in report.message


@pytest.mark.parametrize("change, mistake", [(('parameters["W1"] @ X', 'parameters["W1"].T @ X'), "W1 turned round"), (('parameters["W2"] @ A1', 'parameters["W2"] @ X'),
"X into the second layer")])
def test_products_that_fail_alike_are_told_apart(labs, change, mistake):
    assert report_on(labs, FORWARD).passed and report_on(labs, FORWARD, change).mistake == mistake


def test_weights_of_another_shape_are_no_lack_of_chance(labs):
    report = report_on(labs, "def initialize_parameters(n_x, n_h, n_y, rng):\n    return {'W1': 0.01 * rng.standard_normal((n_x, n_h)), 'b1': np.zeros((n_h, 1)), "
                       "'W2': 0.01 * rng.standard_normal((n_y, n_h)), 'b2': np.zeros((n_y, 1))}")
    assert report.mistake == "another shape" and "`W1` has shape (120, 60), expected (60, 120)" in report.message


def test_upward_is_named(labs):
    report = report_on(labs, "def update_parameters(parameters, grads, learning_rate):\n    return {k: v + learning_rate * grads['d' + k] for k, v in parameters.items()}")
    assert report.mistake == "uphill" and "subtracted" in report.message


@pytest.mark.parametrize("name", ["activation", "activation_derivative"])
@pytest.mark.parametrize("end, mistake", [("raise ValueError(name)", None), ("return None", "no error for another name"), ("raise KeyError(name)", "another kind of error"),
                                          ("return z", "a result for another name"), ("return ValueError(name)", "error returned")])
def test_another_name_is_part_of_the_grade(labs, name, end, mistake):
    known = "\n".join(f"    if name == {kind!r}:\n        return reference(z, name)" for kind in graders.KNOWN)
    namespace_line = f"from labutils.labs.lab02_planar_shallow_net.exercises import {name} as reference"
    report = report_on(labs, f"def {name}(z, name):\n    {namespace_line}\n{known}\n    {end}")
    assert report.passed == (mistake is None) and report.mistake == mistake


@pytest.mark.parametrize("at_zero, passes", [(0, True), (1, True), (0.5, False)])
def test_at_the_corner_either_side_will_do(labs, at_zero, passes):
    source = f"""
def activation_derivative(z, name):
    z = np.asarray(z)
    if name == "sigmoid":
        return sigmoid(z) * (1 - sigmoid(z))
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name not in ("relu", "leaky_relu"):
        raise ValueError(name)
    low = 0.01 if name == "leaky_relu" else 0.0
    return np.where(z == 0, low + (1 - low) * {at_zero}, np.where(z > 0, 1.0, low))
"""
    report = report_on(labs, source)
    assert report.passed == passes and (passes or report.mistake == "half of the jump at 0")


# --- training from a start of one's own ---

@pytest.mark.parametrize("start", ["initialize_parameters(X.shape[0], n_h, 1, rng)",
                                   "{'W2': rng.normal(0, 0.01, (1, n_h)), 'b2': np.zeros((1, 1)), 'W1': rng.normal(0, 0.01, (X.shape[0], n_h)).T, 'b1': np.zeros((n_h, 1))}"])
def test_any_right_start_trains_right(labs, start):
    assert report_on(labs, MODEL, ("initialize_parameters(X.shape[0], n_h, 1, rng)", start)).passed


@pytest.mark.parametrize("change, mistake", [
    (("        parameters = update", "        update"), "nothing moves"), (("learning_rate)\n", "1.2)\n"), "learning rate 1.2"),
    (("X.shape[0], n_h", "X.shape[0], 4"), "always four hidden units"),
    (("n_h, 1, rng)", "n_h, 1, np.random.default_rng(3))"), "rng without influence"), (("    return", "        return"), "stops after the first step"),
    (("initialize_parameters(X.shape[0], n_h, 1, rng)", "{k: 100 * v for k, v in initialize_parameters(X.shape[0], n_h, 1, rng).items()}"),
     "a large start")])
def test_training_gone_wrong_is_named(labs, change, mistake):
    report = report_on(labs, MODEL, change)
    assert not report.passed and report.mistake == mistake


# --- points and pictures ---

@pytest.mark.parametrize("name", planar.SHAPES)
def test_points_come_from_their_seed(name):
    X, Y = planar.SHAPES[name](90, 3)
    again, other = planar.SHAPES[name](90, 3), planar.SHAPES[name](90, 4)
    assert X.shape == (2, 90) and Y.shape == (1, 90) and Y.sum() == 45 and set(np.unique(Y)) == {0, 1}
    assert np.array_equal(X, again[0]) and np.array_equal(Y, again[1]) and not np.array_equal(X, other[0])
    assert len(np.unique(np.diff(Y))) == 3  # in no order


@pytest.mark.parametrize("says", [lambda Z: Z[:1] > 0, lambda Z: 1 / (1 + np.exp(-Z[0])), lambda Z: np.ones(Z.shape[1])])
def test_a_boundary_is_drawn_of_labels_and_probabilities(says):
    figure, axis = plt.subplots()
    X, Y = planar.blobs(40)
    plots.boundary(says, X, Y, axis, "blobs")
    image, points = axis.images[0].get_array(), axis.collections[-2:]
    assert image.min() >= 0 and image.max() <= 1 and sum(len(p.get_offsets()) for p in points) == 40 and axis.get_title() == "blobs"
    plt.close(figure)


# --- the payoff ---

def test_four_units_part_the_flower():
    (X, Y), (X_test, Y_test) = planar.flower(), planar.flower(seed=1000)
    for seed in range(3):
        parameters, costs = shallow_model(X, Y, 4, 3000, 1.2, np.random.default_rng(seed))
        assert np.mean(predict(parameters, X_test) == Y_test) >= 0.88 and costs[-1] < 0.25


def test_twins_stay_twins():
    X, Y = planar.flower()
    start = {name: 0 * value + 0.01 * (name[0] == "W") for name, value in initialize_parameters(2, 4, 1, np.random.default_rng(0)).items()}
    parameters, _ = graders.train(start, X, Y, 300, 1.2)
    assert np.ptp(parameters["W1"], axis=0).max() < 1e-9 and np.linalg.matrix_rank(parameters["W1"], tol=1e-8) == 1


def test_the_challenge_asks_for_both():
    def known(X, Y, rng):
        parameters = initialize_parameters(2, 40, 1, rng)
        parameters["W1"], parameters["b1"] = 150 * parameters["W1"], rng.normal(0, 3, (40, 1))
        return graders.train(parameters, X, Y, 4000, 0.7)[0], predict

    assert graders.judge_spirals(known)[0]
    reached, said = graders.judge_spirals(lambda X, Y, rng: (initialize_parameters(2, 60, 1, rng), predict))
    assert not reached and "241 parameters" in said
    reached, said = graders.judge_spirals(lambda X, Y, rng: (initialize_parameters(2, 4, 1, rng), lambda p, X: forward_propagation(X, p)[0] > 0.5))
    assert not reached and "17 parameters" in said


def test_the_lab_draws_its_figures():
    assert {"shallow_net.png", "four_activations.png"} <= set(re.findall(r"img/([\w.]+)\)", (LABS / f"lab{LAB}" / "notebook.py").read_text(encoding="utf-8")))
