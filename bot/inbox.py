"""Inbox and InOrder: every update is handled once, and those of a chat one after another.

Updates wait in lines, one for each chat. A line is handled by one process at a time, whichever of the bot's replicas
Telegram gave an update to: it claims the line, handles the first update and goes on until none is left. What a replica
leaves when it is killed, another finds when it looks through all lines, which each does again and again.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from cachetools import TTLCache
from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.delivery import Occasion, occasion
from bot.services.failure_log import FailureLog
from retrieval import StoreError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram.ext import Application

    from bot.state import State, Taken

MOST_IN_PROGRESS = 1000
"""Updates that are in memory; beyond that, they wait with Telegram."""
REST_S = 30
"""A line whose updates could not be marked as done, such as with a full disk, is left alone for so long."""


class Inbox(asyncio.Queue[object]):
    """The application's queue. An update that is put in is kept until it was handled, so that none is lost.

    It returns from `put` when the update is stored, and only then may Telegram be told that it has arrived. One
    that was put in before, also before a restart or into another replica, is left out. What comes out is the line.

    Args:
        state: keeps them.
        note: called with the chat and the number of each message that comes.
    """

    def __init__(self, state: State, note: Callable[[int, int], None]) -> None:
        super().__init__()
        self._state = state
        self._note = note
        self._room = asyncio.Semaphore(MOST_IN_PROGRESS)
        self._here: Counter[str] = Counter()
        self._resting: TTLCache[str, bool] = TTLCache(MOST_IN_PROGRESS, REST_S)
        self._outage = FailureLog(
            "No message can be read, trying again until it can", "Messages can be read again."
        )

    async def put(self, item: object) -> None:
        """Store an update and put its line into the queue, when there is room.

        Raises:
            StoreError: it cannot be stored; this is logged.
        """
        if not isinstance(item, Update):
            await super().put(item)
            return
        await self._room.acquire()
        line, is_new = _line_of(item), False
        try:
            is_new = self._state.receive(item.update_id, item.to_json(), line)
        except StoreError as error:
            self._outage.note(error)
            raise
        finally:
            if not is_new:
                self._room.release()
        self._outage.end()
        if item.effective_message:
            self._note(item.effective_message.chat.id, item.effective_message.message_id)
        if is_new:
            await self._put_line(line)

    async def look_again(self) -> None:
        """Put in the lines that nobody here has: what was not done when the bot ended, or is not by another replica."""
        try:
            lines = self._state.lines()
        except StoreError as error:
            self._outage.note(error)
            return
        self._outage.end()
        for line in lines:
            if line not in self._here and line not in self._resting:
                await self._room.acquire()
                await self._put_line(line)

    async def _put_line(self, line: str) -> None:
        self._here[line] += 1
        await super().put(line)

    def left(self, line: str) -> None:
        """What came out of the queue was looked after."""
        self._here[line] -= 1
        if not self._here[line]:
            del self._here[line]
        self._room.release()

    def failed(self, line: str, error: StoreError) -> None:
        """Its updates stay to be done."""
        self._outage.note(error)
        if not isinstance(error, UnreachableError):
            self._resting[line] = True


class InOrder(BaseUpdateProcessor):
    """Handles the updates of a line in their order, and those of different lines side by side."""

    def __init__(self, inbox: Inbox, state: State) -> None:
        super().__init__(MOST_IN_PROGRESS)
        self._inbox = inbox
        self._state = state
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._application: Application[Any, Any, Any, Any, Any, Any] | None = None

    def handle_with(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Let this application's handlers have the updates."""
        self._application = application

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle what waits in a line, when nobody else does; what is cancelled stays to be done."""
        line = str(update)
        if asyncio.iscoroutine(coroutine):
            coroutine.close()  # it would handle the line as if that were an update
        try:
            async with self._turns.setdefault(line, asyncio.Lock()):
                await self._handle_all(line)
        except StoreError as error:
            self._inbox.failed(line, error)
        finally:
            self._inbox.left(line)

    async def _handle_all(self, line: str) -> None:
        """One who finds the line taken leaves it at once, so it is looked at again after it was given back."""
        while self._state.claim(line):
            try:
                if taken := self._state.take(line):
                    await self._handle(taken, line)
            finally:
                self._state.release_claim(line)
            if not self._state.waits(line):
                return

    async def _handle(self, taken: Taken, line: str) -> None:
        if self._application is None:
            return
        update = Update.de_json(json.loads(taken.body), self._application.bot)
        now = Occasion.of(update, line, taken.sent_after)
        occasion.set(now)
        try:
            await self._application.process_update(update)
        finally:
            if now:
                now.is_over = True
        if self._state.has_claim(line):
            self._state.done(taken.id)

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


def _line_of(update: Update) -> str:
    # That the bot was blocked or removed should be known to those who still wait there.
    if update.my_chat_member or not update.effective_chat:
        return f"update {update.update_id}"
    return f"chat {update.effective_chat.id}"
