"""Answers: Quoth answers a question with quotes alone, each with its source."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.answers.context import Context
from retrieval.answers.judgement import Judgement, judge
from retrieval.answers.leaning import is_leaning
from retrieval.answers.missing import MissingWord, find_missing, read_missing_words
from retrieval.answers.pinned import PinnedPassage, find_pinned
from retrieval.answers.quote import Highlight, Quote, Source, link_quotes, to_source
from retrieval.receipts.receipt import Asker
from retrieval.receipts.statement import Channel, Citation, Span, hash_text
from retrieval.search.confidence import Verdict, may_answer
from retrieval.search.questions import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from retrieval.index import Index
    from retrieval.search.hits import Hit
    from retrieval.storage.records import IndexState, StoredPassage

MAX_KEPT = 10
"""Quotes of each answer that are kept, with its receipt or beside it."""
SOMEBODY = Asker()


@dataclass(frozen=True, slots=True)
class Answer:
    """The best passages for a question, best first, whatever the verdict."""

    question: str
    receipt_id: str
    verdict: Verdict
    confidence: float
    quotes: tuple[Quote, ...]
    elapsed_ms: float
    missing: tuple[str, ...] = ()
    """Names, numbers and dates of the question that do not stand in the first quote, as the question writes them."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Passages to choose from."""

    quotes: tuple[Quote, ...]
    goes_on: bool
    """Whether there are more."""
    receipt_id: str | None
    """None if there are no passages."""


def ask(
    index: Index,
    question: Question | str,
    k: int = 3,
    collections: Container[str] | None = None,
    asker: Asker = SOMEBODY,
    *,
    choose_shown: Callable[[Answer], Iterable[Quote]] = lambda answer: answer.quotes,
) -> Answer:
    """Answer a question with at most k quotes, best first, and record a receipt of it.

    The receipt names the quotes that are shown at once. For `mark_shown`, the others are kept beside it for a
    while, up to MAX_KEPT or k. A passage that an owner has pinned to the question
    comes first, and then the answer is sure. In a follow-up's quotes, its own words choose the answering sentence.

    Args:
        index: the documents.
        question: what is asked.
        k: how many quotes at most.
        collections: names of those to search in; None for all.
        asker: who asks, for the receipt.
        choose_shown: tells which quotes of the answer, still without its receipt, the person sees at once.

    Raises:
        QuestionError: the question is blank, too long, or not text.
        StoreError: there is no index that fits, or the receipt cannot be written.
    """
    began = time.perf_counter()
    question = Question.of(question)
    hits = index.search(question, k, collections=collections)
    first = find_pinned(index, question.whole, collections)
    judgement = Judgement(Verdict.STRONG, 1.0) if first else judge(question, hits)
    ranked = _rank(first, hits)
    quotes = link_quotes(index, _make_quotes(question, ranked, hits, range(len(ranked))))
    answer = Answer(
        question=question.whole,
        receipt_id="",
        verdict=judgement.verdict,
        confidence=judgement.confidence,
        quotes=quotes[:k],
        elapsed_ms=0.0,
        missing=judgement.missing,
    )
    shown = list(choose_shown(answer))
    further = [quote for quote in quotes[: max(k, MAX_KEPT)] if quote not in shown]
    receipt_id = _record(index, hits.state, question, shown, further, verdict=answer.verdict, asker=asker)
    return replace(answer, receipt_id=receipt_id, elapsed_ms=round((time.perf_counter() - began) * 1000, 1))


def find(
    index: Index,
    question: Question | str,
    page: range,
    collections: Container[str] | None = None,
    asker: Asker = SOMEBODY,
) -> Listing:
    """List passages that may answer, best first, as `ask` orders them.

    They come without a verdict, since the person who asks chooses. For a person who types inline, the receipt names
    only what is chosen. `page` says which of the passages, from 0; the other arguments and errors are those of `ask`.
    """
    question = Question.of(question)
    hits = index.search(question, page.stop + 1, collections=collections)
    ranked = _rank(find_pinned(index, question.whole, collections), hits)
    listed = link_quotes(index, _make_quotes(question, ranked, hits, page))
    if not listed:
        return Listing((), goes_on=False, receipt_id=None)
    shown, further = ((), listed) if asker.channel is Channel.INLINE else (listed, ())
    receipt_id = _record(index, hits.state, question, shown, further, verdict=None, asker=asker)
    return Listing(listed, goes_on=len(ranked) > page.stop, receipt_id=receipt_id)


def _record(
    index: Index,
    state: IndexState,
    question: Question,
    shown: Sequence[Quote],
    further: Sequence[Quote],
    *,
    verdict: Verdict | None,
    asker: Asker,
) -> str:
    return index.receipts.record(
        question.whole,
        asker,
        verdict=verdict,
        generation=state.generation,
        model=state.model,
        citations=[_cite(quote) for quote in shown],
        texts=[quote.text for quote in shown],
        further=[_cite(quote) for quote in further],
    )


def _cite(quote: Quote) -> Citation:
    source = quote.source
    return Citation(
        rank=quote.rank,
        span=_to_span(source),
        text_sha256=hash_text(quote.text),
        reader=source.reader,
        title=source.title,
        heading=source.heading,
        place=source.place,
        sentence=(quote.highlight.start, quote.highlight.end),
        score=quote.score,
        is_pinned=quote.is_pinned,
        copies=tuple(map(_to_span, quote.also_in)),
        missing=tuple((word.start, word.end) for word in quote.missing),
        more_sentences=tuple((other.start, other.end) for other in quote.highlights if other != quote.highlight),
        may_answer=quote.may_answer,
        fetched_at=source.fetched_at,
    )


def _to_span(source: Source) -> Span:
    return Span(source.collection, source.path, source.sha256, source.start, source.end)


def mark_shown(index: Index, receipt_id: str, quotes: Iterable[Quote]) -> None:
    """Note on the receipt of an earlier answer that these of its quotes were shown, on demand.

    Raises:
        StoreError: the receipt cannot be written.
    """
    index.receipts.mark_shown(receipt_id, {quote.rank: quote.text for quote in quotes})


def read_quotes(index: Index, receipt_id: str, collections: Container[str] | None = None) -> tuple[Quote, ...]:
    """Read the quotes of an earlier answer, also after a restart or when their files were moved.

    Those that were never shown are kept for some weeks only.

    Quotes whose documents were changed or removed since, or are in none of these collections now, are left out.
    """
    return link_quotes(index, [quote for quote, _ in _read_kept(index, receipt_id, collections)])


def _read_kept(
    index: Index, receipt_id: str, collections: Container[str] | None
) -> Iterator[tuple[Quote, StoredPassage]]:
    receipt = index.receipts.get(receipt_id)
    if receipt is None or not receipt.is_intact:
        return
    for citation in receipt.found:
        passage = _find_passage(index, citation.span)
        if passage and collections is not None and passage.collection not in collections:
            continue
        if passage and hash_text(passage.text) == citation.text_sha256:
            # Of files with the same bytes, one that is gone is found as another.
            copies = (_find_passage(index, span) for span in citation.copies)
            copies_by_id = {copy.id: copy for copy in copies if copy and copy.id != passage.id}
            quote = _quote(
                citation.rank,
                citation.score,
                passage,
                (citation.sentence, *citation.more_sentences),
                copies_by_id.values(),
                is_pinned=citation.is_pinned,
                may_answer=citation.may_answer,
                missing=read_missing_words(receipt.question, citation.missing),
            )
            yield quote, passage


def _find_passage(index: Index, span: Span) -> StoredPassage | None:
    """Find the passage with this span in a document of these bytes: where the span says, or wherever it was moved."""
    with index.reading() as store:
        passages = store.passages.find(span.document_sha256, span.start, span.end)
    return max(passages, key=lambda it: (it.collection == span.collection, it.path == span.path), default=None)


def read_context(
    index: Index, receipt_id: str, characters: int, collections: Container[str] | None = None
) -> tuple[Quote, Context] | None:
    """Read the first quote of an answer and its context, if it still stands in the documents.

    Args:
        index: the documents.
        receipt_id: of the answer.
        characters: on each side, at most; a word that would be cut is left out.
        collections: names of those that the quote may stand in; None for all.
    """
    quote, passage = next(_read_kept(index, receipt_id, collections), (None, None))
    if quote is None or quote.rank > 1 or passage is None:
        return None
    with index.reading() as store:
        text = store.documents.read_text(passage.document_id)
    if text is None:
        return None
    return quote, Context.around(text, passage.start, passage.end, characters)


def _rank(pinned: Sequence[PinnedPassage], hits: Sequence[Hit]) -> list[PinnedPassage | Hit]:
    """Put the passages that are pinned to the question first, then the other hits."""
    return [*pinned, *(hit for hit in hits if not any(hit.is_in(pin.passage) for pin in pinned))]


def _make_quotes(
    question: Question, ranked: Sequence[PinnedPassage | Hit], hits: Sequence[Hit], page: range
) -> tuple[Quote, ...]:
    """Quote those on a page; looking for missing words takes most of the time, so the others are left alone."""
    return tuple(
        _quote_pin(rank, passage, hits)
        if isinstance(passage, PinnedPassage)
        else _quote_hit(rank, passage, question, hits[0])
        for rank, passage in enumerate(ranked[page.start : page.stop], start=page.start + 1)
    )


def _quote_pin(rank: int, pinned: PinnedPassage, hits: Sequence[Hit]) -> Quote:
    passage = pinned.passage
    hit = next((hit for hit in hits if any(same.id == passage.id for same in hit.passages)), None)
    copies = [copy for copy in hit.passages if copy.id != passage.id] if hit else ()
    return _quote(rank, hit.score if hit else 0.0, passage, [pinned.sentence], copies, is_pinned=True)


def _quote_hit(rank: int, hit: Hit, question: Question, first: Hit) -> Quote:
    return _quote(
        rank,
        hit.score,
        hit.passage,
        [(sentence.start, sentence.end) for sentence in dict.fromkeys([hit.sentence, *hit.sentences])],
        hit.copies,
        missing=find_missing(question, hit.passage),
        may_answer=may_answer(hit, first),
    )


def _quote(
    rank: int,
    score: float,
    passage: StoredPassage,
    sentences: Sequence[tuple[int, int]],
    copies: Iterable[StoredPassage],
    *,
    is_pinned: bool = False,
    missing: tuple[MissingWord, ...] = (),
    may_answer: bool = True,
) -> Quote:
    """Quote a passage with the sentences that answer, the best one first."""
    highlights = [_cut_highlight(passage, start, end) for start, end in sentences]
    in_order = tuple(sorted(highlights, key=lambda highlight: highlight.start))
    return Quote(
        rank=rank,
        score=score,
        text=passage.text,
        highlight=highlights[0],
        highlights=in_order,
        source=to_source(passage),
        also_in=tuple(map(to_source, copies)),
        is_pinned=is_pinned,
        missing=missing,
        leans_on=_find_leaned_on(passage, in_order[0]),
        may_answer=may_answer,
    )


def _cut_highlight(passage: StoredPassage, start: int, end: int) -> Highlight:
    return Highlight(start, end, passage.text[start - passage.start : end - passage.start])


def _find_leaned_on(passage: StoredPassage, sentence: Highlight) -> Highlight | None:
    """Find the sentence that one leans on."""
    before = [other for other in passage.sentences if other.end <= sentence.start]
    if not before or not is_leaning(sentence.text, passage.language):
        return None
    return _cut_highlight(passage, before[-1].start, before[-1].end)
