"""Which parts of a passage are shown at first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.made_up import quote

from bot.services.excerpts import CUT, MAX_EXCERPT, Part, make_excerpt, split_bold, split_quote


def text_of(parts):
    return "".join(part.text for part in parts)


def test_an_excerpt_is_the_sentence_that_answers():
    assert make_excerpt(quote("They met. ", "Six came.", " Two left.")) == [Part("Six came.", is_bold=True)]


def test_the_sentence_that_it_leans_on_stands_before_it():
    found = quote("Officers met. ", "Six of them came.", " Two left.", leans_on="Officers met.")
    assert make_excerpt(found) == [Part("Officers met. ", is_bold=False), Part("Six of them came.", is_bold=True)]


def test_the_sentence_that_it_leans_on_is_left_out_where_there_is_no_room():
    long = f"Officers {'met ' * 90}."
    assert text_of(make_excerpt(quote(f"{long} ", "Six came.", leans_on=long))) == "Six came."


def test_what_lies_between_two_sentences_is_shown_if_there_is_room():
    found = quote("They met. ", "Six came.", " It rained. Two left.", more=["Two left."])
    assert make_excerpt(found) == [
        Part("Six came.", is_bold=True),
        Part(" It rained. ", is_bold=False),
        Part("Two left.", is_bold=True),
    ]


def test_otherwise_it_is_marked_as_left_out():
    found = quote("They met. ", "Six came.", f" It {'rained ' * 50}. Two left.", more=["Two left."])
    assert text_of(make_excerpt(found)) == f"Six came. {CUT} Two left."


def test_a_second_sentence_for_which_there_is_no_room_is_left_out():
    second = f"Two {'left ' * 70}."
    assert text_of(make_excerpt(quote("They met. ", "Six came.", f" {second}", more=[second]))) == "Six came."


def test_sentences_that_follow_one_another_are_bold_as_one():
    found = quote("They met. ", "Six came.", "\nTwo left.", more=["Two left."])
    assert split_quote(found) == [Part("They met. ", is_bold=False), Part("Six came.\nTwo left.", is_bold=True)]


@given(st.text(max_size=40), st.integers(0, 50), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90))))
def test_the_parts_of_a_text_are_the_text_whatever_a_receipt_says(text, start, spans):
    assert text_of(split_bold(text, start, sorted(spans))) == text


@given(st.text(min_size=1, max_size=400), st.text(max_size=400), st.text(min_size=1, max_size=400))
def test_an_excerpt_is_short_and_holds_the_best_sentence(best, between, second):
    shown = text_of(make_excerpt(quote("", best, between + second, more=[second])))
    assert best in shown
    assert len(shown) <= max(len(best), MAX_EXCERPT + len(f" {CUT} "))
