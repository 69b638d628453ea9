"""Lab 07b: what its graders must know by name."""
import pytest
import tensorflow as tf

from labutils import open_lab
from labutils.diagnosis import mistaken


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


def test_losses_far_from_zero_stay_finite():
    from labutils.labs.lab07b_gan.exercises import bce_from_logits

    s = tf.constant([[1e4], [-1e4]])
    with tf.GradientTape() as tape:
        tape.watch(s)
        loss = bce_from_logits(s, tf.constant([[0.0], [1.0]]))
    assert float(loss) == 1e4 and tape.gradient(loss, s).numpy().ravel().tolist() == [0.5, -0.5]
