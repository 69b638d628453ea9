"""What the graders of lab 04a know: cases, mistakes, right versions, hints."""
import numpy as np

from labutils import chance
from labutils.answers import describe
from labutils.calling import Fault, Odd, plain
from labutils.chance import DEVIATIONS
from labutils.exercise import Case, Challenge, Estimate, Exercise, Mistake, Quiz
from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters

from . import deep
from . import exercises as ex
from .exercises import (
    deep_cost,
    dropout_backward,
    dropout_forward,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    linear_forward,
    model_backward,
    model_forward,
    numerical_gradient,
    sigmoid,
)
from .moons import moons

NAMES = {"m": "the number of examples", "keep_prob": "the probability of being kept"}

# --- normalize_inputs ------------------------------------------------------------------------------------------------


def draw_inputs(rng, n, m, m_test):
    """Features of very different size and place, and a test set that lies elsewhere."""
    std, mean = rng.uniform(0.15, 5, (n, 1)), rng.normal(0, 4, (n, 1))
    X_train = mean + std * rng.normal(0, 1, (n, m))
    X_train[:, 1] = X_train[:, 0] + std[:, 0]  # no feature is constant
    return np.round(X_train, 2), np.round(1 + mean + 1.7 * std * rng.normal(0, 1, (n, m_test)), 2)


def normalize_by_rows(X_train, X_test):
    n = X_train.shape[0]
    mean, std = np.zeros((n, 1)), np.zeros((n, 1))
    for i in range(n):
        mean[i, 0] = sum(X_train[i]) / len(X_train[i])
        std[i, 0] = np.sqrt(sum((x - mean[i, 0]) ** 2 for x in X_train[i]) / len(X_train[i]))
    return (X_train - mean) / std, (X_test - mean) / std, mean, std


def normalize_with_room(X_train, X_test):
    mean = X_train.mean(axis=1).reshape(-1, 1)
    std = np.sqrt(np.mean(X_train ** 2, axis=1).reshape(-1, 1) - mean ** 2)
    return [(X - mean) / (std + 1e-10) for X in (X_train, X_test)] + [mean, std]


def normalize_transposed(X_train, X_test):
    mean, std = X_train.T.mean(axis=0), X_train.T.std(axis=0)
    return ((X_train.T - mean) / std).T, ((X_test.T - mean) / std).T, mean[:, None], std[:, None]


def normalize_by_scikit(X_train, X_test):
    centred, moved = X_train.astype(float).copy(), X_test.astype(float).copy()
    mean = centred.mean(1, keepdims=True)
    centred -= mean
    moved -= mean
    std = np.linalg.norm(centred, axis=1, keepdims=True) / np.sqrt(centred.shape[1])
    return centred / std, moved / std, mean, std


NORMALIZE = Exercise(
    ex.normalize_inputs, title="Features of one size", difficulty=1, importance=3, minutes=8,
    draw=draw_inputs, sizes=[{"n": 2, "m": 3, "m_test": 1}, {"n": 1, "m": 4, "m_test": 3}, {"n": 3, "m": 7, "m_test": 5}, {"n": 5, "m": 4, "m_test": 9}],
    returns=("X_train_n", "X_test_n", "mean", "std"),
    names={"m": "the number of training examples", "n": "the number of features", "m_test": "the number of test examples"}, race={"n": 40, "m": 400, "m_test": 400},
    extra=[Case((np.array([[1.0, 3.0, 2.0], [4.0, 4.0, 4.0]]), np.array([[2.0], [4.0]])), {"n": 2, "m": 3, "m_test": 1}, label="a constant feature",
                remark="a feature that is the same in every training example has standard deviation 0, and 0/0 is nan: leave such a feature out, or divide by 1.")],
    mistakes=[
        Mistake("smallest value taken away", "The smallest value of each feature is taken away, not its mean.",
                replace=("np.mean(X_train, axis=1, keepdims=True)", "np.min(X_train, axis=1, keepdims=True)")),
        Mistake("divided by the range", "Each feature is divided by its range, from the smallest value to the largest. Its standard deviation is asked for.",
                replace=("np.std(X_train, axis=1, keepdims=True)", "np.ptp(X_train, axis=1, keepdims=True)")),
        Mistake("variance for deviation", "The features are divided by the *variance*. The variance is measured in the square of a feature's unit (in square metres for "
                "metres): dividing by it leaves a spread of 1/σ, not 1. It is the standard deviation, the variance's root, that has the feature's own unit.",
                replace=("std = np.std(X_train, axis=1, keepdims=True)", "std = np.var(X_train, axis=1, keepdims=True)")),
        Mistake("divided by the variance", "The features are divided by the *variance*, although `std` is right. Only the standard deviation, which has the feature's own "
                "unit, brings the spread to 1.", replace=[("(X_train - mean) / std", "(X_train - mean) / std ** 2"), ("(X_test - mean) / std", "(X_test - mean) / std ** 2")]),
        Mistake("the test set's own statistics", "The test set is moved and scaled by its *own* mean and deviation. Then the same input means one thing in training and "
                "another in the test, and a single test example would always become 0. Every input goes through the same transformation: that of the training set.",
                replace=("(X_test - mean) / std", "(X_test - X_test.mean(axis=1, keepdims=True)) / X_test.std(axis=1, keepdims=True)")),
        Mistake("the test set's own mean", "From the test set its *own* mean is taken away. It has to be the training set's, or the same input means two different things.",
                replace=("(X_test - mean)", "(X_test - X_test.mean(axis=1, keepdims=True))")),
        Mistake("the test set's own deviation", "The test set is divided by its *own* standard deviation. It has to be the training set's, or the same input means two "
                "different things.", replace=("(X_test - mean) / std", "(X_test - mean) / X_test.std(axis=1, keepdims=True)")),
        Mistake("statistics of both sets together", "Mean and deviation are taken over training and test set together. The test set stands for data that are not there "
                "yet: nothing of it may flow into what is learned.", replace=[("np.mean(X_train,", "np.mean(np.hstack([X_train, X_test]),"),
                                                                 ("np.std(X_train,", "np.std(np.hstack([X_train, X_test]),")]),
        Mistake("statistics of the test set", "Mean and deviation are taken from the test set. They have to come from the training set, for both.",
                replace=[("np.mean(X_train,", "np.mean(X_test,"), ("np.std(X_train,", "np.std(X_test,")]),
        Mistake("divided by m − 1", "The squared distances are averaged with m − 1. That estimates the spread of a whole population; asked for is the one of these m "
                "examples, so that afterwards it is exactly 1 (`np.std` as it stands, without `ddof`).",
                replace=("np.std(X_train, axis=1, keepdims=True)", "np.std(X_train, axis=1, keepdims=True, ddof=1)")),
        Mistake("over the features", "Mean and deviation run over the *features* of an example. They should run over the examples, one number for each feature: examples "
                "are columns here.",
                replace=[("np.mean(X_train, axis=1, keepdims=True)", "np.mean(X_train, axis=0, keepdims=True)"),
                         ("np.std(X_train, axis=1, keepdims=True)", "np.std(X_train, axis=0, keepdims=True)")]),
        Mistake("one mean and deviation for all", "There is one mean and one deviation for all features together. Each feature has its own: features of different size "
                "are what this is about.",
                replace=[("np.mean(X_train, axis=1, keepdims=True)", "np.full((len(X_train), 1), np.mean(X_train))"),
                         ("np.std(X_train, axis=1, keepdims=True)", "np.full((len(X_train), 1), np.std(X_train))")]),
        Mistake("one mean and deviation, as numbers", "There is one mean and one deviation for all features together. Each feature has its own, in a column (n, 1).",
                replace=[("np.mean(X_train, axis=1, keepdims=True)", "np.mean(X_train)"), ("np.std(X_train, axis=1, keepdims=True)", "np.std(X_train)")]),
        Mistake("not centred", "The features are scaled but not centred: the mean is not taken away.",
                replace=[("(X_train - mean)", "X_train"), ("(X_test - mean)", "X_test")]),
        Mistake("not scaled", "The features are centred but not scaled: the division by the standard deviation is missing.",
                replace=[("(X_train - mean) / std", "X_train - mean"), ("(X_test - mean) / std", "X_test - mean")]),
        Mistake("brackets left out", "Only the mean is divided by the deviation: `/` binds more tightly than `-`. First centre, then scale.",
                replace=[("(X_train - mean) / std", "X_train - mean / std"), ("(X_test - mean) / std", "X_test - mean / std")]),
        Mistake("scaled to 0 and 1", "The features are brought to the range from 0 to 1 by their smallest and largest values. That is another scaling, which a single "
                "outlier decides; asked for is mean 0 and standard deviation 1.",
                replace=[("(X_train - mean) / std", "(X_train - X_train.min(axis=1, keepdims=True)) / np.ptp(X_train, axis=1, keepdims=True)"),
                         ("(X_test - mean) / std", "(X_test - X_train.min(axis=1, keepdims=True)) / np.ptp(X_train, axis=1, keepdims=True)")]),
        Mistake("test set left as it was", "The test set is handed back as it came. A net that was trained on normalised inputs can do nothing with others.",
                replace=("(X_test - mean) / std", "1.0 * X_test")),
        Mistake("test set with what is left of the statistics", "The test set is treated with mean 0 and deviation 1: they are measured on `X_train` *after* it was "
                "normalised.",
                replace=("X_test_n = (X_test - mean) / std", "mean, std = np.mean(X_train_n, axis=1, keepdims=True), np.std(X_train_n, axis=1, keepdims=True)\n    "
                    "X_test_n = (X_test - mean) / std")),
        Mistake("deviation of the absolute values", "`std` is the mean absolute distance from the mean. The standard deviation squares the distances, takes the mean, "
                "then the root.",
                replace=("np.std(X_train, axis=1, keepdims=True)", "np.mean(np.abs(X_train - mean), axis=1, keepdims=True)")),
        Mistake("root mean square", "`std` is the root of the mean square of the *features*; the standard deviation is that of their distances from the mean.",
                replace=("np.std(X_train, axis=1, keepdims=True)", "np.sqrt(np.mean(X_train ** 2, axis=1, keepdims=True))")),
    ],
    right=[normalize_by_rows, normalize_with_room, normalize_transposed, normalize_by_scikit],
    unchanged={"X_train + 1": "a shift leaves the spread as it is", "X_train - 1": "a shift leaves the spread as it is",
               "steps exchanged": "the two steps do not depend on each other"},
    hints=("Where does a feature lie, and how far does it spread? Two numbers for each feature, measured on the training set alone, used for both sets.",
           "mean (n, 1) and std (n, 1) over axis 1 of X_train; X ← (X − mean) / std for X_train (n, m) and X_test (n, m_test).",
           "mean of X_train over the examples, keepdims; std likewise; both sets minus mean, divided by std; return the sets, then mean, then std"),
    why="The net will be used on single examples that come later. It can only treat them as it treated the training set, with numbers known by then. That the test set "
        "afterwards has a mean near 0 but not exactly is right: it is another sample.",
    after="Whatever unit a feature was measured in, the net does not see it any more.")

# --- initialize_weights ----------------------------------------------------------------------------------------------

SCHEMES = "zeros", "large", "xavier", "he"


def play_scheme(function, layer_dims, scheme, rng):
    """Weights; for an unknown scheme what it raises."""
    if scheme in SCHEMES:
        return function(layer_dims, scheme, rng)
    try:
        function(layer_dims, scheme, rng)
    except Exception as error:  # of any kind: which one is what is asked
        return type(error).__name__
    return "no error"


def observe_weights(args, value):
    """Statistics of every weight matrix, and the biases. Xavier's other form is brought to the first."""
    layer_dims, scheme, _ = args
    if scheme not in SCHEMES:
        return {"an unknown scheme": value}
    value, found = plain(value), {}
    shapes = {l: (layer_dims[l], layer_dims[l - 1]) for l in range(1, len(layer_dims))}
    rescale = dict.fromkeys(shapes, 1.0)
    if scheme == "xavier" and isinstance(value, dict):
        forms = [{l: (1 / i) ** 0.5 for l, (o, i) in shapes.items()}, {l: (2 / (i + o)) ** 0.5 for l, (o, i) in shapes.items()}]
        spread = {l: float(np.std(value[f"W{l}"])) for l in shapes if isinstance(value.get(f"W{l}"), np.ndarray)}
        gaps = [sum(abs(np.log(max(s, 1e-9) / form[l])) for l, s in spread.items()) for form in forms]
        if gaps[1] < gaps[0]:
            rescale = {l: forms[0][l] / forms[1][l] for l in shapes}
    for l, (n_out, n_in) in shapes.items():
        W, b = chance.entry(value, f"W{l}"), chance.entry(value, f"b{l}")
        if isinstance(W, np.ndarray) and not np.isfinite(W.astype(float)).all():
            W = Odd(f"`W{l}` is not finite: it holds nan or inf, as the root of a negative number or a division by 0 gives", whole=True)
        std = {"zeros": 1.0, "large": 10.0, "xavier": (1 / n_in) ** 0.5, "he": (2 / n_in) ** 0.5}[scheme]
        if scheme == "zeros":
            found[f"W{l}"] = W
        else:
            found |= chance.normal(f"W{l}", W * rescale[l] if isinstance(W, np.ndarray) else W, (n_out, n_in), std)
        found[f"b{l}"] = b
    extra = [k for k in value if k[:1] in "Wb" and k[1:].isdigit() and int(k[1:]) not in shapes] if isinstance(value, dict) else []
    return {**found, "W or b of layers that are not there": ", ".join(extra) or "none"}


def initialize_by_branches(layer_dims, scheme, rng):
    if scheme not in ("zeros", "large", "xavier", "he"):
        raise ValueError("unknown scheme")
    out = {}
    for l, (n_prev, n) in enumerate(zip(layer_dims[:-1], layer_dims[1:]), start=1):
        if scheme == "zeros":
            W = np.zeros((n, n_prev))
        elif scheme == "large":
            W = rng.normal(0, 10, size=(n, n_prev))
        elif scheme == "xavier":
            W = rng.normal(0, np.sqrt(2.0 / (n + n_prev)), size=(n, n_prev))
        else:
            W = rng.normal(0, np.sqrt(2.0 / n_prev), size=(n, n_prev))
        out["W" + str(l)], out["b" + str(l)] = W, np.zeros((n, 1))
    return out


def initialize_backwards(layer_dims, scheme, rng):
    match scheme:
        case "zeros":
            def std(n):
                return 0
        case "large":
            def std(n):
                return 10
        case "xavier":
            def std(n):
                return n ** -0.5
        case "he":
            def std(n):
                return (2 / n) ** 0.5
        case _:
            raise ValueError(scheme)
    L, parameters = len(layer_dims) - 1, {}
    for l in range(L, 0, -1):
        parameters[f"W{l}"] = (rng.standard_normal((layer_dims[l - 1], layer_dims[l])) * std(layer_dims[l - 1])).T
        parameters[f"b{l}"] = 0 * np.ones((layer_dims[l], 1))
    return parameters


def initialize_in_float32(layer_dims, scheme, rng):
    def weights(rows, columns):
        W = rng.standard_normal((rows, columns), dtype=np.float32)
        if scheme == "xavier":
            return W / np.sqrt(columns)
        if scheme == "he":
            return W * np.sqrt(2 / columns)
        return W * {"zeros": 0, "large": 10}[scheme]

    try:
        parameters = {f"W{l}": weights(layer_dims[l], layer_dims[l - 1]) for l in range(1, len(layer_dims))}
    except KeyError:
        raise ValueError(f"no scheme {scheme}") from None
    return parameters | {f"b{l}": np.zeros((layer_dims[l], 1), np.float32) for l in range(1, len(layer_dims))}


def _stds(old, new, says, name):
    return Mistake(name, says, replace=(old, new))


WEIGHTS = Exercise(
    ex.initialize_weights, title="How large should the first weights be?", difficulty=2, importance=3, minutes=10,
    draw=lambda rng, layers, scheme: (list(layers), scheme, np.random.default_rng(rng.integers(10 ** 6))),
    sizes=[*({"layers": (20, 60, 40), "scheme": scheme} for scheme in ("he", "xavier", "large", "zeros")),
           {"layers": (50, 30, 12, 1), "scheme": "he"}, {"layers": (120, 20), "scheme": "xavier"}],
    returns="parameters", play=play_scheme, observe=observe_weights,
    extra=[Case(([3, 2, 1], "hee", np.random.default_rng(0)), {"layers": (3, 2, 1), "scheme": "hee"})],
    mistakes=[
        _stds('"he": np.sqrt(2 / n_in)', '"he": 2 / n_in', "He's weights come out with standard deviation 2/n[l−1]: that is their *variance*. The deviation is its root.",
                  "he without the root"),
        _stds('"xavier": np.sqrt(1 / n_in)', '"xavier": 1 / n_in', "Xavier's weights come out with standard deviation 1/n[l−1]: that is their *variance*. The deviation "
              "is its root.",
              "xavier without the root"),
        Mistake("variance for deviation", "Weights are drawn with the variance where the standard deviation belongs: `rng.normal` takes the deviation, and a factor "
                "before standard normal numbers is one too. It is the root of the variance.",
                replace=[('"xavier": np.sqrt(1 / n_in)', '"xavier": 1 / n_in'), ('"he": np.sqrt(2 / n_in)', '"he": 2 / n_in')]),
        Mistake("n_out for n_in", "The weights' size follows from the number of units in the layer itself. What counts is how many numbers each unit *adds up*: the "
                "n[l−1] units of the layer before.",
                replace=[('"xavier": np.sqrt(1 / n_in)', '"xavier": np.sqrt(1 / n_out)'), ('"he": np.sqrt(2 / n_in)', '"he": np.sqrt(2 / n_out)')]),
        Mistake("he from n_out", "He's weights follow from the number of units in the layer itself. What counts is how many numbers each unit *adds up*: the n[l−1] units "
                "of the layer before.",
                replace=('"he": np.sqrt(2 / n_in)', '"he": np.sqrt(2 / n_out)')),
        Mistake("he and xavier exchanged", "\"he\" and \"xavier\" have changed places: the 2 is He's, as relu switches off half of the units on average.",
                replace=[('"xavier": np.sqrt(1 / n_in)', '"xavier": np.sqrt(2 / n_in)'), ('"he": np.sqrt(2 / n_in)', '"he": np.sqrt(1 / n_in)')]),
        Mistake("xavier is he", "For \"xavier\" the weights are He's, with variance 2/n[l−1].", replace=('"xavier": np.sqrt(1 / n_in)', '"xavier": np.sqrt(2 / n_in)')),
        Mistake("he is xavier", "For \"he\" the weights are Xavier's, with variance 1/n[l−1]. relu lets only half of the signal through: He's factor of 2 makes up for it.",
                replace=('"he": np.sqrt(2 / n_in)', '"he": np.sqrt(1 / n_in)')),
        Mistake("he with n_in + n_out", "For \"he\" the weights have variance 2/(n[l−1] + n[l]): that is Xavier's other form. He's is 2/n[l−1].",
                replace=('"he": np.sqrt(2 / n_in)', '"he": np.sqrt(2 / (n_in + n_out))')),
        Mistake("large with deviation 1", "The \"large\" weights have standard deviation 1; it should be 10.", replace=('"large": 10.0', '"large": 1.0')),
        Mistake("large with deviation √10", "The \"large\" weights have variance 10. It is the standard deviation that should be 10.",
                replace=('"large": 10.0', '"large": 10 ** 0.5')),
        Mistake("large and uniform", "The \"large\" weights are uniform: `rng.random` draws between 0 and 1, never below. Asked for is 10 times a standard normal number.",
                replace=("stds[scheme] * rng.standard_normal((n_out, n_in))",
                         "10 * rng.random((n_out, n_in)) if scheme == 'large' else stds[scheme] * rng.standard_normal((n_out, n_in))")),
        Mistake("uniform numbers", "The weights are not normal: `rng.random` draws uniform numbers between 0 and 1, none below 0. All weights would push the same way.",
                replace=("rng.standard_normal((n_out, n_in))", "rng.random((n_out, n_in))")),
        Mistake("uniform around 0", "The weights are uniform, not normal. Their deviation may be right, but asked for are normal ones.",
                replace=("rng.standard_normal((n_out, n_in))", "rng.uniform(-3 ** 0.5, 3 ** 0.5, (n_out, n_in))")),
        Mistake("small weights", "The weights are 0.01 times normal numbers in every scheme. That was good enough for one hidden layer (lab 02); here the size follows "
                "from the scheme.",
                replace=("stds[scheme] * rng", "(scheme != 'zeros') * 0.01 * rng")),
        Mistake("biases drawn", "The biases are random; they should be 0. The weights alone make the units different.",
                replace=("np.zeros((n_out, 1))", "stds[scheme] * rng.standard_normal((n_out, 1))")),
        Mistake("biases drawn small", "The biases are random; they should be 0. The weights alone make the units different.",
                replace=("np.zeros((n_out, 1))", "rng.standard_normal((n_out, 1))")),
        Mistake("biases of one", "The biases are 1; they should be 0.", replace=("np.zeros((n_out, 1))", "np.ones((n_out, 1))")),
        Mistake("flat biases", "`b` is flat, (n,). A column (n, 1) is wanted: a flat one would be added along the wrong axis.",
                replace=("np.zeros((n_out, 1))", "np.zeros(n_out)")),
        Mistake("one bias a layer", "`b` has one entry for the whole layer; every unit has its own, n[l] of them in a column.",
                replace=("np.zeros((n_out, 1))", "np.zeros((1, 1))")),
        Mistake("another error", "An unknown scheme raises another error than a `ValueError`, which is the one that says: the value of an argument is not one I know.",
                replace=("raise ValueError", "raise KeyError")),
        Mistake("he uniform", "He's weights are uniform numbers times the deviation. Uniform numbers from −1 to 1 have deviation 0.58, not 1, and asked for are normal ones.",
                replace=("stds[scheme] * rng.standard_normal((n_out, n_in))",
                         "stds[scheme] * (rng.uniform(-1, 1, (n_out, n_in)) if scheme == 'he' else rng.standard_normal((n_out, n_in)))")),
        Mistake("uniform from −1 to 1", "The weights are uniform numbers times the deviation. Uniform numbers from −1 to 1 have deviation 0.58, not 1, and asked for are "
                "normal ones.",
                replace=("rng.standard_normal((n_out, n_in))", "rng.uniform(-1, 1, (n_out, n_in))")),
        Mistake("no ValueError", "An unknown scheme goes through without a `ValueError`. A misspelt name would then quietly mean something else, and nobody would notice.",
                replace=[("if scheme not in stds:", "if False:"), ("stds[scheme] *", "stds.get(scheme, 1.0) *")]),
    ],
    right=[initialize_by_branches, initialize_backwards, initialize_in_float32],
    hints=("One factor for each scheme, standard normal numbers from rng, a loop over the layers from 1 to L.",
           "W[l] (n[l], n[l−1]) = factor × standard normal, the factor 0, 10, √(1/n[l−1]) or √(2/n[l−1]); b[l] (n[l], 1) = 0.",
           "for l from 1 to len(layer_dims) − 1: n_in, n_out from the list; the factor of the scheme, ValueError if there is none; W = factor × "
           "rng.standard_normal(shape); b zeros"),
    why="A unit adds up n[l−1] products. If each input has mean square q, the sum has variance n[l−1]·Var(w)·q: it stays q with Var(w) = 1/n[l−1]. relu halves the mean "
        "square, so there it takes twice as much.",
    unchanged={"steps exchanged": "the two steps do not depend on each other", "in place of scheme": "only in the words of the error",
               'in place of "there is no scheme "': "only in the words of the error", "sign of": "a normal distribution is symmetric, and −0 = 0",
                   "parameters returned": "that is what is returned"},
    after="The size of a random number decides whether a deep net learns at all; you will see it below.")

# --- l2_cost ---------------------------------------------------------------------------------------------------------


def draw_parameters(rng, layers):
    """Weights and biases, none of them zero."""
    parameters = {}
    for l in range(1, len(layers)):
        parameters[f"W{l}"] = np.round(rng.normal(0, 1.4 / layers[l - 1] ** 0.5, (layers[l], layers[l - 1])), 2)
        parameters[f"b{l}"] = np.round(rng.normal(0, 0.4, (layers[l], 1)), 2) + 0.05
    return parameters


def labels(rng, m):
    """Labels (1, m), both kinds present if m > 1."""
    y = rng.integers(0, 2, (1, m))
    y[0, :2] = (0, 1)[:m] if m > 1 else y[0, :1]
    return y


def draw_cost(rng, layers, m):
    return np.round(rng.uniform(0.05, 0.95, (1, m)), 2), labels(rng, m), draw_parameters(rng, layers), float(np.round(rng.uniform(0.3, 4), 2))


def l2_by_names(AL, Y, parameters, lambd):
    cost = deep_cost(AL, Y)
    for name, value in parameters.items():
        if name.startswith("W"):
            cost += lambd / 2 * (value * value).sum() / AL.shape[1]
    return cost


def l2_by_hand(AL, Y, parameters, lambd):
    m = Y.size
    cross_entropy = -(np.dot(Y, np.log(AL).T) + np.dot(1 - Y, np.log(1 - AL).T))
    penalty = np.sum([np.linalg.norm(parameters["W" + str(l + 1)]) ** 2 for l in range(len(parameters) // 2)])
    return np.squeeze((cross_entropy + 0.5 * lambd * penalty) / m)


def l2_by_shapes(AL, Y, parameters, lambd):
    total = 0.0
    for key in parameters:
        if "W" in key:
            for w in parameters[key].ravel():
                total += float(w) ** 2
    return np.array([[deep_cost(AL, Y) + total * lambd / (2 * len(Y[0]))]])


L2_COST = Exercise(
    ex.l2_cost, title="A price on weights", difficulty=1, importance=3, minutes=8,
    draw=draw_cost, sizes=[{"layers": (2, 1), "m": 1}, {"layers": (2, 3, 1), "m": 4}, {"layers": (3, 2, 4, 1), "m": 7}, {"layers": (4, 3, 2, 2, 1), "m": 5}],
    returns="cost", names=NAMES,
    extra=[Case((np.array([[0.3, 0.8]]), np.array([[0, 1]]), {"W1": np.array([[2.0]]), "b1": np.array([[1.0]])}, 0.0), {"m": 2})],
    mistakes=[
        Mistake("penalty in the mean twice", "The whole cost is divided by 2m, the cross-entropy too: it is a mean already. Only the penalty carries 1/(2m).",
                replace=("deep_cost(AL, Y) + lambd / (2 * m) * squares", "(deep_cost(AL, Y) + lambd * squares) / (2 * m)")),
        Mistake("lambd squared", "lambd enters squared.", replace=("lambd / (2 * m)", "lambd ** 2 / (2 * m)")),
        Mistake("biases penalised", "The biases are penalised too. A bias moves a unit's threshold and does not make its answer steeper; only *weights* are held small.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.sum(parameters[f"W{l}"] ** 2) + np.sum(parameters[f"b{l}"] ** 2)')),
        Mistake("lambda/m for lambda/(2m)", "The penalty is twice too large: it is λ/(2m), not λ/m. The ½ is there so that the derivative of ½W² is simply W.",
                replace=("lambd / (2 * m)", "lambd / m")),
        Mistake("lambda/2, without m", "The penalty is not divided by m. The cost is a mean over the examples, and the penalty is put beside it on the same footing: λ/(2m).",
                replace=("lambd / (2 * m)", "lambd / 2")),
        Mistake("brackets of 2m left out", "`lambd / 2 * m` divides by 2 and then *multiplies* by m: the product 2m needs brackets.",
                replace=("lambd / (2 * m)", "lambd / 2 * m")),
        Mistake("lambda alone", "The sum of squares is multiplied by λ alone; the factor is λ/(2m).", replace=("lambd / (2 * m)", "lambd")),
        Mistake("first layer only", "Only the first layer's weights are penalised; all layers' are to be.", replace=("range(1, L + 1)", "range(1, 2)")),
        Mistake("last layer only", "Only the last layer's weights are penalised; all layers' are to be.", replace=("range(1, L + 1)", "range(L, L + 1)")),
        Mistake("last layer left out", "The last layer's weights are not penalised: a `range` ends before its second number.", replace=("range(1, L + 1)", "range(1, L)")),
        Mistake("first layer left out", "The first layer's weights are not penalised: layers are counted from 1.", replace=("range(1, L + 1)", "range(2, L + 1)")),
        Mistake("L1 in place of L2", "The penalty is the sum of absolute values: that is L1. L2 takes the squares.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.sum(np.abs(parameters[f"W{l}"]))')),
        Mistake("not squared", "The weights are added up without being squared, so that positive and negative ones cancel.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.sum(parameters[f"W{l}"])')),
        Mistake("square of the sum", "The weights are added up first, then squared: positive and negative ones cancel. First square each one.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.sum(parameters[f"W{l}"]) ** 2')),
        Mistake("norm not squared", "The penalty uses the *length* of the weights, ‖W‖. It is the squared length that is asked for: the plain sum of squares.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.linalg.norm(parameters[f"W{l}"])')),
        Mistake("root of the sum of squares", "A root is taken of the sum of all squares. The penalty is the plain sum of squares, without a root.",
                replace=("* squares", "* np.sqrt(squares)")),
        Mistake("mean of squares", "The squares of a layer's weights are averaged; they should be added up.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.mean(parameters[f"W{l}"] ** 2)')),
        Mistake("matrix power", "`W @ W` or `W.T @ W` is a matrix product; what is wanted is the square of each entry.",
                replace=('np.sum(parameters[f"W{l}"] ** 2)', 'np.sum(parameters[f"W{l}"].T @ parameters[f"W{l}"])')),
        Mistake("penalty divided by m twice", "The penalty is divided by m twice.", replace=("lambd / (2 * m)", "lambd / (2 * m ** 2)")),
        Mistake("cross-entropy not averaged", "The cross-entropy is a sum over the examples; it should be their mean.",
                replace=("deep_cost(AL, Y) +", "m * deep_cost(AL, Y) +")),
        Mistake("penalty subtracted", "The penalty is subtracted, so that large weights are *rewarded*.", replace=("deep_cost(AL, Y) + lambd", "deep_cost(AL, Y) - lambd")),
        Mistake("penalty alone", "That is the penalty alone; the cross-entropy belongs beside it.", replace=("deep_cost(AL, Y) + lambd", "lambd")),
        Mistake("cross-entropy alone", "That is the cross-entropy alone: no penalty is added to it.", replace=(" + lambd / (2 * m) * squares", "")),
        Mistake("divided by the number of weights", "The penalty is divided by the number of *weights* where the number of *examples*, m, belongs.",
                replace=("lambd / (2 * m)", 'lambd / (2 * sum(parameters[f"W{l}"].size for l in range(1, L + 1)))')),
    ],
    right=[l2_by_names, l2_by_hand, l2_by_shapes],
    hints=("Two costs side by side: how wrong the predictions are, and how large the weights are.",
           "J = cross-entropy + λ/(2m) · Σ over layers Σ over entries W[l]²; a number.",
           "cost from deep_cost; for each layer add the sum of the squares of W; times lambd / (2 m); both together"),
    why="A steep, wiggly boundary needs large weights. Now they have a price, and the net pays it only where the data repay it. The biases may be what they like.",
    unchanged={"AL in place of Y": "both are (1, m)", "-1 in place of 1": "Y has two axes: the last one is the second"},
    after="Large weights are no longer free.")

# --- l2_backward -----------------------------------------------------------------------------------------------------


def draw_net(rng, layers, m):
    """Inputs, labels, and parameters of a net."""
    return np.round(rng.normal(0, 1, (layers[0], m)), 2), labels(rng, m), draw_parameters(rng, layers)


def draw_backward(rng, layers, m):
    X, Y, parameters = draw_net(rng, layers, m)
    AL, caches = model_forward(X, parameters)
    return AL, Y, caches, float(np.round(rng.uniform(0.4, 3), 2))


def parameters_of(caches):
    return {key: cache[0][i] for l, cache in enumerate(caches, start=1) for i, key in ((1, f"W{l}"), (2, f"b{l}"))}


def numerical_gradients(cost, parameters, eps=1e-6):
    """Gradients of cost(parameters) by central differences, {"dW1": …}."""
    grads = {}
    for name, value in parameters.items():
        grads["d" + name] = np.zeros(value.shape)
        for at in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[at] = eps
            grads["d" + name][at] = (cost({**parameters, name: value + step}) - cost({**parameters, name: value - step})) / (2 * eps)
    return grads


def numerical_l2(AL, Y, caches, lambd):
    X = caches[0][0][0]
    return numerical_gradients(lambda p: ex.l2_cost(model_forward(X, p)[0], Y, p, lambd), parameters_of(caches))


def l2_backward_by_hand(AL, Y, caches, lambd):
    m, grads = Y.shape[1], {}
    dZ = AL - Y
    for l in range(len(caches), 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        grads["dW" + str(l)] = (dZ @ A_prev.T + lambd * W) / m
        grads["db" + str(l)] = dZ.mean(axis=1, keepdims=True)
        if l > 1:
            dZ = (W.T @ dZ) * (caches[l - 2][1] > 0)
    return grads


def l2_backward_new(AL, Y, caches, lambd):
    plain_grads = model_backward(AL, Y, caches)
    return {key: g + (lambd * caches[int(key[2:]) - 1][0][1] / Y.size if key.startswith("dW") else 0) for key, g in plain_grads.items()}


def l2_backward_in_place(AL, Y, caches, lambd):
    grads = model_backward(AL, Y, caches)
    for i in range(len(caches)):
        linear_cache, _ = caches[i]
        grads[f"dW{i + 1}"] += linear_cache[1] * lambd / AL.shape[1]
    return grads


L2_BACKWARD = Exercise(
    ex.l2_backward, title="… and its gradient", difficulty=2, importance=3, minutes=8,
    draw=draw_backward, sizes=[{"layers": (2, 1), "m": 1}, {"layers": (2, 3, 1), "m": 4}, {"layers": (3, 4, 2, 1), "m": 7}, {"layers": (3, 4, 1), "m": 1}],
    returns="grads", names=NAMES, tied=[("AL", "caches")], numerical=numerical_l2,
    mistakes=[
        Mistake("sum of the weights", "To every entry of dW the sum of all the layer's weights is added. The derivative of W² is 2W, entry by entry: each entry gets its own weight.",
                replace=("lambd / m * W", "lambd / m * np.sum(W)")),
        Mistake("mean of the weights", "To every entry of dW the mean of the layer's weights is added: each entry gets its own weight.",
                replace=("lambd / m * W", "lambd / m * np.mean(W)")),
        Mistake("biases penalised", "The biases' gradients hold a penalty. Only weights are in l2_cost's penalty, so only `dW` gets a part of it.",
                replace=("    return grads", '        grads[f"db{l}"] = grads[f"db{l}"] + lambd / m * b\n    return grads')),
        Mistake("lambda/(2m) for lambda/m", "The penalty's part is half as large as it should be. In the cost stands λ/(2m) · W²; the derivative of W² is 2W, and the 2 "
                "cancels the ½.",
                replace=("lambd / m * W", "lambd / (2 * m) * W")),
        Mistake("2 lambda/m", "The penalty's part is twice too large: the derivative of λ/(2m) · W² is λ/m · W; the ½ was put there for this.",
                replace=("lambd / m * W", "2 * lambd / m * W")),
        Mistake("lambda without 1/m", "The penalty's part is not divided by m; in the cost it is.", replace=("lambd / m * W", "lambd * W")),
        Mistake("penalty divided by m twice", "The penalty's part is divided by m twice.", replace=("lambd / m * W", "lambd / m ** 2 * W")),
        Mistake("first layer only", "Only the first layer's gradient holds the penalty; all layers' weights are in the cost.",
                replace=("+ lambd / m * W", "+ (l == 1) * lambd / m * W")),
        Mistake("last layer only", "Only the last layer's gradient holds the penalty; all layers' weights are in the cost.",
                replace=("+ lambd / m * W", "+ (l == len(caches)) * lambd / m * W")),
        Mistake("last layer left out", "The last layer's gradient holds no penalty; all layers' weights are in the cost, its own too.",
                replace=("enumerate(caches, start=1)", "enumerate(caches[:-1], start=1)")),
        Mistake("first layer left out", "The first layer's gradient holds no penalty; all layers' weights are in the cost, its own too.",
                replace=("enumerate(caches, start=1)", "enumerate(caches[1:], start=2)")),
        Mistake("weights grow", "The penalty's part has the wrong sign: the step *against* the gradient would then make the weights larger.",
                replace=("+ lambd / m * W", "- lambd / m * W")),
        Mistake("no penalty", "That is the gradient of the cross-entropy alone; the penalty's part is missing in every `dW`.", replace=(" + lambd / m * W", "")),
        Mistake("penalty alone", "`dW` is the penalty's part alone: it takes the place of the cross-entropy's gradient where it should be added to it.",
                replace=('grads[f"dW{l}"] + lambd', "lambd")),
        Mistake("W squared", "The penalty's part holds W²: that stands in the cost. Its derivative has W.", replace=("lambd / m * W", "lambd / m * W ** 2")),
        Mistake("sign of W", "The penalty's part is λ/m times the *sign* of W: the derivative of L1's absolute values. That of the squares is W itself.",
                replace=("lambd / m * W", "lambd / m * np.sign(W)")),
        Mistake("square summed", "The penalty's part is one number for the whole layer, the sum of squares. Each weight has its own part: λ/m times that weight.",
                replace=("lambd / m * W", "lambd / m * np.sum(W ** 2)")),
        Mistake("penalty in place of a factor", "dW is *multiplied* with the penalty's part; the derivative of a sum is a sum.",
                replace=('grads[f"dW{l}"] + lambd', 'grads[f"dW{l}"] * lambd')),
    ],
    right=[l2_backward_by_hand, l2_backward_new, l2_backward_in_place],
    hints=("The cost is a sum, so the gradient is one: what model_backward gives, and the derivative of the penalty. In which parameters does the penalty depend?",
           "dW[l] = (model_backward's dW[l]) + (λ/m) W[l], (n[l], n[l−1]); db[l] as it was. W[l] is caches[l−1][0][1].",
           "grads from model_backward; for each layer take W out of its cache and add lambd / m times W to dW"),
    why="With this gradient a step is W ← W − α·dW − (αλ/m)·W = (1 − αλ/m)·W − α·dW: before each step the weights shrink by a fixed share. Hence the name *weight decay*.",
    unchanged={"AL in place of Y": "both are (1, m)", "-1 in place of 1": "Y has two axes: the last one is the second", "grads returned": "that is what is returned"},
    after="Every step now pulls every weight towards zero, by a share of itself.")

# --- dropout_forward -------------------------------------------------------------------------------------------------


def draw_activations(rng, n, m, keep, training=True):
    """Activations of either sign, a fifth of them exactly 0 as relu leaves them."""
    A = np.round(rng.uniform(0.2, 3, (n, m)) * rng.choice([-1, 1], (n, m)), 2) * (rng.random((n, m)) < 0.8)
    return A, keep, np.random.default_rng(rng.integers(10 ** 6)), training


def play_dropout(function, A, keep_prob, rng, training):
    return function(A, keep_prob, rng) if training else function(A, keep_prob, rng, False)


def share(found):
    """A share that is 1 in right answers, exactly; among wrong ones it may vary as chance has it."""
    return Estimate(float(np.mean(found)), 1e-9 if np.all(found) else 0.15)


def mask_statistics(mask, keep, name="mask"):
    """What a mask of zeros and ones should look like: {what: Estimate}. Six standard deviations wide."""
    n, m = mask.shape
    found = {f"share of 0 and 1 in {name}": share(np.isin(mask, (0, 1))),
             f"share kept in {name}": Estimate(float((mask != 0).mean()), DEVIATIONS * (keep * (1 - keep) / mask.size) ** 0.5 + 1e-9)}
    for what, axis, size in (("examples", 1, m), ("units", 0, n)):
        if size > 1:  # neighbours share an entry, hence the 3
            pairs = np.diff(mask != 0, axis=axis).astype(float)
            found[f"neighbouring {what} that differ in {name}"] = Estimate(pairs.mean(), DEVIATIONS * (3 * 0.25 / pairs.size) ** 0.5)
    if m >= 400 and 0 < keep < 1:
        counts = (mask != 0).sum(axis=0)
        found[f"spread of the number kept in {name}"] = Estimate(counts.var() / (n * keep * (1 - keep)), DEVIATIONS * (2 / m) ** 0.5)
    return found


def two_results(value, names, first):
    """The two results of a call, or the sentence that says what is wrong."""
    value = plain(value)
    if not isinstance(value, tuple | list) or len(value) != 2:
        got = f"{len(value)}" if isinstance(value, tuple | list) else describe(value)
        return Odd(f"expected 2 things, {names}; got {got}", whole=True)
    return value


def observe_dropout(args, value):
    A, keep_prob, _, training = args
    value = two_results(value, "A_dropped, mask", A)
    if isinstance(value, Odd):
        return value
    for name, part in zip(("A_dropped", "mask"), value):
        if not isinstance(part, np.ndarray) or part.shape != A.shape:
            said = f"`{name}` has shape {part.shape}, expected {A.shape}" if isinstance(part, np.ndarray) else f"`{name}`: an array is expected, got {describe(part)}"
            return Odd(said, whole=True)
    dropped, mask = (part.astype(float) for part in value)
    if training and min(A.shape) > 1 and A.size > 100 and mask.min() < mask.max():
        if np.all(mask == mask[:, :1]):
            return Fault("All examples get the same mask: one number was drawn for each unit. Each unit of each *example* is drawn by itself.", "one mask for all examples")
        if np.all(mask == mask[:1]):
            return Fault("All units of an example are kept or dropped together: one number was drawn for each example. Each *unit* is drawn by itself.",
                         "whole examples dropped")
    finite = share(np.isfinite(dropped))
    if training and keep_prob < 1:
        dropped = np.nan_to_num(dropped, nan=1e6, posinf=1e6, neginf=-1e6)
    if not training or keep_prob == 1:
        return {"A_dropped": dropped, "mask": mask}
    there = A != 0
    on = there & (dropped != 0)
    factors = dropped[on] / A[on] if on.any() else np.zeros(1)
    return {"A_dropped": np.array(dropped.shape), "mask": np.array(mask.shape), **mask_statistics(mask, keep_prob), "share that is finite": finite,
            "share of entries that are 0 just where the mask is": share((dropped == 0)[there] == (mask == 0)[there]),
            "smallest factor of what is kept": Estimate(factors.min(), 2e-5 / keep_prob), "largest factor of what is kept": Estimate(factors.max(), 2e-5 / keep_prob)}


def dropout_by_where(A, keep_prob, rng, training=True):
    if training:
        keep = rng.uniform(size=A.shape) <= keep_prob
        return np.where(keep, A / keep_prob, 0.0), keep
    return A.copy(), np.ones_like(A)


def dropout_by_binomial(A, keep_prob, rng, training=True):
    mask = rng.binomial(1, keep_prob if training else 1.0, A.shape)
    out = A * mask
    if training:
        out = out / keep_prob
    return out, mask


def dropout_by_loop(A, keep_prob, rng, training=True):
    mask, out = np.ones(A.shape, int), A.astype(float).copy()
    if not training:
        return out, mask
    for j in range(A.shape[1]):
        for i in range(A.shape[0]):
            if rng.random() >= keep_prob:
                mask[i, j] = 0
            out[i, j] *= mask[i, j] / keep_prob
    return out, mask


DROPOUT_FORWARD = Exercise(
    ex.dropout_forward, title="Switch off at random", difficulty=2, importance=3, minutes=10,
    draw=draw_activations, play=play_dropout, observe=observe_dropout,
    sizes=[{"n": 40, "m": 60, "keep": 0.8}, {"n": 90, "m": 50, "keep": 0.5}, {"n": 12, "m": 400, "keep": 0.3}, {"n": 2, "m": 3, "keep": 1.0},
           {"n": 2, "m": 1, "keep": 0.4, "training": False}, {"n": 3, "m": 4, "keep": 0.6, "training": False}, {"n": 800, "m": 1, "keep": 0.6}],
    returns="result", names=NAMES,
    mistakes=[
        Mistake("multiplied by keep_prob", "What is kept is *multiplied* by keep_prob. With keep_prob of the units on, each of them has to count for more, not less: the "
                "expected value stays only if it is *divided* by keep_prob.", replace=("A * mask / keep_prob", "A * mask * keep_prob")),
        Mistake("no scaling", "What is kept is not scaled. On average only keep_prob of the signal is left; at test time, when all units are on, the next layer would get "
                "more than it was trained with. Divide by keep_prob and the expected value stays.", replace=("A * mask / keep_prob", "A * mask")),
        Mistake("divided by 1 − keep_prob", "What is kept is divided by the probability of being *dropped*. Kept units stand for all of them: divide by the probability "
                "of being kept.",
                replace=("A * mask / keep_prob", "A * mask / (1 - keep_prob)")),
        Mistake("divided by 1 − keep_prob, with room", "What is kept is divided by the probability of being *dropped*. Kept units stand for all of them: divide by the "
                "probability of being kept.",
                replace=("A * mask / keep_prob", "A * mask / (1 - keep_prob + 1e-9)")),
        Mistake("divided by the root of keep_prob", "What is kept is divided by the *root* of keep_prob. The root would keep the mean square; it is the expected value "
                "that is to stay.",
                replace=("A * mask / keep_prob", "A * mask / keep_prob ** 0.5")),
        Mistake("divided by keep_prob twice", "What is kept is divided by keep_prob twice.", replace=("A * mask / keep_prob", "A * mask / keep_prob ** 2")),
        Mistake("keep and drop exchanged", "Units are *dropped* with probability keep_prob; it is the probability of being kept.", replace=("< keep_prob", "> keep_prob")),
        Mistake("keep and drop exchanged throughout", "Units are *dropped* with probability keep_prob, and what is left is scaled to that; it is the probability of being "
                "kept.",
                replace=[("< keep_prob", "> keep_prob"), ("A * mask / keep_prob", "A * mask / (1 - keep_prob)")]),
        Mistake("normal numbers", "The mask compares *normal* numbers with keep_prob. They go below it with another probability. Uniform numbers between 0 and 1 are "
                "below p with probability p: `rng.random`.", replace=("rng.random(A.shape)", "rng.standard_normal(A.shape)")),
        Mistake("one mask for all examples", "All examples get the same mask: one number was drawn for each unit. Each unit of each *example* is drawn by itself.",
                replace=("rng.random(A.shape)", "rng.random((A.shape[0], 1)) + np.zeros(A.shape)")),
        Mistake("whole examples dropped", "All units of an example are kept or dropped together: one number was drawn for each example. Each *unit* is drawn by itself.",
                replace=("rng.random(A.shape)", "rng.random((1, A.shape[1])) + np.zeros(A.shape)")),
        Mistake("all or nothing", "One number decides for the whole layer. Each unit of each example is drawn by itself.",
                replace=("rng.random(A.shape)", "rng.random() + np.zeros(A.shape)")),
        Mistake("dropout at test time", "Units are dropped when `training` is False too. At test time chance has no place: the same input must get the same answer, and "
                "every unit takes part.",
                replace=("if not training:", "if False:")),
        Mistake("scaled at test time", "When `training` is False the activations are multiplied by keep_prob. That belongs to the old form of dropout; inverted dropout "
                "does all its scaling in training, and test time is left alone.", replace=("return A, np.ones", "return A * keep_prob, np.ones")),
        Mistake("divided at test time", "When `training` is False the activations are divided by keep_prob, though nothing was dropped. All units are on: leave them as "
                "they are.",
                replace=("return A, np.ones", "return A / keep_prob, np.ones")),
        Mistake("old dropout", "Training does not scale, and test time multiplies by keep_prob: that is dropout as it was first described, and it works. *Inverted* "
                "dropout scales in training, so that test time needs to know nothing.",
                replace=[("return A, np.ones", "return A * keep_prob, np.ones"), ("A * mask / keep_prob", "A * mask")]),
        Mistake("training turned round", "Training and test time are exchanged: units are dropped when `training` is False.", replace=("if not training:", "if training:")),
        Mistake("mask scaled", "The mask that is handed back holds 1/keep_prob, not 1. It should say which units are on, 0 or 1; dropout_backward does its own scaling.",
                replace=("keep_prob, mask", "keep_prob, mask / keep_prob")),
        Mistake("mask of what is dropped", "The mask that is handed back is 1 where a unit is *off*; it should be 1 where it is kept.",
                replace=("keep_prob, mask", "keep_prob, 1 - mask")),
        Mistake("another mask handed back", "The mask that is handed back is not the one that was used: it is drawn anew. The way back needs the same one.",
                replace=("keep_prob, mask", "keep_prob, (rng.random(A.shape) < keep_prob).astype(float)")),
        Mistake("uniform numbers as a mask", "The mask holds the random numbers themselves. Compare them with keep_prob: a unit is on or off, nothing in between.",
                replace=("(rng.random(A.shape) < keep_prob).astype(float)", "rng.random(A.shape)")),
        Mistake("half dropped whatever keep_prob is", "Half of the units are kept whatever `keep_prob` is: 0.5 is written into the code.", replace=("< keep_prob", "< 0.5")),
        Mistake("mask read off A", "The mask is read off the result: but a unit may be 0 because relu made it so, not because it was dropped.",
                replace=("keep_prob, mask", "keep_prob, (A * mask != 0).astype(float)")),
        Mistake("results exchanged", "The two results have changed places: first the activations, then the mask.",
                replace=("A * mask / keep_prob, mask", "mask, A * mask / keep_prob")),
        Mistake("ones and zeros exchanged at test time", "When `training` is False the mask should be all ones: every unit is on.",
                replace=("np.ones(A.shape)", "np.zeros(A.shape)")),
        Mistake("a fixed number dropped", "In every example the same *number* of units is kept, only which ones is drawn. Each unit should be drawn by itself, so that "
                "the number varies too.",
                replace=("(rng.random(A.shape) < keep_prob).astype(float)", "(rng.random(A.shape).argsort(axis=0).argsort(axis=0) < round(keep_prob * "
                    "A.shape[0])).astype(float)")),
    ],
    right=[dropout_by_where, dropout_by_binomial, dropout_by_loop],
    hints=("A uniform number between 0 and 1 is below p with probability p. Draw one for every entry of A. What is kept must make up for what is gone.",
           "mask = [U < keep_prob], U uniform of A's shape (n, m); A_dropped = A · mask / keep_prob, so that its expected value is A. Not training: A and ones.",
           "if not training return A and ones; mask = (rng.random(shape of A) < keep_prob), as numbers; return A times mask over keep_prob, and mask"),
    why="E[mask] = keep_prob, so E[A · mask / keep_prob] = A: the next layer gets, on average, what it will get at test time, when nothing is dropped. That is why test "
        "time needs no change.",
    unchanged={"<= in place of <": "a uniform number equals keep_prob with probability 2⁻⁵³", "astype left out": "a mask of truth values will do"},
    after="No unit can rely on any other one to be there.")

# --- dropout_backward ------------------------------------------------------------------------------------------------


def draw_dropout_backward(rng, n, m):
    mask = (rng.random((n, m)) < 0.6).astype(float)
    mask.flat[0], mask.flat[-1] = 1, 0
    return np.round(rng.normal(0, 1, (n, m)), 2), mask, float(rng.choice([0.5, 0.6, 0.8, 0.9]))


def dropout_backward_by_where(dA, mask, keep_prob):
    return np.where(mask == 1, dA / keep_prob, 0)


def dropout_backward_by_index(dA, mask, keep_prob):
    out = dA.astype(np.float32)
    out[mask == 0] = 0
    return np.divide(out, keep_prob)


def dropout_backward_by_loop(dA, mask, keep_prob):
    out = np.zeros_like(dA)
    for i, row in enumerate(dA):
        for j, g in enumerate(row):
            if mask[i][j]:
                out[i][j] = g * (1 / keep_prob)
    return out


DROPOUT_BACKWARD = Exercise(
    ex.dropout_backward, title="… and back", difficulty=1, importance=3, minutes=5,
    draw=draw_dropout_backward, sizes=[{"n": 5, "m": 4}, {"n": 2, "m": 1}, {"n": 2, "m": 3}, {"n": 3, "m": 7}],
    returns="dA", names=NAMES,
    unsteady="Called twice with the same inputs, it gives two different answers: a new mask is drawn on the way back. The gradient has to go through the units that were "
        "on on the way *forward*: the mask that is given.",
    mistakes=[
        Mistake("mean of the mask", "The gradient is multiplied by the mean of the mask: every entry passes in part. Each goes through its own 0 or 1.",
                replace=("mask / keep_prob", "np.mean(mask) / keep_prob")),
        Mistake("added to the mask", "The scaled mask is added to the gradient. Forward it multiplies, and so it does backward.",
                replace=("dA * mask / keep_prob", "dA + mask / keep_prob")),
        Mistake("no scaling", "The gradient is not scaled. Forward each unit that was on was divided by keep_prob, a constant factor: it stands in the derivative too.",
                replace=(" / keep_prob", "")),
        Mistake("multiplied by keep_prob", "The gradient is *multiplied* by keep_prob. Forward the activations were divided by it, and the derivative of a/p with respect "
                "to a is 1/p.",
                replace=("/ keep_prob", "* keep_prob")),
        Mistake("mask not used", "Units that were off get a gradient too. What came out of them was 0 whatever they did: nothing flows back through them.",
                replace=("dA * mask / keep_prob", "dA / keep_prob")),
        Mistake("mask turned round", "The gradient flows through the units that were *off*: the mask is 1 where a unit was kept.", replace=("dA * mask", "dA * (1 - mask)")),
        Mistake("nothing done", "The gradient comes back as it went in: neither the mask nor keep_prob is used.", replace=("dA * mask / keep_prob", "dA")),
        Mistake("mask alone", "That is the mask over keep_prob; the gradient that comes from above is a factor of it.", replace=("dA * mask / keep_prob", "mask / keep_prob")),
        Mistake("divided by 1 − keep_prob", "The gradient is divided by the probability of being *dropped*; forward it was the one of being kept.",
                replace=("/ keep_prob", "/ (1 - keep_prob)")),
        Mistake("divided by the root of keep_prob", "The gradient is divided by the *root* of keep_prob; forward the activations were divided by keep_prob itself.",
                replace=("/ keep_prob", "/ keep_prob ** 0.5")),
        Mistake("a matrix product with the mask", "The mask enters by a matrix product. Each entry of the mask belongs to one entry of the gradient: multiply entry by entry.",
                replace=("dA * mask", "dA @ mask.T @ mask")),
        Mistake("scaled twice", "The gradient is divided by keep_prob twice.", replace=("/ keep_prob", "/ keep_prob ** 2")),
        Mistake("not through what is off, but unscaled", "Where a unit was off, the gradient should be 0; it is only left unscaled there.",
                replace=("dA * mask / keep_prob", "np.where(mask == 1, dA / keep_prob, dA)")),
        Mistake("divided by the mask", "`dA / mask` divides by 0 where a unit was off. There the gradient is 0: multiply by the mask.", replace=("dA * mask", "dA / mask")),
    ],
    right=[dropout_backward_by_where, dropout_backward_by_index, dropout_backward_by_loop],
    hints=("A_dropped = A · mask / keep_prob, entry by entry. What is the derivative of that with respect to A?",
           "dA ← dA · mask / keep_prob, all (n, m), with the mask of the way forward.",
           "the gradient, times the mask, over keep_prob"),
    why="For each entry mask/keep_prob is a constant factor; the chain rule multiplies with it. A new mask would send the gradient through units that had no part in the "
        "answer.",
    after="Who was off cannot be blamed.")

# --- forward_with_dropout --------------------------------------------------------------------------------------------


def draw_dropout_net(rng, layers, m, keep):
    X, _, parameters = draw_net(rng, layers, m)
    return X, parameters, keep, np.random.default_rng(rng.integers(10 ** 6))


RIGHT = "as it should be"


def verdict(got, like):
    """Whether an array is right, in words; wrong ones differ in their words too, so that one is not taken for another."""
    if got.shape != like.shape:
        return f"of shape {got.shape}, expected {like.shape}"
    right = np.isclose(got, like, rtol=1e-4, atol=1e-5)
    return RIGHT if right.all() else f"right in {right.mean():.0%} of its entries, their mean {np.mean(got):.5g} where it should be {np.mean(like):.5g}"


def layer_of(cache):
    """A_prev, W, b, Z, mask of a layer's cache, or an Odd."""
    if not isinstance(cache, tuple | list) or len(cache) != 3:
        return Odd(f"expected 3 things for each layer in `caches`, linear_cache, Z, mask; got {len(cache) if isinstance(cache, tuple | list) else describe(cache)}",
            whole=True)
    if not isinstance(cache[0], tuple | list) or len(cache[0]) != 3:
        return Odd("the first thing in a layer's cache should be linear_cache, (A_prev, W, b); got " + describe(cache[0]), whole=True)
    parts = [*cache[0], *cache[1:]]
    odd = next((p for p in parts[:4] if not isinstance(p, np.ndarray)), None)
    return Odd(f"a cache holds {describe(odd)} where an array is expected", whole=True) if odd is not None else parts


def passed_on(A_prev, Z, mask, l):
    """How layer l's activations went on: what relu and the mask should have made 0, and the factor of the rest."""
    what = f"what goes on from layer {l}"
    if not isinstance(mask, np.ndarray) or not A_prev.shape == Z.shape == mask.shape:
        return {what: f"of shape {A_prev.shape}, its Z {np.shape(Z)}, its mask {np.shape(mask)}"}
    above, on = Z > 0, (Z > 0) & (A_prev != 0)
    factors = A_prev[on] / Z[on] if on.any() else np.zeros(1)
    return {what: "of the right shape", f"{what}: share that is 0 just where its mask is": share((A_prev == 0)[above] == (mask == 0)[above]),
            f"{what}: share that is 0 where Z is below 0": share((A_prev == 0)[~above]),
            f"{what}: smallest factor": Estimate(factors.min(), 1e-3), f"{what}: largest factor": Estimate(factors.max(), 1e-3)}


def observe_forward(args, value):
    """What must hold between the caches, whatever the masks are: shares of entries for which it does."""
    X, parameters, keep_prob, _ = args
    L = len(parameters) // 2
    value = two_results(value, "AL, caches", X)
    if isinstance(value, Odd):
        return value
    AL, caches = value
    if not isinstance(AL, np.ndarray) or AL.shape != (1, X.shape[1]):
        return Odd(f"`AL`: an array of shape {(1, X.shape[1])} is expected, got {describe(AL)}", whole=True)
    if not isinstance(caches, list | tuple) or len(caches) != L:
        got = f"{len(caches)}" if isinstance(caches, list | tuple) else describe(caches)
        return Odd(f"`caches`: a list of {L} is expected, one for each layer, got {got}", whole=True)
    layers = [layer_of(c) for c in caches]
    odd = next((layer for layer in layers if isinstance(layer, Odd)), None)
    if odd:
        return odd
    if L == 1 or keep_prob == 1:  # no chance in it
        found = {"AL": AL}
        for l, (A_prev, W, b, Z, mask) in enumerate(layers, start=1):
            found |= {f"input of layer {l}": A_prev, f"W{l}": W, f"b{l}": b, f"Z of layer {l}": Z}
            found |= {f"mask of layer {l}": mask} if l < L else {"mask of the output layer": "a mask with zeros" if isinstance(mask,
                np.ndarray) and (mask == 0).any() else "None"}
        return found
    found = {}
    for l, (A_prev, W, b, Z, mask) in enumerate(layers, start=1):
        A_prev, Z = A_prev.astype(float), Z.astype(float)
        if l == 1:
            found["input of the first layer"] = verdict(A_prev, X)
        else:
            found |= passed_on(A_prev, *layers[l - 2][3:], l - 1)
        found[f"W and b in the cache of layer {l}"] = RIGHT if {verdict(W, parameters[f"W{l}"]), verdict(b, parameters[f"b{l}"])} == {RIGHT} else "something else"
        fits = A_prev.shape == (parameters[f"W{l}"].shape[1], X.shape[1])
        found[f"Z of layer {l}, from what went in"] = verdict(Z, parameters[f"W{l}"] @ A_prev + parameters[f"b{l}"]) if fits else f"input of shape {A_prev.shape}"
        if l == L:
            off = isinstance(mask, np.ndarray) and (mask == 0).any()
            found["mask of the output layer"] = "a mask with zeros" if off else "None"
            with np.errstate(over="ignore"):
                found["AL, from the last Z"] = verdict(AL.astype(float), sigmoid(Z))
        elif not isinstance(mask, np.ndarray) or mask.shape != parameters[f"b{l}"].shape[:1] + X.shape[1:]:
            said = Odd(f"the mask of layer {l}: an array of shape {(parameters[f'b{l}'].shape[0], X.shape[1])} is expected, got {describe(mask)}", whole=True)
            found |= dict.fromkeys(mask_statistics(np.ones((parameters[f"b{l}"].shape[0], X.shape[1])), keep_prob, f"mask {l}"), said)
        else:
            found |= mask_statistics(mask, keep_prob, f"mask {l}")
    for l in range(1, L - 1):
        a, b = layers[l - 1][4], layers[l][4]
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape == b.shape and a.size > 500 and keep_prob < 1:
            found[f"masks {l} and {l + 1} alike, share"] = Estimate(float((a == b).mean()), DEVIATIONS * (0.25 / a.size) ** 0.5)
    return found


def forward_by_hand(X, parameters, keep_prob, rng):
    L, A, caches = len(parameters) // 2, X, []
    for l in range(1, L + 1):
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = W @ A + b
        if l == L:
            return 1 / (1 + np.exp(-Z)), [*caches, ((A, W, b), Z, None)]
        D = rng.random(Z.shape) < keep_prob
        caches.append(((A, W, b), Z, D))
        A = np.where(D, np.maximum(0, Z) / keep_prob, 0)


def forward_in_two_loops(X, parameters, keep_prob, rng):
    L = len(parameters) // 2
    masks = [rng.binomial(1, keep_prob, (parameters[f"b{l}"].size, X.shape[1])) for l in range(1, L)] + [np.ones((1, X.shape[1]))]
    A, caches = X.copy(), []
    for l, mask in enumerate(masks, start=1):
        Z, linear_cache = linear_forward(A, parameters[f"W{l}"], parameters[f"b{l}"])
        caches.append([linear_cache, Z, mask])
        A = Z * (Z > 0) * mask / keep_prob
    return sigmoid(Z), caches


def forward_recursive(X, parameters, keep_prob, rng):
    def onward(A, l):
        last = l == len(parameters) // 2
        A_next, (linear_cache, Z) = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "sigmoid" if last else "relu")
        if last:
            return A_next, [(linear_cache, Z, None)]
        A_next, mask = dropout_forward(A_next, keep_prob, rng)
        AL, rest = onward(A_next, l + 1)
        return AL, [(linear_cache, Z, mask)] + rest

    return onward(X, 1)


def _caches_undropped(X, parameters, keep_prob, rng):
    A, caches, L, before = X, [], len(parameters) // 2, X
    for l in range(1, L + 1):
        A, ((_, W, b), Z) = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "relu" if l < L else "sigmoid")
        whole, mask = A, None
        if l < L:
            A, mask = dropout_forward(A, keep_prob, rng)
        caches.append(((before, W, b), Z, mask))
        before = whole
    return A, caches


FORWARD_WITH_DROPOUT = Exercise(
    ex.forward_with_dropout, title="A net whose units come and go", difficulty=2, importance=2, minutes=12,
    draw=draw_dropout_net, observe=observe_forward, uses=[DROPOUT_FORWARD],
    sizes=[{"layers": (3, 30, 30, 1), "m": 60, "keep": 0.7}, {"layers": (4, 40, 25, 30, 1), "m": 50, "keep": 0.5}, {"layers": (3, 200, 1), "m": 8, "keep": 0.8},
           {"layers": (3, 1), "m": 4, "keep": 0.6}, {"layers": (2, 3, 4, 1), "m": 5, "keep": 1.0}, {"layers": (3, 300, 200, 1), "m": 1, "keep": 0.6}],
    returns="result", names=NAMES,
    mistakes=[
        Mistake("dropout on the output", "Units of the *output* layer are dropped too. The output is the answer itself: switched off, it would say probability 0, "
                "whatever the input.",
                replace=("    caches.append((linear_cache, Z, None))", "    AL, mask = dropout_forward(AL, keep_prob, rng)\n    caches.append((linear_cache, Z, mask))")),
        Mistake("dropout on the inputs", "The *inputs* are dropped too. Asked for is dropout after each hidden layer's relu; X goes in whole.",
                replace=("A, caches, L = X, []", "A, caches, L = dropout_forward(X, keep_prob, rng)[0], []")),
        Mistake("dropout before relu", "Dropout comes before relu, or its result is not what goes on: `Z` in the cache is what was dropped. Drop the *activations*, after "
                "relu.",
                replace=("        A, mask = dropout_forward(A, keep_prob, rng)", "        Z, mask = dropout_forward(Z, keep_prob, rng)\n        A = np.maximum(Z, 0)")),
        Mistake("dropped activations not used", "A mask is drawn, but the next layer gets the activations as they were before dropout.",
                replace=("A, mask = dropout_forward", "_, mask = dropout_forward")),
        Mistake("no scaling", "What is kept is not divided by keep_prob: on average the next layer gets less than it will at test time, when nothing is dropped.",
                replace=("A, mask = dropout_forward(A, keep_prob, rng)", "mask = dropout_forward(A, keep_prob, rng)[1]\n        A = A * mask")),
        Mistake("multiplied by keep_prob", "What is kept is *multiplied* by keep_prob. Kept units stand for the dropped ones too: they have to count for more, so divide.",
                replace=("A, mask = dropout_forward(A, keep_prob, rng)", "mask = dropout_forward(A, keep_prob, rng)[1]\n        A = A * mask * keep_prob")),
        Mistake("a new mask in the cache", "The mask in the cache is not the one that was used: it is drawn anew. On the way back the gradient would go through other "
                "units than the answer did.",
                replace=("caches.append((linear_cache, Z, mask))", "caches.append((linear_cache, Z, dropout_forward(A, keep_prob, rng)[1]))")),
        Mistake("nothing dropped", "Nothing is dropped: all masks are ones. That is the net at test time; here it is in training.",
                replace=("dropout_forward(A, keep_prob, rng)", "dropout_forward(A, keep_prob, rng, False)")),
        Mistake("keep and drop exchanged", "Units are *dropped* with probability keep_prob; it is the probability of being kept.",
                replace=("dropout_forward(A, keep_prob, rng)", "dropout_forward(A, 1 - keep_prob, rng) if keep_prob < 1 else (0 * A, 0 * A)")),
        Mistake("relu in the last layer", "The last layer's activation is relu; the answer is a probability, so it takes the sigmoid.", replace=('"sigmoid"', '"relu"')),
        Mistake("sigmoid in the hidden layers", "The hidden layers' activation is the sigmoid; they take relu.", replace=('"relu"', '"sigmoid"')),
        Mistake("tanh in the hidden layers", "The hidden layers' activation is tanh; they take relu.",
                replace=("dropout_forward(A, keep_prob, rng)", "dropout_forward(np.tanh(Z), keep_prob, rng)")),
        Mistake("dropout in the first hidden layer only", "Only the first hidden layer drops units; each of them should.",
                replace=("dropout_forward(A, keep_prob, rng)", "dropout_forward(A, keep_prob, rng, l == 1)")),
        Mistake("dropout in the last hidden layer only", "Only the last hidden layer drops units; each of them should.",
                replace=("dropout_forward(A, keep_prob, rng)", "dropout_forward(A, keep_prob, rng, l == L - 1)")),
        Mistake("mask kept in place of Z", "The cache holds `mask` and `Z` in the wrong places: the order is (linear_cache, Z, mask).",
                replace=("caches.append((linear_cache, Z, mask))", "caches.append((linear_cache, mask, Z))")),
        Mistake("A kept in place of Z", "The cache holds the activations where `Z`, what went *into* relu, belongs.",
                replace=("caches.append((linear_cache, Z, mask))", "caches.append((linear_cache, A, mask))")),
        Mistake("undropped activations in the cache", "The cache holds, as A_prev, the activations *before* dropout. The layer's dW is made from what really went in: the "
                "dropped ones.",
                function=_caches_undropped),
        Mistake("Z dropped too", "Besides the activations, `Z` is dropped, before relu. Once is enough, after relu.",
                replace=("        A, mask = dropout_forward(A, keep_prob, rng)\n",
                "        Z, _ = dropout_forward(Z, keep_prob, rng)\n        A, mask = dropout_forward(np.maximum(Z, 0), keep_prob, rng)\n")),
        Mistake("biases of the hidden layers left out", "The hidden layers' biases are not added.",
                replace=("        A, mask = dropout_forward(A, keep_prob, rng)\n", "        Z = Z - parameters[f\"b{l}\"]\n        A, mask = "
                    "dropout_forward(np.maximum(Z, 0), keep_prob, rng)\n")),
        Mistake("scaled mask in the cache", "The mask in the cache holds 1/keep_prob; it should be 1 where a unit is on. dropout_backward does its own scaling.",
                replace=("caches.append((linear_cache, Z, mask))", "caches.append((linear_cache, Z, mask / keep_prob))")),
    ],
    right=[forward_by_hand, forward_in_two_loops, forward_recursive],
    hints=("It is lab 03's model_forward. After each hidden layer's relu its activations pass through dropout_forward before they go on; the mask is kept for the way back.",
           "For l = 1 … L−1: A[l] = relu(W[l] A[l−1] + b[l]), then A[l] · mask[l] / keep_prob goes on; AL = σ(W[L] A[L−1] + b[L]); cache (linear_cache, Z, mask) a layer, "
           "mask None at the output.",
           "for each hidden layer: A and its cache from linear_activation_forward, A and mask from dropout_forward, append all three; last layer with sigmoid, mask None"),
    why="In every step another net is trained, a random part of the whole; all share their weights. At test time lab 03's model_forward serves unchanged: the scaling was "
        "done here.",
    unchanged={},
    after="Thousands of thinned-out nets now live in one set of weights.")

# --- backward_with_dropout -------------------------------------------------------------------------------------------


def draw_dropout_caches(rng, layers, m):
    keep = float(rng.choice([0.5, 0.6, 0.7, 0.8, 0.9]))
    X, Y, parameters = draw_net(rng, layers, m)
    while True:
        AL, caches = ex.forward_with_dropout(X, parameters, keep, rng)
        if all(0 < mask.mean() < 1 for _, _, mask in caches[:-1]):
            return AL, Y, caches, keep


def numerical_dropout(AL, Y, caches, keep_prob):
    def cost(parameters):
        A = caches[0][0][0]
        for l, (_, _, mask) in enumerate(caches, start=1):
            Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
            A = sigmoid(Z) if mask is None else np.maximum(Z, 0) * mask / keep_prob
        return deep_cost(A, Y)

    return numerical_gradients(cost, parameters_of(caches))


def backward_by_hand(AL, Y, caches, keep_prob):
    m, grads = Y.shape[1], {}
    dZ = AL - Y
    for l in reversed(range(len(caches))):
        A_prev, W, b = caches[l][0]
        grads["dW" + str(l + 1)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l + 1)] = dZ.sum(axis=1, keepdims=True) / m
        if l:
            _, Z, D = caches[l - 1]
            dZ = np.dot(W.T, dZ) * D / keep_prob * (Z > 0)
    return grads


def backward_in_other_order(AL, Y, caches, keep_prob):
    dA, grads = (AL - Y) / (AL * (1 - AL)), {}
    for l, (linear_cache, Z, mask) in reversed(list(enumerate(caches, 1))):
        if mask is None:
            dA, dW, db = linear_activation_backward(dA, (linear_cache, Z), "sigmoid")
        else:
            dA, dW, db = linear_backward(dropout_backward(dA * (Z > 0), mask, keep_prob), linear_cache)
        grads |= {f"dW{l}": dW, f"db{l}": db, f"dA{l - 1}": dA}
    return grads


def backward_by_activity(AL, Y, caches, keep_prob):
    grads, dZ = {}, (AL - Y) / Y.shape[1]
    for l in range(len(caches), 0, -1):
        (A_prev, W, _), _, _ = caches[l - 1]
        grads[f"dW{l}"], grads[f"db{l}"] = dZ @ A_prev.T, dZ @ np.ones((dZ.shape[1], 1))
        dZ = (W.T @ dZ) * (A_prev > 0) / keep_prob  # what arrived was above 0 just where a unit was on and active
    return grads


BACKWARD_WITH_DROPOUT = Exercise(
    ex.backward_with_dropout, title="… and its gradients", difficulty=3, importance=2, minutes=12,
    draw=draw_dropout_caches, sizes=[{"layers": (3, 6, 5, 1), "m": 7}, {"layers": (2, 3, 1), "m": 3}, {"layers": (2, 6, 4, 5, 1), "m": 6}, {"layers": (3, 9, 7, 1),
            "m": 1}, {"layers": (3, 1), "m": 4}],
    returns="grads", names=NAMES, tied=[("AL", "caches", "keep_prob")], numerical=numerical_dropout, uses=[DROPOUT_BACKWARD],
    unsteady="Called twice with the same inputs, it gives two different answers: a new mask is drawn on the way back. The gradient has to go through the units that were "
        "on on the way *forward*: their masks stand in the caches.",
    mistakes=[
        Mistake("masks forgotten", "The gradients are those of the whole net: they flow through units that were off. Each hidden layer's gradient goes through its own "
                "mask, and is scaled as on the way forward.",
                replace=("        dA = dropout_backward(dA, mask, keep_prob)\n", "")),
        Mistake("no scaling", "Behind a mask the gradients are keep_prob times too small: forward the activations were divided by keep_prob, so the gradient is too.",
                replace=("dropout_backward(dA, mask, keep_prob)", "dA * mask")),
        Mistake("multiplied by keep_prob", "Behind a mask the gradient is *multiplied* by keep_prob; forward the activations were divided by it, and so is the gradient.",
                replace=("dropout_backward(dA, mask, keep_prob)", "dA * mask * keep_prob")),
        Mistake("scaled but not masked", "The gradients are scaled, but flow through units that were off. Their activations were 0 whatever they did.",
                replace=("dropout_backward(dA, mask, keep_prob)", "dA / keep_prob")),
        Mistake("relu forgotten", "On the way back through the hidden layers relu is left out: where Z was negative no gradient passes.",
                replace=('linear_activation_backward(dA, (linear_cache, Z), "relu")', "linear_backward(dA, linear_cache)")),
        Mistake("sigmoid for relu", "On the way back the hidden layers are treated as sigmoid layers; they were relu.", replace=('"relu"', '"sigmoid"')),
        Mistake("mask in the first hidden layer only", "Only the first hidden layer's mask is used on the way back; every hidden layer has its own.",
                replace=("dropout_backward(dA, mask, keep_prob)", "dropout_backward(dA, mask, keep_prob) if l == 1 else dA")),
        Mistake("mask in the last hidden layer only", "Only the last hidden layer's mask is used on the way back; every hidden layer has its own.",
                replace=("dropout_backward(dA, mask, keep_prob)", "dropout_backward(dA, mask, keep_prob) if l == L - 1 else dA")),
        Mistake("Y − AL", "The signs of all gradients are turned round: the derivative of the cross-entropy with respect to the last Z is AL − Y.",
                replace=("AL - Y", "Y - AL")),
        Mistake("output scaled too", "The output layer's gradient is divided by keep_prob too. The output is not dropped.",
                replace=("linear_backward(AL - Y,", "linear_backward((AL - Y) / keep_prob,")),
        Mistake("derivative of the output's sigmoid twice", "The last layer's dZ holds the factor AL (1 − AL). With the cross-entropy it cancels: dZ = AL − Y.",
                replace=("linear_backward(AL - Y,", "linear_backward((AL - Y) * AL * (1 - AL),")),
        Mistake("mask after the layer", "The mask is put on what a layer hands down, after its own backward step; it belongs before, on the gradient that reaches the "
                "layer's activations.",
                replace=[("        dA = dropout_backward(dA, mask, keep_prob)\n", ""),
                         ("    return grads", "        dA = dropout_backward(dA, caches[l - 2][2] if l > 1 else 1, 1)\n    return grads")]),
        Mistake("last hidden layer's cache for all", "The loop reads the last hidden layer's cache at every turn.",
                replace=("caches[l - 1]\n        dA", "caches[L - 2]\n        dA")),
        Mistake("not averaged", "The gradients are m times too large: the cost is a mean over the examples.",
                replace=("linear_backward(AL - Y,", "linear_backward((AL - Y) * Y.shape[1],")),
        Mistake("averaged twice", "The gradients are m times too small: linear_backward divides by m already.",
                replace=("linear_backward(AL - Y,", "linear_backward((AL - Y) / Y.shape[1],")),
    ],
    right=[backward_by_hand, backward_in_other_order, backward_by_activity],
    hints=("model_backward of lab 03, with one more gate: forward came relu, then dropout; so backward comes dropout, then relu.",
           "dZ[L] = AL − Y; for l = L−1 … 1: dA[l] = W[l+1]ᵀ dZ[l+1], through mask[l] and 1/keep_prob, then relu's derivative, then the linear part.",
           "last layer by linear_backward(AL − Y, …); for each hidden layer backwards: take the cache apart, dA through dropout_backward, then linear_activation_backward "
           "with \"relu\""),
    why="Backward goes through the steps in reverse order. The mask is a constant of this step, so the thinned-out net has the ordinary gradient of that net.",
    unchanged={"term L left out": "caches[−1] is the last one too", "grads returned": "that is what is returned"},
    after="The net can be trained while its units come and go.")

# --- numerical_gradient ----------------------------------------------------------------------------------------------


class Formula:
    """A function of t that reports can show; `function` is the function itself."""

    def __init__(self, formula, c):
        self.formula, self.c, self.function = formula, c, eval(f"lambda t: {formula}", {"np": np, "c": c})  # noqa: S307

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"lambda t: {self.formula}  # c = np.array({self.c.tolist()})"


KINDS = {"cubes": ("float(np.sum(c * t * t * t))", "3 * c * t * t"), "squares": ("float(np.sum(c * t * t))", "2 * c * t"), "zero": ("0.0", "0.0 * t"),
         "sines": ("float(np.sum(c * np.sin(t)) + np.square(np.sum(t)))", "c * np.cos(t) + 2 * np.sum(t)"),
         "product": ("float(np.prod(t + 3) + np.sum(c * np.exp(t)))", "np.prod(t + 3) / (t + 3) + c * np.exp(t)")}


def draw_function(rng, n, kind, column=False, eps_about=None):
    shape = (n, 1) if column else (n,)
    c = np.round(rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape), 2)
    theta = np.round(rng.uniform(0.3, 1.5, shape) * rng.choice([-1, 1], shape), 2)
    return Formula(KINDS[kind][0], c), theta, eps_about and round(eps_about * float(rng.uniform(0.7, 1.4)), 4)


def play_numerical(function, f, theta, eps):
    return function(f.function, theta) if eps is None else function(f.function, theta, eps)


def numerical_by_copies(f, theta, eps=1e-7):
    out = np.empty_like(theta, dtype=float)
    for i in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[i] += eps
        down[i] -= eps
        out[i] = (f(up) - f(down)) / (2 * eps)
    return out


def numerical_by_identity(f, theta, eps=1e-7):
    steps = eps * np.eye(len(theta))
    return np.array([f(theta + s.reshape(theta.shape)) - f(theta - s.reshape(theta.shape)) for s in steps]).reshape(theta.shape) / eps * 0.5


def numerical_in_place(f, theta, eps=1e-7):
    gradient = np.zeros_like(theta)
    for i in range(len(theta)):
        before = theta[i].copy()
        theta[i] = before + eps
        up = f(theta)
        theta[i] = before - eps
        down = f(theta)
        theta[i] = before
        gradient[i] = up / (2 * eps) - down / (2 * eps)
    return gradient


def _left_moved(f, theta, eps=1e-7):
    theta, gradient = theta.copy(), np.zeros(theta.shape)
    for i in range(theta.size):
        theta[i] += eps
        up = f(theta)
        theta[i] -= 2 * eps
        gradient[i] = (up - f(theta)) / (2 * eps)
    return gradient


NUMERICAL = Exercise(
    ex.numerical_gradient, title="A gradient that needs no derivation", difficulty=2, importance=3, minutes=10,
    draw=draw_function, play=play_numerical,
    sizes=[{"n": 3, "kind": "cubes", "eps_about": 0.1}, {"n": 1, "kind": "cubes", "eps_about": 0.2}, {"n": 2, "kind": "sines", "column": True, "eps_about": 0.05}, {"n": 4,
            "kind": "product", "eps_about": 0.02},
           {"n": 5, "kind": "sines"}, {"n": 3, "kind": "product", "column": True}, {"n": 1, "kind": "squares", "column": True, "eps_about": 0.3}],
    returns="gradient", names={"n": "the number of entries of theta"},
    mistakes=[
        Mistake("divided by eps squared", "The difference is divided by 2·eps², not by the distance 2·eps of the two points.", replace=("(2 * eps)", "(2 * eps ** 2)")),
        Mistake("one-sided", "The difference is taken to one side only, f(θ + ε) − f(θ). Its error is proportional to ε; that of the two-sided one, to ε². With ε = 10⁻⁷ "
                "that is the difference between 7 and 14 digits before rounding.",
                replace=("(f(theta + step) - f(theta - step)) / (2 * eps)", "(f(theta + step) - f(theta)) / eps")),
        Mistake("one-sided, downwards", "The difference is taken to one side only, f(θ) − f(θ − ε). Its error is proportional to ε; that of the two-sided one, to ε².",
                replace=("(f(theta + step) - f(theta - step)) / (2 * eps)", "(f(theta) - f(theta - step)) / eps")),
        Mistake("one-sided, over 2 eps", "The difference is taken to one side only, but divided by the width of both.", replace=("f(theta - step)", "f(theta)")),
        Mistake("eps for 2 eps", "The difference is divided by ε, but the two points lie 2ε apart.", replace=("(2 * eps)", "eps")),
        Mistake("brackets of 2 eps left out", "`/ 2 * eps` divides by 2 and *multiplies* by ε: the product needs brackets.", replace=("/ (2 * eps)", "/ 2 * eps")),
        Mistake("not divided", "The difference of the two values is not divided by anything: a slope is a difference over a distance.", replace=(" / (2 * eps)", "")),
        Mistake("sign", "The values are subtracted the wrong way round: up minus down.",
                replace=("(f(theta + step) - f(theta - step))", "(f(theta - step) - f(theta + step))")),
        Mistake("values added", "The two values are added; a slope is their difference.", replace=("f(theta + step) - f(theta - step)", "f(theta + step) + f(theta - step)")),
        Mistake("all entries moved at once", "All entries of theta are moved together: that gives the slope in one direction, the sum of the whole gradient. Move one at "
                "a time.",
                replace=("step[i] = eps", "step[:] = eps")),
        Mistake("entries not moved back", "Each entry stays moved when the next one has its turn: the nudges pile up.",
                replace=[("        step = np.zeros(theta.shape)\n", ""), ("    for i in", "    step = np.zeros(theta.shape)\n    for i in")]),
        Mistake("theta left moved", "After its turn an entry is not put back to where it was, so that the later ones are measured somewhere else.",
                function=_left_moved),
        Mistake("eps fixed", "`eps` has no influence: the step is 10⁻⁷ whatever is given.", replace=("    gradient = np.zeros", "    eps = 1e-7\n    gradient = np.zeros")),
        Mistake("length of the gradient", "That is the length of the gradient; asked for is the gradient itself, one entry for each of theta.",
                replace=("return gradient", "return np.linalg.norm(gradient)")),
        Mistake("relative step", "The step is a share of the entry, θ · ε, but the difference is divided by ε. Move every entry by ε itself; an entry of 0 would not move "
                "at all.",
                replace=("step[i] = eps", "step[i] = eps * theta.ravel()[i]")),
        Mistake("rounded", "The gradient is rounded. Whoever compares with it wants all digits.", replace=("return gradient", "return np.round(gradient, 2)")),
        Mistake("flat", "The gradient is flat; it should have the shape of theta, (n, 1) where theta is a column.", replace=("return gradient", "return gradient.ravel()")),
        Mistake("mean gradient", "That is the mean of the entries of the gradient; each has a value of its own.", replace=("return gradient", "return np.mean(gradient)")),
    ],
    right=[numerical_by_copies, numerical_by_identity, numerical_in_place],
    hints=("What is a slope? Go a little to the right, a little to the left, and see how f changes. Do it for every entry of theta, the others held still.",
           "gradient[i] = (f(θ + ε eᵢ) − f(θ − ε eᵢ)) / (2ε), eᵢ all zeros but a 1 at i; gradient in the shape of θ.",
           "an array of zeros like theta; for each i: a step that is eps at i and 0 elsewhere; the two values of f; their difference over 2 eps"),
    why="Taylor: f(θ ± ε) = f ± ε f′ + ε²/2 f″ ± ε³/6 f‴. In the difference the even terms cancel, so the error is ε²/6 f‴ and not ε/2 f″.",
    unchanged={"ones in place of zeros": "every entry is written over", "sign of gradient": "every entry is written over", "sign of step": "−0 = 0",
               "in place of 1e-07": "to the accuracy of the numbers both are the same", "gradient in place of theta": "they have the same shape, and step takes it from "
               "either",
               "gradient returned": "that is what is returned"},
    after="Now you have a second opinion on every gradient you will ever derive.")


# --- gradient_check --------------------------------------------------------------------------------------------------


def draw_check(rng, n, kind, error=0.0, size=1.0, column=False, eps_about=None):
    (value, slope), (f, theta, eps) = KINDS[kind], draw_function(rng, n, kind, column, eps_about)
    f = Formula(value, size * f.c)
    g = Formula(f"({slope}) * {1 + error!r}", f.c) if np.isscalar(error) else Formula(f"({slope}) + np.resize({list(error)}, t.shape)", f.c)
    return f, g, theta, eps


def play_check(function, f, gradient, theta, eps):
    return function(f.function, gradient.function, theta, *([] if eps is None else [eps]))


def observe_check(args, value):
    """The relative difference; where it is nothing but rounding, only that it is tiny."""
    value, gradient, eps = plain(value), args[1], args[3]
    number = np.ndim(value) == 0 and isinstance(value, float | int | np.generic) or isinstance(value, np.ndarray) and value.size == 1
    if not number or isinstance(value, bool | np.bool_):
        return Odd(f"a number is expected, got {describe(value)}", whole=True)
    value = float(np.asarray(value).reshape(()))
    return {"difference of a right gradient": Estimate(value, 1e-6)} if eps is None and gradient.formula.endswith("* 1.0") else {"difference": np.array(value)}


def check_by_hand(f, gradient, theta, eps=1e-7):
    g = gradient(theta).ravel()
    n = np.zeros(g.size)
    for i in range(g.size):
        step = np.zeros(g.size)
        step[i] = eps
        step = step.reshape(theta.shape)
        n[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    above, below = np.sqrt(np.sum((g - n) ** 2)), np.sqrt(np.sum(g ** 2)) + np.sqrt(np.sum(n ** 2))
    if below == 0:
        return 0
    return above / below


def check_with_room(f, gradient, theta, eps=1e-7):
    n, g = numerical_gradient(f, theta, eps), gradient(theta)
    return np.linalg.norm(n - g) / (np.linalg.norm(n) + np.linalg.norm(g) + 1e-12)


def check_by_dots(f, gradient, theta, eps=1e-7):
    g, n = gradient(theta).ravel(), numerical_gradient(f, theta, eps).ravel()
    if not g.any() and not n.any():
        return np.float64(0)
    d = g - n
    return np.sqrt(d @ d) / (np.sqrt(g @ g) + np.sqrt(n @ n))


CHECK = Exercise(
    ex.gradient_check, title="Is the gradient right?", difficulty=2, importance=3, minutes=10,
    draw=draw_check, play=play_check, observe=observe_check, uses=[NUMERICAL],
    sizes=[{"n": 3, "kind": "cubes", "error": 0.05, "eps_about": 0.1}, {"n": 1, "kind": "cubes", "eps_about": 0.2}, {"n": 4, "kind": "sines", "error": 0.3, "column": True,
            "eps_about": 0.05},
           {"n": 5, "kind": "squares", "error": (0.3, 0.0), "eps_about": 0.04}, {"n": 3, "kind": "squares", "error": 1e-5, "eps_about": 0.03}, {"n": 2, "kind": "squares",
               "error": 7e-7, "eps_about": 0.05},
           {"n": 4, "kind": "squares", "error": (1e-3, -2e-3, 0), "size": 0.02, "eps_about": 0.04}, {"n": 4, "kind": "squares", "error": 0.01, "size": 1000.0,
               "eps_about": 0.04},
           {"n": 3, "kind": "product", "column": True}, {"n": 4, "kind": "sines"}, {"n": 2, "kind": "product", "error": -2.0}, {"n": 3, "kind": "sines", "error": 0.02},
           {"n": 3, "kind": "squares", "error": -1.0, "eps_about": 0.04}, {"n": 2, "kind": "zero", "eps_about": 0.04}],
    returns="difference", names={"n": "the number of entries of theta"},
    mistakes=[
        Mistake("sum of distances above", "Above stands the sum of the absolute differences. The Euclidean length is the root of the sum of their squares.",
                replace=("np.linalg.norm(g - n)", "np.sum(np.abs(g - n))")),
        Mistake("lengths subtracted below", "Below, the lengths are subtracted. Their sum is what the difference is measured by.",
                replace=("size = np.linalg.norm(g) + np.linalg.norm(n)", "size = abs(np.linalg.norm(g) - np.linalg.norm(n))")),
        Mistake("absolute difference", "The length of the difference is not divided by anything. A difference of 10⁻³ is nothing for gradients of size 1000 and "
                "everything for gradients of size 0.001: measure it by the size of the gradients.",
                replace=("float(np.linalg.norm(g - n) / size) if size > 0 else 0.0", "float(np.linalg.norm(g - n))")),
        Mistake("compared with itself", "The difference is 0 for *any* gradient: something is compared with itself, so the check could never find anything. One side is "
                "what `gradient` says, the other what numerical_gradient measures on `f`.",
                replace=("g, n = gradient(theta), numerical_gradient(f, theta, eps)", "g, n = gradient(theta), gradient(theta)")),
        Mistake("one length below", "The difference is divided by the length of one gradient only. Both stand below the fraction, added; then it lies between 0 and 1.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "np.linalg.norm(n)")),
        Mistake("the other length below", "The difference is divided by the length of one gradient only. Both stand below the fraction, added; then it lies between 0 and 1.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "np.linalg.norm(g)")),
        Mistake("the larger length below", "The difference is divided by the larger of the two lengths. That is a relative difference too, but about twice the one asked "
                "for: their sum stands below.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "max(np.linalg.norm(g), np.linalg.norm(n))")),
        Mistake("product of lengths below", "The difference is divided by the *product* of the lengths: then it still depends on their size. Their sum stands below.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "np.linalg.norm(g) * np.linalg.norm(n)")),
        Mistake("length of the sum below", "The difference is divided by the length of the sum g + n. The sum of the lengths stands below: it is never 0 while there is a "
                "gradient.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "np.linalg.norm(g + n)")),
        Mistake("difference of the lengths", "That is the difference of the two *lengths*. Two gradients of the same length can point to opposite sides: take the length "
                "of their difference.",
                replace=("np.linalg.norm(g - n) / size", "abs(np.linalg.norm(g) - np.linalg.norm(n)) / size")),
        Mistake("squared lengths", "The lengths are squared: the root is missing.",
                replace=[("np.linalg.norm(g - n) / size", "np.sum((g - n) ** 2) / size"), ("np.linalg.norm(g) + np.linalg.norm(n)", "np.sum(g ** 2) + np.sum(n ** 2)")]),
        Mistake("sums of absolute values", "The lengths are sums of absolute values; the Euclidean length is the root of the sum of squares.",
                replace=[("np.linalg.norm(g - n) / size", "np.sum(np.abs(g - n)) / size"), ("np.linalg.norm(g) + np.linalg.norm(n)",
                    "np.sum(np.abs(g)) + np.sum(np.abs(n))")]),
        Mistake("largest entries", "The largest entries stand for the lengths; the Euclidean length is the root of the sum of squares.",
                replace=[("np.linalg.norm(g - n) / size", "np.max(np.abs(g - n)) / size"), ("np.linalg.norm(g) + np.linalg.norm(n)",
                    "np.max(np.abs(g)) + np.max(np.abs(n))")]),
        Mistake("mean of the entries' relative differences", "Each entry is measured by its own size, and the mean is taken. One entry near 0 would decide; measure the "
                "whole vector at once.",
                replace=("float(np.linalg.norm(g - n) / size)", "float(np.mean(np.abs(g - n) / (np.abs(g) + np.abs(n) + 1e-300)))")),
        Mistake("worst of the entries' relative differences", "Each entry is measured by its own size, and the worst is taken. One entry near 0 would decide; measure the "
                "whole vector at once.",
                replace=("float(np.linalg.norm(g - n) / size)", "float(np.max(np.abs(g - n) / (np.abs(g) + np.abs(n) + 1e-300)))")),
        Mistake("eps not passed on", "`eps` has no influence: numerical_gradient is called without it.",
                replace=("numerical_gradient(f, theta, eps)", "numerical_gradient(f, theta)")),
        Mistake("0/0 where both are zero", "Where both gradients are zero the result is 0/0, nan. They agree perfectly there: the docstring asks for 0.0.",
                replace=(" if size > 0 else 0.0", "")),
        Mistake("1 where both are zero", "Where both gradients are zero they agree perfectly: 0.0 is asked for.", replace=("else 0.0", "else 1.0")),
        Mistake("rounded to nothing", "Small differences come out as exactly 0. Whether 10⁻⁵ is small enough is for the reader to judge: give the number.",
                replace=("float(np.linalg.norm(g - n) / size) if", "float(np.linalg.norm(g - n) / size) * (not np.allclose(g, n)) if")),
        Mistake("fraction upside down", "The fraction is upside down: a right gradient gives a huge number, a wrong one a small one.",
                replace=("float(np.linalg.norm(g - n) / size)", "float(size / (np.linalg.norm(g - n) + 1e-12))")),
        Mistake("halved lengths below", "The difference is divided by the *mean* of the two lengths, which makes it twice too large: their sum stands below.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "(np.linalg.norm(g) + np.linalg.norm(n)) / 2")),
        Mistake("a little added below", "Something is added below the fraction. If it keeps 0/0 away it must be tiny beside any gradient; this is large enough to change "
                "the answer.",
                replace=("np.linalg.norm(g) + np.linalg.norm(n)", "np.linalg.norm(g) + np.linalg.norm(n) + 1e-2")),
        Mistake("rounded to seven digits", "The difference is rounded. A right gradient gives about 10⁻⁹, a slightly wrong one 10⁻⁴: rounding hides just what is to be seen.",
                replace=("float(np.linalg.norm(g - n) / size)", "round(float(np.linalg.norm(g - n) / size), 7)")),
        Mistake("rounded", "The difference is rounded. A right gradient gives about 10⁻⁹, a slightly wrong one 10⁻⁴: rounding hides just what is to be seen.",
                replace=("float(np.linalg.norm(g - n) / size)", "round(float(np.linalg.norm(g - n) / size), 4)")),
    ],
    right=[check_by_hand, check_with_room, check_by_dots],
    hints=("Two gradients that should be equal. How long is their difference, compared with how long they are?",
           "‖g − n‖ / (‖g‖ + ‖n‖), a number between 0 and 1; g = gradient(θ), n = numerical_gradient(f, θ, ε), both in θ's shape.",
           "g from gradient, n from numerical_gradient with eps; the norm of g − n over the sum of their norms; 0.0 if that sum is 0"),
    why="The fraction has no unit: it is 0 if they agree, 1 if they point to opposite sides or one of them is zero, whatever their size. Around 10⁻⁷ and below all is "
        "well; 10⁻³ is a bug.",
    unchanged={"float left out": "a numpy number is a number too", "difference turned round": "a length has no sign",
               "bracket closed too early": "a number over a number", "in place of 1e-07": "to the accuracy of the numbers both are the same"},
    after="Trust no gradient that has not passed it; then switch it off, for it is slow.")

# --- early_stopping --------------------------------------------------------------------------------------------------


def draw_costs(rng, epochs, patience, shape="valley"):
    t = np.arange(epochs) / max(epochs - 1, 1)
    costs = {"valley": (t - 0.45) ** 2 * 3 + 0.3, "falling": 1 - 0.6 * t, "rising": 0.4 + t, "waves": 0.6 - 0.3 * t + 0.2 * np.cos(15 * t)}[shape]
    costs = costs + rng.normal(0, 0.06, epochs)
    return [round(float(c), 2) for c in costs], patience


def stop_by_counter(validation_costs, patience):
    best, best_epoch, waited = float("inf"), 0, 0
    for epoch in range(len(validation_costs)):
        if validation_costs[epoch] < best:
            best, best_epoch, waited = validation_costs[epoch], epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best_epoch, epoch
    return best_epoch, len(validation_costs) - 1


def stop_by_slices(validation_costs, patience):
    last = len(validation_costs) - 1
    for epoch in range(last + 1):
        best_epoch = int(np.argmin(validation_costs[:epoch + 1]))
        if epoch >= best_epoch + patience:
            return best_epoch, epoch
    return best_epoch, last


def stop_by_records(validation_costs, patience):
    costs = np.asarray(validation_costs)
    earlier = np.concatenate([[np.inf], np.minimum.accumulate(costs)[:-1]])
    records = np.flatnonzero(costs < earlier)
    for here, after in zip(records, [*records[1:], len(costs) + patience]):
        if after - here > patience:
            return here, min(here + patience, len(costs) - 1)


def _stop_case(costs, patience, label=""):
    return Case(([float(c) for c in costs], patience), {"epochs": len(costs), "patience": patience})


def _stop_counting(validation_costs, patience):
    best_epoch, waited = 0, 0
    for epoch, cost in enumerate(validation_costs):
        if cost < validation_costs[best_epoch] or epoch == 0:
            best_epoch, waited = epoch, 0
        else:
            waited += 1
            if waited == patience - 1:
                break
    return best_epoch, epoch


def _stop_without_reset(validation_costs, patience):
    best_epoch, waited = 0, 0
    for epoch, cost in enumerate(validation_costs):
        if cost < validation_costs[best_epoch]:
            best_epoch = epoch
        elif epoch > 0:
            waited += 1
        if waited >= patience:
            break
    return best_epoch, epoch


def _stop_at_rises(validation_costs, patience):
    best_epoch, waited = 0, 0
    for epoch, cost in enumerate(validation_costs):
        if cost < validation_costs[best_epoch]:
            best_epoch = epoch
        waited = waited + 1 if epoch > 0 and cost >= validation_costs[epoch - 1] else 0
        if waited >= patience:
            break
    return best_epoch, epoch


EARLY = Exercise(
    ex.early_stopping, title="When to stop", difficulty=2, importance=2, minutes=10,
    draw=draw_costs,
    sizes=[{"epochs": 9, "patience": 2}, {"epochs": 1, "patience": 1}, {"epochs": 12, "patience": 3}, {"epochs": 15, "patience": 1}, {"epochs": 14, "patience": 4,
            "shape": "waves"},
           {"epochs": 20, "patience": 2, "shape": "waves"}, {"epochs": 8, "patience": 5, "shape": "falling"}, {"epochs": 9, "patience": 3, "shape": "rising"},
           {"epochs": 30, "patience": 5, "shape": "waves"}, {"epochs": 4, "patience": 9}],
    returns=("best_epoch", "stop_epoch"), names={"epochs": "the number of epochs"},
    extra=[_stop_case([5, 4, 6, 7, 1], 2), _stop_case([3, 3, 3, 2, 2, 2, 2], 2), _stop_case([3, 3, 3, 2, 2, 2, 2], 3), _stop_case([5, 4, 3, 3, 3, 4, 1], 3), _stop_case([2,
            4, 3, 2.5, 1], 4),
           _stop_case([2, 4, 3, 2.5, 1], 3), _stop_case([5, 6, 4, 5, 3, 4, 2, 3], 2), _stop_case([1, 2, 3], 2), _stop_case([3, 2, 1, 2], 2), _stop_case([5, 6, 4, 7, 8, 1], 2),
           _stop_case([9, 8, 9, 7, 9, 6, 9, 5, 9], 3), _stop_case([-1, -2, -1.5, -1, -3], 2)],
    mistakes=[
        Mistake("looks beyond the stop", "`best_epoch` is the best of *all* epochs, also of those after the stop. Training would have ended by then: what comes later was "
                "never seen.",
                replace=("return best_epoch, epoch", "return int(np.argmin(validation_costs)), epoch")),
        Mistake("one epoch too many", "It waits one epoch longer than `patience`. When `patience` epochs have passed since the best one, it is time.",
                replace=(">= patience", "> patience")),
        Mistake("one epoch too few", "It stops one epoch too early: the epochs *after* the best one count, and there must be `patience` of them.",
                replace=(">= patience", ">= patience - 1")),
        Mistake("one epoch too few, by counting", "It stops one epoch too early: `patience` epochs without a new best have to pass, not one fewer.", function=_stop_counting),
        Mistake("patience fixed", "`patience` has no influence: three epochs are waited whatever is given.", replace=(">= patience", ">= 3")),
        Mistake("stop right after the best", "`stop_epoch` is the epoch after the best one. Training goes on for `patience` epochs before anybody can know that no better "
                "one comes.",
                replace=("return best_epoch, epoch", "return best_epoch, epoch if epoch - best_epoch < patience else best_epoch + 1")),
        Mistake("the epoch before the stop for the best", "`best_epoch` is the epoch before the stop. The best one lies `patience` epochs back.",
                replace=("return best_epoch, epoch", "return best_epoch if epoch - best_epoch < patience else epoch - 1, epoch")),
        Mistake("a tie is a new best", "An equal cost counts as a new best, so that a flat curve would never be stopped. Only a strictly lower one does.",
                replace=("cost < validation_costs[best_epoch]", "cost <= validation_costs[best_epoch]")),
        Mistake("highest for lowest", "The *highest* cost is taken for the best; costs should be low.", replace=("cost < validation", "cost > validation")),
        Mistake("compared with the epoch before", "A cost that is lower than the one *before* counts as a new best. It has to be lower than the best so far.",
                replace=("cost < validation_costs[best_epoch]", "epoch > 0 and cost < validation_costs[epoch - 1]")),
        Mistake("never reset", "The epochs without a new best are counted from the beginning and never reset: it is the ones *in a row* since the last best that count.",
                function=_stop_without_reset),
        Mistake("stops at the first rise", "It stops as soon as `patience` epochs in a row were worse than the one before. What counts is how long ago the best one was.",
                function=_stop_at_rises),
        Mistake("stop beyond the end", "`stop_epoch` lies beyond the last epoch where patience never ran out. Then the last epoch is asked for.",
                replace=("return best_epoch, epoch", "return best_epoch, best_epoch + patience")),
        Mistake("never stops", "It never stops: `stop_epoch` is always the last epoch.", replace=("            break", "            pass")),
        Mistake("never stops, best of those seen", "`stop_epoch` is always the last epoch.",
                replace=("return best_epoch, epoch", "return best_epoch, len(validation_costs) - 1")),
        Mistake("stop counted from 1", "`stop_epoch` is one too large. Epochs are counted from 0.", replace=("return best_epoch, epoch", "return best_epoch, epoch + 1")),
        Mistake("stop one too early", "`stop_epoch` is one too small: it is the epoch *at* which patience has run out.",
                replace=("return best_epoch, epoch", "return best_epoch, epoch - 1")),
        Mistake("epochs counted from 1", "Both epochs are one too large. Epochs are counted from 0.",
                replace=("return best_epoch, epoch", "return best_epoch + 1, epoch + 1")),
        Mistake("best cost returned", "The best *cost* comes back; asked for is the epoch at which it was reached.",
                replace=("return best_epoch, epoch", "return validation_costs[best_epoch], epoch")),
        Mistake("number of epochs when it never stops", "Where patience never runs out, `stop_epoch` is the number of epochs; the last one has the number below, as they "
                "are counted from 0.",
                replace=("    return best_epoch, epoch", "    return best_epoch, epoch + (epoch - best_epoch < patience)")),
        Mistake("results exchanged", "The two results have changed places: first the best epoch, then the one of the stop.",
                replace=("return best_epoch, epoch", "return epoch, best_epoch")),
        Mistake("the stop for the best", "`best_epoch` is the epoch of the stop. What is kept are the parameters of the *best* epoch, `patience` epochs earlier.",
                replace=("return best_epoch, epoch", "return epoch, epoch")),
    ],
    right=[stop_by_counter, stop_by_slices, stop_by_records],
    hints=("Play training: after each epoch you know the costs up to there, no more. How long ago was the best?",
           "best_epoch = first place of the lowest cost so far; stop at the first epoch with epoch − best_epoch ≥ patience.",
           "go through epochs and costs; a strictly lower cost moves best_epoch here; when epoch − best_epoch reaches patience, leave the loop; return both"),
    why="What is kept are the parameters of best_epoch; the epochs after it are the price of knowing that it was the best. The validation set has now been used for a "
        "decision: for an honest number a third set is needed.",
    unchanged={},
    after="Training now knows when it has done enough.")


# --- augment ---------------------------------------------------------------------------------------------------------


def draw_images(rng, m, h, w, c, max_shift=None, kind="int64"):
    """Images in which every number but 0 occurs once, so that each pixel of a result tells where it comes from."""
    images = (1 + rng.permutation(m * h * w * c)).reshape(m, h, w, c).astype(kind)
    return images, np.random.default_rng(rng.integers(10 ** 6)), max_shift


def play_augment(function, images, rng, max_shift):
    return function(images, rng) if max_shift is None else function(images, rng, max_shift)


BORDERS = {"0": None, "what went out on the other side": lambda at, n: at % n, "the border's pixel again": lambda at, n: np.clip(at, 0, n - 1),
           "the image mirrored": lambda at, n: np.where(at < 0, -1 - at, np.where(at >= n, 2 * n - 1 - at, at)) % n}


def origins(images, out, reach):
    """How each result comes from its image: mirrored, upside down, moved down, moved right (arrays), which are known, and what came in at the border."""
    m, h, w, c = images.shape
    place = np.full(images.size + 1, -1)
    place[images.ravel().astype(int)] = np.arange(images.size)
    code = np.where((out >= 0) & (out <= images.size), out, 0).astype(int)
    y0, x0 = min(reach, h - 2), min(reach, w - 2)  # a pixel that is still inside, the one below, the one to the right, its last channel
    centre, below, right, last = (np.array(np.unravel_index(np.maximum(place[code[:, y, x, k]], 0), images.shape))
                                  for y, x, k in ((y0, x0, 0), (y0 + 1, x0, 0), (y0, x0 + 1, 0), (y0, x0, c - 1)))
    channels = np.where((centre[3] > last[3])[:, None], np.arange(c)[::-1], np.arange(c))[:, None, None, :]
    down, across = below[1] - centre[1], right[2] - centre[2]
    rows = centre[1][:, None] + down[:, None] * (np.arange(h) - y0)
    columns = centre[2][:, None] + across[:, None] * (np.arange(w) - x0)
    inside = ((rows >= 0) & (rows < h))[:, :, None, None] & ((columns >= 0) & (columns < w))[:, None, :, None]

    def taken(rows, columns):
        return images[np.arange(m)[:, None, None, None], rows[:, :, None, None] % h, columns[:, None, :, None] % w, channels]

    known = (np.abs(down) == 1) & (np.abs(across) == 1) & ((out == taken(rows, columns)) | ~inside).all(axis=(1, 2, 3))
    border = next((words for words, source in BORDERS.items()
                   if (inside | (out == (taken(source(rows, h), source(columns, w)) if source else 0)))[known].all()), "something else")
    upside_down, mirrored = down == -1, across == -1
    y = np.where(upside_down, centre[1] - (h - 1 - y0), y0 - centre[1])
    x = np.where(mirrored, centre[2] - (w - 1 - x0), x0 - centre[2])
    return mirrored, upside_down, y, x, known, border, centre[3] > last[3]


def observe_augment(args, out):
    images, _, max_shift = args
    out, s = plain(out), 2 if max_shift is None else max_shift
    if not isinstance(out, np.ndarray) or out.shape != images.shape:
        return Odd(f"`images` has shape {out.shape}, expected {images.shape}" if isinstance(out, np.ndarray) else f"an array is expected, got {describe(out)}", whole=True)
    mirrored, upside_down, y, x, known, border, reversed_channels = origins(images, out, s + 1)
    found = {"images": np.array(out.shape), "dtype": str(out.dtype), "share that is the image itself, mirrored and shifted": share(known),
             "what the images hold": "pixels of their own" if known.mean() > 0.5 else f"other numbers, on average {out.mean() / images.mean():.5g} times the right ones",
             "what comes in at the border": border if known.any() else "something else"}
    mirrored, upside_down, y, x = (v[known].astype(float) if known.sum() > 1 or len(images) == 1 and known.all() else np.zeros(2) for v in (mirrored, upside_down, y, x))
    found |= {"share that stands upright": share(upside_down == 0), "share with its channels in order": share(~reversed_channels),
              "share within max_shift": share(np.maximum(np.abs(y), np.abs(x)) <= s)}
    if len(images) >= 50:
        room = DEVIATIONS / len(images) ** 0.5
        found["share mirrored"] = Estimate(mirrored.mean(), 0.5 * room)
        found["neighbouring images mirrored alike, share"] = Estimate(np.mean(mirrored[1:] == mirrored[:-1]), 0.5 * room)
    if len(images) >= 50 and s:
        one = len(set(zip(y, x))) == 1 and (y[0] or x[0])  # shift for all: which one is chance
        alike, line = (2 * s + 1) ** -2, (2 * s + 1) ** -1
        found["neighbouring images shifted alike, share"] = Estimate(np.mean((y[1:] == y[:-1]) & (x[1:] == x[:-1])), (3 * alike) ** 0.5 * room)
        found["shift down the same as to the right, share"] = Estimate(-1.0 if one else np.mean(y == x), line ** 0.5 * room)
        found["mirrored and shifted to the right go together"] = Estimate(0.0 if one else np.mean((mirrored - 0.5) * x), 0.5 * (s * (s + 1) / 3) ** 0.5 * room)
        for words, values in (("down", y), ("to the right", x)):
            for size in range(-s, s + 1):
                found[f"share shifted {size} {words}"] = Estimate(-1.0 if one else np.mean(values == size), line ** 0.5 * room)
    return found


def augment_by_slices(images, rng, max_shift=2):
    out = np.zeros_like(images)
    m, h, w, _ = images.shape
    for i in range(m):
        image = images[i] if rng.integers(2) else np.fliplr(images[i])
        dy, dx = int(rng.integers(-max_shift, max_shift + 1)), int(rng.integers(-max_shift, max_shift, endpoint=True))
        out[i, max(dy, 0):h + min(dy, 0), max(dx, 0):w + min(dx, 0)] = image[max(-dy, 0):h + min(-dy, 0), max(-dx, 0):w + min(-dx, 0)]
    return out


def augment_by_rolling(images, rng, max_shift=2):
    flips = rng.random(images.shape[0]) > 0.5
    out = np.where(flips[:, None, None, None], images[:, :, ::-1, :], images).copy()
    for i in range(len(out)):
        for axis in (0, 1):
            k = rng.choice(np.arange(-max_shift, max_shift + 1))
            out[i] = np.roll(out[i], k, axis=axis)
            gone = (slice(None),) * axis + (slice(0, k) if k >= 0 else slice(k, None),)
            out[i][gone] = 0
    return out


def augment_at_once(images, rng, max_shift=2):
    m, h, w, _ = images.shape
    y = np.arange(h) - rng.integers(-max_shift, max_shift + 1, (m, 1))
    x = np.arange(w) - rng.integers(-max_shift, max_shift + 1, (m, 1))
    inside = ((y >= 0) & (y < h))[:, :, None] & ((x >= 0) & (x < w))[:, None, :]
    x = np.where(rng.random((m, 1)) < 0.5, w - 1 - x, x)
    moved = images[np.arange(m)[:, None, None], y[:, :, None] % h, x[:, None, :] % w]
    return (moved * inside[..., None]).astype(images.dtype)


AUGMENT = Exercise(
    ex.augment, title="More images from the same ones", difficulty=2, importance=2, minutes=12,
    draw=draw_images, play=play_augment, observe=observe_augment,
    sizes=[{"m": 120, "h": 6, "w": 7, "c": 1, "max_shift": 1}, {"m": 1, "h": 8, "w": 9, "c": 3, "kind": "uint8"}, {"m": 8, "h": 10, "w": 11, "c": 3, "max_shift": 3,
            "kind": "float64"},
           {"m": 600, "h": 8, "w": 9, "c": 1}, {"m": 3, "h": 6, "w": 8, "c": 2, "max_shift": 1, "kind": "float32"}],
    returns="images", names={**NAMES, "m": "the number of images"},
    mistakes=[
        Mistake("upside down", "Images are turned upside down. Left and right are exchanged along the *width*, the third axis of (m, h, w, c); a temple on its roof is no "
                "temple.",
                replace=("padded[i, :, ::-1]", "padded[i, ::-1]")),
        Mistake("turned by half", "Images are turned both left to right and upside down. Only the width is to be mirrored.",
                replace=("padded[i, :, ::-1]", "padded[i, ::-1, ::-1]")),
        Mistake("channels reversed", "The colour *channels* are reversed, not the width: red becomes blue. The axes are (m, h, w, c).",
                replace=("padded[i, :, ::-1]", "padded[i, :, :, ::-1]")),
        Mistake("one shift for all", "All images are shifted in the same way. Each image has its own shifts.",
                replace=[("        y, x = rng.integers(0, 2 * s + 1, 2)\n", ""), ("    for i in", "    y, x = rng.integers(0, 2 * s + 1, 2)\n    for i in")]),
        Mistake("the same shift down and to the right", "Each image is shifted by the same number of pixels down and to the right, so only along a diagonal. Draw two "
                "numbers.",
                replace=("y, x = rng.integers(0, 2 * s + 1, 2)", "y = x = rng.integers(0, 2 * s + 1)")),
        Mistake("shifted sideways only", "Images are shifted sideways only; up and down belong to it.",
                replace=("image[y:y + h, x:x + w]", "image[s:s + h, x:x + w]")),
        Mistake("shifted up and down only", "Images are shifted up and down only; sideways belongs to it.",
                replace=("image[y:y + h, x:x + w]", "image[y:y + h, s:s + w]")),
        Mistake("never shifted", "Images are mirrored, but never shifted.", replace=("image[y:y + h, x:x + w]", "image[s:s + h, s:s + w]")),
        Mistake("never mirrored", "Images are shifted, but never mirrored.", replace=("padded[i, :, ::-1] if rng.random() < 0.5 else padded[i]", "padded[i]")),
        Mistake("always mirrored", "Every image is mirrored; about half of them should be.",
                replace=("padded[i, :, ::-1] if rng.random() < 0.5 else padded[i]", "padded[i, :, ::-1]")),
        Mistake("one coin for all", "One coin decides for all images: all are mirrored or none. Each image has its own.",
                replace=[("    for i in range(len(images)):", "    coin = rng.random()\n    for i in range(len(images)):"), ("rng.random() < 0.5", "coin < 0.5")]),
        Mistake("mirrored too often", "Too many images are mirrored; about half of them should be.", replace=("rng.random() < 0.5", "rng.random() < 0.85")),
        Mistake("mirrored too rarely", "Too few images are mirrored; about half of them should be.", replace=("rng.random() < 0.5", "rng.random() < 0.15")),
        Mistake("largest shift never drawn", "The shift +max_shift never occurs: `rng.integers(a, b)` ends before b.",
                replace=("rng.integers(0, 2 * s + 1, 2)", "2 * s - rng.integers(0, max(2 * s, 1), 2)")),
        Mistake("largest shift up and left never drawn", "The largest shift never occurs on one side: `rng.integers(a, b)` ends before b.",
                replace=("rng.integers(0, 2 * s + 1, 2)", "rng.integers(0, max(2 * s, 1), 2)")),
        Mistake("one direction only", "Images are shifted to one side only, down and to the right. Shifts run from −max_shift to max_shift.",
                replace=("rng.integers(0, 2 * s + 1, 2)", "s - rng.integers(0, s + 1, 2)")),
        Mistake("one direction only, up and left", "Images are shifted to one side only, up and to the left. Shifts run from −max_shift to max_shift.",
                replace=("rng.integers(0, 2 * s + 1, 2)", "s + rng.integers(0, s + 1, 2)")),
        Mistake("max_shift fixed", "`max_shift` has no influence: shifts of up to 2 are drawn whatever is given.",
                replace=("images.shape[2], max_shift", "images.shape[2], 2")),
        Mistake("wrapped round", "What goes out on one side comes in on the other: `np.roll` wraps round. What comes in is to be 0.",
                replace=("(0, 0))), np.zeros", '(0, 0)), mode="wrap"), np.zeros')),
        Mistake("border repeated", "What comes in at a border repeats the border's pixels; it is to be 0.",
                replace=("(0, 0))), np.zeros", '(0, 0)), mode="edge"), np.zeros')),
        Mistake("mirrored at the border", "What comes in at a border is the image mirrored there; it is to be 0.",
                replace=("(0, 0))), np.zeros", '(0, 0)), mode="symmetric"), np.zeros')),
        Mistake("another type", "The result has another dtype than the images: zeros are float unless you say otherwise.",
                replace=("np.zeros_like(images)", "np.zeros(images.shape)")),
        Mistake("images left as they were", "The images come back unchanged, or all but a few of them.", replace=("return out", "return images.copy()")),
        Mistake("images exchanged", "Images come back in another order: their labels would no longer fit.",
                replace=("return out", "return out[rng.permutation(len(out))] if len(out) > 1 else out")),
    ],
    right=[augment_by_slices, augment_by_rolling, augment_at_once],
    hints=("For each image three draws: a coin for the mirror, a shift down, a shift to the right. A wider frame of zeros around the image makes shifting a matter of "
        "cropping.",
           "Pad h and w with max_shift zeros on each side; crop h × w at (y, x), both uniform from 0 … 2·max_shift; mirror along w with probability ½.",
           "padded = np.pad with max_shift on the two middle axes; for each image: y, x from rng.integers(0, 2 max_shift + 1); cut out; reverse the width if a coin says so"),
    why="A temple a little to the left is the same temple: the label does not change. So each pass through the data can show images that the net has never seen.",
    unchanged={"> in place of <": "a fair coin has two equal sides", "<= in place of <": "a uniform number is exactly ½ with probability 2⁻⁵³",
               "branches exchanged": "a fair coin has two equal sides", "out returned": "that is what is returned", "steps exchanged": "the draws do not depend on each other",
               "images + 1": "only their shape and number are asked for", "images - 1": "only their shape and number are asked for",
               "in place of images": "they have the same type, or the same number of images", "max_shift in place of s": "s is max_shift",
               "h in place of s": "a frame may be wider than it need be", "w in place of s": "a frame may be wider than it need be",
               "order exchanged": "both are the same", "1 in place of 0": "a frame around the images of the batch, or of the channels, is cut off again"},
    after="The training set has become as good as endless, though not more varied.")

# --- clip_by_global_norm ---------------------------------------------------------------------------------------------


def draw_grads(rng, layers, length, max_norm):
    """Gradients whose length is about that given."""
    grads = {}
    for l in range(1, len(layers)):
        grads[f"dW{l}"], grads[f"db{l}"] = rng.normal(0, 1, (layers[l], layers[l - 1])), rng.normal(0, 1, (layers[l], 1))
    if len(layers) > 3:
        grads["dextra"] = rng.normal(0, 1, layers[1])
    scale = length * rng.uniform(0.8, 1.2) / np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    return {name: np.round(scale * g, 3) for name, g in grads.items()}, round(max_norm * float(rng.uniform(0.9, 1.1)), 2)


def clip_by_concatenation(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
    if norm <= max_norm:
        return dict(grads)
    return {k: g / norm * max_norm for k, g in grads.items()}


def clip_by_loops(grads, max_norm):
    total = 0.0
    for g in grads.values():
        for x in g.ravel():
            total += x * x
    clipped = {k: g.copy() for k, g in grads.items()}
    if total > max_norm ** 2:
        for k in clipped:
            clipped[k] *= max_norm / total ** 0.5
    return clipped


def clip_by_maximum(grads, max_norm):
    norm = float(np.linalg.norm([np.linalg.norm(g) for g in grads.values()]))
    return {k: g * (max_norm / max(norm, max_norm)) for k, g in grads.items()}


CLIP = Exercise(
    ex.clip_by_global_norm, title="Not too far in one step", difficulty=2, importance=2, minutes=6,
    draw=draw_grads, sizes=[{"layers": (4, 3, 2, 1), "length": 8.0, "max_norm": 3.0}, {"layers": (2, 1), "length": 5.0, "max_norm": 1.0}, {"layers": (2, 1), "length": 0.6,
            "max_norm": 1.0}, {"layers": (3, 2, 1), "length": 30.0,
            "max_norm": 4.0},
                            {"layers": (3, 4, 2, 1), "length": 12.0, "max_norm": 9.0}, {"layers": (3, 4, 2, 1), "length": 7.0, "max_norm": 10.0}, {"layers": (2, 5, 1),
                            "length": 0.5, "max_norm": 0.2}],
    returns="grads", names={"max_norm": "the greatest length"},
    extra=[Case(({"dW1": np.zeros((1, 2)), "db1": np.zeros((1, 1))}, 1.0), {"layers": (2, 1)}, label="gradients that are all zero",
                remark="where all gradients are zero their length is 0, and a division by it gives nan: ask first whether there is anything to shorten.")],
    mistakes=[
        Mistake("root of the factor", "The factor's root is taken: long gradients stay too long.", replace=("min(1.0, max_norm / norm)", "min(1.0, max_norm / norm) ** 0.5")),
        Mistake("each array by itself", "Each array is shortened by its own length. Then the arrays' proportions change, and with them the direction of the step: take "
                "one length, over all of them.",
                replace=("scale * g for", "min(1.0, max_norm / np.linalg.norm(g)) * g for")),
        Mistake("entry by entry", "Every entry is cut off at ±max_norm. That turns the direction of the step; all entries together are to be scaled by one factor.",
                replace=("scale * g for", "np.clip(g, -max_norm, max_norm) for")),
        Mistake("always scaled", "The gradients are brought to length max_norm even if they are shorter. Short ones are to stay: near a minimum steps should become small.",
                replace=("min(1.0, max_norm / norm)", "max_norm / norm")),
        Mistake("condition turned round", "Short gradients are stretched and long ones are left alone: it is the long ones that are to be shortened.",
                replace=("min(1.0", "max(1.0")),
        Mistake("root left out", "The length lacks its root: that is the sum of squares.",
                replace=("np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))", "sum(np.sum(g ** 2) for g in grads.values())")),
        Mistake("sum of the lengths", "The lengths of the arrays are added. The length of one long vector is the root of the sum of *all squares*.",
                replace=("np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))", "sum(np.sqrt(np.sum(g ** 2)) for g in grads.values())")),
        Mistake("largest of the lengths", "The longest array's length is taken for the whole. All arrays together are one long vector.",
                replace=("np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))", "max(np.sqrt(np.sum(g ** 2)) for g in grads.values())")),
        Mistake("largest entry", "The largest entry is taken for the length. The length is the root of the sum of all squares.",
                replace=("np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))", "max(np.max(np.abs(g)) for g in grads.values())")),
        Mistake("sum of absolute values", "The length is taken as the sum of absolute values; it is the root of the sum of squares.",
                replace=("np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))", "sum(np.sum(np.abs(g)) for g in grads.values())")),
        Mistake("added before squaring", "The entries of an array are added before they are squared, so that positive and negative ones cancel. First square, then add.",
                replace=("np.sum(g ** 2)", "np.sum(g) ** 2")),
        Mistake("added without squaring", "The entries are added without being squared, so that positive and negative ones cancel: the length is the root of the sum of "
                "squares.",
                replace=("np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))", "abs(sum(np.sum(g) for g in grads.values()))")),
        Mistake("last array alone", "Only the last array counts towards the length; all of them do, added up.",
                replace=("for g in grads.values()))", "for g in list(grads.values())[-1:]))")),
        Mistake("first array alone", "Only the first array counts towards the length; all of them do, added up.",
                replace=("for g in grads.values()))", "for g in list(grads.values())[:1]))")),
        Mistake("only weights scaled", "Only the weights' gradients are shortened; the others stay as long as they were. One factor for all keeps the direction.",
                replace=("scale * g for", '(scale if name.startswith("dW") else 1.0) * g for')),
        Mistake("mean for sum", "The squares are averaged, not added up.", replace=("np.sum(g ** 2)", "np.mean(g ** 2)")),
        Mistake("scaled to length 1", "Long gradients come out with length 1, whatever `max_norm` is.",
                replace=("min(1.0, max_norm / norm)", "(1 / norm if norm > max_norm else 1.0)")),
        Mistake("factor upside down", "The factor is upside down: long gradients become longer.", replace=("min(1.0, max_norm / norm)", "max(1.0, norm / max_norm)")),
        Mistake("multiplied by max_norm", "Long gradients are multiplied by max_norm, but not divided by their length.",
                replace=("min(1.0, max_norm / norm)", "(max_norm if norm > max_norm else 1.0)")),
        Mistake("weights only", "Only the weights' gradients count towards the length; all arrays of the dict do.",
                replace=("for g in grads.values()))", 'for k, g in grads.items() if k.startswith("dW")))')),
        Mistake("only weights and biases", "Not all arrays of the dict count: one that is neither dW nor db is left out of the length.",
                replace=("for g in grads.values()))", 'for k, g in grads.items() if k.startswith(("dW", "db"))))')),
    ],
    right=[clip_by_concatenation, clip_by_loops, clip_by_maximum],
    hints=("Think of all gradients as one long vector. If it is too long, shorten it without turning it.",
           "‖g‖ = √(Σ over arrays Σ over entries g²); every array times max_norm/‖g‖ if ‖g‖ > max_norm, else as it was.",
           "the root of the sum of all squares; a factor: 1, or max_norm over the length if that is smaller; a new dict with every array times the factor"),
    why="The gradient says in which direction the cost falls; its length is only to be trusted nearby. One factor for all keeps the direction, cutting entries does not.",
    unchanged={">= in place of >": "0 · max_norm/0 is nan, an extreme that passes with a remark", "in place of 1.0": "zero gradients stay zero, whatever the factor",
               "-1 in place of 0": "a length is never below 0", "max_norm in place of norm": "max_norm is above 0"},
    after="A cliff in the cost can no longer throw the parameters away.")

EXERCISES = [NORMALIZE, WEIGHTS, L2_COST, L2_BACKWARD, DROPOUT_FORWARD, DROPOUT_BACKWARD, FORWARD_WITH_DROPOUT, BACKWARD_WITH_DROPOUT, NUMERICAL, CHECK, EARLY, AUGMENT, CLIP]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("diagnosis", "Training error 9 %, held-out error 10 %, and people make 1 % of errors on the same task. What do you try first?", {
        "a": ("more training data", "the gap between 9 and 10 is small: more data of the same kind will hardly lower the 9."),
        "b": ("a larger net, or longer training", "the training error is far above what is possible: that is bias, and these work on bias."),
        "c": ("dropout", "dropout makes it harder to fit the training set, and fitting it is what fails here."),
        "d": ("a larger λ", "that adds bias, of which there is too much already."),
    }, answer="b"),
    Quiz("more_data", "You train with inverted dropout, keep_prob 0.5. What do you change at test time?", {
        "a": ("multiply all activations by 0.5", "that belongs to dropout *without* the division in training; with it the signal would be halved for nothing."),
        "b": ("divide all activations by 0.5", "nothing is dropped at test time, so there is nothing to make up for."),
        "c": ("nothing: use the plain forward pass", "the division in training kept every expected value as it is at test time."),
        "d": ("drop with the same masks as in training", "the masks belonged to training examples; at test time every unit takes part."),
    }, answer="c"),
    Quiz("level", "A 40-layer relu net with weights of variance 1/n has gradients of the same tiny length in all layers. Why so small, and why level?", {
        "a": ("the learning rate is too small", "gradients at the start do not depend on the learning rate at all."),
        "b": ("each layer halves the signal's mean square on the way forward, and the gradient's on the way back, so at every layer it has lost the same in all", "a weight's "
              "gradient is the product of what came forward and what comes back; the number of halvings is the same for every layer."),
        "c": ("the sigmoid's slope is at most a quarter", "there is only one sigmoid, at the output; one factor cannot do it."),
        "d": ("the weights are all equal", "they are random; equal ones would make twins of the units, which is another disease."),
    }, answer="b"),
]


def judge_fifty(settings):
    chosen, scores = settings(), []
    lacking = [k for k in ("activation", "weights", "skip", "max_norm", "rate") if k not in chosen]
    if lacking:
        return False, f"The settings lack {', '.join(lacking)}."
    if chosen["activation"] not in deep.ACTIVATIONS:
        return False, f"There is no activation {chosen['activation']!r}; there are {', '.join(deep.ACTIVATIONS)}."
    layers = [2] + [20] * 49 + [1]
    for seed in range(3):
        X, Y, _, _, X_test, Y_test = moons(seed, noise=0.2)
        parameters = chosen["weights"](layers, np.random.default_rng(seed))
        if any(parameters[f"W{l}"].shape != (layers[l], layers[l - 1]) for l in range(1, 51)):
            return False, "The weights do not have the shapes that layer_dims asks for."
        for _ in range(300):
            grads = deep.gradients(X, Y, parameters, chosen["activation"], chosen["skip"])
            parameters = update_parameters(parameters, ex.clip_by_global_norm(grads, chosen["max_norm"]) if chosen["max_norm"] else grads, chosen["rate"])
        with np.errstate(over="ignore", invalid="ignore"):
            scores.append(100 * np.mean((deep.forward(X_test, parameters, chosen["activation"], chosen["skip"])[0] > 0.5) == Y_test))
    return np.mean(scores) >= 94, f"Fifty layers, three seeds: {', '.join(f'{s:.1f}' for s in scores)} %, on average {np.mean(scores):.1f} %."


CHALLENGE = Challenge(
    "fifty_layers", "Fifty layers",
    "Write `fifty_layers()` → settings of a net with 50 layers of 20 units that reaches 94 % on unseen moons after 300 steps, as a mean over three seeds.", judge_fifty)
