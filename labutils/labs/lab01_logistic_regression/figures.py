"""Figures of lab 01."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, arrow, box, canvas, node


def perceptron():
    """One neuron, from left to right. Three inputs x1, x2, x3 in circles. An arrow from each, marked with its weight w1, w2, w3, leads
    into a box with the sum z = w1 x1 + w2 x2 + w3 x3 + b; the bias b enters it from above. From the box an arrow leads to a second one that
    holds an activation curve: drawn in orange the step of the perceptron, in blue the smooth sigmoid of logistic regression. Its output is
    a, the answer: 0 or 1 from the step, a probability between 0 and 1 from the sigmoid."""
    import numpy as np

    figure, axes = canvas(9.4, 3.9)
    for i, y in enumerate((3.15, 1.95, 0.75), start=1):
        node(axes, 0.75, y, f"$x_{i}$")
        arrow(axes, (1.13, y), (3.12, 1.95 + (y - 1.95) * 0.28))
        axes.text(2.05, 1.95 + (y - 1.95) * 0.72 + 0.16, f"$w_{i}$", fontsize=13, color=ORANGE, ha="center")
    box(axes, 4.2, 1.95, 2.05, 1.0, r"$z=\sum_j w_j x_j+b$")
    axes.text(4.2, 3.45, "$b$", fontsize=14, color=ORANGE, ha="center", va="center")
    arrow(axes, (4.2, 3.25), (4.2, 2.52))
    arrow(axes, (5.27, 1.95), (6.02, 1.95))
    box(axes, 6.85, 1.95, 1.6, 1.3, "")
    t = np.linspace(-1, 1, 200)
    axes.plot(6.85 + 0.65 * t, 1.5 + 0.9 / (1 + np.exp(-7 * t)), color=BLUE, lw=2.4)
    axes.plot([6.2, 6.85, 6.85, 7.5], [1.5, 1.5, 2.4, 2.4], color=ORANGE, lw=1.6, ls="--")
    axes.text(6.85, 0.98, "sigmoid", color=BLUE, fontsize=11, ha="center")
    axes.text(6.85, 0.7, "perceptron's step", color=ORANGE, fontsize=11, ha="center")
    arrow(axes, (7.67, 1.95), (8.3, 1.95))
    node(axes, 8.7, 1.95, "$a$", colour=GREEN)
    axes.text(0.75, 0.14, "inputs", fontsize=11, ha="center", color=INK)
    axes.text(4.2, 1.18, "weighted sum", fontsize=11, ha="center", color=INK)
    axes.text(8.7, 1.3, "answer", fontsize=11, ha="center", color=INK)
    return figure


def computation_graph():
    """The computation graph of logistic regression for one example. Forward, blue, left to right: the parameters w and b and the input x
    enter z = w transposed x + b; z enters a = sigma(z); a and the label y enter the loss L = -(y log a + (1 - y) log(1 - a)). Backward,
    orange, right to left below each step: dL/da = -y/a + (1 - y)/(1 - a); times a (1 - a) it becomes dL/dz = a - y; and from there
    dL/dw = x (a - y) and dL/db = a - y."""
    figure, axes = canvas(10.4, 4.1)
    for y, name in ((3.3, "$w$"), (2.4, "$x$"), (1.5, "$b$")):
        node(axes, 0.7, y, name, radius=0.32)
        arrow(axes, (1.04, y), (2.08, 2.4 + (y - 2.4) * 0.3), BLUE)
    box(axes, 3.0, 2.4, 1.75, 0.85, r"$z=w^{\top}x+b$")
    arrow(axes, (3.92, 2.4), (4.78, 2.4), BLUE)
    box(axes, 5.55, 2.4, 1.45, 0.85, r"$a=\sigma(z)$")
    arrow(axes, (6.32, 2.4), (7.0, 2.4), BLUE)
    box(axes, 8.65, 2.4, 3.2, 0.85, r"$L=-(y\log a+(1-y)\log(1-a))$", size=11.5)
    axes.text(8.65, 3.62, "$y$", fontsize=14, ha="center", va="center")
    arrow(axes, (8.65, 3.42), (8.65, 2.88), BLUE)
    for x, text in ((8.3, r"$\frac{\partial L}{\partial a}=-\frac{y}{a}+\frac{1-y}{1-a}$"), (5.45, r"$\frac{\partial L}{\partial z}=a-y$")):
        axes.text(x, 1.2, text, fontsize=15, color=ORANGE, ha="center", va="center")
    axes.text(2.1, 0.62, r"$\frac{\partial L}{\partial w}=x\,(a-y)$" "\n" r"$\frac{\partial L}{\partial b}=a-y$", fontsize=15, color=ORANGE,
              ha="center", va="center", linespacing=1.7)
    arrow(axes, (6.95, 1.2), (6.4, 1.2), ORANGE)
    axes.text(6.68, 0.8, r"$\times\,a(1-a)$", fontsize=11, color=ORANGE, ha="center")
    arrow(axes, (4.5, 1.15), (3.4, 0.8), ORANGE)
    axes.text(9.95, 3.8, "forward", fontsize=11, color=BLUE, ha="center")
    axes.text(9.95, 0.35, "backward", fontsize=11, color=ORANGE, ha="center")
    return figure


FIGURES = (perceptron, computation_graph)
