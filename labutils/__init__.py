"""Deep Learning Labs: the labs' graders and helpers.

A notebook needs one name from here::

    from labutils import open_lab
    lab = open_lab("01_logistic_regression")

Importing this package is quick and loads neither numpy nor TensorFlow: they come with the first lab.
"""
import sys

if sys.version_info < (3, 11):  # noqa: UP036
    _sentence = "labutils needs Python 3.11 or newer, this is %d.%d: make the environment with a newer python3." % sys.version_info[:2]  # noqa: UP031
    if sys.argv[0] == "-m":  # python -m labutils: a sentence and exit status 2, no traceback
        sys.stderr.write(_sentence + "\n")
        sys.exit(2)
    raise ImportError(_sentence)

__version__ = "0.1.0"
__all__ = ["LabError", "list_labs", "open_lab"]


class LabError(Exception):
    """A mistake in the use of the course, told in one sentence; Jupyter shows the sentence alone."""

    def _render_traceback_(self):
        return [str(self)]


def open_lab(name):
    """Open a lab of the course.

    Parameters
    ----------
    name : str
        Folder name, such as "01_logistic_regression"; its number alone, "01", will do.

    Returns
    -------
    Lab
        The learner's verbs: check, mine, hint, solution, quiz, challenge, progress; and grade for programs.

    Raises
    ------
    LabError
        If there is no such lab; near misses are suggested.
    """
    try:
        from .course import Lab
    except ModuleNotFoundError as error:
        raise LabError(f"labutils needs {error.name}, which this Python lacks: run `%pip install {error.name}` and restart.") from None
    return Lab(name)


def list_labs():
    """The labs of the course in order, as a list of names for `open_lab`."""
    from .course import list_labs

    return list_labs()
