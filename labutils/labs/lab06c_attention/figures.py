"""Figures of lab 06c."""
import numpy as np
from matplotlib.patches import Circle, Rectangle

from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas

WARM = "#fbf1e7"


def attention_lookup():
    """Attention as a soft lookup. On the left stands one query. In the middle a column of four keys; a dot product of the query with each gives a score: 2.1, 0.3, 1.4
    and −0.8. A softmax turns the scores, divided by the root of d, here 2, into weights drawn as orange bars: 0.43, 0.17, 0.30 and 0.10. On the
    right a column of four values; the weighted sum of the values is the output."""
    figure, axes = canvas(10.4, 4.3)
    scores = np.array([2.1, 0.3, 1.4, -0.8])
    weights = np.exp(scores / 2)
    weights /= weights.sum()
    box(axes, 1.0, 2.1, 1.3, 0.7, "query $q$", colour=ORANGE, face=WARM)
    for i, (s, w) in enumerate(zip(scores, weights)):
        y = 3.6 - i
        arrow(axes, (1.7, 2.1), (2.55, y), ORANGE, alpha=0.8)
        box(axes, 3.2, y, 1.2, 0.6, f"key $k_{i + 1}$")
        axes.text(4.55, y, f"$q\\cdot k_{i + 1} = {s}$", ha="center", va="center", fontsize=12, color=INK)
        axes.barh(y, 1.6 * w, 0.42, left=5.7, color=ORANGE)
        axes.text(5.78 + 1.6 * w, y, f"{w:.2f}", va="center", fontsize=11.5, color=INK)
        box(axes, 7.75, y, 1.2, 0.6, f"value $v_{i + 1}$", colour=GREEN)
        arrow(axes, (8.4, y), (9.05, 2.1 + 0.12 * (1.5 - i)), GREEN, alpha=0.3 + 0.7 * w)
    box(axes, 9.7, 2.1, 1.2, 0.7, "output\n" + r"$\sum w_i v_i$", colour=GREEN, size=12)
    for x, text in ((3.2, "keys"), (4.55, "scores"), (6.2, "weights: softmax"), (7.75, "values")):
        axes.text(x, 4.1, text, ha="center", va="center", fontsize=12, weight="bold", color=BLUE)
    return figure


def attention_matrices():
    """Attention for all places at once, as matrices. Q of n rows and d columns times K transposed gives an n by n square of scores; divided by the root of d, with the
    upper triangle, the future, shaded as masked, and a softmax along each row, it becomes the square of weights. Times V, n rows, it gives the output, n rows."""
    figure, axes = canvas(11.0, 3.3)

    def grid(x, y, rows, columns, name, colour, masked=False, size=0.27):
        for i in range(rows):
            for j in range(columns):
                hidden = masked and j > i
                axes.add_patch(Rectangle(
                    (x + size * j, y - size * (i + 1)), size, size, fc="#c9ced4" if hidden else PALE, ec=colour, lw=1.1, hatch="///" if hidden else None))
        axes.text(x + size * columns / 2, y + 0.22, name, ha="center", fontsize=14, color=INK)
        axes.text(x + size * columns / 2, y - size * rows - 0.28, f"({'n' if rows > 3 else 'd'}, {'n' if columns > 4 else 'd'})", ha="center", fontsize=11, color=INK)

    grid(0.4, 2.5, 5, 3, "$Q$", ORANGE)
    axes.text(1.45, 1.82, "×", fontsize=18, ha="center", va="center", color=INK)
    grid(1.7, 2.23, 3, 5, "$K^{\\top}$", BLUE)
    arrow(axes, (3.25, 1.82), (4.35, 1.82))
    axes.text(3.8, 2.0, r"$/\sqrt{d}$, mask", ha="center", fontsize=12, color=INK)
    grid(4.5, 2.5, 5, 5, "scores", INK, True)
    arrow(axes, (6.0, 1.82), (6.85, 1.82))
    axes.text(6.42, 2.0, "softmax", ha="center", fontsize=12, color=INK)
    grid(7.0, 2.5, 5, 5, "weights", ORANGE, True)
    axes.text(8.6, 1.82, "×", fontsize=18, ha="center", va="center", color=INK)
    grid(8.8, 2.5, 5, 3, "$V$", GREEN)
    arrow(axes, (9.75, 1.82), (10.65, 1.82), GREEN)
    axes.text(10.2, 2.0, "output", ha="center", fontsize=12, color=INK)
    return figure


def multi_head_attention():
    """Multi-head attention. From x, below, three arrows lead through the matrices Wq, Wk and Wv to queries, keys and values. They are cut into three heads, drawn as three
    boxes one behind the other; in each head attention is computed. The heads' outputs stand side by side in a merged row, which goes through Wo to the output."""
    figure, axes = canvas(9.6, 4.4)
    box(axes, 1.0, 2.2, 1.1, 0.8, "$x$\n(n, d)", colour=GREEN, size=12)
    for y, name, colour in ((3.5, "$W_q$", ORANGE), (2.2, "$W_k$", BLUE), (0.9, "$W_v$", GREEN)):
        arrow(axes, (1.6, 2.2), (2.15, y))
        box(axes, 2.65, y, 0.9, 0.65, name, colour=colour)
        arrow(axes, (3.15, y), (3.75, y))
        for k in range(3):
            axes.add_patch(Rectangle((3.85 + 0.24 * k, y - 0.3), 0.22, 0.6, fc=(ORANGE, BLUE, GREEN)[k], ec=INK, lw=1,
                                                                                           alpha=0.55))
        arrow(axes, (4.65, y), (5.2, 2.2 + 0.3 * np.sign(y - 2.2)))
    axes.text(4.2, 4.1, "cut into heads", ha="center", fontsize=11.5, color=INK)
    for k, colour in reversed(list(enumerate((ORANGE, BLUE, GREEN)))):
        box(axes, 6.05 + 0.14 * k, 2.2 + 0.16 * k, 1.5, 0.95, "attention" if k == 0 else "", colour=colour, face=PALE, size=12)
    arrow(axes, (7.0, 2.2), (7.5, 2.2))
    for k, colour in enumerate((ORANGE, BLUE, GREEN)):
        axes.add_patch(Rectangle((7.55 + 0.24 * k, 1.9), 0.22, 0.6, fc=colour, ec=INK, lw=1, alpha=0.55))
    axes.text(7.9, 2.72, "merged", ha="center", fontsize=11.5, color=INK)
    arrow(axes, (8.3, 2.2), (8.6, 2.2))
    box(axes, 9.05, 2.2, 0.8, 0.65, "$W_o$")
    axes.text(9.05, 1.3, "output\n(n, d)", ha="center", fontsize=11, color=INK)
    return figure


def transformer_block_figure():
    """A transformer block, from left to right. x goes into a normalisation, then into causal multi-head attention; an orange arrow leads x round both to a plus sign, where
    it is added. The sum, y, goes into a second normalisation, then a dense layer of d_ff units with ReLU and a dense layer of d units; another orange arrow leads y
    round these to a second plus sign. What comes out has the shape of x."""
    figure, axes = canvas(11.2, 2.9)
    axes.text(0.35, 1.0, "$x$", fontsize=16, ha="center", va="center", color=INK)
    for x, w, text, colour in ((1.7, 1.2, "layer\nnorm", BLUE), (3.55, 1.7, "causal multi-\nhead attention", ORANGE), (6.2, 1.2, "layer\nnorm", BLUE),
                               (7.75, 1.2, "dense $d_{ff}$\nReLU", GREEN), (9.2, 1.0, "dense\n$d$", GREEN)):
        box(axes, x, 1.0, w, 0.85, text, colour=colour, size=12)
    for a, b in ((0.55, 1.08), (2.32, 2.68), (4.42, 4.72), (5.12, 5.58), (6.82, 7.13), (8.37, 8.68), (9.72, 10.02), (10.42, 11.0)):
        arrow(axes, (a, 1.0), (b, 1.0))
    for x, start, name in ((4.92, 0.75, "x"), (10.22, 5.3, "y")):
        axes.add_patch(Circle((x, 1.0), 0.2, fc="white", ec=INK, lw=1.6))
        axes.text(x, 1.0, "+", fontsize=15, ha="center", va="center", color=INK)
        axes.plot([start, start, x], [1.0, 2.15, 2.15], color=ORANGE, lw=2)
        arrow(axes, (x, 2.15), (x, 1.22), ORANGE)
        axes.text((start + x) / 2, 2.3, f"${name}$ goes round", ha="center", fontsize=12, color=ORANGE)
    return figure


FIGURES = (attention_lookup, attention_matrices, multi_head_attention, transformer_block_figure)
