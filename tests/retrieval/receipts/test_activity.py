"""What the receipts of a time say together."""

from __future__ import annotations

import time
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from retrieval import Asker, Channel, Citation, Ledger, Ratings, Verdict
from retrieval.receipts import activity
from retrieval.receipts.statement import Span, hash_text

DAY_S = 24 * 60 * 60


class Answers:
    """A ledger whose answers were given some days ago."""

    def __init__(self, ledger):
        self.ledger = ledger

    def gave(self, verdict, *paths, days_ago=0.0, further=(), channel=Channel.TELEGRAM):
        """The id of an answer that quoted these documents at once."""
        receipt_id = self.ledger.record(
            "Who knows?",
            Asker(channel, "Ann"),
            verdict=verdict,
            generation=1,
            model="m",
            citations=[cited(path, rank) for rank, path in enumerate(paths, start=1)],
            texts=[f"Text of {path}." for path in paths],
            further=[cited(path, rank) for rank, path in enumerate(further, start=len(paths) + 1)],
        )
        with self.ledger._db.transaction() as db:
            given_at = time.time() - days_ago * DAY_S
            db.execute("UPDATE receipts SET given_at = ? WHERE id = ?", (given_at, receipt_id))
        return receipt_id

    def since(self, days):
        moment = datetime.now(UTC) - timedelta(days=days)
        return [(answer.verdict, answer.list_documents()) for answer in self.ledger.activity.answers_since(moment)]


def cited(path, rank):
    return Citation(
        rank=rank,
        span=Span("default", path, "a" * 64, 0, 20),
        text_sha256=hash_text(f"Text of {path}."),
        reader="text 1",
        title="",
        heading=None,
        place=None,
        sentence=(0, 10),
        score=0.5,
    )


@pytest.fixture
def answers(tmp_path, database):
    with closing(Ledger(tmp_path, database=database)) as ledger:
        yield Answers(ledger)


def test_answers_are_read_newest_first_back_to_a_moment(answers, monkeypatch):
    monkeypatch.setattr(activity, "_BATCH", 2)
    answers.gave(Verdict.STRONG, "old.txt", days_ago=9)
    answers.gave(Verdict.STRONG, "a.txt", "b.txt", days_ago=3, further=["c.txt"])
    answers.gave(Verdict.NONE, "d.txt", days_ago=2)
    answers.gave(None, "e.txt", days_ago=1, channel=Channel.INLINE)
    answers.gave(Verdict.WEAK, "a.txt")
    a, b = ("default", "a.txt"), ("default", "b.txt")
    assert answers.since(days=7) == [(Verdict.WEAK, {a}), (Verdict.NONE, set()), (Verdict.STRONG, {a, b})]
    assert answers.since(days=1.5) == [(Verdict.WEAK, {a})]


def test_a_damaged_receipt_counts_without_documents(answers):
    answers.gave(Verdict.STRONG, "a.txt")
    with answers.ledger._db.transaction() as db:
        db.execute("UPDATE receipts SET said = ?", (zlib.compress(b"{}"),))
    assert answers.since(days=1) == [(Verdict.STRONG, set())]


def test_ratings_are_counted_back_to_a_moment(answers):
    receipt_id = answers.gave(Verdict.STRONG, "a.txt")
    for person, is_good in (("Ann", True), ("Bea", True), ("Cem", False)):
        answers.ledger.rate(receipt_id, person, is_good=is_good)
    moment = datetime.now(UTC)
    assert answers.ledger.activity.ratings_since(moment - timedelta(minutes=1)) == Ratings(2, 1)
    assert answers.ledger.activity.ratings_since(moment + timedelta(minutes=1)) == Ratings(0, 0)
