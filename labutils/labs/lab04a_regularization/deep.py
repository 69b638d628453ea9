"""Very deep nets with any activation, with or without skip connections: what lab 04a's experiments on vanishing and exploding gradients run on.

Forward and backward through layers are taught in lab 03; what the choices do, in lab 04a. The parameters are those of
`initialize_weights`: {"W1", "b1", …}.
"""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import sigmoid


def _leaky(slope):
    return lambda z: np.where(z > 0, z, slope * z), lambda z: np.where(z > 0, 1.0, slope)


ACTIVATIONS = {  # the function and its slope, both of z
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky relu": _leaky(0.01),
    "leaky relu 0.25": _leaky(0.25),  # where the learned slope of PReLU starts
    "ELU": (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))))}


def forward(X, parameters, activation, skip=0.0):
    """Probabilities of a deep net whose output is a sigmoid.

    Parameters
    ----------
    X : ndarray (n_x, m)
    parameters : dict with "W1", "b1", …
    activation : str, a key of ACTIVATIONS
    skip : float
        If above 0, a layer with as many outputs as inputs adds skip times its activations to its input.

    Returns
    -------
    AL : ndarray (1, m)
    caches : list of (A_prev, Z, whether the layer was skipped), one a layer
    """
    f, L, A, caches = ACTIVATIONS[activation][0], len(parameters) // 2, X, []
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
        beside = bool(skip) and Z.shape == A.shape and l < L
        caches.append((A, Z, beside))
        A = sigmoid(Z) if l == L else A + skip * f(Z) if beside else f(Z)
    return A, caches


def gradients(X, Y, parameters, activation, skip=0.0):
    """Gradients of the mean cross-entropy: {"dW1", "db1", …}. Overflow is let pass: it is what the experiments are about."""
    slope, L, m = ACTIVATIONS[activation][1], len(parameters) // 2, X.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        AL, caches = forward(X, parameters, activation, skip)
        grads, dA, dZ = {}, 0, (AL - Y) / m
        for l in range(L, 0, -1):
            A_prev, Z, beside = caches[l - 1]
            if l < L:
                dZ = dA * slope(Z) * (skip if beside else 1)
            grads[f"dW{l}"], grads[f"db{l}"] = dZ @ A_prev.T, dZ.sum(axis=1, keepdims=True)
            dA = parameters[f"W{l}"].T @ dZ + (dA if beside else 0)
    return grads


def norms(grads):
    """Length of the gradient of each layer's weights, the first layer's first."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array([np.linalg.norm(grads[f"dW{l}"]) for l in range(1, len(grads) // 2 + 1)])
