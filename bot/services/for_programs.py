"""For programs: the JSON that `--json` prints and the HTTP API answers with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from retrieval import Channel, CurrentPlace, Location, QuoteStatus, Verdict  # noqa: TC001 - pydantic reads them

if TYPE_CHECKING:
    from retrieval import Check, Citation, QuoteCheck

_BIDIRECTIONAL = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNDECODED = range(0xDC80, 0xDD00)
"""Bytes that were no UTF-8, as Python hands them on."""
UNPRINTABLE = (
    *(code for code in range(0x20) if chr(code) not in "\t\n"),
    *range(0x7F, 0xA0),
    *_BIDIRECTIONAL,
    *_UNDECODED,
)
"""Characters that steer a terminal, turn the text around them, or are none."""
_ESCAPED = {code: f"\\u{code:04x}" for code in UNPRINTABLE}
"""JSON may hold some of these as they stand, but a terminal would obey them."""


def json_line(value: object) -> str:
    """Write JSON on one line, with letters of all languages as they are and control characters escaped."""
    format_time = partial(datetime.isoformat, timespec="seconds")
    return json.dumps(value, ensure_ascii=False, default=format_time).translate(_ESCAPED)


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A quote of a receipt, and what became of it."""

    rank: int
    state: QuoteStatus
    reason: str
    title: str
    heading: str | None
    collection: str
    path: str
    sha256: str
    start: int
    end: int
    highlights: tuple[tuple[int, int], ...]
    place: Location | None
    fetched_at: str | None
    """When a web page was fetched."""
    text_sha256: str
    same_file: bool
    quoted: str | None
    now: CurrentPlace | None

    @classmethod
    def of(cls, citation: Citation, check: QuoteCheck) -> CheckedQuote:
        """Put together what the receipt says of a quote, and what was found."""
        span = citation.span
        return cls(
            rank=citation.rank,
            state=check.state,
            reason=check.reason,
            title=citation.title,
            heading=citation.heading,
            collection=span.collection,
            path=span.path,
            sha256=span.document_sha256,
            start=span.start,
            end=span.end,
            highlights=citation.sentences,
            place=citation.place,
            fetched_at=citation.fetched_at,
            text_sha256=citation.text_sha256,
            same_file=check.same_file,
            quoted=check.now.text if check.quoted is None and check.now else check.quoted,
            now=check.now,
        )


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """A receipt, and what became of its quotes; of one that was altered, only that."""

    receipt_id: str
    state: QuoteStatus
    is_intact: bool
    is_revoked: bool
    given_at: str | None = None
    channel: Channel | None = None
    verdict: Verdict | None = None
    model: str | None = None
    generation: int | None = None
    quotes: tuple[CheckedQuote, ...] = ()

    @classmethod
    def of(cls, check: Check) -> CheckedReceipt:
        """Put together what a receipt says, and what was found."""
        receipt, statement = check.receipt, check.receipt.statement
        if not receipt.is_intact:
            return cls(receipt.id, check.state, is_intact=False, is_revoked=receipt.is_revoked)
        return cls(
            receipt_id=receipt.id,
            state=check.state,
            is_intact=True,
            is_revoked=receipt.is_revoked,
            given_at=statement.given_at,
            channel=statement.channel,
            verdict=statement.verdict,
            model=statement.model,
            generation=statement.generation,
            quotes=tuple(map(CheckedQuote.of, receipt.citations, check.quotes)),
        )
