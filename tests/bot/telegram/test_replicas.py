"""Several bots side by side with a webhook and one database: each update is answered once, whoever is killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.commands import ROOT, environment
from support.postgres_server import PostgresServer
from support.replica import OUTAGE
from support.telegram_double import Balancer, TelegramDouble

from bot.telegram.state import State
from retrieval import Ledger

TIMEOUT_S = 60
SECRET = "a-secret-of-the-webhook"  # noqa: S105
TESTS = ROOT / "tests"
PEOPLE = 6
QUESTIONS = 12
UNREACHABLE = "The documents cannot be reached at the moment. Please ask again in a minute."


class Replica:
    """A process, and everything that it writes."""

    def __init__(self, folder, command, **variables):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._output = (folder / f"output-{self.port}").open("w+b")
        usual = {name: value for name, value in environment().items() if not name.lower().endswith("_proxy")}
        paths = os.pathsep.join([str(ROOT), str(TESTS)])
        own = {"QUOTH_DATA": str(folder / f"data-{self.port}"), "QUOTH_WEBHOOK_PORT": str(self.port)}
        self._process = subprocess.Popen(
            [sys.executable, *command],
            # Not in the project's folder, whose .env may hold a real token.
            cwd=folder,
            env=usual | variables | own | {"PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def output(self):
        return Path(self._output.name).read_text("utf-8")

    def waits_for(self, text):
        deadline = threading.Event()
        for _ in range(TIMEOUT_S * 50):
            if text in self.output:
                return
            assert self._process.poll() is None, self.output
            deadline.wait(0.02)
        pytest.fail(f"{text!r} is not in the output:\n{self.output}")

    def kill(self):
        """As `kill -9` does."""
        self._process.kill()
        self._process.wait()

    def close(self):
        self.kill()
        self._output.close()


@pytest.fixture(scope="module")
def postgres():
    with PostgresServer() as server:
        yield server


@pytest.fixture
def telegram():
    with TelegramDouble() as double:
        yield double
    assert double.complaints == []


@pytest.fixture
def balancer(telegram):
    with Balancer(telegram, "/quoth", SECRET) as made:
        yield made


@pytest.fixture
def database(postgres):
    return postgres.create()


@pytest.fixture
def start(telegram, balancer, database, tmp_path):
    replicas = []

    def start(*command, **variables):
        usual = {
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "QUOTH_DATABASE": database,
            "QUOTH_PUBLIC": "true",
            "QUOTH_QUESTIONS_A_MINUTE": "10000",
            "QUOTH_WEBHOOK_URL": "https://bot.example.org/quoth",
            "QUOTH_WEBHOOK_SECRET": SECRET,
            "QUOTH_UPLOADS": str(tmp_path / "uploads"),
        }
        command = command or (TESTS / "support" / "replica.py",)
        made = Replica(tmp_path, command, **usual | variables)
        replicas.append(made)
        return made

    yield start
    for each in replicas:
        each.close()


@pytest.fixture
def replicas(telegram, start, balancer, database, tmp_path):
    """Two, over tables that are there: those that are started otherwise make them, side by side."""
    State(tmp_path, telegram.token.partition(":")[0], database).close()
    Ledger(tmp_path, database=database).close()
    both = [start(), start()]
    for each in both:
        each.waits_for("Listening for what Telegram sends")
    balancer.ports += [each.port for each in both]
    return both


def quoted(chat):
    """What the answers in a chat quote, which is the questions."""
    return [message.split("\n")[2] for message in chat.by_the_bot]


def all_answered(telegram, people, questions):
    counts = [len(each.chat.by_the_bot) for each in people]
    telegram.wait_until(
        lambda: all(len(each.chat.by_the_bot) >= questions for each in people),
        f"all answers, not {counts}, are there",
    )


def settled(telegram, people):
    """Whatever was asked so far is done with: what is asked now is answered behind it."""

    def is_helped(chat):
        return chat.by_the_bot and chat.by_the_bot[-1].startswith("How to ask")

    for each in people:
        each.writes("/help")
    telegram.wait_until(lambda: all(is_helped(each.chat) for each in people), "all get help")
    for each in people:
        each.chat.messages.popitem()


def test_both_answer_each_question_once_and_in_its_order(telegram, balancer, replicas):
    people = [telegram.person(f"Person{number}") for number in range(PEOPLE)]
    asked = [f"Question {number}?" for number in range(QUESTIONS)]
    for question in asked:
        for each in people:
            each.writes(question)
    all_answered(telegram, people, QUESTIONS)
    settled(telegram, people)
    assert [quoted(each.chat) for each in people] == [asked] * PEOPLE
    assert balancer.refusals == []


def test_a_kill_under_load_loses_and_doubles_nothing(telegram, balancer, replicas):
    people = [telegram.person(f"Person{number}") for number in range(PEOPLE)]
    asked = [f"Question {number}?" for number in range(QUESTIONS)]
    for question in asked:
        for each in people:
            each.writes(question)
    telegram.waits_for_calls("sendMessage", PEOPLE * QUESTIONS // 3)
    replicas[0].kill()
    all_answered(telegram, people, QUESTIONS)
    settled(telegram, people)
    assert [quoted(each.chat) for each in people] == [asked] * PEOPLE


def test_a_replica_finishes_the_work_of_a_killed_one(telegram, balancer, replicas):
    ann = telegram.person("Ann")
    balancer.ports.remove(replicas[1].port)
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    ann.writes("How many?")
    telegram.waits_for_calls("sendMessage")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has confirmed it")
    balancer.ports.append(replicas[1].port)
    ann.writes("Who came?")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has confirmed it")
    assert ann.chat.by_the_bot == []
    replicas[0].kill()
    all_answered(telegram, [ann], 2)
    assert quoted(ann.chat) == ["How many?", "Who came?"]


def test_an_answer_of_a_killed_replica_is_not_sent_again(telegram, balancer, replicas):
    ann = telegram.person("Ann")
    balancer.ports.remove(replicas[1].port)
    telegram.holds_next("sendMessage")
    ann.writes("How many?")
    ann.reads()
    replicas[0].kill()
    balancer.ports[:] = [replicas[1].port]
    ann.writes("Who came?")
    all_answered(telegram, [ann], 2)
    assert quoted(ann.chat) == ["How many?", "Who came?"]


def test_an_update_that_both_get_at_once_is_answered_once(telegram, balancer, replicas):
    ann = telegram.person("Ann")
    ports, balancer.ports[:] = list(balancer.ports), []
    ann.writes("How many?")
    [update] = telegram.world.updates
    balancer.ports[:] = ports
    assert balancer.sends_to_all(update) == [200, 200]
    settled(telegram, [ann])
    assert quoted(ann.chat) == ["How many?"]


def test_replicas_recover_after_a_database_outage(telegram, balancer, replicas, postgres):
    people = [telegram.person(f"Person{number}") for number in range(PEOPLE)]
    asked = [f"Question {number}?" for number in range(QUESTIONS)]
    for question in asked[:4]:
        for each in people:
            each.writes(question)
    telegram.waits_for_calls("sendMessage", PEOPLE)
    postgres.stop()
    try:
        for question in asked[4:]:
            for each in people:
                each.writes(question)
        telegram.wait_until(lambda: len(balancer.refusals) > 2 * PEOPLE, "it is refused")
        for each in replicas:
            each.waits_for("No message can be read, trying again until it can")
    finally:
        postgres.start()
    all_answered(telegram, people, QUESTIONS)
    settled(telegram, people)
    answered = [quoted(each.chat) for each in people]
    # The one that was being sent when the database stopped may come again, as nothing could record that it arrived.
    assert [list(dict.fromkeys(answers)) for answers in answered] == [asked] * PEOPLE
    assert all(len(answers) <= QUESTIONS + 1 for answers in answered)
    assert set(balancer.refusals) == {500}
    for each in replicas:
        each.waits_for("Messages can be read again.")
        assert each.output.count("No message can be read") <= 2
        assert "Traceback" not in each.output


def test_people_are_told_that_the_vector_store_is_unreachable(telegram, replicas, tmp_path):
    ann = telegram.person("Ann")
    (tmp_path / OUTAGE).touch()
    for _ in range(4):
        ann.writes("How many?")
        assert ann.reads().text == UNREACHABLE
    (tmp_path / OUTAGE).unlink()
    for _ in range(4):
        ann.writes("How many?")
    all_answered(telegram, [ann], 8)
    output = "".join(each.output for each in replicas)
    assert output.count("No question can be answered now: The engine does not answer.") in {1, 2}
    assert "Questions can be answered again." in output


def test_replicas_show_one_pairing_link_that_works_once_at_either(telegram, start, balancer):
    both = [start(QUOTH_PUBLIC="false"), start(QUOTH_PUBLIC="false")]
    for each in both:
        each.waits_for("Listening for what Telegram sends")
    balancer.ports += [each.port for each in both]
    links = {line for each in both for line in each.output.splitlines() if "?start=" in line}
    assert len(links) == 1
    ann, bea = telegram.person("Ann"), telegram.person("Bea")
    for link in links:
        ann.opens(link)
        assert ann.reads().text.startswith("You own this bot now")
        bea.opens(link)
        assert not bea.reads().text.startswith("You own this bot now")


def test_the_bot_goes_on_although_one_of_two_replicas_is_killed(telegram, balancer, start):
    command = ("-m", "bot", "bot", "--documents", ROOT / "seeds")
    both = [start(*command), start(*command)]
    for each in both:
        each.waits_for("Listening for what Telegram sends")
    balancer.ports += [each.port for each in both]
    ann = telegram.person("Ann")
    for replica in both:
        for _ in range(2):
            ann.writes("How many British police officers will work in Coquelles?")
            assert "six British police officers" in ann.reads().marked("bold")[0]
        if replica is both[0]:
            replica.kill()


def test_an_upload_of_a_killed_replica_is_reported_by_the_other(telegram, balancer, start):
    olga = telegram.person("Olga")
    command = ("-m", "bot", "bot", "--documents", ROOT / "seeds")
    both = [start(*command, QUOTH_OWNERS=str(olga.user["id"])) for _ in range(2)]
    for each in both:
        each.waits_for("Listening for what Telegram sends")
    balancer.ports.append(both[0].port)
    telegram.fails_next("sendMessage", 429, "Too Many Requests: retry after 3600", retry_after=3600)
    olga.sends_file("snails.txt", b"The snail crosses the garden path after rain.")
    telegram.waits_for_calls("sendMessage")
    telegram.wait_until(lambda: not telegram.world.updates, "the bot has confirmed it")
    both[0].kill()
    balancer.ports[:] = [both[1].port]
    report = olga.reads()
    while not report.buttons:
        olga.reads_edited()
    assert report.text == "snails.txt is among the documents now: 1 passage."
    olga.writes("When does the snail cross the garden path?")
    assert "after rain" in olga.reads().marked("bold")[0]
