"""Pieces of text that are recognised on a page come in the order in which they are read."""

from __future__ import annotations

from retrieval.documents.readers.pdf.lines import PdfLine
from retrieval.documents.readers.scan.ocr import order_lines


def piece(text: str, left: float, base: float, width: float = 200.0) -> PdfLine:
    return PdfLine(text, page=1, left=left, right=left + width, base=base, size=10.0, bold=False)


def ordered(*pieces: PdfLine) -> list[str]:
    return [line.text for line in order_lines(pieces)]


def test_columns_are_read_in_turn_between_lines_over_both() -> None:
    columns = [piece(f"{side}{n}", 50 + 220 * (side == "R"), 700 - 12 * n) for n in range(5) for side in "RL"]
    head, foot = piece("head", 50, 730, 400), piece("foot", 150, 600, 300)
    assert ordered(foot, *columns, head) == [
        "head",
        *[f"{side}{n}" for side in "LR" for n in range(5)],
        "foot",
    ]


def test_three_columns_are_read_one_after_the_other() -> None:
    columns = [piece(f"{side}{n}", 50 + 220 * side, 700 - 12 * n) for n in range(4) for side in range(3)]
    assert ordered(*columns) == [f"{side}{n}" for side in range(3) for n in range(4)]


def test_a_table_is_read_row_by_row() -> None:
    cells = [
        piece(f"{row}{column}", 50 + 100 * column, 700 - 12 * row + column, 50)
        for row in range(4)
        for column in range(3)
    ]
    assert ordered(*reversed(cells)) == ["00 01 02", "10 11 12", "20 21 22", "30 31 32"]


def test_a_page_without_text_has_no_order() -> None:
    assert ordered() == []
