"""Lab 05b: the syllabus' catches, images, experiments, the payoff."""
import functools
import gzip
import hashlib
import io
import pickle
import tarfile

import keras
import numpy as np
import pytest
import tensorflow as tf
from test_graders import graded

from labutils import LabError, image_data, stored
from labutils.image_data import load_images
from labutils.labs.lab05b_cnn import exercises as ex
from labutils.labs.lab05b_cnn import experiments as run

LAB = "05b_cnn"
VGG = "def vgg_block(x, filters, n_convs):\n    for i in range(n_convs):\n        x = keras.layers.Conv2D(filters, 3, padding='same', activation='relu')(x)\n    return {}"
RESIDUAL = """def residual_block(x, filters, stride=1):
    y = keras.layers.Conv2D(filters, 3, stride, 'same', activation='relu')(x)
    y = keras.layers.Conv2D(filters, 3, 1, 'same')(y)
    if stride != 1 or x.shape[-1] != filters:
        x = keras.layers.Conv2D(filters, 1, stride)(x)
    return keras.ops.relu(x + y)"""
LENET = """def build_lenet5(input_shape, n_classes):
    L = keras.layers
    return keras.Sequential([keras.Input(input_shape), L.Conv2D(6, 5, activation='tanh'), L.AveragePooling2D(2), L.Conv2D(16, 5, activation='tanh'), L.AveragePooling2D(2),
                             L.Flatten(), L.Dense(120, 'tanh'), L.Dense(84, 'tanh'), L.Dense(n_classes, 'softmax')])"""
FREEZE = """def freeze_base(model, n_trainable):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer in copy.layers:
        layer.trainable = False
    for layer in copy.layers[len(copy.layers) - n_trainable:]:
        layer.trainable = True
    return copy"""
INCEPTION = """def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def c(x, n, size):
        return keras.layers.Conv2D(n, size, padding='same', activation='relu')(x)
    p = keras.layers.MaxPooling2D(3, 1, 'same')(x)
    return keras.layers.concatenate([c(x, f1, 1), c(c(x, f3_reduce, 1), f3, 3), c(c(x, f5_reduce, 1), f5, 5), c(p, pool_proj, 1)])"""


@pytest.mark.parametrize("exercise, source, words", [
    ("build_lenet5", LENET, ""),
    ("build_lenet5", LENET.replace("L.Flatten(), ", ""), "acts on each place by itself"),
    ("build_lenet5", LENET.replace("120", "84.").replace("L.Dense(84,", "L.Dense(120,").replace("84.", "84"), "120 comes first"),
    ("build_lenet5", LENET.replace("6, 5, activation='tanh'", "6, 5"), "no activation behind the first convolution"),
    ("build_lenet5", LENET.replace("'softmax'", "'sigmoid'"), "Several classes of which one is right"),
    ("vgg_block", VGG.format("keras.layers.MaxPooling2D(2)(x)"), ""),
    ("vgg_block", VGG.format("x"), "what halves height and width"),
    ("vgg_block", VGG.format("keras.layers.MaxPooling2D(2)(x)").replace(", activation='relu'", ""), "no ReLU behind any convolution"),
    ("vgg_block", VGG.format("keras.layers.MaxPooling2D(2)(x)").replace("padding='same', ", ""), "loses 1 pixel at each edge"),
    ("residual_block", RESIDUAL, ""),
    ("residual_block", RESIDUAL.replace("keras.ops.relu(x + y)", "keras.layers.ReLU()(keras.layers.Concatenate()([x, y]))"), "A residual block *adds*"),
    ("residual_block", RESIDUAL.replace("stride != 1 or x", "x"), "It is needed if the stride is not 1, *or* if the channels differ"),
    ("residual_block", RESIDUAL.replace("filters, 1, stride", "filters, 1"), "the block's stride"),
    ("residual_block", RESIDUAL.replace("keras.ops.relu(x + y)", "x + keras.ops.relu(y)"), "the ReLU belongs behind the sum"),
    ("residual_block", RESIDUAL.replace(" or x.shape[-1] != filters", "  or x.shape[-1] not in (1, filters)"), "repeated for all of them by broadcasting"),
    ("inception_module", INCEPTION, ""),
    ("inception_module", INCEPTION.replace("(3, 1, 'same')", "(3)"), "takes its own size as the stride"),
    ("inception_module", INCEPTION.replace("c(c(x, f5_reduce, 1), f5, 5)", "c(x, f5, 5)"), "so that the wide filter is cheap"),
    ("freeze_base", FREEZE, ""),
    ("freeze_base", FREEZE.replace("    copy.set_weights(model.get_weights())\n", ""), "What was learned is lost"),
    ("freeze_base", FREEZE.replace("len(copy.layers) - n_trainable", "-n_trainable"), "`layers[-0:]` is all of them"),
    ("freeze_base", FREEZE.replace("keras.models.clone_model(model)", "model"), "The model itself comes back"),
    ("ensemble_predict", "def ensemble_predict(models, x):\n    return np.mean([m(x, training=True) for m in models], axis=0)", "training mode"),
])
def test_catches_of_the_syllabus(labs, exercise, source, words):
    report = graded(labs[LAB], {"source": source, "exercise": exercise})
    assert report.passed == (not words) and words in report.message and (report.passed or report.mistake)


def test_a_block_whose_convolutions_are_zero_hands_on_what_came_in():
    x = keras.Input((6, 5, 3))
    block = keras.Model(x, ex.residual_block(x, 3))
    for layer in block.layers:
        if isinstance(layer, keras.layers.Conv2D):
            layer.set_weights([0 * w for w in layer.get_weights()])
    values = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    assert np.allclose(block(values), np.maximum(values, 0))


# --- images ---

def test_digits_centred_and_placed():
    centred, placed = load_images("digits"), load_images("placed", n_train=50, n_test=20)
    assert centred.x_train.shape == (1297, 28, 28, 1) and centred.x_test.shape == (500, 28, 28, 1) and placed.x_train.shape == (50, 28, 28, 1)
    assert all(x.dtype == np.float32 and x.min() >= 0 and x.max() <= 1 for x in (centred.x_train, placed.x_test))
    assert np.array_equal(placed.x_train, load_images("placed", 50, 20).x_train) and not np.array_equal(placed.x_train, load_images("placed", 50, 20, seed=1).x_train)
    columns = placed.x_train.max(axis=(1, 3)) > 0.2
    assert len({int(c.argmax()) for c in columns}) > 5, "digits stand at many places"
    with pytest.raises(LabError, match='no images "cats": digits, placed, mnist'):
        load_images("cats")


def test_moving_digits_break_pixels():
    from sklearn.linear_model import LogisticRegression

    right = {}
    for name in ("digits", "placed"):
        data = load_images(name, n_train=1297)
        train, test = (x.reshape(len(x), -1) for x in (data.x_train, data.x_test))
        right[name] = LogisticRegression(max_iter=200).fit(train, data.y_train).score(test, data.y_test)
    assert right["digits"] > 0.9 and right["placed"] < 0.35


def _files(folder):
    """Little files in the form that Keras' loaders read: {name: bytes}."""
    rng, found, buffer = np.random.default_rng(0), {}, io.BytesIO()
    x, y = rng.integers(0, 256, (6, 28, 28)).astype(np.uint8), np.arange(6, dtype=np.uint8)
    np.savez(buffer, x_train=x[:4], y_train=y[:4], x_test=x[4:], y_test=y[4:])
    found["mnist.npz"] = buffer.getvalue()
    for kind, a, b in (("train", 0, 4), ("t10k", 4, 6)):
        found[f"{kind}-labels-idx1-ubyte.gz"] = gzip.compress(bytes(8) + y[a:b].tobytes())
        found[f"{kind}-images-idx3-ubyte.gz"] = gzip.compress(bytes(16) + x[a:b].tobytes())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
            data = pickle.dumps({b"data": np.full((10000, 3072), 51, np.uint8), b"labels": [3] * 10000})
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    found["cifar-10-python.tar.gz"] = buffer.getvalue()
    for name, data in found.items():
        (folder / name).write_bytes(data)
    return found


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Keras fetches little files from this machine instead of large ones from the network; their checksums are what `hashes` says."""
    from keras.src.datasets import cifar10, fashion_mnist, mnist
    from keras.src.utils import file_utils

    folder = tmp_path / "server"
    folder.mkdir()
    (tmp_path / "cache").mkdir()  # Keras would take /tmp/.keras for one that is not there
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in _files(folder).items()}
    real = file_utils.get_file

    def get_file(fname, origin, file_hash=None, hash_algorithm="auto", **options):
        name = origin.split("/")[-1]
        return real(fname, origin=(folder / name).as_uri(), file_hash=file_hash and hashes[name], cache_dir=tmp_path / "cache", **options)
    for module in (mnist, fashion_mnist, cifar10, keras.utils):
        monkeypatch.setattr(module, "get_file", get_file)
    return folder, hashes


@pytest.mark.parametrize("name, shape, classes", [("mnist", (4, 28, 28, 1), "0"), ("fashion", (4, 28, 28, 1), "T-shirt"), ("cifar10", (50000, 32, 32, 3), "aeroplane")])
def test_known_sets_are_loaded_through_keras(served, name, shape, classes):
    data = load_images(name)
    assert data.x_train.shape == shape and data.x_train.dtype == np.float32 and data.x_train.min() >= 0 and data.x_train.max() <= 1
    assert data.y_train.shape == shape[:1] and data.y_train.dtype.kind == "i" and data.classes[0] == classes and len(data.classes) == 10
    assert len(load_images(name, n_train=2, n_test=1).x_train) == 2


@pytest.mark.parametrize("name, file", [("mnist", "mnist.npz"), ("fashion", "t10k-images-idx3-ubyte.gz"), ("cifar10", "cifar-10-python.tar.gz")])
def test_a_wrong_checksum_is_said(served, name, file):
    served[1][file] = "0" * 64
    with pytest.raises(LabError, match=f"file of {name} has another checksum"):
        load_images(name)


@pytest.mark.parametrize("name", image_data.KERAS)
def test_without_a_network_it_is_said(served, name):
    for file in served[0].iterdir():
        file.unlink()
    with pytest.raises(LabError, match=f"{name} could not be downloaded.*Is there a network"):
        load_images(name)


# --- experiments ---

def test_multiplications_are_those_of_the_exercise():
    x = keras.Input((9, 7, 3))
    direct = keras.Model(x, keras.layers.Conv2D(4, 5, padding="same")(x))
    through = keras.Model(x, keras.layers.Conv2D(4, 5, padding="same")(keras.layers.Conv2D(2, 1)(x)))
    assert run.multiplications(direct) == ex.inception_cost(9, 7, 3, 5, 4) and run.multiplications(through) == ex.inception_cost(9, 7, 3, 5, 4, 2)
    assert run.multiplications(keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])) == 15


@pytest.mark.parametrize("kind", run.AUGMENTATIONS)
def test_augmentation_keeps_shape_and_changes_each_image_by_itself(kind):
    image = load_images("placed", 1, 1).x_train
    keras.utils.set_random_seed(0)
    out = np.asarray(tf.function(run.augmentation(kind))(tf.repeat(image, 16, axis=0)))
    assert out.shape == (16, 28, 28, 1) and np.isfinite(out).all() and out.min() >= -1e-5 and out.max() <= 1.0001
    different = len(np.unique(out.reshape(16, -1).round(4), axis=0))
    assert different == {"none": 1, "mirror": 2}.get(kind, 16)
    if kind == "none":
        assert np.allclose(out, image)


def test_what_the_lab_claims_stands_in_the_stored_results():
    found = stored.load(run.RESULTS)

    @functools.cache
    def deep(name, n, part):
        return np.mean([r[part] for r in found["depth"][name][str(n)]])
    assert deep("plain", 10, 0) < deep("plain", 3, 0) - 0.2 and deep("residual", 10, 0) > deep("residual", 3, 0) - 0.05
    assert all(r[0] > p[0] for r, p in zip(found["depth"]["residual"]["6"], found["depth"]["plain"]["6"]))
    gain = {k: {n: np.mean(v[n]) - np.mean(found["augmentation"]["none"][n]) for n in v} for k, v in found["augmentation"].items()}
    assert gain["crop"]["placed"] > 0.15 and gain["crop"]["digits"] < 0.02 and gain["warp"]["digits"] > 0 and gain["mirror"]["digits"] < 0
    few = {s: {n: {w: np.mean([r[w] for r in runs]) for w in runs[0]} for n, runs in t.items()} for s, t in found["transfer"].items()}
    assert few["digits"]["5"]["scratch"] > few["digits"]["5"]["last 8"] and few["placed"]["5"]["scratch"] < few["placed"]["5"]["last 8"]


@pytest.mark.slow
def test_the_stored_results_can_be_remade(tmp_path, monkeypatch):
    kept = stored.load(run.RESULTS)
    monkeypatch.setattr(stored, "PLACES", (tmp_path,))
    run.main()
    new = stored.load(run.RESULTS)

    def numbers(value):
        if isinstance(value, dict | list):
            return [n for v in (value.values() if isinstance(value, dict) else value) for n in numbers(v)]
        return [value]
    assert len(numbers(new)) == len(numbers(kept)) and np.mean(np.abs(np.subtract(numbers(new), numbers(kept)))) < 0.05  # other machines round otherwise
