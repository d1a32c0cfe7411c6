"""Draws a page of a PDF as a picture, with words marked on it.

The text of a quote differs from the page's: broken words are whole again, ligatures are letters. So only letters and
digits are compared. A quote that is not found, as on a scan, is not marked.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING
from unicodedata import normalize

import pypdfium2
import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypdfium2 import PdfBitmap, PdfPage, PdfTextPage

_MAX_WIDTH, _MAX_HEIGHT = 1_400, 2_400
"""In pixels."""
_QUOTE_COLOUR, _PART_COLOUR = (255, 240, 150), (255, 228, 150)
"""For a quote, and for parts marked in it; dark letters stay dark, as with a pen."""
_FILLED = pdfium.FPDF_FILLMODE_WINDING
_MARGIN = 0.12
"""Above and below the letters, as a part of their height."""
_MIN_LETTERS = 8
"""A line of a quote with fewer letters is not looked for alone: it occurs in too many places."""


def draw_page(data: bytes, number: int, marks: Sequence[str]) -> bytes:
    """Draw a page, counted from 1, as PNG, with a quote, and perhaps parts of it, marked."""
    page = pypdfium2.PdfDocument(data)[number - 1]
    text_page = page.get_textpage()
    letters = _Letters(text_page)
    begin = 0
    for position, mark in enumerate(marks):
        colour = _PART_COLOUR if position else _QUOTE_COLOUR
        for first, last in letters.find(mark, begin):
            begin = begin or first
            for index in range(text_page.count_rects(first, last - first + 1)):
                _draw_mark(page, text_page.get_rect(index), colour)
    width, height = page.get_size()
    bitmap = page.render(scale=min(_MAX_WIDTH / width, _MAX_HEIGHT / height), rev_byteorder=True)
    return _encode_png(bitmap)


class _Letters:
    """The letters of a page, without accents, and the index of the character that each comes from."""

    def __init__(self, page: PdfTextPage) -> None:
        self._all = [chr(pdfium.FPDFText_GetUnicode(page, index)) for index in range(page.count_chars())]
        pairs = [(letter, index) for index, character in enumerate(self._all) for letter in _list_letters(character)]
        self._text = "".join(letter for letter, _ in pairs)
        self._indices = [index for _, index in pairs]

    def find(self, text: str, begin: int) -> Iterator[tuple[int, int]]:
        """Find the first and last character of a text, or else of each of its lines, from the character `begin` on."""
        whole, tail = _list_letters(text), text.strip()[-1:]
        lines = [line for line in map(_list_letters, text.splitlines()) if len(line) >= _MIN_LETTERS]
        start = next((at for at, index in enumerate(self._indices) if index >= begin), 0)
        for wanted in [whole] if whole in self._text[start:] else lines:
            at = self._text.find(wanted, start)
            if wanted and at >= 0:
                last = self._indices[at + len(wanted) - 1]
                ends_behind = not tail.isalnum() and self._all[last + 1 : last + 2] == [tail]
                yield self._indices[at], last + ends_behind
                start = at + len(wanted)


def _list_letters(text: str) -> str:
    return "".join(filter(str.isalnum, normalize("NFKD", text)))


def _draw_mark(page: PdfPage, box: tuple[float, float, float, float], colour: tuple[int, int, int]) -> None:
    left, bottom, right, top = box
    margin = (top - bottom) * _MARGIN
    pen = pdfium.FPDFPageObj_CreateNewRect(left, bottom - margin, right - left, top - bottom + 2 * margin)
    pdfium.FPDFPageObj_SetFillColor(pen, *colour, 255)
    pdfium.FPDFPath_SetDrawMode(pen, _FILLED, 0)
    pdfium.FPDFPageObj_SetBlendMode(pen, b"Multiply")
    pdfium.FPDFPage_InsertObject(page, pen)


def _encode_png(bitmap: PdfBitmap) -> bytes:
    """Encode red, green and blue, a byte each."""
    width, height, pixels = bitmap.width, bitmap.height, bytes(bitmap.buffer)
    starts = range(0, height * bitmap.stride, bitmap.stride)
    # A zero says that a row is stored as it is.
    rows = b"".join(b"\0" + pixels[start : start + 3 * width] for start in starts)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_make_chunk(kind, content) for kind, content in chunks)


def _make_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
