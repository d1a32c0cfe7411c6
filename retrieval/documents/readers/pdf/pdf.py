"""PDF: paragraphs put together again from the lines of its pages, under headings that stand out.

A PDF holds letters and their positions. Paragraphs follow from the spaces between and after lines; a heading is larger
or bolder than most of the text; lines that repeat at the edge of neighbouring pages are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.pdf.layout import BULLET, SENTENCE_END, UsualStyle, group_paragraphs
from retrieval.documents.readers.pdf.lines import extract_pieces
from retrieval.documents.readers.pdf.page.annotations import find_notes, insert_notes, load_fields
from retrieval.documents.readers.pdf.page.line_numbers import find_line_numbers
from retrieval.documents.readers.pdf.page.reading_order import order_pieces
from retrieval.documents.readers.pdf.running_heads import find_running_heads
from retrieval.documents.readers.pdf.scans import PageText, Scans
from retrieval.documents.readers.pdf.words import Vocabulary
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdfium2 import PdfDocument

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits
    from retrieval.documents.readers.pdf.lines import PdfLine
    from retrieval.documents.readers.pdf.page.annotations import Note

_SCAN = (
    "The PDF is a scan: its pages are pictures without text. "
    'Let Quoth recognise it, with `pip install ".[ocr]"`, or another program, for example `ocrmypdf`.'
)
_UNREADABLE = (
    "The text of the PDF cannot be read: its fonts do not say which letters they draw. Save it anew in the "
    'program that made it, or have its pages recognised, with `pip install ".[ocr]"` or `ocrmypdf --force-ocr`.'
)
_LOCKED = {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
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
    builder = Builder(limits)
    pages = _read_pages(pdf, builder, limits)
    title = pdf.get_metadata_value("Title")
    return build_content(pages, choose_title(title), builder)


def _read_pages(pdf: PdfDocument, builder: Builder, limits: Limits) -> list[list[PdfLine]]:
    """Read the lines of each page, also of one that is a picture."""
    load_fields(pdf)
    pages: list[PageText] = []
    notes: list[list[Note]] = []
    characters = 0
    scans = Scans()
    for number, page in enumerate(pdf, 1):
        pages.append(scans.read(page, number, extract_pieces(page, number)))
        notes.append(find_notes(pdf, page))
        page.close()
        characters += sum(len(piece.text) for piece in pages[-1].pieces) + sum(len(note.text) for note in notes[-1])
        limits.check("characters", characters)
    unreadable = " ".join(page.unreadable for page in pages)
    if not characters:
        if unreadable.strip():
            raise DocumentError(_UNREADABLE, DocumentFault.SCAN)
        if scans.unread:
            raise DocumentError(_SCAN, DocumentFault.SCAN)
    builder.leave_out(Omission.UNREADABLE, unreadable)
    line_numbers = find_line_numbers([page.pieces for page in pages])
    builder.leave_out(Omission.LINE_NUMBERS, " ".join(piece.text for piece in line_numbers))
    builder.leave_out(Omission.HIDDEN, " ".join(note.text for own in notes for note in own if note.is_unseen))
    ordered = []
    for number, (page, own) in enumerate(zip(pages, notes, strict=True), 1):
        pieces = [piece for piece in page.pieces if piece not in line_numbers] if line_numbers else page.pieces
        if own:
            pieces = insert_notes(pieces, own, number)
        ordered.append(pieces if page.is_recognised else order_pieces(pieces))
    return ordered


def build_content(pages: Sequence[list[PdfLine]], title: str | None, builder: Builder) -> Content:
    """Put the lines of pages together; without a title, it is the largest line of the first page."""
    lines = [line for page in pages for line in page]
    usual, vocabulary = UsualStyle(lines), Vocabulary(lines)
    heads = find_running_heads(pages, usual.size, usual.estimate_gap(usual.size))
    builder.leave_out(Omission.RUNNING_HEADS, " ".join(line.text for line in lines if line in heads.repeated))
    paragraphs = group_paragraphs(map(heads.remove_from, pages), usual)
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
