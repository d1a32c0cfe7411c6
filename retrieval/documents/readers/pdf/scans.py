"""Decides which pages of a PDF are pictures of text, and takes what is recognised there."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

from retrieval.documents.readers.pdf.page.legibility import is_legible
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


class PageText(NamedTuple):
    """The text of a page before it is put in order."""

    pieces: list[PdfLine]
    is_recognised: bool = False
    unreadable: str = ""
    """What the text layer holds if that is not what the page shows."""


class Scans:
    """The pages of one PDF that are pictures."""

    def __init__(self) -> None:
        self.unread = 0
        """Pages that would have to be recognised, and nothing here can."""
        self._can_recognise = ocr.is_installed()
        self._vain = 0

    def read(self, page: PdfPage, number: int, pieces: list[PdfLine]) -> PageText:
        """Give the text of a page: that of its text layer, or what is recognised in its place."""
        text = " ".join(piece.text for piece in pieces)
        if not is_legible(text):
            lines = self._recognise(page, number)
            return PageText(lines, is_recognised=True, unreadable="" if lines else text)
        characters = _count(pieces)
        is_scan = _is_under_a_stamp(page, characters) and self._vain < _MAX_VAIN if pieces else _is_drawn(page)
        if is_scan and not self._can_recognise:
            self.unread += 1
        elif is_scan:
            lines = self._recognise(page, number)
            if _count(lines) >= _MIN_GAIN * characters:
                return PageText(lines, is_recognised=True)
            self._vain += 1
        return PageText(pieces)

    def _recognise(self, page: PdfPage, number: int) -> list[PdfLine]:
        lines = ocr.recognise_lines(page, number) if self._can_recognise else []
        return lines if is_legible(" ".join(line.text for line in lines)) else []


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
