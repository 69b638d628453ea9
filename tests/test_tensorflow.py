"""The grading engine with TensorFlow and Keras: tensors as answers, exceptions, models by their structure."""
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from test_engine import make

from labutils import anatomy, structure
from labutils.answers import close
from labutils.calling import Fault, Odd, failure, gist, plain
from labutils.diagnosis import failure_sentence
from labutils.exercise import Exercise, Mistake
from labutils.grading import grade
from labutils.quiet import quiet
from labutils.variants import variants

L = keras.layers


# --- answers ---

@pytest.mark.parametrize("value", [tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0]), keras.Variable([1.0, 2.0]), tf.IndexedSlices(
    tf.constant([2.0, 1.0]), tf.constant([1, 0]), tf.constant([2]))])
def test_tensors_and_variables_are_arrays(value):
    got = plain({"a": [value]})["a"][0]
    assert type(got) is np.ndarray and got.dtype == np.float32 and got.tolist() == [1.0, 2.0]


def test_a_number_is_a_number_and_what_holds_none_says_so():
    kept = []
    tf.autograph.experimental.do_not_convert(tf.function(lambda x: kept.append(x)))(tf.ones(2))
    assert plain(tf.constant(3)).shape == ()
    assert all(isinstance(plain(v), Odd) and "symbolic" in plain(v).what for v in (keras.Input((3,)), kept[0]))
    assert "Dense" in plain(L.Dense(1)).what


def test_a_variable_kept_in_an_answer_does_not_move_with_it():
    v = tf.Variable([1.0])
    kept = plain(v)
    v.assign([2.0])
    assert kept[0] == 1.0


def test_float32_has_its_room_on_either_side():
    exact = np.array([1 / 3, 200.0])
    assert close(exact.astype(np.float32), exact) and close(exact, exact.astype(np.float32)) and close(exact * (1 + 1e-4), exact.astype(np.float32))
    assert not close(exact * (1 + 1e-4), exact) and not close(exact * 1.01, exact.astype(np.float32))


# --- an exercise on tensors, one on a layer ---

def affine(x, W):
    """x times W."""
    ### BEGIN SOLUTION
    return tf.matmul(x, W)
    ### END SOLUTION


def _matrices(rng, m, n):
    return rng.normal(size=(m, n)).astype("float32"), rng.normal(size=(n, 2)).astype("float32")


AFFINE = Exercise(affine, title="", difficulty=1, importance=1, minutes=1, draw=_matrices, sizes=[{"m": 3, "n": 3}, {"m": 1, "n": 4}, {"m": 4, "n": 3}],
                  returns="product", mistakes=[Mistake("twice", "It is doubled.", replace=("matmul(x, W)", "matmul(x, W) * 2"))], right=[], hints=("", "", ""),
                  why="", after="", costly=True)


@pytest.mark.parametrize("body", ["x @ tf.constant(W)", "np.dot(x, W)", "tf.linalg.matmul(x, W).numpy()", "np.dot(x.astype(float), W)", "tf.Variable(tf.matmul(x, W))",
                                  "keras.ops.matmul(x, W)", "tf.function(tf.matmul)(x, W)"])
def test_any_kind_of_array_is_an_answer(body):
    assert grade(AFFINE, make(f"def affine(x, W):\n    return {body}", tf=tf, keras=keras), {}).passed


@pytest.mark.parametrize("body, mistake", [("2 * (x @ tf.constant(W))", "twice"), ("-tf.matmul(x, W)", "sign"), ("tf.matmul(x, W) / 4", "factor 0.25"),
                                           ("tf.matmul(x, tf.ones_like(W))", "W without influence"), ("tf.matmul(x, W) + 1.5", "1.5 added")])
def test_wrong_tensors_are_explained(body, mistake):
    report = grade(AFFINE, make(f"def affine(x, W):\n    return {body}", tf=tf), {})
    assert not report.passed and report.mistake == mistake


def test_a_decorated_function_is_at_home_in_its_cell():
    source = "@tf.function\ndef affine(x, W):\n    return double(x, W) / 2"
    assert grade(AFFINE, make(source, tf=tf), {"double": lambda x, W: 2 * tf.matmul(x, W)}).passed


class Scale(L.Layer):
    """A layer with one weight for each input."""

    def build(self, input_shape):
        ### BEGIN SOLUTION
        self.w = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        ### END SOLUTION

    def call(self, x):
        ### BEGIN SOLUTION
        return self.w * x
        ### END SOLUTION


def _play_scale(cls, x, w):
    layer = cls()
    layer(x)
    layer.set_weights([w])
    return layer(x)


SCALE = Exercise(Scale, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, m, n: (rng.normal(size=(m, n)), rng.normal(size=n)),
                 sizes=[{"m": 1, "n": 2}, {"m": 3, "n": 2}, {"m": 2, "n": 4}], returns="output", play=_play_scale, costly=True, variants=False,
                 mistakes=[Mistake("added", "The weights are added.", replace=("self.w * x", "self.w + x"))], right=[], hints=("", "", ""), why="", after="")

RIGHT = ("class Scale(keras.layers.Layer):\n    def build(self, shape):\n        self.k = self.add_weight(shape=(shape[-1],))\n"
         "    def call(self, inputs):\n        return tf.einsum('mn,n->mn', inputs, self.k)")


def test_a_layer_is_graded_with_injected_weights():
    from labutils.diagnosis import mistaken

    assert grade(SCALE, make(RIGHT, tf=tf, keras=keras), {}).passed
    assert grade(SCALE, mistaken(SCALE, SCALE.mistakes[0]), {}).mistake == "added"
    wrong = grade(SCALE, make(RIGHT.replace("self.k)", "self.k + 1)"), tf=tf, keras=keras), {})
    assert not wrong.passed and wrong.mistake is None  # no variants here


def test_a_layer_is_not_attempted_while_a_method_is_missing():
    stub = RIGHT[:RIGHT.index("        return")] + "        raise NotImplementedError"
    assert grade(SCALE, make(stub, tf=tf, keras=keras), {}).status == "not attempted"


def test_an_exception_in_a_layer_is_shown_at_its_line():
    report = grade(SCALE, make(RIGHT.replace("tf.einsum('mn,n->mn', inputs, self.k)", "tf.matmul(inputs, self.k)"), tf=tf, keras=keras), {})
    assert report.status == "error" and "line 5" in report.message and "is flat" in report.message and "Arguments received" not in report.message


# --- exceptions in words ---

@pytest.mark.parametrize("body, words", [
    ("tf.matmul(a, b)", "cannot multiply `a` (3, 1) with `b` (3, 4). The inner sizes 1 and 3 differ"), ("a @ b", "cannot multiply `a` (3, 1)"),
    ("tf.matmul(tf.ones(3), b)", "`tf.ones(3)` (3,) is flat"), ("a + np.ones((2, 1), 'float32')", "cannot combine `a` (3, 1) with"),
    ("a + tf.ones((3, 1), 'float64')", "float32 meets float64"), ("tf.dot(a, b)", "do you mean `tf.matmul`"), ("keras.layers.Danse(1)", "`keras.layers.Dense`"),
    ("a.T", "`tf.transpose`"), ("a + None", "One value is None"), ("keras.layers.Dense(1)(tf.ones(3))", "expected min_ndim=2, found ndim=1")])
def test_exceptions_of_tensorflow_in_words(body, words):
    f = make(f"def f():\n    a, b = tf.ones((3, 1)), tf.ones((3, 4))\n    return {body}", tf=tf, keras=keras)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        f()
    found = failure(caught.value, f.__globals__)
    said = failure_sentence(found, AFFINE).says
    assert found.line == 3 and words in said and not any(noise in said for noise in ("[Op:", "{{", "\x1b", "Arguments received"))


def test_what_keras_wraps_around_a_message_is_left_out():
    wrapped = "Exception encountered when calling L.call().\n\n\x1b[1mIt is too large.\x1b[0m\n\nArguments received by L.call():\n  • x=3"
    assert gist(wrapped) == "It is too large."
    assert gist("in user code:\n\n    File \"a\", line 2, in f  *\n        return x\n\n    ValueError: It is too small.") == "It is too small."


# --- noise ---

def test_log_lines_and_progress_bars_are_kept_away(capsys):
    model = keras.Sequential([keras.Input((2,)), L.Dense(1)])
    model.compile(loss="mse")
    with quiet():
        model.fit(np.ones((4, 2)), np.ones((4, 1)))
        model.predict(np.ones((4, 2)))
        tf.get_logger().warning("retracing")
    assert capsys.readouterr() == ("", "")
    assert logging.root.manager.disable == 0 and keras.config.is_interactive_logging_enabled()


# --- models ---

def _block(separate, turned, sequential):
    """The same net, written in different ways."""
    dense = L.Dense(3)
    inputs = keras.Input((8, 8, 2))
    x = L.Conv2D(4, 3, padding="same")(inputs) if separate else L.Conv2D(4, (3, 3), padding="same", activation="relu")(inputs)
    x = keras.ops.relu(x) if separate else x
    branches = [lambda: L.MaxPooling2D()(x), lambda: L.BatchNormalization(axis=3)(L.Conv2D(4, 1, strides=2)(x))]
    if turned:
        a, b = branches[1](), branches[0]()
        y = b + a
    else:
        y = L.Add()([branches[0](), branches[1]()])
    if sequential:
        return keras.Model(inputs, keras.Sequential([keras.Input((4, 4, 4)), L.Flatten(), dense, L.Activation("softmax")])(y))
    return keras.Model(inputs, L.Softmax()(dense(L.Flatten()(y))))


def test_models_built_alike_are_described_alike_and_compute_alike():
    models = [_block(*ways) for ways in ((False, False, False), (True, True, False), (False, True, True))]
    descriptions = [structure.describe_model(m) for m in models]
    assert descriptions[0] == descriptions[1] == descriptions[2]
    assert "Dense(units=3, activation=softmax) → (3,)" in descriptions[0]["layers"] and descriptions[0]["parameters"] == models[0].count_params()
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 2)).astype("float32")
    for model in models:
        structure.fill(model, seed=3)
    assert np.ptp(models[0](x)) > 0.01
    assert all(np.allclose(models[0](x), m(x), atol=1e-6) for m in models)


@pytest.mark.parametrize("change", [
    lambda i: L.Dense(4, "tanh")(i), lambda i: L.Dense(5, "relu")(i), lambda i: L.Dense(4)(i), lambda i: L.Dense(4, "relu", use_bias=False)(i),
    lambda i: L.Dropout(0.2)(L.Dense(4, "relu")(i)), lambda i: L.Dense(4, "relu")(L.Dense(4, "relu")(i)),
    lambda i: L.Add()([L.Dense(4, "relu")(i)] * 2)])
def test_models_built_otherwise_are_not(change):
    def described(make):
        inputs = keras.Input((3,))
        return structure.describe_model(keras.Model(inputs, make(inputs)))
    assert described(change) != described(lambda i: L.Dense(4, "relu")(i))


def test_an_activation_folds_only_where_nothing_else_looks_behind_it():
    inputs = keras.Input((3,))
    x = L.Dense(3)(inputs)
    described = structure.describe_model(keras.Model(inputs, L.Add()([x, L.ReLU()(x)])))
    assert "Dense(units=3, activation=linear) → (3,)" in described["layers"] and "Activation(activation=relu) → (3,)" in described["layers"]


def test_variants_speak_of_tensorflow():
    source = "def f(x):\n    return tf.reduce_sum(tf.sigmoid(x)) * tf.matmul(x, x)"
    says = [v.says for v in variants(source, "f", {"tf": tf})]
    assert "`tf.reduce_mean` stood where `tf.reduce_sum` belongs" in says and "`tf.tanh` stood where the sigmoid belongs" in says


def test_a_named_mistake_may_end_in_something_odd():
    """What a tape has not watched has the gradient None: that has a name, and it is not a missing return."""
    def slope(x):
        """The slope of x²."""
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x ** 2)
        return tape.gradient(y, x)
    slope.__module__ = __name__

    def unwatched(x):
        return None
    exercise = Exercise(slope, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, m: (rng.normal(size=m),), sizes=[{"m": 2}, {"m": 3}],
                        returns="slope", play=lambda function, x: {"slope": function(tf.constant(x))}, mistakes=[Mistake("not watched", "", function=unwatched)],
                        right=[], hints=("", "", ""), why="", after="", costly=True, variants=False)
    assert grade(exercise, lambda x: None, {}).mistake == "not watched"
    assert grade(exercise, lambda x: "?", {}).mistake == "another type"


def test_what_is_said_of_a_variable_is_the_same_each_time():
    def unknown():
        model = keras.Sequential([keras.Input((2,)), L.Dense(3), L.Dense(1)])
        sgd = keras.optimizers.SGD()
        sgd.build(model.layers[0].weights)
        with pytest.raises(ValueError) as caught:
            sgd.apply([tf.ones(w.shape) for w in model.layers[1].weights], model.layers[1].weights)
        return gist(str(caught.value))
    first = unknown()
    assert first == unknown() and "variable `sequential/dense/kernel` (3, 1)" in first and "\n" not in first


# --- steps of a model ---

def _last(make, shape=(8, 6, 3)):
    inputs = keras.Input(shape)
    return anatomy.take_apart(keras.Model(inputs, make(inputs)))


@pytest.mark.parametrize("make, does, kind", [
    (L.ReLU(), "activation", "relu"), (L.Activation("tanh"), "activation", "tanh"), (keras.ops.sigmoid, "activation", "sigmoid"),
    (L.ReLU(max_value=6), "activation", "relu6"),
    (lambda x: keras.ops.maximum(x, 0), "activation", "relu"), (L.Lambda(lambda t: t * tf.cast(t > 0, t.dtype)), "activation", "relu"),
    (L.Reshape((-1,)), "flatten", "Reshape"),
    (L.Conv2D(4, 3, activation=lambda t: tf.nn.softmax(t)), "activation", "softmax"), (L.MaxPool2D(2), "pooling", "max"),
    (lambda x: keras.ops.average_pool(x, 3, 1, "same"), "pooling", "average"),
    (L.Dropout(0.5), "dropout", "Dropout"), (L.BatchNormalization(axis=3), "normalisation", "BatchNormalization"), (L.SeparableConv2D(2, 3), "other", "SeparableConv2D"),
    (L.GlobalAveragePooling2D(), "other", "global average pooling"), (lambda x: x + keras.ops.tanh(x), "sum", "Add"),
    (lambda x: L.Average()([x, keras.ops.tanh(x)]), "average", "Average"),
    (lambda x: keras.ops.concatenate([x, keras.ops.tanh(x)], axis=-1), "concatenation", "Concatenate"), (lambda x: x + x, "other", "Add"),
    (lambda x: keras.ops.multiply(x, 2), "other", "Multiply"), (L.Identity(), "input", "InputLayer")])
def test_what_a_step_does_is_found_by_trying(make, does, kind):
    step = _last(make)
    assert step.does == does and step.kind == kind


def test_a_model_is_taken_apart_with_the_models_in_it():
    part = keras.Sequential([L.ZeroPadding2D(1), L.Conv2D(3, 3, strides=2), L.Activation("linear")])
    step = _last(lambda x: L.Concatenate(axis=3)([L.MaxPool2D(2)(x), part(x)]))
    pool, conv = step.inputs
    assert step.axis == -1 and (pool.size, pool.stride) == ((2, 2), (2, 2))
    assert (conv.does, conv.filters, conv.size, conv.stride, conv.padding) == ("convolution", 3, (3, 3), (2, 2), "same")
    assert anatomy.chain(step) is None and [s.does for s in anatomy.chain(conv)] == ["convolution"] and len(anatomy.before(step)) == 4


def test_a_layer_that_is_used_twice_is_the_same_one():
    layer = L.Conv2D(3, 3, padding="same")
    one, two = anatomy.chain(_last(lambda x: layer(layer(x))))
    assert one is not two and one.layer is two.layer


# --- what a grader finds itself ---

def test_a_fault_that_play_has_found_speaks_by_its_name():
    def build(n):
        """A layer of n units."""
        ### BEGIN SOLUTION
        return L.Dense(n)
        ### END SOLUTION
    build.__module__ = __name__

    def play(function, n):
        units = function(n).units
        return "as asked" if units == n else Fault(f"There are {units} units for n = {n}.", "number of units")
    exercise = Exercise(build, title="", difficulty=1, importance=1, minutes=1, draw=lambda rng, n: (n,), sizes=[{"n": 2}, {"n": 3}], returns="layer", play=play, right=[],
                        mistakes=[Mistake("number of units", "", function=lambda n: L.Dense(2))], hints=("", "", ""), why="", after="", costly=True, variants=False)
    assert grade(exercise, lambda n: L.Dense(units=n), {}).passed
    report = grade(exercise, lambda n: L.Dense(2), {})
    assert report.mistake == "number of units" and report.message.count("There are 2 units for n = 3.") == 1


def test_a_layer_in_the_place_of_a_tensor_is_said():
    f = make("def f():\n    return keras.layers.ReLU()(keras.layers.ReLU())", keras=keras)
    with pytest.raises(ValueError) as caught:
        f()
    said = failure_sentence(failure(caught.value, f.__globals__), AFFINE).says
    assert "A layer stands where a tensor belongs" in said
