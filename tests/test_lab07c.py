"""Lab 07c: what its graders catch, what the lab promises, what its stored results are."""
import numpy as np
import pytest
from test_graders import graded

from labutils import stored
from labutils.labs.lab07c_diffusion import experiments, generators, graders
from labutils.labs.lab07c_diffusion.exercises import cosine_schedule, frechet_distance, linear_beta_schedule, noise_image, sample_images, sampling_step

STEP = ("def sampling_step(x_t, t, predicted_noise, betas, alpha_bars, rng):\n    noise = betas[t] / np.sqrt(1 - alpha_bars[t]) * predicted_noise\n"
        "    mean = (x_t - noise) / np.sqrt(1 - betas[t])\n    if t == 0:\n        return mean\n    return mean + np.sqrt(betas[t]) * rng.standard_normal(x_t.shape)\n")
NOISE = "def noise_image(x0, t, epsilon, alpha_bars):\n    a = alpha_bars[t][:, None, None]\n    return np.sqrt(a) * x0 + np.sqrt(1 - a) * epsilon\n"
CHAIN = ("def sample_images(predict_noise, shape, betas, alpha_bars, rng):\n    x = rng.standard_normal(shape)\n    for t in reversed(range(len(betas))):\n"
         "        x = sampling_step(x, t, predict_noise(x, t), betas, alpha_bars, rng)\n    return x\n")


@pytest.fixture
def lab(labs):
    return labs["07c_diffusion"]


@pytest.mark.parametrize("name, source, words", [
    ("sampling_step", STEP.replace("    if t == 0:\n        return mean\n", ""), "last step, t = 0"),
    ("sampling_step", STEP.replace("np.sqrt(betas[t]) *", "betas[t] *"), "standard deviation"),
    ("sampling_step", STEP.replace(" / np.sqrt(1 - betas[t])", ""), "weaker"),
    ("sampling_step", STEP.replace("t == 0", "t == 1"), "no noise is added"),
    ("noise_image", NOISE.replace("np.sqrt(a)", "a"), "root"),
    ("noise_image", NOISE.replace("[:, None, None]", ""), "first axis"),
    ("sample_images", CHAIN.replace("reversed(range(len(betas)))", "range(len(betas))"), "begins at the last step"),
    ("sample_images", CHAIN.replace("rng.standard_normal", "np.random.standard_normal"), "from `rng`"),
    ("guided_noise", "def guided_noise(c, u, s):\n    return c + s * (c - u)\n", "counted from the conditional"),
])
def test_catches(lab, name, source, words):
    report = graded(lab, {"source": source, "exercise": name})
    assert not report.passed and report.mistake and words in report.message


def test_no_claim_about_rng_where_something_else_is_wrong(lab):
    report = graded(lab, {"source": CHAIN.replace("reversed(range(len(betas)))", "range(len(betas))"), "exercise": "sample_images"})
    assert "rng" not in report.message


@pytest.mark.parametrize("n_steps", [10, 50, 100, 1000])
def test_schedules_leave_hardly_anything(n_steps):
    for alpha_bars in (np.cumprod(1 - linear_beta_schedule(n_steps)), cosine_schedule(n_steps)):
        assert (np.diff(alpha_bars) < 0).all() and 0 < alpha_bars[-1] < 1e-4 < alpha_bars[0] < 1


def test_a_perfect_net_leads_back_to_the_only_picture_there_is():
    betas = linear_beta_schedule(50)
    alpha_bars, picture = np.cumprod(1 - betas), np.linspace(-1, 1, 12).reshape(1, 3, 4)

    def perfect(x, t):
        return (x - np.sqrt(alpha_bars[t]) * picture) / np.sqrt(1 - alpha_bars[t])
    made = sample_images(perfect, (5, 3, 4), betas, alpha_bars, np.random.default_rng(0))
    assert np.allclose(made, picture)


def test_one_step_back_undoes_one_step_down_on_average():
    betas, rng = linear_beta_schedule(20), np.random.default_rng(0)
    alpha_bars, x0 = np.cumprod(1 - betas), np.full((40000, 1, 1), 0.7)
    t = np.full(len(x0), 9)
    epsilon = rng.standard_normal(x0.shape)
    x = sampling_step(noise_image(x0, t, epsilon, alpha_bars), 9, epsilon, betas, alpha_bars, rng)
    assert abs(x.mean() - np.sqrt(alpha_bars[8]) * 0.7) < 0.02


def test_pictures_come_back_from_text_and_the_judge_judges():
    digits = generators.load()
    assert np.array_equal(generators.from_text(generators.to_text(digits.x_test)), digits.x_test)
    judge = generators.Judge(digits)
    real, noise = (judge.score(x) for x in (digits.x_train[:300], np.random.default_rng(0).uniform(-1, 1, (300, 8, 8))))
    assert judge.accuracy > 0.95 and real["distance"] < 10 < noise["distance"] and real["confidence"] > 0.95 > noise["confidence"]
    assert judge.score(np.repeat(digits.x_train[:1], 300, axis=0))["classes"] == 1


def test_frechet_distance_of_a_cloud_and_its_shifted_self():
    a = np.random.default_rng(0).standard_normal((50, 4))
    assert abs(frechet_distance(a, a)) < 1e-9 and abs(frechet_distance(a, a + 2) - 16) < 1e-9


def test_challenge_wants_three_things():
    digits = generators.load()
    assert not graders.judge_pictures(lambda labels: np.zeros((3, 8, 8)))[0]
    thirty = np.concatenate([digits.x_train[digits.y_train == k][:30] for k in range(10)])
    reached, said = graders.judge_pictures(lambda labels: thirty)
    assert not reached and "100% are copies" in said


def test_stored_results_say_what_the_lab_says_of_them():
    kept = stored.load(experiments.RESULTS)
    mean = {name: np.mean([s[2] for s in runs]) for name, runs in kept["seeds"].items()}
    told, untold = (np.mean([run[scale][2] for run in kept["scales"]]) for scale in ("2", "0"))
    assert told < min(mean.values()) and untold > max(mean["VAE"], mean["GAN"])
    assert all(run["as it is"] > 5 * run["clipped"] for run in kept["cosine"])
    assert all(len(s["pictures"]) == 300 and generators.from_text(s["pictures"]).shape == (300, 8, 8) for s in kept["samples"].values())


@pytest.mark.slow
def test_the_stored_results_can_be_remade(tmp_path, monkeypatch):
    kept = stored.load(experiments.RESULTS)
    monkeypatch.setattr(stored, "PLACES", (tmp_path,))
    monkeypatch.setattr(experiments, "SEEDS", range(1))
    experiments.main()
    new = stored.load(experiments.RESULTS)
    for name, runs in new["seeds"].items():  # other machines round otherwise, and a GAN is not the same twice
        assert abs(runs[0][2] - np.mean([s[2] for s in kept["seeds"][name]])) < 5
    assert abs(new["scales"][0]["2"][2] - kept["scales"][0]["2"][2]) < 2
