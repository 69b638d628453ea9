"""Exercises of lab 07c."""
import numpy as np
import tensorflow as tf


def linear_beta_schedule(n_steps):
    """How much noise each step adds: variances that grow in a straight line.

    Parameters
    ----------
    n_steps : int, at least 2

    Returns
    -------
    betas : ndarray (n_steps,), evenly spaced; the first is 0.1 / n_steps, the last 20 / n_steps.
        (Fewer steps add more each, so that about the same is left of a picture in the end.) A
        variance above 0.999 makes no sense here: such entries are 0.999.
    """
    # TODO: a straight line, then the cap (2 lines)
    ### BEGIN SOLUTION
    betas = np.linspace(0.1 / n_steps, 20 / n_steps, n_steps)
    return np.minimum(betas, 0.999)
    ### END SOLUTION


def cosine_schedule(n_steps):
    """How much of the picture is left after each step: a share that falls like a squared cosine.

    With f(u) = cos²( (u + 0.008) / 1.008 · π/2 ), a share of f(k / n_steps) / f(0) is left after
    k steps. Step k multiplies what is left by f(k / n_steps) / f((k − 1) / n_steps), one minus its
    beta; but no beta is above 0.999, so each step leaves at least 0.001 of what it finds. (Only
    the last step needs this.)

    Parameters
    ----------
    n_steps : int, at least 2

    Returns
    -------
    alpha_bars : ndarray (n_steps,), decreasing, strictly between 0 and 1; alpha_bars[t] is what
        is left after t + 1 steps
    """
    # TODO: f at n_steps + 1 places, the betas of the steps, their cap, the product so far (about 4 lines)
    ### BEGIN SOLUTION
    u = np.arange(n_steps + 1) / n_steps
    f = np.cos((u + 0.008) / 1.008 * np.pi / 2) ** 2
    betas = np.minimum(1 - f[1:] / f[:-1], 0.999)
    return np.cumprod(1 - betas)
    ### END SOLUTION


def noise_image(x0, t, epsilon, alpha_bars):
    """Pictures with the noise of t + 1 steps, in one go.

    Parameters
    ----------
    x0 : ndarray (m, h, w), clean pictures
    t : ndarray (m,) of ints from 0 to n_steps − 1, one for each picture
    epsilon : ndarray (m, h, w), noise from a standard normal distribution
    alpha_bars : ndarray (n_steps,)

    Returns
    -------
    x_t : ndarray (m, h, w): sqrt(alpha_bar) · x0 + sqrt(1 − alpha_bar) · epsilon, where picture i
        has alpha_bar = alpha_bars[t[i]]
    """
    # TODO: one number for each picture, in a shape that meets (m, h, w); then the sum (2 lines)
    ### BEGIN SOLUTION
    a = alpha_bars[t][:, None, None]
    return np.sqrt(a) * x0 + np.sqrt(1 - a) * epsilon
    ### END SOLUTION


def training_batch(x0, alpha_bars, rng):
    """Questions and answers for the net: noisy pictures, and the noise that is in them.

    Parameters
    ----------
    x0 : ndarray (m, h, w), clean pictures
    alpha_bars : ndarray (n_steps,)
    rng : numpy.random.Generator, the only source of chance

    Returns
    -------
    x_t : ndarray (m, h, w), the pictures with noise, as noise_image makes them, in the order of x0
    t : ndarray (m,) of ints: for each picture a step of its own, drawn with equal chances from 0
        to n_steps − 1
    epsilon : ndarray (m, h, w): the noise that was used, standard normal, drawn anew for each pixel
    """
    # TODO: draw the steps, draw the noise, put it on (about 3 lines)
    ### BEGIN SOLUTION
    t = rng.integers(0, len(alpha_bars), len(x0))
    epsilon = rng.standard_normal(x0.shape)
    return noise_image(x0, t, epsilon, alpha_bars), t, epsilon
    ### END SOLUTION


def denoising_loss(epsilon, predicted):
    """Mean squared distance between the noise that was put on and the noise that the net sees.

    Parameters
    ----------
    epsilon, predicted : float32 tensors of the same shape, such as (m, h, w)

    Returns
    -------
    tensor of rank 0: the mean over all entries, of all pictures. Made with TensorFlow's operations,
        so that a tape can follow it back to `predicted` and `tf.function` can compile it.
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return tf.reduce_mean((epsilon - predicted) ** 2)
    ### END SOLUTION


def sampling_step(x_t, t, predicted_noise, betas, alpha_bars, rng):
    """One step back: from pictures with the noise of t + 1 steps to pictures with that of t steps.

    With beta = betas[t] and alpha_bar = alpha_bars[t] the mean of the cleaner pictures is
        ( x_t − beta / sqrt(1 − alpha_bar) · predicted_noise ) / sqrt(1 − beta),
    and around it they spread with variance beta. The last step, t = 0, gives the mean itself.

    Parameters
    ----------
    x_t : ndarray (m, h, w)
    t : int, the step that is taken back, from n_steps − 1 down to 0
    predicted_noise : ndarray (m, h, w), what the net says of x_t
    betas, alpha_bars : ndarrays (n_steps,) of the same schedule: alpha_bars = cumprod(1 − betas)
    rng : numpy.random.Generator, the only source of chance: fresh noise for every pixel

    Returns
    -------
    ndarray (m, h, w); nothing is clipped
    """
    # TODO: the mean; then, unless it is the last step, noise (about 4 lines)
    ### BEGIN SOLUTION
    noise = betas[t] / np.sqrt(1 - alpha_bars[t]) * predicted_noise
    mean = (x_t - noise) / np.sqrt(1 - betas[t])
    if t == 0:
        return mean
    return mean + np.sqrt(betas[t]) * rng.standard_normal(x_t.shape)
    ### END SOLUTION


def sample_images(predict_noise, shape, betas, alpha_bars, rng):
    """Pictures out of nothing: start from pure noise and take all steps back, one after the other.

    Parameters
    ----------
    predict_noise : callable (x, t) → ndarray of the shape of x; x (m, h, w), t an int. Ask it once
        for each step.
    shape : tuple (m, h, w)
    betas, alpha_bars : ndarrays (n_steps,) of the same schedule
    rng : numpy.random.Generator, the only source of chance

    Returns
    -------
    ndarray (m, h, w), the clean pictures
    """
    # TODO: the start (standard normal), then a loop from the last step to step 0 (about 4 lines)
    ### BEGIN SOLUTION
    x = rng.standard_normal(shape)
    for t in reversed(range(len(betas))):
        x = sampling_step(x, t, predict_noise(x, t), betas, alpha_bars, rng)
    return x
    ### END SOLUTION


def guided_noise(conditional, unconditional, scale):
    """Guidance: from what the net says without a label towards, or past, what it says with one.

    Parameters
    ----------
    conditional : ndarray, the noise that the net sees when it is told the class
    unconditional : ndarray of the same shape, the noise that it sees when it is told nothing
    scale : float: 0 gives the unconditional noise, 1 the conditional one, and everything else lies
        on the straight line through the two, so that 3 goes three times as far

    Returns
    -------
    ndarray of the same shape
    """
    # TODO
    ### BEGIN SOLUTION
    return unconditional + scale * (conditional - unconditional)
    ### END SOLUTION


def frechet_distance(a, b):
    """How far two clouds lie apart: the Fréchet distance of the normal distributions that fit them.

    With means μ and covariances C it is
        |μ_a − μ_b|² + trace(C_a) + trace(C_b) − 2 trace( (C_a C_b)^½ ).
    The trace of the root of a matrix is the sum of the roots of its eigenvalues. The eigenvalues of
    C_a C_b are real and not negative; where rounding says otherwise, take the real part, and 0 for a
    negative number.

    Parameters
    ----------
    a : ndarray (n_a, d), one point a row, d at least 2
    b : ndarray (n_b, d)

    Returns
    -------
    float. Covariances divide by n − 1, as np.cov does by itself.
    """
    # TODO
    ### BEGIN SOLUTION
    gap = a.mean(axis=0) - b.mean(axis=0)
    C_a, C_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    eigenvalues = np.maximum(np.linalg.eigvals(C_a @ C_b).real, 0)
    return float(gap @ gap + np.trace(C_a) + np.trace(C_b) - 2 * np.sqrt(eigenvalues).sum())
    ### END SOLUTION
