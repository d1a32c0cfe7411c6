"""Nothing is lost and nothing is answered twice, whatever fails on the way."""

from __future__ import annotations

import pytest
from support.running_bot import ANSWER, RunningBot
from support.telegram_double import TelegramDouble

from bot.telegram import app
from bot.telegram.questions import questions
from bot.telegram.state.updates import UpdateRepository
from bot.telegram.transport import connection, sender
from retrieval import StoreError, Verdict

SORRY = "Sorry, something went wrong here. Please try again in a moment."
FLOOD = "Too Many Requests: retry after 3600"


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr(connection, "DELAYS_S", (0.01,))


def test_an_answer_that_telegram_does_not_take_is_sent_again(telegram, ann, log):
    for _ in range(3):
        telegram.fails_next("sendMessage", 502, "Bad Gateway")
        telegram.drops_next("sendMessage")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    assert log.text.count("A message could not be sent, trying again until it is: Bad Gateway") == 1
    assert ann.chat.by_the_bot == [ANSWER]


@pytest.mark.parametrize("code", [None, 500])
def test_an_answer_that_arrived_unconfirmed_is_not_sent_again(telegram, ann, code):
    telegram.loses_next("sendMessage", code)
    ann.writes("How many?")
    ann.writes("/start")
    telegram.wait_until(lambda: len(ann.chat.by_the_bot) > 1, "/start is answered")
    assert ann.chat.by_the_bot[0] == ANSWER
    assert "word for word" in ann.chat.by_the_bot[1]
    assert len(telegram.calls("sendMessage")) == 2


def test_in_a_group_it_is_found_among_what_others_write(telegram, ann, bea, service):
    group = telegram.group("Readers")
    service.may_answer.clear()
    asked = ann.writes("/ask How many?", to=group)
    telegram.waits_for_calls("sendChatAction")
    bea.writes("Hello", to=group)
    telegram.loses_next("sendMessage")
    service.may_answer.set()
    assert group.reads().reply_to is asked
    ann.writes("/ask Who came?", to=group)
    group.reads()
    assert group.by_the_bot == [ANSWER, ANSWER]


@pytest.mark.parametrize("kind", ["private", "group"])
def test_after_a_lost_answer_at_most_five_edits_are_guessed(telegram, ann, kind):
    chat = telegram.group("Readers") if kind == "group" else ann.chat
    for _ in range(6):
        telegram.fails_next("sendMessage", 502, "Bad Gateway")
    ann.writes("/ask How many?", to=chat)
    assert chat.reads().text == ANSWER
    assert 1 <= len(telegram.calls("editMessageText")) <= 5


def test_messages_that_others_are_known_to_have_are_no_guesses():
    seen = sender.SeenMessages()
    for chat_id, message_id in [(1, 101), (2, 104), (-5, 105), (-1_000_000_000_001, 102)]:
        seen.add(chat_id, message_id)
    assert list(seen.unknown(1, 101)) == [102, 103, 106, 107]
    assert list(seen.unknown(-1_000_000_000_001, 101)) == [103, 104, 105, 106, 107]


def test_the_answer_is_found_behind_later_answers(telegram, ann, bea, service):
    service.may_answer.clear()
    ann.writes("How many?")
    telegram.waits_for_calls("sendChatAction")
    for _ in range(10):
        bea.writes("/help")
        bea.reads()
    telegram.loses_next("sendMessage")
    service.may_answer.set()
    ann.reads()
    ann.writes("/start")
    telegram.wait_until(lambda: len(ann.chat.by_the_bot) > 1, "/start is answered")
    assert ann.chat.by_the_bot[0] == ANSWER
    assert ann.chat.by_the_bot.count(ANSWER) == 1


def test_an_edit_of_that_question_finds_the_answer(telegram, ann, service):
    telegram.loses_next("sendMessage")
    question = ann.writes("How many?")
    answer = ann.reads()
    service.verdict = Verdict.NONE
    ann.edits(question, "Who else?")
    assert ann.reads_edited() is answer
    assert answer.text == "The documents do not seem to answer this."
    assert service.asked == ["How many?", "Who else?"]


def test_an_answer_that_telegram_never_takes_is_apologised_for(telegram, ann, log):
    for _ in range(sender.MAX_REFUSALS):
        telegram.fails_next("sendMessage", 500, "Internal Server Error")
    ann.writes("How many?")
    assert ann.reads().text == SORRY
    assert "WARNING Not answered: NetworkError: Internal Server Error" in log.text


def test_markup_that_telegram_refuses_is_left_out(telegram, ann):
    telegram.fails_next("sendMessage", 400, "Bad Request: can't parse entities: unsupported start tag")
    ann.writes("How many?")
    answer = ann.reads()
    assert (answer.text, answer.entities) == (ANSWER, [])


def test_flood_control_is_obeyed(telegram, ann):
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    ann.writes("How many?")
    assert ann.reads().text == ANSWER


def test_flood_control_in_one_chat_holds_up_no_other(telegram, ann, bea, monkeypatch):
    monkeypatch.setattr(app, "STOP_TIMEOUT_S", 0.01)
    telegram.fails_next("sendMessage", 429, FLOOD, retry_after=3600)
    ann.writes("How many?")
    telegram.waits_for_calls("sendMessage")
    bea.writes("How many?")
    assert bea.reads().text == ANSWER
    assert ann.chat.by_the_bot == []


def test_a_chat_is_answered_in_its_order_and_another_meanwhile(telegram, ann, bea, service):
    service.may_answer.clear()
    ann.writes("How many?")
    ann.writes("/help")
    bea.writes("/help")
    assert bea.reads().text.startswith("How to ask")
    assert ann.chat.by_the_bot == []
    service.may_answer.set()
    assert ann.reads().text == ANSWER
    assert ann.reads().text.startswith("How to ask")


def test_an_error_in_one_chat_ends_nothing(ann, bea, service):
    service.error = RuntimeError()
    ann.writes("How many?")
    assert ann.reads().text == SORRY
    service.error = None
    ann.writes("How many?")
    bea.writes("How many?")
    assert [ann.reads().text, bea.reads().text] == [ANSWER, ANSWER]


def test_people_are_told_their_place_if_they_wait_long(telegram, ann, bea, service, monkeypatch):
    monkeypatch.setattr(questions, "NOTICEABLE_WAIT", 1)
    service.may_answer.clear()
    ann.writes("How many?")
    telegram.waits_for_calls("sendChatAction")
    bea.writes("Who came?")
    assert bea.reads().text == "Many questions are waiting. Yours is number 2; I will answer it."
    service.may_answer.set()
    assert [ann.reads().text, bea.reads().text] == [ANSWER, ANSWER]


def test_unanswered_updates_are_answered_after_the_next_start(telegram, service, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "STOP_TIMEOUT_S", 0.01)
    ann = telegram.person("Ann")
    first = RunningBot(telegram, service, tmp_path)
    telegram.fails_next("sendMessage", 429, FLOOD, retry_after=3600)
    question = ann.writes("How many?")
    ann.writes("/help")
    telegram.waits_for_calls("sendMessage")
    first.stop()
    first.wait()
    assert telegram.world.updates == []
    second = RunningBot(telegram, service, tmp_path)
    assert ann.reads().text == ANSWER
    assert ann.reads().text.startswith("How to ask")
    telegram.delivers_again(question)
    ann.writes("/sources")
    assert ann.reads().text.startswith("2 documents:")
    second.stop()
    second.wait()


def test_a_message_that_cannot_be_stored_waits_until_it_can(ann, service, log, monkeypatch):
    failures = iter([StoreError("The disk is full. Make room.")] * 2)
    add = UpdateRepository.add

    def fail_first(*arguments):
        for error in failures:
            raise error
        return add(*arguments)

    monkeypatch.setattr(UpdateRepository, "add", fail_first)
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    assert "ERROR No message can be read, trying again until it can: The disk is full. Make room." in log.text
    assert service.asked == ["How many?"]


def test_a_bot_that_was_blocked_answers_nothing_until_it_is_unblocked(telegram, ann, service, log):
    service.may_answer.clear()
    ann.writes("How many?")
    telegram.waits_for_calls("sendChatAction")
    ann.writes("Who came?")
    ann.blocks_the_bot()
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has heard of it")
    service.may_answer.set()
    log.waits_for("WARNING Not answered: Forbidden")
    ann.unblocks_the_bot()
    ann.writes("Why?")
    assert ann.reads().text == ANSWER
    assert service.asked == ["How many?", "Why?"]


def test_a_group_that_removed_the_bot_is_left_alone(telegram, ann, service, log):
    group = telegram.group("Readers")
    service.may_answer.clear()
    ann.writes("/ask How many?", to=group)
    ann.writes("/ask Who came?", to=group)
    telegram.waits_for_calls("sendChatAction")
    ann.removes_the_bot(group)
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has heard of it")
    service.may_answer.set()
    log.waits_for("WARNING Not answered: Forbidden")
    ann.writes("Why?")
    assert ann.reads().text == ANSWER
    assert service.asked == ["How many?", "Why?"]


def test_a_group_that_becomes_a_supergroup_is_answered_there(telegram, ann, service):
    group = telegram.group("Readers")
    service.may_answer.clear()
    ann.writes("/ask How many?", to=group)
    telegram.waits_for_calls("sendChatAction")
    supergroup = ann.upgrades(group)
    service.may_answer.set()
    assert supergroup.reads().text == ANSWER
    assert group.by_the_bot == []


def test_an_update_that_comes_twice_is_answered_once(telegram, ann, service):
    question = ann.writes("How many?")
    ann.reads()
    telegram.delivers_again(question)
    ann.writes("Who came?")
    ann.reads()
    assert service.asked == ["How many?", "Who came?"]
    assert ann.chat.unread == 0


def test_questions_during_an_outage_are_answered(telegram, request, service):
    ann = telegram.person("Ann")
    ann.writes("How many?")
    request.getfixturevalue("bot")
    assert ann.reads().text == ANSWER


def test_questions_before_a_stop_are_answered_once(telegram, service):
    bot = RunningBot(telegram, service)
    ann = telegram.person("Ann")
    service.may_answer.clear()
    ann.writes("How many?")
    telegram.waits_for_calls("sendChatAction")
    bot.stop()
    service.may_answer.set()
    bot.wait()
    assert ann.reads().text == ANSWER
    assert telegram.world.updates == []


def test_without_a_network_the_bot_waits_until_there_is_one(service, log, monkeypatch):
    telegram = TelegramDouble()
    ann = telegram.person("Ann")
    ann.writes("How many?")
    bot = RunningBot(telegram, service)
    log.waits_for("WARNING No answer from Telegram, trying again until there is one: httpx.ConnectError")
    with telegram:
        assert ann.reads().text == ANSWER
        assert "INFO Telegram answers again." in log.text
        bot.stop()
        bot.wait()


def test_without_a_network_the_bot_can_be_ended(service, log):
    telegram = TelegramDouble()
    bot = RunningBot(telegram, service)
    log.waits_for("WARNING No answer from Telegram")
    bot.stop()
    bot.wait()
    telegram.stop()


def test_a_poll_that_fails_is_repeated(telegram, ann, log):
    telegram.drops_next("getUpdates")
    telegram.fails_next("getUpdates", 502, "Bad Gateway")
    telegram.fails_next("getUpdates", 401, "Unauthorized")
    ann.writes("/help")
    ann.reads()
    log.waits_for("Bad Gateway")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER


def test_a_second_poller_is_named_in_the_log(telegram, ann, log):
    telegram.fails_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    log.waits_for("another process polls with the same token: stop one of the two")
