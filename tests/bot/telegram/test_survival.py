"""What runs as long as the bot outlives an error that nobody foresaw, and the bot goes on answering."""

from __future__ import annotations

import threading

import pytest
from support.running_bot import ANSWER, RunningBot

from bot.services import supervision
from bot.telegram import app
from bot.telegram.state.conversations import ConversationRepository
from bot.telegram.state.updates import UpdateRepository
from bot.telegram.state.uploads import UploadRepository
from bot.telegram.transport import update_queue
from bot.telegram.transport.polling import Poller
from bot.telegram.transport.update_queue import UpdateQueue

TIMEOUT_S = 20
WORDS = "what somebody wrote"
FAILED = "Sorry, something went wrong here. Please try again in a moment."


class FailsOnce:
    """Makes a method fail at its first call."""

    def __init__(self, monkeypatch, owner, name, error):
        self.went_on = threading.Event()
        self._errors = [error]
        method = getattr(owner, name)

        def call(*arguments, **options):
            if self._errors:
                raise self._errors.pop()
            self.went_on.set()
            return method(*arguments, **options)

        monkeypatch.setattr(owner, name, call)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(supervision, "DELAYS_S", (0.01,))
    monkeypatch.setattr(update_queue, "BACKOFF_S", 0.01)
    monkeypatch.setattr(app, "POLL_INTERVAL_S", 0.01)


@pytest.fixture
def start(telegram, service, tmp_path):
    running = []

    def start():
        running.append(RunningBot(telegram, service, tmp_path, owners=frozenset({olga.user["id"]})))

    olga = telegram.person("Olga")
    yield start
    for bot in running:
        bot.stop()
        bot.wait()


@pytest.mark.parametrize(
    ("owner", "method", "name"),
    [
        (Poller, "_fetch", "What receives messages"),
        (UpdateQueue, "get", "What hands messages to their handlers"),
        (UpdateQueue, "poll", "What takes over work that is left"),
        (ConversationRepository, "forget_old", "What forgets old questions"),
        (UploadRepository, "expire", "What drops undecided files"),
        (app, "introduce", "What tells Telegram of the commands"),
        (UpdateRepository, "acquire", "No message can be read, trying again until it can"),
    ],
)
def test_each_task_outlives_an_error(telegram, start, monkeypatch, log, owner, method, name):
    failing = FailsOnce(monkeypatch, owner, method, RuntimeError(WORDS))
    start()
    ann = telegram.person("Ann")
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    assert failing.went_on.wait(TIMEOUT_S)
    [line] = [line for line in log.text.splitlines() if line.endswith("RuntimeError")]
    assert line.startswith(f"ERROR {name}")
    assert "test_survival.py" in log.text
    assert WORDS not in log.text


@pytest.mark.parametrize("error", [RuntimeError(WORDS), SystemExit(1)])
def test_the_thread_of_answers_outlives_an_error(telegram, service, start, log, error):
    start()
    ann = telegram.person("Ann")
    service.error = error
    ann.writes("How many?")
    assert ann.reads().text == FAILED
    service.error = None
    ann.writes("How many?")
    assert ann.reads().text == ANSWER
    assert WORDS not in log.text
