"""PDF: whole paragraphs under headings, and the pages that they stand on."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A5
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table
from support.made_files import drawn
from support.reading import parts, places, read, refused, texts

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.limits import Limits
from retrieval.documents.readers.scan import ocr

if TYPE_CHECKING:
    from collections.abc import Callable

    from reportlab.platypus import Flowable

STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12)
INDENTED = ParagraphStyle("indented", parent=BODY, firstLineIndent=15)
WIDTH, HEIGHT = A5
SENTENCE = "The ferry to Oban leaves at nine in the morning on every weekday but Monday, when it leaves at ten"
_WORDS = SENTENCE.split()
LONG = " ".join(" ".join(_WORDS[n % 7 : 5 + n * n % 13]) + "." for n in range(250))
"""A paragraph of several pages that does not repeat itself where another page does."""


def printed(
    *story: Flowable,
    on_page: Callable[[Canvas, BaseDocTemplate], None] = lambda canvas, _: None,
    columns: int = 1,
    title: str = "",
) -> bytes:
    """A PDF with the paragraphs on as many pages as they take."""
    file = BytesIO()
    template = BaseDocTemplate(file, pagesize=A5, title=title)
    width = (WIDTH - 100) / columns
    frames = [Frame(50 + n * width, 60, width - 5, HEIGHT - 120) for n in range(columns)]
    template.addPageTemplates(PageTemplate(frames=frames, onPage=on_page))
    template.build(list(story))
    return file.getvalue()


def test_paragraphs_are_whole_and_stand_under_their_headings() -> None:
    first, second = f"{SENTENCE}. Be early.", f"Or not. {SENTENCE}."
    document = read("a.pdf", printed(
        Paragraph("The Ferry", STYLES["Title"]),
        Paragraph(first, BODY), Spacer(1, 8), Paragraph(second, BODY),
        Paragraph("What it costs", STYLES["Heading2"]),
        Paragraph(first, INDENTED), Paragraph(second, INDENTED),
        Paragraph("<b>How to get there</b>", BODY),
        Paragraph(second, BODY),
    ))  # fmt: skip
    assert document.title == "The Ferry"
    assert parts(document) == [
        (first, "The Ferry"),
        (second, "The Ferry"),
        (first, "What it costs"),
        (second, "What it costs"),
        (second, "How to get there"),
    ]
    assert {block.place for block in document.blocks} == {Location(Unit.PAGE, 1, 1)}


def test_a_paragraph_crosses_pages_without_heads_and_feet() -> None:
    def around(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.setFont("Times-Italic", 9)
        canvas.drawString(50, HEIGHT - 40, "Harbour News" if template.page % 2 else "The Ferry, chapter 2")
        canvas.drawString(50, 40, f"Printed in Oban, page {template.page}")

    document = read("a.pdf", printed(Paragraph(LONG, BODY), Paragraph("Then it rains.", BODY), on_page=around))
    assert texts(document) == [LONG, "Then it rains."]
    assert places(document)[0][0] == 1
    assert places(document)[0][1] >= 3
    assert len({last for _, last in places(document)}) == 1


def test_only_numbers_that_count_the_pages_make_a_foot() -> None:
    pages = [
        [(50.0, 400.0, f"Bill for {name}."), (50.0, 60.0, f"Total {total}.00"), (200.0, y, str(page))]
        for page, (name, total, y) in enumerate([("Ada", 120, 40.0), ("Bo", 95, 500.0), ("Cy", 7, 40.0)], 8)
    ]
    assert texts(read("a.pdf", drawn(*pages))) == [
        *("Bill for Ada.", "Total 120.00"),
        *("Bill for Bo.", "Total 95.00"),
        *("Bill for Cy.", "Total 7.00"),
    ]


def test_paragraphs_that_end_with_their_page_are_not_joined() -> None:
    document = read("a.pdf", printed(Paragraph("It rains.", BODY), PageBreak(), Paragraph("It pours.", BODY)))
    assert texts(document) == ["It rains.", "It pours."]
    assert places(document) == [(1, 1), (2, 2)]


def test_a_footnote_does_not_split_a_paragraph() -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    canvas.setFont("Times-Roman", 10)
    canvas.drawString(50, 300, f"{SENTENCE} and")
    canvas.setFont("Times-Roman", 8)
    canvas.drawString(50, 80, "1. Not in winter.")
    canvas.showPage()
    canvas.setFont("Times-Roman", 10)
    canvas.drawString(50, 500, "comes back at night.")
    canvas.save()
    document = read("a.pdf", file.getvalue())
    assert texts(document) == [f"{SENTENCE} and comes back at night.", "1. Not in winter."]
    assert places(document) == [(1, 2), (1, 1)]


def test_columns_are_read_one_after_the_other() -> None:
    document = read("a.pdf", printed(Paragraph(LONG, BODY), columns=2))
    assert " ".join(texts(document)) == LONG
    assert len(texts(document)) <= 2  # a page may happen to end with a sentence


def test_lists_and_tables_keep_their_lines() -> None:
    long = f"{SENTENCE}, and comes back at night"
    story = [Paragraph(text, BODY, bulletText="•") for text in ("Adults", long, "Children")]
    table = Table([["Day", "From", "To"], ["Monday", "9:00", "18:00"], ["Sunday", "10:00", "12:00"]])
    document = read("a.pdf", printed(Paragraph(f"{SENTENCE}.", BODY), *story, Spacer(1, 20), table))
    assert texts(document) == [
        f"{SENTENCE}.",
        "• Adults",
        f"• {long}",
        "• Children",
        "Day From To",
        "Monday 9:00 18:00",
        "Sunday 10:00 12:00",
    ]


def test_broken_words_are_mended_unless_they_have_a_hyphen() -> None:
    lines = [
        "Our international well-known ferry runs for long hours, it is inter-",
        "national, and it has a well-",
        "known captain of Franco-",
        "British descent, a 12-",
        "year term, and under-",
        "standing for every-",
        "one.",
    ]
    page = [(50.0, 300.0 - 12 * n, line) for n, line in enumerate(lines)]
    assert texts(read("a.pdf", drawn(page))) == [
        "Our international well-known ferry runs for long hours, it is international, and it has a well-known "
        "captain of Franco-British descent, a 12-year term, and understanding for everyone."
    ]


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("The Ferry to Oban", "The Ferry to Oban"),
        ("Microsoft Word - draft.docx", None),
        ("ferry_final.indd", None),
        ("untitled", None),
        ("  ", None),
    ],
)
def test_the_title_is_what_the_properties_say_if_it_is_one(said: str, title: str) -> None:
    assert read("a.pdf", printed(Paragraph("It rains.", BODY), title=said)).title == title


def test_dots_that_lead_to_a_number_are_no_text() -> None:
    page = [(50.0, 300.0, f"Coffee {'. ' * 40} 3"), (50.0, 288.0, f"Tea{'.' * 60} 2")]
    assert texts(read("a.pdf", drawn(page))) == ["Coffee … 3", "Tea … 2"]


def scanned(data: bytes) -> bytes:
    """The same pages as pictures."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    for page in pypdfium2.PdfDocument(data):
        canvas.drawImage(ImageReader(page.render(scale=2).to_pil()), 0, 0, WIDTH, HEIGHT)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture
def _without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)


@pytest.mark.usefixtures("_without_ocr")
def test_a_scan_is_refused_with_the_remedies() -> None:
    refused("a.pdf", scanned(drawn([(50, 300, "It rains.")])), r"is a scan.*quoth\[ocr\].*ocrmypdf")


def test_a_scan_is_recognised() -> None:
    first, second = f"{SENTENCE}. Be early.", "Été à la plage : l'année dernière, où était l'île ?"
    data = scanned(
        printed(
            Paragraph("The Ferry", STYLES["Title"]),
            Paragraph(first, BODY),
            Spacer(1, 8),
            Paragraph(second, BODY),
        )
    )
    document = read("a.pdf", data)
    assert document.title == "The Ferry"
    assert parts(document) == [(first, "The Ferry"), (second, "The Ferry")]
    assert places(document) == [(1, 1), (1, 1)]
    refused("a.pdf", scanned(drawn([])), "holds no text")


def pictured(*pages: tuple[Image.Image, str]) -> bytes:
    """Pages that a picture covers, with a text over it."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    for picture, text in pages:
        canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)
        canvas.drawString(40, 20, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def test_a_scan_with_a_stamp_is_recognised() -> None:
    page = printed(Paragraph(f"{SENTENCE}. Be early.", BODY))
    scan = pypdfium2.PdfDocument(page)[0].render(scale=2).to_pil()
    assert f"{SENTENCE}. Be early." in read("a.pdf", pictured((scan, "Filed 7 May"))).text


def test_a_text_on_a_photograph_stays_as_it_is() -> None:
    photograph = Image.effect_noise((60, 80), 30)
    said = ("Our island", "Seals rest on its beach", "Boats leave at nine", "Bring a coat", "See you there")
    assert texts(read("a.pdf", pictured(*((photograph, text) for text in said)))) == list(said)


def test_letters_that_are_drawings_are_recognised() -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    for number in range(60):
        canvas.rect(40 + 5 * number, 400, 3, 3, fill=1)
    drawn_letters = canvas.beginPath()
    for x in (60, 110, 160):
        drawn_letters.moveTo(x, 200)
        for across, up in ((0, 60), (20, 25), (40, 60), (40, 0), (32, 0), (32, 40), (20, 18), (8, 40), (8, 0)):
            drawn_letters.lineTo(x + across, 200 + up)
        drawn_letters.close()
    canvas.drawPath(drawn_letters, stroke=0, fill=1)
    canvas.save()
    assert "MMM" in read("a.pdf", file.getvalue()).text


@pytest.mark.usefixtures("_without_ocr")
def test_pages_without_text_are_skipped_where_others_have_some() -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5)
    canvas.drawImage(ImageReader(Image.new("L", (50, 50))), 0, 0, WIDTH, HEIGHT)
    canvas.showPage()
    canvas.showPage()
    canvas.drawString(50, 300, "It rains.")
    canvas.save()
    document = read("a.pdf", file.getvalue())
    assert (texts(document), places(document)) == (["It rains."], [(3, 3)])


def test_a_pdf_is_refused_only_if_it_needs_a_password() -> None:
    page = [(50.0, 300.0, "It rains.")]
    refused("a.pdf", drawn(page, encrypt=StandardEncryption("secret", strength=128)), "protected with a password")
    assert texts(read("a.pdf", drawn(page, encrypt=StandardEncryption("", "owner", strength=128)))) == ["It rains."]


def test_a_damaged_empty_or_other_file_is_refused() -> None:
    data = drawn([(50, 300, "It rains.")])
    refused("a.pdf", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "damaged, or not what its name says")
    refused("a.pdf", b"", "holds no text")
    refused("a.pdf", drawn([]), "holds no text")
    refused("a.pdf", data[:200], "damaged")
    refused("a.pdf", drawn([], [], []), "QUOTH_MAX_PAGES", Limits(pages=2))
    refused("a.pdf", data, "QUOTH_MAX_CHARACTERS", Limits(characters=8))
