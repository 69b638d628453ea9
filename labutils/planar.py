"""Labelled points in the plane, for pictures of what a classifier does: X (2, m), one point a column, and Y (1, m), zeros and ones.

The same seed gives the same points; another seed gives others of the same kind, to be held out. Lab 02 teaches with them.
"""
import numpy as np


def _shuffled(points, labels, rng):
    """Points (m, 2) and labels (m,) in random order, as X and Y."""
    order = rng.permutation(len(labels))
    return points[order].T, labels[order][None]


def flower(m=400, seed=0):
    """A flower of eight petals, four of each label, next to each other so that no line can part them."""
    rng = np.random.default_rng(seed)
    labels = np.arange(m) % 2
    turn = np.pi * (np.linspace(0, 1, m) + labels) + rng.normal(0, 0.15, m)  # half a turn each; a negative radius points to the other side
    radius = 4 * np.sin(4 * turn) + rng.normal(0, 0.2, m)
    return _shuffled(np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=1), labels, rng)


def blobs(m=400, seed=0):
    """Two round clouds, which a line parts but for a few points."""
    rng = np.random.default_rng(seed)
    labels = np.arange(m) % 2
    return _shuffled(rng.normal(0, 1, (m, 2)) + np.where(labels[:, None] == 1, [1.8, 1.2], [-1.8, -1.2]), labels, rng)


def moons(m=400, seed=0):
    """Two crescents, each reaching into the other."""
    from sklearn.datasets import make_moons

    return _shuffled(*make_moons(m, noise=0.2, random_state=seed), np.random.default_rng(seed))


def circles(m=400, seed=0):
    """A ring around a disc."""
    from sklearn.datasets import make_circles

    return _shuffled(*make_circles(m, noise=0.12, factor=0.45, random_state=seed), np.random.default_rng(seed))


def spirals(m=400, seed=0):
    """Two arms that wind around each other, one and a half turns each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(m) % 2
    turn = 0.4 + 3 * np.pi * np.sqrt(rng.random(m))  # with the root the points lie equally dense along an arm
    angle = turn + np.pi * labels
    return _shuffled(turn[:, None] / 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1) + rng.normal(0, 0.12, (m, 2)), labels, rng)


SHAPES = {"flower": flower, "circles": circles, "moons": moons, "blobs": blobs, "spirals": spirals}
