"""DOCX: numbers, hidden text, heads and feet, comments and charts, as Word shows them."""

from __future__ import annotations

import time
from io import BytesIO

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from support.made_files import W, saved
from support.reading import part, parts, read, repacked, texts

from retrieval.documents.document import Omission

LEVEL = '<w:lvl w:ilvl="{}"><w:start w:val="{}"/><w:numFmt w:val="{}"/>{}<w:lvlText w:val="{}"/></w:lvl>'


def numbered(levels: list[str], paragraphs: list[tuple[str, int, str]], nums: str = "") -> bytes:
    """A document of paragraphs (text, level, list); list 7 has these levels."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="70">{"".join(levels)}</w:abstractNum>'))
    for xml in (f'<w:num {W} w:numId="7"><w:abstractNumId w:val="70"/></w:num>', *filter(None, nums.split("\n"))):
        numbering.append(parse_xml(xml.replace("<w:num ", f"<w:num {W} ", 1) if W not in xml else xml))
    for text, level, number in paragraphs:
        xml = f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        document.add_paragraph(text)._p.get_or_add_pPr().append(parse_xml(xml))
    return saved(document)


OUTLINE = [LEVEL.format(0, 1, "decimal", "", "%1."), LEVEL.format(1, 1, "lowerLetter", "", "%2)"),
           LEVEL.format(2, 1, "upperRoman", "", "%1.%2.%3")]  # fmt: skip


def test_lists_have_the_numbers_that_word_writes() -> None:
    levels = [0, 1, 1, 2, 2, 0, 1, 2, 0]
    data = numbered(OUTLINE, [(f"Rule {n}", level, "7") for n, level in enumerate(levels)])
    assert texts(read("a.docx", data)) == [
        *("1. Rule 0", "a) Rule 1", "b) Rule 2", "1.b.I Rule 3", "1.b.II Rule 4"),
        *("2. Rule 5", "a) Rule 6", "2.a.I Rule 7", "3. Rule 8"),
    ]


def test_a_list_may_start_anew_or_elsewhere() -> None:
    nums = (
        '<w:num w:numId="8"><w:abstractNumId w:val="70"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
        '</w:lvlOverride></w:num>\n<w:num w:numId="9"><w:abstractNumId w:val="70"/></w:num>'
    )
    shown = [("a", 0, "7"), ("b", 0, "7"), ("c", 0, "8"), ("d", 0, "8"), ("e", 0, "9"), ("f", 0, "0")]
    assert texts(read("a.docx", numbered(OUTLINE, shown, nums))) == ["1. a", "2. b", "5. c", "6. d", "7. e", "f"]


@pytest.mark.parametrize(
    ("number_format", "start", "number"),
    [
        *[("decimal", 12, "12"), ("decimalZero", 3, "03"), ("upperRoman", 1994, "MCMXCIV"), ("lowerRoman", 4, "iv")],
        *[
            ("upperLetter", 2, "B"),
            ("lowerLetter", 28, "bb"),
            ("russianLower", 2, "б"),
            ("upperRoman", 99_999, "99999"),
        ],
        *[("lowerLetter", 99_999_999, "99999999"), ("lowerLetter", 0, "0"), ("japaneseCounting", 3, "3")],
    ],
)
def test_numbers_have_their_format(number_format: str, start: int, number: str) -> None:
    data = numbered([LEVEL.format(0, start, number_format, "", "§ %1:")], [("Dogs.", 0, "7")])
    assert texts(read("a.docx", data)) == [f"§ {number}: Dogs."]


def test_bullets_and_empty_paragraphs_have_no_number() -> None:
    data = numbered([LEVEL.format(0, 1, "bullet", "", "•")], [("Dogs.", 0, "7")])
    assert texts(read("a.docx", data)) == ["Dogs."]
    data = numbered(OUTLINE, [("Dogs.", 0, "7"), ("", 0, "7"), ("Cats.", 0, "7")])
    assert texts(read("a.docx", data)) == ["1. Dogs.", "3. Cats."]


def test_legal_numbers_are_decimal_and_levels_may_go_on() -> None:
    going_on = '<w:lvlRestart w:val="0"/>'
    levels = [
        LEVEL.format(0, 1, "upperRoman", "", "%1."),
        LEVEL.format(1, 1, "decimal", going_on + "<w:isLgl/>", "%1.%2"),
    ]
    shown = [("a", 0, "7"), ("b", 1, "7"), ("c", 0, "7"), ("d", 1, "7")]
    assert texts(read("a.docx", numbered(levels, shown))) == ["I. a", "1.1 b", "II. c", "2.2 d"]


def test_styles_number_headings() -> None:
    levels = [
        LEVEL.format(n, 1, "decimal", f'<w:pStyle w:val="Heading{n + 1}"/>', text)
        for n, text in enumerate(["%1", "%1.%2"])
    ]
    document = docx.Document(BytesIO(numbered(levels, [])))
    for n in (1, 2):
        xml = f'<w:numPr {W}><w:numId w:val="7"/></w:numPr>'
        document.styles[f"Heading {n}"].element.get_or_add_pPr().append(parse_xml(xml))
    for text, level in (("Stay", 1), ("Rent", 2), ("Dogs", 2), ("Leave", 1), ("Keys", 2)):
        document.add_heading(text, level)
        document.add_paragraph(f"About {text}.")
    read_document = read("a.docx", saved(document))
    assert [heading for _, heading in parts(read_document)] == ["1 Stay", "1.1 Rent", "1.2 Dogs", "2 Leave", "2.1 Keys"]
    assert read_document.title == "Stay"


def test_the_first_main_heading_is_the_title_where_none_is_given() -> None:
    document = docx.Document()
    document.core_properties.title = "Microsoft Word - rent.doc"
    document.add_heading("Preface", 2)
    document.add_heading("Rules of the harbour", 1)
    document.add_paragraph("No dogs.")
    assert read("a.docx", saved(document)).title == "Rules of the harbour"
    document.core_properties.title = "Rules"
    assert read("a.docx", saved(document)).title == "Rules"


@pytest.mark.parametrize(
    ("value", "is_read"), [("", False), ("1", False), ("true", False), ("0", True), ("false", True), ("off", True)]
)
def test_hidden_text_is_what_word_hides(value: str, is_read: bool) -> None:  # noqa: FBT001
    document = docx.Document()
    paragraph = document.add_paragraph("It costs ")
    attribute = f' w:val="{value}"' if value else ""
    paragraph._p.append(parse_xml(f"<w:r {W}><w:rPr><w:vanish{attribute}/></w:rPr><w:t>64 000 kroner.</w:t></w:r>"))
    content = read("a.docx", saved(document))
    assert texts(content) == ["It costs 64 000 kroner." if is_read else "It costs"]
    assert content.left_out == ({} if is_read else {Omission.HIDDEN: 12})


def test_a_style_may_hide_text() -> None:
    document = docx.Document()
    for name, kind in (("Secret", 1), ("Secret letters", 2)):
        document.styles.add_style(name, kind).font.hidden = True
    document.add_paragraph("Hidden.", style="Secret")
    shown = document.add_paragraph("Shown. ")
    shown.add_run("Hidden too.", style="Secret letters")
    shown.add_run("Not this.", style="Secret letters").font.hidden = False
    assert texts(read("a.docx", saved(document))) == ["Shown. Not this."]


def test_heads_and_feet_stand_once_without_page_numbers() -> None:
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Kvist Joinery, telephone 0466 220"
    table = section.header.add_table(1, 2, Inches(4))
    table.cell(0, 0).text, table.cell(0, 1).text = "Oslo", "The  stairs"
    section.first_page_header.paragraphs[0].text = "Not shown"
    foot = section.footer.paragraphs[0]
    foot.text = "Bank 1234\tPage "
    for xml in (
        f'<w:fldSimple {W} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>',
        f"<w:r {W}><w:t xml:space='preserve'> of </w:t></w:r>",
        f'<w:r {W}><w:fldChar w:fldCharType="begin"/></w:r>',
        f"<w:r {W}><w:instrText>NUMPAGES</w:instrText></w:r>",
        f'<w:r {W}><w:fldChar w:fldCharType="separate"/></w:r>',
        f"<w:r {W}><w:t>9</w:t></w:r>",
        f'<w:r {W}><w:fldChar w:fldCharType="end"/></w:r>',
    ):
        foot._p.append(parse_xml(xml))
    document.add_heading("The stairs")
    document.add_paragraph("They are of oak.")
    second = document.add_section()
    second.different_first_page_header_footer = True
    for margin in (second.header, second.footer, second.first_page_header):
        margin.is_linked_to_previous = False
    second.header.paragraphs[0].text = "KVIST Joinery,  telephone 0466 220"
    second.first_page_header.paragraphs[0].text = "Part two"
    content = read("a.docx", saved(document))
    assert parts(content) == [
        ("Kvist Joinery, telephone 0466 220\nOslo", None),
        ("Part two", None),
        ("They are of oak.", "The stairs"),
        ("Bank 1234", None),
    ]
    assert set(content.left_out) == {Omission.RUNNING_HEADS}


def test_comments_stand_below_their_paragraph() -> None:
    document = docx.Document()
    roof = document.add_paragraph("The roof is slate.")
    document.add_comment(roof.runs, text="It comes from Otta.\nSays the mason.", author="Liv")
    document.add_paragraph("The door is oak.")
    assert texts(read("a.docx", saved(document))) == [
        "The roof is slate.",
        "Liv: It comes from Otta.\nSays the mason.",
        "The door is oak.",
    ]


def deck_with(*charts: tuple[object, object, str | None]) -> pptx.presentation.Presentation:
    deck = pptx.Presentation()
    for kind, data, title in charts:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        chart = slide.shapes.add_chart(kind, 0, 0, Inches(4), Inches(3), data).chart
        if title:
            chart.has_title = True
            chart.chart_title.text_frame.text = title
    return deck


def test_the_values_of_a_chart_are_read_in_rows() -> None:
    income = CategoryChartData()
    income.categories = ["Moorings", "Fuel"]
    income.add_series("2023", (410, 0.1 + 0.2))
    income.add_series("2024", (None, 120))
    shares = CategoryChartData(number_format="0.0%")
    shares.categories = ["Oslo"]
    shares.add_series("Share", (0.255,))
    points = XyChartData()
    series = points.add_series("Depth")
    series.add_data_point(1.5, 20)
    levels = CategoryChartData()
    year = levels.add_category("2024")
    year.add_sub_category("May")
    year.add_sub_category("June")
    levels.add_series("Boats", (3, 4))
    bars = XL_CHART_TYPE.COLUMN_CLUSTERED
    deck = deck_with(
        (bars, income, "Income of the harbour"), (XL_CHART_TYPE.PIE, shares, None),
        (XL_CHART_TYPE.XY_SCATTER, points, None), (bars, levels, None),
    )  # fmt: skip
    content = read("a.pptx", saved(deck))
    assert texts(content) == [
        *("Income of the harbour", "Moorings; 2023: 410", "Fuel; 2023: 0.3; 2024: 120"),
        "Oslo; Share: 25.5%",
        "1.5; Depth: 20",
        *("2024 May; Boats: 3", "2024 June; Boats: 4"),
    ]
    assert [block.place.first for block in content.blocks if block.place] == [1, 1, 1, 2, 3, 4, 4]


def test_a_word_document_has_charts_too() -> None:
    data = CategoryChartData()
    data.categories = ["Fuel"]
    data.add_series("Income", (120,))
    chart = part(saved(deck_with((XL_CHART_TYPE.PIE, data, None))), "ppt/charts/" + CHART)
    document = docx.Document()
    document.add_paragraph("See the chart.")._p.append(parse_xml(
        f'<w:r {W}><w:drawing><c:chart xmlns:c="c" xmlns:r="r" r:id="rIdC"/></w:drawing></w:r>'
    ))  # fmt: skip
    document.add_paragraph("Next.")
    word, rels = saved(document), "word/_rels/document.xml.rels"
    relation = '<Relationship Id="rIdC" Type="http://x/relationships/chart" Target="charts/c.xml"/></Relationships>'
    changes = {rels: part(word, rels).replace("</Relationships>", relation), "word/charts/c.xml": chart}
    assert texts(read("a.docx", repacked(word, changes))) == ["See the chart.", "Fuel; Income: 120", "Next."]


CHART = "chart1.xml"


def test_hidden_slides_are_counted_as_left_out() -> None:
    deck = pptx.Presentation()
    for text in ("Old prices", "New prices"):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = text, f"{text} of the harbour."
    deck.slides[0]._element.set("show", "0")
    deck.core_properties.title = "PowerPoint Presentation"
    content = read("a.pptx", saved(deck))
    assert parts(content) == [("New prices of the harbour.", "New prices")]
    assert content.title == "New prices"
    assert content.left_out == {Omission.HIDDEN: 9 + 22}
    assert content.blocks[0].place is not None
    assert content.blocks[0].place.first == 2


@pytest.mark.parametrize("name", ["a.docm", "a.dotx"])
def test_documents_with_macros_and_templates_are_documents(name: str) -> None:
    document = docx.Document()
    document.add_paragraph("No dogs.")
    assert texts(read(name, saved(document))) == ["No dogs."]


def test_many_levels_and_lists_take_no_time() -> None:
    levels = "".join(LEVEL.format(n, 1, "decimal", "", "%9" * 50) for n in range(30_000))
    nums = "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="0"/></w:num>' for n in range(10_000))
    item = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="8"/><w:numId w:val="{}"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
    )
    body = "".join(item.format(n) for n in range(3_000))
    lists = f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>{nums}'
    data = repacked(saved(docx.Document()), {
        "word/numbering.xml": f"<w:numbering {W}>{lists}</w:numbering>",
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
    })  # fmt: skip
    start = time.perf_counter()
    assert len(texts(read("a.docx", data))) == 3_000
    assert time.perf_counter() - start < 5
