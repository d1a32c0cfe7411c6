"""Names of columns: a row gets them only where they are surely those of its own table."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reading import read, texts

WORDS = ["Boat", "Length", "Owner", "Berth", "Colour", "Built", "Price", "Town"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=3, max_size=6, unique=True)
NUMBERS = st.integers(0, 99_999).map(str)
PEOPLE = ["ida", "tor", "liv", "ann", "bob", "eve"]


def rows(*lines: str) -> list[str]:
    """What is read of a CSV file of these lines."""
    return texts(read("a.csv", "\n".join(lines).encode()))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Name,Phone,Phone", "Ida,0455,0977"], ["Name: Ida; Phone: 0455; Phone: 0977"]),
        (["Town,2021,2022", "Alta,410,430"], ["Town: Alta; 2021: 410; 2022: 430"]),
        (["Town,2023", "Alta,410", "Bodo,7"], ["Town: Alta; 2023: 410", "Town: Bodo; 2023: 7"]),
        (["Town,2021/22,2022/23", "Alta,4,5"], ["Town: Alta; 2021/22: 4; 2022/23: 5"]),
        (["Town,Q1,Q2", "Alta,4,5"], ["Town: Alta; Q1: 4; Q2: 5"]),
        (["Town,May 2024,June 2024", "Alta,4,5"], ["Town: Alta; May 2024: 4; June 2024: 5"]),
        (["Room,2024-05-01,2024-05-02", "A,free,taken"], ["Room: A; 2024-05-01: free; 2024-05-02: taken"]),
        (["Name,1,2,3", "Ida,x,,x"], ["Name: Ida; 1: x; 3: x"]),
        (["#,Boat,Owner", "1,Terna,Ida"], ["#: 1; Boat: Terna; Owner: Ida"]),
        ([",Boat,Length", "0,Terna,8", "1,Skarv,6"], ["0; Boat: Terna; Length: 8", "1; Boat: Skarv; Length: 6"]),
        (["Name,Zip", "Ida,0155"], ["Name: Ida; Zip: 0155"]),
        (["Header1,Header2", "data1,data2"], ["Header1: data1; Header2: data2"]),
        (["Boat,Length,Weight", ",m,kg", "Terna,8,300"], ["Boat: Terna; Length m: 8; Weight kg: 300"]),
        (
            ["Town,2023,,2024,", ",Men,Women,Men,Women", "Alta,1,2,3,4"],
            ["Town: Alta; 2023 Men: 1; 2023 Women: 2; 2024 Men: 3; 2024 Women: 4"],
        ),
    ],
)
def test_a_sure_header_names_its_columns(lines: list[str], expected: list[str]) -> None:
    assert rows(*lines) == expected


@pytest.mark.parametrize(
    "lines",
    [
        ["1,Ada,London", "2,Alan,Paris"],
        ["Ada,London,Clerk", "Alan,Paris,Clerk"],  # a text of the first row comes again
        ["Ada,A-101", "Alan,A-102"],  # a code of the same form
        ["Ada,ada@x.org", "Alan,alan@x.org"],
        ["Ada,1984,1990", "Alan,1912,1954"],  # years, as below
        ["Ada,36,41", "Alan,20,50"],
        ["Name,Ada,Alan", "Age,36,41", "City,London,Paris"],  # names in the first column
        ["Club,Northern Rowers", "As of,1 May 2024", "Members,120"],
        ["Owner,Ida", "x"],  # no row would get the names
    ],
)
def test_rows_without_a_sure_header_have_no_names(lines: list[str]) -> None:
    assert rows(*lines) == [line.replace(",", "; ") for line in lines]


def test_a_key_with_a_colon_belongs_to_its_value() -> None:
    lines = ["Club:,Fram,Date:,1 May 2024", "Boat,Length,Owner,Built", "Terna,8 m,Ida,1990"]
    assert rows(*lines)[0] == "Club: Fram; Date: 1 May 2024"
    assert rows("Club:,Fram", "Members:,120") == ["Club: Fram", "Members: 120"]


@pytest.mark.parametrize("gap", [[], [""]])
def test_what_stands_above_a_table_is_no_header_of_it(gap: list[str]) -> None:
    lines = [
        "Boats of the club",
        "Club,Northern Rowers",
        "As of,1 May 2024",
        *gap,
        "Boat,Length,Owner",
        "Terna,8 m,Ida",
    ]
    assert rows(*lines) == [
        "Boats of the club",
        "Club; Northern Rowers",
        "As of; 1 May 2024",
        "Boat: Terna; Length: 8 m; Owner: Ida",
    ]


def test_a_header_may_stand_above_an_empty_row() -> None:
    assert rows("Name,Age,City", "", "Ada,36,London", "Alan,41,Paris") == [
        "Name: Ada; Age: 36; City: London",
        "Name: Alan; Age: 41; City: Paris",
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Boat,Length", "Terna,8 m", "", "Member,Role", "Tor,Warden"],
         ["Boat: Terna; Length: 8 m", "Member: Tor; Role: Warden"]),
        (["A,B", "x,1", "", "C,D", "y,2", "", "E,F", "z,3"], ["A: x; B: 1", "C: y; D: 2", "E: z; F: 3"]),
        (["Boat,Berth,Owner", "Terna,A,Ida", "", "Member,Role,Town,Since", "Tor,Cook,Alta,May"],
         ["Boat: Terna; Berth: A; Owner: Ida", "Member: Tor; Role: Cook; Town: Alta; Since: May"]),
        (["Name,Role", "Ida,Cook", "", "Name,Role", "Tor,Cook"], ["Name: Ida; Role: Cook", "Name: Tor; Role: Cook"]),
        (["Name,Age", "Ida,36", "Name,Age", "Tor,41"], ["Name: Ida; Age: 36", "Name: Tor; Age: 41"]),  # on each page
        (["Boat,Length", "Terna,8", "Member,Role,Since", "Tor,Warden,2020"],
         ["Boat; Length", "Terna; 8", "Member: Tor; Role: Warden; Since: 2020"]),
    ],
)  # fmt: skip
def test_each_table_below_another_has_its_own_names(lines: list[str], expected: list[str]) -> None:
    assert rows(*lines) == expected


def test_rows_below_an_empty_one_keep_names_by_their_values() -> None:
    assert rows("Name,Age", "Ada,36", "Alan,41", "", "Eve,20", "", "Total,97") == [
        "Name: Ada; Age: 36",
        "Name: Alan; Age: 41",
        "Name: Eve; Age: 20",
        "Name: Total; Age: 97",
    ]


def test_texts_below_an_empty_row_may_be_of_another_table() -> None:
    table = ["Name,Role,Town", "Ada,Cook,Oslo"]
    assert rows(*table, "", "Alan,Warden,Alta", "Bob,Clerk,Bodo")[1:] == ["Alan; Warden; Alta", "Bob; Clerk; Bodo"]
    assert rows(*table, "", "Printed by,Ida")[1:] == ["Printed by; Ida"]
    assert rows(*table, "Source: the club")[1:] == ["Source: the club"]


def test_words_among_numbers_are_values_if_they_do_not_look_like_names() -> None:
    lines = ["Product,Price", "Oar,120", "Rope,30", "Sail,900", "Knot,free", "Net,50", "Bell,—"]
    assert rows(*lines)[3:] == ["Product: Knot; Price: free", "Product: Net; Price: 50", "Product: Bell; Price: —"]
    lines = ["Product,Price", *["Oar,120"] * 60, "Knot,Free", "Net,50", "Bell,Free", "Mug,9", "Jug,Free"]
    assert rows(*lines)[60:] == [
        "Knot; Free",
        "Product: Net; Price: 50",
        "Product: Bell; Price: Free",
        "Product: Mug; Price: 9",
        "Product: Jug; Price: Free",
    ]


def test_a_table_directly_below_another_ends_its_names() -> None:
    numbers = [f"Boat {n},{n},{n * 2}" for n in range(60)]
    shown = rows("Boat,Length,Berth", *numbers, "Member,Role,Phone", "Tor,Warden,0455", "Ida,Cook,0977")
    assert shown[59:] == [
        "Boat: Boat 59; Length: 59; Berth: 118",
        "Member: Tor; Role: Warden; Phone: 0455",
        "Member: Ida; Role: Cook; Phone: 0977",
    ]


def test_tables_side_by_side_have_their_own_names() -> None:
    assert rows("Name,Age,,,", "Ada,36,,Boat,Length", "Alan,41,,Terna,8", ",,,Skarv,6") == [
        "Name: Ada; Age: 36",
        "Name: Alan; Age: 41",
        "Boat: Terna; Length: 8",
        "Boat: Skarv; Length: 6",
    ]
    assert rows("Name,Age,,Note", "Ada,36,,x", "Alan,41,,y") == [
        "Name: Ada; Age: 36; Note: x",
        "Name: Alan; Age: 41; Note: y",
    ]


def test_a_line_that_names_the_delimiter_is_not_read() -> None:
    assert texts(read("a.csv", b"sep=;\r\nName;Says\r\nAda;a,b\r\n")) == ["Name: Ada; Says: a,b"]
    assert texts(read("a.csv", b"sep=|\nName|Age\nAda|36\n")) == ["Name: Ada; Age: 36"]


def written(table: list[list[str]]) -> bytes:
    file = StringIO()
    csv.writer(file).writerows(table)
    return file.getvalue().encode()


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A table whose header is sure: words above numbers, and perhaps words that are not among the names."""
    names = draw(NAMES)
    kinds = [
        st.sampled_from(PEOPLE),
        NUMBERS,
        *(draw(st.sampled_from([NUMBERS, st.sampled_from(PEOPLE)])) for _ in names[2:]),
    ]
    body = draw(st.lists(st.tuples(*kinds).map(list), min_size=1, max_size=15))
    return [names, *body]


def labelled(table: list[list[str]]) -> list[str]:
    names, *body = table
    return ["; ".join(f"{name}: {cell}" for name, cell in zip(names, row, strict=True)) for row in body]


@given(tables())
def test_each_value_stands_under_the_name_of_its_column(table: list[list[str]]) -> None:
    assert texts(read("a.csv", written(table))) == labelled(table)


@given(
    st.lists(
        st.lists(
            st.sampled_from(["Club", "Northern Rowers", "1 May", "120", "As of", "Chair", "Liv"]),
            min_size=1,
            max_size=2,
        ),
        max_size=5,
    ),
    st.sampled_from([0, 1]),
    tables(),
)
def test_no_value_gets_a_name_from_above_the_table(above: list[list[str]], gap: int, table: list[list[str]]) -> None:
    shown = texts(read("a.csv", written([*above, *[[]] * gap, *table])))
    assert shown == [*("; ".join(row) for row in above), *labelled(table)]


@given(tables(), tables(), st.integers(0, 2))
def test_no_value_gets_a_name_from_another_table(one: list[list[str]], other: list[list[str]], gap: int) -> None:
    shown = texts(read("a.csv", written([*one, *[[]] * gap, *other])))
    plain = ["; ".join(row) for row in [*one, *other]]
    assert not {*shown} - {*labelled(one), *labelled(other), *plain}
