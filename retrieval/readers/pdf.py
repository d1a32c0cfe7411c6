"""PDF: paragraphs put together again from the lines of its pages, under headings that stand out.

A PDF says which letters stand where. What is a paragraph follows from the spaces between and after lines; a
heading is larger or bolder than most of the text; what stands at the edge of neighbouring pages is left out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.documents import Place, Unit
from retrieval.errors import DocumentError
from retrieval.readers import ocr
from retrieval.readers.building import Builder, one_line
from retrieval.readers.pdf_lines import HYPHEN, Line, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.documents import Content
    from retrieval.readers.limits import Limits

_SCAN = (
    "The PDF is a scan: its pages are pictures without text. "
    'Let Quoth recognise it, with `pip install "quoth[ocr]"`, or another program, for example `ocrmypdf`.'
)
_LOCKED = {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}

_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\W?\d{0,3}$")
_BULLET = re.compile(r"[•◦▪▸►‣●○■□–—*-]\s|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s|\[\d+\]\s")
_CAPTION = re.compile(r"\w+\.? \d+[.:]")
_UNSPACED = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(rf"({_WORD.pattern})-$")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile(f"[{''.join(_LIGATURES)}]")
_LEADER = re.compile(r"\s*(?:\.\s?){4,}")
"""Dots that lead the eye from a title to its page."""
_NUMBER = re.compile(r"\d+|^[ivxlc]+$")
_NO_TITLE = re.compile(
    r"\.(?:docx?|dvi|html?|indd|odt|pdf|pptx?|qxd|rtf|tex|txt|xlsx?)$|"
    r"^(?:untitled|adobe |microsoft |document\d*$|\W*$)",
    re.IGNORECASE,
)

# In parts of the font's size, or of what is usual in the document.
_SAME_SIZE, _LARGER, _TITLE_SIZE = 0.08, 1.12, 1.3
_GAP = 1.3
_INDENT = 0.8
_COLUMN = 20.0
"""Lines whose left ends are no more points apart have one right margin."""
_HEADING_LENGTH = 200
_FULL_AFTER = 3
_EDGE_LINES, _EDGE_PAGES, _EDGE_SHIFT = 4, 2, 4.0
"""So many lines at an edge, on so near pages, at most so many points apart, can be running heads."""


@dataclass(slots=True)
class _Paragraph:
    lines: list[Line] = field(default_factory=list)
    room: float = 0.0
    """From the end of the last line to the margin."""

    @property
    def size(self) -> float:
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        return self.lines[0].bold


def read(data: bytes, limits: Limits) -> Content:
    """Read a PDF; its title is what its properties say, else the largest line of the first page.

    Raises:
        DocumentError: it is damaged, protected or a scan, or holds too much.
    """
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code not in _LOCKED:
            raise
        raise DocumentError(
            "The PDF is protected with a password. Save it without one, for example with `qpdf --decrypt`."
        ) from error
    limits.check_pages(len(pdf))
    pages: list[list[Line]] = []
    characters = 0
    pictures = False
    for number in range(1, len(pdf) + 1):
        page = pdf[number - 1]
        lines = lines_of(page, number)
        if not lines and _has_picture(page):
            pictures = True
            lines = ocr.lines_of(page, number) if ocr.is_installed() else []
        page.close()
        characters += sum(len(line.text) for line in lines)
        limits.check_characters(characters)
        pages.append(lines)
    if pictures and not characters and not ocr.is_installed():
        raise DocumentError(_SCAN)
    title = pdf.get_metadata_value("Title")
    return _content(pages, None if _NO_TITLE.search(title.strip()) else title, limits)


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None) is not None


def _content(pages: Sequence[list[Line]], title: str | None, limits: Limits) -> Content:
    lines = [line for page in pages for line in page]
    usual = _Usual(lines)
    running = _running(pages, usual)
    paragraphs = [_paragraphs([line for line in page if line not in running], usual) for page in pages]
    _join_pages(paragraphs, usual)
    builder = Builder(limits)
    for paragraph in (each for page in paragraphs for each in page):
        text = _text(paragraph.lines, usual)
        if usual.is_heading(paragraph, text):
            builder.heading(text)
        else:
            first, last = paragraph.lines[0], paragraph.lines[-1]
            tight = bool(_BULLET.match(text)) or not _SENTENCE_END.search(text)
            builder.block(text, Place(Unit.PAGE, first.page, last.page), tight=tight)
    return builder.content(title or _largest(paragraphs[:1], usual))


class _Usual:
    """What most of the document looks like."""

    def __init__(self, lines: Iterable[Line]) -> None:
        sizes: Counter[float] = Counter()
        bold: Counter[bool] = Counter()
        self.words: set[str] = set()
        previous: Line | None = None
        gaps: defaultdict[int, list[float]] = defaultdict(list)
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
            bold[line.bold] += len(line.text)
            # The ends of a line may be halves of words.
            self.words.update(word.lower() for word in _WORD.findall(line.text)[1:-1])
            if previous and previous.page == line.page and _same_size(previous, line):
                gap = previous.base - line.base
                if line.size / 2 < gap < line.size * 3:
                    gaps[round(line.size)].append(gap)
            previous = line
        self.size = sizes.most_common(1)[0][0] if sizes else 0.0
        self.bold = bold[True] > bold[False]
        self._gaps = {size: median(found) for size, found in gaps.items()}

    def gap(self, size: float) -> float:
        """From one line of a paragraph to the next."""
        return min(self._gaps.get(round(size), size * 1.2), size * 2)

    def is_heading(self, paragraph: _Paragraph, text: str) -> bool:
        if len(text) > _HEADING_LENGTH or _LEADER.search(paragraph.lines[-1].text):
            return False
        if paragraph.size >= self.size * _LARGER:
            return any(map(str.isalpha, text))
        stands_out = paragraph.bold and not self.bold and paragraph.size >= self.size * (1 - _SAME_SIZE)
        return stands_out and len(paragraph.lines) <= 2 and not _SENTENCE_END.search(text)  # noqa: PLR2004


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _running(pages: Sequence[list[Line]], usual: _Usual) -> set[Line]:
    """Heads, feet and page numbers: what stands at the same edge of neighbouring pages, numbers apart."""
    running: set[Line] = set()
    for sign in (1, -1):  # the feet, then the heads
        edges = [sorted(page, key=lambda line: sign * line.base)[:_EDGE_LINES] for page in pages]
        found = [{(_NUMBER.sub("#", line.text), line.base) for line in edge} for edge in edges]
        for i, edge in enumerate(edges):
            near = [
                one for j in range(i - _EDGE_PAGES, i + _EDGE_PAGES + 1) if j != i and 0 <= j < len(pages)
                for one in found[j]
            ]  # fmt: skip
            for line in edge:
                key = _NUMBER.sub("#", line.text)
                alone = line is edge[0] and not re.search(r"[^\W_]", key)
                again = any(key == text and abs(line.base - base) <= _EDGE_SHIFT for text, base in near)
                if line.size > usual.size * _LARGER or not (alone or again):
                    break
                running.add(line)
    return running


def _paragraphs(lines: Sequence[Line], usual: _Usual) -> list[_Paragraph]:
    """The lines of a page, parted where a paragraph ends."""
    margins: defaultdict[int, float] = defaultdict(float)
    for line in lines:
        column = round(line.left / _COLUMN)
        for near in (column - 1, column, column + 1):
            margins[near] = max(margins[near], line.right)
    paragraphs: list[_Paragraph] = []
    for line in lines:
        if not paragraphs or _begins(line, paragraphs[-1], usual):
            paragraphs.append(_Paragraph())
        paragraphs[-1].lines.append(line)
        paragraphs[-1].room = margins[round(line.left / _COLUMN)] - line.right
    return paragraphs


def _begins(line: Line, paragraph: _Paragraph, usual: _Usual) -> bool:
    """Whether a line begins a new paragraph."""
    before = paragraph.lines[-1]
    gap = before.base - line.base
    if before.text.endswith(HYPHEN):
        return False
    if not _same_size(before, line) or before.bold != line.bold or _LEADER.search(before.text):
        return True
    if gap < -line.size / 2:  # the next column
        return not _goes_on(paragraph, line)
    ended = bool(_SENTENCE_END.search(before.text))
    listed = _BULLET.match(paragraph.lines[0].text)
    if _BULLET.match(line.text) and (ended or listed):
        return True
    indented = ended and not listed and line.left > before.left + _INDENT * line.size
    voluntary = _would_fit(line, paragraph.room) and not line.text[0].islower()
    return indented or voluntary or gap > _GAP * usual.gap(line.size)


def _would_fit(line: Line, room: float) -> bool:
    """Whether its first word had room at the end of the line before, which so ends because a paragraph does."""
    width = (line.right - line.left) / len(line.text)
    return room > (len(line.text.split(maxsplit=1)[0]) + 1) * width + line.size


def _goes_on(paragraph: _Paragraph, line: Line) -> bool:
    """Whether a line at the top of a column or page belongs to what stands at the end of the one before."""
    before = paragraph.lines[-1]
    if before.text.endswith(HYPHEN):
        return True
    if before.bold != line.bold or _SENTENCE_END.search(before.text) or _BULLET.match(line.text):
        return False
    # That a line is full can be told only beside others.
    full = len(paragraph.lines) >= _FULL_AFTER and not _would_fit(line, paragraph.room)
    return line.text[0].islower() or (full and not _CAPTION.match(line.text))


def _join_pages(pages: Sequence[list[_Paragraph]], usual: _Usual) -> None:
    """Make one of a paragraph that goes on at the top of the next page; notes below its first half follow it."""
    last: _Paragraph | None = None
    for page in pages:
        body = [each for each in page if abs(each.size - usual.size) <= _SAME_SIZE * usual.size]
        if last and body and body[0] is page[0] and _goes_on(last, body[0].lines[0]):
            last.lines += body[0].lines
            last.room = body[0].room
            body[0] = last
            del page[0]
        last = body[-1] if body else None


def _text(lines: Sequence[Line], usual: _Usual) -> str:
    """The lines as one text, words that were broken at their ends whole again."""
    text = lines[0].text
    for line in lines[1:]:
        following = line.text
        if text.endswith((HYPHEN, "\xad", "-")):
            text = _mended(text[:-1], following, usual)
        elif _UNSPACED.match(text[-1]) and _UNSPACED.match(following):
            text += following
        else:
            text += f" {following}"
    text = _LEADER.sub(" … ", text.replace(HYPHEN, "-"))
    return _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text)


def _mended(before: str, after: str, usual: _Usual) -> str:
    """The two parts of a word; the hyphen between them stays where the document writes it elsewhere too."""
    left, right = _LAST_WORD.search(f"{before}-"), _WORD.match(after)
    if before.endswith(" "):
        return f"{before}- {after}"
    if not left or not right or not right[0][0].islower():
        return f"{before}-{after}"
    whole, hyphened = f"{left[1]}{right[0]}".lower(), f"{left[1]}-{right[0]}".lower()
    keep = "-" in left[1] or (hyphened in usual.words and whole not in usual.words)
    return f"{before}-{after}" if keep else before + after


def _largest(pages: Iterable[list[_Paragraph]], usual: _Usual) -> str | None:
    """The first of the largest lines, if it stands out."""
    found = [(paragraph.size, _text(paragraph.lines, usual)) for page in pages for paragraph in page]
    size, text = max(found, key=lambda each: each[0], default=(0.0, ""))
    return one_line(text) if size >= usual.size * _TITLE_SIZE else None
