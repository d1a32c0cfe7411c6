"""Activity: what all receipts of a time say together, without questions and persons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from retrieval.receipts.receipt import Ratings, read_citations
from retrieval.search.confidence import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.storage.database import Database

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer that somebody was given."""

    at: datetime
    verdict: Verdict
    said: bytes = field(repr=False)
    """The receipt's statement, as it is stored."""

    def list_documents(self) -> frozenset[tuple[str, str]]:
        """List the collections and paths of the documents that it quoted at once; this takes 0.2 ms."""
        citations = read_citations(self.said) if self.verdict.found else ()
        return frozenset((one.span.collection, one.span.path) for one in citations if one.may_answer)


class Activity:
    """Reads the tables of receipts and ratings."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def answers_since(self, moment: datetime) -> Iterator[GivenAnswer]:
        """Read the answers that were given since a moment, newest first; lists to choose from are none."""
        query = "SELECT number, given_at, verdict, said FROM receipts WHERE number < ? ORDER BY number DESC LIMIT ?"
        last = 1 << 62
        # There is no index on the time, but numbers are given in its order.
        while rows := self._db.run(query, (last, _BATCH)):
            for _, given_at, verdict, said in rows:
                at = datetime.fromtimestamp(given_at, UTC)
                if at < moment:
                    return
                if verdict in set(Verdict):
                    yield GivenAnswer(at, Verdict(verdict), said)
            last = rows[-1][0]

    def ratings_since(self, moment: datetime) -> Ratings:
        """Count the ratings that people gave since a moment."""
        query = "SELECT coalesce(sum(is_good), 0), coalesce(sum(1 - is_good), 0) FROM ratings WHERE rated_at >= ?"
        return Ratings(*map(int, self._db.run(query, (moment.timestamp(),))[0]))
