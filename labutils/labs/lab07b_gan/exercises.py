"""Exercises of lab 07b."""
import keras
import tensorflow as tf


def bce_from_probabilities(p, targets):
    """Binary cross-entropy from probabilities, as the formula says it.

    Parameters
    ----------
    p : tensor (m, 1), probabilities above 0 and below 1
    targets : tensor (m, 1), from 0 to 1 (also between, such as 0.9)

    Returns
    -------
    tensor of rank 0: the mean over the batch of −(t log p + (1 − t) log(1 − p))
    """
    # TODO: the formula, then the mean (1 or 2 lines)
    ### BEGIN SOLUTION
    losses = -(targets * tf.math.log(p) + (1 - targets) * tf.math.log(1 - p))
    return tf.reduce_mean(losses)
    ### END SOLUTION


def bce_from_logits(logits, targets):
    """Binary cross-entropy from logits, stable: finite, with a finite gradient, however far from zero they are.

    Parameters
    ----------
    logits : tensor (m, 1), any real numbers; p would be sigmoid(logits)
    targets : tensor (m, 1), from 0 to 1

    Returns
    -------
    tensor of rank 0: the mean over the batch of softplus(s) − t·s, where softplus(s) = log(1 + exp(s))
    """
    # TODO: write softplus so that nothing overflows, or find TensorFlow's own (1 or 2 lines)
    ### BEGIN SOLUTION
    losses = tf.nn.softplus(logits) - targets * logits
    return tf.reduce_mean(losses)
    ### END SOLUTION


def discriminator_loss(real_logits, fake_logits):
    """What the discriminator wants to make small: real images called real, fakes called fake.

    Parameters
    ----------
    real_logits : tensor (m, 1), what the discriminator says of real images
    fake_logits : tensor (k, 1), what it says of generated ones

    Returns
    -------
    tensor of rank 0: cross-entropy of the real ones with target 1, plus that of the fakes with target 0 (the sum of two means)
    """
    # TODO: two calls of bce_from_logits, added (2 or 3 lines)
    ### BEGIN SOLUTION
    real = bce_from_logits(real_logits, tf.ones_like(real_logits))
    fake = bce_from_logits(fake_logits, tf.zeros_like(fake_logits))
    return real + fake
    ### END SOLUTION


def generator_loss(fake_logits):
    """The non-saturating loss: the generator wants its images called real.

    Parameters
    ----------
    fake_logits : tensor (k, 1), what the discriminator says of generated images

    Returns
    -------
    tensor of rank 0: the mean of −log sigmoid(fake_logits)
    """
    # TODO: which target does the generator wish for? (1 line)
    ### BEGIN SOLUTION
    return bce_from_logits(fake_logits, tf.ones_like(fake_logits))
    ### END SOLUTION


def build_generator(latent_dim, image_shape, n_classes=0):
    """A net from noise to an image.

    Parameters
    ----------
    latent_dim : int
    image_shape : (height, width, channels); height and width are multiples of 4
    n_classes : int; the input has that many numbers more, which say the class

    Returns
    -------
    keras.Model, not compiled, (m, latent_dim + n_classes) → (m, height, width, channels) with values from 0 to 1: Dense with ReLU
        to a map of height/4 × width/4 × 64, reshaped; Conv2DTranspose 32, 4×4, stride 2, "same", ReLU; Conv2DTranspose to the
        image's channels, 4×4, stride 2, "same", sigmoid
    """
    # TODO: keras.Sequential of an Input and four layers (about 8 lines)
    ### BEGIN SOLUTION
    height, width, channels = image_shape
    return keras.Sequential([
        keras.Input((latent_dim + n_classes,)),
        keras.layers.Dense(height // 4 * (width // 4) * 64, activation="relu"),
        keras.layers.Reshape((height // 4, width // 4, 64)),
        keras.layers.Conv2DTranspose(32, 4, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same", activation="sigmoid"),
    ])
    ### END SOLUTION


def build_discriminator(image_shape, n_classes=0):
    """A net from an image to one logit: above 0 for real, below 0 for fake.

    Parameters
    ----------
    image_shape : (height, width, channels)
    n_classes : int; the input has that many channels more, one plane for each class

    Returns
    -------
    keras.Model, not compiled, (m, height, width, channels + n_classes) → (m, 1): Conv2D 32, then 64 filters, both 4×4, stride 2,
        "same", LeakyReLU with slope 0.2 and dropout 0.3 after each; Flatten; Dense to one number without activation
    """
    # TODO
    ### BEGIN SOLUTION
    height, width, channels = image_shape
    return keras.Sequential([
        keras.Input((height, width, channels + n_classes)),
        keras.layers.Conv2D(32, 4, strides=2, padding="same"),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.Dropout(0.3),
        keras.layers.Conv2D(64, 4, strides=2, padding="same"),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.Dropout(0.3),
        keras.layers.Flatten(),
        keras.layers.Dense(1),
    ])
    ### END SOLUTION


def gan_train_step(generator, discriminator, g_optimizer, d_optimizer, real, z):
    """One step of each player, both computed from the weights before the step.

    Parameters
    ----------
    generator, discriminator : keras.Model; call both with training=True
    g_optimizer, d_optimizer : keras.optimizers.Optimizer, one for each
    real : tensor (m, …), real images
    z : tensor (m, d), the generator's input

    Returns
    -------
    (d_loss, g_loss): tensors of rank 0, both before the step. The generator's loss changes the generator's weights only, the
        discriminator's loss the discriminator's only
    """
    # TODO: images, logits and both losses under two tapes; then a gradient for each player's own weights (about 9 lines)
    ### BEGIN SOLUTION
    with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
        fake = generator(z, training=True)
        real_logits, fake_logits = discriminator(real, training=True), discriminator(fake, training=True)
        d_loss, g_loss = discriminator_loss(real_logits, fake_logits), generator_loss(fake_logits)
    d_grads = d_tape.gradient(d_loss, discriminator.trainable_variables)
    g_grads = g_tape.gradient(g_loss, generator.trainable_variables)
    d_optimizer.apply_gradients(zip(d_grads, discriminator.trainable_variables))
    g_optimizer.apply_gradients(zip(g_grads, generator.trainable_variables))
    return d_loss, g_loss
    ### END SOLUTION


def condition(z, labels, n_classes):
    """Noise that also says which class is wanted.

    Parameters
    ----------
    z : tensor (m, d)
    labels : tensor (m,) of int, from 0 to n_classes - 1
    n_classes : int

    Returns
    -------
    tensor (m, d + n_classes): each row of z, then its label one-hot
    """
    # TODO
    ### BEGIN SOLUTION
    return tf.concat([z, tf.one_hot(labels, n_classes)], axis=1)
    ### END SOLUTION


def cycle_consistency_loss(x, x_cycled):
    """How far an image is from itself after the way there and back.

    Parameters
    ----------
    x, x_cycled : tensors of the same shape, such as (m, h, w, c)

    Returns
    -------
    tensor of rank 0: the mean absolute difference
    """
    # TODO
    ### BEGIN SOLUTION
    return tf.reduce_mean(tf.abs(x - x_cycled))
    ### END SOLUTION
