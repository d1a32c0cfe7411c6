"""Inbox and InOrder: every update is handled once, and those of a chat one after another."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.delivery import Occasion, occasion

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from telegram.ext import ExtBot

    from bot.state import State

MOST_IN_PROGRESS = 1000
"""Updates that are in memory; beyond that, they wait with Telegram."""


class Inbox(asyncio.Queue[object]):
    """The application's queue. An update that is put in is kept until it is `done`, so that none is lost.

    It returns from `put` when the update is stored, and only then may Telegram be told that it has arrived. One
    that was put in before, also before a restart, is left out.
    """

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._room = asyncio.Semaphore(MOST_IN_PROGRESS)
        self._repeated: set[int] = set()

    async def put(self, item: object) -> None:
        """Store an update and put it into the queue, when there is room."""
        if isinstance(item, Update):
            await self._room.acquire()
            is_new = False
            try:
                is_new = self._state.receive(item.update_id, item.to_json())
            finally:
                if not is_new:
                    self._room.release()
            if not is_new:
                return
        await super().put(item)

    async def put_unanswered(self, bot: ExtBot[Any]) -> None:
        """Put in again what was not done when the bot ended."""
        for body in self._state.unanswered():
            await self._room.acquire()
            update = Update.de_json(json.loads(body), bot)
            self._repeated.add(update.update_id)
            await super().put(update)

    def is_repeated(self, update: Update) -> bool:
        """Whether the bot ended while it handled this update, which may be answered therefore."""
        return update.update_id in self._repeated

    def done(self, update: Update) -> None:
        """The update was handled, and may be forgotten."""
        try:
            self._state.done(update.update_id)
        finally:
            self._room.release()


class InOrder(BaseUpdateProcessor):
    """Handles the updates of a chat in their order, and those of different chats side by side."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(MOST_IN_PROGRESS)
        self._inbox = inbox
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, and handle the update; one that is cancelled stays to be done."""
        try:
            async with self._turn(update):
                self._set_occasion(update)
                await coroutine
        finally:
            if asyncio.iscoroutine(coroutine):
                coroutine.close()  # where it was cancelled before its turn
        if isinstance(update, Update):
            self._inbox.done(update)

    def _set_occasion(self, update: object) -> None:
        message = update.effective_message if isinstance(update, Update) else None
        if isinstance(update, Update) and message:
            is_repeated = self._inbox.is_repeated(update)
            occasion.set(Occasion(message.chat.to_dict(), message.message_id, is_repeated))

    def _turn(self, update: object) -> asyncio.Lock:
        # That the bot was blocked or removed should be known to those who still wait there.
        if not isinstance(update, Update) or update.my_chat_member or not update.effective_chat:
            return asyncio.Lock()
        return self._turns.setdefault(update.effective_chat.id, asyncio.Lock())

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""
