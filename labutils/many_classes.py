"""More than two classes in the plane: points X (2, m), one a column, with labels (m,), and a picture of who gets which region.

The same seed gives the same points. Lab 04c teaches with them.
"""
import matplotlib.pyplot as plt
import numpy as np

from .plots import COLOURS

MARKERS = "o^sDvP"


def clouds(m=300, n_classes=3, seed=0):
    """Round clouds on a circle, which straight lines part but for a few points."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(m) % n_classes)
    turn = 2 * np.pi * labels / n_classes + 0.5
    return 2 * np.stack([np.cos(turn), np.sin(turn)]) + rng.normal(0, 0.8, (2, m)), labels


def arms(m=300, n_classes=3, seed=0, noise=0.1):
    """Arms that wind out of the middle, one a class, three quarters of a turn each."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(m) % n_classes)
    way = np.sqrt(rng.uniform(0.02, 1, m))  # with the root the points lie about equally dense along an arm
    turn = 2 * np.pi * labels / n_classes + 1.5 * np.pi * way
    return 2.5 * way * np.stack([np.cos(turn), np.sin(turn)]) + rng.normal(0, noise, (2, m)), labels


def regions(classify, X, labels, axis=None, title=""):
    """Draw which class a classifier gives to every place of the plane, and the examples, each class in its own colour and shape.

    Parameters
    ----------
    classify : callable (2, n) → (n,)
        Class numbers.
    X : ndarray (2, m)
    labels : ndarray (m,) of int, at most six classes
    axis : matplotlib axes, optional
        The current ones if none are given.
    title : str
    """
    axis = axis or plt.gca()
    reach = 1.08 * np.abs(X).max()
    line = np.linspace(-reach, reach, 200)
    grid = np.meshgrid(line, line)
    says = np.asarray(classify(np.stack([g.ravel() for g in grid]))).reshape(grid[0].shape)
    n_classes = labels.max() + 1
    axis.contourf(*grid, says, np.arange(n_classes + 1) - 0.5, colors=COLOURS[:n_classes], alpha=0.3)
    for k in range(n_classes):
        axis.contour(*grid, says == k, [0.5], colors="#22303c", linewidths=0.8)
        axis.scatter(*X[:, labels == k], s=16, marker=MARKERS[k], color=COLOURS[k], edgecolors="white", linewidths=0.4)
    axis.grid(False)
    axis.set(title=title, aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach))
