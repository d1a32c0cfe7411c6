"""Finds what was typed onto a page: the values of form fields, text boxes and comments.

A field's value stands beside its label, as if it were printed there. A comment, which a viewer shows in a window of its
own, stands behind the text of its page.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium
from pypdfium2 import PdfFormEnv

from retrieval.documents.readers.pdf.lines import PdfLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pypdfium2 import PdfDocument, PdfPage

_COMMENTS = {
    pdfium.FPDF_ANNOT_TEXT,
    pdfium.FPDF_ANNOT_LINE,
    pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE,
    pdfium.FPDF_ANNOT_POLYGON,
    pdfium.FPDF_ANNOT_POLYLINE,
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_CARET,
    pdfium.FPDF_ANNOT_INK,
    pdfium.FPDF_ANNOT_FILEATTACHMENT,
}
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_CHOICES = {pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
_MARKS = {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}
_CHECKED, _UNCHECKED = "☑", "☐"
_PASSWORD = 1 << 13
_MAX_ANNOTATIONS, _MAX_OPTIONS = 10_000, 1_000
"""Of a page, and of a field."""
_MAX_SIZE = 12.0
"""In points, of letters whose size nothing tells."""
_MAX_LINES = 2.5
"""A higher box, in parts of the font's size, holds a paragraph."""
_MAX_MARK_DISTANCE = 4.0
"""From a box to tick to its label, in parts of the font's size."""


@dataclass(frozen=True, slots=True)
class Note:
    """A text that was typed onto a page, and its box."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    is_comment: bool = False
    is_unseen: bool = False


def load_fields(document: PdfDocument) -> None:
    """Make pdfium know the fields of the document's form, before any page is opened."""
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        # As `init_forms` does, which complains of every form that has a second form, in XFA.
        config = pdfium.FPDF_FORMFILLINFO(version=2)
        form = pdfium.FPDFDOC_InitFormFillEnvironment(document, config)
        document.formenv = PdfFormEnv(form, config) if form else None


def find_notes(document: PdfDocument, page: PdfPage) -> list[Note]:
    """Find the form values, text boxes and comments of a page; of a document with a form, its fields must be loaded."""
    form = document.formenv.raw if document.formenv else None
    notes: list[Note] = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                notes += _read_note(annotation, form)
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)
    return notes


def _read_note(annotation: pdfium.FPDF_ANNOTATION, form: pdfium.FPDF_FORMHANDLE | None) -> Iterator[Note]:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    text = ""
    if kind == pdfium.FPDF_ANNOT_WIDGET and form:
        text = _read_field(annotation, form)
    elif (kind == pdfium.FPDF_ANNOT_FREETEXT or kind in _COMMENTS) and not pdfium.FPDFAnnot_HasKey(
        annotation,
        b"StateModel",  # it says "Accepted set by …"
    ):
        text = _read_string(lambda *to: pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", *to))
    text = " ".join(text.split())
    box = pdfium.FS_RECTF()
    if text and pdfium.FPDFAnnot_GetRect(annotation, box):
        is_unseen = bool(pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN)
        yield Note(text, box.left, box.bottom, box.right, box.top, kind in _COMMENTS, is_unseen)


def _read_field(annotation: pdfium.FPDF_ANNOTATION, form: pdfium.FPDF_FORMHANDLE) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _MARKS:
        return _CHECKED if pdfium.FPDFAnnot_IsChecked(form, annotation) else _UNCHECKED
    if kind in _CHOICES:
        count = min(pdfium.FPDFAnnot_GetOptionCount(form, annotation), _MAX_OPTIONS)
        chosen = [index for index in range(count) if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, index)]
        labels = [
            _read_string(lambda *to, index=index: pdfium.FPDFAnnot_GetOptionLabel(form, annotation, index, *to))
            for index in chosen
        ]
        if any(labels):
            return ", ".join(labels)
    elif kind != pdfium.FPDF_FORMFIELD_TEXTFIELD or pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return ""
    return _read_string(lambda *to: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, *to))


def _read_string(read: Callable[..., int]) -> str:
    """Call a function of pdfium that fills a buffer with UTF-16, and gives the bytes that it needs."""
    length = read(None, 0)
    buffer = ctypes.create_string_buffer(length + 2)
    read(ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return buffer.raw[: max(0, length - 2)].decode("utf-16-le", "ignore")


def insert_notes(pieces: Sequence[PdfLine], notes: Sequence[Note], page: int) -> list[PdfLine]:
    """Put notes among the pieces of a page: beside a label on the same line, below one, or behind the text."""
    result = list(pieces)
    said = _list_letters(" ".join(piece.text for piece in pieces))
    behind: list[PdfLine] = []
    for number, note in enumerate(notes, 1):
        # Some programs write what was marked into the comment.
        if note.is_unseen or (note.is_comment and _list_letters(note.text) in said):
            continue
        place = None if note.is_comment else _find_label(result, note)
        height = note.top - note.bottom
        size = place[1].size if place else min(_MAX_SIZE, max(1.0, height / 2))
        piece = PdfLine(
            text=note.text,
            page=page,
            left=note.left,
            right=note.right,
            base=note.bottom + size / 4 if height < _MAX_LINES * size else note.top - size,
            size=size,
            bold=False,
            source=-number,
        )
        if place is None:
            behind.append(replace(piece, row=-1))
            continue
        at, label = place
        if note.bottom - size / 2 <= label.base <= note.top:
            piece = replace(piece, base=label.base)
        result.insert(at, piece)
    return result + behind


def _find_label(pieces: Sequence[PdfLine], note: Note) -> tuple[int, PdfLine] | None:
    """Find the piece beside or above a note, and where the note stands in the file's order."""
    is_mark = note.text in {_CHECKED, _UNCHECKED}
    best: tuple[float, int, PdfLine] | None = None
    for index, piece in enumerate(pieces):
        if piece.row:
            continue
        is_beside = note.bottom - piece.size / 2 <= piece.base <= note.top
        is_above = 0 <= piece.base - note.top + piece.size / 2 <= _MAX_LINES * piece.size
        if is_beside and piece.left >= note.left and (is_mark or piece.left >= note.right):
            distance, at = max(0.0, piece.left - note.right), index
            if is_mark and distance <= _MAX_MARK_DISTANCE * piece.size:
                distance -= 1000
            else:
                distance += 500
        elif is_beside:
            distance, at = max(0.0, note.left - piece.right), index + 1
        elif is_above and piece.left < note.right and note.left < piece.right:
            distance, at = 2000 + piece.base - note.top, index + 1
        else:
            continue
        if best is None or distance < best[0]:
            best = distance, at, piece
    return best and best[1:]


def _list_letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
