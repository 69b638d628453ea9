"""Images for the labs on vision: digits that come with scikit-learn, centred or placed at random, or a large known set, downloaded when asked for."""
from functools import cache
from typing import NamedTuple

import numpy as np

from . import LabError

SIDE = 28  # of the canvas on which digits are put, as in MNIST
CENTRED, PLACED = 20, 16  # what a digit of 8×8 is blown up to
FROM_TRAINING = 1297  # of scikit-learn's 1797 digits; the last 500 were written by other people
DIGITS = tuple("0123456789")
KERAS = {"mnist": ("mnist", DIGITS),
         "fashion": ("fashion_mnist", ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")),
         "cifar10": ("cifar10", ("aeroplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "lorry"))}
FASHION = {"train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe", "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
           "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310", "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79"}
FASHION_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


class Images(NamedTuple):
    """Images (m, h, w, c) as float32 from 0 to 1, their labels (m,) as whole numbers, and what the labels stand for."""
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: tuple


def load_images(name="placed", n_train=None, n_test=None, seed=0):
    """A set of images to classify, ten kinds of them.

    Parameters
    ----------
    name : str
        "digits": scikit-learn's handwritten digits, each in the middle of a canvas of 28×28; 1297 for training, 500 by other writers for the test.
        "placed": the same ones, a little smaller, each at a random place of the canvas; 4000 for training (a digit may come again elsewhere),
        1000 for the test, of the same writers as above. "mnist", "fashion" (both 28×28) and "cifar10" (32×32, in colour) come through
        Keras' own loaders: downloaded the first time, then kept in ~/.keras, their checksums verified.
    n_train, n_test : int, optional
        At most so many, the first ones.
    seed : int
        Where the placed digits stand.

    Returns
    -------
    Images

    Raises
    ------
    LabError
        For a name that is not known, without a network where one is needed, or for a file with another checksum.
    """
    if name in KERAS:
        x_train, y_train, x_test, y_test = _download(name)
    elif name == "digits":
        x_train, y_train, x_test, y_test = _centred()
    elif name == "placed":
        x_train, y_train, x_test, y_test = _placed(n_train or 4000, n_test or 1000, seed)
    else:
        raise LabError(f'There are no images "{name}": {", ".join(["digits", "placed", *KERAS])} are known.')
    return Images(x_train[:n_train], y_train[:n_train], x_test[:n_test], y_test[:n_test], KERAS[name][1] if name in KERAS else DIGITS)


@cache
def _written(size):
    """scikit-learn's digits, blown up to size × size, and their labels."""
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    large = [Image.fromarray((d / 16 * 255).astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC) for d in digits.images]
    return np.stack([np.asarray(d) for d in large]).astype(np.float32)[..., None] / 255, digits.target


def _centred():
    x, y = _written(CENTRED)
    edge = (SIDE - CENTRED) // 2
    x = np.pad(x, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    return x[:FROM_TRAINING], y[:FROM_TRAINING], x[FROM_TRAINING:], y[FROM_TRAINING:]


def _placed(n_train, n_test, seed):
    x, y = _written(PLACED)
    rng, found = np.random.default_rng(seed), []
    for n, low, high in ((n_train, 0, FROM_TRAINING), (n_test, FROM_TRAINING, len(x))):
        chosen = rng.integers(low, high, n)
        canvas = np.zeros((n, SIDE, SIDE, 1), np.float32)
        for image, digit, (top, left) in zip(canvas, x[chosen], rng.integers(0, SIDE - PLACED + 1, (n, 2))):
            image[top:top + PLACED, left:left + PLACED] = digit
        found += [canvas, y[chosen]]
    return found


def _download(name):
    import keras

    try:
        if name == "fashion":  # Keras' loader of this one does not look at checksums; what it finds in its folder it takes
            for file, checksum in FASHION.items():
                keras.utils.get_file(file, origin=FASHION_ORIGIN + file, file_hash=checksum, hash_algorithm="md5", cache_subdir="datasets/fashion-mnist")
        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, KERAS[name][0]).load_data()
    except ValueError as error:
        if "hash" not in str(error):
            raise
        raise LabError(f"The file of {name} has another checksum than it should: the download broke off or was tampered with. Try once more; "
                       'until then "placed" needs no network.') from None
    except Exception as error:  # Keras tells of a failed download by a bare Exception
        if "URL fetch failure" not in str(error) and not isinstance(error, OSError):
            raise
        raise LabError(f'{name} could not be downloaded ({error}). Is there a network? "placed" and "digits" need none.') from None
    x_train, x_test = (x.reshape(*x.shape[:3], -1).astype(np.float32) / 255 for x in (x_train, x_test))
    return x_train, y_train.ravel().astype(int), x_test, y_test.ravel().astype(int)
