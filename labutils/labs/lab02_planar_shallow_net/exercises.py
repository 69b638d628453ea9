"""Exercises of lab 02."""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import sigmoid


def activation(z, name):
    """An activation function, entry by entry.

    Parameters
    ----------
    z : ndarray of any shape, or float
    name : str, "sigmoid", "tanh", "relu" or "leaky_relu" (slope 0.01 below 0)

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    ValueError
        For any other name.
    """
    # TODO: a branch for each name, and a ValueError for the rest (about 9 lines)
    ### BEGIN SOLUTION
    if name == "sigmoid":
        return sigmoid(z)
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(z, 0)
    if name == "leaky_relu":
        return np.where(z > 0, z, 0.01 * z)
    raise ValueError(f"there is no activation {name!r}")
    ### END SOLUTION


def activation_derivative(z, name):
    """The slope of an activation function at z, entry by entry.

    Parameters
    ----------
    z : ndarray of any shape, or float; what went into the activation
    name : str, "sigmoid", "tanh", "relu" or "leaky_relu" (slope 0.01 below 0)

    Returns
    -------
    ndarray of the same shape; at z = 0 the slope of either side will do

    Raises
    ------
    ValueError
        For any other name.
    """
    # TODO: a branch for each name, and a ValueError for the rest (about 10 lines)
    ### BEGIN SOLUTION
    if name == "sigmoid":
        a = sigmoid(z)
        return a * (1 - a)
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if name == "leaky_relu":
        return np.where(z > 0, 1.0, 0.01)
    raise ValueError(f"there is no activation {name!r}")
    ### END SOLUTION


def initialize_parameters(n_x, n_h, n_y, rng):
    """Small random weights and zero biases for a net with one hidden layer.

    Parameters
    ----------
    n_x, n_h, n_y : int, numbers of inputs, hidden units and outputs
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    parameters : dict with "W1" (n_h, n_x), "b1" (n_h, 1), "W2" (n_y, n_h), "b2" (n_y, 1); the weights normal
        with standard deviation 0.01, the biases zero
    """
    # TODO: two weight matrices from rng, two columns of zeros (4 lines)
    ### BEGIN SOLUTION
    W1 = 0.01 * rng.standard_normal((n_h, n_x))
    b1 = np.zeros((n_h, 1))
    W2 = 0.01 * rng.standard_normal((n_y, n_h))
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    ### END SOLUTION


def forward_propagation(X, parameters):
    """Forward through a net with one hidden layer: tanh there, sigmoid at the output.

    Parameters
    ----------
    X : ndarray (n_x, m), one example a column
    parameters : dict with "W1" (n_h, n_x), "b1" (n_h, 1), "W2" (1, n_h), "b2" (1, 1)

    Returns
    -------
    A2 : ndarray (1, m), probabilities
    cache : dict with "Z1" (n_h, m), "A1" (n_h, m), "Z2" (1, m), "A2" (1, m)
    """
    # TODO: first layer, second layer (4 lines)
    ### BEGIN SOLUTION
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    ### END SOLUTION


def compute_cost(A2, Y):
    """Mean cross-entropy of predictions.

    Parameters
    ----------
    A2 : ndarray (1, m), predicted probabilities, strictly between 0 and 1
    Y : ndarray (1, m), zeros and ones

    Returns
    -------
    float
    """
    # TODO: as in lab 01, from memory (1 or 2 lines)
    ### BEGIN SOLUTION
    losses = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
    return float(np.mean(losses))
    ### END SOLUTION


def backward_propagation(parameters, cache, X, Y):
    """Gradients of the mean cross-entropy of a net with one hidden layer of tanh units.

    Parameters
    ----------
    parameters : dict with "W1" (n_h, n_x), "b1" (n_h, 1), "W2" (1, n_h), "b2" (1, 1)
    cache : dict with "Z1", "A1" (n_h, m), "Z2", "A2" (1, m), from forward_propagation(X, parameters)
    X : ndarray (n_x, m)
    Y : ndarray (1, m), zeros and ones

    Returns
    -------
    grads : dict with "dW1", "db1", "dW2", "db2", each in the shape of its parameter
    """
    # TODO: from the output back to the first layer (about 7 lines)
    ### BEGIN SOLUTION
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - A1 ** 2)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    ### END SOLUTION


def update_parameters(parameters, grads, learning_rate):
    """One step of gradient descent, for a net of any number of layers.

    Parameters
    ----------
    parameters : dict with "W1", "b1", "W2", "b2", …
    grads : dict with "dW1", "db1", "dW2", "db2", …; there may be more keys in it
    learning_rate : float

    Returns
    -------
    dict like parameters, new; the one given stays as it was
    """
    # TODO: every parameter moves against its gradient (1 to 5 lines)
    ### BEGIN SOLUTION
    return {name: value - learning_rate * grads["d" + name] for name, value in parameters.items()}
    ### END SOLUTION


def shallow_model(X, Y, n_h, num_iterations, learning_rate, rng):
    """Train a net with one hidden layer.

    Parameters
    ----------
    X : ndarray (n_x, m)
    Y : ndarray (1, m), zeros and ones
    n_h : int, number of hidden units
    num_iterations : int, number of steps
    learning_rate : float
    rng : np.random.Generator, for the initial weights

    Returns
    -------
    parameters : dict with "W1", "b1", "W2", "b2", after the last step
    costs : list of float, one a step, each from before that step
    """
    # TODO: initialize; then in each step forward, cost, backward, update (about 8 lines)
    ### BEGIN SOLUTION
    parameters = initialize_parameters(X.shape[0], n_h, Y.shape[0], rng)
    costs = []
    for i in range(num_iterations):
        A2, cache = forward_propagation(X, parameters)
        costs.append(compute_cost(A2, Y))
        grads = backward_propagation(parameters, cache, X, Y)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters, costs
    ### END SOLUTION


def predict(parameters, X):
    """Label each example with 0 or 1.

    Parameters
    ----------
    parameters : dict with "W1", "b1", "W2", "b2"
    X : ndarray (n_x, m)

    Returns
    -------
    ndarray (1, m): 1 where the probability is above one half, else 0
    """
    # TODO: 2 lines
    ### BEGIN SOLUTION
    A2, cache = forward_propagation(X, parameters)
    return (A2 > 0.5).astype(int)
    ### END SOLUTION
