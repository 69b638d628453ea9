"""Pictures drawn by code from a seed: cats and dogs."""
import numpy as np

LIGHT_ON_DARK = 0.7  # the share of pictures in which the animal is lighter than what is behind it


def draw_pets(n, seed=0, size=32):
    """Heads of cats (label 0) and dogs (label 1), in random colours: the second set of lab 03.

    A cat's ears stand up and are pointed, a dog's hang down at the sides. Place, size and colours are drawn for each picture. In 70 % of
    them the animal is lighter than what is behind it, in 30 % darker, whichever animal it is: so no single pixel says which one it is.

    Parameters
    ----------
    n : int, number of pictures, half of them cats
    seed : int
    size : int, height and width

    Returns
    -------
    images : ndarray (n, size, size, 3), uint8
    labels : ndarray (1, n), 0 and 1
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2)
    shape = _ink(labels, rng, size)[..., None]
    lighter = np.where(rng.random((n, 1)) < LIGHT_ON_DARK, 1, -1)
    middle, contrast = rng.uniform(0.42, 0.58, (n, 1)), rng.uniform(0.14, 0.3, (n, 1))
    tint = rng.uniform(-0.12, 0.12, (2, n, 3))
    animal, behind = (np.clip(middle + side * lighter * contrast + t, 0, 1)[:, None, None] for side, t in zip((1, -1), tint))
    noise = rng.normal(0, 0.02, (n, size, size, 3))
    return np.clip(255 * (behind + (animal - behind) * shape + noise), 0, 255).astype(np.uint8), labels[None]


def _ink(labels, rng, size):
    """How much of each pixel the animal covers, (n, size, size): head and ears, without eyes and nose."""
    n = len(labels)
    x, y, r = (v[:, None, None] for v in (rng.uniform(-0.08, 0.08, n), rng.uniform(-0.05, 0.11, n), rng.uniform(0.46, 0.56, n)))
    rows, columns = np.mgrid[-1:1:size * 1j, -1:1:size * 1j]
    u, v = np.abs(columns - x) / r, (rows - y) / r  # faces are symmetric: one side is drawn, and mirrored
    dog = labels[:, None, None] == 1
    head = 1 - np.hypot(u, v)
    pointed = np.minimum(0.66 * (u - 0.1) + 0.75 * (v + 0.9), 0.98 * (0.98 - u) + 0.19 * (v + 0.2))  # right of one edge, left of the other
    pointed = np.minimum(pointed, -v)
    hanging = 0.34 - np.hypot(u - 1.02, 0.55 * (v - 0.08))
    eyes = 0.15 - np.hypot(u - 0.4, v + 0.15)
    nose = 0.17 - np.hypot(u, 0.8 * (v - 0.4))
    covered = np.maximum(head, np.where(dog, hanging, pointed))
    covered = np.minimum(covered, -np.maximum(eyes, nose))
    return np.clip(0.5 + covered * r * size / 2, 0, 1)


def draw_pairs(n, seed=0, size=16):
    """Two heads side by side, each as in `draw_pets`: of one kind (label 0) or of two (label 1). The third set of lab 03.

    Parameters
    ----------
    n : int, number of pictures
    seed : int
    size : int, height; the width is twice that

    Returns
    -------
    images : ndarray (n, size, 2·size, 3), uint8
    labels : ndarray (1, n), 0 and 1
    """
    (left, a), (right, b) = (draw_pets(n, (seed, side), size) for side in (0, 1))
    return np.concatenate([left, right], axis=2), (a != b).astype(int)
