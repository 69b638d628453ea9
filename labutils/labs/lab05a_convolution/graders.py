"""What the graders of lab 05a know: cases, mistakes, right versions, hints."""
import inspect
import linecache

import numpy as np

from labutils.answers import close, describe
from labutils.calling import Fault, Odd, plain
from labutils.exercise import Challenge, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import conv_forward, conv_output_size, im2col, pool_forward, zero_pad
from .scenes import marks

NAMES = {"m": "the number of examples", "h": "the height of the images", "w": "their width", "c": "the number of channels",
         "c_in": "the number of input channels", "c_out": "the number of filters", "f": "the length of the window's side", "stride": "the stride",
         "pad": "the padding", "n": "the length of the side", "n_filters": "the number of filters"}


def numbers(rng, *shape):
    """Random numbers, few digits each, so that reports can be read."""
    return np.round(rng.normal(0, 1, shape), 2)


def sized(keys, *rows):
    """Sizes of cases, a row of numbers each."""
    return [dict(zip(keys.split(), row)) for row in rows]


def altered(version, *edits):
    """A right version with edits (old, new) of its source: a slip in a way of writing that differs from the reference's."""
    source = inspect.getsource(version)
    for old, new in edits:
        assert source.count(old) == 1, (version.__name__, old)
        source = source.replace(old, new)
    file = f"<{version.__name__}, {edits}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    scope = dict(globals())
    exec(compile(source, file, "exec"), scope)  # noqa: S102
    return scope[version.__name__]


def with_cache(*names):
    """What is judged of an answer (array, cache), where the cache should hold the arguments: the array, and what the cache holds, in words."""
    def observe(args, value):
        value = plain(value)
        if not isinstance(value, tuple | list) or len(value) != 2:
            return value
        first, cache = value
        if not isinstance(cache, tuple | list):
            return first, Odd(describe(cache))
        held = [next((n for n, a in [*zip(names[i:i + 1], args[i:i + 1]), *zip(names, args)] if _alike(part, a)), None) or describe(part)
                for i, part in enumerate(cache)]
        words = f"({', '.join(held)})"
        return first, words if held == list(names) else Odd(words)
    return observe


def _alike(part, argument):
    if isinstance(argument, str):
        return part == argument if isinstance(part, str) else False
    return not isinstance(part, str | dict | tuple | list | Odd | None) and close(np.asarray(part), np.asarray(argument))


# --- conv_single_step ------------------------------------------------------------------------------------------------


def one_number(args, value):
    """An answer that should be one number; numpy refuses to write an array that holds one into one place."""
    value = plain(value)
    if isinstance(value, np.ndarray) and value.ndim and value.size == 1:
        return Fault(f"That is an array of shape {value.shape} that holds one number; the number itself is wanted. `b` has three axes, and a sum with it "
                     "keeps them. numpy refuses to write such an array into a single place, as the next exercises do. Take the number out of `b`, by its "
                     "indices or with `.item()`.", "an array of one number")
    return value


def step_by_dot(patch, W, b):
    return patch.ravel() @ W.ravel() + b.item()


def step_by_einsum(patch, W, b):
    return float(np.einsum("ijk,ijk->", patch, W) + b.sum())


def step_by_loops(patch, W, b):
    total = b[0, 0, 0]
    for i in range(patch.shape[0]):
        for j in range(patch.shape[1]):
            for k in range(patch.shape[2]):
                total += patch[i, j, k] * W[i, j, k]
    return np.float32(total)


def step_float_of_array(patch, W, b):
    return float(np.sum(patch * W) + b)


def step_dotted(patch, W, b):
    return np.sum(np.dot(patch, W)) + b[0, 0, 0]


def step_matmul(patch, W, b):
    return np.sum(patch @ W) + b[0, 0, 0]


STEP = Exercise(
    ex.conv_single_step, title="One neuron, one patch", difficulty=1, importance=3, minutes=4,
    draw=lambda rng, f, c: (numbers(rng, f, f, c), numbers(rng, f, f, c), numbers(rng, 1, 1, 1)),
    sizes=sized("f c", (2, 2), (3, 2), (2, 4), (4, 3)), returns="answer", names=NAMES, observe=one_number,
    mistakes=[
        Mistake("bias in every entry", "The bias is counted once for every entry of the patch: it is added before the sum. A neuron has one bias; it comes after "
                "the sum.", replace=[("patch * W", "patch * W + b"), ("np.sum(products) + b[0, 0, 0]", "np.sum(products)")]),
        Mistake("bias forgotten", "The sum of products is right, but the bias b is missing.", replace=(" + b[0, 0, 0]", "")),
        Mistake("bias subtracted", "The bias is subtracted. It is added.", replace=("+ b", "- b")),
        Mistake("not summed", "The products are still apart: one number is wanted, their sum over rows, columns and channels.",
                replace=("np.sum(products)", "products")),
        Mistake("sum over places only", "There is one number for each channel. The filter is as deep as its input: the sum runs over rows, columns *and* channels.",
                replace=("np.sum(products)", "np.sum(products, axis=(0, 1))")),
        Mistake("sum over channels only", "The sum runs over the channels only, so each place of the patch keeps a number. All of them belong into one sum.",
                replace=("np.sum(products)", "np.sum(products, axis=2)")),
        Mistake("sum over rows only", "The sum runs over one axis only. All three belong into it, so that one number is left.",
                replace=("np.sum(products)", "np.sum(products, axis=0)")),
        Mistake("first channel only", "Only the first channel counts. The filter has weights for every channel, and all products belong into the sum.",
                replace=("np.sum(products)", "np.sum(products[:, :, 0])")),
        Mistake("mean for sum", "That is the mean of the products. A neuron adds them up.", replace=("np.sum(products)", "np.mean(products)")),
        Mistake("patch plus W", "Patch and weights are added, where each entry should be weighed: multiply them.", replace=("patch * W", "patch + W")),
        Mistake("matrix product", "`np.dot` multiplies matrices, rows with columns. Here each entry of the patch meets the weight at its own place: the product entry "
                "by entry.", function=step_dotted),
        Mistake("matrix product by @", "`@` multiplies matrices, rows with columns. Here each entry of the patch meets the weight at its own place: the product entry "
                "by entry.", function=step_matmul),
        Mistake("matrix product of layers", "Each channel of the patch is multiplied with that of the filter as matrices are, rows with columns. Here each entry meets "
                "the "
                "weight at its own place: the product entry by entry.", replace=("patch * W", "np.matmul(patch.transpose(2, 0, 1), W.transpose(2, 0, 1))")),
        Mistake("sign lost", "The sum has lost its sign before the bias is added. A neuron may answer with a negative number.",
                replace=("np.sum(products)", "np.abs(np.sum(products))")),
        Mistake("filter flipped", "The filter is turned by 180 degrees before it is laid on the patch. Layers of nets do not flip it: the weights are learned, so it "
                "would change nothing but their order. (The convolution of mathematics flips; that comes later.)", replace=("patch * W", "patch * W[::-1, ::-1]")),
        Mistake("filter transposed", "Rows and columns of the filter have changed places.", replace=("patch * W", "patch * W.transpose(1, 0, 2)")),
        Mistake("activation added", "Negative answers have become 0, as after a ReLU. This step is only the linear part, z; the activation comes later.",
                replace=("np.sum(products) + b[0, 0, 0]", "np.maximum(np.sum(products) + b[0, 0, 0], 0)")),
        Mistake("tanh added", "The answer has gone through a tanh. This step is only the linear part, z; the activation comes later.",
                replace=("np.sum(products) + b[0, 0, 0]", "np.tanh(np.sum(products) + b[0, 0, 0])")),
        Mistake("sigmoid added", "The answer has gone through a sigmoid. This step is only the linear part, z; the activation comes later.",
                replace=("np.sum(products) + b[0, 0, 0]", "1 / (1 + np.exp(-(np.sum(products) + b[0, 0, 0])))")),
        Mistake("float of an array", "`float` takes a number, but a sum with `b` (1, 1, 1) is an array with three axes. Take the number out of `b` first.",
                function=step_float_of_array),
    ],
    unchanged={"order exchanged": "both indices are 0", "-1 in place of 0": "the only entry is also the last one"},
    right=[step_by_dot, step_by_einsum, step_by_loops],
    hints=("A neuron as in lab 01: weigh every input, add up, add the bias. Only that its inputs now lie in a small block.",
           "z = Σ over i, j, k of patch[i, j, k] · W[i, j, k], plus b; one number.",
           "products = patch times W, entry by entry; return the sum over all three axes plus the single number in b"),
    why="Without `axis`, `np.sum` runs over everything. `b[0, 0, 0]` is the number in b: a sum with b itself would keep its three axes.",
    after="That is all a filter does. The rest of the lab is about where it does it.")

# --- zero_pad --------------------------------------------------------------------------------------------------------


def pad_into_zeros(X, pad):
    m, h, w, c = X.shape
    out = np.zeros((m, h + 2 * pad, w + 2 * pad, c), dtype=X.dtype)
    out[:, pad:pad + h, pad:pad + w] = X
    return out


def pad_by_concatenation(X, pad):
    m, h, w, c = X.shape
    side = np.zeros((m, h, pad, c))
    X = np.concatenate([side, X, side], axis=2)
    edge = np.zeros((m, pad, w + 2 * pad, c))
    return np.concatenate([edge, X, edge], axis=1)


def pad_each(X, pad):
    padded = [np.pad(image, [(pad, pad), (pad, pad), (0, 0)], mode="constant", constant_values=0) for image in X]
    return np.array(padded, dtype=np.float32)


def pad_negative_slice(X, pad):
    m, h, w, c = X.shape
    out = np.zeros((m, h + 2 * pad, w + 2 * pad, c))
    out[:, pad:-pad, pad:-pad, :] = X
    return out


def pad_border_erased(X, pad):
    out = X.copy()
    out[:, :pad] = 0
    out[:, -pad:] = 0
    out[:, :, :pad] = 0
    out[:, :, -pad:] = 0
    return out


PAD = Exercise(
    ex.zero_pad, title="A frame of zeros", difficulty=1, importance=2, minutes=4,
    draw=lambda rng, m, h, w, c, pad: (numbers(rng, m, h, w, c), pad),
    sizes=sized("m h w c pad", (1, 2, 3, 1, 1), (2, 3, 2, 2, 1), (3, 2, 4, 2, 2), (2, 3, 2, 4, 0), (1, 1, 2, 3, 3)), returns="padded", names=NAMES,
    mistakes=[
        Mistake("all four axes padded", "Examples and channels are padded too: there are images and channels of nothing but zeros. Only height and width get a frame.",
                replace=("((0, 0), (pad, pad), (pad, pad), (0, 0))", "pad")),
        Mistake("examples padded", "The axis of the examples is padded, so that there are empty images. The axes are (m, h, w, c); the frame belongs to h and w.",
                replace=("((0, 0), (pad, pad), (pad, pad), (0, 0))", "((pad, pad), (pad, pad), (0, 0), (0, 0))")),
        Mistake("channels padded", "The axis of the channels is padded, as if they came first. In this course they are last: (m, h, w, c).",
                replace=("((0, 0), (pad, pad), (pad, pad), (0, 0))", "((0, 0), (0, 0), (pad, pad), (pad, pad))")),
        Mistake("h, w and channels padded", "The channels are padded too. The frame belongs to h and w only.",
                replace=("(pad, pad), (0, 0))", "(pad, pad), (pad, pad))")),
        Mistake("upper left side only", "There are zeros above and to the left only. Each of the four sides gets them.",
                replace=("((0, 0), (pad, pad), (pad, pad), (0, 0))", "((0, 0), (pad, 0), (pad, 0), (0, 0))")),
        Mistake("lower right side only", "There are zeros below and to the right only. Each of the four sides gets them.",
                replace=("((0, 0), (pad, pad), (pad, pad), (0, 0))", "((0, 0), (0, pad), (0, pad), (0, 0))")),
        Mistake("height only", "Only above and below there are zeros. The sides, left and right, need them too.",
                replace=("(pad, pad), (pad, pad)", "(pad, pad), (0, 0)")),
        Mistake("width only", "Only left and right there are zeros. They are needed above and below too.",
                replace=("(pad, pad), (pad, pad)", "(0, 0), (pad, pad)")),
        Mistake("frame twice as wide", "The frame is twice as wide as asked for: `pad` is the width on *each* side.",
                replace=("(pad, pad), (pad, pad)", "(2 * pad, 2 * pad), (2 * pad, 2 * pad)")),
        Mistake("frame of 1", "The frame is always one wide, whatever `pad` is.", replace=("(pad, pad), (pad, pad)", "(1, 1), (1, 1)")),
        Mistake("edge repeated", "The frame repeats the pixels at the edge. It should hold zeros.", replace=("(0, 0)))", '(0, 0)), mode="edge")')),
        Mistake("wrapped round", "The frame holds pixels from the opposite side. It should hold zeros.", replace=("(0, 0)))", '(0, 0)), mode="wrap")')),
        Mistake("pixels mirrored", "The frame holds pixels mirrored at the edge. It should hold zeros.", replace=("(0, 0)))", '(0, 0)), mode="symmetric")')),
        Mistake("pixels reflected", "The frame holds pixels reflected at the edge. It should hold zeros.", replace=("(0, 0)))", '(0, 0)), mode="reflect")')),
        Mistake("image at the upper left", "The size is right, but the image stands in the upper left corner, with all zeros below and to the right. They belong on all "
                "four "
                "sides, `pad` on each.", replace=("(pad, pad), (pad, pad)", "(0, 2 * pad), (0, 2 * pad)")),
        Mistake("image at the lower right", "The size is right, but the image stands in the lower right corner. Zeros belong on all four sides, `pad` on each.",
                replace=("(pad, pad), (pad, pad)", "(2 * pad, 0), (2 * pad, 0)")),
        Mistake("nothing but zeros for pad 0", "For pad = 0 all pixels are lost. A slice `pad:-pad` is empty there, and a special case for it has to give back X "
                "itself; a slice that "
                "ends at pad + h works for every pad.", replace=("return np.pad", "return 0 * X if pad == 0 else np.pad")),
        Mistake("ones", "The frame holds ones. It should hold zeros.", replace=("(0, 0)))", "(0, 0)), constant_values=1)")),
        Mistake("border erased", "The image has kept its size, and its own border has become 0. Padding adds a frame *around* it and keeps every pixel.",
                function=pad_border_erased),
        Mistake("a pair too few", "`np.pad` wants a pair for each axis, and X has four: examples, rows, columns, channels.",
                replace=("(pad, pad), (0, 0))", "(pad, pad))")),
        Mistake("slice to minus pad", "`pad:-pad` is the inner part, but not for pad = 0: −0 is 0, and `0:0` is empty. A slice that ends at pad + h works for every pad.",
                function=pad_negative_slice),
    ],
    unchanged={"order exchanged": "both axes get the same frame"},
    right=[pad_into_zeros, pad_by_concatenation, pad_each],
    hints=("Only two of the four axes get a frame: rows and columns of each image.",
           "(m, h, w, c) → (m, h + 2 pad, w + 2 pad, c). np.pad takes one pair (before, after) for each axis.",
           "np.pad of X with four pairs: nothing for examples, pad on both ends of height, the same of width, nothing for channels"),
    why="One pair of widths for each axis, in their order: (m, h, w, c).",
    after="Now a filter can also stand on the border.")

# --- conv_output_size ------------------------------------------------------------------------------------------------


def whole(args, value):
    """An answer that should be an int."""
    value = plain(value)
    if isinstance(value, float | np.floating) or isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return Fault(f"That is the float {value}; an int is wanted, as it becomes the length of an array, and `np.zeros` takes no floats. `//` divides whole numbers "
                     "and rounds down; `int(…)` turns a float into an int.", "a float")
    return value


def size_by_counting(n, f, pad, stride):
    places, left = 0, 0
    while left + f <= n + 2 * pad:
        places, left = places + 1, left + stride
    return places


def size_by_range(n, f, pad, stride):
    return len(range(0, n + 2 * pad - f + 1, stride))


def size_by_floor(n, f, pad, stride):
    return int(np.floor((n + 2 * pad - f) / stride)) + 1


def size_by_ceiling(n, f, pad, stride):
    return np.int64(np.ceil((n - f + 1 + 2 * pad) / stride))


SIZE = Exercise(
    ex.conv_output_size, title="How many places?", difficulty=1, importance=3, minutes=5,
    draw=lambda rng, n, f, pad, stride: (n, f, pad, stride),
    sizes=sized("n f pad stride", (3, 2, 0, 1), (5, 3, 0, 2), (6, 3, 0, 2), (7, 3, 1, 2), (8, 3, 1, 2), (7, 2, 0, 3), (28, 5, 2, 1), (32, 5, 0, 1), (10, 4, 1, 3),
                (6, 6, 0, 2), (9, 2, 2, 4), (4, 7, 2, 3), (224, 11, 2, 4), (5, 1, 0, 1), (64, 2, 0, 2)), returns="size", names=NAMES, observe=whole,
    mistakes=[
        Mistake("rounded up", "It is rounded up where the division leaves a remainder: the last filter would hang over the edge. Only places where it lies wholly on the "
                "side count, so round *down*.", replace=("(n + 2 * pad - f) // stride + 1", "-(-(n + 2 * pad - f) // stride) + 1")),
        Mistake("rounded to nearest", "It is rounded to the nearest whole number. A place counts only if the filter lies wholly on the side: round down.",
                replace=("(n + 2 * pad - f) // stride + 1", "round((n + 2 * pad - f) / stride) + 1")),
        Mistake("rounded to nearest", "It is rounded to the nearest whole number. A place counts only if the filter lies wholly on the side: round down.",
                replace=("(n + 2 * pad - f) // stride + 1", "round((n + 2 * pad - f) / stride + 1)")),
        Mistake("stride and padding exchanged", "`stride` and `pad` have changed places. They come in the order n, f, pad, stride.",
                replace=[("2 * pad", "2 * stride"), ("// stride", "// pad")]),
        Mistake("one place too few", "There is one place too few: the steps from the first place on are counted, but not the first place itself.",
                replace=(" + 1", "")),
        Mistake("one added before the division", "The 1 is added before the division. The steps are counted by the division; the first place is added to them "
                "afterwards.",
                replace=("(n + 2 * pad - f) // stride + 1", "(n + 2 * pad - f + 1) // stride")),
        Mistake("padding on one end only", "The padding is counted once. There are `pad` zeros on *each* of the two ends.", replace=("2 * pad", "pad")),
        Mistake("padding forgotten", "The padding is not counted. It makes the side longer, by `pad` on each end.", replace=(" + 2 * pad", "")),
        Mistake("padding subtracted", "The padding makes the side *longer*; here it is subtracted.", replace=("+ 2 * pad", "- 2 * pad")),
        Mistake("filter size forgotten", "The size of the filter is not taken off: its left end cannot go further than n + 2 pad − f.", replace=(" - f", "")),
        Mistake("filter size added", "The size of the filter is added. Its left end cannot go further than n + 2 pad − f, so it is taken off.", replace=("- f", "+ f")),
        Mistake("stride forgotten", "The stride is not used: with steps of `stride` there are that many times fewer places.", replace=(" // stride", "")),
        Mistake("stride multiplied", "The stride multiplies. With longer steps there are *fewer* places.", replace=("// stride", "* stride")),
        Mistake("only the filter divided", "The division by the stride reaches only the f: brackets around the whole length n + 2 pad − f are missing.",
                replace=("(n + 2 * pad - f) // stride", "n + 2 * pad - f // stride")),
        Mistake("brackets around stride + 1", "The division is by stride + 1: brackets are missing or stand in the wrong place. First divide by the stride, then add 1.",
                replace=("// stride + 1", "// (stride + 1)")),
        Mistake("last place left out", "The last place at which the filter fits is not counted: 1 is taken off before the division.", replace=("- f)", "- f - 1)")),
        Mistake("half a filter", "Only half of the filter is taken off. Its left end cannot go further than n + 2 pad − f, the whole filter lies to the right of it.",
                replace=("- f)", "- f // 2)")),
        Mistake("twice the filter", "The filter is taken off twice, once at each end. Its left end can go as far as n + 2 pad − f.", replace=("- f)", "- 2 * f)")),
        Mistake("size kept", "That is the formula for an output as long as its input, as \"same\" padding makes it. Here `f` and `pad` say themselves what is left.",
                replace=("(n + 2 * pad - f) // stride + 1", "-(-n // stride)")),
    ],
    right=[size_by_counting, size_by_range, size_by_floor, size_by_ceiling],
    hints=("Put the filter at the left end of the padded side. How far can it still travel? How many steps of `stride` is that? Do not forget where it stands.",
           "⌊(n + 2 pad − f) / stride⌋ + 1.",
           "length that is left to travel, divided by the stride and rounded down, plus one"),
    why="The left end of the filter goes from 0 to n + 2 pad − f, in steps of `stride`; the starting place counts too.",
    after="Every layer of every convolutional net has this size; you will never have to guess it again.")

# --- conv_forward ----------------------------------------------------------------------------------------------------


def draw_layer(rng, m, h, w, c_in, c_out, f, stride, pad):
    return numbers(rng, m, h, w, c_in), numbers(rng, f, f, c_in, c_out), numbers(rng, 1, 1, 1, c_out), stride, pad


LAYERS = sized("m h w c_in c_out f stride pad", (1, 3, 4, 2, 1, 2, 1, 0), (2, 4, 5, 2, 3, 3, 2, 1), (3, 6, 4, 1, 2, 2, 3, 0), (1, 4, 7, 3, 2, 3, 3, 2), (2, 3, 4, 3, 1,
3, 1, 1))


def forward_all_at_once(A_prev, W, b, stride, pad):
    f, _, _, c_out = W.shape
    windows = np.lib.stride_tricks.sliding_window_view(zero_pad(A_prev, pad), (f, f), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("myxcij,ijco->myxo", windows, W) + b, (A_prev, W, b, stride, pad)


def forward_by_matrix(A_prev, W, b, stride, pad):
    m, h, w, _ = A_prev.shape
    f, c_out = len(W), W.shape[-1]
    n_h, n_w = 1 + (h + 2 * pad - f) // stride, 1 + (w + 2 * pad - f) // stride
    Z = im2col(zero_pad(A_prev, pad), f, stride) @ W.reshape(-1, c_out) + b.reshape(1, -1)
    return Z.reshape(m, n_h, n_w, c_out), (A_prev, W, b, stride, pad)


def forward_by_offsets(A_prev, W, b, stride, pad):
    m, h, w, c_in = A_prev.shape
    f, c_out = W.shape[0], W.shape[-1]
    n_h, n_w = int((h - f + 2 * pad) / stride) + 1, int((w - f + 2 * pad) / stride) + 1
    padded = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_h, n_w, c_out)) + b
    for i in range(f):
        for j in range(f):
            Z += padded[:, i:i + stride * n_h:stride, j:j + stride * n_w:stride][:, :n_h, :n_w] @ W[i, j]
    return Z, (A_prev, W, b, stride, pad)


def forward_filter_by_filter(A_prev, W, b, stride, pad):
    (m, n_H_prev, n_W_prev, _), (f, f, _, n_C) = A_prev.shape, W.shape
    n_H = int((n_H_prev - f + 2 * pad) / stride + 1)
    n_W = int((n_W_prev - f + 2 * pad) / stride + 1)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for c in range(n_C):
        for h in range(n_H):
            for w in range(n_W):
                for i in range(m):
                    a_slice = A_prev_pad[i, h * stride:h * stride + f, w * stride:w * stride + f]
                    Z[i, h, w, c] = np.sum(a_slice * W[:, :, :, c]) + float(b[0, 0, 0, c])
    return Z, (A_prev, W, b, stride, pad)


def forward_bias_array(A_prev, W, b, stride, pad):
    m, h, w, _ = A_prev.shape
    f, c_out = W.shape[0], W.shape[3]
    n_h, n_w = conv_output_size(h, f, pad, stride), conv_output_size(w, f, pad, stride)
    padded = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_h, n_w, c_out))
    for i in range(m):
        for y in range(n_h):
            for x in range(n_w):
                for c in range(c_out):
                    patch = padded[i, y * stride:y * stride + f, x * stride:x * stride + f]
                    Z[i, y, x, c] = np.sum(patch * W[..., c]) + b[..., c]
    return Z, (A_prev, W, b, stride, pad)


FORWARD = Exercise(
    ex.conv_forward, title="A convolutional layer, forward", difficulty=2, importance=3, minutes=14,
    draw=draw_layer, sizes=LAYERS, returns=("Z", "cache"), names=NAMES, uses=[STEP, PAD, SIZE],
    observe=with_cache("A_prev", "W", "b", "stride", "pad"),
    mistakes=[
        Mistake("stride forgotten", "The patches lie one pixel apart, whatever the stride is: place (y, x) of the output looks at the patch that begins at y · stride, "
                "x · stride. The size of the output is right.", replace=("y * stride, x * stride", "y, x")),
        Mistake("stride forgotten in the end", "The patches begin at the right place but end where they would end without a stride. Both ends of the slice belong to "
                "the same "
                "window: it ends f further than it begins.", replace=("top:top + f, left:left + f", "top:y + f, left:x + f")),
        Mistake("end times the stride", "The windows begin at the right place but are f · stride long: the stride reaches the end of the slice too. Whatever the "
                "stride, a window is f long.",
                replace=("top:top + f, left:left + f", "top:top + f * stride, left:left + f * stride")),
        Mistake("stride across only", "The rows of the patches do not move by the stride; the columns do.", replace=("y * stride, x * stride", "y, x * stride")),
        Mistake("stride down only", "The columns of the patches do not move by the stride; the rows do.", replace=("y * stride, x * stride", "y * stride, x")),
        Mistake("padding forgotten", "The patches are cut from A_prev without its frame of zeros, though the size of the output counts the padding.",
                replace=("padded = zero_pad(A_prev, pad)", "padded = A_prev")),
        Mistake("stride and padding exchanged", "`stride` and `pad` have changed places in the output size: its arguments stand in the order n, f, pad, stride.",
                replace=[("(h, f, pad, stride)", "(h, f, stride, pad)"), ("(w, f, pad, stride)", "(w, f, stride, pad)")]),
        Mistake("size without padding", "The size of the output is computed without the padding.",
                replace=[("(h, f, pad, stride)", "(h, f, 0, stride)"), ("(w, f, pad, stride)", "(w, f, 0, stride)")]),
        Mistake("size without stride", "The size of the output is computed without the stride, so that patches beyond the edge are cut.",
                replace=[("(h, f, pad, stride)", "(h, f, pad, 1)"), ("(w, f, pad, stride)", "(w, f, pad, 1)")]),
        Mistake("padding counted twice", "The size of the output counts the padding twice: n is the side *before* padding.",
                replace=[("(h, f, pad, stride)", "(h + 2 * pad, f, pad, stride)"), ("(w, f, pad, stride)", "(w + 2 * pad, f, pad, stride)")]),
        Mistake("size rounded up", "The size of the output is rounded up, so that the last patches hang over the edge. Round down, as conv_output_size does.",
                replace=[("conv_output_size(h, f, pad, stride)", "-(-(h + 2 * pad - f) // stride) + 1"),
                         ("conv_output_size(w, f, pad, stride)", "-(-(w + 2 * pad - f) // stride) + 1")]),
        Mistake("height and width exchanged in the size", "n_h comes from the width and n_w from the height. The axes of A_prev are (m, h, w, c_in).",
                replace=("m, h, w, c_in", "m, w, h, c_in")),
        Mistake("square assumed", "n_w is computed from the height, as if the image were square.", replace=("conv_output_size(w,", "conv_output_size(h,")),
        Mistake("square assumed from the width", "n_h is computed from the width, as if the image were square.", replace=("conv_output_size(h,", "conv_output_size(w,")),
        Mistake("rows and columns of the patch exchanged", "The patch begins at row x · stride and column y · stride: rows and columns have changed places.",
                replace=("y * stride, x * stride", "x * stride, y * stride")),
        Mistake("bias forgotten", "The bias is missing: each filter adds its own b[0, 0, 0, c] to all its answers.", replace=("b[..., c])", "0 * b[..., c])")),
        Mistake("first bias for all", "Every filter gets the bias of the first one.", replace=("b[..., c])", "b[..., 0])")),
        Mistake("bias in every entry", "The bias is counted f · f · c_in times: it is added to every product, before the sum. It comes once, after it.",
                replace=("b[..., c])", "W[..., c].size * b[..., c])")),
        Mistake("bias counted twice", "The bias is counted twice. `conv_single_step` adds it already.", replace=("b[..., c])", "2 * b[..., c])")),
        Mistake("all biases added", "The biases of all filters are added to each output. Filter c has one bias, b[0, 0, 0, c].",
                replace=("b[..., c])", "b.sum(axis=3))")),
        Mistake("first filter for all", "Every output channel comes from the first filter. Filter c is W[:, :, :, c].", replace=("W[..., c]", "W[..., 0]")),
        Mistake("all filters added up", "Each output channel comes from the sum of all filters. Filter c is W[:, :, :, c], and it makes channel c alone.",
                replace=("W[..., c]", "W.sum(axis=3)")),
        Mistake("filters from the wrong axis", "The filters are taken from the first axis of W. Its axes are (f, f, c_in, c_out): filter c is W[:, :, :, c].",
                replace=("W[..., c]", "W[c]")),
        Mistake("filters from the axis of input channels", "The filters are taken along the third axis of W, that of the input channels. Filter c is W[:, :, :, c].",
                replace=("W[..., c]", "W[:, :, c, :]")),
        Mistake("first example only", "Every example gets the answers for the first image.", replace=("padded[i,", "padded[0,")),
        Mistake("first channel only", "Only the first channel of the input counts. A filter is as deep as its input, and sums over all of it.",
                replace=("conv_single_step(patch, W[..., c]", "conv_single_step(patch[..., :1], W[:, :, :1, c]")),
        Mistake("filter flipped", "The filter is turned by 180 degrees before it is laid on the image. Layers of nets do not flip; the convolution of mathematics does.",
                replace=("W[..., c]", "W[::-1, ::-1, :, c]")),
        Mistake("activation added", "Negative values have become 0, as after a ReLU. Z is the linear part only.",
                replace=("return Z, (", "return np.maximum(Z, 0), (")),
        Mistake("only one place written", "All but one entry of each map are 0: the loops do not write to every place, or Z is made anew inside them.",
                replace=("        for y in range(n_h):\n", "        for y in range(n_h):\n            Z[i] = 0\n")),
        Mistake("window begins before the frame", "The windows begin `pad` pixels too early. That would be right for places in the image itself; in the padded image "
                "the frame is there already, so "
                "window (y, x) begins at y · stride, x · stride.", replace=("y * stride, x * stride", "y * stride - pad, x * stride - pad")),
        Mistake("pixels and places mixed up", "The loops count pixels, 0, stride, 2 · stride, …, and the answer is written to Z at the number of the pixel. Z has one "
                "entry for each *place*: the places are "
                "0, 1, 2, …, and place y begins at pixel y · stride.",
                replace=[("for y in range(n_h)", "for y in range(0, n_h * stride, stride)"), ("for x in range(n_w)", "for x in range(0, n_w * stride, stride)"),
                         ("y * stride, x * stride", "y, x")]),
        Mistake("every stride-th place only", "Only every stride-th entry of Z is filled in. The loops should go over all places; the stride comes in where a place "
                "becomes a pixel, at y · stride.",
                replace=[("for y in range(n_h)", "for y in range(0, n_h, stride)"), ("for x in range(n_w)", "for x in range(0, n_w, stride)")]),
        Mistake("a bias with axes", "`b[..., c]` has shape (1, 1, 1), so the sum with it is an array, and an array does not fit into one place of Z. Take the number: "
                "`conv_single_step` does, or index all four axes of b.", function=forward_bias_array),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "ones in place": "every place is written", "sign of Z": "every place is written",
               "b in place of W": "both have c_out filters on their last axis",
               "1 in place of 0": "a filter has as many rows as columns"},
    right=[forward_filter_by_filter, forward_all_at_once, forward_by_matrix, forward_by_offsets],
    hints=("For each output number ask: which image, which place, which filter? Cut the patch there and let `conv_single_step` answer.",
           "Z[i, y, x, c] = conv_single_step(padded[i, y·s : y·s + f, x·s : x·s + f, :], W[..., c], b[..., c]); Z is (m, n_h, n_w, c_out).",
           "n_h and n_w from conv_output_size; pad the whole batch; Z of zeros; four loops (example, row, column, filter), in them the patch and one step; "
           "return Z and the cache (A_prev, W, b, stride, pad)"),
    why="Both ends of a slice begin at y · stride. The slice takes all channels, so each filter sums over the whole depth: that is why W has the axis c_in, and why "
        "the number of output channels is the number of filters.",
    after="From here on every edge in this lab is found by your layer.")

# --- true_convolution ------------------------------------------------------------------------------------------------


def convolve_by_stamping(image, kernel):
    (h, w), (kh, kw) = image.shape, kernel.shape
    out = np.zeros((h + kh - 1, w + kw - 1))
    for i in range(kh):
        for j in range(kw):
            out[i:i + h, j:j + w] += kernel[i, j] * image
    return out


def convolve_by_definition(image, kernel):
    h, w = image.shape
    kh, kw = kernel.shape
    out = np.zeros((h + kh - 1, w + kw - 1))
    for y in range(h + kh - 1):
        for x in range(w + kw - 1):
            for i in range(kh):
                for j in range(kw):
                    if 0 <= y - i < h and 0 <= x - j < w:
                        out[y, x] += kernel[i, j] * image[y - i, x - j]
    return out


def convolve_by_fourier(image, kernel):
    shape = [a + b - 1 for a, b in zip(image.shape, kernel.shape)]
    return np.fft.irfft2(np.fft.rfft2(image, shape) * np.fft.rfft2(kernel, shape), shape)


def convolve_rotated(image, kernel):
    turned = np.rot90(kernel, 2)
    kh, kw = turned.shape
    framed = np.zeros((image.shape[0] + 2 * (kh - 1), image.shape[1] + 2 * (kw - 1)), dtype=np.float32)
    framed[kh - 1:kh - 1 + image.shape[0], kw - 1:kw - 1 + image.shape[1]] = image
    views = np.lib.stride_tricks.sliding_window_view(framed, turned.shape)
    return np.tensordot(views, turned)


def correlation_valid(image, kernel, flip=True):
    kh, kw = kernel.shape
    kernel = kernel[::-1, ::-1] if flip else kernel
    out = np.zeros((max(image.shape[0] - kh + 1, 0), max(image.shape[1] - kw + 1, 0)))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = np.sum(image[y:y + kh, x:x + kw] * kernel)
    return out


def correlation_valid_unflipped(image, kernel):
    return correlation_valid(image, kernel, flip=False)


def convolve_same(image, kernel):
    kh, kw = kernel.shape
    full = convolve_by_stamping(image, kernel)
    top, left = (kh - 1) // 2, (kw - 1) // 2
    return full[top:top + image.shape[0], left:left + image.shape[1]]


def correlate_same(image, kernel):
    return convolve_same(image, kernel[::-1, ::-1])


PADDED = "np.pad(image, ((kh - 1, kh - 1), (kw - 1, kw - 1)))"
TRUE = Exercise(
    ex.true_convolution, title="The convolution of mathematics", difficulty=2, importance=2, minutes=9,
    draw=lambda rng, h, w, kh, kw: (numbers(rng, h, w), numbers(rng, kh, kw)),
    sizes=sized("h w kh kw", (3, 2, 2, 2), (3, 4, 2, 3), (4, 3, 3, 2), (2, 5, 1, 3), (2, 4, 3, 2), (4, 3, 3, 3)), returns="out",
    names={**NAMES, "h": "the height of the image", "w": "its width", "kh": "the height of the kernel", "kw": "its width"},
    mistakes=[
        Mistake("not flipped", "That is the cross-correlation: the kernel is laid on as it is. A convolution turns it by 180 degrees first: out[y, x] meets kernel[i, "
                "j] with "
                "image[y − i, x − j].", replace=("kernel[::-1, ::-1]", "kernel")),
        Mistake("flipped upside down only", "The kernel is flipped once only, upside down. A turn by 180 degrees flips rows *and* columns.",
                replace=("kernel[::-1, ::-1]", "kernel[::-1]")),
        Mistake("flipped left to right only", "The kernel is flipped once only, left to right. A turn by 180 degrees flips rows *and* columns.",
                replace=("kernel[::-1, ::-1]", "kernel[:, ::-1]")),
        Mistake("transposed", "The kernel is transposed. A turn by 180 degrees keeps its shape and reverses both axes.", replace=("kernel[::-1, ::-1]", "kernel.T")),
        Mistake("turned by 90 degrees", "The kernel is turned by 90 degrees. It has to be turned by 180, two quarter turns.",
                replace=("kernel[::-1, ::-1]", "np.rot90(kernel)")),
        Mistake("transposed and reshaped", "The kernel is transposed and pressed back into its shape, which scrambles it. A turn by 180 degrees keeps its shape and "
                "reverses both axes.",
                replace=("kernel[::-1, ::-1]", "kernel.T.reshape(kh, kw)")),
        Mistake("turned by 90 degrees and reshaped", "The kernel is turned by 90 degrees and pressed back into its shape, which scrambles it. It has to be turned by "
                "180, two quarter turns.",
                replace=("kernel[::-1, ::-1]", "np.rot90(kernel).reshape(kh, kw)")),
        Mistake("edge repeated", "The frame repeats the pixels at the edge. Outside the image there are zeros.", replace=(PADDED, PADDED[:-1] + ', mode="edge")')),
        Mistake("wrapped round", "The frame holds pixels from the opposite side. Outside the image there are zeros.", replace=(PADDED, PADDED[:-1] + ', mode="wrap")')),
        Mistake("kh and kw exchanged in the frame", "Height and width of the kernel have changed places in the frame: above and below there are kh − 1 zeros, left and "
                "right kw − 1.",
                replace=(PADDED, "np.pad(image, ((kw - 1, kw - 1), (kh - 1, kh - 1)))")),
        Mistake("image and kernel flipped", "Image and kernel are both turned. Only the kernel is.", replace=(PADDED, PADDED.replace("image", "image[::-1, ::-1]"))),
        Mistake("image in the corner of its frame", "The image stands in a corner of its frame. The frame belongs on all four sides: kh − 1 zeros above and below, kw − "
                "1 left and right.",
                replace=(PADDED, "np.pad(image, ((0, 2 * (kh - 1)), (0, 2 * (kw - 1))))")),
        Mistake("divided by the kernel's sum", "The result is divided by the sum of the kernel. A convolution does not normalise.", replace=("* flipped)",
                "* flipped) / kernel.sum()")),
        Mistake("image flipped", "The image, or the result, is turned by 180 degrees. Only the kernel is turned.",
                replace=[("kernel[::-1, ::-1]", "kernel"), (PADDED, PADDED.replace("image", "image[::-1, ::-1]"))]),
        Mistake("valid, not full", "These are only the places at which the kernel lies wholly on the image (\"valid\"). \"Full\" wants every place at which it meets "
                "the image at "
                "all: (h + kh − 1, w + kw − 1).", function=correlation_valid),
        Mistake("valid, and not flipped", "These are only the places at which the kernel lies wholly on the image (\"valid\"), and the kernel is not flipped. \"Full\" "
                "wants every "
                "place at which it meets the image at all: (h + kh − 1, w + kw − 1).", function=correlation_valid_unflipped),
        Mistake("same, not full", "The result is cut to the size of the image (\"same\"). \"Full\" wants every place at which the kernel meets the image at all: "
                "(h + kh − 1, w + kw − 1).", function=convolve_same),
        Mistake("same, and not flipped", "The result is cut to the size of the image (\"same\"), and the kernel is not flipped. \"Full\" wants every place at which the "
                "kernel meets "
                "the image at all: (h + kh − 1, w + kw − 1).", function=correlate_same),
        Mistake("kh and kw exchanged", "Height and width of the kernel have changed places.", replace=("kh, kw = kernel.shape", "kw, kh = kernel.shape")),
        Mistake("frame as wide as the kernel", "The frame is one pixel too wide: with kh and kw zeros on each side the first place does not meet the image at all. One "
                "less is "
                "enough.", replace=(PADDED, PADDED.replace(" - 1", ""))),
        Mistake("frame on one side only", "The frame is on two sides only. The kernel comes in from above and the left, and leaves below and to the right.",
                replace=(PADDED, "np.pad(image, ((kh - 1, 0), (kw - 1, 0)))")),
        Mistake("mean for sum", "The products are averaged. They are added up.", replace=("np.sum(padded[", "np.mean(padded[")),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "order exchanged": "both axes are flipped alike",
               "ones in place": "every place is written", "sign of out": "every place is written", "out returned": "the loops end there",
               "term 1 left out": "zeros beyond the far end are never reached", "+ in place of -": "zeros beyond the far end are never reached",
               "* in place of -": "zeros beyond the far end are never reached", "in place of 1": "zeros beyond the far end are never reached; a step of −1 is what "
               "stands there"},
    right=[convolve_by_stamping, convolve_by_definition, convolve_by_fourier, convolve_rotated],
    hints=("In the sum the index of the image falls while that of the kernel rises. Slide the kernel instead, and it has to be turned by 180 degrees.",
           "out[y, x] = Σ flipped[i, j] · padded[y + i, x + j]; padded has kh − 1 zeros above and below, kw − 1 left and right; out is (h + kh − 1, w + kw − 1).",
           "flip the kernel along both axes; pad the image; out of zeros; two loops over all places: patch of the padded image times the flipped kernel, summed"),
    why="With i → kh − 1 − i the falling index becomes a rising one, and what is left is a cross-correlation with the turned kernel.",
    after="Now the two operations that share a name can be compared.")

# --- conv_parameter_count --------------------------------------------------------------------------------------------


def count_by_shapes(f, c_in, n_filters):
    return np.zeros((f, f, c_in, n_filters)).size + np.zeros((1, 1, 1, n_filters)).size


def count_by_terms(f, c_in, n_filters):
    return f ** 2 * c_in * n_filters + n_filters


def count_one_by_one(f, c_in, n_filters):
    total = 0
    for _ in range(n_filters):
        total += np.prod([f, f, c_in]) + 1
    return int(total)


COUNT = "(f * f * c_in + 1) * n_filters"
PARAMETERS = Exercise(
    ex.conv_parameter_count, title="Counting what is learned", difficulty=1, importance=2, minutes=3,
    draw=lambda rng, f, c_in, n_filters: (f, c_in, n_filters),
    sizes=sized("f c_in n_filters", (1, 2, 3), (3, 1, 2), (3, 3, 10), (5, 4, 7), (2, 6, 5), (7, 3, 64), (11, 3, 96)), returns="count", names=NAMES,
    mistakes=[
        Mistake("biases forgotten", "The biases are missing: each filter has one.", replace=(" + 1", "")),
        Mistake("one bias for all", "There is one bias in all. Each filter has its own.", replace=(COUNT, "f * f * c_in * n_filters + 1")),
        Mistake("a bias for each input channel", "There is a bias for each input channel. There is one for each *filter*: it is added after the sum over channels.",
                replace=(COUNT, "f * f * c_in * n_filters + c_in")),
        Mistake("a bias for each channel of each filter", "Each filter has a bias for each input channel here. It has one: it is added after the sum over channels.",
                replace=("(f * f * c_in + 1)", "(f * f + 1) * c_in")),
        Mistake("a bias for each weight", "Every weight has a bias here. One bias belongs to a whole filter.", replace=("(f * f * c_in + 1)", "(2 * f * f * c_in)")),
        Mistake("a bias at every place of a filter", "The bias is counted at each of the f · f places of a filter. A filter has one bias.",
                replace=("(f * f * c_in + 1)", "f * f * (c_in + 1)")),
        Mistake("filters flat", "The filters are counted as f × f, without depth. A filter is as deep as its input: f × f × c_in.", replace=("f * f * c_in", "f * f")),
        Mistake("f not squared", "A filter has f rows *and* f columns.", replace=("f * f", "f")),
        Mistake("f cubed", "A filter has f rows and f columns; its third length is c_in, not f.", replace=("f * f * c_in", "f * f * f * c_in")),
        Mistake("f for the depth", "A filter is as deep as its input: its third length is c_in, not f.", replace=("f * f * c_in", "f * f * f")),
        Mistake("twice f", "A filter has f times f places, not f plus f.", replace=("f * f", "2 * f")),
        Mistake("one filter only", "That is the count for one filter. The layer has n_filters of them.", replace=(" * n_filters", "")),
    ],
    right=[count_by_shapes, count_by_terms, count_one_by_one],
    hints=("Count one filter first: its weights, all channels deep, and its bias. Then all filters.",
           "(f · f · c_in + 1) · n_filters.",
           "weights of one filter plus one, times the number of filters"),
    why="The size of the image does not occur: that is parameter sharing.",
    after="A number that does not know how large the image is.")

# --- pool_forward ----------------------------------------------------------------------------------------------------


def draw_pool(rng, m, h, w, c, f, stride, mode):
    """Distinct numbers, most below zero, so that a maximum is never shared."""
    values = rng.permutation(m * h * w * c).reshape(m, h, w, c)
    return np.round(values * 0.07 - 0.05 * values.size + 0.01, 2), f, stride, mode


POOLS = sized("m h w c f stride mode", (1, 3, 4, 1, 2, 1, "max"), (1, 3, 4, 1, 2, 1, "average"), (2, 5, 6, 2, 2, 2, "max"), (2, 5, 4, 3, 3, 1, "average"),
              (3, 4, 7, 2, 2, 3, "max"), (1, 7, 5, 2, 3, 2, "average"), (2, 7, 6, 1, 3, 3, "max"), (2, 4, 6, 2, 1, 2, "average"), (1, 5, 7, 3, 3, 2, "max"))


def pool_number_by_number(A_prev, f, stride, mode):
    m, h, w, c = A_prev.shape
    A = np.zeros((m, (h - f) // stride + 1, (w - f) // stride + 1, c))
    for index in np.ndindex(A.shape):
        i, y, x, k = index
        window = A_prev[i, y * stride:y * stride + f, x * stride:x * stride + f, k]
        A[index] = np.max(window) if mode == "max" else np.mean(window)
    return A, (A_prev, f, stride, mode)


def pool_by_views(A_prev, f, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    return {"max": np.max, "average": np.mean}[mode](windows, axis=(-2, -1)), (A_prev, f, stride, mode)


def pool_by_running(A_prev, f, stride, mode):
    m, h, w, c = A_prev.shape
    n_h, n_w = int((h - f) / stride) + 1, int((w - f) / stride) + 1
    A = np.full((m, n_h, n_w, c), -np.inf if mode == "max" else 0.0)
    for i in range(f):
        for j in range(f):
            part = A_prev[:, i:i + (n_h - 1) * stride + 1:stride, j:j + (n_w - 1) * stride + 1:stride]
            A = np.maximum(A, part) if mode == "max" else A + part / (f * f)
    return A, (A_prev, f, stride, mode)


TAKE_MAX, TAKE_MEAN = "window.max(axis=(1, 2))", "window.mean(axis=(1, 2))"
POOL_FORWARD = Exercise(
    ex.pool_forward, title="Pooling, forward", difficulty=2, importance=2, minutes=7,
    draw=draw_pool, sizes=POOLS, returns=("A", "cache"), names=NAMES, uses=[SIZE],
    observe=with_cache("A_prev", "f", "stride", "mode"),
    mistakes=[
        Mistake("maximum begun at 0", "Where every number of a window is negative the answer is 0: the search for the maximum begins at 0. Begin with a number from the "
                "window, or "
                "with −∞.", replace=(TAKE_MAX, f"np.maximum({TAKE_MAX}, 0)")),
        Mistake("stride forgotten", "The windows lie one pixel apart, whatever the stride is: window (y, x) begins at y · stride, x · stride.",
                replace=("y * stride, x * stride", "y, x")),
        Mistake("f for the stride", "The windows lie f apart. That is usual, but here the stride has a say of its own: it need not be f.",
                replace=("y * stride, x * stride", "y * f, x * f")),
        Mistake("f for the stride throughout", "The windows lie f apart, and their number fits that. That is usual, but here the stride has a say of its own: it need "
                "not be f.",
                replace=[("y * stride, x * stride", "y * f, x * f"), ("(h, f, 0, stride)", "(h, f, 0, f)"), ("(w, f, 0, stride)", "(w, f, 0, f)")]),
        Mistake("stride for f", "The windows are as wide as the stride. They are f wide.", replace=("top:top + f, left:left + f",
                "top:top + stride, left:left + stride")),
        Mistake("modes exchanged", "\"max\" gives the average, and \"average\" the maximum.", replace=('mode == "max"', 'mode == "average"')),
        Mistake("maximum in both modes", "The maximum is taken in both modes.", replace=(TAKE_MEAN, TAKE_MAX)),
        Mistake("average in both modes", "The average is taken in both modes.", replace=(TAKE_MAX, TAKE_MEAN)),
        Mistake("minimum", "That is the smallest number of each window; \"max\" wants the largest.", replace=(TAKE_MAX, "window.min(axis=(1, 2))")),
        Mistake("largest absolute value", "That is the largest number without its sign. A maximum looks at the sign: −1 is more than −5.",
                replace=(TAKE_MAX, "np.abs(window).max(axis=(1, 2))")),
        Mistake("sum for average", "In mode \"average\" the sum of each window is returned: the division by f · f is missing.", replace=("window.mean", "window.sum")),
        Mistake("divided by f", "In mode \"average\" the sum is divided by f. A window holds f · f numbers.", replace=(TAKE_MEAN, "window.sum(axis=(1, 2)) / f")),
        Mistake("median", "That is the median of each window; the average is wanted.", replace=(TAKE_MEAN, "np.median(window, axis=(1, 2))")),
        Mistake("divided by the stride", "In mode \"average\" the sum is divided by stride². A window holds f · f numbers.",
                replace=(TAKE_MEAN, "window.sum(axis=(1, 2)) / stride ** 2")),
        Mistake("place of the maximum", "In mode \"max\" that is the *place* of the largest number (`argmax`), not the number.",
                replace=(TAKE_MAX, "window.reshape(m, -1, c).argmax(axis=1)")),
        Mistake("maximum of the whole channel", "In mode \"max\" the maximum is taken over the whole channel. Each window has its own.", replace=(TAKE_MAX,
                "A_prev.max(axis=(1, 2))")),
        Mistake("maximum of the whole image", "In mode \"max\" the maximum is taken over the whole image, all channels. Each window of each channel has its own.",
                replace=(TAKE_MAX, "A_prev.max(axis=(1, 2, 3))[:, None]")),
        Mistake("whole channel pooled", "The whole channel is pooled at every place. Each window has its own maximum, or mean.",
                replace=[(TAKE_MAX, "A_prev.max(axis=(1, 2))"), (TAKE_MEAN, "A_prev.mean(axis=(1, 2))")]),
        Mistake("channels pooled together", "All channels of an example are pooled into one number. Pooling keeps the channels apart.",
                replace=[(TAKE_MAX, "window.max(axis=(1, 2, 3), keepdims=True)[:, 0, 0]"), (TAKE_MEAN, "window.mean(axis=(1, 2, 3), keepdims=True)[:, 0, 0]")]),
        Mistake("examples pooled together", "All examples are pooled into one number. Each image is pooled by itself.",
                replace=[(TAKE_MAX, "window.max(axis=(0, 1, 2))"), (TAKE_MEAN, "window.mean(axis=(0, 1, 2))")]),
        Mistake("everything pooled together", "One number is taken over examples, places and channels together. Each example and each channel is pooled by itself: over "
                "rows and columns only.", replace=[(TAKE_MAX, "window.max()"), (TAKE_MEAN, "window.mean()")]),
        Mistake("first example only", "Every example gets the answers for the first image.", replace=("A_prev[:, top", "A_prev[:1, top")),
        Mistake("first channel only", "Every channel gets the answers for the first one.", replace=("left:left + f, :]", "left:left + f, :1]")),
        Mistake("size rounded up", "The size is rounded up, so that windows at the edge hang over it. Round down, as conv_output_size does.",
                replace=[("conv_output_size(h, f, 0, stride)", "-(-(h - f) // stride) + 1"), ("conv_output_size(w, f, 0, stride)", "-(-(w - f) // stride) + 1")]),
        Mistake("height and width exchanged in the size", "n_h comes from the width and n_w from the height. The axes of A_prev are (m, h, w, c).",
                replace=("m, h, w, c = A_prev", "m, w, h, c = A_prev")),
        Mistake("square assumed", "n_w is computed from the height, as if the image were square.", replace=("conv_output_size(w,", "conv_output_size(h,")),
        Mistake("rows and columns of the window exchanged", "The window begins at row x · stride and column y · stride: rows and columns have changed places.",
                replace=("y * stride, x * stride", "x * stride, y * stride")),
        Mistake("padded", "The size counts a padding that is not there. Pooling here has none.", replace=[("(h, f, 0,", "(h, f, 1,"), ("(w, f, 0,", "(w, f, 1,")]),
    ],
    unchanged={"ones in place": "every place is written", "sign of A": "every place is written"},
    right=[pool_number_by_number, pool_by_views, pool_by_running],
    hints=("The loops of conv_forward, but no weights: look at a window and keep its largest number, or its mean.",
           "A[:, y, x, :] = max or mean over rows and columns of A_prev[:, y·s : y·s + f, x·s : x·s + f, :], that is over axes 1 and 2; A is (m, n_h, n_w, c).",
           "sizes from conv_output_size with pad 0; zeros; two loops over the places; the window of all examples; its max or mean over axes 1 and 2; "
           "return A and the cache (A_prev, f, stride, mode)"),
    why="Pooling treats every example and every channel alike and apart, so they can stay in the array: only rows and columns are looped over.",
    after="A layer without a single parameter.")

# --- conv_backward ---------------------------------------------------------------------------------------------------


def draw_way_back(rng, m, h, w, c_in, c_out, f, stride, pad):
    cache = draw_layer(rng, m, h, w, c_in, c_out, f, stride, pad)
    return numbers(rng, m, conv_output_size(h, f, pad, stride), conv_output_size(w, f, pad, stride), c_out), cache


def backward_place_by_place(dZ, cache):
    A_prev, W, b, stride, pad = cache
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    dpadded, dW = np.zeros(padded.shape), np.zeros(W.shape)
    for y in range(dZ.shape[1]):
        for x in range(dZ.shape[2]):
            rows, columns = slice(y * stride, y * stride + f), slice(x * stride, x * stride + f)
            dpadded[:, rows, columns] += np.tensordot(dZ[:, y, x], W, axes=(1, 3))
            dW += np.tensordot(padded[:, rows, columns], dZ[:, y, x], axes=(0, 0))
    end_h, end_w = padded.shape[1] - pad, padded.shape[2] - pad
    return dpadded[:, pad:end_h, pad:end_w], dW, dZ.sum(axis=(0, 1, 2), keepdims=True)


def backward_by_offsets(dZ, cache):
    A_prev, W, b, stride, pad = cache
    n_h, n_w = dZ.shape[1:3]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    dpadded, dW = 0 * padded, np.empty(W.shape)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            reach = np.s_[:, i:i + (n_h - 1) * stride + 1:stride, j:j + (n_w - 1) * stride + 1:stride]
            dpadded[reach] += dZ @ W[i, j].T
            dW[i, j] = np.einsum("myxa,myxb->ab", padded[reach], dZ)
    inside = dpadded if pad == 0 else dpadded[:, pad:-pad, pad:-pad, :]
    return inside, dW, np.sum(dZ, axis=(0, 1, 2)).reshape(1, 1, 1, -1)


def backward_example_by_example(dZ, cache):
    (A_prev, W, b, stride, pad) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    (m, n_H, n_W, n_C) = dZ.shape
    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev), dtype=np.float32)
    dW, db = np.zeros((f, f, n_C_prev, n_C)), np.zeros((1, 1, 1, n_C))
    for i in range(m):
        a_prev_pad = np.pad(A_prev[i], ((pad, pad), (pad, pad), (0, 0)))
        da_prev_pad = np.zeros_like(a_prev_pad, dtype=float)
        for h in range(n_H):
            for w in range(n_W):
                a_slice = a_prev_pad[h * stride:h * stride + f, w * stride:w * stride + f]
                for c in range(n_C):
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
                    da_prev_pad[h * stride:h * stride + f, w * stride:w * stride + f] += W[:, :, :, c] * dZ[i, h, w, c]
        dA_prev[i] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev]
    return dA_prev, dW, db


def numerical_layer(dZ, cache, eps=1e-6):
    """Gradients of sum(dZ · Z), by nudging every number of A_prev, W and b."""
    def slope(which):
        at, found = cache[which], np.zeros(cache[which].shape)
        for index in np.ndindex(at.shape):
            ends = []
            for sign in (1, -1):
                nudged = at.copy()
                nudged[index] += sign * eps
                ends.append(np.sum(dZ * conv_forward(*cache[:which], nudged, *cache[which + 1:])[0]))
            found[index] = (ends[0] - ends[1]) / (2 * eps)
        return found
    return {"dA_prev": slope(0), "dW": slope(1), "db": slope(2)}


UNPAD = "dpadded[:, pad:pad + h, pad:pad + w, :]"
BACKWARD = Exercise(
    ex.conv_backward, title="A convolutional layer, backward", difficulty=3, importance=3, minutes=15,
    draw=draw_way_back, sizes=LAYERS, returns=("dA_prev", "dW", "db"), names=NAMES, numerical=numerical_layer, uses=[PAD],
    mistakes=[
        Mistake("unpadding with minus pad", "`pad:-pad` takes the frame off, but for pad = 0 it is `0:-0`, an empty slice: nothing is left. A slice that ends at pad + "
                "h works "
                "for every pad.", replace=(UNPAD, "dpadded[:, pad:-pad, pad:-pad, :]")),
        Mistake("unpadding with minus pad", "`pad:-pad` takes the frame off, but for pad = 0 it is `0:-0`, an empty slice: nothing is left. A slice that ends at pad + "
                "h works "
                "for every pad.", function=altered(backward_example_by_example, ("da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev]",
                "da_prev_pad[pad:-pad, pad:-pad]"))),
        Mistake("cut too short", "The slice that takes the frame off ends too early: h is the height *without* frame, so in the padded array the image ends at pad + h.",
                replace=(UNPAD, "dpadded[:, pad:h - pad, pad:w - pad, :]")),
        Mistake("cut too short", "The slice that takes the frame off ends too early: h is the height *without* frame, so in the padded array the image ends at pad + h.",
                function=altered(backward_example_by_example, ("da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev]", "da_prev_pad[pad:n_H_prev - pad, pad:n_W_prev - "
                "pad]"))),
        Mistake("carried over to the next example", "The gradient of each example holds those of the examples before it too: the array that is added to has to be new, "
                "and zero, for each.",
                replace=("return dA_prev, dW, db", "return dA_prev.cumsum(axis=0), dW, db")),
        Mistake("activation's slope", "dA_prev is 0 wherever A_prev is not positive. That is the slope of a ReLU; it belongs to the layer that has one, not to the "
                "convolution.",
                replace=("return dA_prev, dW, db", "return dA_prev * (A_prev > 0), dW, db")),
        Mistake("whole map for one place", "In dW each patch is weighed with the sum of the whole map of dZ. The patch at (y, x) gets dZ[i, y, x, c].",
                replace=("+= patch * dZ[i, y, x, c]", "+= patch * dZ[i, :, :, c].sum()")),
        Mistake("frame left on", "dA_prev still has the frame of zeros. It is the gradient of A_prev, so it has the shape of A_prev: cut the frame off.",
                replace=(UNPAD, "dpadded")),
        Mistake("cut at the wrong end", "The frame is not cut off on all sides: the slice begins at 0 instead of `pad`.", replace=(UNPAD, "dpadded[:, :h, :w, :]")),
        Mistake("padding forgotten", "The gradients are computed without the padding: forward, the patches were cut from A_prev *with* its frame.",
                replace=[("padded = zero_pad(A_prev, pad)", "padded = A_prev"), (UNPAD, "dpadded")]),
        Mistake("padding forgotten", "The gradients are computed without the padding: forward, the patches were cut from A_prev *with* its frame.",
                function=altered(backward_example_by_example, ("np.pad(A_prev[i], ((pad, pad), (pad, pad), (0, 0)))", "A_prev[i]"),
                                 ("da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev]", "da_prev_pad"))),
        Mistake("padding forgotten in dW", "The patches for dW are cut from A_prev without its frame. Forward, the filter saw the frame too.",
                replace=("patch = padded[i, top", "patch = A_prev[i, top")),
        Mistake("stride forgotten", "The patches lie one pixel apart, whatever the stride is. Backward visits the very windows of the way forward: they begin at y · "
                "stride, "
                "x · stride.", replace=("y * stride, x * stride", "y, x")),
        Mistake("stride forgotten in dA_prev", "The gradient is written back to windows one pixel apart, whatever the stride is.",
                replace=("dpadded[i, top:top + f, left:left + f, :] +=", "dpadded[i, y:y + f, x:x + f, :] +=")),
        Mistake("stride forgotten in dW", "The patches for dW lie one pixel apart, whatever the stride is.",
                replace=("patch = padded[i, top:top + f, left:left + f, :]", "patch = padded[i, y:y + f, x:x + f, :]")),
        Mistake("stride forgotten in the end", "The windows begin at the right place but end where they would end without a stride. Both ends of the slice belong to "
                "the same "
                "window.", replace=[("patch = padded[i, top:top + f, left:left + f, :]", "patch = padded[i, top:y + f, left:x + f, :]"),
                                    ("dpadded[i, top:top + f, left:left + f, :] +=", "dpadded[i, top:y + f, left:x + f, :] +=")]),
        Mistake("end times the stride", "The windows begin at the right place but are f · stride long. Whatever the stride, a window is f long.",
                replace=[("patch = padded[i, top:top + f, left:left + f, :]", "patch = padded[i, top:top + f * stride, left:left + f * stride, :]"),
                         ("dpadded[i, top:top + f, left:left + f, :] +=", "dpadded[i, top:top + f * stride, left:left + f * stride, :] +=")]),
        Mistake("dW overwritten", "Each place overwrites `dW`, so only the last one counts. A filter is used at every place of every image: its gradients add up.",
                replace=("dW[..., c] +=", "dW[..., c] =")),
        Mistake("db overwritten", "Each place overwrites `db`, so only the last one counts. The bias is used at every place of every image: its gradients add up.",
                replace=("db[..., c] +=", "db[..., c] =")),
        Mistake("dA_prev overwritten", "Each window overwrites what others have written to `dA_prev`. A pixel lies in several windows and feeds several filters: its "
                "gradients "
                "add up.", replace=("left:left + f, :] +=", "left:left + f, :] =")),
        Mistake("nothing added up", "Gradients overwrite one another instead of adding up. Each filter is used at many places, each pixel lies in many windows: all of "
                "it is summed.",
                replace=[("dW[..., c] +=", "dW[..., c] ="), ("db[..., c] +=", "db[..., c] ="), ("left:left + f, :] +=", "left:left + f, :] =")]),
        Mistake("db forgotten", "`db` is still 0: each Z[i, y, x, c] depends on b[0, 0, 0, c] with slope 1.",
                replace=("                    db[..., c] += dZ[i, y, x, c]\n", "")),
        Mistake("dW forgotten", "`dW` is still 0.", replace=("                    dW[..., c] += patch * dZ[i, y, x, c]\n", "")),
        Mistake("dA_prev forgotten", "`dA_prev` is still 0.", replace=("                    dpadded[i, top:top + f, left:left + f, :] += W[..., c] * dZ[i, y, x, c]\n",
                "")),
        Mistake("dZ missing in db", "`db` counts the places: the gradient dZ is missing. The bias has slope 1, and it is weighed with dZ[i, y, x, c].",
                replace=("db[..., c] += dZ[i, y, x, c]", "db[..., c] += 1")),
        Mistake("dZ missing in dW", "`dW` adds up the patches without their weights: each counts as much as its dZ[i, y, x, c] says.",
                replace=("+= patch * dZ[i, y, x, c]", "+= patch")),
        Mistake("dZ missing in dA_prev", "`dA_prev` adds up the filters without their weights: each counts as much as its dZ[i, y, x, c] says.",
                replace=("+= W[..., c] * dZ[i, y, x, c]", "+= W[..., c]")),
        Mistake("flat db", "`db` has lost its axes. It is the gradient of b and has its shape, (1, 1, 1, c_out).", replace=("return dA_prev, dW, db",
                "return dA_prev, dW, db.ravel()")),
        Mistake("divided by m", "It is divided by m. Here dZ is the gradient of the cost already; if the cost is a mean, the division is in dZ. The layer only adds up.",
                replace=("return dA_prev, dW, db", "return dA_prev, dW / m, db / m")),
        Mistake("all divided by m", "All gradients are divided by m. Here dZ is the gradient of the cost already; if the cost is a mean, the division is in dZ.",
                replace=("return dA_prev, dW, db", "return dA_prev / m, dW / m, db / m")),
        Mistake("patch and W exchanged", "`W` and the patch have changed places. In the product patch · W the slope with respect to the one is the other: dW gets "
                "patches, dA_prev "
                "gets W.", replace=("W[..., c] * dZ[i, y, x, c]\n                    dW[..., c] += patch * dZ",
                                     "patch * dZ[i, y, x, c]\n                    dW[..., c] += W[..., c] * dZ")),
        Mistake("patch for W", "dA_prev is built from patches. The slope of patch · W with respect to the patch is W.", replace=("+= W[..., c] * dZ", "+= patch * dZ")),
        Mistake("W for the patch", "dW is built from W. The slope of patch · W with respect to W is the patch.", replace=("+= patch * dZ", "+= W[..., c] * dZ")),
        Mistake("first filter for all", "Every dZ[…, c] is sent back through the first filter. Through filter c it came, through filter c it goes back.",
                replace=("+= W[..., c] * dZ", "+= W[..., 0] * dZ")),
        Mistake("filter flipped", "The filter is flipped on the way back. That belongs to another way of writing it, as a convolution of dZ; here each window gets W as "
                "it was laid "
                "on.", replace=("+= W[..., c] * dZ", "+= W[::-1, ::-1, :, c] * dZ")),
        Mistake("last example only", "Only one example counts in dW: its sum runs over all of them.",
                replace=("    for i in range(m):\n", "    for i in range(m):\n        dW = 0 * dW\n")),
        Mistake("first example's pixels", "The patches for dW all come from the first image.", replace=("patch = padded[i, ", "patch = padded[0, ")),
        Mistake("one db for all filters", "`db` holds the sum over all filters in every place. Each filter has its own bias.", replace=("db[..., c] +=", "db +=")),
        Mistake("mean over places in db", "`db` is a mean. It is the sum over all examples and places.",
                replace=("return dA_prev, dW, db", "return dA_prev, dW, db / (m * dZ.shape[1] * dZ.shape[2])")),
        Mistake("rows and columns of the patch exchanged", "The window begins at row x · stride and column y · stride: rows and columns have changed places.",
                replace=("y * stride, x * stride", "x * stride, y * stride")),
        Mistake("rows and columns of the patch exchanged", "The window begins at row x · stride and column y · stride: rows and columns have changed places.",
                function=altered(backward_example_by_example, ("a_prev_pad[h * stride:h * stride + f, w * stride:w * stride + f]\n", "a_prev_pad[w * stride:w * stride "
                "+ f, h * stride:h * stride + f]\n"),
                                 ("da_prev_pad[h * stride:h * stride + f, w * stride:w * stride + f] +=", "da_prev_pad[w * stride:w * stride + f, h * stride:h * stride "
                                 "+ f] +="))),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "1 in place of 0": "a filter has as many rows as columns"},
    right=[backward_example_by_example, backward_place_by_place, backward_by_offsets],
    hints=("Go through the same loops. Each Z[i, y, x, c] = Σ patch · W[..., c] + b[c] depends on its patch, on its filter, on its bias: each gets its slope times "
           "dZ[i, y, x, c].",
           "dW[..., c] += patch · dZ[i, y, x, c]; the window of d(padded) += W[..., c] · dZ[i, y, x, c]; db[..., c] += dZ[i, y, x, c]; at the end the frame comes off.",
           "unpack the cache; pad A_prev; zeros for the gradients of padded input, W and b; four loops with top, left and patch as forward; three += lines; "
           "cut the frame off; return dA_prev, dW, db"),
    why="Backward visits the windows of the way forward. Whatever was used several times (a filter at all places, a pixel in several windows) gets the sum of its "
        "gradients.",
    after="A filter can learn now: gradients flow to its weights, and through it to the layer before.")

# --- pool_backward ---------------------------------------------------------------------------------------------------


def draw_pool_back(rng, m, h, w, c, f, stride, mode, ties=False):
    """With ties, few different whole numbers; the windows do not overlap then."""
    A_prev = draw_pool(rng, m, h, w, c, f, stride, mode)[0]
    if ties:
        A_prev = rng.integers(-2, 1, A_prev.shape).astype(float)
        A_prev[:, :f, :f] = 0  # as after a ReLU: a window that is 0 everywhere
    dA = numbers(rng, m, conv_output_size(h, f, 0, stride), conv_output_size(w, f, 0, stride), c)
    return dA + np.where(dA == 0, 0.5, 0), (A_prev, f, stride, mode)


def ties_even(args, value):
    """The answer, with every valid split among tied maxima made an even one: the shares may be any, their sum and their places may not."""
    dA, (A_prev, f, stride, mode) = args
    value = plain(value)
    if mode != "max" or f > stride or not isinstance(value, np.ndarray) or value.shape != A_prev.shape or value.dtype.kind != "f":
        return value
    for i, y, x, c in np.ndindex(dA.shape):
        window = i, slice(y * stride, y * stride + f), slice(x * stride, x * stride + f), c
        top = A_prev[window] == A_prev[window].max()
        split, whole = value[window], dA[i, y, x, c]
        if top.sum() > 1 and not split[~top].any() and np.isclose(split.sum(), whole, rtol=1e-4):
            value[window] = top * whole / top.sum()
    return value


def unpool_first(dA, cache):
    A_prev, f, stride, mode = cache
    dA_prev = np.zeros_like(A_prev)
    for i, y, x, c in np.ndindex(dA.shape):
        rows, columns = slice(y * stride, y * stride + f), slice(x * stride, x * stride + f)
        if mode == "max":
            k, l = np.unravel_index(np.argmax(A_prev[i, rows, columns, c]), (f, f))
            dA_prev[i, y * stride + k, x * stride + l, c] += dA[i, y, x, c]
        else:
            dA_prev[i, rows, columns, c] += np.ones((f, f)) * dA[i, y, x, c] / (f * f)
    return dA_prev


def unpool_last(dA, cache):
    A_prev, f, stride, mode = cache
    dA_prev = np.zeros(A_prev.shape, dtype=np.float32)
    m, n_h, n_w, n_c = dA.shape
    for i in range(m):
        for y in range(n_h):
            for x in range(n_w):
                for c in range(n_c):
                    window = A_prev[i, y * stride:y * stride + f, x * stride:x * stride + f, c]
                    where = [(a, b) for a in range(f) for b in range(f) if mode == "average" or window[a, b] == window.max()]
                    for a, b in where[-1:] if mode == "max" else where:
                        dA_prev[i, y * stride + a, x * stride + b, c] += dA[i, y, x, c] / (1 if mode == "max" else len(where))
    return dA_prev


def unpool_with_mask(dA, cache):
    A_prev, f, stride, mode = cache
    out = np.zeros(A_prev.shape)
    for i, y, x, c in np.ndindex(*dA.shape):
        part = out[i, y * stride:y * stride + f, x * stride:x * stride + f, c]
        if mode == "average":
            part += np.full((f, f), dA[i, y, x, c] / (f * f))
        else:
            window = A_prev[i, y * stride:y * stride + f, x * stride:x * stride + f, c]
            mask = window == np.max(window)
            part += mask * dA[i, y, x, c] / np.sum(mask)
    return out


def numerical_pool(dA, cache, eps=1e-6):
    """Gradient of sum(dA · A), by nudging every number of A_prev."""
    A_prev, found = cache[0], np.zeros(cache[0].shape)
    for index in np.ndindex(A_prev.shape):
        ends = []
        for sign in (1, -1):
            nudged = A_prev.copy()
            nudged[index] += sign * eps
            ends.append(np.sum(dA * pool_forward(nudged, *cache[1:])[0]))
        found[index] = (ends[0] - ends[1]) / (2 * eps)
    return {"dA_prev": found}


SHARE, MASK = "share * dA[:, y:y + 1, x:x + 1, :]", "window == window.max(axis=(1, 2), keepdims=True)"
POOL_BACKWARD = Exercise(
    ex.pool_backward, title="Pooling, backward", difficulty=3, importance=2, minutes=10,
    draw=draw_pool_back, returns="dA_prev", names=NAMES, observe=ties_even, numerical=numerical_pool,
    sizes=[POOLS[0], POOLS[1], {**POOLS[2], "ties": True}, *POOLS[2:7], POOLS[8], {**POOLS[4], "ties": True}],
    mistakes=[
        Mistake("full gradient to every tie", "Where several entries of a window are the maximum, each gets the whole gradient, so that it is counted twice or more. "
                "The shares have to add "
                "up to 1: split it, or choose one of them.", replace=("        share = mask / mask.sum(axis=(1, 2), keepdims=True)\n",
                                                                     '        share = mask if mode == "max" else mask / f ** 2\n')),
        Mistake("mask from everything", "The mask compares with the maximum of everything the window holds, all examples and channels together. Each example and each "
                "channel has its own maximum.",
                replace=[(MASK, "window == window.max()"), ("mask / mask.sum(axis=(1, 2), keepdims=True)",
                "mask / np.maximum(mask.sum(axis=(1, 2), keepdims=True), 1)")]),
        Mistake("mask from the whole array", "The mask compares with the maximum of the whole array. Each window has its own maximum.",
                replace=[(MASK, "window == A_prev.max()"), ("mask / mask.sum(axis=(1, 2), keepdims=True)",
                "mask / np.maximum(mask.sum(axis=(1, 2), keepdims=True), 1)")]),
        Mistake("mask from the whole image", "The mask compares with the maximum of the whole channel of the image. Each window has its own maximum.",
                replace=[(MASK, "window == A_prev.max(axis=(1, 2), keepdims=True)"),
                         ("mask / mask.sum(axis=(1, 2), keepdims=True)", "mask / np.maximum(mask.sum(axis=(1, 2), keepdims=True), 1)")]),
        Mistake("average not divided", "In mode \"average\" every entry of a window gets the whole gradient. Each had a share of 1 / f² in the average, so each gets "
                "that share of the "
                "gradient.", replace=("        share = mask / mask.sum(axis=(1, 2), keepdims=True)\n",
                                      '        share = mask / mask.sum(axis=(1, 2), keepdims=True) if mode == "max" else mask\n')),
        Mistake("divided by f", "In mode \"average\" the gradient is divided by f. A window holds f · f entries.",
                replace=("        share = mask / mask.sum(axis=(1, 2), keepdims=True)\n",
                         '        share = mask / mask.sum(axis=(1, 2), keepdims=True) if mode == "max" else mask / f\n')),
        Mistake("divided by the stride", "In mode \"average\" the gradient is divided by stride². A window holds f · f entries.",
                replace=("        share = mask / mask.sum(axis=(1, 2), keepdims=True)\n",
                         '        share = mask / mask.sum(axis=(1, 2), keepdims=True) if mode == "max" else mask / stride ** 2\n')),
        Mistake("overwritten", "Where windows overlap, the later one overwrites the earlier. An entry that lies in several windows gets the sum of what comes back.",
                replace=("left:left + f, :] += ", "left:left + f, :] = ")),
        Mistake("stride forgotten", "The gradient goes back to windows one pixel apart, whatever the stride is: window (y, x) began at y · stride, x · stride.",
                replace=("y * stride, x * stride", "y, x")),
        Mistake("f for the stride", "The windows are taken f apart. The stride need not be f: window (y, x) began at y · stride, x · stride.",
                replace=("y * stride, x * stride", "y * f, x * f")),
        Mistake("modes exchanged", "\"max\" shares the gradient evenly, and \"average\" sends it to the maximum.", replace=('mode == "max"', 'mode == "average"')),
        Mistake("maximum in both modes", "In both modes the gradient goes to the maximum.", replace=("mask = np.ones(window.shape)", f"mask = {MASK}")),
        Mistake("average in both modes", "In both modes the gradient is shared evenly. In mode \"max\" it goes to the maximum alone: the other entries had no influence.",
                replace=(MASK, "np.ones(window.shape)")),
        Mistake("gradient to the minimum", "The gradient goes to the smallest entry of each window.", replace=("window == window.max", "window == window.min")),
        Mistake("gradient to the whole window", "In mode \"max\" every entry of the window gets the whole gradient. Only the maximum had influence.",
                replace=[(MASK, "np.ones(window.shape)"), ("share = mask / mask.sum(axis=(1, 2), keepdims=True)",
                                                           'share = mask if mode == "max" else mask / f ** 2')]),
        Mistake("times the value", "The gradient is multiplied by the values of the window. The slope of a maximum with respect to its largest entry is 1, of an "
                "average 1 / f², "
                "whatever the values are.", replace=(SHARE, "window * " + SHARE)),
        Mistake("times the value in max", "In mode \"max\" the gradient is multiplied by the maximum itself. The slope of a maximum with respect to its largest entry "
                "is 1.",
                replace=("left:left + f, :] += share", 'left:left + f, :] += (window if mode == "max" else 1) * share')),
        Mistake("dA without influence on max", "In mode \"max\" the places are marked, but the gradient dA is missing as a factor.",
                replace=(SHARE, '(share if mode == "max" else ' + SHARE + ")")),
        Mistake("dA missing", "The shares are right, but the gradient dA is missing as a factor.", replace=(SHARE, "share")),
        Mistake("first channel's gradient", "All channels get the gradient of the first one.", replace=("x:x + 1, :]", "x:x + 1, :1]")),
        Mistake("first example's gradient", "All examples get the gradient of the first one.", replace=("dA[:, y:y + 1", "dA[:1, y:y + 1")),
        Mistake("rows and columns of the window exchanged", "The window begins at row x · stride and column y · stride: rows and columns have changed places.",
                replace=("y * stride, x * stride", "x * stride, y * stride")),
        Mistake("written to the corner", "In mode \"max\" the gradient lands in the upper left corner of the image: the place of the maximum is counted from the corner "
                "of its *window*, which "
                "begins at y · stride, x · stride.", function=altered(unpool_first, ("y * stride + k, x * stride + l", "k, l"))),
        Mistake("row and column of the maximum exchanged", "In mode \"max\" row and column of the maximum have changed places.",
                function=altered(unpool_first, ("k, l = np.unravel", "l, k = np.unravel"))),
        Mistake("first example's maximum", "In mode \"max\" the place of the maximum is always looked up in the first example.",
                function=altered(unpool_first, ("np.argmax(A_prev[i,", "np.argmax(A_prev[0,"))),
        Mistake("first channel's maximum", "In mode \"max\" the place of the maximum is always looked up in the first channel.",
                function=altered(unpool_first, ("rows, columns, c]), (f, f)", "rows, columns, 0]), (f, f)"))),
        Mistake("first channel's gradient in max", "In mode \"max\" all channels get the gradient of the first one.",
                function=altered(unpool_first, ("x * stride + l, c] += dA[i, y, x, c]", "x * stride + l, c] += dA[i, y, x, 0]"))),
        Mistake("first channel's gradient in average", "In mode \"average\" all channels get the gradient of the first one.",
                function=altered(unpool_first, ("np.ones((f, f)) * dA[i, y, x, c]", "np.ones((f, f)) * dA[i, y, x, 0]"))),
        Mistake("maximum of the whole channel", "In mode \"max\" the place of the maximum is looked up in the whole channel. Each window has its own.",
                function=altered(unpool_first, ("np.argmax(A_prev[i, rows, columns, c]), (f, f)", "np.argmax(A_prev[i, :, :, c]), A_prev.shape[1:3]"),
                                 ("y * stride + k, x * stride + l", "k, l"))),
        Mistake("f for the stride", "The windows are taken f apart. The stride need not be f: window (y, x) began at y · stride, x · stride.",
                function=altered(unpool_first, ("slice(y * stride, y * stride + f), slice(x * stride, x * stride + f)", "slice(y * f, y * f + f), slice(x * f, x * f + "
                "f)"),
                                 ("y * stride + k, x * stride + l", "y * f + k, x * f + l"),
                                 ("np.argmax(A_prev[i, rows, columns, c]), (f, f)", "np.argmax(A_prev[i, rows, columns, c]), A_prev[i, rows, columns, c].shape"))),
        Mistake("divided by the number of places", "In mode \"average\" the gradient is divided by the number of places. It is shared among the f · f entries of its "
                "window.",
                function=altered(unpool_first, ("/ (f * f)", "/ (dA.shape[1] * dA.shape[2])"))),
        Mistake("average into the corner", "In mode \"average\" the whole gradient goes to the upper left entry of the window. Each entry had a share of 1 / f².",
                function=altered(unpool_first, ("dA_prev[i, rows, columns, c] += np.ones((f, f)) * dA[i, y, x, c] / (f * f)", "dA_prev[i, y * stride, x * stride, c] += "
                "dA[i, y, x, c]"))),
        Mistake("average into all channels", "In mode \"average\" every channel gets the gradients of all channels.",
                function=altered(unpool_first, ("dA_prev[i, rows, columns, c] += np.ones((f, f)) * dA[i, y, x, c] / (f * f)", "dA_prev[i, rows, columns] += dA[i, y, x, "
                "c] / (f * f)"))),
        Mistake("maximum divided by f squared", "In mode \"max\" the gradient is divided by f · f. The maximum gets all of it; only an average shares.",
                replace=("left:left + f, :] += share", 'left:left + f, :] += (1 / f ** 2 if mode == "max" else 1) * share')),
        Mistake("maximum over all channels", "The mask compares with the maximum of all channels of the window. Each channel has its own maximum.",
                replace=[(MASK, "window == window.max(axis=(1, 2, 3), keepdims=True)"),
                         ("mask / mask.sum(axis=(1, 2), keepdims=True)", "mask / np.maximum(mask.sum(axis=(1, 2), keepdims=True), 1)")]),
        Mistake("compared with the gradient", "The mask compares the window with dA, the gradient. The maximum is looked for among the values of A_prev.",
                replace=[(MASK, "window == dA[:, y:y + 1, x:x + 1, :]"),
                         ("mask / mask.sum(axis=(1, 2), keepdims=True)", "mask / np.maximum(mask.sum(axis=(1, 2), keepdims=True), 1)")]),
        Mistake("shape of dA", "The answer is made with the shape of dA, the pooled map. It is the gradient of A_prev and has the shape of A_prev.",
                function=altered(unpool_with_mask, ("np.zeros(A_prev.shape)", "np.zeros(dA.shape)"))),
        Mistake("overwritten in max", "In mode \"max\" a later window overwrites what an earlier one has written. An entry that is the maximum of several windows gets "
                "the sum.",
                function=altered(unpool_first, ("x * stride + l, c] += ", "x * stride + l, c] = "))),
        Mistake("overwritten in average", "In mode \"average\" a later window overwrites what an earlier one has written. An entry that lies in several windows gets "
                "the sum.",
                function=altered(unpool_first, ("dA_prev[i, rows, columns, c] += ", "dA_prev[i, rows, columns, c] = "))),
        Mistake("absolute values compared", "The mask looks for the largest number without its sign.",
                replace=(MASK, "np.abs(window) == np.abs(window).max(axis=(1, 2), keepdims=True)")),
    ],
    unchanged={"sign of dA_prev": "−0 = 0", "sign of mask": "the sign cancels in the share"},
    right=[unpool_first, unpool_last, unpool_with_mask],
    hints=("Which entries of the window had influence on the number that came out, and how much? They get that share of the gradient.",
           "Mode \"max\": share 1 to the maximum (split among ties), 0 else. Mode \"average\": 1 / f² each. dA_prev of the window += share · dA[i, y, x, c].",
           "zeros like A_prev; loops over places (and examples and channels, if you like); the window; a mask of its maxima, or ones; mask divided by its sum; "
           "times dA, added to the window of dA_prev"),
    why="A mask divided by its sum does both modes at once: ones everywhere for the average, ones at the maxima for max.",
    after="Every layer of this lab now has a way back.")

# --- im2col ----------------------------------------------------------------------------------------------------------


def columns_by_views(X, f, stride):
    windows = np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, f * f * X.shape[3])


def columns_as_list(X, f, stride):
    rows = []
    for image in X:
        for top in range(0, image.shape[0] - f + 1, stride):
            for left in range(0, image.shape[1] - f + 1, stride):
                rows.append(image[top:top + f, left:left + f].ravel())
    return np.array(rows)


def columns_by_offsets(X, f, stride):
    m, h, w, c = X.shape
    n_h, n_w = (h - f) // stride + 1, (w - f) // stride + 1
    out = np.empty((m, n_h, n_w, f, f, c), dtype=np.float32)
    for i in range(f):
        for j in range(f):
            out[:, :, :, i, j] = X[:, i:i + stride * (n_h - 1) + 1:stride, j:j + stride * (n_w - 1) + 1:stride]
    return out.reshape(m * n_h * n_w, f * f * c)


IM2COL = Exercise(
    ex.im2col, title="All patches in one matrix", difficulty=3, importance=2, minutes=8,
    draw=lambda rng, m, h, w, c, f, stride: (numbers(rng, m, h, w, c), f, stride),
    sizes=sized("m h w c f stride", (1, 3, 4, 2, 2, 1), (2, 5, 4, 3, 2, 2), (3, 4, 7, 2, 3, 3), (2, 3, 5, 1, 3, 1), (2, 6, 5, 2, 2, 3)), returns="rows", names=NAMES,
               uses=[SIZE],
    mistakes=[
        Mistake("channels first in a row", "Within a row all entries of the first channel come first. In patch.ravel() the channel is the fastest: W.reshape has its "
                "rows in that order, and "
                "both have to agree.", replace=("patches.reshape(m, f * f * c)", "patches.transpose(0, 3, 1, 2).reshape(m, f * f * c)")),
        Mistake("columns first in a row", "Within a row the columns of the patch come before its rows. patch.ravel() goes row by row.",
                replace=("patches.reshape(m, f * f * c)", "patches.transpose(0, 2, 1, 3).reshape(m, f * f * c)")),
        Mistake("patches as columns", "Each patch is a column. Here each is a *row*, so that the filters, reshaped to columns, stand on the right of the product.",
                replace=("return rows.reshape(m * n_h * n_w, f * f * c)", "return rows.reshape(m * n_h * n_w, f * f * c).T")),
        Mistake("place before example", "The rows go place by place, and in each place example by example. They should go example by example, so that a reshape to (m, "
                "n_h, n_w, …) puts "
                "every answer where it belongs.", replace=("return rows.reshape", "return rows.transpose(1, 2, 0, 3).reshape")),
        Mistake("columns of places first", "The places go column by column. They should go row by row.", replace=("return rows.reshape", "return rows.transpose(0, 2, "
                "1, 3).reshape")),
        Mistake("stride forgotten", "The patches lie one pixel apart, whatever the stride is.", replace=("y * stride, x * stride", "y, x")),
        Mistake("stride of 1 throughout", "All patches are taken, as if the stride were 1.",
                replace=[("y * stride, x * stride", "y, x"), ("(h, f, 0, stride)", "(h, f, 0, 1)"), ("(w, f, 0, stride)", "(w, f, 0, 1)")]),
        Mistake("f for the stride", "The patches lie f apart, as in most pooling. The stride says how far.",
                replace=[("y * stride, x * stride", "y * f, x * f"), ("(h, f, 0, stride)", "(h, f, 0, f)"), ("(w, f, 0, stride)", "(w, f, 0, f)")]),
        Mistake("axes left apart", "The answer still has an axis each for example, row and column of places. One matrix is wanted: (m · n_h · n_w, f · f · c).",
                replace=("return rows.reshape(m * n_h * n_w, f * f * c)", "return rows")),
        Mistake("examples left apart", "The answer has an axis for the examples. One matrix is wanted: (m · n_h · n_w, f · f · c).",
                replace=("return rows.reshape(m * n_h * n_w, f * f * c)", "return rows.reshape(m, n_h * n_w, f * f * c)")),
        Mistake("patches left as blocks", "Each patch is still a block. It should be written out in one row: (m · n_h · n_w, f · f · c).",
                replace=("return rows.reshape(m * n_h * n_w, f * f * c)", "return rows.reshape(m * n_h * n_w, f, f, c)")),
        Mistake("height and width exchanged in the size", "n_h comes from the width and n_w from the height. The axes of X are (m, h, w, c).",
                replace=("m, h, w, c = X", "m, w, h, c = X")),
        Mistake("first channel only", "Only the first channel is there. A patch is as deep as the input.",
                replace=[("left:left + f, :]", "left:left + f, :1]"), ("np.zeros((m, n_h, n_w, f * f * c))", "np.zeros((m, n_h, n_w, f * f))"),
                         ("patches.reshape(m, f * f * c)", "patches.reshape(m, f * f)"), ("return rows.reshape(m * n_h * n_w, f * f * c)", "return rows.reshape(m * n_h "
                         "* n_w, f * f)")]),
        Mistake("first example only", "Only the patches of the first example are there.", replace=("return rows.reshape(m * n_h * n_w, f * f * c)",
                "return rows[0].reshape(n_h * n_w, f * f * c)")),
        Mistake("rows and columns of the patch exchanged", "The patch begins at row x · stride and column y · stride: rows and columns have changed places.",
                replace=("y * stride, x * stride", "x * stride, y * stride")),
        Mistake("size rounded up", "The number of places is rounded up, so that patches at the edge hang over it. Round down, as conv_output_size does.",
                replace=[("conv_output_size(h, f, 0, stride)", "-(-(h - f) // stride) + 1"), ("conv_output_size(w, f, 0, stride)", "-(-(w - f) // stride) + 1")]),
    ],
    unchanged={"ones in place": "every place is written", "sign of rows": "every place is written"},
    right=[columns_by_views, columns_as_list, columns_by_offsets],
    hints=("Cut the patches as in conv_forward, but do not weigh them: write each out as a row and put the rows below one another.",
           "(m, h, w, c) → (m · n_h · n_w, f · f · c); row i · n_h · n_w + y · n_w + x is X[i, y·s : y·s + f, x·s : x·s + f, :].ravel().",
           "zeros (m, n_h, n_w, f·f·c); for each place: the patches of all examples, reshaped to (m, f·f·c), written to rows[:, y, x]; at the end one reshape to a "
           "matrix"),
    why="A loop over places only: all examples are cut at once. Numbers are copied, each up to f² times: speed is bought with memory.",
    after="The loops are gone: a convolution is now one matrix product.")

EXERCISES = [STEP, PAD, SIZE, FORWARD, TRUE, PARAMETERS, POOL_FORWARD, BACKWARD, POOL_BACKWARD, IM2COL]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("depth", "An image (32, 32, 3) goes through a layer with ten filters of 5 × 5, pad 0 and stride 1. Which shape comes out?", {
        "a": ("(28, 28, 30)", "each filter sums over the three channels of its input; it does not give one map for each."),
        "b": ("(28, 28, 10)", "(32 − 5) / 1 + 1 = 28 places along each side, and one map for each filter."),
        "c": ("(27, 27, 10)", "the first place counts too: 27 steps, 28 places."),
        "d": ("(28, 28, 3)", "the number of output channels is the number of filters, not of input channels."),
    }, answer="b"),
    Quiz("sharing", "The same layer is laid on an image of 64 × 64 × 3 instead of 32 × 32 × 3. How many parameters does it have then?", {
        "a": ("four times as many", "there are about four times as many places, but all of them use the same weights."),
        "b": ("twice as many", "the side of the image does not occur in the count at all."),
        "c": ("as many as before", "the count knows the filter, its depth and the number of filters; a larger image only has more places."),
        "d": ("that depends on the stride", "the stride decides how many places there are, not how many weights."),
    }, answer="c"),
    Quiz("assumption", "Which of these data would a convolution suit least?", {
        "a": ("satellite pictures", "neighbouring pixels belong together, and a river is a river wherever it flows."),
        "b": ("a table of patients: age, weight, blood pressure, …", "its columns stand in an arbitrary order: neighbours mean nothing, and a pattern found in columns "
        "1 to 3 means nothing in columns 4 to 6."),
        "c": ("a sound, as pressure over time", "near moments belong together, and a click is a click whenever it comes: a convolution along one axis."),
        "d": ("photographs of leaves, the leaf anywhere in them", "the scattered digits in other clothes."),
    }, answer="b"),
]


def judge_detector(detector):
    W, b = (np.asarray(part, float) for part in detector())
    if W.shape != (5, 5, 1, 1) or b.size != 1:
        return False, f"W has shape {W.shape} and b {b.shape}; one filter is wanted, W (5, 5, 1, 1) and b (1, 1, 1, 1)."
    images, centres = marks(20, seed=2024)
    Z = (im2col(zero_pad(images, 2), 5, 1) @ W.reshape(25, 1) + b.item()).reshape(centres.shape)
    hits, false, missed = np.sum((Z > 0) & centres), np.sum((Z > 0) & ~centres), np.sum((Z <= 0) & centres)
    f1 = 2 * hits / (2 * hits + false + missed)
    return f1 >= 0.95, f"{hits} of {hits + missed} plus signs found, {false} false alarms: F1 {f1:.2f}; 0.95 is wanted."


CHALLENGE = Challenge(
    "plus_signs", "One filter that finds plus signs",
    "Write `plus_detector()` → W (5, 5, 1, 1), b (1, 1, 1, 1), so that W, laid on with pad 2, answers above 0 at the centre of each plus sign and nowhere else: F1 of at "
    "least 0.95 on fresh scenes.",
    judge_detector)
