# %% [markdown]
# # 05b · Convolutional nets: build one, train it, read it
#
# At the end of this lab you can build the convolutional nets that made history from their blocks, train them, look inside, and say with numbers
# what depth, augmentation,
# transfer and voting are worth.
#
# You need lab 05a (convolution, pooling) and lab 04d (Keras). Nine exercises, about 90 minutes. Each is checked on the spot; where one is left open
# or not right yet, the
# reference stands in, so you can read on and run on.
#
# From here on examples are **rows**, as Keras has them: images are (m, h, w, c), channels last, and labels are (m,), whole numbers.
#
# ## A classifier that fails when things move
#
# Here are handwritten digits, twice. In the first set each stands in the middle of its canvas. In the second it is a little smaller and stands
# anywhere. To you that makes no
# difference. Let us give both to logistic regression on pixels, the neuron of lab 01 with ten outputs. *Predict first:* how much will it lose?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from labutils import plots, stored
from labutils.image_data import load_images
from labutils.labs.lab05b_cnn import experiments as run

DATA = "placed"  # or "digits"; with a network also "mnist", "fashion" or "cifar10"
images, centred = load_images(DATA, n_train=4000, n_test=1000), load_images("digits")
pixels = {}
for name, data in (("centred", centred), (DATA, images)):
    flat = [x.reshape(len(x), -1) for x in (data.x_train, data.x_test)]
    model = LogisticRegression(max_iter=300).fit(flat[0], data.y_train)
    pixels[name] = model.score(flat[1], data.y_test)
    print(f"{name:8s} {data.x_train.shape}: {pixels[name]:.1%} of the test images right")
plots.images([*centred.x_test[:10], *images.x_test[:10]], columns=10, size=0.9, cmap="gray")
plots.show("Twenty test images in two rows. Above, handwritten digits, blurred and large, each "
           "in the middle. Below, smaller digits, each at another place of a black canvas.")

# %% [markdown] exercise="build_lenet5"
# Each weight of that model belongs to one pixel. A stroke that moves by three pixels meets other weights, which have to learn it anew. A
# convolution (lab 05a) slides the same few
# weights over the image, so what it has learned in one corner it knows in all of them. That is the bet of this lab. (The digits come with
# scikit-learn. The test images were
# written by other people than the training images, which is why even the centred ones are not all right.)
#
# ![](img/cnn_pipeline.png)
#
# A convolutional net is a pipeline: convolutions find patterns, pooling makes the maps smaller and forgets exactly where a pattern was, and after
# some rounds everything is laid flat
# and goes through the dense layers that you know. Its last layer gives one number a class, the *logits*, and the softmax (lab 04c) makes
# probabilities of them. We leave the
# softmax to the loss (`from_logits=True`), which is more precise.
#
# ![](img/lenet5.png)
#
# ###
# LeNet-5 read the amounts on bank cheques in the 1990s. Build it. `keras.Sequential` takes a list of layers; `keras.layers` has `Conv2D(filters,
# size, padding=…, activation=…)`,
# `MaxPooling2D(size)`, `Flatten()` and `Dense(units, activation=…)`.
#
# *Predict first:* in which layer are most of its parameters, in the convolutions or in the dense ones?

# %%
keras.utils.set_random_seed(0)
lenet = build_lenet5(images.x_train.shape[1:], len(images.classes))
for layer in lenet.layers:
    print(f"{type(layer).__name__:16s} {str(layer.output.shape[1:]):14s} "
          f"{layer.count_params():6d} parameters")
lenet.compile(keras.optimizers.Adam(2e-3), metrics=["accuracy"],
              loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = lenet.fit(images.x_train, images.y_train, batch_size=64, epochs=6, verbose=0,
                    validation_data=(images.x_test, images.y_test)).history
plt.figure(figsize=(6.5, 3))
plt.plot(range(1, 7), np.array([history["accuracy"], history["val_accuracy"]]).T, "o-",
         label=["training", "test"])
plt.axhline(pixels[DATA], color="black", ls="--", label="pixels (test)")
plt.gca().set(xlabel="epoch", ylabel="share right", ylim=(0, 1.02))
plt.legend()
score = run.accuracy(lenet, images.x_test, images.y_test)
plots.show("Accuracy over six epochs. Training and test rise steeply and flatten out; at the "
           f"end {score:.0%} of the test images are right. A dashed line marks the "
           f"{pixels[DATA]:.0%} of the classifier on pixels.")
assert score > pixels[DATA] or DATA != "placed", "where digits move, convolutions beat pixels"

# %% [markdown]
# The pixels lost, the convolutions did not. (If your last layer is a softmax rather than logits, the net trains too, only more slowly: the loss
# then takes a second softmax.)
#
# ## Reading it
#
# What has it learned? The first layer's filters are small enough to be drawn as they are, and its answers to an image, the *feature maps*, can be
# drawn too.
# *Predict first:* what will a map of the second convolution look like, compared with the digit?

# %%
convs = [layer for layer in lenet.layers if isinstance(layer, keras.layers.Conv2D)]
kernels = np.asarray(convs[0].kernel).mean(axis=2)
eyes = keras.Model(lenet.inputs[0], [c.output for c in convs])
first, second = eyes(images.x_test[:1])
rows = [[kernels[..., k] for k in range(6)], [first[0, ..., k] for k in range(6)],
        [second[0, ..., k] for k in range(6)]]
figure, axes = plt.subplots(3, 7, figsize=(9.5, 4.2))
for axis, picture in zip(axes.T[1:].ravel(), [p for column in zip(*rows) for p in column]):
    far = float(abs(np.asarray(picture)).max())
    limits = {"cmap": "PuOr", "vmin": -far, "vmax": far} if picture.shape == (5, 5) else {}
    axis.imshow(picture, **limits)
axes[1, 0].imshow(images.x_test[0], cmap="gray")
for axis in axes.ravel():
    axis.axis("off")
for axis, text in zip(axes[:, 1], ("filters", "first maps", "second maps")):
    axis.set_title(text, loc="left", fontsize=9)
axes[1, 0].set_title("image", fontsize=9)
plots.show("Left, a test digit. Right of it three rows of six pictures. Top: the first layer's "
           "filters, 5 by 5, purple positive, orange negative and white 0; several have a "
           "positive and a negative side. Middle: their maps of the digit, in which strokes of some directions "
           "stand out. Bottom: six of the second layer's sixteen maps, coarser, in which only "
           "parts of the digit light up.")

# %% [markdown]
# A filter with a light and a dark side answers to edges of one direction, as those that you made by hand in lab 05a. Nobody told it to. The second
# layer combines what the first has found. One can
# also ask the other way round: which places of all test images excite a channel of the second layer most?

# %%
maps = np.asarray(eyes(images.x_test[:600])[1])
size = 14  # pixels of the image that one place of the second map sees
height = images.x_test.shape[1]
scale = height / maps.shape[1]
patches = []
for k in np.argsort(-maps.std(axis=(0, 1, 2)))[:6]:
    best = np.argsort(-maps[..., k].max(axis=(1, 2)))[:8]
    for i in best:
        y, x = np.unravel_index(maps[i, ..., k].argmax(), maps.shape[1:3])
        top, left = (int(np.clip((c + 0.5) * scale - size / 2, 0, height - size)) for c in (y, x))
        patches.append(images.x_test[i, top:top + size, left:left + size])
plots.images(patches, columns=8, size=0.8, cmap="gray")
plots.show("Six rows of eight patches, each row the patches that excite one channel of the "
           "second layer most. In most rows the patches resemble each other: the same piece of "
           "a stroke, such as a bend, an end or a slanted line, from digits of different kinds.")

# %% [markdown]
# ![](img/learned_filters.png)
#
# This is the pattern found in nets of all sizes: edges first, then parts made of edges, then, in deeper nets than this one, wholes made of parts.
#
# Now its mistakes. *Predict first:* which two digits are confused most often?

# %%
logits = np.concatenate([lenet(x) for x in np.array_split(images.x_test, 4)])
p = np.asarray(tf.nn.softmax(logits))
says = p.argmax(axis=1)
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (images.y_test, says), 1)
wrong = np.flatnonzero(says != images.y_test)
worst = wrong[np.argsort(-p[wrong, says[wrong]])][:10]
figure = plt.figure(figsize=(10, 4))
grid = figure.add_gridspec(2, 9)
axis = figure.add_subplot(grid[:, :4])
mistakes = confusion * (1 - np.eye(10))
axis.imshow(mistakes, cmap="Blues", vmax=2 * mistakes.max())
axis.set(xticks=range(10), yticks=range(10), xticklabels=images.classes, yticklabels=images.classes,
         xlabel="answer", ylabel="truth")
axis.grid(False)
for i, j in zip(*np.nonzero(confusion)):
    axis.text(j, i, confusion[i, j], ha="center", va="center", fontsize=8)
for n, i in enumerate(worst):
    axis = figure.add_subplot(grid[n // 5, 4 + n % 5])
    axis.imshow(images.x_test[i], cmap="gray")
    truth, answer = (images.classes[k[i]] for k in (images.y_test, says))
    axis.set_title(f"{truth}, says {answer}\n{p[i, says[i]]:.2f}", fontsize=8)
    axis.axis("off")
pair = np.unravel_index(mistakes.argmax(), (10, 10))
plots.show("Left, the confusion matrix: truth down, answer across, counts in the cells, most on "
           f"the diagonal. The commonest mistake: {images.classes[pair[0]]} taken for "
           f"{images.classes[pair[1]]}. Right, the ten test images on which the net was wrong "
           "and most sure, with truth, answer and probability.")

# %% [markdown]
# Sure and wrong: the softmax has no way of saying "I have not seen anything like this". Remember it when a net reports its confidence.
#
# ## 2012: AlexNet's ideas
#
# ![](img/alexnet.png)
#
# For more than ten years nets like LeNet stayed small. Then AlexNet won the ImageNet contest with the same plan, made large, and four ideas that made it
# trainable. **ReLU** for tanh: its slope does not
# fade where z is large. **Overlapping pooling**, 3×3 with stride 2. **Local response normalisation**: each channel is divided by the strength of its
# neighbours at the same place,
# $b_k = a_k / (2 + \alpha \sum_{j \approx k} a_j^2)^{\beta}$, so that a loud channel damps the next ones; batch normalisation (lab 04c) has
# replaced it. **Dropout** in the dense layers. Here they are,
# sized down.

# %%
def alexnet(input_shape, n_classes):
    conv, pool = keras.layers.Conv2D, keras.layers.MaxPooling2D
    inputs = x = keras.Input(input_shape)
    for filters in (8, 16):
        x = conv(filters, 5, padding="same", activation="relu")(x)
        x = keras.layers.Lambda(lambda t: tf.nn.local_response_normalization(t, 2, 2.0, 1e-4, 0.75))(x)
        x = pool(3, strides=2)(x)
    x = keras.layers.Flatten()(conv(32, 3, padding="same", activation="relu")(x))
    x = keras.layers.Dropout(0.5)(keras.layers.Dense(96, activation="relu")(x))
    return keras.Model(inputs, keras.layers.Dense(n_classes)(x))


alexnet(images.x_train.shape[1:], 10).count_params()

# %% [markdown] exercise="vgg_block"
# This is the *functional* way of Keras: `x` is a tensor that stands for values to come, and each layer, called with it, gives the next one. With it
# a function can add a *block* of layers to whatever
# came before. The next nets are made of blocks.
#
# ## VGG: small filters, stacked
#
# ![](img/vgg_block.png)
#
# One 5×5 filter on $c$ channels has $25c$ weights for each output channel. Two 3×3 filters, one on the other, see the same 5×5 pixels with $18c$,
# and with a ReLU in between.
#
# ###
# VGG is nothing but such blocks: a few 3×3 convolutions, then pooling.

# %% [markdown] exercise="residual_block"
# ## Deeper, until it breaks
#
# If depth helps, why not fifty layers? Because a plain stack gets *worse* from some depth on, and not by overfitting: it is worse on the training
# images too. A deeper net could copy
# the shallow one and let the other layers do nothing. But "nothing", the identity, is hard to learn for a stack of convolutions.
#
# ![](img/residual_block.png)
#
# A residual block makes it easy. It computes $\mathrm{relu}(x + F(x))$: its convolutions learn only what is to be *changed*. With $F = 0$ it hands
# on $x$. And backwards,
# $\partial (x + F)/\partial x = 1 + F'$: the gradient has a way past every block that no small factor can close.
#
# ###
# Where the stride or the number of channels changes, $x$ and $F(x)$ have different shapes, and $x$ needs a 1×1 convolution to fit. *Predict first:*
# what does the block compute if all its convolutions are zero?

# %%
results = stored.load(run.RESULTS)
few = load_images("placed", n_train=1500)
blocks, live = {"plain": run.plain_block, "residual": residual_block}, {}
plt.figure(figsize=(7, 3.4))
for colour, (name, block) in zip(plots.COLOURS, blocks.items()):
    table = results["depth"][name]
    convs = [2 * int(n) + 1 for n in table]
    train_score, test_score = np.array([np.mean(runs, axis=0) for runs in table.values()]).T
    plt.plot(convs, train_score, "o-", color=colour, label=f"{name}, training")
    plt.plot(convs, test_score, "--", color=colour, label=f"{name}, test")
    live[name] = run.depth(block, 6, few, seed=0)
    plt.plot(13, live[name][0], "*", ms=14, color=colour, markeredgecolor="black")
    print(f"{name:9s} 13 convolutions, here: training {live[name][0]:.2f}, test {live[name][1]:.2f}")
plt.gca().set(xlabel="convolutions, one after the other", ylabel="share right", ylim=(0, 1.02),
              xticks=convs)
plt.legend(ncols=2)
plots.show("Accuracy against the number of convolutions, means over four seeds, five epochs "
           "each. The plain net's curves, training and test, rise at first and then fall far; "
           "the residual net's stay up. Stars: training accuracy of the run just made, "
           f"{live['plain'][0]:.2f} plain and {live['residual'][0]:.2f} residual.")
deep = {name: np.mean(table[str(max(map(int, table)))], axis=0)[0] for name, table in results["depth"].items()}
assert deep["residual"] > deep["plain"] + 0.2, "at the greatest depth the sum makes training easier"
lab.quiz("identity")

# %% [markdown] exercise="inception_cost"
# Look at the training curves: they show that the deep plain net fails at learning, not at carrying over what it learned. Both nets of the curves have the
# same convolutions and the same batch normalisation; the only difference is a sum that has no parameter. At small depth it brings nothing: the shallowest
# plain nets are no worse. (The curves are means over four seeds from a stored file; the stars were trained
# here, with *your* block.)
#
# ## Wide instead of deep
#
# Which filter size is best, 1×1, 3×3 or 5×5? GoogLeNet's answer: take all of them, side by side. The price is high, as you will see, and a trick
# brings it down: a *bottleneck*, a 1×1
# convolution with few filters, that makes the channels few before the wide filter comes. (A 1×1 convolution mixes the channels of each pixel, like
# a dense layer at every place.)
#
# ![](img/inception_bottleneck.png)
#
# ###
# Count what it saves. An f×f convolution with "same" padding has h·w·c_out outputs; how many multiplications does each cost?

# %%
direct = inception_cost(28, 28, 192, 5, 32)
widths = np.arange(2, 193, 2)
shares = np.array([inception_cost(28, 28, 192, 5, 32, int(r)) for r in widths]) / direct
print(f"direct {direct / 1e6:.1f} million multiplications, "
      f"through 16 channels {inception_cost(28, 28, 192, 5, 32, 16) / 1e6:.1f} million")
plt.figure(figsize=(6.5, 2.8))
plt.plot(widths, shares)
plt.axhline(1, color="black", ls="--", lw=1)
plt.gca().set(xlabel="channels in the bottleneck (192 come in, 32 go out)", ylabel="cost, direct = 1")
plots.show("Cost of a 5 by 5 convolution with a bottleneck, as a share of the direct one, "
           "against the width of the bottleneck. A straight line from nearly 0 to "
           f"{shares[-1]:.2f}; it crosses 1, the dashed line, where about "
           f"{widths[np.argmin(abs(shares - 1))]} of 192 channels are left. At 16 channels it is "
           f"{shares[7]:.2f}.")

# %% [markdown] exercise="inception_module"
# Now the whole module.
#
# ![](img/inception_module.png)

# %% [markdown]
# ## One table
#
# Five nets from your blocks, sized down, on the same images, for the same number of epochs (the residual net gets two more, as
# batch normalisation needs some steps to find its means). *Predict first:* which one is
# best? Which is cheapest?

# %%
def vgg(inputs, n):
    x = vgg_block(vgg_block(vgg_block(inputs, 8, 1), 16, 2), 24, 2)
    return keras.layers.Dense(n)(keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(x)))


def resnet(inputs, n):
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    for filters, stride in ((8, 1), (16, 2), (32, 2)):
        x = residual_block(x, filters, stride)
    return keras.layers.Dense(n)(keras.layers.Flatten()(x))


def inception(inputs, n):
    x = keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(inputs)
    x = keras.layers.MaxPooling2D(2)(inception_module(x, 8, 8, 16, 4, 8, 8))
    x = keras.layers.MaxPooling2D(2)(inception_module(x, 16, 16, 32, 8, 16, 16))
    return keras.layers.Dense(n)(keras.layers.Flatten()(x))


def net(build):
    inputs = keras.Input(images.x_train.shape[1:])
    return keras.Model(inputs, build(inputs, len(images.classes)))

# %%
plans = {"LeNet-5": lambda: build_lenet5(images.x_train.shape[1:], len(images.classes)),
         "AlexNet": lambda: alexnet(images.x_train.shape[1:], len(images.classes)),
         "VGG": lambda: net(vgg), "residual": lambda: net(resnet), "Inception": lambda: net(inception)}
nets, scores = {}, {}
print(f"{'':10s}{'parameters':>11s}{'multiplications':>17s}{'test':>7s}{'CPU s':>7s}")
for name, plan in plans.items():
    keras.utils.set_random_seed(0)
    nets[name] = plan()
    seconds = run.train(nets[name], images.x_train, images.y_train, 8 if name == "residual" else 6)
    scores[name] = run.accuracy(nets[name], images.x_test, images.y_test)
    work = run.multiplications(nets[name])
    print(f"{name:10s}{nets[name].count_params():11,d}{work:17,d}{scores[name]:7.1%}{seconds:7.1f}")
lab.quiz("one_by_one")

# %% [markdown] exercise="pca_color_augment"
# One seed, a thousand test images: a difference of a percent or two between nets is chance. What does hold: parameters, work and accuracy are three
# different things. LeNet-5 has many parameters, most of them in
# its first dense layer, and little work; nets with small filters have few parameters, and use each of them at many places.
#
# ### Real data
#
# Set `DATA` at the top to `"mnist"`, `"fashion"` or `"cifar10"`, and the whole lab runs on it (downloaded once, checksum verified). Take
# `n_train=None` to train on all 60,000 images of MNIST: nets like the VGG or the
# residual one above should pass 99 % there. We have not measured it here, because this lab is made to run without a network.
#
# ## A hundred images
#
# What if you have only a hundred? Make more of them: turn, shift, bend, recolour. An image that has been changed so that *its label stays the same*
# is a new example, for free. First colour, on
# photographs, since our digits have none. AlexNet shifted the colours of its training images along their principal components, the directions in
# which colours vary together.
#
# ###
# Most of what differs between two pixels of a photograph is brightness, so the first component runs between dark and bright (the sign of an
# eigenvector is free); then come warm against cold, and a little green against purple.

# %%
from sklearn.datasets import load_sample_image

photo = load_sample_image("china.jpg")[::4, ::4][None] / 255
shifts = [np.zeros(3), *(sign * np.eye(3)[k] * far for k, far in enumerate((2, 8, 20))
                         for sign in (-1, 1))]
names = ["as it is", "1st, −", "1st, +", "2nd, −", "2nd, +", "3rd, −", "3rd, +"]
shifted = [np.clip(pca_color_augment(photo, a)[0], 0, 1) for a in shifts]
plots.images(shifted, names, columns=7, size=1.5)
plots.show("A photograph of a temple seven times: as it is, and shifted along each of the three "
           "principal components of its colours, down and up. The first makes it brighter or "
           "darker; the second and third tint it, shown here far stronger than in training so "
           "that it can be seen.")

# %% [markdown]
# Now shapes. Below, one digit, changed in six ways. *Predict first:* which of them could do harm? And which will help most where digits stand
# anywhere, which where they stand in the middle?

# %%
keras.utils.set_random_seed(1)
kinds = run.AUGMENTATIONS[1:-1]
digit = np.repeat(images.x_train[images.y_train == 3][:1], 6, axis=0)
pictures = [p for kind in kinds for p in np.asarray(run.augmentation(kind)(tf.constant(digit)))]
plots.images(pictures, [k for kind in kinds for k in [kind] + [""] * 5], columns=6, size=0.85,
             cmap="gray")
plots.show("Six rows of the same digit, each row changed at random in one way: shifted, turned, "
           "slanted, bent, made brighter or darker, and mirrored, by which it becomes a sign "
           "that is no digit.")

# %% [markdown]
# `tf.data` changes each batch anew while the net trains on the one before: `dataset.map(augment, num_parallel_calls=…).prefetch(…)`. So no image is ever seen
# twice. We time one pass over the data in both ways, with a pause of some milliseconds a batch in the place of training. What you see depends on your machine: if
# no core is free, there is nothing to win.

# %%
import time

augment = run.augmentation("all but mirror")
batches = tf.data.Dataset.from_tensor_slices((images.x_train[:1600], images.y_train[:1600])).batch(32)
ways = {"one after the other": batches.map(lambda x, y: (augment(x), y)),
        "in parallel": batches.map(lambda x, y: (augment(x), y), num_parallel_calls=2).prefetch(4)}
for name, data in ways.items():
    for _ in data.take(2):
        pass
    start = time.perf_counter()
    for _ in data:
        time.sleep(0.02)  # here the net would train
    print(f"{name:20s} {time.perf_counter() - start:.2f} s for {len(batches)} batches")

# %%
score = {kind: run.augmented(kind, images, seed=0) for kind in ("none", "crop")}
print("100 images, here:", {k: round(v, 3) for k, v in score.items()})
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.2), sharey=True)
for axis, name in zip(axes, ("digits", "placed")):
    runs = np.array([results["augmentation"][kind][name] for kind in run.AUGMENTATIONS])
    axis.barh(run.AUGMENTATIONS, runs.mean(axis=1), color=plots.COLOURS[0], alpha=0.6)
    for k in range(runs.shape[1]):
        axis.plot(runs[:, k], range(len(runs)), "o", ms=3, color=plots.COLOURS[1])
    axis.axvline(runs[0].mean(), color="black", ls="--", lw=1)
    axis.set(title="centred" if name == "digits" else "placed anywhere", xlabel="share right")
axes[0].invert_yaxis()
gain = {n: np.mean(results["augmentation"]["crop"][n]) - np.mean(results["augmentation"]["none"][n])
        for n in ("digits", "placed")}
plots.show("Test accuracy after training on 100 images, for each kind of augmentation, on "
           "centred and on placed digits; bars are means over four seeds, dots single seeds, "
           "the dashed line no augmentation. Shifting (crop) changes accuracy by "
           f"{100 * gain['placed']:+.0f} points where digits stand anywhere and by "
           f"{100 * gain['digits']:+.0f} where they are centred.")
assert score["crop"] > score["none"] or DATA != "placed", "shifted examples teach what moves"

# %% [markdown] exercise="freeze_base"
# No augmentation is good by itself. It helps if it makes the changes that the test images will show and the training images do not: shifts where things move,
# bends where hands differ. It can tell lies: a mirrored 3 is no 3, and on centred digits that costs some points. (Where digits stand anywhere even this lie
# helped a little in our runs.) And more is not always better: all of them at once lose on centred digits, perhaps because forty epochs are too few for such variety.
#
# ## Lending what was learned
#
# A net that has learned to tell 0, 1, 2, 3 and 4 apart has filters for strokes. Do they help to learn 5 to 9 from a handful of examples? That is
# *transfer*: keep the base, freeze its first layers,
# train the rest.
#
# ###
# Write the tool. The base should survive the experiment, so work on a copy.

# %%
base = run.base_net(images, seed=0)
few = run.few_examples(images, 10, seed=0)
scratch = build_lenet5(images.x_train.shape[1:], 5)
starts = {"scratch": scratch, "last 3": freeze_base(base, 3), "last 8": freeze_base(base, 8)}
labels = {"scratch": "from scratch", "last 3": "dense layers only", "last 8": "all, from the base"}
for name, start in starts.items():
    print(f"10 examples a class, here: {labels[name]:18s} {run.learn_new(start, few, seed=0):.3f}")
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.3), sharey=True)
for axis, name in zip(axes, ("digits", "placed")):
    table = results["transfer"][name]
    for way, text in labels.items():
        runs = np.array([[r[way] for r in table[str(n)]] for n in run.FEW])
        axis.errorbar(run.FEW, runs.mean(axis=1), runs.std(axis=1), fmt="o-", capsize=3, label=text)
    axis.set(title="centred" if name == "digits" else "placed anywhere",
             xlabel="examples of each new class", xticks=run.FEW)
axes[0].set_ylabel("share right")
axes[0].legend()
means = {s: {w: np.mean([r[w] for r in results["transfer"][s]["10"]]) for w in labels}
         for s in ("digits", "placed")}
plots.show("Accuracy on five new classes against the number of examples of each, on centred and "
           "on placed digits, "
           "means and spread over four seeds. With 10 examples, centred: " +
           ", ".join(f"{labels[w]} {v:.2f}" for w, v in means["digits"].items()) + "; placed: " +
           ", ".join(f"{labels[w]} {v:.2f}" for w, v in means["placed"].items()) + ".")

# %% [markdown] exercise="ensemble_predict"
# Two settings, two answers. Where the new digits are easy to learn from scratch, the base is a burden: its dense layers have settled on other classes, and a
# few steps do not free them. Where scratch is helpless, because a handful of examples cannot show every place, the base has seen strokes at every place, and lends
# that. So ask first what a few examples cannot teach; if the base knows it, transfer pays. On centred
# digits the difference fades as examples become more.
#
# ## Many eyes
#
# Two ways to get more out of nets that are trained already. The first: ask several nets. The second: show one net the same image several times, cut
# out a little differently.
#
# ###
# Nets with different plans make different mistakes. Let them decide together.

# %% [markdown] exercise="multi_crop_predict"
# And let one net look five times.

# %%
shape = images.x_train.shape[1:]
voters = [keras.Sequential([keras.Input(shape), n, keras.layers.Softmax()]) for n in nets.values()]
together = np.concatenate([ensemble_predict(voters, x) for x in np.array_split(images.x_test, 4)])
joint = np.mean(together.argmax(axis=1) == images.y_test)
print(f"best single net {max(scores.values()):.1%}, all five together {joint:.1%}")
size, some = images.x_test.shape[1], slice(0, 400)
padded = np.pad(images.x_test[some], ((0, 0), (2, 2), (2, 2), (0, 0)))
once = run.accuracy(nets["LeNet-5"], images.x_test[some], images.y_test[some])
five = [int(np.argmax(multi_crop_predict(voters[0], image, size))) for image in padded]
print(f"LeNet-5 on 400 images: one look {once:.1%}, "
      f"five looks {np.mean(five == images.y_test[some]):.1%}")
assert joint > np.mean(list(scores.values())), "together they are better than one of them on average"
lab.quiz("votes")

# %% [markdown]
# The five nets together beat their average, and here also the best of them; it costs five times the work. Five looks are cheaper to have, since one
# net is enough, and on 400 images a gain of a percent is within chance: read the
# second line with that in mind.
#
# ## What it cannot do
#
# *A negative control.* A convolution bets that neighbours belong together. Take that away: shuffle the pixels of every image in the same, fixed
# order. All information is still there, and a classifier on pixels of *centred* digits
# would not notice. *Predict first:* will LeNet?
#
# And turn the test digits upside down, or show pure noise. Nothing in the net knows about turning, and nothing in it can say "neither".

# %%
order = np.random.default_rng(0).permutation(images.x_train[0].size)
mixed = [x.reshape(len(x), -1)[:, order].reshape(x.shape) for x in (images.x_train, images.x_test)]
keras.utils.set_random_seed(0)
control = plans["LeNet-5"]()
run.train(control, mixed[0], images.y_train, 6)
noise = np.random.default_rng(0).random((200, *images.x_train.shape[1:])).astype("float32")
print(f"LeNet-5, pixels in order    {scores['LeNet-5']:.1%}")
print(f"LeNet-5, pixels shuffled    {run.accuracy(control, mixed[1], images.y_test):.1%}")
turned = run.accuracy(nets["LeNet-5"], images.x_test[:, ::-1, ::-1], images.y_test)
print(f"LeNet-5, test upside down   {turned:.1%}")
print(f"mean confidence on pure noise {np.max(voters[0](noise), axis=1).mean():.2f}")

# %% [markdown]
# LeNet does notice: with the neighbours gone much of its lead is gone. Upside down it reads what looks the same both ways, and has some luck. And pure noise
# it calls a digit with great confidence, for the softmax has to choose.
#
# ## Your own digit
#
# Play: draw a digit with `#` and see what the five nets make of it, and how sure they are. Move it to a corner, make it thinner, draw something
# that is no digit.

# %%
drawing = """
  ####
 ##  ##
     ##
    ##
   ##
  ##
 ######
 ######
"""
rows = [line.ljust(8)[:8] for line in drawing.strip("\n").splitlines()][:8]
strokes = np.zeros((8, 8, 1), "float32")
strokes[:len(rows), :, 0] = [[c == "#" for c in row] for row in rows]
strokes = tf.clip_by_value(tf.image.resize(strokes, (16, 16), "bicubic"), 0, 1)
own = np.zeros((1, *images.x_train.shape[1:]), "float32")
own[0, 6:22, 6:22] = strokes
belief = np.asarray(ensemble_predict(voters, own))[0]
print(f"the nets say {images.classes[belief.argmax()]}, {belief.max():.2f} sure; one by one:",
      *(images.classes[int(np.argmax(v(own)))] for v in voters))

# %% [markdown]
# ## Challenge
#
# Your own net, small and good: **at most 6,000 parameters**, and at least **95 %** on digits placed anew, by writers that it has not seen. Plan it,
# train it as you like (training images only), and hand it over.

# %%
def my_net(images):
    """A net of at most 6,000 parameters, trained.

    Parameters
    ----------
    images : has x_train (m, 28, 28, 1), y_train (m,), x_test, y_test, classes

    Returns
    -------
    keras model (m, 28, 28, 1) → (m, 10)
    """
    ### BEGIN SOLUTION
    keras.utils.set_random_seed(0)
    inputs = x = keras.Input((28, 28, 1))
    for filters, size, stride in ((10, 5, 2), (16, 3, 1), (24, 3, 1)):
        x = keras.layers.Conv2D(filters, size, strides=stride, padding="same")(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
        x = keras.layers.MaxPooling2D(2)(x) if filters == 16 else x
    model = keras.Model(inputs, keras.layers.Dense(10)(keras.layers.GlobalMaxPooling2D()(x)))
    run.train(model, images.x_train, images.y_train, 8, 5e-3)
    return model
    ### END SOLUTION


lab.challenge("six_thousand", my_net)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * A convolution uses the same few weights everywhere. Where things move, that is worth more than any number of parameters.
# * First layers find edges, later ones parts. Look: filters, maps, the patches that excite a channel, the worst mistakes.
# * Two 3×3 filters for one 5×5 (VGG); the sum past the block (residual); a 1×1 bottleneck before a wide filter (Inception).
# * Parameters, multiplications, accuracy and time are four different numbers.
# * Augmentation teaches what may change without changing the label. If it is not what changes in the test, it is of little use.
# * Transfer lends filters; whether they fit has to be tried. Nets that err differently are better together.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | convolutional neural network | 卷积神经网络 |
# | filter, kernel; feature map | 滤波器, 卷积核; 特征图 |
# | pooling, overlapping pooling | 池化, 重叠池化 |
# | local response normalisation | 局部响应归一化 |
# | residual block, skip connection | 残差块, 跳跃连接 |
# | bottleneck, 1×1 convolution | 瓶颈, 1×1 卷积 |
# | data augmentation | 数据增强 |
# | principal component | 主成分 |
# | transfer learning, fine-tuning, freezing | 迁移学习, 微调, 冻结 |
# | ensemble | 集成 |
# | confusion matrix | 混淆矩阵 |
#
# ## Further reading
#
# * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition (1998), doi:10.1109/5.726791
# * A. Krizhevsky, I. Sutskever, G. E. Hinton, ImageNet classification with deep convolutional neural networks, doi:10.1145/3065386
# * K. Simonyan, A. Zisserman, Very deep convolutional networks for large-scale image recognition (2014), arXiv:1409.1556
# * C. Szegedy and others, Going deeper with convolutions (2014), arXiv:1409.4842
# * K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition (2015), arXiv:1512.03385
# * M. D. Zeiler, R. Fergus, Visualizing and understanding convolutional networks (2013), arXiv:1311.2901
# * J. Yosinski, J. Clune, Y. Bengio, H. Lipson, How transferable are features in deep neural networks? (2014), arXiv:1411.1792
