"""Requests reach Telegram as its flood limits allow, in virtual time."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from support.telegram_double.floods import FloodLimits
from support.virtual_time import run_virtually
from telegram.error import RetryAfter

from bot.telegram.transport import flood_control
from bot.telegram.transport.flood_control import REPORT, FloodControl
from bot.telegram.transport.sender import ReliableSender

ANN, BEA, CARL, GROUP = 1, 2, 3, -5


@pytest.fixture(autouse=True)
def _new_periods(monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


class Repository:
    """Of a bot that remembers nothing."""

    def moved_to(self, chat_id):
        return chat_id

    def set_last_sent(self, *_):
        pass


class Telegram:
    """Notes when requests come, and refuses those that it is told to refuse."""

    def __init__(self, limits=None):
        self.sender = ReliableSender(Repository(), Repository(), None)
        self.came = []
        """Time, chat and text of each request."""
        self.refusals = {}
        """Number of a request → the seconds for which Telegram wants to be left alone."""
        self.taken = []
        self._limits = limits
        self._numbers = count()

    def sends(self, chat_id, text="", method="sendMessage", priority=None):
        data = {"chat_id": chat_id, "text": text}
        return self.sender.process_request(self._answer, (method, data), {}, method, data, priority)

    async def _answer(self, method, data):
        now, number = asyncio.get_running_loop().time(), next(self._numbers)
        self.came.append((round(now, 3), data["chat_id"], data["text"]))
        limited = self._limits.retry_after(method, data["chat_id"], now) if self._limits else None
        await asyncio.sleep(0.02)
        if seconds := self.refusals.get(number, limited):
            raise RetryAfter(seconds)
        self.taken.append((round(now, 3), data["text"]))
        return {"message_id": number + 1, "chat": {"id": data["chat_id"]}}


def all_at_once(*requests):
    async def run():
        return await asyncio.gather(*requests, return_exceptions=True)

    return run_virtually(run())


def test_a_private_chat_gets_a_burst_and_then_one_a_second():
    telegram = Telegram()
    all_at_once(*(telegram.sends(ANN) for _ in range(6)))
    times = [time for time, *_ in telegram.came]
    assert times == [pytest.approx(time, abs=0.1) for time in (0, 0, 0, 1, 2, 3)]


def test_a_group_gets_at_most_20_in_any_minute():
    telegram = Telegram()
    all_at_once(*(telegram.sends(GROUP) for _ in range(60)))
    times = [time for time, *_ in telegram.came]
    assert max(sum(start <= time < start + 60 for time in times) for start in times) <= 20


def test_all_chats_together_stay_below_30_a_second():
    telegram = Telegram()
    all_at_once(*(telegram.sends(number) for number in range(1, 201)))
    times = [time for time, *_ in telegram.came]
    assert max(sum(start <= time < start + 1 for time in times) for start in times) < 30
    assert times[-1] < 11


def test_a_refusal_holds_everything_to_that_chat_and_no_other():
    telegram = Telegram()
    telegram.refusals = {0: 7}
    all_at_once(
        telegram.sends(ANN, "first"),
        telegram.sends(ANN, "second"),
        telegram.sends(ANN, "edit", "editMessageText"),
        telegram.sends(BEA, "other"),
    )
    assert [text for time, _, text in telegram.came if time < 7] == ["first", "other"]
    assert sorted(text for _, text in telegram.taken) == ["edit", "first", "other", "second"]


def test_a_refused_chat_action_holds_the_answer_too():
    telegram = Telegram()
    telegram.refusals = {0: 4}

    async def run():
        with pytest.raises(RetryAfter):
            await telegram.sends(ANN, "typing", "sendChatAction")
        await telegram.sends(ANN, "answer")

    run_virtually(run())
    assert telegram.came == [(0, ANN, "typing"), (4.02, ANN, "answer")]


def test_what_the_bot_can_do_without_does_not_wait_for_long():
    telegram = Telegram()
    telegram.refusals = {0: 3600}

    async def run():
        for _ in range(2):
            with pytest.raises(RetryAfter):
                await telegram.sends(ANN, "typing", "sendChatAction")

    run_virtually(run())
    assert len(telegram.came) == 1


def test_two_chats_refused_together_hold_all():
    telegram = Telegram()
    telegram.refusals = {0: 9, 1: 9}

    async def run():
        await asyncio.gather(telegram.sends(ANN), telegram.sends(BEA), telegram.sends(CARL), later())

    async def later():
        await asyncio.sleep(0.1)
        await telegram.sends(GROUP)

    run_virtually(run())
    assert sorted(chat for time, chat, _ in telegram.came if time < 9) == [ANN, BEA, CARL]
    assert len(telegram.taken) == 4


def test_after_a_pause_for_all_they_do_not_begin_at_once():
    telegram = Telegram()
    telegram.refusals = dict.fromkeys(range(2), 5)
    all_at_once(*(telegram.sends(number) for number in range(1, 101)))
    times = [time for time, *_ in telegram.came if time >= 5]
    assert max(sum(start <= time < start + 1 for time in times) for start in times) < 30


def test_an_answer_goes_before_the_reports_that_wait():
    telegram = Telegram()
    reports = [telegram.sends(ANN, "report", priority=REPORT) for _ in range(6)]
    all_at_once(*reports, telegram.sends(ANN, "answer"))
    assert [text for *_, text in telegram.came].index("answer") == 1


def test_a_request_that_is_cancelled_gives_its_turn_to_the_next():
    telegram = Telegram()

    async def run():
        requests = [asyncio.create_task(telegram.sends(ANN, str(number))) for number in range(6)]
        await asyncio.sleep(0.5)
        for request in requests[3:5]:
            request.cancel()
        await requests[5]

    run_virtually(run())
    assert [text for *_, text in telegram.came] == ["0", "1", "2", "5"]


def test_chats_without_requests_are_left_out_of_memory(monkeypatch):
    monkeypatch.setattr(flood_control, "MAX_CHATS", 10)
    control = FloodControl()

    async def run():
        for number in range(1, 200):
            async with control.turn(number, 0) as is_allowed:
                await is_allowed()
        return len(control._gates)

    assert run_virtually(run()) < 100


def test_25_reports_arrive_and_a_question_is_answered_in_between():
    limits = FloodLimits()
    telegram = Telegram(limits)

    async def ask():
        await asyncio.sleep(3)
        await telegram.sends(ANN, "answer")

    async def run():
        await asyncio.gather(*(telegram.sends(ANN, "report", priority=REPORT) for _ in range(25)), ask())

    run_virtually(run())
    assert len(telegram.taken) == 26
    assert next(time for time, text in telegram.taken if text == "answer") < 5
    assert (limits.refusals, limits.too_early) == (0, [])
