"""Figures against values worked out by hand, over an index whose results are known."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import docx
import numpy as np
import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import Index, SettingsError
from retrieval.answers.evaluation import (
    Case,
    Outcome,
    answered,
    auroc,
    compare,
    figure,
    figures,
    fit,
    read_cases,
    run,
)

if TYPE_CHECKING:
    from pathlib import Path

OUTCOME = Outcome(
    question="?",
    answerable=True,
    rank=1,
    highlighted=True,
    confidence=0.9,
    confidence_hidden=0.1,
    milliseconds=10,
    lead=None,
    lead_hidden=None,
)


def outcomes(*ranks: int | None) -> list[Outcome]:
    return [replace(OUTCOME, question=str(i), rank=rank) for i, rank in enumerate(ranks)]


def test_success_and_mrr_count_the_first_relevant_passage() -> None:
    values = {name: figure.value for name, figure in figures(outcomes(1, 2, 4, 10, None)).items()}
    assert [values[f"success@{k}"] for k in (1, 3, 5, 10)] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert values["MRR@10"] == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 10) / 5)


def test_highlights_count_where_the_first_passage_is_relevant() -> None:
    several = [*outcomes(1, 1, 2), replace(OUTCOME, highlighted=False)]
    assert figures(several)["highlight accuracy"].value == pytest.approx(2 / 3)


def test_questions_that_nothing_answers_count_only_for_abstention() -> None:
    nothing = replace(OUTCOME, answerable=False, rank=None, confidence=0.95, confidence_hidden=None)
    values = figures([*outcomes(1), nothing])
    assert values["success@1"].value == 1
    # 0.9 is above the hidden 0.1 and below the 0.95 of the question without an answer.
    assert values["abstention AUROC"].value == 0.5


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    assert auroc([0.9, 0.4], [0.5, 0.1]) == 0.75
    assert auroc([0.1], [0.9]) == 0
    assert auroc([0.5, 0.5], [0.5]) == 0.5


def test_answered_takes_the_threshold_that_lets_5_percent_through() -> None:
    wrong = [i / 100 for i in range(101)]  # the 95th percentile is 0.95
    assert answered([0.96, 0.95, 0.94, 1.0], wrong) == 0.5


def test_a_figure_has_an_interval_around_it() -> None:
    value = figure(np.mean, [0.0, 1.0] * 50)
    assert value.value == 0.5
    # Normal approximation: 0.5 ± 1.96 · 0.5 / 10.
    assert (value.low, value.high) == (pytest.approx(0.4, abs=0.03), pytest.approx(0.6, abs=0.03))


def test_a_figure_of_nothing_is_not_a_number() -> None:
    assert math.isnan(figure(np.mean, []).value)


def test_two_runs_are_compared_question_by_question() -> None:
    result = compare(outcomes(1, 1, 2, None), outcomes(1, 2, 1, 1))
    assert (result.first, result.second, result.only_first, result.only_second) == (0.5, 0.75, 1, 2)
    assert result.difference.value == 0.25
    assert result.p == 1  # 1 of 3 or more extreme on either side
    assert compare(outcomes(*[2] * 6), outcomes(*[1] * 6)).p == pytest.approx(2 / 2**6)
    assert compare(outcomes(1), outcomes(1)).p == 1


def test_runs_over_different_questions_are_not_compared() -> None:
    with pytest.raises(SettingsError, match="different questions"):
        compare(outcomes(1), outcomes(1, 1))


def squad(tmp_path: Path) -> Path:
    paragraphs = [
        {"context": "Cats sleep a lot.", "qas": []},
        {
            "context": "The whale dives.",
            "qas": [
                {"question": "Who dives, a whale?", "answers": [{"text": "The whale", "answer_start": 0}]},
                {"question": "Who flies?", "answers": []},
            ],
        },
    ]
    articles = [
        {"title": "a/b", "paragraphs": paragraphs},
        {"paragraphs": [{"context": "Dogs bark.", "qas": []}]},
    ]
    file = tmp_path / "squad.json"
    file.write_text(json.dumps({"data": articles}))
    return file


def test_squad_files_bring_their_documents(tmp_path: Path) -> None:
    cases = read_cases(squad(tmp_path), tmp_path / "documents")
    assert cases == [Case("Who dives, a whale?", "00000/b.txt", ((19, 28),)), Case("Who flies?", None)]
    assert (tmp_path / "documents" / "00000" / "b.txt").read_text() == "Cats sleep a lot.\n\nThe whale dives."
    assert (tmp_path / "documents" / "00001" / "article.txt").read_text() == "Dogs bark."


def test_simple_files_are_about_documents_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One two one.")
    lines = [
        {"question": "What?", "path": "a.txt", "text": "ne"},
        {"question": "Why?", "path": None, "text": None},
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    assert read_cases(file, tmp_path) == [Case("What?", "a.txt", ((1, 3), (9, 11))), Case("Why?", None)]


def test_simple_files_may_be_about_documents_of_any_format(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("A whale dives.")
    made.save(str(tmp_path / "a.docx"))
    (tmp_path / "b.html").write_text("<p>A cat &amp; a dog.</p>")
    lines = [
        {"question": "What dives?", "path": "a.docx", "text": "whale"},
        {"question": "Who?", "path": "b.html", "text": "cat & a"},
    ]
    (tmp_path / "cases.jsonl").write_text("\n\n".join(map(json.dumps, lines)))
    assert read_cases(tmp_path / "cases.jsonl", tmp_path) == [
        Case("What dives?", "a.docx", ((2, 7),)),
        Case("Who?", "b.html", ((2, 9),)),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "no json"),
        ("a.json", "[]"),
        ("a.jsonl", '{"question": "What?"}'),
        ("a.jsonl", '{"question": "What?", "path": "gone.txt", "text": "x"}'),
        ("a.jsonl", '{"question": "What?", "path": "b.txt", "text": "not there"}'),
        ("a.jsonl", '{"question": "What?", "path": "a.jsonl", "text": "x"}'),
    ],
)
def test_a_file_in_no_known_form_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "b.txt").write_text("text")
    with pytest.raises(SettingsError, match=r"Cannot read labelled questions from .*quoth eval --help"):
        read_cases(tmp_path / name, tmp_path)


def test_a_run_asks_with_and_without_the_document(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    cases = read_cases(squad(tmp_path), folder)
    index = Index(tmp_path / "data", WordEncoder("whale", "cats", "dogs"), reader=ReaderHere())
    index.sync(folder)
    whale, flies = run(index, cases)
    assert (whale.answerable, whale.rank, whale.highlighted) == (True, 1, True)
    assert whale.confidence_hidden is not None
    assert whale.confidence > whale.confidence_hidden
    assert (flies.answerable, flies.rank, flies.confidence_hidden) == (False, None, None)


def test_a_passage_that_cuts_the_answer_is_not_relevant(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("The whale dives.")
    index = Index(tmp_path / "data", WordEncoder("whale"), reader=ReaderHere())
    index.sync(folder)
    (inside, beyond) = run(index, [Case("whale", "a.txt", ((4, 16),)), Case("whale", "a.txt", ((4, 17),))])
    assert (inside.rank, beyond.rank) == (1, None)


def test_a_fit_finds_the_parameters_that_made_the_outcomes() -> None:
    # With a lead of 0.2 three of four first passages are right, with -0.2 one of four: log-odds of ±ln 3.
    def outcome(i: int) -> Outcome:
        high = i % 2 == 0
        right = i % 8 < 6 if high else i % 8 == 1
        return replace(OUTCOME, rank=1 if right else 2, lead=0.2 if high else -0.2)

    calibration = fit([[outcome(i) for i in range(80)]])
    assert calibration.intercept == pytest.approx(0, abs=0.01)
    assert calibration.slope == pytest.approx(math.log(3) / 0.2, rel=0.01)


def test_a_hidden_document_counts_as_wrong() -> None:
    outcomes = [replace(OUTCOME, lead=0.3, lead_hidden=0.3), replace(OUTCOME, rank=2, lead=-0.3)]
    # At 0.3 one of two is right, at -0.3 none: the slope is held down by nothing but the number of steps.
    calibration = fit([outcomes])
    assert calibration.intercept + 0.3 * calibration.slope == pytest.approx(0, abs=0.01)


def test_a_fit_needs_both_kinds_of_questions() -> None:
    with pytest.raises(SettingsError, match="both questions"):
        fit([[replace(OUTCOME, lead=0.1)]])
