"""CSV, TSV and XLSX: each row is a block that names its columns."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_files import saved, workbook
from support.reading import LAUGHS, STRANGER, assert_harmless, part, parts, places, read, refused, repacked, texts

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError


def test_rows_name_their_columns_and_count_as_in_a_spreadsheet() -> None:
    document = read("people.csv", b"Name,Age,City\r\nAda,36,London\r\n\r\nAlan,41,\r\n")
    assert texts(document) == ["Name: Ada; Age: 36; City: London", "Name: Alan; Age: 41"]
    assert [block.place for block in document.blocks] == [Location(Unit.ROW, 2, 2), Location(Unit.ROW, 4, 4)]
    assert document.title is None
    assert document.text == "Name: Ada; Age: 36; City: London\nName: Alan; Age: 41"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "Nom;Âge\nÉmilie;36,5\n".encode("cp1252")),
        ("a.csv", "Nom;Âge\nÉmilie;36,5\n".encode("utf-8-sig")),
        ("a.csv", '"Nom"\t"Âge"\nÉmilie\t"36,5"\n'.encode()),
        ("a.tsv", "Nom\tÂge\nÉmilie\t36,5\n".encode("utf-16")),
        ("a.csv", "Nom|Âge\nÉmilie|36,5\n".encode()),
    ],
)
def test_delimiters_and_encodings_are_detected(name: str, data: bytes) -> None:
    assert texts(read(name, data)) == ["Nom: Émilie; Âge: 36,5"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Ada,36\nAlan,41\n", ["Ada; 36", "Alan; 41"]),  # a number is no name
        ("a,a\nb,b\n", ["a; a", "b; b"]),  # nor are two columns called the same
        ("Ada\nAlan\n", ["Ada", "Alan"]),  # a single column is a list
        ("Name,Age\n", ["Name; Age"]),  # names of nothing
        ("Name,,Age\nAda,x,36\n", ["Name: Ada; x; Age: 36"]),  # a column without a name
        ("People\n\nName,Age\nAda,36,y\n", ["People", "Name: Ada; Age: 36; y"]),  # a caption; a cell too many
        ('Name,Says\nAda,"One, ""two"",\nthree"\n', ['Name: Ada; Says: One, "two", three']),
        ("Name: ,Age :\nAda,36\n", ["Name: Ada; Age: 36"]),
        ("It rains, she said.\n", ["It rains; she said."]),
    ],
)
def test_the_first_row_of_different_words_names_the_columns(data: str, expected: list[str]) -> None:
    assert texts(read("a.csv", data.encode())) == expected


def test_a_quotation_mark_that_is_never_closed_is_refused() -> None:
    refused("a.csv", b'a,b\n"' + b"x,y\n" * 100_000, "quotation mark that is never closed")


@given(st.lists(st.lists(st.text("ab ,;\t\n\"'|é\u0627\u0301\x01", max_size=8), max_size=4), max_size=6))
def test_any_rows_are_read_soundly(rows: list[list[str]]) -> None:
    data = "\n".join(",".join(row) for row in rows).encode()
    try:
        read("a.csv", data)
    except DocumentError as error:
        assert "holds no text" in str(error)  # noqa: PT017 - mostly there is none


def test_sheets_are_read_in_order_without_hidden_ones() -> None:
    book = workbook(People=[["Name", "Age"], ["Ada", 36], [], ["Alan", 41]], Secret=[["a", "b"]], Towns=[["London"]])
    book["Secret"].sheet_state = "hidden"
    book.properties.title = "Register"
    document = read("a.xlsx", saved(book))
    assert document.title == "Register"
    assert parts(document) == [
        ("Name: Ada; Age: 36", "People"),
        ("Name: Alan; Age: 41", "People"),
        ("London", "Towns"),
    ]
    assert [block.place for block in document.blocks] == [
        Location(Unit.ROW, 2, 2, "People"),
        Location(Unit.ROW, 4, 4, "People"),
        Location(Unit.ROW, 1, 1, "Towns"),
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (3, "General", "3"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567.5, "#,##0.00", "1234567.50"),
        (0.125, "0.0%", "12.5%"),
        (0.5, "0%", "50%"),
        (12, '0.00" kg"', "12.00"),
        (1.5e300, "0.00E+00", "1.5e+300"),
        (True, "General", "TRUE"),
        (dt.date(2024, 3, 5), "dd/mm/yyyy", "2024-03-05"),
        (dt.datetime.fromisoformat("2024-03-05 14:30"), "dd/mm/yyyy hh:mm", "2024-03-05 14:30"),
        (dt.datetime.fromisoformat("2024-03-05 14:30:07"), "dd/mm/yyyy hh:mm", "2024-03-05 14:30:07"),
        (dt.time(9, 5), "h:mm", "09:05"),
        (dt.timedelta(hours=30), "[h]:mm:ss", "30:00:00"),
        ("שלום e\u0301", "General", "שלום e\u0301"),
    ],
)
def test_values_are_written_as_a_person_would(value: object, number_format: str, shown: str) -> None:
    book = workbook(Sheet=[[value]])
    book["Sheet"]["A1"].number_format = number_format
    assert texts(read("a.xlsx", saved(book))) == [shown]


def test_cells_without_a_value_of_their_own_are_left_out() -> None:
    book = workbook(Sheet=[["Sales of 2024"], ["Town", "", "Sum"], ["Paris", "x", "=1+1"], ["Rome", "#DIV/0!", 5]])
    book["Sheet"].merge_cells("A1:C1")
    book["Sheet"]["B4"].data_type = "e"
    assert texts(read("a.xlsx", saved(book))) == ["Sales of 2024", "Town: Paris; x", "Town: Rome; Sum: 5"]


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is() -> None:
    data = saved(workbook(Sheet=[["Name", "Age"], ["Ada", 36]]))
    name = "xl/worksheets/sheet1.xml"
    sheet = part(data, name)
    for lie in ("A1:A1", "A1:XFD1048576"):
        assert texts(read("a.xlsx", repacked(data, {name: sheet.replace("A1:B2", lie)}))) == ["Name: Ada; Age: 36"]
    far = sheet.replace('r="2"', 'r="9999999"').replace('"A2"', '"A9999999"').replace('"B2"', '"B9999999"')
    refused("a.xlsx", repacked(data, {name: far}), "damaged")


def test_rows_far_apart_count_only_up_to_the_limit() -> None:
    book = workbook(Sheet=[["a", "b"]])
    book["Sheet"]["A1000000"] = "far"
    refused("a.xlsx", saved(book), "more than 200,000 rows.*QUOTH_MAX_ROWS")


def test_rows_of_all_sheets_count_together() -> None:
    rows: list[list[object]] = [["x"]] * 6
    data = saved(workbook(A=rows, B=rows))
    assert len(places(read("a.xlsx", data, Limits(rows=12)))) == 12
    refused("a.xlsx", data, "QUOTH_MAX_ROWS", Limits(rows=11))
    refused("a.csv", b"x\n" * 12, "QUOTH_MAX_ROWS", Limits(rows=11))


@pytest.mark.parametrize("trick", [LAUGHS, STRANGER])
def test_entities_do_no_harm(trick: str) -> None:
    data = saved(workbook(Sheet=[["Name", "Age"], ["Ada", 36]]))
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        xml = part(data, name)
        hostile = f"{trick}]>{xml.partition('?>')[2] or xml}".replace("Ada", "&j;").replace("Sheet", "&j;")
        assert_harmless("a.xlsx", repacked(data, {name: hostile}))
