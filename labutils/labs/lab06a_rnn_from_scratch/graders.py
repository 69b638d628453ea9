"""What the graders of lab 06a know: cases, mistakes, right versions, hints."""
import numpy as np

from labutils.answers import describe
from labutils.calling import Odd, plain
from labutils.exercise import Challenge, Exercise, Mistake, Quiz
from labutils.labs.lab00_numpy_foundations.graders import SOFTMAX
from labutils.tunes import load_titles

from . import exercises as ex
from .exercises import rnn_cell_backward, rnn_cell_forward, rnn_forward, sigmoid, softmax

NAMES = {"m": "the number of examples", "n_x": "the number of inputs", "n_a": "the size of the state", "n_y": "the number of outputs",
         "T": "the number of steps"}


def normal(rng, *shape, scale=0.7):
    return np.round(rng.normal(0, scale, shape), 2)


# --- rnn_cell_forward ------------------------------------------------------------------------------------------------


def draw_parameters(rng, n_x, n_a, n_y):
    return {"Wax": normal(rng, n_a, n_x), "Waa": normal(rng, n_a, n_a), "Wya": normal(rng, n_y, n_a, scale=1.2), "ba": normal(rng, n_a, 1, scale=0.5),
            "by": normal(rng, n_y, 1, scale=0.8)}


def draw_cell(rng, n_x, n_a, n_y, m):
    return normal(rng, n_x, m, scale=1), np.tanh(normal(rng, n_a, m, scale=1)), draw_parameters(rng, n_x, n_a, n_y)


def cell_by_stacking(x_t, a_prev, parameters):
    W = np.hstack([parameters["Waa"], parameters["Wax"], parameters["ba"]])
    a = np.tanh(W @ np.vstack([a_prev, x_t, np.ones((1, x_t.shape[1]))]))
    z = parameters["Wya"] @ a + parameters["by"]
    e = np.exp(z)
    return a, e / e.sum(axis=0, keepdims=True), (a, a_prev, x_t, parameters)


def cell_by_columns(x, a, p):
    new, said = np.zeros(a.shape), np.zeros((len(p["by"]), x.shape[1]))
    for i in range(x.shape[1]):
        z = p["ba"][:, 0] + p["Wax"].dot(x[:, i]) + p["Waa"].dot(a[:, i])
        new[:, i] = 1 - 2 / (np.exp(2 * z) + 1)
        said[:, i] = softmax(p["Wya"].dot(new[:, i])[:, None] + p["by"])[:, 0]
    return [new, said, (new, a, x, p)]


def cell_in_float32(x_t, a_prev, parameters):
    p = {k: v.astype(np.float32) for k, v in parameters.items()}
    a = np.tanh(np.einsum("ij,jm->im", p["Wax"], x_t.astype(np.float32)) + np.einsum("ij,jm->im", p["Waa"], a_prev.astype(np.float32)) + p["ba"])
    return a, softmax(p["Wya"] @ a + p["by"]), (a, a_prev, x_t, parameters)


CELL_SIZES = [{"n_x": 3, "n_a": 2, "n_y": 4, "m": 1}, {"n_x": 2, "n_a": 4, "n_y": 3, "m": 3}, {"n_x": 4, "n_a": 3, "n_y": 2, "m": 5},
              {"n_x": 1, "n_a": 5, "n_y": 2, "m": 2}]
CELL = Exercise(
    ex.rnn_cell_forward, title="One step", difficulty=1, importance=3, minutes=8,
    draw=draw_cell, sizes=CELL_SIZES, returns=("a_next", "y_t", ("a_next in the cache", "a_prev in the cache", "x_t in the cache", "parameters in the cache")),
    names=NAMES, uses=[SOFTMAX], race={"n_x": 20, "n_a": 30, "n_y": 10, "m": 200},
    mistakes=[
        Mistake("the state before is forgotten", "The state before has no part in it: Waa a_prev is missing. Then each step stands alone, and nothing is remembered.",
                replace=(' + np.dot(p["Waa"], a_prev)', "")),
        Mistake("the input is forgotten", "The input has no part in it: Wax x_t is missing.", replace=('np.dot(p["Wax"], x_t) + ', "")),
        Mistake("ba forgotten", "The state comes out as if the bias ba were missing.", replace=(' + p["ba"]', "")),
        Mistake("by forgotten", "The answer comes out as if the bias by were missing.", replace=(' + p["by"]', "")),
        Mistake("tanh forgotten", "The state is not squeezed: the tanh is missing. After some steps a state without it would grow beyond all bounds.",
                replace=("np.tanh(", "(")),
        Mistake("sigmoid for tanh", "The state goes through the sigmoid. In a plain recurrent cell it is the tanh, which is centred at 0.", replace=("np.tanh(", "sigmoid(")),
        Mistake("relu for tanh", "The state goes through a relu. In this cell it is the tanh.", replace=("np.tanh(", "np.maximum(0, ")),
        Mistake("softmax forgotten", "The answer is not a distribution: the softmax is missing.", replace=('softmax(np.dot(p["Wya"], a_next) + p["by"])',
                                                                                                         'np.dot(p["Wya"], a_next) + p["by"]')),
        Mistake("sigmoid for softmax", "The answer goes through the sigmoid, so a column need not sum to 1. One of several symbols comes next: softmax.",
                replace=('softmax(np.dot(p["Wya"], a_next) + p["by"])', 'sigmoid(np.dot(p["Wya"], a_next) + p["by"])')),
        Mistake("softmax along the wrong axis", "The rows of y_t sum to 1, not the columns: the softmax ran over the examples instead of over the symbols.",
                replace=('softmax(np.dot(p["Wya"], a_next) + p["by"])', 'softmax((np.dot(p["Wya"], a_next) + p["by"]).T).T')),
        Mistake("answer from the state before", "The answer is computed from a_prev. It should see what this step has read: a_next.",
                replace=('p["Wya"], a_next)', 'p["Wya"], a_prev)')),
        Mistake("matrices exchanged", "Wax and Waa have changed places: Wax (n_a, n_x) meets the input, Waa (n_a, n_a) the state.",
                replace=[('p["Wax"], x_t', 'p["Waa"], x_t'), ('p["Waa"], a_prev', 'p["Wax"], a_prev')]),
        Mistake("cache in another order", "The cache holds the right things in another order: (a_next, a_prev, x_t, parameters).",
                replace=("(a_next, a_prev, x_t, parameters)", "(a_prev, a_next, x_t, parameters)")),
        Mistake("ba in the place of by", "ba and by have changed places.", replace=[('+ p["ba"]', '+ p["by"]'), ('a_next) + p["by"]', 'a_next) + p["ba"]')]),
        Mistake("Waa turned round", "The state is multiplied with Waa transposed. Forward, Waa stands as it is; its transpose is for the way back.",
                replace=('np.dot(p["Waa"], a_prev)', 'np.dot(p["Waa"].T, a_prev)')),
    ],
    unchanged={"p in place of parameters": "two names of one dict", "parameters in place of p": "two names of one dict"},
    right=[cell_by_stacking, cell_by_columns, cell_in_float32],
    hints=("The new state mixes what is read with what was known, and squeezes it. The answer reads the new state.",
           "a_next = tanh(Wax x_t + Waa a_prev + ba) (n_a, m); y_t = softmax(Wya a_next + by) (n_y, m).",
           "a_next = tanh of Wax times x_t plus Waa times a_prev plus ba; y_t = softmax of Wya times a_next plus by; return both and the tuple of a_next, a_prev, x_t, "
           "parameters"),
    why="Wax x + Waa a is one linear layer on the stacked column [a; x]; writing it as two shows which part reads and which part remembers.",
    after="One step. All that follows is this step, again and again.")

# --- rnn_forward -----------------------------------------------------------------------------------------------------


def draw_sequence(rng, n_x, n_a, n_y, m, T):
    return normal(rng, n_x, m, T, scale=1), np.tanh(normal(rng, n_a, m, scale=1)), draw_parameters(rng, n_x, n_a, n_y)


def observe_sequence(args, value):
    """a and y as they are; of the caches, what rnn_backward will need, stacked over the steps."""
    value = plain(value)
    if not isinstance(value, tuple | list) or len(value) != 3:
        return value
    a, y, caches = value
    said = None
    if not isinstance(caches, list | tuple):
        said = f"`caches` should be a list of the cells' caches, one a step; got {describe(caches)}"
    elif not all(isinstance(c, tuple | list) and len(c) == 4 and all(isinstance(v, np.ndarray) for v in c[:3]) for c in caches):
        said = "`caches` should hold the caches of the cells as they come, one a step: tuples (a_next, a_prev, x_t, parameters)"
    found = {"a": a, "y": y, "number of caches": Odd(said) if said else len(caches)}
    for i, name in enumerate(("a_next", "a_prev", "x_t")):
        shapes = set() if said else {c[i].shape for c in caches}
        found[f"{name} in the caches"] = Odd(said) if said else np.stack([c[i] for c in caches], axis=-1) if len(shapes) == 1 else \
            Odd(f"`{name}` has not the same shape in all caches")
    return found


def forward_into_zeros(x, a0, parameters):
    n_x, m, T = x.shape
    n_y, n_a = parameters["Wya"].shape
    a, y, caches = np.zeros((n_a, m, T)), np.zeros((n_y, m, T)), []
    before = a0
    for t in range(T):
        a[:, :, t], y[:, :, t], cache = rnn_cell_forward(x[:, :, t], before, parameters)
        before = a[:, :, t]
        caches.append(cache)
    return a, y, caches


def forward_by_recursion(x, a0, parameters):
    if x.shape[2] == 0:
        return np.zeros((*a0.shape, 0)), np.zeros((len(parameters["by"]), a0.shape[1], 0)), []
    a, y, caches = forward_by_recursion(x[:, :, :-1], a0, parameters)
    last, said, cache = rnn_cell_forward(x[:, :, -1], a[:, :, -1] if a.shape[2] else a0, parameters)
    return np.dstack([a, last]), np.dstack([y, said]), [*caches, cache]


def forward_by_hand(xs, state, p):
    states, caches = [], []
    for x in np.moveaxis(xs, 2, 0):
        new = np.tanh(p["Wax"] @ x + p["Waa"] @ state + p["ba"])
        caches.append((new, state, x, p))
        states.append(new)
        state = new
    a = np.moveaxis(np.array(states), 0, 2)
    scores = np.einsum("ya,amt->ymt", p["Wya"], a) + p["by"][:, :, None]
    e = np.exp(scores - scores.max(axis=0))
    return a, e / e.sum(axis=0), caches


def forward_as_coursework(x, a0, parameters):
    a, y, caches = forward_into_zeros(x, a0, parameters)
    return a, y, (caches, x)


SEQUENCE_SIZES = [{"n_x": 2, "n_a": 3, "n_y": 2, "m": 1, "T": 1}, {"n_x": 3, "n_a": 2, "n_y": 4, "m": 2, "T": 3}, {"n_x": 2, "n_a": 4, "n_y": 3, "m": 3, "T": 5},
                  {"n_x": 1, "n_a": 2, "n_y": 2, "m": 4, "T": 2}]
FORWARD = Exercise(
    ex.rnn_forward, title="Through the whole sequence", difficulty=2, importance=3, minutes=10,
    draw=draw_sequence, sizes=SEQUENCE_SIZES, returns=("a", "y", "caches"), observe=observe_sequence, names=NAMES, uses=[CELL],
    mistakes=[
        Mistake("the state does not go on", "Every step begins with a0: the state that a step leaves is not handed on to the next. The net reads the letters, but never a "
                "word.",
                replace=("rnn_cell_forward(x[:, :, t], a_next, parameters)", "rnn_cell_forward(x[:, :, t], a0, parameters)")),
        Mistake("a0 not used", "The first step begins with zeros, not with the state a0 that was given.", replace=("a_next = a0", "a_next = np.zeros_like(a0)")),
        Mistake("the first input at every step", "Every step reads the same input, the first one. The step number belongs on the last axis, x[:, :, t].",
                replace=("x[:, :, t]", "x[:, :, 0]")),
        Mistake("the last step left out", "One step too few: the last one is missing.", replace=("range(x.shape[2])", "range(x.shape[2] - 1)")),
        Mistake("backwards", "The sequence is read from its end to its beginning.", replace=("in range(x.shape[2])", "in reversed(range(x.shape[2]))")),
        Mistake("steps along the examples", "The steps run along the axis of the examples. Time is the *last* axis, x (n_x, m, T).",
                replace=[("x.shape[2]", "x.shape[1]"), ("x[:, :, t]", "x[:, t, :]")]),
        Mistake("time in front", "The steps stand along the first axis of the results. Time is the last axis: (n_a, m, T).",
                replace=[("np.stack(states, axis=2)", "np.stack(states, axis=0)"), ("np.stack(answers, axis=2)", "np.stack(answers, axis=0)")]),
        Mistake("only the last state", "The last state alone comes back. All of them are wanted, (n_a, m, T).",
                replace=[("np.stack(states, axis=2)", "states[-1]"), ("np.stack(answers, axis=2)", "answers[-1]")]),
        Mistake("the state before is kept", "`a` holds for each step the state *before* it: it begins with a0, and the last state is missing.",
                replace=[("    for t in range", "    kept = []\n    for t in range"), ("        a_next, y_t, cache", "        kept.append(a_next)\n        a_next, y_t, "
                "cache"),
                         ("np.stack(states, axis=2)", "np.stack(kept, axis=2)")]),
        Mistake("caches with the inputs", "`caches` is a pair of the list and x. Here it is the list alone: each cache holds its own x_t "
                "already.", function=forward_as_coursework),
        Mistake("only the last cache", "Only the cache of the last step is kept. The way back goes through all of them.", replace=("caches.append(cache)", "caches = "
                "[cache]")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "order exchanged": "two colons are alike"},
    right=[forward_into_zeros, forward_by_recursion, forward_by_hand],
    hints=("One cell, one set of parameters, T times. What changes from step to step is the state.",
           "a⟨t⟩, y⟨t⟩ = cell(x[:, :, t], a⟨t−1⟩), a⟨0⟩ = a0; a (n_a, m, T), y (n_y, m, T), a list of T caches.",
           "start with a_next = a0; for t in range T: call the cell on x at t and a_next, keep the new a_next, y and cache; at the end stack along the last axis"),
    why="The same parameters at every step: that is why a recurrent net can read sequences of any length, and why its gradient is a sum over the steps.",
    after="It reads.")

# --- rnn_cell_backward -----------------------------------------------------------------------------------------------


def draw_cell_backward(rng, n_x, n_a, n_y, m):
    x_t, a_prev, parameters = draw_cell(rng, n_x, n_a, n_y, m)
    return normal(rng, n_a, m, scale=1), rnn_cell_forward(x_t, a_prev, parameters)[2]


def cell_back_by_columns(da_next, cache):
    a_next, a_prev, x_t, p = cache
    g = {"dx_t": np.zeros(x_t.shape), "da_prev": np.zeros(a_prev.shape), "dWax": np.zeros(p["Wax"].shape), "dWaa": np.zeros(p["Waa"].shape), "dba": np.zeros(p["ba"].shape)}
    for i in range(x_t.shape[1]):
        d = (1 - a_next[:, i] ** 2) * da_next[:, i]
        g["dx_t"][:, i] = d @ p["Wax"]
        g["da_prev"][:, i] = d @ p["Waa"]
        g["dWax"] += np.outer(d, x_t[:, i])
        g["dWaa"] += np.outer(d, a_prev[:, i])
        g["dba"][:, 0] += d
    return g


def cell_back_recomputing(da, cache):
    _, a_prev, x_t, p = cache
    z = p["Wax"] @ x_t + p["Waa"] @ a_prev + p["ba"]
    dz = da / np.cosh(z) ** 2
    both = dz @ np.vstack([a_prev, x_t]).T
    n_a = len(a_prev)
    return dict(dx_t=p["Wax"].T @ dz, da_prev=p["Waa"].T @ dz, dWaa=both[:, :n_a], dWax=both[:, n_a:], dba=dz @ np.ones((dz.shape[1], 1)), dz=dz)


def cell_back_in_float32(da_next, cache):
    a_next, a_prev, x_t, p = cache
    dz = np.multiply(da_next, 1 - np.square(a_next)).astype(np.float32)
    return {"dWax": np.einsum("am,xm->ax", dz, x_t), "dWaa": np.einsum("am,bm->ab", dz, a_prev), "dba": dz.sum(axis=1).reshape(-1, 1),
            "dx_t": (dz.T @ p["Wax"]).T, "da_prev": np.transpose(dz.T @ p["Waa"])}


def numerical_cell(da_next, cache, eps=1e-6):
    """Central differences of sum(da_next · a_next) in everything that the cell read."""
    _, a_prev, x_t, parameters = cache
    parts = {"x_t": x_t, "a_prev": a_prev, **{k: parameters[k] for k in ("Wax", "Waa", "ba")}}

    def value(parts):
        return np.sum(da_next * rnn_cell_forward(parts["x_t"], parts["a_prev"], {**parameters, **parts})[0])

    return {f"d{name}": _differences(value, parts, name, eps) for name in parts}


def _differences(value, parts, name, eps):
    gradient = np.zeros(parts[name].shape)
    for i in np.ndindex(gradient.shape):
        step = np.zeros(gradient.shape)
        step[i] = eps
        gradient[i] = (value({**parts, name: parts[name] + step}) - value({**parts, name: parts[name] - step})) / (2 * eps)
    return gradient


CELL_BACK = Exercise(
    ex.rnn_cell_backward, title="Back through one step", difficulty=2, importance=3, minutes=15,
    draw=draw_cell_backward, sizes=CELL_SIZES, returns="grads", names=NAMES, numerical=numerical_cell, race={"n_x": 20, "n_a": 30, "n_y": 10, "m": 200},
    mistakes=[
        Mistake("slope of the tanh forgotten", "The slope of the tanh is missing: da_next reaches the sum only through the tanh, which multiplies it by 1 − a_next².",
                replace=("da_next * (1 - a_next ** 2)", "da_next")),
        Mistake("slope at da_next", "The slope 1 − (·)² is taken of da_next. It is the slope at the *value*, a_next.", replace=("1 - a_next ** 2", "1 - da_next ** 2")),
        Mistake("slope at the state before", "The slope is taken at a_prev. The tanh of this step gave a_next.", replace=("1 - a_next ** 2", "1 - a_prev ** 2")),
        Mistake("square forgotten", "The slope of the tanh is 1 − a², here it is 1 − a.", replace=("1 - a_next ** 2", "1 - a_next")),
        Mistake("slope of the sigmoid", "a(1 − a) is the slope of the sigmoid. That of the tanh is 1 − a².", replace=("(1 - a_next ** 2)", "a_next * (1 - a_next)")),
        Mistake("tanh taken again", "a_next is the tanh already; taken once more, the slope is that of another place.", replace=("1 - a_next ** 2", "1 - np.tanh(a_next) ** "
                "2")),
        Mistake("divided by m", "They come out divided by m. Here nothing is averaged: if the cost is a mean, da_next holds the 1/m already.",
                replace=[("np.dot(dz, x_t.T)", "np.dot(dz, x_t.T) / x_t.shape[1]"), ("np.dot(dz, a_prev.T)", "np.dot(dz, a_prev.T) / x_t.shape[1]"),
                         ("np.sum(dz, axis=1, keepdims=True)", "np.mean(dz, axis=1, keepdims=True)")]),
        Mistake("mean for sum in dba", "dba is the mean over the examples; it is their sum.", replace=("np.sum(dz", "np.mean(dz")),
        Mistake("a_next for a_prev in dWaa", "dWaa is built with a_next. Waa met a_prev on the way forward.", replace=("np.dot(dz, a_prev.T)", "np.dot(dz, a_next.T)")),
        Mistake("matrices exchanged", "Wax and Waa have changed places: dx_t comes back through Wax, da_prev through Waa.",
                replace=[('dx_t = np.dot(parameters["Wax"].T', 'dx_t = np.dot(parameters["Waa"].T'),
                         ('da_prev = np.dot(parameters["Waa"].T', 'da_prev = np.dot(parameters["Wax"].T')]),
        Mistake("Waa not turned round", "The way back goes through the transposes: da_prev = Waaᵀ dz. Here Waa stands as on the way forward.",
                replace=('np.dot(parameters["Waa"].T, dz)', 'np.dot(parameters["Waa"], dz)')),
        Mistake("da_next for dz", "The products are formed with da_next instead of dz, the gradient behind the tanh.",
                replace=[("np.dot(dz, x_t.T)", "np.dot(da_next, x_t.T)"), ("np.dot(dz, a_prev.T)", "np.dot(da_next, a_prev.T)"), ("np.sum(dz", "np.sum(da_next")]),
        Mistake("dba for each example", "dba has a column for each example. One bias serves all examples: sum over them, keeping the axis.",
                replace=("np.sum(dz, axis=1, keepdims=True)", "dz")),
        Mistake("dba not kept a column", "dba is flat, (n_a,). `keepdims=True` keeps it a column (n_a, 1), like ba.", replace=(", keepdims=True", "")),
        Mistake("order in the cache", "a_next and a_prev are taken from the cache in the wrong order: it is (a_next, a_prev, x_t, parameters).",
                replace=("a_next, a_prev, x_t, parameters = cache", "a_prev, a_next, x_t, parameters = cache")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other"},
    right=[cell_back_by_columns, cell_back_recomputing, cell_back_in_float32],
    hints=("First back through the tanh, to the sum z. Then each factor of each product gets dz times the other factor.",
           "dz = da_next · (1 − a_next²) (n_a, m); dx_t = Waxᵀ dz, da_prev = Waaᵀ dz; dWax = dz x_tᵀ, dWaa = dz a_prevᵀ, dba = Σ over examples of dz (n_a, 1).",
           "take the cache apart; dz = da_next times (1 minus a_next squared); two products with transposed weights; two products with transposed inputs; the sum over axis 1 "
           "with keepdims; return the dict"),
    why="z = Wax x + Waa a + ba is a linear layer as in lab 03; the only new thing is that one of its inputs is a state, whose gradient goes on into the past.",
    after="One step back.")

# --- rnn_backward ----------------------------------------------------------------------------------------------------


def draw_sequence_backward(rng, n_x, n_a, n_y, m, T):
    x, a0, parameters = draw_sequence(rng, n_x, n_a, n_y, m, T)
    return normal(rng, n_a, m, T, scale=1), rnn_forward(x, a0, parameters)[2]


def back_by_lists(da, caches):
    g, dx, later = {}, [], 0
    for t in range(len(caches) - 1, -1, -1):
        step = rnn_cell_backward(da[..., t] + later, caches[t])
        later = step["da_prev"]
        dx.insert(0, step["dx_t"])
        for name in ("dWax", "dWaa", "dba"):
            g[name] = g.get(name, 0) + step[name]
    return {**g, "dx": np.stack(dx, axis=-1), "da0": later}


def back_by_recursion(da, caches):
    def back(t, later):
        s = rnn_cell_backward(da[:, :, t] + later, caches[t])
        if t == 0:
            return {"dx": s["dx_t"][:, :, None], "da0": s["da_prev"], "dWax": s["dWax"], "dWaa": s["dWaa"], "dba": s["dba"]}
        r = back(t - 1, s["da_prev"])
        return {"dx": np.dstack([r["dx"], s["dx_t"]]), "da0": r["da0"], **{k: r[k] + s[k] for k in ("dWax", "dWaa", "dba")}}

    return back(len(caches) - 1, np.zeros(da.shape[:2]))


def back_at_once(da, caches):
    p = caches[0][3]
    a, a_prev, x = (np.stack([c[i] for c in caches], axis=2) for i in range(3))
    dz, later = np.zeros(da.shape), np.zeros(da.shape[:2])
    for t in reversed(range(da.shape[2])):
        dz[:, :, t] = (da[:, :, t] + later) * (1 - a[:, :, t] ** 2)
        later = p["Waa"].T @ dz[:, :, t]
    return {"dx": np.einsum("ax,amt->xmt", p["Wax"], dz), "da0": later, "dWax": np.einsum("amt,xmt->ax", dz, x), "dWaa": np.einsum("amt,bmt->ab", dz, a_prev),
            "dba": dz.sum(axis=(1, 2))[:, None]}


def numerical_sequence(da, caches, eps=1e-6):
    """Central differences of sum(da · a) in everything that the net read."""
    parameters, a0 = caches[0][3], caches[0][1]
    parts = {"x": np.stack([c[2] for c in caches], axis=2), "a0": a0, **{k: parameters[k] for k in ("Wax", "Waa", "ba")}}

    def value(parts):
        return np.sum(da * rnn_forward(parts["x"], parts["a0"], {**parameters, **parts})[0])

    return {f"d{name}": _differences(value, parts, name, eps) for name in parts}


BACK = Exercise(
    ex.rnn_backward, title="Backpropagation through time", difficulty=3, importance=3, minutes=20,
    draw=draw_sequence_backward, sizes=[{"n_x": 2, "n_a": 3, "n_y": 2, "m": 1, "T": 2}, *SEQUENCE_SIZES], returns="grads", names=NAMES, numerical=numerical_sequence,
    uses=[CELL_BACK],
    mistakes=[
        Mistake("nothing comes back from later steps", "Each step gets its own da only. The state also served the step after it: what that step sends back, its da_prev, "
                "has to be "
                "added.", replace=("da[:, :, t] + da_prev", "da[:, :, t]")),
        Mistake("only what comes back", "What each step's own answer adds, da[:, :, t], is left out after the last step: only da_prev goes on.",
                replace=[("da_prev = np.zeros((n_x, m, T)), np.zeros((n_a, m))", "da_prev = np.zeros((n_x, m, T)), da[:, :, -1]"), ("da[:, :, t] + da_prev", "da_prev")]),
        Mistake("from the first step to the last", "The steps run forward in time. What comes back from step t + 1 is needed at step t, so the last step is the first to be "
                "done.",
                replace=("in reversed(range(T))", "in range(T)")),
        Mistake("gradients not added up", "dWax, dWaa and dba are those of one step alone. The same parameters served at every step: their gradients add up.",
                replace=[("dWax +=", "dWax ="), ("dWaa +=", "dWaa ="), ("dba +=", "dba =")]),
        Mistake("the first step left out", "The walk stops before the first step: its part of the sums is missing, and da0 is that of a later state.",
                replace=("reversed(range(T))", "reversed(range(1, T))")),
        Mistake("the last step left out", "The walk begins before the last step: its part of the sums is missing.", replace=("reversed(range(T))", "reversed(range(T - 1))")),
        Mistake("the first step's da at every step", "da[:, :, 0] is used at every step.", replace=("da[:, :, t] + da_prev", "da[:, :, 0] + da_prev")),
        Mistake("one cache for all steps", "The same cache is used at every step. Each step has its own.", replace=("caches[t])", "caches[0])")),
        Mistake("caches from the other end", "The caches are taken from the other end: step t's is caches[t].", replace=("caches[t])", "caches[T - 1 - t])")),
        Mistake("averaged over the steps", "The gradients are averaged over the steps. They add up.",
                replace=('"dWax": dWax, "dWaa": dWaa, "dba": dba', '"dWax": dWax / T, "dWaa": dWaa / T, "dba": dba / T')),
        Mistake("dx in reversed order", "The steps of dx stand in reversed order: the walk goes backwards, but dx[:, :, t] still belongs to step t.",
                replace=("dx[:, :, t], da_prev", "dx[:, :, T - 1 - t], da_prev")),
        Mistake("da0 left at zero", "da0 is 0. It is what the first step sends back, its da_prev.", replace=('"da0": da_prev', '"da0": np.zeros((n_a, m))')),
        Mistake("da_prev piles up", "da_prev is added to itself from step to step. Each step sends back a new one; what came before is in it already.",
                replace=('dx[:, :, t], da_prev = step["dx_t"], step["da_prev"]', 'dx[:, :, t], da_prev = step["dx_t"], da_prev + step["da_prev"]')),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "order exchanged": "the two are alike", "ones in place of zeros": "dx is filled in whole",
               "-1 in place of 0": "all caches are of one size"},
    right=[back_by_lists, back_by_recursion, back_at_once],
    hints=("A state has two readers: its own answer, and the next step. So its gradient has two parts, and the second is known only once the next step is done.",
           "for t = T−1 … 0: step = cell_backward(da[:, :, t] + da_prev of step t+1); dx[:, :, t] = dx_t; dWax, dWaa, dba: sums over t; da0 = the last da_prev.",
           "zeros for dx and the three sums, da_prev = 0; for t from T - 1 down to 0: call rnn_cell_backward on da at t plus da_prev and the cache at t; store dx_t; take "
           "da_prev from it; add the three others up; return all, da_prev as da0"),
    why="Unrolled, the net is a deep net with T layers that share their weights: backpropagation as in lab 03, and the shared weights' gradients are added.",
    after="Everything a recurrent net needs in order to learn is yours now.")

# --- lstm_cell_forward -----------------------------------------------------------------------------------------------


def draw_gates(rng, n_x, n_a, letters):
    return {f"W{g}": normal(rng, n_a, n_a + n_x) for g in letters} | {f"b{g}": normal(rng, n_a, 1, scale=0.6) for g in letters}


def draw_lstm(rng, n_x, n_a, n_y, m):
    parameters = draw_gates(rng, n_x, n_a, "fico") | {"Wy": normal(rng, n_y, n_a, scale=1.2), "by": normal(rng, n_y, 1)}
    return normal(rng, n_x, m, scale=1), np.tanh(normal(rng, n_a, m, scale=1)), normal(rng, n_a, m, scale=1), parameters


def lstm_at_once(x_t, a_prev, c_prev, parameters):
    n_a = len(a_prev)
    W, b = (np.vstack([parameters[f"{k}{g}"] for g in "fioc"]) for k in "Wb")
    z = W @ np.vstack([a_prev, x_t]) + b
    f, i, o = (1 / (1 + np.exp(-z[k * n_a:(k + 1) * n_a])) for k in range(3))
    g = np.tanh(z[3 * n_a:])
    c = f * c_prev + i * g
    a = o * np.tanh(c)
    scores = np.exp(parameters["Wy"] @ a + parameters["by"])
    return a, c, scores / scores.sum(0), (a, c, a_prev, c_prev, f, i, g, o, x_t, parameters)


def lstm_in_two_products(x, a, c, p):
    n = a.shape[0]

    def gate(letter, squeeze):
        W = p["W" + letter]
        return squeeze(W[:, :n].dot(a) + W[:, n:].dot(x) + p["b" + letter])

    f, i, o, new = gate("f", sigmoid), gate("i", sigmoid), gate("o", sigmoid), gate("c", np.tanh)
    c_next = np.add(np.multiply(f, c), np.multiply(i, new))
    a_next = np.multiply(o, 2 * sigmoid(2 * c_next) - 1)
    return [a_next, c_next, softmax(p["Wy"].dot(a_next) + p["by"]), (a_next, c_next, a, c, f, i, new, o, x, p)]


def lstm_in_float32(x_t, a_prev, c_prev, parameters):
    p = {k: v.astype(np.float32) for k, v in parameters.items()}
    both = np.concatenate([a_prev, x_t], axis=0).astype(np.float32)
    f, i, o = (sigmoid(p[f"W{g}"] @ both + p[f"b{g}"]) for g in ("f", "i", "o"))
    candidate = np.tanh(p["Wc"] @ both + p["bc"])
    c_next = f * c_prev.astype(np.float32) + i * candidate
    a_next = o * np.tanh(c_next)
    return a_next, c_next, softmax(p["Wy"] @ a_next + p["by"]), (a_next, c_next, a_prev, c_prev, f, i, candidate, o, x_t, parameters)


LSTM_CACHE = ("a_next in the cache", "c_next in the cache", "a_prev in the cache", "c_prev in the cache", "f_t", "i_t", "c_candidate", "o_t", "x_t in the cache",
              "parameters in the cache")
LSTM = Exercise(
    ex.lstm_cell_forward, title="A cell with a memory", difficulty=2, importance=3, minutes=12,
    draw=draw_lstm, sizes=CELL_SIZES, returns=("a_next", "c_next", "y_t", LSTM_CACHE), names=NAMES, uses=[SOFTMAX], race={"n_x": 20, "n_a": 30, "n_y": 10, "m": 200},
    mistakes=[
        Mistake("stacked in the other order", "x_t stands above a_prev in the stack. The weights expect [a_prev; x_t], a_prev on top.",
                replace=("np.concatenate([a_prev, x_t])", "np.concatenate([x_t, a_prev])")),
        Mistake("candidate through the sigmoid", "The candidate goes through the sigmoid. Gates are sigmoids, between closed and open; the candidate is a *value*, from −1 "
                "to 1: "
                "tanh.", replace=("c_candidate = np.tanh(", "c_candidate = sigmoid(")),
        Mistake("gates through the tanh", "The gates go through the tanh and can be negative. A gate is between 0, closed, and 1, open: sigmoid.",
                replace=[("f_t = sigmoid(", "f_t = np.tanh("), ("i_t = sigmoid(", "i_t = np.tanh("), ("o_t = sigmoid(", "o_t = np.tanh(")]),
        Mistake("forget and input gate exchanged", "The forget gate and the input gate have changed places: f_t multiplies the old memory, i_t what is new.",
                replace=("f_t * c_prev + i_t * c_candidate", "i_t * c_prev + f_t * c_candidate")),
        Mistake("forget gate turned round", "What is kept is 1 − f_t of the old memory. In spite of its name a forget gate of 1 keeps everything.",
                replace=("f_t * c_prev", "(1 - f_t) * c_prev")),
        Mistake("one gate for both", "The new part is weighted with 1 − f_t. That is how a GRU does it; an LSTM has an input gate of its own.",
                replace=("i_t * c_candidate\n", "(1 - f_t) * c_candidate\n")),
        Mistake("old memory lost", "The old memory is gone: f_t · c_prev is missing.", replace=("f_t * c_prev + ", "")),
        Mistake("new part without its gate", "The candidate is written into the memory whole: the input gate is missing.", replace=("i_t * c_candidate\n", "c_candidate\n")),
        Mistake("old memory without its gate", "The old memory is kept whole: the forget gate is missing.", replace=("f_t * c_prev", "c_prev")),
        Mistake("tanh of the memory forgotten", "The state is o_t · c_next. The memory goes through a tanh before it is shown.", replace=("o_t * np.tanh(c_next)", "o_t * "
                "c_next")),
        Mistake("output gate forgotten", "The state is the tanh of the memory, whatever the output gate says.", replace=("o_t * np.tanh(c_next)", "np.tanh(c_next)")),
        Mistake("the old memory is shown", "The state is made from c_prev. It should show the memory after this step, "
                "c_next.", replace=("np.tanh(c_next)", "np.tanh(c_prev)")),
        Mistake("the candidate is shown", "The state is made from the candidate. It should show the memory, c_next.", replace=("np.tanh(c_next)", "np.tanh(c_candidate)")),
        Mistake("answer from the memory", "The answer reads the memory c_next. What the cell shows is its state, a_next.", replace=('p["Wy"], a_next)', 'p["Wy"], c_next)')),
        Mistake("softmax forgotten", "The answer is not a distribution: the softmax is missing.",
                replace=('softmax(np.dot(p["Wy"], a_next) + p["by"])', 'np.dot(p["Wy"], a_next) + p["by"]')),
        Mistake("sum for the stack", "The old memory and the new part are multiplied. They are added: one is kept, the other written in.",
                replace=("f_t * c_prev + i_t * c_candidate", "f_t * c_prev * i_t * c_candidate")),
        Mistake("a_prev in the memory", "The forget gate multiplies a_prev. It decides about the memory, c_prev.", replace=("f_t * c_prev", "f_t * a_prev")),
        Mistake("forget weights everywhere", "All gates use Wf. Each has weights of its own.",
                replace=[('p["Wi"]', 'p["Wf"]'), ('p["Wo"]', 'p["Wf"]'), ('p["bi"]', 'p["bf"]'), ('p["bo"]', 'p["bf"]')]),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "p in place of parameters": "two names of one dict", "parameters in place of p": "two names of "
    "one dict"},
    right=[lstm_at_once, lstm_in_two_products, lstm_in_float32],
    hints=("Three sigmoids decide, one tanh proposes. The memory keeps a part of what it had and takes in a part of what is proposed; the state shows a part of the memory.",
           "With s = [a_prev; x_t] (n_a + n_x, m): f = σ(Wf s + bf), i = σ(Wi s + bi), c̃ = tanh(Wc s + bc), o = σ(Wo s + bo); c = f·c_prev + i·c̃; a = o·tanh(c); "
           "y = softmax(Wy a + by).",
           "stack a_prev on x_t; f, i, o as sigmoid of W times the stack plus b; the candidate likewise with tanh; c_next = f times c_prev plus i times candidate; a_next = o "
           "times tanh of c_next; y as in rnn_cell_forward; the cache in the order of the docstring"),
    why="The memory is changed by a product with a gate and a sum, not by a matrix and a tanh: with the forget gate near 1 a gradient passes through it undiminished.",
    after="A cell that can decide what to remember.")

# --- lstm_parameter_count --------------------------------------------------------------------------------------------


def count_by_shapes(units, input_dim):
    weights = np.zeros((4 * units, units + input_dim))
    return weights.size + len(weights)


def count_gate_by_gate(units, input_dim):
    return sum(units * units + units * input_dim + units for gate in ("forget", "input", "candidate", "output"))


def count_by_columns(n, d):
    return np.int64(4) * n * (n + d + 1)


COUNT = Exercise(
    ex.lstm_parameter_count, title="Counting what an LSTM learns", difficulty=1, importance=2, minutes=5,
    draw=lambda rng, units, input_dim: (units, input_dim),
    sizes=[{"units": 1, "input_dim": 1}, {"units": 2, "input_dim": 3}, {"units": 5, "input_dim": 2}, {"units": 1024, "input_dim": 256}, {"units": 7, "input_dim": 1}],
    returns="count", names={"units": "the size of the state", "input_dim": "the number of inputs"},
    mistakes=[
        Mistake("one gate only", "That is the count of one gate. An LSTM has four such layers: three gates and the candidate.", replace=("4 * (", "(")),
        Mistake("three layers", "That counts three layers. The candidate is a fourth one beside the three gates (three in all is what a GRU has).", replace=("4 * (", "3 * "
                "(")),
        Mistake("biases forgotten", "The biases are missing: one for each unit in each of the four layers.", replace=(" + units)", ")")),
        Mistake("biases of one gate", "The biases are counted once. Each of the four layers has its own.", replace=("4 * (units * (units + input_dim) + units)",
                                                                                                               "4 * units * (units + input_dim) + units")),
        Mistake("the state does not count as input", "The state is missing among the inputs of the gates: each gate reads [a_prev; x_t].",
                replace=("units * (units + input_dim)", "units * input_dim")),
        Mistake("the input does not count", "The inputs are missing: each gate reads [a_prev; x_t].", replace=("units * (units + input_dim)", "units * units")),
        Mistake("two biases a unit", "Each unit has two biases in each gate. Some frameworks do that; here it is one.", replace=("+ units)", "+ 2 * units)")),
        Mistake("a bias for each input", "There is one bias for each unit, not for each input.", replace=("+ units)", "+ units + input_dim)")),
        Mistake("five layers", "That counts five layers: three gates and the candidate are four.", replace=("4 * (", "5 * (")),
    ],
    right=[count_by_shapes, count_gate_by_gate, count_by_columns],
    hints=("Four layers of one shape: three gates and the candidate.",
           "Each W is (n_a, n_a + n_x), each b (n_a, 1).",
           "four times: units times (units plus input_dim), plus units"),
    why="Every layer reads the stacked column of n_a + n_x numbers. The count grows with the square of the state.",
    after="In lab 06b this number has seven digits.")

# --- gru_cell_forward ------------------------------------------------------------------------------------------------


def draw_gru(rng, n_x, n_a, m):
    return normal(rng, n_x, m, scale=1), np.tanh(normal(rng, n_a, m, scale=1)), draw_gates(rng, n_x, n_a, "zrh")


def observe_gru(args, value):
    """The state; the cache is the learner's own affair."""
    value = plain(value)
    if isinstance(value, tuple | list) and len(value) == 2:
        return {"a_next": value[0]}
    return {"a_next": Odd(f"expected two things, a_next and a cache; got {describe(value)}")}


def gru_in_two_products(x_t, a_prev, parameters):
    n = len(a_prev)

    def part(letter, state):
        W = parameters[f"W{letter}"]
        return W[:, :n] @ state + W[:, n:] @ x_t + parameters[f"b{letter}"]

    z, r = 1 / (1 + np.exp(-part("z", a_prev))), 1 / (1 + np.exp(-part("r", a_prev)))
    return a_prev + z * (np.tanh(part("h", r * a_prev)) - a_prev), None


def gru_by_columns(x, a, p):
    out = np.empty(a.shape)
    for i in range(a.shape[1]):
        s = np.r_[a[:, i], x[:, i]][:, None]
        z, r = sigmoid(p["Wz"] @ s + p["bz"]), sigmoid(p["Wr"] @ s + p["br"])
        h = np.tanh(p["Wh"] @ np.r_[r[:, 0] * a[:, i], x[:, i]][:, None] + p["bh"])
        out[:, i] = (z * h + (1 - z) * a[:, [i]])[:, 0]
    return out, {}


def gru_in_float32(x_t, a_prev, parameters):
    p = {k: np.float32(v) for k, v in parameters.items()}
    s = np.vstack((a_prev, x_t)).astype(np.float32)
    keep = sigmoid(-(p["Wz"] @ s + p["bz"]))
    r = sigmoid(p["Wr"] @ s + p["br"])
    h = np.tanh(p["Wh"] @ np.vstack((r * a_prev, x_t)) + p["bh"])
    return [keep * a_prev + (1 - keep) * h, (keep, r, h)]


GRU = Exercise(
    ex.gru_cell_forward, title="A cell with fewer gates", difficulty=2, importance=2, minutes=10,
    draw=draw_gru, sizes=[{k: v for k, v in s.items() if k != "n_y"} for s in CELL_SIZES], returns="result", observe=observe_gru, names=NAMES,
    race={"n_x": 20, "n_a": 30, "m": 200},
    mistakes=[
        Mistake("update gate turned round", "z and 1 − z have changed places. Here z is how much is *new*: a = (1 − z)·a_prev + z·candidate. (Keras, and some papers, have "
                "it the "
                "other way round; both are in use.)", replace=("(1 - z) * a_prev + z * candidate", "z * a_prev + (1 - z) * candidate")),
        Mistake("reset gate forgotten", "The candidate reads a_prev as it is: the reset gate r is missing.", replace=("r * a_prev, x_t", "a_prev, x_t")),
        Mistake("reset after the product", "r multiplies what Wh makes of the state, not the state itself. (Keras does it so by default; here r comes first: Wh [r · "
                "a_prev; x_t].)",
                replace=('np.dot(p["Wh"], np.concatenate([r * a_prev, x_t]))', 'r * np.dot(p["Wh"][:, :len(r)], a_prev) + np.dot(p["Wh"][:, len(r):], x_t)')),
        Mistake("reset gate on the input too", "r multiplies the whole stack's state and candidate sum. It only acts on the old state.",
                replace=('np.dot(p["Wh"], np.concatenate([r * a_prev, x_t]))', 'r * np.dot(p["Wh"], both)')),
        Mistake("gates exchanged", "z and r have changed places: r acts on the state inside the candidate, z mixes old and new.",
                replace=[('z = sigmoid(np.dot(p["Wz"], both) + p["bz"])', 'z = sigmoid(np.dot(p["Wr"], both) + p["br"])'),
                         ('r = sigmoid(np.dot(p["Wr"], both) + p["br"])', 'r = sigmoid(np.dot(p["Wz"], both) + p["bz"])')]),
        Mistake("candidate through the sigmoid", "The candidate goes through the sigmoid. It is a value, from −1 to 1: tanh.", replace=("candidate = np.tanh(", "candidate "
                "= sigmoid(")),
        Mistake("gates through the tanh", "The gates go through the tanh and can be negative: sigmoid.", replace=[("z = sigmoid(", "z = np.tanh("), ("r = sigmoid(", "r = "
                "np.tanh(")]),
        Mistake("stacked in the other order", "x_t stands above a_prev in the stack. The weights expect the state on top.",
                replace=[("np.concatenate([a_prev, x_t])", "np.concatenate([x_t, a_prev])"), ("np.concatenate([r * a_prev, x_t])", "np.concatenate([x_t, r * a_prev])")]),
        Mistake("old state lost", "The old state is gone: (1 − z) · a_prev is missing.", replace=("(1 - z) * a_prev + z * candidate", "z * candidate")),
        Mistake("only the mixture of z", "The old state is kept whole and z · candidate added. What is taken in has to make room: (1 − z) · a_prev.",
                replace=("(1 - z) * a_prev", "a_prev")),
        Mistake("the candidate returned", "The candidate itself is returned; it has to be mixed with the old state.", replace=("return a_next, (", "return candidate, (")),
        Mistake("r for z in the mixture", "The mixture uses r. It is the update gate z that mixes.", replace=("(1 - z) * a_prev + z * candidate", "(1 - r) * a_prev + r * "
                "candidate")),
        Mistake("1 − r", "The candidate reads (1 − r) · a_prev: a reset gate of 1 lets everything through.", replace=("r * a_prev, x_t", "(1 - r) * a_prev, x_t")),
        Mistake("biases forgotten", "All biases are missing.", replace=[(' + p["bz"]', ""), (' + p["br"]', ""), (' + p["bh"]', "")]),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "order exchanged": "the cache is free", "in place of": "the cache is free"},
    right=[gru_in_two_products, gru_by_columns, gru_in_float32],
    hints=("z: how much of the state is renewed. r: how much of the old state the candidate may see.",
           "s = [a_prev; x_t]; z = σ(Wz s + bz), r = σ(Wr s + br); candidate = tanh(Wh [r·a_prev; x_t] + bh); a = (1 − z)·a_prev + z·candidate, all (n_a, m).",
           "stack; two sigmoids; a second stack with r times a_prev on top; tanh; mix old and candidate with 1 - z and z"),
    why="The mixture keeps old and new in balance with a single gate: three layers instead of four, and no separate memory.",
    after="Lab 06b's tunes come from such a cell.")

# --- embedding_lookup ------------------------------------------------------------------------------------------------


def draw_lookup(rng, vocab, d, m):
    return normal(rng, vocab, d, scale=1), rng.integers(0, vocab, m)


def lookup_by_product(E, ids):
    one_hot = np.zeros((len(E), len(ids)))
    one_hot[ids, np.arange(len(ids))] = 1
    return E.T @ one_hot


def lookup_by_loop(E, ids):
    out = np.zeros((E.shape[1], len(ids)), np.float32)
    for i, k in enumerate(ids):
        out[:, i] = E[k]
    return out


def lookup_by_take(E, ids):
    return np.take(E.T, ids, axis=1)


def lookup_as_columns(E, ids):
    return E[:, ids % E.shape[1]]


EMBED = Exercise(
    ex.embedding_lookup, title="A table of vectors", difficulty=1, importance=2, minutes=5,
    draw=draw_lookup,
    sizes=[{"vocab": 4, "d": 2, "m": 1}, {"vocab": 5, "d": 3, "m": 4}, {"vocab": 3, "d": 6, "m": 7}, {"vocab": 7, "d": 2, "m": 3}, {"vocab": 6, "d": 1, "m": 5}],
    returns="vectors", names={"m": "the number of examples", "vocab": "the number of symbols", "d": "the length of a vector"},
    mistakes=[
        Mistake("not transposed", "Each example is a row, (m, d). In this lab an example is a column: (d, m).", replace=("E[ids].T", "E[ids]")),
        Mistake("columns of the table", "Columns of E are picked. A symbol's vector is a *row* of the table (vocab, d).", function=lookup_as_columns),
        Mistake("one id too far", "Every id picks the row after its own: ids count from 0, like the rows.", replace=("E[ids]", "E[(ids + 1) % len(E)]")),
        Mistake("one id too early", "Every id picks the row before its own: ids count from 0, like the rows.", replace=("E[ids]", "E[ids - 1]")),
        Mistake("first id only", "Only the first id is looked up.", replace=("E[ids]", "E[ids[:1]]")),
        Mistake("sorted", "The vectors stand in the order of the ids' size, not of the examples.", replace=("E[ids]", "E[np.sort(ids)]")),
        Mistake("each symbol once", "Every symbol comes once: repeated ids are dropped. Each example has its column.", replace=("E[ids]", "E[np.unique(ids)]")),
        Mistake("summed up", "The vectors are added up. Each example keeps its own.", replace=("E[ids].T", "E[ids].T.sum(axis=1, keepdims=True)")),
        Mistake("reshaped instead of transposed", "(m, d) was reshaped to (d, m): that keeps the order of the numbers and scrambles the vectors. A transpose turns rows "
                "into columns.",
                replace=("E[ids].T", "E[ids].reshape(E.shape[1], -1)")),
    ],
    right=[lookup_by_product, lookup_by_loop, lookup_by_take],
    hints=("A one-hot column times a matrix picks one row of it. You can pick it without the product.",
           "E (vocab, d), ids (m,) → (d, m): column i is row ids[i] of E.",
           "index E with the array of ids; transpose"),
    why="Indexing with an array of integers picks rows. The product with one-hot columns would do the same with vocab times as many multiplications, nearly all by zero.",
    after="Symbols have become points in a space.")

EXERCISES = [CELL, FORWARD, CELL_BACK, BACK, LSTM, COUNT, GRU, EMBED]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("shared", "A recurrent net reads 30 letters. How many different matrices Waa does it use?", {
        "a": ("30", "then it could not read 31 letters, and would have to learn at every place anew what an e is."),
        "b": ("1", "the same cell at every step: that is what *recurrent* means."),
        "c": ("as many as there are different letters", "the letter comes in through Wax; Waa acts on the state."),
    }, answer="b"),
    Quiz("gap", "A plain net with tanh has to remember its first symbol over 100 steps. Training does not get anywhere. What do you try first?", {
        "a": ("a larger learning rate", "the gradient that should teach it is many powers of ten too small; a factor 10 does not reach that far, and the near steps explode."),
        "b": ("clipping the gradients", "clipping shortens gradients that are too long. Here the one that matters is too short."),
        "c": ("a cell whose memory is passed on by sums and gates", "an LSTM or GRU, or a start at the identity: then the gradient survives the distance."),
        "d": ("a larger state", "every path back still goes through 100 slopes of the tanh."),
    }, answer="c"),
    Quiz("temperature", "You sample titles and get only well-known words: The, Of, Maid. What do you turn?", {
        "a": ("the temperature up", "dividing the scores by a larger number flattens the distribution: rarer letters get their chance, and more nonsense with them."),
        "b": ("the temperature down", "that sharpens the distribution further towards what is common."),
        "c": ("the learning rate", "nothing is learned while sampling."),
    }, answer="a"),
]


def judge_bits(model):
    """`model(prefix)` gives probabilities of the next character; judged on titles that were held out."""
    _, held_out, alphabet = load_titles()
    place = {c: i for i, c in enumerate(alphabet)}
    bits, n = 0.0, 0
    for title in held_out[:150]:
        for i, character in enumerate(title):
            p = np.asarray(model(title[:i]), float).ravel()
            if p.shape != (len(alphabet),) or not np.all(np.isfinite(p)) or np.any(p < 0) or abs(p.sum() - 1) > 1e-3:
                return False, f"For the beginning {title[:i]!r} there should come {len(alphabet)} probabilities that sum to 1."
            bits -= np.log2(max(p[place[character]], 1e-12))
            n += 1
    return bits / n <= 2.6, f"{bits / n:.3f} bits a character on {n} characters of held-out titles; 2.6 or less is asked for."


CHALLENGE = Challenge(
    "fewer_bits", "Fewer bits",
    "Write `model(prefix)`: the probabilities (one for each character of the alphabet, in its order) of what follows the beginning of a title. Reach 2.6 bits a character "
    "or less on "
    "held-out titles, with any cell, state or training of your own.", judge_bits)
