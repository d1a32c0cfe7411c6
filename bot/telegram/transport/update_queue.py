"""UpdateQueue and PerChatProcessor: every update is handled once, and those of a chat one after another.

Updates wait in chat queues. A chat queue is handled by one process at a time, whichever of the bot's replicas Telegram
gave an update to: it locks the queue, handles the first update and goes on until none is left. What a replica leaves
when it is killed, another finds when it polls all chat queues.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakValueDictionary

from cachetools import TTLCache
from telegram import Update
from telegram.ext import Application, BaseUpdateProcessor

from bot.services.failure_log import FailureLog
from bot.telegram.state.updates import StoredUpdate, UpdateRepository
from bot.telegram.transport.sender import ReplyContext, reply_context
from retrieval import StoreError, UnreachableError

MAX_IN_PROGRESS = 1000
"""Updates in memory; the others wait at Telegram."""
BACKOFF_S = 30
"""How long a chat queue rests after an update in it could not be finished, such as with a full disk."""


class UpdateQueue(asyncio.Queue[object]):
    """The application's queue. It stores an update until it was handled, so that none is lost.

    When `put` returns, the update is stored, and may be confirmed to Telegram. `put` leaves out an update that it had
    before, also before a restart or in another replica. `get` returns the name of a chat queue. The sender notes each
    message that comes.
    """

    def __init__(self, updates: UpdateRepository, note: Callable[[int, int], None]) -> None:
        super().__init__()
        self._updates = updates
        self._note = note
        self._slots = asyncio.Semaphore(MAX_IN_PROGRESS)
        self._queued: Counter[str] = Counter()
        self._resting: TTLCache[str, bool] = TTLCache(MAX_IN_PROGRESS, BACKOFF_S)
        self._failures = FailureLog("No message can be read, trying again until it can", "Messages can be read again.")

    async def put(self, item: object) -> None:
        """Store an update, and put its chat queue into this one, when there is room.

        Raises:
            StoreError: it cannot be stored; this is logged.
        """
        if not isinstance(item, Update):
            await super().put(item)
            return
        await self._slots.acquire()
        queue, is_new = _queue_of(item), False
        try:
            is_new = self._updates.add(item.update_id, item.to_json(), queue)
        except StoreError as error:
            self._failures.note(error)
            raise
        finally:
            if not is_new:
                self._slots.release()
        self._failures.end()
        if message := item.effective_message:
            self._note(message.chat.id, message.message_id)
        if is_new:
            await self._put_queue(queue)

    async def poll(self) -> None:
        """Put in the chat queues that are not in yet: a killed bot left them, or another replica handles them."""
        try:
            queues = self._updates.queues()
        except StoreError as error:
            self._failures.note(error)
            return
        self._failures.end()
        for queue in queues:
            if queue not in self._queued and queue not in self._resting:
                await self._slots.acquire()
                await self._put_queue(queue)

    async def _put_queue(self, queue: str) -> None:
        self._queued[queue] += 1
        await super().put(queue)

    def leave(self, queue: str) -> None:
        """Note that a chat queue was handled, as far as it can be now."""
        self._queued[queue] -= 1
        if not self._queued[queue]:
            del self._queued[queue]
        self._slots.release()

    def fail(self, queue: str, error: StoreError) -> None:
        """Note an error that keeps the updates of a chat queue from being handled."""
        self._failures.note(error)
        if not isinstance(error, UnreachableError):
            self._resting[queue] = True


class PerChatProcessor(BaseUpdateProcessor):
    """Handles the updates of a chat queue in their order, and those of different ones side by side."""

    def __init__(self, queue: UpdateQueue, updates: UpdateRepository) -> None:
        super().__init__(MAX_IN_PROGRESS)
        self._queue = queue
        self._updates = updates
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.application: Application[Any, Any, Any, Any, Any, Any] | None = None
        """Its handlers get the updates. Set after it is built, as it is built with this processor."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle the updates of a chat queue, unless another process does; those that are cancelled stay in it."""
        queue = str(update)
        if asyncio.iscoroutine(coroutine):
            coroutine.close()  # it would handle the name of the queue as if that were an update
        try:
            async with self._locks.setdefault(queue, asyncio.Lock()):
                await self._handle_all(queue)
        except StoreError as error:
            self._queue.fail(queue, error)
        finally:
            self._queue.leave(queue)

    async def _handle_all(self, queue: str) -> None:
        """Handle updates until none is left.

        A process that finds the queue locked leaves it at once, so look for new updates after unlocking it.
        """
        while self._updates.acquire(queue):
            try:
                if update := self._updates.next_update(queue):
                    await self._handle(update, queue)
            finally:
                self._updates.release(queue)
            if not self._updates.next_update(queue):
                return

    async def _handle(self, stored: StoredUpdate, queue: str) -> None:
        if self.application is None:
            return
        update = Update.de_json(json.loads(stored.body), self.application.bot)
        context, message = None, update.effective_message
        if message:
            chat = message.chat.to_dict()
            context = ReplyContext(chat, message.message_id, update.update_id, queue, stored.sent_after)
        reply_context.set(context)
        try:
            await self.application.process_update(update)
        finally:
            if context:
                context.is_over = True
        if self._updates.has_lock(queue):
            self._updates.finish(stored.id)

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


def _queue_of(update: Update) -> str:
    # A block or removal has its own queue, so that updates that still wait in the chat hear of it.
    if update.my_chat_member or not update.effective_chat:
        return f"update {update.update_id}"
    return f"chat {update.effective_chat.id}"
