"""Where words stand, or what comes nearest to them, and how two texts differ; also in documents that mean harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import word_diff
from retrieval.receipts.text_matching import QuoteFinder

QUOTE = "For the first time, six officers will work upstream. They met in Calais."


def nearest(quoted, text, near=0):
    found = QuoteFinder(text).nearest(quoted, near)
    return found and text[slice(*found)]


def marked(old, new):
    """The differences, as `quoth verify` shows them in a pipe."""
    return "".join(each.old if each.is_none else f"[-{each.old}-]{{+{each.new}+}}" for each in word_diff(old, new))


# --- the same words


@pytest.mark.parametrize(("near", "start"), [(0, 2), (4, 2), (7, 8), (8, 8), (12, 14), (999, 14)])
def test_the_occurrence_that_is_nearest_is_found(near, start):
    assert QuoteFinder("a Snow. Snow. Snow.").occurrence("Snow.", near) == start


def test_words_that_are_not_there_have_no_occurrence():
    assert QuoteFinder("Snow.").occurrence("Rain.", 3) is None
    assert QuoteFinder("").occurrence("Rain.", 3) is None


@given(st.text("ab", max_size=30), st.text("ab", min_size=1, max_size=4), st.integers(0, 40))
def test_an_occurrence_is_the_nearest_of_all(text, quoted, near):
    starts = [start for start in range(len(text)) if text.startswith(quoted, start)]
    found = QuoteFinder(text).occurrence(quoted, near)
    assert (found in starts) if starts else (found is None)
    if starts:
        assert abs(found - near) == min(abs(start - near) for start in starts)


# --- what comes nearest


LED, MET = "For the first time, ", " They met in Calais."
SPEECH = ", as he said in a long speech to the house on Monday,"


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("six", "eight", f"{LED}[-six-]{{+eight+}} officers will work upstream.{MET}"),
        (" work", f"{SPEECH} work", f"{LED}six officers will[--]{{+{SPEECH}+}} work upstream.{MET}"),
        (" first time,", "", f"For the[- first time,-]{{++}} six officers will work upstream.{MET}"),
        (f"{LED}six", "Eight", f"[-{LED}six-]{{+Eight+}} officers will work upstream.{MET}"),
        (MET, "", f"{LED}six officers will work upstream.[-{MET}-]{{++}}"),
        ("Calais", "Dover", f"{LED}six officers will work upstream. They met in [-Calais-]{{+Dover+}}."),
    ],
)
def test_a_changed_quote_is_found_without_the_text_around_it(old, new, seen):
    now = QUOTE.replace(old, new)
    text = f"What stands before it all.\n\nIt was so. {now} After that, it ended.\n\nThe end of all."
    assert marked(QUOTE, nearest(QUOTE, text)) == seen


def test_of_several_places_the_one_with_the_most_of_the_words_counts():
    text = f"Six officers met. {'Nothing here. ' * 50}{QUOTE.replace('six', 'ten')} {'Nothing. ' * 50}In Calais."
    assert nearest(QUOTE, text) == QUOTE.replace("six", "ten")


def test_of_several_that_are_as_like_the_nearest_counts():
    text = "Snow falls early. Rain. Snow falls late. Rain. Snow falls never. Rain."
    assert nearest("Snow falls often.", text, near=24) == "Snow falls late."
    assert nearest("Snow falls often.", text, near=999) == "Snow falls never."


def test_in_scripts_without_spaces_letters_are_compared():
    assert nearest("雪は冷たい。", "雨が降る。雪はとても冷たい。風が吹く。") == "雪はとても冷たい。"


@pytest.mark.parametrize("text", ["", "Nothing.", "The first of all.", "six", "will they meet in the end?"])
def test_where_hardly_a_word_is_the_same_nothing_is_like_it(text):
    assert nearest(QUOTE, text) is None


def test_what_no_quote_can_be_as_long_as_is_not_looked_for():
    assert nearest("snow " * 201, "snow " * 300) is None


@given(st.text("ab .\n雪", max_size=60), st.text("ab .\n雪", min_size=1, max_size=20), st.integers(0, 70))
def test_what_is_found_is_a_part_of_the_text(text, quoted, near):
    found = QuoteFinder(text).nearest(quoted, near)
    assert found is None or 0 <= found[0] < found[1] <= len(text)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (" a" * 500_000, "a b " * 250),
        ("ab" * 500_000, "ba" * 499 + "a"),
        ("a" * 1_000_000, "b" + "a" * 999),
        ("a" * 1_000_000, "a" * 999 + "b"),
        ("雪雨風花" * 250_000, "雪花風雨雨" * 200),
        ("one two three four five six seven " * 30_000, "seven six five four three two one " * 29),
    ],
)
def test_a_hostile_document_is_searched_no_longer_than_another(text, quoted):
    """A time that grew with the square of the length would be hours."""
    searchable = QuoteFinder(text)
    assert searchable.occurrence(quoted, 500_000) is None
    found = searchable.nearest(quoted, 500_000)
    assert found is None or found[1] - found[0] <= 6 * len(quoted)


# --- differences


@given(st.text("ab .\n雪"), st.text("ab .\n雪"))
def test_differences_put_together_are_both_texts(old, new):
    found = word_diff(old, new)
    assert "".join(each.old for each in found) == old
    assert "".join(each.new for each in found) == new


def test_one_replaced_word_is_all_that_differs_in_repeated_words():
    often = "six officers and another six officers " * 12
    differing = [each for each in word_diff(f"{often}met six of them.", f"{often}met ten of them.") if not each.is_none]
    assert differing == [("six", "ten")]


@pytest.mark.parametrize(("old", "new"), [("a ", "b "), ("a ", "b a "), ("ab ba c ", "c b ba ab ")])
def test_hostile_texts_are_compared_in_bounded_time(old, new):
    old, new = old * 4_000, new * 4_000
    found = word_diff(old, new)
    assert ("".join(each.old for each in found), "".join(each.new for each in found)) == (old, new)


def test_the_same_is_no_difference():
    (only,) = word_diff(QUOTE, QUOTE)
    assert only.is_none
