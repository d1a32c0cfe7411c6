"""ODS and ODP: sheets and slides of OpenDocument."""

from __future__ import annotations

import pytest
from support.made_files import open_sheets, open_slides
from support.reading import LAUGHS, STRANGER, assert_harmless, part, parts, places, read, refused, repacked, texts

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.limits import Limits

CONTENT = "content.xml"


def sheet(rows: str, styles: str = "") -> bytes:
    """A workbook of one sheet with these rows."""
    data = open_sheets(A=[["x"]])
    xml = part(data, CONTENT)
    start, end = xml.index("<table:table-column"), xml.index("</table:table>")
    xml = xml[:start] + rows + xml[end:]
    return repacked(data, {CONTENT: xml.replace("</office:automatic-styles>", f"{styles}</office:automatic-styles>")})


def row(*cells: str, attributes: str = "") -> str:
    made = "".join(
        cell if cell.startswith("<") else f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>"
        for cell in cells
    )
    return f"<table:table-row {attributes}>{made}</table:table-row>"


def test_sheets_are_read_with_their_names() -> None:
    data = open_sheets(Fees=[["Item", "Fee"], ["Mooring", 450]], Towns=[["Oban"], [None], ["Alta"]])
    document = read("a.ods", data)
    assert parts(document) == [("Item: Mooring; Fee: 450", "Fees"), ("Oban", "Towns"), ("Alta", "Towns")]
    assert [block.place for block in document.blocks] == [
        Location(Unit.ROW, 2, 2, "Fees"),
        Location(Unit.ROW, 1, 1, "Towns"),
        Location(Unit.ROW, 3, 3, "Towns"),
    ]
    refused("a.ods", data, "QUOTH_MAX_ROWS", Limits(rows=4))


def test_repeated_rows_and_columns_count() -> None:
    empty = '<table:table-cell table:number-columns-repeated="3"/>'
    twice = '<table:table-cell table:number-columns-repeated="2"><text:p>4</text:p></table:table-cell>'
    rows = row("Name", empty, "Age", "Size") + row("Ada", empty, twice, attributes='table:number-rows-repeated="2"')
    gap = '<table:table-row table:number-rows-repeated="5"><table:table-cell/></table:table-row>'
    document = read("a.ods", sheet(rows + gap + row("Eve", empty, "7", "8") + gap.replace('"5"', '"1048000"')))
    assert texts(document) == ["Name: Ada; Age: 4; Size: 4", "Name: Ada; Age: 4; Size: 4", "Name: Eve; Age: 7; Size: 8"]
    assert places(document) == [(2, 2), (3, 3), (9, 9)]
    refused("a.ods", sheet(row("x", attributes='table:number-rows-repeated="999999999"')), "QUOTH_MAX_ROWS")
    refused("a.ods", sheet(row(twice.replace('"2"', '"99999999"'))), "damaged")


def test_merged_cells_of_a_sheet_are_laid_out() -> None:
    covered = "<table:covered-table-cell/>"
    tall = '<table:table-cell table:number-rows-spanned="2"><text:p>{}</text:p></table:table-cell>'
    wide = '<table:table-cell table:number-columns-spanned="2"><text:p>2023</text:p></table:table-cell>'
    rows = [
        row(tall.format("Region"), tall.format("Town"), wide, covered),
        row(covered, covered, "Men", "Women"),
        row(tall.format("North"), "Alta", "1", "2"),
        row(covered, "Bodo", "3", "4"),
    ]
    assert texts(read("a.ods", sheet("".join(rows)))) == [
        "Region: North; Town: Alta; 2023 Men: 1; 2023 Women: 2",
        "Region: North; Town: Bodo; 2023 Men: 3; 2023 Women: 4",
    ]


def test_a_sheet_says_what_is_a_header_and_what_is_hidden() -> None:
    style = '<style:style style:name="b"><style:text-properties fo:font-weight="bold"/></style:style>'
    bold = '<table:table-cell table:style-name="b"><text:p>{}</text:p></table:table-cell>'
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    rows = [
        "<table:table-header-rows>" + row("2021", "2022", "2023") + "</table:table-header-rows>",
        row("1", "2", "3"),
        row("4", "5", "6", attributes='table:visibility="filter"'),
        row(bold.format("Boat"), bold.format("Owner")),
        row("Terna", "Ida"),
    ]
    document = read("a.ods", sheet(columns + "".join(rows), style))
    assert texts(document) == ["2021: 1; 2022: 2", "Boat: Terna; Owner: Ida"]
    assert document.left_out == {Omission.HIDDEN: len("20233456")}


def test_cells_show_their_text_without_remarks_and_errors() -> None:
    remark = "<office:annotation><text:p>Sure?</text:p></office:annotation>"
    remark = f"<table:table-cell>{remark}<text:p>8 m</text:p></table:table-cell>"
    value = '<table:table-cell office:value-type="float" office:value="7"/>'
    error = '<table:table-cell calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    assert texts(read("a.ods", sheet(row("Terna", remark, value, error)))) == ["Terna; 8 m; 7"]


def test_slides_of_an_open_document_are_read_under_their_titles() -> None:
    data = open_slides()
    notes = "<draw:frame><draw:text-box><text:p>Say it.</text:p></draw:text-box></draw:frame>"
    notes = f"<presentation:notes><draw:page-thumbnail/>{notes}</presentation:notes></draw:page>"
    xml = part(data, CONTENT)
    end = xml.rindex("</draw:page>")
    document = read("a.odp", repacked(data, {CONTENT: xml[:end] + notes + xml[end + len("</draw:page>") :]}))
    costs = "What it costs"
    assert document.title == "The Ferry"
    assert parts(document) == [
        ("It leaves at nine.", "The Ferry"),
        ("Adults", costs),
        ("Children", costs),
        ("Day | From", costs),
        ("Monday | 9:00", costs),
        ("Say it.", costs),
    ]
    assert [block.place for block in document.blocks] == [Location(Unit.SLIDE, n, n) for n in (1, 2, 2, 2, 2, 2)]
    refused("a.odp", data, "QUOTH_MAX_PAGES", Limits(pages=1))


@pytest.mark.parametrize("trick", [LAUGHS, STRANGER])
@pytest.mark.parametrize(("name", "data"), [("a.ods", open_sheets(A=[["Fee", "x"]])), ("a.odp", open_slides())])
def test_entities_do_no_harm(name: str, data: bytes, trick: str) -> None:
    xml = part(data, CONTENT).rpartition("?>")[2].replace("Fee", "&j;").replace("Ferry", "&j;")
    assert_harmless(name, repacked(data, {CONTENT: f"{trick}]>{xml}"}))


@pytest.mark.parametrize("name", ["a.ods", "a.odp"])
def test_a_protected_file_is_refused(name: str) -> None:
    manifest = {"META-INF/manifest.xml": "<manifest><file-entry><encryption-data/></file-entry></manifest>"}
    refused(name, repacked(open_slides(), manifest), "protected with a password")
