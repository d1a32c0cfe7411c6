"""Finds numbers in the margin that count the lines, as in minutes of courts, contracts, drafts and verse."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.documents.readers.pdf.lines import PdfLine

_NUMBER = re.compile(r"\d{1,5}")
_GRID = 2.0
"""In points: numbers whose left or right ends differ by no more stand below each other."""
_MIN_NUMBERS, _MIN_SPACED_NUMBERS = 4, 2
"""On a page, where each line has one, and where every fifth has."""
_MIN_RESTARTED = 10
"""On two pages, where the numbers begin with 1 on each."""
_MIN_REGULAR = 0.9
"""The share of the numbers that follow the one above."""
_MIN_LOWER, _MIN_FULL, _FULL = 0.25, 0.5, 0.85
"""The shares of lines that begin with a small letter, and that are nearly as wide as the widest: so prose runs on."""
_MIN_BLANK = 0.1
"""The share of numbered lines that are blank."""
_MAX_PITCH, _SAME_PITCH = 3.2, 0.15
"""From a number to the next one, in parts of the font's size; a pitch that differs by a smaller part is the same."""
_MIN_WIDTH = 16.0
"""Of the widest line, in parts of the font's size."""
_MAX_OUTSIDE = 0.1
"""The share of the text that may stand farther out than the numbers."""


def find_line_numbers(pages: Sequence[Sequence[PdfLine]]) -> set[PdfLine]:
    """Find the numbers of lines on all pages; where one page surely has them, so have others at the same margin."""
    found: set[PdfLine] = set()
    unsure: list[tuple[int, Sequence[PdfLine], list[PdfLine]]] = []
    margins: set[int] = set()
    restarts: Counter[int] = Counter()
    for page in pages:
        for numbers in _find_columns(page):
            margin = round(numbers[0].right / _GRID)
            if _counts_lines(numbers, page):
                found.update(numbers)
                margins.update((margin - 1, margin, margin + 1))
            else:
                unsure.append((margin, page, numbers))
                restarts[margin] += (
                    len(numbers) >= _MIN_RESTARTED
                    and numbers[0].text == "1"
                    and _is_regular(numbers)
                    and _is_outside(numbers, page)
                )
    for margin, page, numbers in unsure:
        is_known = margin in margins or restarts[margin] > 1
        if is_known and _is_regular(numbers) and _is_outside(numbers, page):
            found.update(numbers)
    return found


def _find_columns(page: Sequence[PdfLine]) -> Iterator[list[PdfLine]]:
    """Find the numbers of a page that stand below each other, from the top down; a number is in one column."""
    numbers = [piece for piece in page if _NUMBER.fullmatch(piece.text)]
    columns = [*_chain(numbers, lambda piece: piece.right), *_chain(numbers, lambda piece: piece.left)]
    taken: set[PdfLine] = set()
    for column in sorted(columns, key=len, reverse=True):
        rest = [piece for piece in column if piece not in taken]
        if rest:
            taken.update(rest)
            yield sorted(rest, key=lambda piece: -piece.base)


def _chain(numbers: Sequence[PdfLine], get_end: Callable[[PdfLine], float]) -> list[list[PdfLine]]:
    chains: list[list[PdfLine]] = []
    for piece in sorted(numbers, key=get_end):
        if chains and get_end(piece) - get_end(chains[-1][-1]) <= _GRID:
            chains[-1].append(piece)
        else:
            chains.append([piece])
    return chains


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
    pitches = [above.base - below.base for above, below in pairwise(numbers)]
    pitch = median(pitches)
    if sum(abs(one - pitch) <= _SAME_PITCH * pitch for one in pitches) < _MIN_REGULAR * len(pitches):
        return False
    low, high = numbers[-1].base - numbers[-1].size, numbers[0].base + numbers[0].size
    beside = [row for row in rows if low <= row[0].base <= high]
    if not beside or pitch > _MAX_PITCH * beside[0][0].size:
        return False
    # A numbered table has no number without a text, unlike the lines of a page.
    depths = [row[0].base for row in reversed(beside)]
    blank = sum(
        bisect(depths, number.base - number.size / 2) == bisect(depths, number.base + number.size / 2)
        for number in numbers
    )
    is_blank = len(numbers) >= _MIN_RESTARTED and blank >= _MIN_BLANK * len(numbers)
    return is_blank or (len(numbers) >= _MIN_NUMBERS and _runs_on(beside))


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
