"""Finds tables by the gutters between their cells, and the rows whose cells are of several lines."""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from statistics import median
from typing import TYPE_CHECKING

from retrieval.documents.readers.pdf.lines import PdfLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = list[PdfLine]
"""The pieces on one base line, from the left to the right."""
_Gap = tuple[float, float]

MIN_COLUMN_WIDTH = 12.0
"""Of a column of prose, in parts of the font's size."""
_MIN_COLUMN_LINES = 5
_MIN_GUTTER, _MIN_ROW_GUTTER = 0.8, 2.0
"""In parts of the font's size: between the cells of several rows, and of a lone one."""
_MAX_PITCH, _MAX_LEADING = 4.5, 1.45
"""From a row to the next one, and from a line of a cell to the next one, in parts of the font's size."""
_MIN_ROW_GAP = 1.3
"""From a row to the next one, in parts of the distance of lines in a cell."""
_MAX_PIECES = 100
"""A line of more pieces is no row."""
_NUMBER = re.compile(r"\W*\d[\d\s.,:%/€$£-]*\W*")
_MARK = re.compile(r"\W{1,2}|\(?[\w.]{1,5}[.)]|\d+(?:\.\d+)*")
"""A bullet, or the number of a heading or list item."""


def join_row(row: Row, number: int) -> PdfLine:
    """Join the pieces of a line; with a wide space between them, it is a row of its own."""
    first = row[0]
    if len(row) == 1:
        return first
    space = max(other.left - one.right for one, other in pairwise(row))
    is_row = space >= _MIN_ROW_GUTTER * first.size and not (len(row) == 2 and _MARK.fullmatch(first.text))  # noqa: PLR2004
    return replace(
        max(row, key=lambda piece: len(piece.text)),
        text=" ".join(piece.text for piece in row),
        left=min(piece.left for piece in row),
        right=max(piece.right for piece in row),
        bold=all(piece.bold for piece in row),
        row=number if is_row else 0,
    )


def find_tables(rows: Sequence[Row], first_row: int) -> list[PdfLine] | None:
    """Give the lines of a block with the rows of its tables put together; None if it has no table."""
    lines: list[PdfLine] = []
    has_table = False
    begin = 0
    while begin < len(rows):
        end, gutters = _grow(rows, begin)
        if sum(len(row) > 1 for row in rows[begin:end]) > 1:
            has_table = True
            lines += _Table(rows[begin:end], gutters).read(first_row + begin)
        else:
            lines += [join_row(row, first_row + begin + number) for number, row in enumerate(rows[begin:end], 1)]
        begin = end
    return lines if has_table else None


def _grow(rows: Sequence[Row], begin: int) -> tuple[int, list[_Gap]]:
    """Find the end of a table that begins in a row, and the gutters that no piece crosses."""
    if not 1 < len(rows[begin]) <= _MAX_PIECES:
        return begin + 1, []
    gutters = _cut([(-inf, inf)], rows[begin])
    end = last = begin + 1
    kept = gutters
    for index in range(begin + 1, len(rows)):
        row, above = rows[index], rows[index - 1]
        if len(row) > _MAX_PIECES or above[0].base - row[0].base > _MAX_PITCH * row[0].size or row[0].row:
            break
        gutters = _cut(gutters, row)
        if len(gutters) <= 2:  # noqa: PLR2004 - those around the table
            break
        end = index + 1
        if len(row) > 1 or _continues_cell(row, above):
            last, kept = end, gutters
    return last, [gutter for gutter in kept if -inf < gutter[0] and gutter[1] < inf]


def _continues_cell(row: Row, above: Row) -> bool:
    """Decide whether a lone piece below the last row continues one of its cells."""
    (piece,) = row
    is_near = above[0].base - piece.base <= _MAX_LEADING * piece.size
    is_first = piece.left <= above[0].left + piece.size
    return is_near and (piece.text[0].islower() or not is_first)


def _cut(gaps: Sequence[_Gap], row: Row) -> list[_Gap]:
    """Take the pieces of a row out of the gaps."""
    left: list[_Gap] = []
    pieces, at = row, 0
    for start, end in gaps:
        begin = start
        while at < len(pieces) and pieces[at].right <= start:
            at += 1
        while at < len(pieces) and pieces[at].left < end:
            left.append((begin, pieces[at].left))
            begin = max(begin, pieces[at].right)
            if pieces[at].right > end:
                break
            at += 1
        left.append((begin, end))
    return [gap for gap in left if gap[1] - gap[0] >= _MIN_GUTTER * row[0].size]


@dataclass(slots=True)
class _Line:
    """The pieces on one base line of a table, by column."""

    base: float
    cells: dict[int, list[PdfLine]]

    def starts_lower(self) -> list[bool]:
        return [pieces[0].text[0].islower() for pieces in self.cells.values()]


class _Table:
    """Pieces in columns."""

    def __init__(self, rows: Sequence[Row], gutters: Sequence[_Gap]) -> None:
        borders = [(left + right) / 2 for left, right in gutters]
        self._rows = rows
        self._width = len(borders) + 1
        self._size = median(piece.size for row in rows for piece in row)
        self._lines = []
        for row in rows:
            cells: defaultdict[int, list[PdfLine]] = defaultdict(list)
            for piece in row:
                cells[bisect(borders, (piece.left + piece.right) / 2)].append(piece)
            self._lines.append(_Line(row[0].base, dict(cells)))

    def read(self, first_row: int) -> Iterator[PdfLine]:
        """Give the cells of one row after the other; columns of prose one after the other."""
        groups = self._group()
        if len(groups) == len(self._lines) and self._is_prose():
            for column in range(self._width):
                for line in self._lines:
                    if column in line.cells:
                        yield join_row(line.cells[column], 0)
            return
        for number, group in enumerate(groups, 1):
            for column in range(self._width):
                for line in group:
                    for piece in line.cells.get(column, ()):
                        yield replace(piece, row=first_row + number, cell=column)

    def _is_prose(self) -> bool:
        columns = [
            [piece for line in self._lines for piece in line.cells.get(column, ())] for column in range(self._width)
        ]
        return len(self._lines) >= _MIN_COLUMN_LINES and all(
            median(piece.right - piece.left for piece in column) >= MIN_COLUMN_WIDTH * self._size
            for column in columns
            if column
        )

    def _group(self) -> list[list[_Line]]:
        """Group the lines to rows: those between wider spaces, or those that continue cells of the line above."""
        pitches = [above.base - below.base for above, below in pairwise(self._lines)]
        leading = min(pitches, default=0.0)
        lower = sum(all(line.starts_lower()) for line in self._lines)
        begins_lower = 2 * lower >= len(self._lines)
        if begins_lower and self._is_written_by_columns():
            return [self._lines]  # texts side by side
        groups: list[list[_Line]] = []
        for line, pitch in zip(self._lines, [0.0, *pitches], strict=True):
            is_near = pitch <= min(_MIN_ROW_GAP * leading, _MAX_LEADING * self._size)
            if groups and is_near and self._continues(line, groups[-1], begins_lower=begins_lower):
                groups[-1].append(line)
            else:
                groups.append([line])
        return groups

    def _is_written_by_columns(self) -> bool:
        columns = [
            (piece.source, column) for line in self._lines for column in line.cells for piece in line.cells[column]
        ]
        return len(self._lines) > 2 and all(one <= other for (_, one), (_, other) in pairwise(sorted(columns)))  # noqa: PLR2004

    def _continues(self, line: _Line, group: Sequence[_Line], *, begins_lower: bool) -> bool:
        """Decide whether a line belongs to the row above it."""
        if 2 * len(line.cells) <= self._width and (0 not in line.cells or any(line.starts_lower())):
            return True
        if begins_lower or any(
            column in line.cells and _NUMBER.fullmatch(line.cells[column][0].text)
            for column, pieces in group[-1].cells.items()
            if _NUMBER.fullmatch(pieces[0].text)
        ):
            return False
        lower = line.starts_lower()
        return all(lower) or (any(lower) and 2 * sum(lower) >= len(lower))
