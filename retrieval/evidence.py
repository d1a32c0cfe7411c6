"""How well a passage answers a question, on one scale for all questions: it ranks, and it says how sure.

A scaled score only compares the candidates of one question. These three do not need scaling: the cosine of the
question with the best sentence, MaxSim over the tokens of the whole passage (Khattab and Zaharia 2020), and the
share of the question's IDF that the passage's words cover. Their weights were rounded from a fit of the first
rank; anything near them does as well on every set (`benchmarks/README.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from retrieval.vectors import Vectors

_COVERAGE = 0.1
_SENTENCE_MAXSIM = 2.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """That a passage answers a question."""

    sentence: float
    """Cosine of the question with the passage's nearest sentence."""
    maxsim: float
    """`maxsim` of the question with all of the passage's tokens."""
    coverage: float
    """Share of the question's IDF that the passage's words cover, from 0 to 1."""

    @property
    def score(self) -> float:
        """About 1.5 for an unrelated passage, and at most 2.1."""
        return self.sentence + self.maxsim + _COVERAGE * self.coverage


def maxsim(cosines: Vectors, weights: Vectors) -> float:
    """Mean over a question's tokens, weighted, of the best cosine with any token of a passage.

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


def of_sentences(cosines: Vectors, maxsims: Vectors, coverages: Vectors) -> Vectors:
    """Evidence that each sentence of a passage is the one that answers; comparable within the passage.

    The words of a sentence's better neighbour count as well as its own: what a question names often stands
    beside what it asks for.

    Args:
        cosines: (sentences,) of the question with each sentence.
        maxsims: (sentences,) `maxsim` with the tokens of each.
        coverages: (sentences,) share of the question's IDF in each.
    """
    padded = np.pad(coverages, 1)
    neighbours = np.maximum(padded[:-2], padded[2:])
    total: Vectors = cosines + _SENTENCE_MAXSIM * maxsims + _COVERAGE * (coverages + neighbours)
    return total
