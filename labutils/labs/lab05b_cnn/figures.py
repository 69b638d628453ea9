"""Figures of lab 05b."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas, node

SAND, MINT = "#fbf1e7", "#e9f5ee"


def _maps(axes, x, y, size, n, colour=BLUE, face=PALE):
    """A stack of n feature maps, seen slightly from the side, its front one centred at (x, y)."""
    from matplotlib.patches import Rectangle

    for i in reversed(range(n)):
        axes.add_patch(Rectangle((x - size / 2 + 0.09 * i, y - size / 2 + 0.09 * i), size, size, fc=face, ec=colour, lw=1.2))


def _below(axes, x, y, text, size=10, colour=INK):
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=colour, linespacing=1.25, zorder=4)


def cnn_pipeline():
    """The pipeline of a convolutional net, from left to right. An image with a digit 3; a convolution with ReLU makes a stack of feature maps of it, pooling
    makes the same stack half as high and wide; a second convolution makes a deeper stack, and pooling halves it again. Then all numbers are laid flat
    into a column, dense layers follow, and their last one gives one number a class, the logits. The softmax turns them into probabilities, drawn as ten
    green bars of which the one at 3 is tall. Below the first half stands: finds patterns; below the second: decides."""
    figure, axes = canvas(11.4, 3.7)
    _maps(axes, 0.85, 2.05, 1.25, 1, INK, "#20262c")
    axes.text(0.85, 2.0, "3", fontsize=38, color="white", ha="center", va="center")
    _below(axes, 0.85, 1.1, "image")
    stages = ((2.75, 1.15, 3, "convolution\n+ ReLU"), (4.35, 0.68, 3, "pooling"), (5.65, 0.68, 6, "convolution\n+ ReLU"), (7.1, 0.38, 6, "pooling"))
    for x, size, n, text in stages:
        _maps(axes, x, 2.05, size, n)
        _below(axes, x + 0.15, 1.02, text)
    for a, b in ((1.55, 2.1), (3.6, 3.95), (4.95, 5.25), (6.55, 6.85)):
        arrow(axes, (a, 2.1), (b, 2.1))
    from matplotlib.patches import Rectangle

    arrow(axes, (7.85, 2.1), (8.2, 2.1))
    axes.add_patch(Rectangle((8.27, 1.25), 0.16, 1.75, fc=SAND, ec=ORANGE, lw=1.2))
    _below(axes, 8.35, 1.0, "flat")
    for i in range(4):
        node(axes, 9.1, 1.5 + 0.42 * i, "", 0.14, ORANGE, SAND)
        for j in range(5):
            node(axes, 9.75, 1.3 + 0.42 * j, "", 0.14, ORANGE, SAND)
            axes.plot([9.24, 9.61], [1.5 + 0.42 * i, 1.3 + 0.42 * j], color=ORANGE, lw=0.4)
    arrow(axes, (8.5, 2.1), (8.9, 2.1))
    _below(axes, 9.45, 0.92, "dense layers\nlogits")
    arrow(axes, (9.95, 2.1), (10.5, 2.1), GREEN)
    axes.text(10.25, 3.25, "softmax", fontsize=10, ha="center", color=GREEN)
    for i, height in enumerate((3, 2, 10, 80, 1, 9, 1, 3, 12, 6)):
        axes.add_patch(Rectangle((10.75, 2.9 - 0.18 * i), 0.0055 * height + 0.03, 0.13, fc=GREEN, ec="none"))
        axes.text(10.69, 2.96 - 0.18 * i, str(i), fontsize=7, ha="right", va="center", color=INK)
    _below(axes, 10.85, 0.92, "probabilities")
    for a, b, text in ((2.1, 7.75, "finds patterns"), (8.15, 11.2, "decides")):
        axes.plot([a, a, b, b], [0.55, 0.45, 0.45, 0.55], color=INK, lw=1)
        axes.text((a + b) / 2, 0.2, text, fontsize=11, ha="center", va="center", color=INK)
    return figure


def _row(axes, steps, y, size=10.5):
    """Boxes with texts in a row, arrows between; (x, width, height, text, colour)."""
    last = None
    for x, width, height, text, colour in steps:
        box(axes, x, y, width, height, text, colour, {BLUE: PALE, ORANGE: SAND, GREEN: MINT}.get(colour, "white"), size)
        if last is not None:
            arrow(axes, (last, y), (x - width / 2 - 0.03, y))
        last = x + width / 2 + 0.03


def lenet5():
    """LeNet-5 as a row of boxes with the shapes between them, for an image of 28 by 28 by 1: a 5 by 5 convolution with 6 filters and "same" padding gives 28
    by 28 by 6; pooling 14 by 14 by 6; a 5 by 5 convolution with 16 filters without padding 10 by 10 by 16; pooling 5 by 5 by 16; laid flat 400 numbers;
    dense 120, dense 84, dense 10. Convolutions are blue, poolings green, dense layers orange."""
    figure, axes = canvas(11.4, 2.5)
    steps = [(0.75, 0.9, 1.0, "image\n28×28×1", INK), (2.2, 1.25, 1.25, "conv 5×5\n6 filters\n“same”", BLUE), (3.6, 0.8, 1.0, "pool\n2×2", GREEN),
             (5.05, 1.25, 1.25, "conv 5×5\n16 filters\n“valid”", BLUE), (6.45, 0.8, 1.0, "pool\n2×2", GREEN), (7.5, 0.65, 0.8, "flat", INK),
             (8.55, 0.8, 1.0, "dense\n120", ORANGE), (9.65, 0.8, 1.0, "dense\n84", ORANGE), (10.75, 0.8, 1.0, "dense\n10", ORANGE)]
    _row(axes, steps, 1.45)
    for x, text in ((2.2, "28×28×6"), (3.6, "14×14×6"), (5.05, "10×10×16"), (6.45, "5×5×16"), (7.5, "400"), (8.55, "120"), (9.65, "84"), (10.75, "logits")):
        _below(axes, x, 0.5, text, 10)
    _below(axes, 0.75, 0.5, "comes out:", 10)
    return figure


def alexnet():
    """AlexNet's plan in a row of boxes: an image of 227 by 227 by 3; convolution 11 by 11, 96 filters, stride 4; normalisation; overlapping pooling 3 by 3
    with stride 2; convolution 5 by 5, 256 filters; normalisation; pooling; three 3 by 3 convolutions of 384, 384 and 256 filters; pooling; dense 4096
    with dropout, twice; softmax over 1000 classes. Below, its four ideas: ReLU, drawn as a bent line beside the curve of tanh; overlapping pooling, two
    windows of three pixels that share one; local response normalisation, a channel divided by its neighbours; dropout, a layer with two of six units
    crossed out."""
    import numpy as np
    from matplotlib.patches import Rectangle

    figure, axes = canvas(11.4, 4.4)
    steps = [(0.75, 1.0, 0.9, "image\n227×227×3", INK), (2.0, 1.05, 1.1, "conv 11×11\n96, stride 4", BLUE), (3.2, 0.85, 0.9, "norm\npool 3/2", GREEN), (4.3, 0.85, 1.1,
            "conv 5×5\n256", BLUE),
             (5.4, 0.85, 0.9, "norm\npool 3/2", GREEN), (6.9, 1.65, 1.1, "3 × conv 3×3\n384, 384, 256", BLUE), (8.3, 0.75, 0.9, "pool\n3/2", GREEN), (9.45, 1.1, 1.1,
                     "2 × dense 4096\ndropout", ORANGE),
             (10.75, 0.95, 0.9, "softmax\n1000", ORANGE)]
    _row(axes, steps, 3.55, 9)
    t = np.linspace(-1, 1, 100)
    axes.plot(1.5 + 0.75 * t, 1.45 + 0.9 * np.maximum(t, 0), color=BLUE, lw=2.2)
    axes.plot(1.5 + 0.75 * t, 1.45 + 0.55 * np.tanh(3 * t), color=ORANGE, lw=1.4, ls="--")
    axes.plot([0.7, 2.3], [1.45, 1.45], color=INK, lw=0.6)
    _below(axes, 1.5, 0.5, "ReLU for tanh")
    for i in range(5):
        axes.add_patch(Rectangle((3.35 + 0.36 * i, 1.35), 0.36, 0.36, fc="white", ec=INK, lw=1))
    for x, y, colour in ((3.35, 1.83, BLUE), (4.07, 1.15, ORANGE)):
        axes.plot([x, x, x + 1.08, x + 1.08], [y, y + (0.1 if y > 1.5 else -0.1), y + (0.1 if y > 1.5 else -0.1), y], color=colour, lw=2)
    _below(axes, 4.25, 0.5, "overlapping pooling:\n3 wide, stride 2")
    for i, height in enumerate((0.35, 0.5, 1.1, 0.4, 0.3)):
        axes.add_patch(Rectangle((6.2 + 0.33 * i, 1.05), 0.25, height, fc=ORANGE if i == 2 else PALE, ec=ORANGE if i == 2 else BLUE, lw=1.2))
    _below(axes, 7.0, 0.5, "local response normalisation:\na loud channel damps its neighbours")
    for i in range(6):
        x = 8.95 + 0.42 * i
        node(axes, x, 1.5, "", 0.17, BLUE if i not in (1, 4) else "#9aa3ab", PALE if i not in (1, 4) else "white")
        if i in (1, 4):
            axes.plot([x - 0.17, x + 0.17], [1.33, 1.67], color=ORANGE, lw=2)
            axes.plot([x - 0.17, x + 0.17], [1.67, 1.33], color=ORANGE, lw=2)
    _below(axes, 10.0, 0.5, "dropout while it trains")
    return figure


def vgg_block():
    """Left, a VGG block as a row: x, height h, width w, c channels; two or three 3 by 3 convolutions with ReLU, "same" padding, all with the same number of
    filters; then 2 by 2 max pooling, which gives half the height and width. Right, why small filters: in a row of seven pixels, one output of the second
    3 by 3 convolution sees three outputs of the first, and these see five pixels."""
    figure, axes = canvas(11.0, 2.7)
    _row(axes, [(0.75, 0.9, 0.85, "x\nh×w×c", INK), (2.15, 1.3, 1.05, "conv 3×3\nReLU", BLUE), (3.85, 1.3, 1.05, "conv 3×3\nReLU", BLUE),
                (5.5, 1.2, 1.05, "max pool\n2×2", GREEN),
                (7.0, 1.1, 0.85, "½h×½w\n×filters", INK)], 1.65)
    axes.plot([1.45, 1.45, 4.6, 4.6], [0.95, 0.85, 0.85, 0.95], color=INK, lw=1)
    _below(axes, 3.0, 0.55, "n_convs times, “same” padding, the same number of filters", 10)
    for row, (n, y) in enumerate(((7, 0.5), (3, 1.35), (1, 2.2))):
        for i in range(n):
            x = 9.4 + 0.4 * (i - (n - 1) / 2)
            seen = row > 0 or 1 <= i <= 5
            node(axes, x, y, "", 0.13, BLUE if seen else "#9aa3ab", PALE if seen else "white")
            if row:
                below = (0.5, 1.35)[row - 1]
                for d in (-1, 0, 1):
                    axes.plot([x, x + 0.4 * d], [y - 0.13, below + 0.13], color=BLUE, lw=0.8)
    _below(axes, 10.0, 2.2, "sees 5 pixels", 10)
    return figure


def residual_block():
    """A residual block, drawn from left to right. x goes two ways. Along the main path: a 3 by 3 convolution with the stride, ReLU, a second 3 by 3
    convolution. Above it, the skip: an arrow from x straight to the sum; where stride or channels differ it passes a dashed box, a 1 by 1 convolution
    with the same stride. A circle with a plus adds the two; behind it a ReLU gives relu(x + F(x))."""
    figure, axes = canvas(10.4, 3.3)
    node(axes, 0.6, 1.1, "$x$", 0.34)
    _row(axes, [(2.5, 1.5, 0.95, "conv 3×3\nstride s", BLUE), (4.25, 0.95, 0.7, "ReLU", GREEN), (6.0, 1.5, 0.95, "conv 3×3\nstride 1", BLUE)], 1.1)
    arrow(axes, (0.95, 1.1), (1.71, 1.1))
    arrow(axes, (6.78, 1.1), (7.42, 1.1))
    node(axes, 7.75, 1.1, "+", 0.31, ORANGE, SAND, 17)
    arrow(axes, (8.08, 1.1), (8.5, 1.1))
    box(axes, 9.0, 1.1, 0.95, 0.7, "ReLU", GREEN, MINT, 12)
    arrow(axes, (9.5, 1.1), (10.1, 1.1))
    axes.plot([1.2, 1.2, 7.75], [1.1, 2.6, 2.6], color=ORANGE, lw=1.8)
    arrow(axes, (7.75, 2.6), (7.75, 1.43), ORANGE)
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(FancyBboxPatch((3.3, 2.25), 2.3, 0.7, boxstyle="round,pad=0.02,rounding_size=0.1", fc=SAND, ec=ORANGE, lw=1.4, ls="--", zorder=3))
    _below(axes, 4.45, 2.6, "conv 1×1, stride s\nonly where shapes differ", 9.5)
    _below(axes, 2.0, 2.85, "the skip", 11, ORANGE)
    _below(axes, 4.25, 0.3, "$F(x)$: what is to be changed", 12, BLUE)
    _below(axes, 9.4, 0.3, r"$\mathrm{relu}(x+F(x))$", 13)
    return figure


def _inception(axes, bottleneck):
    """The branches of an Inception module, from below up."""
    box(axes, 4.65, 0.45, 8.9, 0.5, "x", INK, "white", 12)
    columns = ((1.2, None, "conv 1×1"), (3.5, "conv 1×1", "conv 3×3"), (5.8, "conv 1×1", "conv 5×5"), (8.1, "max pool 3×3", "conv 1×1"))
    for x, first, second in columns:
        first = first if bottleneck or x == 8.1 else None
        second = second if bottleneck or x != 8.1 else None
        low, high = (0.73, 3.62)
        if first:
            box(axes, x, 1.65, 1.95, 0.55, first, GREEN if x == 8.1 else ORANGE, MINT if x == 8.1 else SAND, 9.5)
            arrow(axes, (x, low), (x, 1.35))
            low = 1.95
        if second:
            box(axes, x, 2.75, 1.95, 0.55, second, ORANGE if x == 8.1 else BLUE, SAND if x == 8.1 else PALE, 9.5)
            arrow(axes, (x, low), (x, 2.45))
            low = 3.05
        arrow(axes, (x, low), (x, high))
    box(axes, 4.65, 3.9, 8.9, 0.5, "concatenated along the channels", INK, "white", 10)


def inception_bottleneck():
    """Two ways to a 5 by 5 convolution, as slabs whose depth is the number of channels. Above, direct: 28 by 28 by 192, an arrow marked 5 by 5, 28 by 28 by
    32; below it 120 million multiplications. Below, through a bottleneck: 28 by 28 by 192, an arrow marked 1 by 1, a thin slab of 16 channels, an arrow
    marked 5 by 5, 28 by 28 by 32; 12 million multiplications."""
    figure, axes = canvas(10.2, 4.5)
    for y, thin in ((3.1, False), (1.0, True)):
        _maps(axes, 1.3, y, 0.75, 9)
        _below(axes, 1.6, y - 0.62, "28×28×192", 10)
        _maps(axes, 7.3, y, 0.75, 3)
        _below(axes, 7.4, y - 0.62, "28×28×32", 10)
        if thin:
            _maps(axes, 4.4, y, 0.75, 2, ORANGE, SAND)
            _below(axes, 4.45, y - 0.62, "28×28×16", 10)
            arrow(axes, (2.7, y), (3.9, y), ORANGE)
            arrow(axes, (4.95, y), (6.8, y), BLUE)
            axes.text(3.3, y + 0.15, "1×1", fontsize=12, ha="center", color=ORANGE)
            axes.text(5.9, y + 0.15, "5×5", fontsize=12, ha="center", color=BLUE)
        else:
            arrow(axes, (2.7, y), (6.8, y), BLUE)
            axes.text(4.75, y + 0.15, "5×5", fontsize=12, ha="center", color=BLUE)
        _below(axes, 9.05, y, "12 million\nmultiplications" if thin else "120 million\nmultiplications", 11.5, ORANGE if thin else INK)
    return figure


def inception_module():
    """The Inception module, twice. Left, the naive one: from x below, arrows go to a 1 by 1, a 3 by 3 and a 5 by 5 convolution and to 3 by 3 max pooling;
    all four are concatenated along the channels above. Right, the one with bottlenecks: before the 3 by 3 and the 5 by 5 convolution stands a 1 by 1
    convolution, drawn in orange, and behind the pooling stands one too."""
    import matplotlib.transforms as transforms
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.4, 2.75), facecolor="white")
    for i, bottleneck in enumerate((False, True)):
        axes = figure.add_axes(transforms.Bbox([[0.5 * i, 0], [0.5 * i + 0.5, 0.92]]))
        axes.set(xlim=(0, 9.3), ylim=(0, 4.35))
        axes.axis("off")
        _inception(axes, bottleneck)
        axes.set_title("with bottlenecks" if bottleneck else "naive", fontsize=11, color=INK)
    return figure


def learned_filters():
    """A sketch of what the layers of a deep net answer to, in three panels from left to right. First layer: nine edges, each a square with a dark and a
    light half in another direction. Middle layers: parts made of edges: a corner, an arc, a circle, a cross, a wave and an eye. Last layers: wholes made
    of parts: a face with eyes and mouth, a car with wheels, a house with door and roof."""
    import numpy as np
    from matplotlib.patches import Circle, Polygon, Rectangle

    figure, axes = canvas(10.6, 3.4)
    for k in range(9):
        x, y, angle = 0.75 + 0.75 * (k % 3), 2.55 - 0.72 * (k // 3), k * np.pi / 9
        axes.add_patch(Rectangle((x - 0.3, y - 0.3), 0.6, 0.6, fc="#d7dce1", ec="none"))
        patch = axes.add_patch(Polygon([(x + 3 * np.cos(angle), y + 3 * np.sin(angle)), (x - 3 * np.cos(angle), y - 3 * np.sin(angle)),
                                        (x - 3 * np.cos(angle) + 3 * np.sin(angle), y - 3 * np.sin(angle) - 3 * np.cos(angle)),
                                        (x + 3 * np.cos(angle) + 3 * np.sin(angle), y + 3 * np.sin(angle) - 3 * np.cos(angle))], fc=INK, ec="none"))
        patch.set_clip_path(Rectangle((x - 0.3, y - 0.3), 0.6, 0.6, transform=axes.transData))
    t = np.linspace(0, 2 * np.pi, 80)
    for k in range(6):
        x, y = 4.1 + 0.95 * (k % 3), 2.35 - 1.0 * (k // 3)
        axes.add_patch(Rectangle((x - 0.4, y - 0.4), 0.8, 0.8, fc="#eef1f4", ec="#c9d0d6"))
        lines = (([-0.2, -0.2, 0.22], [0.25, -0.2, -0.2]), (0.26 * np.cos(t[:45]), 0.3 * np.sin(t[:45]) - 0.12), (0.25 * np.cos(t), 0.25 * np.sin(t)),
                 ([-0.25, 0.25, np.nan, 0, 0], [0, 0, np.nan, -0.25, 0.25]), (t / 13 - 0.24, 0.2 * np.sin(2 * t)), (0.3 * np.cos(t), 0.15 * np.sin(t)))[k]
        axes.plot(x + np.asarray(lines[0]), y + np.asarray(lines[1]), color=INK, lw=2.6)
        if k == 5:
            axes.add_patch(Circle((x, y), 0.09, fc=INK))
    for x in (7.55, 8.65, 9.75):
        axes.add_patch(Rectangle((x - 0.48, 1.4), 0.96, 0.96, fc="#eef1f4", ec="#c9d0d6"))
    axes.add_patch(Circle((7.55, 1.88), 0.36, fc="white", ec=INK, lw=2))
    for d in (-0.13, 0.13):
        axes.add_patch(Circle((7.55 + d, 1.97), 0.045, fc=INK))
        axes.add_patch(Circle((8.65 + 1.6 * d, 1.66), 0.1, fc="white", ec=INK, lw=2))
    axes.plot(7.55 + 0.17 * np.cos(t[40:]), 1.8 + 0.12 * np.sin(t[40:]), color=INK, lw=2)
    axes.add_patch(Polygon([(8.27, 1.7), (9.03, 1.7), (9.03, 1.9), (8.88, 1.92), (8.78, 2.08), (8.5, 2.08), (8.4, 1.92), (8.27, 1.9)], fc="none", ec=INK, lw=2))
    axes.add_patch(Polygon([(9.45, 1.5), (10.05, 1.5), (10.05, 1.9), (9.75, 2.22), (9.45, 1.9)], fc="none", ec=INK, lw=2))
    axes.add_patch(Rectangle((9.67, 1.5), 0.17, 0.27, fc="none", ec=INK, lw=1.6))
    for x, text in ((1.5, "first layer: edges"), (5.05, "then: parts"), (8.65, "at the end: wholes")):
        _below(axes, x, 0.35, text, 12)
    arrow(axes, (2.75, 1.85), (3.45, 1.85))
    arrow(axes, (6.55, 1.85), (6.95, 1.85))
    return figure


FIGURES = (cnn_pipeline, lenet5, learned_filters, alexnet, vgg_block, residual_block, inception_bottleneck, inception_module)
