# %% [markdown]
# # 04b · Optimisation: better ways downhill
#
# At the end of this lab you train the same net with five optimisers, all written by you, and can say for each why it is fast where it is fast, and
# where it is no better than the plain thing.
#
# You need lab 03 (the deep net; its functions are used as they stand) and `update_parameters` of lab 02. Nine exercises, about 90 minutes. Each is
# checked on the spot; if one is left open or not right yet, the reference stands in for it, so you can read on and run on.
#
# Examples are **columns**, as before: `X` is (n_x, m), `Y` is (1, m).

# %% [markdown]
# ## A net that learns too slowly
#
# A thousand points in two half moons, and the net of lab 03 with layers 2-20-10-1. It is trained as you know it: all examples forward, all backward,
# one step.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from labutils import animation, plots
from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters
from labutils.labs.lab03_deep_net.exercises import (
    deep_cost,
    deep_model,
    initialize_parameters_deep,
    model_backward,
    model_forward,
)

points, kinds = make_moons(1000, noise=0.2, random_state=0)
X, Y = ((points - points.mean(axis=0)) / points.std(axis=0)).T, kinds[None]
layers = [2, 20, 10, 1]
parameters, costs = deep_model(X, Y, layers, 30, 0.1, np.random.default_rng(0))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
left.scatter(*X, c=np.where(Y[0], plots.COLOURS[1], plots.COLOURS[0]), s=8)
left.set(title="two kinds of points", xlabel="$x_1$", ylabel="$x_2$")
right.plot(costs)
right.set(title="30 passes over the data", xlabel="pass", ylabel="cost", ylim=(0, None))
plots.show("Left, a thousand points in two half moons that clasp each other, blue and orange, touching a little. "
           "Right, the cost over 30 passes of gradient descent: it falls smoothly and slowly, from "
           f"{costs[0]:.2f} to {costs[-1]:.2f}.")

# %% [markdown] exercise="random_mini_batches"
# Thirty passes, thirty steps: the net has looked at 30 000 examples to move 30 times. That is thorough, and wasteful. After a hundred examples you
# would know roughly which way is down. So take a step then, and look again from where you stand.
#
# ## Many small steps
#
# ![](img/mini_batches.png)
#
# A *mini-batch* is a small random part of the examples; one turn through all of them is an *epoch*. With one example a batch this is *stochastic
# gradient descent*, with all of them it is what you have done so far, *batch* gradient descent.
#
# ###
# Cut a set into batches. The picture above is the whole idea.
#
# *Predict first:* our moons stand in no order, but many data sets do, all of one kind first. What would a net learn from batches that were cut
# without shuffling?

# %% [markdown] exercise="train_epoch"
# One epoch: for each batch forward, cost, backward, step. It is the loop of `deep_model`, but the data change from turn to turn.

# %% [markdown]
# ### How large should a batch be?
#
# Thirty epochs each, with the same learning rate. *Predict first:* which batch size has the lowest cost after 30 epochs? And which after the same
# number of *seconds*?

# %%
def train_with_batches(batch_size, epochs, rate, seed=0):
    """Costs by epoch, and the seconds that had passed after each."""
    parameters = initialize_parameters_deep(layers, np.random.default_rng(seed))
    rng, costs, seconds, start = np.random.default_rng(seed + 100), [], [], time.thread_time()
    for epoch in range(epochs):
        batches = random_mini_batches(X, Y, batch_size, rng)
        parameters, cost = train_epoch(parameters, batches, rate)
        costs.append(cost)
        seconds.append(time.thread_time() - start)  # of this computation alone
    return costs, seconds


figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
print("batch   steps   seconds   last cost")
for size, style in ((1000, "-"), (256, "--"), (64, "-."), (16, ":"), (1, "-")):
    costs, seconds = train_with_batches(size, 30, 0.1)
    axes[0].semilogy(costs, style, label=f"batches of {size}")
    axes[1].loglog(seconds, costs, style)
    print(f"{size:5d} {30 * -(-1000 // size):7d} {seconds[-1]:9.2f} {costs[-1]:11.3f}")
axes[0].set(xlabel="epoch", ylabel="cost", title="by epoch")
axes[1].set(xlabel="seconds", title="by seconds (logarithmic)")
axes[0].legend(fontsize=8)
plots.show("Cost for batches of 1000, 256, 64, 16 and 1. By epoch, the smaller the batch the faster the cost "
           "falls at first; one example a batch is low after the first epoch and then jumps about. By seconds, "
           "batches of 1 lose their lead, as each of their epochs takes many times as long; batches of 16 and 64 "
           "get low soonest.")
lab.quiz("batch")

# %% [markdown]
# A step costs almost the same time for one example as for sixteen: what takes the time is Python calling numpy (lab 00), and on a GPU even hundreds
# of examples go at once. So tiny batches buy many steps, but pay for each in full; huge ones pay once and hardly move. Something between is best,
# and where it lies depends on the machine: powers of two from 16 to 512 are the usual places to look.

# %% [markdown]
# ## What the noise is good for
#
# The gradient of a batch is the right one plus noise, and the noise has a standard deviation of about $\sigma/\sqrt{b}$ for batches of $b$. Noise
# sounds like a flaw. But look at this cost of one weight: a *narrow* valley on the left, a *wide and deeper* one on the right. Each example adds a
# slope of its own; over all examples these slopes cancel. We start at the bottom of the narrow valley, where the full gradient is 0. *Predict
# first:* from which batch size on will it get out?

# %%
def cost_at(w):
    return 0.02 * (w - 3) ** 2 - 0.55 * np.exp(-((w + 2) / 0.35) ** 2) - 0.8 * np.exp(-((w - 3) / 2) ** 2)


def final_weight(batch_size, seed, steps=300, rate=0.2):
    rng, w, taken = np.random.default_rng(seed), -2.0, 0
    while taken < steps:
        for slopes, _ in random_mini_batches(own_slopes, own_slopes, batch_size, rng)[:steps - taken]:
            w -= rate * ((cost_at(w + 1e-5) - cost_at(w - 1e-5)) / 2e-5 + slopes.mean())
            taken += 1
    return w


own_slopes = np.random.default_rng(9).normal(0, 4, (1, 256))
own_slopes -= own_slopes.mean()
ends = {b: np.array([final_weight(b, seed) for seed in range(20)]) for b in (256, 64, 16, 8, 4, 2)}
out = {b: np.mean(np.abs(found + 2) > 0.7) for b, found in ends.items()}
w = np.linspace(-4.5, 8, 400)
plt.figure(figsize=(8.5, 4))
plt.plot(w, cost_at(w), color="black", lw=1)
for i, (b, found) in enumerate(ends.items()):
    plt.plot(found, np.full(20, -1.1 - 0.17 * i), "o", ms=5, alpha=0.6)
    plt.text(8.3, -1.1 - 0.17 * i, f"batches of {b}: {out[b]:.0%} out", va="center", fontsize=9)
plt.gca().set(xlabel="w", ylabel="cost", xlim=(-6.5, 11.5), title="20 runs, 300 steps from the narrow valley")
plots.show("A curve of cost with a narrow valley at w = -2 and a wide, deeper one at w = 3. Below, a row of 20 "
           "dots for each batch size: where each run ended. Out of the narrow valley: "
           + "; ".join(f"batches of {b} {share:.0%}" for b, share in out.items())
           + ". The smaller the batch, the wider the dots are strewn about the wide valley.")
assert out[256] == 0 and max(out.values()) > 0.8, "the full gradient stays where it is, small batches get out"

# %% [markdown] exercise="exponential_average"
# The full gradient is 0 at the bottom of the narrow valley, and 0 is where it stays, in all runs; batches of 8 and fewer nearly always get out. Noise
# kicks, and a narrow valley has a low wall within reach of a kick; the wide one holds what it has. That is one reason why small batches may find
# flatter minima. The price is in the dots: with the smallest batches the weight never comes to rest. We come back to that at the end. (And one weight
# is not a million: in real nets the landscape is a subject of research, not a drawing.)
#
# ## An average that forgets
#
# If single gradients are noisy, average the last ones. Keeping a window of old gradients would cost memory for each of them; this keeps one number:
#
# $$v_t = \beta\, v_{t-1} + (1-\beta)\,x_t, \qquad v_0 = 0.$$
#
# Put $v_{t-1}$ in, and again: $v_t = (1-\beta)\left(x_t + \beta\,x_{t-1} + \beta^2\,x_{t-2} + \dots + \beta^{t-1}x_1\right)$. A
# value of $k$ steps ago counts $\beta^k$ as much as the newest. As $\beta^{1/(1-\beta)} \approx 1/e$, the average reaches back over about
# $1/(1-\beta)$ values: ten for $\beta = 0.9$.
#
# The weights add up to $(1-\beta)(1 + \beta + \dots + \beta^{t-1}) = 1-\beta^t$, by the sum of a geometric series. At the beginning that is far
# below 1, as if zeros had been averaged in. Dividing by it gives a true average from the first value on: the *bias correction*.
#
# ###
# Write the average, with and without the correction.
#
# *Predict first:* all values are 10 and beta is 0.9. What is $v_1$ without correction? And with it?

# %%
t = np.arange(1, 61)
values = 12 + 6 * np.sin(t / 15) + np.random.default_rng(4).normal(0, 2, 60)
plain = exponential_average(values, 0.9)
corrected = exponential_average(values, 0.9, bias_correction=True)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
left.plot(t[:20], values[:20], "o", color="grey", ms=4, label="values")
left.plot(t[:20], plain[:20], "--", label="without correction")
left.plot(t[:20], corrected[:20], label="corrected")
left.set(title="the first twenty values, beta = 0.9", xlabel="t", ylabel="value", xticks=range(0, 21, 5))
left.legend(fontsize=8)
right.plot(t, values, "o", color="grey", ms=4)
for beta in (0.5, 0.9, 0.98):
    right.plot(t, exponential_average(values, beta, bias_correction=True), label=f"beta = {beta}")
right.set(title="three weights of the past", xlabel="t")
right.legend(fontsize=8)
plots.show(f"Left, twenty noisy values near 15. The plain average begins at {plain[0]:.1f}, where the first value "
           f"is {values[0]:.1f}, and needs all twenty steps to catch up; the corrected one is among the values "
           "from the first on. Right, sixty values on a slow wave. With beta 0.5 the average follows the noise, "
           "with 0.9 the wave, a little late; with 0.98 it is smooth and far too late.")
assert np.isclose(corrected[0], values[0]) and plain[0] < 0.2 * values[0]

# %% [markdown]
# ### Two conventions, one trap
#
# Some lecture notes write $v_t = (1-\beta)\,v_{t-1} + \beta\,x_t$: there beta is the weight of the *new* value. That is no error; the error is
# to take beta, or the correction, from one convention and the formula from the other. What a swapped average needs is worked out as above: its past
# shrinks by $1-\beta$ in each step, so its weights add up to $1-(1-\beta)^t$.

# %%
def swapped(values, beta):
    v, found = 0.0, []
    for value in values:
        v = (1 - beta) * v + beta * value
        found.append(v)
    return np.array(found)


k = np.arange(1, 6)
rows = {"ours, beta = 0.9": plain[:5], "swapped, beta = 0.1: the same": swapped(values, 0.1)[:5],
        "swapped, but beta = 0.9 kept": swapped(values, 0.9)[:5],
        "ours, over 1 - 0.9**t": corrected[:5],
        "swapped, over 1 - (1 - 0.1)**t": swapped(values, 0.1)[:5] / (1 - 0.9 ** k),
        "swapped, over 1 - 0.1**t: wrong": swapped(values, 0.1)[:5] / (1 - 0.1 ** k)}
print(f"{'the values':34s}", np.round(values[:5], 2))
for name, row in rows.items():
    print(f"{name:34s}", np.round(row, 2))

# %% [markdown] exercise="momentum_step"
# With swapped weights and beta kept at 0.9 the "average" is nearly the newest value: it smooths nothing. And the wrong correction corrects almost
# nothing, as $0.1^t$ is gone after two steps. Both fail in silence. From here on beta is always the weight of the past.
#
# ## The ravine
#
# Why is plain gradient descent slow even where nothing is noisy? Take the cost $J = \frac12(x^2 + 100\,y^2)$, a valley a hundred times as steep across
# as along. One step multiplies $x$ by $1-\alpha$ and $y$ by $1-100\,\alpha$. For $\alpha > 2/100$ the second factor is below −1 and $y$ explodes; but
# with $\alpha$ below that, $x$ shrinks by less than two percent a step. The steepest direction dictates the pace for all. The ratio of the steepest
# curvature to the flattest is called the *condition number*.
#
# ![](img/momentum_arrows.png)
#
# *Momentum* steps along an average of the gradients. Across the valley they point to and fro and cancel; along it they agree and add up.
#
# ###
# `velocity` has the keys of `grads`, and so you can treat it like gradients. The step is made along the *new* velocity.

# %% [markdown] exercise="rmsprop_step"
# Another idea for the same trouble. Give every weight a pace of its own: divide its gradient by the usual size of its gradients, the root of their
# mean square. Steep directions are slowed down, flat ones sped up.
#
# *Predict first:* all gradients become a thousand times smaller. What happens to the length of the steps?

# %% [markdown] exercise="adagrad_step"
# RMSprop's elder sister. *Predict first:* what becomes of the steps in the long run, if squares are added and never forgotten?

# %% [markdown] exercise="adam_step"
# ## Both together
#
# ![](img/optimiser_family.png)
#
# *Adam* takes momentum's average for the direction and RMSprop's for the pace. Both begin at 0, so for the step each is corrected for its own beta.
#
# ###
# Write Adam.

# %% [markdown]
# ## Five ways through a ravine and past a saddle
#
# Now all of them on the same two landscapes: the ravine, and the *saddle* $J = \frac12x^2 - \frac12y^2 + \frac14y^4$. At (0, 0) its slope is 0, it
# curves up along $x$ and down along $y$. Each optimiser gets a learning rate that suits it. *Predict first:* which one leaves the saddle last?

# %%
lab.quiz("first_step")


def optimiser(name, rate, beta=0.9, beta2=0.999, epsilon=1e-8):
    """A function step(parameters, grads) → parameters that keeps the averages and counts the steps."""
    kept = {"t": 0}

    def step(parameters, grads):
        if not kept["t"]:
            kept["v"] = kept["s"] = {"d" + n: np.zeros(p.shape) for n, p in parameters.items()}
        kept["t"] += 1
        if name == "momentum":
            parameters, kept["v"] = momentum_step(parameters, grads, kept["v"], beta, rate)
        elif name == "RMSprop":
            parameters, kept["s"] = rmsprop_step(parameters, grads, kept["s"], beta, rate, epsilon)
        elif name == "Adagrad":
            parameters, kept["s"] = adagrad_step(parameters, grads, kept["s"], rate, epsilon)
        elif name == "Adam":
            parameters, kept["v"], kept["s"] = adam_step(parameters, grads, kept["v"], kept["s"], kept["t"], rate,
                                                         beta, beta2, epsilon)
        else:
            parameters = update_parameters(parameters, grads, rate)
        return parameters
    return step


# %%
def path(slope, start, step, steps):
    """The points that an optimiser passes; the point is the only 'layer' of the net that it believes to train."""
    point, passed = {"W1": np.array(start, float)}, [start]
    for _ in range(steps):
        point = step(point, {"dW1": slope(*point["W1"])})
        passed.append(point["W1"])
    return np.array(passed)


LANDSCAPES = {  # cost, gradient, start
    "ravine": (lambda x, y: 0.5 * (x ** 2 + 100 * y ** 2), lambda x, y: np.array([x, 100 * y]), (-4.0, 0.4)),
    "saddle": (lambda x, y: x ** 2 / 2 - y ** 2 / 2 + y ** 4 / 4, lambda x, y: np.array([x, y ** 3 - y]),
               (-2.0, 1e-6))}
RATES = {"ravine": {"gradient descent": 0.018, "momentum": 0.2, "RMSprop": 0.06, "Adagrad": 0.5, "Adam": 0.2},
         "saddle": {"gradient descent": 0.3, "momentum": 0.3, "RMSprop": 0.06, "Adagrad": 0.3, "Adam": 0.1}}
paths = {place: {name: path(slope, start, optimiser(name, RATES[place][name]), 300) for name in RATES[place]}
         for place, (_, slope, start) in LANDSCAPES.items()}


def landscape(axis, place, limits):
    x, y = np.meshgrid(np.linspace(*limits[:2], 90), np.linspace(*limits[2:], 80))
    axis.contour(x, y, LANDSCAPES[place][0](x, y), 18, colors="#9fb3c8", linewidths=0.7)
    axis.set(title=place, xlabel="x", ylabel="y", xlim=limits[:2], ylim=limits[2:])
    axis.grid(False)


# %%
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.9))
landscape(axes[0], "ravine", (-4.3, 2.0, -0.75, 0.75))
landscape(axes[1], "saddle", (-2.3, 0.8, -0.4, 1.4))
lines = {(axis.get_title(), name): axis.plot([], [], style, lw=1.5, ms=3.5, label=name)[0] for axis in axes
         for name, style in zip(RATES["ravine"], ("o-", "s-", "^-", "v-", "D-"))}
axes[1].legend(fontsize=8, loc="lower left")


def draw(step):
    for (place, name), line in lines.items():
        line.set_data(*paths[place][name][:step + 1].T)


told = ("In the ravine, left, gradient descent zigzags across the valley and creeps along it; momentum swings widely "
        "across, but soon runs along; Adam swings in calmer curves, RMSprop and Adagrad go at a slant and straight on. "
        "Past the saddle, right, RMSprop, Adagrad and Adam turn up to the minimum at y = 1 at once; gradient descent "
        "and momentum run into the saddle point first, and only gradient descent has left it after 60 steps.")
size = len(animation.play(figure, draw, range(0, 61, 3), "A moving picture of 60 steps. " + told))
print(f"{size / 1000:.0f} kilobytes\n\n{'':18s}ravine: J < 0.1 after step   J after 300   saddle: y > 0.5 after step")
for name in RATES["ravine"]:
    J, y = LANDSCAPES["ravine"][0](*paths["ravine"][name].T), paths["saddle"][name][:, 1]
    print(f"{name:18s}{np.flatnonzero(J >= 0.1).max() + 1:27d}{J[-1]:14.6f}{np.argmax(y > 0.5):28d}")
draw(60)
plots.show("The last picture, after 60 steps. " + told)

# %% [markdown]
# At the saddle the slope along $y$ is next to nothing. Gradient descent multiplies $y$ by $1+\alpha$ in each step: growth, but from a millionth it
# takes long. (Momentum leaves last: its average lags behind a slope that grows.) The three that divide by the root don't care how small a slope is,
# only that it has a sign. That has a price in the ravine: with a constant rate RMSprop's steps stay long near the bottom, where the gradients change
# sign from step to step, so that it jitters there. It needs a rate that falls; we come to that.
#
# ### Two slips in one line
#
# *Correction left out.* With beta1 = 0.9 and beta2 = 0.999 the first uncorrected averages are $0.1\,g$ and $0.001\,g^2$: the first step is
# $0.1/\sqrt{0.001} \approx 3$ times too long. *Epsilon inside the root.* $\sqrt{s+10^{-8}}$ looks like $\sqrt s + 10^{-8}$, but for tiny gradients
# it acts like $10^{-4}$, ten thousand times as much. *Predict first:* we multiply the whole ravine by a millionth. What changes for Adam? And for
# the Adam with epsilon inside?

# %%
def adam_slipped(parameters, grads, kept, rate, inside):
    """Adam with one of two slips: epsilon inside the root, or the correction left out."""
    g = grads["dW1"]
    kept["t"], kept["v"], kept["s"] = kept["t"] + 1, 0.9 * kept["v"] + 0.1 * g, 0.999 * kept["s"] + 0.001 * g ** 2
    v, s = kept["v"], kept["s"]
    if inside:
        v, s = v / (1 - 0.9 ** kept["t"]), s / (1 - 0.999 ** kept["t"])
    root = np.sqrt(s + 1e-8) if inside else np.sqrt(s) + 1e-8
    return {"W1": parameters["W1"] - rate * v / root}


cost, slope, start = LANDSCAPES["ravine"]
print(f"{'ravine times':>14s}{'plain':>10s}{'Adam':>10s}{'inside':>10s}{'no correction':>15s}   (J left "
f"after 120 steps)")
for scale in (1, 1e-3, 1e-6):
    left, firsts = [], []
    for step in (optimiser("gradient descent", 0.018), optimiser("Adam", 0.2),
                 *(lambda p, g, k={"t": 0, "v": 0, "s": 0}, i=i: adam_slipped(p, g, k, 0.2, i) for i in (True, False))):
        passed = path(lambda x, y, scale=scale: scale * slope(x, y), start, step, 120)
        left.append(cost(*passed[-1]))
        firsts.append(np.abs(passed[1] - passed[0]).max())
    print(f"{scale:14g}{left[0]:10.4f}{left[1]:10.4f}{left[2]:10.4f}{left[3]:15.4f}")
    assert scale > 1e-5 or left[2] > 100 * left[1], "epsilon inside the root stops where gradients are tiny"
print(f"first step with learning rate 0.2: Adam {firsts[1]:.2f}, without correction {firsts[3]:.2f}")

# %% [markdown]
# Adam does not notice the scale at all. With epsilon inside the root it is gradient descent with a fixed rate again: in 120 steps it has crossed the
# valley and crept a part of the way along it, where Adam has arrived. Plateaus are such places: where a sigmoid is saturated, the slope is tiny, not zero.
#
# ### A negative control
#
# If the cost is a round bowl, nothing is to be gained. *Predict first:* who is first at the bottom of $J = \frac12(x^2 + y^2)$?

# %%
for name, rate in {"gradient descent": 1.0, "momentum": 0.9, "RMSprop": 0.06, "Adagrad": 0.5, "Adam": 0.2}.items():
    passed = path(lambda x, y: np.array([x, y]), (-4.0, 0.9), optimiser(name, rate), 300)
    below = np.sum(passed ** 2, axis=1) < 0.0001
    print(f"{name:18s} {'steps until it is within 0.01:':32s} {below.argmax() if below.any() else 'not in 300'}")

# %% [markdown]
# Gradient descent, in one step: with a single curvature there is a rate that fits exactly. For the others there is nothing to average and nothing to
# even out.
#
# ## On the net
#
# Back to the moons, with mini-batches of 32. We train twice: with inputs standardised as lab 04a does it, and with the second input in another unit,
# fifty times smaller, which makes a ravine out of the net's cost. Every optimiser gets the best of three learning rates, and the curves are means
# over three seeds. *Predict first:* in which of the two does Adam win clearly?

# %%
def train(inputs, step, epochs, seed):
    """Costs by epoch and seconds, for a net that an optimiser trains on batches of 32."""
    parameters = initialize_parameters_deep(layers, np.random.default_rng(seed))
    rng, costs, seconds, start = np.random.default_rng(seed + 100), [], [], time.thread_time()
    for epoch in range(epochs):
        total = 0.0
        for X_b, Y_b in random_mini_batches(inputs, Y, 32, rng):
            AL, caches = model_forward(X_b, parameters)
            AL = np.clip(AL, 1e-9, 1 - 1e-9)
            total += deep_cost(AL, Y_b) * Y_b.size
            parameters = step(parameters, model_backward(AL, Y_b, caches))
        costs.append(total / Y.size)
        seconds.append(time.thread_time() - start)  # of this computation alone
    return costs, seconds


def best_of(inputs, name, rates, epochs=40):
    runs = {r: [train(inputs, optimiser(name, r), epochs, seed) for seed in range(3)] for r in rates}
    means = {r: np.mean([costs for costs, _ in found], axis=0) for r, found in runs.items()}
    r = min(means, key=lambda r: means[r].mean())
    return r, means[r], np.mean([seconds for _, seconds in runs[r]], axis=0)


# %%
uneven = X * np.array([[1.0], [0.02]])
tried = {"gradient descent": (0.1, 0.3, 0.6), "momentum": (0.1, 0.3, 0.6), "RMSprop": (0.003, 0.01, 0.03),
         "Adagrad": (0.03, 0.1, 0.3), "Adam": (0.003, 0.01, 0.03)}
figure, axes = plt.subplots(1, 3, figsize=(11.5, 3.6), sharey=True)
results = {}
for name, style in zip(tried, ("-", "--", "-.", ":", "-")):
    for axis, inputs, kind in ((axes[0], X, "even"), (axes[1], uneven, "uneven")):
        rate, costs, seconds = results[kind, name] = best_of(inputs, name, tried[name])
        axis.plot(costs, style, label=f"{name}, {rate}")
    axes[2].plot(seconds, costs, style)
axes[0].set(title="standardised inputs", xlabel="epoch", ylabel="cost", ylim=(0.05, 0.6))
axes[1].set(title="second input × 0.02", xlabel="epoch")
axes[2].set(title="the same by seconds", xlabel="seconds")
axes[0].legend(fontsize=7)
axes[1].legend(fontsize=7)
ends = {key: costs[-1] for key, (_, costs, _) in results.items()}
plots.show("Cost of the net by epoch for five optimisers. Left, standardised inputs: after a few epochs all five "
           "lie together, near 0.1. Middle, one input fifty times smaller: RMSprop, Adagrad and Adam still come "
           "down within some ten epochs, gradient descent and momentum stay far above. Right, the middle one "
           "against seconds: Adam is still far ahead, though its epochs take longer. Last costs, uneven inputs: "
           + ", ".join(f"{name} {ends['uneven', name]:.3f}" for name in tried))
assert ends["uneven", "Adam"] < 0.5 * ends["uneven", "gradient descent"], "in a ravine Adam wins clearly"
assert abs(ends["even", "Adam"] - ends["even", "gradient descent"]) < 0.03, "on an even floor it does not"

# %% [markdown] exercise="critical_point"
# Both halves of this result matter. (Where the best of three rates is the largest tried, longer steps might do better still.) Where inputs, or
# layers, live on different scales, a pace for each weight is worth more than anything else you could tune. Where they do not, well-tuned gradient
# descent is as good, and costs less time and memory. Scaling the inputs (lab 04a) was the cheaper cure here. In deep nets you cannot scale every
# layer by hand: that is why Adam is where most people start, and lab 04c's batch normalisation goes at the scales themselves.
#
# What none of these plots shows: which net does better on *new* data. A lower training cost is not that; lab 04a is the place for it.
#
# ## Saddles, and why there are so many
#
# Where the gradient is 0 the second derivatives decide. Their matrix, the *Hessian*, is symmetric; along each of its eigenvectors the cost curves by
# the eigenvalue.
#
# ###
# Tell a valley from a summit and a pass.

# %% [markdown]
# A minimum needs *every* eigenvalue to be positive. If their signs were thrown like coins, $n$ heads in a row would have a chance of $2^{-n}$. Let
# us count over random symmetric matrices. *Predict first:* will minima be more or less frequent than with coins?

# %%
rng, counted = np.random.default_rng(0), []
for n in range(1, 7):
    found = [critical_point(A + A.T) for A in rng.normal(size=(3000, n, n))]
    counted.append([found.count(kind) / 3000 for kind in ("minimum", "saddle", "maximum")])
    print(f"n = {n}: minimum {counted[-1][0]:7.2%}   saddle {counted[-1][1]:7.2%}   maximum {counted[-1][2]:7.2%}")
n = np.arange(1, 7)
figure, axis = plt.subplots(figsize=(6.5, 3.2))
axis.plot(n, [c[1] for c in counted], "o-", label="saddles")
axis.plot(n, [c[0] for c in counted], "s-", label="minima")
axis.plot(n, 2.0 ** -n, ":", color="black", label="coins: $2^{-n}$")
axis.set(xlabel="directions n", ylabel="share of 3000 matrices")
axis.legend()
plots.show("Shares of random symmetric matrices against their size n from 1 to 6. Saddles rise from none to "
           "nearly all; minima fall from one half to almost none, faster than coins would: at n = 4 they are "
           f"{counted[3][0]:.2%} of all, where coins would give {1 / 16:.2%}.")
assert counted[5][1] > 0.98 and counted[3][0] < 1 / 16

# %% [markdown] exercise="decayed_learning_rate"
# Already with six directions nearly everything is a saddle, and a net has thousands. Eigenvalues even keep away from each other, so that all on one
# side is rarer than with coins. A net's Hessians are not random matrices: where the cost is low, more of them have few or no negative eigenvalues.
# But it explains what is seen in practice: training is more often held up by saddles and plateaus than by bad minima. And from a saddle there is a
# way down: noise finds it, and so does a pace of one's own.
#
# ## Coming to rest
#
# Near the minimum the noise of the batches does not shrink, while the gradient does. With a constant learning rate the weights end up dancing about
# the bottom. Smaller steps dance less, but take longer to get there. So begin with long steps and shorten them.
#
# ###
# The rate after some epochs. With an interval of 1 it falls in every epoch, with a larger one in stairs.

# %%
epochs = np.arange(60)
schedules = {"yours, interval 1": [decayed_learning_rate(0.3, e, 0.2) for e in epochs],
             "yours, stairs of 10": [decayed_learning_rate(0.3, e, 1.0, 10) for e in epochs],
             "exponential": 0.3 * 0.95 ** epochs, "1/√epoch": 0.3 / np.sqrt(1 + epochs),
             "halved every 15": 0.3 * 0.5 ** (epochs // 15)}
plt.figure(figsize=(6.5, 3.2))
for (name, rates), style in zip(schedules.items(), ("-", "--", "-.", ":", "-")):
    plt.plot(epochs, rates, style, label=name)
plt.gca().set(xlabel="epoch", ylabel="learning rate")
plt.legend(fontsize=8)
plots.show("Five learning rates that fall over 60 epochs from 0.3: yours, in a smooth curve, and in stairs of "
           "ten epochs; exponential decay; one over the root of the epoch, which falls fast at first and then "
           "hardly; and halving every fifteen epochs.")

# %% [markdown]
# Now a simple bowl whose examples each pull to a place of their own; the minimum is where the pulls cancel. *Predict first:* put the schedules in
# order, together with a constant rate of 0.3 and one of 0.003.

# %%
pulls = np.random.default_rng(5).normal(0, 2, (2, 200))
pulls -= pulls.mean(axis=1, keepdims=True)


def distances(rates, seeds=12):
    """Mean distance of SGD from the minimum, after each epoch."""
    found = np.zeros(60)
    for seed in range(seeds):
        rng, w = np.random.default_rng(seed), np.array([[6.0], [-4.0]])
        for epoch in range(60):
            for pull, _ in random_mini_batches(pulls, pulls[:1], 10, rng):
                w = w - rates[epoch] * (w - pull.mean(axis=1, keepdims=True))
            found[epoch] += np.linalg.norm(w) / seeds
    return found


last = {}
plt.figure(figsize=(8, 3.8))
for name, rates in {"constant 0.3": [0.3] * 60, "constant 0.003": [0.003] * 60, **schedules}.items():
    curve = distances(rates)
    last[name] = curve[-1]
    plt.semilogy(curve, ":" if "constant" in name else "-", color="black" if "constant" in name else None,
                 label=f"{name}: {curve[-1]:.3f}")
plt.gca().set(xlabel="epoch", ylabel="distance from the minimum")
plt.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plots.show("Mean distance of SGD from the minimum by epoch, on a logarithmic axis, over 12 seeds. At the end: "
           + ", ".join(f"{name} {value:.3f}" for name, value in last.items()))
assert last["yours, interval 1"] < 0.6 * last["constant 0.3"], "decay lets SGD come to rest"
lab.quiz("decay")

# %% [markdown]
# A constant long step stays at the distance where noise and pull balance; a constant short one is still under way. The decayed ones use long steps to
# get there and short ones to settle: exponential decay ends nearest, yours with interval 1 next. For ever is another matter: the sum of all steps has to
# be infinite, to reach the minimum from anywhere, that of their squares finite, for the noise to die away (Robbins and Monro, 1951). $1/t$ satisfies
# both; exponential decay, best over these 60 epochs, does not.
#
# ## Play
#
# Change the rates, the betas, the start or the landscape. Two suggestions: momentum with beta = 0.99 in the ravine; gradient descent with rate 0.07
# there.

# %%
name, rate, place, start = "momentum", 0.2, "ravine", (-4.0, 0.4)
passed = path(LANDSCAPES[place][1], start, optimiser(name, rate, beta=0.99), 80)
figure, axis = plt.subplots(figsize=(6, 3))
landscape(axis, place, (-4.4, 3.6, -0.9, 0.9))
axis.plot(*passed.T, "o-", ms=3, lw=1)
plots.show(f"The path of {name} in the {place}, 80 steps from {start}; it ends at ({passed[-1][0]:.2f}, "
           f"{passed[-1][1]:.2f}).")

# %% [markdown]
# ## Challenge
#
# Invent a step rule that beats Adam. The net of this lab is trained on the uneven moons, in batches of 32, from four seeds; what counts is the
# number of passes until the cost of a pass is below 0.12. Adam with a rate of 0.01 needs about ten. Reach it in **6 or fewer on average**.

# %%
def my_step(parameters, grads, kept):
    """One step of your own.

    Parameters
    ----------
    parameters, grads : dicts, as in adam_step
    kept : dict, empty at the first step; put into it what the next step should find

    Returns
    -------
    dict, the new parameters
    """
    ### BEGIN SOLUTION
    if not kept:
        kept.update(t=0, v={"d" + n: np.zeros(p.shape) for n, p in parameters.items()},
                    s={"d" + n: np.zeros(p.shape) for n, p in parameters.items()})
    kept["t"] += 1
    t = kept["t"]
    _, kept["v"], kept["s"] = adam_step(parameters, grads, kept["v"], kept["s"], t, 0.05, 0.9, 0.999, 1e-8)
    ahead = {}  # after Nesterov: the newest gradient counts once more
    for name, v in kept["v"].items():
        v = (0.9 * v + 0.1 * grads[name]) / (1 - 0.9 ** t)
        ahead[name] = v / (np.sqrt(kept["s"][name] / (1 - 0.999 ** t)) + 1e-8)
    return update_parameters(parameters, ahead, 0.05)
    ### END SOLUTION


lab.challenge("fewer_passes", my_step)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * Mini-batches: shuffle once, label and all; cut; step after each. Between one example and all of them lies a best size, and it is a matter of the
#   machine too.
# * The noise of small batches leaves narrow valleys and saddles, and keeps SGD from coming to rest; a falling learning rate lets it.
# * $v \leftarrow \beta v + (1-\beta)x$ reaches back about $1/(1-\beta)$ steps; its weights add up to $1-\beta^t$, and that is the correction.
#   Swapped weights need another beta and another correction.
# * Momentum averages the direction; RMSprop and Adagrad give every weight its own pace; Adam does both. Epsilon stands outside the root.
# * In a ravine that is worth a lot, on an even floor nothing. In many dimensions most critical points are saddles.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | mini-batch, epoch | 小批量, 轮次 |
# | stochastic gradient descent | 随机梯度下降 |
# | exponentially weighted average | 指数加权平均 |
# | bias correction | 偏差修正 |
# | momentum, velocity | 动量, 速度 |
# | RMSprop, Adagrad, Adam | 均方根传播, 自适应梯度, 自适应矩估计 |
# | learning-rate decay | 学习率衰减 |
# | condition number | 条件数 |
# | saddle point, plateau | 鞍点, 平台 |
# | Hessian, eigenvalue | 海森矩阵, 特征值 |
#
# ## Further reading
#
# * H. Robbins, S. Monro, A stochastic approximation method (1951), doi:10.1214/aoms/1177729586
# * B. T. Polyak, Some methods of speeding up the convergence of iteration methods (1964), doi:10.1016/0041-5553(64)90137-5
# * D. P. Kingma, J. Ba, Adam: a method for stochastic optimization (2014), arXiv:1412.6980
# * Y. Dauphin and others, Identifying and attacking the saddle point problem in high-dimensional non-convex optimization (2014), arXiv:1406.2572
# * N. S. Keskar and others, On large-batch training for deep learning: generalization gap and sharp minima (2016), arXiv:1609.04836
# * A. C. Wilson and others, The marginal value of adaptive gradient methods in machine learning (2017), arXiv:1705.08292
# * S. Ruder, An overview of gradient descent optimization algorithms (2016), arXiv:1609.04747
