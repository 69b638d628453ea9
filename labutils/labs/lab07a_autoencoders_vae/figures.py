"""Figures of lab 07a."""
import numpy as np

from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas, node

SAND, MINT = "#fbf1e7", "#e9f5ee"


def _net(axes, x, y, left, right, width, colour, face, text):
    """A net as a trapezium, its left and right side of these heights, centred at (x, y)."""
    from matplotlib.patches import Polygon

    corners = [(x - width / 2, y - left / 2), (x - width / 2, y + left / 2), (x + width / 2, y + right / 2), (x + width / 2, y - right / 2)]
    axes.add_patch(Polygon(corners, fc=face, ec=colour, lw=1.6))
    axes.text(x, y, text, ha="center", va="center", fontsize=12, color=INK)


def _image(axes, x, y, text, colour=INK, size=1.1, alpha=1.0):
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x - size / 2, y - size / 2), size, size, fc="#20262c", ec=colour, lw=1.6, alpha=alpha))
    axes.text(x, y - 0.03, text, fontsize=34 * size, color="white", ha="center", va="center", alpha=alpha)


def _column(axes, x, y, n, colour, face, step=0.34):
    from matplotlib.patches import Rectangle

    for i in range(n):
        axes.add_patch(Rectangle((x - 0.15, y + (i - n / 2) * step), 0.3, step, fc=face, ec=colour, lw=1.4))


def _bell(axes, x, y, width, height, colour, fill=True, **line):
    t = np.linspace(-3, 3, 121)
    heights = y + height * np.exp(-t ** 2 / 2)
    if fill:
        axes.fill_between(x + width * t, y, heights, color=colour, alpha=0.18, lw=0)
    axes.plot(x + width * t, heights, color=colour, lw=2, **line)


def autoencoder():
    """An autoencoder from left to right: an image with a digit 3; the encoder, a net that narrows; the code, a short column of three numbers, the bottleneck; the
    decoder, a net that widens; the image again, a little paler. A bracket below goes from the first image to the last: the two should be alike, and no label is needed."""
    figure, axes = canvas(10.2, 3.3)
    _image(axes, 0.95, 1.95, "3")
    arrow(axes, (1.6, 1.95), (2.1, 1.95))
    _net(axes, 3.0, 1.95, 2.1, 1.0, 1.7, BLUE, PALE, "encoder")
    arrow(axes, (3.95, 1.95), (4.65, 1.95))
    _column(axes, 5.0, 1.95, 3, ORANGE, SAND)
    axes.text(5.0, 2.72, "code", ha="center", fontsize=12, color=ORANGE)
    axes.text(5.0, 1.12, "bottleneck", ha="center", fontsize=11, color=INK)
    arrow(axes, (5.3, 1.95), (6.05, 1.95))
    _net(axes, 7.0, 1.95, 1.0, 2.1, 1.7, GREEN, MINT, "decoder")
    arrow(axes, (7.95, 1.95), (8.45, 1.95))
    _image(axes, 9.15, 1.95, "3", alpha=0.75)
    axes.plot([0.95, 0.95, 9.15, 9.15], [0.75, 0.6, 0.6, 0.75], color=INK, lw=1.2)
    axes.text(5.05, 0.3, r"as alike as can be: $\|x-\hat{x}\|^2$, and no label is needed", ha="center", va="center", fontsize=12, color=INK)
    axes.text(0.95, 2.7, "$x$", ha="center", fontsize=14, color=INK)
    axes.text(9.15, 2.7, r"$\hat{x}$", ha="center", fontsize=14, color=INK)
    return figure


def variational_autoencoder():
    """A variational autoencoder: the image goes into the encoder, which gives not one code but two columns, the mean and the log-variance. They make a bell curve; a
    point is drawn from it, z, and the decoder makes an image of z. So one image stands for a small cloud of codes."""
    figure, axes = canvas(10.6, 3.2)
    _image(axes, 0.85, 1.6, "3")
    arrow(axes, (1.5, 1.6), (1.85, 1.6))
    _net(axes, 2.7, 1.6, 2.1, 1.1, 1.6, BLUE, PALE, "encoder")
    for y, text in ((2.3, r"$\mu$"), (0.9, r"$\log\sigma^2$")):
        arrow(axes, (3.6, 1.6), (4.1, y), BLUE)
        _column(axes, 4.35, y, 3, BLUE, PALE, 0.24)
        axes.text(4.35, y + 0.5, text, ha="center", fontsize=13, color=BLUE)
        arrow(axes, (4.6, y), (5.0, 1.6 + 0.25 * np.sign(y - 1.6)), BLUE)
    _bell(axes, 5.75, 1.25, 0.24, 0.85, ORANGE)
    axes.text(5.75, 0.85, r"$\mathcal{N}(\mu,\sigma^2)$", ha="center", fontsize=12, color=ORANGE)
    axes.plot([5.95], [1.25], "o", color=INK, ms=7)
    arrow(axes, (6.5, 1.6), (6.95, 1.6), ORANGE)
    axes.text(6.72, 1.75, "draw", ha="center", fontsize=10, color=ORANGE)
    _column(axes, 7.2, 1.6, 3, ORANGE, SAND, 0.3)
    axes.text(7.2, 2.2, "$z$", ha="center", fontsize=14, color=ORANGE)
    arrow(axes, (7.45, 1.6), (7.75, 1.6))
    _net(axes, 8.55, 1.6, 1.1, 2.1, 1.5, GREEN, MINT, "decoder")
    arrow(axes, (9.35, 1.6), (9.55, 1.6))
    _image(axes, 10.05, 1.6, "3", size=0.9, alpha=0.75)
    return figure


def two_loss_terms():
    """The two terms of a VAE's loss as two ropes that pull at the cloud of one image's codes. To the left, reconstruction pulls: narrow, and far from the clouds of other
    images, so that the decoder can tell them apart. To the right, the KL pulls: towards the middle, and as wide as the standard normal distribution. A factor β
    says how hard the second one pulls."""
    figure, axes = canvas(10.2, 2.9)
    box(axes, 1.75, 1.75, 3.0, 1.1, "reconstruction\n" + r"$-\sum\,[\,x\log\hat{x}+(1-x)\log(1-\hat{x})\,]$", GREEN, MINT, 11)
    box(axes, 8.45, 1.75, 3.0, 1.1, r"$\beta\;\cdot\;$KL$(\,q(z|x)\,\|\,p(z)\,)$" + "\n" + r"$\frac{1}{2}\sum\,[\,\mu^2+\sigma^2-1-\log\sigma^2\,]$", ORANGE, SAND, 11)
    _bell(axes, 5.1, 1.3, 0.3, 0.95, BLUE)
    axes.text(5.1, 0.95, r"$q(z|x)$", ha="center", fontsize=12, color=BLUE)
    arrow(axes, (4.35, 1.75), (3.4, 1.75), GREEN, lw=2.4)
    arrow(axes, (5.85, 1.75), (6.8, 1.75), ORANGE, lw=2.4)
    axes.text(1.75, 0.75, "narrow, and far from the others:\nso that images can be told apart", ha="center", va="center", fontsize=11, color=INK)
    axes.text(8.45, 0.75, "wide, and in the middle:\nso that every code means something", ha="center", va="center", fontsize=11, color=INK)
    return figure


def what_the_kl_pulls_towards():
    """Three planes of codes, each with the clouds of three kinds of images. Without the KL: small clouds far apart, empty space between, in which the decoder has
    never been asked anything. With the KL alone: all clouds lie upon each other in the middle, so codes say nothing. With both: wide clouds side by side around the middle,
    inside the circle of the standard normal distribution; they touch, so that codes between them mean something."""
    from matplotlib.patches import Circle

    figure, axes = canvas(10.2, 3.7)
    kinds = (("reconstruction alone", [(-0.95, 0.7, 0.13), (1.0, 0.55, 0.13), (0.2, -1.0, 0.13)]),
             ("KL alone", [(-0.03, 0.03, 0.72), (0.04, 0, 0.74), (0, -0.04, 0.76)]),
             ("both", [(-0.36, 0.24, 0.42), (0.4, 0.22, 0.42), (0.02, -0.42, 0.42)]))
    for k, (name, clouds) in enumerate(kinds):
        x, y = 1.75 + 3.35 * k, 1.9
        axes.add_patch(Circle((x, y), 0.85, fc="none", ec=INK, lw=1.2, ls="--"))
        for (dx, dy, r), colour in zip(clouds, (BLUE, ORANGE, GREEN)):
            axes.add_patch(Circle((x + dx, y + dy), r, fc=colour, ec=colour, alpha=0.4, lw=1.5))
        axes.text(x, 3.4, name, ha="center", va="center", fontsize=13, color=INK)
        axes.text(x, 0.3, ("gaps that mean nothing", "codes that say nothing", "codes that say something,\nand no gaps")[k], ha="center", va="center", fontsize=11, color=INK)
    return figure


def reparameterisation():
    """Two graphs. On the left z is drawn from a normal distribution with mean μ and deviation σ: the node z is itself random, a die stands in the way, and the
    gradient that comes back from the loss cannot pass. On the right z = μ + σ·ε: the die stands at ε, outside, and the gradient passes through z to μ and to σ."""
    figure, axes = canvas(10.2, 3.9)
    red = "#b03a2e"
    for x, title in ((2.4, "chance inside"), (7.7, "chance outside")):
        axes.text(x, 3.65, title, ha="center", va="center", fontsize=13, color=INK)
        node(axes, x - 1.1, 0.75, r"$\mu$")
        node(axes, x, 0.75, r"$\sigma$")
        node(axes, x, 1.95, "$z$", colour=ORANGE, face=SAND)
        box(axes, x, 3.05, 1.3, 0.55, "loss", INK, size=12)
        arrow(axes, (x, 2.31), (x, 2.75))
        arrow(axes, (x - 1.1 + 0.25, 1.02), (x - 0.28, 1.7))
        arrow(axes, (x, 1.11), (x, 1.59))
    axes.text(2.85, 1.95, r"$\sim\mathcal{N}(\mu,\sigma^2)$", fontsize=12, color=ORANGE, va="center")
    arrow(axes, (1.75, 2.72), (1.75, 2.2), red, lw=2, ls="--")
    axes.text(1.75, 1.95, "×", fontsize=24, color=red, ha="center", va="center")
    node(axes, 8.8, 0.75, r"$\varepsilon$", colour=ORANGE, face=SAND)
    arrow(axes, (8.8 - 0.25, 1.02), (7.98, 1.7), ORANGE)
    axes.text(9.3, 0.75, r"$\sim\mathcal{N}(0,1)$", fontsize=12, color=ORANGE, va="center")
    axes.text(8.15, 2.02, r"$=\mu+\sigma\,\varepsilon$", fontsize=12, color=ORANGE, va="center")
    arrow(axes, (7.05, 2.72), (7.05, 2.05), GREEN, lw=2, ls="--")
    arrow(axes, (7.0, 1.95), (6.5, 1.18), GREEN, lw=2, ls="--")
    axes.text(5.6, 2.0, r"$\partial z/\partial\mu=1$" + "\n" + r"$\partial z/\partial\sigma=\varepsilon$", fontsize=11, color=GREEN, ha="center", va="center", linespacing=1.5)
    return figure


def latent_walk():
    """A plane of codes with a straight path of five points on it, from one digit's region to another's. Above each point stands what the decoder draws there: a 3, then a 3
    that bends, something between, an 8 that is not closed yet, an 8."""
    figure, axes = canvas(10.2, 3.1)
    from matplotlib.patches import Ellipse

    axes.add_patch(Ellipse((2.1, 0.95), 3.2, 0.8, fc=BLUE, ec="none", alpha=0.16))
    axes.add_patch(Ellipse((8.1, 0.95), 3.2, 0.8, fc=ORANGE, ec="none", alpha=0.18))
    axes.plot([1.5, 8.7], [0.95, 0.95], color=INK, lw=1.4)
    for k in range(5):
        x = 1.5 + 1.8 * k
        axes.plot([x], [0.95], "o", color=INK, ms=8)
        arrow(axes, (x, 1.08), (x, 1.52), GREEN)
        _image(axes, x, 2.1, "", size=1.05)
        _digit(axes, x, 2.1, k / 4)
    axes.text(5.1, 0.3, "a straight walk through the codes; at each step the decoder draws", ha="center", va="center", fontsize=12, color=INK)
    return figure


def _digit(axes, x, y, closed):
    """A stroke between a 3 (0) and an 8 (1): two loops that close on the left."""
    for centre, r in ((0.19, 0.17), (-0.19, 0.2)):
        gap = np.pi * 0.42 * (1 - closed)
        angle = np.linspace(-np.pi + gap, np.pi - gap, 80)
        axes.plot(x + 1.1 * r * np.cos(angle), y + centre + r * np.sin(angle), color="white", lw=5, solid_capstyle="round")


def disentangled_axes():
    """Two squares of faces drawn as circles, each with two axes of a code. On the left, entangled: a step to the right makes the face darker and the hat larger at
    once, a step up as well. On the right, disentangled: to the right only the skin changes, upwards only the hat appears."""
    from matplotlib.patches import Circle, Rectangle

    figure, axes = canvas(10.2, 3.7)
    tones = ("#f3d3b3", "#b98358", "#5b3a26")
    for x, title, looks in ((2.6, "entangled", lambda i, j: (min(2, (i + j + 1) // 2), max(0, min(2, 1 + j - i)))), (7.6, "an axis for each", lambda i, j: (i, j))):
        axes.text(x, 3.45, title, ha="center", va="center", fontsize=13, color=INK)
        arrow(axes, (x - 1.7, 0.3), (x + 1.7, 0.3))
        arrow(axes, (x - 1.7, 0.3), (x - 1.7, 3.2))
        axes.text(x + 1.85, 0.3, "$z_1$", fontsize=13, color=INK, va="center")
        axes.text(x - 1.95, 3.1, "$z_2$", fontsize=13, color=INK, ha="center")
        for i in range(3):
            for j in range(3):
                tone, hat = looks(i, j)
                cx, cy = x - 1.05 + 1.05 * i, 0.75 + 0.95 * j
                axes.add_patch(Circle((cx, cy), 0.27, fc=tones[tone], ec=INK, lw=1))
                axes.plot([cx - 0.1, cx + 0.1], [cy + 0.04] * 2, "o", color=INK, ms=2.5)
                axes.plot([cx - 0.1, cx + 0.1], [cy - 0.12] * 2, color=INK, lw=1.2)
                if hat:
                    axes.add_patch(Rectangle((cx - 0.18, cy + 0.2), 0.36, 0.13 * hat, fc="#b8322f", ec=INK, lw=0.8))
    return figure


def debiasing_by_density():
    """Debiasing in three steps. First, a histogram of one latent axis of the training faces: a tall crowd on the left, a few on the right. Second, one over the
    density: small for the crowd, large for the few. Third, the histogram of what is drawn in training, much more even. No label of any group was used."""
    from matplotlib.patches import Rectangle

    figure, axes = canvas(10.2, 3.1)
    counts = np.array([0.35, 1.0, 0.8, 0.35, 0.12, 0.08, 0.1])
    weights = 0.09 / (counts + 0.02)
    drawn = counts * weights
    titles = ("training faces on a latent axis", "weight: 1 / (density + smoothing)", "what is drawn")
    for k, (heights, title, colour) in enumerate(zip((counts, weights / weights.max(), drawn / drawn.max() * 0.62), titles, (BLUE, ORANGE, GREEN))):
        x = 0.55 + 3.4 * k
        for i, h in enumerate(heights):
            axes.add_patch(Rectangle((x + 0.32 * i, 0.75), 0.28, 1.6 * h, fc=colour, ec="none", alpha=0.85))
        axes.plot([x - 0.1, x + 2.35], [0.75, 0.75], color=INK, lw=1.2)
        axes.text(x + 1.1, 2.75, title, ha="center", va="center", fontsize=11.5, color=INK)
        axes.text(x + 0.45, 0.45, "crowd", ha="center", va="center", fontsize=10, color=INK)
        axes.text(x + 1.75, 0.45, "few", ha="center", va="center", fontsize=10, color=INK)
        if k < 2:
            arrow(axes, (x + 2.5, 1.5), (x + 3.0, 1.5))
    return figure


FIGURES = [autoencoder, variational_autoencoder, two_loss_terms, what_the_kl_pulls_towards, reparameterisation, latent_walk, disentangled_axes, debiasing_by_density]
