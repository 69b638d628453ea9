"""Figures of lab 06b."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, arrow, box, canvas, node


def music_model():
    """The music model, from left to right. The text "D 2 A" enters as numbers, ids of shape (m, T). An embedding looks up a row of 64 numbers for each. A GRU of
    256 units reads them in order; an arrow that leaves it and comes back to it is its state. A dense layer gives logits, one for each of the v characters at
    every step. Below, in orange, the sampling loop: softmax of the logits divided by the temperature, a draw, and the drawn character goes back to the input."""
    figure, axes = canvas(10.6, 3.9)
    for x, text, below in ((1.0, "text\n“D2A…”", "ids (m, T)"), (3.15, "Embedding", "(m, T, 64)"), (5.3, "GRU", "(m, T, 256)"), (7.45, "Dense", "(m, T, v)"),
                           (9.6, "logits", "one per character")):
        box(axes, x, 2.6, 1.5, 0.9, text, colour=GREEN if x > 9 or x < 2 else BLUE)
        axes.text(x, 1.93, below, ha="center", fontsize=10.5, color=INK)
    for x in (1.8, 3.95, 6.1, 8.25):
        arrow(axes, (x, 2.6), (x + 0.54, 2.6))
    arrow(axes, (5.75, 3.1), (4.85, 3.1), BLUE, connectionstyle="arc3,rad=0.9")
    axes.text(5.3, 3.66, "state", ha="center", fontsize=11, color=BLUE)
    arrow(axes, (9.6, 1.8), (9.6, 1.1), ORANGE)
    box(axes, 8.4, 0.7, 3.6, 0.7, r"softmax(logits / $T$), then a draw", colour=ORANGE, face="#fbf1e7", size=12)
    arrow(axes, (6.55, 0.7), (1.0, 0.7), ORANGE)
    arrow(axes, (1.0, 0.7), (1.0, 1.8), ORANGE)
    axes.text(3.7, 0.85, "the character drawn is read next", ha="center", fontsize=11, color=ORANGE)
    return figure


def sampling_unrolled():
    """The sampling loop unrolled over four steps. At each step a box, the net, reads one character from below: D, 2, A, F. Each box hands its state to the box on its
    right. Above each box stand bars, the probabilities of the next character, and the character drawn from them: 2, A, F, then G. An orange arrow leads from every
    drawn character down to the input of the next box."""
    figure, axes = canvas(9.6, 4.3)
    for i, (read, drawn) in enumerate((("D", "2"), ("2", "A"), ("A", "F"), ("F", "G"))):
        x = 1.2 + 2.35 * i
        node(axes, x, 0.6, read, colour=GREEN)
        arrow(axes, (x, 0.98), (x, 1.58), GREEN)
        box(axes, x, 2.0, 1.1, 0.75, "net")
        for k, h in enumerate((0.15, 0.5, 0.25, 0.1)):
            axes.bar(x - 0.33 + 0.22 * k, h, 0.16, bottom=2.55, color=ORANGE if k == 1 else "#b8c4d0")
        node(axes, x, 3.65, drawn, colour=ORANGE, face="#fbf1e7")
        if i < 3:
            arrow(axes, (x + 0.6, 2.0), (x + 1.75, 2.0), BLUE)
            axes.text(x + 1.17, 2.1, "state", ha="center", fontsize=10, color=BLUE)
            arrow(axes, (x + 0.33, 3.5), (x + 2.05, 0.82), ORANGE, connectionstyle="arc3,rad=-0.12", alpha=0.7)
    return figure


FIGURES = (music_model, sampling_unrolled)
