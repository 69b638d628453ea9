"""What the graders of lab 03 know: cases, mistakes, right versions, hints."""
import copy
import dataclasses
import re

import numpy as np

from labutils import chance
from labutils.calling import Odd, plain, same_data
from labutils.drawings import draw_pets
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz
from labutils.labs.lab00_numpy_foundations.graders import SIGMOID
from labutils.labs.lab01_logistic_regression.graders import CROSS_ENTROPY, labels
from labutils.training import from_own_start

from . import exercises as ex
from .exercises import (
    deep_cost,
    deep_model,
    initialize_parameters_deep,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    linear_forward,
    model_backward,
    model_forward,
    sigmoid,
    update_parameters,
)

NAMES = {"m": "the number of examples", "n": "the number of units", "n_prev": "the number of inputs of the layer", "L": "the number of layers"}
DIMS = {1: (3, 1), 2: (2, 4, 1), 3: (4, 3, 2, 1), 4: (3, 5, 2, 4, 1), 11: (3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 1)}  # nets of the cases, by their number of layers
NETS = [{"L": 1, "m": 1}, {"L": 2, "m": 3}, {"L": 1, "m": 4}, {"L": 2, "m": 1}, {"L": 3, "m": 5}, {"L": 4, "m": 6}, {"L": 4, "m": 1}]
LAYERS = [{"n": 2, "n_prev": 3, "m": 1}, {"n": 3, "n_prev": 2, "m": 4}, {"n": 1, "n_prev": 4, "m": 5}, {"n": 4, "n_prev": 1, "m": 2},
          {"n": 2, "n_prev": 5, "m": 3}]


def rounded(rng, std, shape):
    return np.round(rng.normal(0, std, shape), 2)


# --- initialize_parameters_deep --------------------------------------------------------------------------------------


def draw_layer_dims(rng, layer_dims):
    return list(layer_dims), np.random.default_rng(int(rng.integers(1000)))


def weight_statistics(args, value):
    """Statistics of each layer's weights, and its biases as they are."""
    layer_dims, found = args[0], {}
    for l in range(1, len(layer_dims)):
        shape = layer_dims[l], layer_dims[l - 1]
        found |= chance.normal(f"W{l}", chance.entry(value, f"W{l}"), shape, (2 / shape[1]) ** 0.5)
        found[f"b{l}"] = plain(chance.entry(value, f"b{l}"))
    return found | {"number of layers": sum(bool(re.fullmatch(r"W\d+", name)) for name in value) if isinstance(value, dict) else None}


def initialize_last_layer_first(layer_dims, rng):
    parameters = {}
    for l in reversed(range(1, len(layer_dims))):
        shape = (layer_dims[l], layer_dims[l - 1])
        parameters["W" + str(l)] = rng.normal(0, (2 / shape[1]) ** 0.5, size=shape)
        parameters["b" + str(l)] = 0 * np.ones((shape[0], 1))
    return parameters


def initialize_by_pairs(layer_dims, rng):
    parameters = {}
    for l, (n_in, n_out) in enumerate(zip(layer_dims, layer_dims[1:]), start=1):
        W = np.sqrt(2.0) * rng.standard_normal((n_in, n_out)).T / np.sqrt(n_in)
        parameters |= {f"W{l}": W.astype(np.float32), f"b{l}": np.zeros([n_out, 1])}
    return parameters


def initialize_row_by_row(layer_dims, rng):
    weights = {f"W{l}": np.array([rng.normal(scale=np.sqrt(2 / layer_dims[l - 1]), size=layer_dims[l - 1]) for _ in range(layer_dims[l])])
               for l in range(1, len(layer_dims))}
    return {**weights, **{f"b{l}": np.zeros((n, 1)) for l, n in enumerate(layer_dims) if l}}


SCALE = "np.sqrt(2 / n_in)"
INITIALIZE = Exercise(
    ex.initialize_parameters_deep, title="A start for every layer", difficulty=2, importance=3, minutes=10,
    draw=draw_layer_dims, observe=weight_statistics, names=NAMES,
    sizes=[{"layer_dims": d} for d in ((4, 3, 2, 1), (5, 1), (3, 4, 1), (2, 5, 3, 4, 1), (2, 1000, 3), (200, 40, 15), (40, 120, 50))],
    returns="parameters",
    mistakes=[
        Mistake("1 for 2 under the root", "The spread is √(1/n_in). That keeps signals alive through layers without relu; relu throws away half of "
                "what comes in, so the variance has to be twice as large: 2/n_in.", replace=(SCALE, "np.sqrt(1 / n_in)")),
        Mistake("scaled by the outputs", "The spread is taken from the number of units *in* the layer. What keeps a sum from growing is the number of its terms: "
                "the units of the layer *before*.", replace=(SCALE, "np.sqrt(2 / n_out)")),
        Mistake("scaled by inputs and outputs", "The spread is √(2/(n_in + n_out)). That is another well-known rule (lab 04a); here it is √(2/n_in).",
                replace=(SCALE, "np.sqrt(2 / (n_in + n_out))")),
        Mistake("always 0.01", "The spread is 0.01 in every layer. In lab 02 that did; in a deep net a signal that is shrunk in every layer is soon gone. It "
                "has to follow "
                "from the number of inputs.", replace=(SCALE, "0.01")),
        Mistake("not scaled", "The weights have standard deviation 1, whatever the number of inputs is. A sum of a thousand such terms is far too large.",
                replace=(" * " + SCALE, "")),
        Mistake("root left out", "The weights are multiplied by the variance 2/n_in. Multiplying by c multiplies the standard deviation by c: take the root.",
                replace=(SCALE, "(2 / n_in)")),
        Mistake("divided by the scale", "The weights are divided by the scale they should be multiplied with, or the fraction is upside down: the more inputs, "
                "the *smaller* each weight has to be.", replace=("* " + SCALE, "/ " + SCALE)),
        Mistake("the root of 2 only", "The root is taken of the 2 alone, and then divided by n_in: √2/n_in. It belongs over the whole fraction.",
                replace=(SCALE, "np.sqrt(2) / n_in")),
        Mistake("multiplied by the inputs", "The number of inputs stands above the fraction: the more inputs, the *smaller* each weight has to be.",
                replace=(SCALE, "np.sqrt(2 * n_in)")),
        Mistake("scaled by the first layer", "Every layer is scaled by the number of inputs of the *net*. Each has inputs of its own: the units of the layer before.",
                replace=(SCALE, "np.sqrt(2 / layer_dims[0])")),
        Mistake("uniform from 0", "The weights are uniform between 0 and 1 before they are scaled. Normal ones, with mean 0, are asked for: `rng.standard_normal`, or "
                "`rng.normal`.", replace=("rng.standard_normal((n_out, n_in))", "rng.random((n_out, n_in))")),
        Mistake("uniform", "The weights are uniform between −1 and 1 before they are scaled. Normal ones are asked for: `rng.standard_normal`, or `rng.normal`.",
                replace=("rng.standard_normal((n_out, n_in))", "rng.uniform(-1, 1, (n_out, n_in))")),
        Mistake("uniform of the right spread", "Mean and spread are right, but the weights are uniform, not normal: none lies far out.",
                replace=("rng.standard_normal((n_out, n_in))", "rng.uniform(-3 ** 0.5, 3 ** 0.5, (n_out, n_in))")),
        Mistake("one row for all units", "Every unit of a layer gets the same weights, so all units stay twins (lab 02). Each needs its own.",
                replace=("rng.standard_normal((n_out, n_in))", "np.ones((n_out, 1)) * rng.standard_normal((1, n_in))")),
        Mistake("a layer 0", "There is a `W0` too: the loop begins at 0, and `layer_dims[-1]`, the *last* entry, is taken for the layer before it. Layers count "
                "from 1; entry 0 are the "
                "inputs.", replace=("range(1, len", "range(0, len")),
        Mistake("biases random", "The biases are random. Zero is fine for them: the random weights already make the units differ.",
                replace=("np.zeros((n_out, 1))", "rng.standard_normal((n_out, 1))")),
        Mistake("biases random and scaled", "The biases are random. Zero is fine for them: the random weights already make the units differ.",
                replace=("np.zeros((n_out, 1))", "rng.standard_normal((n_out, 1)) * " + SCALE)),
        Mistake("biases one", "The biases are 1; they should start at 0.", replace=("np.zeros((n_out, 1))", "np.ones((n_out, 1))")),
        Mistake("a bias for each input", "The biases are a column with an entry for each *input*. A layer has one bias for each of its own units: (n[l], 1).",
                replace=("np.zeros((n_out, 1))", "np.zeros((n_in, 1))")),
    ],
    unchanged={"steps exchanged": "the biases need no chance", "outside the loop": "computed in every turn anyway", "sign of": "normal numbers with mean 0 have "
                "no preferred sign, and −0 = 0",
               "returned": "it is returned anyway"},
    right=[initialize_last_layer_first, initialize_by_pairs, initialize_row_by_row],
    hints=("A layer needs a weight for every pair of one of its units and one of the layer before, and a bias for every unit. What is passed on should "
           "neither grow nor fade from layer to layer.",
           "W[l] (n[l], n[l−1]) = standard normal · √(2 / n[l−1]); b[l] (n[l], 1) = 0; for l = 1, …, L.",
           "an empty dict; for l from 1 to len(layer_dims) - 1: n_in from layer_dims[l - 1], n_out from layer_dims[l]; under f\"W{l}\" normal numbers of shape "
           "(n_out, n_in) times the root of 2 / n_in; under f\"b{l}\" zeros of shape (n_out, 1)"),
    why="A sum of n independent terms has n times the variance of one. With variance 2/n a layer passes on what it gets: the n cancels the number of terms, and "
                "the 2 makes up for "
        "relu, which lets half of it through.",
    after="A net of any depth is now one list of numbers: its `layer_dims`.")

# --- linear_forward --------------------------------------------------------------------------------------------------


def draw_layer(rng, n, n_prev, m):
    return rounded(rng, 1, (n_prev, m)), rounded(rng, 0.8, (n, n_prev)), rounded(rng, 0.5, (n, 1))


def linear_by_einsum(A_prev, W, b):
    cache = A_prev, W, b
    return np.einsum("ij,jk->ik", W, A_prev) + b, cache


def linear_by_loops(A_prev, W, b):
    Z = np.zeros((W.shape[0], A_prev.shape[1]))
    for i in range(Z.shape[0]):
        for k in range(Z.shape[1]):
            Z[i, k] = b[i, 0] + np.sum(W[i] * A_prev[:, k])
    return Z, (A_prev, W, b)


def linear_turned(A_prev, W, b):
    Z = (A_prev.T @ W.T + b.T).T.astype(np.float32)
    return [Z, (A_prev.copy(), W.copy(), b.copy())]


LINEAR_FORWARD = Exercise(
    ex.linear_forward, title="The linear part", difficulty=1, importance=3, minutes=6,
    draw=draw_layer, sizes=LAYERS, returns=("Z", "cache"), names=NAMES, race={"n": 20, "n_prev": 50, "m": 200},
    mistakes=[
        Mistake("bias forgotten", "The bias is missing: Z = W A_prev + b.", replace=("np.dot(W, A_prev) + b", "np.dot(W, A_prev)")),
        Mistake("bias subtracted", "The bias is subtracted; it is added.", replace=("A_prev) + b", "A_prev) - b")),
        Mistake("factors exchanged", "A_prev stands before W. A row of W, the weights of one unit, has to meet a column of A_prev, one example: W comes first.",
                replace=("np.dot(W, A_prev)", "np.dot(A_prev, W)")),
        Mistake("transpose too many", "W is turned round. In lab 01 w was a column; from lab 02 on W has a row for each unit, (n, n_prev), and meets A_prev as it is.",
                replace=("np.dot(W, A_prev)", "np.dot(W.T, A_prev)")),
        Mistake("bias inside the product", "b is added to W before the product. It is added once, to what the product gives.",
                replace=("np.dot(W, A_prev) + b", "np.dot(W + b, A_prev)")),
        Mistake("one bias for all units", "Every unit gets the bias of the first one. Broadcasting gives each row of W A_prev its own, if b (n, 1) is added as it is.",
                replace=("A_prev) + b", "A_prev) + b[0]")),
        Mistake("biases added up", "Every unit gets the sum of all biases. Each has its own: add b (n, 1) as it is.", replace=("A_prev) + b", "A_prev) + np.sum(b)")),
        Mistake("product entry by entry", "`*` multiplies entry by entry. Every unit sums over all inputs: that is a product of matrices.",
                replace=("np.dot(W, A_prev)", "W * A_prev")),
        Mistake("Z in the cache", "The cache holds Z in place of the inputs. On the way back the layer will ask for A_prev, W and b, in this order.",
                replace=("Z, (A_prev, W, b)", "Z, (Z, W, b)")),
        Mistake("activation already", "A relu is applied already. This is the linear part; the activation comes in the next exercise.",
                replace=("np.dot(W, A_prev) + b", "np.maximum(np.dot(W, A_prev) + b, 0)")),
        Mistake("sigmoid already", "A sigmoid is applied already. This is the linear part; the activation comes in the next exercise.",
                replace=("np.dot(W, A_prev) + b", "sigmoid(np.dot(W, A_prev) + b)")),
    ],
    right=[linear_by_einsum, linear_by_loops, linear_turned],
    hints=("Each unit weighs the activations of the layer before, adds them up, and adds its bias.",
           "Z = W A_prev + b: (n, n_prev) times (n_prev, m) is (n, m); b (n, 1) is broadcast over the examples.",
           "Z is the matrix product of W and A_prev, plus b; return Z and the tuple of A_prev, W and b"),
    why="The columns of A_prev are examples, the rows of W are units. The cache costs nothing: it is three references, not three copies.",
    after="The arithmetic of every dense layer of this course stands.")

# --- linear_activation_forward ---------------------------------------------------------------------------------------

KNOWN = "relu", "sigmoid"
OTHER = "the answer to another activation"
WRONG_ERRORS = "KeyError", "Exception", "NotImplementedError", "TypeError", "AssertionError", "NameError", "RuntimeError", "AttributeError"


def or_error(function, *args):
    """What a layer gives; where the activation is none of the two, how it ends, in words."""
    if args[-1] in KNOWN:
        return function(*args)
    try:
        answer = plain(function(*copy.deepcopy(args)))
    except Exception as error:
        kind = "ValueError" if isinstance(error, ValueError) else type(error).__name__
        return {OTHER: f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"}
    like = [f'what "{name}" gives' for name in KNOWN if same_data(answer, plain(function(*copy.deepcopy(args[:-1]), name)))]
    return {OTHER: "None and no error" if answer is None else f"{(like or ['a result'])[0]}, and no error"}


def play_layer(function, A_prev, W, b, activation):
    return or_error(function, A_prev, W, b, activation)


def draw_layer_activated(rng, n, n_prev, m, activation):
    while True:
        A_prev, W, b = draw_layer(rng, n, n_prev, m)
        Z = W @ A_prev + b
        if (Z > 1e-3).any() and (Z < -1e-3).any() and (np.abs(Z) > 1e-3).all() and (np.abs(A_prev) > 0).all():  # at z = 0 either slope of relu is right
            return A_prev, W, b, activation


def with_activations(sizes):
    return [{**size, "activation": name} for size in sizes for name in KNOWN]


def extra_names(draw):
    """Cases with activations that are not to be had."""
    size = {"n": 2, "n_prev": 3, "m": 2}
    return [Case((*draw(np.random.default_rng(i), **size, activation="relu")[:-1], name), size, label=f'activation = "{name}"')
            for i, name in enumerate(("tanh", "softmax", "linear"))]


def error_mistakes(fallen_through, result):
    """Mistakes with another activation; `fallen_through` are edits after which one of the two branches is taken for it,
    `result` a line that computes something else."""
    no_error = ('raise ValueError(f"there is no activation {activation!r}")', "return None")
    return [
        *(Mistake(f"another activation taken for {name}", f'Another name, such as "tanh", is treated like "{name}". Whoever misspells an activation would never know: '
                  "raise a ValueError.", replace=edit) for name, edit in fallen_through.items()),
        Mistake("no error for another activation", 'With another name, such as "tanh", the function comes back without complaint. Whoever misspells an activation would '
                "never know: raise a ValueError.", replace=no_error),
        Mistake("a result for another activation", 'For another name, such as "tanh", something is computed and comes back. Only the two named in the docstring '
                'are to be had here: raise a ValueError for '
                "the rest.", replace=('raise ValueError(f"there is no activation {activation!r}")', result)),
        Mistake("more activations than asked for", 'For "tanh" the result of another activation comes back. Only the two named in the docstring are to be had here: raise a '
                "ValueError for the rest.",
                replace=('raise ValueError(f"there is no activation {activation!r}")', f'if activation != "tanh":\n            raise ValueError\n        {result}')),
        Mistake("no branch for another activation", 'With another name, such as "tanh", no branch is taken, and the function fails later, over a variable that was never '
                "set. That tells the caller nothing: add a last branch that raises a ValueError.",
                replace=('raise ValueError(f"there is no activation {activation!r}")', "raise UnboundLocalError")),
        *(Mistake(f"{kind} for another activation", f'For another name, such as "tanh", {kind} is raised. The right kind of error says what is wrong: '
                  "the *value* of an argument, so a ValueError.", replace=("raise ValueError(", f"raise {kind}(")) for kind in WRONG_ERRORS)]


def layer_by_dict(A_prev, W, b, activation):
    functions = {"relu": lambda z: z * (z > 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    if activation not in functions:
        raise ValueError("unknown")
    Z, linear_cache = linear_forward(A_prev, W, b)
    return functions[activation](Z), (linear_cache, Z)


def layer_by_where(A_prev, W, b, activation):
    Z = W @ A_prev + b
    if activation == "sigmoid":
        return 0.5 * (1 + np.tanh(Z / 2)), ((A_prev, W, b), Z)
    if activation == "relu":
        return np.where(Z < 0, 0, Z), ((A_prev, W, b), Z)
    raise ValueError


def layer_in_place(A_prev, W, b, activation):
    if activation not in ("sigmoid", "relu"):
        raise ValueError(activation)
    Z, cache = linear_forward(A_prev, W, b)
    A = Z.copy()
    A[A < 0] = 0
    return (sigmoid(Z) if activation == "sigmoid" else A), [cache, Z]


LAYER_FORWARD = Exercise(
    ex.linear_activation_forward, title="A whole layer", difficulty=2, importance=3, minutes=8,
    draw=draw_layer_activated, sizes=with_activations(LAYERS), extra=extra_names(draw_layer_activated), play=play_layer, returns=("A", "cache"),
    names=NAMES, uses=[LINEAR_FORWARD, SIGMOID],
    mistakes=[
        Mistake("activations crossed", 'The two activations have changed places: "relu" gives a sigmoid and "sigmoid" a relu.',
                replace=[('activation == "relu"', 'activation == "sigmoid"'), ('elif activation == "sigmoid"', 'elif activation == "relu"')]),
        Mistake("relu for both", 'A relu comes out for "sigmoid" too.', replace=("A = sigmoid(Z)", "A = np.maximum(Z, 0)")),
        Mistake("sigmoid for both", 'A sigmoid comes out for "relu" too.', replace=("A = np.maximum(Z, 0)", "A = sigmoid(Z)")),
        Mistake("tanh for the sigmoid", "The tanh stands in the place of the sigmoid. A probability lies between 0 and 1; the tanh begins at −1.",
                replace=("A = sigmoid(Z)", "A = np.tanh(Z)")),
        Mistake("absolute value for relu", "Negative numbers come out positive, as if the absolute value were taken. Relu makes them 0.",
                replace=("np.maximum(Z, 0)", "np.abs(Z)")),
        Mistake("largest of each column", "`np.max` finds the largest number along an axis. Relu compares *each* number with 0, entry by entry: `np.maximum`.",
                replace=("np.maximum(Z, 0)", "np.max(Z, 0)")),
        Mistake("largest of all", "`np.max` finds the largest number of all. Relu compares *each* number with 0, entry by entry: `np.maximum`.",
                replace=("np.maximum(Z, 0)", "np.max(Z)")),
        Mistake("leaky relu", "Something of the negative numbers comes through: that is a leaky relu (lab 02). The plain one makes them 0.",
                replace=("np.maximum(Z, 0)", "np.where(Z > 0, Z, 0.01 * Z)")),
        Mistake("only the slope of relu", "For relu zeros and ones come out: that is its *slope*. Relu itself lets positive numbers through as they are.",
                replace=("np.maximum(Z, 0)", "(Z > 0) * 1.0")),
        Mistake("relu keeps the negative ones", "Relu lets the negative numbers through and cuts the positive ones. It is the other way round: the larger of z and 0.",
                replace=("np.maximum(Z, 0)", "np.minimum(Z, 0)")),
        Mistake("relu of the inputs", "Relu is taken of A_prev, what came in. It belongs to Z, what the linear part gives.",
                replace=("np.maximum(Z, 0)", "np.maximum(A_prev, 0)")),
        Mistake("sigmoid of the inputs", "The sigmoid is taken of A_prev, what came in. It belongs to Z, what the linear part gives.",
                replace=("sigmoid(Z)", "sigmoid(A_prev)")),
        Mistake("no activation", "A is Z itself: the activation is missing, or it is computed and then not returned. Without it, layers upon layers are one "
                "linear layer (lab 02).",
                replace=[("A = np.maximum(Z, 0)", "A = Z"), ("A = sigmoid(Z)", "A = Z")]),
        Mistake("Z cut in place", "Relu is written into Z itself, so the Z in the cache has lost its negative numbers. On the way back they are needed: "
                "keep Z as it is, and put the activation into a new array.", replace=("A = np.maximum(Z, 0)", "A = Z\n        A[A < 0] = 0")),
        Mistake("A in the cache", "The cache holds A where Z belongs. On the way back the slope is taken at Z, what went *into* the activation.",
                replace=("(linear_cache, Z)", "(linear_cache, A)")),
        *error_mistakes({"sigmoid": ('elif activation == "sigmoid":', 'elif activation != "relu":'),
                         "relu": ('if activation == "relu":', 'if activation != "sigmoid":')}, "A = 2 * Z"),
    ],
    unchanged={"in place of activation": "only the words of the error are others"},
    right=[layer_by_dict, layer_by_where, layer_in_place],
    hints=("Two steps: the linear part, which you have, and then the activation that the name asks for. Keep what the way back will need.",
           'A = max(Z, 0) for "relu", A = σ(Z) for "sigmoid", both (n, m); cache = (linear_cache, Z).',
           'Z and linear_cache from linear_forward; if activation is "relu": A is the larger of Z and 0; elif it is "sigmoid": A is its sigmoid; else raise a '
                'ValueError; '
           "return A and the tuple of linear_cache and Z"),
    why="The cache is nested because the way back takes the two steps in the other order: first the activation, with Z, then the linear part, with its own cache.",
    after="One layer is ready; a deep net is the same layer many times.")

# --- model_forward ---------------------------------------------------------------------------------------------------


def draw_net(rng, L, m):
    """Inputs and parameters of a net in which every hidden layer has units that are on and units that are off."""
    dims = DIMS[L]
    while True:
        X = rounded(rng, 1, (dims[0], m))
        parameters = {}
        for l in range(1, L + 1):
            parameters[f"W{l}"], parameters[f"b{l}"] = rounded(rng, 0.8, (dims[l], dims[l - 1])), rounded(rng, 0.5, (dims[l], 1))
        Zs = [Z for _, Z in model_forward(X, parameters)[1]]
        if all((Z > 1e-3).any() and (Z < -1e-3).any() and (np.abs(Z) > 1e-3).all() for Z in Zs[:-1]) and np.abs(Zs[-1]).max() < 4:
            return X, parameters


def sort_caches(args, value):
    """(AL, caches) with the arrays of the caches by name; a fault in how they are built up becomes a sentence."""
    value = plain(value)
    if isinstance(value, tuple | list) and len(value) == 2:
        return tuple(_sorted_caches(part, args[1]) if isinstance(part, list | tuple) else part for part in value)
    return value


def _sorted_caches(caches, parameters):
    L, found = len(parameters) // 2, {}
    for l in range(1, L + 1):
        n, n_prev = parameters[f"W{l}"].shape
        fault = _fault(caches, l, L, parameters)
        A_prev, Z = (caches[l - 1][0][0], caches[l - 1][1]) if not fault else (Odd(fault, whole=True),) * 2
        found |= {f"A_prev in caches[{l - 1}]": A_prev, f"Z in caches[{l - 1}]": Z}
    return found


def _fault(caches, l, L, parameters):
    """What is wrong with how the cache of layer l is built up, or ""."""
    if len(caches) != L:
        return f"there are {len(caches)} caches for {L} layer{'s' * (L > 1)}; each layer leaves one, the last too"
    cache, pair = caches[l - 1], (list, tuple)
    if not (isinstance(cache, pair) and len(cache) == 2 and isinstance(cache[0], pair) and len(cache[0]) == 3):
        return f"caches[{l - 1}] is not of the form ((A_prev, W, b), Z): append what `linear_activation_forward` gives as it is"
    for name, mine in zip("Wb", cache[0][1:]):
        like = parameters[f"{name}{l}"]
        if not (isinstance(mine, np.ndarray) and mine.shape == like.shape and np.allclose(mine, like, atol=1e-5)):
            other = next((k for k in range(1, L + 1) if isinstance(mine, np.ndarray) and np.array_equal(mine, parameters[f"{name}{k}"])), None)
            return f"caches[{l - 1}] belongs to layer {l}, but its `{name}` is " + (f"that of layer {other}: is the order turned round?" if other else "another")
    return ""


def forward_by_names(X, parameters):
    L = len([name for name in parameters if name.startswith("W")])
    A, caches = X, []
    for l in range(1, L + 1):
        A, cache = linear_activation_forward(A, parameters["W" + str(l)], parameters["b" + str(l)], "sigmoid" if l == L else "relu")
        caches += [cache]
    return A, caches


def forward_by_hand(X, parameters):
    activations, caches, l = [X], [], 1
    while f"W{l}" in parameters:
        W, b, A_prev = parameters[f"W{l}"], parameters[f"b{l}"], activations[-1]
        Z = W.dot(A_prev) + b
        caches.append(((A_prev, W, b), Z))
        activations.append(np.where(Z > 0, Z, 0.0) if f"W{l + 1}" in parameters else sigmoid(Z))
        l += 1
    return activations[-1], caches


def forward_recursively(X, parameters):
    def up_to(l):
        if l == 0:
            return X, []
        A, caches = up_to(l - 1)
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "relu" if l < len(parameters) / 2 else "sigmoid")
        return A.astype(np.float32) if l == len(parameters) / 2 else A, [*caches, cache]
    return up_to(len(parameters) // 2)


def forward_sorted(X, parameters):
    names = sorted(parameters)
    return ex.model_forward(X, {f"{new[0]}{i}": parameters[new] for kind in "Wb" for i, new in enumerate((n for n in names if n[0] == kind), start=1)})


LAST = 'linear_activation_forward(A, parameters[f"W{L}"], parameters[f"b{L}"], "sigmoid")'
MODEL_FORWARD = Exercise(
    ex.model_forward, title="Forward through the whole net", difficulty=2, importance=3, minutes=12,
    draw=draw_net, sizes=[*NETS, {"L": 11, "m": 3}], observe=sort_caches, returns=("AL", "caches"), names=NAMES, uses=[LAYER_FORWARD],
    mistakes=[
        Mistake("relu in the last layer", "The last layer has a relu. It cuts at 0 and has no upper end; a probability needs the sigmoid.",
                replace=(LAST, LAST.replace("sigmoid", "relu"))),
        Mistake("sigmoid in the last hidden layer", "The last hidden layer has a sigmoid too. Only layer L has one; all layers before it have a relu.",
                replace=('parameters[f"b{l}"], "relu")', 'parameters[f"b{l}"], "sigmoid" if l == L - 1 else "relu")')),
        Mistake("sigmoid in every layer", "The hidden layers have a sigmoid. Relu is asked for: it keeps its slope of 1 however deep the net is.",
                replace=('"relu"', '"sigmoid"')),
        Mistake("activations crossed", "The activations have changed places: relu belongs to the hidden layers, the sigmoid to the last one.",
                replace=[('"relu"', '"sigmoid"'), (LAST, LAST.replace("sigmoid", "relu"))]),
        Mistake("one layer too few", "The loop stops a layer early: `range(1, n)` ends at n − 1, so `range(1, L)` already leaves out the last layer, and no other.",
                replace=("range(1, L)", "range(1, L - 1)")),
        Mistake("one layer too many", "The loop goes through all layers, and the last one is then passed once more: `range(1, L)` leaves it out, as it has the sigmoid.",
                replace=("range(1, L)", "range(1, L + 1)")),
        Mistake("layers counted from 0", "The loop begins at 0, but the first layer's parameters are `W1` and `b1`.", replace=("range(1, L)", "range(L)")),
        Mistake("twice as many layers", "`parameters` holds two arrays a layer, W and b: the number of layers is half its length.",
                replace=("len(parameters) // 2", "len(parameters)")),
        Mistake("X into a later layer", "A later layer is given X: either the first hidden layer is left out, or what it gave is not handed on, so that the next one begins "
                "with X again.", replace=("range(1, L)", "range(2, L)")),
        Mistake("X into every hidden layer", "Every hidden layer is given X. A layer works on what the layer *before* gave: hand A on.",
                replace=('linear_activation_forward(A, parameters[f"W{l}"]', 'linear_activation_forward(X, parameters[f"W{l}"]')),
        Mistake("X into the last layer", "The last layer is given X, not what the hidden layers made of it.", replace=(LAST, LAST.replace("(A,", "(X,"))),
        Mistake("last activation not returned", "What is returned is the activation of the layer before the last.", replace=("return AL, caches", "return A, caches")),
        Mistake("label for probability", "AL is cut to 0 and 1. Probabilities are wanted here; the cost needs them.", replace=("return AL, caches", "return (AL "
                "> 0.5) * 1.0, caches")),
        Mistake("layers sorted as text", "From ten layers on the order is wrong: as text, \"W10\" comes before \"W2\". Count with a number and build the key "
                "from it.", function=forward_sorted),
        Mistake("always two layers", "The net has two layers whatever `parameters` holds. Their number is to be found from `parameters`.",
                replace=("len(parameters) // 2", "2")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other"},
    right=[forward_by_names, forward_by_hand, forward_recursively],
    hints=("What one layer gives is what the next one gets. All but the last have a relu; each leaves its cache in the list.",
           'A[0] = X; A[l] = relu(W[l] A[l−1] + b[l]) for l = 1, …, L−1; AL = σ(W[L] A[L−1] + b[L]) (1, m); L = len(parameters) / 2.',
           'A is X, caches an empty list, L half the length of parameters; for l from 1 to L - 1: A and cache from linear_activation_forward with "relu", '
                'append the cache; then the last '
           'layer with "sigmoid", append its cache too; return AL and caches'),
    why="The number of layers is not written anywhere: it follows from `parameters`. For L = 1 the loop makes no turn, and what is left is logistic regression.",
    after="A net of any depth can answer now; lab 01's neuron is the case L = 1.")

# --- deep_cost -------------------------------------------------------------------------------------------------------


def renamed(text):
    return re.sub(r"\bA\b", "AL", text)


COST = Exercise(
    ex.deep_cost, title="The cost, from memory", difficulty=1, importance=2, minutes=4,
    draw=CROSS_ENTROPY.draw, sizes=CROSS_ENTROPY.sizes, extra=CROSS_ENTROPY.extra, returns="cost", names=NAMES, race={"m": 10000},
    mistakes=[
        Mistake("1 − log(AL)", "The second term takes 1 − log AL. It is the logarithm of 1 − AL, the probability of label 0: mind the brackets.",
                replace=("np.log(1 - AL)", "(1 - np.log(AL))")),
        *(dataclasses.replace(m, says=renamed(m.says), replace=tuple((renamed(old), renamed(new)) for old, new in m.edits())) for m in CROSS_ENTROPY.mistakes)],
    unchanged=CROSS_ENTROPY.unchanged, right=CROSS_ENTROPY.right,
    hints=("For each example: which probability did the net give to what was true? Minus its logarithm, and the mean over the examples.",
           "J = −(1/m) Σ [ Y log AL + (1 − Y) log(1 − AL) ]; everything (1, m).",
           "minus the mean of Y times log of AL plus (1 - Y) times log of 1 - AL"),
    why="The cost does not ask how deep the net is: it only sees what comes out.",
    after="The same cost for one neuron, a shallow and a deep net: what changes is only what it depends on.")

# --- linear_backward -------------------------------------------------------------------------------------------------


def draw_linear_backward(rng, n, n_prev, m):
    return rounded(rng, 1, (n, m)), draw_layer(rng, n, n_prev, m)


def linear_backward_by_einsum(dZ, cache):
    A_prev, W, _ = cache
    return np.einsum("ij,ik->jk", W, dZ), np.einsum("ik,jk->ij", dZ, A_prev) / dZ.shape[1], np.mean(dZ, axis=1, keepdims=True)


def linear_backward_by_loop(dZ, cache):
    A_prev, W, b = cache
    n, m = dZ.shape
    dA_prev, dW, db = np.zeros_like(A_prev, dtype=float), np.zeros(W.shape), np.zeros(b.shape)
    for k in range(m):
        delta = dZ[:, [k]]
        dW += delta @ A_prev[:, [k]].T / m
        db += delta / m
        dA_prev[:, [k]] = W.T @ delta
    return dA_prev, dW, db


def linear_backward_turned(dZ, cache):
    A_prev, W = cache[0], cache[1]
    scaled = dZ.astype(np.float32) / np.float32(len(dZ.T))
    return (dZ.T @ W).T, (A_prev.astype(np.float32) @ scaled.T).T, scaled.sum(axis=1).reshape(-1, 1)


def slopes(loss, arrays, eps=1e-6):
    """Numerical gradients of a number with respect to each array."""
    found = []
    for array in arrays:
        slope = np.zeros(array.shape)
        for at in np.ndindex(array.shape):
            kept = array[at]
            array[at] = kept + eps
            up = loss()
            array[at] = kept - eps
            slope[at] = (up - loss()) / (2 * eps)
            array[at] = kept
        found.append(slope)
    return found


def numerical_linear(dZ, cache):
    A_prev, W, b = (a.copy() for a in cache)
    m = dZ.shape[1]
    dA_prev, dW, db = slopes(lambda: np.sum(dZ * (W @ A_prev + b)), (A_prev, W, b))
    return {"dA_prev": dA_prev, "dW": dW / m, "db": db / m}


MEAN = "It comes out m times too large: the division by the number of examples is missing. dZ belongs to each example's own loss; the cost is their *mean*."
LINEAR_BACKWARD = Exercise(
    ex.linear_backward, title="Back through the linear part", difficulty=2, importance=3, minutes=12,
    draw=draw_linear_backward, sizes=LAYERS, returns=("dA_prev", "dW", "db"), names=NAMES, numerical=numerical_linear, race={"n": 20, "n_prev": 50, "m": 200},
    mistakes=[
        Mistake("no mean in dW", MEAN, replace=("np.dot(dZ, A_prev.T) / m", "np.dot(dZ, A_prev.T)")),
        Mistake("no mean in db", MEAN, replace=("keepdims=True) / m", "keepdims=True)")),
        Mistake("no mean", MEAN.replace("It comes", "Both come"), replace=[("np.dot(dZ, A_prev.T) / m", "np.dot(dZ, A_prev.T)"), ("keepdims=True) / m",
                "keepdims=True)")]),
        Mistake("dA_prev over m", "`dA_prev` is divided by m. It is passed on to the layer before, whose dW and db take the mean themselves: with the mean "
                "taken here too, it would be "
                "taken once more in every layer.", replace=("np.dot(W.T, dZ)", "np.dot(W.T, dZ) / m")),
        Mistake("dA_prev without the transpose", "W (n, n_prev) led forward from n_prev numbers to n. The way back leads from n to n_prev: Wᵀ is needed.",
                replace=("np.dot(W.T, dZ)", "np.dot(W, dZ)")),
        Mistake("dW without the transpose", "dZ (n, m) and A_prev (n_prev, m) have to meet along the examples: (n, m) times (m, n_prev). One of them has to be "
                "turned round.",
                replace=("np.dot(dZ, A_prev.T)", "np.dot(dZ, A_prev)")),
        Mistake("dW the wrong way round", "`dW` comes out as (n_prev, n). It has to have the shape of W, (n, n_prev): one row for each unit.",
                replace=("np.dot(dZ, A_prev.T)", "np.dot(A_prev, dZ.T)")),
        Mistake("db over the units", "`db` is summed over the units. Each unit has a bias of its own; the sum runs over the examples.", replace=("axis=1", "axis=0")),
        Mistake("db over everything", "`db` is one number: the sum runs over units and examples. Each unit has a bias of its own: sum over the examples only.",
                replace=("np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ)")),
        Mistake("divided by the units", "The mean is taken over the units. It runs over the examples, the *columns*: shape[1].", replace=("m = A_prev.shape[1]",
                "m = dZ.shape[0]")),
        Mistake("divided by the inputs", "The mean is taken over the inputs of the layer. It runs over the examples, the *columns*: shape[1].",
                replace=("m = A_prev.shape[1]", "m = A_prev.shape[0]")),
        Mistake("db from the cache", "`db` is computed from b. How the cost changes with b does not depend on b itself: it is the mean of dZ.",
                replace=("np.sum(dZ, axis=1, keepdims=True)", "np.sum(b * dZ, axis=1, keepdims=True)")),
        Mistake("dA_prev with the bias", "b stands in `dA_prev`. The bias is added to z, so it does not change how z depends on the activations before.",
                replace=("np.dot(W.T, dZ)", "np.dot(W.T, dZ - b)")),
        Mistake("dA_prev from dW", "`dA_prev` is made from dW or A_prev. What a unit gets back it gets through its weights: Wᵀ dZ.",
                replace=("np.dot(W.T, dZ)", "np.dot(W.T, np.dot(dW, A_prev))")),
        Mistake("product entry by entry", "W and dZ are multiplied entry by entry. Each unit of the layer before collects from *all* units that it went into: a "
                "product of matrices.",
                replace=("np.dot(W.T, dZ)", "W.T * dZ")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "-1 in place of 1": "the last axis is axis 1", "dZ in place of A_prev": "both have m columns"},
    right=[linear_backward_by_einsum, linear_backward_by_loop, linear_backward_turned],
    hints=("z = W a + b. Who had a part in z? The weight times its activation, the activation times its weight, the bias as it is. Each gets its share of dZ back.",
           "dW = (1/m) dZ A_prevᵀ (n, n_prev); db = (1/m) Σ over the examples of dZ (n, 1); dA_prev = Wᵀ dZ (n_prev, m), without a mean.",
           "A_prev, W, b out of the cache; m the columns of A_prev; dW is dZ times A_prev transposed, over m; db the sum of dZ along axis 1 with keepdims, over "
                "m; dA_prev is W transposed "
           "times dZ; return dA_prev, dW, db"),
    why="Shapes nearly write the formulas: dW must have the shape of W, and the only way from dZ (n, m) and A_prev (n_prev, m) to (n, n_prev) is dZ A_prevᵀ.",
    after="The hardest formula of the lab is behind you.")

# --- linear_activation_backward --------------------------------------------------------------------------------------


def play_layer_backward(function, dA, cache, activation):
    return or_error(function, dA, cache, activation)


def draw_layer_backward(rng, n, n_prev, m, activation):
    A_prev, W, b, activation = draw_layer_activated(rng, n, n_prev, m, activation)
    while True:
        dA = rounded(rng, 1, (n, m))
        if (dA > 0).any() and (dA < 0).any() and dA.all():
            return dA, ((A_prev, W, b), W @ A_prev + b), activation


def layer_backward_from_inputs(dA, cache, activation):
    A_prev, W, b = cache[0]
    Z = W @ A_prev + b
    if activation not in ("relu", "sigmoid"):
        raise ValueError("no such activation")
    slope = np.where(Z >= 0, 1.0, 0.0) if activation == "relu" else sigmoid(Z) * sigmoid(-Z)
    return linear_backward(slope * dA, cache[0])


def layer_backward_with_mask(dA, cache, activation):
    linear_cache, Z = cache
    if activation == "relu":
        dZ = np.array(dA, copy=True)
        dZ[Z <= 0] = 0
        return linear_backward(dZ, linear_cache)
    if activation == "sigmoid":
        s = np.exp(-Z) / (1 + np.exp(-Z)) ** 2
        return linear_backward(np.multiply(dA, s), linear_cache)
    raise ValueError(activation)


def layer_backward_by_hand(dA, cache, activation):
    (A_prev, W, b), Z = cache
    slopes = {"relu": lambda: np.maximum(Z, 0) > 0, "sigmoid": lambda: (1 - np.tanh(Z / 2) ** 2) / 4}
    if activation not in slopes:
        raise ValueError(f"{activation}?")
    dZ = (dA * slopes[activation]()).astype(np.float32)
    return W.T @ dZ, dZ @ A_prev.T / dZ.shape[1], dZ.mean(axis=1, keepdims=True)


def numerical_layer(dA, cache, activation):
    (A_prev, W, b), _ = cache
    A_prev, W, b = A_prev.copy(), W.copy(), b.copy()
    dA_prev, dW, db = slopes(lambda: np.sum(dA * linear_activation_forward(A_prev, W, b, activation)[0]), (A_prev, W, b))
    return {"dA_prev": dA_prev, "dW": dW / dA.shape[1], "db": db / dA.shape[1]}


LAYER_BACKWARD = Exercise(
    ex.linear_activation_backward, title="Back through a whole layer", difficulty=2, importance=3, minutes=12,
    draw=draw_layer_backward, sizes=with_activations(LAYERS), extra=extra_names(draw_layer_backward), play=play_layer_backward,
    returns=("dA_prev", "dW", "db"), names=NAMES, numerical=numerical_layer, uses=[LINEAR_BACKWARD, SIGMOID],
    mistakes=[
        Mistake("activations crossed", 'The two slopes have changed places: "relu" gets that of the sigmoid and "sigmoid" that of relu.',
                replace=[('activation == "relu"', 'activation == "sigmoid"'), ('elif activation == "sigmoid"', 'elif activation == "relu"')]),
        Mistake("mask from dA", "The mask of relu is made from dA, or relu is taken of dA, which is the same. Whether a unit was on is a matter of the way "
                "*forward*: of its Z. dA may have any sign.",
                replace=("dA * (Z > 0)", "dA * (dA > 0)")),
        Mistake("mask from A_prev", "The mask of relu is made from A_prev, what came into the layer. Whether a unit was on is a matter of its own Z.",
                replace=("dA * (Z > 0)", "dA * (linear_cache[0] > 0)")),
        Mistake("no mask", "For relu dA is passed on as it is. Units that were off had no part in the result: where Z was negative the slope is 0.",
                replace=("dA * (Z > 0)", "dA")),
        Mistake("mask turned round", "The mask lets through the units that were *off*. The slope of relu is 1 where Z is above 0.", replace=("Z > 0", "Z < 0")),
        Mistake("relu for its slope", "dA is multiplied by relu(Z) itself. Its *slope* is wanted: 1 where Z is above 0, else 0.", replace=("dA * (Z > 0)", "dA "
                "* np.maximum(Z, 0)")),
        Mistake("slope without dA", "dZ is the slope alone: the factor dA, what comes back from above, is missing. The chain rule multiplies.",
                replace=[("dA * (Z > 0)", "(Z > 0) * 1.0"), ("dA * A * (1 - A)", "A * (1 - A)")]),
        Mistake("slope of relu without dA", "For relu dZ is the slope alone: the factor dA, what comes back from above, is missing. The chain rule multiplies.",
                replace=("dA * (Z > 0)", "(Z > 0) * 1.0")),
        Mistake("slope of the sigmoid without dA", "For the sigmoid dZ is the slope alone: the factor dA, what comes back from above, is missing. The chain "
                "rule multiplies.",
                replace=("dA * A * (1 - A)", "A * (1 - A)")),
        Mistake("slope from Z", "The slope of the sigmoid is taken as Z(1 − Z). It is A(1 − A), with A = σ(Z) (lab 00).", replace=("dA * A * (1 - A)", "dA * Z "
                "* (1 - Z)")),
        Mistake("sigmoid of the inputs", "The slope of the sigmoid is taken at A_prev, what came into the layer. It belongs to the layer's own Z.",
                replace=("A = sigmoid(Z)", "A = sigmoid(linear_cache[0])")),
        Mistake("no slope of the sigmoid", "For the sigmoid dA is passed on as it is: the factor A(1 − A) is missing.", replace=("dA * A * (1 - A)", "dA")),
        Mistake("slope of the tanh", "The slope 1 − A² belongs to the tanh. That of the sigmoid is A(1 − A).", replace=("dA * A * (1 - A)", "dA * (1 - A ** 2)")),
        Mistake("sigmoid for its slope", "dA is multiplied by σ(Z) itself. Its *slope* is wanted: A(1 − A).", replace=("dA * A * (1 - A)", "dA * A")),
        Mistake("leaky mask", "Something passes where Z is negative: that is the slope of a leaky relu (lab 02). The plain one has slope 0 there.",
                replace=("dA * (Z > 0)", "dA * np.where(Z > 0, 1, 0.01)")),
        Mistake("sigmoid twice", "The slope of the sigmoid is taken at σ(Z). It belongs to Z itself: one sigmoid, then A(1 − A).", replace=("A = sigmoid(Z)",
                "A = sigmoid(sigmoid(Z))")),
        Mistake("A − dA", "dZ = A − dA looks like A − Y, the short cut of the last layer (lab 01). That holds for dA = −Y/A + (1 − Y)/(1 − A) only; here dA may "
                "be anything.",
                replace=("dA * A * (1 - A)", "A - dA")),
        Mistake("dZ returned", "dZ comes back where dA_prev belongs. What the layer before gets is what `linear_backward` gives first.",
                replace=("return linear_backward(dZ, linear_cache)", "return (dZ, *linear_backward(dZ, linear_cache)[1:])")),
        Mistake("dA returned", "dA itself comes back where dA_prev belongs. What the layer before gets is what `linear_backward` gives first.",
                replace=("return linear_backward(dZ, linear_cache)", "return (dA, *linear_backward(dZ, linear_cache)[1:])")),
        Mistake("dA handed on", "`linear_backward` is given dA: dZ is computed and then not used.", replace=("linear_backward(dZ, linear_cache)",
                "linear_backward(dA, linear_cache)")),
        *error_mistakes({"sigmoid": ('elif activation == "sigmoid":', 'elif activation != "relu":'),
                         "relu": ('if activation == "relu":', 'if activation != "sigmoid":')}, "dZ = 2 * dA"),
    ],
    unchanged={">= in place of >": "at z = 0 either one-sided slope of relu is right", "in place of activation": "only the words of the error are others"},
    right=[layer_backward_from_inputs, layer_backward_with_mask, layer_backward_by_hand], tied=[("cache",)],
    hints=("Forward it was: linear part, then activation. Backward it is the other way round: first through the activation, entry by entry, then through the "
                "linear part.",
           "dZ = dA ∘ g′(Z): for relu dA where Z > 0, else 0; for the sigmoid dA · A(1 − A) with A = σ(Z). Then linear_backward(dZ, linear_cache).",
           'take linear_cache and Z out of the cache; for "relu": dZ is dA times (Z > 0); for "sigmoid": A its sigmoid, dZ is dA times A times (1 - A); else a '
                'ValueError; return what '
           "linear_backward makes of dZ and linear_cache"),
    why="The activation works on each entry alone, so its chain rule is a product entry by entry. For relu it is a switch: units that were on pass dA through, "
                "the others nothing.",
    after="One layer backward; `model_backward` is the same layer many times.")

# --- model_backward --------------------------------------------------------------------------------------------------


def draw_backward(rng, L, m):
    AL, caches = model_forward(*draw_net(rng, L, m))
    return AL, labels(rng, m), caches


def backward_from_error(AL, Y, caches):
    m, dZ, grads = Y.shape[1], AL - Y, {}
    for l in range(len(caches), 0, -1):
        (A_prev, W, b), _ = caches[l - 1]
        grads["dW" + str(l)], grads["db" + str(l)] = dZ @ A_prev.T / m, dZ.mean(axis=1, keepdims=True)
        if l > 1:
            dZ = W.T @ dZ * (caches[l - 2][1] > 0)
    return grads


def backward_with_all_keys(AL, Y, caches):
    L, grads = len(caches), {}
    grads[f"dA{L}"] = np.divide(1 - Y, 1 - AL) - np.divide(Y, AL)
    for l in reversed(range(L)):
        activation = "sigmoid" if l + 1 == L else "relu"
        grads[f"dA{l}"], grads[f"dW{l + 1}"], grads[f"db{l + 1}"] = linear_activation_backward(grads[f"dA{l + 1}"], caches[l], activation)
    return grads


def backward_from_inputs(AL, Y, caches):
    Ws, bs = [c[0][1] for c in caches], [c[0][2] for c in caches]
    As = [caches[0][0][0]]
    for W, b in zip(Ws[:-1], bs[:-1]):
        As.append(np.maximum(W @ As[-1] + b, 0))
    delta, grads = (sigmoid(Ws[-1] @ As[-1] + bs[-1]) - Y) / Y.shape[1], {}
    for l in range(len(Ws), 0, -1):
        grads |= {f"dW{l}": (delta @ As[l - 1].T).astype(np.float32), f"db{l}": delta.sum(axis=1, keepdims=True)}
        delta = Ws[l - 1].T @ delta * (As[l - 1] > 0)
    return grads


def numerical_backward(AL, Y, caches):
    parameters = {f"{name}{l}": cache[0][i].copy() for l, cache in enumerate(caches, start=1) for i, name in ((1, "W"), (2, "b"))}
    X = caches[0][0][0]
    return dict(zip(["d" + n for n in parameters], slopes(lambda: deep_cost(model_forward(X, parameters)[0], Y), parameters.values())))


TOP = "dA = -(Y / AL - (1 - Y) / (1 - AL))"
HIDDEN = 'linear_activation_backward(dA, caches[l - 1], "relu")'
MODEL_BACKWARD = Exercise(
    ex.model_backward, title="Back through the whole net", difficulty=3, importance=3, minutes=15,
    draw=draw_backward, sizes=NETS, returns="grads", names=NAMES, numerical=numerical_backward, uses=[LAYER_BACKWARD], tied=[("AL", "caches")],
    mistakes=[
        Mistake("sign of the first gradient", "All gradients point the other way: the derivative of the cost with respect to AL begins with a minus sign. Where "
                "the label is 1, a larger AL "
                "makes the cost *smaller*.", replace=(TOP, "dA = Y / AL - (1 - Y) / (1 - AL)")),
        Mistake("sign of the second term", "Examples of label 0 pull the wrong way: the two terms of the derivative have different signs, as the inner "
                "derivative of log(1 − AL) is −1, "
                "and the minus sign before the brackets belongs to both.", replace=(TOP, "dA = -Y / AL - (1 - Y) / (1 - AL)")),
        Mistake("examples of label 0 left out", "Only examples of label 1 have a gradient: the term with (1 − Y) is missing.", replace=(TOP, "dA = -(Y / AL)")),
        Mistake("A − Y for dA", "AL − Y is put where dA belongs. It is already dZ, with the slope of the sigmoid in it; sent through \"sigmoid\" that slope is "
                "multiplied a second time.",
                replace=(TOP, "dA = AL - Y")),
        Mistake("Y − A for dA", "Y − AL is put where dA belongs: the sign is turned round, and besides it is of the kind of dZ, not dA.", replace=(TOP, "dA = Y - AL")),
        Mistake("mean taken twice", "Everything is divided by m twice. dA belongs to each example's loss; `linear_backward` takes the mean already.",
                replace=(TOP, "dA = -(Y / AL - (1 - Y) / (1 - AL)) / AL.shape[1]")),
        Mistake("relu in the last layer", "The last layer is gone through as if it had a relu. Forward it had a sigmoid, so backward it needs the slope of that.",
                replace=('caches[L - 1], "sigmoid")', 'caches[L - 1], "relu")')),
        Mistake("sigmoid in the hidden layers", "The hidden layers are gone through as if they had a sigmoid. Forward they had a relu.", replace=(HIDDEN,
                HIDDEN.replace("relu", "sigmoid"))),
        Mistake("activations crossed", "The activations have changed places: the sigmoid belongs to the last layer, relu to the hidden ones.",
                replace=[('caches[L - 1], "sigmoid")', 'caches[L - 1], "relu")'), (HIDDEN, HIDDEN.replace("relu", "sigmoid"))]),
        Mistake("caches one too far", "The cache of the layer above is used. Layers count from 1, the list from 0: that of layer l is caches[l − 1].",
                replace=(HIDDEN, HIDDEN.replace("l - 1", "l"))),
        Mistake("caches from the wrong end", "A hidden layer is given another one's cache: the layers are gone through from the wrong end, or the caches are "
                "taken from there. The way back "
                "begins at the *last* layer, and layer l needs caches[l − 1].",
                replace=(HIDDEN, HIDDEN.replace("l - 1", "L - 1 - l"))),
        Mistake("caches from the end", "The caches are taken from the wrong end: a negative index counts from the last layer, but l counts from the first.",
                replace=(HIDDEN, HIDDEN.replace("l - 1", "-l"))),
        Mistake("first cache for the last layer", "The last layer is given the first layer's cache: the list begins with the first layer.", replace=("caches[L "
                "- 1]", "caches[0]")),
        Mistake("always the cost's gradient", "Every layer is given the derivative of the cost with respect to AL. A layer works with what the layer above it "
                "gave: hand dA on.",
                replace=[(TOP, TOP.replace("dA =", "dA = top =")), (HIDDEN, HIDDEN.replace("dA,", "top,"))]),
        Mistake("always the top gradient", "Every hidden layer is given what the last layer gave. A layer works with what the layer above it gave: hand dA on.",
                replace=("        dA, grads[f\"dW{l}\"]", "        _, grads[f\"dW{l}\"]")),
        Mistake("dW and db exchanged", "`dW` and `db` have changed places: `linear_activation_backward` gives dA_prev, dW, db, in this order.",
                replace=[('dA, grads[f"dW{L}"], grads[f"db{L}"]', 'dA, grads[f"db{L}"], grads[f"dW{L}"]'), ('dA, grads[f"dW{l}"], grads[f"db{l}"]', 'dA, '
                'grads[f"db{l}"], grads[f"dW{l}"]')]),
        Mistake("AL and Y exchanged", "AL and Y have changed places: the derivative divides by AL and by 1 − AL, never by the labels, which may be 0.",
                replace=(TOP, "dA = -(AL / Y - (1 - AL) / (1 - Y))")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "in place of b": "b is in the cache, but the way back never asks for it",
               "in place of W": "the product is empty either way", "term L left out": "index −1 is the last one", "slice bound left out": "the gradient of X is "
                "not in what is returned", "1 in place of 0": "the gradient of X is not in what is returned",
               "-1 in place of 0": "the gradient of X is not in what is returned", "caches not updated": "the gradient of X is not in what is returned"},
    right=[backward_from_error, backward_with_all_keys, backward_from_inputs],
    hints=("Start where the cost is: how does it change with AL? Then go through the layers from the last to the first; each gives its two gradients, and hands dA on.",
           'dAL = −(Y/AL − (1 − Y)/(1 − AL)) (1, m); layer L with "sigmoid" and caches[L−1]; layers L−1, …, 1 with "relu" and caches[l−1].',
           "dA from the derivative of the cost; dA, dW and db of the last layer from linear_activation_backward with \"sigmoid\"; for l from L - 1 down to 1 "
                "the same with \"relu\" and "
           "caches[l - 1], always with the dA that came last; put dW and db into the dict; return it"),
    why="The two lines with `W[:, :0]` only save time: nobody wants the gradient of the inputs, and with a W without columns its product is empty. Leave them "
                "out and the same comes back, more slowly.",
    after="This is backpropagation, in full. Check it against nudged weights below.")

# --- deep_model ------------------------------------------------------------------------------------------------------


def draw_training(rng, L, m, n_x=0, rate=0):
    """Everything a model is given; with a `rate` the cost rises on the way."""
    while True:
        hidden = (60, 40) if n_x else (int(n) for n in rng.integers(2, 6, L - 1))
        dims, seed = [n_x or DIMS[L][0], *hidden, 1], int(rng.integers(1000))
        X, Y = rounded(rng, 1, (dims[0], m)), labels(rng, m)
        if not rate:
            return X, Y, dims, int(rng.integers(1, 5)), float(rng.choice([0.05, 0.1, 0.3, 0.7])), np.random.default_rng(seed)
        with np.errstate(all="ignore"):  # too high a rate
            costs = deep_model(X, Y, dims, 4, rate, np.random.default_rng(seed))[1]
        if max(np.diff(costs)) > 0.1 and costs[-1] < 5:
            return X, Y, dims, 4, float(rate), np.random.default_rng(seed)


def train(X, Y, parameters, num_iterations, learning_rate):
    """The reference's training from given parameters."""
    costs = []
    for _ in range(num_iterations):
        AL, caches = model_forward(X, parameters)
        costs.append(deep_cost(AL, Y))
        parameters = update_parameters(parameters, model_backward(AL, Y, caches), learning_rate)
    return parameters, costs


def play_training(model, X, Y, layer_dims, num_iterations, learning_rate, rng):
    return from_own_start(lambda n, rate, rng: model(X, Y, list(layer_dims), n, rate, rng), lambda rng: initialize_parameters_deep(layer_dims, rng),
                          lambda parameters, n, rate: train(X, Y, parameters, n, rate), num_iterations, learning_rate, rng)


def observe_training(args, played):
    """What the training gave; of a wide net, how its start is distributed."""
    if len(args[0]) < 100 or played.start is None:
        return plain(played.result)
    return {name: value for name, value in weight_statistics((args[2],), played.start).items() if name.split()[0] in ("mean", "standard", "tails")}


def model_as_lab_01(X, Y, layer_dims, num_iterations, learning_rate, rng):
    parameters, costs = initialize_last_layer_first(layer_dims, rng), np.zeros(num_iterations)
    for i in range(num_iterations):
        AL, caches = forward_by_hand(X, parameters)
        costs[i] = -np.mean(np.log(np.where(Y == 1, AL, 1 - AL)))
        for name, gradient in backward_from_error(AL, Y, caches).items():
            parameters[name[1:]] = parameters[name[1:]] - learning_rate * gradient
    return parameters, list(costs)


def model_with_while(X, Y, layer_dims, num_iterations, learning_rate, rng):
    parameters, costs = initialize_row_by_row(layer_dims, rng), []
    while len(costs) < num_iterations:
        AL, caches = model_forward(X, parameters)
        costs += [deep_cost(AL, Y)]
        parameters = update_parameters(parameters, model_backward(AL, Y, caches), learning_rate)
    return parameters, costs


def model_with_inner_step(X, Y, layer_dims, num_iterations, learning_rate, rng):
    def step(parameters):
        AL, caches = model_forward(X, parameters)
        return update_parameters(parameters, model_backward(AL, Y, caches), learning_rate), deep_cost(AL, Y)

    parameters, history = initialize_parameters_deep(layer_dims, rng), []
    while num_iterations > 0:
        parameters, cost = step(parameters)
        history, num_iterations = [*history, cost], num_iterations - 1
    return dict(parameters), history


STEP = "parameters = update_parameters(parameters, grads, learning_rate)"
DEEP_MODEL = Exercise(
    ex.deep_model, title="The whole model", difficulty=3, importance=3, minutes=12,
    draw=draw_training, play=play_training, observe=observe_training, returns=("parameters", "costs"), names=NAMES, uses=[COST],
    sizes=[{"L": 2, "m": 1}, {"L": 1, "m": 4}, {"L": 2, "m": 5}, {"L": 3, "m": 3}, {"L": 4, "m": 6}, {"L": 2, "m": 4, "rate": 3}, {"n_x": 200, "L": 3, "m": 2}],
    mistakes=[
        Mistake("uphill", "The steps go uphill: the cost grows. `update_parameters` subtracts already; a second minus sign turns the step round.",
                replace=("grads, learning_rate)", "grads, -learning_rate)")),
        Mistake("step not kept", "The parameters keep their first values: `update_parameters` returns *new* ones and leaves the old as they are. Keep what it "
                "gives back.",
                replace=(STEP, "update_parameters(parameters, grads, learning_rate)")),
        Mistake("one step too few", "There is one step too few: `range(n)` already makes n turns.", replace=("range(num_iterations)", "range(num_iterations - 1)")),
        Mistake("one step too many", "There is one step too many: `range(n)` makes n turns.", replace=("range(num_iterations)", "range(num_iterations + 1)")),
        Mistake("costs after the step", "Each cost belongs *before* its step: the first is that of the random start. Yours are one step late.",
                replace=[("        costs.append(deep_cost(AL, Y))\n", ""), (STEP + "\n", STEP + "\n        costs.append(deep_cost(model_forward(X, "
                "parameters)[0], Y))\n")]),
        Mistake("only every hundredth cost", "Only every hundredth cost is kept. Here every step leaves one.",
                replace=("costs.append(deep_cost(AL, Y))", "costs += [deep_cost(AL, Y)] if i % 100 == 0 else []")),
        Mistake("only every hundredth cost and the last", "Only every hundredth cost is kept, and the last. Here every step leaves one.",
                replace=("costs.append(deep_cost(AL, Y))", "costs += [deep_cost(AL, Y)] if i % 100 == 0 or i == num_iterations - 1 else []")),
        *(Mistake(f"start {name}", f"The weights start {says}. `initialize_parameters_deep` gives each layer the spread √(2/n_in), which keeps the signal alive.",
                  replace=("initialize_parameters_deep(layer_dims, rng)", f"{{n: {scaled} for n, v in initialize_parameters_deep(layer_dims, rng).items()}}"))
          for name, says, scaled in (("of 0.01", "with standard deviation 0.01 in every layer", "0.01 * v / max(v.std(), 1e-9)"),
                                     ("not scaled", "with standard deviation 1 in every layer", "v / max(v.std(), 1e-9)"),
                                     ("too small by √2", "with the spread √(1/n_in), too small for relu", "v / 2 ** 0.5"))),
        Mistake("a new start in every step", "Each step begins with new random weights, so nothing is ever learned. The start is made once, before the loop.",
                replace=[("    parameters = initialize_parameters_deep(layer_dims, rng)\n    costs", "    costs"),
                         ("        AL, caches", "        parameters = initialize_parameters_deep(layer_dims, rng)\n        AL, caches")]),
        Mistake("a start, and a new one in every step", "Each step begins with new random weights, so nothing is ever learned. The start is made once, before the loop.",
                replace=("        AL, caches", "        parameters = initialize_parameters_deep(layer_dims, rng)\n        AL, caches")),
        *(Mistake(f"{what} never move", f"The {what} keep their first values. They have gradients too: `update_parameters` moves all that there is.",
                  replace=[("        parameters = update", f"        kept = {{n: v for n, v in parameters.items() if n[0] == '{letter}'}}\n        parameters = update"),
                           (STEP.removeprefix("parameters = ") + "\n", STEP.removeprefix("parameters = ") + "\n        parameters = {**parameters, **kept}\n")])
          for what, letter in (("biases", "b"), ("weights", "W"))),
        Mistake("labels for probabilities", "`model_backward` is given the labels in the place of AL: it divides by them, and by 1 minus them, which is a division by 0.",
                replace=("model_backward(AL, Y, caches)", "model_backward(Y, Y, caches)")),
        Mistake("inputs counted twice", "n_x is put in front of `layer_dims`. It stands there already: the list begins with the inputs.",
                replace=("initialize_parameters_deep(layer_dims, rng)", "initialize_parameters_deep([X.shape[0], *layer_dims], rng)")),
        Mistake("forward only once", "The way forward is gone once, before the loop, so every step has the gradient of the start. It changes as the parameters move.",
                replace=[("        AL, caches = model_forward(X, parameters)\n", ""), ("    for i in", "    AL, caches = model_forward(X, parameters)\n    for i in")]),
        Mistake("always the first parameters", "Each step goes from the first parameters again, so only the last step counts. Hand on what the step before gave.",
                replace=[("    costs = []", "    costs, first = [], parameters"), ("model_forward(X, parameters)", "model_forward(X, first)"),
                         ("update_parameters(parameters, grads", "update_parameters(first, grads")]),
        Mistake("start returned", "The parameters of the start are returned, not those after the last step.",
                replace=[("    costs = []", "    costs, first = [], parameters"), ("return parameters, costs", "return first, costs")]),
        Mistake("parameters from before the last step", "The parameters returned are those from before the last step.",
                replace=[("        parameters = update", "        before = parameters\n        parameters = update"), ("return parameters, costs", "return "
                "before, costs")]),
        Mistake("stops after the first step", "Only one step is made: the `return` stands inside the loop.", replace=("    return parameters, costs", "        "
                "return parameters, costs")),
        Mistake("only the last cost", "`costs` is the last cost alone. All of them are wanted, one a step.", replace=("return parameters, costs", "return "
                "parameters, costs[-1:]")),
        Mistake("learning rate over m", "The step is divided by m. The gradients are means already.", replace=("grads, learning_rate)", "grads, learning_rate / "
                "X.shape[1])")),
        Mistake("two steps for one", "Two steps are made in each turn of the loop.", replace=(STEP + "\n", STEP + "\n        " + STEP + "\n")),
        Mistake("stops when the cost rises", "Training ends early when the cost rises. The number of steps is given; what the cost does is for whoever looks at "
                "the curve.",
                replace=("        costs.append(deep_cost(AL, Y))", "        cost = deep_cost(AL, Y)\n        if costs and cost > costs[-1]:\n            "
                "break\n        costs.append(cost)")),
        Mistake("layers without the inputs", "The first entry of `layer_dims` is left out. It is the number of inputs, n_x; W1 needs it.",
                replace=("initialize_parameters_deep(layer_dims, rng)", "initialize_parameters_deep(layer_dims[1:], rng)")),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other"},
    right=[model_as_lab_01, model_with_while, model_with_inner_step],
    hints=("All parts exist: a random start, then again and again forward, cost, backward, step.",
           "parameters from initialize_parameters_deep(layer_dims, rng); num_iterations times: AL, caches; a cost; grads; update_parameters(parameters, grads, "
                "learning_rate).",
           "parameters from the start, costs an empty list; for each iteration: AL and caches from model_forward, append the cost, grads from model_backward, "
                "parameters from "
           "update_parameters; return both"),
    why="The loop is that of lab 01, word for word. Only what stands behind the names has grown.",
    after="`layer_dims` is all that is left to say what net it is.")

EXERCISES = [INITIALIZE, LINEAR_FORWARD, LAYER_FORWARD, MODEL_FORWARD, COST, LINEAR_BACKWARD, LAYER_BACKWARD, MODEL_BACKWARD, DEEP_MODEL]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("scale", "Each unit of a layer sums up 1000 inputs of mean square 1. Its weights are drawn with standard deviation 0.01. How large is a typical sum?", {
        "a": ("about 10", "that would be 1000 times 0.01: as if all terms had the same sign."),
        "b": ("about 0.3", "independent terms add up in square: √1000 · 0.01 ≈ 0.32. With √(2/1000) = 0.045 it is 1.4, and relu brings it back to mean square 1."),
        "c": ("about 0.01", "one term is of that size; there are a thousand of them."),
        "d": ("0, as the signs cancel", "they cancel in the mean, not in a single sum."),
    }, answer="b"),
    Quiz("mask", "A relu unit has z < 0 for every training image. What will gradient descent do with its weights?", {
        "a": ("push them up until z is positive somewhere", "nothing pushes: the slope of relu is 0 wherever z < 0, so dZ is 0 for every image."),
        "b": ("nothing, from then on", "dZ = dA · 0 for every image, so dW and db are 0 unless layers before it change what it sees. Such a unit is called dead."),
        "c": ("push them down", "nothing pushes: the slope of relu is 0 wherever z < 0, so dZ is 0 for every image."),
        "d": ("it depends on dA", "whatever dA is, it is multiplied by 0."),
    }, answer="b"),
    Quiz("hyper", "Which of these does gradient descent find by itself?", {
        "a": ("the learning rate", "it is needed before the first step: a hyperparameter."),
        "b": ("the number of layers", "a net cannot grow one by following a slope: a hyperparameter."),
        "c": ("the biases", "parameters are what the gradient moves: all W and all b."),
        "d": ("the number of steps", "you decided it: a hyperparameter."),
    }, answer="c"),
]


def judge_diet(diet):
    train_images, Y, test_images, Y_test = *draw_pets(300, seed=0), *draw_pets(600, seed=1)
    X, hidden, rate = diet(train_images)
    X_test = np.asarray(diet(test_images)[0], float)
    X = np.asarray(X, float)
    if X.ndim != 2 or X.shape[1] != 300 or X_test.shape != (len(X), 600):
        return False, f"What the net sees has shape {X.shape}; (n, 300) is wanted, one image a column."
    if not (np.isfinite(X).all() and np.isfinite(X_test).all()):
        return False, "Some of what the net sees is nan or inf."
    layer_dims = [len(X), *hidden, 1]
    size = sum((n_in + 1) * n_out for n_in, n_out in zip(layer_dims, layer_dims[1:]))
    if size > 300:
        return False, f"The net {layer_dims} has {size} parameters; 300 are the most."
    scores = []
    for seed in range(3):
        parameters, _ = deep_model(X, Y, layer_dims, 500, rate, np.random.default_rng(seed))
        scores.append(100 * np.mean((model_forward(X_test, parameters)[0] > 0.5) == Y_test))
    return min(scores) >= 98, (f"{layer_dims}, {size} parameters, 500 steps: " + ", ".join(f"{s:.1f} %" for s in scores) + " on new pictures, from three random starts.")


CHALLENGE = Challenge(
    "diet", "A net on a diet",
    "Write `diet(images)` → (X, hidden, learning_rate): what the net sees, its hidden layers, and the rate, with at most 300 parameters, so that it reaches 98 % "
    "on new cats and dogs after 500 steps, from each of three random starts.", judge_diet)
