"""RateLimiter: limits how many messages of one person the bot reads in a minute."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from cachetools import LRUCache

WINDOW = timedelta(minutes=1)
MAX_PEOPLE = 10_000
"""People in memory, those who wrote last: the others have been silent for long."""


class Read(Enum):
    """What to do with a message."""

    YES = "read it"
    TELL = "leave it, and say so"
    NO = "leave it"


@dataclass
class _Person:
    read: deque[datetime]
    is_told: bool = False


class RateLimiter:
    """Counts messages by when they were written: after an outage, messages of many minutes arrive at once.

    Presses and inline queries have no time of Telegram's; they are counted apart, by this machine's clock, which may
    be another.
    """

    def __init__(self, max_a_minute: int) -> None:
        self._max = max_a_minute
        self._people: LRUCache[tuple[int, bool], _Person] = LRUCache(MAX_PEOPLE)

    def check(self, person_id: int, written: datetime | None = None) -> Read:
        """Count a message, and tell whether to read it; the first that is left is the one to say so to.

        `written` is by Telegram's clock; without, it counts as written now.
        """
        key = person_id, written is None
        person = self._people.setdefault(key, _Person(deque(maxlen=self._max)))
        written = written or datetime.now(UTC)
        if len(person.read) == self._max and written - person.read[0] < WINDOW:
            was_told, person.is_told = person.is_told, True
            return Read.NO if was_told else Read.TELL
        person.read.append(written)
        person.is_told = False
        return Read.YES
