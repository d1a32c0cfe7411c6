"""PDF: paragraphs put together again from the lines of its pages, under headings that stand out.

A PDF says which letters stand where. What is a paragraph follows from the spaces between and after lines; a
heading is larger or bolder than most of the text; what stands at the edge of neighbouring pages is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.pdf import ocr
from retrieval.documents.readers.pdf.layout import BULLET, SENTENCE_END, Usual, paragraphs_of
from retrieval.documents.readers.pdf.lines import lines_of
from retrieval.documents.readers.pdf.running_heads import running
from retrieval.documents.readers.pdf.words import Words
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits
    from retrieval.documents.readers.pdf.lines import Line

_SCAN = (
    "The PDF is a scan: its pages are pictures without text. "
    'Let Quoth recognise it, with `pip install "quoth[ocr]"`, or another program, for example `ocrmypdf`.'
)
_LOCKED = {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}

_NO_TITLE = re.compile(
    r"\.(?:docx?|dvi|html?|indd|odt|pdf|pptx?|qxd|rtf|tex|txt|xlsx?)$|"
    r"^(?:untitled|adobe |microsoft |document\d*$|\W*$)",
    re.IGNORECASE,
)

_TITLE_SIZE = 1.3
"""Of the usual size."""


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
            "The PDF is protected with a password. Save it without one, for example with `qpdf --decrypt`.",
            DocumentFault.PROTECTED,
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
        raise DocumentError(_SCAN, DocumentFault.SCAN)
    title = pdf.get_metadata_value("Title")
    return _content(pages, None if _NO_TITLE.search(title.strip()) else title, limits)


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None) is not None


def _content(pages: Sequence[list[Line]], title: str | None, limits: Limits) -> Content:
    lines = [line for page in pages for line in page]
    usual, words = Usual(lines), Words(lines)
    left_out = running(pages, usual.size)
    paragraphs = paragraphs_of(([line for line in page if line not in left_out] for page in pages), usual)
    builder = Builder(limits)
    for paragraph in (each for page in paragraphs for each in page):
        text = words.joined(paragraph.lines)
        place = Location(Unit.PAGE, paragraph.lines[0].page, paragraph.lines[-1].page)
        if usual.is_heading(paragraph, text):
            builder.heading(text, place)
        else:
            tight = bool(BULLET.match(text)) or not SENTENCE_END.search(text)
            builder.block(text, place, tight=tight)
    if title is None and paragraphs and paragraphs[0]:
        largest = max(paragraphs[0], key=lambda paragraph: paragraph.size)
        if largest.size >= usual.size * _TITLE_SIZE:
            title = words.joined(largest.lines)
    return builder.content(title)
