"""Encoder: texts → vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how close their meanings are."""

    @property
    def fingerprint(self) -> str:
        """Names weights and prompts: vectors of two encoders compare only if these are equal."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def window(self) -> int:
        """The most tokens that a text may have (as `count_tokens` counts) without being cut off."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prompts and special tokens."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length."""

    def query_tokens(self, text: str) -> Vectors:
        """(tokens, dimension) float32, rows of unit length: the last layer, a row a token."""

    def passage_tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """For each text, (tokens, dimension) float32, rows of unit length."""
