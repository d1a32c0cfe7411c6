"""Fusion: several scores of the same candidates → one. Pure functions over (n,) float arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_MAX_LEXICAL = 0.5

Scores = npt.NDArray[np.float64]


def scale(scores: Scores) -> Scores:
    """Scale by min-max: the lowest becomes 0, the highest 1; all 0 where they are equal.

    Unlike ranks, this keeps how far ahead the first is (Bruch, Gai and Ingber 2023).
    """
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)


def fuse(lexical: Scores, sentence: Scores, coverage: float) -> Scores:
    """Average both scaled scores: words count as much as the question's words are known.

    A question in another language than the documents shares few words with them by accident, and those would
    mislead; one whose words the best candidate all has is answered by words and meaning alike.

    Args:
        lexical: BM25.
        sentence: cosine of the question with a candidate's best sentence.
        coverage: the highest share of the question's IDF that a candidate covers, from 0 to 1.
    """
    lexical_share = _MAX_LEXICAL * coverage
    return lexical_share * scale(lexical) + (1 - lexical_share) * scale(sentence)
