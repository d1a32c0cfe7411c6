"""The quotes of an answer that found nothing can be had again later, as long as the documents say them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from doubles import ReaderHere, WordEncoder

from retrieval import Index, Verdict, ask, quotes_of
from retrieval.store import QuoteToKeep, Store

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval import Answer

MEANINGS = ("rain", "snow")
DAY_S = 24 * 60 * 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    (made / "rain.txt").write_text("It will rain. Take an umbrella.")
    (made / "snow.txt").write_text("Snow is cold.")
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def index(data: Path, folder: Path) -> Index:
    made = Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())
    made.sync(folder)
    return made


def nothing_found(index: Index, k: int = 3) -> Answer:
    answer = ask(index, "Who conducts the orchestra under an umbrella?", k)
    assert answer.verdict is Verdict.NONE
    return answer


def rows(data: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(data / "quoth.db")
    found = database.execute("SELECT answer_id, rank, sentence_id FROM kept_quotes").fetchall()
    database.close()
    return found


def test_the_quotes_of_an_answer_that_found_nothing_come_back_as_they_were(index: Index) -> None:
    answer = nothing_found(index)
    assert [quote.text for quote in answer.quotes] == ["It will rain. Take an umbrella.", "Snow is cold."]
    assert quotes_of(index, answer.answer_id) == answer.quotes


def test_they_come_back_after_a_restart_and_a_sync_that_changes_nothing(
    index: Index, data: Path, folder: Path
) -> None:
    answer = nothing_found(index)
    index.close()
    reopened = Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())
    reopened.sync(folder)
    assert quotes_of(reopened, answer.answer_id) == answer.quotes


def test_each_answer_has_its_own_quotes(index: Index) -> None:
    one, all_of_them = nothing_found(index, k=1), nothing_found(index)
    assert len(quotes_of(index, one.answer_id)) == 1
    assert len(quotes_of(index, all_of_them.answer_id)) == 2


def test_an_answer_that_found_something_is_not_kept(index: Index, data: Path) -> None:
    answer = ask(index, "snow")
    assert answer.verdict.found
    assert quotes_of(index, answer.answer_id) == ()
    assert rows(data) == []


def test_a_passage_whose_document_was_changed_or_removed_is_left_out(index: Index, folder: Path) -> None:
    answer = nothing_found(index)
    (folder / "rain.txt").write_text("It will rain. Take an umbrella. It is wet.")
    index.sync(folder)
    assert [quote.text for quote in quotes_of(index, answer.answer_id)] == ["Snow is cold."]
    (folder / "snow.txt").unlink()
    index.sync(folder)
    assert quotes_of(index, answer.answer_id) == ()


def test_after_a_rebuild_nothing_is_left_of_earlier_answers(index: Index, folder: Path, data: Path) -> None:
    answer = nothing_found(index)
    index.sync(folder, rebuild=True)
    assert quotes_of(index, answer.answer_id) == ()
    assert rows(data) == []


@pytest.mark.parametrize("answer_id", ["", "unknown", "' OR 1 = 1 --", "%"])
def test_an_id_that_was_never_given_has_no_quotes(index: Index, answer_id: str) -> None:
    nothing_found(index)
    assert quotes_of(index, answer_id) == ()


def test_another_process_sees_what_is_kept(index: Index, data: Path) -> None:
    other = Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())
    answer = nothing_found(index)
    assert quotes_of(other, answer.answer_id) == answer.quotes


def test_after_30_days_they_are_forgotten_when_the_next_ones_are_kept(index: Index, data: Path) -> None:
    store = Store(data / "quoth.db")
    store.keep_quotes("first", [QuoteToKeep(1, 0.5)], now=0)
    store.keep_quotes("second", [QuoteToKeep(1, 0.5)], now=30 * DAY_S)
    assert [row[0] for row in rows(data)] == ["first", "second"]
    store.keep_quotes("third", [QuoteToKeep(1, 0.5)], now=30 * DAY_S + 1)
    assert [row[0] for row in rows(data)] == ["second", "third"]


def test_a_sentence_that_another_process_removed_meanwhile_is_not_kept(index: Index, data: Path) -> None:
    store = Store(data / "quoth.db")
    store.keep_quotes("answer", [QuoteToKeep(999, 0.9), QuoteToKeep(2, 0.5)], now=0)
    (kept,) = store.kept_quotes("answer")
    assert (kept.rank, kept.score, kept.passage.path) == (2, 0.5, "rain.txt")
    assert kept.passage.text_of(kept.sentence) == "Take an umbrella."


def test_the_question_is_not_kept(index: Index, data: Path) -> None:
    nothing_found(index)
    index.close()
    assert b"orchestra" not in b"".join(path.read_bytes() for path in data.glob("quoth.db*"))
