"""Lab 04a: mistakes that the graders must know by name, chance, and what the lab's helpers promise."""
import numpy as np
import pytest
from test_graders import graded

from labutils.labs.lab04a_regularization import deep, exercises, moons
from labutils.labs.lab04a_regularization.graders import judge_fifty, numerical_gradients

LAB = "04a_regularization"
DROPOUT = "def f(A, keep_prob, rng, training=True):\n    mask = (rng.random(A.shape) < keep_prob) * 1.0\n"
NET = ("def f(X, parameters, keep_prob, rng):\n    A, caches, L = X, [], len(parameters) // 2\n    for l in range(1, L + 1):\n"
       "        W, b = parameters[f'W{l}'], parameters[f'b{l}']\n        Z = W @ A + b\n        linear, mask = (A, W, b), None\n"
       "        A = sigmoid(Z) if l == L else np.maximum(Z, 0)\n")


@pytest.mark.parametrize("name, source, words", [
    ("normalize_inputs", "def f(X_train, X_test):\n    mean, var = X_train.mean(1, keepdims=True), X_train.var(1, keepdims=True)\n"
     "    return (X_train - mean) / var, (X_test - mean) / var, mean, var", "by the *variance*"),
    ("normalize_inputs", "def f(X_train, X_test):\n    a, b = (X_train.mean(1, keepdims=True), X_train.std(1, keepdims=True)), (X_test.mean(1, keepdims=True), "
    "X_test.std(1, keepdims=True))\n"
     "    return (X_train - a[0]) / a[1], (X_test - b[0]) / b[1], *a", "its *own* mean and deviation"),
    ("l2_cost", "def f(AL, Y, parameters, lambd):\n    return deep_cost(AL, Y) + lambd / 2 / Y.size * sum(np.sum(v ** 2) for v in parameters.values())", "biases are "
    "penalised"),
    ("l2_cost", "def f(AL, Y, parameters, lambd):\n    return deep_cost(AL, Y) + lambd / Y.size * sum(np.sum(v ** 2) for k, v in parameters.items() if k[0] == 'W')",
        "not λ/m"),
    ("l2_cost", "def f(AL, Y, parameters, lambd):\n    return deep_cost(AL, Y) + lambd / (2 * Y.size) * np.sum(parameters['W1'] ** 2)", "first layer's weights"),
    ("l2_backward", "def f(AL, Y, caches, lambd):\n    g = model_backward(AL, Y, caches)\n    for l, ((_, W, b), _) in enumerate(caches, 1):\n"
     "        g[f'dW{l}'] += lambd * W / Y.size\n        g[f'db{l}'] += lambd * b / Y.size\n    return g", "Only weights are in l2_cost's penalty"),
    ("l2_backward", "def f(AL, Y, caches, lambd):\n    g = model_backward(AL, Y, caches)\n    for l, ((_, W, b), _) in enumerate(caches, 1):\n"
     "        g[f'dW{l}'] += lambd * W / (2 * Y.size)\n    return g", "half as large"),
    ("dropout_forward", DROPOUT + "    return (A * mask * keep_prob, mask) if training else (A, np.ones_like(A))", "*multiplied* by keep_prob"),
    ("dropout_forward", DROPOUT + "    return (A * mask, mask) if training else (A, np.ones_like(A))", "not scaled"),
    ("dropout_forward", DROPOUT + "    return A * mask / keep_prob, mask", "At test time chance has no place"),
    ("dropout_backward", "def f(dA, mask, keep_prob):\n    return dA * (np.random.random(dA.shape) < keep_prob) / keep_prob", "a new mask is drawn"),
    ("forward_with_dropout", NET + "        A, mask = dropout_forward(A, keep_prob, rng)\n        caches.append((linear, Z, mask))\n    return A, caches",
        "*output* layer are dropped"),
    ("forward_with_dropout", NET + "        if l < L:\n            A, mask = dropout_forward(A, keep_prob, rng)\n"
     "            mask = dropout_forward(A, keep_prob, rng)[1]\n        caches.append((linear, Z, mask))\n    return A, caches", "not the one that was used"),
    ("backward_with_dropout", "def f(AL, Y, caches, keep_prob):\n    g, dZ = {}, AL - Y\n    for l in range(len(caches), 0, -1):\n        (A, W, b), Z, _ = caches[l - 1]\n"
     "        g[f'dW{l}'], g[f'db{l}'] = dZ @ A.T / Y.size, dZ.mean(1, keepdims=True)\n        if l > 1:\n            dA = W.T @ dZ\n"
     "            dZ = dA * (np.random.random(dA.shape) < keep_prob) / keep_prob * (caches[l - 2][1] > 0)\n    return g", "a new mask is drawn"),
    ("numerical_gradient", "def f(f, theta, eps=1e-7):\n    steps = [eps * e.reshape(theta.shape) for e in np.eye(theta.size)]\n"
     "    return np.array([(f(theta + s) - f(theta)) / eps for s in steps]).reshape(theta.shape)", "to one side only"),
    ("gradient_check", "def f(f, gradient, theta, eps=1e-7):\n    return np.linalg.norm(gradient(theta) - numerical_gradient(f, theta, eps))", "not divided by anything"),
    ("gradient_check", "def f(f, gradient, theta, eps=1e-7):\n    g = n = gradient(theta)\n    return np.linalg.norm(g - n) / max(np.linalg.norm(g) + np.linalg.norm(n), "
    "1e-9)",
     "compared with itself"),
])
def test_catches_of_the_syllabus(labs, name, source, words):
    report = graded(labs[LAB], {"source": source.replace("def f(", f"def {name}(", 1), "exercise": name})
    assert not report.passed and report.mistake and words in report.message


@pytest.mark.parametrize("name", ["initialize_weights", "dropout_forward", "forward_with_dropout", "augment"])
def test_right_answers_pass_whatever_is_drawn(labs, name):
    """The reference with draws burnt first, so that every case sees other random numbers."""
    reference = labs[LAB].exercise(name).reference
    for burnt in range(1, 41):
        def shifted(*args, burnt=burnt):
            next(a for a in args if isinstance(a, np.random.Generator)).random(burnt)
            return reference(*args)

        assert labs[LAB].grade(name, shifted).passed


def test_a_tiny_error_is_not_taken_for_none(labs):
    report = graded(labs[LAB], {"exercise": "gradient_check", "source": "def gradient_check(f, gradient, theta, eps=1e-7):\n    g, n = gradient(theta), "
    "numerical_gradient(f, theta, eps)\n"
                                "    return 0.0 if np.allclose(g, n) else np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n))"})
    assert not report.passed and report.mistake == "rounded to nothing"


@pytest.mark.parametrize("activation", deep.ACTIVATIONS)
@pytest.mark.parametrize("skip", [0, 0.5])
def test_gradients_of_the_deep_net_equal_numerical_ones(activation, skip):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((3, 5)), rng.integers(0, 2, (1, 5))
    net = exercises.initialize_weights([3, 4, 4, 4, 1], "xavier", rng)
    grads = deep.gradients(X, Y, net, activation, skip)
    like = numerical_gradients(lambda p: exercises.deep_cost(deep.forward(X, p, activation, skip)[0], Y), net)
    assert all(np.allclose(grads[n], like[n], atol=1e-7) for n in like)


def test_moons_are_normalised_by_the_training_set_and_training_is_repeatable():
    X, Y, X_val, _, X_test, _ = moons.moons(3)
    assert np.allclose(X.mean(axis=1), 0) and np.allclose(X.std(axis=1), 1) and not np.allclose(X_test.mean(axis=1), 0)
    assert X.shape == (2, 200) and X_val.shape == (2, 200) and X_test.shape == (2, 1000)
    a, b = (moons.train(moons.plain, X, Y, (2, 4, 1), steps=60, seed=1) for _ in range(2))
    assert len(a) == 3 and all(np.array_equal(a[-1][k], b[-1][k]) for k in a[-1])


def test_the_challenge_tells_good_settings_from_others():
    def settings(activation, scheme, skip, max_norm, rate):
        return {"activation": activation, "weights": lambda dims, rng: exercises.initialize_weights(dims, scheme, rng), "skip": skip, "max_norm": max_norm, "rate": rate}

    assert judge_fifty(lambda: settings("tanh", "xavier", 50 ** -0.5, 1.0, 0.3))[0]
    assert not judge_fifty(lambda: settings("relu", "he", 0, None, 0.1))[0]
    assert "lack rate" in judge_fifty(lambda: {"activation": "relu", "weights": None, "skip": 0, "max_norm": None})[1]
