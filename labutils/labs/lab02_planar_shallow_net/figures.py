"""Figures of lab 02."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, arrow, canvas, node


def shallow_net():
    """A net with one hidden layer, drawn from left to right. Two inputs x1 and x2 in circles on the left; four hidden units a1 to a4 of layer 1
    in the middle, each with an arrow from both inputs; one output a of layer 2 on the right, with an arrow from every hidden unit. Below each layer
    stands what it computes, for all m examples at once, with shapes. Inputs: X, 2 by m. Hidden layer: Z1 = W1 X + b1 and A1 = tanh(Z1), both 4 by m,
    with W1 4 by 2 and b1 4 by 1. Output: Z2 = W2 A1 + b2 and A2 = sigma(Z2), both 1 by m, with W2 1 by 4 and b2 1 by 1. In all 8 + 4 + 4 + 1 = 17
    parameters."""
    figure, axes = canvas(10.4, 5.4)
    inputs = [(1.3, 4.25), (1.3, 2.95)]
    hidden = [(5.0, 4.95 - 0.9 * i) for i in range(4)]
    output = (8.7, 3.6)
    for x, y in inputs:
        for u, v in hidden:
            arrow(axes, (x + 0.36, y + (v - y) * 0.1), (u - 0.38, v - (v - y) * 0.1), BLUE, lw=1.1)
    for u, v in hidden:
        arrow(axes, (u + 0.38, v + (output[1] - v) * 0.1), (output[0] - 0.42, output[1] - (output[1] - v) * 0.1), ORANGE, lw=1.1)
    for i, (x, y) in enumerate(inputs, start=1):
        node(axes, x, y, f"$x_{i}$", radius=0.34, colour=INK)
    for i, (u, v) in enumerate(hidden, start=1):
        node(axes, u, v, f"$a^{{[1]}}_{i}$", radius=0.36, colour=BLUE)
    node(axes, *output, r"$a^{[2]}$", radius=0.4, colour=GREEN)
    axes.text(3.1, 4.98, r"$W^{[1]},\ b^{[1]}$", fontsize=14, color=BLUE, ha="center")
    axes.text(7.0, 4.75, r"$W^{[2]},\ b^{[2]}$", fontsize=14, color=ORANGE, ha="center")
    arrow(axes, (9.12, 3.6), (9.5, 3.6), GREEN)
    axes.text(9.72, 3.6, r"$\hat{y}$", fontsize=16, color=INK, ha="center", va="center")
    for x, title, lines in ((1.3, "input", [r"$X\ \ (2, m)$", "8 + 4 + 4 + 1", "= 17 parameters"]),
                            (5.0, "hidden layer, tanh", [r"$Z^{[1]}=W^{[1]}X+b^{[1]}\ \ (4, m)$", r"$A^{[1]}=\tanh(Z^{[1]})\ \ (4, m)$",
                                                         r"$W^{[1]}\,(4,2)\quad b^{[1]}\,(4,1)$"]),
                            (8.7, "output, sigmoid", [r"$Z^{[2]}=W^{[2]}A^{[1]}+b^{[2]}\ \ (1, m)$", r"$A^{[2]}=\sigma(Z^{[2]})\ \ (1, m)$",
                                                      r"$W^{[2]}\,(1,4)\quad b^{[2]}\,(1,1)$"])):
        axes.text(x, 1.5, title, fontsize=12, color=INK, ha="center", weight="bold")
        for i, line in enumerate(lines):
            axes.text(x, 1.1 - 0.36 * i, line, fontsize=12.5, color=INK, ha="center")
    return figure


def four_activations():
    """Four plots side by side, z from -4 to 4. In each the activation is a solid blue line and its derivative a dashed orange one. Sigmoid: rises
    from 0 to 1 in an S, its derivative a low hump, at most one quarter, at z = 0. tanh: an S from -1 to 1, its derivative a hump of height 1. relu: 0
    for negative z, z itself for positive; its derivative jumps from 0 to 1. leaky relu: as relu, but with the small slope 0.01 below 0, so that its
    derivative jumps from 0.01 to 1."""
    import numpy as np
    from matplotlib.figure import Figure

    z = np.linspace(-4, 4, 801)
    a, t = 1 / (1 + np.exp(-z)), np.tanh(z)
    curves = {r"sigmoid  $\sigma(z)$": (a, a * (1 - a)), r"$\tanh(z)$": (t, 1 - t ** 2), r"relu  $\max(0, z)$": (np.maximum(z, 0), z > 0),
              r"leaky relu, slope 0.01": (np.where(z > 0, z, 0.01 * z), np.where(z > 0, 1, 0.01))}
    figure = Figure(figsize=(10.4, 3.0), facecolor="white", layout="constrained")
    for axes, (title, (value, slope)) in zip(figure.subplots(1, 4, sharey=True), curves.items()):
        axes.axhline(0, color=INK, lw=0.7)
        axes.axvline(0, color=INK, lw=0.7)
        axes.plot(z, value, color=BLUE, lw=2.4, label="activation")
        axes.plot(z, slope, color=ORANGE, lw=2, ls="--", label="derivative")
        axes.set_title(title, fontsize=12)
        axes.set(xlabel="z", ylim=(-1.2, 2.2), xlim=(-4, 4))
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(loc="upper left", fontsize=9, frameon=False)
    return figure


FIGURES = (shallow_net, four_activations)
