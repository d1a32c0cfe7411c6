"""Poller: fetches updates from Telegram for as long as the bot runs, whatever the network does."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any, NoReturn

from telegram.error import TelegramError

from bot.telegram.transport.bot_api import BotApi
from bot.telegram.transport.connection import ALLOWED_UPDATES, DELAYS_S, Connection, backoff
from bot.telegram.transport.update_queue import UpdateQueue, id_of
from retrieval import StoreError

logger = logging.getLogger(__name__)

LONG_POLL_S = 30
MAX_SILENCE_S = 120
"""Without an answer for so long, polling is not alive: one comes every half minute, also without updates."""


class Poller:
    """Puts every update into the queue, in order.

    We do not use `telegram.ext.Updater`: it stops for good when a single poll is answered with 401 or 404, while the
    process goes on, and it ends at an update that it cannot parse.
    """

    def __init__(self, bot: BotApi, connection: Connection, queue: UpdateQueue) -> None:
        self._bot = bot
        self._connection = connection
        self._queue = queue
        self._next_update = 0
        self._heard_at = float("-inf")

    @property
    def is_alive(self) -> bool:
        """Whether Telegram has answered lately."""
        return time.monotonic() - self._heard_at < MAX_SILENCE_S

    async def run(self) -> NoReturn:
        """Fetch updates until cancelled."""
        await self._connection.retry(lambda: self._bot.delete_webhook(drop_pending_updates=False))
        self._heard_at = time.monotonic()
        while True:
            updates = await self._connection.retry(lambda: self._fetch(LONG_POLL_S))
            self._heard_at = time.monotonic()
            for update in updates:
                await self._store(update)
                number = id_of(update)
                self._next_update = self._next_update if number is None else number + 1
            if updates and all(id_of(update) is None for update in updates):
                # They cannot be confirmed, and would come again at once.
                await asyncio.sleep(DELAYS_S[-1])

    async def stop(self) -> None:
        """Confirm to Telegram the updates that need not come again at the next start."""
        try:
            await self._fetch(0)
        except TelegramError as error:
            logger.warning("The last questions may be answered again at the next start: %s", error)

    async def _store(self, update: object) -> None:
        """Put an update into the queue; with a full disk, retry until there is room."""
        for delay_s in backoff():
            with suppress(StoreError):  # logged by the queue
                await self._queue.store(update)
                return
            await asyncio.sleep(delay_s)

    async def _fetch(self, timeout_s: int) -> list[Any]:
        return await self._bot.fetch_updates(self._next_update, timeout_s, ALLOWED_UPDATES)
