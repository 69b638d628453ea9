# %% [markdown]
# # 07b · Two nets against each other: GANs
#
# At the end of this lab you ask a net for a digit and it draws one that a separate classifier reads as you asked.
#
# You need lab 04d (the tape, a training step) and lab 05b (convolutions in Keras). Nine exercises, about 90 minutes. Every exercise is checked on the spot.
# If one is left open or not right yet, the reference stands in for it, so you can read on and run on.
#
# Examples are **rows**, (m, …); images are (m, 16, 16, 1), from 0 (black) to 1 (white). They are scikit-learn's digits, cut and enlarged from 8 × 8.
#
# The *reader* below is a classifier in the manner of lab 05b. It is trained on real digits only and never meets a generated one. We shall need it as a
# judge: somebody who takes no part in the game has to say whether a picture shows what was asked for.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from labutils import plots
from labutils.labs.lab07b_gan.digits import load_small, train_reader

tf.config.optimizer.set_experimental_options({"remapping": False})  # it would complain of dropout
x, y, x_test, y_test = load_small()
reader = train_reader(x, y)
print("the reader is right on", f"{np.mean(reader.predict(x_test, verbose=0).argmax(1) == y_test):.1%}",
    "of new writers' digits")

# %% [markdown]
# A function to look at many images at once:

# %%
def sheet(images, says):
    """Images in rows of ten."""
    plots.images(np.asarray(images)[..., 0], columns=10, size=0.95, cmap="gray", limits=(0, 1))
    plots.show(says)


sheet(np.concatenate([x[y == k][:1] for k in range(10)]), "Ten real digits from 0 to 9, in a row.")

# %% [markdown]
# ## The game
#
# A VAE (lab 07a) compares its picture with a given one, pixel by pixel, and what it is unsure of comes out grey. What we want is no particular picture but
# *any* that could be real. How is one to write that down as a loss? The idea of a *generative adversarial network*: let a second net be the loss.
#
# ![](img/gan_game.png)
#
# The *generator* G turns noise z into an image. The *discriminator* D gets real images and generated ones and says which is which. D learns to tell them
# apart, G learns to be taken for real. Each is the other's task, and neither sees a label of the kind "this image would be right".
#
# Written as one formula, D makes $V$ large and G makes it small:
#
# $$V = E_{x\,\text{real}}[\log D(x)] + E_z[\log(1 - D(G(z)))].$$
#
# What is D's best answer at a place $x$? If real images have the density $p(x)$ there and fakes $q(x)$, its part of $V$ is $p \log D + q \log(1-D)$, and
# the derivative is 0 at $D = p / (p + q)$. If the fakes are distributed as the real ones are, that is ½ everywhere: all D can do is toss a coin. That is
# where the game comes to rest, if it does.

# %% [markdown] exercise="bce_from_probabilities"
# ## The loss, and why from logits
#
# ###
# The discriminator is a classifier with two classes, as in lab 01. If it says $p$ for "real", and the target $t$ is 1 for real and 0 for fake, its loss is
# the cross-entropy, $-(t\log p + (1-t)\log(1-p))$, as a mean over the examples.
#
# *Predict first:* a discriminator in good form is very sure of itself. What does this loss say for $p = 1$ and $t = 0$? And its gradient?

# %% [markdown] exercise="bce_from_logits"
# In float32 `sigmoid(40)` is exactly 1: the difference to 1 is smaller than the distance to the next number. The logarithm of 1 − 1 is −∞, and a gradient
# through it is no number at all. So do not make the probability. With $p = 1/(1+e^{-s})$, $s$ the *logit*, we have
#
# $$-\log p = \log(1+e^{-s}), \qquad -\log(1-p) = \log(1+e^{s}) = s + \log(1+e^{-s}).$$
#
# The function $\log(1+e^s)$ is called *softplus*; libraries compute it without overflow. The loss becomes $\mathrm{softplus}(s) - t\,s$.
#
# ###
# The same loss again, from logits. It has to stay finite for logits of any size.

# %%
s, target = tf.constant([[40.0]]), tf.constant([[0.0]])
for name, loss in (("from probabilities", lambda s: bce_from_probabilities(tf.sigmoid(s), target)),
    ("from logits", lambda s: bce_from_logits(s, target))):
    with tf.GradientTape() as tape:
        tape.watch(s)
        value = loss(s)
    print(f"{name:20} loss {float(value):6.1f}   gradient {float(tape.gradient(value, s)[0, 0]):6.2f}")

# %% [markdown] exercise="discriminator_loss"
# From probabilities it is not finite, and a single such number spoils all weights for good. From logits, loss and gradient are what they should be.
#
# ###
# Now the discriminator's loss: real images should be called real, fakes fake. Add the two means.
#
# *Predict first:* how large is it for a discriminator that tosses a coin?

# %% [markdown] exercise="generator_loss"
# The generator wants its fakes called real. It could make $\log(1-p)$ small, as the formula of the game has it: the discriminator's loss with its sign
# turned. By the logit $s$ its slope is $-p$. Or it could make $-\log p$ small; the slope is $-(1-p)$. Both want the same, a large $p$.
#
# ![](img/two_losses.png)
#
# But early in training fakes are easily told: $p$ is near 0, and the first loss has no slope there. It *saturates*: just when the generator has most to
# learn, it hears next to nothing. So one takes the second, the *non-saturating* loss.
#
# ###
# Write it from the logits of fakes.

# %%
logits = tf.constant([[-8.0], [-4.0], [0.0], [4.0]])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(logits)
    kind, saturating = generator_loss(logits), -bce_from_logits(logits, tf.zeros_like(logits))
plt.plot(logits[:, 0], -4 * tape.gradient(kind, logits)[:, 0], "o-", label="non-saturating")
plt.plot(logits[:, 0], -4 * tape.gradient(saturating, logits)[:, 0], "s--", label="saturating")
plt.gca().set(xlabel="logit of a fake", ylabel="push on the logit")
plt.legend()
plots.show("The push on a fake's logit. Non-saturating: near 1 for a logit of minus 8, falling to near 0 at "
      "4. Saturating: the other way round.")
lab.quiz("sure")

# %% [markdown] exercise="build_generator"
# The push of one is where the other has none.
#
# ## The players
#
# A *transposed convolution* is a convolution's way back: each number of the coarse map stamps a weighted kernel on the fine one, two pixels further on with
# stride 2. So 4 × 4 becomes 8 × 8, then 16 × 16.
#
# ###
# The generator: noise in, an image out. With `n_classes` the noise is followed by as many numbers that say what is wanted.

# %% [markdown] exercise="build_discriminator"
# The discriminator goes the other way, with convolutions of stride 2. *Leaky* ReLU (lab 04a) leaves a slope everywhere, as all that the generator ever
# hears comes back through this net. Dropout keeps it from learning the few real images by heart. At the end stands one logit, without a sigmoid.

# %% [markdown] exercise="gan_train_step"
# ## One step of the game
#
# The discriminator's loss depends on the generator too, since the fakes are in it; and the generator's loss on the discriminator. Who *learns* from a loss
# is decided only by the list of variables for which the gradient is asked. Nothing has to be frozen.
#
# ###
# Both losses first, from the weights as they are, then both moves. (Many programs move the discriminator first and then compute the generator's loss with
# the new one. That works too; here both see the same game.)
#
# *Predict first:* what would happen if the generator's step moved the discriminator's weights as well?

# %% [markdown]
# It would make its judge blind, and call it a success.
#
# ## Mode collapse
#
# The generator is paid for fooling, not for variety. If one picture fools the judge, why make others? To see it, take a world where we can count: eight
# spots on a ring, and points for images. All functions that you wrote work there too.

# %%
CENTRES = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)


def ring(n, rng):
    return (CENTRES[rng.integers(0, 8, n)] + 0.03 * rng.normal(size=(n, 2))).astype("float32")


def play_ring(g_rate, d_rate, seed, steps=900):
    """Points that a small generator makes after so many steps."""
    keras.utils.set_random_seed(seed)
    rng, dense = np.random.default_rng(seed), keras.layers.Dense
    g = keras.Sequential([keras.Input((8,)), dense(64, "relu"), dense(64, "relu"), dense(2)])
    d = keras.Sequential([keras.Input((2,)), dense(64, "relu"), dense(64, "relu"), dense(1)])
    optimizers = [keras.optimizers.Adam(rate, beta_1=0.5) for rate in (g_rate, d_rate)]
    step = tf.function(gan_train_step)
    for _ in range(steps):
        z = rng.normal(size=(128, 8)).astype("float32")
        step(g, d, *optimizers, tf.constant(ring(128, rng)), tf.constant(z))
    return g(rng.normal(size=(800, 8)).astype("float32")).numpy()


def spots(points):
    """How many of the eight spots have at least 1 % of the points within 0.2."""
    near = np.linalg.norm(points[:, None] - CENTRES, axis=2) < 0.2
    return int((near.mean(axis=0) >= 0.01).sum())

# %% [markdown]
# *Predict first:* in one game the generator learns ten times as fast as its judge, in the other half as fast. Which of them visits more spots? Two starts
# each. The real points are the control: does our count find all eight?

# %%
found = {"real": [ring(800, np.random.default_rng(1))],
         "fast generator": [play_ring(1e-2, 1e-3, seed) for seed in (0, 1)],
         "slow generator": [play_ring(1e-3, 2e-3, seed) for seed in (0, 1)]}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharex=True, sharey=True)
for axis, (name, clouds) in zip(axes, found.items()):
    counts = [spots(points) for points in clouds]
    axis.plot(*clouds[0].T, ".", ms=3)
    axis.set(title=f"{name}: {' and '.join(map(str, counts))} of 8", xlim=(-1.8, 1.8), ylim=(-1.8, 1.8))
    print(f"{name:15} spots visited: {counts}")
plots.show("Points on a plane: real ones on eight spots of a ring, and those of two generators, first start; the "
           "titles count the spots that each visits. The fast generator's points lie together in a place or "
           "two, the slow one's are spread over all of the ring, with some between the spots.")
assert max(map(spots, found["fast generator"])) < min(map(spots, found["slow generator"])), "the fast one collapses"

# %% [markdown]
# The fast generator runs to wherever the judge is weakest at the moment, all of it. When the judge has caught up there, it runs on, and it may go round for
# ever. That is *mode collapse*, and no loss tells of it: it shows only where variety is counted. A judge that keeps up, large batches and labels are the
# simple remedies. (The slow one has its own fault: points between the spots, where there is nothing real.)

# %% [markdown] exercise="condition"
# ## Digits on wish
#
# A *conditional* GAN gets a label as well, and both players see it: the generator as one-hot numbers beside its noise, the discriminator as planes beside
# the image, one for each class, all 1 or all 0. It then asks: is it real, *and* is it what was asked for? A perfect 3 is a fake if a 5 was wanted.
#
# ![](img/conditional_gan.png)
#
# ###
# Put the wish beside the noise.

# %% [markdown]
# The planes come from a small model around the generator, which hands on its wish together with the image; so your `gan_train_step` can stay as it is.

# %%
D, N = 32, 10


def with_planes(images, one_hot):
    return tf.concat([images, tf.ones_like(images) * one_hot[:, None, None, :]], axis=-1)


class Labelled(keras.Model):
    """A generator that hands on its wish with the image."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def call(self, wish, training=False):
        return with_planes(self.net(wish, training=training), wish[:, -N:])


keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
generator, discriminator = build_generator(D, (16, 16, 1), N), build_discriminator((16, 16, 1), N)
asked = np.arange(500) % 10
wishes = condition(tf.constant(rng.normal(size=(500, D)).astype("float32")), tf.constant(asked), N)


def read_as_asked():
    return np.mean(reader.predict(generator(wishes), verbose=0).argmax(axis=1) == asked)


untrained = read_as_asked()

# %% [markdown]
# Training. *Predict first:* how will the two losses run? Will they fall, as all losses did so far?
#
# (`use_ema` keeps a running average of the weights, the exponential average of lab 04b. At the end the generator takes it: the game never quite comes to
# rest, and the average is calmer than any moment of it.)

# %%
from tqdm.auto import trange

step, player = tf.function(gan_train_step), Labelled(generator)
g_optimizer = keras.optimizers.Adam(1e-3, beta_1=0.5, use_ema=True, ema_momentum=0.99)
d_optimizer = keras.optimizers.Adam(5e-4, beta_1=0.5)
losses = []
for _ in trange(1200, desc="training", leave=False, disable=None):
    k = rng.integers(0, len(x), 64)
    z = condition(tf.constant(rng.normal(size=(64, D)).astype("float32")), tf.constant(y[k]), N)
    real = with_planes(tf.constant(x[k]), tf.one_hot(y[k], N))
    losses.append([float(loss) for loss in step(player, discriminator, g_optimizer, d_optimizer, real, z)])
g_optimizer.finalize_variable_values(player.trainable_variables)
read = read_as_asked()
print(f"read as asked: {untrained:.1%} untrained, {read:.1%} trained")
assert read >= 0.9, "at least nine digits of ten are read as asked"

# %%
calm = np.array([np.convolve(row, np.ones(25) / 25, "valid") for row in np.transpose(losses)])
plt.figure(figsize=(7, 3))
plt.plot(calm.T, label=["discriminator", "generator"])
plt.axhline(2 * np.log(2), color="black", ls="--", lw=1, label="2 log 2: a coin")
plt.gca().set(xlabel="step", ylabel="loss, mean of 25 steps", ylim=(0, None))
plt.legend()
plots.show("Both losses against the step. At first they swing, one up when the other is down. Then they lie level: the "
           "discriminator's close to the dashed line at 2 log 2, the generator's at half of that.")

# %% [markdown]
# They do not fall. Each player gets better, and so does the other: the losses say who is ahead, not how good the pictures are. At the end the judge is hardly
# better than a coin: the game has nearly come to rest. How good the pictures are, one has to see.

# %%
sheet(generator(wishes[:30]), "Three rows of ten generated digits, asked for as 0 to 9 from left to right.")
lab.quiz("undecided")

# %% [markdown]
# Two things the reader cannot see: whether they are copies, and whether they are all alike. So ask for both: the distance of each to the nearest real
# image, and the spread within a digit, each beside the same number for real digits of other writers.

# %%
def nearest(images):
    """Mean squared distance of each image to the training image that is most like it."""
    flat, known = images.reshape(len(images), -1), x.reshape(len(x), -1)
    return np.min(np.mean(flat ** 2, 1)[:, None] + np.mean(known ** 2, 1) - 2 * flat @ known.T / 256, axis=1)


made = generator(wishes).numpy()
for name, images, labels in (("real, other writers", x_test, y_test), ("generated", made, asked)):
    spread = np.mean([images[labels == k].std(axis=0).mean() for k in range(10)])
    print(f"{name:20} distance to the nearest {np.median(nearest(images)):.4f}   spread in a digit {spread:.3f}")

# %% [markdown] exercise="cycle_consistency_loss"
# ## Translation
#
# The condition can be an image. *pix2pix* learns from pairs, such as a map and the aerial view of the same place: a conditional GAN whose generator is a
# U-Net (lab 05c), and whose loss adds the distance to the known answer. The judge sees question and answer together, patch by patch.
#
# Mostly there are no pairs: nobody has painted this very photograph as Monet would have. *CycleGAN* trains two translators, there and back, each with a judge
# of its own, and asks one thing more: translated there and back, an image has to be what it was.
#
# ![](img/cycle_gan.png)
#
# ###
# The loss of the cycle.

# %% [markdown]
# A small case. A are light digits on dark ground. B are dark digits on light ground, *other* digits: no image of A has its partner in B. The partners exist,
# though, and we know them: 1 − x. The nets never see them, but we can measure how near they come. (It is an easy translation, each pixel by itself. Horses
# to zebras need larger nets.)
#
# *Predict first:* without the cycle's term, would the judges alone be enough?

# %%
def translator():
    layers = keras.layers
    return keras.Sequential([keras.Input((16, 16, 1)), layers.Conv2D(16, 3, padding="same", activation="relu"),
                             layers.Conv2D(16, 3, padding="same", activation="relu"),
                             layers.Conv2D(1, 3, padding="same", activation="sigmoid")])

# %%
def train_cycle(weight, steps=250):
    """Both translators after so many steps; `weight` is that of the cycle's loss."""
    keras.utils.set_random_seed(2)
    rng, (there, back) = np.random.default_rng(2), (translator(), translator())
    judge_a, judge_b = build_discriminator((16, 16, 1)), build_discriminator((16, 16, 1))
    sides = [((there, back), keras.optimizers.Adam(1e-3, beta_1=0.5)),
             ((judge_a, judge_b), keras.optimizers.Adam(1e-3, beta_1=0.5))]

    @tf.function
    def step(a, b):
        with tf.GradientTape(persistent=True) as tape:
            fake_b, fake_a = there(a), back(b)
            says_a, says_b = judge_a(fake_a, training=True), judge_b(fake_b, training=True)
            cycle = cycle_consistency_loss(a, back(fake_b)) + cycle_consistency_loss(b, there(fake_a))
            g_loss = generator_loss(says_a) + generator_loss(says_b) + weight * cycle
            d_loss = (discriminator_loss(judge_a(a, training=True), says_a)
                      + discriminator_loss(judge_b(b, training=True), says_b))
        for loss, (nets, optimizer) in zip((g_loss, d_loss), sides):
            variables = [v for net in nets for v in net.trainable_variables]
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))

    for _ in range(steps):
        step(*(tf.constant(images[rng.integers(0, 600, 32)]) for images in (x[:600], 1 - x[600:1200])))
    return there, back

# %%
truth, rows = 1 - x_test, [x_test[:10]]
print(f"doing nothing: distance to the true partner {np.abs(x_test - truth).mean():.3f}")
for weight in (10.0, 0.0):
    there, back = train_cycle(weight)
    translated = there(x_test).numpy()
    again = np.abs(back(translated).numpy() - x_test).mean()
    print(f"weight of the cycle {weight:4.0f}: distance to the true partner "
          f"{np.abs(translated - truth).mean():.3f}, there and back {again:.3f}")
    rows.append(translated[:10])
sheet(np.concatenate(rows), "Ten new digits; translated by the nets with the cycle's term; and by those without it.")
lab.quiz("cycle")

# %% [markdown]
# In so easy a case the judges alone come near: small nets can hardly do anything else than turn light to dark. But the judges ask only whether a picture could
# be one of B. It is the cycle's term that ties it to the picture it came from, and here it takes off nearly half of the distance.
#
# ## Super-resolution
#
# One more translation: small to large. We take the digits down to 4 × 4, where much is really lost, and ask for 16 × 16. The control that learns nothing is
# bilinear enlargement. *Predict first:* a net that is paid for squared error gives, for each small image, the *mean* of all large ones that it could have come
# from. What does a mean look like?

# %%
small, small_test = (tf.nn.avg_pool2d(images, 4, 4, "VALID") for images in (x, x_test))
layers = keras.layers
up = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(32, 3, padding="same", activation="relu"),
                       layers.Conv2DTranspose(32, 4, strides=2, padding="same", activation="relu"),
                       layers.Conv2DTranspose(16, 4, strides=2, padding="same", activation="relu"),
                       layers.Conv2D(1, 3, padding="same")])
up.compile(keras.optimizers.Adam(3e-3), "mse")
up.fit(small, x, batch_size=32, epochs=12, verbose=0)
larger, plain = up.predict(small_test, verbose=0), tf.image.resize(small_test, (16, 16)).numpy()
for name, images in (("bilinear", plain), ("net", larger)):
    right = np.mean(reader.predict(images, verbose=0).argmax(axis=1) == y_test)
    print(f"{name:9} mean squared error {np.mean((images - x_test) ** 2):.4f}   read right {right:.1%}")
sheet(np.concatenate([tf.image.resize(small_test[:10], (16, 16), "nearest"), plain[:10], larger[:10], x_test[:10]]),
      "Ten new digits: as 4 by 4 pixels; enlarged bilinearly; by the net; and as they really are.")

# %% [markdown]
# Far better than without learning, and a little soft: a mean of sharp pictures is not sharp. *SRGAN* adds a discriminator to this loss, and the details get
# crisp. But they are invented: plausible, not seen. For a holiday picture that is fine, for a number plate or a tumour it is not.

# %% [markdown]
# ## Growing step by step
#
# *Progressive growing* begins with 4×4 images. When both players are good at them, a layer is added to each, faded in, and images are twice as large:
# coarse things first, then fine ones. Each stage begins from a game that is nearly in balance.
#
# ## What GANs cannot do
#
# They give no likelihood: you cannot ask how probable an image is. Their losses do not say how good the images are. They may leave out modes without a
# word. The balance is delicate, as the ring showed. And whoever judges by a single classifier measures that classifier: lab 07c sets four families of
# generators side by side, under one score.

# %% [markdown]
# ## Play, and the challenge
#
# Change the rates, the number of steps, the dropout; give the ring ten spots. Then **better digits**: `generate(labels)`, so that of 500 images at least 97 %
# are read as asked by a reader trained anew, with at least 0.75 of the spread of real digits, and hardly any copies. Train longer, or another way.

# %%
def generate(labels):
    noise = np.random.default_rng(5).normal(size=(len(labels), D)).astype("float32")
    return generator(condition(tf.constant(noise), tf.constant(labels), N)).numpy()


lab.challenge("ask_for_digits", generate)

# %% [markdown]
# ## What to remember
#
# * A discriminator is a loss that learns. At rest it tosses a coin, and its loss is 2 log 2.
# * Compute losses from logits: they stay finite, and so do their gradients.
# * Take the generator's loss that has a slope while the generator is bad.
# * A loss depends on both nets; the list of variables says who learns from it.
# * Losses say who is ahead, not how good the images are. Look, ask a reader that took no part, count variety, look for copies.
# * Cycle consistency ties a translation to what it came from, without pairs. What a GAN adds in detail is invented.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | generative adversarial network | 生成对抗网络 |
# | generator, discriminator | 生成器, 判别器 |
# | conditional GAN | 条件生成对抗网络 |
# | non-saturating loss, logit | 非饱和损失, 对数几率 |
# | transposed convolution | 转置卷积 |
# | mode collapse | 模式崩溃 |
# | cycle consistency | 循环一致性 |
# | super-resolution | 超分辨率 |
#
# ## Further reading
#
# * I. Goodfellow and others, Generative adversarial networks (2014), arXiv:1406.2661
# * M. Mirza, S. Osindero, Conditional generative adversarial nets (2014), arXiv:1411.1784
# * P. Isola and others, Image-to-image translation with conditional adversarial networks (2016), arXiv:1611.07004
# * J.-Y. Zhu and others, Unpaired image-to-image translation using cycle-consistent adversarial networks (2017), arXiv:1703.10593
# * T. Karras and others, Progressive growing of GANs (2017), arXiv:1710.10196
