"""Quote: a passage of a document, word for word, with its source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.answers.missing import MissingWord  # noqa: TC001 - pydantic looks it up
from retrieval.documents import readers
from retrieval.documents.document import Location  # noqa: TC001 - pydantic looks it up
from retrieval.sources.text_fragment import link_to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.index import Index
    from retrieval.storage.records import StoredPassage


@dataclass(frozen=True, slots=True)
class Source:
    """The place of a quote. `start` and `end` are offsets into the document's text, end exclusive."""

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
    place: Location | None
    """None where the format has no parts that a person could look for."""
    collection: str
    """Which the document belongs to."""
    reader: str
    """Which versions read the file."""
    url: str | None = None
    """Where a browser shows the answering sentence, if the document is a web page."""
    fetched_at: str | None = None
    """When that page was fetched, in ISO 8601."""
    is_gone: bool = False
    """Whether the site says that it is gone since then."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A sentence of a quote; offsets are into the document's text, end exclusive."""

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
    """The sentence that answers best."""
    highlights: tuple[Highlight, ...]
    """All sentences that answer, in the text's order."""
    source: Source
    also_in: tuple[Source, ...] = ()
    """Where the same words stand too, perhaps with other spacing and punctuation."""
    is_pinned: bool = False
    """Whether an owner said that this answers the question; then the score, 0 if it was not found, says nothing."""
    missing: tuple[MissingWord, ...] = ()
    """What the question names and this does not; of a pinned quote, nothing."""
    leans_on: Highlight | None = None
    """The sentence before the first that answers, where that says "it", "this" or the like."""
    may_answer: bool = True
    """Whether its evidence is about as good as that of the first quote. What may not answer is shown on demand."""


def to_source(passage: StoredPassage) -> Source:
    """Name the place of a passage."""
    place = passage.place
    return Source(
        collection=passage.collection,
        reader=passage.reader,
        path=passage.path,
        sha256=passage.sha256,
        title=passage.title,
        heading=passage.heading,
        page=place.page if place else None,
        lines=place.lines if place else None,
        place=place,
        start=passage.start,
        end=passage.end,
        fetched_at=passage.fetched_at,
        is_gone=passage.is_gone,
    )


def link_quotes(index: Index, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Give the sources of quotes from web pages an address that a browser scrolls to the answering sentence from."""
    return tuple(_link(index, quote) if readers.is_page(quote.source.path) else quote for quote in quotes)


def _link(index: Index, quote: Quote) -> Quote:
    source, best = quote.source, quote.highlight
    with index.reading() as store:
        text = store.documents.find_text(source.sha256, source.reader)
    if text is None:
        return quote
    return replace(
        quote, source=replace(source, url=link_to_text(source.path, text, best.start, best.end, source.page))
    )
