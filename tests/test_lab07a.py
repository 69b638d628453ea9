"""Lab 07a: what its graders must know by name, faces, experiments, the payoff."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from test_graders import graded

from labutils import faces, stored
from labutils.labs.lab07a_autoencoders_vae import exercises as ex
from labutils.labs.lab07a_autoencoders_vae import experiments as run

LAB = "07a_autoencoders_vae"
KL = "def kl_divergence(mean, log_var):\n    return {}"
USUAL = "-0.5 * tf.reduce_sum(1 + log_var - mean ** 2 - tf.exp(log_var), axis=1)"
SAMPLE = "def reparameterize(mean, log_var, epsilon):\n    return {}"
LOSS = """def vae_loss(x, x_hat, mean, log_var, beta):
    e = -(x * tf.math.log(x_hat) + (1 - x) * tf.math.log(1 - x_hat))
    return {}"""
MODELS = """def build_autoencoder(input_shape, latent_dim):
    L = keras.layers
    encoder = keras.Sequential([keras.Input(input_shape), L.Flatten(), L.Dense(128, 'relu'), L.Dense(latent_dim)])
    decoder = keras.Sequential([keras.Input((latent_dim,)), L.Dense(128, 'relu'), L.Dense(int(np.prod(input_shape)), 'sigmoid'), L.Reshape(input_shape)])
    return encoder, decoder"""
NOISE = "def add_noise(x, std, rng):\n    return {}"
SCORES = "def outlier_scores(x, x_hat):\n    return {}"
RESAMPLE = """def resampling_probabilities(latent_means, n_bins, smoothing):
    p = np.ones(len(latent_means))
    for z in latent_means.T:
        h, e = np.histogram(z, bins=n_bins)
        h = h / h.sum() + smoothing
        p = p / h[np.clip(np.digitize(z, e) - 1, 0, n_bins - 1)]
    return p / p.sum()"""


@pytest.mark.parametrize("exercise, source, words", [
    ("build_autoencoder", MODELS, ""),
    ("build_autoencoder", MODELS.replace("L.Dense(latent_dim)", "L.Dense(latent_dim, 'relu')"), "A code may be any number"),
    ("build_autoencoder", MODELS.replace(", 'sigmoid'", ""), "no sigmoid at its end"),
    ("build_autoencoder", MODELS.replace("L.Flatten(), ", ""), "never lays the image flat"),
    ("build_autoencoder", MODELS.replace("return encoder, decoder", "return decoder, encoder"), "the encoder comes first"),
    ("build_autoencoder", MODELS.replace("return encoder, decoder", "return keras.Sequential([encoder, decoder])"), "One model comes back"),
    ("add_noise", NOISE.format("np.clip(x + std * rng.standard_normal(x.shape), 0, 1)"), ""),
    ("add_noise", NOISE.format("x + rng.normal(0, std, x.shape)"), "not clipped"),
    ("add_noise", NOISE.format("np.clip(x + rng.normal(0, std, x.shape[1:]), 0, 1)"), "same noise"),
    ("add_noise", NOISE.format("np.clip(x + rng.normal(0, std ** 0.5, x.shape), 0, 1)"), "takes the standard deviation"),
    ("add_noise", NOISE.format("np.clip(x + np.random.normal(0, std, x.shape), 0, 1)"), "from `rng`"),
    ("outlier_scores", SCORES.format("((x - x_hat) ** 2).mean(axis=tuple(range(1, x.ndim)))"), ""),
    ("outlier_scores", SCORES.format("((x - x_hat) ** 2).mean()"), "Each image has its own"),
    ("outlier_scores", SCORES.format("((x - x_hat) ** 2).mean(axis=(1, 2, 3))"), "any number of axes"),
    ("reparameterize", SAMPLE.format("mean + keras.ops.sqrt(keras.ops.exp(log_var)) * epsilon"), ""),
    ("reparameterize", SAMPLE.format("mean + tf.exp(log_var) * epsilon"), "the root of the variance"),
    ("reparameterize", SAMPLE.format("tf.constant(mean.numpy() + np.exp(log_var.numpy() / 2) * epsilon.numpy())"), "no gradient reaches"),
    ("reparameterize", SAMPLE.format("mean + tf.exp(tf.stop_gradient(log_var) / 2) * epsilon"), "`log_var`"),
    ("kl_divergence", KL.format(USUAL), ""),
    ("kl_divergence", KL.format(USUAL.replace("-0.5", "0.5")), "never below 0"),
    ("kl_divergence", KL.format(USUAL.replace("-0.5", "-1.0")), "factor ½"),
    ("kl_divergence", KL.format(USUAL.replace("tf.exp(log_var)", "log_var")), "σ² is exp(log_var)"),
    ("kl_divergence", KL.format("-0.5 * tf.reduce_sum(1 + tf.math.log(log_var) - mean ** 2 - log_var, axis=1)"), "treated as if it were the variance"),
    ("kl_divergence", KL.format(USUAL.replace("reduce_sum", "reduce_mean")), "add up: a sum"),
    ("vae_loss", LOSS.format("tf.reduce_sum(e) / len(x) + beta * tf.reduce_mean(kl_divergence(mean, log_var))"), ""),
    ("vae_loss", LOSS.format("tf.reduce_mean(e) + beta * tf.reduce_mean(kl_divergence(mean, log_var))"), "*summed*"),
    ("vae_loss", LOSS.format("tf.reduce_sum(e) / len(x) - beta * tf.reduce_mean(kl_divergence(mean, log_var))"), "the loss is −ELBO"),
    ("vae_loss", LOSS.format("tf.reduce_sum(e) / len(x) + tf.reduce_mean(kl_divergence(mean, log_var))"), "whatever beta is"),
    ("resampling_probabilities", RESAMPLE, ""),
    ("resampling_probabilities", RESAMPLE.replace("p / h[", "p * h["), "one over the density"),
    ("resampling_probabilities", RESAMPLE.replace("np.clip(np.digitize(z, e) - 1, 0, n_bins - 1)", "np.digitize(z, e) - 1"), "It belongs to the last bin"),
    ("resampling_probabilities", RESAMPLE.replace("return p / p.sum()", "return p"), "do not sum to 1"),
])
def test_mistakes_are_told_apart(labs, exercise, source, words):
    report = graded(labs[LAB], {"source": "import keras\nimport numpy as np\nimport tensorflow as tf\n\n" + source, "exercise": exercise})
    assert report.passed == (not words) and words in str(report) and (report.passed or report.mistake), str(report)


def test_the_divergence_is_what_drawing_and_counting_gives():
    rng = np.random.default_rng(0)
    mean, log_var = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    noise = rng.normal(size=(200_000, 3, 2))
    z = mean + np.exp(log_var / 2) * noise
    counted = (0.5 * z ** 2 - 0.5 * noise ** 2 - 0.5 * log_var).sum(axis=2).mean(axis=0)
    assert np.allclose(ex.kl_divergence(tf.constant(mean), tf.constant(log_var)), counted, atol=0.03)


# --- faces ---

def test_faces_are_drawn_from_a_seed_and_their_factors_are_known():
    one, other = ({"x": faces.draw_faces(f := faces.random_factors(rng, 40, 0.1), rng), "f": f} for rng in map(np.random.default_rng, (3, 3)))
    assert np.array_equal(one["x"], other["x"]) and one["x"].shape == (40, 32, 32, 3) and one["x"].dtype == np.float32
    assert one["x"].min() >= 0 and one["x"].max() <= 1 and set(one["f"]) == set(faces.FACTORS)
    assert np.sum(one["f"]["skin"] > faces.DARK) == 4 and set(np.unique(one["f"]["hat"])) <= {0, 1}


@pytest.mark.parametrize("factor, low, high", [("skin", 0, 1), ("hair", 0, 1), ("glasses", 0, 1), ("mouth", -1, 1), ("hat", 0, 1), ("background", 0, 1)])
def test_each_factor_changes_the_picture_and_only_its_part(factor, low, high):
    base = {"skin": [0.2], "hair": [0.3], "glasses": [0], "mouth": [0.0], "hat": [0], "background": [0.5]}
    low, high = (faces.draw_faces({**base, factor: [v]}, np.random.default_rng(0), noise=0)[0] for v in (low, high))
    changed = np.abs(low - high).max(axis=2) > 0.02
    assert 5 < changed.sum() < 800
    where = {"skin": (17, 16), "hair": (7, 16), "hat": (4, 16), "background": (1, 1)}
    assert factor not in where or changed[where[factor]]
    assert factor == "background" or not changed[30, 1]


def test_dark_faces_are_darker_and_a_smile_is_low_in_the_middle():
    rng = np.random.default_rng(0)
    factors = faces.random_factors(rng, 200)
    middle = faces.draw_faces(factors, rng)[:, 18:22, 14:18].mean(axis=(1, 2, 3))
    assert np.corrcoef(middle, factors["skin"])[0, 1] < -0.9
    smile, frown = (faces.draw_faces({**{k: [0.0] for k in faces.FACTORS}, "mouth": [v]}, np.random.default_rng(1), 0)[0] for v in (1, -1))
    rows = [np.average(np.arange(20, 29), weights=1 - p[20:29, 15:17].mean(axis=(1, 2))) for p in (smile, frown)]
    assert rows[0] > rows[1]


def test_things_are_no_faces_and_as_large():
    things = faces.draw_things(30, np.random.default_rng(0))
    assert things.shape == (30, 32, 32, 3) and things.dtype == np.float32 and things.min() >= 0 and things.max() <= 1
    assert np.array_equal(things, faces.draw_things(30, np.random.default_rng(0))) and len(np.unique(things.reshape(30, -1), axis=0)) == 30


# --- experiments ---

def test_thumbnails_are_means_of_squares():
    x = np.arange(2 * 4 * 4, dtype=float).reshape(2, 4, 4, 1)
    assert np.array_equal(run.thumbnails(x, 2)[0, :, :, 0], [[2.5, 4.5], [10.5, 12.5]])


def test_the_gap_is_one_for_an_axis_each_and_falls_when_axes_are_turned():
    rng = np.random.default_rng(0)
    factors = {name: rng.normal(size=4000) for name in "abc"}
    codes = np.stack(list(factors.values()), axis=1)
    turned = codes @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert run.gap(codes * [1, -5, 0.1], factors) > 0.98 and run.gap(turned, factors) < 0.8 and run.gap(rng.normal(size=(4000, 3)), factors) < 0.01


def test_training_draws_with_the_probabilities_that_are_given():
    x, y = np.eye(2, dtype="float32"), np.array([1.0, -1.0], "float32")
    net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    losses = run.train(lambda a, b: tf.reduce_mean((net(a)[:, 0] - b) ** 2), [net], [x, y], 30, 0, p=[0.0, 1.0])
    assert net.get_weights()[0][0, 0] == 0 and net.get_weights()[0][1, 0] < 0 and len(losses) == 30 and losses[-1] < losses[0]


def test_probabilities_of_faces_and_things():
    dark = np.arange(20) < 2
    p = run.with_things(run.balanced(dark))
    assert np.isclose(p.sum(), 1) and np.isclose(p[20:].sum(), 0.5) and np.isclose(p[:20][dark].sum(), 0.25) and np.allclose(p[20:], p[20])


def test_rates_of_a_detector_that_says_what_the_corner_says():
    x = np.array([1, -1, 1, 1, -1, 1.0])
    task = run.Task(x, np.array([1, 1, 1, 1, 0, 0], bool), np.array([1, 1, 0, 0, 0, 0], bool), np.array([1, 1, 1, 1, 0, 0], bool))
    assert run.rates(lambda a: a, task) == {"light": 1.0, "dark": 0.5, "false alarms": 0.5}
    assert run.rates(lambda a: a, task, threshold=-2)["dark"] == 1


def test_what_the_lab_claims_stands_in_the_stored_results():
    found = stored.load(run.RESULTS)

    def mean(runs, *keys):
        def of(r):
            for k in keys:
                r = r[k]
            return r
        return np.mean([of(r) for r in runs])
    for share in found["debiasing"].values():
        ways = {w: mean(share, w, "dark") for w in run.WAYS}
        assert ways["plain"] < ways["VAE 16×16"] < ways["VAE 8×8"] < ways["groups known"] + 0.01
        assert mean(share, "VAE 16×16", "drawn") < mean(share, "VAE 8×8", "drawn") / 2
        assert mean(share, "moved threshold", "false alarms") > 2 * mean(share, "plain", "false alarms")
    smiles = {w: mean(found["smiles"], w, "dark") for w in found["smiles"][0]}
    assert smiles["VAE 8×8"] < smiles["plain"] and smiles["groups known"] < smiles["plain"] < smiles["half of the faces dark"] - 0.03
    gaps = [mean(runs, "gap") for runs in found["beta"].values()]
    errors = [mean(runs, "error") for runs in found["beta"].values()]
    assert errors == sorted(errors) and max(gaps) not in (gaps[0], gaps[-1]) and gaps[-1] < 0.1
    auc = {k: mean(runs, "autoencoder") - mean(runs, "PCA") for k, runs in found["outliers"].items()}
    assert auc["digit 1"] > 0.05 and auc["glasses"] > 0.05 and auc["digit 4"] < 0.01


@pytest.mark.slow
def test_the_stored_results_can_be_remade(tmp_path, monkeypatch):
    kept = stored.load(run.RESULTS)
    monkeypatch.setattr(stored, "PLACES", (tmp_path,))
    monkeypatch.setattr(run, "SEEDS", range(1))
    monkeypatch.setattr(run, "FEWER", range(1))
    run.main()
    new = stored.load(run.RESULTS)
    for share, runs in new["debiasing"].items():
        for way, rates in runs[0].items():
            assert abs(rates["dark"] - kept["debiasing"][share][0][way]["dark"]) < 0.08, (share, way)  # other machines round otherwise
    for b, runs in new["beta"].items():
        assert abs(runs[0]["error"] - kept["beta"][b][0]["error"]) < 0.003
    for kind, runs in new["outliers"].items():
        assert abs(runs[0]["autoencoder"] - kept["outliers"][kind][0]["autoencoder"]) < 0.05
