"""Lab 07b: what its graders must know by name."""
import pytest
import tensorflow as tf

from labutils import open_lab
from labutils.diagnosis import edited, mistaken


@pytest.fixture(scope="module")
def lab():
    return open_lab("07b_gan")


@pytest.mark.parametrize(("exercise", "mistake", "word"), [
    ("bce_from_logits", "from probabilities", "finite"), ("bce_from_logits", "exp overflows", "exp"), ("generator_loss", "saturating", "saturating"),
    ("gan_train_step", "the generator's loss moves the discriminator", "discriminator"), ("gan_train_step", "the discriminator's loss moves the generator", "generator")])
def test_catches(lab, exercise, mistake, word):
    known = lab.exercise(exercise)
    report = lab.grade(exercise, mistaken(known, next(m for m in known.mistakes if m.name == mistake)))
    assert not report.passed and word in str(report)


@pytest.mark.parametrize(("exercise", "edit", "named"), [
    ("bce_from_probabilities", ("    losses", "    p = tf.clip_by_value(p, 1e-2, 1 - 1e-2)\n    losses"), "probabilities clipped"),
    ("discriminator_loss", ("real + fake", "real + tf.stop_gradient(fake)"), "gradient through the fakes stopped"),
    ("discriminator_loss", ("return real + fake", "return real, fake"), "another number of results"),
    ("cycle_consistency_loss", ("x - x_cycled", "x - tf.stop_gradient(x_cycled)"), "no gradient"),
    ("cycle_consistency_loss", ("x - x_cycled", "tf.abs(x) - tf.abs(x_cycled)"), "difference of sizes"),
    ("build_discriminator", ("Dense(1)", 'Dense(1, activation="relu")'), "activation at the end"),
    ("build_generator", (' * 64, activation="relu"', ' * 64, activation="tanh"'), "another activation"),
    ("gan_train_step", ("    return d_loss", "    discriminator.trainable = False\n    return d_loss"), "left frozen"),
    ("gan_train_step", ("discriminator(real, training=True)", "discriminator(2 * real - 1, training=True)"), "another d_loss"),
    ("gan_train_step", ("return d_loss, g_loss", "return float(d_loss), float(g_loss)"), "no tensors"),
    ("gan_train_step", ("zip(g_grads", "zip([0.1 * g for g in g_grads]"), "another length of step")])
def test_names_what_is_wrong(lab, exercise, edit, named):
    report = lab.grade(exercise, edited(lab.exercise(exercise), [edit], named))
    assert not report.passed and report.mistake == named


def test_a_compiled_step_passes(lab):
    assert lab.grade("gan_train_step", tf.function(lab.references["gan_train_step"])).passed


def test_what_is_right_in_a_step_is_said(lab):
    wrong = edited(lab.exercise("gan_train_step"), [("g_optimizer.apply_gradients(zip(g_grads, generator.trainable_variables))", "pass")], "")
    report = lab.grade("gan_train_step", wrong)
    assert "`d_loss`, `g_loss` and the discriminator's weights are right" in str(report) and report.mistake == "the generator stays"


def test_losses_far_from_zero_stay_finite():
    from labutils.labs.lab07b_gan.exercises import bce_from_logits

    s = tf.constant([[1e4], [-1e4]])
    with tf.GradientTape() as tape:
        tape.watch(s)
        loss = bce_from_logits(s, tf.constant([[0.0], [1.0]]))
    assert float(loss) == 1e4 and tape.gradient(loss, s).numpy().ravel().tolist() == [0.5, -0.5]
