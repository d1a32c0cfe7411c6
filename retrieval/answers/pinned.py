"""Pins: an owner says that a passage answers a question, and whoever asks it gets that passage first.

Only differences in dress are allowed (`questions.normalize`): every word, name, number and negation must be in both
questions. Vectors cannot tell. With the bundled model, "from Paris to London" and "from London to Paris" have a cosine
of .999, but a question in capitals and the same in small letters .92 (`benchmarks/README.md`). An owner pins each
other phrasing, too.

A pin holds while the passage's words stand in its document, wherever that has moved within its collection. It belongs
to the collection: a chat that does not see the one does not see the other. Its question is kept until it is unpinned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.errors import PinError
from retrieval.receipts.statement import Span, hash_text
from retrieval.search.questions import check_question, normalize
from retrieval.storage.records import DEFAULT_COLLECTION

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime

    from retrieval.documents.document import Location
    from retrieval.index import Index
    from retrieval.receipts.pins import Pin
    from retrieval.receipts.statement import Citation
    from retrieval.storage.records import StoredPassage

_SHOWN = 60
"""Characters of the document after the words that were found."""


class PinState(StrEnum):
    """Whether a pin has an effect."""

    HOLDS = "holds"
    MOVED = "moved"
    """It holds, at another place than that which was pinned."""
    GONE = "gone"
    """The document does not hold the words any more, or is gone: the pin has no effect."""


@dataclass(frozen=True, slots=True)
class PinnedPassage:
    """The passage that holds the words of a pin now."""

    passage: StoredPassage
    sentence: tuple[int, int]
    """Offsets of the highlighted part in the document's text."""

    @property
    def span(self) -> Span:
        """The passage's place."""
        passage = self.passage
        return Span(passage.collection, passage.path, passage.sha256, passage.start, passage.end)


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
    """Pin a quote of an earlier answer, by its rank from 1, to a question: that one or another.

    Raises:
        QuestionError: the question cannot be asked.
        PinError: there is no such receipt or quote, or its passage is not in the documents any more.
    """
    question = check_question(question)
    receipt = index.receipts.get(receipt_id)
    if receipt is None or not receipt.is_intact:
        message = f"There is no receipt {receipt_id}. It stands below the answer."
        raise PinError(message)
    citations = {citation.rank: citation for citation in receipt.found}
    if rank not in citations:
        message = f"That answer has no quote {rank}; it has: {', '.join(map(str, citations)) or 'none'}."
        raise PinError(message)
    citation = citations[rank]
    text = index.receipts.text(citation.text_sha256) or _read_text(index, citation)
    passage = _locate(index, citation.span, citation.sentence, text) if text else None
    if passage is None:
        path = citation.span.path
        message = f"{path} does not hold this passage any more. Pin another one: quoth pin QUESTION PATH WORDS"
        raise PinError(message)
    return _add(index, question, passage)


def pin_words(index: Index, question: str, path: str, words: str, collection: str = DEFAULT_COLLECTION) -> ListedPin:
    """Pin the passage of a document that holds these words; the sentences that hold them are highlighted.

    The words are a part of the passage; case and line breaks do not matter.

    Raises:
        QuestionError: the question cannot be asked.
        PinError: there is no such document, or not one passage that holds the words.
    """
    question = check_question(question)
    with index.reading() as store:
        documents = store.documents.find_texts(collection, path)
    if not documents:
        raise PinError(_explain_no_document(index, path, collection))
    (document_id, text), *_ = documents
    matches = [match.span() for match in re.finditer(_to_pattern(words), text, re.IGNORECASE)] if words.strip() else []
    if not matches:
        raise PinError(_explain_no_words(path, words, text))
    with index.reading() as store:
        passages = store.passages.read_document(document_id)
    holding = {
        passage.id: _highlight(passage, span) for span in reversed(matches) if (passage := _find_around(span, passages))
    }
    if not holding:
        message = f"These words are in {path}, but not within one passage. Give fewer of them, from one sentence."
        raise PinError(message)
    if len(holding) > 1:
        message = f"These words are in {len(holding)} passages of {path}. Give more of them, so that it is one."
        raise PinError(message)
    return _add(index, question, *holding.values())


def unpin(index: Index, number: int) -> bool:
    """Remove a pin; false if there is none with this number."""
    return index.receipts.pins.remove(number)


def pins(index: Index) -> list[ListedPin]:
    """List all pins, oldest first, with where their words stand now."""
    return [_list_pin(pin, _locate(index, pin.span, pin.sentence, pin.text)) for pin in index.receipts.pins.all()]


def find_pinned(index: Index, question: str, collections: Container[str] | None = None) -> list[PinnedPassage]:
    """List the passages that are pinned to this question and stand in these collections, the newest pin's first."""
    asked = normalize(question)
    numbers = {number for number, other in index.receipts.pins.questions() if normalize(other).matches(asked)}
    if not numbers:
        return []
    passages: dict[int, PinnedPassage] = {}
    for pin in reversed(index.receipts.pins.all()):
        if pin.number in numbers and (collections is None or pin.span.collection in collections):
            passage = _locate(index, pin.span, pin.sentence, pin.text)
            if passage:
                passages.setdefault(passage.passage.id, passage)
    return list(passages.values())


def _read_text(index: Index, citation: Citation) -> str | None:
    """Read the words of a quote that was never shown, if they still stand there."""
    span = citation.span
    with index.reading() as store:
        passages = store.passages.find(span.document_sha256, span.start, span.end)
    return next((one.text for one in passages if hash_text(one.text) == citation.text_sha256), None)


def _add(index: Index, question: str, pinned: PinnedPassage) -> ListedPin:
    pin = index.receipts.pins.add(question, pinned.span, pinned.sentence, pinned.passage.text)
    return _list_pin(pin, pinned)


def _locate(index: Index, span: Span, sentence: tuple[int, int], text: str) -> PinnedPassage | None:
    """Find the passage that now holds a sentence of an earlier passage, given by its span then and its text."""
    if not span.start <= sentence[0] < sentence[1] <= span.start + len(text):
        return None
    with index.reading() as store:
        documents = store.documents.find_texts(span.collection, span.path, span.document_sha256)
    for document_id, whole in documents:
        starts = [match.start() for match in re.finditer(re.escape(text), whole)]
        if starts:
            start = min(starts, key=lambda start: abs(start - span.start))
            now = (sentence[0] + start - span.start, sentence[1] + start - span.start)
            with index.reading() as store:
                passages = store.passages.read_document(document_id)
            same = (passage for passage in passages if (passage.start, passage.text) == (start, text))
            passage = next(same, None) or _find_around(now, passages)
            if passage:
                return PinnedPassage(passage, now)
    return None


def _find_around(span: tuple[int, int], passages: Sequence[StoredPassage]) -> StoredPassage | None:
    """Choose the passage that holds a part of the text and has most on both sides of it."""
    return max(
        (passage for passage in passages if passage.start <= span[0] and span[1] <= passage.end),
        key=lambda passage: min(span[0] - passage.start, passage.end - span[1]),
        default=None,
    )


def _highlight(passage: StoredPassage, span: tuple[int, int]) -> PinnedPassage:
    sentences = [sentence for sentence in passage.sentences if sentence.start < span[1] and span[0] < sentence.end]
    return PinnedPassage(passage, (sentences[0].start, sentences[-1].end) if sentences else span)


def _list_pin(pin: Pin, pinned: PinnedPassage | None) -> ListedPin:
    state, span = PinState.GONE, pin.span
    if pinned:
        span = pinned.span
        # The file may have other bytes now.
        is_there = replace(span, document_sha256=pin.span.document_sha256) == pin.span
        state = PinState.HOLDS if is_there else PinState.MOVED
    start, end = (offset - pin.span.start for offset in pin.sentence)
    return ListedPin(
        number=pin.number,
        question=pin.question,
        pinned_at=pin.pinned_at,
        state=state,
        span=span,
        place=pinned.passage.place if pinned else None,
        text=pinned.passage.text if pinned else pin.text,
        highlight=pin.text[start:end],
    )


def _to_pattern(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def _explain_no_document(index: Index, path: str, collection: str) -> str:
    for document in index.documents():
        if document.path == path:
            return f"{path} is in the collection {document.collection}: add --collection {document.collection}"
    return f"There is no document {path} in the collection {collection}. `quoth index` reads new ones."


def _explain_no_words(path: str, words: str, text: str) -> str:
    """Quote the longest beginning of the words that is there, as most often a later word differs."""
    split = words.split()
    for count in range(len(split) - 1, 0, -1):
        match = re.search(_to_pattern(" ".join(split[:count])), text, re.IGNORECASE)
        if match:
            there = " ".join(text[match.start() : match.end() + _SHOWN].split())
            return f"{path} does not hold these words. It says: “{there}…” Give the words as they stand there."
    return f"{path} does not hold these words. Give some of the passage's own, as they stand there."
