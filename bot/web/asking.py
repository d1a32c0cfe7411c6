"""Asking: what the page and the API answer questions with."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.services.rate_limit import RateLimiter, Read
from bot.web.authentication import Authentication
from retrieval import Answer, Listing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.monitoring.monitor import Monitor
    from bot.services.background import BackgroundThread
    from bot.settings import Settings
    from bot.web.authentication import Visitor
    from retrieval import Channel, Index

P = ParamSpec("P")
T = TypeVar("T")
Result = TypeVar("Result", bound=Answer | Listing)

TIMEOUT_S = 50
"""How long an answer may take, with its wait; soon after, the connection is closed."""


class Asking:
    """Holds the index, the thread that asks it, and who may ask how often.

    Args:
        index: the documents.
        background: runs the questions.
        settings: name the tokens, and how many questions each may ask in a minute.
        monitor: counts and times the questions.
    """

    def __init__(self, index: Index, background: BackgroundThread, settings: Settings, monitor: Monitor) -> None:
        self.index = index
        self.authentication = Authentication(settings)
        self.public_url = str(settings.public_url or "")
        self._background = background
        self._monitor = monitor
        self._limiter = RateLimiter(settings.questions_a_minute)

    def is_too_fast(self, visitor: Visitor) -> bool:
        """Count a request, and tell whether it is one too many in this minute; at this machine, none is."""
        return visitor.number is not None and self._limiter.check(visitor.number, None) is not Read.YES

    async def run(self, channel: Channel, function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Call a function that answers a question, off the event loop, and count the question.

        Raises:
            BusyError: too many questions wait already.
            TimeoutError: it took too long.
        """
        call = partial(self._background.run, function, *args, **kwargs)
        return await self._monitor.observe(channel, partial(_run_in_time, call))

    async def make_link(self, answer: Answer) -> str | None:
        """Get the secret of the page of an answer's receipt.

        Raises:
            TimeoutError: it took too long.
        """
        make = self.index.receipts.links.make
        return await _run_in_time(partial(self._background.run_hurried, make, answer.receipt_id))


async def _run_in_time(call: Callable[[], Awaitable[T]]) -> T:
    async with asyncio.timeout(TIMEOUT_S):
        return await call()
