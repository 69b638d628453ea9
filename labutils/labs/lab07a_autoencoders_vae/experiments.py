"""The experiments of lab 07a that need several seeds. One seed runs in the notebook; all of them are stored in data/lab07a_results.json.

`python -m labutils.labs.lab07a_autoencoders_vae.experiments` makes that file anew (about fifteen minutes).
"""
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

from labutils import faces, stored
from labutils.image_data import load_images

from . import exercises

RESULTS = "lab07a_results.json"
SEEDS, FEWER = range(5), range(4)
BETAS = (0.1, 0.3, 1, 3, 10)
SHARES = (0.05, 0.02)  # of dark faces
UNKNOWN = ("digit 1", "digit 4", "inverted patch", "hat", "glasses")
N_BINS, SMOOTHING = 10, 0.05
WAYS = ("plain", "VAE 16×16", "VAE 8×8", "groups known", "reweighted", "moved threshold")


def load_digits():
    """scikit-learn's digits, 20×20, for training and, by other writers, for the test: x_train, y_train, x_test, y_test."""
    data = load_images("digits")
    return data.x_train[:, 4:-4, 4:-4], data.y_train, data.x_test[:, 4:-4, 4:-4], data.y_test


def load_faces(n, seed, dark_share=0.5):
    """Faces and their factors, drawn from a seed."""
    rng = np.random.default_rng([7, seed])
    factors = faces.random_factors(rng, n, dark_share)
    return faces.draw_faces(factors, rng), factors


def thumbnails(x, side):
    """Pictures made smaller, side×side, by the mean over squares of numbers."""
    m, h, w, c = x.shape
    return x.reshape(m, side, h // side, side, w // side, c).mean(axis=(2, 4))


def train(loss, models, arrays, steps, seed, learning_rate=2e-3, batch_size=64, p=None):
    """Minimise a loss by Adam for a fixed number of steps.

    Parameters
    ----------
    loss : callable (one batch of each array) → tensor, one number
    models : list of keras models, whose weights are moved
    arrays : list of ndarray, examples in rows
    steps, seed, batch_size : int
    learning_rate : float, of Adam
    p : ndarray (m,), optional
        With which probability each example is drawn; all the same without it.

    Returns
    -------
    list of float, the loss of each step
    """
    arrays = [tf.constant(a) for a in arrays]
    variables = [v for model in models for v in model.trainable_variables]
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(variables)

    @tf.function
    def step(chosen):
        with tf.GradientTape() as tape:
            value = loss(*(tf.gather(a, chosen) for a in arrays))
        optimizer.apply(tape.gradient(value, variables), variables)
        return value
    chosen = np.random.default_rng(seed).choice(len(arrays[0]), (steps, batch_size), p=p)
    return [float(v) for v in [step(tf.constant(c)) for c in chosen]]


# --- autoencoders and VAEs -------------------------------------------------------------------------------------------

def train_autoencoder(x, latent_dim, steps, seed, target=None, parts=exercises):
    """An autoencoder that gives back its input, or the clean `target` of it: (encoder, decoder)."""
    keras.utils.set_random_seed(seed)
    encoder, decoder = parts.build_autoencoder(x.shape[1:], latent_dim)
    train(lambda a, b: tf.reduce_mean((decoder(encoder(a)) - b) ** 2), [encoder, decoder], [x, x if target is None else target], steps, seed)
    return encoder, decoder


class VAE(NamedTuple):
    """A variational autoencoder: its two models, and the loss of each step of its training."""
    encoder: keras.Model
    decoder: keras.Model
    losses: list

    def encode(self, x):
        """Mean and log-variance of each example's code, as arrays."""
        return [a.numpy() for a in tf.split(self.encoder(x), 2, axis=1)]


def train_vae(x, latent_dim, beta, steps, seed, parts=exercises):
    """A VAE, made of the learner's parts: build_autoencoder, reparameterize, vae_loss."""
    keras.utils.set_random_seed(seed)
    encoder, _ = parts.build_autoencoder(x.shape[1:], 2 * latent_dim)
    _, decoder = parts.build_autoencoder(x.shape[1:], latent_dim)

    def loss(batch):
        mean, log_var = tf.split(encoder(batch), 2, axis=1)
        z = parts.reparameterize(mean, log_var, tf.random.normal(tf.shape(mean)))
        return parts.vae_loss(batch, tf.clip_by_value(decoder(z), 1e-6, 1 - 1e-6), mean, log_var, float(beta))
    return VAE(encoder, decoder, train(loss, [encoder, decoder], [x], steps, seed))


def two_terms(vae, x):
    """Reconstruction (summed cross-entropy, at the mean code) and KL, both a mean over the examples."""
    mean, log_var = vae.encode(x)
    x_hat = tf.clip_by_value(vae.decoder(mean), 1e-6, 1 - 1e-6)
    kl = exercises.kl_divergence(mean, log_var)
    return float(exercises.vae_loss(x, x_hat, mean, log_var, 0.0)), float(tf.reduce_mean(kl))


# --- disentangling ---------------------------------------------------------------------------------------------------

def explained(codes, factors):
    """Squared correlation of each factor with each axis of the codes: (number of factors, d)."""
    z = (codes - codes.mean(axis=0)) / (codes.std(axis=0) + 1e-9)
    f = np.stack([(v - v.mean()) / v.std() for v in factors.values()])
    return (f @ z / len(z)) ** 2


def gap(codes, factors):
    """How far each factor has an axis to itself: its largest entry in `explained` less its second largest, a mean over the factors."""
    ordered = np.sort(explained(codes, factors), axis=1)
    return float(np.mean(ordered[:, -1] - ordered[:, -2]))


def disentangling(beta, seed, latent_dim=8, steps=2000):
    """A β-VAE on small faces: its two terms, its squared error, and how far each factor has an axis to itself, all on other faces."""
    x, _ = load_faces(2000, seed)
    vae = train_vae(thumbnails(x, 16), latent_dim, beta, steps, seed)
    new, factors = load_faces(1000, 1000 + seed)
    new = thumbnails(new, 16)
    mean, _ = vae.encode(new)
    reconstruction, kl = two_terms(vae, new)
    return {"reconstruction": reconstruction, "kl": kl, "error": float(np.mean((vae.decoder(mean) - new) ** 2)), "gap": gap(mean, factors)}


# --- outliers --------------------------------------------------------------------------------------------------------

def outlier_task(kind, seed):
    """Known images to train on, known images to test, and images of an unknown kind."""
    if kind in ("glasses", "hat"):
        x, factors = load_faces(2500, seed)
        x = thumbnails(x, 16)
        known = factors[kind] == 0
        return x[known][:1200], x[known][1200:], x[~known]
    x, y, x_test, y_test = load_digits()
    if kind == "inverted patch":
        odd, rng = x_test.copy(), np.random.default_rng(seed)
        for image, (top, left) in zip(odd, rng.integers(0, 15, (len(odd), 2))):
            image[top:top + 6, left:left + 6] = 1 - image[top:top + 6, left:left + 6]
        return x, x_test, odd
    digit = int(kind[-1])
    return x[y != digit], x_test[y_test != digit], np.concatenate([x[y == digit], x_test[y_test == digit]])


def outlier_auc(kind, seed, latent_dim=8, steps=1500, parts=exercises):
    """How well reconstruction errors tell unknown images from known ones: area under the ROC curve, of an autoencoder and of PCA with as many numbers."""
    x, known, unknown = outlier_task(kind, seed)
    encoder, decoder = train_autoencoder(x, latent_dim, steps, seed, parts=parts)
    new, truth = np.concatenate([known, unknown]), np.repeat([0, 1], [len(known), len(unknown)])
    flat = new.reshape(len(new), -1)
    pca = PCA(latent_dim, random_state=0).fit(x.reshape(len(x), -1))
    by = {"autoencoder": (new, decoder(encoder(new)).numpy()), "PCA": (flat, pca.inverse_transform(pca.transform(flat)))}
    return {name: float(roc_auc_score(truth, parts.outlier_scores(a, b))) for name, (a, b) in by.items()}


# --- debiasing -------------------------------------------------------------------------------------------------------

class Task(NamedTuple):
    """Pictures (m, 32, 32, 3), whether the answer is yes, which of them are dark faces, and which are faces at all."""
    x: np.ndarray
    y: np.ndarray
    dark: np.ndarray
    face: np.ndarray


def find_faces(n, seed, dark_share):
    """As many faces as things: which are faces? The faces come first."""
    x, factors = load_faces(n, seed, dark_share)
    things = faces.draw_things(n, np.random.default_rng([8, seed]))
    face = np.arange(2 * n) < n
    return Task(np.concatenate([x, things]), face, np.concatenate([factors["skin"] > faces.DARK, np.zeros(n, bool)]), face)


def find_smiles(n, seed, dark_share):
    """Faces: which of them smile?"""
    x, factors = load_faces(n, seed, dark_share)
    return Task(x, factors["mouth"] > 0, factors["skin"] > faces.DARK, np.ones(n, bool))


def balanced(dark):
    """Probabilities with which light and dark faces come equally often: one has to know who is who."""
    return np.where(dark, 0.5 / dark.sum(), 0.5 / (~dark).sum())


def with_things(p):
    """Probabilities of faces, and of as many things: half of what is drawn are things, each as likely as the other."""
    return np.concatenate([p, np.full(len(p), 1 / len(p))]) / 2


def classifier(shape):
    """A small convolutional net that gives a logit."""
    return keras.Sequential([
        keras.Input(shape), keras.layers.Conv2D(12, 5, strides=2, activation="relu"), keras.layers.Conv2D(24, 3, strides=2, activation="relu"),
        keras.layers.Flatten(), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])


def train_classifier(task, seed, p=None, weights=None, steps=600):
    """A classifier trained on examples that are drawn with probabilities p, each counted with its weight; gives the logits of pictures."""
    keras.utils.set_random_seed(seed)
    net = classifier(task.x.shape[1:])
    weights = np.ones(len(task.x)) if weights is None else weights

    def loss(a, b, w):
        return tf.reduce_mean(w * tf.nn.sigmoid_cross_entropy_with_logits(b, net(a, training=True)[:, 0]))
    train(loss, [net], [task.x, task.y.astype("float32"), weights.astype("float32")], steps, seed, p=p)
    return lambda x: np.concatenate([net(x[i:i + 500], training=False)[:, 0] for i in range(0, len(x), 500)])


def rates(logits, task, threshold=0.0):
    """Share of light and of dark faces that are answered rightly, and of things that are taken for a face."""
    right = (logits(task.x) > threshold) == task.y
    found = {"light": right[task.face & ~task.dark], "dark": right[task.dark], "false alarms": ~right[~task.face]}
    return {name: float(share.mean()) for name, share in found.items() if len(share)}


def latent_density(x, side, seed, steps=2000):
    """How often to draw each face, by the density of its code in a VAE that saw nothing but the faces, made small."""
    small = thumbnails(x, side)
    mean, _ = train_vae(small, 4, 1, steps, seed).encode(small)
    return exercises.resampling_probabilities(mean, N_BINS, SMOOTHING)


def debiasing(share, seed, n=1000):
    """Ways to treat a training set in which few faces are dark: rates on new pictures, half of the faces dark, and how often dark faces were drawn."""
    task, test, check = find_faces(n, seed, share), find_faces(2000, 500 + seed, 0.5), find_faces(200, 900 + seed, 0.5)
    dark, drawn = task.dark[:n], {"plain": np.full(n, 1 / n), "groups known": balanced(task.dark[:n])}
    drawn |= {f"VAE {side}×{side}": latent_density(task.x[:n], side, seed) for side in (8, 16)}
    nets = {name: train_classifier(task, seed, with_things(p)) for name, p in drawn.items()}
    nets["reweighted"] = train_classifier(task, seed, weights=2 * n * with_things(drawn["groups known"]))
    found = {name: rates(net, test) for name, net in nets.items()}
    found["moved threshold"] = rates(nets["plain"], test, np.quantile(nets["plain"](check.x[check.dark]), 0.01))
    for name, p in drawn.items():
        found[name]["drawn"] = float(p[dark].sum())
    return found


def smiles(share, seed, n=1000):
    """The same for another question, who smiles."""
    task, test = find_smiles(n, seed, share), find_smiles(2000, 500 + seed, 0.5)
    drawn = {"plain": None, "VAE 8×8": latent_density(task.x, 8, seed), "groups known": balanced(task.dark)}
    found = {name: rates(train_classifier(task, seed, p), test) for name, p in drawn.items()}
    even = find_smiles(n, seed, 0.5)
    return found | {"half of the faces dark": rates(train_classifier(even, seed), test)}


# --- all of it -------------------------------------------------------------------------------------------------------

def main():
    """Run everything over all seeds and store it."""
    found = {"debiasing": {str(share): [debiasing(share, seed) for seed in SEEDS] for share in SHARES}}
    print(found, flush=True)
    found["smiles"] = [smiles(SHARES[0], seed) for seed in SEEDS]
    print(found["smiles"], flush=True)
    found["beta"] = {str(b): [disentangling(b, seed) for seed in FEWER] for b in BETAS}
    print(found["beta"], flush=True)
    found["outliers"] = {kind: [outlier_auc(kind, seed) for seed in FEWER] for kind in UNKNOWN}
    stored.save(RESULTS, found, "python -m labutils.labs.lab07a_autoencoders_vae.experiments")


if __name__ == "__main__":
    main()
