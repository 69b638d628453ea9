"""python -m labutils: open, list, progress, doctor, check; and for authors build, prove, benchmark."""
import argparse
import json
import subprocess
import sys

from . import LabError, __version__


def main(arguments=None):
    """Run a command; returns its exit status: 0, 1 if something is not as it should be, 2 for wrong use."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that has no ✓
    parser = _parser()
    given = parser.parse_args(arguments)
    if not hasattr(given, "run"):
        parser.print_help()
        return 0
    try:
        return given.run(given) or 0
    except LabError as error:
        print(error, file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        extra = "'.[dev]'" if given.run in (_build, _prove, _benchmark) else error.name
        print(f"{error.name} is missing: run  {sys.executable} -m pip install {extra}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"{self.prog}: {message}. `{self.prog} --help` lists what there is.", file=sys.stderr)
        sys.exit(2)


def _parser():
    parser = _Parser(prog="python -m labutils", description="Deep Learning Labs.")
    parser.add_argument("--version", action="version", version=f"labutils {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name, run, words, **options):
        sub = commands.add_parser(name, help=words, description=words.capitalize() + ".", **options)
        sub.set_defaults(run=run)
        return sub

    sub = command("open", _open, "copy a lab to my_labs/ (once) and open Jupyter there")
    sub.add_argument("lab", nargs="?", help="name or number; all labs without it")
    sub.add_argument("--update", action="store_true", help="make a new copy from the newer lab: answers are carried over, the old file is kept")
    sub.add_argument("--no-jupyter", action="store_true", help="only make the copy, to open it in another editor")
    command("list", _list, "list the labs with minutes and exercises")
    command("progress", _progress, "show how far you are")
    command("doctor", _doctor, "try everything that the labs need, and say how to mend what fails")
    sub = command("check", _check, "grade a filled notebook: exit status 0 if all is right, 1 if not")
    sub.add_argument("notebook")
    sub.add_argument("--json", action="store_true", help="print the reports as JSON")
    sub = command("build", _build, "for authors: make the notebooks and the wheel from the lab folders")
    sub.add_argument("labs", nargs="*", help="names or numbers; all labs without them")
    sub.add_argument("--check", action="store_true", help="only tell what is stale: exit status 1 if anything is")
    sub = command("prove", _prove, "for authors: prove the graders by their variants, mistakes and right versions")
    sub.add_argument("labs", nargs="*")
    sub.add_argument("--reasons", action="store_true", help="list the variants that change no result, with the reasons")
    sub = command("benchmark", _benchmark, "for authors: time passes, diagnoses and the solved notebooks")
    sub.add_argument("labs", nargs="*")
    return parser


def _names(given):
    from .course import find_lab, list_labs

    return [find_lab(name) for name in given.labs] or list_labs()


def _open(given):
    from . import course, workspace

    names = [course.find_lab(given.lab)] if given.lab else course.list_labs()
    for name in names:
        if given.update:
            mine, old, carried = workspace.update_lab(name)
            if old:
                print(f"{mine.name}: new copy with {len(carried)} answer{'s' * (len(carried) != 1)} carried over; the old file is {old.name}.")
        else:
            mine = workspace.copy_lab(name)
            print(f"Your copy: {mine}")
    if given.no_jupyter:
        return 0
    where = mine if given.lab else mine.parent
    return subprocess.run([sys.executable, "-m", "jupyter", "lab", str(where)]).returncode


def _list(given):
    from . import course

    for name in course.list_labs():
        about = course.about(name)
        lacking = course.missing(name)
        note = f"   (needs {', '.join(lacking)})" if lacking else ""
        print(f"{name:28s} {len(course.exercise_names(name)):2d} exercises  {about.MINUTES:3d} min  {about.TITLE}{note}")


def _progress(given):
    from . import course, workspace

    folder = workspace.ROOT / workspace.MY_LABS
    print(course.overview(folder=folder if folder.is_dir() else "."))


def _doctor(given):
    from .doctor import examine

    good = True
    for what, fine, says in examine():
        print(f"{'✓' if fine else '✗'} {what}: {says}", flush=True)
        good = good and fine
    print("All is well: python -m labutils open" if good else "Mend what is marked ✗, then run the doctor again.")
    return 0 if good else 1


def _check(given):
    from . import workspace

    lab, reports = workspace.grade_notebook(given.notebook)
    if given.json:
        print(json.dumps({"lab": lab, "exercises": [r.to_dict() for r in reports]}, indent=1, ensure_ascii=False))
    else:
        print(*reports, sep="\n\n")
        print(f"\n{sum(r.passed for r in reports)} of {len(reports)} right.")
    return 0 if all(r.passed for r in reports) else 1


def _build(given):
    from .authoring import build

    if given.check:
        found = build.stale(_names(given))
        print(*found or ["All notebooks are fresh."], sep="\n")
        return 1 if found else 0
    for line in build.build(_names(given)):
        print(line, flush=True)


def _prove(given):
    from .authoring import proof

    return proof.main(_names(given), given.reasons)


def _benchmark(given):
    from .authoring import benchmark

    benchmark.main(_names(given))


if __name__ == "__main__":
    sys.exit(main())
