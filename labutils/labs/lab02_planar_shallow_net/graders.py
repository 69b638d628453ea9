"""What the graders of lab 02 know: cases, mistakes, right versions, hints."""
import dataclasses
import re

import numpy as np

from labutils import chance, planar
from labutils.answers import FINE
from labutils.calling import plain
from labutils.exercise import Case, Challenge, Estimate, Exercise, Mistake, Quiz
from labutils.labs.lab00_numpy_foundations.graders import SIGMOID
from labutils.labs.lab01_logistic_regression.graders import CROSS_ENTROPY, draw_predictions, labels
from labutils.training import from_own_start

from . import exercises as ex
from .exercises import activation, activation_derivative, backward_propagation, compute_cost, forward_propagation, initialize_parameters, sigmoid, update_parameters

NAMES = {"m": "the number of examples", "n_x": "the number of inputs", "n_h": "the number of hidden units"}
KNOWN = ("sigmoid", "tanh", "relu", "leaky_relu")
OTHER = "another name"

# --- activation and activation_derivative ----------------------------------------------------------------------------


def play_by_name(function, z, name):
    """Each branch is an output of its own; what happens at a name that is none of the four is one too."""
    try:
        value = function(z, name)
    except Exception as error:
        if name in KNOWN:
            raise
        return {OTHER: FINE if isinstance(error, ValueError) else "an error of another kind than ValueError is raised for a name that is none of the four"}
    if name in KNOWN:
        return {name: value}
    if isinstance(value, Exception) or isinstance(value, type) and issubclass(value, Exception):
        return {OTHER: "an error that is returned, not raised"}
    return {OTHER: "no error, and None" if value is None else "no error, but a result"}


def play_slope(function, z, name):
    """As `play_by_name`; where z is 0 the slope of either side counts as the same."""
    found, z = play_by_name(function, z, name), np.asarray(z)
    slope = found.get(name)
    if name in ("relu", "leaky_relu") and isinstance(slope, np.ndarray) and slope.shape == z.shape and slope.dtype.kind in "biuf":
        either = np.isclose(slope.astype(float), 1) | np.isclose(slope.astype(float), 0.01 if name == "leaky_relu" else 0)
        found[name] = np.where((z == 0) & either, 1, slope)
    return found


def draw_z(rng, name, shape):
    z = np.round(rng.normal(0, 2, shape), 2)
    z = np.where(np.abs(z) < 0.05, 0.3, z)
    if len(shape) == 3:
        z[0, 0, 0] = 0
    return (z if shape else float(z)), name


BY_NAME = [{"name": name, "shape": shape} for shape in ((), (2, 3), (4,), (2, 1, 3)) for name in KNOWN] + \
    [{"name": "wave", "shape": (2, 2)}, {"name": "leaky", "shape": (3,)}]
ANOTHER = [
    Mistake("no error for another name", "For a name that is none of the four nothing is raised, and None comes back: the caller learns of the slip many lines later. Say it "
                "where "
            "it happens, with `raise ValueError(…)` after the last branch.", replace=('    raise ValueError(f"there is no activation {name!r}")\n', "")),
    Mistake("a result for another name", "A name that is none of the four gets a result, as if it were one of them: perhaps the last branch is an `else` that takes all that "
                "is "
            "left. A misspelt name should be an error, a ValueError.", replace=('raise ValueError(f"there is no activation {name!r}")', "return z")),
    Mistake("error returned", "For a name that is none of the four a ValueError is *returned*, as if it were a result. An error takes effect when it is raised, with `raise`.",
            replace=('raise ValueError(f"there is no activation {name!r}")', 'return ValueError("no")')),
    Mistake("another kind of error", "A name that is none of the four ends in an error, but not in a ValueError: in what Python says when a variable has no value or a key "
                "is missing, "
            "or in another kind that is raised. Raise a ValueError yourself, after the last branch.",
            replace=('ValueError(f"there is no activation {name!r}")', "KeyError(name)")),
]


def activation_by_dict(z, name):
    functions = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
                 "relu": lambda z: z * (z > 0), "leaky_relu": lambda z: np.maximum(z, 0.01 * z)}
    if name not in functions:
        raise ValueError("unknown: " + name)
    return functions[name](z)


def activation_by_match(z, name):
    z = np.asarray(z, np.float32)
    match name:
        case "sigmoid":
            a = 0.5 * (1 + np.tanh(z / 2))
        case "tanh":
            a = 2 / (1 + np.exp(-2 * z)) - 1
        case "relu" | "leaky_relu":
            a = np.clip(z, 0, None) + (0.01 if name == "leaky_relu" else 0) * np.clip(z, None, 0)
        case _:
            raise ValueError
    return a


class UnknownActivation(ValueError):
    pass


def activation_with_vectorize(x, kind):
    def one(v):
        if kind == "sigmoid":
            return 1 / (1 + np.exp(-v))
        if kind == "tanh":
            return np.sinh(v) / np.cosh(v)
        return v if v > 0 else (0.01 * v if kind == "leaky_relu" else 0.0)

    if kind not in ("sigmoid", "tanh", "relu", "leaky_relu"):
        raise UnknownActivation(kind)
    return np.vectorize(one, otypes=[float])(x)


def two_exchanged(z, name):
    return ex.activation(z, {"sigmoid": "tanh", "tanh": "sigmoid"}.get(name, name))


def slopes_for_values(z, name):
    return activation_derivative(z, name)


ACTIVATION = Exercise(
    ex.activation, title="Four activations", difficulty=1, importance=2, minutes=8,
    draw=draw_z, sizes=BY_NAME, returns="result", play=play_by_name, uses=[SIGMOID],
    mistakes=[
        Mistake("slopes for values", "These are the slopes of the activations. The values themselves are wanted; the slopes are the next exercise.",
                function=slopes_for_values),
        *ANOTHER,
        Mistake("absolute value for relu", "That is the absolute value. The rectified linear unit turns negative numbers into 0, it does not mirror them.",
                replace=("np.maximum(z, 0)", "np.abs(z)")),
        Mistake("a step for relu", "That is a step, 0 or 1. The rectified linear unit lets positive numbers through as they are.",
                replace=("np.maximum(z, 0)", "np.where(z > 0, 1.0, 0.0)")),
        Mistake("relu turned round", "The relu lets the negative numbers through and cuts off the positive ones.", replace=("np.maximum(z, 0)", "np.minimum(z, 0)")),
        Mistake("relu up to 1", "Below 0 all is right, but above 1 it stops growing. A relu has no ceiling.", replace=("np.maximum(z, 0)", "np.clip(z, 0, 1)")),
        Mistake("relu not added up", "The largest entry of the array comes out, not one value for each. `np.max` looks for the largest within an array, `np.maximum` "
                "compares two, entry by entry.",
                replace=("np.maximum(z, 0)", "np.max(z)")),
        Mistake("maximum along an axis", "In `np.max(z, 0)` the 0 is an axis: the largest entry along it comes out. `np.maximum(z, 0)` compares every entry with 0.",
                replace=("np.maximum(z, 0)", "np.max(z, 0)")),
        Mistake("relus turned round", "Both relus let the negative numbers through and hold back the positive ones: the condition, or the choice between larger and smaller, "
                "is turned round.",
                replace=[("np.maximum(z, 0)", "np.minimum(z, 0)"), ("np.where(z > 0, z, 0.01 * z)", "np.minimum(z, 0.01 * z)")]),
        Mistake("sigmoid and tanh exchanged", "The sigmoid is given for \"tanh\" and the tanh for \"sigmoid\". The sigmoid runs from 0 to 1, the tanh from −1 to 1.",
                function=two_exchanged),
        Mistake("another slope of the leak", "The slope below 0 is another one; here it is 0.01.", replace=("0.01 * z", "0.1 * z")),
        Mistake("a constant below 0", "Below 0 the leaky relu is constant, 0.01. It is the *slope* that is 0.01 there: the value is 0.01 z, below 0.",
                replace=("np.where(z > 0, z, 0.01 * z)", "np.maximum(z, 0.01)")),
        Mistake("leak of the wrong sign", "The leaky relu goes up on both sides of 0: below 0 its value should be slightly negative.", replace=("0.01 * z", "-0.01 * z")),
        Mistake("leaks above 0", "The leaky relu is turned round, or the smaller of z and 0.01 z is taken: the small slope belongs below 0, above 0 everything passes as it "
                "is.", replace=("np.where(z > 0, z, 0.01 * z)", "np.where(z > 0, 0.01 * z, z)")),
        Mistake("relu for leaky_relu", "Below 0 it is flat, as the plain relu is. The leak is missing: a slope of 0.01.", replace=("z, 0.01 * z)", "z, 0)")),
        Mistake("tanh of half of z", "2σ(z) − 1 is the tanh of z/2. The tanh is a sigmoid stretched to −1 … 1 *and* twice as steep: 2σ(2z) − 1.",
                replace=("np.tanh(z)", "2 * sigmoid(z) - 1")),
        Mistake("tan", "That is the tangent of an angle. The hyperbolic tangent is `np.tanh`.", replace=("np.tanh(z)", "np.tan(z)")),
        Mistake("arctan", "That is the arc tangent. It looks alike, but the hyperbolic tangent is `np.tanh`.", replace=("np.tanh(z)", "np.arctan(z)")),
        Mistake("inverse tanh", "That is the inverse of the tanh.", replace=("np.tanh(z)", "np.arctanh(z)")),
        Mistake("tanh upside down", "The tanh comes out upside down: (eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ) grows with z.", replace=("np.tanh(z)", "-np.tanh(z)")),
        Mistake("fraction of the tanh exchanged", "The fraction of the tanh stands on its head: the difference is above, the sum below.",
                replace=("np.tanh(z)", "1 / np.tanh(z)")),
        Mistake("sigmoid turned round", "The sigmoid falls with z: the sign in the exponent is missing, 1/(1 + e⁻ᶻ).", replace=("sigmoid(z)", "sigmoid(-z)")),
    ],
    right=[activation_by_dict, activation_by_match, activation_with_vectorize],
    unchanged={">= in place of >": "at 0 both sides of the branch give 0", "in place of name": "the words of the error are free"},
    hints=("Four functions behind one name: compare the name, branch by branch. Each works on a whole array at once.",
           "σ(z) = 1/(1 + e⁻ᶻ); tanh z; relu: the larger of z and 0; leaky relu: z above 0, 0.01 z below. All in the shape of z.",
           "if the name is sigmoid return sigmoid of z; likewise tanh; relu by np.maximum; leaky_relu by np.where with the condition z > 0; after the last branch raise a "
           "ValueError"),
    why="`np.maximum(z, 0)` compares entry by entry. The error at the end costs one line and saves an evening: a misspelt name says so at once.",
    after="Four ways to bend a line.")


def derivative_by_values(z, name):
    if name not in KNOWN:
        raise ValueError(f"{name} is none of {KNOWN}")
    a = activation(z, name)
    if name == "sigmoid":
        return a - a ** 2
    if name == "tanh":
        return (1 + a) * (1 - a)
    return (a > 0) + (a <= 0) * (0.01 if name == "leaky_relu" else 0)


def derivative_by_formulas(z, name):
    if name == "sigmoid":
        d = np.exp(-z) / (1 + np.exp(-z)) ** 2
    elif name == "tanh":
        d = 1 / np.cosh(z) ** 2
    elif name == "relu":
        d = z > 0
    elif name == "leaky_relu":
        d = np.ones_like(z)
        d = d * (z >= 0) + 0.01 * (z < 0)
    else:
        raise ValueError("no")
    return d


def derivative_by_mask(z, name):
    z = np.array(z, dtype=float)
    slopes = {"sigmoid": lambda: sigmoid(z) * sigmoid(-z), "tanh": lambda: 4 * sigmoid(2 * z) * (1 - sigmoid(2 * z)), "relu": lambda: np.heaviside(z, 0.0),
              "leaky_relu": lambda: np.clip(np.sign(z), 0.01, 1)}
    try:
        return slopes[name]()
    except KeyError:
        raise ValueError(name) from None


def slope_by_central_difference(z, name):
    if name not in KNOWN:
        raise ValueError(name)
    return (activation(z + 1e-6, name) - activation(z - 1e-6, name)) / 2e-6


def slope_by_coarse_difference(z, name):
    if name not in KNOWN:
        raise ValueError(name)
    return (activation(z + 0.1, name) - activation(z, name)) / 0.1


def values_for_slopes(z, name):
    return activation(z, name)


DERIVATIVE = Exercise(
    ex.activation_derivative, title="And their slopes", difficulty=2, importance=2, minutes=10,
    draw=draw_z, sizes=BY_NAME, returns="result", play=play_slope, uses=[SIGMOID],
    mistakes=[
        Mistake("values for slopes", "These are the activations themselves. Their slopes are wanted.", function=values_for_slopes),
        Mistake("half of the jump at 0", "At z = 0 the slope is half way between those of the two sides: a difference across the corner, or a sign, gives that. At 0 take "
                "the slope of one of "
                "the sides.", function=slope_by_central_difference),
        Mistake("a difference for the slope", "The slopes are near, but not exact: they are differences over a step. Here the formulas are wanted.",
                function=slope_by_coarse_difference),
        Mistake("slope at the sigmoid", "The sigmoid is taken twice: the slope is that at σ(z) instead of that at z.", replace=("a = sigmoid(z)", "a = sigmoid(sigmoid(z))")),
        *ANOTHER,
        Mistake("z taken for the activation", "z is used as if it were the activation already: a(1 − a) and 1 − a² hold for a = σ(z) and a = tanh(z). What comes in here is "
                "z.",
                replace=[("a = sigmoid(z)", "a = z"), ("np.tanh(z) ** 2", "z ** 2")]),
        Mistake("z taken for the sigmoid", "z is used as if it were the sigmoid already: a(1 − a) holds for a = σ(z). What comes in here is z.",
                replace=("a = sigmoid(z)", "a = z")),
        Mistake("z taken for the tanh", "z is used as if it were the tanh already: 1 − a² holds for a = tanh(z). What comes in here is z.",
                replace=("np.tanh(z) ** 2", "z ** 2")),
        Mistake("slopes of sigmoid and tanh exchanged", "a(1 − a) is the slope of the sigmoid, 1 − a² that of the tanh. They have changed places.",
                replace=[("return a * (1 - a)", "return 1 - a ** 2"), ("return 1 - np.tanh(z) ** 2", "return np.tanh(z) * (1 - np.tanh(z))")]),
        Mistake("the sigmoid's slope for the tanh", "a(1 − a) belongs to the sigmoid. For the tanh, which runs from −1 to 1, the slope is another expression of a: "
                "differentiate (eᶻ − e⁻ᶻ)/(eᶻ + e⁻ᶻ).",
                replace=("1 - np.tanh(z) ** 2", "np.tanh(z) * (1 - np.tanh(z))")),
        Mistake("the tanh's slope for the sigmoid", "1 − a² belongs to the tanh. For the sigmoid see lab 00: the slope is largest, ¼, where a is one half.",
                replace=("a * (1 - a)", "1 - a ** 2")),
        Mistake("square left out of the tanh's slope", "The slope of the tanh is at most 1 and the same for z and −z: a square is missing.",
                replace=("np.tanh(z) ** 2", "np.tanh(z)")),
        Mistake("square around the difference", "The square belongs to the tanh alone, 1 − a², not to the difference.",
                replace=("1 - np.tanh(z) ** 2", "(1 - np.tanh(z)) ** 2")),
        Mistake("one plus the square", "The slope of the tanh is 1 *minus* its square: it becomes 0 where the curve is flat. 1 + tan² is the slope of the tangent.",
                replace=("1 - np.tanh", "1 + np.tanh")),
        Mistake("half of the sigmoid's slope", "In a(1 − a) the second factor is missing or another: at z = 0 the slope is ¼.", replace=("a * (1 - a)", "1 - a")),
        Mistake("relu for its slope", "That is the relu itself. Its slope above 0 is 1, whatever z is.", replace=("np.where(z > 0, 1.0, 0.0)", "np.maximum(z, 0)")),
        Mistake("relu's slope turned round", "The slope of the relu is 1 above 0 and 0 below, not the other way round.",
                replace=("np.where(z > 0, 1.0, 0.0)", "np.where(z > 0, 0.0, 1.0)")),
        Mistake("sign for relu's slope", "Below 0 the slope is −1 here, as for the absolute value. The relu is flat there: 0.",
                replace=("np.where(z > 0, 1.0, 0.0)", "np.sign(z)")),
        Mistake("relu's slope 1 everywhere", "The slope of the relu is 1 everywhere here. Below 0 it is flat.", replace=("np.where(z > 0, 1.0, 0.0)", "np.ones_like(z)")),
        Mistake("leaky relu for its slope", "Below 0 the value 0.01 z comes out, or above 0 z itself. The slope is a constant on each side.",
                replace=("np.where(z > 0, 1.0, 0.01)", "np.where(z > 0, z, 0.01 * z)")),
        Mistake("0.01 z below 0", "Below 0 the value 0.01 z of the leaky relu comes out. Its slope is 0.01 itself.", replace=("1.0, 0.01)", "1.0, 0.01 * z)")),
        Mistake("no slope below 0", "Below 0 the slope of the leaky relu is 0 here, as for the plain one. It is 0.01: that is all its sense.",
                replace=("1.0, 0.01)", "1.0, 0.0)")),
        Mistake("another slope of the leak", "The slope below 0 is another one; here it is 0.01.", replace=("1.0, 0.01)", "1.0, 0.1)")),
        Mistake("negative slope below 0", "Below 0 the slope has a minus sign. The leaky relu rises there too, slowly.", replace=("1.0, 0.01)", "1.0, -0.01)")),
        Mistake("leaky slopes turned round", "The slopes of the leaky relu are turned round: 1 above 0, 0.01 below.",
                replace=("np.where(z > 0, 1.0, 0.01)", "np.where(z > 0, 0.01, 1.0)")),
    ],
    right=[derivative_by_values, derivative_by_formulas, derivative_by_mask],
    unchanged={">= in place of >": "at 0 the slope of either side will do", "in place of name": "the words of the error are free",
               "where left out": "True and False count as 1 and 0"},
    hints=("The slope at z, from z. For sigmoid and tanh it is easily said by means of the value itself.",
           "With a = σ(z): a(1 − a). With a = tanh z: 1 − a². relu: 1 above 0, 0 below. leaky relu: 1 above 0, 0.01 below.",
           "for sigmoid: a = sigmoid of z, return a times (1 - a); for tanh: 1 minus the square of tanh of z; for the two others np.where with the condition z > 0; after "
           "the last branch raise a ValueError"),
    why="The derivative takes z and not a, so that it works the same way for all four. From a one could not tell the slope of every activation.",
    after="Now you can check each of them by nudging z.")

# --- initialize_parameters -------------------------------------------------------------------------------------------


def generator(rng):
    return np.random.default_rng(int(rng.integers(1000)))


def draw_architecture(rng, n_x, n_h, n_y):
    return n_x, n_h, n_y, generator(rng)


def weights_and_biases(args, value):
    """Statistics of the weights; the biases as they are."""
    n_x, n_h, n_y, _ = args
    W1, b1, W2, b2 = (chance.entry(plain(value), name) for name in ("W1", "b1", "W2", "b2"))
    both = np.concatenate([np.ravel(W) for W in (W1, W2) if isinstance(W, np.ndarray)] or [np.zeros(2)])
    return chance.normal("W1", W1, (n_h, n_x), 0.01) | chance.normal("W2", W2, (n_y, n_h), 0.01) | {
        "b1": b1, "b2": b2, "distinct numbers in both": Estimate(np.unique(both).size / both.size, 0.02)}


def initialize_in_other_order(n_x, n_h, n_y, rng):
    W2, W1 = rng.normal(0, 0.01, (n_y, n_h)), rng.normal(scale=0.01, size=(n_h, n_x))
    return dict(W1=W1, W2=W2, b2=np.zeros((n_y, 1)), b1=0 * W1[:, :1])


def initialize_from_one_draw(n_x, n_h, n_y, rng):
    numbers = (rng.standard_normal(n_h * n_x + n_y * n_h) / 100).astype(np.float32)
    return {"W1": numbers[:n_h * n_x].reshape(n_x, n_h).T, "b1": np.zeros((n_h, 1), np.float32), "b2": np.zeros((n_y, 1), int),
            "W2": numbers[n_h * n_x:].reshape(n_y, n_h), "n_h": n_h}


def initialize_by_loops(a, b, c, source):
    W1, W2 = np.empty((b, a)), np.empty((c, b))
    for W in (W1, W2):
        for i in range(W.shape[0]):
            for j in range(W.shape[1]):
                W[i, j] = source.normal() * 1e-2
    return {"W1": W1, "W2": W2, "b1": np.array([[0.0]] * b), "b2": np.array([[0.0]] * c)}


def initialize_positive(n_x, n_h, n_y, rng):
    return {"W1": np.abs(0.01 * rng.standard_normal((n_h, n_x))), "b1": np.zeros((n_h, 1)), "W2": np.abs(0.01 * rng.standard_normal((n_y, n_h))), "b2": np.zeros((n_y, 1))}


def initialize_with_two_numbers(n_x, n_h, n_y, rng):
    W1, W2 = rng.normal(0, 0.01) * np.ones((n_h, n_x)), rng.normal(0, 0.01) * np.ones((n_y, n_h))
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


def both(old1, new1):
    """The same edit of the lines of W1 and W2."""
    return [(f"W1 = {old1}((n_h, n_x))", f"W1 = {new1.replace('SHAPE', '(n_h, n_x)')}"), (f"W2 = {old1}((n_y, n_h))", f"W2 = {new1.replace('SHAPE', '(n_y, n_h)')}")]


DRAWN = "0.01 * rng.standard_normal"
INITIALIZE = Exercise(
    ex.initialize_parameters, title="A small random start", difficulty=1, importance=3, minutes=7,
    draw=draw_architecture, sizes=[{"n_x": 120, "n_h": 60, "n_y": 90}, {"n_x": 2, "n_h": 4, "n_y": 1}, {"n_x": 3, "n_h": 2, "n_y": 4}, {"n_x": 70, "n_h": 30, "n_y": 80}],
    returns="parameters", observe=weights_and_biases, names={**NAMES, "n_y": "the number of outputs"},
    mistakes=[
        Mistake("weights not small", "The weights have the standard deviation 1: the factor 0.01 is missing, or stands where the mean belongs (`rng.normal` takes the mean "
                "first). With large weights most tanh units start where they are flat and hardly learn.",
                replace=both(DRAWN, "rng.standard_normal(SHAPE)")),
        Mistake("all weights positive", "The weights lie between 0 and 0.01: `rng.random` is uniform and never negative. Normal numbers come from `rng.standard_normal`, "
                "both signs among them.",
                replace=both(DRAWN, "0.01 * rng.random(SHAPE)")),
        Mistake("uniform between 0 and 1", "The weights lie between 0 and 1: `rng.random` is uniform, never negative, and here not small. Normal numbers come from "
                "`rng.standard_normal`.",
                replace=both(DRAWN, "rng.random(SHAPE)")),
        Mistake("uniform", "The weights are uniform between −0.01 and 0.01. Normal ones are wanted, most near 0 and a few far out, with standard deviation 0.01.",
                replace=both(DRAWN, "rng.uniform(-0.01, 0.01, SHAPE)")),
        Mistake("uniform with the right spread", "Mean and standard deviation are right, but no number is far out: the weights are uniform, not normal.",
                replace=both(DRAWN, "rng.uniform(-0.01 * 3 ** 0.5, 0.01 * 3 ** 0.5, SHAPE)")),
        Mistake("variance for standard deviation", "The weights have the standard deviation 0.0001: 0.01 is the standard deviation, it is not squared.",
                replace=both(DRAWN, "0.01 ** 2 * rng.standard_normal(SHAPE)")),
        Mistake("root of 0.01", "The weights have the standard deviation 0.1: 0.01 is the standard deviation itself, not the variance.",
                replace=both(DRAWN, "0.01 ** 0.5 * rng.standard_normal(SHAPE)")),
        Mistake("a tenth for a hundredth", "The weights have the standard deviation 0.001, a tenth of what is wanted.",
                replace=both(DRAWN, "0.001 * rng.standard_normal(SHAPE)")),
        Mistake("scaled by the number of inputs", "The spread depends on the number of units before, √(2/n). That is a good rule for deep nets (labs 03 and 04a); here it is "
                "0.01 for all.",
                replace=both(DRAWN, "np.sqrt(2 / SHAPE[1]) * rng.standard_normal(SHAPE)")),
        Mistake("scaled by one over the root", "The spread depends on the number of units before, √(1/n). That is a good rule for deep nets (labs 03 and 04a); here it is "
                "0.01 for all.",
                replace=both(DRAWN, "np.sqrt(1 / SHAPE[1]) * rng.standard_normal(SHAPE)")),
        Mistake("0.01 as mean, too", "The weights scatter around 0.01, not around 0.", replace=both(DRAWN, "rng.normal(0.01, 0.01, SHAPE)")),
        Mistake("signs lost", "No weight is negative: the signs were taken away.", function=initialize_positive),
        Mistake("units that are twins", "All hidden units start with the same weights: only one row was drawn. Twins get the same gradient and stay twins, however long they "
                "train.",
                replace=[("0.01 * rng.standard_normal((n_h, n_x))", "np.repeat(0.01 * rng.standard_normal((1, n_x)), n_h, axis=0)")]),
        Mistake("one number for a whole layer", "All weights of a layer are one and the same number: a single one is drawn and spread out. Ask `rng` for the whole shape.",
                function=initialize_with_two_numbers),
        Mistake("biases of 1", "The biases start at 1; they should start at 0.",
                replace=[("np.zeros((n_h, 1))", "np.ones((n_h, 1))"), ("np.zeros((n_y, 1))", "np.ones((n_y, 1))")]),
    ],
    unchanged={"steps exchanged": "in which order the numbers are drawn does not matter", "sign of": "a normal distribution is the same on both sides, and −0 = 0"},
    right=[initialize_in_other_order, initialize_from_one_draw, initialize_by_loops],
    hints=("Weights have to differ, or the hidden units are twins; and to be small, or the tanh is flat from the start. Biases may be 0.",
           "W1 (n_h, n_x) and W2 (n_y, n_h) with numbers from N(0, 0.01²); b1 (n_h, 1) and b2 (n_y, 1) zero.",
           "W1 = 0.01 times rng.standard_normal with the shape (n_h, n_x); b1 = zeros of shape (n_h, 1); the same for layer 2 with n_y and n_h; return the dict"),
    why="The random numbers break the symmetry between hidden units. The biases need not: with different weights the units get different gradients anyway.",
    after="Four units, four different beginnings.")

# --- forward_propagation ---------------------------------------------------------------------------------------------


def draw_parameters(rng, n_x, n_h, n_y=1):
    return {"W1": np.round(rng.normal(0, 0.8, (n_h, n_x)), 2), "b1": np.round(rng.normal(0, 0.6, (n_h, 1)), 2),
            "W2": np.round(rng.normal(0, 0.9, (n_y, n_h)), 2), "b2": np.round(rng.normal(0, 0.6, (n_y, 1)), 2)}


def draw_forward(rng, n_x, n_h, m):
    return np.round(rng.normal(0, 1, (n_x, m)), 2), draw_parameters(rng, n_x, n_h)


def forward_by_loops(X, parameters):
    W1, b1, W2, b2 = (parameters[k] for k in ("W1", "b1", "W2", "b2"))
    (n_h, n_x), m = W1.shape, X.shape[1]
    Z1, Z2 = np.zeros((n_h, m)), np.zeros((1, m))
    for i in range(m):
        for j in range(n_h):
            Z1[j, i] = sum(W1[j, k] * X[k, i] for k in range(n_x)) + b1[j, 0]
        Z2[0, i] = np.tanh(Z1[:, i]) @ W2[0] + b2[0, 0]
    A2 = sigmoid(Z2)
    return A2, {"X": X, "Z1": Z1, "A1": np.tanh(Z1), "Z2": Z2, "A2": A2}


def forward_with_layers(inputs, p):
    def layer(A, i, g):
        Z = np.einsum("ij,jk->ik", p[f"W{i}"], A) + p[f"b{i}"]
        cache[f"Z{i}"], cache[f"A{i}"] = Z, g(Z)
        return cache[f"A{i}"]

    cache = {}
    return layer(layer(inputs, 1, lambda Z: 2 / (1 + np.exp(-2 * Z)) - 1), 2, lambda Z: 1 / (1 + np.exp(-Z))), cache


def forward_in_float32(X, parameters):
    p = {k: v.astype(np.float32) for k, v in parameters.items()}
    Z1 = p["W1"] @ X.astype(np.float32) + p["b1"]
    A1 = activation(Z1, "tanh")
    Z2 = (A1.T @ p["W2"].T).T + p["b2"]
    A2 = activation(Z2, "sigmoid")
    return [A2, dict(Z1=Z1, A1=A1, Z2=Z2, A2=A2)]


def forward_by_columns(X, parameters):
    with_one = np.vstack([X, np.ones((1, X.shape[1]))])
    Z1 = np.hstack([parameters["W1"], parameters["b1"]]) @ with_one
    A1 = np.tanh(Z1)
    Z2 = np.multiply(parameters["W2"].T, A1).sum(axis=0, keepdims=True) + parameters["b2"]
    return 1 - 1 / (1 + np.exp(Z2)), {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": sigmoid(Z2)}


SIZES = [{"n_x": 3, "n_h": 2, "m": 1}, {"n_x": 2, "n_h": 4, "m": 5}, {"n_x": 4, "n_h": 3, "m": 2}, {"n_x": 3, "n_h": 1, "m": 4}, {"n_x": 1, "n_h": 5, "m": 3}]
FORWARD = Exercise(
    ex.forward_propagation, title="Forward through two layers", difficulty=2, importance=3, minutes=10,
    draw=draw_forward, sizes=SIZES, returns=("A2 returned", "cache"), names=NAMES, uses=[SIGMOID], race={"n_x": 20, "n_h": 20, "m": 500},
    mistakes=[
        Mistake("sigmoid in the hidden layer", "The hidden layer uses the sigmoid. In this net it is the tanh; the sigmoid is for the output only, which has to be a "
                "probability.", replace=("np.tanh(Z1)", "sigmoid(Z1)")),
        Mistake("relu in the hidden layer", "The hidden layer uses the relu. In this net it is the tanh.", replace=("np.tanh(Z1)", "np.maximum(Z1, 0)")),
        Mistake("no activation in the hidden layer", "The hidden layer has no activation. Two linear layers in a row are one linear layer: the net could bend nothing.",
                replace=("np.tanh(Z1)", "Z1")),
        Mistake("no sigmoid at the output", "The output is Z2 itself, any number. A probability needs the sigmoid.", replace=("sigmoid(Z2)", "Z2")),
        Mistake("tanh at the output", "The output uses the tanh, which gives numbers from −1 to 1. A probability needs the sigmoid.", replace=("sigmoid(Z2)", "np.tanh(Z2)")),
        Mistake("activations exchanged", "The activations have changed places: tanh belongs to the hidden layer, the sigmoid to the output.",
                replace=[("np.tanh(Z1)", "sigmoid(Z1)"), ("sigmoid(Z2)", "np.tanh(Z2)")]),
        Mistake("b1 forgotten", "The first layer comes out as if its bias were missing: Z1 = W1 X + b1.", replace=(' + parameters["b1"]', "")),
        Mistake("b2 forgotten", "The second layer comes out as if its bias were missing: Z2 = W2 A1 + b2.", replace=(' + parameters["b2"]', "")),
        Mistake("biases forgotten", "Both layers come out as if their biases were missing: Z = W A + b.", replace=[(' + parameters["b1"]', ""), (' + parameters["b2"]', "")]),
        Mistake("Z1 into the second layer", "The second layer gets Z1. It should see what the first layer hands on after its activation, A1.",
                replace=('parameters["W2"], A1)', 'parameters["W2"], Z1)')),
        Mistake("biases subtracted", "The biases are subtracted: Z = W A + b.",
                replace=[('+ parameters["b1"]', '- parameters["b1"]'), ('+ parameters["b2"]', '- parameters["b2"]')]),
        Mistake("X into the second layer", "The second layer is given X. It should see what the first layer hands on, A1.",
                replace=('parameters["W2"], A1)', 'parameters["W2"], X)')),
        Mistake("W1 turned round", "W1 is transposed. In this course W (n_h, n_x) has a row for each unit, so W1 X needs no transpose.",
                replace=('parameters["W1"], X', 'parameters["W1"].T, X')),
        Mistake("W2 turned round", "W2 is transposed. W2 (1, n_h) meets A1 (n_h, m) as it is.", replace=('parameters["W2"], A1)', 'parameters["W2"].T, A1)')),
        Mistake("X before W1", "The product stands in the other order: X (n_x, m) times W1 (n_h, n_x) does not fit. W1 X is (n_h, n_x) times (n_x, m).",
                replace=('parameters["W1"], X', 'X, parameters["W1"]')),
        Mistake("W1 for W2", "The second layer multiplies with W1. Each layer has weights of its own.", replace=('parameters["W2"], A1)', 'parameters["W1"], A1)')),
        Mistake("Z and A exchanged in the cache", "In the cache Z1 and A1, and Z2 and A2, have changed places: Z is before the activation, A after it.",
                replace=[('"Z1": Z1, "A1": A1', '"Z1": A1, "A1": Z1'), ('"Z2": Z2, "A2": A2', '"Z2": A2, "A2": Z2')]),
        Mistake("Z2 returned", "Z2 is returned where the probabilities A2 belong.", replace=("return A2,", "return Z2,")),
        Mistake("A1 returned", "A1, the hidden layer, is returned where the probabilities A2 belong.", replace=("return A2,", "return A1,")),
        Mistake("tanh of the tanh", "The tanh is taken twice: A1 is the tanh of Z1 already when the second layer gets it.",
                replace=('parameters["W2"], A1)', 'parameters["W2"], np.tanh(A1))')),
    ],
    right=[forward_by_loops, forward_with_layers, forward_in_float32, forward_by_columns],
    hints=("Each layer does the same: weights times what comes in, plus bias, then the activation. The second gets what the first hands on.",
           "Z1 = W1 X + b1 (n_h, m); A1 = tanh(Z1); Z2 = W2 A1 + b2 (1, m); A2 = σ(Z2).",
           "Z1 = W1 times X plus b1; A1 = tanh of Z1; Z2 = W2 times A1 plus b2; A2 = sigmoid of Z2; return A2 and the dict of all four"),
    why="b1 (n_h, 1) is added to every column of W1 X (n_h, m) by broadcasting. The cache keeps what the way back will need.",
    after="A net with a hidden layer answers; it only has not learned anything yet.")

# --- compute_cost ----------------------------------------------------------------------------------------------------


def cost_by_dots(A2, Y):
    return -(np.dot(Y, np.log(A2).T) + np.dot(1 - Y, np.log(1 - A2).T)) / Y.shape[1]


def cost_by_truth(A2, Y):
    return -np.log(np.where(Y == 1, A2, 1 - A2)).mean()


def cost_by_loop(predicted, truth):
    total = 0.0
    for a, y in zip(predicted.ravel(), truth.ravel()):
        total += -np.log(a) if y else -np.log(1 - a)
    return total / truth.size


def cost_clipped(A2, Y):
    A2 = np.clip(A2, 1e-12, 1 - 1e-12)
    return np.squeeze(np.sum(-Y * np.log(A2) - (1 - Y) * np.log(1 - A2)) / A2.shape[1])


def cost_by_kinds(A2, Y):
    return float(np.mean(-np.log(A2[Y == 1])) + np.mean(-np.log(1 - A2[Y == 0])))


def with_a2(mistake):
    """A mistake of lab 01's cost for this one, whose predictions are called A2."""
    def renamed(text):
        return re.sub(r"\bA\b", "A2", text)

    return dataclasses.replace(mistake, says=renamed(mistake.says), replace=[tuple(map(renamed, edit)) for edit in mistake.edits()])


COST = Exercise(
    ex.compute_cost, title="The cost, once more", difficulty=1, importance=2, minutes=4,
    draw=draw_predictions, sizes=[{"m": 1}, {"m": 2}, {"m": 4}, {"m": 7}], returns="cost", names=NAMES, race={"m": 10000},
    extra=[Case((np.array([[0.3]]), np.array([[1]])), {"m": 1}), Case((np.array([[0.3]]), np.array([[0]])), {"m": 1}),
           Case((np.array([[0.003, 0.998, 0.4]]), np.array([[1, 0, 1]])), {"m": 3}),
           Case((np.array([[1.0, 0.5]]), np.array([[1, 0]])), {"m": 2}, label="a prediction of exactly 1", remark=CROSS_ENTROPY.extra[-1].remark)],
    mistakes=[*map(with_a2, CROSS_ENTROPY.mistakes),
              Mistake("a mean for each label", "The mean is taken over the examples with label 1 and over those with label 0 separately, and both are added. Each example "
                      "counts the same: one mean over all m; and where one label does not occur at all, its own mean is nan.", function=cost_by_kinds),
              Mistake("clipped far from the ends", "Predictions near 0 or 1 are cut off too early. Keeping away from log 0 needs no more than a hair, such as 1e-12.",
                      replace=("losses =", "A2 = np.clip(A2, 0.05, 0.95)\n    losses ="))],
    unchanged={"float left out": "a 0-d array or numpy number is a number too"},
    right=[cost_by_dots, cost_by_truth, cost_by_loop, cost_clipped],
    hints=("The output is a probability, as in lab 01, so the cost is the same: for each example minus the logarithm of the probability given to the truth; then the mean.",
           "J = −(1/m) Σ [ Y log A2 + (1 − Y) log(1 − A2) ]; everything (1, m).",
           "losses = minus (Y times log of A2 plus (1 - Y) times log of 1 - A2); return their mean, as a float"),
    why="What lies between the inputs and the last sigmoid does not matter to the cost: it sees probabilities and labels.",
    after="One number to bring down.")

# --- backward_propagation --------------------------------------------------------------------------------------------


def draw_backward(rng, n_x, n_h, m):
    X, parameters = draw_forward(rng, n_x, n_h, m)
    return parameters, forward_propagation(X, parameters)[1], X, labels(rng, m)


def backward_by_loops(parameters, cache, X, Y):
    m, grads = X.shape[1], {"d" + name: np.zeros(value.shape) for name, value in parameters.items()}
    for i in range(m):
        x, a1, error = X[:, [i]], cache["A1"][:, [i]], cache["A2"][0, i] - Y[0, i]
        back = parameters["W2"].T * error * (1 - a1 * a1)
        for name, part in (("dW1", back @ x.T), ("db1", back), ("dW2", error * a1.T), ("db2", error)):
            grads[name] += part / m
    return grads


def backward_from_scratch(parameters, cache, X, Y):
    A2, fresh = forward_propagation(X, parameters)
    dZ2 = (A2 - Y) / Y.size
    dA1 = parameters["W2"].T @ dZ2
    dZ1 = dA1 * activation_derivative(fresh["Z1"], "tanh")
    return {"dZ2": dZ2, "dW2": dZ2 @ fresh["A1"].T, "db2": dZ2.sum(), "dA1": dA1, "dZ1": dZ1, "dW1": dZ1 @ X.T, "db1": dZ1.sum(axis=1).reshape(-1, 1)} | {
        "db2": dZ2.sum(axis=1, keepdims=True)}


def backward_by_einsum(p, c, x, y):
    error = (c["A2"] - y).astype(np.float32)
    hidden = np.einsum("oh,om->hm", p["W2"], error) / np.cosh(c["Z1"]) ** 2
    return dict(dW1=np.einsum("hm,im->hi", hidden, x) / y.shape[1], db1=np.mean(hidden, 1, keepdims=True), dW2=np.einsum("om,hm->oh", error, c["A1"]) / y.shape[1],
                db2=np.mean(error, 1, keepdims=True))


def backward_by_the_chain(parameters, cache, X, Y):
    A1, A2 = cache["A1"], cache["A2"]
    m = Y.shape[1]
    dA2 = -(Y / A2 - (1 - Y) / (1 - A2)) / m
    dZ2 = dA2 * A2 * (1 - A2)
    ones = np.ones((m, 1))
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - np.power(A1, 2))
    return {"dW2": np.dot(A1, dZ2.T).T, "db2": dZ2 @ ones, "dW1": np.dot(X, dZ1.T).T, "db1": dZ1 @ ones}


def numerical_gradients(parameters, cache, X, Y, eps=1e-6):
    grads = {}
    for name, value in parameters.items():
        grads["d" + name] = np.zeros(value.shape)
        for at in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[at] = eps
            up, down = (compute_cost(forward_propagation(X, {**parameters, name: value + s * step})[0], Y) for s in (1, -1))
            grads["d" + name][at] = (up - down) / (2 * eps)
    return grads


MEAN = "The cost is a *mean* over the examples, so its gradient is one too: it comes out exactly m times too large, as if the division by m were missing."
SLOPE = "np.dot(parameters[\"W2\"].T, dZ2) * (1 - A1 ** 2)"
BACKWARD = Exercise(
    ex.backward_propagation, title="Backward", difficulty=3, importance=3, minutes=20,
    draw=draw_backward, sizes=SIZES, returns="grads", names=NAMES, numerical=numerical_gradients, tied=[("parameters", "cache", "X")],
    race={"n_x": 20, "n_h": 20, "m": 500},
    mistakes=[
        Mistake("no mean", MEAN, replace=[("np.dot(dZ2, A1.T) / m", "np.dot(dZ2, A1.T)"), ("np.sum(dZ2, axis=1, keepdims=True) / m", "np.sum(dZ2, axis=1, keepdims=True)"),
                                          ("np.dot(dZ1, X.T) / m", "np.dot(dZ1, X.T)"), ("np.sum(dZ1, axis=1, keepdims=True) / m", "np.sum(dZ1, axis=1, keepdims=True)")]),
        Mistake("no mean in the weights' gradients", MEAN, replace=[("np.dot(dZ2, A1.T) / m", "np.dot(dZ2, A1.T)"), ("np.dot(dZ1, X.T) / m", "np.dot(dZ1, X.T)")]),
        Mistake("no mean in the biases' gradients", MEAN, replace=[("np.sum(dZ2, axis=1, keepdims=True) / m", "np.sum(dZ2, axis=1, keepdims=True)"),
                                                                   ("np.sum(dZ1, axis=1, keepdims=True) / m", "np.sum(dZ1, axis=1, keepdims=True)")]),
        Mistake("mean taken twice", "The first layer's gradients are divided by m twice: dZ2 carries the division already when it goes back.",
                replace=("dZ1 = np.dot(", "dZ1 = np.dot(1 / m * ")),
        Mistake("Y − A2", "The gradients point the other way, as if Y − A2 stood where A2 − Y belongs. A gradient points uphill; the step down comes later, with its own "
                "minus sign.", replace=("A2 - Y", "Y - A2")),
        Mistake("slope of the sigmoid in the hidden layer", "The hidden layer goes back with A1(1 − A1). That is the slope of the sigmoid; these units are tanh, with the "
                "slope 1 − A1².", replace=("(1 - A1 ** 2)", "A1 * (1 - A1)")),
        Mistake("1 − Z1²", "The slope of the tanh is 1 − A1²: the square of the value *after* the activation. Here Z1, the value before it, is squared.",
                replace=("(1 - A1 ** 2)", '(1 - cache["Z1"] ** 2)')),
        Mistake("tanh taken of A1", "The slope is computed as 1 − tanh(A1)². A1 is the tanh already.", replace=("(1 - A1 ** 2)", "(1 - np.tanh(A1) ** 2)")),
        Mistake("square left out of the slope", "The slope of the tanh is 1 − A1²; here the square is missing.", replace=("(1 - A1 ** 2)", "(1 - A1)")),
        Mistake("square around the difference", "The slope of the tanh is 1 − A1²: the square belongs to A1 alone.", replace=("(1 - A1 ** 2)", "(1 - A1) ** 2")),
        Mistake("one plus the square", "The slope of the tanh is 1 *minus* the square of A1.", replace=("1 - A1 ** 2", "1 + A1 ** 2")),
        Mistake("slope of the hidden layer left out", "The way back through the hidden layer skips the tanh: what comes from W2ᵀ dZ2 has to be multiplied with the slope of "
                "the activation, entry by entry.", replace=(" * (1 - A1 ** 2)", "")),
        Mistake("slope of a relu", "The hidden layer goes back as if it were a relu, 1 where A1 is above 0. Its units are tanh.", replace=("(1 - A1 ** 2)", "(A1 > 0)")),
        Mistake("slope of the sigmoid counted twice", "There is a factor A2(1 − A2) too many. With cross-entropy it cancels: ∂L/∂Z2 = A2 − Y, as in lab 01.",
                replace=("A2 - Y", "(A2 - Y) * A2 * (1 - A2)")),
        Mistake("slope of the sigmoid left out at the output", "The way back starts with ∂L/∂A2, as if the output had no sigmoid. Times its slope A2(1 − A2) it becomes "
                "∂L/∂Z2 = A2 − Y.",
                replace=("A2 - Y", "-(Y / A2 - (1 - Y) / (1 - A2))")),
        Mistake("A2 for the error", "The way back starts from A2 instead of the error A2 − Y: a right prediction should pull at nothing.", replace=("A2 - Y", "A2")),
        Mistake("W2 forgotten on the way back", "The error reaches the hidden units without W2. Each unit gets its share by the weight with which it entered.",
                replace=(SLOPE, "dZ2 * (1 - A1 ** 2)")),
        Mistake("gradient of W2 for W2", "The error goes back through dW2. It goes back through the weights themselves, W2.",
                replace=('parameters["W2"].T, dZ2', "dW2.T, dZ2")),
        Mistake("b2 for W2", "The error goes back through b2. It goes back through the weights W2.", replace=('np.dot(parameters["W2"].T, dZ2)', 'parameters["b2"] * dZ2')),
        Mistake("dW2 from X", "`dW2` is computed from X. A weight's gradient is the error at its output times what came *in* at it, and what came into layer 2 is A1.",
                replace=("np.dot(dZ2, A1.T)", "np.dot(dZ2, X.T)")),
        Mistake("dW2 from Z1", "`dW2` is computed from Z1. What came into layer 2 is A1, the hidden layer after its activation.",
                replace=("np.dot(dZ2, A1.T)", 'np.dot(dZ2, cache["Z1"].T)')),
        Mistake("dW1 without the way back", "`dW1` is computed from dZ2, the error at the output. The first layer's own error is dZ1.",
                replace=("np.dot(dZ1, X.T)", "np.dot(dZ2, X.T)")),
        Mistake("db1 from dZ2", "`db1` is summed from dZ2. The bias of layer 1 belongs to dZ1.",
                replace=("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ2, axis=1, keepdims=True)")),
        Mistake("db without keepdims", "The sums drop an axis: `db1` comes out flat, (n_h,), where b1 is a column (n_h, 1). b1 − α db1 would then broadcast to a square "
                "without complaint.",
                replace=[("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ1, axis=1)"), ("np.sum(dZ2, axis=1, keepdims=True)", "np.sum(dZ2, axis=1)")]),
        Mistake("db over everything", "The sum runs over all entries, units and examples alike. Each unit has a bias of its own: sum over the examples, axis 1, only.",
                replace=[("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ1)"), ("np.sum(dZ2, axis=1, keepdims=True)", "np.sum(dZ2)")]),
        Mistake("db1 over everything", "`db1` is one number, summed over units and examples. Each unit has a bias of its own: sum over the examples, axis 1, only.",
                replace=("np.sum(dZ1, axis=1, keepdims=True)", "np.sum(dZ1)")),
        Mistake("dot for the product entry by entry", "The slope of the activation is multiplied in by a matrix product. It belongs entry by entry, `*`: each unit and "
                "example has a slope of its own.",
                replace=(SLOPE, 'np.dot(np.dot(parameters["W2"].T, dZ2), 1 - A1 ** 2)')),
        Mistake("transpose of W2 missing", "W2 (1, n_h) has to be turned round on the way back: W2ᵀ (n_h, 1) times dZ2 (1, m) gives each hidden unit its share.",
                replace=('parameters["W2"].T', 'parameters["W2"]')),
        Mistake("transpose of X missing", "dZ1 (n_h, m) meets X (n_x, m) only if X is turned round: the sum runs over the examples.",
                replace=("np.dot(dZ1, X.T)", "np.dot(dZ1, X)")),
        Mistake("transpose of A1 missing", "dZ2 (1, m) meets A1 (n_h, m) only if A1 is turned round: the sum runs over the examples.",
                replace=("np.dot(dZ2, A1.T)", "np.dot(dZ2, A1)")),
        Mistake("divided by n_x", "The mean is taken over the number of inputs. It runs over the examples, the columns of X: m = X.shape[1].",
                replace=("X.shape[1]", "X.shape[0]")),
        Mistake("W1 for W2", "The error is sent back through W1. Between the output and the hidden layer stands W2.", replace=('parameters["W2"].T', 'parameters["W1"].T')),
        Mistake("A1 and A2 exchanged", "A1 and A2 have changed places: the error at the output is A2 − Y, and A1 is what the hidden layer hands on.",
                replace=('A1, A2 = cache["A1"], cache["A2"]', 'A2, A1 = cache["A1"], cache["A2"]')),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "Y in place of X": "both have m columns", "-1 in place of 1": "the last axis is axis 1",
               "axis left out": "dZ2 has one row only", "multiply in place of dot": "a column times a row is the same table by broadcasting"},
    right=[backward_by_loops, backward_from_scratch, backward_by_einsum, backward_by_the_chain],
    hints=("Start at the output with the error A2 − Y. A weight's gradient is the error at its output times what came in; to go one layer back, through the weights and then "
    "through the activation's slope.",
           "dZ2 = A2 − Y (1, m); dW2 = dZ2 A1ᵀ/m; db2 = mean of dZ2 along axis 1, (1, 1); dZ1 = W2ᵀ dZ2 ∘ (1 − A1²) (n_h, m); dW1 = dZ1 Xᵀ/m (n_h, n_x); db1 = mean of dZ1 "
           "along axis 1, (n_h, 1).",
           "m = columns of X; dZ2 = A2 - Y; dW2 = dZ2 times A1 transposed, over m; db2 = row sums of dZ2, with keepdims, over m; dZ1 = W2 transposed times dZ2, entry by "
           "entry times (1 - A1 squared); dW1 and db1 as "
           "for layer 2, with dZ1 and X"),
    why="Layer 2 is lab 01 with A1 for its inputs. Layer 1 looks the same once its error dZ1 is known, and the chain rule gives that from dZ2: back through W2, then through "
    "the tanh.",
    after="This is backpropagation. More layers repeat the last three lines.")

# --- update_parameters -----------------------------------------------------------------------------------------------


def draw_update(rng, n_x, L):
    parameters, grads, sizes = {}, {}, [n_x, 4, 3, 1, 2] + 8 * [1]
    for layer in range(1, L + 1):
        for name, shape in ((f"W{layer}", (sizes[layer], sizes[layer - 1])), (f"b{layer}", (sizes[layer], 1))):
            parameters[name], grads["d" + name] = np.round(rng.normal(0, 1, shape), 2), np.round(rng.normal(0, 1, shape), 2)
        grads[f"dZ{layer}"] = np.round(rng.normal(0, 1, (sizes[layer], 3)), 2)
    return parameters, grads, float(np.round(rng.uniform(0.02, 1.8), 2))


def play_update(update, parameters, grads, learning_rate):
    """The parameters; those of a net of many layers as one piece, or reports would be lists of names."""
    new = update(parameters, grads, learning_rate)
    if len(parameters) < 20 or not isinstance(new, dict):
        return new
    return {"a net of eleven layers": np.concatenate([np.ravel(new.get(name, 0 * value)) for name, value in parameters.items()])}


def update_by_digit(parameters, grads, learning_rate):
    layers = {name[-1] for name in parameters}
    return {name: parameters[name] - learning_rate * grads["d" + name] for layer in layers for name in (f"W{layer}", f"b{layer}") if name in parameters}


def update_by_layers(parameters, grads, learning_rate):
    new = {}
    for layer in range(1, len(parameters) // 2 + 1):
        for kind in "Wb":
            new[f"{kind}{layer}"] = parameters[f"{kind}{layer}"] - learning_rate * grads[f"d{kind}{layer}"]
    return new


def update_a_deep_copy(parameters, grads, learning_rate):
    import copy

    parameters = copy.deepcopy(parameters)
    for name in parameters:
        parameters[name] -= learning_rate * grads["d" + name]
    return parameters


def update_a_shallow_copy(p, g, a):
    q = dict(p)
    q.update((k, np.add(v, -a * g[f"d{k}"]).astype(np.float32)) for k, v in p.items())
    return q


def update_two_layers(parameters, grads, learning_rate):
    return {name: parameters[name] - learning_rate * grads["d" + name] for name in ("W1", "b1", "W2", "b2")}


def update_from_zero(parameters, grads, learning_rate):
    new = dict(parameters)
    for layer in range(len(parameters) // 2):
        new[f"W{layer}"] = parameters[f"W{layer}"] - learning_rate * grads[f"dW{layer}"]
        new[f"b{layer}"] = parameters[f"b{layer}"] - learning_rate * grads[f"db{layer}"]
    return new


def update_but_the_last(parameters, grads, learning_rate):
    new = dict(parameters)
    for layer in range(1, len(parameters) // 2):
        new[f"W{layer}"] = parameters[f"W{layer}"] - learning_rate * grads[f"dW{layer}"]
        new[f"b{layer}"] = parameters[f"b{layer}"] - learning_rate * grads[f"db{layer}"]
    return new


def update_too_many(parameters, grads, learning_rate):
    return {name: parameters[name] - learning_rate * grads["d" + name] for layer in range(1, len(parameters) + 1) for name in (f"W{layer}", f"b{layer}")}


def update_by_gradients(parameters, grads, learning_rate):
    return {name[1:]: parameters[name[1:]] - learning_rate * grads[name] for name in grads}


def update_weights_only(parameters, grads, learning_rate):
    return {name: value - learning_rate * grads["d" + name] if name[0] == "W" else value for name, value in parameters.items()}


def update_biases_only(parameters, grads, learning_rate):
    return {name: value - learning_rate * grads["d" + name] if name[0] == "b" else value for name, value in parameters.items()}


def update_biases_from_weights(parameters, grads, learning_rate):
    def step(name):
        return grads["d" + name] if name[0] == "W" else grads["dW" + name[1:]].sum(axis=1, keepdims=True)

    return {name: value - learning_rate * step(name) for name, value in parameters.items()}


def update_by_names(parameters, grads, learning_rate):
    return {name: value - learning_rate * grads[name] for name, value in parameters.items()}


STEP = 'value - learning_rate * grads["d" + name]'
UPDATE = Exercise(
    ex.update_parameters, title="One step down", difficulty=1, importance=3, minutes=7,
    draw=draw_update, sizes=[{"n_x": 2, "L": 2}, {"n_x": 3, "L": 1}, {"n_x": 4, "L": 3}, {"n_x": 3, "L": 4}, {"n_x": 2, "L": 11}], returns="parameters",
    play=play_update, names={**NAMES,
    "L": "the number of layers"},
    mistakes=[
        Mistake("uphill", "The step goes uphill. The gradient points to where the cost *rises*, so it is subtracted.",
                replace=("value - learning_rate", "value + learning_rate")),
        Mistake("a digit for the number of a layer", "A net of ten layers or more is not moved whole: the number of a layer is read from one digit of its name, and W10 has "
                "two.",
                function=update_by_digit),
        Mistake("learning rate 1.2", "The steps have the length 1.2 whatever `learning_rate` is: a number is written where the argument belongs.",
                replace=("learning_rate * grads", "1.2 * grads")),
        Mistake("a factor for a difference", "Each value is multiplied by 1 − α times its gradient. The step is *subtracted*: it does not depend on how large the value is.",
                replace=(STEP, 'value * (1 - learning_rate * grads["d" + name])')),
        Mistake("db from dW", "The biases move by sums of dW. They have gradients of their own, db1, db2, …", function=update_biases_from_weights),
        Mistake("learning rate left out", "The step is as long as the gradient itself: the learning rate is missing as a factor.",
                replace=(STEP, 'value - grads["d" + name]')),
        Mistake("divided by the learning rate", "The gradient is divided by the learning rate. A smaller rate should make a smaller step.",
                replace=(STEP, 'value - grads["d" + name] / learning_rate')),
        Mistake("the step for the place", "This is the step alone, minus the learning rate times the gradient. Where one arrives is the old value plus the step.",
                replace=(STEP, '-learning_rate * grads["d" + name]')),
        Mistake("the length of the step for the place", "This is the learning rate times the gradient. Where one arrives is the old value minus that.",
                replace=(STEP, 'learning_rate * grads["d" + name]')),
        Mistake("shrunk by the learning rate", "The old value is multiplied by the learning rate too, as if brackets stood around the difference.",
                replace=(STEP, 'learning_rate * (value - grads["d" + name])')),
        Mistake("nothing moves", "The parameters come back as they were: the new values are computed nowhere, or not kept.", replace=(STEP, "value")),
        Mistake("the gradients handed back", "These are the gradients. The parameters after the step are wanted.", replace=(STEP, 'grads["d" + name]')),
        Mistake("biases never move", "The weights move, the biases stay as they were: they have gradients too.", function=update_weights_only),
        Mistake("weights never move", "The biases move, the weights stay as they were.", function=update_biases_only),
        Mistake("the last layer never moves", "The last layer stays as it was: the loop ends one layer too early. `range(1, L)` stops at L − 1.",
                function=update_but_the_last),
        Mistake("a layer 0", "The loop begins at layer 0, and there is none: the first is W1. `range(L)` counts from 0.", function=update_from_zero),
        Mistake("twice as many layers", "The loop goes over as many layers as there are entries in the dict. Each layer has two, W and b: L is half of len(parameters).",
                function=update_too_many),
        Mistake("two layers only", "It knows two layers only. The names W1, b1, W2, b2, … go on for deeper nets: loop over whatever is in `parameters`.",
                function=update_two_layers),
        Mistake("a loop over the gradients", "The loop goes over `grads`, in which there may be more than the gradients of parameters, such as dZ1. Go by the names in "
                "`parameters`.", function=update_by_gradients),
        Mistake("gradients by the parameters' names", "The gradients are looked up under the parameters' names. The gradient of W1 is called dW1.", function=update_by_names),
    ],
    right=[update_by_layers, update_a_deep_copy, update_a_shallow_copy],
    hints=("Every parameter takes a small step against its own gradient. Which names there are, the dict says.",
           "W ← W − α dW, b ← b − α db, for each layer; the gradient of a parameter `name` is grads[\"d\" + name].",
           "a new dict: for each name and value in parameters, value minus learning_rate times the entry \"d\" + name of grads"),
    why="`value - …` makes a new array, so the old parameters stay as they were. The same line serves nets of any depth: lab 03 imports it.",
    after="It moves nets of any depth.")

# --- shallow_model ---------------------------------------------------------------------------------------------------


def draw_training(rng, n_x, n_h, m, steps):
    direction = rng.normal(0, 1, (n_x, 1))
    X = np.round(rng.normal(0, 2, (n_x, m)), 2)
    Y = (direction.T @ X + 0.8 > 0).astype(int)
    if m > 1:
        Y[0, :2] = 0, 1
    if m > 40:
        Y = np.arange(m)[None] % 2  # nearly as many of each, in no order: the cost stands nearly still at first
    return X, Y, n_h, steps + int(rng.integers(0, 4)), float(np.round(rng.uniform(0.3, 1.5), 2)), generator(rng)


def train(parameters, X, Y, num_iterations, learning_rate):
    """The reference's training from given parameters."""
    costs = []
    for _ in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        costs.append(compute_cost(A2, Y))
        parameters = update_parameters(parameters, backward_propagation(parameters, cache, X, Y), learning_rate)
    return parameters, costs


def play_model(model, X, Y, n_h, num_iterations, learning_rate, rng):
    return from_own_start(lambda steps, rate, rng: model(X, Y, n_h, steps, rate, rng), lambda rng: initialize_parameters(X.shape[0], n_h, 1, rng),
                          lambda start, steps, rate: train(start, X, Y, steps, rate), num_iterations, learning_rate, rng)


def trained(args, training):
    """What the model gave; for a wide net also how large the weights were at the start."""
    X, _, n_h, *_ = args
    if n_h < 50 or training.start is None:
        return training.result
    parameters, costs = training.result
    sizes = {}
    for name, shape in (("W1", (n_h, X.shape[0])), ("W2", (1, n_h))):
        start = np.asarray(training.start.get(name, 0.0), float)
        sizes[f"size of the first {name}"] = Estimate(np.sqrt(np.mean(start ** 2)), chance.DEVIATIONS * 0.01 / (2 * shape[0] * shape[1]) ** 0.5)
    return {**parameters, **sizes}, costs


def model_in_one_piece(X, Y, n_h, num_iterations, learning_rate, rng):
    W2, W1 = rng.normal(0, 0.01, (1, n_h)), rng.normal(0, 0.01, (X.shape[0], n_h)).T
    b1, b2, m, costs = np.zeros((n_h, 1)), 0.0, X.shape[1], []
    for _ in range(num_iterations):
        A1 = np.tanh(W1 @ X + b1)
        A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
        costs.append(-np.log(np.where(Y == 1, A2, 1 - A2)).mean())
        dZ2 = (A2 - Y) / m
        dZ1 = W2.T @ dZ2 * (1 - A1 ** 2)
        W2, b2 = W2 - learning_rate * dZ2 @ A1.T, b2 - learning_rate * dZ2.sum(keepdims=True)
        W1, b1 = W1 - learning_rate * dZ1 @ X.T, b1 - learning_rate * dZ1.sum(axis=1, keepdims=True)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": np.reshape(b2, (1, 1))}, costs


def model_with_while(X, Y, n_h, num_iterations, learning_rate, rng):
    p, costs = initialize_parameters(len(X), n_h, len(Y), rng), np.zeros(num_iterations)
    done = 0
    while done < num_iterations:
        A2, cache = forward_propagation(X, p)
        costs[done] = compute_cost(A2, Y)
        g = backward_propagation(p, cache, X, Y)
        for name in p:
            p[name] = p[name] - learning_rate * g["d" + name]
        done += 1
    return p, costs


def model_in_float32(X, Y, n_h, num_iterations, learning_rate, rng):
    parameters = {name: value.astype(np.float32) for name, value in initialize_parameters(X.shape[0], n_h, 1, rng).items()}
    costs = []
    for i in range(num_iterations):
        A2, cache = forward_propagation(X.astype(np.float32), parameters)
        grads = backward_propagation(parameters, cache, X.astype(np.float32), Y)
        cost = compute_cost(A2, Y)
        parameters = {name: value.astype(np.float32) for name, value in update_parameters(parameters, grads, np.float32(learning_rate)).items()}
        costs += [cost]
    return parameters, costs


def model_with_early_update(X, Y, n_h, num_iterations, learning_rate, rng):
    p, costs = initialize_parameters(X.shape[0], n_h, 1, rng), []
    for _ in range(num_iterations):
        A2, cache = forward_propagation(X, p)
        costs.append(compute_cost(A2, Y))
        for name in ("W2", "b2", "W1", "b1"):
            p = p | {name: p[name] - learning_rate * backward_propagation(p, cache, X, Y)["d" + name]}
    return p, costs


def model_with_large_start(X, Y, n_h, num_iterations, learning_rate, rng):
    start = initialize_parameters(X.shape[0], n_h, 1, rng)
    return train({name: 100 * value for name, value in start.items()}, X, Y, num_iterations, learning_rate)


MODEL = Exercise(
    ex.shallow_model, title="Put it together", difficulty=3, importance=3, minutes=15,
    draw=draw_training, sizes=[{"n_x": 3, "n_h": 2, "m": 1, "steps": 2}, {"n_x": 2, "n_h": 4, "m": 6, "steps": 2}, {"n_x": 4, "n_h": 3, "m": 5, "steps": 1},
                               {"n_x": 2, "n_h": 5, "m": 9, "steps": 30}, {"n_x": 3, "n_h": 4, "m": 41, "steps": 6}, {"n_x": 40, "n_h": 60, "m": 7, "steps": 2}],
    returns=("parameters", "costs"), names=NAMES, play=play_model, observe=trained, uses=[UPDATE, BACKWARD, FORWARD, COST],
    mistakes=[
        Mistake("nothing moves", "The parameters keep their first values and all costs are equal: the result of update_parameters is not kept. It gives back new parameters "
                "and leaves the old ones alone.",
                replace=("        parameters = update_parameters", "        update_parameters")),
        Mistake("costs after the step", "Each cost belongs *before* its step: the first one is that of the untrained net, near log 2. Yours are one step late.",
                replace=[("        costs.append(compute_cost(A2, Y))\n", ""), ("learning_rate)\n    return", "learning_rate)\n        "
                "costs.append(compute_cost(forward_propagation(X, parameters)[0], Y))\n    return")]),
        Mistake("a start in every step", "The net is initialised anew in every step, so nothing is kept of what it learned. The start comes once, before the loop.",
                replace=[("    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], rng)\n", ""),
                         ("        A2, cache", "        parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], rng)\n        A2, cache")]),
        Mistake("gradients computed once", "Forward and backward happen once, before the loop. The gradients change as the parameters move: compute them anew in each step.",
                replace=[("    for i in range(num_iterations):\n        A2, cache = forward_propagation(X, parameters)\n        costs.append(compute_cost(A2, Y))\n        "
                "grads = backward_propagation(parameters, cache, X, Y)\n",
                          "    A2, cache = forward_propagation(X, parameters)\n    grads = backward_propagation(parameters, cache, X, Y)\n    for i in "
                          "range(num_iterations):\n        costs.append(compute_cost(A2, Y))\n")]),
        Mistake("forward once", "The forward pass happens once, before the loop, so cost and cache grow old while the parameters move.",
                replace=[("    for i in range(num_iterations):\n        A2, cache = forward_propagation(X, parameters)\n",
                         "    A2, cache = forward_propagation(X, parameters)\n    for i in range(num_iterations):\n")]),
        Mistake("always the first parameters", "The net moves by a single step from its start: the update stands outside the loop, or each turn begins with the first "
                "parameters again. Keep the moved ones for the next turn.",
                replace=[("    costs = []\n", "    costs, first = [], parameters\n"), ("forward_propagation(X, parameters)", "forward_propagation(X, first)"),
                         ("backward_propagation(parameters,", "backward_propagation(first,"), ("update_parameters(parameters,", "update_parameters(first,")]),
        Mistake("one step too few", "There is one step too few: `range(n)` already makes n turns, from 0 to n − 1.",
                replace=("range(num_iterations)", "range(1, num_iterations)")),
        Mistake("stops by itself", "Training stops as soon as the cost hardly falls any more. All `num_iterations` steps are wanted: from a small start the cost stands "
                "nearly still "
                "before it falls.", replace=("        grads =", "        if i > 0 and costs[-2] - costs[-1] < 1e-3:\n            break\n        grads =")),
        Mistake("W2 moved too early", "W2 moves before the error goes back through it, so layer 1 gets a gradient that mixes old and new. First all gradients, then all "
                "steps.",
                function=model_with_early_update),
        Mistake("always two inputs", "The net is made for two inputs whatever X is: a number is written where n_x belongs, the number of rows of X.",
                replace=("X.shape[0], n_h", "2, n_h")),
        Mistake("one step too many", "There is one step too many: `range(n)` makes n turns.", replace=("range(num_iterations)", "range(num_iterations + 1)")),
        Mistake("stops after the first step", "Only one step is made: the `return` stands inside the loop.", replace=("    return parameters", "        return parameters")),
        Mistake("only the last cost", "`costs` is the last cost alone, as if it were kept after the loop. All of them are wanted, one a step.",
                replace=("return parameters, costs", "return parameters, costs[-1:]")),
        Mistake("a cost beyond the last step", "There is one cost too many at the end: the one after the last step. Each step leaves one, from before it.",
                replace=("    return", "    costs.append(compute_cost(forward_propagation(X, parameters)[0], Y))\n    return")),
        Mistake("only every hundredth cost", "Only every hundredth cost is kept. Here every step leaves one.",
                replace=("        costs.append(compute_cost(A2, Y))", "        costs += [compute_cost(A2, Y)] if i % 100 == 0 else []")),
        Mistake("only every tenth cost", "Only every tenth cost is kept. Here every step leaves one.",
                replace=("        costs.append(compute_cost(A2, Y))", "        costs += [compute_cost(A2, Y)] if i % 10 == 0 else []")),
        Mistake("parameters from before the last step", "The parameters are those from before the last step. The net after all steps is wanted.",
                replace=[("        parameters = update", "        before, parameters = parameters, update"), ("return parameters", "return before")]),
        Mistake("the start returned", "The untrained parameters of the start come back.",
                replace=[("    costs = []\n", "    costs, first = [], parameters\n"), ("return parameters", "return first")]),
        Mistake("uphill", "The steps go uphill: the cost rises from step to step. Somewhere the sign is turned round: of the gradients, or of the step.",
                replace=("grads, learning_rate)", "grads, -learning_rate)")),
        Mistake("learning rate 1.2", "The steps have the length 1.2 whatever `learning_rate` is: a number is written where the argument belongs.",
                replace=("grads, learning_rate)", "grads, 1.2)")),
        Mistake("learning rate 0.01", "The steps have the length 0.01 whatever `learning_rate` is: a number is written where the argument belongs.",
                replace=("grads, learning_rate)", "grads, 0.01)")),
        Mistake("always four hidden units", "The net has four hidden units whatever `n_h` is: a number is written where the argument belongs.",
                replace=("X.shape[0], n_h,", "X.shape[0], 4,")),
        Mistake("a unit too many", "The hidden layer has n_h + 1 units.", replace=("X.shape[0], n_h,", "X.shape[0], n_h + 1,")),
        Mistake("an input for each example", "The first layer is made for as many inputs as there are examples. n_x is the number of rows of X, X.shape[0].",
                replace=("X.shape[0], n_h", "X.shape[1], n_h")),
        Mistake("an output for each example", "The last layer is made with as many outputs as there are examples. n_y is the number of rows of Y, 1.",
                replace=("n_h, Y.shape[0]", "n_h, Y.shape[1]")),
        Mistake("n_x and n_h exchanged", "The numbers of inputs and of hidden units have changed places: initialize_parameters takes n_x, n_h, n_y, in this order.",
                replace=("X.shape[0], n_h,", "n_h, X.shape[0],")),
        Mistake("a large start", "The weights start a hundred times too large: the start is normal with standard deviation 0.01, as initialize_parameters gives it.",
                function=model_with_large_start),
        Mistake("cost of the labels", "A2 and Y have changed places in the cost.", replace=("compute_cost(A2, Y)", "compute_cost(np.clip(Y, 1e-9, 1 - 1e-9), A2)")),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other"},
    right=[model_in_one_piece, model_with_while, model_in_float32],
    hints=("Everything exists. Make a start once; then repeat: where are we, how wrong, which way, one step.",
           "parameters from initialize_parameters(n_x, n_h, 1, rng); then num_iterations times: A2, cache = forward; cost, kept; grads = backward; parameters = update. n_x "
           "is the number of rows of X.",
           "initialize; costs = []; for each iteration: forward_propagation; append compute_cost; backward_propagation; parameters = update_parameters; return parameters "
           "and costs"),
    why="The cost is kept from before the step because A2 comes from there: it costs nothing. The loop is that of lab 01; only forward and backward are longer.",
    after="Now let it loose on the flower.")

# --- predict ---------------------------------------------------------------------------------------------------------


def draw_prediction(rng, n_x, n_h, m):
    X, parameters = draw_forward(rng, n_x, n_h, m)
    return parameters, X


def predict_by_sign(parameters, X):
    return forward_propagation(X, parameters)[1]["Z2"] > 0


def predict_by_loop(p, x):
    out = np.zeros((1, x.shape[1]), dtype=np.float32)
    for i in range(x.shape[1]):
        if forward_propagation(x[:, i:i + 1], p)[0].item() >= 0.5:
            out[0, i] = 1
    return out


def predict_by_rounding(parameters, X):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    return np.round(1 / (1 + np.exp(-parameters["W2"] @ A1 - parameters["b2"])))


def predict_from_the_pair(parameters, X):
    A2 = forward_propagation(X, parameters)
    return (A2 > 0.5).astype(int)


def predict_arguments_exchanged(parameters, X):
    A2, cache = forward_propagation(parameters, X)
    return (A2 > 0.5).astype(int)


def predict_indices(parameters, X):
    return np.where((forward_propagation(X, parameters)[0] > 0.5)[0])[0]


LABEL = "(A2 > 0.5).astype(int)"
PREDICT = Exercise(
    ex.predict, title="Yes or no", difficulty=1, importance=2, minutes=3,
    draw=draw_prediction, sizes=[{"n_x": 2, "n_h": 3, "m": 1}, {"n_x": 3, "n_h": 2, "m": 6}, {"n_x": 4, "n_h": 3, "m": 41}, {"n_x": 2, "n_h": 5, "m": 60}, {"n_x": 1,
    "n_h": 4, "m": 50}],
    returns="prediction", names=NAMES, uses=[FORWARD], race={"n_x": 5, "n_h": 10, "m": 1000},
    mistakes=[
        Mistake("probabilities", "These are the probabilities themselves. A prediction says 0 or 1: compare them with one half.", replace=(LABEL, "A2")),
        Mistake("inverted", "Yes and no are exchanged: 1 belongs where the probability is *above* one half.", replace=("A2 > 0.5", "A2 < 0.5")),
        Mistake("plus and minus one", "The labels are −1 and 1. In this course they are 0 and 1.", replace=(LABEL, "np.where(A2 > 0.5, 1, -1)")),
        Mistake("threshold on Z2", "The threshold one half is compared with Z2, before the sigmoid. A probability of one half means Z2 = 0.",
                replace=("A2 > 0.5", 'cache["Z2"] > 0.5')),
        Mistake("the hidden layer", "The hidden units are compared with the threshold, so there is a row for each of them. The answer is in A2.",
                replace=("A2 > 0.5", 'cache["A1"] > 0.5')),
        Mistake("threshold 0", "Everything is 1: a probability is compared with 0, or the sigmoid is taken of it once more. A2 is a probability already, and its threshold "
                "is one half.", replace=("A2 > 0.5", "A2 > 0")),
        Mistake("threshold at the mean", "The threshold is the mean of the probabilities, so some points get each label whatever the net believes. It is one half.",
                replace=("A2 > 0.5", "A2 > np.mean(A2)")),
        Mistake("cut to 0", "Every answer is 0: turning a probability into a whole number cuts off what stands after the point, and `argmax` over a single row is 0. Compare "
                "with one half instead.",
                replace=(LABEL, "A2.astype(int)")),
        Mistake("indices", "These are the places at which the answer is 1: `np.where` with one argument gives indices. The labels themselves are wanted.",
                function=predict_indices),
        Mistake("flat answer", "The answer is flat, (m,). It has to be a row (1, m), like Y.", replace=(LABEL, f"{LABEL}.ravel()")),
        Mistake("a single number", "`np.squeeze` drops every axis of length 1: for one example it leaves a number without axes.", replace=(LABEL, f"np.squeeze({LABEL})")),
        Mistake("the whole pair", "forward_propagation gives back two things, A2 and the cache. Here both together are compared with a number: take them apart first.",
                function=predict_from_the_pair),
        Mistake("arguments exchanged", "forward_propagation takes X first and the parameters second; here they have changed places.", function=predict_arguments_exchanged),
        Mistake("a column", "The answer is a column, (m, 1). It has to be a row (1, m), like Y.", replace=(LABEL, f"{LABEL}.T")),
    ],
    unchanged={"astype left out": "True and False count as 1 and 0", ">= in place of >": "at exactly one half either answer is right"},
    right=[predict_by_sign, predict_by_loop, predict_by_rounding],
    hints=("As in lab 01: a probability first, then the bet.",
           "A2 (1, m) from forward_propagation(X, parameters); 1 where A2 > ½, else 0.",
           "A2, cache = forward_propagation; return A2 > 0.5, as int"),
    why="σ(Z2) > ½ exactly where Z2 > 0. The boundary is where Z2 = 0, and with tanh units that may be a curve.",
    after="Now the net can be counted.")

EXERCISES = [ACTIVATION, DERIVATIVE, INITIALIZE, FORWARD, COST, BACKWARD, UPDATE, MODEL, PREDICT]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("shapes", "A net has 3 inputs, 5 hidden units and 1 output; X holds 20 examples. Which shape has dZ1, and which dW1?", {
        "a": ("(5, 20) and (5, 3)", "dZ1 has a row for each hidden unit and a column for each example, like Z1; a gradient has the shape of its parameter."),
        "b": ("(5, 3) and (5, 20)", "the other way round: the examples live in Z, not in W."),
        "c": ("(3, 20) and (3, 5)", "the rows of layer 1 are its *units*, five of them."),
        "d": ("(5, 1) and (5, 3)", "(5, 1) is db1, after the mean over the examples."),
    }, answer="a"),
    Quiz("linear", "You take the tanh out of the hidden layer and give it 50 units. What can the net do now?", {
        "a": ("anything, with enough steps", "more steps find better weights, but no weights bend the boundary."),
        "b": ("what a single neuron can do", "W2(W1 X + b1) + b2 = (W2 W1) X + (W2 b1 + b2): one weight for each input, and one bias."),
        "c": ("50 straight lines at once", "the 50 lines are added up, and a sum of linear functions is linear."),
        "d": ("nothing at all", "it is still a logistic regression, and can be trained as one."),
    }, answer="b"),
    Quiz("twins", "Two hidden units start with exactly the same weights and bias, into and out of them. When do they become different?", {
        "a": ("after the first step", "their gradients are equal, so their steps are."),
        "b": ("as soon as the learning rate is large enough", "the rate multiplies both equal gradients."),
        "c": ("never", "equal units get equal gradients, so they take equal steps, for ever: only the random start can tell them apart."),
        "d": ("when the data are not symmetric", "both see the same data, symmetric or not."),
    }, answer="c"),
]

MOST_PARAMETERS, GOAL = 200, 97


def judge_spirals(model):
    X, Y = planar.spirals(400, seed=0)
    parameters, predict = model(X, Y, np.random.default_rng(0))
    numbers = sum(np.size(value) for value in (parameters.values() if isinstance(parameters, dict) else parameters))
    if numbers > MOST_PARAMETERS:
        return False, f"The net has {numbers} parameters; {MOST_PARAMETERS} are the most."
    scores = []
    for seed in range(1000, 1005):
        X, Y = planar.spirals(400, seed=seed)
        scores.append(100 * np.mean(np.ravel(predict(parameters, X)) == np.ravel(Y)))
    score = float(np.mean(scores))
    return score >= GOAL, f"{numbers} parameters; {score:.1f} % of 2000 held-out points are right, {GOAL} % is the goal."


CHALLENGE = Challenge(
    "spirals", "Two spirals",
    f"Write `model(X, Y, rng)` → (parameters, predict): train on 400 points of the spirals, with at most {MOST_PARAMETERS} numbers in "
    f"`parameters`, so that `predict(parameters, X)` is right on {GOAL} % of points it has not seen.", judge_spirals)
