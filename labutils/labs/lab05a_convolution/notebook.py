# %% [markdown]
# # 05a · Convolution: small weights that travel over an image
#
# At the end of this lab you have written convolution and pooling, forward and backward, with your own hands; a filter of yours has learned by itself
# to find edges, and a small net of your functions reads digits wherever they lie, where a dense net fails.
#
# You need lab 03 (backward passes) and lab 04b (momentum). Ten exercises, about 90 minutes. Each is checked on the spot. If one is left open or not
# right yet, the reference stands in for it, so you can read on and run on.
#
# **The shapes change here.** From this lab on examples are **rows**, and an image keeps its form, channels last: a batch `A` is (m, h, w, c), the
# weights `W` of a layer are (f, f, c_in, c_out), its biases `b` (1, 1, 1, c_out). There is no TensorFlow in the exercises; it comes in late, to be
# raced against.

# %% [markdown]
# ## An edge is a difference
#
# Lab 01 wrote each image into one long column, and a picture moved by three pixels became a different picture altogether. Let us keep the picture a
# picture, and begin with the simplest thing there is to see in it: an edge, a place where the brightness changes. So subtract, everywhere, the left
# neighbour from the right one.
#
# *Predict first:* what will be left of the sky? What of the pillars?

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

from labutils import plots

temple, flower = load_sample_images().images
photo = temple[:424].reshape(106, 4, 160, 4, 3).mean(axis=(1, 3, 4)) / 255  # grey, a quarter of the size
difference = photo[:, 2:] - photo[:, :-2]
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.9))
left.imshow(photo, cmap="gray")
right.imshow(difference, cmap="PuOr_r", vmin=-0.6, vmax=0.6)
for axis, title in ((left, f"photograph {photo.shape}"), (right, "right neighbour minus left")):
    axis.set_title(title)
    axis.axis("off")
plots.show("Left, a grey photograph of a temple before a pale sky. Right, the differences between right and "
           "left neighbours: the sky is blank, and whatever stands upright, pillars, window frames and the "
           "ends of the roofs, is drawn in orange where it gets brighter to the right and in purple where it "
           "gets darker. Lines that lie flat have almost vanished.")

# %% [markdown] exercise="conv_single_step"
# One subtraction of slices, and the picture has become a drawing of its upright edges. What was computed at each place is a weighted sum of
# neighbours, with weights −1, 0 and 1. A weighted sum of inputs is what a neuron computes. So here is a neuron that looks at a small *patch* of the
# image only. Its weights are called a **filter** or kernel, the patch its *receptive field*.
#
# ![](img/conv_patch.png)
#
# An image with $c$ channels has patches (f, f, c), and the filter is just as deep.
#
# ###
# Write that neuron: $z = \sum_{i,j,k} \text{patch}_{ijk} W_{ijk} + b$. No loop is needed. `b` has shape (1, 1, 1), because it will be cut out of a
# larger array later; what you return is one number.
#
# *Predict first:* the weights of a filter add up to 0 and its bias is 0. What does it answer on a patch of plain sky?

# %% [markdown] exercise="zero_pad"
# The first column of our picture has no left neighbour, so the map of differences came out narrower than the photograph. A frame of zeros around the
# image gives every pixel neighbours on all sides. That is *padding*, and it also lets a deep net keep the size of its maps.
#
# ###
# Put the frame around every image of a batch. Mind which of the four axes are rows and columns of pixels.

# %% [markdown] exercise="conv_output_size"
# ![](img/conv_padding_stride.png)
#
# How many places has a filter of side $f$ along a side of $n$ pixels? With padding the side is $n + 2\,\text{pad}$ long. The filter begins at 0; its
# left end can go as far as $n + 2\,\text{pad} - f$. If it moves by *stride* pixels at a time, it makes $\lfloor (n + 2\,\text{pad} - f)/\text{stride}
# \rfloor$ steps, and the place where it stood first counts too. With stride 1 and pad = (f − 1)/2 the output is as large as the input (called
# "same"); with pad 0 it is smaller ("valid").
#
# ###
# *Predict first:* a side of 7, a filter of 2, stride 3, no padding: is the last pixel ever seen?

# %% [markdown] exercise="conv_forward"
# ![](img/conv_feature_map.png)
#
# Now let the neuron travel. The *same* weights at every place give a map of answers, a **feature map**. And since one filter finds one kind of thing,
# a layer has many of them:
#
# ![](img/conv_depth.png)
#
# ###
# Four loops: examples, rows of places, columns of places, filters. At each place cut the patch, let `conv_single_step` answer, write the answer to
# its place. The patch for output (y, x) begins at row y · stride and column x · stride of the *padded* image. Hand back what the way back will need
# as a tuple.
#
# *Predict first:* the next cell lays seven filters on the temple. The second is the first, turned to look for edges that lie flat. What will it draw,
# and what will the last one do, whose nine weights are all 1/9?

# %%
smooth = {"plain": [1, 1, 1], "Sobel": [1, 2, 1], "Scharr": [3, 10, 3]}
kernels = {"plain, upright": np.outer(smooth["plain"], [-1, 0, 1]) / 3,
           "plain, lying": np.outer([-1, 0, 1], smooth["plain"]) / 3,
           "Sobel, upright": np.outer(smooth["Sobel"], [-1, 0, 1]) / 4,
           "Sobel, lying": np.outer([-1, 0, 1], smooth["Sobel"]) / 4,
           "Scharr, upright": np.outer(smooth["Scharr"], [-1, 0, 1]) / 16,
           "Scharr, lying": np.outer([-1, 0, 1], smooth["Scharr"]) / 16,
           "mean": np.full((3, 3), 1 / 9)}
W = np.stack(list(kernels.values()), axis=-1)[:, :, None, :]
b = np.zeros((1, 1, 1, len(kernels)))
Z, _ = conv_forward(photo[None, :, :, None], W, b, stride=1, pad=1)
print("image", photo[None, :, :, None].shape, "filters", W.shape, "maps", Z.shape)
maps = {name: Z[0, :, :, k] for k, name in enumerate(kernels)}
maps["Scharr, both: length"] = np.hypot(maps.pop("Scharr, upright"), maps.pop("Scharr, lying"))
figure, axes = plt.subplots(2, 3, figsize=(11, 5.4))
for axis, (name, answers) in zip(axes.ravel(), maps.items()):
    grey = name == "mean"
    axis.imshow(answers, cmap="gray" if grey else "PuOr_r", vmin=0 if grey else -0.6, vmax=1 if grey else 0.6)
    axis.set_title(name)
    axis.axis("off")
plots.show("Six maps of the temple. Filters for upright edges draw pillars and frames, the one for lying edges "
           "draws the eaves of the roofs, beams and steps; plain and Sobel look much alike. The mean is the "
           "photograph, blurred. The length of both Scharr answers shows every outline. The border of the photograph "
           "shows up as an edge too: the zeros of the padding are darker than the sky.")

# %%
lab.quiz("depth")

# %% [markdown] exercise="true_convolution"
# All of these filters but the mean are a difference in one direction and a smoothing in the other: the table of weights is a column times a row.
# Where do such products come from, and why is all this called *convolution*?
#
# In mathematics the convolution of an image $f$ with a kernel $k$ is
#
# $$(f * k)[y, x] = \sum_{i,j} k[i, j]\; f[y - i,\, x - j].$$
#
# Look at the signs: as $i$ grows, $y - i$ falls. What your layer computes has $f[y + i, x + j]$ instead, and its name is *cross-correlation*. The two
# differ by a turn of the kernel by 180 degrees. Nets do without the turn: their weights are learned, and would come out turned. But something is lost
# with it.
#
# ###
# Write the true convolution, "full": every place counts at which kernel and image meet at all. Neither needs to be square.
#
# *Predict first:* of $(f * g) * h = f * (g * h)$ and $f * g = g * f$, which hold for convolution, which for cross-correlation?

# %%
def correlate(image, kernel):
    return true_convolution(image, kernel[::-1, ::-1])  # turned twice is not turned at all


rng = np.random.default_rng(0)
f, g, h = (rng.normal(size=shape) for shape in ((6, 7), (3, 2), (2, 4)))
for name, op in (("convolution", true_convolution), ("cross-correlation", correlate)):
    apart = np.abs(op(op(f, g), h) - op(f, op(g, h))).max()
    print(f"{name:18s} (f∘g)∘h and f∘(g∘h) differ by up to {apart:.1e}, "
          f"f∘g and g∘f by {np.abs(op(f, g) - op(g, f)).max():.1e}")
    assert (apart < 1e-12) == (op is true_convolution), "only the flip makes it associative"
column, row = np.array([[1.0], [2.0], [1.0]]), np.array([[1.0, 0.0, -1.0]])
print("smoothing * difference =", *true_convolution(column, row).astype(int).tolist())
gap = true_convolution(true_convolution(f, column), row) - true_convolution(f, true_convolution(column, row))
print(f"two thin kernels, 3 + 3 products a pixel, or one Sobel, 9: differ by {np.abs(gap).max():.0e}")

# %% [markdown] exercise="conv_parameter_count"
# Convolution can be regrouped and reordered; cross-correlation cannot. Because of that, Sobel's table of nine weights may be applied as two thin
# kernels one after the other, and a chain of linear filters is always again a single filter. (This is why a net needs an activation between its
# layers, as in lab 02.) Libraries for image processing care about the flip; nets do not.
#
# ## What a layer saves
#
# Two things make a convolutional layer small. *Sparse connections*: each output looks at f · f · c_in inputs, not at all. *Shared parameters*: all
# places use the same weights. What is useful for finding an edge on the left is useful on the right.
#
# ###
# Count the parameters of a layer, biases included.
#
# *Predict first:* a layer of ten filters of 5 × 5 on an image (32, 32, 3) makes maps (28, 28, 10). How many times more parameters would a dense layer
# need for the same outputs: a hundred? A thousand?

# %%
h, w, c_in, f, n_filters = 32, 32, 3, 5, 10
n = conv_output_size(h, f, 0, 1)
outputs = n * n * n_filters
dense, conv = (h * w * c_in + 1) * outputs, conv_parameter_count(f, c_in, n_filters)
print(f"outputs: {outputs}. Dense: {dense:,} parameters. Convolution: {conv}. {dense // conv:,} times fewer")
print(f"connections of one output: {h * w * c_in} dense, {f * f * c_in} convolution")
every_pixel = np.eye(36).reshape(36, 6, 6, 1)  # 36 images, in each of which one pixel is 1
answers, _ = conv_forward(every_pixel, rng.normal(size=(3, 3, 1, 1)), np.zeros((1, 1, 1, 1)), 1, 0)
matrix = answers.reshape(36, 16).T
print(f"as a matrix {matrix.shape}: {np.mean(matrix == 0):.0%} are zero, "
      f"the others only {np.unique(matrix).size - 1} different numbers")
plt.figure(figsize=(8.5, 4))
plt.imshow(matrix, cmap="PuOr_r", vmin=-2.5, vmax=2.5)
plt.gca().set(xlabel="input pixel, 6 × 6 in a row", ylabel="output, 4 × 4 in a row")
plt.grid(False)
plots.show("The matrix of a convolution with one filter of 3 by 3, 16 rows by 36 columns. Each row holds the "
           "same nine coloured weights, three groups of three, moved to the right from row to row, with a "
           "jump where a line of places ends. All other entries, three quarters, are blank zeros.")

# %%
lab.quiz("sharing")

# %% [markdown] exercise="pool_forward"
# So a convolution *is* a dense layer, but one that was told two things beforehand: most weights are zero, and the others repeat. A dense layer could
# learn this very matrix. It would have to find out from data what we simply wrote down.
#
# ## Pooling: roughly where is good enough
#
# ![](img/conv_pooling.png)
#
# After a filter has said where its feature is, the exact pixel often does not matter. *Max pooling* keeps the strongest answer of each window,
# *average pooling* the mean. Nothing is learned here.
#
# ###
# Each example and each channel is pooled by itself. Two loops, over the places, are enough; axes 1 and 2 of a window are its rows and columns.
#
# *Predict first:* a digit moves one pixel to the right. By how much will the pixels change, the feature maps, the pooled maps? The next cell measures
# it: the length of the change, divided by the length of what was there before. (0 is no change; √2, about 1.41, is what two equally strong pictures
# without anything in common give.)

# %%
from labutils.labs.lab05a_convolution.scenes import scattered_digits

digits = np.pad(scattered_digits(0, centred=True)[0][:6], ((0, 0), (4, 4), (4, 4), (0, 0)))
edges = np.concatenate([W[..., 2:4], -W[..., 2:4]], axis=3)  # Sobel, in both directions
windows = (2, 4, 8, 24)


def seen(shift):
    X = np.roll(digits, shift, axis=2)
    maps = np.maximum(conv_forward(X, edges, np.zeros((1, 1, 1, 4)), 1, 1)[0], 0)
    return [X, maps] + [pool_forward(maps, f, f, "max")[0] for f in windows]


still = seen(0)
assert np.allclose(seen(3)[1], np.roll(still[1], 3, axis=2)), "a shifted image gives the shifted map"
changes = np.array([[np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(seen(s), still)]
                    for s in range(7)])
names = ["pixels", "feature maps", *(f"max pooling {f}" for f in windows[:-1]), "max of the whole map"]
plt.figure(figsize=(8.5, 3.6))
plt.plot(changes, "o-", label=names)
plt.gca().set(xlabel="digit moved to the right by (pixels)", ylabel="relative change")
plt.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plots.show("Relative change against the shift, 0 to 6 pixels. " + "; ".join(
    f"{name}: {one:.2f} after one pixel, {six:.2f} after six"
    for name, one, six in zip(names, changes[1], changes[6])))

# %% [markdown] exercise="conv_backward"
# The feature maps change as much as the pixels do. They are not *in*variant to a shift; they are **equivariant**: moved input, moved map, which the
# cell asserts. It is pooling that forgets where, and it forgets only as much as its windows are large: one pixel is softened, six are hardly. Only
# the maximum of the whole map does not notice at all. "Convolutional nets are translation invariant" is often read, and it is not true as it stands.
#
# ## The way back
#
# Forward, with $P$ for the padded input and $s$ for the stride,
#
# $$Z[i,y,x,c] = \sum_{a,b,k} P[i,\; ys + a,\; xs + b,\; k]\; W[a,b,k,c] + b_c .$$
#
# Given $\partial J/\partial Z$, called `dZ`, ask for each number: which $Z$ does it influence, and how strongly? $W[a,b,k,c]$ has a part in every
# place of map $c$ in every example, with slope $P[i, ys+a, xs+b, k]$. The bias has a part in the same places, with slope 1. A pixel of $P$ has a part
# in every window that holds it and in every filter, with slope $W$. What is used several times gets the sum:
#
# $$dW[\,\cdot,\cdot,\cdot,c] = \sum_{i,y,x} \text{patch}_{i,y,x}\; dZ[i,y,x,c], \qquad db_c = \sum_{i,y,x} dZ[i,y,x,c],$$
#
# $$dP[\text{window}_{i,y,x}] \mathrel{+}= W[\,\cdot,\cdot,\cdot,c]\; dZ[i,y,x,c].$$
#
# There is no 1/m: if the cost is a mean, `dZ` has it already.
#
# ###
# Walk through the loops of `conv_forward` once more and add up. At the end take off the frame: a gradient has the shape of what it is the gradient
# of, with pad = 0 too.

# %% [markdown]
# ## A filter that learns
#
# Sobel thought out his nine weights. Could they have been found from examples? We show a filter with random weights a piece of the photograph and
# what Sobel's filter answers there, and let it descend, with momentum (lab 04b). *Predict first:* the target is the *answers*, not the weights. Will
# it find the same nine weights, or others that answer alike?

# %%
piece = photo[60:76, 40:56][None, :, :, None]
piece = (piece - piece.mean()) / piece.std()
sobel = 4 * W[..., 2:3]
no_bias = np.zeros((1, 1, 1, 1))
target, _ = conv_forward(piece, sobel, no_bias, 1, 0)
w, bias = np.random.default_rng(1).normal(size=sobel.shape), no_bias
speed_w, speed_b, costs, films = 0.0, 0.0, [], []
for step in range(200):
    answer, cache = conv_forward(piece, w, bias, 1, 0)
    costs.append(np.mean((answer - target) ** 2))
    films += [w[:, :, 0, 0]] if step in (0, 2, 5, 10, 25, 60) else []
    _, dW, db = conv_backward(2 * (answer - target) / target.size, cache)
    speed_w, speed_b = 0.9 * speed_w + dW, 0.9 * speed_b + db
    w, bias = w - 0.05 * speed_w, bias - 0.05 * speed_b
print(np.round(w[:, :, 0, 0], 3), f"bias {bias.item():.4f}", f"cost {costs[0]:.2f} → {costs[-1]:.1e}", sep="\n")
assert np.abs(w - sobel).max() < 0.1, "gradient descent finds Sobel's weights from what they answer"
plots.images([*films, w[:, :, 0, 0], sobel[:, :, 0, 0]],
             [f"step {k}" for k in (0, 2, 5, 10, 25, 60, 200)] + ["Sobel"], columns=8, cmap="PuOr_r", limits=(-2, 2))
plots.show("The nine weights of a filter while it learns, as coloured squares: random at first, after some dozens "
           "of steps they resemble Sobel's filter, and after 200 they cannot be told from it: left column purple "
           "(negative), middle blank, right orange (positive), the middle row the strongest.")

# %% [markdown] exercise="pool_backward"
# Nobody told it what an edge is. It found the very weights, because on a picture with enough going on, only these answer so everywhere. From here to
# nets that find their own features is one step: do not give the answers of a filter as a target but only a label at the end.
#
# On the way back from there, pooling is passed as well.
#
# ###
# Which entry of a window had influence, and how much? After a ReLU ties are no rare thing: a window may be 0 everywhere. Any split among tied maxima
# is right, as long as the shares add up to 1.
#
# *Predict first:* the next cell makes a chain of your functions, convolution, ReLU, max pooling and a cost, nudges single weights and pixels and
# compares, as in lab 01. Where might a nudge and the gradient disagree though the code is right?

# %%
rng = np.random.default_rng(2)
X, V = rng.normal(size=(2, 9, 8, 3)), rng.normal(size=(2, 3, 2, 4))
theta = {"X": X, "W": rng.normal(size=(3, 3, 3, 4)), "b": rng.normal(size=(1, 1, 1, 4))}


def chain(X, W, b):
    Z, conv_cache = conv_forward(X, W, b, stride=2, pad=1)
    A, pool_cache = pool_forward(np.maximum(Z, 0), 3, 1, "max")
    return np.sum(V * A ** 2) / 2, (Z, conv_cache, A, pool_cache)


cost, (Z, conv_cache, A, pool_cache) = chain(**theta)
dZ = pool_backward(V * A, pool_cache) * (Z > 0)
for name, gradient in zip(theta, conv_backward(dZ, conv_cache)):
    worst = 0.0
    for _ in range(12):
        index = tuple(rng.integers(0, n) for n in gradient.shape)
        nudge = np.zeros(gradient.shape)
        nudge[index] = 1e-5
        up, down = (chain(**{**theta, name: theta[name] + sign * nudge})[0] for sign in (1, -1))
        worst = max(worst, abs((up - down) / 2e-5 - gradient[index]))
    print(f"d{name} {gradient.shape}: largest difference to the nudges {worst:.1e}")
    assert worst < 1e-6

# %% [markdown] exercise="im2col"
# They agree. (A nudge could mislead where a maximum changes its place or a ReLU its side within the nudge: there the cost has a kink and no slope. It
# hardly ever happens by chance.)
#
# ## From loops to one matrix product
#
# Your loops are clear, and slow: Python comes back between any two products. Processors are made for large matrix products, so the trick of many
# libraries is to copy all patches into one matrix first.
#
# ![](img/conv_im2col.png)
#
# ###
# Make that matrix. The docstring says in which order rows and entries go; think of what `W.reshape(-1, c_out)` does to the axes of W.
#
# *Predict first:* by how much will the matrix product beat the loops: ten times? A hundred times? And TensorFlow's layer the matrix product?

# %%
import timeit

import tensorflow as tf


def conv_by_matrix(A_prev, W, b, stride, pad):
    """As conv_forward; hands back Z and the matrix of patches."""
    (m, h, w, _), (f, _, _, c_out) = A_prev.shape, W.shape
    rows = im2col(zero_pad(A_prev, pad), f, stride)
    shape = m, conv_output_size(h, f, pad, stride), conv_output_size(w, f, pad, stride), c_out
    return (rows @ W.reshape(-1, c_out)).reshape(shape) + b, rows


A, F, bias = rng.normal(size=(4, 32, 32, 3)), rng.normal(size=(3, 3, 3, 16)), rng.normal(size=(1, 1, 1, 16))
ways = {"your loops": lambda: conv_forward(A, F, bias, 1, 1)[0],
        "your im2col": lambda: conv_by_matrix(A, F, bias, 1, 1)[0],
        "TensorFlow": lambda: (tf.nn.conv2d(A, F, 1, "SAME") + bias).numpy()}
answers = {name: way() for name, way in ways.items()}
assert all(np.abs(Z - answers["TensorFlow"]).max() < 1e-6 for Z in answers.values()), "three ways, one result"
ms = {name: 1e3 * min(timeit.repeat(way, number=1, repeat=2 if "loops" in name else 20)) for name, way in ways.items()}
plt.figure(figsize=(7, 2.2))
plt.barh(list(ms), list(ms.values()), color=plots.COLOURS[0])
plt.gca().set(xscale="log", xlabel="milliseconds for 4 images (32, 32, 3), 16 filters of 3 × 3")
plots.show("Bars on a logarithmic axis: " + ", ".join(f"{name} {v:.1f} ms" for name, v in ms.items())
           + f". im2col is {ms['your loops'] / ms['your im2col']:.0f} times as fast as the loops.")

# %% [markdown]
# Three ways, equal to a millionth, and the same arithmetic in all of them: only the order in which the machine does it differs. The price is memory:
# each pixel stands in the matrix up to $f^2$ times.
#
# ## Digits, somewhere
#
# Now all parts together. The images are scikit-learn's small digits, each put down *somewhere* on an empty canvas of 16 × 16. The net: 24 filters of
# 7 × 7, ReLU, the maximum of each whole map, and a softmax layer (lab 00) on these 24 numbers. The 24 numbers say *whether* each filter found its
# feature, not where.
#
# `gradients` goes back through it with your `pool_backward`, and takes dW from the matrix of patches. Is that the same as your loops? In the cell
# after the next, two images are enough to see, and to estimate how long the training would take with loops. `train` is gradient descent on small
# batches, with momentum.

# %%
from labutils.labs.lab00_numpy_foundations.exercises import softmax


def forward(P, X):
    Z, rows = conv_by_matrix(X, P["W"], P["b"], 1, 1)
    A, pool_cache = pool_forward(np.maximum(Z, 0), Z.shape[1], 1, "max")
    found = A.reshape(len(X), -1)
    return softmax((found @ P["V"] + P["c"]).T).T, (rows, Z, A, pool_cache, found)


def gradients(P, X, y):
    p, (rows, Z, A, pool_cache, found) = forward(P, X)
    d = (p - np.eye(10)[y]) / len(X)
    dZ = pool_backward((d @ P["V"].T).reshape(A.shape), pool_cache) * (Z > 0)
    return {"W": (rows.T @ dZ.reshape(len(rows), -1)).reshape(P["W"].shape),
            "b": dZ.sum(axis=(0, 1, 2), keepdims=True), "V": found.T @ d, "c": d.sum(axis=0, keepdims=True)}


def start_at(seed, f=7, n_filters=24):
    rng = np.random.default_rng(seed)
    return {"W": rng.normal(size=(f, f, 1, n_filters)) * np.sqrt(2) / f, "b": np.zeros((1, 1, 1, n_filters)),
            "V": rng.normal(size=(n_filters, 10)) / np.sqrt(n_filters), "c": np.zeros((1, 10))}

# %%
def train(X, y, seed, steps=300):
    P, rng = start_at(seed), np.random.default_rng(seed)
    speed = dict.fromkeys(P, 0.0)
    for _ in range(steps):
        batch = rng.choice(len(X), 64, replace=False)
        for name, gradient in gradients(P, X[batch], y[batch]).items():
            speed[name] = 0.9 * speed[name] + gradient
            P[name] = P[name] - 0.1 * speed[name]
    return P


X_train, y_train, X_test, y_test = scattered_digits(0)
P, X, y = start_at(0), X_train[:2], y_train[:2]
p, (rows, Z, A, pool_cache, found) = forward(P, X)
d = (p - np.eye(10)[y]) / 2
begin = timeit.default_timer()
Z_loops, conv_cache = conv_forward(X, P["W"], P["b"], 1, 1)
dZ = pool_backward((d @ P["V"].T).reshape(A.shape), pool_cache) * (Z_loops > 0)
_, dW, db = conv_backward(dZ, conv_cache)
taken = timeit.default_timer() - begin
fast = gradients(P, X, y)
print(f"dW differs by {np.abs(dW - fast['W']).max():.1e}, db by {np.abs(db - fast['b']).max():.1e}")
print(f"300 steps of 64 images would take about {taken / 2 * 64 * 300 / 60:.0f} minutes with the loops")
assert np.allclose(dW, fast["W"]) and np.allclose(db, fast["b"])

# %% [markdown]
# ### Training, beside a dense net and a negative control
#
# Against it stand scikit-learn's softmax regression and its dense net with 64 hidden units, both trained on the pixels until little changes any more.
# And a negative control: *the same* permutation of pixels is applied to every image, so that no information is lost, but neighbours are no longer
# neighbours. Three seeds each: other digits for training, other places, another permutation.
#
# *Predict first:* order the six: softmax, dense net, convolutional net, each on digits and on permuted digits.

# %%
import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # 300 rounds, even where the last ones still change a little
nets, scores = {}, {}
for seed in range(3):
    X_train, y_train, X_test, y_test = scattered_digits(seed)
    order = np.random.default_rng(seed).permutation(256)
    for kind, at in (("digits", np.arange(256)), ("permuted", order)):
        rows, new_rows = (X.reshape(-1, 256)[:, at] for X in (X_train, X_test))
        nets[kind, seed] = train(rows.reshape(-1, 16, 16, 1), y_train, seed)
        p, _ = forward(nets[kind, seed], new_rows.reshape(-1, 16, 16, 1))
        scores.setdefault(("convolution", kind), []).append(100 * np.mean(np.argmax(p, axis=1) == y_test))
        for name, model in (("softmax", LogisticRegression(max_iter=200)),
                            ("dense, 64", MLPClassifier((64,), max_iter=300, random_state=seed))):
            model.fit(rows, y_train)
            scores.setdefault((name, kind), []).append(100 * model.score(new_rows, y_test))
worst, best = min(scores["convolution", "digits"]), max(scores["dense, 64", "digits"])
assert worst > 90 > 60 > best, "on scattered digits convolution wins by far"
plt.figure(figsize=(7.5, 2.8))
plt.barh([", ".join(k) for k in scores], np.mean(list(scores.values()), axis=1), color=np.repeat(plots.COLOURS[:2], 3))
plt.plot(list(scores.values()), range(6), "k.", ms=5)
plt.gca().set(xlabel="test accuracy in percent: mean (bar) and three seeds (dots)", xlim=(0, 100))
plots.show("Test accuracy. " + "; ".join(f"{', '.join(k)}: {np.mean(v):.0f} percent" for k, v in scores.items()))

# %%
lab.quiz("assumption")

# %% [markdown]
# The dense nets see a digit at a place at which they have hardly ever seen one like it, and to them it is a new picture. Your net has learned each
# stroke once, for all places. And the control shows where the strength comes from: take the neighbours away, and the convolutional net falls below
# the dense one, which does not even notice. A convolution is not a better layer as such. It is a layer with an assumption, and images fulfil it.
#
# What do the filters look for? Each is drawn below, with the digit for which its answer counts most.

# %%
P = nets["digits", 0]
speaks_for = np.argmax(P["V"], axis=1)
order = np.argsort(speaks_for, kind="stable")
plots.images([P["W"][:, :, 0, k] for k in order], [f"for {speaks_for[k]}" for k in order], columns=12, size=0.95,
             cmap="PuOr_r", limits=(-1, 1))
plots.show("The 24 learned filters of 7 by 7, orange for bright and purple for dark, each titled with the digit it "
           "speaks for most. They are grainy: here and there a bright stroke with dark beside it, an arc, a corner. "
           "None looks like a whole digit.")

# %% [markdown]
# ## What it cannot do
#
# Shifts are built in. Are turns, and other sizes? The test digits are put in the middle, then shifted, turned or scaled, and the trained nets of all
# three seeds read them. They have seen nothing but upright digits of one size. *Predict first:* at which angle will half of the accuracy be gone? Why
# might it rise again towards 180 degrees?

# %%
from scipy.ndimage import affine_transform


def transformed(X, down=0, degrees=0, scale=1.0):
    t = np.radians(degrees)
    matrix = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]) / scale
    offset = 7.5 - matrix @ np.array([7.5 + down, 7.5])
    return np.stack([affine_transform(x[..., 0], matrix, offset, order=1) for x in X])[..., None]


tries = {"down": [0, 1, 2, 3, 4], "degrees": [0, 10, 20, 30, 45, 60, 90, 135, 180],
         "scale": [0.5, 0.7, 0.85, 1, 1.15, 1.3, 1.6]}
figure, axes = plt.subplots(1, 3, figsize=(11, 3), sharey=True)
mean = {}
for axis, (what, values) in zip(axes, tries.items()):
    right = np.zeros((3, len(values)))
    for seed in range(3):
        _, _, X_test, y_test = scattered_digits(seed, centred=True)
        for j, value in enumerate(values):
            p = forward(nets["digits", seed], transformed(X_test[:300], **{what: value}))[0]
            right[seed, j] = 100 * np.mean(np.argmax(p, axis=1) == y_test[:300])
    mean[what] = right.mean(axis=0)
    axis.plot(values, right.T, "o-", ms=3)
    axis.set(xlabel=what, ylim=(0, 101), ylabel="accuracy in percent")
down, turned, sized = mean.values()
plots.show(f"Accuracy of the three nets. Shifted down by 0 to 4 pixels: on average never below {down.min():.0f} "
           f"percent. Turned: {turned[3]:.0f} percent at 30 degrees, {turned[6]:.0f} at 90, {turned[8]:.0f} at 180. "
           f"Scaled: {sized[0]:.0f} percent at half the size, {sized[-1]:.0f} at 1.6 times.")
assert down.min() > 85 > 50 > turned[6], "shifts are built in, turns are not"

# %% [markdown]
# Shifts cost nothing, turns and sizes almost everything. What is wanted beyond shifts has to be shown (augmentation, lab 04a) or built in otherwise.
# And nothing here knows *where* the parts of a digit lie to one another: a maximum over the whole map forgets that too. Deeper nets (lab 05b) pool in
# small steps for this reason.
#
# ## Play
#
# A kernel of your own on a photograph of your own: change the numbers, or give `path` the path of an image. This one, on the flower, looks like a
# relief. What makes a picture sharper? What blurs it along one diagonal only?

# %%
path, kernel = None, [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
picture = flower[:424].reshape(106, 4, 160, 4, 3).mean(axis=(1, 3)) / 255
if path:
    picture = plt.imread(path)[..., :3].astype(float)
    apart = 1 + picture.shape[0] // 150
    picture = picture[::apart, ::apart] / max(picture.max(), 1e-9)
own, pad = np.array(kernel, float)[:, :, None, None], len(kernel) // 2
colours = picture.transpose(2, 0, 1)[..., None]  # three grey images, one a colour
through = conv_by_matrix(colours, own, 0.0, 1, pad)[0][..., 0].transpose(1, 2, 0)
figure, axes = plt.subplots(1, 2, figsize=(11, 3.9))
for axis, image, title in zip(axes, (picture, np.clip(through, 0, 1)), ("picture", "through the kernel")):
    axis.imshow(image)
    axis.set_title(title)
    axis.axis("off")
plots.show("Left, the flower. Right, the same through the kernel, colour by colour: petals and buds stand out "
           "like a relief lit from one corner.")

# %% [markdown]
# ## Challenge
#
# Noisy scenes hold plus signs among crosses, letters T, frames and blocks. Design **one** filter of 5 × 5 and a bias by hand: its answer, with pad 2,
# should be above 0 exactly at the centres of the plus signs. An F1 of at least 0.95 on fresh scenes is wanted. (A filter that only likes a plus sign
# likes a full block just as much.)

# %%
from labutils.labs.lab05a_convolution.scenes import marks

images, centres = marks(2, seed=0)
plots.images(images[..., 0], [f"{c.sum()} plus signs" for c in centres], columns=2, size=3, cmap="gray")
plots.show("Two noisy scenes of 40 by 40 pixels, each with 25 marks of 5 by 5 pixels: plus signs, crosses, letters T, "
           "empty frames and full blocks.")


def plus_detector():
    """One filter that finds plus signs.

    Returns
    -------
    W : ndarray (5, 5, 1, 1)
    b : ndarray (1, 1, 1, 1)
    """
    ### BEGIN SOLUTION
    W = np.full((5, 5), -0.5)
    W[2, :] = W[:, 2] = 1.0  # like what belongs to a plus sign, dislike all else
    W[:2, 2] = 2.0  # this is what a T lacks, seen from the middle of its bar
    return W[:, :, None, None], np.full((1, 1, 1, 1), -9.0)
    ### END SOLUTION


lab.challenge("plus_signs", plus_detector)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * A filter is a neuron that looks at a patch, at every place with the same weights: sparse connections, shared parameters. As a matrix: mostly
#   zeros, and few numbers that repeat.
# * Places along a side: ⌊(n + 2 pad − f) / stride⌋ + 1. A filter is as deep as its input; the output is as deep as there are filters.
# * Layers compute the cross-correlation. The convolution of mathematics flips the kernel, and is associative.
# * Backward: same windows, and whatever was used several times gets the sum. A maximum sends its gradient to one place, an average shares it.
# * Shifted image, shifted map: equivariance. Invariance comes from pooling only, and only as far as its windows reach. Turns and sizes are not built
#   in.
# * im2col turns all of it into one matrix product.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | convolution, cross-correlation | 卷积, 互相关 |
# | filter, kernel | 滤波器, 卷积核 |
# | feature map, channel | 特征图, 通道 |
# | receptive field, patch | 感受野, 图像块 |
# | padding, stride | 填充, 步幅 |
# | pooling (max, average) | 池化 (最大, 平均) |
# | parameter sharing, sparse connections | 参数共享, 稀疏连接 |
# | equivariance, invariance | 等变性, 不变性 |
# | edge detection | 边缘检测 |
#
# ## Further reading
#
# * D. H. Hubel, T. N. Wiesel, Receptive fields, binocular interaction and functional architecture in the cat's visual cortex (1962),
#   doi:10.1113/jphysiol.1962.sp006837
# * K. Fukushima, Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position (1980),
#   doi:10.1007/BF00344251
# * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition (1998), doi:10.1109/5.726791
# * V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), arXiv:1603.07285
# * A. Azulay, Y. Weiss, Why do deep convolutional networks generalize so poorly to small image transformations? (2018), arXiv:1805.12177
