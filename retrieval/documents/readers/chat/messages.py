"""ChatWriter: adds the messages of a chat to a document, those of one exchange together."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.building import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.readers.building import Builder

_PAUSE_S = 3_600
"""A longer silence ends an exchange."""
_MAX_WAIT_S = 86_400
"""A later reply begins an exchange of its own."""
_MAX_EXCHANGE = 100
"""Messages; a group that never sleeps has exchanges too."""
_MAX_OPEN = 1_000
_MAX_NAME = 100
_MAX_NUMBER = (1 << 31) - 1
"""Telegram's numbers of messages have 32 bits."""
_MIGRATED = 1_000_000_000
"""Taken from the numbers of messages that a supergroup has from the group that it was before."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Message:
    """What a person wrote."""

    number: int
    """As the export has it; 0 if it has none."""
    moment: str
    """ISO 8601, as the export has it; empty if it does not say."""
    author: str
    text: str
    reply_to: int | None = None
    """The number of the message that it replies to; 0 for one that is not in this chat."""
    is_forwarded: bool = False
    forwarded_from: str = ""
    url: str | None = None


@dataclass(slots=True)
class _Exchange:
    """Messages that belong together."""

    topic: str
    began: str
    last: int
    """When its last message was written, in seconds."""
    blocks: list[tuple[int, str, Location | None]] = field(default_factory=list)
    """The number, the text and the place of each message."""
    is_open: bool = True

    def can_go_on(self, topic: str, now: int, wait: int) -> bool:
        """Decide whether a message belongs to it that comes now."""
        has_room = self.is_open and len(self.blocks) < _MAX_EXCHANGE
        return has_room and self.topic == topic and now - self.last <= wait


class _Known:
    """Remembers a number for each message, in a few bytes, as there may be millions. Numbers of messages ascend."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._values = array("q")

    def put(self, number: int, value: int) -> None:
        if not self._numbers or self._numbers[-1] < number:
            self._numbers.append(number)
            self._values.append(value)

    def get(self, number: int) -> int | None:
        place = bisect_left(self._numbers, number)
        is_there = place < len(self._numbers) and self._numbers[place] == number
        return self._values[place] if is_there else None


class ChatWriter:
    """Adds the messages of one chat to a document, in the order in which they were written.

    Args:
        builder: takes the messages.
        name: the chat's name, where the document has several.
    """

    def __init__(self, builder: Builder, name: str | None = None) -> None:
        self._builder = builder
        self._name = shorten(name or "") or None
        self._authors: list[str] = []
        self._author_numbers: dict[str, int] = {}
        self._author_of = _Known()
        self._topics: list[str] = []
        self._topic_of = _Known()
        self._open: deque[_Exchange] = deque()
        self._exchange_of: dict[int, _Exchange] = {}
        """By the number of a message, while the exchange is open."""
        self._latest: dict[str, _Exchange] = {}
        """By topic."""
        self._now = 0

    def leave_out(self, kind: Omission, text: str) -> None:
        """Count a message that is left out on purpose."""
        self._builder.leave_out(kind, text)

    def add_topic(self, number: int, title: str) -> None:
        """Note that the service message of this number began a topic."""
        self._topics.append(shorten(title))
        self._topic_of.put(number, len(self._topics) - 1)

    def add(self, message: Message) -> None:
        """Add a message, if it has a text."""
        author = shorten(message.author)
        topic = self._find_topic(message)
        self._remember(message.number, author)
        text = clean(message.text)
        if not text:
            return
        self._now = _count_seconds(message.moment, self._now)
        exchange = self._find_exchange(message, topic)
        head = ", ".join(filter(None, [author, _format(message.moment), *self._describe(message)]))
        exchange.blocks.append((message.number, f"{head}: {text}" if head else text, _locate(message)))
        exchange.last = max(exchange.last, self._now)
        self._latest[topic] = self._exchange_of[message.number] = exchange
        while self._open and (self._now - self._open[0].last > _MAX_WAIT_S or len(self._open) > _MAX_OPEN):
            self._write(self._open.popleft())

    def close(self) -> None:
        """Write what waits for further messages."""
        while self._open:
            self._write(self._open.popleft())

    def _find_topic(self, message: Message) -> str:
        """Find the title of the topic: a message replies to its beginning, or to another message of it."""
        topic = self._topic_of.get(message.reply_to) if message.reply_to else None
        if topic is None:
            return ""
        self._topic_of.put(message.number, topic)
        return self._topics[topic]

    def _remember(self, number: int, author: str) -> None:
        if author not in self._author_numbers:
            self._author_numbers[author] = len(self._authors)
            self._authors.append(author)
        self._author_of.put(number, self._author_numbers[author])

    def _find_exchange(self, message: Message, topic: str) -> _Exchange:
        """Find the exchange of the message that it replies to, or of the one before it; else begin one."""
        replied = self._exchange_of.get(message.reply_to or 0)
        for exchange, wait in ((replied, _MAX_WAIT_S), (self._latest.get(topic), _PAUSE_S)):
            if exchange and exchange.can_go_on(topic, self._now, wait):
                return exchange
        exchange = _Exchange(topic, _format(message.moment), self._now)
        self._open.append(exchange)
        return exchange

    def _describe(self, message: Message) -> Iterator[str]:
        """Say what a message is besides its words: an answer, another's words."""
        if message.is_forwarded:
            yield f"forwarded from {origin}" if (origin := shorten(message.forwarded_from)) else "forwarded"
        if message.reply_to is not None:
            author = self._author_of.get(message.reply_to)
            if author is not None and self._authors[author]:
                yield f"in reply to {self._authors[author]}"
            elif self._topic_of.get(message.reply_to) is None:
                yield "in reply"

    def _write(self, exchange: _Exchange) -> None:
        exchange.is_open = False
        self._builder.end_section()
        heading = " · ".join(filter(None, [self._name, exchange.topic, exchange.began]))
        if heading:
            self._builder.add_heading(heading)
        for number, text, place in exchange.blocks:
            self._builder.add_block(text, place)
            if self._exchange_of.get(number) is exchange:
                del self._exchange_of[number]
        if self._latest.get(exchange.topic) is exchange:
            del self._latest[exchange.topic]


@lru_cache(1_000)
def shorten(name: str) -> str:
    """Put a name on one line of bounded length."""
    return " ".join(clean(name).split())[:_MAX_NAME].rstrip()


def _locate(message: Message) -> Location | None:
    number = message.number + (_MIGRATED if message.number < 0 else 0)
    return Location(Unit.MESSAGE, number, number, url=message.url) if 0 < number <= _MAX_NUMBER else None


def _format(moment: str) -> str:
    return moment[:16].replace("T", " ") if _MOMENT.match(moment) else ""


def _count_seconds(moment: str, default: int) -> int:
    """Count the seconds up to a moment, to compare it with others."""
    try:
        date = datetime.fromisoformat(moment)
    except ValueError:
        return default
    return ((date.toordinal() * 24 + date.hour) * 60 + date.minute) * 60 + date.second
