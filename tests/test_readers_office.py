"""DOCX, PPTX and ODT: what a person reads, in the document's order."""

from __future__ import annotations

from io import BytesIO

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from odfdo import Document, Header, List, Paragraph, Row, Span, Style, Table
from pptx.util import Inches
from reading import LAUGHS, STRANGER, assert_harmless, packed, part, parts, read, refused, repacked, texts

from retrieval.documents import Place, Unit
from retrieval.readers.limits import Limits

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


def saved(document: object) -> bytes:
    file = BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


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
    for row, cells in zip(
        table.rows, (("Day", "From", "To"), ("Monday", "9:00", ""), ("x", "", LONG)), strict=True
    ):
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


def test_a_word_document_is_read_in_its_order() -> None:
    document = read("a.docx", word())
    costs = "What it costs"
    assert document.title == "The Ferry"
    assert parts(document) == [
        ("It leaves at nine. שלום e\u0301", "The Ferry"),
        ("Adults", costs),
        ("Children", costs),
        ("Day | From | To", costs),
        ("Monday | 9:00", costs),
        (f"Rest of the week | {LONG}", costs),
        ("Left.", costs),
        ("a | b", costs),
        ("Beside a box.", costs),
        ("In the box.", costs),
        ("It rains here\tnow\nand\N{NON-BREAKING HYPHEN}on.", costs),
        ("In a control.", costs),
        ("The end.", "End"),
    ]
    assert "Adults\nChildren\n\n" not in document.text
    assert "Adults\nChildren\nDay" in document.text
    assert {block.place for block in document.blocks} == {None}


def test_footnotes_follow_their_paragraph() -> None:
    notes = f"""<w:footnotes {W}><w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>
    <w:footnote w:id="2"><w:p><w:r><w:footnoteRef/><w:t xml:space="preserve"> In May.</w:t></w:r></w:p></w:footnote>
    </w:footnotes>"""
    document = docx.Document()
    document.element.body.insert(0, parse_xml(
        f'<w:p {W}><w:r><w:t>It leaves</w:t><w:footnoteReference w:id="2"/><w:t xml:space="preserve"> at nine.</w:t>'
        "</w:r></w:p>"
    ))  # fmt: skip
    document.add_paragraph("Next.")
    row = document.add_table(1, 2).rows[0]
    row.cells[0].text, row.cells[1].text = "In a", "table"
    row.cells[0].paragraphs[0]._p.append(parse_xml(f'<w:r {W}><w:footnoteReference w:id="2"/></w:r>'))
    data = saved(document)
    relation = '<Relationship Id="n" Type="http://x/relationships/footnotes" Target="footnotes.xml"/></Relationships>'
    rels = "word/_rels/document.xml.rels"
    changes = {rels: part(data, rels).replace("</Relationships>", relation), "word/footnotes.xml": notes}
    assert texts(read("a.docx", repacked(data, changes))) == [
        *("It leaves at nine.", "In May."),
        "Next.",
        *("In a | table", "In May."),
    ]


def test_the_title_may_come_from_the_properties() -> None:
    document = docx.Document()
    document.add_paragraph("Text.")
    document.core_properties.title = "Timetable"
    assert read("a.docx", saved(document)).title == "Timetable"
    document.core_properties.title = ""
    assert read("b/old.docx", saved(document)).title is None


def test_a_heading_too_long_to_be_one_is_text() -> None:
    document = docx.Document()
    document.add_heading(LONG)
    assert parts(read("a.docx", saved(document))) == [(LONG, None)]


def test_a_document_of_headings_alone_is_read() -> None:
    document = docx.Document()
    document.add_heading("One")
    document.add_heading("Two")
    assert texts(read("a.docx", saved(document))) == ["One", "Two"]


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


def test_slides_are_read_under_their_titles() -> None:
    document = read("a.pptx", slides())
    assert document.title == "The Ferry"
    assert parts(document) == [
        ("It leaves at nine.", "The Ferry"),
        ("Adults", "What it costs"),
        ("Children\nunder ten", "What it costs"),
        ("Day | From", "What it costs"),
        ("Monday", "What it costs"),
        ("Say it", "What it costs"),
        ("slowly.", "What it costs"),
        ("In a group. שלום", None),
    ]
    numbers = [1, 2, 2, 2, 2, 2, 2, 3]
    assert [block.place for block in document.blocks] == [Place(Unit.SLIDE, n, n) for n in numbers]
    refused("a.pptx", slides(), "QUOTH_MAX_PAGES", Limits(pages=2))


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
    table = Table("Times")
    for values in (["Day", "From"], ["Monday", "9:00"], ["Sunday", None]):
        row = Row()
        row.set_values(values)
        table.append(row)
    body.append(table)
    mixed = Paragraph("One\ttwo\nthree   ")
    mixed.append(Span("four"))
    body.append(mixed)
    return saved(document)


def test_an_open_document_is_read_in_its_order() -> None:
    document = read("a.odt", open_document())
    costs = "What it costs"
    assert document.title == "The Ferry"
    assert parts(document) == [
        ("It leaves at nine.  שלום", "The Ferry"),
        ("In May.", "The Ferry"),
        ("Adults", costs),
        ("Children", costs),
        ("Day | From", costs),
        ("Monday | 9:00", costs),
        ("Sunday", costs),
        ("One\ttwo\nthree   four", costs),
    ]


def test_deleted_text_remarks_and_contents_are_left_out() -> None:
    data = open_document()
    xml = part(data, "content.xml")
    start, end = xml.index("<office:text"), xml.index("</office:text>")
    text = """<office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>Deleted.</text:p>
    </text:deletion></text:changed-region></text:tracked-changes>
    <text:table-of-content><text:index-body><text:p>One 1</text:p></text:index-body></text:table-of-content>
    <text:section><text:p>It<office:annotation><text:p>Really?</text:p></office:annotation>
    rains.<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame></text:p>
    </text:section>"""
    assert texts(read("a.odt", repacked(data, {"content.xml": xml[:start] + text + xml[end:]}))) == [
        "It rains.",
        "In a box.",
    ]


MADE = {"a.docx": word, "a.pptx": slides, "a.odt": open_document}
MAIN = {"a.docx": "word/document.xml", "a.pptx": "ppt/slides/slide1.xml", "a.odt": "content.xml"}


@pytest.mark.parametrize("name", MADE)
def test_what_is_damaged_or_something_else_is_refused(name: str) -> None:
    data = MADE[name]()
    refused(name, b"", "holds no text")
    refused(name, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "damaged, or not what its name says")
    refused(name, data[: len(data) // 2], "damaged")
    refused(name, packed({"a.txt": "It rains."}), "damaged")
    refused(name, repacked(data, {MAIN[name]: "<x"}), "damaged")
    refused(name, repacked(data, {MAIN[name]: "<a>" * 100_000}), "damaged")
    refused(
        name,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000),
        "protected with a password, or of an older format",
    )


@pytest.mark.parametrize("name", MADE)
def test_what_holds_too_much_is_refused_before_it_is_unpacked(name: str) -> None:
    data = MADE[name]()
    bomb = repacked(data, {"media/image.png": bytes(600 << 20)}) if name == "a.docx" else data
    refused(
        name,
        bomb,
        "unpacks to more than .* MiB.*QUOTH_MAX_UNPACKED_MIB",
        Limits(unpacked_mib=1 if bomb is not data else 0),
    )
    refused(name, data, "QUOTH_MAX_CHARACTERS", Limits(characters=20))
    refused(name, data, "QUOTH_MAX_FILE_MIB", Limits(file_mib=0))
    many = packed({f"{n}.xml": "" for n in range(20_001)})
    refused(name, many, "more than 20,000 parts")


def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    data = repacked(word(), {"word/document.xml": b"<a>" + b"x" * 5_000_000 + b"</a>"})
    size = (5_000_007).to_bytes(4, "little")
    assert data.count(size) == 2
    refused("a.docx", data.replace(size, (20_000).to_bytes(4, "little")), "damaged", Limits(unpacked_mib=1))


@pytest.mark.parametrize("trick", [LAUGHS, STRANGER])
@pytest.mark.parametrize("name", MADE)
def test_entities_do_no_harm(name: str, trick: str) -> None:
    data = MADE[name]()
    for main in (MAIN[name], "_rels/.rels", "docProps/core.xml", "word/styles.xml", "meta.xml"):
        try:
            xml = part(data, main)
        except KeyError:
            continue
        body = xml.rpartition("?>")[2]
        for hostile in (
            body.replace("The Ferry", "&j;"),
            body.replace(' w:val="', ' w:val="&j;').replace('Id="', 'Id="&j;'),
        ):
            assert_harmless(name, repacked(data, {main: f"{trick}]>{hostile}"}))


def test_protected_open_documents_are_refused() -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    data = repacked(open_document(), {"META-INF/manifest.xml": manifest})
    refused("a.odt", data, "protected with a password")
