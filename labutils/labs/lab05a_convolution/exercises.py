"""Exercises of lab 05a."""
import numpy as np


def conv_single_step(patch, W, b):
    """One neuron looks at one patch of an image: what a filter answers at one place.

    Parameters
    ----------
    patch : ndarray (f, f, c)
    W : ndarray (f, f, c), the weights of one filter
    b : ndarray (1, 1, 1), its bias

    Returns
    -------
    float: the sum of all products, plus the bias. One number, not an array of shape (1, 1, 1):
        numpy would not let that be written into one place of an array later.
    """
    # TODO: multiply entry by entry, sum over everything, add the bias once (1 or 2 lines)
    ### BEGIN SOLUTION
    products = patch * W
    return np.sum(products) + b[0, 0, 0]
    ### END SOLUTION


def zero_pad(X, pad):
    """A frame of zeros around each image of a batch.

    Parameters
    ----------
    X : ndarray (m, h, w, c)
    pad : int, 0 or more: zeros on each of the four sides

    Returns
    -------
    ndarray (m, h + 2 pad, w + 2 pad, c): examples and channels are not padded
    """
    # TODO: 1 line with np.pad, or zeros into which X is written
    ### BEGIN SOLUTION
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    ### END SOLUTION


def conv_output_size(n, f, pad, stride):
    """How many places a filter has along one side of an image.

    Parameters
    ----------
    n : int, length of the side, before padding
    f : int, length of the filter's side, at most n + 2 pad
    pad : int, zeros on each of the two ends
    stride : int, 1 or more, from one place to the next

    Returns
    -------
    int: the number of places at which the filter lies wholly on the padded side. A remainder
        smaller than the stride is left unused. (An int, not a float: it becomes the length of an
        array.)
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return (n + 2 * pad - f) // stride + 1
    ### END SOLUTION


def conv_forward(A_prev, W, b, stride, pad):
    """A convolutional layer, forward: every filter at every place of every example.

    Parameters
    ----------
    A_prev : ndarray (m, h, w, c_in)
    W : ndarray (f, f, c_in, c_out), one filter for each output channel
    b : ndarray (1, 1, 1, c_out)
    stride : int
    pad : int

    Returns
    -------
    Z : ndarray (m, n_h, n_w, c_out), n_h and n_w as conv_output_size gives them; the filter is
        not flipped
    cache : tuple (A_prev, W, b, stride, pad), for the way back; A_prev as it came, without padding
    """
    # TODO: sizes, padding, then loops over examples, places and filters (about 12 lines)
    ### BEGIN SOLUTION
    m, h, w, c_in = A_prev.shape
    f, c_out = W.shape[0], W.shape[3]
    n_h, n_w = conv_output_size(h, f, pad, stride), conv_output_size(w, f, pad, stride)
    padded = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_h, n_w, c_out))
    for i in range(m):
        for y in range(n_h):
            for x in range(n_w):
                top, left = y * stride, x * stride
                patch = padded[i, top:top + f, left:left + f, :]
                for c in range(c_out):
                    Z[i, y, x, c] = conv_single_step(patch, W[..., c], b[..., c])
    return Z, (A_prev, W, b, stride, pad)
    ### END SOLUTION


def true_convolution(image, kernel):
    """The convolution of mathematics, "full": the kernel is turned by 180 degrees, and every place
    counts at which it meets the image at all.

    Parameters
    ----------
    image : ndarray (h, w)
    kernel : ndarray (kh, kw), of any size, square or not

    Returns
    -------
    ndarray (h + kh - 1, w + kw - 1): out[y, x] = sum over i, j of
        kernel[i, j] * image[y - i, x - j], with zeros outside the image
    """
    # TODO: flip, pad, slide (about 7 lines)
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    flipped = kernel[::-1, ::-1]
    padded = np.pad(image, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    out = np.zeros((image.shape[0] + kh - 1, image.shape[1] + kw - 1))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = np.sum(padded[y:y + kh, x:x + kw] * flipped)
    return out
    ### END SOLUTION


def conv_parameter_count(f, c_in, n_filters):
    """How many numbers a convolutional layer learns, biases included.

    Parameters
    ----------
    f : int, length of the side of each filter
    c_in : int, channels of the input
    n_filters : int

    Returns
    -------
    int
    """
    # TODO: 1 line
    ### BEGIN SOLUTION
    return (f * f * c_in + 1) * n_filters
    ### END SOLUTION


def pool_forward(A_prev, f, stride, mode):
    """A pooling layer, forward: each f × f window of each channel becomes one number.

    Parameters
    ----------
    A_prev : ndarray (m, h, w, c)
    f : int, length of the window's side
    stride : int
    mode : str, "max" or "average"

    Returns
    -------
    A : ndarray (m, n_h, n_w, c), sizes as conv_output_size gives them without padding
    cache : tuple (A_prev, f, stride, mode)
    """
    # TODO: loop over the places; examples and channels can go along by themselves (about 10 lines)
    ### BEGIN SOLUTION
    m, h, w, c = A_prev.shape
    n_h, n_w = conv_output_size(h, f, 0, stride), conv_output_size(w, f, 0, stride)
    A = np.zeros((m, n_h, n_w, c))
    for y in range(n_h):
        for x in range(n_w):
            top, left = y * stride, x * stride
            window = A_prev[:, top:top + f, left:left + f, :]
            if mode == "max":
                A[:, y, x, :] = window.max(axis=(1, 2))
            else:
                A[:, y, x, :] = window.mean(axis=(1, 2))
    return A, (A_prev, f, stride, mode)
    ### END SOLUTION


def conv_backward(dZ, cache):
    """A convolutional layer, backward.

    Parameters
    ----------
    dZ : ndarray (m, n_h, n_w, c_out), gradient of the cost with respect to Z
    cache : tuple (A_prev, W, b, stride, pad), as conv_forward returns it

    Returns
    -------
    dA_prev : ndarray (m, h, w, c_in)
    dW : ndarray (f, f, c_in, c_out), summed over places and examples (no division by m: if the
        cost is a mean, dZ has it already)
    db : ndarray (1, 1, 1, c_out), summed likewise
    """
    # TODO: the loops of conv_forward; what did each Z[i, y, x, c] depend on? (about 14 lines)
    ### BEGIN SOLUTION
    A_prev, W, b, stride, pad = cache
    m, h, w, c_in = A_prev.shape
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    dpadded, dW, db = np.zeros(padded.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        for y in range(dZ.shape[1]):
            for x in range(dZ.shape[2]):
                top, left = y * stride, x * stride
                patch = padded[i, top:top + f, left:left + f, :]
                for c in range(dZ.shape[3]):
                    dpadded[i, top:top + f, left:left + f, :] += W[..., c] * dZ[i, y, x, c]
                    dW[..., c] += patch * dZ[i, y, x, c]
                    db[..., c] += dZ[i, y, x, c]
    dA_prev = dpadded[:, pad:pad + h, pad:pad + w, :]
    return dA_prev, dW, db
    ### END SOLUTION


def pool_backward(dA, cache):
    """A pooling layer, backward: each gradient goes back to where its number came from.

    Parameters
    ----------
    dA : ndarray (m, n_h, n_w, c), gradient of the cost with respect to A
    cache : tuple (A_prev, f, stride, mode), as pool_forward returns it

    Returns
    -------
    dA_prev : ndarray (m, h, w, c). Mode "max": all of a window's gradient goes to its maximum;
        where several entries of the window are the maximum it may be split among them in any way,
        as long as the shares add up to 1. Mode "average": equal shares. An entry that lies in
        several windows gets the sum.
    """
    # TODO
    ### BEGIN SOLUTION
    A_prev, f, stride, mode = cache
    dA_prev = np.zeros(A_prev.shape)
    for y in range(dA.shape[1]):
        for x in range(dA.shape[2]):
            top, left = y * stride, x * stride
            window = A_prev[:, top:top + f, left:left + f, :]
            mask = np.ones(window.shape)
            if mode == "max":
                mask = window == window.max(axis=(1, 2), keepdims=True)
            share = mask / mask.sum(axis=(1, 2), keepdims=True)
            dA_prev[:, top:top + f, left:left + f, :] += share * dA[:, y:y + 1, x:x + 1, :]
    return dA_prev
    ### END SOLUTION


def im2col(X, f, stride):
    """Every patch of a batch as a row of one matrix.

    Parameters
    ----------
    X : ndarray (m, h, w, c), already padded
    f : int, length of the patch's side
    stride : int

    Returns
    -------
    ndarray (m · n_h · n_w, f · f · c), n_h and n_w as conv_output_size gives them without padding.
        Rows: example by example, in each from the upper left, row of places by row. Entries of a
        row: patch[i, j, k] in the order of patch.ravel(), the channel fastest; so that
        im2col(X, f, stride) @ W.reshape(f · f · c, c_out) is the convolution.
    """
    # TODO
    ### BEGIN SOLUTION
    m, h, w, c = X.shape
    n_h, n_w = conv_output_size(h, f, 0, stride), conv_output_size(w, f, 0, stride)
    rows = np.zeros((m, n_h, n_w, f * f * c))
    for y in range(n_h):
        for x in range(n_w):
            top, left = y * stride, x * stride
            patches = X[:, top:top + f, left:left + f, :]
            rows[:, y, x, :] = patches.reshape(m, f * f * c)
    return rows.reshape(m * n_h * n_w, f * f * c)
    ### END SOLUTION
