"""Finds the running heads, feet and page numbers of a PDF, which belong to no paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.documents.readers.pdf.lines import PdfLine

_MAX_LINES, _MAX_PAGES, _MAX_SHIFT = 4, 2, 4.0
"""So many lines at an edge, on so near pages, at most so many points apart, can be running heads."""
_MAX_SIZE = 1.1
"""In parts of the usual size: a larger line is a heading, though each page may begin with the same."""

_NUMBER = re.compile(r"\d{1,9}")
_ROMAN = re.compile(r"\W*[ivxlc]+\W*")
_LONE_NUMBER = re.compile(r"\W*(\d{1,4})\W*")


def find_running_heads(pages: Sequence[Sequence[PdfLine]], usual_size: float) -> set[PdfLine]:
    """Find the lines that are also at the same edge of a near page, but for numbers that count the pages."""
    running: set[PdfLine] = set()
    for sign in (1, -1):  # the feet, then the heads
        edges = [sorted(page, key=lambda line: sign * line.base)[:_MAX_LINES] for page in pages]
        for index, edge in enumerate(edges):
            near = [*edges[max(0, index - _MAX_PAGES) : index], *edges[index + 1 : index + 1 + _MAX_PAGES]]
            others = [line for page in near for line in page]
            for line in edge:
                if line.size > _MAX_SIZE * usual_size or not any(_is_repeated(line, other) for other in others):
                    break
                running.add(line)
    return running


def _is_repeated(line: PdfLine, other: PdfLine) -> bool:
    numbers, others = _list_numbers(line), _list_numbers(other)
    ahead = line.page - other.page
    lone = _LONE_NUMBER.fullmatch(line.text)
    if lone:  # it may stand elsewhere where a chapter begins
        return int(lone[1]) - ahead in others
    if abs(line.base - other.base) > _MAX_SHIFT:
        return False
    if _ROMAN.fullmatch(line.text) and _ROMAN.fullmatch(other.text):
        return True
    # A total at the foot of each invoice differs by anything.
    return (
        _NUMBER.sub("#", line.text) == _NUMBER.sub("#", other.text)
        and len(numbers) == len(others)
        and all(one - two in {0, ahead} for one, two in zip(numbers, others, strict=True))
    )


def _list_numbers(line: PdfLine) -> list[int]:
    return [int(number) for number in _NUMBER.findall(line.text)]
