"""Figures of lab 03."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, arrow, box, canvas, node


def deep_net():
    """A deep net with four layers, from left to right: inputs x (3072 numbers, three circles and dots), then layers of 20, 7, 5 and 1 units, each
    drawn as a column of circles, every unit joined to all units of the column before. Below each column its activations and their shape: X (3072, m),
    A1 (20, m), A2 (7, m), A3 (5, m), A4 (1, m). Between two columns the weights that lead from one to the other, with their shapes: W1 (20, 3072) and
    b1 (20, 1), W2 (7, 20) and b2 (7, 1), W3 (5, 7) and b3 (5, 1), W4 (1, 5) and b4 (1, 1). Layers 1 to 3 are marked relu, layer 4 sigmoid."""
    figure, axes = canvas(10.6, 5.2)
    columns = [(0.9, 6, "3072", "$X$"), (3.1, 6, "20", "$A^{[1]}$"), (5.3, 5, "7", "$A^{[2]}$"), (7.5, 5, "5", "$A^{[3]}$"), (9.7, 1, "1", "$A^{[4]}$")]
    places = []
    for x, count, units, _ in columns:
        gap = units in ("3072", "20", "7")
        ys = [3.05 + 0.56 * ((count - 1) / 2 - i) for i in range(count)]
        places.append([(x, y) for i, y in enumerate(ys) if not (gap and i == count - 2)])
        if gap:
            axes.text(x, ys[count - 2], "⋮", fontsize=15, ha="center", va="center", color=INK)
    for left, right in zip(places, places[1:]):
        for a in left:
            for b in right:
                axes.plot([a[0] + 0.2, b[0] - 0.2], [a[1], b[1]], color=BLUE, lw=0.5, alpha=0.45, zorder=0)
    for l, (x, count, units, name) in enumerate(columns):
        for place in places[l]:
            node(axes, *place, "", radius=0.2, colour=GREEN if l in (0, 4) else BLUE)
        axes.text(x, 0.95, f"{name}  ({units}, m)", fontsize=12, ha="center", color=INK)
        if l:
            axes.text(x, 0.5, "relu" if l < 4 else "sigmoid", fontsize=11, ha="center", color=BLUE if l < 4 else GREEN)
            n_prev = columns[l - 1][2]
            axes.text(x - 1.1, 4.93, f"$W^{{[{l}]}}$ ({units}, {n_prev})", fontsize=11, ha="center", color=ORANGE)
            axes.text(x - 1.1, 4.58, f"$b^{{[{l}]}}$ ({units}, 1)", fontsize=11, ha="center", color=ORANGE)
    axes.text(0.9, 0.5, "inputs", fontsize=11, ha="center", color=GREEN)
    axes.text(5.3, 0.08, "layer 1, layer 2, layer 3: hidden      layer 4: output", fontsize=11, ha="center", color=INK)
    return figure


def deep_blocks():
    """The ways forward and backward through a net of L layers, as two rows of blocks. Upper row, blue, left to right: X enters block 1 (W1, b1, relu), its
    A1 enters block 2 (W2, b2, relu), and so on to block L (WL, bL, sigmoid), which gives AL; AL and the labels Y enter the cost J. From each forward block an
    arrow leads down to the block below it, marked with its cache: A of the layer before, W, b and Z. Lower row, orange, right to left: dAL enters backward
    block L, which hands dA of layer L - 1 to the next, down to block 1. From each backward block two gradients come out below: dWL and dbL, down to dW1 and db1.
    The gradient of X, which block 1 could give as well, is not wanted."""
    figure, axes = canvas(10.8, 5.4)
    xs = (2.0, 4.5, 7.7)
    for x, l, kind in zip(xs, ("1", "2", "L"), ("relu", "relu", "sigmoid")):
        box(axes, x, 4.3, 1.5, 0.95, f"$W^{{[{l}]}},\\ b^{{[{l}]}}$\n{kind}", size=12)
        box(axes, x, 1.85, 1.5, 0.95, f"$W^{{[{l}]}},\\ g'(Z^{{[{l}]}})$\nbackward", colour=ORANGE, size=12)
        arrow(axes, (x, 3.78), (x, 2.4), GREEN)
        before = {"1": "X", "2": "A^{[1]}", "L": "A^{[L-1]}"}[l]
        axes.text(x + 0.1, 3.08, f"cache:\n$({before},W,b),\\ Z^{{[{l}]}}$", fontsize=10, color=GREEN, ha="left", va="center")
        arrow(axes, (x, 1.32), (x, 0.72), ORANGE)
        axes.text(x, 0.42, f"$dW^{{[{l}]}},\\ db^{{[{l}]}}$", fontsize=13, ha="center", va="center", color=ORANGE)
    axes.text(0.45, 4.3, "$X$", fontsize=15, ha="center", va="center")
    arrow(axes, (0.7, 4.3), (1.2, 4.3), BLUE)
    for start, end, name, back in ((2.8, 3.7, "$A^{[1]}$", "$dA^{[1]}$"), (5.3, 5.85, "$A^{[2]}$", "$dA^{[2]}$"), (6.4, 6.9, "$A^{[L-1]}$", "$dA^{[L-1]}$")):
        arrow(axes, (start, 4.3), (end, 4.3), BLUE)
        arrow(axes, (end, 1.85), (start, 1.85), ORANGE)
        middle = (start + end) / 2 - 0.25 * ("L" in name)  # the long name must not touch the box
        axes.text(middle, 4.62, name, fontsize=11.5, ha="center", color=BLUE)
        axes.text(middle, 1.36, back, fontsize=11.5, ha="center", color=ORANGE)
    for y in (4.3, 1.85):
        axes.text(6.12, y, "…", fontsize=16, ha="center", va="center")
    arrow(axes, (8.5, 4.3), (9.35, 4.3), BLUE)
    axes.text(8.92, 4.62, "$A^{[L]}$", fontsize=11.5, ha="center", color=BLUE)
    node(axes, 9.75, 4.3, "$J$", colour=GREEN)
    axes.text(9.75, 5.13, "$Y$", fontsize=13, ha="center", va="center")
    arrow(axes, (9.75, 4.97), (9.75, 4.7), BLUE)
    axes.plot([9.75, 9.75], [3.92, 1.85], color=ORANGE, lw=1.6)
    arrow(axes, (9.75, 1.85), (8.5, 1.85), ORANGE)
    axes.text(9.15, 1.36, "$dA^{[L]}$", fontsize=11.5, ha="center", color=ORANGE)
    axes.text(1.02, 1.85, "(no $dX$)", fontsize=10.5, ha="right", va="center", color=INK)
    axes.text(0.45, 5.1, "forward", fontsize=12, color=BLUE, ha="left")
    axes.text(0.2, 0.42, "backward", fontsize=12, color=ORANGE, ha="left")
    return figure


FIGURES = (deep_net, deep_blocks)
