"""Lab 06c: what its graders catch, and what the lab promises."""
import numpy as np
import pytest
from test_graders import graded

from labutils.labs.lab06c_attention import graders
from labutils.labs.lab06c_attention.exercises import causal_mask, merge_heads, multi_head_attention, positional_encoding, scaled_dot_product_attention, split_heads

ATTENTION = ("def scaled_dot_product_attention(Q, K, V, mask=None):\n    s = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])\n    if mask is not None:\n"
             "        s = np.where(mask, s, -np.inf)\n    w = np.exp(s - s.max(axis=-1, keepdims=True))\n    w = w / w.sum(axis=-1, keepdims=True)\n    return w @ V, w\n")
SPLIT = "def split_heads(x, n_heads):\n    m, n, d = x.shape\n    return x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)\n"
BLOCK = ("def transformer_block(x, n_heads, d_ff):\n    h = keras.layers.LayerNormalization()(x)\n"
         "    x = x + keras.layers.MultiHeadAttention(n_heads, x.shape[-1] // n_heads)(h, h, use_causal_mask=True)\n    h = keras.layers.LayerNormalization()(x)\n"
         "    return x + keras.layers.Dense(x.shape[-1])(keras.layers.Dense(d_ff, activation='relu')(h))\n")


@pytest.fixture
def lab(labs):
    return labs["06c_attention"]


@pytest.mark.parametrize("name, source, words", [
    ("scaled_dot_product_attention", ATTENTION.replace(" / np.sqrt(Q.shape[-1])", ""), "not divided by √d"),
    ("scaled_dot_product_attention", ATTENTION.replace("-np.inf", "0.0"), "a vote like any other"),
    ("scaled_dot_product_attention", ATTENTION.replace(" - s.max(axis=-1, keepdims=True)", ""), "overflows"),
    ("causal_mask", "def causal_mask(n):\n    return np.triu(np.ones((n, n), bool))\n", "the future"),
    ("split_heads", SPLIT.replace("x.reshape(m, n, n_heads, d // n_heads).transpose(0, 2, 1, 3)", "x.reshape(m, n_heads, n, d // n_heads)"), "part of the *places*"),
    ("transformer_block", BLOCK.replace(", use_causal_mask=True", ""), "look ahead"),
    ("transformer_block", BLOCK.replace("return x + ", "return "), "round the dense net"),
])
def test_catches(lab, name, source, words):
    report = graded(lab, {"source": source, "exercise": name})
    assert not report.passed and report.mistake and words in report.message


@pytest.mark.parametrize("name, source", [("scaled_dot_product_attention", ATTENTION), ("split_heads", SPLIT), ("transformer_block", BLOCK)])
def test_what_the_mistakes_are_made_of_is_right(lab, name, source):
    assert graded(lab, {"source": source, "exercise": name}).passed


def test_what_is_masked_has_no_influence():
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(2, 6, 8)), rng.normal(size=(4, 8, 8))
    before, weights = multi_head_attention(x, *W, 4, causal_mask(6))
    x[:, 3:] = 1e8
    after, _ = multi_head_attention(x, *W, 4, causal_mask(6))
    assert np.array_equal(before[:, :3], after[:, :3]) and not np.allclose(before[:, 3:], after[:, 3:])
    assert (weights[..., ~causal_mask(6)] == 0).all() and np.allclose(weights.sum(axis=-1), 1)


def test_heads_are_cut_and_merged_without_loss():
    x = np.random.default_rng(1).normal(size=(2, 5, 12))
    assert all(np.array_equal(merge_heads(split_heads(x, h)), x) for h in (1, 2, 3, 12))


def test_likeness_of_places_depends_on_distance_alone():
    table = positional_encoding(50, 16)
    assert np.allclose([table[p] @ table[p + 7] for p in range(40)], table[0] @ table[7])


def test_attention_knows_no_order():
    x = np.random.default_rng(2).normal(size=(6, 3))
    order = [3, 1, 0, 4, 2, 5]
    assert np.allclose(scaled_dot_product_attention(x[5:], x, x)[0], scaled_dot_product_attention(x[5:], x[order], x[order])[0])


def test_the_challenge_is_judged_by_its_outcome():
    def knows_nothing(ids):
        return np.zeros((*np.shape(ids), 49))

    def looks_ahead(ids):
        return np.eye(49)[np.roll(ids, -1, axis=1)] * 30

    assert not graders.judge_model(knows_nothing)[0] and "bits" in graders.judge_model(knows_nothing)[1]
    assert "looks ahead" in graders.judge_model(looks_ahead)[1]
