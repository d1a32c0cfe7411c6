"""Addresses that a browser scrolls to some words from."""

from __future__ import annotations

import pytest

from retrieval.sources.text_fragment import link_to_text

PAGE = "https://example.org/a"


def link(text, words, **options):
    start = text.index(words)
    return link_to_text(PAGE, text, start, start + len(words), **options).removeprefix(f"{PAGE}#:~:text=")


def test_few_words_stand_in_the_address():
    assert link("It is old. The tower is high.", "The tower is high.") == "The%20tower%20is%20high"


def test_what_the_format_gives_a_meaning_to_is_escaped():
    text = "well-known, A&B #1: 100 % «é»"
    assert link(text, text) == "well%2Dknown%2C%20A%26B%20%231%3A%20100%20%25%20%C2%AB%C3%A9%C2%BB"


def test_of_many_words_the_first_and_the_last_stand_there():
    text = " ".join(f"word{number}" for number in range(40))
    first = "%20".join(f"word{number}" for number in range(6))
    last = "%20".join(f"word{number}" for number in range(34, 40))
    assert link(text, text) == f"{first},{last}"


def test_words_over_several_lines_are_a_range():
    assert link("One two.\n\nThree four.", "One two.\n\nThree four.") == "One%20two.,Three%20four"


def test_the_first_of_two_places_needs_nothing_more():
    text = "Open daily. In May: Open daily. Bring a coat."
    assert link_to_text(PAGE, text, 0, 11) == f"{PAGE}#:~:text=Open%20daily"


def test_the_second_of_two_places_has_what_stands_around_it():
    text = "OPEN  daily. In May:\nOpen daily. Bring a coat."
    start = text.index("Open")
    around = "OPEN%20daily.%20In%20May%3A-,Open%20daily,-.%20Bring%20a%20coat."
    assert link_to_text(PAGE, text, start, start + 10) == f"{PAGE}#:~:text={around}"


@pytest.mark.parametrize("page", [1, 12])
def test_of_a_pdf_the_page_is_named(page):
    assert link_to_text(PAGE, "Some words", 0, 4, page) == f"{PAGE}#page={page}"
