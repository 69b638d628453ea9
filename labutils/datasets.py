"""Data for the labs: from installed packages, made by code, or the learner's own."""
from pathlib import Path

import numpy as np

from . import LabError

PATCH, SIZE = 48, 32  # cut from the photographs, and shrunk to
TRAINING_PART = 0.55  # of the width of a photograph, from the left
SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


def load_photo_patches(seed=0, n_train=209, n_test=600):
    """Patches of two photographs, a temple (label 0) and a flower (label 1): the images of labs 01 and 03.

    Training patches come from the left 55 % of each photograph, test patches from the right 45 %, so no pixel is in both.
    The photographs come with scikit-learn (`load_sample_images`; licence CC BY, by their authors named there).

    Parameters
    ----------
    seed : int
        Where the patches are cut.
    n_train, n_test : int

    Returns
    -------
    X_train : ndarray (n_train, 32, 32, 3), uint8
    Y_train : ndarray (1, n_train), 0 and 1
    X_test, Y_test : the same for n_test
    """
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(seed)
    sets = {"train": ([], []), "test": ([], [])}
    for label, photo in enumerate(load_sample_images().images):
        border = int(photo.shape[1] * TRAINING_PART)
        for part, total, left, right in (("train", n_train, 0, border), ("test", n_test, border, photo.shape[1])):
            for _ in range(total // 2 + (label == 0) * (total % 2)):
                y, x = rng.integers(0, photo.shape[0] - PATCH + 1), rng.integers(left, right - PATCH + 1)
                sets[part][0].append(resize(photo[y:y + PATCH, x:x + PATCH], SIZE))
                sets[part][1].append(label)
    return tuple(np.stack(v) if v is images else np.array([v]) for images, labels in sets.values() for v in (images, labels))


def resize(image, size):
    """An image (h, w, 3) of uint8 shrunk or stretched to (size, size, 3)."""
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))


def load_own_images(path, size=SIZE):
    """The learner's own images, two kinds of them.

    Parameters
    ----------
    path : str or Path
        A folder with two folders of images in it, one a kind; or an `.npz` file with arrays `images` (m, h, w, 3) and
        `labels` (m,) of 0 and 1.
    size : int
        All images are made size × size.

    Returns
    -------
    images : ndarray (m, size, size, 3), uint8
    labels : ndarray (1, m), 0 and 1
    names : the two kinds, what 0 and 1 stand for

    Raises
    ------
    LabError
        With a sentence that says what is wrong with which file.
    """
    path = Path(path)
    if not path.exists():
        raise LabError(f"There is no {path}: give the path of a folder with two folders of images, or of an .npz file.")
    return _from_folder(path, size) if path.is_dir() else _from_npz(path, size)


def _from_folder(path, size):
    from PIL import Image, UnidentifiedImageError

    kinds = sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
    if len(kinds) != 2:
        raise LabError(f"{path} holds {len(kinds)} folders, two are wanted: one for each kind of image.")
    images, labels = [], []
    for label, kind in enumerate(kinds):
        files = sorted(f for f in kind.iterdir() if f.suffix.lower() in SUFFIXES)
        if not files:
            raise LabError(f"{kind} holds no images ({', '.join(sorted(SUFFIXES))}).")
        for file in files:
            try:
                images.append(resize(np.asarray(Image.open(file).convert("RGB")), size))
            except (UnidentifiedImageError, OSError):
                raise LabError(f"{file} cannot be read as an image: take it out of the folder or save it anew as .png.") from None
            labels.append(label)
    return np.stack(images), np.array([labels]), [k.name for k in kinds]


def _from_npz(path, size):
    try:
        data = np.load(path)
        found = {name: data[name] for name in data.files}
    except (ValueError, OSError, EOFError, AttributeError):
        raise LabError(f"{path} cannot be read as an .npz file; np.savez(path, images=images, labels=labels) writes one.") from None
    lacking = [n for n in ("images", "labels") if n not in found]
    if lacking:
        raise LabError(f"{path} has no array named {' or '.join(lacking)}; it has {', '.join(found) or 'none'}.")
    images, labels = found["images"], found["labels"].ravel()
    if images.ndim != 4 or images.shape[-1] != 3:
        raise LabError(f"images in {path} have shape {images.shape}; (m, h, w, 3) is wanted.")
    if len(images) != len(labels):
        raise LabError(f"{path} has {len(images)} images but {len(labels)} labels.")
    if set(np.unique(labels)) != {0, 1}:
        raise LabError(f"labels in {path} are {sorted(set(labels.tolist()))[:5]}; zeros and ones are wanted, both of them.")
    if images.dtype.kind == "f" and images.max() <= 1:
        images = images * 255
    images = np.stack([resize(np.clip(image, 0, 255).astype(np.uint8), size) for image in images])
    return images, labels.astype(int)[None], ["0", "1"]
