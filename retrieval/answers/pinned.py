"""Pins: an owner says that a passage answers a question; who asks it gets that passage first.

A pin works for its question in other dress only (`questions.normalize`): each word, name, number and negation of one is
in the other. The vectors have no say in it, as they cannot tell: with the bundled model, "from Paris to London" and
"from London to Paris" have a cosine of .999, and a question in capitals and the same in small letters one of .92
(`benchmarks/README.md`). Who wants another phrasing answered pins that, too.

A pin names a span of a document, and holds as long as the passage's words stand in that document, wherever it has
moved within its collection and whatever else has changed in it; when they are gone it has no effect. It is of its
collection: who does not see that does not see the pin. Its question is the owner's own, and kept until it is unpinned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.errors import PinError
from retrieval.receipts.ledger import Span
from retrieval.search.questions import checked, normalize
from retrieval.storage.records import DEFAULT_COLLECTION

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime

    from retrieval.documents.document import Location
    from retrieval.index import Index
    from retrieval.receipts.ledger import Pin
    from retrieval.storage.records import StoredPassage


class PinState(StrEnum):
    """Whether a pin has an effect."""

    HOLDS = "holds"
    MOVED = "moved"
    """It holds, at another place than that which was pinned."""
    GONE = "gone"
    """The document does not hold the words any more, or is gone: the pin has no effect."""


@dataclass(frozen=True, slots=True)
class PinnedPassage:
    """Where the words of a pin stand now."""

    passage: StoredPassage
    sentence: tuple[int, int]
    """Of the highlighted part, in the document's text."""


@dataclass(frozen=True, slots=True)
class ListedPin:
    """A pin as its owner sees it."""

    number: int
    question: str
    pinned_at: datetime
    state: PinState
    span: Span
    """Where the passage stands now; where it stood when it was pinned, if it is gone."""
    place: Location | None
    text: str
    """Of the passage: as it was pinned, if it is gone."""
    highlight: str
    """The part that answers."""


def pin(index: Index, question: str, receipt_id: str, rank: int = 1) -> ListedPin:
    """Pin a quote of an earlier answer as the answer to a question.

    Args:
        index: the documents.
        question: what the passage answers; need not be the one that was asked.
        receipt_id: of the answer.
        rank: of the quote in it, from 1.

    Raises:
        QuestionError: the question cannot be asked.
        PinError: there is no such receipt or quote, or its passage is not in the documents any more.
    """
    question = checked(question)
    receipt = index.receipts.get(receipt_id)
    if receipt is None or not receipt.is_intact:
        message = f"There is no receipt {receipt_id}. It stands below the answer."
        raise PinError(message)
    citation = next((each for each in receipt.statement.citations if each.rank == rank), None)
    if citation is None:
        ranks = ", ".join(str(each.rank) for each in receipt.statement.citations)
        message = f"That answer has no quote {rank}; it has: {ranks or 'none'}."
        raise PinError(message)
    text = index.receipts.text(citation.text_sha256)
    found = text and _standing(index, citation.span, citation.sentence, text)
    if not text or not found:
        message = (
            f"{citation.span.path} does not hold this passage any more. Pin another one: quoth pin QUESTION PATH WORDS"
        )
        raise PinError(message)
    return _keep(index, question, found)


def pin_words(index: Index, question: str, path: str, words: str, collection: str = DEFAULT_COLLECTION) -> ListedPin:
    """Pin the passage of a document that holds these words; the sentences that hold them are highlighted.

    Args:
        index: the documents.
        question: what the passage answers.
        path: of the document.
        words: a part of the passage; case and line breaks do not matter.
        collection: which the document belongs to.

    Raises:
        QuestionError: the question cannot be asked.
        PinError: there is no such document, or not one passage that holds the words.
    """
    question = checked(question)
    with index.reading() as store:
        documents = store.documents.find_texts(collection, path)
    if not documents:
        raise PinError(_no_document(index, path, collection))
    (document_id, text), *_ = documents
    matches = [match.span() for match in re.finditer(_loosely(words), text, re.IGNORECASE)] if words.strip() else []
    if not matches:
        raise PinError(_no_words(path, words, text))
    with index.reading() as store:
        passages = store.passages.read_document(document_id)
    found = {
        passage.id: _highlighted(passage, span) for span in reversed(matches) if (passage := _around(span, passages))
    }
    if not found:
        message = f"These words are in {path}, but not within one passage. Give fewer of them, from one sentence."
        raise PinError(message)
    if len(found) > 1:
        message = f"These words are in {len(found)} passages of {path}. Give more of them, so that it is one."
        raise PinError(message)
    return _keep(index, question, *found.values())


def unpin(index: Index, number: int) -> bool:
    """Forget a pin; false if there is none with this number."""
    return index.receipts.unpin(number)


def pins(index: Index) -> list[ListedPin]:
    """All pins, oldest first, with where their words stand now."""
    return [_listed(each, _standing(index, each.span, each.sentence, each.text)) for each in index.receipts.pins()]


def pinned(index: Index, question: str, collections: Container[str] | None = None) -> list[PinnedPassage]:
    """The passages that are pinned to this question and stand in these collections, the newest pin's first."""
    asked = normalize(question)
    numbers = {number for number, other in index.receipts.pinned_questions() if normalize(other).matches(asked)}
    if not numbers:
        return []
    found: dict[int, PinnedPassage] = {}
    for each in reversed(index.receipts.pins()):
        if each.number in numbers and (collections is None or each.span.collection in collections):
            standing = _standing(index, each.span, each.sentence, each.text)
            if standing:
                found.setdefault(standing.passage.id, standing)
    return list(found.values())


def _keep(index: Index, question: str, found: PinnedPassage) -> ListedPin:
    passage = found.passage
    span = Span(passage.collection, passage.path, passage.sha256, passage.start, passage.end)
    return _listed(index.receipts.pin(question, span, found.sentence, passage.text), found)


def _standing(index: Index, span: Span, sentence: tuple[int, int], text: str) -> PinnedPassage | None:
    """Where a text of a document stands now: in which of its passages the sentence is."""
    if not span.start <= sentence[0] < sentence[1] <= span.start + len(text):
        return None
    with index.reading() as store:
        texts = store.documents.find_texts(span.collection, span.path, span.document_sha256)
    for document_id, whole in texts:
        starts = [match.start() for match in re.finditer(re.escape(text), whole)]
        if starts:
            start = min(starts, key=lambda start: abs(start - span.start))
            now = (sentence[0] + start - span.start, sentence[1] + start - span.start)
            with index.reading() as store:
                passages = store.passages.read_document(document_id)
            same = (each for each in passages if (each.start, each.text) == (start, text))
            passage = next(same, None) or _around(now, passages)
            if passage:
                return PinnedPassage(passage, now)
    return None


def _around(span: tuple[int, int], passages: Sequence[StoredPassage]) -> StoredPassage | None:
    """Of the passages that hold a part of the text, the one that has most on both sides of it."""
    return max(
        (each for each in passages if each.start <= span[0] and span[1] <= each.end),
        key=lambda each: min(span[0] - each.start, each.end - span[1]),
        default=None,
    )


def _highlighted(passage: StoredPassage, span: tuple[int, int]) -> PinnedPassage:
    """The sentences of a passage that hold a part of its text."""
    held = [each for each in passage.sentences if each.start < span[1] and span[0] < each.end]
    return PinnedPassage(passage, (held[0].start, held[-1].end) if held else span)


def _listed(pinned: Pin, found: PinnedPassage | None) -> ListedPin:
    start, end = (each - pinned.span.start for each in pinned.sentence)
    gone = ListedPin(
        number=pinned.number,
        question=pinned.question,
        pinned_at=pinned.pinned_at,
        state=PinState.GONE,
        span=pinned.span,
        place=None,
        text=pinned.text,
        highlight=pinned.text[start:end],
    )
    if found is None:
        return gone
    now = found.passage
    span = Span(now.collection, now.path, now.sha256, now.start, now.end)
    is_there = replace(span, document_sha256=pinned.span.document_sha256) == pinned.span
    state = PinState.HOLDS if is_there else PinState.MOVED
    return replace(gone, state=state, span=span, place=now.place, text=now.text)


def _loosely(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def _no_document(index: Index, path: str, collection: str) -> str:
    elsewhere = [each.collection for each in index.documents() if each.path == path]
    if elsewhere:
        return f"{path} is in the collection {elsewhere[0]}: add --collection {elsewhere[0]}"
    return f"There is no document {path} in the collection {collection}. `quoth index` reads new ones."


def _no_words(path: str, words: str, text: str) -> str:
    """With the beginning that is there, as most often a later word is another."""
    split = words.split()
    for count in range(len(split) - 1, 0, -1):
        match = re.search(_loosely(" ".join(split[:count])), text, re.IGNORECASE)
        if match:
            there = " ".join(text[match.start() : match.end() + _SHOWN].split())
            return f"{path} does not hold these words. It says: “{there}…” Give the words as they stand there."
    return f"{path} does not hold these words. Give some of the passage's own, as they stand there."


_SHOWN = 60
"""Characters."""
