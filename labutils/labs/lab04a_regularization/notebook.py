# %% [markdown]
# # 04a · Regularisation: nets that generalise, and deep ones that train
#
# At the end of this lab you can say which of two diseases a net has, give it the remedy that fits, prove that your gradients are right, and make a net
# of thirty layers learn that would not move at all.
#
# You need lab 03 (layers, forward and backward). Thirteen exercises, about 120 minutes; most of them take a handful of lines. Each is checked on the
# spot; where one is open or not right yet, the reference stands in and the lab runs on. As in labs 01 to 03 examples are **columns**.
#
# We begin with a net that fails. It has two inputs, hidden layers of 40 and 20 units, and 200 points to learn from: two interleaved half-moons, so
# noisy that they overlap. Beside it stand a net that is far too small, and one that is middling.

# %%
import matplotlib.pyplot as plt
import numpy as np

from labutils import plots
from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters
from labutils.labs.lab03_deep_net.exercises import (  # noqa: F401 (some are for your exercises)
    deep_cost,
    initialize_parameters_deep,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    model_backward,
    model_forward,
    sigmoid,
)
from labutils.labs.lab04a_regularization.moons import accuracy, forward, moons, plain, train, weights

# %%
X_train, Y_train, _, _, X_test, Y_test = moons(0)
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6))
for axis, layers in zip(axes, ((2, 1), (2, 6, 1), (2, 40, 20, 1))):
    net = train(plain, X_train, Y_train, layers)[-1]
    seen, unseen = accuracy(net, X_train, Y_train), accuracy(net, X_test, Y_test)
    plots.boundary(lambda P, net=net: forward(P, net)[0], X_train, Y_train, axis,
                   f"{'-'.join(map(str, layers))}: training {seen:.0f} %, unseen {unseen:.0f} %")
plots.show(f"The same 200 training points three times, with what three nets say everywhere. Left, a single neuron: "
           f"a straight boundary that misses both bends. Middle, six hidden units: one smooth S. Right, 40 and 20 "
           f"hidden units: a torn boundary with fingers and islands around single points; training accuracy is "
           f"highest there, {seen:.0f} percent, and on unseen points it is {unseen:.0f} percent.")

# %% [markdown] exercise="normalize_inputs"
# ## Bias and variance
#
# The net on the left is wrong even where it was taught. It *underfits*: that part of the error is called **bias**. The one on the right knows its 200
# points nearly by heart, noise included, and loses that advantage on new ones. It *overfits*: draw 200 other points, and its boundary would look quite
# different; hence **variance**. Two numbers tell which it is, and each has remedies of its own.
#
# ![](img/bias_and_variance.png)
#
# What is "high"? Compare with the best that can be hoped for. Our moons overlap, so on unseen points nobody reaches 100 %; further down, a net with ten
# times the data shows about where the ceiling lies. This lab is about the right-hand box, and then about nets so deep that they never get as far as
# either box. But first a habit that costs four lines.
#
# ## Inputs of one size
#
# Let one feature be a length in metres and another one a price in cents. A step that suits the first is far too long for the second: the cost becomes a
# long, narrow valley, and gradient descent zigzags through it. So move every feature to mean 0 and scale it to standard deviation 1.
#
# ###
# Examples are columns, so statistics run along the rows. The test set gets the **training set's** mean and deviation: a net must treat a new input just
# as it treated the old ones.
#
# *Predict first:* will the test set have mean exactly 0 afterwards?
#
# **Below the check.** Does it matter, and does it matter *which* spread we divide by? Lecture notes sometimes divide by the variance σ² instead of the
# deviation σ. Below is the cost of one linear unit over its two weights, for two features of deviation 3 and 0.4. *Predict first:* which of the three
# valleys is round?

# %%
rng = np.random.default_rng(0)
raw = np.array([[3.0], [0.4]]) * rng.standard_normal((2, 200)) + np.array([[2.0], [0.5]])
normal, _, mean, std = normalize_inputs(raw, raw)
target = np.array([[1.0, -1.0]]) @ normal + 0.3 * rng.standard_normal((1, 200))
figure, axes = plt.subplots(1, 3, figsize=(11, 3.5))
for axis, (name, X) in zip(axes, {"as they come": raw, "divided by σ": normal,
                                     "divided by σ²": (raw - mean) / std ** 2}.items()):
    H, best = X @ X.T / 200, np.linalg.lstsq(X.T, target.T, rcond=None)[0]
    reach = 2.6 * np.abs(best).max()
    u, v = np.meshgrid(np.linspace(-reach, reach, 90), np.linspace(-reach, reach, 90))
    d = np.stack([u.ravel(), v.ravel()]) - best
    axis.contourf(u, v, np.log(0.05 + np.sum(d * (H @ d), axis=0).reshape(u.shape)), 22, cmap="Blues_r")
    path = [np.array([[-0.7 * reach], [0.7 * reach]])]
    for _ in range(25):  # the longest step that is still stable, nearly
        path.append(path[-1] - 1.4 / np.linalg.eigvalsh(H)[-1] * H @ (path[-1] - best))
    left = np.linalg.norm(path[-1] - best) / np.linalg.norm(path[0] - best)
    axis.plot(*np.hstack(path), "o-", color=plots.COLOURS[1], ms=3, lw=1)
    axis.plot(*best, "*", color="black", ms=10)
    axis.set(title=f"{name}: {left:.1%} of the way left", xlabel="w₁", ylabel="w₂",
             xlim=(-reach, reach), ylim=(-reach, reach))
plots.show("Contours of the cost over two weights, dark where it is low, with 25 steps of gradient descent towards "
           "a black star. Left, features as they come: a narrow valley; the path jumps across it and then hardly "
           "moves along it. Middle, divided by the deviation: nearly round, the path goes to the star. Right, "
           "divided by the variance: narrow again, turned the other way, and the path stays far from the star.")

# %% [markdown] exercise="l2_cost"
# Dividing by σ² does not make features equal; it turns the inequality round: the feature that was wide is now the narrow one. Where all deviations are
# near 1 nobody notices. (And mean 0 with deviation 1 does not make a feature *normal*, in the sense of a bell curve; lab 04c looks at that.)
#
# ## A price on weights: L2
#
# The torn boundary of the big net needs steep slopes, and steep slopes need large weights. So give large weights a price:
#
# $$J_{\text{L2}} = \underbrace{-\frac1m\sum_i \big[y\log a + (1-y)\log(1-a)\big]}_{\text{cross-entropy}} \;+\;
# \underbrace{\frac{\lambda}{2m}\sum_{l}\sum_{j,k} \big(W^{[l]}_{jk}\big)^2}_{\text{penalty}}.$$
#
# The *regularisation strength* λ is a hyperparameter: 0 is no price at all, and a very large λ leaves a net that says the same everywhere. Biases are
# left out: they move a boundary but do not make it steep.
#
# ###
# `deep_cost` (lab 03) gives the cross-entropy. Add the penalty over the weights of **all** layers.

# %% [markdown] exercise="l2_backward"
# ### What the penalty does to a step
#
# Differentiate: $\partial J_{\text{L2}}/\partial W = dW + \frac{\lambda}{m} W$, where $dW$ is the gradient you had. The factor ½ was there to cancel
# the 2. So a step of gradient descent is
#
# $$W \leftarrow W - \alpha\Big(dW + \frac{\lambda}{m}W\Big) = \Big(1-\frac{\alpha\lambda}{m}\Big)\,W - \alpha\, dW .$$
#
# Before every step all weights shrink by the same small *share*. Hence the second name of L2: **weight decay**. A weight survives only if the data keep
# pushing it up.
#
# ###
# Write the gradients of the whole cost. `model_backward` does most of it; each layer's W stands in its cache.
#
# *Predict first:* L1 charges λ/m · |W| instead. What is its part of the gradient, and what does it do to a weight that is already tiny?
#
# **Below the check** three nets of the same size learn from the moons: without a penalty, with L2, with L1. Of the unseen points, 200 are set aside as
# *validation* set for decisions; the other 1000 are only for the final number.

# %%
def with_l2(X, Y, parameters, rng):
    AL, caches = forward(X, parameters)
    return l2_backward(AL, Y, caches, 0.7)


def with_l1(X, Y, parameters, rng):
    grads = plain(X, Y, parameters, rng)
    return {k: g + (0.6 / Y.shape[1] * np.sign(parameters[k[1:]]) if "W" in k else 0) for k, g in grads.items()}


X, Y, X_val, Y_val, X_test, Y_test = moons(0)
figure, axes = plt.subplots(2, 3, figsize=(11, 6), height_ratios=(3, 2))
nets, said = {}, []
for column, (name, way) in zip(axes.T, {"no penalty": plain, "L2": with_l2, "L1": with_l1}.items()):
    net = nets[name] = train(way, X, Y)[-1]
    w, AL = weights(net), forward(X, net)[0]
    plots.boundary(lambda P, net=net: forward(P, net)[0], X, Y, column[0],
                   f"{name}: training {accuracy(net, X, Y):.1f} %, unseen {accuracy(net, X_test, Y_test):.1f} %")
    column[1].hist(np.clip(w, -2, 2), np.linspace(-2, 2, 80), color=plots.COLOURS[0])
    column[1].set(yscale="log", xlabel="weight", title=f"length {np.linalg.norm(w):.1f}; below 0.01: "
        f"{np.mean(np.abs(w) < 0.01):.0%}")
    said.append(f"{name}: length of all weights {np.linalg.norm(w):.1f}, {np.mean(np.abs(w) < 0.01):.0%} of them "
        f"practically 0")
    print(f"{name:10s} cross-entropy {deep_cost(AL, Y):.3f}   cost with the penalty {l2_cost(AL, Y, net, 0.7):.3f}")
plots.show("Above, what three nets of the same size say: without penalty a torn boundary with islands, with L2 and "
           "with L1 a smooth S. Below, how their weights are spread, on a logarithmic axis: broad without a "
           "penalty, a narrow heap with L2, and with L1 a spike at 0 with few others. " + "; ".join(said) + ".")
sparse = {name: np.mean(np.abs(weights(net)) < 0.01) for name, net in nets.items()}
assert sparse["L1"] > sparse["L2"], "L1 makes weights sparse"
assert np.linalg.norm(weights(nets["L2"])) < np.linalg.norm(weights(nets["no penalty"]))

# %% [markdown] exercise="dropout_forward"
# L1's part is λ/m times the *sign* of W: a pull of the same strength, however small the weight. It pulls on until a weight is 0, unless the data pull
# harder. That makes *sparse* weights: nearly all of them practically 0. L2's pull is a share of the weight: it fades as the weight shrinks, and grows
# with it. So L2 dislikes the few very large ones most, keeps many small ones where several can do the work together, and lets only those die that the
# data do not ask for at all.
#
# The penalised nets are worse on the points they were taught, and better on those they were not. That is the bargain of every regulariser: some bias
# for less variance. Look at the two printed costs as well: the net without a penalty is best in what it was asked to minimise, and worst in the other.
#
# ## Dropout: never rely on one unit
#
# In every training step each hidden unit is switched off with probability 1 − `keep_prob`, for each example anew. No unit can count on any other one to
# be there, so what it learns has to be of use by itself. It is as if very many thinned-out nets were trained that share their weights, and at test time
# all of them vote.
#
# ![](img/dropout_net.png)
#
# There is one trap. With 80 % of the units on, the next layer receives only 80 % of its usual sum, on average; at test time, with all units on, it
# would suddenly get more than it was trained with. *Inverted* dropout makes up for it at once: what is kept is **divided** by `keep_prob`, and the
# expected value of every activation stays what it was:
#
# $$E\Big[\frac{\text{mask}\cdot a}{p}\Big] = \frac{p\cdot a}{p} = a .$$
#
# ###
# `rng.random(shape)` draws uniform numbers between 0 and 1. How do they become a mask that is 1 with probability `keep_prob`? Think of the case
# `training=False` too.
#
# **Below the check.** Notes get this wrong in two ways: they forget the scaling, or they *multiply* by `keep_prob`. *Predict first:* keep_prob is 0.8,
# and the activations pass through three layers with dropout. What is left of them, on average, in each of the three versions?

# %%
rng = np.random.default_rng(0)
versions = {"divided by keep_prob": lambda A: dropout_forward(A, 0.8, rng)[0],
            "not scaled": lambda A: A * dropout_forward(A, 0.8, rng)[1],
            "multiplied by keep_prob": lambda A: A * dropout_forward(A, 0.8, rng)[1] * 0.8}
A, left = np.ones((4, 20000)), {}
plt.figure(figsize=(7, 3.2))
for name, drop in versions.items():
    means, B = [1.0], A
    for _ in range(3):
        B = drop(B)
        means.append(B.mean())
    left[name] = means[-1]
    plt.plot(range(4), means, "o-", label=f"{name}: {means[-1]:.2f}")
plt.gca().set(xlabel="layers with dropout, keep_prob 0.8", ylabel="mean activation", xticks=range(4), ylim=(0, 1.1))
plt.legend(loc="lower left")
plots.show(f"Mean activation after 0 to 3 layers with dropout, over many masks. Divided by keep_prob it stays near "
           f"1. Not scaled it falls to {left['not scaled']:.2f}, multiplied by keep_prob to "
           f"{left['multiplied by keep_prob']:.2f}.")
assert abs(left["divided by keep_prob"] - 1) < 0.03 and left["multiplied by keep_prob"] < 0.4

# %% [markdown] exercise="dropout_backward"
# A net that was trained with half of its signal meets the whole signal at test time: its outputs are then far too sure, or simply wrong. Division keeps
# the books balanced, and test time needs no change at all.
#
# ###
# `A_dropped` is A times a constant, entry by entry: mask/keep_prob. So the gradient is multiplied with the same constant. A unit that was off gets no
# gradient: it had no part in the answer, so it gets no blame.

# %% [markdown] exercise="forward_with_dropout"
# Now put it into lab 03's net: linear part, relu, dropout, next layer. The output is never dropped. The cache of each layer holds its mask as well,
# because the way back has to go through **the same** units. From lab 03 `linear_activation_forward` is at hand.

# %% [markdown] exercise="backward_with_dropout"
# Backwards through the same steps in reverse order: last came dropout, so it is first. For the output layer the gradient is AL − Y, as always with a
# sigmoid and the cross-entropy. At hand: `linear_backward`, `linear_activation_backward`, your `dropout_backward`.

# %% [markdown] exercise="augment"
# ## More data from the same data
#
# The best regulariser is more data. Where none can be had, make some: change examples in ways that do not change their label. A flower in a mirror is a
# flower, and three pixels to the left too. Called anew for every step, it shows the net images that it has never seen before. What you let vary is what
# you *tell* the net not to look at, so think first: a mirrored digit is no digit, and an upside-down temple is rare.
#
# ###
# Images are (m, h, w, c). Each has its own coin and its own two shifts. What comes in at a border is 0.

# %%
from labutils.datasets import load_photo_patches

patches, _, _, _ = load_photo_patches()
original = patches[[45, 133]]
sheet = [original] + [augment(original, np.random.default_rng(seed), max_shift=6) for seed in range(7)]
plots.images([images[k] for k in (0, 1) for images in sheet], (["original"] + ["augmented"] * 7) * 2, columns=8)
plots.show("Two photographs from lab 01, each once as it is and seven times augmented: some mirrored, all shifted "
           "by up to six pixels, black at the borders where nothing came in.")

# %% [markdown] exercise="early_stopping"
# We do not claim that it pays on these patches: with two photographs there is little more to be learned from them. For our moons the same idea reads: a
# point that moves a little keeps its label. We shall move every training point at random in every step.
#
# ## Early stopping
#
# A net begins with small weights and smooth answers; it tears its boundary only later. So watch the cost on validation data while training, and keep
# the parameters from where it was lowest. It costs nothing and needs no new run for each λ. What speaks against it: it mixes two tasks that would
# better be kept apart, making the cost low and keeping the net from overfitting. You can no longer look at one without touching the other. And the
# validation set has now been *used*: its cost at the chosen epoch is a little too good, because it was chosen.
#
# ###
# Validation costs jitter, so do not stop at the first rise: wait for `patience` epochs. An *epoch* is one turn through the training set; here we look at the
# costs every 50 steps, and count those looks. The plan is yours.
#
# **Below the check** stands first the cost curve, then all remedies side by side. One seed proves nothing, so: five sets of moons, five starts, five
# ways; held-out accuracy on 1000 points that no decision has touched. *Predict first:* which way has the lowest training accuracy, which the smallest
# weights, and which wins?

# %%
history = train(plain, X, Y)
costs = np.array([[deep_cost(forward(A, p)[0], B) for A, B in ((X, Y), (X_val, Y_val))] for p in history])
best, stop = early_stopping(list(costs[:, 1]), patience=10)
plt.figure(figsize=(7, 3.3))
plt.plot(50 * np.arange(len(costs)), costs, label=["training", "validation"])
plt.axvline(50 * best, color="black", lw=1, label="best")
plt.axvline(50 * stop, color="black", lw=1, ls="--", label="stop")
plt.gca().set(xlabel="step", ylabel="cost", ylim=(0, None))
plt.legend()
plots.show(f"Cost against training step. The training cost falls on and on, with a few jumps; the validation cost "
           f"falls at first, is lowest at step {50 * best} (black line), and then climbs. With a patience of ten "
           f"looks training would stop at step {50 * stop} (dashed).")

# %%
def with_dropout(X, Y, parameters, rng):
    AL, caches = forward_with_dropout(X, parameters, 0.5, rng)
    return backward_with_dropout(AL, Y, caches, 0.5)


def with_moved_points(X, Y, parameters, rng):
    return plain(X + 0.2 * rng.standard_normal(X.shape), Y, parameters, rng)


ways = {"plain": plain, "L2": with_l2, "dropout": with_dropout, "moved points": with_moved_points}
results = {name: [] for name in (*ways, "early stopping")}
pictures = {}
for seed in range(5):
    X, Y, X_val, Y_val, X_test, Y_test = moons(seed)
    for name, way in ways.items():
        history = train(way, X, Y, seed=seed)
        chosen = {name: history[-1]}
        if name == "plain":
            costs = [deep_cost(forward(X_val, p)[0], Y_val) for p in history]
            chosen["early stopping"] = history[early_stopping(costs, 10)[0]]
        for key, net in chosen.items():
            results[key].append((accuracy(net, X, Y), accuracy(net, X_test, Y_test), np.linalg.norm(weights(net))))
            pictures.setdefault(key, net)
results = {name: np.array(r) for name, r in results.items()}

# %%
X, Y, *_ = moons(0)
figure, axes = plt.subplots(2, 3, figsize=(11, 7))
for axis, (name, net) in zip(axes.ravel(), pictures.items()):
    plots.boundary(lambda P, net=net: forward(P, net)[0], X, Y, axis, name)
last, said = axes[1, 2], []
for i, (name, r) in enumerate(results.items()):
    (a, b, c), s = r.mean(axis=0), r[:, 1].std()
    last.plot(r[:, :2].T, [i + 0.12, i - 0.12], "-", color="#bbbbbb", lw=0.8)
    last.plot(r[:, 0], [i + 0.12] * 5, "o", color=plots.COLOURS[0], ms=5, label="training" if i == 0 else None)
    last.plot(r[:, 1], [i - 0.12] * 5, "^", color=plots.COLOURS[1], ms=6, label="unseen" if i == 0 else None)
    print(f"{name:15s} training {a:5.1f} %   unseen {b:5.1f} ± {s:.1f} %   length of the weights {c:5.1f}")
    said.append(f"{name} {a:.1f} and {b:.1f}")
last.set(yticks=range(5), yticklabels=results, xlabel="accuracy in percent, five seeds", ylim=(4.6, -0.6))
last.legend(loc="lower right", fontsize=8)
plots.show("Five boundaries on the same moons: plain, torn with islands; early stopping, L2 and moved points, a "
           "smooth S; dropout, one that leaves out a bend. Last, training and unseen accuracy of five seeds each; "
           "means in percent: " + ", ".join(said) + ".")
means = {name: r.mean(axis=0) for name, r in results.items()}
for name in list(results)[1:]:
    assert means[name][1] > means["plain"][1], "every remedy beats the plain net on unseen points"
    assert means[name][0] < means["plain"][0], "and every one pays for it in training"

# %% [markdown]
# Every way gives up training accuracy and gains where it counts. They get there by different roads: L2 keeps the weights short, dropout lets them grow
# and blurs what they say, moved points do it through the data. The differences *between* the remedies are no larger than their spread over seeds: five
# seeds do not name a winner. (Early stopping gains least, and costs least.) What they share is clear.
#
# ### A negative control
#
# Is regularisation always good? Give the plain net ten times as many points. And what if there is nothing to learn at all? *Predict first:* will L2
# still help in the first case? Can it help in the second?

# %%
for n, note in ((200, "200 points"), (2000, "2000 points"), (200, "200 points, labels shuffled")):
    for name, way in (("plain", plain), ("L2", with_l2)):
        scores = []
        for seed in range(6 if "shuffled" in note else 2):
            X, Y, _, _, X_test, Y_test = moons(seed, n)
            Y = np.random.default_rng(seed).permutation(Y[0])[None] if "shuffled" in note else Y
            net = train(way, X, Y, steps=1500, seed=seed)[-1]
            scores.append((accuracy(net, X, Y), accuracy(net, X_test, Y_test)))
        a, b = np.mean(scores, axis=0)
        print(f"{note:28s} {name:6s} training {a:5.1f} %   unseen {b:5.1f} %   gap {a - b:5.1f}")
lab.quiz("diagnosis")
lab.quiz("more_data")

# %% [markdown] exercise="numerical_gradient"
# With enough data the gap closes by itself, and the penalty has nothing left to do. Both nets now agree about where the ceiling lies: what is missing
# to 100 % is the overlap of the moons. With shuffled labels L2 makes the learning by heart harder, as it should, and unseen points stay guesswork: no
# regulariser makes knowledge out of nothing.
#
# ## Is my gradient right at all?
#
# By now you have written many derivatives. A wrong one seldom stops with an error. Often the cost even falls, only more slowly and to a worse place.
# Labs 01 to 03 nudged parameters to check a gradient. Now you write that test yourself, and ask how exact it is, and how different is different. Taylor's
# formula says:
#
# $$\frac{f(\theta+\varepsilon)-f(\theta-\varepsilon)}{2\varepsilon} = f'(\theta) + \frac{\varepsilon^2}{6} f'''(\theta)+\dots,\qquad
# \frac{f(\theta+\varepsilon)-f(\theta)}{\varepsilon} = f'(\theta) + \frac{\varepsilon}{2} f''(\theta)+\dots$$
#
# The two-sided error shrinks with ε², the one-sided one only with ε. Too small is no better: then the two costs agree in nearly all digits, and rounding
# takes over.
#
# ###
# f takes a whole vector and gives one number. One entry at a time.

# %% [markdown] exercise="gradient_check"
# Is a difference of 0.001 large? Beside gradients of length 1000 it is nothing, beside 0.001 it is everything. So divide it by the lengths themselves.
# Near 10⁻⁷ or below: fine. Near 10⁻³ or above: a bug. In between: look. (A relu that is just at its corner can spoil a check: there the derivative
# jumps. Move the point and check again.)
#
# **Below the check** stands a backward pass for the net 3-5-4-1 with an L2 penalty. It runs, and training with it makes the cost fall. One line is
# wrong. *Predict first:* read it, and guess which.

# %%
def suspicious_backward(AL, Y, caches, lambd):
    (X, W1, b1), Z1 = caches[0]
    (A1, W2, b2), Z2 = caches[1]
    (A2, W3, b3), Z3 = caches[2]
    m, grads = Y.shape[1], {}
    dZ3 = AL - Y
    dZ2 = W3.T @ dZ3 * (Z2 > 0)
    dZ1 = W2.T @ dZ2 * (A1 > 0.5)
    for l, dZ, A, W in ((3, dZ3, A2, W3), (2, dZ2, A1, W2), (1, dZ1, X, W1)):
        grads[f"dW{l}"] = dZ @ A.T / m + lambd / m * W
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
    return grads


def check(backward, X, Y, parameters, lambd=0.5):
    """Relative difference for each parameter by itself."""
    found = {}
    for name, value in parameters.items():
        def net_at(theta, name=name, value=value):
            return {**parameters, name: theta.reshape(value.shape)}

        def cost(theta, net_at=net_at):
            return l2_cost(model_forward(X, net_at(theta))[0], Y, net_at(theta), lambd)

        def gradient(theta, net_at=net_at, name=name):
            AL, caches = model_forward(X, net_at(theta))
            return backward(AL, Y, caches, lambd)["d" + name].ravel()

        found[name] = gradient_check(cost, gradient, value.ravel())
    return found

# %%
rng = np.random.default_rng(2)
X, Y = rng.standard_normal((3, 12)), rng.integers(0, 2, (1, 12))
start = initialize_parameters_deep([3, 5, 4, 1], rng)
net = {k: v + 0.1 * rng.standard_normal(v.shape) for k, v in start.items()}  # biases of 0 can sit on relu's corner
figures = {"suspicious_backward": check(suspicious_backward, X, Y, net), "your l2_backward": check(l2_backward, X,
    Y, net)}
plt.figure(figsize=(7, 3.2))
for (name, found), marker in zip(figures.items(), "so"):
    plt.semilogy(list(found), list(found.values()), marker, label=name)
    print(f"{name:20s}", "  ".join(f"{k} {v:.0e}" for k, v in found.items()))
plt.axhspan(1e-3, 2, color="#c0392b", alpha=0.12)
plt.gca().set(ylabel="relative difference", ylim=(1e-12, 2))
plt.legend(loc="center left")
plots.show("Relative difference between gradient and numerical gradient for each parameter, on a logarithmic axis; "
           "the zone of bugs is shaded. Your l2_backward lies far below it everywhere. suspicious_backward does so "
           "for the parameters of layers 3 and 2, but W1 and b1 lie in the shaded zone.")
bad = [name for name, value in figures["suspicious_backward"].items() if value > 1e-3]
assert bad == ["W1", "b1"] and max(figures["your l2_backward"].values()) < 1e-6, "the check points at the first layer"

# %% [markdown] exercise="initialize_weights"
# The layers 3 and 2 are right, so the bug sits between them and layer 1: in the gate of the first relu. It asks whether A1 is above 0.5; relu's slope
# is 1 wherever Z1 is above **0**. The check told *where* to look, parameter by parameter, though it knows nothing about nets. Two rules: switch dropout
# off (or hold its masks still), and never leave the check on in training: it costs two whole forward passes for every single parameter.
#
# ## So deep that it does not train
#
# On the way back the gradient is multiplied by every layer's weights and slopes. Thirty factors of 0.5 make a billionth, thirty factors of 2 a billion:
# gradients **vanish** or **explode**. The first remedy is the size of the first weights. Lab 03 derived it for relu, from
#
# $$\operatorname{Var}(z) = n \cdot \operatorname{Var}(w) \cdot \overline{a^2}.$$
#
# If the signal is to keep its size from layer to layer, then $n\operatorname{Var}(w)=1$: $\operatorname{Var}(w) = 1/n$ is the choice of Xavier Glorot and
# Yoshua Bengio, made for activations that are nearly linear around 0, such as tanh. (Looking at the way back as well they get $2/(n_{in}+n_{out})$.) relu
# sets half of the values to 0, which halves $\overline{a^2}$; so Kaiming He and his colleagues take $2/n$.
#
# ###
# Four schemes, two of which are there to be seen failing.
#
# **Below the check.** Thirty layers of twenty units, three activations, four schemes, and the length of the gradient at every layer. *Predict first:*
# with the sigmoid, whose slope is at most ¼, can any of the four keep the gradient alive?

# %%
from labutils.labs.lab04a_regularization import deep

X, Y, *_ = moons(0)
layers = [2] + [20] * 29 + [1]
figure, axes = plt.subplots(1, 3, figsize=(11, 3.9), sharey=True)
for axis, activation in zip(axes, ("sigmoid", "tanh", "relu")):
    for scheme, style in zip(("large", "he", "xavier", "zeros"), ("^-", "o-", "s-", "x-")):
        first = deep.norms(deep.gradients(X, Y, initialize_weights(layers, scheme, np.random.default_rng(1)),
            activation))
        seen = np.clip(first, 1e-20, 1e20)
        axis.semilogy(range(1, 31), seen, style, ms=4, label=scheme)
        print(f"{activation:8s} {scheme:7s} gradient at layer 1: {first[0]:8.1e}   at layer 15: {first[14]:8.1e}   "
            f"at layer 29: {first[28]:8.1e}")
    axis.set(title=activation, xlabel="layer", ylim=(1e-21, 1e21))
axes[0].set_ylabel("length of the gradient (cut off at 10^±20)")
axes[2].legend(loc=(0.6, 0.05), fontsize=8)
plots.show("Length of the gradient at each of 30 layers, on a logarithmic axis cut off at ten to the plus and minus "
           "twenty. Sigmoid: with Xavier and He it falls in a straight line towards layer 1; with large weights it "
           "is long and uneven. tanh: level with Xavier and He; with large weights it falls unevenly. relu: level "
           "with He; level with Xavier too, but far lower; with large weights beyond the upper edge. Zeros: no "
           "gradient below the last layer, at the lower edge.")

# %% [markdown] exercise="clip_by_global_norm"
# Read the printed rows. Zeros: at the start nothing below the last layer has a gradient; with tanh and relu for ever, with the sigmoid the layers wake one by
# one, far too faintly, and their units as twins (lab 02). Large: relu explodes beyond all measure; tanh sits on its flat ends, and the gradient
# fades and jumps; with the sigmoid the large weights make up for the small slopes, but the units are saturated and the gradient is erratic: long is not
# the same as useful. tanh with Xavier and relu with He keep the gradient level across thirty layers, just as derived. relu with Xavier is level too,
# but at a millionth: in each layer the signal loses half its mean square on the way forward, the gradient half of its own on the way back. And the
# sigmoid fades under Xavier and He alike: they were not made for a slope of at most ¼.
#
# ## More remedies
#
# *Other activations* leave some slope where relu has none: leaky relu a small fixed one, PReLU one that is learned, from 0.25 on (here we hold
# it there), ELU a smooth bend. *Skip
# connections* add a layer's input to its output, so that a path without any factor leads all the way down:
#
# ![](img/skip_connection.png)
#
# *Clipping* does nothing against vanishing, but it stops an explosion from throwing the parameters away: if the gradient, all of it as one long vector,
# is too long, shorten it. (Penalties on the weights work in the same direction, slowly. Batch normalisation, in lab 04c, keeps every layer's signal in
# size during training.)
#
# ###
# The last one is yours alone.
#
# **Below the check.** Each remedy now treats the *same* net: 30 layers, moons with less noise, 300 steps at rate 0.1, three seeds. *Predict first:* a
# skip connection with s = 1 doubles relu's signal in every layer, as He's weights keep its size and the skip adds it once more. Will that net train?

# %%
settings = {  # activation, weights, s of the skip connection, max_norm
    "sigmoid, Xavier": ("sigmoid", "xavier", 0, None),
    "the same, skip s = 0.18": ("sigmoid", "xavier", 30 ** -0.5, None),
    "tanh, Xavier": ("tanh", "xavier", 0, None),
    "relu, zeros": ("relu", "zeros", 0, None),
    "relu, Xavier": ("relu", "xavier", 0, None),
    "relu, He": ("relu", "he", 0, None),
    "leaky relu, He": ("leaky relu", "he", 0, None),
    "leaky relu 0.25, He": ("leaky relu 0.25", "he", 0, None),
    "ELU, Xavier": ("ELU", "xavier", 0, None),
    "relu, He, skip s = 1": ("relu", "he", 1, None),
    "the same, clipped at 1": ("relu", "he", 1, 1.0),
    "relu, He, skip s = 0.18": ("relu", "he", 30 ** -0.5, None),
    "relu, large": ("relu", "large", 0, None),
    "relu, large, clipped at 1": ("relu", "large", 0, 1.0)}


def train_deep(activation, scheme, skip, max_norm, seed, layers=layers, rate=0.1, steps=300):
    X, Y, _, _, X_test, Y_test = moons(seed, noise=0.2)
    parameters = initialize_weights(layers, scheme, np.random.default_rng(seed))
    start = deep.norms(deep.gradients(X, Y, parameters, activation, skip))[0]
    for _ in range(steps):
        grads = deep.gradients(X, Y, parameters, activation, skip)
        grads = clip_by_global_norm(grads, max_norm) if max_norm else grads
        parameters = update_parameters(parameters, grads, rate)
    with np.errstate(over="ignore", invalid="ignore"):
        right = (deep.forward(X_test, parameters, activation, skip)[0] > 0.5) == Y_test
    return 100 * right.mean(), start

# %%
outcome = {name: np.array([train_deep(*setting, seed) for seed in range(3)]) for name, setting in settings.items()}
plt.figure(figsize=(8.5, 4.6))
for i, (name, runs) in enumerate(outcome.items()):
    colour = plots.COLOURS[2] if runs[:, 0].min() > 80 else plots.COLOURS[4]
    plt.barh(i, runs[:, 0].mean() - 50, left=50, color=colour, alpha=0.55)
    plt.plot(runs[:, 0], [i] * 3, "o", color="black", ms=4)
    start = np.median(runs[:, 1])
    plt.text(101.5, i, f"$10^{{{int(np.round(np.log10(start)))}}}$" if start > 0 else "0", va="center")
plt.gca().set(yticks=range(len(outcome)), yticklabels=outcome, xlim=(48, 109), ylim=(len(outcome) - 0.4, -1.1),
    xlabel="accuracy on unseen points in percent, three seeds")
plt.text(101.5, -0.85, "gradient at\nlayer 1, start", fontsize=8, va="center")
plots.show("Unseen accuracy of the 30-layer net after 300 steps, bars for the mean, green where all three seeds "
           "train, red where one or more fail, dots for the seeds; at the right, the order of the first layer's "
           "gradient at the start. "
           + "; ".join(f"{name}: {runs[:, 0].mean():.0f} percent" for name, runs in outcome.items()) + ".")
good = {name: runs[:, 0].mean() for name, runs in outcome.items()}
assert good["sigmoid, Xavier"] < 60 < 70 < good["the same, skip s = 0.18"], "a skip wakes the sigmoid net"
assert good["relu, Xavier"] < 60 < 70 < good["relu, He"], "the size of the first weights decides"
assert good["relu, He, skip s = 1"] < 60 < 70 < good["relu, He, skip s = 0.18"]
lab.quiz("level")

# %% [markdown]
# Look at the pairs. He instead of Xavier brings the relu net to life, though not from every start: look at the dots. A skip connection does it even for
# the sigmoid. The skip with s = 1 explodes; clipping rescues it only in part; with a small s the net trains at once, from every start. Clipping cannot
# give large weights a good start: it limits a step, it does not make the place good where one starts. Some slope where relu has none helps too, if it is not
# too small: look at the dots of the two leaky ones. ($s = 1/\sqrt{30} \approx 0.18$: thirty additions together add about as much as came in.)
#
# ## Play, and the challenge
#
# Change λ in `with_l2`, `keep_prob` in `with_dropout`, or the noise in `moons`, and run on from there. How large must λ be until the net says the same
# everywhere?
#
# **Challenge: fifty layers.** Choose activation, weights, skip, clipping and rate so that a net of 50 layers with 20 units each reaches 94 % on unseen
# points, as a mean over three seeds, after 300 steps. What trained thirty layers need not do for fifty.

# %%
def fifty_layers():
    """Settings of the net: a dict with "activation" (a key of deep.ACTIVATIONS), "weights" (a function
    of layer_dims and rng that gives the parameters), "skip" (the s of the skip connections, or 0),
    "max_norm" (or None) and "rate"."""
    ### BEGIN SOLUTION
    return {"activation": "tanh", "weights": lambda dims, rng: initialize_weights(dims, "xavier", rng),
        "skip": 50 ** -0.5, "max_norm": 1.0, "rate": 0.3}
    ### END SOLUTION


lab.challenge("fifty_layers", fifty_layers)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * High training error: bias. A large gap to held-out data: variance. Different remedies; ask again after each.
# * Normalise with the training set's mean and *standard deviation*, for every set.
# * L2 adds λ/(2m) ΣW² to the cost and λ/m W to the gradient: weights decay. L1 makes them sparse. Biases are left alone.
# * Inverted dropout divides by keep_prob in training, goes back through the same mask, and does nothing at test time.
# * Early stopping is cheap, but mixes two tasks and uses up the validation set.
# * Check gradients two-sided and relative, parameter by parameter; then switch the check off.
# * Weights of variance 1/n (tanh) or 2/n (relu) keep the signal's size. Skip connections carry gradients past any layer; clipping only limits the
#   damage.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | bias, variance | 偏差, 方差 |
# | underfitting, overfitting | 欠拟合, 过拟合 |
# | normalisation, standard deviation | 归一化, 标准差 |
# | regularisation, weight decay | 正则化, 权重衰减 |
# | sparse | 稀疏 |
# | dropout, inverted dropout | 随机失活, 反向随机失活 |
# | data augmentation | 数据增强 |
# | early stopping | 早停 |
# | validation set | 验证集 |
# | gradient checking | 梯度检验 |
# | vanishing / exploding gradients | 梯度消失 / 梯度爆炸 |
# | skip connection | 跳跃连接 |
# | gradient clipping | 梯度裁剪 |
#
# ## Further reading
#
# * X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), Proceedings of AISTATS: the 1/n
# * K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers (2015), arXiv:1502.01852: the 2/n, and PReLU
# * G. E. Hinton and others, Improving neural networks by preventing co-adaptation of feature detectors (2012), arXiv:1207.0580: dropout
# * D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by exponential linear units (2015), arXiv:1511.07289
# * K. He and others, Deep residual learning for image recognition (2015), arXiv:1512.03385
# * R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks (2012), arXiv:1211.5063: clipping
# * I. Loshchilov, F. Hutter, Decoupled weight decay regularization (2017), arXiv:1711.05101: when L2 and weight decay are not the same
