"""Supervision: what is to run as long as the bot begins again after an error that nobody foresaw."""

from __future__ import annotations

import asyncio
import logging
import traceback
from threading import Event, Thread, Timer
from typing import TYPE_CHECKING, TypeVar

from bot.services.failure_log import FailureLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

DELAYS_S = (1, 2, 4, 8, 16, 32, 60)
"""Waits before it begins again, while it does not run for long; the last one repeats."""
STABLE_S = 60.0
"""What has run for so long is taken for running again."""


class _Supervised:
    """What is known about one task or thread."""

    def __init__(self, name: str) -> None:
        self._failures = FailureLog(f"{name} ended and begins again", f"{name}: running again.", logging.ERROR)
        self._restarts = 0

    def note(self, error: BaseException | None) -> float:
        """Log an end, the first of each kind with its traceback, and give the seconds to wait."""
        delay_s = DELAYS_S[min(self._restarts, len(DELAYS_S) - 1)]
        self._restarts += 1
        self._failures.note(describe(error), kind=type(error).__name__)
        return delay_s

    def end(self) -> None:
        """Note that it runs."""
        self._restarts = 0
        self._failures.end()


def describe(error: BaseException | None) -> str:
    """Name the places that an error came through and its kind, without its message: it may hold what people wrote."""
    if error is None:
        return "without an error"
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()


def call_safely(function: Callable[[], T]) -> T:
    """Call a function in another thread than its caller's, whose event loop would end after SystemExit.

    Raises:
        RuntimeError: instead of SystemExit and the like.
    """
    try:
        return function()
    except Exception:
        raise
    except BaseException as error:
        raise RuntimeError(type(error).__name__) from error


async def keep_running(
    name: str,
    work: Callable[[], Awaitable[None]],
    *,
    ends_with: tuple[type[Exception], ...] = (),
    is_endless: bool = True,
) -> None:
    """Do some work until it is cancelled, again after each error; raise those that are to end the bot.

    Args:
        name: what is said of it in the log.
        work: it is called again each time.
        ends_with: errors that are raised.
        is_endless: whether it begins again, too, when it ends without an error.
    """
    supervised = _Supervised(name)
    while True:
        stable = asyncio.get_running_loop().call_later(STABLE_S, supervised.end)
        try:
            await work()
            if not is_endless:
                supervised.end()
                return
            delay_s = supervised.note(None)
        except ends_with:
            raise
        except Exception as error:  # noqa: BLE001 - it must go on, whatever happened
            delay_s = supervised.note(error)
        finally:
            stable.cancel()
        await asyncio.sleep(delay_s)


def start_thread(name: str, title: str, work: Callable[[], None], stop: Event) -> Thread:
    """Do some work in a thread of its own, again after each error and each end, until `stop` is set.

    Args:
        name: of the thread.
        title: what is said of it in the log.
        work: it is called again each time, and ends soon after `stop` is set.
        stop: ends it.
    """
    thread = Thread(target=_keep_running, args=[title, work, stop], name=name)
    thread.start()
    return thread


def _keep_running(title: str, work: Callable[[], None], stop: Event) -> None:
    supervised = _Supervised(title)
    while not stop.is_set():
        stable = Timer(STABLE_S, supervised.end)
        stable.daemon = True
        ended: BaseException | None = None
        try:
            stable.start()
            work()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it must go on, whatever happened
            ended = error
        finally:
            stable.cancel()
        if not stop.is_set():
            stop.wait(supervised.note(ended))
