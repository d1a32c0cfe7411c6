"""Poller: fetches updates from Telegram for as long as the bot runs, whatever the network does."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from retrieval import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram.ext import Application

logger = logging.getLogger(__name__)
T = TypeVar("T")

ALLOWED_UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
LONG_POLL_S = 30
DELAYS_S = (1, 2, 4, 8, 16, 30)
"""Waits before a failed request is made again; the last one repeats."""


class Poller:
    """Puts every update into the application's queue, in order.

    Used instead of `telegram.ext.Updater`, which stops for good when a single poll is answered with 401 or
    404, leaving a process that runs and does nothing, and which logs a traceback for each failed poll.
    """

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        self._application = application
        self._connected = False
        self._next_update = 0
        self._reported: set[str] = set()

    async def connect(self) -> None:
        """Wait until Telegram answers, and make ready for polling.

        Raises:
            InvalidToken: Telegram refuses the token.
        """
        await self._insist(self._application.initialize)
        self._connected = True
        await self._insist(lambda: self._application.bot.delete_webhook(drop_pending_updates=False))

    async def run(self) -> NoReturn:
        """Fetch updates until cancelled."""
        while True:
            for update in await self._insist(lambda: self._fetch(LONG_POLL_S)):
                await self._keep(update)
                self._next_update = update.update_id + 1

    async def _keep(self, update: Update) -> None:
        """Put an update into the queue, also if that has to wait for room on the disk."""
        while True:
            try:
                await self._application.update_queue.put(update)
            except StoreError as error:
                logger.error("No message can be read, trying again until it can: %s", error)  # noqa: TRY400
                await asyncio.sleep(DELAYS_S[-1])
            else:
                return

    async def confirm(self) -> None:
        """Tell Telegram which updates need not come again at the next start."""
        try:
            await self._fetch(0)
        except TelegramError as error:
            logger.warning("The last questions may be answered again at the next start: %s", error)

    async def _fetch(self, timeout_s: int) -> tuple[Update, ...]:
        updates: tuple[Update, ...] = await self._application.bot.get_updates(
            offset=self._next_update, timeout=timeout_s, allowed_updates=ALLOWED_UPDATES
        )
        return updates

    async def _insist(self, request: Callable[[], Awaitable[T]]) -> T:
        """Repeat a request until it succeeds."""
        delays = chain(DELAYS_S, repeat(DELAYS_S[-1]))
        while True:
            try:
                result = await request()
            except TelegramError as error:
                if isinstance(error, InvalidToken) and not self._connected:
                    raise
                self._report(error)
                await asyncio.sleep(max(next(delays), _asked_delay_s(error)))
            else:
                if self._reported:
                    logger.info("Telegram answers again.")
                    self._reported.clear()
                return result

    def _report(self, error: TelegramError) -> None:
        """Log what is wrong, once until Telegram answers again."""
        what = str(error)
        if isinstance(error, Conflict):
            what = "another process polls with the same token: stop one of the two"
        if what not in self._reported:
            self._reported.add(what)
            logger.warning("No answer from Telegram, trying again until there is one (%s).", what)


def _asked_delay_s(error: TelegramError) -> float:
    if not isinstance(error, RetryAfter):
        return 0
    delay = error.retry_after
    return delay.total_seconds() if isinstance(delay, timedelta) else delay
