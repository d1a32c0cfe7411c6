"""Tables in documents, slides and pages: each cell stays in its column."""

from __future__ import annotations

import docx
import pptx
import pytest
from pptx.util import Inches
from support.made_files import saved
from support.reading import read, texts

from retrieval.documents.readers.grids import Cell, Grid, join_cells

ROWS = [["Region", "Town", "Members"], ["North", "Alta", "41"], ["", "Bodo", "77"], ["", "", "23"]]
MERGED = ["Region | Town | Members", "North | Alta | 41", "North | Bodo | 77", "|  | 23"]


def test_a_merged_cell_of_a_document_belongs_to_each_row() -> None:
    document = docx.Document()
    table = document.add_table(4, 3)
    for row, values in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, values, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert texts(read("a.docx", saved(document))) == MERGED


def test_a_merged_cell_of_a_slide_belongs_to_each_row() -> None:
    deck = pptx.Presentation()
    shapes = deck.slides.add_slide(deck.slide_layouts[6]).shapes
    table = shapes.add_table(4, 3, 0, 0, Inches(2), Inches(1)).table
    for cell, text in zip(table.iter_cells(), [text for row in ROWS for text in row], strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    assert texts(read("a.pptx", saved(deck))) == MERGED


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("<tr><th>Name<th>Mail<th>Phone<tr><td>Ann<td><td>0455", ["Name | Mail | Phone", "Ann |  | 0455"]),
        ("<tr><td rowspan=2>North<td>Alta<td>41<tr><td>Bodo<td>77", ["North | Alta | 41", "North | Bodo | 77"]),
        ("<tr><td rowspan=2>North<td>Alta<tr><td>Bodo", ["North | Alta", "North | Bodo"]),
        ("<tr><th rowspan=2>Town<th colspan=2>2023<tr><th>Men<th>Women", ["Town | 2023", "Town | Men | Women"]),
        ("<tr><td colspan=2>All<td>x<tr><td>a<td>b<td>c", ["All |  | x", "a | b | c"]),
        ("<tr><td colspan=x rowspan=-1>a<td colspan=99999999>b", ["a | b"]),
        ("<tr><td>a<td rowspan=3>b<tr><td>c<tr><td><tr><td>d<td>e", ["a | b", "c | b", "d | e"]),
    ],
)
def test_cells_of_a_page_keep_their_columns(table: str, expected: list[str]) -> None:
    assert texts(read("a.html", f"<table>{table}</table>".encode())) == expected


def test_a_long_text_is_not_repeated() -> None:
    grid = Grid(lists_covered=False)
    long = "x" * 201
    assert grid.lay_out([Cell(long, rows=2), Cell("a")]) == [long, "a"]
    assert join_cells(grid.lay_out([Cell("b")])) == " | b"
