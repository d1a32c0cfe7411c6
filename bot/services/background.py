"""BackgroundThread: runs blocking functions off the event loop, one at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from queue import PriorityQueue
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from bot.services.supervision import call_safely
from retrieval import QuothError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.failure_log import FailureLog

P = ParamSpec("P")
T = TypeVar("T")

_HURRIED, _NORMAL = range(2)


class BusyError(QuothError):
    """Says that too many calls wait already."""


class BackgroundThread:
    """Runs calls in a thread, in their order; a call that is cancelled while it waits is skipped.

    Args:
        name: of the thread.
        max_waiting: how many calls may wait, with the running one.
        failures: logs when another machine stops and starts answering.

    Raises:
        BusyError: from `run` and `run_hurried`, if too many calls wait already.
    """

    def __init__(self, name: str, max_waiting: int, failures: FailureLog | None = None) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._calls: PriorityQueue[tuple[int, int, Future[Any], Callable[[], Any]]] = PriorityQueue()
        self._numbers = count()
        self._max_waiting = max_waiting
        self._failures = failures
        self.waiting = 0
        """How many calls come before the next one."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function after all that wait."""
        return await self._run(_NORMAL, partial(function, *args, **kwargs))

    async def run_hurried(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function before all that wait in `run`."""
        return await self._run(_HURRIED, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Finish the running call, and drop those that wait."""
        self._thread.shutdown(cancel_futures=True)

    async def _run(self, priority: int, call: Callable[[], T]) -> T:
        if self.waiting >= self._max_waiting:
            raise BusyError("Too many requests are waiting. Try again in a minute.")
        done: Future[T] = Future()
        self._calls.put((priority, next(self._numbers), done, call))
        self._thread.submit(self._run_next)
        self.waiting += 1
        try:
            result = await asyncio.wrap_future(done)
        except UnreachableError as error:
            if self._failures:
                self._failures.note(error)
            raise
        finally:
            self.waiting -= 1
        if self._failures:
            self._failures.end()
        return result

    def _run_next(self) -> None:
        *_, done, call = self._calls.get()
        if done.set_running_or_notify_cancel():
            try:
                done.set_result(call_safely(call))
            except Exception as error:  # noqa: BLE001 - the caller gets it
                done.set_exception(error)
