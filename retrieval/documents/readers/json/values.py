"""JSON and JSON Lines: each value with its key, each record of a list as a row, with its lines in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.chat import telegram_json
from retrieval.documents.readers.json.tokens import Event, Item, count_lines, parse
from retrieval.documents.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_MAX_NAME = 60
"""Characters of a key, and of the value that names a record, in headings."""
_MAX_SHORT = 200
"""Characters of a value, or of a list of values, that stands on one line with others."""
_MAX_DEPTH = 4
"""Keys of a path that are kept: the first, and those next to the value."""
_MAX_FIRST_LINE = 1_000_000


def read(data: bytes, limits: Limits) -> Content:
    """Read JSON, or an export of chats; the value of a key `title` of the whole is the title."""
    if telegram_json.is_export(data) and (chats := telegram_json.read(data, limits)):
        return chats
    text = decode(data)
    writer = _Writer(text, limits, has_records=_is_lines(text))
    for item in parse(text):
        writer.write(item)
    return writer.build()


def _is_lines(text: str) -> bool:
    """Decide whether each line is a record: the first is a value, and others follow."""
    first, _, rest = text.lstrip().partition("\n")
    if len(first) > _MAX_FIRST_LINE or not rest.strip():
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


@dataclass(slots=True, eq=False)
class _Record:
    """A row: values with their keys."""

    path: tuple[str | _Record, ...]
    """The keys above it, and the records that it is a part of."""
    parts: list[str] = field(default_factory=list)
    start: int = 0
    end: int = 0

    @property
    def name(self) -> str:
        """Its first value, which tells it from others."""
        return _shorten(self.parts[0]) if self.parts else ""

    @property
    def text(self) -> str:
        """Its values on one line, but long ones on lines of their own."""
        text = ""
        was_long = False
        for part in self.parts:
            is_long = len(part) > _MAX_SHORT or "\n" in part
            separator = "" if not text else "\n" if is_long or was_long else "; "
            text, was_long = f"{text}{separator}{part}", is_long
        return text


@dataclass(slots=True, eq=False)
class _Container:
    """An object or a list that is open."""

    is_list: bool
    path: tuple[str | _Record, ...]
    """The keys above it, outside of the innermost record."""
    label: tuple[str, ...]
    """The keys above it, inside of the innermost record."""
    record: _Record | None
    key: str = ""
    """Of an object: that of the value which comes."""
    values: list[Item] = field(default_factory=list)
    """Of a list: those so far."""
    start: int = 0


class _Writer:
    """Adds the values to a document."""

    def __init__(self, text: str, limits: Limits, *, has_records: bool) -> None:
        self._text = text
        self._limits = limits
        self._has_records = has_records
        self._builder = Builder(limits)
        self._open: list[_Container] = []
        self._records: list[_Record] = []
        """Those of the outermost one that is open: they are written when it ends, as its name may come late."""
        self._count = 0
        self._length = 0
        self._path: tuple[str | _Record, ...] = ()
        self._title: str | None = None
        self._line = 1
        self._position = 0

    def write(self, item: Item) -> None:
        """Add what an event brings."""
        if item.event is Event.KEY:
            self._open[-1].key = item.text
        elif item.event is Event.VALUE:
            self._add_value(item)
        elif item.event is Event.CLOSE:
            self._close(item)
        else:
            self._open.append(self._begin(item))

    def build(self) -> Content:
        """Give the document."""
        return self._builder.build(self._title)

    def _begin(self, item: Item) -> _Container:
        parent = self._open[-1] if self._open else None
        is_list = item.event is Event.OPEN_LIST
        path, label, record = _extend(parent)
        if not is_list and (parent.is_list if parent else self._has_records):
            path = (*path, record, *label) if record else path
            record, label = _Record(_cut(path), start=item.start), ()
            self._records.append(record)
            self._count += 1
            self._limits.check("rows", self._count)
        return _Container(is_list, _cut(path), label, record, start=item.start)

    def _add_value(self, item: Item) -> None:
        if not item.text.strip():
            return
        self._length += len(item.text)
        self._limits.check("characters", self._length)
        parent = self._open[-1] if self._open else None
        if parent is None:
            self._add_block((), item.text, item.start, item.end)
        elif parent.is_list:
            parent.values.append(item)
        else:
            if len(self._open) == 1 and parent.key == "title":
                self._title = item.text
            path, label, record = _extend(parent)
            if record is None:
                path, label = path[:-1], (parent.key,)
            self._add(path, label, record, item.text, (item.start, item.end))

    def _close(self, item: Item) -> None:
        ended = self._open.pop()
        if ended.is_list and ended.values:
            self._add_list(ended)
        parent = self._open[-1] if self._open else None
        if ended.record and (parent is None or parent.record is not ended.record):
            ended.record.end = item.end
            if parent is None or parent.record is None:
                self._write_records()

    def _add_list(self, ended: _Container) -> None:
        """Add the values of a list: with its key if they fit on a line, else as lines under it."""
        rows = list(_pack(ended.values))
        span = rows[0][0].start, rows[-1][-1].end
        texts = [", ".join(value.text for value in row) for row in rows]
        if ended.record:
            self._add(ended.path, ended.label, ended.record, "\n".join(texts), span)
        elif len(rows) == 1 and (ended.path or self._open):
            label = tuple(name for name in ended.path[-1:] if isinstance(name, str))
            self._add(ended.path[:-1], label, None, texts[0], span)
        else:
            for row, text in zip(rows, texts, strict=True):
                self._add_block(ended.path, text, row[0].start, row[-1].end)

    def _add(
        self,
        path: tuple[str | _Record, ...],
        label: tuple[str, ...],
        record: _Record | None,
        text: str,
        span: tuple[int, int],
    ) -> None:
        name = ".".join(map(_shorten, label))
        part = f"{name}: {text}" if name else text
        if record:
            record.parts.append(part)
        else:
            self._add_block(path, part, *span)

    def _write_records(self) -> None:
        for record in self._records:
            if record.parts:
                self._add_block(record.path, record.text, record.start, record.end)
        self._records.clear()

    def _add_block(self, path: tuple[str | _Record, ...], text: str, start: int, end: int) -> None:
        names = [_shorten(name) if isinstance(name, str) else name.name for name in path]
        if path != self._path:
            self._builder.end_section()
            if heading := " › ".join(filter(None, names)):
                self._builder.add_heading(heading)
            self._path = path
        first = self._find_line(start)
        last = first + count_lines(self._text, start, end)
        self._builder.add_block(text, Location(Unit.LINE, first, last), tight=True)

    def _find_line(self, position: int) -> int:
        if position < self._position:  # a record that is part of another begins before that ends
            self._line -= count_lines(self._text, position, self._position)
        else:
            self._line += count_lines(self._text, self._position, position)
        self._position = position
        return self._line


def _pack(values: Iterable[Item]) -> Iterator[list[Item]]:
    """Put the values of a list on lines; a long one has a line of its own."""
    row: list[Item] = []
    length = 0
    for value in values:
        length += len(value.text) + 2
        if row and length > _MAX_SHORT:
            yield row
            row, length = [], len(value.text) + 2
        row.append(value)
    if row:
        yield row


def _extend(parent: _Container | None) -> tuple[tuple[str | _Record, ...], tuple[str, ...], _Record | None]:
    """Give the path, the label and the record of what comes in a container."""
    if parent is None:
        return (), (), None
    if parent.is_list:
        return parent.path, parent.label, parent.record
    if parent.record:
        return parent.path, (*parent.label, parent.key)[-_MAX_DEPTH:], parent.record
    return (*parent.path, parent.key), (), None


def _cut(path: tuple[str | _Record, ...]) -> tuple[str | _Record, ...]:
    return path if len(path) <= _MAX_DEPTH else (path[0], *path[-_MAX_DEPTH + 1 :])


def _shorten(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"
