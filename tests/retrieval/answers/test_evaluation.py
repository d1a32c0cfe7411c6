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

from retrieval import Index, SettingsError, Verdict
from retrieval.answers.evaluation import (
    Case,
    Outcome,
    answered,
    auroc,
    compare,
    compute_figures,
    figure,
    fit,
    read_cases,
    run,
)
from retrieval.answers.judgement import Judgement
from retrieval.search.confidence import DEFAULT

if TYPE_CHECKING:
    from pathlib import Path

OUTCOME = Outcome(
    question="?",
    answerable=True,
    rank=1,
    highlighted=True,
    bold=1,
    milliseconds=10,
    judgement=Judgement(Verdict.STRONG, 0.9),
    off_topic=Judgement(Verdict.NONE, 0.1),
    on_topic=Judgement(Verdict.WEAK, 0.4),
)


def outcomes(*ranks: int | None) -> list[Outcome]:
    return [replace(OUTCOME, question=str(i), rank=rank) for i, rank in enumerate(ranks)]


def test_success_and_mrr_count_the_first_relevant_passage() -> None:
    values = {name: figure.value for name, figure in compute_figures(outcomes(1, 2, 4, 10, None)).items()}
    assert [values[f"success@{k}"] for k in (1, 3, 5, 10)] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert values["MRR@10"] == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 10) / 5)


def test_highlights_count_where_the_first_passage_is_relevant() -> None:
    several = [*outcomes(1, 1, 2), replace(OUTCOME, highlighted=False)]
    assert compute_figures(several)["highlight accuracy"].value == pytest.approx(2 / 3)


def near_miss(judgement: Judgement, exchanged: str = "") -> Outcome:
    return replace(
        OUTCOME, answerable=False, rank=None, judgement=judgement, off_topic=None, on_topic=None, exchanged=exchanged
    )


def test_questions_that_nothing_answers_count_only_for_abstention() -> None:
    values = compute_figures([*outcomes(1), near_miss(Judgement(Verdict.STRONG, 0.95))])
    assert values["success@1"].value == 1
    # 0.9 is above the 0.1 and 0.4 of what is hidden, and below the 0.95 of the near miss.
    kinds = ("off topic", "on topic", "near miss")
    assert [values[f"{kind}: AUROC"].value for kind in kinds] == [1, 1, 0]
    assert [values[f"{kind}: answered at 5 % false"].value for kind in kinds] == [1, 1, 0]


def test_each_verdict_has_its_share_of_each_kind() -> None:
    doubtful = replace(OUTCOME, rank=2, judgement=Judgement(Verdict.WEAK, 0.5, missing=("1871",)))
    values = compute_figures([*outcomes(1, 2, 1), doubtful, near_miss(Judgement(Verdict.STRONG, 0.95))])
    kinds = ("answerable", "off topic", "on topic", "near miss")
    shares = [[values[f"{kind}: {verdict}"].value for verdict in ("strong", "weak", "none")] for kind in kinds]
    assert shares == [[0.75, 0.25, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert values["answerable: something missing"].value == 0.25
    # Of four sure answers, one is to a near miss, and one has its passage in the second place.
    assert values["right where strong"].value == 0.5


def test_an_exchanged_word_is_named_with_the_name_it_is_a_part_of_or_in_part() -> None:
    missing = [("Port of Dunkirk",), ("Dunkirk",), ("1871",), ()]
    misses = [near_miss(Judgement(Verdict.WEAK, 0.5, missing=names), "Dunkirk") for names in missing]
    assert compute_figures(misses)["exchanged word named"].value == 0.5


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
                {"question": "Who dives, an otter?", "answers": [], "swapped": ["whale", "otter"]},
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
    assert cases == [
        Case("Who dives, a whale?", "00000/b.txt", ((19, 28),)),
        Case("Who flies?", None),
        Case("Who dives, an otter?", None, exchanged="otter"),
    ]
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
        ("a.jsonl", '{"question": "What?", "path": "film.mp4", "text": "x"}'),
    ],
)
def test_a_file_in_no_known_form_is_an_error(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "b.txt").write_text("text")
    (tmp_path / "film.mp4").write_text("x")
    with pytest.raises(SettingsError, match=r"Cannot read labelled questions from .*quoth eval --help"):
        read_cases(tmp_path / name, tmp_path)


def test_a_run_asks_off_topic_and_on_topic_too(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    cases = read_cases(squad(tmp_path), folder)
    index = Index(tmp_path / "data", WordEncoder("whale", "cats", "dogs"), reader=ReaderHere())
    index.sync(folder)
    whale, flies, otter = run(index, cases)
    assert (whale.answerable, whale.rank, whale.highlighted) == (True, 1, True)
    assert whale.off_topic is not None
    assert whale.on_topic is not None
    assert whale.judgement.confidence > whale.off_topic.confidence
    assert (flies.answerable, flies.rank, flies.off_topic, flies.on_topic) == (False, None, None, None)
    assert otter.exchanged == "otter"


def test_an_exchanged_word_that_the_first_passage_holds_need_not_be_named(tmp_path: Path) -> None:
    (folder := tmp_path / "documents").mkdir()
    (folder / "a.txt").write_text("The otter dives.")
    index = Index(tmp_path / "data", WordEncoder("whale", "otter"), reader=ReaderHere())
    index.sync(folder)
    held, missing = run(index, [Case("otter?", None, exchanged="otter"), Case("otter?", None, exchanged="whale")])
    assert (held.exchanged, missing.exchanged) == ("", "whale")


def test_on_topic_only_what_overlaps_an_answer_is_hidden(tmp_path: Path) -> None:
    (folder := tmp_path / "documents").mkdir()
    (folder / "a.txt").write_text(f"The whale dives. {'It eats. ' * 150}\n\nA cat sleeps. {'It purrs. ' * 150}")
    index = Index(tmp_path / "data", WordEncoder("whale", "cat"), reader=ReaderHere())
    index.sync(folder)
    everything, hidden = (index.search("whale", 9, hidden=parts) for parts in (None, {"a.txt": ((4, 9),)}))
    assert {hit.passage.start for hit in everything} - {hit.passage.start for hit in hidden} == {0}


def test_a_passage_that_cuts_the_answer_is_not_relevant(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("The whale dives.")
    index = Index(tmp_path / "data", WordEncoder("whale"), reader=ReaderHere())
    index.sync(folder)
    (inside, beyond) = run(index, [Case("whale", "a.txt", ((4, 16),)), Case("whale", "a.txt", ((4, 17),))])
    assert (inside.rank, beyond.rank) == (1, None)


def judged(lead: float, *missing: str) -> Judgement:
    return Judgement(Verdict.WEAK, 0.5, lead, missing)


def test_a_fit_finds_the_parameters_that_made_the_outcomes() -> None:
    # With a lead of 0.2 three of four first passages are right, with -0.2 one of four: log-odds of ±ln 3.
    def outcome(i: int) -> Outcome:
        high = i % 2 == 0
        right = i % 8 < 6 if high else i % 8 == 1
        lead = 0.2 if high else -0.2
        return replace(OUTCOME, rank=1 if right else 2, judgement=judged(lead), off_topic=None, on_topic=None)

    calibration = fit([[outcome(i) for i in range(80)]])
    assert calibration.intercept == pytest.approx(0, abs=0.01)
    assert calibration.lead == pytest.approx(math.log(3) / 0.2, rel=0.01)
    # Nothing speaks for another value than before.
    assert calibration.missing == pytest.approx(DEFAULT.missing)


@pytest.mark.parametrize("kind", ["off_topic", "on_topic"])
def test_what_is_hidden_counts_as_wrong(kind: str) -> None:
    alone = replace(OUTCOME, off_topic=None, on_topic=None)
    outcomes = [
        replace(alone, judgement=judged(0.3), **{kind: judged(0.3)}),
        replace(alone, rank=2, judgement=judged(-0.3)),
    ]
    # At 0.3 one of two is right, at -0.3 none. The two that are wrong count half each, so 2 : 1.
    calibration = fit([outcomes])
    assert calibration.intercept + 0.3 * calibration.lead == pytest.approx(math.log(2), abs=0.01)


def test_a_near_miss_counts_as_wrong() -> None:
    answered = replace(OUTCOME, judgement=judged(0.2), off_topic=None, on_topic=None)
    calibration = fit([[answered, near_miss(judged(0.2, "Dunkirk"))]])
    assert calibration.missing < DEFAULT.missing


def test_a_fit_needs_both_kinds_of_questions() -> None:
    with pytest.raises(SettingsError, match="both questions"):
        fit([[replace(OUTCOME, judgement=judged(0.1), off_topic=None, on_topic=None)]])
