"""Worker: keeps the blocking work off the event loop, in one thread and with a bounded queue."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.turns import Turns
from retrieval import QuothError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from retrieval import Answer, Quote

T = TypeVar("T")

MOST_WAITING = 500
"""Who comes last waits for about two minutes."""


class AnswerService(Protocol):
    """Answers questions. Its methods block, and only one thread may use it at a time."""

    def ask(self, question: str) -> Answer:
        """The best passages for a question.

        Raises:
            QuothError: with a message for the person who asks.
        """

    def find(self, question: str, k: int) -> Sequence[Quote]:
        """At most k passages that may answer, faster than `ask`, and without saying whether they do.

        Raises:
            QuothError: with a message for the person who asks.
        """

    def quotes_of(self, answer_id: str) -> Sequence[Quote]:
        """The closest passages of an answer that found nothing, as far as they still stand in the documents."""

    def sources(self) -> Mapping[str, str]:
        """Path → title of every document that can be quoted."""


class BusyError(QuothError):
    """So many people are waiting that one more would wait too long."""


class Worker:
    """Uses an AnswerService in a thread of its own, first come, first served; `find`, for who is typing, goes first.

    Its methods do the same as the service's, and raise BusyError when too many are waiting already.
    """

    def __init__(self, service: AnswerService) -> None:
        self._service = service
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
        self._turns = Turns()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many questions would be answered before the next one."""
        return self._waiting

    async def ask(self, question: str) -> Answer:
        """The best passages for a question."""
        return await self._run(lambda: self._service.ask(question))

    async def find(self, question: str, k: int) -> Sequence[Quote]:
        """At most k passages that may answer; given up if it is cancelled before its turn."""
        return await self._run(lambda: self._service.find(question, k), in_a_hurry=True)

    async def quotes_of(self, answer_id: str) -> Sequence[Quote]:
        """The closest passages of an answer that found nothing, as far as they still stand in the documents."""
        return await self._run(lambda: self._service.quotes_of(answer_id))

    async def sources(self) -> Mapping[str, str]:
        """Path → title of every document that can be quoted."""
        return await self._run(self._service.sources)

    def close(self) -> None:
        """End the thread as soon as it is idle; what still waits in the queue is given up."""
        self._thread.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T], *, in_a_hurry: bool = False) -> T:
        if self._waiting >= MOST_WAITING:
            raise BusyError("Too many questions are waiting. Ask again in a minute.")
        self._waiting += 1
        try:
            async with self._turns.taken(in_a_hurry=in_a_hurry):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1
