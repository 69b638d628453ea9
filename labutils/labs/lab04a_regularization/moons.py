"""The noisy moons of lab 04a, and the training loop that its experiments share (each way to train is taught in the lab itself)."""
import numpy as np

from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters
from labutils.labs.lab03_deep_net.exercises import initialize_parameters_deep, model_backward, model_forward

from .exercises import normalize_inputs

LOOK = 50  # steps between two looks at the parameters


def moons(seed, n=200, noise=0.35):
    """Two interleaved half-moons, normalised by the training set.

    Parameters
    ----------
    seed : int
    n : int, number of training points
    noise : float

    Returns
    -------
    X_train (2, n), Y_train (1, n), X_val (2, 200), Y_val (1, 200), X_test (2, 1000), Y_test (1, 1000)
    """
    from sklearn.datasets import make_moons

    X, y = make_moons(n + 1200, noise=noise, random_state=seed)
    X_train, X_rest, _, _ = normalize_inputs(X.T[:, :n], X.T[:, n:])
    return X_train, y[None, :n], X_rest[:, :200], y[None, n:n + 200], X_rest[:, 200:], y[None, n + 200:]


def forward(X, parameters):
    """Lab 03's forward pass, its probabilities kept off 0 and 1: one that rounds to 1 would end in 0/0 on the way back."""
    with np.errstate(over="ignore"):
        AL, caches = model_forward(X, parameters)
    return np.clip(AL, 1e-9, 1 - 1e-9), caches


def plain(X, Y, parameters, rng):
    """Gradients of the mean cross-entropy, as in lab 03."""
    AL, caches = forward(X, parameters)
    return model_backward(AL, Y, caches)


def train(gradients, X, Y, layers=(2, 40, 20, 1), steps=4000, rate=1.0, seed=0):
    """Gradient descent from lab 03's start.

    Parameters
    ----------
    gradients : function (X, Y, parameters, rng) → grads, one way to train, such as `plain`

    Returns
    -------
    list of parameters: those of every 50th step, and the last
    """
    rng, kept = np.random.default_rng(seed), []
    parameters = initialize_parameters_deep(list(layers), rng)
    with np.errstate(over="ignore"):  # a sigmoid that is very sure overflows and is right all the same
        for step in range(steps):
            kept += [parameters] if step % LOOK == 0 else []
            parameters = update_parameters(parameters, gradients(X, Y, parameters, rng), rate)
    return [*kept, parameters]


def accuracy(parameters, X, Y):
    """Share of right answers in percent."""
    return 100 * float(np.mean((forward(X, parameters)[0] > 0.5) == Y))


def weights(parameters):
    """All weights of a net, without the biases, in one flat array."""
    return np.concatenate([parameters[f"W{l}"].ravel() for l in range(1, len(parameters) // 2 + 1)])
