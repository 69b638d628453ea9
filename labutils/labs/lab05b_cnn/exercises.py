"""Exercises of lab 05b."""
import keras
import numpy as np
import tensorflow as tf


def build_lenet5(input_shape, n_classes):
    """LeNet-5: two pairs of convolution and pooling, then three dense layers.

    In this order: 6 filters of 5×5, pooling, 16 filters of 5×5, pooling, everything laid flat,
    dense 120, dense 84, dense n_classes.

    Fixed: the order, the numbers, convolutions with stride 1, pooling 2×2 with stride 2, an
    activation for each of the two convolutions (before or behind its pooling) and for the dense
    layers of 120 and 84.
    Free: "same" or "valid" padding; average or max pooling; tanh, ReLU or sigmoid; logits or a
    softmax at the end; biases or none; names; how it is written (Sequential or functional).
    Nothing else belongs in: no dropout, no normalisation.

    Parameters
    ----------
    input_shape : tuple (h, w, c), h and w at least 16
    n_classes : int

    Returns
    -------
    keras model (m, h, w, c) → (m, n_classes) that knows the shape of its input
    """
    # TODO: a keras.Sequential that begins with keras.Input(input_shape) (about 9 layers)
    ### BEGIN SOLUTION
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Conv2D(6, 5, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(16, 5, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(120, activation="relu"),
        keras.layers.Dense(84, activation="relu"),
        keras.layers.Dense(n_classes),
    ])
    ### END SOLUTION


def vgg_block(x, filters, n_convs):
    """A block of VGG: several 3×3 convolutions, then pooling.

    Fixed: n_convs convolutions of 3×3, stride 1, "same" padding, `filters` filters each, a ReLU
    behind each; then max pooling 2×2 with stride 2.
    Free: biases or none; batch normalisation or none (behind a convolution, before or behind
    its ReLU); padding of the pooling; names; layers or keras.ops.

    Parameters
    ----------
    x : Keras tensor (m, h, w, c), as keras.Input or another layer gives it
    filters : int
    n_convs : int, at least 1

    Returns
    -------
    Keras tensor (m, h/2, w/2, filters)
    """
    # TODO: a loop with a convolution in it, then the pooling (about 3 lines)
    ### BEGIN SOLUTION
    for _ in range(n_convs):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return keras.layers.MaxPooling2D(2)(x)
    ### END SOLUTION


def residual_block(x, filters, stride=1):
    """A residual block: what two convolutions make of x, added to x.

    Fixed: the main path is a 3×3 convolution with this stride, ReLU, a 3×3 convolution with
    stride 1, both with "same" padding and `filters` filters. To its result the skip is added;
    behind the sum stands a ReLU, and it is the block's last step (so the pre-activation form
    does not pass). The skip is x itself where the shapes agree. Where they don't, because of
    the stride or because x has not `filters` channels, it is a 1×1 convolution of x with
    `filters` filters and this stride, without an activation.
    Free: biases or none; batch normalisation or none (behind a convolution, before or behind
    the ReLU between the two); names; layers or keras.ops.

    Parameters
    ----------
    x : Keras tensor (m, h, w, c)
    filters : int
    stride : int

    Returns
    -------
    Keras tensor (m, ⌈h/stride⌉, ⌈w/stride⌉, filters)
    """
    # TODO: the main path, the skip, the sum (about 7 lines)
    ### BEGIN SOLUTION
    y = keras.layers.Conv2D(filters, 3, strides=stride, padding="same")(x)
    y = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(y))
    y = keras.layers.Conv2D(filters, 3, padding="same")(y)
    y = keras.layers.BatchNormalization(momentum=0.9)(y)
    if stride != 1 or x.shape[-1] != filters:
        x = keras.layers.Conv2D(filters, 1, strides=stride)(x)
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))
    ### END SOLUTION


def inception_cost(h, w, c_in, f, c_out, reduce=None):
    """Multiplications of an f×f convolution with stride 1 and "same" padding, with or without a bottleneck before it.

    Products with the zeros of the padding are counted like any other; biases are not counted.

    Parameters
    ----------
    h, w, c_in : int, height, width and channels of the input
    f : int, width of the filter
    c_out : int, number of filters
    reduce : int or None
        Number of filters of a 1×1 convolution that stands before it; None if there is none.

    Returns
    -------
    int
    """
    # TODO: the direct way (1 line), the way through the bottleneck (about 3 lines)
    ### BEGIN SOLUTION
    if reduce is None:
        return h * w * c_out * f * f * c_in
    bottleneck = h * w * reduce * c_in
    convolution = h * w * c_out * f * f * reduce
    return bottleneck + convolution
    ### END SOLUTION


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    """An Inception module: four ways of looking at x, side by side.

    Fixed: four branches, all from x, all with stride 1 and "same" padding:
    (1) a 1×1 convolution, f1 filters;
    (2) 1×1, f3_reduce filters, then 3×3, f3 filters;
    (3) 1×1, f5_reduce filters, then 5×5, f5 filters;
    (4) 3×3 max pooling, then 1×1, pool_proj filters.
    A ReLU behind every convolution. The branches are concatenated along the channels.
    Free: the order in which they are concatenated; biases or none; batch normalisation or none
    (behind a convolution, before or behind its ReLU); names; layers or keras.ops.

    Parameters
    ----------
    x : Keras tensor (m, h, w, c)
    f1, f3_reduce, f3, f5_reduce, f5, pool_proj : int, numbers of filters

    Returns
    -------
    Keras tensor (m, h, w, f1 + f3 + f5 + pool_proj)
    """
    # TODO: the four branches, then put them side by side
    ### BEGIN SOLUTION
    def conv(x, filters, size):
        return keras.layers.Conv2D(filters, size, padding="same", activation="relu")(x)

    one = conv(x, f1, 1)
    three = conv(conv(x, f3_reduce, 1), f3, 3)
    five = conv(conv(x, f5_reduce, 1), f5, 5)
    pool = conv(keras.layers.MaxPooling2D(3, strides=1, padding="same")(x), pool_proj, 1)
    return keras.layers.Concatenate()([one, three, five, pool])
    ### END SOLUTION


def pca_color_augment(images, alphas):
    """Shift the colours of a batch along the principal components of its colours, as AlexNet did.

    Take all m·h·w pixels of the batch as points (red, green, blue). Their covariance matrix
    (3, 3) has eigenvalues λ and eigenvectors e of length 1. To every pixel of every image the
    same vector is added: Σ_k alphas[k] · λ_k · e_k.

    Parameters
    ----------
    images : ndarray (m, h, w, 3), float
    alphas : ndarray (3,)
        alphas[0] belongs to the largest eigenvalue, alphas[2] to the smallest.

    Returns
    -------
    ndarray (m, h, w, 3), not clipped

    An eigenvector's sign is free, so is the covariance's divisor, n or n − 1, for n pixels.
    """
    # TODO: pixels as rows, their covariance, its eigenvectors, the shift (about 5 lines)
    # np.linalg.eigh gives eigenvalues and eigenvectors, from the smallest up
    ### BEGIN SOLUTION
    pixels = images.reshape(-1, 3)
    values, vectors = np.linalg.eigh(np.cov(pixels, rowvar=False))
    values, vectors = values[::-1], vectors[:, ::-1]
    shift = vectors @ (alphas * values)
    return images + shift
    ### END SOLUTION


def freeze_base(model, n_trainable):
    """A copy of a trained model of which only the last layers can learn.

    Layers are counted as `model.layers` lists them, those without weights too. The last
    n_trainable of them are trainable in the copy, whatever they were before, and no other layer
    is. The copy has the model's weights at the start, but not the same variables: training it
    leaves the model as it is, and so does this function, the model's own `trainable` flags
    included.

    Parameters
    ----------
    model : keras model, Sequential or functional
    n_trainable : int, from 0 (nothing learns) to the number of layers (everything does)

    Returns
    -------
    keras model, not compiled, whose `trainable_weights` are those of its last layers
    """
    # TODO: a copy (keras.models.clone_model leaves something out), then each layer's `trainable`
    ### BEGIN SOLUTION
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    n_frozen = len(copy.layers) - n_trainable
    for i, layer in enumerate(copy.layers):
        layer.trainable = i >= n_frozen
    return copy
    ### END SOLUTION


def ensemble_predict(models, x):
    """What several models say together: the mean of their probabilities.

    Parameters
    ----------
    models : list of keras models (m, …) → (m, n_classes), each ending in a softmax
    x : ndarray (m, …), one batch

    Returns
    -------
    ndarray or tensor (m, n_classes), as the models predict it (not as they train)
    """
    # TODO
    ### BEGIN SOLUTION
    predictions = [model(x, training=False) for model in models]
    return tf.reduce_mean(predictions, axis=0)
    ### END SOLUTION


def multi_crop_predict(model, image, size):
    """What a model says of an image, averaged over five crops of it: its four corners and its centre.

    Parameters
    ----------
    model : keras model (m, size, size, c) → (m, n)
    image : ndarray (h, w, c), h and w at least `size`, not always equal
    size : int
        Crops are size × size. The centre one begins at row ⌊(h − size)/2⌋ and column
        ⌊(w − size)/2⌋.

    Returns
    -------
    ndarray or tensor (n,): the mean of the model's five outputs
    """
    # TODO
    ### BEGIN SOLUTION
    h, w = image.shape[0] - size, image.shape[1] - size
    corners = [(0, 0), (0, w), (h, 0), (h, w), (h // 2, w // 2)]
    crops = np.stack([image[y:y + size, x:x + size] for y, x in corners])
    return tf.reduce_mean(model(crops, training=False), axis=0)
    ### END SOLUTION
