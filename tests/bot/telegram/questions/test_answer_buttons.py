"""The buttons below an answer: with the library's own answers, and a bot that is restarted."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from support.running_bot import RunningBot
from support.small_library import SmallLibrary, labels, pressed, presses

from bot.telegram.questions import answer_buttons
from retrieval import Ledger, Ratings

NOTHING = "The documents do not seem to answer this."
CLOSEST = (
    f"{NOTHING}\n\nThe closest passages, in case they help:\n\n"
    "It will rain. Take an umbrella.\n— rain · line 1 · rain.txt\n\n"
    "Snow is cold.\n— snow · line 1 · snow.txt"
)
GONE = f"{NOTHING}\n\nThe passages that came closest are not in the documents any more."
OLD = "This button does not work any more. Please ask again."
QUESTION = "Who conducts the orchestra under an umbrella?"


@pytest.fixture
def library(weather_library):
    return weather_library


@pytest.fixture
def bot(telegram, library):
    running = RunningBot(telegram, library)
    yield running
    running.stop()
    running.wait()


@pytest.fixture
def button(ann):
    """What Ann can press after a question that nothing answers."""
    ann.writes(QUESTION)
    return ann.reads().buttons[0]


def test_without_an_answer_there_is_only_the_verdict_and_one_button(ann):
    ann.writes(QUESTION)
    answer = ann.reads()
    assert answer.text == NOTHING
    assert labels(answer) == ["Closest passages", "Receipt"]


def test_without_documents_there_is_only_the_receipt(ann, library):
    library.empty()
    ann.writes(QUESTION)
    answer = ann.reads()
    assert (answer.text, labels(answer)) == (NOTHING, ["Receipt"])


def test_the_closest_passages_take_the_place_of_the_answer(ann, button):
    assert ann.presses(button).reads() == ""
    message = ann.reads_edited()
    assert message is button.message
    assert message.text == CLOSEST
    assert labels(message) == ["‹ Back", "Receipt"]
    assert message.marked("bold") == []
    assert message.marked("expandable_blockquote") == ["It will rain. Take an umbrella.", "Snow is cold."]
    assert pressed(ann, message, "‹ Back").text == NOTHING
    assert labels(message) == ["Closest passages", "Receipt"]


def test_in_a_group_everybody_can_press_the_buttons(telegram, ann):
    group = telegram.group("Readers")
    ann.writes(f"/ask {QUESTION}", to=group)
    telegram.person("Bea").presses(group.reads().buttons[0])
    assert group.reads_edited().text == CLOSEST


def test_the_buttons_work_after_a_restart(telegram, library, tmp_path):
    ann = telegram.person("Ann")
    first = RunningBot(telegram, library)
    ann.writes(QUESTION)
    button = ann.reads().buttons[0]
    first.stop()
    first.wait()
    library.close()
    ann.presses(button)
    reopened = SmallLibrary(tmp_path)
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
        f"{NOTHING}\n\nThe closest passages, in case they help:\n\nSnow is cold.\n— snow · line 1 · snow.txt"
    )


def test_a_message_without_its_passages_says_so(ann, button, library):
    library.empty()
    ann.presses(button)
    message = ann.reads_edited()
    assert (message.text, labels(message)) == (GONE, ["‹ Back", "Receipt"])
    assert pressed(ann, message, "‹ Back").text == NOTHING
    assert labels(message) == ["Receipt"]


@pytest.mark.parametrize("data", ["", "closest:", "closest:' OR 1 = 1 --", "more:x:2", "good:x", "../../x", "x" * 999])
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


def test_an_inaccessible_message_stays_as_it_is(telegram, ann, button):
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


def test_buttons_ignore_bots(telegram, ann, button):
    telegram.person("Robot", is_bot=True).presses(button)
    ann.presses(button).reads()
    assert len(telegram.calls("answerCallbackQuery")) == 1


def test_an_expired_callback_query_still_shows_the_passages(telegram, ann, button):
    telegram.fails_next("answerCallbackQuery", 400, "Bad Request: query is too old and response timeout expired")
    ann.presses(button)
    assert ann.reads_edited().text == CLOSEST


@pytest.mark.parametrize("reason", ["message is not modified", "message to edit not found", "message can't be edited"])
def test_a_message_that_cannot_be_edited_breaks_nothing(telegram, ann, button, reason):
    telegram.fails_next("editMessageText", 400, f"Bad Request: {reason}")
    ann.presses(button)
    telegram.waits_for_calls("editMessageText")
    ann.writes("snow")
    assert ann.reads().marked("bold")[0] == "Snow is cold."
    assert ann.chat.unread == 0


def test_a_failure_behind_a_button_is_told(ann, button, library, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(answer_buttons, "read_quotes", fail)
    assert ann.presses(button).reads() == ""
    assert ann.reads().text == "Sorry, something went wrong here. Please try again in a moment."
    assert button.message.buttons[0] == button


LABELS = ["More", "Context", "Receipt", "👍", "👎"]
COLD = "This probably answers your question.\n\nSnow is cold.\n— snow · line 1 · snow.txt"
NO_MORE = "The passage that was quoted here is not in the documents any more. Please ask again."


@pytest.fixture
def seven(library):
    """Seven more documents about snow, so that there is something behind the first passages."""
    for number in range(1, 8):
        (library.documents / f"{number}.txt").write_text(f"Snow, {'or rain, ' * number}fell.")
    library.sync()


def paths(message):
    return message.marked("code")


@pytest.fixture
def asked(ann):
    """The answer to a question of Ann's."""
    ann.writes("snow")
    return ann.reads()


def test_below_the_only_passage_there_is_no_more(ann, library):
    (library.documents / "rain.txt").unlink()
    library.sync()
    ann.writes("snow")
    shown = ann.reads()
    assert shown.marked("bold")[0] == "Snow is cold."
    assert labels(shown) == ["Context", "Receipt", "👍", "👎"]


def test_the_buttons_speak_the_persons_language_in_two_rows(telegram, bot):
    eva = telegram.person("Eva", "de")
    eva.writes("snow")
    rows = eva.reads().keyboard
    assert [[button["text"] for button in row] for row in rows] == [["Mehr", "Kontext", "Beleg"], ["👍", "👎"]]


def test_more_shows_all_passages_behind_the_first_page_by_page(seven, ann, asked):
    text, shown = asked.text, paths(asked)[:1]
    assert labels(asked) == LABELS
    second = pressed(ann, asked, "More")
    assert second is asked
    assert second.text.startswith("This probably answers your question.\n\nFurther passages:\n\n")
    assert len(second.marked("expandable_blockquote")) == 3
    assert labels(second) == ["‹ Back", "More"]
    shown += paths(second)
    third = pressed(ann, asked, "More")
    shown += paths(third)
    assert labels(third) == ["‹ Back", "More"]
    fourth = pressed(ann, asked, "More")
    shown += paths(fourth)
    assert len(set(shown)) == len(shown) == 9
    assert labels(fourth) == ["‹ Back"]
    back = pressed(ann, asked, "‹ Back")
    assert (back.text, labels(back)) == (text, LABELS)


def test_more_in_a_group_begins_behind_the_one_shown_passage(telegram, seven, ann):
    group = telegram.group("Readers")
    ann.writes("/ask snow", to=group)
    answer = group.reads()
    text = answer.text
    assert (len(paths(answer)), labels(answer)) == (1, LABELS)
    presses(telegram.person("Bea"), answer, "More")
    assert len(paths(group.reads_edited())) == 3
    presses(ann, answer, "‹ Back")
    assert group.reads_edited().text == text
    assert group.unread == 0


def test_the_context_has_the_answering_sentence_in_bold(library, ann):
    (library.documents / "snow.txt").write_text("One two. " * 200 + "\n\nSnow is cold.\n\n" + "Six. " * 200)
    library.sync()
    ann.writes("Snow is cold")
    answer = ann.reads()
    text = answer.text
    view = pressed(ann, answer, "Context")
    assert view.marked("bold") == ["Snow is cold."]
    (block,) = view.marked("blockquote")
    assert block.startswith("[…] ")
    assert block.endswith(" […]")
    assert view.text.partition("\n\n")[0] == text.partition("\n\n")[0]
    assert paths(view) == ["snow.txt"]
    assert labels(view) == ["‹ Back"]
    assert pressed(ann, answer, "‹ Back").text == text


@pytest.mark.parametrize("label", ["More", "Context"])
def test_an_answer_without_its_passage_keeps_only_its_receipt(seven, ann, asked, library, label):
    (library.documents / paths(asked)[0]).unlink()
    library.sync()
    message = pressed(ann, asked, label)
    assert message.text == f"This probably answers your question.\n\n{NO_MORE}"
    assert labels(message) == ["Receipt"]


def test_the_way_back_does_not_lead_to_a_passage_that_is_gone(ann, asked, library):
    pressed(ann, asked, "Context")
    library.empty()
    assert pressed(ann, asked, "‹ Back").text == f"This probably answers your question.\n\n{NO_MORE}"


def test_further_passages_that_are_gone_are_said_to_be(seven, ann, asked, library):
    for path in {path.name for path in library.documents.iterdir()} - set(paths(asked)[:1]):
        (library.documents / path).unlink()
    library.sync()
    assert pressed(ann, asked, "More").text == (
        "This probably answers your question.\n\nThe further passages are not in the documents any more."
    )
    assert labels(asked) == ["‹ Back"]


def test_every_button_works_after_later_questions_and_a_restart(telegram, library, tmp_path):
    ann = telegram.person("Ann")
    first = RunningBot(telegram, library, data=tmp_path)
    ann.writes("snow")
    answer = ann.reads()
    text = answer.text
    ann.writes("rain")
    ann.reads()
    first.stop()
    first.wait()
    second = RunningBot(telegram, library, data=tmp_path)
    pressed(ann, answer, "Context")
    assert pressed(ann, answer, "‹ Back").text == text
    second.stop()
    second.wait()


def test_a_button_does_nothing_for_people_who_may_not_ask(telegram, library, tmp_path):
    ann = telegram.person("Ann")
    bot = RunningBot(telegram, library, public=False, owners=frozenset({ann.chat.id}), allowed=frozenset())
    ann.writes("snow")
    answer = ann.reads()
    bea = telegram.person("Bea")
    assert "send its owner your Telegram ID" in presses(bea, answer, "Context").reads()
    presses(bea, answer, "Context").reads()
    bot.stop()
    bot.wait()
    assert telegram.calls("editMessageText") == []


def test_a_person_has_one_rating_of_an_answer_and_may_change_it(telegram, library, tmp_path):
    ann, bea = telegram.person("Ann"), telegram.person("Bea")
    bot = RunningBot(telegram, library, data=tmp_path / "data")
    group = telegram.group("Readers")
    ann.writes("/ask snow", to=group)
    answer = group.reads()
    for who, label in ((ann, "👍"), (ann, "👍"), (bea, "👍"), (ann, "👎")):
        assert presses(who, answer, label).reads() == "Thank you, noted."
    bot.stop()
    bot.wait()
    assert telegram.calls("editMessageText") == []
    again = RunningBot(telegram, library, data=tmp_path / "data")
    presses(bea, answer, "👎").reads()
    again.stop()
    again.wait()
    with closing(Ledger(tmp_path / "data")) as receipts:
        assert receipts.ratings(answer.buttons[-1].data.removeprefix("bad:")) == Ratings(good=0, bad=2)


def test_an_edited_question_has_the_buttons_of_its_new_answer(ann, asked):
    question = ann.writes("rain")
    answer = ann.reads()
    ann.edits(question, "snow")
    assert ann.reads_edited() is answer
    assert pressed(ann, answer, "Context").marked("bold") == ["Snow is cold."]
