"""Scoring: how well a passage answers a question, on one scale for all questions.

A scaled score only compares the candidates of one question. These three do not need scaling: the cosine of the
question with the best sentence, MaxSim over the tokens of the whole passage (Khattab and Zaharia 2020), and the
share of the question's IDF that the passage's words cover. Their weights were rounded from a fit of the first
rank; anything near them does as well on every set (`benchmarks/README.md`). A fourth, the question's weakest token,
ranks nothing: it tells a near miss, where all but one word is as in the question that the passage answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.encoding.vectors import Vectors

_COVERAGE = 0.13
_SENTENCE_MAXSIM, _IN_CONTEXT = 1.0, 1.75
"""Of a sentence that was encoded by itself, and in context."""
_LISTING = 0.01
"""For a sentence that lists things: it may hold several answers."""
MAX_BOLD = 2
"""Sentences of a passage that may answer. With three, fewer of the bold ones did."""
_CLOSE = 0.05
"""How near the second-best sentence must be to the best one. Of `xquad-en.json` and `piaf-fr.json`, it is in two of
five passages. A look at these in context raises the share of bold sentences that answer from .85 to .88, and from .79
to .80, as much as a look at all."""
_BOLD_GAP = 0.02
"""How far below the best one a sentence may be. Of `multispan-en.json`, F1 is .50 with it and .44 without."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Features that tell whether a passage answers a question."""

    sentence: float
    """Cosine of the question with the passage's nearest sentence."""
    maxsim: float
    """`maxsim` of the question with all of the passage's tokens."""
    coverage: float
    """Share of the question's IDF that the passage's words cover, from 0 to 1."""
    weakest: float
    """`weakest` of the question's own tokens, without those of its context, with all of the passage's."""

    @property
    def score(self) -> float:
        """About 1.5 for an unrelated passage, and at most 2.1."""
        return self.sentence + self.maxsim + _COVERAGE * self.coverage


def maxsim(cosines: Vectors, weights: Vectors) -> float:
    """Average, over a question's tokens by weight, the best cosine with any token of a passage.

    Args:
        cosines: (tokens of the question, tokens of the passage)
        weights: (tokens of the question,): from 0; all count alike where all are 0.

    Returns:
        -1 to 1; 0 where one of the two has no tokens.
    """
    if not cosines.size:
        return 0.0
    best = cosines.max(axis=1)
    return float(best @ weights / weights.sum()) if weights.any() else float(best.mean())


def weakest(cosines: Vectors, weights: Vectors) -> float:
    """Take the least, over the tokens of a question that say something, of the best cosine with any token of a passage.

    Args:
        cosines: (tokens of the question, tokens of the passage)
        weights: (tokens of the question,): what weighs 0 says nothing; all count where all are 0.

    Returns:
        -1 to 1; 0 where one of the two has no tokens.
    """
    if not cosines.size:
        return 0.0
    best = cosines.max(axis=1)
    return float(best[weights > 0].min() if weights.any() else best.min())


def score_sentences(
    nearness: Vectors,
    cosines: Sequence[Vectors],
    weights: Vectors,
    commas: Sequence[int],
    *,
    are_in_context: bool = False,
) -> Vectors:
    """Score how well each sentence of a passage answers; comparable within the passage.

    The tokens of the sentence before count as its own: what a question names often stands there, and where the
    answer is, only a pronoun.

    Args:
        nearness: (sentences,) cosine of the question with each sentence.
        cosines: for each sentence, (tokens of the question, tokens of the sentence).
        weights: of the question's tokens, as in `maxsim`.
        commas: how many each sentence has.
        are_in_context: whether the sentences were encoded together.
    """
    with_before = [cosines[0], *(np.concatenate(pair, axis=1) for pair in pairwise(cosines))]
    maxsims = np.array([maxsim(pair, weights) for pair in with_before], np.float32)
    listing = np.float32(_LISTING) * np.log1p(np.array(commas, np.float32))
    total: Vectors = nearness + (_IN_CONTEXT if are_in_context else _SENTENCE_MAXSIM) * maxsims + listing
    return total


def choose_sentences(scores: Vectors) -> tuple[int, ...]:
    """Choose the sentences that answer by their scores, best first: the best one, and those about as good."""
    ranked = np.argsort(-scores, kind="stable")[:MAX_BOLD]
    return tuple(int(i) for i in ranked if scores[i] >= scores[ranked[0]] - _BOLD_GAP)


def find_rivals(scores: Vectors) -> tuple[int, int] | None:
    """Find the two best sentences, in their order, if only their context can tell which of them answers."""
    if len(scores) == 1:
        return None
    best, second = map(int, np.argsort(-scores, kind="stable")[:2])
    return (min(best, second), max(best, second)) if scores[second] >= scores[best] - _CLOSE else None
