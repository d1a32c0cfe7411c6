"""Receipt page: what the page of a receipt shows. Blocking; for one thread at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bot.services.excerpts import CUT, split_citation
from retrieval import Context, DiffPart, DocumentError, QuoteStatus, Unit, word_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.services.excerpts import Part
    from bot.services.receipts import ReceiptService
    from retrieval import Check, Citation, CurrentPlace, QuoteCheck, Receipt

SHOWN = 3
"""Quotes, at most, of an answer from a Quoth whose receipts named all quotes: so many were shown at once."""
AROUND = 1_500
"""Characters that are shown on each side of a quote."""
_MAX_COMPARED = 20_000
"""Characters; Quoth quotes a thousand, but receipts may come from elsewhere. Longer texts are shown one by one."""
_STANDS = {QuoteStatus.UNCHANGED, QuoteStatus.MOVED}
_NOTHING = Context("", "", is_beginning=True, is_end=True)


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A quote, and what became of it."""

    citation: Citation
    check: QuoteCheck
    words: list[Part] | None
    """As they were quoted, if they are known."""
    around: Context
    """The text around `check.now`; only the first quote has any."""
    diff: tuple[DiffPart, ...]
    """From the quoted words to those of `check.now`, where they differ."""
    has_picture: bool
    """Whether a picture of its page can be asked for."""

    @property
    def still_stands(self) -> bool:
        """Whether the words are in the document."""
        return self.check.state in _STANDS

    @property
    def answer(self) -> str:
        """The words in bold."""
        return f" {CUT} ".join(_bold(self.words or []))

    @property
    def title(self) -> str:
        """The document's title, or else its path."""
        return self.citation.title.strip() or self.citation.span.path


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """A receipt with its quotes, best first."""

    receipt: Receipt
    quotes: tuple[ShownQuote, ...]
    """Empty if the receipt was altered: its statement is not to be trusted."""


def show_receipt(receipts: ReceiptService, link: str) -> ShownReceipt | None:
    """Check the receipt whose page has this secret; None if there is none, or it was revoked.

    Raises:
        StoreError: the data folder cannot be used.
    """
    check = receipts.check_linked(link)
    if check is None:
        return None
    quotes = (_show(receipts, *pair, is_first=number == 0) for number, pair in enumerate(_pairs(check)))
    return ShownReceipt(check.receipt, tuple(quotes))


def render_picture(receipts: ReceiptService, link: str, rank: int) -> bytes | None:
    """Render the page that a quote stands on as PNG, with the quote marked; None if there is none to show.

    Raises:
        StoreError: the data folder cannot be used.
    """
    receipt_check = receipts.check_linked(link)
    # The page that the first quote stands on is its context; that of the others was not shown.
    for citation, check in islice(_pairs(receipt_check), 1) if receipt_check else ():
        now, place, quoted = check.now, citation.place, _quoted(check)
        if citation.rank != rank or not _has_picture(citation, check) or not (now and place and quoted):
            continue
        try:
            marks = quoted, *_bold(split_citation(quoted, citation))
            return receipts.render_page(now, citation.span.document_sha256, place.first, marks)
        except DocumentError:
            return None
    return None


def _show(receipts: ReceiptService, citation: Citation, check: QuoteCheck, *, is_first: bool) -> ShownQuote:
    quoted = _quoted(check)
    return ShownQuote(
        citation=citation,
        check=check,
        words=None if quoted is None else split_citation(quoted, citation),
        around=_context(receipts, citation, check.now) if check.now and is_first else _NOTHING,
        diff=() if check.state in _STANDS else _compare(quoted, check.now),
        has_picture=is_first and _has_picture(citation, check),
    )


def _context(receipts: ReceiptService, citation: Citation, now: CurrentPlace) -> Context:
    if citation.place and citation.place.unit is Unit.ROW:
        return _NOTHING  # each row of a table is a thing of its own, such as another person
    try:
        return receipts.read_context(now, AROUND) or _NOTHING
    except DocumentError:
        return _NOTHING


def _pairs(check: Check) -> Iterator[tuple[Citation, QuoteCheck]]:
    """Pair the quotes that are shown with their checks; none if the receipt was altered."""
    statement = check.receipt.statement
    pairs = zip(check.receipt.citations, check.quotes, strict=False)
    if statement.verdict is None or not check.receipt.names_all:
        return pairs
    # Where nothing answered, what was shown was asked for.
    return islice((pair for pair in pairs if pair[0].may_answer or not statement.verdict.found), SHOWN)


def _quoted(check: QuoteCheck) -> str | None:
    return check.now.text if check.now and check.state in _STANDS else check.quoted


def _bold(parts: Iterable[Part]) -> list[str]:
    return [part.text for part in parts if part.is_bold]


def _compare(quoted: str | None, now: CurrentPlace | None) -> tuple[DiffPart, ...]:
    if quoted is None or now is None:
        return ()
    if max(len(quoted), len(now.text)) > _MAX_COMPARED:
        return (DiffPart(quoted, now.text),)
    return tuple(word_diff(quoted, now.text))


def _has_picture(citation: Citation, check: QuoteCheck) -> bool:
    """Whether these bytes are those that were quoted, of a PDF, and hold the words."""
    is_page = citation.place is not None and citation.place.page is not None
    is_same = check.same_file and check.now is not None and check.state is not QuoteStatus.MISQUOTED
    return is_page and is_same and citation.span.path.lower().endswith(".pdf")
