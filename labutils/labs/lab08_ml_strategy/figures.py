"""Figures of lab 08."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, arrow, box, canvas

RED = "#b03a2e"


def orthogonal_knobs():
    """Two panels of knobs. On the left an old radio-like panel on which one knob, early stopping, sends arrows to two dials at once, training error
    and dev error. On the right four pairs in a row, one under the other, each knob with an arrow to exactly one dial: a bigger network or a better
    optimiser to the training error; more data or regularisation to the dev error; a bigger dev set to the test error; another metric or
    another dev set to success in use."""
    figure, axes = canvas(10.2, 4.1)
    axes.text(1.9, 3.8, "one knob, two dials", ha="center", fontsize=13, color=ORANGE)
    box(axes, 1.0, 2.1, 1.5, 0.8, "early\nstopping", ORANGE, size=12)
    for y, text in ((2.9, "training\nerror"), (1.3, "dev\nerror")):
        arrow(axes, (1.8, 2.1), (2.45, y), ORANGE)
        box(axes, 3.15, y, 1.3, 0.75, text, INK, size=12)
    axes.plot([4.3, 4.3], [0.3, 3.9], color=INK, lw=0.8, alpha=0.4)
    axes.text(7.3, 3.8, "a knob for each dial", ha="center", fontsize=13, color=BLUE)
    rows = (("bigger network, better optimiser", "training error"), ("more data, regularisation", "dev error"),
            ("bigger dev set", "test error"), ("other metric, other dev set", "success in use"))
    for i, (knob, dial) in enumerate(rows):
        y = 3.2 - 0.85 * i
        box(axes, 6.05, y, 2.9, 0.56, knob, BLUE, size=11)
        arrow(axes, (7.55, y), (8.1, y), BLUE)
        box(axes, 9.05, y, 1.75, 0.56, dial, INK, size=11)
    return figure


def ladder_of_errors():
    """A ladder of five rungs, from bottom to top: human error, as a stand-in for the Bayes error; training error; training-dev error; dev error; test error.
    Beside each step between two rungs stands its name and remedies: from human to training error avoidable bias, bigger model, train longer; from training to
    training-dev error variance, more data, regularisation; from training-dev to dev error data mismatch, training data more like those in
    use; from dev to test error overfitting to dev, a bigger dev set. Below human error: unavoidable."""
    figure, axes = canvas(9.6, 4.9)
    for x in (0.9, 3.3):
        axes.plot([x, x], [0.15, 4.75], color=INK, lw=3)
    rungs = ("human error", "training error", "training-dev error", "dev error", "test error")
    steps = (("avoidable bias", "bigger model, train longer, better optimiser", BLUE), ("variance", "more data, regularisation", GREEN),
             ("data mismatch", "training data more like those in use", ORANGE), ("overfitting to dev", "a bigger or new dev set", RED))
    for i, rung in enumerate(rungs):
        y = 0.75 + 0.9 * i
        axes.plot([0.9, 3.3], [y, y], color=INK, lw=2.4)
        axes.text(2.1, y + 0.1, rung, ha="center", va="bottom", fontsize=12, color=INK)
    for i, (name, cure, colour) in enumerate(steps):
        y = 0.75 + 0.9 * i
        arrow(axes, (3.65, y), (3.65, y + 0.9), colour, lw=2.2)
        axes.text(3.95, y + 0.56, name, fontsize=13, color=colour, va="center")
        axes.text(3.95, y + 0.26, cure, fontsize=11, color=INK, va="center")
    axes.text(3.95, 0.35, "unavoidable: near the Bayes error", fontsize=11, color=INK, va="center", style="italic")
    return figure


def one_step_or_two():
    """Two ways from a picture with a small digit somewhere in it to its name. Above, in one step: an arrow from the picture to a network, and on to the answer 7. Below,
    in two steps: the picture, then a finder that draws a frame round the digit, then the cut-out digit alone, then a reader, then the answer 7."""
    figure, axes = canvas(10.2, 3.9)
    from matplotlib.patches import Rectangle

    for y in (2.85, 0.95):
        axes.add_patch(Rectangle((0.3, y - 0.7), 1.4, 1.4, fc="#dfe6ee", ec=INK, lw=1.4))
        axes.text(1.25, y + 0.25, "7", fontsize=19, ha="center", va="center", color=INK)
    arrow(axes, (1.8, 2.85), (3.5, 2.85), ORANGE)
    box(axes, 5.35, 2.85, 3.6, 0.9, "one network for all of it", ORANGE, size=13)
    arrow(axes, (7.2, 2.85), (9.1, 2.85), ORANGE)
    arrow(axes, (1.8, 0.95), (2.3, 0.95), BLUE)
    box(axes, 3.1, 0.95, 1.5, 0.8, "find", BLUE)
    arrow(axes, (3.9, 0.95), (4.5, 0.95), BLUE)
    axes.add_patch(Rectangle((4.6, 0.55), 0.8, 0.8, fc="#dfe6ee", ec=BLUE, lw=1.8))
    axes.text(5.0, 0.95, "7", fontsize=24, ha="center", va="center", color=INK)
    arrow(axes, (5.5, 0.95), (6.1, 0.95), BLUE)
    box(axes, 6.9, 0.95, 1.5, 0.8, "read", BLUE)
    arrow(axes, (7.7, 0.95), (9.1, 0.95), BLUE)
    for y in (2.85, 0.95):
        axes.text(9.45, y, "“7”", fontsize=19, ha="center", va="center", color=INK)
    return figure


FIGURES = (orthogonal_knobs, ladder_of_errors, one_step_or_two)
