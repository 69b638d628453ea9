"""Lab 05c: what its graders catch, what the lab promises, what its scenes are."""
import numpy as np
import pytest
from test_graders import graded

from labutils.labs.lab05c_detection_segmentation import graders
from labutils.labs.lab05c_detection_segmentation.exercises import decode_grid, iou, mean_iou, non_max_suppression
from labutils.scenes import make_scenes

IOU = ("def iou(box, boxes):\n    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])\n    s = np.maximum(high - low, 0)\n"
       "    both = s[:, 0] * s[:, 1]\n    return both / (np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - both)\n")
GRAM = "def gram_matrix(features):\n    h, w, c = features.shape\n    f = tf.reshape(features, (h * w, c))\n    return tf.transpose(f) @ f / (h * w)\n"


@pytest.fixture
def lab(labs):
    return labs["05c_detection_segmentation"]


@pytest.mark.parametrize("name, source, words", [
    ("iou", IOU.replace("np.maximum(high - low, 0)", "high - low"), "lie apart"),
    ("iou", IOU.replace(" - both)", ")"), "twice"),
    ("iou", IOU.replace("high - low, 0", "high - low + 1, 0"), "last pixel"),
    ("gram_matrix", GRAM.replace(" / (h * w)", ""), "not divided"),
    ("gram_matrix", GRAM.replace("tf.transpose(f) @ f", "f @ tf.transpose(f)"), "forgets where"),
])
def test_catches(lab, name, source, words):
    report = graded(lab, {"source": "import numpy as np\nimport tensorflow as tf\n" + source, "exercise": name})
    assert not report.passed and report.mistake and words in report.message


def test_scenes_are_what_they_say():
    images, boxes, classes, masks = make_scenes(30, seed=4)
    again = make_scenes(30, seed=4)[0]
    assert images.shape == (30, 64, 64, 1) and images.dtype == np.float32 and np.array_equal(images, again)
    for truth, names, mask in zip(boxes, classes, masks):
        assert len(truth) == len(names) >= 1
        for box, name in zip(truth.astype(int), names):
            part = mask[box[0]:box[2], box[1]:box[3]] == 1 + name
            assert part.any(axis=1)[[0, -1]].all() and part.any(axis=0)[[0, -1]].all()  # tight
        assert all(iou(b, np.delete(truth, k, axis=0)).max(initial=0) == 0 for k, b in enumerate(truth))


def test_ground_everywhere_fools_the_share_of_right_pixels_only():
    masks = make_scenes(40, part="test")[3]
    assert np.mean(masks == 0) > 0.85 and mean_iou(masks, 0 * masks, 11) < 0.1


def test_a_truth_in_the_grid_comes_back():
    grid = np.zeros((8, 8, 15))
    grid[2, 5, :5], grid[2, 5, 8] = (1, 0.5, 0.25, 0.25, 0.125), 1
    boxes, scores, classes = decode_grid(grid, 64, 0.5)
    assert boxes.tolist() == [[12, 38, 28, 46]] and scores.tolist() == [1] and classes.tolist() == [3]
    assert non_max_suppression(boxes, scores, 0.5).tolist() == [0]


def test_challenge_wants_tight_boxes_with_names():
    images, boxes, classes, _ = make_scenes(200, seed=1, part="test")
    assert graders.judge_boxes(lambda _: list(zip(boxes, classes)))[0]
    assert not graders.judge_boxes(lambda _: [(b + 3, c) for b, c in zip(boxes, classes)])[0]
    assert not graders.judge_boxes(lambda _: [(b, (c + 1) % 10) for b, c in zip(boxes, classes)])[0]
    reached, says = graders.judge_boxes(lambda _: [])
    assert not reached and "0 answers" in says
