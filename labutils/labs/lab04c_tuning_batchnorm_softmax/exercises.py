"""Exercises of lab 04c."""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import softmax  # noqa: F401  (a name that learners may use)


def sample_log_uniform(low, high, size, rng):
    """Random numbers whose logarithm is uniform: every decade between low and high is equally likely.

    Parameters
    ----------
    low, high : float, 0 < low < high
    size : int, how many
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    ndarray (size,), every number between low and high
    """
    # TODO: draw the logarithm evenly, then undo the logarithm (2 lines)
    ### BEGIN SOLUTION
    exponent = rng.uniform(np.log(low), np.log(high), size)
    return np.exp(exponent)
    ### END SOLUTION


def random_search(score, space, n_trials, rng):
    """Try random settings and rank them.

    Parameters
    ----------
    score : function of one argument, a dict {name: float} with a value for every name in space; gives a
        float, higher is better. It is called once for each trial, as it may train a net or be noisy.
    space : dict {name: (low, high, scale)}; scale "log" (then 0 < low < high) means that the value's
        logarithm is uniform between those of low and high, as in sample_log_uniform; "linear" that the value
        itself is uniform between low and high
    n_trials : int, at least 1
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    list of n_trials tuples (score, settings), the highest score first; equal scores stay in the order in
    which they were tried. Each settings is a dict {name: float}. Every value of every trial is drawn
    independently.
    """
    # TODO: in each trial draw a value for every name, ask for the score, keep both; then sort (about 8 lines)
    ### BEGIN SOLUTION
    trials = []
    for i in range(n_trials):
        settings = {}
        for name, (low, high, scale) in space.items():
            if scale == "log":
                settings[name] = float(sample_log_uniform(low, high, 1, rng)[0])
            else:
                settings[name] = float(rng.uniform(low, high))
        trials.append((score(settings), settings))
    return sorted(trials, key=lambda trial: trial[0], reverse=True)
    ### END SOLUTION


def narrow(trials, space, keep):
    """The smallest space that holds the best trials, to search there again.

    Parameters
    ----------
    trials : list of (score, settings), best first, as random_search gives it; settings is a dict {name: float}
    space : dict {name: (low, high, scale)} that was searched
    keep : int, from 1 to len(trials): how many of the best trials count

    Returns
    -------
    dict {name: (low, high, scale)} with the same names and scales as space; low and high are the smallest
    and the largest value that the best `keep` trials have for that name (equal if all have the same)
    """
    # TODO: for every name, collect the values of the best trials; their minimum and maximum (about 5 lines)
    ### BEGIN SOLUTION
    smaller = {}
    for name, (low, high, scale) in space.items():
        values = [settings[name] for score, settings in trials[:keep]]
        smaller[name] = (min(values), max(values), scale)
    return smaller
    ### END SOLUTION


def batchnorm_forward(Z, gamma, beta, epsilon):
    """Normalise every unit over the examples of the batch, then scale and shift it.

    Parameters
    ----------
    Z : ndarray (n, m), one example a column
    gamma, beta : ndarray (n, 1), scale and shift of each unit
    epsilon : float, above 0, added to the variance under the root

    Returns
    -------
    out : ndarray (n, m), gamma * Z_hat + beta
    cache : dict, kept for the way back, with
        "Z_hat" ndarray (n, m), (Z - mean) / std; mean and variance of each unit are taken over the m
        examples, the variance divided by m (not by m - 1)
        "std" ndarray (n, 1), the root of (variance + epsilon)
        "gamma" ndarray (n, 1)
        (there may be more keys in it)
    """
    # TODO: mean, variance and std of each row; Z_hat; out (about 5 lines)
    ### BEGIN SOLUTION
    mean = np.mean(Z, axis=1, keepdims=True)
    variance = np.mean((Z - mean) ** 2, axis=1, keepdims=True)
    std = np.sqrt(variance + epsilon)
    Z_hat = (Z - mean) / std
    out = gamma * Z_hat + beta
    return out, {"Z_hat": Z_hat, "std": std, "gamma": gamma}
    ### END SOLUTION


def batchnorm_backward(dout, cache):
    """Back through batch norm.

    Parameters
    ----------
    dout : ndarray (n, m), gradient of the cost (of the batch as a whole) with respect to out
    cache : dict with "Z_hat" (n, m), "std" (n, 1) and "gamma" (n, 1), from batchnorm_forward

    Returns
    -------
    dZ : ndarray (n, m), gradient of the cost with respect to Z. Mean and variance depend on Z too: their
        share is part of it
    dgamma : ndarray (n, 1), gradient of the cost with respect to gamma
    dbeta : ndarray (n, 1), gradient of the cost with respect to beta
    """
    # TODO: the gradients of beta and gamma, then dZ, as derived above (about 6 lines)
    ### BEGIN SOLUTION
    Z_hat, std, gamma = cache["Z_hat"], cache["std"], cache["gamma"]
    dbeta = np.sum(dout, axis=1, keepdims=True)
    dgamma = np.sum(dout * Z_hat, axis=1, keepdims=True)
    dZ_hat = dout * gamma
    along_mean = np.mean(dZ_hat, axis=1, keepdims=True)
    along_std = Z_hat * np.mean(dZ_hat * Z_hat, axis=1, keepdims=True)
    dZ = (dZ_hat - along_mean - along_std) / std
    return dZ, dgamma, dbeta
    ### END SOLUTION


def update_running_statistics(running_mean, running_var, Z, momentum):
    """Let the running statistics follow those of one more batch.

    Parameters
    ----------
    running_mean, running_var : ndarray (n, 1), as they were before this batch
    Z : ndarray (n, m), the batch, m at least 1
    momentum : float from 0 to 1, the share of the old value that stays

    Returns
    -------
    mean : ndarray (n, 1), momentum * old + (1 - momentum) * mean of the batch
    var : ndarray (n, 1), likewise with the variance of the batch, divided by m (as in batchnorm_forward);
        no epsilon in it
    """
    # TODO: statistics of the batch over the examples, then the two averages (2 to 4 lines)
    ### BEGIN SOLUTION
    batch_mean = np.mean(Z, axis=1, keepdims=True)
    batch_var = np.var(Z, axis=1, keepdims=True)
    mean = momentum * running_mean + (1 - momentum) * batch_mean
    var = momentum * running_var + (1 - momentum) * batch_var
    return mean, var
    ### END SOLUTION


def batchnorm_inference(Z, gamma, beta, running_mean, running_var, epsilon):
    """Batch norm after training: every example is treated alone, with the statistics collected before.

    Parameters
    ----------
    Z : ndarray (n, m), m at least 1
    gamma, beta : ndarray (n, 1)
    running_mean, running_var : ndarray (n, 1)
    epsilon : float, above 0, added to the variance under the root

    Returns
    -------
    ndarray (n, m)
    """
    # TODO: normalise, scale and shift
    ### BEGIN SOLUTION
    Z_hat = (Z - running_mean) / np.sqrt(running_var + epsilon)
    return gamma * Z_hat + beta
    ### END SOLUTION


def one_hot(labels, n_classes):
    """Turn class numbers into columns with a single 1.

    Parameters
    ----------
    labels : ndarray (m,) of int, from 0 to n_classes - 1; not every class has to occur
    n_classes : int

    Returns
    -------
    ndarray (n_classes, m) of zeros and ones: column i has its 1 in row labels[i]
    """
    # TODO: zeros, then one entry in every column (2 or 3 lines)
    ### BEGIN SOLUTION
    Y = np.zeros((n_classes, len(labels)))
    Y[labels, np.arange(len(labels))] = 1
    return Y
    ### END SOLUTION


def categorical_cross_entropy(P, Y):
    """Mean cross-entropy of predictions over several classes.

    Parameters
    ----------
    P : ndarray (n_classes, m), predicted probabilities, above 0, each column sums to 1
    Y : ndarray (n_classes, m), one-hot: a single 1 in each column

    Returns
    -------
    float: the mean over the examples of minus the natural logarithm of the probability given to the true class
    """
    # TODO: one loss for each column, then their mean
    ### BEGIN SOLUTION
    losses = -np.sum(Y * np.log(P), axis=0)
    return float(np.mean(losses))
    ### END SOLUTION


def softmax_cross_entropy_backward(P, Y):
    """Gradient of the mean cross-entropy with respect to what went into the softmax.

    Parameters
    ----------
    P : ndarray (n_classes, m), P = softmax(Z)
    Y : ndarray (n_classes, m), one-hot

    Returns
    -------
    dZ : ndarray (n_classes, m), gradient of the cost (the mean over the m examples) with respect to Z
    """
    # TODO: derived above
    ### BEGIN SOLUTION
    return (P - Y) / P.shape[1]
    ### END SOLUTION
