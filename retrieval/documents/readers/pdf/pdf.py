"""PDF: paragraphs put together again from the lines of its pages, under headings that stand out.

A PDF holds letters and their positions. Paragraphs follow from the spaces between and after lines; a heading is larger
or bolder than most of the text; lines that repeat at the edge of neighbouring pages are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.pdf import ocr
from retrieval.documents.readers.pdf.layout import BULLET, SENTENCE_END, UsualStyle, group_paragraphs
from retrieval.documents.readers.pdf.lines import extract_pieces
from retrieval.documents.readers.pdf.page.annotations import find_notes, insert_notes, load_fields
from retrieval.documents.readers.pdf.page.legibility import is_legible
from retrieval.documents.readers.pdf.page.line_numbers import find_line_numbers
from retrieval.documents.readers.pdf.page.reading_order import order_pieces
from retrieval.documents.readers.pdf.running_heads import find_running_heads
from retrieval.documents.readers.pdf.words import Vocabulary
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdfium2 import PdfDocument, PdfPage

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits
    from retrieval.documents.readers.pdf.lines import PdfLine
    from retrieval.documents.readers.pdf.page.annotations import Note

_SCAN = (
    "The PDF is a scan: its pages are pictures without text. "
    'Let Quoth recognise it, with `pip install "quoth[ocr]"`, or another program, for example `ocrmypdf`.'
)
_UNREADABLE = (
    "The text of the PDF cannot be read: its fonts do not say which letters they draw. Save it anew in the "
    'program that made it, or have its pages recognised, with `pip install "quoth[ocr]"` or `ocrmypdf --force-ocr`.'
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
    builder = Builder(limits)
    pages = _read_pages(pdf, builder, limits)
    title = pdf.get_metadata_value("Title")
    return _build(pages, None if _NO_TITLE.search(title.strip()) else title, builder)


class _Page(NamedTuple):
    """A page before its lines are put in order."""

    pieces: list[PdfLine]
    notes: list[Note]
    is_recognised: bool
    unreadable: str
    """Text that is not what the page shows."""


def _read_pages(pdf: PdfDocument, builder: Builder, limits: Limits) -> list[list[PdfLine]]:
    """Read the lines of each page, also of one that is a picture."""
    load_fields(pdf)
    pages: list[_Page] = []
    characters = 0
    for number, page in enumerate(pdf, 1):
        pages.append(_read_page(pdf, page, number))
        page.close()
        characters += sum(len(piece.text) for piece in pages[-1].pieces)
        characters += sum(len(note.text) for note in pages[-1].notes)
        limits.check("characters", characters)
    unreadable = " ".join(page.unreadable for page in pages)
    if not characters:
        if unreadable.strip():
            raise DocumentError(_UNREADABLE, DocumentFault.SCAN)
        if any(page.is_recognised for page in pages) and not ocr.is_installed():
            raise DocumentError(_SCAN, DocumentFault.SCAN)
    builder.leave_out(Omission.UNREADABLE, unreadable)
    line_numbers = find_line_numbers([page.pieces for page in pages])
    builder.leave_out(Omission.LINE_NUMBERS, " ".join(piece.text for piece in line_numbers))
    builder.leave_out(Omission.HIDDEN, " ".join(note.text for page in pages for note in page.notes if note.is_unseen))
    ordered = []
    for number, page in enumerate(pages, 1):
        pieces = [piece for piece in page.pieces if piece not in line_numbers] if line_numbers else page.pieces
        if page.notes:
            pieces = insert_notes(pieces, page.notes, number)
        ordered.append(pieces if page.is_recognised else order_pieces(pieces))
    return ordered


def _read_page(pdf: PdfDocument, page: PdfPage, number: int) -> _Page:
    """Read the pieces of a page; a picture, or a text that cannot be read, is recognised where that is installed."""
    pieces, notes = extract_pieces(page, number), find_notes(pdf, page)
    text = " ".join(piece.text for piece in pieces)
    is_readable = is_legible(text)
    if is_readable and (pieces or not _has_picture(page)):
        return _Page(pieces, notes, is_recognised=False, unreadable="")
    lines = ocr.recognise_lines(page, number) if ocr.is_installed() else []
    if not is_legible(" ".join(line.text for line in lines)):
        lines = []
    return _Page(lines, notes, is_recognised=True, unreadable="" if is_readable or lines else text)


def _has_picture(page: PdfPage) -> bool:
    return next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])), None) is not None


def _build(pages: Sequence[list[PdfLine]], title: str | None, builder: Builder) -> Content:
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
