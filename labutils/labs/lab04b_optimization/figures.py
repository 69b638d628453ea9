"""Figures of lab 04b."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas


def mini_batches():
    """How mini-batches are made, in three rows from top to bottom. First row, the set as it came: ten cards in a line, numbered 1 to 10, the
    first five blue with label 0, the last five orange with label 1. An arrow labelled "shuffle once, label and all" leads to the second row:
    the same ten cards in the order 7, 2, 10, 5, 1, 8, 3, 9, 6, 4, blue and orange mixed, each card with its own label still on it. An arrow
    labelled "cut" leads to the third row: the same cards in the same order, now in three groups, two batches of four cards and a last batch of
    the two that are left over."""
    figure, axes = canvas(9.6, 4.9)

    def card(x, y, number):
        colour, face = (BLUE, PALE) if number <= 5 else (ORANGE, "#fbeee2")
        box(axes, x, y, 0.52, 0.78, "", colour, face)
        axes.text(x, y + 0.14, str(number), ha="center", va="center", fontsize=14, color=INK)
        axes.text(x, y - 0.22, f"y={int(number > 5)}", ha="center", va="center", fontsize=9, color=colour)

    order = [7, 2, 10, 5, 1, 8, 3, 9, 6, 4]
    for i in range(10):
        card(2.2 + 0.72 * i, 4.25, i + 1)
        card(2.2 + 0.72 * i, 2.5, order[i])
        card(1.75 + 0.72 * i + 0.45 * (i // 4), 0.75, order[i])
    for y, text in ((4.25, "as it came"), (2.5, "shuffled"), (0.75, "batches")):
        axes.text(0.2, y, text, fontsize=12, va="center", color=INK)
    arrow(axes, (5.4, 3.75), (5.4, 3.0))
    axes.text(5.6, 3.38, "shuffle once, label and all", fontsize=11, va="center", color=GREEN)
    arrow(axes, (5.4, 2.0), (5.4, 1.25))
    axes.text(5.6, 1.62, "cut", fontsize=11, va="center", color=GREEN)
    for left, right, name in ((1.45, 4.2, "batch 1"), (4.78, 7.53, "batch 2"), (8.1, 9.4, "batch 3, smaller")):
        axes.plot([left, right], [0.26, 0.26], color=GREEN, lw=2)
        axes.text((left + right) / 2, 0.09, name, fontsize=9.5, ha="center", va="center", color=INK)
    return figure


def momentum_arrows():
    """One step of momentum as arrows, in a long narrow valley drawn as three nested ellipses, much wider than high, with their centre, the
    minimum, at the right. From a point on the upper left three arrows start. Orange, the gradient's step: it points steeply down, across the
    valley. Blue, minus the old velocity, times beta: it points along the valley to the right and a little up. Green, minus the new velocity,
    their sum and the step that is made: it points mostly to the right, along the valley, and a little down. Above stands: what points to and fro
    cancels; what agrees stays."""
    from matplotlib.patches import Ellipse

    figure, axes = canvas(9.4, 3.6)
    for size in (1, 0.66, 0.33):
        axes.add_patch(Ellipse((6.4, 1.45), 12.0 * size, 2.5 * size, fc="none", ec="#9fb3c8", lw=1.2))
    axes.plot(6.4, 1.45, "*", color=INK, ms=13)
    axes.text(6.62, 1.45, "minimum", fontsize=11, va="center", color=INK)
    start = (2.3, 2.3)
    arrow(axes, start, (2.55, 0.75), ORANGE, lw=2.4)
    axes.text(2.45, 0.55, r"step of the gradient, $-(1-\beta)\,g$", fontsize=12, color=ORANGE, va="center")
    arrow(axes, start, (4.6, 2.95), BLUE, lw=2.4)
    axes.text(4.72, 3.0, r"old velocity, $-\beta v$", fontsize=12, color=BLUE, va="center")
    arrow(axes, start, (4.85, 1.4), GREEN, lw=2.8)
    axes.text(4.98, 1.28, r"minus the new velocity: the step", fontsize=12, color=GREEN, va="center")
    axes.plot([4.6, 4.85], [2.95, 1.4], color=ORANGE, lw=1, ls=":")
    axes.plot([2.55, 4.85], [0.75, 1.4], color=BLUE, lw=1, ls=":")
    axes.plot(*start, "o", color=INK, ms=7)
    axes.text(0.25, 3.3, "what points to and fro cancels; what agrees stays", fontsize=12, color=INK, va="center")
    return figure


def optimiser_family():
    """A family tree of optimisers. At the top gradient descent, w minus alpha g. Two arrows go down from it. Left, "average the gradient", to
    momentum: v in the place of g. Right, "divide by the root of summed squares", to Adagrad: alpha g over root of s plus epsilon, where s is a
    sum; from Adagrad an arrow "average, so that it can forget" leads on down to RMSprop: the same with s an average. From momentum and from
    RMSprop arrows lead together to Adam at the bottom: v hat over root of s hat plus epsilon, both averages corrected, as they begin at 0."""
    figure, axes = canvas(9.8, 5.6)
    box(axes, 4.9, 5.0, 3.5, 0.75, r"gradient descent:  $w-\alpha\,g$", INK)
    box(axes, 2.1, 2.9, 3.4, 0.85, r"momentum:  $w-\alpha\,v$", BLUE)
    box(axes, 7.5, 3.6, 4.0, 0.85, r"Adagrad:  $w-\alpha\,g\,/\,(\sqrt{\sum g^2}+\epsilon)$", ORANGE, size=12)
    box(axes, 7.5, 2.0, 4.0, 0.85, r"RMSprop:  $w-\alpha\,g\,/\,(\sqrt{s}+\epsilon)$", ORANGE, size=12)
    box(axes, 4.9, 0.6, 4.6, 0.85, r"Adam:  $w-\alpha\,\hat v\,/\,(\sqrt{\hat s}+\epsilon)$", GREEN)
    arrow(axes, (3.9, 4.6), (2.4, 3.38), BLUE)
    axes.text(2.75, 4.2, "average the gradient:\nwhere to go", fontsize=10.5, color=BLUE, ha="right", va="center")
    arrow(axes, (5.9, 4.6), (7.0, 4.08), ORANGE)
    axes.text(7.0, 4.55, "divide by the size of past gradients:\nhow far to go", fontsize=10.5, color=ORANGE, va="center")
    arrow(axes, (7.5, 3.12), (7.5, 2.5), ORANGE)
    axes.text(7.7, 2.81, "average, not sum: forget", fontsize=10.5, color=ORANGE, va="center")
    arrow(axes, (2.4, 2.42), (3.9, 1.08), GREEN)
    arrow(axes, (6.6, 1.52), (5.9, 1.08), GREEN)
    axes.text(4.45, 1.55, "both, corrected:\naverages begin at 0", fontsize=10.5, color=GREEN, ha="center", va="center")
    return figure


FIGURES = (mini_batches, momentum_arrows, optimiser_family)
