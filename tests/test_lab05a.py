"""Lab 05a: the syllabus' mistakes by their words, ties in a max window, the scenes, the challenge."""
import inspect

import numpy as np
import pytest
from test_graders import graded

from labutils.exercise import strip_markers
from labutils.labs.lab05a_convolution import graders
from labutils.labs.lab05a_convolution.scenes import CELL, SHAPES, marks, scattered_digits

NAME = "05a_convolution"


@pytest.fixture
def lab(labs):
    return labs[NAME]


def with_edit(lab, exercise, *edits):
    """The reference as a learner would have it in a cell, with a slip."""
    source = strip_markers(lab.exercise(exercise).text)
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    return graded(lab, {"exercise": exercise, "source": source})


@pytest.mark.parametrize("exercise, edits, words", [
    ("conv_single_step", [("patch * W", "patch * W + b"), (" + b[0, 0, 0]", "")], "once for every entry"),
    ("conv_single_step", [("np.sum(products)", "np.sum(products, axis=(0, 1))")], "*and* channels"),
    ("conv_single_step", [("b[0, 0, 0]", "b")], "into a single place"),
    ("zero_pad", [("((0, 0), (pad, pad), (pad, pad), (0, 0))", "pad")], "Only height and width"),
    ("conv_output_size", [("(n + 2 * pad - f) // stride", "-(-(n + 2 * pad - f) // stride)")], "round *down*"),
    ("conv_output_size", [("//", "/")], "an int is wanted"),
    ("conv_forward", [("y * stride, x * stride", "y, x")], "one pixel apart"),
    ("conv_forward", [("top:top + f, left:left + f", "top:y + f, left:x + f")], "Both ends of the slice"),
    ("conv_forward", [("m, h, w, c_in", "m, w, h, c_in")], "n_h comes from the width"),
    ("conv_forward", [("W[..., c]", "W[c]")], "the first axis of W"),
    ("conv_forward", [("return Z, (A_prev,", "return Z, (padded,")], "got (an array of shape"),
    ("true_convolution", [("kernel[::-1, ::-1]", "kernel")], "cross-correlation"),
    ("true_convolution", [("kernel[::-1, ::-1]", "kernel[::-1]")], "flipped once only"),
    ("conv_parameter_count", [(" + 1", "")], "biases are missing"),
    ("pool_forward", [("window.max(axis=(1, 2))", "np.maximum(window, 0).max(axis=(1, 2))")], "begins at 0"),
    ("pool_forward", [("y * stride, x * stride", "y * f, x * f")], "f apart"),
    ("conv_backward", [("pad:pad + h, pad:pad + w", "pad:-pad, pad:-pad")], "an empty slice"),
    ("conv_backward", [("dW[..., c] +=", "dW[..., c] =")], "only the last one counts"),
    ("conv_backward", [("                    db[..., c] += dZ[i, y, x, c]\n", "")], "`db` is still 0"),
    ("conv_backward", [("patch = padded[i, top:top + f, left:left + f, :]", "patch = A_prev[i, top:top + f, left:left + f, :]")], "without its frame"),
    ("pool_backward", [("mask / mask.sum(axis=(1, 2), keepdims=True)", 'mask if mode == "max" else mask / f ** 2')], "add up to 1"),
    ("pool_backward", [("window == window.max(axis=(1, 2), keepdims=True)", "window == A_prev.max()"), ("mask.sum(axis=(1, 2), keepdims=True)",
                       "np.maximum(mask.sum(axis=(1, 2), keepdims=True), 1)")], "Each window has its own"),
    ("pool_backward", [("mask / mask.sum(axis=(1, 2), keepdims=True)", 'mask / mask.sum(axis=(1, 2), keepdims=True) if mode == "max" else mask')], "share of 1 / f²"),
    ("im2col", [("patches.reshape(m, f * f * c)", "patches.transpose(0, 3, 1, 2).reshape(m, f * f * c)")], "channel is the fastest"),
])
def test_catches_of_the_lab(lab, exercise, edits, words):
    report = with_edit(lab, exercise, *edits)
    assert not report.passed and report.mistake and words in report.message


@pytest.mark.parametrize("share, right", [
    ("mask / mask.sum()", True), ("(np.cumsum(mask).reshape(f, f) == 1) & mask", True), ("np.cumsum(mask).reshape(f, f) * mask / np.arange(1, mask.sum() + 1).sum()", True),
    ("1.0 * mask", False), ("mask / (f * f)", False), ("np.ones((f, f)) / f ** 2", False), ("0.9 * mask / mask.sum()", False)])
def test_any_split_among_tied_maxima_is_right_if_its_shares_add_up_to_one(lab, share, right):
    source = inspect.getsource(graders.unpool_with_mask).replace("mask * dA[i, y, x, c] / np.sum(mask)", f"({share}) * dA[i, y, x, c]")
    report = graded(lab, {"exercise": "pool_backward", "source": source.replace("def unpool_with_mask", "def pool_backward")})
    assert report.passed == right


def test_scattered_digits_are_the_same_digits_in_the_middle_and_elsewhere():
    scattered, centred = scattered_digits(1), scattered_digits(1, centred=True)
    assert scattered[0].shape == (1000, 16, 16, 1) and scattered[2].shape == (797, 16, 16, 1)
    for a, b in zip(scattered, centred):
        assert np.allclose(np.sum(a, axis=tuple(range(1, a.ndim))), np.sum(b, axis=tuple(range(1, b.ndim))))
    assert not centred[0][:, :4].any() and scattered[0][:, :4].any()


def test_marks_stand_where_they_are_said_to():
    images, centres = marks(5, seed=3)
    assert images.shape == (5, 40, 40, 1) and 10 < centres.sum() < 45
    for i, y, x in np.argwhere(centres):
        assert np.abs(images[i, y - 2:y + 3, x - 2:x + 3, 0] - SHAPES["plus"]).mean() < 0.3 and CELL == 8


def test_the_challenge_wants_more_than_the_shape_of_a_plus():
    plus = np.array(SHAPES["plus"], float)[:, :, None, None]
    weighed = np.full((5, 5, 1, 1), -0.5)
    weighed[2], weighed[:, 2], weighed[:2, 2] = 1, 1, 2
    assert not graders.judge_detector(lambda: (plus, np.full((1, 1, 1, 1), -7.5)))[0]
    assert graders.judge_detector(lambda: (weighed, np.full((1, 1, 1, 1), -9.0)))[0]
    assert "one filter is wanted" in graders.judge_detector(lambda: (plus[:3], plus[:1, :1]))[1]
