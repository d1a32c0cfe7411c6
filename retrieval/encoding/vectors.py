"""The results of encoders: vectors of texts, and of their tokens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class EncodedText(NamedTuple):
    """A text, as a whole and token by token."""

    vector: Vectors
    """(dimension,), of unit length."""
    tokens: Vectors
    """(tokens, dimension), rows of unit length: the model's last layer, without prompt and special tokens."""


class Query(NamedTuple):
    """A question, as a whole and token by token."""

    vector: Vectors
    """(dimension,), of unit length."""
    tokens: Vectors
    """(tokens, dimension), rows of unit length, as of an `EncodedText`."""
    weights: npt.NDArray[np.float32]
    """(tokens,): how much each token says, from 0."""


def unit(rows: Vectors) -> Vectors:
    """Scale rows to length 1."""
    scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled
