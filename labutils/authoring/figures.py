"""The course's figures, drawn by code into img/, each with its description in words beside it.

A lab's figures are the functions that its `figures.py` lists in FIGURES: each returns a matplotlib Figure, and its docstring is its
description. Here is what they share: colours and shapes, and the drawing of them all (`python -m labutils.authoring.figures`).
"""
import importlib
import sys
from pathlib import Path

import matplotlib

from labutils.course import LABS, list_labs

INK, BLUE, ORANGE, GREEN, PALE = "#22303c", "#3465a4", "#c4691c", "#2e8b57", "#eef3f9"

IN_THE_NOTES = {  # our figure: those of the lecture notes whose place it takes
    "rnn_unrolled": "rnn1, rnn2", "rnn_cell": "rnn3", "backpropagation_through_time": "rnn4", "lstm_cell": "rnn5", "attention_lookup": "rnn6, rnn7",
    "attention_matrices": "rnn8", "multi_head_attention": "rnn9", "transformer_block_figure": "rnn9", "music_model": "rnn10", "conv_patch": "cnn1",
    "conv_feature_map": "cnn2", "learned_filters": "cnn3", "conv_depth": "cnn4", "cnn_pipeline": "cnn5", "softmax_layer": "cnn6", "conv_padding_stride": "cnn_notions",
    "fast_rcnn": "cnn7", "encoder_decoder": "cnn8, cnn9", "inception_module": "inception1", "inception_bottleneck": "inception2", "autoencoder": "gm1",
    "variational_autoencoder": "gm2, gm4, gm5", "two_loss_terms": "gm3", "what_the_kl_pulls_towards": "gm6, gm7", "reparameterisation": "gm8, vae2, vae3",
    "latent_walk": "gm9", "disentangled_axes": "gm10", "debiasing_by_density": "gm11", "gan_game": "gans1, gans2", "two_losses": "gans3"}


def canvas(width, height):
    """An empty figure of this size in inches, and axes in which a unit is an inch, (0, 0) at the lower left."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes([0, 0, 1, 1])
    axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    axes.axis("off")
    return figure, axes


def arrow(axes, start, end, colour=INK, **options):
    """An arrow from one point to another; options go to matplotlib's arrowprops."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0, **options})


def box(axes, x, y, w, h, text, colour=BLUE, face=PALE, size=13):
    """A rounded box with a text, its centre at (x, y)."""
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0.02,rounding_size=0.1", fc=face, ec=colour, lw=1.6))
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=INK)


def node(axes, x, y, text, radius=0.36, colour=BLUE, face=PALE, size=14):
    """A circle with a text."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), radius, fc=face, ec=colour, lw=1.6))
    axes.text(x, y, text, ha="center", va="center", fontsize=size, color=INK)


def all_figures():
    """(lab, figure) for every figure of the course, in the order of the labs, the map of them before."""
    from .book import the_map

    found = [("contents", the_map())]
    for lab in list_labs():
        if (LABS / f"lab{lab}" / "figures.py").exists():
            found += [(lab, figure) for figure in importlib.import_module(f"labutils.labs.lab{lab}.figures").FIGURES]
    return found


def description(figure):
    """A figure's description on one line."""
    return " ".join(figure.__doc__.split()) + "\n"


def other(file, text):
    """Whether a file is missing, or holds another text."""
    return not file.exists() or file.read_text(encoding="utf-8") != text


def draw(figure, folder):
    """Draw one figure and write its description beside it."""
    folder.mkdir(exist_ok=True)
    with matplotlib.rc_context({"mathtext.fontset": "cm", "font.family": "DejaVu Sans", "figure.constrained_layout.use": False}):
        figure().savefig(folder / f"{figure.__name__}.png", dpi=110, metadata={"Software": None})
    (folder / f"{figure.__name__}.txt").write_text(description(figure), encoding="utf-8")


def listing():
    """img/README.md: which lab uses which figure."""
    rows = "".join(f"| `{figure.__name__}.png` | {lab.split('_')[0]} | {IN_THE_NOTES.get(figure.__name__, '')} |\n" for lab, figure in all_figures())
    return f"""# Figures

Each is drawn by code in its lab's `figures.py` (`python -m labutils.authoring.figures` draws all anew and writes this list); its description
in words stands beside it and is its alternative text in the notebooks.

| figure | lab | in the place of, in the lecture notes |
|---|---|---|
{rows}| `report.png` | README: a grader's report, a screenshot of a notebook | |
"""


def draw_missing(folder):
    """Draw the figures that are not there yet or whose description has changed, and bring the list up to date; yields a line about each."""
    for _, figure in all_figures():
        picture = folder / f"{figure.__name__}.png"
        if not picture.exists() or other(picture.with_suffix(".txt"), description(figure)):
            draw(figure, folder)
            yield f"drew img/{picture.name}"
    if other(folder / "README.md", listing()):
        (folder / "README.md").write_text(listing(), encoding="utf-8")
        yield "wrote img/README.md"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "img"
    for _, one in all_figures():
        draw(one, target)
    print(*draw_missing(target), sep="\n")
