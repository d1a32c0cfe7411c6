"""Puts the pieces of a page into reading order: prose as the file has it, tables row by row.

Most programs write prose in reading order, also that of columns, but the cells of a table in any: by rows, by columns,
from the bottom up. So neighbours in the file's order that are near on the page make a block. Blocks side by side with
the same base lines are one, unless they are columns of prose. Cells are found in a block by the gutters between them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from retrieval.documents.readers.pdf.lines import is_right_to_left
from retrieval.documents.readers.pdf.page.table_rows import MIN_COLUMN_WIDTH, Row, find_tables, join_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.documents.readers.pdf.lines import PdfLine

_SAME_BASE, _NEAR = 0.3, 4.0
"""In parts of the font's size: pieces of one line; pieces of one block."""
_MIN_PROSE_LINES, _MAX_SPLIT = 3, 0.3
"""A column of prose has more lines than the first, and a smaller share with several pieces than the second."""
_MAX_CELL_LINES = 50
"""A longer block goes on below, but not beside it."""
_MIN_UPWARD = 3
_NUMERIC = re.compile(r"\W*\d[\d\W]*")
_BULLET = re.compile(r"[•◦▪▸►‣●○■□–—*-](?:\s|$)|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)](?:\s|$)")


def order_pieces(pieces: Sequence[PdfLine]) -> list[PdfLine]:
    """Put the pieces of a page into reading order, those of a line joined.

    Text that runs from the right to the left is given mirrored, so that its lines begin at the left too.
    """
    if is_right_to_left(pieces):
        pieces = [replace(piece, left=-piece.right, right=-piece.left) for piece in pieces]
    rows = _find_rows(pieces)
    blocks = _merge(list(_split_blocks(pieces)), rows)
    upward = Counter(one.top < other.top for one, other in pairwise(blocks) if one.overlaps(other))
    if upward[True] >= _MIN_UPWARD * max(1, upward[False]):
        blocks.sort(key=lambda block: -block.top)
    lines: list[PdfLine] = []
    for block in blocks:
        lines += block.read(len(lines))
    return lines


@dataclass(slots=True)
class _Block:
    """Pieces that follow each other in the file and are near on the page."""

    pieces: list[PdfLine] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    is_merged: bool = False

    def add(self, piece: PdfLine) -> None:
        """Add the next piece."""
        is_first = not self.pieces
        self.left = piece.left if is_first else min(self.left, piece.left)
        self.right = piece.right if is_first else max(self.right, piece.right)
        self.top = piece.base if is_first else max(self.top, piece.base)
        self.pieces.append(piece)

    def overlaps(self, other: _Block | PdfLine) -> bool:
        """Decide whether one stands above the other."""
        return self.left < other.right and other.left < self.right

    def takes(self, piece: PdfLine) -> bool:
        """Decide whether a piece that follows in the file belongs to the block."""
        last = self.pieces[-1]
        if last.row or piece.row or abs(piece.base - last.base) > _NEAR * max(piece.size, last.size):
            return False
        if _is_same_base(piece, last) or self.overlaps(piece):
            return True
        is_beside = any(_is_same_base(piece, other) for other in self.pieces[-_MIN_PROSE_LINES:])
        return is_beside and len(self.pieces) <= _MAX_CELL_LINES and not self.is_prose()

    def is_prose(self) -> bool:
        """Decide whether it is a column of prose, of whole lines."""
        rows = _find_rows(self.pieces)
        widths = [piece.right - piece.left for piece in self.pieces]
        return (
            len(rows) >= _MIN_PROSE_LINES
            and sum(len(row) > 1 for row in rows) < _MAX_SPLIT * len(rows)
            and median(widths) >= MIN_COLUMN_WIDTH * median(piece.size for piece in self.pieces)
        )

    def is_running_text(self) -> bool:
        """Decide whether its lines are of list items or sentences, so that it is no column of a table."""
        return (
            any(_BULLET.match(piece.text) for piece in self.pieces)
            or 2 * sum(piece.text[0].islower() for piece in self.pieces) > len(self.pieces) > _MIN_PROSE_LINES
        )

    def read(self, first_row: int) -> Iterator[PdfLine]:
        """Give the lines in reading order; the rows of tables are numbered behind `first_row`."""
        rows = _find_rows(self.pieces)
        steps = Counter(one.base < other.base for one, other in pairwise(self.pieces) if not _is_same_base(one, other))
        tables = find_tables(rows, first_row)
        if tables is not None:
            yield from tables
        elif self.is_merged or steps[True] > steps[False]:
            yield from (join_row(row, first_row + number) for number, row in enumerate(rows, 1))
        else:
            yield from _join_neighbours(self.pieces, first_row)


def _is_same_base(one: PdfLine, other: PdfLine) -> bool:
    return abs(one.base - other.base) <= _SAME_BASE * min(one.size, other.size)


def _find_rows(pieces: Iterable[PdfLine]) -> list[Row]:
    """Group the pieces that stand on one base line, from the top down and from the left to the right."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: -piece.base):
        if rows and not piece.row and not rows[-1][0].row and _is_same_base(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _join_neighbours(pieces: Sequence[PdfLine], first_row: int) -> Iterator[PdfLine]:
    """Join the pieces of a line that follow each other in the file."""
    row: Row = []
    for number, piece in enumerate(pieces, 1):
        if (
            row
            and (piece.source != row[-1].source or piece.row)
            and (not _is_same_base(row[-1], piece) or piece.left < row[-1].right)
        ):
            yield join_row(row, first_row + number)
            row = []
        row.append(piece)
    if row:
        yield join_row(row, first_row + len(pieces) + 1)


def _split_blocks(pieces: Sequence[PdfLine]) -> Iterator[_Block]:
    block = _Block()
    for piece in pieces:
        if block.pieces and not block.takes(piece):
            yield block
            block = _Block()
        block.add(piece)
    if block.pieces:
        yield block


def _merge(blocks: list[_Block], rows: Sequence[Row]) -> list[_Block]:
    """Merge blocks side by side that share their base lines, and are no columns of prose."""
    home = {id(piece): number for number, block in enumerate(blocks) for piece in block.pieces}
    shared: Counter[tuple[int, int]] = Counter()
    for row in rows:
        numbers = dict.fromkeys(home[id(piece)] for piece in row)
        shared.update((min(pair), max(pair)) for pair in pairwise(numbers))
    columns = {number: _Column.of(blocks[number]) for pair in shared for number in pair}
    target = list(range(len(blocks)))
    for (one, other), count in sorted(shared.items()):
        if columns[one].belongs_to(columns[other], count):
            target[_find(target, other)] = _find(target, one)
    merged: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(blocks)):
        merged[_find(target, number)].append(number)
    result = []
    for members in sorted(merged.values()):
        block = blocks[members[0]]
        for member in members[1:]:
            block.is_merged = True
            for piece in blocks[member].pieces:
                block.add(piece)
        result.append(block)
    return result


def _find(target: list[int], number: int) -> int:
    while target[number] != number:
        target[number] = target[target[number]]
        number = target[number]
    return number


class _Column(NamedTuple):
    """What tells a block that is a column of a table from one of prose."""

    height: int
    is_prose: bool
    is_running_text: bool
    has_numbers: bool
    is_numeric: bool

    @classmethod
    def of(cls, block: _Block) -> _Column:
        """Measure a block."""
        height, pieces = len(_find_rows(block.pieces)), block.pieces
        numeric = sum(bool(_NUMERIC.fullmatch(piece.text)) for piece in pieces)
        with_digit = sum(any(map(str.isdigit, piece.text)) for piece in pieces)
        is_running_text = block.is_running_text()
        return cls(height, block.is_prose(), is_running_text, 2 * with_digit >= len(pieces), 2 * numeric >= len(pieces))

    def belongs_to(self, other: _Column, shared: int) -> bool:
        """Decide whether two blocks are parts of one table, or a label and its value."""
        lowest = min(self.height, other.height)
        if shared < lowest or self.is_prose or other.is_prose:
            return False
        if lowest == 1 or self.is_numeric or other.is_numeric:
            return True
        if self.is_running_text or other.is_running_text:
            return False
        return self.has_numbers or other.has_numbers or self.height == other.height
