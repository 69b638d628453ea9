"""Figures of lab 05a."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, canvas, node

WHITE, SAND, MINT = "#ffffff", "#fbe9d7", "#dff1e6"


def sheet(axes, x, y, rows, columns, cell, face=WHITE, edge=INK, alpha=1.0, lw=1.0):
    """An empty grid, its upper left corner at (x, y)."""
    from matplotlib.patches import Rectangle

    for i in range(rows):
        for j in range(columns):
            axes.add_patch(Rectangle((x + j * cell, y - (i + 1) * cell), cell, cell, fc=face, ec=edge, lw=lw, alpha=alpha))


def write(axes, x, y, values, cell, size=11, faces=None, edge=INK):
    """A grid with numbers in it, its upper left corner at (x, y); faces(i, j) gives a cell's colour."""
    from matplotlib.patches import Rectangle

    for i, row in enumerate(values):
        for j, value in enumerate(row):
            axes.add_patch(Rectangle((x + j * cell, y - (i + 1) * cell), cell, cell, fc=faces(i, j) if faces else WHITE, ec=edge, lw=1))
            axes.text(x + (j + 0.5) * cell, y - (i + 0.5) * cell, f"{value:g}".replace("-", "−"), ha="center", va="center", fontsize=size, color=INK)


def frame(axes, x, y, rows, columns, cell, colour, lw=2.6, ls="-"):
    """A thick frame around part of a grid, its upper left corner at (x, y)."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y - rows * cell), columns * cell, rows * cell, fc="none", ec=colour, lw=lw, ls=ls))


def caption(axes, x, y, text, colour=INK, size=11):
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=colour)


def conv_patch():
    """A neuron sees a patch. On the left an image of 7 by 7 pixels; a patch of 3 by 3 of them is framed in orange and drawn again, enlarged, beside it. It is multiplied,
    entry by entry, with a grid of nine weights in blue. An arrow leads from there to a single neuron, marked z, and one from the bias b. Below stands z
    = sum of patch times W, plus b. No other pixel is connected to the neuron: nine connections, not forty-nine."""
    figure, axes = canvas(9.8, 3.7)
    cell, big = 0.4, 0.56
    sheet(axes, 0.4, 3.4, 7, 7, cell, face=PALE, edge="#9fb0c0")
    sheet(axes, 0.4 + 2 * cell, 3.4 - 2 * cell, 3, 3, cell, face=SAND)
    frame(axes, 0.4 + 2 * cell, 3.4 - 2 * cell, 3, 3, cell, ORANGE)
    for y, top in ((3.4 - 2 * cell, 2.84), (3.4 - 5 * cell, 2.84 - 3 * big)):
        axes.plot([0.4 + 5 * cell, 3.7], [y, top], color=ORANGE, lw=1, ls="--")
    sheet(axes, 3.7, 2.84, 3, 3, big, face=SAND)
    frame(axes, 3.7, 2.84, 3, 3, big, ORANGE)
    axes.text(5.66, 2.0, r"$\odot$", fontsize=18, ha="center", va="center", color=INK)
    sheet(axes, 5.95, 2.84, 3, 3, big, face="#d8e4f3", edge=BLUE)
    for i in range(3):
        for j in range(3):
            axes.text(5.95 + (j + 0.5) * big, 2.84 - (i + 0.5) * big, f"$w_{{{i + 1}{j + 1}}}$", ha="center", va="center", fontsize=12, color=INK)
            axes.text(3.7 + (j + 0.5) * big, 2.84 - (i + 0.5) * big, f"$a_{{{i + 1}{j + 1}}}$", ha="center", va="center", fontsize=12, color=INK)
    arrow(axes, (7.7, 2.0), (8.32, 2.0))
    node(axes, 8.75, 2.0, "$z$", radius=0.38, colour=GREEN, face=MINT)
    axes.text(8.75, 3.2, "$b$", fontsize=13, ha="center", va="center", color=INK)
    arrow(axes, (8.75, 3.02), (8.75, 2.43))
    axes.text(6.2, 0.72, r"$z=\sum_{i,j}\, a_{ij}\,w_{ij}+b$", fontsize=14, ha="center", va="center", color=INK)
    caption(axes, 1.8, 0.32, "image")
    caption(axes, 4.54, 3.1, "patch", ORANGE)
    caption(axes, 6.79, 3.1, "filter", BLUE)
    caption(axes, 6.2, 0.25, "nine connections, not forty-nine")
    return figure


def conv_feature_map():
    """A filter makes a feature map. On the left an image of 5 rows and 6 columns of numbers: the left half is 0, the right half 9. In the middle a
    filter of 3 by 3: its left column holds -1, its middle column 0, its right column 1. On the right the feature map, 3 rows and 4
    columns: 0, 27, 27, 0 in every row. An orange frame on the flat upper left part of the image belongs to a 0 of the map, a blue frame
    across the border of the two halves to a 27: the map is large where the edge is."""
    import numpy as np

    figure, axes = canvas(10.2, 3.5)
    cell, image, kernel = 0.46, np.repeat([[0, 0, 0, 9, 9, 9]], 5, axis=0), np.array([[-1, 0, 1]] * 3)
    out = [[int(np.sum(image[i:i + 3, j:j + 3] * kernel)) for j in range(4)] for i in range(3)]
    write(axes, 0.4, 3.1, image, cell, faces=lambda i, j: "#d5dde6" if j < 3 else WHITE)
    write(axes, 4.25, 2.64, kernel, cell, faces=lambda i, j: (SAND, WHITE, MINT)[j])
    write(axes, 7.1, 2.64, out, cell, faces=lambda i, j: MINT if out[i][j] else WHITE)
    frame(axes, 0.4, 3.1, 3, 3, cell, ORANGE)
    frame(axes, 0.4 + 2 * cell, 3.1 - 2 * cell, 3, 3, cell, BLUE)
    frame(axes, 7.1, 2.64, 1, 1, cell, ORANGE)
    frame(axes, 7.1 + 2 * cell, 2.64 - 2 * cell, 1, 1, cell, BLUE)
    axes.text(3.7, 1.95, r"$*$", fontsize=24, ha="center", va="center", color=INK)
    axes.text(6.35, 1.95, r"$=$", fontsize=20, ha="center", va="center", color=INK)
    caption(axes, 1.78, 0.42, "image: dark left, bright right")
    caption(axes, 4.94, 0.85, "filter: right minus left")
    caption(axes, 8.02, 0.85, "feature map: where the edge is")
    return figure


def conv_depth():
    """Filters make depth. On the left the input, three sheets one behind the other: h by w by 3. In the middle two filters, one blue and one
    orange; each is itself three sheets deep, f by f by 3. On the right the output, two sheets: the blue one is made by the blue filter,
    the orange one by the orange filter; n_h by n_w by 2. A caption says: each filter is as deep as its input, and the output is as
    deep as there are filters."""
    figure, axes = canvas(9.8, 3.9)

    def stack(x, y, n, count, cell, face, edge):
        for k in reversed(range(count)):
            sheet(axes, x + 0.16 * k, y + 0.16 * k, n, n, cell, face=face, edge=edge, lw=0.8)

    stack(0.4, 2.9, 6, 3, 0.34, PALE, "#8296aa")
    stack(4.1, 3.25, 3, 3, 0.28, "#d8e4f3", BLUE)
    stack(4.1, 1.75, 3, 3, 0.28, SAND, ORANGE)
    sheet(axes, 7.45 + 0.2, 2.75 + 0.2, 4, 4, 0.38, face=SAND, edge=ORANGE)
    sheet(axes, 7.45, 2.75, 4, 4, 0.38, face="#d8e4f3", edge=BLUE)
    arrow(axes, (2.95, 2.2), (3.85, 2.85), BLUE)
    arrow(axes, (2.95, 1.9), (3.85, 1.4), ORANGE)
    arrow(axes, (5.45, 2.9), (7.3, 2.3), BLUE)
    arrow(axes, (5.45, 1.4), (7.3, 1.75), ORANGE)
    caption(axes, 1.6, 0.62, r"input  $h\times w\times 3$")
    caption(axes, 4.65, 0.62, r"two filters, each  $f\times f\times 3$")
    caption(axes, 8.35, 0.62, r"output  $n_h\times n_w\times 2$")
    caption(axes, 4.9, 0.2, "each filter is as deep as its input; the output is as deep as there are filters")
    return figure


def conv_padding_stride():
    """Padding and stride. On the left an image of 5 by 5 pixels with a frame of zeros one pixel wide, 7 by 7 in all. A window of 3 by 3 in orange
    stands at the upper left corner; with stride 2 it moves to the blue place, then to the green one: three places along the side. On the right the same for a
    side of 6 pixels without padding, drawn as a single row: with f = 3 and stride 2 the window has two places, orange and blue, and
    the last pixel, hatched, is left unused. Below stands the formula: number of places = floor of (n + 2 pad - f) / stride, plus 1; for the left
    picture (5 + 2 - 3) / 2 + 1 = 3, for the right one floor of (6 - 3) / 2, plus 1 = 2."""
    from matplotlib.patches import Rectangle

    figure, axes = canvas(10.2, 4.1)
    cell = 0.38
    write(axes, 0.5, 3.8, [[0] * 7], cell, size=9, faces=lambda i, j: "#f3f3f3", edge="#b9c2cb")
    write(axes, 0.5, 3.8 - 6 * cell, [[0] * 7], cell, size=9, faces=lambda i, j: "#f3f3f3", edge="#b9c2cb")
    for column in (0, 6):
        write(axes, 0.5 + column * cell, 3.8 - cell, [[0]] * 5, cell, size=9, faces=lambda i, j: "#f3f3f3", edge="#b9c2cb")
    sheet(axes, 0.5 + cell, 3.8 - cell, 5, 5, cell, face=PALE, edge="#7f93a8")
    for step, colour in enumerate((ORANGE, BLUE, GREEN)):
        inset = 0.03 * step
        frame(axes, 0.5 + 2 * step * cell + inset, 3.8 - inset, 3, 3, cell - 0.02 * step, colour)
    caption(axes, 1.83, 0.86, "n = 5, pad = 1, f = 3, stride = 2")
    caption(axes, 1.83, 0.42, r"$\lfloor (5+2\cdot 1-3)/2\rfloor+1=3$ places", size=12)
    big = 0.62
    sheet(axes, 5.1, 2.9, 1, 6, big, face=PALE, edge="#7f93a8")
    axes.add_patch(Rectangle((5.1 + 5 * big, 2.9 - big), big, big, fc="#f3f3f3", ec="#7f93a8", hatch="///", lw=1))
    frame(axes, 5.1, 2.9, 1, 3, big, ORANGE)
    frame(axes, 5.1 + 2 * big + 0.03, 2.87, 1, 3, big - 0.02, BLUE)
    arrow(axes, (5.1 + 0.1, 3.2), (5.1 + 2 * big, 3.2), INK)
    caption(axes, 5.1 + big, 3.42, "stride 2")
    caption(axes, 5.1 + 5.5 * big, 1.95, "unused")
    caption(axes, 7.0, 0.86, "n = 6, pad = 0, f = 3, stride = 2")
    caption(axes, 7.0, 0.42, r"$\lfloor (6-3)/2\rfloor+1=2$ places", size=12)
    caption(axes, 7.0, 1.42, r"places $=\left\lfloor\frac{n+2\,\mathrm{pad}-f}{\mathrm{stride}}\right\rfloor+1$", size=14)
    return figure


def conv_pooling():
    """Pooling. On the left a map of 4 by 4 numbers, divided into four windows of 2 by 2 in four colours: upper left 1, 3, 5, 2; upper right 0, 0, 4,
    1; lower left 7, 2, 7, 0; lower right 1, 1, 2, 0. An arrow marked max leads to a map of 2 by 2: 5, 4, 7, 2. An arrow marked average leads to another one: 2.75, 1.25, 4,
    1. In the lower left window two entries share the maximum 7: a tie."""
    import numpy as np

    figure, axes = canvas(9.4, 3.7)
    values = np.array([[1, 3, 0, 0], [5, 2, 4, 1], [7, 2, 1, 1], [7, 0, 2, 0]])
    blocks = values.reshape(2, 2, 2, 2)
    faces = ((SAND, "#d8e4f3"), (MINT, "#efe3f5"))
    write(axes, 0.5, 3.3, values, 0.62, size=14, faces=lambda i, j: faces[i // 2][j // 2])
    for i in range(2):
        for j in range(2):
            frame(axes, 0.5 + j * 1.24, 3.3 - i * 1.24, 2, 2, 0.62, INK, lw=1.8)
    write(axes, 5.0, 2.67, blocks.max(axis=(1, 3)), 0.62, size=14, faces=lambda i, j: faces[i][j])
    write(axes, 7.6, 2.67, blocks.mean(axis=(1, 3)), 0.62, size=12, faces=lambda i, j: faces[i][j])
    arrow(axes, (3.2, 2.05), (4.8, 2.05), INK)
    caption(axes, 4.0, 2.3, "f = 2, stride = 2")
    caption(axes, 5.62, 1.1, "max")
    caption(axes, 8.22, 1.1, "average")
    caption(axes, 6.92, 0.55, "lower left, two entries share the maximum: a tie")
    return figure


def conv_im2col():
    """im2col. On the left an image of 3 rows and 4 columns with the numbers 0 to 11; its first patch of 2 by 2 (0, 1, 4, 5) is framed in orange, its last
    (6, 7, 10, 11) in blue. An arrow leads to a matrix of 6 rows and 4 columns: each row is one patch written out, the orange one first, the
    blue one last. It is multiplied with a matrix of 4 rows and 2 columns, in which each column is one filter written out. The product has 6
    rows and 2 columns: all places, all filters; reshaped it is the output, 2 by 3 by 2."""
    import numpy as np

    figure, axes = canvas(10.4, 3.7)
    image = np.arange(12).reshape(3, 4)
    rows = [image[i:i + 2, j:j + 2].ravel() for i in range(2) for j in range(3)]
    write(axes, 0.4, 2.95, image, 0.46)
    frame(axes, 0.4, 2.95, 2, 2, 0.46, ORANGE)
    frame(axes, 0.4 + 2 * 0.46, 2.95 - 0.46, 2, 2, 0.46, BLUE)
    arrow(axes, (2.4, 2.2), (3.2, 2.2), INK)
    write(axes, 3.4, 3.35, rows, 0.42, faces=lambda i, j: {0: SAND, 5: "#d8e4f3"}.get(i, WHITE))
    caption(axes, 2.8, 2.45, "im2col")
    axes.text(5.4, 2.1, "@", fontsize=15, ha="center", va="center", color=INK)
    sheet(axes, 5.75, 2.93, 4, 1, 0.42, face=MINT)
    sheet(axes, 6.17, 2.93, 4, 1, 0.42, face="#efe3f5")
    axes.text(6.95, 2.1, "=", fontsize=15, ha="center", va="center", color=INK)
    sheet(axes, 7.3, 3.35, 6, 1, 0.42, face=MINT)
    sheet(axes, 7.72, 3.35, 6, 1, 0.42, face="#efe3f5")
    arrow(axes, (8.35, 2.2), (8.85, 2.2), INK)
    sheet(axes, 9.0 + 0.14, 2.6 + 0.14, 2, 3, 0.36, face="#efe3f5")
    sheet(axes, 9.0, 2.6, 2, 3, 0.36, face=MINT)
    caption(axes, 1.32, 0.45, "image, f = 2, stride 1")
    caption(axes, 4.24, 0.45, "a row for each patch")
    caption(axes, 6.17, 0.45, "a column\nfor each filter")
    caption(axes, 7.72, 0.45, "all answers")
    caption(axes, 9.6, 1.35, "reshaped")
    return figure


FIGURES = (conv_patch, conv_feature_map, conv_depth, conv_padding_stride, conv_pooling, conv_im2col)
