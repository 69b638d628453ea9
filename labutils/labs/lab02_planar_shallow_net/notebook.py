# %% [markdown]
# # 02 · A shallow net: what one hidden layer can do
#
# At the end of this lab a net with four hidden units, every line of it written by you, parts the petals of a flower that no single neuron can part; and you
# can say what each of the four units does, why they must not start equal, and why they must not be linear.
#
# You need lab 01: the cross-entropy, gradient descent, and why ∂L/∂z = a − y. Nine exercises, about 90 minutes. As before, whatever you leave open is done by
# the reference, so you can read on and run on.
#
# Examples are **columns**: `X` is (2, m), one point of the plane a column, and `Y` is (1, m), zeros and ones.

# %% [markdown]
# ## A flower that a neuron cannot part
#
# Our data are points in the plane, so everything that a classifier believes can be drawn. Four petals carry the label 0, four the label 1. We start with what
# you have: one neuron, here in scikit-learn's version, which chooses its penalty by cross-validation. *Predict first:* how many of the points can a straight
# line get right?

# %%
import warnings
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import log_loss

from labutils import planar, plots
from labutils.labs.lab00_numpy_foundations.exercises import sigmoid

X, Y = planar.flower()
X_test, Y_test = planar.flower(seed=1000)  # other points of the same kind, held out
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # of options that are to change their names
    neuron = LogisticRegressionCV(cv=5).fit(X.T, Y[0])
plt.figure(figsize=(5, 4.2))
plots.boundary(lambda Z: neuron.predict_proba(Z.T)[:, 1], X, Y, title="one neuron on the flower")
score = neuron.score(X_test.T, Y_test[0])
print(f"right on new points: {score:.1%}, where guessing gives 50 %")
free = LogisticRegression(C=1e6).fit(X.T, Y[0])  # the lowest cost: no penalty on weights to speak of
print(f"cost {log_loss(Y[0], neuron.predict_proba(X.T)):.3f}; the lowest that a neuron can reach "
      f"{log_loss(Y[0], free.predict_proba(X.T)):.3f}, with {free.score(X_test.T, Y_test[0]):.1%} right")
plots.show("A flower of eight petals around the middle of the plane, four of blue circles and four of "
           "orange triangles, in a mixed order. The colour of the background, what the neuron believes, "
           "is pale everywhere: it changes only a little from one side to the other.")

# %% [markdown]
# The neuron shrugs. Better training would not help: the lowest cost that any neuron can reach here is little below the log 2 = 0.693 of guessing, and
# that neuron too is right on half of the new points. (Cross-validation saw that nothing is gained, took the strongest penalty on weights that it was offered,
# and made the neuron paler still.) There are straight lines that would get some seven points in ten right, but whoever draws one is wrong about the other
# three, and the cross-entropy makes a confident mistake dear. What is missing is not data and not patience, but a bend.
#
# ## One layer more
#
# ![](img/shallow_net.png)
#
# We put a *layer* of neurons between the inputs and the output. Each *hidden unit* is a neuron like that of lab 01: it weighs the inputs, adds a bias and
# bends the sum by an *activation function*. The output is one more neuron, whose inputs are not the coordinates but the answers of the hidden units. "Hidden"
# means only that no label says what they should be.
#
# The superscript in square brackets counts layers; in code we write `W1` for $W^{[1]}$. A matrix $W^{[l]}$ has a row for each unit of its layer and a column
# for each unit before it. So the same two lines serve all units and all examples at once.

# %% [markdown] exercise="activation"
# ## How to bend
#
# ![](img/four_activations.png)
#
# ###
# Four activations are in use everywhere. Write them as one function that goes by name. Each works on whole arrays, entry by entry.

# %% [markdown] exercise="activation_derivative"
# To learn, we shall need the slope of the activation at each $z$. Two of the four are easily said by their own value: lab 00 showed
# $\sigma' = \sigma(1-\sigma)$. For the tanh, differentiate the fraction: with $s = e^z - e^{-z}$ and $c = e^z + e^{-z}$ we have $s' = c$ and $c' = s$, so
#
# $$\tanh'(z) = \frac{s'c - s\,c'}{c^2} = \frac{c^2 - s^2}{c^2} = 1 - \tanh^2(z).$$
#
# *Predict first:* where is the slope of the tanh largest, and how large is it there? And that of the sigmoid?

# %% [markdown] exercise="initialize_parameters"
# Which one for the hidden layer? The sigmoid never goes below 0, so all that a unit hands on has the same sign, and its slope is at most a quarter: what
# comes back through it is made small. The tanh is the same S, stretched to −1 … 1 and four times as steep in the middle; centred answers are easier for the
# next layer. The *relu* does not flatten out for large $z$, which is why deep nets like it, but it is made of straight pieces, and where $z < 0$ it is flat:
# a unit that is negative for every example gets no gradient any more. The *leaky relu* keeps a small slope there. For our flower we take the tanh, and try
# the others later.
#
# The output is a probability, so there the sigmoid stays.
#
# ## Forward
#
# ###
# One neuron could start at zero. A layer cannot, as we shall see. So the weights start with small random numbers: drawn from `rng`, normal, with standard
# deviation 0.01. The biases may be zero.
#
# *Predict first:* all weights are tiny. What will the net answer, before it learns, at any point?

# %% [markdown] exercise="forward_propagation"
# Now the way forward. Compare with the picture of the net: two lines for the hidden layer, two for the output. Return what was computed on the way too, in a
# dict: the way back will need it.

# %% [markdown] exercise="compute_cost"
# The output is a probability, exactly as in lab 01, and so is what it costs to be wrong. Write the cost once more, this time from memory.

# %%
parameters = initialize_parameters(n_x=2, n_h=4, n_y=1, rng=np.random.default_rng(1))
A2, cache = forward_propagation(X, parameters)
for name, value in cache.items():
    print(f"{name} {str(value.shape):9s} from {value.min():8.5f} to {value.max():.5f}")
print(f"cost of the untrained net {compute_cost(A2, Y):.6f}, log 2 = {np.log(2):.6f}")
lab.quiz("shapes")

# %% [markdown] exercise="backward_propagation"
# ## The way back
#
# We want the slope of the cost for each of the 17 parameters. Take one example and go backwards, as in lab 01, a box at a time.
#
# 1. *Output.* The last neuron is that of lab 01, with $a^{[1]}$ for its inputs. So $\dfrac{\partial L}{\partial z^{[2]}} = a^{[2]} - y$; call it $dz^{[2]}$.
#    A weight's slope is the error at its output times what came in: $dW^{[2]} = dz^{[2]} a^{[1]\top}$, and $db^{[2]} = dz^{[2]}$.
# 2. *Through the weights.* $z^{[2]} = \sum_j W^{[2]}_j a^{[1]}_j + b^{[2]}$, so hidden unit $j$ gets the error in proportion to the weight with which it
#    entered: $\dfrac{\partial L}{\partial a^{[1]}_j} = W^{[2]}_j\, dz^{[2]}$. For all units: $W^{[2]\top} dz^{[2]}$, a column with $n_h$ entries.
# 3. *Through the activation.* $a^{[1]} = \tanh(z^{[1]})$, entry by entry, so each entry is multiplied by its own slope:
#    $dz^{[1]} = W^{[2]\top} dz^{[2]} \circ \big(1 - (a^{[1]})^2\big)$. The circle is the product entry by entry.
# 4. *First layer.* Again the error times what came in: $dW^{[1]} = dz^{[1]} x^\top$, $db^{[1]} = dz^{[1]}$.
#
# For all examples at once, one column each, the products with a transpose also add up over the examples, and the mean divides by $m$:
#
# $$dZ^{[2]} = A^{[2]} - Y, \qquad dW^{[2]} = \tfrac1m dZ^{[2]} A^{[1]\top}, \qquad db^{[2]} = \tfrac1m \textstyle\sum_i dz^{[2](i)},$$
# $$dZ^{[1]} = W^{[2]\top} dZ^{[2]} \circ \big(1 - (A^{[1]})^2\big), \qquad dW^{[1]} = \tfrac1m dZ^{[1]} X^\top, \qquad db^{[1]} = \tfrac1m \textstyle\sum_i dz^{[1](i)}.$$
#
# ###
# This is *backpropagation*, the most important exercise of the lab. Each gradient has the shape of its parameter: check that first when something does not
# fit.
#
# *Predict first:* the tanh of a unit is near 1 for an example. How much will this example change the weights into that unit?

# %%
rng = np.random.default_rng(2)
wide = {name: value + rng.normal(0, 0.5, value.shape) for name, value in parameters.items()}
grads = backward_propagation(wide, forward_propagation(X, wide)[1], X, Y)
print("parameter        exact   approximate   difference")
for name, at in (("W1", (0, 0)), ("W1", (3, 1)), ("b1", (2, 0)), ("W2", (0, 1)), ("b2", (0, 0))):
    nudge = np.zeros(wide[name].shape)
    nudge[at] = 1e-5
    up, down = (compute_cost(forward_propagation(X, wide | {name: wide[name] + s * nudge})[0], Y)
                for s in (1, -1))
    exact, approximate = grads["d" + name][at], (up - down) / 2e-5
    print(f"{name}{at} {exact:13.8f} {approximate:13.8f} {abs(exact - approximate):12.1e}")

# %% [markdown] exercise="update_parameters"
# One step against the gradient, for every parameter in the dict. Write it so that it works for any number of layers; lab 03 will use yours.

# %% [markdown] exercise="shallow_model"
# All parts are there: which of them happen once, and which in every step? Keep the costs, to look at.

# %% [markdown] exercise="predict"
# And the answer, as in lab 01.

# %% [markdown]
# ## The flower
#
# Four hidden units, 3000 steps. We stop on the way to look. *Predict first:* the cost starts near log 2. Will it fall evenly?

# %%
def believes(parameters):
    return lambda Z: forward_propagation(Z, parameters)[0]


figure, axes = plt.subplots(2, 4, figsize=(10.4, 5.2))
for axis, steps in zip(axes.flat, (1, 20, 100, 240, 260, 3000)):  # the same start each time
    trained, costs = shallow_model(X, Y, 4, steps, 1.2, np.random.default_rng(0))
    plots.boundary(believes(trained), X, Y, axis, f"after step {steps}")
for axis, part in ((axes[1, 2], costs), (axes[1, 3], costs[:600])):
    axis.plot(part)
    axis.set(title=f"cost, {len(part)} steps", xlabel="step", ylim=(0, 0.75))
accuracy, seen = (100 * np.mean(predict(trained, x) == y) for x, y in ((X_test, Y_test), (X, Y)))
plots.show("Six maps of what the net believes while it trains, and its cost curve. At the start everything is "
           "undecided. Then one border divides upper from lower petals; further wedges grow in from the sides, "
           "until each petal lies in a wedge of its own colour. The cost does not fall evenly: it comes down in "
           f"steps, with flat stretches between. At the end {seen:.1f} percent of the training points are right, "
           f"and {accuracy:.1f} percent of the held-out ones.")
assert accuracy >= 88, "four hidden units part at least 88 % of the flower's points"

# %% [markdown]
# From a shrug to more than nine in ten, with 17 numbers. (Most of the points that are left lie where the petals meet; there nobody could tell them apart.)
#
# ### What the hidden units do
#
# Each unit is a neuron, so each has one straight line, where its $z$ is 0; the tanh makes a soft step across it. The output adds the four steps, each with
# its own weight. *Predict first:* does the output need all four?

# %%
def unit(j):
    return lambda Z: (1 + np.tanh(trained["W1"][j] @ Z + trained["b1"][j])) / 2


figure, axes = plt.subplots(1, 5, figsize=(12, 2.8), sharey=True)
for j in range(4):
    plots.boundary(unit(j), X, Y, axes[j], f"unit {j + 1}, weight {trained['W2'][0, j]:.1f}")
    without = trained | {"W2": np.where(np.arange(4) == j, 0, trained["W2"])}
    print(f"without unit {j + 1}: {100 * np.mean(predict(without, X_test) == Y_test):.1f} % right")
plots.boundary(believes(trained), X, Y, axes[4], "all together")
plots.show("Five maps. In each of the first four, one hidden unit divides the plane by a straight line into an "
           "orange and a blue side; the four lines lie in different directions, and most pass near the middle of "
           "the flower. The fifth shows their weighted sum after the sigmoid: wedges that follow the petals.")

# %% [markdown]
# Not quite. Without unit 1, 2 or 4 the net falls far: each of their lines is a border between petals. Unit 3, whose line misses the middle
# and whose weight is the smallest, is hardly missed. Three lines through the middle cut the plane into the six wedges that you see.
#
# ## Why not linear?
#
# The bend looks like a detail. Take it out: let the hidden layer hand on $z$ itself. Then
#
# $$W^{[2]}\big(W^{[1]} x + b^{[1]}\big) + b^{[2]} = \big(W^{[2]} W^{[1]}\big)\,x + \big(W^{[2]} b^{[1]} + b^{[2]}\big),$$
#
# and that is a single neuron with the weights $W^{[2]}W^{[1]}$. However many layers: linear after linear is linear. To see it happen, here is your training
# loop with an activation of choice: your gradients, but for the slope. *Predict first:* how well will a linear hidden layer of 4 units do on the flower? And
# one of 50?

# %%
def answer(X, p, bend):
    return sigmoid(p["W2"] @ bend(p["W1"] @ X + p["b1"]) + p["b2"])


def train(X, Y, p, bend, slope, steps=2000, learning_rate=0.5):
    for _ in range(steps):
        Z1 = p["W1"] @ X + p["b1"]
        A1 = bend(Z1)
        dZ2 = (sigmoid(p["W2"] @ A1 + p["b2"]) - Y) / X.shape[1]  # the 1/m once, here
        dZ1 = p["W2"].T @ dZ2 * slope(Z1)
        grads = {"dW1": dZ1 @ X.T, "db1": dZ1.sum(axis=1, keepdims=True),
                 "dW2": dZ2 @ A1.T, "db2": dZ2.sum(axis=1, keepdims=True)}
        p = update_parameters(p, grads, learning_rate)
    return p


same = np.positive  # the linear "bend": z itself, with the slope 1 everywhere
for n_h in (4, 50):
    p = train(X, Y, initialize_parameters(2, n_h, 1, np.random.default_rng(0)), same, np.ones_like)
    W, b = p["W2"] @ p["W1"], p["W2"] @ p["b1"] + p["b2"]  # multiplied out
    gap = np.max(np.abs(answer(X, p, same) - sigmoid(W @ X + b)))
    right = 100 * np.mean((answer(X_test, p, same) > 0.5) == Y_test)
    print(f"{n_h:2d} linear units: {right:.1f} % right; one neuron with W = {W.round(3)[0]}, b = {b.item():.3f}")
    print(f"   says the same to within {gap:.0e}")
    assert gap < 1e-12, "a linear hidden layer is one neuron"
lab.quiz("linear")

# %% [markdown]
# ## Why not start at zero?
#
# Suppose two hidden units start with equal weights, in and out. Then their $z$ are equal, their slopes are equal, their gradients are equal, and so is their
# next step. Nothing in the algorithm can tell them apart: they stay twins. *Predict first:* all zeros is a special case. Can the zero net learn anything at
# all? And a net in which all weights are 0.01?

# %%
def by_name(name):
    return lambda z: activation(z, name), lambda z: activation_derivative(z, name)


shape = initialize_parameters(2, 4, 1, np.random.default_rng(0))
starts = {"zeros": {name: 0 * value for name, value in shape.items()},
          "all 0.01": {name: 0 * value + 0.01 * (name[0] == "W") for name, value in shape.items()},
          "random": shape}
for name, start in starts.items():
    p = train(X, Y, start, *by_name("tanh"), 500, 1.2)
    right = 100 * np.mean(predict(p, X) == Y)
    apart = np.max(np.ptp(p["W1"], axis=0))
    print(f"{name:9s}: {right:.1f} % right; rank of W1 {np.linalg.matrix_rank(p['W1'], tol=1e-8)}, "
          f"its rows differ by at most {apart:.2g}")
    print(p["W1"].round(3) + 0)
lab.quiz("twins")

# %% [markdown]
# From zero *nothing* moves: $dW^{[2]}$ is made of $A^{[1]} = 0$, and $dZ^{[1]}$ of $W^{[2]} = 0$; only $b^{[2]}$ could move, and on labels that are
# half and half it has no reason to. With equal weights the weights do move, but the four units stay one unit four times: all rows of $W^{[1]}$ are
# equal, the matrix has rank 1, and after 500 steps the net is no better than a coin. Random numbers are needed for one thing only, to *break the
# symmetry*; how large they are is another question, and it comes back in the challenge.

# %% [markdown]
# ## The other activations
#
# The same net with each of your four activations, eight hidden units, the same five starts. *Predict first:* which boundary will have corners?

# %%
figure, axes = plt.subplots(1, 4, figsize=(12, 3.1), sharey=True)
for axis, name in zip(axes, ("sigmoid", "tanh", "relu", "leaky_relu")):
    bend, slope = by_name(name)
    right = []
    for seed in range(5):
        p = train(X, Y, initialize_parameters(2, 8, 1, np.random.default_rng(seed)), bend, slope)
        right.append(100 * np.mean((answer(X_test, p, bend) > 0.5) == Y_test))
    plots.boundary(partial(answer, p=p, bend=bend), X, Y, axis, name)
    print(f"{name:10s} held-out, five starts: {np.round(right).astype(int)}, mean {np.mean(right):.1f} %")
plots.show("Four maps of nets with eight hidden units. Sigmoid and tanh: smooth wedges that follow the petals. "
           "Relu and leaky relu: borders made of straight pieces with corners, and some petals on the wrong side.")

# %% [markdown]
# On this flower eight relus often get stuck where eight tanh do not, and which start they had decides. (A relu has one bend to spend, a tanh has two.) That
# is a fact about this small problem and this tiny start, not about the relu: you will meet it again in lab 03, with more layers and a start of another size.
# Beware of judging a method by one seed, or by one problem.
#
# ## How many hidden units?
#
# *Predict first:* on 400 training points, and on only 60, what happens to the accuracy on training points and on held-out ones as the hidden layer grows from
# 1 to 50 units?

# %%
sizes = [1, 2, 3, 4, 5, 10, 20, 50]
new_X, new_Y = planar.flower(1000, seed=2000)
figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), sharey=True)
for axis, m in zip(axes, (400, 60)):
    right = np.zeros((2, len(sizes), 4))
    for i, seed in np.ndindex(len(sizes), 4):
        few_X, few_Y = planar.flower(m, seed)
        p, _ = shallow_model(few_X, few_Y, sizes[i], 2000, 1.2, np.random.default_rng(seed))
        right[0, i, seed] = 100 * np.mean(predict(p, few_X) == few_Y)
        right[1, i, seed] = 100 * np.mean(predict(p, new_X) == new_Y)
    for part, name, marker in ((0, "training", "o"), (1, "held-out", "^")):
        axis.plot(range(len(sizes)), right[part], marker, color=plots.COLOURS[part], ms=4, alpha=0.6)
        axis.plot(right[part].mean(axis=1), color=plots.COLOURS[part], label=name)
    axis.set(title=f"{m} training points", xlabel="hidden units", xticks=range(len(sizes)), xticklabels=sizes)
    print(f"{m} points, held-out means:", dict(zip(sizes, right[1].mean(axis=1).round(1).tolist())))
axes[0].set_ylabel("accuracy in percent")
axes[0].legend()
plots.show("Accuracy against the number of hidden units, 1 to 50, four data sets and starts each, for 400 and 60 "
           "training points. With 1 or 2 units both accuracies are near 70 percent; with 4 they are far higher. On 400 "
           "points more units change little. On 60 points the training accuracy climbs to about 100 "
           "percent while the held-out one stays more than ten points below it.")

# %% [markdown]
# Too few units cannot bend enough: the net *underfits*, on training and held-out points alike. (A single unit still draws one straight line. But its step has
# a height of its own, so it can say "rather this" on each side without ever being sure: that is how it finds the line which the neuron alone did not dare to
# draw.) With plenty of data more units do little harm. With few data they are enough to learn the points by heart: training accuracy climbs on,
# and the held-out one gains nothing more: the net *overfits*. The number of hidden
# units is not learned; it is a *hyperparameter*, and held-out points choose it.
#
# ## Other shapes, other programs
#
# Is it only the flower? Here are the other shapes, and the same net from scikit-learn, which has another optimiser, beside yours: five starts each. *Predict
# first:* for which shape is a single neuron enough?

# %%
from sklearn.neural_network import MLPClassifier

figure, axes = plt.subplots(1, 5, figsize=(12, 2.7))
print("held-out accuracy in percent; the nets: 4 hidden units, five starts, worst to best")
for axis, (name, shape) in zip(axes, planar.SHAPES.items()):
    (x, y), (x_new, y_new) = shape(), shape(seed=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        line = LogisticRegressionCV(cv=5).fit(x.T, y[0]).score(x_new.T, y_new[0])
    mine, theirs = [], []
    for seed in range(5):
        p, _ = shallow_model(x, y, 4, 2500, 1.2, np.random.default_rng(seed))
        mine.append(100 * np.mean(predict(p, x_new) == y_new))
        net = MLPClassifier((4,), activation="tanh", alpha=0, solver="lbfgs", max_iter=5000, max_fun=50000,
                            random_state=seed).fit(x.T, y[0])
        theirs.append(100 * net.score(x_new.T, y_new[0]))
    plots.boundary(believes(p), x, y, axis, name)
    print(f"{name:8s} one neuron {100 * line:5.1f}   yours {np.sort(mine).round(1)}   "
          f"scikit-learn's {np.sort(theirs).round(1)}")
plots.show("Five maps of what your net believes, from the last of its starts. Flower: wedges that follow the petals. "
           "Circles: a closed border around the inner disc. Moons: nearly a straight line, which cuts off the "
           "tips of both crescents. Blobs: a border with one bend. Spirals: a few wide bends that cannot "
           "follow the arms.")

# %% [markdown]
# Both programs tell the same story, so the limits are not in your code. Blobs need no hidden layer. On the moons some starts end near the neuron's straight
# line, in your program as in theirs: the cost of a net has flat places and hollows, unlike the bowl of lab 01, and where one ends depends on where one
# starts. And four units are too few for the spirals.
#
# ### A negative control
#
# What if there is nothing to learn? Shuffle the labels of 60 points of the flower and give the net 50 units. *Predict first:* accuracy on these points? On
# held-out ones?

# %%
right = []
for seed in range(8):
    few_X, few_Y = planar.flower(60, seed)
    shuffled = np.random.default_rng(seed).permutation(few_Y[0])[None]
    p, _ = shallow_model(few_X, shuffled, 50, 4000, 1.2, np.random.default_rng(seed))
    right.append([100 * np.mean(predict(p, few_X) == shuffled), 100 * np.mean(predict(p, new_X) == new_Y)])
for name, values in zip(("training", "held-out"), np.transpose(right)):
    print(f"{name}: {values.round(1)}, mean {values.mean():.1f} %")

# %% [markdown]
# On the training points it finds something, as there is always something to find; on held-out points it is worth no more than a coin.
#
# ## What the net cannot do
#
# It has seen points within a few units of the middle. Ask it far outside. *Predict first:* will it be more sure there, or less?

# %%
for distance in (3, 10, 100):
    turn = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    p = forward_propagation(distance * np.stack([np.cos(turn), np.sin(turn)]), trained)[0]
    print(f"at distance {distance:3d}: the mean probability of its own answer is {np.maximum(p, 1 - p).mean():.3f}")
corners = np.array([[-30, 30], [-30, 30]])
plt.figure(figsize=(5, 4.2))
plots.boundary(believes(trained), np.c_[X, corners], np.c_[Y, [[2, 2]]],
               title="the same net, from farther away")
plots.show("The flower, small, in the middle of a far wider plane. The wedges of the net's belief run on "
           "straight to the edges, in full colour, over an area in which there was not a single training point.")

# %% [markdown]
# Far from everything it knows, the net is as sure as ever. It was never asked to say "I have not seen anything like this", so it cannot: a probability from a
# net is an answer to the question "which of the two", not "do I know". And no held-out test of the usual kind shows it, as held-out points come from the same
# place.
#
# ## Play
#
# Change the shape, the units, the rate, the seed. Can you make it fail on the blobs? Can you make four units part the moons from every start?

# %%
shape, n_h, steps, learning_rate, seed = planar.moons, 5, 2000, 1.2, 0
x, y = shape(300, seed=5)
p, costs = shallow_model(x, y, n_h, steps, learning_rate, np.random.default_rng(seed))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
plots.boundary(believes(p), x, y, left, f"{n_h} units, {100 * np.mean(predict(p, x) == y):.1f} %")
right.plot(costs)
right.set(xlabel="step", ylabel="cost")
plots.show("Left, what the net of this cell believes on its shape; right, its cost curve.")

# %% [markdown]
# ## Challenge
#
# Two spirals, 400 training points, at most **200 parameters**, **97 %** on points that it has not seen. Your `shallow_model` with 49 hidden units has 197
# parameters: try it first, look at its cost curve, and ask what holds it back. Any means is allowed; the functions of this lab are enough.

# %%
def model(X, Y, rng):
    """Learn the spirals.

    Parameters
    ----------
    X : ndarray (2, m)
    Y : ndarray (1, m), zeros and ones
    rng : np.random.Generator

    Returns
    -------
    parameters : dict or list of ndarray, at most 200 numbers in all
    predict : function (parameters, X) -> ndarray (1, n) of 0/1
    """
    ### BEGIN SOLUTION
    p = initialize_parameters(2, 40, 1, rng)
    p["W1"] = 150 * p["W1"]  # steep steps from the start, at places all over the plane
    p["b1"] = rng.normal(0, 3, p["b1"].shape)
    for _ in range(5000):
        A2, cache = forward_propagation(X, p)
        p = update_parameters(p, backward_propagation(p, cache, X, Y), 0.7)
    return p, predict
    ### END SOLUTION


lab.challenge("spirals", model)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * A hidden unit is a neuron with a bend. The output adds soft steps, each across a straight line, and their sum can have any shape if there are enough of
#   them.
# * Without the bend, any number of layers is one neuron.
# * Backward: the error at the output times what came in is the slope of a weight. One layer back: through the weights, transposed, then entry by entry
#   through the slope of the activation.
# * Equal units stay equal. A random start breaks the symmetry; a start that is too small begins with a long flat stretch.
# * The number of hidden units is a hyperparameter: too few underfit, too many for few data learn them by heart. Held-out points decide.
# * Where a net ends depends on where it starts. One seed is an anecdote.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | hidden layer, hidden unit | 隐藏层, 隐藏单元 |
# | activation function | 激活函数 |
# | hyperbolic tangent (tanh) | 双曲正切 |
# | rectified linear unit (ReLU), leaky ReLU | 修正线性单元, 带泄漏的修正线性单元 |
# | forward propagation | 前向传播 |
# | backpropagation | 反向传播 |
# | decision boundary | 决策边界 |
# | symmetry breaking | 对称性破缺 |
# | hyperparameter | 超参数 |
# | underfitting, overfitting | 欠拟合, 过拟合 |
#
# ## Further reading
#
# * D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning representations by back-propagating errors (1986), doi:10.1038/323533a0
# * G. Cybenko, Approximation by superpositions of a sigmoidal function (1989), doi:10.1007/BF02551274
# * K. Hornik, Approximation capabilities of multilayer feedforward networks (1991), doi:10.1016/0893-6080(91)90009-T
# * C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, On calibration of modern neural networks (2017), arXiv:1706.04599
