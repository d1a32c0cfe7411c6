"""PDF: the rows of tables, whichever order the file has their cells in."""

from __future__ import annotations

from itertools import product

import pytest
from support.made_files import drawn
from support.reading import read, texts

CABINS = [
    ["Cabin", "Beds", "Price per night", "Open"],
    ["Elgstua", "6", "890 kroner", "all year"],
    ["Bjorkly", "4", "640 kroner", "May to October"],
    ["Furuheim", "8", "1150 kroner", "all year"],
]
ROWS = [" ".join(row) for row in CABINS]
PROSE = [
    "The ferry to the island leaves at nine in the morning",
    "on every weekday but Monday, when it leaves at ten. It",
    "comes back at night, after the last train has arrived",
    "from the north, and waits for it up to twenty minutes.",
    "In winter there is no ferry on days on which the wind",
    "blows from the west, as the pier is not safe by then.",
]


def placed(
    rows: list[list[str]], xs: tuple[float, ...] = (30, 120, 170, 280), top: float = 500, pitch: float = 18
) -> list[list[tuple[float, float, str]]]:
    return [
        [(xs[column], top - pitch * row, text) for column, text in enumerate(cells)] for row, cells in enumerate(rows)
    ]


def flat(rows: list[list[tuple[float, float, str]]]) -> list[tuple[float, float, str]]:
    return [cell for row in rows for cell in row if cell[2]]


@pytest.mark.parametrize(
    ("order", "pitch"),
    [
        *product(["rows", "bottom up", "columns", "columns from the right"], [12.0, 18.0, 36.0]),
        *product(["shuffled"], [12.0, 18.0]),
    ],
)
def test_rows_stay_rows_in_any_order_of_the_file(order: str, pitch: float) -> None:
    cells = placed(CABINS, pitch=pitch)
    columns = [list(column) for column in zip(*cells, strict=True)]
    page = {
        "rows": flat(cells),
        "bottom up": flat(cells[::-1]),
        "columns": flat(columns),
        "columns from the right": flat(columns[::-1]),
        "shuffled": sorted(flat(cells), key=lambda cell: cell[2][::-1]),
    }[order]
    assert texts(read("a.pdf", drawn(page))) == ROWS


def test_a_table_stands_between_the_paragraphs_around_it() -> None:
    above = [(30.0, 560.0 - 12 * n, line) for n, line in enumerate(PROSE)]
    below = [(30.0, 380.0 - 12 * n, line) for n, line in enumerate(PROSE)]
    document = read("a.pdf", drawn([*above, *flat(placed(CABINS, top=470)), *below]))
    assert texts(document) == [" ".join(PROSE), *ROWS, " ".join(PROSE)]


@pytest.mark.parametrize("by_columns", [True, False])
def test_a_wrapped_cell_is_read_as_a_whole(by_columns: bool) -> None:  # noqa: FBT001 - a parameter of the test
    lines = [
        [("Fault", "Remedy")],
        [("Lamp blinks", "Fill the tank with"), ("twice", "distilled water")],
        [("Lamp blinks", "Call the service"), ("four times", "at 0800 4471")],
        [("Loud noise", "Tighten the belt"), ("on start", "behind the cover")],
    ]
    page, y = [], 500.0
    for row in lines:
        cells = [(x, y - 12 * n, line[column]) for n, line in enumerate(row) for column, x in enumerate((30.0, 180.0))]
        page += sorted(cells, key=lambda cell: cell[0]) if by_columns else cells
        y -= 12 * len(row) + 12
    assert texts(read("a.pdf", drawn(page))) == [
        "Fault Remedy",
        "Lamp blinks twice Fill the tank with distilled water",
        "Lamp blinks four times Call the service at 0800 4471",
        "Loud noise on start Tighten the belt behind the cover",
    ]


def test_a_line_with_few_cells_continues_the_row_above() -> None:
    rows = [
        ["Day", "From", "To", "Remark"],
        ["Monday", "9:00", "18:00", "Ring the bell at the"],
        ["", "", "", "gate on the left"],
        ["Sunday", "10:00", "12:00", "Only in summer"],
    ]
    assert texts(read("a.pdf", drawn(flat(placed(rows, pitch=12))))) == [
        "Day From To Remark",
        "Monday 9:00 18:00 Ring the bell at the gate on the left",
        "Sunday 10:00 12:00 Only in summer",
    ]


def test_rows_in_groups_are_not_joined() -> None:
    page, y = [], 500.0
    for group, number in product(range(3), range(3)):
        page += [(30.0, y, f"Item {group}{number}"), (120.0, y, str(10 * group + number)), (200.0, y, "in stock")]
        y -= 24 if number == 2 else 12
    assert texts(read("a.pdf", drawn(page))) == [
        f"Item {group}{number} {10 * group + number} in stock" for group, number in product(range(3), range(3))
    ]


def test_columns_of_prose_are_read_one_after_the_other_in_any_order() -> None:
    left, right = ([(x, 500.0 - 11 * n, line) for n, line in enumerate(PROSE)] for x in (20.0, 215.0))
    right = [(x, y, line.replace("ferry", "train")) for x, y, line in right]
    expected = [" ".join(PROSE), " ".join(PROSE).replace("ferry", "train")]
    by_lines = [piece for pair in zip(left, right, strict=True) for piece in pair]
    for page in ([*left, *right], by_lines):
        assert texts(read("a.pdf", drawn(page, size=7))) == expected


def test_a_label_and_its_value_are_one_line() -> None:
    page = [(30.0, 500.0, "Name:"), (30.0, 470.0, "Port:"), (120.0, 500.0, "Ida Brekke"), (120.0, 470.0, "Kragero")]
    assert texts(read("a.pdf", drawn(page))) == ["Name: Ida Brekke", "Port: Kragero"]


def test_bullets_belong_to_their_text() -> None:
    page = [
        (20.0 + 14 * part, 500.0 - 12 * n, text)
        for n, item in enumerate(("Bring a torch", "Bring a map"))
        for part, text in enumerate(("•", item))
    ]
    assert texts(read("a.pdf", drawn(page))) == ["• Bring a torch", "• Bring a map"]
