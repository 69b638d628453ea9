"""What the graders of lab 06b know: cases, mistakes, right versions, hints."""
import functools
import operator

import keras
import numpy as np
import tensorflow as tf

from labutils import music
from labutils.calling import NOTHING, Fault, Odd, plain
from labutils.exercise import Challenge, Exercise, Mistake, Quiz
from labutils.stepping import Memory

from . import exercises as ex
from .exercises import sample_next, sequence_loss, vectorize

F32 = np.float32
NAMES = {"n": "the length of the text", "m": "the number of windows", "T": "the number of steps", "v": "the size of the vocabulary"}
LETTERS = "abcdeg|z:2"


# --- vectorize -------------------------------------------------------------------------------------------------------


def draw_text(rng, n):
    letters = list(rng.permutation(list(LETTERS)))
    return "".join(rng.choice(letters, n)), {str(c): int(i) for i, c in enumerate(letters)}


def whole_numbers(args, value):
    value = plain(value)
    if isinstance(value, np.ndarray) and value.size and value.dtype.kind == "f":
        return Fault("The numbers come as floats. They are places in a vocabulary, so whole numbers are wanted: an embedding looks rows up with them.", "floats")
    return value


def ids_by_map(text, char_to_index):
    return np.fromiter(map(char_to_index.get, text), dtype=np.int32)


def ids_by_loop(text, char_to_index):
    ids = np.zeros(len(text), dtype="int64")
    for i, c in enumerate(text):
        ids[i] = char_to_index[c]
    return ids


def ids_by_key(text, char_to_index):
    return np.array([list(char_to_index)[::-1].index(c) for c in text])


def ids_as_tensor(text, char_to_index):
    return tf.constant([char_to_index[c] for c in text], dtype=tf.int32)


COMP = "[char_to_index[c] for c in text]"
VECTORIZE = Exercise(
    ex.vectorize, title="A text as numbers", difficulty=1, importance=2, minutes=3, draw=draw_text, sizes=[{"n": 2}, {"n": 7}, {"n": 1}, {"n": 30}],
    returns="ids", names=NAMES, observe=whole_numbers,
    mistakes=[
        Mistake("each character once", "Each different character comes once only. Every character of the text gets its number, in the order of the text.",
                replace=(COMP, "[char_to_index[c] for c in dict.fromkeys(text)]")),
        Mistake("in sorted order", "The numbers are those of the text's characters, but sorted: the tune is lost.", replace=(COMP, "[char_to_index[c] for c in "
                "sorted(text)]")),
        Mistake("codes of the computer", "These are the codes of the characters, as `ord` gives them, not their places in the vocabulary.", replace=(COMP, "[ord(c) "
                "for c in text]")),
        Mistake("a vocabulary of its own", "The numbers come from a vocabulary made of this text alone. `char_to_index` holds the numbers that the model was trained "
                "with.",
                replace=(COMP, "[sorted(set(text)).index(c) for c in text]")),
        Mistake("numbered by first appearance", "The numbers say in which order the characters first appear in this text. `char_to_index` holds the numbers that count.",
                replace=(COMP, "[list(dict.fromkeys(text)).index(c) for c in text]")),
        Mistake("places in the text", "These are the places in the text, 0, 1, 2, …, whatever stands there.", replace=(COMP, "list(range(len(text)))")),
        Mistake("place in the dict", "The number is the place of the character among the keys, not its value in `char_to_index`.",
                function=ids_by_key),
        Mistake("last character missing", "The last character is missing.", replace=("for c in text]", "for c in text[:-1]]")),
        Mistake("first character missing", "The first character is missing.", replace=("for c in text]", "for c in text[1:]]")),
        Mistake("backwards", "The text is read backwards.", replace=("for c in text]", "for c in text[::-1]]")),
        Mistake("numbers from 1", "The numbers are all one too large.", replace=("char_to_index[c] for", "char_to_index[c] + 1 for")),
        Mistake("one-hot rows", "Each character has become a row of zeros with a one. Here only the place of that one is wanted; the embedding does the rest.",
                replace=("return np.array([char_to_index[c] for c in text], dtype=int)", "return np.eye(len(char_to_index), dtype=int)[[char_to_index[c] for c in "
                        "text]]")),
        Mistake("a row, not a vector", "The numbers stand in a matrix with one row. A vector of shape (len(text),) is wanted.", replace=(COMP, "[[char_to_index[c] "
                "for c in text]]")),
        Mistake("floats", "They come as floats.", replace=("dtype=int", "dtype=float")),
    ],
    right=[ids_by_map, ids_by_loop, ids_as_tensor], unchanged={"dtype left out": "numpy makes whole numbers of ints by itself"},
    hints=("Look each character up in the dict, in order.", "str of n characters → (n,) ints, entry i is char_to_index[text[i]].", "np.array of a list comprehension "
            "over text"),
    why="A dict is looked up in one step, however large the vocabulary.", after="The net can now be given a tune.")

# --- get_batch -------------------------------------------------------------------------------------------------------


def draw_sequence(rng, n, seq_length, batch_size):
    return rng.permutation(n) * 3 + 7, seq_length, batch_size, int(rng.integers(1000))


def play_batches(get_batch, sequence, seq_length, batch_size, seed):
    """Many batches of a sequence in which no number stands twice, so that each window's place can be told."""
    rng, known = np.random.default_rng(seed), {int(v): i for i, v in enumerate(sequence)}
    n, places, starts = len(sequence), len(sequence) - seq_length, []
    for call in range(max(60, 40 * places // batch_size)):
        value = plain(get_batch(sequence, seq_length, batch_size, rng))
        fault = _batch_fault(value, known, n, seq_length, batch_size)
        if fault:
            return fault
        starts.append([known[int(v)] for v in value[0][:, 0]])
    first = plain(get_batch(sequence, seq_length, batch_size, np.random.default_rng(seed)))
    if [known[int(v)] for v in first[0][:, 0]] != starts[0]:
        return Fault("The same seed gives another batch: take the places from `rng`, not from `np.random` or `random`.", "chance not taken from rng")
    other = plain(get_batch(sequence, seq_length, batch_size, np.random.default_rng(seed + 1)))
    starts = np.array(starts)
    if (starts == starts[0]).all():
        if (np.diff(starts[0]) == 0).all() and batch_size > 1:
            return Fault("Every window of every batch starts at the same place. The net would see that piece and nothing else: draw the places from `rng`.", "fixed "
                    "start")
        return Fault("Every call gives the same batch: a seed stands in the function, or nothing is drawn from `rng`.", "the same batch every time")
    if batch_size > 1 and (starts == starts[:, :1]).all():
        return Fault("All windows of a batch are the same one: one place was drawn for all. Draw batch_size places, so that a batch holds different pieces.", "one "
                "window for all")
    if batch_size > 1 and (np.diff(starts, axis=1) == np.diff(starts, axis=1)[0]).all():
        return Fault("One place was drawn, and the other windows of the batch follow from it. Each window has a place of its own, drawn apart.", "windows that follow "
                "from one place")
    if (starts % seq_length == starts.ravel()[0] % seq_length).all() and seq_length > 1:
        return Fault("The windows start at multiples of seq_length only. A window may start at every place; so the net meets each character with many different pasts.",
                     "places only at multiples")
    missing = sorted(set(range(places - 1)) - set(starts.ravel().tolist()))
    if missing:
        return Fault(f"Some places are never drawn (the first of them is {missing[0]}; windows that fit start at 0 to {places - 1}). Which is the last place from which "
                     "seq_length characters and one more still fit?", "places left out")
    counts = np.bincount(starts.ravel(), minlength=places)[:places - 1]
    expected = starts.size / places
    if (np.abs(counts - expected) > 7 * expected ** 0.5 + 0.06 * expected).any():
        return Fault("Some places are drawn far more often than others. All should have equal chances.", "unequal chances")
    if np.array_equal(other[0], first[0]) and batch_size * np.log(places) > 14:
        return Fault("Another `rng` gives the same batch: a seed stands in the function.", "rng without influence")
    return {"inputs": "right", "targets": "right"}


LAST = "All targets are right except the last one of each window. It is the character behind the window, sequence[start + seq_length]."


def _batch_fault(value, known, n, seq_length, batch_size):
    """What is wrong with one batch, or None."""
    if value is None:
        return NOTHING
    if not isinstance(value, tuple | list) or len(value) != 2:
        return Fault("Two arrays are wanted, inputs and targets.", "not two arrays")
    for name, part in zip(("inputs", "targets"), value):
        if isinstance(part, Odd):
            return Fault(f"`{name}` is {part.what}, not an array of whole numbers.", "another type")
        if not isinstance(part, np.ndarray):
            return Fault(f"`{name}` is not an array but a {type(part).__name__}: put the windows into one array, np.array(…).", "a list, not an array")
        if part.shape == (seq_length, batch_size) and seq_length != batch_size:
            return Fault(f"`{name}` has shape (seq_length, batch_size). One window a row is wanted: (batch_size, seq_length).", "windows as columns")
        if part.shape == (batch_size, seq_length + 1):
            return Fault(f"`{name}` is one character too long: (batch_size, seq_length) is wanted.", "one character too long")
        if part.shape != (batch_size, seq_length):
            return Fault(f"`{name}` has shape {part.shape}; (batch_size, seq_length) is wanted, here ({batch_size}, {seq_length}).", "another shape")
        if part.dtype.kind not in "iu":
            return Fault(f"`{name}` holds numbers of type {part.dtype}; the sequence holds whole numbers, and so should the windows.", "floats")
        if not all(int(v) in known for v in part.ravel()):
            return Fault(f"`{name}` holds numbers that do not stand in the sequence at all: places in it, perhaps, instead of what stands there.", "not from the "
                    "sequence")
    x, y = (np.vectorize(lambda v: known[int(v)])(part) for part in value)
    steps_x, steps_y, shift = np.diff(x, axis=1), np.diff(y, axis=1), y - x
    if (steps_x == 1).all() and (shift == 1).all():
        return None
    if (x == y).all():
        return Fault("The targets equal the inputs: the net would be asked to repeat what it sees. The target of each character is the one that follows "
                "it.", "targets equal inputs")
    if seq_length > 1 and (shift[:, :-1] == 1).all() and (shift[:, -1] == 1 - seq_length).all():
        return Fault(LAST, "last target wrong")
    if (steps_x < -1).any() or (shift < -1).any() and (np.sort(shift.ravel())[-1] == 1):
        return Fault("A window runs over the end of the sequence and goes on at its beginning. Draw only places from which window and target fit.", "wrap-around")
    if (steps_x != 1).any():
        return Fault("The inputs are no windows of the sequence: the characters of a row do not follow one another in it.", "inputs not in order")
    if (shift == -1).all():
        return Fault("The targets lie one step *behind* the inputs: inputs and targets have changed places, or the shift goes the wrong way.", "one step back")
    if seq_length > 1 and (shift[:, :-1] == 1).all() and (shift[:, -1] != 1).any():
        return Fault(LAST, "last target wrong")
    if (steps_y == 1).all() and (shift == shift[0, 0]).all():
        return Fault(f"The targets lie {shift[0, 0]} steps ahead of the inputs; one step is wanted.", "another shift")
    if (steps_y == 1).all():
        return Fault("Inputs and targets come from different places: the same starts have to serve both.", "places drawn twice")
    return Fault("The targets are not what follows the inputs in the sequence.", "targets not in order")


def batch_by_index(sequence, seq_length, batch_size, rng):
    places = rng.choice(len(sequence) - seq_length, size=batch_size)[:, None] + np.arange(seq_length)
    return sequence[places], sequence[places + 1]


def batch_by_loop(sequence, seq_length, batch_size, rng):
    x = np.zeros((batch_size, seq_length), dtype=int)
    y = np.zeros((batch_size, seq_length), dtype=int)
    for i in range(batch_size):
        start = int(rng.random() * (len(sequence) - seq_length - 1))
        x[i], y[i] = sequence[start:start + seq_length], sequence[start + 1:start + seq_length + 1]
    return x, y


def batch_without_repetition(sequence, seq_length, batch_size, rng):
    windows = np.lib.stride_tricks.sliding_window_view(sequence, seq_length + 1)
    chosen = windows[rng.permutation(len(windows))[:batch_size]]
    return chosen[:, :-1].copy(), chosen[:, 1:].copy()


def batch_fixed(sequence, seq_length, batch_size, rng):
    return np.stack([sequence[:seq_length]] * batch_size), np.stack([sequence[1:seq_length + 1]] * batch_size)


def batch_wrapped(sequence, seq_length, batch_size, rng):
    at = rng.integers(0, len(sequence), batch_size)[:, None] + np.arange(seq_length)
    return sequence[at % len(sequence)], sequence[(at + 1) % len(sequence)]


def batch_followed(sequence, seq_length, batch_size, rng):
    at = rng.integers(0, len(sequence) - seq_length - batch_size) + np.arange(batch_size)[:, None] + np.arange(seq_length)
    return sequence[at], sequence[at + 1]


def batch_reseeded(sequence, seq_length, batch_size, rng):
    return ex.get_batch(sequence, seq_length, batch_size, np.random.default_rng(0))


def batch_of_multiples(sequence, seq_length, batch_size, rng):
    at = rng.integers(0, (len(sequence) - 1) // seq_length, batch_size)[:, None] * seq_length + np.arange(seq_length)
    return sequence[at], sequence[at + 1]


def batch_elsewhere(sequence, seq_length, batch_size, rng):
    return ex.get_batch(sequence, seq_length, batch_size, np.random.default_rng())


def last_wrong(sequence, seq_length, batch_size, rng):
    x, _ = ex.get_batch(sequence, seq_length, batch_size, rng)
    return x, np.roll(x, -1, axis=1)


START = "rng.integers(0, len(sequence) - seq_length, batch_size)"
TARGETS = "np.array([sequence[s + 1:s + 1 + seq_length] for s in starts])"
BATCH = Exercise(
    ex.get_batch, title="Windows and what follows", difficulty=2, importance=3, minutes=10, draw=draw_sequence, play=play_batches, variants=False,
    sizes=[{"n": 14, "seq_length": 4, "batch_size": 3}, {"n": 23, "seq_length": 5, "batch_size": 2}, {"n": 31, "seq_length": 3, "batch_size": 7},
           {"n": 26, "seq_length": 6, "batch_size": 1}, {"n": 40, "seq_length": 1, "batch_size": 4}], returns=("inputs", "targets"), names=NAMES,
    mistakes=[
        Mistake("fixed start", "…", function=batch_fixed), Mistake("the same batch every time", "…", function=batch_reseeded),
        Mistake("one window for all", "…", replace=(START, "np.repeat(rng.integers(0, len(sequence) - seq_length), batch_size)")),
        Mistake("wrap-around", "…", function=batch_wrapped), Mistake("targets equal inputs", "…", replace=("sequence[s + 1:s + 1 + seq_length]", "sequence[s:s + "
                "seq_length]")),
        Mistake("windows that follow from one place", "…", function=batch_followed), Mistake("places only at multiples", "…", function=batch_of_multiples),
        Mistake("places left out", "…", replace=("len(sequence) - seq_length,", "len(sequence) - 2 * seq_length - 1,")),
        Mistake("places left out", "…", replace=("rng.integers(0,", "rng.integers(1,")),
        Mistake("one step back", "…", replace=("return inputs, targets", "return targets, inputs")),
        Mistake("another shift", "…", replace=[("rng.integers(0, len(sequence) - seq_length", "rng.integers(0, len(sequence) - seq_length - 1"),
                                               ("s + 1:s + 1 +", "s + 2:s + 2 +")]),
        Mistake("last target wrong", "…", function=last_wrong), Mistake("chance not taken from rng", "…", function=batch_elsewhere),
        Mistake("windows as columns", "…", replace=("return inputs, targets", "return inputs.T, targets.T")),
        Mistake("one character too long", "…", replace=[("rng.integers(0, len(sequence) - seq_length", "rng.integers(0, len(sequence) - seq_length - 1"),
                                                        ("sequence[s:s + seq_length]", "sequence[s:s + seq_length + 1]")]),
        Mistake("not two arrays", "…", replace=("return inputs, targets", "return inputs")),
        Mistake("floats", "…", replace=("return inputs, targets", "return inputs.astype(float), targets.astype(float)")),
        Mistake("places drawn twice", "…", replace=(TARGETS, "np.array([sequence[s + 1:s + 1 + seq_length] for s in " + START + "])")),
        Mistake("not from the sequence", "…", replace=("sequence[s:s + seq_length] for", "np.arange(s, s + seq_length) for")),
        Mistake("unequal chances", "…", replace=(START, "np.minimum(rng.integers(0, len(sequence) - seq_length, batch_size), rng.integers(0, len(sequence) - "
                "seq_length, batch_size))")),
    ],
    right=[batch_by_index, batch_by_loop, batch_without_repetition],
    hints=("How far to the right may a window start, if the character behind it must still be there?",
           "starts: batch_size whole numbers from 0 to n − seq_length − 1; inputs[i] = sequence[s : s + L], targets[i] = sequence[s + 1 : s + 1 + L].",
           "starts from rng.integers; np.array of a list comprehension over the starts, once for the inputs, once shifted by one"),
    why="Every place serves as a start, so the net meets each bar with many different pasts.", after="A hundred and forty thousand characters are now an endless stream of batches.")

# --- build_music_model -----------------------------------------------------------------------------------------------


def draw_model(rng, vocab_size, embedding_dim, rnn_units, cell):
    ids = rng.integers(0, vocab_size, (2, 5))
    ids[:, 1] = 0  # a mask of zeros would show
    return vocab_size, embedding_dim, rnn_units, cell, ids


def play_model(build, vocab_size, embedding_dim, rnn_units, cell, ids):
    model = build(vocab_size, embedding_dim, rnn_units, **({} if cell == "default" else {"cell": cell}))
    kind = "lstm" if cell == "default" else cell
    if model is None:
        return NOTHING
    if not isinstance(model, keras.Model):
        what = "a layer" if isinstance(model, keras.layers.Layer) else plain(model).what if isinstance(plain(model), Odd) else f"a {type(model).__name__}"
        return Fault(f"A keras.Model is wanted; this is {what}.", "not a model")
    try:
        out = np.asarray(model(ids))
    except Exception as error:
        if "batch" in str(error).lower() and any(getattr(l, "stateful", False) for l in model.layers):
            return Fault("The model is tied to a batch size, or stateful: it should read any number of windows, and start each call with an empty state.", "stateful")
        if "expected shape" in str(error).lower() or "incompatible" in str(error).lower():
            return Fault("The model does not take ids of shape (m, T) for every m and T: is the length, the batch size or a feature axis written into its Input? "
                         "keras.Input((None,)) leaves both open.", "input of a fixed shape")
        raise
    fault = _shape_fault(model, out, ids, vocab_size, embedding_dim, rnn_units)
    if fault:
        return fault
    try:
        small = np.asarray(model(ids[:1, :2]))
    except Exception:
        return Fault("The model reads (2, 5) but not (1, 2): is the length or the batch size written into it? keras.Input((None,)) leaves both open.", "input of a "
                "fixed shape")
    again = np.asarray(model(ids))
    like = _reference_model(vocab_size, embedding_dim, rnn_units, kind)
    fault = _weights_fault(model, like, kind, vocab_size, embedding_dim, rnn_units)
    if fault:
        return fault
    if not np.allclose(again, out, atol=1e-5) or small.shape != (1, 2, vocab_size) or not np.allclose(small[0], out[0, :2], atol=1e-4):
        if (again != out).any():
            return Fault("Called twice with the same ids, the model answers differently: it keeps its state from call to call (stateful), or drops units out even "
                    "when it "
                         "does not train.", "stateful")
        return Fault("What the model says about the first two characters depends on those that come later. It must know the past only.", "looks ahead")
    values = {}
    rng = np.random.default_rng(5)
    for w in like.weights:
        values[tuple(w.shape)] = rng.normal(0, 0.8, w.shape).astype(F32)
    for net in (model, like):
        for w in net.weights:
            if tuple(w.shape) in values:
                w.assign(values[tuple(w.shape)])
    mine, theirs = np.asarray(model(ids)), np.asarray(like(ids))
    if np.allclose(mine, theirs, atol=2e-3):
        return {"model": "right"}
    for name, f in (("relu", lambda z: np.maximum(z, 0)), ("tanh", np.tanh), ("sigmoid", lambda z: 1 / (1 + np.exp(-z))), ("softmax", _softmax),
                    ("log_softmax", lambda z: np.log(_softmax(z)))):
        if np.allclose(mine, f(theirs), atol=2e-3):
            if name == "log_softmax":
                return {"model": "right"}  # logits up to a constant
            return Fault(f"There is a {name} at the end. Logits are wanted: numbers of any size, as the dense layer gives them without an activation.",
                         "softmax at the end" if name == "softmax" else "activation at the end")
    if any(getattr(l, "mask_zero", False) for l in getattr(model, "_flatten_layers", lambda: model.layers)()):
        return Fault("With mask_zero the layers skip character 0. Here it is a character like any other.", "character 0 masked")
    if any(getattr(l, "go_backwards", False) for l in model.layers):
        return Fault("The recurrent layer reads backwards.", "reads backwards")
    return Fault(f"The layers have the right sizes, but what they compute is not what an embedding, a Keras {kind.upper()} with its own settings and a dense layer "
                 "without activation do: an activation or a setting is another, or something stands between them.", "another computation")


def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@functools.lru_cache(16)
def _reference_model(*sizes):
    return ex.build_music_model(*sizes)


def _shape_fault(model, out, ids, v, e, u):
    m, steps = ids.shape
    if out.shape == (m, v):
        return Fault("There is one row of logits for each window, about its last step only. The model learns from every step: the recurrent layer has to return its "
                "whole "
                     "sequence.", "only the last step")
    if out.shape == (m, steps, v):
        if (out >= 0).all() and np.allclose(out.sum(axis=-1), 1, atol=1e-4):
            return Fault("There is a softmax at the end. Logits are wanted: sequence_loss takes the softmax itself, in a way that does not overflow, and a second one "
                    "would "
                         "flatten what the first has said.", "softmax at the end")
        return None
    if out.shape[-1] == u and v != u:
        return Fault("What comes out has rnn_units numbers a step: the dense layer that turns the state into one logit for each character is missing or has another "
                "size.",
                     "no dense layer")
    if out.shape[-1] == e and v != e:
        return Fault("What comes out has embedding_dim numbers a step; one for each character of the vocabulary is wanted.", "embedding size at the end")
    return Fault(f"For ids of shape {ids.shape} the model gives {out.shape}; ({m}, {steps}, {v}) is wanted, a logit for each character at each step.", "another shape")


def _weights_fault(model, like, kind, v, e, u):
    def shapes(net):
        return sorted(tuple(w.shape) for w in net.weights if "seed" not in w.path)
    mine, theirs = shapes(model), shapes(like)
    if mine == theirs:
        return None
    other = "gru" if kind == "lstm" else "lstm"
    if mine == shapes(_reference_model(v, e, u, other)):
        return Fault(f'The recurrent layer is {"an LSTM" if other == "lstm" else "a GRU"} where `cell` asks for "{kind}". (Without the argument it is "lstm".)', "the "
                "other cell")
    for sizes, name, says in (((v, u, e), "sizes exchanged", "embedding_dim and rnn_units have changed places."),
                              ((v, u, u), "size of the embedding", "The embedding has rnn_units columns; embedding_dim is wanted."),
                              ((v, e, e), "size of the recurrent layer", "The recurrent layer has embedding_dim units; rnn_units is wanted.")):
        if mine == shapes(_reference_model(*sizes, kind)):
            return Fault(says, name)
    rows = [s for s in mine if len(s) == 2 and s[1] == e and s not in theirs]
    if (v, e) not in mine and rows:
        return Fault(f"The embedding has {rows[0][0]} rows; one for each character of the vocabulary is wanted, {v}.", "rows of the embedding")
    gates = {"lstm": 4, "gru": 3}[kind]
    if (v, e) not in mine:
        return Fault(f"There is no embedding of {v} rows and {e} columns in the model.", "no embedding")
    if mine.count((u, gates * u)) > 1 or (u, gates * u) in mine and len(mine) > len(theirs) + 2:
        return Fault("There is more than one recurrent layer, or one that also reads backwards. One is wanted, that reads forwards.", "more than one recurrent layer")
    if (u, gates * u) not in mine:
        return Fault(f"There is no {kind.upper()} layer of {u} units with Keras's own settings in the model.", "another recurrent layer")
    if len(mine) > len(theirs):
        return Fault("The model has more layers with weights than an embedding, a recurrent layer and a dense one.", "layers too many")
    return Fault("The model has not the weights that an embedding, a recurrent layer and a dense layer have with Keras's own settings (biases included).", "other "
            "weights")


def model_functional(vocab_size, embedding_dim, rnn_units, cell="lstm"):
    ids = keras.Input((None,))
    x = keras.layers.Embedding(vocab_size, embedding_dim)(ids)
    x = (keras.layers.LSTM if cell == "lstm" else keras.layers.GRU)(rnn_units, return_sequences=True)(x)
    return keras.Model(ids, keras.layers.Dense(vocab_size)(x))


class Musician(keras.Model):
    """A subclassed model, for a right version."""

    def __init__(self, vocab_size, embedding_dim, rnn_units, cell):
        super().__init__()
        self.embedding = keras.layers.Embedding(vocab_size, embedding_dim)
        self.rnn = (keras.layers.GRU if cell == "gru" else keras.layers.LSTM)(rnn_units, return_sequences=True)
        self.out = keras.layers.Dense(vocab_size)

    def call(self, ids, training=None):
        return self.out(self.rnn(self.embedding(ids), training=training))


def model_subclassed(vocab_size, embedding_dim, rnn_units, cell="lstm"):
    return Musician(vocab_size, embedding_dim, rnn_units, cell)


def model_with_cells(vocab_size, embedding_dim, rnn_units, cell="lstm"):
    kind = keras.layers.LSTMCell if cell == "lstm" else keras.layers.GRUCell
    return keras.Sequential([keras.layers.Embedding(vocab_size, embedding_dim), keras.layers.RNN(kind(rnn_units), return_sequences=True),
                             keras.layers.TimeDistributed(keras.layers.Dense(vocab_size))])


def model_of_fixed_length(vocab_size, embedding_dim, rnn_units, cell="lstm"):
    ids = keras.Input((5,))
    x = keras.layers.Embedding(vocab_size, embedding_dim)(ids)
    x = (keras.layers.LSTM if cell == "lstm" else keras.layers.GRU)(rnn_units, return_sequences=True)(x)
    return keras.Model(ids, keras.layers.Dense(vocab_size)(x))


RNN, DENSE = "recurrent(rnn_units, return_sequences=True)", "keras.layers.Dense(vocab_size)"
EMBED = "keras.layers.Embedding(vocab_size, embedding_dim)"
BUILD = Exercise(
    ex.build_music_model, title="The model", difficulty=2, importance=3, minutes=10, draw=draw_model, play=play_model, variants=False, costly=True,
    sizes=[{"vocab_size": 7, "embedding_dim": 3, "rnn_units": 5, "cell": "default"}, {"vocab_size": 6, "embedding_dim": 4, "rnn_units": 3, "cell": "gru"},
           {"vocab_size": 5, "embedding_dim": 2, "rnn_units": 4, "cell": "lstm"}], returns="model", names=NAMES,
    tied=(("vocab_size", "embedding_dim", "rnn_units", "cell", "ids"),),
    mistakes=[
        Mistake("only the last step", "…", replace=("return_sequences=True", "return_sequences=False")),
        Mistake("softmax at the end", "…", replace=(DENSE, 'keras.layers.Dense(vocab_size, activation="softmax")')),
        Mistake("activation at the end", "…", replace=(DENSE, 'keras.layers.Dense(vocab_size, activation="relu")')),
        Mistake("no dense layer", "…", replace=("        " + DENSE + ",\n", "")),
        Mistake("no dense layer", "…", replace=(DENSE, "keras.layers.Dense(rnn_units)")),
        Mistake("the other cell", "…", replace=('"lstm": keras.layers.LSTM, "gru": keras.layers.GRU', '"lstm": keras.layers.LSTM, "gru": keras.layers.LSTM')),
        Mistake("the other cell", "…", replace=('"lstm": keras.layers.LSTM, "gru": keras.layers.GRU', '"gru": keras.layers.LSTM, "lstm": keras.layers.GRU')),
        Mistake("sizes exchanged", "…", replace=[("vocab_size, embedding_dim),", "vocab_size, rnn_units),"), ("recurrent(rnn_units,", "recurrent(embedding_dim,")]),
        Mistake("rows of the embedding", "…", replace=("Embedding(vocab_size,", "Embedding(vocab_size + 1,")),
        Mistake("size of the embedding", "…", replace=("vocab_size, embedding_dim),", "vocab_size, rnn_units),")),
        Mistake("size of the recurrent layer", "…", replace=("recurrent(rnn_units,", "recurrent(embedding_dim,")),
        Mistake("embedding size at the end", "…", replace=(DENSE, "keras.layers.Dense(embedding_dim)")),
        Mistake("more than one recurrent layer", "…", replace=(RNN, RNN + ",\n        " + RNN)),
        Mistake("more than one recurrent layer", "…", replace=(RNN, "keras.layers.Bidirectional(" + RNN + ', merge_mode="sum")')),
        Mistake("layers too many", "…", replace=(DENSE, "keras.layers.Dense(rnn_units), " + DENSE)),
        Mistake("another recurrent layer", "…", replace=(RNN, "keras.layers.SimpleRNN(rnn_units, return_sequences=True)")),
        Mistake("character 0 masked", "…", replace=("embedding_dim),", "embedding_dim, mask_zero=True),")),
        Mistake("other weights", "…", replace=(DENSE, "keras.layers.Dense(vocab_size, use_bias=False)")),
        Mistake("another computation", "…", replace=(RNN, 'recurrent(rnn_units, return_sequences=True, activation="relu")')),
        Mistake("input of a fixed shape", "…", function=model_of_fixed_length),
        Mistake("not a model", "…", replace=("return keras.Sequential([", "return list([")),
    ],
    right=[model_functional, model_subclassed, model_with_cells],
    hints=("Three layers in a row; the recurrent one must speak at every step.", "ids (m, T) → Embedding (m, T, e) → LSTM or GRU, return_sequences (m, T, u) → Dense "
            "(m, T, v).",
           "choose the layer class by `cell`; keras.Sequential of Input((None,)), Embedding, that layer with return_sequences=True, Dense without activation"),
    why="None in the Input leaves the length open, so the same weights train on windows and write one character at a time.", after="It can read; it only has nothing "
            "to say yet.")

# --- sequence_loss ---------------------------------------------------------------------------------------------------


def draw_loss(rng, m, T, v, scale):
    return rng.integers(0, v, (m, T)), (scale * rng.normal(0, 1, (m, T, v))).round(2).astype(F32)


def play_loss(function, labels, logits):
    value = plain(function(tf.constant(labels), tf.constant(logits)))
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.size == 1:
        return value
    return F32(value) if isinstance(value, float) or isinstance(value, np.ndarray) and value.ndim == 0 else value


def loss_by_keras(labels, logits):
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)


def loss_by_log_softmax(labels, logits):
    one_hot = tf.one_hot(labels, logits.shape[-1])
    return -tf.reduce_mean(tf.reduce_sum(one_hot * tf.nn.log_softmax(logits), axis=-1))


def loss_by_gather(labels, logits):
    top = tf.reduce_max(logits, axis=-1, keepdims=True)
    normal = tf.math.log(tf.reduce_sum(tf.exp(logits - top), axis=-1)) + top[..., 0]
    return float(tf.reduce_mean(normal - tf.gather(logits, labels, batch_dims=2)))


LOSSES, MEAN = "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)", "tf.reduce_mean(losses)"
KERAS = "keras.losses.sparse_categorical_crossentropy(labels, {})"
LOSS = Exercise(
    ex.sequence_loss, title="The loss", difficulty=1, importance=3, minutes=5, draw=draw_loss, play=play_loss, costly=True, names=NAMES, returns="loss",
    sizes=[{"m": 2, "T": 3, "v": 4, "scale": 1}, {"m": 1, "T": 4, "v": 3, "scale": 2}, {"m": 4, "T": 1, "v": 5, "scale": 1}, {"m": 3, "T": 5, "v": 6, "scale": 4},
           {"m": 2, "T": 2, "v": 4, "scale": 300}],
    mistakes=[
        Mistake("from_logits forgotten", "The logits are taken for probabilities. Keras's losses do so unless they are told "
                "`from_logits=True`.", replace=(LOSSES, KERAS.format("logits"))),
        Mistake("softmax twice", "The softmax is taken twice: once before, once in the loss, which wants logits.",
                replace=(LOSSES, "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.nn.softmax(logits))")),
        Mistake("not stable", "Right for small logits, but for large ones a probability becomes 0 and its logarithm infinite, or is cut off. Take loss and softmax "
                "together, from logits.",
                replace=(LOSSES, "-tf.math.log(tf.gather(tf.nn.softmax(logits), labels, batch_dims=2))")),
        Mistake("not stable", "For large logits a probability is cut off. Take loss and softmax together, from "
                "logits.", replace=(LOSSES, KERAS.format("tf.nn.softmax(logits)"))),
        Mistake("not stable", "For large logits the exponential overflows. Subtract the largest first, or let tf.nn do it.",
                replace=(LOSSES, "tf.math.log(tf.reduce_sum(tf.exp(logits), axis=-1)) - tf.gather(logits, labels, batch_dims=2)")),
        Mistake("not averaged", "There is a loss for each step; their mean is wanted.", replace=("return tf.reduce_mean(losses)", "return losses")),
        Mistake("squared", "Each loss is squared before the mean.", replace=(MEAN, "tf.reduce_mean(losses ** 2)")),
        Mistake("sum for mean", "The losses are added up. Their mean does not grow with the batch.", replace=("reduce_mean", "reduce_sum")),
        Mistake("summed over the steps", "The losses of a window are added up and only then averaged over the windows. The mean runs over all m · T steps.",
                replace=(MEAN, "tf.reduce_mean(tf.reduce_sum(losses, axis=1))")),
        Mistake("summed over the windows", "The losses are added up over the windows and averaged over the steps. The mean runs over all m · T steps.",
                replace=(MEAN, "tf.reduce_mean(tf.reduce_sum(losses, axis=0))")),
        Mistake("one loss a window", "There is one loss for each window; one for all is wanted.", replace=(MEAN, "tf.reduce_mean(losses, axis=1)")),
        Mistake("one loss a step", "There is one loss for each step, averaged over the windows; one for all is wanted.", replace=(MEAN, "tf.reduce_mean(losses, "
                "axis=0)")),
        Mistake("last step only", "Only the last step of each window counts. All of them do.", replace=(MEAN, "tf.reduce_mean(losses[:, -1])")),
        Mistake("first step only", "Only the first step of each window counts. All of them do.", replace=(MEAN, "tf.reduce_mean(losses[:, 0])")),
        Mistake("first step left out", "The first step of each window is left out.", replace=(MEAN, "tf.reduce_mean(losses[:, 1:])")),
        Mistake("first window only", "Only the first window counts.", replace=(MEAN, "tf.reduce_mean(losses[0])")),
        Mistake("divided by the vocabulary", "The mean runs over the vocabulary too: it comes out v times too small.", replace=(MEAN, "tf.reduce_mean(losses) / "
                "logits.shape[-1]")),
        Mistake("bits", "This is the loss in bits. Nats are wanted: the natural logarithm.", replace=(MEAN, "tf.reduce_mean(losses) / np.log(2)")),
        Mistake("sign", "The sign is turned round: training would make it worse.", replace=("return tf", "return -tf")),
        Mistake("perplexity", "This is the perplexity, the exponential of the loss.", replace=(MEAN, "tf.exp(tf.reduce_mean(losses))")),
        Mistake("likeliest for the label", "The loss is that of the likeliest character, not of the one that really follows: the labels are not asked.",
                replace=("labels=labels", "labels=tf.argmax(logits, axis=-1)")),
        Mistake("squared error", "This is the squared error of the probabilities, not the cross-entropy.",
                replace=(LOSSES, "tf.reduce_sum((tf.nn.softmax(logits) - tf.one_hot(labels, logits.shape[-1])) ** 2, axis=-1)")),
        Mistake("sigmoid cross-entropy", "Each character is asked for by itself, with a sigmoid. Exactly one follows: that is a softmax over the vocabulary.",
                replace=(LOSSES, "tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.one_hot(labels, logits.shape[-1]), logits=logits)")),
        Mistake("logits without softmax", "The logit of the label is taken as it is. It is not yet the logarithm of a probability: the softmax is missing.",
                replace=(LOSSES, "-tf.gather(logits, labels, batch_dims=2)")),
        Mistake("log missing", "The logarithm is missing: this is the mean probability of the labels, with a minus sign.",
                replace=(LOSSES, "-tf.gather(tf.nn.softmax(logits), labels, batch_dims=2)")),
        Mistake("softmax over the steps", "The softmax runs over the steps instead of the vocabulary, the last axis.",
                replace=(LOSSES, "-tf.gather(tf.nn.log_softmax(logits, axis=1), labels, batch_dims=2)")),
    ],
    right=[loss_by_keras, loss_by_log_softmax, loss_by_gather],
    hints=("Every step is a classification among v characters; average their losses.", "−log softmax(logits[i, t])[labels[i, t]], mean over i and t → one number.",
           "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=…, logits=…), or keras.losses' sparse loss with from_logits=True; then tf.reduce_mean"),
    why="Softmax and logarithm in one step: log softmax(z)ᵢ = zᵢ − max − log Σ exp(z − max) never meets a probability of 0.", after="The net can be told how "
            "surprised it was.")

# --- train_step ------------------------------------------------------------------------------------------------------

OPTIMIZERS = {"SGD": lambda: keras.optimizers.SGD(0.3), "SGD with momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9), "Adam": lambda: keras.optimizers.Adam(0.05)}
SIZES = 5, 3, 4, "gru"


def draw_step(rng, m, T, optimizer):
    weights = [rng.normal(0, 0.7, w.shape).round(2).astype(F32) for w in _reference_model(*SIZES).weights]
    return optimizer, weights, rng.integers(0, 5, (m, T)), rng.integers(0, 5, (m, T))


@functools.lru_cache(1)
def _net():
    return ex.build_music_model(*SIZES)


def play_step(function, optimizer, weights, x, y):
    """A model and an optimizer are given their state; then two steps, the second on the batch turned round."""
    model, steps = _net(), OPTIMIZERS[optimizer]()
    model.set_weights(weights)
    steps.build(model.trainable_variables)
    losses = []
    for turn in (1, -1):
        value = plain(function(model, steps, tf.constant(x[:, ::turn]), tf.constant(y[:, ::turn])))
        losses.append(F32(value) if isinstance(value, float) else value)
    if int(steps.iterations) == 0 and any((w.numpy() != v).any() for w, v in zip(model.weights, weights)):
        return Fault("The weights move, but the optimizer that is given was never asked: a new one is made in the function, or a step by hand. The given one has its own "
                     "rule and "
                     "rate, and remembers earlier steps.", "not by the optimizer")
    return {"loss": losses[0], "loss of the next step": losses[1], "weights after two steps": np.concatenate([w.numpy().ravel() for w in model.weights])}


def step_by_apply(model, optimizer, x, y):
    variables = model.trainable_weights
    with tf.GradientTape() as t:
        value = sequence_loss(y, model(x))
    optimizer.apply(t.gradient(value, variables), variables)
    return value


def step_in_graph(model, optimizer, x, y):
    @tf.function
    def step(x, y):
        return ex.train_step(model, optimizer, x, y)
    return float(step(x, y))


def step_by_own_loss(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, model(x))
    for g, v in zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables):
        optimizer.apply_gradients([(g, v)]) if isinstance(optimizer, str) else None
    optimizer.apply_gradients(zip(tape_gradients(model, x, y), model.trainable_variables))
    return loss.numpy()


def tape_gradients(model, x, y):
    with tf.GradientTape() as tape:
        loss = sequence_loss(y, model(x))
    return tape.gradient(loss, model.trainable_variables)


def step_by_hand(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = sequence_loss(y, model(x))
    for v, g in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
        v.assign_sub(optimizer.learning_rate * tf.convert_to_tensor(g))
    return loss


def step_on_sum(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = sequence_loss(y, model(x))
        total = loss * tf.size(y, out_type=tf.int32).numpy()
    optimizer.apply_gradients(zip(tape.gradient(total, model.trainable_variables), model.trainable_variables))
    return loss


def step_clipped(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = sequence_loss(y, model(x))
    gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)], 0.1)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


def step_twice(model, optimizer, x, y):
    ex.train_step(model, optimizer, x, y)
    return ex.train_step(model, optimizer, x, y)


APPLY = "optimizer.apply_gradients(zip(gradients, model.trainable_variables))"
GRADS = "tape.gradient(loss, model.trainable_variables)"
TAPE = "    with tf.GradientTape()"
TRAIN = Exercise(
    ex.train_step, title="A step of training", difficulty=2, importance=3, minutes=10, draw=draw_step, play=play_step, costly=True, names=NAMES, returns="loss",
    sizes=[{"m": 2, "T": 3, "optimizer": "SGD"}, {"m": 1, "T": 4, "optimizer": "SGD with momentum"}, {"m": 3, "T": 2, "optimizer": "Adam"}],
    mistakes=[
        Mistake("no step", "The weights stay as they were: the gradients never reach the optimizer.", replace=(APPLY, "pass")),
        Mistake("uphill", "The loss goes up: the sign of the gradients is turned round. The optimizer subtracts by itself.",
                replace=("zip(gradients,", "zip([-tf.convert_to_tensor(g) for g in gradients],")),
        Mistake("loss after the step", "The loss that comes back is from after the step; it should be the one that the gradients were made of.",
                replace=("return loss", "return sequence_loss(y, model(x))")),
        Mistake("inputs for targets", "The loss compares with x, the inputs. The net is to say what follows: y.", replace=("sequence_loss(y,", "sequence_loss(x,")),
        Mistake("x and y exchanged", "The net reads y and is asked for x: it would learn tunes backwards.",
                replace=[("model(x,", "model(y,"), ("sequence_loss(y,", "sequence_loss(x,")]),
        Mistake("targets read", "The net reads y, the targets themselves, and is asked for y.", replace=("model(x,", "model(y,")),
        Mistake("not by the optimizer", "The weights are moved by a rule of your own. It is right for plain gradient descent; but momentum and Adam keep a state and move "
                "otherwise. Give the "
                "gradients to the optimizer.", function=step_by_hand),
        Mistake("not by the optimizer", "A new optimizer is made in the function. The one that is given has its own rule and rate, and remembers earlier steps.",
                replace=(TAPE, "    optimizer = keras.optimizers.SGD(0.01)\n" + TAPE)),
        Mistake("not by the optimizer", "A new optimizer is made in the function. The one that is given has its own rule and rate, and remembers earlier steps.",
                replace=(TAPE, "    optimizer = keras.optimizers.Adam()\n" + TAPE)),
        Mistake("two steps in one", "Two steps are made in one call.", function=step_twice),
        Mistake("gradients applied twice", "The gradients are applied twice.", replace=(APPLY, APPLY + "\n    " + APPLY)),
        Mistake("only the first variable", "Only the first of the variables is trained, the embedding.", replace=("zip(gradients, model", "zip(gradients[:1], model")),
        Mistake("only the last layer", "Only the dense layer is trained: the list of variables has to hold all.",
                replace=[(GRADS, "tape.gradient(loss, model.trainable_variables[-2:])"), ("zip(gradients, model.trainable_variables)", "zip(gradients, "
                        "model.trainable_variables[-2:])")]),
        Mistake("embedding not trained", "The embedding is not trained: the list of variables has to hold all.",
                replace=[(GRADS, "tape.gradient(loss, model.trainable_variables[1:])"), ("zip(gradients, model.trainable_variables)", "zip(gradients, "
                        "model.trainable_variables[1:])")]),
        Mistake("gradient of the sum", "The loss is right, but the step is m · T times too long: it follows the sum of the losses.", function=step_on_sum),
        Mistake("gradients clipped", "The gradients are shortened before they reach the optimizer. It has its own `clipnorm` where that is "
                "wanted.", function=step_clipped),
        Mistake("sign of the gradients", "Only the sign of each gradient goes to the optimizer; its size matters too.",
                replace=("zip(gradients,", "zip([tf.sign(tf.convert_to_tensor(g)) for g in gradients],")),
        Mistake("nothing returned", "The step is made, but the function returns None: the loss is wanted.", replace=("return loss", "return None")),
        Mistake("gradients returned", "The gradients are returned; the loss is wanted.", replace=("return loss", "return gradients")),
        Mistake("last step only", "Only the last step of each window is learned from.", replace=("sequence_loss(y, logits)", "sequence_loss(y[:, -1:], logits[:, -1:])")),
        Mistake("loss doubled", "The loss is counted twice.", replace=("sequence_loss(y, logits)", "2 * sequence_loss(y, logits)")),
        Mistake("bits", "The loss is in bits; sequence_loss gives nats.", replace=("sequence_loss(y, logits)", "sequence_loss(y, logits) / 0.6931472")),
    ],
    right=[step_by_apply, step_in_graph, step_by_own_loss],
    unchanged={"training left out": "the model has no layer that trains otherwise", "False in place of True": "the model has no layer that trains otherwise",
               "loss returned": "the loss is what is returned"},
    hints=("The three movements of lab 04d: forward under the tape, gradients, optimizer.", "logits = model(x) (m, T, v); loss = sequence_loss(y, logits); a gradient "
            "for each trainable variable.",
           "with a GradientTape: logits and loss; gradients of the loss by model.trainable_variables; optimizer.apply_gradients of the pairs; return the loss"),
    why="Only what happens under the tape is recorded; the optimizer keeps its memory from step to step, so it comes from outside.", after="Everything that training "
            "needs is yours now.")

# --- sample_next -----------------------------------------------------------------------------------------------------

DRAWS, DEVIATIONS = 600, 6  # standard deviations of a share: false alarms below 1e-6


def draw_logits(rng, v, temperature, scale):
    return (scale * np.arange(v) / (v - 1) + rng.normal(0, 0.05 * scale, v))[rng.permutation(v)].round(3), temperature, int(rng.integers(1000))


def play_draws(function, logits, temperature, seed):
    rng, found = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        try:
            value = function(logits, temperature, rng)
        except ValueError as error:
            if "NaN" in str(error) or "nan" in str(error):
                return Fault("The probabilities are NaN: for large logits the exponential overflows. Take the largest away from all of them first; the softmax stays "
                        "the same.",
                             "not stable")
            raise
        value = value if value is None or isinstance(value, float | str | bool) else plain(value)
        if value is None:
            return NOTHING
        if isinstance(value, np.ndarray) and value.shape == logits.shape:
            return Fault("What comes back has a number for each character: the probabilities, perhaps. One of the characters is to be drawn, and its number given back.",
                         "probabilities, not a draw")
        if isinstance(value, np.ndarray) and value.ndim:
            return Fault(f"An array of shape {value.shape} comes back; an int is wanted. Take the number out of it.", "an array, not an int")
        try:
            found.append(operator.index(value.item() if isinstance(value, np.ndarray | np.generic) else value))
        except (TypeError, AttributeError):
            return Fault(f"An int is wanted, the number of the character drawn; got {value.what if isinstance(value, Odd) else type(value).__name__}.", "not an int")
    if min(found) < 0 or max(found) >= len(logits):
        return Fault(f"{max(found) if max(found) >= len(logits) else min(found)} came back; the characters are numbered 0 to {len(logits) - 1}.", "outside the "
                "vocabulary")
    shares = np.bincount(found, minlength=len(logits)) / DRAWS
    like = _softmax(logits / temperature)
    room = DEVIATIONS * np.sqrt(np.maximum(like * (1 - like), 2 / DRAWS) / DRAWS)
    if (np.abs(shares - like) > room).any():
        known = {"always the likeliest": (np.eye(len(logits))[logits.argmax()], "Always the likeliest character is taken. That is no drawing: the tune would soon run "
                "in a circle."),
                 "temperature ignored": (_softmax(logits), "The characters come as often as at temperature 1: the temperature has no influence."),
                 "multiplied by the temperature": (_softmax(logits * temperature), "The logits are multiplied by the temperature. Dividing makes a low one careful, a "
                 "high one bold."),
                 "all alike": (np.full(len(logits), 1 / len(logits)), "All characters come equally often: the logits have no influence."),
                 "softmax twice": (_softmax(_softmax(logits / temperature)), "They come as if the softmax were taken twice: probabilities were taken for logits."),
                 "probabilities divided": (_softmax(_softmax(logits) / temperature), "The temperature divides the probabilities. It divides the logits, before the "
                 "softmax."),
                 "sign": (_softmax(-logits / temperature), "The unlikely characters come most often: a sign is turned round."),
                 "one too far": (np.roll(like, 1), "The numbers are one too large."), "one too low": (np.roll(like, -1), "The numbers are one too low."),
                 "squared temperature": (_softmax(logits / temperature ** 2), "The logits are divided by the temperature twice."),
                 "no exponential": (_shares(logits - logits.min()), "They come in proportion to the logits themselves: the exponential is missing."),
                 "temperature after the softmax": (_shares(_softmax(logits) * temperature), "The temperature has no influence: it scales the probabilities and cancels.")}
        tilted = [int(plain(function(0.01 * row, temperature, rng))) for row in np.eye(len(logits))]
        if len(set(found)) == 1 and tilted != list(range(len(logits))):
            return Fault("Every draw gives the same number: a new generator with a fixed seed is made in the function, or nothing is drawn.", "the same draw every time")
        fits = {name: says for name, (p, says) in known.items() if (np.abs(shares - p) <= DEVIATIONS * np.sqrt(np.maximum(p * (1 - p), 2 / DRAWS) / DRAWS)).all()}
        if fits:
            name = min(fits, key=lambda n: np.abs(shares - known[n][0]).max())
            return Fault(fits[name], name)
        worst = int(np.argmax(np.abs(shares - like) - room))
        return Fault(f"In {DRAWS} draws at temperature {temperature} character {worst} came in {shares[worst]:.0%}; softmax(logits / temperature) gives it "
                f"{like[worst]:.0%}.",
                     "other frequencies")
    def draws(seed):
        rng = np.random.default_rng(seed)
        return [int(plain(function(logits, temperature, rng))) for _ in range(60)]
    if draws(seed) != found[:60]:
        return Fault("The same seed draws other characters: all chance has to come from `rng`; `np.random` and `tf.random` do not know of it.", "chance not taken "
                "from rng")
    if like.max() < 0.9 and draws(seed + 1) == found[:60]:
        return Fault("Another `rng` draws exactly the same characters: it has no influence.", "rng without influence")
    return {"draws": "right"}


def _shares(p):
    return p / p.sum()


def sample_by_gumbel(logits, temperature, rng):
    return int(np.argmax(np.asarray(logits) / temperature + rng.gumbel(size=len(logits))))


def sample_by_cumsum(logits, temperature, rng):
    z = np.array(logits) / temperature
    p = np.exp(z - np.max(z))
    return np.searchsorted(np.cumsum(p / np.sum(p)), rng.random() * (1 - 1e-12))


def sample_by_tensorflow(logits, temperature, rng):
    seed = rng.integers(0, 2 ** 31 - 1, 2)
    scaled = tf.expand_dims(tf.cast(logits, tf.float32) / temperature, 0)
    return int(tf.squeeze(tf.random.stateless_categorical(scaled, 1, seed)))


CHOICE = "int(rng.choice(len(p), p=p))"
SAMPLE = Exercise(
    ex.sample_next, title="Drawing the next character", difficulty=2, importance=3, minutes=10, draw=draw_logits, play=play_draws, variants=False, costly=True, names=NAMES,
    sizes=[{"v": 3, "temperature": 0.5, "scale": 1.5}, {"v": 4, "temperature": 1.0, "scale": 2}, {"v": 5, "temperature": 2.5, "scale": 4},
           {"v": 4, "temperature": 0.5, "scale": 2000}],
    returns="draws", tied=(("logits", "temperature", "seed"),),
    mistakes=[
        Mistake("always the likeliest", "…", replace=(CHOICE, "int(np.argmax(p))")), Mistake("temperature ignored", "…", replace=(" / temperature", "")),
        Mistake("multiplied by the temperature", "…", replace=("/ temperature", "* temperature")), Mistake("all alike", "…", replace=("len(p), p=p", "len(p)")),
        Mistake("softmax twice", "…", replace=("    p = p / p.sum()\n", "    p = np.exp(p / p.sum())\n    p = p / p.sum()\n")),
        Mistake("sign", "…", replace=("dtype=float) / t", "dtype=float) / -t")), Mistake("not stable", "…", replace=("z - z.max()", "z")),
        Mistake("the same draw every time", "…", replace=("rng.choice", "np.random.default_rng(3).choice")),
        Mistake("probabilities, not a draw", "…", replace=(CHOICE, "p")), Mistake("an array, not an int", "…", replace=(CHOICE, "rng.choice(len(p), size=1, p=p)")),
        Mistake("not an int", "…", replace=("int(", "float(")), Mistake("one too low", "…", replace=(CHOICE, CHOICE.replace("len(p)", "np.roll(np.arange(len(p)), 1)"))),
        Mistake("squared temperature", "…", replace=("/ temperature", "/ temperature ** 2")), Mistake("nothing returned", "…", replace=("return int", "int")),
        Mistake("chance not taken from rng", "…", replace=("rng.choice", "np.random.choice")),
    ],
    right=[sample_by_gumbel, sample_by_cumsum, sample_by_tensorflow],
    hints=("Softmax of lab 00, after dividing by the temperature; then a loaded die.", "p = exp(z − max z) / Σ exp(z − max z), z = logits / temperature (v,); index i "
            "with probability pᵢ.",
           "float64 array of logits divided by temperature; subtract the maximum, exp, divide by the sum; rng.choice of the length with p=p; int"),
    why="Dividing logits by T raises all probabilities to the power 1/T: below 1 that favours the likely.", after="The net can make up its mind.")

# --- generate --------------------------------------------------------------------------------------------------------

WRITE = "abcdef"
WRITER = len(WRITE), 4, 8, "gru"


@functools.lru_cache(1)
def _writer():
    model = ex.build_music_model(*WRITER)
    model.layers[1].unroll = True  # quicker on short texts
    return model


@functools.lru_cache(64)
def _sharp(number):
    """Weights with which one character is all but certain at every step, and depends on the whole past."""
    rng = np.random.default_rng(number)
    weights = [rng.normal(0, 1.2, w.shape).astype(F32) for w in _writer().weights]
    weights[-2] *= 300
    return weights


@functools.lru_cache(4096)
def _state(number, seen):
    """The state of the GRU after these ids, in numpy: thousands of them are asked for."""
    embedding, w, u, b = _sharp(number)[:4]
    if not seen:
        return np.zeros(len(u))
    h = _state(number, seen[:-1])
    x, past = (np.split(t, 3) for t in (embedding[seen[-1]] @ w + b[0], h @ u + b[1]))
    z, r = (1 / (1 + np.exp(-(x[i] + past[i]))) for i in (0, 1))
    return z * h + (1 - z) * np.tanh(x[2] + r * past[2])


def _logits(number, seen):
    return _state(number, tuple(seen)) @ _sharp(number)[4] + _sharp(number)[5]


@functools.lru_cache(2048)
def _chains(number, start, length):
    """What the model writes, and what slips write, where the likeliest character is certain."""
    index = _index(number)
    ids, chars = [index[c] for c in start], {i: c for c, i in index.items()}

    def run(read, first=ids):
        past, out = list(first), []
        for _ in range(length):
            out.append(int(read(past, out).argmax()))
            past.append(out[-1])
        return "".join(chars[i] for i in out)

    def logits(seen):
        return _logits(number, seen)
    return {"": run(lambda past, out: logits(past)), "state forgotten": run(lambda past, out: logits(past[-1:])),
            "state forgotten after the start": run(lambda past, out: logits(past[-1:] if out else ids)),
            "start forgotten": run(lambda past, out: logits(out if out else ids)),
            "only the end of the start": run(lambda past, out: logits(past), ids[-1:]), "only the beginning of the start": run(lambda past, out: logits(past), ids[:1]),
            "not fed back": run(lambda past, out: logits(ids)), "start without its last": run(lambda past, out: logits(past[:len(ids) - 1] + past[len(ids):] or ids)),
            "last character read twice": run(lambda past, out: logits(ids + ids[-1:] + out)), "last of the start fed "
            "on": run(lambda past, out: logits(ids + ids[-1:] * len(out))),
            "start read twice": run(lambda past, out: logits(ids + past)),
            "whole text read again": run(lambda past, out: logits(sum((past[:k] for k in range(len(ids), len(past) + 1)), []))),
            "start only after each": run(lambda past, out: logits(ids + out[-1:])),
            "first step's logits": run(lambda past, out: logits(past if out else ids[:1])),
            "start backwards": run(lambda past, out: logits(ids[::-1] + out))}


SLIPS = {
    "state forgotten": "Each character depends on the one before it alone: the model is called with a single character each time and starts each call with an empty "
    "state. Carry the state "
                       "on with a Memory, or read the whole text so far.",
    "state forgotten after the start": "The start is read, but then each character depends on the one before it alone: the model is called with a single "
                                       "character and starts each call with an empty state. Carry the state on with a Memory, or read the whole text so far.",
    "start forgotten": "After the first character the start is forgotten: the following characters depend on what was written, not on what was read before.",
    "only the end of the start": "Only the last character of `start` is read. The model has to read all of it before it writes.",
    "only the beginning of the start": "Only the first character of `start` is read. The model has to read all of it before it writes.",
    "not fed back": "What was drawn is never read: every character is drawn from what the model says after `start`. Feed each one back.",
    "start without its last": "The last character of `start` is not read before the first one is drawn.",
    "last character read twice": "The last character of `start` is read twice: once with the start, once more before writing.",
    "last of the start fed on": "Instead of the character that was drawn, the last character of `start` is fed back each time.",
    "start read twice": "The start is read twice.",
    "whole text read again": "The whole text so far is read again for each character by a memory that already knows it. Give a Memory only what is new, or the model "
    "the whole.",
    "start only after each": "Each character depends on `start` and on the one before it; those between are forgotten.",
    "first step's logits": "The first character is drawn from what the model says after the first character of `start`. What comes next is in its last row of logits.",
    "start backwards": "The start is read backwards."}


def _index(number):
    return {WRITE[i]: int(i) for i in np.random.default_rng(number).permutation(len(WRITE))}


def draw_writing(rng, start_length, length):
    while True:  # weights and a start with which every slip writes something else
        number, start = int(rng.integers(10 ** 6)), "".join(rng.choice(list(WRITE), start_length))
        chain = _chains(number, start, length)
        if _margin(number, start + chain[""]) > 40 and all(c != chain[""] for n, c in chain.items() if n):
            return number, start, length


def _margin(number, text):
    """How far the likeliest character leads, at the step where it leads least."""
    ids = [_index(number)[c] for c in text]
    z = np.sort([_logits(number, ids[:k]) for k in range(1, len(ids) + 1)], axis=-1)
    return (z[:, -1] - z[:, -2]).min()


def play_writing(function, number, start, length):
    model, index = _writer(), _index(number)
    model.set_weights(_sharp(number))
    text = function(model, start, length, 1.0, index, np.random.default_rng(number))
    text, fault = _written(text, start, length)
    if fault:
        return fault
    chain = _chains(number, start, length)
    if text != chain[""]:
        name = _slip(function, model, start, length)
        if name:
            return Fault(SLIPS[name], name)
        agree = next(i for i in range(length) if text[i] != chain[""][i])
        return Fault(f"With a model that is all but certain of each character, {start!r} should go on with {chain['']!r}; yours writes {text!r}. "
                     + (f"The first {agree} agree." if agree else "The first character differs already: what has the model read when it is drawn?"), "another text")
    if len(start) < 5:
        return {"text": text}
    return _chance_fault(function, model, index, number) or {"text": text}


def _slip(function, model, start, length):
    """The slip that explains what a function writes with several models."""
    left = list(SLIPS)
    for number in range(12):
        chain = _chains(number, start, length)
        if _margin(number, start + chain[""]) > 10 and len(left) > 1:
            model.set_weights(_sharp(number))
            text, _ = _written(function(model, start, length, 1.0, _index(number), np.random.default_rng(0)), start, length)
            left = [n for n in left if chain[n] == text]
    return left[0] if len(left) == 1 else None


def _written(text, start, length):
    """The new characters, or what is wrong."""
    if text is None:
        return None, NOTHING
    if not isinstance(text, str):
        return None, Fault(f"A str is wanted; a {type(text).__name__} comes back. Turn numbers into characters, and join them.", "not a text")
    if len(text) == len(start) + length and text.startswith(start):
        text = text[len(start):]
    if len(text) != length:
        off = len(text) - len(start) - length if text.startswith(start) and len(text) != length - 1 and len(text) != length + 1 else len(text) - length
        what = "too few" if off < 0 else "too many"
        if len(text) == length - len(start) or len(text) == length and text.startswith(start):
            return None, Fault("`length` counts the new characters; here `start` is counted too.", "start counted")
        return None, Fault(f"{length} new characters are wanted after {start!r}; {len(text)} came, {abs(off)} {what}.", "another length")
    if set(text) - set(WRITE):
        return None, Fault("The text holds characters that are not in char_to_index.", "outside the vocabulary")
    return text, None


def _chance_fault(function, model, index, number):
    """Temperature and rng, on a model that says the same at every step."""
    weights = [np.zeros_like(w) for w in _sharp(number)]
    bias = np.random.default_rng(number).permutation(len(WRITE)).astype(F32)

    def write(gap, temperature, seed):
        weights[-1] = gap * bias
        model.set_weights(weights)
        text = function(model, "ab", 9, temperature, index, np.random.default_rng(seed))
        return _written(text, "ab", 9)[0] or ""
    cold, hot = write(0.3, 0.005, 1), write(30.0, 3000.0, 1)
    if len(set(hot)) == 1 and len(set(cold)) == 1:
        return Fault("Always the likeliest character is taken, however high the temperature: draw with sample_next.", "always the likeliest")
    if len(set(hot)) == 1 or len(set(cold)) > 1:
        return Fault("At a temperature near 0 the likeliest character should come every time, at a very high one all should: here the temperature has no influence, "
                "or it is turned round.",
                     "temperature ignored")
    if write(30.0, 3000.0, 1) != hot:
        return Fault("The same seed writes another text: all chance has to come from `rng`.", "chance not taken from rng")
    if write(30.0, 3000.0, 2) == hot:
        return Fault("Another `rng` writes the same text: a seed stands in the function.", "rng without influence")
    return None


def write_by_rereading(model, start, length, temperature, char_to_index, rng):
    chars = {i: c for c, i in char_to_index.items()}
    text = start
    for _ in range(length):
        logits = model(tf.constant([[char_to_index[c] for c in text]]))
        text += chars[sample_next(logits[0, -1].numpy(), temperature, rng)]
    return text


def write_by_cells(model, start, length, temperature, char_to_index, rng):
    embedding, rnn, dense = model.layers
    state = [tf.zeros((1, rnn.units))]
    chars = sorted(char_to_index, key=char_to_index.get)

    def read(c, state):
        out, state = rnn.cell(embedding(np.array([char_to_index[c]])), state)
        return dense(out)[0].numpy(), state
    for c in start:
        logits, state = read(c, state)
    written = []
    for _ in range(length):
        written.append(chars[sample_next(logits, temperature, rng)])
        logits, state = read(written[-1], state)
    return "".join(written)


def write_late(model, start, length, temperature, char_to_index, rng):
    back = list(char_to_index)
    values = list(char_to_index.values())
    memory, ids, new = Memory(model), vectorize(start, char_to_index)[None], []
    while len(new) < length:
        row = np.asarray(memory(ids))[0, -1]
        new.append(sample_next(row, temperature, rng))
        ids = np.array([new[-1:]])
    return start + "".join(back[values.index(i)] for i in new)


READ, AGAIN = "memory(vectorize(start, char_to_index)[None, :])", "memory(np.array([[index]]))"
GENERATE = Exercise(
    ex.generate, title="Writing a tune", difficulty=3, importance=3, minutes=15, draw=draw_writing, play=play_writing, variants=False, costly=True, names=NAMES,
    returns="text",
    sizes=[{"start_length": 3, "length": 6}, {"start_length": 5, "length": 7}], tied=(("number", "start"),),
    mistakes=[
        Mistake("state forgotten", "…", replace=(AGAIN, "np.asarray(model(np.array([[index]])))")), Mistake("not fed back", "…", replace=("logits = " + AGAIN, "pass")),
        Mistake("only the end of the start", "…", replace=("vectorize(start,", "vectorize(start[-1],")),
        Mistake("only the beginning of the start", "…", replace=("vectorize(start,", "vectorize(start[0],")),
        Mistake("start forgotten", "…", replace=("        logits = memory(np", "        memory = Memory(model) if len(written) == 1 else memory\n        logits = "
                "memory(np")),
        Mistake("last of the start fed on", "…", replace=("np.array([[index]])", "np.array([[char_to_index[start[-1]]]])")),
        Mistake("start backwards", "…", replace=("vectorize(start,", "vectorize(start[::-1],")),
        Mistake("start read twice", "…", replace=("vectorize(start,", "vectorize(start + start,")),
        Mistake("last character read twice", "…", replace=("vectorize(start,", "vectorize(start + start[-1],")),
        Mistake("whole text read again", "…", replace=("np.array([[index]])", "vectorize(start + written, char_to_index)[None, :]")),
        Mistake("temperature ignored", "…", replace=("logits[0, -1], temperature", "logits[0, -1], 1.0")),
        Mistake("always the likeliest", "…", replace=("sample_next(logits[0, -1], temperature, rng)", "int(np.argmax(logits[0, -1]))")),
        Mistake("another length", "…", replace=("range(length)", "range(length - 1)")), Mistake("another length", "…", replace=("range(length)", "range(length + 1)")),
        Mistake("start counted", "…", replace=("range(length)", "range(length - len(start))")),
        Mistake("rng without influence", "…", replace=("    written = \"\"", "    rng = np.random.default_rng(0)\n    written = \"\"")),
        Mistake("chance not taken from rng", "…", replace=("    written = \"\"", "    rng = np.random.default_rng()\n    written = \"\"")),
        Mistake("not a text", "…", replace=("return written", "return list(written)")), Mistake("nothing returned", "…", replace=("return written", "return None")),
        Mistake("first step's logits", "…", replace=("logits[0, -1]", "logits[0, 0]")),
    ],
    right=[write_by_rereading, write_by_cells, write_late],
    hints=("Read the start; then draw, note down, read what you drew, and again.", "logits[0, -1] (v,) after the start; index = sample_next(…); the next logits come "
            "from reading [[index]].",
           "turn the dict round; a Memory reads vectorize(start)[None, :]; loop: sample from the last row, add the character, let the Memory read [[index]]"),
    why="The Memory keeps the state, so each character costs one step of the net, however long the tune is.", after="Now let it write.")

EXERCISES = [VECTORIZE, BATCH, BUILD, LOSS, TRAIN, SAMPLE, GENERATE]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("untrained", "A net that knows nothing gives each of v characters the same probability. What is its loss?", {
        "a": ("0", "a loss of 0 would mean that it is certain and right."), "b": ("1 / v", "that is the probability itself; the loss is minus its logarithm."),
        "c": ("ln v", "−log(1 / v) = log v: where training should start. A first loss far above it shows a mistake."), "d": ("v", "the perplexity, the exponential of "
        "the loss, is v."),
    }, answer="c"),
    Quiz("temperature", "A model gives the note G the probability 0.5, A 0.3 and B 0.2. What does a temperature of 0.5 make of G?", {
        "a": ("0.25", "probabilities are not multiplied by T; they still add up to 1."),
        "b": ("0.66", "each is raised to the power 1 / T = 2 and divided by the sum: 0.25 / (0.25 + 0.09 + 0.04)."),
        "c": ("0.5, but A and B become alike", "all ratios change: 5 : 3 becomes 25 : 9."), "d": ("1", "only the limit T → 0 leaves nothing but the likeliest."),
    }, answer="b"),
    Quiz("metre", "Nobody told the net what a bar is. Why do most of its bars add up?", {
        "a": ("The training tunes are written in bars, and a bar line in the wrong place surprises the net", "to predict the bar line it has to keep count in its "
        "state: the loss alone teaches it."),
        "b": ("The sampling throws wrong bars away", "nothing is thrown away: every drawn character stays."),
        "c": ("It copies whole tunes", "the copies are counted above: there are none."), "d": ("A GRU has a counter built in", "it has gates; that they count "
        "was learned."),
    }, answer="a"),
]


def judge_writer(tunes):
    """Tunes as a list of texts: ten different ones of at least eight bars, every bar right, none a copy."""
    tunes = [t for t in dict.fromkeys(str(t).strip() for t in tunes) if len(music.read(t).right) >= 8]
    if len(tunes) < 10:
        return False, f"{len(tunes)} different tunes of eight bars or more are there; ten are wanted."
    scores = music.judge(tunes, "\n\n".join(music.load_tunes()[0]))
    return scores["whole"] == 1 and scores["copies"] == 0, (f"{len(tunes)} tunes: {scores['bars']:.1%} of their bars add up, {scores['whole']:.0%} are right throughout, "
                                                            f"{scores['copies']:.0%} copy more than 40 characters; all, all and none are wanted.")


CHALLENGE = Challenge(
    "in_time", "Ten tunes in time",
    "Hand in `tunes`, a list of ten or more different tunes of eight bars or more that your net wrote, with more bars that add up than the lab's own net manages: "
    "every bar of every tune, and "
    "none copies more than 40 characters. Change the net, the training, the temperature, or write a `generate` that thinks twice; the number of training steps "
    "stays.", judge_writer)
