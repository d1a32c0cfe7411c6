"""Finds the running heads, feet and page numbers of a PDF, which belong to no paragraph.

A line is one only if it stands on three pages, apart from the body. The first of its kind stays in the text, as what a
letterhead says may stand nowhere else; a bare page number says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import count_characters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.documents.readers.pdf.lines import PdfLine

_MAX_LINES, _MAX_PAGES, _MAX_SHIFT = 4, 2, 4.0
"""So many lines at an edge, on so near pages, at most so many points apart, can be running heads."""
_MAX_SIZE = 1.1
"""In parts of the usual size: a larger line is a heading, though each page may begin with the same."""
_MIN_PAGES = 3
_MIN_GAP = 1.4
"""From the body, in parts of the usual distance between lines."""
_MAX_SHARE, _MAX_PAGE_SHARE = 0.1, 0.5
"""Of the document's characters, and of the page's lines, that may be left out."""

_NUMBER = re.compile(r"\d{1,9}")
_ROMAN = re.compile(r"\W*[ivxlc]+\W*")
_LONE_NUMBER = re.compile(r"\W*(\d{1,4})\W*")


@dataclass(slots=True)
class RunningHeads:
    """The running heads of a document."""

    lines: set[PdfLine]
    """All that repeat."""
    repeated: set[PdfLine] = field(default_factory=set)
    """Those to leave out."""

    def remove_from(self, page: Sequence[PdfLine]) -> list[PdfLine]:
        """Give the lines of a page without those to leave out; what stays of them stands apart from the paragraphs."""
        if not self.lines:
            return list(page)
        body = [line for line in page if line not in self.lines]
        middle = median(line.base for line in body) if body else 0.0
        apart = [replace(line, row=-1) for line in page if line in self.lines and line not in self.repeated]
        heads, feet = ([line for line in apart if (line.base < middle) is is_foot] for is_foot in (False, True))
        return [*heads, *body, *feet]


def find_running_heads(pages: Sequence[Sequence[PdfLine]], usual_size: float, usual_gap: float) -> RunningHeads:
    """Find the lines that are also at the same edge of near pages, but for numbers that count the pages."""
    kept: set[str] = set()
    budget = _MAX_SHARE * sum(count_characters(line.text) for page in pages for line in page)
    edges = [_find_edges(page, usual_size, usual_gap) for page in pages]
    groups = [group for group in _group_edges(edges) if len(group) > 1]
    heads = RunningHeads({line for group in groups for line in group})
    # Where they are too much of the document, the page numbers go first.
    for group in sorted(groups, key=lambda group: (len(group[0].text), group[0].page)):
        if len({line.page for line in group}) < _MIN_PAGES:
            continue
        kind = _NUMBER.sub("#", group[0].text)
        is_bare = not any(map(str.isalpha, kind)) or _ROMAN.fullmatch(kind)
        begin = 0 if is_bare or kind in kept else 1
        budget -= sum(count_characters(line.text) for line in group[begin:])
        if budget < 0:
            break
        kept.add(kind)
        heads.repeated.update(group[begin:])
    return heads


def _find_edges(page: Sequence[PdfLine], usual_size: float, usual_gap: float) -> list[PdfLine]:
    """Find the lines at the edges of a page that stand apart from its body, and are less than half of it."""
    lines = sorted(page, key=lambda line: -line.base)
    edges = [line for order in (lines, lines[::-1]) for line in _find_edge(order, usual_size, _MIN_GAP * usual_gap)]
    if len(edges) < _MAX_PAGE_SHARE * len(lines):
        return edges
    ends = {lines[0], lines[-1]} if len(lines) > 1 / _MAX_PAGE_SHARE else set()
    return [line for line in ends if _LONE_NUMBER.fullmatch(line.text)]


def _find_edge(lines: Sequence[PdfLine], usual_size: float, min_gap: float) -> list[PdfLine]:
    for count in range(min(_MAX_LINES, len(lines) - 1), 0, -1):
        if abs(lines[count].base - lines[count - 1].base) >= min_gap:
            edge = lines[:count]
            return list(edge) if all(line.size <= _MAX_SIZE * usual_size for line in edge) else []
    return [line for line in lines[:1] if _LONE_NUMBER.fullmatch(line.text)]


def _group_edges(edges: Sequence[Sequence[PdfLine]]) -> Iterator[list[PdfLine]]:
    """Group the lines that repeat each other on near pages, in the order of the pages."""
    group_of: dict[PdfLine, int] = {}
    groups: defaultdict[int, list[PdfLine]] = defaultdict(list)
    for index, edge in enumerate(edges):
        before = [line for near in reversed(edges[max(0, index - _MAX_PAGES) : index]) for line in near]
        for line in edge:
            same = next((other for other in before if _is_repeated(line, other)), line)
            group_of[line] = group_of.get(same, len(group_of))
            groups[group_of[line]].append(line)
    yield from groups.values()


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
