"""Exercises of lab 03."""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import sigmoid
from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters


def initialize_parameters_deep(layer_dims, rng):
    """Random weights of the right size and zero biases for a net of any depth.

    Parameters
    ----------
    layer_dims : list of int, numbers of units from the inputs to the output: [n_x, n_1, …, n_L]
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    parameters : dict with "W1", "b1", …, "WL", "bL"; W[l] (n[l], n[l-1]) normal with standard deviation
        √(2 / n[l-1]), b[l] (n[l], 1) zero
    """
    # TODO: a loop over the layers (about 5 lines)
    ### BEGIN SOLUTION
    parameters = {}
    for l in range(1, len(layer_dims)):
        n_in, n_out = layer_dims[l - 1], layer_dims[l]
        parameters[f"W{l}"] = rng.standard_normal((n_out, n_in)) * np.sqrt(2 / n_in)
        parameters[f"b{l}"] = np.zeros((n_out, 1))
    return parameters
    ### END SOLUTION


def linear_forward(A_prev, W, b):
    """The linear part of a layer.

    Parameters
    ----------
    A_prev : ndarray (n_prev, m), activations of the layer before, or the inputs
    W : ndarray (n, n_prev)
    b : ndarray (n, 1)

    Returns
    -------
    Z : ndarray (n, m)
    cache : tuple (A_prev, W, b), kept for the way back
    """
    # TODO: 1 or 2 lines
    ### BEGIN SOLUTION
    Z = np.dot(W, A_prev) + b
    return Z, (A_prev, W, b)
    ### END SOLUTION


def linear_activation_forward(A_prev, W, b, activation):
    """A whole layer: linear part, then activation.

    Parameters
    ----------
    A_prev : ndarray (n_prev, m)
    W : ndarray (n, n_prev)
    b : ndarray (n, 1)
    activation : str, "relu" or "sigmoid"

    Returns
    -------
    A : ndarray (n, m)
    cache : tuple (linear_cache, Z), linear_cache as linear_forward returns it

    Raises
    ------
    ValueError
        For any other activation.
    """
    # TODO: linear_forward, then a branch for each activation (about 8 lines)
    ### BEGIN SOLUTION
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "relu":
        A = np.maximum(Z, 0)
    elif activation == "sigmoid":
        A = sigmoid(Z)
    else:
        raise ValueError(f"there is no activation {activation!r}")
    return A, (linear_cache, Z)
    ### END SOLUTION


def model_forward(X, parameters):
    """Forward through the whole net: relu in every layer but the last, sigmoid there.

    Parameters
    ----------
    X : ndarray (n_x, m)
    parameters : dict with "W1", "b1", …, "WL", "bL", L at least 1

    Returns
    -------
    AL : ndarray (1, m), probabilities
    caches : list of L caches, one a layer, the first layer's first, as linear_activation_forward returns them
    """
    # TODO: a loop over the hidden layers, then the last one (about 8 lines)
    ### BEGIN SOLUTION
    A, caches = X, []
    L = len(parameters) // 2
    for l in range(1, L):
        A, cache = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters[f"W{L}"], parameters[f"b{L}"], "sigmoid")
    caches.append(cache)
    return AL, caches
    ### END SOLUTION


def deep_cost(AL, Y):
    """Mean cross-entropy of predictions.

    Parameters
    ----------
    AL : ndarray (1, m), predicted probabilities, strictly between 0 and 1
    Y : ndarray (1, m), zeros and ones

    Returns
    -------
    float
    """
    # TODO: the same formula for the third time: how many lines do you need now?
    ### BEGIN SOLUTION
    losses = -(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    return float(np.mean(losses))
    ### END SOLUTION


def linear_backward(dZ, cache):
    """Back through the linear part of a layer.

    Parameters
    ----------
    dZ : ndarray (n, m), gradient of each example's loss with respect to Z
    cache : tuple (A_prev, W, b) from linear_forward

    Returns
    -------
    dA_prev : ndarray (n_prev, m), gradient of each example's loss with respect to A_prev
    dW : ndarray (n, n_prev), gradient of the cost, the mean over the examples
    db : ndarray (n, 1), likewise
    """
    # TODO: three products or sums (about 4 lines)
    ### BEGIN SOLUTION
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db
    ### END SOLUTION


def linear_activation_backward(dA, cache, activation):
    """Back through a whole layer: activation first, then the linear part.

    Parameters
    ----------
    dA : ndarray (n, m), gradient of each example's loss with respect to A
    cache : tuple (linear_cache, Z) from linear_activation_forward
    activation : str, "relu" or "sigmoid"

    Returns
    -------
    dA_prev : ndarray (n_prev, m)
    dW : ndarray (n, n_prev)
    db : ndarray (n, 1)

    Raises
    ------
    ValueError
        For any other activation.
    """
    # TODO: dZ for each activation, then linear_backward (about 9 lines)
    ### BEGIN SOLUTION
    linear_cache, Z = cache
    if activation == "relu":
        dZ = dA * (Z > 0)
    elif activation == "sigmoid":
        A = sigmoid(Z)
        dZ = dA * A * (1 - A)
    else:
        raise ValueError(f"there is no activation {activation!r}")
    return linear_backward(dZ, linear_cache)
    ### END SOLUTION


def model_backward(AL, Y, caches):
    """Gradients of the cost with respect to every parameter.

    Parameters
    ----------
    AL : ndarray (1, m), probabilities from model_forward
    Y : ndarray (1, m), zeros and ones
    caches : list of L caches from model_forward

    Returns
    -------
    grads : dict with "dW1", "db1", …, "dWL", "dbL"; there may be more keys in it
    """
    # TODO: the last layer, then a loop from the last hidden layer to the first (about 8 lines)
    ### BEGIN SOLUTION
    grads, L = {}, len(caches)
    (X, W, b), Z = caches[0]
    caches = [((X, W[:, :0], b), Z), *caches[1:]]  # X is data, nobody wants its gradient: that product is made empty
    dA = -(Y / AL - (1 - Y) / (1 - AL))
    dA, grads[f"dW{L}"], grads[f"db{L}"] = linear_activation_backward(dA, caches[L - 1], "sigmoid")
    for l in range(L - 1, 0, -1):
        dA, grads[f"dW{l}"], grads[f"db{l}"] = linear_activation_backward(dA, caches[l - 1], "relu")
    return grads
    ### END SOLUTION


def deep_model(X, Y, layer_dims, num_iterations, learning_rate, rng):
    """Train a net of any depth.

    Parameters
    ----------
    X : ndarray (n_x, m)
    Y : ndarray (1, m), zeros and ones
    layer_dims : list of int, [n_x, n_1, …, 1]
    num_iterations : int, number of steps
    learning_rate : float
    rng : np.random.Generator, for the initial weights

    Returns
    -------
    parameters : dict with "W1", "b1", …, after the last step
    costs : list of float, one a step, each from before that step
    """
    # TODO: put the pieces together; update_parameters of lab 02 makes the step
    ### BEGIN SOLUTION
    parameters = initialize_parameters_deep(layer_dims, rng)
    costs = []
    for i in range(num_iterations):
        AL, caches = model_forward(X, parameters)
        costs.append(deep_cost(AL, Y))
        grads = model_backward(AL, Y, caches)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters, costs
    ### END SOLUTION
