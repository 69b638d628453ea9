"""The course as one book: its map, and notebooks/README.md with the contents, the index of exercises and the glossary, all gathered from the labs."""
import functools
import re
import textwrap

from labutils import course
from labutils.course import LABS, list_labs

from . import figures

STARS = "○○○", "●○○", "●●○", "●●●"


@functools.cache
def prose(name):
    """The text of a lab's markdown cells, one after the other."""
    import jupytext

    cells = jupytext.reads((LABS / f"lab{name}" / "notebook.py").read_text(encoding="utf-8"), fmt="py:percent").cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def number(name):
    """06b of 06b_rnn_music_generation."""
    return name.split("_")[0]


def title(name):
    """The short title of a lab, without what stands behind the colon."""
    return course.about(name).TITLE.split(":")[0]


def needs(name):
    """Numbers of the labs that a lab builds on: those named where its opening says what you need."""
    said = re.search(r"You need .*?\.(?=\s)", prose(name)[0], re.DOTALL)
    labs = set(map(number, list_labs()))
    return [n for n in re.findall(r"\b\d\d[a-d]?\b", said[0].split(" exercises")[0]) if n in labs] if said else []


def terms(name):
    """(English, 中文) of each of a lab's key terms."""
    text = next(text for text in prose(name) if "## Key terms" in text).split("## Key terms")[1].split("\n## ")[0]
    found = []
    for english, chinese in re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)[1:]:
        both = [re.split(r" *[,;、，；] *(?![^(]*\))", part) for part in (english, chinese)]
        found += zip(*both) if len(both[0]) == len(both[1]) else [(english, chinese)]
    return found


def link(name, text=None):
    """A link from notebooks/ to a lab."""
    return f"[{text or number(name)}]({name}.ipynb)"


# --- the map ---------------------------------------------------------------------------------------------------------

def edges():
    """(from, to) of the labs' numbers, without the ways round: if 03 needs 02 and 02 needs 01, no arrow leads from 01 to 03."""
    before, found = {}, []
    for name in list_labs():
        direct = needs(name)
        before[number(name)] = set(direct).union(*(before[n] for n in direct))
        found += [(n, number(name)) for n in direct if not any(n in before[other] for other in direct)]
    return found


@functools.cache
def the_map():
    """The map as a figure of the course, its description gathered like the map itself."""
    course_map.__doc__ = "The way through the course, from left to right. " + " ".join(
        f"Lab {number(name)}, {title(name)}{', builds on ' + ', '.join(n) if (n := needs(name)) else ', is the start'}." for name in list_labs())
    return course_map


def course_map():
    from matplotlib.patches import FancyArrowPatch

    titles = {number(name): title(name) for name in list_labs()}
    arrows, column, place = edges(), {}, {}
    for lab in titles:  # a lab stands one column to the right of the last that it needs
        column[lab] = max((column[a] + 1 for a, b in arrows if b == lab), default=0)
    for x in range(max(column.values()) + 1):  # and beside those that it needs
        here = [n for n in titles if column[n] == x]
        height = {n: sum(place[a][1] for a, b in arrows if b == n) / max(1, sum(b == n for _, b in arrows)) for n in here}
        for k, lab in enumerate(sorted(here, key=lambda n: -height[n])):
            place[lab] = 1 + 1.62 * x, 2.4 - 1.06 * (k - (len(here) - 1) / 2)
    figure, axes = figures.canvas(2 + 1.62 * max(column.values()), 4.8)
    for a, b in arrows:
        axes.add_patch(FancyArrowPatch((place[a][0] + 0.64, place[a][1]), (place[b][0] - 0.64, place[b][1]), arrowstyle="-|>", mutation_scale=15, lw=1.5,
                                       color=figures.INK, shrinkA=0, shrinkB=0, zorder=0))  # behind the boxes that it passes
    for lab, (x, y) in place.items():
        figures.box(axes, x, y, 1.24, 0.78, "")
        axes.text(x, y + 0.2, lab, ha="center", va="center", fontsize=13, weight="bold", color=figures.BLUE)
        axes.text(x, y - 0.13, textwrap.fill(titles[lab], 16), ha="center", va="center", fontsize=8.5, color=figures.INK, linespacing=1.1)
    return figure


# --- the page --------------------------------------------------------------------------------------------------------

def page():
    """notebooks/README.md."""
    return f"""# Contents

This page is gathered from the labs by `python -m labutils build`. How to start is in the [README](../README.md).

![{the_map().__doc__}](../img/course_map.png)

An arrow leads from a lab to one that builds on it. The order of the table is a good one to take; lab 08 can come any time after 04a.

| lab | builds on | exercises | minutes |
|---|---|---|---|
{_contents()}
The [solved notebooks](solutions) are executed, with all their pictures.

## Exercises

Difficulty goes from ●○○ to ●●●.

| exercise | what it is | difficulty | lab |
|---|---|---|---|
{_index()}
## Glossary

Each term with the lab that explains it.

| English | 中文 | lab |
|---|---|---|
{_glossary()}"""


def _contents():
    full = {number(name): name for name in list_labs()}
    return "".join(f"| {link(name, number(name) + ' ' + course.about(name).TITLE)} | {', '.join(link(full[n]) for n in needs(name))} "
                   f"| {len(course.exercise_names(name))} | {course.about(name).MINUTES} |\n" for name in list_labs())


def _index():
    rows = []
    for name in list_labs():
        for e in course.Lab(name, quiet=True).graders.EXERCISES:
            rows.append((e.name.lower(), f"| `{e.name}` | {e.title} | {STARS[e.difficulty]} | {link(name)} |\n"))
    return "".join(row for _, row in sorted(rows))


def _glossary():
    first = {term: name for name in reversed(list_labs()) for term in terms(name)}  # the first lab that has a term is written last
    return "".join(f"| {english} | {chinese} | {link(name)} |\n" for (english, chinese), name in sorted(first.items(), key=lambda item: (item[0][0].lower(), item[1])))
