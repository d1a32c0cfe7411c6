"""Answer: what Quoth says to a question, which is only quotes, each with its source."""

from __future__ import annotations

import re
import secrets
import time
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.confidence import STRONG, WEAK, confidence
from retrieval.errors import QuestionError, QuestionFault

if TYPE_CHECKING:
    from collections.abc import Collection

    from retrieval.documents import Place
    from retrieval.index import Index
    from retrieval.search import Hit
    from retrieval.store import KeptQuote, StoredPassage, StoredSentence

QUESTION_LIMIT = 2_000
"""The most characters of a question."""
MOST_KEPT = 10
"""Quotes of each answer that `quotes_of` can give later."""


class Verdict(StrEnum):
    """How sure it is that the first quote answers the question."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"

    @property
    def found(self) -> bool:
        """Whether the documents seem to answer."""
        return self is not Verdict.NONE


@dataclass(frozen=True, slots=True)
class Source:
    """Where a quote stands. `start` and `end` are offsets into the document's text, end exclusive."""

    path: str
    """Relative to the documents' folder, with forward slashes."""
    sha256: str
    """Of the file's bytes."""
    title: str
    heading: str | None
    page: int | None
    """The first of `place`, if it counts in pages."""
    lines: tuple[int, int] | None
    """First and last of `place`, if it counts in lines."""
    start: int
    end: int
    place: Place | None
    """None where the format has no parts that a person could look for."""
    collection: str
    """Which the document belongs to."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """The sentence of a quote that answers; offsets are into the document's text, end exclusive."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a document, word for word: `document.text[source.start:source.end] == text`."""

    rank: int
    score: float
    text: str
    highlight: Highlight
    source: Source
    also_in: tuple[Source, ...] = ()
    """Where the same words stand too, perhaps with other spacing and punctuation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The best passages for a question, best first, whatever the verdict."""

    question: str
    answer_id: str
    verdict: Verdict
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a quote: `before + quote.text + after` is a part of the document, word for word."""

    quote: Quote
    before: str
    after: str
    is_beginning: bool
    """Whether `before` begins where the document does."""
    is_end: bool
    """Whether `after` ends where the document does."""


class FileNow(StrEnum):
    """What became of a file since it was read."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a quote comes from, and whether that still stands there."""

    source: Source
    read_at: datetime
    file: FileNow


def ask(index: Index, question: str, k: int = 3, collections: Collection[str] | None = None) -> Answer:
    """Answer a question with at most k quotes, best first.

    The first MOST_KEPT passages that were found are kept for `quotes_of`, whatever k is; the question is not.

    Args:
        index: the documents.
        question: what is asked.
        k: how many quotes at most.
        collections: names of those to search in; None for all.

    Raises:
        QuestionError: the question is blank, too long, or not text.
        StoreError: there is no index that fits, or it cannot be written.
    """
    began = time.perf_counter()
    question = checked(question)
    hits = index.search(question, k, collections=collections)
    sure = confidence(hits, index.calibration)
    answer = Answer(
        question=question,
        answer_id=secrets.token_urlsafe(12),
        verdict=_verdict(sure),
        confidence=sure,
        quotes=tuple(_quote_of_hit(rank, hit) for rank, hit in enumerate(hits[:k], start=1)),
        elapsed_ms=round((time.perf_counter() - began) * 1000, 1),
    )
    index.keep(answer.answer_id, hits[:MOST_KEPT])
    return answer


def find(
    index: Index, question: str, k: int = 3, collections: Collection[str] | None = None
) -> tuple[Quote, ...]:
    """At most k passages that may answer, best first, in a tenth of the time that `ask` takes.

    They come without a verdict: what says how sure an answer is, is the same comparison token by token that is
    left out here. Whoever shows them leaves the choice to the person who asks.

    Raises:
        QuestionError: the question is blank, too long, or not text.
        StoreError: there is no index that fits.
    """
    hits = index.search(checked(question), k, collections=collections, rerank=False)
    return tuple(_quote_of_hit(rank, hit) for rank, hit in enumerate(hits, start=1))


def quotes_of(index: Index, answer_id: str) -> tuple[Quote, ...]:
    """The first quotes of an answer that was given in the last 30 days, also before a restart.

    Those whose documents were changed or removed since are left out.
    """
    return tuple(map(_quote_of_kept, index.kept(answer_id)))


def context_of(index: Index, answer_id: str, characters: int) -> Context | None:
    """What stands around the first quote of an answer, if that still stands in the documents.

    Args:
        index: the documents.
        answer_id: of an answer of the last 30 days.
        characters: on each side, at most; a word that would be cut is left out.
    """
    kept = _first_kept(index, answer_id)
    stored = index.text_around(kept.passage) if kept else None
    if kept is None or stored is None:
        return None
    text, passage = stored.text, kept.passage
    start, end = max(0, passage.start - characters), passage.end + characters
    before, after = text[start : passage.start], text[passage.end : end]
    return Context(
        quote=_quote_of_kept(kept),
        before=_CUT_WORD_AT_START.sub("", before) if start > 0 else before,
        after=_CUT_WORD_AT_END.sub("", after) if end < len(text) else after,
        is_beginning=start == 0,
        is_end=end >= len(text),
    )


def origin_of(index: Index, answer_id: str) -> Origin | None:
    """Where the first quote of an answer comes from, if it still stands in the documents; looks at its file."""
    kept = _first_kept(index, answer_id)
    stored = index.text_around(kept.passage) if kept else None
    if kept is None or stored is None:
        return None
    found = index.fingerprint(kept.passage)
    same = FileNow.SAME if found == kept.passage.sha256 else FileNow.CHANGED
    return Origin(
        source=_source(kept.passage),
        read_at=datetime.fromtimestamp(stored.read_at, UTC),
        file=same if found else FileNow.GONE,
    )


# Scripts without spaces have no such words.
_CUT_WORD_AT_START = re.compile(r"\A\S{0,30}\s")
_CUT_WORD_AT_END = re.compile(r"\s\S{0,30}\Z")


def _first_kept(index: Index, answer_id: str) -> KeptQuote | None:
    return next((kept for kept in index.kept(answer_id) if kept.rank == 1), None)


def _quote_of_kept(kept: KeptQuote) -> Quote:
    return _quote(kept.rank, kept.score, kept.passage, kept.sentence, kept.copies)


def checked(question: str) -> str:
    """The question without the white space around it.

    Raises:
        QuestionError: it is blank, too long, or not text.
    """
    question = question.strip()
    if not question:
        raise QuestionError("The question is empty. Ask in a few words or a sentence.", QuestionFault.EMPTY)
    if len(question) > QUESTION_LIMIT:
        message = f"The question has {len(question):,} characters. Ask in at most {QUESTION_LIMIT:,}."
        raise QuestionError(message, QuestionFault.TOO_LONG)
    if not any(map(str.isalnum, question)):
        message = "The question holds no words. Ask in a few words or a sentence."
        raise QuestionError(message, QuestionFault.NO_WORDS)
    if not question.isprintable() and any(_is_control(character) for character in question):
        message = "The question holds characters that are not text. Type it again as plain text."
        raise QuestionError(message, QuestionFault.NOT_TEXT)
    return question


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} and character not in "\t\n\r"


def _verdict(sure: float) -> Verdict:
    if sure >= STRONG:
        return Verdict.STRONG
    return Verdict.WEAK if sure >= WEAK else Verdict.NONE


def _quote_of_hit(rank: int, hit: Hit) -> Quote:
    return _quote(rank, hit.score, hit.passage, hit.sentence, hit.copies)


def _quote(
    rank: int,
    score: float,
    passage: StoredPassage,
    sentence: StoredSentence,
    copies: tuple[StoredPassage, ...] = (),
) -> Quote:
    return Quote(
        rank=rank,
        score=score,
        text=passage.text,
        highlight=Highlight(
            start=sentence.start,
            end=sentence.end,
            text=passage.text_of(sentence),
        ),
        source=_source(passage),
        also_in=tuple(map(_source, copies)),
    )


def _source(passage: StoredPassage) -> Source:
    place = passage.place
    return Source(
        collection=passage.collection,
        path=passage.path,
        sha256=passage.sha256,
        title=passage.title,
        heading=passage.heading,
        page=place.page if place else None,
        lines=place.lines if place else None,
        place=place,
        start=passage.start,
        end=passage.end,
    )
