"""RateLimiter: limits how many messages of one person the bot reads in a minute."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    from datetime import datetime

WINDOW_S = 60
MAX_PEOPLE = 10_000
"""People in memory, those who wrote last: the others have been silent for long."""


class Read(Enum):
    """What to do with a message."""

    YES = "read it"
    TELL = "leave it, and say so"
    NO = "leave it"


@dataclass
class _Person:
    read: deque[float]
    is_told: bool = False


class RateLimiter:
    """Counts messages by when they were written: after an outage, messages of many minutes arrive at once.

    All times are Telegram's. A press or an inline query has none, so it gets one from the newest message: no message
    arrives before it was written, and the quickest one tells how far Telegram's clock is from this machine's.
    """

    def __init__(self, max_a_minute: int) -> None:
        self._max = max_a_minute
        self._people: LRUCache[int, _Person] = LRUCache(MAX_PEOPLE)
        self._ahead = float("-inf")
        """Telegram's clock, in seconds, less this machine's monotonic one."""

    def check(self, person_id: int, written: datetime | None) -> Read:
        """Count a message, or a press that was just made, and tell whether to read it.

        The first that is left is the one to say so to.
        """
        at = self._by_telegram(written)
        person = self._people.setdefault(person_id, _Person(deque(maxlen=self._max)))
        if len(person.read) == self._max and at - person.read[0] < WINDOW_S:
            was_told, person.is_told = person.is_told, True
            return Read.NO if was_told else Read.TELL
        person.read.append(at)
        person.is_told = False
        return Read.YES

    def _by_telegram(self, written: datetime | None) -> float:
        now = time.monotonic()
        if written is None:
            return now + self._ahead if self._ahead > float("-inf") else time.time()
        self._ahead = max(self._ahead, written.timestamp() - now)
        return written.timestamp()
