"""Exercises of lab 01."""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import sigmoid


def initialize_with_zeros(n_x):
    """Weights and bias of one neuron, all zero.

    Parameters
    ----------
    n_x : int, number of inputs

    Returns
    -------
    w : ndarray (n_x, 1)
    b : float
    """
    # TODO: a column of zeros and a number (2 lines)
    ### BEGIN SOLUTION
    w = np.zeros((n_x, 1))
    b = 0.0
    return w, b
    ### END SOLUTION


def cross_entropy_cost(A, Y):
    """Mean cross-entropy of predictions.

    Parameters
    ----------
    A : ndarray (1, m), predicted probabilities, strictly between 0 and 1
    Y : ndarray (1, m), zeros and ones

    Returns
    -------
    float
    """
    # TODO: the loss of each example, then their mean (2 lines)
    ### BEGIN SOLUTION
    losses = -(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    return float(np.mean(losses))
    ### END SOLUTION


def propagate(w, b, X, Y):
    """Cost of logistic regression and its gradients.

    Parameters
    ----------
    w : ndarray (n_x, 1)
    b : float
    X : ndarray (n_x, m), one example a column
    Y : ndarray (1, m), zeros and ones

    Returns
    -------
    grads : dict with "dw", ndarray (n_x, 1), and "db", float
    cost : float, mean cross-entropy
    """
    # TODO: activations, then the cost, then both gradients (about 5 lines)
    ### BEGIN SOLUTION
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = cross_entropy_cost(A, Y)
    dw = np.dot(X, (A - Y).T) / m
    db = float(np.sum(A - Y)) / m
    return {"dw": dw, "db": db}, cost
    ### END SOLUTION


def optimize(w, b, X, Y, num_iterations, learning_rate):
    """Gradient descent on the cost of logistic regression.

    Parameters
    ----------
    w : ndarray (n_x, 1)
    b : float
    X : ndarray (n_x, m)
    Y : ndarray (1, m)
    num_iterations : int, number of steps
    learning_rate : float

    Returns
    -------
    params : dict with "w", ndarray (n_x, 1), and "b", float, after the last step
    grads : dict with "dw" and "db", as computed in the last step
    costs : list of float, one a step, each from before that step
    """
    # TODO: in each step: propagate, remember the cost, move w and b (about 7 lines)
    ### BEGIN SOLUTION
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        costs.append(cost)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, costs
    ### END SOLUTION


def predict(w, b, X):
    """Label each example with 0 or 1.

    Parameters
    ----------
    w : ndarray (n_x, 1)
    b : float
    X : ndarray (n_x, m)

    Returns
    -------
    ndarray (1, m): 1 where the probability is above one half, else 0
    """
    # TODO: 2 lines
    ### BEGIN SOLUTION
    A = sigmoid(np.dot(w.T, X) + b)
    return (A > 0.5).astype(int)
    ### END SOLUTION


def logistic_model(X_train, Y_train, X_test, Y_test, num_iterations, learning_rate):
    """Train one neuron and measure it.

    Parameters
    ----------
    X_train : ndarray (n_x, m_train)
    Y_train : ndarray (1, m_train)
    X_test : ndarray (n_x, m_test)
    Y_test : ndarray (1, m_test)
    num_iterations : int
    learning_rate : float

    Returns
    -------
    dict with "w", "b", "costs", "Y_prediction_train" (1, m_train), "Y_prediction_test" (1, m_test), and
    "train_accuracy", "test_accuracy" in percent
    """
    # TODO: put the pieces together
    ### BEGIN SOLUTION
    w, b = initialize_with_zeros(X_train.shape[0])
    params, grads, costs = optimize(w, b, X_train, Y_train, num_iterations, learning_rate)
    w, b = params["w"], params["b"]
    Y_prediction_train = predict(w, b, X_train)
    Y_prediction_test = predict(w, b, X_test)
    train_accuracy = 100 * float(np.mean(Y_prediction_train == Y_train))
    test_accuracy = 100 * float(np.mean(Y_prediction_test == Y_test))
    return {"w": w, "b": b, "costs": costs, "Y_prediction_train": Y_prediction_train,
            "Y_prediction_test": Y_prediction_test, "train_accuracy": train_accuracy,
            "test_accuracy": test_accuracy}
    ### END SOLUTION
