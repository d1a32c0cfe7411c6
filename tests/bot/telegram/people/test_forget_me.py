"""/forget_me: what is kept of a person, and how it is erased."""

from __future__ import annotations

import re
import time
from contextlib import closing

import pytest
from support.running_bot import restartable
from support.small_library import SmallLibrary, labels, presses

from bot.telegram.state import BOT_FILE, State
from bot.telegram.state.people import Contact, Role
from retrieval import Ledger, ask

AFTER = (
    "If you delete this, the receipts themselves stay, but nothing leads from them to you. What an owner lets you "
    "do stays too, with your Telegram ID alone, and so do documents that you sent."
)
NOTHING = "I keep nothing about you."
ERASED = "Deleted. What an owner lets you do stays, with your Telegram ID alone."
BOLD = {"type": "bold", "offset": 0, "length": 15}
IN_PRIVATE = "Write /forget_me to me alone, not in a group."


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def library(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "snow.txt").write_text("Snow is cold.")
    made = SmallLibrary(tmp_path)
    yield made
    made.close()


@pytest.fixture
def start(telegram, library, data):
    with restartable(telegram, library, data) as started:
        yield started


@pytest.fixture
def bot(start):
    start()


def asks(who, *questions):
    for question in questions:
        who.writes(question)
        answer = who.reads()
    return answer


def kept(who):
    who.writes("/forget_me")
    return who.reads()


def test_of_somebody_new_nothing_is_kept(ann):
    message = kept(ann)
    assert (message.text, message.buttons) == (NOTHING, [])


def test_everything_that_is_kept_is_shown_the_newest_questions_first(ann):
    answer = asks(ann, *("snow " * number for number in range(1, 8)))
    presses(ann, answer, "👍").reads()
    newest = "\n".join(f"• {('snow ' * number).strip()}" for number in (7, 6, 5, 4, 3))
    message = kept(ann)
    assert message.text == (
        "What I keep about you:\n"
        f"Receipts of answers to you: 7\nQuestions of yours that belong to them: 7\n{newest}\n"
        f"Questions from the last hour, for follow-ups: 7\n{newest}\nAnswers that you have rated: 1\n\n{AFTER}"
    )
    assert labels(message) == ["Delete", "Keep"]


def test_deletion_erases_one_persons_data_from_the_files(ann, bea, data, library):
    first = asks(ann, "Is snow a secret of Ann’s?")
    asks(bea, "Is snow a secret of Bea’s?")
    rated = asks(ann, "snow")
    for who in (ann, bea):
        presses(who, rated, "👎").reads()
    message = kept(ann)
    assert presses(ann, message, "Delete").reads() == ""
    assert ann.reads_edited() is message
    assert (message.text, message.buttons) == (ERASED, [])
    files = b"".join(each.read_bytes() for each in data.glob("*.db*"))
    assert b"secret of Bea" in files
    assert b"secret of Ann" not in files
    assert kept(ann).text == NOTHING
    assert "• Is snow a secret of Bea’s?" in kept(bea).text
    receipt_id = first.buttons[-1].data.partition(":")[2]
    with closing(Ledger(data)) as receipts:
        receipt = receipts.get(receipt_id)
        assert receipt.is_intact
        assert receipt.matches("Is snow a secret of Ann’s?") is receipt.question is None
        assert receipts.ratings(rated.buttons[-1].data.partition(":")[2]).bad == 1


def test_the_answer_stays_with_its_buttons(ann):
    answer = asks(ann, "snow")
    presses(ann, kept(ann), "Delete").reads()
    ann.reads_edited()
    presses(ann, answer, "Receipt")
    assert "✅ These words still stand there." in ann.reads_edited().text


def test_no_keeps_everything(ann):
    asks(ann, "snow")
    message = kept(ann)
    presses(ann, message, "Keep").reads()
    assert ann.reads_edited().text == "Everything stays as it was."
    assert message.buttons == []
    assert "Receipts of answers to you: 1" in kept(ann).text


def test_after_that_a_question_goes_on_from_nothing(ann):
    asks(ann, "snow")
    presses(ann, kept(ann), "Delete").reads()
    ann.reads_edited()
    assert "Searched for" not in asks(ann, "And snow?").text


def test_a_member_sees_their_entry_and_stays_a_member_by_number_alone(telegram, start, data):
    ann, olga = telegram.person("Ann", "de-AT"), telegram.person("Olga")
    start(public=False, owners=frozenset({olga.user["id"]}))
    ann.writes("snow")
    ann.reads()
    olga.writes("/allow @ann")
    olga.reads()
    message = kept(ann)
    assert message.text.splitlines()[1] == f"Darf fragen: Ann · @ann · de-AT · {ann.user['id']}"
    assert re.fullmatch(r"Am \d.* UTC wurde dir gesagt, dass dieser Bot privat ist\.", message.text.splitlines()[2])
    presses(ann, message, "Löschen").reads()
    ann.reads_edited()
    assert kept(ann).text.splitlines()[1] == f"Darf fragen: {ann.user['id']}"
    assert asks(ann, "snow").marked("bold") == ["Snow is cold."]
    assert b"@ann" not in (data / BOT_FILE).read_bytes()
    olga.writes("/members")
    assert f"May ask:\n• {ann.user['id']}" in olga.reads().text


def test_strangers_and_those_who_are_shut_out_have_the_same_right(telegram, start, data):
    ann, bea = telegram.person("Ann"), telegram.person("Bea")
    with closing(State(data, "42")) as state:
        state.people.set_role(Contact(bea.user["id"], "Bea", "bea", "en"), Role.DENIED)
    start(public=False, owners=frozenset({1}))
    for who, entry, after in (
        (ann, f"Would like to ask: Ann · @ann · en · {ann.user['id']}", NOTHING),
        (bea, f"Shut out: Bea · @bea · en · {bea.user['id']}", f"Shut out: {bea.user['id']}"),
    ):
        who.writes("snow")
        assert who.reads().text.startswith("This bot is private.")
        message = kept(who)
        assert message.text.splitlines()[1] == entry
        presses(who, message, "Delete").reads()
        assert who.reads_edited().text == ERASED
        assert after in kept(who).text
    with closing(State(data, "42")) as state:
        assert state.people.role(bea.user["id"]) is Role.DENIED


def test_that_right_opens_nothing_else(telegram, start, library):
    ann = telegram.person("Ann")
    start(public=False, owners=frozenset({1}), questions_a_minute=6)
    asks(ann, "snow")
    ann.writes("/forget_me@other_bot")
    ann.writes("/forget_me_not")
    message = kept(ann)
    assert presses(ann, message, "Keep").reads() == ""
    ann.reads_edited()
    for _ in range(3):
        ann.writes("/forget_me")
    texts = [ann.reads().text for _ in range(2)]
    assert texts[1] == "That was a lot at once. I will read on in a minute; please ask again then."


@pytest.mark.parametrize(
    "message",
    [
        {"text": "/forget_me snow", "entities": []},
        {"text": "/forget_me snow", "entities": [BOLD, {"type": "bot_command", "offset": 0, "length": 10}]},
        {"text": "/forget_me@quoth_bot /ask snow"},
        {"text": "snow /forget_me"},
        {"text": "", "caption": "/forget_me", "document": {"file_id": "x", "file_unique_id": "x"}},
    ],
)
def test_a_stranger_cannot_ask_behind_forget_me(telegram, start, message):
    ann = telegram.person("Ann")
    start(public=False, owners=frozenset({1}))
    ann.writes(**message)
    assert ann.reads().text.startswith((NOTHING, "This bot is private."))


def test_in_a_group_nothing_of_anybody_is_said(telegram, ann):
    group = telegram.group("Readers")
    ann.writes("/forget_me", to=group)
    assert group.reads().text == IN_PRIVATE


def test_a_question_is_forgotten_when_its_days_are_over(telegram, start, library, data):
    receipt_id = ask(library.index, "snow").receipt_id
    month_ago = time.time() - 31 * 24 * 60 * 60
    with closing(Ledger(data)) as receipts:
        with receipts._db.transaction() as db:
            db.execute("UPDATE receipts SET given_at = ?", (month_ago,))
        assert receipts.get(receipt_id).question == "snow"
    start()
    ann = telegram.person("Ann")
    ann.writes(f"/receipt {receipt_id}")  # comes to the same desk after that
    assert ann.reads().text.startswith("This probably answers your question.")
    with closing(Ledger(data)) as receipts:
        assert receipts.get(receipt_id).question is None
        assert receipts.get(receipt_id).matches("snow") is True


@pytest.mark.parametrize("data_of_press", ["forget:yes", "forget:no", "forget:x"])
def test_other_data_deletes_nothing(telegram, ann, bea, data_of_press):
    answer = asks(ann, "snow")
    assert ann.presses(telegram.button(answer, "x", data_of_press)).reads().startswith("This button")
    message = kept(ann)
    assert bea.presses(telegram.button(message, "x", data_of_press)).reads().startswith("This button")
    assert "Receipts of answers to you: 1" in kept(ann).text
