"""The button below an answer that found nothing: with the library's own answers, and a bot that is restarted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from doubles import ReaderHere, WordEncoder
from running_bot import RunningBot

from retrieval import Index, ask, quotes_of

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = "The documents do not seem to answer this."
CLOSEST = (
    f"{NOTHING}\nThe closest passages, in case they help:\n\n"
    "It will rain. Take an umbrella.\n— rain · line 1 · rain.txt\n\n"
    "Snow is cold.\n— snow · line 1 · snow.txt"
)
GONE = f"{NOTHING}\nThe passages that came closest are not in the documents any more."
OLD = "This button does not work any more. Please ask again."
QUESTION = "Who conducts the orchestra under an umbrella?"


class Library:
    """A service like the real one, but for its encoder."""

    def __init__(self, folder: Path):
        self.documents = folder / "documents"
        self._index = Index(folder / "data", WordEncoder("rain", "snow"), reader=ReaderHere())
        self.sync()

    def sync(self, **options):
        self._index.sync(self.documents, **options)

    def collection_names(self):
        return [each.name for each in self._index.collections()]

    def ask(self, question, collections):
        return ask(self._index, question, collections=collections)

    def quotes_of(self, answer_id):
        return quotes_of(self._index, answer_id)

    def close(self):
        self._index.close()


@pytest.fixture
def library(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "rain.txt").write_text("It will rain. Take an umbrella.")
    (documents / "snow.txt").write_text("Snow is cold.")
    made = Library(tmp_path)
    yield made
    made.close()


@pytest.fixture
def bot(telegram, library):
    running = RunningBot(telegram, library)
    yield running
    running.stop()
    running.wait()


@pytest.fixture
def ann(telegram, bot):
    return telegram.person("Ann")


@pytest.fixture
def button(ann):
    """What Ann can press after a question that nothing answers."""
    ann.writes(QUESTION)
    return ann.reads().buttons[0]


def test_without_an_answer_there_is_only_the_verdict_and_one_button(ann):
    ann.writes(QUESTION)
    answer = ann.reads()
    assert answer.text == NOTHING
    assert [button.text for button in answer.buttons] == ["Closest passages"]


def test_an_answer_has_no_button(ann):
    ann.writes("snow")
    answer = ann.reads()
    assert answer.marked("bold")[0] == "Snow is cold."
    assert answer.buttons == []


def test_without_documents_there_is_no_button(ann, library):
    for path in library.documents.iterdir():
        path.unlink()
    library.sync()
    ann.writes(QUESTION)
    answer = ann.reads()
    assert (answer.text, answer.buttons) == (NOTHING, [])


def test_the_button_puts_the_closest_passages_into_the_message_and_goes_away(ann, button):
    assert ann.presses(button).reads() == ""
    message = ann.reads_edited()
    assert message is button.message
    assert message.text == CLOSEST
    assert message.buttons == []
    assert message.marked("bold") == []
    assert message.marked("expandable_blockquote") == ["It will rain. Take an umbrella.", "Snow is cold."]


def test_in_a_group_anybody_can_press_it(telegram, ann):
    group = telegram.group("Readers")
    ann.writes(f"/ask {QUESTION}", to=group)
    telegram.person("Bea").presses(group.reads().buttons[0])
    assert group.reads_edited().text == CLOSEST


def test_it_works_after_a_restart(telegram, library, tmp_path):
    ann = telegram.person("Ann")
    first = RunningBot(telegram, library)
    ann.writes(QUESTION)
    button = ann.reads().buttons[0]
    first.stop()
    first.wait()
    library.close()
    ann.presses(button)
    reopened = Library(tmp_path)
    second = RunningBot(telegram, reopened)
    assert ann.reads_edited().text == CLOSEST
    second.stop()
    second.wait()
    reopened.close()


def test_a_passage_that_is_gone_is_left_out(ann, button, library):
    (library.documents / "rain.txt").unlink()
    library.sync()
    ann.presses(button)
    assert ann.reads_edited().text == (
        f"{NOTHING}\nThe closest passages, in case they help:\n\nSnow is cold.\n— snow · line 1 · snow.txt"
    )


def test_when_all_are_gone_the_message_says_so(ann, button, library):
    library.sync(rebuild=True)
    ann.presses(button)
    message = ann.reads_edited()
    assert (message.text, message.buttons) == (GONE, [])


@pytest.mark.parametrize("data", ["", "closest:", "closest:' OR 1 = 1 --", "../../x", "x" * 999])
def test_made_up_data_is_answered_and_does_nothing(telegram, ann, button, data):
    assert ann.presses(replace(button, data=data)).reads() == OLD
    ann.presses(button)
    assert ann.reads_edited().text == CLOSEST
    assert len(telegram.calls("editMessageText")) == 1


def test_a_button_cannot_be_pressed_below_another_message(telegram, ann, button):
    ann.writes("snow")
    answer = ann.reads()
    assert ann.presses(replace(button, message=answer)).reads() == OLD
    assert answer.marked("bold")[0] == "Snow is cold."
    assert telegram.calls("editMessageText") == []


def test_a_message_too_old_for_telegram_to_show_to_the_bot_stays_as_it_is(telegram, ann, button):
    unseen = {"chat": ann.chat.to_json(), "message_id": button.message.id, "date": 0}
    assert ann.presses(button, message=unseen).reads() == OLD
    assert telegram.calls("editMessageText") == []


def test_a_button_of_an_inline_message_is_answered(ann, button):
    assert ann.presses(button, message=None, inline_message_id="AgAAA").reads() == OLD


def test_a_press_that_comes_twice_is_answered_once(telegram, ann, button):
    press = ann.presses(button)
    ann.reads_edited()
    telegram.delivers_again(press)
    ann.writes(QUESTION)
    ann.reads()
    assert len(telegram.calls("answerCallbackQuery")) == 1


def test_a_robot_presses_in_vain(telegram, ann, button):
    telegram.person("Robot", is_bot=True).presses(button)
    ann.presses(button).reads()
    assert len(telegram.calls("answerCallbackQuery")) == 1


def test_a_press_from_too_long_ago_still_shows_the_passages(telegram, ann, button):
    telegram.fails_next(
        "answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired"
    )
    ann.presses(button)
    assert ann.reads_edited().text == CLOSEST


@pytest.mark.parametrize(
    "reason", ["message is not modified", "message to edit not found", "message can't be edited"]
)
def test_a_message_that_cannot_be_edited_breaks_nothing(telegram, ann, button, reason):
    telegram.fails_next("editMessageText", 400, f"Bad Request: {reason}")
    ann.presses(button)
    telegram.waits_for_calls("editMessageText")
    ann.writes("snow")
    assert ann.reads().marked("bold")[0] == "Snow is cold."
    assert ann.chat.unread == 0


def test_a_failure_behind_a_button_is_told(ann, button, library, monkeypatch):
    def fail(_):
        raise RuntimeError

    monkeypatch.setattr(library, "quotes_of", fail)
    assert ann.presses(button).reads() == ""
    assert ann.reads().text == "Sorry, something went wrong here. Please try again in a moment."
    assert button.message.buttons == [button]
