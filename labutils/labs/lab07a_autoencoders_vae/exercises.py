"""Exercises of lab 07a."""
import keras
import numpy as np
import tensorflow as tf


def build_autoencoder(input_shape, latent_dim):
    """An autoencoder of dense layers, in two models: images to codes, and codes to images.

    Fixed: the encoder lays the image flat, then dense 128 with ReLU, then dense latent_dim
    without an activation. The decoder is dense 128 with ReLU, dense with as many units as the
    image has numbers and a sigmoid, then a reshape to input_shape. Every dense layer has its
    bias. Nothing else belongs in: no dropout, no normalisation. The two share no layer.
    Free: names; how the weights begin; Sequential or functional; layers or keras.ops.

    Parameters
    ----------
    input_shape : tuple of int, (h, w, c) or any other length
    latent_dim : int

    Returns
    -------
    encoder : keras model (m, *input_shape) → (m, latent_dim) that knows the shape of its input
    decoder : keras model (m, latent_dim) → (m, *input_shape), likewise, numbers from 0 to 1
    """
    # TODO: two keras.Sequential, each beginning with a keras.Input (about 7 layers in all)
    ### BEGIN SOLUTION
    encoder = keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(latent_dim),
    ])
    decoder = keras.Sequential([
        keras.Input((latent_dim,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(int(np.prod(input_shape)), activation="sigmoid"),
        keras.layers.Reshape(input_shape),
    ])
    return encoder, decoder
    ### END SOLUTION


def add_noise(x, std, rng):
    """Images with noise on them: to every number its own draw from a normal distribution is added.

    Parameters
    ----------
    x : ndarray (m, …), numbers from 0 to 1
    std : float, standard deviation of the noise, whose mean is 0; may be 0
    rng : np.random.Generator, the only source of chance

    Returns
    -------
    ndarray like x, clipped to the range from 0 to 1
    """
    # TODO: draw, add, clip (1 or 2 lines)
    ### BEGIN SOLUTION
    noise = rng.normal(0, std, x.shape)
    return np.clip(x + noise, 0, 1)
    ### END SOLUTION


def outlier_scores(x, x_hat):
    """How badly each image is reproduced: the mean squared error over all its numbers.

    Parameters
    ----------
    x, x_hat : ndarray (m, …), images and what came back, any number of axes behind the first

    Returns
    -------
    ndarray (m,), one score an image, large for what the model does not know
    """
    # TODO: one mean for each image, whatever the number of axes (1 or 2 lines)
    ### BEGIN SOLUTION
    squares = (x - x_hat) ** 2
    return squares.reshape(len(x), -1).mean(axis=1)
    ### END SOLUTION


def reparameterize(mean, log_var, epsilon):
    """A sample of the normal distribution N(mean, σ²), as a function of noise that was drawn before.

    log_var is log σ², the logarithm of the *variance*. Gradients have to reach mean and log_var,
    so stay within TensorFlow (or keras.ops).

    Parameters
    ----------
    mean, log_var : tensor (m, d)
    epsilon : tensor (m, d), drawn from N(0, 1)

    Returns
    -------
    tensor (m, d)
    """
    # TODO: from log σ² to σ, then shift and stretch (1 line)
    ### BEGIN SOLUTION
    return mean + tf.exp(log_var / 2) * epsilon
    ### END SOLUTION


def kl_divergence(mean, log_var):
    """Divergence of N(mean, σ²) from N(0, 1) for each example: KL(q ‖ p), summed over the latent axis.

    log_var is log σ². Gradients have to reach mean and log_var, so stay within TensorFlow (or
    keras.ops).

    Parameters
    ----------
    mean, log_var : tensor (m, d)

    Returns
    -------
    tensor (m,), in nats; 0 where mean = 0 and σ = 1, above 0 elsewhere
    """
    # TODO: the formula derived above, summed over the last axis (1 line)
    ### BEGIN SOLUTION
    return 0.5 * tf.reduce_sum(mean ** 2 + tf.exp(log_var) - 1 - log_var, axis=1)
    ### END SOLUTION


def vae_loss(x, x_hat, mean, log_var, beta):
    """What a VAE minimises: reconstruction + beta · KL, both a mean over the examples.

    The reconstruction of an example is the binary cross-entropy −x log x̂ − (1 − x) log(1 − x̂),
    natural logarithm, *summed* over all its numbers. Its KL is that of `kl_divergence`.
    Gradients have to reach x_hat, mean and log_var.

    Parameters
    ----------
    x : tensor (m, …), images with numbers from 0 to 1 (grey ones too, not only 0 and 1)
    x_hat : tensor like x, every number strictly between 0 and 1
    mean, log_var : tensor (m, d)
    beta : float

    Returns
    -------
    tensor, one number
    """
    # TODO: the cross-entropy of each number, added up and divided by the number of examples, then
    # the KL (about 3 lines)
    ### BEGIN SOLUTION
    entropy = keras.ops.binary_crossentropy(x, x_hat)  # −x log x̂ − (1 − x) log(1 − x̂) of each number
    reconstruction = tf.reduce_sum(entropy) / x.shape[0]
    return reconstruction + beta * tf.reduce_mean(kl_divergence(mean, log_var))
    ### END SOLUTION


def resampling_probabilities(latent_means, n_bins, smoothing):
    """How often to show each example in training, so that rare ones come more often.

    For each latent axis by itself: cut the range from its smallest to its largest value into
    n_bins bins of equal width (the largest value belongs to the last bin). The density of an
    example on this axis is the share of all examples that lie in the same bin as it does, a
    number above 0 and at most 1. The example's weight is the product over the axes of
    1 / (density + smoothing). Probabilities are the weights, scaled so that they sum to 1.

    Parameters
    ----------
    latent_means : ndarray (m, d), at least two different values on every axis
    n_bins : int
    smoothing : float, 0 or more; the larger, the more alike the probabilities

    Returns
    -------
    ndarray (m,), summing to 1
    """
    # TODO
    ### BEGIN SOLUTION
    weights = np.ones(len(latent_means))
    for values in latent_means.T:
        counts, edges = np.histogram(values, n_bins)
        bins = np.digitize(values, edges[1:-1])
        weights = weights / (counts[bins] / len(values) + smoothing)
    return weights / weights.sum()
    ### END SOLUTION
