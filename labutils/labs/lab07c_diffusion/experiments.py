"""What lab 07c takes from a file: pictures of the three other families, and scores over several seeds. One diffusion model trains in the notebook.

`python -m labutils.labs.lab07c_diffusion.experiments` makes data/lab07c_results.json anew (about eight minutes).
"""
import keras
import numpy as np

from labutils import stored

from . import generators as g
from .exercises import cosine_schedule, linear_beta_schedule

RESULTS = "lab07c_results.json"
SEEDS = range(4)
N, N_STEPS, TRAINING_STEPS = 300, 100, 5000
SCALES = (0, 1, 1.5, 2, 3, 5)


def betas_of(alpha_bars):
    """The betas of a schedule."""
    return 1 - alpha_bars / np.concatenate([[1], alpha_bars[:-1]])


def scored(judge, pictures):
    """What the judge says of pictures, in shades of grey like those of the digits: [confidence, classes, distance]."""
    return list(judge.score(g.from_text(g.to_text(pictures))).values())


def clipped(predict, alpha_bars):
    """A net's noise, changed so that the clean picture it implies stays between −1 and 1."""
    def noise(x, t):
        a = alpha_bars[t]
        clean = np.clip((x - np.sqrt(1 - a) * predict(x, t)) / np.sqrt(a), -1, 1)
        return (x - np.sqrt(a) * clean) / np.sqrt(1 - a)
    return noise


def family(name, digits, judge, seed):
    """Train one of the three other families; returns its pictures, its scores with seconds, and its number of weights."""
    train, steps = g.FAMILIES[name]
    (make, weights), training = g.timed(train, digits, seed, steps)
    pictures, sampling = g.timed(make, N)
    return pictures, [*scored(judge, pictures), training, sampling], weights


def diffusion(digits, judge, seed):
    """Train a diffusion model; returns its scores at each scale of guidance, with the share read as asked for and seconds."""
    betas, labels = linear_beta_schedule(N_STEPS), np.arange(N) % 10
    alpha_bars = np.cumprod(1 - betas)
    denoiser, training = g.timed(g.train_diffusion, digits, alpha_bars, seed, TRAINING_STEPS)
    found = {}
    for scale in SCALES:
        pictures, sampling = g.timed(g.draw, denoiser, labels, scale, betas, alpha_bars, seed)
        right = float(np.mean(judge.probabilities(np.clip(pictures, -1, 1)).argmax(axis=1) == labels))
        found[str(scale)] = [*scored(judge, pictures), training, sampling, right]
    return found


def cosine(digits, judge, seed):
    """The distances that a model with the cosine schedule reaches: as it is, and with the clean picture clipped in every step."""
    alpha_bars, labels = cosine_schedule(N_STEPS), np.arange(N) % 10
    denoiser = g.train_diffusion(digits, alpha_bars, seed, TRAINING_STEPS)
    found = {}
    for name, change in (("as it is", lambda predict, _: predict), ("clipped", clipped)):
        predict = change(g.guided(denoiser, labels, 2), alpha_bars)
        found[name] = scored(judge, g.sample_images(predict, (N, 8, 8), betas_of(alpha_bars), alpha_bars, np.random.default_rng(seed)))[2]
    return found


def main():
    """Run everything over all seeds and store it."""
    digits = g.load()
    judge = g.Judge(digits)
    for train, _ in g.FAMILIES.values():  # what loads and compiles at first use is not counted
        train(digits, 0, 20)
    g.train_diffusion(digits, cosine_schedule(N_STEPS), 0, 20)
    found = {"samples": {}, "seeds": {}, "scales": [], "cosine": []}
    for name in g.FAMILIES:
        made = [family(name, digits, judge, seed) for seed in SEEDS]
        pictures, scores, weights = made[0]
        found["samples"][name] = {"pictures": g.to_text(pictures), "training": scores[3], "sampling": scores[4], "weights": weights}
        found["seeds"][name] = [scores for _, scores, _ in made]
        print(name, found["seeds"][name], flush=True)
    for seed in SEEDS:
        found["scales"].append(diffusion(digits, judge, seed))
        found["cosine"].append(cosine(digits, judge, seed))
        print("diffusion", found["scales"][-1], found["cosine"][-1], flush=True)
        keras.backend.clear_session()
    stored.save(RESULTS, found, "python -m labutils.labs.lab07c_diffusion.experiments")


if __name__ == "__main__":
    main()
