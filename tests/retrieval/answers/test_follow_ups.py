"""Follow-ups in seven languages: the question before helps to find, and does not vouch.

The questions and documents were written by hand. Of what nothing answers, some are on another subject, and some ask
the same of something else.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.labelled_cases import DOCUMENTS, LABELLED

from retrieval import Index, Question, Verdict, ask, follow_up

if TYPE_CHECKING:
    from retrieval import Answer, Encoder

CASES = [json.loads(line) for line in (LABELLED / "follow_ups.jsonl").read_text("utf-8").splitlines()]
LANGUAGES = ["en", "fr", "es", "de", "ru", "ar", "zh"]


class Asked(NamedTuple):
    language: str
    text: str | None
    """Of the answer; None if nothing answers."""
    answer: Answer


@pytest.fixture(scope="module")
def asked(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    index = Index(tmp_path_factory.mktemp("follow-ups"), encoder)
    index.sync(DOCUMENTS)
    index.sync(LABELLED / "follow_ups", collection="more")
    questions = [follow_up(case["previous"], case["question"]) or Question(case["question"]) for case in CASES]
    return [
        Asked(case["language"], case["text"], ask(index, question))
        for case, question in zip(CASES, questions, strict=True)
    ]


def test_there_are_enough_of_each_kind_in_each_language() -> None:
    kinds = Counter((case["language"], case["path"] is not None) for case in CASES)
    assert min(kinds[language, is_answered] for language in LANGUAGES for is_answered in (True, False)) >= 10


def test_all_lean_on_the_question_before() -> None:
    assert [case["question"] for case in CASES if follow_up(case["previous"], case["question"]) is None] == []


def test_all_that_is_answered_is_found(asked: list[Asked]) -> None:
    missed = [each.answer.question for each in asked if each.text and not each.answer.verdict.found]
    assert missed == []


def test_almost_all_that_is_answered_has_its_passage_first(asked: list[Asked]) -> None:
    answerable = [each for each in asked if each.text]
    wrong = [each.answer.question for each in answerable if each.text not in each.answer.quotes[0].text]
    assert len(wrong) <= 2


def test_what_nothing_answers_is_almost_never_sure(asked: list[Asked]) -> None:
    unanswerable = [each for each in asked if each.text is None]
    sure = [each.answer.question for each in unanswerable if each.answer.verdict is Verdict.STRONG]
    assert len(sure) <= 0.05 * len(unanswerable)


def test_most_that_is_answered_is_sure(asked: list[Asked]) -> None:
    sure = [each.answer.verdict is Verdict.STRONG for each in asked if each.text]
    assert sum(sure) >= 0.75 * len(sure)


def test_nothing_is_missing_where_it_is_answered(asked: list[Asked]) -> None:
    assert [each.answer.missing for each in asked if each.text and each.answer.missing] == []
