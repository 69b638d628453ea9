"""Small digits for lab 07b, and a classifier that reads them."""
import keras
import tensorflow as tf

from labutils.image_data import load_images


def load_small():
    """scikit-learn's digits, 16×16, from 0 to 1: x_train (1297, 16, 16, 1), y_train, x_test (500, …), y_test; the test's writers are others."""
    data = load_images("digits")
    x, x_test = (tf.clip_by_value(tf.image.resize(a[:, 4:24, 4:24], (16, 16), antialias=True), 0, 1).numpy() for a in (data.x_train, data.x_test))
    return x, data.y_train, x_test, data.y_test


def train_reader(x, y, epochs=8):
    """A classifier of digits, as in lab 05b, trained on real images only: it never meets a generated one."""
    keras.utils.set_random_seed(7)
    layers = keras.layers
    reader = keras.Sequential([keras.Input(x.shape[1:]), layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
                               layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"), layers.Flatten(), layers.Dropout(0.3), layers.Dense(10)])
    reader.compile(keras.optimizers.Adam(3e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    reader.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return reader
