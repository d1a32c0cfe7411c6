"""A number is found however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answers.numerals import find_numbers, holds, use_plain_digits


@pytest.mark.parametrize(
    ("text", "numeral"),
    [
        ("1,5 litres", "1.5"),
        ("1.50 litres", "1,5"),
        ("1 500 people", "1500"),
        ("1\u202f500 people", "1,500"),
        ("1.500 Menschen", "1500"),
        ("1,00,000 rupees", "100000"),
        ("2 thousand in 007", "7"),
        ("the 5th of May", "5"),
        ("in the 1990s", "1990"),
        ("in 1984", "80"),
        ("the 19th century", "19"),
        ("le XIXe siècle", "19"),
        ("Louis XIV", "14"),
        ("Napoléon Ier", "1"),
        ("four of them", "4"),
        ("le douzième", "12"),
        ("vier Stufen", "4"),
        ("семь дней", "7"),
        ("三十元", "30"),
        ("二千三百盏", "2300"),
        ("一九八七年", "1987"),
        ("عام ١٩٧٥", "1975"),
        ("2000-2005", "2005"),
        ("12.05.2003", "2003"),
    ],
)
def test_a_number_is_found_in_other_dress(text: str, numeral: str) -> None:
    is_decade_of_another_year = numeral == "80"
    assert holds(find_numbers(text), numeral) is not is_decade_of_another_year


@pytest.mark.parametrize(
    ("text", "numeral"),
    [("in 1980", "1908"), ("150 people", "1500"), ("1.5", "15"), ("the 5th", "50"), ("20,000", "200"), ("四", "14")],
)
def test_another_number_is_not_found(text: str, numeral: str) -> None:
    assert not holds(find_numbers(text), numeral)


def test_a_decade_is_found_in_its_first_year() -> None:
    assert holds(find_numbers("born in 1980"), "80")


def test_digits_of_all_scripts_are_digits_and_nothing_moves() -> None:
    assert use_plain_digits("عام ١٩٧٥، १९") == "عام 1975، 19"


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([",", ".", " ", "\u00a0", "\u202f", "’", ""]))
def test_thousands_may_be_parted_by_anything(number: int, separator: str) -> None:
    assert holds(find_numbers(f"about {number:,} people".replace(",", separator)), str(number))
