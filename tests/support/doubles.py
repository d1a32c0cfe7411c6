"""Test doubles of the reader and the encoder; `from support.doubles import WordEncoder`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from retrieval.documents import readers
from retrieval.documents.readers.limits import DEFAULT_LIMITS
from retrieval.encoding.vectors import EncodedText, Query

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
    >>> texts = ["Cat, cat, chat, dog dog dog dog!", "a fish"]
    >>> [text.vector.round(1).tolist() for text in encoder.encode_sentences(texts)]
    [[0.6000000238418579, 0.800000011920929, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]

    A token is a word (letters, digits and underscores, in any case); words past the window are cut off.
    """

    def __init__(self, *meanings: str, window: int = 64) -> None:
        self.axes = {word: axis for axis, words in enumerate(meanings) for word in words.casefold().split()}
        self.dimension = len(meanings) + 2
        self.window = window
        self.fingerprint = f"words/{'/'.join(meanings)}/{window}"
        self.encoded: list[str] = []
        """Every text that `encode_sentences` got, in order."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(WORD.findall(text)) for text in texts]

    def encode_query(self, text: str) -> Query:
        encoded = self._encode(text, unknown=self.dimension - 2)
        return Query(*encoded, np.ones(len(encoded.tokens), np.float32))

    def encode_sentences(self, texts: Sequence[str]) -> list[EncodedText]:
        self.encoded.extend(texts)
        return [self._encode(text, unknown=self.dimension - 1) for text in texts]

    def _encode(self, text: str, *, unknown: int) -> EncodedText:
        tokens = self._rows(text, unknown=unknown)
        counts = tokens.sum(axis=0)
        if any(axis is not None for axis in self._axes(text)):
            counts[unknown] = 0
        else:
            counts[unknown] = 1
        return EncodedText(counts / np.linalg.norm(counts), tokens)

    def _rows(self, text: str, *, unknown: int) -> Vectors:
        """Make a row for each word, on its axis: words that mean the same have cosine 1, all others 0."""
        axes = [unknown if axis is None else axis for axis in self._axes(text)]
        return np.eye(self.dimension, dtype=np.float32)[axes]

    def _axes(self, text: str) -> list[int | None]:
        return [self.axes.get(word.casefold()) for word in WORD.findall(text)[: self.window]]
