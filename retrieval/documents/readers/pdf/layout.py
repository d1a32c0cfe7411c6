"""Groups the lines of a PDF into paragraphs, by the spaces between and after the lines."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import inf
from statistics import median
from typing import TYPE_CHECKING

from retrieval.documents.readers.pdf.lines import HYPHEN, PdfLine
from retrieval.documents.readers.pdf.words import LEADER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A note's number may follow, but not the rest of a decimal number.
SENTENCE_END = re.compile(r"(?:[.!?…:;。！？؟।]|(?<!\d)[.!?][\"'”’»)\]]*\W?\d{1,3})[\"'”’»)\]]*$")
BULLET = re.compile(r"[•◦▪▸►‣●○■□–—*-]\s|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s|\[\d+\]\s")
_CAPTION = re.compile(r"\w+\.? \d+[.:]")

# In parts of the font's size, or of the usual gap.
_SAME_SIZE, _MIN_HEADING_SIZE = 0.08, 1.12
_MAX_GAP = 1.3
_MIN_INDENT = 0.8
_COLUMN = 20.0
"""Lines whose left ends are no more points apart have one right margin."""
_MAX_HEADING, _MAX_HEADING_LINES = 200, 2
_MIN_FULL_LINES = 3


@dataclass(slots=True)
class Paragraph:
    """The lines of one paragraph."""

    lines: list[PdfLine] = field(default_factory=list)
    room: float = 0.0
    """The space from the end of the last line to the margin."""

    @property
    def size(self) -> float:
        """The size of its letters."""
        return self.lines[0].size


class UsualStyle:
    """The size, weight and line spacing of most of the document."""

    def __init__(self, lines: Iterable[PdfLine]) -> None:
        sizes: Counter[float] = Counter()
        bold: Counter[bool] = Counter()
        previous: PdfLine | None = None
        gaps: defaultdict[int, list[float]] = defaultdict(list)
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
            bold[line.bold] += len(line.text)
            if previous and previous.page == line.page and _same_size(previous, line):
                gap = previous.base - line.base
                if line.size / 2 < gap < line.size * 3:
                    gaps[round(line.size)].append(gap)
            previous = line
        self.size = sizes.most_common(1)[0][0] if sizes else 0.0
        self.bold = bold[True] > bold[False]
        self._gaps = {size: median(sizes_gaps) for size, sizes_gaps in gaps.items()}

    def estimate_gap(self, size: float) -> float:
        """Estimate the distance from one line of a paragraph to the next."""
        return min(self._gaps.get(round(size), size * 1.2), size * 2)

    def is_heading(self, paragraph: Paragraph, text: str) -> bool:
        """Decide whether a paragraph stands out, and is as short as a heading."""
        if len(text) > _MAX_HEADING or LEADER.search(paragraph.lines[-1].text) or paragraph.lines[0].row:
            return False
        ends = SENTENCE_END.search(text)
        if paragraph.size >= self.size * _MIN_HEADING_SIZE:
            return any(map(str.isalpha, text)) and not (ends and len(paragraph.lines) > 1)
        stands_out = paragraph.lines[0].bold and not self.bold and paragraph.size >= self.size * (1 - _SAME_SIZE)
        return stands_out and not ends and len(paragraph.lines) <= _MAX_HEADING_LINES


def _same_size(one: PdfLine, other: PdfLine) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def group_paragraphs(pages: Iterable[Sequence[PdfLine]], usual: UsualStyle) -> list[list[Paragraph]]:
    """Group the lines of each page into the paragraphs that begin there, with their lines of the next page."""
    paragraphs = [_group_page(page, usual) for page in pages]
    _join_pages(paragraphs, usual)
    return paragraphs


def _group_page(lines: Sequence[PdfLine], usual: UsualStyle) -> list[Paragraph]:
    margins: defaultdict[int, float] = defaultdict(lambda: -inf)
    for line in lines:
        column = round(line.left / _COLUMN)
        for near in (column - 1, column, column + 1):
            margins[near] = max(margins[near], line.right)
    paragraphs: list[Paragraph] = []
    for line in lines:
        if not paragraphs or _begins_paragraph(line, paragraphs[-1], usual):
            paragraphs.append(Paragraph())
        paragraphs[-1].lines.append(line)
        paragraphs[-1].room = margins[round(line.left / _COLUMN)] - line.right
    return paragraphs


def _begins_paragraph(line: PdfLine, paragraph: Paragraph, usual: UsualStyle) -> bool:
    before = paragraph.lines[-1]
    gap = before.base - line.base
    if before.row or line.row:
        return before.row != line.row or line.row < 0
    if before.text.endswith(HYPHEN):
        return False
    if not _same_size(before, line) or before.bold != line.bold or LEADER.search(before.text):
        return True
    if gap < -line.size / 2:  # the next column
        return not _continues(paragraph, line)
    is_ended = bool(SENTENCE_END.search(before.text))
    is_listed = BULLET.match(paragraph.lines[0].text)
    if BULLET.match(line.text) and (is_ended or is_listed):
        return True
    is_indented = is_ended and not is_listed and line.left > before.left + _MIN_INDENT * line.size
    is_short = _would_fit(line, paragraph.room) and not line.text[0].islower()
    return is_indented or is_short or gap > _MAX_GAP * usual.estimate_gap(line.size)


def _would_fit(line: PdfLine, room: float) -> bool:
    """Decide whether the first word had room on the line before, which so ends because a paragraph does."""
    width = (line.right - line.left) / len(line.text)
    return room > (len(line.text.split(maxsplit=1)[0]) + 1) * width + line.size


def _continues(paragraph: Paragraph, line: PdfLine) -> bool:
    """Decide whether a line at the top of a column or page continues the last paragraph of the one before."""
    before = paragraph.lines[-1]
    if before.row or line.row:
        return False
    if before.text.endswith(HYPHEN):
        return True
    if before.bold != line.bold or SENTENCE_END.search(before.text) or BULLET.match(line.text):
        return False
    # That a line is full can be told only beside others.
    is_full = len(paragraph.lines) >= _MIN_FULL_LINES and not _would_fit(line, paragraph.room)
    return line.text[0].islower() or (is_full and not _CAPTION.match(line.text))


def _join_pages(pages: Sequence[list[Paragraph]], usual: UsualStyle) -> None:
    """Join a paragraph that continues at the top of the next page; notes below its first half follow it."""
    last: Paragraph | None = None
    for page in pages:
        body = [
            paragraph
            for paragraph in page
            if not paragraph.lines[0].row and abs(paragraph.size - usual.size) <= _SAME_SIZE * usual.size
        ]
        first = next((number for number, paragraph in enumerate(page) if paragraph.lines[0].row >= 0), 0)
        if last and body and body[0] is page[first] and _continues(last, body[0].lines[0]):
            last.lines += body[0].lines
            last.room = body[0].room
            body[0] = last
            del page[first]
        last = body[-1] if body else None
