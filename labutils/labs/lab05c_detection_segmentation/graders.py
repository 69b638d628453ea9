"""What the graders of lab 05c know: cases, mistakes, right versions, hints."""
import keras
import numpy as np
import tensorflow as tf

from labutils import anatomy
from labutils.answers import FINE
from labutils.calling import NOTHING, Fault, plain
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz
from labutils.scenes import make_scenes

from . import exercises as ex
from .exercises import gram_matrix, iou

BOXES = {"n": "the number of boxes"}

# --- iou -------------------------------------------------------------------------------------------------------------


def some_boxes(rng, n, size=20):
    """Boxes that overlap in part, some of them not at all, height and width different."""
    centres, sides = rng.uniform(3, size - 3, (n, 2)), rng.uniform(2, 9, (n, 2))
    return np.round(np.concatenate([centres - sides / 2, centres + sides / 2], axis=1), 1)


def draw_iou(rng, n):
    box = some_boxes(rng, 1)[0]
    boxes = np.concatenate([some_boxes(rng, n), box[None] + [[0.5, 1, 0.5, 1], [1, -1, 2, 1]], [box[[2, 3, 2, 3]] + [0.5, 0.5, 3, 4]],
                            [[box[0] + 0.2, box[3] + 1, box[2], box[3] + 3]]])
    return box, boxes[rng.permutation(len(boxes))][:max(n, 1)] if n < 3 else boxes


def iou_by_loop(box, boxes):
    out = np.zeros(len(boxes))
    for i, (y1, x1, y2, x2) in enumerate(boxes):
        h, w = min(y2, box[2]) - max(y1, box[0]), min(x2, box[3]) - max(x1, box[1])
        if h > 0 and w > 0:
            out[i] = h * w / ((y2 - y1) * (x2 - x1) + (box[2] - box[0]) * (box[3] - box[1]) - h * w)
    return out


def iou_by_corners(a, b):
    y1, x1, y2, x2 = b.T
    inner = np.clip(np.minimum(y2, a[2]) - np.maximum(y1, a[0]), 0, None) * np.clip(np.minimum(x2, a[3]) - np.maximum(x1, a[1]), 0, None)
    return inner / (np.prod(b[:, 2:] - b[:, :2], axis=1) + np.prod(a[2:] - a[:2]) - inner)


def iou_in_float32(box, boxes):
    box, boxes = box.astype(np.float32), boxes.astype(np.float32)
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    both = np.prod(np.where(high > low, high - low, 0), axis=1)
    either = np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - both
    return both / either


def iou_inclusive(box, boxes):
    sides = np.maximum(np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2]) + 1, 0)
    both = sides[:, 0] * sides[:, 1]
    return both / (np.prod(box[2:] - box[:2] + 1) + np.prod(boxes[:, 2:] - boxes[:, :2] + 1, axis=1) - both)


def iou_of_sides(box, boxes):
    top_left = np.maximum(box[:2], boxes[:, :2])
    bottom_right = np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:])
    sides = np.maximum(bottom_right - top_left, 0)
    both = sides[:, 0] * sides[:, 1]
    return both / (box[2] * box[3] + boxes[:, 2] * boxes[:, 3] - both)


def iou_hull_in_y(box, boxes):
    h = np.maximum(box[2], boxes[:, 2]) - np.minimum(box[0], boxes[:, 0])
    w = np.maximum(np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1]), 0)
    return h * w / (np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - h * w)


IOU = Exercise(
    ex.iou, title="How much two boxes share", difficulty=2, importance=3, minutes=10,
    draw=draw_iou, sizes=[{"n": 1}, {"n": 2}, {"n": 5}, {"n": 12}], returns="iou", names=BOXES, race={"n": 2000},
    mistakes=[
        Mistake("sides below 0", "Boxes that lie apart get something too: where they do not overlap, the height or width of the intersection comes out below 0, and two such "
                "sides even multiply to a positive area. Cut each side off at 0.", replace=("np.maximum(bottom_right - top_left, 0)", "bottom_right - top_left")),
        Mistake("cut only in the product", "The product of the sides is cut off at 0, not the sides: two negative sides multiply to a positive area.",
                replace=[("np.maximum(bottom_right - top_left, 0)", "bottom_right - top_left"), ("sides[:, 0] * sides[:, 1]", "np.maximum(sides[:, 0] * sides[:, 1], 0)")]),
        Mistake("intersection counted twice", "The union is the sum of both areas, so what both share is in it twice. It has to be taken off once.",
                replace=("area + areas - intersection", "area + areas")),
        Mistake("intersection alone", "That is the area that both share. IoU compares it with the area that either covers.",
                replace=("intersection / (area + areas - intersection)", "intersection")),
        Mistake("over the box's own area", "It is divided by the area of `box` alone. A huge box would then overlap everything well; the union keeps it fair.",
                replace=("(area + areas - intersection)", "area")),
        Mistake("over the other box's area", "It is divided by the areas of `boxes` alone, not by the union.", replace=("(area + areas - intersection)", "areas")),
        Mistake("over the smaller area", "It is divided by the smaller of the two areas, not by the union.", replace=("(area + areas - intersection)", "np.minimum(area, "
                "areas)")),
        Mistake("over the larger area", "It is divided by the larger of the two areas, not by the union.", replace=("(area + areas - intersection)", "np.maximum(area, "
                "areas)")),
        Mistake("corners of the hull", "The larger and the smaller of the corners have changed places: that is the box around both, not what they share.",
                replace=[("np.maximum(box[:2]", "np.minimum(box[:2]"), ("np.minimum(box[2:]", "np.maximum(box[2:]")]),
        Mistake("pixels counted inclusively", "Each side comes out 1 too long, as if the last pixel belonged to the box. Here y_max and x_max are where the box ends.",
                function=iou_inclusive),
        Mistake("intersection counted inclusively", "Each side of the intersection comes out 1 too long, as if the last pixel belonged to the box. Here y_max and x_max are "
                "where "
                "the box ends.", replace=("np.maximum(bottom_right - top_left, 0)", "np.maximum(bottom_right - top_left + 1, 0)")),
        Mistake("hull in one direction", "In one direction the larger and the smaller of the corners have changed places: the intersection begins at the later beginning "
                "and ends at the "
                "earlier end, in y and in x.", function=iou_hull_in_y),
        Mistake("boxes as corner and sides", "The last two numbers are used as height and width. Here a box is (y_min, x_min, y_max, x_max): two "
                "corners.", function=iou_of_sides),
        Mistake("corner and sides in the intersection", "For the intersection the last two numbers are used as height and width. Here a box is (y_min, x_min, y_max, "
                "x_max): two corners.",
                replace=("np.minimum(box[2:], boxes[:, 2:])", "np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:])")),
        Mistake("sides added", "The sides of the intersection are added, not multiplied to an area.", replace=("sides[:, 0] * sides[:, 1]", "sides[:, 0] + sides[:, 1]")),
        Mistake("distance for likeness", "That is 1 minus the IoU, a distance. Boxes that are equal have IoU 1.",
                replace=("intersection / (area + areas - intersection)", "1 - intersection / (area + areas - intersection)")),
        Mistake("Dice", "That is twice the intersection over the sum of the areas, the Dice coefficient. IoU is the intersection over the union.",
                replace=("intersection / (area + areas - intersection)", "2 * intersection / (area + areas)")),
        Mistake("order of the coordinates", "The area is made of the wrong pairs: sides are y_max − y_min and x_max − x_min, the numbers at places 0 and 2, 1 and 3.",
                replace=("(box[2] - box[0]) * (box[3] - box[1])", "(box[1] - box[0]) * (box[3] - box[2])")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "sign of sides": "two minus signs cancel in the product", "-1 in place of 1": "the last of two"},
    right=[iou_by_loop, iou_by_corners, iou_in_float32],
    hints=("Two boxes share a box: it begins at the later of the two beginnings and ends at the earlier of the two ends, in each direction.",
           "sides = min of the ends − max of the beginnings, at least 0; I = height · width; IoU = I / (A + B − I), (n,).",
           "top_left = np.maximum of the first two numbers; bottom_right = np.minimum of the last two; sides = difference, cut at 0; intersection; both areas; the fraction"),
    why="max and min with broadcasting treat all n boxes at once. Cutting at 0 is what makes boxes that lie apart share nothing.",
    after="One number says how well a box fits.")

# --- non_max_suppression ---------------------------------------------------------------------------------------------


def draw_suppression(rng, n):
    """Boxes around a few places, so that many overlap, with a chain in which a dropped box overlaps a kept one."""
    seeds = some_boxes(rng, max(n // 3, 1), 40)
    boxes = seeds[rng.integers(0, len(seeds), n)] + np.round(rng.uniform(-1.2, 1.2, (n, 4)), 1)
    scores = rng.permutation(np.linspace(0.15, 0.95, n)) if n > 1 else np.array([0.7])
    return boxes, np.round(scores, 3), float(rng.choice([0.2, 0.35, 0.5, 0.65]))


CHAIN = np.array([[0, 0, 10, 10], [0, 4, 10, 14], [0, 8, 10, 18], [30, 30, 40, 40], [0, 12, 10, 22.0]])


def observe_indices(args, value):
    """Indices as an array; a list is fine, a mask or boxes are not."""
    value = plain(value)
    if isinstance(value, list | tuple) and all(isinstance(v, int | np.integer) or isinstance(v, np.ndarray) and v.ndim == 0 for v in value):
        value = np.array([int(v) for v in value], int)
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return Fault("A mask of True and False comes back. Indices are wanted, the best score first.", "a mask for indices")
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return Fault("Boxes come back. Indices are wanted, so that scores and classes can be picked by them as well.", "boxes for indices")
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind == "f" and value.size and not np.array_equal(value, np.round(value)):
        return Fault("Scores come back. Indices are wanted.", "scores for indices")
    return value if not isinstance(value, np.ndarray) else value.astype(float)


def suppression_by_mask(boxes, scores, iou_threshold):
    alive, kept = np.ones(len(boxes), bool), []
    while alive.any():
        best = max(np.flatnonzero(alive), key=lambda i: scores[i])
        kept.append(int(best))
        alive &= iou(boxes[best], boxes) <= iou_threshold
        alive[best] = False
    return kept


def suppression_by_asking_the_kept(boxes, scores, iou_threshold):
    kept = []
    for i in sorted(range(len(scores)), key=lambda i: -scores[i]):
        if not kept or iou(boxes[i], boxes[kept]).max() <= iou_threshold:
            kept.append(i)
    return np.array(kept, dtype=np.int32)


def suppression_by_recursion(boxes, scores, iou_threshold):
    def go(left):
        return [] if not len(left) else [left[0], *go(left[1:][iou(boxes[left[0]], boxes[left[1:]]) <= iou_threshold])]

    return np.asarray(go(np.argsort(scores)[::-1]), int)


def suppressed_by_the_dropped(boxes, scores, iou_threshold):
    order, kept = np.argsort(-scores), []
    for a, i in enumerate(order):
        if a == 0 or iou(boxes[i], boxes[order[:a]]).max() <= iou_threshold:
            kept.append(i)
    return np.array(kept, int)


def positions_in_the_order(boxes, scores, iou_threshold):
    boxes, kept = boxes[np.argsort(-scores)], []
    for i in range(len(boxes)):
        if not kept or iou(boxes[i], boxes[kept]).max() <= iou_threshold:
            kept.append(i)
    return np.array(kept, int)


def only_against_the_best(boxes, scores, iou_threshold):
    order = np.argsort(-scores)
    if not len(order):
        return order
    rest = order[1:]
    return np.concatenate([order[:1], rest[iou(boxes[order[0]], boxes[rest]) <= iou_threshold]])


SUPPRESSION = Exercise(
    ex.non_max_suppression, title="One box for one thing", difficulty=2, importance=3, minutes=12,
    draw=draw_suppression, sizes=[{"n": 2}, {"n": 6}, {"n": 12}, {"n": 20}], returns="kept", observe=observe_indices, names=BOXES,
    extra=[Case((np.zeros((0, 4)), np.zeros(0), 0.5), {"n": 0}, label="no boxes at all"), Case((CHAIN, np.array([0.9, 0.8, 0.7, 0.3, 0.6]), 0.3), {"n": 5}),
           Case((CHAIN[::-1].copy(), np.array([0.55, 0.3, 0.7, 0.8, 0.9]), 0.3), {"n": 5})],
    mistakes=[
        Mistake("worst first", "The boxes are taken from the worst score to the best, so that bad boxes drop good "
                "ones.", replace=("np.argsort(-scores)", "np.argsort(scores)")),
        Mistake("turned round", "What overlaps much is kept, and what does not is dropped: it should be the other way.", replace=("<= iou_threshold", "> iou_threshold")),
        Mistake("any overlap drops", "Every box that touches a better one is dropped, however little they share: the threshold has no part in it.",
                replace=("<= iou_threshold", "<= 0")),
        Mistake("threshold of one's own", "The threshold is ½, whatever iou_threshold says.", replace=("<= iou_threshold", "<= 0.5")),
        Mistake("dropped boxes drop others", "A box that was dropped still drops others. Only boxes that are *kept* count: the second best may be gone, and what overlaps "
                "only "
                "it has to stay.", function=suppressed_by_the_dropped),
        Mistake("compared with the best only", "Boxes are compared with the best box only. Each box that is kept then drops its own "
                "neighbours.", function=only_against_the_best),
        Mistake("places in the sorted list", "These are places in the list sorted by score. The indices of the boxes as they were given are "
                "wanted.", function=positions_in_the_order),
        Mistake("sorted by index", "The right boxes, but in the order of their indices. The best score comes first.",
                replace=("return np.array(kept, int)", "return np.array(sorted(kept), int)")),
        Mistake("only the best", "Only the single best box is kept.", replace=("    while len(left):", "    if len(left):")),
        Mistake("scores not looked at", "The boxes are taken in the order in which they were given: the scores have no part in it.",
                replace=("np.argsort(-scores)", "np.arange(len(scores))")),
        Mistake("nothing dropped", "Nothing is dropped.", replace=("left[iou(boxes[best], boxes[left]) <= iou_threshold]", "left")),
        Mistake("boxes for indices", "Boxes come back. Indices are wanted, so that scores and classes can be picked by them as well.",
                replace=("return np.array(kept, int)", "return boxes[np.array(kept, int)]")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", "int left out": "floats that are whole numbers are fine here", "< in place of <=": "no IoU is "
    "exactly the "
               "threshold", "argument int": "floats that are whole numbers are fine here", "conversion": "whole numbers already", "array left out": "a list is fine", "kept "
               "returned": "a list is fine"},
    right=[suppression_by_mask, suppression_by_asking_the_kept, suppression_by_recursion],
    hints=("The best box stays. Whoever overlaps it too much goes. Of those that are left, again the best stays.",
           "order by score; while any are left: keep the first; the rest is what has IoU ≤ threshold with it.",
           "left = indices sorted by minus the score; kept = []; while left: best, rest; append best; left = rest where iou(boxes[best], boxes[rest]) is at most the "
           "threshold"),
    why="Greedy, and good enough: every dropped box has a better one beside it that stands for it.",
    after="One box a thing.")

# --- sliding_windows -------------------------------------------------------------------------------------------------


def draw_windows(rng, h, w, c, size, stride):
    return np.round(rng.normal(0, 1, (h, w, c) if c else (h, w)), 2), size, stride


def windows_by_view(image, size, stride):
    view = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))[::stride, ::stride]
    view = np.moveaxis(view, 2, -1) if image.ndim == 3 else view
    y, x = (k * stride for k in np.indices(view.shape[:2]).reshape(2, -1))
    return view.reshape(-1, *view.shape[2:]), np.stack([y, x, y + size, x + size], axis=1).astype(float)


def windows_by_count(image, size, stride):
    n_y, n_x = ((n - size) // stride + 1 for n in image.shape[:2])
    corners = [(i // n_x * stride, i % n_x * stride) for i in range(n_y * n_x)]
    return np.stack([image[y:y + size, x:x + size] for y, x in corners]), np.array([[y, x, y + size, x + size] for y, x in corners])


def windows_with_while(picture, side, step):
    cut, boxes, y = [], [], 0
    while y + side <= len(picture):
        x = 0
        while x + side <= picture.shape[1]:
            cut.append(picture[y:y + side, x:x + side].astype(np.float32))
            boxes.append(np.array([y, x, y + side, x + side], np.float32))
            x += step
        y += step
    return np.array(cut), np.array(boxes)


def windows_by_column(image, size, stride):
    windows, boxes = [], []
    for x in range(0, image.shape[1] - size + 1, stride):
        for y in range(0, image.shape[0] - size + 1, stride):
            windows.append(image[y:y + size, x:x + size])
            boxes.append((y, x, y + size, x + size))
    return np.array(windows), np.array(boxes)


WINDOWS = Exercise(
    ex.sliding_windows, title="A window that slides", difficulty=1, importance=2, minutes=8,
    draw=draw_windows,
    sizes=[{"h": 4, "w": 5, "c": 0, "size": 3, "stride": 1}, {"h": 7, "w": 5, "c": 2, "size": 2, "stride": 2}, {"h": 9, "w": 12, "c": 1, "size": 4, "stride": 3},
                              {"h": 6, "w": 11, "c": 3, "size": 5, "stride": 2}],
    returns=("windows", "boxes"), names={"h": "the height", "w": "the width"},
    mistakes=[
        Mistake("the last windows are missing", "The windows at the lower and right edge are missing: the last one may begin at h − size, and a range leaves its end out.",
                replace=[("image.shape[0] - size + 1", "image.shape[0] - size"), ("image.shape[1] - size + 1", "image.shape[1] - size")]),
        Mistake("stride not used", "The window moves by one pixel, whatever the stride is.",
                replace=[("image.shape[0] - size + 1, stride", "image.shape[0] - size + 1"), ("image.shape[1] - size + 1, stride", "image.shape[1] - size + 1")]),
        Mistake("moves by its own size", "The window moves by its own size, so windows never overlap. It moves by `stride`.",
                replace=[("image.shape[0] - size + 1, stride", "image.shape[0] - size + 1, size"), ("image.shape[1] - size + 1, stride", "image.shape[1] - size + 1, size")]),
        Mistake("x before y", "In the boxes x stands before y. In this lab a box is (y_min, x_min, y_max, x_max).",
                replace=("(y, x, y + size, x + size)", "(x, y, x + size, y + size)")),
        Mistake("corner and sides", "The boxes hold a corner and the sides. Two corners are wanted: (y_min, x_min, y_max, x_max).",
                replace=("(y, x, y + size, x + size)", "(y, x, size, size)")),
        Mistake("boxes end a pixel early", "The boxes end one pixel early: y_max = y_min + size, where the window ends, not its last pixel.",
                replace=("(y, x, y + size, x + size)", "(y, x, y + size - 1, x + size - 1)")),
        Mistake("column by column", "The windows stand column of windows by column. Row by row is asked for: y is the outer loop.", function=windows_by_column),
        Mistake("rows and columns exchanged", "The windows are cut at (x, y) instead of (y, x): the first axis of an image is y.",
                replace=("image[y:y + size, x:x + size]", "image[x:x + size, y:y + size]")),
        Mistake("results exchanged", "Windows come first, then their boxes.", replace=("np.array(windows), np.array(boxes)", "np.array(boxes), np.array(windows)")),
        Mistake("windows laid flat", "Each window is laid flat. They keep their shape: (n, size, size) or (n, size, size, c).",
                replace=("image[y:y + size, x:x + size])", "image[y:y + size, x:x + size].ravel())")),
        Mistake("height for width", "The columns run over the height of the image.", replace=("image.shape[1]", "image.shape[0]")),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other"},
    right=[windows_by_view, windows_by_count, windows_with_while],
    hints=("The upper left corner of a window walks over the image, row by row, `stride` pixels at a time, as long as the window fits.",
           "y = 0, stride, 2·stride … ≤ h − size, the same for x; window = image[y : y+size, x : x+size].",
           "two nested loops over ranges up to h - size + 1 and w - size + 1 with step stride; append the slice and the four numbers; arrays of both"),
    why="`range` leaves its end out, so it ends at h − size + 1. Slices take all channels along by themselves.",
    after="Every place gets looked at. That is thorough, and slow.")

# --- decode_grid -----------------------------------------------------------------------------------------------------


def draw_grid(rng, g, n_classes, image_size):
    prediction = rng.uniform(0.05, 0.95, (g, g, 5 + n_classes))
    prediction[..., 3:5] *= 0.5
    threshold = float(np.round(np.quantile(prediction[..., 0], 0.6), 3)) if g > 1 else 0.01
    return np.round(prediction, 3), image_size, threshold


def grid_by_loop(prediction, image_size, threshold):
    g, boxes, scores, classes = len(prediction), [], [], []
    for i in range(g):
        for j in range(g):
            objectness, dy, dx, h, w, *rest = prediction[i, j]
            if objectness > threshold:
                y, x = (i + dy) / g - h / 2, (j + dx) / g - w / 2
                boxes.append([y, x, y + h, x + w])
                scores.append(objectness)
                classes.append(rest.index(max(rest)))
    return image_size * np.array(boxes, float).reshape(-1, 4), np.array(scores), np.array(classes, int)


def grid_by_mask(prediction, image_size, threshold):
    g = len(prediction)
    cells = np.stack(np.mgrid[:g, :g], axis=-1)
    mask = prediction[..., 0] > threshold
    centre, half = ((cells + prediction[..., 1:3]) / g)[mask], prediction[mask][:, 3:5] / 2
    return np.hstack([centre - half, centre + half]) * image_size, prediction[mask][:, 0], np.argmax(prediction[mask][:, 5:], axis=-1)


def grid_flat(prediction, image_size, threshold):
    g = prediction.shape[0]
    flat = prediction.reshape(g * g, -1).astype(np.float32)
    k = np.where(flat[:, 0] > np.float32(threshold))[0]
    cell = image_size / g
    cy, cx = cell * (k // g + flat[k, 1]), cell * (k % g + flat[k, 2])
    h, w = image_size * flat[k, 3], image_size * flat[k, 4]
    return np.array([cy - h / 2, cx - w / 2, cy + h / 2, cx + w / 2]).T, flat[k, 0], flat[k, 5:].argmax(axis=1)


GRID = Exercise(
    ex.decode_grid, title="From a grid to boxes", difficulty=3, importance=3, minutes=15,
    draw=draw_grid, sizes=[{"g": 2, "n_classes": 2, "image_size": 10}, {"g": 3, "n_classes": 4, "image_size": 48}, {"g": 5, "n_classes": 3, "image_size": 64}],
    returns=("boxes", "scores", "classes"), names={"g": "the number of cells along a side", "n_classes": "the number of classes"},
    extra=[Case((np.full((2, 2, 8), 0.3), 16, 0.5), {"g": 2}, label="no cell above the threshold")],
    mistakes=[
        Mistake("cell forgotten", "The place of the cell is missing: dy and dx count from the cell's own corner, so the cell's row and column have to be added.",
                replace=[("(rows + said[:, 1])", "said[:, 1]"), ("(columns + said[:, 2])", "said[:, 2]")]),
        Mistake("rows and columns exchanged", "Rows and columns have changed places: the row of a cell gives y, its column x.",
                replace=[("(rows + said[:, 1])", "(columns + said[:, 1])"), ("(columns + said[:, 2])", "(rows + said[:, 2])")]),
        Mistake("dy and dx exchanged", "dy and dx have changed places: number 1 of a cell is dy, number 2 is dx.",
                replace=[("rows + said[:, 1]", "rows + said[:, 2]"), ("columns + said[:, 2]", "columns + said[:, 1]")]),
        Mistake("height and width exchanged", "Height and width have changed places: number 3 of a cell is h, number 4 is w.",
                replace=("said[:, 3] * image_size, said[:, 4] * image_size", "said[:, 4] * image_size, said[:, 3] * image_size")),
        Mistake("sides in cells", "h and w are taken as cells. They are fractions of the whole image's side.",
                replace=("said[:, 3] * image_size, said[:, 4] * image_size", "said[:, 3] * image_size / g, said[:, 4] * image_size / g")),
        Mistake("centre in cells", "The centre stays in cells; in pixels a cell is image_size / g long.",
                replace=[("(rows + said[:, 1]) * image_size / g", "(rows + said[:, 1])"), ("(columns + said[:, 2]) * image_size / g", "(columns + said[:, 2])")]),
        Mistake("offsets in the image", "dy and dx are taken as fractions of the image. They are fractions of a cell.",
                replace=[("(rows + said[:, 1]) * image_size / g", "(rows / g + said[:, 1]) * image_size"), ("(columns + said[:, 2]) * image_size / g",
                                                                                                         "(columns / g + said[:, 2]) * image_size")]),
        Mistake("whole sides from the centre", "The corners lie a whole side away from the centre. Half of it belongs to each side.",
                replace=("[y - h / 2, x - w / 2, y + h / 2, x + w / 2]", "[y - h, x - w, y + h, x + w]")),
        Mistake("centre taken as corner", "The centre is used as the upper left corner. The box reaches half its sides to all directions from it.",
                replace=("[y - h / 2, x - w / 2, y + h / 2, x + w / 2]", "[y, x, y + h, x + w]")),
        Mistake("centre and sides", "The boxes hold centre and sides. Corners are wanted: (y_min, x_min, y_max, x_max).",
                replace=("[y - h / 2, x - w / 2, y + h / 2, x + w / 2]", "[y, x, h, w]")),
        Mistake("x before y", "In the boxes x stands before y.", replace=("[y - h / 2, x - w / 2, y + h / 2, x + w / 2]", "[x - w / 2, y - h / 2, x + w / 2, y + h / 2]")),
        Mistake("threshold turned round", "The cells *below* the threshold are taken.", replace=("> threshold", "< threshold")),
        Mistake("threshold on the class scores", "The threshold is put to the class scores. It belongs to the objectness, number 0 of a cell.",
                replace=("prediction[..., 0] > threshold", "prediction[..., 5:].max(axis=-1) > threshold")),
        Mistake("classes counted from 5", "The classes are 5 too large: the first class score stands at place 5, but the classes count from 0.",
                replace=("said[:, 5:].argmax(axis=1)\n", "said[:, 5:].argmax(axis=1) + 5\n")),
        Mistake("class among all numbers", "The largest of *all* numbers of a cell is looked for. The class scores begin at place 5.", replace=("said[:, "
                "5:].argmax", "said.argmax")),
        Mistake("class score for objectness", "The scores are those of the classes. The objectness is wanted, number 0 of a cell.",
                replace=("return boxes, said[:, 0]", "return boxes, said[:, 5:].max(axis=1)")),
        Mistake("half a cell too far", "The centre lies half a cell too far: dy and dx count from the cell's corner, not from its middle.",
                replace=[("(rows + said[:, 1])", "(rows + 0.5 + said[:, 1])"), ("(columns + said[:, 2])", "(columns + 0.5 + said[:, 2])")]),
        Mistake("fractions for pixels", "The boxes are fractions of the image. Pixels are wanted: times image_size.",
                replace=("], axis=1)\n", "], axis=1) / image_size\n")),
    ],
    unchanged={"steps exchanged": "the steps do not depend on each other", ">= in place of >": "no objectness is exactly the threshold", "-1 in place of 1": "the last axis "
    "is axis 1",
               "1 in place of 0": "the grid is square", "factors": "the product is the same"},
    right=[grid_by_loop, grid_by_mask, grid_flat],
    hints=("Each cell speaks about the box whose centre lies in it: where in the cell, how large, what.",
           "cy = (row + dy) · image_size/g, cx likewise; height = h · image_size; corners = centre ∓ half the sides; class = argmax of the numbers from place 5 on.",
           "rows, columns = np.nonzero of objectness above threshold; pick those cells; centres, sides in pixels; np.stack of the four corners along axis 1; objectness; "
           "argmax"),
    why="Offsets in cells are between 0 and 1 for every cell, so the same numbers mean the same everywhere in the image: that is what lets a convolution say them.",
    after="A net can now say where things are.")

# --- mean_iou --------------------------------------------------------------------------------------------------------


def draw_masks(rng, m, h, w, n_classes):
    """Masks in which one class is absent and one is in the predictions alone."""
    labels = rng.choice(max(n_classes - 2, 1), (m, h, w), p=None)
    predictions = np.where(rng.random((m, h, w)) < 0.6, labels, rng.integers(0, max(n_classes - 1, 1), (m, h, w)))
    return labels, predictions, n_classes


def mean_iou_by_counts(labels, predictions, n_classes):
    table = np.zeros((n_classes, n_classes))
    np.add.at(table, (labels.ravel(), predictions.ravel()), 1)
    both = np.diag(table)
    either = table.sum(axis=0) + table.sum(axis=1) - both
    return np.mean(both[either > 0] / either[either > 0])


def mean_iou_by_sets(labels, predictions, n_classes):
    total, n = 0.0, 0
    for c in set(labels.ravel().tolist()) | set(predictions.ravel().tolist()):
        a, b = ({*np.flatnonzero(x == c).tolist()} for x in (labels, predictions))
        total, n = total + len(a & b) / len(a | b), n + 1
    return np.float32(total / n)


def mean_iou_with_nan(labels, predictions, n_classes):
    one = np.arange(n_classes)[:, None]
    a, b = labels.reshape(1, -1) == one, predictions.reshape(1, -1) == one
    either = (a | b).sum(axis=1).astype(float)
    either[either == 0] = np.nan
    return np.array(np.nanmean((a & b).sum(axis=1) / either))


MEAN_IOU = Exercise(
    ex.mean_iou, title="How well masks agree", difficulty=2, importance=2, minutes=10,
    draw=draw_masks,
    sizes=[{"m": 1, "h": 2, "w": 3, "n_classes": 3}, {"m": 2, "h": 3, "w": 4, "n_classes": 4}, {"m": 3, "h": 5, "w": 4, "n_classes": 5},
           {"m": 1, "h": 6, "w": 7, "n_classes": 4}],
    returns="mean IoU", names={"m": "the number of images", "n_classes": "the number of classes"},
    extra=[Case((np.array([[[0, 0, 1], [1, 2, 2]]]), np.array([[[0, 1, 1], [1, 2, 0]]]), 3), {"m": 1}, label="three classes, all of them in both"),
           Case((np.array([[[0, 1], [1, 1]]]), np.array([[[0, 1], [1, 1]]]), 4), {"m": 1}, label="masks that agree, two of four classes present"),
           Case((np.array([[[0, 0], [1, 1]]]), np.array([[[0, 0], [0, 0]]]), 3), {"m": 1}, label="a class that is missed altogether"),
           Case((np.array([[[0, 0], [0, 0]]]), np.array([[[0, 0], [0, 2]]]), 3), {"m": 1}, label="a class that is in the predictions alone")],
    mistakes=[
        Mistake("absent classes count as 0", "Classes that occur nowhere count as 0 and pull the mean down. The mean runs over the classes that are present.",
                replace=("        if either > 0:\n            found.append(both / either)", "        found.append(both / max(either, 1))")),
        Mistake("absent classes count as 1", "Classes that occur nowhere count as 1 and push the mean up. The mean runs over the classes that are present.",
                replace=("        if either > 0:\n            found.append(both / either)", "        found.append(both / either if either else 1.0)")),
        Mistake("not a number", "A class that occurs nowhere gives 0/0. Leave it out.", replace=("        if either > 0:\n            found.append(both / either)",
                                                                                                 "        found.append(np.float64(both) / either)")),
        Mistake("pixel accuracy", "That is the share of pixels that are right. A mask of background alone would do well by it; IoU asks class by class.",
                replace=("float(np.mean(found))", "float(np.mean(labels == predictions))")),
        Mistake("recall", "It is divided by the pixels of the label alone: that is the recall of each class. Pixels called so by mistake have to count too.",
                replace=("(labels == c) | (predictions == c)", "labels == c")),
        Mistake("precision", "It is divided by the predicted pixels alone: that is the precision of each class. Pixels that were missed have to count too.",
                replace=("(labels == c) | (predictions == c)", "predictions == c")),
        Mistake("recall of the classes present", "It is divided by the pixels of the label alone: that is the recall of each class. Pixels called so by mistake have to "
                "count too.",
                replace=("found.append(both / either)", "found.append(both / max(np.sum(labels == c), 1))")),
        Mistake("precision of the classes present", "It is divided by the predicted pixels alone: that is the precision of each class. Pixels that were missed have to "
                "count too.",
                replace=("found.append(both / either)", "found.append(both / max(np.sum(predictions == c), 1))")),
        Mistake("worst class", "That is the IoU of the worst class. The mean over the classes is asked for.", replace=("np.mean(found)", "np.min(found)")),
        Mistake("Dice", "That is the Dice coefficient, 2·both / (sum of both areas). IoU divides by the union.",
                replace=("both / either)", "2 * both / (both + either))")),
        Mistake("both counted twice", "The union is taken as the sum of both areas, in which the intersection is counted twice.",
                replace=("np.sum((labels == c) | (predictions == c))", "np.sum(labels == c) + np.sum(predictions == c)")),
        Mistake("background left out", "Class 0 is left out.", replace=("range(n_classes)", "range(1, n_classes)")),
        Mistake("last class left out", "The last class is left out: a range ends before its end.", replace=("range(n_classes)", "range(n_classes - 1)")),
        Mistake("only classes of the labels", "Only classes that the labels hold count. A class that stands in the predictions alone is present too, with IoU 0.",
                replace=("if either > 0", "if np.any(labels == c)")),
        Mistake("not averaged", "That is the IoU of each class. One number is wanted, their mean.", replace=("float(np.mean(found))", "np.array(found)")),
        Mistake("classes thrown together", "Intersections and unions are added up over the classes before dividing. Each class has its own IoU; the mean treats a rare "
                "class like a common one.",
                replace=[("    found = []\n", "    found, wholes = [], []\n"), ("            found.append(both / either)", "            found.append(both)\n            "
                "wholes.append(either)"),
                                        ("float(np.mean(found))", "float(np.sum(found) / np.sum(wholes))")]),
        Mistake("first image only", "Only the first image counts.", replace=[("np.sum((labels == c) & (predictions == c))", "np.sum((labels[0] == c) & (predictions[0] == "
                "c))"),
                                                                           ("np.sum((labels == c) | (predictions == c))", "np.sum((labels[0] == c) | (predictions[0] == "
                                                                           "c))")]),
    ],
    unchanged={"float left out": "a numpy number is a number too", "steps exchanged": "the two steps do not depend on each other", "mean in place of sum": "both are "
    "divided by the same",
               "one turn of the loop too many": "a class that is nowhere is left out", "in place of c": "where both are c they are equal"},
    right=[mean_iou_by_counts, mean_iou_by_sets, mean_iou_with_nan],
    hints=("IoU again, of sets of pixels: for each class, those that both call so and those that either calls so.",
           "IoU_c = |labels = c and predictions = c| / |labels = c or predictions = c|; the mean over classes for which the lower number is not 0.",
           "for c in range(n_classes): count both with &, either with |; if either is above 0 append the quotient; mean of the list"),
    why="Every class weighs the same, however few pixels it has, so that background cannot hide a class that is missed.",
    after="A mask can be judged now.")

# --- upsample_block --------------------------------------------------------------------------------------------------


def play_upsample(function, x_shape, skip_channels, filters):
    x, skip = keras.Input(x_shape), keras.Input((2 * x_shape[0], 2 * x_shape[1], skip_channels))
    try:
        y, again = function(x, skip, filters), function(x, skip, filters)
    except ValueError as error:
        if "shape" in str(error).lower() and any(w in str(error) for w in ("Concatenate", "concat", "matching", "Inputs have incompatible")):
            return Fault("x and skip cannot be put side by side: their heights and widths differ. x has to be made twice as high and wide first.", "not enlarged before "
            "joining")
        raise
    if y is None:
        return NOTHING
    if not isinstance(y, keras.KerasTensor):
        return Fault("What comes back is no Keras tensor. A layer has to be called: `layer(x)`.", "not a tensor")
    try:
        model, twin = keras.Model([x, skip], y), keras.Model([x, skip], again)
        last = anatomy.take_apart(model)
    except ValueError:
        return Fault("What comes back is not made from x and skip.", "not made from x")
    return _upsample_fault(last, anatomy.before(last), x_shape, skip_channels, filters) or anatomy.shared_layers([model], [twin]) or FINE


def _upsample_fault(last, steps, x_shape, skip_channels, filters):
    inputs = [s for s in steps if s.does == "input"]
    joints = [s for s in steps if s.does in ("concatenation", *anatomy.JOINTS, "average")]
    if not any(s.shape[-1] == skip_channels and s.shape[0] == 2 * x_shape[0] for s in inputs):
        return Fault("`skip` has no part in the result. It carries the fine detail that x has lost.", "skip not used")
    if not any(s.shape == tuple(x_shape) for s in inputs):
        return Fault("`x` has no part in the result.", "x not used")
    if any(j.does != "concatenation" for j in joints) and not any(j.does == "concatenation" for j in joints):
        return Fault("The two maps are added (or multiplied), not concatenated. Side by side on the channels both stay whole, and the convolution decides what to take.",
                     "added instead of concatenated")
    if last.shape[:2] != (2 * x_shape[0], 2 * x_shape[1]):
        valid = any(s.does == "convolution" and s.size[0] > 1 and s.padding == "valid" for s in steps)
        if valid:
            return Fault(f'The result is {last.shape[0]}×{last.shape[1]}, expected {2 * x_shape[0]}×{2 * x_shape[1]}: a convolution without "same" padding loses the edge.',
                         "valid padding")
        return Fault(f"The result is {last.shape[0]}×{last.shape[1]}, expected {2 * x_shape[0]}×{2 * x_shape[1]}: twice as high and wide as x.", "another size")
    joint = next((j for j in joints if j.does == "concatenation"), None)
    if joint is None:
        return Fault("x and skip are nowhere put side by side.", "not concatenated")
    behind = [s for s in steps if s is not joint and joint in anatomy.before(s)]
    convs = [s for s in behind if s.does == "convolution"]
    if not convs:
        return Fault("No convolution stands behind the concatenation: the two maps lie side by side, but nothing looks at both.", "no convolution")
    if all(tuple(c.size) == (1, 1) for c in convs):
        return Fault("The convolution is 1×1. It should see a pixel's neighbours too: 3×3.", "filter size")
    if last.shape[-1] != filters or convs[-1].filters != filters:
        return Fault(f"The result has {last.shape[-1]} channels; {filters} are asked for.", "number of filters")
    kinds = [s.kind for s in behind if s.does == "activation"]
    if not kinds:
        return Fault("There is no ReLU behind the convolution.", "no activation")
    if any(k != "relu" for k in kinds):
        return Fault(f"The activation is `{next(k for k in kinds if k != 'relu')}`; here it is ReLU.", "another activation")
    return None


def upsample_transposed(x, skip, filters):
    x = keras.layers.Conv2DTranspose(filters, 2, strides=2)(x)
    y = keras.layers.Conv2D(filters, 3, padding="same")(keras.layers.concatenate([skip, x]))
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(y))


def upsample_with_ops(x, skip, filters):
    big = keras.layers.UpSampling2D(size=(2, 2), interpolation="bilinear")(x)
    both = keras.ops.concatenate([big, skip], axis=-1)
    return keras.ops.relu(keras.layers.Conv2D(filters, (3, 3), padding="same", use_bias=False)(both))


def upsample_in_two_steps(x, skip, filters):
    x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(keras.layers.UpSampling2D()(x))
    x = keras.layers.Concatenate(axis=3)([x, skip])
    for _ in range(2):
        x = keras.layers.Activation("relu")(keras.layers.BatchNormalization()(keras.layers.Conv2D(filters, 3, padding="same")(x)))
    return x


UPSAMPLE = Exercise(
    ex.upsample_block, title="A step up", difficulty=2, importance=2, minutes=8,
    draw=lambda rng, h, w, c, skip, filters: ((h, w, c), skip, filters), play=play_upsample, returns="block", costly=True, variants=False,
    sizes=[{"h": 3, "w": 4, "c": 5, "skip": 2, "filters": 6}, {"h": 4, "w": 2, "c": 3, "skip": 4, "filters": 3}],
    mistakes=[
        Mistake("not enlarged before joining", "", replace=("    x = keras.layers.UpSampling2D()(x)\n", "")),
        Mistake("skip not used", "", replace=("    x = keras.layers.Concatenate()([x, skip])\n", "")),
        Mistake("added instead of concatenated", "", replace=("keras.layers.Concatenate()([x, skip])", "keras.layers.Add()([keras.layers.Conv2D(skip.shape[-1], 1)(x), "
                "skip])")),
        Mistake("no convolution", "", replace=('    return keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)', "    return x")),
        Mistake("valid padding", "", replace=('padding="same", ', "")),
        Mistake("filter size", "", replace=("Conv2D(filters, 3", "Conv2D(filters, 1")),
        Mistake("number of filters", "", replace=("Conv2D(filters, 3", "Conv2D(filters + 1, 3")),
        Mistake("no activation", "", replace=(', activation="relu"', "")),
        Mistake("another activation", "", replace=('"relu"', '"tanh"')),
        Mistake("another size", "", replace=("(x)\n    x = keras.layers.Concatenate", "(keras.layers.UpSampling2D()(x))\n    skip = keras.layers.UpSampling2D()(skip)\n    "
                "x = keras.layers.Concatenate")),
        Mistake("x not used", "", replace=("[x, skip]", "[skip, skip]")),
        Mistake("nothing returned", "", replace=("    return keras", "    keras")),
    ],
    right=[upsample_transposed, upsample_with_ops, upsample_in_two_steps],
    hints=("First as large as the skip; then side by side; then look at both together.",
           "x (h, w, c) → (2h, 2w, c); concatenate with skip on the channels; 3×3 convolution, \"same\", ReLU → (2h, 2w, filters).",
           "UpSampling2D on x; Concatenate of x and skip; Conv2D with filters, 3, same padding and relu"),
    why="The coarse map knows *what* is there, the skip knows exactly *where* edges run. Concatenated, a convolution can use both.",
    after="With this block the net comes back up to full size.")

# --- gram_matrix and style_loss --------------------------------------------------------------------------------------


def draw_features(rng, h, w, c):
    return (rng.normal(0.3, 1, (h, w, c)).astype(np.float32),)


def play_gram(function, features):
    return function(tf.constant(features))


def gram_by_einsum(features):
    return tf.einsum("yxi,yxj->ij", features, features) / (features.shape[0] * features.shape[1])


def gram_by_mean(f):
    return tf.reduce_mean(f[..., :, None] * f[..., None, :], axis=(0, 1))


def gram_in_numpy(features):
    f = np.asarray(features).reshape(-1, features.shape[-1])
    return f.T @ f / len(f)


GRAM = Exercise(
    ex.gram_matrix, title="Style as a table", difficulty=2, importance=2, minutes=8,
    draw=draw_features, play=play_gram, sizes=[{"h": 2, "w": 3, "c": 2}, {"h": 4, "w": 2, "c": 5}, {"h": 5, "w": 6, "c": 3}], returns="gram matrix", costly=True,
    names={"h": "the height", "w": "the width", "c": "the number of channels"},
    mistakes=[
        Mistake("not divided", "The sums are not divided by the number of places h · w: large maps would then seem to have a stronger style.", replace=(" / (h * w)", "")),
        Mistake("divided by the channels too", "It is divided by the number of channels as well. Only the places are averaged over, h · w.", replace=("/ (h * w)", "/ (h * "
                "w * c)")),
        Mistake("places by places", "The product is taken the other way: a table of places, (h·w, h·w). Style forgets where things are; the table is (c, c).",
                replace=("places, places, transpose_a=True", "places, places, transpose_b=True")),
        Mistake("a covariance", "The mean of each channel is taken off first: that is the covariance. A Gram matrix keeps the means.",
                replace=("    return tf.matmul", "    places = places - tf.reduce_mean(places, axis=0)\n    return tf.matmul")),
        Mistake("channels scrambled", "Reshaping to (c, h·w) mixes the channels: they are the last, fastest axis. Make places rows, (h·w, c), then transpose.",
                replace=("tf.reshape(features, (h * w, c))", "tf.transpose(tf.reshape(features, (c, h * w)))")),
        Mistake("means only", "These are products of the channels' means. What counts is which channels are strong at the *same* place: multiply first, then average.",
                replace=("tf.matmul(places, places, transpose_a=True) / (h * w)", "tf.tensordot(tf.reduce_mean(places, 0), tf.reduce_mean(places, 0), 0)")),
        Mistake("only the diagonal", "Only the diagonal is filled: each channel with itself. The table also says which channels go together.",
                replace=("tf.matmul(places, places, transpose_a=True) / (h * w)", "tf.linalg.diag(tf.reduce_mean(places ** 2, 0))")),
        Mistake("mean of each channel", "That is the mean of each channel, (c,). The table says which channels are strong *together*, (c, c).",
                replace=("tf.matmul(places, places, transpose_a=True) / (h * w)", "tf.reduce_mean(places, 0)")),
        Mistake("root taken", "The root of each entry is taken. The mean product itself is asked for.",
                replace=("tf.matmul(places, places, transpose_a=True) / (h * w)", "tf.sqrt(tf.abs(tf.matmul(places, places, transpose_a=True) / (h * w)))")),
        Mistake("first row only", "Only the first row of the map has a part in it. All h · w places count.",
                replace=("tf.matmul(places, places, transpose_a=True)", "tf.matmul(places[:w], places[:w], transpose_a=True)")),
        Mistake("divided by the height", "It is divided by h alone; the number of places is h · w.", replace=("/ (h * w)", "/ h")),
        Mistake("channels normalised", "Each channel is made to have length 1 first: that loses how strong it is.",
                replace=("    return tf.matmul", "    places = places / tf.norm(places, axis=0)\n    return tf.matmul")),
    ],
    unchanged={"sign of": "minus times minus", "transpose": "the matrix is symmetric", "in place of": "the same number of places", "exchanged": "the product is the same"},
    right=[gram_by_einsum, gram_by_mean, gram_in_numpy],
    hints=("For each pair of channels: are they strong at the same places?", "F (h·w, c) with places as rows; G = Fᵀ F / (h·w), (c, c).",
           "reshape features to (h times w, c); matmul with itself, the first transposed; divide by h times w"),
    why="Summing over all places forgets where things are. What is left is which patterns occur together: texture.",
    after="A picture's style is a table now.")


def draw_styles(rng, layers):
    shapes = [(4, 3, 2), (2, 5, 4), (3, 3, 3)][:layers]
    features = [rng.normal(0.2, 1, s).astype(np.float32) for s in shapes]
    targets = [gram_matrix(tf.constant(rng.normal(0.1, 1.2, s).astype(np.float32))).numpy() for s in shapes]
    return features, targets


def play_style(function, features, target_grams):
    return function([tf.constant(f) for f in features], [tf.constant(g) for g in target_grams])


def style_by_keras(features, target_grams):
    return sum(keras.losses.MeanSquaredError()(t, gram_matrix(f)) for f, t in zip(features, target_grams)) / len(features)


def style_by_concat(features, target_grams):
    means = tf.stack([tf.math.reduce_mean(tf.math.squared_difference(gram_matrix(f), t)) for f, t in zip(features, target_grams)])
    return tf.reduce_mean(means)


def style_by_sums(features, target_grams):
    total = 0.0
    for i in range(len(features)):
        d = gram_matrix(features[i]) - target_grams[i]
        total = total + tf.reduce_sum(d * d) / float(d.shape[0] * d.shape[1])
    return float(total / len(features))


STYLE = Exercise(
    ex.style_loss, title="How far from that style", difficulty=2, importance=1, minutes=6,
    draw=draw_styles, play=play_style, sizes=[{"layers": 1}, {"layers": 2}, {"layers": 3}], returns="loss", costly=True, names={"layers": "the number of "
    "layers"}, tied=[("features", "target_grams")],
    mistakes=[
        Mistake("summed over the layers", "The losses of the layers are added up. Their mean is asked for.", replace=("tf.add_n(losses) / len(losses)", "tf.add_n(losses)")),
        Mistake("sum of squares", "In each layer the squares are added up, not averaged: layers with many channels would drown the "
                "others.", replace=("tf.reduce_mean(", "tf.reduce_sum(")),
        Mistake("not squared", "The differences are averaged without a square: those above and below cancel.", replace=(" ** 2", "")),
        Mistake("absolute differences", "The absolute differences are averaged. Squares are asked for.", replace=("tf.reduce_mean((gram_matrix(f) - target) ** "
                "2)", "tf.reduce_mean(tf.abs(gram_matrix(f) - target))")),
        Mistake("root taken", "The root of each mean square is taken. The mean square itself is asked for.",
                replace=("tf.reduce_mean((gram_matrix(f) - target) ** 2)", "tf.sqrt(tf.reduce_mean((gram_matrix(f) - target) ** 2))")),
        Mistake("last layer only", "Only the last layer counts.", replace=("tf.add_n(losses) / len(losses)", "losses[-1]")),
        Mistake("first layer only", "Only the first layer counts.", replace=("tf.add_n(losses) / len(losses)", "losses[0]")),
        Mistake("first layer only, over all", "Only the first layer is added up, and the sum divided by the number of all layers.", replace=("tf.add_n(losses) / "
                "len(losses)", "losses[0] / len(losses)")),
        Mistake("last layer only, over all", "Only the last layer is kept, `=` in place of `+=` perhaps, and divided by the number of all layers.",
                replace=("tf.add_n(losses) / len(losses)", "losses[-1] / len(losses)")),
        Mistake("targets turned into Gram matrices again", "The Gram matrix is taken of the targets too. They are Gram matrices already.",
                replace=("- target)", "- gram_matrix(target[None]))")),
        Mistake("no Gram matrix", "The features themselves are compared with the Gram matrices. Turn each feature map into its Gram matrix first.",
                replace=("gram_matrix(f) - target", "tf.reduce_mean(f) - target")),
        Mistake("one number a layer", "There is one number for each layer. Their mean is asked for.", replace=("tf.add_n(losses) / len(losses)", "tf.stack(losses)")),
        Mistake("half of it", "It comes out half as large as asked for.", replace=("tf.add_n(losses) / len(losses)", "tf.add_n(losses) / (2 * len(losses))")),
    ],
    unchanged={"difference turned round": "the square is the same", "turned": "the square is the same", "in place of": "as many of one as of the other"},
    right=[style_by_keras, style_by_concat, style_by_sums],
    hints=("For each layer compare two tables. Then take the mean over the layers.", "L = mean over layers of mean over entries of (G(features) − target)².",
           "zip features and targets; gram_matrix of the feature map minus the target, squared, mean; mean of the list"),
    why="Means, not sums, so that layers of different size weigh alike.",
    after="Now a picture can be bent towards a style.")

EXERCISES = [IOU, SUPPRESSION, WINDOWS, GRID, MEAN_IOU, UPSAMPLE, GRAM, STYLE]

QUIZZES = [
    Quiz("slipped", "Two boxes of 10×10 pixels, one of them 5 pixels further to the right. What is their IoU?", {
        "a": ("1/2", "they share 50 pixels of 100, but IoU divides by what both cover together, which is more than one box."),
        "b": ("1/3", "they share 50 and cover 100 + 100 − 50 = 150."),
        "c": ("1/4", "50 of 200: there the shared part is counted twice in the union."),
        "d": ("2/3", "that is above one half, though only half of each box is shared; the union is larger than either box."),
    }, answer="b"),
    Quiz("close_together", "Two digits stand so close that their true boxes have IoU 0.4. A detector finds both exactly. What does non-maximum suppression with threshold "
        "0.3 do?", {
        "a": ("it keeps both, since both are right", "it does not know what is right; it sees scores and overlaps only."),
        "b": ("it keeps the one with the better score", "0.4 is above 0.3, so the other is taken for the same digit seen again. Things that overlap are what it cannot do."),
        "c": ("it drops both", "the best box of all is always kept."),
        "d": ("it makes one box around both", "it never changes a box, it only keeps or drops."),
    }, answer="b"),
    Quiz("all_ground", "A net calls every pixel ground, and 92 % of the pixels are ground. There are ten classes of digits, all of them present. What is its mean IoU over "
        "the 11 classes?", {
        "a": ("0.92", "that is the share of pixels that are right, and the IoU of the ground alone."),
        "b": ("about 0.08", "0.92 for the ground, 0 for each of the ten digits, divided by 11."),
        "c": ("0", "the ground has an IoU too, and a good one."),
        "d": ("0.46", "that would be the mean of two classes, ground and digit."),
    }, answer="b"),
]


def judge_boxes(find):
    images, boxes, classes, _ = make_scenes(200, seed=1, part="test")
    answers = list(find(images.copy()))
    if len(answers) != len(images):
        return False, f"{len(answers)} answers for {len(images)} scenes; one pair (boxes, classes) for each is wanted."
    hits = {0.5: 0, 0.75: 0}
    said, there = 0, sum(map(len, boxes))
    for (found, names), truth, right in zip(answers, boxes, classes):
        found, names = np.asarray(found, float).reshape(-1, 4), np.ravel(names)
        if len(found) != len(names):
            return False, f"A scene has {len(found)} boxes and {len(names)} classes."
        said += len(found)
        for at in hits:
            free = np.ones(len(truth), bool)
            for box, name in zip(found, names):
                fit = iou(box, truth) * free * (right == name)
                if fit.max() >= at:
                    hits[at] += 1
                    free[fit.argmax()] = False
    f1 = {at: 2 * n / (said + there) for at, n in hits.items()}
    return f1[0.75] >= 0.65, f"F1 at IoU 0.75: {f1[0.75]:.2f} (at IoU 0.5: {f1[0.5]:.2f}), {said} boxes for {there} digits of 200 new scenes."


CHALLENGE = Challenge(
    "tight_boxes", "Tight boxes", "Write `find(images)`, (m, 64, 64, 1) → a list of pairs (boxes, classes), that reaches an F1 of 0.65 at IoU 0.75 on 200 new test "
    "scenes.", judge_boxes)
