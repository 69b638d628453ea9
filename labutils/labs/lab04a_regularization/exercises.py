"""Exercises of lab 04a."""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import sigmoid  # noqa: F401
from labutils.labs.lab03_deep_net.exercises import (  # noqa: F401 (some are there for learners: no reference calls them)
    deep_cost,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    linear_forward,
    model_backward,
    model_forward,
)


def normalize_inputs(X_train, X_test):
    """Give every feature mean 0 and standard deviation 1, as measured on the training set.

    Parameters
    ----------
    X_train : ndarray (n, m_train), one example a column
    X_test : ndarray (n, m_test)

    Returns
    -------
    X_train_n : ndarray (n, m_train)
    X_test_n : ndarray (n, m_test), moved and scaled with the training set's numbers
    mean : ndarray (n, 1), of each feature over the training examples
    std : ndarray (n, 1), standard deviation, with the mean over all m_train examples under the root
        (as np.std has it); no feature is constant
    """
    # TODO: two statistics of the training set, then both sets (4 lines)
    ### BEGIN SOLUTION
    mean = np.mean(X_train, axis=1, keepdims=True)
    std = np.std(X_train, axis=1, keepdims=True)
    X_train_n = (X_train - mean) / std
    X_test_n = (X_test - mean) / std
    return X_train_n, X_test_n, mean, std
    ### END SOLUTION


def initialize_weights(layer_dims, scheme, rng):
    """Weights of a net by one of four schemes; the biases are zero.

    Parameters
    ----------
    layer_dims : list of int, numbers of units from the inputs to the output: [n_0, n_1, …, n_L]
    scheme : str
        "zeros": all weights 0; "large": normal with standard deviation 10; "xavier": normal with variance
        1/n[l-1], or 2/(n[l-1] + n[l]), either will do; "he": normal with variance 2/n[l-1]
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    parameters : dict with "W1", "b1", …, "WL", "bL"; W[l] is (n[l], n[l-1]), b[l] is (n[l], 1)

    Raises
    ------
    ValueError
        For any other scheme.
    """
    # TODO: a standard deviation for each scheme, a loop over the layers (about 10 lines)
    ### BEGIN SOLUTION
    parameters = {}
    for l in range(1, len(layer_dims)):
        n_in, n_out = layer_dims[l - 1], layer_dims[l]
        stds = {"zeros": 0.0, "large": 10.0, "xavier": np.sqrt(1 / n_in), "he": np.sqrt(2 / n_in)}
        if scheme not in stds:
            raise ValueError(f"there is no scheme {scheme!r}")
        parameters[f"W{l}"] = stds[scheme] * rng.standard_normal((n_out, n_in))
        parameters[f"b{l}"] = np.zeros((n_out, 1))
    return parameters
    ### END SOLUTION


def l2_cost(AL, Y, parameters, lambd):
    """Mean cross-entropy with a penalty on large weights.

    Parameters
    ----------
    AL : ndarray (1, m), predicted probabilities, strictly between 0 and 1
    Y : ndarray (1, m), zeros and ones
    parameters : dict with "W1", "b1", …, "WL", "bL"
    lambd : float, at least 0

    Returns
    -------
    float : mean cross-entropy plus lambd / (2m) times the sum of the squares of all weights; biases are
        not penalised
    """
    # TODO: the cross-entropy, then the penalty over all layers (about 4 lines)
    ### BEGIN SOLUTION
    m, L = Y.shape[1], len(parameters) // 2
    squares = sum(np.sum(parameters[f"W{l}"] ** 2) for l in range(1, L + 1))
    return deep_cost(AL, Y) + lambd / (2 * m) * squares
    ### END SOLUTION


def l2_backward(AL, Y, caches, lambd):
    """Gradients of l2_cost with respect to every parameter.

    Parameters
    ----------
    AL : ndarray (1, m), probabilities from lab 03's model_forward
    Y : ndarray (1, m), zeros and ones
    caches : list of L caches from model_forward, one a layer: ((A_prev, W, b), Z)
    lambd : float, at least 0

    Returns
    -------
    grads : dict with "dW1", "db1", …, "dWL", "dbL"; there may be more keys in it
    """
    # TODO: lab 03's model_backward, then what the penalty adds (about 5 lines)
    ### BEGIN SOLUTION
    m, grads = Y.shape[1], model_backward(AL, Y, caches)
    for l, ((A_prev, W, b), Z) in enumerate(caches, start=1):
        grads[f"dW{l}"] = grads[f"dW{l}"] + lambd / m * W
    return grads
    ### END SOLUTION


def dropout_forward(A, keep_prob, rng, training=True):
    """Inverted dropout: switch units off at random, and scale the others up so that the expected value stays.

    Parameters
    ----------
    A : ndarray (n, m), activations of a layer
    keep_prob : float, 0 < keep_prob <= 1, the probability with which each unit of each example is kept
    rng : np.random.Generator, the only source of chance
    training : bool; if False nothing is dropped or scaled

    Returns
    -------
    A_dropped : ndarray (n, m): 0 where a unit is off, A / keep_prob where it is on; A itself if not training
    mask : ndarray (n, m) of 0 and 1 (or bool), 1 where the unit is kept; all ones if not training
    """
    # TODO: a mask, drawn for every entry by itself; then use it (about 5 lines)
    ### BEGIN SOLUTION
    if not training:
        return A, np.ones(A.shape)
    mask = (rng.random(A.shape) < keep_prob).astype(float)
    return A * mask / keep_prob, mask
    ### END SOLUTION


def dropout_backward(dA, mask, keep_prob):
    """Back through dropout: the gradient with respect to what went into dropout_forward.

    Parameters
    ----------
    dA : ndarray (n, m), gradient with respect to A_dropped
    mask : ndarray (n, m) of 0 and 1, the one of the way forward
    keep_prob : float

    Returns
    -------
    ndarray (n, m), gradient with respect to A
    """
    # TODO: how does A_dropped change when A changes? (1 line)
    ### BEGIN SOLUTION
    return dA * mask / keep_prob
    ### END SOLUTION


def forward_with_dropout(X, parameters, keep_prob, rng):
    """Forward through the net of lab 03 while training, with dropout after every hidden layer's relu.

    Parameters
    ----------
    X : ndarray (n_x, m)
    parameters : dict with "W1", "b1", …, "WL", "bL", L at least 1
    keep_prob : float, the same for every hidden layer; inputs and output are not dropped
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    AL : ndarray (1, m), probabilities (sigmoid)
    caches : list of L tuples (linear_cache, Z, mask), the first layer's first. linear_cache is (A_prev, W, b),
        A_prev what really went into the layer, dropped units included as zeros; Z is (n[l], m); mask is
        dropout_forward's, and None for the output layer
    """
    # TODO: as model_forward of lab 03, with dropout_forward in between (about 9 lines)
    ### BEGIN SOLUTION
    A, caches, L = X, [], len(parameters) // 2
    for l in range(1, L):
        A, (linear_cache, Z) = linear_activation_forward(A, parameters[f"W{l}"], parameters[f"b{l}"], "relu")
        A, mask = dropout_forward(A, keep_prob, rng)
        caches.append((linear_cache, Z, mask))
    AL, (linear_cache, Z) = linear_activation_forward(A, parameters[f"W{L}"], parameters[f"b{L}"], "sigmoid")
    caches.append((linear_cache, Z, None))
    return AL, caches
    ### END SOLUTION


def backward_with_dropout(AL, Y, caches, keep_prob):
    """Gradients of the mean cross-entropy of the net that forward_with_dropout left standing.

    Parameters
    ----------
    AL : ndarray (1, m), probabilities from forward_with_dropout
    Y : ndarray (1, m), zeros and ones
    caches : list of L tuples ((A_prev, W, b), Z, mask) from forward_with_dropout; mask is None for the
        output layer
    keep_prob : float

    Returns
    -------
    grads : dict with "dW1", "db1", …, "dWL", "dbL"; there may be more keys in it
    """
    # TODO: the output layer, then backwards through the hidden ones, each through its own mask (about 8 lines)
    ### BEGIN SOLUTION
    grads, L = {}, len(caches)
    linear_cache, Z, mask = caches[L - 1]
    dA, grads[f"dW{L}"], grads[f"db{L}"] = linear_backward(AL - Y, linear_cache)
    for l in range(L - 1, 0, -1):
        linear_cache, Z, mask = caches[l - 1]
        dA = dropout_backward(dA, mask, keep_prob)
        dA, grads[f"dW{l}"], grads[f"db{l}"] = linear_activation_backward(dA, (linear_cache, Z), "relu")
    return grads
    ### END SOLUTION


def numerical_gradient(f, theta, eps=1e-7):
    """Gradient by central differences: (f(theta + eps e_i) - f(theta - eps e_i)) / (2 eps) for every entry i.

    Parameters
    ----------
    f : function of an array in the shape of theta, returns a float
    theta : ndarray (n,) or (n, 1) of floats; it stays as it is, to the last digit
    eps : float, by how much one entry is moved, to either side

    Returns
    -------
    ndarray in the shape of theta
    """
    # TODO: one entry at a time, all others held still (about 6 lines)
    ### BEGIN SOLUTION
    gradient = np.zeros(theta.shape)
    for i in range(theta.size):
        step = np.zeros(theta.shape)
        step[i] = eps
        gradient[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient
    ### END SOLUTION


def gradient_check(f, gradient, theta, eps=1e-7):
    """How far a gradient is from the numerical one, relative to their size.

    Parameters
    ----------
    f : function of an array in the shape of theta, returns a float
    gradient : function of theta, returns an ndarray in its shape: the gradient of f that is to be checked
    theta : ndarray (n,) or (n, 1) of floats
    eps : float, for the numerical gradient

    Returns
    -------
    float : ‖g − n‖ / (‖g‖ + ‖n‖), where g is gradient(theta), n the numerical gradient and ‖·‖ the
        Euclidean length; 0.0 where both gradients are zero
    """
    # TODO: both gradients, the length of their difference, and what to measure it by (about 5 lines)
    ### BEGIN SOLUTION
    g, n = gradient(theta), numerical_gradient(f, theta, eps)
    size = np.linalg.norm(g) + np.linalg.norm(n)
    return float(np.linalg.norm(g - n) / size) if size > 0 else 0.0
    ### END SOLUTION


def early_stopping(validation_costs, patience):
    """When training would have been stopped, and which epoch's parameters would have been kept.

    Parameters
    ----------
    validation_costs : list of float, at least one; the validation cost after each epoch, epochs counted from 0
    patience : int, at least 1

    Returns
    -------
    best_epoch : int, the epoch of the lowest cost seen up to the stop; only a strictly lower cost is a new best
    stop_epoch : int, the first epoch at which `patience` epochs have passed since the best one,
        or the last epoch if that never happens

    With costs [5, 4, 6, 7, 1] and patience 2 the answer is (1, 3): the 1 is never seen.
    """
    # TODO: go through the epochs as training would (about 7 lines)
    ### BEGIN SOLUTION
    best_epoch = 0
    for epoch, cost in enumerate(validation_costs):
        if cost < validation_costs[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch >= patience:
            break
    return best_epoch, epoch
    ### END SOLUTION


def augment(images, rng, max_shift=2):
    """New images from old: each one mirrored left to right with probability ½, and shifted at random.

    Parameters
    ----------
    images : ndarray (m, h, w, c) of any numeric dtype, h and w larger than max_shift
    rng : np.random.Generator, the only source of chance
    max_shift : int; each image is moved by whole pixels, up or down and left or right, each by a number drawn
        uniformly from -max_shift, …, max_shift, for each image and each axis by itself

    Returns
    -------
    ndarray of the same shape and dtype; pixels that come in at a border are 0, those that go out are lost
    """
    # TODO: for each image a coin and two shifts
    ### BEGIN SOLUTION
    h, w, s = images.shape[1], images.shape[2], max_shift
    padded, out = np.pad(images, ((0, 0), (s, s), (s, s), (0, 0))), np.zeros_like(images)
    for i in range(len(images)):
        image = padded[i, :, ::-1] if rng.random() < 0.5 else padded[i]
        y, x = rng.integers(0, 2 * s + 1, 2)
        out[i] = image[y:y + h, x:x + w]
    return out
    ### END SOLUTION


def clip_by_global_norm(grads, max_norm):
    """Shorten gradients that are too long, all by the same factor, so that their direction stays.

    Parameters
    ----------
    grads : dict of ndarrays, such as "dW1", "db1", …; all of them together are one long vector
    max_norm : float, above 0

    Returns
    -------
    dict with the same keys, new: as they were if the length of the long vector is at most max_norm, else
        scaled to that length
    """
    # TODO
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    scale = min(1.0, max_norm / norm) if norm > 0 else 1.0
    return {name: scale * g for name, g in grads.items()}
    ### END SOLUTION
