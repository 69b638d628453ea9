"""Lab folders to notebooks: the student's, without solutions or outputs, and the solved and executed one.

jupytext reads the source, nbgrader clears solutions and writes its metadata, nbclient executes.
"""
import ast
import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from labutils import LabError, course
from labutils.course import LABS
from labutils.exercise import BEGIN, END, texts

from . import book, figures

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS, IMG = ROOT / "notebooks", ROOT / "img"
CONTENTS = NOTEBOOKS / "README.md"
LONGEST_CELL, LONGEST_LINE = 30, 120


class BuildError(LabError):
    """What is wrong with a lab's source: one line each, with file and line."""

    def __init__(self, problems):
        super().__init__("\n".join(problems))


def repository():
    """Address of the repository, from pyproject.toml, or "" where none is given."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "")


def source_hash(name, made):
    """Hash of what a lab's solved notebook runs: its cells of code, the exercises, their graders. Prose can change without a run."""
    digest = hashlib.sha256()
    for file in sorted((LABS / f"lab{name}").glob("*.py")):
        if file.name not in ("notebook.py", "figures.py"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n"))
    for cell in made.cells:
        if cell.cell_type == "code":
            digest.update(b"\0" + cell.source.encode())
    return digest.hexdigest()[:16]


# --- the source and its faults ---------------------------------------------------------------------------------------

class Source:
    """A lab's folder, read and checked."""

    def __init__(self, name):
        import jupytext

        self.name, self.folder = name, LABS / f"lab{name}"
        self.problems = []
        self.text = (self.folder / "notebook.py").read_text(encoding="utf-8")
        self.cells = jupytext.reads(self.text, fmt="py:percent").cells
        self.texts = texts(self.folder / "exercises.py")
        self._check_exercises()
        if self.problems:
            raise BuildError(self.problems)
        self.lab = course.Lab(name, quiet=True)
        self._check_graders()
        self._check_cells()
        if self.problems:
            raise BuildError(self.problems)

    def fault(self, file, needle, message, start=0):
        """Note a problem at the line of a file where a text stands."""
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        line = next((i + 1 for i, text in enumerate(lines) if i >= start and needle in text), 1)
        path = (self.folder / file).relative_to(ROOT) if ROOT in self.folder.parents else self.folder / file
        self.problems.append(f"{path}:{line}: {message}")

    def _check_exercises(self):
        for name, text in self.texts.items():
            marks = [line.strip() for line in text.splitlines() if line.strip() in (BEGIN, END)]
            if marks.count(BEGIN) != marks.count(END) or marks != [BEGIN, END] * (len(marks) // 2):
                self.fault("exercises.py", f"def {name}" if f"def {name}" in text else f"class {name}",
                           f"{name}: solution markers do not pair ({BEGIN} … {END})")
            elif marks:
                if "# TODO" not in text:
                    self.fault("exercises.py", name, f"{name}: no TODO comment says what to do")
                tail = text.splitlines()[-1].strip()
                if tail != END and text.startswith("def"):
                    self.fault("exercises.py", name, f"{name}: code after the solution would stand below the stub's raise")
        for i, line in enumerate((self.folder / "exercises.py").read_text(encoding="utf-8").splitlines()):
            near = line.strip().lower()
            if near.startswith("#") and "solution" in near and near.split()[-2:] in (["begin", "solution"], ["end", "solution"]) \
                    and line.strip() not in (BEGIN, END):
                self.fault("exercises.py", line, f"malformed marker {line.strip()!r}", i)

    def _check_graders(self):
        names = list(self.lab.exercises)
        graded = [e.name for e in self.lab.graders.EXERCISES]
        for name in names:
            if name not in graded:
                self.fault("exercises.py", f"def {name}", f"{name}: no entry in graders.py")
        if [n for n in graded if n in names] != [n for n in names if n in graded] or set(graded) - set(names):
            self.fault("graders.py", "EXERCISES", "EXERCISES does not list the exercises of exercises.py in their order")
        for e in self.lab.graders.EXERCISES:
            where = f"ex.{e.name},"
            if len(e.hints) != 3 or not all(h.strip() for h in e.hints):
                self.fault("graders.py", where, f"{e.name}: three hints are wanted: concept, formula with shapes, code in outline")
            if not e.mistakes:
                self.fault("graders.py", where, f"{e.name}: no named mistake")
            if len(e.right) < 3:
                self.fault("graders.py", where, f"{e.name}: fewer than three right versions")
            for mistake in e.mistakes:
                for old, _ in mistake.edits():
                    if e.source.count(old) != 1:
                        self.fault("graders.py", mistake.name, f"{e.name}, mistake {mistake.name!r}: {old!r} stands "
                                   f"{e.source.count(old)} times in the reference, not once")

    def _check_cells(self):
        placed = [c.metadata["exercise"] for c in self.cells if "exercise" in c.metadata]
        for name in placed:
            if placed.count(name) > 1 or name not in self.lab.exercises:
                self.fault("notebook.py", f'exercise="{name}"', f"{name}: " + ("placed twice" if placed.count(name) > 1 else "no such exercise"))
        for name in self.lab.exercises:
            if name not in placed:
                self.fault("notebook.py", "# %%", f"{name}: the exercise stands nowhere in the notebook")
        quizzes = {q.name for q in self.lab.graders.QUIZZES}
        for cell in self.cells:
            first = next((line for line in cell.source.splitlines() if line.strip()), "")
            if cell.cell_type == "markdown":
                for file in re.findall(r"!\[[^\]]*\]\(img/([\w.-]+)\)", cell.source):
                    if not (IMG / file).exists():
                        self.fault("notebook.py", file, f"img/{file} does not exist: python -m labutils build draws the figures")
                    elif not (IMG / file).with_suffix(".txt").exists() or not (IMG / file).with_suffix(".txt").read_text(encoding="utf-8").strip():
                        self.fault("notebook.py", file, f"figure without a text description: write img/{Path(file).stem}.txt")
                if re.search(r"!\[[^\]]*\]\((?!img/)", cell.source):
                    self.fault("notebook.py", first, "a picture that is not in img/")
                continue
            if len(cell.source.splitlines()) > LONGEST_CELL:
                self.fault("notebook.py", first, f"a code cell of {len(cell.source.splitlines())} lines; {LONGEST_CELL} are the most")
            for line in cell.source.splitlines():
                if len(line) > LONGEST_LINE:
                    self.fault("notebook.py", line, f"a line of {len(line)} characters in a code cell; {LONGEST_LINE} are the most")
            try:
                tree = ast.parse(cell.source)
            except SyntaxError as error:
                self.fault("notebook.py", first, f"a code cell that does not compile: {error.msg}")
                continue
            if draws(tree) and not described(tree):
                self.fault("notebook.py", first, 'a plot without a text description: end the cell with plots.show("…")')
            for quiz in re.findall(r'lab\.quiz\("(\w+)"', cell.source):
                if quiz not in quizzes:
                    self.fault("notebook.py", quiz, f"no question {quiz} in graders.py")


def draws(tree):
    """Whether code draws: it calls something of plt, plots or a figure's axes outside a function that is only defined."""
    return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and isinstance(n.func.value, ast.Name)
               and (n.func.value.id == "plt" or n.func.value.id == "plots" and n.func.attr != "show")
               for step in tree.body if not isinstance(step, ast.FunctionDef) for n in ast.walk(step))


def described(tree):
    """Whether code shows what it draws with plots.show and a description that is not empty."""
    shown = [step.value for step in tree.body if isinstance(step, ast.Expr) and isinstance(step.value, ast.Call)
             and ast.unparse(step.value.func) == "plots.show"]
    return bool(shown) and all(c.args and not (isinstance(c.args[0], ast.Constant) and not str(c.args[0].value).strip()) for c in shown)


# --- cells -----------------------------------------------------------------------------------------------------------

SETUP = '''try:
    from labutils import open_lab
except ModuleNotFoundError:  # in Colab: a wheel of labutils beside this notebook or in Drive
    from pathlib import Path
    places = [*Path().glob("labutils-*.whl"), *Path("/content/drive/MyDrive").glob("**/labutils-*.whl"){address}]
    if not places:
        raise SystemExit("labutils is not installed: start Jupyter from the course's environment (README), "
                         "or put its wheel beside this notebook.") from None
    get_ipython().run_line_magic("pip", f"install -q {{places[0]}}")
    from labutils import open_lab
lab = open_lab("{name}")'''


def _grading(kind, grade_id):
    return {"grade": kind == "check", "solution": kind == "exercise", "locked": kind == "check", "task": False,
            "grade_id": grade_id, "schema_version": 3, **({"points": 1} if kind == "check" else {})}


def notebook(source, solved):
    """A lab's notebook without outputs.

    Parameters
    ----------
    source : Source
    solved : bool
        With the solutions and the answers to the questions.

    Returns
    -------
    nbformat.NotebookNode
    """
    import nbformat
    from nbgrader.preprocessors import ClearSolutions, ComputeChecksums, LockCells

    cells, seen = [], set()

    def add(kind, text, cell_id=None, **metadata):
        key = cell_id or f"{'text' if kind == 'markdown' else 'code'}-{hashlib.sha1(text.encode()).hexdigest()[:8]}"
        while key in seen:
            key += "x"
        seen.add(key)
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        cells.append(make(text, id=key, metadata=metadata))

    answers = {q.name: q.answer for q in source.lab.graders.QUIZZES}
    number = 0
    for i, cell in enumerate(source.cells):
        text = cell.source
        if cell.cell_type == "markdown":
            text = _embed(text)
            if "exercise" in cell.metadata:
                number += 1
                exercise = source.lab.exercise(cell.metadata["exercise"])
                heading = _heading(number, exercise)
                text = text.replace("\n###\n", f"\n{heading}", 1) if "\n###\n" in text else heading + text
                add("markdown", text, f"text-{exercise.name}")
                add("code", exercise.text, f"exercise-{exercise.name}", nbgrader=_grading("exercise", exercise.name))
                add("code", f"{exercise.name} = lab.check({exercise.name})", f"check-{exercise.name}",
                    nbgrader=_grading("check", f"check-{exercise.name}"), tags=["nbval-check-output"])
                continue
            add("markdown", text)
        else:
            if solved:
                text = re.sub(r'lab\.quiz\("(\w+)"\)', lambda m: f'lab.quiz("{m[1]}", "{answers[m[1]]}")', text)
            ident = f"code-{hashlib.sha1(cell.source.encode()).hexdigest()[:8]}"
            metadata = {"nbgrader": _grading("exercise", "challenge")} if BEGIN in text else {}
            add("code", text, ident, **metadata)
        if i == 0:
            address = f', "git+{repository()}"' if repository() else ""
            if repository():
                cells[0].source += _badge(source.name)
            add("code", SETUP.format(name=source.name, address=address), "setup")
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"},
                "labutils": {"lab": source.name}}
    made = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    made.nbformat_minor = 5
    if not solved:
        resources = {"unique_key": source.name}
        clear = ClearSolutions(code_stub={"python": "raise NotImplementedError"})
        for step in (clear, LockCells(), ComputeChecksums()):
            made, resources = step.preprocess(made, resources)
        _no_solutions(source, made)
    return made


def _heading(number, exercise):
    return (f"### Exercise {number} · {exercise.title}\ndifficulty {book.STARS[exercise.difficulty]} · importance {book.STARS[exercise.importance]} · "
            f"about {exercise.minutes} minutes\n\n")


def _badge(name):
    place = repository().removesuffix(".git").removeprefix("https://github.com/")
    return (f"\n\n[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
            f"(https://colab.research.google.com/github/{place}/blob/main/notebooks/{name}.ipynb)")


def _embed(text):
    """Figures as data URIs with their descriptions: relative paths do not survive Colab."""
    def data(match):
        file = IMG / match[1]
        described = " ".join(file.with_suffix(".txt").read_text(encoding="utf-8").split())
        return f"![{described}](data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()})"
    return re.sub(r"!\[[^\]]*\]\(img/([\w.-]+)\)", data, text)


def _no_solutions(source, student):
    """No line of a solution may be left in the student's exercise cells."""
    problems = []
    for cell in student.cells:
        name = cell.id.removeprefix("exercise-")
        if BEGIN in cell.source or END in cell.source:
            problems.append(f"{source.folder.name}/notebook.py: a solution is left in cell {cell.id}")
        elif cell.id.startswith("exercise-"):
            solution = source.texts[name].split(BEGIN)[1].split(END)[0]
            left = [line for line in solution.splitlines() if len(line.strip()) > 12 and line in cell.source.splitlines()]
            if left or "raise NotImplementedError" not in cell.source:
                problems.append(f"{source.folder.name}/exercises.py: a solution is left in the student's {name}")
    if problems:
        raise BuildError(problems)


# --- writing ---------------------------------------------------------------------------------------------------------

def _write(made):
    import nbformat

    return nbformat.writes(made) + "\n"


def student_text(name):
    """The student notebook as it should be on disk."""
    return _write(notebook(Source(name), solved=False))


def _outline(made):
    """What must agree between a solution on disk and the source: ids, sources, metadata."""
    return [(c.id, c.cell_type, c.source, {k: v for k, v in c.metadata.items() if k != "execution"}) for c in made.cells]


def on_disk(name):
    """The solved notebook on disk, or None."""
    import nbformat

    file = NOTEBOOKS / "solutions" / f"{name}.ipynb"
    return nbformat.read(file, as_version=4) if file.exists() else None


def ran(name, old, made):
    """Whether the solved notebook on disk ran the code of the lab's source."""
    return old is not None and old.metadata.get("labutils", {}).get("source") == source_hash(name, made)


def is_fresh(name):
    """Whether the solved notebook on disk carries the hash of the lab's source, and its cells."""
    old, made = on_disk(name), notebook(Source(name), solved=True)
    return ran(name, old, made) and _outline(old) == _outline(made)


def solve(name):
    """A lab's solved notebook with outputs: those on disk where the code has not changed, otherwise of a run in an empty folder.

    Returns
    -------
    NotebookNode, and whether it was executed
    """
    old, made = on_disk(name), notebook(Source(name), solved=True)
    anew = not ran(name, old, made)
    if anew:
        _execute(made)
    else:
        for mine, before in zip(*([c for c in n.cells if c.cell_type == "code"] for n in (made, old))):
            mine.outputs, mine.execution_count = before.outputs, before.execution_count
    made.metadata["labutils"] = {"lab": name, "source": source_hash(name, made)}
    made.metadata["language_info"] = {"name": "python"}
    return made, anew


def _execute(made):
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory() as folder:
        before = {k: os.environ.get(k) for k in KERNEL_ENVIRONMENT}
        os.environ.update(KERNEL_ENVIRONMENT)
        try:
            NotebookClient(made, timeout=600, kernel_name="python3", record_timing=False,
                           resources={"metadata": {"path": folder}}).execute()
        finally:
            for key, value in before.items():
                os.environ.pop(key) if value is None else os.environ.update({key: value})


KERNEL_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2",
                      "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))}


def stale(names):
    """Files that a build would change, each with the reason."""
    found = []
    for name in names:
        if figures.other(NOTEBOOKS / f"{name}.ipynb", student_text(name)):
            found.append(f"notebooks/{name}.ipynb is not what its lab's source makes")
        if not is_fresh(name):
            found.append(f"notebooks/solutions/{name}.ipynb is older than its lab's source")
    if figures.other(CONTENTS, book.page()):
        found.append("notebooks/README.md is not what the labs' sources make")
    return found


def build(names, wheel=True):
    """Write what is stale, and the wheel for Colab; yields a line about each file."""
    yield from figures.draw_missing(IMG)
    (NOTEBOOKS / "solutions").mkdir(parents=True, exist_ok=True)
    for name in names:
        file, text = NOTEBOOKS / f"{name}.ipynb", student_text(name)
        if figures.other(file, text):
            file.write_text(text, encoding="utf-8", newline="\n")
            yield f"wrote notebooks/{name}.ipynb"
        if not is_fresh(name):
            made, anew = solve(name)
            solved = _write(made)
            (NOTEBOOKS / "solutions" / f"{name}.ipynb").write_text(solved, encoding="utf-8", newline="\n")
            yield f"{'executed' if anew else 'wrote'} notebooks/solutions/{name}.ipynb ({len(solved) / 1e6:.2f} MB)"
    contents = book.page()
    if figures.other(CONTENTS, contents):
        CONTENTS.write_text(contents, encoding="utf-8", newline="\n")
        yield "wrote notebooks/README.md"
    if wheel:
        yield make_wheel()


def make_wheel():
    """Build the wheel for Colab into dist/."""
    done = subprocess.run([sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-q", "-w", str(ROOT / "dist")],
                          capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"The wheel could not be built: {done.stderr.strip().splitlines()[-1]}")
    return f"wrote dist/{max((ROOT / 'dist').glob('labutils-*.whl')).name}"
