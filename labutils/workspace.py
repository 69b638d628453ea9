"""A learner's own copies of the labs, and their filled notebooks: nothing that a learner wrote is ever overwritten."""
import ast
import datetime
import difflib
import json
import linecache
import os
import shutil
from pathlib import Path

from . import LabError
from .course import find_lab, list_labs

ROOT = Path(__file__).resolve().parent.parent
MY_LABS = "my_labs"


def notebooks_folder():
    """The course's pristine notebooks.

    Raises
    ------
    LabError
        Outside the course's folder.
    """
    folder = ROOT / "notebooks"
    if not folder.is_dir():
        raise LabError("The notebooks are not here: install labutils from the course's folder (pip install -e .), or open them there.")
    return folder


def read_notebook(path):
    """A notebook as a dict.

    Raises
    ------
    LabError
        If there is no such file or it is no notebook.
    """
    path = Path(path)
    if not path.is_file():
        raise LabError(f"There is no file {path}.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        cells = found["cells"]
        assert all(isinstance(c["source"], str | list) and c["cell_type"] for c in cells)
    except (ValueError, KeyError, TypeError, AssertionError):
        raise LabError(f"{path} is not a readable notebook: it is damaged or no .ipynb at all. An older copy may be in .ipynb_checkpoints.") from None
    return found


def source_of(cell):
    """A cell's text."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def code_cells(notebook):
    return [source_of(c) for c in notebook["cells"] if c["cell_type"] == "code"]


def copy_lab(name):
    """Copy a lab to my_labs, once.

    Returns
    -------
    Path of the copy, whether it was made just now or before
    """
    mine = ROOT / MY_LABS / f"{name}.ipynb"
    pristine = notebooks_folder() / f"{name}.ipynb"
    mine.parent.mkdir(exist_ok=True)
    if not mine.exists():
        shutil.copyfile(pristine, mine)
    return mine


def update_lab(name):
    """Make a copy from the newer lab that holds the learner's answers; the old file is kept beside it.

    Answers are carried over by function name: a cell of the new lab that defines an exercise or the challenge is replaced by
    the learner's cell that defines the same.

    Returns
    -------
    (path of the new copy, path of the old file, names carried over)
    """
    mine = ROOT / MY_LABS / f"{name}.ipynb"
    if not mine.exists():
        return copy_lab(name), None, []
    old, new = read_notebook(mine), read_notebook(notebooks_folder() / f"{name}.ipynb")
    answers = {}
    for source in code_cells(old):
        for defined in defined_names(source):
            answers[defined] = source
    carried = []
    for cell in new["cells"]:
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
            name_here = next((n for n in defined_names(source_of(cell)) if n in answers), None)
            if name_here and answers[name_here] != source_of(cell):
                cell["source"] = answers[name_here]
                carried.append(name_here)
    aside = _free(mine.with_name(f"{name}.old-{datetime.date.today()}.ipynb"))
    os.replace(mine, aside)
    mine.write_text(json.dumps(new, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return mine, aside, carried


def _free(path):
    for i in range(2, 1000):
        if not path.exists():
            return path
        path = path.with_name(f"{path.name.split('.ipynb')[0].rsplit('#', 1)[0]}#{i}.ipynb")
    raise LabError(f"There are too many old copies beside {path}: move some away.")


def defined_names(source):
    """Names of the functions and classes that a cell defines, also where it does not compile as a whole."""
    try:
        return [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    except SyntaxError:
        return [line.split("(")[0].split(":")[0].split()[1] for line in source.splitlines()
                if line.startswith(("def ", "class ")) and len(line.split()) > 1]


# --- grading a filled notebook ---------------------------------------------------------------------------------------

def lab_of(notebook, path):
    """Which lab a notebook belongs to: from its metadata, its code or its name.

    Raises
    ------
    LabError
        If none of them tells.
    """
    import re

    told = notebook.get("metadata", {}).get("labutils", {}).get("lab")
    written = re.findall(r'open_lab\(\s*["\'](\w+)', "\n".join(code_cells(notebook)))
    for name in [told, *written, Path(path).stem]:
        try:
            return find_lab(name) if name else find_lab("none given")
        except LabError:
            pass
    raise LabError(f"{path} belongs to none of the labs {', '.join(list_labs())}: it never calls open_lab.")


def definitions(notebook, path):
    """Run what a notebook defines (imports, functions, classes, plain constants), not its experiments.

    Returns
    -------
    (namespace, {name: why its cell could not be used})
    """
    from IPython.core.inputtransformer2 import TransformerManager

    namespace, broken = {"__name__": "notebook"}, {}
    for number, source in enumerate(code_cells(notebook), start=1):
        file = f"<{Path(path).name}, code cell {number}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        try:
            tree = ast.parse(TransformerManager().transform_cell(source))
        except SyntaxError as error:
            broken.update(dict.fromkeys(defined_names(source), f"its cell does not compile: line {error.lineno}, {error.msg}"))
            continue
        for step in tree.body:
            constant = isinstance(step, ast.Assign) and all(isinstance(n, ast.Constant | ast.Name | ast.Tuple | ast.expr_context)
                                                            for n in ast.walk(step) if n is not step)
            if isinstance(step, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef) or constant:
                try:
                    exec(compile(ast.Module([step], []), file, "exec"), namespace)  # noqa: S102
                except Exception as error:
                    broken.update(dict.fromkeys(defined_names(source), f"its cell stops: {type(error).__name__}: {error}"))
    return namespace, broken


def grade_notebook(path):
    """Grade every exercise of a filled notebook.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    (lab name, list of Report in the order of the lab)

    Raises
    ------
    LabError
        If the file is no notebook or of no lab.
    """
    from .course import Lab
    from .report import Report

    notebook = read_notebook(path)
    lab = Lab(lab_of(notebook, path), quiet=True)
    namespace, broken = definitions(notebook, path)
    reports = []
    for name in lab.exercises:
        if name in broken:
            reports.append(Report(name, "error", f"cannot be graded: {broken[name]}.", mistake="cell does not run"))
        elif callable(namespace.get(name)) and namespace[name] is not lab.exercise(name).reference:
            reports.append(lab.grade(name, namespace[name]))
        else:
            near = difflib.get_close_matches(name, [n for n, v in namespace.items() if callable(v) and n not in lab.references], 1, 0.8)
            reports.append(Report(name, "not attempted", "is not in this notebook" + (f"; it has `{near[0]}`: is that it?" if near else ".")))
    return lab.name, reports
