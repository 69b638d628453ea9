"""Figures of lab 04c."""
import numpy as np

from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas, node


def grid_and_random():
    """Two squares side by side, each with nine trials as dots. The horizontal direction is a setting that matters, the vertical one a setting that
    does not. Above each square a curve shows how good a value of the setting that matters is: a single narrow peak. Left, the grid: the nine dots stand
    in three columns, so below the square only three different values are marked, and none of them lies under the peak. Right, random search: the nine dots
    are scattered, nine different values are marked below, and one of them, drawn green, lies under the peak."""
    figure, axes = canvas(9.6, 4.9)
    rng = np.random.default_rng(13)
    third = (np.arange(3) + 0.5) / 3
    grid = np.array([(x, y) for x in third for y in third])
    scattered = np.stack([(np.arange(9) + rng.uniform(0.2, 0.8, 9)) / 9, rng.permutation(np.arange(9) + rng.uniform(0.2, 0.8, 9)) / 9], axis=1)
    peak = scattered[5, 0]
    for left, points, title in ((0.9, grid, "grid: 9 trials, 3 values"), (5.6, scattered, "random: 9 trials, 9 values")):
        t = np.linspace(0, 1, 300)
        axes.plot(left + 3 * t, 3.85 + 0.65 * np.exp(-((t - peak) / 0.055) ** 2), color=ORANGE, lw=2)
        box(axes, left + 1.5, 2.25, 3, 2.9, "", face=PALE)
        for x, y in points:
            good = abs(x - peak) < 0.04
            axes.plot(*[[left + 3 * x] * 2, [0.62, 0.8 + 2.9 * y]], color=GREEN if good else BLUE, lw=0.8, ls=":")
            axes.plot(left + 3 * x, 0.8 + 2.9 * y, "o", ms=9, color=GREEN if good else BLUE)
            axes.plot([left + 3 * x] * 2, [0.5, 0.66], color=GREEN if good else BLUE, lw=3)
        axes.text(left + 1.5, 4.72, title, ha="center", va="center", fontsize=12, color=INK)
        axes.text(left + 1.5, 0.25, "a setting that matters", ha="center", va="center", fontsize=11, color=ORANGE)
        axes.text(left - 0.3, 2.25, "one that does not", ha="center", va="center", fontsize=11, color=INK, rotation=90)
    return figure


def batchnorm_graph():
    """The computation graph of batch norm for one unit. Forward, blue, left to right: Z goes into the mean mu; Z and mu into the centred c = Z - mu; c
    into the variance, the mean of c squared, and with epsilon into the deviation s = root of (variance + epsilon); c and s into Z hat = c / s; Z hat, gamma and beta into
    out = gamma Z hat + beta. Three ways lead from Z to the output: straight on, by way of the mean, and by way of the deviation. Backward, orange, right to left:
    each box hands back the gradient of its inputs, and where a value went two ways the gradients that come back are added."""
    figure, axes = canvas(10.6, 4.4)
    node(axes, 0.6, 2.4, "$Z$")
    box(axes, 2.2, 3.6, 1.55, 0.7, r"$\mu=\mathrm{mean}\,Z$", size=12)
    box(axes, 3.7, 2.4, 1.55, 0.7, r"$c=Z-\mu$", size=12)
    box(axes, 5.75, 1.2, 2.3, 0.75, r"$s=\sqrt{\mathrm{mean}\,c^2+\varepsilon}$", size=12)
    box(axes, 7.0, 2.4, 1.4, 0.7, r"$\hat Z=c/s$", size=12)
    box(axes, 9.2, 2.4, 1.9, 0.7, r"$\mathrm{out}=\gamma\hat Z+\beta$", size=12)
    for start, end in (((0.98, 2.5), (2.9, 2.5)), ((0.85, 2.68), (1.42, 3.4)), ((2.75, 3.23), (3.3, 2.78)), ((4.5, 2.5), (6.28, 2.5)), ((4.1, 2.03), (4.85, 1.6)),
                       ((6.35, 1.6), (6.85, 2.03)), ((7.72, 2.5), (8.22, 2.5))):
        arrow(axes, start, end, BLUE)
    for x, name in ((8.8, r"$\gamma$"), (9.6, r"$\beta$")):
        axes.text(x, 3.65, name, fontsize=15, ha="center", va="center", color=INK)
        arrow(axes, (x, 3.45), (x, 2.8), BLUE)
    for start, end in (((8.22, 2.28), (7.74, 2.28)), ((6.28, 2.28), (4.52, 2.28)), ((2.9, 2.28), (1.0, 2.28)), ((7.05, 2.02), (6.6, 1.6)), ((4.65, 1.52), (3.9, 2.0)),
                       ((3.1, 2.78), (2.5, 3.2)), ((1.42, 3.62), (0.72, 2.8))):
        arrow(axes, start, end, ORANGE)
    for x, y, text in ((7.98, 1.85, r"$d\hat Z=\gamma\,d\mathrm{out}$"), (5.4, 2.02, r"$d\hat Z/s$"), (7.6, 1.45, r"$ds$"), (3.85, 1.5, r"$c\,ds/(m\,s)$"),
                       (3.3, 3.15, r"$d\mu$"), (0.62, 3.35, r"$d\mu/m$"), (1.9, 2.02, r"$dc$")):
        axes.text(x, y, text, fontsize=12, color=ORANGE, ha="center", va="center")
    axes.text(8.7, 0.75, r"$d\gamma=\sum d\mathrm{out}\,\hat Z \quad d\beta=\sum d\mathrm{out}$", fontsize=12, color=ORANGE, ha="center", va="center")
    axes.text(5.2, 4.1, "forward", fontsize=11, color=BLUE, ha="center", va="center")
    axes.text(1.4, 0.6, "backward", fontsize=11, color=ORANGE, ha="center", va="center")
    return figure


def softmax_layer():
    """A softmax layer for one example with three classes, from left to right: the scores z = 2.0, 1.0 and -0.5; their exponentials 7.39, 2.72 and 0.61, which add up
    to 10.71; and, divided by that sum, the probabilities 0.69, 0.25 and 0.06, drawn as bars. Right of them the label as a one-hot column, 1, 0, 0, and the loss
    -log 0.69 = 0.37. Below, hardmax: 1, 0, 0, the decision without the doubt."""
    figure, axes = canvas(10.2, 4.2)
    z = np.array([2.0, 1.0, -0.5])
    e = np.exp(z)
    p = e / e.sum()
    for x, title in ((1.0, "scores $z$"), (3.2, r"$e^z$"), (6.0, r"$p=e^z/\sum e^z$"), (8.5, "label $y$")):
        axes.text(x, 3.85, title, fontsize=13, ha="center", va="center", color=INK)
    for i, y in enumerate((3.1, 2.15, 1.2)):
        node(axes, 1.0, y, f"{z[i]:.1f}", size=12)
        arrow(axes, (1.42, y), (2.72, y), BLUE)
        node(axes, 3.2, y, f"{e[i]:.2f}", radius=0.42, size=12)
        arrow(axes, (3.68, y), (4.72, y), BLUE)
        axes.barh(y, 2.4 * p[i], left=4.9, height=0.5, color=BLUE)
        axes.text(5.0 + 2.4 * p[i], y, f"{p[i]:.2f}", fontsize=12, va="center", color=INK)
        node(axes, 8.5, y, "1" if i == 0 else "0", colour=GREEN, size=12)
    axes.text(3.2, 0.5, f"sum {e.sum():.2f}", fontsize=12, ha="center", va="center", color=INK)
    axes.text(5.9, 0.5, "hardmax would say 1, 0, 0", fontsize=12, ha="center", va="center", color=ORANGE)
    axes.text(8.7, 0.5, rf"loss $-\log {p[0]:.2f}={-np.log(p[0]):.2f}$", fontsize=12, ha="center", va="center", color=GREEN)
    return figure


FIGURES = (grid_and_random, batchnorm_graph, softmax_layer)
