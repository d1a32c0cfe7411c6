"""Several scores of the same candidates → one. Pure functions over (n,) float arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]


def scaled(scores: Scores) -> Scores:
    """Min-max: the lowest becomes 0, the highest 1; all 0 where they are equal.

    Unlike ranks, this keeps how far ahead the first is (Bruch, Gai and Ingber 2023).
    """
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)


def fused(lexical: Scores, sentence: Scores, passage: Scores, lexical_share: float) -> Scores:
    """Weighted mean of the three scaled scores.

    Args:
        lexical: BM25.
        sentence: cosine of the question with a candidate's best sentence.
        passage: cosine of the question with a candidate as a whole.
        lexical_share: from 0 to 1; the other two halve the rest.
    """
    dense = (scaled(sentence) + scaled(passage)) / 2
    return lexical_share * scaled(lexical) + (1 - lexical_share) * dense
