"""A sequence model read one piece at a time: its state goes on from call to call. The idea is taught in lab 06b."""
import weakref

import keras
import numpy as np
import tensorflow as tf

SOON = 40  # steps after which compiling one pays
_compiled, _walks = weakref.WeakKeyDictionary(), weakref.WeakKeyDictionary()


class Memory:
    """A model of sequences that remembers what it has read.

    A Keras model starts every call with an empty state. A Memory starts empty once, when it is made; from then on each call goes on where the last one
    ended. So `memory(first); memory(second)` gives for the second piece what the model itself would give at the end of both in one call, without reading
    the first again.

    Parameters
    ----------
    model : keras.Model
        From ids (m, T) to one row of logits for each step (m, T, vocab_size), such as an embedding, recurrent layers and a dense layer.
        A model whose layers do not stand in such a chain works too, but it reads the whole past again on each call.
    """

    def __init__(self, model):
        self.model, self.states, self.past, self.steps = model, {}, None, 0
        if model not in _walks:
            probe = np.array([[0, 1, 0]])
            try:
                whole, alone = np.asarray(model(probe)), self._read(probe)
                _walks[model] = whole.shape == alone.shape and np.allclose(whole, alone, atol=1e-4)
            except Exception:  # another kind of model: read the whole past
                _walks[model] = False
        self.walks, self.states, self.steps = _walks[model], {}, 0

    def __call__(self, ids):
        """Logits (m, T, vocab_size) for the next piece of the sequence, ids (m, T)."""
        ids = np.asarray(ids)
        if self.walks:
            return self._read(ids)
        self.past = ids if self.past is None else np.concatenate([self.past, ids], axis=1)
        return np.asarray(self.model(self.past))[:, -ids.shape[1]:]

    def _read(self, ids):
        return np.stack([np.asarray(self._step(ids[:, t])) for t in range(ids.shape[1])], axis=1)

    def _step(self, x):
        self.steps += 1
        if self.steps > SOON and self.model not in _compiled:
            _compiled[self.model] = tf.function(_walker(chain(self.model)), reduce_retracing=True)
        step = _compiled[self.model] if self.steps > SOON else _walker(chain(self.model))
        logits, self.states = step(tf.constant(x), self.states)
        return logits


def chain(model):
    """A model's layers, without its inputs."""
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def _walker(layers):
    """One step through these layers: ids (m,) and states in, logits (m, v) and states out."""
    def step(x, states):
        states = dict(states)
        size = x.shape[0]
        for i, layer in enumerate(layers):
            if isinstance(layer, keras.layers.RNN):
                x, states[str(i)] = layer.cell(x, states.get(str(i)) or layer.cell.get_initial_state(batch_size=size))
            else:
                x = layer(x)
        return x, states
    return step
