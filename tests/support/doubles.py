"""Test doubles of the reader and the encoder; `from support.doubles import WordEncoder`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from retrieval.documents import readers
from retrieval.documents.readers.limits import DEFAULT_LIMITS
from retrieval.encoding.vectors import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.encoding.vectors import Vectors


class ReaderHere:
    """Reads files in this process, without the half second to start another."""

    limits = DEFAULT_LIMITS

    def read(self, path, data):
        return readers.read(path, data, self.limits)

    def close(self):
        pass


WORD = re.compile(r"\w+")


class WordEncoder:
    """An encoder whose vectors can be computed by hand.

    Each argument is an axis: words, separated by spaces, that mean the same. A text's vector counts its words
    on these axes and is scaled to length 1; other words count nothing. A text with no known word has no
    direction, so it gets one that is at right angles to all others, and its own for queries and passages.

    >>> encoder = WordEncoder("cat chat", "dog")
    >>> encoder.dimension  # two meanings, then "unknown query" and "unknown passage"
    4
    >>> encoder.encode_passages(["Cat, cat, chat, dog dog dog dog!", "a fish"]).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]

    A token is a word (letters, digits and underscores, in any case); words past the window are cut off.
    """

    def __init__(self, *meanings: str, window: int = 64) -> None:
        self.axes = {word: axis for axis, words in enumerate(meanings) for word in words.casefold().split()}
        self.dimension = len(meanings) + 2
        self.window = window
        self.fingerprint = f"words/{'/'.join(meanings)}/{window}"
        self.encoded_passages: list[str] = []
        """Every text that `encode_passages` got, in order."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(WORD.findall(text)) for text in texts]

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._pooled(texts, unknown=self.dimension - 2)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded_passages.extend(texts)
        return self._pooled(texts, unknown=self.dimension - 1)

    def encode_query(self, text: str) -> Query:
        rows = self._rows(text, unknown=self.dimension - 2)
        return Query(self.encode_queries([text])[0], rows, np.ones(len(rows), np.float32))

    def passage_tokens(self, passages: Sequence[Sequence[str]]) -> list[list[Vectors]]:
        return [[self._rows(text, unknown=self.dimension - 1) for text in texts] for texts in passages]

    def _pooled(self, texts: Sequence[str], *, unknown: int) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for axis in [axis for axis in self._axes(text) if axis is not None] or [unknown]:
                vectors[row, axis] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def _rows(self, text: str, *, unknown: int) -> Vectors:
        """Make a row for each word, on its axis: words that mean the same have cosine 1, all others 0."""
        axes = [unknown if axis is None else axis for axis in self._axes(text)]
        return np.eye(self.dimension, dtype=np.float32)[axes]

    def _axes(self, text: str) -> list[int | None]:
        return [self.axes.get(word.casefold()) for word in WORD.findall(text)[: self.window]]
