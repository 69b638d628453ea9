"""Figures of lab 04d."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas, node

SHADES = ("#dbe7f5", "#b9d0ec", "#8fb3df")


def _grid(axes, x, y, rows, columns, size=0.26, face=PALE):
    """A matrix of squares, its lower left corner at (x, y)."""
    from matplotlib.patches import Rectangle

    for i in range(rows):
        for j in range(columns):
            axes.add_patch(Rectangle((x + j * size, y + i * size), size, size, fc=face, ec=BLUE, lw=1))


def _block(axes, x, y, depth=3, rows=3, columns=4, size=0.26):
    """Matrices one behind the other, the first in front."""
    for k in reversed(range(depth)):
        _grid(axes, x + 0.13 * k, y + 0.13 * k, rows, columns, size, SHADES[k % 3])


def tensor_ranks():
    """Five tensors side by side, from rank 0 to rank 4. Rank 0: a single square, a number, shape (). Rank 1: a row of four squares, a
    vector, shape (4,). Rank 2: a matrix of three rows and four columns, shape (3, 4). Rank 3: three such matrices one behind the other, like
    the three colour channels of an image, drawn as a block, shape (3, 4, 3). Rank 4: three blocks in a row, like a batch of images, shape
    (3, 3, 4, 3). Below each stand its rank and its shape; the rank is the length of the shape."""
    figure, axes = canvas(11.6, 2.6)
    _grid(axes, 0.55, 1.65, 1, 1)
    _grid(axes, 1.75, 1.65, 1, 4)
    _grid(axes, 3.65, 1.4, 3, 4)
    _block(axes, 5.6, 1.25)
    for i in range(3):
        _block(axes, 7.75 + 1.25 * i, 1.35, size=0.2)
    for x, rank, name, shape in ((0.68, 0, "a number", "()"), (2.27, 1, "a vector", "(4,)"), (4.17, 2, "a matrix", "(3, 4)"), (6.25, 3, "an image", "(3, 4, 3)"),
                                 (9.5, 4, "a batch of images", "(3, 3, 4, 3)")):
        axes.text(x, 0.86, f"rank {rank}", ha="center", fontsize=12.5, color=INK, weight="bold")
        axes.text(x, 0.55, f"shape {shape}", ha="center", fontsize=11.5, color=ORANGE)
        axes.text(x, 0.24, name, ha="center", fontsize=11, color=INK)
    return figure


def columns_to_rows():
    """Two layouts of the same layer. Left, labs 00 to 04c: X is n_x tall and m wide, one example a column, the first column shaded; W (n, n_x)
    stands before it, b is a column, and Z = W X + b is (n, m). Right, from this lab on, as Keras has it: X is m tall and n_x wide, one
    example a row, the first row shaded; it stands before W (n_x, n), b is a row, and Z = X W + b is (m, n). An arrow in the middle says:
    transpose everything, and the order of the product turns round."""
    figure, axes = canvas(11.6, 4.0)

    def matrix(x, y, w, h, text, shape, mark=None):
        from matplotlib.patches import Rectangle

        axes.add_patch(Rectangle((x, y), w, h, fc=PALE, ec=BLUE, lw=1.6))
        if mark == "column":
            axes.add_patch(Rectangle((x, y), 0.22, h, fc=ORANGE, ec="none", alpha=0.55))
        if mark == "row":
            axes.add_patch(Rectangle((x, y + h - 0.22), w, 0.22, fc=ORANGE, ec="none", alpha=0.55))
        axes.text(x + w / 2, y + h / 2, text, ha="center", va="center", fontsize=15, color=INK)
        axes.text(x + w / 2, y - 0.24, shape, ha="center", va="center", fontsize=10.5, color=INK)

    def sign(x, text):
        axes.text(x, 2.0, text, ha="center", va="center", fontsize=17, color=INK)

    matrix(0.3, 1.55, 1.1, 0.9, "$W$", r"$(n, n_x)$")
    matrix(1.65, 1.45, 1.5, 1.1, "$X$", r"$(n_x, m)$", "column")
    sign(3.4, "$+$")
    matrix(3.65, 1.55, 0.3, 0.9, "$b$", "$(n, 1)$")
    axes.text(2.3, 3.45, "labs 00 to 04c: an example is a column", ha="center", fontsize=12.5, color=INK)
    axes.text(2.3, 0.55, "$Z=WX+b$", ha="center", fontsize=16, color=BLUE)
    arrow(axes, (4.75, 2.0), (6.15, 2.0), GREEN, lw=2.4)
    axes.text(5.45, 2.3, "transpose", ha="center", fontsize=11.5, color=GREEN)
    axes.text(5.45, 1.6, "all of it", ha="center", fontsize=11.5, color=GREEN)
    matrix(6.75, 1.25, 1.1, 1.5, "$X$", r"$(m, n_x)$", "row")
    matrix(8.15, 1.45, 0.9, 1.1, "$W$", r"$(n_x, n)$")
    sign(9.4, "$+$")
    matrix(9.75, 1.85, 0.9, 0.3, "$b$", "$(1, n)$")
    axes.text(8.8, 3.45, "from here on: an example is a row", ha="center", fontsize=12.5, color=INK)
    axes.text(8.8, 0.55, "$Z=XW+b$", ha="center", fontsize=16, color=BLUE)
    return figure


def gradient_tape():
    """How a tape finds a derivative, on y = sin(x times x) at x = 1.2. Above, forward, in blue from left to right: x = 1.2 enters a
    multiplication, whose result u = 1.44 enters a sine, whose result is y = 0.991. Below each operation a piece of tape records it with the
    numbers that went through: "u = x times x, x = 1.2" and "y = sin u, u = 1.44". Below the tape, backward, in orange from right to left:
    it begins with dy/dy = 1, is multiplied by cos u = 0.130 at the sine, and by 2x = 2.4 at the multiplication, and ends as
    dy/dx = 0.313."""
    figure, axes = canvas(10.8, 4.3)
    node(axes, 0.9, 3.55, "$x$")
    axes.text(0.9, 2.98, "1.2", ha="center", fontsize=11.5, color=BLUE)
    box(axes, 3.3, 3.55, 1.7, 0.75, r"$u=x\cdot x$")
    box(axes, 6.6, 3.55, 1.7, 0.75, r"$y=\sin u$")
    node(axes, 9.5, 3.55, "$y$", colour=GREEN)
    axes.text(9.5, 2.98, "0.991", ha="center", fontsize=11.5, color=BLUE)
    for start, end, text in ((1.28, 2.4, "1.2"), (4.2, 5.7, "1.44"), (7.5, 9.1, "0.991")):
        arrow(axes, (start, 3.55), (end, 3.55), BLUE)
        axes.text((start + end) / 2, 3.7, text, ha="center", fontsize=11, color=BLUE)
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((1.9, 1.85), 6.3, 0.75, fc="#f6efe2", ec=INK, lw=1.2))
    axes.plot([4.95, 4.95], [1.85, 2.6], color=INK, lw=1.2)
    axes.text(3.42, 2.22, r"$u=x\cdot x$,   $x=1.2$", ha="center", va="center", fontsize=12, color=INK)
    axes.text(6.58, 2.22, r"$y=\sin u$,   $u=1.44$", ha="center", va="center", fontsize=12, color=INK)
    axes.text(1.72, 2.22, "tape", ha="right", va="center", fontsize=12, color=INK, style="italic")
    for x in (3.3, 6.6):
        arrow(axes, (x, 3.13), (x, 2.66), INK, lw=1.2)
    for start, end, text in ((9.1, 7.55, "1"), (5.65, 4.35, "0.130"), (2.3, 1.3, "0.313")):
        arrow(axes, (start, 1.0), (end, 1.0), ORANGE)
        axes.text((start + end) / 2, 1.15, text, ha="center", fontsize=11, color=ORANGE)
    for x, text in ((6.6, r"$\times\,\cos u$"), (3.3, r"$\times\,2x$")):
        box(axes, x, 1.0, 1.7, 0.7, text, colour=ORANGE, face="white")
    axes.text(9.55, 1.0, r"$\frac{\partial y}{\partial y}$", ha="center", va="center", fontsize=18, color=ORANGE)
    axes.text(0.85, 1.0, r"$\frac{\partial y}{\partial x}$", ha="center", va="center", fontsize=18, color=ORANGE)
    axes.text(5.4, 0.25, "backward: the tape from its end to its beginning, slopes multiplied", ha="center", fontsize=11, color=ORANGE)
    axes.text(5.4, 4.1, "forward: compute, and record", ha="center", fontsize=11, color=BLUE)
    return figure


FIGURES = (columns_to_rows, tensor_ranks, gradient_tape)
