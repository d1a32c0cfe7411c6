"""The lines of a PDF's pages, as pdfium finds them, and where they stand on the paper."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

HYPHEN = "\x02"
"""At the end of a line: one that pdfium takes for the break of a word."""

_LINE_ENDS = {0, 0x0A, 0x0D}
_HYPHENS = {0x02, 0xFFFE}
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|sfbx", re.IGNORECASE)
_NAME_BYTES = 200
_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """Lengths are in points, from the lower left corner of the page."""

    text: str
    page: int
    """Its number, from 1."""
    left: float
    right: float
    base: float
    """Where the letters stand."""
    size: float
    """Of the font, on the paper."""
    bold: bool


def lines_of(page: PdfPage, number: int) -> list[Line]:
    """The page's lines that are more than white space, in pdfium's order."""
    text_page = page.get_textpage()
    try:
        lines: list[Line] = []
        indices: list[int] = []
        characters: list[str] = []
        for index in range(text_page.count_chars() + 1):
            code = pdfium.FPDFText_GetUnicode(text_page, index)  # 0 past the end
            if code in _HYPHENS:
                characters.append(HYPHEN)
            elif code not in _LINE_ENDS:
                characters.append(chr(code))
                if not characters[-1].isspace():
                    indices.append(index)
            if code in _LINE_ENDS or code in _HYPHENS:
                # On Windows, pdfium gives halves of characters.
                whole = "".join(characters).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
                text = whole.strip(" \t\xa0")
                if indices and text:
                    lines.append(_line(text_page, number, text, indices))
                indices, characters = [], []
        return lines
    finally:
        text_page.close()


def _line(page: PdfTextPage, number: int, text: str, indices: list[int]) -> Line:
    # A few characters tell enough: every call crosses into C.
    some = [indices[(len(indices) - 1) * part // _SAMPLES] for part in range(_SAMPLES + 1)]
    edges = [*page.get_charbox(some[0])[::2], *page.get_charbox(some[-1])[::2]]
    return Line(
        text=text,
        page=number,
        left=min(edges),
        right=max(edges),
        base=median(_base(page, index) for index in some),
        size=median(_size(page, index) for index in some),
        bold=all(_is_bold(page, index) for index in some),
    )


def _base(page: PdfTextPage, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(page, index, x, y)
    return y.value


def _size(page: PdfTextPage, index: int) -> float:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(page, index, matrix)
    nominal: float = pdfium.FPDFText_GetFontSize(page, index)
    return nominal * max(abs(float(matrix.b)), abs(float(matrix.d)))


def _is_bold(page: PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(_NAME_BYTES)
    pdfium.FPDFText_GetFontInfo(page, index, name, _NAME_BYTES, ctypes.c_int())
    return bool(_BOLD.search(name.value.decode("utf-8", "replace")))
