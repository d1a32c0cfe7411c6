"""Poller: fetches updates from Telegram for as long as the bot runs, whatever the network does."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NoReturn

from telegram.error import TelegramError

from bot.telegram.transport.connection import ALLOWED_UPDATES, backoff
from retrieval import StoreError

if TYPE_CHECKING:
    from telegram import Update
    from telegram.ext import Application

    from bot.telegram.transport.connection import Connection

logger = logging.getLogger(__name__)

LONG_POLL_S = 30


class Poller:
    """Puts every update into the application's queue, in order.

    Used instead of `telegram.ext.Updater`, which stops for good when a single poll is answered with 401 or
    404, leaving a process that runs and does nothing, and which logs a traceback for each failed poll.
    """

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any], connection: Connection) -> None:
        self._application = application
        self._connection = connection
        self._next_update = 0

    async def run(self) -> NoReturn:
        """Fetch updates until cancelled."""
        await self._connection.retry(lambda: self._application.bot.delete_webhook(drop_pending_updates=False))
        while True:
            for update in await self._connection.retry(lambda: self._fetch(LONG_POLL_S)):
                await self._keep(update)
                self._next_update = update.update_id + 1

    async def _keep(self, update: Update) -> None:
        """Put an update into the queue, also if that has to wait for room on the disk."""
        delays = backoff()
        while True:
            try:
                await self._application.update_queue.put(update)
            except StoreError:  # the queue has said so
                await asyncio.sleep(next(delays))
            else:
                return

    async def stop(self) -> None:
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
