"""Figures of lab 05c."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas


def _frame(axes, x, y, w, h, colour, face="none", lw=1.8, ls="-"):
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), w, h, fc=face, ec=colour, lw=lw, ls=ls))


def _map(axes, x, y, w, h, face, colour=BLUE, layers=3):
    """A feature map, drawn as sheets behind one another, the lower left of the front one at (x, y)."""
    for k in range(layers - 1, -1, -1):
        _frame(axes, x + 0.09 * k, y + 0.09 * k, w, h, colour, face, lw=1.3)


def intersection_over_union():
    """Intersection over union of two boxes. On the left two boxes overlap, a blue one above and an orange one below and to the right. A dot marks each box's
    upper left corner, (y_min, x_min), and its lower right corner, (y_max, x_max); y points down, x to the right. The rectangle that both share is filled with
    green: it begins at the larger of the two beginnings and ends at the smaller of the two ends, in y and in x. On the right the same as a fraction: above the
    line the green rectangle, the intersection; below it the outline of both boxes together, the union, which is the sum of both areas minus the intersection."""
    from matplotlib.patches import Rectangle

    figure, axes = canvas(9.6, 4.2)
    arrow(axes, (0.45, 3.85), (1.6, 3.85))
    arrow(axes, (0.45, 3.85), (0.45, 2.7))
    axes.text(1.75, 3.85, "$x$", fontsize=13, va="center", color=INK)
    axes.text(0.45, 2.5, "$y$", fontsize=13, ha="center", va="center", color=INK)
    _frame(axes, 1.0, 1.5, 2.6, 1.9, BLUE, PALE)
    _frame(axes, 2.4, 0.6, 2.5, 2.0, ORANGE, "#fbf0e4")
    _frame(axes, 2.4, 1.5, 1.2, 1.1, GREEN, "#bfe3cd", 2.2)
    _frame(axes, 1.0, 1.5, 2.6, 1.9, BLUE)
    _frame(axes, 2.4, 0.6, 2.5, 2.0, ORANGE)
    for x, y, colour, name, side in ((1.0, 3.4, BLUE, r"$(y_{min},\,x_{min})$", (0.75, 0.2)), (3.6, 1.5, BLUE, "", (0, 0)), (2.4, 2.6, ORANGE, "", (0, 0)),
                                     (4.9, 0.6, ORANGE, r"$(y_{max},\,x_{max})$", (-0.7, -0.27))):
        axes.plot(x, y, "o", color=colour, ms=7)
        axes.text(x + side[0], y + side[1], name, color=colour, fontsize=12, ha="center", va="center")
    axes.text(3.0, 2.05, "shared", color=INK, fontsize=11.5, ha="center", va="center")
    axes.text(5.9, 2.05, "IoU  =", fontsize=15, color=INK, ha="center", va="center")
    axes.plot([6.65, 9.1], [2.05, 2.05], color=INK, lw=1.6)
    _frame(axes, 7.55, 2.55, 0.6, 0.55, GREEN, "#bfe3cd", 2)
    axes.text(7.87, 3.4, "intersection", color=GREEN, fontsize=12, ha="center", va="center")
    for x, y, w, h in ((7.0, 0.95, 1.3, 0.95), (7.7, 0.5, 1.25, 1.0)):
        axes.add_patch(Rectangle((x, y), w, h, fc="#dfe6ee", ec=INK, lw=3))
    for x, y, w, h in ((7.0, 0.95, 1.3, 0.95), (7.7, 0.5, 1.25, 1.0)):
        axes.add_patch(Rectangle((x, y), w, h, fc="#dfe6ee", ec="none"))
    axes.text(7.87, 0.22, "union", color=INK, fontsize=12, ha="center", va="center")
    return figure


def fast_rcnn():
    """Fast R-CNN, from left to right. An image holds three dashed boxes, the proposed regions, each in its own colour. It goes through the convolutions once, which
    gives one feature map. The same three boxes, scaled down, are marked on that map. From each an arrow leads to a pooled grid of two by two cells, the same size
    for a small region and a large one. Each grid enters the same dense layers, and these give two answers for each region: a class, with "nothing" among them, and
    a correction of the box. A note below the convolutions says: once for the image; a note below the grids: once for each region, cheap."""
    figure, axes = canvas(11.6, 4.1)
    regions = ((0.15, 1.35, 0.75, 0.8, ORANGE), (1.0, 1.15, 0.6, 0.6, GREEN), (0.45, 0.2, 1.2, 0.85, "#7d3c98"))
    _frame(axes, 0.3, 0.95, 1.9, 2.4, INK, "#f4f4f4")
    for x, y, w, h, colour in regions:
        _frame(axes, 0.3 + x, 0.95 + y, w, h, colour, ls="--", lw=2)
    axes.text(1.25, 3.62, "image, regions", fontsize=11.5, ha="center", color=INK)
    arrow(axes, (2.3, 2.15), (2.75, 2.15), BLUE)
    box(axes, 3.65, 2.15, 1.6, 1.0, "convolutions", size=12)
    arrow(axes, (4.55, 2.15), (5.0, 2.15), BLUE)
    _map(axes, 5.15, 1.35, 1.2, 1.5, PALE)
    for x, y, w, h, colour in regions:
        _frame(axes, 5.15 + x * 0.63, 1.35 + y * 0.63, w * 0.63, h * 0.63, colour, ls="--", lw=2)
    axes.text(5.85, 3.25, "feature map", fontsize=11.5, ha="center", color=INK)
    for (x, y, w, h, colour), target in zip(regions, (3.1, 2.1, 1.1)):
        arrow(axes, (5.15 + (x + w) * 0.63, 1.35 + (y + h / 2) * 0.63), (7.05, target), colour)
        for i in range(2):
            for j in range(2):
                _frame(axes, 7.12 + 0.28 * i, target - 0.28 + 0.28 * j, 0.28, 0.28, colour, "white", 1.5)
        arrow(axes, (7.75, target), (8.3, 2.15 + (target - 2.1) * 0.3), colour)
    axes.text(7.4, 3.62, "pooled", fontsize=11.5, ha="center", color=INK)
    box(axes, 9.05, 2.15, 1.35, 1.0, "dense", size=12)
    arrow(axes, (9.8, 2.4), (10.3, 2.85), INK)
    arrow(axes, (9.8, 1.9), (10.3, 1.45), INK)
    axes.text(10.85, 2.95, "class", fontsize=12.5, ha="center", va="center", color=INK)
    axes.text(10.85, 1.3, "better\nbox", fontsize=12.5, ha="center", va="center", color=INK)
    axes.text(3.65, 0.45, "once for the image", fontsize=12, ha="center", color=BLUE)
    axes.text(8.2, 0.45, "once for each region: cheap", fontsize=12, ha="center", color=ORANGE)
    return figure


def grid_cell():
    """What one cell of a single-shot detector says. On the left an image under a grid of four by four cells; the digit 7 lies on it in an orange box whose centre,
    a dot, is in the cell of row 1, column 2 (counted from 0), and that cell is tinted. In the middle this cell enlarged: the dot lies a fraction dy below the
    cell's upper edge and a fraction dx to the right of its left edge, both measured in cells. On the right the numbers of the cell in a column: objectness, "is
    there a centre in me?"; dy and dx, "where in me?", in cells; h and w, "how large?", as fractions of the whole image; and one score for each class, "what?"."""
    figure, axes = canvas(10.8, 4.2)
    side, left, bottom = 0.85, 0.35, 0.45
    for i in range(4):
        for j in range(4):
            tint = "#fbe3cb" if (i, j) == (1, 2) else "#f6f8fb"
            _frame(axes, left + side * j, bottom + side * (3 - i), side, side, "#9aa7b5", tint, 1)
    axes.text(left + 2.4 * side, bottom + 2.36 * side, "7", fontsize=62, color="#51606e", ha="center", va="center")
    _frame(axes, left + 1.83 * side, bottom + 1.5 * side, 1.14 * side, 1.8 * side, ORANGE, lw=2.4)
    axes.plot(left + 2.4 * side, bottom + 2.4 * side, "o", color=BLUE, ms=9)
    axes.text(left + 2 * side, 3.98, "the image, 4 × 4 cells", fontsize=11.5, ha="center", color=INK)
    x, y, s = 4.65, 1.15, 2.0
    arrow(axes, (left + 3.05 * side, bottom + 2.5 * side), (x - 0.15, y + 1.2), "#9aa7b5")
    _frame(axes, x, y, s, s, "#9aa7b5", "#fbe3cb", 1.6)
    cx, cy = x + 0.4 * s, y + 0.4 * s
    axes.plot(cx, cy, "o", color=BLUE, ms=10)
    arrow(axes, (cx, y + s), (cx, cy + 0.12), BLUE)
    arrow(axes, (x, cy), (cx - 0.12, cy), BLUE)
    axes.text(cx + 0.13, y + 0.75 * s, "dy", fontsize=14, color=BLUE, va="center")
    axes.text(x + 0.2 * s, cy - 0.28, "dx", fontsize=14, color=BLUE, ha="center")
    axes.text(x + s / 2, 3.98, "the cell that has the centre", fontsize=11.5, ha="center", color=INK)
    rows = (("objectness", "a centre in me?", GREEN), ("dy, dx", "where in me? in cells", BLUE), ("h, w", "how large? in images", ORANGE), ("class scores", "what is "
    "it?", INK))
    for k, (name, asks, colour) in enumerate(rows):
        box(axes, 8.0, 3.35 - 0.8 * k, 1.5, 0.56, name, colour, size=12)
        axes.text(8.92, 3.35 - 0.8 * k, asks, fontsize=11.5, va="center", color=colour)
    axes.text(8.0, 3.98, "what it says", fontsize=11.5, ha="center", color=INK)
    return figure


def encoder_decoder():
    """A U-Net in the shape of a U. On the left the encoder goes down: the image's map, 64 by 64 with 8 channels; below it 32 by 32 with 16; then 16 by 16 with 32; at
    the bottom 8 by 8 with 64. Each step down is a pooling. On the right the decoder goes up again through the same sizes, and each step up doubles height and width.
    At each of the three upper levels a green dashed arrow runs straight across from the encoder to the decoder: the skip, which is laid beside the enlarged map.
    At the upper right a last arrow leads to the answer, 64 by 64 with 11 scores for each pixel. At the lower left stands: down, pooling, what is there; at the
    lower right: up, doubling, back to full size; above the skips: where exactly."""
    figure, axes = canvas(10.8, 4.9)
    levels = ((3.55, 1.0, "64×64×8"), (2.4, 0.72, "32×32×16"), (1.35, 0.52, "16×16×32"))
    places = ((1.2, 7.6), (2.35, 6.55), (3.4, 5.6))
    for (y, size, text), (a, b) in zip(levels, places):
        _map(axes, a, y, size, size, PALE)
        _map(axes, b, y, size, size, "#fbf0e4", ORANGE)
        arrow(axes, (a + size + 0.3, y + size / 2), (b - 0.08, y + size / 2), GREEN, ls="--", lw=1.8)
        axes.text(a - 0.12, y + size / 2, text, fontsize=11, ha="right", va="center", color=BLUE)
        axes.text(b + size + 0.32, y + size / 2, text, fontsize=11, ha="left", va="center", color=ORANGE) if y < 3 else None
    _map(axes, 4.7, 0.45, 0.36, 0.36, PALE, layers=4)
    axes.text(4.55, 0.3, "8×8×64", fontsize=11, color=BLUE, ha="right")
    for start, end in (((2.25, 3.5), (2.55, 3.25)), ((3.15, 2.35), (3.5, 2.05)), ((4.05, 1.3), (4.65, 0.9))):
        arrow(axes, start, end, BLUE)
    for start, end in (((5.45, 0.85), (5.75, 1.28)), ((6.2, 2.02), (6.6, 2.36)), ((7.2, 3.25), (7.7, 3.52))):
        arrow(axes, start, end, ORANGE)
    arrow(axes, (8.85, 4.05), (9.35, 4.05), INK)
    axes.text(9.45, 4.05, "64×64×11\na class for\neach pixel", fontsize=11.5, va="center", color=INK)
    axes.text(1.0, 0.75, "down: pooling,\nwhat is there", fontsize=12, color=BLUE, va="center")
    axes.text(7.6, 0.75, "up: doubling,\nback to full size", fontsize=12, color=ORANGE, va="center")
    axes.text(4.9, 4.25, "skips: where exactly", fontsize=12, color=GREEN, ha="center")
    return figure


FIGURES = (intersection_over_union, fast_rcnn, grid_cell, encoder_decoder)
