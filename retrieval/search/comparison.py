"""Comparison: a question against candidates, token by token, and the best of them once more in context."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from retrieval.encoding.token_codes import TokenComparison
from retrieval.search import scoring
from retrieval.search.hits import Hit
from retrieval.search.scoring import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.vectors import Query, Vectors
    from retrieval.search.hits import ReadCandidate
    from retrieval.search.questions import Question
    from retrieval.storage.records import StoredPassage, StoredSentence

CONTEXT_WEIGHT = 0.25
"""What the tokens of a follow-up's context weigh when its sentence is chosen: less than its own, or the sentence would
be the one that answered before; and not nothing, since "And when?" says little by itself."""

_COMMA = re.compile("[,;،、，]")


@dataclass(frozen=True, slots=True)
class Compared:
    """A hit, and how well each of its sentences answers."""

    hit: Hit
    nearness: Vectors
    """(sentences,) cosine of the question with each sentence."""
    scores: Vectors
    """(sentences,) as of `score_sentences`."""


class Comparison:
    """Compares one question with any number of candidates."""

    def __init__(self, question: Question, query: Query, encoder: Encoder) -> None:
        self._encoder = encoder
        self._query = query
        self._tokens = TokenComparison(query.tokens)
        (self._context,) = encoder.count_tokens([question.context])
        """How many of the question's first tokens are its context's."""
        context, own = np.split(query.weights, [self._context])
        self._weights = np.concatenate([context * np.float32(CONTEXT_WEIGHT), own])
        """Of the question's tokens, to choose sentences by."""

    def compare(self, read: ReadCandidate, codes: Sequence[bytes]) -> Compared:
        """Make a hit of a candidate by the codes of each of its sentences."""
        passage, candidate = read.passage, read.candidate
        cosines = [self._tokens.cosines(*pair) for pair in zip(candidate.vectors, codes, strict=True)]
        commas = _count_commas(_list_sentences(passage))
        scores = scoring.score_sentences(candidate.cosines, cosines, self._weights, commas)
        all_cosines = np.concatenate(cosines, axis=1)
        evidence = Evidence(
            sentence=float(candidate.cosines.max()),
            maxsim=scoring.maxsim(all_cosines, self._query.weights),
            coverage=candidate.coverage,
            weakest=scoring.weakest(all_cosines[self._context :], self._query.weights[self._context :]),
        )
        hit = Hit(passage, *_choose_sentences(passage, scores), evidence, evidence.score, read.copies)
        return Compared(hit, candidate.cosines, scores)

    def look_closer(self, compared: Compared) -> Hit:
        """Compare the best hit in context, where the codes of its tokens do not tell enough.

        They were made of each sentence by itself, which does not know what "it" or "there" stands for. Where two
        sentences are about as good, the text from the one before the first of them to the second is encoded as one. Of
        a follow-up it is the whole passage: its verdict hangs on its weakest token.
        """
        hit, rivals = compared.hit, scoring.find_rivals(compared.scores)
        if self._context:
            cosines = self._encode_in_context(hit.passage, slice(len(compared.scores)))
            own = np.concatenate(cosines, axis=1)[self._context :]
            weakest = scoring.weakest(own, self._query.weights[self._context :])
            hit = replace(hit, evidence=replace(hit.evidence, weakest=weakest))
        if not rivals:
            return hit
        window = slice(max(rivals[0] - 1, 0), rivals[1] + 1)
        cosines = cosines[window] if self._context else self._encode_in_context(hit.passage, window)
        commas = _count_commas(_list_sentences(hit.passage)[window])
        nearness = compared.nearness[window]
        in_context = scoring.score_sentences(nearness, cosines, self._weights, commas, are_in_context=True)
        scores = np.full_like(compared.scores, -np.inf)
        for rival in rivals:
            scores[rival] = in_context[rival - window.start]
        sentence, sentences = _choose_sentences(hit.passage, scores)
        return replace(hit, sentence=sentence, sentences=sentences)

    def _encode_in_context(self, passage: StoredPassage, window: slice) -> list[Vectors]:
        """Encode some sentences as one text: for each, (tokens of the question, tokens of the sentence)."""
        texts = _list_sentences(passage)[window]
        (encoded,) = self._encoder.encode_sentences([" ".join(texts)])
        ends = np.cumsum(self._encoder.count_tokens(texts))
        return np.split(self._query.tokens @ encoded.tokens.T, ends[:-1], axis=1)


def _choose_sentences(passage: StoredPassage, scores: Vectors) -> tuple[StoredSentence, tuple[StoredSentence, ...]]:
    """Choose the sentence that answers, and all that may, in the passage's order."""
    chosen = scoring.choose_sentences(scores)
    return passage.sentences[chosen[0]], tuple(passage.sentences[i] for i in sorted(chosen))


def _list_sentences(passage: StoredPassage) -> list[str]:
    return [passage.text_of(sentence) for sentence in passage.sentences]


def _count_commas(texts: Sequence[str]) -> list[int]:
    return [len(_COMMA.findall(text)) for text in texts]


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Multiply matrices in this thread: BLAS shares out even small ones, and on busy cores each then waits for all.

    With both cores busy, a question was compared with 25 passages in 2 ms instead of 24.
    """
    with _find_blas().limit(limits=1, user_api="blas"):
        yield


@cache
def _find_blas() -> ThreadpoolController:
    return ThreadpoolController()
