# %% [markdown]
# # 03 · A deep net: layers upon layers
#
# At the end of this lab you have built a net of any depth, forward and backward, from one layer's arithmetic; you have proved its gradients right; and you know
# from your own measurements when depth helps, when it does not, and what it costs.
#
# You need lab 01 (cross-entropy, gradient descent) and lab 02 (a hidden layer, activations). Nine exercises, about 90 minutes. If one is left
# open or not right yet, the reference stands in for it, so you can read on and run on. Examples are columns, as before.

# %% [markdown]
# ## A neuron meets cats and dogs
#
# These heads are drawn by code. A cat's ears stand up, a dog's hang down; colours are random. In most pictures the animal is lighter than what is behind it,
# in the others darker. You will not need a second to tell them apart.
#
# *Predict first:* lab 01's neuron told temple from flower on about three of four new patches. How will it do here, where the two kinds hardly look alike?

# %%
import matplotlib.pyplot as plt
import numpy as np

from labutils import plots
from labutils.datasets import load_photo_patches
from labutils.drawings import draw_pairs, draw_pets
from labutils.labs.lab00_numpy_foundations.exercises import images_to_matrix, sigmoid
from labutils.labs.lab01_logistic_regression.exercises import logistic_model
from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters

pets, pet_labels = draw_pets(300, seed=0)
new_pets, new_pet_labels = draw_pets(600, seed=1)
plots.images(pets[:16], [("cat", "dog")[label] for label in pet_labels[0, :16]], columns=8)
plots.show("Sixteen drawn heads in random colours, in two rows. Cats have two pointed ears on top, dogs two "
           "round ones at the sides. Most are light on dark, some dark on light.")


def columns(images):
    """Images as columns of numbers between 0 and 1, stored row by row, which is quicker in products."""
    return np.ascontiguousarray(images_to_matrix(images) / 255)


X_pets, X_new_pets = columns(pets), columns(new_pets)
neuron = logistic_model(X_pets, pet_labels, X_new_pets, new_pet_labels, 400, 0.005)
print(f"one neuron: {neuron['train_accuracy']:.1f} % of the training pictures, "
      f"{neuron['test_accuracy']:.1f} % of new ones")

# %% [markdown] exercise="initialize_parameters_deep"
# Hardly better than always believing in "light on dark". A bright pixel where an ear could be speaks for an ear if the animal is light, and against it if it is
# dark. One neuron gives each pixel *one* weight, with one sign. It would need two opinions, and someone above them who listens to both.
#
# ## Layers
#
# ![](img/deep_net.png)
#
# Lab 02 put one hidden layer between inputs and output. Nothing keeps us from putting in more. Layer $l$ has $n^{[l]}$ units; it takes the activations
# $A^{[l-1]}$ of the layer before, and gives its own:
#
# $$Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}, \qquad A^{[l]} = g\big(Z^{[l]}\big), \qquad A^{[0]} = X .$$
#
# We count layers that have weights: the net of the picture has four, a net with one hidden layer two, and logistic regression one. The list of sizes,
# `layer_dims = [3072, 20, 7, 5, 1]`, says all there is to say about its shape.
#
# ###
# How large should random weights be? A unit of layer $l$ sums up $n^{[l-1]}$ terms $w_j a_j$. If the weights are independent with mean 0, the variances add:
#
# $$\operatorname{Var}(z) = n^{[l-1]} \cdot \operatorname{Var}(w) \cdot \overline{a^2} .$$
#
# So with $\operatorname{Var}(w) = 1/n^{[l-1]}$ the sum is as large as what came in. But then relu cuts off the negative half, and with it half of the
# mean square. To make up for that, take $\operatorname{Var}(w) = 2/n^{[l-1]}$: the standard deviation is its root.
#
# *Predict first:* what becomes of a signal that is halved in each of twenty layers? Of one that is doubled?

# %% [markdown]
# Let us see whether that matters: the same inputs through twenty relu layers of 100 units, with weights drawn in four ways. *Predict first:* which of the four
# lines stays level?

# %%
rng = np.random.default_rng(0)
scales = {"σ = 1": 1, "σ = √(2/n)": np.sqrt(2 / 100), "σ = √(1/n)": np.sqrt(1 / 100), "σ = 0.01": 0.01}
yours = initialize_parameters_deep([100] * 21, rng)
plt.figure(figsize=(7, 3.4))
for name, scale in scales.items():
    A, sizes = rng.standard_normal((100, 50)), [1.0]
    for l in range(1, 21):
        W = yours[f"W{l}"] if "2/n" in name else scale * rng.standard_normal((100, 100))
        A = np.maximum(W @ A, 0)
        sizes.append(np.mean(A ** 2))
    plt.semilogy(sizes, "o-", ms=3, label=name + (", yours" if "2/n" in name else ""))
    print(f"{name}: after 20 layers {sizes[-1]:.1e} times what came in")
plt.gca().set(xlabel="layer", ylabel="mean square", xticks=range(0, 21, 5), yticks=10.0 ** np.arange(-45, 46, 15))
plt.legend()
plots.show("Mean square of the activations over twenty layers, on a logarithmic axis. With σ = 1 it shoots up, with "
           "σ = 0.01 it falls to nothing; with the root of 1/n it loses half in each layer; with the root of 2/n, "
           "your weights, it stays about level.")
lab.quiz("scale")

# %% [markdown] exercise="linear_forward"
# ## Forward, one layer at a time
#
# ###
# The linear part of a layer. It also hands back its inputs, as a *cache*: on the way back they will be asked for.
#
# *Predict first:* `b` is (n, 1) and `W A_prev` is (n, m). What does numpy do with the difference?

# %% [markdown] exercise="linear_activation_forward"
# Now the whole layer. Its cache holds the linear part's cache and Z. A name that is neither "relu" nor "sigmoid" is a mistake of the caller: raise a `ValueError`,
# loudly and at once, rather than return something that looks right.

# %% [markdown] exercise="model_forward"
# ## The whole way, there and back
#
# ![](img/deep_blocks.png)
#
# Each block leaves its cache in a list. In the upper row activations run to the right, in the lower row gradients to the left. We are in the upper row.
#
# ###
# How many layers there are, `parameters` tells you. Mind that lists count from 0 and layers from 1.

# %% [markdown]
# A net with one layer must be lab 01's neuron, exactly. And what leaves each layer should have the shape that the picture says.

# %%
one = {"W1": neuron["w"].T, "b1": np.array([[neuron["b"]]])}
AL, caches = model_forward(X_new_pets, one)
assert np.allclose(AL, sigmoid(neuron["w"].T @ X_new_pets + neuron["b"])), "L = 1 is logistic regression"
deep = initialize_parameters_deep([3072, 20, 7, 5, 1], np.random.default_rng(0))
AL, caches = model_forward(X_pets, deep)
for l, ((A_prev, W, b), Z) in enumerate(caches, start=1):
    print(f"layer {l}: {A_prev.shape} in, W {W.shape}, b {b.shape}, {Z.shape} out, {np.mean(Z > 0):.0%} above 0")

# %% [markdown] exercise="deep_cost"
# You have written it twice.

# %% [markdown] exercise="linear_backward"
# ## Backward through the linear part
#
# We write $dZ$ for the derivative of each example's own *loss* with respect to its $Z$, one column an example, and $dW$, $db$ for the derivatives of the *cost*,
# which is the mean over the examples. For one example, unit $i$ computes $z_i = \sum_j w_{ij}\, a_j + b_i$. So:
#
# * $\partial z_i/\partial w_{ij} = a_j$, and $w_{ij}$ acts through $z_i$ alone: $\partial L/\partial w_{ij} = dz_i\, a_j$.
# * $\partial z_i/\partial b_i = 1$: $\partial L/\partial b_i = dz_i$.
# * $\partial z_i/\partial a_j = w_{ij}$, but $a_j$ went into *every* unit $i$, so its shares add up: $\partial L/\partial a_j = \sum_i w_{ij}\, dz_i$.
#
# Written for all units and examples, and with the mean where the cost is meant:
#
# $$dW = \tfrac1m\, dZ\, A_{prev}^\top, \qquad db = \tfrac1m \sum_{k} dZ^{(k)}, \qquad dA_{prev} = W^\top dZ .$$
#
# Forward the weights were used as $W$, backward as $W^\top$: each weight carries its share of the blame the same way back.
#
# ###
# *Predict first:* which of the three results has no division by m, and why?

# %% [markdown] exercise="linear_activation_backward"
# The activation works entry by entry, so its chain rule does too: $dZ = dA \circ g'(Z)$. Lab 02 has the slopes.

# %%
lab.quiz("mask")

# %% [markdown] exercise="model_backward"
# The lower row of the picture. It begins at the cost: for one example $L = -y\log a - (1-y)\log(1-a)$, so
#
# $$\frac{\partial L}{\partial a} = -\frac{y}{a} + \frac{1-y}{1-a}.$$
#
# From there it goes block by block to the left.

# %% [markdown]
# ## Is it right? Exact, approximate, largest difference
#
# Backpropagation has many places for a slip, and a net with a wrong gradient often learns all the same, only worse. So ask the one witness that knows
# nothing of your derivation: nudge a parameter up and down, watch the cost, and compare. Below, your forward and backward pass, array by array: the
# gradient of the entry with the steepest slope, and the largest difference over the entries tried.
#
# A check that cannot fail says nothing. So in the second half the gradients are spoiled, by one per cent in a single array. *Predict first:* how
# large will the largest difference be there?

# %%
def check_gradients(backward, parameters, X, Y, eps=1e-5, tries=40):
    """For each array: (exact, approximate) of its steepest entry tried, and the largest difference."""
    AL, caches = model_forward(X, parameters)
    grads, found = backward(AL, Y, caches), {}
    for name, value in parameters.items():
        rows = []
        for at in np.random.default_rng(0).permutation(list(np.ndindex(value.shape)))[:tries]:
            costs = []
            for sign in (1, -1):
                nudged = value.copy()
                nudged[tuple(at)] += sign * eps
                costs.append(deep_cost(model_forward(X, {**parameters, name: nudged})[0], Y))
            rows.append((grads["d" + name][tuple(at)], (costs[0] - costs[1]) / (2 * eps)))
        exact, approximate = np.array(rows).T
        top = np.argmax(np.abs(exact))
        found[name] = exact[top], approximate[top], np.max(np.abs(exact - approximate))
    return found


# %%
small = initialize_parameters_deep([12, 6, 5, 4, 1], np.random.default_rng(3))
small = {name: value + 0.1 * (name[0] == "b") for name, value in small.items()}
X_small, Y_small = np.random.default_rng(4).standard_normal((12, 30)), np.arange(30)[None] % 2


def spoiled(AL, Y, caches):
    grads = model_backward(AL, Y, caches)
    return {**grads, "dW2": 1.01 * grads["dW2"]}


largest = []
for backward in (model_backward, spoiled):
    print(f"{backward.__name__:14s} {'exact':>12s} {'approximate':>12s}   largest difference")
    checked = check_gradients(backward, small, X_small, Y_small)
    for name, (exact, approximate, difference) in checked.items():
        print(f"  d{name:11s} {exact:12.8f} {approximate:12.8f} {difference:20.1e}", "<" if difference > 1e-6 else "")
    largest.append(max(difference for _, _, difference in checked.values()))
assert largest[0] < 1e-6 < largest[1], "your gradients are those of the cost, and a slip would have been seen"

AL, caches = model_forward(X_small, small)
stepped = update_parameters(small, model_backward(AL, Y_small, caches), 0.1)
after = deep_cost(model_forward(X_small, stepped)[0], Y_small)
print(f"one step downhill: cost {deep_cost(AL, Y_small):.4f}, then {after:.4f}")

# %% [markdown] exercise="deep_model"
# In the honest half the differences are rounding; in the spoiled one the largest is many million times as large. A slip of one per cent cannot hide.
#
# ###
# Everything is there.

# %% [markdown]
# ## One, two and four layers on the photographs
#
# The patches of lab 01: temple or flower, trained on the left part of each photograph, tested on the right. Three nets, each from several random starts, because one
# run is one number. *Predict first:* put the three in order, on the training images and on new ones. How large will the steps between them be?

# %%
import time

patches, Y, new_patches, Y_new = load_photo_patches()
X, X_new = columns(patches), columns(new_patches)
nets = {"1 layer": ([3072, 1], 0.01), "2 layers": ([3072, 20, 1], 0.03), "4 layers": ([3072, 20, 7, 5, 1], 0.03)}


def accuracy(parameters, X, Y):
    return 100 * np.mean((model_forward(X, parameters)[0] > 0.5) == Y)


def table(nets, X, Y, X_new, Y_new, steps, starts):
    """Train each net from several random starts; print means and spreads; {net: (accuracies, costs, parameters)}."""
    found = {}
    print(f"{'net':10s} {'parameters':>10s} {'training':>14s} {'new images':>14s}   seconds a run")
    for name, (layer_dims, rate) in nets.items():
        began, scores, histories = time.perf_counter(), [], []
        for seed in range(starts):
            parameters, costs = deep_model(X, Y, layer_dims, steps, rate, np.random.default_rng(seed))
            scores.append((accuracy(parameters, X, Y), accuracy(parameters, X_new, Y_new)))
            histories.append(costs)
        seconds, scores = (time.perf_counter() - began) / starts, np.array(scores)
        (a, b), (s, t) = scores.mean(axis=0), scores.std(axis=0, ddof=1)
        count = sum(value.size for value in parameters.values())
        print(f"{name:10s} {count:10d} {a:8.1f} ± {s:3.1f} {b:8.1f} ± {t:3.1f}   {seconds:6.1f}")
        found[name] = scores, np.array(histories), parameters
    return found


photos = table(nets, X, Y, X_new, Y_new, steps=300, starts=8)

# %%
difference = (photos["4 layers"][0] - photos["2 layers"][0])[:, 1]
error = difference.std(ddof=1) / np.sqrt(len(difference))
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
for i, (name, (scores, histories, _)) in enumerate(photos.items()):
    left.plot(scores[:, 1], [i] * len(scores), "o", alpha=0.7)
    right.plot(histories.T, color=plots.COLOURS[i], lw=0.8, label=[name] + ["_"] * (len(histories) - 1))
left.set(yticks=range(3), yticklabels=photos, ylim=(-0.5, 2.5), title="a dot for each start",
         xlabel="accuracy on new images, percent")
right.set(xlabel="step", ylabel="cost", title="a curve for each start", ylim=(0, 1))
right.legend()
plots.show("Left, accuracy on new images, a dot for each random start: one layer lies far behind; two layers "
           "lie close together; four layers are spread wide around them. Right, cost curves: those of one layer "
           "fall slowly, those of two fall quickly and alike; those of four zigzag, part from each other, and now "
           "and then one leaps up.")
print(f"four layers less two, from the same start: {difference.mean():+.1f} ± {error:.1f} points (standard error), "
      f"better in {np.sum(difference > 0)} of {len(difference)}")
assert photos["2 layers"][0][:, 1].mean() > photos["1 layer"][0][:, 1].mean() + 8, "a hidden layer pays, clearly"

# %% [markdown]
# One hidden layer is worth some twelve points on new images; on the training images both deeper nets are near 100 percent. The two further layers
# hardly move the mean, while they widen the spread: how a deep net ends depends much more on where it began. Many texts show one run of each on such
# data, and conclude that deeper is better. With the spread beside it, this experiment alone does *not* show that: the difference is not large beside
# its own uncertainty. (Another cut of the same photographs is a good test of it: `load_photo_patches(1)`.)
#
# The curves show what depth costs: with the rate that suits two layers, four of them zigzag and part. A step that is right for each layer alone can be too
# long for all together.
#
# ## Where depth pays
#
# Is depth of no use, then? It depends on the question. First the heads, then pairs of them: label 1 if the *two are of different kinds*. For that, somebody has to
# find out each kind, in spite of light and dark, and somebody else has to compare. *Predict first:* how many layers does each of the two tasks ask for?

# %%
print("cats and dogs")
heads = table({"1 layer": ([3072, 1], 0.005), "2 layers": ([3072, 20, 1], 0.02),
               "4 layers": ([3072, 20, 7, 5, 1], 0.02)},
              X_pets, pet_labels, X_new_pets, new_pet_labels, steps=400, starts=2)
assert heads["1 layer"][0][:, 1].max() < 78 and heads["2 layers"][0][:, 1].min() > 98

both, different = draw_pairs(600, seed=0)
new_both, new_different = draw_pairs(600, seed=1)
titles = [("same", "different")[label] for label in different[0, :6]]
plots.images(both[:6], titles, columns=6, size=1.8)
plots.show("Six pictures of two heads side by side: pairs of one kind are titled same, a cat and a dog different.")

# %%
print("same or different, each net with the rate that suited it best of those we tried")
X_both, X_new_both = (pictures.mean(axis=3).reshape(600, -1).T / 255 for pictures in (both, new_both))
pairs = table({"1 layer": ([512, 1], 0.01), "2 layers": ([512, 21, 1], 0.2),
               "3 layers": ([512, 20, 20, 1], 0.07)},
              X_both, different, X_new_both, new_different, steps=1200, starts=3)
linear, shallow, deeper = (scores[:, 1].mean() for scores, _, _ in pairs.values())
assert deeper > shallow + 5 > linear + 15, "here depth pays: same size, and far better"

# %% [markdown]
# Nearly the same number of weights, put into two layers or into three, and a world between them. The task itself has levels: light or dark, then
# which kind, then same or not. A net with one hidden layer can in principle learn it too, if it is wide enough, but it has to find every
# *combination* by itself.
#
# How large can the difference be? Here is a case where it can be counted. Two relu units fold the interval [0, 1] in the middle: $t(x) = 2\,\mathrm{relu}(x) -
# 4\,\mathrm{relu}(x - \tfrac12)$ runs up to 1 and down again. A second layer folds what is folded already.

# %%
fold_W, fold_b = np.array([[1.0], [1.0]]), np.array([[0.0], [-0.5]])
x = np.linspace(0, 1, 1025)[None]
figure, axes = plt.subplots(1, 4, figsize=(11, 2.4), sharey=True)
A = x
for depth in range(1, 7):
    hidden, _ = linear_activation_forward(A, fold_W, fold_b, "relu")
    A, _ = linear_forward(hidden, np.array([[2.0, -4.0]]), np.zeros((1, 1)))
    if depth in (1, 2, 3, 6):
        pieces = 1 + np.sum(np.diff(np.sign(np.diff(A[0]))) != 0)
        axis = axes[(1, 2, 3, 6).index(depth)]
        axis.plot(x[0], A[0], lw=1)
        axis.set(xlabel="x", title=f"folded {'once' if depth == 1 else f'{depth} times'}: {pieces} pieces")
        assert pieces == 2 ** depth
plots.show("Four zigzag curves over the interval from 0 to 1. One folding layer makes a tent of 2 pieces, two 4, "
           "three layers 8, six layers 64.")

# %% [markdown]
# Each layer doubles the number of pieces. A single hidden layer of $n$ relu units has $n$ kinks, so $n + 1$ pieces at most: for what six layers of
# two units do, it needs 63 units, for twenty layers a million. Such functions exist; whether *your* data are of that kind, only the held-out accuracy
# can tell.
#
# ## What the hidden units look for
#
# Each row of $W^{[1]}$ has the shape of a picture. Here are the units that the two-layer net for cats and dogs relies on most, drawn as training *changed* each
# row, averaged over the colours: where it is orange, light speaks for the unit, where purple, dark does.

# %%
two = heads["2 layers"][2]  # of the last start, whose seed was 1
start = initialize_parameters_deep([3072, 20, 1], np.random.default_rng(1))
change = two["W1"] - start["W1"]
weight = np.abs(two["W2"][0]) * np.linalg.norm(change, axis=1)
top = np.argsort(-weight)[:5]
maps = change[top].reshape(5, 32, 32, 3).mean(axis=3)
limit = np.abs(maps).max()
titles = [f"says {'dog' if v > 0 else 'cat'} ({v:+.2f})" for v in two["W2"][0, top]]
plots.images(list(maps), titles, columns=5, size=1.8, cmap="PuOr_r", limits=(-limit, limit))
plots.show("How training changed the weights of the five hidden units that matter most, brightness only; where it "
           "is orange, light now speaks for the unit, where purple, dark. A face appears in each: the ears of cats "
           "on top and those of dogs at the sides have opposite signs.")
print(f"{np.sum(weight < 0.01 * weight.max())} of the 20 units have hardly changed at all")

# %% [markdown]
# There are the two opinions that the neuron lacked: units for light ears and units for dark ones, and an output that listens to both. Nobody told them to.
# (And some units
# never took part: they were off for every picture, or nearly. A few spare ones are no waste.)
#
# ## What it gets wrong
#
# Back to the photographs. *Predict first:* will the deep net stumble over the same patches as lab 01's neuron, flowers taken for temple?

# %%
AL, caches = model_forward(X_new, photos["4 layers"][2])
p, silent = AL[0], ~(caches[2][1] > 0).any(axis=0)  # silent: no unit of layer 3 is on
wrong = np.flatnonzero((p > 0.5) != Y_new[0])
worst = wrong[np.argsort(-np.abs(p - Y_new[0])[wrong])][:16]
titles = [f"{'flower' if p[i] > 0.5 else 'temple'}? {max(p[i], 1 - p[i]):.2f}" for i in worst]
plots.images(new_patches[worst], titles, columns=8)
flowers = int(Y_new[0, wrong].sum())
plots.show(f"The sixteen patches on which a four-layer net is most sure and wrong, with what it says. Of all "
           f"{len(wrong)} mistakes {flowers} are flower patches; many show petals before a dark background.")
print(f"no unit of layer 3 is on: {silent[wrong].mean():.0%} of the mistakes, {silent.mean():.0%} of all patches")

# %% [markdown]
# Yes: again petals before a dark background, taken for temple. But the net is less sure of it than the neuron was, and the caches tell why so many patches get
# the very same number: where no unit of the last hidden layer is on, nothing of the image comes through, and the biases alone answer. That is so for many of *all*
# patches, not only of the mistakes: "nothing that I know" and "temple" have become the same answer.
#
# ## Parameter and hyperparameter
#
# *Parameters* are what the gradient moves: all W and b. *Hyperparameters* are what you set before: the number of layers and units, the activation, the learning rate,
# the number of steps, the size of the start. They decide what the parameters can become. There is no formula for them: you try, and judge by images that were not
# trained on. (And if you try often, that set is worn out in turn: lab 04c.)

# %%
lab.quiz("hyper")

# %% [markdown]
# ## Controls
#
# Two questions that every success should have to answer. *If there is nothing to learn, what does it learn?* We shuffle the labels. *Does it know
# what a cat is, or where it used to be?* We move the new pictures to the right, a few pixels at a time. *Predict first:* accuracy at a shift of six
# pixels?

# %%
nothing = []
for seed in range(3):
    labels = np.random.default_rng(seed).permutation(Y[0])[None]
    parameters, _ = deep_model(X, labels, [3072, 20, 7, 5, 1], 300, 0.03, np.random.default_rng(seed))
    nothing.append((accuracy(parameters, X, labels), accuracy(parameters, X_new, Y_new)))
for name, scores in zip(("training", "new images"), np.transpose(nothing)):
    print(f"labels shuffled, {name:10s}", np.round(scores).astype(int), f"mean {scores.mean():.0f} %")

shifts = range(0, 13, 2)
moved = {name: [accuracy(heads[name][2], columns(np.roll(new_pets, s, axis=2)), new_pet_labels) for s in shifts]
         for name in ("2 layers", "4 layers")}
plt.figure(figsize=(6, 3))
for name, scores in moved.items():
    plt.plot(shifts, scores, "o-", label=name)
plt.axhline(50, color="black", lw=1, ls="--")
plt.gca().set(xlabel="pixels to the right", ylabel="accuracy, percent", ylim=(40, 102))
plt.legend()
plots.show("Accuracy on new cats and dogs that are moved to the right by 0 to 12 pixels: it starts near 100 percent; "
           f"at 6 pixels it has fallen to {moved['2 layers'][3]:.0f} percent with two layers and to "
           f"{moved['4 layers'][3]:.0f} percent with four. Dashed: guessing.")
assert max(scores[3] for scores in moved.values()) < 85
for s in (4, 6):
    there = columns(np.roll(new_pets, s, axis=2))
    dogs = [np.mean(model_forward(there, heads[name][2])[0] > 0.5) for name in moved]
    print(f"{s} pixels to the right: {dogs[0]:.0%} of all pictures called dogs by two layers, {dogs[1]:.0%} by four")

# %% [markdown]
# With shuffled labels the net learns part of the training set by heart, and what it says about new images is worth nothing (a single run can lie far
# from 50, as the patches resemble each other). (At four to six pixels nearly every picture is called a dog: a cat's face now fills the place where a
# dog's ear used to be. Farther on the curves rise again, by what happens to lie where; that is no understanding either.) A cat that sits a little
# further right is no longer a cat. A dense net has a weight for each *place*; that a picture stays the same picture when it moves, nobody told it,
# and depth does not teach it. Lab 05 builds that in.
#
# ## Why a net is not a brain
#
# The words are borrowed: neuron, activation, even learning. A unit here is a weighted sum and a kink. A nerve cell fires in spikes, in time, with chemistry
# of its own, and nobody has
# found the wiring by which it could be sent an exact derivative backward through the very same connections ($W^\top$, above). You tell cats from dogs after a few of
# them, at any place and in any light, and you know when you don't know. The net needed hundreds, and fails when they move a little. It is a function with
# many numbers in it,
# fitted by calculus. That it works so well is remarkable enough.
#
# ## Your own net
#
# Play: change the layers, the rate, the steps, the cut of the photographs. Before you run it, write down what you expect.

# %%
layer_dims, rate, steps, cut = [3072, 10, 10, 1], 0.03, 150, 0
my_patches, my_Y, my_new, my_Y_new = load_photo_patches(cut)
mine, my_costs = deep_model(columns(my_patches), my_Y, layer_dims, steps, rate, np.random.default_rng(0))
scores = accuracy(mine, columns(my_patches), my_Y), accuracy(mine, columns(my_new), my_Y_new)
print(f"{layer_dims}: cost {my_costs[0]:.2f} -> {my_costs[-1]:.2f}, "
      f"training {scores[0]:.1f} %, new images {scores[1]:.1f} %")

# %% [markdown]
# ## Challenge: a net on a diet
#
# The nets that told cats from dogs had over sixty thousand parameters. Tell cats from dogs with **at most 300**: 98 % of new pictures after 500
# steps, from *each* of three random starts. You decide what the net is shown, its hidden layers and its learning rate. (How many pixels do *you*
# need? And why do small nets fail from some starts?)

# %%
def diet(images):
    """What the net sees, and how it is trained.

    Parameters
    ----------
    images : ndarray (m, 32, 32, 3), uint8

    Returns
    -------
    X : ndarray (n, m), one picture a column
    hidden : list of int, units of the hidden layers
    learning_rate : float
    """
    ### BEGIN SOLUTION
    grey = images.mean(axis=3) / 255
    blocks = grey.reshape(len(images), 4, 8, 4, 8).mean(axis=(2, 4))  # 16 blocks of 8 × 8 pixels
    X = blocks.reshape(len(images), 16).T
    return 4 * (X - X.mean(axis=0)), [14], 0.3  # against the mean brightness; enough units, that some survive
    ### END SOLUTION


lab.challenge("diet", diet)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * A deep net is one layer, many times: $Z = WA + b$, $A = g(Z)$. Backward: $dZ = dA \circ g'(Z)$, $dW = \frac1m dZ A^\top$, $dA_{prev} = W^\top dZ$.
# * Caches keep what the way back needs. The mean over the examples is taken once, in dW and db.
# * Weights of standard deviation $\sqrt{2/n_{in}}$ keep a signal alive through relu layers.
# * Check gradients by nudging, and check that the check can fail.
# * Depth pays where the task has levels. Ask several starts before you believe it; it costs time and a smooth descent, and it needs luck with the start.
# * A dense net knows places, not things.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | deep neural network | 深度神经网络 |
# | hidden layer, unit | 隐藏层, 单元 |
# | forward / backward propagation | 前向传播 / 反向传播 |
# | cache | 缓存 |
# | activation function, rectified linear unit (ReLU) | 激活函数, 修正线性单元 |
# | chain rule | 链式法则 |
# | gradient checking | 梯度检验 |
# | initialisation | 初始化 |
# | parameter, hyperparameter | 参数, 超参数 |
# | depth, width | 深度, 宽度 |
# | dead unit | 死亡单元 |
#
# ## Further reading
#
# * D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning representations by back-propagating errors (1986), doi:10.1038/323533a0
# * K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers (2015), arXiv:1502.01852: where √(2/n) comes from
# * M. Telgarsky, Benefits of depth in neural networks (2016), arXiv:1602.04485: folding
# * Y. LeCun, Y. Bengio, G. Hinton, Deep learning (2015), doi:10.1038/nature14539
# * T. P. Lillicrap and others, Backpropagation and the brain (2020), doi:10.1038/s41583-020-0277-3
