# %% [markdown]
# # 00 · Arrays: think in shapes
#
# After this lab you will be able to write a whole calculation as operations on arrays, know the shape of every
# result before you run it, and notice the mistakes that numpy lets pass in silence.
#
# You will build ten small functions that every later lab leans on. At the end four of them together paint a
# stained-glass window: tens of thousands of points, each coloured by its distances to sixty centres, without a single
# loop.
#
# **Needs:** Python's functions, loops and lists; a little of derivatives. No numpy yet. **Time:** about 75 minutes.
#
# We begin with something that goes wrong. A model forecasts three temperatures, and all three turn out exactly
# right. The next cell computes its mean squared error.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

from labutils import plots

forecast = np.array([[12.0], [15.0], [20.0]])   # what a model said
measured = np.array([12.0, 15.0, 20.0])         # what the thermometer said
difference = forecast - measured
print("mean squared error of a perfect forecast:", np.mean(difference ** 2))
plt.figure(figsize=(3.4, 3))
plt.imshow(difference, cmap="coolwarm", vmin=-12, vmax=12)
for (i, j), value in np.ndenumerate(difference):
    plt.text(j, i, f"{value:g}", ha="center", va="center", fontsize=12)
plt.title(f"{forecast.shape} minus {measured.shape} is {difference.shape}")
plt.axis("off")
plots.show("Three minus three numbers gave a table of nine: every forecast minus every measurement. "
           "The zeros on the diagonal are the three differences that were meant.")

# %% [markdown]
# ## 1 · Every array has a shape
#
# The error should be 0, and numpy raised no complaint. The cause stands in the title of the picture: one array has
# shape (3, 1), the other (3,). To your eye both are three numbers; numpy subtracted every measurement from every
# forecast. By the end of section 3 you will know why.
#
# The **shape** of an array lists its length along each **axis**. Two axes make a matrix: (3, 1) is a column, (1, 3) a
# row. A *single* axis, (3,), is neither. Such a flat array is handy for a list of numbers, but it has no
# direction, so a transpose cannot turn it. The next cell compares the two, and the two products you will use all the
# time:
#
# - `np.multiply(a, b)`, short `a * b`, multiplies entry by entry, and the shapes must match (or broadcast);
# - `np.dot(a, b)`, short `a @ b`, is the matrix product: rows meet columns, and the inner lengths must agree.
#
# *Predict first:* what does `v.T` do to a flat array `v`? What are the shapes of `column @ column.T` and
# `column.T @ column`?

# %%
v = np.array([1.0, 2.0, 3.0])        # one axis: neither row nor column
column = v.reshape(3, 1)             # two axes; v[:, None] does the same
print("v", v.shape, "  v.T", v.T.shape, "  column", column.shape, "  column.T", column.T.shape)
print("v @ v.T =", v @ v.T)
print("column @ column.T =\n", column @ column.T)
print("column * column has shape", np.multiply(column, column).shape)
product = column.T @ column
print("column.T @ column =", product, "  squeezed:", np.squeeze(product))
print("np.squeeze:", np.squeeze.__doc__.strip().splitlines()[0])

# %% [markdown]
# `v.T` did nothing at all. That is the **rank-1 trap**: an array of one axis goes through transposes unchanged and
# later meets a real column in a subtraction. The cure is a habit. Where direction matters, give the array two axes at
# once, with `reshape` or `keepdims`, and check `print(x.shape)` or `assert x.shape == (3, 1)` when unsure. And when an
# axis of length 1 is left over at the end, `np.squeeze` takes it off.
#
# The last line printed the beginning of numpy's own documentation. You need not remember what each function
# does: in a notebook, a cell with `np.squeeze?` opens its page, `np.squeeze??` the source as well, and Shift+Tab inside
# the parentheses shows it as you type.
#
# ## 2 · Why not a loop
#
# One layer of a neural network multiplies a matrix $W$ (n, n) with a vector $x$. In plain Python that is a loop in a
# loop: `enumerate` hands out each row with its number, `zip` walks through two lists side by side.
#
# $$z_i = \sum_j W_{ij}\, x_j$$
#
# numpy's `W @ x` does the same multiplications in compiled code, on numbers that lie side by side in memory,
# several at a time. This is what **vectorising** means: say what should happen to the whole array and leave the loop to
# numpy.
#
# *Predict first:* both do n² multiplications. How many times faster is `W @ x` at n = 256: twice, 20 times, 1000 times?

# %%
def product_by_loops(W, x):
    z = np.zeros(len(W))
    for i, row in enumerate(W):
        for weight, value in zip(row, x):
            z[i] += weight * value
    return z

def seconds(multiply, W, x, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        multiply(W, x)
    return (time.perf_counter() - start) / repeats

rng = np.random.default_rng(0)
W, x = rng.normal(size=(256, 256)), rng.normal(size=256)
assert np.allclose(product_by_loops(W, x), W @ x)
sizes = [4, 8, 16, 32, 64, 128, 256]
loops = [seconds(product_by_loops, W[:n, :n], x[:n], 1) for n in sizes]
arrays = [seconds(np.dot, W[:n, :n], x[:n], 50) for n in sizes]
print(f"n = 256: loops {loops[-1]:.2g} s, W @ x {arrays[-1]:.2g} s, {loops[-1] / arrays[-1]:.0f} times as fast")
plt.figure(figsize=(5.5, 3.4))
plt.loglog(sizes, loops, "o-", label="two Python loops")
plt.loglog(sizes, arrays, "s-", label="W @ x")
plt.xticks(sizes, sizes)
plt.gca().set(xlabel="n", ylabel="seconds")
plt.legend()
plots.show("Time against n, both axes logarithmic. The line of the loops climbs steadily, four "
           "times as long for twice the n; "
           "the line of the matrix product lies far below, almost flat at first, and the gap widens.")

# %% [markdown] exercise="sigmoid"
# The same idea for a formula: `np.exp(z)` takes the exponential of every entry of z, whatever its shape, and so do `+`,
# `-`, `*` and `/`. You write the formula as if z were one number.
#
# Your first function is the **sigmoid**, which turns any number into something that can be read as a probability:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# *Predict first:* what are $\sigma(0)$, $\sigma(100)$ and $\sigma(-100)$?

# %% [markdown] exercise="sigmoid_derivative"
# A network learns by asking how much its output moves when something before it moves a little. For the sigmoid, write
# $\sigma = (1 + e^{-z})^{-1}$ and use the chain rule:
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)$$
#
# The last step holds because $1 - \sigma(z) = \frac{e^{-z}}{1 + e^{-z}}$. So whoever has $\sigma(z)$ has the slope
# almost for free.
#
# *Predict first:* where is the slope largest, and how large? And at z = 8? The cell after the check draws it, and
# compares the formula with a slope measured directly from two points close together.

# %%
z = np.linspace(-8, 8, 161)                          # 161 numbers, both ends included
h = 1e-5
measured_slope = (sigmoid(z + h) - sigmoid(z - h)) / (2 * h)
assert np.allclose(sigmoid_derivative(z), measured_slope, atol=1e-8)
print("largest slope", sigmoid_derivative(z).max(), "at z =", z[np.argmax(sigmoid_derivative(z))])
print("slope at z = 8:", sigmoid_derivative(8.0))
plt.figure(figsize=(5.5, 3.2))
plt.plot(z, sigmoid(z), label="σ(z)")
plt.plot(z, sigmoid_derivative(z), label="its slope, by your formula")
plt.plot(z[::10], measured_slope[::10], "o", color=plots.COLOURS[4], ms=4, label="its slope, measured")
plt.xlabel("z")
plt.legend()
plots.show("The sigmoid rises in an S from 0 to 1. Its slope is a bell, 0.25 high at z = 0 and "
           "nearly 0 beyond 6 on either side; "
           "the measured slopes lie on it.")

# %% [markdown] exercise="images_to_matrix"
# Far from 0 the slope all but vanishes. Keep that in mind: a deep network multiplies such slopes.
#
# Now photographs. A batch of m colour pictures is an array (m, h, w, c): picture, row, column, colour channel. A neuron
# wants each picture as one column of numbers, so the batch has to become (h·w·c, m).
#
# It helps to know what `reshape` does. In memory an array is one long row of numbers, the last axis running fastest:
# first all numbers of picture 0, then all of picture 1. `reshape` never moves a number; it only cuts this row anew.
# `ravel` shows the row uncut, and -1 lets numpy work out one length: `np.arange(6).reshape(2, -1)` is
# `[[0, 1, 2], [3, 4, 5]]`, while its `.T`, (3, 2), has `[0, 3]` in its first row. Transposing is not reshaping.
#
# *Predict first:* `images.reshape(-1, m)` gives the wanted shape in one go. What will the pictures look like
# if someone uses that? The cell after the check shows both.

# %%
from sklearn.datasets import load_sample_images

temple, flower = load_sample_images().images         # each (427, 640, 3), numbers from 0 to 255
photos = np.stack([temple[20:404:4, 30:414:4], temple[20:404:4, 230:614:4],
                   flower[20:404:4, 130:514:4], flower[120:408:3, 220:508:3]])     # (4, 96, 96, 3)
m = photos.shape[0]
matrix = images_to_matrix(photos)
scrambled = photos.reshape(-1, m)
print(photos.shape, "→", matrix.shape, "and, straight away,", scrambled.shape)
recovered = [matrix[:, i].reshape(photos.shape[1:]) for i in range(m)]
broken = [scrambled[:, i].reshape(photos.shape[1:]) for i in range(m)]
assert np.array_equal(recovered, photos) and not np.array_equal(broken, photos)
assert np.array_equal(np.sort(matrix, axis=None), np.sort(scrambled, axis=None))   # not a number is lost
titles = [f"column {i}" for i in range(m)] + [f"column {i}, scrambled" for i in range(m)]
plots.images(recovered + broken, titles, columns=4, size=1.9)
plots.show("Top: each column of your matrix, reshaped back, is one photograph, a temple twice and a "
           "flower twice. Bottom: the columns of "
           "the direct reshape. Each is a sheet of sixteen tiny coarse copies, a row of four for "
           "every photograph, some in false colours.")

# %% [markdown]
# Same shape, same numbers, no error, and useless for learning: in the bottom row every "column" holds each fourth
# number of all four photographs, a green here and a red there. A check of shapes alone would have passed it.
#
# ## 3 · Broadcasting: how shapes line up
#
# What does numpy do when two arrays of different shapes meet in `+`, `-`, `*` or `/`? The rule has three steps:
#
# 1. Write the two shapes below each other, lined up **from the right**. Where one is shorter, put 1s in front.
# 2. Wherever the lengths differ, one of them must be 1. That axis is **stretched** to the other's length, as if its
#    numbers were repeated.
# 3. If the lengths differ and neither is 1, it is an error.
#
# ```
#   (3, 4)        (3, 4)        (3, 1)        (3, 4)
#      (4,)       (3, 1)           (4,)          (3,)
#   ------        ------        ------        ------
#   (3, 4)        (3, 4)        (3, 4)        error: 4 meets 3
# ```
#
# The third case is the trap from the beginning: a column and a flat array, both stretched, make a full table.
#
# *Predict first:* in each of the first three cases, which of the two arrays is stretched, and in which direction?

# %%
table, row, tens = np.arange(12).reshape(3, 4), np.array([0, 100, 200, 300]), np.array([[0], [10], [20]])

def draw(axis, array, title):
    rows, columns = ((1,) + array.shape)[-2:]
    real = np.zeros((3, 4), dtype=bool)
    real[:rows, :columns] = True                     # the numbers that exist; the others are stretched copies
    axis.pcolormesh(np.where(real, 0.85, 0.15), cmap="Blues", vmin=0, vmax=2, edgecolors="white", linewidth=2)
    axis.invert_yaxis()
    for (i, j), value in np.ndenumerate(np.broadcast_to(array, (3, 4))):
        axis.text(j + 0.5, i + 0.5, value, ha="center", va="center", color="black" if real[i, j] else "gray")
    axis.set_title(title)
    axis.axis("off")

figure, axes = plt.subplots(3, 3, figsize=(7.5, 5.4))
for line, (a, b) in zip(axes, [(table, row), (table, tens), (tens, row)]):
    draw(line[0], a, f"{a.shape}")
    draw(line[1], b, f"+  {b.shape}")
    draw(line[2], a + b, f"=  {(a + b).shape}")
try:
    table + np.arange(3)
except ValueError as error:
    print("(3, 4) + (3,):", error)
plots.show("Three sums, numbers that exist on dark ground, stretched copies on pale. A (4,) array "
           "is repeated downwards, a (3, 1) "
           "column to the right; a (3, 1) column plus a (4,) array stretches both and fills a table.")

# %%
lab.quiz("broadcast")

# %% [markdown] exercise="normalize_rows"
# Scale each row of x (n, d) to Euclidean length 1: divide it by $\lVert x_i \rVert = \sqrt{\sum_j x_{ij}^2}$. Often only
# the direction of a row should count, not its size.
#
# `np.sum(x, axis=1)` adds along each row, and the axis it has summed over is gone: (n,). With `keepdims=True` it stays
# with length 1: (n, 1).
#
# *Predict first:* x is (3, 4). Why does dividing it by an array of shape (3,) fail, and by (3, 1) not? And x of shape
# (3, 3): would dividing by (3,) fail too?

# %% [markdown]
# That last case is the worst one: for a square x the division by (3,) *works*, divides the columns in place of the rows,
# and says nothing.
#
# ## 4 · Scores into probabilities
#
# With several classes a network gives each a score, any number at all. **Softmax** makes them positive with the
# exponential, then divides by their sum, so that they add up to 1:
#
# $$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
#
# An example is a column here, as everywhere in the first labs, so both the sum and the maximum below run over axis 0.
# The next cell types the formula in as it stands. Its two columns have the same differences between the scores; the
# second lies 1000 higher, and in a network that is training badly such scores do occur.
#
# *Predict first:* which probabilities will each column give?

# %%
scores = np.array([[2.0, 1002.0],
                   [1.0, 1001.0],
                   [0.0, 1000.0]])
with np.errstate(over="ignore", invalid="ignore"):   # numpy would warn here; we look at the result instead
    print("e to the power 1002 is", np.exp(scores[0, 1]))
    naive = np.exp(scores) / np.sum(np.exp(scores), axis=0, keepdims=True)
print(naive.round(4))

# %% [markdown] exercise="softmax"
# The largest float is about $10^{308}$, and $e^{1002}$ lies beyond it: `inf`. Then inf / inf is `nan`, not a number, and
# every later result that touches it is nan too.
#
# The way out takes one line of algebra. Subtract any number c from all scores of a column:
#
# $$\frac{e^{z_i - c}}{\sum_k e^{z_k - c}} = \frac{e^{-c}\, e^{z_i}}{e^{-c} \sum_k e^{z_k}} = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
#
# Nothing changes, so we may choose c. With the largest score of the column as c, no exponent is above 0.
#
# *Predict first:* can the sum below the line be 0 now? What is the largest term in it?

# %%
lab.quiz("shift")

# %%
stable = softmax(scores)
print("each column shifted by its own maximum:\n", stable.round(4))
assert np.allclose(stable[:, 0], naive[:, 0]) and np.allclose(stable[:, 0], stable[:, 1])
e = np.exp(scores - scores.max())                    # the control: one maximum for all columns
with np.errstate(invalid="ignore"):
    print("all shifted by one common maximum:\n", (e / e.sum(axis=0, keepdims=True)).round(4))
t = np.linspace(-6, 6, 121)
p = softmax(np.stack([t, np.ones(121), np.zeros(121)]))     # (3, 121): only the first score moves
assert np.allclose(softmax(np.stack([t, np.zeros(121)]))[0], sigmoid(t))
plt.figure(figsize=(5.5, 3.2))
plt.stackplot(t, p, labels=["score t", "score 1", "score 0"], colors=plots.COLOURS, alpha=0.85)
plt.xlabel("t")
plt.ylabel("probability")
plt.margins(0)
plt.legend(loc="upper left")
plots.show("Three bands that always fill the height from 0 to 1. As the first score t grows from -6 "
           "to 6, its band swells in an S from "
           "nothing to nearly everything; the other two share what is left, always in the ratio e to 1.")

# %% [markdown] exercise="l1_loss"
# The last cell held two things more. Its control shows that the shift has to be each column's *own* maximum: with one
# for all, the small column becomes 0 / 0. And its second `assert` says that softmax of two scores, t and 0, is nothing
# but σ(t): divide $e^t / (e^t + 1)$ by $e^t$ above and below.
#
# ## 5 · Two ways to be wrong
#
# A **loss** says how far predictions lie from the truth, in one number. The L1 loss adds the absolute differences:
#
# $$L_1(\hat y, y) = \sum_i |\hat y_i - y_i|$$
#
# ###
#
# *Predict first:* what would come out without the absolute value, for $\hat y = (1, 3)$ and $y = (2, 2)$?

# %% [markdown] exercise="l2_loss"
# The L2 loss adds the squares: $L_2(\hat y, y) = \sum_i (\hat y_i - y_i)^2$. That looks like a small change. To see what
# it does, predict five numbers $y_i$ by one constant c and ask which c is best.
#
# - For L2 the slope in c is $2 \sum_i (c - y_i)$. It is 0 where c is the **mean**.
# - For L1 every number below c adds 1 to the slope and every number above takes 1 away. They balance where as many lie
#   below as above: at the **median**.
#
# *Predict first:* the numbers are 1, 2, 3, 4, 5. Someone mistypes the last one as 40. How far does the best c move under
# L1, and how far under L2? The cell after the check tries every c from 0 to 12 in steps of 0.05.

# %%
candidates = np.linspace(0, 12, 241)
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for axis, loss, name in zip(axes, [l1_loss, l2_loss], ["L1", "L2"]):
    for last, style in [(5.0, "-"), (40.0, "--")]:
        y = np.array([[1.0, 2.0, 3.0, 4.0, last]])
        losses = np.array([loss(np.full((1, 5), c), y) for c in candidates])
        best = candidates[np.argmin(losses)]
        assert np.isclose(best, np.median(y) if name == "L1" else np.mean(y))
        print(f"{name}, last number {last:g}: best constant {best:g}   (mean {np.mean(y):g}, median {np.median(y):g})")
        axis.plot(candidates, losses - losses.min(), style, label=f"last number {last:g}")
        axis.plot(best, 0, "o", color=axis.lines[-1].get_color())
    axis.set(title=name, xlabel="constant c", ylabel="loss above its minimum")
    axis.legend()
plots.show("Left, L1: a chain of straight pieces, lowest at the median 3, with or without the "
           "outlier. Right, L2: a parabola, lowest at 3 "
           "without the outlier and at 10 with it; one wrong number has dragged the minimum away "
           "from the other four.")

# %% [markdown] exercise="pairwise_squared_distances"
# ## 6 · Everything with everything
#
# At the start a full table came out by accident. Now you want one: the squared distance of *every* row of A from *every*
# row of B,
#
# $$D_{ij} = \sum_l (A_{il} - B_{jl})^2 .$$
#
# `None` in an index inserts an axis of length 1: `A[:, None, :]` is (n, 1, d). Which shape must B get, so that the two
# stretch to (n, k, d)? Then only the sum is left.
#
# ###
#
# *Predict first:* A is (1000, 2) and B is (60, 2). How many numbers does the largest array on the way hold?

# %% [markdown] exercise="grid_points"
# To colour a plane you need its points as rows. `np.arange(x_min, x_max, step)` gives one axis, without its end.
# `np.meshgrid(x, y)` gives two tables, the x and the y of every point; `np.ravel` makes a table flat;
# `np.c_[a, b]` puts flat arrays side by side as columns.
#
# *Predict first:* x from 0 to 1 and y from 0 to 0.5, step 0.25: how many points?

# %% [markdown] exercise="binary_accuracy"
# Percent of predictions that are right, for rows of zeros and ones, by dot products. What does the dot product of two
# such rows count?

# %% [markdown]
# ## 7 · The window
#
# All the pieces are there. Sixty centres lie on a spiral, each turned against the one before by 2.4 radians, much as the
# seeds of a sunflower are. From a grid of points we take all squared distances to the centres. Softmax of *minus* the
# distances over a softness then divides each point among the centres: the nearest gets most. Each centre has a colour,
# and a point's colour is the mix. Where two centres have equal shares, none is large, so multiplying by the largest
# share draws the dark lines.
#
# Read the shapes at the right before you run it. *Predict first:* what happens to the lines as the softness grows? What
# kind of line separates two centres?
#
# The cell after it measures. Every centre of this spiral claims about the same area, so the cells of the first 20
# should fill one third of the disc, a small disc of radius $\sqrt{20/60}$. That makes two rows of zeros and ones: "the
# nearest centre is one of the first 20", and "the point lies in the small disc". As a control, the centres' numbers are
# dealt out at random: the window stays, its order is gone. By chance both rows are 1 in $\frac13 \cdot \frac13$ of the
# points and both 0 in $\frac23 \cdot \frac23$. *Predict first:* in what percent do they agree, before and after?

# %%
def spiral(k, turn):
    i = np.arange(k)
    radius, angle = np.sqrt((i + 0.5) / k), turn * i
    return np.c_[radius * np.cos(angle), radius * np.sin(angle)]               # (k, 2)

def window(k=60, turn=2.4, softness=0.004, step=0.01):
    points = grid_points(-1.05, 1.05, -1.05, 1.05, step)                       # (n, 2)
    distances = pairwise_squared_distances(points, spiral(k, turn))            # (n, k)
    shares = softmax(-distances.T / softness)                                  # (k, n), every column sums to 1
    hue = 2 * np.pi * np.arange(k)[:, None] / k + np.array([0.3, 1.2, 2.4])    # (k, 1) + (3,) → (k, 3)
    colours = 0.55 + 0.45 * np.cos(hue)                                        # (k, 3): red, green, blue
    picture = (shares.T @ colours) * shares.max(axis=0)[:, None] ** 1.5        # (n, 3) * (n, 1)
    picture[np.sum(points ** 2, axis=1) > 1.05] = 1                            # white around the disc
    side = int(np.sqrt(len(points)))
    return points, distances, shares, picture.reshape(side, side, 3)

points, distances, shares, picture = window()
figure, axes = plt.subplot_mosaic("AAB;AAC", figsize=(8, 5.3))
for axis, softness in zip(axes.values(), [0.004, 0.02, 0.0002]):
    axis.imshow(picture if softness == 0.004 else window(softness=softness, step=0.02)[3], origin="lower")
    axis.set_title(f"softness {softness}")
    axis.axis("off")
plots.show("A round window of sixty glass cells in a sunflower spiral, amber in the middle, then "
           "dark red, blue, and pale colours at the "
           "rim, with dark lines between them. At right the same with more softness, sunk in "
           "shadow, and with less, where the lines vanish.")

# %%
nearest = np.argmin(distances, axis=1)                                         # (n,)
assert np.mean(np.argmax(shares, axis=0) == nearest) > 0.999                   # softmax keeps the order
squared_radius = np.sum(points ** 2, axis=1)
inside = squared_radius < 1                                                    # True for the points of the disc
in_small_disc = (squared_radius[inside] < 20 / 60).astype(int)[None, :]        # (1, number of points inside)
agreement = binary_accuracy((nearest[inside] < 20).astype(int)[None, :], in_small_disc)
shuffled = np.random.default_rng(1).permutation(60)[nearest]
control = binary_accuracy((shuffled[inside] < 20).astype(int)[None, :], in_small_disc)
print(f"{inside.sum()} points: {agreement:.1f} % agree; centres shuffled: {control:.1f} %; by chance: {500 / 9:.1f} %")
assert agreement > 90 and control < 65

# %%
lab.quiz("memory")

# %% [markdown]
# ## 8 · What this cannot do
#
# - **Nearest centres have straight borders.** Where $\lVert p - a \rVert^2 = \lVert p - b \rVert^2$, the term
#   $\lVert p \rVert^2$ cancels and what remains is linear in p. A curved border needs many centres, or a hidden layer
#   (lab 02).
# - **Floats are rounded.** 0.1 has no exact binary form, so compare floats with `np.isclose`, never with `==`. And
#   `np.arange` with a fractional step may end one number late: `np.linspace` says how many numbers there are, and keeps
#   to it.
# - **Small integers wrap around.** A photograph's numbers are bytes, 0 to 255. Adding two photographs goes round the
#   end without a warning. Make them floats first.
# - **Broadcasting writes the whole table down.** The difference in your distances holds n·k·d numbers, although
#   the result needs only n·k. Multiplied out, $\lVert a - b \rVert^2 = \lVert a \rVert^2 - 2\,a \cdot b + \lVert b \rVert^2$,
#   and the middle term is a matrix product: no (n, k, d) any more. The price is rounding again, when two large numbers
#   nearly cancel.
# - **Some loops stay.** Where each step needs the one before, as in training, the steps remain a loop; only the inside
#   of each is vectorised.

# %%
print("0.1 + 0.2 == 0.3:", 0.1 + 0.2 == 0.3, "  isclose:", np.isclose(0.1 + 0.2, 0.3))
print("arange(1, 1.3, 0.1):", np.arange(1, 1.3, 0.1), "  linspace:", np.linspace(1, 1.3, 3, endpoint=False))
photo = np.array([200, 100], dtype=np.uint8)
print("bytes 200 + 200:", (photo + photo)[0], "  as floats:", (photo.astype(float) + photo)[0])
for n, k, d in [(1000, 60, 2), (20_000, 1000, 100), (60_000, 10_000, 784)]:
    print(f"n = {n}, k = {k}, d = {d}:  (n, k, d) takes {8e-9 * n * k * d:.4g} GB, the result {8e-9 * n * k:.4g} GB")
a, b = np.array([[1e8, 0.0]]), np.array([[1e8 + 3, 0.0]])
print("squared distance 9: broadcast", np.sum((a - b) ** 2), "  multiplied out", np.sum(a ** 2 - 2 * a * b + b ** 2))

# %% [markdown]
# ## Challenge · Read digits without training
#
# scikit-learn brings 1797 handwritten digits of 8 × 8 pixels, each a row of 64 numbers. Give every unknown digit the
# label of the known digit that lies nearest to it. With 600 known digits, name 97 % of 300 unknown ones right. (The
# nearest of the ten *average* digits will not do; the result says how far that comes.)

# %%
def classify(train, labels, queries):
    """Label of the nearest known digit, for each unknown one.

    Parameters
    ----------
    train : ndarray (n, 64)    labels : ndarray (n,), digits 0 to 9
    queries : ndarray (k, 64)

    Returns
    -------
    ndarray (k,) of labels
    """
    ### BEGIN SOLUTION
    squared = pairwise_squared_distances(queries, train)
    return labels[np.argmin(squared, axis=1)]
    ### END SOLUTION

# %%
lab.challenge("digits", classify)

# %% [markdown]
# ## What to remember
#
# - Say the shape of every array before you run the line; check it with `assert` where it matters.
# - (n,) has no direction: `.T` leaves it as it is, and against (n, 1) it becomes a table (n, n). Use `keepdims=True`.
# - Broadcasting lines up from the right; only axes of length 1 stretch.
# - `reshape` cuts anew, `.T` turns; they are not the same.
# - `*` works entry by entry, `@` multiplies rows with columns.
# - Softmax: shift each column by its own maximum first.
# - L1 goes with the median, L2 with the mean: squares chase outliers.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | array, axis, shape | 数组、轴、形状 |
# | vectorisation | 向量化 |
# | broadcasting | 广播 |
# | transpose, reshape, flatten | 转置、改变形状、展平 |
# | element-wise product, dot product | 逐元素乘积、点积 |
# | sigmoid, softmax | S 型函数、归一化指数函数 |
# | loss, outlier | 损失、离群值 |
# | floating-point number, overflow | 浮点数、溢出 |
# | nearest neighbour | 最近邻 |
#
# ## Further reading
#
# - C. R. Harris et al., Array programming with NumPy, *Nature* 585 (2020). doi:10.1038/s41586-020-2649-2. What numpy is,
#   by those who make it; its first figure shows broadcasting.
# - D. Goldberg, What every computer scientist should know about floating-point arithmetic, *ACM Computing Surveys* 23
#   (1991). doi:10.1145/103162.103163.
# - P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions, *IMA Journal of
#   Numerical Analysis* 41 (2021). doi:10.1093/imanum/draa038.
# - T. Cover, P. Hart, Nearest neighbor pattern classification, *IEEE Transactions on Information Theory* 13 (1967),
#   doi:10.1109/TIT.1967.1053964. Why the nearest neighbour is a hard opponent to beat.
#
# ## Your own window
#
# Last, a cell to play with: change the numbers and run it again. A turn of 2.4 was the sunflower; 2.5 is close to two fifths
# of a full turn, and five bent blades appear. What will 2.0944 give, a third of a turn? Try fewer centres and more
# softness. What does `k=2` look like, and why?

# %%
k, turn, softness = 100, 2.5, 0.002
plt.figure(figsize=(5.5, 5.5))
plt.imshow(window(k, turn, softness)[3], origin="lower")
plt.axis("off")
plots.show(f"A window of {k} cells, each centre turned by {turn} radians against the one before, "
           f"softness {softness}.")
