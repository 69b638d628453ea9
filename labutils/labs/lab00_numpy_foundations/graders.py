"""What the graders of lab 00 know: cases, mistakes, right versions, hints."""
import math

import numpy as np

from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import sigmoid

# --- sigmoid ---------------------------------------------------------------------------------------------------------


def draw_numbers(rng, shape):
    return np.round(rng.normal(0, 2, shape), 2)


def sigmoid_by_tanh(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def sigmoid_from_one_side(z):
    e = np.exp(z)
    return e / (1 + e)


def sigmoid_by_loop(z):
    flat = [1 / (1 + math.exp(-float(v))) for v in np.ravel(z)]
    return np.array(flat).reshape(np.shape(z))


def sigmoid_with_math(z):
    return 1 / (1 + math.exp(-z))


def sigmoid_as_softmax(z):
    return np.exp(z) / np.sum(np.exp(z))


SIGMOID = Exercise(
    ex.sigmoid, title="The sigmoid", difficulty=1, importance=3, minutes=4,
    draw=draw_numbers, sizes=[{"shape": ()}, {"shape": (3,)}, {"shape": (2, 3)}, {"shape": (2, 3, 2)}], returns="result",
    extra=[Case((np.array([-1000.0, 0.0, 1000.0]),), {}, label="z = [-1000, 0, 1000]",
                remark="at z = 1000 or -1000 your form gives nan or stops. 1 / (1 + exp(-z)) warns there, and is right."),
           Case((np.array([-2, 0, 3]),), {}, label="z = [-2, 0, 3], whole numbers",
                remark="for whole numbers (dtype int) the answer is cut off: `np.zeros_like(z)` makes an array of integers too.")],
    race={"shape": (100, 100)},
    mistakes=[
        Mistake("exp(z) for exp(-z)", "The curve is mirrored: it falls where it should rise. In σ(z) = 1 / (1 + e⁻ᶻ) the exponent is "
                "negative, so that a large z gives nearly 1.", replace=("np.exp(-z)", "np.exp(z)")),
        Mistake("tanh", "That is the tanh. It has the same S shape but runs from −1 to 1; a probability has to lie between 0 and 1.",
                replace=("1 / (1 + np.exp(-z))", "np.tanh(z)")),
        Mistake("math.exp on an array", "`math.exp` takes one number at a time. `np.exp` takes an array of any shape and "
                "works on every entry at once.", function=sigmoid_with_math),
        Mistake("absolute value of z", "It is computed from |z|, so a negative z gives the answer of the positive one. Where you use a form for |z| to keep "
                "e⁻ᶻ small, negative entries need 1 minus it.", replace=("np.exp(-z)", "np.exp(-np.abs(z))")),
        Mistake("softmax", "The entries share one sum, so each depends on all others: that is softmax. The sigmoid looks at each entry alone.",
                function=sigmoid_as_softmax),
    ],
    right=[sigmoid_by_tanh, sigmoid_from_one_side, sigmoid_by_loop],
    hints=("A numpy function such as `np.exp` works on every entry of an array at once: write the formula as for one number.",
           "σ(z) = 1 / (1 + e^(−z)); z of any shape in, the same shape out.",
           "1 divided by (1 plus the exponential of minus z)"),
    why="numpy applies `-`, `exp`, `+` and `/` entry by entry, so one formula serves a number, a vector and a picture alike.",
    after="Every neuron with a probability to give ends in this curve.")

# --- sigmoid_derivative ----------------------------------------------------------------------------------------------


def derivative_by_exponentials(z):
    e = np.exp(-z)
    return e / (1 + e) ** 2


def derivative_by_tanh(z):
    return (1 - np.tanh(z / 2) ** 2) / 4


def derivative_expanded(z):
    s = sigmoid(z)
    return s - s * s


SIGMOID_DERIVATIVE = Exercise(
    ex.sigmoid_derivative, title="Its slope", difficulty=1, importance=2, minutes=5,
    draw=draw_numbers, sizes=[{"shape": ()}, {"shape": (3,)}, {"shape": (2, 3)}, {"shape": (2, 3, 2)}], returns="result",
    uses=[SIGMOID], race={"shape": (100, 100)},
    mistakes=[
        Mistake("z for sigmoid(z)", "The formula s·(1 − s) wants s = σ(z); it got z itself. The function is given z, so the sigmoid has "
                "to be taken first.", replace=("s = sigmoid(z)", "s = z")),
        Mistake("sigmoid taken twice", "The sigmoid is taken of the sigmoid. Call it once, and use what it gave.",
                replace=("s * (1 - s)", "sigmoid(s) * (1 - sigmoid(s))")),
        Mistake("slope of tanh", "1 − s² is the slope of tanh in terms of its own value. For the sigmoid it is s·(1 − s).",
                replace=("s * (1 - s)", "1 - s ** 2")),
        Mistake("second factor left out", "That is s itself, the value of the sigmoid, not its slope: the factor (1 − s) is missing.",
                replace=("s * (1 - s)", "s")),
    ],
    right=[derivative_by_exponentials, derivative_by_tanh, derivative_expanded],
    hints=("You have the sigmoid. Its slope can be written with nothing but its value.",
           "With s = σ(z): dσ/dz = s · (1 − s), entry by entry.",
           "s = sigmoid of z; return s times (1 minus s)"),
    why="From σ = (1 + e⁻ᶻ)⁻¹ the chain rule gives e⁻ᶻ / (1 + e⁻ᶻ)², and that is σ · (1 − σ).",
    after="Largest at z = 0, only 0.25, and nearly 0 far out: you will meet this again as the vanishing gradient.")

# --- images_to_matrix ------------------------------------------------------------------------------------------------


def draw_images(rng, m, h, w, c):
    return rng.integers(0, 256, (m, h, w, c))


def images_by_loop(images):
    columns = [image.ravel() for image in images]
    return np.stack(columns, axis=1)


def images_by_axes(images):
    m, h, w, c = images.shape
    return np.moveaxis(images, 0, -1).reshape(h * w * c, m)


def images_one_by_one(images):
    m = len(images)
    matrix = np.zeros((images[0].size, m))
    for i in range(m):
        matrix[:, i] = images[i].flatten()
    return matrix


IMAGES_TO_MATRIX = Exercise(
    ex.images_to_matrix, title="Images as columns", difficulty=2, importance=3, minutes=8,
    draw=draw_images, sizes=[{"m": 1, "h": 2, "w": 1, "c": 3}, {"m": 3, "h": 2, "w": 1, "c": 2}, {"m": 2, "h": 2, "w": 3, "c": 3},
                             {"m": 5, "h": 4, "w": 2, "c": 3}], returns="matrix",
    names={"h": "the height", "w": "the width", "c": "the number of channels"},
    mistakes=[
        Mistake("reshape without transpose", "The shape is right, the content is scrambled: a reshape straight to (h·w·c, m) deals the "
                "numbers of the first image out over all columns. Keep the axis of the images in front while you reshape, and turn "
                "rows into columns afterwards.", replace=("images.reshape(images.shape[0], -1).T", "images.reshape(-1, images.shape[0])")),
        Mistake("examples as rows", "Each image stands in a row. In this course every example is a *column*: what is missing is the transpose.",
                replace=(".T", "")),
        Mistake("all images in one column", "All images end up in a single vector. The axis of the images has to stay an axis of its own.",
                replace=("images.reshape(images.shape[0], -1).T", "images.reshape(-1, 1)")),
        Mistake("scaled by 255", "The numbers are divided by 255. That is a good step before training, but a separate one: here only the shape changes.",
                replace=("images.reshape(images.shape[0], -1).T", "images.reshape(images.shape[0], -1).T / 255")),
        Mistake("column-major order", "Within each image the numbers come in another order than the one in which they are stored (last axis fastest).",
                replace=("images.reshape(images.shape[0], -1).T", "images.transpose(0, 3, 2, 1).reshape(images.shape[0], -1).T")),
        Mistake("channels first", "Within each image all red numbers come first, then all green ones: the axes were moved. Keep the order in which "
                "the numbers are stored, channels fastest.",
                replace=("images.reshape(images.shape[0], -1).T", "images.transpose(0, 3, 1, 2).reshape(images.shape[0], -1).T")),
    ],
    unchanged={"2 in place of 1": "numpy takes any negative length for the one to be worked out"},
    right=[images_by_loop, images_by_axes, images_one_by_one],
    hints=("A reshape never moves a number: it only cuts the same long row of numbers differently. What must stay together, the "
           "numbers of one image, has to be next to each other when you cut.",
           "(m, h, w, c) → reshape to (m, h·w·c), then transpose to (h·w·c, m). A -1 lets numpy work out one length.",
           "images, reshaped to (number of images, -1), transposed"),
    why="Storage runs through one image completely before the next begins. Cutting that row into m pieces keeps each image whole; the "
        "transpose then only changes how it is read.",
    after="Every photograph of lab 01 goes through it.")

# --- normalize_rows --------------------------------------------------------------------------------------------------


def draw_matrix(rng, n, d):
    return np.round(rng.normal(0, 2, (n, d)), 2)


def rows_by_linalg(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def rows_by_loop(x):
    out = np.empty(x.shape)
    for i in range(x.shape[0]):
        out[i] = x[i] / math.sqrt(sum(v * v for v in x[i]))
    return out


def rows_by_transpose(x):
    length = np.sqrt((x * x).sum(axis=1))
    return (x.T / length).T


NORMALIZE_ROWS = Exercise(
    ex.normalize_rows, title="Rows of length 1", difficulty=2, importance=2, minutes=8,
    draw=draw_matrix, sizes=[{"n": 1, "d": 2}, {"n": 2, "d": 3}, {"n": 4, "d": 3}, {"n": 3, "d": 3}], returns="result",
    names={"n": "the number of rows", "d": "the number of columns"}, race={"n": 1500, "d": 8},
    extra=[Case((np.array([[0.0, 0.0], [3.0, 4.0]]),), {}, label="a row of zeros",
                remark="a row of zeros has no direction; here it gives nan. Where such rows can occur, guard the division.")],
    mistakes=[
        Mistake("keepdims missing", "Without `keepdims=True` the lengths are a flat array (n,). Broadcasting lines up from the *right*, so it "
                "meets the columns instead of the rows: an error if n ≠ d, and silently wrong if n = d.",
                replace=(", keepdims=True", "")),
        Mistake("columns for rows", "The lengths run down the columns. axis=0 goes down, axis=1 goes along a row.", replace=("axis=1", "axis=0")),
        Mistake("root missing", "Each row is divided by the *square* of its length: the root is missing.",
                replace=("np.sqrt(np.sum(x ** 2, axis=1, keepdims=True))", "np.sum(x ** 2, axis=1, keepdims=True)")),
        Mistake("one length for all rows", "All rows are divided by one number, the length of the whole matrix. Each row has its own.",
                replace=("np.sum(x ** 2, axis=1, keepdims=True)", "np.sum(x ** 2)")),
        Mistake("absolute values", "The rows are divided by the sum of absolute values (the L1 length). The Euclidean length is the root of the sum of squares.",
                replace=("np.sqrt(np.sum(x ** 2, axis=1, keepdims=True))", "np.sum(np.abs(x), axis=1, keepdims=True)")),
        Mistake("plain sum", "The rows are divided by their sum. A length squares the entries first, adds, and takes the root.",
                replace=("np.sqrt(np.sum(x ** 2, axis=1, keepdims=True))", "np.sum(x, axis=1, keepdims=True)")),
        Mistake("largest entry", "The rows are divided by their largest absolute entry. The Euclidean length is the root of the sum of squares.",
                replace=("np.sqrt(np.sum(x ** 2, axis=1, keepdims=True))", "np.max(np.abs(x), axis=1, keepdims=True)")),
        Mistake("mean of squares", "The mean of the squares stands where their sum belongs, so the rows come out √d times too long.",
                replace=("np.sum(x ** 2", "np.mean(x ** 2")),
        Mistake("1 added to the length", "Each row is divided by its length *plus 1*, so it comes out too short. To guard against a row of zeros something as "
                "small as 1e-12 is enough.", replace=("x / length", "x / (length + 1)")),
        Mistake("standardised", "The rows are given mean 0 and standard deviation 1. To give them length 1, only divide by their length.",
                replace=("x / length", "(x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)")),
        Mistake("the lengths returned", "That is the length of each row; the rows themselves, divided by it, are wanted.",
                replace=("return x / length", "return length")),
    ],
    right=[rows_by_linalg, rows_by_loop, rows_by_transpose],
    hints=("Each row is to be divided by its own length, so the lengths must have a shape that lines up with the rows.",
           "length (n, 1) = √(Σ over axis 1 of x²), with `keepdims=True`; then x / length broadcasts (n, d) with (n, 1).",
           "length = root of the sum of squares along axis 1, keeping the axis; return x over length"),
    why="`keepdims=True` leaves (n, 1) where a plain sum would leave (n,). Only the column (n, 1) lines up with the rows of x.",
    after="The same two lines normalise layers, embeddings and gradients later on.")

# --- softmax ---------------------------------------------------------------------------------------------------------


def draw_scores(rng, n, m):
    return np.round(rng.normal(0, 2, (n, m)), 2)


def softmax_by_logarithm(z):
    top = z.max(axis=0)
    return np.exp(z - top - np.log(np.exp(z - top).sum(axis=0)))


def softmax_by_columns(z):
    out = np.zeros(z.shape)
    for j in range(z.shape[1]):
        e = np.exp(z[:, j] - max(z[:, j]))
        out[:, j] = e / e.sum()
    return out


def softmax_by_ratios(z):
    difference = np.minimum(z[None, :, :] - z[:, None, :], 700)  # e^700 is large enough, and still a float
    return 1 / np.sum(np.exp(difference), axis=1)


def softmax_of_minus_z(z):
    return np.exp(-z) / np.sum(np.exp(-z), axis=0)


SOFTMAX = Exercise(
    ex.softmax, title="Softmax that does not overflow", difficulty=3, importance=3, minutes=10,
    draw=draw_scores, sizes=[{"n": 2, "m": 1}, {"n": 3, "m": 2}, {"n": 3, "m": 5}, {"n": 4, "m": 4}], returns="result",
    names={"n": "the number of classes"}, race={"n": 10, "m": 1500},
    extra=[Case((np.array([[1000.0, 1001.0], [998.0, 1003.0], [999.0, 1000.0]]),), {"n": 3, "m": 2}, label="scores of about 1000"),
           Case((np.array([[-1000.0, -1001.0], [-998.0, -1003.0], [-999.0, -1000.0]]),), {"n": 3, "m": 2}, label="scores of about -1000"),
           Case((np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 0.0]]),), {"n": 3, "m": 2}, label="scores from -1000 to 1000"),
           Case((np.array([[1000.0, 1.0], [999.0, 2.0]]),), {"n": 2, "m": 2}, label="one column near 1000, one near 0")],
    mistakes=[
        Mistake("not stable", "Right for small scores, but e¹⁰⁰⁰ is too large for a float: it becomes inf, and inf / inf is nan. Softmax does not change "
                "when the same number is taken from all scores of a column, so take away the largest: then no exponent is above 0.",
                replace=("z - np.max(z, axis=0, keepdims=True)", "z")),
        Mistake("one maximum for all", "All columns are shifted by one common maximum. Where another column is near 1000, a small one becomes 0 / 0: shift "
                "each column by its *own* maximum.", replace=("np.max(z, axis=0, keepdims=True)", "np.max(z)")),
        Mistake("rows for columns", "The probabilities add up to 1 along the rows. An example is a column here: sum, and take the maximum, over axis 0.",
                replace=[("np.max(z, axis=0", "np.max(z, axis=1"), ("np.sum(e, axis=0", "np.sum(e, axis=1")]),
        Mistake("sum over rows", "The division uses the sum along each row. An example is a column here: sum over axis 0.",
                replace=("np.sum(e, axis=0", "np.sum(e, axis=1")),
        Mistake("one sum for all", "Everything together adds up to 1. Each *column* should: sum over axis 0 only.",
                replace=("np.sum(e, axis=0, keepdims=True)", "np.sum(e)")),
        Mistake("one sum for all", "Everything together adds up to 1. Each *column* should: take the maximum, and the sum, over axis 0 only.",
                replace=[("np.max(z, axis=0, keepdims=True)", "np.max(z)"), ("np.sum(e, axis=0, keepdims=True)", "np.sum(e)")]),
        Mistake("mean for sum", "The exponentials are divided by their mean, so each column adds up to the number of classes. Divide by their sum.",
                replace=("np.sum(e, axis=0", "np.mean(e, axis=0")),
        Mistake("exp(−z)", "The largest score gets the smallest probability, as if the exponential were taken of −z.", function=softmax_of_minus_z),
        Mistake("hardmax", "The largest score of each column gets 1 and the others 0: that is hardmax, a decision. Softmax keeps the doubt.",
                replace=("return e / np.sum(e, axis=0, keepdims=True)", "return (z == np.max(z, axis=0, keepdims=True)) * 1.0")),
        Mistake("not divided", "These are the exponentials alone. Divided by their sum they become probabilities.",
                replace=("e / np.sum(e, axis=0, keepdims=True)", "e")),
        Mistake("sigmoid", "That is the sigmoid of each score by itself. Softmax makes the scores of a column compete: they share one sum.",
                replace=("return e / np.sum(e, axis=0, keepdims=True)", "return sigmoid(z)")),
        Mistake("no exponential", "The scores themselves are divided by their sum. The exponential, which makes all of them positive, is missing.",
                replace=[("z - np.max(z, axis=0, keepdims=True)", "z"), ("np.exp(shifted)", "shifted")]),
        Mistake("logarithm of softmax", "That is the logarithm of the probabilities.",
                replace=("return e / np.sum(e, axis=0, keepdims=True)", "return shifted - np.log(np.sum(e, axis=0, keepdims=True))")),
        Mistake("logarithm of softmax", "That is the logarithm of the probabilities.",
                replace=("return e / np.sum(e, axis=0, keepdims=True)", "return np.log(e / np.sum(e, axis=0, keepdims=True))")),
    ],
    unchanged={"keepdims left out": "a flat (m,) lines up with the columns by itself", "sign of e": "numerator and denominator both change sign",
               "False in place of True": "a flat (m,) lines up with the columns by itself", "in place of z": "the same number is taken from all scores and cancels"},
    right=[softmax_by_logarithm, softmax_by_columns, softmax_by_ratios],
    hints=("Probabilities are positive and add up to 1. The exponential makes scores positive, the division makes them add up; and a shift "
           "by the same number on all scores of a column cancels in the division.",
           "p = e^(z − max) / Σ e^(z − max), with max and Σ over axis 0: both (1, m) against z (n, m).",
           "shifted = z minus the maximum of each column; e = its exponential; return e over the sum of each column"),
    why="e^(z−c) / Σ e^(z−c) = e^z / Σ e^z for every c, as e^(−c) cancels. With c the column's maximum the largest exponent is 0.",
    after="The last layer of every classifier with more than two classes.")

# --- losses ----------------------------------------------------------------------------------------------------------


def draw_pair(rng, n, k):
    return np.round(rng.random((n, k)), 2), np.round(rng.random((n, k)), 2)


LOSS_SIZES = [{"n": 1, "k": 1}, {"n": 1, "k": 4}, {"n": 3, "k": 2}, {"n": 2, "k": 5}]


def l1_by_loop(y_hat, y):
    total = 0.0
    for a, b in zip(y_hat.ravel(), y.ravel()):
        total += a - b if a > b else b - a
    return total


def l1_by_maximum(y_hat, y):
    return np.sum(np.maximum(y_hat, y) - np.minimum(y_hat, y))


def l1_by_norm(y_hat, y):
    return np.linalg.norm((y - y_hat).ravel(), 1)


L1_LOSS = Exercise(
    ex.l1_loss, title="Sum of absolute differences", difficulty=1, importance=2, minutes=4,
    draw=draw_pair, sizes=LOSS_SIZES, returns="result", names={"n": "the number of rows", "k": "the number of columns"},
    race={"n": 200, "k": 200},
    mistakes=[
        Mistake("absolute value of the sum", "Positive and negative differences cancel before the absolute value is taken. Take it of each difference, "
                "then add.", replace=("np.sum(np.abs(y_hat - y))", "np.abs(np.sum(y_hat - y))")),
        Mistake("no absolute value", "Positive and negative differences cancel: the absolute value of each is missing.",
                replace=("np.abs(y_hat - y)", "y_hat - y")),
        Mistake("mean for sum", "That is the mean. Here the sum is wanted; which of the two a loss uses decides how it grows with the number of examples.",
                replace=("np.sum(", "np.mean(")),
        Mistake("squares", "The differences are squared: that is the L2 loss. L1 takes absolute values.",
                replace=("np.abs(y_hat - y)", "(y_hat - y) ** 2")),
        Mistake("not added up", "The single differences are returned; their sum is wanted.",
                replace=("float(np.sum(np.abs(y_hat - y)))", "np.abs(y_hat - y)")),
        Mistake("Euclidean distance", "That is the root of the sum of squares, the Euclidean distance. L1 adds absolute values.",
                replace=("np.sum(np.abs(y_hat - y))", "np.sqrt(np.sum((y_hat - y) ** 2))")),
        Mistake("largest difference", "That is the largest difference alone. All of them are to be added.",
                replace=("np.sum(", "np.max(")),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too", "difference turned round": "|a − b| = |b − a|"},
    right=[l1_by_loop, l1_by_maximum, l1_by_norm],
    hints=("A loss is one number. How far off is each entry, no matter in which direction? Add that up.",
           "L₁ = Σ |ŷ − y|, over all entries: two arrays in, one number out.",
           "the sum of the absolute values of the difference"),
    why="`np.abs` works entry by entry and `np.sum` without an axis adds everything to one number.",
    after="It forgives one large error more easily than the next one does.")


def l2_by_dot(y_hat, y):
    d = (y_hat - y).ravel()
    return np.dot(d, d)


def l2_by_loop(y_hat, y):
    total = 0
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            total += (y[i, j] - y_hat[i, j]) ** 2
    return total


def l2_expanded(y_hat, y):
    return np.sum(y_hat * y_hat) - 2 * np.sum(y_hat * y) + np.sum(y * y)


L2_LOSS = Exercise(
    ex.l2_loss, title="Sum of squared differences", difficulty=1, importance=2, minutes=3,
    draw=draw_pair, sizes=LOSS_SIZES, returns="result", names={"n": "the number of rows", "k": "the number of columns"},
    race={"n": 200, "k": 200},
    mistakes=[
        Mistake("root taken", "That is the Euclidean distance. The L2 loss stops before the root.",
                replace=("np.sum((y_hat - y) ** 2)", "np.sqrt(np.sum((y_hat - y) ** 2))")),
        Mistake("mean for sum", "That is the mean of the squares. Here their sum is wanted.", replace=("np.sum(", "np.mean(")),
        Mistake("square of the sum", "Positive and negative differences cancel before the square is taken. Square each difference, then add.",
                replace=("np.sum((y_hat - y) ** 2)", "np.sum(y_hat - y) ** 2")),
        Mistake("absolute values", "These are absolute values: the L1 loss. L2 squares the differences.",
                replace=("(y_hat - y) ** 2", "np.abs(y_hat - y)")),
        Mistake("difference of squares", "That is the sum of ŷ² − y². The difference comes first, then its square.",
                replace=("(y_hat - y) ** 2", "y_hat ** 2 - y ** 2")),
        Mistake("not added up", "The single squares are returned; their sum is wanted.",
                replace=("float(np.sum((y_hat - y) ** 2))", "(y_hat - y) ** 2")),
        Mistake("product of the two", "That is the dot product of ŷ and y. Take the dot product of their *difference* with itself.",
                replace=("(y_hat - y) ** 2", "y_hat * y")),
        Mistake("mean taken away", "The mean of the differences is taken away first, as in a variance. A constant error would then cost nothing.",
                replace=("(y_hat - y) ** 2", "(y_hat - y - np.mean(y_hat - y)) ** 2")),
        Mistake("factor one half", "Half of the sum comes out. Some texts put ½ in front so that it cancels in the derivative; this exercise does not.",
                replace=("np.sum((y_hat - y) ** 2)", "0.5 * np.sum((y_hat - y) ** 2)")),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too", "difference turned round": "(a − b)² = (b − a)²"},
    right=[l2_by_dot, l2_by_loop, l2_expanded],
    hints=("Like the L1 loss, but each difference counts with its square.",
           "L₂ = Σ (ŷ − y)², over all entries: one number.",
           "the sum of the squared difference"),
    why="`** 2` works entry by entry. For flat arrays `np.dot(d, d)` gives the same in one step.",
    after="Its slope grows with the error, which is why it chases outliers.")

# --- pairwise_squared_distances --------------------------------------------------------------------------------------


def draw_points(rng, n, k, d):
    return np.round(rng.normal(0, 1, (n, d)), 2), np.round(rng.normal(0, 1, (k, d)), 2)


def distances_expanded(A, B):
    return np.sum(A ** 2, axis=1)[:, None] + np.sum(B ** 2, axis=1) - 2 * A @ B.T


def distances_by_loops(A, B):
    out = np.zeros((len(A), len(B)))
    for i in range(len(A)):
        for j in range(len(B)):
            out[i, j] = ((A[i] - B[j]) ** 2).sum()
    return out


def distances_by_einsum(A, B):
    d = A[:, np.newaxis] - B
    return np.einsum("nkd,nkd->nk", d, d)


def distances_with_plus(A, B):
    return np.sum(A ** 2, axis=1)[:, None] + np.sum(B ** 2, axis=1) + 2 * A @ B.T


def distances_without_two(A, B):
    return np.sum(A ** 2, axis=1)[:, None] + np.sum(B ** 2, axis=1) - A @ B.T


def distances_row_by_row(A, B):
    return np.sum((A - B) ** 2, axis=1)


PAIRWISE = Exercise(
    ex.pairwise_squared_distances, title="All distances at once", difficulty=3, importance=2, minutes=12,
    draw=draw_points, sizes=[{"n": 1, "k": 2, "d": 2}, {"n": 3, "k": 2, "d": 1}, {"n": 4, "k": 2, "d": 3}, {"n": 2, "k": 5, "d": 4}],
    returns="result", names={"n": "the number of rows of A", "k": "the number of rows of B", "d": "the number of columns"},
    race={"n": 60, "k": 60, "d": 10},
    mistakes=[
        Mistake("root taken", "These are the distances. The *squared* ones are wanted, so stop before the root.",
                replace=("np.sum(difference ** 2, axis=2)", "np.sqrt(np.sum(difference ** 2, axis=2))")),
        Mistake("A and B exchanged", "Entry (i, j) holds the distance of A[j] from B[i]: the axes of A and B have changed places.",
                replace=("A[:, None, :] - B[None, :, :]", "A[None, :, :] - B[:, None, :]")),
        Mistake("row i with row i only", "Row i of A meets row i of B only, as if A and B were two columns of one table. Each row of A has to meet *every* "
                "row of B: give A an axis for the rows of B, and B one for the rows of A.", function=distances_row_by_row),
        Mistake("absolute differences", "These are sums of absolute differences. The squared Euclidean distance squares them.",
                replace=("difference ** 2", "np.abs(difference)")),
        Mistake("square of the sum", "The differences are added before they are squared, so positive and negative ones cancel.",
                replace=("np.sum(difference ** 2, axis=2)", "np.sum(difference, axis=2) ** 2")),
        Mistake("mean for sum", "The mean over the d columns is taken where the sum belongs.", replace=("np.sum(", "np.mean(")),
        Mistake("plus for minus", "‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b. The product term has a plus here.", function=distances_with_plus),
        Mistake("factor 2 left out", "‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b. The factor 2 of the product term is missing.", function=distances_without_two),
        Mistake("products", "That is A Bᵀ, the dot products of the rows, which is only one of the three terms of ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b.",
                replace=("return np.sum(difference ** 2, axis=2)", "return A @ B.T")),
    ],
    unchanged={"difference turned round": "(a − b)² = (b − a)²", "order exchanged": "the two `:` of an index are the same", "sign of difference": "the square has no sign"},
    right=[distances_expanded, distances_by_loops, distances_by_einsum],
    hints=("Broadcasting can pair every row of A with every row of B, if each array has an axis of length 1 where the other has its rows.",
           "A (n, 1, d) minus B (1, k, d) gives (n, k, d); squared and summed over the last axis: (n, k).",
           "difference = A with an axis inserted in the middle, minus B with one in front; return the sum of squares over axis 2"),
    why="`None` in an index inserts an axis of length 1. Axes of length 1 stretch to meet the other array, without copying anything.",
    after="Nearest neighbours, k-means and attention are made of tables like this one.")

# --- grid_points -----------------------------------------------------------------------------------------------------


def draw_grid(rng, nx, ny):
    step = float(rng.choice([0.5, 1.0]))
    x_min, y_min = (float(v) for v in rng.choice([-0.5, -0.25, 0.0], 2))
    short = rng.choice([0, 0.5], 2)  # the maximum falls on the grid, where it is left out, or between two points
    return x_min, float(x_min + step * (nx - short[0])), y_min, float(y_min + step * (ny - short[1])), step


def grid_by_loops(x_min, x_max, y_min, y_max, step):
    return np.array([[x, y] for y in np.arange(y_min, y_max, step) for x in np.arange(x_min, x_max, step)])


def grid_by_repeat(x_min, x_max, y_min, y_max, step):
    x, y = np.arange(x_min, x_max, step), np.arange(y_min, y_max, step)
    return np.column_stack((np.tile(x, len(y)), np.repeat(y, len(x))))


def grid_by_mgrid(x_min, x_max, y_min, y_max, step):
    yy, xx = np.mgrid[y_min:y_max:step, x_min:x_max:step]
    return np.stack([xx, yy], axis=-1).reshape(-1, 2)


def grid_of_pairs(x_min, x_max, y_min, y_max, step):
    return np.array(list(zip(np.arange(x_min, x_max, step), np.arange(y_min, y_max, step))))


def grid_by_linspace(x_min, x_max, y_min, y_max, step):
    x = np.linspace(x_min, x_max, round((x_max - x_min) / step))
    y = np.linspace(y_min, y_max, round((y_max - y_min) / step))
    xx, yy = np.meshgrid(x, y)
    return np.c_[xx.ravel(), yy.ravel()]


GRID_POINTS = Exercise(
    ex.grid_points, title="A grid of points", difficulty=2, importance=2, minutes=10,
    draw=draw_grid, sizes=[{"nx": 2, "ny": 3}, {"nx": 3, "ny": 2}, {"nx": 4, "ny": 2}, {"nx": 3, "ny": 5}, {"nx": 5, "ny": 3}],
    returns="points", names={"nx": "the number of columns of the grid", "ny": "the number of rows of the grid"},
    mistakes=[
        Mistake("x is the slow axis", "The points are right but x is the slow axis: the first rows share their x. They should share their y, as the "
                "rows of `np.meshgrid` do.", replace=("xx.ravel(), yy.ravel()", "xx.T.ravel(), yy.T.ravel()")),
        Mistake("columns exchanged", "The columns are exchanged: x belongs into the first, y into the second.",
                replace=("xx.ravel(), yy.ravel()", "yy.ravel(), xx.ravel()")),
        Mistake("maximum included", "The last point of an axis is too many: as `np.arange` has it, the maximum itself is left out.",
                replace=[("np.arange(x_min, x_max, step)", "np.arange(x_min, x_max + step / 2, step)"),
                         ("np.arange(y_min, y_max, step)", "np.arange(y_min, y_max + step / 2, step)")]),
        Mistake("one step too many", "Each axis goes one step too far: `np.arange` stops before its end by itself, nothing need be added.",
                replace=[("np.arange(x_min, x_max, step)", "np.arange(x_min, x_max + step, step)"),
                         ("np.arange(y_min, y_max, step)", "np.arange(y_min, y_max + step, step)")]),
        Mistake("points as columns", "Each point is a column here. For once the points are wanted as rows, (n, 2).",
                replace=("np.c_[xx.ravel(), yy.ravel()]", "np.c_[xx.ravel(), yy.ravel()].T")),
        Mistake("no grid", "Only pairs of equal index are there, x[i] with y[i]. A grid has every x with every y: `np.meshgrid` makes it.",
                function=grid_of_pairs),
        Mistake("grid not flattened", "The coordinates still stand in the shape of the grid. Flatten both, then put them side by side.",
                replace=("np.c_[xx.ravel(), yy.ravel()]", "np.c_[xx, yy]")),
        Mistake("linspace", "`np.linspace` includes the maximum and spreads its points evenly between the ends, so the step is no longer the one asked for.",
                function=grid_by_linspace),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other"},
    right=[grid_by_loops, grid_by_repeat, grid_by_mgrid],
    hints=("Two axes, every value of one with every value of the other: that is what `np.meshgrid` is for.",
           "x (nx,) and y (ny,) → xx, yy both (ny, nx) → flattened (n,) each → side by side (n, 2), with n = nx·ny.",
           "x and y by arange; xx, yy by meshgrid; return the raveled xx and yy as two columns (c_)"),
    why="`np.meshgrid(x, y)` repeats x along the rows and y along the columns; `ravel` reads row by row, so y changes slowly.",
    after="Ask a classifier about every point of such a grid, and its decision boundary becomes a picture (lab 02).")

# --- binary_accuracy -------------------------------------------------------------------------------------------------


def draw_labels(rng, m):
    y = rng.integers(0, 2, (1, m))
    return np.where(rng.random((1, m)) < 0.3, 1 - y, y), y


def accuracy_by_mean(y_hat, y):
    return np.mean(y_hat == y) * 100


def accuracy_by_loop(y_hat, y):
    right = 0
    for i in range(y.shape[1]):
        if y_hat[0, i] == y[0, i]:
            right += 1
    return right / y.shape[1] * 100


def accuracy_as_precision(y_hat, y):
    return 100 * np.sum(y_hat * y) / np.sum(y_hat)


def accuracy_as_guarded_precision(y_hat, y):
    return 100 * np.sum(y_hat * y) / max(np.sum(y_hat), 1)


def accuracy_by_difference(y_hat, y):
    return 100 - np.sum(np.abs(y_hat - y)) * 100 / y.shape[1]


BINARY_ACCURACY = Exercise(
    ex.binary_accuracy, title="Accuracy by dot products", difficulty=2, importance=2, minutes=8,
    draw=draw_labels, sizes=[{"m": 1}, {"m": 3}, {"m": 7}, {"m": 9}, {"m": 13}, {"m": 16}, {"m": 23}, {"m": 31}], returns="result",
    mistakes=[
        Mistake("only the ones counted", "Only the examples on which both are 1 are counted. Two zeros agree as well: 1 − ŷ and 1 − y turn zeros into ones.",
                replace=("(ones + zeros)", "ones")),
        Mistake("only the zeros counted", "Only the examples on which both are 0 are counted. Two ones agree as well.",
                replace=("(ones + zeros)", "zeros")),
        Mistake("a fraction", "That is the share as a fraction of 1. In percent it is 100 times as large.", replace=("100 * float", "float")),
        Mistake("share of wrong answers", "That is the share of *wrong* predictions.",
                replace=("return 100 * float((ones + zeros).item()) / y.size", "return 100 - 100 * float((ones + zeros).item()) / y.size")),
        Mistake("a count", "That is the number of right predictions, times 100. Divide by the number of examples.", replace=(" / y.size", "")),
        Mistake("count of right predictions", "That is the number of right predictions. The share of them, in percent, is wanted.",
                replace=("100 * float((ones + zeros).item()) / y.size", "float((ones + zeros).item())")),
        Mistake("precision", "That is the share of right answers among those *predicted* to be 1 (the precision). All examples count.",
                function=accuracy_as_precision),
        Mistake("precision", "That is the share of right answers among those *predicted* to be 1 (the precision). All examples count.",
                function=accuracy_as_guarded_precision),
        Mistake("recall", "That is the share of right answers among the examples whose label is 1 (the recall). All examples count.",
                replace=("return 100 * float((ones + zeros).item()) / y.size", "return 100 * float(ones.item()) / np.sum(y)")),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too", "difference turned round, everywhere": "(ŷ − 1)(y − 1) = (1 − ŷ)(1 − y)",
               "steps exchanged": "the two steps do not depend on each other", "y_hat in place of y": "both have m entries"},
    right=[accuracy_by_mean, accuracy_by_loop, accuracy_by_difference],
    hints=("The dot product of two rows of zeros and ones counts the places where both are 1. What counts the places where both are 0?",
           "right = ŷ yᵀ + (1 − ŷ)(1 − y)ᵀ, each (1, m) times (m, 1); accuracy = 100 · right / m.",
           "ones = dot of y_hat and y transposed; zeros the same for 1 minus each; 100 times their sum over the number of examples"),
    why="Zeros silence each other in a product, so the dot product counts common ones; after 1 − y it counts common zeros.",
    after="With this the arrays are in your hands; the first neuron is next.")

EXERCISES = [SIGMOID, SIGMOID_DERIVATIVE, IMAGES_TO_MATRIX, NORMALIZE_ROWS, SOFTMAX, L1_LOSS, L2_LOSS, PAIRWISE, GRID_POINTS,
             BINARY_ACCURACY]

# --- quizzes and challenge -------------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("broadcast", "A has shape (5, 1), B has shape (4,). What is A + B?",
         {"a": ("an error: 5 meets 4", "The shapes line up from the right: there 1 meets 4, and a length of 1 stretches. 5 and 4 never meet."),
          "b": ("an array (5, 4)", "From the right, 1 meets 4 and stretches to 4; B gets a 1 in front, which meets 5 and stretches to 5."),
          "c": ("an array (5,)", "No axis disappears in a sum of two arrays: the result has as many as the one that has more."),
          "d": ("an array (4, 5)", "The order is kept: B's only axis stands at the right, under A's axis of length 1, so 4 comes last.")},
         answer="b"),
    Quiz("shift", "You add 5 to every score of one column. What happens to the probabilities that softmax gives for it?",
         {"a": ("all of them grow", "They cannot: they add up to 1 before and after."),
          "b": ("the largest gains, the others lose", "That is what *multiplying* the scores does. Adding leaves the differences between them as they are."),
          "c": ("nothing", "e⁵ stands in every term above and below the line, and cancels. Only differences between scores count.")},
         answer="c"),
    Quiz("memory", "A is (20000, 100), B is (1000, 100), and a number takes 8 bytes. How much memory does A[:, None, :] - B[None, :, :] need?",
         {"a": ("16 MB, as A itself", "That is n·d numbers. The difference has an entry for every row of A with every row of B, in every column."),
          "b": ("160 MB", "That is n·k numbers, the size of the *result* after the sum over the last axis. The difference comes before that sum."),
          "c": ("16 GB", "n·k·d = 20000 · 1000 · 100 numbers of 8 bytes. The views of A and B cost nothing, the difference is written out in full.")},
         answer="c"),
]


def judge_digits(classify):
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(digits))
    known, unknown = order[:600], order[600:900]
    truth, k = digits[unknown], len(unknown)
    answer = classify(pixels[known].copy(), digits[known].copy(), pixels[unknown].copy())
    if answer is None:
        return False, "Your function gave back None: is the return missing?"
    answer = np.asarray(answer)
    if answer.shape != (k,):
        return False, f"For {k} unknown digits one label each is wanted, shape ({k},); what came has shape {answer.shape}."
    if answer.dtype.kind not in "iufb" or not np.all(np.isfinite(answer)):
        return False, "The labels should be numbers from 0 to 9; what came is " + (
            f"of type {answer.dtype}." if answer.dtype.kind not in "iufb" else "not a number in places (nan or inf).")
    right = int(np.sum(answer == truth))
    said = f"{right} of {k} unknown digits are named right, {100 * right / k:.1f} % (goal: 97 %)."
    means = np.array([pixels[known][digits[known] == digit].mean(axis=0) for digit in range(10)])
    by_means = int(np.sum(np.argmin(distances_expanded(pixels[unknown], means), axis=1) == truth))
    said += f" The nearest of the ten average digits names {by_means} right."
    if 100 * right >= 97 * k:
        return True, said
    if np.all((answer >= 0) & (answer < len(known))) and answer.max() > 9 and np.sum(digits[known][answer.astype(int)] == truth) >= 0.9 * k:
        return False, said + " What came are positions in the table of known digits: the labels that stand there are wanted."
    pairs, counts = np.unique(np.stack([truth, answer], axis=1)[answer != truth], axis=0, return_counts=True)
    was, taken = pairs[np.argmax(counts)]
    return False, said + f" The most frequent error: {was:g} was taken for {taken:g}, {np.max(counts)} times."


CHALLENGE = Challenge(
    "digits", "Read digits without training",
    "Write `classify(train, labels, queries)`, which names each unknown digit after its nearest known one. Reach 97 % on 300 unknown "
    "digits with 600 known ones.", judge_digits)
