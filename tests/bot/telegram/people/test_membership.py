"""What a group and the owners are told when the bot is added, and how the group gets in."""

from __future__ import annotations

import pytest
from support.running_bot import ANSWER, RunningBot

STRANGE_GROUP = "This group may not ask me yet. An owner of the bot lets it in by writing /allow here."
IN_GROUP = (
    "I answer with exact quotes from documents. Write /ask and your question, reply to a message with /ask, or reply "
    "to an answer of mine. /receipt checks an answer, /settings says what I do here."
)
LET_IN = "Let the group in"


@pytest.fixture
def start(telegram, service, tmp_path):
    running = []

    def started(**settings):
        running.append(RunningBot(telegram, service, tmp_path, **({"public": False} | settings)))

    yield started
    for bot in running:
        bot.stop()
        bot.wait()


@pytest.fixture
def olga(telegram, start):
    """The owner, as the settings say."""
    person = telegram.person("Olga")
    start(owners=frozenset({person.user["id"]}))
    return person


@pytest.fixture
def ann(telegram):
    return telegram.person("Ann")


@pytest.fixture
def group(telegram):
    return telegram.group("Readers")


def test_a_new_group_is_told_how_it_gets_in(telegram, olga, ann, group):
    ann.adds_the_bot(group)
    assert group.reads().text == STRANGE_GROUP
    note = olga.reads()
    assert note.text == (
        f"Ann ({ann.user['id']}) has added me to the group Readers ({group.id}). "
        "Nobody there can ask me until you let the group in."
    )
    assert [button.text for button in note.buttons] == [LET_IN]


def test_the_owner_lets_a_new_group_in_with_the_button(telegram, olga, ann, group):
    ann.adds_the_bot(group)
    group.reads()
    note = olga.reads()
    olga.presses(note.buttons[0]).reads()
    assert olga.reads_edited() is note
    assert note.text == f"Readers ({group.id}) may ask now."
    assert note.buttons == []
    assert group.reads().text == IN_GROUP
    ann.writes("/ask How many?", to=group)
    assert group.reads().text == ANSWER


def test_a_made_up_button_lets_nobody_in(telegram, olga, ann, group, service):
    olga.writes("/help")
    ann.presses(telegram.button(olga.reads(), LET_IN, f"letin:{group.id}")).reads()
    ann.writes("/ask How many?", to=group)
    assert group.reads().text == STRANGE_GROUP
    assert service.asked == []


def test_a_group_that_was_let_in_is_told_how_to_ask(telegram, start, ann, group):
    start(allowed=frozenset({group.id}), owners=frozenset({1}))
    ann.adds_the_bot(group)
    assert group.reads().text == IN_GROUP


def test_a_group_is_told_once_a_day(telegram, olga, ann, group):
    for _ in range(3):
        ann.adds_the_bot(group)
        ann.removes_the_bot(group)
    group.blocked = False
    ann.adds_the_bot(group)
    olga.reads()
    olga.writes("/help")
    assert olga.reads().text.startswith("For owners")
    assert (group.reads().text, group.unread) == (STRANGE_GROUP, 0)


def test_whoever_adds_the_bot_again_and_again_tires_nobody(telegram, start, ann):
    olga = telegram.person("Olga")
    start(owners=frozenset({olga.user["id"]}), questions_a_minute=2)
    for number in range(5):
        ann.adds_the_bot(telegram.group(f"Readers {number}"))
    olga.reads()
    olga.reads()
    olga.writes("/help")
    assert olga.reads().text.startswith("For owners")


def test_an_owner_who_never_wrote_does_not_keep_the_others_from_the_note(telegram, start, ann, group):
    olga, otto = telegram.person("Olga"), telegram.person("Otto")
    otto.chat.blocked = True
    start(owners=frozenset({olga.user["id"], otto.user["id"]}))
    ann.adds_the_bot(group)
    assert olga.reads().text.startswith("Ann ")


@pytest.mark.parametrize("command", ["/help", "/start", "/help@quoth_bot"])
def test_help_in_a_group_is_brief(telegram, start, ann, group, command):
    start(allowed=frozenset({group.id}))
    ann.writes(command, to=group)
    assert group.reads().text == IN_GROUP


def channel(title="News"):
    return {"id": -1_001_234_567_890, "type": "channel", "title": title}


CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel"}


def test_deny_holds_for_who_writes_as_a_channel(telegram, olga, group, service):
    olga.writes("/allow", to=group)
    group.reads()
    writer = telegram.person("Channel", is_bot=True)
    post = writer.writes("/ask How many?", to=group, sender_chat=channel())
    assert group.reads().text == ANSWER
    olga.writes("/deny", to=group, reply_to=post)
    assert group.reads().text == "News (-1001234567890) may not ask any more."
    writer.writes("/ask Who came?", to=group, sender_chat=channel())
    telegram.person("Bea").writes("/ask And then?", to=group)
    assert group.reads().text == ANSWER
    assert service.asked == ["How many?", "And then?"]


def test_an_anonymous_administrator_is_not_the_whole_group(telegram, olga, group, service):
    olga.writes("/allow", to=group)
    group.reads()
    post = telegram.person("Group", is_bot=True).writes("/ask How many?", to=group, sender_chat=group.to_json())
    group.reads()
    for command in ("/deny", "/allow"):
        olga.writes(command, to=group, reply_to=post)
        assert group.reads().text == (
            "An anonymous administrator writes in the name of the whole group. Send the command alone to let the group "
            "in or shut it out."
        )
    telegram.person("Bea").writes("/ask Who came?", to=group)
    assert group.reads().text == ANSWER
