"""The quotes of an answer can be had again later, and what stands around them, as long as the documents say them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from doubles import ReaderHere, WordEncoder

from retrieval import FileNow, Index, Verdict, ask, context_of, origin_of, quotes_of
from retrieval.store import QuoteToKeep, Store

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval import Answer

MEANINGS = ("rain", "snow")
DAY_S = 24 * 60 * 60
UMBRELLA = "It will rain. Take an umbrella."


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


def nothing_found(index: Index) -> Answer:
    answer = ask(index, "Who conducts the orchestra under an umbrella?")
    assert answer.verdict is Verdict.NONE
    return answer


def rows(data: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(data / "quoth.db")
    found = database.execute("SELECT answer_id, rank, sentence_id FROM kept_quotes").fetchall()
    database.close()
    return found


def test_the_quotes_of_an_answer_that_found_nothing_come_back_as_they_were(index: Index) -> None:
    answer = nothing_found(index)
    assert [quote.text for quote in answer.quotes] == [UMBRELLA, "Snow is cold."]
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
    first, second = ask(index, "rain"), ask(index, "snow")
    assert [quote.text for quote in quotes_of(index, first.answer_id)] == [UMBRELLA, "Snow is cold."]
    assert [quote.text for quote in quotes_of(index, second.answer_id)] == ["Snow is cold.", UMBRELLA]


def test_an_answer_that_found_something_is_kept_too(index: Index) -> None:
    answer = ask(index, "snow")
    assert answer.verdict.found
    assert quotes_of(index, answer.answer_id) == answer.quotes


def test_the_first_ten_that_were_found_are_kept_however_few_were_asked_for(
    index: Index, folder: Path
) -> None:
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Snow fell {number} times.")
    index.sync(folder)
    one, twelve = ask(index, "snow", k=1), ask(index, "snow", k=12)
    assert (len(one.quotes), len(twelve.quotes)) == (1, 12)
    assert quotes_of(index, one.answer_id)[0] == one.quotes[0]
    assert quotes_of(index, twelve.answer_id) == twelve.quotes[:10]


def test_where_else_the_same_words_stand_is_kept_too(index: Index, folder: Path) -> None:
    (folder / "copy.txt").write_text("Snow is cold.")
    index.sync(folder)
    answer = ask(index, "snow")
    assert len(answer.quotes[0].also_in) == 1
    assert quotes_of(index, answer.answer_id) == answer.quotes
    (folder / answer.quotes[0].also_in[0].path).unlink()
    index.sync(folder)
    assert quotes_of(index, answer.answer_id)[0].also_in == ()


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


LONG = "One two three. " * 100 + "\n\nSnow melts in April.\n\n" + "Four five six. " * 100


def test_the_context_of_a_quote_is_what_stands_around_it_in_whole_words(index: Index, folder: Path) -> None:
    (folder / "snow.txt").unlink()
    (folder / "long.txt").write_text(LONG)
    index.sync(folder)
    context = context_of(index, ask(index, "Snow in April").answer_id, 40)
    assert context is not None
    assert "Snow melts in April." in context.quote.text
    whole = context.before + context.quote.text + context.after
    assert whole in LONG
    for side in (context.before, context.after):
        assert 30 <= len(side) <= 40
        assert set(side.split()) <= {"One", "two", "three.", "Four", "five", "six."}
    assert (context.is_beginning, context.is_end) == (False, False)


def test_the_context_ends_where_the_document_does(index: Index) -> None:
    context = context_of(index, ask(index, "rain").answer_id, 600)
    assert context is not None
    assert (context.before, context.quote.text, context.after) == ("", UMBRELLA, "")
    assert (context.is_beginning, context.is_end) == (True, True)


def test_the_context_of_a_script_without_spaces_is_cut_anywhere(index: Index, folder: Path) -> None:
    (folder / "long.txt").write_text("雪" * 2_000 + "\n\nsnow snow snow\n\n" + "雨" * 2_000)
    index.sync(folder)
    context = context_of(index, ask(index, "snow snow").answer_id, 50)
    assert context is not None
    assert len(context.before) == 50
    assert len(context.after) == 50


def test_the_origin_of_a_quote_says_when_its_file_was_read_and_whether_it_is_still_the_same(
    index: Index, folder: Path
) -> None:
    answer = ask(index, "snow")
    origin = origin_of(index, answer.answer_id)
    assert origin is not None
    assert origin.source == answer.quotes[0].source
    assert timedelta() <= datetime.now(UTC) - origin.read_at < timedelta(minutes=5)
    assert origin.file is FileNow.SAME


def test_a_file_that_was_changed_or_removed_since_the_last_sync_is_seen(index: Index, folder: Path) -> None:
    answer_id = ask(index, "snow").answer_id
    (folder / "snow.txt").write_text("Snow is warm.")
    changed = origin_of(index, answer_id)
    (folder / "snow.txt").unlink()
    gone = origin_of(index, answer_id)
    assert changed is not None
    assert gone is not None
    assert (changed.file, gone.file) == (FileNow.CHANGED, FileNow.GONE)


def test_when_the_first_passage_is_gone_it_has_no_context_and_no_origin(index: Index, folder: Path) -> None:
    answer_id = ask(index, "snow").answer_id
    (folder / "snow.txt").unlink()
    index.sync(folder)
    assert [quote.rank for quote in quotes_of(index, answer_id)] == [2]
    assert context_of(index, answer_id, 600) is None
    assert origin_of(index, answer_id) is None
    assert context_of(index, "unknown", 600) is None
