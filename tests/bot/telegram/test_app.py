"""The bot in Telegram: over HTTP against a double of the Bot API, with a made-up service that answers."""

from __future__ import annotations

import pytest
from support.running_bot import ANSWER, RunningBot

from bot.monitoring.monitor import Monitor
from bot.settings import Settings
from bot.telegram import app
from bot.telegram.messaging import typing
from retrieval import QuestionError, QuestionFault, SettingsError, StoreError


def test_a_private_question_gets_one_message_with_the_quote(ann):
    ann.writes("How many officers came?")
    answer = ann.reads()
    assert answer.text == ANSWER
    assert answer.marked("blockquote") == answer.marked("bold") == ["Six officers came."]
    assert answer.reply_to is None
    assert answer.extra == {"link_preview_options": {"is_disabled": True}}


def test_ask_is_a_question_too_and_keeps_its_line_breaks(ann, service):
    ann.writes("/ask How many\nofficers?")
    assert ann.reads().text == ANSWER
    assert service.asked == ["How many\nofficers?"]


def test_ask_without_a_question_explains_itself(ann, service):
    ann.writes("/ask")
    assert ann.reads().text.startswith("Write your question after the command, for example:\n/ask ")
    assert service.asked == []


def test_everybody_is_answered_in_their_own_language(telegram, bot):
    ann = telegram.person("Ann", "de")
    ann.writes("How many?")
    assert ann.reads().text.startswith("Das beantwortet deine Frage wahrscheinlich.\n")
    zoe, eva = telegram.person("Zoé", "fr"), telegram.person("Eva", "pt-BR")
    zoe.writes("/sources")
    assert zoe.reads().text == "2 documents\u00a0:\n• Calais · calais.txt\n• Guide · guide.md"
    eva.writes("/help")
    assert eva.reads().text.startswith("How to ask")


def test_in_a_group_the_one_who_asks_is_answered_in_their_language(telegram, bot):
    group = telegram.group("Readers")
    telegram.person("Ann", "ru").writes("/ask How many?", to=group)
    assert group.reads().text.startswith(
        "Это, скорее всего, отвечает на ваш вопрос.\n\nSix officers came.\n— Calais · строки 3–4"
    )


def test_start_says_what_the_bot_does(ann):
    ann.writes("/start")
    assert "answers with the exact words of its documents" in ann.reads().text


def test_help_says_how_to_ask(ann):
    ann.writes("/help")
    shown = ann.reads()
    assert "just write your question" in shown.text
    ann.presses(shown.buttons[0]).reads()
    assert ann.reads_edited() is shown
    assert shown.text.startswith("What you get\n")
    assert "/receipt with its code.\n/forget_me – what I keep about you" in shown.text
    assert shown.buttons == []


def test_help_begins_with_the_readers_role(telegram, service):
    olga = telegram.person("Olga")
    bot = RunningBot(telegram, service, owners=frozenset({olga.user["id"]}))
    olga.writes("/help")
    assert olga.reads().text.startswith("For owners\n")
    bot.stop()
    bot.wait()


def test_help_names_the_bot_for_other_chats_if_it_can_be_asked_there(telegram, service):
    ann = telegram.person("Ann", "fr")
    for can_be_asked in (True, False):
        telegram.has_inline_mode = can_be_asked
        bot = RunningBot(telegram, service)
        ann.writes("/help")
        shown = ann.reads()
        ann.presses(shown.buttons[0]).reads()
        ann.reads_edited()
        assert ("Écrivez @quoth_bot et votre question" in shown.text) is can_be_asked
        bot.stop()
        bot.wait()


def test_a_command_that_does_not_exist_is_no_question(ann, service):
    ann.writes("/frobnicate now")
    assert ann.reads().text == "I do not know this command. Just write your question, or see /help."
    assert service.asked == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("voice", {"duration": 1, "file_id": "x", "file_unique_id": "x"}),
        ("photo", [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]),
        ("contact", {"phone_number": "1", "first_name": "Bea"}),
        ("location", {"latitude": 1.0, "longitude": 1.0}),
    ],
)
def test_a_message_without_text_is_answered(ann, service, kind, content):
    ann.sends(kind, content)
    assert ann.reads().text == "I can only read words here. Write your question as a message, or below the picture."
    assert service.asked == []


def test_sources_lists_the_documents(ann):
    ann.writes("/sources")
    assert ann.reads().text == "2 documents:\n• Calais · calais.txt\n• Guide · guide.md"


def test_typing_is_shown_until_the_answer_comes(telegram, ann, service, monkeypatch):
    monkeypatch.setattr(typing, "RENEWAL_S", 0.05)
    service.may_answer.clear()
    ann.writes("How many?")
    shown = telegram.waits_for_calls("sendChatAction", 3)
    assert shown[0] == {"chat_id": str(ann.chat.id), "action": "typing"}
    service.may_answer.set()
    assert ann.reads().text == ANSWER


def test_an_answer_that_takes_long_holds_up_nothing_else(telegram, ann, service):
    service.may_answer.clear()
    ann.writes("How many?")
    bea = telegram.person("Bea")
    bea.writes("/help")
    assert "How to ask" in bea.reads().text


def test_the_service_is_used_from_a_single_thread(telegram, ann, service):
    for question in ("One?", "Two?", "/sources", "Three?"):
        ann.writes(question)
    for _ in range(4):
        ann.reads()
    assert service.asked == ["One?", "Two?", "Three?"]
    assert len(service.threads) == 1


def test_when_too_many_wait_the_next_one_is_told_to_try_again(monkeypatch, request):
    monkeypatch.setattr(app, "MAX_WAITING_QUESTIONS", 2)
    telegram, ann, service = map(request.getfixturevalue, ("telegram", "ann", "service"))
    service.may_answer.clear()
    bea, cem = telegram.person("Bea"), telegram.person("Cem")
    ann.writes("How many?")
    bea.writes("Who came?")
    telegram.waits_for_calls("sendChatAction", 2)
    cem.writes("Why?")
    assert cem.reads().text == "Too many questions are waiting. Please ask again in a minute."
    service.may_answer.set()
    assert [ann.reads().text, bea.reads().text] == [ANSWER, ANSWER]
    assert service.asked == ["How many?", "Who came?"]


def test_why_a_question_cannot_be_asked_is_told(ann, service):
    service.error = QuestionError("It is too long.", QuestionFault.TOO_LONG, max_length=1_300)
    ann.writes("How many?")
    assert ann.reads().text == "The question is too long. Ask in at most 1,300 characters."


@pytest.mark.parametrize(
    ("language", "text", "reply"),
    [
        ("en", "Thanks!", "You are welcome!"),
        ("de", "Hallo!", "Hallo! Stell mir eine Frage, und ich zitiere die Stelle, die sie beantwortet."),
        ("fr", "ok", "Très bien. Posez-moi une question quand vous voulez."),
        ("en", "https://example.com", "I do not open links. Those who may add documents send me the file itself."),
    ],
)
def test_what_is_no_question_gets_a_friendly_line_and_no_search(telegram, bot, service, language, text, reply):
    zoe = telegram.person("Zoe", language)
    zoe.writes(text)
    answer = zoe.reads()
    assert (answer.text, answer.buttons, service.asked) == (reply, [], [])


def test_a_store_error_is_logged_and_not_shown_to_people(ann, service, log):
    service.error = StoreError("Cannot read /home/me/index.db. Delete it.")
    ann.writes("How many?")
    assert ann.reads().text == "Sorry, something went wrong here. Please try again in a moment."
    assert "WARNING Not answered: StoreError: Cannot read /home/me/index.db. Delete it." in log.text


def test_an_unknown_error_is_logged_without_the_question(ann, service, log):
    service.error = RuntimeError("no idea: What is my secret?")
    ann.writes("What is my secret?")
    assert ann.reads().text == "Sorry, something went wrong here. Please try again in a moment."
    assert "ERROR Not answered: RuntimeError\n" in log.text
    assert "in ask" in log.text
    assert "secret" not in log.text


def test_an_answer_comes_even_if_typing_cannot_be_shown(telegram, ann):
    telegram.fails_next("sendChatAction", 500, "Internal Server Error")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER


def test_menu_and_descriptions_are_set_at_the_start(telegram, ann):
    telegram.waits_for_calls("setMyShortDescription", 7)
    languages = ["", "fr", "es", "de", "ru", "ar", "zh"]
    assert telegram.commands == {
        ("all_private_chats", language): ["ask", "new", "sources", "receipt", "help", "forget_me"]
        for language in languages
    } | {("all_group_chats", language): ["ask", "receipt", "help"] for language in languages} | {
        ("all_chat_administrators", language): ["ask", "receipt", "help", "settings"] for language in languages
    }
    telegram.wait_until(lambda: len(telegram.short_descriptions) == 7, "all languages have one")
    assert list(telegram.descriptions) == list(telegram.short_descriptions) == languages
    assert "word for word" in telegram.descriptions[""]
    assert "Wort für Wort" in telegram.descriptions["de"]
    assert "exact, sourced quotes" in telegram.short_descriptions[""]


def test_the_bot_answers_although_its_menu_cannot_be_set(telegram, log, request):
    telegram.fails_next("setMyCommands", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    ann = request.getfixturevalue("ann")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    log.waits_for("WARNING The command menu and the descriptions are not up to date: Flood control")


def test_what_is_no_token_is_refused_without_naming_it(telegram, service, tmp_path):
    settings = Settings(
        QUOTH_DATA=tmp_path, TELEGRAM_API_URL=telegram.url, TELEGRAM_BOT_TOKEN="no-token-at-all", _env_file=None
    )
    with pytest.raises(SettingsError) as refused:
        app.run_bot(settings, service, None, Monitor())
    assert str(refused.value).startswith(f"{telegram.url} refuses the token in TELEGRAM_BOT_TOKEN.")
    assert refused.value.__cause__ is None
    assert "no-token-at-all" not in str(refused.value)
