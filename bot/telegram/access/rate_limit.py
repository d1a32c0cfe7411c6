"""Pace: how many messages of one person the bot reads in a minute."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from cachetools import LRUCache

WINDOW = timedelta(minutes=1)
MAX_PEOPLE = 10_000
"""Who wrote last; all others have been silent for long."""


class Read(Enum):
    """What to do with a message."""

    YES = "read it"
    TELL = "leave it, and say so"
    NO = "leave it"


@dataclass
class _Person:
    read: deque[datetime]
    is_told: bool = False


class Pace:
    """Counts by when messages were written: what comes at once after the bot was away was not written at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._people: LRUCache[int, _Person] = LRUCache(MAX_PEOPLE)

    def take(self, person_id: int, written: datetime) -> Read:
        """Whether to read a message; the first of those left out is the one to say it to."""
        person = self._people.setdefault(person_id, _Person(deque(maxlen=self._most)))
        if len(person.read) == self._most and written - person.read[0] < WINDOW:
            was_told, person.is_told = person.is_told, True
            return Read.NO if was_told else Read.TELL
        person.read.append(written)
        person.is_told = False
        return Read.YES
