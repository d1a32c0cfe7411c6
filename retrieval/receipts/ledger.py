"""Ledger: the receipts of all answers, so that anyone can check later what was quoted from which bytes of which file.

What may change or be forgotten stands beside a receipt's statement: the question, who asked, ratings, and whether its
link still works. Receipts have a file of their own, as nobody can make them anew from the documents.
"""

from __future__ import annotations

import hmac
import secrets
import time
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.receipts.pins import PinTable
from retrieval.receipts.statement import Channel, Statement, hash_question, hash_text, make_id
from retrieval.storage.database import Schema, upsert
from retrieval.storage.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.receipts.statement import Citation
    from retrieval.search.confidence import Verdict

FILE = "receipts.db"
QUESTION_DAYS = 30
"""How long questions are kept, unless the owner says otherwise."""
DAY_S = 24 * 60 * 60
_KEY_BYTES = 32
_BATCH = 1_000
_MAX_STATEMENT = 16 << 20
"""Bytes of a statement; one that unpacks to more is an attack on the memory."""
_ILLEGIBLE = Statement("1970-01-01T00:00:00+00:00", Channel.PYTHON, None, 0, "", "")
"""Stands for a statement that cannot be read any more."""

SCHEMA = Schema(
    name="receipts",
    what="the receipts",
    revisions=Path(__file__).parents[1] / "storage" / "migrations" / "receipts",
    head="0002",
    when_damaged=(
        "The file is damaged. Put {name} back from a backup, or move {name}* away from there: answers go on, "
        "but the receipts given so far, and the buttons below their answers, are lost."
    ),
    known_versions={1: "0001"},
)


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
    """Whether the id is that of the statement."""
    question: str | None = None
    """None once it is forgotten."""
    question_key: bytes | None = field(default=None, repr=False)
    is_revoked: bool = False

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


class Ledger:
    """The receipts, texts and ratings in the database. For one thread at a time; several processes may share it.

    Args:
        data: the folder for everything that Quoth keeps.
        question_days: how long questions are kept; with 0, not at all. Older ones are forgotten now, and with each
            new receipt.
        database: the URL of the database that is used instead of a file there, if any.

    Raises:
        StoreError: from every method, if the database cannot be read or written.
    """

    def __init__(self, data: Path, question_days: int = QUESTION_DAYS, database: str = "") -> None:
        self._db = open_database(data / FILE, SCHEMA, database)
        self._question_days = question_days
        self.pins = PinTable(self._db)
        if not self._db.run("SELECT 1 FROM facts"):
            key = secrets.token_bytes(_KEY_BYTES)
            self._db.run("INSERT INTO facts VALUES ('person key', ?) ON CONFLICT DO NOTHING", (key,))
        self.forget_old_questions()

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def damages(self) -> list[str]:
        """List what is wrong with the database; empty if it is sound. Reads all of it."""
        return self._db.find_damages()

    # --- the receipts

    def record(
        self,
        question: str,
        asker: Asker,
        *,
        verdict: Verdict | None,
        generation: int,
        model: str,
        citations: Sequence[Citation],
        texts: Sequence[str],
    ) -> str:
        """Record an answer with the citations and texts of its quotes, best first, and return the receipt's id.

        Questions that are too old are forgotten. The parameters have the meaning of a statement's fields.
        """
        now = time.time()
        key = secrets.token_bytes(_KEY_BYTES)
        said = Statement(
            given_at=datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            channel=asker.channel,
            verdict=verdict,
            generation=generation,
            model=model,
            question_hmac=hash_question(key, question),
            citations=tuple(citations),
        ).to_json()
        # Somebody who types inline has not asked yet.
        is_kept = self._question_days > 0 and asker.channel is not Channel.INLINE
        person_key, has_old_questions = self._facts()
        if has_old_questions:
            self.forget_old_questions()
        receipt_id = make_id(said)
        row = (
            receipt_id,
            now,
            _hash_person(person_key, asker.person) if asker.person else None,
            question if is_kept else None,
            key,
            verdict,
            zlib.compress(said),
        )
        with self._db.transaction() as db:
            db.execute(
                """INSERT INTO receipts (number, id, given_at, person, question, question_key, verdict, said)
                   SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM receipts""",
                row,
            )
            if texts:
                marks = ", ".join(["(?, ?)"] * len(texts))
                db.execute(
                    f"INSERT INTO texts VALUES {marks} ON CONFLICT DO NOTHING",  # noqa: S608 - only question marks
                    [value for text in texts for value in (bytes.fromhex(hash_text(text)), text)],
                )
        return receipt_id

    def get(self, receipt_id: str) -> Receipt | None:
        """Read the receipt with this id, if there is one."""
        # An id that somebody typed may be no valid Unicode.
        rows = self._db.run(f"{_RECEIPTS} WHERE id = ?", (receipt_id,)) if receipt_id.isascii() else []
        return _receipt(rows[0]) if rows else None

    def all(self) -> Iterator[Receipt]:
        """Read all receipts, oldest first, in batches: a million need not fit into memory."""
        last = 0
        while rows := self._db.run(f"{_RECEIPTS} WHERE number > ? ORDER BY number LIMIT {_BATCH}", (last,)):
            yield from map(_receipt, rows)
            last = rows[-1][0]

    def text(self, sha256: str) -> str | None:
        """Read the quoted text with this hash; None if there is none, or it was altered."""
        rows = self._db.run("SELECT text FROM texts WHERE sha256 = ?", (bytes.fromhex(sha256),))
        return next((text for (text,) in rows if hash_text(text) == sha256), None)

    def revoke(self, receipt_id: str) -> bool:
        """Let the link to a receipt show nothing any more; false if there is no such receipt."""
        with self._db.transaction() as db:
            update = "UPDATE receipts SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
            return bool(db.execute(update, (time.time(), receipt_id)).rowcount)

    # --- ratings

    def rate(self, receipt_id: str, person: str, *, is_good: bool) -> None:
        """Rate an answer; a person's rating replaces their earlier one."""
        with self._db.transaction() as db:
            for (number,) in db.execute("SELECT number FROM receipts WHERE id = ?", (receipt_id,)).fetchall():
                rate = upsert("ratings", ["receipt", "person"], ["is_good", "rated_at"])
                db.execute(rate, (number, self._person(person), is_good, time.time()))

    def ratings(self, receipt_id: str) -> Ratings:
        """Count the ratings of an answer."""
        query = """
            SELECT coalesce(sum(is_good), 0), coalesce(sum(1 - is_good), 0)
            FROM ratings JOIN receipts ON number = receipt WHERE id = ?
        """
        return Ratings(*map(int, self._db.run(query, (receipt_id,))[0]))

    def unanswered(self, limit: int) -> list[UnansweredReceipt]:
        """List receipts whose question is kept and was not answered well, newest first."""
        query = """
            WITH disliked AS (SELECT receipt FROM ratings GROUP BY receipt HAVING sum(is_good) * 2 < count(*))
            SELECT id, question, given_at, person, verdict = 'none', number IN (SELECT receipt FROM disliked)
            FROM receipts WHERE question IS NOT NULL AND number IN (
                SELECT number FROM receipts WHERE verdict = 'none' AND question IS NOT NULL
                UNION SELECT receipt FROM disliked
            ) ORDER BY number DESC LIMIT ?
        """
        return [
            UnansweredReceipt(receipt_id, question, datetime.fromtimestamp(at, UTC), person, bool(none), bool(disliked))
            for receipt_id, question, at, person, none, disliked in self._db.run(query, (limit,))
        ]

    # --- personal data

    def forget_old_questions(self) -> None:
        """Forget the questions that were kept for long enough; their keyed hashes stay."""
        _, has_old_questions = self._facts()
        if has_old_questions:
            update = f"UPDATE receipts SET question = NULL WHERE {_OLD}"  # noqa: S608 - our own words
            self._db.run(update, (self._kept_since,))
            self._db.empty_log()

    def personal_data(self, person: str) -> PersonalData:
        """List what the receipts hold of a person."""
        who = (self._person(person),)
        ((ratings,),) = self._db.run("SELECT count(*) FROM ratings WHERE person = ?", who)
        rows = self._db.run("SELECT question FROM receipts WHERE person = ? ORDER BY number DESC", who)
        return PersonalData(len(rows), tuple(question for (question,) in rows if question), ratings)

    def forget(self, person: str) -> None:
        """Delete what leads to a person; the statements of their receipts stay, and so do the ids."""
        who = (self._person(person),)
        with self._db.transaction() as db:
            db.execute("DELETE FROM ratings WHERE person = ?", who)
            db.execute("UPDATE receipts SET person = NULL, question = NULL, question_key = NULL WHERE person = ?", who)
        self._db.empty_log()

    @property
    def _kept_since(self) -> float:
        return time.time() - self._question_days * DAY_S

    def _facts(self) -> tuple[bytes, bool]:
        """Read the key that persons are hashed with, and whether questions are too old to be kept."""
        old = f"SELECT 1 FROM receipts WHERE {_OLD}"  # noqa: S608 - our own words
        query = f"SELECT value, EXISTS({old}) FROM facts WHERE name = 'person key'"  # noqa: S608
        ((key, has_old_questions),) = self._db.run(query, (self._kept_since,))
        return key, bool(has_old_questions)

    def _person(self, name: str) -> bytes:
        return _hash_person(self._facts()[0], name)


def _hash_person(key: bytes, name: str) -> bytes:
    return hmac.digest(key, name.encode(), "sha256")


_OLD = "question IS NOT NULL AND given_at < ?"
_RECEIPTS = "SELECT number, id, said, question, question_key, revoked_at FROM receipts"


def _receipt(row: tuple[Any, ...]) -> Receipt:
    _, receipt_id, compressed, question, question_key, revoked_at = row
    try:
        said = zlib.decompressobj().decompress(compressed, _MAX_STATEMENT)
        statement, is_intact = Statement.from_json(said), make_id(said) == receipt_id
    except (zlib.error, ValueError, TypeError):
        statement, is_intact = _ILLEGIBLE, False
    return Receipt(
        id=receipt_id,
        statement=statement,
        is_intact=is_intact,
        question=question if isinstance(question, str) else None,
        question_key=question_key if isinstance(question_key, bytes) else None,
        is_revoked=revoked_at is not None,
    )
