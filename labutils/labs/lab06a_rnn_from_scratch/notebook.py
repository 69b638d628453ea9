# %% [markdown]
# # 06a · Recurrent nets from scratch: one step, again and again
#
# At the end of this lab a net of your own, in nothing but numpy, reads letter by letter, tells a jig from a reel by its notes, and writes titles of
# Irish tunes that nobody has written before. And you will know why such nets forget, and what an LSTM does about it.
#
# You need the softmax of lab 00, backpropagation as in lab 03, clipping from lab 04a and Adam from lab 04b. Eight exercises, about 90 minutes. As
# in labs 00 to 04c, examples are **columns**; a sequence has time as its **last** axis, `x` (n_x, m, T).

# %% [markdown]
# ## Words, letter by letter
#
# music21, a library for music, comes with two old collections of Irish dance tunes. Their titles are our first sequences.

# %%
import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import trange

from labutils import plots
from labutils.labs.lab00_numpy_foundations.exercises import sigmoid, softmax  # noqa: F401
from labutils.labs.lab04a_regularization.exercises import clip_by_global_norm
from labutils.labs.lab04b_optimization.exercises import adam_step
from labutils.tunes import load_openings, load_titles

titles, held_out, alphabet = load_titles()
place = {character: i for i, character in enumerate(alphabet)}
print(len(titles), "titles to learn from,", len(held_out), "held out;", len(alphabet), "characters:", repr(alphabet))
print(*(t.strip() for t in titles[:7]), sep=" · ")
letters = np.array(list("".join(titles)))
rng = np.random.default_rng(0)
print("By letter frequency alone:", "".join(rng.choice(letters, 90)).replace("\n", " · "))

# %% [markdown] exercise="rnn_cell_forward"
# The last line is what you get by drawing letters as often as they occur. No net of the labs so far could do better, because none of them has a
# *before*: each takes one input of fixed size and forgets it. A sequence asks for something that reads a bit, remembers, and reads on.
#
# ![](img/sequence_tasks.png)
#
# In this lab you meet two of these kinds: *many to one* (is this tune a jig or a reel?) and *many to many* (which letter comes next, at every
# step?). Lab 06b does the first kind: from one character a whole tune.
#
# ## One step
#
# ![](img/rnn_cell.png)
#
# A recurrent cell keeps a *state* $a$. At each step it mixes what it reads with what it knew, and squeezes the mixture:
#
# $$a^{\langle t\rangle} = \tanh\big(W_{ax}\,x^{\langle t\rangle} + W_{aa}\,a^{\langle t-1\rangle} + b_a\big), \qquad
# \hat y^{\langle t\rangle} = \mathrm{softmax}\big(W_{ya}\,a^{\langle t\rangle} + b_y\big).$$
#
# ###
# Write one step. `softmax` of lab 00 works along axis 0, so each example's column becomes a distribution.
#
# *Predict first:* if all weights were zero, what would the state be, and which probability would each of four outputs get?

# %% [markdown] exercise="rnn_forward"
# ## The same cell at every step
#
# ![](img/rnn_unrolled.png)
#
# Unrolled in time, a recurrent net looks like a deep net. But there is only one cell in it, used again and again, and so it can read sequences of
# any length.
#
# ###
# Walk through the sequence. Every step begins with the state that the one before left.

# %%
def one_hot_text(text):
    return np.eye(len(alphabet))[[place[c] for c in text]].T[:, None, :]  # (n_x, 1, T)


def random_parameters(n_x, n_a, n_y, rng):
    return {"Wax": rng.normal(0, n_x ** -0.5, (n_a, n_x)), "Waa": 0.9 * np.linalg.qr(rng.normal(size=(n_a, n_a)))[0],
            "Wya": rng.normal(0, n_a ** -0.5, (n_y, n_a)), "ba": np.zeros((n_a, 1)), "by": np.zeros((n_y, 1))}


net = random_parameters(len(alphabet), 24, len(alphabet), np.random.default_rng(3))
net["Wax"] *= 3
figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), sharey=True)
last = []
for axis, text in zip(axes, ("rakes of mallow", "wollam fo sekar")):
    a, _, _ = rnn_forward(one_hot_text(text), np.zeros((24, 1)), net)
    axis.imshow(a[:, 0], cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
    axis.set(xticks=range(len(text)), xticklabels=list(text), title="the state after each letter", ylabel="unit")
    axis.grid(False)
    last.append(a[:, 0, -1])
plots.show("Two heat maps of the state, 24 units against the letters of a title; orange positive, purple negative. "
           "Left the title "
           "'rakes of mallow', right the same letters backwards. The columns change from letter to letter, and the "
           "last columns of the two differ.")
print(f"The same letters in another order: the last states are {np.abs(last[0] - last[1]).mean():.2f} apart on "
        f"average.")

# %% [markdown]
# Nothing has been learned yet: the weights are random. Still the state depends on *all* letters so far and on their order. Learning will decide
# what of it is kept.

# %% [markdown] exercise="rnn_cell_backward"
# ## Back through one step
#
# Call the sum inside the tanh $z$. Its gradient is $dz = da \cdot (1 - a^2)$, entry by entry, since the slope of the tanh at $z$ is $1 - \tanh^2 z
# = 1 - a^2$. The sum itself is a linear layer with two inputs; each gets $dz$ through the transpose of its weights, and each weight matrix gets
# $dz$ times the transpose of its input (lab 03).
#
# ###
# Write it down. The gradients of the parameters are *summed* over the examples.

# %% [markdown] exercise="rnn_backward"
# ## Backpropagation through time
#
# ![](img/backpropagation_through_time.png)
#
# A state has two readers. Its own step's answer reads it, and so does the next step. Both send back a gradient, and they add up:
#
# $$\frac{\partial J}{\partial a^{\langle t\rangle}} = \underbrace{da^{\langle t\rangle}}_{\text{own answer}} +
# \underbrace{da_{\text{prev}}\ \text{of step } t+1}_{\text{the future}}.$$
#
# The future's part is known only when the next step is done, so we walk from the end to the beginning. And the parameters served at every step:
# their gradients are sums over all steps.
#
# ###
# From the last step to the first. What comes back beyond the first step is the gradient for $a^{\langle 0\rangle}$.
#
# *Predict first:* with T = 1, what is `rnn_backward` the same as?

# %% [markdown]
# A derivation is a claim; nudging is evidence. For each parameter of a small net: the gradient by your backward pass, the gradient by nudging, and
# the largest difference over all entries.

# %%
rng = np.random.default_rng(5)
small = random_parameters(4, 5, 3, rng)
x, a0, weight = rng.normal(size=(4, 2, 6)), rng.normal(0, 0.5, (5, 2)), rng.normal(size=(5, 2, 6))
exact = rnn_backward(weight, rnn_forward(x, a0, small)[2])
print(f"{'':5s} {'exact [0, 0]':>14s} {'approximate':>14s} {'largest difference':>20s}")
for name in ("Wax", "Waa", "ba"):
    approximate = np.zeros(small[name].shape)
    for i in np.ndindex(approximate.shape):
        nudge = np.zeros(approximate.shape)
        nudge[i] = 1e-6
        up, down = (np.sum(weight * rnn_forward(x, a0, {**small, name: small[name] + s * nudge})[0]) for s in (1, -1))
        approximate[i] = (up - down) / 2e-6
    gap = np.abs(exact["d" + name] - approximate).max()
    print(f"{name:5s} {exact['d' + name][0, 0]:14.8f} {approximate[0, 0]:14.8f} {gap:20.1e}")
    assert gap < 1e-6, "your gradients equal the numerical ones"

# %% [markdown]
# ## Many to one: jig or reel?
#
# A jig has six quavers in a bar, in two groups of three; a reel has eight, in groups of two and four. We take the first 48 letters and digits of
# each tune in ABC notation (a letter is a pitch, a digit a length) and leave out the bar lines and spaces, which would give the answer away. Only
# the last step's answer counts, so only the last $da$ is not zero.

# %%
(notes_train, kind_train), (notes_test, kind_test), symbols = load_openings()
encode = {s: i for i, s in enumerate(symbols)}
X_train, X_test = (np.eye(len(symbols))[[[encode[c] for c in n] for n in notes]].transpose(2, 0, 1)
                   for notes in (notes_train, notes_test))
print("a reel:", notes_train[int(np.argmin(kind_train))], "\na jig: ", notes_train[int(np.argmax(kind_train))])
print("X_train", X_train.shape, f"share of jigs {kind_train.mean():.2f}; "
        f"X_test", X_test.shape, f"{kind_test.mean():.2f}")


def train(parameters, gradients, steps, rate, rng):
    """Adam with clipping; `gradients(parameters, rng)` gives the cost of a batch and a dict of gradients."""
    velocity = {"d" + k: np.zeros_like(v) for k, v in parameters.items()}
    square, costs = dict(velocity), []
    for step in trange(1, steps + 1, leave=False):
        cost, grads = gradients(parameters, rng)
        grads = clip_by_global_norm({k: grads[k] for k in velocity}, 1.0)
        decayed = rate * (1 - (step - 1) / steps)
        parameters, velocity, square = adam_step(parameters, grads, velocity, square, step, decayed, 0.9, 0.999, 1e-8)
        costs.append(cost)
    return parameters, costs


# %%
def jig_or_reel(X, kinds):
    def gradients(parameters, rng):
        pick = rng.integers(0, len(kinds), 64)
        a, y, caches = rnn_forward(X[:, pick], np.zeros((32, 64)), parameters)
        d_scores = (y[:, :, -1] - np.eye(2)[kinds[pick]].T) / 64  # lab 04c: P - Y, a mean over the batch
        da = np.zeros(a.shape)
        da[:, :, -1] = parameters["Wya"].T @ d_scores
        grads = rnn_backward(da, caches)
        grads |= {"dWya": d_scores @ a[:, :, -1].T, "dby": d_scores.sum(axis=1, keepdims=True)}
        return -np.mean(np.log(y[kinds[pick], np.arange(64), -1])), grads

    rng = np.random.default_rng(0)
    return train(random_parameters(len(symbols), 32, 2, rng), gradients, 600, 4e-3, rng)


def accuracy(parameters, X, kinds):
    _, y, _ = rnn_forward(X, np.zeros((32, X.shape[1])), parameters)
    return np.mean(y[:, :, -1].argmax(axis=0) == kinds)


dancer, costs = jig_or_reel(X_train, kind_train)
print(f"training {accuracy(dancer, X_train, kind_train):.1%}, held out {accuracy(dancer, X_test, kind_test):.1%}")

# %% [markdown]
# Is it the *order* that the net uses? Two comparisons. A logistic regression (lab 01) on how often each symbol occurs sees no order at all. And the
# same recurrent net, trained on tunes whose symbols were shuffled within each tune: that is the negative control. *Predict first:* put the three in
# order.

# %%
from sklearn.linear_model import LogisticRegression

counts_train, counts_test = X_train.sum(axis=2).T, X_test.sum(axis=2).T
counting = LogisticRegression(max_iter=3000).fit(counts_train, kind_train)
rng = np.random.default_rng(1)
S_train, S_test = (rng.permuted(X.argmax(axis=0), axis=1) for X in (X_train, X_test))
S_train, S_test = (np.eye(len(symbols))[s].transpose(2, 0, 1) for s in (S_train, S_test))
confused, _ = jig_or_reel(S_train, kind_train)
scores = {"recurrent net, shuffled notes": accuracy(confused, S_test, kind_test),
          "logistic regression on counts": counting.score(counts_test, kind_test),
          "recurrent net": accuracy(dancer, X_test, kind_test)}
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 2.8), width_ratios=(1, 1.5))
left.plot(np.convolve(costs, np.ones(20) / 20, "valid"))
left.set(xlabel="step", ylabel="cost", title="mean of 20 steps")
right.barh(list(scores), list(scores.values()), color=plots.COLOURS[0])
for i, v in enumerate(scores.values()):
    right.text(v - 0.02, i, f"{v:.1%}", ha="right", va="center", color="white")
right.set(xlim=(0, 1), xlabel="held-out accuracy (dashed: guessing)")
right.axvline(0.5, color="black", ls="--", lw=1)
plots.show("Left, the cost of the net falls over 600 steps. Right, bars of held-out accuracy: " + "; ".join(f"{k} "
           f"{v:.1%}" for k, v in scores.items()))
assert scores["recurrent net"] > scores["logistic regression on counts"] + 0.05, "the order of the notes matters"

# %% [markdown]
# The net finds in the order of the notes what no count of them holds. With the order destroyed it is no better than counting.
#
# ## Symbols as points
#
# One-hot columns say that all letters are equally different. Perhaps a net should be allowed to find that some are alike. So each symbol gets a
# short vector, a row of a table $E$, and the table is *learned* like any other weight.
#
# ![](img/embedding_table.png)

# %% [markdown] exercise="embedding_lookup"
# The product of $E^\top$ with a one-hot column picks a single row of $E$. Pick it without the product.

# %% [markdown]
# ## Many to many: which letter is next?
#
# At every step the net sees the letters so far and gives a distribution over the next one. A line break stands before the first letter and marks
# the end. The cost is the mean cross-entropy over all letters; divided by log 2 it is in *bits*. The titles in a batch differ in length, so a mask
# leaves out what comes after the end.

# %%
LONGEST = max(map(len, titles + held_out))


def as_ids(texts):
    ids, mask = np.zeros((len(texts), LONGEST), int), np.zeros((len(texts), LONGEST))
    for i, text in enumerate(texts):
        ids[i, :len(text)] = [place[c] for c in text]
        mask[i, :len(text)] = 1
    return ids, mask


def read(parameters, ids):
    before = np.c_[np.zeros(len(ids), int), ids[:, :-1]]
    x = np.stack([embedding_lookup(parameters["E"], before[:, t]) for t in range(ids.shape[1])], axis=2)
    return before, *rnn_forward(x, np.zeros((len(parameters["Waa"]), len(ids))), parameters)


def cost_of(y, ids, mask):
    return -np.sum(np.log(np.take_along_axis(y, ids[None], axis=0)[0]) * mask) / mask.sum()


ids_train, mask_train = as_ids(titles)
ids_test, mask_test = as_ids(held_out)

# %%
def next_letter(parameters, rng):
    pick = rng.integers(0, len(ids_train), 32)
    length = int(mask_train[pick].sum(axis=1).max())
    ids, mask = ids_train[pick, :length], mask_train[pick, :length]
    before, a, y, caches = read(parameters, ids)
    d_scores = y.copy()
    d_scores[ids, np.arange(32)[:, None], np.arange(length)] -= 1  # P - Y
    d_scores *= mask / mask.sum()
    grads = rnn_backward(np.einsum("ya,ymt->amt", parameters["Wya"], d_scores), caches)
    grads |= {"dWya": np.einsum("ymt,amt->ya", d_scores, a), "dby": d_scores.sum(axis=(1, 2))[:, None]}
    grads["dE"] = np.zeros(parameters["E"].shape)
    np.add.at(grads["dE"], before, grads["dx"].transpose(1, 2, 0))  # a row gets what every use of it sends back
    return cost_of(y, ids, mask), grads


rng = np.random.default_rng(1)
start = random_parameters(8, 128, len(alphabet), rng) | {"E": rng.normal(0, 0.1, (len(alphabet), 8))}
writer, costs = train(start, next_letter, 1000, 8e-3, rng)
bits = {"the net": cost_of(read(writer, ids_test)[2], ids_test, mask_test) / np.log(2)}
print(f"before training {costs[0] / np.log(2):.2f} bits a letter (log2 of {len(alphabet)} is "
        f"{np.log2(len(alphabet)):.2f}); "
      f"held out, after training: {bits['the net']:.2f}")

# %% [markdown]
# How good is that? Compare with counting: how often each letter occurs; which letter follows which; which follows which two. *Predict first:* how
# many letters of the past does the net need to know to beat the last of these?

# %%
def counted(order):
    """Bits a letter on held-out titles, by counting what follows the last `order` letters (smoothed by the shorter "
    "one)."""
    table, shorter = {}, None if order == 0 else counted(order - 1)[1]

    def p(past):
        counts = table.get(past[len(past) - order:], np.zeros(len(alphabet)))
        prior = np.full(len(alphabet), 1 / len(alphabet)) if shorter is None else shorter(past)
        return (counts + 3 * prior) / (counts.sum() + 3)

    for text in titles:
        for i, c in enumerate("\n" * order + text):
            if i >= order:
                past = ("\n" * order + text)[i - order:i]
                table.setdefault(past, np.zeros(len(alphabet)))[place[c]] += 1
    total = [-np.log2(p("\n" * order + t[:i])[place[c]]) for t in held_out for i, c in enumerate(t)]
    return np.mean(total), p


for order, name in enumerate(("letters", "pairs of letters", "three letters", "four letters", "five letters")):
    bits[f"counting {name}"] = counted(order)[0]
plt.figure(figsize=(7, 2.6))
plt.barh(list(bits), list(bits.values()), color=[plots.COLOURS[1]] + [plots.COLOURS[0]] * 5)
for i, v in enumerate(bits.values()):
    plt.text(v - 0.05, i, f"{v:.2f}", ha="right", va="center", color="white")
plt.xlabel("bits a letter on held-out titles (less is better)")
plots.show("Bars of bits a letter on held-out titles: " + "; ".join(f"{k} {v:.2f}" for k, v in bits.items()))
assert bits["the net"] < bits["counting three letters"], "the net knows more than the last two letters"

# %% [markdown]
# The net has never been told to look back two letters, or five. It found out what to keep in 128 numbers. It beats the count of three letters; but
# see how far plain counting comes when it looks further back. With fewer than fifty thousand letters to learn from, a table with good smoothing is
# a hard rival. Always measure the simple thing.
#
# ## It writes
#
# To *sample*, feed the net its own letters: draw one from its distribution, read it, draw the next. The *temperature* sharpens the distribution
# (below 1) or flattens it (above 1).

# %%
def write(parameters, temperature, rng, beginning=""):
    state, text = np.zeros((len(parameters["Waa"]), 1)), beginning
    for letter in "\n" + beginning:
        state, y, _ = rnn_cell_forward(embedding_lookup(parameters["E"], np.array([place[letter]])), state, parameters)
    while len(text) < 40:
        p = y[:, 0] ** (1 / temperature)
        letter = alphabet[rng.choice(len(alphabet), p=p / p.sum())]
        if letter == "\n":
            break
        text += letter
        state, y, _ = rnn_cell_forward(embedding_lookup(parameters["E"], np.array([place[letter]])), state, parameters)
    return text


rng = np.random.default_rng(4)
known = {t.strip() for t in titles}
for temperature in (0.3, 0.6, 1.0, 1.6):
    made = [write(writer, temperature, rng) for _ in range(200)]
    copies = np.mean([t in known for t in made])
    print(f"temperature {temperature}: {copies:4.0%} are titles it has read.  ", " · ".join(made[:5]))
lab.quiz("temperature")

# %% [markdown]
# ### What it thinks of letters
#
# Nobody told the net what a vowel is. *Predict first:* where in the plane of its letters will a, e, i, o, u lie?

# %%
used = [c for c in alphabet if c.isalpha() and "".join(titles).count(c) > 200]
vectors = writer["E"][[place[c] for c in used]]
centred = vectors - vectors.mean(axis=0)
plane = centred @ np.linalg.svd(centred)[2][:2].T
unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
likeness = unit @ unit.T
vowel = np.array([c in "aeiou" for c in used])
plt.figure(figsize=(6, 3.8))
for c, point, is_vowel in zip(used, plane, vowel):
    plt.text(*point, c, fontsize=15, ha="center", va="center", color=plots.COLOURS[1 if is_vowel else 0])
low, high = plane.min(axis=0) - 0.2, plane.max(axis=0) + 0.2
plt.gca().set(xlim=(low[0], high[0]), ylim=(low[1], high[1]),
              title="the two main directions of the embedding")
among = likeness[np.ix_(vowel, vowel)][~np.eye(vowel.sum(), dtype=bool)].mean()
across = likeness[np.ix_(vowel, ~vowel)].mean()
plots.show(f"The letters as points in a plane, vowels in orange, consonants in blue. The vowels stand together, "
           f"apart from the consonants. Mean likeness "
           f"(cosine) of two vowels {among:.2f}, of a vowel and a consonant {across:.2f}.")
for c in "aeo":
    print(f"nearest to {c}:", " ".join(used[i] for i in np.argsort(-likeness[used.index(c)])[1:4]))
print("nearest to any letter in one-hot form: all others, at the same distance √2")
assert among > across + 0.2, "vowels are more like each other than like consonants"

# %% [markdown]
# Vowels have found each other, because they stand in the same company. "You shall know a word by the company it keeps", wrote J. R. Firth; it holds
# for letters, words and notes.
#
# ## Why it forgets
#
# What reaches step 1 from the loss of step 100 has passed through 99 cells, and each multiplies it by $W_{aa}^\top$ and by slopes $1 - a^2 \le 1$.
# A product of a hundred factors is nearly always enormous or next to nothing. It *vanishes* if the factors are below 1 on the whole, and *explodes*
# if they are above. Clipping helps against the second. For the first we need another cell.
#
# ![](img/lstm_cell.png)
#
# The LSTM has a second state, the memory $c$. It is changed only by a product with a gate and a sum:
#
# $$\begin{aligned} f &= \sigma(W_f s + b_f) & i &= \sigma(W_i s + b_i) & o &= \sigma(W_o s + b_o) & \tilde c &= \tanh(W_c s + b_c)\\
# c^{\langle t\rangle} &= f \cdot c^{\langle t-1\rangle} + i\cdot\tilde c & a^{\langle t\rangle} &= o\cdot\tanh c^{\langle t\rangle} & s &=
#   [a^{\langle t-1\rangle};\,x^{\langle t\rangle}] \end{aligned}$$
#
# Back along the memory the gradient is multiplied by $f$ alone. With $f$ near 1 it arrives undiminished.

# %% [markdown] exercise="lstm_cell_forward"
# Write the step. The gates read the stacked column with the state on top.

# %% [markdown] exercise="lstm_parameter_count"
# Four layers in one cell: how many numbers does it learn?

# %%
for units, inputs in ((1, 1), (128, 8), (1024, 256)):
    plain_count = units * (units + inputs) + units
    print(f"{units:5d} units, {inputs:3d} inputs: plain cell {plain_count:9,d}, LSTM "
            f"{lstm_parameter_count(units, inputs):9,d}")

# %% [markdown]
# ### With fewer gates
#
# ![](img/gru_cell.png)
#
# The GRU does without a separate memory. One gate, $z$, says how much of the state is replaced; another, $r$, how much of the old state the
# candidate may see.
#
# $$z = \sigma(W_z s + b_z),\quad r = \sigma(W_r s + b_r),\quad \tilde a = \tanh\big(W_h [r\cdot a^{\langle t-1\rangle};\,x] + b_h\big),\quad
# a^{\langle t\rangle} = (1-z)\cdot a^{\langle t-1\rangle} + z\cdot\tilde a .$$

# %% [markdown] exercise="gru_cell_forward"
# Beware: some books, and Keras, exchange $z$ and $1-z$. Here z is the share of the *new*.

# %% [markdown]
# ### The distance experiment
#
# How much of a nudge at step 1 is still there after $k$ steps? We nudge the first input a little and watch the state, for five cells, each read 20
# random sequences: the plain cell with small, orthogonal and large $W_{aa}$; a cell with relu whose $W_{aa}$ starts as the identity (Le, Jaitly and
# Hinton, 2015); your LSTM with the forget gate's bias at 3; your GRU with the update gate's bias at −3. *Predict first:* which of them carry the
# nudge over 100 steps?

# %%
def carried(step, n_a, seed, steps=100, size=1e-6):
    """Length of the change in the state after each step, relative to the change after the first."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (4, 20, steps))
    both = np.concatenate([x, x], axis=1)  # columns 20 to 39 are the same sequences, nudged at the first step
    both[:, 20:, 0] += size * rng.normal(size=(4, 20))
    state, lengths = np.zeros((n_a, 40)), []
    for t in range(steps):
        state = step(both[:, :, t], state)
        lengths.append(np.linalg.norm(state[:, 20:] - state[:, :20], axis=0).mean())
    return np.array(lengths) / lengths[0]


def cells(n_a, seed):
    rng = np.random.default_rng(seed)
    p = random_parameters(4, n_a, 2, rng) | {"Wy": np.zeros((2, n_a))}
    orthogonal = p["Waa"] / 0.9
    gates = {f"W{g}": rng.normal(0, n_a ** -0.5, (n_a, n_a + 4)) for g in "ficozrh"}
    gates |= {f"b{g}": np.zeros((n_a, 1)) for g in "ficozrh"}
    gates |= {"bf": np.full((n_a, 1), 3.0), "bz": np.full((n_a, 1), -3.0), "Wy": p["Wy"], "by": p["by"]}

    def lstm(x, state):
        a, c, _, _ = lstm_cell_forward(x, state[:n_a], state[n_a:], gates)
        return np.concatenate([a, c])

    plain = {f"tanh, {name}": (lambda x, a, W=W: rnn_cell_forward(x, a, {**p, "Waa": W})[0], n_a)
             for name, W in (("small weights", 0.5 * orthogonal), ("orthogonal weights", orthogonal), ("large "
                     "weights", 3 * orthogonal))}
    return plain | {"relu, identity": (lambda x, a: np.maximum(0.1 * p["Wax"] @ x + a, 0), n_a),
                    "LSTM": (lstm, 2 * n_a), "GRU": (lambda x, a: gru_cell_forward(x, a, gates)[0], n_a)}


# %%
plt.figure(figsize=(8, 3.8))
left = {}
for i, name in enumerate(cells(32, 0)):
    curves = np.array([carried(*cells(32, seed)[name], seed) for seed in range(3)])
    middle = np.exp(np.log(np.maximum(curves, 1e-16)).mean(axis=0))
    left[name] = middle[-1]
    plt.semilogy(range(1, 101), middle, label=name, color=plots.COLOURS[i], ls="-" if i > 2 else "--")
plt.gca().set(xlabel="steps since the nudge", ylabel="what is left of it", ylim=(1e-10, 1e7), xlim=(1, 100))
plt.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plots.show("What is left of a nudge against the steps since, on a logarithmic axis. After 100 steps: " + "; "
           "".join(f"{k} {v:.0e}" for k, v in left.items())
           + ". With small weights the plain cell forgets within some ten steps; with large ones the nudge first "
           "grows by powers of ten. Below 1e-10 there is only rounding.")
assert min(left["LSTM"], left["GRU"], left["relu, identity"]) > 100 * left["tanh, orthogonal weights"]

# %% [markdown]
# The plain cell with small weights forgets within some ten steps; with orthogonal weights it is the slopes of the tanh that eat the nudge. Large
# weights make the state chaotic: a tiny nudge grows until it changes everything, and the gradient explodes in the same way. The identity with relu
# and the gated cells hold on to what they have read.
#
# That is a matter of the *start*. What a trained net keeps, it has to learn; but only what still arrives can teach it.
#
# *What clipping does.* One batch of titles, with the recurrent weights three times as large as at the start:

# %%
wild = {**start, "Waa": 3 * start["Waa"], "Wax": 20 * start["Wax"]}
for name, parameters in (("as at the start", start), ("three times as large", wild)):
    _, grads = next_letter(parameters, np.random.default_rng(0))
    grads = {k: grads["d" + k] for k in start}
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    clipped = clip_by_global_norm(grads, 1.0)
    after = np.sqrt(sum(np.sum(g ** 2) for g in clipped.values()))
    print(f"Waa {name:22s} length of the gradient {norm:10.3g}, clipped {after:.3g}")
lab.quiz("gap")

# %% [markdown]
# ## Your beginning
#
# Play: give the net the beginning of a title, and a temperature. It goes on from there.

# %%
beginning, temperature = "the ", 0.7
rng = np.random.default_rng(7)
print(*(write(writer, temperature, rng, beginning) for _ in range(8)), sep="\n")

# %% [markdown]
# ## What it cannot do
#
# It has read two thousand titles and nothing else. It knows spelling, not sense; a long title falls apart, as what the first words were has gone
# from its state. It invents no new letter. And every step has to wait for the one before, so reading is slow, however many cores there are. Lab 06c
# looks at nets that read all at once.
#
# ## Challenge
#
# Fewer bits. Write `model(prefix)`, which gives the probabilities of the next character of a title after any beginning, and bring it to **2.6
# bits** a letter or less on held-out titles. Any cell, any training, any mixture.

# %%
def model(prefix):
    """Probabilities of the next character.

    Parameters
    ----------
    prefix : str, the beginning of a title, possibly empty

    Returns
    -------
    ndarray (vocab,), in the order of `alphabet`
    """
    ### BEGIN SOLUTION
    state = np.zeros((len(writer["Waa"]), 1))
    for letter in "\n" + prefix:
        state, y, _ = rnn_cell_forward(embedding_lookup(writer["E"], np.array([place[letter]])), state, writer)
    return 0.5 * y[:, 0] + 0.5 * count_five("\n" * 5 + prefix)
    ### END SOLUTION


count_five = counted(5)[1]
lab.challenge("fewer_bits", model)
lab.progress()

# %% [markdown]
# ## What to remember
#
# * A recurrent net is one cell, used at every step; its state is all that it has of the past.
# * Backpropagation through time walks from the last step to the first. A state's gradient has two parts, its own answer's and the future's; the
#   parameters' gradients add up over the steps.
# * Over many steps a gradient vanishes or explodes. Clipping shortens what explodes; gates, sums and a start at the identity keep what would vanish.
# * An embedding is a learned table: symbols in the same company end up near each other.
# * Compare with counting before you admire a net.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | recurrent neural network | 循环神经网络 |
# | state, cell, time step | 状态, 单元, 时间步 |
# | one to many, many to one, many to many | 一对多, 多对一, 多对多 |
# | backpropagation through time | 随时间反向传播 |
# | vanishing / exploding gradients | 梯度消失 / 梯度爆炸 |
# | gradient clipping | 梯度裁剪 |
# | long short-term memory, gate | 长短期记忆, 门 |
# | gated recurrent unit | 门控循环单元 |
# | one-hot vector | 独热向量 |
# | embedding | 嵌入 |
# | temperature | 温度 |
#
# ## Further reading
#
# * J. L. Elman, Finding structure in time (1990), doi:10.1207/s15516709cog1402_1
# * S. Hochreiter, J. Schmidhuber, Long short-term memory (1997), doi:10.1162/neco.1997.9.8.1735
# * R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks (2013), arXiv:1211.5063
# * K. Cho and others, Learning phrase representations using RNN encoder–decoder (2014), arXiv:1406.1078
# * Q. V. Le, N. Jaitly, G. E. Hinton, A simple way to initialize recurrent networks of rectified linear units (2015), arXiv:1504.00941
