"""Statistics: how much is asked and answered, from which documents, and what cannot be read; without persons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from retrieval import Ratings, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from retrieval import FileReport, Ledger

DAYS = 30
WEEK = 7
MAX_QUOTED = 10
"""Documents."""
_MAX_READ = 5_000
"""Newest answers whose documents are counted: that takes a second."""


@dataclass(frozen=True, slots=True)
class QuotedDocument:
    """A document, and how many answers quoted it."""

    collection: str
    path: str
    answers: int


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file that the last sync could not read."""

    collection: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of the last 30 days, of which today is one. Days are those of UTC."""

    questions: Mapping[date, int]
    """A value for each day, oldest first."""
    verdicts: Mapping[Verdict, int]
    ratings: Ratings
    quoted: tuple[QuotedDocument, ...]
    """Most quoted first, at most ten; of very many answers, the newest are counted."""
    unreadable: tuple[UnreadableFile, ...]

    def count_questions(self, days: int) -> int:
        """Count the questions of the last days."""
        return sum([*self.questions.values()][-days:])


def collect_statistics(receipts: Ledger, failures: Iterable[FileReport]) -> Statistics:
    """Count what the receipts of the last 30 days say.

    Args:
        receipts: the ledger.
        failures: the files that the last sync could not read.

    Raises:
        StoreError: the data folder cannot be used.
    """
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    since = datetime.combine(days[0], time(), UTC)
    answers = [*receipts.activity.answers_since(since)]
    by_day, verdicts = Counter(answer.at.date() for answer in answers), Counter(answer.verdict for answer in answers)
    quoted = Counter(document for answer in islice(answers, _MAX_READ) for document in answer.list_documents())
    most_quoted = sorted(quoted.items(), key=lambda item: (-item[1], item[0]))[:MAX_QUOTED]
    return Statistics(
        questions={day: by_day[day] for day in days},
        verdicts={verdict: verdicts[verdict] for verdict in Verdict},
        ratings=receipts.activity.ratings_since(since),
        quoted=tuple(QuotedDocument(*document, count) for document, count in most_quoted),
        unreadable=tuple(UnreadableFile(file.collection, file.path, file.reason) for file in failures),
    )
