"""What the bot remembers, and what it says if it cannot."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from contextlib import closing

import pytest

from bot.telegram import state
from bot.telegram.state import State, conversations, people, updates
from bot.telegram.state.chats import ChatSettings
from bot.telegram.state.conversations import Exchange
from bot.telegram.state.people import Contact, Role
from bot.telegram.state.uploads import Upload
from retrieval import StoreError

BOT = "42"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "bot.db"


@pytest.fixture
def remembered(path, database):
    with closing(State(path.parent, BOT, database)) as made:
        yield made


def test_an_update_is_received_once_and_kept_until_it_is_done(remembered):
    assert remembered.updates.add(8, "eight", "chat 1")
    assert remembered.updates.add(7, "seven", "chat 1")
    assert not remembered.updates.add(7, "seven again", "chat 1")
    assert remembered.updates.next_update("chat 1").body == "seven"
    remembered.updates.finish(7)
    assert remembered.updates.next_update("chat 1").body == "eight"
    assert not remembered.updates.add(7, "seven again", "chat 1")
    remembered.updates.finish(8)
    assert remembered.updates.next_update("chat 1") is None
    assert remembered.updates.queues() == []


def test_a_handled_update_loses_its_body_and_later_its_id(remembered, monkeypatch):
    remembered.updates.add(7, "a secret")
    remembered.updates.finish(7)
    assert remembered._db.run("SELECT id, body FROM updates") == [(7, None)]
    monkeypatch.setattr(updates, "UPDATES_REMEMBERED_S", -1)
    assert remembered.updates.add(8, "eight")
    assert remembered.updates.add(7, "seven")


def test_a_group_that_moves_keeps_its_role(remembered):
    remembered.people.set_role(Contact(-5, "Readers"), Role.MEMBER)
    remembered.move(-5, -1005)
    assert (remembered.people.role(-5), remembered.people.role(-1005)) == (None, Role.MEMBER)
    assert remembered.chats.moved_to(-5) == -1005
    assert remembered.chats.moved_to(-6) == -6


def test_settings_have_defaults_and_move_with_their_group(remembered):
    assert remembered.chats.settings(-5) == ChatSettings(mentions=True, only_sure=False, common=True, language=None)
    settled = ChatSettings(mentions=False, only_sure=True, common=False, language="fr")
    remembered.chats.set_settings(-5, settled)
    remembered.move(-5, -1005)
    assert remembered.chats.settings(-1005) == settled
    assert remembered.chats.settings(-5) == ChatSettings()
    remembered.chats.set_settings(-1005, ChatSettings())
    assert remembered.chats.settings(-1005) == ChatSettings()


def test_unknown_fields_of_a_contact_stay_as_they_were(remembered):
    remembered.people.set_role(Contact(1, "Ann", "ann", "de"), Role.MEMBER)
    remembered.people.set_role(Contact(1, ""), Role.DENIED)
    assert remembered.people.contacts(Role.DENIED) == [Contact(1, "Ann", "ann", "de")]


def test_another_bot_keeps_the_roles_only(path, database):
    one = State(path.parent, "1", database)
    one.people.set_role(Contact(1001, "Ann"), Role.MEMBER)
    one.updates.add(7, "seven")
    one.conversations.keep_answer(1001, 101, 102)
    one.conversations.keep(Exchange(1001, 101, 102, 1001, "How many?"))
    one.close()
    other = State(path.parent, "2", database)
    assert other.conversations.exchanges(1001, 1001) == []
    assert other.people.role(1001) is Role.MEMBER
    assert other.updates.queues() == []
    assert other.conversations.answer_to(1001, 101) is None
    assert other.updates.add(7, "another seven")
    other.close()


def test_a_username_belongs_to_its_last_holder(remembered):
    remembered.people.tell(Contact(1, "Ann", "ann"))
    remembered.people.tell(Contact(2, "Anna", "Ann"))
    assert remembered.people.contact_named("ann") == Contact(2, "Anna", "Ann")
    assert remembered.people.contact(1) == Contact(1, "Ann")


def test_a_stranger_is_forgotten_after_thirty_days(remembered, monkeypatch):
    remembered.people.tell(Contact(1, "Ann"))
    monkeypatch.setattr(people, "STRANGERS_REMEMBERED_S", -1)
    remembered.people.tell(Contact(2, "Bea"))
    assert remembered.people.contacts(None) == [Contact(2, "Bea")]


def test_exchanges_are_of_one_person_in_one_chat_newest_first(remembered):
    first, second = Exchange(-5, 101, 102, 1001, "How many?"), Exchange(-5, 103, 104, 1001, "Who came?")
    others = [Exchange(-5, 105, 106, 1002, "Where?"), Exchange(1001, 107, 108, 1001, "When?")]
    for exchange in (first, second, *others):
        remembered.conversations.keep(exchange)
    assert remembered.conversations.exchanges(-5, 1001) == [second, first]
    edited = Exchange(-5, 103, 104, 1001, "Who left?")
    remembered.conversations.keep(edited)
    assert remembered.conversations.exchanges(-5, 1001) == [edited, first]
    remembered.conversations.end(-5, 1001)
    assert remembered.conversations.exchanges(-5, 1001) == []
    assert [remembered.conversations.exchanges(-5, 1002), remembered.conversations.exchanges(1001, 1001)] == [
        [others[0]],
        [others[1]],
    ]


def test_exchanges_are_forgotten_after_an_hour(remembered, monkeypatch):
    remembered.conversations.keep(Exchange(1001, 101, 102, 1001, "How many?"))
    remembered.conversations.forget_old()
    assert remembered._db.run("SELECT question FROM turns") == [("How many?",)]
    monkeypatch.setattr(conversations, "EXCHANGES_REMEMBERED_S", 0)
    assert remembered.conversations.exchanges(1001, 1001) == []
    remembered.conversations.forget_old()
    assert remembered._db.run("SELECT question FROM turns") == []


def test_data_of_a_forgotten_person_is_gone_from_the_file(remembered, path, database):
    ann, bea = Contact(1001, "Ann Secret", "ann_secret", "de"), Contact(1002, "Bea", "bea")
    for each in (ann, bea):
        remembered.people.tell(each)
        remembered.conversations.keep(Exchange(-5, each.id, each.id + 1, each.id, f"A secret of {each.id}?"))
        update = {"message": {"from": {"id": each.id}, "text": f"Another secret of {each.id}."}}
        remembered.updates.add(each.id, json.dumps(update), f"chat {each.id}")
    remembered.conversations.keep_answer(1001, 101, 102)
    remembered.updates.set_last_sent(1001, 102)
    assert remembered.people.told_at(1001) is not None
    assert remembered.conversations.questions_of(1001) == ["A secret of 1001?"]
    remembered.forget(1001)
    assert remembered.people.contact(1001) is remembered.people.told_at(1001) is None
    assert remembered.conversations.questions_of(1001) == []
    assert remembered.conversations.answer_to(1001, 101) is None
    assert remembered.updates.queues() == ["chat 1002"]
    assert remembered.people.contact(1002) == bea
    assert remembered.conversations.questions_of(1002) == ["A secret of 1002?"]
    if database:  # whose files are the server's
        return
    kept = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"ecret of 1002" in kept
    assert b"ecret of 1001" not in kept
    assert b"Ann Secret" not in kept
    assert b"ann_secret" not in kept


def test_a_role_outlives_the_data_of_its_person(remembered):
    remembered.people.tell(Contact(1001, "Ann", "ann", "de"))
    remembered.people.set_role(Contact(1001, "Ann", "ann", "de"), Role.DENIED)
    remembered.forget(1001)
    assert remembered.people.contacts(Role.DENIED) == [Contact(1001, "")]
    assert remembered.people.told_at(1001) is None


def test_a_file_of_a_newer_version_is_refused_and_left_unchanged(path):
    State(path.parent, BOT).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE schema_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(StoreError, match=r"was made by a newer version of Quoth\. Install that version, or name"):
        State(path.parent, BOT)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT * FROM schema_version").fetchall() == [("9999",)]


OF_VERSION_1 = """
CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, username TEXT, language TEXT, role TEXT, told_at REAL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE ratings (
    answer_id TEXT NOT NULL, person TEXT NOT NULL, is_good INTEGER NOT NULL, rated_at REAL NOT NULL,
    PRIMARY KEY (answer_id, person)
);
INSERT INTO people VALUES (1, 'Ann', 'ann', 'de', 'member', NULL);
INSERT INTO facts VALUES ('bot', '42'), ('introduction', 'digest'), ('rating key', '00');
INSERT INTO ratings VALUES ('answer', 'person', 1, 0);
PRAGMA user_version = 1
"""


def test_a_file_of_version_1_is_migrated(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.executescript(OF_VERSION_1)
    for _ in range(2):
        with closing(State(path.parent, BOT)) as opened:
            assert opened.people.contacts(Role.MEMBER) == [Contact(1, "Ann", "ann", "de")]
            assert opened.facts.get("introduction") == "digest"
            assert opened.uploads.at("uploads", "a.txt") is None
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT * FROM schema_version").fetchall() == [("0007",)]
        assert database.execute("SELECT name FROM sqlite_master WHERE name LIKE '%ratings%'").fetchall() == []
        assert database.execute("SELECT name FROM facts ORDER BY name").fetchall() == [
            ("bot",),
            ("introduction",),
        ]


def test_forgotten_questions_are_gone_from_the_file(path):
    with closing(State(path.parent, BOT)) as opened:
        opened.conversations.keep(Exchange(1001, 101, 102, 1001, "a very secret question"))
        opened.conversations.end(1001, 1001)
    assert b"secret" not in path.read_bytes()


def test_a_file_that_another_process_holds_is_explained(path, monkeypatch):
    impatient = dataclasses.replace(state.BOT_SCHEMA, timeout_s=0.001)
    monkeypatch.setattr(state, "BOT_SCHEMA", impatient)
    with closing(State(path.parent, BOT)) as remembered, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        expected = r"^Cannot use what the bot remembers in .*: database is locked\. .*Wait for it to finish"
        with pytest.raises(StoreError, match=expected):
            remembered.updates.add(7, "seven")
        other.rollback()
        assert remembered.updates.add(7, "seven")


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"^Cannot use what the bot remembers in .*you may write to it"):
        State(tmp_path / "file", BOT)


def sent(path="a.txt", message=7, name="first"):
    return Upload(name, "uploads", path, chat_id=1, message_id=message, language="en")


def test_a_report_is_due_until_it_is_sent(remembered):
    assert remembered.uploads.expect(sent()) == sent()
    remembered.uploads.expect(sent("b.txt", name="second"))
    assert remembered.uploads.pending() == [sent(), sent("b.txt", name="second")]
    remembered.uploads.finish(sent())
    assert remembered.uploads.pending() == [sent("b.txt", name="second")]
    assert remembered.uploads.get("first") == remembered.uploads.at("uploads", "a.txt") == sent()
    remembered.uploads.finish(sent(), is_removed=True)
    assert remembered.uploads.get("first") is remembered.uploads.at("uploads", "a.txt") is None


def test_an_upload_sent_again_outlives_its_removal(remembered):
    remembered.uploads.expect(sent())
    again = remembered.uploads.expect(sent(message=8, name="another"))
    assert again == sent(message=8)
    remembered.uploads.finish(sent(), is_removed=True)
    remembered.uploads.finish(sent())
    assert remembered.uploads.pending() == [again]


def test_a_group_that_moves_stays_open_to_uploads(remembered):
    remembered.chats.open_to_uploads(-1, is_open=True)
    remembered.move(-1, -100)
    assert remembered.chats.is_open_to_uploads(-100)
    assert not remembered.chats.is_open_to_uploads(-1)
    assert [remembered.chats.first_id(each) for each in (-100, -1, -2)] == [-1, -1, -2]
    remembered.chats.open_to_uploads(-100, is_open=False)
    assert not remembered.chats.is_open_to_uploads(-100)


@pytest.mark.parametrize("forget", ["end", "forget_old", "forget"])
def test_no_question_stays_in_the_log_of_writes(path, monkeypatch, forget):
    with closing(State(path.parent, BOT)) as opened:
        opened.updates.add(7, "a very secret question", "chat 1")
        opened.conversations.keep(Exchange(1001, 101, 102, 1001, "a very secret question"))
        opened.updates.finish(7)
        monkeypatch.setattr(conversations, "EXCHANGES_REMEMBERED_S", -1)
        {
            "end": lambda: opened.conversations.end(1001, 1001),
            "forget_old": opened.conversations.forget_old,
            "forget": lambda: opened.forget(1001),
        }[forget]()
        assert b"secret" not in b"".join(file.read_bytes() for file in path.parent.glob("bot.db*"))


def test_what_was_acknowledged_outlives_a_power_cut(path):
    full, normal = "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"
    with closing(State(path.parent, BOT)) as opened:
        assert opened._db.run("PRAGMA synchronous") == [(2,)]  # FULL
        seen = []
        opened._db._connection.set_trace_callback(seen.append)
        opened.updates.add(7, "seven", "chat 1")
        opened.updates.set_sent_after(7, 100)
        assert normal not in seen
        opened.updates.finish(7)
        opened.conversations.keep_answer(1001, 101, 102)
        assert [one for one in seen if one in {full, normal}] == [normal, full] * 2
