"""Evidence against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.evidence import Evidence, maxsim, of_sentences

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


def test_a_passages_evidence_adds_up() -> None:
    assert Evidence(sentence=0.9, maxsim=0.85, coverage=0.5).score == pytest.approx(0.9 + 0.85 + 0.05)


def test_a_sentence_is_helped_by_its_own_words_and_its_better_neighbours() -> None:
    scores = of_sentences(
        cosines=np.array([0.8, 0.8, 0.8, 0.7], np.float32),
        maxsims=np.array([0.5, 0.5, 0.5, 0.6], np.float32),
        coverages=np.array([0.0, 1.0, 0.0, 0.5], np.float32),
    )
    # Neighbours' coverages: 1; 0; 1 (not 0.5); 0.
    assert scores.tolist() == pytest.approx([1.8 + 0.1, 1.8 + 0.1, 1.8 + 0.1, 1.9 + 0.05], abs=1e-6)


def test_a_lone_sentence_has_no_neighbours() -> None:
    one = np.array([0.5], np.float32)
    assert of_sentences(one, one, one).tolist() == pytest.approx([0.5 + 1 + 0.05])
