"""Exercises of lab 06a."""
import numpy as np

from labutils.labs.lab00_numpy_foundations.exercises import sigmoid, softmax


def rnn_cell_forward(x_t, a_prev, parameters):
    """One step of a recurrent net: what it knew and what it reads become what it knows and what it says.

    Parameters
    ----------
    x_t : ndarray (n_x, m), the inputs at this step, one example a column
    a_prev : ndarray (n_a, m), the state before
    parameters : dict with "Wax" (n_a, n_x), "Waa" (n_a, n_a), "Wya" (n_y, n_a), "ba" (n_a, 1), "by" (n_y, 1)

    Returns
    -------
    a_next : ndarray (n_a, m), tanh(Wax x_t + Waa a_prev + ba)
    y_t : ndarray (n_y, m), softmax(Wya a_next + by), each column sums to 1
    cache : tuple (a_next, a_prev, x_t, parameters), kept for the way back
    """
    # TODO: the new state, then the answer (about 3 lines)
    ### BEGIN SOLUTION
    p = parameters
    a_next = np.tanh(np.dot(p["Wax"], x_t) + np.dot(p["Waa"], a_prev) + p["ba"])
    y_t = softmax(np.dot(p["Wya"], a_next) + p["by"])
    return a_next, y_t, (a_next, a_prev, x_t, parameters)
    ### END SOLUTION


def rnn_forward(x, a0, parameters):
    """A whole sequence: the same cell, with the same parameters, at every step.

    Parameters
    ----------
    x : ndarray (n_x, m, T)
    a0 : ndarray (n_a, m), the state before the first step
    parameters : dict, as in rnn_cell_forward

    Returns
    -------
    a : ndarray (n_a, m, T), the states after each step
    y : ndarray (n_y, m, T)
    caches : list of T caches of rnn_cell_forward, the first step's first
    """
    # TODO: a loop over the steps; every step begins with the state that the one before left (about 8 lines)
    ### BEGIN SOLUTION
    states, answers, caches = [], [], []
    a_next = a0
    for t in range(x.shape[2]):
        a_next, y_t, cache = rnn_cell_forward(x[:, :, t], a_next, parameters)
        states.append(a_next)
        answers.append(y_t)
        caches.append(cache)
    return np.stack(states, axis=2), np.stack(answers, axis=2), caches
    ### END SOLUTION


def rnn_cell_backward(da_next, cache):
    """Back through one step: through the tanh, then to everything that went into it.

    Parameters
    ----------
    da_next : ndarray (n_a, m), gradient of the cost with respect to a_next
    cache : tuple (a_next, a_prev, x_t, parameters) of rnn_cell_forward

    Returns
    -------
    grads : dict with "dx_t" (n_x, m), "da_prev" (n_a, m), "dWax" (n_a, n_x), "dWaa" (n_a, n_a), "dba" (n_a, 1);
        the last three are summed over the examples (no division by m: if the cost is a mean, da_next has it already)
    """
    # TODO: the slope of the tanh first (about 7 lines)
    ### BEGIN SOLUTION
    a_next, a_prev, x_t, parameters = cache
    dz = da_next * (1 - a_next ** 2)
    dx_t = np.dot(parameters["Wax"].T, dz)
    da_prev = np.dot(parameters["Waa"].T, dz)
    dWax = np.dot(dz, x_t.T)
    dWaa = np.dot(dz, a_prev.T)
    dba = np.sum(dz, axis=1, keepdims=True)
    return {"dx_t": dx_t, "da_prev": da_prev, "dWax": dWax, "dWaa": dWaa, "dba": dba}
    ### END SOLUTION


def rnn_backward(da, caches):
    """Backpropagation through time: from the last step to the first.

    Parameters
    ----------
    da : ndarray (n_a, m, T), what each step's own answer adds to the gradient of the cost with respect to its state
        (not yet what comes back from later steps)
    caches : list of T caches from rnn_forward

    Returns
    -------
    grads : dict with "dx" (n_x, m, T), "da0" (n_a, m), "dWax" (n_a, n_x), "dWaa" (n_a, n_a), "dba" (n_a, 1)
    """
    # TODO: from the last step to the first; a state is used twice: by its own answer and by the next step
    #       (about 12 lines)
    ### BEGIN SOLUTION
    n_a, m, T = da.shape
    n_x = caches[0][2].shape[0]
    dx, da_prev = np.zeros((n_x, m, T)), np.zeros((n_a, m))
    dWax, dWaa, dba = np.zeros((n_a, n_x)), np.zeros((n_a, n_a)), np.zeros((n_a, 1))
    for t in reversed(range(T)):
        step = rnn_cell_backward(da[:, :, t] + da_prev, caches[t])
        dx[:, :, t], da_prev = step["dx_t"], step["da_prev"]
        dWax += step["dWax"]
        dWaa += step["dWaa"]
        dba += step["dba"]
    return {"dx": dx, "da0": da_prev, "dWax": dWax, "dWaa": dWaa, "dba": dba}
    ### END SOLUTION


def lstm_cell_forward(x_t, a_prev, c_prev, parameters):
    """One step of an LSTM: three gates decide what is forgotten, what is written and what is shown.

    Parameters
    ----------
    x_t : ndarray (n_x, m)
    a_prev, c_prev : ndarray (n_a, m), the state and the memory before
    parameters : dict with "Wf", "Wi", "Wc", "Wo" (n_a, n_a + n_x), all on the column [a_prev; x_t] with a_prev on top,
        "bf", "bi", "bc", "bo" (n_a, 1), "Wy" (n_y, n_a), "by" (n_y, 1)

    Returns
    -------
    a_next, c_next : ndarray (n_a, m)
    y_t : ndarray (n_y, m), softmax(Wy a_next + by)
    cache : tuple (a_next, c_next, a_prev, c_prev, f_t, i_t, c_candidate, o_t, x_t, parameters)
    """
    # TODO: stack, three gates with sigmoid, a candidate with tanh, then memory, state, answer (about 9 lines)
    ### BEGIN SOLUTION
    p = parameters
    both = np.concatenate([a_prev, x_t])
    f_t = sigmoid(np.dot(p["Wf"], both) + p["bf"])
    i_t = sigmoid(np.dot(p["Wi"], both) + p["bi"])
    c_candidate = np.tanh(np.dot(p["Wc"], both) + p["bc"])
    o_t = sigmoid(np.dot(p["Wo"], both) + p["bo"])
    c_next = f_t * c_prev + i_t * c_candidate
    a_next = o_t * np.tanh(c_next)
    y_t = softmax(np.dot(p["Wy"], a_next) + p["by"])
    return a_next, c_next, y_t, (a_next, c_next, a_prev, c_prev, f_t, i_t, c_candidate, o_t, x_t, parameters)
    ### END SOLUTION


def lstm_parameter_count(units, input_dim):
    """How many numbers an LSTM layer learns, biases included (without what reads the state, Wy and by).

    Parameters
    ----------
    units : int, n_a
    input_dim : int, n_x

    Returns
    -------
    int
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return 4 * (units * (units + input_dim) + units)
    ### END SOLUTION


def gru_cell_forward(x_t, a_prev, parameters):
    """One step of a GRU: one state, two gates.

    Parameters
    ----------
    x_t : ndarray (n_x, m)
    a_prev : ndarray (n_a, m)
    parameters : dict with "Wz", "Wr", "Wh" (n_a, n_a + n_x), "bz", "br", "bh" (n_a, 1); Wz and Wr on the column [a_prev; x_t],
        Wh on [r · a_prev; x_t]

    Returns
    -------
    a_next : ndarray (n_a, m), (1 − z) · a_prev + z · candidate
    cache : whatever you would want for the way back; it is not looked at
    """
    # TODO: update gate z, reset gate r, candidate, then the mixture (about 6 lines)
    ### BEGIN SOLUTION
    p = parameters
    both = np.concatenate([a_prev, x_t])
    z = sigmoid(np.dot(p["Wz"], both) + p["bz"])
    r = sigmoid(np.dot(p["Wr"], both) + p["br"])
    candidate = np.tanh(np.dot(p["Wh"], np.concatenate([r * a_prev, x_t])) + p["bh"])
    a_next = (1 - z) * a_prev + z * candidate
    return a_next, (a_prev, z, r, candidate, x_t, parameters)
    ### END SOLUTION


def embedding_lookup(E, ids):
    """Vectors for symbols: each id picks its row of a table.

    Parameters
    ----------
    E : ndarray (vocab, d), one vector a row
    ids : ndarray (m,) of int, from 0 to vocab − 1

    Returns
    -------
    ndarray (d, m), one vector a column: what E transposed times the one-hot columns would give, without the product
    """
    # TODO
    ### BEGIN SOLUTION
    return E[ids].T
    ### END SOLUTION
