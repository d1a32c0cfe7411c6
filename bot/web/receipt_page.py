"""Exhibits: a receipt as a page shows it. Blocking; for one thread at a time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, starmap
from typing import TYPE_CHECKING

from bot.services.excerpts import CUT, parts_of_citation
from retrieval import Context, DiffPart, DocumentError, QuoteStatus, word_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.services.excerpts import Part
    from bot.services.receipts import ReceiptService
    from retrieval import Check, Citation, CurrentPlace, QuoteCheck, Receipt

SHOWN = 3
"""Quotes of an answer, at most, of those that it showed at first: who passes on the link means those. Of a list to
choose from, which one was chosen is not known."""
AROUND = 1_500
"""Characters that are shown on each side of a quote."""
_MAX_COMPARED = 20_000
"""Characters; Quoth quotes a thousand, but receipts may come from elsewhere. Longer texts are shown one by one."""


_STANDS = {QuoteStatus.UNCHANGED, QuoteStatus.MOVED}
_NOTHING = Context("", "", is_beginning=True, is_end=True)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A quote, and what became of it."""

    citation: Citation
    finding: QuoteCheck
    words: list[Part] | None
    """As they were quoted, if they are known."""
    around: Context
    """What stands around `finding.now`."""
    word_diff: tuple[DiffPart, ...]
    """From the quoted words to those of `finding.now`, where they differ."""
    has_picture: bool
    """Whether a picture of its page can be asked for."""

    @property
    def still_stands(self) -> bool:
        """Whether the words are in the document."""
        return self.finding.state in _STANDS

    @property
    def answer(self) -> str:
        """The words in bold."""
        return f" {CUT} ".join(_bold(self.words or []))

    @property
    def title(self) -> str:
        """Of the document."""
        return self.citation.title.strip() or self.citation.span.path


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """A receipt with its quotes, best first."""

    receipt: Receipt
    exhibits: tuple[Exhibit, ...]
    """Empty if the receipt was altered: what it says is not to be trusted."""


class Exhibits:
    """Shows receipts that were not revoked.

    Raises:
        StoreError: from every method, if the data folder cannot be used.
    """

    def __init__(self, receipts: ReceiptService) -> None:
        self._receipts = receipts

    def receipt(self, receipt_id: str) -> ShownReceipt | None:
        """The receipt with this id; None if there is none, or none any more."""
        check = self._check(receipt_id)
        if check is None:
            return None
        return ShownReceipt(check.receipt, tuple(starmap(self._exhibit, _pairs(check))))

    def picture(self, receipt_id: str, rank: int) -> bytes | None:
        """The page that a quote stands on as PNG, with the quote marked; None if there is none to show."""
        check = self._check(receipt_id)
        for citation, finding in _pairs(check) if check else ():
            now, place, quoted = finding.now, citation.place, _quoted(finding)
            if citation.rank != rank or not _has_picture(citation, finding) or not (now and place and quoted):
                continue
            try:
                marks = quoted, *_bold(parts_of_citation(quoted, citation))
                return self._receipts.picture(now, citation.span.document_sha256, place.first, marks)
            except DocumentError:
                return None
        return None

    def _check(self, receipt_id: str) -> Check | None:
        receipt = self._receipts.ledger.get(receipt_id)
        return self._receipts.check(receipt_id) if receipt and not receipt.is_revoked else None

    def _exhibit(self, citation: Citation, finding: QuoteCheck) -> Exhibit:
        now, quoted = finding.now, _quoted(finding)
        return Exhibit(
            citation=citation,
            finding=finding,
            words=None if quoted is None else parts_of_citation(quoted, citation),
            around=self._around(now) if now else _NOTHING,
            word_diff=() if finding.state in _STANDS else _compared(quoted, now),
            has_picture=_has_picture(citation, finding),
        )

    def _around(self, now: CurrentPlace) -> Context:
        try:
            text = self._receipts.document(now).text
        except DocumentError:
            return _NOTHING
        if text[now.start : now.end] != now.text:  # it has changed since it was checked
            return _NOTHING
        return Context.around(text, now.start, now.end, AROUND)


def _pairs(check: Check) -> Iterator[tuple[Citation, QuoteCheck]]:
    """The quotes that are shown, with what became of them; none if the receipt was altered."""
    said = check.receipt.statement
    pairs = zip(said.citations, check.findings, strict=False)
    if said.verdict is None:
        return pairs
    # Where nothing answered, what was shown was asked for.
    shown = (pair for pair in pairs if pair[0].may_answer or not said.verdict.found)
    return islice(shown, SHOWN)


def _quoted(finding: QuoteCheck) -> str | None:
    return finding.now.text if finding.now and finding.state in _STANDS else finding.quoted


def _bold(parts: Iterable[Part]) -> list[str]:
    return [part.text for part in parts if part.is_bold]


def _compared(quoted: str | None, now: CurrentPlace | None) -> tuple[DiffPart, ...]:
    if quoted is None or now is None:
        return ()
    if max(len(quoted), len(now.text)) > _MAX_COMPARED:
        return (DiffPart(quoted, now.text),)
    return tuple(word_diff(quoted, now.text))


def _has_picture(citation: Citation, finding: QuoteCheck) -> bool:
    """Whether these bytes are those that were quoted, of a PDF, and hold the words."""
    is_page = citation.place is not None and citation.place.page is not None
    is_same = finding.same_file and finding.now is not None and finding.state is not QuoteStatus.MISQUOTED
    return is_page and is_same and citation.span.path.lower().endswith(".pdf")
