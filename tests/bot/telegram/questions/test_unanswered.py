"""The gap loop in Telegram: /unanswered, and passages that owners pin."""

from __future__ import annotations

import re
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from support.running_bot import TIMEOUT_S, restartable
from support.small_library import labels, pressed, presses

from bot.telegram.questions import unanswered as unanswered_module
from retrieval import Asker, Channel, Ledger, Verdict, ask

HEADING = "Unanswered questions: not found, or disliked; most asked first:"
NONE_UNANSWERED = "Among the questions that I still know, none is unanswered."
IN_PRIVATE = "Write /unanswered to me alone: questions from elsewhere are not for this group."
OWNERS_ONLY = "Only owners of the bot can do that."
OLD = "This button does not work any more. Please ask again."
ANSWERS = "This probably answers your question.\n\n"
OFFER = "📌 Pin a passage…"
CHOICE = (
    "Which passage answers this?\nsnow\n\n"
    "Snow is cold.\n📌 1 · snow · line 1 · snow.txt\n\n"
    "It will rain. Take an umbrella.\n📌 2 · rain · line 1 · rain.txt"
)
PINNED = (
    "📌 Pinned. Whoever asks this in the same words gets this passage first:\nsnow\n\n"
    "It will rain. Take an umbrella.\n— rain · line 1 · rain.txt · 📌 pinned"
)
RAIN_FIRST = (
    f"{ANSWERS}It will rain.\n— rain · line 1 · rain.txt · 📌 pinned\n\nSnow is cold.\n— snow · line 1 · snow.txt"
)
FORGOTTEN = "I do not know this question any more, so nothing can be pinned to it. Please ask it again."
GONE = "The passage that was quoted here is not in the documents any more. Please ask again."
NOTHING_TO_PIN = (
    "None of the passages that were found can be pinned: they are not in the documents any more, or there were none."
)


@pytest.fixture
def library(weather_library):
    return weather_library


@pytest.fixture
def olga(telegram):
    return telegram.person("Olga")


@pytest.fixture
def start(telegram, library, tmp_path, olga):
    with restartable(telegram, library, tmp_path / "data", owners=frozenset({olga.chat.id})) as started:
        yield started


@pytest.fixture
def bot(start):
    start()


@pytest.fixture
def missed(tmp_path):
    """Keeps what people asked and was not found."""

    def keep(question, *people):
        with closing(Ledger(tmp_path / "data")) as receipts:
            for person in people:
                receipts.record(
                    question,
                    Asker(Channel.TELEGRAM, person),
                    verdict=Verdict.NONE,
                    generation=1,
                    model="m",
                    citations=[],
                    texts=[],
                )

    return keep


@pytest.fixture
def forget(tmp_path):
    """Forgets a question, as when its days are over."""

    def forgotten(question):
        with closing(Ledger(tmp_path / "data")) as receipts, receipts._db.transaction() as db:
            assert db.execute("UPDATE receipts SET question = NULL WHERE question = ?", (question,)).rowcount

    return forgotten


@pytest.fixture
def disliked(bot, olga):
    """The answer to a question of Olga's, which she has just disliked."""
    olga.writes("snow")
    answer = olga.reads()
    presses(olga, answer, "👎").reads()
    return olga.reads_edited()


def without_dates(text):
    return re.sub(r"last on \w+ \d+, \d+", "last on …", text)


def asked_in(text):
    """The questions of a page, in order, with their numbers."""
    return re.findall(r"^(\d+)\. (.*)", text, re.MULTILINE)


def data_of(message):
    return [button.data for button in message.buttons]


# --- /unanswered


def test_questions_of_most_people_come_first_with_their_variants(bot, olga, missed, library, tmp_path):
    missed("Who has key 3?", "ann")
    missed("Where is key 7?", "ann", "bea")
    missed("Who has key 7?", "ann", "bea", "cem")
    for question in ("Is there a key 7?", "Key 7, please"):
        missed(question, "dan")
    missed("Who has key 5?", "ann", "bea")
    disliked = ask(library.index, "snow", asker=Asker(Channel.TELEGRAM, "eve"))
    with closing(Ledger(tmp_path / "data")) as receipts:
        receipts.rate(disliked.receipt_id, "eve", is_good=False)
    olga.writes("/unanswered")
    page = olga.reads()
    assert without_dates(page.text) == (
        f"{HEADING} (4)\n\n"
        "1. Who has key 7?\n4 people · not found: 7 · last on …\n• Where is key 7?\n• Key 7, please\n\n"
        "2. Who has key 5?\n2 people · not found: 2 · last on …\n\n"
        "3. snow\n1 person · disliked: 1 · last on …\n\n"
        "4. Who has key 3?\n1 person · not found: 1 · last on …"
    )
    assert page.marked("bold") == ["Who has key 7?", "Who has key 5?", "snow", "Who has key 3?"]
    assert labels(page) == ["📌 1", "📌 2", "📌 3", "📌 4"]


def test_unanswered_answers_when_there_is_nothing_to_show(bot, olga):
    olga.writes("/unanswered")
    answer = olga.reads()
    assert (answer.text, answer.buttons) == (NONE_UNANSWERED, [])


def test_missed_is_another_name_for_unanswered(telegram, bot, olga):
    olga.writes("/missed")
    assert olga.reads().text == NONE_UNANSWERED
    group = telegram.group("Readers")
    olga.writes("/missed@quoth_bot", to=group)
    assert group.reads().text == IN_PRIVATE


def test_unanswered_is_in_the_owners_language(telegram, start, missed):
    eva = telegram.person("Eva", "de")
    start(owners=frozenset({eva.chat.id}))
    missed("Who has key 7?", "ann", "bea")
    eva.writes("/unanswered")
    assert re.search(r"\n2 Personen · nicht gefunden: 2 · zuletzt am \d\d\.\d\d\.\d{4}$", eva.reads().text)


def test_unanswered_is_for_owners_in_private_chats(telegram, bot, olga, ann, missed):
    missed("Who has key 7?", "ann")
    ann.writes("/unanswered")
    assert ann.reads().text == OWNERS_ONLY
    group = telegram.group("Readers")
    olga.writes("/unanswered@quoth_bot", to=group)
    assert group.reads().text == IN_PRIVATE
    ann.writes("/unanswered@quoth_bot", to=group)
    assert group.reads().text == OWNERS_ONLY
    anonymous = group.to_json()
    ann.writes("/unanswered@quoth_bot", to=group, sender_chat=anonymous)
    assert group.reads().text == OWNERS_ONLY
    ann.writes("/unanswered")
    ann.reads()
    assert not any("key" in text for chat in (ann.chat, group) for text in chat.by_the_bot)


def test_strangers_and_denied_people_see_no_unanswered_questions(telegram, start, olga, missed):
    start(public=False)
    missed("Who has key 7?", "ann")
    ann = telegram.person("Ann")
    ann.writes("/unanswered")
    assert ann.reads().text.startswith("This bot is private.")
    olga.writes(f"/deny {ann.chat.id}")
    olga.reads()
    ann.writes("/unanswered")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has it")
    assert ann.chat.unread == 0


def test_a_former_owner_turns_no_page(telegram, start, olga, missed):
    start()
    for number in range(6):
        missed(f"Who has key {number}?", "ann")
    olga.writes("/unanswered")
    page = olga.reads()
    start(owners=frozenset({1}))
    for label in ("▶", "📌 1"):
        assert presses(olga, page, label).reads() == OWNERS_ONLY
    assert telegram.calls("editMessageText") == []
    assert olga.chat.unread == 0


def test_pages_are_turned_in_one_message_also_after_a_restart(start, olga, missed):
    start()
    for number in range(12):
        missed(f"Who has key {number}?", "ann")
    olga.writes("/unanswered")
    page = olga.reads()
    first = [(str(place), f"Who has key {12 - place}?") for place in range(1, 13)]
    assert asked_in(page.text) == first[:5]
    assert labels(page) == ["📌 1", "📌 2", "📌 3", "📌 4", "📌 5", "▶"]
    assert all(len(data) <= 64 for data in data_of(page))
    start()
    assert asked_in(pressed(olga, page, "▶").text) == first[5:10]
    assert labels(page)[-2:] == ["◀", "▶"]
    assert asked_in(pressed(olga, page, "▶").text) == first[10:]
    assert labels(page) == ["📌 11", "📌 12", "◀"]
    start()
    assert asked_in(pressed(olga, page, "◀").text) == first[5:10]
    assert asked_in(pressed(olga, page, "◀").text) == first[:5]


def test_pages_lose_no_group_that_changes_in_between(bot, olga, missed, forget):
    for number in range(12):
        missed(f"Who has key {number}?", "ann")
    olga.writes("/unanswered")
    page = olga.reads()
    assert [question for _, question in asked_in(page.text)][-1] == "Who has key 7?"
    forget("Who has key 11?")
    missed("Who has key 6?", "bea")
    missed("Who has key 99?", "bea")
    assert asked_in(pressed(olga, page, "▶").text) == [
        ("1", "Who has key 6?"),
        ("2", "Who has key 99?"),
        ("7", "Who has key 5?"),
        ("8", "Who has key 4?"),
        ("9", "Who has key 3?"),
    ]
    assert [number for number, _ in asked_in(pressed(olga, page, "▶").text)] == ["10", "11", "12"]
    assert [number for number, _ in asked_in(pressed(olga, page, "◀").text)] == ["5", "6", "7", "8", "9"]


def test_when_all_that_was_behind_is_gone_the_last_ones_are_shown(bot, olga, missed, forget):
    for number in range(7):
        missed(f"Who has key {number}?", "ann")
    olga.writes("/unanswered")
    page = olga.reads()
    for number in range(5):
        forget(f"Who has key {number}?")
    assert asked_in(pressed(olga, page, "▶").text) == [("1", "Who has key 6?"), ("2", "Who has key 5?")]
    assert labels(page) == ["📌 1", "📌 2"]


@pytest.mark.parametrize("data", ["missed:", "missed:>:1:1:1", "missed:<:9:9:9:9", "missed:pin:x", "missed:pin:"])
def test_made_up_data_turns_no_page(telegram, bot, olga, ann, missed, data):
    missed("Who has key 7?", "ann")
    olga.writes("/unanswered")
    button = olga.reads().buttons[0]
    assert olga.presses(replace(button, data=data)).reads() == OLD
    assert ann.presses(button).reads() == OLD
    assert telegram.calls("editMessageText") == []
    assert olga.chat.unread == ann.chat.unread == 0


def test_the_bot_shows_typing_while_it_searches_unanswered_questions(telegram, bot, olga, ann, library, monkeypatch):
    may_end, began = threading.Event(), threading.Event()

    def slow(_):
        began.set()
        assert may_end.wait(TIMEOUT_S)
        return []

    monkeypatch.setattr(unanswered_module, "unanswered_questions", slow)
    olga.writes("/unanswered")
    assert began.wait(TIMEOUT_S)
    ann.writes("/members")
    assert ann.reads().text == OWNERS_ONLY
    assert telegram.waits_for_calls("sendChatAction")
    assert olga.chat.unread == 0
    may_end.set()
    assert olga.reads().text == NONE_UNANSWERED


def test_questions_do_not_wait_for_the_list_of_unanswered_ones(telegram, bot, olga, ann, library, monkeypatch):
    began, may_go_on, answered = threading.Event(), threading.Event(), threading.Event()

    def prepare(_):
        is_first = not began.is_set()
        began.set()
        assert may_go_on.wait(TIMEOUT_S)
        return is_first

    def find(_):
        assert answered.wait(TIMEOUT_S)
        return []

    monkeypatch.setattr(unanswered_module, "prepare_unanswered", prepare)
    monkeypatch.setattr(unanswered_module, "unanswered_questions", find)
    olga.writes("/unanswered")
    assert began.wait(TIMEOUT_S)
    ann.writes("snow")
    telegram.wait_until(
        lambda: any(call["chat_id"] == str(ann.chat.id) for call in telegram.calls("sendChatAction")),
        "the question waits",
    )
    may_go_on.set()
    assert ann.reads().text.startswith(ANSWERS)
    answered.set()
    assert olga.reads().text == NONE_UNANSWERED


def test_a_passage_is_pinned_to_an_unanswered_question(bot, olga, ann):
    ann.writes("Who conducts the orchestra?")
    ann.reads()
    olga.writes("/unanswered")
    page = olga.reads()
    assert presses(olga, page, "📌 1").reads() == ""
    choice = olga.reads()
    assert choice.text.startswith("Which passage answers this?\nWho conducts the orchestra?\n\n")
    assert labels(choice) == ["📌 1", "📌 2"]
    chosen = re.search(r"📌 2 · (\w+)", choice.text)[1]
    done = pressed(olga, choice, "📌 2")
    assert done.text.startswith("📌 Pinned. ")
    assert labels(done) == ["Undo"]
    ann.writes("The orchestra, who conducts?")
    assert f"— {chosen} · line 1 · {chosen}.txt · 📌 pinned\n\n" in ann.reads().text
    olga.writes("/unanswered")
    page = olga.reads()
    assert page.text.endswith(f"\n📌 an answer has been pinned since, from {chosen}.txt")
    assert page.buttons == []
    assert labels(pressed(olga, choice, "Undo")) == ["📌 1", "📌 2"]
    olga.writes("/unanswered")
    assert labels(olga.reads()) == ["📌 1"]


def test_an_unanswered_question_without_passages_has_nothing_to_pin(bot, olga, missed):
    missed("Who has key 7?", "ann")
    olga.writes("/unanswered")
    presses(olga, olga.reads(), "📌 1").reads()
    choice = olga.reads()
    assert (choice.text, choice.buttons) == (f"{NOTHING_TO_PIN}\nWho has key 7?", [])


def test_nothing_is_pinned_to_a_forgotten_question(bot, olga, missed, forget):
    missed("Who has key 7?", "ann")
    olga.writes("/unanswered")
    page = olga.reads()
    forget("Who has key 7?")
    presses(olga, page, "📌 1").reads()
    answer = olga.reads()
    assert (answer.text, answer.buttons) == (FORGOTTEN, [])


# --- below a disliked answer


def test_an_owner_who_dislikes_an_answer_is_offered_to_pin_a_passage(telegram, disliked, olga):
    assert labels(disliked) == ["More", "Context", "Receipt", "👍", "👎", OFFER]
    presses(olga, disliked, "👎").reads()
    presses(olga, disliked, "👍").reads()
    assert labels(disliked)[-1] == OFFER
    assert len(telegram.calls("editMessageReplyMarkup")) == 1


def test_only_owners_are_offered_to_pin(telegram, bot, ann):
    ann.writes("snow")
    answer = ann.reads()
    presses(ann, answer, "👎").reads()
    ann.writes("rain")
    ann.reads()
    assert labels(answer) == ["More", "Context", "Receipt", "👍", "👎"]
    assert telegram.calls("editMessageReplyMarkup") == []


def test_an_owner_who_likes_an_answer_is_offered_nothing(telegram, bot, olga):
    olga.writes("snow")
    presses(olga, olga.reads(), "👍").reads()
    olga.writes("rain")
    olga.reads()
    assert telegram.calls("editMessageReplyMarkup") == []


def test_a_pinned_passage_comes_first_until_that_is_undone(disliked, olga, ann):
    text = disliked.text
    choice = pressed(olga, disliked, OFFER)
    assert (choice.text, labels(choice)) == (ANSWERS + CHOICE, ["📌 1", "📌 2", "‹ Back"])
    assert choice.marked("expandable_blockquote") == ["Snow is cold.", "It will rain. Take an umbrella."]
    done = pressed(olga, choice, "📌 2")
    assert (done.text, labels(done)) == (ANSWERS + PINNED, ["Undo", "‹ Back"])
    ann.writes("SNOW?")
    again = ann.reads()
    assert again.text == RAIN_FIRST
    assert pressed(ann, again, "Context").text.endswith("— rain · line 1 · rain.txt · 📌 pinned")
    assert "\n📌 1. rain · " in pressed(ann, pressed(ann, again, "‹ Back"), "Receipt").text
    assert ann.types("snow").reads().results[0].title == "📌 rain · line 1"
    assert pressed(olga, done, "Undo").text == ANSWERS + CHOICE
    ann.writes("SNOW?")
    assert "pinned" not in ann.reads().text
    assert pressed(olga, disliked, "‹ Back").text == text


def test_pinning_works_step_by_step_over_restarts(start, olga):
    start()
    olga.writes("snow")
    answer = olga.reads()
    presses(olga, answer, "👎").reads()
    olga.reads_edited()
    start()
    pressed(olga, answer, OFFER)
    start()
    assert pressed(olga, answer, "📌 2").text == ANSWERS + PINNED
    start()
    olga.writes("snow")
    assert olga.reads().text == RAIN_FIRST
    pressed(olga, answer, "Undo")
    olga.writes("snow")
    assert "pinned" not in olga.reads().text


def test_in_a_group_only_an_owner_gets_further(telegram, bot, olga, ann):
    group = telegram.group("Readers")
    ann.writes("/ask snow", to=group)
    answer = group.reads()
    presses(olga, answer, "👎").reads()
    assert labels(group.reads_edited())[-1] == OFFER
    for label, shown in ((OFFER, CHOICE), ("📌 2", PINNED), ("Undo", CHOICE)):
        text = answer.text
        assert presses(ann, answer, label).reads() == OWNERS_ONLY
        assert telegram.calls("answerCallbackQuery")[-1]["show_alert"]
        assert answer.text == text
        assert presses(olga, answer, label).reads() == ""
        assert group.reads_edited().text == ANSWERS + shown
    assert group.unread == 0


@pytest.mark.parametrize("data", ["passages:{}", "pin:{}:2", "pin:{}", "pin:{}:99", "unpin:{}:1", "unpin:x", "pin:"])
def test_made_up_data_pins_nothing(telegram, bot, olga, ann, data):
    olga.writes("snow")
    answer = olga.reads()
    receipt_id = answer.buttons[-1].data.removeprefix("bad:")
    for who in (olga, ann):
        assert who.presses(replace(answer.buttons[0], data=data.format(receipt_id))).reads() == OLD
    olga.writes("snow")
    assert "pinned" not in olga.reads().text
    assert telegram.calls("editMessageText") == []


def test_a_passage_that_is_gone_meanwhile_is_not_pinned(disliked, olga, library):
    pressed(olga, disliked, OFFER)
    (library.documents / "rain.txt").unlink()
    library.sync()
    message = pressed(olga, disliked, "📌 2")
    assert (message.text, labels(message)) == (ANSWERS + GONE, ["‹ Back"])
    assert pressed(olga, message, "‹ Back").text == f"{ANSWERS}Snow is cold.\n— snow · line 1 · snow.txt"


def test_where_all_passages_are_gone_there_is_nothing_to_pin(disliked, olga, library):
    library.empty()
    message = pressed(olga, disliked, OFFER)
    assert (message.text, labels(message)) == (f"{ANSWERS}{NOTHING_TO_PIN}\nsnow", ["‹ Back"])


@pytest.mark.parametrize("steps", [[OFFER], [OFFER, "📌 2"]])
def test_a_question_that_is_forgotten_meanwhile_cannot_be_pinned_to(disliked, olga, forget, steps):
    for label in steps[:-1]:
        pressed(olga, disliked, label)
    forget("snow")
    message = pressed(olga, disliked, steps[-1])
    assert (message.text, labels(message)) == (ANSWERS + FORGOTTEN, ["‹ Back"])


def test_a_passage_that_a_group_does_not_see_cannot_be_pinned_there(telegram, bot, olga, library, tmp_path):
    group, other = telegram.group("Readers"), tmp_path / "sent"
    other.mkdir()
    (other / "secret.txt").write_text("Snow is a secret.")
    library.sync_collection(f"chat{group.id}", other)
    olga.writes("/ask snow", to=group)
    answer = group.reads()
    presses(olga, answer, "👎").reads()
    group.reads_edited()
    # As administrators can settle: the group asks its own documents alone.
    olga.writes("/settings", to=group)
    settings = group.reads()
    presses(olga, settings, next(each for each in labels(settings) if "common" in each)).reads()
    group.reads_edited()
    presses(olga, answer, OFFER).reads()
    shown = group.reads_edited()
    assert [each for each in ("rain.txt", "snow.txt", "secret.txt") if each in shown.text] == ["secret.txt"]


def test_all_passages_of_an_answer_can_be_pinned_page_by_page(bot, olga, library):
    for number in range(1, 8):
        (library.documents / f"{number}.txt").write_text(f"Snow, {'or rain, ' * number}fell.")
    library.sync()
    olga.writes("snow")
    answer = olga.reads()
    presses(olga, answer, "👎").reads()
    olga.reads_edited()
    assert labels(pressed(olga, answer, OFFER)) == ["📌 1", "📌 2", "📌 3", "‹ Back", "More"]
    assert labels(pressed(olga, answer, "More")) == ["📌 4", "📌 5", "📌 6", "‹ Back", "More"]
    assert labels(pressed(olga, answer, "More")) == ["📌 7", "📌 8", "📌 9", "‹ Back"]
    last = re.search(r"📌 9 · .* · (.*)$", answer.text)[1]
    pressed(olga, answer, "📌 9")
    olga.writes("snow")
    assert olga.reads().marked("code")[0] == last
