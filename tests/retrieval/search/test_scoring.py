"""Evidence against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from retrieval.search.scoring import Evidence, choose_sentences, find_rivals, maxsim, score_sentences, weakest

# Two tokens of a question against three of a passage.
COSINES = np.array([[0.2, 0.9, 0.1], [0.5, 0.3, 0.4]], np.float32)


def test_maxsim_is_the_mean_of_each_tokens_best_match() -> None:
    assert maxsim(COSINES, np.array([1, 1], np.float32)) == pytest.approx((0.9 + 0.5) / 2)


def test_maxsim_weighs_the_questions_tokens() -> None:
    assert maxsim(COSINES, np.array([3, 1], np.float32)) == pytest.approx((3 * 0.9 + 0.5) / 4)


def test_maxsim_counts_all_tokens_alike_where_none_says_anything() -> None:
    assert maxsim(COSINES, np.zeros(2, np.float32)) == pytest.approx(0.7)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_maxsim_without_tokens_is_0(shape: tuple[int, int]) -> None:
    assert maxsim(np.zeros(shape, np.float32), np.ones(shape[0], np.float32)) == 0


@pytest.mark.parametrize(
    ("weights", "least"),
    [((1, 1), 0.5), ((1, 0), 0.9), ((0, 0), 0.5)],
)
def test_the_weakest_token_is_one_that_says_something(weights: tuple[int, int], least: float) -> None:
    assert weakest(COSINES, np.array(weights, np.float32)) == pytest.approx(least)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_the_weakest_of_no_tokens_is_0(shape: tuple[int, int]) -> None:
    assert weakest(np.zeros(shape, np.float32), np.ones(shape[0], np.float32)) == 0


def test_a_passages_evidence_adds_up() -> None:
    assert Evidence(sentence=0.9, maxsim=0.85, coverage=0.5, weakest=0.3).score == pytest.approx(0.9 + 0.85 + 0.065)


def test_a_sentence_is_helped_by_the_tokens_of_the_one_before() -> None:
    # Two tokens of a question: "Ada" stands in the first sentence, "born" in the second, neither in the third.
    cosines = [np.array(each, np.float32) for each in ([[1, 0], [0, 0]], [[0], [1]], [[0], [0]])]
    scores = score_sentences(np.array([0.8, 0.7, 0.6], np.float32), cosines, np.ones(2, np.float32), [0, 0, 0])
    assert scores.tolist() == pytest.approx([0.8 + 0.5, 0.7 + 1, 0.6 + 0.5])


def test_a_lone_sentence_has_none_before() -> None:
    scores = score_sentences(np.array([0.5], np.float32), [COSINES], np.ones(2, np.float32), [0])
    assert scores.tolist() == pytest.approx([0.5 + 0.7])


def test_a_sentence_that_lists_things_is_helped_a_little() -> None:
    scores = score_sentences(np.array([0.5], np.float32), [COSINES], np.ones(2, np.float32), [3])
    assert scores.tolist() == pytest.approx([0.5 + 0.7 + 0.01 * math.log(4)])


@pytest.mark.parametrize(
    ("scores", "chosen"),
    [([1.0], (0,)), ([1.0, 1.5], (1,)), ([1.0, 1.019], (1, 0)), ([1.0, 1.03], (1,)), ([1.0, 1.01, 1.015], (2, 1))],
)
def test_the_best_sentence_answers_and_a_second_that_is_about_as_good(
    scores: list[float], chosen: tuple[int, ...]
) -> None:
    assert choose_sentences(np.array(scores, np.float32)) == chosen


def test_tokens_in_context_count_more() -> None:
    given = np.array([0.5], np.float32), [COSINES], np.ones(2, np.float32), [0]
    assert score_sentences(*given, are_in_context=True).tolist() == pytest.approx([0.5 + 1.75 * 0.7])


@pytest.mark.parametrize(
    ("scores", "rivals"),
    [([1.0], None), ([1.0, 1.06], None), ([1.0, 0.2, 1.04], (0, 2)), ([0.97, 1.0, 0.96], (0, 1))],
)
def test_two_sentences_about_as_good_are_rivals(scores: list[float], rivals: tuple[int, int] | None) -> None:
    assert find_rivals(np.array(scores, np.float32)) == rivals
