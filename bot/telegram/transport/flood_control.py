"""FloodControl: keeps within Telegram's flood limits, and waits where Telegram refuses a request nevertheless."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import count

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter

from bot.telegram.transport.connection import asked_delay_s

ANSWER, REPORT = 0, 1
"""Priorities: of those who wait in a chat, an answer goes first."""
OVERALL = (5, 0.25)
"""Requests, and the seconds in which they become free again: at most 25 in any second. Telegram's limit is 30, but on
the way to it they can come closer together."""
PRIVATE = (3, 3.0)
"""About one a second after a burst."""
GROUP = (5, 20.0)
"""At most 20 in any minute."""
MAX_CHATS = 1000
"""In memory, before those without a request are left out."""
TOGETHER_S = 2.0
"""If Telegram refuses two chats within this time, it means all: a chat alone would be over its own limit."""
MAX_WAIT_S = 5.0
"""For requests that the bot can do without."""

Key = int | str
"""A chat, or the method of a request without one."""


class FloodControl:
    """A gate for each chat: what goes to a chat goes one after another, and answers before reports.

    If Telegram refuses a request for some seconds, everything to that chat waits as long.
    """

    def __init__(self) -> None:
        self._overall = AsyncLimiter(*OVERALL)
        self._gates: dict[Key, _Gate] = {}
        self._held_until = self._refused_at = 0.0
        self._refused: Key | None = None

    @asynccontextmanager
    async def turn(self, chat_id: int, priority: int) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Have a chat alone; the function given waits until the next request to it is allowed."""
        gate = self._gate(chat_id)
        await gate.acquire(priority)
        try:
            yield partial(self._wait, gate)
        except RetryAfter as error:
            self._hold(chat_id, asked_delay_s(error))
            raise
        finally:
            gate.release()

    @asynccontextmanager
    async def obey(self, key: Key) -> AsyncIterator[None]:
        """Wait for a moment if Telegram has refused such requests; they have no limit that is known.

        Raises:
            RetryAfter: the wait would be too long.
        """
        delay_s = self._delay_s(self._gate(key))
        if delay_s > MAX_WAIT_S:
            raise RetryAfter(round(delay_s))
        await asyncio.sleep(max(0, delay_s))
        try:
            yield
        except RetryAfter as error:
            self._hold(key, asked_delay_s(error))
            raise

    async def _wait(self, gate: _Gate) -> None:
        await gate.limiter.acquire()
        while True:
            if (delay_s := self._delay_s(gate)) > 0:
                await asyncio.sleep(delay_s)
                continue
            # Behind the pause, as after one for all, they must not begin all at once.
            await self._overall.acquire()
            if self._delay_s(gate) <= 0:
                return

    def _delay_s(self, gate: _Gate) -> float:
        return max(gate.held_until, self._held_until) - asyncio.get_running_loop().time()

    def _hold(self, key: Key, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        gate = self._gate(key)
        gate.held_until = max(gate.held_until, now + seconds)
        is_another = isinstance(key, int) and self._refused not in {None, key}
        if is_another and now - self._refused_at < TOGETHER_S:
            self._held_until = max(self._held_until, now + seconds)
        if isinstance(key, int):
            self._refused, self._refused_at = key, now

    def _gate(self, key: Key) -> _Gate:
        if key not in self._gates and len(self._gates) >= MAX_CHATS:
            now = asyncio.get_running_loop().time()
            self._gates = {known: gate for known, gate in self._gates.items() if not gate.is_idle(now)}
        is_group = isinstance(key, int) and key < 0
        return self._gates.setdefault(key, _Gate(AsyncLimiter(*(GROUP if is_group else PRIVATE))))


class _Gate:
    """The requests to one chat, which take turns."""

    def __init__(self, limiter: AsyncLimiter) -> None:
        self.limiter = limiter
        self.held_until = 0.0
        self._is_taken = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def is_idle(self, now: float) -> bool:
        """Tell whether it can be left out: a new one would behave alike."""
        is_free = not self._is_taken and self.held_until <= now
        return is_free and self.limiter.has_capacity(self.limiter.max_rate)

    async def acquire(self, priority: int) -> None:
        """Wait for the turn."""
        if not self._is_taken:
            self._is_taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()  # it came just now
            raise

    def release(self) -> None:
        """Give the turn to the next who waits."""
        while self._waiting:
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._is_taken = False
