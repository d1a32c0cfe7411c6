"""ReliableSender: each message of the bot reaches Telegram, whatever the network does, and once where possible."""

from __future__ import annotations

import asyncio
import html
import logging
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from cachetools import LRUCache
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.services.failure_log import FailureLog
from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.updates import UpdateRepository
from bot.telegram.transport.connection import backoff
from bot.telegram.transport.flood_control import ANSWER, FloodControl
from retrieval import UnreachableError

logger = logging.getLogger(__name__)

RETRIED_METHODS = {"sendMessage", "editMessageText", "editMessageReplyMarkup"}
"""The bot can do without the other methods, or they are retried elsewhere."""
MAX_REFUSALS = 8
"""Error responses to one message. Without any response, the bot waits for the network for ever."""
MAX_GUESSES = 5
"""Message numbers that are probed, in all, for a message that may have been sent: each probe is an edit."""
REACH = 2
"""How far behind the newest message we guess, where we see every message; in a supergroup, as far as we may."""
MAX_SEEN = 4096
"""Messages that are known to be others, so that none of the guesses is spent on them."""
FIRST_SUPERGROUP = -1_000_000_000_000
"""A supergroup numbers its messages itself; all other chats share one rising sequence, called 0 here."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
OF_EDITS = {"chat_id", "text", "parse_mode", "link_preview_options", "reply_markup"}
TAG = re.compile(r"<[^>]*>")

Json = dict[str, Any]
Callback = Callable[..., Coroutine[Any, Any, Any]]
Wait = Callable[[], Awaitable[None]]


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
        self._flood_control = FloodControl()
        self._failures = FailureLog(
            "A message could not be sent, trying again until it is", "Messages can be sent again.", logging.WARNING
        )
        self._seen = SeenMessages()

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
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401
        """Make a request as soon as it is allowed, and repeat it until Telegram has taken or refused it.

        `rate_limit_args` is its priority.
        """
        if context := reply_context.get():
            self.note(context.chat["id"], context.message_id)
        if endpoint not in RETRIED_METHODS:
            async with self._flood_control.obey(data.get("chat_id", endpoint)):
                return await callback(*args, **kwargs)
        data["chat_id"] = self._chats.moved_to(data["chat_id"])
        request = _Request(self._updates, self._seen, callback, endpoint=endpoint, data=data, options=kwargs)
        delays = backoff()
        while True:
            try:
                result = await self._make(request, rate_limit_args or ANSWER)
            except RetryAfter:
                continue  # the next turn comes when Telegram allows it
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

    async def _make(self, request: _Request, priority: int) -> Json:
        chat_id = request.data["chat_id"]
        async with self._flood_control.turn(chat_id, priority) as is_allowed:

            async def wait() -> None:
                await is_allowed()
                context = reply_context.get()
                if context and not context.is_over and not self._updates.has_lock(context.queue):
                    # Another replica may have begun to answer it meanwhile.
                    message = "The database was away for a moment. The replica that has the lock now answers."
                    raise UnreachableError(message)

            sent = await request.make(wait)
        self.note(chat_id, sent["message_id"])
        return sent

    def note(self, chat_id: int, message_id: int) -> None:
        """Note a message that is there: later messages stand behind it."""
        self._seen.add(chat_id, message_id)


class SeenMessages:
    """The numbers of messages that are there, and the newest of each sequence of numbers."""

    def __init__(self) -> None:
        self._numbers: LRUCache[tuple[int, int], bool] = LRUCache(MAX_SEEN)
        self._newest: LRUCache[int, int] = LRUCache(MAX_SEEN)

    def add(self, chat_id: int, message_id: int) -> None:
        """Add a message."""
        sequence = _sequence(chat_id)
        self._numbers[sequence, message_id] = True
        self._newest[sequence] = max(self.newest(chat_id), message_id)

    def newest(self, chat_id: int) -> int:
        """Get the newest message in the sequence of a chat; 0 without any."""
        return self._newest.get(_sequence(chat_id), 0)

    def unknown(self, chat_id: int, last: int) -> Iterator[int]:
        """Count the numbers behind a message that another message may have, unless that is known."""
        sequence, newest = _sequence(chat_id), max(last, self.newest(chat_id))
        end = newest + (MAX_GUESSES if sequence else REACH)
        return (number for number in range(last + 1, end + 1) if (sequence, number) not in self._numbers)


def _sequence(chat_id: int) -> int:
    return 0 if chat_id > FIRST_SUPERGROUP else chat_id


class _Request:
    """A message to be sent or changed.

    `sendMessage` has no idempotency key. When a send times out, we first probe: editing message N to the same text
    answers "not modified" if N is our message, and "not found" if it is not. Only then do we send again.
    """

    def __init__(
        self,
        updates: UpdateRepository,
        seen: SeenMessages,
        callback: Callback,
        *,
        endpoint: str,
        data: Json,
        options: Json,
    ) -> None:
        self._updates = updates
        self._seen = seen
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
        self._guesses_left = MAX_GUESSES
        self._newest = 0

    async def make(self, wait: Wait) -> Json:
        """Make the request, unless it is done already; `wait` is called before each request to Telegram."""
        sent = await self._probe(self._context, wait) if self._may_be_there and self._context else None
        if not sent:
            await wait()
            self._tried.clear()
            # A message that is there before this one is sent.
            self._newest = self._seen.newest(self.data["chat_id"])
            if self._context:
                self._updates.set_sent_after(self._context.update_id, self._newest)
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

    async def _probe(self, context: ReplyContext, wait: Wait) -> Json | None:
        """Find the message, if it is there.

        We only try the message that was sent for the same update, or those behind all that are known: another message
        would be overwritten.
        """
        chat_id = self.data["chat_id"]
        sent = self._updates.sent_for(chat_id, context.update_id) if self._is_repeated else None
        last = max(context.message_id, context.sent_after or 0, self._newest, self._updates.last_sent(chat_id))
        same = {name: value for name, value in self.data.items() if name in OF_EDITS}
        for guess in [sent] if sent else self._seen.unknown(chat_id, last):
            if guess in self._tried:
                continue
            if not self._guesses_left:
                break
            await wait()
            try:
                await self._callback("editMessageText", same | {"message_id": guess}, **self._options)
            except BadRequest as error:
                if "not modified" not in str(error):
                    self._tried.add(guess)
                    self._guesses_left -= 1
                    continue
            return {"message_id": guess, "date": int(time.time()), "chat": context.chat}
        return None
