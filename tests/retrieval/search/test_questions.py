"""Which questions are the same in other dress; the labelled pairs say what a person would say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.labelled_cases import LABELLED

from retrieval.search.questions import Question, normalize

PAIRS = [json.loads(line) for line in (LABELLED / "same.jsonl").read_text("utf-8").splitlines()]


def are_same(first: str, second: str) -> bool:
    return normalize(first).matches(normalize(second)) and normalize(second).matches(normalize(first))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['a']} – {pair['b']}")
def test_questions_are_the_same_if_a_person_says_so_but_for_some_phrasings(pair: dict[str, object]) -> None:
    expected = bool(pair["same"]) != bool(pair.get("missed"))
    assert are_same(str(pair["a"]), str(pair["b"])) is expected


def test_no_pair_that_a_person_keeps_apart_is_taken_for_the_same_but_for_accents_left_out() -> None:
    wrong = [pair["b"] for pair in PAIRS if not pair["same"] and are_same(pair["a"], pair["b"])]
    assert wrong == ["Ou est la gare ?"]


def test_every_question_is_itself_however_it_is_turned() -> None:
    words = ["in", "2016", "how", "many", "officers", "came", "from", "Calais", "to", "Coquelles"]
    for turn in range(len(words)):
        assert are_same(" ".join(words), " ".join(words[turn:] + words[:turn]))
    assert not are_same(" ".join(words), " ".join(reversed(words)))


@given(st.text(max_size=80))
def test_any_text_is_the_same_as_itself(text: str) -> None:
    assert are_same(text, text)


@given(st.text(st.sampled_from("aáb 19,.?'"), max_size=12), st.sampled_from(["not", "never", "3", "Ann"]))
def test_another_word_makes_it_another_question(text: str, word: str) -> None:
    assert not are_same(text, f"{text} {word}")


def test_a_long_question_is_quick_to_compare() -> None:
    assert are_same("why " * 500, "Why " * 500)


def test_a_follow_up_is_searched_for_with_its_context_in_front() -> None:
    assert Question("And when?", context="Who built it?").whole == "Who built it? And when?"
    assert Question(" feline ").whole == " feline "


def test_white_space_around_a_question_is_removed_before_it_is_asked() -> None:
    assert Question.of(" Who?\n") == Question("Who?")
    assert Question.of(Question(" And when? ", context=" Who? ")) == Question("And when?", context="Who?")
