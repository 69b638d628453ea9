# %% [markdown]
# # 07b · Two nets against each other: GANs
#
# At the end of this lab you ask a net for a digit and it draws one that a separate classifier reads as you asked.
#
# You need lab 04d (the tape), lab 05b (convolutions in Keras). Nine exercises, about 90 minutes. Where one is left open or not right yet, the reference
# stands in.
#
# Examples are rows, (m, …); images are (m, 16, 16, 1), from 0 to 1.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from labutils import plots
from labutils.labs.lab07b_gan.digits import load_small, train_reader

# it would complain of dropout in a compiled step
tf.config.optimizer.set_experimental_options({"remapping": False})
x, y, x_test, y_test = load_small()
reader = train_reader(x, y)
print("the reader is right on", f"{np.mean(reader.predict(x_test, verbose=0).argmax(1) == y_test):.1%}",
    "of new writers' digits")

# %%
def sheet(images, rows, says):
    """Images side by side, in rows."""
    images = np.asarray(images)[..., 0]
    n = len(images) // rows
    plt.figure(figsize=(10, rows + 0.2))
    plt.imshow(np.vstack([np.hstack(images[r * n:(r + 1) * n]) for r in range(rows)]), cmap="gray", vmin=0, vmax=1)
    plt.axis("off")
    plots.show(says)


sheet(np.concatenate([x[y == k][:1] for k in range(10)]), 1, "Ten real digits from 0 to 9, in a row.")

# %% [markdown]
# ## The game
#
# A *generator* turns noise into images. A *discriminator* gets real images and generated ones and says which is which. Each learns from the other's success.
#
# ![](img/gan_game.png)

# %% [markdown] exercise="bce_from_probabilities"
# The discriminator is a classifier. If it says $p$ for "real", and $t$ is 1 for real and 0 for fake, its loss is the negative log-likelihood,
# $-(t\log p + (1-t)\log(1-p))$.

# %% [markdown] exercise="bce_from_logits"
# *Predict first:* what does that loss say for a logit of 40, if the target is 0? In float32, `sigmoid(40)` is exactly 1.
#
# With $p = 1/(1+e^{-s})$ we have $-\log p = \log(1+e^{-s})$ and $-\log(1-p) = \log(1+e^{s})$. The two differ by $s$. So the loss is
# $\mathrm{softplus}(s) - t\,s$: no probability is made.

# %%
s, target = tf.constant([[40.0]]), tf.constant([[0.0]])
for name, loss in (("from probabilities", lambda s: bce_from_probabilities(tf.sigmoid(s), target)),
    ("from logits", lambda s: bce_from_logits(s, target))):
    with tf.GradientTape() as tape:
        tape.watch(s)
        value = loss(s)
    print(f"{name:20} loss {float(value):6.1f}   gradient {float(tape.gradient(value, s)[0, 0]):6.2f}")

# %% [markdown] exercise="discriminator_loss"
# From probabilities it is not finite, and one such number spoils all weights. From logits loss and gradient are what they should be.

# %% [markdown] exercise="generator_loss"
# The generator wants its fakes called real. It could make $\log(1-p)$ small, the discriminator's loss with its sign turned: slope $-p$ by the logit. Or
# $-\log p$: slope $-(1-p)$.
#
# ![](img/two_losses.png)
#
# Early on, fakes are easily told, $p$ is near 0, and the first has no slope: it *saturates*. Take the second.

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
# ## The players

# %% [markdown] exercise="build_discriminator"
# A transposed convolution is a convolution's way back: each number of the coarse map stamps a weighted kernel on the fine one.

# %% [markdown] exercise="gan_train_step"
# Who learns from a loss is decided by the list of variables that the gradient is taken by.

# %% [markdown] exercise="condition"
# ## Mode collapse
#
# The generator is paid for fooling, not for variety. First a world where we can count: eight spots on a ring. Then digits, on wish.

# %%
def ring(n, rng):
    angle = rng.integers(0, 8, n) * np.pi / 4
    return (np.stack([np.cos(angle), np.sin(angle)], 1) + 0.03 * rng.normal(size=(n, 2))).astype("float32")


def play_ring(g_rate, d_rate, steps=600, seed=0):
    """Points that a small generator makes after so many steps."""
    keras.utils.set_random_seed(seed)
    rng, dense = np.random.default_rng(seed), keras.layers.Dense
    g = keras.Sequential([keras.Input((8,)), dense(64, "relu"), dense(64, "relu"), dense(2)])
    d = keras.Sequential([keras.Input((2,)), dense(64, "relu"), dense(64, "relu"), dense(1)])
    optimizers = [keras.optimizers.Adam(rate, beta_1=0.5) for rate in (g_rate, d_rate)]
    step = tf.function(gan_train_step)
    for _ in range(steps):
        step(g, d, *optimizers, tf.constant(ring(128, rng)), tf.constant(rng.normal(size=(128,
            8)).astype("float32")))
    return g(rng.normal(size=(800, 8)).astype("float32")).numpy()


def spots(points):
    """How many of the eight spots have at least 1 % of the points within 0.2."""
    centres = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], 1)
    return int((np.mean(np.linalg.norm(points[:, None] - centres, axis=2) < 0.2, axis=0) >= 0.01).sum())

# %% [markdown]
# *Predict first:* one generator learns ten times as fast as its discriminator, another slower. Which visits more spots? The real points are the control.

# %%
results = {"real": ring(800, np.random.default_rng(1)), "fast generator": play_ring(1e-2, 1e-3),
    "slow generator": play_ring(1e-3, 2e-3)}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), sharex=True, sharey=True)
for axis, (name, points) in zip(axes, results.items()):
    axis.plot(*points.T, ".", ms=3)
    axis.set(title=f"{name}: {spots(points)} of 8 spots", xlim=(-1.8, 1.8), ylim=(-1.8, 1.8))
plots.show("Points on a plane: real ones on eight spots of a ring, and those of two generators; the titles "
      "count the spots each visits.")

# %% [markdown]
# ## Digits on wish
#
# The label enters both players: as one-hot numbers beside the noise, and as planes beside the image. The discriminator then asks: real, *and* what was
# asked for?
#
# ![](img/conditional_gan.png)

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
before = np.mean(reader.predict(generator(wishes), verbose=0).argmax(1) == asked)

# %%
step, player = tf.function(gan_train_step), Labelled(generator)
optimizers = keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(5e-4, beta_1=0.5)
for _ in range(1001):
    k = rng.integers(0, len(x), 64)
    z = condition(tf.constant(rng.normal(size=(64, D)).astype("float32")), tf.constant(y[k]), N)
    d_loss, g_loss = step(player, discriminator, *optimizers, with_planes(tf.constant(x[k]), tf.one_hot(y[k],
        N)), z)
read = np.mean(reader.predict(generator(wishes), verbose=0).argmax(1) == asked)
print(f"read as "
      f"asked: {before:.1%} untrained, {read:.1%} trained; losses {float(d_loss):.2f}, {float(g_loss):.2f}")
assert read >= 0.9, "At least nine digits of ten are read as asked."

# %%
sheet(generator(wishes[:30]), 3, "Three rows of ten generated digits, asked for as 0 to 9 from left to right.")
lab.quiz("undecided")

# %% [markdown] exercise="cycle_consistency_loss"
# ## Translation without pairs
#
# *pix2pix* learns from pairs (a sketch and its photograph): a conditional GAN whose condition is an image, plus the distance to the known answer.
# Without pairs, *CycleGAN* trains two nets, there and back, and asks that one gets back what one began with.
#
# ![](img/cycle_gan.png)

# %% [markdown]
# Here A are light digits on dark, B dark ones on light, of *other* digits: no pairs. Since each image has a partner in truth, we can measure what the
# nets never see.

# %%
def translator():
    layers = keras.layers
    return keras.Sequential([keras.Input((16, 16, 1)), layers.Conv2D(16, 3, padding="same", activation="relu"),
                             layers.Conv2D(16, 3, padding="same", activation="relu"), layers.Conv2D(1, 3,
                                 padding="same", activation="sigmoid")])


def judge():
    return build_discriminator((16, 16, 1))


keras.utils.set_random_seed(2)
there, back, judge_a, judge_b = translator(), translator(), judge(), judge()
rate = [keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in range(2)]


@tf.function
def cycle_step(a, b):
    with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
        fake_b, fake_a = there(a), back(b)
        says_a, says_b = judge_a(fake_a, training=True), judge_b(fake_b, training=True)
        cycle = cycle_consistency_loss(a, back(fake_b)) + cycle_consistency_loss(b, there(fake_a))
        g_loss = generator_loss(says_a) + generator_loss(says_b) + 10 * cycle
        d_loss = discriminator_loss(judge_a(a, training=True), says_a) + discriminator_loss(judge_b(b,
            training=True), says_b)
    for tape, loss, nets, optimizer in ((g_tape, g_loss, (there, back), rate[0]), (d_tape, d_loss, (judge_a,
        judge_b), rate[1])):
        variables = [v for net in nets for v in net.trainable_variables]
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return cycle

# %%
a, b = x[:600], 1 - x[600:1200]
for _ in range(300):
    cycle = cycle_step(tf.constant(a[rng.integers(0, 600, 32)]), tf.constant(b[rng.integers(0, 600, 32)]))
there_b = there(x_test).numpy()
truth = 1 - x_test
print(f"cycle {float(cycle):.3f}; distance to the true partner {np.abs(there_b - truth).mean():.3f}, doing "
      f"nothing {np.abs(x_test - truth).mean():.3f}")
sheet(np.concatenate([x_test[:10], there_b[:10], back(there_b[:10])]), 3,
    "Ten new digits; the same translated to dark on light; and translated back.")
lab.quiz("cycle")

# %% [markdown]
# ## Super-resolution
#
# From 8×8 to 16×16. Beside it the control that learns nothing: bilinear enlargement. A net that is paid for squared error gives the *mean* of what
# could have been; a discriminator added to it makes sharper images, with details that are invented.

# %%
small, small_test = (tf.nn.avg_pool2d(i, 2, 2, "VALID") for i in (x, x_test))
up = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
                       keras.layers.Conv2DTranspose(16, 4, strides=2, padding="same",
                           activation="relu"), keras.layers.Conv2D(1, 3, padding="same")])
up.compile(keras.optimizers.Adam(3e-3), "mse")
up.fit(small, x, batch_size=32, epochs=8, verbose=0)
larger, plain = up.predict(small_test, verbose=0), tf.image.resize(small_test, (16, 16)).numpy()
errors = [np.mean((images - x_test) ** 2) for images in (larger, plain)]
print("mean squared error: net {:.4f}, bilinear {:.4f}".format(*errors))
sheet(np.concatenate([plain[:10], larger[:10], x_test[:10]]), 3,
    "Ten new digits: enlarged bilinearly, by the net, and as they really are.")

# %% [markdown]
# ## Growing step by step
#
# *Progressive growing* begins with 4×4 images. When both players are good at them, a layer is added to each, faded in, and images are twice as large:
# coarse things first, then fine ones. Each stage begins from a game that is nearly in balance.
#
# ## What GANs cannot do
#
# They give no likelihood. Their losses do not say how good the images are: near balance they hardly move. They may leave out modes, and a classifier's
# reading does not see that. Count variety too.

# %% [markdown]
# ## Challenge

# %%
def generate(labels):
    noise = np.random.default_rng(5).normal(size=(len(labels), D)).astype("float32")
    return generator(condition(tf.constant(noise), tf.constant(labels), N)).numpy()


lab.challenge("ask_for_digits", generate)

# %% [markdown]
# ## What to remember
#
# Compute losses from logits. Take the generator's loss that has a slope while it is bad. A loss depends on both nets; the list of variables says who
# learns. Count variety, not only quality.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | generative adversarial network | 生成对抗网络 |
# | generator, discriminator | 生成器, 判别器 |
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
