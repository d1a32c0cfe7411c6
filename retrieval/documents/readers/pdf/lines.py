"""Extracts the pieces of lines of a PDF's pages with pdfium, and their positions on the paper.

A piece is the part of a line between wide spaces: a whole line of prose, a cell of a table. Positions are those of a
page turned so that most of its letters are read from left to right and from the top down.
"""

from __future__ import annotations

import ctypes
import re
from array import array
from collections import Counter
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from math import inf
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypdfium2 import PdfPage, PdfTextPage

HYPHEN = "\x02"
"""The hyphen at the end of a line that pdfium takes for the break of a word."""

_LINE = re.compile(r"[^\0\n\r\x02]*\x02?")
_WORD = re.compile(r"[^\s\xa0]+")
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|sfbx", re.IGNORECASE)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ARABIC_PAIR = re.compile(r"(?=[\u0620-\u064a\u066e-\u06d3][\u0620-\u064a\u066e-\u06d3])")
_LAM, _ALEFS = "ل", "اأإآٱ"
_HALF = re.compile("[\ud800-\udfff]")
# Bullets of the fonts Symbol and Wingdings, which have no letters of Unicode.
_MEANINGS = {0xFFFE: HYPHEN, **dict.fromkeys((0xF0A7, 0xF0A8, 0xF0B7, 0xF0D8, 0xF0FC, 0xF076), "•")}
_NAME_BYTES = 200
_MIN_SPACE = 0.8
"""Between two pieces, in parts of the font's size."""
_MIN_NUMBER_SPACE = 0.45
"""Behind a number at the beginning of a line, which may count the lines."""
_MAX_BULLET_SPACE = 4.0
"""Behind a bullet, which belongs to its text."""
_BULLET = re.compile("[•◦▪▸►‣●○■□–—*✓✔➢\uf000-\uf0ff-]")
_NUMBER = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line of text or a piece of one; lengths are in points, from the lower left corner of the page."""

    text: str
    page: int
    """The number of the page, from 1."""
    left: float
    right: float
    base: float
    """The height of the line that the letters stand on."""
    size: float
    """The font's size on the paper."""
    bold: bool
    source: int = 0
    """Pieces of one line have one number."""
    row: int = 0
    """The row of a table; 0 for prose, less for a line that stands apart from all others."""
    cell: int = 0
    """The cell of the row."""


_Span = tuple[int, int]


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def measure_space(self, other: _Box) -> float:
        """Measure the distance to another box, in whichever direction the text runs."""
        return max(other.left - self.right, self.left - other.right, other.bottom - self.top, self.bottom - other.top)


class _Direction(NamedTuple):
    """The direction that a line is read in: of its letters, and of its lines."""

    is_down: bool = False
    is_up: bool = False


_ACROSS, _DOWN, _UP = _Direction(), _Direction(is_down=True), _Direction(is_up=True)


def extract_pieces(page: PdfPage, number: int) -> list[PdfLine]:
    """Extract the page's pieces that are more than white space, in pdfium's order."""
    text_page = page.get_textpage()
    try:
        return list(_turn(_Extractor(text_page, number).extract()))
    finally:
        text_page.close()


def is_right_to_left(pieces: Sequence[PdfLine]) -> bool:
    """Decide whether most letters belong to scripts that run from the right to the left."""
    text = "".join(piece.text for piece in pieces)
    return bool(_RIGHT_TO_LEFT.search(text)) and len(_RIGHT_TO_LEFT.findall(text)) > len(text) / 3


def _turn(pieces: Sequence[tuple[PdfLine, _Direction]]) -> Iterator[PdfLine]:
    """Give the pieces in the direction that most letters are read in; of the others, each is a paragraph."""
    letters: Counter[_Direction] = Counter()
    for piece, direction in pieces:
        letters[direction] += len(piece.text)
    usual = letters.most_common(1)[0][0] if letters else _ACROSS
    for piece, direction in pieces:
        yield piece if direction == usual else replace(piece, row=-1)


class _Extractor:
    """Asks pdfium for characters and their boxes; every call crosses into C, so the fewest are made."""

    def __init__(self, page: PdfTextPage, number: int) -> None:
        self._page, self._number, self._source = page.raw, number, 0
        self._text = _get_text(page).translate(_MEANINGS)
        self._is_mirrored = bool(_RIGHT_TO_LEFT.search(self._text))
        # Pdfium gives halves of characters.
        self._has_halves = bool(_HALF.search(self._text))
        self._numbers = [ctypes.c_double() for _ in range(4)]
        self._matrix = pdfium.FS_MATRIX()
        self._name, self._flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()

    def extract(self) -> list[tuple[PdfLine, _Direction]]:
        """Extract the pieces, and the direction of each."""
        pieces: list[tuple[PdfLine, _Direction]] = []
        for line in _LINE.finditer(self._text):
            words = [word.span() for word in _WORD.finditer(self._text, *line.span())]
            if words:
                self._source += 1
                pieces += self._split(words)
        return pieces

    def _split(self, words: list[_Span]) -> Iterator[tuple[PdfLine, _Direction]]:
        """Split the words of a line where there are wide spaces between them."""
        size = self._get_size(words[0][0])
        if self._is_mirrored and _RIGHT_TO_LEFT.search(self._text, words[0][0], words[-1][1]):
            whole = [self._get_word_box(start, end) for start, end in words]
            boxes = [(box, box) for box in whole]
            parts = _find_parts(whole, _MIN_SPACE * size)
        else:
            boxes = [self._get_end_boxes(start, end) for start, end in words]
            if any(first[1] >= last[3] or last[1] >= first[3] for first, last in boxes):
                stacked = [self._is_stacked(word, *ends) for word, ends in zip(words, boxes, strict=True)]
                if any(stacked):
                    yield from self._split_stacked(words, stacked)
                    return
            wide = [one[1].measure_space(other[0]) >= _MIN_SPACE * size for one, other in pairwise(boxes)]
            first = self._text[slice(*words[0])]
            min_space = _MIN_NUMBER_SPACE if _NUMBER.fullmatch(first) else _MAX_BULLET_SPACE
            if wide and (min_space == _MIN_NUMBER_SPACE or _BULLET.fullmatch(first)):
                wide[0] = boxes[0][1].measure_space(boxes[1][0]) >= min_space * size
            parts = [0, *accumulate(wide)]
        begin = 0
        for index in range(1, len(words) + 1):
            if index == len(words) or parts[index] != parts[begin]:
                piece = self._make_piece(words[begin:index], boxes[begin:index])
                if piece:
                    yield piece
                begin = index

    def _is_stacked(self, word: _Span, first: _Box, last: _Box) -> bool:
        """Decide whether digits or letters stand below each other, as in a column of a table: they are no word."""
        if (
            (last.top >= first.bottom and first.top >= last.bottom)
            or first.left >= last.right
            or last.left >= first.right
        ):
            return False
        self._get_size(word[0])
        is_upright = not self._matrix.b and self._get_origin(word[0])[1] != self._get_origin(word[1] - 1)[1]
        return is_upright and self._text[slice(*word)].isascii()

    def _split_stacked(self, words: list[_Span], stacked: list[bool]) -> Iterator[tuple[PdfLine, _Direction]]:
        for is_stacked, group in groupby(zip(stacked, words, strict=True), key=lambda pair: pair[0]):
            whole = [word for _, word in group]
            for part in ([(index, index + 1)] for word in whole for index in range(*word)) if is_stacked else [whole]:
                self._source += 1
                yield from self._split(part)

    def _get_end_boxes(self, start: int, end: int) -> tuple[_Box, _Box]:
        first = self._get_box(start)
        return first, self._get_box(end - 1) if end - start > 1 else first

    def _get_word_box(self, start: int, end: int) -> _Box:
        """Give the box around all characters: a word of letters of both directions may end in its middle."""
        return _join([self._get_box(index) for index in range(start, end)])

    def _make_piece(self, words: list[_Span], boxes: list[tuple[_Box, _Box]]) -> tuple[PdfLine, _Direction] | None:
        start, end = words[0][0], words[-1][1]
        text = self._mend_ligatures(start, end) if self._is_mirrored else self._text[start:end]
        if self._has_halves:
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        text = text.strip(" \t\xa0")
        if not text:
            return None
        # A few characters tell enough.
        middle = words[len(words) // 2][0]
        origins = [self._get_origin(index) for index in dict.fromkeys((start, middle, end - 1))]
        size = self._get_size(start)
        if middle != start and self._get_size(middle) != size:
            size = median(self._get_size(index) for index in (start, middle, end - 1))
        direction = self._find_direction(origins, size)
        ends = _join([box for pair in boxes for box in pair] if self._is_mirrored else [boxes[0][0], boxes[-1][1]])
        left, right, bases = ends.left, ends.right, [y for _, y in origins]
        if direction.is_down:
            left, right, bases = -ends.top, -ends.bottom, [x for x, _ in origins]
        elif direction.is_up:
            left, right, bases = ends.bottom, ends.top, [-x for x, _ in origins]
        bold = self._is_bold(start) and self._is_bold(middle) and self._is_bold(end - 1)
        return PdfLine(text, self._number, left, right, median(bases), size, bold, self._source), direction

    def _find_direction(self, origins: list[tuple[float, float]], size: float) -> _Direction:
        (left, first), (right, last) = origins[0], origins[-1]
        along, up = abs(right - left), last - first
        if len(origins) == 1:
            # The matrix is that of the last character that was asked for.
            along, up = abs(self._matrix.a), self._matrix.b
        elif abs(up) < size / 2:
            return _ACROSS
        if abs(up) <= along:
            return _ACROSS
        return _UP if up > 0 else _DOWN

    def _mend_ligatures(self, start: int, end: int) -> str:
        """Turn round the letters of an Arabic ligature, which pdfium gives as if each had a place of its own."""
        text = self._text[start:end]
        for pair in _ARABIC_PAIR.finditer(text):
            at = pair.start()
            one, other = text[at], text[at + 1]
            if one in _ALEFS and other == _LAM and self._get_origin(start + at) == self._get_origin(start + at + 1):
                text = f"{text[:at]}{other}{one}{text[at + 2 :]}"
        return text

    def _get_box(self, index: int) -> _Box:
        left, right, bottom, top = self._numbers
        pdfium.FPDFText_GetCharBox(self._page, index, left, right, bottom, top)
        return _Box(left.value, bottom.value, right.value, top.value)

    def _get_origin(self, index: int) -> tuple[float, float]:
        x, y, *_ = self._numbers
        pdfium.FPDFText_GetCharOrigin(self._page, index, x, y)
        return x.value, y.value

    def _get_size(self, index: int) -> float:
        pdfium.FPDFText_GetMatrix(self._page, index, self._matrix)
        nominal: float = pdfium.FPDFText_GetFontSize(self._page, index)
        return nominal * max(abs(float(self._matrix.b)), abs(float(self._matrix.d)))

    def _is_bold(self, index: int) -> bool:
        self._name.value = b""
        pdfium.FPDFText_GetFontInfo(self._page, index, self._name, _NAME_BYTES, self._flags)
        return bool(_BOLD.search(self._name.value.decode("utf-8", "replace")))


def _join(boxes: Sequence[_Box]) -> _Box:
    """Give the smallest box around all."""
    left, bottom, right, top = zip(*boxes, strict=True)
    return _Box(min(left), min(bottom), max(right), max(top))


def _find_parts(boxes: Sequence[_Box], min_space: float) -> list[int]:
    """Number the parts of a line that wide spaces divide; in a line of both directions, neighbours may be far apart."""
    parts = [0] * len(boxes)
    part, end = 0, inf
    for index in sorted(range(len(boxes)), key=lambda index: boxes[index].left):
        part += boxes[index].left - end >= min_space
        end = boxes[index].right if end == inf else max(end, boxes[index].right)
        parts[index] = part
    return parts


def _get_text(page: PdfTextPage) -> str:
    """Get the text of a page so that its indices are those of pdfium."""
    count = page.count_chars()
    units = array("H", bytes(2 * count + 2))
    pointer = ctypes.cast(units.buffer_info()[0], ctypes.POINTER(ctypes.c_ushort))
    if pdfium.FPDFText_GetText(page, 0, count, pointer) == count + 1:
        return "".join(map(chr, units[:count]))
    return "".join(chr(pdfium.FPDFText_GetUnicode(page, index)) for index in range(count))
