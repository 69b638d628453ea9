"""Four families of generators on small digits, and a judge for them all.

The diffusion model trains in the notebook; the autoencoder, the VAE and the GAN (labs 07a and 07b) train here, for `experiments`, which stores their pictures.
All are small dense nets, and each is given about the same CPU time.
"""
import time
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from .exercises import denoising_loss, frechet_distance, guided_noise, sample_images, training_batch

GREYS = "0123456789ABCDEFG"  # a picture in a stored file: a character a pixel, from black to white
N_TRAIN, BATCH, CODE = 1400, 128, 8
UNTOLD = 10  # the label that says nothing
layers = keras.layers


class Digits(NamedTuple):
    """Pictures (m, 8, 8) from −1, black, to 1, white, and what they show."""
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load():
    """scikit-learn's digits, shuffled, 1400 for training and 397 for the test."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    x, y = (digits.images[order] / 8 - 1).astype("float32"), digits.target[order]
    return Digits(x[:N_TRAIN], y[:N_TRAIN], x[N_TRAIN:], y[N_TRAIN:])


def to_text(pictures):
    """Pictures as strings of 64 characters, cut to the 17 shades of grey that the digits have."""
    shades = np.clip(np.round(8 * pictures.reshape(len(pictures), -1) + 8), 0, 16).astype(int)
    return ["".join(GREYS[s] for s in row) for row in shades]


def from_text(texts):
    """The pictures that `to_text` wrote."""
    return np.array([[GREYS.index(c) for c in row] for row in texts], "float32").reshape(-1, 8, 8) / 8 - 1


# --- the judge -------------------------------------------------------------------------------------------------------

class Judge:
    """A digits classifier, trained on real digits, that looks at made ones.

    Parameters
    ----------
    digits : Digits
    """

    def __init__(self, digits):
        keras.utils.set_random_seed(0)
        self.net = keras.Sequential([keras.Input((8, 8)), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(32, activation="relu"),
                                     layers.Dense(10, activation="softmax")])
        self.net.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
        self.net.fit(digits.x_train, digits.y_train, epochs=25, batch_size=64, verbose=0)
        self.inner = keras.Sequential(self.net.layers[:-1])
        self.real = self.features(digits.x_test)
        self.accuracy = float(np.mean(self.probabilities(digits.x_test).argmax(axis=1) == digits.y_test))

    def probabilities(self, pictures):
        """What it believes, (m, 10)."""
        return np.asarray(self.net(np.asarray(pictures, "float32")))

    def features(self, pictures):
        """Its last hidden layer, (m, 32): what it goes by."""
        return np.asarray(self.inner(np.asarray(pictures, "float32")), float)

    def score(self, pictures, distance=frechet_distance):
        """How pictures look to it.

        Returns
        -------
        dict with "confidence", the mean of its largest probability; "classes", how many of the ten get at least 2 % of the pictures; "distance", the Fréchet
        distance of its features from those of the test digits
        """
        p = self.probabilities(pictures)
        shares = np.bincount(p.argmax(axis=1), minlength=10) / len(p)
        return {"confidence": float(p.max(axis=1).mean()), "classes": int(np.sum(shares >= 0.02)), "distance": distance(self.features(pictures), self.real)}


# --- the diffusion model ---------------------------------------------------------------------------------------------

def build_denoiser(n_steps, width=128, n_blocks=3):
    """A net that sees the noise in pictures.

    Parameters
    ----------
    n_steps : int
    width, n_blocks : int

    Returns
    -------
    keras.Model: [x (m, 8, 8), t (m,) ints, labels (m,) ints from 0 to 9, or 10 for "not told"] → noise (m, 8, 8)
    """
    x_t, t, label = keras.Input((8, 8)), keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    told = layers.Embedding(n_steps, width)(t) + layers.Embedding(UNTOLD + 1, width)(label)
    x = layers.Dense(width)(layers.Flatten()(x_t))
    for _ in range(n_blocks):
        h = layers.LayerNormalization()(x + told)
        x = x + layers.Dense(width)(layers.Dense(width, activation="silu")(h))
    return keras.Model([x_t, t, label], layers.Reshape((8, 8))(layers.Dense(64)(layers.LayerNormalization()(x))))


class Denoiser:
    """A denoising net with its optimizer, fed with numpy arrays.

    Parameters
    ----------
    n_steps : int
    training_steps : int, over which the learning rate sinks to 0
    loss : callable (epsilon, predicted) → tensor of rank 0
    """

    def __init__(self, n_steps, training_steps, loss=denoising_loss):
        self.net = net = build_denoiser(n_steps)
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, training_steps))

        @tf.function(reduce_retracing=True)
        def train(x_t, t, labels, epsilon):
            with tf.GradientTape() as tape:
                value = loss(epsilon, net([x_t, t, labels], training=True))
            optimizer.apply_gradients(zip(tape.gradient(value, net.trainable_variables), net.trainable_variables))
            return value
        self._train, self._call = train, tf.function(lambda x, t, labels: net([x, t, labels]), reduce_retracing=True)

    def train(self, x_t, t, labels, epsilon):
        """One step of training; returns the loss from before it, as a tensor."""
        return self._train(*(tf.constant(a, kind) for a, kind in ((x_t, "float32"), (t, "int32"), (labels, "int32"), (epsilon, "float32"))))

    def noise(self, x, t, labels):
        """The noise it sees in pictures that all stand at step t, with labels (m,)."""
        return self._call(tf.constant(x, "float32"), tf.fill(len(x), t), tf.constant(labels, "int32")).numpy()


def train_diffusion(digits, alpha_bars, seed, steps=5000):
    """A Denoiser, trained as the notebook does it."""
    keras.utils.set_random_seed(seed)
    denoiser, rng = Denoiser(len(alpha_bars), steps), np.random.default_rng(seed)
    for _ in range(steps):
        chosen = rng.integers(0, len(digits.x_train), BATCH)
        labels = np.where(rng.random(BATCH) < 0.5, UNTOLD, digits.y_train[chosen])
        x_t, t, epsilon = training_batch(digits.x_train[chosen], alpha_bars, rng)
        denoiser.train(x_t, t, labels, epsilon)
    return denoiser


def guided(denoiser, labels, scale):
    """What a Denoiser says of pictures of these labels, guided: a function (x, t) → noise."""
    def predict(x, t):
        untold = denoiser.noise(x, t, np.full(len(x), UNTOLD))
        return untold if scale == 0 else guided_noise(denoiser.noise(x, t, labels), untold, scale)
    return predict


def draw(denoiser, labels, scale, betas, alpha_bars, seed):
    """Pictures of these labels, guided."""
    return sample_images(guided(denoiser, labels, scale), (len(labels), 8, 8), betas, alpha_bars, np.random.default_rng(seed))


# --- the other three -------------------------------------------------------------------------------------------------

def dense(n_in, n_out, last=None, dropout=0.0):
    """A net with two hidden layers."""
    net = keras.Sequential([keras.Input((n_in,))])
    for _ in range(2):
        net.add(layers.Dense(128, activation="leaky_relu"))
        net.add(layers.Dropout(dropout))
    net.add(layers.Dense(n_out, activation=last))
    return net


def batches(digits, seed, steps):
    """Flat pictures, batch after batch."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        yield tf.constant(digits.x_train[rng.integers(0, len(digits.x_train), BATCH)].reshape(BATCH, 64))


def train_autoencoder(digits, seed, steps, variational=False):
    """An autoencoder, or a VAE; returns (a function that makes n pictures, its number of weights)."""
    keras.utils.set_random_seed(seed)
    encoder, decoder, optimizer = dense(64, 2 * CODE if variational else CODE), dense(CODE, 64), keras.optimizers.Adam(2e-3)
    variables = encoder.trainable_variables + decoder.trainable_variables

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            code = encoder(x)
            if variational:
                mean, log_var = tf.split(code, 2, axis=1)
                code = mean + tf.exp(log_var / 2) * tf.random.normal(tf.shape(mean))
                loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits((x + 1) / 2, decoder(code))) * 64
                loss += tf.reduce_mean(tf.reduce_sum(mean ** 2 + tf.exp(log_var) - log_var - 1, axis=1)) / 2
            else:
                loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits((x + 1) / 2, decoder(code)))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    for x in batches(digits, seed, steps):
        step(x)
    codes = np.asarray(encoder(digits.x_train.reshape(-1, 64)))
    spread = (0.0, 1.0) if variational else (codes.mean(axis=0), codes.std(axis=0))  # an autoencoder knows no distribution: take the codes' own

    def make(n):
        z = np.random.default_rng(seed).normal(*spread, (n, CODE)).astype("float32")
        return 2 * np.asarray(tf.sigmoid(decoder(z))).reshape(-1, 8, 8) - 1
    return make, encoder.count_params() + decoder.count_params()


def train_vae(digits, seed, steps):
    """A VAE, as train_autoencoder makes it."""
    return train_autoencoder(digits, seed, steps, variational=True)


def train_gan(digits, seed, steps):
    """A GAN; returns (a function that makes n pictures, its number of weights)."""
    keras.utils.set_random_seed(seed)
    generator, critic = dense(16, 64, "tanh"), dense(64, 1, dropout=0.3)
    g_optimizer, d_optimizer = keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(5e-4, beta_1=0.5)
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def step(x):
        z = tf.random.normal((BATCH, 16))
        with tf.GradientTape(persistent=True) as tape:
            fake = generator(z, training=True)
            real_logits, fake_logits = critic(x, training=True), critic(fake, training=True)
            d_loss = cross_entropy(0.9 * tf.ones_like(real_logits), real_logits) + cross_entropy(tf.zeros_like(fake_logits), fake_logits)
            g_loss = cross_entropy(tf.ones_like(fake_logits), fake_logits)
        for net, optimizer, loss in ((critic, d_optimizer, d_loss), (generator, g_optimizer, g_loss)):
            optimizer.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    for x in batches(digits, seed, steps):
        step(x)

    def make(n):
        z = np.random.default_rng(seed).standard_normal((n, 16)).astype("float32")
        return np.asarray(generator(z)).reshape(-1, 8, 8)
    return make, generator.count_params() + critic.count_params()


FAMILIES = {"autoencoder": (train_autoencoder, 11000), "VAE": (train_vae, 10500), "GAN": (train_gan, 6500)}  # steps: about as long as the diffusion model trains


def timed(function, *args):
    """(what a function gives, the CPU seconds that it took)"""
    start = time.process_time()
    value = function(*args)
    return value, time.process_time() - start
