"""PDF: what was typed onto pages, in forms and as notes."""

from __future__ import annotations

import ctypes
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas
from support.made_files import drawn
from support.reading import read, texts

from retrieval.documents.document import Omission


def filled(**options: str) -> bytes:
    """A form with fields of each kind."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    canvas.setFont("Helvetica", 10)
    form = canvas.acroForm
    for y, label in ((500, "Applicant:"), (470, "Home port:"), (440, "Password:"), (410, "Remarks:")):
        canvas.drawString(30, y, label)
    form.textfield(name="who", x=120, y=495, width=200, height=18, value="Sigrid Aune")
    form.choice(name="port", x=120, y=465, width=200, height=18, value="k", options=[("Kragero", "k"), ("Risor", "r")])
    form.textfield(name="secret", x=120, y=435, width=200, height=18, value="swordfish", fieldFlags="password")
    form.textfield(name="more", x=120, y=300, width=200, height=122, value="Two\nanchors", fieldFlags="multiline")
    for x, label, checked in ((30, "Sailing", True), (120, "Rowing", False)):
        form.checkbox(name=label, x=x, y=250, size=12, checked=checked, **options)
        canvas.drawString(x + 20, 252, label)
    canvas.save()
    return file.getvalue()


def noted(data: bytes, kind: int, text: str, box: tuple[float, float, float, float], flags: int = 0) -> bytes:
    """The document with a note on its first page; the box is left, bottom, right, top."""
    pdf = pypdfium2.PdfDocument(data)
    page = pdf[0]
    note = pdfium.FPDFPage_CreateAnnot(page, kind)
    pdfium.FPDFAnnot_SetRect(note, pdfium.FS_RECTF(left=box[0], bottom=box[1], right=box[2], top=box[3]))
    units = ctypes.create_string_buffer(f"{text}\0".encode("utf-16-le"))
    pdfium.FPDFAnnot_SetStringValue(note, b"Contents", ctypes.cast(units, ctypes.POINTER(ctypes.c_ushort)))
    pdfium.FPDFAnnot_SetFlags(note, flags)
    pdfium.FPDFPage_CloseAnnot(note)
    file = BytesIO()
    pdf.save(file)
    return file.getvalue()


def test_the_values_of_a_form_stand_beside_their_labels() -> None:
    lines = read("a.pdf", filled()).text.splitlines()
    assert "Applicant: Sigrid Aune" in lines
    assert "Home port: Kragero" in lines
    assert "Remarks: Two anchors" in lines
    assert "☑ Sailing ☐ Rowing" in lines
    assert not [line for line in lines if "swordfish" in line]


FENCE = [(50.0, 400.0, "The fence is to be renewed."), (50.0, 300.0, "Ida Brekke")]
FREE_TEXT, COMMENT, HIGHLIGHT = pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT


def test_a_text_typed_onto_a_page_is_a_paragraph_of_it() -> None:
    data = noted(drawn(FENCE), FREE_TEXT, "The neighbour pays two thirds.", (50, 340, 250, 360))
    assert set(texts(read("a.pdf", data))) == {
        "The fence is to be renewed.",
        "The neighbour pays two thirds.",
        "Ida Brekke",
    }


def test_a_text_typed_beside_a_label_is_its_value() -> None:
    data = noted(
        drawn([(50, 400, "Height:"), (50, 370, "Colour: green")]), FREE_TEXT, "1.8 metres", (120, 396, 200, 412)
    )
    assert "Height: 1.8 metres" in read("a.pdf", data).text


@pytest.mark.parametrize("kind", [COMMENT, HIGHLIGHT])
def test_a_comment_stands_behind_the_text_of_its_page(kind: int) -> None:
    data = noted(drawn(FENCE), kind, "Asked Ida on Monday.", (50, 396, 80, 412))
    assert texts(read("a.pdf", data))[-1] == "Asked Ida on Monday."


def test_a_comment_that_repeats_the_text_is_no_text() -> None:
    data = noted(drawn(FENCE), HIGHLIGHT, "fence is to be", (50, 396, 80, 412))
    assert texts(read("a.pdf", data)) == [text for *_, text in FENCE]


def test_a_hidden_note_is_counted() -> None:
    data = noted(drawn(FENCE), FREE_TEXT, "A secret.", (50, 340, 250, 360), pdfium.FPDF_ANNOT_FLAG_HIDDEN)
    document = read("a.pdf", data)
    assert texts(document) == [text for *_, text in FENCE]
    assert document.left_out == {Omission.HIDDEN: 8}
