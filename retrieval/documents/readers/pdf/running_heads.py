"""Running heads, feet and page numbers of a PDF: they belong to no paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.documents.readers.pdf.lines import Line

_LINES, _PAGES, _SHIFT = 4, 2, 4.0
"""So many lines at an edge, on so near pages, at most so many points apart, can be running."""
_LARGEST = 1.1
"""Of the usual size: what is larger is a heading, though each page may begin with the same."""

_NUMBER = re.compile(r"\d{1,9}")
_ROMAN = re.compile(r"\W*[ivxlc]+\W*")
_LONE_NUMBER = re.compile(r"\W*(\d{1,4})\W*")


def running(pages: Sequence[Sequence[Line]], usual_size: float) -> set[Line]:
    """What stands again at the same edge of a near page, but for numbers that count the pages."""
    found: set[Line] = set()
    for sign in (1, -1):  # the feet, then the heads
        edges = [sorted(page, key=lambda line: sign * line.base)[:_LINES] for page in pages]
        for index, edge in enumerate(edges):
            near = [*edges[max(0, index - _PAGES) : index], *edges[index + 1 : index + 1 + _PAGES]]
            others = [line for page in near for line in page]
            for line in edge:
                if line.size > _LARGEST * usual_size or not any(_is_same(line, other) for other in others):
                    break
                found.add(line)
    return found


def _is_same(line: Line, other: Line) -> bool:
    numbers, others = _numbers(line), _numbers(other)
    ahead = line.page - other.page
    lone = _LONE_NUMBER.fullmatch(line.text)
    if lone:  # it may stand elsewhere where a chapter begins
        return int(lone[1]) - ahead in others
    if abs(line.base - other.base) > _SHIFT:
        return False
    if _ROMAN.fullmatch(line.text) and _ROMAN.fullmatch(other.text):
        return True
    # A total at the foot of each invoice differs by anything.
    return (
        _NUMBER.sub("#", line.text) == _NUMBER.sub("#", other.text)
        and len(numbers) == len(others)
        and all(one - two in {0, ahead} for one, two in zip(numbers, others, strict=True))
    )


def _numbers(line: Line) -> list[int]:
    return [int(number) for number in _NUMBER.findall(line.text)]
