"""Files of ordinary kinds, as people have them. How each is read stands in `tests/frozen`."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import docx
import pptx
from docx.enum.text import WD_BREAK
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer

from retrieval.documents import readers
from support.made_files import EPUB, mail, open_document, saved, slides, word, workbook

if TYPE_CHECKING:
    from retrieval.documents.document import Document

HARBOUR = (
    "The harbour opens on 3 May and closes on 30 September. Boats longer than twelve metres need a pilot. "
    "The harbour master can be reached by telephone from eight to four."
)
FEES = (
    "A berth costs 450 kroner a season. Members pay half. The fee is due on the first day of the season, and nobody "
    "gets it back."
)
RUSSIAN = "Гавань открывается третьего мая.\n\nСтоянка лодки стоит 450 крон за сезон."
GREEK = "Το λιμάνι ανοίγει στις τρεις Μαΐου.\n\nΗ θέση κοστίζει 450 κορόνες."
JAPANESE = "港は五月三日に開きます。\n\n係留料は一季四百五十クローネです。"
CHINESE = "港口五月三日开放。\n\n泊位费每季四百五十克朗。"
ARABIC = "يفتح الميناء في الثالث من مايو.\n\nرسم المرسى ٤٥٠ كرونة."
MARKDOWN = f"""---
title: The harbour
---

# The harbour

{HARBOUR}

## Fees

- A berth: 450 kroner
- A mooring: 200 kroner
  with water

| Boat | Fee |
|------|-----|
| Skarv | 450 |
| Terna | 200 |

```
quoth ask "What is the fee?"
```

> {FEES}
"""
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>The harbour</title><style>p {{color: red}}</style></head><body>
<header><a href="/">Home</a> <a href="/news">News</a></header>
<nav><ul><li><a href="/a">Boats</a></li><li><a href="/b">Fees</a></li></ul></nav>
<main><h1>The harbour</h1><p>{HARBOUR}</p><h2>Fees</h2><p>{FEES}</p>
<ul><li>Berth: 450 kroner</li><li>Mooring: 200 kroner</li></ul>
<table><tr><th>Boat</th><th>Fee</th></tr><tr><td>Skarv</td><td>450</td></tr><tr><td>Terna</td><td>200</td></tr></table>
<dl><dt>Pilot</dt><dd>Needed above twelve metres.</dd></dl><pre>open: 3 May
close: 30 September</pre></main>
<footer>© Harbour office. <a href="/imprint">Imprint</a></footer></body></html>"""
ARTICLE = f"""<html><head><title>News of the harbour</title></head><body><div id="wrap"><div class="content">
<h1>A new pier</h1><p>{HARBOUR}</p><p>{FEES}</p><blockquote>We are glad, said the harbour master.</blockquote>
<p>The pier is 64 metres long &amp; made of oak.<br>It was paid for by members.</p></div></div></body></html>"""
BARE = f"<p>{HARBOUR}<p>{FEES}"
FAQ = """<html><body><h1>Questions</h1><h3>When does the bus leave?</h3><p>At 7:40, from the pier.</p>
<h3>May dogs come along?</h3><p>Yes, on a lead.</p></body></html>"""


def _word(*parts: tuple[str, str]) -> bytes:
    document = docx.Document()
    for style, text in parts:
        document.add_paragraph(text, style=style)
    return saved(document)


def _word_with_table() -> bytes:
    document = docx.Document()
    document.add_heading("Boats", 1)
    table = document.add_table(3, 3)
    rows = (("Boat", "Length", "Owner"), ("Skarv", "6 m", "Tor"), ("Terna", "8 m", "Ida"))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("All boats are insured.")
    return saved(document)


def _word_with_breaks() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Letter to the members"
    paragraph = document.add_paragraph("Harbour office")
    paragraph.add_run().add_break()
    paragraph.add_run("Pier street 1")
    paragraph.add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("Dear members,")
    bold = document.add_paragraph("The berth costs ")
    bold.add_run("450 kroner").bold = True
    bold.add_run(" a season.")
    return saved(document)


def _deck() -> bytes:
    deck = pptx.Presentation()
    for title, body in (("The harbour", "It opens on 3 May.\nBoats need a pilot."), ("Fees", "A berth: 450 kroner.")):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, body
    slide.notes_slide.notes_text_frame.text = "Say that members pay half."
    blank = deck.slides.add_slide(deck.slide_layouts[6])
    table = blank.shapes.add_table(2, 2, 0, 0, Inches(3), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("Boat", "Fee", "Skarv", "450"), strict=True):
        cell.text = text
    return saved(deck)


def _sheets() -> bytes:
    book = workbook(
        Boats=[
            ["Boat", "Length", "Bought"],
            ["Skarv", 6.5, date(2020, 5, 3)],
            ["Terna", 8, date(2021, 6, 1)],
        ],
        Fees=[["Kind", "Share", "Fee"], ["Berth", 0.5, 450], ["Mooring", 0.125, 200]],
    )
    for row in book["Fees"]["B2:B3"]:
        row[0].number_format = "0.0%"
    for row in book["Fees"]["C2:C3"]:
        row[0].number_format = "0.00"
    return saved(book)


def _canvas(draw: object, pages: int = 1) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for number in range(pages):
        draw(canvas, number)  # type: ignore[operator]
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _flow(*parts: object) -> bytes:
    file = BytesIO()
    SimpleDocTemplate(file, pagesize=A4).build([*parts])  # type: ignore[arg-type]
    return file.getvalue()


STYLES = getSampleStyleSheet()


def _report() -> bytes:
    body, heading = STYLES["BodyText"], STYLES["Heading2"]
    return _flow(
        Paragraph("The harbour", STYLES["Title"]),
        Paragraph("Opening", heading),
        Paragraph(HARBOUR, body),
        Paragraph("Fees", heading),
        Paragraph(FEES, body),
        ListFlowable([Paragraph("A berth costs 450 kroner.", body), Paragraph("A mooring costs 200 kroner.", body)]),
    )


def _two_columns(canvas: Canvas, _: int) -> None:
    canvas.setFont("Helvetica", 10)
    left = ("The harbour opens in May", "and closes in September.", "Boats longer than twelve", "metres need a pilot.")
    right = ("A berth costs 450 kroner", "a season. Members pay", "half of that, and nobody", "gets it back.")
    for x, lines in ((60, left), (320, right)):
        for number, line in enumerate(lines):
            canvas.drawString(x, 760 - 12 * number, line)


def _book_page(canvas: Canvas, number: int) -> None:
    canvas.setFont("Helvetica", 9)
    canvas.drawString(60, 800, "Rules of the harbour")
    canvas.drawString(300, 30, str(number + 1))
    canvas.setFont("Helvetica", 11)
    for line in range(30):
        canvas.drawString(60, 760 - 22 * line, f"Rule {30 * number + line + 1} is about boat {line * 7 + number}.")


def _hyphenated(canvas: Canvas, _: int) -> None:
    canvas.setFont("Times-Roman", 11)
    lines = (
        "The harbour is looked after by the har-",
        "bour master, who lives in the light-",
        "house. A well-known rule is that no-",
        "body swims.",
    )
    for number, line in enumerate(lines):
        canvas.drawString(60, 700 - 14 * number, line)


def _mail_with_attachment() -> bytes:
    message = mail("The berth costs 450 kroner.\n\nRegards,\nIda")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="fees.pdf")
    return message.as_bytes()


def _encoded_mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Jürgen Groß <j@example.org>", "büro@example.org"
    message["Subject"] = "Gebühr für den Liegeplatz"
    message["Date"] = "Tue, 05 Mar 2024 14:30:00 +0100"
    message.set_content("Die Gebühr beträgt 450 Kronen.", charset="iso-8859-1")
    return message.as_bytes()


def frozen_files() -> dict[str, bytes]:
    """Name → bytes. The names are those of the texts in `tests/frozen`."""
    heading, normal, bullet, number = "Heading 1", "Normal", "List Bullet", "List Number"
    return {
        "plain.txt": f"The harbour\n\n{HARBOUR}\n\n{FEES}\n".encode(),
        "windows.txt": f"The harbour\r\n\r\n{HARBOUR}\r\n\r\n{FEES}\r\n".encode(),
        "utf16.txt": RUSSIAN.encode("utf-16"),
        "koi8.txt": (RUSSIAN * 3).encode("koi8-r"),
        "cp1251.txt": (RUSSIAN * 3).encode("cp1251"),
        "cp1252.txt": ("Die Gebühr beträgt 450 Kronen – jährlich.\n\nÄußerst günstig. " * 3).encode("cp1252"),
        "cp1253.txt": (GREEK * 3).encode("cp1253"),
        "shift_jis.txt": (JAPANESE * 3).encode("shift_jis"),
        "euc_jp.txt": (JAPANESE * 3).encode("euc_jp"),
        "gb18030.txt": (CHINESE * 3).encode("gb18030"),
        "big5.txt": ("港口五月三日開放。\n\n泊位費每季四百五十克朗。" * 3).encode("big5"),
        "arabic.txt": ARABIC.encode(),
        "readme.md": MARKDOWN.encode(),
        "setext.md": b"Harbour\n=======\n\nIt opens in May.\n\nFees\n----\n\n1. Berth\n2. Mooring\n",
        "boats.csv": b"Boat,Length,Owner\nSkarv,6 m,Tor\nTerna,8 m,Ida\n",
        "semicolons.csv": "Boot;Länge;Gebühr\nSkarv;6,5;450,00\nTerna;8;200,00\n".encode(),
        "quoted.csv": b'Boat,Note\nSkarv,"Old, but sound"\nTerna,"Two\nlines"\n',
        "tabs.tsv": b"Boat\tLength\nSkarv\t6 m\nTerna\t8 m\n",
        "numbers.csv": b"1,2,3\n4,5,6\n7,8,9\n",
        "letter.docx": _word((heading, "The harbour"), (normal, HARBOUR), (heading, "Fees"), (normal, FEES)),
        "list.docx": _word((normal, "You need:"), (bullet, "a boat"), (bullet, "a pilot"), (number, "pay")),
        "table.docx": _word_with_table(),
        "breaks.docx": _word_with_breaks(),
        "features.docx": word(),
        "text.odt": open_document(),
        "deck.pptx": _deck(),
        "features.pptx": slides(),
        "sheets.xlsx": _sheets(),
        "one.xlsx": saved(workbook(Crew=[["Name", "Role"], ["Tor", "Warden"], ["Ida", None], ["Ole", "Cook"]])),
        "page.html": PAGE.encode(),
        "article.html": ARTICLE.encode(),
        "bare.html": BARE.encode(),
        "faq.html": FAQ.encode(),
        "latin1.html": b'<meta charset="iso-8859-1"><title>Geb\xfchr</title><p>Die Geb\xfchr: 450 Kronen.</p>',
        "book.epub": EPUB,
        "plain.eml": mail("The berth costs 450 kroner.\n\nIt is due in May.").as_bytes(),
        "both.eml": mail("The berth costs 450 kroner.", "<p>The berth costs <b>450</b> kroner.</p>").as_bytes(),
        "page.eml": mail(page="<h1>Fees</h1><p>The berth costs 450 kroner.</p>").as_bytes(),
        "attachment.eml": _mail_with_attachment(),
        "latin1.eml": _encoded_mail(),
        "report.pdf": _report(),
        "columns.pdf": _canvas(_two_columns),
        "book.pdf": _canvas(_book_page, pages=5),
        "hyphens.pdf": _canvas(_hyphenated),
        "table.pdf": _flow(Paragraph("Boats", STYLES["Heading1"]), Paragraph(HARBOUR, STYLES["BodyText"])),
        "pages.pdf": _flow(
            Paragraph(HARBOUR, STYLES["BodyText"]), PageBreak(), Spacer(1, 20), Paragraph(FEES, STYLES["BodyText"])
        ),
    }


FROZEN = Path(__file__).parents[1] / "frozen"


def describe(document: Document) -> str:
    """Write down what a person would look at: the title, then each block with its heading and place."""
    lines = [f"title: {document.title}"]
    for block in document.blocks:
        place = block.place
        where = (
            f" ({place.unit} {place.first}–{place.last}{f' of {place.name}' if place.name else ''})" if place else ""
        )
        lines += ["", f"[{block.heading}]{where}", document.text[block.start : block.end]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the texts anew."""
    FROZEN.mkdir(exist_ok=True)
    for name, data in frozen_files().items():
        (FROZEN / f"{name}.txt").write_text(describe(readers.read(name, data)), "utf-8", newline="")


if __name__ == "__main__":
    main()
