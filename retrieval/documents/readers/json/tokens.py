"""JSON as a stream of events: however deep it is nested, and with the place of each value in the file."""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r'[ \t\n\r]*+(?:("[^"\\]*+(?:\\.[^"\\]*+)*+")|([{}\[\]:,])|(-?\d[\d.eE+-]*+|true|false|null|NaN|-?Infinity)\b)',
    re.DOTALL,
)
_SPACE = re.compile(r"[ \t\n\r]*+")
_BAD_ESCAPE = re.compile(r"((?:^|[^\\])(?:\\\\)*)\\x([0-9A-Fa-f]{2})")
_CLOSING = {"{": "}", "[": "]"}


class Event(Enum):
    """What stands in the file."""

    OPEN_OBJECT = auto()
    OPEN_LIST = auto()
    CLOSE = auto()
    KEY = auto()
    VALUE = auto()


class Item(NamedTuple):
    """An event, its text, and where it stands: `text[start:end]`."""

    event: Event
    text: str
    """Of a string without its escapes, of a number as the file has it; of null, nothing."""
    start: int
    end: int


class _State(Enum):
    """What may come next."""

    VALUE = auto()
    FIRST_VALUE = auto()
    """A value, or the end of the list."""
    KEY = auto()
    FIRST_KEY = auto()
    COLON = auto()
    NEXT = auto()
    """A comma, or the end of what is open."""


_UNFINISHED = (_State.VALUE, _State.KEY, _State.COLON)
"""A bracket may not close here."""


def parse(text: str) -> Iterator[Item]:
    """Parse a JSON value, or several one after another, as in JSON Lines.

    Raises:
        DocumentError: the text is no JSON; the message says where.
    """
    closings: list[str] = []
    state = _State.VALUE
    position = 0
    while match := _TOKEN.match(text, position):
        string, sign, literal = match.groups()
        start, position = match.start(match.lastindex or 0), match.end()
        if string is not None and (state is _State.KEY or state is _State.FIRST_KEY):
            yield Item(Event.KEY, _unescape(string, text, start), start, position)
            state = _State.COLON
        elif state is _State.COLON and sign == ":":
            state = _State.VALUE
        elif state is _State.NEXT and sign == ",":
            state = _State.KEY if closings[-1] == "}" else _State.VALUE
        elif closings and sign == closings[-1] and state not in _UNFINISHED:
            yield Item(Event.CLOSE, closings.pop(), start, position)
            state = _State.NEXT if closings else _State.VALUE
        elif state is not _State.VALUE and state is not _State.FIRST_VALUE:
            raise explain(text, start)
        elif sign is None:
            value = _unescape(string, text, start) if string else literal
            yield Item(Event.VALUE, "" if literal == "null" else value, start, position)
            state = _State.NEXT if closings else _State.VALUE
        elif sign in _CLOSING:
            closings.append(_CLOSING[sign])
            yield Item(Event.OPEN_OBJECT if sign == "{" else Event.OPEN_LIST, sign, start, position)
            state = _State.FIRST_KEY if sign == "{" else _State.FIRST_VALUE
        else:
            raise explain(text, start)
    position = skip_space(text, position)
    if closings or position < len(text):
        raise explain(text, position)


def count_lines(text: str, start: int, end: int) -> int:
    """Count the line ends of a part of a text."""
    return text.count("\n", start, end)


def skip_space(text: str, position: int) -> int:
    """Give the position behind the white space that JSON allows between values."""
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _unescape(string: str, text: str, position: int) -> str:
    if "\\" not in string:
        return string[1:-1]
    try:
        value: str = json.loads(mend_escapes(string), strict=False)
    except ValueError as error:
        raise explain(text, position) from error
    return value


def mend_escapes(text: str) -> str:
    """Write control characters as JSON does, where Telegram Desktop and others have a form that JSON does not know."""
    return _BAD_ESCAPE.sub(r"\1\\u00\2", text)


def explain(text: str, position: int) -> DocumentError:
    """Say where a file stops being JSON."""
    line = count_lines(text, 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    message = (
        f"The file is damaged: its JSON cannot be read beyond line {line:,}, column {column:,}. "
        "Correct it there, or save it anew in the program that made it."
    )
    return DocumentError(message, DocumentFault.DAMAGED)
