"""Connection: repeats requests that the bot cannot do without, until Telegram answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import chain, repeat
from typing import Any, TypeVar

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application

from bot.services.failure_log import FailureLog

T = TypeVar("T")

ALLOWED_UPDATES = [
    Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY,
    Update.CHOSEN_INLINE_RESULT, Update.MY_CHAT_MEMBER,
]  # fmt: skip
DELAYS_S = (1, 2, 4, 8, 16, 30)


class Connection:
    """The connection of an application to Telegram."""

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        self._application = application
        self._is_open = False
        self._failures = FailureLog(
            "No answer from Telegram, trying again until there is one", "Telegram answers again.", logging.WARNING
        )

    async def open(self) -> None:
        """Wait until Telegram says who the bot is.

        Raises:
            InvalidToken: Telegram refuses the token.
        """
        await self.retry(self._application.initialize)
        self._is_open = True

    async def retry(self, request: Callable[[], Awaitable[T]]) -> T:
        """Repeat a request until it succeeds."""
        delays = backoff()
        while True:
            try:
                result = await request()
            except TelegramError as error:
                if isinstance(error, InvalidToken) and not self._is_open:
                    raise
                message = _CONFLICT if isinstance(error, Conflict) else str(error)
                self._failures.note(message, kind=type(error).__name__)
                await asyncio.sleep(max(next(delays), asked_delay_s(error)))
            else:
                self._failures.end()
                return result


_CONFLICT = (
    "another process polls with the same token: stop one of the two, or let Telegram send the messages to both "
    "(QUOTH_WEBHOOK_URL)"
)


def backoff() -> Iterator[float]:
    """Yield the seconds to wait before each new attempt; the last delay repeats."""
    return chain(DELAYS_S, repeat(DELAYS_S[-1]))


def asked_delay_s(error: TelegramError) -> float:
    """Get the seconds for which Telegram asks to be left alone; 0 unless it does."""
    if not isinstance(error, RetryAfter):
        return 0
    delay = error.retry_after
    return delay.total_seconds() if isinstance(delay, timedelta) else delay
