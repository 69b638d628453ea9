"""The experiments of lab 05b that need several seeds. One seed runs in the notebook; all of them are stored in data/lab05b_results.json.

`python -m labutils.labs.lab05b_cnn.experiments` makes that file anew (about twenty minutes).
"""
import time

import keras
import numpy as np
import tensorflow as tf

from labutils import stored
from labutils.image_data import load_images

from .exercises import build_lenet5, freeze_base, residual_block

RESULTS = "lab05b_results.json"
SEEDS = range(4)
DEPTHS = (1, 3, 6, 10)  # blocks of two convolutions
FEW = (5, 10, 20)  # examples a class
AUGMENTATIONS = ("none", "crop", "rotate", "shear", "warp", "colour", "mirror", "all but mirror")


def train(model, x, y, epochs, learning_rate=2e-3, batch_size=64, augment=None):
    """Train a classifier with logits for a fixed number of epochs; returns the CPU seconds it took.

    Parameters
    ----------
    model : keras model
    x, y : ndarrays, images (m, h, w, c) and labels (m,)
    epochs : int
    learning_rate : float, of Adam
    batch_size : int
    augment : callable (images) → images on tensors, optional
        Applied to every batch anew, by tf.data, while the model trains on the batch before.
    """
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(x), seed=0).batch(batch_size)
    if augment:
        data = data.map(lambda a, b: (augment(a), b), num_parallel_calls=tf.data.AUTOTUNE)
    model.compile(keras.optimizers.Adam(learning_rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    start = time.process_time()
    model.fit(data.prefetch(tf.data.AUTOTUNE), epochs=epochs, shuffle=False, verbose=0)
    return time.process_time() - start


def accuracy(model, x, y):
    """Share of images whose largest output stands for the right class."""
    outputs = np.concatenate([model(x[i:i + 250], training=False) for i in range(0, len(x), 250)])
    return float(np.mean(outputs.argmax(axis=1) == y))


def multiplications(model):
    """Multiplications that one image costs in the convolutions and dense layers of a model, models within it included."""
    total = 0
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Conv2D):
            total += int(np.prod(layer.output.shape[1:])) * int(np.prod(layer.kernel.shape[:3]))
        elif isinstance(layer, keras.layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


# --- depth -----------------------------------------------------------------------------------------------------------

def plain_block(x, filters):
    """The residual block without its skip."""
    for _ in range(2):
        x = keras.layers.BatchNormalization(momentum=0.9)(keras.layers.Conv2D(filters, 3, padding="same")(x))
        x = keras.layers.ReLU()(x)
    return x


def deep_net(block, n_blocks, input_shape, n_classes, filters=12):
    """A stack of blocks on small maps: one convolution of stride 4, the blocks, the mean of each channel, a dense layer."""
    inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(filters, 5, strides=4, padding="same", activation="relu")(inputs)
    for _ in range(n_blocks):
        x = block(x, filters)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes)(x))


def depth(block, n_blocks, data, seed, epochs=5):
    """Train a stack of blocks; returns its accuracy on training and test images."""
    keras.utils.set_random_seed(seed)
    net = deep_net(block, n_blocks, data.x_train.shape[1:], len(data.classes))
    train(net, data.x_train, data.y_train, epochs)
    return accuracy(net, data.x_train, data.y_train), accuracy(net, data.x_test, data.y_test)


# --- augmentation ----------------------------------------------------------------------------------------------------

def augmentation(kind):
    """A function that changes each image of a batch (m, h, w, c) in a random way, made of TensorFlow's operations.

    "crop": shifted by up to 4 pixels, as if cut out of a larger image; "rotate": by up to 20 degrees; "shear": slanted by up to 0.3; "warp": bent by a smooth
    random field; "colour": brightness and contrast; "mirror": left and right exchanged for half of them; "all but mirror"; "none".
    """
    parts = AUGMENTATIONS[1:-2] if kind == "all but mirror" else (kind,)

    def augment(images):
        m, h, w = tf.shape(images)[0], images.shape[1], images.shape[2]
        draw = {p: tf.random.uniform((m, 2), -1, 1) if p in parts else tf.zeros((m, 2)) for p in ("crop", "rotate", "shear")}
        angle, slant = draw["rotate"][:, 0] * 0.35, draw["shear"][:, 0] * 0.3
        a, b, c, d = tf.cos(angle), slant - tf.sin(angle), tf.sin(angle), tf.cos(angle)
        move = 4 * draw["crop"] + tf.stack([w / 2 * (1 - a) - h / 2 * b, h / 2 * (1 - d) - w / 2 * c], axis=1)  # the centre stays where it is
        zero = tf.zeros(m)
        if set(parts) & set(draw):
            images = keras.ops.image.affine_transform(images, tf.stack([a, b, move[:, 0], c, d, move[:, 1], zero, zero], axis=1))
        if "warp" in parts:
            images = warp(images)
        if "colour" in parts:
            gain, lift = tf.random.uniform((m, 1, 1, 1), 0.6, 1.2), tf.random.uniform((m, 1, 1, 1), -0.1, 0.2)
            images = tf.clip_by_value(images * gain + lift, 0, 1)
        if "mirror" in parts:
            images = tf.where(tf.random.uniform((m, 1, 1, 1)) < 0.5, images[:, :, ::-1], images)
        return images
    return augment


def warp(images, strength=1.5):
    """Bend each image by a smooth random field: a grid of 4×4 random shifts, blown up to the size of the image."""
    m, h, w, n = tf.shape(images)[0], images.shape[1], images.shape[2], images.shape[3]
    field = tf.image.resize(tf.random.normal((m, 4, 4, 2), stddev=strength), (h, w), "bicubic")
    rows, columns = tf.meshgrid(tf.range(float(h)), tf.range(float(w)), indexing="ij")
    y, x = (tf.clip_by_value(g[None] + field[..., k], 0.0, n - 1.001) for k, (g, n) in enumerate(((rows, h), (columns, w))))
    top, left = tf.floor(y), tf.floor(x)
    dy, dx = (y - top)[..., None], (x - left)[..., None]

    flat, start = tf.reshape(images, (-1, n)), tf.reshape(tf.range(tf.cast(m, tf.float32)) * float(h * w), (-1, 1, 1))

    def at(i, j):
        return tf.gather(flat, tf.cast(start + (top + i) * w + left + j, tf.int32))
    bent = (1 - dy) * ((1 - dx) * at(0, 0) + dx * at(0, 1)) + dy * ((1 - dx) * at(1, 0) + dx * at(1, 1))
    return tf.ensure_shape(bent, (None, h, w, n))


def augmented(kind, data, seed, n=100, epochs=40):
    """Accuracy on test images of a LeNet-5 that saw n training images, augmented in this way."""
    keras.utils.set_random_seed(seed)
    net = build_lenet5(data.x_train.shape[1:], len(data.classes))
    chosen = np.random.default_rng(seed).permutation(len(data.x_train))[:n]
    train(net, data.x_train[chosen], data.y_train[chosen], epochs, batch_size=25, augment=None if kind == "none" else augmentation(kind))
    return accuracy(net, data.x_test, data.y_test)


# --- transfer --------------------------------------------------------------------------------------------------------

def base_net(data, seed, epochs=6):
    """A LeNet-5 that has learned the first five classes."""
    keras.utils.set_random_seed(seed)
    net, known = build_lenet5(data.x_train.shape[1:], 5), data.y_train < 5
    train(net, data.x_train[known], data.y_train[known], epochs)
    return net


def few_examples(data, per_class, seed):
    """A few training images of each of the last five classes, their labels counted from 0, and all such test images."""
    rng = np.random.default_rng(seed)
    chosen = np.concatenate([rng.permutation(np.flatnonzero(data.y_train == k))[:per_class] for k in range(5, 10)])
    new = data.y_test >= 5
    return data.x_train[chosen], data.y_train[chosen] - 5, data.x_test[new], data.y_test[new] - 5


def learn_new(net, few, seed, epochs=30):
    """Train a net on a few examples of new classes; returns its accuracy on their test images."""
    x, y, x_test, y_test = few
    keras.utils.set_random_seed(seed)
    train(net, x, y, epochs, batch_size=25)
    return accuracy(net, x_test, y_test)


def transfer(data, base, per_class, seed, n_trainable=(3, 8)):
    """Accuracy on new classes: from scratch, and from a base of which the last layers, or all, may learn."""
    few = few_examples(data, per_class, seed)
    keras.utils.set_random_seed(seed)
    scratch = build_lenet5(data.x_train.shape[1:], 5)
    return {"scratch": learn_new(scratch, few, seed)} | {f"last {n}": learn_new(freeze_base(base, n), few, seed) for n in n_trainable}


# --- all of it -------------------------------------------------------------------------------------------------------

def main():
    """Run everything over all seeds and store it."""
    sets = {name: load_images(name) for name in ("digits", "placed")}
    small = load_images("placed", n_train=1500)
    found = {"depth": {}, "augmentation": {}, "transfer": {}}
    for name, block in (("plain", plain_block), ("residual", residual_block)):
        found["depth"][name] = {str(n): [depth(block, n, small, seed) for seed in SEEDS] for n in DEPTHS}
        print("depth", name, found["depth"][name], flush=True)
    for kind in AUGMENTATIONS:
        found["augmentation"][kind] = {name: [augmented(kind, data, seed) for seed in SEEDS] for name, data in sets.items()}
        print("augmentation", kind, found["augmentation"][kind], flush=True)
    for name, data in sets.items():
        bases = [base_net(data, seed) for seed in SEEDS]
        found["transfer"][name] = {str(n): [transfer(data, bases[seed], n, seed) for seed in SEEDS] for n in FEW}
        print("transfer", name, found["transfer"][name], flush=True)
    stored.save(RESULTS, found, "python -m labutils.labs.lab05b_cnn.experiments")


if __name__ == "__main__":
    main()
