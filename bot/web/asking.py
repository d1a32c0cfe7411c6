"""Asking: what the page and the API answer questions with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.services.rate_limit import RateLimiter, Read
from bot.web.authentication import Authentication

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.background import BackgroundThread
    from bot.settings import Settings
    from bot.web.authentication import Visitor
    from retrieval import Index

P = ParamSpec("P")
T = TypeVar("T")

TIMEOUT_S = 50
"""How long an answer may take, with its wait; soon after, the connection is closed."""


class Asking:
    """Holds the index, the thread that asks it, and who may ask how often.

    Args:
        index: the documents.
        background: runs the questions.
        settings: name the tokens, and how many questions each may ask in a minute.
    """

    def __init__(self, index: Index, background: BackgroundThread, settings: Settings) -> None:
        self.index = index
        self.authentication = Authentication(settings)
        self.public_url = str(settings.public_url or "")
        self._background = background
        self._limiter = RateLimiter(settings.questions_a_minute)

    def is_too_fast(self, visitor: Visitor) -> bool:
        """Count a request, and tell whether it is one too many in this minute; at this machine, none is."""
        return visitor.number is not None and self._limiter.check(visitor.number, None) is not Read.YES

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of the index, off the event loop.

        Raises:
            BusyError: too many questions wait already.
            TimeoutError: it took too long.
        """
        async with asyncio.timeout(TIMEOUT_S):
            return await self._background.run(function, *args, **kwargs)
