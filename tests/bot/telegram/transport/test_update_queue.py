"""The chat queues in which updates wait, in either database."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest
from support.postgres_server import PostgresServer
from support.running_bot import ANSWER, RunningBot
from telegram.ext import Application

from bot.telegram import app
from bot.telegram.state import State
from bot.telegram.state.updates import StoredUpdate
from bot.telegram.transport import polling

BOT = "42"
TIMEOUT_S = 20


@pytest.fixture(scope="module")
def postgres():
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request):
    return request.getfixturevalue("postgres").create() if request.param == "PostgreSQL" else ""


@pytest.fixture
def state(tmp_path, database):
    with closing(State(tmp_path, BOT, database)) as made:
        yield made


@pytest.fixture
def two(tmp_path, postgres):
    """Replicas on different machines."""
    url = postgres.create()
    with closing(State(tmp_path / "a", BOT, url)) as one, closing(State(tmp_path / "b", BOT, url)) as other:
        yield one, other


def wait_until(condition):
    """The server learns a moment later that a connection has ended."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline


def test_updates_of_a_chat_are_handled_in_the_order_of_their_numbers(state):
    state.updates.add(8, "eight", "chat 1")
    state.updates.add(6, "six", "chat 2")
    state.updates.add(7, "seven", "chat 1")
    assert state.updates.queues() == ["chat 2", "chat 1"]
    assert state.updates.next_update("chat 1") == StoredUpdate(7, "seven", None)
    state.updates.finish(7)
    assert state.updates.next_update("chat 1") == StoredUpdate(8, "eight", None)
    state.updates.finish(8)
    assert state.updates.next_update("chat 1") is None
    assert state.updates.queues() == ["chat 2"]


def test_an_update_knows_the_message_before_its_answer(state):
    state.updates.add(7, "seven", "chat 1")
    state.updates.set_sent_after(7, 102)
    assert state.updates.next_update("chat 1") == StoredUpdate(7, "seven", 102)


def test_the_newest_message_of_a_chat_is_known_to_be_for_its_update(state):
    state.updates.set_last_sent(1001, 102, update_id=7)
    assert (
        state.updates.sent_for(1001, 7),
        state.updates.sent_for(1001, 8),
        state.updates.sent_for(1002, 7),
    ) == (102, None, None)
    state.updates.set_last_sent(1001, 103)
    assert (state.updates.sent_for(1001, 7), state.updates.last_sent(1001)) == (None, 103)


def test_one_process_has_every_lock(tmp_path):
    with closing(State(tmp_path, BOT)) as state:
        assert state.updates.acquire("chat 1")
        assert state.updates.has_lock("chat 1")
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".lock"] == []


def test_a_lock_is_held_until_it_is_released_or_its_replica_ends(two):
    one, other = two
    assert one.updates.acquire("chat 1")
    assert not other.updates.acquire("chat 1")
    assert other.updates.acquire("chat 2")
    one.updates.release("chat 1")
    assert other.updates.acquire("chat 1")
    other.close()
    wait_until(lambda: one.updates.acquire("chat 1") and one.updates.acquire("chat 2"))


def test_replicas_share_a_pairing_secret_until_the_first_ends(two):
    one, other = two
    assert (one.people.pairing("first"), other.people.pairing("second")) == ("first", "first")
    one.close()
    wait_until(lambda: other.people.pairing("third") == "third")


def test_updates_of_an_older_file_get_into_their_chat_queues(tmp_path):
    State(tmp_path, BOT).close()
    with closing(sqlite3.connect(tmp_path / "bot.db")) as file:
        file.executescript(
            """
            DROP INDEX updates_by_line;
            ALTER TABLE updates DROP COLUMN line;
            ALTER TABLE updates DROP COLUMN sent_after;
            ALTER TABLE updates DROP COLUMN failures;
            ALTER TABLE uploads DROP COLUMN source_id;
            ALTER TABLE uploads DROP COLUMN update_id;
            ALTER TABLE uploads DROP COLUMN album;
            ALTER TABLE uploads DROP COLUMN name;
            ALTER TABLE uploads DROP COLUMN state;
            ALTER TABLE last_sent DROP COLUMN update_id;
            ALTER TABLE people DROP COLUMN seen_at;
            DROP TABLE shown_collections;
            UPDATE schema_version SET version_num = '0002';
            INSERT INTO updates VALUES (6, NULL, 1), (7, '{"message": {"chat": {"id": -5}}}', 1);
            INSERT INTO updates VALUES (8, '{"callback_query": {"message": {"chat": {"id": 1001}}}}', 1);
            INSERT INTO updates VALUES (9, '{"inline_query": {"query": "Who?"}}', 1);
            INSERT INTO answers VALUES (1001, 101, 102, 1);
            INSERT INTO uploads VALUES ('a', 'uploads', 'a.txt', 1001, 102, NULL, 0, 1);
            """
        )
    with closing(State(tmp_path, BOT)) as state:
        assert state.updates.queues() == ["chat -5", "chat 1001", "update 9"]
        assert state.updates.next_update("chat -5") == StoredUpdate(7, '{"message": {"chat": {"id": -5}}}', 0)
        assert state.uploads.sent_in(1001, 101).path == "a.txt"


def test_an_update_that_failed_three_times_is_set_aside_and_kept(state):
    state.updates.add(7, "seven", "chat 1")
    state.updates.add(8, "eight", "chat 1")
    assert [state.updates.fail(7) for _ in range(2)] == [1, 2]
    assert state.updates.next_update("chat 1").id == 7
    assert (state.updates.fail(7), state.updates.backlog()) == (3, (1, 1))
    assert state.updates.next_update("chat 1").id == 8
    state.updates.finish(8)
    assert state.updates.queues() == []
    assert not state.updates.add(7, "seven", "chat 1")


UNPARSABLE = [
    {"message": {"message_id": 1, "date": 10**20, "chat": {"id": 1001, "type": "private"}}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 1001, "type": "private"}, "poll": {"id": "1"}}},
    {"message": {"message_id": "1", "date": 1, "chat": {"id": 1001, "type": "private"}}},
    {"message": {"message_id": 2**70, "date": 1, "chat": {"id": 1001, "type": "private"}}},
    {"message": "text"},
    {"callback_query": {"id": "1", "from": [], "message": 5}},
]


@pytest.mark.parametrize("content", UNPARSABLE)
def test_an_update_that_cannot_be_parsed_is_skipped(telegram, ann, log, content):
    number = telegram.delivers(**content)
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    telegram.wait_until(lambda: not telegram.world.updates, "all updates are confirmed")
    assert f"WARNING Update {number} ({next(iter(content))}) is left out, as it cannot be parsed: " in log.text


def test_an_update_without_a_usable_id_holds_up_no_other(telegram, ann, log, monkeypatch):
    monkeypatch.setattr(polling, "DELAYS_S", (0.01,))
    telegram.world.updates.append({"update_id": 2**70, "message": {}})
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    assert "Update None (message) is left out" in log.text


def test_a_stored_update_that_fails_is_set_aside_and_its_chat_goes_on(telegram, ann, log, monkeypatch):
    monkeypatch.setattr(app, "POLL_INTERVAL_S", 0.01)
    process = Application.process_update

    async def fail_at_one(application, update):
        if update.effective_message.text == "Who came?":
            raise ValueError(update.effective_message.text)
        await process(application, update)

    monkeypatch.setattr(Application, "process_update", fail_at_one)
    ann.writes("Who came?")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    assert "is set aside after 3 failures; 1 in all." in log.text
    assert "Who came?" not in log.text


def test_a_stored_update_that_an_older_quoth_parsed_is_set_aside(telegram, service, tmp_path, log):
    token = telegram.token.partition(":")[0]
    with closing(State(tmp_path, token)) as state:
        state.updates.add(7, '{"update_id": 7, "message": {"date": 100000000000000000000}}', "chat 1001")
        state.updates.add(8, "no JSON", "chat 1001")
    ann = telegram.person("Ann")
    ann.writes("How many?")
    bot = RunningBot(telegram, service, tmp_path)
    assert ann.reads().text == ANSWER
    assert "Update 8 is set aside after 3 failures; 2 in all." in log.text
    bot.stop()
    bot.wait()
