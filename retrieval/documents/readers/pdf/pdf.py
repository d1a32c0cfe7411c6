"""PDF: paragraphs put together again from the lines of its pages, under headings that stand out.

A PDF holds letters and their positions. Paragraphs follow from the spaces between and after lines; a heading is larger
or bolder than most of the text; lines that repeat at the edge of neighbouring pages are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.pdf.layout import BULLET, SENTENCE_END, UsualStyle, group_paragraphs
from retrieval.documents.readers.pdf.lines import extract_lines
from retrieval.documents.readers.pdf.running_heads import find_running_heads
from retrieval.documents.readers.pdf.scans import Scans
from retrieval.documents.readers.pdf.words import Vocabulary
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits
    from retrieval.documents.readers.pdf.lines import PdfLine

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
_MIN_TITLE_SIZE = 1.3
"""In parts of the usual size."""


def read(data: bytes, limits: Limits) -> Content:
    """Read a PDF; its title is the one in its properties, else the largest line of the first page."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code not in _LOCKED:
            raise
        message = "The PDF is protected with a password. Save it without one, for example with `qpdf --decrypt`."
        raise DocumentError(message, DocumentFault.PROTECTED) from error
    limits.check("pages", len(pdf))
    pages: list[list[PdfLine]] = []
    characters = 0
    scans = Scans()
    for number, page in enumerate(pdf, 1):
        lines = scans.read(page, number, extract_lines(page, number))
        page.close()
        characters += sum(len(line.text) for line in lines)
        limits.check("characters", characters)
        pages.append(lines)
    if scans.unread and not characters:
        raise DocumentError(_SCAN, DocumentFault.SCAN)
    title = pdf.get_metadata_value("Title")
    return build_content(pages, None if _NO_TITLE.search(title.strip()) else title, limits)


def build_content(pages: Sequence[list[PdfLine]], title: str | None, limits: Limits) -> Content:
    """Put the lines of pages together; without a title, it is the largest line of the first page."""
    lines = [line for page in pages for line in page]
    usual, vocabulary = UsualStyle(lines), Vocabulary(lines)
    running_heads = find_running_heads(pages, usual.size)
    paragraphs = group_paragraphs(([line for line in page if line not in running_heads] for page in pages), usual)
    builder = Builder(limits)
    for page in paragraphs:
        for paragraph in page:
            text = vocabulary.join(paragraph.lines)
            place = Location(Unit.PAGE, paragraph.lines[0].page, paragraph.lines[-1].page)
            if usual.is_heading(paragraph, text):
                builder.add_heading(text, place)
            else:
                tight = bool(BULLET.match(text)) or not SENTENCE_END.search(text)
                builder.add_block(text, place, tight=tight)
    if title is None and paragraphs and paragraphs[0]:
        largest = max(paragraphs[0], key=lambda paragraph: paragraph.size)
        if largest.size >= usual.size * _MIN_TITLE_SIZE:
            title = vocabulary.join(largest.lines)
    return builder.build(title)
