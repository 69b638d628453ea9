"""What the learner has done: one small file per lab beside the opened notebook."""
import json
import os
from pathlib import Path

from .report import Note, show


def path(lab_name, folder="."):
    return Path(folder) / f".progress_{lab_name}.json"


def read(lab_name, folder="."):
    """Progress in a lab, as a dict; a damaged file is set aside with a message, and counting begins anew.

    Returns
    -------
    dict {"exercises": {name: status}, "looked_up": [names], "hints": {name: level}, "quizzes": {name: right?}, "challenge": bool}
    """
    empty = {"exercises": {}, "looked_up": [], "hints": {}, "quizzes": {}, "challenge": False}
    file = path(lab_name, folder)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or any(type(found.get(k, v)) is not type(v) for k, v in empty.items()):
            raise ValueError("not a progress file")
    except FileNotFoundError:
        return empty
    except (ValueError, OSError):
        aside = file.with_suffix(".damaged.json")
        try:
            os.replace(file, aside)
            where = f"It is kept as {aside.name}; "
        except OSError:
            where = ""
        show(Note(f"The progress file {file.name} could not be read.", [f"{where}run all cells once, and what you have done counts again."]))
        return empty
    return {**empty, **found}


def write(lab_name, data, folder="."):
    """Replace a lab's progress atomically; where the folder cannot be written to, say nothing and go on."""
    file = path(lab_name, folder)
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        new.write_text(json.dumps(data, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(new, file)
    except OSError:
        new.unlink(missing_ok=True)


def passed(lab_name, names, folder="."):
    """How many of a lab's exercises are passed."""
    done = read(lab_name, folder)["exercises"]
    return sum(done.get(name) == "passed" for name in names)


def bar(done, total, width=20):
    """▰▰▰▱▱▱"""
    width = min(total, width)
    full = done * width // total if total else 0
    return "▰" * full + "▱" * (width - full)


