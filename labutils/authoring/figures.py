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
    from .book import course_map

    found = [("contents", course_map)]
    for lab in list_labs():
        if (LABS / f"lab{lab}" / "figures.py").exists():
            found += [(lab, figure) for figure in importlib.import_module(f"labutils.labs.lab{lab}.figures").FIGURES]
    return found


def description(figure):
    """A figure's description on one line."""
    return " ".join(figure.__doc__.split()) + "\n"


def draw(figure, folder):
    """Draw one figure and write its description beside it."""
    folder.mkdir(exist_ok=True)
    with matplotlib.rc_context({"mathtext.fontset": "cm", "font.family": "DejaVu Sans", "figure.constrained_layout.use": False}):
        figure().savefig(folder / f"{figure.__name__}.png", dpi=110, metadata={"Software": None})
    (folder / f"{figure.__name__}.txt").write_text(description(figure), encoding="utf-8")


def listing():
    """img/README.md: which lab uses which figure."""
    rows = "".join(f"| `{figure.__name__}.png` | {lab.split('_')[0]} |\n" for lab, figure in all_figures())
    return f"""# Figures

Each is drawn by code in its lab's `figures.py` (`python -m labutils.authoring.figures` draws all anew and writes this list); its description
in words stands beside it and is its alternative text in the notebooks.

| figure | lab |
|---|---|
{rows}| `report.png` | README: a grader's report, a screenshot of a notebook |
"""


def draw_missing(folder):
    """Draw the figures that are not there yet or whose description has changed, and bring the list up to date; yields a line about each."""
    for _, figure in all_figures():
        picture, words = (folder / f"{figure.__name__}.{kind}" for kind in ("png", "txt"))
        if not picture.exists() or not words.exists() or words.read_text(encoding="utf-8") != description(figure):
            draw(figure, folder)
            yield f"drew img/{picture.name}"
    page = folder / "README.md"
    if not page.exists() or page.read_text(encoding="utf-8") != listing():
        page.write_text(listing(), encoding="utf-8")
        yield "wrote img/README.md"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "img"
    for _, one in all_figures():
        draw(one, target)
    print(*draw_missing(target), sep="\n")
