"""Decides which pages of a PDF are pictures of text, and takes what is recognised there."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from retrieval.documents.readers.scan import ocr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdfium2 import PdfPage

    from retrieval.documents.readers.pdf.lines import PdfLine

_MAX_STAMP = 150
"""Characters of a text layer that may be no more than a stamp on a scan: its number, the file of a court."""
_MIN_COVER = 0.7
"""The part of the page that pictures cover if it is a scan; a scan may come in strips."""
_MIN_GAIN = 3
"""How many times as long as the text layer must be what is recognised in its place."""
_MAX_VAIN = 3
"""Pages with a little text on a picture where no more was recognised: the rest will be slides or photographs too."""
_MIN_OUTLINES = 40
"""Paths on a page without text: letters as drawings have one each."""


class Scans:
    """The pages of one PDF that are pictures."""

    def __init__(self) -> None:
        self.unread = 0
        """Pages that would have to be recognised, and nothing here can."""
        self._can_recognise = ocr.is_installed()
        self._vain = 0

    def read(self, page: PdfPage, number: int, lines: list[PdfLine]) -> list[PdfLine]:
        """Give the lines of a page: those of its text layer, or those that are recognised."""
        characters = _count(lines)
        if not (_is_under_a_stamp(page, characters) and self._vain < _MAX_VAIN if lines else _is_drawn(page)):
            return lines
        if not self._can_recognise:
            self.unread += 1
            return lines
        recognised = ocr.recognise_lines(page, number)
        if _count(recognised) >= _MIN_GAIN * characters:
            return recognised
        self._vain += 1
        return lines


def _count(lines: Sequence[PdfLine]) -> int:
    return sum(len(line.text) for line in lines)


def _is_drawn(page: PdfPage) -> bool:
    if next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None) is not None:
        return True
    outlines = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])
    return len(list(islice(outlines, _MIN_OUTLINES))) == _MIN_OUTLINES


def _is_under_a_stamp(page: PdfPage, characters: int) -> bool:
    if characters > _MAX_STAMP:
        return False
    width, height = page.get_size()
    covered = 0.0
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return bool(covered >= _MIN_COVER * width * height)
