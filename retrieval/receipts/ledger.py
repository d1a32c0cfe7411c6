"""Ledger: the receipts of all answers, so that anyone can check later what was quoted from which bytes of which file.

What may change or be forgotten stands beside a receipt's statement: the question, who asked, ratings, and whether its
link still works. Receipts have a file of their own, as nobody can make them anew from the documents.
"""

from __future__ import annotations

import hmac
import secrets
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import QuothError
from retrieval.receipts.activity import Activity
from retrieval.receipts.links import LinkTable
from retrieval.receipts.person_key import open_person_key
from retrieval.receipts.pins import PinTable
from retrieval.receipts.receipt import (
    COLUMNS,
    PersonalData,
    Ratings,
    UnansweredReceipt,
    pack_citations,
    read_receipt,
    unpack_citations,
)
from retrieval.receipts.statement import Channel, Statement, hash_citation, hash_question, hash_text, make_id
from retrieval.storage.database import Schema, upsert
from retrieval.storage.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from retrieval.receipts.receipt import Asker, Receipt
    from retrieval.receipts.statement import Citation, Span
    from retrieval.search.confidence import Verdict
    from retrieval.storage.database import Transaction

FILE = "receipts.db"
QUESTION_DAYS = 30
"""How long questions are kept, unless the owner says otherwise."""
FURTHER_DAYS = 30
"""For so long at least, quotes that were found can still be asked for."""
UNCHOSEN_S = 60 * 60
"""How long a list of passages is kept from which nobody chooses one."""
DAY_S = 24 * 60 * 60
_KEY_BYTES = 32
_BATCH = 1_000

SCHEMA = Schema(
    name="receipts",
    what="the receipts",
    revisions=Path(__file__).parents[1] / "storage" / "migrations" / "receipts",
    head="0003",
    when_damaged=(
        "The file is damaged. Put {name} back from a backup, or move {name}* away from there: answers go on, "
        "but the receipts given so far, and the buttons below their answers, are lost."
    ),
    known_versions={1: "0001"},
    application_id=0x51756F32,
    core=frozenset({"facts", "ratings", "receipts", "texts"}),
    older_tables=frozenset({"counters", "facts", "pins", "ratings", "receipts", "schema_version", "texts"}),
    is_durable=True,
)


class Ledger:
    """The receipts, texts and ratings in the database. For one thread at a time; several processes may share it.

    Args:
        data: the folder for everything that Quoth keeps.
        question_days: how long questions are kept; with 0, not at all. Older ones are forgotten now, and with each
            new receipt.
        database: the URL of the database that is used instead of a file there, if any.
        secret_file: the file with the key that persons are hashed with, if it is not to be in the database.

    Raises:
        SettingsError: the file with the key cannot be used, or is another one.
        StoreError: from every method, if the database cannot be read or written.
    """

    def __init__(
        self, data: Path, question_days: int = QUESTION_DAYS, database: str = "", secret_file: Path | None = None
    ) -> None:
        self._db = open_database(data / FILE, SCHEMA, database)
        self._question_days = question_days
        self.pins = PinTable(self._db)
        self.links = LinkTable(self._db)
        self.activity = Activity(self._db)
        try:
            self._person_key = open_person_key(self._db, secret_file)
        except QuothError:
            self.close()
            raise
        self.forget_old()

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
        further: Sequence[Citation] | None = None,
    ) -> str:
        """Record an answer with the citations and texts of its quotes, best first, and return the receipt's id.

        `further` are the citations of quotes that are shown only on demand, see `mark_shown`; with None, there is no
        such quote. What is too old is forgotten. The other parameters have the meaning of a statement's fields.
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
            further=None if further is None else tuple(map(hash_citation, further)),
        ).to_json()
        # Somebody who types inline has not asked yet.
        is_inline = asker.channel is Channel.INLINE
        is_kept = self._question_days > 0 and not is_inline
        self.forget_old()
        receipt_id = make_id(said)
        row = (
            receipt_id,
            now,
            self._person(asker.person) if asker.person else None,
            question if is_kept else None,
            key,
            verdict,
            zlib.compress(said),
            now + UNCHOSEN_S if is_inline and further is not None else None,
            pack_citations(further or ()),
        )
        with self._db.transaction() as db:
            db.execute(
                """INSERT INTO receipts (number, id, given_at, person, question, question_key, verdict, said,
                                         expires_at, further)
                   SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM receipts""",
                row,
            )
            _add_texts(db, texts)
        return receipt_id

    def mark_shown(self, receipt_id: str, texts: Mapping[int, str]) -> None:
        """Note that further quotes of an answer were shown, given as rank → text; others change nothing."""
        with self._db.transaction() as db:
            row = db.execute("SELECT shown, further FROM receipts WHERE id = ?", (receipt_id,)).fetchone()
            further = unpack_citations(row[1]) if row else ()
            new = [one for one in further if one.rank in texts and hash_text(texts[one.rank]) == one.text_sha256]
            if not new:
                return
            shown = pack_citations([*unpack_citations(row[0]), *new])
            left = pack_citations(one for one in further if one not in new)
            update = "UPDATE receipts SET shown = ?, further = ?, expires_at = NULL WHERE id = ?"
            db.execute(update, (shown, left, receipt_id))
            _add_texts(db, [texts[one.rank] for one in new])

    def get(self, receipt_id: str) -> Receipt | None:
        """Read the receipt with this id, if there is one."""
        # An id that somebody typed may be no valid Unicode, and PostgreSQL takes no text with a null.
        is_text = receipt_id.isascii() and "\0" not in receipt_id
        rows = self._db.run(f"{_RECEIPTS} WHERE id = ?", (receipt_id,)) if is_text else []
        return read_receipt(rows[0]) if rows else None

    def all(self, latest: int | None = None) -> Iterator[Receipt]:
        """Read all receipts, or so many of the latest, oldest first, in batches: a million need not fit into memory."""
        last = 0
        if latest is not None:
            before = "SELECT number FROM receipts ORDER BY number DESC LIMIT 1 OFFSET ?"
            last = next((number for (number,) in self._db.run(before, (latest,))), 0)
        while rows := self._db.run(f"{_RECEIPTS} WHERE number > ? ORDER BY number LIMIT {_BATCH}", (last,)):
            yield from map(read_receipt, rows)
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

    def forget_old(self) -> None:
        """Forget what was kept for long enough: questions, further quotes, and lists from which nobody chose.

        Keyed hashes of the questions stay.
        """
        now = time.time()
        further_since = now - max(self._question_days, FURTHER_DAYS) * DAY_S
        values = now - self._question_days * DAY_S, further_since, now
        conditions = _OLD_QUESTION, _OLD_FURTHER, _UNCHOSEN
        found = " OR ".join(f"EXISTS(SELECT 1 FROM receipts WHERE {condition})" for condition in conditions)  # noqa: S608
        if self._db.run(f"SELECT 1 WHERE {found}", values):
            with self._db.transaction() as db:
                db.execute(f"UPDATE receipts SET question = NULL WHERE {_OLD_QUESTION}", values[:1])  # noqa: S608
                db.execute(f"UPDATE receipts SET further = NULL WHERE {_OLD_FURTHER}", values[1:2])  # noqa: S608
                db.execute(f"DELETE FROM receipts WHERE {_UNCHOSEN}", values[2:])  # noqa: S608
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

    def forget_document(
        self, collection: str, path: str, sha256s: Iterable[str] = (), standing: Container[str] = ()
    ) -> int:
        """Erase the quoted words of a document and its pins, and count the quotes; the receipts' statements stay.

        Words that were quoted from another document as well are kept for that.

        Args:
            collection: of the document.
            path: where it is or was.
            sha256s: of its bytes, if they are known; those that receipts name are found.
            standing: SHA-256 of documents that stay, also where this one once had the same bytes.
        """

        def is_at_path(span: Span) -> bool:
            return (span.collection, span.path) == (collection, path)

        seen = {one.span.document_sha256 for it in self.all() for one in it.found if is_at_path(one.span)}
        known = {sha256 for sha256 in {*sha256s, *seen} if sha256 not in standing}

        def is_of_it(citation: Citation) -> bool:
            return is_at_path(citation.span) or citation.span.document_sha256 in known

        quoted, others, count = set[str](), set[str](), 0
        for receipt in self.all():
            count += sum(map(is_of_it, receipt.citations))
            for citation in receipt.found:
                (quoted if is_of_it(citation) else others).add(citation.text_sha256)
            if any(map(is_of_it, receipt.further)):
                left = pack_citations(one for one in receipt.further if not is_of_it(one))
                self._db.run("UPDATE receipts SET further = ? WHERE id = ?", (left, receipt.id))
        with self._db.transaction() as db:
            erased = [(bytes.fromhex(text_sha256),) for text_sha256 in quoted - others]
            db.executemany("DELETE FROM texts WHERE sha256 = ?", erased)
            pins = [(collection, path, sha256) for sha256 in known or {""}]
            db.executemany("DELETE FROM pins WHERE (collection = ? AND path = ?) OR document_sha256 = ?", pins)
        self._db.empty_log()
        return count

    def _person(self, name: str) -> bytes:
        return hmac.digest(self._person_key, name.encode(), "sha256")


def _add_texts(db: Transaction, texts: Sequence[str]) -> None:
    if texts:
        marks = ", ".join(["(?, ?)"] * len(texts))
        db.execute(
            f"INSERT INTO texts VALUES {marks} ON CONFLICT DO NOTHING",  # noqa: S608 - only question marks
            [value for text in texts for value in (bytes.fromhex(hash_text(text)), text)],
        )


_OLD_QUESTION = "question IS NOT NULL AND given_at < ?"
_OLD_FURTHER = "further IS NOT NULL AND given_at < ?"
_UNCHOSEN = "expires_at IS NOT NULL AND expires_at < ?"
_RECEIPTS = f"SELECT {COLUMNS} FROM receipts"  # noqa: S608 - our own names
