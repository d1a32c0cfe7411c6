"""In which order recognised pieces of text are read: column after column, and what stands in a row as one line."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.documents.readers.pdf.lines import Line

_COLUMN_LINES = 3
_COLUMN_WIDTH = 12.0
"""Of the font's size; what is narrower is a column of a table, which is read row by row."""
_CROSSING = 0.2
"""Of the lines may stand over several columns, as headings do."""


def in_order(pieces: Sequence[Line]) -> list[Line]:
    """The lines that the pieces make."""
    gutter = _gutter(pieces)
    if gutter is None:
        return _rows(pieces)
    lines: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for piece in sorted(pieces, key=lambda each: -each.base):
        if piece.right <= gutter:
            left.append(piece)
        elif piece.left >= gutter:
            right.append(piece)
        else:
            lines += [*_rows(left), *in_order(right), piece]
            left, right = [], []
    return [*lines, *_rows(left), *in_order(right)]


def _gutter(pieces: Sequence[Line]) -> float | None:
    """Where the first column ends, if there are several: where the fewest pieces stand on both sides."""
    best, fewest = None, _CROSSING * len(pieces)
    for x in sorted({piece.right for piece in pieces}):
        left = [piece for piece in pieces if piece.right <= x]
        right = [piece for piece in pieces if piece.left >= x]
        crossing = len(pieces) - len(left) - len(right)
        if crossing < fewest and _is_column(left) and _is_column(right):
            best, fewest = x, crossing
    return best


def _is_column(pieces: Sequence[Line]) -> bool:
    return len(pieces) >= _COLUMN_LINES and (
        median(piece.right - piece.left for piece in pieces) >= _COLUMN_WIDTH * median(piece.size for piece in pieces)
    )


def _rows(pieces: Sequence[Line]) -> list[Line]:
    """From the top down; pieces side by side are one line."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda each: -each.base):
        if rows and rows[-1][0].base - piece.base < piece.size / 2:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_joined(sorted(row, key=lambda piece: piece.left)) for row in rows]


def _joined(row: Sequence[Line]) -> Line:
    return replace(
        row[0],
        text=" ".join(piece.text for piece in row),
        right=max(piece.right for piece in row),
        base=median(piece.base for piece in row),
        size=median(piece.size for piece in row),
    )
