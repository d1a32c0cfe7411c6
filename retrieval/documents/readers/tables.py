"""RowWriter: adds the rows of sheets to a document, each as a block, with the names that its columns surely have.

A sheet may hold several tables, below each other or side by side, with titles, notes and totals around them. Text never
gets the name of a column of another table. Tables in documents, pages and slides are `grids`.
"""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from operator import add
from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.headers import Header, Kind, Row, classify, find_header, list_kinds, list_odd_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.documents.readers.building import Builder
    from retrieval.documents.readers.limits import Limits

_HEAD = 50
"""So many rows of a table are looked at before its first one is written."""
_MAX_LEVELS = 3
_MIN_ROWS_TO_RESUME = 20


def make_row(number: int, values: Iterable[str]) -> Row:
    """Make a row of the texts of its cells."""
    texts = [" ".join(value.split()) for value in values]
    # Faster by a third than one condition a cell.
    cells = enumerate(texts) if all(texts) else ((column, text) for column, text in enumerate(texts) if text)
    return Row(number, dict(cells))


class RowWriter:
    """Adds the rows of sheets to a document, each as a block that names its columns where they surely have names."""

    def __init__(self, builder: Builder, limits: Limits) -> None:
        self._builder = builder
        self._limits = limits
        self._count = 0
        """Rows of the sheets before, also the empty ones between them."""

    def write(self, rows: Iterable[Row], sheet: str | None = None) -> None:
        """Add the rows of a sheet. An empty row may end a table, or stand within it."""
        source = _Source(iter(rows), self._limits, self._count)
        table: _Table | None = None
        while head := source.peek(0):
            following = source.peek(len(head)) if len(head) < _HEAD else []
            parts = _split_columns(head, following)
            if parts:
                self._write_side_by_side(source, parts, sheet)
                table = None
            else:
                table = _choose_table(head, following, table)
                self._write_table(source, table, sheet)
        self._count += source.last

    def _write_table(self, source: _Source, table: _Table, sheet: str | None) -> None:
        for row in source.take_neighbours():
            if table.is_broken_by(row):
                source.give_back(row)
                return
            self._add(row, table.label(row), sheet)

    def _write_side_by_side(self, source: _Source, parts: list[_Part], sheet: str | None) -> None:
        for row in source.take_neighbours():
            for part in parts:
                cut = part.cut(row)
                self._add(cut, part.label(cut), sheet)

    def _add(self, row: Row, texts: list[str] | None, sheet: str | None) -> None:
        if texts is None:
            self._builder.leave_out(Omission.REPETITIONS, " ".join(row.cells.values()))
        elif texts:
            # "Owner:" in a cell of its own belongs to the cell after it.
            text = "; ".join(texts).replace(":; ", ": ")
            self._builder.add_block(text, Location(Unit.ROW, row.number, row.number, sheet), tight=True)


class _Source:
    """The rows of a sheet, of which the next ones can be looked at before they are taken."""

    def __init__(self, rows: Iterator[Row], limits: Limits, before: int) -> None:
        self._rows = rows
        self._waiting: deque[Row] = deque()
        self._limits = limits
        self._before = before
        self.last = 0
        """The number of the last row that was read."""

    def peek(self, start: int) -> list[Row]:
        """Look at neighbouring rows, at most `_HEAD`, after so many others."""
        while len(self._waiting) < start + _HEAD and (row := self._read()):
            self._waiting.append(row)
        head: list[Row] = []
        for row in islice(self._waiting, start, start + _HEAD):
            if head and row.number > head[-1].number + 1:
                break
            head.append(row)
        return head

    def take_neighbours(self) -> Iterator[Row]:
        """Take the rows up to the next empty one."""
        last = 0
        while row := self._waiting.popleft() if self._waiting else self._read():
            if last and row.number > last + 1:
                self._waiting.appendleft(row)
                return
            last = row.number
            yield row

    def _read(self) -> Row | None:
        row = next(self._rows, None)
        if row:
            self.last = row.number
            self._limits.check("rows", self._before + row.number)
        return row

    def give_back(self, row: Row) -> None:
        """Let the row that was taken last be the next one again."""
        self._waiting.appendleft(row)


class _Table:
    """The rows of a table, and the names of its columns; without a header, rows that stand together."""

    def __init__(self, head: Sequence[Row], header: Header | None) -> None:
        self.columns = {column for row in head for column in row.cells}
        self.is_marked = header is not None and header.is_marked
        self._header = header
        self._first = head[header.start].number if header else 0
        self._last = head[header.end - 1].number if header else 0
        self._header_cells: list[dict[int, str]] = (
            [row.cells for row in head[header.start : header.end]] if header else []
        )
        self.kinds = list_kinds(header.list_body(head) if header else head)
        names = header.names if header else {}
        self._names = dict(sorted(names.items()))
        self._labels = {column: f"{name.rstrip(' :：')}: " for column, name in self._names.items()}
        self._values = [column for column, kind in self.kinds.items() if kind is not Kind.TEXT and column in names]
        counts = Counter((column, row.cells.get(column)) for row in head for column in self._values)
        self._exceptions = {word for word, count in counts.items() if count > 1}
        """Words that come again in a column of values."""
        self._count = self._last_row = self._paused_at = 0
        self._is_paused = not names
        self._odd_words: list[tuple[int, str]] = []
        """Those that paused the names."""

    @property
    def is_named(self) -> bool:
        """Whether rows get names now."""
        return not self._is_paused

    def pause(self, row: Row | None = None) -> _Table:
        """Give no names to the rows that follow, perhaps until the words that broke the table are surely its own."""
        self._is_paused = True
        self._odd_words = self._list_odd_words(row) if row else []
        self._paused_at = self._last_row
        return self

    def repeats(self, row: Row) -> bool:
        """Decide whether a row is a row of the header."""
        return row.cells in self._header_cells

    def count_breaks(self, row: Row) -> int:
        """Count the columns of numbers or dates that have words in this row; 0 if one has a value."""
        return len(self._list_odd_words(row))

    def _list_odd_words(self, row: Row) -> list[tuple[int, str]]:
        words = list_odd_words(row, self._names, self._values)
        return [] if self._exceptions.intersection(words) else words

    def _resume(self, row: Row) -> None:
        """Go on with names if a word comes again, or if the table is long and a row as those before follows."""
        cells = row.cells.items()
        is_long = bool(self._odd_words) and self._count >= _MIN_ROWS_TO_RESUME
        if any(word in cells for word in self._odd_words) or (is_long and self.fits(row)):
            self._exceptions.update(self._odd_words)
            self._is_paused = False

    def is_right_above(self, row: Row) -> bool:
        """Decide whether no empty row stands between this table and a row."""
        return self._last_row == row.number - 1

    def is_broken_by(self, row: Row) -> bool:
        """Decide whether a row may be the header of another table, directly below this one."""
        if self._is_paused or row.number <= self._last:
            return False
        if (row.is_marked or row.spans) and self.is_alike(row):
            return not self.repeats(row)
        for column in self._values:
            if cell := row.cells.get(column):
                # Most rows have a value there, and must not take long.
                return not any(map(str.isdigit, cell)) and self.count_breaks(row) > 0 and not self.repeats(row)
        return False

    def is_alike(self, row: Row) -> bool:
        """Decide whether a row looks like the header of this table."""
        return self._header is not None and self._header.is_followed_by(row)

    def fits(self, row: Row) -> bool:
        """Decide whether a row is surely one of this table, by the values in it."""
        values = [(column, cell) for column in self._values if (cell := row.cells.get(column))]
        return (
            self.columns.issuperset(row.cells)
            and any(values)
            and all(classify(cell) in {self.kinds[column], Kind.MARK} for column, cell in values)
        )

    def label(self, row: Row) -> list[str] | None:
        """Write the cells of a row, with their names where they surely have names; None if it repeats the header."""
        if self._is_paused and self._last_row > self._paused_at:
            self._resume(row)
        self._last_row = row.number
        if self._is_paused or row.number <= self._last:
            is_header = self._first <= row.number <= self._last
            return [] if is_header else [*row.cells.values()]
        if self.repeats(row):
            return None
        self._count += 1
        if row.spans or len(row.cells) < 2:  # noqa: PLR2004
            return self._label_carefully(row)
        labels = self._labels
        if row.cells.keys() == labels.keys():
            return [*map(add, labels.values(), row.cells.values())]
        return [labels.get(column, "") + cell for column, cell in row.cells.items()]

    def _label_carefully(self, row: Row) -> list[str]:
        """Give no name to a lone text, which may be a note or a title, and to a cell below several names."""
        texts = []
        for column, cell in row.cells.items():
            names = {self._labels.get(column, "")}
            if column in row.spans:
                end = column + row.spans[column]
                names |= {label for other, label in self._labels.items() if column < other < end}
            is_value = column in self._values and classify(cell) is self.kinds[column]
            is_named = len(names) == 1 and (len(row.cells) > 1 or len(self._labels) == 1 or is_value)
            texts.append(f"{names.pop()}{cell}" if is_named else cell)
        return texts


class _Part:
    """A table beside others."""

    def __init__(self, first: int, end: int, head: Sequence[Row], header: Header | None) -> None:
        self._columns = range(first, end)
        self._table = _Table([self.cut(row) for row in head], header)
        self._last = 0

    def cut(self, row: Row) -> Row:
        """Give the part of a row that is in this table's columns."""
        return _cut(row, self._columns)

    def label(self, row: Row) -> list[str] | None:
        """Write a row. What stands below an empty place may belong to another table."""
        if not row.cells:
            return []
        if self._last and row.number > self._last + 1:
            self._table.pause()
        self._last = row.number
        return self._table.label(row)


def _cut(row: Row, columns: range) -> Row:
    cells = {column: cell for column, cell in row.cells.items() if column in columns}
    spans = {column: count for column, count in row.spans.items() if column in columns}
    return row._replace(cells=cells, spans=spans)


def _split_columns(head: Sequence[Row], following: Sequence[Row]) -> list[_Part]:
    """Find tables side by side, if their headers are not in the same rows: then one long row is read as it is."""
    filled = sorted({column for row in head for column in row.cells})
    starts = [column for column, before in zip(filled, [-2, *filled], strict=False) if column > before + 1]
    if len(starts) < 2:  # noqa: PLR2004
        return []
    ends = [*starts[1:], filled[-1] + 1]
    whole = find_header(head, following)
    parts, rows_of_headers = [], set()
    for first, end in zip(starts, ends, strict=True):
        rows = [_cut(row, range(first, end)) for row in head]
        header = find_header(rows)
        parts.append(_Part(first, end, head, header))
        if len({column for row in rows for column in row.cells}) > 1:
            rows_of_headers.add((header.start, header.end) if header else None)
    if whole and rows_of_headers <= {(whole.start, whole.end)}:
        return []
    return parts if len(rows_of_headers) > 1 else []


def _choose_table(head: Sequence[Row], following: Sequence[Row], previous: _Table | None) -> _Table:
    """Begin a table at the next rows, or go on with the one before them."""
    header = find_header(head, following)
    if header is None and len(head) <= _MAX_LEVELS:
        header, head = _find_header_above_gap(head, following)
    if previous is None or (header and _is_new(head, header, previous)):
        return _Table(head, header)
    if previous.is_right_above(head[0]):
        return previous.pause(head[0])
    if not header and previous.is_named and all(previous.fits(row) for row in head if row.cells):
        return previous
    is_elsewhere = any(not previous.columns.issuperset(row.cells) for row in head)
    return _Table(head, None) if is_elsewhere and not header else previous.pause()


def _find_header_above_gap(head: Sequence[Row], following: Sequence[Row]) -> tuple[Header | None, Sequence[Row]]:
    """Find a header that an empty row separates from its table, with the rows of both."""
    rows = [*head, *following]
    header = find_header(rows)
    if header and header.end == len(head) and len(header.names) > 2 and not find_header(following):  # noqa: PLR2004
        table = _Table(rows, header)
        if all(table.fits(row) for row in following if row.cells):
            return header, rows
    return None, head


def _is_new(head: Sequence[Row], header: Header, previous: _Table) -> bool:
    """Decide whether a header is surely one, and not a row of the table before it."""
    rows = head[header.start : header.end]
    is_other = not previous.columns.issuperset(header.names)
    breaks = max(map(previous.count_breaks, rows))
    if previous.is_right_above(head[0]):
        is_alike = previous.is_alike(rows[0])
        return header.start == 0 and (is_other or breaks > 1 or header.is_marked or is_alike)
    kinds = list_kinds(head[header.end :])
    has_contrast = any(kinds.get(column, Kind.TEXT) is not Kind.TEXT for column in header.names)
    return is_other or header.is_marked or breaks > 0 or has_contrast or any(map(previous.repeats, rows))
