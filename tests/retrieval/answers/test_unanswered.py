"""Unanswered questions are grouped by meaning, the most asked first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.doubles import ReaderHere, WordEncoder
from support.labelled_cases import LABELLED

from retrieval import Asker, Index, Verdict, ask, cases, pin_words, prepare_unanswered, unanswered_questions
from retrieval.answers.unanswered import ALIKE, compare_questions, group_alike

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval import Encoder

ENCODER = WordEncoder("dog hound", "cat", "bird", "fish", "cow", "pig", "hen", "walk")
ALIKE_QUESTIONS = [json.loads(line) for line in (LABELLED / "alike.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def index(tmp_path: Path) -> Index:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "pets.txt").write_text("A hound sleeps. A cat walks.")
    made = Index(tmp_path / "data", ENCODER, reader=ReaderHere())
    made.sync(tmp_path / "documents")
    return made


def asked(index: Index, question: str, person: str | None = None, verdict: Verdict = Verdict.NONE) -> str:
    return index.receipts.record(
        question, Asker(person=person), verdict=verdict, generation=1, model="m", citations=[], texts=[]
    )


def listed(index: Index) -> list[tuple[str, ...]]:
    return [(each.question, *each.others) for each in unanswered_questions(index)]


def test_questions_about_the_same_thing_are_one_group(index: Index) -> None:
    first = asked(index, "dog walk")
    second = asked(index, "Walk, hound!")
    third = asked(index, "cow")
    cow, dog = sorted(unanswered_questions(index), key=lambda group: group.asked)
    assert (dog.question, dog.others, dog.receipt_ids) == ("Walk, hound!", ("dog walk",), (second, first))
    assert (dog.asked, dog.not_found, dog.disliked) == (2, 2, 0)
    assert (cow.question, cow.others, cow.receipt_ids) == ("cow", (), (third,))
    assert datetime.now(UTC) >= dog.newest


def test_a_found_answer_that_nobody_dislikes_is_not_listed(index: Index) -> None:
    asked(index, "dog", verdict=Verdict.STRONG)
    asked(index, "cat", verdict=Verdict.WEAK)
    index.receipts.rate(asked(index, "bird", verdict=Verdict.STRONG), "ann", is_good=True)
    asked(index, "fish", verdict=None)
    assert unanswered_questions(index) == []


def test_an_answer_is_disliked_if_more_people_say_so_than_like_it(index: Index) -> None:
    both = asked(index, "dog", verdict=Verdict.STRONG)
    index.receipts.rate(both, "ann", is_good=False)
    index.receipts.rate(both, "bea", is_good=True)
    assert unanswered_questions(index) == []
    index.receipts.rate(both, "cem", is_good=False)
    (group,) = unanswered_questions(index)
    assert (group.question, group.not_found, group.disliked) == ("dog", 0, 1)


def test_the_question_of_most_people_comes_first(index: Index) -> None:
    for _ in range(5):
        asked(index, "cow", "ann")
    asked(index, "dog", "ann")
    asked(index, "hound", "bea")
    for _ in range(2):
        asked(index, "fish", "ann")
    assert [(group.question, group.people, group.asked) for group in unanswered_questions(index)] == [
        ("hound", 2, 2),
        ("cow", 1, 5),
        ("fish", 1, 2),
    ]


def test_who_has_no_name_counts_as_one_person(index: Index) -> None:
    for question in ("dog", "dog", "hound"):
        asked(index, question)
    asked(index, "hound", "ann")
    (group,) = unanswered_questions(index)
    assert (group.people, group.asked) == (2, 4)


def test_of_equals_the_newest_comes_first(index: Index) -> None:
    for question in ("cow", "fish", "pig"):
        asked(index, question)
    with index.receipts._db.transaction() as db:
        db.execute("UPDATE receipts SET given_at = 1000 + number * (question <> 'fish')")
    assert listed(index) == [("pig",), ("cow",), ("fish",)]


def test_the_most_typical_question_stands_for_the_others(index: Index) -> None:
    # Of five words, neighbours share four; the first and the last share three, and are kept apart.
    asked(index, "dog cat bird fish cow", "ann")
    asked(index, "dog cat bird fish pig", "bea")
    asked(index, "dog cat bird fish hen", "cem")
    asked(index, "dog cat bird fish hen", "dan")
    (group,) = unanswered_questions(index)
    assert group.question == "dog cat bird fish hen"
    assert set(group.others) == {"dog cat bird fish cow", "dog cat bird fish pig"}


def test_a_chain_of_small_steps_is_not_one_group(index: Index) -> None:
    chain = ["dog cat bird fish cow", "dog cat bird fish pig", "dog cat bird hen pig"]
    for question in chain:
        asked(index, question)
    assert sorted(len(group.questions) for group in unanswered_questions(index)) == [1, 2]


def test_other_numbers_are_other_questions(index: Index) -> None:
    asked(index, "dog in 1972")
    asked(index, "dog in 1985")
    assert len(unanswered_questions(index)) == 2


def test_questions_are_prepared_in_parts_and_encoded_once(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    encode = ENCODER.encode_query
    monkeypatch.setattr(ENCODER, "encode_query", lambda text: encoded.append(text) or encode(text))
    for number in range(45):
        asked(index, f"dog {number}")
    assert [prepare_unanswered(index), len(encoded)] == [True, 20]
    assert [prepare_unanswered(index), len(encoded)] == [True, 40]
    assert [prepare_unanswered(index), len(encoded)] == [False, 45]
    assert len(unanswered_questions(index)) == 45
    asked(index, "dog 99")
    assert len(unanswered_questions(index)) == 46
    assert len(encoded) == len(set(encoded)) == 46


def test_a_question_that_is_not_kept_any_more_is_no_gap(index: Index) -> None:
    asked(index, "dog")
    with index.receipts._db.transaction() as db:
        db.execute("UPDATE receipts SET given_at = 0")
    index.receipts.forget_old()
    assert unanswered_questions(index) == []


def test_a_view_shows_what_was_answered_from_its_collections(index: Index, tmp_path: Path) -> None:
    (tmp_path / "board").mkdir()
    (tmp_path / "board" / "plan.txt").write_text("The cow sleeps.")
    index.sync(tmp_path / "board", collection="board")
    for question, collections in (
        ("Who is the pig?", ["default"]),
        ("Who is the hen?", ["board"]),
        ("Who are the fish?", None),
    ):
        receipt_id = ask(index, question, collections=collections).receipt_id
        index.receipts.rate(receipt_id, "ann", is_good=False)
    asked(index, "bird")
    assert {group.question for group in unanswered_questions(index)} == {
        "Who is the pig?",
        "Who is the hen?",
        "Who are the fish?",
        "bird",
    }
    assert [group.question for group in unanswered_questions(index, ["default"])] == ["Who is the pig?"]
    assert [group.question for group in unanswered_questions(index, ["board"])] == ["Who is the hen?"]


def test_hundred_thousand_receipts_are_looked_through_in_a_moment(index: Index) -> None:
    with index.receipts._db.transaction() as db:
        db.executemany(
            """INSERT INTO receipts (id, given_at, question, verdict, said)
               VALUES (?, ?, 'cow ' || ?, ?, zeroblob(1000))""",
            ((str(i), i, i, "none" if i % 10 == 0 else "strong") for i in range(100_000)),
        )
    plan = " ".join(
        row[3]
        for row in index.receipts._db.run(
            "EXPLAIN QUERY PLAN SELECT number FROM receipts WHERE verdict = 'none' AND question IS NOT NULL"
        )
    )
    assert "receipts_not_found" in plan
    receipts = index.receipts.unanswered(5)
    assert [receipt.question for receipt in receipts] == [f"cow {i}" for i in range(99_990, 99_940, -10)]


# --- cases


def test_not_found_is_labelled_null_and_a_pin_with_its_passage(index: Index) -> None:
    asked(index, "cow")
    asked(index, "dog?")
    disliked = asked(index, "fish", verdict=Verdict.STRONG)
    index.receipts.rate(disliked, "ann", is_good=False)
    pin_words(index, "Dog", "pets.txt", "cat walks")
    pin_words(index, "Who sleeps?", "pets.txt", "hound")
    found = unanswered_questions(index)
    assert {group.question: [bool(each.pin) for each in group.questions] for group in found} == {
        "dog?": [True],
        "cow": [False],
        "fish": [False],
    }
    made = cases(index, found)
    assert sorted(map(labelled, made.lines)) == [
        ("Dog", "pets.txt", "A cat walks."),
        ("Who sleeps?", "pets.txt", "A hound sleeps."),
        ("cow", None, None),
    ]
    assert made.unlabelled == ("fish",)


def labelled(line: str) -> tuple[str, str | None, str | None]:
    case = json.loads(line)
    return case["question"], case["path"], case["text"]


def test_edited_lines_stay_and_a_pin_labels_the_others(index: Index) -> None:
    for question in ("cow", "dog", "hen"):
        asked(index, question)
    pin_words(index, "dog", "pets.txt", "hound")
    pin_words(index, "cow", "pets.txt", "cat")
    earlier = [
        '{"question": "cow?", "path": "pets.txt", "text": "hound"}',
        '{"question": "Dog!", "path": null, "text": null}',
        "no JSON",
        '["neither"]',
    ]
    made = cases(index, unanswered_questions(index), earlier)
    assert list(made.lines) == [
        earlier[0],
        '{"question": "dog", "path": "pets.txt", "text": "A hound sleeps."}',
        *earlier[2:],
        '{"question": "hen", "path": null, "text": null}',
    ]


def test_a_pin_whose_words_are_gone_labels_nothing(index: Index, tmp_path: Path) -> None:
    asked(index, "dog")
    pin_words(index, "dog", "pets.txt", "hound")
    (tmp_path / "documents" / "pets.txt").write_text("A cow.")
    index.sync(tmp_path / "documents")
    assert cases(index, unanswered_questions(index)).lines == ('{"question": "dog", "path": null, "text": null}',)


# --- with the real model


@pytest.fixture(scope="module")
def alike(encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    questions = [question for each in ALIKE_QUESTIONS for question in each["questions"]]
    meanings = np.repeat(range(len(ALIKE_QUESTIONS)), [len(each["questions"]) for each in ALIKE_QUESTIONS])
    return compare_questions([encoder.encode_query(each) for each in questions], questions), meanings


def quality(found: list[list[int]], meanings: np.ndarray) -> tuple[float, float]:
    """Precision and recall of the pairs that are in one group."""
    group = np.empty(len(meanings), int)
    for number, members in enumerate(found):
        group[members] = number
    pairs = np.triu_indices(len(meanings), 1)
    grouped, same = (np.equal.outer(each, each)[pairs] for each in (group, meanings))
    return (grouped & same).sum() / grouped.sum(), (grouped & same).sum() / same.sum()


def test_real_questions_in_seven_languages_are_grouped_by_meaning(alike: tuple[np.ndarray, ...]) -> None:
    precision, recall = quality(group_alike(alike[0]), alike[1])
    assert precision > 0.75
    assert recall > 0.55


def test_the_threshold_is_neither_too_low_nor_too_high(alike: tuple[np.ndarray, ...]) -> None:
    assert quality(group_alike(alike[0], ALIKE - 0.04), alike[1])[0] < 0.75
    assert quality(group_alike(alike[0], ALIKE + 0.04), alike[1])[1] < 0.55


def test_a_warranty_is_one_in_four_languages(alike: tuple[np.ndarray, ...]) -> None:
    (asked,) = (number for number, each in enumerate(ALIKE_QUESTIONS) if each["meaning"] == "warranty")
    assert np.flatnonzero(alike[1] == asked).tolist() in group_alike(alike[0])
