"""UpdateQueue and PerChatProcessor: every update is handled once, and those of a chat one after another.

Updates wait in chat queues. A chat queue is handled by one process at a time, whichever of the bot's replicas Telegram
gave an update to: it locks the queue, handles the first update and goes on until none is left. What a replica leaves
when it is killed, another finds when it polls all chat queues.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn
from weakref import WeakValueDictionary

from cachetools import TTLCache
from telegram import Update
from telegram.ext import Application

from bot.services.failure_log import FailureLog
from bot.services.supervision import describe
from bot.telegram.state.updates import MAX_FAILURES, StoredUpdate, UpdateRepository
from bot.telegram.transport.sender import ReplyContext, reply_context
from retrieval import StoreError, UnreachableError

logger = logging.getLogger(__name__)

MAX_IN_PROGRESS = 1000
"""Updates in memory; the others wait at Telegram."""
BACKOFF_S = 30
"""How long a chat queue rests after an update in it could not be finished, such as with a full disk."""
INT64 = 2**63

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


class UpdateQueue(asyncio.Queue[str]):
    """The queue of chat queues. It stores an update until it was handled, so that none is lost.

    When `store` returns, the update is stored, and may be confirmed to Telegram. `store` leaves out an update that it
    had before, also before a restart or in another replica. `get` returns the name of a chat queue. The sender notes
    each message that comes.
    """

    def __init__(self, updates: UpdateRepository, note: Callable[[int, int], None]) -> None:
        super().__init__()
        self._updates = updates
        self._note = note
        self._slots = asyncio.Semaphore(MAX_IN_PROGRESS)
        self._queued: Counter[str] = Counter()
        self._resting: TTLCache[str, bool] = TTLCache(MAX_IN_PROGRESS, BACKOFF_S)
        self._failures = FailureLog("No message can be read, trying again until it can", "Messages can be read again.")

    async def store(self, update: object) -> None:
        """Store an update as it came, and put its chat queue into this one, when there is room.

        One that cannot be parsed is left out, and logged.

        Raises:
            StoreError: it cannot be stored; this is logged.
        """
        address = _address_of(update)
        if address is None:
            return
        await self._slots.acquire()
        is_new = False
        try:
            is_new = self._updates.add(address.update_id, address.body, address.queue)
        except StoreError as error:
            self._failures.note(error)
            raise
        finally:
            if not is_new:
                self._slots.release()
        self._failures.end()
        if address.message:
            self._note(*address.message)
        if is_new:
            await self._put_queue(address.queue)

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
        await self.put(queue)

    def leave(self, queue: str) -> None:
        """Note that a chat queue was handled, as far as it can be now."""
        self._queued[queue] -= 1
        if not self._queued[queue]:
            del self._queued[queue]
        self._slots.release()

    def fail(self, queue: str, error: Exception) -> None:
        """Note an error that keeps the updates of a chat queue from being handled."""
        # The message of an error that nobody foresaw may hold what people wrote.
        self._failures.note(error if isinstance(error, StoreError) else describe(error), kind=type(error).__name__)
        if not isinstance(error, UnreachableError):
            self._resting[queue] = True


class PerChatProcessor:
    """Handles the updates of a chat queue in their order, and those of different ones side by side."""

    def __init__(self, queue: UpdateQueue, updates: UpdateRepository, application: AnyApplication) -> None:
        self._queue = queue
        self._updates = updates
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._application = application
        """Its handlers get the updates."""

    async def run(self) -> NoReturn:
        """Handle what comes into the queue, each chat queue in a task of its own, until cancelled.

        The application would do so, but does not begin again after an error.
        """
        while True:
            queue = await self._queue.get()
            self._application.create_task(self._process_queue(queue), name=queue)

    async def _process_queue(self, queue: str) -> None:
        """Handle the updates of a chat queue, unless another process does; those that are cancelled stay in it."""
        try:
            async with self._locks.setdefault(queue, asyncio.Lock()):
                await self._handle_all(queue)
        except Exception as error:  # noqa: BLE001 - it is tried again, whatever happened
            self._queue.fail(queue, error)
        finally:
            self._queue.leave(queue)

    async def _handle_all(self, queue: str) -> None:
        """Handle updates until none is left.

        A process that finds the queue locked leaves it at once, so look for new updates after unlocking it.
        """
        while self._updates.acquire(queue):
            try:
                update = self._updates.next_update(queue)
                if update and not await self._handle(update, queue):
                    return
            finally:
                self._updates.release(queue)
            if not self._updates.next_update(queue):
                return

    async def _handle(self, stored: StoredUpdate, queue: str) -> bool:
        """Handle an update; return false if it failed, and is to be tried again."""
        try:
            await self._process(self._application, stored, queue)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - python-telegram-bot raises whatever a malformed part leads to
            return self._fail(stored, error)
        if self._updates.has_lock(queue):
            self._updates.finish(stored.id)
        return True

    @staticmethod
    async def _process(application: AnyApplication, stored: StoredUpdate, queue: str) -> None:
        update = Update.de_json(json.loads(stored.body), application.bot)
        context, message = None, update.effective_message
        if message:
            chat = message.chat.to_dict()
            context = ReplyContext(chat, message.message_id, update.update_id, queue, stored.sent_after)
        reply_context.set(context)
        try:
            await application.process_update(update)
        finally:
            if context:
                context.is_over = True

    def _fail(self, stored: StoredUpdate, error: Exception) -> bool:
        """Count a failure; return true if the update is set aside, so that its chat goes on."""
        failures = self._updates.fail(stored.id)
        # Without the error's message and the update, which hold what people wrote.
        logger.warning("Update %s could not be handled: %s", stored.id, type(error).__name__)
        if failures < MAX_FAILURES:
            return False
        count = self._updates.backlog().set_aside
        logger.error("Update %s is set aside after %s failures; %s in all.", stored.id, failures, count)
        return True


class _Address(NamedTuple):
    """Where an update belongs."""

    update_id: int
    body: str
    queue: str
    message: tuple[int, int] | None
    """The ids of its chat and of its message."""


def _address_of(update: object) -> _Address | None:
    """Read where an update belongs; None if it cannot be parsed, which is logged by its id and kind only."""
    try:
        return _parse(update)
    except Exception as error:  # noqa: BLE001 - python-telegram-bot raises whatever a malformed part leads to
        kind, reason = _kind_of(update), type(error).__name__
        logger.warning("Update %s (%s) is left out, as it cannot be parsed: %s", id_of(update), kind, reason)
        return None


def _parse(update: Any) -> _Address:  # noqa: ANN401 - whatever came
    parsed = Update.de_json(update, None)
    chat, message = parsed.effective_chat, parsed.effective_message
    numbers = [parsed.update_id, *([chat.id] if chat else ()), *([message.message_id] if message else ())]
    if not all(isinstance(number, int) and abs(number) < INT64 for number in numbers):
        raise TypeError("An id is no number.")
    # A block or removal has its own queue, so that updates that still wait in the chat hear of it.
    queue = f"chat {chat.id}" if chat and not parsed.my_chat_member else f"update {parsed.update_id}"
    place = (message.chat.id, message.message_id) if message else None
    return _Address(parsed.update_id, json.dumps(update), queue, place)


def id_of(update: object) -> int | None:
    """Get the number of an update as it came; None if it has none."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and abs(number) < INT64 else None


def _kind_of(update: object) -> str:
    kinds = [kind for kind in Update.ALL_TYPES if isinstance(update, dict) and kind in update]
    return kinds[0] if kinds else "an unknown kind"
