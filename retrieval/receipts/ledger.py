"""Receipts: what was answered, from which bytes of which file, so that anyone can check it later.

A receipt's id is the SHA-256 of what it says, shortened. Whoever holds the id holds a seal: not even the owner of the
data folder can alter the receipt without the id showing it. What may change or be forgotten (the question, who
asked, ratings, whether the link still works) stands beside it; of the question, only a keyed hash is under the seal.

They are kept in a file of their own, as they cannot be made anew from the documents.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
import zlib
from base64 import b32encode
from dataclasses import asdict, astuple, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter

from retrieval.documents.document import Location  # noqa: TC001
from retrieval.search.confidence import Verdict  # noqa: TC001 - pydantic looks it up
from retrieval.storage.database import Schema, next_ids, upsert
from retrieval.storage.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FILE = "receipts.db"
QUESTION_DAYS = 30
"""How long questions are kept, unless the owner says otherwise."""
DAY_S = 24 * 60 * 60
_ID_CHARACTERS = 20
"""Of base 32, five bits each: 100 bits."""
_ID_BYTES = 15
"""More than 100 bits, in whole groups of 40; Python takes its time to write all of them."""
_KEY_BYTES = 32
_BATCH = 1_000
_LONGEST = 16 << 20
"""Bytes of a statement: what unpacks to more was made to exhaust the memory."""

Offset = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

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


class Channel(StrEnum):
    """Where an answer was given."""

    PYTHON = "python"
    TERMINAL = "terminal"
    TELEGRAM = "telegram"
    INLINE = "inline"
    """In Telegram, to what somebody was typing; which passage they chose, nobody is told."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from where."""

    channel: Channel = Channel.PYTHON
    person: str | None = None
    """Any name that is always the same, such as the person's number in Telegram; kept as a keyed hash only."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a document's text; offsets are in characters, end exclusive."""

    collection: str
    path: str
    document_sha256: Sha256
    """Of the file's bytes."""
    start: Offset
    end: Offset


@dataclass(frozen=True, slots=True)
class Citation:
    """What a receipt says of a quote."""

    rank: int
    span: Span
    text_sha256: Sha256
    """Of the quoted text in UTF-8."""
    reader: str
    """Which versions made the text of the file's bytes."""
    title: str
    heading: str | None
    place: Location | None
    sentence: tuple[Offset, Offset]
    """Of the highlighted one, in the document's text."""
    score: float
    is_pinned: bool = False
    copies: tuple[Span, ...] = ()
    """Where the same words stand too."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is under the seal."""

    given_at: str
    """ISO 8601, in UTC."""
    channel: Channel
    verdict: Verdict | None
    """None where passages were listed to choose from."""
    generation: int
    """Of the index."""
    model: str
    """The encoder's fingerprint."""
    question_hmac: str
    """HMAC-SHA256 of the question, with a key of its own that is kept beside the receipt."""
    citations: tuple[Citation, ...] = ()

    @property
    def at(self) -> datetime:
        """When the answer was given."""
        return datetime.fromisoformat(self.given_at)

    def to_json(self) -> bytes:
        """For `from_json`; the id is the hash of exactly these bytes."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Statement:
        """What `to_json` gave.

        Raises:
            ValueError: it is something else; a receipt may come from somebody who means harm.
        """
        statement = _statements().validate_json(data, strict=True)
        if statement.at.tzinfo is None or not all(map(_is_possible, statement.citations)):
            raise ValueError("no quote can be like this")
        return statement


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of an answer."""

    id: str
    """Nobody can guess it."""
    statement: Statement
    is_intact: bool
    """Whether the statement is the one that the id was made from."""
    question: str | None = None
    """While it is kept."""
    question_key: bytes | None = field(default=None, repr=False)
    is_revoked: bool = False

    def asked(self, question: str) -> bool | None:
        """Whether this was the question; None if that was forgotten for good."""
        if self.question_key is None:
            return None
        return hmac.compare_digest(_keyed(self.question_key, question), self.statement.question_hmac)


@dataclass(frozen=True, slots=True)
class Ratings:
    """How many people find an answer good, and how many bad."""

    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A question whose answer found nothing, or that more people find bad than good."""

    receipt_id: str
    question: str
    at: datetime
    person: bytes | None
    """A keyed hash; None if nobody knows who it was."""
    is_not_found: bool
    is_disliked: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A passage that an owner says answers a question."""

    number: int
    """Never used twice."""
    pinned_at: datetime
    question: str
    span: Span
    """Where the passage stood then."""
    sentence: tuple[int, int]
    """Of the highlighted part, in the document's text."""
    text: str
    """Of the passage."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What receipts hold of a person."""

    receipts: int
    """How many of answers to them."""
    questions: tuple[str, ...]
    """Theirs that are kept, the newest first."""
    ratings: int


class Ledger:
    """May be used by one thread at a time; any number of processes may use them.

    Args:
        data: the folder for everything that Quoth keeps.
        question_days: how long questions are kept; with 0, not at all. Those that are too old are forgotten now,
            and whenever another is kept.
        database: the URL of the database that is used instead of a file there, if any.

    Raises:
        StoreError: from every method, if the database cannot be read or written.
    """

    def __init__(self, data: Path, question_days: int = QUESTION_DAYS, database: str = "") -> None:
        self._db = open_database(data / FILE, SCHEMA, database)
        self._question_days = question_days
        if not self._db.run("SELECT 1 FROM facts"):
            with self._db.transaction() as db:
                key = secrets.token_bytes(_KEY_BYTES)
                db.execute("INSERT INTO facts VALUES ('person key', ?) ON CONFLICT DO NOTHING", (key,))
        self.forget_old_questions()

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def damages(self) -> list[str]:
        """What is wrong with it as a database; empty if it is sound. Reads all of it."""
        return self._db.find_damages()

    # --- given and seen

    def keep(
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
        """Keep the receipt of an answer, and forget questions that are too old.

        Args:
            question: what was asked.
            asker: by whom.
            verdict: what the answer says of itself.
            generation: of the index.
            model: the encoder's fingerprint.
            citations: of its quotes, best first.
            texts: of the quotes, in the same order.

        Returns:
            the receipt's id.
        """
        now = time.time()
        key = secrets.token_bytes(_KEY_BYTES)
        said = Statement(
            given_at=datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            channel=asker.channel,
            verdict=verdict,
            generation=generation,
            model=model,
            question_hmac=_keyed(key, question),
            citations=tuple(citations),
        ).to_json()
        # What somebody has only typed, they have not asked.
        is_kept = self._question_days > 0 and asker.channel is not Channel.INLINE
        person_key, has_old_questions = self._facts()
        if has_old_questions:
            self.forget_old_questions()
        row = (
            seal(said),
            now,
            hmac.digest(person_key, asker.person.encode(), "sha256") if asker.person else None,
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
                    [value for text in texts for value in (_digest(text), text)],
                )
        return row[0]

    def get(self, receipt_id: str) -> Receipt | None:
        """The receipt with this id, if there is one."""
        # What somebody typed may be no Unicode at all.
        rows = self._db.run(f"{_RECEIPTS} WHERE id = ?", (receipt_id,)) if receipt_id.isascii() else []
        return _receipt(rows[0]) if rows else None

    def each(self) -> Iterator[Receipt]:
        """All of them, oldest first, a batch at a time, so that a million do not have to fit into memory."""
        last = 0
        while rows := self._db.run(f"{_RECEIPTS} WHERE number > ? ORDER BY number LIMIT {_BATCH}", (last,)):
            yield from map(_receipt, rows)
            last = rows[-1][0]

    def count(self) -> int:
        """How many there are."""
        return int(self._db.run("SELECT count(*) FROM receipts")[0][0])

    def text(self, sha256: str) -> str | None:
        """The quoted text with this hash, if it is as it was."""
        rows = self._db.run("SELECT text FROM texts WHERE sha256 = ?", (bytes.fromhex(sha256),))
        return next((text for (text,) in rows if text_hash(text) == sha256), None)

    def revoke(self, receipt_id: str) -> bool:
        """Let the link to a receipt show nothing any more; false if there is no such receipt."""
        with self._db.transaction() as db:
            update = "UPDATE receipts SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"
            return bool(db.execute(update, (time.time(), receipt_id)).rowcount)

    # --- what people think of it

    def rate(self, receipt_id: str, person: str, *, is_good: bool) -> None:
        """Count what a person thinks of an answer, in place of what they thought before."""
        with self._db.transaction() as db:
            for (number,) in db.execute("SELECT number FROM receipts WHERE id = ?", (receipt_id,)).fetchall():
                rate = upsert("ratings", ["receipt", "person"], ["is_good", "rated_at"])
                db.execute(rate, (number, self._person(person), is_good, time.time()))

    def ratings(self, receipt_id: str) -> Ratings:
        """What people think of an answer."""
        query = """
            SELECT coalesce(sum(is_good), 0), coalesce(sum(1 - is_good), 0)
            FROM ratings JOIN receipts ON number = receipt WHERE id = ?
        """
        return Ratings(*map(int, self._db.run(query, (receipt_id,))[0]))

    def misses(self, most: int) -> list[Miss]:
        """The newest questions that are still kept and were not answered well, newest first."""
        query = """
            WITH disliked AS (SELECT receipt FROM ratings GROUP BY receipt HAVING sum(is_good) * 2 < count(*))
            SELECT id, question, given_at, person, verdict = 'none', number IN (SELECT receipt FROM disliked)
            FROM receipts WHERE question IS NOT NULL AND number IN (
                SELECT number FROM receipts WHERE verdict = 'none' AND question IS NOT NULL
                UNION SELECT receipt FROM disliked
            ) ORDER BY number DESC LIMIT ?
        """
        return [
            Miss(receipt_id, question, datetime.fromtimestamp(at, UTC), person, bool(none), bool(disliked))
            for receipt_id, question, at, person, none, disliked in self._db.run(query, (most,))
        ]

    # --- what owners say

    def pin(self, question: str, span: Span, sentence: tuple[int, int], text: str) -> Pin:
        """Keep a passage as the answer to a question, in place of an equal pin."""
        with self._db.transaction() as db:
            db.execute(
                "DELETE FROM pins WHERE question = ? AND collection = ? AND path = ? AND text = ?",
                (question, span.collection, span.path, text),
            )
            (number,) = next_ids(db, "pins", "number")
            db.execute(
                f"INSERT INTO pins VALUES ({', '.join('?' * 11)})",  # noqa: S608 - only question marks
                (number, time.time(), question, *astuple(span), *sentence, text),
            )
        return next(each for each in self.pins() if each.number == number)

    def unpin(self, number: int) -> bool:
        """Forget a pin; false if there is none with this number."""
        with self._db.transaction() as db:
            return bool(db.execute("DELETE FROM pins WHERE number = ?", (number,)).rowcount)

    def pins(self) -> list[Pin]:
        """All of them, oldest first."""
        return [_pin(row) for row in self._db.run("SELECT * FROM pins ORDER BY number")]

    def pinned_questions(self) -> list[tuple[int, str]]:
        """Number and question of each pin, in any order: quick enough to be read for each question asked."""
        return self._db.run("SELECT number, question FROM pins")

    # --- what is forgotten

    def forget_old_questions(self) -> None:
        """Forget the questions that were kept for long enough; their keyed hashes stay."""
        _, has_old_questions = self._facts()
        if has_old_questions:
            with self._db.transaction() as db:
                update = f"UPDATE receipts SET question = NULL WHERE {_OLD}"  # noqa: S608 - our own words
                db.execute(update, (self._kept_since,))
            self._db.empty_log()

    @property
    def _kept_since(self) -> float:
        return time.time() - self._question_days * DAY_S

    def _facts(self) -> tuple[bytes, bool]:
        """The key that persons are hashed with, and whether there are questions that are too old to be kept."""
        old = f"SELECT 1 FROM receipts WHERE {_OLD}"  # noqa: S608 - our own words
        query = f"SELECT value, EXISTS({old}) FROM facts WHERE name = 'person key'"  # noqa: S608
        ((key, has_old_questions),) = self._db.run(query, (self._kept_since,))
        return key, bool(has_old_questions)

    def about(self, person: str) -> PersonalData:
        """What there is of a person."""
        who = (self._person(person),)
        asked = "SELECT question FROM receipts WHERE person = ? ORDER BY number DESC"
        ((ratings,),) = self._db.run("SELECT count(*) FROM ratings WHERE person = ?", who)
        questions = [question for (question,) in self._db.run(asked, who)]
        return PersonalData(len(questions), tuple(filter(None, questions)), ratings)

    def forget(self, person: str) -> None:
        """Let nothing lead to a person any more; what was quoted to them stays, and so do the ids of its receipts."""
        who = (self._person(person),)
        with self._db.transaction() as db:
            db.execute("DELETE FROM ratings WHERE person = ?", who)
            db.execute(
                "UPDATE receipts SET person = NULL, question = NULL, question_key = NULL WHERE person = ?",
                who,
            )
        self._db.empty_log()

    def _person(self, name: str) -> bytes:
        """Who it is can be told only with the key in this file, and only by who asks about a certain person."""
        return hmac.digest(self._facts()[0], name.encode(), "sha256")


def seal(said: bytes) -> str:
    """The id of the receipt that says this."""
    return b32encode(hashlib.sha256(said).digest()[:_ID_BYTES]).decode().lower()[:_ID_CHARACTERS]


def unpack(compressed: bytes) -> bytes:
    """A statement as it is kept; of one that was made to exhaust the memory, the beginning.

    Raises:
        zlib.error: it is damaged.
    """
    return zlib.decompressobj().decompress(compressed, _LONGEST)


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return _digest(text).hex()


_ILLEGIBLE = Statement("1970-01-01T00:00:00+00:00", Channel.PYTHON, None, 0, "", "")
"""In place of what a receipt said that cannot be read any more."""

_OLD = "question IS NOT NULL AND given_at < ?"
_RECEIPTS = "SELECT number, id, said, question, question_key, revoked_at FROM receipts"


def _receipt(row: tuple[Any, ...]) -> Receipt:
    _, receipt_id, compressed, question, question_key, revoked_at = row
    try:
        said = unpack(compressed)
        statement, is_intact = Statement.from_json(said), seal(said) == receipt_id
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


@cache
def _statements() -> TypeAdapter[Statement]:
    return TypeAdapter(Statement)


def _pin(row: tuple[Any, ...]) -> Pin:
    number, at, question, collection, path, sha256, start, end, sentence_start, sentence_end, text = row
    return Pin(
        number=number,
        pinned_at=datetime.fromtimestamp(at, UTC),
        question=question,
        span=Span(collection, path, sha256, start, end),
        sentence=(sentence_start, sentence_end),
        text=text,
    )


def _is_possible(citation: Citation) -> bool:
    span, (start, end) = citation.span, citation.sentence
    return span.start <= start < end <= span.end


def _keyed(key: bytes, question: str) -> str:
    return hmac.digest(key, question.encode(errors="surrogatepass"), "sha256").hex()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
