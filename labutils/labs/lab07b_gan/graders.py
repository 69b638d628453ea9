"""What the graders of lab 07b know: cases, mistakes, right versions, hints."""
import functools

import keras
import numpy as np
import tensorflow as tf

from labutils import structure
from labutils.calling import NOTHING, Fault, Odd, plain
from labutils.exercise import Challenge, Exercise, Mistake, Quiz

from . import exercises as ex
from .exercises import discriminator_loss, generator_loss

F32 = np.float32
NAMES = {"m": "the number of images", "k": "the number of generated images", "d": "the length of the noise"}


def some_targets(rng, m):
    """Targets 0, 1 and between, all of them where there is room."""
    return rng.permutation(np.resize([0.9, 0, 1, 0.3, 0, 1], m)).astype(F32)[:, None]


def tensors(function, *arrays, by):
    """The loss, and its gradient by those inputs that `by` names, {name: index}."""
    inputs = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = function(*inputs)
    if loss is None:
        return NOTHING
    if not tf.is_tensor(loss):
        found = plain(loss)
        if isinstance(found, Odd):
            return Fault(f"A tensor of rank 0 is wanted, the loss; what comes back is {found.what}.", "another type")
        if isinstance(found, tuple | list | dict):
            return Fault(f"{len(found)} things come back, in a {type(found).__name__}; one number is asked for, the loss.", "another number of results")
        return Fault("What comes back is not a tensor of TensorFlow's, so no gradient can flow through it: compute with TensorFlow all the way.", "no tensor")
    gradients = dict(zip(by, tape.gradient(loss, [inputs[i] for i in by.values()])))
    if all(g is None for g in gradients.values()):
        return Fault("No gradient flows from the loss back to its inputs: somewhere the way is cut (numpy, float, stop_gradient, rounding), or the inputs are not used.", "no gradient")
    return {"loss": plain(loss)} | {n: np.zeros(inputs[by[n]].shape, F32) if g is None else plain(g) for n, g in gradients.items()}


# --- bce_from_probabilities ------------------------------------------------------------------------------------------


def draw_probabilities(rng, m):
    p = rng.uniform(0.03, 0.97, (m, 1)).round(3)
    if m > 4:  # nearly certain: 0.001 to 0.004 from 0 and from 1
        p[:2, 0] = rng.uniform(0.001, 0.004), 1 - rng.uniform(0.001, 0.004)
    return p.astype(F32), some_targets(rng, m)


def play_probabilities(function, p, targets):
    return tensors(function, p, targets, by={"gradient": 0})


def probabilities_by_keras(p, targets):
    return keras.losses.BinaryCrossentropy()(targets, p)


def probabilities_by_function(p, targets):
    return keras.ops.mean(keras.losses.binary_crossentropy(targets, p))


def probabilities_by_loop(p, targets):
    total = 0.0
    for i in range(p.shape[0]):
        total = total - targets[i, 0] * tf.math.log(p[i, 0]) - (1 - targets[i, 0]) * tf.math.log1p(-p[i, 0])
    return total / p.shape[0]


SUMMED = "The losses are added up. Their mean is asked for: the loss should not grow with the batch."
PROBABILITIES = Exercise(
    ex.bce_from_probabilities, title="Cross-entropy, as the formula says", difficulty=1, importance=2, minutes=5, draw=draw_probabilities, play=play_probabilities,
    sizes=[{"m": 1}, {"m": 2}, {"m": 7}], returns="loss", names=NAMES, costly=True,
    mistakes=[
        Mistake("sign", "The sign is turned round: a log of a probability is below 0, a loss above.", replace=("-(targets", "(targets")),
        Mistake("summed", SUMMED, replace=("reduce_mean", "reduce_sum")),
        Mistake("not averaged", "There is one number for each example. Their mean is asked for.", replace=("tf.reduce_mean(losses)", "losses")),
        Mistake("only the real half", "Only the term with t is there: an example whose target is 0 costs nothing, so calling everything real would be free.",
                replace=(" + (1 - targets) * tf.math.log(1 - p)", "")),
        Mistake("only the fake half", "Only the term with 1 − t is there: an example whose target is 1 costs nothing.", replace=("targets * tf.math.log(p) + ", "")),
        Mistake("targets turned round", "Real and fake are exchanged: log p belongs to t, log(1 − p) to 1 − t.",
                replace=("targets * tf.math.log(p) + (1 - targets) * tf.math.log(1 - p)", "(1 - targets) * tf.math.log(p) + targets * tf.math.log(1 - p)")),
        Mistake("p and targets exchanged", "The logarithm is taken of the targets, and p stands before it. It is the prediction that is judged by its logarithm.",
                replace=("targets * tf.math.log(p) + (1 - targets) * tf.math.log(1 - p)", "p * tf.math.log(targets + 1e-7) + (1 - p) * tf.math.log(1 - targets + 1e-7)")),
        Mistake("taken for logits", "p is treated as a logit. It is a probability already: no sigmoid here.", replace=("    losses", "    p = tf.sigmoid(p)\n    losses")),
        Mistake("squared error", "That is the mean squared error. Cross-entropy is asked for.",
                replace=("-(targets * tf.math.log(p) + (1 - targets) * tf.math.log(1 - p))", "(p - targets) ** 2")),
        Mistake("targets made whole", "The targets are rounded to 0 or 1. Those between, such as 0.9, are meant as they are.",
                replace=("    losses", "    targets = tf.round(targets)\n    losses")),
        Mistake("logarithm to base 2", "The logarithm has base 2. The natural one is asked for.", replace=("(losses)", "(losses) / 0.6931472")),
        Mistake("probabilities clipped", "Probabilities near 0 and 1 are cut off. Where they are the loss is too small, and there is no gradient: leave p as it is.",
                replace=("    losses", "    p = tf.clip_by_value(p, 0.01, 0.99)\n    losses")),
        Mistake("small number inside the log", "A small number is added inside the logarithm: where p is near 0 or 1, the loss is too small. Leave p as it is.",
                replace=("targets * tf.math.log(p) + (1 - targets) * tf.math.log(1 - p)", "targets * tf.math.log(p + 0.01) + (1 - targets) * tf.math.log(1 - p + 0.01)")),
        Mistake("1 − log p", "The second term has 1 − log p. It is the logarithm of 1 − p.", replace=("tf.math.log(1 - p)", "(1 - tf.math.log(p))")),
        Mistake("entropy of the targets taken off", "The entropy of the targets is taken off: that is the relative entropy. Cross-entropy keeps it.",
                replace=("(losses)", "(losses + tf.math.xlogy(targets, targets) + tf.math.xlogy(1 - targets, 1 - targets))")),
        Mistake("targets smoothed", "The targets are moved towards ½, from 0 and 1 to 0.05 and 0.95. They are meant as they are.",
                replace=("    losses", "    targets = 0.9 * targets + 0.05\n    losses")),
        Mistake("half of it", "It comes out half as large as asked for: one mean over the batch, without a further ½.", replace=("(losses)", "(losses) / 2")),
    ],
    right=[probabilities_by_keras, probabilities_by_function, probabilities_by_loop],
    hints=("How surprised is one who said p, when t comes true?", "L = mean of −(t log p + (1 − t) log(1 − p)), over m numbers.",
           "minus the sum of targets times log p and (1 minus targets) times log(1 minus p); then the mean"),
    why="It is the negative log-likelihood of the targets.", after="Next you see where this formula breaks.")

# --- bce_from_logits -------------------------------------------------------------------------------------------------


def draw_logits(rng, m, scale):
    logits = rng.normal(0.3, 1, (m, 1)) * scale
    targets = some_targets(rng, m)
    if scale > 10:  # certain, and wrong as often as right
        logits = np.where(np.arange(m)[:, None] % 2, -1, 1) * (scale + 10 * np.abs(rng.normal(size=(m, 1))))
        targets = np.resize([0, 1, 1, 0], m).astype(F32)[:, None]
    return logits.round(2).astype(F32), targets


def play_logits(function, logits, targets):
    return tensors(function, logits, targets, by={"gradient": 0})


def logits_by_tensorflow(logits, targets):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits))


def logits_by_keras(logits, targets):
    return keras.losses.BinaryCrossentropy(from_logits=True)(targets, logits)


def logits_by_log_sigmoid(logits, targets):
    return -tf.reduce_mean(targets * tf.math.log_sigmoid(logits) + (1 - targets) * tf.math.log_sigmoid(-logits))


def logits_by_hand(logits, targets):
    return tf.reduce_mean(tf.maximum(logits, 0.0) - targets * logits + tf.math.log1p(tf.exp(-tf.abs(logits))))


SOFT = "tf.nn.softplus(logits)"
LOGITS = Exercise(
    ex.bce_from_logits, title="Cross-entropy that does not break", difficulty=2, importance=3, minutes=8, draw=draw_logits, play=play_logits,
    sizes=[{"m": 1, "scale": 1}, {"m": 3, "scale": 2}, {"m": 6, "scale": 1}, {"m": 4, "scale": 150}, {"m": 4, "scale": 30}], returns="loss", costly=True,
    names=NAMES | {"scale": "the size of the logits"},
    mistakes=[
        Mistake("from probabilities", "Right near zero, but not finite for logits far from it: sigmoid comes out as exactly 0 or 1 there, and log 0 is −∞. Do not "
                "make a probability first; stay with the logit.",
                replace=("tf.nn.softplus(logits) - targets * logits", "-(targets * tf.math.log(tf.sigmoid(logits)) + (1 - targets) * tf.math.log(1 - tf.sigmoid(logits)))")),
        Mistake("exp overflows", "Right near zero, but exp of a large logit is more than a float32 can hold: log(1 + exp(s)) becomes infinite, though it is nearly s. "
                "Write softplus so that exp only meets numbers below 0.", replace=(SOFT, "tf.math.log(1 + tf.exp(logits))")),
        Mistake("probabilities clipped", "The probability is kept away from 0 and 1. That keeps the loss finite, but flat: it stops growing at about 16, and where it is "
                "cut off there is no gradient. The one who is most wrong learns nothing.",
                replace=("    losses = tf.nn.softplus(logits) - targets * logits", "    p = tf.clip_by_value(tf.sigmoid(logits), 1e-7, 1 - 1e-7)\n    losses = "
                         "-(targets * tf.math.log(p) + (1 - targets) * tf.math.log(1 - p))")),
        Mistake("small number inside the log", "A small number is added inside the logarithm. That hides the infinity, but the loss stops growing where the logits are "
                "large, and the gradient dies there.",
                replace=("tf.nn.softplus(logits) - targets * logits", "-(targets * tf.math.log(tf.sigmoid(logits) + 1e-7) + (1 - targets) * tf.math.log(1 - "
                         "tf.sigmoid(logits) + 1e-7))")),
        Mistake("logits clipped", "The logits are cut off. Where they are cut the loss stops growing and the gradient is 0.",
                replace=("    losses", "    logits = tf.clip_by_value(logits, -20.0, 20.0)\n    losses")),
        Mistake("sigmoid twice", "A sigmoid is taken first, and its result treated as a logit: that is one sigmoid too many.",
                replace=("    losses", "    logits = tf.sigmoid(logits)\n    losses")),
        Mistake("sign", "The sign of the whole loss is turned round.", replace=("(losses)", "(-losses)")),
        Mistake("sign of the second term", "t·s is added; it is to be taken off: being sure of what is true lowers the loss.", replace=("- targets", "+ targets")),
        Mistake("targets turned round", "Real and fake are exchanged: a logit far above 0 with target 1 should cost next to nothing.",
                replace=("- targets * logits", "- (1 - targets) * logits")),
        Mistake("summed", SUMMED, replace=("reduce_mean", "reduce_sum")),
        Mistake("not averaged", "There is one number for each example. Their mean is asked for.", replace=("tf.reduce_mean(losses)", "losses")),
        Mistake("no targets", "Only softplus is there: the targets have no influence.", replace=(" - targets * logits", "")),
        Mistake("softplus alone, stable by relu", "relu takes softplus' place. They are alike far from zero, but near zero they differ by up to log 2.",
                replace=(SOFT, "tf.nn.relu(logits)")),
        Mistake("squared error", "That is the squared error of the probability. Cross-entropy is asked for.",
                replace=("tf.nn.softplus(logits) - targets * logits", "(tf.sigmoid(logits) - targets) ** 2")),
        Mistake("targets made whole", "The targets are rounded to 0 or 1. Those between are meant as they are.", replace=("    losses", "    targets = tf.round(targets)\n    losses")),
        Mistake("half of it", "It comes out half as large as asked for.", replace=("(losses)", "(losses) / 2")),
        Mistake("targets smoothed", "The targets are moved towards ½, from 0 and 1 to 0.05 and 0.95. They are meant as they are.",
                replace=("    losses", "    targets = 0.9 * targets + 0.05\n    losses")),
        Mistake("targets −1 and 1", "The targets are made −1 and 1. The formula is for 0 and 1: with t = −1 the loss has no smallest value.",
                replace=("    losses", "    targets = 2 * targets - 1\n    losses")),
        Mistake("softmax over the batch", "There is a softmax over the batch, as if the examples were classes of one. Each example is a question of its own: sigmoid.",
                function=lambda logits, targets: tf.reduce_mean(-targets * tf.nn.log_softmax(logits, axis=0))),
        Mistake("softplus of the size", "softplus is taken of |s|. softplus(s) = max(s, 0) + log(1 + exp(−|s|)): of s itself.", replace=(SOFT, "tf.nn.softplus(tf.abs(logits))")),
        Mistake("real ones weigh more", "Examples with target 1 weigh twice as much as those with 0. Both weigh the same.",
                replace=("tf.nn.softplus(logits) - targets * logits", "2 * targets * tf.nn.softplus(-logits) + (1 - targets) * tf.nn.softplus(logits)")),
    ],
    right=[logits_by_tensorflow, logits_by_keras, logits_by_log_sigmoid, logits_by_hand],
    hints=("exp may only meet numbers below 0.", "softplus(s) = max(s, 0) + log(1 + exp(−|s|)); L = mean of softplus(s) − t·s.",
           "TensorFlow's own softplus of the logits, minus targets times logits; the mean"),
    why="−log sigmoid(s) = softplus(−s) = softplus(s) − s. No probability is ever made, so none can round to 0.",
    after="A loss that stays finite, and teaches most where the answer is most wrong.")

# --- the two players' losses -----------------------------------------------------------------------------------------


def draw_two(rng, m, k, scale):
    return (rng.normal(0.5, 1, (m, 1)) * scale).round(2).astype(F32), (rng.normal(-0.3, 1, (k, 1)) * scale).round(2).astype(F32)


def play_two(function, real_logits, fake_logits):
    return tensors(function, real_logits, fake_logits, by={"gradient by real_logits": 0, "gradient by fake_logits": 1})


def d_by_softplus(real_logits, fake_logits):
    return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(tf.nn.softplus(fake_logits))


def d_by_keras(real, fake):
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    return bce(tf.ones_like(real), real) + bce(tf.zeros_like(fake), fake)


def d_by_log_sigmoid(real_logits, fake_logits):
    return -tf.reduce_mean(tf.math.log_sigmoid(real_logits)) - tf.reduce_mean(tf.math.log_sigmoid(-fake_logits))


ONES_REAL, ZEROS_FAKE = "tf.ones_like(real_logits)", "tf.zeros_like(fake_logits)"
D_LOSS = Exercise(
    ex.discriminator_loss, title="What the discriminator wants", difficulty=1, importance=3, minutes=6, draw=draw_two, play=play_two, returns="loss", costly=True,
    sizes=[{"m": 1, "k": 1, "scale": 1}, {"m": 2, "k": 3, "scale": 1}, {"m": 4, "k": 2, "scale": 150}],
    names=NAMES | {"scale": "the size of the logits"},
    mistakes=[
        Mistake("targets exchanged", "Real images get target 0 and fakes target 1: this discriminator is paid for being deceived.",
                replace=[(ONES_REAL, "tf.zeros_like(real_logits)"), (ZEROS_FAKE, "tf.ones_like(fake_logits)")]),
        Mistake("only the real part", "Only the real images count: a discriminator that calls everything real would be perfect.", replace=("real + fake", "real")),
        Mistake("only the fakes", "Only the fakes count: a discriminator that calls everything fake would be perfect.", replace=("real + fake", "fake")),
        Mistake("both called real", "Fakes get target 1 too. That is the generator's wish.", replace=(ZEROS_FAKE, "tf.ones_like(fake_logits)")),
        Mistake("both called fake", "Real images get target 0 too.", replace=(ONES_REAL, "tf.zeros_like(real_logits)")),
        Mistake("difference", "The part of the fakes is taken off: the discriminator would gain by being deceived. Both are costs.", replace=("real + fake", "real - fake")),
        Mistake("mean of the parts", "The mean of the two parts is taken. Their sum is asked for.", replace=("real + fake", "(real + fake) / 2")),
        Mistake("one mean over all", "One mean runs over real and fake images together. Each part has a mean of its own; then they are added.",
                replace=("real + fake", "(real * real_logits.shape[0] + fake * fake_logits.shape[0]) / (real_logits.shape[0] + fake_logits.shape[0])")),
        Mistake("one mean over all, doubled", "One mean runs over real and fake images together. Each part has a mean of its own, so that neither counts more because there "
                "are more of it.",
                replace=("real + fake", "2 * (real * real_logits.shape[0] + fake * fake_logits.shape[0]) / (real_logits.shape[0] + fake_logits.shape[0])")),
        Mistake("summed", SUMMED, replace=("real + fake", "real * real_logits.shape[0] + fake * fake_logits.shape[0]")),
        Mistake("smoothed targets", "Real images get target 0.9. That is a trick for later; here it is 1.", replace=(ONES_REAL, "0.9 * tf.ones_like(real_logits)")),
        Mistake("from probabilities", "The sigmoid is taken before the logarithm: for logits far from zero that is not finite. bce_from_logits has both in one.",
                function=lambda real, fake: -tf.reduce_mean(tf.math.log(tf.sigmoid(real))) - tf.reduce_mean(tf.math.log(1 - tf.sigmoid(fake)))),
        Mistake("sigmoid twice", "A sigmoid is taken before bce_from_logits, which has one in it already.",
                replace=[("bce_from_logits(real_logits", "bce_from_logits(tf.sigmoid(real_logits)"), ("bce_from_logits(fake_logits", "bce_from_logits(tf.sigmoid(fake_logits)")]),
        Mistake("arguments exchanged", "Logits and targets have changed places in the calls: bce_from_logits takes the logits first.",
                replace=[("bce_from_logits(real_logits, tf.ones_like(real_logits))", "bce_from_logits(tf.ones_like(real_logits), real_logits)"),
                         ("bce_from_logits(fake_logits, tf.zeros_like(fake_logits))", "bce_from_logits(tf.zeros_like(fake_logits), fake_logits)")]),
        Mistake("sign", "The sign is turned round: the discriminator would make its errors grow.", replace=("return real + fake", "return -(real + fake)")),
        Mistake("gradient through the fakes stopped", "The loss is right, but no gradient flows back to the logits of the fakes, so from them the discriminator learns nothing. Nothing is to "
                "be stopped here.", replace=("bce_from_logits(fake_logits", "bce_from_logits(tf.stop_gradient(fake_logits)")),
        Mistake("gradient through the real ones stopped", "The loss is right, but no gradient flows back to the logits of the real images.",
                replace=("bce_from_logits(real_logits", "bce_from_logits(tf.stop_gradient(real_logits)")),
        Mistake("hinge loss", "That is the hinge loss. Cross-entropy is asked for.",
                function=lambda real, fake: tf.reduce_mean(tf.nn.relu(1 - real)) + tf.reduce_mean(tf.nn.relu(1 + fake))),
        Mistake("least squares", "Those are squares of the distance of a logit from 1 and from 0. Cross-entropy is asked for.",
                function=lambda real, fake: tf.reduce_mean((real - 1) ** 2) + tf.reduce_mean(fake ** 2)),
        Mistake("the larger part", "Only the larger of the two parts counts. Their sum is asked for.", replace=("real + fake", "tf.maximum(real, fake)")),
        Mistake("fakes get −1", "Fakes get target −1. Cross-entropy knows 0 and 1: here 0.", replace=(ZEROS_FAKE, "-tf.ones_like(fake_logits)")),
        Mistake("relativistic", "The mean of the fakes' logits is taken off the real ones'. Each pile is judged alone here.",
                replace=("bce_from_logits(real_logits", "bce_from_logits(real_logits - tf.reduce_mean(fake_logits)")),
        Mistake("both targets smoothed", "The targets are 0.95 and 0.05. That is a trick for later; here they are 1 and 0.",
                replace=[(ONES_REAL, "0.95 * tf.ones_like(real_logits)"), (ZEROS_FAKE, "0.05 * tf.ones_like(fake_logits)")]),
        Mistake("critic's loss", "That is the loss of a Wasserstein critic, means of bare logits. Cross-entropy is asked for.",
                replace=("return real + fake", "return tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)")),
    ],
    unchanged={"in place of": "ones_like and zeros_like look at the shape alone", "steps exchanged": "neither needs the other"},
    right=[d_by_softplus, d_by_keras, d_by_log_sigmoid],
    hints=("Two piles of images, and for each the answer that is true.", "L = bce(s_real, 1) + bce(s_fake, 0), each a mean over its own pile.",
           "bce_from_logits of the real logits with ones of the same shape; of the fakes with zeros; added"),
    why="It is a classifier's loss, nothing new: real against fake.", after="One player knows what it wants.")


def draw_fake(rng, k, scale):
    return (rng.normal(-0.6, 1, (k, 1)) * scale).round(2).astype(F32)


def play_fake(function, fake_logits):
    return tensors(function, fake_logits, by={"gradient": 0})


def seen_in_fake(args, got, expected):
    """A loss that stays finite far from zero, or one that is right near zero alone."""
    s, loss = float(args[0][0, 0]), got.get("loss") if isinstance(got, dict) else None
    if np.size(loss) != 1 or not np.isfinite(loss):
        return None
    added = np.exp(-float(np.ravel(loss)[0])) - 1 / (1 + np.exp(-s))
    if len(args[0]) == 1 and 1e-6 < added < 0.2:
        return "small number inside the log", f"For one logit the loss is −log(p + {added:.2g}): as if a number were added inside the logarithm. bce_from_logits needs none."
    return None


def g_by_softplus(fake_logits):
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))


def g_by_keras(fake_logits):
    return keras.losses.BinaryCrossentropy(from_logits=True)(tf.ones_like(fake_logits), fake_logits)


def g_by_log_sigmoid(fake_logits):
    return -tf.reduce_mean(tf.math.log_sigmoid(fake_logits))


G_LOSS = Exercise(
    ex.generator_loss, title="What the generator wants", difficulty=1, importance=3, minutes=5, draw=draw_fake, play=play_fake, returns="loss", costly=True, variants=False, otherwise=seen_in_fake,
    sizes=[{"k": 1, "scale": 1}, {"k": 4, "scale": 1}, {"k": 5, "scale": 3}, {"k": 6, "scale": 150}], names=NAMES | {"scale": "the size of the logits"},
    mistakes=[
        Mistake("saturating", "That is the saturating loss, log(1 − p): the discriminator's own, with its sign turned. It wants the same, but has next to no gradient while "
                "fakes are easily told, which is when the generator has most to learn.",
                replace=("return bce_from_logits(fake_logits, tf.ones_like(fake_logits))", "return -bce_from_logits(fake_logits, tf.zeros_like(fake_logits))")),
        Mistake("the discriminator's wish", "That is the loss with target 0, which the discriminator wants of fakes. The generator wants them called real.", replace=("ones_like", "zeros_like")),
        Mistake("sign", "The sign is turned round: the generator would make its images easier to tell.", replace=("return bce", "return -bce")),
        Mistake("not averaged", "There is one number for each image. Their mean is asked for.", function=lambda fake_logits: tf.nn.softplus(-fake_logits)),
        Mistake("summed", SUMMED, replace=("tf.ones_like(fake_logits))", "tf.ones_like(fake_logits)) * fake_logits.shape[0]")),
        Mistake("target one half", "Target ½: that asks the discriminator to be undecided. The generator wants its images called real.",
                replace=("tf.ones_like(fake_logits)", "0.5 * tf.ones_like(fake_logits)")),
        Mistake("smoothed target", "Target 0.9: smoothing is a trick for the discriminator. The generator asks for 1.", replace=("tf.ones_like(", "0.9 * tf.ones_like(")),
        Mistake("bare logits", "That is the mean of the bare logits, as a Wasserstein GAN has it. Cross-entropy is asked for.",
                function=lambda fake_logits: -tf.reduce_mean(fake_logits)),
        Mistake("from probabilities", "The sigmoid is taken before the logarithm: for logits far from zero that is not finite.",
                function=lambda fake_logits: -tf.reduce_mean(tf.math.log(tf.sigmoid(fake_logits)))),
        Mistake("sigmoid twice", "A sigmoid is taken before bce_from_logits, which has one in it already.", replace=("logits(fake_logits,", "logits(tf.sigmoid(fake_logits),")),
        Mistake("arguments exchanged", "Logits and targets have changed places in the call.",
                replace=("fake_logits, tf.ones_like(fake_logits))", "tf.ones_like(fake_logits), fake_logits)")),
        Mistake("half of it", "It comes out half as large as asked for.", replace=("return bce", "return 0.5 * bce")),
        Mistake("least squares", "That is the square of the logit's distance from 1. Cross-entropy is asked for.", function=lambda fake_logits: tf.reduce_mean((fake_logits - 1) ** 2)),
        Mistake("both targets", "The part with target 0 is added: the generator would want its images called fake as well.",
                function=lambda fake_logits: tf.reduce_mean(tf.nn.softplus(-fake_logits) + tf.nn.softplus(fake_logits))),
        Mistake("probability, not its logarithm", "That is 1 minus the mean of p. The mean of −log p is asked for.", function=lambda fake_logits: 1 - tf.reduce_mean(tf.sigmoid(fake_logits))),
        Mistake("logarithm of the mean", "The logarithm is taken of the mean of p. The mean of the logarithms is asked for.",
                function=lambda fake_logits: -tf.math.log(tf.reduce_mean(tf.sigmoid(fake_logits)))),
        Mistake("exp of the logits", "That is the mean of exp(−s). The mean of log(1 + exp(−s)), softplus, is asked for.", function=lambda fake_logits: tf.reduce_mean(tf.exp(-fake_logits))),
    ],
    right=[g_by_softplus, g_by_keras, g_by_log_sigmoid],
    hints=("Which answer does the generator hope to hear?", "L = bce(s_fake, 1) = mean of softplus(−s).", "bce_from_logits of the fake logits, with ones of the same shape"),
    why="The same wish as the saturating loss, but with a gradient of −(1 − p): strong while the fakes are bad.", after="Both players know what they want.")

# --- the builders ----------------------------------------------------------------------------------------------------


def _nodes(model):
    """Kinds of the steps with weights or chance, in order, each with its layer."""
    try:
        layers = [(n.kind, n.layer) for n in structure.ordered(structure.graph(model))]
    except Exception:  # a subclassed model has no graph
        layers = [(type(l).__name__, l) for l in model._flatten_layers(include_self=False)]
    return [(k, l) for k, l in layers if l is not None and (getattr(l, "weights", None) or "Dropout" in k)]


def _without_graph(model):
    """Whether a model is a class of its own, whose layers need not stand in the order of its calls."""
    return not isinstance(model, keras.Sequential) and "Functional" not in type(model).__name__


def look_at(model, like, x, out_shape):
    """What is wrong with a built model, or {"model": "right"}; `like` is the reference's."""
    if model is None:
        return NOTHING
    if not isinstance(model, keras.Model):
        found = plain(model)
        return Fault(f"A keras.Model is wanted; this is {found.what if isinstance(found, Odd) else 'a ' + type(model).__name__}.", "not a model")
    want = x.shape[1:]
    try:
        out = np.asarray(model(x))
    except Exception as error:
        if "incompatible" in str(error).lower() or "expected" in str(error).lower() or "shape" in str(error).lower():
            return Fault(f"The model does not take inputs of shape {('m', *want)}, which latent_dim, image_shape and n_classes ask for.".replace("'m'", "m"), "another input")
        raise
    if out.shape != (len(x), *out_shape):
        return Fault(f"For inputs of shape {x.shape} the model gives {out.shape}; {(len(x), *out_shape)} is wanted.", "another output")
    mine, theirs = ([tuple(w.shape) for w in m.weights if "seed" not in w.path] for m in (model, like))
    kinds, wanted = [k for k, _ in _nodes(model)], [k for k, _ in _nodes(like)]
    if sorted(mine) != sorted(theirs):
        if any("Normalization" in k for k in kinds):
            return Fault("There is batch or layer normalisation in the model. None is asked for.", "normalisation")
        if len(mine) != len(theirs):
            return Fault(f"The model has {len(mine)} arrays of weights (kernels and biases) of shapes {mine}; what is asked for has {len(theirs)}: {theirs}.", "other layers")
        odd = next((a, b) for a, b in zip(mine + [None], theirs + [None]) if a != b)
        return Fault(f"An array of weights has shape {odd[0]}; {odd[1]} is wanted (for a convolution: height, width of the kernel, then channels).", "another size")
    drops = [round(float(l.rate), 3) for k, l in _nodes(model) if "Dropout" in k]
    should = [round(float(l.rate), 3) for k, l in _nodes(like) if "Dropout" in k]
    if drops != should:
        says = f"with rates {drops}" if drops else "none"
        return Fault(f"Dropout: {says}; wanted: {f'two, with rates {should}' if should else 'none'}.", "dropout")
    if kinds != wanted and "Dropout" in wanted and not _without_graph(model):
        return Fault(f"The steps come in the order {', '.join(kinds)}; {', '.join(wanted)} is wanted.", "order")
    return _computes(model, like, x, out_shape)


def _computes(model, like, x, out_shape):
    """Whether a model of the right sizes computes what it should, with the same weights as the reference's."""
    rng = np.random.default_rng(3)
    values = {tuple(w.shape): rng.normal(0, 1.2 * max(1, np.prod(w.shape[:-1])) ** -0.5, w.shape) for w in like.weights if "seed" not in w.path}
    for net in (model, like):
        for w in net.weights:
            if "seed" not in w.path:
                w.assign(values[tuple(w.shape)])
    mine, theirs = np.asarray(model(x)), np.asarray(like(x))
    if len(out_shape) == 1:  # as many logits above 0 as below
        for net in (model, like):
            for w in net.weights:
                if tuple(w.shape) in ((1,), tuple(like.weights[-2].shape)) and "seed" not in w.path:
                    w.assign(-values[tuple(w.shape)])
        mine, theirs = np.concatenate([mine, np.asarray(model(x))]), np.concatenate([theirs, np.asarray(like(x))])
    if np.allclose(mine, theirs, atol=2e-4):
        return {"model": "right"}
    if len(out_shape) == 1:
        for name, f in (("sigmoid", tf.sigmoid), ("tanh", tf.tanh), ("relu", tf.nn.relu), ("leaky_relu", lambda s: tf.nn.leaky_relu(s, 0.2))):
            if np.allclose(mine, f(theirs), atol=2e-4):
                return Fault(f"There is a {name} at the end. A logit is wanted, the dense layer's number as it is: the loss takes the sigmoid itself, in a way that stays "
                             "finite.", "activation at the end")
    else:
        logits = np.log(theirs) - np.log1p(-theirs)
        for name, f in (("tanh", np.tanh), ("linear", lambda s: s), ("relu", lambda s: np.maximum(s, 0))):
            if np.allclose(mine, f(logits), atol=2e-3):
                return Fault(f"The last activation is {name}; a sigmoid is wanted: pixels go from 0 to 1.", "last activation")
    other = _another_activation(mine, like, x)  # by the last weights that both were given
    if other:
        return Fault(other, "another activation")
    return Fault("The layers have the right sizes, but compute something else than what is asked for: an activation (which one, with which slope, and after which layer?) "
                 "or a setting is another.", "another computation")


OTHERS = {"no activation": lambda s: s, "ReLU": tf.nn.relu, "LeakyReLU with slope 0.01": lambda s: tf.nn.leaky_relu(s, 0.01), "LeakyReLU with slope 0.2": tf.nn.leaky_relu,
          "LeakyReLU with slope 0.3": lambda s: tf.nn.leaky_relu(s, 0.3), "ELU": tf.nn.elu, "tanh": tf.tanh, "sigmoid": tf.sigmoid}


def _another_activation(mine, like, x):
    """Where the reference gives the learner's numbers once an inner activation, or both, are another: a sentence; otherwise nothing."""
    layers = [l for l in like.layers if "Dropout" not in type(l).__name__]
    inner = [i for i, l in enumerate(layers) if "LeakyReLU" in type(l).__name__ or getattr(getattr(l, "activation", None), "__name__", "") == "relu"]

    def forward(replaced):
        out = tf.constant(x[:1])
        for i, layer in enumerate(layers):
            if i in replaced and "LeakyReLU" in type(layer).__name__:
                out = replaced[i](out)
            elif i in replaced:
                kept, layer.activation = layer.activation, replaced[i]
                try:
                    out = layer(out)
                finally:
                    layer.activation = kept
            else:
                out = layer(out)
        return np.asarray(out)
    for name, f in OTHERS.items():
        for place, at in (("in both places", inner), ("in the first place", inner[:1]), ("in the second place", inner[1:])):
            if np.allclose(mine[-len(x)], forward(dict.fromkeys(at, f))[0], atol=2e-4):
                return f"The layers have the right sizes, but {place} the activation between them is another: {name}."
    return ""


def draw_generator(rng, latent_dim, height, width, channels, n_classes):
    return latent_dim, (height, width, channels), n_classes, rng.normal(0, 1, (3, latent_dim + n_classes)).astype(F32)


@functools.lru_cache(16)
def _generator(*args):
    return ex.build_generator(*args)


@functools.lru_cache(16)
def _discriminator(*args):
    return ex.build_discriminator(*args)


def play_generator(build, latent_dim, image_shape, n_classes, z):
    model = build(latent_dim, image_shape, n_classes) if n_classes else build(latent_dim, image_shape)
    return look_at(model, _generator(latent_dim, image_shape, n_classes), z, image_shape)


def generator_functional(latent_dim, image_shape, n_classes=0):
    h, w, c = image_shape
    z = keras.Input((latent_dim + n_classes,))
    x = keras.layers.Dense(h * w * 4)(z)
    x = keras.layers.Reshape((h // 4, w // 4, 64))(keras.layers.ReLU()(x))
    x = keras.layers.ReLU()(keras.layers.Conv2DTranspose(32, (4, 4), (2, 2), "same")(x))
    return keras.Model(z, keras.layers.Activation("sigmoid")(keras.layers.Conv2DTranspose(c, 4, 2, "same")(x)))


def generator_by_add(latent_dim, image_shape, n_classes=0):
    net = keras.Sequential([keras.layers.InputLayer(shape=(latent_dim + n_classes,))])
    net.add(keras.layers.Dense((image_shape[0] // 4) * (image_shape[1] // 4) * 64, "relu"))
    net.add(keras.layers.Reshape((image_shape[0] // 4, image_shape[1] // 4, 64)))
    for filters, activation in ((32, "relu"), (image_shape[2], "sigmoid")):
        net.add(keras.layers.Conv2DTranspose(filters, 4, strides=2, padding="same", activation=activation))
    return net


def generator_relu_later(latent_dim, image_shape, n_classes=0):
    h, w = image_shape[0] // 4, image_shape[1] // 4
    layers = keras.layers
    return keras.Sequential([layers.Input(shape=(latent_dim + n_classes,)), layers.Dense(64 * h * w), layers.Reshape((h, w, 64)), layers.Activation("relu"),
                             layers.Conv2DTranspose(32, 4, strides=2, padding="same"), layers.Activation("relu"),
                             layers.Conv2DTranspose(image_shape[-1], 4, strides=2, padding="same", activation=tf.nn.sigmoid)])


GENERATOR = Exercise(
    ex.build_generator, title="The generator", difficulty=2, importance=3, minutes=9, draw=draw_generator, play=play_generator, variants=False, costly=True, returns="model",
    sizes=[{"latent_dim": 3, "height": 8, "width": 4, "channels": 1, "n_classes": 0}, {"latent_dim": 2, "height": 4, "width": 8, "channels": 3, "n_classes": 5}],
    names=NAMES, tied=(("latent_dim", "image_shape", "n_classes", "z"),),
    mistakes=[
        Mistake("another input", "…", replace=("(latent_dim + n_classes,)", "(latent_dim,)")),
        Mistake("another output", "…", replace=('Conv2DTranspose(channels, 4', 'Conv2DTranspose(1, 4')),
        Mistake("another output", "…", replace=('Conv2DTranspose(32, 4, strides=2', 'Conv2DTranspose(32, 4, strides=1')),
        Mistake("another size", "…", replace=('Conv2DTranspose(32, 4', 'Conv2DTranspose(32, 3')),
        Mistake("another size", "…", replace=('Conv2DTranspose(32, 4', 'Conv2DTranspose(64, 4')),
        Mistake("last activation", "…", replace=("sigmoid", "tanh")),
        Mistake("last activation", "…", replace=(', activation="sigmoid"', "")),
        Mistake("last activation", "…", replace=("sigmoid", "relu")),
        Mistake("another activation", "…", replace=(' * 64, activation="relu"', " * 64")),
        Mistake("another activation", "…", replace=('Conv2DTranspose(32, 4, strides=2, padding="same", activation="relu")', 'Conv2DTranspose(32, 4, strides=2, padding="same")')),
        Mistake("normalisation", "…", replace=("        keras.layers.Conv2DTranspose(32", "        keras.layers.BatchNormalization(),\n        keras.layers.Conv2DTranspose(32")),
        Mistake("dropout", "…", replace=("        keras.layers.Conv2DTranspose(32", "        keras.layers.Dropout(0.3),\n        keras.layers.Conv2DTranspose(32")),
        Mistake("other layers", "…", replace=("        keras.layers.Conv2DTranspose(32", '        keras.layers.Conv2D(64, 3, padding="same"),\n        keras.layers.Conv2DTranspose(32')),
        Mistake("nothing returned", "…", replace=("return keras", "net = keras")),
    ],
    right=[generator_functional, generator_by_add, generator_relu_later],
    hints=("Each transposed convolution with stride 2 doubles height and width; begin at a quarter.", "(latent_dim + n_classes) → h/4 · w/4 · 64 → (h/4, w/4, 64) → "
           "(h/2, w/2, 32) → (h, w, c)", "Input, Dense with relu, Reshape, Conv2DTranspose 32 with relu, Conv2DTranspose to the channels with sigmoid"),
    why="Sigmoid, since pixels go from 0 to 1.", after="Noise becomes a picture, though not of anything yet.")


def draw_discriminator(rng, height, width, channels, n_classes):
    return (height, width, channels), n_classes, rng.uniform(0, 1, (3, height, width, channels + n_classes)).astype(F32)


def play_discriminator(build, image_shape, n_classes, x):
    model = build(image_shape, n_classes) if n_classes else build(image_shape)
    return look_at(model, _discriminator(image_shape, n_classes), x, (1,))


def discriminator_functional(image_shape, n_classes=0):
    x = images = keras.Input((*image_shape[:2], image_shape[2] + n_classes))
    for filters in (32, 64):
        x = keras.layers.Conv2D(filters, 4, 2, "same")(x)
        x = keras.layers.Dropout(0.3)(keras.layers.LeakyReLU(negative_slope=0.2)(x))
    return keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(x)))


def discriminator_folded(image_shape, n_classes=0):
    h, w, c = image_shape
    net = keras.Sequential([keras.Input((h, w, c + n_classes))])
    for filters in (32, 64):
        net.add(keras.layers.Conv2D(filters, (4, 4), strides=(2, 2), padding="same", activation=lambda s: tf.nn.leaky_relu(s, 0.2)))
        net.add(keras.layers.Dropout(0.3))
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dense(1, activation="linear"))
    return net


def discriminator_dropped_first(image_shape, n_classes=0):
    h, w, c = image_shape
    layers = keras.layers
    return keras.Sequential([layers.Input((h, w, c + n_classes)), layers.Conv2D(32, 4, strides=2, padding="same"), layers.Dropout(0.3), layers.LeakyReLU(0.2),
                             layers.Conv2D(64, 4, strides=2, padding="same"), layers.Dropout(0.3), layers.LeakyReLU(0.2),
                             layers.Flatten(), layers.Dense(1)])


FIRST, SECOND = (f'        keras.layers.Conv2D({f}, 4, strides=2, padding="same"),\n        keras.layers.LeakyReLU(negative_slope=0.2),\n' for f in (32, 64))
DISCRIMINATOR = Exercise(
    ex.build_discriminator, title="The discriminator", difficulty=2, importance=3, minutes=9, draw=draw_discriminator, play=play_discriminator, variants=False, costly=True,
    sizes=[{"height": 8, "width": 4, "channels": 1, "n_classes": 0}, {"height": 5, "width": 8, "channels": 3, "n_classes": 4}], returns="model", names=NAMES,
    tied=(("image_shape", "n_classes", "x"),),
    mistakes=[
        Mistake("activation at the end", "…", replace=("Dense(1)", 'Dense(1, activation="sigmoid")')),
        Mistake("activation at the end", "…", replace=("Dense(1)", 'Dense(1, activation="relu")')),
        Mistake("activation at the end", "…", replace=("        keras.layers.Dense(1),", "        keras.layers.Dense(1),\n        keras.layers.LeakyReLU(negative_slope=0.2),")),
        Mistake("another input", "…", replace=("channels + n_classes", "channels")),
        Mistake("another output", "…", replace=("Dense(1)", "Dense(2)")),
        Mistake("another size", "…", replace=("Conv2D(32, 4", "Conv2D(32, 3")),
        Mistake("another size", "…", replace=("Conv2D(32, 4", "Conv2D(16, 4")),
        Mistake("another activation", "…", replace=(FIRST, FIRST.replace("0.2", "0.3"))),
        Mistake("another activation", "…", replace=(SECOND, SECOND.replace("LeakyReLU(negative_slope=0.2)", "ReLU()"))),
        Mistake("dropout", "…", replace=(FIRST + "        keras.layers.Dropout(0.3),\n", FIRST)),
        Mistake("dropout", "…", replace=(SECOND + "        keras.layers.Dropout(0.3),\n", SECOND + "        keras.layers.Dropout(0.7),\n")),
        Mistake("normalisation", "…", replace=(SECOND, SECOND + "        keras.layers.BatchNormalization(),\n")),
        Mistake("other layers", "…", replace=("        keras.layers.Dense(1)", "        keras.layers.Dense(8),\n        keras.layers.Dense(1)")),
        Mistake("nothing returned", "…", replace=("return keras", "net = keras")),
    ],
    right=[discriminator_functional, discriminator_folded, discriminator_dropped_first],
    hints=("A small classifier with two classes and one number, as in lab 05b.", "(h, w, c + n_classes) → 32 → 64 channels, each half as high and wide → one logit.",
           "twice: Conv2D with stride 2, LeakyReLU of slope 0.2, Dropout 0.3; then Flatten and Dense(1)"),
    why="A leaky slope lets gradient through everywhere: it is the generator's only teacher.", after="The other player stands.")

# --- gan_train_step --------------------------------------------------------------------------------------------------

OPTIMIZERS = {"SGD": (lambda: keras.optimizers.SGD(0.3), lambda: keras.optimizers.SGD(0.2)),
              "momentum": (lambda: keras.optimizers.SGD(0.1, momentum=0.9), lambda: keras.optimizers.SGD(0.3, momentum=0.5))}  # (generator's, discriminator's)


class Louder(keras.layers.Layer):
    """Doubles in training, so that the mode shows; nothing is left to chance."""

    def call(self, x, training=False):
        return x * (2.0 if training else 1.0)


@functools.lru_cache(1)
def _players():
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), Louder(), keras.layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="tanh"), Louder(), keras.layers.Dense(1)])
    return generator, discriminator


def draw_gan_step(rng, m, optimizer):
    weights = [[rng.normal(0, 0.6, w.shape).round(2).astype(F32) for w in net.weights] for net in _players()]
    return optimizer, *weights, rng.normal(1.5, 1.2, (m, 2)).round(2).astype(F32), rng.normal(0, 1, (m, 3)).round(2).astype(F32)


def play_gan_step(function, optimizer, g_weights, d_weights, real, z):
    """Both players get their weights; then a step, which is looked at, and where the optimizer remembers a second one on other numbers."""
    players, before = _players(), (g_weights, d_weights)
    for net, weights in zip(players, before):
        net.trainable = True
        net.set_weights(weights)
    optimizers = [make() for make in OPTIMIZERS[optimizer]]
    function = getattr(function, "python_function", function)  # where it stands under @tf.function, which allows no second optimizer
    value = function(*players, *optimizers, tf.constant(real), tf.constant(z))
    if isinstance(value, dict):
        return Fault("A dict came back; the two losses alone are asked for, (d_loss, g_loss).", "not two losses")
    if not isinstance(value, tuple | list) or len(value) != 2:
        return Fault("Two losses are to come back, (d_loss, g_loss).", "not two losses")
    losses = [plain(v) for v in value]
    if any(isinstance(v, Odd) or np.size(v) != 1 or np.ndim(v) or v is None for v in losses):
        return Fault("Each of the two losses is to be one number, a tensor of rank 0.", "not two numbers")
    if not all(map(tf.is_tensor, value)):
        return Fault("The losses come back as plain numbers. Tensors are asked for: when the game is played, the step is compiled by tf.function, in which there are no plain numbers.",
                     "no tensors")
    after, frozen = [net.get_weights() for net in players], [len(net.trainable_variables) != len(net.weights) for net in players]
    found = dict(zip(PARTS, (*map(F32, losses), *map(_flat, after)))) | _seen(before, after, real, z, [float(v) for v in losses], optimizers)
    for name, part, ice in zip(("generator", "discriminator"), PARTS[2:], frozen):
        if ice:
            found[part] = found["all weights after a second step"] = Fault(f"After the step the {name} is frozen (trainable is False): it would never learn again. The list of variables "
                                                                           "says who learns.", "left frozen")
            return found
    if optimizer == "momentum":
        for net, weights in zip(players, after):
            net.set_weights(weights)
        function(*players, *optimizers, tf.constant(-real), tf.constant(-z))
        found["all weights after a second step"] = _flat([w for net in players for w in net.get_weights()])
    return found


PARTS = "d_loss", "g_loss", "the generator's weights", "the discriminator's weights"
# How a call of the players may lack training=True: (the generator, the discriminator on real images, on fakes) in training
MODES = {"generator not in training": (False, True, True), "discriminator not in training": (True, False, False), "nobody in training": (False, False, False),
         "fakes not in training": (True, True, False), "real not in training": (True, False, True)}
_KNOWN = {}


def _flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def _facts(weights, real, z, modes=(True, True, True)):
    """The parts of the losses at these weights, and their gradients by the generator's and the discriminator's weights: three dicts."""
    key = (modes, *(a.tobytes() for a in (*weights[0], *weights[1], real, z)))
    if key not in _KNOWN:
        players = _players()
        for net, values in zip(players, weights):
            net.trainable = True
            net.set_weights(values)
        with tf.GradientTape(persistent=True) as tape:
            fake = players[0](tf.constant(z), training=modes[0])
            r, f = players[1](tf.constant(real), training=modes[1]), players[1](fake, training=modes[2])
            parts = {"real": ex.bce_from_logits(r, tf.ones_like(r)), "fake": ex.bce_from_logits(f, tf.zeros_like(f)), "g": ex.bce_from_logits(f, tf.ones_like(f)),
                     "real called fake": ex.bce_from_logits(r, tf.zeros_like(r)), "smooth": ex.bce_from_logits(r, 0.9 * tf.ones_like(r))}
            parts["d"] = parts["real"] + parts["fake"]
        of_g, of_d = ({n: _flat(tape.gradient(parts[n], net.trainable_variables)) for n in names}
                      for net, names in zip(players, (("d", "g"), ("real", "fake", "d", "g"))))
        if len(_KNOWN) > 200:
            _KNOWN.clear()
        _KNOWN[key] = {n: float(v) for n, v in parts.items()}, of_g, of_d
    return _KNOWN[key]


SEEN = {  # beside the named mistakes: what they are called and what is said of them
    "fakes not in training": "The discriminator is called without training=True on the fakes.",
    "real not in training": "The discriminator is called without training=True on the real images.",
    "nobody in training": "Both players are called without training=True.",
    "the generator moves twice": "The generator's gradients are applied twice.",
    "the discriminator goes uphill": "The discriminator's loss goes up: the sign of its gradients is turned round.",
    "only the fakes": "The discriminator learns from fakes only.",
    "the generator judged by real images": "generator_loss gets the logits of the real images, in which the generator has no part.",
    "the discriminator stays": "The discriminator's weights stay as they were.",
}


def _mistake(name):
    """What is said of a named mistake of this exercise, as something seen."""
    return Fault(SEEN.get(name) or next(m.says for m in STEP.mistakes if m.name == name), name)


def _same(a, b):
    return np.allclose(a, b, rtol=1e-3, atol=1e-5)


def _seen(before, after, real, z, said, optimizers):
    """What is wrong with the first step, {part: Fault}: with the losses that came back, or, where they are right, with how the weights moved."""
    parts, of_g, of_d = _facts(before, real, z)
    wrong = [n for n, a, b in zip(PARTS, said, (parts["d"], parts["g"])) if not _same(a, b)]
    if wrong:
        return dict.fromkeys(wrong, _seen_losses(before, after, real, z, said, parts))
    rates = [float(np.asarray(o.learning_rate)) for o in optimizers]
    a, b = ((_flat(old) - _flat(new)) / rate for old, new, rate in zip(before, after, rates))

    def moves(mine, like):
        return np.allclose(mine, like, rtol=2e-3, atol=1e-4 * max(1e-3, np.abs(like).max()) + 2e-6)
    wrong = [n for n, mine, like in zip(PARTS[2:], (a, b), (of_g["g"], of_d["d"])) if not moves(mine, like)]
    return dict.fromkeys(wrong, _seen_steps(before, after, real, z, (a, b), (of_g, of_d), optimizers, rates[0] / rates[1], moves)) if wrong else {}


def _seen_steps(before, after, real, z, moved, gradients, optimizers, ratio, moves):
    """How the players moved, where the losses are right and a step is not."""
    (a, b), (of_g, of_d) = moved, gradients
    for name, holds in (("the generator's loss moves the discriminator", moves(a, of_g["g"]) and moves(b, of_d["d"] + ratio * of_d["g"])),
                        ("optimizers exchanged", moves(a, of_g["g"] / ratio) and moves(b, ratio * of_d["d"])),
                        ("the discriminator's loss moves the generator", moves(b, of_d["d"]) and moves(a, of_g["g"] + of_g["d"] / ratio)),
                        ("both follow the sum of the losses", moves(a, of_g["g"] + of_g["d"]) and moves(b, of_d["g"] + of_d["d"]))):
        if holds:
            return _mistake(name)
    for name, o, old, new in zip(("generator", "discriminator"), optimizers, before, after):
        if int(o.iterations) == 0 and not np.array_equal(_flat(old), _flat(new)):
            return Fault(f"The {name}'s weights move, but the optimizer given for the {name} was never asked.", "not by its optimizer")
    late_d, late_g = _facts((before[0], after[1]), real, z)[1], _facts((after[0], before[1]), real, z)[2]
    if not moves(a, of_g["g"]):
        for name, like in (("the generator stays", 0 * a), ("the generator goes uphill", -of_g["g"]), ("the generator moves twice", 2 * of_g["g"]),
                           ("the generator follows the discriminator's loss", of_g["d"]), ("the discriminator moved first", late_d["g"])):
            if moves(a, like):
                return _mistake(name)
        return _another_step("generator", "g_loss", a, of_g["g"], before[0], after[0])
    for name, like in (("the discriminator stays", 0 * b), ("the discriminator goes uphill", -of_d["d"]), ("the discriminator moves twice", 2 * of_d["d"]),
                       ("the discriminator follows the generator's loss", of_d["g"]), ("the generator moved first", late_g["d"])):
        if moves(b, like):
            return _mistake(name)
    return _another_step("discriminator", "d_loss", b, of_d["d"], before[1], after[1])


def _seen_losses(before, after, real, z, said, parts):
    """What the losses are that came back, instead of those asked for."""
    d, g = parts["d"], parts["g"]
    if _same(said[0], g) and _same(said[1], d):
        return _mistake("losses exchanged")
    for name, modes in MODES.items():
        other = _facts(before, real, z, modes)[0]
        if _same(said[0], other["d"]) and _same(said[1], other["g"]):
            return _mistake(name)
    late, late_d, late_g = (_facts(w, real, z)[0] for w in (after, (before[0], after[1]), (after[0], before[1])))
    if _same(said[0], late["d"]) and _same(said[1], late["g"]):
        return _mistake("losses from after the step")
    if _same(said[0], said[1]):
        return Fault("The same number comes back twice; d_loss and then g_loss are asked for.", "one number twice")
    if _same(said[0], d):
        if _same(said[1], late_d["g"]):
            return _mistake("the discriminator moved first")
        for name, value in (("saturating", -parts["fake"]), ("the generator judged by real images", parts["real"])):
            if _same(said[1], value):
                return _mistake(name)
        if _same(said[1], parts["fake"]):
            return Fault("g_loss is the cross-entropy of the fakes with target 0, as the discriminator wants them called. The generator wants them called real.", "the discriminator's wish")
        if _same(said[1], -d):
            return Fault("g_loss is d_loss with its sign turned round. generator_loss is meant: it does not vanish where fakes are told easily.", "minus d_loss")
        return Fault(f"d_loss is right, but g_loss is {said[1]:.4g}; generator_loss of the fakes made from z, with the weights before the step, is {g:.4g}.", "another g_loss")
    if _same(said[1], g):
        if _same(said[0], late_g["d"]):
            return _mistake("the generator moved first")
        for name, value in (("only the real part", parts["real"]), ("only the fakes", parts["fake"]), ("real and fake exchanged", parts["real called fake"] + g)):
            if _same(said[0], value):
                return _mistake(name)
        for name, value, says in (("fakes in place of real images", g + parts["fake"], "d_loss is that of the fakes in both places: the discriminator never learns from real images."),
                                  ("d_loss halved", d / 2, "d_loss is half as large as asked for."),
                                  ("real targets smoothed", parts["smooth"] + parts["fake"], "Real images get target 0.9. Here it is 1, as discriminator_loss has it.")):
            if _same(said[0], value):
                return Fault(says, name)
        return Fault(f"g_loss is right, but d_loss is {said[0]:.4g}; with the weights before the step, real images cost {parts['real']:.4g} and fakes {parts['fake']:.4g}, together "
                     f"{d:.4g}.", "another d_loss")
    return Fault(f"Neither loss is that of the fakes made from z and of the images in real, with the weights before the step: d_loss is {said[0]:.4g} instead of {d:.4g}, g_loss "
                 f"{said[1]:.4g} instead of {g:.4g}.", "both losses are others")


def _another_step(name, loss, moved, like, old, new):
    """How a player moved that did not move down its own loss."""
    still = [i for i, (a, b) in enumerate(zip(old, new)) if np.array_equal(a, b)]
    if still:
        return Fault(f"Only a part of the {name}'s weights move; {len(still)} of its {len(old)} arrays stay as they were.", "a part stays")
    length, norm = float(moved @ like), float(like @ like)
    if norm and np.linalg.norm(moved - length / norm * like) < 2e-3 * np.linalg.norm(moved):
        return Fault(f"The {name} moves in the right direction, but {length / norm:.3g} times as far as its optimizer would with the gradient of {loss}.", "another length of step")
    return Fault(f"The losses are right, but the {name}'s weights do not move as its optimizer would move them with the gradient of {loss}.", f"another step of the {name}")


def step_persistent(generator, discriminator, g_optimizer, d_optimizer, real, z):
    with tf.GradientTape(persistent=True) as tape:
        fake = generator(z, training=True)
        said = discriminator(fake, training=True)
        d, g = discriminator_loss(discriminator(real, training=True), said), generator_loss(said)
    of_g, of_d = tape.gradient(g, generator.trainable_variables), tape.gradient(d, discriminator.trainable_variables)
    g_optimizer.apply(of_g, generator.trainable_variables)
    d_optimizer.apply(of_d, discriminator.trainable_variables)
    return d, g


def step_together(generator, discriminator, g_optimizer, d_optimizer, real, z):
    m = real.shape[0]
    with tf.GradientTape() as one, tf.GradientTape() as two:
        logits = discriminator(tf.concat([real, generator(z, training=True)], axis=0), training=True)
        d_loss = tf.reduce_mean(tf.nn.softplus(-logits[:m])) + tf.reduce_mean(tf.nn.softplus(logits[m:]))
        g_loss = tf.reduce_mean(tf.nn.softplus(-logits[m:]))
    pairs = [(o, list(zip(t.gradient(l, n.trainable_variables), n.trainable_variables)))
             for o, t, l, n in ((d_optimizer, one, d_loss, discriminator), (g_optimizer, two, g_loss, generator))]
    for optimizer, pair in pairs:
        optimizer.apply_gradients(pair)
    return [d_loss, g_loss]


def step_one_by_one(generator, discriminator, g_optimizer, d_optimizer, real, z):
    with tf.GradientTape() as tape:
        g_loss = generator_loss(discriminator(generator(z, training=True), training=True))
    g_grads = tape.gradient(g_loss, generator.trainable_variables)
    fake = tf.stop_gradient(generator(z, training=True))
    with tf.GradientTape() as tape:
        d_loss = discriminator_loss(discriminator(real, training=True), discriminator(fake, training=True))
    d_grads = tape.gradient(d_loss, discriminator.trainable_variables)
    g_optimizer.apply_gradients(zip(g_grads, generator.trainable_variables))
    d_optimizer.apply_gradients(zip(d_grads, discriminator.trainable_variables))
    return tf.identity(d_loss), tf.identity(g_loss)


def step_d_first(generator, discriminator, g_optimizer, d_optimizer, real, z):
    with tf.GradientTape() as tape:
        d_loss = discriminator_loss(discriminator(real, training=True), discriminator(generator(z, training=True), training=True))
    d_optimizer.apply_gradients(zip(tape.gradient(d_loss, discriminator.trainable_variables), discriminator.trainable_variables))
    with tf.GradientTape() as tape:
        g_loss = generator_loss(discriminator(generator(z, training=True), training=True))
    g_optimizer.apply_gradients(zip(tape.gradient(g_loss, generator.trainable_variables), generator.trainable_variables))
    return d_loss, g_loss


def step_g_first(generator, discriminator, g_optimizer, d_optimizer, real, z):
    with tf.GradientTape() as tape:
        g_loss = generator_loss(discriminator(generator(z, training=True), training=True))
    g_optimizer.apply_gradients(zip(tape.gradient(g_loss, generator.trainable_variables), generator.trainable_variables))
    with tf.GradientTape() as tape:
        d_loss = discriminator_loss(discriminator(real, training=True), discriminator(generator(z, training=True), training=True))
    d_optimizer.apply_gradients(zip(tape.gradient(d_loss, discriminator.trainable_variables), discriminator.trainable_variables))
    return d_loss, g_loss


D_GRADS, G_GRADS = "d_tape.gradient(d_loss, discriminator.trainable_variables)", "g_tape.gradient(g_loss, generator.trainable_variables)"
D_ZIP, G_ZIP = "zip(d_grads, discriminator.trainable_variables)", "zip(g_grads, generator.trainable_variables)"
D_APPLY, G_APPLY = f"d_optimizer.apply_gradients({D_ZIP})", f"g_optimizer.apply_gradients({G_ZIP})"
BOTH = "generator.trainable_variables + discriminator.trainable_variables"
STEP = Exercise(
    ex.gan_train_step, title="A move of each player", difficulty=3, importance=3, minutes=15, draw=draw_gan_step, play=play_gan_step, costly=True, variants=False, names=NAMES,
    tied=(("g_weights", "d_weights", "real", "z"),),
    sizes=[{"m": 1, "optimizer": "SGD"}, {"m": 3, "optimizer": "momentum"}], returns=("d_loss", "g_loss"),
    mistakes=[
        Mistake("the generator's loss moves the discriminator", "The generator's loss changes the discriminator's weights too: it bribes the judge instead of painting better. Its "
                "gradient goes to the generator's own weights alone.", replace=[(G_GRADS, f"g_tape.gradient(g_loss, {BOTH})"), (G_ZIP, f"zip(g_grads, {BOTH})")]),
        Mistake("the discriminator's loss moves the generator", "The discriminator's loss changes the generator's weights too: the painter is made to paint worse, so that the judge "
                "has it easy.", replace=[(D_GRADS, f"d_tape.gradient(d_loss, {BOTH})"), (D_ZIP, f"zip(d_grads, {BOTH})")]),
        Mistake("the generator follows the discriminator's loss", "The generator's weights go down the discriminator's loss: it learns to be found out. It has a loss of its own.",
                replace=("g_tape.gradient(g_loss", "g_tape.gradient(d_loss")),
        Mistake("the discriminator follows the generator's loss", "The discriminator's weights go down the generator's loss: it learns to be deceived.",
                replace=("d_tape.gradient(d_loss", "d_tape.gradient(g_loss")),
        Mistake("the discriminator moved first", "The discriminator makes its move first, and the generator answers the new one. That trains too, but here both moves are made from the "
                "weights before the step: all gradients first, then both steps.", function=step_d_first),
        Mistake("the generator moved first", "The generator moves first, and the discriminator sees images that are new already. Both moves are made from the weights before the "
                "step.", function=step_g_first),
        Mistake("optimizers exchanged", "Each optimizer moves the other player's weights.",
                replace=[("d_optimizer.apply", "x_optimizer.apply"), ("g_optimizer.apply", "d_optimizer.apply"), ("    d_grads =", "    x_optimizer = g_optimizer\n    d_grads =")]),
        Mistake("one optimizer for both", "One optimizer moves both players.", replace=("g_optimizer.apply", "d_optimizer.apply")),
        Mistake("the generator stays", "The generator's weights stay as they were.", replace=(G_APPLY, "pass")),
        Mistake("saturating", "The generator goes down the saturating loss, log(1 − p). generator_loss is meant.",
                replace=("generator_loss(fake_logits)", "-bce_from_logits(fake_logits, tf.zeros_like(fake_logits))")),
        Mistake("real and fake exchanged", "discriminator_loss gets the fakes first: real images would be called fake.",
                replace=("discriminator_loss(real_logits, fake_logits)", "discriminator_loss(fake_logits, real_logits)")),
        Mistake("losses exchanged", "The losses come back in the other order; (d_loss, g_loss) is asked for.", replace=("return d_loss, g_loss", "return g_loss, d_loss")),
        Mistake("generator not in training", "The generator is called without training=True.", replace=("generator(z, training=True)", "generator(z)")),
        Mistake("discriminator not in training", "The discriminator is called without training=True: its dropout would be off.",
                replace=("discriminator(real, training=True), discriminator(fake, training=True)", "discriminator(real), discriminator(fake)")),
        Mistake("losses from after the step", "The losses that come back are from after the step.", replace=(
            "return d_loss, g_loss", "fake_logits = discriminator(generator(z, training=True), training=True)\n"
            "    return discriminator_loss(discriminator(real, training=True), fake_logits), generator_loss(fake_logits)")),
        Mistake("the generator goes uphill", "The generator's loss goes up: the sign of its gradients is turned round.", replace=(G_ZIP, "zip([-g for g in g_grads], "
                "generator.trainable_variables)")),
        Mistake("the discriminator moves twice", "The discriminator's gradients are applied twice.", replace=(D_APPLY, D_APPLY + "\n    " + D_APPLY)),
        Mistake("not by its optimizer", "A new optimizer is made in the function. The given ones have rules and rates of their own, and remember.",
                replace=("    with tf", "    g_optimizer = keras.optimizers.Adam(1e-3)\n    with tf")),
        Mistake("only the real part", "The discriminator learns from real images only.",
                replace=("discriminator_loss(real_logits, fake_logits)", "bce_from_logits(real_logits, tf.ones_like(real_logits))")),
        Mistake("both follow the sum of the losses", "Both players go down the sum of the two losses. Each has a loss of its own.",
                replace=[("d_tape.gradient(d_loss", "d_tape.gradient(both"), ("g_tape.gradient(g_loss", "g_tape.gradient(both"),
                         ("generator_loss(fake_logits)\n", "generator_loss(fake_logits)\n        both = d_loss + g_loss\n")]),
        Mistake("not two losses", "Nothing comes back: (d_loss, g_loss) is asked for.", replace=("    return d_loss, g_loss", "    pass")),
    ],
    right=[step_persistent, step_together, step_one_by_one],
    hints=("Two losses, two sets of weights. Which loss may move which?", "∂d_loss/∂(discriminator), ∂g_loss/∂(generator), both at the old weights; then two steps.",
           "two tapes around: fakes, logits of real and fake, both losses; a gradient for each by its own net's trainable_variables; each optimizer applies its own"),
    why="The fakes' logits depend on both nets. It is the list of variables that says who learns from a loss.", after="The game can begin.")

# --- condition and cycle ---------------------------------------------------------------------------------------------


def draw_condition(rng, m, d, n_classes):
    return rng.normal(0, 1, (m, d)).round(2).astype(F32), rng.integers(0, n_classes, m).astype(np.int32), n_classes


def play_condition(function, z, labels, n_classes):
    return function(tf.constant(z), tf.constant(labels), n_classes)


def seen_in_condition(args, got, expected):
    """Which of the two parts is right, and what stands in place of the other."""
    z, labels, n = args
    if not isinstance(got, np.ndarray) or got.ndim != 2:
        return None
    if len(got) != len(z):
        return "another number of rows", f"There are {len(got)} rows; one for each of the {len(z)} examples is wanted: noise and label stand beside each other."
    if got.shape[1] != expected.shape[1]:
        return "another number of columns", f"Each row has {got.shape[1]} numbers; wanted are {z.shape[1]} of noise, then {n}, one for each class."
    d, row = z.shape[1], next(i for i in range(len(z)) if not np.allclose(got[i], expected[i], atol=1e-5))
    if np.allclose(got[:, :d], z, atol=1e-5):
        return "another label part", f"The noise is right. For label {labels[row]} it is followed by {got[row, d:].round(3).tolist()}; one-hot is {expected[row, d:].astype(int).tolist()}."
    if np.allclose(got[:, d:], expected[:, d:], atol=1e-5):
        return "another noise part", "The one-hot part is right, but the numbers before it are not those of z."
    return None


def condition_by_eye(z, labels, n_classes):
    return tf.concat([z, tf.gather(tf.eye(n_classes), labels)], 1)


def condition_in_numpy(z, labels, n_classes):
    return np.hstack([np.asarray(z), np.eye(n_classes)[np.asarray(labels)]]).astype(F32)


def condition_by_keras(z, labels, n_classes):
    return keras.ops.concatenate([z, keras.ops.one_hot(labels, n_classes)], axis=-1)


ONE_HOT = "tf.one_hot(labels, n_classes)"
CONDITION = Exercise(
    ex.condition, title="A wish beside the noise", difficulty=1, importance=2, minutes=5, draw=draw_condition, play=play_condition, costly=True, returns="conditioned", otherwise=seen_in_condition,
    sizes=[{"m": 1, "d": 2, "n_classes": 3}, {"m": 4, "d": 3, "n_classes": 5}, {"m": 5, "d": 4, "n_classes": 2}], names=NAMES,
    mistakes=[
        Mistake("label first", "The label stands before the noise. Each row is z, then the label.", replace=(f"[z, {ONE_HOT}]", f"[{ONE_HOT}, z]")),
        Mistake("label as a number", "The label is appended as one number. That would say that a 9 is nine times a 1; one-hot, each class has a place of its own.",
                replace=(ONE_HOT, "tf.cast(labels, z.dtype)[:, None]")),
        Mistake("noise lost", "Only the label is left: without noise there is one image a class.", replace=(f"tf.concat([z, {ONE_HOT}], axis=1)", ONE_HOT)),
        Mistake("label lost", "Only the noise is left.", replace=(f"tf.concat([z, {ONE_HOT}], axis=1)", "z")),
        Mistake("a class too many", "The one-hot part has a column too many.", replace=(ONE_HOT, "tf.one_hot(labels, n_classes + 1)")),
        Mistake("a class too few", "The one-hot part has a column too few: the last class is all zeros.", replace=(ONE_HOT, "tf.one_hot(labels, n_classes - 1)")),
        Mistake("counted from 1", "Labels are counted from 1. They go from 0: the one-hot 1 stands a place off.", replace=(ONE_HOT, "tf.one_hot(labels - 1, n_classes)")),
        Mistake("counted from 1, other way", "The one-hot 1 stands a place too far to the right. Labels go from 0.", replace=(ONE_HOT, "tf.one_hot(labels + 1, n_classes)")),
        Mistake("cold", "0 and 1 are exchanged in the one-hot part.", replace=(ONE_HOT, f"1 - {ONE_HOT}")),
        Mistake("multiplied by the noise", "The one-hot part is scaled by the noise; it is to be 0 or 1.", replace=(ONE_HOT, f"{ONE_HOT} * z[:, :1]")),
        Mistake("the first label for all", "Every row gets the first label.", replace=(ONE_HOT, "tf.one_hot(labels * 0 + labels[0], n_classes)")),
    ],
    right=[condition_by_eye, condition_in_numpy, condition_by_keras],
    hints=("One-hot, then side by side.", "(m, d) beside (m, n_classes) → (m, d + n_classes).", "concat z and the one-hot labels along axis 1"),
    why="The generator's first layer then has a row of weights for each class.", after="Now you can ask for a digit.")


def draw_cycle(rng, m, h, w):
    x = rng.uniform(-1, 1, (m, h, w, 2)).round(3).astype(F32)
    return x, (x + rng.normal(0.05, 0.6, x.shape)).round(3).astype(F32)


def play_cycle(function, x, x_cycled):
    return tensors(function, x, x_cycled, by={"gradient": 1})


def cycle_by_keras(x, x_cycled):
    return tf.reduce_mean(keras.losses.MeanAbsoluteError(reduction=None)(x, x_cycled))


def cycle_by_ops(x, x_cycled):
    return keras.ops.mean(keras.ops.absolute(x_cycled - x))


def cycle_by_sum(x, x_cycled):
    difference = x_cycled - x
    return tf.reduce_sum(tf.maximum(difference, -difference)) / tf.cast(tf.size(x), x.dtype)


CYCLE = Exercise(
    ex.cycle_consistency_loss, title="There and back", difficulty=1, importance=2, minutes=4, draw=draw_cycle, play=play_cycle, costly=True, returns="loss", names=NAMES,
    sizes=[{"m": 1, "h": 2, "w": 3}, {"m": 2, "h": 3, "w": 2}, {"m": 3, "h": 4, "w": 2}],
    mistakes=[
        Mistake("squared", "The differences are squared. The mean absolute difference is asked for; it blurs less.", replace=("tf.abs(x - x_cycled)", "(x - x_cycled) ** 2")),
        Mistake("root mean square", "That is the root of the mean square. The mean absolute difference is asked for.",
                replace=("tf.reduce_mean(tf.abs(x - x_cycled))", "tf.sqrt(tf.reduce_mean((x - x_cycled) ** 2))")),
        Mistake("no absolute value", "Differences above and below 0 cancel: take each one's size first.", replace=("tf.abs(x - x_cycled)", "x - x_cycled")),
        Mistake("absolute value of the mean", "The absolute value is taken of the mean; pixels too bright and too dark have cancelled by then. Take each pixel's first.",
                replace=("tf.reduce_mean(tf.abs(x - x_cycled))", "tf.abs(tf.reduce_mean(x - x_cycled))")),
        Mistake("summed", "The differences are added up. Their mean is asked for.", replace=("reduce_mean", "reduce_sum")),
        Mistake("summed in each image", "They are added up in each image, then averaged over the images. One mean over all is asked for.",
                replace=("tf.reduce_mean(tf.abs(x - x_cycled))", "tf.reduce_sum(tf.abs(x - x_cycled)) / x.shape[0]")),
        Mistake("one number an image", "There is one number for each image. One for all is asked for.", replace=("x_cycled))", "x_cycled), axis=(1, 2, 3))")),
        Mistake("not averaged", "There is one number for each pixel. One for all is asked for.", replace=("tf.reduce_mean(tf.abs(x - x_cycled))", "tf.abs(x - x_cycled)")),
        Mistake("first image only", "Only the first image counts.", replace=("tf.abs(x - x_cycled)", "tf.abs(x[0] - x_cycled[0])")),
        Mistake("largest difference", "That is the largest difference. The mean is asked for.", replace=("reduce_mean", "reduce_max")),
        Mistake("sign", "The sign is turned round.", replace=("return tf", "return -tf")),
        Mistake("half of it", "It comes out half as large as asked for.", replace=("return tf", "return 0.5 * tf")),
        Mistake("summed over the channels", "The differences of a pixel's channels are added up. One mean over all is asked for.",
                replace=("tf.abs(x - x_cycled)", "tf.reduce_sum(tf.abs(x - x_cycled), axis=-1)")),
        Mistake("summed over the images", "The images' means are added up. One mean over all is asked for.", replace=("return tf", "return x.shape[0] * tf")),
        Mistake("sum, not difference", "x and x_cycled are added. How far they lie apart is asked for: their difference.", replace=("x - x_cycled", "x + x_cycled")),
        Mistake("difference of sizes", "Absolute values are taken before the difference: −1 and 1 would count as the same.", replace=("tf.abs(x - x_cycled)", "tf.abs(tf.abs(x) - tf.abs(x_cycled))")),
        Mistake("one direction only", "Only pixels that came back darker count. A difference counts whichever of the two is larger.", replace=("tf.abs(x", "tf.nn.relu(x")),
        Mistake("other direction only", "Only pixels that came back brighter count. A difference counts whichever of the two is larger.", replace=("tf.abs(x - x_cycled)", "tf.nn.relu(x_cycled - x)")),
        Mistake("Huber", "That is the Huber loss, squares where the difference is small. The absolute difference is asked for.",
                function=lambda x, x_cycled: tf.reduce_mean(tf.where(tf.abs(x - x_cycled) < 1, 0.5 * (x - x_cycled) ** 2, tf.abs(x - x_cycled) - 0.5))),
        Mistake("log cosh", "That is the logarithm of the cosh, which is like a square where the difference is small.", replace=("tf.abs(x - x_cycled)", "tf.math.log(tf.cosh(x - x_cycled))")),
        Mistake("relative", "The difference is divided by the size of x: dark pixels would count most. The difference itself is asked for.",
                replace=("tf.abs(x - x_cycled)", "tf.abs(x - x_cycled) / (tf.abs(x) + 1e-3)")),
        Mistake("median", "That is the median of the differences. The mean is asked for.",
                function=lambda x, x_cycled: tf.sort(tf.reshape(tf.abs(x - x_cycled), [-1]))[tf.size(x) // 2]),
        Mistake("large differences cut off", "Differences above ½ are cut off: the worst pixels would teach nothing.", replace=("tf.abs(x - x_cycled)", "tf.minimum(tf.abs(x - x_cycled), 0.5)")),
        Mistake("another image", "Each image is compared with another one that came back, not with itself.", replace=("x - x_cycled", "x - tf.roll(x_cycled, 1, axis=0)")),
    ],
    unchanged={"turned": "the size of a difference is the same", "in place of": "the same"},
    right=[cycle_by_keras, cycle_by_ops, cycle_by_sum],
    hints=("Pixel by pixel: how far?", "mean of |x − x_cycled| over all entries.", "mean of the absolute difference"),
    why="Absolute differences, since squares forgive many small errors, which look like blur.", after="Now two nets can check each other without any pairs.")

EXERCISES = [PROBABILITIES, LOGITS, D_LOSS, G_LOSS, GENERATOR, DISCRIMINATOR, STEP, CONDITION, CYCLE]

QUIZZES = [
    Quiz("sure", "A fake is told with p = 0.001. By its logit, the saturating loss log(1 − p) has slope −p, the other one, −log p, has slope −(1 − p). Which ratio of "
         "gradients does the generator see?", {
             "a": ("about 1 : 1", "near p = ½ they would be alike."),
             "b": ("about 1 : 1000", "0.001 against 0.999: the saturating one says next to nothing when there is most to learn."),
             "c": ("1000 : 1", "turned round: p is small, 1 − p is not."),
             "d": ("both are 0", "only the saturating one vanishes."),
         }, answer="b"),
    Quiz("undecided", "Generated images are exactly like real ones. What does the best discriminator say, and what is discriminator_loss then?", {
        "a": ("p = 1, loss 0", "it would call fakes real too, and pay for that."),
        "b": ("p = ½, loss log 2", "each of the two parts is log 2."),
        "c": ("p = ½, loss 2 log 2", "it can do no better than toss a coin: log 2 for the real ones and log 2 for the fakes."),
        "d": ("p = 0, loss infinite", "that is the worst answer for real images."),
    }, answer="c"),
    Quiz("cycle", "Cycle consistency is trained perfectly, but without discriminators. Which translation could come out?", {
        "a": ("only the right one", "nothing says what the other domain looks like."),
        "b": ("none: the loss cannot be made small", "it can, easily, and by more than one way."),
        "c": ("the identity", "doing nothing brings every image back unchanged. The discriminators say what the other side looks like."),
        "d": ("a random image", "that could not be brought back."),
    }, answer="c"),
]


def judge_digits(generate):
    from labutils.labs.lab07b_gan.digits import load_small, train_reader

    x, y, x_test, y_test = load_small()
    reader = train_reader(x, y)
    labels = np.arange(500) % 10
    images = np.asarray(generate(labels.copy()))
    if images.shape != (500, 16, 16, 1) or not np.isfinite(images).all() or images.min() < 0 or images.max() > 1:
        return False, f"500 images (500, 16, 16, 1) with values from 0 to 1 are wanted; these are {images.shape}."
    read = float(np.mean(reader.predict(images, verbose=0).argmax(axis=1) == labels))
    spread = float(images.reshape(50, 10, -1).std(axis=0).mean() / np.mean([x[y == k].std(axis=0).mean() for k in range(10)]))
    nearest = np.array([np.min(np.mean((x - i) ** 2, axis=(1, 2, 3))) for i in images])
    copied = float(np.mean(nearest < 1e-3))
    return read >= 0.97 and spread >= 0.75 and copied < 0.05, f"Read as asked: {read:.1%}; spread within a digit, of that of real ones: {spread:.2f}; copies: {copied:.1%}."


CHALLENGE = Challenge(
    "ask_for_digits", "Better digits", "Write `generate(labels)`, (m,) → (m, 16, 16, 1), so that of 500 images at least 97 % are read as asked, with a spread within each digit of at "
    "least 0.75 of that of the real ones, and fewer than 5 % copies of training images.", judge_digits)
