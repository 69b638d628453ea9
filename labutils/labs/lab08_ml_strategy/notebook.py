# %% [markdown]
# # 08 · Strategy: what to do next
#
# At the end of this lab you can look at a handful of numbers from a model that disappoints, say what holds it back, and say what *not* to work on.
#
# You need labs 01 and 04a (bias, variance, regularisation). Seven exercises and a case, about 80 minutes. If an exercise is left open, the
# reference stands in for it, so you can read on and run on. Examples are **columns**: `X` is (n_x, m), `Y` is (1, m). Models here are
# small and come from scikit-learn, which wants examples as rows, so you will see `X.T`; the lab is about decisions, not about training.
#
# ## A reader that works, and does not
#
# A waterworks wants its meters read by camera. From the factory come clean digits. The cameras hang in cellars.

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from labutils import plots
from labutils.labs.lab08_ml_strategy.meters import FAULTS, cellar, digits, find_and_cut, pictures

X, Y = digits()
order = np.random.default_rng(0).permutation(X.shape[1])
train, train_dev, dev, test = np.split(order, [800, 1000, 1450])
X_dev, faults = cellar(X[:, dev], np.random.default_rng(1))
X_test, _ = cellar(X[:, test], np.random.default_rng(2))


def error(model, X, Y):
    return float(np.mean(model.predict(X.T) != Y[0]))


reader = LogisticRegression(max_iter=300).fit(X[:, train].T, Y[0, train])
factory_error = error(reader, X[:, train_dev], Y[:, train_dev])
cellar_error = error(reader, X_dev, Y[:, dev])
print(f"new digits from the factory: {factory_error:.1%} wrong; from cellars: {cellar_error:.1%}")
first = [int(np.flatnonzero(faults == k)[i]) for k in range(4) for i in range(3)]
plots.images([X_dev[:, i].reshape(8, 8) for i in first], [FAULTS[faults[i]] for i in first], columns=12,
             size=0.9, cmap="gray_r")
plots.show("Twelve digits of 8 by 8 pixels as seen in cellars, three of each kind: clean, covered "
           "with noise, shifted by one pixel, and blurred. All can still be guessed.")
assert cellar_error > 4 * factory_error, "what works in the factory fails in the cellar"

# %% [markdown]
# A bigger network? Ten thousand more photos? Less noise? Each costs weeks, and most would be lost. The rest of this lab is about finding out first.
#
# ## A knob for each dial
#
# ![](img/orthogonal_knobs.png)
#
# On an old radio one knob sets the volume and another the station. If each knob changed both, nobody could tune it. *Orthogonal controls*
# are knobs that move one dial each. A chain of four wishes stands in a row: do well on the training set; then on the dev set; then on the test
# set; then
# in use. Each has knobs of its own. Early stopping is a useful tool, but it turns two dials at the same time, the fit *and* the gap, so that you
# think of both at once.
#
# *Predict first:* we turn two knobs, the width of a network and the number of examples. Which one moves the training error most, which one the
# gap to the dev error?

# %%
import warnings

warnings.filterwarnings("ignore", message="Stochastic Optimizer")  # a fixed number of steps is what we want


def rungs(width, m, seed):
    rng = np.random.default_rng(seed)
    seen, new = np.split(rng.permutation(X.shape[1])[:m + 400], [m])
    net = MLPClassifier(width, max_iter=40000 // m, learning_rate_init=0.01, random_state=seed)
    net.fit(X[:, seen].T, Y[0, seen])
    return error(net, X[:, seen], Y[:, seen]), error(net, X[:, new], Y[:, new])


figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
knobs = (("hidden units", [(w, 400) for w in (2, 4, 8, 32)], 0),
         ("training examples", [(32, m) for m in (50, 100, 400, 1300)], 1))
for axis, (name, settings, which) in zip(axes, knobs):
    found = np.array([np.mean([rungs(*s, seed) for seed in range(3)], axis=0) for s in settings])
    ticks = [str(s[which]) for s in settings]
    axis.plot(ticks, 100 * found[:, 0], "o-", label="training error")
    axis.plot(ticks, 100 * (found[:, 1] - found[:, 0]), "s--", label="gap to dev error")
    axis.set(xlabel=name, ylabel="percent")
    axis.legend()
plots.show("Two plots of training error and of the gap between dev and training error, means of three "
           "seeds. Left, more hidden units: the training error falls steeply to zero. Right, more "
           "training examples: the training error stays at zero and the gap shrinks.")

# %% [markdown] exercise="confusion_counts"
# Width moves the training error, data move the gap. So before you turn anything, ask which dial stands badly.
#
# ## One number to steer by
#
# A meter whose display is broken shows an 8, whatever it counts: all segments are lit. So the waterworks wants an alarm: *is this an 8?* One
# digit in ten is one.
#
# ###
#
# Truth and answer are zeros and ones; there are four ways in which they can meet. The name says both: *positive* or *negative* is what was
# answered, *true* or *false*
# whether that was right. Write one line for each of the four, with `==`, with `&` between two conditions in brackets, and with a sum.
#
# *Predict first:* which of the four is a cellar under water because nobody was warned?

# %%
is_8 = (Y == 8).astype(int)
alarm = LogisticRegression(max_iter=300).fit(X[:, train].T, is_8[0, train])
p_dev = alarm.predict_proba(X_dev.T)[:, 1][None]
says_8, never = (p_dev > 0.5).astype(int), np.zeros_like(is_8[:, dev])
for name, answer in (("alarm", says_8), ("never says 8", never)):
    tp, fp, fn, tn = confusion_counts(is_8[:, dev], answer)
    print(f"{name:13s} tp {tp:3d}  fp {fp:3d}  fn {fn:3d}  tn {tn:3d}  accuracy {(tp + tn) / len(dev):.1%}")

# %% [markdown]
# The second line is a *negative control*: a program that does not look. Its accuracy is within a few points of that of the trained one. Any
# metric that praises it is no number to steer by.

# %%
lab.quiz("rare")

# %% [markdown] exercise="precision_recall_f1"
# Two questions tell more. *Precision*: of the alarms, which share was right? *Recall*: of the true cases, which share was found? Both together
# are still two
# numbers, and with two numbers you cannot say which of two models is better. The harmonic mean
#
# $$F_1 = \frac{2}{\frac1P + \frac1R} = \frac{2PR}{P+R}$$
#
# is near the *smaller* of the two. Nothing can be divided by zero: where there is no alarm, or no true case, the answer is 0.0.
#
# *Predict first:* somebody always says "8". What are precision, recall, the arithmetic mean of both, and F1, if a tenth of the digits are 8?

# %%
limits = np.linspace(0.01, 0.99, 60)
curves = np.array([precision_recall_f1(is_8[:, dev], (p_dev > t).astype(int)) for t in limits])
plt.figure(figsize=(6.5, 3.2))
for values, name, style in zip(curves.T, ("precision", "recall", "F1"), ("--", ":", "-")):
    plt.plot(limits, values, style, label=name, lw=2)
best = limits[curves[:, 2].argmax()]
plt.axvline(best, color="black", lw=1)
plt.gca().set(xlabel="alarm where the probability is above", ylim=(0, 1.02))
plt.legend()
plots.show("Precision, recall and F1 against the threshold. Precision rises and recall falls as the "
           f"threshold grows; F1 has its top at {best:.2f}, marked with a line.")
print("always says 8:", [f"{s:.2f}" for s in precision_recall_f1(is_8[:, dev], np.ones_like(is_8[:, dev]))])

# %% [markdown] exercise="weighted_error"
# F1 has a top, so it can choose a threshold. Precision or recall alone would run to one end. And who always says "8" gets a small F1, where the
# arithmetic mean would be above one half.
#
# ## The error that must never happen
#
# F1 takes a missed 8 and a false alarm for equals. The waterworks does not: a false alarm costs a visit, a miss costs a cellar. When the metric
# puts models in another order than
# those who use them, the metric is wrong: *move the target, then aim again*. The two are separate steps.
#
# ###
#
# Give every example the weight that a mistake on it costs, and divide by the sum of all weights so that the result is a share again.

# %%
costs = {"every mistake the same": 1, "a miss costs 20": 20}
for name, cost in costs.items():
    weights = np.where(is_8[:, dev] == 1, cost, 1)
    lost = [weighted_error(is_8[:, dev], (p_dev > t).astype(int), weights) for t in limits]
    t = limits[int(np.argmin(lost))]
    tp, fp, fn, tn = confusion_counts(is_8[:, dev], (p_dev > t).astype(int))
    print(f"{name:23s} best threshold {t:.2f}: {fn} missed, {fp} false alarms, error {min(lost):.3f}")

# %% [markdown] exercise="choose_model"
# Same model, same data; only the wish is written down differently, and another threshold wins. The same is done in training: the loss of such
# examples is multiplied by their weight.
#
# ## Good enough, and then the best
#
# *Satisficing* metrics have to be good enough. One *optimising* metric should be as good as can be. Here each reader has its error, the numbers
# it has to store (a camera has little memory), and its
# error on 8s.
#
# ###
#
# Filter first, choose then. Directions and signs come as text. A value that equals its limit is good enough, and "none of them" is an answer.

# %%
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

readers = {"line": LogisticRegression(max_iter=300), "tree": DecisionTreeClassifier(random_state=0),
           "neighbours": KNeighborsClassifier(3),
           "net 8": MLPClassifier(8, max_iter=80, learning_rate_init=0.01, random_state=0),
           "net 64": MLPClassifier(64, max_iter=60, learning_rate_init=0.01, random_state=0)}
stored = {"line": 650, "neighbours": 65 * len(train), "net 8": 610, "net 64": 4810}
candidates = {}
for name, model in readers.items():
    model.fit(X[:, train].T, Y[0, train])
    numbers = stored.get(name) or 2 * model.tree_.node_count
    on_8 = error(model, X_dev[:, Y[0, dev] == 8], Y[:, dev][:, Y[0, dev] == 8])
    candidates[name] = {"error": error(model, X_dev, Y[:, dev]), "numbers": numbers, "error on 8": on_8}
    print(f"{name:11s}", {k: round(v, 3) for k, v in candidates[name].items()})
for limits_asked in ({}, {"numbers": ("<=", 5000)}, {"numbers": ("<=", 1000)}, {"numbers": ("<=", 100)}):
    print(limits_asked, "→", choose_model(candidates, ("error", "min"), limits_asked))
lab.quiz("two_metrics")

# %% [markdown] exercise="diagnose"
# ## The ladder of errors
#
# ![](img/ladder_of_errors.png)
#
# Is an error of 8 % bad? If people make 7.5 %, hardly. If they make 1 %, very. The lowest error that *any* reader could have is the **Bayes
# error**: some images
# cannot be told by anyone. For things that people do well, the best human error (of an expert, of a team) is a stand-in for it. *Avoidable bias*
# is the training error above it,
# *variance* what is added on new examples of the same kind. And whoever chooses among many models by the dev set finds one that is lucky there:
# the step from dev to test.
#
# Beyond the human level progress slows down: the stand-in is gone, people can no longer label better than the model, nor say what it did wrong.
#
# ###
#
# Three steps; name the largest. A step down is a negative number, not a large one.

# %% [markdown]
# Does it diagnose rightly? In a world of our own we know the truth. Labels are 1 on a round island and 0 around it, with a blurred shore: we chose the
# probability at each point, so the Bayes error can be *computed*. *Predict first:* a straight line; one nearest neighbour; the best of 3000 random circles on 60
# dev examples: which diagnosis for which?

# %%
def world(m, rng):
    points = rng.normal(0, 1, (2, m))
    p = 1 / (1 + np.exp(8 * (np.sum(points ** 2, axis=0) - 1.4)))  # a round island of ones
    return points, (rng.random(m) < p).astype(int)[None], float(np.mean(np.minimum(p, 1 - p)))


rng = np.random.default_rng(3)
(A, y, _), (B, z, _), (C, u, bayes) = world(400, rng), world(60, rng), world(20000, rng)
D, v, _ = world(4000, rng)
for name, model in (("straight line", LogisticRegression()), ("one neighbour", KNeighborsClassifier(1))):
    model.fit(A.T, y[0])
    steps = bayes, error(model, A, y), error(model, D, v), error(model, C, u)
    print(f"{name:14s}", np.round(steps, 3), "→", diagnose(*steps))
circles = [(rng.normal(0, 0.25, (2, 1)), rng.uniform(0.9, 2.1)) for _ in range(3000)]
rule_error = lambda c, P, t: float(np.mean((((P - c[0]) ** 2).sum(0) < c[1]) != t[0]))  # noqa: E731
chosen = min(circles, key=lambda c: rule_error(c, B, z))
steps = bayes, rule_error(chosen, A, y), rule_error(chosen, B, z), rule_error(chosen, C, u)
print(f"{'best of 3000':14s}", np.round(steps, 3), "→", diagnose(*steps))

# %% [markdown] exercise="split_dataset"
# The last one was never trained, only chosen, and still its dev error is too good to be true. That is why there is a third set, and why it is
# looked at once.
#
# ## Train, dev and test
#
# Dev and test set are where the target hangs. They should come from the same place, the place of use, and be large enough for the differences
# you care about: the old 60/20/20 is for small data; of a million examples 1 % each may do.
#
# ###
#
# Deal the examples at random into parts, columns of `X` and `Y` together. How fractions are rounded is up to you; no example may be lost or
# stand twice.

# %% [markdown]
# Why shuffle? The file of digits stands in the order in which it was written: later digits come from *other writers*. *Predict first:* we cut it
# once as it stands, and then shuffled by eight seeds. What changes?

# %%
def three_errors(parts):
    model = LogisticRegression(max_iter=300).fit(parts[0][0].T, parts[0][1][0])
    return [100 * error(model, *part) for part in parts]


a, b = int(0.6 * X.shape[1]), int(0.8 * X.shape[1])
as_it_stands = three_errors([(X[:, :a], Y[:, :a]), (X[:, a:b], Y[:, a:b]), (X[:, b:], Y[:, b:])])
shuffled = np.array([three_errors(split_dataset(X, Y, (0.6, 0.2, 0.2), np.random.default_rng(s)))
                     for s in range(8)])
print("as it stands      train, dev, test:", np.round(as_it_stands, 1))
print("shuffled, 8 seeds train, dev, test:", shuffled.mean(axis=0).round(1), "±", shuffled.std(axis=0).round(1))
assert as_it_stands[2] > shuffled[:, 2].max(), "new writers are harder than new digits of known writers"

# %% [markdown]
# The order matters. But which of the two numbers is honest? If the reader will be used on writers it has seen, the shuffled one. If it will meet
# *new* writers, the other one: then whole writers belong into the
# test set. A split is a statement about the use.
#
# ## Is one point a difference?
#
# Two readers, one dev set. Draw the dev examples anew, with replacement, a thousand times, and look at the difference each time: the
# *bootstrap*. Where 95 % of the differences lie is an interval for it. *Predict first:* does an interval
# for a small difference on 450 digits hold zero?

# %%
wrong = {n: readers[n].predict(X_dev.T) != Y[0, dev] for n in ("line", "net 64", "tree")}
rng = np.random.default_rng(0)
for one, other in (("line", "net 64"), ("line", "tree")):
    difference = 100 * (wrong[other].astype(float) - wrong[one])
    means = [difference[rng.integers(0, len(dev), len(dev))].mean() for _ in range(1000)]
    low, high = np.percentile(means, [2.5, 97.5])
    print(f"{other} minus {one}: {difference.mean():+.1f} points, 95 % interval {low:+.1f} to {high:+.1f}")
nets = [MLPClassifier(64, max_iter=60, learning_rate_init=0.01, random_state=s) for s in range(6)]
again = [error(net.fit(X[:, train].T, Y[0, train]), X_dev, Y[:, dev]) for net in nets]
print("the same net from six seeds:", ", ".join(f"{100 * e:.1f}" for e in again), "percent")

# %% [markdown]
# Where the interval holds zero, these data do not tell the two apart. Another seed alone moves the same network by as much. This is what rules
# of thumb cannot do for you: `diagnose` names the larger of two steps even if
# both are noise. Look at the spread first.
#
# ## Mismatch: a fifth rung
#
# Back to the cellars. Training digits come from the factory, dev digits from cellars. Is the step between them variance, or is it the *other
# kind of data*? Both at once cannot be told apart. So we kept back a **training-dev set**: the same kind as the
# training set, but not trained on. *Predict first:* where is the leap?

# %%
human = 0.01  # what the waterworks' own people get wrong, so they say
five = [human, *(error(reader, X[:, part], Y[:, part]) for part in (train, train_dev)),
        error(reader, X_dev, Y[:, dev]), error(reader, X_test, Y[:, test])]
names = ["human", "training", "training-dev", "dev", "test"]
plt.figure(figsize=(6.5, 3))
plt.bar(names, 100 * np.array(five), color=[plots.COLOURS[i] for i in (5, 0, 0, 1, 1)])
for i, e in enumerate(five):
    plt.text(i, 100 * e + 0.4, f"{e:.1%}", ha="center")
plt.ylabel("error in percent")
plots.show("Bars of the five errors: " + ", ".join(f"{n} {e:.1%}" for n, e in zip(names, five)) +
           ". The first three are low; the leap is between training-dev and dev.")
assert np.argmax(np.diff(five)) == 2, "the largest step is the mismatch"

# %% [markdown]
# ## Error analysis: count before you mend
#
# Take the mistakes on the dev set, look at them one by one, and make a table. Here we know each image's fault; in life you look. And some
# mistakes are none: now and then the *label* is wrong. We spoil twelve dev labels to see that too. The **ceiling** of a
# remedy is the error that would be left if it worked perfectly. *Predict first:* which fault has most mistakes, and is it the most frequent one?

# %%
labels = Y[:, dev].copy()
spoilt = np.random.default_rng(5).choice(len(dev), 12, replace=False)
labels[0, spoilt] = (labels[0, spoilt] + 3) % 10
kinds = np.array(FAULTS, dtype=object)[faults]
kinds[spoilt] = "mislabelled"
missed = reader.predict(X_dev.T) != labels[0]
print(f"{missed.sum()} mistakes among {len(dev)}: error {missed.mean():.1%}")
print("fault         images  mistakes  share of mistakes   error if mended")
for kind in (*FAULTS, "mislabelled"):
    n = int(np.sum(missed & (kinds == kind)))
    left = (missed.sum() - n) / len(dev)
    print(f"{kind:12s} {np.sum(kinds == kind):7d} {n:9d} {n / missed.sum():18.0%} {left:17.1%}")

# %% [markdown]
# Wrong labels are a small part. While other faults are larger, leave them; once they decide between models, mend them, in dev *and* test alike,
# and also among the answers that were "right". Random wrong labels in training do less harm; systematic ones do much.
#
# A remedy for mismatch: make training digits that look like cellar digits. *Predict first:* which rung falls, and which one rises?

# %%
rng = np.random.default_rng(7)
made = [X[:, train]] + [cellar(X[:, train], rng)[0] for _ in range(6)]
X_made, Y_made = np.hstack(made), np.tile(Y[:, train], 7)
for name, data in (("factory only", (X[:, train], Y[:, train])), ("with made ones", (X_made, Y_made))):
    steps = 40000 // data[0].shape[1]
    net = MLPClassifier(48, max_iter=max(30, steps), learning_rate_init=0.005, random_state=0)
    net.fit(data[0].T, data[1][0])
    found = error(net, *data), error(net, X_dev, Y[:, dev]), error(net, X_test, Y[:, test])
    print(f"{name:15s} training {found[0]:.1%}, dev {found[1]:.1%}, test {found[2]:.1%}")
assert found[1] < five[3], "training data like those in use help"

# %% [markdown]
# We cheat a little: the made digits have exactly the faults of the real ones. In life there would be faults that nobody thought of, and a net
# can learn one recorded noise by heart. That is why real cellars stay in dev and test.
#
# ## One step or two?
#
# ![](img/one_step_or_two.png)
#
# A gate that knows its people finds the face first and then compares it: two steps, since for each of them there are plenty of data, and few for
# both in one. *End-to-end* learning takes one step and finds its own way in between, if it has data
# enough. Our example: a digit somewhere in a larger, grainy picture. Step one, without learning, cuts out the brightest window; step two reads.
# *Predict first:* draw both curves, from 100 to 50 000 examples.

# %%
rng = np.random.default_rng(11)
pool, rest = X[:, order[:1200]], X[:, order[1200:]]
T, t = pictures(rest, Y[:, order[1200:]], 1500, rng)
sizes, one_step, two_steps = (100, 400, 1600, 6400, 50000), [], []
for n in sizes:
    P, y = pictures(pool, Y[:, order[:1200]], n, rng)
    net = MLPClassifier(128, max_iter=int(np.clip(60000 // n, 6, 60)), learning_rate_init=0.003, random_state=0)
    one_step.append(net.fit(P.reshape(n, -1), y).score(T.reshape(len(T), -1), t))
    two = MLPClassifier(48, max_iter=int(np.clip(60000 // n, 3, 60)), learning_rate_init=0.005, random_state=0)
    two_steps.append(two.fit(find_and_cut(P), y).score(find_and_cut(T), t))
plt.figure(figsize=(6.5, 3.2))
plt.semilogx(sizes, one_step, "o-", color=plots.COLOURS[1], label="one step")
plt.semilogx(sizes, two_steps, "s--", color=plots.COLOURS[0], label="two steps: find, read")
plt.gca().set(xlabel="training pictures", ylabel="share read right", ylim=(0, 1))
plt.legend()
plots.show("Share of new pictures read right against the number of training pictures. One step: " +
           ", ".join(f"{s:.2f}" for s in one_step) + ". Two steps: " +
           ", ".join(f"{s:.2f}" for s in two_steps) + ".")
assert two_steps[0] > one_step[0] + 0.2, "with little data, two steps win by far"
print("the lead of two steps:", ", ".join(f"{b - a:+.2f}" for a, b in zip(one_step, two_steps)))

# %% [markdown]
# With little data what we know beforehand, "a digit is one bright patch", is worth thousands of examples. With much the lead melts, because what
# a hand-made step gets wrong, no reader behind it can mend. Ask of each problem: are there data for the
# whole way from input to answer, or only for its parts?
#
# ## Learning one thing for another
#
# *Transfer*: take the first layer of a net that learned a task with many examples, and put a new last layer on it for a task with few. *Predict
# first:* many digits 0 to 4, few digits 5 to 9: will what was learned on the ones help with the others?

# %%
low, high = Y[0] < 5, Y[0] >= 5
A, a = X[:, low], Y[0, low]
base = MLPClassifier(48, max_iter=40, learning_rate_init=0.01, random_state=0).fit(A.T, a)
hidden = lambda X: np.maximum(base.coefs_[0].T @ X + base.intercepts_[0][:, None], 0)  # noqa: E731
B, b = X[:, high], Y[0, high]
for few in (10, 25, 100, 400):
    scores = []
    for seed in range(10):
        p = np.random.default_rng(seed).permutation(len(b))
        old, new = p[:few], p[400:]
        scores.append([LogisticRegression(max_iter=300).fit(f(B[:, old]).T, b[old]).score(f(B[:, new]).T, b[new])
                       for f in (hidden, lambda X: X)])
    with_, without = np.array(scores).T
    print(f"{few:3d} examples: transferred {with_.mean():.3f}, from pixels {without.mean():.3f}, "
          f"difference {np.mean(with_ - without):+.3f} ± {np.std(with_ - without) / 10 ** 0.5:.3f}")
lab.quiz("transfer")

# %% [markdown] exercise="multi_task_loss"
# Here transfer *costs*: what tells 0 to 4 apart need not tell 5 to 9 apart, and the first layer has thrown the rest away. Pixels of small
# centred digits are a good description already. Measure before you believe. It pays where raw inputs are poor and the first task is rich:
# photographs, speech, text (lab 05b).
#
# ###
#
# *Multi-task* learning asks many questions of the same input at once, each with its own yes or no. In practice nobody has labelled everything.
# Write the loss.

# %%
asked = (0, 6, 8, 9), (0, 2, 4, 6, 8), (5, 6, 7, 8, 9)
questions = np.stack([np.isin(Y[0], ones) for ones in asked]).astype(float)
known = questions[:, train].copy()
known[np.random.default_rng(0).random(known.shape) < 0.5] = np.nan
answers = []
for task in known:
    has = ~np.isnan(task)
    answers.append(LogisticRegression(max_iter=300).fit(X[:, train[has]].T, task[has]))
P_train = np.stack([m.predict_proba(X[:, train].T)[:, 1] for m in answers])
P_new = np.stack([m.predict_proba(X[:, train_dev].T)[:, 1] for m in answers])
print(f"half of the labels unknown: loss on the known ones {multi_task_loss(known, P_train):.3f}, "
      f"on new digits {multi_task_loss(questions[:, train_dev], P_new):.3f}")
print(f"plain mean over all places: {np.mean(known * np.log(P_train))}, because of NaN")

# %% [markdown]
# Has it a loop? Is it even? Is it above four? One network for all of them makes sense where the questions share what has to be seen, where each
# has about as many labels, and where the net is big enough for all. Otherwise it can do worse than one net for each.
#
# ## The case: decide step by step
#
# You take over the meter reader. Look back at the tables above, then decide: put your letter behind each name, as in `lab.quiz("case_1", "a")`,
# and run the cell again. Every wrong choice says what is wrong with it.

# %%
lab.quiz("case_1")
lab.quiz("case_2")
lab.quiz("case_3")
lab.quiz("case_4")
lab.quiz("case_5")
lab.quiz("case_6")
lab.quiz("case_7")
lab.quiz("case_8")

# %% [markdown]
# ## Play
#
# *Predict first*, then change the four errors: how small can a change be that turns the advice over? That is how much the advice is worth.

# %%
human_error, train_error, dev_error, test_error = 0.01, 0.05, 0.085, 0.09
print(diagnose(human_error, train_error, dev_error, test_error))
noise = np.random.default_rng(0).normal(0, 0.01, (1000, 3))
says = [diagnose(human_error, train_error + a, dev_error + b, test_error + c) for a, b, c in noise]
print({s: says.count(s) for s in sorted(set(says))}, "with one point of noise on each")

# %% [markdown]
# ## Challenge
#
# Ten candidates. Of each you get the error on 200 dev examples, that on 400 test examples, and how many settings of it were tried on dev, the
# best of which is what you see. Choose one. Your rule is judged over a thousand worlds by how much worse its choice *really* is than the best.

# %%
def rule(dev, test, tried):
    """Choose a candidate.

    Parameters
    ----------
    dev, test, tried : ndarray (10,), dev errors, test errors, and the number of settings tried on dev

    Returns
    -------
    int, index of the chosen one
    """
    ### BEGIN SOLUTION
    luck = 0.023 * 0.8 * np.sqrt(2 * np.log(tried))  # how much too good the best of several looks
    return int(np.argmin((200 * (dev + luck) + 400 * test) / 600))
    ### END SOLUTION


lab.challenge("noisy_choice", rule)
lab.progress()

# %% [markdown]
# (Once the test set has helped to choose, it is a second dev set: for the number in the report you need a fresh one.)
#
# ## What to remember
#
# * Set a target first: a dev set from the place of use, one number to optimise, limits for the rest. If the target is wrong, move it.
# * Walk up the ladder: human, training, training-dev, dev, test. Work on the largest step.
# * Count mistakes before you mend them; the ceiling says what is to gain.
# * One point on a few hundred examples is often no difference.
# * Few data: use what you know, in steps. Many data: let one model learn the whole way.
#
# ## Key terms
#
# | English | 中文 |
# |---|---|
# | orthogonalisation | 正交化 |
# | precision, recall, F1 score | 精确率, 召回率, F1 分数 |
# | satisficing / optimising metric | 满足指标 / 优化指标 |
# | Bayes error, avoidable bias | 贝叶斯误差, 可避免偏差 |
# | development set, test set | 开发集, 测试集 |
# | error analysis | 误差分析 |
# | data mismatch | 数据不匹配 |
# | transfer learning, multi-task learning | 迁移学习, 多任务学习 |
# | end-to-end learning | 端到端学习 |
#
# ## Further reading
#
# * B. Efron, Bootstrap methods: another look at the jackknife (1979), doi:10.1214/aos/1176344552
# * R. Caruana, Multitask learning (1997), doi:10.1023/A:1007379606734
# * S. J. Pan, Q. Yang, A survey on transfer learning (2010), doi:10.1109/TKDE.2009.191
