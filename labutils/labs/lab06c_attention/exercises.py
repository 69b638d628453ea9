"""Exercises of lab 06c."""
import keras
import numpy as np


def causal_mask(n):
    """Who may look at whom when nobody may look ahead.

    Parameters
    ----------
    n : int, the number of places

    Returns
    -------
    ndarray (n, n) of bool (or of 0 and 1): entry [i, j] is True where place i may look at place j, that is at itself and at
        every place before it
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return np.tril(np.ones((n, n), bool))
    ### END SOLUTION


def scaled_dot_product_attention(Q, K, V, mask=None):
    """Look up by likeness: each query gets a mean of the values, weighted by how well their keys fit it.

    Parameters
    ----------
    Q : ndarray (…, n_q, d), the queries; "…" stands for any number of further axes, such as examples and heads
    K : ndarray (…, n_k, d), the keys
    V : ndarray (…, n_k, d_v), the values, one for each key
    mask : ndarray (n_q, n_k), or with the further axes of the others, of bool or of 0 and 1; None for no mask.
        Where it is False the query may not look: the weight there is 0. Each query may look somewhere

    Returns
    -------
    output : ndarray (…, n_q, d_v)
    weights : ndarray (…, n_q, n_k): softmax over the keys of Q Kᵀ / √d; each row sums to 1. It stays finite for scores of
        any size
    """
    # TODO: scores, the mask, a softmax over the last axis, the weighted sum (about 7 lines)
    ### BEGIN SOLUTION
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    scores = scores - np.max(scores, axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return weights @ V, weights
    ### END SOLUTION


def positional_encoding(length, d_model):
    """A pattern of waves for each place, so that a net can tell places apart.

    Parameters
    ----------
    length : int, the number of places, counted from 0
    d_model : int, even: how many numbers each place gets

    Returns
    -------
    ndarray (length, d_model): column 2i holds sin(place / 10000^(2i / d_model)), column 2i + 1 the cosine of the same angle
    """
    # TODO: all angles at once, then sines into the even and cosines into the odd columns (about 5 lines)
    ### BEGIN SOLUTION
    place, i = np.arange(length)[:, None], np.arange(d_model // 2)
    angles = place / 10000 ** (2 * i / d_model)
    waves = np.zeros((length, d_model))
    waves[:, 0::2] = np.sin(angles)
    waves[:, 1::2] = np.cos(angles)
    return waves
    ### END SOLUTION


def split_heads(x, n_heads):
    """Cut the numbers of each place into equal parts, one for each head.

    Parameters
    ----------
    x : ndarray (m, n, d): m examples, n places, d numbers each
    n_heads : int, a divisor of d

    Returns
    -------
    ndarray (m, n_heads, n, d / n_heads): head k has the k-th part of every place's numbers, in their order
    """
    # TODO: a reshape and a transpose (2 or 3 lines)
    ### BEGIN SOLUTION
    m, n, d = x.shape
    return x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)
    ### END SOLUTION


def merge_heads(x):
    """Put the parts together again: merge_heads(split_heads(x, h)) is x, for any h.

    Parameters
    ----------
    x : ndarray (m, h, n, d_h)

    Returns
    -------
    ndarray (m, n, h · d_h)
    """
    # TODO: the two steps backwards
    ### BEGIN SOLUTION
    m, h, n, d_h = x.shape
    return x.transpose(0, 2, 1, 3).reshape(m, n, h * d_h)
    ### END SOLUTION


def multi_head_attention(x, Wq, Wk, Wv, Wo, n_heads, mask=None):
    """Self-attention with several heads: every place of a sequence looks at the places of the same sequence, in several ways at once.

    Parameters
    ----------
    x : ndarray (m, n, d)
    Wq, Wk, Wv : ndarray (d, d), from x to queries, keys and values of all heads side by side
    Wo : ndarray (d, d), from the heads' merged outputs to the result
    n_heads : int, a divisor of d
    mask : ndarray (n, n) of bool, or None

    Returns
    -------
    output : ndarray (m, n, d)
    weights : ndarray (m, n_heads, n, n), how much each place looks at each, in every head
    """
    # TODO: queries, keys and values; split; attend; merge; Wo
    ### BEGIN SOLUTION
    Q, K, V = (split_heads(x @ W, n_heads) for W in (Wq, Wk, Wv))
    heads, weights = scaled_dot_product_attention(Q, K, V, mask)
    return merge_heads(heads) @ Wo, weights
    ### END SOLUTION


def transformer_block(x, n_heads, d_ff):
    """One block of a causal transformer, with the normalisation before each part: x + attention, then that + a small dense net.

    Parameters
    ----------
    x : Keras tensor (m, n, d)
    n_heads : int, a divisor of d; each head has d / n_heads numbers
    d_ff : int, the width of the dense net's hidden layer

    Returns
    -------
    Keras tensor (m, n, d), made of new keras.layers in every call:
        y = x + MultiHeadAttention of LayerNormalization(x) with itself, in which no place looks ahead
        y + Dense(d) of Dense(d_ff, ReLU) of another LayerNormalization(y)
    """
    # TODO: keras.layers.MultiHeadAttention knows `use_causal_mask` when it is called
    ### BEGIN SOLUTION
    d = x.shape[-1]
    normal = keras.layers.LayerNormalization()(x)
    attention = keras.layers.MultiHeadAttention(n_heads, d // n_heads)
    x = keras.layers.Add()([x, attention(normal, normal, use_causal_mask=True)])
    normal = keras.layers.LayerNormalization()(x)
    hidden = keras.layers.Dense(d_ff, activation="relu")(normal)
    return keras.layers.Add()([x, keras.layers.Dense(d)(hidden)])
    ### END SOLUTION
