"""Questions that go on from the one before, in private chats and in groups."""

from __future__ import annotations

import sqlite3

import pytest
from support.running_bot import ANSWER, RunningBot

from bot.telegram.state import BOT_FILE, conversations
from retrieval import Verdict

FIRST = "How many British officers work in Coquelles?"
JOINED = f"{FIRST} And how many French?"
SEARCHED = f"Searched for: {JOINED}\n{ANSWER}"


@pytest.fixture
def group(telegram):
    return telegram.group("Readers")


def asks(who, *questions):
    """The answer to the last of some questions in a private chat."""
    for question in questions:
        who.writes(question)
        answer = who.reads()
    return answer


def kept(tmp_path):
    with sqlite3.connect(tmp_path / BOT_FILE) as database:
        rows = database.execute("SELECT question FROM turns ORDER BY question_id").fetchall()
    database.close()
    return [question for (question,) in rows]


def test_a_follow_up_shows_the_question_that_was_searched_for(ann, service):
    assert asks(ann, FIRST).text == ANSWER
    assert asks(ann, "And how many French?").text == SEARCHED
    assert service.asked == [FIRST, JOINED]
    assert service.contexts == ["", FIRST]


def test_a_second_follow_up_uses_the_standalone_question(ann, service):
    asks(ann, FIRST, "And how many French?", "And when?")
    assert service.asked[-1] == f"{FIRST} And when?"


def test_a_standalone_question_is_searched_as_it_is(ann, service):
    assert asks(ann, FIRST, "Who met the home secretary in Paris?").text == ANSWER
    assert service.asked[-1] == "Who met the home secretary in Paris?"


def test_the_first_question_of_all_has_nothing_to_take_over(ann):
    assert asks(ann, "And how many French?").text == ANSWER


def test_the_searched_question_is_named_in_the_persons_language(telegram, bot):
    zoe = telegram.person("Zoé", "fr")
    answer = asks(zoe, "Combien de policiers britanniques travaillent à Coquelles ?", "et les Français ?")
    assert answer.text.startswith(
        "Recherche\u00a0: Combien de policiers britanniques travaillent à Coquelles ? et les Français ?\n"
        "Ceci répond probablement à votre question.\n\n"
    )


def test_the_searched_question_stays_above_all_views(ann, service):
    service.verdict = Verdict.NONE
    answer = asks(ann, FIRST, "And how many French?")
    nothing = f"Searched for: {JOINED}\nThe documents do not seem to answer this."
    assert answer.text == nothing
    ann.presses(answer.buttons[0])
    gone = "The passages that came closest are not in the documents any more."
    assert ann.reads_edited().text == f"{nothing}\n\n{gone}"


def test_new_forgets_and_says_so(ann, service, tmp_path):
    answer = asks(ann, FIRST)
    assert asks(ann, "/new").text == "Forgotten. Your next question begins something new."
    assert kept(tmp_path) == []
    assert asks(ann, "And how many French?").text == ANSWER
    ann.writes("And when?", reply_to=answer)
    assert ann.reads().text == ANSWER
    assert service.asked == [FIRST, "And how many French?", "And when?"]


def test_a_reply_to_an_earlier_answer_goes_on_from_its_question(ann, service):
    earlier = asks(ann, FIRST)
    asks(ann, "Who met the home secretary in Paris?")
    ann.writes("French officers?", reply_to=earlier)
    ann.reads()
    assert service.asked[-1] == f"{FIRST} French officers?"


def test_a_reply_to_something_that_is_no_answer_goes_on_from_nothing(ann, service):
    asks(ann, FIRST)
    ann.writes("And when?", reply_to=asks(ann, "/help"))
    ann.reads()
    assert service.asked[-1] == "And when?"


def test_an_edited_question_follows_the_question_before_it(ann, service):
    asks(ann, FIRST)
    question = ann.writes("And when?")
    ann.reads()
    asks(ann, "Who met the home secretary in Paris?")
    ann.edits(question, "And how many French?")
    assert ann.reads_edited().text == SEARCHED
    assert service.asked[-1] == JOINED


def test_a_follow_up_uses_the_edited_first_question(ann, service):
    question = ann.writes("How many British officers came?")
    ann.reads()
    ann.edits(question, FIRST)
    assert asks(ann, "And how many French?").text == SEARCHED
    assert service.asked[1:] == [FIRST, JOINED]


def test_a_conversation_goes_on_after_a_restart(telegram, service, tmp_path):
    ann = telegram.person("Ann")
    for question in (FIRST, "And how many French?"):
        bot = RunningBot(telegram, service, data=tmp_path)
        asks(ann, question)
        bot.stop()
        bot.wait()
    assert service.asked == [FIRST, JOINED]


def test_after_an_hour_a_conversation_is_forgotten_on_the_disk(telegram, service, tmp_path, monkeypatch):
    ann = telegram.person("Ann")
    for question in (FIRST, "And how many French?"):
        bot = RunningBot(telegram, service, data=tmp_path)
        asks(ann, question)
        bot.stop()
        bot.wait()
        monkeypatch.setattr(conversations, "EXCHANGES_REMEMBERED_S", 0)
    assert service.asked == [FIRST, "And how many French?"]
    assert kept(tmp_path) == ["And how many French?"]
    content = b"".join(path.read_bytes() for path in tmp_path.glob(f"{BOT_FILE}*"))
    assert b"Coquelles" not in content


def test_in_a_group_only_a_reply_to_ones_own_answer_follows_up(ann, bea, group, service):
    ann.writes(f"/ask {FIRST}", to=group)
    answer = group.reads()
    ann.writes("/ask And how many French?", to=group)
    group.reads()
    bea.writes("And how many French?", to=group, reply_to=answer)
    group.reads()
    ann.writes("And how many French?", to=group, reply_to=answer)
    assert group.reads().text == SEARCHED
    assert service.asked == [FIRST, "And how many French?", "And how many French?", JOINED]


def test_private_questions_stay_out_of_groups(ann, group, service):
    answer = asks(ann, FIRST)
    ann.writes("/ask And how many French?", to=group)
    group.reads()
    ann.writes("/ask And when?", to=group, reply_to=answer)
    group.reads()
    assert service.asked[1:] == ["And how many French?", "And when?"]


def test_anonymous_administrators_share_no_conversation(telegram, bot, group, service):
    anybody = telegram.person("Group", is_bot=True)
    anybody.writes(f"/ask {FIRST}", to=group, sender_chat=group.to_json())
    answer = group.reads()
    anybody.writes("And when?", to=group, reply_to=answer, sender_chat=group.to_json())
    group.reads()
    assert service.asked == [FIRST, "And when?"]


def test_a_question_that_fails_is_nothing_to_go_on_from(ann, service):
    service.error = RuntimeError()
    asks(ann, FIRST)
    service.error = None
    asks(ann, "And when?")
    assert service.asked == [FIRST, "And when?"]
