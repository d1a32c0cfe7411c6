"""The quotes of an answer can be had again by its receipt, with what stands around them, while documents say them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import Index, Verdict, ask, read_context, read_quotes

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval import Answer

MEANINGS = ("rain", "snow")
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


def test_the_quotes_of_an_answer_that_found_nothing_come_back_as_they_were(index: Index) -> None:
    answer = nothing_found(index)
    assert [quote.text for quote in answer.quotes] == [UMBRELLA, "Snow is cold."]
    assert read_quotes(index, answer.receipt_id) == answer.quotes


def test_they_come_back_after_a_restart_and_a_sync_that_changes_nothing(index: Index, data: Path, folder: Path) -> None:
    answer = nothing_found(index)
    index.close()
    reopened = Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())
    reopened.sync(folder)
    assert read_quotes(reopened, answer.receipt_id) == answer.quotes


def test_each_answer_has_its_own_quotes(index: Index) -> None:
    first, second = ask(index, "rain"), ask(index, "snow")
    assert [quote.text for quote in read_quotes(index, first.receipt_id)] == [UMBRELLA, "Snow is cold."]
    assert [quote.text for quote in read_quotes(index, second.receipt_id)] == ["Snow is cold.", UMBRELLA]


def test_an_answer_that_found_something_is_kept_too(index: Index) -> None:
    answer = ask(index, "snow")
    assert answer.verdict.found
    assert read_quotes(index, answer.receipt_id) == answer.quotes


def test_what_was_shown_is_kept_and_what_was_found(index: Index, folder: Path) -> None:
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"Snow fell {number} times.")
    index.sync(folder)
    one, twelve = ask(index, "snow", k=1), ask(index, "snow", k=12)
    assert (len(one.quotes), len(twelve.quotes)) == (1, 12)
    assert read_quotes(index, one.receipt_id)[0] == one.quotes[0]
    assert read_quotes(index, twelve.receipt_id) == twelve.quotes


def test_where_else_the_same_words_stand_is_kept_too(index: Index, folder: Path) -> None:
    (folder / "copy.txt").write_text("Snow is cold.")
    index.sync(folder)
    answer = ask(index, "snow")
    assert len(answer.quotes[0].also_in) == 1
    assert read_quotes(index, answer.receipt_id) == answer.quotes
    (folder / answer.quotes[0].also_in[0].path).unlink()
    index.sync(folder)
    assert read_quotes(index, answer.receipt_id)[0].also_in == ()


def test_a_passage_whose_document_was_changed_or_removed_is_left_out(index: Index, folder: Path) -> None:
    answer = nothing_found(index)
    (folder / "rain.txt").write_text("It will rain. Take an umbrella. It is wet.")
    index.sync(folder)
    assert [quote.text for quote in read_quotes(index, answer.receipt_id)] == ["Snow is cold."]
    (folder / "snow.txt").unlink()
    index.sync(folder)
    assert read_quotes(index, answer.receipt_id) == ()


def test_they_survive_an_index_that_is_made_anew_and_a_file_that_is_moved(index: Index, folder: Path) -> None:
    answer = nothing_found(index)
    index.sync(folder, rebuild=True)
    assert read_quotes(index, answer.receipt_id) == answer.quotes
    (folder / "rain.txt").rename(folder / "weather.txt")
    index.sync(folder)
    moved, same = read_quotes(index, answer.receipt_id)
    assert (moved.text, moved.source.path) == (UMBRELLA, "weather.txt")
    assert same == answer.quotes[1]


def test_of_several_files_with_the_same_bytes_the_one_that_was_quoted_is_named(index: Index, folder: Path) -> None:
    answer = ask(index, "rain", k=1)
    (folder / "a.txt").write_text(UMBRELLA)
    (folder / "z.txt").write_text(UMBRELLA)
    index.sync(folder)
    assert read_quotes(index, answer.receipt_id)[0].source.path == "rain.txt"


def altered(data: Path, statement: str) -> None:
    database = sqlite3.connect(data / "receipts.db")
    with database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    "statement", ["UPDATE receipts SET said = x'00'", "UPDATE receipts SET id = 'another' || number"]
)
def test_a_receipt_that_was_damaged_or_altered_gives_no_quotes(index: Index, data: Path, statement: str) -> None:
    receipt_id = ask(index, "snow").receipt_id
    altered(data, statement)
    assert read_quotes(index, receipt_id) == ()
    assert read_context(index, receipt_id, 600) is None
    assert read_quotes(index, "another1") == ()


def test_a_passage_whose_words_were_altered_in_the_index_is_left_out(index: Index, data: Path) -> None:
    receipt_id = nothing_found(index).receipt_id
    database = sqlite3.connect(data / "quoth.db")
    with database:
        database.execute("UPDATE passages SET text = replace(text, 'cold', 'warm')")
    database.close()
    assert [quote.text for quote in read_quotes(index, receipt_id)] == [UMBRELLA]


@pytest.mark.parametrize("receipt_id", ["", "unknown", "' OR 1 = 1 --", "%"])
def test_an_id_that_was_never_given_has_no_quotes(index: Index, receipt_id: str) -> None:
    nothing_found(index)
    assert read_quotes(index, receipt_id) == ()


def test_another_process_sees_what_is_kept(index: Index, data: Path) -> None:
    other = Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())
    answer = nothing_found(index)
    assert read_quotes(other, answer.receipt_id) == answer.quotes


def test_the_question_is_not_kept_in_the_index(index: Index, data: Path) -> None:
    nothing_found(index)
    index.close()
    assert b"orchestra" not in b"".join(path.read_bytes() for path in data.glob("quoth.db*"))


LONG = "One two three. " * 100 + "\n\nSnow melts in April.\n\n" + "Four five six. " * 100


def test_the_context_of_a_quote_is_what_stands_around_it_in_whole_words(index: Index, folder: Path) -> None:
    (folder / "snow.txt").unlink()
    (folder / "long.txt").write_text(LONG)
    index.sync(folder)
    found = read_context(index, ask(index, "Snow in April").receipt_id, 40)
    assert found is not None
    quote, context = found
    assert "Snow melts in April." in quote.text
    whole = context.before + quote.text + context.after
    assert whole in LONG
    for side in (context.before, context.after):
        assert 30 <= len(side) <= 40
        assert set(side.split()) <= {"One", "two", "three.", "Four", "five", "six."}
    assert (context.is_beginning, context.is_end) == (False, False)


def test_the_context_ends_where_the_document_does(index: Index) -> None:
    found = read_context(index, ask(index, "rain").receipt_id, 600)
    assert found is not None
    quote, context = found
    assert (context.before, quote.text, context.after) == ("", UMBRELLA, "")
    assert (context.is_beginning, context.is_end) == (True, True)


def test_the_context_of_a_script_without_spaces_is_cut_anywhere(index: Index, folder: Path) -> None:
    (folder / "long.txt").write_text("雪" * 2_000 + "\n\nsnow snow snow\n\n" + "雨" * 2_000)
    index.sync(folder)
    found = read_context(index, ask(index, "snow snow").receipt_id, 50)
    assert found is not None
    _, context = found
    assert len(context.before) == 50
    assert len(context.after) == 50


def test_when_the_first_passage_is_gone_there_is_no_context(index: Index, folder: Path) -> None:
    receipt_id = ask(index, "snow").receipt_id
    (folder / "snow.txt").unlink()
    index.sync(folder)
    assert [quote.rank for quote in read_quotes(index, receipt_id)] == [2]
    assert read_context(index, receipt_id, 600) is None
    assert read_context(index, "unknown", 600) is None
