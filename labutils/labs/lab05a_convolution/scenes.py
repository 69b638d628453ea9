"""Small scenes for lab 05a: digits somewhere on a canvas, and marks among noise."""
import numpy as np

SHAPES = {"plus": [[0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0]],
          "cross": [[1, 0, 0, 0, 1], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 0, 1]],
          "T": [[1, 1, 1, 1, 1], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0]],
          "frame": [[1, 1, 1, 1, 1], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]],
          "block": [[1, 1, 1, 1, 1]] * 5}
CELL, SIDE = 8, 40  # one mark in each cell of a grid


def marks(n, seed):
    """Scenes with marks of five shapes, each 5 × 5 pixels, in noise: the challenge of lab 05a.

    Parameters
    ----------
    n : int, number of scenes
    seed : int

    Returns
    -------
    images : ndarray (n, 40, 40, 1)
    centres : ndarray (n, 40, 40), True at the centre of each plus sign
    """
    rng = np.random.default_rng(seed)
    images, centres = rng.normal(0, 0.15, (n, SIDE, SIDE, 1)), np.zeros((n, SIDE, SIDE), bool)
    names = list(SHAPES)
    for i in range(n):
        for top in range(0, SIDE, CELL):
            for left in range(0, SIDE, CELL):
                name = names[rng.integers(len(names))]
                y, x = top + rng.integers(CELL - 4), left + rng.integers(CELL - 4)
                images[i, y:y + 5, x:x + 5, 0] += SHAPES[name]
                centres[i, y + 2, x + 2] |= name == "plus"
    return images, centres


def scattered_digits(seed, n_train=1000, side=16, centred=False):
    """scikit-learn's digits, each 8 × 8, somewhere on a larger empty canvas.

    Parameters
    ----------
    seed : int
        Which digits are for training, and where each lies.
    n_train : int
    side : int, of the canvas
    centred : bool
        The same digits in the same order, but all in the middle.

    Returns
    -------
    X_train : ndarray (n_train, side, side, 1), from 0 to 1
    y_train : ndarray (n_train,), the digits 0 to 9
    X_test, y_test : the same for the other digits, 797 of 1797
    """
    from sklearn.datasets import load_digits

    rng, digits = np.random.default_rng(seed), load_digits()
    X = np.zeros((len(digits.images), side, side, 1))
    for canvas, image in zip(X, digits.images):
        y, x = rng.integers(0, side - 7, 2)
        y, x = ((side - 8) // 2,) * 2 if centred else (y, x)
        canvas[y:y + 8, x:x + 8, 0] = image / 16
    order = rng.permutation(len(X))
    train, test = order[:n_train], order[n_train:]
    return X[train], digits.target[train], X[test], digits.target[test]
