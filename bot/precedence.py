"""Precedence: one at a time, those in a hurry first."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Precedence:
    """Lets one in at a time: whoever is in a hurry before all others, and else in the order in which they came."""

    def __init__(self) -> None:
        self._is_taken = False
        self._hurried: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def taken(self, *, in_a_hurry: bool = False) -> AsyncIterator[None]:
        """Wait for one's turn, which lasts as long as the context; who is cancelled while they wait has none."""
        if self._is_taken:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            (self._hurried if in_a_hurry else self._others).append(turn)
            await self._wait(turn)
        self._is_taken = True
        try:
            yield
        finally:
            self._give_away()

    async def _wait(self, turn: asyncio.Future[None]) -> None:
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._give_away()  # it came at the very moment
            raise

    def _give_away(self) -> None:
        for waiting in (self._hurried, self._others):
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._is_taken = False
