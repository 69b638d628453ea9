"""Figures of lab 07c."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas, node

WARM = "#fbf1e7"


def _noisy(share):
    """A three, 8 × 8, of which this share of the variance is left."""
    import numpy as np

    rows = ("..7GG8..", ".9D67G2.", "......F4", "....5GB.", "....8GD3", "......6G", ".B5..4GA", "..9GGG9.")
    clean = np.array([[".123456789ABCDEFG".find(c) for c in row] for row in rows]) / 8 - 1
    return np.sqrt(share) * clean + np.sqrt(1 - share) * np.random.default_rng(4).standard_normal((8, 8))


def _picture(axes, x, y, size, picture, colour=INK):
    from matplotlib.patches import Rectangle

    axes.imshow(picture, cmap="gray", vmin=-1.6, vmax=1.6, extent=(x - size / 2, x + size / 2, y - size / 2, y + size / 2), interpolation="nearest", zorder=1)
    axes.add_patch(Rectangle((x - size / 2, y - size / 2), size, size, fc="none", ec=colour, lw=1.6, zorder=2))


def _frame(axes, width, height):
    axes.set(xlim=(0, width), ylim=(0, height))


def diffusion_chain():
    """Diffusion forward and backward. Five pictures in a row: on the left a clean three, x0; then the same three under more and more noise; on the right pure noise, x
    at the last step. Above, blue arrows lead from each picture to the next on the right, "forward: shrink a little, add a little noise", and no learning is needed for
    them. Below, orange arrows lead from each picture to the next on the left, "backward: a net says where the noise is; take a little of it away"; that is what has
    to be learned."""
    figure, axes = canvas(10.4, 4.0)
    places = [1.0, 3.1, 5.2, 7.3, 9.4]
    for x, share, name in zip(places, (1.0, 0.8, 0.45, 0.12, 0.0), ("$x_0$", "", "$x_t$", "", "$x_T$")):
        _picture(axes, x, 2.0, 1.3, _noisy(share), GREEN if share == 1 else INK)
        axes.text(x, 1.12, name, fontsize=14, ha="center", va="center", color=INK)
    for a, b in zip(places, places[1:]):
        arrow(axes, (a + 0.3, 2.75), (b - 0.3, 2.75), BLUE, connectionstyle="arc3,rad=-0.35")
        arrow(axes, (b - 0.3, 0.85), (a + 0.3, 0.85), ORANGE, connectionstyle="arc3,rad=-0.35")
    axes.text(5.2, 3.7, "forward: shrink a little, add a little noise. Nothing to learn", fontsize=12.5, ha="center", va="center", color=BLUE)
    axes.text(5.2, 0.18, "backward: a net says where the noise is; take a little of it away", fontsize=12.5, ha="center", va="center", color=ORANGE)
    _frame(axes, 10.4, 4.0)
    return figure


def denoiser_training():
    """How the net is trained, from left to right. A clean picture x0 and a picture of pure noise, epsilon, enter a box "mix", with a step t drawn by chance; the noisy
    picture x_t comes out. It enters the net, with t and with a label, which half of the time says nothing. The net gives its guess of the noise, a picture of the
    same size. An orange arrow compares that guess with epsilon itself, carried over from the left along the bottom: the mean squared difference is the loss."""
    import numpy as np

    figure, axes = canvas(11.0, 4.3)
    noise = np.random.default_rng(4).standard_normal((8, 8))
    _picture(axes, 0.95, 3.3, 1.2, _noisy(1.0), GREEN)
    axes.text(0.95, 4.1, "clean picture $x_0$", fontsize=11, ha="center", va="center", color=INK)
    _picture(axes, 0.95, 1.25, 1.2, noise, ORANGE)
    axes.text(0.95, 0.42, r"noise $\epsilon$", fontsize=12, ha="center", va="center", color=ORANGE)
    box(axes, 3.1, 2.4, 1.1, 0.8, "mix")
    arrow(axes, (1.65, 3.1), (2.5, 2.65), BLUE)
    arrow(axes, (1.65, 1.5), (2.5, 2.15), ORANGE)
    node(axes, 3.1, 3.75, "$t$", radius=0.3)
    arrow(axes, (3.1, 3.42), (3.1, 2.85), BLUE)
    arrow(axes, (3.7, 2.4), (4.25, 2.4), BLUE)
    _picture(axes, 4.95, 2.4, 1.2, 0.67 * _noisy(1.0) + 0.74 * noise)
    axes.text(4.95, 1.55, "$x_t$", fontsize=13, ha="center", va="center", color=INK)
    arrow(axes, (5.62, 2.4), (6.2, 2.4), BLUE)
    box(axes, 6.95, 2.4, 1.4, 1.1, "net")
    node(axes, 6.5, 3.75, "$t$", radius=0.3)
    arrow(axes, (6.5, 3.42), (6.6, 3.0), BLUE)
    axes.text(7.75, 3.75, "label, or\n“not told”", fontsize=11, ha="center", va="center", color=GREEN)
    arrow(axes, (7.5, 3.42), (7.3, 3.0), GREEN)
    arrow(axes, (7.7, 2.4), (8.35, 2.4), BLUE)
    _picture(axes, 9.05, 2.4, 1.2, 0.8 * noise + 0.25 * np.random.default_rng(9).standard_normal((8, 8)), BLUE)
    axes.text(9.05, 3.22, "its guess", fontsize=11, ha="center", va="center", color=BLUE)
    arrow(axes, (1.65, 0.75), (8.2, 0.75), ORANGE)
    box(axes, 9.05, 0.75, 1.6, 0.6, "loss", colour=ORANGE, face=WARM)
    arrow(axes, (9.05, 1.73), (9.05, 1.1), BLUE)
    axes.text(5.2, 0.45, "the answer is known, since the noise was put on by us", fontsize=11, ha="center", va="center", color=ORANGE)
    _frame(axes, 11.0, 4.3)
    return figure


def step_back():
    """One step back, in a plane that stands for the space of all pictures. At the upper right a point x_t. From it a long grey dashed arrow leads to the lower left, to the
    net's present guess of the clean picture. The step follows only a short piece of it, the orange arrow, to a second point, the mean. Around the mean lies a small
    pale disc, the fresh noise with variance beta; somewhere in it, at the end of a short green arrow, lies x at t minus 1, and there the net is asked anew."""
    from matplotlib.patches import Circle

    figure, axes = canvas(8.6, 3.9)
    axes.add_patch(Circle((5.3, 2.35), 0.85, fc=PALE, ec=BLUE, lw=1.2))
    arrow(axes, (7.4, 3.2), (1.35, 0.75), "#8a97a5", ls="--", lw=1.3)
    axes.text(0.25, 0.35, "its guess of the clean picture, from here", fontsize=11, color="#5c6b7a", va="center")
    arrow(axes, (7.4, 3.2), (5.36, 2.37), ORANGE, lw=2.6)
    arrow(axes, (5.3, 2.35), (5.75, 1.72), GREEN, lw=2)
    for x, y, colour in ((7.4, 3.2, INK), (5.3, 2.35, ORANGE), (5.78, 1.68, GREEN)):
        axes.plot(x, y, "o", color=colour, ms=8)
    axes.text(7.6, 3.25, "$x_t$", fontsize=15, color=INK, va="center")
    axes.text(5.15, 2.7, "mean", fontsize=12, color=ORANGE, ha="right", va="center")
    axes.text(6.0, 1.55, "$x_{t-1}$: ask the net again", fontsize=12, color=GREEN, va="center")
    axes.text(4.35, 3.35, r"fresh noise, variance $\beta$", fontsize=11, color=BLUE, ha="center", va="center")
    axes.text(6.75, 2.55, "one step", fontsize=12, color=ORANGE, va="center")
    return figure


def guidance_line():
    """Guidance as a straight line. On it, from left to right, stand four points: at scale 0 the noise that the net sees without a label; at scale 1 the noise that it
    sees with the label; at 2 and 3 points beyond, in the same direction, each as far again. An orange bracket between 0 and 1 is marked "what the label adds". Below
    the left end: any digit; below the right end: surer and surer, more and more alike."""
    figure, axes = canvas(9.4, 2.5)
    axes.plot([0.8, 8.7], [1.3, 1.3], color=INK, lw=1.6)
    for k, (x, name, colour) in enumerate(((1.4, "not told", BLUE), (3.6, "told the label", GREEN), (5.8, "", ORANGE), (8.0, "", ORANGE))):
        axes.plot(x, 1.3, "o", color=colour, ms=11)
        axes.text(x, 0.95, f"scale {k}", fontsize=12, ha="center", va="center", color=INK)
        axes.text(x, 0.62, name, fontsize=11.5, ha="center", va="center", color=colour)
    arrow(axes, (1.5, 1.62), (3.5, 1.62), ORANGE, lw=2.4)
    axes.text(2.5, 1.92, "what the label adds", fontsize=12, ha="center", va="center", color=ORANGE)
    axes.text(6.9, 1.92, "the same again, and again", fontsize=12, ha="center", va="center", color=ORANGE)
    arrow(axes, (3.7, 1.62), (5.7, 1.62), ORANGE, lw=1.4)
    arrow(axes, (5.9, 1.62), (7.9, 1.62), ORANGE, lw=1.4)
    axes.text(1.4, 0.25, "any digit", fontsize=11.5, ha="center", va="center", color=INK)
    axes.text(7.2, 0.25, "surer, and more and more alike", fontsize=11.5, ha="center", va="center", color=INK)
    return figure


FIGURES = (diffusion_chain, denoiser_training, step_back, guidance_line)
