"""Answer: what Quoth says to a question, which is only quotes, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How sure it is that the first quote answers the question."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


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
    """From 1; None where the format has no pages."""
    lines: tuple[int, int] | None
    """First and last line, from 1; None where the format has no lines."""
    start: int
    end: int


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


@dataclass(frozen=True, slots=True)
class Answer:
    """The best passages for a question, best first, whatever the verdict."""

    question: str
    answer_id: str
    verdict: Verdict
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float
