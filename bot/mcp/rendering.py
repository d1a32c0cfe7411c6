"""The text that goes with each result, for assistants that read no structured content.

Documents are hostile, and may hold instructions to an assistant. Their words stand on lines that begin with "> ", which
no document can leave; titles and paths stand on one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import texts
from bot.services.excerpts import make_excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.mcp.service import LinkedAnswer
    from bot.services.for_programs import CheckedQuote, CheckedReceipt
    from retrieval import Listing, Location, Quote, SourceText

_CLOSEST = "The passages in the structured content are the closest ones; they probably do not answer."
_INDEXING = "Documents are being indexed now, so that some may be missing. Ask again in a minute."


def render_answer(answer: LinkedAnswer) -> str:
    """Lay out the verdict, what is missing, the sentences that answer, and the receipt."""
    lines = [f"{texts.VERDICTS[answer.verdict]} (verdict: {answer.verdict})"]
    if not answer.quotes:
        lines.append(texts.NO_DOCUMENTS)
    elif answer.verdict.found:
        lines += _render_quotes(quote for quote in answer.quotes if quote.may_answer)
    else:
        lines += [_CLOSEST, *([_INDEXING] if answer.is_indexing else [])]
    return "\n".join([*lines, _render_receipt(answer.receipt_id, answer.link)])


def render_listing(listing: Listing) -> str:
    """Lay out the sentences that may answer in each passage."""
    if listing.receipt_id is None:
        return "There are no such passages."
    more = ["There are more passages."] if listing.goes_on else []
    return "\n".join([*_render_quotes(listing.quotes), *more, _render_receipt(listing.receipt_id)])


def render_source(source: SourceText) -> str:
    """Lay out a part of a document with what stands around it."""
    start, end = source.start - len(source.before), source.end + len(source.after)
    where = f"characters {start} to {end} of {source.length}"
    return "\n".join([
        f"{_one_line(texts.path(source.collection, source.path))}, {where}:",
        *_quoted(source.before + source.text + source.after),
    ])  # fmt: skip


def render_check(check: CheckedReceipt) -> str:
    """Lay out what became of a receipt and its quotes."""
    head = f"Receipt {check.receipt_id}: {check.state}."
    if not check.is_intact:
        return f"{head} {texts.ENGLISH.receipt_altered}"
    return "\n".join([head, *map(_render_checked, check.quotes)])


def _render_quotes(quotes: Iterable[Quote]) -> Iterator[str]:
    for quote in quotes:
        source = quote.source
        yield f"{quote.rank}. {_name(source.title, source.collection, source.path, source.place)}"
        yield from _quoted("".join(part.text for part in make_excerpt(quote)))
        if quote.missing:
            yield _one_line(texts.ENGLISH.not_in_passage(word.text for word in quote.missing))


def _render_receipt(receipt_id: str, link: str | None = None) -> str:
    return f"Receipt {receipt_id}" + (f": {link}" if link else "")


def _render_checked(quote: CheckedQuote) -> str:
    text = quote.reason or texts.ENGLISH.states[quote.state]
    return f"{quote.rank}. {quote.state}: {_name(quote.title, quote.collection, quote.path, quote.place)}. {text}"


def _name(title: str, collection: str, path: str, place: Location | None) -> str:
    parts = [title, texts.path(collection, path), texts.place(place) if place else ""]
    return _one_line(", ".join(filter(None, parts)))


def _quoted(text: str) -> list[str]:
    return [f"> {line}" for line in text.splitlines()]


def _one_line(text: str) -> str:
    return " ".join(text.split())
