"""Lab 04b: the mistakes that the syllabus wants known, no false alarms of chance, the animation, the challenge."""
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from test_graders import graded

from labutils import animation
from labutils.grading import grade
from labutils.labs.lab04b_optimization import exercises as ex
from labutils.labs.lab04b_optimization import graders

LAB = "04b_optimization"
BATCHES = "return [(X[:, p[k:k + batch_size]], Y[:, {other}[k:k + batch_size]]) for k in range(0, {stop}, batch_size)]"
ADAM = """    p, v, s = {{}}, {{}}, {{}}
    for n in parameters:
        d = "d" + n
        v[d] = beta1 * velocity[d] + (1 - beta1) * grads[d]
        s[d] = beta2 * square[d] + (1 - beta2) * grads[d] ** 2
        p[n] = parameters[n] - learning_rate * {step}
    return p, {averages}"""
RIGHT_STEP = "(v[d] / (1 - beta1 ** t)) / (np.sqrt(s[d] / (1 - beta2 ** t)) + epsilon)"


def adam(step, averages="v, s"):
    return ADAM.format(step=step, averages=averages)


@pytest.mark.parametrize("name, body, words", [
    ("random_mini_batches", "    p, q = rng.permutation(X.shape[1]), rng.permutation(X.shape[1])\n    " + BATCHES.format(other="q", stop="X.shape[1]"), "shuffled apart"),
    ("random_mini_batches", "    p = rng.permutation(X.shape[1])\n    " + BATCHES.format(other="p", stop="X.shape[1] // batch_size * batch_size"), "left over"),
    ("random_mini_batches", "    p = np.arange(X.shape[1])\n    " + BATCHES.format(other="p", stop="X.shape[1]"), "shuffle before you cut"),
    ("exponential_average", "    v, a = 0, []\n    for x in values:\n        v = (1 - beta) * v + beta * x\n        a.append(v)\n    return np.array(a) / "
     "(1 - beta ** np.arange(1, len(a) + 1) if bias_correction else 1)", "changed places"),
    ("exponential_average", "    v, a = 0, []\n    for x in values:\n        v = beta * v + (1 - beta) * x\n        a.append(v)\n    return np.array(a)", "uncorrected"),
    ("exponential_average", "    v, a = 0, []\n    for t, x in enumerate(values):\n        v = beta * v + (1 - beta) * x\n        a.append(v / (1 - beta ** (t + 1)))\n"
     "    return np.array(a)", "always corrected"),
    ("momentum_step", "    v = {k: beta * velocity[k] + (1 - beta) * grads[k] for k in velocity}\n    return {n: p - learning_rate * velocity['d' + n] for n, p in "
     "parameters.items()}, v", "*old*"),
    ("rmsprop_step", "    s = {k: beta * square[k] + (1 - beta) * grads[k] ** 2 for k in square}\n    return {n: p - learning_rate * grads['d' + n] / "
     "np.sqrt(s['d' + n] + epsilon) for n, p in parameters.items()}, s", "*inside* the root"),
    ("adagrad_step", "    s = {k: square[k] + grads[k] ** 2 for k in square}\n    return {n: p - learning_rate * grads['d' + n] / np.sqrt(s['d' + n] + epsilon) for n, p in "
     "parameters.items()}, s", "*inside* the root"),
    ("adam_step", adam("(v[d] / (1 - beta1 ** t)) / np.sqrt(s[d] / (1 - beta2 ** t) + epsilon)"), "*inside* the root"),
    ("adam_step", adam("v[d] / (np.sqrt(s[d]) + epsilon)"), "as they are"),
    ("adam_step", adam("(v[d] / (1 - beta1)) / (np.sqrt(s[d] / (1 - beta2)) + epsilon)"), "1 − beta**t"),
    ("adam_step", adam(RIGHT_STEP.replace("v[d]", "velocity[d]")), "*old* velocity"),
    ("adam_step", adam(RIGHT_STEP, "s, v"), "changed places"),
])
def test_catches_of_the_syllabus(labs, name, body, words):
    exercise = labs[LAB].exercise(name)
    head = exercise.text[:exercise.text.index(":\n")] + ":\n"
    report = graded(labs[LAB], {"source": head + body + "\n", "exercise": name})
    assert not report.passed and report.mistake and words in report.message


def test_epsilon_inside_the_root_shows_in_every_layer_and_at_the_first_step():
    """With the usual 1e-8 it would be invisible: the cases use large epsilons and small squares too."""
    for exercise in (graders.RMSPROP, graders.ADAGRAD, graders.ADAM):
        epsilons = [case.args[-1] for case in exercise.cases]
        assert max(epsilons) > 0.1 and min(epsilons) == 1e-8


def test_chance_gives_no_false_alarm():
    rng = np.random.default_rng(7)
    for size in graders.BATCHES.sizes[-5:]:
        for _ in range(60):
            args = graders.draw_examples(rng, **size)
            value = graders.play_batches(ex.random_mini_batches, *args)
            assert graders.observe_batches(args, value) == "as asked for"


@pytest.mark.parametrize("wrong, words", [
    (graders.batches_of_blocks, "blocks"), (graders.batches_shuffled_inside, "within their own batch"), (graders.batches_rolled, "blocks of neighbours"),
    (graders.batches_with_replacement, "several batches"), (graders.batches_rows_apart, "no examples")])
def test_wrong_orders_are_seen_whatever_the_seed(wrong, words):
    for seed in range(20):
        args = graders.draw_examples(np.random.default_rng(seed), 3, 103, 16)
        assert words in graders.observe_batches(args, graders.play_batches(wrong, *args))


def test_the_first_example_left_in_its_place_is_seen():
    def first_stays(X, Y, batch_size, rng):
        order = np.r_[0, 1 + rng.permutation(X.shape[1] - 1)]
        return [(X[:, order[k:k + batch_size]], Y[:, order[k:k + batch_size]]) for k in range(0, len(order), batch_size)]

    report = grade(graders.BATCHES, first_stays, {})
    assert not report.passed and "come first" in report.message


def test_averages_of_adam_are_judged_one_by_one():
    def square_kept(parameters, grads, velocity, square, *rest):
        new, v, _ = ex.adam_step(parameters, grads, velocity, square, *rest)
        return new, v, square

    report = grade(graders.ADAM, square_kept, {})
    assert not report.passed and {c.name for c in report.checks if not c.passed} == {f'square["d{n}{layer}"]' for n in "Wb" for layer in (1, 2, 3)}


def test_an_animation_is_a_gif_with_all_its_frames():
    from PIL import Image

    figure, axis = plt.subplots()
    axis.set_xlim(-1, 1)
    line, = axis.plot([0], [0], "o")
    data = animation.play(figure, lambda k: line.set_data([k / 10], [0]), range(4), "a dot moves to the right")
    plt.close(figure)
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "GIF" and picture.n_frames == 4 and len(data) < 100_000


def test_the_challenge_is_reached_by_a_better_rule_and_not_by_plain_adam(labs):
    def adam_with_rate(rate):
        def step(parameters, grads, kept):
            if not kept:
                kept.update(t=0, v=graders.zeros(parameters), s=graders.zeros(parameters))
            kept["t"] += 1
            new, kept["v"], kept["s"] = ex.adam_step(parameters, grads, kept["v"], kept["s"], kept["t"], rate, 0.9, 0.999, 1e-8)
            return new
        return step

    reached, said = graders.judge_step(adam_with_rate(0.01))
    assert not reached and "Passes until" in said
    assert not graders.judge_step(lambda parameters, grads, kept: None)[0]
