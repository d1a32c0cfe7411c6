"""What is to run as long as the bot begins again after an error."""

from __future__ import annotations

import asyncio
import threading
from itertools import count

import pytest

from bot.services import supervision
from bot.services.supervision import call_safely, keep_running, start_thread
from retrieval import SettingsError

TIMEOUT_S = 20


class Work:
    """Ends with each of some errors, one after another, and runs then until it is cancelled."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        if self.errors:
            if error := self.errors.pop(0):
                raise error
            return
        raise asyncio.CancelledError


@pytest.fixture
def waits(monkeypatch):
    """The waits before it begins again, which take no time."""
    seen = []

    async def sleep(seconds):
        seen.append(seconds)

    monkeypatch.setattr(supervision.asyncio, "sleep", sleep)
    return seen


def runs(work, **options):
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(keep_running("The work", work, **options))


def test_it_begins_again_after_growing_delays(waits):
    work = Work(*(ValueError() for _ in range(9)))
    runs(work)
    assert work.calls == 10
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_each_kind_of_error_is_logged_once_without_its_message(waits, log):
    runs(Work(ValueError("a secret"), ValueError("a secret"), KeyError("a secret"), None))
    lines = [line for line in log.text.splitlines() if line.startswith("ERROR")]
    assert lines == [
        "ERROR The work ended and begins again: ValueError",
        "ERROR The work ended and begins again: KeyError",
        "ERROR The work ended and begins again: without an error",
    ]
    assert "test_supervision.py" in log.text
    assert "a secret" not in log.text


def test_what_has_run_for_long_begins_again_soon_and_that_is_logged(monkeypatch, log):
    monkeypatch.setattr(supervision, "STABLE_S", 0)
    monkeypatch.setattr(supervision, "DELAYS_S", (0, 1000))
    calls = count()

    async def fail_three_times():
        await asyncio.sleep(0.001)
        if next(calls) == 3:
            raise asyncio.CancelledError
        raise ValueError

    runs(fail_three_times)
    assert log.text.count("INFO The work: running again.") == 3


def test_an_error_that_is_to_end_the_bot_is_raised(waits):
    with pytest.raises(SettingsError):
        asyncio.run(keep_running("The work", Work(SettingsError("The port is taken.")), ends_with=(SettingsError,)))


def test_what_is_done_once_is_repeated_only_after_an_error(waits):
    work = Work(ValueError(), None)
    asyncio.run(keep_running("The work", work, is_endless=False))
    assert work.calls == 2


@pytest.mark.parametrize("error", [ValueError("a secret"), SystemExit(1), None])
def test_a_thread_begins_again(monkeypatch, log, error):
    monkeypatch.setattr(supervision, "DELAYS_S", (0.01,))
    stop, ran_again, calls = threading.Event(), threading.Event(), count()

    def work():
        if next(calls) > 2:
            ran_again.set()
            stop.wait(TIMEOUT_S)
        elif error:
            raise error

    thread = start_thread("worker", "The thread", work, stop)
    assert ran_again.wait(TIMEOUT_S)
    stop.set()
    thread.join(TIMEOUT_S)
    assert not thread.is_alive()
    assert log.text.count("The thread ended and begins again: ") == 1
    assert "a secret" not in log.text


def test_an_exit_in_a_thread_is_an_error_for_its_caller():
    def leave():
        raise SystemExit(1)

    with pytest.raises(RuntimeError, match="SystemExit"):
        call_safely(leave)
