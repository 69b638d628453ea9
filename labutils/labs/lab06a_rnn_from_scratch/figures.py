"""Figures of lab 06a."""
from labutils.authoring.figures import BLUE, GREEN, INK, ORANGE, PALE, arrow, box, canvas, node


def sequence_tasks():
    """Four kinds of tasks with sequences, side by side; blue circles are inputs, pale boxes the recurrent cell at each step with arrows from one
    step to the next, green circles are outputs. One to many: one input at the first step, an output at each of four steps, as in captions
    or music. Many to one: inputs at all steps, one output at the last, as in telling a jig from a reel. Many to many, one for one: an
    input and an output at each step, as in predicting the next character. Many to many, after reading: inputs at the first two steps, outputs at
    the last two, as in translation."""
    figure, axes = canvas(11.4, 3.3)
    kinds = (("one to many", (0,), (0, 1, 2, 3)), ("many to one", (0, 1, 2, 3), (3,)), ("many to many", (0, 1, 2, 3), (0, 1, 2, 3)),
             ("many to many, after reading", (0, 1), (2, 3)))
    for k, (title, inputs, outputs) in enumerate(kinds):
        left = 0.55 + 2.85 * k
        axes.text(left + 0.93, 3.02, title, ha="center", fontsize=11.5, color=INK)
        for t in range(4):
            x = left + 0.62 * t
            box(axes, x, 1.6, 0.42, 0.5, "")
            if t:
                arrow(axes, (x - 0.4, 1.6), (x - 0.22, 1.6))
            if t in inputs:
                node(axes, x, 0.6, "", radius=0.19)
                arrow(axes, (x, 0.8), (x, 1.33), BLUE)
            if t in outputs:
                node(axes, x, 2.55, "", radius=0.19, colour=GREEN)
                arrow(axes, (x, 1.87), (x, 2.35), GREEN)
    for y, text in ((0.6, "inputs"), (1.6, "state"), (2.55, "outputs")):
        axes.text(0.02, y - 0.36 if text == "inputs" else y + 0.33, text, fontsize=9, color=INK, ha="left")
    return figure


def rnn_cell():
    """One cell of a recurrent net. From the left comes the state a of step t minus 1, from below the input x of step t. Both enter a box: Wax x plus Waa a
    plus ba. An arrow leads on into a box tanh, whose result, the state a of step t, goes two ways: to the right, to the next step, and up through a box
    softmax of Wya a plus by to the answer y of step t."""
    figure, axes = canvas(9.2, 3.7)
    node(axes, 0.7, 1.6, r"$a^{\langle t-1\rangle}$", radius=0.48, size=13)
    node(axes, 3.0, 0.5, r"$x^{\langle t\rangle}$", radius=0.4, size=13)
    box(axes, 3.0, 1.6, 2.5, 0.75, r"$W_{ax}x+W_{aa}a+b_a$", size=13)
    box(axes, 5.35, 1.6, 1.0, 0.75, "tanh")
    node(axes, 8.3, 1.6, r"$a^{\langle t\rangle}$", radius=0.48, size=13)
    box(axes, 6.55, 2.55, 2.6, 0.6, r"softmax$(W_{ya}a+b_y)$", colour=GREEN, size=12)
    axes.text(6.55, 3.42, r"$\hat y^{\langle t\rangle}$", fontsize=15, color=INK, ha="center", va="center")
    for start, end in (((1.2, 1.6), (1.72, 1.6)), ((4.28, 1.6), (4.82, 1.6)), ((5.88, 1.6), (7.8, 1.6))):
        arrow(axes, start, end)
    arrow(axes, (3.0, 0.92), (3.0, 1.2), BLUE)
    arrow(axes, (6.55, 1.6), (6.55, 2.22), GREEN)
    arrow(axes, (6.55, 2.88), (6.55, 3.2), GREEN)
    axes.text(8.3, 0.85, "to the next step", fontsize=10, ha="center", color=INK)
    return figure


def rnn_unrolled():
    """A recurrent net, folded and unrolled. Left: one box A with an input x from below, an output y above, and an arrow from the box round and back into itself. Right,
    behind an equals sign: three boxes A in a row, for steps 1, 2, 3, each with its own input and output, an arrow from each box to the next one
    carrying the state, and a0 entering the first. A note says: the same weights in every box."""
    figure, axes = canvas(10.2, 3.2)
    for x, label in ((1.2, "t"), (4.2, "1"), (6.2, "2"), (8.2, "3")):
        box(axes, x, 1.6, 0.9, 0.7, "$A$", size=15)
        node(axes, x, 0.45, rf"$x^{{\langle {label}\rangle}}$", radius=0.36, size=12)
        node(axes, x, 2.75, rf"$\hat y^{{\langle {label}\rangle}}$", radius=0.36, size=12, colour=GREEN)
        arrow(axes, (x, 0.82), (x, 1.22), BLUE)
        arrow(axes, (x, 1.98), (x, 2.37), GREEN)
    axes.plot([1.67, 2.0, 2.0, 0.4, 0.4], [1.6, 1.6, 2.16, 2.16, 1.6], color=ORANGE, lw=1.6)
    arrow(axes, (0.39, 1.6), (0.73, 1.6), ORANGE)
    axes.text(2.55, 1.6, "=", fontsize=24, ha="center", va="center", color=INK)
    for start, end, text in ((3.05, 3.73, "0"), (4.67, 5.73, "1"), (6.67, 7.73, "2")):
        arrow(axes, (start, 1.6), (end, 1.6), ORANGE)
        axes.text((start + end) / 2, 1.82, rf"$a^{{\langle {text}\rangle}}$", fontsize=12, color=ORANGE, ha="center")
    axes.text(9.5, 1.6, "same\nweights\nin every\nbox", fontsize=9.5, ha="center", va="center", color=INK)
    return figure


def backpropagation_through_time():
    """Backpropagation through time over four steps. In blue the way forward: the boxes of steps 1 to 4, an arrow from each to the next, and from each an arrow up to
    the loss of its step, L1 to L4. In orange the way back: from each loss down into its box, and from each box to the one before it. So what
    reaches step 1 from the loss of step 4 has passed three boxes, each of which multiplies it by Waa transposed and by the slope of the tanh."""
    figure, axes = canvas(9.8, 3.6)
    for t in range(4):
        x = 1.1 + 2.3 * t
        box(axes, x, 1.45, 1.0, 0.8, rf"$a^{{\langle {t + 1}\rangle}}$", size=14)
        box(axes, x, 3.0, 0.9, 0.55, rf"$L^{{\langle {t + 1}\rangle}}$", colour=GREEN, size=13)
        arrow(axes, (x - 0.16, 1.88), (x - 0.16, 2.69), BLUE)
        arrow(axes, (x + 0.16, 2.69), (x + 0.16, 1.88), ORANGE)
        if t < 3:
            arrow(axes, (x + 0.53, 1.62), (x + 1.75, 1.62), BLUE)
            arrow(axes, (x + 1.75, 1.28), (x + 0.53, 1.28), ORANGE)
            axes.text(x + 1.15, 0.9, r"$W_{aa}^{\top}\,(1-a^2)$", fontsize=11, color=ORANGE, ha="center")
    axes.text(1.1, 0.3, "forward", fontsize=11, color=BLUE, ha="center")
    axes.text(2.6, 0.3, "backward: a factor for every step", fontsize=11, color=ORANGE, ha="left")
    return figure


def lstm_cell():
    """An LSTM cell. Along the top, in orange, runs the memory c from left to right: it is multiplied by the forget gate f, then the product of the input gate i and
    the candidate c tilde is added to it. Below, the state a of the step before and the input x enter four small boxes side by side: sigma for f, sigma
    for i, tanh for the candidate, sigma for the output gate o. The memory also goes through a tanh, is multiplied by o, and is the new state a, which leaves on
    the right."""
    figure, axes = canvas(10.4, 4.4)
    axes.plot([0.4, 9.7], [3.6, 3.6], color=ORANGE, lw=2.4, zorder=0)
    arrow(axes, (9.6, 3.6), (10.1, 3.6), ORANGE)
    axes.text(0.25, 3.86, r"$c^{\langle t-1\rangle}$", fontsize=14, color=ORANGE)
    axes.text(9.55, 3.86, r"$c^{\langle t\rangle}$", fontsize=14, color=ORANGE)
    for x, text in ((2.2, r"$\sigma$"), (3.9, r"$\sigma$"), (5.2, "tanh"), (6.9, r"$\sigma$")):
        box(axes, x, 1.5, 0.85, 0.55, text)
        arrow(axes, (x, 0.72), (x, 1.2), BLUE)
    axes.plot([0.9, 6.9], [0.72, 0.72], color=BLUE, lw=1.8)
    axes.text(0.2, 0.62, r"$[a^{\langle t-1\rangle};\,x^{\langle t\rangle}]$", fontsize=13, color=BLUE, va="top")
    for x, y in ((2.2, 3.6), (4.55, 2.75), (8.2, 1.5)):
        node(axes, x, y, r"$\times$", radius=0.2, size=13)
    node(axes, 4.55, 3.6, "$+$", radius=0.2, size=13)
    for start, end, name, where in (((2.2, 1.8), (2.2, 3.38), "$f$", (2.38, 2.45)), ((3.9, 1.8), (4.42, 2.57), "$i$", (3.88, 2.2)),
                                    ((5.2, 1.8), (4.7, 2.57), r"$\tilde c$", (5.15, 2.2)), ((7.35, 1.5), (7.97, 1.5), "$o$", (7.6, 1.65))):
        arrow(axes, start, end)
        axes.text(*where, name, fontsize=14, color=INK)
    arrow(axes, (4.55, 2.97), (4.55, 3.38))
    box(axes, 8.2, 2.6, 0.85, 0.5, "tanh", size=12)
    arrow(axes, (8.2, 3.58), (8.2, 2.88), ORANGE)
    arrow(axes, (8.2, 2.33), (8.2, 1.72))
    arrow(axes, (8.42, 1.5), (10.1, 1.5), GREEN)
    axes.text(9.5, 1.68, r"$a^{\langle t\rangle}$", fontsize=14, color=GREEN)
    for x, text in ((2.2, "forget?"), (3.9, "write?"), (5.2, "what?"), (6.9, "show?")):
        axes.text(x, 0.4, text, fontsize=10.5, ha="center", color=INK)
    return figure


def gru_cell():
    """A GRU cell. The state a runs along the top from left to right. It is multiplied by 1 minus z, and z times the candidate is added: the new state. z, the update gate, and
    r, the reset gate, are sigmoids of the stacked state and input; the candidate is a tanh of the input and of r times the old state."""
    figure, axes = canvas(9.6, 4.0)
    axes.plot([0.4, 8.9], [3.3, 3.3], color=ORANGE, lw=2.4, zorder=0)
    arrow(axes, (8.8, 3.3), (9.3, 3.3), ORANGE)
    axes.text(0.25, 3.52, r"$a^{\langle t-1\rangle}$", fontsize=14, color=ORANGE)
    axes.text(8.8, 3.52, r"$a^{\langle t\rangle}$", fontsize=14, color=ORANGE)
    for x, text in ((2.0, r"$\sigma$"), (4.6, r"$\sigma$"), (6.9, "tanh")):
        box(axes, x, 1.35, 0.85, 0.55, text)
        arrow(axes, (x, 0.62), (x, 1.05), BLUE)
    axes.plot([0.9, 6.9], [0.62, 0.62], color=BLUE, lw=1.8)
    axes.text(0.2, 0.5, r"$[a^{\langle t-1\rangle};\,x^{\langle t\rangle}]$", fontsize=13, color=BLUE, va="top")
    axes.text(2.2, 1.85, "$r$", fontsize=14, color=INK)
    axes.annotate("", (6.5, 1.5), (2.0, 1.65), arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6, "connectionstyle": "arc3,rad=-0.42"})
    axes.text(3.6, 2.55, r"$r\cdot a^{\langle t-1\rangle}$", fontsize=12, color=INK)
    node(axes, 5.4, 3.3, r"$\times$", radius=0.2, size=13)
    node(axes, 7.4, 3.3, "$+$", radius=0.2, size=13)
    node(axes, 7.4, 2.3, r"$\times$", radius=0.2, size=13)
    axes.annotate("", (5.35, 3.08), (4.75, 1.65), arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6})
    axes.text(5.2, 2.3, "$1-z$", fontsize=12, color=INK)
    axes.annotate("", (7.2, 2.25), (5.0, 1.6), arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6})
    axes.text(6.2, 2.12, "$z$", fontsize=13, color=INK)
    arrow(axes, (7.05, 1.65), (7.35, 2.08))
    axes.text(7.42, 1.75, "candidate", fontsize=11, color=INK)
    arrow(axes, (7.4, 2.52), (7.4, 3.08))
    return figure


def embedding_table():
    """From a symbol to a vector, in two ways that give the same. Above: the letter e as a one-hot column, zeros with a single 1, is multiplied with the transposed
    table and gives the row of e as a column. Below: the id of e picks its row of the table directly. The table has one row for each symbol, d numbers long."""
    figure, axes = canvas(9.4, 3.9)
    symbols = ("a", "b", "c", "d", "e", "f")
    from matplotlib.patches import Rectangle

    for i, s in enumerate(symbols):
        y = 3.2 - 0.5 * i
        here = s == "e"
        axes.text(3.55, y, s, fontsize=13, ha="center", va="center", color=ORANGE if here else INK)
        for j in range(4):
            axes.add_patch(Rectangle((3.85 + 0.5 * j, y - 0.22), 0.46, 0.44, fc="#f6d9bd" if here else PALE, ec=ORANGE if here else BLUE, lw=1.3))
        axes.add_patch(Rectangle((1.2, y - 0.22), 0.46, 0.44, fc="#f6d9bd" if here else PALE, ec=ORANGE if here else BLUE, lw=1.3))
        axes.text(1.43, y, "1" if here else "0", fontsize=12, ha="center", va="center", color=INK)
    axes.text(1.43, 3.65, 'one-hot "e"', fontsize=11, ha="center", color=INK)
    axes.text(4.85, 3.65, r"table $E$ (vocab, $d$)", fontsize=11, ha="center", color=INK)
    axes.text(2.4, 1.9, r"$E^{\top}\cdot$" + "\none-hot", fontsize=12, ha="center", va="center", color=INK)
    axes.text(2.4, 1.2, "id 4", fontsize=12, ha="center", va="center", color=ORANGE)
    arrow(axes, (1.75, 1.2), (2.05, 1.2), ORANGE)
    arrow(axes, (2.75, 1.2), (3.35, 1.2), ORANGE)
    arrow(axes, (6.0, 1.2), (7.3, 1.2), ORANGE)
    for j in range(4):
        axes.add_patch(Rectangle((7.6, 2.6 - 0.5 * j), 0.5, 0.44, fc="#f6d9bd", ec=ORANGE, lw=1.3))
    axes.text(7.85, 3.35, 'vector of "e" ($d$, 1)', fontsize=11, ha="center", color=INK)
    return figure


FIGURES = (sequence_tasks, rnn_cell, rnn_unrolled, backpropagation_through_time, lstm_cell, gru_cell, embedding_table)
