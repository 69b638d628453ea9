# %% [markdown]
# # 07c · Diffusion: pictures out of noise
#
# At the end of this lab a net that you have trained turns pure noise into handwritten digits, in a hundred small steps that you have written yourself, and you can say
# how good they are beside those of an autoencoder, a VAE and a GAN.
#
# You need labs 00 and 04d; 07a and 07b help, since their nets come back at the end. Nine exercises, about 90 minutes. Every exercise is checked on the spot. If one is
# left open or not right yet, the reference stands in for it, so you can read on and run on (only a cell with a syntax error stops "Run all").
#
# ## The idea
#
# ![](img/diffusion_chain.png)
#
# To destroy a picture is easy: add a little noise, and a little more, until nothing is left. Nobody has to learn that. To go back is hard: which picture was under the
# noise? But one *small* step back is much easier than all of them at once. If a net can look at a noisy picture and say where the noise is, we take a little of it away,
# ask again, and so on, a hundred times. And if we begin with noise that never had a picture under it? Then the same steps lead to a picture that never was.
#
# Our pictures are scikit-learn's digits, 8 × 8 pixels, written from −1 (black) to 1 (white), so that 0 is in the middle, where the noise is too.

# %%
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from labutils import plots, stored
from labutils.labs.lab07c_diffusion import generators

digits = generators.load()
print("training pictures", digits.x_train.shape, "test pictures", digits.x_test.shape)
print(f"from {digits.x_train.min():.0f} to {digits.x_train.max():.0f}")


def sheet(pictures, titles=None, columns=10, size=0.75):
    plots.images(pictures, titles, columns, size, cmap="gray", limits=(-1, 1))


sheet(digits.x_train[:20])
plots.show("Twenty training digits, white on black, eight by eight pixels, in two rows.")

# %% [markdown] exercise="linear_beta_schedule"
# ## Down: one step
#
# One step of the way down takes a picture $x_{t-1}$, shrinks it a little, and adds a little noise $\epsilon$, drawn for each pixel from a standard normal distribution:
#
# $$x_t = \sqrt{1-\beta_t}\;x_{t-1} + \sqrt{\beta_t}\;\epsilon .$$
#
# Why shrink? Variances of independent things add up. If a pixel has variance 1 before the step, it has $(1-\beta_t)\cdot 1 + \beta_t = 1$ after it: the noise takes the
# picture's place, and the pixels do not grow out of bounds. How large each $\beta_t$ is, is called the *schedule*.
#
# ###
# The first schedule, of 2020, is a straight line. Its authors took 1000 steps, from 0.0001 to 0.02. We take 100, so each has to add ten times as much.
#
# *Predict first:* with ten steps, the last beta would be 20 / 10. What would that step do to a picture?

# %% [markdown] exercise="cosine_schedule"
# What is left of the picture after several steps? Each leaves the share $1-\beta$ of the variance, and shares of shares multiply. So after step $t$ there is
#
# $$\bar\alpha_t = (1-\beta_0)(1-\beta_1)\cdots(1-\beta_t)$$
#
# left ("alpha bar"). The second schedule begins from the other end: it says what $\bar\alpha$ should look like, a squared cosine that falls gently at both ends, and
# works out the betas from it. What one step leaves is a quotient of neighbours.

# %%
n_steps = 100
betas = linear_beta_schedule(n_steps)
alpha_bars = np.cumprod(1 - betas)
left = {"linear": alpha_bars, "cosine": cosine_schedule(n_steps)}
steps = {"linear": betas, "cosine": 1 - left["cosine"] / np.append(1, left["cosine"][:-1])}
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
for name in left:
    axes[0].plot(left[name], label=name)
    axes[1].semilogy(steps[name], label=name)
axes[0].set(title="what is left of the picture: alpha_bar", xlabel="t")
axes[1].set(title="what a step adds: beta", xlabel="t")
axes[0].legend()
plots.show("Two plots against t from 0 to 99. Left, alpha_bar falls from 1 to 0 in both schedules; the "
           "cosine falls later and more evenly. Right, beta on a logarithmic axis: the linear "
           "schedule ends at 0.2, the cosine's last steps rise steeply to 0.999.")
for name in left:
    print(f"{name}: at half the way {left[name][49]:.2f} is left, at the end {left[name][-1]:.1e};",
          f"the largest step back multiplies by {1 / np.sqrt(1 - steps[name].max()):.1f}")

# %% [markdown] exercise="noise_image"
# With the linear schedule little is left after half of the steps, so that many of them only stir noise; the cosine spreads its steps more evenly. But look at its last
# beta. On the way back every step divides by $\sqrt{1-\beta}$, and there it multiplies every error of the net by the last number printed. We train with the linear
# schedule, and shall see further down what the cosine costs.
#
# ## Down: all steps in one go
#
# Do we have to take all steps one by one? Put the second step into the first:
#
# $$x_2 = \sqrt{1-\beta_2}\big(\sqrt{1-\beta_1}\,x_0 + \sqrt{\beta_1}\,\epsilon_1\big) + \sqrt{\beta_2}\,\epsilon_2 .$$
#
# The picture has the factor $\sqrt{(1-\beta_1)(1-\beta_2)}$. The two noises are independent and normal, so their sum is normal, and its variance is
# $(1-\beta_2)\beta_1 + \beta_2 = 1 - (1-\beta_1)(1-\beta_2)$. The same holds for any number of steps:
#
# $$x_t = \sqrt{\bar\alpha_t}\;x_0 + \sqrt{1-\bar\alpha_t}\;\epsilon .$$
#
# ###
# Write this jump for a batch in which every picture stands at a step of its own. `alpha_bars[t]` is then a row of m numbers; make sure that each meets *its* picture,
# and not a column of pixels.
#
# *Predict first:* one picture taken down 50 single steps, many times, and the same picture with one jump, many times. Will the means and spreads of the pixels agree?
# (The second cell below tries it; the first shows the way down.)

# %%
rng = np.random.default_rng(0)
first = [np.flatnonzero(digits.y_train == k)[0] for k in (0, 3, 4, 7)]
four, shown = digits.x_train[first], [0, 10, 20, 30, 45, 60, 99]
rows = [[picture, *noise_image(np.repeat(picture[None], 7, axis=0), np.array(shown),
                               rng.standard_normal((7, 8, 8)), alpha_bars)] for picture in four]
sheet([p for row in rows for p in row], (["clean"] + [f"t = {t}" for t in shown]) * 4, columns=8)
plots.show("A zero, a three, a four and a seven in four rows, each clean and then with "
           "the noise of step 0, 10, 20, 30, 45, 60 and 99. "
           "At 10 they can still be read, at 20 some of them, at 45 hardly any; at 99 there is only noise.")

# %%
many = np.repeat(digits.x_train[:1], 4000, axis=0)
jump = noise_image(many, np.full(4000, 49), rng.standard_normal(many.shape), alpha_bars)
walk = many
for beta in betas[:50]:
    walk = np.sqrt(1 - beta) * walk + np.sqrt(beta) * rng.standard_normal(many.shape)
for name, x in (("50 steps", walk), ("one jump", jump)):
    print(f"{name}: mean of three pixels {x.mean(axis=0)[2, 2:5].round(2)},",
          f"spread {x.std(axis=0)[2, 2:5].round(2)}")
lab.quiz("one_go")

# %% [markdown] exercise="training_batch"
# ## What the net is asked
#
# ![](img/denoiser_training.png)
#
# The net gets a noisy picture and its step, and says which noise is in it. Making such questions costs nothing, and we know the answers, since we put the noise on
# ourselves. It also gets the label of the digit, but half of the time the label says "not told", so that it learns to do without; this will be useful.
#
# ###
# Thanks to the jump, every picture of a batch can stand at another step. Draw the steps, draw the noise, and hand back the question (the noisy pictures and their steps)
# together with its answer.

# %% [markdown] exercise="denoising_loss"
# How far is the net's guess from the noise that was put on?
#
# *Predict first:* what is the loss of a net that always answers "no noise at all", 0 for every pixel?

# %%
import keras

keras.utils.set_random_seed(0)
steps_of_training = 5000
denoiser = generators.Denoiser(n_steps, steps_of_training, loss=denoising_loss)
rng = np.random.default_rng(0)
x_t, t, epsilon = training_batch(digits.x_train, alpha_bars, rng)
silent = float(denoising_loss(tf.constant(epsilon, "float32"), tf.zeros(epsilon.shape)))
print(f"always 0: loss {silent:.3f}; the net has {denoiser.net.count_params():,} weights")

# %% [markdown]
# The net is a small one: the picture laid flat, three blocks of two dense layers, each added to what came in (lab 05b), and step and label as rows of two embedding
# tables (lab 06b), added before each block. In a large diffusion model a U-Net (lab 05c) stands in its place.
#
# Now train it: draw pictures, hide half of the labels, make the questions, take a step. *Predict first:* is it easier to see the noise where there is much of it, or
# where there is little? The plot below the training shows the loss by step.

# %%
import time

start, losses = time.process_time(), []
for _ in range(steps_of_training):
    chosen = rng.integers(0, len(digits.x_train), 128)
    hidden = rng.random(128) < 0.5
    labels = np.where(hidden, generators.UNTOLD, digits.y_train[chosen])
    x_t, t, epsilon = training_batch(digits.x_train[chosen], alpha_bars, rng)
    losses.append(denoiser.train(x_t, t, labels, epsilon))
training_seconds = time.process_time() - start
losses = np.array(losses).reshape(-1, 100).mean(axis=1)
print(f"{training_seconds:.0f} CPU seconds; loss of the first 100 steps {losses[0]:.3f},",
      f"of the last 100 steps {losses[-1]:.3f}")

# %%
by_step = []
for t in range(0, n_steps, 3):
    noise = np.random.default_rng(t).standard_normal(digits.x_test.shape)
    x = noise_image(digits.x_test, np.full(len(noise), t), noise, alpha_bars)
    by_step.append(np.mean((denoiser.noise(x, t, digits.y_test) - noise) ** 2))
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
axes[0].plot(100 * np.arange(len(losses)), losses)
axes[0].set(title="training", xlabel="step of training", ylabel="loss", ylim=(0, None))
axes[1].plot(range(0, n_steps, 3), by_step, color=plots.COLOURS[1])
axes[1].set(title="test digits", xlabel="t, the amount of noise", ylabel="loss", ylim=(0, None))
plots.show("Left, the training loss falls steeply at first and then slowly, and levels off well above 0. "
           "Right, the loss on test digits by step: high at t = 0, where there is hardly any noise, "
           "falling to nearly 0 at the last steps, where the picture is nothing but noise.")
lab.quiz("loss")

# %% [markdown] exercise="sampling_step"
# ## Up: one step back
#
# ![](img/step_back.png)
#
# Given $x_t$, which $x_{t-1}$ came before? If we knew $x_0$ as well, the answer would be exact: both $x_{t-1}$ given $x_0$ and the step from there to $x_t$ are normal, and
# a product of two bell curves is a bell curve. Multiplying them out (the squares in the exponents add up) gives its mean,
#
# $$\mu = \frac{\sqrt{\bar\alpha_{t-1}}\,\beta_t}{1-\bar\alpha_t}\,x_0 + \frac{\sqrt{1-\beta_t}\,(1-\bar\alpha_{t-1})}{1-\bar\alpha_t}\,x_t ,$$
#
# a weighted mean of the clean picture and the noisy one. We do not know $x_0$; but the net tells us the noise, and solved for $x_0$ the jump says
# $x_0 = (x_t - \sqrt{1-\bar\alpha_t}\,\epsilon)/\sqrt{\bar\alpha_t}$. Put it in, use $\bar\alpha_t = (1-\beta_t)\,\bar\alpha_{t-1}$, and almost everything cancels:
#
# $$\mu = \frac{1}{\sqrt{1-\beta_t}}\Big(x_t - \frac{\beta_t}{\sqrt{1-\bar\alpha_t}}\,\epsilon\Big).$$
#
# ###
# Compute the mean; then add fresh noise of variance $\beta_t$, since many pictures could have come before. At the very last step there is nothing left to spread: the mean
# is the picture.

# %% [markdown] exercise="sample_images"
# Now the whole way up. Start with pure noise; nothing else goes in.
#
# *Predict first:* at which of the hundred steps will you first see which digit it becomes?

# %%
shown, kept = (99, 75, 50, 40, 30, 20, 10, 0), {}


def look(x, t):
    noise = denoiser.noise(x, t, np.full(len(x), generators.UNTOLD))
    kept[t] = x, (x - np.sqrt(1 - alpha_bars[t]) * noise) / np.sqrt(alpha_bars[t])
    return noise


made = sample_images(look, (5, 8, 8), betas, alpha_bars, np.random.default_rng(3))
rows = [[kept[t][k][i] for t in shown] + [made[i]] for i in range(3) for k in (0, 1)]
titles = [*(f"t = {t}" for t in shown), "result"] + [""] * 9 * 5
sheet([p for row in rows for p in row], titles, columns=9, size=0.85)
plots.show("Three chains, each in two rows, from t = 99 on the left to the result. Upper row: the picture at "
           "that step, pure noise at first, a digit at the end. Lower row: the net's guess of the "
           "clean picture from there: at first a wild pattern or a grey blur, then a digit that settles.")

# %% [markdown]
# Read the lower rows from left to right. The early guesses are vague, a mean of many digits; then one digit wins, and the last steps sharpen its strokes. The early
# steps take only a small part of the way to the guess, and so the early guesses do not have to be right.
#
# Here are more, and below them a negative control: the same hundred steps with a net that has not been trained.

# %%
start = time.process_time()
untold = sample_images(look, (300, 8, 8), betas, alpha_bars, np.random.default_rng(2))
untold_seconds = time.process_time() - start
fresh = generators.Denoiser(n_steps, 1)
untrained = sample_images(lambda x, t: fresh.noise(x, t, np.full(10, generators.UNTOLD)),
                          (10, 8, 8), betas, alpha_bars, np.random.default_rng(2))
sheet([*untold[:30], *untrained])
plots.show("Forty pictures in four rows. The first three rows, drawn by the trained net without a label: "
           "most are digits that can be read, some are none. The last row, drawn by the untrained "
           "net with the same steps: nothing but noise.")

# %% [markdown] exercise="guided_noise"
# ## Told what to draw
#
# ![](img/guidance_line.png)
#
# Most of them can be read, but some are strokes that are no digit. The net has also learned to use a label. The difference between what it says with and without the
# label is what the label adds, a direction in the space of pictures: "more like a 4". *Classifier-free guidance* goes along it, and farther than the net itself would.
#
# ###
# Write it for any scale.
#
# *Predict first:* what will a scale of 5 do to the pictures?

# %%
def guided(labels, scale):
    def predict(x, t):
        told = denoiser.noise(x, t, labels)
        return guided_noise(told, denoiser.noise(x, t, np.full(len(x), generators.UNTOLD)), scale)
    return predict


def draw(labels, scale, seed=2):
    shape = len(labels), 8, 8
    return sample_images(guided(labels, scale), shape, betas, alpha_bars, np.random.default_rng(seed))


ten = np.arange(10)
sheet([p for scale in (0, 1, 2, 5) for p in draw(ten, scale)],
      [f"{'scale ' + str(s) if k == 0 else k}" for s in (0, 1, 2, 5) for k in ten])
plots.show("Four rows of ten pictures, asked to be 0 to 9, from the same noise. At scale 0 the label is "
           "ignored; at 1 most, at 2 all or nearly all are the digit asked for; at 5 they are "
           "clear and bold, like printed ones.")

# %% [markdown] exercise="frechet_distance"
# ## How good are they?
#
# One look at a sheet is not a measurement. We need a judge: a digits classifier, trained on the training digits. Three things can be asked of it.
#
# 1. *Confidence:* how sure is it, on average, of what it sees?
# 2. *Classes covered:* how many of the ten digits come up at all (in at least 2 % of the pictures)?
# 3. *Distance:* do its inner features, 32 numbers for each picture, spread like those of real digits? Two clouds of points are compared by their means and
#    covariances. For two normal distributions the *Fréchet distance* is
#
# $$|\mu_a-\mu_b|^2 + \operatorname{tr} C_a + \operatorname{tr} C_b - 2\operatorname{tr}\,(C_aC_b)^{1/2}.$$
#
# In one dimension this is $(\mu_a-\mu_b)^2 + (\sigma_a-\sigma_b)^2$: it is 0 only if both clouds lie at the same place and are equally wide.
#
# ###
# Write the distance.

# %% [markdown]
# Before a score is used, it should be shown things of which we know the quality. *Predict first:* order these four by each of the scores: real digits; one real
# digit, repeated 300 times; blurred digits; noise.

# %%
judge = generators.Judge(digits)
print(f"the judge reads {judge.accuracy:.1%} of the test digits right")
real = digits.x_train[:300]
blurred = (real + np.roll(real, 1, 1) + np.roll(real, 1, 2) + np.roll(real, (1, 1), (1, 2))) / 4
noise = np.random.default_rng(0).uniform(-1, 1, real.shape)
known = {"real digits": real, "one digit, 300 times": np.repeat(real[3:4], 300, axis=0),
         "blurred digits": blurred, "noise": noise}
for name, pictures in known.items():
    s = judge.score(pictures, frechet_distance)
    print(f"{name:22s} confidence {s['confidence']:.2f}  classes {s['classes']:2d}  "
          f"distance {s['distance']:6.1f}")
lab.quiz("confidence")

# %% [markdown]
# No single column tells the whole story. The one digit has all the confidence and no variety. Noise leaves the judge half sure, though there is nothing to see, and
# "covers" all the classes: a classifier knows no "neither". Only the distance sets the real digits apart from all three. And note
# that even real digits are not at distance 0 from other real digits: 300 pictures are not enough for that. This is the level to reach.
#
# Now the scale of guidance under the judge. *Predict first:* which scale gives the most confident pictures, and which the smallest distance? The lines are means over
# four nets trained in the same way, stored by `python -m labutils.labs.lab07c_diffusion.experiments`; the dots are your net.

# %%
results = stored.load("lab07c_results.json")
scales = [0, 1, 1.5, 2, 3, 5]
labels = np.arange(300) % 10
scored = [judge.score(np.clip(draw(labels, s), -1, 1), frechet_distance) for s in scales]
figure, axes = plt.subplots(1, 2, figsize=(9, 3))
for k, (axis, name) in enumerate(zip(axes, ("confidence", "distance"))):
    column = {"confidence": 0, "distance": 2}[name]
    seeds = [[run[str(s)][column] for s in scales] for run in results["scales"]]
    axis.plot(scales, np.mean(seeds, axis=0), color=plots.COLOURS[k], label="mean of four nets")
    axis.plot(scales, [s[name] for s in scored], "o", color=plots.COLOURS[k], label="your net")
    axis.axhline(judge.score(real, frechet_distance)[name], color="black", lw=1, ls="--")
    axis.set(title=name + " (dashed: real digits)", xlabel="scale of guidance")
    axis.legend()
best = scales[int(np.argmin([s["distance"] for s in scored]))]
plots.show("Two plots against the scale of guidance from 0 to 5. Confidence rises all the way and passes that "
           "of real digits. The distance falls at first, is smallest in between, and rises again. "
           f"Your net's distance is smallest at scale {best}.")

# %% [markdown]
# Confidence alone would choose the largest scale: pictures that are surer than real digits are. The distance shows what that costs. The pictures become more and more
# alike, each a poster of its digit, and real handwriting is more various than that. A score that can be raised by giving something up needs a second one
# beside it.
#
# ## Four families
#
# Labs 07a and 07b make pictures in other ways. All of them turn a cheap random draw into a picture:
#
# | family | the draw | how it learns | one picture costs |
# |---|---|---|---|
# | autoencoder | a code, from the normal distribution that fits its codes | copy the input through a narrow code | one call of the decoder |
# | VAE | a code, standard normal by design | the same, with codes held near a standard normal distribution | one call of the decoder |
# | GAN | a code, standard normal | fool a critic that learns too | one call of the generator |
# | diffusion | a whole picture of noise | see the noise | one or two calls *for each step* |
#
# Each was trained on the same digits, with a small dense net, for about as many seconds as the net above; their pictures are stored. *Predict first:* who wins?

# %%
families = {name: generators.from_text(s["pictures"]) for name, s in results["samples"].items()}
start = time.process_time()
told = draw(labels, 2)
sampling_seconds = time.process_time() - start
families |= {"diffusion, not told": untold, "diffusion, told": told}
families = {n: np.clip(np.round(8 * p) / 8, -1, 1) for n, p in families.items()}
sheet([p for pictures in families.values() for p in pictures[:20]],
      [name if i == 0 else "" for name in families for i in range(20)], size=0.62)
for axis in plt.gcf().axes:
    axis.title.set_ha("left")
    axis.title.set_x(0.0)
plots.show("Twenty pictures of each family, two rows each, not selected: autoencoder, VAE, GAN, diffusion "
           "without and with a label. The autoencoder has several that are no digits; the VAE's are smooth; "
           "the GAN's are crisp, some of them broken; those of diffusion with a label are all digits.")

# %%
seconds = {n: (s["training"], s["sampling"]) for n, s in results["samples"].items()}
seconds["diffusion, not told"] = training_seconds, untold_seconds
seconds["diffusion, told"] = training_seconds, sampling_seconds
families["real digits"] = real
print(f"{'':22s}confidence  classes  distance  seconds to train, and for 300 pictures")
table = {}
for name, pictures in families.items():
    s = table[name] = judge.score(pictures, frechet_distance)
    cost = "{:8.1f} {:12.3f}".format(*seconds[name]) if name in seconds else ""
    print(f"{name:22s}{s['confidence']:10.2f} {s['classes']:8d} {s['distance']:9.1f} {cost}")
others = [table[n]["distance"] for n in ("autoencoder", "VAE", "GAN")]
assert table["diffusion, told"]["distance"] < min(others), "told what to draw, diffusion comes closest"

# %% [markdown]
# One run of each is one throw of the dice. Here are all of them over four seeds each.

# %%
runs = results["seeds"] | {f"diffusion, {word}": [run[scale] for run in results["scales"]]
                           for word, scale in (("not told", "0"), ("told", "2"))}
plt.figure(figsize=(8, 2.8))
for i, (name, scores) in enumerate(runs.items()):
    distances = [s[2] for s in scores]
    plt.barh(i, np.mean(distances), color=plots.COLOURS[i], alpha=0.5)
    plt.plot(distances, [i] * len(distances), "o", color="black", ms=4)
    print(f"{name:20s} distance {np.mean(distances):5.1f}, "
          f"from {min(distances):.1f} to {max(distances):.1f}")
plt.yticks(range(len(runs)), list(runs))
plt.axvline(table["real digits"]["distance"], color="black", ls="--", lw=1)
plt.xlabel("Fréchet distance to the test digits (dashed: real digits)")
plots.show("Bars of the mean distance over four seeds, with a dot for each seed, for autoencoder, VAE, GAN, and "
           "diffusion without and with a label. Diffusion with a label is far below the others and "
           "near the dashed line of real digits.")

# %% [markdown]
# So the answer depends on the question. If no family is told what to draw, diffusion is no better here than the autoencoder, and behind VAE and GAN, in spite of its fame:
# in about the same seconds this net has had to learn a hundred noise levels. (With 3000 steps of training in place of 5000 it was farther still; try more.) Told the
# digit, with guidance, it is far ahead. But that is help that the other three did not get, so this bar shows what guidance can do, not that diffusion beats a
# GAN. And where it lies below the dashed line, do not read "better than real": it drew exactly thirty of each digit, and clear ones. The classes tell nothing here, since
# all five cover all ten; they would if a GAN had lost some (lab 07b).
#
# Look back at the sheet with the numbers in mind. An autoencoder's codes leave holes between the digits, and a random code may fall into one. A VAE closes the
# holes, and pays in blur. A GAN is sharp from the start, and may leave things out. Diffusion takes a hundred looks, and a picture is only as
# good as the net is at all of them.
#
# *Predict first:* does the diffusion model copy its training digits?

# %%
def nearest(pictures):
    """Distance of each picture from the nearest training digit, and which that is."""
    gaps = np.sqrt(((pictures[:, None] - digits.x_train[None]) ** 2).sum(axis=(2, 3)))
    return gaps.min(axis=1), gaps.argmin(axis=1)


for name, pictures in (*families.items(), ("test digits", digits.x_test)):
    if name != "real digits":
        print(f"{name:22s} median distance to the nearest training digit "
              f"{np.median(nearest(pictures)[0]):.2f}, smallest {nearest(pictures)[0].min():.2f}")
closest = np.argsort(nearest(families["diffusion, told"])[0])[:10]
chosen = families["diffusion, told"][closest]
sheet([*chosen, *digits.x_train[nearest(chosen)[1]]])
plots.show("Above, the ten diffusion pictures that are closest to a training digit; below each, that training "
           "digit. They resemble each other, as two people's hands may, but none is the same picture.")

# %% [markdown]
# The pictures lie about as far from the training digits as unseen test digits do: the net has not stored them. A net with many more weights, trained for long on few
# pictures, can; that is why one looks.
#
# ## What it cannot do
#
# *It is slow.* Every picture costs a hundred calls of the net. *It gives no code*: there is no narrow latent space to walk in, as in a VAE, and no likelihood to read off
# directly. And *its formulas are exact only for a perfect net*. Remember the cosine schedule, whose first step back multiplies by about 32. *Predict first:* what becomes of
# a small error there? The stored results tell, without a remedy, and with one: in every step the clean picture that the net's noise implies is clipped to the range.

# %%
print("cosine schedule, distance over four seeds:")
for name in ("as it is", "clipped"):
    print(f"  {name:9s}", [round(run[name], 1) for run in results["cosine"]])
print("linear schedule:", [round(run["2"][2], 1) for run in results["scales"]])
ratio = sampling_seconds / results["samples"]["GAN"]["sampling"]
print(f"300 pictures take diffusion {ratio:.0f} times as long as the GAN")

# %% [markdown]
# Without clipping the first step back throws the pictures far out, where the net has never been, and most never come home. Clipped, the cosine schedule is as good
# as the linear one. A formula that is right for exact numbers may need help when one of them is a guess.
#
# ## Your own number
#
# Play: change the number, the scale and the seed. What does a scale below 0 draw, which leads *away* from the label? And what about labels that change on the way?

# %%
number, scale, seed = "2026314159", 2, 0
asked = np.array([int(c) for c in number])
sheet(draw(asked, scale, seed))
plots.show(f"The number {number}, drawn digit by digit at scale {scale}.")

# %% [markdown]
# ## Challenge
#
# Draw thirty zeros, thirty ones, and so on to thirty nines, so that the judge reads 99 % of them as asked for **and** their distance is no larger than 4.
# A large scale gives the first, a small one the second. (The scale need not be the same at every step.)

# %%
def my_pictures(labels):
    """Draw digits to order.

    Parameters
    ----------
    labels : ndarray (m,) of ints from 0 to 9

    Returns
    -------
    ndarray (m, 8, 8)
    """
    ### BEGIN SOLUTION
    return draw(labels, 2.4)
    ### END SOLUTION


lab.challenge("asked_for", my_pictures)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * The way down needs no learning, and any step of it is one jump: $x_t = \sqrt{\bar\alpha_t}\,x_0 + \sqrt{1-\bar\alpha_t}\,\epsilon$. alpha_bar is a share of
#   *variance*, so roots stand there.
# * The net learns by plain regression to see the noise. There is no adversary and no narrow code, and so training is calm.
# * A step back takes away a little of the noise that the net sees, makes up for the shrinking, and adds fresh noise, except at the last step.
# * Guidance exaggerates what the label adds: surer pictures, less variety.
# * Confidence, coverage and distance each see something else. Show them together, over seeds, beside real pictures and noise, and look for copies.
# * The price is time: a hundred calls or more for a picture, where VAE and GAN need one.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | diffusion model | 扩散模型 |
# | forward process, reverse process | 前向过程, 反向过程 |
# | noise schedule | 噪声调度 |
# | denoising | 去噪 |
# | classifier-free guidance | 无分类器引导 |
# | sampling | 采样 |
# | Fréchet distance | 弗雷歇距离 |
# | mode coverage, diversity | 模式覆盖, 多样性 |
# | autoencoder, variational autoencoder | 自编码器, 变分自编码器 |
# | generative adversarial network | 生成对抗网络 |
#
# ## Further reading
#
# * J. Sohl-Dickstein and others, Deep unsupervised learning using nonequilibrium thermodynamics (2015), arXiv:1503.03585
# * J. Ho, A. Jain, P. Abbeel, Denoising diffusion probabilistic models (2020), arXiv:2006.11239
# * A. Nichol, P. Dhariwal, Improved denoising diffusion probabilistic models (2021), arXiv:2102.09672
# * J. Ho, T. Salimans, Classifier-free diffusion guidance (2022), arXiv:2207.12598
# * M. Heusel and others, GANs trained by a two time-scale update rule converge to a local Nash equilibrium (2017; the Fréchet distance as a score), arXiv:1706.08500
# * J. Song, C. Meng, S. Ermon, Denoising diffusion implicit models (2020; far fewer steps), arXiv:2010.02502
