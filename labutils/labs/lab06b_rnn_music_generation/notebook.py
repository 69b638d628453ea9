# %% [markdown]
# # 06b · A net that writes tunes
#
# At the end of this lab you will hear, and see as notes, an Irish jig that nobody has ever played: your own net wrote it, character by character.
#
# You need lab 04d (tensors, the tape, a training step) and lab 06a (what a recurrent net, a GRU and an LSTM compute). Seven exercises, about 90
# minutes. Every exercise is checked
# on the spot. If one is left open or not right yet, the reference stands in for it, so you can read on and run on.
#
# In this lab examples are **rows**, as Keras has it: a batch of texts is (m, T), one text a row. Nothing has to be installed to hear the tunes, and
# nothing is downloaded: a few lines of
# numpy pluck the strings.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from labutils import music, plots
from labutils.stepping import Memory  # noqa: F401

train_tunes, test_tunes = music.load_tunes()
print(len(train_tunes), "jigs to learn from,", len(test_tunes), "held out")
print(train_tunes[0])

# %% [markdown]
# ## Music as text
#
# This is *ABC notation*. Three lines say the metre (6/8: six eighths fill a bar), the unit (an eighth) and the key. Then come the notes: letters are
# pitches, small letters an octave
# higher; `2` behind a note makes it twice as long; `|` ends a bar; `:|` says "again from the beginning". The tunes are from O'Neill's *Music of
# Ireland* (1903) and Ryan's *Mammoth
# Collection* (1883), as they come with the package music21. Ornaments, chords and slurs were dropped.
#
# A tune in another book is often the same tune under another name. If one copy were in the training set and the other held out, a net with a good
# memory would look like a good
# composer. So the tunes are split by *family*: the same title, or forty characters in common, and they stay together.
#
# Here is what we are after, played from a book.

# %%
music.draw(test_tunes[3], "a jig that was held out")
plots.show("A staff of five lines with the first bars of a held-out jig. Blue dots are notes, the higher "
           "the higher in pitch; an orange bar behind each shows how long it lasts. Vertical lines divide the bars.")

# %% [markdown]
# ### How to tell a tune from noise
#
# A program that parses ABC notation accepts nearly anything: `|2d,A|` is odd, but it can be played. So "it can be parsed" says nothing. A better
# question: *does each bar add up*? In 6/8 the notes between
# two bar lines must fill six eighths. (An upbeat at the beginning of a part, and the shorter bar that completes it, are not counted.) The net will
# never be told what a bar is.
#
# Two yardsticks: tunes from the book that were held out, and the same tunes with their characters shuffled. *Predict first:* which share of its bars
# adds up by chance?

# %%
rng = np.random.default_rng(0)
text = "\n\n".join(train_tunes) + "\n\n"
scores = {"held out": music.judge(test_tunes, text),
          "shuffled": music.judge([music.shuffled(t, rng) for t in test_tunes], text)}
for name, s in scores.items():
    print(f"{name:9s} bars that add up {s['bars']:5.1%}   "
          f"tunes right throughout {s['whole']:5.1%}   copies {s['copies']:.0%}")

# %% [markdown]
# A *copy* is a tune that shares more than forty characters in a row with the training set. Held-out tunes have none, because we split them so.
#
# ## From text to numbers

# %%
vocab = sorted(set(text) | set("".join(test_tunes)))
char_to_index = {c: i for i, c in enumerate(vocab)}
print(len(text), "characters,", len(vocab), "different ones:", "".join(vocab).replace("\n", "⏎"))

# %% [markdown] exercise="vectorize"
# A net reads numbers. Give each character its place in the vocabulary.

# %%
sequence = vectorize(text, char_to_index)
print(repr(text[:24]), "→", sequence[:24])

# %% [markdown] exercise="get_batch"
# The tunes now stand one behind the other in a single long row of numbers. Cut windows out of it, at random places. The *target* of each character
# is the one that follows it: a window of 100
# characters asks 100 questions.
#
# *Predict first:* if windows started only at multiples of 100, what would the net never see?

# %%
x, y = get_batch(sequence, 12, 3, np.random.default_rng(1))
for row_x, row_y in zip(x, y):
    shown = ["".join(vocab[i] for i in row).replace("\n", "⏎") for row in (row_x, row_y)]
    print(" → ".join(shown))

# %% [markdown] exercise="build_music_model"
# Two traps live here. `sequence[:1200].reshape(12, 100)` also makes windows, but always the same ones; and `reshape(100, 12)` instead of a transpose
# makes rows whose characters do not follow
# one another, without any error: the numbers are all there, only the tune is gone.
#
# ## The model
#
# ![](img/music_model.png)
#
# An *embedding* is a table with a row of numbers for each character; the rows are learned. (It is lab 06a's product of a matrix and a one-hot
# vector, without the multiplication by zeros.) A recurrent layer reads the rows
# in order and keeps a state. A dense layer turns the state into one number for each character: the *logits*. Their softmax is the net's opinion
# about what comes next.
#
# ###
# Build it for an LSTM and for a GRU.

# %% [markdown]
# ### How many numbers does it learn?
#
# An embedding of v rows and e columns has $v\,e$. An LSTM has four gates, each a dense layer that sees the input (e numbers), the last state (u
# numbers) and a bias: $4\,(e\,u + u\,u + u)$. A dense layer
# from u to v has $u\,v + v$. (A convolution with c_out filters of f × f over c_in channels has $f\,f\,c_{in}\,c_{out} + c_{out}$, wherever it is
# laid.) The well-known course on this topic uses 83 characters, an embedding
# of 256 and an LSTM of 1024. We build it only to count.

# %%
v, e, u = 83, 256, 1024
large = build_music_model(v, e, u, "lstm")
parts = [v * e, 4 * (e * u + u * u + u), u * v + v]
print("by the formulas:", " + ".join(f"{p:,}" for p in parts), "=", f"{sum(parts):,}")
print("by Keras:       ", f"{large.count_params():,}")
assert large.count_params() == sum(parts) == 5_353_299, "the formulas give what Keras counts"

# %% [markdown]
# On a laptop that model needs more than an hour. A GRU of 256 learns the same tunes in about a minute. With a GPU, set `full_size = True`.

# %%
full_size = False  # True where there is a GPU: the LSTM of 1024 units
settings = {"embedding_dim": 64, "rnn_units": 256, "cell": "gru", "learning_rate": 4e-3,
            "batch_size": 64, "seq_length": 100, "steps": 260, "seed": 1}
if full_size:
    settings |= {"embedding_dim": 256, "rnn_units": 1024, "cell": "lstm", "steps": 3000}
keras.utils.set_random_seed(settings["seed"])
model = build_music_model(len(vocab), settings["embedding_dim"], settings["rnn_units"], settings["cell"])
print(f"{model.count_params():,} numbers to learn")

# %% [markdown] exercise="sequence_loss"
# ## Surprise
#
# The net gives the character that really follows the probability p. Its loss is $-\ln p$, the surprise. The softmax and the logarithm are taken
# together, *from logits*: $\ln\mathrm{softmax}(z)_i = z_i - \ln\sum_j e^{z_j}$. A probability that was rounded
# to 0 would have the logarithm −∞; a logit is never rounded to nothing.
#
# ###
# Average the surprise over all windows and all steps.

# %%
lab.quiz("untrained")
x, y = get_batch(sequence, 100, 64, np.random.default_rng(2))
before = float(sequence_loss(y, model(x)))
print(f"untrained: loss {before:.3f}; ln {len(vocab)} = {np.log(len(vocab)):.3f}")

# %% [markdown]
# The untrained net knows nothing, and its loss says so. A first loss far above ln v would be a bug, and this is the cheapest test there is: it costs
# one line.
#
# ## A die before a tune
#
# To write, we must draw. A die with logits 0, 0, 0, 0, 0, 3 falls on its last side most often. TensorFlow's own die is `tf.random.categorical`. It
# wants a *batch* of logits, so `expand_dims` puts an axis in
# front; it gives a batch of draws, so `squeeze` takes the axis away. And it takes **logits**, not probabilities. *Predict first:* what happens if it
# is given probabilities?

# %%
logits = tf.constant([0.0, 0, 0, 0, 0, 3])
batch = tf.expand_dims(logits, 0)
print(logits.shape, "→", batch.shape)
tf.random.set_seed(0)
for name, given in (("logits", batch), ("probabilities", tf.nn.softmax(batch))):
    draws = tf.squeeze(tf.random.categorical(given, 6000), axis=0)
    print(f"{name:13s}", np.round(np.bincount(draws.numpy(), minlength=6) / 6000, 2))
print("softmax      ", np.round(tf.nn.softmax(logits).numpy(), 2))

# %% [markdown] exercise="sample_next"
# Probabilities all lie between 0 and 1. Taken for logits they are nearly alike, and the die is nearly fair: no error, only bad music.
#
# The *temperature* T divides the logits: p becomes $p^{1/T}$, divided by the sum. Below 1 the likely becomes likelier. In this course all chance
# comes from a numpy generator `rng`, so that a tune can be written again.
#
# ###
# Throw the die yourself, with a temperature.

# %%
rng = np.random.default_rng(3)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.4), sharey=True)
for axis, T in zip(axes, (0.5, 1.0, 2.0)):
    draws = [sample_next(logits.numpy(), T, rng) for _ in range(2000)]
    axis.bar(range(6), np.bincount(draws, minlength=6) / 2000)
    axis.set(title=f"T = {T}", xlabel="side")
plots.show("Three bar charts of how often each of six sides came. At temperature 0.5 the last side comes "
           "almost always; at 1 about four times in five; at 2 the other sides come "
           "clearly more often, but the last one leads.")
lab.quiz("temperature")

# %% [markdown] exercise="generate"
# ![](img/sampling_unrolled.png)
#
# The state is the net's memory of the tune so far. A call of a Keras model starts with an empty one, so calling the model with one character at a
# time would forget everything. `Memory(model)` keeps
# it: each call goes on where the last one ended. (Keras can also make layers *stateful*. In Keras 3 that ties the model to the batch size in its
# `Input(batch_shape=…)`: a model made for batches of 64 refuses to
# write a single tune.)

# %%
start = "M:6/8\nL:1/8\nK:D\n"
untrained = generate(model, start, 150, 1.0, char_to_index, np.random.default_rng(4))[-150:]
print(untrained)

# %% [markdown] exercise="train_step"
# That is what a net writes that has read nothing. `[-150:]` because your `generate` may hand back the start as well.
#
# ## Training
#
# ###
# One step: forward under the tape, gradients, optimizer.

# %% [markdown]
# `tf.function` traces the step once and then runs it as a compiled graph, about four times as fast. It traces anew whenever it meets something new:
# another shape, or a *Python number* in place of a tensor. So make the
# function once, outside the loop, and give it tensors. `clipnorm` shortens a gradient that is too long (lab 06a).
#
# The losses go to the screen, and to a folder in TensorBoard's format: `tensorboard --logdir runs` shows them. No account, no key.

# %%
from pathlib import Path
from tempfile import mkdtemp
from time import process_time

from tqdm.auto import trange

from labutils.runs import record

optimizer = keras.optimizers.Adam(settings["learning_rate"], clipnorm=1.0)
compiled_step = tf.function(lambda x, y: train_step(model, optimizer, x, y))
runs = Path(mkdtemp(prefix="runs_06b_"))  # another folder, such as Path("runs"), keeps it
writer = tf.summary.create_file_writer(str(runs))
rng, losses, began = np.random.default_rng(settings["seed"]), [], process_time()
bar = trange(settings["steps"], desc="training", leave=False, disable=None)
with writer.as_default():
    for i in bar:
        if i == int(0.7 * settings["steps"]):
            optimizer.learning_rate.assign(settings["learning_rate"] / 4)
        x, y = get_batch(sequence, settings["seq_length"], settings["batch_size"], rng)
        losses.append(float(compiled_step(tf.constant(x), tf.constant(y))))
        record("loss", losses[-1], step=i)
        bar.set_postfix(loss=f"{losses[-1]:.3f}")
writer.flush()
print(f"{settings['steps']} steps, loss {losses[0]:.2f} → {np.mean(losses[-20:]):.2f}")

# %%
held = vectorize("\n\n".join(test_tunes), char_to_index)
x, y = get_batch(held, 100, 64, np.random.default_rng(5))
held_loss = float(sequence_loss(y, model(x)))
plt.figure(figsize=(7, 2.8))
plt.plot(losses, label="training batches")
plt.axhline(np.log(len(vocab)), ls="--", color="gray", label="ln v: knowing nothing")
plt.axhline(held_loss, color=plots.COLOURS[1], label="held-out tunes, at the end")
plt.gca().set(xlabel="step", ylabel="loss (nats per character)", ylim=(0, None))
plt.legend()
plots.show("The training loss falls from the dashed line, ln v, steeply at first and ever more slowly. "
           "An orange line marks the loss on held-out tunes at the end.")
print(f"held out: {held_loss:.2f} nats = {held_loss / np.log(2):.2f} bits per character")

# %% [markdown]
# ## The tune
#
# *Predict first:* at which temperature will the bars add up best, and what will that cost?

# %%
def write_tunes(temperature, length, rng):
    """As many whole tunes as fit into a text of this length."""
    new = generate(model, start, length, temperature, char_to_index, rng)[-length:]
    return [t for t in (start + new).split("\n\n")[:-1] if len(t) > 60]

rng, written = np.random.default_rng(6), {}
for T in (0.3, 0.5, 0.8, 1.0, 1.3):
    written[T] = write_tunes(T, 2500, rng)
    scores[f"T = {T}"] = music.judge(written[T], text)
for name, s in scores.items():
    print(f"{name:9s} bars that add up {s['bars']:5.1%}   "
          f"tunes right throughout {s['whole']:5.1%}   copies {s['copies']:.0%}")
assert scores["T = 0.5"]["bars"] >= 0.75, "at temperature 0.5 at least three bars in four add up"
names = list(scores)
plt.figure(figsize=(8, 2.8))
for i, key in enumerate(("bars", "whole", "copies")):
    plt.bar(np.arange(len(names)) + 0.27 * (i - 1), [scores[n][key] for n in names], 0.25,
            label={"bars": "bars that add up", "whole": "tunes right throughout", "copies": "copies"}[key])
plt.xticks(range(len(names)), names)
plt.legend(fontsize=8)
plots.show("Grouped bars for held-out tunes, shuffled tunes and five temperatures: the share of bars that "
           "add up, of tunes right throughout, and of copies. Held-out tunes are near 1, shuffled ones "
           "near 0; the net lies between and gets worse as the temperature rises.")

# %% [markdown]
# Nobody told the net what a bar is, how long a note lasts or that six eighths make a bar. It was only ever asked for the next character; to be less
# surprised by a bar line it had to learn to count.
#
# Now listen.

# %%
tunes = sorted(written[0.5], key=lambda t: (music.read(t).whole, 14 <= len(music.read(t).bars) <= 24), reverse=True)
mine = tunes[0]
print(mine)
music.draw(mine, "written by the net")
plots.show("The net's own tune on a staff of five lines: blue dots are notes, bars behind them their "
           "lengths; a bar that does not add up to six eighths would be shaded red.")
music.hear(mine)

# %% [markdown]
# This tune is the best of those that the net wrote at this temperature: the first that is right throughout, if there is one. The table above shows
# them all, so the choice flatters nothing but the ear. Save it, for a
# friend, a score program or a phone.

# %%
folder = Path(mkdtemp())  # Path(".") puts them beside this notebook
for ending in ("abc", "mid", "wav"):
    music.save(mine, folder / f"tune.{ending}")
    print(f"tune.{ending}", "saved")

# %% [markdown]
# ### Broken text
#
# At a high temperature the net writes what is no music at all. The reader says where, leaves the bar out of account, and plays the rest.

# %%
broken = music.read("M:6/8\nL:1/8\nK:D\nDFA d2f|e1K cAG|F>|A3 d3|")
print(*broken.faults, sep="\n")
print(len(broken.notes), "notes can still be played; bars right:", broken.right)
lab.quiz("metre")

# %% [markdown]
# ## What it cannot do
#
# The net counts bars, but it has no plan. *Predict first:* real jigs repeat themselves: bar 5 is often bar 1 again. Does the net's music?

# %%
def repeats(tunes):
    """Share of a tune's bars that stand in it at least twice."""
    shares = []
    for t in tunes:
        bars = [b for b in t.split("\n")[-1].replace(":", "").split("|") if len(b) > 4]
        shares += [np.mean([bars.count(b) > 1 for b in bars])] if bars else []
    return np.mean(shares)

print("bars that come again:", f"held-out tunes {repeats(test_tunes):.0%},",
      f"the net at T = 0.5 {repeats(written[0.5]):.0%}, at T = 1 {repeats(written[1.0]):.0%}")

# %% [markdown]
# To repeat a bar, it would have to remember all of it for a hundred characters, in 256 numbers that are rewritten at each step. Lab 06c gives the
# net a way to look back. Three more limits: the net saw windows of 100 characters and was never asked
# to think further; it does not know when a tune is dull; and what it writes is an average of what was in two old books.
#
# ## A place to play
#
# Another key, another temperature, a beginning of your own. `music.load_tunes(metre="C|")` holds reels, and `music.load_tunes("my_tunes.abc",
# metre=None)` reads a collection from a file.

# %%
beginning = "M:6/8\nL:1/8\nK:G\nGAB"
again = generate(model, beginning, 160, 0.6, char_to_index, np.random.default_rng(8))[-160:]
print((beginning + again).split("\n\n")[0])  # music.hear(…) plays it

# %% [markdown]
# ## Challenge
#
# More bars that add up than the net above managed, at the same number of training steps: hand in a list `tunes` with `lab.challenge("in_time",
# tunes)`. One way costs no training: write many, and keep what can be counted right. Is that cheating? It is what
# a composer does with a waste-paper basket; but say so.

# %%
drafts = [t for T in (0.3, 0.5, 0.8) for t in written[T]]
in_time = [t for t in drafts if music.read(t).whole and not music.copies(t, text)]
lab.challenge("in_time", in_time)

# %% [markdown]
# ## What to remember
#
# * A language model is a classifier of what comes next. Everything else is sampling.
# * The first loss should be ln v, v the number of characters: a net that knows nothing holds all of them for equally likely.
# * Keep logits until the loss.
# * When a net writes, it reads what it wrote, and its state is carried from character to character.
# * Temperature trades care for surprise.
# * That a text can be parsed says nothing of its quality. Measure what matters, beside real data and beside noise.
# * Split by family: two versions of one tune must not stand on both sides.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | language model | 语言模型 |
# | vocabulary | 词表 |
# | logits | 对数几率 |
# | embedding | 嵌入 |
# | gated recurrent unit | 门控循环单元 |
# | state | 状态 |
# | cross-entropy | 交叉熵 |
# | sampling, temperature | 采样, 温度 |
#
# ## Further reading
#
# * K. Cho and others, Learning phrase representations using RNN encoder–decoder (2014), arXiv:1406.1078
# * S. Hochreiter, J. Schmidhuber, Long short-term memory (1997), doi:10.1162/neco.1997.9.8.1735
# * A. Graves, Generating sequences with recurrent neural networks (2013), arXiv:1308.0850
# * B. L. Sturm and others, Music transcription modelling and composition using deep learning (2016), arXiv:1604.08723

# %%
lab.progress()
