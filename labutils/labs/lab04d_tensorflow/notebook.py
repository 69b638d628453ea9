# %% [markdown]
# # 04d · TensorFlow: the machine does the calculus
#
# At the end of this lab you can build and train any net in TensorFlow and Keras, you know what the framework does behind each line, and you have
# seen it compute, to all digits that float32 has, what your own numpy computed in lab 03.
#
# You need lab 03 (a deep net by hand). Seven exercises, about 85 minutes. TensorFlow takes some seconds to load; the cell below does that.
#
# ## From columns to rows
#
# One thing changes from here on. In labs 00 to 04c an example was a *column*; textbooks like it so, because it lets a layer be written
# $WX + b$. Keras, like every framework and every table of data, has one example a *row*: the first axis counts examples.
#
# ![](img/columns_to_rows.png)
#
# Nothing new is computed: $(WX + b)^\top = X^\top W^\top + b^\top$. But whoever mixes the two layouts gets an error if they are lucky, and if a matrix
# happens to be square they get wrong numbers without one. From this lab on `X` is (m, n_x), `Y` is (m, 1), weights are (n_x, n).
#
# ## A derivative that nobody wants to take
#
# Here is a function that no one will ever differentiate by hand. *Predict first:* how many lines would its derivative need?

# %%
import ast
import inspect
import math
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from labutils import plots

keras.utils.set_random_seed(0)


def tangle(x):
    for _ in range(4):
        x = tf.sin(x * tf.exp(-x / 3)) + tf.sqrt(1 + x ** 2)
    return x


x = tf.Variable(0.7, dtype=tf.float64)
with tf.GradientTape() as tape:
    y = tangle(x)
slope = tape.gradient(y, x)
nudged = (tangle(x + 1e-6) - tangle(x - 1e-6)) / 2e-6
print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}")
print(f"slope by the tape {slope:.8f}, by nudging x {nudged:.8f}")

# %% [markdown]
# The tape needed none of it: it watched the computation and worked out the derivative by itself. In lab 03 much of the code was the way back. That is
# what a framework takes over, and the reason why frameworks exist. This lab shows how it is done, so that it does not have to be believed.
#
# ## Frameworks, and how to choose one
#
# All of them offer the same four things: arrays on any processor, derivatives by themselves, layers and optimizers ready made, and a compiler for
# what you wrote. This table was written in 2026; such tables age fast.
#
# | framework | since | from | what it is chosen for |
# |---|---|---|---|
# | Theano | 2008 | Montréal | first to compile whole nets and their gradients; no longer developed, its ideas live on in all the others |
# | Caffe | 2013 | Berkeley | vision nets described in text files; of historical interest |
# | TensorFlow | 2015 | Google | one program from experiment to server, browser, phone |
# | Keras | 2015 | F. Chollet | the layers and models you see here; since version 3 it runs on TensorFlow, JAX or PyTorch |
# | PyTorch | 2017 | Facebook, now a foundation | most research code is published in it |
# | JAX | 2018 | Google | functions that transform functions; large accelerators |
#
# How to choose? Take what the people around you use, for they will answer your questions. Take what the model you want to build on is written in. Ask
# where the result has to run. Speed is rarely the reason: the heavy work is done by the same libraries underneath. And what you learn
# carries over: tensors, tape, layers and a training step are in all of them, under almost the same names.

# %% [markdown] exercise="matrix_rank_and_shape"
# ## Tensors
#
# A *tensor* is an array: numbers of one type in a block with any number of axes. TensorFlow calls the number of axes the *rank*.
#
# ![](img/tensor_ranks.png)
# ###
# Say of any tensor how many dimensions it has, and how long each one is.
#
# *Predict first:* which rank has `tf.eye(5)`, the unit matrix with its five independent rows?

# %%
images = tf.zeros((10, 256, 256, 3))  # ten colour images: example, row, column, channel
for name, t in {"a batch of images": images, "one image of it": images[0], "its red channel": images[0, :, :, 0],
                "a row of that": images[0, 7, :, 0], "one number": images[0, 7, 7, 0], "tf.eye(5)": tf.eye(5)}.items():
    rank, shape = matrix_rank_and_shape(t)
    print(f"{name:18s} rank {int(rank)}, shape {shape}")

# %%
lab.quiz("rank")

# %% [markdown]
# ### What may change and what may not
#
# `tf.constant` makes a tensor whose numbers never change: every operation makes a new one. Weights have to change, so there is
# `tf.Variable`, a place with a tensor in it; `assign`, `assign_add` and `assign_sub` put another one there.
#
# And types are taken seriously. numpy converts float32 to float64 where both meet; TensorFlow refuses, because on a graphics card
# float64 is many times slower, and nobody should get there without noticing. *Predict first:* which of these four lines work?

# %%
def attempt(what, action):
    try:
        print(f"{what:38s} works:  {action()}")
    except Exception as error:
        print(f"{what:38s} refuses: {type(error).__name__}")


def write_into(t):
    t[0] = 5.0


c, v = tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0])
attempt("c + 1, a new constant", lambda: (c + 1).numpy())
attempt("v.assign_add([1, 1]), in its place", lambda: v.assign_add([1.0, 1.0]).numpy())
attempt("c[0] = 5, writing into a constant", lambda: write_into(c))
attempt("float32 + float64", lambda: c + tf.constant([1.0, 2.0], tf.float64))
print("one third in float32 and float64:", float(np.float32(1 / 3)), 1 / 3)

# %% [markdown]
# A Python number or an array of numpy is converted to fit (`c + 1`); two tensors of different types are not. Keras works in float32
# unless told otherwise: about seven digits, half the memory. Keep these seven digits in mind; we meet them again at the end.

# %% [markdown] exercise="affine"
# ## Layers
#
# A layer is some weights and a rule. You need two pieces: the rule, and a place where the weights are kept.
# ###
# First the rule, in rows: a batch `x` (m, d) comes in, (m, n) goes out.

# %%
from labutils.labs.lab03_deep_net.exercises import linear_forward

rng = np.random.default_rng(1)
A, W, b = rng.normal(size=(4, 6)), rng.normal(size=(3, 4)), rng.normal(size=(3, 1))
Z, _ = linear_forward(A, W, b)  # lab 03: six examples in columns
rows = affine(tf.constant(A.T), tf.constant(W.T), tf.constant(b.T))  # the same, in rows
print("lab 03", Z.shape, "here", rows.shape, "· largest difference", np.abs(Z.T - rows).max())

# %% [markdown] exercise="OurDenseLayer"
# Now the place. A Keras layer is a class with two methods that you fill in: `build` is called once, when the layer first meets an input and learns how
# wide it is; `call` is called every time. Weights made by `self.add_weight` are known to Keras: it can count, save and train them. In
# Keras 3 its arguments are given by keyword: `shape=`, `initializer=`.
#
# *Predict first:* how many weights has the layer before it has seen any input?

# %%
layer = OurDenseLayer(3)
print("before the first input:", len(layer.weights), "weights")
x = tf.constant(rng.normal(size=(5, 4)), tf.float32)
layer(x)
print("after it:", [tuple(w.shape) for w in layer.weights], "together", layer.count_params())
theirs = keras.layers.Dense(3, activation="sigmoid")
theirs(x)
theirs.set_weights([layer.W.numpy(), layer.b.numpy()[0]])
gap = float(tf.reduce_max(tf.abs(layer(x) - theirs(x))))
print("largest difference from keras.layers.Dense with the same weights:", gap)
assert gap < 1e-6, "our layer is a dense layer"

# %% [markdown] exercise="SubclassModel"
# Layers are put together to models. Where one follows the other, `keras.Sequential` says it shortest. Where something has to be decided on the way, write a
# class: the parts in `__init__`, the way through them in `call`, which is plain Python and may contain an `if`.
#
# Your model has one dense layer, and a switch. With `isidentity=True` it hands its inputs through: useful when you
# want to know what a part contributes.

# %%
model = SubclassModel(3)
inputs = tf.constant([[1.0, 2.0], [0.0, -5.0]])
print("the layer computes:\n", model(inputs).numpy().round(3))
print("the switch is on:\n", model(inputs, isidentity=True).numpy())
sequential = keras.Sequential([keras.Input((2,)), OurDenseLayer(3), OurDenseLayer(1)])
print("two of our own layers in a row:", sequential(inputs).shape, "·", sequential.count_params(), "weights")

# %% [markdown]
# ## The tape
#
# Two ways to a derivative you know: by hand, as in lab 03, and by nudging, which costs a run of the whole net for each weight and is only nearly right.
# *Automatic differentiation* is a third. A program, however long, is a chain of small operations, and the slope of each of them is known. So: run forward,
# and write down each operation with the values that went through it. Then read the tape backwards and multiply slopes, by the chain rule.
#
# ![](img/gradient_tape.png)
#
# Why backwards? One pass from the result back gives the slopes with respect to *all* inputs at once, a million weights included. And why keep the
# values? Because slopes need them: that of $\sin u$ is $\cos u$, so $u$ must be remembered. Your caches in lab 03 were just that, a tape kept by hand. The price is
# memory: everything that went forward waits for the way back.
#
# There is no magic in it. Here is a whole one, for plus, times and sine.

# %%
class Number:
    """A number that writes on a common tape what it was made from, and with which slopes."""
    tape = []

    def __init__(self, value, made_from=()):
        self.value, self.made_from, self.slope = value, made_from, 0.0
        Number.tape.append(self)

    def __add__(self, other):
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])

    def sin(self):
        return Number(math.sin(self.value), [(self, math.cos(self.value))])


def backward(result):
    result.slope = 1.0
    for number in reversed(Number.tape):
        for source, slope in number.made_from:
            source.slope += slope * number.slope


x = Number(1.2)
y = (x * x).sin()
backward(y)
print(f"our tape: y = {y.value:.4f}, dy/dx = {x.slope:.4f}, by hand 2x·cos(x²) = {2.4 * math.cos(1.44):.4f}")

# %% [markdown] exercise="gradient_of"
# TensorFlow's tape is the same for all its operations. It records inside a `with` block. Variables it follows by themselves; a plain tensor only after
# `tape.watch`. Write the function that spares you calculus from now on.

# %%
print("the figure's example:", gradient_of(lambda x: tf.sin(x * x), np.array(1.2)).numpy().round(4))
from labutils.labs.lab03_deep_net.exercises import initialize_parameters_deep, model_backward, model_forward

p, X, Y = initialize_parameters_deep([4, 3, 1], rng), rng.normal(size=(4, 6)), np.array([[0, 1, 1, 0, 1, 0]])
AL, caches = model_forward(X, p)
by_hand = model_backward(AL, Y, caches)["dW1"]


def cost(W1):
    A1 = tf.nn.relu(W1 @ X + p["b1"])
    A2 = tf.sigmoid(p["W2"] @ A1 + p["b2"])
    return -tf.reduce_mean(Y * tf.math.log(A2) + (1 - Y) * tf.math.log(1 - A2))


by_tape = gradient_of(cost, p["W1"])
print("dW1 of lab 03's net, by hand against by tape, largest difference:", np.abs(by_hand - by_tape).max())

# %% [markdown]
# Your backward pass of lab 03 was right, and you never need to write one again.
#
# Two habits of the tape surprise everyone once. *Predict first:* what does each of the four requests below answer?

# %%
x, c = tf.Variable(3.0), tf.constant(3.0)
with tf.GradientTape() as tape:
    y = x ** 2
    z = y ** 2
attempt("1. dz/dx = 4x³", lambda: tape.gradient(z, x).numpy())
attempt("2. dy/dx, from the same tape", lambda: tape.gradient(y, x).numpy())
with tf.GradientTape(persistent=True) as tape:
    y = x ** 2
    z = y ** 2
attempt("3. both, from a persistent tape", lambda: (tape.gradient(z, x).numpy(), tape.gradient(y, x).numpy()))
with tf.GradientTape() as tape:
    y = c ** 2
attempt("4. dy/dc for a constant", lambda: tape.gradient(y, c))

# %% [markdown]
# A tape is *used up* by the first question: what it remembers is let go at once, because it may be most of the memory. `persistent=True` keeps it, until you
# `del` it. And what was not watched has no gradient, which is not 0 but `None`. A `None` among gradients nearly always means that the way
# from the weight to the loss was interrupted somewhere.
#
# ### What the tape cannot do
#
# It differentiates the program that ran, exactly; it does not ask whether the slope is of any use. *Predict first:* what is the slope of rounding? Of the
# accuracy of a classifier? And of $\sin x / x$ at 0, where `tf.where` puts the right value, 1, in the place of 0/0?

# %%
def accuracy(w):
    answers = tf.cast(w * tf.constant([0.2, 0.6, 0.9]) > 0.5, tf.float32)
    return tf.reduce_mean(1 - tf.abs(answers - [0.0, 1.0, 1.0]))


print("rounding:", gradient_of(lambda x: tf.round(x), np.float32(1.7)))
print("accuracy:", gradient_of(accuracy, np.float32(0.7)))
print("sin x / x:", gradient_of(lambda x: tf.where(x != 0, tf.sin(x) / x, 1.0), np.float32(0)).numpy())

# %% [markdown]
# Rounding and counting are steps, flat with jumps: there is nothing to go down along, and the tape says None. That is why nets are trained on cross-entropy
# and only *judged* by accuracy. The third is a trap: its value is fine, and the true slope is 0. But `tf.where` computes both branches and picks one; backwards the
# 0 that goes into the branch not taken meets 1/0 there, and 0 · ∞ is not a number. One such place turns all weights of a net to nan.

# %%
lab.quiz("tape")

# %% [markdown] exercise="minimize_with_tape"
# Gradient descent from lab 01, for any function that TensorFlow can compute.

# %% [markdown]
# Himmelblau's function has four valleys, all equally deep, and a hill between them. *Predict first:* four walks begin close together on the hill, half a unit
# apart. In how many valleys do they end?

# %%
def himmelblau(p):
    return (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2


grid = np.meshgrid(np.linspace(-5, 5, 120), np.linspace(-5, 5, 120))
plt.figure(figsize=(6.4, 5))
plt.contourf(*grid, np.log1p(himmelblau(grid)), 25, cmap="Blues_r")
ends = []
for start in ((-0.5, -0.5), (0.0, -0.5), (-0.5, -1.0), (0.0, -1.0)):
    path = [np.float32(start)]
    for _ in range(40):
        place, _ = minimize_with_tape(himmelblau, path[-1], 0.01, 1)
        path.append(tf.convert_to_tensor(place).numpy())
    plt.plot(*np.array(path).T, "o-", ms=3, lw=1, color=plots.COLOURS[1])
    plt.plot(*start, "s", color="black", ms=6)
    ends.append(path[-1])
plt.gca().set(xlabel="p[0]", ylabel="p[1]", title="gradient descent by tape")
plots.show("A map of Himmelblau's function, dark in its four valleys, one in each quarter. Four orange paths "
           "begin at black squares close together on the hill in the middle, part, and run down to "
           + ", ".join(f"({a:.1f}, {b:.1f})" for a, b in ends) + ".")

# %% [markdown]
# Not one derivative was written. Four neighbours end in four valleys: a walk knows only the slope under its feet, and on a hill a small difference at the
# start decides. The cost of a net is such a landscape with a million axes, which is one reason why two random starts give two nets.
#
# ## tf.function: from Python to a graph
#
# Run line by line, *eagerly*, each operation goes through Python, which costs more than a small operation itself. `tf.function` lets Python run the function once
# with placeholders, *tracing* it, writes all operations into a graph, and from then on runs the graph without Python. *Predict first:* how
# often does the `print` below print, in six calls?

# %%
@tf.function
def halve(x):
    print("   … tracing")
    return x / 2


for value in (tf.constant(1.0), tf.constant(2.0), tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0]), 1.0, 2.0):
    print("calling with", f"the number {value}" if isinstance(value, float) else f"the tensor {value.numpy()}")
    halve(value)

def milliseconds(f, *args):
    f(*args)  # once beforehand: a graph is traced here
    begin = time.perf_counter()
    for _ in range(30):
        f(*args)
    return 1e3 * (time.perf_counter() - begin) / 30


def long_tangle(x):
    for _ in range(8):
        x = tangle(x)
    return x


large = tf.random.stateless_uniform((800, 800), (1, 2))
for what, f, args in (("many small operations", long_tangle, [tf.ones(10)]),
                      ("one large product", tf.matmul, [large, large])):
    eager, graph = milliseconds(f, *args), milliseconds(tf.function(f), *args)
    print(f"{what}: eager {eager:.2f} ms, graph {graph:.2f} ms, {eager / graph:.1f} times as fast")

# %% [markdown]
# One trace for each *kind* of tensor, type and shape, and one for each single number of Python: give a changing number as a tensor. A `print`, a list that
# is appended to, a draw from numpy happen while tracing, and never again. And a graph saves Python's time only: where one large product does
# the work there is nothing to save.

# %%
lab.quiz("trace")

# %% [markdown] exercise="train_step"
# ## The training step
#
# One step, for any model: predict, measure, differentiate, move. Two things are new.
#
# * Some layers do something else while training: dropout (lab 04a) drops, batch normalisation (lab 04c) uses the batch's own statistics. So the model is told:
#   `model(x, training=True)`.
# * A layer with a regularizer puts its penalty into `model.losses`, a list, while the model is called. It belongs to what is minimised.
# ###
# An optimizer gets its work by `optimizer.apply_gradients`, as pairs of gradient and variable.

# %% [markdown]
# ## Lab 03 again
#
# Now the same net twice: lab 03's numpy, and Keras. Side by side:
#
# | | numpy, lab 03 | Keras |
# |---|---|---|
# | a layer | `Z = np.dot(W, A_prev) + b; A = np.maximum(Z, 0)` | `Dense(n, activation="relu")` |
# | forward | `AL, caches = model_forward(X, parameters)` | `net(x, training=True)` |
# | cost | `deep_cost(AL, Y)` | `BinaryCrossentropy()(y, predictions)` |
# | backward | `model_backward(AL, Y, caches)`, with three helpers | `tape.gradient(loss, net.trainable_variables)` |
# | step | `update_parameters(parameters, grads, learning_rate)` | `optimizer.apply_gradients(…)` |
#
# To prove that it is the same net, both get the same start weights: those of lab 03, transposed.

# %%
from labutils.datasets import load_photo_patches
from labutils.labs.lab00_numpy_foundations.exercises import images_to_matrix
from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters
from labutils.labs.lab03_deep_net.exercises import deep_cost

images_train, Y_train, images_test, Y_test = load_photo_patches()
X_train, X_test = images_to_matrix(images_train) / 255, images_to_matrix(images_test) / 255  # columns
x_train, x_test = tf.constant(X_train.T, tf.float32), tf.constant(X_test.T, tf.float32)  # rows
y_train, y_test = tf.constant(Y_train.T, tf.float32), Y_test.T
dims, rate = [3072, 20, 7, 5, 1], 0.02


def keras_net(parameters, activation="relu"):
    net = keras.Sequential([keras.Input((dims[0],))])
    for n in dims[1:-1]:
        net.add(keras.layers.Dense(n, activation=activation))
    net.add(keras.layers.Dense(1, activation="sigmoid"))
    weights = [(parameters[f"W{l}"].T, parameters[f"b{l}"][:, 0]) for l in range(1, len(dims))]
    net.set_weights([w for pair in weights for w in pair])
    return net


start = initialize_parameters_deep(dims, np.random.default_rng(0))
print(X_train.shape, "in columns,", x_train.shape, "in rows;", keras_net(start).count_params(), "weights")

# %%
def numpy_costs(parameters, steps):
    costs = []
    for _ in range(steps):
        AL, caches = model_forward(X_train, parameters)
        costs.append(deep_cost(AL, Y_train))
        parameters = update_parameters(parameters, model_backward(AL, Y_train, caches), rate)
    return parameters, np.array(costs)


net, optimizer, loss_fn = keras_net(start), keras.optimizers.SGD(rate), keras.losses.BinaryCrossentropy()
theirs = [float(train_step(net, optimizer, loss_fn, x_train, y_train)) for _ in range(6)]
_, ours = numpy_costs(start, 6)
print("step   numpy, float64     Keras, float32")
for i, (a, b) in enumerate(zip(ours, theirs)):
    print(f"{i:4d} {a:16.10f} {b:18.10f}")
assert np.allclose(ours, theirs, rtol=1e-5), "the same net: the same costs, to float32's precision"

# %% [markdown]
# Step after step the same cost, as far as float32 can tell: forward, backward and update agree. That is what "the same net" means here.
#
# How long does it last? And is the test sharp enough to notice a difference? As a control, a third net begins with a single one of its weights
# changed by 0.01. *Predict first:* which of the two differences grows?

# %%
steps = 600
fast_step = tf.function(train_step)
net, optimizer = keras_net(start), keras.optimizers.SGD(rate)
begin = time.perf_counter()
theirs = np.array([float(fast_step(net, optimizer, loss_fn, x_train, y_train)) for _ in range(steps)])
middle = time.perf_counter()
trained, ours = numpy_costs(start, steps)
end = time.perf_counter()
print(f"a step: Keras {1e3 * (middle - begin) / steps:.1f} ms, numpy {1e3 * (end - middle) / steps:.1f} ms")
changed = {**start, "W1": start["W1"].copy()}
changed["W1"][0, 0] += 0.01
_, control = numpy_costs(changed, steps)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
left.plot(ours, label="numpy", lw=4, alpha=0.4)
left.plot(theirs, label="Keras", lw=1.2)
left.set(xlabel="step", ylabel="cost", title="two costs, one line")
left.legend()
for name, other in (("numpy and Keras", theirs), ("one weight changed by 0.01", control)):
    right.semilogy(np.abs(other / ours - 1), label=name, lw=1)
right.set(xlabel="step", title="relative difference")
right.legend(loc="upper right")
plots.show("Left, the cost of numpy's net and of Keras's over 600 steps: one line lies on the other. "
           "Right, their relative difference on a logarithmic axis: between numpy and Keras "
           f"{np.abs(theirs / ours - 1).max():.0e} at most; for the net in which one weight began "
           f"differently it reaches {np.abs(control / ours - 1).max():.0e}.")

# %%
def lines_of(function):
    body = ast.parse(inspect.getsource(function)).body[0]
    body.body = [s for s in body.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return len(ast.unparse(body).splitlines())


ours_right = (model_forward(X_test, trained)[0] > 0.5) == Y_test
theirs_right = (net(x_test).numpy() > 0.5) == y_test
print(f"test accuracy: numpy {100 * ours_right.mean():.1f} %, Keras {100 * theirs_right.mean():.1f} %")
assert abs(ours_right.mean() - theirs_right.mean()) < 0.01, "the same net reaches the same accuracy"
from labutils.labs.lab03_deep_net import exercises as lab03

names = ("initialize_parameters_deep", "linear_forward", "linear_activation_forward", "model_forward", "deep_cost",
         "linear_backward", "linear_activation_backward", "model_backward", "deep_model")
print("lines of code: numpy", sum(lines_of(getattr(lab03, n)) for n in names) + lines_of(update_parameters),
      "· Keras", lines_of(keras_net) + lines_of(train_step))

# %% [markdown]
# The same answers, from a fraction of the code. What is gone is all of the way back, and with it most places where one can go wrong.
#
# Keras can do with less still. `compile` and `fit` contain your training step; they are fine as long as the step is the usual one. Give `metrics=` by name:
# the third argument of `compile` is something else, and `compile(optimizer, loss, ["accuracy"])` fails with an obscure message. And a change that
# would have cost a derivation in lab 03 costs a word now. *Predict first:* will any of these changes help much here?

# %%
net = keras_net(start)
net.compile(optimizer=keras.optimizers.SGD(rate), loss="binary_crossentropy", metrics=["accuracy"])
fitted = net.fit(x_train, y_train, epochs=6, batch_size=len(x_train), verbose=0).history["loss"]
print("fit's costs equal numpy's:", np.allclose(fitted, ours[:6], rtol=1e-5))

SGD, Adam = keras.optimizers.SGD, keras.optimizers.Adam
recipes = {"as in lab 03": ("relu", SGD, rate), "tanh for relu": ("tanh", SGD, rate),
           "gelu for relu": ("gelu", SGD, rate), "Adam for SGD": ("relu", Adam, 0.001)}
for name, (activation, make, learning_rate) in recipes.items():
    scores = []
    for seed in range(3):
        weights = initialize_parameters_deep(dims, np.random.default_rng(seed))
        net, optimizer, step = keras_net(weights, activation), make(learning_rate), tf.function(train_step)
        for _ in range(250):
            step(net, optimizer, loss_fn, x_train, y_train)
        scores.append(100 * np.mean((net(x_test).numpy() > 0.5) == y_test))
    print(f"{name:14s} test accuracy " + "  ".join(f"{s:.1f}" for s in scores) + f"   mean {np.mean(scores):.1f} %")

# %% [markdown]
# A framework makes it cheap to try things. It does not make them help: the limit here is probably the data, 209 patches from the left halves of two photographs, and no
# choice of words in Keras adds a picture.
#
# ## Challenge
#
# Put **twelve points on a sphere** so that they keep out of each other's way. Like charges repel each other: the energy is the sum of 1/distance
# over all pairs. Nobody has a formula for the best places; you have a tape. Reach an energy of at most **49.17**.
#
# The last cell draws what you found. It is there to play with: another number of points, another law of repulsion, another start. Until the challenge is solved
# it shows random points. *Predict first:* which solid do twelve points make? And eight: a cube?

# %%
def arrange(n):
    """Places for n points on the unit sphere, with as little energy as possible.

    Returns
    -------
    tensor or array (n, 3), rows of length 1
    """
    ### BEGIN SOLUTION
    def on_sphere(x):
        return x / tf.norm(x, axis=1, keepdims=True)

    def energy(x):
        p = on_sphere(x)
        squared = tf.reduce_sum((p[:, None] - p[None]) ** 2, axis=2) + 1e9 * tf.eye(n)
        return tf.reduce_sum(squared ** -0.5) / 2

    x0 = np.random.default_rng(0).normal(size=(n, 3)).astype("float32")
    return on_sphere(minimize_with_tape(energy, x0, 0.05, 300)[0])
    ### END SOLUTION


lab.challenge("twelve_points", arrange)
lab.progress()

# %%
n_points = 12
try:
    p = np.array(arrange(n_points))
except NotImplementedError:
    p = np.random.default_rng(0).normal(size=(n_points, 3))
    p /= np.linalg.norm(p, axis=1, keepdims=True)
distances = np.linalg.norm(p[:, None] - p[None], axis=2) + 9 * np.eye(len(p))
axes = plt.figure(figsize=(4.6, 4.6)).add_subplot(projection="3d")
axes.scatter(*p.T, s=60, color=plots.COLOURS[1], depthshade=False)
for i, j in zip(*np.where(distances < 1.15 * distances.min())):
    axes.plot(*p[[i, j]].T, color=plots.COLOURS[0], lw=1.5)
axes.view_init(18, 20)
axes.set_axis_off()
axes.set_box_aspect((1, 1, 1))
neighbours = (distances < 1.15 * distances.min()).sum(axis=1)
plots.show(f"{n_points} points on a sphere, each joined to the points nearest to it; numbers of such neighbours: "
           f"{sorted(set(neighbours.tolist()))}. Twelve points at rest have five each: the corners of an icosahedron.")

# %% [markdown]
# ## What to remember
#
# * A tensor has a rank, a shape and a type. From here on the first axis counts examples: rows.
# * Constants never change, variables do; a layer is weights and a rule, a model is layers and a way through them.
# * The tape writes down the forward pass and multiplies slopes on the way back: all gradients for the price of a few forward passes, and of the memory for the tape.
# * It is used up by one question; what it did not watch has the gradient None; steps have no slope, and a nan in a branch not taken is still a nan.
# * `tf.function` traces once for each kind of input. Python's side effects happen while tracing only.
# * A training step is four lines: predict, measure, differentiate, move. With the same start it computes what lab 03 computed.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | framework | 框架 |
# | tensor, rank, shape | 张量, 阶, 形状 |
# | constant, variable | 常量, 变量 |
# | layer, model, subclassing | 层, 模型, 子类化 |
# | automatic differentiation | 自动微分 |
# | gradient tape | 梯度带 |
# | forward pass, backward pass | 前向传播, 反向传播 |
# | eager execution, graph, tracing | 即时执行, 计算图, 追踪 |
# | optimizer, training step | 优化器, 训练步 |
# | single precision, double precision | 单精度, 双精度 |
#
# ## Further reading
#
# * A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, Automatic differentiation in machine learning: a survey (2018), arXiv:1502.05767
# * M. Abadi and others, TensorFlow: a system for large-scale machine learning (2016), arXiv:1605.08695
# * A. Agrawal and others, TensorFlow Eager: a multi-stage, Python-embedded DSL for machine learning (2019), arXiv:1903.01855
# * A. Paszke and others, PyTorch: an imperative style, high-performance deep learning library (2019), arXiv:1912.01703
# * D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning representations by back-propagating errors (1986), doi:10.1038/323533a0
