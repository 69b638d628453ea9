"""Figures of lab 07b."""
from labutils.authoring.figures import BLUE, GREEN, ORANGE, arrow, box, canvas


def _chain(axes, y, places, texts, colour, width=1.5):
    for x, text in zip(places, texts):
        box(axes, x, y, width, 0.7, text, colour, size=11)
    for a, b in zip(places, places[1:]):
        arrow(axes, (a + width / 2 + 0.05, y), (b - width / 2 - 0.05, y), colour)


def gan_game():
    """A generative adversarial network. Above, noise z enters the generator, which makes a fake image. Below, a real image comes from the data. Both enter the
    discriminator, which answers with one logit: real or fake."""
    figure, axes = canvas(9.6, 2.6)
    _chain(axes, 1.9, (1.1, 3.4, 5.5), ("noise z", "generator", "fake image"), ORANGE)
    box(axes, 5.5, 0.7, 1.5, 0.7, "real image", GREEN, size=11)
    arrow(axes, (6.3, 1.9), (7.0, 1.45), ORANGE)
    arrow(axes, (6.3, 0.7), (7.0, 1.15), GREEN)
    box(axes, 7.9, 1.3, 1.7, 0.8, "discriminator\nreal or fake?", BLUE, size=11)
    return figure


def two_losses():
    """The generator's two losses against the logit of a fake, from minus 6 to 6. The saturating one is flat on the left, where fakes are easily told, and falls
    on the right; the other falls steeply on the left and is flat on the right."""
    import numpy as np
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2), facecolor="white")
    axes, s = figure.add_axes([0.1, 0.17, 0.86, 0.78]), np.linspace(-6, 6, 200)
    axes.plot(s, -np.logaddexp(0, s), color=BLUE, ls="--", lw=2, label="saturating: log(1 − p)")
    axes.plot(s, np.logaddexp(0, -s), color=ORANGE, lw=2, label="non-saturating: −log p")
    axes.set(xlabel="logit of a fake", ylabel="the generator's loss")
    axes.legend()
    return figure


def conditional_gan():
    """A conditional GAN. Noise and a one-hot label enter the generator, which makes an image. The image and the same label, as planes, enter the discriminator,
    which asks: real, and of this class?"""
    figure, axes = canvas(9.6, 2.4)
    _chain(axes, 1.6, (1.1, 3.3, 5.5, 7.9), ("noise", "generator", "image", "discriminator"), ORANGE)
    box(axes, 3.3, 0.5, 1.7, 0.6, "label, one-hot", BLUE, size=11)
    arrow(axes, (3.3, 0.85), (3.3, 1.2), BLUE)
    arrow(axes, (4.2, 0.5), (7.6, 1.2), BLUE)
    return figure


def cycle_gan():
    """CycleGAN. An image x of domain A goes through the net "there" to an image of domain B, then through the net "back" to domain A. A green arc above compares the
    image that comes back with x: the loss of the cycle. Below, a discriminator of domain B judges the image between. The same is done from B to A and back."""
    figure, axes = canvas(9.6, 3.3)
    _chain(axes, 1.7, (1.0, 2.9, 4.8, 6.7, 8.6), ("x in A", "net: there", "image in B", "net: back", "again in A"), BLUE, 1.35)
    box(axes, 4.8, 0.45, 2.2, 0.6, "discriminator of B", ORANGE, size=11)
    arrow(axes, (4.8, 1.3), (4.8, 0.8), ORANGE)
    axes.annotate("", (8.6, 2.12), (1.0, 2.12), arrowprops={"arrowstyle": "<->", "color": GREEN, "lw": 1.6, "connectionstyle": "arc3,rad=-0.18"})
    axes.text(4.8, 2.98, "the same? the cycle's loss", color=GREEN, fontsize=12, ha="center")
    return figure


FIGURES = (gan_game, two_losses, conditional_gan, cycle_gan)
