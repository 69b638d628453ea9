"""Scenes for detection and segmentation, composed by code of scikit-learn's handwritten digits."""
import functools

import numpy as np

SIDE, CLASSES = 64, 10
LARGEST = 4  # digits in a scene


@functools.cache
def _digits():
    """Digits (8, 8) with values from 0 to 1, and their labels, two parts: the first 1300 for training scenes, the rest for the others."""
    from sklearn.datasets import load_digits

    data = load_digits()
    return data.images / 16, data.target


def make_scenes(n, seed=0, part="train"):
    """Pictures with one to four digits of different size in them, on a ground of noise and soft blots.

    Parameters
    ----------
    n : int
    seed : int
    part : str, "train" or "test": which of the handwritten digits are used, so that no digit is in both

    Returns
    -------
    images : ndarray (n, 64, 64, 1), float32 from 0 to 1
    boxes : list of ndarray (k, 4), (y_min, x_min, y_max, x_max) in pixels, tight around each digit
    classes : list of ndarray (k,) of int, 0 to 9
    masks : ndarray (n, 64, 64) of int: 0 for the ground, 1 + the digit's class for its pixels
    """
    from PIL import Image

    pictures, labels = _digits()
    chosen = np.arange(len(labels))
    chosen = chosen[:1300] if part == "train" else chosen[1300:]
    rng = np.random.default_rng([seed, part == "test"])
    images, masks = np.zeros((n, SIDE, SIDE), np.float32), np.zeros((n, SIDE, SIDE), int)
    all_boxes, all_classes = [], []
    for i in range(n):
        ground = np.asarray(Image.fromarray(rng.uniform(0, 0.45, (6, 6)).astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        images[i] = np.clip(ground + rng.normal(0, 0.06, (SIDE, SIDE)), 0, 1)
        boxes, classes = [], []
        for _ in range(rng.integers(1, LARGEST + 1)):
            k, side = rng.choice(chosen), int(rng.integers(14, 27))
            digit = np.asarray(Image.fromarray(pictures[k].astype(np.float32)).resize((side, side), Image.Resampling.BILINEAR))
            ink = digit > 0.3
            rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
            digit, ink = (a[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] for a in (digit, ink))
            h, w = digit.shape
            y, x = rng.integers(0, SIDE - h + 1), rng.integers(0, SIDE - w + 1)
            box = np.array([y, x, y + h, x + w])
            if any((np.minimum(box[2:], b[2:]) - np.maximum(box[:2], b[:2]) > 0).all() for b in boxes):
                continue  # no digit covers another
            part_of = images[i, y:y + h, x:x + w]
            images[i, y:y + h, x:x + w] = np.where(ink, np.maximum(part_of, rng.uniform(0.75, 1) * digit), part_of)
            masks[i, y:y + h, x:x + w] = np.where(ink, 1 + labels[k], masks[i, y:y + h, x:x + w])
            boxes.append(box)
            classes.append(labels[k])
        all_boxes.append(np.array(boxes, float))
        all_classes.append(np.array(classes, int))
    return images[..., None], all_boxes, all_classes, masks
