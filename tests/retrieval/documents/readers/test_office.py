"""DOCX, PPTX and ODT: what a person reads, in the document's order."""

from __future__ import annotations

import docx
import pytest
from docx.oxml import parse_xml
from support.made_files import LONG, W, open_document, saved, slides, word
from support.reading import LAUGHS, STRANGER, assert_harmless, packed, part, parts, read, refused, repacked, texts

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.limits import Limits


def test_a_word_document_is_read_in_its_order() -> None:
    document = read("a.docx", word())
    costs = "What it costs"
    assert document.title == "The Ferry"
    assert parts(document) == [
        ("On every page", None),
        ("It leaves at nine. שלום e\u0301", "The Ferry"),
        ("Adults", costs),
        ("Children", costs),
        ("Day | From | To", costs),
        ("Monday | 9:00", costs),
        (f"Rest of the week |  | {LONG}", costs),
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
    assert [block.place for block in document.blocks] == [Location(Unit.SLIDE, n, n) for n in numbers]
    refused("a.pptx", slides(), "QUOTH_MAX_PAGES", Limits(pages=2))


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
def test_a_damaged_or_other_file_is_refused(name: str) -> None:
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
def test_a_file_over_the_limits_is_refused_before_unpacking(name: str) -> None:
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
