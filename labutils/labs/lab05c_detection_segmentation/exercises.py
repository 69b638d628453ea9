"""Exercises of lab 05c."""
import keras
import numpy as np
import tensorflow as tf


def iou(box, boxes):
    """Intersection over union of one box with each of several.

    Parameters
    ----------
    box : ndarray (4,), (y_min, x_min, y_max, x_max)
    boxes : ndarray (n, 4), likewise; every box has a height and width above 0

    Returns
    -------
    ndarray (n,): area of the intersection over area of the union, 0 where they do not overlap
    """
    # TODO: corners of the intersection, its height and width (never below 0), both areas (about 6 lines)
    ### BEGIN SOLUTION
    top_left = np.maximum(box[:2], boxes[:, :2])
    bottom_right = np.minimum(box[2:], boxes[:, 2:])
    sides = np.maximum(bottom_right - top_left, 0)
    intersection = sides[:, 0] * sides[:, 1]
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return intersection / (area + areas - intersection)
    ### END SOLUTION


def non_max_suppression(boxes, scores, iou_threshold):
    """Of boxes that overlap much, keep the one with the best score.

    Parameters
    ----------
    boxes : ndarray (n, 4), (y_min, x_min, y_max, x_max); n may be 0
    scores : ndarray (n,), all different
    iou_threshold : float; a box is dropped if its IoU with a better one that was kept is above it

    Returns
    -------
    ndarray (k,) of int (a list is fine): indices of the boxes that are kept, the best score first
    """
    # TODO: take the best, drop what overlaps it too much, go on with the rest (about 7 lines)
    ### BEGIN SOLUTION
    left, kept = np.argsort(-scores), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[iou(boxes[best], boxes[left]) <= iou_threshold]
    return np.array(kept, int)
    ### END SOLUTION


def sliding_windows(image, size, stride):
    """Every square window of an image, and where it lies.

    Parameters
    ----------
    image : ndarray (h, w) or (h, w, c)
    size : int, length of a window's side, at most h and w
    stride : int, from one window to the next, down and to the right

    Returns
    -------
    windows : ndarray (n, size, size) or (n, size, size, c), row of windows by row, from the upper left; only windows that lie
        wholly inside
    boxes : ndarray (n, 4), (y_min, x_min, y_max, x_max), y_max = y_min + size
    """
    # TODO: two loops over the upper left corners (about 7 lines)
    ### BEGIN SOLUTION
    windows, boxes = [], []
    for y in range(0, image.shape[0] - size + 1, stride):
        for x in range(0, image.shape[1] - size + 1, stride):
            windows.append(image[y:y + size, x:x + size])
            boxes.append((y, x, y + size, x + size))
    return np.array(windows), np.array(boxes)
    ### END SOLUTION


def decode_grid(prediction, image_size, threshold):
    """Boxes from what a single-shot detector says in each cell of its grid.

    Parameters
    ----------
    prediction : ndarray (g, g, 5 + n_classes); in each cell: objectness (a probability), dy, dx (the centre of the box, from the
        upper left corner of the cell, in cells), h, w (of the box, as fractions of the image's side), then a score for each class
    image_size : int, length of the image's side in pixels
    threshold : float; cells whose objectness is above it count

    Returns
    -------
    boxes : ndarray (n, 4), (y_min, x_min, y_max, x_max) in pixels; cell by cell, row by row; not cut at the image's border
    scores : ndarray (n,), the objectness
    classes : ndarray (n,) of int, the class with the best score
    """
    # TODO: which cells count; their centres and sides in pixels; corners; classes (about 9 lines)
    ### BEGIN SOLUTION
    g = prediction.shape[0]
    rows, columns = np.nonzero(prediction[..., 0] > threshold)
    said = prediction[rows, columns]
    y = (rows + said[:, 1]) * image_size / g
    x = (columns + said[:, 2]) * image_size / g
    h, w = said[:, 3] * image_size, said[:, 4] * image_size
    boxes = np.stack([y - h / 2, x - w / 2, y + h / 2, x + w / 2], axis=1)
    return boxes, said[:, 0], said[:, 5:].argmax(axis=1)
    ### END SOLUTION


def mean_iou(labels, predictions, n_classes):
    """Mean over the classes of the IoU of their pixels.

    Parameters
    ----------
    labels, predictions : ndarray of int of the same shape, such as (m, h, w): the class of each pixel, from 0 to n_classes - 1
    n_classes : int

    Returns
    -------
    float: for each class the pixels that both call so, over those that either calls so; the mean runs over the classes that are
        present in labels or predictions
    """
    # TODO: a loop over the classes (about 7 lines)
    ### BEGIN SOLUTION
    found = []
    for c in range(n_classes):
        both = np.sum((labels == c) & (predictions == c))
        either = np.sum((labels == c) | (predictions == c))
        if either > 0:
            found.append(both / either)
    return float(np.mean(found))
    ### END SOLUTION


def upsample_block(x, skip, filters):
    """One step up in a U-Net: twice as high and wide, the encoder's map of that size beside it, then a convolution.

    Parameters
    ----------
    x : Keras tensor (m, h, w, c), the coarse map
    skip : Keras tensor (m, 2h, 2w, c_skip), the map of the encoder
    filters : int

    Returns
    -------
    Keras tensor (m, 2h, 2w, filters): x doubled in size (by UpSampling2D, or by a transposed convolution with stride 2), concatenated with skip on the
        channels, then at least one 3×3 "same" convolution with ReLU (batch norm is fine)
    """
    # TODO: up, together, convolve (3 lines)
    ### BEGIN SOLUTION
    x = keras.layers.UpSampling2D()(x)
    x = keras.layers.Concatenate()([x, skip])
    return keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    ### END SOLUTION


def gram_matrix(features):
    """Which channels of a feature map are strong together, wherever in the image.

    Parameters
    ----------
    features : tensor (h, w, c)

    Returns
    -------
    tensor (c, c): entry (i, j) is the sum over all places of channel i times channel j, divided by h · w
    """
    # TODO: places as rows, one matrix product (2 or 3 lines)
    ### BEGIN SOLUTION
    h, w, c = features.shape
    places = tf.reshape(features, (h * w, c))
    return tf.matmul(places, places, transpose_a=True) / (h * w)
    ### END SOLUTION


def style_loss(features, target_grams):
    """How far an image's style is from another's.

    Parameters
    ----------
    features : list of tensors (h, w, c), one for each layer of a net that looks at the image; sizes differ from layer to layer
    target_grams : list of tensors (c, c), the Gram matrices of the image whose style is wanted

    Returns
    -------
    tensor of rank 0: the mean over the layers of the mean squared difference of the Gram matrices
    """
    # TODO
    ### BEGIN SOLUTION
    losses = [tf.reduce_mean((gram_matrix(f) - target) ** 2) for f, target in zip(features, target_grams)]
    return tf.add_n(losses) / len(losses)
    ### END SOLUTION
