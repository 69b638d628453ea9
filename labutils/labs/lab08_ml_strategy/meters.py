"""The world of lab 08: digits as they come from the factory, as they come from the cellar, and somewhere on a larger picture."""
import numpy as np

FAULTS = ("clean", "noisy", "shifted", "blurred")


def digits():
    """scikit-learn's digits in this course's shapes: X (64, 1797) between 0 and 1, Y (1, 1797), in the order of the file."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return data.data.T / 16, data.target[None]


def cellar(X, rng):
    """Digits (64, m) as a camera in a cellar sees them → (X as seen, fault of each as an index into FAULTS)."""
    kinds, seen = rng.choice(4, X.shape[1], p=(0.4, 0.25, 0.2, 0.15)), X.copy()
    for i, kind in enumerate(kinds):
        image = X[:, i].reshape(8, 8)
        if kind == 1:
            image = np.clip(image + rng.normal(0, 0.35, (8, 8)), 0, 1)
        elif kind == 2:
            image = np.roll(image, rng.choice([-1, 1], 2), (0, 1))
        elif kind == 3:
            image = sum(np.roll(image, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)) / 9
        seen[:, i] = image.ravel()
    return seen, kinds


def pictures(X, Y, n, rng, size=14):
    """n pictures (n, size, size), each with one of the digits at a random place and grain all over it, and their labels (n,)."""
    which, places = rng.integers(X.shape[1], size=n), rng.integers(0, size - 7, (n, 2))
    found = np.abs(rng.normal(0, 0.15, (n, size, size)))
    for picture, k, (row, column) in zip(found, which, places):
        picture[row:row + 8, column:column + 8] += X[:, k].reshape(8, 8)
    return np.clip(found, 0, 1), Y[0, which]


def find_and_cut(found):
    """Step one of two, without learning: the brightest 8 × 8 window of each picture, (n, 64)."""
    windows = np.lib.stride_tricks.sliding_window_view(found, (8, 8), (1, 2))
    ink = windows.sum((3, 4))
    rows, columns = np.unravel_index(ink.reshape(len(found), -1).argmax(1), ink.shape[1:])
    return windows[np.arange(len(found)), rows, columns].reshape(len(found), 64)


def candidates_world(rng, n_dev=200, n_test=400):
    """Ten trained candidates: dev and test errors as measured, how many settings of each were tried on dev, and the true errors."""
    true = rng.normal(0.12, 0.02, 10).clip(0.03)
    tried = rng.choice([1, 2, 5, 20, 60], 10)
    dev = np.array([rng.binomial(n_dev, e, k).min() for e, k in zip(true, tried)]) / n_dev
    return dev, rng.binomial(n_test, true) / n_test, tried, true
