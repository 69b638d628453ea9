# %% [markdown]
# # 05c · Detection and segmentation: what is where
#
# At the end of this lab you have trained a net that puts a box around every digit in a picture and says which digit it is, and another that paints every
# pixel with its class; you can measure both, and say what each idea on the way to them saves.
#
# You need lab 05a (convolution) and lab 05b (nets from blocks, Keras). Eight exercises, about 90 minutes. Each is checked on the spot; where one is left
# open or not right yet, the reference stands in, so you can read on and run on.
#
# Images are (m, h, w, c), as in lab 05b. A **box** is (y_min, x_min, y_max, x_max): down first, then to the right, and it *ends* at y_max and x_max, as a
# slice does.
#
# ## Scenes
#
# Handwritten digits again, but now a picture holds one to four of them, of different size, anywhere, on a ground of noise and soft blots. The scenes are
# composed by code, so for each digit we know its box, and for each pixel what it belongs to. Test scenes are made of digits that no training scene has.

# %%
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from labutils import plots
from labutils.scenes import make_scenes

X, boxes, classes, masks = make_scenes(1600)
X_test, boxes_test, classes_test, masks_test = make_scenes(200, part="test")
SIDE = X.shape[1]
print("training scenes", X.shape, "masks", masks.shape, "digits", sum(map(len, boxes)))
print("test scenes    ", X_test.shape, "masks", masks_test.shape, "digits", sum(map(len, boxes_test)))
print("the first scene has", *classes[0], "in the boxes", *boxes[0].astype(int).tolist())

# %% [markdown]
# Four questions can be put to a picture, each asking more than the one before.
#
# * *Classification:* what is this a picture of? One answer. It makes sense where there is one thing.
# * *Localisation:* what, and where? One answer and one box.
# * *Detection:* which things are there, and where is each? Any number of answers and boxes. Nobody says how many.
# * *Segmentation:* what does each pixel belong to? One answer a pixel.
#
# Here they are, answered by the truth.

# %%
def draw(axis, image, some_boxes=(), names=None, colour=plots.COLOURS[1]):
    """A picture with boxes on it."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    axis.axis("off")
    for k, (y0, x0, y1, x1) in enumerate(some_boxes):
        axis.add_patch(plt.Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, ec=colour, lw=2))
        if names is not None:
            axis.text(x0, y0 - 1.5, str(names[k]), color=colour, fontsize=11, weight="bold")


i = next(k for k in range(200) if len(boxes_test[k]) == 3)
y0, x0, y1, x1 = boxes_test[i][0].astype(int)
CLASS_COLOURS = plt.matplotlib.colors.ListedColormap(["#202020", *plt.get_cmap("tab10").colors])
figure, axes = plt.subplots(1, 4, figsize=(11, 3))
draw(axes[0], X_test[i, y0:y1, x0:x1])
draw(axes[1], X_test[i], boxes_test[i][:1], classes_test[i][:1])
draw(axes[2], X_test[i], boxes_test[i], classes_test[i])
draw(axes[3], X_test[i])
axes[3].imshow(masks_test[i], cmap=CLASS_COLOURS, vmin=0, vmax=10)
for axis, title in zip(axes, (f"classification: {classes_test[i][0]}", "localisation", "detection", "segmentation")):
    axis.set_title(title)
plots.show("Four panels of one test scene. Classification: a single digit cut out. Localisation: the scene with "
           "one box and its digit. Detection: all three digits, each in a box with its name. Segmentation: the "
           "digits' pixels, each digit in the colour of its class, on a dark ground.")

# %% [markdown] exercise="iou"
# ## How well does a box fit?
#
# A box that is off by one pixel is nearly right. So we need a measure that falls smoothly from 1, the same box, to 0, nothing in common. Divide what two
# boxes share by what they cover together.
#
# ![](img/intersection_over_union.png)
#
# If $A$ and $B$ are the two areas and $I$ the area that both share, then $A + B$ counts the shared part twice, so the union is $A + B - I$ and
#
# $$\mathrm{IoU} = \frac{I}{A + B - I}.$$
#
# Two boxes share a box. It begins where the later of the two begins and ends where the earlier of the two ends, in y and in x. If it would end before it
# begins, they share nothing.
###
# *Predict first:* two boxes of the same size, one of them slipped to the right by half its width. Is their IoU above or below one half?

# %%
plt.figure(figsize=(7, 3.2))
slips = np.arange(0, 16)
for h, w in ((24, 24), (16, 10), (16, 4)):
    moved = np.stack([0 * slips, slips, 0 * slips + h, slips + w], axis=1)
    plt.plot(slips, iou(np.array([0, 0, h, w]), moved), "o-", ms=4, label=f"box {h} high, {w} wide")
plt.axhline(0.5, color="black", lw=1, ls="--")
plt.gca().set(xlabel="slipped to the right by … pixels", ylabel="IoU")
plt.legend()
plots.show("IoU against the number of pixels by which a box has slipped to the right, for three boxes. For the "
           "24 wide box it falls from 1 and crosses the dashed line at one half at 8 pixels, for the 10 wide box "
           "between 3 and 4, for the 4 wide box between 1 and 2.")
lab.quiz("slipped")

# %% [markdown] exercise="sliding_windows"
# A slip of a third of the width brings IoU down to one half, and a slip of half the width leaves one third. By custom a found box counts as right if its IoU
# with the true one is at least one half (and its class is right). IoU is hard on small and narrow boxes: two pixels are a lot for a 1.
#
# ## Detection by looking everywhere
#
# A classifier exists already: lab 05b. It says what *one* picture shows. So cut a small window out of the scene and ask it. Move the window on a bit and ask
# again. That is all there is to *sliding windows*.

# %% [markdown]
# The classifier needs one more class than there are digits: *ground*, for windows in which no digit stands. We cut its training windows from the scenes:
# around each digit, and at random places that hardly touch any digit (here your `iou` helps).
#
# Now let it slide. *Predict first:* a digit is some twenty pixels large, the window moves by four. In how many windows will the classifier see the same digit?

# %%
SIZE, STRIDE, GROUND = 24, 4, 10
rng = np.random.default_rng(0)
cut, labels = [], []
for image, truth, names in zip(X[:900], boxes, classes):
    for (top, left, bottom, right), name in zip(truth, names):
        for shift in rng.uniform(-2, 2, (2, 2)):
            centred = np.array([top + bottom - SIZE, left + right - SIZE]) / 2
            y, x = np.clip(np.round(centred + shift), 0, SIDE - SIZE).astype(int)
            cut.append(image[y:y + SIZE, x:x + SIZE])
            labels.append(name)
    for y, x in rng.integers(0, SIDE - SIZE + 1, (4, 2)):
        if iou(np.array([y, x, y + SIZE, x + SIZE]), truth).max() < 0.25:
            cut.append(image[y:y + SIZE, x:x + SIZE])
            labels.append(GROUND)
cut, labels = np.array(cut), np.array(labels)
print(cut.shape, "of which ground:", np.sum(labels == GROUND))
keras.utils.set_random_seed(0)
trunk = [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(2),
         layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2)]
head = [layers.Conv2D(64, 4, activation="relu"), layers.Conv2D(11, 1), layers.Flatten()]
classifier = keras.Sequential([keras.Input((SIZE, SIZE, 1)), *trunk, *head])
log_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
classifier.compile(keras.optimizers.Adam(2e-3), log_loss, metrics=["accuracy"])
history = classifier.fit(cut, labels, batch_size=64, epochs=6, verbose=0)
print(f"right on {history.history['accuracy'][-1]:.1%} of its training windows")

# %%
def look(pictures, places, at_least):
    """What the classifier sees in each picture: boxes, scores and classes where it is sure enough."""
    p = tf.nn.softmax(classifier(pictures)).numpy()[:, :GROUND]
    sure = p.max(axis=1) > at_least
    return places[sure].astype(float), p[sure].max(axis=1), p[sure].argmax(axis=1)


windows, places = sliding_windows(X_test[i], SIZE, STRIDE)
seen, scores, names = look(windows, places, 0.8)
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 3.2))
draw(left, X_test[i])
draw(middle, np.repeat(np.repeat(tf.nn.softmax(classifier(windows)).numpy()[:, :GROUND].max(axis=1)
                                 .reshape(11, 11), 4, axis=0), 4, axis=1))
draw(right, X_test[i], seen)
for axis, title in zip((left, middle, right), ("scene", "belief in a digit, window by window", f"{len(seen)} boxes")):
    axis.set_title(title)
plots.show("A test scene; beside it a map of 11 by 11 windows, bright where the classifier believes in a digit: "
           f"bright near its digits; and the scene with all {len(seen)} boxes above the threshold, "
           f"several of them overlapping around the same one of its {len(boxes_test[i])} digits.")

# %% [markdown] exercise="non_max_suppression"
# The classifier is not wrong: each of these windows does show most of a digit. But one digit should give one box. Take the box with the best score and keep it.
# Whatever overlaps it by much is most likely the same digit seen again, so drop that. Of what is left, take the best again, and so on. This is
# *non-maximum suppression*.
#
# Careful with chains: a box that has been dropped is gone, and drops nothing itself.
###
# *Predict first:* what goes wrong if the threshold is too low? And too high?

# %% [markdown]
# Now measure. A box is a **hit** if its class is right and its IoU with a digit that no other box has claimed is at least one half. Everything else is a false
# alarm. *Precision* is the share of our boxes that are hits, *recall* the share of the digits that were hit. Their harmonic mean is *F1*, and it is quickly
# worked out: with $P = \text{hits}/\text{said}$ and $R = \text{hits}/\text{there}$,
#
# $$F_1 = \frac{2PR}{P+R} = \frac{2\,\text{hits}}{\text{said} + \text{there}}.$$

# %%
def score(found, at=0.5):
    """Precision, recall and F1 on the test scenes; found holds (boxes, classes) for each."""
    hits = 0
    for (said, names), truth, right in zip(found, boxes_test, classes_test):
        free = np.ones(len(truth), bool)
        for box, name in zip(said, names):
            fit = iou(box, truth) * free * (right == name)
            if fit.max() >= at:
                hits += 1
                free[fit.argmax()] = False
    said, there = sum(len(b) for b, _ in found), sum(map(len, boxes_test))
    return hits / max(said, 1), hits / there, 2 * hits / (said + there)


def one_each(seen, scores, names, threshold=0.2):
    """Boxes and classes after non-maximum suppression."""
    kept = np.array(non_max_suppression(seen, scores, threshold), int)
    return seen[kept], names[kept]


slid = [one_each(*look(*sliding_windows(image, SIZE, STRIDE), 0.9)) for image in X_test]
for at in (0.5, 0.3):
    print("IoU at least {}: precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(at, *score(slid, at)))
best = np.concatenate([[iou(box, places).max() for box in truth] for truth in boxes_test])
print(f"digits that have any window with IoU of one half or more: {np.mean(best >= 0.5):.0%}")
lab.quiz("close_together")

# %% [markdown]
# A poor result, and the last line says why. The classifier is good; the *windows* are not. They have one size and one shape, and most digits fit none of them
# well. So try several sizes and shapes? Then there are several times as many windows, and each goes through the net.
#
# ## R-CNN: look only where something might be
#
# Most windows show nothing but ground, and one can tell that without a net. *Region proposals* come from a cheap method that marks everything that might be
# a thing, of any size and shape, and may be wrong often, as long as it misses little. R-CNN (2014) took some 2000 for a photograph, cut each out, stretched it to
# the size that its net wanted, and classified it.
#
# Our things are bright, so ours come cheap: smooth a little, cut at three levels of brightness, and take the box of each connected piece. *Predict first:* the
# classifier stays as it is built and is trained on for a few epochs on such regions. What will it gain over sliding?

# %%
from scipy import ndimage


def propose(image):
    """Boxes of the connected bright pieces, at three levels of brightness."""
    smooth, found = ndimage.gaussian_filter(image[..., 0], 0.7), []
    for level in (0.45, 0.55, 0.65):
        pieces, _ = ndimage.label(smooth > level, structure=np.ones((3, 3)))
        found += [(y.start, x.start, y.stop, x.stop) for y, x in ndimage.find_objects(pieces)]
    found = np.array(found, float).reshape(-1, 4)
    sides = found[:, 2:] - found[:, :2]
    return found[(sides[:, 0] >= 6) & (sides[:, 0] <= 32) & (sides[:, 1] >= 2)]


regions, regions_test = [propose(image) for image in X[:900]], [propose(image) for image in X_test]
best = np.concatenate([[iou(box, r).max(initial=0) for box in truth] for r, truth in zip(regions_test, boxes_test)])
print(f"{np.mean([len(r) for r in regions_test]):.1f} regions a scene in place of {len(places)} windows")
print(f"digits that have any region with IoU of one half or more: {np.mean(best >= 0.5):.0%}")

# %%
def cut_out(image, some_boxes):
    """Regions as squares around them, stretched to the size of the classifier's input."""
    centre = (some_boxes[:, :2] + some_boxes[:, 2:]) / 2
    half = 0.55 * (some_boxes[:, 2:] - some_boxes[:, :2]).max(axis=1, keepdims=True)
    corners = np.concatenate([centre - half, centre + half], axis=1) / (SIDE - 1)
    return tf.image.crop_and_resize(image[None], corners, np.zeros(len(corners), int), (SIZE, SIZE)).numpy()


def name_regions(some, truth, right):
    """The class of the digit that a region fits, or ground."""
    fit = np.array([iou(box, truth) for box in some]).reshape(len(some), len(truth))
    return np.where(fit.max(axis=1) >= 0.5, right[fit.argmax(axis=1)], GROUND)


cut = np.concatenate([cut_out(image, r) for image, r in zip(X, regions)])
labels = np.concatenate([name_regions(r, b, c) for r, b, c in zip(regions, boxes, classes)])
classifier.fit(cut, labels, batch_size=64, epochs=4, verbose=0)
by_regions = [one_each(*look(cut_out(image, r), r, 0.5)) for image, r in zip(X_test, regions_test)]
print("regions: precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(*score(by_regions)))
assert score(by_regions)[2] > score(slid)[2] + 0.2, "regions of fitting size beat windows of one size"

# %% [markdown]
# Far better, with a fraction of the looking. But note what we leaned on: *we* knew that things are bright. Where that is not so, these proposals find nothing.
# Remember it for the negative controls.
#
# ## Fast R-CNN: features once
#
# Windows and regions overlap, and where they do, the net works out the same features again and again. But a convolution does the same thing everywhere
# (lab 05a): the features of a window are a cut-out of the features of the image. So compute them once for the image, and cut the regions from the *feature map*.
#
# ![](img/fast_rcnn.png)
#
# Is that a manner of speaking, or exact? Our classifier is made of convolutions without padding throughout (its dense layers are written as convolutions that
# cover the whole map), and its two poolings halve twice, so one step on its last map is 4 pixels: just our stride. *Predict first:* we give the *same*
# layers the whole scene instead of one window. What shape comes out, and how will it compare with the answers for the 121 windows?

# %%
def multiplications(some_layers, shape):
    """Multiplications of a chain of layers, and the shape that comes out: h · w · f · f · c_in · c_out each."""
    total = 0
    for layer in some_layers:
        shape = layer.compute_output_shape(shape)
        if isinstance(layer, layers.Conv2D):
            total += shape[1] * shape[2] * int(np.prod(layer.kernel.shape))
    return total, shape


whole = keras.Sequential([keras.Input((SIDE, SIDE, 1)), *trunk, *head[:-1]])
once = whole(X_test[i:i + 1]).numpy()[0]
window_by_window = classifier(windows).numpy()
print("from the whole scene", once.shape, "largest difference",
      f"{np.abs(once.reshape(-1, 11) - window_by_window).max():.1e}")
assert np.allclose(once.reshape(-1, 11), window_by_window, atol=1e-3), "the same answers, worked out once"
one_window, one_scene = (multiplications([*trunk, *head[:-1]], (1, n, n, 1))[0] for n in (SIZE, SIDE))
print(f"{len(places)} windows one by one: {len(places) * one_window / 1e6:.1f} million multiplications")
print(f"all at once: {one_scene / 1e6:.1f} million, {len(places) * one_window / one_scene:.1f} times fewer")

# %% [markdown]
# Not similar: the same, to the last digits of the arithmetic. A net of convolutions slides by itself, and shares all the work.
#
# Regions of any size need one more step. From the map, each region is pooled to a grid of fixed size (here 4×4), and only a small head looks at it. That is
# *Fast R-CNN* (2015). What it saves depends on how many regions there are, so let us count.
#
# *Predict first:* from how many regions on does it pay, with the nets of this lab?
#
# And does pooling from the map still work? Below we leave the convolutions as they are and train only a new head on pooled features. (The real one trains
# everything together, and its head also corrects each box.)

# %%
counts = np.arange(1, 2001)
features_once, map_shape = multiplications(trunk, (1, SIDE, SIDE, 1))
features_of_one, _ = multiplications(trunk, (1, SIZE, SIZE, 1))
small_head, _ = multiplications(head[:-1], (1, 4, 4, 32))
separate, shared = counts * (features_of_one + small_head), features_once + counts * small_head
even = counts[np.argmax(shared <= separate)]
plt.figure(figsize=(7, 3.2))
plt.loglog(counts, separate / 1e6, label="R-CNN: each region through the net")
plt.loglog(counts, shared / 1e6, label="Fast R-CNN: features once, a head for each region")
plt.gca().set(xlabel="regions in a scene", ylabel="million multiplications")
plt.axvline(even, color="black", lw=1, ls="--")
plt.legend()
print(f"even at {even} regions; at 2000 regions Fast R-CNN needs {separate[-1] / shared[-1]:.0f} times fewer")
plots.show(f"Million multiplications against the number of regions, both axes logarithmic. R-CNN rises in a straight "
           f"line. Fast R-CNN begins higher, stays flat, crosses it at {even} regions (dashed), and rises more "
           f"slowly; at 2000 regions it lies {separate[-1] / shared[-1]:.0f} times lower.")

# %%
def pooled(feature_map, some_boxes):
    """Regions cut from a feature map and pooled to 4 × 4. Cell k of the map looks at pixels around 4k + 4.5."""
    corners = (some_boxes - 4.5) / 4 / (len(feature_map) - 1)
    return tf.image.crop_and_resize(feature_map[None], corners, np.zeros(len(corners), int), (4, 4)).numpy()


features = keras.Sequential([keras.Input((SIDE, SIDE, 1)), *trunk])
maps, maps_test = features.predict(X[:900], verbose=0), features.predict(X_test, verbose=0)
inputs = np.concatenate([pooled(m, r) for m, r in zip(maps, regions)])
new_head = keras.Sequential([keras.Input((4, 4, 32)), layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(11)])
new_head.compile(keras.optimizers.Adam(2e-3), log_loss)
new_head.fit(inputs, labels, batch_size=64, epochs=12, verbose=0)
by_pooling = []
for feature_map, r in zip(maps_test, regions_test):
    p = tf.nn.softmax(new_head(pooled(feature_map, r))).numpy()[:, :GROUND]
    sure = p.max(axis=1) > 0.5
    ranks = p[sure].max(axis=1) - 1e-7 * np.flatnonzero(sure)  # no two scores alike
    by_pooling.append(one_each(r[sure], ranks, p[sure].argmax(axis=1)))
print("pooled regions: precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(*score(by_pooling)))

# %% [markdown] exercise="decode_grid"
# With our handful of regions sharing would not pay; with the 2000 of a photograph it pays well, and the deeper the net, the more. Pooling blurs small
# regions, which costs something; most of it remains.
#
# ## A single shot
#
# There are still two stages: propose, then look. Why not let one net say everything at once? Lay a coarse grid over the image. The cell in which the centre of a
# thing lies is responsible for that thing and says all about it.
#
# ![](img/grid_cell.png)
#
# A net whose last map is 8×8 with 15 channels does just that: 64 cells, 5 + 10 numbers each, in one pass. This is the idea of YOLO (2016): you only look once.
# Write what turns its numbers into boxes.
#
# To train the net we then need the way back: for each scene, the numbers that the grid *should* say. Then your `decode_grid` must give back the boxes that went
# in. (That is a test of both.) *Predict first:* will it give back every single one, or may two digits share a cell?

# %%
G = 8


def encode(some_boxes, names):
    """What the grid should say about a scene, (G, G, 15)."""
    grid = np.zeros((G, G, 15), np.float32)
    for box, name in zip(some_boxes, names):
        y, x = (box[:2] + box[2:]) / 2 / SIDE * G
        r, c = int(y), int(x)
        grid[r, c] = 0  # the last one wins where two centres share a cell
        grid[r, c, :5] = 1, y - r, x - c, *(box[2:] - box[:2]) / SIDE
        grid[r, c, 5 + name] = 1
    return grid


targets = np.stack([encode(b, c) for b, c in zip(boxes, classes)])
back = [decode_grid(t, SIDE, 0.5) for t in targets]
fits = np.concatenate([[iou(box, found).max() for box in truth] for truth, (found, _, _) in zip(boxes, back)])
print(f"{np.sum(fits > 0.999)} of {len(fits)} boxes came back; {np.sum(fits <= 0.999)} shared a cell with another")

# %% [markdown]
# The net: three blocks of convolution, batch norm, ReLU and pooling bring 64×64 down to 8×8; two more convolutions let each cell see its neighbourhood; and a 1×1
# convolution says the 15 numbers. The sigmoid brings the first five to between 0 and 1.
#
# The loss has three parts. *Is there a centre?* Cross-entropy in every cell; cells with a centre are few, so they weigh more. *Where, how large?* Squared
# differences. *What?* Softmax cross-entropy. The last two count only in cells that have a centre: what an empty cell says about the size of nothing does not matter.
#
# *Predict first:* when it fails, is it more often the place or the name? And how sure must it be to speak: as the threshold on the objectness rises, which way do
# precision and recall go?

# %%
def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def build_detector():
    x = image = keras.Input((SIDE, SIDE, 1))
    for filters in (12, 24, 48):
        x = layers.MaxPooling2D(2)(block(x, filters))
    for _ in range(2):
        x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    return keras.Model(image, layers.Conv2D(15, 1)(x))


def grid_loss(truth, said):
    centre = truth[..., 0]
    n = tf.maximum(tf.reduce_sum(centre), 1)
    there = tf.nn.sigmoid_cross_entropy_with_logits(labels=centre, logits=said[..., 0])
    place = tf.reduce_sum((tf.sigmoid(said[..., 1:5]) - truth[..., 1:5]) ** 2, axis=-1)
    what = tf.nn.softmax_cross_entropy_with_logits(labels=truth[..., 5:], logits=said[..., 5:])
    return (4 * tf.reduce_mean(there * (1 + 4 * centre)) + 5 * tf.reduce_sum(place * centre) / n
            + tf.reduce_sum(what * centre) / n)

# %%
def say(images):
    """What the detector says in each cell, (m, G, G, 15), the first five as numbers between 0 and 1."""
    said = detector.predict(images, verbose=0)
    said[..., :5] = 1 / (1 + np.exp(-said[..., :5]))
    return said


def detect(grids, threshold=0.4, overlap=0.3):
    """Boxes and classes of each scene."""
    return [one_each(*decode_grid(grid, SIDE, threshold), overlap) for grid in grids]


keras.utils.set_random_seed(0)
detector = build_detector()
untrained = score(detect(say(X_test)))
rate = keras.optimizers.schedules.CosineDecay(4e-3, 9 * 50)
detector.compile(keras.optimizers.Adam(rate), grid_loss)
began = time.perf_counter()
history = detector.fit(X, targets, batch_size=32, epochs=9, verbose=0)
print(f"{detector.count_params()} parameters, {time.perf_counter() - began:.0f} seconds, loss", end=" ")
print(f"{history.history['loss'][0]:.2f} in the first epoch, {history.history['loss'][-1]:.2f} in the last")
said_test = say(X_test)
found = detect(said_test)
print(f"before training: F1 {untrained[2]:.2f}")
print("single shot: precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(*score(found)))
assert score(found)[2] > 0.65, "the single-shot detector finds most digits and names them"

# %%
def is_hit(k):
    """For each box found in test scene k, whether it is a hit."""
    return [np.max(iou(b, boxes_test[k]) * (classes_test[k] == c)) >= 0.5 for b, c in zip(*found[k])]


wrong_first = sorted(range(200), key=lambda k: (np.mean(is_hit(k) or [0]), len(found[k][0])))
chosen = [*[k for k in range(200) if len(boxes_test[k]) >= 3 and all(is_hit(k))][:5], *wrong_first[:5]]
figure, axes = plt.subplots(2, 5, figsize=(11, 4.8))
for axis, k in zip(axes.ravel(), chosen):
    hit = np.array(is_hit(k), bool)
    draw(axis, X_test[k], found[k][0][hit], found[k][1][hit], plots.COLOURS[5])
    draw(axis, X_test[k], found[k][0][~hit], found[k][1][~hit])
    axis.set_title("truth: " + " ".join(map(str, classes_test[k])))
no_names = [(b, 0 * c) for b, c in found]
names_kept, classes_test = classes_test, [0 * c for c in classes_test]
print(f"if names did not count, F1 would be {score(no_names)[2]:.2f}")
classes_test = names_kept
plots.show("Ten test scenes with the detector's boxes and names, hits in teal, misses in orange, the true digits "
           "above. First row: scenes with three or four digits, all found. Second row: the scenes with the "
           "largest share of misses; nearly all boxes sit on a digit, but bear a wrong name.")

# %%
thresholds = np.linspace(0.02, 0.98, 25)
curve = np.array([score(detect(said_test, t)) for t in thresholds])
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.3))
left.plot(thresholds, curve, label=["precision", "recall", "F1"])
left.set(xlabel="threshold on the objectness", ylim=(0, 1.02))
left.legend(loc="lower left")
work = {"windows": (slid, len(places) * one_window), "regions": (by_regions, 7 * one_window),
        "single shot": (found, multiplications(detector.layers[1:], (1, SIDE, SIDE, 1))[0])}
for k, (name, (what, cost)) in enumerate(work.items()):
    right.plot(cost / 1e6, score(what)[2], "os^"[k], ms=10, label=name)
    print(f"{name:12s} F1 {score(what)[2]:.2f}, {cost / 1e6:5.1f} million multiplications a scene")
right.set(xlabel="million multiplications a scene", ylabel="F1", ylim=(0, 1), xlim=(0, None))
right.legend()
plots.show("Left: precision, recall and F1 of the single-shot detector against its threshold. All are flat over a wide "
           "middle; towards 0 precision falls, towards 1 recall falls. Right: F1 against multiplications a scene. "
           "Sliding windows need most and score lowest; regions and the single shot score high for far less.")

# %% [markdown]
# When it fails, it is mostly the name. *That* something stands here is easier to learn than *what*. And the threshold hardly matters over a wide middle.
#
#
# Regions do well here: the proposals come from our knowledge that digits are bright, and cost next to nothing. The single shot had to learn everything
# from the scenes, in one pass.
#
# ### Negative controls
#
# What does the detector say where there is nothing to find? *Predict first*, for each of these: how many boxes will a picture get, and how high is F1, where there
# is a truth?
#
# * pure ground, without any digit;
# * patches of photographs (lab 01), in grey: no digits there either;
# * the test scenes turned upside down;
# * the test scenes in negative: dark digits on a bright ground.

# %%
from labutils.datasets import load_photo_patches

rng = np.random.default_rng(5)
blots = tf.image.resize(rng.uniform(0, 0.45, (200, 6, 6, 1)), (SIDE, SIDE), "bicubic")
ground = np.clip(blots + rng.normal(0, 0.06, (200, SIDE, SIDE, 1)), 0, 1)
photos = tf.image.resize(load_photo_patches()[2][::3].mean(axis=3, keepdims=True) / 255, (SIDE, SIDE)).numpy()
for name, pictures in (("ground", ground), ("photographs", photos), ("negative", 1 - X_test)):
    boxes_there = [len(b) for b, _ in detect(say(pictures))]
    print(f"{name:12s} {np.mean(boxes_there):.2f} boxes a picture")
print(f"negative     F1 {score(detect(say(1 - X_test)))[2]:.2f}")
turned = detect(say(X_test[:, ::-1, ::-1]))
turned_back = [(SIDE - b[:, [2, 3, 0, 1]], c) for b, c in turned]
print(f"upside down  F1 {score(turned_back)[2]:.2f}; {np.mean([len(b) for b, _ in turned]):.2f} boxes a picture, "
      f"{np.mean([len(b) for b in boxes_test]):.2f} digits")
in_photos = detect(say(photos))
busy = np.argsort([-len(b) for b, _ in in_photos])[:5]
figure, axes = plt.subplots(1, 5, figsize=(11, 2.5))
for axis, k in zip(axes, busy):
    draw(axis, photos[k], *in_photos[k])
plots.show("Five grey patches of photographs, nearly plain and bright, covered with boxes that bear names of "
           "digits. There is no digit in any of them.")

# %% [markdown] exercise="mean_iou"
# Of pure ground it says nothing: good, it has seen much ground. In photographs it sees digits, most of all in bright, empty sky. It has learned "brighter stroke on
# what I know as ground", and
# never met anything else that is bright; nothing in its training said what is *not* a digit. Upside down, it boxes the digits as well as ever and names them with full
# confidence; but a 6 turned upside down looks like a 9, and most others look like no digit, and it answers anyway. In negative it is lost. A detector knows
# the world of its training scenes, and it has no word for "I don't know".
#
# ## Pixel by pixel
#
# A box around a 1 is mostly 1; a box around a 7 is mostly ground. Segmentation says it for each pixel. How to measure it? *Predict first:* what share of pixels is right if
# we simply call every pixel ground?
#
###
# Most of them, as you will see below: the share of right pixels says next to nothing. But IoU knows no boxes, only what two sets share and cover; sets of pixels
# are fine. For each class compare its
# pixels in truth and answer, then take the mean over the classes, so that a rare class weighs as much as the ground.
#
# We use it first on the plainest method that one can think of: bright is digit, dark is ground. We choose the best threshold on the training scenes. It cannot tell classes
# apart, so we ask it only for digit against ground.

# %%
levels = np.arange(0.3, 0.7, 0.025)
fits = [mean_iou((masks > 0) * 1, (X[..., 0] > level) * 1, 2) for level in levels]
level = levels[np.argmax(fits)]
digit_test = (masks_test > 0) * 1
plain = mean_iou(digit_test, (X_test[..., 0] > level) * 1, 2)
print(f"threshold {level:.3f}: mean IoU of digit and ground {plain:.3f}")
print(f"all ground: mean IoU over the 11 classes {mean_iou(masks_test, 0 * masks_test, 11):.3f}")
print(f"all ground: {np.mean(masks_test == 0):.1%} of the pixels right")
lab.quiz("all_ground")

# %% [markdown] exercise="upsample_block"
# ## Down and up again
#
# To know *what* a pixel belongs to, a net has to see far around it, and pooling gives it that view. But pooling forgets *where* exactly. An answer for each pixel needs
# both. A *U-Net* (2015) goes down as usual, then up again to full size, and at every step up it lays beside the coarse map the fine one that it had at that size on
# the way down.
#
# ![](img/encoder_decoder.png)
#
###
# Write one step up.
#
# (The batch norm in the steps up is not an ornament: in our trials the net learned digit against ground without it, but not the classes.) *Predict first:* where will
# it be wrong: at the edges, or in the middle of digits?

# %%
def build_unet():
    image = keras.Input((SIDE, SIDE, 1))
    a = block(image, 8)
    b = block(layers.MaxPooling2D(2)(a), 16)
    c = block(layers.MaxPooling2D(2)(b), 32)
    x = block(block(layers.MaxPooling2D(2)(c), 64), 64)
    for skip, filters in ((c, 32), (b, 16), (a, 8)):
        x = layers.BatchNormalization(momentum=0.9)(upsample_block(x, skip, filters))
    return keras.Model(image, layers.Conv2D(11, 1)(x))


def pixel_loss(truth, said):
    truth = tf.cast(truth, tf.int64)
    weight = tf.where(truth > 0, 5.0, 1.0)  # the pixels of digits are few
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=truth, logits=said)
    return tf.reduce_sum(weight * loss) / tf.reduce_sum(weight)


keras.utils.set_random_seed(0)
unet = build_unet()
unet.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 8 * 38)), pixel_loss)
began = time.perf_counter()
unet.fit(X[:1216], masks[:1216], batch_size=32, epochs=8, verbose=0)  # 38 full batches an epoch
print(f"{unet.count_params()} parameters, {time.perf_counter() - began:.0f} seconds")

# %%
painted = unet.predict(X_test, verbose=0).argmax(axis=-1)
ours = mean_iou(digit_test, (painted > 0) * 1, 2)
print(f"digit against ground: mean IoU {ours:.3f}, the plain threshold {plain:.3f}")
print(f"over the 11 classes:  mean IoU {mean_iou(masks_test, painted, 11):.3f}, all ground "
      f"{mean_iou(masks_test, 0 * masks_test, 11):.3f}; pixels right {np.mean(masks_test == painted):.1%}")
assert ours > plain + 0.05, "the U-Net separates digit from ground better than any threshold"
right = np.array([np.mean(masks_test[k] == painted[k]) for k in range(200)])
order = [k for k in np.argsort(-right) if len(boxes_test[k]) >= 3]
chosen = [*order[:3], *order[-3:]]
figure, axes = plt.subplots(3, 6, figsize=(11, 5.8))
for column, k in zip(axes.T, chosen):
    draw(column[0], X_test[k])
    for axis, mask in zip(column[1:], (masks_test[k], painted[k])):
        draw(axis, X_test[k])
        axis.imshow(mask, cmap=CLASS_COLOURS, vmin=0, vmax=10)
    column[0].set_title(" ".join(map(str, classes_test[k])))
plots.show("Six test scenes in columns; below each the true mask and the U-Net's, one colour a class. Left three, the "
           "best: the same colours and shapes as in the truth. Right three, the worst: the shapes are right, "
           "but digits bear the colour of another class, some of them several colours at once.")

# %% [markdown] exercise="gram_matrix"
# The edges are nearly perfect. What fails is, again, the name, and in a way that a detector cannot fail: one digit in several colours. Each pixel is answered for
# itself; nothing tells them that they belong together. Nor does the mask count: two 3s that touch are one patch of "3". (Telling them apart is *instance*
# segmentation; Mask R-CNN does it by painting inside each detected box.)
#
# ## Style
#
# A trained net has learned to see, and its feature maps can be used for quite other things. A place in a map says *what* is *where*. Suppose we forget where:
# multiply two channels
# at each place, and add up over all places. The sum is large if both are strong at the same places, wherever these are. The table of all pairs is the *Gram
# matrix*. It keeps which strokes and spots occur together, which is to say texture, and Gatys, Ecker and Bethge found in 2015 that this is much of what we call a
# painter's style.
###
# With the places as rows of a matrix $F$, (h·w, c), it is one product: $G = F^\top F / (h w)$.

# %% [markdown] exercise="style_loss"
# Compare Gram matrices over several layers: strokes in the early ones, larger patterns in the later ones.
#
# Now turn training round. The net stays as it is, and gradient descent changes the *pixels*: towards the style (Gram matrices like those of the style picture) and
# towards the content (a late feature map like that of the scene, place by place). Both losses are divided by their size at the start or in the scene, so that one
# weight says how much content counts.
#
# The eyes are our own detector, which has seen only digits. As a control, a second detector that has not been trained at all. *Predict first:* will that one do anything?

# %%
from sklearn.datasets import load_sample_images


def paint(net, content, style, content_weight, steps=100):
    """Bend a scene's pixels towards a style, as a net sees it; also the style loss at the end, of 1 at the start."""
    maps = keras.Model(net.input, [layer.output for layer in net.layers if isinstance(layer, layers.ReLU)])
    grams = [gram_matrix(m[0]) for m in maps(tf.constant(style[None, ..., None], tf.float32))]
    scene = maps(content[None])
    start = style_loss([m[0] for m in scene], grams)
    x, optimizer = tf.Variable(content[None]), keras.optimizers.Adam(0.02)

    @tf.function
    def losses_and_gradient():
        with tf.GradientTape() as tape:
            seen = maps(x)
            style_part = style_loss([m[0] for m in seen], grams) / start
            content_part = tf.reduce_mean((seen[2] - scene[2]) ** 2) / tf.reduce_mean(scene[2] ** 2)
            loss = style_part + content_weight * content_part
        return style_part, tape.gradient(loss, x)

    for _ in range(steps):
        style_part, gradient = losses_and_gradient()
        optimizer.apply_gradients([(gradient, x)])
        x.assign(tf.clip_by_value(x, 0, 1))
    return x.numpy()[0], float(style_part)

# %%
temple = load_sample_images().images[0][230:358, 120:248].mean(axis=2, keepdims=True) / 255
rows, columns = np.mgrid[:SIDE, :SIDE]
styles = {"roof": (tf.image.resize(temple, (SIDE, SIDE)).numpy()[..., 0], 0.1),
          "stripes": (0.5 + 0.4 * np.sin(rows + columns), 0.02)}
keras.utils.set_random_seed(1)
nets = {"our detector": detector, "untrained": build_detector()}
figure, axes = plt.subplots(2, 4, figsize=(10, 5.4))
for line, (name, (style, weight)) in zip(axes, styles.items()):
    draw(line[0], X_test[0])
    draw(line[1], style)
    line[1].set_title(f"style: {name}")
    for axis, (net_name, net) in zip(line[2:], nets.items()):
        picture, style_left = paint(net, X_test[0], style, weight)
        (there, names), = detect(say(picture[None]))
        draw(axis, picture)
        axis.set_title(f"{net_name}: {style_left:.1%} left")
        print(f"{name:8s} {net_name:13s} style loss left {style_left:6.1%}; the detector now reads", *names)
plots.show("Two rows: a scene, a style picture, the scene repainted by our detector, and by an untrained net. With the "
           "roof of a temple, the ground takes on its fine horizontal lines and the digits stay; with diagonal stripes "
           "the ground turns to a coarse grain or stripes around the digits. The titles tell how much of the style "
           "loss is left.")

# %% [markdown]
# The digits keep their places, and the ground takes on lines and grain. It is no painting: a net this small, which has only ever looked at strokes, sees edges and small
# spots, no brushwork. And the untrained net does it too, even with less of the style loss left. So a small style loss is no proof that a net knows styles: matching
# Gram matrices carries
# texture over with almost any filters. The large trained nets of the original work do better because their late layers see larger patterns. Note, too, what the detector
# now reads in the pictures: a change of texture, which hardly bothers you, is enough to mislead it.
#
# ## Play
#
# Change the three numbers: how sure the detector has to be, how much overlap non-maximum suppression allows, and how exactly a box has to fit in order to count. When does
# F1 fall apart? (What you learn from the last one is what the challenge is about.)
#
# ## Challenge
#
# Ask for a tighter fit, IoU of at least 0.75, and the detector's F1 falls to about half: its boxes are roughly right, and roughly is no longer enough. Write `find`, which
# reaches an F1 of **0.65** at IoU 0.75, on test scenes that you have not seen. You may use everything that this lab has trained.

# %%
threshold, overlap, at = 0.4, 0.3, 0.75
tried = detect(said_test, threshold, overlap)
print("precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(*score(tried, at)))
figure, axes = plt.subplots(1, 5, figsize=(11, 2.5))
for axis, k in zip(axes, (i, i + 1, i + 2, i + 3, i + 4)):
    draw(axis, X_test[k], *tried[k])
plots.show("Five test scenes with the boxes and names that the detector gives at the chosen thresholds.")

# %%
def find(images):
    """Find the digits.

    Parameters
    ----------
    images : ndarray (m, 64, 64, 1)

    Returns
    -------
    list of m pairs (boxes (n, 4), classes (n,))
    """
    ### BEGIN SOLUTION
    answers, ink = detect(say(images)), unet.predict(images, verbose=0).argmax(axis=-1) > 0
    for (there, _), pixels in zip(answers, ink):
        for k, box in enumerate(there):  # the detector says what; the U-Net's pixels say where exactly
            y, x = np.clip(np.round(box[:2]).astype(int) - 2, 0, None)
            part = pixels[y:int(box[2]) + 3, x:int(box[3]) + 3]
            if part.any():
                r, c = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
                there[k] = y + r[0], x + c[0], y + r[-1] + 1, x + c[-1] + 1
    return answers
    ### END SOLUTION


lab.challenge("tight_boxes", find)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * Classification says what, localisation adds one box, detection any number of boxes, segmentation answers for each pixel.
# * IoU is what two boxes (or sets of pixels) share over what they cover. Right by custom means one half or more.
# * Non-maximum suppression keeps the best box and drops those that overlap it by much. It cannot keep two things apart that overlap more than its threshold.
# * A net of convolutions slides over the image by itself and shares the work. R-CNN looks at proposals only; Fast R-CNN computes features once and pools them for each region;
#   a single shot drops the proposals.
# * A U-Net goes down for *what* and up for *where*, with skips. The share of right pixels misleads where ground is plenty; the mean IoU over the classes does not.
# * Gram matrices forget where and keep what occurs together: texture.
# * A detector answers for what it has seen in training, and has no word for anything else.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | classification, localisation | 分类, 定位 |
# | object detection | 目标检测 |
# | semantic / instance segmentation | 语义分割 / 实例分割 |
# | bounding box | 边界框 |
# | intersection over union (IoU) | 交并比 |
# | non-maximum suppression | 非极大值抑制 |
# | sliding window | 滑动窗口 |
# | region proposal | 候选区域 |
# | region-of-interest pooling | 感兴趣区域池化 |
# | single-shot detector, objectness | 单阶段检测器, 目标置信度 |
# | precision, recall | 精确率, 召回率 |
# | encoder–decoder, skip connection | 编码器–解码器, 跳跃连接 |
# | upsampling | 上采样 |
# | Gram matrix, style transfer | 格拉姆矩阵, 风格迁移 |
#
# ## Further reading
#
# * P. Sermanet and others, OverFeat: integrated recognition, localization and detection using convolutional networks (2013), arXiv:1312.6229
# * R. Girshick and others, Rich feature hierarchies for accurate object detection and semantic segmentation (R-CNN, 2013), arXiv:1311.2524
# * R. Girshick, Fast R-CNN (2015), arXiv:1504.08083
# * S. Ren and others, Faster R-CNN: towards real-time object detection with region proposal networks (2015), arXiv:1506.01497
# * J. Redmon and others, You only look once: unified, real-time object detection (2015), arXiv:1506.02640
# * O. Ronneberger, P. Fischer, T. Brox, U-Net: convolutional networks for biomedical image segmentation (2015), arXiv:1505.04597
# * K. He and others, Mask R-CNN (2017), arXiv:1703.06870
# * L. A. Gatys, A. S. Ecker, M. Bethge, A neural algorithm of artistic style (2015), arXiv:1508.06576
