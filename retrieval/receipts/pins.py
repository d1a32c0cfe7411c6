"""Pins: the table of passages that owners say answer a question."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from retrieval.receipts.statement import Span
from retrieval.storage.database import next_ids

if TYPE_CHECKING:
    from retrieval.storage.database import Database


@dataclass(frozen=True, slots=True)
class Pin:
    """A passage that an owner says answers a question."""

    number: int
    """Never used twice."""
    pinned_at: datetime
    question: str
    span: Span
    """Where the passage stood when it was pinned."""
    sentence: tuple[int, int]
    """Offsets of the highlighted part in the document's text."""
    text: str
    """Of the passage."""


class PinTable:
    """The pins in the database of receipts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, question: str, span: Span, sentence: tuple[int, int], text: str) -> Pin:
        """Pin a passage to a question; an equal pin is replaced."""
        with self._db.transaction() as db:
            db.execute(
                "DELETE FROM pins WHERE question = ? AND collection = ? AND path = ? AND text = ?",
                (question, span.collection, span.path, text),
            )
            (number,) = next_ids(db, "pins", "number")
            now = time.time()
            db.execute(
                f"INSERT INTO pins VALUES ({', '.join('?' * 11)})",  # noqa: S608 - only question marks
                (number, now, question, *astuple(span), *sentence, text),
            )
        return Pin(number, datetime.fromtimestamp(now, UTC), question, span, sentence, text)

    def remove(self, number: int) -> bool:
        """Remove a pin; false if there is none with this number."""
        with self._db.transaction() as db:
            return bool(db.execute("DELETE FROM pins WHERE number = ?", (number,)).rowcount)

    def all(self) -> list[Pin]:
        """List all pins, oldest first."""
        return [
            Pin(number, datetime.fromtimestamp(at, UTC), question, Span(*span), (start, end), text)
            for number, at, question, *span, start, end, text in self._db.run("SELECT * FROM pins ORDER BY number")
        ]

    def questions(self) -> list[tuple[int, str]]:
        """List number and question of each pin, in any order: fast enough to run for each question asked."""
        return self._db.run("SELECT number, question FROM pins")
