"""Tokenizer: texts → token numbers, as the tokenizers library gives them, with less to load.

The library makes 280 MB of the 250,000 pieces of XLM-RoBERTa's unigram model, in 0.7 s. Here it is 60 MB in
0.2 s, and splits no slower, since it caches words. Other tokenizers are small, and left to the library.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_TOKENIZER = "tokenizer.json"
_PIECES = "pieces.json"
_SCORES = "scores.npy"
_WEIGHTS = "weights.npy"

_COMMON_NATS = 4.0
"""A piece more probable than exp(-4), such as a comma, says nothing about a text's subject."""
_UNKNOWN_PENALTY = 10.0
"""How much less probable an unknown character is than the rarest piece; SentencePiece's number."""
_CACHED_WORDS = 1 << 15
_MAX_CACHED_WORD = 24
"""In characters. Longer words seldom come again: most are whole sentences of scripts without spaces."""


class TokenSettings(NamedTuple):
    """How a network takes the tokens of texts."""

    max_tokens: int
    """The most of a text, special tokens included."""
    padding: int
    """The token that fills up shorter rows."""
    before: list[int]
    after: list[int]
    """The tokens that stand before and after every text."""


def save_tokenizer(tokenizer: str, folder: Path) -> None:
    """Write a tokenizer, given as the library's JSON, for `load_tokenizer`."""
    content = json.loads(tokenizer)
    np.save(folder / _WEIGHTS, _weigh_pieces(content["model"]))
    if _is_plain_unigram(content):
        _save_unigram(content, folder)
        content |= {"model": {"type": "Unigram", "vocab": [["<unk>", 0.0]], "unk_id": 0}, "added_tokens": []}
    (folder / _TOKENIZER).write_text(json.dumps(content), "utf-8")


def load_tokenizer(folder: Path) -> Callable[[str], list[int]]:
    """Read a tokenizer as a function from a text to its token numbers, without special ones; threads may share it."""
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if not (folder / _PIECES).exists():
        return lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    unknown, pieces = json.loads((folder / _PIECES).read_text("utf-8"))
    unigram = Unigram(pieces, np.load(folder / _SCORES).tolist(), unknown)
    normalize, cut = tokenizer.normalizer.normalize_str, tokenizer.pre_tokenizer.pre_tokenize_str
    return lambda text: unigram.split(word for word, _ in cut(normalize(text)))


def load_weights(folder: Path) -> npt.NDArray[np.float32]:
    """Read the result of `weigh_tokens` that `save_tokenizer` wrote."""
    weights: npt.NDArray[np.float32] = np.load(folder / _WEIGHTS, mmap_mode="r")
    return weights


def weigh_tokens(tokenizer: str) -> npt.NDArray[np.float32]:
    """Weigh how much each token says, from 0: (vocabulary,) float32.

    A unigram model knows how probable its pieces are in all the languages that it was made from: the rarer,
    the more a piece says. Tokens of other models count 1. A token without letter or digit says nothing.

    Args:
        tokenizer: the tokenizers library's JSON.
    """
    return _weigh_pieces(json.loads(tokenizer)["model"])


def _weigh_pieces(model: dict[str, Any]) -> npt.NDArray[np.float32]:
    if model["type"] == "Unigram":
        weights = {piece: -score - _COMMON_NATS for piece, score in model["vocab"]}
    else:
        weights = dict.fromkeys(sorted(model["vocab"], key=model["vocab"].__getitem__), 1.0)
    informative = [weight if any(map(str.isalnum, piece)) else 0.0 for piece, weight in weights.items()]
    return np.maximum(np.array(informative, np.float32), 0)


class Unigram:
    """Splits words into the pieces whose product of probabilities is the greatest, by Viterbi's algorithm.

    Kudo, "Subword Regularization", section 3.2: https://arxiv.org/abs/1804.10959

    Args:
        pieces: parts of words; a piece's place is its token number, and an empty piece occurs nowhere.
        scores: their log-probabilities.
        unknown: the token number of characters that no piece has; a run of them is one token.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], unknown: int) -> None:
        self._numbers = {piece: number for number, piece in enumerate(pieces)}
        self._scores = scores
        self._unknown = unknown
        self._unknown_score = min(scores) - _UNKNOWN_PENALTY
        self._longest = max(map(len, pieces))
        self._split_cached = lru_cache(_CACHED_WORDS)(self._split_word)

    def split(self, words: Iterable[str]) -> list[int]:
        """Give the token numbers of all words, one after the other."""
        tokens: list[int] = []
        for word in words:
            tokens += self._split_cached(word) if len(word) <= _MAX_CACHED_WORD else self._split_word(word)
        return tokens

    def _split_word(self, word: str) -> list[int]:
        totals = [0.0]  # of the best split of word[:end]: its score,
        last = [(0, self._unknown)]  # the start and the number of its last piece
        for end in range(1, len(word) + 1):
            best, piece_start, piece = totals[-1] + self._unknown_score, end - 1, self._unknown
            for start in range(max(0, end - self._longest), end):
                number = self._numbers.get(word[start:end])
                if number is not None and totals[start] + self._scores[number] > best:
                    best, piece_start, piece = totals[start] + self._scores[number], start, number
            totals.append(best)
            last.append((piece_start, piece))
        tokens: list[int] = []
        end = len(last) - 1
        while end > 0:
            end, token = last[end]
            if token != self._unknown or tokens[-1:] != [token]:
                tokens.append(token)
        return tokens[::-1]


def _is_plain_unigram(content: dict[str, Any]) -> bool:
    return (
        content["model"]["type"] == "Unigram"
        and content["model"]["unk_id"] is not None
        and not content["model"].get("byte_fallback")
        and bool(content["normalizer"] and content["pre_tokenizer"])
        and all(token["special"] for token in content["added_tokens"])
    )


def _save_unigram(content: dict[str, Any], folder: Path) -> None:
    vocabulary = content["model"]["vocab"]
    # A text that looks like a special token is a text: SentencePiece never matches these pieces either.
    special = {token["id"] for token in content["added_tokens"]}
    pieces = ["" if number in special else piece for number, (piece, _) in enumerate(vocabulary)]
    saved = json.dumps([content["model"]["unk_id"], pieces], ensure_ascii=False)
    (folder / _PIECES).write_text(saved, "utf-8")
    np.save(folder / _SCORES, np.array([score for _, score in vocabulary]))
