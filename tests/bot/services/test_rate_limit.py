"""The pace of a person is measured by one clock at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.services.rate_limit import RateLimiter, Read

NOW = datetime.now(UTC)


def test_a_message_too_many_in_a_minute_is_told_once():
    limiter = RateLimiter(2)
    read = [limiter.check(1, NOW + timedelta(seconds=second)) for second in (0, 1, 2, 3, 61)]
    assert read == [Read.YES, Read.YES, Read.TELL, Read.NO, Read.YES]


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_presses_and_messages_are_counted_by_one_clock(monkeypatch, hours):
    clock = [1_000.0]
    monkeypatch.setattr("bot.services.rate_limit.time.monotonic", lambda: clock[0])
    telegram_now = NOW + timedelta(hours=hours)  # as far as this machine's clock is wrong

    def after(seconds):
        clock[0] = 1_000 + seconds
        return telegram_now + timedelta(seconds=seconds)

    limiter = RateLimiter(2)
    assert limiter.check(2, after(0)) is Read.YES
    after(1)
    assert limiter.check(1, None) is Read.YES
    assert limiter.check(1, after(2)) is Read.YES
    after(3)
    assert limiter.check(1, None) is Read.TELL
    assert limiter.check(1, after(59)) is Read.NO
    after(62)
    assert limiter.check(1, None) is Read.YES
    assert limiter.check(1, after(63)) is Read.YES


def test_old_messages_do_not_turn_the_clock_back():
    limiter = RateLimiter(1)
    assert limiter.check(1, NOW) is Read.YES
    assert limiter.check(2, NOW - timedelta(minutes=10)) is Read.YES
    assert limiter.check(1, None) is Read.TELL


def test_before_any_message_presses_are_counted_too():
    limiter = RateLimiter(1)
    assert [limiter.check(1, None) for _ in range(3)] == [Read.YES, Read.TELL, Read.NO]
