"""Calls run in one thread, one at a time; hurried ones come first."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing

import pytest

from bot.services.background import BackgroundThread, BusyError
from bot.services.failure_log import FailureLog
from retrieval import UnreachableError

TIMEOUT_S = 20


class Calls:
    """Calls of people that note in which order they run; the first one runs until it may end."""

    def __init__(self, background):
        self.background = background
        self.made = []
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def call(self, name):
        self.made.append(name)
        if name == "first":
            self.has_begun.set()
            assert self.may_end.wait(TIMEOUT_S)
        return name

    async def begin(self, *names):
        """The first call, which runs now, and some that wait behind it."""
        tasks = {"first": asyncio.create_task(self.background.run(self.call, "first"))}
        assert await asyncio.to_thread(self.has_begun.wait, TIMEOUT_S)
        for name in names:
            run = self.background.run_hurried if name.startswith("hurried") else self.background.run
            tasks[name] = asyncio.create_task(run(self.call, name))
        await asyncio.sleep(0)
        return tasks


def made(*cancelled):
    """The order in which calls run of which some are cancelled while they wait."""

    async def run():
        with closing(BackgroundThread("test", 10)) as background:
            calls = Calls(background)
            tasks = await calls.begin("second", "third", "hurried", "hurried too")
            for name in cancelled:
                tasks[name].cancel()
            await asyncio.sleep(0)
            calls.may_end.set()
            done = await asyncio.gather(*tasks.values(), return_exceptions=True)
            assert background.waiting == 0
            assert {each for each in done if isinstance(each, str)} == set(calls.made)
            return calls.made

    return asyncio.run(run())


def test_hurried_calls_run_before_all_others_that_wait():
    assert made() == ["first", "hurried", "hurried too", "second", "third"]


def test_a_call_that_is_cancelled_while_it_waits_never_runs():
    assert made("hurried", "second") == ["first", "hurried too", "third"]


def test_a_call_that_is_cancelled_while_it_runs_holds_up_nobody():
    async def run():
        with closing(BackgroundThread("test", 10)) as background:
            calls = Calls(background)
            tasks = await calls.begin("second")
            tasks["first"].cancel()
            calls.may_end.set()
            return await tasks["second"]

    assert asyncio.run(run()) == "second"


def test_no_more_calls_wait_than_may():
    async def run():
        with closing(BackgroundThread("test", 2)) as background:
            calls = Calls(background)
            tasks = await calls.begin("second")
            with pytest.raises(BusyError):
                await background.run(calls.call, "third")
            calls.may_end.set()
            await asyncio.gather(*tasks.values())
            return await background.run(calls.call, "fourth")

    assert asyncio.run(run()) == "fourth"


def test_a_failure_comes_to_the_caller_and_is_logged_once(log):
    def fail(error):
        raise error

    async def run():
        with closing(BackgroundThread("test", 2, FailureLog("It fails", "It works again."))) as background:
            for error in (UnreachableError("away"), UnreachableError("still"), ValueError("else")):
                with pytest.raises(type(error)):
                    await background.run(fail, error)
            await background.run(len, "")

    asyncio.run(run())
    assert log.text == "ERROR It fails: away\nINFO It works again."
