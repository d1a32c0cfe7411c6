"""XLSX: what the file says of its tables, and what it hides."""

from __future__ import annotations

import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table
from support.made_files import saved, workbook
from support.reading import part, places, read, repacked, texts

from retrieval.documents.document import Omission

SHEET = "xl/worksheets/sheet1.xml"


def test_a_merged_cell_belongs_to_each_row_that_it_covers() -> None:
    book = workbook(
        Towns=[["Region", "Town", "Members"], ["North", "Alta", 41], [None, "Bodo", 77], ["South", "Lista", 23]]
    )
    book["Towns"].merge_cells("A2:A3")
    assert texts(read("a.xlsx", saved(book))) == [
        "Region: North; Town: Alta; Members: 41",
        "Region: North; Town: Bodo; Members: 77",
        "Region: South; Town: Lista; Members: 23",
    ]


def test_a_merged_name_stands_before_the_names_below_it() -> None:
    rows = [["Members 2024"], ["Town", 2023, None, 2024], [None, "Men", "Women", "Men", "Women"], ["Alta", 1, 2, 3, 4]]
    book = workbook(Towns=rows)
    for merged in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
        book["Towns"].merge_cells(merged)
    assert texts(read("a.xlsx", saved(book))) == [
        "Members 2024",
        "Town: Alta; 2023 Men: 1; 2023 Women: 2; 2024 Men: 3; 2024 Women: 4",
    ]


def test_a_value_below_several_names_has_none_of_them() -> None:
    book = workbook(Towns=[["Town", "Men", "Women"], ["Alta", 1, 2], ["Bodo", "closed"], ["Lista", 5, 6]])
    book["Towns"].merge_cells("B3:C3")
    assert texts(read("a.xlsx", saved(book)))[1] == "Town: Bodo; closed"


def test_bold_cells_make_a_header_sure() -> None:
    texts_only = [
        ["Name", "Role"],
        ["Ada", "Cook"],
        [],
        ["Alan", "Clerk"],
        ["Eve", "Cook"],
        ["Boat", "Owner"],
        ["Terna", "Ada"],
    ]
    book = workbook(Crew=texts_only)
    for row in (1, 6):
        for cell in book["Crew"][row]:
            cell.font = Font(bold=True)
    assert texts(read("a.xlsx", saved(book))) == [
        "Name: Ada; Role: Cook",
        "Alan; Clerk",
        "Eve; Cook",
        "Boat: Terna; Owner: Ada",
    ]


def test_a_table_or_a_filter_says_where_its_header_is() -> None:
    rows: list[list[object]] = [["Ada", "Cook"], ["2021", "2022"], ["1", "2"], ["3", "4"]]
    book = workbook(Crew=rows)
    book["Crew"].add_table(Table(displayName="Years", ref="A2:B4"))
    expected = ["Ada; Cook", "2021: 1; 2022: 2", "2021: 3; 2022: 4"]
    assert texts(read("a.xlsx", saved(book))) == expected
    book = workbook(Crew=rows)
    book["Crew"].auto_filter.ref = "A2:B4"
    assert texts(read("a.xlsx", saved(book))) == expected


def test_what_is_hidden_is_counted_and_not_read() -> None:
    book = workbook(
        People=[["Name", "Age", "Pay"], ["Ada", 36, 100], ["Alan", 41, 200], ["Eve", 20, 300]], Secret=[["abc"]]
    )
    book["Secret"].sheet_state = "hidden"
    book["People"].row_dimensions[3].hidden = True
    book["People"].column_dimensions["C"].hidden = True
    document = read("a.xlsx", saved(book))
    assert texts(document) == ["Name: Ada; Age: 36", "Name: Eve; Age: 20"]
    assert places(document) == [(2, 2), (4, 4)]
    assert document.left_out == {Omission.HIDDEN: len("Pay100Alan41200300abc")}


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (4400112299887766, "0", "4400112299887766"),
        (4400112299887766.0, "General", "4400112299887766"),
        ("00123456789012345678", "@", "00123456789012345678"),
        (455, "00000", "00455"),
        (-5, "General", "-5"),
        (7, "0.00", "7.00"),
        (45000, "yyyy", "2023-03-15"),
        (3.5, "0", "3.5"),
    ],
)
def test_numbers_keep_all_their_digits(value: object, number_format: str, shown: str) -> None:
    book = workbook(Sheet=[[value]])
    book["Sheet"]["A1"].number_format = number_format
    assert texts(read("a.xlsx", saved(book))) == [shown]


def test_parts_that_no_row_needs_may_be_odd() -> None:
    data = saved(workbook(Boats=[["Boat", "Length"], ["Terna", "8 m"]]))
    relations = "xl/_rels/workbook.xml.rels"
    link = '<Relationship Id="x" Type="http://x/relationships/externalLink" Target="links/none.xml"/></Relationships>'
    odd = {
        relations: part(data, relations).replace("</Relationships>", link),
        "xl/workbook.xml": part(data, "xl/workbook.xml").replace("<definedNames", '<definedNames x="?"'),
        "xl/styles.xml": part(data, "xl/styles.xml").replace("<fills", '<fills odd="1"><fill><none/></fill></fills><x'),
        SHEET: part(data, SHEET).replace("</sheetData>", '</sheetData><autoFilter ref="?"/><mergeCell ref="B1:A"/>'),
    }
    odd["xl/styles.xml"] = odd["xl/styles.xml"].replace("</fills><borders", "</x><borders")
    for name, xml in odd.items():
        assert texts(read("a.xlsx", repacked(data, {name: xml}))) == ["Boat: Terna; Length: 8 m"]


def test_a_very_wide_sheet_keeps_its_columns() -> None:
    book = workbook(Wide=[["Name", "Age"], ["Ada", 36], ["Alan", 41]])
    book["Wide"]["XFD1"], book["Wide"]["XFD3"] = "Note", "x"
    assert texts(read("a.xlsx", saved(book))) == ["Name: Ada; Age: 36", "Name: Alan; Age: 41; Note: x"]


def test_cells_without_an_address_follow_each_other() -> None:
    data = saved(workbook(Boats=[["Boat", "Length"], ["Terna", 8]]))
    sheet = part(data, SHEET)
    for address in ("A1", "B1", "A2", "B2"):
        sheet = sheet.replace(f' r="{address}"', "")
    assert texts(read("a.xlsx", repacked(data, {SHEET: sheet}))) == ["Boat: Terna; Length: 8"]
