"""A sequence model read one piece at a time: its state goes on from call to call. The idea is taught in lab 06b."""
import keras
import numpy as np


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
        self.model, self.states, self.past = model, {}, None
        self.chain = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
        probe = np.array([[0, 1, 0]])
        try:
            whole, alone = np.asarray(model(probe)), self._read(probe)
            self.walks = whole.shape == alone.shape and np.allclose(whole, alone, atol=1e-4)
        except Exception:  # another kind of model: read the whole past
            self.walks = False
        self.states = {}

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
        for i, layer in enumerate(self.chain):
            if isinstance(layer, keras.layers.RNN):
                state = self.states.get(i) or layer.cell.get_initial_state(batch_size=len(x))
                x, self.states[i] = layer.cell(x, state)
            else:
                x = layer(x)
        return x
