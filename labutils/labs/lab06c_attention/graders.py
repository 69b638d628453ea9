"""Graders of lab 06c."""
import itertools
import math

import keras
import numpy as np

from labutils import anatomy, music
from labutils.answers import FINE
from labutils.calling import NOTHING, Fault, Odd
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import merge_heads, scaled_dot_product_attention, split_heads

NAMES = {"n": "the number of places", "n_q": "the number of queries", "n_k": "the number of keys", "d": "the numbers of a place", "h": "the number of heads",
         "lead": "the axes in front"}

# --- causal_mask -----------------------------------------------------------------------------------------------------


def mask_by_comparing(n):
    return np.arange(n)[:, None] >= np.arange(n)


def mask_by_loop(n):
    mask = np.zeros((n, n))
    for i in range(n):
        mask[i, :i + 1] = 1
    return mask


def mask_by_sum(n):
    return np.cumsum(np.eye(n, dtype=int), axis=0)


def observe_mask(args, value):
    """The mask; or what is known of it where it is one to be added to scores."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.any(value < -1e3):
        return Odd("the mask holds 0 and large negative numbers, as one that is added to scores. Here it says who may look: True or False", whole=True)
    return value


CAUSAL = Exercise(
    ex.causal_mask, title="No looking ahead", difficulty=1, importance=3, minutes=4, draw=lambda rng, n: (n,), sizes=[{"n": 3}, {"n": 1}, {"n": 2}, {"n": 6}],
    returns="mask", names=NAMES, observe=observe_mask,
    mistakes=[
        Mistake("upper triangle", "Row i is True from place i *on*: each place would see itself and the future. Rows are those who look, columns those who are looked at.",
                replace=("np.tril", "np.triu")),
        Mistake("not even itself", "A place may not look at itself, and the first one may look nowhere. The diagonal belongs to what is allowed.",
                replace=("np.ones((n, n), bool)", "np.ones((n, n), bool), -1")),
        Mistake("one ahead", "Each place sees one place ahead: just the character that the net is asked for.", replace=("np.ones((n, n), bool)", "np.ones((n, n), bool), 1")),
        Mistake("turned round", "True and False are exchanged: here True stands where looking is allowed.", replace=("np.tril(np.ones((n, n), bool))", "~np.tril(np.ones((n, n), bool))")),
        Mistake("everything allowed", "Every place may look everywhere.", replace=("np.tril(np.ones((n, n), bool))", "np.ones((n, n), bool)")),
        Mistake("only itself", "Each place sees itself alone: that is the diagonal.", replace=("np.tril(np.ones((n, n), bool))", "np.eye(n, dtype=bool)")),
        Mistake("a band", "Each place sees itself and the one before, not all before.", replace=("np.tril(np.ones((n, n), bool))", "np.tril(np.ones((n, n), bool)) & np.triu(np.ones((n, n), bool), -1)")),
        Mistake("the wrong size", "The mask has one row and column too many.", replace=("(n, n)", "(n + 1, n + 1)")),
        Mistake("shares for places", "Each row is divided by its sum. The mask only says who may look, True or False; how much each looks at each is for the softmax.",
                replace=("return np.tril(np.ones((n, n), bool))", "mask = np.tril(np.ones((n, n)))\n    return mask / mask.sum(axis=1, keepdims=True)")),
        Mistake("places counted", "The allowed places are numbered 1, 2, 3. They are all alike: True.",
                replace=("return np.tril(np.ones((n, n), bool))", "mask = np.tril(np.ones((n, n)))\n    return np.cumsum(mask, axis=1) * mask")),
        Mistake("a mask to be added", "", replace=("np.tril(np.ones((n, n), bool))", "np.where(np.tril(np.ones((n, n), bool)), 0.0, -1e9)")),
    ],
    unchanged={"bool left out": "ones and zeros say the same", "order exchanged": "both are n"},
    right=[mask_by_comparing, mask_by_loop, mask_by_sum],
    hints=("Row i stands for the place that looks, column j for the one that is looked at. Who comes before whom?", "mask[i, j] = (j ≤ i): ones on and below the diagonal.",
           "np.tril of an (n, n) array of True"),
    why="While it learns, the net sees the whole text at once. Without the mask it would look the next character up instead of predicting it.",
    after="From now on the future is out of sight.")

# --- scaled_dot_product_attention ------------------------------------------------------------------------------------


def draw_attention(rng, n_q, n_k, d, d_v, lead=(), masked=False, whole=False):
    Q, K, V = (np.round(rng.normal(0, 1.5, (*lead, n, k)), 2) for n, k in ((n_q, d), (n_k, d), (n_k, d_v)))
    mask = None
    if masked:
        mask = rng.random((*lead, n_q, n_k) if whole else (n_q, n_k)) < 0.6
        mask[..., 0] |= ~mask.any(axis=-1)
        mask[..., -1, -1] = False
        mask[..., -1, 0] = True
    return Q, K, V, mask.astype(int) if whole else mask


def attention_by_einsum(Q, K, V, mask=None):
    scores = np.einsum("...qd,...kd->...qk", Q, K) * Q.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + np.where(mask, 0.0, -1e9)
    e = np.exp(scores - scores.max(-1)[..., None])
    weights = e / e.sum(-1)[..., None]
    return np.einsum("...qk,...kv->...qv", weights, V), weights


def attention_by_scipy(Q, K, V, mask=None):
    from scipy.special import softmax

    scores = np.matmul(Q, np.moveaxis(K, -1, -2)) / Q.shape[-1] ** 0.5
    weights = softmax(scores if mask is None else np.where(np.asarray(mask) == 0, -np.inf, scores), axis=-1)
    return np.matmul(weights, V), weights


def attention_of_allowed(Q, K, V, mask=None):
    scores = (Q / np.sqrt(Q.shape[-1])) @ K.swapaxes(-1, -2)
    allowed = np.ones(scores.shape) if mask is None else np.broadcast_to(mask, scores.shape).astype(float)
    top = np.max(scores - 1e300 * (1 - allowed), axis=-1, keepdims=True)
    e = allowed * np.exp(np.minimum(scores - top, 0))
    weights = e / np.sum(e, axis=-1, keepdims=True)
    return weights @ V, weights


ROWS = "    weights = weights / np.sum(weights, axis=-1, keepdims=True)\n"
ATTENTION = Exercise(
    ex.scaled_dot_product_attention, title="A soft lookup", difficulty=2, importance=3, minutes=15, draw=draw_attention,
    sizes=[{"n_q": 2, "n_k": 3, "d": 2, "d_v": 4}, {"n_q": 3, "n_k": 4, "d": 5, "d_v": 2, "masked": True}, {"n_q": 4, "n_k": 4, "d": 3, "d_v": 2, "masked": True},
           {"n_q": 1, "n_k": 5, "d": 3, "d_v": 1}, {"n_q": 3, "n_k": 2, "d": 4, "d_v": 3, "lead": (2,)}, {"n_q": 3, "n_k": 4, "d": 2, "d_v": 5, "lead": (2, 3), "masked": True},
           {"n_q": 2, "n_k": 5, "d": 7, "d_v": 3, "lead": (3, 2), "masked": True, "whole": True}, {"n_q": 3, "n_k": 1, "d": 2, "d_v": 2}],
    extra=[Case((np.array([[900.0, -700.0], [-900.0, -500.0]]), np.array([[2.0, 1.0], [1.5, -2.0], [0.5, 3.0]]), np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]]), None),
                {"n_q": 2, "n_k": 3, "d": 2}, label="scores of several hundred"),
           Case((np.array([[-900.0, 700.0]]), np.array([[2.0, 1.0], [2.5, 0.5]]), np.array([[1.0], [3.0]]), np.array([[1, 0]])), {"n_q": 1, "n_k": 2, "d": 2},
                label="scores far below 0, one of two keys masked")],
    returns=("output", "weights"), names=NAMES,
    mistakes=[
        Mistake("not scaled", "The scores are not divided by √d. The more numbers a key has, the larger its products get, and the softmax becomes a hard choice.",
                replace=(" / np.sqrt(Q.shape[-1])", "")),
        Mistake("divided by d", "The scores are divided by d. A sum of d products of independent numbers has a spread of √d: that is what to divide by.",
                replace=("np.sqrt(Q.shape[-1])", "Q.shape[-1]")),
        Mistake("multiplied by the root", "The scores are multiplied by √d; divide.", replace=("/ np.sqrt(Q.shape[-1])", "* np.sqrt(Q.shape[-1])")),
        Mistake("root of the number of keys", "The scores are divided by the root of the number of keys. It is the root of d, how many numbers each key has.",
                replace=("np.sqrt(Q.shape[-1])", "np.sqrt(K.shape[-2])")),
        Mistake("root of d_v", "The scores are divided by the root of d_v. The length of queries and keys counts, d.", replace=("np.sqrt(Q.shape[-1])", "np.sqrt(V.shape[-1])")),
        Mistake("mask turned round", "The mask is used the wrong way round: True stands where looking is *allowed*.", replace=("np.where(mask, scores, -np.inf)", "np.where(mask, -np.inf, scores)")),
        Mistake("masked scores set to 0", "Masked scores are set to 0 before the softmax. But e⁰ = 1: a score of 0 is a vote like any other. The score of what must not be seen is −∞.",
                replace=("-np.inf", "0.0")),
        Mistake("masked after the softmax", "The mask is laid on the weights, behind the softmax: what was forbidden is 0, but the rest no longer sums to 1. Mask the scores, before.",
                replace=[("        scores = np.where(mask, scores, -np.inf)\n", "        pass\n"), (ROWS, ROWS + "    weights = weights if mask is None else weights * mask\n")]),
        Mistake("mask ignored", "The mask has no influence.", replace=("if mask is not None:", "if False:")),
        Mistake("masked scores only lowered", "Masked scores are lowered by 1 only: they still get a vote. The score of what must not be seen is −∞.",
                replace=("np.where(mask, scores, -np.inf)", "np.where(mask, scores, scores - 1)")),
        Mistake("softmax over the queries", "The softmax runs over the queries: columns sum to 1. Each *query* divides its attention among the keys, so it runs over the last axis.",
                replace=[("np.max(scores, axis=-1", "np.max(scores, axis=-2"), ("np.sum(weights, axis=-1", "np.sum(weights, axis=-2")]),
        Mistake("columns sum to 1", "The weights are divided by the sums of the columns. Each query's row has to sum to 1.", replace=("np.sum(weights, axis=-1", "np.sum(weights, axis=-2")),
        Mistake("softmax over the queries, masked by a large number", "The softmax runs over the queries: columns sum to 1. Each *query* divides its attention among the keys, "
                "so it runs over the last axis.",
                replace=[("-np.inf", "-1e9"), ("np.max(scores, axis=-1", "np.max(scores, axis=-2"), ("np.sum(weights, axis=-1", "np.sum(weights, axis=-2")]),
        Mistake("divided by the sum of all", "The weights are divided by the sum over all queries and keys. Each query's own row sums to 1.",
                replace=("np.sum(weights, axis=-1", "np.sum(weights, axis=(-2, -1)")),
        Mistake("always causal", "A causal mask is always at work, whatever `mask` says. Here the caller decides who may look.",
                replace=("    if mask is not None:\n        scores = np.where(mask, ", "    if True:\n        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), ")),
        Mistake("scaled behind the softmax", "The division by √d comes behind the softmax, so the weights no longer sum to 1. The scores are divided, before.",
                replace=[(" / np.sqrt(Q.shape[-1])", ""), ("return weights @ V", "weights = weights / np.sqrt(Q.shape[-1])\n    return weights @ V")]),
        Mistake("sigmoid for softmax", "A sigmoid stands in place of the softmax: each weight for itself, without a share. A row has to sum to 1.",
                replace=[("np.exp(scores)", "1 / (1 + np.exp(-scores))"), (ROWS, "")]),
        Mistake("clipped", "Scores are clipped to keep them small. That changes the weights, and it brings masked ones back. Take the row's largest score away instead: that "
                "changes nothing.", replace=("scores - np.max(scores, axis=-1, keepdims=True)", "np.clip(scores, -10, 10)")),
        Mistake("one softmax for all", "One softmax runs over all scores together. Each query has a softmax of its own.",
                replace=[("np.max(scores, axis=-1, keepdims=True)", "np.max(scores)"), ("np.sum(weights, axis=-1, keepdims=True)", "np.sum(weights)")]),
        Mistake("overflow", "For large scores the exponential overflows and the weights are nan. Take the largest score of each row away first: the softmax stays the same (lab 00).",
                replace=("    scores = scores - np.max(scores, axis=-1, keepdims=True)\n", "")),
        Mistake("largest of all taken away", "The largest of *all* scores is taken away, so that rows far below it underflow: 0 / 0. Each row has a largest of its own.",
                replace=("np.max(scores, axis=-1, keepdims=True)", "np.max(scores)")),
        Mistake("no softmax", "The scores weigh the values as they are, without a softmax: they are no shares.", replace=("np.exp(scores)", "scores")),
        Mistake("weights not divided by their sum", "The exponentials are not divided by their sum: the weights are no shares.", replace=(ROWS, "")),
        Mistake("the largest takes all", "The whole weight goes to the best key. Attention is soft: every key gets its share, so that a gradient can flow.",
                replace=("np.exp(scores)", "(scores == 0) * 1.0")),
        Mistake("results exchanged", "Output and weights have changed places.", replace=("return weights @ V, weights", "return weights, weights @ V")),
        Mistake("only the output", "Only the output comes back. The weights are wanted too: they are what one looks at.", replace=("return weights @ V, weights", "return weights @ V")),
        Mistake("scores in place of weights", "In place of the weights the scores come back.", replace=("return weights @ V, weights", "return weights @ V, scores")),
        Mistake("queries and keys exchanged", "Queries and keys have changed places.", replace=("Q @ np.swapaxes(K, -1, -2)", "K @ np.swapaxes(Q, -1, -2)")),
        Mistake("cosine for product", "The scores are cosines: the lengths of queries and keys are divided out. How long they are is for the net to use.",
                replace=("Q @ np.swapaxes(K, -1, -2)", "Q / np.linalg.norm(Q, axis=-1, keepdims=True) @ np.swapaxes(K / np.linalg.norm(K, axis=-1, keepdims=True), -1, -2)")),
        Mistake("all axes turned", "`.T` turns *all* axes round, those of examples and heads too. Exchange the last two only, `np.swapaxes`.", replace=("np.swapaxes(K, -1, -2)", "K.T")),
    ],
    unchanged={"K in place of Q": "both have d columns", "sign of weights": "above and below the fraction line the sign cancels",
               "K + 1": "the same amount is added to every score of a row", "K - 1": "the same amount is taken from every score of a row"},
    right=[attention_by_einsum, attention_by_scipy, attention_of_allowed],
    hints=("How well does each key fit each query? A dot product says it, for all pairs at once in one matrix product. A softmax makes shares of it.",
           "scores = Q Kᵀ / √d, (…, n_q, n_k), −∞ where the mask is False; weights = softmax over the last axis; output = weights V.",
           "scores = Q @ K with its last two axes exchanged, over the root of Q.shape[-1]; np.where(mask, scores, -inf) if there is a mask; minus the row's maximum; exp; over "
           "the row's sum; weights @ V"),
    why="A dot product of two vectors of d independent numbers with variance 1 has variance d. Divided by √d it has variance 1 for any d, and the softmax is neither flat nor hard at the start.",
    after="Everything in this lab is made of this one step.")

# --- positional_encoding ---------------------------------------------------------------------------------------------


def encoding_by_loop(length, d_model):
    table = np.zeros((length, d_model))
    for place in range(length):
        for column in range(d_model):
            angle = place / 10000 ** ((column - column % 2) / d_model)
            table[place, column] = np.cos(angle) if column % 2 else np.sin(angle)
    return table


def encoding_by_exp(length, d_model):
    rates = np.exp(-np.log(10000.0) * np.arange(0, d_model, 2) / d_model)
    angles = np.outer(np.arange(length), rates)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, d_model)


def encoding_by_turns(length, d_model):
    turns = np.exp(1j * np.arange(length)[:, None] * 10000.0 ** (-np.arange(0, d_model, 2) / d_model))
    return np.array([[f(z) for z in row for f in (np.imag, np.real)] for row in turns], np.float32)


ENCODING = Exercise(
    ex.positional_encoding, title="Where am I?", difficulty=2, importance=2, minutes=10, draw=lambda rng, length, d_model: (length, d_model),
    sizes=[{"length": 3, "d_model": 4}, {"length": 2, "d_model": 6}, {"length": 1, "d_model": 2}, {"length": 7, "d_model": 2}, {"length": 40, "d_model": 10}],
    returns="encoding", names={"length": "the number of places", "d_model": "the numbers of a place"},
    mistakes=[
        Mistake("sines and cosines exchanged", "The cosines stand in the even columns; sines belong there.", replace=[("waves[:, 0::2] = np.sin", "waves[:, 0::2] = np.cos"), ("waves[:, 1::2] = np.cos", "waves[:, 1::2] = np.sin")]),
        Mistake("halves, not turns", "All sines stand first, then all cosines. Here they take turns: the pair of one wave stands side by side.",
                replace=[("waves[:, 0::2]", "waves[:, :d_model // 2]"), ("waves[:, 1::2]", "waves[:, d_model // 2:]")]),
        Mistake("i for 2i", "The exponent is i / d_model; it is 2i / d_model, so that the slowest wave comes near 10000.", replace=("2 * i / d_model", "i / d_model")),
        Mistake("every column a wave of its own", "Each column has an angle of its own, the cosines too. Columns 2i and 2i + 1 have the *same* angle.",
                replace=("np.cos(angles)", "np.cos(place / 10000 ** ((2 * i + 1) / d_model))")),
        Mistake("exponent twice as large", "The exponent is 4i / d_model: 2i is counted twice.", replace=("2 * i / d_model", "4 * i / d_model")),
        Mistake("counted from 1", "The places are counted from 1. The first one is 0.", replace=("np.arange(length)[:, None]", "np.arange(1, length + 1)[:, None]")),
        Mistake("multiplied", "The place is multiplied by the power of 10000, so that the waves become ever faster. It is divided.", replace=("place / 10000", "place * 10000.0")),
        Mistake("another base", "The base is 1000, not 10000.", replace=("10000", "1000")),
        Mistake("base too large", "The base is 100000, not 10000.", replace=("10000", "100000")),
        Mistake("product for power", "10000 is multiplied by the share 2i / d_model. It is raised to that power, so that each wave is slower than the last by the same factor.",
                replace=("10000 ** (2 * i / d_model)", "(1 + 10000 * 2 * i / d_model)")),
        Mistake("degrees", "The angles are taken for degrees. `np.sin` works in radians, and so does the formula: nothing has to be converted.",
                replace=[("np.sin(angles)", "np.sin(np.radians(angles))"), ("np.cos(angles)", "np.cos(np.radians(angles))")]),
        Mistake("scaled by the root", "The waves are divided by √d_model. Sines and cosines stay as they are; what is scaled in this lab are scores.",
                replace=("return waves", "return waves / np.sqrt(d_model)")),
        Mistake("an exponent for each column", "i counts the columns, and each has an angle of its own. It counts the *pairs*: columns 2i and 2i + 1 have the same angle.",
                replace=[("np.arange(d_model // 2)", "np.arange(d_model)"), ("np.sin(angles)", "np.sin(angles[:, 0::2])"), ("np.cos(angles)", "np.cos(angles[:, 1::2])")]),
        Mistake("rows for columns", "Sines stand in the even *rows*, the even places. Every place gets both: sines in its even columns, cosines in its odd ones.",
                replace=[("np.arange(d_model // 2)", "np.arange(d_model) // 2"), ("waves[:, 0::2] = np.sin(angles)", "waves[0::2] = np.sin(angles[0::2])"),
                         ("waves[:, 1::2] = np.cos(angles)", "waves[1::2] = np.cos(angles[1::2])")]),
        Mistake("sines only", "Sines stand in all columns. The odd ones hold cosines: with both, a shift by a fixed distance is a rotation.", replace=("np.cos(angles)", "np.sin(angles)")),
        Mistake("cosines missing", "The odd columns are empty: they hold the cosines.", replace=("    waves[:, 1::2] = np.cos(angles)\n", "")),
        Mistake("full turns", "The angles are multiplied by 2π. The formula has none.", replace=("place / 10000", "2 * np.pi * place / 10000")),
        Mistake("turned", "Rows and columns have changed places: (d_model, length). Each *row* is a place.", replace=("return waves", "return waves.T")),
        Mistake("share of the length", "Places are divided by the length: the same place gets another pattern in a longer text.", replace=("place / 10000", "place / length / 10000")),
        Mistake("last pair divided by d − 2", "The exponent runs to exactly 1: it is divided by d_model − 2, not by d_model.", replace=("2 * i / d_model", "2 * i / max(d_model - 2, 1)")),
    ],
    unchanged={"ones in place": "every entry is written", "/ in place of //": "d_model is even", "steps exchanged": "the steps do not depend on each other",
               "sign of waves": "it is all zeros there", "slice bound": "a slice starts at 0 by itself"},
    right=[encoding_by_loop, encoding_by_exp, encoding_by_turns],
    hints=("Clocks: a second hand, a minute hand, an hour hand. Each pair of columns is one hand, ever slower, given by the sine and cosine of its angle.",
           "angle[p, i] = p / 10000^(2i/d), i = 0 … d/2 − 1; column 2i is its sine, column 2i + 1 its cosine.",
           "angles = places as a column / 10000 ** (2 * np.arange(d_model // 2) / d_model); fill table[:, 0::2] and table[:, 1::2]"),
    why="sin(a + b) and cos(a + b) are made linearly of sin a and cos a: to look a fixed number of places back is one matrix, whatever the place.",
    after="Places can be told apart now.")

# --- heads -----------------------------------------------------------------------------------------------------------


def draw_heads(rng, m, n, h, d_h):
    return np.arange(float(m * n * h * d_h)).reshape(m, n, h * d_h) + np.round(rng.random(), 2), h


def split_by_slices(x, n_heads):
    return np.stack(np.split(x, n_heads, axis=-1), axis=1)


def split_by_loop(x, n_heads):
    m, n, d = x.shape
    k = d // n_heads
    return np.array([[x[j, :, i * k:(i + 1) * k] for i in range(n_heads)] for j in range(m)])


def split_by_moveaxis(x, n_heads):
    return np.moveaxis(x.reshape(*x.shape[:2], n_heads, -1), 2, 1)


SPLIT = Exercise(
    ex.split_heads, title="Several heads", difficulty=2, importance=3, minutes=8, draw=draw_heads,
    sizes=[{"m": 1, "n": 2, "h": 3, "d_h": 2}, {"m": 2, "n": 3, "h": 2, "d_h": 3}, {"m": 3, "n": 4, "h": 1, "d_h": 2}, {"m": 2, "n": 1, "h": 4, "d_h": 1}, {"m": 2, "n": 5, "h": 3, "d_h": 4}],
    returns="heads", names={**NAMES, "d_h": "the numbers of a head"},
    mistakes=[
        Mistake("only reshaped", "The shape is right and the numbers are not: `reshape` straight to (m, h, n, d/h) cuts the text itself into pieces, so that a head gets a part of the *places*. "
                "First cut the last axis, then exchange axes.", replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "x.reshape(m, n_heads, n, d // n_heads)")),
        Mistake("axes not exchanged", "The heads stand behind the places, (m, n, h, d/h). Attention works on the last two axes, so they have to be places and numbers: (m, h, n, d/h).",
                replace=(".transpose(0, 2, 1, 3)", "")),
        Mistake("every h-th number", "Head k gets every h-th number. It should get the k-th *part*: numbers that stand side by side.",
                replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "x.reshape(m, n, d // n_heads, n_heads).transpose(0, 3, 1, 2)")),
        Mistake("head and size exchanged", "There are d/h heads of h numbers: number and size of the heads have changed places.", replace=("n_heads, d // n_heads).tr", "d // n_heads, n_heads).tr")),
        Mistake("heads before examples", "The heads stand before the examples: (h, m, n, d/h).", replace=("(0, 2, 1, 3)", "(2, 0, 1, 3)")),
        Mistake("places last", "Places and numbers have changed places: (m, h, d/h, n).", replace=("(0, 2, 1, 3)", "(0, 2, 3, 1)")),
        Mistake("all axes turned", "`.T` turns all axes round.", replace=(".transpose(0, 2, 1, 3)", ".T")),
        Mistake("heads in reverse", "The heads stand in reverse order.", replace=("d // n_heads).transpose(0, 2, 1, 3)", "d // n_heads).transpose(0, 2, 1, 3)[:, ::-1]")),
        Mistake("examples among the places", "Examples are mixed: the first axis is cut too.", replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "x.reshape(n, m, n_heads, d // n_heads).transpose(1, 2, 0, 3)")),
        Mistake("copies for the heads", "Every head gets all the numbers. Each gets its own part of them.", replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "np.repeat(x[:, None], n_heads, axis=1)")),
        Mistake("first part for every head", "Every head gets the first part. Head k gets the k-th.",
                replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "np.repeat(x[:, None, :, :d // n_heads], n_heads, axis=1)")),
        Mistake("parts that overlap", "The parts overlap: part k starts at column k. Each starts where the one before ends, at k · d / h.",
                replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "np.stack([x[:, :, k:k + d // n_heads] for k in range(n_heads)], axis=1)")),
        Mistake("scaled too", "The parts are divided by a root. Cutting only moves numbers; the scaling is done by the attention.",
                replace=(".transpose(0, 2, 1, 3)", ".transpose(0, 2, 1, 3) / np.sqrt(d // n_heads)")),
        Mistake("a list", "A list of the heads comes back, one array each; one array is wanted, with an axis for the heads.", replace=("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "np.split(x, n_heads, axis=-1)")),
    ],
    right=[split_by_slices, split_by_loop, split_by_moveaxis],
    hints=("A reshape never moves a number; it only counts anew. Cut the last axis in two, then exchange axes.", "(m, n, d) → (m, n, h, d/h) → (m, h, n, d/h).",
           "x.reshape(m, n, n_heads, d // n_heads), then transpose(0, 2, 1, 3)"),
    why="Behind it all heads are computed by one matrix product: head is an axis like example.",
    after="Each head can look at something else.")


def merge_by_lists(x):
    return np.concatenate([x[:, k] for k in range(x.shape[1])], axis=-1)


def merge_by_moveaxis(x):
    return np.moveaxis(x, 1, 2).reshape(x.shape[0], x.shape[2], -1)


def merge_by_loop(x):
    m, h, n, k = x.shape
    out = np.empty((m, n, h * k))
    for i in range(h):
        out[:, :, i * k:(i + 1) * k] = x[:, i]
    return out


BACK = "x.transpose(0, 2, 1, 3).reshape(m, n, h * d_h)"
MERGE = Exercise(
    ex.merge_heads, title="… and together again", difficulty=1, importance=3, minutes=5,
    draw=lambda rng, m, n, h, d_h: (np.arange(float(m * n * h * d_h)).reshape(m, h, n, d_h) + np.round(rng.random(), 2),),
    sizes=[{"m": 1, "n": 2, "h": 3, "d_h": 2}, {"m": 2, "n": 3, "h": 2, "d_h": 4}, {"m": 3, "n": 4, "h": 1, "d_h": 2}, {"m": 2, "n": 1, "h": 4, "d_h": 3}, {"m": 2, "n": 5, "h": 3, "d_h": 1}],
    returns="x", names={**NAMES, "d_h": "the numbers of a head"},
    mistakes=[
        Mistake("only reshaped", "The shape is right and the numbers are not: without exchanging the axes first, `reshape` puts numbers of different places side by side.", replace=(BACK, "x.reshape(m, n, h * d_h)")),
        Mistake("numbers of the heads mixed", "The numbers take turns, the first of every head, then the second. Each head's numbers stay together.", replace=("(0, 2, 1, 3)", "(0, 2, 3, 1)")),
        Mistake("mean of the heads", "The heads are averaged. They stand side by side: each has found something else.", replace=(BACK, "x.mean(axis=1)")),
        Mistake("sum of the heads", "The heads are added up. They stand side by side.", replace=(BACK, "x.sum(axis=1)")),
        Mistake("first head only", "Only the first head comes back.", replace=(BACK, "x[:, 0]")),
        Mistake("first head for all", "The first head stands there h times. Each head has its own place.", replace=(BACK, "np.tile(x[:, 0], (1, 1, h))")),
        Mistake("places behind", "Places and numbers have changed places.", replace=(BACK, "x.transpose(0, 1, 3, 2).reshape(m, h * d_h, n)")),
        Mistake("places one behind the other", "The heads stand one behind the other along the places, (m, h·n, d_h); they belong side by side.", replace=(BACK, "x.reshape(m, h * n, d_h)")),
        Mistake("heads in reverse", "The heads stand in reverse order.", replace=("x.transpose", "x[:, ::-1].transpose")),
        Mistake("axes exchanged, not merged", "The axes are exchanged, but the heads are not merged yet.", replace=(".reshape(m, n, h * d_h)", "")),
        Mistake("all examples together", "The examples are merged as well: (m·n, h·d_h).", replace=("reshape(m, n, h * d_h)", "reshape(m * n, h * d_h)")),
    ],
    right=[merge_by_lists, merge_by_moveaxis, merge_by_loop],
    hints=("What split_heads did last is undone first.", "(m, h, n, d_h) → (m, n, h, d_h) → (m, n, h·d_h).", "transpose(0, 2, 1, 3), then reshape"),
    why="The two are inverse to each other, so a wrong one shows at once: merge_heads(split_heads(x, h)) is x.",
    after="Cut, and whole again.")

# --- multi_head_attention --------------------------------------------------------------------------------------------


def draw_multi(rng, m, n, h, d_h, masked=False):
    d = h * d_h
    x = np.round(rng.normal(0, 1, (m, n, d)), 2)
    W = [np.round(rng.normal(0, 1 / d ** 0.5, (d, d)), 2) for _ in range(4)]
    W = [np.where(w == 0, 0.01, w) for w in W]
    mask = np.tril(np.ones((n, n), bool)) if masked else None
    if masked == "anyhow":
        mask = (rng.random((n, n)) < 0.5) | np.eye(n, dtype=bool)
    return x, *W, h, mask


def multi_by_loop(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    k = x.shape[-1] // n_heads
    outs, weights = [], []
    for i in range(n_heads):
        part = slice(i * k, (i + 1) * k)
        out, w = scaled_dot_product_attention(x @ Wq[:, part], x @ Wk[:, part], x @ Wv[:, part], mask)
        outs.append(out)
        weights.append(w)
    return np.concatenate(outs, axis=-1) @ Wo, np.stack(weights, axis=1)


def multi_by_einsum(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    m, n, d = x.shape
    q, k, v = (np.einsum("mnd,dhk->mhnk", x, W.reshape(d, n_heads, -1)) for W in (Wq, Wk, Wv))
    out, weights = scaled_dot_product_attention(q, k, v, mask)
    return np.einsum("mhnk,hkd->mnd", out, Wo.reshape(n_heads, -1, d)), weights


def multi_by_example(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    outs, weights = [], []
    for example in x:
        a, b, c = (split_heads((example @ W)[None], n_heads) for W in (Wq, Wk, Wv))
        out, w = scaled_dot_product_attention(a, b, c, mask)
        outs.append(merge_heads(out)[0] @ Wo)
        weights.append(w[0])
    return np.array(outs), np.array(weights)


def multi_scaled_by_d(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    return ex.multi_head_attention(x, Wq / n_heads ** 0.5, Wk, Wv, Wo, n_heads, mask)


def multi_one_head(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    return ex.multi_head_attention(x, Wq, Wk, Wv, Wo, 1, mask)


def multi_only_reshaped(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    m, n, d = x.shape
    Q, K, V = ((x @ W).reshape(m, n_heads, n, d // n_heads) for W in (Wq, Wk, Wv))
    out, weights = scaled_dot_product_attention(Q, K, V, mask)
    return merge_heads(out) @ Wo, weights


def multi_between_heads(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    Q, K, V = ((x @ W).reshape(*x.shape[:2], n_heads, -1) for W in (Wq, Wk, Wv))
    out, weights = scaled_dot_product_attention(Q, K, V)
    return out.reshape(x.shape) @ Wo, weights


def multi_merged_by_reshape(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    Q, K, V = (split_heads(x @ W, n_heads) for W in (Wq, Wk, Wv))
    out, weights = scaled_dot_product_attention(Q, K, V, mask)
    return out.reshape(x.shape) @ Wo, weights


WHICH = "split_heads(x @ W, n_heads) for W in (Wq, Wk, Wv)"
MULTI = Exercise(
    ex.multi_head_attention, title="All heads at once", difficulty=3, importance=3, minutes=12, draw=draw_multi, uses=[ATTENTION, SPLIT, MERGE],
    sizes=[{"m": 1, "n": 3, "h": 2, "d_h": 1}, {"m": 2, "n": 3, "h": 2, "d_h": 2}, {"m": 2, "n": 4, "h": 3, "d_h": 2, "masked": True}, {"m": 1, "n": 2, "h": 1, "d_h": 4},
           {"m": 3, "n": 5, "h": 4, "d_h": 3, "masked": True}, {"m": 2, "n": 6, "h": 2, "d_h": 3, "masked": "anyhow"}],
    returns=("output", "weights"), names={**NAMES, "d_h": "the numbers of a head"},
    mistakes=[
        Mistake("Wo left out", "The merged heads are not multiplied by Wo.", replace=("merge_heads(heads) @ Wo", "merge_heads(heads)")),
        Mistake("mask not handed on", "The mask has no influence: it is not handed on to the attention.", replace=("(Q, K, V, mask)", "(Q, K, V)")),
        Mistake("one matrix for queries and keys", "Queries and keys are made with the same matrix, Wq.", replace=("(Wq, Wk, Wv)", "(Wq, Wq, Wv)")),
        Mistake("queries and keys exchanged", "Wq and Wk have changed places: x Wq gives the queries.", replace=("(Wq, Wk, Wv)", "(Wk, Wq, Wv)")),
        Mistake("values of the keys", "The values are made with Wk; x Wv gives them.", replace=("(Wq, Wk, Wv)", "(Wq, Wk, Wk)")),
        Mistake("values are x itself", "The values are x itself; x Wv gives them.", replace=(WHICH, "split_heads(x @ W, n_heads) for W in (Wq, Wk, np.eye(len(Wv)))")),
        Mistake("matrices turned", "The matrices are turned round: a place's numbers stand in a *row* of x, so it is x @ W.", replace=("x @ W,", "x @ W.T,")),
        Mistake("Wo turned", "Wo is turned round.", replace=("@ Wo", "@ Wo.T")),
        Mistake("a single head", "The whole width is one head: `n_heads` has no influence.", function=multi_one_head),
        Mistake("scaled by the whole width", "The scores are divided by the root of d, the whole width. A head's queries and keys have d / h numbers.", function=multi_scaled_by_d),
        Mistake("heads cut by reshape alone", "The heads are cut by a reshape alone, so that each gets a part of the *places*.", function=multi_only_reshaped),
        Mistake("heads merged by reshape alone", "The heads are merged by a reshape alone, which puts numbers of different places side by side.", function=multi_merged_by_reshape),
        Mistake("weights averaged", "The weights are averaged over the heads. Each head's own are wanted, (m, h, n, n).", replace=("@ Wo, weights", "@ Wo, weights.mean(axis=1)")),
        Mistake("only the output", "Only the output comes back; the weights are wanted too.", replace=("@ Wo, weights", "@ Wo")),
        Mistake("mask turned over", "The mask is transposed: rows and columns have changed places, so that each place looks only ahead. Hand it on as it is.",
                replace=("(Q, K, V, mask)", "(Q, K, V, None if mask is None else mask.T)")),
        Mistake("mask inverted", "The mask is turned round, True for False. Hand it on as it is.",
                replace=("(Q, K, V, mask)", "(Q, K, V, None if mask is None else ~mask)")),
        Mistake("always causal", "A causal mask is always at work, whatever `mask` says.", replace=("(Q, K, V, mask)", "(Q, K, V, np.tri(x.shape[1], dtype=bool))")),
        Mistake("values cut by reshape alone", "Queries and keys are cut well, but the values by a reshape alone, so that their heads hold a part of the *places*.",
                replace=("(Q, K, V, mask)", "(Q, K, (x @ Wv).reshape(V.shape), mask)")),
        Mistake("weights of the first head", "Only the first head's weights come back. All are wanted, (m, h, n, n).", replace=("@ Wo, weights", "@ Wo, weights[:, 0]")),
        Mistake("heads averaged", "The heads' outputs are averaged before Wo. They stand side by side: each has found something else.",
                replace=("merge_heads(heads)", "np.tile(heads.mean(axis=1), n_heads)")),
        Mistake("heads look at each other", "The axes are not exchanged before the attention: at each place the heads look at one another, and no place looks at another one.",
                function=multi_between_heads),
        Mistake("one query for all heads", "All heads ask with the first head's queries. Each has its own.", replace=("(Q, K, V, mask)", "(np.repeat(Q[:, :1], n_heads, axis=1), K, V, mask)")),
        Mistake("normalised first", "x is normalised first. That belongs to the block, later; here x is used as it comes.",
                replace=("    Q, K, V =", "    x = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)\n    Q, K, V =")),
        Mistake("a corner of Wo for every head", "Each head is multiplied by the same corner of Wo. Merge the heads first; then every row of Wo has its number.",
                replace=("merge_heads(heads) @ Wo", "merge_heads(heads @ Wo[:heads.shape[-1], :heads.shape[-1]])")),
        Mistake("residual added", "x is added to the output. That comes later, in the block.", replace=("merge_heads(heads) @ Wo", "x + merge_heads(heads) @ Wo")),
        Mistake("x split before the matrices", "x itself is cut and the matrices are left out: each head sees only a part of x.", replace=("x @ W,", "x,")),
    ],
    right=[multi_by_loop, multi_by_einsum, multi_by_example],
    hints=("Three matrix products, then all that you wrote above, then one more.", "Q, K, V = heads of x Wq, x Wk, x Wv, (m, h, n, d/h); attention; merged (m, n, d); times Wo.",
           "split_heads(x @ W, n_heads) for each of the three; scaled_dot_product_attention(…, mask); merge_heads(output) @ Wo, and the weights"),
    why="One head is one softmax: it can hardly look at two places at once. h heads of d / h numbers cost the same and look at h things.",
    after="This is what Keras's MultiHeadAttention computes, but for its biases.")

# --- transformer_block -----------------------------------------------------------------------------------------------

ACTS = {"relu": lambda z: np.maximum(z, 0), "gelu": lambda z: 0.5 * z * (1 + np.vectorize(math.erf)(z / 2 ** 0.5)), "linear": lambda z: z, "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
SAYS = {
    "no mask": "Places look ahead: the attention is called without its causal mask.",
    "no first skip": "x is not added to what the attention gives.", "no second skip": "The way round the dense net is missing: what went in is not added to what it gives.",
    "first skip from the normalised": "The normalised x is added to the attention. Untouched x goes round: only so does the gradient have a way without any obstacle.",
    "second skip from the normalised": "The normalised numbers are added to the dense net's. What stood before the normalisation goes round.",
    "second skip from x": "The block's input x is added to the dense net's output. What goes round the dense net is what goes into its normalisation, y.",
    "normalised behind": "The normalisation stands behind each sum, as in the first transformers. Here it stands before each part, inside the branch.",
    "normalised behind each part": "The normalisation stands behind each part, before the sum. Here it stands before the part.",
    "first normalisation left out": "The attention is given x as it is: the first normalisation is missing there.",
    "second normalisation left out": "The dense net is given y as it is: the second normalisation is missing there.",
    "keys and values not normalised": "Only the queries are normalised; keys and values are x as it is. Self-attention looks from the normalised x at the normalised x.",
    "dense net beside the attention": "The dense net is given x, not what the attention has made of it: both stand side by side.",
    "gelu": "The hidden layer's activation is GELU; ReLU is asked for.", "linear": "The hidden layer has no activation: two dense layers in a row are then no more than one (lab 02).",
    "tanh": "The hidden layer's activation is tanh; ReLU is asked for.", "sigmoid": "The hidden layer's activation is the sigmoid; ReLU is asked for.",
    "ReLU at the end": "There is a ReLU behind the last dense layer too: it could only add, never take away.",
}


def _attend(weights, queries, others, causal):
    """Keras's MultiHeadAttention in numpy."""
    bias = len(weights) == 8
    kernels, biases = (weights[0::2], weights[1::2]) if bias else (weights, [0] * 4)
    q, k, v = (np.einsum("mnd,dhk->mhnk", a, W) + (np.asarray(b)[:, None, :] if bias else 0) for a, W, b in zip((queries, others, others), kernels, biases))
    out, _ = ex.scaled_dot_product_attention(q, k, v, ex.causal_mask(queries.shape[1]) if causal else None)
    return np.einsum("mhnk,hkd->mnd", out, kernels[3]) + biases[3]


def _normal(layer, z):
    scale, shift = (np.asarray(w) if w is not None else d for w, d in ((layer.gamma, 1.0), (layer.beta, 0.0)))
    return (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + layer.epsilon) * scale + shift


def _wired(x, attention, normals, dense, causal, skips, norm, act, end):
    """What a block gives whose parts are put together in one way or another."""
    first, second = normals
    before = {"before": (first, second), "first normalisation left out": (None, second), "second normalisation left out": (first, None)}.get(norm, (first, second))

    def n(layer, z):
        return z if layer is None else _normal(layer, z)

    def net(z):
        z = ACTS[act](z @ dense[0] + dense[1]) @ dense[2] + dense[3]
        return np.maximum(z, 0) if end else z

    inside = norm in ("normalised behind", "normalised behind each part")
    nx = x if inside else n(before[0], x)
    a = _attend(attention, nx, x if norm == "keys and values not normalised" else nx, causal)
    if norm == "normalised behind each part":
        a = _normal(first, a)
    y = a + {"no first skip": 0, "first skip from the normalised": nx}.get(skips[0], x)
    if norm == "normalised behind":
        y = _normal(first, y)
    ny = y if inside else n(before[1], x if norm == "dense net beside the attention" else y)
    f = net(ny)
    if norm == "normalised behind each part":
        f = _normal(second, f)
    z = f + {"no second skip": 0, "second skip from the normalised": ny, "second skip from x": x}.get(skips[1], y)
    return _normal(second, z) if norm == "normalised behind" else z


def _ways():
    """All ways of putting the parts together, the right one first, then those with one thing wrong, then with two."""
    kinds = [(True, False), ("", "no first skip", "first skip from the normalised"), ("", "no second skip", "second skip from the normalised", "second skip from x"),
             ("before", "normalised behind", "normalised behind each part", "first normalisation left out", "second normalisation left out", "keys and values not normalised",
              "dense net beside the attention"), tuple(ACTS), (False, True)]
    ways = []
    for causal, one, two, norm, act, end in itertools.product(*kinds):
        wrong = [w for w in ("" if causal else "no mask", one, two, norm if norm != "before" else "", act if act != "relu" else "", "ReLU at the end" if end else "") if w]
        if len(wrong) <= 2 or set(wrong) == {"no first skip", "no second skip", "no mask"}:
            ways.append((wrong, dict(causal=causal, skips=(one, two), norm=norm, act=act, end=end)))
    return sorted(ways, key=lambda way: len(way[0]))


def play_block(function, n, d, n_heads, d_ff):
    x = keras.Input((n, d))
    y, again = function(x, n_heads, d_ff), function(x, n_heads, d_ff)
    if y is None:
        return NOTHING
    if not isinstance(y, keras.KerasTensor):
        return Fault("What comes back is no Keras tensor. A layer has to be called: `layer(x)`.", "not a tensor")
    if tuple(y.shape) != (None, n, d):
        return Fault(f"The result has shape {tuple(y.shape)[1:]} for an x of shape {(n, d)}, without the examples. A block keeps the shape, so that blocks can be stacked.", "another shape")
    try:
        model, twin = keras.Model(x, y), keras.Model(x, again)
    except ValueError:
        return Fault("What comes back is not made from x.", "not made from x")
    return _parts_fault(model, d, n_heads, d_ff) or anatomy.shared_layers([model], [twin]) or _wiring_fault(model, n, d, d_ff)


def _of(model, kind):
    """The layers of a kind, wherever they stand: in the model, in a model or a layer class within it."""
    return [layer for layer in model._flatten_layers(include_self=False) if isinstance(layer, kind)]


def _parts_fault(model, d, n_heads, d_ff):
    attentions, normals, denses = (_of(model, k) for k in (keras.layers.MultiHeadAttention, keras.layers.LayerNormalization, keras.layers.Dense))
    if len(attentions) != 1:
        return Fault(f"One MultiHeadAttention is wanted; here {'are ' + str(len(attentions)) if attentions else 'is none'}.", "no attention" if not attentions else "more than one attention")
    if _of(model, keras.layers.BatchNormalization):
        return Fault("There is a BatchNormalization, which mixes the examples of a batch and, here, places that must not see each other. LayerNormalization looks at one place alone.", "batch norm for layer norm")
    if len(normals) != 2:
        return Fault(f"Two LayerNormalization layers are wanted, one before each part; here {'are ' + str(len(normals)) if len(normals) != 1 else 'is one'}.",
                     "one normalisation" if len(normals) == 1 else "no normalisation" if not normals else "normalisations too many")
    if any(tuple(np.ravel(layer.axis)) not in ((-1,), (2,)) for layer in normals):
        return Fault("A normalisation runs over another axis than the last. Layer normalisation takes the numbers of each place by itself; over the places it would let the "
                     "future in.", "normalised over the places")
    heads, size = attentions[0].get_weights()[0].shape[1:]
    if heads != n_heads:
        return Fault(f"The attention has {heads} head{'s' * (heads > 1)}; n_heads = {n_heads} are asked for.", "number of heads")
    if size * n_heads != d:
        return Fault(f"Each head has {size} numbers (`key_dim`); d / n_heads = {d // n_heads} are asked for, so that all heads together are as wide as x.", "size of the heads")
    widths = [layer.units for layer in denses]
    if sorted(widths) != sorted([d_ff, d]):
        return Fault(f"The dense layers have {' and '.join(map(str, widths)) or 'no'} units; d_ff = {d_ff}, then d = {d}, are asked for.", "dense layers")
    return None


def _wiring_fault(model, n, d, d_ff):
    rng = np.random.default_rng(3)
    (attention,), normals, denses = (_of(model, k) for k in (keras.layers.MultiHeadAttention, keras.layers.LayerNormalization, keras.layers.Dense))
    denses = sorted(denses, key=lambda layer: layer.units == d)  # the hidden layer first: d_ff is another number than d in every case
    for layer in (attention, *normals, *denses):
        layer.set_weights([rng.normal(0, 0.5, w.shape) + (layer in normals) for w in layer.get_weights()])
    x = rng.normal(0, 1, (n - 1, n, d)) + rng.normal(0, 1, (n - 1, n, 1))
    got, *again = (np.asarray(model(x.astype(np.float32), training=False)) for _ in range(10))
    if any(not np.allclose(got, other, rtol=1e-3, atol=1e-4) for other in again):
        return Fault("Run twice with the same x, the block gives two different answers: there is chance in it, also when it does not train.", "different on every call")
    dense = [w for layer in denses for w in (layer.get_weights() + [np.zeros(layer.units)])[:2]]
    for wrong, way in WAYS:
        for pair in (normals, normals[::-1]):
            if np.allclose(got, _wired(x, attention.get_weights(), pair, dense, **way), rtol=1e-3, atol=1e-4):
                return Fault(" ".join(SAYS[w] for w in wrong), "; ".join(wrong)) if wrong else FINE
    return Fault("All the layers are there, but they are put together in another way: y = x + attention of the normalised x; then y + dense net of the normalised y.", "another way of putting together")


WAYS = _ways()


def block_by_ops(x, n_heads, d_ff):
    layers, d = keras.layers, x.shape[-1]
    h = layers.LayerNormalization(epsilon=1e-6)(x)
    x = x + layers.MultiHeadAttention(num_heads=n_heads, key_dim=d // n_heads, use_bias=False)(query=h, value=h, use_causal_mask=True)
    h = layers.LayerNormalization(epsilon=1e-6)(x)
    return x + layers.Dense(d)(keras.ops.relu(layers.Dense(d_ff)(h)))


def block_with_dropout(x, n_heads, d_ff):
    width = int(x.shape[2])
    first, second = keras.layers.LayerNormalization(), keras.layers.LayerNormalization()
    attention = keras.layers.MultiHeadAttention(n_heads, width // n_heads, dropout=0.1)
    y = keras.layers.add([attention(first(x), first(x), first(x), use_causal_mask=True), x])
    f = keras.layers.ReLU()(keras.layers.Dense(d_ff)(second(y)))
    return keras.layers.add([keras.layers.Dropout(0.1)(keras.layers.Dense(width)(f)), y])


def block_with_own_mask(x, n_heads, d_ff):
    n, d = x.shape[1:]
    h = keras.layers.LayerNormalization()(x)
    mask = np.tril(np.ones((1, n, n), bool))
    y = keras.layers.Add()([x, keras.layers.MultiHeadAttention(n_heads, d // n_heads)(h, h, attention_mask=mask)])
    hidden = keras.layers.Activation("relu")(keras.layers.Dense(d_ff)(keras.layers.LayerNormalization()(y)))
    return keras.layers.Add()([y, keras.layers.Dense(d)(hidden)])


class Block(keras.layers.Layer):
    def __init__(self, n_heads, d_ff, d):
        super().__init__()
        self.second, self.narrow = keras.layers.LayerNormalization(), keras.layers.Dense(d)
        self.first, self.attention = keras.layers.LayerNormalization(), keras.layers.MultiHeadAttention(n_heads, d // n_heads)
        self.wide = keras.layers.Dense(d_ff, activation="relu")

    def call(self, x):
        z = self.first(x)
        x = x + self.attention(z, z, use_causal_mask=True)
        return x + self.narrow(self.wide(self.second(x)))


def block_as_layer(x, n_heads, d_ff):
    return Block(n_heads, d_ff, x.shape[-1])(x)


def block_in_parts(x, n_heads, d_ff):
    h = keras.layers.LayerNormalization()(x)
    y = x + keras.layers.MultiHeadAttention(n_heads, x.shape[-1] // n_heads)(h, h, use_causal_mask=True)
    return y + keras.Sequential([keras.layers.LayerNormalization(), keras.layers.Dense(d_ff), keras.layers.ReLU(), keras.layers.Dense(x.shape[-1])])(y)


BLOCK = Exercise(
    ex.transformer_block, title="A transformer block", difficulty=3, importance=3, minutes=15,
    draw=lambda rng, n, d, h, d_ff: (n, d, h, d_ff), play=play_block, returns="block", costly=True, variants=False,
    sizes=[{"n": 4, "d": 6, "h": 2, "d_ff": 9}, {"n": 3, "d": 8, "h": 4, "d_ff": 5}], names={**NAMES, "d_ff": "the width of the hidden layer"},
    mistakes=[
        Mistake("no mask", "", replace=(", use_causal_mask=True", "")),
        Mistake("no first skip", "", replace=("keras.layers.Add()([x, attention(normal, normal, use_causal_mask=True)])", "attention(normal, normal, use_causal_mask=True)")),
        Mistake("no second skip", "", replace=("keras.layers.Add()([x, keras.layers.Dense(d)(hidden)])", "keras.layers.Dense(d)(hidden)")),
        Mistake("first skip from the normalised", "", replace=("Add()([x, attention", "Add()([normal, attention")),
        Mistake("second skip from the normalised", "", replace=("Add()([x, keras", "Add()([normal, keras")),
        Mistake("second skip from x", "", replace=[("    d = x.shape[-1]\n", "    d, start = x.shape[-1], x\n"), ("Add()([x, keras", "Add()([start, keras")]),
        Mistake("one normalisation", "", replace=("    normal = keras.layers.LayerNormalization()(x)\n    hidden", "    normal = x\n    hidden")),
        Mistake("second normalisation left out", "", replace=('activation="relu")(normal)', 'activation="relu")(keras.layers.Add()([x, 0 * normal]))')),
        Mistake("keys and values not normalised", "", replace=("attention(normal, normal,", "attention(normal, x,")),
        Mistake("linear", "", replace=(', activation="relu"', "")),
        Mistake("gelu", "", replace=('"relu"', '"gelu"')),
        Mistake("ReLU at the end", "", replace=("Dense(d)", 'Dense(d, "relu")')),
        Mistake("number of heads", "", replace=("MultiHeadAttention(n_heads, d // n_heads)", "MultiHeadAttention(1, d)")),
        Mistake("size of the heads", "", replace=("MultiHeadAttention(n_heads, d // n_heads)", "MultiHeadAttention(n_heads, d)")),
        Mistake("dense layers", "", replace=("Dense(d_ff,", "Dense(d,")),
        Mistake("batch norm for layer norm", "", replace=("    normal = keras.layers.LayerNormalization()(x)\n    hidden", "    normal = keras.layers.BatchNormalization()(x)\n    hidden")),
        Mistake("normalised over the places", "", replace=("    normal = keras.layers.LayerNormalization()(x)\n    hidden", "    normal = keras.layers.LayerNormalization(axis=1)(x)\n    hidden")),
        Mistake("nothing returned", "", replace=("    return keras", "    keras")),
        Mistake("no attention", "", replace=("attention(normal, normal, use_causal_mask=True)", "keras.layers.Dense(d)(normal)")),
        Mistake("another shape", "", replace=("    return keras.layers.Add()([x, keras.layers.Dense(d)(hidden)])", "    return hidden")),
    ],
    right=[block_by_ops, block_with_dropout, block_with_own_mask, block_as_layer, block_in_parts],
    hints=("Two parts, each inside a branch, and a way round each. What goes round stays untouched.",
           "y = x + MHA(LN(x), LN(x)), causal; out = y + Dense_d(relu(Dense_dff(LN(y)))); two LN, each with its own weights.",
           "h = LayerNormalization()(x); x = x + MultiHeadAttention(n_heads, d // n_heads)(h, h, use_causal_mask=True); h = another LayerNormalization()(x); x + Dense(d)(Dense(d_ff, "
           "relu)(h))"),
    why="Attention moves information between places, the dense net works at each place by itself. What goes round both is a way on which the gradient meets no obstacle (lab 05b's residual block).",
    after="Stack as many as you like.")

EXERCISES = [CAUSAL, ATTENTION, ENCODING, SPLIT, MERGE, MULTI, BLOCK]

QUIZZES = [
    Quiz("scale", "Queries and keys have 64 independent numbers with mean 0 and variance 1. How large are their dot products, roughly?", {
        "a": ("about 1", "one product of two numbers has variance 1; here 64 of them are added up."),
        "b": ("about 8", "64 products of variance 1 have variance 64 together, so a spread of √64 = 8. Divided by 8 they have variance 1 again."),
        "c": ("about 64", "that is the variance; the spread is its root, because positive and negative products partly cancel."),
        "d": ("0", "that is their mean; single ones lie well to both sides of it."),
    }, answer="b"),
    Quiz("future", "Someone trains a transformer without a mask to predict the next character. The loss falls nearly to 0. What has it learned?", {
        "a": ("To write tunes, only sooner", "while it writes, the next character is not there yet; nothing it has learned is of use then."),
        "b": ("The training tunes by heart", "it would have the same loss on tunes that it has never seen."),
        "c": ("To look one place to the right", "the answer stands there. While it writes, nothing stands there, and it knows no other way."),
        "d": ("Nothing at all", "the loss did fall: it has learned something, only not what was wanted."),
    }, answer="c"),
    Quiz("order", "A transformer without position encodings, but with a causal mask, reads 'A B C' and 'B A C'. What does a single block say at the last place?", {
        "a": ("The same for both", "the last place sees the same bag of keys and values, and a weighted mean does not depend on their order."),
        "b": ("Something else, because of the mask", "the mask lets the last place see all of them; it matters for the places before."),
        "c": ("Something else, because C comes last in both", "the query is the same in both, and so are the pairs of key and value."),
        "d": ("That depends on the number of heads", "each head by itself takes a mean that knows no order."),
    }, answer="a"),
]

LENGTH, BITS = 100, 1.8


def judge_model(model):
    """A model from ids (m, LENGTH) to logits: held-out bits per character, and whether it looks ahead."""
    train, test = ("\n\n".join(tunes) + "\n\n" for tunes in music.load_tunes())
    vocab = sorted(set(train) | set(test))
    ids = np.array([vocab.index(c) for c in test])
    starts = np.arange(0, len(ids) - LENGTH - 1, 25)[:, None] + np.arange(LENGTH)
    x, y = ids[starts], ids[starts + 1]
    logits = np.concatenate([np.asarray(model(part), float) for part in np.array_split(x, 5)])
    if logits.shape != (*x.shape, len(vocab)):
        return False, f"the model gives {logits.shape}; a row of logits for each place and character is wanted, {(*x.shape, len(vocab))}."
    other = x[:8].copy()
    other[:, 60:] = np.random.default_rng(0).integers(0, len(vocab), other[:, 60:].shape)
    if np.abs(np.asarray(model(other)) - np.asarray(model(x[:8])))[:, :60].max() > 1e-3:
        return False, "the model looks ahead: other characters from place 60 on change what it says before."
    top = logits.max(axis=-1)
    bits = (top + np.log(np.exp(logits - top[..., None]).sum(axis=-1)) - np.take_along_axis(logits, y[..., None], -1)[..., 0]).mean() / np.log(2)
    return bool(bits < BITS), f"{bits:.2f} bits per character on the held-out tunes; fewer than {BITS} are wanted."


CHALLENGE = Challenge(
    "less_surprised", "Less surprised",
    f"Hand in `my_model`, a causal Keras model from ids (m, {LENGTH}) to logits (m, {LENGTH}, v), that needs fewer than {BITS} bits per character on the held-out tunes. "
    "More steps, another learning rate, more or wider blocks, dropout, attention on top of a GRU: all is allowed but looking ahead and training on the held-out tunes.",
    judge_model)
