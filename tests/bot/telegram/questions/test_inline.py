"""Inline: passages to choose from, in any chat, behind the bot's name."""

from __future__ import annotations

import pytest
from support.made_up import quote, quotes
from support.running_bot import RunningBot

from retrieval import Location, QuestionError, QuestionFault, StoreError, Unit

HINT = {"text": "Write a question to search the documents", "start_parameter": "inline"}
NOTHING = {"text": "Nothing was found. Ask the bot itself", "start_parameter": "inline"}
STRANGER = {"text": "You have not been let in yet", "start_parameter": "inline"}


@pytest.fixture
def start(telegram, service):
    service.found = quotes(3)
    running = []

    def started(**settings):
        running.append(RunningBot(telegram, service, **settings))

    yield started
    service.may_answer.set()
    for each in running:
        each.stop()
        each.wait()


@pytest.fixture
def bot(start):
    start()


@pytest.fixture
def ann(telegram):
    return telegram.person("Ann")


def test_passages_are_listed_and_put_the_quote_into_the_chat(telegram, bot, ann, service):
    found = quote("They <met>. ", "Six\ncame.", path="calais.txt", title="Calais", place=Location(Unit.LINE, 3, 4))
    service.found = (found,)
    answer = ann.types("How many?").reads()
    [result] = answer.results
    assert (result.title, result.description) == ("Calais · lines 3–4", "Six came.")
    assert result.text == "They <met>. Six\ncame.\n— Calais · lines 3–4 · calais.txt\nReceipt"
    assert result.links == {"Receipt": "https://t.me/quoth_bot?start=r_id_1"}
    assert result.marked("blockquote") == ["They <met>. Six\ncame."]
    assert result.marked("bold") == ["Six\ncame."]
    assert result.extra == {"link_preview_options": {"is_disabled": True}}
    assert (answer.next_offset, answer.button) == ("", None)


def test_an_inline_list_is_personal_and_cached_briefly(bot, ann):
    answer = ann.types("How many?").reads()
    assert answer.is_personal
    assert answer.cache_time == 60


def test_a_long_passage_fits_into_one_message(bot, ann, service):
    long = quote("Before. " * 900, "Six came. " * 60, title="T" * 300)
    service.found = (long,)
    [result] = ann.types("How many?").reads().results
    assert 4000 < len(result.text) <= 4096
    assert result.text.endswith("\nReceipt")
    assert result.title == "T" * 100 + "…"
    assert result.description == ("Six came. " * 30)[:-1] + "…"


def test_passages_come_in_pages_of_ten_up_to_fifty(bot, ann, service):
    service.found = quotes(12)
    first = ann.types("How many?").reads()
    second = ann.types("How many?", first.next_offset).reads()
    assert [result.title for result in first.results] == [f"Title {rank}" for rank in range(1, 11)]
    assert [result.title for result in second.results] == ["Title 11", "Title 12"]
    assert (first.next_offset, second.next_offset) == ("10", "")
    service.found = quotes(70)
    assert ann.types("How many?", "30").reads().next_offset == "40"
    last = ann.types("How many?", "40").reads()
    assert [last.results[-1].title, last.next_offset] == ["Title 50", ""]


def test_the_end_of_a_list_that_has_become_shorter_is_empty(bot, ann, service):
    service.found = quotes(3)
    assert ann.types("How many?", "10").reads().results == []


@pytest.mark.parametrize("offset", ["-10", "7", "5000", "x", "１０"])
def test_an_offset_that_the_bot_never_gave_begins_anew(bot, ann, offset):
    assert ann.types("How many?", offset).reads().results[0].title == "Title 1"


@pytest.mark.parametrize("text", ["", "  "])
def test_without_a_query_there_is_a_hint(bot, ann, service, text):
    answer = ann.types(text).reads()
    assert (answer.results, answer.button) == ([], HINT)
    assert service.asked == []


def test_where_nothing_is_found_a_button_leads_to_the_bot(bot, ann, service):
    service.found = ()
    answer = ann.types("How many?").reads()
    assert (answer.results, answer.button, answer.cache_time) == ([], NOTHING, 0)
    ann.opens(f"https://t.me/quoth_bot?start={answer.button['start_parameter']}")
    assert "answers with the exact words of its documents" in ann.reads().text


def test_an_invalid_inline_query_finds_nothing(bot, ann, service):
    service.error = QuestionError("It holds no words.", QuestionFault.NO_WORDS)
    assert ann.types("?!").reads().button == NOTHING


def test_inline_texts_are_in_each_persons_language(telegram, bot):
    zoe = telegram.person("Zoé", "fr")
    assert zoe.types("").reads().button["text"] == "Écrivez une question pour chercher dans les documents"


def test_a_stranger_gets_nothing_but_a_button_that_leads_to_the_bot(telegram, start, ann, service):
    start(public=False, owners=frozenset({1}))
    answer = ann.types("How many?").reads()
    assert (answer.results, answer.button, answer.cache_time) == ([], STRANGER, 0)
    assert answer.is_personal
    assert service.asked == []
    ann.opens(f"https://t.me/quoth_bot?start={answer.button['start_parameter']}")
    assert ann.reads().text.startswith("This bot is private.")


def test_a_member_of_a_group_that_may_ask_is_a_stranger_inline(telegram, start, ann):
    group = telegram.group("Readers")
    start(public=False, owners=frozenset({1}), allowed=frozenset({group.id}))
    ann.writes("/ask How many?", to=group)
    assert group.reads().text.startswith("This probably answers your question.")
    assert ann.types("How many?").reads().button == STRANGER


def test_only_the_newest_query_of_a_person_is_searched(telegram, bot, ann, service):
    bea = telegram.person("Bea")
    service.may_answer.clear()
    ann.writes("First?")
    telegram.waits_for_calls("sendChatAction")
    queries = [ann.types(text) for text in ("H", "How", "How many?")]
    other = bea.types("Who came?")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has all of them")
    service.may_answer.set()
    assert len(other.reads().results) == 3
    assert len(queries[-1].reads().results) == 3
    assert service.asked == ["First?", "How many?", "Who came?"]
    assert [query.answer for query in queries[:2]] == [None, None]


def test_inline_queries_come_before_waiting_questions(telegram, bot, ann, service):
    service.may_answer.clear()
    for name in ("Bea", "Cem", "Dan"):
        telegram.person(name).writes(f"{name}?")
    telegram.waits_for_calls("sendChatAction", 3)
    query = ann.types("How many?")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has it")
    service.may_answer.set()
    assert len(query.reads().results) == 3
    telegram.waits_for_calls("sendMessage", 3)
    assert service.asked.index("How many?") == 1


def test_typing_takes_no_questions_away(telegram, start, ann, service):
    start(questions_a_minute=2)
    for _ in range(12):
        ann.types("How many?").reads()
    too_much = ann.types("How many?")
    ann.writes("How many?")
    assert ann.reads().text.startswith("This probably answers your question.")
    assert too_much.reads().results == []
    assert len(service.asked) == 13
    assert ann.chat.unread == 0


def test_a_query_that_telegram_has_given_up_breaks_nothing(telegram, bot, ann, log):
    telegram.fails_next("answerInlineQuery", 400, "Bad Request: query is too old and response timeout expired")
    ann.types("How many?")
    log.waits_for("INFO An inline query could not be answered: Query is too old")
    assert len(ann.types("How many?").reads().results) == 3


def test_an_error_is_logged_and_ends_nothing(bot, ann, service, log):
    service.error = StoreError("Cannot read /home/me/index.db. Delete it.")
    ann.types("How many?")
    log.waits_for("WARNING Not answered: StoreError: Cannot read /home/me/index.db. Delete it.")
    service.error = None
    assert len(ann.types("How many?").reads().results) == 3
