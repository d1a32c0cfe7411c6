"""/settings: administrators of a group say what the bot does there."""

from __future__ import annotations

import pytest
from support.running_bot import ANSWER, RunningBot

from bot.telegram.access import administrators
from retrieval import Verdict

PRIVACY = (
    "Telegram’s privacy mode is on for me: a mention may not reach me. /ask and replies to my messages always do. To "
    "change that, my owner sends /setprivacy to @BotFather, then removes me from the group and adds me again."
)
SETTINGS = f"What I do in this group. Its administrators can change it:\n\n{PRIVACY}"
BUTTONS = [
    "☑ Answer when I am mentioned",
    "☐ Quote only what I am sure of",
    "☑ Ask the common documents, too",
    "● The language of whoever asks",
    "English",
    "Français",
    "Español",
    "Deutsch",
    "Русский",
    "العربية",
    "中文",
]
NOT_ALLOWED = "Only administrators of the group and owners of the bot can do that."


@pytest.fixture
def start(telegram, service, tmp_path):
    """Starts the bot; a second time, it remembers what the first one knew."""
    running = []

    def started(**settings):
        for each in running:
            each.stop()
            each.wait()
        running[:] = [RunningBot(telegram, service, tmp_path, **settings)]

    started()
    yield started
    for each in running:
        each.stop()
        each.wait()


@pytest.fixture
def group(telegram):
    return telegram.group("Readers")


@pytest.fixture
def ann(telegram, start):
    return telegram.person("Ann")


@pytest.fixture
def adam(telegram, start, group):
    """The administrator."""
    person = telegram.person("Adam")
    person.administers(group)
    return person


@pytest.fixture
def shown(adam, group):
    """The message with the settings."""
    adam.writes("/settings", to=group)
    return group.reads()


def button(message, text):
    """The button that says this, with or without a mark in front."""
    [found] = [each for each in message.buttons if each.text.endswith(text)]
    return found


def test_an_administrator_sees_the_settings_in_one_message(shown):
    assert shown.text == SETTINGS
    assert [each.text for each in shown.buttons] == BUTTONS


def test_a_press_changes_that_message(adam, group, shown):
    assert adam.presses(button(shown, "I am mentioned")).reads() == ""
    assert group.reads_edited() is shown
    assert shown.text == "What I do in this group. Its administrators can change it:"  # nobody waits for mentions now
    assert shown.buttons[0].text == "☐ Answer when I am mentioned"
    adam.presses(button(shown, "I am sure of"))
    group.reads_edited()
    assert [each.text for each in shown.buttons[:2]] == [
        "☐ Answer when I am mentioned",
        "☑ Quote only what I am sure of",
    ]
    adam.presses(button(shown, "I am mentioned"))
    group.reads_edited()
    assert shown.buttons[0].text == "☑ Answer when I am mentioned"
    assert group.unread == 0


def test_without_mentions_only_commands_and_replies_are_answered(adam, ann, group, shown, service):
    adam.presses(button(shown, "I am mentioned"))
    group.reads_edited()
    ann.writes("@quoth_bot How many?", to=group)
    asked = ann.writes("/ask Who came?", to=group)
    answered = group.reads()
    assert answered.reply_to is asked
    ann.writes("@quoth_bot and why?", to=group, reply_to=answered)
    group.reads()
    assert service.asked == ["Who came?", "Who came? and why?"]
    assert group.unread == 0


def test_a_fixed_language_is_for_all_messages_in_its_group_only(telegram, adam, group, shown):
    zoe = telegram.person("Zoé", "fr")
    adam.presses(button(shown, "Deutsch"))
    assert group.reads_edited() is shown
    assert shown.text.startswith("Was ich in dieser Gruppe tue. Administratoren können es ändern:")
    assert [each.text for each in shown.buttons if each.text.startswith("●")] == ["● Deutsch"]
    zoe.writes("/ask Combien ?", to=group)
    assert group.reads().text.startswith("Das beantwortet deine Frage wahrscheinlich.\n")
    zoe.writes("/ask", to=group)
    assert group.reads().text.startswith("Schreib deine Frage hinter den Befehl")
    zoe.writes("Combien ?")
    assert zoe.reads().text.startswith("Ceci répond probablement à votre question.\n")
    adam.presses(button(shown, "Sprache der fragenden Person"))
    group.reads_edited()
    zoe.writes("/ask Combien ?", to=group)
    assert group.reads().text.startswith("Ceci répond probablement à votre question.\n")


def test_only_sure_quotes_no_weak_answers(adam, ann, group, shown, service):
    adam.presses(button(shown, "I am sure of"))
    group.reads_edited()
    service.verdict = Verdict.WEAK
    asked = ann.writes("/ask How many?", to=group)
    answered = group.reads()
    assert answered.text == "I found nothing that is sure enough, and in this group I quote nothing else."
    assert answered.buttons == []
    service.verdict = Verdict.STRONG
    ann.edits(asked, "/ask How many came?")
    assert group.reads_edited() is answered
    assert answered.text == ANSWER
    service.verdict = Verdict.WEAK
    ann.writes("How many?")
    assert ann.reads().marked("blockquote") == ["Six officers came."]


def test_settings_are_for_administrators_and_owners(ann, group, shown):
    ann.writes("/settings", to=group)
    assert group.reads().text == NOT_ALLOWED
    assert ann.presses(button(shown, "I am mentioned")).reads() == NOT_ALLOWED
    assert shown.buttons[0].text == "☑ Answer when I am mentioned"


def test_an_administrator_of_another_group_is_nobody_here(telegram, ann, group, shown):
    ann.administers(telegram.group("Writers"))
    assert ann.presses(button(shown, "I am mentioned")).reads() == NOT_ALLOWED


def test_a_former_administrator_changes_nothing_after_a_minute(adam, group, shown, start, monkeypatch):
    monkeypatch.setattr(administrators, "ADMINISTRATORS_CACHE_S", 0)
    start()
    group.administrators.clear()
    assert adam.presses(button(shown, "I am mentioned")).reads() == NOT_ALLOWED


def test_an_anonymous_administrator_sees_the_settings(telegram, start, group):
    telegram.person("Group", is_bot=True).writes("/settings", to=group, sender_chat=group.to_json())
    assert group.reads().text == SETTINGS


def test_a_sender_in_the_name_of_another_chat_is_no_administrator(telegram, start, group):
    channel = telegram.group("Channel")
    telegram.person("Channel", is_bot=True).writes("/settings", to=group, sender_chat=channel.to_json())
    assert group.reads().text == NOT_ALLOWED


def test_an_owner_of_the_bot_may_change_the_settings_of_every_group(telegram, start, group):
    olga = telegram.person("Olga")
    start(owners=frozenset({olga.user["id"]}))
    olga.writes("/settings", to=group)
    olga.presses(button(group.reads(), "I am mentioned"))
    assert group.reads_edited().buttons[0].text == "☐ Answer when I am mentioned"


def test_settings_are_kept_over_a_restart_and_when_the_group_moves(adam, ann, group, shown, start):
    adam.presses(button(shown, "Français"))
    group.reads_edited()
    start()
    ann.writes("/ask How many?", to=group)
    assert group.reads().text.startswith("Ceci répond probablement à votre question.\n")
    supergroup = adam.upgrades(group)
    ann.writes("/ask How many?", to=supergroup)
    assert supergroup.reads().text.startswith("Ceci répond probablement à votre question.\n")


def test_one_group_does_not_change_another(telegram, adam, ann, group, shown):
    other = telegram.group("Writers")
    adam.presses(button(shown, "Français"))
    group.reads_edited()
    ann.writes("/ask How many?", to=other)
    assert other.reads().text == ANSWER


@pytest.mark.parametrize("data", ["settings:", "settings:mentions:2", "settings:language:xx", "settings:x:1"])
def test_data_that_is_on_no_button_changes_nothing(telegram, adam, shown, data):
    press = adam.presses(telegram.button(shown, "x", data))
    assert press.reads() == "This button does not work any more. Please ask again."
    assert [each.text for each in shown.buttons] == BUTTONS


def test_a_press_that_comes_twice_changes_once(telegram, adam, group, shown, ann):
    mentions = button(shown, "I am mentioned")
    adam.presses(mentions).reads()
    group.reads_edited()
    adam.presses(mentions).reads()
    ann.writes("/ask How many?", to=group)
    group.reads()
    assert shown.buttons[0].text == "☐ Answer when I am mentioned"


def test_in_a_private_chat_there_is_nothing_to_set(telegram, ann, shown):
    ann.writes("/settings")
    assert ann.reads().text == "Write /settings in a group, to see what I do there."
    press = ann.presses(telegram.button(ann.chat.messages[max(ann.chat.messages)], "x", "settings:mentions:0"))
    assert press.reads() == "This button does not work any more. Please ask again."
