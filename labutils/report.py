"""What a grade comes to, and how it looks: HTML in a notebook, plain text elsewhere, JSON for programs."""
import html
import re
import sys
from dataclasses import dataclass, field
from typing import NamedTuple

SIGNS = {"passed": "✓", "failed": "✗", "not attempted": "○", "error": "✗", "timeout": "✗"}
COLOURS = {"✓": "#2e9d5b", "✗": "#d2694a", "○": "#8a8f98", "": "#4a7fc1"}


class Check(NamedTuple):
    """One thing that was looked at: an output, the arguments left alone, the same answer twice."""
    name: str
    passed: bool
    message: str = ""


@dataclass
class Report:
    """The result of grading one exercise.

    Attributes
    ----------
    exercise : str
    status : str
        "passed", "failed", "not attempted", "error" or "timeout".
    verdict : str
        The first sentence.
    paragraphs : list of str
        What follows it; `code` stands in backquotes.
    inputs : str
        The smallest failing case, as lines to paste.
    mistake : str or None
        Short name of the recognised cause.
    checks : list of Check
    remarks : list of str
        Said after a pass, of right code.
    ending : list of str
        Who goes on from here, and how far the learner is; set by `Lab.check`.
    """
    exercise: str
    status: str
    verdict: str
    paragraphs: list = field(default_factory=list)
    inputs: str = ""
    mistake: str | None = None
    checks: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    ending: list = field(default_factory=list)

    @property
    def passed(self):
        return self.status == "passed"

    @property
    def score(self):
        """1.0 or 0.0, a plain float."""
        return 1.0 if self.passed else 0.0

    @property
    def message(self):
        """Everything said about the answer, as plain text."""
        return "\n".join([self.verdict, *self.paragraphs])

    def to_dict(self):
        """Plain data, as JSON takes it."""
        return {"exercise": self.exercise, "status": self.status, "passed": self.passed, "score": self.score,
                "mistake": self.mistake, "message": self.message, "checks": [c._asdict() for c in self.checks],
                "remarks": list(self.remarks)}

    def _note(self):
        remarks = [f"(Remark: {r})" for r in self.remarks]
        return Note(f"**{self.exercise}**" + ("" if self.verdict.startswith(("is ", "stopped ")) else ":")
                    + f" {self.verdict}", [*self.paragraphs, *remarks], sign=SIGNS[self.status], folded=self.inputs,
                    label="the inputs of this case, to paste into a cell", ending=self.ending)

    def __str__(self):
        return str(self._note())

    __repr__ = __str__

    def _repr_html_(self):
        return self._note()._repr_html_()


@dataclass
class Note:
    """A few sentences for the learner, in the one form that all of the course's messages have."""
    head: str
    paragraphs: list = field(default_factory=list)
    sign: str = ""
    folded: str = ""
    label: str = ""
    ending: list = field(default_factory=list)
    code: str = ""

    def __str__(self):
        lines = [f"{self.sign} {self.head}".strip(), *self.paragraphs]
        if self.code:
            lines += [self.code]
        if self.folded:
            lines += [f"{self.label.capitalize()}:", *("    " + line for line in self.folded.splitlines())]
        return re.sub(r"\*\*(.+?)\*\*", r"\1", "\n".join(lines + self.ending))

    __repr__ = __str__

    def _repr_html_(self):
        colour = COLOURS[self.sign]
        parts = [f'<div style="border-left:4px solid {colour};padding:.3em 0 .3em .9em;margin:.2em 0;'
                 'line-height:1.5;font-family:system-ui,sans-serif;font-size:14px">']
        mark = f'<span style="color:{colour};font-weight:bold">{self.sign}</span> ' if self.sign else ""
        parts += [f"<div>{mark}{markup(self.head)}</div>"]
        parts += [f'<div style="margin-top:.35em">{markup(p)}</div>' for p in self.paragraphs]
        pre = '<pre style="margin:.4em 0;padding:.5em .7em;background:rgba(128,128,128,.13);overflow-x:auto;font-size:13px">'
        if self.code:
            parts += [f"{pre}{html.escape(self.code)}</pre>"]
        if self.folded:
            parts += [f'<details style="margin-top:.35em"><summary style="cursor:pointer;opacity:.8">{self.label}</summary>'
                      f"{pre}{html.escape(self.folded)}</pre></details>"]
        parts += [f'<div style="margin-top:.35em;opacity:.75;font-size:13px">{markup(e)}</div>' for e in self.ending]
        return "".join([*parts, "</div>"])


def markup(text):
    """HTML of a sentence with `code`, **bold** and *stressed* words in it."""
    parts = re.split(r"(`[^`]+`)", text)
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = ('<code style="background:rgba(128,128,128,.15);padding:0 .25em;border-radius:3px">'
                        f"{html.escape(part[1:-1])}</code>")
        else:
            part = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(part, quote=False))
            parts[i] = re.sub(r"(?<![\w*])\*(\w[^*]*?)\*(?![\w*])", r"<i>\1</i>", part).replace("\n", "<br>")
    return "".join(parts)


def in_notebook():
    """Whether the code runs in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    return bool(ipython and getattr(ipython.get_ipython(), "kernel", None))


def show(thing):
    """Show a report or note: as HTML where a notebook is, else as text."""
    if in_notebook():
        from IPython.display import display

        display(thing)
    else:
        print(thing)
