# %% [markdown]
# # 07a · Autoencoders and VAEs: a code for images
#
# At the end of this lab you can squeeze images into a few numbers, draw new ones from numbers that nobody has seen, and say with measurements what
# such a code knows, and what it does not.
#
# You need lab 04d (Keras, the gradient tape) and lab 05b (images as Keras has them; a convolutional classifier). Seven exercises, about 80 minutes.
# Each is checked on the spot; where one is left open or not right yet, the reference stands in, so you can read on and run on. Examples are **rows**,
# as Keras has it: images (m, h, w, c), codes (m, d).
#
# ## An image in a few numbers
#
# So far every net had a teacher: for each image a label that says what is right. That is *supervised* learning. Here are only images. What can be
# learned from them alone is *unsupervised*: that a 3 is not just any 400 numbers. Behind the pixels stand a few things that vary, which digit, how
# slanted, how bold. Nobody has written them down; they are *latent*.
#
# The classical tool is PCA: find the few directions in which images vary most, keep the numbers along them, forget the rest. Let us keep eight of
# 400. *Predict first:* which digits will suffer?

# %%
from types import SimpleNamespace

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA

from labutils import faces, plots, stored
from labutils.labs.lab07a_autoencoders_vae import experiments as run
from labutils.labs.lab07a_autoencoders_vae import pictures as draw

digits, labels, new_digits, new_labels = run.load_digits()
flat, new_flat = (a.reshape(len(a), -1) for a in (digits, new_digits))


def by_pca(d):
    pca = PCA(d, random_state=0).fit(flat)
    return pca.inverse_transform(pca.transform(new_flat)).reshape(new_digits.shape)


plots.images([*new_digits[:10], *by_pca(8)[:10]], columns=10, size=0.9, cmap="gray", limits=(0, 1))
plots.show("Ten handwritten digits, and below what PCA makes of them from eight numbers each: "
           "blurred, with grey clouds around the strokes, some of them hard to read.")

# %% [markdown] exercise="build_autoencoder"
# PCA is linear: each digit is a sum of eight fixed pictures. An *autoencoder* bends. It is two nets with a narrow place between them.
#
# ![](img/autoencoder.png)
#
# The **encoder** makes a code of the image, the **decoder** an image of the code, and both are trained together to give back what came in. The image
# is its own label. If the code were as wide as the image, the nets could simply hand everything through. It is the *bottleneck* that makes them find
# out what matters.
#
# ###
# Build the two nets. `keras.Sequential` takes a list of layers that begins with a `keras.Input`; `keras.layers` has `Flatten()`, `Dense(units,
# activation=…)` and `Reshape(shape)`. How many numbers an image has, `int(np.prod(input_shape))` says.
#
# *Predict first:* why does nothing stand behind the code, but a sigmoid behind the last layer?

# %%
mine = SimpleNamespace(build_autoencoder=build_autoencoder)
widths, errors, drawn = (1, 2, 4, 8, 16, 32), {"autoencoder": [], "PCA": []}, {}
for d in widths:
    encoder, decoder = run.train_autoencoder(digits, d, 1200, seed=0, parts=mine)
    drawn[d] = decoder(encoder(new_digits)).numpy()
    for name, back in (("autoencoder", drawn[d]), ("PCA", by_pca(d))):
        errors[name].append(np.mean((back - new_digits) ** 2))
plt.figure(figsize=(6.5, 3))
for (name, values), style in zip(errors.items(), ("o-", "s--")):
    plt.plot(widths, values, style, label=name)
plt.gca().set(xscale="log", xticks=widths, xticklabels=widths, ylim=(0, None),
              xlabel="numbers in the code", ylabel="squared error, new writers")
plt.legend()
plots.show("Mean squared error on digits of new writers against the width of the code, from 1 to "
           "32 numbers. Both curves fall. The autoencoder's lies well below PCA's where the code "
           f"is narrow ({errors['autoencoder'][1]:.3f} against {errors['PCA'][1]:.3f} at two "
           f"numbers); at 32 it is {errors['autoencoder'][-1]:.3f} against "
           f"{errors['PCA'][-1]:.3f}.")
assert errors["autoencoder"][1] < errors["PCA"][1], "two numbers that bend say more than two that don't"
lab.quiz("linear")

# %%
plots.images([*new_digits[:10], *drawn[1][:10], *drawn[2][:10], *drawn[8][:10], *drawn[32][:10]],
             columns=10, size=0.8, cmap="gray", limits=(0, 1))
plots.show("Five rows of ten digits: as they are, and drawn by the autoencoder from 1, 2, 8 and 32 "
           "numbers. With one number most become some average digit; with two, many can be read; "
           "with eight, nearly all; with 32 they look like the first row.")

# %% [markdown] exercise="add_noise"
# Where the code is narrow, bending pays: two numbers of the autoencoder say more than two of PCA. Where it is wide, PCA catches up or wins, for it
# finds its optimum exactly and in a blink, while the net has taken a fixed number of steps.
#
# ## Ask for something that it did not see
#
# The target need not be the input. Give the net a noisy image and ask for the clean one: it can only succeed by knowing what digits look like. A
# *denoising* autoencoder.
#
# ###
# First, the noise.

# %%
rng, x, y = np.random.default_rng(0), digits, new_digits
noisy, new_noisy = (add_noise(a, 0.5, rng).astype("float32") for a in (x, y))
encoder, decoder = run.train_autoencoder(noisy, 24, 1500, seed=0, target=x, parts=mine)
clean = decoder(encoder(new_noisy)).numpy()
blurred = keras.layers.AveragePooling2D(3, strides=1, padding="same")(new_noisy).numpy()
plain = run.train_autoencoder(x, 24, 1500, seed=0, parts=mine)
careless = plain[1](plain[0](new_noisy)).numpy()
rows = {"noisy": new_noisy, "blurred": blurred, "autoencoder that never saw noise": careless,
        "denoising autoencoder": clean}
plots.images([*y[:10], *(p for r in rows.values() for p in r[:10])], columns=10, size=0.8,
             cmap="gray", limits=(0, 1))
left = {name: float(np.mean((r - y) ** 2)) for name, r in rows.items()}
print(*(f"{name:34s} squared error {v:.3f}" for name, v in left.items()), sep="\n")
plots.show("Five rows of ten digits: clean; with strong noise; the noise blurred away, grey and "
           "soft; through an autoencoder that never saw noise; through the denoising one, whose "
           "digits are clean strokes on black.")
assert left["denoising autoencoder"] < min(left["blurred"], left["noisy"]), "it knows what digits look like"

# %% [markdown] exercise="outlier_scores"
# The third row is the control: the same net, trained on clean images only, has not learned to look past noise. And look closely at the last one.
# Where the noise hid too much, the net drew a clean, sure, *wrong* digit. It gives what is likely, not what was there.
#
# ## What the model does not know
#
# That failing has a use. A net that has only ever seen some kinds of images can only draw those. Show it another kind, and what comes back is not
# what went in. The error is a measure of how strange an image is.
#
# ###
# One score for each image.

# %%
mine.outlier_scores = outlier_scores
live = {kind: run.outlier_auc(kind, seed=0, parts=mine) for kind in ("digit 1", "digit 4")}
print("here, seed 0:", *(f"{kind}: autoencoder {v['autoencoder']:.3f}, PCA {v['PCA']:.3f};"
                         for kind, v in live.items()))
table = stored.load(run.RESULTS)["outliers"]
figure, axis = plt.subplots(figsize=(7, 3))
draw.seeds(axis, table, ("autoencoder", "PCA"))
axis.axhline(0.5, color="black", ls="--", lw=1)
axis.set(ylabel="area under the ROC curve", ylim=(0.45, 1.02))
axis.legend(loc="lower right")
auc = {name: draw.means(table, name) for name in ("autoencoder", "PCA")}
plots.show("How well the score tells unknown images from known ones, for five kinds of unknown, "
           "a dot a seed; 0.5, dashed, would be chance. Means, autoencoder and PCA: "
           + "; ".join(f"{k} {auc['autoencoder'][k]:.2f}, {auc['PCA'][k]:.2f}" for k in table) + ".")

# %% [markdown]
# Each model was trained without one kind of image (a digit; faces with a hat or with glasses, which you will meet below) and then shown both kinds;
# "inverted patch" is a digit of which a square is turned to its negative. The area under the ROC curve is the chance that a random unknown image
# scores higher than a random known one.
#
# The numbers deserve an honest look. The autoencoder wins clearly for some kinds; for others PCA, which costs nothing, is as good, and who wins
# depends on the kind. A digit 1 is hard for both: a single stroke is a *part* of other digits, so a model that never saw a 1 draws it all the same.
# The score tells what cannot be drawn, not what is new.
#
# ## Draw from the code?
#
# If the decoder can draw from a code, why not give it a code that no image has? Here are all digits as codes of two numbers. *Predict first:* what
# stands in the empty places?

# %%
encoder, decoder = run.train_autoencoder(digits, 2, 2500, seed=0, parts=mine)
codes = encoder(digits).numpy()
figure, axes = plt.subplots(1, 2, figsize=(10, 4.6))
draw.plane(axes[0], codes, labels, "where the digits lie")
(a, b), (c, d) = codes.min(axis=0), codes.max(axis=0)
draw.drawn(axes[1], decoder, np.linspace(a, c, 12), np.linspace(b, d, 12), "what is drawn there")
plots.show("Left, the codes of the training digits in the plane of an autoencoder: streaks and "
           f"clumps that reach from {min(a, b):.0f} to {max(c, d):.0f}, with wide gaps. Right, what the "
           "decoder draws on a grid over that plane: most digits crowd into a corner, large parts "
           "repeat the same few shapes, and in the gaps lie smudges and broken strokes.")

# %% [markdown] exercise="reparameterize"
# Nobody ever told the encoder *where* to put its codes. They stand far out, in streaks, with gaps in which the decoder has never been asked anything.
# To draw new images we need codes that we can draw ourselves. So the plan changes.
#
# ## A code that is a cloud
#
# ![](img/variational_autoencoder.png)
#
# A **variational autoencoder** (VAE) gives each image not a point but a small cloud: a normal distribution $q(z\mid x) = \mathcal N(\mu, \sigma^2)$,
# on every latent axis by itself. The encoder gives $\mu$ and $\log\sigma^2$ (a logarithm, so that any number will do and $\sigma^2$ is always above
# 0). A code $z$ is *drawn* from the cloud, and the decoder has to do well with whatever was drawn. So neighbouring codes must mean similar images.
#
# But how does a gradient get through a draw?
#
# ![](img/reparameterisation.png)
#
# By moving the chance outside. $z = \mu + \sigma\,\varepsilon$ with $\varepsilon \sim \mathcal N(0, 1)$ has the same distribution, and now it is a
# plain function of $\mu$ and $\sigma$ with some noise as a further input: $\partial z/\partial\mu = 1$ and $\partial z/\partial\sigma = \varepsilon$.
# This is the *reparameterisation trick*.
#
# ###
# The encoder gives $\log\sigma^2$. What has to be done to it to get $\sigma$?

# %%
mean, log_var = tf.constant([[1.0, -2.0]]), tf.constant([[0.0, np.log(0.25)]], tf.float32)
epsilon = tf.random.stateless_normal((20000, 2), (1, 2))
with tf.GradientTape() as tape:
    tape.watch([mean, log_var])
    z = reparameterize(mean + tf.zeros_like(epsilon), log_var + tf.zeros_like(epsilon), epsilon)
    height = tf.reduce_mean(tf.reduce_sum(z ** 2, axis=1))
to_mean, to_log_var = tape.gradient(height, [mean, log_var])
print("mean of z      ", np.mean(z, axis=0).round(3), " asked for", mean.numpy()[0])
print("deviation of z ", np.std(z, axis=0).round(3), " asked for", np.exp(log_var / 2)[0].round(3))
print("d E[z²]/d mean   ", to_mean.numpy()[0].round(3), " exactly", 2 * mean.numpy()[0])
print("d E[z²]/d log_var", to_log_var.numpy()[0].round(3), " exactly", np.exp(log_var)[0].round(3))

# %% [markdown] exercise="kl_divergence"
# A gradient through chance, and it agrees with the exact one ($E[z^2] = \mu^2 + \sigma^2$) up to the noise of the sample.
#
# ## What keeps the clouds together
#
# One thing is missing. Left alone, the net would make its clouds tiny and put them far apart: an autoencoder again. So a second term pulls every
# cloud towards one agreed place, the **prior** $p(z) = \mathcal N(0, 1)$.
#
# ![](img/what_the_kl_pulls_towards.png)
#
# How far is $q$ from $p$? The *Kullback–Leibler divergence* is the mean, over codes drawn from $q$, of how much likelier they are under $q$ than
# under $p$:
#
# $$\mathrm{KL}(q \,\|\, p) = E_{z \sim q}\,[\log q(z) - \log p(z)].$$
#
# For one axis, put in both densities. The constants $\tfrac12\log 2\pi$ cancel:
#
# $$\log q(z) - \log p(z) = -\tfrac12 \log\sigma^2 - \frac{(z-\mu)^2}{2\sigma^2} + \frac{z^2}{2}.$$
#
# Now take the mean over $q$. By definition $E[(z-\mu)^2] = \sigma^2$, so the second term becomes $-\tfrac12$; and $E[z^2] = \mu^2 + \sigma^2$. So
#
# $$\mathrm{KL} = \tfrac12\left(\mu^2 + \sigma^2 - 1 - \log\sigma^2\right).$$
#
# Axes are independent, so their divergences add up. Many notes write it with a minus before the whole and every sign inside turned round. It is the
# same.
#
# ###
# *Predict first:* which value has it for $\mu = 0$, $\sigma = 1$? Can it be negative?

# %%
mean, log_var = tf.constant([[0.4, -0.5, 0.0]]), tf.constant([[-0.6, 0.4, 0.0]])
exact = float(kl_divergence(mean, log_var)[0])
counts, estimates = (10, 100, 1000, 10000, 100000), []
for n in counts:
    noise = tf.random.stateless_normal((30, n, 3), (n, 3))
    z = mean + tf.exp(log_var / 2) * noise
    log_q = -0.5 * (noise ** 2 + log_var)
    estimates.append(tf.reduce_mean(tf.reduce_sum(log_q + 0.5 * z ** 2, axis=2), axis=1).numpy())
plt.figure(figsize=(6.5, 3))
for n, values in zip(counts, estimates):
    plt.plot([n] * 30, values, "o", color=plots.COLOURS[0], alpha=0.35)
plt.axhline(exact, color=plots.COLOURS[1], label=f"your formula: {exact:.4f}")
plt.gca().set(xscale="log", xlabel="codes drawn for one estimate", ylabel="estimate of the KL")
plt.legend()
gap_of_mean, below = abs(np.mean(estimates[-1]) - exact), np.sum(estimates[0] < 0)
plots.show("Thirty Monte Carlo estimates of the divergence for each of five sample sizes, as dots. "
           f"With ten draws they scatter widely, {below} of them below 0; then they close in on a line, "
           f"the formula's value. With 100,000 draws their mean differs from it by {gap_of_mean:.4f}.")
assert gap_of_mean < 0.01, "drawing and counting gives what the formula says"

# %% [markdown] exercise="vae_loss"
# The formula has no sampling noise at all, and costs nothing. An *estimate* from a small sample may even fall below 0; the divergence itself never
# does.
#
# ## The loss
#
# Why just these two terms, and why added? We would like the images to be likely under the model, $\log p(x) = \log\int p(x\mid z)\,p(z)\,dz$. The
# integral runs over all codes, and nearly all of them have nothing to do with $x$. So let $q$ say where to look, and use that the logarithm of a mean
# is at least the mean of the logarithms (Jensen):
#
# $$\log p(x) = \log E_{z\sim q}\left[\frac{p(x\mid z)\,p(z)}{q(z\mid x)}\right] \;\ge\; E_{z\sim q}[\log p(x\mid z)] - \mathrm{KL}(q\,\|\,p).$$
#
# The right side is the *evidence lower bound*, the **ELBO**. Its negative is our loss: how badly the image is reproduced, plus how far the cloud is
# from the prior.
#
# ![](img/two_loss_terms.png)
#
# If each pixel is a coin that comes up white with probability $\hat x_j$, then $-\log p(x\mid z)$ is the cross-entropy of lab 01, *summed* over the
# pixels, since their probabilities multiply. (Our pixels are grey, not coins. Then it is no longer the likelihood of anything, but it is least at
# $\hat x = x$ all the same; only it is not 0 there.)
#
# The factor $\beta$ is 1 in the derivation. Later you will turn it.
#
# ###
# Sum over what, mean over what? That is where most VAEs go wrong.

# %%
mine.reparameterize, mine.vae_loss = reparameterize, vae_loss
vae = run.train_vae(digits, 2, beta=1, steps=4000, seed=0, parts=mine)
reconstruction, kl = run.two_terms(vae, new_digits)
code = tf.zeros((len(new_digits), 2))
known = tf.clip_by_value(new_digits, 1e-6, 1 - 1e-6)
floor = float(vae_loss(new_digits, known, code, code, 0.0))
blank = np.clip(0 * new_digits + digits.mean(axis=0), 1e-6, 1 - 1e-6)
average = float(vae_loss(new_digits, blank, code, code, 0.0))
print(f"average digit, no code {average:6.1f}")
print(f"VAE, two numbers       {reconstruction:6.1f}, and KL {kl:.1f} nats")
print(f"the image itself       {floor:6.1f}")

# %% [markdown]
# Three numbers to read it by. Without any code the best guess is the average image. The image itself would not give 0, because its pixels are grey:
# that is the floor. The VAE lies between, and what its code carries for that is the KL, in nats.
#
# What the training was for:

# %%
mean, log_var = vae.encode(digits)
figure, axes = plt.subplots(1, 2, figsize=(10, 4.9))
draw.plane(axes[0], mean, labels, "where the digits lie")
axes[0].add_patch(plt.Circle((0, 0), 2, fill=False, ls="--"))
steps = np.linspace(-2.2, 2.2, 12)
draw.drawn(axes[1], vae.decoder, steps, steps, "the plane as a picture")
plots.show("Left, the mean codes of the training digits in the VAE's plane: coloured regions side "
           "by side, some overlapping, around 0, most of them inside a dashed circle of radius 2. "
           "Right, what the decoder draws from a grid over the plane: digits everywhere, each "
           "melting into its neighbours.")

# %% [markdown]
# That is the plane, all of it. Every place means something, and the meaning changes slowly. No label was used; the colours were added afterwards.
#
# Does it hold in numbers? Draw codes at random, for the VAE from its prior, for the autoencoder from a normal distribution with the mean and spread
# of its own codes, and ask how far each drawn image is from the nearest real one. *Predict first:* which is nearer? Two controls tell what the
# numbers mean: real digits of other writers, and averages of two random digits.

# %%
rng = np.random.default_rng(0)


def nearest(images):
    images = np.reshape(images, (len(images), -1))
    squares = (images ** 2).sum(1)[:, None] + (flat ** 2).sum(1) - 2 * images @ flat.T
    return np.sqrt(np.maximum(squares.min(axis=1), 0)).mean()


z = rng.normal(size=(500, 2)).astype("float32")
pairs = (digits[rng.integers(0, len(digits), 500)] + digits[rng.integers(0, len(digits), 500)]) / 2
far = {"autoencoder": nearest(decoder((codes.mean(axis=0) + z * codes.std(axis=0)).astype("float32"))),
       "VAE": nearest(vae.decoder(z)), "two digits averaged": nearest(pairs),
       "real, other writers": nearest(new_digits)}
print(*(f"{name:22s} distance to the nearest training digit {v:.2f}" for name, v in far.items()), sep="\n")
assert far["VAE"] < far["autoencoder"], "codes drawn from the prior give digits"
lab.quiz("trick")

# %% [markdown]
# The VAE's are about as near as real digits of other writers are. But look at the plane again: they are smooth, a little blurred, all in the same
# hand. Two numbers cannot hold a hand's peculiarities, and a sum over pixels rewards a blurred compromise over a sharp guess. Blur is the VAE's known
# weakness; labs 07b and 07c show what helps.
#
# ## A walk
#
# ![](img/latent_walk.png)
#
# Between two images there are two ways: mix their pixels, or walk from code to code and draw at each step. We take a VAE with eight numbers, which
# draws sharper.

# %%
wide = run.train_vae(digits, 8, beta=1, steps=3000, seed=0, parts=mine)
one, two = new_digits[new_labels == 3][0], new_digits[new_labels == 6][0]
shares = np.linspace(0, 1, 9)[:, None]
ends, _ = wide.encode(np.stack([one, two]))
walk = wide.decoder(((1 - shares) * ends[0] + shares * ends[1]).astype("float32")).numpy()
mixed = [(1 - s) * one + s * two for s in shares[:, 0]]
plots.images([*mixed, *walk], columns=9, size=0.95, cmap="gray", limits=(0, 1))
plots.show("From a 3 to a 6 in nine steps, twice. Above, the pixels are mixed: both digits lie upon "
           "each other like ghosts. Below, a walk through the codes: each step is one digit-like "
           "shape, and strokes bend on the way.")
lab.quiz("collapse")

# %% [markdown]
# ## Faces whose truth is known
#
# What does an axis of a code *mean*? For digits nobody can say for sure. So here are images of which everything is known: small faces, drawn by
# seeded code, with six factors that vary independently of each other.

# %%
rng = np.random.default_rng(5)
factors = faces.random_factors(rng, 20)
pictures = faces.draw_faces(factors, rng)
for name, text in faces.FACTORS.items():
    print(f"{name:11s} {text}")
plots.images(pictures, columns=10, size=1.0)
plots.show("Twenty small drawn faces with skin from light to dark, black to fair hair, some with "
           "glasses, some with a red hat, mouths from sad to smiling, on blue to green ground.")

# %% [markdown]
# ## β: how hard the prior pulls
#
# ![](img/disentangled_axes.png)
#
# A code is *disentangled* if each factor has an axis to itself. The hope behind the **β-VAE**: the KL is paid for each axis, so a net that must save
# will spend one axis on one thing. Larger β, more saving. With the truth at hand that can be measured: for each factor and each axis the squared
# correlation on new faces, and for each factor the *gap* between its best axis and its second best. The mean gap is 1 if each factor has an axis of
# its own, and near 0 if it is spread over several, or lost.
#
# *Predict first:* which of the six factors will have no axis at all?

# %%
x, factors = run.load_faces(2000, seed=0)
new_faces, new_factors = run.load_faces(1000, seed=1000)
small, new_small = run.thumbnails(x, 16), run.thumbnails(new_faces, 16)
face_vae = run.train_vae(small, 8, beta=1, steps=2000, seed=0, parts=mine)
mean, log_var = face_vae.encode(new_small)
tells = run.explained(mean, new_factors)
cost = tf.reduce_mean(0.5 * (mean ** 2 + np.exp(log_var) - 1 - log_var), axis=0).numpy()
plt.figure(figsize=(6.5, 3.2))
plt.imshow(tells, cmap="Blues", vmin=0, vmax=1)
for i, j in np.ndindex(*tells.shape):
    plt.text(j, i, f"{tells[i, j]:.2f}", ha="center", va="center", fontsize=8,
             color="white" if tells[i, j] > 0.6 else "black")
plt.gca().set(yticks=range(6), yticklabels=faces.FACTORS, xticks=range(8),
              xticklabels=[f"z{k + 1}\n{c:.1f}" for k, c in enumerate(cost)], xlabel="axis, and its KL in nats")
plt.grid(False)
plots.show("A table of six factors against eight latent axes, squared correlations as shades. Best "
           "axis of each factor: " + ", ".join(f"{n} {v:.2f}" for n, v in zip(faces.FACTORS, tells.max(axis=1)))
           + f". Under each axis its KL; {np.sum(cost < 0.1)} of 8 axes carry less than 0.1 nats.")

# %%
order = np.argsort(-cost)[:5]
walks = np.zeros((5, 7, 8), "float32")
for row, k in enumerate(order):
    walks[row, :, k] = np.linspace(-2.2, 2.2, 7)
plots.images(face_vae.decoder(walks.reshape(-1, 8)).numpy(), columns=7, size=0.95)
best = [list(faces.FACTORS)[i] for i in tells[:, order].argmax(axis=0)]
plots.show("Five rows of blurred faces; along each row one axis of the code goes from -2.2 to 2.2 "
           "while the others stay at 0. The factor that each row is most correlated with: "
           + ", ".join(best) + ".")

# %% [markdown]
# Large things get an axis: skin, hat, background, hair. The mouth is lost. A few pixels of it change the cross-entropy by less than the code for them
# would cost, so the VAE, quite rightly by its loss, leaves it out. What is important to *you* is not in the loss.
#
# Now turn β. One seed proves nothing here, so the curves come from a stored file with several; the star was trained just now.

# %%
table = stored.load(run.RESULTS)["beta"]
kl, error, gaps = (draw.means(table, name) for name in ("kl", "error", "gap"))
for b, runs in table.items():
    print(f"β = {b:4s} KL {kl[b]:5.1f} nats, squared error {error[b]:.4f}, mean gap {gaps[b]:.2f},",
          "each seed:", *(f"{r['gap']:.2f}" for r in runs))
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
draw.seeds(axes[0], table, ("error",))
draw.seeds(axes[1], table, ("gap",))
axes[1].plot(list(table).index("1"), run.gap(mean, new_factors), "*", ms=15, color=plots.COLOURS[1],
             mec="black")
pca = PCA(8, random_state=0).fit(small.reshape(len(small), -1))
linear = run.gap(pca.transform(new_small.reshape(len(new_small), -1)), new_factors)
axes[1].axhline(linear, color="black", ls="--", lw=1)
for axis, text in zip(axes, ("squared error, new faces", "gap: an axis for each factor?")):
    axis.set(xlabel="β", ylabel=text, ylim=(0, None))
best = max(gaps, key=gaps.get)
plots.show("Left, the squared error rises with β. Right, the gap: a dot a seed, a star for the VAE "
           f"above. Highest on average at β = {best} ({gaps[best]:.2f}), lower on both sides of it; the "
           f"seeds scatter. Dashed, above all dots: PCA, {linear:.2f}.")

# %% [markdown]
# So β buys order with blur, up to a point. With little pressure the factors are smeared over all axes. With more, each tends to find a place. With
# too much, factors are thrown out one by one, until the code says nothing (the KL column). There is no β that is right by itself: it depends on the
# number of pixels, the noise, the data.
#
# And the dashed line? That is PCA on the same small pictures, in a blink, and it has the better order. These faces are its home ground: each factor
# adds its own pattern of colour, independently of the others, and with another strength. Where factors turn and bend images, as in the digits, PCA
# has nothing of the kind to offer. Always measure the simple thing too.
#
# Note also how the seeds differ. Nothing in a VAE's loss asks for *these* factors. That without any label a method may find them or not, depending on
# luck, is a known result, not a flaw of your code (the fifth paper under further reading). You can only see it here because the truth is known.
#
# ## Who is missing?
#
# Now a use that matters. A detector has to tell faces from other things. In its training set 95 of 100 faces have light skin. *Predict first:* how
# does it do on the others?

# %%
task, test = run.find_faces(1000, seed=0, dark_share=0.05), run.find_faces(2000, seed=500, dark_share=0.5)
plots.images([*task.x[:12], *task.x[1000:1012]], columns=12, size=0.8)
plots.show("Two rows of training pictures. Above, faces, nearly all with light skin. Below, things "
           "that are no faces: ellipses of many colours, dark ones too, with dots and bars.")
n, dark = 1000, task.dark[:1000]
net = run.train_classifier(task, seed=0)
plain = run.rates(net, test)
print(f"{dark.sum()} of {n} training faces are dark.")
print(f"found on new pictures: {plain['light']:.1%} of the light faces, {plain['dark']:.1%} of the dark")

# %% [markdown] exercise="resampling_probabilities"
# If you know who is who, you can draw both groups equally often. But what is rare may not be written anywhere. The idea here: let a VAE, which sees
# nothing but the faces, say which of them lie where few others do.
#
# ![](img/debiasing_by_density.png)
#
# ###
# Only the goal this time; the docstring has the details.

# %%
tiny = run.thumbnails(task.x[:n], 8)
skin_vae = run.train_vae(tiny, 4, beta=1, steps=2000, seed=0, parts=mine)
codes, _ = skin_vae.encode(tiny)
p = resampling_probabilities(codes, run.N_BINS, run.SMOOTHING)
order = np.argsort(p)
plots.images([*task.x[order[-12:][::-1]], *task.x[order[:12]]], columns=12, size=0.8)
print(f"dark faces: {dark.mean():.0%} of the training set, {p[dark].sum():.0%} of what is drawn")
plots.show("Above, the twelve faces that will be drawn most often; below, the twelve that will be "
           f"drawn least. Of those above {dark[order[-12:]].sum()} have dark skin, of those below "
           f"{dark[order[:12]].sum()}.")
assert p[dark].sum() > 2 * dark.mean(), "the VAE was never told what skin is"

# %%
net = run.train_classifier(task, seed=0, p=run.with_things(p))
fair = run.rates(net, test)
for name, r in (("plain", plain), ("resampled", fair)):
    print(f"{name:10s} light {r['light']:.1%}, dark {r['dark']:.1%}, false alarms {r['false alarms']:.1%}")

# %% [markdown]
# One seed. The table has several, two shares of dark faces, and what else could be done:
#
# * **VAE 8×8**: as just now, the faces made very small before the VAE sees them. **VAE 16×16**: the same VAE on larger thumbnails.
# * **groups known**: both groups drawn equally often; **reweighted**: drawn as they come, but each dark face counted more. Both need the labels of
#   the groups.
# * **moved threshold**: the plain detector, its threshold lowered until 99 of 100 of some extra dark faces are found, which again have to be
#   labelled.

# %%
table = stored.load(run.RESULTS)["debiasing"]
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), sharex=True, sharey=True)
for axis, (share, runs) in zip(axes, table.items()):
    ways = {way: [r[way] for r in runs] for way in run.WAYS}
    print(f"{float(share):.0%} dark: faces found, false alarms, and dark faces among those drawn")
    for way, results in ways.items():
        mean_of = {k: np.mean([r[k] for r in results]) for k in results[0]}
        print(f"  {way:16s} light {mean_of['light']:6.1%}  dark {mean_of['dark']:6.1%}",
              f" false {mean_of['false alarms']:5.2%} ",
              f"drawn {mean_of['drawn']:4.0%}" if "drawn" in mean_of else "")
    draw.seeds(axis, ways, ("dark", "light"), across=False)
    axis.set(xlabel="share of faces found", title=f"{float(share):.0%} of the training faces dark")
axes[0].invert_yaxis()
axes[0].legend(loc="lower left")
plots.show("Share of faces found, a marker a seed, dark faces blue circles, light ones orange "
           "squares, for six ways of training and two shares of dark faces. Light faces are found "
           "nearly always. Dark ones are found less often by the plain detector, more often with "
           "groups known or with the small VAE; with fewer dark faces the plain gap is wider.")
gain = [r["VAE 8×8"]["dark"] - r["plain"]["dark"] for runs in table.values() for r in runs]
print(f"gain of dark faces by VAE 8×8: mean {np.mean(gain):.3f}, from {min(gain):.3f} to {max(gain):.3f}")
assert np.mean(gain) > 0, "over the seeds, resampling finds more of the dark faces"

# %% [markdown]
# Read it slowly.
#
# Resampling by a density needs no group labels, and it can close much of the gap, *if skin is what the codes are spread by*. In very small pictures
# skin is most of what there is to see, so dark faces lie apart and get drawn often. On larger ones the same VAE has more to describe, and rare may
# mean a hat with glasses on a green ground; then far fewer of the drawn faces are dark (last column), and the gain is smaller. Nobody told the VAE
# which rarity matters, and it does not know. Look at *what* is drawn before you trust it.
#
# If you know the groups, use them: that is as good or better, and simpler. A moved threshold costs no training, and pays in false alarms: compare
# that column. And where only 2 % are dark no way of drawing closes the gap, for nothing is added: the same few faces are seen again and again.
#
# Does drawing them more often at least never hurt? Another question on the same faces: who smiles?

# %%
runs = stored.load(run.RESULTS)["smiles"]
for way in runs[0]:
    light, dark_share = ([r[way][k] for r in runs] for k in ("light", "dark"))
    print(f"{way:24s} light {np.mean(light):.1%}   dark {np.mean(dark_share):.1%}   each seed:",
          *(f"{v:.2f}" for v in dark_share))

# %% [markdown]
# Here resampling helps nobody. On dark skin these drawn mouths have little contrast, so telling a smile takes many *different* examples, and
# repeating fifty of them only teaches those fifty by heart. The last row, with as many faces but half of them dark, shows the remedy: collect them.
# Even that leaves a gap, which comes from the contrast of the pictures, as it does with cameras that were tuned for light skin.
#
# ## Your turn
#
# A face from numbers. Change the code, or put a factor to an extreme, and look at what the VAE makes of it. Can you give a face a hat, half of one?

# %%
hat = list(faces.FACTORS).index("hat")
k = tells[hat].argmax()                                       # the axis that is most like "hat"
z = np.zeros((1, 8), "float32")
z[0, k] = 2 * np.sign(np.corrcoef(mean[:, k], new_factors["hat"])[0, 1])
wish = {"skin": [0.9], "hair": [1.0], "glasses": [1], "mouth": [1.0], "hat": [1], "background": [0.2]}
real = faces.draw_faces(wish, np.random.default_rng(1))
back = face_vae.decoder(face_vae.encode(run.thumbnails(real, 16))[0]).numpy()
plots.images([face_vae.decoder(z).numpy()[0], real[0], back[0]],
             ["from your code", "your factors", "what the VAE keeps"], columns=3, size=1.6)
plots.show("Three faces: one drawn from a code of your own, one drawn from factors of your own, and "
           "what is left of that one after the VAE.")

# %% [markdown]
# ## Challenge
#
# **An axis for each factor.** Write `encode(x)`: codes of at most 8 numbers for faces (m, 32, 32, 3), learned from images alone. On faces that nobody
# has seen the gap should be at least 0.60, more than anything above has reached. What else varies in the pictures that is none of the six factors?
# Could you take it out before you begin?

# %%
def encode(x):
    """Codes of faces, learned without labels.

    Parameters
    ----------
    x : ndarray (m, 32, 32, 3)

    Returns
    -------
    ndarray (m, d), d at most 8
    """
    ### BEGIN SOLUTION
    def even(pictures):  # the light is the same everywhere in a picture: divide it out
        small = run.thumbnails(pictures, 16)
        return (small / small.mean(axis=(1, 2, 3), keepdims=True)).reshape(len(small), -1)

    return PCA(7, random_state=0).fit(even(run.load_faces(2000, seed=0)[0])).transform(even(x))
    ### END SOLUTION


lab.challenge("an_axis_each", encode)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * An autoencoder learns what matters by having too little room for the rest. With two numbers it beats PCA; with many, hardly.
# * What it cannot draw is strange to it. What it can draw may still be new: an error score has blind spots, so compare with PCA.
# * A VAE gives every image a cloud and pulls all clouds to one prior. Then codes can be drawn, and walked through.
# * z = μ + σε puts the chance outside, so gradients pass. KL = ½ Σ (μ² + σ² − 1 − log σ²): a sum over latent axes, a mean over examples, the
#   cross-entropy a sum over pixels.
# * β trades sharpness for order, and too much of it empties the code. Without labels no one guarantees that axes mean what you mean.
# * Resampling by latent density helps where the rarity you care about is the one the codes see. Measure each group, over seeds, beside the simple
#   remedies.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | unsupervised learning | 无监督学习 |
# | latent variable, latent space | 隐变量, 隐空间 |
# | autoencoder, encoder, decoder | 自编码器, 编码器, 解码器 |
# | bottleneck | 瓶颈 |
# | denoising | 去噪 |
# | variational autoencoder | 变分自编码器 |
# | reparameterisation trick | 重参数化技巧 |
# | Kullback–Leibler divergence | KL 散度 |
# | evidence lower bound (ELBO) | 证据下界 |
# | disentangling | 解耦 |
# | outlier, anomaly | 异常值, 异常 |
# | debiasing, resampling | 去偏, 重采样 |
#
# ## Further reading
#
# * D. P. Kingma, M. Welling, Auto-encoding variational Bayes (2013), arXiv:1312.6114
# * D. J. Rezende, S. Mohamed, D. Wierstra, Stochastic backpropagation and approximate inference in deep generative models (2014), arXiv:1401.4082
# * G. E. Hinton, R. R. Salakhutdinov, Reducing the dimensionality of data with neural networks (2006), doi:10.1126/science.1127647
# * P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, Extracting and composing robust features with denoising autoencoders (2008),
#   doi:10.1145/1390156.1390294
# * F. Locatello and others, Challenging common assumptions in the unsupervised learning of disentangled representations (2018), arXiv:1811.12359
# * I. Higgins and others, β-VAE: learning basic visual concepts with a constrained variational framework, ICLR 2017
# * A. Amini and others, Uncovering and mitigating algorithmic bias through learned latent structure (2019), doi:10.1145/3306618.3314243
# * J. Buolamwini, T. Gebru, Gender shades: intersectional accuracy disparities in commercial gender classification (2018), Proceedings of Machine
#   Learning Research 81
