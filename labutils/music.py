"""Tunes in ABC notation: cleaned, split, checked bar by bar, heard, seen and saved. Lab 06b uses it.

A cleaned tune is three fields (M: metre, L: unit length, K: key) and one line of notes and bars. It is read by a small parser of its own, which names the place where
a text is broken and goes on behind it.
"""
import functools
import re
import wave
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import LabError
from .tunes import books

RATE = 11025  # samples of sound a second
QUARTERS_A_MINUTE = 160
COPY = 40  # characters that two tunes may not share unless they are of one family

TOKEN = re.compile(r"(?P<note>(?P<sign>\^\^?|__?|=)?(?P<name>[A-Ga-gz])(?P<octave>[,']*)(?P<times>\d*)(?P<slashes>/*)(?P<over>\d*))"
                   r"|(?P<broken>>+|<+)|(?P<tuplet>\([2-9])|(?P<bar>:*\|+[:\]]*\d?|::|\[\d)|(?P<space> +)")
STEPS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11)))
SHARPS = dict(zip("FCGDAEB", range(-1, 6)))  # of the major key of each letter
MODES = {"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5, "lyd": 1}
TUPLETS = {2: 3, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2, 8: 3, 9: 2}  # so many notes in the time of so many


class Note(NamedTuple):
    """A note: when it starts and how long it lasts, in quarters, and its pitch as MIDI counts, 60 for middle C."""
    start: float
    length: float
    pitch: int


@dataclass
class Tune:
    """What was read of a text.

    Attributes
    ----------
    notes : list of Note;  rests have none
    bars : list of (start, length, due): in quarters; `due` is what the metre asks for, or None for an upbeat and what completes it, which do not count
    right : list of bool, for each bar that counts, whether it adds up
    faults : list of str, a sentence for each place at which the text is broken
    """
    text: str
    notes: list = field(default_factory=list)
    bars: list = field(default_factory=list)
    right: list = field(default_factory=list)
    faults: list = field(default_factory=list)

    @property
    def whole(self):
        """Whether the tune is right throughout: nothing broken, at least four bars, all of which add up."""
        return not self.faults and len(self.right) >= 4 and all(self.right)


# --- collections -----------------------------------------------------------------------------------------------------

def clean(abc):
    """The cleaned tunes of an ABC text: [(title, tune)]. Ornaments, chord symbols, slurs and ties go; tunes in several voices or with changes of key go too."""
    found = []
    for part in re.split(r"(?m)^(?=X:)", abc):
        part = re.sub(r"(?m)%.*$", "", part)
        fields = dict(reversed(re.findall(r"(?m)^([A-Z]): *(.*?) *$", part)))
        split = re.search(r"(?m)^K:.*$", part)
        if not split or "M" not in fields:
            continue
        body = part[split.end():]
        body = body.split("\n\n\n")[0]
        if re.search(r"(?m)^[A-VX-Z]:|\[[A-Z]:|&", body):
            continue
        body = re.sub(r"(?m)^[a-zW]:.*$", "", body)
        body = re.sub(r"\{[^}]*\}|\"[^\"]*\"|![^!]*!|\+[^+]*\+", "", body)
        body = re.sub(r"\[([_=^]*[A-Ga-g][,']*)[^\]|]*\](\d*/*\d*)", r"\1\2", body)  # of a chord the first note
        body = re.sub(r"\((?![2-9])|[)\-.~uvTHLMPSRJK`y*$\\]", "", body).replace("x", "z")
        body = re.sub(r"\s+", " ", body).strip().replace("[|", "|")
        body = re.sub(r" *([|:\]]) *", r"\1", body)
        body = re.sub(r"\|{2,}\]?", "||", body).replace(":||", ":|").replace("||:", "|:")
        text = f"M:{fields['M']}\nL:{fields.get('L', '1/8')}\nK:{fields['K'].split(' ')[0]}\n{body}"
        tune = read(text)
        if not tune.faults and len(tune.notes) >= 16 and len(text) <= 1200:
            found.append((re.sub(r"\W+", " ", fields.get("T", "").lower()).strip(), text))
    return found


def load_tunes(file=None, metre="6/8", held_out=0.05, seed=0):
    """Cleaned Irish tunes, split by family into those to train on and those held out.

    Tunes with the same title, or that share a run of 40 characters, are of one family, and a family is never divided.

    Parameters
    ----------
    file : path of an ABC file, optional
        Another collection; without one, O'Neill's *Music of Ireland* and Ryan's *Mammoth Collection*, which come with music21.
    metre : str or None
        Only tunes in this metre: jigs are in 6/8, reels in C|. None takes all.
    held_out : float, share of the families
    seed : int

    Returns
    -------
    train, test : list of str

    Raises
    ------
    LabError
        If the file is missing or holds no tune that can be used, or music21 is not installed.
    """
    if file is not None and not Path(file).is_file():
        raise LabError(f"There is no file {file}.")
    texts = books() if file is None else [Path(file).read_text(encoding="utf-8", errors="replace")]
    tunes = dict.fromkeys(t for text in texts for t in clean(text) if metre is None or t[1].startswith(f"M:{metre}\nL:1/8\n"))
    if len(tunes) < 2:
        raise LabError(f"In {file} there are not two tunes in {metre or 'any metre'} that can be used: each needs the fields X:, M: and K:, and notes in one voice.")
    families = _families(list(tunes))
    order = np.random.default_rng(seed).permutation(len(families))
    cut = max(1, round(held_out * len(families)))
    sets = [[tune for i in part for tune in families[i]] for part in (order[cut:], order[:cut])]
    return sets[0], sets[1]


def _families(tunes):
    parent = list(range(len(tunes)))

    def top(i):
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i
    seen = {}
    for i, (title, text) in enumerate(tunes):
        music = text.split("\n")[3]
        for key in {("title", title)} | {music[s:s + COPY] for s in range(len(music) - COPY + 1)}:
            parent[top(i)] = top(seen.setdefault(key, i))
    families = {}
    for i, (_, text) in enumerate(tunes):
        families.setdefault(top(i), []).append(text)
    return list(families.values())


# --- reading ---------------------------------------------------------------------------------------------------------

def read(text):
    """Read a tune; what is broken is named in its `faults`, and the rest is read all the same.

    Parameters
    ----------
    text : str, a cleaned tune

    Returns
    -------
    Tune
    """
    tune = Tune(text)
    header = re.match(r"((?:[A-Z]:[^\n]*\n)*)", text)[1]
    fields = dict(re.findall(r"([A-Z]):([^\n]*)\n", header))
    due, unit, key = _metre(fields.get("M", "")), _fraction(fields.get("L", "1/8")), _key(fields.get("K", ""))
    for name, value, what in (("M", due, "metre"), ("L", unit, "unit length"), ("K", key, "key")):
        if value is None:
            tune.faults.append(f'The {what} "{fields[name]}" cannot be read.' if name in fields else f"There is no {what}: a line {name}: is missing.")
    _read_notes(tune, text[len(header):], unit or Fraction(1, 8), key or {}, due)
    return tune


def _read_notes(tune, body, unit, key, due):
    now, bar_start, at, held, broken, group, edge, bars, faulty = Fraction(0), Fraction(0), 0, {}, Fraction(1), (0, 1), True, [], False
    last = None  # the note or rest before, which a ">" behind it makes longer
    events = []

    def close_bar(sign):
        nonlocal bar_start, held, edge, faulty, now
        ends = sign is None or len(sign.strip("0123456789")) > 1 or sign[0] == "["
        if now > bar_start or faulty:
            bars.append((bar_start, now - bar_start, edge, ends, faulty))
            edge = False
        edge, bar_start, held, faulty = edge or ends, now, {}, False
    while at < len(body):
        found = TOKEN.match(body, at)
        if not found:
            tune.faults.append(f"Bar {len(bars) + 1}, character {at + 1} of the notes: {body[at]!r} means nothing there.")
            at, faulty = at + 1, True
            continue
        at = found.end()
        if found["note"]:
            length = unit * 4 * Fraction(int(found["times"] or 1))
            over = int(found["over"] or 2) if found["slashes"] else 1
            if not over or found["times"].startswith("0") or (found["over"] and not found["slashes"]):
                tune.faults.append(f"Bar {len(bars) + 1}, character {found.start() + 1} of the notes: {found[0]!r} has no length.")
                faulty, over = True, 1
            length = length / over if found["over"] else length / 2 ** len(found["slashes"])
            if group[0]:
                length, group = length * group[1], (group[0] - 1, group[1])
            length, broken = length * broken, Fraction(1)
            events.append([now, length, _pitch(found, key, held)])
            last, now = events[-1], now + length
        elif found["broken"]:
            if last is None or broken != 1:
                tune.faults.append(f"Bar {len(bars) + 1}, character {found.start() + 1} of the notes: {found[0]!r} has no note before it.")
                faulty = True
                continue
            short = Fraction(1, 2 ** len(found[0]))
            factor, broken = (2 - short, short) if found[0][0] == ">" else (short, 2 - short)
            now += last[1] * (factor - 1)
            last[1] *= factor
        elif found["tuplet"]:
            n = int(found[0][1])
            group = n, Fraction(TUPLETS[n], n)
        elif found["bar"]:
            close_bar(found[0])
            group, last = (0, 1), None
            if broken != 1:
                tune.faults.append(f"Bar {len(bars)}: its last note is said to be dotted, but no note follows it.")
                broken = Fraction(1)
    close_bar(None)
    tune.notes = [Note(float(s), float(n), p) for s, n, p in events if p is not None]
    for start, length, first, ends, faulty in bars:
        counts = due is not None and (faulty or not ((first or ends) and length < due))
        tune.bars.append((float(start), float(length), float(due) if counts else None))
        if counts:
            tune.right.append(length == due and not faulty)


def _fraction(text):
    found = re.fullmatch(r" *(\d+)/(\d+) *", text)
    return Fraction(int(found[1]), int(found[2])) if found and int(found[1]) and int(found[2]) else None


def _metre(text):
    """The length of a bar, in quarters."""
    whole = {"C": Fraction(1), "C|": Fraction(1)}.get(text.strip(), _fraction(text))
    return None if whole is None else whole * 4


def _key(text):
    """{letter: semitones} of a key such as G, Bb, F#m or Edor."""
    found = re.fullmatch(r" *([A-G])([#b]?) *(maj|ion|mix|dor|min|m|aeo|phr|loc|lyd)?[a-z]* *", text, re.IGNORECASE)
    if not found or not found[1].isupper():
        return None
    sharps = SHARPS[found[1]] + {"#": 7, "b": -7, "": 0}[found[2]] + MODES[(found[3] or "").lower()]
    return dict.fromkeys("FCGDAEB"[:max(sharps, 0)], 1) | dict.fromkeys("BEADGCF"[:max(-sharps, 0)], -1)


def _pitch(found, key, held):
    """A note's pitch, by the key and by the signs before it in the bar."""
    name = found["name"]
    if name == "z":
        return None
    if found["sign"]:
        held[name] = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}[found["sign"]]
    octave = 12 * (found["octave"].count("'") - found["octave"].count(",")) + (72 if name.islower() else 60)
    return octave + STEPS[name.upper()] + held.get(name, key.get(name.upper(), 0))


# --- quality ---------------------------------------------------------------------------------------------------------

@functools.lru_cache(4)
def _runs(source):
    """Every run of a source text that is one character longer than COPY."""
    return {source[s:s + COPY + 1] for s in range(len(source) - COPY)}


def copies(text, source):
    """Whether a run of more than 40 characters of a tune's notes also stands in a source text."""
    notes, runs = text.split("\n")[-1], _runs(source)
    return any(notes[s:s + COPY + 1] in runs for s in range(len(notes) - COPY))


def judge(tunes, source=None):
    """How good tunes are.

    Parameters
    ----------
    tunes : list of str
    source : str, optional
        The text of the training set, to look for copies in.

    Returns
    -------
    dict {"bars": share of bars that add up to the metre, "whole": share of tunes right throughout, "copies": share of tunes with a run of over 40 characters that
        stands in the source}
    """
    found = [read(t) for t in tunes]
    right = [r for t in found for r in t.right]
    scores = {"bars": float(np.mean(right)) if right else 0.0, "whole": float(np.mean([t.whole for t in found])) if found else 0.0}
    return scores | ({"copies": float(np.mean([copies(t, source) for t in tunes]))} if source and tunes else {})


def shuffled(tune, rng):
    """A tune with its notes' characters in random order, its fields left as they were: what chance gives."""
    *fields, notes = tune.split("\n")
    return "\n".join([*fields, "".join(rng.permutation(list(notes)))])


# --- sound and picture -----------------------------------------------------------------------------------------------

def sound(tune, seconds=10.0):
    """A tune as sound, plucked: each note a sum of harmonics, the higher the fainter and the shorter.

    Parameters
    ----------
    tune : str or Tune
    seconds : float, at most

    Returns
    -------
    ndarray (n,) float32 between −1 and 1, RATE samples a second
    """
    tune = read(tune) if isinstance(tune, str) else tune
    quarter = 60 / QUARTERS_A_MINUTE
    end = min(seconds, max([(n.start + n.length) * quarter + 0.4 for n in tune.notes], default=0.0))
    samples = np.zeros(int(end * RATE))
    for note in tune.notes:
        begin = int(note.start * quarter * RATE)
        t = np.arange(int((note.length * quarter + 0.35) * RATE)) / RATE
        t = t[:max(len(samples) - begin, 0)]
        pitch = 440 * 2 ** ((note.pitch - 69) / 12)
        tone = sum(0.55 ** k * np.exp(-(2 + 1.5 * k) * t) * np.sin(2 * np.pi * k * pitch * t) for k in range(1, 7) if k * pitch < RATE / 2)
        fade = np.clip(t / 0.004, 0, 1) * np.clip((note.length * quarter + 0.35 - t) / 0.3, 0, 1)  # no click at either end
        samples[begin:begin + len(t)] += tone * fade
    return (0.9 * samples / max(np.abs(samples).max(initial=0), 1e-9)).astype("float32")


def hear(tune, seconds=10.0):
    """A player for a tune, for Jupyter and Colab."""
    from IPython.display import Audio

    samples = sound(tune, seconds)
    if not samples.size:
        raise LabError("There is no note in this text, so there is nothing to hear.")
    return Audio((samples * 32767).astype("int16"), rate=RATE)


def draw(tune, title="", axis=None, quarters=32):
    """Draw a tune's first bars as notes on the five lines of a staff: height is pitch, the line behind a note is its length. Bars that do not add up are shaded."""
    import matplotlib.pyplot as plt

    tune = read(tune) if isinstance(tune, str) else tune
    axis = axis or plt.subplots(figsize=(10, 2.6))[1]
    ladder = {p: i + 7 * octave for octave in range(10) for i, p in enumerate(12 * octave + s for s in STEPS.values())}

    def height(pitch):
        return ladder[pitch] if pitch in ladder else ladder[pitch - 1] + 0.5
    for line in (64, 67, 71, 74, 77):  # E G B d f
        axis.axhline(height(line), color="#9aa5b1", lw=0.8, zorder=0)
    for note in tune.notes:
        if note.start < quarters:
            y = height(note.pitch)
            axis.plot([note.start, min(note.start + 0.92 * note.length, quarters)], [y, y], color="#d9822b", lw=3, alpha=0.6, solid_capstyle="butt")
            axis.plot(note.start, y, "o", color="#3465a4", ms=6)
    for start, length, due in tune.bars:
        if start < quarters:
            axis.axvline(start - 0.12, color="#22303c", lw=0.8)
            if due is not None and length != due:
                axis.axvspan(start - 0.12, min(start + length, quarters) - 0.12, color="#c0392b", alpha=0.12, lw=0)
    last = max([n.start + n.length for n in tune.notes], default=1)
    shown = [height(n.pitch) for n in tune.notes] + [height(64), height(77)]
    axis.set(title=title, xlim=(-0.6, min(last, quarters) + 0.2), ylim=(min(shown) - 1.5, max(shown) + 1.5), yticks=[], xlabel="quarters")
    axis.grid(visible=False)
    axis.spines["left"].set_visible(False)


# --- saving ----------------------------------------------------------------------------------------------------------

def save(tune, path, title="Tune by a net"):
    """Save a tune as .abc, .mid or .wav, by the ending of the path.

    Raises
    ------
    LabError
        For another ending, or for a tune without notes.
    """
    tune, path = read(tune) if isinstance(tune, str) else tune, Path(path)
    if not tune.notes:
        raise LabError("There is no note in this text, so there is nothing to save.")
    if path.suffix == ".abc":
        path.write_text(f"X:1\nT:{title}\n{tune.text.strip()}\n", encoding="utf-8")
    elif path.suffix == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((sound(tune, np.inf) * 32767).astype("<i2").tobytes())
    elif path.suffix == ".mid":
        from music21 import note, stream, tempo

        score = stream.Stream([tempo.MetronomeMark(number=QUARTERS_A_MINUTE)])
        for n in tune.notes:
            score.insert(n.start, note.Note(n.pitch, quarterLength=n.length))
        score.write("midi", fp=str(path))
    else:
        raise LabError(f'A tune is saved as .abc, .mid or .wav; "{path.name}" ends in none of these.')
