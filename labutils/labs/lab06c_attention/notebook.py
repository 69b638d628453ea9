# %% [markdown]
# # 06c · Attention: look back at all of it
#
# At the end of this lab you will have built a transformer from its parts, trained it on Irish jigs beside the GRU of lab 06b, and seen where it looks.
#
# You need lab 06a (what a recurrent net computes) and lab 06b (tunes as text, `get_batch`, the training step). Seven exercises, about 90 minutes. Every
# exercise is checked on the spot. If one is left open or not right yet, the reference stands in for it, so you can read on and run on.
#
# In this lab examples are **rows**, as Keras has it: a batch of sequences is (m, n, d), m examples, n places, d numbers at each place. Heads, when they
# come, stand between examples and places: (m, h, n, d/h).

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from labutils import music, plots
from labutils.labs.lab06b_rnn_music_generation.exercises import vectorize

train_tunes, test_tunes = music.load_tunes()
text, held = ("\n\n".join(tunes) + "\n\n" for tunes in (train_tunes, test_tunes))
vocab = sorted(set(text) | set(held))
char_to_index = {c: i for i, c in enumerate(vocab)}
sequence, held_ids = vectorize(text, char_to_index), vectorize(held, char_to_index)
v = len(vocab)
print(len(sequence), "characters to learn from,", len(held_ids), "held out,", v, "different ones")

# %% [markdown]
# ## What a state cannot hold
#
# A jig repeats itself: often bar 5 is bar 1 again. A recurrent net that wants to write bar 1 once more has to carry it, character by character, in one
# vector that is written over at each step. All of the past goes through this vector: the *bottleneck*. And because step t needs the state of step t − 1,
# the steps cannot be computed at the same time: *slow*.
#
# How far back would it have to remember? Take each bar that has stood in its tune before, and count the characters back to its last appearance.

# %%
distances = []
for tune in train_tunes:
    notes, last, place = tune.split("\n")[-1], {}, 0
    for bar in notes.split("|"):
        if len(bar) > 4 and bar in last:
            distances.append(place - last[bar])
        last[bar], place = place, place + len(bar) + 1
plt.figure(figsize=(7, 2.6))
plt.hist(distances, bins=np.arange(0, 160, 4))
plt.gca().set(xlabel="characters back to the same bar", ylabel="bars")
plots.show("A histogram of how many characters lie between a bar and its last appearance. Three humps stand out: "
           "about eighteen characters back, thirty-four and seventy, that is two, four and eight bars.")
print(f"half of them lie more than {np.median(distances):.0f} characters back")

# %% [markdown]
# Everything the net needs still stands there, in the text. Why not look?
#
# ## A soft lookup
#
# ![](img/attention_lookup.png)
#
# A Python dict finds the one key that *equals* what is asked for, or none. Attention is a dict that always answers. Each place of the text offers a
# **key**, "this is what I am", and a **value**, "this is what I have to say". A place that wants to know something has a **query**. The dot product
# $q \cdot k_j$ says how well key j fits, a softmax turns these scores into weights $w_j$ that sum to 1, and the answer is the mean of the values,
# $\sum_j w_j v_j$. Nothing is chosen hard, so everything has a gradient.

# %% [markdown] exercise="causal_mask"
# A net that writes must not look at what it has not written. Rows are the places that look, columns the places that are looked at.
#
# ###
# Say who may look at whom: one line.

# %% [markdown] exercise="scaled_dot_product_attention"
# ![](img/attention_matrices.png)
#
# All queries at once: with queries and keys as rows, $Q K^\top$ holds every dot product. The mask puts −∞ where looking is forbidden, *before* the
# softmax, for $e^{-\infty} = 0$; a score of 0 would be a vote like any other.
#
# Why √d? Let all entries of q and k be independent with mean 0 and variance 1. Each product $q_i k_i$ then has variance 1, and a sum of d of them
# variance d. So the scores grow like √d, only because the vectors are longer. Divided by √d they have variance 1 for any d.
#
# ###
# Write it with `np.swapaxes`, so that it works whatever axes stand in front. Take the largest score of each row away before `exp`, as in lab 00.

# %% [markdown]
# *Predict first:* without the division, how large is the largest of twenty weights at d = 4? At d = 256? (To undo the division, the queries below are
# multiplied by √d.)

# %%
rng, sizes = np.random.default_rng(0), (4, 16, 64, 256)
largest = {"divided by √d": [], "not divided": []}
for d in sizes:
    Q, K = rng.normal(size=(200, 1, d)), rng.normal(size=(200, 20, d))
    for name, factor in (("divided by √d", 1), ("not divided", d ** 0.5)):
        _, w = scaled_dot_product_attention(factor * Q, K, K)
        largest[name].append(w.max(axis=-1).mean())
plt.figure(figsize=(6, 2.6))
for name, marker in zip(largest, "os"):
    plt.plot(sizes, largest[name], marker=marker, label=name)
plt.gca().set(xscale="log", xlabel="d", ylabel="largest of 20 weights", ylim=(0, 1))
plt.legend()
plots.show("The mean of the largest weight against d. Divided by the root of d it stays low for any d; not divided "
           "it climbs towards 1: the softmax has become a hard choice.")
lab.quiz("scale")

# %% [markdown]
# A weight near 1 leaves the others near 0, and a softmax that is so sure has nearly no gradient: it could not learn to look elsewhere.
#
# ## Looking without learning
#
# Before any training: can a lookup write music? Let the query of place t be "the last six characters, up to mine". Let the key of place j be "the six
# characters *before* mine", and its value the character there. Then place t finds those places whose past is like its own, and hears what came next
# there. Nothing is learned; queries, keys and values are one-hot vectors.

# %%
def pasts(ids, k=6):
    """For each place the last k characters up to it, one-hot and side by side: (n, k · v)."""
    one_hot = np.eye(v)[ids]
    shifted = [np.vstack([np.zeros((s, v)), one_hot[:len(ids) - s]]) for s in range(k)]
    return np.hstack(shifted)

def look_up(tune, mask):
    ids = vectorize(tune, char_to_index)
    C = pasts(ids)
    K = np.vstack([np.zeros((1, C.shape[1])), C[:-1]])
    return ids, *scaled_dot_product_attention(80 * C, K, np.eye(v)[ids], mask)

tune = test_tunes[3]
ids, output, weights = look_up(tune, causal_mask(len(tune)))
guess = output.argmax(axis=-1)
start = tune.rindex("\n") + 1
print("tune   ", tune[start + 1:])
print("lookup ", "".join(vocab[g] for g in guess[start:-1]).replace("\n", "⏎"))
part = slice(len(tune) - 44, len(tune))
back = slice(start, len(tune))
plt.figure(figsize=(10, 4.4))
plt.imshow(weights[part, back], aspect="auto", cmap="Blues", vmin=0, vmax=1)
plt.xticks(range(back.stop - back.start), list(tune[back]), fontsize=6)
plt.yticks(range(44), list(tune[part]), fontsize=6)
plt.gca().set(xlabel="looked at", ylabel="looks")
plt.grid(False)
plots.show("An attention map: rows are the last 44 characters of a held-out jig, columns all its notes. Dark short "
           "diagonals show where a row found its own past earlier in the tune; they run parallel to the main "
           "diagonal. The upper right, the future, is empty.")

# %% [markdown]
# Each dark diagonal is a passage that has come before: the lookup follows it with its finger. How often is the next character guessed right, early in a
# tune and late in it? And the negative control: *predict first* what happens without the mask.

# %%
print("next character right:        first third   last third")
for name, masked in (("with the mask", True), ("without it", False)):
    right = []
    for tune in test_tunes:
        ids, output, _ = look_up(tune, causal_mask(len(tune)) if masked else None)
        good = output.argmax(axis=-1)[:-1] == ids[1:]
        third = len(good) // 3
        right.append([good[:third].mean(), good[-third:].mean()])
    print(f"  {name:25s} {np.mean(right, axis=0)[0]:10.0%} {np.mean(right, axis=0)[1]:12.0%}")
often = np.bincount(sequence).argmax()
print(f"  always {vocab[often]!r:18s} {np.mean(held_ids == often):10.0%}")
lab.quiz("future")

# %% [markdown]
# Late in a tune there is more to look back at. Without the mask the lookup seems close to perfect, for it reads the answer: place t + 1 has exactly the
# past that place t asks for. A net trained without a mask would find that out too, have a wonderful loss, and be unable to write a single bar.
#
# ## Where am I?
#
# We told each place its past by hand. Attention itself does not even know an order. *Predict first:* shuffle the places before the last one. What does
# the last one answer?

# %%
rng = np.random.default_rng(1)
x = rng.normal(size=(8, 5))
mixed = np.vstack([rng.permutation(x[:-1]), x[-1:]])
before, after = (scaled_dot_product_attention(a, a, a)[0][-1] for a in (x, mixed))
print("answer of the last place, largest change:", f"{np.abs(before - after).max():.1e}")

# %% [markdown] exercise="positional_encoding"
# None: a mean does not depend on the order of what is averaged. To attention, a tune is a bag of notes. So each place must *say* where it is: a vector
# that depends on the place alone is added to what stands there.
#
# Think of clocks. A second hand tells near places apart but comes round soon; an hour hand tells far ones apart. Each pair of columns is one hand, its
# sine and its cosine, and each next hand is slower:
# $\mathrm{PE}[p, 2i] = \sin(p / 10000^{2i/d})$, $\mathrm{PE}[p, 2i+1] = \cos(p / 10000^{2i/d})$.

# %%
length, d_model = 100, 64
table = positional_encoding(length, d_model)
figure, axes = plt.subplots(1, 2, figsize=(10, 3))
axes[0].imshow(table.T, aspect="auto", cmap=plots.SIDES, vmin=-1, vmax=1)
axes[0].set(xlabel="place", ylabel="column", title="the encoding")
axes[0].grid(False)
for place, style in ((20, "-"), (50, "--"), (80, ":")):
    axes[1].plot(np.arange(length) - place, table @ table[place], style, label=f"place {place}")
axes[1].set(xlabel="distance", ylabel="dot product", title="how alike two places are")
axes[1].legend()
plots.show("Left: the position encoding as an image, places from left to right; fast waves in the upper rows, ever "
           "slower ones below. Right: dot products of three places with all others, over the distance; the three "
           "curves coincide, with a peak at distance 0 and small waves far off.")

# %% [markdown]
# The three curves lie on one another: how alike two encodings are depends on their *distance* alone, since $\sin a \sin b + \cos a \cos b = \cos(a - b)$.
# So "four places back" means the same everywhere in a tune.
#
# ## Several heads
#
# ![](img/multi_head_attention.png)
#
# One softmax can hardly look at two things at once: the beat, and the note before. So the d numbers of each place are cut into h parts, and each part
# has an attention of its own, a *head*.

# %% [markdown] exercise="split_heads"
# *Predict first:* why is `x.reshape(m, n_heads, n, d // n_heads)` wrong, although its shape is right?

# %% [markdown] exercise="merge_heads"
# And back again.

# %% [markdown] exercise="multi_head_attention"
# Where do queries, keys and values come from? From the same x, by three matrices that are learned: $xW_q$, $xW_k$, $xW_v$. A sequence that looks at
# itself like this is *self-attention*. A fourth matrix, $W_o$, mixes what the heads have found.

# %% [markdown]
# Keras has all this in one layer. With its weights put side by side and no biases, it must give the same.

# %%
rng, m, n, d, h = np.random.default_rng(3), 2, 7, 12, 3
x = rng.normal(size=(m, n, d)).astype("float32")
Wq, Wk, Wv, Wo = (rng.normal(0, d ** -0.5, (d, d)).astype("float32") for _ in range(4))
layer = keras.layers.MultiHeadAttention(h, d // h, use_bias=False)
layer(x, x)
layer.set_weights([W.reshape(d, h, d // h) for W in (Wq, Wk, Wv)] + [Wo.reshape(h, d // h, d)])
theirs = np.asarray(layer(x, x, use_causal_mask=True))
ours, weights = multi_head_attention(x, Wq, Wk, Wv, Wo, h, causal_mask(n))
print("largest difference to Keras:", f"{np.abs(ours - theirs).max():.0e}")
assert np.array_equal(merge_heads(split_heads(x, h)), x), "cut and put together, nothing is lost"
assert np.allclose(ours, theirs, atol=1e-4), "multi-head attention by hand is Keras's layer"

# %% [markdown]
# ### What is masked has no influence
#
# That is a claim, and it can be proven. Nudge place j a little and see how much the output at place i changes: an n × n picture of influence. Then do worse:
# put enormous numbers into the future. *Predict first:* what exactly will the picture with the mask look like above its diagonal?

# %%
def influence(mask):
    answer, _ = multi_head_attention(x, Wq, Wk, Wv, Wo, h, mask)
    found = np.zeros((n, n))
    for j in range(n):
        nudged = x.copy()
        nudged[:, j] += 0.01
        found[:, j] = np.abs(multi_head_attention(nudged, Wq, Wk, Wv, Wo, h, mask)[0] - answer).max(axis=(0, 2))
    return found

maps = {"no mask": influence(None), "causal mask": influence(causal_mask(n))}
figure, axes = plt.subplots(1, 2, figsize=(6.4, 2.9))
for axis, (name, found) in zip(axes, maps.items()):
    axis.imshow(np.where(found > 0, found, np.nan), cmap="Blues", vmin=0)
    axis.set(title=name, xlabel="place nudged", ylabel="output at place")
    axis.grid(False)
plots.show("Two squares of influence, outputs as rows, nudged places as columns. Without a mask every entry is "
           "coloured. With the causal mask everything above the diagonal is blank: exactly zero.")

wild = x.copy()
wild[:, 4:] = 1e6 * rng.normal(size=wild[:, 4:].shape)
changed, _ = multi_head_attention(wild, Wq, Wk, Wv, Wo, h, causal_mask(n))
print("largest change before place 4:", np.abs(changed - ours)[:, :4].max())
assert (maps["causal mask"][np.triu_indices(n, 1)] == 0).all(), "what is masked has no influence, not even a small one"
assert np.array_equal(changed[:, :4], ours[:, :4]), "nor when enormous numbers stand there"

# %% [markdown] exercise="transformer_block"
# Not small: zero. The weight of a masked place is $e^{-\infty}$, and zero times anything finite is zero.
#
# ## The transformer
#
# ![](img/transformer_block_figure.png)
#
# Attention moves information between places; it takes means and does little else. So a small dense net thinks at each place by itself. Round both goes the
# untouched input, as in lab 05b's residual block, and before each stands a *layer normalisation*: each place's numbers are brought to mean 0 and variance 1,
# by themselves, whatever the other places and examples are.
#
# ###
# Build the block on Keras tensors.

# %% [markdown]
# Two blocks on top of embedding + position make a language model. Beside it stands lab 06b's GRU, half as wide as there, so that both have about as many
# numbers to learn.

# %%
from labutils.labs.lab06b_rnn_music_generation.exercises import build_music_model


def build_transformer(n_blocks=2, n_heads=4, d_ff=128):
    ids = keras.Input((length,), dtype="int32")
    x = keras.layers.Embedding(v, d_model, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0))(ids)
    x = x + positional_encoding(length, d_model).astype("float32")[None]
    for _ in range(n_blocks):
        x = transformer_block(x, n_heads, d_ff)
    return keras.Model(ids, keras.layers.Dense(v)(keras.layers.LayerNormalization()(x)))

keras.utils.set_random_seed(1)
models = {"GRU": build_music_model(v, 64, 128, "gru"), "transformer": build_transformer()}
rates = {"GRU": 4e-3, "transformer": 6e-3}
for name, model in models.items():
    print(f"{name:12s} {model.count_params():7,} numbers to learn")

# %% [markdown]
# *Predict first:* after the same number of steps, on the same batches, which of the two has the lower loss? And which gets through a step sooner on this
# machine?

# %%
from time import process_time

from labutils.labs.lab06b_rnn_music_generation.exercises import get_batch, sequence_loss, train_step


def train(model, rate, steps=240):
    """Train on batches from one fixed seed; the loss and the CPU seconds so far, for each step."""
    optimizer, rng = keras.optimizers.Adam(rate, clipnorm=1.0), np.random.default_rng(1)
    step = tf.function(lambda x, y: train_step(model, optimizer, x, y))
    losses, seconds = [], []
    for i in range(steps):
        if i == int(0.7 * steps):
            optimizer.learning_rate.assign(rate / 4)
        x, y = get_batch(sequence, length, 32, rng)
        losses.append(float(step(tf.constant(x), tf.constant(y))))
        began = process_time() if i == 0 else began  # the first step also traces
        seconds.append(process_time() - began)
    return losses, seconds

runs = {name: train(model, rates[name]) for name, model in models.items()}
x, y = get_batch(held_ids, length, 64, np.random.default_rng(5))
held_loss = {name: float(sequence_loss(y, model(x))) for name, model in models.items()}

# %%
counts = np.full((v, v), 0.1)
np.add.at(counts, (sequence[:-1], sequence[1:]), 1)
last_only = -np.log((counts / counts.sum(axis=1, keepdims=True))[x, y]).mean()
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for (name, (losses, seconds)), style in zip(runs.items(), ("-", "--")):
    smooth = np.convolve(losses, np.ones(9) / 9, mode="valid")
    axes[0].plot(np.arange(len(smooth)) + 4, smooth, style, label=name)
    axes[1].plot(seconds[4:-4], smooth, style, label=name)
for axis, unit in zip(axes, ("step", "CPU seconds")):
    axis.axhline(last_only, color="gray", ls=":", label="knows the last character only")
    axis.set(xlabel=unit, ylabel="loss (nats per character)")
axes[1].legend()
plots.show("Training loss of GRU and transformer, left by step and right by CPU seconds; a dotted line marks a "
           "table that knows the last character only. Both end below it. By step the GRU falls faster; by seconds "
           "the curves shift by the price of a step.")
for name, (losses, seconds) in runs.items():
    print(f"{name:12s} {len(losses)} steps, {1000 * seconds[-1] / (len(losses) - 1):3.0f} ms each; held out "
          f"{held_loss[name] / np.log(2):.2f} bits per character")
print(f"last character only: {last_only / np.log(2):.2f} bits")
assert held_loss["transformer"] < last_only, "the transformer has learned more than which characters follow one another"

# %% [markdown]
# If you expected the transformer to win, look again. At this size and after so few steps the GRU is ahead: it is built to read from left to right, and
# tunes are mostly local. The transformer has to learn even what "the character before" is. Its advantages show elsewhere: when texts and nets are large,
# and on machines that compute all places of a window at once. A GRU has to walk through a hundred steps one after the other on any machine.
#
# One run of each is no proof of a ranking, and neither net was tuned for long. What is shown is only that "transformers are better" is not a law.
#
# ### The future, once more
#
# The proof above was for one layer. Here it is for the whole trained net: replace all characters from place 60 on.

# %%
other = x.copy()
other[:, 60:] = np.random.default_rng(6).integers(0, v, other[:, 60:].shape)
was, now = (np.asarray(models["transformer"](a)) for a in (x, other))
change = np.abs(was - now)
print(f"largest change of the logits before place 60: {change[:, :60].max():.1e}, behind: {change[:, 60:].max():.1f}")
assert change[:, :60].max() < 1e-5, "no character has an influence on what comes before it"
lab.quiz("order")

# %% [markdown]
# ## Where does it look?
#
# The weights of each head can be asked for. *Predict first:* will the maps look like the lookup made by hand?

# %%
net = models["transformer"]
attentions = [a for a in net.layers if isinstance(a, keras.layers.MultiHeadAttention)]
enters = keras.Model(net.input, [a.input[0] for a in attentions])
tune = test_tunes[3][:length]
ids = vectorize(tune + " " * (length - len(tune)), char_to_index)[None]
shown = [np.asarray(a(z, z, use_causal_mask=True, return_attention_scores=True)[1])[0]
         for a, z in zip(attentions, enters(ids))]
cut = slice(len("M:6/8\nL:1/8\nK:"), len("M:6/8\nL:1/8\nK:") + 30)
marks = [c.replace("\n", "⏎") for c in tune[cut]]
figure, axes = plt.subplots(2, 4, figsize=(12, 6.2))
for axis, (block, head) in zip(axes.ravel(), np.ndindex(2, 4)):
    axis.imshow(shown[block][head][cut, cut], cmap="Blues", vmin=0)
    axis.set_title(f"block {block + 1}, head {head + 1}", fontsize=9)
    axis.set_xticks(range(len(marks)), marks, fontsize=6)
    axis.set_yticks(range(len(marks)), marks, fontsize=6)
    axis.grid(False)
plots.show("Eight attention maps of the trained transformer over 30 characters of a held-out jig, four heads in "
           "each of two blocks. All are empty above the diagonal. Some heads look at the nearest places, along the "
           "diagonal; others spread wide or look at certain characters, seen as vertical stripes.")

# %% [markdown]
# A map shows where a head *looks*, not why, nor what the net does with it. Do not read more out of it than is there.
#
# Does a longer past help? Take the held-out loss place by place: the first character of a window has no past, the last one a hundred characters.

# %%
plt.figure(figsize=(7, 2.8))
X, Y = get_batch(held_ids, length, 256, np.random.default_rng(7))
for (name, model), style in zip(models.items(), ("-", "--")):
    z = np.asarray(model.predict(X, batch_size=64, verbose=0))
    by_place = np.asarray(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=Y, logits=z)).mean(axis=0)
    plt.plot(by_place[:98].reshape(-1, 7).mean(axis=1), style, marker="o", label=name)
    early, late = by_place[10:30].mean(), by_place[80:].mean()
    print(f"{name:12s} places 10 to 30: {early:.2f} nats, places 80 to 100: {late:.2f}")
plt.gca().set(xlabel="place in the window, in groups of seven", ylabel="loss (nats)")
plt.legend()
plots.show("Held-out loss by place in the window for both nets. It falls over the first places; behind them it goes"
           " up and down without a clear trend, alike in both.")

# %% [markdown]
# Both gain most from the first few characters. To look back is possible now; that it pays has to be learned, and learning to follow a passage with the
# finger, as our lookup did, takes more steps than we have spent.
#
# ## It writes
#
# The net wants windows of a hundred places. A shorter text is filled up behind its end with anything at all: you have proven that it has no influence.

# %%
from labutils.labs.lab06b_rnn_music_generation.exercises import sample_next


def write(model, start, steps, temperature, rng, copies=8):
    """Several texts that begin with start, one character at a time; the model sees the last `length` characters."""
    ids = np.tile(vectorize(start, char_to_index), (copies, 1))
    call = tf.function(model)
    for _ in range(steps):
        window = ids[:, -length:]
        filled = np.zeros((copies, length), int)
        filled[:, :window.shape[1]] = window
        logits = np.asarray(call(tf.constant(filled)))[:, window.shape[1] - 1]
        ids = np.hstack([ids, [[sample_next(row, temperature, rng)] for row in logits]])
    return ["".join(vocab[i] for i in row) for row in ids]

opening, written = "M:6/8\nL:1/8\nK:D\n", {}
for name, model in models.items():
    written[name] = [t.split("\n\n")[0] for t in write(model, opening, 150, 0.5, np.random.default_rng(8))]
    print(f"{name:12s} bars that add up {music.judge(written[name])['bars']:.0%}")
rng = np.random.default_rng(9)
print(f"shuffled     bars that add up {music.judge([music.shuffled(t, rng) for t in test_tunes])['bars']:.0%}")
best = max(written["transformer"], key=lambda t: (np.mean(music.read(t).right or [0]), len(t)))
print(best)
music.draw(best, "written by attention")
plots.show("The tune on a staff of five lines: blue dots are notes, bars behind them their lengths; a bar that does"
           " not add up to six eighths is shaded red.")
music.hear(best)

# %% [markdown]
# That is the best of eight, by the number of bars that add up.
#
# ## What it cannot do
#
# Every place looks at every place: n² scores. A window twice as long costs four times as much, where a GRU's cost doubles. What lies before the window does
# not exist. And positions that training never showed mean nothing to the net.
#
# ## A place to play
#
# Change the number of blocks or heads; leave the positions out (`x + 0 * …`) and train again; or let the hand-made lookup see fewer characters.

# %%
for k in (1, 3, 6, 12):
    right = []
    for tune in test_tunes:
        ids = vectorize(tune, char_to_index)
        C = pasts(ids, k)
        K = np.vstack([np.zeros((1, C.shape[1])), C[:-1]])
        output, _ = scaled_dot_product_attention(32 * k ** 0.5 * C, K, np.eye(v)[ids], causal_mask(len(ids)))
        right.append(np.mean(output.argmax(axis=-1)[:-1] == ids[1:]))
    print(f"lookup by the last {k:2d} characters: {np.mean(right):.0%} right")

# %% [markdown]
# ## Challenge
#
# Build and train a *causal* net of your own that is less surprised by the held-out tunes than both nets above. How is up to you.

# %%
my_model = models["transformer"]  # yours
lab.challenge("less_surprised", my_model)

# %% [markdown]
# ## What to remember
#
# * Attention is a soft lookup: scores from queries and keys, a softmax, a mean of the values.
# * Divide by √d, else long vectors make hard choices that cannot learn.
# * Mask before the softmax; then what is masked has exactly no influence. Prove it, do not hope.
# * Attention knows no order: positions have to be put in.
# * To cut heads, reshape the last axis first, then exchange axes.
# * All places of a window are learned at once, at the price of n² scores.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | attention | 注意力 |
# | query, key, value | 查询, 键, 值 |
# | self-attention | 自注意力 |
# | multi-head attention | 多头注意力 |
# | causal mask | 因果掩码 |
# | positional encoding | 位置编码 |
# | layer normalisation | 层归一化 |
# | transformer | Transformer |
#
# ## Further reading
#
# * D. Bahdanau, K. Cho, Y. Bengio, Neural machine translation by jointly learning to align and translate (2014), arXiv:1409.0473
# * A. Vaswani and others, Attention is all you need (2017), arXiv:1706.03762
# * J. L. Ba, J. R. Kiros, G. E. Hinton, Layer normalization (2016), arXiv:1607.06450
# * C.-Z. A. Huang and others, Music transformer (2018), arXiv:1809.04281

# %%
lab.progress()
