"""ReliableSender: each message of the bot reaches Telegram, whatever the network does, and once where possible."""

from __future__ import annotations

import asyncio
import html
import logging
import re
import time
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from aiolimiter import AsyncLimiter
from cachetools import LRUCache
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.services.failure_log import FailureLog
from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.updates import UpdateRepository
from bot.telegram.transport.connection import asked_delay_s, backoff
from retrieval import UnreachableError

logger = logging.getLogger(__name__)

RETRIED_METHODS = {"sendMessage", "editMessageText"}
"""The bot can do without the other methods, or they are retried elsewhere."""
MAX_REFUSALS = 8
"""Error responses to one message. Without any response, the bot waits for the network for ever."""
MAX_GUESSES = 100
"""Message numbers behind the newest known one that are probed for a message that may have been sent."""
FIRST_SUPERGROUP = -1_000_000_000_000
"""A supergroup numbers its messages itself; all other chats share one rising sequence."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
OF_EDITS = {"chat_id", "text", "parse_mode", "link_preview_options", "reply_markup"}
TAG = re.compile(r"<[^>]*>")

Json = dict[str, Any]
Callback = Callable[..., Coroutine[Any, Any, Any]]


@dataclass
class ReplyContext:
    """The message that is being answered, and the update that brought or edited it."""

    chat: Json
    message_id: int
    update_id: int
    queue: str
    """The chat queue that the update is from."""
    sent_after: int | None
    """The message behind which the answer stands, if a bot that was killed had begun to send one."""
    is_over: bool = False
    """Whether the update was handled, so that later messages are no part of its answer."""


reply_context: ContextVar[ReplyContext | None] = ContextVar("reply_context", default=None)


class ReliableSender(BaseRateLimiter[int]):
    """Keeps within Telegram's flood limits, repeats messages that may be lost, and follows groups to a new id."""

    def __init__(self, updates: UpdateRepository, chats: ChatRepository, move: Callable[[int, int], None]) -> None:
        self._updates = updates
        self._chats = chats
        self._move = move
        self._overall = AsyncLimiter(30, 1)
        self._groups: LRUCache[int, AsyncLimiter] = LRUCache(1000)
        self._failures = FailureLog(
            "A message could not be sent, trying again until it is", "Messages can be sent again.", logging.WARNING
        )
        self._newest = 0

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    async def process_request(  # noqa: PLR0917
        self,
        callback: Callback,
        args: Any,  # noqa: ANN401
        kwargs: Json,
        endpoint: str,
        data: Json,
        rate_limit_args: int | None,  # noqa: ARG002
    ) -> Any:  # noqa: ANN401
        """Make a request as soon as it is allowed, and repeat it until Telegram has taken or refused it."""
        if context := reply_context.get():
            self.note(context.chat["id"], context.message_id)
        if endpoint not in RETRIED_METHODS:
            return await callback(*args, **kwargs)
        data["chat_id"] = self._chats.moved_to(data["chat_id"])
        request = _Request(self._updates, callback, endpoint, data, kwargs)
        delays = backoff()
        while True:
            try:
                result = await self._make(request)
            except RetryAfter as error:
                await asyncio.sleep(asked_delay_s(error))
            except ChatMigrated as error:
                self._move(data["chat_id"], error.new_chat_id)
                data["chat_id"] = error.new_chat_id
            except BadRequest as error:
                request.drop_markup(error)
            except NetworkError as error:
                request.fail(error)
                self._failures.note(error)
                await asyncio.sleep(next(delays))
            else:
                self._failures.end()
                return result

    async def _make(self, request: _Request) -> Json:
        chat_id = request.data["chat_id"]
        if chat_id < 0:
            await self._groups.setdefault(chat_id, AsyncLimiter(20, 60)).acquire()
        async with self._overall:
            context = reply_context.get()
            if context and not context.is_over and not self._updates.has_lock(context.queue):
                # Another replica may have begun to answer it meanwhile.
                raise UnreachableError("The database was away for a moment. The replica that has the lock now answers.")
            sent = await request.make(self._newest if chat_id > FIRST_SUPERGROUP else 0)
        self.note(chat_id, sent["message_id"])
        return sent

    def note(self, chat_id: int, message_id: int) -> None:
        """Note a message that is there: later messages stand behind it."""
        if chat_id > FIRST_SUPERGROUP:
            self._newest = max(self._newest, message_id)


class _Request:
    """A message to be sent or changed.

    `sendMessage` has no idempotency key. When a send times out, we first probe: editing message N to the same text
    answers "not modified" if N is our message, and "not found" if it is not. Only then do we send again.
    """

    def __init__(self, updates: UpdateRepository, callback: Callback, endpoint: str, data: Json, options: Json) -> None:
        self._updates = updates
        self._callback = callback
        self._endpoint = endpoint
        self.data = data
        self._options = options
        self._context = reply_context.get() if endpoint == "sendMessage" else None
        self._is_repeated = self._context is not None and self._context.sent_after is not None
        self._may_be_there = self._is_repeated
        self._refusals = 0
        self._tried: set[int] = set()
        """Wrong guesses: when Telegram asks for a pause in between, we go on with the others."""
        self._newest = 0

    async def make(self, newest: int) -> Json:
        """Make the request, unless it is done already; `newest` is a message that is there before this one is sent."""
        sent = await self._probe(self._context) if self._may_be_there and self._context else None
        self._newest = newest
        self._tried.clear()
        if self._context and not sent:
            self._updates.set_sent_after(self._context.update_id, newest)
        result: Json = sent or await self._callback(self._endpoint, self.data, **self._options)
        if self._endpoint == "sendMessage":
            update_id = self._context.update_id if self._context else None
            self._updates.set_last_sent(self.data["chat_id"], result["message_id"], update_id)
        if self._context:
            self._context.sent_after = None
        return result

    def drop_markup(self, error: BadRequest) -> None:
        """Go on as plain text, if Telegram does not understand the markup; else raise the error."""
        if "can't parse entities" not in str(error).lower() or not self.data.pop("parse_mode", None):
            raise error
        logger.warning("A message is sent without its markup, which Telegram refuses: %s", error)
        self.data["text"] = html.unescape(TAG.sub("", self.data["text"]))

    def fail(self, error: NetworkError) -> None:
        """Count an error response of Telegram, and raise the last that is allowed."""
        self._refusals += not isinstance(error.__cause__, httpx.HTTPError)
        if self._refusals >= MAX_REFUSALS:
            raise error
        self._may_be_there |= not isinstance(error.__cause__, NEVER_SENT)

    async def _probe(self, context: ReplyContext) -> Json | None:
        """Find the message, if it is there.

        We only try the message that was sent for the same update, or those behind all that are known: another message
        would be overwritten.
        """
        chat_id = self.data["chat_id"]
        sent = self._updates.sent_for(chat_id, context.update_id) if self._is_repeated else None
        last = max(context.message_id, context.sent_after or 0, self._newest, self._updates.last_sent(chat_id))
        same = {name: value for name, value in self.data.items() if name in OF_EDITS}
        for guess in [sent] if sent else range(last + 1, last + 1 + MAX_GUESSES):
            if guess in self._tried:
                continue
            try:
                await self._callback("editMessageText", same | {"message_id": guess}, **self._options)
            except BadRequest as error:
                if "not modified" not in str(error):
                    self._tried.add(guess)
                    continue
            return {"message_id": guess, "date": int(time.time()), "chat": context.chat}
        return None
