"""Desk: where the bot asks about receipts, off the event loop, in a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.notary import Notary
    from retrieval import Check, Traces

T = TypeVar("T")


class Desk:
    """Uses a Notary, first come, first served."""

    def __init__(self, notary: Notary) -> None:
        self._notary = notary
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="receipts")

    async def check(self, receipt_id: str) -> Check | None:
        """A receipt, and what became of its quotes; None if there is no such receipt."""
        return await self._run(lambda: self._notary.check(receipt_id))

    async def question_of(self, receipt_id: str) -> str | None:
        """What was asked, as long as that is kept."""
        receipt = await self._run(lambda: self._notary.receipts.get(receipt_id))
        return receipt.question if receipt else None

    async def rate(self, receipt_id: str, person_id: int, *, is_good: bool) -> None:
        """Count what a person thinks of an answer."""
        await self._run(lambda: self._notary.receipts.rate(receipt_id, str(person_id), is_good=is_good))

    async def forget_old_questions(self) -> None:
        """Forget the questions that are kept for long enough."""
        await self._run(self._notary.receipts.forget_old_questions)

    async def about(self, person_id: int) -> Traces:
        """What receipts hold of a person."""
        return await self._run(lambda: self._notary.receipts.about(str(person_id)))

    async def forget(self, person_id: int) -> None:
        """Let nothing in receipts lead to a person any more."""
        await self._run(lambda: self._notary.receipts.forget(str(person_id)))

    def close(self) -> None:
        """End as soon as what was begun is done, and release the files."""
        self._thread.shutdown(cancel_futures=True)
        self._notary.close()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
