"""What the graders of lab 08 know: cases, mistakes, right versions, hints."""
import copy

import numpy as np

from labutils.answers import FINE, describe
from labutils.calling import Fault, plain
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import confusion_counts
from .meters import candidates_world

NAMES = {"m": "the number of examples", "n_x": "the number of inputs", "tasks": "the number of questions", "parts": "the number of parts",
         "n": "the number of candidates"}

# --- confusion_counts ------------------------------------------------------------------------------------------------


def draw_answers(rng, m, kinds="ii", flat=False):
    """Truth and answers in which the four counts differ where there is room; `kinds` are the types, i, f or b, of the two."""
    shares = rng.permutation([0.4, 0.3, 0.2, 0.1])
    pairs = rng.choice(4, m, p=shares)
    y, p = pairs // 2, pairs % 2
    shape = (m,) if flat else (1, m)
    return tuple(v.reshape(shape).astype({"i": int, "f": float, "b": bool}[k]) for v, k in zip((y, p), kinds))


def pair(y, p, label=""):
    return Case((np.array(y), np.array(p)), {"m": len(y)}, label=label)


FORMS = [pair([1], [1]), pair([0], [1]), pair([1], [0]), pair([0], [0]), pair([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 1, 1, 0]),
         pair([0, 1, 1, 0, 0, 0, 1, 0, 1], [1, 0, 0, 0, 0, 0, 1, 0, 0])]


def counts_by_loop(y_true, y_pred):
    tp = fp = fn = tn = 0
    for y, p in zip(np.ravel(y_true), np.ravel(y_pred)):
        if y and p:
            tp += 1
        elif p:
            fp += 1
        elif y:
            fn += 1
        else:
            tn += 1
    return tp, fp, fn, tn


def counts_by_products(y_true, y_pred):
    y, p = y_true.astype(float), y_pred.astype(float)
    return (y * p).sum(), ((1 - y) * p).sum(), (y * (1 - p)).sum(), ((1 - y) * (1 - p)).sum()


def counts_by_bincount(y_true, y_pred):
    tn, fp, fn, tp = np.bincount((2 * np.ravel(y_true) + np.ravel(y_pred)).astype(int), minlength=4)
    return [tp, fp, fn, tn]


def shares_of_counts(y_true, y_pred):
    return tuple(c / np.size(y_true) for c in ex.confusion_counts(y_true, y_pred))


def counts_in_a_table(y_true, y_pred):
    tp, fp, fn, tn = ex.confusion_counts(y_true, y_pred)
    return np.array([[tn, fp], [fn, tp]])


def counts_in_a_dict(y_true, y_pred):
    return dict(zip(("tp", "fp", "fn", "tn"), ex.confusion_counts(y_true, y_pred)))


def masks_of_counts(y_true, y_pred):
    return tuple(np.array((y_true == y) & (y_pred == p)) for y, p in ((1, 1), (0, 1), (1, 0), (0, 0)))


ORDER = "tp, fp, fn, tn"
CONFUSION = Exercise(
    ex.confusion_counts, title="Four ways to meet the truth", difficulty=1, importance=3, minutes=8,
    draw=draw_answers, returns=("tp", "fp", "fn", "tn"), names=NAMES,
    sizes=[{"m": 5}, {"m": 9, "flat": True}, {"m": 12, "kinds": "ff"}, {"m": 8, "kinds": "bb", "flat": True}, {"m": 10, "kinds": "bi"}, {"m": 40, "kinds": "if"}],
    extra=FORMS,
    mistakes=[
        Mistake("fp and fn exchanged", "`fp` and `fn` have changed places. The second word is what was *answered*: a false positive is an answer of 1 that is "
                "wrong, a false alarm; a false negative is a case that was missed.", replace=(f"return {ORDER}", "return tp, fn, fp, tn")),
        Mistake("0 counted as positive", "Label 0 is counted as the positive one. Here *positive* means 1, the thing that one looks for.",
                replace=(f"return {ORDER}", "return tn, fn, fp, tp")),
        Mistake("order of a confusion matrix", "The counts are right, but they stand in the order tn, fp, fn, tp in which libraries lay out their table. Asked for is "
                "tp, fp, fn, tn.", replace=(f"return {ORDER}", "return tn, fp, fn, tp")),
        Mistake("order tp, tn, fp, fn", "The counts are right, but in another order: first both true ones, then both false ones. Asked for is tp, fp, fn, tn.",
                replace=(f"return {ORDER}", "return tp, tn, fp, fn")),
        Mistake("order tp, fp, tn, fn", "The last two counts have changed places: asked for is tp, fp, fn, tn.", replace=(f"return {ORDER}", "return tp, fp, tn, fn")),
        Mistake("all positives of the truth for tp", "`tp` counts all that *is* 1, found or not. A true positive was also answered 1.",
                replace=("tp = int(np.sum((y_true == 1) & (y_pred == 1)))", "tp = int(np.sum(y_true == 1))")),
        Mistake("all alarms for tp", "`tp` counts all answers of 1, right or not. A true positive is also 1 in truth.",
                replace=("tp = int(np.sum((y_true == 1) & (y_pred == 1)))", "tp = int(np.sum(y_pred == 1))")),
        Mistake("all alarms for fp", "`fp` counts all answers of 1. Only those are false whose truth is 0.",
                replace=("fp = int(np.sum((y_true == 0) & (y_pred == 1)))", "fp = int(np.sum(y_pred == 1))")),
        Mistake("all right answers for tp", "`tp` counts all right answers, also the right answers of 0; those are the true *negatives*.",
                replace=("tp = int(np.sum((y_true == 1) & (y_pred == 1)))", "tp = int(np.sum(y_true == y_pred))")),
        Mistake("all right answers for tn", "`tn` counts all right answers, also the right answers of 1; those are the true *positives*.",
                replace=("tn = int(np.sum((y_true == 0) & (y_pred == 0)))", "tn = int(np.sum(y_true == y_pred))")),
        Mistake("all wrong answers for fp", "`fp` counts every wrong answer, the missed ones too.",
                replace=("fp = int(np.sum((y_true == 0) & (y_pred == 1)))", "fp = int(np.sum(y_true != y_pred))")),
        Mistake("all wrong answers for fn", "`fn` counts every wrong answer, the false alarms too.",
                replace=("fn = int(np.sum((y_true == 1) & (y_pred == 0)))", "fn = int(np.sum(y_true != y_pred))")),
        Mistake("or for and", "A count takes in examples where only one of its two conditions holds: or stands for and.",
                replace=[("(y_true == 1) & (y_pred == 1)", "(y_true == 1) | (y_pred == 1)"), ("(y_true == 0) & (y_pred == 1)", "(y_true == 0) | (y_pred == 1)"),
                         ("(y_true == 1) & (y_pred == 0)", "(y_true == 1) | (y_pred == 0)"), ("(y_true == 0) & (y_pred == 0)", "(y_true == 0) | (y_pred == 0)")]),
        Mistake("shares in place of counts", "These are shares of all examples. Whole counts are asked for.", function=shares_of_counts),
        Mistake("a table", "The counts come as a table. Four numbers in a tuple are asked for: tp, fp, fn, tn.", function=counts_in_a_table),
        Mistake("a dict", "The counts come in a dict. Four numbers in a tuple are asked for: tp, fp, fn, tn.", function=counts_in_a_dict),
        Mistake("not summed", "These are the places where the conditions hold, not how many they are: count them.", function=masks_of_counts),
    ],
    unchanged={"int left out": "a numpy number is a number too", "steps exchanged": "the steps do not depend on each other"},
    right=[counts_by_loop, counts_by_products, counts_by_bincount],
    hints=("Read the names from the end: positive or negative is what was *answered*, true or false says whether that was right.",
           "tp = #{truth 1, answer 1}, fp = #{truth 0, answer 1}, fn = #{truth 1, answer 0}, tn = #{truth 0, answer 0}; together they are all m.",
           "tp = sum of (truth is 1) and (answer is 1), element by element with &; in the same way the other three; return all four"),
    why="Every other measure of yes-or-no answers is made of these four numbers.",
    after="Four numbers hold all that a list of answers has to say.")

# --- precision_recall_f1 ---------------------------------------------------------------------------------------------


def scores_by_hand(y_true, y_pred):
    y, p = np.ravel(y_true) == 1, np.ravel(y_pred) == 1
    hits = np.count_nonzero(y & p)
    precision = hits / p.sum() if p.any() else 0.0
    recall = hits / y.sum() if y.any() else 0.0
    return precision, recall, 2 * hits / (y.sum() + p.sum()) if hits else 0


def scores_by_try(y_true, y_pred):
    tp, fp, fn, _ = confusion_counts(y_true, y_pred)

    def over(a, b):
        try:
            return int(a) / int(b)
        except ZeroDivisionError:
            return 0.0

    return over(tp, tp + fp), over(tp, tp + fn), over(2 * tp, 2 * tp + fp + fn)


def scores_by_max(y_true, y_pred):
    tp, fp, fn, _ = confusion_counts(y_true, y_pred)
    p, r = np.float64(tp / max(tp + fp, 1)), np.float64(tp / max(tp + fn, 1))
    return [p, r, 0.0 if tp == 0 else 1 / ((1 / p + 1 / r) / 2)]


def scores_nan(y_true, y_pred):
    tp, fp, fn, _ = confusion_counts(y_true, y_pred)
    with np.errstate(all="ignore"):
        p, r = np.float64(tp) / (tp + fp), np.float64(tp) / (tp + fn)
        return p, r, 2 * p * r / (p + r)


def scores_guarded_together(y_true, y_pred):
    tp, fp, fn, _ = confusion_counts(y_true, y_pred)
    if tp + fp == 0 or tp + fn == 0:
        return None
    return ex.precision_recall_f1(y_true, y_pred)


def scores_percent(y_true, y_pred):
    return tuple(100 * s for s in ex.precision_recall_f1(y_true, y_pred))


def scores_one_where_undefined(y_true, y_pred):
    tp, fp, fn, _ = confusion_counts(y_true, y_pred)
    p, r = tp / (tp + fp) if tp + fp else 1.0, tp / (tp + fn) if tp + fn else 1.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


P, R = "tp / (tp + fp) if tp + fp > 0", "tp / (tp + fn) if tp + fn > 0"
F = "2 * precision * recall / (precision + recall)"
PRECISION = Exercise(
    ex.precision_recall_f1, title="Precision, recall, and one number", difficulty=1, importance=3, minutes=10,
    draw=draw_answers, returns=("precision", "recall", "f1"), names=NAMES, uses=[CONFUSION],
    sizes=[{"m": 7}, {"m": 9, "flat": True}, {"m": 12, "kinds": "ff"}, {"m": 15, "flat": True}, {"m": 40, "kinds": "if"}],
    extra=[*FORMS, pair([1, 0, 1], [0, 0, 0], "no alarm: y_true = [1 0 1], y_pred = [0 0 0]"), pair([0, 0, 0], [1, 0, 1], "no true case: y_true = [0 0 0], "
            "y_pred = [1 0 1]"),
           pair([1, 0, 1], [0, 1, 0], "no hit: y_true = [1 0 1], y_pred = [0 1 0]")],
    mistakes=[
        Mistake("precision and recall exchanged", "Precision and recall have changed places. Precision looks at the *alarms*: which share of them is right? Recall "
                "looks at the *true cases*: which share of them was found?",
                replace=("return precision, recall, f1", "return recall, precision, f1")),
        Mistake("arithmetic mean for F1", "`f1` is the arithmetic mean of precision and recall. It lets one make up for the other: who always says yes has recall 1 and "
                "would get more than one half. The *harmonic* mean is near the smaller of the two.", replace=(F, "(precision + recall) / 2")),
        Mistake("geometric mean for F1", "`f1` is the geometric mean, the root of the product. F1 is the harmonic mean.", replace=(F, "(precision * recall) ** 0.5")),
        Mistake("factor 2 of F1 missing", "`f1` is half of what it should be: the harmonic mean of two numbers carries a factor 2, so that it is 1 where both are 1.",
                replace=(F, "precision * recall / (precision + recall)")),
        Mistake("product for F1", "`f1` is the product of precision and recall. The harmonic mean also divides by their sum, and has a factor 2.",
                replace=(F, "precision * recall")),
        Mistake("larger one for F1", "`f1` is the larger of precision and recall. The harmonic mean is near the smaller one.", replace=(F, "max(precision, recall)")),
        Mistake("accuracy for F1", "`f1` is the accuracy, the share of right answers. The true negatives have no part in F1.", replace=(F, "(tp + tn) / (tp + fp + fn + tn)")),
        Mistake("F2 for F1", "`f1` weighs recall more than precision: that is F2. In F1 both count the same.",
                replace=(F, "5 * precision * recall / (4 * precision + recall)")),
        Mistake("F0.5 for F1", "`f1` weighs precision more than recall: that is F0.5. In F1 both count the same.",
                replace=(F, "1.25 * precision * recall / (0.25 * precision + recall)")),
        Mistake("twice the product for F1", "`f1` is not divided by the sum of precision and recall.", replace=(F, "2 * precision * recall")),
        Mistake("smaller one for F1", "`f1` is the smaller of precision and recall. The harmonic mean is near it, but not it.", replace=(F, "min(precision, recall)")),
        Mistake("nan where undefined", "Where there is no alarm, or no true case, a division by zero gives `nan`. Asked for is 0.0: a `nan` would win or lose every later "
                "comparison by accident.", function=scores_nan),
        Mistake("1 where undefined", "Where there is nothing to divide by, 1 comes out. Asked for is 0.0: a model that never says anything should not look perfect.",
                function=scores_one_where_undefined),
        Mistake("None where undefined", "Where precision or recall is undefined, `None` comes out for everything. Asked for is 0.0 for what is undefined, and "
                "the other number as "
                "it is.", function=scores_guarded_together),
        Mistake("accuracy for precision", "`precision` is the share of all right answers, the accuracy. Precision looks at the alarms only.",
                replace=(P, "(tp + tn) / (tp + fp + fn + tn) if tp + fp > 0")),
        Mistake("false positive rate", "`precision` is fp over all alarms, the share that is *false*.", replace=(P, "fp / (tp + fp) if tp + fp > 0")),
        Mistake("recall of the zeros", "`recall` is tn over all true zeros, which is called specificity. Recall is about the ones.",
                replace=(R, "tn / (tn + fp) if tn + fp > 0")),
        Mistake("recall over tn", "`recall` divides by tp + tn, all right answers. The true cases are those found, tp, and those missed, fn.", replace=(R, "tp "
                "/ (tp + tn) if tp + tn > 0")),
        Mistake("precision over tn", "`precision` divides by tp + tn, all right answers. The alarms are the right ones, tp, and the false ones, fp.",
                replace=(P, "tp / (tp + tn) if tp + tn > 0")),
        Mistake("recall over all", "`recall` divides by all examples. It is a share of the true cases, tp + fn.", replace=(R, "tp / (tp + fp + fn + tn) if tp + fn > 0")),
        Mistake("precision over all", "`precision` divides by all examples. It is a share of the alarms, tp + fp.", replace=(P, "tp / (tp + fp + fn + tn) if tp + fp > 0")),
        Mistake("tn in F1", "`f1` counts the true negatives as hits. They are the bulk where the thing looked for is rare, and F1 leaves them out for that reason.",
                replace=(F, "2 * (tp + tn) / (2 * (tp + tn) + fp + fn)")),
        Mistake("percent", "The results are in percent. Shares between 0 and 1 are asked for.", function=scores_percent),
    ],
    unchanged={"term fp left out": "in a guard: with tp = 0 the quotient is 0 anyway",
               "term fn left out": "in a guard: with tp = 0 the quotient is 0 anyway", "precision in place of": "in a guard only",
               "recall in place of": "in a guard only",
               "tp in place of": "in a guard only", "term recall left out": "in a guard: both are 0 together", "term precision left out": "in a guard: both are 0 together",
               "* in place of +": "in a guard: both are 0 together", "steps exchanged": "the steps do not depend on each other"},
    right=[scores_by_hand, scores_by_try, scores_by_max],
    hints=("Precision is a share of the alarms, recall a share of the true cases. The harmonic mean is small as soon as one of them is.",
           "precision = tp/(tp+fp), recall = tp/(tp+fn), F1 = 2·precision·recall/(precision+recall); each 0 where its denominator is 0.",
           "tp, fp, fn, tn from confusion_counts; precision = tp over tp + fp if that is above 0, else 0.0; recall with fn; f1 from both, guarded in the same way"),
    why="F1 is also 2tp / (2tp + fp + fn): hits, over the mean number of alarms and true cases. The true negatives have no part in it.",
    after="Now two models can be put in order by one number.")

# --- weighted_error --------------------------------------------------------------------------------------------------


def draw_weighted(rng, m, kinds="ii", flat=False):
    y, p = draw_answers(rng, m, kinds, flat)
    if m > 1:
        p.flat[0], p.flat[1] = 1 - y.flat[0], y.flat[1]
    return y, p, rng.choice([0.5, 1.0, 2.0, 3.0, 7.0, 10.0], y.shape) if m > 1 else np.full(y.shape, 3.0)


def weighted_by_average(y_true, y_pred, weights):
    return np.average(np.ravel(y_true) != np.ravel(y_pred), weights=np.ravel(weights))


def weighted_by_selection(y_true, y_pred, weights):
    return weights[y_true != y_pred].sum() / weights.sum()


def weighted_by_loop(y_true, y_pred, weights):
    lost = total = 0.0
    for y, p, w in zip(y_true.ravel(), y_pred.ravel(), weights.ravel()):
        total += w
        lost += w if y != p else 0
    return np.array([[lost / total]])


def weighted_by_first_root(y_true, y_pred, weights):
    return 1 - np.sum(weights * (y_true == y_pred)) / np.sum(weights)


def weighted_only_ones(y_true, y_pred, weights):
    return np.sum(weights * ((y_true == 1) & (y_pred == 0))) / np.sum(weights)


def weighted_only_zeros(y_true, y_pred, weights):
    return np.sum(weights * ((y_true == 0) & (y_pred == 1))) / np.sum(weights)


def weighted_by_signed(y_true, y_pred, weights):
    return np.sum(weights * (y_true - y_pred)) / np.sum(weights)


W = "np.sum(weights * wrong) / np.sum(weights)"
WEIGHTED = Exercise(
    ex.weighted_error, title="The error that must never happen", difficulty=1, importance=3, minutes=8,
    draw=draw_weighted, returns="error", names=NAMES,
    sizes=[{"m": 3}, {"m": 1}, {"m": 6, "flat": True}, {"m": 9, "kinds": "ff"}, {"m": 12, "flat": True}, {"m": 30, "kinds": "if"}],
    extra=[Case((np.array([0, 1, 1]), np.array([0, 1, 1]), np.array([1, 5, 2])), {"m": 3}, label="all right"),
           Case((np.array([[1, 0, 1, 0]]), np.array([[0, 1, 1, 0]]), np.array([[10, 1, 10, 1]])), {"m": 4}),
           Case((np.array([1, 0, 1]), np.array([0, 1, 1]), np.array([0.0, 2.0, 3.0])), {"m": 3}, label="a weight of 0"),
           Case((np.array([1, 0]), np.array([0, 1]), np.array([4.0, 2.0])), {"m": 2}, label="all wrong")],
    mistakes=[
        Mistake("weights not normalised", "The weights of the wrong answers are added up, but not divided by the sum of all weights. The error would grow with the number "
                "of examples, and with the unit of the weights.", replace=(W, "np.sum(weights * wrong)")),
        Mistake("divided by m", "The sum is divided by the number of examples, not by the sum of the weights: an error of more than 1 could come out.",
                replace=(W, "np.mean(weights * wrong)")),
        Mistake("weights on right answers", "That is the weight of the *right* answers. An error counts the wrong ones.", replace=("y_true != y_pred", "y_true == y_pred")),
        Mistake("weights have no influence", "That is the plain error: the share of wrong answers, whatever they weigh.", replace=(W, "np.mean(wrong)")),
        Mistake("divided by the weight of the wrong", "The weight of the wrong answers is divided by itself, or by their number. Divide by the weight of *all* examples.",
                replace=(W, "np.sum(weights * wrong) / max(np.sum(wrong), 1)")),
        Mistake("not weighted above", "The number of wrong answers is divided by the sum of the weights: the weights belong into the numerator too.",
                replace=(W, "np.sum(wrong) / np.sum(weights)")),
        Mistake("divided by the weight of the right", "The weight of the wrong answers is divided by the weight of the right ones. It is a share of all.",
                replace=(W, "np.sum(weights * wrong) / max(np.sum(weights * ~wrong), 1e-9)")),
        Mistake("misses only", "Only the missed ones count (truth 1, answer 0). A false alarm is wrong too; how much it counts is for the weights to say.",
                function=weighted_only_ones),
        Mistake("false alarms only", "Only false alarms count (truth 0, answer 1). A miss is wrong too; how much it counts is for the weights to say.",
                function=weighted_only_zeros),
        Mistake("signed differences", "The differences keep their signs, so that a miss and a false alarm cancel. Ask whether answer and truth differ, not in "
                "which direction.",
                function=weighted_by_signed),
        Mistake("divided by the length of the weights", "The sum is divided by the root of the sum of squares of the weights. A share needs their plain sum below.",
                replace=(W, "np.sum(weights * wrong) / np.sqrt(np.sum(weights ** 2))")),
        Mistake("weights squared throughout", "The weights enter squared.", replace=(W, "np.sum(weights ** 2 * wrong) / np.sum(weights ** 2)")),
        Mistake("divided by the largest weight", "The sum is divided as if every example had the largest weight. Divide by the weight of all, as it is.",
                replace=(W, "np.sum(weights * wrong) / (np.max(weights) * weights.size)")),
        Mistake("weights squared", "The weights enter squared.", replace=(W, "np.sum(weights ** 2 * wrong) / np.sum(weights)")),
    ],
    unchanged={"float left out": "a numpy number is a number too", "bracket closed": "float and division may change places",
               "mean in place of sum, everywhere": "m cancels"},
    right=[weighted_by_average, weighted_by_selection, weighted_by_loop, weighted_by_first_root],
    hints=("Think of every example as w copies of itself: which share of the copies is wrong?", "Σ w·[y ≠ ŷ] / Σ w, both sums over all m examples.",
           "wrong = where truth and answer differ; sum of weights times wrong, over sum of weights"),
    why="With all weights equal it is the plain error. With weight 10 on one kind of example, a mistake there counts as ten.",
    after="Now the metric can say what you really want.")

# --- choose_model ----------------------------------------------------------------------------------------------------

METRICS = {"accuracy": (0.5, 1.0), "log_likelihood": (-300.0, -20.0), "milliseconds": (5.0, 900.0), "megabytes": (1.0, 60.0)}


def draw_candidates(rng, n, direction="max", conditions=1, extremes=False):
    """Candidates with distinct values; about half of them fulfil all conditions, and one may sit right on a limit."""
    names = [str(x) for x in rng.permutation(["tree", "net", "forest", "neighbours", "line", "kernel", "bayes"])[:n]]
    values = {k: np.round(rng.permutation(np.linspace(*span, 4 * n + 1))[:n], 3).tolist() for k, span in METRICS.items()}
    metric, *others = [str(x) for x in rng.permutation(list(METRICS))]
    limits = {}
    for k in others[:conditions]:
        ordered = sorted(values[k])
        sign = str(rng.choice([">=", "<="]))
        at = (n - 1) // 3
        limits[k] = (sign, ordered[at if sign == ">=" else n - 1 - at])
    return {name: {k: v[i] for k, v in values.items()} for i, name in enumerate(names)}, (metric, direction), limits


def table(rows, optimizing, satisficing, label=""):
    return Case(({name: dict(zip(("accuracy", "milliseconds", "megabytes"), row)) for name, row in rows.items()}, optimizing, satisficing), {"n": len(rows)}, label=label)


THREE = {"small": (0.90, 80.0, 5.0), "middle": (0.92, 95.0, 20.0), "large": (0.95, 1500.0, 50.0)}
HARD = [
    table(THREE, ("accuracy", "max"), {"milliseconds": ("<=", 100.0)}),
    table(THREE, ("accuracy", "max"), {"milliseconds": ("<=", 95.0)}, "a candidate whose 95 ms equal the limit"),
    table(THREE, ("milliseconds", "min"), {"accuracy": (">=", 0.92)}, "a candidate whose accuracy equals the limit"),
    table(THREE, ("accuracy", "max"), {}, "no conditions"), table(THREE, ("megabytes", "min"), {}, "no conditions, as small as can be"),
    table(THREE, ("accuracy", "max"), {"milliseconds": ("<=", 10.0)}, "no candidate fulfils the condition"),
    table(THREE, ("milliseconds", "min"), {"accuracy": (">=", 0.99)}, "no candidate fulfils the condition (min)"),
    table(THREE, ("accuracy", "max"), {"milliseconds": ("<=", 90.0), "megabytes": (">=", 10.0)}, "each condition is fulfilled by somebody, both by none"),
    table(THREE, ("accuracy", "max"), {"milliseconds": ("<=", 100.0), "megabytes": ("<=", 10.0)}, "two conditions, one candidate fulfils both"),
    table(THREE, ("accuracy", "max"), {"megabytes": ("<=", 10.0), "milliseconds": ("<=", 5000.0)}, "two conditions, all fulfil the last"),
    table(THREE, ("accuracy", "max"), {"megabytes": ("<=", 100.0), "milliseconds": ("<=", 90.0)}, "two conditions, all fulfil the first"),
    table(THREE, ("accuracy", "max"), {"accuracy": ("<=", 0.93)}, "a condition on the optimised metric itself"),
    table({"one": (0.7, 2000.0, 900.0)}, ("milliseconds", "min"), {"accuracy": (">=", 0.5)}, "one candidate, large values"),
    table({"a": (-5.0, 3.0, 1.0), "b": (-2.0, 3.0, 1.0), "c": (-9.0, 3.0, 1.0)}, ("accuracy", "max"), {"milliseconds": ("<=", 4.0)}, "all values negative"),
    table({"a": (0.0, 3.0, 1.0), "b": (-2.0, 3.0, 1.0)}, ("accuracy", "max"), {}, "best value 0"),
    table({"a": (0.3, 3.0, 0.0), "b": (0.8, 3.0, 1.0)}, ("megabytes", "min"), {}, "smallest value 0"),
]


def choose_by_filter(candidates, optimizing, satisficing):
    checks = {">=": lambda v, limit: v >= limit, "<=": lambda v, limit: v <= limit}
    good = {n: v for n, v in candidates.items() if all(checks[s](v[k], limit) for k, (s, limit) in satisficing.items())}
    if not good:
        return None
    pick = max if optimizing[1] == "max" else min
    return pick(good, key=lambda n: good[n][optimizing[0]])


def choose_by_sorting(candidates, optimizing, satisficing):
    names = sorted(candidates, key=lambda n: candidates[n][optimizing[0]], reverse=optimizing[1] == "max")
    for name in names:
        failed = [k for k in satisficing if (candidates[name][k] < satisficing[k][1] if satisficing[k][0] == ">=" else candidates[name][k] > satisficing[k][1])]
        if not failed:
            return name


def choose_by_sign(candidates, optimizing, satisficing):
    sign = 1 if optimizing[1] == "max" else -1
    best, value = None, -np.inf
    for name in reversed(candidates):
        ok = True
        for key, (op, limit) in satisficing.items():
            ok = ok and (candidates[name][key] - limit) * (1 if op == ">=" else -1) >= 0
        if ok and sign * candidates[name][optimizing[0]] > value:
            best, value = name, sign * candidates[name][optimizing[0]]
    return best


def choose_name_and_value(candidates, optimizing, satisficing):
    best = ex.choose_model(candidates, optimizing, satisficing)
    return best, candidates[best][optimizing[0]] if best else None


def choose_value(candidates, optimizing, satisficing):
    best = ex.choose_model(candidates, optimizing, satisficing)
    return candidates[best][optimizing[0]] if best else None


def choose_row(candidates, optimizing, satisficing):
    best = ex.choose_model(candidates, optimizing, satisficing)
    return candidates[best] if best else None


def choose_all(candidates, optimizing, satisficing):
    return [n for n in candidates if ex.choose_model({n: candidates[n]}, optimizing, satisficing)]


def choose_until_unfit(candidates, optimizing, satisficing):
    kept = {}
    for name, values in candidates.items():
        if ex.choose_model({name: values}, optimizing, satisficing) is None:
            break
        kept[name] = values
    return ex.choose_model(kept, optimizing, {})


def choose_unfit(candidates, optimizing, satisficing):
    unfit = {n: v for n, v in candidates.items() if ex.choose_model({n: v}, optimizing, satisficing) is None}
    return ex.choose_model(unfit, optimizing, {})


def choose_against_first(candidates, optimizing, satisficing):
    fit = [n for n, v in candidates.items() if ex.choose_model({n: v}, optimizing, satisficing)]
    better = [n for n in fit if ex.choose_model({fit[0]: candidates[fit[0]], n: candidates[n]}, optimizing, {}) == n]
    return better[-1] if fit else None


def choose_any(candidates, optimizing, satisficing):
    fits = {n: v for n, v in candidates.items() if not satisficing or any(v[k] >= limit if s == ">=" else v[k] <= limit for k, (s, limit) in satisficing.items())}
    return ex.choose_model(fits, optimizing, {})


def choose_fallback_max(candidates, optimizing, satisficing):
    return ex.choose_model(candidates, optimizing, satisficing) or ex.choose_model(candidates, (optimizing[0], "max"), {})


def choose_best_first(candidates, optimizing, satisficing):
    best = ex.choose_model(candidates, optimizing, {})
    return ex.choose_model({best: candidates[best]}, optimizing, satisficing)


def choose_first_feasible(candidates, optimizing, satisficing):
    return next(iter(choose_all(candidates, optimizing, satisficing)), None)


def choose_last_feasible(candidates, optimizing, satisficing):
    return next(iter(choose_all(candidates, optimizing, satisficing)[::-1]), None)


def choose_fallback(candidates, optimizing, satisficing):
    return ex.choose_model(candidates, optimizing, satisficing) or ex.choose_model(candidates, optimizing, {})


def choose_first_condition(candidates, optimizing, satisficing):
    return ex.choose_model(candidates, optimizing, dict(list(satisficing.items())[:1]))


def choose_last_condition(candidates, optimizing, satisficing):
    return ex.choose_model(candidates, optimizing, dict(list(satisficing.items())[-1:]))


def choose_from_zero(candidates, optimizing, satisficing):
    best, value = None, 0 if optimizing[1] == "max" else 1e9
    for n in choose_all(candidates, optimizing, satisficing):
        v = candidates[n][optimizing[0]]
        if v > value if optimizing[1] == "max" else v < value:
            best, value = n, v
    return best


def choose_min_from_zero(candidates, optimizing, satisficing):
    best, value = None, 0
    for n in choose_all(candidates, optimizing, satisficing):
        v = candidates[n][optimizing[0]]
        if v > value if optimizing[1] == "max" else v < value:
            best, value = n, v
    return best


def choose_min_from_one(candidates, optimizing, satisficing):
    best, value = None, -np.inf if optimizing[1] == "max" else 1
    for n in choose_all(candidates, optimizing, satisficing):
        v = candidates[n][optimizing[0]]
        if v > value if optimizing[1] == "max" else v < value:
            best, value = n, v
    return best


def choose_text_none(candidates, optimizing, satisficing):
    return ex.choose_model(candidates, optimizing, satisficing) or "None"


def choose_empty(candidates, optimizing, satisficing):
    return ex.choose_model(candidates, optimizing, satisficing) or ""


def choose_error(candidates, optimizing, satisficing):
    pick = max if optimizing[1] == "max" else min
    return pick(choose_all(candidates, optimizing, satisficing), key=lambda n: candidates[n][optimizing[0]])


GE, LE = "values[key] >= limit if", "else values[key] <= limit"
CHOOSE = Exercise(
    ex.choose_model, title="Good enough, and then the best", difficulty=2, importance=3, minutes=15,
    draw=draw_candidates, returns="name", names=NAMES, extra=HARD,
    sizes=[{"n": 4}, {"n": 4, "direction": "min"}, {"n": 5, "conditions": 2}, {"n": 6, "conditions": 3, "direction": "min"}, {"n": 7, "conditions": 2, "direction": "min"},
           {"n": 5, "conditions": 0}, {"n": 7, "conditions": 3}, {"n": 6}, {"n": 7, "direction": "min"}],
    mistakes=[
        Mistake("satisficing ignored", "The conditions have no influence: the best by the optimising metric comes back, even where it is not good enough by the others.",
                replace=("if fits and better", "if better")),
        Mistake("strict limits", "A candidate that sits exactly on a limit is turned away. A limit counts as fulfilled where it is reached: >= and <=, not > and <.",
                replace=[(GE, "values[key] > limit if"), (LE, "else values[key] < limit")]),
        Mistake("strict limit of >=", "A candidate that sits exactly on a limit of the kind \">=\" is turned away. The limit itself fulfils the condition.",
                replace=(GE, "values[key] > limit if")),
        Mistake("strict limit of <=", "A candidate that sits exactly on a limit of the kind \"<=\" is turned away. The limit itself fulfils the condition.",
                replace=(LE, "else values[key] < limit")),
        Mistake("always maximised", "The largest value always wins, also where the metric is to be as small as can be: an error, or a time. Look at the second "
                "entry of `optimizing`.",
                replace=('if direction == "max" else values[metric] < candidates[best][metric]', 'if direction else values[metric] < candidates[best][metric]')),
        Mistake("always minimised", "The smallest value always wins, also where the metric is to be as large as can be. Look at the second entry of `optimizing`.",
                replace=('if direction == "max" else values[metric] < candidates[best][metric]', 'if not direction else values[metric] < candidates[best][metric]')),
        Mistake("max and min exchanged", "Where the largest is wanted the smallest wins, and the other way round.", replace=('direction == "max"', 'direction == "min"')),
        Mistake("signs exchanged", "\">=\" and \"<=\" have changed places: who misses a condition passes, and who fulfils it is turned away.",
                replace=('sign == ">="', 'sign == "<="')),
        Mistake("every condition read as >=", "Every condition is read as \">=\". Some limits are upper ones: times, sizes.", replace=('if sign == ">="', "if sign")),
        Mistake("every condition read as <=", "Every condition is read as \"<=\". Some limits are lower ones.", replace=('if sign == ">="', "if not sign")),
        Mistake("any for all", "A candidate passes as soon as it fulfils *one* of the conditions. It has to fulfil all of them.", replace=("all(", "any(")),
        Mistake("any for all, unless there are none", "A candidate passes as soon as it fulfils *one* of the conditions. It has to fulfil all of them.", function=choose_any),
        Mistake("first condition only", "Only the first condition is looked at. All of them have to hold.", function=choose_first_condition),
        Mistake("last condition only", "Only the last condition decides. All of them have to hold: an earlier failure must not be forgotten.", function=choose_last_condition),
        Mistake("best first, conditions then", "The best of *all* is taken first, and then asked whether it is good enough. Where it is not, the best of the "
                "others should win: "
                "first filter, then choose.", function=choose_best_first),
        Mistake("stops at the first unfit", "The search ends at the first candidate that does not fit: `continue` goes on to the next one, `break` ends the loop.",
                function=choose_until_unfit),
        Mistake("best of the unfit", "The candidates that do *not* fulfil the conditions are kept: the best of them comes back.", function=choose_unfit),
        Mistake("compared with the first only", "Every candidate is compared with the first that fits, not with the best so far: when a better one is found, "
                "its value has to be kept as well as its name.", function=choose_against_first),
        Mistake("first that fits", "The first candidate that fulfils the conditions comes back, not the best of them.", function=choose_first_feasible),
        Mistake("last that fits", "The last candidate that fulfils the conditions comes back, not the best of them.", function=choose_last_feasible),
        Mistake("best of the unfit where none fits", "Where no candidate fulfils the conditions one comes back all the same. `None` is asked for: \"none is "
                "good enough\" is an answer too, "
                "and the important one.", function=choose_fallback),
        Mistake("the largest of the unfit where none fits", "Where no candidate fulfils the conditions one comes back all the same. `None` is asked for: \"none "
                "is good enough\" is "
                "an answer too.", function=choose_fallback_max),
        Mistake("the word None", "Where no candidate fits, a string comes back. `None` itself is asked for.", function=choose_text_none),
        Mistake("an empty name", "Where no candidate fits, an empty string comes back. `None` is asked for.", function=choose_empty),
        Mistake("an error where none fits", "Where no candidate fits, the best of an empty list is asked for, which is an error. Return `None` there.", function=choose_error),
        Mistake("search from 0", "The search for the largest begins at 0, so that negative values, such as log-likelihoods, can never win.", function=choose_from_zero),
        Mistake("search for both from 0", "The search begins at 0, so that nothing positive can ever be smaller, and nothing negative larger.", function=choose_min_from_zero),
        Mistake("search for the smallest from 1", "The search for the smallest begins at 1, so that nothing above it, such as a time in milliseconds, can win.",
                function=choose_min_from_one),
        Mistake("name and value", "Name and value come back. The name alone is asked for.", function=choose_name_and_value),
        Mistake("value for name", "The best *value* comes back. Asked for is the name of the candidate that has it.", function=choose_value),
        Mistake("metrics for name", "The metrics of the best candidate come back. Asked for is its name.", function=choose_row),
        Mistake("all that fit", "All candidates that fulfil the conditions come back. Of these the best one is wanted.", function=choose_all),
    ],
    unchanged={">= in place of >": "of equal candidates any is right", "<= in place of <": "of equal candidates any is right",
               "steps exchanged": "the steps do not depend on each other", "sign of fits": "true stays true", "best returned": "it is what is returned"},
    right=[choose_by_filter, choose_by_sorting, choose_by_sign],
    hints=("Two questions, one after the other: who is good enough? And of those: who is best?",
           "Feasible = {name : for every (metric, (sign, limit)) the value is ≥ limit, or ≤ limit}; answer = argmax, or argmin, of the optimising metric over "
                   "it; None if it is empty.",
           "go through the candidates; check all conditions with their own sign; among those that pass keep the name with the largest, or smallest, value; "
                   "start with None"),
    why="Satisficing metrics turn a choice among many numbers into a filter. Only one metric is left to compare, so there is no haggling over weights.",
    after="A choice with a reason that can be written down.")

# --- diagnose --------------------------------------------------------------------------------------------------------


def draw_ladder(rng, largest, falling=False):
    """Four errors; the step of index `largest` is the largest by a clear margin. With `falling` all steps go down."""
    while True:
        steps = np.round(rng.uniform(-0.09, -0.005, 3) if falling else rng.uniform(-0.05, 0.2, 3), 3)
        others = np.delete(steps, largest)
        if steps[largest] > others.max() + 0.01:
            break
    start = np.round(rng.uniform(0.3, 0.4) if falling else rng.uniform(0.06, 0.2), 3)
    return tuple(float(np.round(v, 3)) for v in start + np.concatenate([[0], np.cumsum(steps)]))


def ladder(*errors, label=""):
    return Case(errors, {"errors": 4}, label=label)


LABELS = ("avoidable bias", "variance", "overfitting to dev")


def diagnose_by_argmax(human_error, train_error, dev_error, test_error):
    return LABELS[int(np.argmax(np.diff([human_error, train_error, dev_error, test_error])))]


def diagnose_by_ifs(human_error, train_error, dev_error, test_error):
    a, b, c = train_error - human_error, dev_error - train_error, test_error - dev_error
    if a >= b and a >= c:
        return "avoidable bias"
    return "variance" if b >= c else "overfitting to dev"


def diagnose_by_sorting(human_error, train_error, dev_error, test_error):
    rungs = [human_error, train_error, dev_error, test_error]
    return sorted(range(3), key=lambda i: rungs[i] - rungs[i + 1]) and LABELS[min(range(3), key=lambda i: rungs[i] - rungs[i + 1])]


def diagnose_last_on_tie(human_error, train_error, dev_error, test_error):
    gaps = np.diff([human_error, train_error, dev_error, test_error])[::-1]
    return LABELS[2 - int(np.argmax(gaps))]


def diagnose_by_size(human_error, train_error, dev_error, test_error):
    return LABELS[int(np.argmax(np.abs(np.diff([human_error, train_error, dev_error, test_error]))))]


def diagnose_by_errors(human_error, train_error, dev_error, test_error):
    return LABELS[int(np.argmax([train_error, dev_error, test_error]))]


def diagnose_index(human_error, train_error, dev_error, test_error):
    return int(np.argmax(np.diff([human_error, train_error, dev_error, test_error])))


def diagnose_gap(human_error, train_error, dev_error, test_error):
    return float(np.max(np.diff([human_error, train_error, dev_error, test_error])))


def diagnose_ratio(human_error, train_error, dev_error, test_error):
    return LABELS[int(np.argmax([train_error / human_error, dev_error / train_error, test_error / dev_error]))]


def diagnose_bias_variance_swapped(human_error, train_error, dev_error, test_error):
    return {"avoidable bias": "variance", "variance": "avoidable bias"}.get(*2 * (ex.diagnose(human_error, train_error, dev_error, test_error),))


def diagnose_never_overfitting(human_error, train_error, dev_error, test_error):
    return "avoidable bias" if ex.diagnose(human_error, train_error, dev_error, test_error) == "avoidable bias" else "variance"


def diagnose_never_bias(human_error, train_error, dev_error, test_error):
    return "variance" if dev_error - train_error >= test_error - dev_error else "overfitting to dev"


def diagnose_bias_or_variance(human_error, train_error, dev_error, test_error):
    return "avoidable bias" if train_error - human_error >= dev_error - train_error else "variance"


def diagnose_any_bias(human_error, train_error, dev_error, test_error):
    return LABELS[0] if train_error - human_error > 0 else LABELS[1 + (test_error - dev_error > dev_error - train_error)]


def diagnose_observed(args, value):
    """The diagnosis; a word that is none of the three is named as such."""
    if isinstance(value, str) and value not in LABELS:
        return Fault(f'"{value}" is none of the three diagnoses. They are words that other code compares, so they have to be exactly "avoidable bias", "variance" and "over'
                     'fitting to dev".', whole=True, name="another word")
    return plain(value)


def diagnose_threshold(human_error, train_error, dev_error, test_error):
    if train_error - human_error > 0.02:
        return LABELS[0]
    return LABELS[1 + (test_error - dev_error > dev_error - train_error)]


def diagnose_ratio_first(human_error, train_error, dev_error, test_error):
    return LABELS[int(np.argmax([train_error / human_error - 1, dev_error / train_error - 1, test_error - dev_error]))]


def diagnose_from_zero(human_error, train_error, dev_error, test_error):
    gaps = np.diff([human_error, train_error, dev_error, test_error])
    return LABELS[int(np.argmax(gaps))] if gaps.max() > 0 else None


DIAGNOSE = Exercise(
    ex.diagnose, title="The ladder of errors", difficulty=2, importance=3, minutes=8,
    draw=draw_ladder, observe=diagnose_observed, returns="diagnosis", names=NAMES,
    sizes=[{"largest": 0}, {"largest": 1}, {"largest": 2}, {"largest": 0, "falling": True}, {"largest": 1, "falling": True}, {"largest": 2, "falling": True},
           {"largest": 0}, {"largest": 1}, {"largest": 2}],
    extra=[ladder(0.01, 0.08, 0.10, 0.11), ladder(0.01, 0.02, 0.10, 0.11), ladder(0.01, 0.02, 0.03, 0.11), ladder(0.075, 0.08, 0.10, 0.105),
           ladder(0.25, 0.5, 0.75, 0.875), ladder(0.125, 0.25, 0.5, 0.75), ladder(0.125, 0.25, 0.25, 0.375), ladder(0.25, 0.375, 0.5, 0.625),
           ladder(0.25, 0.25, 0.25, 0.25), ladder(0.5, 0.25, 0.25, 0.25), ladder(0.30, 0.05, 0.06, 0.065), ladder(0.05, 0.30, 0.10, 0.12), ladder(0.05, 0.07, 0.40, 0.02),
           ladder(0.01, 0.10, 0.22, 0.25), ladder(0.30, 0.40, 0.42, 0.55), ladder(0.02, 0.05, 0.25, 0.28), ladder(1.0, 8.0, 10.0, 10.5), ladder(0.02, 0.12, 0.10, 0.09),
           ladder(0.10, 0.06, 0.20, 0.22), ladder(0.05, 0.14, 0.17, 0.12), ladder(0.02, 0.16, 0.14, 0.1399), ladder(0.30, 0.20, 0.35, 0.33)],
    mistakes=[
        Mistake("absolute gaps", "The *size* of the steps is compared, without their sign. A step down is no problem: dev error below training error needs no cure.",
                function=diagnose_by_size),
        Mistake("errors in place of gaps", "The errors themselves are compared, or their distances from the human one, not the steps between neighbours. A high "
                "test error alone does not say where on the way it arose.",
                function=diagnose_by_errors),
        Mistake("human level ignored", "Avoidable bias is the whole training error. The part that even people cannot avoid, the human error, does not count: it "
                "stands for the error "
                "that nobody can get below.", replace=("train_error - human_error", "train_error")),
        Mistake("gaps in the wrong order", "The smallest step is named, as happens when the steps are taken downwards: each is the *later* error minus the "
                "earlier one, and the largest counts.",
                replace=[("train_error - human_error", "human_error - train_error"), ("dev_error - train_error", "train_error - dev_error"),
                         ("test_error - dev_error", "dev_error - test_error")]),
        Mistake("last on a tie", "Where steps are equal, the last of them is named. The first is asked for: avoidable bias comes before variance, variance "
                "before overfitting to dev.",
                function=diagnose_last_on_tie),
        Mistake("variance from the test error", "Variance is measured up to the test error. It ends at the dev error; the rest is the dev set's own.",
                replace=("dev_error - train_error", "test_error - train_error")),
        Mistake("overfitting from the training error", "Overfitting to dev is measured from the training error. It begins at the dev error.",
                replace=("test_error - dev_error", "test_error - train_error")),
        Mistake("variance from the human error", "Variance is measured from the human error. It begins at the training error.", replace=("dev_error - "
                "train_error", "dev_error - human_error")),
        Mistake("overfitting from the human error", "Overfitting to dev is measured from the human error. It begins at the dev error.",
                replace=("test_error - dev_error", "test_error - human_error")),
        Mistake("bias and variance exchanged", "Bias and variance have changed places: bias is what is wrong already on the training set, variance what is "
                "added on examples it has "
                "not trained on.", replace=[('"avoidable bias": train_error - human_error', '"avoidable bias": dev_error - train_error'),
                                            ('"variance": dev_error - train_error', '"variance": train_error - human_error')]),
        Mistake("variance and overfitting exchanged", "Variance and overfitting to dev have changed places: variance lies between training and dev error.",
                replace=[('"variance": dev_error - train_error', '"variance": test_error - dev_error'),
                         ('"overfitting to dev": test_error - dev_error', '"overfitting to dev": dev_error - train_error')]),
        Mistake("bias and overfitting exchanged", "Avoidable bias and overfitting to dev have changed places: bias lies between human and training error.",
                replace=[('"avoidable bias": train_error - human_error', '"avoidable bias": test_error - dev_error'),
                         ('"overfitting to dev": test_error - dev_error', '"overfitting to dev": train_error - human_error')]),
        Mistake("ratios", "The errors are divided, not subtracted. A step is a difference: from 1 % to 2 % is one point, from 10 % to 15 % is five.", function=diagnose_ratio),
        Mistake("bias and variance exchanged in the answer", "Bias and variance have changed places: bias is what is wrong already on the training set, "
                "variance what is added on examples "
                "it has not trained on.", function=diagnose_bias_variance_swapped),
        Mistake("never overfitting to dev", "The answer is never \"overfitting to dev\", also where the step from dev to test error is the largest.",
                function=diagnose_never_overfitting),
        Mistake("never avoidable bias", "The answer is never \"avoidable bias\", also where the step from human to training error is the largest.",
                function=diagnose_never_bias),
        Mistake("test error ignored", "Only the first two steps are compared: the step from dev to test error has no influence.", function=diagnose_bias_or_variance),
        Mistake("any bias comes first", "As soon as there is some avoidable bias it is named, even where another step is larger. Compare the three steps.",
                function=diagnose_any_bias),
        Mistake("a fixed limit", "Bias is named as soon as it is above a fixed limit, even where another step is larger. Compare the steps with each other.",
                function=diagnose_threshold),
        Mistake("some ratios", "Some steps are divided by the error below them, others are not. A step is a plain difference.", function=diagnose_ratio_first),
        Mistake("nothing where all steps go down", "Where no step goes up, no diagnosis comes back. The largest step is asked for in any case.", function=diagnose_from_zero),
        Mistake("a number", "A number comes back. The name of the step is asked for.", function=diagnose_index),
        Mistake("the gap itself", "The size of the largest step comes back. Its name is asked for.", function=diagnose_gap),
    ],
    unchanged={}, right=[diagnose_by_argmax, diagnose_by_ifs, diagnose_by_sorting],
    hints=("Walk up the ladder: human, training, dev, test. Where is the highest step?",
           "bias = train − human, variance = dev − train, overfitting to dev = test − dev; the name of the largest, the first one on a tie.",
           "a dict from the three names to the three differences, in this order; its key with the largest value (max with key= takes the first of equals)"),
    why="Each step has its own remedies. Working on a small step is work lost, however well it is done.",
    after="Four numbers, and you know what not to work on.")

# --- split_dataset ---------------------------------------------------------------------------------------------------

MANY = 90
SHARES = {2: (0.7, 0.3), 3: (0.6, 0.25, 0.15), 4: (0.4, 0.1, 0.3, 0.2), 5: (0.5, 0.2, 0.1, 0.1, 0.1)}


def draw_split(rng, n_x, m, parts, n_y=1):
    """Examples that can be told apart: all columns and all labels are different."""
    X = rng.permutation(m) + 1000.0 * np.arange(1, n_x + 1)[:, None]
    Y = 10 + rng.permutation(m) + 1000 * np.arange(n_y)[:, None]
    shares = SHARES[parts] if rng.random() < 0.5 else SHARES[parts][::-1]
    return X, Y, shares, np.random.default_rng(rng.integers(1000))


def play_split(function, X, Y, fractions, rng):
    """The first call; the next one with the same generator; one with a copy of it, one with another."""
    again, other = copy.deepcopy(rng), np.random.default_rng(rng.integers(2 ** 40))
    rng, unchanged = copy.deepcopy(again), (X.copy(), Y.copy())
    calls = [plain(function(X, Y, fractions, rng))]
    return calls + [plain(function(*(a.copy() for a in unchanged), fractions, g)) for g in (rng, again, other)]


def split_fault(parts, X, Y, fractions):
    """What keeps an answer from being a list of pairs of 2-D arrays, or ""."""
    if not isinstance(parts, list | tuple):
        return f"{describe(parts)}, where a list of pairs (X_part, Y_part) is wanted"
    if len(parts) != len(fractions):
        return f"{len(parts)} parts, where {len(fractions)} are wanted"
    for k, part in enumerate(parts):
        if not isinstance(part, list | tuple) or len(part) != 2:
            return f"entry {k} of the list is {describe(part)}, where a pair (X_part, Y_part) is wanted"
        for name, a, whole in zip(("X", "Y"), part, (X, Y)):
            if not isinstance(a, np.ndarray):
                return f"{name} of part {k} is {describe(a)}, where an array is wanted"
            if a.ndim != 2 or len(a) != len(whole):
                return f"{name} of part {k} has shape {a.shape}, where {len(whole)} row{'s' * (len(whole) > 1)} (two axes) are expected"
        if part[0].shape[1] != part[1].shape[1]:
            return f"part {k} has {part[0].shape[1]} examples and {part[1].shape[1]} labels"
    return ""


def found_columns(part, whole):
    """Which column of the whole each column of a part is; -1 where it is none. The first row of the whole tells its columns apart."""
    sorter = np.argsort(whole[0])
    at = sorter[np.searchsorted(whole[0], part[0] - 0.4, sorter=sorter).clip(max=whole.shape[1] - 1)]
    return np.where(np.all(np.abs(part - whole[:, at]) < 0.4, axis=0), at, -1)


def membership(parts, X):
    """The part in which each example is."""
    where = np.full(X.shape[1], -1)
    for k, (part, _) in enumerate(parts):
        where[found_columns(part.astype(float), X)] = k
    return where


def observe_split(args, value):
    """What is not as asked for, in words, so that chance has no part in the comparison; chance is looked at where there are many examples."""
    X, Y, fractions, _ = args
    m = X.shape[1]
    if all(v is None for v in value):
        return None
    fault = next(filter(None, (split_fault(v, X, Y, fractions) for v in value)), "")
    if fault:
        return fault
    parts = value[0]
    sizes, shares = [p[0].shape[1] for p in parts], [f * m for f in fractions]
    room = [1 + 1e-6] * (len(sizes) - 1) + [len(sizes) - 1 + 1e-6]
    fits = all(abs(s - w) <= r for s, w, r in zip(sizes, shares, room))
    off = ["" if fits else f"the sizes of the parts are {sizes}, their shares {[round(float(s), 2) for s in shares]}"]
    order = np.concatenate([found_columns(p[0].astype(float), X) for p in parts])
    labels = np.concatenate([found_columns(p[1].astype(float), Y) for p in parts])
    off.append("some columns are no examples: their rows do not belong together" if np.any(order < 0) else "")
    counts = np.bincount(order[order >= 0], minlength=m)
    off += ["some examples stand more than once" if counts.max(initial=0) > 1 else "", "some examples stand in no part" if counts.min() == 0 else ""]
    if m >= MANY:  # with few, labels may meet their own examples by chance
        still = [np.array_equal(o, np.arange(len(o))) for o in (order, labels)]
        off.append("" if np.array_equal(order, labels) else "only the labels are shuffled" if still[0] else "only the examples are shuffled" if still[1] else
                   "labels stand with other examples")
        if counts.max(initial=0) == counts.min() == 1:
            members = [membership(v, X) for v in value]
            together, expected = np.mean(np.diff(members[0]) == 0), sum(f * f for f in fractions)
            off.append("" if together < expected + 6 * 0.6 / m ** 0.5 else "neighbours stay together: the parts are blocks of the whole, as it stood")
            off += ["the next call with the same rng deals the same parts again" if np.array_equal(members[0], members[1]) else "",
                    "a copy of the rng deals other parts" if not np.array_equal(members[0], members[2]) else
                    "another rng deals the same parts" if np.array_equal(members[0], members[3]) else ""]
    return "; ".join(filter(None, off)) or FINE


def split_by_counts(X, Y, fractions, rng):
    m, order, start, parts = X.shape[1], rng.permutation(X.shape[1]), 0, []
    for k, f in enumerate(fractions):
        stop = m if k == len(fractions) - 1 else start + int(f * m)
        parts.append((X[:, order[start:stop]], Y[:, order[start:stop]]))
        start = stop
    return parts


def split_by_sorting(X, Y, fractions, rng):
    order = np.argsort(rng.random(X.shape[1]))
    X, Y = np.take(X, order, axis=1), np.take(Y, order, axis=1)
    cuts = [int(c * X.shape[1] + 1e-9) for c in np.cumsum(fractions)[:-1]]
    return list(zip(np.split(X, cuts, axis=1), np.split(Y, cuts, axis=1)))


def split_by_membership(X, Y, fractions, rng):
    m = X.shape[1]
    ends = np.round(np.cumsum(fractions) * m)
    which = rng.permutation(np.searchsorted(ends, np.arange(m), side="right"))
    return [(X[:, which == k], Y[:, which == k]) for k in range(len(fractions))]


def split_by_stacking(X, Y, fractions, rng):
    both = np.vstack([X, Y])
    rng.shuffle(both, axis=1)
    ends = np.round(np.cumsum((0, *fractions)) * X.shape[1]).astype(int)
    return [[both[:len(X), a:b], both[len(X):, a:b]] for a, b in zip(ends, ends[1:])]


def split_apart(X, Y, fractions, rng):
    return [(a, b) for (a, _), (_, b) in zip(ex.split_dataset(X, Y, fractions, rng), ex.split_dataset(X, Y, fractions, rng))]


def split_losing(X, Y, fractions, rng):
    order, parts, start = rng.permutation(X.shape[1]), [], 0
    for f in fractions:
        n = int(f * X.shape[1])
        parts.append((X[:, order[start:start + n]], Y[:, order[start:start + n]]))
        start += n
    return parts


def split_with_replacement(X, Y, fractions, rng):
    return ex.split_dataset(*(lambda c: (X[:, c], Y[:, c]))(rng.integers(0, X.shape[1], X.shape[1])), fractions, rng)


def split_by_dice(X, Y, fractions, rng):
    which = rng.choice(len(fractions), X.shape[1], p=fractions)
    return [(X[:, which == k], Y[:, which == k]) for k in range(len(fractions))]


def split_equal(X, Y, fractions, rng):
    return [(X[:, p], Y[:, p]) for p in np.array_split(rng.permutation(X.shape[1]), len(fractions))]


def split_rows(X, Y, fractions, rng):
    order = rng.permutation(len(X))
    ends = np.round(np.cumsum(fractions) * len(X)).astype(int)
    return [(X[p], Y[:, :len(p)]) for p in np.split(order, ends[:-1])]


def split_rows_turned(X, Y, fractions, rng):
    return ex.split_dataset(X[rng.permutation(len(X))], Y, fractions, rng)


def split_flat(X, Y, fractions, rng):
    return [(a, b[0]) for a, b in ex.split_dataset(X, Y, fractions, rng)]


def split_two_lists(X, Y, fractions, rng):
    parts = ex.split_dataset(X, Y, fractions, rng)
    return [a for a, _ in parts], [b for _, b in parts]


def split_flat_list(X, Y, fractions, rng):
    return [a for part in ex.split_dataset(X, Y, fractions, rng) for a in part]


def split_start_kept(X, Y, fractions, rng):
    order, ends = rng.permutation(X.shape[1]), np.round(np.cumsum(fractions) * X.shape[1]).astype(int)
    return [(X[:, order[:end]], Y[:, order[:end]]) for end in ends]


def split_gaps(X, Y, fractions, rng):
    order, ends = rng.permutation(X.shape[1]), np.round(np.cumsum(fractions) * X.shape[1]).astype(int)
    starts = [0, *(ends[:-1] + 1)]
    return [(X[:, order[a:b]], Y[:, order[a:b]]) for a, b in zip(starts, ends)]


def split_equal_rounded(X, Y, fractions, rng):
    return ex.split_dataset(X, Y, np.full(len(fractions), 1 / len(fractions)), rng)


def split_rows_turned_only(X, Y, fractions, rng):
    X = X[rng.permutation(len(X))]
    ends = np.round(np.cumsum((0, *fractions)) * X.shape[1]).astype(int)
    return [(X[:, a:b], Y[:, a:b]) for a, b in zip(ends, ends[1:])]


def split_in_place(X, Y, fractions, rng):
    order = rng.permutation(X.shape[1])
    X[:], Y[:] = X[:, order], Y[:, order]
    ends = np.round(np.cumsum((0, *fractions)) * X.shape[1]).astype(int)
    return [(X[:, a:b], Y[:, a:b]) for a, b in zip(ends, ends[1:])]


def split_generator(X, Y, fractions, rng):
    yield from ex.split_dataset(X, Y, fractions, rng)


TAKE = "(X[:, part], Y[:, part])"
SPLIT = Exercise(
    ex.split_dataset, title="Train, dev and test", difficulty=2, importance=3, minutes=12,
    draw=draw_split, play=play_split, observe=observe_split, returns="parts", names=NAMES,
    sizes=[{"n_x": 2, "m": 10, "parts": 2}, {"n_x": 3, "m": 7, "parts": 2}, {"n_x": 3, "m": 11, "parts": 3}, {"n_x": 1, "m": 20, "parts": 3},
           {"n_x": 2, "m": 23, "parts": 4, "n_y": 3},
           {"n_x": 3, "m": 103, "parts": 3}, {"n_x": 2, "m": 120, "parts": 2}, {"n_x": 4, "m": 157, "parts": 4, "n_y": 2}, {"n_x": 2, "m": 211, "parts": 5}],
    mistakes=[
        Mistake("X and Y shuffled apart", "`X` and `Y` are shuffled apart, so that examples meet the labels of others. Draw *one* order and use it for both.",
                function=split_apart),
        Mistake("only X shuffled", "Only `X` is shuffled: `Y` keeps its order, so that examples meet the labels of others. One order has to serve both.",
                replace=(TAKE, "(X[:, part], Y[:, [np.flatnonzero(order == i)[0] for i in part]])")),
        Mistake("only Y shuffled", "Only `Y` is shuffled: `X` keeps its order, so that examples meet the labels of others. One order has to serve both.",
                replace=(TAKE, "(X[:, [np.flatnonzero(order == i)[0] for i in part]], Y[:, part])")),
        Mistake("not shuffled", "The parts are blocks of the examples as they stand, whatever happens within a part. Data often stand in an order, by label, by "
                "day, by author, so that the parts would be of different kinds: "
                "shuffle before you cut.", replace=("rng.permutation(m)", "np.arange(m)")),
        Mistake("examples lost", "Some examples are in no part: what rounding leaves over is lost. The last part can take it.", function=split_losing),
        Mistake("parts that begin at 0", "Every part begins at the start, so that the parts overlap. Each begins where the one before ended.", function=split_start_kept),
        Mistake("a gap at each border", "At each border between two parts an example is lost. A slice ends *before* its end, so the next one begins right at "
                "it.", function=split_gaps),
        Mistake("parts of equal size, rounded", "All parts have the same size: `fractions` has no influence.", function=split_equal_rounded),
        Mistake("order of the rows only", "The *rows* of `X` change their order, so that each number stands for another input. It is the columns that are shuffled.",
                function=split_rows_turned_only),
        Mistake("drawn with replacement", "Some examples come more than once, others never: they were drawn with replacement, or each part was drawn from all "
                "of them. An example that is in training and in test makes the test "
                "worthless.", function=split_with_replacement),
        Mistake("each example by dice", "For each example a die decides its part, so that the sizes come out by chance. The parts are to have their shares "
                "exactly, up to rounding.",
                function=split_by_dice),
        Mistake("parts of equal size", "All parts have the same size: `fractions` has no influence.", function=split_equal),
        Mistake("fractions not cumulated", "The cuts are made at the fractions themselves, not at their running sum: the second part should end at the first "
                "fraction *plus* the second.",
                replace=("np.cumsum(fractions)", "np.array(fractions)")),
        Mistake("fractions reversed", "The fractions are used from the end.", replace=("np.cumsum(fractions)", "np.cumsum(fractions[::-1])")),
        Mistake("one part too many", "There is an empty part at the end: the last cut lies at the end of the set.", replace=("ends[:-1]", "ends")),
        Mistake("rows in place of columns", "The rows of `X` are dealt out. One example is a *column* here.", function=split_rows),
        Mistake("order of the rows", "The *rows* of `X` change their order, so that each number stands for another input. It is the columns that are "
                "shuffled.", function=split_rows_turned),
        Mistake("rows shuffled apart", "Each row of `X` is shuffled for itself, so that the columns are no examples any more: one order has to serve all rows.",
                replace=("    order = rng.permutation(m)\n", "    order = rng.permutation(m)\n    X = rng.permuted(X, axis=1)\n")),
        Mistake("chance not taken from rng", "The same `rng` gives other parts each time: take chance from `rng` alone, not from `np.random`. A test set that "
                "changes from run to run "
                "has been seen in training sooner or later.", replace=("rng.permutation(m)", "np.random.permutation(m)")),
        Mistake("a seed of its own", "The parts are the same in every call, whatever `rng` is: a generator with a fixed seed is made inside. Use the `rng` that is given.",
                replace=("rng.permutation(m)", "np.random.default_rng(0).permutation(m)")),
        Mistake("indices in place of examples", "These are the indices of the examples, not the examples.", replace=(TAKE, "part")),
        Mistake("labels left out", "The parts hold no labels: each is to be a pair (X_part, Y_part).", replace=(TAKE, "X[:, part]")),
        Mistake("labels first", "The pairs hold the labels first. (X_part, Y_part) is wanted.", replace=(TAKE, "(Y[:, part], X[:, part])")),
        Mistake("flat labels", "The labels of a part are flat. They should keep both axes, as `Y` does: index the second axis and leave the first alone.",
                function=split_flat),
        Mistake("two lists", "That is a list of the X parts and a list of the Y parts. One list of pairs is wanted.", function=split_two_lists),
        Mistake("no pairs", "The parts stand one behind the other. A list of *pairs* is wanted: what belongs together stays together.", function=split_flat_list),
        Mistake("a generator", "With `yield` the function becomes a generator, which can be gone through once only. A list is wanted.", function=split_generator),
        Mistake("only one part", "Only the first part comes back.", replace=("np.split(order, ends[:-1])]", "np.split(order, ends[:-1])][:1]")),
    ],
    unchanged={"round": "how parts are rounded is free", "sign of order": "counted from the end, it is an order too", "Y in place of X": "both have m columns",
               "-1 in place of 1": "the last axis is axis 1", "steps exchanged": "the two steps do not depend on each other"},
    right=[split_by_counts, split_by_sorting, split_by_membership, split_by_stacking],
    hints=("Shuffle the pack once, then cut it. Each card carries its label.", "A permutation of 0 … m − 1, cut at the running sums of the fractions times m.",
           "order = permutation of m from rng; ends = running sum of fractions, times m, as whole numbers; split order there; for each piece the columns of X and of Y"),
    why="Rounding the running sums, not the single shares, loses no example: every part begins where the one before ended.",
    after="Three sets that are alike, and that share nothing.")

# --- multi_task_loss -------------------------------------------------------------------------------------------------


def draw_tasks(rng, tasks, m, unknown=0.4):
    Y = rng.integers(0, 2, (tasks, m)).astype(float)
    holes = rng.random((tasks, m)) < unknown
    if unknown:
        holes.flat[0], holes.flat[-1] = False, True
    Y[holes] = np.nan
    return Y, np.round(rng.uniform(0.05, 0.95, (tasks, m)), 2)


def loss_by_nanmean(Y_true, P):
    return np.nanmean(-np.log(np.where(np.isnan(Y_true), np.nan, np.where(Y_true == 1, P, 1 - P))))


def loss_by_loop(Y_true, P):
    total, count = 0.0, 0
    for t in range(Y_true.shape[0]):
        for i in range(Y_true.shape[1]):
            if Y_true[t, i] in (0, 1):
                total -= np.log(P[t, i]) if Y_true[t, i] == 1 else np.log(1 - P[t, i])
                count += 1
    return total / count


def loss_by_mask(Y_true, P, eps=1e-12):
    mask = (Y_true == Y_true).astype(float)
    Y, P = np.nan_to_num(Y_true), np.clip(P, eps, 1 - eps)
    return np.array(-(mask * (Y * np.log(P) + (1 - Y) * np.log(1 - P))).sum() / mask.sum())


def loss_unknown_as_zero(Y_true, P):
    return ex.multi_task_loss(np.nan_to_num(Y_true), P)


def loss_unknown_as_half(Y_true, P):
    return ex.multi_task_loss(np.where(np.isnan(Y_true), 0.5, Y_true), P)


def loss_unknown_as_one(Y_true, P):
    return ex.multi_task_loss(np.where(np.isnan(Y_true), 1.0, Y_true), P)


def loss_mean_of_tasks(Y_true, P):
    return np.mean([ex.multi_task_loss(y, p) for y, p in zip(Y_true, P) if not np.isnan(y).all()])


def loss_mean_of_examples(Y_true, P):
    return np.mean([ex.multi_task_loss(y, p) for y, p in zip(Y_true.T, P.T) if not np.isnan(y).all()])


def loss_over_m(Y_true, P):
    return ex.multi_task_loss(Y_true, P) * np.sum(~np.isnan(Y_true)) / Y_true.shape[1]


def loss_over_tasks(Y_true, P):
    return ex.multi_task_loss(Y_true, P) * np.sum(~np.isnan(Y_true)) / Y_true.shape[0]


def loss_over_all(Y_true, P):
    return ex.multi_task_loss(Y_true, P) * np.sum(~np.isnan(Y_true)) / Y_true.size


def loss_complete_examples(Y_true, P):
    known = ~np.isnan(Y_true).any(axis=0)
    return ex.multi_task_loss(Y_true[:, known], P[:, known])


def loss_each_task(Y_true, P):
    return np.array([ex.multi_task_loss(y, p) if not np.isnan(y).all() else 0.0 for y, p in zip(Y_true, P)])


def loss_tasks_sum(Y_true, P, axis=1):
    known = ~np.isnan(Y_true)
    losses = np.where(known, -np.log(np.where(Y_true == 1, P, 1 - P)), 0)
    return np.mean(losses.sum(axis) / np.maximum(known.sum(axis), 1))


def loss_examples_sum(Y_true, P):
    return loss_tasks_sum(Y_true, P, 0)


def loss_half_over_known(Y_true, P):
    Y = np.where(np.isnan(Y_true), 0.5, Y_true)
    return np.sum(-(Y * np.log(P) + (1 - Y) * np.log(1 - P))) / np.sum(~np.isnan(Y_true))


def loss_zero_over_known(Y_true, P):
    Y = np.nan_to_num(Y_true)
    return np.sum(-(Y * np.log(P) + (1 - Y) * np.log(1 - P))) / np.sum(~np.isnan(Y_true))


L = "-(y * np.log(p) + (1 - y) * np.log(1 - p))"
MULTI_TASK = Exercise(
    ex.multi_task_loss, title="Many questions, some without an answer", difficulty=3, importance=2, minutes=12,
    draw=draw_tasks, returns="loss", names=NAMES,
    sizes=[{"tasks": 2, "m": 3}, {"tasks": 1, "m": 1, "unknown": 0}, {"tasks": 2, "m": 1}, {"tasks": 1, "m": 4}, {"tasks": 3, "m": 2, "unknown": 0}, {"tasks": 3, "m": 5},
           {"tasks": 4, "m": 9, "unknown": 0.7}, {"tasks": 5, "m": 3, "unknown": 0.2}],
    extra=[Case((np.array([[1, np.nan, 0, 1], [np.nan, np.nan, np.nan, np.nan], [0, 1, np.nan, np.nan]]),
                 np.array([[0.9, 0.2, 0.3, 0.6], [0.5, 0.1, 0.8, 0.7], [0.2, 0.4, 0.6, 0.15]])), {"tasks": 3, "m": 4}, label="a question that nobody has answered"),
           Case((np.array([[1, np.nan, 0], [0, np.nan, 1]]), np.array([[0.7, 0.2, 0.3], [0.4, 0.1, 0.8]])), {"tasks": 2, "m": 3}, label="an example without any label"),
           Case((np.array([[1.0, 0.0, np.nan]]), np.array([[1.0, 0.25, 0.5]])), {"tasks": 1, "m": 3}, label="a prediction of exactly 1",
                remark="where a prediction is exactly 0 or 1 the loss is nan or infinite. Clip the predictions if yours can get there.")],
    mistakes=[
        Mistake("NaN poisons the mean", "The loss is `nan`: a single unknown label, NaN, makes every sum nan that it enters. Leave unknown labels out before "
                "you add (and note that NaN equals nothing, not even itself; `np.isnan` finds it).",
                replace=("~np.isnan(Y_true)", "np.ones(Y_true.shape, bool)")),
        Mistake("mean over all labels", "The sum over the known labels is divided by the number of *all* places, known or not. The fewer labels are known, the "
                "smaller the loss would look.",
                function=loss_over_all),
        Mistake("unknown as 0", "Unknown labels are counted as 0, a no that nobody has said. The net would learn that what is not labelled is not there.",
                function=loss_unknown_as_zero),
        Mistake("unknown as 1", "Unknown labels are counted as 1, a yes that nobody has said.", function=loss_unknown_as_one),
        Mistake("unknown as one half", "Unknown labels are counted as one half: that pulls every prediction towards a shrug. They should not count at all.",
                function=loss_unknown_as_half),
        Mistake("sum for mean", "The losses are added up, not averaged over the known labels.", replace=("np.mean(-", "np.sum(-")),
        Mistake("divided by m", "The sum is divided by the number of examples. Asked for is the mean over the known *labels*, of which an example may have "
                "several, or none.",
                function=loss_over_m),
        Mistake("divided by the number of tasks", "The sum is divided by the number of tasks. Asked for is the mean over the known labels.", function=loss_over_tasks),
        Mistake("mean of the tasks' means", "Each task is averaged for itself, and then the tasks. A task with two labels would count as much as one with "
                "thousands; every known *label* counts the "
                "same here.", function=loss_mean_of_tasks),
        Mistake("mean of the examples' means", "Each example is averaged for itself, and then the examples. Every known *label* counts the same here.",
                function=loss_mean_of_examples),
        Mistake("mean of all tasks' means", "Each task is averaged for itself, and then the tasks. Every known *label* counts the same here.", function=loss_tasks_sum),
        Mistake("mean of all examples' means", "Each example is averaged for itself, and then the examples. Every known *label* counts the same here.",
                function=loss_examples_sum),
        Mistake("unknown as one half above only", "Unknown labels are counted as one half in the sum. They should not count at all.", function=loss_half_over_known),
        Mistake("unknown as 0 above only", "Unknown labels are counted as 0 in the sum. They should not count at all.", function=loss_zero_over_known),
        Mistake("incomplete examples thrown away", "Every example with an unknown label is thrown away whole. What is known of it can still teach.",
                function=loss_complete_examples),
        Mistake("only the unknown", "The mask is turned round: it keeps what is unknown.", replace=("~np.isnan(Y_true)", "np.isnan(Y_true)")),
        Mistake("one loss a task", "One loss for each task comes back. One number is asked for.", function=loss_each_task),
        Mistake("minus sign left out", "The loss is negative: the minus sign is missing.", replace=("-(y *", "(y *")),
        Mistake("second term left out", "Only labels of 1 cost anything: the term (1 − y) log(1 − p) is missing.", replace=(L, "-(y * np.log(p))")),
        Mistake("first term left out", "Only labels of 0 cost anything: the term y log p is missing.", replace=(L, "-((1 - y) * np.log(1 - p))")),
        Mistake("mean squared error", "That is the mean squared error of the known labels. Cross-entropy is asked for.", replace=(L, "(y - p) ** 2")),
        Mistake("labels exchanged", "The labels are exchanged: log p belongs to label 1, log(1 − p) to label 0.", replace=(L, "-((1 - y) * np.log(p) + y * "
                "np.log(1 - p))")),
        Mistake("terms subtracted", "The second term counts the wrong way: both belong under the minus sign.", replace=(L, "-(y * np.log(p) - (1 - y) * np.log(1 - p))")),
        Mistake("logarithm to base 2", "The logarithm is the one to base 2. Here it is the natural one.", replace=(L, "-(y * np.log2(p) + (1 - y) * np.log2(1 - p))")),
    ],
    unchanged={"float left out": "a numpy number is a number too", "Y_true + 1": "nan stays nan", "Y_true - 1": "nan stays nan"},
    right=[loss_by_nanmean, loss_by_loop, loss_by_mask],
    hints=("What is not known must not count, neither above nor below the fraction line.", "−(1/K) Σ over known (t, i) of y log p + (1 − y) log(1 − p), K the "
            "number of known labels.",
           "known = where Y_true is not nan; take Y_true and P there; mean of the cross-entropies"),
    why="Unlike softmax, each question has a probability of its own: an image can hold a car and a sign. And a missing answer to one question leaves the others useful.",
    after="Data in which nobody labelled everything can be used whole.")

EXERCISES = [CONFUSION, PRECISION, WEIGHTED, CHOOSE, DIAGNOSE, SPLIT, MULTI_TASK]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("rare", "One meter in a hundred is broken. A program says \"not broken\" every time. What is true of it?", {
        "a": ("its accuracy is poor", "it is right on 99 of 100: the accuracy is 99 %."),
        "b": ("its recall is 0, and so is its F1", "it finds none of the broken ones; accuracy does not show it, recall does."),
        "c": ("its precision is 99 %", "it raises no alarm, so there is nothing to be precise about; by our rule that is 0.0."),
        "d": ("it is as good as can be without more data", "it does not look at the meter at all. Any program that finds one broken meter is of more use."),
    }, answer="b"),
    Quiz("two_metrics", "Accuracy should be high, answers should take at most 100 ms, memory should be at most 50 MB. What do you do?", {
        "a": ("accuracy − 0.5 · time − 0.1 · memory, and take the best", "where do 0.5 and 0.1 come from? A model of 101 ms could win by a little accuracy, and "
                "nobody could use it."),
        "b": ("optimise accuracy among the models that keep both limits", "one number to optimise, the rest only has to be good enough."),
        "c": ("take the fastest", "below 100 ms speed is worth nothing more; accuracy is."),
        "d": ("take the most accurate and buy a faster machine", "perhaps, if you may; but the limits were given."),
    }, answer="b"),
    Quiz("transfer", "When does it pay to begin with what was learned on task A, to learn task B?", {
        "a": ("A and B have the same kind of input, there is much more data for A, and what A learns early is of use to B", "all three have to hold."),
        "b": ("always", "with much data for B it gains nothing, and can even hold back."),
        "c": ("when B has more data than A", "then B teaches more about itself than A can."),
        "d": ("when A and B have the same labels", "labels may differ: what is transferred is how to look."),
    }, answer="a"),
    Quiz("case_1", "Case, step 1. It is your first morning at the waterworks. There are clean digits from the factory, and 450 from cellars. What do you do first?", {
        "a": ("read papers for two weeks", "you do not know yet which problem you have."),
        "b": ("order 100 000 photos from cellars", "perhaps they are needed; nothing shows it yet, and they cost a year."),
        "c": ("choose dev set and metric, then train something simple today", "a target, then a first shot: its mistakes say what to do next."),
        "d": ("build the largest network that fits the machine", "without a target you could not tell whether it is better."),
    }, answer="c"),
    Quiz("case_2", "Step 2. From where do dev and test set come?", {
        "a": ("both from cellars", "they are the target: aim where you want to hit, and test what you aimed at."),
        "b": ("both from the factory: there are more", "you would hit a target that nobody stands at."),
        "c": ("dev from the factory, test from cellars", "months of work on dev would aim at another place than the one that counts."),
        "d": ("all data mixed, then split", "most of dev would be factory digits: they would steer the work."),
    }, answer="a"),
    Quiz("case_3", "Step 3. Look at the five rungs that the cell above printed. Which step is the largest?", {
        "a": ("avoidable bias", "the training error is near the human one."),
        "b": ("variance", "on unseen *factory* digits, the training-dev set, the error is hardly higher than on training digits."),
        "c": ("data mismatch", "the leap comes exactly where the kind of data changes, from training-dev to dev."),
        "d": ("overfitting to dev", "dev and test errors are near each other."),
    }, answer="c"),
    Quiz("case_4", "Step 4. A colleague wants to fetch twice as many factory digits. What will they change?", {
        "a": ("much: more data always help", "more data of a kind reduce variance *for that kind*. That step is small already."),
        "b": ("little: they act on the step from training to training-dev", "right: a knob for a dial that stands well."),
        "c": ("they would lower the human error", "that is a matter of the eye and the light, not of training data."),
        "d": ("they close the gap between dev and test", "that step depends on the dev set."),
    }, answer="b"),
    Quiz("case_5", "Step 5. Look at the table of mistakes. Which fault do you work on first?", {
        "a": ("blur, since every cellar is dark", "count, do not guess: its ceiling is smaller."),
        "b": ("clean digits, since they should be easy", "they are the largest group of images, but a small one among the *mistakes*."),
        "c": ("the shifted ones", "most of the mistakes are there: a perfect remedy would take away more than any other."),
        "d": ("all at the same time", "with one person and one week the ceiling tells where they gain most."),
    }, answer="c"),
    Quiz("case_6", "Step 6. You made artificial cellar digits, trained with them, and the dev error fell. What do you check before you cheer?", {
        "a": ("that the training error is 0", "training is harder now; its error may well be higher."),
        "b": ("that the artificial faults are as varied as real ones", "a net can learn one recorded noise by heart; to us, a thousand copies of it sound as "
                "good as a thousand noises."),
        "c": ("that the factory error did not rise", "of interest, but nobody reads factory digits in use."),
        "d": ("nothing: lower is better", "dev has been looked at several times now, and the real cellars have faults that you did not simulate."),
    }, answer="b"),
    Quiz("case_7", "Step 7. Two models differ by one point on 450 dev digits; the interval for the difference holds 0. You", {
        "a": ("take the better one and report that it is better", "taking it does no harm; the report claims more than is known."),
        "b": ("test on ever new seeds until the difference is clear", "choosing when to stop makes differences out of nothing."),
        "c": ("take the simpler one, or get a bigger dev set if the choice matters", "the data do not decide, so other reasons may."),
        "d": ("look at the test set to decide", "then it is a second dev set, and no test is left."),
    }, answer="c"),
    Quiz("case_8", "Step 8. In use the reader does well on dev-like digits, but now and then it reads a broken meter as a fine one, and a cellar is flooded. You", {
        "a": ("explain that the error is low", "the metric is content and the users are not: then the metric is wrong."),
        "b": ("change the metric: such a miss weighs, say, 20 times; and put such meters into dev", "the target was set in the wrong place; move it, then aim anew."),
        "c": ("train longer", "at a metric that does not see the problem."),
        "d": ("add a rule by hand for each complaint", "each complaint is one case; the metric would still choose models that make new ones."),
    }, answer="b"),
]

WORLDS, GOAL = 1000, 0.48


def judge_rule(rule):
    lost = []
    for seed in range(WORLDS):
        dev, test, tried, true = candidates_world(np.random.default_rng(seed))
        choice = np.asarray(rule(dev.copy(), test.copy(), tried.copy()))
        if choice.size != 1 or choice.dtype.kind not in "iu" or not 0 <= choice < 10:
            return False, f"The rule has to return the index of a candidate, 0 to 9; it returned {choice!r}."
        lost.append(true[int(choice.reshape(()))] - true.min())
    mean = 100 * float(np.mean(lost))
    return mean <= GOAL, (f"On average over {WORLDS} worlds the choice is {mean:.2f} points worse than the best candidate; "
                          "the best dev error gives about 1, the best test error about 0.6.")


CHALLENGE = Challenge(
    "noisy_choice", "Choose among ten, by noisy numbers",
    f"Write `rule(dev, test, tried)` → index, so that on average over {WORLDS} worlds the chosen candidate's true error is at most {GOAL} points above the best "
    "one's.", judge_rule)
