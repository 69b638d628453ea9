"""What the graders of lab 04d know: cases, mistakes, right versions, hints."""
import keras
import numpy as np
import tensorflow as tf

from labutils.answers import describe
from labutils.calling import Odd, plain, same_data
from labutils.exercise import Challenge, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import affine, gradient_of

NAMES = {"m": "the number of examples", "d": "the number of inputs", "n": "the number of units"}
F32 = np.float32


def taken_apart(value, names):
    """The parts of a tuple by name, or for each name what stands in its way."""
    if isinstance(value, tuple | list) and len(value) == len(names):
        return dict(zip(names, value))
    got = f"{len(value)}" if isinstance(value, tuple | list) else describe(plain(value))
    return dict.fromkeys(names, Odd(f"{len(names)} things should come back, {' and '.join(names)}; got {got}", whole=True))


# --- matrix_rank_and_shape -------------------------------------------------------------------------------------------


def draw_tensor(rng, shape):
    """Any numbers; a matrix is one of linear algebra's rank 1, so that the two ranks differ."""
    if len(shape) == 2:
        return (np.outer(rng.integers(1, 9, shape[0]), rng.integers(1, 9, shape[1])).astype(F32),)
    return (rng.normal(size=shape).round(2).astype(F32) if len(shape) % 2 else rng.integers(0, 9, shape),)


def play_on_tensor(function, t):
    return function(tf.constant(t))


def observe_rank_and_shape(args, value):
    found = taken_apart(value, ("rank", "shape"))
    return {"rank": plain(found["rank"]), "shape": _shape_in_words(found["shape"])}


def _shape_in_words(shape):
    if isinstance(shape, tf.TensorShape):
        return Odd("a TensorShape, a type of TensorFlow's own")
    shape = plain(shape)
    if isinstance(shape, list):
        shape = tuple(shape)
    if not isinstance(shape, tuple):
        return shape if isinstance(shape, Odd) else Odd("a string" if isinstance(shape, str) else describe(shape))
    if not all(isinstance(s, int | np.integer) or isinstance(s, np.ndarray) and s.ndim == 0 for s in shape):
        return Odd("a tuple that does not hold whole numbers")
    return str(tuple(int(s) for s in shape))


def rank_by_length(t):
    return len(t.shape), tuple(t.shape.as_list())


def rank_as_tensor(t):
    return tf.rank(t), list(t.shape)


def rank_by_numpy(t):
    a = t.numpy()
    return a.ndim, a.shape


def rank_by_loop(t):
    sizes = []
    for s in tf.shape(t):
        sizes.append(int(s))
    return np.int64(t.shape.rank), tuple(sizes)


def rank_of_linear_algebra(t):
    return int(np.linalg.matrix_rank(t.numpy())) if t.ndim == 2 else int(tf.rank(t)), tuple(t.shape)


def rank_of_linear_algebra_always(t):
    return np.linalg.matrix_rank(t.numpy()), tuple(t.shape)


def rank_of_linear_algebra_as_int(t):
    return int(np.linalg.matrix_rank(t.numpy())), tuple(t.shape)


def rank_by_len(t):
    return len(t), tuple(t.shape)


def rank_by_len_guarded(t):
    return len(t) if t.ndim else 0, tuple(t.shape)


def rank_alone(t):
    return int(tf.rank(t))


def shape_alone(t):
    return tuple(t.shape)


LINEAR_ALGEBRA = ("That is the rank of linear algebra, the number of independent rows. The rank of a *tensor* in TensorFlow's sense is how many "
                  "dimensions it has: 2 for every matrix.")

RANK = Exercise(
    ex.matrix_rank_and_shape, title="Rank and shape", difficulty=1, importance=2, minutes=4,
    draw=draw_tensor, sizes=[{"shape": s} for s in ((), (3,), (4, 3), (1, 5), (2, 1, 3), (2, 3, 4, 2), (1, 2, 1, 2, 3))],
    returns=("rank", "shape"), names=NAMES, play=play_on_tensor, observe=observe_rank_and_shape,
    mistakes=[
        Mistake("rank of linear algebra", LINEAR_ALGEBRA, function=rank_of_linear_algebra),
        Mistake("rank of linear algebra, by numpy", LINEAR_ALGEBRA, function=rank_of_linear_algebra_always),
        Mistake("rank of linear algebra, as an int", LINEAR_ALGEBRA, function=rank_of_linear_algebra_as_int),
        Mistake("number of entries", "`rank` is the number of entries, what `tf.size` gives. The rank is the number of dimensions.", replace=("tf.rank(t)", "tf.size(t)")),
        Mistake("rank of the shape", "`rank` is 1 each time: it is the rank of the *shape*, which is a vector, not that of t.",
                replace=("tf.rank(t)", "tf.rank(tf.shape(t))")),
        Mistake("length for rank", "`len(t)` is the length of the first dimension, and a number has none. The rank is the number of dimensions.", function=rank_by_len),
        Mistake("first length for rank", "`rank` is `len(t)`, the length of the first dimension. The rank is the number of dimensions.", function=rank_by_len_guarded),
        Mistake("a TensorShape", "`t.shape` is a TensorShape. It prints like a shape, but it is TensorFlow's own type; a plain tuple of numbers is wanted here.",
                replace=("tuple(t.shape)", "t.shape")),
        Mistake("the shape as a tensor", "`tf.shape` gives the shape as a tensor. That is what a graph computes with; here a plain tuple of numbers is wanted.",
                replace=("tuple(t.shape)", "tf.shape(t)")),
        Mistake("results in another order", "Both are right but stand in another order: the rank comes first.", replace=("return rank, shape", "return shape, rank")),
        Mistake("the first dimension left out", "The first dimension is missing from `shape`. It is often the number of examples, but it belongs to the shape like any other.",
                replace=("tuple(t.shape)", "tuple(t.shape[1:])")),
        Mistake("the last dimension left out", "The last dimension is missing from `shape`.", replace=("tuple(t.shape)", "tuple(t.shape[:-1])")),
        Mistake("shape reversed", "`shape` is right but stands the other way round.", replace=("tuple(t.shape)", "tuple(t.shape)[::-1]")),
        Mistake("squeezed", "Dimensions of length 1 are lost, as by `tf.squeeze`. They count like any other.",
                replace=[("tf.rank(t)", "tf.rank(tf.squeeze(t))"), ("tuple(t.shape)", "tuple(tf.squeeze(t).shape)")]),
        Mistake("dimensions of length 1 left out of the shape", "Dimensions of length 1 are missing from `shape`. They count like any other.",
                replace=("tuple(t.shape)", "tuple(s for s in t.shape if s != 1)")),
        Mistake("dimensions of length 1 not counted", "Dimensions of length 1 are not counted in `rank`. They count like any other.",
                replace=("tf.rank(t)", "tf.rank(tf.squeeze(t))")),
        Mistake("the number of entries for the shape", "`shape` holds the number of entries; one length for each dimension is wanted.",
                replace=("tuple(t.shape)", "(int(tf.size(t)),)")),
        Mistake("only the rank returned", "Only the rank comes back. Two things are wanted, rank and shape.", function=rank_alone),
        Mistake("only the shape returned", "Only the shape comes back. Two things are wanted, rank and shape.", function=shape_alone),
        Mistake("rank one too small", "`rank` is one too small. It counts all dimensions, the one of the examples included.",
                replace=("int(tf.rank(t))", "int(tf.rank(t)) - 1")),
        Mistake("first dimension not counted", "`rank` leaves out the first dimension. It is often that of the examples, but it counts like any other.",
                replace=("int(tf.rank(t))", "len(t.shape[1:])")),
        Mistake("rank one too large", "`rank` is one too large: a number has rank 0.", replace=("int(tf.rank(t))", "int(tf.rank(t)) + 1")),
        Mistake("longest dimension for rank", "`rank` is the length of the longest dimension. The rank is how many dimensions there are.",
                replace=("int(tf.rank(t))", "max(tuple(t.shape), default=0)")),
    ],
    unchanged={"int left out": "a tensor that holds the number is fine", "1 in place of t": "other numbers in the same shape", "steps exchanged": "the two steps do not "
    "depend on each other"},
    right=[rank_by_length, rank_as_tensor, rank_by_numpy, rank_by_loop],
    hints=("How many numbers do you need to point at one entry? That many dimensions there are, and that is the rank. The shape says how far each of them goes.",
           "t of shape (2, 3, 4): rank 3, shape (2, 3, 4). A number: rank 0, shape ().",
           "rank = tf.rank of t, as an int; shape = t.shape, as a tuple; return both"),
    why="The length of the shape is the rank, so the second says all. The word is the older one from tensor calculus; linear algebra uses it for something else.",
    after="Shapes are where most errors in deep learning are found, and where you will look first.")

# --- affine ----------------------------------------------------------------------------------------------------------


def draw_layer(rng, m, d, n):
    return tuple(rng.normal(size=s).round(2).astype(F32) for s in ((m, d), (d, n), (1, n)))


def play_with_tensors(function, x, W, b):
    return function(tf.constant(x), tf.constant(W), tf.constant(b))


def affine_by_operator(x, W, b):
    return x @ W + b


def affine_by_einsum(x, W, b):
    return tf.einsum("md,dn->mn", x, W) + tf.reshape(b, [-1])


def affine_by_numpy(x, W, b):
    return np.dot(x.numpy(), W.numpy()) + b.numpy()


def affine_by_rows(x, W, b):
    rows = []
    for example in x:
        rows.append(tf.reduce_sum(example[:, None] * W, axis=0) + b[0])
    return tf.stack(rows)


def affine_by_ones(x, W, b):
    ones = tf.ones((x.shape[0], 1), x.dtype)
    return tf.matmul(tf.concat([x, ones], axis=1), tf.concat([W, b], axis=0))


AFFINE = Exercise(
    ex.affine, title="Rows times weights", difficulty=1, importance=3, minutes=4,
    draw=draw_layer, sizes=[{"m": 1, "d": 2, "n": 3}, {"m": 3, "d": 2, "n": 4}, {"m": 2, "d": 4, "n": 1}, {"m": 4, "d": 3, "n": 2}, {"m": 2, "d": 1, "n": 3}],
    returns="result", names=NAMES, play=play_with_tensors,
    mistakes=[
        Mistake("bias forgotten", "The bias b is missing.", replace=("tf.matmul(x, W) + b", "tf.matmul(x, W)")),
        Mistake("columns for rows", "The result is that of lab 03, with one example a column, (n, m). Here an example is a row: x comes first, and the result is (m, n).",
                replace=("tf.matmul(x, W) + b", "tf.transpose(tf.matmul(x, W) + b)")),
        Mistake("columns for rows, both turned round", "x and W are both turned round, to the layout of lab 03 with one example a column. Here an example is a row: x (m, "
                "d) as it "
                "stands, times W (d, n) as it stands.", replace=("tf.matmul(x, W) + b", "tf.matmul(tf.transpose(W), tf.transpose(x)) + b")),
        Mistake("added up over the units", "The units of each example are added up to one number. Each unit keeps its own, (m, n).",
                replace=("tf.matmul(x, W) + b", "tf.reduce_sum(tf.matmul(x, W) + b, axis=1)")),
        Mistake("added up over the units, axis kept", "The units of each example are added up to one number. Each unit keeps its own, (m, n).",
                replace=("tf.matmul(x, W) + b", "tf.reduce_sum(tf.matmul(x, W) + b, axis=1, keepdims=True)")),
        Mistake("W first", "W stands before x, as in the labs where examples are columns. With examples in rows, (m, d) comes first and meets (d, n).",
                replace=("tf.matmul(x, W)", "tf.matmul(W, x)")),
        Mistake("entry by entry", "`*` multiplies entry by entry. A row of x has to meet every column of W: the matrix product, `tf.matmul` or `@`.",
                replace=("tf.matmul(x, W)", "x * W")),
        Mistake("W transposed", "W is turned round, and then x (m, d) meets (n, d). In this layout W is (d, n) as it stands.",
                replace=("tf.matmul(x, W)", "tf.matmul(x, W, transpose_b=True)")),
        Mistake("bias inside the product", "The bias is added to W, before the product. It is added once, after it.", replace=("tf.matmul(x, W) + b", "tf.matmul(x, W + b)")),
        Mistake("sigmoid too many", "There is a sigmoid on it. Only the affine part is wanted; the activation comes in the layer.",
                replace=("tf.matmul(x, W) + b", "tf.sigmoid(tf.matmul(x, W) + b)")),
        Mistake("relu too many", "Negative results are cut off, as by a relu. Only the affine part is wanted; the activation comes in the layer.",
                replace=("tf.matmul(x, W) + b", "tf.nn.relu(tf.matmul(x, W) + b)")),
        Mistake("tanh too many", "There is a tanh on it. Only the affine part is wanted; the activation comes in the layer.",
                replace=("tf.matmul(x, W) + b", "tf.tanh(tf.matmul(x, W) + b)")),
        Mistake("one bias for all", "All units get the same bias, the sum, mean or first of b. Each unit, a column of the result, has its own.",
                replace=("tf.matmul(x, W) + b", "tf.matmul(x, W) + b[0, 0]")),
        Mistake("mean of the biases", "All units get the same bias, the mean of b. Each unit, a column of the result, has its own.",
                replace=("tf.matmul(x, W) + b", "tf.matmul(x, W) + tf.reduce_mean(b)")),
        Mistake("sum of the biases", "All units get the same bias, the sum of b. Each unit, a column of the result, has its own.",
                replace=("tf.matmul(x, W) + b", "tf.matmul(x, W) + tf.reduce_sum(b)")),
        Mistake("mean over the examples", "One row comes out, the mean over the examples. Each example keeps its own row.",
                replace=("tf.matmul(x, W) + b", "tf.reduce_mean(tf.matmul(x, W) + b, axis=0, keepdims=True)")),
        Mistake("divided by the number of inputs", "The product is divided by the number of inputs; it is a sum, not a mean.",
                replace=("tf.matmul(x, W) + b", "tf.matmul(x, W) / x.shape[1] + b")),
        Mistake("first example only", "Only the first example comes back. All rows of x are wanted.", replace=("tf.matmul(x, W) + b", "tf.matmul(x[:1], W) + b")),
    ],
    right=[affine_by_operator, affine_by_einsum, affine_by_numpy, affine_by_rows, affine_by_ones],
    hints=("In lab 03 it was W A + b, with one example a column. Turn all of it round: now an example is a row, and it stands on the left.",
           "x (m, d) times W (d, n) gives (m, n); b (1, n) is added to each row.",
           "the tf.matmul of x and W, plus b"),
    why="(W A + b)ᵀ = Aᵀ Wᵀ + bᵀ: the same numbers, written the other way round. The row of b is broadcast down the m rows.",
    after="This one line is most of what a dense layer does.")

# --- OurDenseLayer ---------------------------------------------------------------------------------------------------


def play_layer(cls, x, W, b):
    """A layer is made and built, its weights are looked at, then given; then it is called, and its gradient asked for."""
    n, x = W.shape[1], tf.constant(x)
    layer = cls(n)
    layer(x[:1])
    own = {"W": getattr(layer, "W", None), "b": getattr(layer, "b", None)}
    for name, weight in own.items():
        if not hasattr(weight, "assign"):
            what = f"after `build` the layer's `self.{name}` is a plain tensor or array, no weight" if weight is not None else f"after `build` the layer has no `self.{name}`"
            return dict.fromkeys(("shape of W", "shape of b", "trainable weights", "W at the start", "b at the start", "y", "gradient of W"), Odd(what, whole=True))
    found = {f"shape of {name}": str(tuple(weight.shape)) for name, weight in own.items()}
    trained = [name for name, w in own.items() if any(w is t for t in layer.trainable_weights)]
    found["trainable weights"] = " and ".join(trained) or "none of the two"
    found["W at the start"] = "random" if np.ptp(own["W"].numpy()) > 0 else "the same number everywhere"
    found["b at the start"] = "zero" if not own["b"].numpy().any() else "not zero"
    _give(own["W"], W)
    _give(own["b"], b)
    W = own["W"].value if isinstance(own["W"], keras.Variable) else own["W"]
    with tf.GradientTape() as tape:
        tape.watch(W)
        y = layer(x)
        if not isinstance(plain(y), np.ndarray):
            return {**found, "y": y, "gradient of W": Odd("no gradient reaches `W`", whole=True)}
        total = tf.reduce_sum(tf.square(y))
    gradient = tape.gradient(total, W)
    return {**found, "y": y, "gradient of W": Odd("no gradient reaches `W`", whole=True) if gradient is None else gradient}


def _give(weight, value):
    """Put values into a weight as far as its own shape allows."""
    shape = tuple(weight.shape)
    if shape != value.shape:
        value = value.T if shape == value.T.shape else value.reshape(shape) if np.prod(shape) == value.size else np.broadcast_to(value.ravel()[:1], shape)
    weight.assign(value)


class _Layer(keras.layers.Layer):
    def __init__(self, n_output_nodes):
        super().__init__()
        self.n_output_nodes = n_output_nodes


class LayerByOperator(_Layer):
    def build(self, input_shape):
        self.W = self.add_weight(name="W", shape=(int(input_shape[-1]), self.n_output_nodes))
        self.b = self.add_weight(name="b", shape=[1, self.n_output_nodes], initializer=keras.initializers.Zeros(), trainable=True)
        super().build(input_shape)

    def call(self, x):
        return 1 / (1 + tf.exp(-(x @ self.W + self.b)))


class LayerByKerasOps(_Layer):
    def build(self, shape):
        self.b = self.add_weight(shape=(1, self.n_output_nodes), initializer="zeros")
        self.W = self.add_weight(shape=(shape[1], self.n_output_nodes), initializer=keras.initializers.HeNormal(seed=3))

    def call(self, inputs):
        return keras.ops.sigmoid(keras.ops.matmul(inputs, self.W) + self.b)


class LayerByVariables(_Layer):
    def build(self, input_shape):
        start = np.random.default_rng(0).normal(0, 0.1, (input_shape[-1], self.n_output_nodes))
        self.W = keras.Variable(start.astype("float32"))
        self.b = keras.Variable(np.zeros((1, self.n_output_nodes), "float32"))

    def call(self, x):
        return keras.activations.sigmoid(affine(x, self.W, self.b))


class LayerByTanh(_Layer):
    def build(self, input_shape):
        d = list(input_shape)[-1]
        self.W = self.add_weight(shape=(d, self.n_output_nodes), initializer="glorot_uniform", dtype="float32")
        self.b = self.add_weight(shape=(1, self.n_output_nodes), initializer="zeros")
        self.half = 0.5

    def call(self, x):
        z = tf.add(tf.linalg.matmul(x, self.W), self.b)
        return self.half + self.half * tf.tanh(self.half * z)


SHAPE_OF_B = "`b` is a row, (1, n): one number for each unit, with an axis for the examples, along which it is broadcast."
TWINS = "All weights of `W` are the same at the start. Then all units compute the same, get the same gradient, and stay twins for ever (lab 02)."

DENSE = Exercise(
    ex.OurDenseLayer, title="A layer of our own", difficulty=2, importance=3, minutes=12,
    draw=draw_layer, sizes=[{"m": 1, "d": 2, "n": 3}, {"m": 3, "d": 4, "n": 2}, {"m": 4, "d": 3, "n": 5}, {"m": 2, "d": 5, "n": 1}],
    returns="layer", names=NAMES, play=play_layer, costly=True,
    mistakes=[
        Mistake("sigmoid forgotten", "The sigmoid is missing: `y` is x W + b itself and can be any number.", replace=("tf.sigmoid(z)", "z")),
        Mistake("tanh for the sigmoid", "The activation is the tanh; the sigmoid is asked for.", replace=("tf.sigmoid(z)", "tf.tanh(z)")),
        Mistake("relu for the sigmoid", "The activation is the relu; the sigmoid is asked for.", replace=("tf.sigmoid(z)", "tf.nn.relu(z)")),
        Mistake("softmax for the sigmoid", "The activation is the softmax, which makes the units share 1 among them; the sigmoid looks at each unit alone.",
                replace=("tf.sigmoid(z)", "tf.nn.softmax(z)")),
        Mistake("sigmoid twice", "The sigmoid is taken twice.", replace=("tf.sigmoid(z)", "tf.sigmoid(tf.sigmoid(z))")),
        Mistake("sigmoid of the inputs", "The sigmoid is taken of the inputs too, before the product. It comes once, at the end.",
                replace=("affine(x, self.W", "affine(tf.sigmoid(x), self.W")),
        Mistake("bias subtracted", "The bias is subtracted; it is added: x W + b.", replace=("affine(x, self.W, self.b)", "affine(x, self.W, -self.b)")),
        Mistake("call returns nothing", "`call` gives back None: is its `return` missing?", replace=("return tf.sigmoid(z)", "tf.sigmoid(z)")),
        Mistake("a unit too many", "The weights are for n + 1 units; n_output_nodes are wanted.",
                replace=[("shape=(d, self.n_output_nodes)", "shape=(d, self.n_output_nodes + 1)"), ("shape=(1, self.n_output_nodes)", "shape=(1, self.n_output_nodes + 1)")]),
        Mistake("W a plain tensor", "`W` is a plain tensor: Keras does not know it, and no optimizer could ever change it. `self.add_weight` makes weights that Keras keeps "
                "account of.",
                replace=('self.add_weight(shape=(d, self.n_output_nodes), initializer="random_normal")', "tf.random.normal((d, self.n_output_nodes))")),
        Mistake("b a plain tensor", "`b` is a plain tensor: Keras does not know it, and no optimizer could ever change it. `self.add_weight` makes weights that Keras keeps "
                "account of.",
                replace=('self.add_weight(shape=(1, self.n_output_nodes), initializer="zeros")', "tf.zeros((1, self.n_output_nodes))")),
        Mistake("bias not used", "The bias is made but never added: `call` has to use `self.b`.", replace=("affine(x, self.W, self.b)", "tf.matmul(x, self.W)")),
        Mistake("bias behind the sigmoid", "The bias is added behind the sigmoid. It belongs inside: sigmoid(x W + b).",
                replace=[("affine(x, self.W, self.b)", "tf.matmul(x, self.W)"), ("tf.sigmoid(z)", "tf.sigmoid(z) + self.b")]),
        Mistake("W not random at the start", TWINS, replace=('"random_normal"', '"zeros"')),
        Mistake("b not zero at the start", "`b` is not zero at the start; zeros are asked for. (Without an initializer, `add_weight` draws random numbers.)",
                replace=(', initializer="zeros"', "")),
        Mistake("b flat", "`b` is flat, (n,). " + SHAPE_OF_B, replace=("shape=(1, self.n_output_nodes)", "shape=(self.n_output_nodes,)")),
        Mistake("b a single number", "`b` holds one number for all units. " + SHAPE_OF_B, replace=("shape=(1, self.n_output_nodes)", "shape=(1, 1)")),
        Mistake("b for inputs", "`b` has one number for each input. " + SHAPE_OF_B, replace=("shape=(1, self.n_output_nodes)", "shape=(1, d)")),
        Mistake("b a column", "`b` is a column, (n, 1), as in the labs before. " + SHAPE_OF_B, replace=("shape=(1, self.n_output_nodes)", "shape=(self.n_output_nodes, 1)")),
        Mistake("W as in the labs before", "`W` is (n, d), one unit a row, as in lab 03. With examples in rows it is (d, n), one unit a column.",
                replace=[("shape=(d, self.n_output_nodes)", "shape=(self.n_output_nodes, d)"), ("affine(x, self.W, self.b)", "affine(x, tf.transpose(self.W), self.b)")]),
        Mistake("W (n, d) in the product", "`W` is (n, d), one unit a row, as in lab 03, and then x (m, d) does not fit before it. With examples in rows it is (d, n).",
                replace=("shape=(d, self.n_output_nodes)", "shape=(self.n_output_nodes, d)")),
        Mistake("the number of examples for d", "The number of *examples* is taken from `input_shape`. It is (m, d): the inputs are counted last.",
                replace=("input_shape[-1]", "input_shape[0]")),
        Mistake("plain tensors for weights", "The weights are plain tensors or tf.Variables: Keras does not know them, so no optimizer would ever train them. "
                "`self.add_weight` makes weights that Keras keeps account of.",
                replace=[('self.add_weight(shape=(d, self.n_output_nodes), initializer="random_normal")', "tf.Variable(tf.random.normal((d, self.n_output_nodes)))"),
                         ('self.add_weight(shape=(1, self.n_output_nodes), initializer="zeros")', "tf.Variable(tf.zeros((1, self.n_output_nodes)))")]),
        Mistake("W not trainable", "W cannot be trained: `trainable=False` tells the optimizer to leave it alone.",
                replace=('initializer="random_normal"', 'initializer="random_normal", trainable=False')),
        Mistake("b not trainable", "b cannot be trained: `trainable=False` tells the optimizer to leave it alone.",
                replace=('initializer="zeros"', 'initializer="zeros", trainable=False')),
        Mistake("cut off from the tape", "`y` is right, but no gradient reaches W: a step by numpy (`.numpy()`, `np.dot`, `np.exp`) is invisible to the tape. "
                "Inside a layer, stay with TensorFlow's operations.", replace=("return tf.sigmoid(z)", "return tf.constant(tf.sigmoid(z).numpy())")),
        Mistake("no attribute W", "After `build` the layer has no `self.W`. The two weights are made there and kept as attributes called `W` and `b`.",
                replace=[('self.W = self.add_weight', 'self.w = self.add_weight'), ('affine(x, self.W, self.b)', 'affine(x, self.w, self.b)')]),
        Mistake("no attribute b", "After `build` the layer has no `self.b`. The two weights are made there and kept as attributes called `W` and `b`.",
                replace=[('self.b = self.add_weight', 'self.bias = self.add_weight'), ('affine(x, self.W, self.b)', 'affine(x, self.W, self.bias)')]),
    ],
    uses=[AFFINE],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "initializer left out": "add_weight then draws random numbers by itself",
               "-1 in place of 1": "of (m, d) the entry 1 is the last too"},
    right=[LayerByOperator, LayerByKerasOps, LayerByVariables, LayerByTanh],
    hints=("A layer has two moments. When it first sees an input it learns how many inputs there are and can make its weights; that is build. Whenever it is called, it "
           "computes; that is call.",
           "W (d, n) with d = input_shape[-1], b (1, n); y = σ(x W + b), (m, n).",
           "in build: self.W from self.add_weight with shape=…, initializer=… (a random one), self.b likewise with zeros; in call: affine with x and both weights, "
           "then tf.sigmoid"),
    why="d is not known when the layer is made, only when it meets its first input: that is why the weights wait for build. add_weight registers them, so that "
        "`trainable_weights`, saving and optimizers find them.",
    after="Keras now counts your weights among its own: a layer is nothing but weights with a rule.")

# --- SubclassModel ---------------------------------------------------------------------------------------------------


def play_model(cls, x, W, b):
    """A model is made and called, its weights are given by their shapes, whatever their names; then it is called in both modes."""
    (d, n), x = W.shape, tf.constant(x)
    model = cls(n)
    for on in (True, False):  # in one of them the layer meets its input
        model(x[:1], isidentity=on)
    count = int(sum(np.prod(w.shape) for w in model.trainable_weights))
    for weight in model.weights:
        weight.assign(W if tuple(weight.shape) == (d, n) else np.resize(b, weight.shape))
    found = {"result": model(x), "with isidentity=False": model(x, isidentity=False), "with isidentity=True": model(x, isidentity=True)}
    if not count and not same_data(plain(found["result"]), plain(model(x))):
        found["result"] = found["with isidentity=False"] = Odd("each call gives another result, and the model holds no weights")
    return {"number of weights": count, **found}


class ModelWithOurLayer(keras.Model):
    def __init__(self, n_output_nodes):
        super().__init__()
        self.layer = ex.OurDenseLayer(n_output_nodes)

    def call(self, inputs, isidentity=False):
        return inputs if isidentity else self.layer(inputs)


class ModelWithActivationApart(keras.Model):
    def __init__(self, n_output_nodes):
        super().__init__(name="apart")
        self.steps = [keras.layers.Dense(n_output_nodes), keras.layers.Activation("sigmoid")]

    def call(self, x, isidentity=False):
        y = x
        for step in self.steps:
            y = step(y)
        if not isidentity:
            return y
        return tf.identity(x)


class ModelWithSequential(keras.Model):
    def __init__(self, n):
        super().__init__()
        self.net = keras.Sequential([keras.layers.Dense(n, activation=tf.nn.sigmoid)])

    def call(self, inputs, isidentity=False, training=None):
        if not isidentity:
            inputs = self.net(inputs)
        return inputs


class ModelWithLogits(keras.Model):
    def __init__(self, n_output_nodes):
        super().__init__()
        self.linear = keras.layers.Dense(n_output_nodes, kernel_initializer="he_normal", bias_initializer="ones")

    def call(self, inputs, isidentity=False):
        if isidentity is True:
            return 1 * inputs
        else:
            return keras.ops.sigmoid(self.linear(inputs))


class ModelWithActivationSwitchedOff(keras.Model):
    def __init__(self, n_output_nodes):
        super().__init__()
        self.linear = keras.layers.Dense(n_output_nodes)

    def call(self, inputs, isidentity=False):
        z = self.linear(inputs)
        return z if isidentity else tf.sigmoid(z)


class ModelWithLayerInCall(keras.Model):
    def __init__(self, n_output_nodes):
        super().__init__()
        self.n_output_nodes = n_output_nodes

    def call(self, inputs, isidentity=False):
        if isidentity:
            return inputs
        return keras.layers.Dense(self.n_output_nodes, activation="sigmoid")(inputs)


MODEL = Exercise(
    ex.SubclassModel, title="A model with a switch", difficulty=2, importance=2, minutes=8,
    draw=draw_layer, sizes=[{"m": 1, "d": 2, "n": 3}, {"m": 3, "d": 4, "n": 2}, {"m": 4, "d": 3, "n": 5}],
    returns="model", names=NAMES, play=play_model, costly=True,
    mistakes=[
        Mistake("switch turned round", "The switch works the wrong way round: with isidentity=True the inputs pass, otherwise the layer computes.",
                replace=("if isidentity:", "if not isidentity:")),
        Mistake("switch without effect", "isidentity=True changes nothing: the inputs should pass untouched then.", replace=("if isidentity:", "if False:")),
        Mistake("always the identity", "The inputs come back each time; without the switch the layer has to compute.", replace=("if isidentity:", "if True:")),
        Mistake("the layer's result thrown away", "The inputs come back each time, and what the layer computes is thrown away. Without the switch it is what is wanted.",
                replace=("return self.dense_layer(inputs)", "self.dense_layer(inputs)\n        return inputs")),
        Mistake("call returns nothing", "`call` gives back None where the layer should compute: is a `return` missing?",
                replace=("return self.dense_layer(inputs)", "self.dense_layer(inputs)")),
        Mistake("zeros for the identity", "With isidentity=True zeros come back. The inputs should pass, as they are.",
                replace=("return inputs", "return tf.zeros_like(inputs)")),
        Mistake("on by default", "The switch is on by default. Without isidentity the layer has to compute.", replace=("isidentity=False", "isidentity=True")),
        Mistake("sigmoid forgotten", "The sigmoid is missing: a Dense layer has no activation unless it is given one.", replace=(', activation="sigmoid"', "")),
        Mistake("relu for the sigmoid", "The activation is the relu; the sigmoid is asked for.", replace=('"sigmoid"', '"relu"')),
        Mistake("tanh for the sigmoid", "The activation is the tanh; the sigmoid is asked for.", replace=('"sigmoid"', '"tanh"')),
        Mistake("softmax for the sigmoid", "The activation is the softmax, which makes the units share 1 among them; the sigmoid looks at each unit alone.",
                replace=('"sigmoid"', '"softmax"')),
        Mistake("sigmoid twice", "The sigmoid is taken twice, in the layer and once more behind it.",
                replace=("return self.dense_layer(inputs)", "return tf.sigmoid(self.dense_layer(inputs))")),
        Mistake("sigmoid of the inputs", "With isidentity=True the sigmoid of the inputs comes back. They should pass untouched.",
                replace=("return inputs", "return tf.sigmoid(inputs)")),
        Mistake("activation only switched off", "With isidentity=True the layer still computes, only without its sigmoid. The *inputs* should come back, as they are.",
                function=ModelWithActivationSwitchedOff),
        Mistake("no bias", "The layer has no bias.", replace=('activation="sigmoid"', 'activation="sigmoid", use_bias=False')),
        Mistake("one unit", "The layer has one unit, whatever n_output_nodes is.", replace=("Dense(n_output_nodes,", "Dense(1,")),
        Mistake("layer made in call", "The layer is made anew in `call`, with new random weights each time, and Keras never learns of them. A layer is made once, in "
                "`__init__`, and kept in `self`.",
                function=ModelWithLayerInCall),
        Mistake("both returned", "Inputs and result come back together. One of them is wanted, which one the switch says.",
                replace=("return self.dense_layer(inputs)", "return inputs, self.dense_layer(inputs)")),
        Mistake("two layers", "The inputs go through two dense layers; one is asked for.",
                replace=[('activation="sigmoid")', 'activation="sigmoid")\n        self.second = keras.layers.Dense(n_output_nodes, activation="sigmoid")'),
                         ("return self.dense_layer(inputs)", "return self.second(self.dense_layer(inputs))")]),
        Mistake("super().__init__() left out", "`super().__init__()` has to come first: without it Keras cannot keep account of layers.",
                replace=("super().__init__()", "pass")),
    ],
    unchanged={"steps exchanged": "Keras notices that and makes up for it"},
    right=[ModelWithOurLayer, ModelWithActivationApart, ModelWithSequential, ModelWithLogits],
    hints=("A subclassed model is a Python class: in `__init__` it gets its parts, in `call` it says what happens to an input. Since `call` is Python, it may contain an "
    "`if`.",
           "isidentity=False: y = σ(x W + b), (m, n). isidentity=True: y = x, (m, d).",
           "in __init__: keep a keras.layers.Dense with n_output_nodes units and a sigmoid in self; in call: if isidentity return inputs, otherwise the layer of them"),
    why="A layer that is an attribute of the model is found by Keras, with its weights. What `call` does with it is plain Python, branches and loops included.",
    after="This freedom is what subclassing is for; where a net is a plain stack, `keras.Sequential` is shorter.")

# --- gradient_of -----------------------------------------------------------------------------------------------------

MATRIX = np.array([[2.0, -1.0, 0.5], [0.3, 1.0, -0.7], [1.5, 0.2, -2.0]])

FUNCTIONS = {
    "sum of x²": lambda x: tf.reduce_sum(x ** 2),
    "sum of x·sin(3x)": lambda x: tf.reduce_sum(x * tf.sin(3 * x)),
    "exp of −sum of x²/4": lambda x: tf.exp(-tf.reduce_sum(x * x) / 4),
    "log of the sum of exp(x)": lambda x: tf.math.log(tf.reduce_sum(tf.exp(x))),
    "xᵀMx": lambda x: tf.reduce_sum(x * tf.linalg.matvec(tf.constant(MATRIX, x.dtype), x)),
    "mean of x⁴ − x": lambda x: tf.reduce_mean(x ** 4 - x),
    "sum of cosh(x − 1)": lambda x: tf.reduce_sum(tf.cosh(x - 1)),
    "sum of (x − 2)⁴ and x²": lambda x: tf.reduce_sum((x - 2) ** 4 / 8 + x ** 2),
}
KINDS = {"an array": lambda x: x, "a tensor": tf.constant, "a variable": tf.Variable}


def draw_point(rng, f, shape, given, dtype="float32"):
    return f, rng.uniform(-1.2, 1.2, shape).round(2).astype(dtype), given


def play_gradient(function, f, x, given):
    """The learner's function on a function that counts its calls, and a point given as array, tensor or variable."""
    calls = []

    def counted(point):
        calls.append(1)
        return FUNCTIONS[f](point)
    gradient = function(counted, KINDS[given](x))
    return {"gradient": gradient, "calls of f": "a few at most" if len(calls) <= 3 else "many"}


def gradient_persistent(f, x):
    x = tf.Variable(x)
    with tf.GradientTape(persistent=True) as t:
        y = f(x)
    g = t.gradient(y, x)
    del t
    return g.numpy()


def gradient_of_list(f, x):
    x = tf.identity(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([x])
        y = f(x)
    [dx] = tape.gradient(y, [x])
    return dx


def gradient_by_jacobian(f, x):
    point = tf.cast(x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(point)
        value = f(point)
    return tape.jacobian(value, point)


def gradient_in_graph(f, x):
    @tf.function
    def slope(x):
        return tf.gradients(f(x), [x])[0]
    return slope(tf.convert_to_tensor(x))


def forward_difference(f, x):
    x = np.array(x)
    gradient, at = np.zeros(x.shape), f(tf.constant(x))
    for i in np.ndindex(x.shape):
        nudged = x.copy()
        nudged[i] += 1e-3
        gradient[i] = (f(tf.constant(nudged)) - at) / 1e-3
    return gradient


def central_difference(f, x):
    x = np.array(x, float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-5
        gradient[i] = (f(tf.constant(x + step)) - f(tf.constant(x - step))) / 2e-5
    return gradient


DIFFERENCES = ("That is a finite difference: f is asked again for every entry of x, and the result is only nearly right. The tape asks f once and applies the chain rule "
               "to what it saw.")

GRADIENT = Exercise(
    ex.gradient_of, title="A gradient without calculus", difficulty=2, importance=3, minutes=10,
    draw=draw_point, returns="gradient", play=play_gradient, costly=True,
    sizes=[{"f": "sum of x²", "shape": (), "given": "a tensor"}, {"f": "sum of x·sin(3x)", "shape": (3,), "given": "an array"},
           {"f": "exp of −sum of x²/4", "shape": (2, 3), "given": "a tensor"}, {"f": "log of the sum of exp(x)", "shape": (5,), "given": "a variable"},
           {"f": "xᵀMx", "shape": (3,), "given": "an array", "dtype": "float64"}, {"f": "mean of x⁴ − x", "shape": (2, 1, 3), "given": "an array"},
           {"f": "sum of cosh(x − 1)", "shape": (), "given": "an array", "dtype": "float64"}],
    mistakes=[
        Mistake("not watched", "It gives None: the tape has not seen the way from x to f(x). A plain tensor is followed only from `tape.watch` on, and only what is "
                "computed inside "
                "the `with` block, by TensorFlow's operations and from this very tensor, is recorded. (None also comes back where the `return` is missing.)",
                replace=("        tape.watch(x)\n", "")),
        Mistake("not a tensor yet", "A tape watches tensors. x may come as an array of numpy: make it a tensor first.", replace=("tf.convert_to_tensor(x)", "x")),
        Mistake("the value for the gradient", "That is f(x), the value. The gradient is what the tape gives for it.", replace=("tape.gradient(y, x)", "y")),
        Mistake("sign", "The gradient points the other way: it points uphill; the minus belongs to the step of gradient descent.",
                replace=("return tape.gradient(y, x)", "return -tape.gradient(y, x)")),
        Mistake("added up", "The entries of the gradient are added up. There is one derivative for each entry of x.",
                replace=("return tape.gradient(y, x)", "return tf.reduce_sum(tape.gradient(y, x))")),
        Mistake("length of the gradient", "That is the length of the gradient. There is one derivative for each entry of x.",
                replace=("return tape.gradient(y, x)", "return tf.norm(tape.gradient(y, x))")),
        Mistake("a list", "A list with the gradient in it comes back: asked with a list, the tape answers with a list. One tensor is wanted.",
                replace=("tape.gradient(y, x)", "tape.gradient(y, [x])")),
        Mistake("value and gradient", "The value comes back with the gradient. Only the gradient is wanted.",
                replace=("return tape.gradient(y, x)", "return y, tape.gradient(y, x)")),
        Mistake("y squared", "That is the gradient of f(x)², not of f(x).", replace=("y = f(x)", "y = f(x) ** 2")),
        Mistake("second derivative", "That is the gradient of the gradient.",
                replace=[("    with tf.GradientTape() as tape:\n", "    with tf.GradientTape() as tape, tf.GradientTape() as inner:\n"), ("        tape.watch(x)\n", "      "
                "  tape.watch(x)\n        inner.watch(x)\n"),
                         ("        y = f(x)\n", "        y = f(x)\n        y = inner.gradient(y, x)\n")]),
        Mistake("unit length", "The gradient is divided by its length. Its length belongs to it: it says how steep f is.",
                replace=("return tape.gradient(y, x)", "g = tape.gradient(y, x)\n    return g / tf.norm(g)")),
        Mistake("flattened", "The gradient is flattened. It has the shape of x.", replace=("return tape.gradient(y, x)", "return tf.reshape(tape.gradient(y, x), [-1])")),
        Mistake("times x", "The gradient is multiplied by x.", replace=("return tape.gradient(y, x)", "return x * tape.gradient(y, x)")),
        Mistake("at 0", "That is the gradient at another point, 0: x has been replaced on the way.",
                replace=("tf.convert_to_tensor(x)", "tf.zeros_like(tf.convert_to_tensor(x))")),
        Mistake("at 1", "That is the gradient at another point, 1: x has been replaced on the way.",
                replace=("tf.convert_to_tensor(x)", "tf.ones_like(tf.convert_to_tensor(x))")),
        Mistake("finite differences", DIFFERENCES, function=forward_difference),
        Mistake("finite differences, central", DIFFERENCES, function=central_difference),
    ],
    unchanged={"convert_to_tensor left out": "of a variable or tensor it changes nothing"},
    right=[gradient_persistent, gradient_of_list, gradient_by_jacobian, gradient_in_graph],
    hints=("A tape records what happens to what it watches, inside a `with` block. Then it is asked, once, how the result depends on it.",
           "y = f(x), one number; ∂y/∂x has the shape of x.",
           "x to a tensor; with tf.GradientTape() as tape: watch x, y = f of x; return the tape's gradient of y with respect to x"),
    why="Forward, the tape keeps each operation with the values that went through it; backward, it goes through them from the last to the first and multiplies the slopes. "
        "That is what you did by hand in lab 03, for every operation that there is.",
    after="You will never have to derive a gradient by hand again, and you know what you are spared.")

# --- minimize_with_tape ----------------------------------------------------------------------------------------------


def draw_descent(rng, f, shape, steps, plain_number=False):
    x0 = rng.uniform(0.3, 1.2, shape).round(2) * rng.choice([-1, 1], shape)
    rate = float(rng.choice([0.02, 0.05, 0.07]))
    return f, float(x0) if plain_number else x0.astype(F32), rate, steps


def play_descent(function, f, x0, learning_rate, steps):
    found = taken_apart(function(FUNCTIONS[f], x0, learning_rate, steps), ("x", "history"))
    history = plain(found["history"])
    if isinstance(history, list | tuple) and all(isinstance(h, float | int | np.generic) or isinstance(h, np.ndarray) and h.size == 1 for h in history):
        history = np.array([np.reshape(h, ()) for h in history], F32)  # computed in float32, whatever it came in
    elif not isinstance(history, Odd | np.ndarray):
        history = Odd(f"`history` should be a list of numbers, it is {describe(history)}")
    return {"x": found["x"], "history": history}


def descent_by_gradient_of(f, x0, learning_rate, steps):
    x, history = tf.convert_to_tensor(x0), []
    for _ in range(steps):
        history.append(f(x))
        x = x - learning_rate * gradient_of(f, x)
    return x, history


def descent_by_optimizer(f, x0, learning_rate, steps):
    x, sgd, history = tf.Variable(x0, dtype=tf.float32), keras.optimizers.SGD(learning_rate), []
    while len(history) < steps:
        with tf.GradientTape() as tape:
            y = f(x)
        sgd.apply_gradients([(tape.gradient(y, x), x)])
        history += [y.numpy()]
    return x.numpy(), history


def descent_by_recursion(f, x0, learning_rate, steps):
    x = tf.constant(x0)
    if steps == 0:
        return x, []
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    end, rest = descent_by_recursion(f, x - learning_rate * tape.gradient(y, x), learning_rate, steps - 1)
    return end, [float(y), *rest]


def descent_in_graph(f, x0, learning_rate, steps):
    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return x - learning_rate * tape.gradient(y, x), y
    x, history = tf.cast(x0, tf.float32), np.zeros(steps, "float32")
    for i in range(steps):
        x, history[i] = step(x)
    return x, list(history)


def descent_for_ever_watching(f, x0, learning_rate, steps):
    x, history = tf.Variable(x0), []
    with tf.GradientTape() as tape:
        value = f(x)
    gradient = tape.gradient(value, x)
    for _ in range(steps):
        history.append(float(f(x)))
        x.assign_sub(learning_rate * gradient)
    return x, history


def descent_by_adam(f, x0, learning_rate, steps):
    x, adam, history = tf.Variable(x0), keras.optimizers.Adam(learning_rate), []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = f(x)
        history.append(float(value))
        adam.apply_gradients([(tape.gradient(value, x), x)])
    return x, history


STEP = "x.assign_sub(learning_rate * gradient)"
DESCENT = Exercise(
    ex.minimize_with_tape, title="Downhill on anything", difficulty=2, importance=3, minutes=12,
    draw=draw_descent, returns=("x", "history"), play=play_descent, costly=True, names={"steps": "the number of steps"},
    sizes=[{"f": "sum of (x − 2)⁴ and x²", "shape": (), "steps": 3}, {"f": "sum of cosh(x − 1)", "shape": (3,), "steps": 1},
           {"f": "log of the sum of exp(x)", "shape": (2, 2), "steps": 4}, {"f": "sum of x·sin(3x)", "shape": (), "steps": 5, "plain_number": True},
           {"f": "mean of x⁴ − x", "shape": (4,), "steps": 2}, {"f": "sum of x²", "shape": (2,), "steps": 0}],
    mistakes=[
        Mistake("uphill", "It climbs: the gradient points uphill, and the step goes against it, x − learning_rate · gradient.",
                replace=(STEP, "x.assign_add(learning_rate * gradient)")),
        Mistake("no learning rate", "The steps are as long as the gradient itself: learning_rate is not used.", replace=(STEP, "x.assign_sub(gradient)")),
        Mistake("x for the gradient", "x is shortened by a part of itself: what is multiplied by the learning rate is x, not the gradient.",
                replace=(STEP, "x.assign_sub(learning_rate * x)")),
        Mistake("x never moved", "x stays where it was: the gradient is computed, but no step is made.", replace=(STEP, "pass")),
        Mistake("x set to the step", "x is set to the step instead of being moved by it: `assign` replaces, `assign_sub` subtracts.",
                replace=(STEP, "x.assign(learning_rate * gradient)")),
        Mistake("the same gradient each time", "Every step uses the gradient of the start. The slope changes on the way: a new tape for each step.",
                function=descent_for_ever_watching),
        Mistake("history after the step", "`history` holds the values from after each step. Those from before are wanted, the first one is f(x0).",
                replace=[("        history.append(float(value))\n", ""), ("        " + STEP, "        " + STEP + "\n        history.append(float(f(x)))")]),
        Mistake("one value too many", "`history` has one value too many, that of the end. One a step is wanted, each from before its step.",
                replace=("    return x, history", "    history.append(float(f(x)))\n    return x, history")),
        Mistake("history of x", "`history` holds x. The values f(x) are wanted.", replace=("history.append(float(value))", "history.append(x.numpy())")),
        Mistake("history of gradients", "`history` holds gradients. The values f(x) are wanted.",
                replace=[("        history.append(float(value))\n", ""), ("        " + STEP, "        " + STEP + "\n        history.append(gradient)")]),
        Mistake("last value only", "`history` holds the last value alone. All of them are wanted, one a step. (Does the list begin anew in each turn of the loop?)",
                replace=("    return x, history", "    return x, history[-1:]")),
        Mistake("history a number", "`history` is a number, the last value. A list of all of them is wanted.", replace=("    return x, history", "    return x, float(f(x))")),
        Mistake("results in another order", "Both are right but stand in another order: x comes first.", replace=("return x, history", "return history, x")),
        Mistake("only x returned", "Only x comes back. Two things are wanted, x and history.", replace=("return x, history", "return x")),
        Mistake("x0 returned", "The start x0 comes back, not the place where the last step ended.", replace=("return x, history", "return x0, history")),
        Mistake("the value for x", "f(x) comes back in the place of x.", replace=("return x, history", "return f(x), history")),
        Mistake("variable turned into a tensor", "`x = x - …` puts a plain tensor where the variable was, and a tape does not watch plain tensors: from the second step on "
                "the gradient is None. "
                "A variable is changed in its place (`assign_sub`), or the tensor is watched.", replace=(STEP, "x = x - learning_rate * gradient")),
        Mistake("a constant not watched", "x is a constant, which a tape does not watch by itself: the gradient is None. Make it a `tf.Variable`, or watch it.",
                replace=("tf.Variable(x0)", "tf.constant(x0)")),
        Mistake("sign of the gradient", "Only the sign of the gradient is used, so all steps are equally long.",
                replace=(STEP, "x.assign_sub(learning_rate * tf.sign(gradient))")),
        Mistake("unit steps", "The gradient is divided by its length, so all steps are equally long. Gradient descent takes it as it is.",
                replace=(STEP, "x.assign_sub(learning_rate * gradient / tf.norm(gradient))")),
        Mistake("Adam", "The steps are Adam's. Plain gradient descent is asked for, x − learning_rate · gradient.", function=descent_by_adam),
        Mistake("starts at zero", "The way begins at 0, not at x0.", replace=("tf.Variable(x0)", "tf.Variable(tf.zeros_like(x0))")),
        Mistake("one step only", "Only one step is made, whatever `steps` says: is the `return` inside the loop?",
                replace=("    return x, history", "        return x, history\n    return x, history")),
        Mistake("begins anew in each step", "Each step begins at x0 again, so that only one step is ever made: x is made inside the loop. It is made once, before it.",
                replace=("    for _ in range(steps):\n", "    for _ in range(steps):\n        x = tf.Variable(x0)\n")),
        Mistake("return inside the loop", "Only one step is made, and with 0 steps nothing comes back: the `return` stands inside the loop.",
                replace=("    return x, history", "        return x, history")),
        Mistake("learning rate over the step number", "The learning rate shrinks, divided by the number of the step. Here it stays what it is.",
                replace=(STEP, "x.assign_sub(learning_rate / len(history) * gradient)")),
        Mistake("learning rate decays", "The learning rate shrinks from step to step. Here it stays what it is.",
                replace=("        " + STEP, "        " + STEP + "\n        learning_rate = learning_rate * 0.9")),
    ],
    uses=[],
    unchanged={"float left out": "a tensor of rank 0 is fine", "steps exchanged": "the two steps do not depend on each other"},
    right=[descent_by_gradient_of, descent_by_optimizer, descent_by_recursion, descent_in_graph],
    hints=("The loop is that of lab 01: value, gradient, step. Only the gradient is not yours any more.",
           "for each step: y = f(x) on a new tape; history gets y; x ← x − learning_rate · ∂y/∂x.",
           "x a tf.Variable of x0, history an empty list; loop over steps: with a tape, value = f of x; append it; gradient from the tape; x.assign_sub of rate times "
           "gradient; return both"),
    why="A tape is used up by one gradient, so each step needs its own. assign_sub changes the variable in place, so the next tape watches the same one.",
    after="Any function that you can write in TensorFlow can now be minimised.")

# --- train_step ------------------------------------------------------------------------------------------------------

LOSSES = {"cross-entropy": lambda: keras.losses.BinaryCrossentropy(), "squared error": lambda: keras.losses.MeanSquaredError(),
          "Poisson": lambda: keras.losses.Poisson()}
OPTIMIZERS = {"SGD": lambda rate: keras.optimizers.SGD(rate), "SGD with momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
              "Adam": lambda rate: keras.optimizers.Adam(rate)}
NETS = {
    "one layer": lambda: [keras.layers.Dense(2, "sigmoid")],
    "two layers": lambda: [keras.layers.Dense(3, "tanh"), keras.layers.Dense(1, "sigmoid")],
    "one layer with two penalties": lambda: [keras.layers.Dense(2, "sigmoid", kernel_regularizer=keras.regularizers.L2(0.1),
                                                                bias_regularizer=keras.regularizers.L1(0.05))],
    "batch normalisation between two layers": lambda: [keras.layers.Dense(3), keras.layers.BatchNormalization(momentum=0.5), keras.layers.Dense(2, "sigmoid")],
    "two layers, the first frozen": lambda: [keras.layers.Dense(3, "tanh", trainable=False), keras.layers.Dense(1, "sigmoid")],
}
INPUTS = 3


def draw_training(rng, m, net, optimizer, loss):
    model = build(net)
    weights = [(np.abs(v) + 0.5 if "variance" in w.path else v) for w in model.weights for v in [rng.normal(0, 0.8, w.shape).round(2).astype(F32)]]
    x = rng.normal(size=(m, INPUTS)).round(2).astype(F32)
    return net, optimizer, loss, weights, x, rng.integers(0, 2, (m, model.stack[-1].units)).astype(F32), float(rng.choice([0.05, 0.1, 0.2]))


class Stack(keras.Model):
    """Layers one behind the other, like keras.Sequential, but built without tracing a graph, which takes most of the time of a case."""

    def __init__(self, layers):
        super().__init__()
        self.stack = layers

    def build(self, shape):
        for layer in self.stack:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, x, training=None):
        for layer in self.stack:
            x = layer(x, training=training)
        return x


def build(net):
    model = Stack(NETS[net]())
    model.build((None, INPUTS))
    return model


def play_training(function, net, optimizer, loss, weights, x, y, learning_rate):
    """A model and an optimizer are made and given their state; then two steps, on the batch and on the batch turned round."""
    model, steps = build(net), OPTIMIZERS[optimizer](learning_rate)
    model.set_weights(weights)
    steps.build(model.trainable_variables)
    losses = []
    for turn in (1, -1):
        value = plain(function(model, steps, LOSSES[loss](), tf.constant(x[::turn] * turn), tf.constant(y[::turn])))
        losses.append(F32(value) if isinstance(value, float) else value)
    after = np.concatenate([w.numpy().ravel() for w in model.weights])
    return {"loss": losses[0], "loss of the next step": losses[1], "weights after two steps": after}


def step_by_hand_for_penalties(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
        for penalty in model.losses:
            loss += penalty
    variables = model.trainable_variables
    optimizer.apply(tape.gradient(loss, variables), variables)
    return float(loss)


def step_with_weights(model, optimizer, loss_fn, x, y):
    with tf.GradientTape(watch_accessed_variables=False) as t:
        for w in model.trainable_weights:
            t.watch(w.value)
        out = model(x, training=True)
        total = tf.add_n([loss_fn(y, out)] + model.losses)
    gradients = t.gradient(total, [w.value for w in model.trainable_weights])
    optimizer.apply_gradients(list(zip(gradients, model.trainable_weights)))
    return total.numpy()


def step_persistent(model, optimizer, loss_fn, x, y):
    tape = tf.GradientTape(persistent=True)
    with tape:
        y_pred = model(x, training=True)
        loss = tf.reduce_sum([loss_fn(y_true=y, y_pred=y_pred), *model.losses])
    for_each = [tape.gradient(loss, v) for v in model.trainable_variables]
    optimizer.apply_gradients(zip(for_each, model.trainable_variables))
    return loss


def step_in_graph(model, optimizer, loss_fn, x, y):
    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True)) + sum(model.losses)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss
    return step(x, y)


def step_by_keras(model, optimizer, loss_fn, x, y):
    model.compile(optimizer=optimizer, loss=loss_fn, run_eagerly=True)
    return model.train_on_batch(x, y)


def step_twice(model, optimizer, loss_fn, x, y):
    ex.train_step(model, optimizer, loss_fn, x, y)
    return ex.train_step(model, optimizer, loss_fn, x, y)


def step_by_own_rule(model, optimizer, loss_fn, x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True)) + sum(model.losses)
    variables = model.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables)):
        variable.assign_sub(optimizer.learning_rate * gradient)
    return loss


APPLY = "optimizer.apply_gradients(zip(gradients, model.trainable_variables))"
CALL = "loss_fn(y, predictions) + sum(model.losses)"
TRAIN = Exercise(
    ex.train_step, title="The training step", difficulty=3, importance=3, minutes=15,
    draw=draw_training, returns="loss", play=play_training, costly=True, names=NAMES,
    sizes=[{"m": 1, "net": "one layer", "optimizer": "SGD", "loss": "squared error"}, {"m": 4, "net": "one layer", "optimizer": "SGD", "loss": "Poisson"},
           {"m": 5, "net": "two layers", "optimizer": "SGD with momentum", "loss": "cross-entropy"},
           {"m": 3, "net": "one layer with two penalties", "optimizer": "SGD", "loss": "cross-entropy"},
           {"m": 6, "net": "batch normalisation between two layers", "optimizer": "SGD", "loss": "Poisson"},
           {"m": 3, "net": "two layers, the first frozen", "optimizer": "Adam", "loss": "Poisson"}],
    mistakes=[
        Mistake("not in training mode", "The model is not told that it trains. Layers such as batch normalisation and dropout do something else then: training=True.",
                replace=("model(x, training=True)", "model(x)")),
        Mistake("penalties left out", "`model.losses` is left out: the penalties of regularizers are neither counted nor followed.",
                replace=(CALL, "loss_fn(y, predictions)")),
        Mistake("penalties not followed", "The penalties are in the loss that comes back, but not in the one that the tape recorded, so the gradients do not know of them.",
                replace=[(CALL, "loss_fn(y, predictions)"), ("return loss", "return loss + sum(model.losses)")]),
        Mistake("penalties not reported", "The gradients know of the penalties, but the loss that comes back is without them.",
                replace=("return loss", "return loss - sum(model.losses)")),
        Mistake("only the first penalty", "Only the first of `model.losses` is counted. There is one for each regularizer.",
                replace=("sum(model.losses)", "sum(model.losses[:1])")),
        Mistake("mean of the penalties", "The mean of `model.losses` is counted. All of them count, each with the weight that its layer gave it: their sum.",
                replace=("sum(model.losses)", "(sum(model.losses) / max(len(model.losses), 1))")),
        Mistake("penalties twice", "The penalties are counted twice.", replace=("sum(model.losses)", "2 * sum(model.losses)")),
        Mistake("labels and predictions exchanged", "Labels and predictions have changed places: a Keras loss takes y_true first, then y_pred.",
                replace=("loss_fn(y, predictions)", "loss_fn(predictions, y)")),
        Mistake("no step", "The weights stay as they were: the gradients never reach the optimizer.", replace=(APPLY, "pass")),
        Mistake("uphill", "The loss goes up: the sign of the gradients is turned round. The optimizer subtracts by itself.",
                replace=("zip(gradients,", "zip([-g for g in gradients],")),
        Mistake("loss after the step", "The loss that comes back is from after the step; it should be the one the gradients were made of.",
                replace=("return loss", "return loss_fn(y, model(x)) + sum(model.losses)")),
        Mistake("loss doubled", "The loss is counted twice.", replace=("loss_fn(y, predictions)", "2 * loss_fn(y, predictions)")),
        Mistake("half the loss", "The loss is halved.", replace=("loss_fn(y, predictions)", "loss_fn(y, predictions) / 2")),
        Mistake("only the first variable", "Only the first of the variables is trained; each has its gradient.", replace=("zip(gradients, model", "zip(gradients[:1], model")),
        Mistake("sign of the gradients", "Only the sign of each gradient goes to the optimizer; its size matters too.",
                replace=("zip(gradients,", "zip([tf.sign(g) for g in gradients],")),
        Mistake("two steps in one", "Two steps are made in one call.", function=step_twice),
        Mistake("gradients applied twice", "The gradients are applied twice.", replace=(APPLY, APPLY + "\n    " + APPLY)),
        Mistake("a step by hand", "The weights are moved by a rule of your own. That is plain gradient descent, and right for SGD; but momentum and Adam keep a state and "
                "move otherwise. "
                "Give the gradients to the optimizer.", function=step_by_own_rule),
        Mistake("an optimizer of its own", "The weights are moved by another rule than that of the optimizer: a new one made in the function, or a step by hand with a "
                "learning rate of its own. "
                "The one that is given has its rule and rate, and remembers earlier steps.",
                replace=("    with tf.GradientTape()", "    optimizer = keras.optimizers.SGD(0.01)\n    with tf.GradientTape()")),
        Mistake("an Adam of its own", "A new optimizer is made in the function. The one that is given has its own rule and learning rate, and remembers earlier steps.",
                replace=("    with tf.GradientTape()", "    optimizer = keras.optimizers.Adam()\n    with tf.GradientTape()")),
        Mistake("weights that are not trainable", "All weights of the model are treated alike. Those that are not trainable, frozen ones and the averages of batch "
                "normalisation, are not the "
                "optimizer's: `model.trainable_variables` holds the ones to train.",
                replace=[("tape.gradient(loss, model.trainable_variables)", "tape.gradient(loss, model.weights)"), ("zip(gradients, model.trainable_variables)",
                "zip(gradients, model.weights)")]),
        Mistake("only the last layer", "Only the last layer is trained: the list of variables has to hold those of all layers.",
                replace=[("tape.gradient(loss, model.trainable_variables)", "tape.gradient(loss, model.trainable_variables[-2:])"),
                         ("zip(gradients, model.trainable_variables)", "zip(gradients, model.trainable_variables[-2:])")]),
        Mistake("only the first layer", "Only the first layer is trained: the list of variables has to hold those of all layers.",
                replace=[("tape.gradient(loss, model.trainable_variables)", "tape.gradient(loss, model.trainable_variables[:2])"),
                         ("zip(gradients, model.trainable_variables)", "zip(gradients, model.trainable_variables[:2])")]),
        Mistake("pairs the wrong way round", "In each pair the gradient comes first, then its variable.",
                replace=("zip(gradients, model.trainable_variables)", "zip(model.trainable_variables, gradients)")),
        Mistake("gradients and variables paired wrongly", "The pairs of gradient and variable do not belong together: both lists have to be in the same order.",
                replace=("zip(gradients,", "zip(gradients[::-1],")),
        Mistake("predictions outside the tape", "The model is called before the tape begins to record, so the tape has not seen how the loss depends on the weights, and "
                "the gradients are None.",
                replace=("    with tf.GradientTape() as tape:\n        predictions = model(x, training=True)\n", "    predictions = model(x, training=True)\n    with "
                "tf.GradientTape() as tape:\n")),
        Mistake("loss outside the tape", "The loss is computed after the tape has stopped recording, so the gradients are None.",
                replace=("        loss = loss_fn", "    loss = loss_fn")),
        Mistake("nothing returned", "The step is made, but the loss does not come back.", replace=("    return loss", "    return None")),
        Mistake("predictions returned", "The predictions come back in the place of the loss.", replace=("return loss", "return predictions")),
        Mistake("gradients returned", "The gradients come back in the place of the loss.", replace=("return loss", "return gradients")),
        Mistake("loss of a summed batch", "The loss is multiplied by the number of examples, as if summed over the batch. loss_fn gives the mean, and that is wanted.",
                replace=("loss_fn(y, predictions)", "loss_fn(y, predictions) * len(x)")),
        Mistake("loss divided by m again", "The loss is divided by the number of examples once more; loss_fn has taken the mean already.",
                replace=("loss_fn(y, predictions)", "loss_fn(y, predictions) / len(x)")),
        Mistake("gradients clipped", "The gradients are cut to a largest length. That is a remedy of lab 04a, but nobody asked for it here.",
                replace=("zip(gradients,", "zip(tf.clip_by_global_norm(gradients, 0.1)[0],")),
        Mistake("another loss", "The squared error is computed, whatever loss_fn is.", replace=("loss_fn(y, predictions)", "tf.reduce_mean((y - predictions) ** 2)")),
    ],
    right=[step_by_hand_for_penalties, step_with_weights, step_persistent, step_in_graph, step_by_keras],
    hints=("Four things in order: predict, measure, differentiate, move. The first two have to be on the tape.",
           "loss = loss_fn(y, model(x)) + Σ model.losses; gradients of loss with respect to model.trainable_variables; optimizer.apply_gradients takes pairs (gradient, "
           "variable).",
           "with a tape: predictions = model of x, training=True; loss = loss_fn of y and predictions, plus the sum of model.losses; then gradients from the tape; "
           "optimizer.apply_gradients of zip(gradients, variables); return loss"),
    why="This is what `fit` does for each batch. Everything of lab 03's `deep_model` is in it: forward, cost, backward, update; each is one line now.",
    after="With these lines any net in the rest of the course can be trained.")

EXERCISES = [RANK, AFFINE, DENSE, MODEL, GRADIENT, DESCENT, TRAIN]
# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("rank", "A batch of 32 grey images of 28 × 28 pixels stands in a tensor (32, 28, 28, 1). Which rank has it, in TensorFlow's sense?", {
        "a": ("3, for the images are grey", "the last axis has length 1, but it is there."),
        "b": ("4", "one for each axis, whatever its length: example, row, column, channel."),
        "c": ("28, if the rows are independent", "that would be the rank of linear algebra, for a matrix."),
        "d": ("25 088", "that is the number of entries."),
    }, answer="b"),
    Quiz("tape", "In a net with two layers the gradient for the first layer's weights comes out as None, that for the second layer's is fine. What is likely?", {
        "a": ("the gradient is 0 there", "then it would be a tensor of zeros."),
        "b": ("the learning rate is too small", "it comes into play only after the gradients."),
        "c": ("between the two layers the values pass through numpy", "the tape cannot see through numpy, so it finds no way back to the first layer."),
        "d": ("the tape has to be persistent", "one question for all weights is one question."),
    }, answer="c"),
    Quiz("trace", "A function decorated with tf.function appends its loss to a list of Python. After 100 calls with tensors of the same shape the list holds …", {
        "a": ("100 numbers", "Python does not run any more once the graph is there."),
        "b": ("one symbolic tensor", "the line ran once, while tracing, when there were no numbers yet."),
        "c": ("nothing", "it ran once, while tracing."),
        "d": ("the last loss", "the list is not touched after the first call."),
    }, answer="b"),
]

LEAST, ENOUGH = 49.165, 49.17


def judge_arrangement(arrange):
    points = np.asarray(plain(arrange(12)), float)
    if points.shape != (12, 3):
        return False, f"The points have shape {points.shape}; (12, 3) is wanted, one point a row."
    if not np.allclose(np.linalg.norm(points, axis=1), 1, atol=1e-3):
        return False, "Not all points lie on the sphere: the rows should have length 1."
    i, j = np.triu_indices(12, 1)
    energy = float(np.sum(1 / np.maximum(np.linalg.norm(points[i] - points[j], axis=1), 1e-9)))
    return energy <= ENOUGH, f"The energy is {energy:.4f}; the least that anyone has found is {LEAST}, and {ENOUGH} is enough. Points put down at random have about 55 to 80."


CHALLENGE = Challenge(
    "twelve_points", "Twelve points on a sphere",
    "Write `arrange(n)`, an array (n, 3) of points on the unit sphere, so that for n = 12 the sum of 1/distance over all pairs is at most 49.17.", judge_arrangement)
