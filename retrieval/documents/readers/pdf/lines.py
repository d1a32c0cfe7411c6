"""Extracts the lines of a PDF's pages with pdfium, and their positions on the paper."""

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
"""The hyphen at the end of a line that pdfium takes for the break of a word."""

_LINE_ENDS = {0, 0x0A, 0x0D}
_HYPHENS = {0x02, 0xFFFE}
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|sfbx", re.IGNORECASE)
_NAME_BYTES = 200
_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line of text; lengths are in points, from the lower left corner of the page."""

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


def extract_lines(page: PdfPage, number: int) -> list[PdfLine]:
    """Extract the page's lines that are more than white space, in pdfium's order."""
    text_page = page.get_textpage()
    try:
        lines: list[PdfLine] = []
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
                    lines.append(_make_line(text_page, number, text, indices))
                indices, characters = [], []
        return lines
    finally:
        text_page.close()


def _make_line(page: PdfTextPage, number: int, text: str, indices: list[int]) -> PdfLine:
    # A few characters tell enough: every call crosses into C.
    samples = [indices[(len(indices) - 1) * part // _SAMPLES] for part in range(_SAMPLES + 1)]
    edges = [*page.get_charbox(samples[0])[::2], *page.get_charbox(samples[-1])[::2]]
    return PdfLine(
        text=text,
        page=number,
        left=min(edges),
        right=max(edges),
        base=median(_get_base(page, index) for index in samples),
        size=median(_get_size(page, index) for index in samples),
        bold=all(_is_bold(page, index) for index in samples),
    )


def _get_base(page: PdfTextPage, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(page, index, x, y)
    return y.value


def _get_size(page: PdfTextPage, index: int) -> float:
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(page, index, matrix)
    nominal: float = pdfium.FPDFText_GetFontSize(page, index)
    return nominal * max(abs(float(matrix.b)), abs(float(matrix.d)))


def _is_bold(page: PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(_NAME_BYTES)
    pdfium.FPDFText_GetFontInfo(page, index, name, _NAME_BYTES, ctypes.c_int())
    return bool(_BOLD.search(name.value.decode("utf-8", "replace")))
