"""What the graders of lab 04c know: cases, mistakes, right versions, hints."""
import math

import numpy as np

from labutils import many_classes
from labutils.answers import describe
from labutils.calling import Fault, Odd, plain
from labutils.exercise import Case, Challenge, Estimate, Exercise, Mistake, Quiz

from . import draws
from . import exercises as ex
from .exercises import (
    batchnorm_forward,
    categorical_cross_entropy,
    one_hot,
    sample_log_uniform,
    softmax,
    softmax_cross_entropy_backward,
)

NAMES = {"m": "the number of examples", "n": "the number of units"}


def known(name, **edit):
    """A way of drawing that `draws` recognises from the numbers."""
    return Mistake(name, draws.SAYS[name], **edit)


# --- sample_log_uniform ----------------------------------------------------------------------------------------------


def draw_range(rng, size):
    low = float(f"{10 ** rng.uniform(-5, -2):.1g}")
    return low, float(f"{low * 10 ** rng.uniform(2.5, 5):.1g}"), size, np.random.default_rng(rng.integers(1000))


SORTED = "neighbours are alike, as in sorted numbers"


def observe_sample(args, value):
    low, high, size, _ = args
    value = plain(value)
    if not isinstance(value, np.ndarray) or value.shape != (size,):
        kind = "a list, not an array" if isinstance(value, list) else "another shape" if isinstance(value, np.ndarray) else "another type"
        return Fault(f"An array of shape ({size},) is expected, got {describe(value)}.", kind)
    x = value.astype(float)
    found = draws.drawn(x, low, high, "log")
    if found:
        return Fault(found.says, found.name)
    u = draws.place(np.log(x), np.log(low), np.log(high))
    return {"the draws": Estimate(u.mean(), 1.0),  # found even above; here to tell whether another rng makes others
            "their order": SORTED if size > 1 and draws.likeness(u[1:], u[:-1]) else "the numbers stand as they were drawn"}


def sample_by_ratio(low, high, size, rng):
    return low * (high / low) ** rng.random(size)


def sample_in_decades(low, high, size, rng):
    a, b = np.log10(high), np.log10(low)
    return 10 ** (a + (b - a) * rng.random(size))


def sample_one_by_one(low, high, size, rng):
    out = np.empty(size)
    for i in range(size):
        out[i] = 2 ** rng.uniform(np.log2(low), np.log2(high))
    return out


def sample_by_inversion(low, high, size, rng):
    x = np.exp(rng.exponential(1.0, 0).sum() - np.log(1 / low) + rng.uniform(0, 1, (1, size)) * np.log(high / low))
    return np.clip(x.ravel(), low, high)


SAMPLE = Exercise(
    ex.sample_log_uniform, title="Every decade alike", difficulty=1, importance=3, minutes=6,
    draw=draw_range, sizes=[{"size": 8000}, {"size": 6000}, {"size": 1}], returns="sample", observe=observe_sample, variants=False,
    names={"size": "how many numbers are drawn"},
    extra=[Case((1, 600, 9000, np.random.default_rng(5)), {"size": 9000}), Case((0.3, 0.9, 9000, np.random.default_rng(6)), {"size": 9000})],
    mistakes=[
        known("uniform, not log-uniform", replace=[("np.log(low), np.log(high)", "low, high"), ("np.exp(exponent)", "exponent")]),
        known("logarithm not undone", replace=("np.exp(exponent)", "exponent")),
        known("two bases", replace=("np.exp(exponent)", "10 ** exponent")),
        known("logarithm not taken", replace=("np.log(low), np.log(high)", "low, high")),
        known("logarithm after drawing", replace=[("np.log(low), np.log(high)", "low, high"), ("np.exp(exponent)", "np.log(exponent)")]),
        known("logarithm and exponential exchanged", replace=[("np.log(low), np.log(high)", "np.exp(low), np.exp(high)"), ("np.exp(exponent)", "np.log(exponent)")]),
        known("whole exponents", replace=[("rng.uniform(np.log(low), np.log(high), size)", "np.round(rng.uniform(np.log10(low), np.log10(high), size))"),
                                          ("np.exp(exponent)", "10.0 ** exponent")]),
        known("normal, not uniform", replace=("rng.uniform(np.log(low), np.log(high), size)", "rng.normal(np.log(low * high) / 2, np.log(high / low) / 6, size)")),
        known("one number for all", replace=("np.log(high), size)", "np.log(high)) * np.ones(size)")),
        known("sorted", replace=("np.exp(exponent)", "np.sort(np.exp(exponent))")),
        known("mirrored", replace=("np.exp(exponent)", "low + high - np.exp(exponent)")),
        known("reciprocal of a uniform number", replace=[("np.log(low), np.log(high)", "1 / high, 1 / low"), ("np.exp(exponent)", "1 / exponent")]),
        known("power of a uniform number", replace=[("rng.uniform(np.log(low), np.log(high), size)", "rng.random(size)"),
            ("np.exp(exponent)", "low + (high - low) * exponent ** 2")]),
        Mistake("other ends", "The ends are not those asked for.", replace=("np.log(low), np.log(high)", "np.log(1e-4), 0")),
    ],
    right=[sample_by_ratio, sample_in_decades, sample_one_by_one, sample_by_inversion],
    hints=("Between 0.0001 and 1 there are four decades, and each should get a quarter of the draws. On which scale do four decades have equal length?",
           "log x uniform between log(low) and log(high); x = exp(log x); shape (size,).",
           "exponent = rng.uniform from np.log(low) to np.log(high), size of them; return np.exp of it"),
    why="A learning rate acts by its *ratio*: from 0.001 to 0.002 matters as much as from 0.1 to 0.2. Equal ratios are equal distances of the logarithm.",
    after="Small values get their fair share of trials.")

# --- random_search ---------------------------------------------------------------------------------------------------

RANGES = [("learning_rate", "log", lambda rng: (10 ** -rng.uniform(4, 6), 10 ** -rng.uniform(0, 1))),
    ("units", "linear", lambda rng: (int(rng.integers(2, 9)), 300)),
          ("shift", "linear", lambda rng: (-float(rng.integers(1, 9)), 2.0)), ("decay", "log", lambda rng: (10 ** -rng.uniform(2, 3), 10 ** rng.uniform(1, 2)))]


def draw_space(rng, names):
    made = [(name, scale, make(rng)) for name, scale, make in RANGES[:names]]
    return {name: (float(f"{low:.2g}") if scale == "log" else low, float(f"{high:.2g}") if scale == "log" else high, scale) for name, scale, (low, high) in made}


def draw_search(rng, n_trials, names):
    return draw_space(rng, names), n_trials, np.random.default_rng(rng.integers(1000))


def play_search(function, space, n_trials, rng):
    """A search with a score that is noisy, has ties, and remembers what it was asked."""
    tried = []

    def score(settings):
        if not isinstance(settings, dict):
            raise TypeError(f"score takes one dict {{name: value}}; it got {describe(plain(settings))}")
        numbers = sum(np.sum(v) for v in settings.values())
        tried.append((round(math.sin(3 * numbers) + 0.3 * (len(tried) % 2), 1), dict(settings)))
        return tried[-1][0]

    trials = function(score, space, n_trials, rng)
    return trials if trials is None else {"trials": trials, "tried": tried}


def shallow(x, depth=3):
    """Plain data, a list of pairs of a number and a dict deep: a list of trials may by mistake hold itself."""
    if depth and isinstance(x, list | tuple):
        return (tuple if isinstance(x, tuple) else list)(shallow(v, depth - 1) for v in x)
    if depth and isinstance(x, dict):
        return {str(k): shallow(v, 0) for k, v in x.items()}
    return Odd(f"a {type(x).__name__}") if isinstance(x, list | tuple | dict) else plain(x)


def is_number(x):
    return isinstance(x, int | float | np.generic) or isinstance(x, np.ndarray) and x.size == 1


def as_number(x):
    return x.item() if isinstance(x, np.ndarray | np.generic) else x


def fault(trials, tried, space):
    """What keeps trials from being judged, as a Fault; None if nothing does."""
    if not isinstance(trials, list | tuple):
        return Fault(f"A list of trials is expected, got {describe(trials)}.", "not a list of trials")
    if len(trials) == 2 and is_number(trials[0]) and isinstance(trials[1], dict):
        return Fault("Only the best trial is given back, without its list. All trials are wanted: what the others scored shows how much the settings matter.", "only the best")
    for trial in trials:
        pair = isinstance(trial, tuple | list) and len(trial) == 2
        if pair and isinstance(trial[0], dict) and is_number(trial[1]):
            return Fault("In each trial the settings stand before the score. The form is (score, settings).", "settings first")
        if is_number(trial):
            return Fault("Only the scores are given back. Without the settings that earned them they are of no use: a trial is (score, settings).", "only the scores")
        if isinstance(trial, dict):
            return Fault("Only the settings are given back. A trial is a tuple (score, settings).", "only the settings")
        if not pair or not is_number(trial[0]):
            return Fault(f"A trial is a tuple (score, settings), the score a number; got {describe(trial if not pair else trial[0])}.", "a trial of another form")
    if not tried:
        return Fault("`score` is never called: the settings are not tried at all.", "score never called")
    for settings in [s for _, s in trials] + [s for _, s in tried]:
        if not isinstance(settings, dict):
            return Fault(f"settings is a dict {{name: value}}; got {describe(settings)}.", "settings not a dict")
        if set(settings) != set(space):
            have = ", ".join(map(repr, settings)) or "none"
            return Fault(f"The settings have other names than the space: {have} for {', '.join(map(repr, space))}.", "other names")
        off = [f"`{name}` of a trial should be a number, got {describe(v)}." for name, v in settings.items() if not is_number(v)]
        if off:
            return Fault(off[0], "a setting is no number")
    return None


BEST_FIRST, AS_TRIED, OWN = "best first", "in the order in which they were tried", "each score beside its own settings"


def drawing_fault(space, settings):
    """What is wrong with the settings that were tried, as a Fault; None if nothing is."""
    x = {n: np.array([as_number(s[n]) for s in settings], float) for n in space}
    found = {n: draws.drawn(x[n], *space[n]) for n in space}
    kinds = {(scale, found[n] and found[n].name) for n, (_, _, scale) in space.items()}
    if {kind for _, kind in kinds} == {"one number for all"}:
        return Fault("All trials have the same settings: they are drawn before the loop. Each trial needs a draw of its own.", "settings drawn once")
    flat, bent = ("log", "uniform, not log-uniform") in kinds, ("linear", "log-uniform, not uniform") in kinds
    if flat or bent:
        name = "scales exchanged" if flat and bent else "scale ignored" if flat else "log everywhere"
        return Fault(SCALES[name], name)
    for n, finding in found.items():
        if finding:
            return Fault(f"`{n}` of the trials: {finding.says}", finding.name)
    if len(settings) < 50:
        return None
    first = next(iter(space))
    if draws.likeness(x[first][1:], x[first][:-1]):
        return Fault("Each trial depends on the one before it: the values rise or fall from trial to trial. Draw every one anew.", "trials that follow each other")
    u = {n: draws.place(np.log(x[n]), *np.log(space[n][:2])) if space[n][2] == "log" else x[n] for n in space}
    if any(draws.likeness(u[a], u[b]) for i, a in enumerate(space) for b in list(space)[i + 1:]):
        return Fault(ONE_DRAW, "one draw for all names")
    return None


def observe_search(args, value):
    space, n_trials, _ = args
    trials, tried = shallow(value["trials"]), shallow(value["tried"])
    wrong = fault(trials, tried, space) or (drawing_fault(space, [settings for _, settings in tried]) if len(tried) == n_trials else None)
    if wrong:
        return wrong
    mine, right = ([(as_number(score), *(as_number(settings[n]) for n in space)) for score, settings in rows]
                   for rows in (trials, sorted(tried, key=lambda t: -t[0])))
    scores = [row[0] for row in mine]
    if not set(scores) <= {score for score, _ in tried}:
        return Fault("There are scores in the list that `score` never gave: keep each as it came.", "scores changed")
    falls = all(a >= b for a, b in zip(scores, scores[1:]))
    alike = len({row[1:] for row in mine}) == 1 < len({row[1:] for row in right})
    return {"the draws": Estimate(sum(score for score, _ in tried), 3.0 * len(tried)),  # found right above; here to tell whether another rng makes others
            "number of trials": np.array(len(trials)), "calls of score": np.array(len(tried)),
            "score and settings": OWN if set(mine) <= set(right) else "the same settings beside every score" if alike else "scores beside settings that did not "
            "earn them",
            "order of the trials": BEST_FIRST if falls else "worst first" if scores == sorted(scores) else "not sorted",
            "equal scores": AS_TRIED if not falls or mine == right or sorted(mine) != sorted(right) else "equal scores in another order than they were tried"}


SCALES = {
    "scale ignored": "Every value is drawn evenly between low and high. Where the scale is \"log\" it is the logarithm that should be even; else small values are "
    "hardly tried.",
    "scales exchanged": "The two scales have changed places: \"log\" values are drawn evenly, and \"linear\" ones by their logarithm.",
    "log everywhere": "Every value is drawn log-uniformly, whatever its scale. A \"linear\" range may hold 0 or negative numbers, which have no logarithm."}
ONE_DRAW = "All names of a trial get the same place in their ranges: one random number serves them all, so the trials lie on a line through the space."


def search_in_columns(score, space, n_trials, rng):
    columns = {n: low * (high / low) ** rng.random(n_trials) if scale == "log" else low + (high - low) * rng.random(n_trials)
               for n, (low, high, scale) in space.items()}
    tried = [{n: columns[n][i] for n in space} for i in range(n_trials)]
    scores = np.array([score(s) for s in tried])
    return [(float(scores[i]), tried[i]) for i in np.argsort(-scores, kind="stable")]


def search_by_insertion(score, space, n_trials, rng):
    best = []
    for _ in range(n_trials):
        settings = dict(zip(space, (np.exp(rng.uniform(np.log(a), np.log(b))) if s == "log" else rng.uniform(a, b) for a, b, s in space.values())))
        value = score(dict(settings))
        at = sum(1 for other, _ in best if other >= value)
        best.insert(at, (value, settings))
    return best


def search_with_sort(score, space, n_trials, rng):
    def pick(low, high, scale):
        return sample_log_uniform(low, high, 1, rng) if scale == "log" else rng.uniform(low, high, size=1)

    found = [{name: pick(*limits) for name, limits in space.items()} for _ in range(n_trials)]
    found = [[score(s), s] for s in found]
    found.sort(key=lambda pair: -pair[0])
    return found


def search_keywords(score, space, n_trials, rng):
    return [(score(**{n: rng.uniform(a, b) for n, (a, b, _) in space.items()}), {}) for _ in range(n_trials)]


def search_values_in_order(score, space, n_trials, rng):
    return [(score(*[rng.uniform(a, b) for a, b, _ in space.values()]), {}) for _ in range(n_trials)]


def search_same_draw(score, space, n_trials, rng):
    trials = []
    for _ in range(n_trials):
        u = rng.random()
        settings = {n: a * (b / a) ** u if s == "log" else a + (b - a) * u for n, (a, b, s) in space.items()}
        trials.append((score(settings), settings))
    return sorted(trials, key=lambda t: -t[0])


DRAWN = '''        settings = {}
        for name, (low, high, scale) in space.items():
            if scale == "log":
                settings[name] = float(sample_log_uniform(low, high, 1, rng)[0])
            else:
                settings[name] = float(rng.uniform(low, high))
'''
IN_ORDER = "sorted(trials, key=lambda trial: trial[0], reverse=True)"

SEARCH = Exercise(
    ex.random_search, title="Random search", difficulty=2, importance=3, minutes=14,
    draw=draw_search, sizes=[{"n_trials": 150, "names": 3}, {"n_trials": 120, "names": 1}, {"n_trials": 1, "names": 2}, {"n_trials": 7, "names": 2}],
    returns="trials", play=play_search, observe=observe_search, variants=False,
        names={"n_trials": "the number of trials", "names": "the number of settings searched"},
    mistakes=[
        Mistake("worst first", "The trials are sorted with the lowest score first. Higher is better here, and the best should lead.",
                replace=("key=lambda trial: trial[0], reverse=True", "key=lambda trial: trial[0]")),
        Mistake("sorted without sign", "The trials are sorted by the *size* of the score, whatever its sign. A score may be negative, such as minus a cost: higher "
                "is better.",
                replace=("key=lambda trial: trial[0], reverse=True", "key=lambda trial: abs(trial[0]), reverse=True")),
        Mistake("not sorted", "The trials stand in the order in which they were tried. Sort them by their score, the highest first.", replace=(IN_ORDER, "trials")),
        Mistake("settings compared", "Tuples are compared from left to right: where two scores are equal, Python goes on to compare the settings, and dicts have "
                "no order. "
                "Tell the sort what to look at: only the score.", replace=("key=lambda trial: trial[0], reverse=True", "reverse=True")),
        Mistake("settings compared", "Tuples are compared from left to right: where two scores are equal, Python goes on to compare the settings, and dicts have "
                "no order. "
                "Tell the sort what to look at: only the score.", replace=("key=lambda trial: trial[0], reverse=True", "")),
        Mistake("equal scores turned round", "The order is right but for equal scores, which stand in reverse. Sorting upwards and turning the list round does "
                "that; a sort "
                "that goes downwards keeps equals as they were.", replace=(IN_ORDER, "sorted(trials, key=lambda trial: trial[0])[::-1]")),
        Mistake("only the best", "Only one trial is given back, though the best. The whole list is wanted: what the others scored shows how much the settings "
                "matter.",
                replace=(IN_ORDER, IN_ORDER + "[:1]")),
        Mistake("scale ignored", SCALES["scale ignored"], replace=("float(sample_log_uniform(low, high, 1, rng)[0])", "float(rng.uniform(low, high))")),
        known("logarithm not undone", replace=("float(sample_log_uniform(low, high, 1, rng)[0])", "float(rng.uniform(np.log(low), np.log(high)))")),
        Mistake("scales exchanged", SCALES["scales exchanged"], replace=('scale == "log"', 'scale != "log"')),
        Mistake("log everywhere", SCALES["log everywhere"], replace=("float(rng.uniform(low, high))", "float(sample_log_uniform(low, high, 1, rng)[0])")),
        Mistake("settings drawn once", "All trials have the same settings: they are drawn before the loop. Each trial needs a draw of its own.",
                replace=[(DRAWN, ""), ("    for i in range(n_trials):\n", DRAWN.replace("\n    ", "\n")[4:] + "    for i in range(n_trials):\n        settings = "
                "dict(settings)\n")]),
        Mistake("one dict for all trials", "All trials share *one* dict, so at the end every one of them shows the last settings. Make a new dict in each trial.",
                replace=[("    trials = []\n", "    trials = []\n    settings = {}\n"), ("        settings = {}\n", "")]),
        Mistake("one draw for all names", ONE_DRAW, function=search_same_draw),
        Mistake("scored twice", "`score` is called more than once in a trial. It may train a net, which costs time, and it may be noisy: then the score that you "
                "keep is not the "
                "one you saw.", replace=("trials.append((score(settings), settings))", "score(settings)\n        trials.append((score(settings), settings))")),
        Mistake("one trial too few", "There is one trial too few: `range(n)` already makes n turns, from 0 to n − 1.",
                replace=("range(n_trials)", "range(n_trials - 1)")),
        Mistake("one trial too many", "There is one trial too many: `range(n)` makes n turns.", replace=("range(n_trials)", "range(n_trials + 1)")),
        Mistake("stops after the first trial", "Only one trial is made: the `return` stands inside the loop.",
                replace=("    return sorted", "        return sorted")),
        Mistake("settings as keywords", "`score` takes *one* argument, the dict of settings. With `**settings` each name becomes an argument of its own.",
                function=search_keywords),
        Mistake("settings one by one", "`score` takes *one* argument, the dict of settings, not the values one by one.", function=search_values_in_order),
        known("whole numbers", replace=("float(rng.uniform(low, high))", "float(rng.integers(int(low), int(high) + 1))")),
        Mistake("equal scores lost", "Trials with equal scores overwrite each other, as in a dict whose keys are the scores. Keep every trial.",
                replace=(IN_ORDER, "sorted({t[0]: t for t in trials}.values(), key=lambda trial: trial[0], reverse=True)")),
        Mistake("sorted scores beside unsorted settings", "The scores are sorted, the settings beside them are not: a pair has to stay together when it moves.",
                replace=(IN_ORDER, "list(zip(sorted([t[0] for t in trials], reverse=True), [t[1] for t in trials]))")),
    ],
    right=[search_in_columns, search_by_insertion, search_with_sort],
    hints=("A trial is a throw of the dice for every name, and one question: how good is this? Keep all answers, then put the best on top.",
           "For each name with (low, high, scale): log-uniform if scale is \"log\", else uniform; settings {name: value}; trials = [(score(settings), settings), "
           "…], sorted by score, downwards.",
           "for each trial: a new dict; for every name and its limits: sample_log_uniform or rng.uniform; append (score of the dict, the dict). Return sorted, key "
           "= the "
           "first of the pair, reverse=True"),
    why="`key` tells the sort to look at the score alone; without it Python compares the dicts of two equal scores and stops. `reverse=True` keeps equal ones in "
        "their order.",
    after="It does not care how many settings there are, or what the score costs.")

# --- narrow ----------------------------------------------------------------------------------------------------------


def draw_trials(rng, n_trials, names):
    space = draw_space(rng, names)
    trials = []
    for s in np.sort(rng.permutation(100)[:n_trials])[::-1]:
        settings = {n: float(f"{(low * (high / low) ** rng.random() if scale == 'log' else rng.uniform(low, high)):.3g}") for n, (low, high, scale) in space.items()}
        trials.append((float(s) / 100, settings))
    return trials, space, int(rng.integers(min(2, n_trials), max(n_trials - 1, min(2, n_trials)) + 1))


def observe_narrow(args, value):
    space, value = args[1], plain(value)
    if not isinstance(value, dict):
        return value
    found = {}
    for name in space:
        names = [f"low of {name}", f"high of {name}", f"scale of {name}"]
        limits = value.get(name, Odd(f'there is no key "{name}" in the new space (it has {", ".join(map(repr, value)) or "none"}): is the `return` inside the loop?'))
        if isinstance(limits, tuple | list) and len(limits) == 3:
            found |= dict(zip(names, limits))
        else:
            found |= dict.fromkeys(names, limits if isinstance(limits, Odd) else Odd(
                f"`{name}` should be (low, high, scale), as in the space that came in, so that it can be searched again; got {describe(limits)}"))
    return found


def narrow_by_arrays(trials, space, keep):
    names = list(space)
    values = np.array([[settings[n] for n in names] for _, settings in trials[:keep]])
    return {n: (values[:, i].min(), values[:, i].max(), space[n][2]) for i, n in enumerate(names)}


def narrow_by_growing(trials, space, keep):
    box = {}
    for i in range(keep):
        for name, v in trials[i][1].items():
            low, high, _ = box.get(name, (v, v, None))
            box[name] = (v if v < low else low, v if v > high else high, space[name][2])
    return box


def narrow_sorted_anew(trials, space, keep):
    best = sorted(trials, key=lambda t: t[0], reverse=True)[0:keep]
    out = dict(space)
    for name in out:
        column = sorted(s[name] for _, s in best)
        out[name] = [column[0], column[-1], space[name][-1]]
    return out


def narrow_by_score(trials, space, keep):
    scores = [s for s, _ in trials[:keep]]
    return {n: (min(scores), max(scores), space[n][2]) for n in space}


NARROW = Exercise(
    ex.narrow, title="From coarse to fine", difficulty=1, importance=2, minutes=8,
    draw=draw_trials,
        sizes=[{"n_trials": 1, "names": 1}, {"n_trials": 3, "names": 1}, {"n_trials": 4, "names": 2}, {"n_trials": 9, "names": 3}, {"n_trials": 12, "names": 4}],
    returns="smaller", observe=observe_narrow, names={"n_trials": "the number of trials", "names": "the number of settings searched"}, tied=[("trials", "space")],
    mistakes=[
        Mistake("all trials", "The box holds all trials, not only the best `keep`: it hardly becomes smaller.", replace=("trials[:keep]", "trials")),
        Mistake("the worst trials", "The box is drawn round the *worst* trials. The best stand first in the list.", replace=("trials[:keep]", "trials[-keep:]")),
        Mistake("one trial too few", "One trial too few counts: `trials[:keep]` holds exactly `keep` of them, places 0 to keep − 1.",
                replace=("trials[:keep]", "trials[:max(keep - 1, 1)]")),
        Mistake("one trial too many", "One trial too many counts: `trials[:keep]` holds exactly `keep` of them, places 0 to keep − 1.",
                replace=("trials[:keep]", "trials[:keep + 1]")),
        Mistake("the best left out", "The first trial, the best of all, is left out: places are counted from 0.",
                replace=("trials[:keep]", "(trials[1:keep + 1] or trials)")),
        Mistake("low and high exchanged", "`low` and `high` have changed places.",
                replace=("(min(values), max(values), scale)", "(max(values), min(values), scale)")),
        Mistake("first and last for smallest and largest", "The ends are the values of the best trial and of the last one kept. The trials are sorted by score, "
                "not by this value: take the "
                "smallest and the largest.", replace=("(min(values), max(values), scale)", "(values[0], values[-1], scale)")),
        Mistake("only the best", "Both ends are the best trial's value. Chance has a part in which trial came first; the box should hold all of the best `keep`.",
                replace=("(min(values), max(values), scale)", "(values[0], values[0], scale)")),
        Mistake("mean for the ends", "Both ends are the mean. The smallest space that *holds* the best trials goes from their smallest to their largest value.",
                replace=("(min(values), max(values), scale)", "(sum(values) / len(values), sum(values) / len(values), scale)")),
        Mistake("mean and deviation", "The ends are the mean plus and minus a standard deviation: some of the best trials lie outside. Take the smallest and the "
                "largest value.",
                replace=("(min(values), max(values), scale)", "(np.mean(values) - np.std(values), np.mean(values) + np.std(values), scale)")),
        Mistake("not narrowed", "The ranges are those that came in.", replace=("(min(values), max(values), scale)", "(low, high, scale)")),
        Mistake("low stays", "The lower ends are those that came in; only the upper ones are narrowed.",
                replace=("(min(values), max(values), scale)", "(low, max(values), scale)")),
        Mistake("high stays", "The upper ends are those that came in; only the lower ones are narrowed.",
                replace=("(min(values), max(values), scale)", "(min(values), high, scale)")),
        Mistake("always log", "Every scale becomes \"log\". The scale of each name is that of the space that came in.",
                replace=("max(values), scale)", 'max(values), "log")')),
        Mistake("always linear", "Every scale becomes \"linear\". The scale of each name is that of the space that came in.",
                replace=("max(values), scale)", 'max(values), "linear")')),
        Mistake("scores for settings", "The ends are scores. The box is to hold the *settings* of the best trials.", function=narrow_by_score),
        Mistake("logarithms", "The ends of \"log\" ranges are logarithms. The space holds the values themselves; the scale says how to draw between them.",
                replace=("(min(values), max(values), scale)", '(np.log(min(values)), np.log(max(values)), scale) if scale == "log" else (min(values), max(values), '
                'scale)')),
        Mistake("another width", "The box is widened or shrunk about the best trials. The *smallest* box that holds them ends exactly at their smallest and "
                "largest values.",
                replace=("(min(values), max(values), scale)", "(min(values) - 0.1 * (max(values) - min(values)), max(values) + 0.1 * (max(values) - min(values)), "
                "scale)")),
    ],
    unchanged={"smaller returned": "the last line does so"},
    right=[narrow_by_arrays, narrow_by_growing, narrow_sorted_anew],
    hints=("Take the best few trials. Between which values do they lie, name by name?",
           "For each name: values = settings[name] of trials[:keep]; new range (min, max, scale).",
           "for name and its limits in space.items(): values = a list over the first keep trials; put (smallest, largest, the old scale) into a new dict"),
    why="The best of a few noisy trials is partly luck; a box round several of them is not. Widening it a little would be wise where the best lies at an edge of "
        "the old space.",
    after="Search, narrow, search again: a budget spent where it pays.")

# --- batchnorm_forward -----------------------------------------------------------------------------------------------


def draw_layer(rng, n, m):
    Z = np.round(rng.normal(rng.normal(0, 3, (n, 1)), rng.uniform(0.5, 3, (n, 1)), (n, m)), 2)
    gamma, beta = np.round(rng.uniform(0.4, 2.5, (n, 1)), 2), np.round(rng.normal(0, 1.5, (n, 1)), 2)
    gamma[0] *= -1
    return Z, gamma, beta, float(rng.choice([0.02, 0.1, 0.5, 1.5]))


def forward_by_loops(Z, gamma, beta, epsilon):
    n, m = Z.shape
    Z_hat, out, std = np.zeros((n, m)), np.zeros((n, m)), np.zeros((n, 1))
    for i in range(n):
        mean = sum(Z[i]) / m
        std[i, 0] = (sum((z - mean) ** 2 for z in Z[i]) / m + epsilon) ** 0.5
        for j in range(m):
            Z_hat[i, j] = (Z[i, j] - mean) / std[i, 0]
            out[i, j] = gamma[i, 0] * Z_hat[i, j] + beta[i, 0]
    return out, {"Z_hat": Z_hat, "std": std, "gamma": gamma}


def forward_by_moments(Z, gamma, beta, epsilon):
    mean = Z.mean(axis=1, keepdims=True)
    std = np.sqrt((Z ** 2).mean(axis=1, keepdims=True) - mean ** 2 + epsilon)
    scale = gamma / std
    return Z * scale + (beta - mean * scale), dict(gamma=gamma.copy(), std=std, Z_hat=(Z - mean) / std, mean=mean)


def forward_in_float32(Z, gamma, beta, epsilon):
    Zt = Z.T.astype(np.float32)
    std = np.sqrt(Zt.var(0) + np.float32(epsilon))
    Z_hat = ((Zt - Zt.mean(0)) / std).T
    return gamma.astype(np.float32) * Z_hat + beta.astype(np.float32), {"Z_hat": Z_hat, "std": std[:, None], "gamma": gamma}


FEATURES = [("mean = np.mean(Z, axis=1", "mean = np.mean(Z, axis=0"), ("np.mean((Z - mean) ** 2, axis=1", "np.mean((Z - mean) ** 2, axis=0")]

FORWARD = Exercise(
    ex.batchnorm_forward, title="Batch norm, forward", difficulty=2, importance=3, minutes=12,
    draw=draw_layer, sizes=[{"n": 2, "m": 1}, {"n": 2, "m": 3}, {"n": 3, "m": 5}, {"n": 4, "m": 2}, {"n": 1, "m": 6}], returns=("out", "cache"), names=NAMES,
    race={"n": 30, "m": 200},
    mistakes=[
        Mistake("statistics over features", "Mean and variance are taken over the units of each example. Batch norm looks at each unit *over the examples*: along "
                "a row of Z, axis 1. "
                "(The other way exists too: it is layer norm.)", replace=FEATURES),
        Mistake("statistics over everything", "One mean and one variance serve all units. Each unit has its own, along its row: axis 1, with keepdims.",
                replace=[("np.mean(Z, axis=1, keepdims=True)", "np.mean(Z, keepdims=True)"),
                ("np.mean((Z - mean) ** 2, axis=1, keepdims=True)", "np.mean((Z - mean) ** 2, keepdims=True) * np.ones((len(Z), 1))")]),
        Mistake("statistics over everything", "One mean and one variance serve all units. Each unit has its own, along its row: axis 1, with keepdims.",
                replace=[("np.mean(Z, axis=1, keepdims=True)", "np.mean(Z, keepdims=True)"),
                ("np.mean((Z - mean) ** 2, axis=1, keepdims=True)", "np.mean((Z - mean) ** 2, keepdims=True)")]),
        Mistake("variance over m − 1", "The variance is divided by m − 1, the unbiased estimate. Batch norm uses the plain mean of the squares, over m: it "
                "normalises these m numbers and "
                "does not estimate anything. For m = 1 the other would be 0 / 0.",
                replace=("np.mean((Z - mean) ** 2, axis=1, keepdims=True)", "np.var(Z, axis=1, keepdims=True, ddof=1)")),
        Mistake("epsilon outside the root", "epsilon is added to the deviation, after the root. Here it is added to the variance, under the root: √(σ² + ε).",
                replace=("np.sqrt(variance + epsilon)", "np.sqrt(variance) + epsilon")),
        Mistake("epsilon left out", "epsilon is missing: a unit that gives the same number for all examples has variance 0, and 0 / 0 follows.",
                replace=("np.sqrt(variance + epsilon)", "np.sqrt(variance)")),
        Mistake("epsilon squared", "epsilon is squared under the root. It is added to the variance as it is.",
                replace=("variance + epsilon", "variance + epsilon ** 2")),
        Mistake("divided by the variance", "Z is divided by the variance. To bring the spread to 1 divide by its root, the standard deviation.",
                replace=("np.sqrt(variance + epsilon)", "variance + epsilon")),
        Mistake("mean not subtracted", "The mean is not taken away: Z_hat has to have mean 0.", replace=("Z_hat = (Z - mean) / std", "Z_hat = Z / std")),
        Mistake("scale and shift left out", "`out` is Z_hat itself: gamma and beta are missing.", replace=("out = gamma * Z_hat + beta", "out = Z_hat")),
        Mistake("shift left out", "beta is missing in `out`.", replace=("gamma * Z_hat + beta", "gamma * Z_hat")),
        Mistake("scale left out", "gamma is missing in `out`.", replace=("gamma * Z_hat + beta", "Z_hat + beta")),
        Mistake("gamma and beta exchanged", "gamma and beta have changed places: gamma multiplies, beta is added.",
                replace=("gamma * Z_hat + beta", "beta * Z_hat + gamma")),
        Mistake("shifted before scaled", "beta is added before the product with gamma. Scale first, then shift.",
                replace=("gamma * Z_hat + beta", "gamma * (Z_hat + beta)")),
        Mistake("matrix product with gamma", "gamma and Z_hat meet in a matrix product, which mixes the units. Each unit has its own gamma: multiply entry by "
                "entry, with `*`.",
                replace=("gamma * Z_hat + beta", "np.dot(gamma.T, Z_hat) + beta")),
        Mistake("scaled Z itself", "gamma and beta are applied to Z. They follow the normalisation: they act on Z_hat.",
                replace=("gamma * Z_hat + beta", "gamma * Z + beta")),
        Mistake("out in the cache", "`Z_hat` of the cache is scaled and shifted already. The way back needs what stood before gamma and beta.",
                replace=('"Z_hat": Z_hat', '"Z_hat": out')),
        Mistake("Z in the cache", "`Z_hat` of the cache is Z itself, before the normalisation.", replace=('"Z_hat": Z_hat', '"Z_hat": Z')),
        Mistake("centred only in the cache", "`Z_hat` of the cache is centred but not divided by std.", replace=('"Z_hat": Z_hat', '"Z_hat": Z - mean')),
        Mistake("variance in the cache", "`std` of the cache is the variance. Its root, with epsilon under it, is wanted: what Z − mean was divided by.",
                replace=('"std": std', '"std": variance')),
        Mistake("variance in the cache", "`std` of the cache is the variance plus epsilon. Its root is wanted: what Z − mean was divided by.",
                replace=('"std": std', '"std": variance + epsilon')),
        Mistake("deviation without epsilon in the cache", "`std` of the cache lacks epsilon. Keep what Z − mean was really divided by.",
                replace=('"std": std', '"std": np.sqrt(variance)')),
        Mistake("reciprocal in the cache", "`std` of the cache is 1 divided by it.", replace=('"std": std', '"std": 1 / std')),
        Mistake("beta in the cache", "beta stands where gamma belongs in the cache.", replace=('"gamma": gamma', '"gamma": beta')),
        Mistake("mean of squares, not variance", "The squares of Z are averaged without taking the mean away first: that is not the variance unless the mean is 0.",
                replace=("np.mean((Z - mean) ** 2", "np.mean(Z ** 2")),
        Mistake("sum for mean", "The squared distances are added up but not divided by m. The variance is their mean.",
                replace=("variance = np.mean((Z - mean) ** 2", "variance = np.sum((Z - mean) ** 2")),
        Mistake("absolute distance", "The mean absolute distance stands in place of the variance. Square the distances; the root follows.",
                replace=("(Z - mean) ** 2", "np.abs(Z - mean)")),
    ],
    unchanged={"difference turned round": "its square is the same"},
    right=[forward_by_loops, forward_by_moments, forward_in_float32],
    hints=("Each row of Z belongs to one unit. Bring that row to mean 0 and spread 1, then let the unit choose a spread and a mean of its own: gamma and beta.",
           "μ = mean of each row (n, 1); σ² = mean of (Z − μ)² (n, 1); std = √(σ² + ε); Z_hat = (Z − μ) / std (n, m); out = γ Z_hat + β.",
           "mean over axis 1, keepdims; variance = mean of the squared distances, likewise; std = root of variance plus epsilon; Z_hat; out; return out and the "
           "dict of Z_hat, std, gamma"),
    why="epsilon keeps the root away from 0; it stands with the variance, so that the gradient of the root stays finite too. gamma and beta let the net undo the "
        "normalisation where "
        "that is better.",
    after="Every unit now has the mean and the spread that it asks for, whatever the layers below do.")

# --- batchnorm_backward ----------------------------------------------------------------------------------------------


def draw_backward(rng, n, m):
    Z, gamma, beta, epsilon = draw_layer(rng, n, m)
    return np.round(rng.normal(0.3, 1, (n, m)), 2), batchnorm_forward(Z, gamma, beta, epsilon)[1]


def backward_through_the_graph(dout, cache):
    Z_hat, std, gamma = cache["Z_hat"], cache["std"], cache["gamma"]
    m = dout.shape[1]
    centred = Z_hat * std
    dZ_hat = gamma * dout
    dcentred = dZ_hat / std
    dstd = -(dZ_hat * centred).sum(axis=1, keepdims=True) / std ** 2
    dvariance = dstd / (2 * std)
    dcentred = dcentred + 2 * centred * dvariance / m
    dmean = -dcentred.sum(axis=1, keepdims=True)
    return dcentred + dmean / m, (dout * Z_hat).sum(axis=1, keepdims=True), dout.sum(axis=1, keepdims=True)


def backward_by_sums(dout, cache):
    m = dout.shape[1]
    dbeta = np.sum(dout, axis=1).reshape(-1, 1)
    dgamma = np.einsum("ij,ij->i", dout, cache["Z_hat"])[:, None]
    dZ = cache["gamma"] / (m * cache["std"]) * (m * dout - dbeta - cache["Z_hat"] * dgamma)
    return [dZ, dgamma, dbeta]


def backward_by_jacobian(dout, cache):
    n, m = dout.shape
    dZ = np.zeros((n, m))
    for i in range(n):
        z = cache["Z_hat"][i]
        J = (np.eye(m) - 1 / m - np.outer(z, z) / m) * (cache["gamma"][i, 0] / cache["std"][i, 0])
        dZ[i] = J @ dout[i]
    return dZ, np.sum(dout * cache["Z_hat"], 1, keepdims=True), dout @ np.ones((m, 1))


def backward_in_float32(dout, cache):
    g, z = dout.astype(np.float32), cache["Z_hat"].astype(np.float32)
    dZ = (g - g.mean(1, keepdims=True) - z * (g * z).mean(1, keepdims=True)) * (cache["gamma"] / cache["std"]).astype(np.float32)
    return dZ, (g * z).sum(1, keepdims=True), g.sum(1, keepdims=True)


def numerical_gradient_of_Z(dout, cache, eps=1e-5):
    """dZ by finite differences: Z is known up to its mean, which has no influence."""
    Z = cache["Z_hat"] * cache["std"]
    epsilon = cache["std"] ** 2 - Z.var(axis=1, keepdims=True)
    dZ = np.zeros(Z.shape)
    for at in np.ndindex(Z.shape):
        step = np.zeros(Z.shape)
        step[at] = eps
        up, down = (np.sum(dout * batchnorm_forward(Z + s * step, cache["gamma"], 0, epsilon)[0]) for s in (1, -1))
        dZ[at] = (up - down) / (2 * eps)
    return {"dZ": dZ}


NO_MEAN, NO_STD = (" - along_mean", ""), (" - along_std", "")

BACKWARD = Exercise(
    ex.batchnorm_backward, title="Batch norm, backward", difficulty=3, importance=2, minutes=20,
    draw=draw_backward, sizes=[{"n": 2, "m": 3}, {"n": 2, "m": 1}, {"n": 3, "m": 5}, {"n": 4, "m": 2}, {"n": 1, "m": 6}], returns=("dZ", "dgamma", "dbeta"),
        names=NAMES,
    numerical=numerical_gradient_of_Z, race={"n": 30, "m": 200},
    mistakes=[
        Mistake("mean and std held fixed", "`dZ` comes out as if mean and deviation did not depend on Z. They do: moving one example moves both, and through them "
                "every other example. "
                "Their shares are missing.", replace=[NO_MEAN, NO_STD]),
        Mistake("share of the mean missing", "`dZ` comes out as if the mean did not depend on Z: its share is missing. A sure sign: the rows of dZ have to add up "
                "to 0, as adding a constant to a row "
                "changes nothing.", replace=NO_MEAN),
        Mistake("share of the deviation missing", "`dZ` comes out as if the deviation did not depend on Z: its share is missing.", replace=NO_STD),
        Mistake("share of the deviation with the wrong sign", "The share of the deviation has the wrong sign: a larger deviation makes Z_hat *smaller*, so a minus "
                "sign comes in.",
                replace=(" - along_std", " + along_std")),
        Mistake("share of the mean with the wrong sign", "The share of the mean has the wrong sign: the mean is taken away from Z, so a minus sign comes in.",
                replace=(" - along_mean", " + along_mean")),
        Mistake("gradients averaged", "`dgamma` and `dbeta` come out as means over the examples. `dout` is the gradient of the cost itself, in which any 1/m is "
                "already contained: what belongs to all "
                "examples collects the *sum* of their gradients.",
                replace=[("dbeta = np.sum(dout,", "dbeta = np.mean(dout,"), ("dgamma = np.sum(dout * Z_hat,", "dgamma = np.mean(dout * Z_hat,")]),
        Mistake("dgamma averaged", "`dgamma` comes out as a mean over the examples. `dout` is the gradient of the cost itself, in which any 1/m is already "
                "contained: take the sum.",
                replace=("dgamma = np.sum(", "dgamma = np.mean(")),
        Mistake("dbeta averaged", "`dbeta` comes out as a mean over the examples. `dout` is the gradient of the cost itself, in which any 1/m is already "
                "contained: take the sum.",
                replace=("dbeta = np.sum(", "dbeta = np.mean(")),
        Mistake("shares added up, not averaged", "The two shares come out m times too large: mean and variance are *means* over the m examples, so each example "
                "has a part of 1/m in them.",
                replace=[("np.mean(dZ_hat, axis=1", "np.sum(dZ_hat, axis=1"), ("np.mean(dZ_hat * Z_hat, axis=1", "np.sum(dZ_hat * Z_hat, axis=1")]),
        Mistake("share of the mean added up", "The share of the mean comes out m times too large: each example has a part of 1/m in the mean.",
                replace=("np.mean(dZ_hat, axis=1", "np.sum(dZ_hat, axis=1")),
        Mistake("share of the deviation added up", "The share of the deviation comes out m times too large: each example has a part of 1/m in the variance.",
                replace=("np.mean(dZ_hat * Z_hat, axis=1", "np.sum(dZ_hat * Z_hat, axis=1")),
        Mistake("share of the deviation doubled", "The share of the deviation comes out twice too large. The 2 of the square and the ½ of the root cancel.",
                replace=("Z_hat * np.mean(", "2 * Z_hat * np.mean(")),
        Mistake("share of the deviation halved", "The share of the deviation comes out half as large as it is. The 2 of the square and the ½ of the root cancel.",
                replace=("Z_hat * np.mean(", "0.5 * Z_hat * np.mean(")),
        Mistake("gamma left out", "`dZ` comes out as if gamma were 1: `out` is gamma times Z_hat, so a factor gamma comes in on the way back.",
                replace=("dout * gamma", "dout")),
        Mistake("divided by gamma", "`dZ` is divided by gamma where gamma multiplies.", replace=("dout * gamma", "dout / gamma")),
        Mistake("division by std left out", "`dZ` comes out without the division by std: Z_hat changes by 1/std when Z changes by 1.",
                replace=("along_std) / std", "along_std)")),
        Mistake("multiplied by std", "`dZ` is multiplied by std. Z_hat = (Z − μ) / std: on the way back it divides too.",
                replace=("along_std) / std", "along_std) * std")),
        Mistake("divided by the variance", "`dZ` is divided by std squared. One division by std is right: Z_hat = (Z − μ) / std.",
                replace=("along_std) / std", "along_std) / std ** 2")),
        Mistake("only the first term divided by std", "Only the last term of `dZ` is divided by std: brackets are missing.", replace=("(dZ_hat - along_mean - "
                "along_std) / std", "dZ_hat - along_mean - along_std / std")),
        Mistake("only the first term divided by std", "Only the first term of `dZ` is divided by std; the shares of mean and deviation have to be divided too.",
                replace=("(dZ_hat - along_mean - along_std) / std", "dZ_hat / std - along_mean - along_std")),
        Mistake("Z_hat left out in dgamma", "`dgamma` comes out equal to `dbeta`: gamma multiplies Z_hat, so Z_hat is the factor that comes in.",
                replace=("dgamma = np.sum(dout * Z_hat,", "dgamma = np.sum(dout,")),
        Mistake("gamma in dgamma", "There is a factor gamma too many in `dgamma`. out = gamma · Z_hat + beta: its slope in gamma is Z_hat.",
                replace=("dgamma = np.sum(dout * Z_hat,", "dgamma = np.sum(dout * gamma * Z_hat,")),
        Mistake("gamma in dbeta", "There is a factor gamma too many in `dbeta`. beta is added as it is: its slope is 1.",
                replace=("dbeta = np.sum(dout,", "dbeta = np.sum(dout * gamma,")),
        Mistake("Z for Z_hat in dgamma", "`dgamma` uses Z − mean where Z_hat belongs.", replace=("dgamma = np.sum(dout * Z_hat,", "dgamma = np.sum(dout * Z_hat * "
                "std,")),
        Mistake("Z_hat missing in the share of the deviation", "In the share of the deviation the factor Z_hat in front is missing: an example far from the mean "
                "moves the deviation more than one near it.",
                replace=("Z_hat * np.mean(dZ_hat * Z_hat", "np.mean(dZ_hat * Z_hat")),
        Mistake("Z_hat missing inside the share of the deviation", "In the share of the deviation the Z_hat inside the mean is missing: what arrives at the "
                "deviation is the mean of dZ_hat · Z_hat.",
                replace=("Z_hat * np.mean(dZ_hat * Z_hat", "Z_hat * np.mean(dZ_hat")),
        Mistake("sums over the units", "The sums run over the units of each example. gamma and beta belong to a unit and are shared by its *examples*: sum along "
                "the row, axis 1.",
                replace=[("dbeta = np.sum(dout, axis=1", "dbeta = np.sum(dout, axis=0"), ("dgamma = np.sum(dout * Z_hat, axis=1", "dgamma = np.sum(dout * Z_hat, "
                "axis=0")]),
        Mistake("everything over the units", "All sums and means run over the units of each example. What belongs to a unit is collected over the *examples*: "
                "along the row, axis 1.",
                replace=[("dbeta = np.sum(dout, axis=1", "dbeta = np.sum(dout, axis=0"), ("dgamma = np.sum(dout * Z_hat, axis=1", "dgamma = np.sum(dout * Z_hat, "
                "axis=0"),
                         ("np.mean(dZ_hat, axis=1", "np.mean(dZ_hat, axis=0"), ("np.mean(dZ_hat * Z_hat, axis=1", "np.mean(dZ_hat * Z_hat, axis=0")]),
        Mistake("means over the units", "The means inside `dZ` run over the units. Mean and deviation of a unit were taken over its examples: axis 1.",
                replace=[("np.mean(dZ_hat, axis=1", "np.mean(dZ_hat, axis=0"), ("np.mean(dZ_hat * Z_hat, axis=1", "np.mean(dZ_hat * Z_hat, axis=0")]),
        Mistake("dZ_hat returned", "`dZ` is the gradient of Z_hat. One more step leads from there to Z: through std and mean.",
                replace=("return dZ,", "return dZ_hat,")),
        Mistake("dZ averaged", "`dZ` is divided by m once more. `dout` is the gradient of the cost itself, in which any 1/m is already contained.",
                replace=("along_std) / std", "along_std) / std / dout.shape[1]")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other"},
    right=[backward_through_the_graph, backward_by_sums, backward_by_jacobian, backward_in_float32],
    hints=("Go back through the graph, box by box. Where a value is used in several places, the gradients that come back from them are added: Z reaches the output "
        "directly, by way of the mean, "
           "and by way of the deviation.",
           "dβ = Σ dout, dγ = Σ dout · Z_hat (n, 1), sums over the examples; dZ_hat = dout · γ; dZ = (dZ_hat − mean(dZ_hat) − Z_hat · mean(dZ_hat · Z_hat)) / std "
           "(n, m).",
           "dbeta and dgamma as sums over axis 1 with keepdims; dZ_hat; its mean over axis 1; Z_hat times the mean of dZ_hat times Z_hat; take both away from "
           "dZ_hat, divide by std"),
    why="The two terms that are taken away remove from dZ_hat exactly what would shift or stretch the whole row: batch norm undoes both, so no gradient may ask "
        "for them.",
    after="Every net of this lab that has batch norm learns through these lines.")

# --- update_running_statistics ---------------------------------------------------------------------------------------


def draw_running(rng, n, m):
    Z, _, _, _ = draw_layer(rng, n, m)
    return (np.round(rng.normal(0, 2, (n, 1)), 2), np.round(rng.uniform(0.5, 6, (n, 1)), 2), Z, float(rng.choice([0.5, 0.7, 0.8, 0.9])))


def update_by_step(running_mean, running_var, Z, momentum):
    mean = Z.mean(axis=1, keepdims=True)
    return (running_mean + (1 - momentum) * (mean - running_mean),
            running_var + (1 - momentum) * (np.mean(np.square(Z - mean), axis=1, keepdims=True) - running_var))


def update_by_rows(running_mean, running_var, Z, momentum):
    mean, var = running_mean.astype(float).copy(), running_var.astype(float).copy()
    for i, row in enumerate(Z):
        mean[i, 0] = momentum * mean[i, 0] + (1 - momentum) * row.mean()
        var[i, 0] = momentum * var[i, 0] + (1 - momentum) * row.std() ** 2
    return [mean, var]


def update_with_batchnorm(running_mean, running_var, Z, momentum):
    ones, zeros = np.ones((len(Z), 1)), np.zeros((len(Z), 1))
    _, cache = batchnorm_forward(Z, ones, zeros, 1e-9)
    batch = Z @ np.ones((Z.shape[1], 1)) / Z.shape[1], cache["std"] ** 2 - 1e-9
    return tuple(momentum * old + (1 - momentum) * new for old, new in zip((running_mean, running_var), batch))


RUNNING = Exercise(
    ex.update_running_statistics, title="What the layer remembers", difficulty=2, importance=2, minutes=8,
    draw=draw_running, sizes=[{"n": 2, "m": 1}, {"n": 2, "m": 3}, {"n": 3, "m": 5}, {"n": 4, "m": 2}, {"n": 1, "m": 6}], returns=("mean", "var"), names=NAMES,
    extra=[Case((np.array([[1.0], [-2.0]]), np.array([[4.0], [0.5]]), np.array([[1.0, 2.0, 6.0], [0.0, -1.0, 5.0]]), momentum), {"n": 2, "m": 3}, label=label)
           for momentum, label in ((0.0, "momentum = 0: only the batch counts"), (1.0, "momentum = 1: nothing changes"))],
    mistakes=[
        Mistake("momentum on the new value", "momentum weighs the batch, and 1 − momentum the old value: the two have changed places. Here momentum is the share "
                "of the *old* value that stays. "
                "(Some libraries have it the other way: read their page.)",
                replace=[("momentum * running_mean + (1 - momentum) * batch_mean", "(1 - momentum) * running_mean + momentum * batch_mean"),
                         ("momentum * running_var + (1 - momentum) * batch_var", "(1 - momentum) * running_var + momentum * batch_var")]),
        Mistake("variance over m − 1", "The variance of the batch is divided by m − 1. Some libraries do so for the running variance; here it is divided by m, as "
                "in batchnorm_forward. For m = 1 the other "
                "would be 0 / 0.", replace=("np.var(Z, axis=1, keepdims=True)", "np.var(Z, axis=1, keepdims=True, ddof=1)")),
        Mistake("deviation for variance", "The standard deviation of the batch is averaged into a *variance*.", replace=("np.var(", "np.std(")),
        Mistake("statistics over features", "The statistics are taken over the units of each example. They belong to a unit, over the examples: axis 1.",
                replace=[("np.mean(Z, axis=1", "np.mean(Z, axis=0"), ("np.var(Z, axis=1", "np.var(Z, axis=0")]),
        Mistake("only the batch", "What comes back are the statistics of this batch alone: the old values have no influence.",
                replace=[("momentum * running_mean + (1 - momentum) * batch_mean", "batch_mean"),
                ("momentum * running_var + (1 - momentum) * batch_var", "batch_var")]),
        Mistake("1 − momentum left out", "The batch counts in full: its factor 1 − momentum is missing, so the values grow from batch to batch.",
                replace=[("(1 - momentum) * batch_mean", "batch_mean"), ("(1 - momentum) * batch_var", "batch_var")]),
        Mistake("momentum left out", "The old value counts in full: its factor momentum is missing, so the values grow from batch to batch.",
                replace=[("momentum * running_mean", "running_mean"), ("momentum * running_var", "running_var")]),
        Mistake("momentum for both", "Old value and batch both get the factor momentum. The two shares have to add up to 1.",
                replace=[("(1 - momentum) * batch_mean", "momentum * batch_mean"), ("(1 - momentum) * batch_var", "momentum * batch_var")]),
        Mistake("squares about the running mean", "The squared distances are taken from the *running* mean. The variance of the batch is measured from the batch's "
                "own mean.",
                replace=("np.var(Z, axis=1, keepdims=True)", "np.mean((Z - running_mean) ** 2, axis=1, keepdims=True)")),
        Mistake("squares about the new mean", "The squared distances are taken from the updated mean. The variance of the batch is measured from the batch's own "
                "mean.",
                replace=[("    var = momentum", "    batch_var = np.mean((Z - mean) ** 2, axis=1, keepdims=True)\n    var = momentum")]),
        Mistake("mean of squares, not variance", "The squares of Z are averaged without taking the mean away: that is not the variance.",
                replace=("np.var(Z, axis=1, keepdims=True)", "np.mean(Z ** 2, axis=1, keepdims=True)")),
        Mistake("plain average", "Old value and batch are averaged half and half, whatever momentum is.",
                replace=[("momentum * running_mean + (1 - momentum) * batch_mean", "(running_mean + batch_mean) / 2"), ("momentum * running_var + (1 - momentum) * "
                "batch_var", "(running_var + batch_var) / 2")]),
        Mistake("weights squared for the variance", "The weights of the variance are squared, as for the variance of a sum. This is a running *average* of "
                "variances: the same weights as for the mean.",
                replace=("momentum * running_var + (1 - momentum) * batch_var", "momentum ** 2 * running_var + (1 - momentum) ** 2 * batch_var")),
        Mistake("deviations averaged", "The deviations are averaged and then squared. Average the variances themselves.",
                replace=("momentum * running_var + (1 - momentum) * batch_var", "(momentum * np.sqrt(running_var) + (1 - momentum) * np.sqrt(batch_var)) ** 2")),
        Mistake("sum for mean", "The batch's mean is a sum: it is not divided by m.", replace=("np.mean(Z, axis=1", "np.sum(Z, axis=1")),
        Mistake("one number for all units", "One mean and one variance serve all units. Each unit has its own, along its row: axis 1, with keepdims.",
                replace=[("np.mean(Z, axis=1, keepdims=True)", "np.mean(Z)"), ("np.var(Z, axis=1, keepdims=True)", "np.var(Z)")]),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "Z + 1": "a shift leaves the variance alone", "Z - 1": "a shift leaves the variance alone"},
    right=[update_by_step, update_by_rows, update_with_batchnorm],
    hints=("After training there is no batch to lean on. Keep an average of the batches' statistics that slowly forgets: mostly the old value, a little of the new.",
           "mean ← momentum · mean + (1 − momentum) · μ_batch, var ← momentum · var + (1 − momentum) · σ²_batch, all (n, 1).",
           "mean and variance of each row of Z, keepdims; then the weighted sums of old and new; return both, new arrays"),
    why="It is the exponential average of lab 04b. The old arrays stay as they were: a function that changes its arguments surprises whoever still holds them.",
    after="The layer can now do without a batch.")

# --- batchnorm_inference ---------------------------------------------------------------------------------------------


def draw_inference(rng, n, m):
    Z, gamma, beta, epsilon = draw_layer(rng, n, m)
    return Z, gamma, beta, np.round(rng.normal(0, 2, (n, 1)), 2), np.round(rng.uniform(0.5, 6, (n, 1)), 2), epsilon


def inference_as_line(Z, gamma, beta, running_mean, running_var, epsilon):
    slope = gamma * (running_var + epsilon) ** -0.5
    return slope * Z + (beta - slope * running_mean)


def inference_one_by_one(Z, gamma, beta, running_mean, running_var, epsilon):
    out = np.empty(Z.shape)
    for j in range(Z.shape[1]):
        out[:, [j]] = (Z[:, [j]] - running_mean) / np.sqrt(running_var + epsilon)
    return np.add(np.multiply(out, gamma), beta)


def inference_by_rows(Z, gamma, beta, running_mean, running_var, epsilon):
    return np.array([g * (row - mu) / (v + epsilon) ** 0.5 + b for row, g, b, mu, v in
                     zip(Z, gamma.ravel(), beta.ravel(), running_mean.ravel(), running_var.ravel())], dtype=np.float32)


def inference_with_own_statistics(Z, gamma, beta, running_mean, running_var, epsilon):
    return batchnorm_forward(Z, gamma, beta, epsilon)[0]


INFERENCE = Exercise(
    ex.batchnorm_inference, title="After training: one example alone", difficulty=2, importance=3, minutes=6,
    draw=draw_inference, sizes=[{"n": 2, "m": 1}, {"n": 2, "m": 3}, {"n": 3, "m": 5}, {"n": 4, "m": 2}, {"n": 1, "m": 6}], returns="out", names=NAMES,
        race={"n": 30, "m": 200},
    mistakes=[
        Mistake("the test batch's own statistics", "The batch that comes in is normalised with its *own* mean and variance. Then the answer for one example "
                "depends on who else is in the batch, and a batch "
                "of one always gives beta. After training only the running statistics count.", function=inference_with_own_statistics),
        Mistake("the test batch's own mean", "The mean is that of the batch that comes in. After training only the running statistics count.",
                replace=("Z - running_mean", "Z - np.mean(Z, axis=1, keepdims=True)")),
        Mistake("the test batch's own variance", "The variance is that of the batch that comes in. After training only the running statistics count.",
                replace=("np.sqrt(running_var", "np.sqrt(np.var(Z, axis=1, keepdims=True)")),
        Mistake("epsilon outside the root", "epsilon is added to the deviation, after the root. Here it is added to the variance, under the root, as in "
                "batchnorm_forward.",
                replace=("np.sqrt(running_var + epsilon)", "(np.sqrt(running_var) + epsilon)")),
        Mistake("epsilon left out", "epsilon is missing. It was there in training; leave nothing out that the net has learned with.",
                replace=("running_var + epsilon", "running_var")),
        Mistake("divided by the variance", "Z is divided by the variance. Divide by its root, the standard deviation.",
                replace=("np.sqrt(running_var + epsilon)", "(running_var + epsilon)")),
        Mistake("mean not subtracted", "The running mean is not taken away.", replace=("(Z - running_mean)", "Z")),
        Mistake("scale and shift left out", "gamma and beta are missing. The layers above have learned with them.", replace=("gamma * Z_hat + beta", "Z_hat")),
        Mistake("shift left out", "beta is missing.", replace=("gamma * Z_hat + beta", "gamma * Z_hat")),
        Mistake("scale left out", "gamma is missing.", replace=("gamma * Z_hat + beta", "Z_hat + beta")),
        Mistake("gamma and beta exchanged", "gamma and beta have changed places: gamma multiplies, beta is added.",
                replace=("gamma * Z_hat + beta", "beta * Z_hat + gamma")),
        Mistake("shifted before scaled", "beta is added before the product with gamma. Scale first, then shift.",
                replace=("gamma * Z_hat + beta", "gamma * (Z_hat + beta)")),
        Mistake("mean and variance exchanged", "The running mean and the running variance have changed places.",
                replace=[("Z - running_mean", "Z - running_var"), ("np.sqrt(running_var", "np.sqrt(running_mean")]),
        Mistake("running variance taken for the deviation", "The running variance is squared, as if it were the standard deviation. It is the variance: its root "
                "is what Z is divided by.",
                replace=("np.sqrt(running_var + epsilon)", "np.sqrt(running_var ** 2 + epsilon)")),
    ],
    right=[inference_as_line, inference_one_by_one, inference_by_rows],
    hints=("The same three steps as in training, with numbers that no longer depend on the batch.",
           "out = γ (Z − running_mean) / √(running_var + ε) + β, all statistics (n, 1).",
           "take the running mean away, divide by the root of running variance plus epsilon, times gamma, plus beta"),
    why="With fixed numbers batch norm is a straight line for each unit: it could be multiplied into the weights of the layer before.",
    after="One example, or a thousand: each gets the same answer whoever stands beside it.")

# --- one_hot ---------------------------------------------------------------------------------------------------------


def draw_labels(rng, n_classes, m):
    labels = rng.integers(0, n_classes - (n_classes > 2), m)  # the last class need not occur
    return labels, n_classes


def one_hot_from_identity(labels, n_classes):
    return np.eye(n_classes)[:, labels]


def one_hot_by_comparison(labels, n_classes):
    return np.arange(n_classes)[:, None] == labels[None, :]


def one_hot_by_loop(labels, n_classes):
    Y = np.zeros((n_classes, labels.size), dtype=int)
    for i, label in enumerate(labels):
        Y[label, i] = 1
    return Y


def one_hot_whole_rows(labels, n_classes):
    Y = np.zeros((n_classes, len(labels)))
    Y[labels] = 1
    return Y


def one_hot_where_cells_are(labels, n_classes):
    Y = np.zeros((n_classes, len(labels)))
    for i, label in enumerate(labels):
        Y[label, i] = label
    return Y


def one_hot_of_the_classes_seen(labels, n_classes):
    classes = np.unique(labels)
    return (classes[:, None] == labels[None, :]).astype(float)


def one_hot_reshaped(labels, n_classes):
    return np.eye(n_classes)[labels].reshape(n_classes, -1)


def one_hot_thermometer(labels, n_classes):
    return (np.arange(n_classes)[:, None] <= labels[None, :]).astype(float)


ONE_HOT = Exercise(
    ex.one_hot, title="A 1 in every column", difficulty=1, importance=2, minutes=6,
    draw=draw_labels, sizes=[{"n_classes": 2, "m": 1}, {"n_classes": 3, "m": 4}, {"n_classes": 5, "m": 3}, {"n_classes": 4, "m": 9}, {"n_classes": 2, "m": 6}],
        returns="Y",
    names={"n_classes": "the number of classes"}, race={"n_classes": 10, "m": 4000},
    extra=[Case((np.array([2, 0, 1, 2, 3]), 4), {"n_classes": 4, "m": 5}),
           Case((np.array([1, 1]), 3), {"n_classes": 3, "m": 2}), Case((np.array([3]), 4), {"n_classes": 4, "m": 1})],
    mistakes=[
        Mistake("one example a row", "There is one example a row, (m, n_classes). In this lab an example is a column.",
                replace=("    return Y", "    return Y.T")),
        Mistake("reshaped, not transposed", "The shape is right, the content is scrambled: `reshape` reads the numbers row by row into the new shape. Rows and "
                "columns change places with a transpose.",
                function=one_hot_reshaped),
        Mistake("as many rows as classes that occur", "The number of rows is taken from the labels. A class that happens not to occur in this batch still needs "
                "its row: n_classes of them.",
                replace=("np.zeros((n_classes, len(labels)))", "np.zeros((labels.max() + 1, len(labels)))")),
        Mistake("as many rows as classes that occur", "The number of rows is taken from the labels. A class that happens not to occur in this batch still needs "
                "its row: n_classes of them.",
                function=one_hot_of_the_classes_seen),
        Mistake("whole rows", "Whole rows are filled: with the labels alone as index every column of those rows is meant. Give the column of each label beside it.",
                function=one_hot_whole_rows),
        Mistake("the label instead of 1", "The entries hold the label itself. Which row it stands in says the class; the entry is 1.",
                function=one_hot_where_cells_are),
        Mistake("classes counted from 1", "The 1 stands a row too high: row label − 1. Classes are counted from 0 here, as rows are.",
                replace=("Y[labels, ", "Y[labels - 1, ")),
        Mistake("all rows up to the label", "Every row up to the label holds a 1. Only the row of the label itself should.", function=one_hot_thermometer),
        Mistake("zeros and ones exchanged", "Zeros and ones are exchanged.", replace=("    return Y", "    return 1 - Y")),
        Mistake("plus and minus one", "The entries are −1 and 1; zeros and ones are asked for.", replace=("    return Y", "    return 2 * Y - 1")),
        Mistake("row and column exchanged", "Row and column have changed places in the index: the label says the row, the place of the example the column.",
                replace=("Y[labels, np.arange(len(labels))]", "Y[np.arange(len(labels)), labels]")),
        Mistake("rows counted from the end", "The rows are turned upside down: class 0 stands in the last one.", replace=("    return Y", "    return Y[::-1]")),
    ],
    unchanged={"sign of Y": "−0 = 0", "labels + 1": "only their number counts", "labels - 1": "only their number counts", "Y returned": "the last line does so"},
    right=[one_hot_from_identity, one_hot_by_comparison, one_hot_by_loop],
    hints=("For example i, exactly one entry of column i is 1. Which row?",
           "Y (n_classes, m) of zeros; Y[labels[i], i] = 1 for every i. An index of two arrays names pairs: (row, column).",
           "zeros of shape (n_classes, number of labels); set the entries at rows `labels` and columns 0, 1, 2, … to 1"),
    why="`Y[labels, np.arange(m)]` pairs the two index arrays, one entry for each pair. `np.eye(n_classes)[:, labels]` picks columns of the identity and does the "
        "same.",
    after="A label is now a probability distribution that is completely sure.")

# --- categorical_cross_entropy ---------------------------------------------------------------------------------------


def draw_probabilities(rng, n_classes, m):
    P = np.round(softmax(rng.normal(0, 1.2, (n_classes, m))), 3) + 0.01
    labels = rng.integers(0, n_classes, m)
    return P / P.sum(axis=0), np.eye(n_classes)[:, labels]


def cross_entropy_by_picking(P, Y):
    return -np.log(P[Y.argmax(axis=0), np.arange(P.shape[1])]).mean()


def cross_entropy_by_mask(P, Y):
    return np.sum(-np.log(np.sum(P * Y, axis=0, keepdims=True)), axis=1) / Y.shape[1]


def cross_entropy_by_loops(P, Y):
    total = 0.0
    for i in range(P.shape[1]):
        for k in range(P.shape[0]):
            if Y[k, i]:
                total -= np.log(P[k, i])
    return total / P.shape[1]


def cross_entropy_clipped(P, Y):
    return np.float32(-np.trace(Y.T @ np.log(np.maximum(P, 1e-12))) / Y.shape[1])


CATEGORICAL = Exercise(
    ex.categorical_cross_entropy, title="The cost of several classes", difficulty=1, importance=3, minutes=6,
    draw=draw_probabilities,
        sizes=[{"n_classes": 2, "m": 1}, {"n_classes": 3, "m": 2}, {"n_classes": 3, "m": 4}, {"n_classes": 5, "m": 3}, {"n_classes": 4, "m": 7}],
        returns="cost",
    names={"n_classes": "the number of classes"}, race={"n_classes": 10, "m": 4000},
    extra=[Case((np.array([[1.0, 0.2], [0.0, 0.8]]), np.array([[1, 0], [0, 1]])), {"n_classes": 2, "m": 2}, label="a probability of exactly 0",
                remark="where a probability is exactly 0 the cost is nan, even if that class is not the true one: 0 · log 0 is not defined for a computer. Picking "
                    "the probability of the true class "
                       "before taking the logarithm avoids it.")],
    mistakes=[
        Mistake("minus sign left out", "The cost is negative. Logarithms of probabilities are below 0; the minus sign makes a large cost a bad one.",
                replace=("-np.sum(Y", "np.sum(Y")),
        Mistake("sum for mean", "The losses are added up but not divided by the number of examples. The cost is a *mean* over examples.",
                replace=("np.mean(losses)", "np.sum(losses)")),
        Mistake("mean over all entries", "The mean runs over all entries, classes included, so the cost is n_classes times too small. Sum over the classes, then "
                "the mean over the examples.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "-Y * np.log(P)")),
        Mistake("divided by the number of classes", "The sum is divided by the number of classes. The mean runs over the examples, the columns.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "-np.sum(Y * np.log(P), axis=1)")),
        Mistake("binary cross-entropy", "The term (1 − Y) log(1 − P) belongs to two classes with *one* output. Here the probabilities of a column add up to 1 "
                "already: pushing up the true one pushes down the "
                "others.", replace=("np.sum(Y * np.log(P), axis=0)", "np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P), axis=0)")),
        Mistake("binary cross-entropy", "That is the binary cross-entropy of every entry, averaged. Here the probabilities of a column add up to 1 already: only "
                "that of the true class counts.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "-(Y * np.log(P) + (1 - Y) * np.log(1 - P))")),
        Mistake("P and Y exchanged", "`P` and `Y` have changed places, so the logarithm of the labels is taken, log 0 among them.",
                replace=("Y * np.log(P)", "P * np.log(Y)")),
        Mistake("labels left out", "The logarithms of *all* probabilities are added up. Only that of the true class counts: the labels pick it.",
                replace=("Y * np.log(P)", "np.log(P)")),
        Mistake("logarithm of the sum", "The probabilities of a column are added up before the logarithm is taken: that sum is 1, and log 1 = 0. The labels have "
                "to pick one of them.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "-np.log(np.sum(P, axis=0))")),
        Mistake("entropy", "That is the entropy of the predictions, −Σ P log P: it says how undecided they are, and asks no label.",
                replace=("Y * np.log(P)", "P * np.log(P)")),
        Mistake("wrong classes counted", "The probabilities of the *wrong* classes are counted.", replace=("Y * np.log(P)", "(1 - Y) * np.log(P)")),
        Mistake("logarithm to base 2", "The logarithm is the one to base 2, so the cost is in bits. Here it is the natural one, `np.log`.",
                replace=("np.log(P)", "np.log2(P)")),
        Mistake("logarithm to base 10", "The logarithm is the one to base 10. Here it is the natural one, `np.log`.", replace=("np.log(P)", "np.log10(P)")),
        Mistake("log(1 + P)", "The logarithm is taken of 1 + P.", replace=("np.log(P)", "np.log1p(P)")),
        Mistake("logarithm left out", "That is (minus) the mean probability of the true class, without the logarithm. The logarithm makes a confident mistake "
                "expensive.", replace=("np.log(P)", "P")),
        Mistake("logarithm of the mean", "The logarithm is taken of the mean probability. Take it for each example, then the mean.",
                replace=[("-np.sum(Y * np.log(P), axis=0)", "np.sum(Y * P, axis=0)"), ("float(np.mean(losses))", "-np.log(np.mean(losses))")]),
        Mistake("softmax taken again", "Softmax is taken of P. P holds probabilities already.", replace=("np.log(P)", "np.log(softmax(P))")),
        Mistake("mean squared error", "That is the mean squared error. It is a cost, but not this one.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "np.sum((P - Y) ** 2, axis=0)")),
        Mistake("share of wrong answers", "That is the share of wrong answers. It does not see how sure they were, and its slope is 0 everywhere.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "P.argmax(axis=0) != Y.argmax(axis=0)")),
        Mistake("most likely class for the true one", "The probability of the *most likely* class is counted. It is that of the true class that counts.",
                replace=("-np.sum(Y * np.log(P), axis=0)", "-np.log(P.max(axis=0))")),
        Mistake("not averaged", "That is the loss of each example. The cost is one number, their mean.", replace=("float(np.mean(losses))", "losses")),
        Mistake("divided by 2m", "The sum is divided by 2m. The factor ½ belongs to some forms of the squared error; the cross-entropy has none.",
                replace=("np.mean(losses)", "np.mean(losses) / 2")),
        Mistake("largest loss", "That is the largest loss of a single example. The cost is their mean.", replace=("np.mean(losses)", "np.max(losses)")),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too"},
    right=[cross_entropy_by_picking, cross_entropy_by_mask, cross_entropy_by_loops, cross_entropy_clipped],
    hints=("Which probability did each column give to what was true? The loss is minus its logarithm.",
           "J = −(1/m) Σ_i Σ_k Y_ki log P_ki: for each column the sum over the classes picks one term.",
           "Y times log of P; sum over axis 0, minus; the mean, as a float"),
    why="Y is 0 except for the true class, so the inner sum has one term: the logarithm of the probability that the truth was given.",
    after="Whoever knows nothing of k classes pays log k.")

# --- softmax_cross_entropy_backward ----------------------------------------------------------------------------------


def draw_softmax_backward(rng, n_classes, m):
    return draw_probabilities(rng, n_classes, m)


def gradient_by_jacobian(P, Y):
    dZ = np.zeros(P.shape)
    for i in range(P.shape[1]):
        p = P[:, i]
        dP = -Y[:, i] / p / P.shape[1]
        dZ[:, i] = (np.diag(p) - np.outer(p, p)) @ dP
    return dZ


def gradient_by_subtraction(P, Y):
    dZ = P.copy()
    dZ[Y.argmax(axis=0), np.arange(Y.shape[1])] -= 1
    dZ /= Y.shape[1]
    return dZ


def gradient_in_float32(P, Y):
    return -np.float32(1 / len(P.T)) * (Y - P).astype(np.float32)


def numerical_gradient_of_scores(P, Y, eps=1e-5):
    Z, dZ = np.log(P), np.zeros(P.shape)
    for at in np.ndindex(Z.shape):
        step = np.zeros(Z.shape)
        step[at] = eps
        up, down = (categorical_cross_entropy(softmax(Z + s * step), Y) for s in (1, -1))
        dZ[at] = (up - down) / (2 * eps)
    return {"dZ": dZ}


SOFTMAX_BACKWARD = Exercise(
    ex.softmax_cross_entropy_backward, title="The shortest gradient", difficulty=1, importance=3, minutes=5,
    draw=draw_softmax_backward,
        sizes=[{"n_classes": 2, "m": 1}, {"n_classes": 3, "m": 2}, {"n_classes": 3, "m": 4}, {"n_classes": 5, "m": 3}, {"n_classes": 4, "m": 7}], returns="dZ",
    names={"n_classes": "the number of classes"}, numerical=numerical_gradient_of_scores, race={"n_classes": 10, "m": 4000},
    mistakes=[
        Mistake("no mean", "It comes out exactly m times too large, as if the division by the number of examples were missing. The cost is a *mean* over examples, "
                "so its gradient holds a 1/m.",
                replace=(" / P.shape[1]", "")),
        Mistake("Y − P", "It points the other way, as if Y − P stood where P − Y belongs. A gradient points uphill; the step down comes later, with its own minus "
                "sign.",
                replace=("(P - Y)", "(Y - P)")),
        Mistake("divided by the number of classes", "It is divided by the number of classes. The mean runs over the examples, the columns of P: P.shape[1].",
                replace=("P.shape[1]", "P.shape[0]")),
        Mistake("divided by all entries", "It is divided by the number of all entries. The mean runs over the examples, the columns of P: P.shape[1].",
                replace=("P.shape[1]", "P.size")),
        Mistake("gradient with respect to P", "That is the gradient with respect to P, −Y / P: the softmax itself is still to be gone through. Both together give "
                "something much shorter.",
                replace=("(P - Y)", "(-Y / P)")),
        Mistake("a factor P(1 − P) too many", "There is a factor P(1 − P) too many, the slope of a sigmoid. With cross-entropy it cancels, as derived above.",
                replace=("(P - Y)", "(P - Y) * P * (1 - P)")),
        Mistake("a factor P too many", "There is a factor P too many. The slope of the softmax cancels against the 1/P of the logarithm, as derived above.",
                replace=("(P - Y)", "(P - Y) * P")),
        Mistake("only the true class", "Only the entries of the true classes are filled. Softmax lets every score act on every probability: the scores of the "
                "wrong classes have a gradient "
                "too, as they are to lose what they were given.",
                replace=("(P - Y)", "(P - Y) * Y")),
        Mistake("only the wrong classes", "Only the entries of the wrong classes are filled. The score of the true class has a gradient too, P − 1: it is to gain.",
                replace=("(P - Y)", "(P - Y) * (1 - Y)")),
        Mistake("P for P − Y", "It uses P where the error P − Y belongs: a right prediction should pull at nothing.", replace=("(P - Y)", "P")),
        Mistake("twice", "It comes out twice too large, as for a squared error. The cross-entropy brings no factor 2.", replace=("(P - Y)", "2 * (P - Y)")),
        Mistake("mean taken over the examples", "The examples are averaged away. Every entry of Z has a gradient of its own; only the 1/m of the mean comes in.",
                replace=("(P - Y) / P.shape[1]", "np.mean(P - Y, axis=1, keepdims=True)")),
        Mistake("mean taken over the classes", "The classes are averaged (or added up) away; and each column of P − Y adds up to 0. Every entry of Z has a "
                "gradient of its own.",
                replace=("(P - Y) / P.shape[1]", "np.mean(P - Y, axis=0, keepdims=True)")),
        Mistake("softmax taken again", "Softmax is taken of P. P holds probabilities already.", replace=("(P - Y)", "(softmax(P) - Y)")),
        Mistake("absolute error", "The signs are lost: the true class has to gain (below 0 here), the others to lose.", replace=("(P - Y)", "np.abs(P - Y)")),
        Mistake("decision for probability", "The most likely class counts as 1 and the others as 0 before Y is taken away. Softmax keeps its doubt; the gradient "
                "needs it.",
                replace=("(P - Y)", "((P == P.max(axis=0)) - Y)")),
    ],
    unchanged={"Y in place of P": "both have m columns", "-1 in place of 1": "the last axis is axis 1"},
    right=[gradient_by_jacobian, gradient_by_subtraction, gradient_in_float32],
    hints=("What pulls at a score? How much probability its class has, less how much it should have.",
           "dZ = (P − Y) / m, (n_classes, m).",
           "P minus Y, divided by the number of columns"),
    why="−log P_k = log Σ e^z − z_k: the slope of the first term in z_j is P_j, that of the second 1 where j is the true class.",
    after="It has the form of lab 01's gradient: prediction less truth.")

EXERCISES = [SAMPLE, SEARCH, NARROW, FORWARD, BACKWARD, RUNNING, INFERENCE, ONE_HOT, CATEGORICAL, SOFTMAX_BACKWARD]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("decades", "You draw learning rates uniformly between 0.0001 and 1. What share of your trials lies below 0.01?", {
        "a": ("half, as there are two decades below and two above", "that is so for log-uniform draws; uniform ones look at the length of the interval."),
        "b": ("about 10 %", "that is the share below 0.1."),
        "c": ("about 1 %", "0.01 of the length of the interval. Ninety-nine in a hundred trials go to the upper two decades."),
    }, answer="c"),
    Quiz("panda", "One training takes three weeks on the only machine that you have. How do you tune?", {
        "a": ("like a sturgeon: twenty random settings, the best is kept", "twenty trainings would take over a year."),
        "b": ("like a panda: watch the one model and adjust it on the way", "with one training at a time you cannot afford to leave it alone; small trial runs "
        "beforehand tell where to start."),
        "c": ("with a grid of three values for each setting", "a grid needs even more trainings."),
    }, answer="b"),
    Quiz("companions", "In service a net with batch norm answers well when requests come in batches of 64, and gives every request the same answer when they come "
        "one by one. What is wrong?", {
        "a": ("it is overfitted", "then it would be as bad on new requests in batches of 64."),
        "b": ("it still uses the statistics of the batch that comes in", "a batch of one is its own mean: Z − μ is 0 in every unit, so beta is all that goes on. "
        "It should use the running statistics."),
        "c": ("the momentum was too small", "that would make the running statistics noisy; they are not even used here."),
        "d": ("epsilon is too large", "with one example the deviation from the mean is 0, whatever it is divided by."),
    }, answer="b"),
]

BUDGET, TUNINGS, GOAL = 24, 3, 0.94
SPACE = {"learning_rate": (1e-4, 10.0, "log"), "units": (3.0, 40.0, "linear"), "weight_scale": (0.01, 10.0, "log"), "momentum": (0.0, 0.99, "linear")}


def trained(settings, seed, X, Y, steps=250):
    """Weights and biases of a net 2-units-units-5 after gradient descent with momentum."""
    rng, dims = np.random.default_rng(seed), [2] + 2 * [int(round(settings["units"]))] + [5]
    W = [settings["weight_scale"] * rng.standard_normal((n, k)) / np.sqrt(k) for k, n in zip(dims, dims[1:])]
    b, velocity = [np.zeros((n, 1)) for n in dims[1:]], [np.zeros(w.shape) for w in W]
    for _ in range(steps):
        A = activations((W, b), X)
        dZ = softmax_cross_entropy_backward(softmax(A[3]), Y)
        for l in (2, 1, 0):
            velocity[l] = settings["momentum"] * velocity[l] + dZ @ A[l].T
            db, dZ = dZ.sum(axis=1, keepdims=True), (W[l].T @ dZ) * (A[l] > 0)
            W[l], b[l] = W[l] - settings["learning_rate"] * velocity[l], b[l] - settings["learning_rate"] * db
    return W, b


def activations(net, X):
    """Inputs, both hidden layers, and the scores."""
    (W, b), A = net, [X]
    for l in range(2):
        A.append(np.maximum(W[l] @ A[-1] + b[l], 0))
    return [*A, W[2] @ A[-1] + b[2]]


def judge_tuning(tune):
    (X, labels), (X_held, held), (X_test, test) = (many_classes.arms(m, 5, seed, 0.12) for seed, m in enumerate((300, 500, 2000)))
    Y = one_hot(labels, 5)

    def accuracy(settings, seed, points, truth):
        with np.errstate(all="ignore"):
            return float(np.mean(activations(trained(settings, seed, X, Y), points)[3].argmax(axis=0) == truth))

    def problem(settings):
        if not isinstance(settings, dict) or set(settings) != set(SPACE):
            return f"Settings are a dict with {', '.join(SPACE)}; got {describe(plain(settings))}."
        off = [n for n, (low, high, _) in SPACE.items() if not is_number(settings[n]) or not low <= as_number(settings[n]) <= high]
        return f"{off[0]} = {settings[off[0]]} lies outside the space." if off else ""

    def scorer(k):
        calls = iter(range(BUDGET))

        def score(settings):
            call = next(calls, None)
            if call is None:
                raise ValueError(f"the budget is {BUDGET} calls of score")
            if problem(settings):
                raise ValueError(problem(settings))
            return accuracy(settings, [k, call], X_held, held)

        return score

    results = []
    for k in range(TUNINGS):
        best = tune(scorer(k), dict(SPACE), np.random.default_rng(k))
        if problem(best):
            return False, problem(best)
        results.append(np.mean([accuracy(best, [99, k, i], X_test, test) for i in range(3)]))
    mean = float(np.mean(results))
    return mean >= GOAL, (f"Three tunings, at most {BUDGET} calls each: test accuracy {', '.join(f'{100 * r:.1f}' for r in results)} %, mean {100 * mean:.1f} %; "
                          f"{100 * GOAL:.0f} % is the goal.")


CHALLENGE = Challenge("five_arms", "Twenty-four trainings",
                      "Write `tune(score, space, rng)`: with at most 24 calls of score, find settings whose net reaches 94 % on fresh points, on average over "
                      "three tunings.", judge_tuning)
