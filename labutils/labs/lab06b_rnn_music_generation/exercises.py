"""Exercises of lab 06b."""
import keras
import numpy as np
import tensorflow as tf

from labutils.stepping import Memory


def vectorize(text, char_to_index):
    """A text as numbers, one for each character.

    Parameters
    ----------
    text : str
    char_to_index : dict {character: int}; every character of the text is in it

    Returns
    -------
    ndarray (len(text),) of an integer type; for an empty text an array of length 0
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return np.array([char_to_index[c] for c in text], dtype=int)
    ### END SOLUTION


def get_batch(sequence, seq_length, batch_size, rng):
    """Windows cut out of one long sequence at random places, and the same windows one step later.

    Parameters
    ----------
    sequence : ndarray (n,) of ints, n at least seq_length + 2
    seq_length : int, length of each window
    batch_size : int, how many
    rng : numpy.random.Generator, gives the places at which the windows start: each window has a
        place of its own, drawn with equal chances from all at which window and target fit into the
        sequence. (Leaving out the very last of these places is fine; so is drawing without
        repetition where there are enough places.) Windows never run over the end, nor wrap around.

    Returns
    -------
    inputs : ndarray (batch_size, seq_length) of ints
    targets : ndarray (batch_size, seq_length) of ints: targets[i, t] is what follows inputs[i, t]
        in the sequence
    """
    # TODO: draw the starts; one row for each, twice (about 4 lines)
    ### BEGIN SOLUTION
    starts = rng.integers(0, len(sequence) - seq_length, batch_size)
    inputs = np.array([sequence[s:s + seq_length] for s in starts])
    targets = np.array([sequence[s + 1:s + 1 + seq_length] for s in starts])
    return inputs, targets
    ### END SOLUTION


def build_music_model(vocab_size, embedding_dim, rnn_units, cell="lstm"):
    """The net that reads characters and says, after each, which may come next.

    An embedding (vocab_size rows of embedding_dim numbers), one recurrent layer of rnn_units, and
    one dense layer that gives a number for each character of the vocabulary. The numbers are
    *logits*: no softmax at the end. One row of logits for every step, not for the last one only.

    Parameters
    ----------
    vocab_size, embedding_dim, rnn_units : int
    cell : str, "lstm" or "gru": which kind of recurrent layer, with Keras's own settings

    Returns
    -------
    keras.Model: ids (m, T) → logits (m, T, vocab_size), for any m and T, not compiled. Written as a
        Sequential, functional or subclassed model; each call starts with an empty state (the layers
        are not stateful).
    """
    # TODO: three layers (about 5 lines)
    ### BEGIN SOLUTION
    recurrent = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    return keras.Sequential([
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(vocab_size, embedding_dim),
        recurrent(rnn_units, return_sequences=True),
        keras.layers.Dense(vocab_size),
    ])
    ### END SOLUTION


def sequence_loss(labels, logits):
    """How surprised the model is by what really comes next: cross-entropy, from logits.

    Parameters
    ----------
    labels : ints (m, T), array or tensor: the characters that really follow
    logits : floats (m, T, vocab_size), array or tensor

    Returns
    -------
    tensor of rank 0 (a float is fine): the mean over all m · T steps of −log softmax(logits)[label], in
        nats. *Stable*: right for logits of some hundreds too.
    """
    # TODO: 1 or 2 lines; tf.nn and keras.losses have what is wanted
    ### BEGIN SOLUTION
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)
    ### END SOLUTION


def train_step(model, optimizer, x, y):
    """One step of training on one batch, with sequence_loss.

    Parameters
    ----------
    model : keras.Model, ids (m, T) → logits (m, T, vocab_size)
    optimizer : keras.optimizers.Optimizer, any; kept from step to step
    x, y : ints (m, T), a batch and what follows each of its characters

    Returns
    -------
    tensor of rank 0: the loss from before the step. (A float is right too, but `float(…)` cannot be
        compiled by tf.function, so training will be slower.)

    All trainable variables of the model are changed, by the optimizer that is given.
    """
    # TODO: a tape with the logits and the loss, gradients, the optimizer (about 5 lines)
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = sequence_loss(y, logits)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
    ### END SOLUTION


def sample_next(logits, temperature, rng):
    """Draw one character: index i with probability softmax(logits / temperature)[i].

    Parameters
    ----------
    logits : floats (vocab_size,), array or tensor
    temperature : float above 0; below 1 the likely becomes likelier, above 1 all become more alike
    rng : numpy.random.Generator, the only source of chance (tf.random would not know of it)

    Returns
    -------
    int, from 0 to vocab_size − 1. *Stable*: logits / temperature of some thousands give no NaN.
    """
    # TODO: a stable softmax in numpy (float64), then rng.choice (about 4 lines)
    ### BEGIN SOLUTION
    z = np.asarray(logits, dtype=float) / temperature
    p = np.exp(z - z.max())
    p = p / p.sum()
    return int(rng.choice(len(p), p=p))
    ### END SOLUTION


def generate(model, start, length, temperature, char_to_index, rng):
    """Let the model write: it reads `start`, then draws a character, reads it, draws the next, …

    What the model has read must stay in its mind to the end: each new character depends on all
    before it, not on the last alone. A call of the model itself starts with an empty state. Either of
    these carries the state on:
      - `memory = Memory(model)` once; then each `memory(ids)` goes on where the last call ended;
      - calling the model on the whole text so far for every character, which is slow.

    Parameters
    ----------
    model : keras.Model, ids (m, T) → logits (m, T, vocab_size), as build_music_model makes it
    start : str, at least one character, all of them in char_to_index
    length : int, how many characters to write
    temperature : float above 0
    char_to_index : dict {character: int}; character i is row i of the logits
    rng : numpy.random.Generator, for sample_next

    Returns
    -------
    str: the `length` new characters. (`start` and then these is fine too.)
    """
    # TODO
    ### BEGIN SOLUTION
    index_to_char = {index: char for char, index in char_to_index.items()}
    memory = Memory(model)
    logits = memory(vectorize(start, char_to_index)[None, :])
    written = ""
    for _ in range(length):
        index = sample_next(logits[0, -1], temperature, rng)
        written += index_to_char[index]
        logits = memory(np.array([[index]]))
    return written
    ### END SOLUTION
