"""Finds numbers in the margin that count the lines, as in minutes of courts, contracts, drafts and verse."""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.documents.readers.pdf.lines import PdfLine

_NUMBER = re.compile(r"\d{1,5}")
_GRID = 3.0
"""In points: numbers whose left or right ends differ by less stand below each other."""
_MIN_NUMBERS, _MIN_SPACED_NUMBERS = 4, 2
"""On a page, where each line has one, and where every fifth has."""
_MIN_REGULAR = 0.9
"""The share of the numbers that follow the one above."""
_MIN_LOWER, _MIN_FULL, _FULL = 0.25, 0.5, 0.85
"""The shares of lines that begin with a small letter, and that are nearly as wide as the widest: so prose runs on."""
_MIN_WIDTH = 16.0
"""Of the widest line, in parts of the font's size."""
_MAX_OUTSIDE = 0.1
"""The share of the text that may stand farther out than the numbers."""


def find_line_numbers(pages: Sequence[Sequence[PdfLine]]) -> set[PdfLine]:
    """Find the numbers of lines on all pages; where one page surely has them, so have others at the same margin."""
    found: set[PdfLine] = set()
    columns: list[tuple[Sequence[PdfLine], list[PdfLine]]] = []
    margins: set[tuple[bool, int]] = set()
    for page in pages:
        for numbers in _find_columns(page):
            if _counts_lines(numbers, page):
                found.update(numbers)
                margins.update(_list_margins(numbers[0]))
            else:
                columns.append((page, numbers))
    for page, numbers in columns:
        if margins.intersection(_list_margins(numbers[0])) and _is_regular(numbers) and _is_outside(numbers, page):
            found.update(numbers)
    return found


def _list_margins(piece: PdfLine) -> list[tuple[bool, int]]:
    return [(False, round(piece.left / _GRID)), (True, round(piece.right / _GRID))]


def _find_columns(page: Sequence[PdfLine]) -> Iterator[list[PdfLine]]:
    """Find the numbers of a page that stand below each other, from the top down; a number is in one column."""
    columns: defaultdict[tuple[bool, int], list[PdfLine]] = defaultdict(list)
    for piece in page:
        if _NUMBER.fullmatch(piece.text):
            for margin in _list_margins(piece):
                columns[margin].append(piece)
    taken: set[PdfLine] = set()
    for column in sorted(columns.values(), key=len, reverse=True):
        rest = [piece for piece in column if piece not in taken]
        if rest:
            taken.update(rest)
            yield sorted(rest, key=lambda piece: -piece.base)


def _is_regular(numbers: Sequence[PdfLine]) -> bool:
    steps = [int(below.text) - int(above.text) for above, below in pairwise(numbers)]
    return not steps or (
        median(steps) > 0 and sum(step == median(steps) for step in steps) >= _MIN_REGULAR * len(steps)
    )


def _is_outside(numbers: Sequence[PdfLine], page: Sequence[PdfLine]) -> bool:
    """Decide whether the numbers stand in a margin of the text beside them."""
    counting = set(numbers)
    beside = [
        piece
        for piece in page
        if numbers[-1].base - piece.size <= piece.base <= numbers[0].base + piece.size and piece not in counting
    ]
    letters = sum(len(piece.text) for piece in beside)
    left, right = min(piece.left for piece in numbers), max(piece.right for piece in numbers)
    to_the_right = sum(len(piece.text) for piece in beside if piece.left > left)
    to_the_left = sum(len(piece.text) for piece in beside if piece.right < right)
    return max(to_the_right, to_the_left) >= (1 - _MAX_OUTSIDE) * letters > 0


def _counts_lines(numbers: Sequence[PdfLine], page: Sequence[PdfLine]) -> bool:
    """Decide by a page alone whether a column of numbers counts its lines."""
    if len(numbers) < _MIN_SPACED_NUMBERS or not _is_regular(numbers) or not _is_outside(numbers, page):
        return False
    rows = _list_rows(page, set(numbers))
    step = int(median(int(below.text) - int(above.text) for above, below in pairwise(numbers)))
    if step > 1:
        lines = [
            bisect(rows, -below.base + below.size / 2, key=_get_depth)
            - bisect(rows, -above.base + above.size / 2, key=_get_depth)
            for above, below in pairwise(numbers)
        ]
        return sum(line == step for line in lines) >= _MIN_REGULAR * len(lines)
    low, high = numbers[-1].base - numbers[-1].size, numbers[0].base + numbers[0].size
    beside = [row for row in rows if low <= row[0].base <= high]
    return len(numbers) >= _MIN_NUMBERS and _runs_on(beside)


def _get_depth(row: Sequence[PdfLine]) -> float:
    return -row[0].base


def _list_rows(page: Sequence[PdfLine], numbers: set[PdfLine]) -> list[list[PdfLine]]:
    """Group the pieces that are no such numbers by their base lines, from the top down."""
    rows: list[list[PdfLine]] = []
    for piece in sorted(page, key=lambda piece: -piece.base):
        if piece in numbers:
            continue
        if rows and rows[-1][0].base - piece.base < piece.size / 3:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return rows


def _runs_on(rows: Sequence[Sequence[PdfLine]]) -> bool:
    """Decide whether lines are of prose, which a line's end does not end."""
    if not rows:
        return False
    widths = [max(piece.right for piece in row) - min(piece.left for piece in row) for row in rows]
    firsts = [min(row, key=lambda piece: piece.left).text[0] for row in rows]
    has_case = [first for first in firsts if first.isupper() or first.islower()]
    lower = sum(map(str.islower, firsts))
    return (
        max(widths) >= _MIN_WIDTH * rows[0][0].size
        and sum(width >= _FULL * max(widths) for width in widths) >= _MIN_FULL * len(rows)
        and lower >= _MIN_LOWER * len(has_case)
        and sum(len(row) > 1 for row in rows) < len(rows) / 2
    )
