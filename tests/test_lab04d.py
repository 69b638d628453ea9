"""Lab 04d: what its graders catch, what the lab promises, what its helpers do."""
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from test_graders import graded

from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters
from labutils.labs.lab03_deep_net.exercises import deep_cost, initialize_parameters_deep, model_backward, model_forward
from labutils.labs.lab04d_tensorflow import graders
from labutils.labs.lab04d_tensorflow.exercises import OurDenseLayer, SubclassModel, gradient_of, matrix_rank_and_shape, minimize_with_tape, train_step

LAYER = ("class OurDenseLayer(keras.layers.Layer):\n    def __init__(self, n):\n        super().__init__()\n        self.n = n\n"
         "    def build(self, s):\n        self.W = self.add_weight(shape=(s[-1], self.n), initializer='glorot_normal')\n"
         "        self.b = self.add_weight(shape=(1, self.n), initializer='zeros')\n"
         "    def call(self, x):\n        return tf.sigmoid(tf.matmul(x, self.W) + self.b)\n")
MODEL = ("class SubclassModel(keras.Model):\n    def __init__(self, n):\n        super().__init__()\n        self.d = keras.layers.Dense(n, activation='sigmoid')\n"
         "    def call(self, inputs, isidentity=False):\n        return inputs if isidentity else self.d(inputs)\n")
STEP = ("def train_step(model, optimizer, loss_fn, x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(y, model(x, training=True)) + sum(model.losses)\n"
        "    g = tape.gradient(loss, model.trainable_variables)\n    optimizer.apply_gradients(zip(g, model.trainable_variables))\n    return loss\n")
DESCENT = ("def minimize_with_tape(f, x0, rate, steps):\n    x, history = tf.Variable(x0), []\n    for _ in range(steps):\n        with tf.GradientTape() as tape:\n"
           "            y = f(x)\n        history.append(y)\n        x.assign_sub(rate * tape.gradient(y, x))\n    return x, history\n")


@pytest.fixture
def lab(labs):
    return labs["04d_tensorflow"]


@pytest.mark.parametrize("name, source, words", [
    ("matrix_rank_and_shape", "def matrix_rank_and_shape(t):\n    return np.linalg.matrix_rank(t.numpy()), tuple(t.shape)", "independent rows"),
    ("matrix_rank_and_shape", "def matrix_rank_and_shape(t):\n    return tf.rank(t), t.shape", "TensorShape"),
    ("affine", "def affine(x, W, b):\n    return tf.matmul(W, x) + b", "examples in rows"),
    ("affine", "def affine(x, W, b):\n    return x * W + b", "entry by entry"),
    ("OurDenseLayer", LAYER.replace("self.add_weight(shape=(s[-1], self.n), initializer='glorot_normal')", "tf.Variable(tf.random.normal((s[-1], self.n)))")
     .replace("self.add_weight(shape=(1, self.n), initializer='zeros')", "tf.Variable(tf.zeros((1, self.n)))"), "Keras does not know them"),
    ("OurDenseLayer", LAYER.replace("'glorot_normal'", "'zeros'"), "twins"),
    ("OurDenseLayer", LAYER.replace("tf.matmul(x, self.W)", "np.dot(x, self.W.numpy())"), "invisible to the tape"),
    ("OurDenseLayer", LAYER.replace("shape=(s[-1], self.n)", "'W', shape=(s[-1], self.n)"), "keyword"),
    ("SubclassModel", MODEL.replace("if isidentity", "if not isidentity"), "wrong way round"),
    ("SubclassModel", MODEL.replace(", activation='sigmoid'", ""), "sigmoid is missing"),
    ("SubclassModel", MODEL.replace("self.d(inputs)", "keras.layers.Dense(self.d.units, activation='sigmoid')(inputs)"), "made anew"),
    ("gradient_of", "def gradient_of(f, x):\n    x = tf.constant(x)\n    with tf.GradientTape() as tape:\n        y = f(x)\n    return tape.gradient(y, x)", "tape.watch"),
    ("gradient_of", "def gradient_of(f, x):\n    x = np.array(x, float)\n    g = np.zeros(x.shape)\n    for i in np.ndindex(x.shape):\n"
     "        h = np.zeros(x.shape)\n        h[i] = 1e-5\n"
     "        g[i] = (f(tf.constant(x + h)) - f(tf.constant(x - h))) / 2e-5\n    return g", "finite difference"),
    ("minimize_with_tape", DESCENT.replace("x.assign_sub(rate *", "x = x - (rate *"), "plain tensor"),
    ("minimize_with_tape", DESCENT.replace("assign_sub", "assign_add"), "climbs"),
    ("train_step", STEP.replace(", training=True", ""), "not told that it trains"),
    ("train_step", STEP.replace(" + sum(model.losses)", ""), "penalties"),
    ("train_step", STEP.replace("loss_fn(y, model(x, training=True))", "loss_fn(model(x, training=True), y)"), "y_true first"),
    ("train_step", STEP.replace("model.trainable_variables", "model.weights"), "not trainable"),
])
def test_catches(lab, name, source, words):
    report = graded(lab, {"source": source, "exercise": name})
    assert not report.passed and report.mistake and words in report.message


def test_finite_differences_are_refused_however_good_they_are(lab):
    source = ("def gradient_of(f, x):\n    x = np.array(x, float)\n    g = np.zeros(x.shape)\n    for i in np.ndindex(x.shape):\n"
              "        h = np.zeros(x.shape)\n        h[i] = 1e-4\n"
              "        D = lambda h: (f(tf.constant(x + h)) - f(tf.constant(x - h))) / 2e-4\n        g[i] = (4 * D(h / 2) * 2 - D(h)) / 3\n    return g")
    assert not graded(lab, {"source": source, "exercise": "gradient_of"}).passed


def test_a_layer_that_broke_off_does_not_spoil_the_next_grade(lab):
    for _ in range(2):
        assert graded(lab, {"source": MODEL.replace("self.d(inputs)", "self.e(inputs)"), "exercise": "SubclassModel"}).status == "error"
        assert graded(lab, {"source": STEP, "exercise": "train_step"}).passed
        assert not graded(lab, {"source": STEP.replace(", training=True", ""), "exercise": "train_step"}).passed


def test_an_unfilled_class_is_not_attempted(lab):
    for name in ("OurDenseLayer", "SubclassModel"):
        stub = re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "raise NotImplementedError", lab.exercise(name).text, flags=re.DOTALL)
        assert graded(lab, {"source": stub, "exercise": name}).status == "not attempted"


# --- what the lab promises ---

def test_the_same_net_in_numpy_and_in_keras():
    rng = np.random.default_rng(0)
    X, Y, start = rng.normal(size=(6, 20)), rng.integers(0, 2, (1, 20)), initialize_parameters_deep([6, 5, 4, 1], rng)
    net = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, "relu"), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")])
    net.set_weights([w for l in (1, 2, 3) for w in (start[f"W{l}"].T, start[f"b{l}"][:, 0])])
    optimizer, loss_fn, parameters = keras.optimizers.SGD(0.1), keras.losses.BinaryCrossentropy(), start
    for _ in range(30):
        AL, caches = model_forward(X, parameters)
        loss = float(train_step(net, optimizer, loss_fn, tf.constant(X.T, tf.float32), tf.constant(Y.T, tf.float32)))
        assert np.isclose(loss, deep_cost(AL, Y), rtol=1e-5)
        parameters = update_parameters(parameters, model_backward(AL, Y, caches), 0.1)


def test_small_promises():
    assert matrix_rank_and_shape(tf.eye(5)) == (2, (5, 5)) and matrix_rank_and_shape(tf.constant(3)) == (0, ())
    assert gradient_of(lambda x: tf.sin(x * x), 1.2).numpy() == pytest.approx(0.31301697)
    x0 = np.float32([1.0, 2.0])
    x, history = minimize_with_tape(lambda x: tf.reduce_sum(x ** 2), x0, 0.1, 3)
    assert np.allclose(x, x0 * 0.8 ** 3) and len(history) == 3 and history[0] == 5 and x0.tolist() == [1.0, 2.0]
    layer, model = OurDenseLayer(2), SubclassModel(2)
    ones = tf.ones((3, 4))
    assert layer(ones).shape == (3, 2) and layer.count_params() == 10 and model(ones).shape == (3, 2)
    assert np.array_equal(model(ones, isidentity=True), ones)


def test_the_challenge_knows_the_sphere():
    corners = np.array([[0, s, t * (1 + 5 ** 0.5) / 2] for s in (1, -1) for t in (1, -1)])
    icosahedron = np.concatenate([np.roll(corners, k, axis=1) for k in range(3)])
    icosahedron /= np.linalg.norm(icosahedron, axis=1, keepdims=True)
    judge = graders.CHALLENGE.judge
    assert judge(lambda n: icosahedron)[0] and f"{graders.LEAST}" in judge(lambda n: icosahedron)[1]
    assert not judge(lambda n: 2 * icosahedron)[0] and not judge(lambda n: icosahedron[:11])[0]
    assert not judge(lambda n: icosahedron[[0, *range(11)]])[0]
