"""The results of encoders: vectors of texts, and of their tokens."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Vectors = npt.NDArray[np.float32]


class Query(NamedTuple):
    """A question, as a whole and token by token."""

    vector: Vectors
    """(dimension,), of unit length."""
    tokens: Vectors
    """(tokens, dimension), rows of unit length: the model's last layer."""
    weights: npt.NDArray[np.float32]
    """(tokens,): how much each token says, from 0."""


def unit(rows: Vectors) -> Vectors:
    """Scale rows to length 1."""
    scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def split_rows(rows: Vectors, start: int, lengths: Sequence[int]) -> list[Vectors]:
    """Split rows into consecutive parts of these lengths, from row `start`; shorter ones where the rows end early."""
    bounds = np.cumsum([start, *lengths])
    return [rows[first:last] for first, last in pairwise(bounds)]
