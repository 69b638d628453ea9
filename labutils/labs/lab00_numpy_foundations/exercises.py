"""Exercises of lab 00."""
import numpy as np


def sigmoid(z):
    """Squash numbers into (0, 1).

    Parameters
    ----------
    z : ndarray of any shape, or a number

    Returns
    -------
    ndarray of the same shape, or a number: 1 / (1 + exp(-z)), entry by entry
    """
    # TODO: the formula, for all entries at once (1 line)
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-z))
    ### END SOLUTION


def sigmoid_derivative(z):
    """Slope of the sigmoid at z.

    Parameters
    ----------
    z : ndarray of any shape, or a number (z itself, not sigmoid(z))

    Returns
    -------
    ndarray of the same shape, or a number: sigmoid(z) * (1 - sigmoid(z))
    """
    # TODO: call your sigmoid, then use what it gives (2 lines)
    ### BEGIN SOLUTION
    s = sigmoid(z)
    return s * (1 - s)
    ### END SOLUTION


def images_to_matrix(images):
    """Unroll images into the columns of a matrix.

    Parameters
    ----------
    images : ndarray (m, h, w, c)

    Returns
    -------
    ndarray (h*w*c, m): column i holds the numbers of image i, in the order in which they are stored
    """
    # TODO: one image a row first, then turn rows into columns (1 line)
    ### BEGIN SOLUTION
    return images.reshape(images.shape[0], -1).T
    ### END SOLUTION


def normalize_rows(x):
    """Scale each row to Euclidean length 1.

    Parameters
    ----------
    x : ndarray (n, d), no row of zeros

    Returns
    -------
    ndarray (n, d)
    """
    # TODO: the length of each row, in a shape that broadcasts against x (2 lines)
    ### BEGIN SOLUTION
    length = np.sqrt(np.sum(x ** 2, axis=1, keepdims=True))
    return x / length
    ### END SOLUTION


def softmax(z):
    """Turn scores into probabilities, column by column, without overflow.

    Parameters
    ----------
    z : ndarray (n_classes, m), one example a column; scores of 1000 and more must not break it

    Returns
    -------
    ndarray (n_classes, m): positive, each column sums to 1
    """
    # TODO: shift each column by its maximum, exponentiate, divide (3 lines)
    ### BEGIN SOLUTION
    shifted = z - np.max(z, axis=0, keepdims=True)
    e = np.exp(shifted)
    return e / np.sum(e, axis=0, keepdims=True)
    ### END SOLUTION


def l1_loss(y_hat, y):
    """Sum of absolute differences.

    Parameters
    ----------
    y_hat, y : ndarray of the same shape

    Returns
    -------
    float
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return float(np.sum(np.abs(y_hat - y)))
    ### END SOLUTION


def l2_loss(y_hat, y):
    """Sum of squared differences.

    Parameters
    ----------
    y_hat, y : ndarray of the same shape

    Returns
    -------
    float
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return float(np.sum((y_hat - y) ** 2))
    ### END SOLUTION


def pairwise_squared_distances(A, B):
    """Squared Euclidean distance of every row of A from every row of B.

    Parameters
    ----------
    A : ndarray (n, d)
    B : ndarray (k, d)

    Returns
    -------
    ndarray (n, k): entry (i, j) is the squared distance of A[i] from B[j]
    """
    # TODO: no Python loop; insert axes so that rows of A meet rows of B (2 lines)
    ### BEGIN SOLUTION
    difference = A[:, None, :] - B[None, :, :]
    return np.sum(difference ** 2, axis=2)
    ### END SOLUTION


def grid_points(x_min, x_max, y_min, y_max, step):
    """Points of a regular grid, one a row.

    Parameters
    ----------
    x_min, x_max, y_min, y_max : float, the ends as np.arange has them: the maximum is left out
    step : float

    Returns
    -------
    ndarray (n, 2): columns x and y; y is the slow axis, so the first rows share their y
    """
    # TODO: both axes, the grid, then one row a point (3 or 4 lines)
    ### BEGIN SOLUTION
    x = np.arange(x_min, x_max, step)
    y = np.arange(y_min, y_max, step)
    xx, yy = np.meshgrid(x, y)
    return np.c_[xx.ravel(), yy.ravel()]
    ### END SOLUTION


def binary_accuracy(y_hat, y):
    """Share of right predictions, in percent.

    Parameters
    ----------
    y_hat, y : ndarray (1, m) of zeros and ones

    Returns
    -------
    float, from 0 to 100
    """
    # TODO: count the agreeing ones and the agreeing zeros by two dot products (3 lines)
    ### BEGIN SOLUTION
    ones = np.dot(y_hat, y.T)
    zeros = np.dot(1 - y_hat, (1 - y).T)
    return 100 * float((ones + zeros).item()) / y.size
    ### END SOLUTION
