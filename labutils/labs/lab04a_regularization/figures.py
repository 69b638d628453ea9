"""Figures of lab 04a."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, arrow, box, canvas, node


def bias_and_variance():
    """A decision in two questions, read from left to right. First box: is the training error high? An arrow marked yes leads down to what
    helps against bias: a larger net, longer training, another architecture. The arrow marked no leads on to the second box: is the error
    on held-out data much higher than the training error? Yes leads down to what helps against variance: more data, L2, dropout,
    augmentation, early stopping. No leads to a circle: done. From the remedies against variance a dashed arrow, ask again, leads back to the
    first question, as they may bring bias back."""
    figure, axes = canvas(10.4, 4.3)
    box(axes, 1.75, 3.35, 2.9, 1.0, "training error\nhigh?", size=13)
    box(axes, 6.0, 3.35, 3.3, 1.0, "held-out error much\nhigher than that?", size=13)
    node(axes, 9.55, 3.35, "done", radius=0.5, colour=GREEN, size=13)
    arrow(axes, (3.25, 3.35), (4.3, 3.35))
    arrow(axes, (7.7, 3.35), (9.0, 3.35))
    for x, w, name, text in ((1.75, 2.9, "bias", "a larger net\nlonger training\nanother architecture"),
                             (6.0, 3.3, "variance", "more data\nL2, dropout, augmentation,\nearly stopping")):
        arrow(axes, (x, 2.82), (x, 1.72), ORANGE)
        axes.text(x + 0.12, 2.28, f"yes: {name}", fontsize=12.5, color=ORANGE, va="center")
        box(axes, x, 1.0, w, 1.35, text, colour=ORANGE, face="#fdf3e9", size=12)
    for x, y in ((3.78, 3.52), (8.35, 3.52)):
        axes.text(x, y, "no", fontsize=12.5, color=INK, ha="center")
    arrow(axes, (4.28, 0.8), (3.3, 2.85), INK, linestyle="--", lw=1.2)
    axes.text(3.98, 1.95, "ask again", fontsize=11, color=INK, ha="left")
    return figure


def dropout_net():
    """The same net twice. Left, the whole net as it is at test time: three inputs, five hidden units, four hidden units, one output, each unit
    joined to all of the next layer. Right, one training step with dropout: two units of the first hidden layer and two of the second
    are drawn dashed and empty, without any lines; the lines of those that are left are thicker, as they are divided by the probability
    of being kept. Inputs and output are all there."""
    import numpy as np

    figure, axes = canvas(10.4, 4.4)
    sizes, off = (3, 5, 4, 1), {(1, 1), (1, 3), (2, 0), (2, 2)}
    for x0, dropped, title in ((0.7, set(), "test: every unit takes part"), (6.0, off, "one training step: some are off")):
        at = {(l, i): (x0 + 1.2 * l, 2.35 + 0.72 * (i - (n - 1) / 2)) for l, n in enumerate(sizes) for i in range(n)}
        for (l, i), (x, y) in at.items():
            for j in range(sizes[l + 1]) if l < 3 else ():
                if not {(l, i), (l + 1, j)} & dropped:
                    u, v = at[l + 1, j]
                    thick = bool(dropped) and l in (1, 2)
                    axes.plot([x, u], [y, v], color=ORANGE if thick else "#9fb3c8", lw=1.9 if thick else 1.0, zorder=0)
        for (l, i), (x, y) in at.items():
            gone = (l, i) in dropped
            node(axes, x, y, "", radius=0.2, colour="#9aa5b1" if gone else GREEN if l == 3 else BLUE, face="white" if gone else "#eef3f9")
            if gone:
                axes.plot(x + 0.11 * np.array([-1, 1]), y + 0.11 * np.array([-1, 1]), color="#9aa5b1", lw=1.6)
                axes.plot(x + 0.11 * np.array([-1, 1]), y + 0.11 * np.array([1, -1]), color="#9aa5b1", lw=1.6)
        axes.text(x0 + 1.8, 0.28, title, fontsize=12.5, color=INK, ha="center")
    axes.text(9.3, 3.85, "× 1 / keep_prob", fontsize=12, color=ORANGE, ha="center")
    return figure


def skip_connection():
    """A layer with a skip connection. From the left the activation A arrives and splits. Below, it goes through a box with the layer,
    f of W A plus b, then through a small box that multiplies by s. Above, an orange arrow, the skip connection, carries A unchanged around
    the layer. Both meet in a circle with a plus sign; out comes A plus s times f of W A plus b. Beneath stands the slope on the way back:
    1 plus s times the layer's own slope, so that even where that is nearly 0, the gradient passes."""
    figure, axes = canvas(10.0, 3.5)
    axes.text(0.55, 2.0, "$A$", fontsize=17, ha="center", va="center", color=INK)
    arrow(axes, (0.85, 2.0), (2.3, 2.0))
    box(axes, 3.5, 2.0, 2.3, 0.9, r"$f(WA+b)$", size=15)
    arrow(axes, (4.7, 2.0), (5.35, 2.0))
    box(axes, 5.8, 2.0, 0.8, 0.8, r"$\times\,s$", size=15)
    arrow(axes, (6.24, 2.0), (6.85, 2.0))
    node(axes, 7.2, 2.0, "+", radius=0.32, size=18)
    arrow(axes, (7.55, 2.0), (8.1, 2.0))
    axes.text(8.2, 2.0, r"$A+s\,f(WA+b)$", fontsize=14, ha="left", va="center", color=INK)
    axes.plot([1.4, 1.4, 7.2], [2.0, 3.05, 3.05], color=ORANGE, lw=2)
    arrow(axes, (7.2, 3.06), (7.2, 2.36), ORANGE, lw=2)
    axes.text(4.3, 3.2, "skip connection", fontsize=12.5, color=ORANGE, ha="center")
    axes.text(4.6, 0.75, r"on the way back:  slope $=\;1\;+\;s\,\cdot$ (slope of the layer)", fontsize=14, color=ORANGE, ha="center", va="center")
    return figure


FIGURES = (bias_and_variance, dropout_net, skip_connection)
