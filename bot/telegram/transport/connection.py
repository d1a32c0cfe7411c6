"""Connection: waits until Telegram answers, for as long as it takes."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, TypeVar

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from telegram.ext import Application

logger = logging.getLogger(__name__)
T = TypeVar("T")

ALLOWED_UPDATES = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.MY_CHAT_MEMBER,
]
DELAYS_S = (1, 2, 4, 8, 16, 30)


def retry_delays_s() -> Iterator[int]:
    """Give the waits before each retry, without end."""
    return chain(DELAYS_S, repeat(DELAYS_S[-1]))


class Connection:
    """To Telegram, for the requests that the bot cannot do without."""

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        self._application = application
        self._connected = False
        self._reported: set[str] = set()

    async def open(self) -> None:
        """Wait until Telegram says who the bot is.

        Raises:
            InvalidToken: Telegram refuses the token.
        """
        await self.retry(self._application.initialize)
        self._connected = True

    async def retry(self, request: Callable[[], Awaitable[T]]) -> T:
        """Repeat a request until it succeeds."""
        delays = backoff()
        while True:
            try:
                result = await request()
            except TelegramError as error:
                if isinstance(error, InvalidToken) and not self._connected:
                    raise
                self._report(error)
                await asyncio.sleep(max(next(delays), asked_delay_s(error)))
            else:
                if self._reported:
                    logger.info("Telegram answers again.")
                    self._reported.clear()
                return result

    def _report(self, error: TelegramError) -> None:
        """Log what is wrong, once until Telegram answers again."""
        what = str(error)
        if isinstance(error, Conflict):
            what = (
                "another process polls with the same token: stop one of the two, or let Telegram send the "
                "messages to both (QUOTH_WEBHOOK_URL)"
            )
        if what not in self._reported:
            self._reported.add(what)
            logger.warning("No answer from Telegram, trying again until there is one (%s).", what)


def backoff() -> Iterator[float]:
    """Yield the seconds to wait before each new attempt; the last delay repeats."""
    return chain(DELAYS_S, repeat(DELAYS_S[-1]))


def asked_delay_s(error: TelegramError) -> float:
    """How long Telegram wants to be left alone; 0 unless it says so."""
    if not isinstance(error, RetryAfter):
        return 0
    delay = error.retry_after
    return delay.total_seconds() if isinstance(delay, timedelta) else delay
