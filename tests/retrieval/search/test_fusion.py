"""Scores are scaled for the question, and words count as much as the question's words are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.search.fusion import fuse, scale


def test_the_lowest_score_becomes_0_and_the_highest_1() -> None:
    assert scale(np.array([2.0, 6.0, 3.0])).tolist() == [0, 1, 0.25]


def test_equal_scores_say_nothing() -> None:
    assert scale(np.array([5.0, 5.0])).tolist() == [0, 0]


LEXICAL = np.array([0.0, 10.0, 2.0])
SENTENCE = np.array([0.9, 0.7, 0.8])


def test_a_question_whose_words_are_all_known_is_half_lexical() -> None:
    # Scaled: words 0, 1, 1/5; sentences 1, 0, 1/2.
    scores = fuse(LEXICAL, SENTENCE, coverage=1)
    assert scores.tolist() == pytest.approx([0.5, 0.5, 0.1 + 0.25])


def test_a_question_whose_words_are_unknown_goes_by_meaning_alone() -> None:
    assert fuse(LEXICAL, SENTENCE, coverage=0).tolist() == pytest.approx([1, 0, 0.5])


def test_the_lexical_share_follows_the_coverage() -> None:
    # A quarter lexical.
    scores = fuse(LEXICAL, SENTENCE, coverage=0.5)
    assert scores.tolist() == pytest.approx([0.75, 0.25, 0.05 + 0.375])
    assert np.argsort(-scores).tolist() == [0, 2, 1]


finite = st.floats(-100, 100, allow_nan=False)
two = arrays(np.float64, (2, 4), elements=finite)


@given(two, st.floats(0, 1))
def test_fused_scores_stay_between_0_and_1(scores: np.ndarray, coverage: float) -> None:
    result = fuse(*scores, coverage=coverage)
    assert (result >= 0).all()
    assert (result <= 1 + 1e-9).all()


@given(two, st.floats(0, 1), st.permutations(range(4)))
def test_the_order_of_the_candidates_does_not_matter(scores: np.ndarray, coverage: float, order: list[int]) -> None:
    shuffled = fuse(*scores[:, order], coverage=coverage)
    assert shuffled.tolist() == pytest.approx(fuse(*scores, coverage=coverage)[order].tolist())
