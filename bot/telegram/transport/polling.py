"""Poller: fetches updates from Telegram for as long as the bot runs, whatever the network does."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any, NoReturn

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application

from bot.telegram.transport.connection import ALLOWED_UPDATES, Connection, backoff
from retrieval import StoreError

logger = logging.getLogger(__name__)

LONG_POLL_S = 30


class Poller:
    """Puts every update into the application's queue, in order.

    We do not use `telegram.ext.Updater`: it stops for good when a single poll is answered with 401 or 404, while the
    process goes on, and it logs a traceback for each failed poll.
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
                await self._store(update)
                self._next_update = update.update_id + 1

    async def stop(self) -> None:
        """Confirm to Telegram the updates that need not come again at the next start."""
        try:
            await self._fetch(0)
        except TelegramError as error:
            logger.warning("The last questions may be answered again at the next start: %s", error)

    async def _store(self, update: Update) -> None:
        """Put an update into the queue; with a full disk, retry until there is room."""
        for delay_s in backoff():
            with suppress(StoreError):  # logged by the queue
                await self._application.update_queue.put(update)
                return
            await asyncio.sleep(delay_s)

    async def _fetch(self, timeout_s: int) -> tuple[Update, ...]:
        updates: tuple[Update, ...] = await self._application.bot.get_updates(
            offset=self._next_update, timeout=timeout_s, allowed_updates=ALLOWED_UPDATES
        )
        return updates
