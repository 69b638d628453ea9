"""What the graders of lab 01 know: cases, mistakes, right versions, hints."""
import numpy as np

from labutils.datasets import load_photo_patches
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz
from labutils.labs.lab00_numpy_foundations.graders import SIGMOID

from . import exercises as ex
from .exercises import cross_entropy_cost, initialize_with_zeros, logistic_model, optimize, predict, propagate, sigmoid

NAMES = {"m": "the number of examples", "n_x": "the number of inputs"}

# --- initialize_with_zeros -------------------------------------------------------------------------------------------


def initialize_by_list(n_x):
    return np.array([[0.0]] * n_x), 0


def initialize_by_reshape(n_x):
    return np.zeros(n_x).reshape(-1, 1), np.float64(0)


def initialize_by_product(n_x):
    return 0 * np.ones((n_x, 1), dtype=np.float32), 0.0


def initialize_two_arguments(n_x):
    return np.zeros(n_x, 1), 0.0


def initialize_as_array(n_x):
    return np.array((n_x, 1)), 0.0


INITIALIZE = Exercise(
    ex.initialize_with_zeros, title="Where to start", difficulty=1, importance=2, minutes=4,
    draw=lambda rng, n_x: (n_x,), sizes=[{"n_x": 1}, {"n_x": 2}, {"n_x": 5}], returns=("w", "b"), names=NAMES,
    mistakes=[
        Mistake("flat w", "`w` is flat, (n_x,). A flat array has no transpose and later broadcasts in ways you did not ask for: make it a column "
                "(n_x, 1) from the start.", replace=("(n_x, 1)", "n_x")),
        Mistake("w a row", "`w` is a row. In this course weights of one neuron are a column, (n_x, 1).", replace=("(n_x, 1)", "(1, n_x)")),
        Mistake("ones", "`w` starts at 1. Zeros are asked for: for a single neuron the gradient is not zero there, so they do no harm.",
                replace=("np.zeros", "np.ones")),
        Mistake("b starts at 1", "`b` starts at 1; it should be 0.", replace=("b = 0.0", "b = 1.0")),
        Mistake("b an array", "`b` is an array with one entry for each input. One neuron has one bias: a number.",
                replace=("b = 0.0", "b = np.zeros((n_x, 1))")),
        Mistake("b a flat array", "`b` is an array with one entry for each input. One neuron has one bias: a number.",
                replace=("b = 0.0", "b = np.zeros(n_x)")),
        Mistake("shape not a tuple", "A shape is *one* argument, a tuple: `np.zeros((rows, columns))` with two pairs of brackets. The second "
                "argument of `np.zeros` is the type.", function=initialize_two_arguments),
        Mistake("the shape as content", "`np.array((n_x, 1))` is an array that *holds* the two numbers. `np.zeros` makes one of that shape.",
                function=initialize_as_array),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other", "sign of w": "−0 = 0"},
    right=[initialize_by_list, initialize_by_reshape, initialize_by_product],
    hints=("One weight for each input, standing in a column; one bias, a number.",
           "w (n_x, 1), b = 0.",
           "w = zeros of shape (n_x, 1); b = 0.0; return both, w first"),
    why="For one neuron zero is as good a start as any: the cost is convex, and the gradient at zero is not zero. For a layer of neurons it "
        "would be fatal; lab 02 shows why.",
    after="The neuron exists; it only knows nothing yet.")

# --- cross_entropy_cost ----------------------------------------------------------------------------------------------


def labels(rng, m):
    """Labels (1, m), both kinds present if m > 1."""
    y = rng.integers(0, 2, (1, m))
    y[0, :2] = (0, 1)[:m] if m > 1 else y[0, :1]
    return y


def draw_predictions(rng, m):
    return np.round(rng.uniform(0.05, 0.95, (1, m)), 2), labels(rng, m)


def cost_by_dots(A, Y):
    m = Y.shape[1]
    return -(np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)) / m


def cost_by_where(A, Y):
    return np.mean(-np.log(np.where(Y == 1, A, 1 - A)))


def cost_by_loop(A, Y):
    total = 0
    for i in range(Y.shape[1]):
        total -= np.log(A[0, i]) if Y[0, i] == 1 else np.log(1 - A[0, i])
    return total / Y.shape[1]


def cost_clipped(A, Y):
    A = np.clip(A, 1e-12, 1 - 1e-12)
    return np.squeeze(-np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / A.shape[1])


CROSS_ENTROPY = Exercise(
    ex.cross_entropy_cost, title="How wrong is it?", difficulty=2, importance=3, minutes=10,
    draw=draw_predictions, sizes=[{"m": 1}, {"m": 2}, {"m": 4}, {"m": 7}], returns="cost", names=NAMES, race={"m": 10000},
    extra=[Case((np.array([[0.3]]), np.array([[1]])), {"m": 1}), Case((np.array([[0.3]]), np.array([[0]])), {"m": 1}),
           Case((np.array([[1.0, 0.5]]), np.array([[1, 0]])), {"m": 2}, label="a prediction of exactly 1",
                remark="where a prediction is exactly 0 or 1 the cost is nan: 0 · log 0 is not defined for a computer. A sigmoid reaches 1 only "
                       "beyond z ≈ 37.")],
    mistakes=[
        Mistake("minus sign left out", "The cost is negative. Logarithms of probabilities are below 0; the minus sign makes a large cost a bad one.",
                replace=("-(Y * np.log(A)", "(Y * np.log(A)")),
        Mistake("sum for mean", "The losses are added up but not divided by the number of examples. The cost is a *mean*, so that it can be compared "
                "between sets of different size.", replace=("np.mean(losses)", "np.sum(losses)")),
        Mistake("second term left out", "Only examples with label 1 cost anything. For label 0 the probability of the truth is 1 − A: the term "
                "(1 − Y) log(1 − A) is missing.", replace=(" + (1 - Y) * np.log(1 - A)", "")),
        Mistake("first term left out", "Only examples with label 0 cost anything: the term Y log A is missing.",
                replace=("Y * np.log(A) + ", "")),
        Mistake("terms subtracted", "The second term counts the wrong way: either the terms are subtracted from each other, or the minus sign reaches only the "
                "first, as brackets are missing. Each example uses one of the two, and both count the same: −(first + second).",
                replace=(" + (1 - Y)", " - (1 - Y)")),
        Mistake("A and Y exchanged", "`A` and `Y` have changed places, so the logarithm of the labels is taken, log 0 among them.",
                replace=("Y * np.log(A) + (1 - Y) * np.log(1 - A)", "A * np.log(Y) + (1 - A) * np.log(1 - Y)")),
        Mistake("mean squared error", "That is the mean squared error. It is a cost, but not this one: it does not come from the likelihood of labels 0 and 1.",
                replace=("-(Y * np.log(A) + (1 - Y) * np.log(1 - A))", "(A - Y) ** 2")),
        Mistake("mean absolute error", "That is the mean absolute difference. It is a cost, but not this one: a confident mistake costs at most 1 there.",
                replace=("-(Y * np.log(A) + (1 - Y) * np.log(1 - A))", "np.abs(A - Y)")),
        Mistake("log(A) for log(1 − A)", "Both terms take log A. The probability of label 0 is 1 − A.", replace=("np.log(1 - A)", "np.log(A)")),
        Mistake("labels exchanged", "The labels are exchanged: log A belongs to label 1, log(1 − A) to label 0.",
                replace=("Y * np.log(A) + (1 - Y) * np.log(1 - A)", "(1 - Y) * np.log(A) + Y * np.log(1 - A)")),
        Mistake("logarithm to base 2", "The logarithm is the one to base 2, so the cost is in bits. Here it is the natural one, `np.log`.",
                replace=("Y * np.log(A) + (1 - Y) * np.log(1 - A)", "Y * np.log2(A) + (1 - Y) * np.log2(1 - A)")),
        Mistake("logarithm to base 10", "The logarithm is the one to base 10. Here it is the natural one, `np.log`.",
                replace=("Y * np.log(A) + (1 - Y) * np.log(1 - A)", "Y * np.log10(A) + (1 - Y) * np.log10(1 - A)")),
        Mistake("sigmoid taken again", "The sigmoid is taken of A. A is a probability already, the sigmoid was its last step.",
                replace=[("np.log(A)", "np.log(sigmoid(A))"), ("np.log(1 - A)", "np.log(1 - sigmoid(A))")]),
        Mistake("divided by 2m", "The sum is divided by 2m. The factor ½ belongs to some forms of the squared error; the cross-entropy has none.",
                replace=("np.mean(losses)", "np.mean(losses) / 2")),
        Mistake("not averaged", "That is the loss of each example. The cost is one number, their mean.",
                replace=("float(np.mean(losses))", "losses")),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too"},
    right=[cost_by_dots, cost_by_where, cost_by_loop, cost_clipped],
    hints=("For each example ask: which probability did the neuron give to what was true? The loss is minus its logarithm.",
           "J = −(1/m) Σ [ Y log A + (1 − Y) log(1 − A) ]; everything (1, m), the sum over all m.",
           "losses = minus (Y times log of A plus (1 - Y) times log of 1 - A); return the mean, as a float"),
    why="For Y = 1 the second product vanishes, for Y = 0 the first: what remains is −log of the probability given to the truth.",
    after="A neuron that always says one half pays log 2 = 0.693 an example; remember the number.")

# --- propagate -------------------------------------------------------------------------------------------------------


def draw_neuron(rng, n_x, m):
    return (np.round(rng.normal(0, 0.7, (n_x, 1)), 2), float(np.round(rng.normal(0, 0.5), 2)),
            np.round(rng.normal(0, 1, (n_x, m)), 2), labels(rng, m))


def propagate_by_loops(w, b, X, Y):
    n_x, m = X.shape
    cost, dw, db = 0.0, np.zeros((n_x, 1)), 0.0
    for i in range(m):
        a = sigmoid((w[:, 0] * X[:, i]).sum() + b)
        cost -= Y[0, i] * np.log(a) + (1 - Y[0, i]) * np.log(1 - a)
        for j in range(n_x):
            dw[j, 0] += X[j, i] * (a - Y[0, i])
        db += a - Y[0, i]
    return {"dw": dw / m, "db": db / m}, cost / m


def propagate_by_means(w, b, X, Y):
    A = 0.5 + 0.5 * np.tanh((np.sum(w * X, axis=0, keepdims=True) + b) / 2)
    dZ = A - Y
    cost = -np.mean(np.log(np.where(Y == 1, A, 1 - A)))
    return {"dw": np.mean(X * dZ, axis=1, keepdims=True), "db": np.mean(dZ), "A": A}, np.array(cost)


def propagate_in_float32(w, b, X, Y):
    X32, Y32 = X.astype(np.float32), Y.astype(np.float32)
    A = 1 / (1 + np.exp(-(w.T.astype(np.float32) @ X32 + np.float32(b))))
    dZ = (A - Y32) / np.float32(X.shape[1])
    cost = -(Y32 @ np.log(A).T + (1 - Y32) @ np.log(1 - A).T) / X.shape[1]
    return dict(dw=X32 @ dZ.T, db=dZ.sum(keepdims=True)), cost


def numerical_gradients(w, b, X, Y, eps=1e-6):
    def cost(w, b):
        return propagate(w, b, X, Y)[1]

    dw = np.zeros(w.shape)
    for i in range(len(w)):
        step = np.zeros(w.shape)
        step[i] = eps
        dw[i] = (cost(w + step, b) - cost(w - step, b)) / (2 * eps)
    return {"dw": dw, "db": (cost(w, b + eps) - cost(w, b - eps)) / (2 * eps)}


PROPAGATE = Exercise(
    ex.propagate, title="Gradients of one neuron", difficulty=2, importance=3, minutes=15,
    draw=draw_neuron, sizes=[{"n_x": 2, "m": 1}, {"n_x": 3, "m": 4}, {"n_x": 2, "m": 5}, {"n_x": 5, "m": 2}, {"n_x": 1, "m": 3}],
    returns=("grads", "cost"), names=NAMES, numerical=numerical_gradients, uses=[CROSS_ENTROPY, SIGMOID], race={"n_x": 20, "m": 1000},
    mistakes=[
        Mistake("no mean in dw", "It comes out exactly m times too large, as if the division by the number of examples were missing. The cost is a "
                "*mean* over examples, so its gradient is one too.", replace=("np.dot(X, (A - Y).T) / m", "np.dot(X, (A - Y).T)")),
        Mistake("no mean in db", "It comes out exactly m times too large, as if the division by the number of examples were missing. The cost is a "
                "*mean* over examples, so its gradient is one too.", replace=("float(np.sum(A - Y)) / m", "float(np.sum(A - Y))")),
        Mistake("no mean", "They come out exactly m times too large, as if the division by the number of examples were missing. The cost is a "
                "*mean* over examples, so its gradient is one too.",
                replace=[("np.dot(X, (A - Y).T) / m", "np.dot(X, (A - Y).T)"), ("float(np.sum(A - Y)) / m", "float(np.sum(A - Y))")]),
        Mistake("Y − A", "The gradients point the other way, as if Y − A stood where A − Y belongs. A gradient points uphill; the step down comes later, "
                "with its own minus sign.", replace=[("X, (A - Y).T", "X, (Y - A).T"), ("np.sum(A - Y)", "np.sum(Y - A)")]),
        Mistake("sigmoid forgotten", "Everything comes out as if the sigmoid were missing: wᵀx + b can be any number; only σ makes it a probability.",
                replace=("sigmoid(np.dot(w.T, X) + b)", "np.dot(w.T, X) + b")),
        Mistake("bias forgotten", "Everything comes out as if the bias b were missing: z = wᵀx + b.", replace=("np.dot(w.T, X) + b", "np.dot(w.T, X)")),
        Mistake("bias inside the product", "b was added before the product, to w or to X. It is added once, after it.", replace=("np.dot(w.T, X) + b", "np.dot(w.T + b, X)")),
        Mistake("tanh", "The activation is the tanh. For a probability it has to be the sigmoid.", replace=("sigmoid(np.dot", "np.tanh(np.dot")),
        Mistake("slope of the sigmoid counted twice", "There is a factor A(1 − A) too many. With cross-entropy it cancels: ∂L/∂z = A − Y, as derived above.",
                replace=[("X, (A - Y).T", "X, ((A - Y) * A * (1 - A)).T"), ("np.sum(A - Y)", "np.sum((A - Y) * A * (1 - A))")]),
        Mistake("transpose of w missing", "w (n_x, 1) has to be turned round to meet X (n_x, m): wᵀ is (1, n_x), and wᵀX one number an example.",
                replace=("np.dot(w.T, X)", "np.dot(w, X)")),
        Mistake("transpose of A − Y missing", "X (n_x, m) meets A − Y (1, m) only if the latter is turned round: (n_x, m) times (m, 1) gives dw (n_x, 1).",
                replace=("np.dot(X, (A - Y).T)", "np.dot(X, A - Y)")),
        Mistake("divided by n_x", "The mean is taken over the number of inputs. It runs over the examples, the columns of X: m = X.shape[1].",
                replace=("X.shape[1]", "X.shape[0]")),
        Mistake("A for A − Y", "The gradient uses A where the error A − Y belongs: a right prediction should pull at nothing.",
                replace=[("X, (A - Y).T", "X, A.T"), ("np.sum(A - Y)", "np.sum(A)")]),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too", "steps exchanged": "the two steps do not depend on each other",
               "Y in place of X": "both have m columns", "-1 in place of 1": "the last axis is axis 1"},
    right=[propagate_by_loops, propagate_by_means, propagate_in_float32],
    hints=("Forward first: from X to the probabilities A, from A to the cost. Backward then: the error A − Y of each example, weighted with its inputs.",
           "A = σ(wᵀX + b) (1, m); J as before; dw = (1/m) X (A − Y)ᵀ (n_x, 1); db = (1/m) Σ (A − Y), a number.",
           "m = columns of X; A = sigmoid of w transposed times X plus b; cost from cross_entropy_cost; dw = X times (A - Y) transposed, over m; "
           "db = mean of A - Y; return the dict of both, and the cost"),
    why="∂L/∂z = A − Y for cross-entropy on a sigmoid; z depends on w through x and on b through 1. The mean over examples turns the sum into a matrix product.",
    after="From here on the lab trains with *your* gradients.")

# --- optimize --------------------------------------------------------------------------------------------------------


def draw_training(rng, n_x, m):
    return (*draw_neuron(rng, n_x, m), int(rng.integers(2, 6)), float(rng.choice([0.05, 0.1, 0.3, 0.7, 1.3])))


def optimize_with_while(w, b, X, Y, num_iterations, learning_rate):
    costs, left = [], num_iterations
    while left > 0:
        grads, cost = propagate(w, b, X, Y)
        w, b = w - learning_rate * grads["dw"], b - learning_rate * grads["db"]
        costs += [cost]
        left -= 1
    return dict(w=w, b=b), grads, costs


def optimize_on_copies(w, b, X, Y, num_iterations, learning_rate):
    w = w.astype(float).copy()
    costs = np.zeros(num_iterations)
    for i in range(num_iterations):
        grads, costs[i] = propagate(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b -= learning_rate * grads["db"]
    return {"w": w, "b": b}, {"dw": grads["dw"], "db": grads["db"]}, list(costs)


def optimize_by_hand(w, b, X, Y, num_iterations, learning_rate):
    costs, m = [], X.shape[1]
    for _ in range(num_iterations):
        A = sigmoid(w.T @ X + b)
        costs.append(-np.sum(np.log(A[Y == 1])) / m - np.sum(np.log(1 - A[Y == 0])) / m)
        dw, db = X @ (A - Y).T / m, (A - Y).mean()
        w, b = w - dw * learning_rate, b - db * learning_rate
    return {"w": w, "b": b}, {"dw": dw, "db": db}, costs


OPTIMIZE = Exercise(
    ex.optimize, title="Downhill", difficulty=2, importance=3, minutes=12,
    draw=draw_training, sizes=[{"n_x": 2, "m": 1}, {"n_x": 2, "m": 4}, {"n_x": 3, "m": 5}, {"n_x": 4, "m": 3}],
    returns=("params", "grads", "costs"), names=NAMES, uses=[PROPAGATE],
    mistakes=[
        Mistake("uphill", "The steps go uphill: the cost grows from step to step. The gradient points to where the cost *rises*, so it is subtracted.",
                replace=[('w - learning_rate * grads["dw"]', 'w + learning_rate * grads["dw"]'),
                         ('b - learning_rate * grads["db"]', 'b + learning_rate * grads["db"]')]),
        Mistake("b never moves", "`b` keeps its first value: its update is missing.", replace=('        b = b - learning_rate * grads["db"]\n', "")),
        Mistake("w never moves", "`w` keeps its first value: its update is missing.", replace=('        w = w - learning_rate * grads["dw"]\n', "")),
        Mistake("nothing moves", "`w` and `b` keep their first values, so all costs are equal: the updates are missing, or their results are not kept.",
                replace=[('        w = w - learning_rate * grads["dw"]\n', ""), ('        b = b - learning_rate * grads["db"]\n', "")]),
        Mistake("learning rate left out", "The steps are as long as the gradient itself: the learning rate is missing as a factor.",
                replace=[('learning_rate * grads["dw"]', 'grads["dw"]'), ('learning_rate * grads["db"]', 'grads["db"]')]),
        Mistake("one step too few", "There is one step too few: `range(n)` already makes n turns, from 0 to n − 1.",
                replace=("range(num_iterations)", "range(num_iterations - 1)")),
        Mistake("one step too many", "There is one step too many: `range(n)` makes n turns.", replace=("range(num_iterations)", "range(num_iterations + 1)")),
        Mistake("costs after the step", "Each cost belongs *before* its step: the first one is the cost of the parameters that came in. Yours are one step late.",
                replace=[("        costs.append(cost)\n", ""),
                         ('        b = b - learning_rate * grads["db"]\n', '        b = b - learning_rate * grads["db"]\n'
                          "        costs.append(propagate(w, b, X, Y)[1])\n")]),
        Mistake("only every hundredth cost", "Only every hundredth cost is kept. Here every step leaves one.",
                replace=("costs.append(cost)", "costs += [cost] if i % 100 == 0 else []")),
        Mistake("gradient computed once", "The gradient is computed once, before the loop. It changes as w and b move: compute it anew in each step.",
                replace=[("    for i in range", "    grads, cost = propagate(w, b, X, Y)\n    for i in range"),
                         ("        grads, cost = propagate(w, b, X, Y)\n        costs", "        costs")]),
        Mistake("always the first parameters", "Each step starts from the first w and b again, so only the last step counts. Keep the moved ones for the next turn.",
                replace=[("    for i in range", "    w0, b0 = w, b\n    for i in range"),
                         ("grads, cost = propagate(w, b, X, Y)", "grads, cost = propagate(w0, b0, X, Y)"),
                         ('w - learning_rate', 'w0 - learning_rate'), ('b - learning_rate', 'b0 - learning_rate')]),
        Mistake("parameters from before the last step", "`params` hold w and b from before the last step: they are put into the dict too early.",
                replace=[("        w = w -", "        params = {\"w\": w, \"b\": b}\n        w = w -"), ('return {"w": w, "b": b}', "return params")]),
        Mistake("gradients after the last step", "`grads` are those of the final parameters. The gradients that the last step used are wanted.",
                replace=("    return {", "    grads, cost = propagate(w, b, X, Y)\n    return {")),
        Mistake("stops after the first step", "Only one step is made: the `return` stands inside the loop.",
                replace=("    return {", "        return {")),
        Mistake("b updated before the gradient", "`b` moves with a gradient that was computed after `w` had moved. Both come from the same call of propagate.",
                replace=('        b = b - learning_rate * grads["db"]\n', '        grads, cost = propagate(w, b, X, Y)\n        b = b - learning_rate * grads["db"]\n')),
    ],
    unchanged={"steps exchanged": "the two steps do not depend on each other"},
    right=[optimize_with_while, optimize_on_copies, optimize_by_hand],
    hints=("One step: look at the slope where you stand, then move against it. Repeat.",
           "w ← w − α dw, b ← b − α db, with dw and db from propagate(w, b, X, Y) *before* the step; costs gets one number a step.",
           "costs = []; for each iteration: grads and cost from propagate; append the cost; w minus learning_rate times dw; the same for b. "
           "Return the dict of w and b, the last grads, the costs"),
    why="`w = w - …` makes a new array; `w -= …` would change the caller's.",
    after="This loop, with other gradients, trains every net of the course.")

# --- predict ---------------------------------------------------------------------------------------------------------


def draw_prediction(rng, n_x, m):
    w, b, X, _ = draw_neuron(rng, n_x, m)
    return w, b, X


def predict_by_sign(w, b, X):
    return w.T @ X + b > 0


def predict_by_loop(w, b, X):
    out = np.zeros((1, X.shape[1]))
    for i in range(X.shape[1]):
        if sigmoid(np.dot(w[:, 0], X[:, i]) + b) >= 0.5:
            out[0, i] = 1
    return out


def predict_by_rounding(w, b, X):
    return np.round(sigmoid(np.dot(w.T, X) + b))


def predict_indices(w, b, X):
    return np.where((sigmoid(np.dot(w.T, X) + b) > 0.5)[0])[0]


def predict_on_raw_scores(w, b, X):
    return (np.dot(w.T, X) + b > 0.5).astype(int)


PREDICT = Exercise(
    ex.predict, title="Yes or no", difficulty=1, importance=2, minutes=6,
    draw=draw_prediction, sizes=[{"n_x": 2, "m": 1}, {"n_x": 3, "m": 6}, {"n_x": 4, "m": 41}, {"n_x": 2, "m": 60}, {"n_x": 1, "m": 50}],
    returns="prediction", names=NAMES, uses=[SIGMOID], race={"n_x": 20, "m": 2000},
    mistakes=[
        Mistake("probabilities", "These are the probabilities themselves. A prediction says 0 or 1: compare them with one half.",
                replace=("(A > 0.5).astype(int)", "A")),
        Mistake("inverted", "Yes and no are exchanged: 1 belongs where the probability is *above* one half.", replace=("A > 0.5", "A < 0.5")),
        Mistake("plus and minus one", "The labels are −1 and 1. In this course they are 0 and 1.", replace=("(A > 0.5).astype(int)", "np.where(A > 0.5, 1, -1)")),
        Mistake("threshold on z", "The threshold one half is compared with z = wᵀx + b, before the sigmoid. A probability of one half means z = 0.",
                function=predict_on_raw_scores),
        Mistake("indices", "These are the places at which the answer is 1: `np.where` with one argument gives indices. The labels themselves are wanted.",
                function=predict_indices),
        Mistake("threshold 0", "A sigmoid is above 0 for every input, so everything is 1. The threshold of a probability is one half.",
                replace=("A > 0.5", "A > 0")),
        Mistake("bias forgotten", "The bias is missing: z = wᵀx + b.", replace=(" + b", "")),
        Mistake("flat answer", "The answer is flat, (m,). It has to be a row (1, m): compared with Y (1, m) it would else pass for now and break later.",
                replace=("(A > 0.5).astype(int)", "(A > 0.5).astype(int).ravel()")),
        Mistake("a single number", "`np.squeeze` drops every axis of length 1: for one example it leaves a number without axes.",
                replace=("(A > 0.5).astype(int)", "np.squeeze((A > 0.5).astype(int))")),
        Mistake("cut to 0", "Every answer is 0: turning a probability into a whole number cuts off what stands after the point. Compare with one half instead.",
                replace=("(A > 0.5).astype(int)", "A.astype(int)")),
        Mistake("transpose of w missing", "w (n_x, 1) has to be turned round to meet X (n_x, m): wᵀ is (1, n_x).", replace=("w.T", "w")),
    ],
    unchanged={"astype left out": "True and False count as 1 and 0", ">= in place of >": "at exactly one half either answer is right"},
    right=[predict_by_sign, predict_by_loop, predict_by_rounding],
    hints=("The neuron gives a probability. From when on would you bet on 1?",
           "A = σ(wᵀX + b) (1, m); 1 where A > ½, else 0.",
           "A as in propagate; return A > 0.5, as int"),
    why="A comparison gives True and False entry by entry; they count as 1 and 0. As σ(z) > ½ exactly where z > 0, the boundary is a flat plane.",
    after="The neuron can answer now.")

# --- logistic_model --------------------------------------------------------------------------------------------------


def draw_sets(rng, n_x, m, m_test):
    direction = rng.normal(0, 1, (n_x, 1))
    sets = []
    for size in (m, m_test):
        X = np.round(rng.normal(0, 1, (n_x, size)), 2)
        Y = (direction.T @ X + rng.normal(0, 1, (1, size)) > 0).astype(int)
        sets += [X, Y]
    return (*sets, int(rng.integers(3, 9)), float(rng.choice([0.05, 0.1, 0.3, 0.7])))


def model_in_other_order(X_train, Y_train, X_test, Y_test, num_iterations, learning_rate):
    params, _, costs = optimize(np.zeros((len(X_train), 1)), 0.0, X_train, Y_train, num_iterations, learning_rate)
    result = {**params, "costs": costs, "learning_rate": learning_rate}
    for name, X, Y in (("train", X_train, Y_train), ("test", X_test, Y_test)):
        result[f"Y_prediction_{name}"] = predict(params["w"], params["b"], X)
        result[f"{name}_accuracy"] = 100 - np.abs(result[f"Y_prediction_{name}"] - Y).mean() * 100
    return result


def model_with_inner_function(X_train, Y_train, X_test, Y_test, num_iterations, learning_rate):
    def accuracy(P, Y):
        return np.sum(P == Y) / Y.shape[1] * 100

    w, b = initialize_with_zeros(X_train.shape[0])
    costs = []
    for _ in range(num_iterations):
        params, _, cost = optimize(w, b, X_train, Y_train, 1, learning_rate)
        w, b = params["w"], params["b"]
        costs.extend(cost)
    p, q = predict(w, b, X_train), predict(w, b, X_test)
    return dict(w=w, b=b, costs=costs, Y_prediction_train=p, Y_prediction_test=q, train_accuracy=accuracy(p, Y_train), test_accuracy=accuracy(q, Y_test))


def model_by_hand(X_train, Y_train, X_test, Y_test, num_iterations, learning_rate):
    w, b, costs = np.zeros((X_train.shape[0], 1)), 0.0, []
    for _ in range(num_iterations):
        costs.append(cross_entropy_cost(sigmoid(w.T @ X_train + b), Y_train))
        grads, _ = propagate(w, b, X_train, Y_train)
        w, b = w - learning_rate * grads["dw"], b - learning_rate * grads["db"]
    p, q = (w.T @ X_train + b > 0).astype(float), (w.T @ X_test + b > 0).astype(float)
    return {"w": w, "b": b, "costs": costs, "Y_prediction_train": p, "Y_prediction_test": q,
            "train_accuracy": np.mean(p == Y_train) * 100.0, "test_accuracy": np.mean(q == Y_test) * 100.0}


MODEL = Exercise(
    ex.logistic_model, title="The whole model", difficulty=3, importance=3, minutes=12,
    draw=draw_sets, sizes=[{"n_x": 2, "m": 5, "m_test": 3}, {"n_x": 3, "m": 12, "m_test": 7}, {"n_x": 4, "m": 9, "m_test": 14}],
    returns="result", names={**NAMES, "m": "the number of training examples", "m_test": "the number of test examples"}, uses=[INITIALIZE, OPTIMIZE, PREDICT],
    mistakes=[
        Mistake("fractions", "The accuracies are fractions of 1; percent are wanted, 100 times as much.",
                replace=[("100 * float(np.mean(Y_prediction_train", "float(np.mean(Y_prediction_train"),
                         ("100 * float(np.mean(Y_prediction_test", "float(np.mean(Y_prediction_test")]),
        Mistake("error for accuracy", "These are the shares of *wrong* answers. The accuracy is what is left of 100 percent.",
                replace=[("Y_prediction_train == Y_train", "Y_prediction_train != Y_train"), ("Y_prediction_test == Y_test", "Y_prediction_test != Y_test")]),
        Mistake("untrained parameters", "The predictions, or what is returned, come from the zeros of the start: the trained w and b are in what optimize gives back.",
                replace=('    w, b = params["w"], params["b"]\n', "")),
        Mistake("predictions before training", "The predictions are made with the zeros of the start: those of the trained w and b are wanted.",
                replace=[("Y_prediction_train = predict(w, b, X_train)", "Y_prediction_train = predict(0 * w, 0.0, X_train)"),
                         ("Y_prediction_test = predict(w, b, X_test)", "Y_prediction_test = predict(0 * w, 0.0, X_test)")]),
        Mistake("trained on the test set", "The neuron is trained on the test set. What it is tested on it must not have seen, or the test says nothing.",
                replace=[("initialize_with_zeros(X_train.shape[0])", "initialize_with_zeros(X_test.shape[0])"),
                         ("optimize(w, b, X_train, Y_train,", "optimize(w, b, X_test, Y_test,")]),
        Mistake("tested on the training set", "What is called test comes from the training set. A neuron that has learned by heart would shine there.",
                replace=[("Y_prediction_test = predict(w, b, X_test)", "Y_prediction_test = predict(w, b, X_train)"),
                         ("np.mean(Y_prediction_test == Y_test)", "np.mean(Y_prediction_test == Y_train)")]),
        Mistake("accuracy of probabilities", "The accuracies are computed from probabilities. Count how many *predictions*, zeros and ones, are right.",
                replace=[("100 * float(np.mean(Y_prediction_train == Y_train))", "100 - 100 * np.mean(np.abs(sigmoid(w.T @ X_train + b) - Y_train))"),
                         ("100 * float(np.mean(Y_prediction_test == Y_test))", "100 - 100 * np.mean(np.abs(sigmoid(w.T @ X_test + b) - Y_test))")]),
        Mistake("test accuracy of the training set", "`test_accuracy` is computed from the training set.",
                replace=("np.mean(Y_prediction_test == Y_test)", "np.mean(Y_prediction_train == Y_train)")),
        Mistake("predictions exchanged", "The predictions for training and test set have changed places in the dict.",
                replace=[('"Y_prediction_train": Y_prediction_train', '"Y_prediction_train": Y_prediction_test'),
                         ('"Y_prediction_test": Y_prediction_test', '"Y_prediction_test": Y_prediction_train')]),
        Mistake("accuracies exchanged", "The accuracies of training and test set have changed places in the dict.",
                replace=[('"train_accuracy": train_accuracy', '"train_accuracy": test_accuracy'), ('"test_accuracy": test_accuracy', '"test_accuracy": train_accuracy')]),
        Mistake("a weight for each example", "w gets one entry for each example. It needs one for each *input*: the rows of X, X.shape[0].",
                replace=("initialize_with_zeros(X_train.shape[0])", "initialize_with_zeros(X_train.shape[1])")),
        Mistake("only the last cost", "`costs` holds the last cost alone. All of them are wanted, one a step.",
                replace=('"costs": costs', '"costs": costs[-1:]')),
    ],
    unchanged={"float left out": "a 0-d array or numpy number is a number too", "steps exchanged": "the two steps do not depend on each other",
               "X_test in place of X_train": "both have n_x rows"},
    right=[model_in_other_order, model_with_inner_function, model_by_hand],
    hints=("All parts exist: zeros, training, prediction, counting. Train with the training set only.",
           "w (n_x, 1), b from initialize_with_zeros(X_train.shape[0]); optimize; predict on both sets; accuracy = 100 · mean(prediction = Y).",
           "start at zeros; params, grads, costs from optimize on the training set; take w and b out of params; predict for both sets; compare with Y; "
           "return everything in one dict"),
    why="Nothing new is computed here: a model is the order in which the parts are called, and the discipline that the test set is only looked at.",
    after="A whole classifier, every line of it yours.")

EXERCISES = [INITIALIZE, CROSS_ENTROPY, PROPAGATE, OPTIMIZE, PREDICT, MODEL]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("shrug", "A neuron with all weights zero says 0.5 to every image. What is its cross-entropy cost?", {
        "a": ("0", "a cost of 0 needs probability 1 for every true label."),
        "b": ("0.5", "that would be the mean absolute error; the cost is a logarithm."),
        "c": ("log 2 ≈ 0.693", "−log 0.5 for each example, whatever its label, so the mean is log 2 too."),
        "d": ("it depends on how many labels are 1", "both labels get the probability 0.5, so all examples cost the same."),
    }, answer="c"),
    Quiz("zigzag", "A cost curve jumps up and down and ends higher than it began. What do you try first?", {
        "a": ("train longer", "more steps of a length that overshoots overshoot more often."),
        "b": ("a learning rate ten times smaller", "jumps mean that steps carry beyond the valley: shorten them first."),
        "c": ("more training data", "the curve shows trouble with *fitting* the data that are there; that comes first."),
        "d": ("a learning rate ten times larger", "the steps are too long already."),
    }, answer="b"),
    Quiz("overfitting", "Training accuracy 98 %, test accuracy 77 %. Which conclusion is safe?", {
        "a": ("the test set is too hard", "it is cut from the same photographs in the same way; nothing shows that it is harder for a better model."),
        "b": ("part of what was learned holds for the training images only", "that is what the gap says, no more: it was learned, and it does not carry over."),
        "c": ("training longer will close the gap", "you have just seen it widen."),
        "d": ("the gradient is wrong", "with a wrong gradient the training accuracy would hardly reach 98 %."),
    }, answer="b"),
]


def judge_features(features):
    X_train, Y_train, X_test, Y_test = load_photo_patches()
    train, test = np.asarray(features(X_train), float), np.asarray(features(X_test), float)
    if train.ndim != 2 or train.shape[1] != len(X_train):
        return False, f"The features have shape {train.shape}; (n, {len(X_train)}) is wanted, one image a column."
    if len(train) > 8:
        return False, f"There are {len(train)} numbers for each image; 8 are the most."
    if not (np.isfinite(train).all() and np.isfinite(test).all()):
        return False, "Some features are nan or inf."
    mean, std = train.mean(axis=1, keepdims=True), train.std(axis=1, keepdims=True) + 1e-12
    model = logistic_model((train - mean) / std, Y_train, (test - mean) / std, Y_test, 2000, 0.5)
    score = model["test_accuracy"]
    return score >= 95, (f"{len(train)} numbers an image: training {model['train_accuracy']:.1f} %, test {score:.1f} %. The neuron on all 3072 pixel values "
                         "had about 77 %.")


CHALLENGE = Challenge(
    "eight_numbers", "Eight numbers instead of three thousand",
    "Write `features(images)`, (m, 32, 32, 3) → (n, m) with n at most 8, so that one neuron reaches 95 % on the test images.", judge_features)
