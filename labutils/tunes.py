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


def load_openings(length=48, held_out=425, seed=0):
    """How jigs and reels begin: the first letters and digits of their notes in ABC notation, without bars, spaces and ornaments.

    Parameters
    ----------
    length : int
    held_out : int
        How many tunes are kept for testing.
    seed : int
        Which ones.

    Returns
    -------
    train, test : (list of str, ndarray (m,) with 1 for a jig, 6/8, and 0 for a reel, 2/2)
    alphabet : str

    Raises
    ------
    LabError
        If music21 is not installed.
    """
    alphabet, found = "ABCDEFGabcdefg23/", []
    for text in books():
        for tune in re.split(r"\n\s*\n", text):
            metre, key = (re.search(rf"^{field}: *(.*)$", tune, re.M) for field in "MK")
            if metre and key and metre[1].strip() in ("6/8", "C|"):
                notes = re.sub(r"^[A-Za-z]:.*|^%.*|\{[^}]*\}|\"[^\"]*\"|![^!]*!", "", tune[key.end():], flags=re.M)
                notes = "".join(c for c in notes if c in alphabet)[:length]
                if len(notes) == length:
                    found.append((notes, int(metre[1].strip() == "6/8")))
    order = np.random.default_rng(seed).permutation(len(found))
    sets = [[found[i] for i in part] for part in (order[held_out:], order[:held_out])]
    train, test = ([[notes for notes, _ in s], np.array([kind for _, kind in s])] for s in sets)
    return tuple(train), tuple(test), alphabet
