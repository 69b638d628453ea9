"""Exercises of lab 04b."""
import numpy as np

from labutils.labs.lab02_planar_shallow_net.exercises import update_parameters
from labutils.labs.lab03_deep_net.exercises import deep_cost, model_backward, model_forward


def random_mini_batches(X, Y, batch_size, rng):
    """Cut a set of examples into batches, at random.

    Parameters
    ----------
    X : ndarray (n_x, m), one example a column
    Y : ndarray (1, m), the label of each
    batch_size : int, at least 1; it may be larger than m
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    list of tuples (X_b, Y_b): X_b (n_x, batch_size) and Y_b (1, batch_size); the last batch holds what is left
        over, if m is no multiple of batch_size. Each example stands in exactly one batch, together with its own
        label; which examples meet in a batch is left to chance, anew in every call
    """
    # TODO: draw an order of the columns, then take the next batch_size of them for each batch (about 6 lines)
    ### BEGIN SOLUTION
    m = X.shape[1]
    order = rng.permutation(m)
    batches = []
    for start in range(0, m, batch_size):
        chosen = order[start:start + batch_size]
        batches.append((X[:, chosen], Y[:, chosen]))
    return batches
    ### END SOLUTION


def train_epoch(parameters, batches, learning_rate):
    """One epoch of gradient descent on mini-batches: a step for each batch, in the order given.

    Parameters
    ----------
    parameters : dict with "W1", "b1", …, "WL", "bL" of a deep net of lab 03
    batches : list of tuples (X_b, Y_b), X_b (n_x, m_b) and Y_b (1, m_b); they may differ in size
    learning_rate : float

    Returns
    -------
    parameters : dict, new, after the last batch's step; the one given stays as it was
    cost : float, the mean cross-entropy over all examples of all batches, each as it was just before its
        batch's step
    """
    # TODO: for each batch forward, cost, backward, update; large batches weigh more in the mean (about 8 lines)
    ### BEGIN SOLUTION
    total, m = 0.0, 0
    for X, Y in batches:
        AL, caches = model_forward(X, parameters)
        total += deep_cost(AL, Y) * X.shape[1]
        m += X.shape[1]
        grads = model_backward(AL, Y, caches)
        parameters = update_parameters(parameters, grads, learning_rate)
    return parameters, total / m
    ### END SOLUTION


def exponential_average(values, beta, bias_correction=False):
    """Exponentially weighted moving average: v_t = beta · v_{t−1} + (1 − beta) · values_t, with v_0 = 0.

    Parameters
    ----------
    values : ndarray (n,), one value for each time t = 1, 2, …, n
    beta : float, from 0 up to but not including 1; the weight of the past
    bias_correction : bool; if true, each average that is returned is divided by 1 − beta**t

    Returns
    -------
    ndarray (n,): v_1, …, v_n, or the corrected ones
    """
    # TODO: keep v from turn to turn, uncorrected; collect what is asked for (about 6 lines)
    ### BEGIN SOLUTION
    v, averages = 0.0, []
    for t, value in enumerate(values, start=1):
        v = beta * v + (1 - beta) * value
        averages.append(v / (1 - beta ** t) if bias_correction else v)
    return np.array(averages)
    ### END SOLUTION


def momentum_step(parameters, grads, velocity, beta, learning_rate):
    """One step of gradient descent with momentum.

    Parameters
    ----------
    parameters : dict with "W1", "b1", "W2", "b2", …
    grads : dict with "dW1", "db1", "dW2", "db2", …; there may be more keys in it
    velocity : dict with the keys "dW1", "db1", …, one for each parameter: the average of its gradients so far.
        velocity["dW1"] has the shape of parameters["W1"]
    beta : float, the weight of the past
    learning_rate : float

    Returns
    -------
    parameters : dict, new, after the step
    velocity : dict, new, with the same keys: beta · velocity + (1 − beta) · gradient. The step is made along
        this new one
    The dicts given, and the arrays in them, stay as they were.
    """
    # TODO: the new velocity of every gradient, then the step along it (about 2 to 6 lines)
    ### BEGIN SOLUTION
    velocity = {name: beta * v + (1 - beta) * grads[name] for name, v in velocity.items()}
    return update_parameters(parameters, velocity, learning_rate), velocity
    ### END SOLUTION


def rmsprop_step(parameters, grads, square, beta, learning_rate, epsilon):
    """One step of RMSprop: every entry of a gradient is divided by the root of the average of its squares.

    Parameters
    ----------
    parameters : dict with "W1", "b1", "W2", "b2", …
    grads : dict with "dW1", "db1", "dW2", "db2", …; there may be more keys in it
    square : dict with the keys "dW1", "db1", …, one for each parameter: the average of its squared gradients
        so far, entry by entry
    beta : float, the weight of the past
    learning_rate : float
    epsilon : float, added to the root (outside it), so that nothing is divided by 0

    Returns
    -------
    parameters : dict, new, after the step: W − learning_rate · dW / (√square + epsilon), with the new square
    square : dict, new, with the same keys: beta · square + (1 − beta) · gradient²
    The dicts given, and the arrays in them, stay as they were.
    """
    # TODO: the new average of squares, then the step (about 3 to 7 lines)
    ### BEGIN SOLUTION
    square = {name: beta * s + (1 - beta) * grads[name] ** 2 for name, s in square.items()}
    scaled = {name: grads[name] / (np.sqrt(s) + epsilon) for name, s in square.items()}
    return update_parameters(parameters, scaled, learning_rate), square
    ### END SOLUTION


def adagrad_step(parameters, grads, square, learning_rate, epsilon):
    """One step of Adagrad: every entry of a gradient is divided by the root of the sum of its squares so far.

    Parameters
    ----------
    parameters : dict with "W1", "b1", "W2", "b2", …
    grads : dict with "dW1", "db1", "dW2", "db2", …; there may be more keys in it
    square : dict with the keys "dW1", "db1", …, one for each parameter: the sum of its squared gradients so
        far, entry by entry
    learning_rate : float
    epsilon : float, added to the root (outside it)

    Returns
    -------
    parameters : dict, new, after the step, which uses the new square
    square : dict, new, with the same keys: square + gradient²
    The dicts given, and the arrays in them, stay as they were.
    """
    # TODO: like RMSprop, with a sum that never forgets (about 3 to 7 lines)
    ### BEGIN SOLUTION
    square = {name: s + grads[name] ** 2 for name, s in square.items()}
    scaled = {name: grads[name] / (np.sqrt(s) + epsilon) for name, s in square.items()}
    return update_parameters(parameters, scaled, learning_rate), square
    ### END SOLUTION


def adam_step(parameters, grads, velocity, square, t, learning_rate, beta1, beta2, epsilon):
    """One step of Adam: the average of the gradients over the root of the average of their squares, both corrected.

    Parameters
    ----------
    parameters : dict with "W1", "b1", "W2", "b2", …
    grads : dict with "dW1", "db1", "dW2", "db2", …; there may be more keys in it
    velocity, square : dicts with the keys "dW1", "db1", …, one for each parameter: the averages of its
        gradients and of their squares, both uncorrected, as they were returned by the step before
    t : int, the number of this step; the first one is 1
    learning_rate : float
    beta1 : float, the weight of the past in velocity
    beta2 : float, the weight of the past in square
    epsilon : float, added to the root (outside it)

    Returns
    -------
    parameters : dict, new, after the step, which uses the new averages, corrected for this t
    velocity, square : dicts, new, with the same keys: the new averages, uncorrected
    The dicts given, and the arrays in them, stay as they were.
    """
    # TODO: momentum and RMSprop together, both corrected
    ### BEGIN SOLUTION
    velocity = {name: beta1 * v + (1 - beta1) * grads[name] for name, v in velocity.items()}
    square = {name: beta2 * s + (1 - beta2) * grads[name] ** 2 for name, s in square.items()}
    scaled = {}
    for name in velocity:
        v = velocity[name] / (1 - beta1 ** t)
        s = square[name] / (1 - beta2 ** t)
        scaled[name] = v / (np.sqrt(s) + epsilon)
    return update_parameters(parameters, scaled, learning_rate), velocity, square
    ### END SOLUTION


def critical_point(hessian):
    """What kind of place it is where the gradient is zero, told by the curvature there.

    Parameters
    ----------
    hessian : ndarray (n, n), symmetric: the second derivatives; none of its eigenvalues is 0

    Returns
    -------
    str: "minimum" if the cost curves up in every direction (all eigenvalues positive), "maximum" if it curves
        down in every direction (all negative), else "saddle"
    """
    # TODO: the eigenvalues, then their signs (about 6 lines)
    ### BEGIN SOLUTION
    eigenvalues = np.linalg.eigvalsh(hessian)
    if np.all(eigenvalues > 0):
        return "minimum"
    if np.all(eigenvalues < 0):
        return "maximum"
    return "saddle"
    ### END SOLUTION


def decayed_learning_rate(learning_rate0, epoch, decay_rate, interval=1):
    """A learning rate that shrinks with time: learning_rate0 / (1 + decay_rate · ⌊epoch / interval⌋).

    Parameters
    ----------
    learning_rate0 : float, the rate of epoch 0
    epoch : int, from 0
    decay_rate : float, 0 or more
    interval : int, at least 1; the rate stays the same for this many epochs

    Returns
    -------
    float
    """
    # TODO: the rate at this epoch
    ### BEGIN SOLUTION
    return learning_rate0 / (1 + decay_rate * (epoch // interval))
    ### END SOLUTION
