"""Codes of tokens give the cosines of their vectors, about as well as a bit a dimension can."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoding.token_codes import TokenComparison, compress, count_tokens
from retrieval.encoding.vectors import EncodedText, unit


def sentence(seed: int, tokens: int, dimension: int, spread: float) -> EncodedText:
    """Make tokens around a direction; with a larger spread, farther from it."""
    random = np.random.default_rng(seed)
    vector = unit(random.normal(size=(1, dimension)))[0].astype(np.float32)
    rest = spread * unit(random.normal(size=(tokens, dimension)))
    return EncodedText(vector, unit(vector + rest).astype(np.float32))


@pytest.mark.parametrize(("dimension", "size"), [(384, 4 + 48), (768, 4 + 96), (32, 4 + 8)])
def test_a_token_takes_four_bytes_and_a_bit_a_dimension(dimension: int, size: int) -> None:
    codes = compress(sentence(1, 7, dimension, 0.5)).codes
    assert len(codes) == 7 * size
    assert count_tokens(codes, dimension) == 7


def test_a_token_like_its_sentence_has_the_cosine_of_the_sentence() -> None:
    text = sentence(1, 1, 64, 0.0)
    question = sentence(2, 3, 64, 0.8)
    cosines = TokenComparison(question.tokens).cosines(*compress(text))
    np.testing.assert_allclose(cosines[:, 0], question.tokens @ text.vector, atol=1e-3)


@given(st.integers(0, 10_000), st.integers(0, 40), st.sampled_from([0.1, 0.5, 1.0]))
def test_estimated_cosines_are_near_the_true_ones(seed: int, tokens: int, spread: float) -> None:
    text, question = sentence(seed, tokens, 384, spread), sentence(seed + 1, 5, 384, 0.5)
    cosines = TokenComparison(question.tokens).cosines(*compress(text))
    assert cosines.shape == (5, tokens)
    assert np.abs(cosines - question.tokens @ text.tokens.T).max(initial=0) < 0.2 * spread


def test_estimates_have_no_bias() -> None:
    text, question = sentence(1, 2_000, 384, 0.7), sentence(2, 20, 384, 0.7)
    errors = TokenComparison(question.tokens).cosines(*compress(text)) - question.tokens @ text.tokens.T
    assert abs(float(errors.mean())) < 0.002
    assert float(errors.std()) < 0.03


def test_the_nearest_of_some_tokens_stays_the_nearest() -> None:
    text = sentence(3, 30, 384, 1.0)
    for token in range(30):
        cosines = TokenComparison(text.tokens[[token]]).cosines(*compress(text))
        assert cosines.argmax() == token


def test_a_question_without_tokens_has_no_cosines() -> None:
    text = sentence(1, 4, 64, 0.5)
    assert TokenComparison(text.tokens[:0]).cosines(*compress(text)).shape == (0, 4)
