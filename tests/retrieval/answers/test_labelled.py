"""The real model on a small labelled set in six languages; some questions are in another one than their answer.

The thresholds leave room for what another machine's rounding may turn over, one or two questions of 48.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.labelled_cases import CASES, DOCUMENTS

from retrieval import Index, Verdict, ask
from retrieval.answers.evaluation import Outcome, compute_figures, run

if TYPE_CHECKING:
    from retrieval import Encoder


@pytest.fixture(scope="module")
def index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Index:
    made = Index(tmp_path_factory.mktemp("labelled"), encoder)
    made.sync(DOCUMENTS)
    return made


@pytest.fixture(scope="module")
def outcomes(index: Index) -> list[Outcome]:
    return run(index, CASES)


def test_the_right_passage_comes_first(outcomes: list[Outcome]) -> None:
    assert compute_figures(outcomes)["success@1"].value > 0.9


def test_the_bold_sentence_holds_the_answer(outcomes: list[Outcome]) -> None:
    assert compute_figures(outcomes)["highlight accuracy"].value > 0.9


def test_what_is_answered_is_surer_than_what_is_not(outcomes: list[Outcome]) -> None:
    assert compute_figures(outcomes)["off topic: AUROC"].value > 0.93


def test_what_nothing_answers_is_seldom_found_and_never_sure(index: Index) -> None:
    verdicts = [ask(index, case.question).verdict for case in CASES if case.path is None]
    assert Verdict.STRONG not in verdicts
    assert verdicts.count(Verdict.WEAK) <= 2  # of ten


def test_what_is_answered_in_its_own_language_is_found(index: Index) -> None:
    asked = [case.question for case in CASES if case.path is not None][:31]
    found = [ask(index, question).verdict.found for question in asked]
    assert sum(found) >= len(asked) - 2
