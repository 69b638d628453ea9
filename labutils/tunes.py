"""Irish tunes, from the corpus that comes with music21."""
import functools
import importlib.util
import re
from pathlib import Path

import numpy as np

from . import LabError

BOOKS = ("oneills1850", "ryansMammoth")
END = "\n"


@functools.cache
def books():
    """The text of each file of the tune books, in order.

    Raises
    ------
    LabError
        If music21 is not installed.
    """
    found = importlib.util.find_spec("music21")
    if found is None:
        raise LabError("The tunes come with music21, which this Python lacks: run `%pip install music21` and restart.")
    corpus = Path(found.submodule_search_locations[0]) / "corpus"  # the files alone: importing music21 takes longer than reading them
    return tuple(f.read_text(encoding="utf-8", errors="replace") for book in BOOKS for f in sorted((corpus / book).glob("*.abc")))


def load_titles(held_out=0.1, seed=0):
    """Titles of Irish tunes, in small letters.

    They come from O'Neill's *Music of Ireland* (1850 tunes) and Ryan's *Mammoth Collection*, in the corpus of music21. Each title counts once.

    Parameters
    ----------
    held_out : float
        Share that is kept for testing.
    seed : int
        Which ones.

    Returns
    -------
    train, test : list of str, each ending in a line break, the mark of its end
    alphabet : str, the characters that occur, the line break first

    Raises
    ------
    LabError
        If music21 is not installed.
    """
    titles = set()
    for text in books():
        for line in re.findall(r"^T: *(.+)$", text, re.M):
            title = re.sub(r"[^a-z' ]", "", re.split(r"[(\[,;:]|--", line.strip().lower())[0].replace("`", "'")).strip()
            if 4 <= len(title) <= 30:
                titles.add(re.sub(r" +", " ", title) + END)
    titles = sorted(titles)
    order = np.random.default_rng(seed).permutation(len(titles))
    shuffled = [titles[i] for i in order]
    cut = int(held_out * len(titles))
    return shuffled[cut:], shuffled[:cut], "".join(sorted(set("".join(titles))))
