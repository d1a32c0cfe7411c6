"""A passage that an owner pins to a question comes first, as long as its words stand in the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import (
    Asker,
    Index,
    PinError,
    PinState,
    QuestionError,
    Verdict,
    ask,
    find,
    pin,
    pin_words,
    pins,
    read_quotes,
    unpin,
)

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = "Does snow melt in spring?"
RAIN = "It will rain. Take an umbrella."
SNOW = "Snow is cold. It melts in spring."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    (made / "rain.txt").write_text(RAIN)
    (made / "snow.txt").write_text(SNOW)
    return made


def open_index(tmp_path: Path) -> Index:
    encoder = WordEncoder("rain umbrella", "snow", "melt melts", "spring")
    return Index(tmp_path / "data", encoder, reader=ReaderHere())


@pytest.fixture
def index(tmp_path: Path, folder: Path) -> Index:
    made = open_index(tmp_path)
    made.sync(folder)
    return made


def texts(index: Index, question: str = QUESTION, **how: object) -> list[tuple[str, bool]]:
    return [(quote.text, quote.is_pinned) for quote in ask(index, question, **how).quotes]


def test_the_pinned_passage_comes_before_what_the_search_finds(index: Index) -> None:
    assert texts(index) == [(SNOW, False), (RAIN, False)]
    pin_words(index, QUESTION, "rain.txt", "an umbrella")
    answer = ask(index, "DOES SNOW MELT in spring")
    assert [(quote.rank, quote.text, quote.is_pinned) for quote in answer.quotes] == [(1, RAIN, True), (2, SNOW, False)]
    assert (answer.verdict, answer.confidence) == (Verdict.STRONG, 1.0)
    assert answer.quotes[0].highlight.text == "Take an umbrella."
    assert texts(index, k=1) == [(RAIN, True)]


def test_of_overlapping_passages_only_the_pinned_one_is_shown(index: Index, folder: Path) -> None:
    filler = f"{'Word ' * 31}end."
    # More than the encoder's 64 words: two passages, which share the umbrella.
    second = f"An umbrella melts. {filler} Snow."
    (folder / "long.txt").write_text(f"Rain. {filler} {second}")
    index.sync(folder)
    answer = ask(index, "Does an umbrella melt in the snow?", k=1)
    assert (answer.quotes[0].text, answer.quotes[0].highlight.text) == (second, "An umbrella melts.")
    assert pin(index, QUESTION, answer.receipt_id).state is PinState.HOLDS
    assert [quote.text for quote in ask(index, QUESTION).quotes if quote.source.path == "long.txt"] == [second]


def test_a_pin_does_not_change_how_the_others_are_found(index: Index) -> None:
    before = ask(index, QUESTION).quotes
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    after = {quote.text: quote.score for quote in ask(index, QUESTION).quotes}
    assert after == {quote.text: quote.score for quote in before}


@pytest.mark.parametrize("question", ["Does snow melt in autumn?", "Does snow not melt in spring?", "snow"])
def test_another_question_is_answered_as_before(index: Index, question: str) -> None:
    before = texts(index, question)
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    assert texts(index, question) == before


def test_the_receipt_says_that_it_was_pinned(index: Index) -> None:
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    answer = ask(index, QUESTION)
    receipt = index.receipts.get(answer.receipt_id)
    assert receipt
    assert [each.is_pinned for each in receipt.statement.citations] == [True, False]
    assert receipt.statement.verdict is Verdict.STRONG
    assert read_quotes(index, answer.receipt_id) == answer.quotes


def test_a_quote_of_an_earlier_answer_can_be_pinned(index: Index) -> None:
    answer = ask(index, QUESTION)
    made = pin(index, "What shall I take?", answer.receipt_id, rank=2)
    assert (made.number, made.question, made.text, made.state) == (1, "What shall I take?", RAIN, PinState.HOLDS)
    assert made.highlight == answer.quotes[1].highlight.text
    assert texts(index, "what shall I take")[0] == (RAIN, True)


def test_inline_it_is_listed_first_and_once(index: Index, folder: Path) -> None:
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"Snow fell {number} times in spring.")
    index.sync(folder)
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    pages = [find(index, QUESTION, range(start, start + 2)) for start in (0, 2, 4)]
    assert [page.quotes[0].is_pinned for page in pages] == [True, False, False]
    shown = [quote.text for page in pages for quote in page.quotes]
    assert shown[0] == RAIN
    assert len(shown) == len(set(shown)) == 6
    assert [page.goes_on for page in pages] == [True, True, False]
    assert [quote.rank for page in pages for quote in page.quotes] == [1, 2, 3, 4, 5, 6]


# --- who sees it


def test_a_pin_is_not_for_those_who_do_not_see_its_collection(index: Index, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "plan.txt").write_text("The plan is secret.")
    index.sync(tmp_path / "secret", collection="board")
    pin_words(index, QUESTION, "plan.txt", "secret", collection="board")
    assert texts(index, collections=["default"]) == [(SNOW, False), (RAIN, False)]
    assert [quote.is_pinned for quote in find(index, QUESTION, range(2), ["default"]).quotes] == [False, False]
    assert texts(index)[0] == ("The plan is secret.", True)
    assert texts(index, collections=["board"]) == [("The plan is secret.", True)]


def test_a_pin_does_not_follow_its_words_into_another_collection(index: Index, folder: Path, tmp_path: Path) -> None:
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    (tmp_path / "other").mkdir()
    (folder / "rain.txt").rename(tmp_path / "other" / "rain.txt")
    index.sync(folder)
    index.sync(tmp_path / "other", collection="other")
    assert [is_pinned for _, is_pinned in texts(index)] == [False, False]
    assert pins(index)[0].state is PinState.GONE


# --- as the documents change


def test_it_holds_when_the_file_is_moved(index: Index, folder: Path) -> None:
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    (folder / "rain.txt").rename(folder / "weather.txt")
    index.sync(folder)
    assert ask(index, QUESTION).quotes[0].source.path == "weather.txt"
    assert texts(index)[0] == (RAIN, True)
    (listed,) = pins(index)
    assert (listed.state, listed.span.path) == (PinState.MOVED, "weather.txt")


def test_it_holds_when_the_rest_of_the_document_changes(index: Index, folder: Path) -> None:
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    (folder / "rain.txt").write_text(f"A new beginning.\n\n{RAIN} It is wet.")
    index.sync(folder)
    first = ask(index, QUESTION).quotes[0]
    assert first.is_pinned
    assert first.highlight.text == "Take an umbrella."
    assert RAIN in first.text
    assert pins(index)[0].state is PinState.MOVED


def test_a_pin_works_while_its_words_are_in_the_document(index: Index, folder: Path) -> None:
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    (folder / "rain.txt").write_text("It will rain. Take a hat.")
    index.sync(folder)
    assert [is_pinned for _, is_pinned in texts(index)] == [False, False]
    (listed,) = pins(index)
    assert (listed.state, listed.text, listed.place) == (PinState.GONE, RAIN, None)
    (folder / "rain.txt").write_text(RAIN)
    index.sync(folder)
    assert texts(index)[0] == (RAIN, True)
    assert pins(index)[0].state is PinState.HOLDS


# --- several


def test_of_two_pins_the_newer_comes_first(index: Index) -> None:
    pin_words(index, QUESTION, "snow.txt", "cold")
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    assert texts(index) == [(RAIN, True), (SNOW, True)]


def test_the_same_pin_again_replaces_the_first(index: Index) -> None:
    pin_words(index, QUESTION, "rain.txt", "It will")
    made = pin_words(index, QUESTION, "rain.txt", "umbrella")
    assert pins(index) == [made]
    assert made.number == 2


def test_what_another_process_pins_works_at_once(index: Index, tmp_path: Path) -> None:
    ask(index, QUESTION)
    other = open_index(tmp_path)
    number = pin_words(other, QUESTION, "rain.txt", "umbrella").number
    assert texts(index)[0] == (RAIN, True)
    assert unpin(other, number)
    assert texts(index)[0] == (SNOW, False)
    assert not unpin(other, number)


# --- what cannot be pinned


@pytest.mark.parametrize(
    ("path", "words", "problem"),
    [
        ("sun.txt", "rain", "There is no document sun.txt in the collection default"),
        ("rain.txt", "take an Umbrella and a hat", "It says: “Take an umbrella.…” Give the words"),
        ("rain.txt", "hats", "rain.txt does not hold these words. Give some"),
        ("rain.txt", "  ", "rain.txt does not hold these words"),
        ("board.txt", "rain", "is in the collection board: add --collection board"),
        ("long.txt", "Snow falls", "These words are in 2 passages of long.txt"),
        ("long.txt", "the end. Rain", "in long.txt, but not within one passage"),
    ],
)
def test_words_that_name_no_passage_are_an_error_that_helps(
    index: Index, folder: Path, tmp_path: Path, path: str, words: str, problem: str
) -> None:
    (folder / "long.txt").write_text(
        f"Snow falls. {'Snow is cold. ' * 60}That is the end.\n\nRain is warm. {'Rain is wet. ' * 60}Snow falls."
    )
    index.sync(folder)
    (tmp_path / "board").mkdir()
    (tmp_path / "board" / "board.txt").write_text(RAIN)
    index.sync(tmp_path / "board", collection="board")
    with pytest.raises(PinError) as error:
        pin_words(index, QUESTION, path, words)
    assert problem in str(error.value)
    assert pins(index) == []


def test_an_unknown_or_altered_receipt_or_rank_is_an_error(index: Index) -> None:
    receipt_id = ask(index, QUESTION).receipt_id
    with pytest.raises(PinError, match=r"That answer has no quote 3; it has: 1, 2\."):
        pin(index, QUESTION, receipt_id, rank=3)
    with index.receipts._db.transaction() as db:
        db.execute("UPDATE receipts SET said = x'00'")
    for unknown in ("nothing", receipt_id):
        with pytest.raises(PinError, match=f"There is no receipt {unknown}"):
            pin(index, QUESTION, unknown)


def test_a_quote_whose_words_are_gone_cannot_be_pinned(index: Index, folder: Path) -> None:
    answer = ask(index, QUESTION)
    (folder / "snow.txt").unlink()
    index.sync(folder)
    with pytest.raises(PinError, match=r"snow\.txt does not hold this passage any more"):
        pin(index, QUESTION, answer.receipt_id)


def test_what_is_no_question_cannot_be_pinned_to(index: Index) -> None:
    with pytest.raises(QuestionError):
        pin_words(index, "?", "rain.txt", "umbrella")
    with pytest.raises(QuestionError):
        pin(index, "", ask(index, QUESTION, asker=Asker()).receipt_id)


def test_line_breaks_and_case_of_the_words_do_not_matter(index: Index, folder: Path) -> None:
    (folder / "rain.txt").write_text("It will\nrain. Take an\numbrella.")
    index.sync(folder)
    made = pin_words(index, QUESTION, "rain.txt", "TAKE an umbrella")
    assert made.highlight == "Take an\numbrella."


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE pins SET sentence_end = 99",
        "UPDATE pins SET sentence_start = -1",
        "UPDATE pins SET sentence_end = 0",
        "UPDATE pins SET text = ''",
    ],
)
def test_a_pin_that_was_tampered_with_has_no_effect(index: Index, tampering: str) -> None:
    pin_words(index, QUESTION, "rain.txt", "umbrella")
    with index.receipts._db.transaction() as db:
        db.execute(tampering)
    assert pins(index)[0].state is PinState.GONE
    assert texts(index)[0] == (SNOW, False)
