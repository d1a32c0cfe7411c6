"""Worker: keeps the blocking work off the event loop, in one thread and with a bounded queue."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.outage import Outage
from bot.precedence import Precedence
from retrieval import PinError, QuothError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from bot.access import View
    from retrieval import Answer, Asker, Context, Gap, ListedPin, Listing, Quote

T = TypeVar("T")

MOST_WAITING = 500
"""Who comes last waits for about two minutes."""


class AnswerService(Protocol):
    """Answers questions. Its methods block, and only one thread may use it at a time."""

    def collection_names(self) -> list[str]:
        """Of all collections."""

    def ask(
        self, question: str, asker: Asker, *, collections: Collection[str], taken_over: int = 0
    ) -> Answer:
        """The best passages for a question in these collections.

        Args:
            question: what is asked.
            asker: who asks, for the receipt.
            collections: names of those to search in.
            taken_over: how many characters at the question's beginning are from the one before.

        Raises:
            QuothError: with a message for the person who asks.
        """

    def find(self, question: str, page: range, asker: Asker, collections: Collection[str]) -> Listing:
        """Passages of these collections that may answer, faster than `ask`, and without a verdict.

        Raises:
            QuothError: with a message for the person who asks.
        """

    def quotes_of(self, receipt_id: str) -> Sequence[Quote]:
        """The first passages of an earlier answer, as far as they still stand in the documents."""

    def context_of(self, receipt_id: str) -> Context | None:
        """What stands around the first passage of an earlier answer; None if that is gone."""

    def sources(self, collections: Collection[str]) -> Mapping[str, str]:
        """Path → title of every document in these collections."""

    def prepare_gaps(self) -> bool:
        """Do some of what takes `gaps` long; whether more of it is left."""

    def gaps(self) -> Sequence[Gap]:
        """What was asked and not found, or disliked, most asked first. Takes seconds, unless it is prepared."""

    def pin(self, question: str, receipt_id: str, rank: int) -> ListedPin:
        """Let who asks this question get a quote of an earlier answer first, from now on.

        Raises:
            PinError: there is no such quote, or its passage is gone.
        """

    def unpin(self, number: int) -> bool:
        """Forget a pin; false if there is none with this number."""


class BusyError(QuothError):
    """So many people are waiting that one more would wait too long."""


class Worker:
    """Uses an AnswerService in a thread of its own, first come, first served; `find`, for who is typing, goes first.

    Its methods do the same as the service's, and raise BusyError when too many are waiting already.
    """

    def __init__(self, service: AnswerService) -> None:
        self._service = service
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
        self._precedence = Precedence()
        self._waiting = 0
        self._outage = Outage("No question can be answered now", "Questions can be answered again.")

    @property
    def waiting(self) -> int:
        """How many questions would be answered before the next one."""
        return self._waiting

    async def ask(self, question: str, asker: Asker, view: View, taken_over: int = 0) -> Answer:
        """The best passages for a question in the collections that the asking chat sees."""
        return await self._run(
            lambda: self._service.ask(question, asker, collections=self._seen(view), taken_over=taken_over)
        )

    async def find(self, question: str, page: range, asker: Asker, view: View) -> Listing:
        """Passages that may answer; given up if it is cancelled before its turn."""
        return await self._run(
            lambda: self._service.find(question, page, asker, self._seen(view)), in_a_hurry=True
        )

    async def quotes_of(self, receipt_id: str, view: View) -> Sequence[Quote]:
        """The first passages of an earlier answer, as far as they stand in the documents of this chat."""
        quotes = await self._run(lambda: self._service.quotes_of(receipt_id))
        return [quote for quote in quotes if view.sees(quote.source.collection)]

    async def context_of(self, receipt_id: str, view: View) -> Context | None:
        """What stands around the first passage of an earlier answer; None if that is gone, or not for this chat."""
        context = await self._run(lambda: self._service.context_of(receipt_id))
        return context if context and view.sees(context.quote.source.collection) else None

    async def sources(self, view: View) -> Mapping[str, str]:
        """Path → title of every document that the chat sees."""
        return await self._run(lambda: self._service.sources(self._seen(view)))

    async def gaps(self) -> Sequence[Gap]:
        """What was asked in any chat and not found, or disliked; questions are answered in between."""
        while await self._run(self._service.prepare_gaps):
            pass
        return await self._run(self._service.gaps)

    async def pin(
        self, question: str, receipt_id: str, rank: int, view: View
    ) -> tuple[ListedPin, Quote] | None:
        """Pin a quote of an earlier answer to a question; None if its passage is gone, or not for this chat."""
        quotes = await self.quotes_of(receipt_id, view)
        quote = next((each for each in quotes if each.rank == rank), None)
        if quote is None:
            return None
        try:
            return await self._run(lambda: self._service.pin(question, receipt_id, rank)), quote
        except PinError:
            return None  # it has gone at this very moment

    async def unpin(self, number: int) -> bool:
        """Forget a pin; false if there is none with this number."""
        return await self._run(lambda: self._service.unpin(number))

    def close(self) -> None:
        """End the thread as soon as it is idle; what still waits in the queue is given up."""
        self._thread.shutdown(cancel_futures=True)

    def _seen(self, view: View) -> list[str]:
        return [name for name in self._service.collection_names() if view.sees(name)]

    async def _run(self, work: Callable[[], T], *, in_a_hurry: bool = False) -> T:
        if self._waiting >= MOST_WAITING:
            raise BusyError("Too many questions are waiting. Ask again in a minute.")
        self._waiting += 1
        try:
            async with self._precedence.taken(in_a_hurry=in_a_hurry):
                done = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except UnreachableError as error:
            self._outage.note(error)
            raise
        else:
            self._outage.end()
            return done
        finally:
            self._waiting -= 1
