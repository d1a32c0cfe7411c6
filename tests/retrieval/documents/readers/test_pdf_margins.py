"""PDF: what stands in the margins, running heads and numbers of lines."""

from __future__ import annotations

import pytest
from support.made_files import drawn
from support.reading import places, read, refused, texts

from retrieval.documents.document import Omission

WITNESS = [
    "The witness said that she had left the bakery at",
    "a quarter past five and had seen the grey van in",
    "front of the chapel. The driver wore a red scarf",
    "and carried a wooden box. She did not see him go",
    "again that day, and told the sheriff on Monday of",
    "what she had seen, though nobody had asked her to.",
    "He wrote it down, and she signed it with her name",
    "before she went home to the island with the ferry",
    "that leaves at nine, and slept until the next noon",
    "without a dream, as one does who has told it all.",
]
POEM = ["The lamp is lit,", "The goats are in,", "The boat is tied,", "The nights begin.", "We wait for snow,"]
Page = list[tuple[float, float, str]]


def prose(lines: list[str], x: float = 60, top: float = 500, pitch: float = 14) -> Page:
    return [(x, top - pitch * n, line) for n, line in enumerate(lines)]


def letter(number: int, head: str, foot: str) -> Page:
    body = prose([f"{line} ({number})" for line in WITNESS])
    return [(60.0, 560.0, head), *body, (60.0, 40.0, foot)]


def test_the_first_of_the_running_heads_stays() -> None:
    document = read("a.pdf", drawn(*(letter(n, "Rowing Club, Pier Road 7", "Bank NO61 4400") for n in range(1, 5))))
    assert document.text.count("Rowing Club, Pier Road 7") == document.text.count("Bank NO61 4400") == 1
    assert texts(document)[0] == "Rowing Club, Pier Road 7"
    assert document.left_out == {Omission.RUNNING_HEADS: 3 * len("RowingClub,PierRoad7BankNO614400")}


def test_two_pages_have_no_running_heads() -> None:
    document = read("a.pdf", drawn(*[letter(1, "Invoice 7", "Original and copy")] * 2))
    assert document.text.count("Invoice 7") == document.text.count("Original and copy") == 2
    assert document.text.count("left the bakery") == 2
    assert not document.left_out


def test_pages_that_repeat_each_other_are_not_emptied() -> None:
    page = [(60.0, 500.0, "We delivered 340 blankets"), (60.0, 480.0, "and 25 tents."), (60.0, 100.0, "Ida Brekke")]
    document = read("a.pdf", drawn(*[page] * 4))
    assert [first for first, _ in places(document)] == sorted([*range(1, 5)] * (len(places(document)) // 4))
    assert document.text.count("340 blankets") == 4


def test_lines_next_to_the_body_are_no_running_heads() -> None:
    pages = [[(60.0, 514.0, "Cabin, beds, price"), *prose([f"{line} ({n})" for line in WITNESS])] for n in range(4)]
    assert read("a.pdf", drawn(*pages)).text.count("Cabin, beds, price") == 4


def test_running_heads_are_a_tenth_of_a_document_at_most() -> None:
    head = "A head that says more than all of the page below it"
    pages = [
        [(60.0, 560.0, head), *prose([f"Item {n}", f"Price {n}", f"Place {n}"]), (60, 30, str(n))] for n in range(9)
    ]
    document = read("a.pdf", drawn(*pages))
    assert document.text.count(head) == 9
    assert document.left_out == {Omission.RUNNING_HEADS: 9}


@pytest.mark.parametrize("step", [1, 5])
@pytest.mark.parametrize("x", [30.0, 380.0])
def test_numbers_of_lines_are_no_text(step: int, x: float) -> None:
    numbers = [(x, y, str(n)) for n, (_, y, _) in enumerate(prose(WITNESS), 1) if n % step == 0]
    document = read("a.pdf", drawn(sorted([*numbers, *prose(WITNESS)], key=lambda piece: -piece[1])))
    assert texts(document) == [" ".join(WITNESS)]
    assert document.left_out == {Omission.LINE_NUMBERS: 11 if step == 1 else 3}


def test_numbers_that_are_written_after_the_text_are_found_too() -> None:
    numbers = [(30.0, y, str(n)) for n, (_, y, _) in enumerate(prose(WITNESS), 11)]
    assert texts(read("a.pdf", drawn([*prose(WITNESS), *numbers]))) == [" ".join(WITNESS)]


def test_every_fifth_line_of_a_poem_may_have_a_number() -> None:
    page = [*prose(POEM * 3), *((30.0, y, str(n)) for n, (_, y, _) in enumerate(prose(POEM * 3), 1) if n % 5 == 0)]
    document = read("a.pdf", drawn(page))
    assert document.text.split() == " ".join(POEM * 3).split()


def test_a_page_whose_blank_lines_have_numbers_counts_lines() -> None:
    page = [(30.0, 500.0 - 24 * n, str(n + 1)) for n in range(15)]
    page += [(90.0, 500.0 - 24 * n, f"Witness {name}, sworn in") for n, name in ((2, "Ada"), (5, "Bo"), (9, "Cy"))]
    document = read("a.pdf", drawn(page))
    assert texts(document) == ["Witness Ada, sworn in", "Witness Bo, sworn in", "Witness Cy, sworn in"]


@pytest.mark.parametrize(
    "items",
    [
        ["Anna Olsen", "Bert Lund", "Carl Vik", "Dora Aas", "Emil Moe", "Frida Ness"],
        ["apples", "pears", "plums", "quinces", "cherries", "figs"],
        [line.capitalize() for line in WITNESS],
    ],
)
def test_numbers_of_a_list_stay(items: list[str]) -> None:
    page = [piece for n, (x, y, text) in enumerate(prose(items), 1) for piece in ((30.0, y, str(n)), (x, y, text))]
    assert texts(read("a.pdf", drawn(page))) == [f"{n} {item}" for n, item in enumerate(items, 1)]


def test_the_numbers_of_a_table_stay() -> None:
    rows = [(str(n), f"cabin {n}", str(7 * n), "open all year") for n in range(1, 12)]
    page = [(30.0 + 90 * i, 500.0 - 14 * n, cell) for n, row in enumerate(rows) for i, cell in enumerate(row)]
    assert texts(read("a.pdf", drawn(page))) == [" ".join(row) for row in rows]


def test_a_page_of_numbers_alone_is_no_empty_file() -> None:
    page = [(30.0, 500.0 - 14 * n, str(n + 1)) for n in range(12)]
    assert read("a.pdf", drawn(page)).text.split() == [str(n + 1) for n in range(12)]
    refused("a.pdf", drawn([]), "holds no text")
