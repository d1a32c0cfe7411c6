"""Files of every format, made by the libraries that write them."""

from __future__ import annotations

import json
from base64 import b64decode
from email.message import EmailMessage
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import openpyxl
import pptx
import pypdfium2
from docx.oxml import parse_xml
from odfdo import Document, DrawPage, Frame, Header, List, Paragraph, Row, Span, Style, Table
from pptx.util import Inches
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from support.reading import packed

if TYPE_CHECKING:
    from PIL import Image

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LONG = ("It rains. " * 50).strip()
BOX = f"""<w:p {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
<w:r><w:t>Beside a box.</w:t></w:r><w:r><mc:AlternateContent>
<mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>
</w:drawing></mc:Choice>
<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent></w:pict>
</mc:Fallback></mc:AlternateContent></w:r></w:p>"""
CHANGED = f"""<w:p {W}><w:r><w:t xml:space="preserve">It </w:t></w:r>
<w:del w:id="1" w:author="a"><w:r><w:delText>snows</w:delText></w:r></w:del>
<w:ins w:id="2" w:author="a"><w:r><w:t>rains</w:t></w:r></w:ins>
<w:hyperlink><w:r><w:t xml:space="preserve"> here</w:t></w:r></w:hyperlink><w:r><w:rPr><w:vanish/></w:rPr>
<w:t>hidden</w:t></w:r><w:r><w:instrText>PAGE</w:instrText><w:tab/><w:t>now</w:t><w:br/><w:t>and</w:t>
<w:noBreakHyphen/><w:t>on.</w:t></w:r></w:p>"""
CONTROL = f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
version="1.0"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
BOOK = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Ferry</dc:title></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="lost" href="lost.xhtml" media-type="application/xhtml+xml"/>
<item id="art" href="art.svg" media-type="image/svg+xml"/></manifest>
<spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/>
<itemref idref="lost"/><itemref idref="art"/><itemref idref="none"/></spine></package>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol><li><a href="text/one.xhtml">Dawn</a></li>
<li><a href="text/two%20b.xhtml#p">Second <i>part</i></a></li></ol></nav></body></html>"""
CHAPTER = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
EPUB = packed(
    {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": BOOK,
        "OEBPS/nav.xhtml": NAV,
        "OEBPS/cover.xhtml": f'{CHAPTER}<body><img src="cover.png" alt=""/></body></html>',
        "OEBPS/text/one.xhtml": f"{CHAPTER}<body><h1>At dawn</h1><p>It rains.<br/>Still.</p><p>Ça&#160;va.</p></body>",
        "OEBPS/text/two b.xhtml": f'{CHAPTER}<body><p>It <span id="a"/>pours.</p></body></html>',
    }
)


def saved(document: object) -> bytes:
    file = BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def drawn(*pages: list[tuple[float, float, str]], size: float = 10, **options: object) -> bytes:
    """A PDF with each text where it is said to be."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A5, **options)
    for page in pages:
        canvas.setFont("Helvetica", size)
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def photographed(*lines: str, scale: float = 2, size: float = 10) -> Image.Image:
    """A white picture of lines."""
    page = [(10.0, 580.0 - 1.5 * size * number, line) for number, line in enumerate(lines, 1)]
    picture = pypdfium2.PdfDocument(drawn(page, size=size))[0].render(scale=scale).to_pil().convert("RGB")
    return picture.crop((0, 0, picture.width, int(scale * (35 + 1.5 * size * len(lines)))))


def in_format(kind: str, picture: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def workbook(**sheets: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def word() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Not this"
    document.add_heading("The Ferry", 0)
    document.add_paragraph("It leaves at nine. שלום e\u0301")
    document.add_heading("What it costs", 1)
    document.add_heading(" ", 1)
    document.add_paragraph("Adults", style="List Bullet")
    document.add_paragraph("Children", style="List Bullet")
    table = document.add_table(3, 3)
    for row, cells in zip(table.rows, (("Day", "From", "To"), ("Monday", "9:00", ""), ("x", "", LONG)), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(2, 0).merge(table.cell(2, 1)).text = "Rest of\nthe week"
    layout = document.add_table(1, 2)
    layout.cell(0, 0).text = "Left."
    inner = layout.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "a", "b"
    for xml in (BOX, CHANGED, CONTROL):
        document.element.body.insert(-1, parse_xml(xml))
    document.add_heading("End", 2)
    document.add_paragraph("The end.")
    document.sections[0].header.paragraphs[0].text = "On every page"
    return saved(document)


def slides() -> bytes:
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text, first.placeholders[1].text = "The Ferry", "It leaves at nine."
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text, second.placeholders[1].text = "What it\vcosts", "Adults\nChildren\vunder ten"
    table = second.shapes.add_table(2, 2, 0, 0, Inches(2), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("Day", "From", "Monday", ""), strict=True):
        cell.text = text
    second.notes_slide.notes_text_frame.text = "Say it\nslowly."
    third = deck.slides.add_slide(deck.slide_layouts[6])
    group = third.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "In a group. שלום"
    return saved(deck)


def open_document() -> bytes:
    document = Document("text")
    body = document.body
    body.clear()
    document.insert_style(Style("paragraph", name="P1", parent_style="Title"), automatic=True)
    body.append(Paragraph("The Ferry", style="P1"))
    noted = Paragraph("It leaves")
    noted.insert_note(after="leaves", note_id="n1", citation="1", body="In May.")
    noted.append(" at nine.  שלום")
    body.append(noted)
    body.append(Header(1, "What it costs"))
    body.append(List(["Adults", "Children"]))
    body.append(open_table("Times", [["Day", "From"], ["Monday", "9:00"], ["Sunday", None]]))
    mixed = Paragraph("One\ttwo\nthree   ")
    mixed.append(Span("four"))
    body.append(mixed)
    return saved(document)


def open_table(name: str, rows: list[list[object]]) -> Table:
    table = Table(name)
    for values in rows:
        row = Row()
        row.set_values(values)
        table.append(row)
    return table


def open_sheets(**sheets: list[list[object]]) -> bytes:
    document = Document("spreadsheet")
    document.body.clear()
    for name, rows in sheets.items():
        document.body.append(open_table(name, rows))
    return saved(document)


def open_slides() -> bytes:
    document = Document("presentation")
    document.body.clear()
    for title, texts in (("The Ferry", ["It leaves at nine."]), ("What it costs", ["Adults", "Children"])):
        page = DrawPage(title, name=title)
        page.append(Frame.text_frame(title, presentation_class="title"))
        page.append(Frame.text_frame(texts, presentation_class="outline"))
        document.body.append(page)
    frame = Frame()
    frame.append(open_table("Times", [["Day", "From"], ["Monday", "9:00"]]))
    page.append(frame)
    return saved(document)


def mail(plain: str | None = None, page: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ada Lovelace <ada@example.org>"
    message["To"] = "Alan <alan@example.org>, Émile <emile@example.org>"
    message["Date"] = "Tue, 05 Mar 2024 14:30:00 +0100"
    message["Subject"] = "Die Fähre nach Oban"
    if plain is not None:
        message.set_content(plain)
    if page is not None:
        message.set_content(page, subtype="html") if plain is None else message.add_alternative(page, subtype="html")
    return message


EXPORT = {
    "name": "Harbour group",
    "type": "private_supergroup",
    "id": 1234567890,
    "messages": [
        {"id": 1, "type": "service", "date": "2024-05-01T09:00:00", "actor": "Ida", "action": "create_channel"},
        {"id": 2, "type": "message", "date": "2024-05-01T10:00:00", "from": "Ida", "text": "The fee is 450 kroner."},
        {"id": 3, "type": "message", "date": "2024-05-01T10:05:00", "from": "Tor", "reply_to_message_id": 2,
         "text": ["See ", {"type": "link", "text": "https://example.org"}, "."]},
    ],
}  # fmt: skip
"""What Telegram Desktop writes of a chat."""
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Cats\n", "\n", "The cat sleeps."]},
        {"cell_type": "code", "metadata": {}, "source": "count()",
         "outputs": [{"output_type": "stream", "name": "stdout", "text": ["3 cats\n"]}]},
    ],
    "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip
CUES = "1\n00:00:01,000 --> 00:00:04,000\nThe cat\n\n2\n00:00:04,000 --> 00:00:06,500\nsleeps.\n"
TEXT = "The cat sleeps. שלום e\u0301\n\n## A kitten\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nplays.\n"
PAGE = f"<html><body><h1>Cats</h1><p>The cat &amp; <b>kitten</b> play.</p>{'<div>' * 20}</body></html>"


CALENDAR = b"""BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:The cat sleeps\r\nDTSTART;TZID=Europe/Oslo:20250305T140000\r
DTEND:20250305T150000Z\r\nRRULE:FREQ=DAILY\r\nDESCRIPTION:On the\r\n  sofa\\, at home.\r
END:VEVENT\r\nEND:VCALENDAR\r\n"""
RTF = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 Arial;}}{\header Cats\par}\pard\outlinelevel0 Cats\par
\pard The cat sleeps \f0\'ca\'ee\'f8\'ea\'e0{\footnote At home.}\u233?.\par\trowd\intbl a\cell b\cell\row}"""
HEIC = b64decode("""
AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAWNtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA
AAEAAQAAAAABhwABAAAAAAAAAfkAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA42lwcnAAAADEaXBjbwAA
AHJodmNDAQQIAAAAn/gAAAAAHvAA/Pz4+AAADwNgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAYQABACdCAQEECAAAAwCf+AAAAwAAHsBIgQcvlurk
prmwIAAAAwMgAAADACFiAAEABkQBwXPBiQAAABRpc3BlAAAAAAAAAIwAAABAAAAAKGNsYXAAAACMAAAAAQAAADAAAAABAAAAAAAAAAL////wAAAAAgAA
AA5waXhpAAAAAAEIAAAAF2lwbWEAAAAAAAAAAQABBIECBIMAAAIBbWRhdAAAAfUoAa4WoTq47trtdXULTP5s4PoUYrofsYFe5qVPkjoYD+UPVkSDsG0Q
2EL9AdUROeJk7Vn46UKWBhk4umxinpxVlsEqUJJu/E8f3G89W6SemAxixn9wv7VlkeHhh5kF2PnI2W6cX33MREBfquTprjzL1rUZ1InUeAjyRtah7xB0
b9q3uG8yssikcLRoS9h0drRjmz/WthxEQQ17t8LDi7wKz2q4tRfBjjXaJZnPemCtiznhNERfkzYZkWfn2eHPaw+cCBJoA1pDWGEYuytLZkm7K4ONSoJN
avBBevyU8fzXTmXyprPcb44KrZmI8npW3kCyptAs1tGyMW+HDwA9d3iDIufxR1jOP9f00v4/dRx9py5bWQvDNKA/KDMpGxLM5bIXEJ94vXx9mkRlXRuN
4v2CKllws+SXLnkl+/Wlp/3+SAQT7ghYydxYItEUF7BLgcNdneCgt4+Cj07dp7e5g+YbA+HRv93Zpk9S6RrSbYm7i5JkFF74fid7pA9hSQAOlzaIuYfD
ZbiYQMWC+Q4N5dOQjcX4nKVVncoMocK3fJ4qKJ7TRp9fy9Oul9BnjxyrTFQw0IDn5wzhXA2ACKDgs1N9EOEB0bgEFCW9Z3IbiFwRJr3UsXn/y2t8gmmO
hzksppGuiDyYbQOp9tlA4rF98TGVAWZXgIA=
""")
"""A picture of "The cat sleeps.", since no library of a free licence writes the format."""
FB2 = """<?xml version="1.0" encoding="utf-8"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description><title-info><book-title>The Cat</book-title></title-info></description>
<body><title><p>The Cat</p></title><epigraph><p>Be still.</p><text-author>Ada</text-author></epigraph>
<section><title><p>Part one</p><p>At dawn</p></title>
<p>The cat <strong>sleeps</strong><a l:href="#n" type="note">[1]</a>.</p>
<poem><stanza><v>It rains,</v><v>it pours.</v></stanza></poem>
<section><title><p>Later</p></title><p>It wakes.</p><table><tr><th>Cats</th><td>1</td></tr></table></section></section>
<section><p>The end.</p></section></body>
<body name="notes"><section id="n"><title><p>1</p></title><p>A tabby.</p></section></body>
<binary id="cover" content-type="image/png">AAAA</binary></FictionBook>"""
SAVED_PAGE = """From: <Saved by Blink>
Snapshot-Content-Location: https://example.org/
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="edge"

--edge
Content-Type: text/html
Content-ID: <page@mhtml.blink>
Content-Transfer-Encoding: quoted-printable
Content-Location: https://example.org/

<html><head><meta charset=3D"utf-8"><title>The Cat</title></head><body><p>The cat sle=
eps, for 5 =E2=82=AC.</p></body></html>
--edge
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Location: https://example.org/cat.png

AAAA
--edge--
"""


@cache
def samples() -> dict[str, bytes]:
    """A sound file of each format."""
    table = b'name,age\nAda,36\n"Al\nan",41\n'
    people: list[list[object]] = [["Name", "Age"], ["Ada", 36], ["Alan", 41]]
    document, presentation, message = word(), slides(), mail("The cat sleeps.", PAGE).as_bytes()
    # So small that it is recognised at once.
    picture = photographed("The cat sleeps.", scale=1.6).crop((0, 0, 140, 60))
    return {
        ".adoc": b"= Cats\n\nThe cat sleeps.\n\n== Kittens\n\n* A kitten plays.\n",
        ".bmp": in_format("BMP", picture),
        ".csv": table,
        ".docm": document,
        ".docx": document,
        ".dotm": document,
        ".dotx": document,
        ".eml": message,
        ".epub": EPUB,
        ".heic": HEIC,
        ".fb2": FB2.encode(),
        ".htm": PAGE.encode("utf-16"),
        ".html": PAGE.encode(),
        ".ipynb": json.dumps(NOTEBOOK).encode(),
        ".json": json.dumps(EXPORT, indent=1).encode(),
        ".jsonl": b'{"name": "Ada", "age": 36}\n{"name": "Alan", "pets": [{"name": "Tom"}]}\n',
        ".log": b"12:00 The cat sleeps.\n12:05 A kitten plays.\n",
        ".ics": CALENDAR,
        ".jpeg": in_format("JPEG", picture),
        ".jpg": in_format("JPEG", picture),
        ".markdown": TEXT.encode("cp1255", "replace"),
        ".mbox": (b"From ada@example.org Tue Mar  5 14:30:00 2024\n" + message + b"\n") * 2,
        ".md": TEXT.encode(),
        ".odp": open_slides(),
        ".ods": open_sheets(People=people, Towns=[["Town", "Size"], ["Oban", 8]]),
        ".mht": SAVED_PAGE.encode(),
        ".mhtml": SAVED_PAGE.encode(),
        ".odt": open_document(),
        ".org": b"#+TITLE: Cats\n* Kittens\nThe cat sleeps.\n- A kitten plays.\n",
        ".pdf": drawn([(50, 300, "The cat sleeps."), (50, 280, "A kitten plays.")], [(50, 300, "Two.")]),
        ".rst": b"Cats\n====\n\nThe cat sleeps.\n\n.. note:: A kitten plays.\n",
        ".srt": CUES.encode(),
        ".tex": b"\\documentclass{a}\n\\begin{document}\n\\section{Cats}\nThe cat sleeps. % so\n\\end{document}\n",
        ".text": TEXT.encode(),
        ".potm": presentation,
        ".potx": presentation,
        ".ppsm": presentation,
        ".ppsx": presentation,
        ".pptm": presentation,
        ".pptx": presentation,
        ".rtf": RTF,
        ".tsv": table.replace(b",", b"\t"),
        ".txt": TEXT.encode(),
        **dict.fromkeys((".xlsm", ".xlsx", ".xltx"), saved(workbook(People=people))),
        ".vtt": f"WEBVTT\n\n{CUES.replace(',', '.')}".encode(),
        ".png": in_format("PNG", picture),
        ".tif": in_format("TIFF", picture),
        ".tiff": in_format("TIFF", picture.convert("1"), compression="group4"),
        ".webp": in_format("WEBP", picture),
        ".xhtml": f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{PAGE}</body></html>'.encode(),
        ".xlsx": saved(workbook(People=[["Name", "Age"], ["Ada", 36], ["Alan", 41]])),
    }
