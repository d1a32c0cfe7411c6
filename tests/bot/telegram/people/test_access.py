"""Who may ask the bot: nobody, until an owner lets them in."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from support.running_bot import ANSWER, RunningBot

from bot.telegram.people import owners
from bot.telegram.state import State, people
from bot.telegram.state.chats import ChatSettings

STRANGER = "This bot is private. To be let in, send its owner your Telegram ID: {}"
STRANGE_GROUP = "This group may not ask me yet. An owner of the bot lets it in by writing /allow here."
MEMBER_MENU = ["ask", "new", "sources", "receipt", "help", "forget_me"]
OWNER_MENU = [*MEMBER_MENU, "allow", "deny", "members", "documents", "collections", "unanswered", "stats"]


@pytest.fixture
def start(telegram, service, tmp_path):
    """Starts the bot with settings; a second time, it remembers what the first one knew."""
    running = []

    def started(**settings):
        for each in running:
            each.stop()
            each.wait()
        bot = RunningBot(telegram, service, tmp_path, **({"public": False} | settings))
        running[:] = [bot]
        return bot

    yield started
    for each in running:
        each.stop()
        each.wait()


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


def number(person):
    return person.user["id"]


def reads_link(bot, telegram):
    telegram.wait_until(lambda: len(bot.said) == 2, "the link is shown")
    assert bot.said[0].startswith("Nobody owns this bot yet.")
    return bot.said[1]


def test_the_pairing_link_makes_an_owner_for_good(telegram, start, ann):
    bot = start()
    telegram.person("Bea").writes("/start")
    ann.opens(reads_link(bot, telegram))
    assert ann.reads().text.startswith("You own this bot now")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    bot = start()
    ann.writes("Who came?")
    assert ann.reads().text == ANSWER
    assert bot.said == []


def test_the_pairing_link_works_once(telegram, start, ann):
    link = reads_link(start(), telegram)
    bea = telegram.person("Bea")
    ann.opens(link)
    ann.reads()
    bea.opens(link)
    assert bea.reads().text == STRANGER.format(number(bea))


def test_without_an_owner_every_start_shows_a_new_pairing_link(telegram, start, ann):
    old = reads_link(start(), telegram)
    new = reads_link(start(), telegram)
    assert old != new
    ann.opens(old)
    assert ann.reads().text == STRANGER.format(number(ann))
    ann.opens(new)
    assert ann.reads().text.startswith("You own this bot now")


@pytest.mark.parametrize("payload", ["pair_", "pair_x", "", "None", "pair_" + "A" * 32, "pair_é"])
def test_nobody_gets_in_with_a_made_up_link(telegram, start, ann, payload):
    reads_link(start(), telegram)
    ann.writes(f"/start {payload}")
    assert ann.reads().text == STRANGER.format(number(ann))


def test_with_an_owner_in_the_settings_there_is_no_link(telegram, olga, start):
    bot = start(owners=frozenset({number(olga)}))
    olga.writes("How many?")
    assert olga.reads().text == ANSWER
    assert bot.said == []


def test_a_stranger_is_told_so_once_a_day_in_their_language(telegram, olga, service, monkeypatch):
    eva = telegram.person("Eva", "es")
    for text in ("¿Cuántos?", "/start", "/sources", "/allow 1001"):
        eva.writes(text)
    eva.sends("voice", {"duration": 1, "file_id": "x", "file_unique_id": "x"})
    assert (
        eva.reads().text == f"Este bot es privado. Para tener acceso, envía a su dueño tu ID de Telegram: {number(eva)}"
    )
    olga.writes("/help")
    olga.reads()
    monkeypatch.setattr(people, "REFUSAL_INTERVAL_S", 0)
    eva.writes("¿Y ahora?")
    assert eva.reads().text.startswith("Este bot es privado.")
    assert eva.chat.unread == 0
    assert service.asked == []


def test_edits_and_presses_of_strangers_go_no_further(telegram, olga, ann, service):
    olga.writes("How many?")
    answer = olga.reads()
    written = ann.writes("How many?")
    ann.reads()
    ann.edits(written, "Who came?")
    button = telegram.button(answer, "Closest passages", "closest:x")
    assert ann.presses(button).reads() == ""
    olga.writes("/help")
    olga.reads()
    assert service.asked == ["How many?"]
    assert ann.chat.unread == 0


def test_a_press_tells_a_stranger_too(telegram, olga, ann):
    olga.writes("/help")
    press = ann.presses(telegram.button(olga.reads(), "Closest passages", "closest:x"))
    assert press.reads() == STRANGER.format(number(ann))


def test_a_stranger_who_cannot_be_told_gets_no_further_either(telegram, olga, ann, service, log):
    ann.chat.blocked = True
    ann.writes("How many?")
    log.waits_for("WARNING Not answered: Forbidden")
    olga.writes("Who came?")
    olga.reads()
    assert service.asked == ["Who came?"]


def test_people_in_the_settings_may_ask(telegram, start, ann):
    start(allowed=frozenset({number(ann)}))
    ann.writes("How many?")
    assert ann.reads().text == ANSWER


def test_an_owner_lets_somebody_in_by_number_and_shuts_them_out(telegram, olga, ann):
    olga.writes(f"/allow {number(ann)}")
    assert olga.reads().text == f"{number(ann)} may ask now."
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    olga.writes(f"/deny {number(ann)}")
    olga.reads()
    ann.writes("How many?")
    assert ann.reads().text == STRANGER.format(number(ann))


def test_a_known_stranger_can_be_let_in_by_name(telegram, olga, ann, start):
    ann.writes("May I?")
    ann.reads()
    olga.writes("/allow @ANN")
    assert olga.reads().text == f"Ann ({number(ann)}) may ask now."
    start(owners=frozenset({number(olga)}))
    ann.writes("How many?")
    assert ann.reads().text == ANSWER


def test_an_unknown_person_cannot_be_let_in_by_name(olga):
    olga.writes("/allow @nobody")
    assert olga.reads().text == (
        "I have not met @nobody. They should write to me first, or tell you their Telegram ID."
    )


@pytest.mark.parametrize("argument", ["99999999999999999999", "--1", "٣"])
def test_an_impossible_number_is_nobody(olga, argument):
    olga.writes(f"/allow {argument}")
    assert olga.reads().text.startswith(f"I have not met {argument}.")


def test_allow_alone_explains_itself(olga):
    olga.writes("/allow")
    assert olga.reads().text == (
        "Reply to somebody’s message with the command, or write their Telegram ID or @name after it."
    )


def test_in_a_group_a_reply_lets_in_its_author_and_nobody_else(telegram, olga, ann, group):
    hello = ann.writes("Hello", to=group)
    olga.writes("/allow", to=group, reply_to=hello)
    assert group.reads().text == f"Ann ({number(ann)}) may ask now."
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    telegram.person("Bea").writes("/ask How many?", to=group)
    assert group.reads().text == STRANGE_GROUP


def test_a_bot_cannot_be_let_in(telegram, olga, group):
    hello = telegram.person("Robot", is_bot=True).writes("Hello", to=group)
    olga.writes("/allow", to=group, reply_to=hello)
    assert group.reads().text.startswith("Reply to somebody’s message")


def test_allow_in_a_group_lets_in_the_group_only(telegram, olga, ann, group):
    ann.writes("/ask How many?", to=group)
    assert group.reads().text == STRANGE_GROUP
    topic = group.opens_topic("History")
    olga.writes("/allow@quoth_bot", to=group, topic=topic)
    assert group.reads().text == f"Readers ({group.id}) may ask now."
    ann.writes("/ask How many?", to=group)
    assert group.reads().text == ANSWER
    ann.writes("How many?")
    assert ann.reads().text == STRANGER.format(number(ann))


@pytest.mark.parametrize("by", ["an owner", "the settings"])
def test_a_group_that_becomes_a_supergroup_may_still_ask(telegram, olga, ann, group, start, by):
    if by == "an owner":
        olga.writes("/allow", to=group)
        group.reads()
    else:
        start(allowed=frozenset({group.id}))
    supergroup = ann.upgrades(group)
    ann.writes("/ask How many?", to=supergroup)
    assert supergroup.reads().text == ANSWER


def test_questions_waiting_while_a_group_migrates_are_answered(telegram, start, ann, group, service):
    start(allowed=frozenset({group.id}))
    service.may_answer.clear()
    ann.writes("/ask How many?", to=group)
    telegram.waits_for_calls("sendChatAction")
    telegram.person("Bea").writes("/ask Who came?", to=group)
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has both")
    supergroup = ann.upgrades(group)
    service.may_answer.set()
    assert [supergroup.reads().text, supergroup.reads().text] == [ANSWER, ANSWER]
    assert service.asked == ["How many?", "Who came?"]


def test_the_longest_list_and_the_longest_name_fit_into_a_message(telegram, olga):
    olga.writes(f"/allow @{'x' * 4000}")
    assert olga.reads().text.startswith("I have not met @xxx")
    for each in range(1, 41):
        olga.writes(f"/allow {each}")
        olga.reads()
    olga.writes("/members")
    assert olga.reads().text.endswith("• 15\n… and 25 more.")


def test_a_denied_person_is_not_answered_in_an_allowed_group(telegram, olga, ann, group, service):
    olga.writes("/allow", to=group)
    olga.writes(f"/deny {number(ann)}", to=group)
    group.reads()
    group.reads()
    ann.writes("/ask How many?", to=group)
    olga.writes("/ask Who came?", to=group)
    assert group.reads().text == ANSWER
    assert service.asked == ["Who came?"]


def test_a_strange_group_is_told_so_once_a_day_and_only_if_it_asks(telegram, olga, ann, group):
    ann.writes("Hello", to=group)
    asked = ann.writes("Hello @quoth_bot, how many?", to=group)
    message = group.reads()
    ann.writes("/start", to=group)
    assert (message.text, message.reply_to) == (STRANGE_GROUP, asked)
    telegram.person("Bea").writes("/ask How many?", to=group)
    olga.writes("/help")
    olga.reads()
    assert group.unread == 0


def test_only_owners_let_in(telegram, start, ann):
    start(public=True)
    for command in ("/allow 1", "/deny 1", "/members"):
        ann.writes(command)
        assert ann.reads().text == "Only owners of the bot can do that."


def test_an_owner_cannot_be_shut_out(olga):
    olga.writes(f"/deny {number(olga)}")
    assert olga.reads().text == f"{number(olga)} is an owner and stays one."


def test_members_lists_everybody(telegram, olga, ann, group):
    bea, cem = telegram.person("Bea"), telegram.person("Cem")
    ann.writes("Hello")
    bea.writes("Hello")
    bea.reads()
    olga.writes("/allow @ann")
    olga.writes("/allow", to=group)
    olga.writes(f"/deny {number(cem)}")
    group.reads()
    olga.reads()
    olga.reads()
    olga.writes("/members")
    assert olga.reads().text == (
        f"Owner:\n• {number(olga)}\n\n"
        f"May ask:\n• Ann ({number(ann)})\n• Readers ({group.id})\n\n"
        f"Shut out:\n• {number(cem)}\n\n"
        f"Would like to ask:\n• Bea ({number(bea)})"
    )


def test_help_tells_owners_how_to_let_others_in_and_nobody_else(telegram, start):
    olga, ann = telegram.person("Olga"), telegram.person("Ann")
    start(owners=frozenset({number(olga)}), allowed=frozenset({number(ann)}))
    olga.writes("/help")
    ann.writes("/help")
    assert "/allow – let somebody in" in olga.reads().text
    assert "/allow" not in ann.reads().text


def test_the_menu_follows_the_role_and_the_language(telegram, start):
    bot = start()
    telegram.waits_for_calls("setMyShortDescription", 7)
    assert telegram.commands["all_private_chats", "de"] == ["forget_me"]
    ann, bea = telegram.person("Ann", "de"), telegram.person("Bea")
    ann.opens(reads_link(bot, telegram))
    telegram.wait_until(lambda: telegram.commands.get((ann.chat.id, "")) == OWNER_MENU, "Ann has a menu")
    assert "Jemanden zulassen" in telegram.calls("setMyCommands")[-1]["commands"]
    ann.writes(f"/allow {number(bea)}")
    telegram.wait_until(lambda: (bea.chat.id, "") in telegram.commands, "Bea has a menu")
    assert telegram.commands[bea.chat.id, ""] == MEMBER_MENU


def test_a_menu_that_telegram_shows_already_is_not_set_again(telegram, start, ann, log):
    start(public=True)
    log.waits_for("INFO The command menu and the descriptions are up to date.")
    before = len(telegram.calls("setMyCommands"))
    start(public=True)
    ann.writes("/help")
    ann.reads()
    assert len(telegram.calls("setMyCommands")) == before


def test_anonymous_administrators_of_two_groups_are_not_one_person(telegram, start, group):
    start(public=True, questions_a_minute=1)
    anonymous, other = telegram.person("Group", is_bot=True), telegram.group("Writers")
    for each in (group, other):
        anonymous.writes("/ask How many?", to=each, sender_chat=each.to_json())
        assert each.reads().text == ANSWER


def test_members_are_not_listed_in_a_group(telegram, olga, group):
    olga.writes("/members", to=group)
    olga.writes("/help")
    olga.reads()
    assert group.unread == 0


def test_the_rate_limit_is_told_once(telegram, start, ann, service):
    start(public=True, questions_a_minute=2)
    for question in ("One?", "Two?", "Three?", "Four?"):
        ann.writes(question)
    bea = telegram.person("Bea")
    bea.writes("How many?")
    assert bea.reads().text == ANSWER
    assert [ann.reads().text, ann.reads().text] == [ANSWER, ANSWER]
    assert ann.reads().text.startswith("That was a lot at once.")
    ann.writes("Five?", date=int((datetime.now(UTC) + timedelta(minutes=2)).timestamp()))
    assert ann.reads().text == ANSWER
    assert sorted(service.asked) == ["Five?", "How many?", "One?", "Two?"]


def test_messages_of_hours_of_outage_are_all_answered(telegram, start, ann, service):
    questions = ["One?", "Two?", "Three?", "Four?", "Five?", "Six?"]
    for hour, question in enumerate(questions):
        long_ago = datetime.now(UTC) - timedelta(hours=6 - hour)
        ann.writes(question, date=int(long_ago.timestamp()))
    start(public=True, questions_a_minute=2)
    assert [ann.reads().text for _ in range(6)] == [ANSWER] * 6
    assert service.asked == questions


def test_who_was_let_in_by_number_is_found_by_name_once_they_wrote(telegram, olga, ann):
    olga.writes(f"/allow {number(ann)}")
    olga.reads()
    ann.writes("How many?")
    ann.reads()
    olga.writes("/deny @ann")
    assert olga.reads().text == f"Ann ({number(ann)}) may not ask any more."


def test_a_name_that_was_not_seen_for_a_day_is_asked_back(telegram, olga, ann, monkeypatch):
    monkeypatch.setattr(owners, "NAME_LIFETIME", timedelta(0))
    ann.writes("May I?")
    ann.reads()
    olga.writes("/allow @ann")
    asked = olga.reads().text
    assert asked.startswith(f"I last heard from Ann ({number(ann)}) more than a day ago")
    assert asked.endswith(f"write /allow {number(ann)}")
    olga.writes(f"/allow {number(ann)}")
    assert olga.reads().text == f"Ann ({number(ann)}) may ask now."


def test_a_strangers_press_leaves_the_groups_notice(telegram, start, ann, group):
    olga = telegram.person("Olga")
    start(owners=frozenset({number(olga)}))
    olga.writes("/ask How many?", to=group)
    answer = group.reads()
    assert ann.presses(answer.buttons[0]).reads() == STRANGE_GROUP
    ann.writes("/ask How many?", to=group)
    assert group.reads().text == STRANGE_GROUP


def test_strangers_are_paced_too(telegram, start, ann):
    start(owners=frozenset({1}), questions_a_minute=2)
    ann.writes("May I?")
    assert ann.reads().text == STRANGER.format(number(ann))
    for _ in range(12):
        ann.types("How many?").reads()
    too_much = ann.types("How many?").reads()
    assert (too_much.results, too_much.button) == ([], None)


def test_a_press_over_the_pace_is_answered_silently(telegram, start, ann):
    start(allowed=frozenset({number(ann)}), questions_a_minute=2)
    ann.writes("How many?")
    answer = ann.reads()
    texts = [ann.presses(answer.buttons[0]).reads() for _ in range(3)]
    assert texts[1].startswith("That was a lot at once.")
    assert texts[2] == ""


def test_another_bot_opens_no_group_that_was_closed(telegram, tmp_path):
    with closing(State(tmp_path, "42")) as state:
        state.chats.set_settings(-5, ChatSettings(only_sure=True, common=False, language="de"))
    with closing(State(tmp_path, "43")) as state:
        assert state.chats.settings(-5) == ChatSettings(only_sure=True, common=False, language="de")
