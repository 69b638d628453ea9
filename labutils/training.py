"""Grading a function that trains from a random start, without asking in which order or how the start is drawn.

A learner may draw W2 before W1, or with another method of the generator: their start, and so every number that follows, is then another than
the reference's, and right all the same. But a step of length 0 leaves the start where it is: so the start can be had from the learner's own function,
and the reference trained on from there.
"""
import copy
from typing import Any, NamedTuple

import numpy as np

from .answers import close, leaves
from .calling import plain, same_data


class Training(NamedTuple):
    """What a model gave, comparable with the reference, and the parameters it started from (None if it gave none)."""
    result: Any
    start: Any


def from_own_start(model, initialize, train, num_iterations, learning_rate, rng):
    """Play a learner's model so that what it gives can be compared with the reference number by number.

    Parameters
    ----------
    model : callable (num_iterations, learning_rate, rng) -> (parameters, costs)
        The learner's, its other arguments filled in.
    initialize : callable (rng) -> parameters
        The reference's start.
    train : callable (parameters, num_iterations, learning_rate) -> (parameters, costs)
        The reference's training from a given start.
    num_iterations, learning_rate, rng
        Those of the case; every call gets a copy of `rng`.

    Returns
    -------
    Training
        `result` is the reference's where the learner's is what the reference gives from the learner's own start. Else it is the learner's as it is,
        and so it is where the start does not depend on `rng`, has not the right shapes, or has biases that are not zero. How the start is distributed
        is not looked at here: `chance.normal` tells.
    """
    mine = plain(model(num_iterations, learning_rate, copy.deepcopy(rng)))
    if not _whole(mine):
        return Training(mine, None)
    start, other = (plain(model(1, 0.0, generator)) for generator in (copy.deepcopy(rng), np.random.default_rng([7, 7, 7])))
    start, other = (answer[0] if _whole(answer) else None for answer in (start, other))
    theirs = initialize(copy.deepcopy(rng))
    expected = plain(train(theirs, num_iterations, learning_rate))
    if _can_start(start, theirs) and not same_data(start, other):
        start = {name: start[name].astype(float) for name in theirs}
        like = leaves(plain(train(start, num_iterations, learning_rate)), expected, ("parameters", "costs"))
        if all(close(value, like[name]) for name, value in leaves(mine, expected, ("parameters", "costs")).items()):
            mine = expected
    return Training(mine, start)


def _whole(answer):
    return isinstance(answer, tuple | list) and len(answer) == 2 and isinstance(answer[0], dict)


def _can_start(start, like):
    """Whether these are arrays of the right shapes, finite, their biases zero."""
    return isinstance(start, dict) and all(
        isinstance(start.get(name), np.ndarray) and start[name].shape == value.shape and np.isfinite(start[name]).all()
        and not (name.startswith("b") and start[name].any()) for name, value in like.items())
