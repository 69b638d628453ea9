"""What the graders of lab 04b know: cases, mistakes, right versions, hints."""
import copy
import re

import numpy as np

from labutils.answers import FINE, describe
from labutils.calling import plain
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz
from labutils.labs.lab03_deep_net.exercises import initialize_parameters_deep

from . import exercises as ex
from .exercises import deep_cost, model_backward, model_forward, random_mini_batches, update_parameters

NAMES = {"m": "the number of examples", "n_x": "the number of inputs", "batch_size": "the size of a batch"}

# --- random_mini_batches ---------------------------------------------------------------------------------------------

MANY = 90  # examples from which on chance is looked at: no order below is mistaken for another once in a million


def calls_of(m):
    """How often a case is played with one generator: often once, so that places that chance never reaches show."""
    return 24 if m == 103 else 2 if m >= MANY else 1



def draw_examples(rng, n_x, m, batch_size):
    """Examples that can be told apart: all columns and all labels are different."""
    X = rng.permutation(m) + 1000.0 * np.arange(1, n_x + 1)[:, None]
    return X, 10 + rng.permutation(m)[None], batch_size, np.random.default_rng(rng.integers(1000))


def play_batches(function, X, Y, batch_size, rng):
    """The first call; the next ones with the same generator; one with a copy of it, one with another."""
    again, other = copy.deepcopy(rng), np.random.default_rng(rng.integers(2 ** 40))
    rng, unchanged = copy.deepcopy(again), (X.copy(), Y.copy())
    calls = [plain(function(X, Y, batch_size, rng))]
    for generator in [rng] * (calls_of(X.shape[1]) - 1) + [again, other]:
        calls.append(plain(function(*(a.copy() for a in unchanged), batch_size, generator)))
    return calls[:-2], calls[-2], calls[-1]


def batches_fault(batches, n_x):
    """What keeps an answer from being a list of pairs of 2-D arrays, or ""."""
    if not isinstance(batches, list | tuple):
        return f"{describe(batches)}, where a list of pairs (X_b, Y_b) is wanted"
    for k, pair in enumerate(batches):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            return f"entry {k} of the list is {describe(pair)}, where a pair (X_b, Y_b) is wanted"
        for name, part, rows in zip(("X_b", "Y_b"), pair, (n_x, 1)):
            if not isinstance(part, np.ndarray):
                return f"{name} of batch {k} is {describe(part)}, where an array is wanted"
            if part.ndim != 2 or len(part) != rows:
                flat = "; an index or a reshape has dropped an axis" * (part.ndim == 1)
                return f"{name} of batch {k} has shape {part.shape}, where {rows} row{'s' * (rows > 1)} (two axes) are expected{flat}"
        if pair[0].shape[1] != pair[1].shape[1]:
            return f"batch {k} has {pair[0].shape[1]} examples and {pair[1].shape[1]} labels"
    return ""


def found_columns(part, whole):
    """Which column of the whole each column of a part is; -1 where it is none. The first row of the whole tells its columns apart."""
    sorter = np.argsort(whole[0])
    at = sorter[np.searchsorted(whole[0], part[0] - 0.4, sorter=sorter).clip(max=len(sorter) - 1)]
    return np.where(np.all(np.abs(part - whole[:, at]) < 0.4, axis=0), at, -1)


def order_of(batches, X):
    return np.concatenate([found_columns(b[0].astype(float), X) for b in batches] or [np.zeros(0, int)])


def how_shuffled(orders, batch_size):
    """What is not random about the order of the examples in some calls, or ""."""
    order = orders[0]
    m = len(order)
    kept = np.mean(np.diff(order) == 1)  # pairs of neighbours that stayed together; 1 in m by chance
    if kept == 1:
        return "the examples stand in the order in which they came"
    if np.all(np.diff(order) == -1):
        return "the examples stand in reversed order"
    if kept > 0.3:
        return "whole blocks of neighbours stay together"
    places = np.concatenate([np.arange(m)] * len(orders))
    if np.corrcoef(places, np.concatenate(orders))[0, 1] > 0.5:
        return "examples move a little only, within their own batch"
    off = np.abs(np.mean(orders, axis=0) - (m - 1) / 2) / (m / np.sqrt(12 * len(orders)))
    if off.max() > 6.2:
        at = int(off.argmax())
        return "always the same examples come first" if at < batch_size else "always the same examples come last"
    return ""


def observe_batches(args, value):
    """What is not as asked for, in words, so that chance has no part in the comparison.

    Where there are few examples only form and sizes are looked at: there even wrong batches may come out right by chance.
    """
    X, Y, batch_size, _ = args
    m = X.shape[1]
    calls, again, other = value
    if all(b is None for b in calls):
        return None
    fault = next(filter(None, (batches_fault(b, len(X)) for b in (*calls, again, other))), "")
    if fault:
        return fault
    batches, order = calls[0], order_of(calls[0], X)
    sizes, wanted = [b[0].shape[1] for b in batches], [min(batch_size, m - k) for k in range(0, m, batch_size)]
    off = ["" if sizes == wanted else f"the sizes of the batches are {sizes}, expected are {wanted}"]
    if np.any(order < 0):
        off.append("some columns are no examples: their rows do not belong together")
    if m >= MANY:
        counts = np.bincount(order[order >= 0], minlength=m)
        labels = np.concatenate([b[1][0].astype(float) for b in batches] or [np.zeros(0)])
        paired = np.all(np.abs(labels - Y[0, order]) < 0.4)
        orders = [order_of(b, X) for b in calls]
        off += ["some examples stand in several batches" if counts.max(initial=0) > 1 else "some examples stand in no batch" if counts.min() == 0 else "",
                "" if paired else "the labels stand in the order in which they came, the examples do not" if np.array_equal(labels, Y[0, :len(labels)]) else
                "labels stand with other examples",
                how_shuffled(orders, batch_size) if all(len(o) == m and o.min() >= 0 for o in orders) else "",
                "the next call with the same rng gives the same batches again" if same(calls[0], calls[1]) else "",
                "a copy of the rng gives other batches" if not same(calls[0], again) else "another rng gives the same batches" if same(calls[0], other) else ""]
    return "; ".join(filter(None, off)) or FINE


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(p[0], q[0]) for p, q in zip(a, b))


def batches_by_hand(X, Y, batch_size, rng):
    m = X.shape[1]
    order = list(range(m))
    rng.shuffle(order)
    X, Y = X[:, order], Y[:, order].reshape(1, m)
    full = m // batch_size
    batches = [[X[:, k * batch_size:(k + 1) * batch_size], Y[:, k * batch_size:(k + 1) * batch_size]] for k in range(full)]
    if m % batch_size:
        batches.append([X[:, full * batch_size:], Y[:, full * batch_size:]])
    return batches


def batches_by_sorting(X, Y, batch_size, rng):
    order = np.argsort(rng.random(X.shape[1]))
    cuts = range(batch_size, X.shape[1], batch_size)
    return list(zip(np.split(X[:, order], cuts, axis=1), np.split(Y[:, order], cuts, axis=1)))


def batches_one_by_one(X, Y, batch_size, rng):
    both = np.vstack([X, Y])
    both = rng.permutation(both, axis=1)
    batches = []
    while both.shape[1] > 0:
        batches.append((both[:-1, :batch_size], both[-1:, :batch_size]))
        both = both[:, batch_size:]
    return batches


def batches_with_replacement(X, Y, batch_size, rng):
    batches = []
    for start in range(0, X.shape[1], batch_size):
        chosen = rng.integers(0, X.shape[1], min(batch_size, X.shape[1] - start))
        batches.append((X[:, chosen], Y[:, chosen]))
    return batches


def batches_of_blocks(X, Y, batch_size, rng):
    starts = rng.permutation(np.arange(0, X.shape[1], batch_size))
    return [(X[:, s:s + batch_size], Y[:, s:s + batch_size]) for s in starts]


def batches_with_a_full_last_one(X, Y, batch_size, rng):
    m = X.shape[1]
    order = rng.permutation(m)
    starts = [min(start, max(m - batch_size, 0)) for start in range(0, m, batch_size)]
    return [(X[:, order[s:s + batch_size]], Y[:, order[s:s + batch_size]]) for s in starts]


def batches_rolled(X, Y, batch_size, rng):
    order = np.roll(np.arange(X.shape[1]), rng.integers(X.shape[1]))
    return [(X[:, order[s:s + batch_size]], Y[:, order[s:s + batch_size]]) for s in range(0, X.shape[1], batch_size)]


def batches_rows_turned(X, Y, batch_size, rng):
    X = X[rng.permutation(len(X))]
    return [(X[:, s:s + batch_size], Y[:, s:s + batch_size]) for s in range(0, X.shape[1], batch_size)]


def batches_shuffled_inside(X, Y, batch_size, rng):
    batches = []
    for start in range(0, X.shape[1], batch_size):
        chosen = rng.permutation(np.arange(start, min(start + batch_size, X.shape[1])))
        batches.append((X[:, chosen], Y[:, chosen]))
    return batches


def batches_of_rows(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    return [(X[order[s:s + batch_size]], Y[:, s:s + batch_size]) for s in range(0, len(X), batch_size)]


def batches_flat_order(X, Y, batch_size, rng):
    order = rng.permutation(X.shape[1])
    return [(X[:, order[s:s + batch_size]], Y[0, order[s:s + batch_size]]) for s in range(0, X.shape[1], batch_size)]


def batches_equal_parts(X, Y, batch_size, rng):
    order = rng.permutation(X.shape[1])
    parts = np.array_split(order, -(-X.shape[1] // batch_size))
    return [(X[:, p], Y[:, p]) for p in parts]


def batches_filled_up(X, Y, batch_size, rng):
    order = rng.permutation(X.shape[1])
    order = np.resize(order, -(-X.shape[1] // batch_size) * batch_size)
    return [(X[:, order[s:s + batch_size]], Y[:, order[s:s + batch_size]]) for s in range(0, len(order), batch_size)]


def batches_flat(X, Y, batch_size, rng):
    return [(X[:, i], Y[0, i]) for i in rng.permutation(X.shape[1])]


def batches_as_generator(X, Y, batch_size, rng):
    yield from ex.random_mini_batches(X, Y, batch_size, rng)


def batches_in_two_lists(X, Y, batch_size, rng):
    batches = ex.random_mini_batches(X, Y, batch_size, rng)
    return [x for x, _ in batches], [y for _, y in batches]


def batches_rows_apart(X, Y, batch_size, rng):
    X = rng.permuted(X, axis=1)
    return [(X[:, s:s + batch_size], Y[:, s:s + batch_size]) for s in range(0, X.shape[1], batch_size)]


BATCHES = Exercise(
    ex.random_mini_batches, title="Cards shuffled, cards dealt", difficulty=2, importance=3, minutes=12,
    draw=draw_examples, play=play_batches, observe=observe_batches, returns="batches", names=NAMES,
    sizes=[{"n_x": 2, "m": 3, "batch_size": 2}, {"n_x": 2, "m": 1, "batch_size": 1}, {"n_x": 3, "m": 1, "batch_size": 4},
           {"n_x": 3, "m": 6, "batch_size": 2}, {"n_x": 2, "m": 5, "batch_size": 8}, {"n_x": 1, "m": 4, "batch_size": 3}, {"n_x": 2, "m": 4, "batch_size": 1},
           {"n_x": 3, "m": 103, "batch_size": 16}, {"n_x": 2, "m": 96, "batch_size": 16}, {"n_x": 4, "m": 120, "batch_size": 50},
           {"n_x": 3, "m": 100, "batch_size": 100}, {"n_x": 2, "m": 95, "batch_size": 200}],
    mistakes=[
        Mistake("X and Y shuffled apart", "`X` and `Y` are shuffled apart, each in an order of its own, so that examples meet the labels of others: nothing "
                "could be learned from that. Draw *one* order and use it for both.", replace=("Y[:, chosen]", "Y[:, rng.permutation(m)[start:start + batch_size]]")),
        Mistake("only X shuffled", "Only `X` is shuffled: `Y` keeps its order, so that examples meet the labels of others. One order has to serve both.",
                replace=("Y[:, chosen]", "Y[:, start:start + batch_size]")),
        Mistake("only Y shuffled", "Only `Y` is shuffled: `X` keeps its order, so that examples meet the labels of others. One order has to serve both.",
                replace=("X[:, chosen]", "X[:, start:start + batch_size]")),
        Mistake("last batch lost", "What is left over at the end is lost: where m is no multiple of the batch size, the last batch is smaller, but its examples "
                "belong to the epoch too.", replace=("range(0, m, batch_size)", "range(0, m - batch_size + 1, batch_size)")),
        Mistake("last batch lost, even a full one", "The last batch is lost in every case, even a full one: the loop ends one batch too early.",
                replace=("range(0, m, batch_size)", "range(0, m - batch_size, batch_size)")),
        Mistake("an empty batch at the end", "Where m is a multiple of the batch size there is an empty batch at the end. A batch of no examples has no mean, so no "
                "gradient.",
                replace=("range(0, m, batch_size)", "range(0, m + 1, batch_size)")),
        Mistake("not shuffled", "The examples come in the order in which they stand. If all labels of one kind stand first, whole batches see one kind only: "
                "shuffle before you cut.", replace=("rng.permutation(m)", "np.arange(m)")),
        Mistake("whole batches shuffled only", "The batches come in random order, but each holds neighbours as they stood. The examples are to be mixed, before "
                "they are cut into batches.",
                function=batches_of_blocks),
        Mistake("shuffled within batches only", "Each batch always holds the same examples; only their order within it changes, and no mean depends on that. "
                "Shuffle "
                "the whole set, then cut.", function=batches_shuffled_inside),
        Mistake("drawn with replacement", "Some examples come several times and others never, as if they were drawn anew, for each place or for each batch. In an "
                "epoch every example has its turn once: draw one *order* and cut it.", function=batches_with_replacement),
        Mistake("rows in place of columns", "The rows of `X` are shuffled and cut. One example is a *column* here, so it is the second axis that is shuffled.",
                function=batches_of_rows),
        Mistake("flat labels", "The labels of a batch are flat, (b,). They should stay a row, (1, b), as `Y` is: index the second axis and leave the first alone.",
                function=batches_flat_order),
        Mistake("parts of equal size", "The batches are made as equal as possible. All but the last should hold exactly `batch_size` examples.",
                function=batches_equal_parts),
        Mistake("last batch filled up", "The last batch is filled up with examples that had their turn already. It may be smaller.", function=batches_filled_up),
        Mistake("last batch reaches back", "The last batch is as large as the others: it reaches back to examples that had their turn already. It may be smaller.",
                function=batches_with_a_full_last_one),
        Mistake("rolled", "The examples are only rolled on to a random place: neighbours stay neighbours. Draw a random order of all of them.",
                function=batches_rolled),
        Mistake("order of the rows", "The *rows* of `X` change their order, so that each number stands for another input. One example is a column here: it is the "
                "columns that are shuffled.",
                function=batches_rows_turned),
        Mistake("rows shuffled apart", "Each row of `X` is shuffled for itself, so that the columns are no examples any more: one order has to serve all rows.",
                function=batches_rows_apart),
        Mistake("chance not taken from rng", "The same `rng` gives other batches each time: take chance from `rng` alone, not from `np.random`. Only then can a run "
                "be repeated.",
                replace=("rng.permutation(m)", "np.random.permutation(m)")),
        Mistake("a seed of its own", "The order is the same in every call, whatever `rng` is: a generator with a fixed seed is made inside. Every epoch would go "
                "through "
                "the same batches; use the `rng` that is given.", replace=("rng.permutation(m)", "np.random.default_rng(0).permutation(m)")),
        Mistake("reversed", "The examples are turned round, not shuffled: the order is the same in every call.",
                replace=("rng.permutation(m)", "np.arange(m)[::-1]")),
        Mistake("indices in place of batches", "These are the indices of the examples, not the examples.", replace=("(X[:, chosen], Y[:, chosen])", "chosen")),
        Mistake("a generator", "With `yield` the function becomes a generator, which can be gone through once only. A list is wanted: collect the pairs and return "
                "them.",
                function=batches_as_generator),
        Mistake("two lists", "That is a list of the X_b and a list of the Y_b. One list of pairs is wanted: what belongs together stays together.",
                function=batches_in_two_lists),
        Mistake("labels left out", "The batches hold no labels: each is to be a pair (X_b, Y_b).", replace=("(X[:, chosen], Y[:, chosen])", "X[:, chosen]")),
        Mistake("axis lost", "A single column, `X[:, i]`, is flat: its second axis is lost. Each batch needs both axes, also a batch of one.",
                function=batches_flat),
        Mistake("only one batch", "Only the first batch comes back: the `return` stands inside the loop.", replace=("    return batches", "        return batches")),
        Mistake("number of batches", "The set is cut into `batch_size` batches. `batch_size` is the number of examples in one.",
                replace=[("    batches = []\n", "    batches = []\n    batch_size = -(-m // batch_size)\n")]),
        Mistake("labels and inputs exchanged", "The pairs hold the labels first. (X_b, Y_b) is wanted.",
                replace=("(X[:, chosen], Y[:, chosen])", "(Y[:, chosen], X[:, chosen])")),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "Y in place of X": "both have m columns", "-1 in place of 1": "the last axis is axis "
    "1",
               "sign of order": "counted from the end, it is an order too", "batches returned": "they are what is returned"},
    right=[batches_by_hand, batches_by_sorting, batches_one_by_one],
    hints=("Think of a pack of cards: shuffle the whole pack once, then deal it out, batch_size cards at a time. Each card carries its label with it.",
           "order = a random permutation of 0 … m − 1; batch k takes the columns order[k·b : (k+1)·b] of X (n_x, m) and of Y (1, m).",
           "m = columns of X; order = permutation of m from rng; for start from 0 to m in steps of batch_size: chosen = the next piece of order; append the pair of "
           "the chosen columns of X and of Y"),
    why="A slice that reaches beyond the end is cut there by Python, so the smaller last batch needs no case of its own.",
    after="From here on an epoch of your net can be as many steps as you like.")

# --- train_epoch -----------------------------------------------------------------------------------------------------


def draw_net(rng, dims):
    """Parameters of a deep net with biases that are not zero."""
    parameters = {}
    for l, (n_in, n_out) in enumerate(zip(dims, dims[1:]), start=1):
        parameters[f"W{l}"] = np.round(rng.normal(0, 0.8, (n_out, n_in)), 2)
        parameters[f"b{l}"] = np.round(rng.normal(0.1, 0.4, (n_out, 1)), 2)
    return parameters


def draw_epoch(rng, dims, batches):
    def batch(m):
        return np.round(rng.normal(0, 1, (dims[0], m)), 2), rng.integers(0, 2, (1, m))
    return draw_net(rng, dims), [batch(m) for m in batches], between(rng, 0.1, 0.8)


def epoch_by_examples(parameters, batches, learning_rate):
    losses = []
    for X_b, Y_b in batches:
        AL, caches = model_forward(X_b, parameters)
        losses.extend(-np.log(np.where(Y_b == 1, AL, 1 - AL))[0])
        grads = model_backward(AL, Y_b, caches)
        parameters = {k: parameters[k] - learning_rate * grads["d" + k] for k in parameters}
    return parameters, np.mean(losses)


def epoch_with_weights(parameters, batches, learning_rate):
    parameters = dict(parameters)
    costs, sizes = [], []
    for i in range(len(batches)):
        AL, caches = model_forward(batches[i][0], parameters)
        costs += [deep_cost(AL, batches[i][1])]
        sizes += [batches[i][1].size]
        grads = model_backward(AL, batches[i][1], caches)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters, float(np.average(costs, weights=sizes))


def epoch_on_copies(parameters, batches, learning_rate):
    new = {k: v.copy() for k, v in parameters.items()}
    cost, seen = 0, 0
    for X_b, Y_b in batches:
        m_b = X_b.shape[1]
        AL, caches = model_forward(X_b, new)
        cost = (cost * seen + deep_cost(AL, Y_b) * m_b) / (seen + m_b)
        seen += m_b
        grads = model_backward(AL, Y_b, caches)
        for l in range(1, len(new) // 2 + 1):
            new[f"W{l}"] -= learning_rate * grads[f"dW{l}"]
            new[f"b{l}"] -= learning_rate * grads[f"db{l}"]
    return new, cost


EPOCH = Exercise(
    ex.train_epoch, title="Once through all batches", difficulty=2, importance=3, minutes=10,
    draw=draw_epoch, returns=("parameters", "cost"), names=NAMES,
    sizes=[{"dims": (2, 2, 1), "batches": (2, 1, 3)}, {"dims": (2, 1), "batches": (3, 1)}, {"dims": (2, 3, 1), "batches": (4,)}, {"dims": (3, 2, 1), "batches": (4, 4, 2)},
           {"dims": (2, 4, 3, 1), "batches": (5, 2, 3, 1)}, {"dims": (4, 2, 2, 1), "batches": (1, 1, 1)}],
    mistakes=[
        Mistake("two steps for each batch", "Every batch gets two steps along the same gradient. One step for each batch is asked for.",
                replace=("        parameters = update_parameters(parameters, grads, learning_rate)",
                         "        parameters = update_parameters(update_parameters(parameters, grads, learning_rate), grads, learning_rate)")),
        Mistake("steps longer for large batches", "The learning rate is multiplied by the size of the batch. The gradient is a mean over the batch already; "
                "the step is the same for all.", replace=("grads, learning_rate)", "grads, learning_rate * X.shape[1])")),
        Mistake("divided by the number of batches", "The sum over all examples is divided by the number of batches. It is a mean over examples: divide by their number.",
                replace=("total / m", "total / len(batches)")),
        Mistake("mean of the batches' costs", "The cost is the plain mean over *batches*: a small last batch counts as much as a full one. Every example should "
                "count the same, so a batch weighs as much as it has examples.",
                replace=[("deep_cost(AL, Y) * X.shape[1]", "deep_cost(AL, Y)"), ("m += X.shape[1]", "m += 1")]),
        Mistake("sum of the batches' costs", "The costs of the batches are added up, so the number grows with the number of batches. The mean over all examples is "
                "wanted.",
                replace=[("deep_cost(AL, Y) * X.shape[1]", "deep_cost(AL, Y)"), ("total / m", "total")]),
        Mistake("sum over the examples", "The losses of all examples are added up but not divided by their number: the cost is a mean.",
                replace=("total / m", "total")),
        Mistake("not weighted by size", "The costs are divided by the number of examples, but each is a mean already: a batch's cost has to be weighted with its "
                "size first.",
                replace=("deep_cost(AL, Y) * X.shape[1]", "deep_cost(AL, Y)")),
        Mistake("cost of the last batch", "The cost is that of the last batch alone. All examples of the epoch count.",
                replace=[("total += deep_cost(AL, Y) * X.shape[1]", "total = deep_cost(AL, Y)"), ("total / m", "total")]),
        Mistake("cost after the step", "The cost of each batch is taken *after* its step; it is wanted from just before: that is the forward pass you have anyway.",
                replace=[("        total += deep_cost(AL, Y) * X.shape[1]\n", ""),
                         ("        parameters = update_parameters(parameters, grads, learning_rate)\n", "        parameters = update_parameters(parameters, grads, "
                          "learning_rate)\n        total += deep_cost(model_forward(X, parameters)[0], Y) * X.shape[1]\n")]),
        Mistake("every batch from the first parameters", "Only the last batch's step counts: either every batch starts from the parameters of the beginning again, "
                "or the "
                "update stands after the loop. Go on from where the batch before has led.",
                replace=[("    total, m = 0.0, 0\n", "    total, m = 0.0, 0\n    first = parameters\n"), ("model_forward(X, parameters)", "model_forward(X, first)"),
                         ("update_parameters(parameters,", "update_parameters(first,")]),
        Mistake("gradients of the first parameters", "The gradients of all batches are taken at the parameters of the beginning. The point of mini-batches is to "
                "look "
                "anew after every step.",
                replace=[("    total, m = 0.0, 0\n", "    total, m = 0.0, 0\n    first = parameters\n"), ("model_forward(X, parameters)", "model_forward(X, "
                "first)")]),
        Mistake("first batch only", "Only the first batch is used: the `return` stands inside the loop.",
                replace=("    return parameters, total / m", "        return parameters, total / m")),
        Mistake("no step", "The parameters come back as they were: the update is missing, or its result is not kept.",
                replace=("        parameters = update_parameters(parameters, grads, learning_rate)\n", "")),
        Mistake("steps not kept", "The parameters that come back are those that came in: the steps are made, but what they lead to is not handed back.",
                replace=[("    total, m = 0.0, 0\n", "    total, m = 0.0, 0\n    first = parameters\n"), ("return parameters,", "return first,")]),
        Mistake("all at once", "All batches are put together and make one single step. Each batch is to make a step of its own; that is what they are cut for.",
                replace=("    total, m = 0.0, 0\n", "    total, m = 0.0, 0\n    batches = [tuple(np.hstack(part) for part in zip(*batches))]\n")),
        Mistake("last batch left out", "The last batch is left out: it makes no step, and its cost is not counted.",
                replace=("in batches:", "in batches[:-1] or [batches[0]]:")),
        Mistake("last batch left out, even a single one", "The last batch is left out: it makes no step, and its cost is not counted.",
                replace=[("in batches:", "in batches[:-1]:"), ("total / m", "total / max(m, 1)")]),
        Mistake("first batch left out", "The first batch is left out: it makes no step, and its cost is not counted.",
                replace=[("in batches:", "in batches[1:]:"), ("total / m", "total / max(m, 1)")]),
        Mistake("biases left out", "Only the weights move; the biases stay as they were.",
                replace=("update_parameters(parameters, grads, learning_rate)", "{**parameters, **update_parameters({n: p for n, p in parameters.items() if n[0] == "
                "'W'}, grads, learning_rate)}")),
        Mistake("divided by the examples twice", "The gradients are divided by the number of examples once more. `model_backward` gives the mean over the batch "
                "already.",
                replace=("grads, learning_rate)", "grads, learning_rate / X.shape[1])")),
        Mistake("learning rate left out", "The steps are as long as if the learning rate were 1: it is missing.", replace=("grads, learning_rate)", "grads, 1.0)")),
        Mistake("uphill", "The steps go uphill: a step goes *against* the gradient.", replace=("grads, learning_rate)", "grads, -learning_rate)")),
        Mistake("batches in reversed order", "The batches are used from the last to the first; they should come in the order given.",
                replace=("in batches:", "in batches[::-1]:")),
        Mistake("step divided by the number of batches", "The steps are shortened by the number of batches. Each batch's gradient is a mean over that batch "
                "already: it makes a whole step.",
                replace=("grads, learning_rate)", "grads, learning_rate / len(batches))")),
        Mistake("cost at the end", "The cost is that of the final parameters, on all batches. Each batch's cost is wanted from just before its own step, which "
                "costs nothing extra.",
                replace=("    return parameters, total / m", "    total = sum(deep_cost(model_forward(X, parameters)[0], Y) * X.shape[1] for X, Y in batches)\n"
                         "    return parameters, total / m")),
        Mistake("cost at the beginning", "The cost of every batch is taken with the parameters of the beginning. Each one is wanted from just before its own step.",
                replace=[("    total, m = 0.0, 0\n", "    total, m = 0.0, 0\n    first = parameters\n"),
                         ("deep_cost(AL, Y) * X", "deep_cost(model_forward(X, first)[0], Y) * X")]),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "-1 in place of 1": "the last axis is axis 1",
               "Y in place of X": "both have m columns", "AL in place of X": "both have m columns"},
    right=[epoch_by_examples, epoch_with_weights, epoch_on_copies],
    hints=("The training loop of lab 03, but each turn sees one batch, and the next turn goes on from where it led.",
           "for each (X_b, Y_b): forward → AL, caches; cost of the batch; grads; step. Cost of the epoch = Σ m_b · J_b / Σ m_b.",
           "total and m start at 0; for each batch: model_forward; add deep_cost times the batch's size to total, its size to m; model_backward; update_parameters; "
           "return the last parameters, and total over m"),
    why="`parameters` is bound to a new dict in each turn, so the caller's stays as it was. The mean is taken over examples because batches may differ in size.",
    after="One epoch, many steps. Let us see what that buys.")

# --- exponential_average ---------------------------------------------------------------------------------------------


def between(rng, low, high):
    return round(float(rng.uniform(low, high)), 2)


def draw_series(rng, n):
    return np.round(rng.normal(2, 3, n), 2), between(rng, 0.3, 0.95), bool(rng.integers(0, 2))


def average_as_a_sum(values, beta, bias_correction=False):
    n = len(values)
    averages = np.zeros(n)
    for t in range(1, n + 1):
        weights = (1 - beta) * beta ** np.arange(t - 1, -1, -1)
        averages[t - 1] = np.sum(weights * values[:t])
        if bias_correction:
            averages[t - 1] /= np.sum(weights)
    return averages


def average_by_index(values, beta, bias_correction=False):
    v = np.zeros(len(values) + 1)
    for t in range(1, len(values) + 1):
        v[t] = v[t - 1] + (1 - beta) * (values[t - 1] - v[t - 1])
    if bias_correction:
        return v[1:] / (1 - beta ** np.arange(1, len(values) + 1))
    return v[1:]


def average_with_running_power(values, beta, bias_correction=False):
    v, power, out = 0, 1, []
    for value in values:
        v = beta * v + (1 - beta) * value
        power *= beta
        if bias_correction:
            out.append(v / (1 - power))
        else:
            out.append(v)
    return np.asarray(out, dtype=float)


def average_correction_fed_back(values, beta, bias_correction=False):
    v, averages = 0.0, []
    for t, value in enumerate(values, start=1):
        v = beta * v + (1 - beta) * value
        if bias_correction:
            v = v / (1 - beta ** t)
        averages.append(v)
    return np.array(averages)


def average_from_the_first_value(values, beta, bias_correction=False):
    v, averages = values[0], [values[0]]
    for t, value in enumerate(values[1:], start=2):
        v = beta * v + (1 - beta) * value
        averages.append(v / (1 - beta ** t) if bias_correction else v)
    return np.array(averages)


def average_from_the_first_value_uncorrected(values, beta, bias_correction=False):
    return average_from_the_first_value(values, beta)


def average_over_ones(values, beta, bias_correction=False):
    weights = beta ** np.arange(len(values))
    return np.convolve(values, weights)[:len(values)] / (np.cumsum(weights) if bias_correction else 1.0)


AVERAGE = Exercise(
    ex.exponential_average, title="An average that forgets", difficulty=2, importance=3, minutes=12,
    draw=draw_series, sizes=[{"n": 3}, {"n": 1}, {"n": 2}, {"n": 6}, {"n": 9}, {"n": 5}], returns="averages", names={"n": "the number of values"},
    extra=[Case((np.array([4.0, 1.0, -2.0, 7.0]), 0.7), {"n": 4}, label="n = 4, bias_correction not given"),
           Case((np.array([4.0, 1.0, -2.0]), 0.7, True), {"n": 3}), Case((np.array([4.0, 1.0, -2.0]), 0.7, False), {"n": 3}),
           Case((np.array([3, 1, 2, 8, 5]), 0.5, True), {"n": 5}, label="whole numbers, with correction"),
           Case((np.array([3, 1, 2, 8, 5]), 0.8, False), {"n": 5}, label="whole numbers, without correction"),
           Case((np.array([3.0, -1.0, 2.0]), 0.0, True), {"n": 3}, label="beta = 0, with correction")],
    mistakes=[
        Mistake("the value before", "Each average takes the value before its own, and the first one the last of all (`values[-1]`): v_t takes values_t.",
                replace=("(1 - beta) * value", "(1 - beta) * values[t - 2]")),
        Mistake("correction one step behind", "The correction is one step behind: v_1 is divided by 1 − beta¹, v_2 by 1 − beta², and so on. Counting begins at t = 1 here.",
                replace=("beta ** t", "beta ** max(t - 1, 1)")),
        Mistake("weights swapped", "The two weights have changed places: beta belongs to the past, 1 − beta to the new value. Some lecture notes write it the other "
                "way "
                "round; then their small beta is this one's 1 − beta, and the correction changes too.",
                replace=("beta * v + (1 - beta) * value", "(1 - beta) * v + beta * value")),
        Mistake("correction left out", "Where `bias_correction` is asked for the averages come out uncorrected: they begin at 0, far too low, and need the division "
                "by 1 − beta**t.",
                replace=("v / (1 - beta ** t) if bias_correction else v", "v")),
        Mistake("always corrected", "The averages are always corrected. That is wanted only if `bias_correction` is true.",
                replace=("v / (1 - beta ** t) if bias_correction else v", "v / (1 - beta ** t)")),
        Mistake("condition turned round", "The correction is made where it is not asked for, and left out where it is.",
                replace=("if bias_correction else v", "if not bias_correction else v")),
        Mistake("corrected by default", "Where `bias_correction` is not given, the averages come out corrected: its default is False.",
                replace=("bias_correction=False", "bias_correction=True")),
        Mistake("correction fed back", "The corrected value is carried on to the next turn, so that corrections pile up. `v` itself stays uncorrected; the "
                "correction is made only for what is handed out.", function=average_correction_fed_back),
        Mistake("beta for beta**t", "The correction divides by 1 − beta in every turn. It has to fade: at time t the weights so far add up to 1 − beta**t.",
                replace=("1 - beta ** t", "1 - beta")),
        Mistake("time from 0", "The correction counts the time from 0: the first value is divided by 1 − beta⁰ = 0. The first value has t = 1.",
                replace=("start=1", "start=0")),
        Mistake("time one ahead", "The correction is one step ahead, beta**(t+1) at time t: after t values the weights add up to 1 − beta**t.",
                replace=("beta ** t", "beta ** (t + 1)")),
        Mistake("correction not for the first value", "The first average is not corrected. It needs it most: v_1 is only (1 − beta) times the first value.",
                replace=("if bias_correction else", "if bias_correction and t > 1 else")),
        Mistake("multiplied for divided", "The correction multiplies by 1 − beta**t and makes the averages smaller still. It has to make them larger: divide.",
                replace=("v / (1 - beta ** t)", "v * (1 - beta ** t)")),
        Mistake("divided by beta**t", "The correction divides by beta**t, the weight that is *missing*. Divide by the weight that is there: 1 − beta**t.",
                replace=("v / (1 - beta ** t)", "v / beta ** t")),
        Mistake("1 − beta to the power t", "The correction divides by (1 − beta)**t. The power belongs to beta alone: 1 − beta**t.",
                replace=("1 - beta ** t", "(1 - beta) ** t")),
        Mistake("divided by 1 + beta**t", "The correction divides by 1 + beta**t. The weights add up to 1 − beta**t.", replace=("1 - beta ** t", "1 + beta ** t")),
        Mistake("beta times t", "The correction uses beta times t. The weight of the beginning is multiplied by beta in every step: beta**t.",
                replace=("beta ** t", "beta * t")),
        Mistake("begins at the first value", "It begins at the first value instead of 0, so the first value counts far too much for a long time. Begin with v_0 = "
                "0; "
                "the correction takes care of the rest.", replace=("v, averages = 0.0, []", "v, averages = values[0], []")),
        Mistake("first value taken over", "The first value is taken over as the first average. Begin with v_0 = 0, so that v_1 = (1 − beta) · values_1; the "
                "correction, where it is asked for, "
                "then makes the first value of it.", function=average_from_the_first_value),
        Mistake("first value taken over, no correction", "The first value is taken over as the first average, and nothing is corrected. Begin with v_0 = 0; the "
                "correction is made only where it is asked for.",
                function=average_from_the_first_value_uncorrected),
        Mistake("one correction for all", "All averages are divided by the same number, 1 − beta to the power of the *last* time. Each has its own: 1 − beta**t "
                "with its own t.",
                replace=("1 - beta ** t", "1 - beta ** len(values)")),
        Mistake("new value not weighted", "The new value comes in whole: the factor 1 − beta is missing. That is a sum, 1 / (1 − beta) times too large in the end, "
                "no average.",
                replace=("(1 - beta) * value", "value")),
        Mistake("new value not weighted, by sums", "The new value comes in whole: the factor 1 − beta is missing. That is a sum, 1 / (1 − beta) times too large in "
                "the end, no average.",
                function=average_over_ones),
        Mistake("past not weighted", "The past is carried on whole: the factor beta is missing.", replace=("beta * v +", "v +")),
        Mistake("past forgotten", "Each entry depends on its own value only: `v` is not carried from turn to turn.",
                replace=("beta * v + (1 - beta)", "(1 - beta)")),
        Mistake("previous value in place of the average", "Each entry mixes a value with the *value* before it. It should be the *average* before it, which "
                "remembers all the earlier ones.",
                replace=("        averages.append", "        v = beta * (values[t - 2] if t > 1 else 0) + (1 - beta) * value\n        averages.append")),
        Mistake("v_0 in the list", "The list begins with v_0 = 0. It should hold v_1 to v_n.",
                replace=("return np.array(averages)", "return np.array([0.0] + averages)")),
        Mistake("only the last one", "Only the last average comes back. All of them are wanted.", replace=("np.array(averages)", "averages[-1]")),
        Mistake("a list", "That is a list; an array is wanted.", replace=("np.array(averages)", "averages")),
        Mistake("mean of all so far", "That is the plain mean of all values so far. It forgets nothing: the newest value counts no more than the oldest.",
                replace=("v / (1 - beta ** t) if bias_correction else v", "np.mean(values[:t])")),
    ],
    right=[average_as_a_sum, average_by_index, average_with_running_power],
    hints=("Carry one number along. In each turn it keeps most of itself and takes a little of the new value.",
           "v ← beta · v + (1 − beta) · value, from v = 0; hand out v, or v / (1 − beta**t) with t = 1 for the first value. The v carried on stays uncorrected.",
           "v = 0, an empty list; for t from 1 and each value: new v; append v over 1 minus beta to the power t if asked for, else v; return the list as an array"),
    why="Written out, v_t = (1 − beta) Σ beta^k · value_{t−k}: the weights add up to 1 − beta**t, which is what the correction divides by.",
    after="This one line is the heart of momentum, RMSprop and Adam.")

# --- the steps -------------------------------------------------------------------------------------------------------


def draw_state(rng, dims):
    """Parameters, gradients in the order in which backpropagation makes them (with entries that nobody needs), and two averages.

    Some gradients are tiny, some entries zero: where the root is small, it matters on which side of it epsilon stands.
    """
    parameters = draw_net(rng, dims)
    L = len(parameters) // 2
    grads = {"dA0": np.round(rng.normal(0, 1, (dims[0], 3)), 2)} if L > 1 else {}
    for l in range(L, 0, -1):
        for name in (f"W{l}", f"b{l}"):
            grads["d" + name] = np.round(rng.normal(0, 1, parameters[name].shape) * rng.choice([0.1, 1, 1], parameters[name].shape), 3)
    velocity = {"d" + n: np.round(rng.normal(0, 0.8, v.shape), 2) for n, v in parameters.items()}
    square = {"d" + n: np.round(rng.uniform(0.01, 1.2, v.shape) * rng.choice([0.05, 1, 1], v.shape), 4) for n, v in parameters.items()}
    return parameters, grads, velocity, square


def zeros(parameters):
    return {"d" + n: np.zeros(v.shape) for n, v in parameters.items()}


DIMS = [{"dims": (2, 1)}, {"dims": (2, 3, 1)}, {"dims": (3, 2, 2, 1)}, {"dims": (4, 3, 1)}, {"dims": (1, 1)}]
TINY = {"W1": np.array([[0.5, -0.2]]), "b1": np.array([[0.3]])}
TINY_GRADS = {"dW1": np.array([[1e-3, -2e-4]]), "db1": np.array([[0.05]])}

KEYS_OF_GRADS = "The loop goes over the keys of `grads`, but there may be more of them than there are parameters (such as dA0, left over from " \
    "backpropagation). Go over the parameters, or over the averages."


def layer_mistakes(*averages, step="scaled"):
    """Mistakes of looping over a net's layers and keys, which all steps share, as edits of the reference.

    averages : (name of the dict, name of its value in the comprehension, expression) as they stand in the reference
    step : the dict along which `update_parameters` makes the step
    """
    update = f"update_parameters(parameters, {step}, learning_rate)"

    def loops(change):
        return [(f"{{name: {expression} for name, {value} in {name}.items()}}", change(name, value, expression)) for name, value, expression in averages]

    def only(condition, moved):
        return [*loops(lambda name, value, expression: f"{{name: ({expression}) if {condition} else {value} for name, {value} in {name}.items()}}"),
                (update, f"{{**parameters, **update_parameters({{n: p for n, p in parameters.items() if {moved}}}, {step}, learning_rate)}}")]

    def over_grads(name, value, expression):
        return f"{{name: {re.sub(rf'{chr(92)}b{value}{chr(92)}b', name + '[name]', expression)} for name in grads}}"

    last = "str(len(parameters) // 2)"
    return [
        Mistake("loops over grads", KEYS_OF_GRADS, replace=loops(over_grads)),
        Mistake("loops over the keys of grads", KEYS_OF_GRADS, replace=(update, f"{{n[1:]: parameters[n[1:]] - learning_rate * {step}[n] for n in grads}}")),
        Mistake("biases left out", "Only the weights move; the biases, and their averages, stay as they were. They need their turn as well.",
                replace=only('name[1] == "W"', 'n[0] == "W"')),
        Mistake("first layer only", "Only the first layer moves. The loop should reach every layer.", replace=only('name[2:] == "1"', 'n[1:] == "1"')),
        Mistake("last layer not moved", "The last layer stays as it was: the loop over the layers ends one too early. `range(1, L + 1)` includes L.",
                replace=only(f"name[2:] != {last}", f"n[1:] != {last}")),
        Mistake("learning rate left out", "The step is as long as if the learning rate were 1: it is missing.",
                replace=(update, update.replace("learning_rate", "1.0"))),
        Mistake("uphill", "The step goes uphill: go *against* the gradient.", replace=(update, update.replace("learning_rate", "-learning_rate"))),
    ]


def draw_momentum(rng, dims):
    parameters, grads, velocity, _ = draw_state(rng, dims)
    return parameters, grads, velocity, between(rng, 0.3, 0.95), between(rng, 0.05, 0.5)


def momentum_by_layers(parameters, grads, velocity, beta, learning_rate):
    new, v = {}, {}
    for l in range(1, len(parameters) // 2 + 1):
        v[f"dW{l}"] = beta * velocity[f"dW{l}"] + (1 - beta) * grads[f"dW{l}"]
        v[f"db{l}"] = beta * velocity[f"db{l}"] + (1 - beta) * grads[f"db{l}"]
        new[f"W{l}"] = parameters[f"W{l}"] - learning_rate * v[f"dW{l}"]
        new[f"b{l}"] = parameters[f"b{l}"] - learning_rate * v[f"db{l}"]
    return new, v


def momentum_in_steps(parameters, grads, velocity, beta, learning_rate):
    parameters, velocity = dict(parameters), dict(velocity)
    for name in parameters:
        key = "d" + name
        velocity[key] = velocity[key] + (1 - beta) * (grads[key] - velocity[key])
        parameters[name] = parameters[name] - learning_rate * velocity[key]
    return parameters, velocity


def momentum_in_float32(parameters, grads, velocity, beta, learning_rate):
    new, v = dict(parameters), dict(grads)
    for name, value in parameters.items():
        v["d" + name] = (beta * velocity["d" + name] + (1 - beta) * grads["d" + name]).astype(np.float32)
        new[name] = np.subtract(value, learning_rate * v["d" + name], dtype=np.float32)
    return new, v


MOMENTUM = Exercise(
    ex.momentum_step, title="A ball with some weight", difficulty=2, importance=3, minutes=10,
    draw=draw_momentum, sizes=DIMS, returns=("parameters", "velocity"),
    extra=[Case((TINY, TINY_GRADS, zeros(TINY), 0.9, 0.1), {}, label="a first step, from velocity 0")],
    mistakes=[
        Mistake("weights swapped", "The two weights have changed places: beta belongs to the velocity so far, 1 − beta to the new gradient.",
                replace=("beta * v + (1 - beta) * grads[name]", "(1 - beta) * v + beta * grads[name]")),
        Mistake("old velocity used", "The new velocity is right, but the step is made along the *old* one. Average first, then step along what comes out.",
                replace=("    velocity = {name: beta * v + (1 - beta) * grads[name] for name, v in velocity.items()}\n    return update_parameters(parameters, "
                "velocity, learning_rate), velocity",
                         "    new = {name: beta * v + (1 - beta) * grads[name] for name, v in velocity.items()}\n    return update_parameters(parameters, velocity, "
                         "learning_rate), new")),
        Mistake("step along the gradient", "The step is made along the gradient, as without momentum: the velocity is kept but not used.",
                replace=("update_parameters(parameters, velocity, learning_rate)", "update_parameters(parameters, grads, learning_rate)")),
        Mistake("gradient not weighted", "The gradient comes in whole: the factor 1 − beta is missing. That form exists too, and makes steps 1 / (1 − beta) times "
                "as long; "
                "here the velocity is an average.", replace=("(1 - beta) * grads[name]", "grads[name]")),
        Mistake("velocity not weighted", "The old velocity is carried on whole: without the factor beta nothing ever brakes it.", replace=("beta * v +", "v +")),
        Mistake("old velocity returned", "The step is right, but the velocity that comes back is the old one: the next step would have forgotten this gradient.",
                replace=("    velocity = {name: beta * v + (1 - beta) * grads[name] for name, v in velocity.items()}\n    return update_parameters(parameters, "
                "velocity, learning_rate), velocity",
                         "    new = {name: beta * v + (1 - beta) * grads[name] for name, v in velocity.items()}\n    return update_parameters(parameters, new, "
                         "learning_rate), velocity")),
        Mistake("velocity counts from zero", "The velocity given is not used: each step begins at 0 again, so nothing is remembered.",
                replace=("beta * v + (1 - beta)", "(1 - beta)")),
        Mistake("learning rate in the velocity", "The learning rate is inside the velocity. Here it multiplies the velocity when the step is made, so that it can "
                "change without "
                "disturbing the average.",
                replace=[("(1 - beta) * grads[name]", "learning_rate * (1 - beta) * grads[name]"), ("update_parameters(parameters, velocity, learning_rate)",
                                                                                             "update_parameters(parameters, velocity, 1.0)")]),
        Mistake("learning rate in place of 1 − beta", "The gradient is weighted with the learning rate: v = beta · v + α · g. Here the weights are beta and 1 − "
                "beta, and "
                "the learning rate comes in with the step.",
                replace=[("(1 - beta) * grads[name]", "learning_rate * grads[name]"), ("update_parameters(parameters, velocity, learning_rate)",
                                                                                      "update_parameters(parameters, velocity, 1.0)")]),
        Mistake("averages subtracted", "The gradient is subtracted from the velocity; an average adds both.",
                replace=("beta * v + (1 - beta)", "beta * v - (1 - beta)")),
        Mistake("squares averaged", "The velocity averages the *squares* of the gradients. That is RMSprop's average; momentum takes the gradients themselves.",
                replace=("* grads[name]", "* grads[name] ** 2")),
        Mistake("averaged twice", "The gradient is averaged in twice before the step. (Nesterov's momentum looks ahead like this; here the plain one is asked for.)",
                replace=("update_parameters(parameters, velocity, learning_rate)",
                         "update_parameters(parameters, {n: beta * v + (1 - beta) * grads[n] for n, v in velocity.items()}, learning_rate)")),
        *layer_mistakes(("velocity", "v", "beta * v + (1 - beta) * grads[name]"), step="velocity"),
        Mistake("divided by 1 − beta", "The step is divided by 1 − beta, as a bias correction would do at the very first step. Momentum is used without correction "
                "here.",
                replace=("velocity, learning_rate)", "velocity, learning_rate / (1 - beta))")),
    ],
    right=[momentum_by_layers, momentum_in_steps, momentum_in_float32],
    hints=("First let the velocity take in the new gradient, as an average that forgets. Then step along the velocity as gradient descent steps along the gradient.",
           "v_dW ← beta · v_dW + (1 − beta) · dW, in the shape of W; W ← W − learning_rate · v_dW; the same for every b.",
           "new velocity: for each name in the old one, beta times the old plus (1 - beta) times grads of that name; parameters from update_parameters with the "
           "velocity "
           "in the place of the gradients; return both"),
    why="The velocity has the keys of the gradients, so `update_parameters` takes it as it takes them: momentum is gradient descent on averaged gradients.",
    after="Gradients that point to and fro cancel in the average; what they agree on stays.")


def draw_rmsprop(rng, dims):
    parameters, grads, _, square = draw_state(rng, dims)
    return parameters, grads, square, between(rng, 0.3, 0.95), between(rng, 0.05, 0.5), between(rng, 0.02, 0.4)


def rmsprop_by_layers(parameters, grads, square, beta, learning_rate, epsilon):
    new, s = {}, {}
    for l in range(1, len(parameters) // 2 + 1):
        for kind in ("W", "b"):
            key, g = f"d{kind}{l}", grads[f"d{kind}{l}"]
            s[key] = beta * square[key] + (1 - beta) * g * g
            new[f"{kind}{l}"] = parameters[f"{kind}{l}"] - learning_rate * g / (np.sqrt(s[key]) + epsilon)
    return new, s


def rmsprop_in_steps(parameters, grads, square, beta, learning_rate, epsilon):
    parameters, square = dict(parameters), dict(square)
    for name in parameters:
        g = grads["d" + name]
        square["d" + name] = square["d" + name] + (1 - beta) * (np.square(g) - square["d" + name])
        parameters[name] = parameters[name] - g * (learning_rate / (epsilon + square["d" + name] ** 0.5))
    return parameters, square


def rmsprop_in_float32(parameters, grads, square, beta, learning_rate, epsilon):
    new, s = {}, dict(grads)
    for name, value in parameters.items():
        g = grads["d" + name].astype(np.float32)
        s["d" + name] = (beta * square["d" + name] + (1 - beta) * np.power(g, 2)).astype(np.float32)
        new[name] = (value - learning_rate * np.divide(g, np.sqrt(s["d" + name]) + epsilon)).astype(np.float32)
    return new, s


def scaled_step_mistakes(new_square):
    """The mistakes that RMSprop and Adagrad share. `new_square` is the line of the reference that makes the new square."""
    return [
        Mistake("epsilon inside the root", "epsilon stands *inside* the root. It belongs outside: √square + epsilon. For tiny gradients this decides the length of "
                "the step, "
                "as √epsilon is far larger than epsilon: √1e-8 is 1e-4.", replace=("np.sqrt(s) + epsilon", "np.sqrt(s + epsilon)")),
        Mistake("epsilon left out", "epsilon is missing. Where a gradient has always been 0 the step would divide 0 by 0.",
                replace=("np.sqrt(s) + epsilon", "np.sqrt(s)")),
        Mistake("epsilon outside the fraction", "epsilon is added to the quotient, not to the root below the fraction: brackets are missing.",
                replace=("grads[name] / (np.sqrt(s) + epsilon)", "grads[name] / np.sqrt(s) + epsilon")),
        Mistake("epsilon twice", "epsilon stands inside the root and outside. Once, outside, is what is asked for.",
                replace=("np.sqrt(s) + epsilon", "np.sqrt(s + epsilon) + epsilon")),
        Mistake("root left out", "The gradient is divided by the average of squares itself, not by its root: steps for small gradients become huge, and the units "
                "no longer fit.",
                replace=("np.sqrt(s) + epsilon", "s + epsilon")),
        Mistake("old square used", "The new `square` is right, but the step divides by the root of the *old* one. Take in the new gradient first, then step.",
                replace=[(f"    square = {{name: {new_square}", f"    new = {{name: {new_square}"), ("learning_rate), square", "learning_rate), new")]),
        Mistake("old square returned", "The step is right, but the `square` that comes back is the old one: the next step would know nothing of this gradient.",
                replace=[("    square = {name:", "    new = {name:"), ("+ epsilon) for name, s in square.items()", "+ epsilon) for name, s in new.items()")]),
        Mistake("multiplied by the root", "The gradient is multiplied by the root. Divide: directions with large gradients are to be damped.",
                replace=("grads[name] / (np.sqrt(s) + epsilon)", "grads[name] * (np.sqrt(s) + epsilon)")),
        Mistake("not scaled", "The step is the plain gradient's: the division by the root is missing.",
                replace=("update_parameters(parameters, scaled, learning_rate)", "update_parameters(parameters, grads, learning_rate)")),
        Mistake("fraction upside down", "The fraction is upside down: the gradient stands above, the root below.",
                replace=("grads[name] / (np.sqrt(s) + epsilon)", "(np.sqrt(s) + epsilon) / grads[name]")),
        Mistake("sign of the gradient only", "The step divides each gradient by its own absolute value, so that only its sign is left. The root of `square`, which "
                "remembers earlier gradients, "
                "belongs below.", replace=("np.sqrt(s) + epsilon", "np.abs(grads[name]) + epsilon")),
        Mistake("sign in place of the gradient", "Only the *sign* of the gradient is divided by the root: its size counts too.",
                replace=("grads[name] / (np", "np.sign(grads[name]) / (np")),
        Mistake("gradient squared in the step", "The step uses the *square* of the gradient, so that it always goes the same way. The gradient itself stands above "
                "the fraction.",
                replace=("grads[name] / (np", "grads[name] ** 2 / (np")),
        Mistake("the square steps", "The square, or its root, is subtracted from the parameters. The step follows the gradient; the root only scales it.",
                replace=("grads[name] / (np.sqrt(s) + epsilon)", "s / (np.sqrt(s) + epsilon)")),
    ]


RMSPROP = Exercise(
    ex.rmsprop_step, title="Every weight its own pace", difficulty=2, importance=3, minutes=10,
    draw=draw_rmsprop, sizes=DIMS, returns=("parameters", "square"),
    extra=[Case((TINY, TINY_GRADS, zeros(TINY), 0.9, 0.1, 1e-8), {}, label="a first step, from square 0, epsilon = 1e-8"),
           Case((TINY, TINY_GRADS, zeros(TINY), 0.9, 0.1, 1e-3), {}, label="tiny gradients, epsilon = 0.001"),
           Case((TINY, {"dW1": np.zeros((1, 2)), "db1": np.array([[0.05]])}, zeros(TINY), 0.9, 0.1, 1e-2), {}, label="a gradient of exactly 0")],
    mistakes=[
        Mistake("weights swapped", "The two weights have changed places: beta belongs to the average so far, 1 − beta to the new square.",
                replace=("beta * s + (1 - beta) * grads[name] ** 2", "(1 - beta) * s + beta * grads[name] ** 2")),
        Mistake("gradient not squared", "The average takes in the gradient itself. It should take in its square: RMSprop asks how *large* gradients are, whatever "
                "their sign.",
                replace=("(1 - beta) * grads[name] ** 2", "(1 - beta) * grads[name]")),
        Mistake("gradient not squared, root of the absolute value", "The average takes in the gradient itself. It should take in its square: RMSprop asks how "
                "*large* gradients are.",
                replace=[("(1 - beta) * grads[name] ** 2", "(1 - beta) * grads[name]"), ("np.sqrt(s)", "np.sqrt(np.abs(s))")]),
        Mistake("absolute value in place of the square", "The average takes in absolute values. The squares are asked for; the root is taken afterwards.",
                replace=("grads[name] ** 2", "np.abs(grads[name])")),
        Mistake("weight squared too", "The factor 1 − beta is squared together with the gradient: the power belongs to the gradient alone.",
                replace=("(1 - beta) * grads[name] ** 2", "((1 - beta) * grads[name]) ** 2")),
        Mistake("square not weighted", "The new square comes in whole: the factor 1 − beta is missing. Without it this is no average.",
                replace=("(1 - beta) * grads[name] ** 2", "grads[name] ** 2")),
        Mistake("Adagrad's sum", "The squares are added up and nothing is forgotten. That is Adagrad; RMSprop averages, with the weights beta and 1 − beta.",
                replace=("beta * s + (1 - beta) * grads[name] ** 2", "s + grads[name] ** 2")),
        Mistake("past not weighted", "The past is carried on whole: the factor beta is missing.", replace=("beta * s +", "s +")),
        Mistake("counts from zero", "The `square` given is not used: each step begins at 0 again.", replace=("beta * s + (1 - beta)", "(1 - beta)")),
        *scaled_step_mistakes("beta * s + (1 - beta)"),
        *layer_mistakes(("square", "s", "beta * s + (1 - beta) * grads[name] ** 2")),
        Mistake("biases not scaled", "The biases move by their plain gradients: they are to be scaled by their own root, like the weights.",
                replace=("(np.sqrt(s) + epsilon)", "(np.sqrt(s) + epsilon if name[1] == 'W' else 1)")),
        Mistake("mean over all entries", "The squares of all entries of a gradient are averaged into one number. Each entry needs its own: that gives every weight "
                "its own pace.",
                replace=("grads[name] ** 2", "np.mean(grads[name] ** 2)")),
        Mistake("one square for all entries", "The squares of all entries of a gradient are added into one number. Each entry needs its own average: that gives "
                "every weight its own pace.",
                replace=("grads[name] ** 2", "np.sum(grads[name] ** 2)")),
        Mistake("bias correction", "The square is divided by 1 − beta, as a bias correction at the first step would do. RMSprop is used without correction here.",
                replace=("np.sqrt(s) + epsilon", "np.sqrt(s / (1 - beta)) + epsilon")),
    ],
    right=[rmsprop_by_layers, rmsprop_in_steps, rmsprop_in_float32],
    hints=("Keep, for every weight, an average of how large its gradients have been. Divide the gradient by that.",
           "s_dW ← beta · s_dW + (1 − beta) · dW², entry by entry; W ← W − learning_rate · dW / (√s_dW + epsilon).",
           "new square: for each name, beta times the old plus (1 - beta) times the gradient squared; scaled: gradient over (root of the new square plus epsilon); "
           "update_parameters with scaled; return parameters and square"),
    why="A gradient divided by the root of its mean square has a size near 1, whatever its units: steep directions are slowed down, flat ones sped up.",
    after="Every weight has a step length of its own now.")


def draw_adagrad(rng, dims):
    parameters, grads, _, square = draw_state(rng, dims)
    return parameters, grads, square, between(rng, 0.05, 0.5), between(rng, 0.02, 0.4)


def adagrad_by_layers(parameters, grads, square, learning_rate, epsilon):
    new, s = {}, {}
    for l in range(1, len(parameters) // 2 + 1):
        for kind in ("W", "b"):
            key, g = f"d{kind}{l}", grads[f"d{kind}{l}"]
            s[key] = square[key] + g * g
            new[f"{kind}{l}"] = parameters[f"{kind}{l}"] - learning_rate * g / (np.sqrt(s[key]) + epsilon)
    return new, s


def adagrad_in_steps(parameters, grads, square, learning_rate, epsilon):
    parameters, square = dict(parameters), dict(square)
    for name in parameters:
        g = grads["d" + name]
        square["d" + name] = np.add(square["d" + name], np.square(g))
        parameters[name] = parameters[name] - g * (learning_rate / (epsilon + square["d" + name] ** 0.5))
    return parameters, square


def adagrad_in_float32(parameters, grads, square, learning_rate, epsilon):
    new, s = {}, dict(grads)
    for name, value in parameters.items():
        g = grads["d" + name].astype(np.float32)
        s["d" + name] = (square["d" + name] + g ** 2).astype(np.float32)
        new[name] = (value - learning_rate * np.divide(g, np.sqrt(s["d" + name]) + epsilon)).astype(np.float32)
    return new, s


ADAGRAD = Exercise(
    ex.adagrad_step, title="A sum that never forgets", difficulty=1, importance=2, minutes=6,
    draw=draw_adagrad, sizes=DIMS, returns=("parameters", "square"),
    extra=[Case((TINY, TINY_GRADS, zeros(TINY), 0.1, 1e-8), {}, label="a first step, from square 0, epsilon = 1e-8"),
           Case((TINY, TINY_GRADS, zeros(TINY), 0.1, 1e-3), {}, label="tiny gradients, epsilon = 0.001"),
           Case((TINY, {"dW1": np.zeros((1, 2)), "db1": np.array([[0.05]])}, zeros(TINY), 0.1, 1e-2), {}, label="a gradient of exactly 0")],
    mistakes=[
        Mistake("gradient not squared", "The sum takes in the gradient itself. It should take in its square: the question is how *large* gradients are, whatever "
                "their sign.",
                replace=("s + grads[name] ** 2", "s + grads[name]")),
        Mistake("gradient not squared, root of the absolute value", "The sum takes in the gradient itself. It should take in its square: the question is how "
                "*large* gradients are.",
                replace=[("s + grads[name] ** 2", "s + grads[name]"), ("np.sqrt(s)", "np.sqrt(np.abs(s))")]),
        Mistake("absolute value in place of the square", "The sum takes in absolute values. The squares are asked for; the root is taken afterwards.",
                replace=("grads[name] ** 2", "np.abs(grads[name])")),
        Mistake("only the newest square", "`square` is overwritten by the newest square; the sum so far is lost.",
                replace=("s + grads[name] ** 2", "grads[name] ** 2")),
        Mistake("squares subtracted", "The new square is subtracted; the sum only ever grows.", replace=("s + grads[name] ** 2", "s - grads[name] ** 2")),
        Mistake("mean for sum", "Old and new are averaged. Adagrad adds the squares up and never forgets; the averages are RMSprop's.",
                replace=("s + grads[name] ** 2", "(s + grads[name] ** 2) / 2")),
        Mistake("RMSprop's average", "Old and new are weighted with 0.9 and 0.1, as RMSprop does. Adagrad adds the squares up and never forgets.",
                replace=("s + grads[name] ** 2", "0.9 * s + 0.1 * grads[name] ** 2")),
        Mistake("square of the sum", "The power stands around the sum: square the gradient, then add.", replace=("s + grads[name] ** 2", "(s + grads[name]) ** 2")),
        Mistake("root kept", "What comes back as `square` is its root. Keep the sum of squares itself; the root is taken for the step only.",
                replace=("learning_rate), square", "learning_rate), {name: np.sqrt(s) for name, s in square.items()}")),
        *scaled_step_mistakes("s + grads"),
        *layer_mistakes(("square", "s", "s + grads[name] ** 2")),
        Mistake("mean over all entries", "The squares of all entries of a gradient are averaged into one number. Each entry needs its own: that gives every weight "
                "its own pace.",
                replace=("grads[name] ** 2", "np.mean(grads[name] ** 2)")),
        Mistake("one square for all entries", "The squares of all entries of a gradient are added into one number. Each entry needs its own sum: that gives every "
                "weight its own pace.",
                replace=("grads[name] ** 2", "np.sum(grads[name] ** 2)")),
    ],
    right=[adagrad_by_layers, adagrad_in_steps, adagrad_in_float32],
    hints=("RMSprop without forgetting: the squares are simply added up.",
           "s_dW ← s_dW + dW²; W ← W − learning_rate · dW / (√s_dW + epsilon).",
           "as in rmsprop_step, but the new square is the old one plus the gradient squared"),
    why="Adagrad came first (2011). Its sum only grows, so its steps only shrink; RMSprop puts an average in its place.",
    after="Rare features keep long steps, frequent ones get short ones.")

# --- adam_step -------------------------------------------------------------------------------------------------------


def draw_adam(rng, dims):
    parameters, grads, velocity, square = draw_state(rng, dims)
    return (parameters, grads, velocity, square, int(rng.integers(2, 8)), between(rng, 0.05, 0.5), between(rng, 0.5, 0.7), between(rng, 0.75, 0.95),
            between(rng, 0.02, 0.4))


def adam_by_layers(parameters, grads, velocity, square, t, learning_rate, beta1, beta2, epsilon):
    new, v, s = {}, {}, {}
    for l in range(1, len(parameters) // 2 + 1):
        for kind in ("W", "b"):
            key, g = f"d{kind}{l}", grads[f"d{kind}{l}"]
            v[key] = beta1 * velocity[key] + (1 - beta1) * g
            s[key] = beta2 * square[key] + (1 - beta2) * g * g
            v_hat = v[key] / (1 - beta1 ** t)
            s_hat = s[key] / (1 - beta2 ** t)
            new[f"{kind}{l}"] = parameters[f"{kind}{l}"] - learning_rate * v_hat / (np.sqrt(s_hat) + epsilon)
    return new, v, s


def adam_with_one_factor(parameters, grads, velocity, square, t, learning_rate, beta1, beta2, epsilon):
    parameters, velocity, square = dict(parameters), dict(velocity), dict(square)
    root = np.sqrt(1 - beta2 ** t)
    for name in parameters:
        g = grads["d" + name]
        v = velocity["d" + name] = beta1 * velocity["d" + name] + (1 - beta1) * g
        s = square["d" + name] = beta2 * square["d" + name] + (1 - beta2) * np.square(g)
        parameters[name] = parameters[name] - learning_rate * root / (1 - beta1 ** t) * v / (np.sqrt(s) + epsilon * root)
    return parameters, velocity, square


def adam_in_float32(parameters, grads, velocity, square, t, learning_rate, beta1, beta2, epsilon):
    new, v, s = {}, dict(grads), dict(grads)
    for name, value in parameters.items():
        g = grads["d" + name].astype(np.float32)
        v["d" + name] = (velocity["d" + name] + (1 - beta1) * (g - velocity["d" + name])).astype(np.float32)
        s["d" + name] = (square["d" + name] + (1 - beta2) * (g ** 2 - square["d" + name])).astype(np.float32)
        root = np.sqrt(s["d" + name] / (1 - np.power(beta2, t))) + epsilon
        new[name] = (value - learning_rate * v["d" + name] / (1 - np.power(beta1, t)) / root).astype(np.float32)
    return new, v, s


V, S = "v = velocity[name] / (1 - beta1 ** t)", "s = square[name] / (1 - beta2 ** t)"
NEW_V = "beta1 * v + (1 - beta1) * grads[name]"
NEW_S = "beta2 * s + (1 - beta2) * grads[name] ** 2"
STEP = "scaled[name] = v / (np.sqrt(s) + epsilon)"
LAST = "return update_parameters(parameters, scaled, learning_rate), velocity, square"

ADAM = Exercise(
    ex.adam_step, title="Adam", difficulty=3, importance=3, minutes=15,
    draw=draw_adam, sizes=DIMS, returns=("parameters", "velocity", "square"), names={"t": "the number of the step"},
    extra=[Case((TINY, TINY_GRADS, zeros(TINY), zeros(TINY), 1, 0.1, 0.9, 0.99, 1e-8), {"t": 1}, label="t = 1, both averages 0, epsilon = 1e-8"),
           Case((TINY, TINY_GRADS, zeros(TINY), zeros(TINY), 1, 0.1, 0.8, 0.9, 0.01), {"t": 1}, label="t = 1, tiny gradients, epsilon = 0.01"),
           Case((TINY, {"dW1": np.array([[0.8, -0.3]]), "db1": np.array([[0.4]])}, {"dW1": np.array([[0.2, 0.5]]), "db1": np.array([[-0.3]])},
                 {"dW1": np.array([[0.04, 0.3]]), "db1": np.array([[0.1]])}, 1, 0.2, 0.6, 0.9, 0.05), {"t": 1}, label="t = 1, averages that are not 0"),
           Case((TINY, {"dW1": np.zeros((1, 2)), "db1": np.array([[0.05]])}, zeros(TINY), zeros(TINY), 2, 0.1, 0.9, 0.99, 0.01), {"t": 2}, label="t = 2, a gradient "
           "of exactly 0")],
    mistakes=[
        Mistake("no correction", "The step uses the averages as they are. Both begin at 0, so the first ones are far too small, the velocity by another factor than "
                "the root: each has to be divided by "
                "1 − beta**t, with its own beta.", replace=[(V, "v = velocity[name]"), (S, "s = square[name]")]),
        Mistake("velocity not corrected", "The correction of the velocity is missing; that of the square is there. Both begin at 0, so both need it.",
                replace=(V, "v = velocity[name]")),
        Mistake("square not corrected", "The correction of the square is missing; that of the velocity is there. Both begin at 0, so both need it.",
                replace=(S, "s = square[name]")),
        Mistake("beta for beta**t", "The corrections divide by 1 − beta at every step. They have to fade: at step t the weights so far add up to 1 − beta**t.",
                replace=[(V, V.replace(" ** t", "")), (S, S.replace(" ** t", ""))]),
        Mistake("beta1 for beta1**t", "The correction of the velocity divides by 1 − beta1 at every step. It has to fade: 1 − beta1**t.",
                replace=(V, V.replace(" ** t", ""))),
        Mistake("beta2 for beta2**t", "The correction of the square divides by 1 − beta2 at every step. It has to fade: 1 − beta2**t.",
                replace=(S, S.replace(" ** t", ""))),
        Mistake("beta times t", "The corrections take beta times t. The weight of the beginning is multiplied by beta in every step: beta**t.",
                replace=[(V, V.replace("**", "*")), (S, S.replace("**", "*"))]),
        Mistake("t one ahead", "The corrections are one step ahead, with beta**(t + 1). The first step has t = 1 already.",
                replace=[(V, V.replace("** t", "** (t + 1)")), (S, S.replace("** t", "** (t + 1)"))]),
        Mistake("t one behind", "The corrections are one step behind, with beta**(t − 1); at t = 1 they divide by 0. The first step has t = 1 already.",
                replace=[(V, V.replace("** t", "** (t - 1)")), (S, S.replace("** t", "** (t - 1)"))]),
        Mistake("multiplied for divided", "The corrections multiply by 1 − beta**t and make the averages smaller still: divide.",
                replace=[(V, V.replace("/", "*")), (S, S.replace("/", "*"))]),
        Mistake("1 − beta to the power t", "The corrections divide by (1 − beta)**t. The power belongs to beta alone: 1 − beta**t.",
                replace=[(V, V.replace("(1 - beta1 ** t)", "(1 - beta1) ** t")), (S, S.replace("(1 - beta2 ** t)", "(1 - beta2) ** t"))]),
        Mistake("betas exchanged in the corrections", "The corrections have exchanged their betas: the velocity is corrected with beta1, the square with beta2.",
                replace=[(V, V.replace("beta1", "beta2")), (S, S.replace("beta2", "beta1"))]),
        Mistake("one beta for both corrections", "Both corrections use beta1. The square forgets at its own pace, so it is corrected with beta2.",
                replace=(S, S.replace("beta2", "beta1"))),
        Mistake("beta2 for both corrections", "Both corrections use beta2. The velocity forgets at its own pace, so it is corrected with beta1.",
                replace=(V, V.replace("beta1", "beta2"))),
        Mistake("betas exchanged", "beta1 and beta2 have changed places everywhere: beta1 belongs to the velocity, beta2 to the square.",
                replace=[(NEW_V, NEW_V.replace("beta1", "beta2")), (NEW_S, NEW_S.replace("beta2", "beta1")),
                         (V, V.replace("beta1", "beta2")), (S, S.replace("beta2", "beta1"))]),
        Mistake("betas exchanged in the averages", "beta1 and beta2 have changed places in the averages: beta1 belongs to the velocity, beta2 to the square.",
                replace=[(NEW_V, NEW_V.replace("beta1", "beta2")), (NEW_S, NEW_S.replace("beta2", "beta1"))]),
        Mistake("one beta for both averages", "Both averages use beta1. The square has its own weight of the past, beta2.",
                replace=(NEW_S, NEW_S.replace("beta2", "beta1"))),
        Mistake("beta1 for everything", "beta1 stands everywhere. The square has its own weight of the past, beta2, in its average and in its correction.",
                replace=[(NEW_S, NEW_S.replace("beta2", "beta1")), (S, S.replace("beta2", "beta1"))]),
        Mistake("corrected averages returned", "The averages that come back are the corrected ones. The next step would correct them again: keep them uncorrected, "
                "and correct only what the step uses.",
                replace=[(STEP, STEP + "\n        velocity[name], square[name] = v, s")]),
        Mistake("corrected velocity returned", "The velocity that comes back is corrected. The next step would correct it again: keep it uncorrected, and correct "
                "only what the step uses.",
                replace=[(STEP, STEP + "\n        velocity[name] = v")]),
        Mistake("corrected square returned", "The square that comes back is corrected. The next step would correct it again: keep it uncorrected, and correct only "
                "what the step uses.",
                replace=[(STEP, STEP + "\n        square[name] = s")]),
        Mistake("epsilon inside the root", "epsilon stands *inside* the root. It belongs outside: √square + epsilon. For tiny gradients this decides the length of "
                "the step, as √epsilon is far larger "
                "than epsilon: √1e-8 is 1e-4.", replace=("np.sqrt(s) + epsilon", "np.sqrt(s + epsilon)")),
        Mistake("epsilon before the correction", "epsilon is added to the root of the *uncorrected* square, and the correction comes afterwards, so that it changes "
                "epsilon too. Correct first, take the root, "
                "then add epsilon.", replace=[(S, "s = square[name]"), (STEP, "scaled[name] = v * np.sqrt(1 - beta2 ** t) / (np.sqrt(s) + epsilon)")]),
        Mistake("epsilon left out", "epsilon is missing. Where a gradient has always been 0 the step would divide 0 by 0.",
                replace=("np.sqrt(s) + epsilon", "np.sqrt(s)")),
        Mistake("epsilon outside the fraction", "epsilon is added to the quotient, not to the root below the fraction: brackets are missing.",
                replace=("v / (np.sqrt(s) + epsilon)", "v / np.sqrt(s) + epsilon")),
        Mistake("epsilon twice", "epsilon stands inside the root and outside. Once, outside, is what is asked for.",
                replace=("np.sqrt(s) + epsilon", "np.sqrt(s + epsilon) + epsilon")),
        Mistake("root left out", "The velocity is divided by the average of squares itself, not by its root.", replace=("np.sqrt(s) + epsilon", "s + epsilon")),
        Mistake("correction outside the root", "The square is corrected after its root is taken. The correction belongs to the square itself, inside the root.",
                replace=[(S, "s = square[name]"), ("np.sqrt(s) + epsilon", "np.sqrt(s) / (1 - beta2 ** t) + epsilon")]),
        Mistake("step along the gradient", "The step follows the gradient, scaled; Adam's step follows the velocity. (With the gradient it would be RMSprop.)",
                replace=(STEP, STEP.replace("= v /", "= grads[name] /"))),
        Mistake("step not scaled", "The step follows the corrected velocity, but is not divided by the root: that is momentum alone.",
                replace=(STEP, "scaled[name] = v")),
        Mistake("scaled not used", "The step is the plain gradient's: neither average is used.",
                replace=("update_parameters(parameters, scaled, learning_rate)", "update_parameters(parameters, grads, learning_rate)")),
        Mistake("multiplied by the root", "The velocity is multiplied by the root. Divide.", replace=("v / (np.sqrt(s) + epsilon)", "v * (np.sqrt(s) + epsilon)")),
        Mistake("fraction upside down", "The fraction is upside down: the velocity stands above, the root below.",
                replace=("v / (np.sqrt(s) + epsilon)", "(np.sqrt(s) + epsilon) / v")),
        Mistake("moments swapped in the step", "In the step the two averages have changed places: the velocity stands above, the root of the square below.",
                replace=[(V, "v = square[name] / (1 - beta2 ** t)"), (S, "s = np.abs(velocity[name]) / (1 - beta1 ** t)")]),
        Mistake("gradient not squared", "The second average takes in the gradient itself. It should take in its square, entry by entry.",
                replace=(NEW_S, NEW_S.replace(" ** 2", ""))),
        Mistake("gradient not squared, root of the absolute value", "The second average takes in the gradient itself. It should take in its square, entry by entry.",
                replace=[(NEW_S, NEW_S.replace(" ** 2", "")), ("np.sqrt(s)", "np.sqrt(np.abs(s))")]),
        Mistake("absolute value in place of the square", "The second average takes in absolute values. The squares are asked for; the root is taken afterwards.",
                replace=(NEW_S, NEW_S.replace("grads[name] ** 2", "np.abs(grads[name])"))),
        Mistake("mean over all entries", "The step divides by the root of the *mean* of the square over all entries. Each entry has its own root: that gives every "
                "weight its own pace.",
                replace=("np.sqrt(s) + epsilon", "np.sqrt(np.mean(s)) + epsilon")),
        Mistake("squares averaged over all entries", "The squares of all entries of a gradient are averaged into one number. Each entry needs its own average.",
                replace=(NEW_S, NEW_S.replace("grads[name] ** 2", "np.mean(grads[name] ** 2)"))),
        Mistake("velocity squared", "The second average takes in the square of the *velocity*. It should take in the square of the gradient.",
                replace=(NEW_S, NEW_S.replace("grads[name]", "velocity[name]"))),
        Mistake("weights of the velocity swapped", "In the velocity the two weights have changed places: beta1 belongs to the past, 1 − beta1 to the new gradient.",
                replace=(NEW_V, "(1 - beta1) * v + beta1 * grads[name]")),
        Mistake("weights of the square swapped", "In the square the two weights have changed places: beta2 belongs to the past, 1 − beta2 to the new square.",
                replace=(NEW_S, "(1 - beta2) * s + beta2 * grads[name] ** 2")),
        Mistake("weights swapped", "In both averages the two weights have changed places: beta belongs to the past, 1 − beta to what is new.",
                replace=[(NEW_V, "(1 - beta1) * v + beta1 * grads[name]"), (NEW_S, "(1 - beta2) * s + beta2 * grads[name] ** 2")]),
        Mistake("gradient not weighted", "In the velocity the gradient comes in whole: the factor 1 − beta1 is missing.",
                replace=(NEW_V, "beta1 * v + grads[name]")),
        Mistake("square not weighted", "In the second average the new square comes in whole: the factor 1 − beta2 is missing.",
                replace=(NEW_S, "beta2 * s + grads[name] ** 2")),
        Mistake("averages not weighted", "What is new comes in whole in both averages: the factors 1 − beta1 and 1 − beta2 are missing.",
                replace=[(NEW_V, "beta1 * v + grads[name]"), (NEW_S, "beta2 * s + grads[name] ** 2")]),
        Mistake("counts from zero", "The averages given are not used: each step begins at 0 again, and nothing is remembered.",
                replace=[(NEW_V, "(1 - beta1) * grads[name]"), (NEW_S, "(1 - beta2) * grads[name] ** 2")]),
        Mistake("old averages used", "The averages that come back are right, but the step is made with the *old* ones. Take in the new gradient first, then step.",
                replace=[("    velocity = {name:", "    new_v = {name:"), ("    square = {name:", "    new_s = {name:"), (LAST, LAST.replace("velocity, "
                "square", "new_v, new_s"))]),
        Mistake("old velocity used", "The step is made with the *old* velocity. Take in the new gradient first, then step.",
                replace=[("    velocity = {name:", "    new_v = {name:"), (LAST, LAST.replace("velocity", "new_v"))]),
        Mistake("old square used", "The step divides by the root of the *old* square. Take in the new gradient first, then step.",
                replace=[("    square = {name:", "    new_s = {name:"), (LAST, LAST.replace(", square", ", new_s"))]),
        Mistake("old averages returned", "The step is right, but the averages that come back are the old ones: the next step would know nothing of this gradient.",
                replace=[("    velocity = {name:", "    old = velocity, square\n    velocity = {name:"), (LAST, LAST.replace("velocity, square", "*old"))]),
        Mistake("moments swapped", "`square` and `velocity` have changed places in what comes back: (parameters, velocity, square).",
                replace=(LAST, LAST.replace("velocity, square", "square, velocity"))),
        *layer_mistakes(("velocity", "v", NEW_V), ("square", "s", NEW_S)),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "square in place of velocity": "both have the same keys"},
    right=[adam_by_layers, adam_with_one_factor, adam_in_float32],
    hints=("Momentum says where to go, RMSprop how far for each weight. Both averages begin at 0, so the step uses each divided by the sum of its weights.",
           "v ← β₁v + (1 − β₁)g and s ← β₂s + (1 − β₂)g², kept as they are; v̂ = v / (1 − β₁ᵗ), ŝ = s / (1 − β₂ᵗ) for the step: W ← W − α v̂ / (√ŝ + ε).",
           "new velocity as in momentum_step with beta1; new square as in rmsprop_step with beta2; for each name: v and s corrected, scaled = v over (root of s "
           "plus epsilon); "
           "update_parameters with scaled; return parameters, and both averages uncorrected"),
    why="At t = 1 from zero the corrections give v̂ = g and ŝ = g², so the first step is learning_rate · sign(g), whatever the betas are.",
    after="The optimiser that trains most of today's nets, in a handful of lines of yours.")

# --- critical_point --------------------------------------------------------------------------------------------------


def with_eigenvalues(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues, turned at random."""
    n = len(eigenvalues)
    Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    H = Q @ np.diag(eigenvalues) @ Q.T
    return (H + H.T) / 2


def draw_hessian(rng, n, kind=None):
    size = rng.uniform(0.3, 3, n)
    kind = rng.choice(["minimum", "maximum", "saddle"]) if kind is None else kind
    signs = {"minimum": np.ones(n), "maximum": -np.ones(n)}.get(kind, np.where(np.arange(n) < rng.integers(1, max(n, 2)), -1, 1))
    return np.round(with_eigenvalues(rng, size * signs), 3)


def hessian(*rows, label=""):
    return Case((np.array(rows, float),), {"n": len(rows)}, label=label)


def critical_by_counting(hessian):
    values = np.linalg.eigvals(hessian).real
    up = int(np.sum(values > 0))
    return "minimum" if up == len(values) else "maximum" if up == 0 else "saddle"


def critical_by_extremes(hessian):
    values = np.linalg.eigh(hessian)[0]
    if values[0] > 0:
        kind = "minimum"
    elif values[-1] < 0:
        kind = "maximum"
    else:
        kind = "saddle"
    return kind


def critical_by_cholesky(hessian):
    for sign, kind in ((1, "minimum"), (-1, "maximum")):
        try:
            np.linalg.cholesky(sign * hessian)
            return kind
        except np.linalg.LinAlgError:
            pass
    return "saddle"


def critical_by_determinant(hessian):
    determinant = np.linalg.det(hessian)
    if determinant > 0:
        return "minimum" if hessian[0, 0] > 0 else "maximum"
    return "saddle"


def critical_by_determinant_and_trace(hessian):
    if np.linalg.det(hessian) > 0:
        return "minimum" if np.trace(hessian) > 0 else "maximum"
    return "saddle"


def critical_by_sign_of_determinant(hessian):
    return "minimum" if np.linalg.det(hessian) > 0 else "saddle"


def critical_by_trace(hessian):
    trace = np.trace(hessian)
    return "minimum" if trace > 0 else "maximum" if trace < 0 else "saddle"


def critical_by_majority(hessian):
    votes = np.sum(np.sign(np.linalg.eigvalsh(hessian)))
    return "minimum" if votes > 0 else "maximum" if votes < 0 else "saddle"


def critical_by_entries(hessian):
    return "minimum" if np.all(hessian > 0) else "maximum" if np.all(hessian < 0) else "saddle"


def critical_by_first(hessian):
    return "minimum" if np.linalg.eigvalsh(hessian)[0] > 0 else "saddle"


def critical_by_vectors(hessian):
    vectors = np.linalg.eigh(hessian)[1]
    return "minimum" if np.all(vectors > 0) else "maximum" if np.all(vectors < 0) else "saddle"


CRITICAL = Exercise(
    ex.critical_point, title="Valley, summit or pass?", difficulty=2, importance=2, minutes=8,
    draw=draw_hessian, sizes=[{"n": n} for n in (1, 2, 2, 3, 3, 4, 5, 2, 3, 4)], returns="kind", names={"n": "the number of directions"},
    extra=[hessian([2.0]), hessian([-0.5]), hessian([1, 3], [3, 1]), hessian([-1, 2], [2, -1]), hessian([2, -1], [-1, 2]), hessian([-3, 1], [1, -3]), hessian([2, 0], [0, -1]),
           hessian([-1, 0], [0, 5]), hessian([3, 0, 0], [0, -0.2, 0], [0, 0, 2]), hessian([-3, 0, 0], [0, 0.2, 0], [0, 0, -2]), hessian([-1, 0, 0], [0, -2, 0], [0, 0, 4]),
           hessian([1, 0, 0, 0], [0, 2, 0, 0], [0, 0, -1, 0], [0, 0, 0, -3]), hessian([-1, 0, 0], [0, -2, 0], [0, 0, -4]), hessian([0.02, 0], [0, 5]), hessian([2, 1], [1, 2]),
           hessian([-0.3, 0.1, 0, 0], [0.1, -2, 0, 0], [0, 0, -1, 0.5], [0, 0, 0.5, -3]), hessian([4, 1, 0], [1, 3, -1], [0, -1, 2])],
    mistakes=[
        Mistake("minimum and maximum exchanged", "Minimum and maximum have changed places: where all eigenvalues are positive the cost curves *up* in every "
                "direction, like a bowl.",
                replace=[('return "minimum"', 'return "max" "imum"'), ('return "maximum"', 'return "minimum"')]),
        Mistake("any for all", "One direction that curves up is taken for enough. A minimum curves up in *every* direction, a maximum down in every one.",
                replace=[("np.all(eigenvalues > 0)", "np.any(eigenvalues > 0)"), ("np.all(eigenvalues < 0)", "np.any(eigenvalues < 0)")]),
        Mistake("diagonal for eigenvalues", "The signs are those on the diagonal: the curvature along the axes only. Between the axes the cost may curve the other "
                "way, as for [[1, 3], [3, 1]]; the "
                "eigenvalues are the curvatures along the directions that matter.", replace=("np.linalg.eigvalsh(hessian)", "np.diag(hessian)")),
        Mistake("determinant", "The determinant is the product of the eigenvalues. Its sign tells the kind for two directions only; for four, two downs and two ups "
                "make it positive too.",
                function=critical_by_determinant),
        Mistake("determinant and trace", "Product and sum of the eigenvalues (determinant and trace) tell the kind for two directions only. For one or three, three "
                "downs make the product negative; for "
                "four, two downs and two ups make it positive. Look at each eigenvalue's sign.", function=critical_by_determinant_and_trace),
        Mistake("sign of the determinant", "The determinant is the product of the eigenvalues: two downs make it positive as two ups do. Look at each eigenvalue's "
                "sign.",
                function=critical_by_sign_of_determinant),
        Mistake("trace", "The sum of the eigenvalues (the trace), or their mean, is compared with 0; one large up hides a small down in it. Look at each one's "
                "sign.",
                function=critical_by_trace),
        Mistake("the majority decides", "The kind goes by what most eigenvalues say. A single one of the other sign makes a saddle: there is a way down after all.",
                function=critical_by_majority),
        Mistake("shortened words", "The words are shortened: \"minimum\", \"maximum\" and \"saddle\" are asked for.",
                replace=[('return "minimum"', 'return "min"'), ('return "maximum"', 'return "max"')]),
        Mistake("signs of the entries", "The signs of the entries of the matrix are not those of its eigenvalues: [[2, −1], [−1, 2]] has a minimum.",
                function=critical_by_entries),
        Mistake("no maximum", "Maxima are called saddles: where *all* eigenvalues are negative it is a maximum.", function=critical_by_first),
        Mistake("eigenvectors", "The signs of the eigenvectors are looked at. They are directions; the curvature along them is the eigenvalues.",
                function=critical_by_vectors),
        Mistake("capital letters", "The words begin with a capital letter; \"minimum\", \"maximum\" and \"saddle\" are asked for.",
                replace=[('return "minimum"', 'return "Minimum"'), ('return "maximum"', 'return "Maximum"'), ('return "saddle"', 'return "Saddle"')]),
        Mistake("saddle point", "The third word is \"saddle\", nothing more.", replace=('return "saddle"', 'return "saddle point"')),
        Mistake("nothing for a saddle", "For a saddle nothing comes back.", replace=('return "saddle"', 'return None')),
    ],
    unchanged={">= in place of >": "no eigenvalue is 0", "<= in place of <": "no eigenvalue is 0"},
    right=[critical_by_counting, critical_by_extremes, critical_by_cholesky],
    hints=("An eigenvalue of the Hessian is the curvature along its eigenvector: positive is a valley in that direction, negative a ridge.",
           "λ = eigenvalues of H (n,), real as H is symmetric; all λ > 0: minimum; all λ < 0: maximum; else saddle.",
           "eigenvalues from np.linalg.eigvalsh; if all are above 0 return \"minimum\"; if all are below 0 return \"maximum\"; return \"saddle\""),
    why="Near a critical point the cost is J + ½ Σ λ_i u_i², with u_i the distance along the i-th eigenvector: each eigenvalue decides for its own direction.",
    after="One sign for every direction: keep that in mind for the count that comes next.")

# --- decayed_learning_rate -------------------------------------------------------------------------------------------


def draw_decay(rng, interval):
    return float(rng.choice([0.1, 0.3, 0.5, 2.0])), int(rng.integers(2 * interval, 6 * interval)), float(rng.choice([0.1, 0.5, 1.0, 1.5])), interval


def decay_by_int(learning_rate0, epoch, decay_rate, interval=1):
    steps = int(epoch / interval)
    return (1 / (1 + decay_rate * steps)) * learning_rate0


def decay_by_floor(learning_rate0, epoch, decay_rate, interval=1):
    return np.divide(learning_rate0, 1 + decay_rate * np.floor(epoch / interval))


def decay_by_rest(learning_rate0, epoch, decay_rate, interval=1):
    steps = (epoch - epoch % interval) / interval
    return learning_rate0 * (1 + decay_rate * steps) ** -1


DENOMINATOR = "learning_rate0 / (1 + decay_rate * (epoch // interval))"
DECAY = Exercise(
    ex.decayed_learning_rate, title="Shorter steps with time", difficulty=1, importance=2, minutes=5,
    draw=draw_decay, sizes=[{"interval": 1}, {"interval": 3}, {"interval": 4}, {"interval": 10}], returns="rate",
    names={"interval": "the number of epochs for which the rate stays"},
    extra=[*(Case(args, {}) for args in ((0.5, 0, 1.0, 1), (0.4, 0, 0.7, 5), (0.3, 5, 0.0, 2), (1.0, 999, 1.0, 1000), (1.0, 1000, 1.0, 1000), (0.1, 11, 0.25, 4),
                                         (0.6, 20, 0.3, 10), (0.6, 19, 0.3, 10), (0.6, 16, 0.3, 10))),
           Case((0.2, 7, 0.5), {}, label="epoch = 7, interval not given"), Case((0.2, 1, 1.0), {}, label="epoch = 1, interval not given"),
           Case((2, 5, 1, 2), {}, label="whole numbers")],
    mistakes=[
        Mistake("not rounded down", "epoch / interval is not rounded down, so the rate shrinks in every epoch. It should stay the same for `interval` epochs: ⌊ ⌋ "
                "is the whole number below.",
                replace=("epoch // interval", "epoch / interval")),
        Mistake("rounded up", "epoch / interval is rounded up. ⌊ ⌋ is the whole number *below*: the first interval keeps the rate of the beginning.",
                replace=("(epoch // interval)", "np.ceil(epoch / interval)")),
        Mistake("rounded to the nearest", "epoch / interval is rounded to the nearest whole number; ⌊ ⌋ is the one below.",
                replace=("(epoch // interval)", "round(epoch / interval)")),
        Mistake("rest for quotient", "`%` gives the rest of the division, so that the rate jumps back after each interval. The whole quotient is wanted.",
                replace=("epoch // interval", "epoch % interval")),
        Mistake("interval ignored", "The interval has no influence: the rate should stay the same for that many epochs.", replace=("epoch // interval", "epoch")),
        Mistake("one left out", "The 1 below the fraction is missing, so epoch 0 divides by 0.", replace=("1 + decay_rate", "decay_rate")),
        Mistake("epsilon in place of one", "The 1 below the fraction is missing; a tiny number in its place only hides that epoch 0 divides by 0.",
                replace=("1 + decay_rate", "1e-8 + decay_rate")),
        Mistake("shrinks by a share", "That is exponential decay: in each interval the share decay_rate is lost. Here the rate is divided by a number that grows "
                "evenly.",
                replace=(DENOMINATOR, "learning_rate0 * (1 - decay_rate) ** (epoch // interval)")),
        Mistake("product rounded down", "decay_rate times the quotient is rounded down as a whole. Only epoch / interval is: decay_rate · ⌊epoch / interval⌋.",
                replace=("decay_rate * (epoch // interval)", "np.floor(decay_rate * epoch / interval)")),
        Mistake("one step only", "The rate falls once, after the first interval, and then no more: how many intervals have passed should count.",
                replace=("(epoch // interval)", "min(epoch // interval, 1)")),
        Mistake("grows", "The rate grows: divide by 1 + decay_rate · …, don't multiply.", replace=("learning_rate0 / (", "learning_rate0 * (")),
        Mistake("exponential decay", "That is exponential decay, decay_rate to the power of the epoch. Here the rate is divided by a number that grows evenly.",
                replace=(DENOMINATOR, "learning_rate0 * decay_rate ** (epoch // interval)")),
        Mistake("exponential function", "That is exponential decay, exp(−decay_rate · …). Here the rate is divided by a number that grows evenly.",
                replace=(DENOMINATOR, "learning_rate0 * np.exp(-decay_rate * (epoch // interval))")),
        Mistake("power of 1 + decay_rate", "The rate is divided by (1 + decay_rate) to a power. Here the number below grows evenly: decay_rate times the number of "
                "intervals.",
                replace=("(1 + decay_rate * (epoch // interval))", "(1 + decay_rate) ** (epoch // interval)")),
        Mistake("minus for plus", "The number below is 1 *minus* …: it would reach 0 and turn negative.", replace=("1 + decay_rate", "1 - decay_rate")),
        Mistake("straight line", "The rate falls in a straight line, and below 0 in the end. Divide by 1 + decay_rate · ….",
                replace=(DENOMINATOR, "learning_rate0 * (1 - decay_rate * (epoch // interval))")),
        Mistake("epochs from 1", "The epochs are counted from 1: in epoch 0 the rate should still be the whole one.",
                replace=("epoch // interval", "(epoch + 1) // interval")),
        Mistake("one interval ahead", "The rate is one interval ahead: in the first interval it should still be the whole one.",
                replace=("(epoch // interval)", "(epoch // interval + 1)")),
        Mistake("brackets missing", "1 + … has to stand below the fraction as a whole: brackets are missing.",
                replace=("(1 + decay_rate * (epoch // interval))", "1 + decay_rate * (epoch // interval)")),
        Mistake("root of the epoch", "The rate falls with the root. That schedule exists; this one divides by 1 + decay_rate · ⌊epoch / interval⌋.",
                replace=("(1 + decay_rate * (epoch // interval))", "np.sqrt(1 + decay_rate * (epoch // interval))")),
        Mistake("decay rate left out", "decay_rate has no influence.", replace=("decay_rate * (", "(")),
        Mistake("multiplied by interval", "The epoch is multiplied by the interval; divide, and round down.", replace=("epoch // interval", "epoch * interval")),
        Mistake("upside down", "`epoch` and `interval` have changed places in the fraction.", replace=("epoch // interval", "interval // max(epoch, 1)")),
        Mistake("whole numbers", "The rate is cut to a whole number: `//` belongs to epoch and interval only.",
                replace=("learning_rate0 / (", "learning_rate0 // (")),
    ],
    right=[decay_by_int, decay_by_floor, decay_by_rest],
    hints=("How many whole intervals have passed? The rate is divided by a number that grows evenly with that.",
           "rate = learning_rate0 / (1 + decay_rate · ⌊epoch / interval⌋), a number.",
           "learning_rate0 over (1 plus decay_rate times the whole quotient of epoch and interval)"),
    why="`//` rounds down. With interval 1 the rate falls like 1 / epoch in the long run: slowly enough to get anywhere, fast enough to come to rest.",
    after="Fast at first, exact at last.")

EXERCISES = [BATCHES, EPOCH, AVERAGE, MOMENTUM, RMSPROP, ADAGRAD, ADAM, CRITICAL, DECAY]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("batch", "A set has 1000 examples, the batch size is 64. How many steps does an epoch make, and what of the last batch?", {
        "a": ("15; what is left over is dropped", "then 40 examples would have no turn in this epoch."),
        "b": ("16; the last batch holds 40 examples", "15 · 64 = 960, and the 40 that remain make a batch of their own."),
        "c": ("16; the last batch is filled up from the front", "some examples would count twice in this epoch."),
        "d": ("64; each with 15 or 16 examples", "64 is the number of examples in a batch, not that of batches."),
    }, answer="b"),
    Quiz("first_step", "Adam, t = 1, both averages 0, learning rate α. A weight's gradient is g, not tiny. How far does the weight move?", {
        "a": ("α · g", "that would be gradient descent: the division by the root is missing."),
        "b": ("about α, whatever the size of g", "corrected, the averages are g and g²: g / √g² is the sign of g, so the step is α in length."),
        "c": ("α · (1 − β₁) · g", "that is momentum's first step without correction."),
        "d": ("almost nothing, as both averages begin at 0", "that is what the correction is for."),
    }, answer="b"),
    Quiz("decay", "The training cost of SGD falls quickly and then jitters about a level without falling further. What do you try first?", {
        "a": ("a larger learning rate", "longer steps jitter more."),
        "b": ("smaller batches", "they make the noise larger."),
        "c": ("let the learning rate decay", "shorter steps let it settle, without giving up the long ones at the beginning."),
        "d": ("more epochs at the same rate", "pull and noise balance there: it would jitter on."),
    }, answer="c"),
]

GOAL, PASSES, SEEDS = 0.12, 30, 4


def passes_needed(step, seed):
    """How many passes over the uneven moons a step rule needs until the cost of a pass is below GOAL; PASSES if it does not get there."""
    from sklearn.datasets import make_moons

    points, kinds = make_moons(1000, noise=0.2, random_state=0)
    X = ((points - points.mean(axis=0)) / points.std(axis=0)).T * np.array([[1.0], [0.02]])
    parameters, kept, rng = initialize_parameters_deep([2, 20, 10, 1], np.random.default_rng(seed)), {}, np.random.default_rng(seed + 100)
    for done in range(1, PASSES + 1):
        total = 0.0
        for X_b, Y_b in random_mini_batches(X, kinds[None], 32, rng):
            AL, caches = model_forward(X_b, parameters)
            AL = np.clip(AL, 1e-9, 1 - 1e-9)
            total += deep_cost(AL, Y_b) * Y_b.size
            new = step({n: p.copy() for n, p in parameters.items()}, model_backward(AL, Y_b, caches), kept)
            if not isinstance(new, dict) or any(np.shape(new.get(n)) != p.shape for n, p in parameters.items()):
                return None
            parameters = {n: np.asarray(new[n], float) for n in parameters}
        if total / 1000 < GOAL:
            return done
    return PASSES


def judge_step(step):
    passes = [passes_needed(step, seed) for seed in range(SEEDS)]
    if None in passes:
        return False, "The step has to return a dict with the parameters, each in its own shape."
    mean = sum(passes) / SEEDS
    return mean <= 6, (f"Passes until the cost is below {GOAL}: {', '.join(map(str, passes))} from {SEEDS} seeds, {mean:.1f} on average. Adam with a rate of 0.01 "
                       "takes about ten.")


CHALLENGE = Challenge(
    "fewer_passes", "Fewer passes than Adam",
    "Write `my_step(parameters, grads, kept)`, a step rule with which the net of this lab gets below a cost of 0.12 on the uneven moons in at most 6 passes, on "
    "average over four seeds.",
    judge_step)
