"""The bot in groups, forums and supergroups."""

from __future__ import annotations

import pytest
from support.made_up import quotes
from support.running_bot import ANSWER

from retrieval import QuestionError, QuestionFault, Verdict

PHOTO = {"file_id": "x", "file_unique_id": "x", "width": 90, "height": 90}


@pytest.fixture
def group(telegram):
    return telegram.group("Readers")


def test_in_a_group_the_reply_goes_to_the_asking_message(telegram, ann):
    group = telegram.group("Readers")
    question = ann.writes("/ask How many?", to=group)
    answer = group.reads()
    assert answer.text == ANSWER
    assert answer.reply_to is question
    assert answer.topic is None


def test_in_a_group_only_ask_is_answered(telegram, ann, service):
    group = telegram.group("Readers")
    for text in ("Six?", "/sources", "/help@other_bot", "/ask@other_bot Six?", "hello /ask Six?"):
        ann.writes(text, to=group)
    asked = ann.writes("/ask@quoth_bot Who came?", to=group)
    assert group.reads().reply_to is asked
    assert service.asked == ["Who came?"]
    assert group.unread == 0


def test_in_a_forum_the_reply_stays_in_the_topic_of_the_question(telegram, ann):
    group = telegram.group("Readers")
    topic = group.opens_topic("History")
    question = ann.writes("/ask How many?", to=group, topic=topic)
    answer = group.reads()
    assert (answer.reply_to, answer.topic) == (question, topic)
    assert telegram.calls("sendChatAction")[0]["message_thread_id"] == str(topic)


def test_in_the_general_topic_of_a_forum_no_topic_is_named(telegram, ann):
    group = telegram.group("Readers")
    group.opens_topic("History")
    question = ann.writes("/ask How many?", to=group)
    answer = group.reads()
    assert (answer.reply_to, answer.topic) == (question, None)


def test_a_thread_of_replies_in_a_group_without_topics_is_no_topic(telegram, ann):
    group = telegram.group("Readers")
    first = ann.writes("Hello", to=group)
    question = ann.writes("/ask How many?", to=group, reply_to=first, message_thread_id=first.id)
    answer = group.reads()
    assert (answer.reply_to, answer.topic) == (question, None)


def test_a_deleted_question_is_answered_without_a_reply(telegram, ann, service):
    group = telegram.group("Readers")
    service.may_answer.clear()
    question = ann.writes("/ask How many?", to=group)
    telegram.waits_for_calls("sendChatAction")
    group.deletes(question)
    service.may_answer.set()
    answer = group.reads()
    assert (answer.text, answer.reply_to) == (ANSWER, None)


def test_bots_and_copies_from_a_channel_are_not_answered(telegram, ann, service):
    group = telegram.group("Readers")
    telegram.person("Robot", is_bot=True).writes("/ask From a bot?", to=group)
    ann.writes("/ask Through a bot?", to=group, via_bot=telegram.world.bot)
    ann.writes("/ask From the channel?", to=group, is_automatic_forward=True)
    ann.writes("/ask From a person?", to=group)
    group.reads()
    assert service.asked == ["From a person?"]
    assert group.unread == 0


def test_an_anonymous_administrator_is_a_person(telegram, bot):
    group = telegram.group("Readers")
    telegram.person("Group", is_bot=True).writes("/ask How many?", to=group, sender_chat=group.to_json())
    assert group.reads().text == ANSWER


def test_ask_as_a_reply_asks_what_the_other_message_says(ann, bea, group, service):
    wondered = bea.writes("I wonder how many came.", to=group)
    asked = ann.writes("/ask", to=group, reply_to=wondered)
    assert group.reads().reply_to is asked
    ann.writes("/ask@quoth_bot Who came?", to=group, reply_to=wondered)
    group.reads()
    assert service.asked == ["I wonder how many came.", "Who came?"]


def test_ask_as_a_reply_to_a_photo_asks_its_caption(ann, bea, group, service):
    photo = bea.sends("photo", [], to=group, caption="How many?")
    ann.writes("/ask", to=group, reply_to=photo)
    group.reads()
    assert service.asked == ["How many?"]


def test_ask_without_a_question_explains_itself_in_a_group_too(ann, group, service):
    asked = ann.writes("/ask", to=group)
    explained = group.reads()
    assert explained.text.startswith("Write your question after the command")
    assert explained.reply_to is asked
    topic = group.opens_topic("History")
    opening = group.messages[asked.id]
    opening.extra = {"forum_topic_created": {"name": "History", "icon_color": 0}}
    ann.writes("/ask", to=group, topic=topic, reply_to=opening)
    assert group.reads().text.startswith("Write your question after the command")
    assert service.asked == []


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("@quoth_bot How many?", "How many?"),
        ("How many, @Quoth_Bot?", "How many, ?"),
        ("👍 @quoth_bot who came?", "👍  who came?"),
    ],
)
def test_a_mention_asks_where_telegram_delivers_it(ann, group, service, text, question):
    asked = ann.writes(text, to=group)
    assert group.reads().reply_to is asked
    assert service.asked == [question]


def test_a_mention_in_a_reply_asks_what_the_other_message_says(ann, bea, group, service):
    wondered = bea.writes("How many came?", to=group)
    ann.writes("@quoth_bot", to=group, reply_to=wondered)
    group.reads()
    assert service.asked == ["How many came?"]


def test_a_reply_to_an_answer_is_a_question(ann, bea, group, service):
    ann.writes("/ask How many?", to=group)
    answered = group.reads()
    asked = bea.writes("And who came?", to=group, reply_to=answered)
    assert group.reads().reply_to is asked
    assert service.asked == ["How many?", "And who came?"]


def test_everything_else_is_met_with_silence(telegram, ann, bea, group, service):
    hello = bea.writes("How many?", to=group)
    ann.writes("No idea.", to=group, reply_to=hello)
    ann.writes("@other_bot How many?", to=group)
    ann.writes("mail@quoth_bot", to=group)
    ann.writes("/ask@other_bot How many?", to=group)
    ann.sends("voice", {"duration": 1, "file_id": "x", "file_unique_id": "x"}, to=group)
    ann.writes("", to=group, new_chat_members=[bea.user])
    ann.edits(hello, "How many now?")
    ann.writes("/help")
    ann.reads()
    assert group.unread == 0
    assert service.asked == []


def test_the_bot_does_not_answer_itself(telegram, ann, group, service):
    telegram.world.add_update("own", message=ann.writes("/ask How?", to=group).to_json() | {"from": telegram.world.bot})
    group.reads()
    ann.writes("/help")
    ann.reads()
    assert service.asked == ["How?"]


def test_a_group_gets_only_the_first_passage_and_a_private_chat_three(ann, group, service):
    service.found = quotes(3)
    ann.writes("/ask How many?", to=group)
    ann.writes("How many?")
    assert group.reads().text == "This probably answers your question.\n\nPassage 1.\n— Title 1 · 1.txt"
    assert "Passage 3." in ann.reads().text


def test_editing_a_question_edits_its_answer(ann, group, service):
    asked = ann.writes("/ask How many?", to=group)
    answered = group.reads()
    service.verdict = Verdict.NONE
    ann.edits(asked, "/ask How few?")
    assert group.reads_edited() is answered
    assert answered.text == "The documents do not seem to answer this."
    assert [button.text for button in answered.buttons] == ["Closest passages", "Receipt"]
    assert service.asked == ["How many?", "How few?"]
    assert group.unread == 0


def test_an_edited_question_gets_its_answer_in_place_of_the_error(ann, service):
    service.error = QuestionError("It is too long.", QuestionFault.TOO_LONG, max_length=1_300)
    asked = ann.writes("How many, I wonder, of them may there have been?")
    refused = ann.reads()
    assert refused.text == "The question is too long. Ask in at most 1,300 characters."
    service.error = None
    ann.edits(asked, "How many?")
    assert ann.reads_edited() is refused
    assert refused.text == ANSWER


def test_an_edit_that_makes_no_question_of_it_changes_nothing(ann, service):
    asked = ann.writes("How many?")
    ann.reads()
    ann.edits(asked, "/help")
    ann.writes("/sources")
    ann.reads()
    assert service.asked == ["How many?"]
    assert ann.chat.unread == 0


def test_editing_a_question_tolerates_a_deleted_answer(ann, service):
    asked = ann.writes("How many?")
    ann.chat.deletes(ann.reads())
    service.verdict = Verdict.NONE
    ann.edits(asked, "How few?")
    ann.writes("Who came?")
    assert ann.reads().text == "The documents do not seem to answer this."
    assert ann.chat.unread == 0


def test_an_edited_question_whose_answer_was_deleted_is_answered_anew(telegram, ann, service):
    asked = ann.writes("How many?")
    ann.chat.deletes(ann.reads())
    ann.edits(asked, "Who came?")
    assert ann.reads().text == ANSWER
    assert service.asked == ["How many?", "Who came?"]


def test_the_caption_of_a_picture_is_its_question(telegram, ann, service):
    ann.sends("photo", [PHOTO], caption="How many?")
    assert ann.reads().text == ANSWER
    assert service.asked == ["How many?"]


def test_of_an_album_only_the_caption_is_answered(telegram, ann, service):
    ann.sends("photo", [PHOTO], caption="How many?", media_group_id="7")
    for _ in range(5):
        ann.sends("photo", [PHOTO], media_group_id="7")
    ann.writes("Who came?")
    assert [ann.reads().text, ann.reads().text] == [ANSWER, ANSWER]
    assert ann.chat.unread == 0


def test_an_album_without_words_is_refused_once(telegram, ann):
    for _ in range(6):
        ann.sends("photo", [PHOTO], media_group_id="8")
    assert ann.reads().text.startswith("I can only read words here.")
    ann.writes("Who came?")
    assert ann.reads().text == ANSWER


def test_a_mention_in_a_caption_asks_in_a_group(telegram, ann, service):
    group = telegram.group("Readers")
    ann.sends("photo", [PHOTO], to=group, caption="@quoth_bot How many?")
    assert group.reads().text == ANSWER
    assert service.asked == ["How many?"]
