"""The pace of a person is measured by one clock at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.telegram.access.rate_limit import RateLimiter, Read

NOW = datetime.now(UTC)


def test_a_message_too_many_in_a_minute_is_told_once():
    limiter = RateLimiter(2)
    read = [limiter.check(1, NOW + timedelta(seconds=second)) for second in (0, 1, 2, 3, 61)]
    assert read == [Read.YES, Read.YES, Read.TELL, Read.NO, Read.YES]


def test_presses_and_messages_have_clocks_of_their_own():
    limiter = RateLimiter(1)
    ahead = NOW + timedelta(hours=1)  # this machine's clock is wrong by that
    assert limiter.check(1, ahead) is Read.YES
    assert limiter.check(1) is Read.YES
    assert limiter.check(1, ahead + timedelta(minutes=2)) is Read.YES
    assert limiter.check(1) is Read.TELL
    assert limiter.check(2) is Read.YES
