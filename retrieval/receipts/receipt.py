"""Receipt: the record of an answer, and other values that the ledger gives."""

from __future__ import annotations

import hmac
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from retrieval.receipts.statement import (
    Channel,
    Statement,
    decode_citations,
    encode_citations,
    hash_citation,
    hash_question,
    make_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from retrieval.receipts.statement import Citation

_MAX_STATEMENT = 16 << 20
"""Bytes of a statement; one that unpacks to more is an attack on the memory."""
_ILLEGIBLE = Statement("1970-01-01T00:00:00+00:00", Channel.PYTHON, None, 0, "", "")
"""Stands for a statement that cannot be read any more."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from where."""

    channel: Channel = Channel.PYTHON
    person: str | None = None
    """Any stable name, such as the person's number in Telegram; only its keyed hash is kept."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of an answer."""

    id: str
    """Nobody can guess it."""
    statement: Statement
    is_intact: bool
    """Whether the id is that of the statement, and the statement names what was shown later."""
    question: str | None = None
    """None once it is forgotten."""
    question_key: bytes | None = field(default=None, repr=False)
    is_revoked: bool = False
    shown_later: tuple[Citation, ...] = ()
    """Of the quotes that were shown on demand."""
    further: tuple[Citation, ...] = ()
    """Of the quotes that were found, but not shown; they are forgotten after a while."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Those of all quotes that were shown, best first."""
        return _in_order(self.statement.citations + self.shown_later)

    @property
    def found(self) -> tuple[Citation, ...]:
        """Those of all quotes, also of those that can still be asked for, best first."""
        return _in_order(self.citations + self.further)

    @property
    def names_all(self) -> bool:
        """Whether it is from a Quoth whose receipts named all quotes, shown or not."""
        return self.statement.further is None

    def matches(self, question: str) -> bool | None:
        """Tell whether this was the question; None once also its hash is forgotten."""
        if self.question_key is None:
            return None
        return hmac.compare_digest(hash_question(self.question_key, question), self.statement.question_hmac)


@dataclass(frozen=True, slots=True)
class Ratings:
    """How many people find an answer good, and how many bad."""

    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class UnansweredReceipt:
    """The receipt of an answer that found nothing, or that more people find bad than good."""

    receipt_id: str
    question: str
    at: datetime
    person: bytes | None
    """A keyed hash; None if nobody knows who it was."""
    is_not_found: bool
    is_disliked: bool


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What receipts hold of a person."""

    receipts: int
    """How many answers the person was given."""
    questions: tuple[str, ...]
    """The person's questions that are kept, newest first."""
    ratings: int


COLUMNS = "number, id, said, question, question_key, revoked_at, shown, further"
"""Of the table `receipts`, for `read_receipt`."""


def read_receipt(row: tuple[Any, ...]) -> Receipt:
    """Make a receipt of a row of the ledger."""
    _, receipt_id, compressed, question, question_key, revoked_at, shown, further = row
    try:
        said = _unpack(compressed)
        statement, is_intact = Statement.from_json(said), make_id(said) == receipt_id
        shown_later, not_shown = unpack_citations(shown), unpack_citations(further)
        named = set(statement.further or ())
        is_intact = is_intact and all(hash_citation(citation) in named for citation in shown_later + not_shown)
    except (zlib.error, ValueError, TypeError):
        statement, is_intact, shown_later, not_shown = _ILLEGIBLE, False, (), ()
    return Receipt(
        id=receipt_id,
        statement=statement,
        is_intact=is_intact,
        question=question if isinstance(question, str) else None,
        question_key=question_key if isinstance(question_key, bytes) else None,
        is_revoked=revoked_at is not None,
        shown_later=shown_later,
        further=not_shown,
    )


def read_citations(said: bytes) -> tuple[Citation, ...]:
    """Read the citations of a stored statement; none if it cannot be read any more."""
    try:
        return Statement.from_json(_unpack(said)).citations
    except (zlib.error, ValueError, TypeError):
        return ()


def pack_citations(citations: Iterable[Citation]) -> bytes | None:
    """Encode citations for a column; None if there are none."""
    listed = [*citations]
    return zlib.compress(encode_citations(listed)) if listed else None


def unpack_citations(data: bytes | None) -> tuple[Citation, ...]:
    """Decode the column of `pack_citations`.

    Raises:
        ValueError, zlib.error: it holds something else.
    """
    return () if data is None else decode_citations(_unpack(data))


def _unpack(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MAX_STATEMENT)


def _in_order(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
    return tuple(sorted(citations, key=lambda citation: citation.rank))
