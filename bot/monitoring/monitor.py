"""Monitor: what is known of the running process, for `/healthz` and `/metrics`. It holds no words and no persons."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from retrieval import Answer, Listing, QuestionError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from retrieval import Channel

Result = TypeVar("Result", bound=Answer | Listing)

MAX_SILENCE_S = 60
"""A process that says nothing of itself for so long hangs, or cannot read its database."""
_BUCKETS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120)


class Pulse(NamedTuple):
    """What a process says of itself every second."""

    is_polling: bool | None = None
    """Whether the bot hears from Telegram; None where there is no bot."""
    waiting_questions: int = 0
    """In this process."""
    waiting_updates: int = 0
    """In the database, for any replica."""
    set_aside: int = 0
    """Updates that failed too often to be tried again."""


@dataclass(frozen=True, slots=True)
class Health:
    """Tells whether the process does its work, as `/healthz` shows it."""

    ready: bool
    """Whether it has begun to answer, and goes on: its database answers, and nothing hangs."""
    polling: bool | None
    """Whether updates come from Telegram; None where there is no bot."""
    last_sync: datetime | None
    """When the index was last made equal to the documents."""
    queue: int
    """How many updates wait."""

    @property
    def is_well(self) -> bool:
        """Whether all is as it should be."""
        return self.ready and self.polling is not False


class Monitor:
    """Takes notes from all threads of a process, and gives them as `registry` and as `health`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._pulse, self._pulse_at = Pulse(), float("-inf")
        self._synced_at: datetime | None = None
        counter, gauge = partial(Counter, registry=self.registry), partial(Gauge, registry=self.registry)
        self._questions = counter(
            "quoth_questions",
            "Questions by front end and outcome: strong, weak or none (the verdict), listed, refused or failed.",
            ["channel", "outcome"],
        )
        self._seconds = Histogram(
            "quoth_question_seconds",
            "Time from a question to its answer, with the wait for other questions.",
            ["channel"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._waiting_questions = gauge("quoth_waiting_questions", "Questions that wait in this process.")
        self._waiting_updates = gauge("quoth_waiting_updates", "Updates from Telegram that are not handled yet.")
        self._set_aside = gauge("quoth_set_aside_updates", "Updates that failed three times.")
        self._documents = gauge("quoth_documents", "Documents in the index.")
        self._unreadable = gauge("quoth_unreadable_files", "Files that the last sync could not read.")
        self._sync_failures = counter("quoth_sync_failures", "Syncs with the documents that failed.")
        self._last_sync = gauge("quoth_last_sync_timestamp_seconds", "When the last sync succeeded; 0 without one.")
        self._logged = counter("quoth_log_messages", "Warnings and errors in the log.", ["level"])
        for level in ("warning", "error"):
            self._logged.labels(level)  # from 0 on, so that the first one is an increase
        gauge("quoth_ready", "1 if questions can be answered.").set_function(lambda: self.health.ready)
        polling = gauge("quoth_polling", "1 if updates come from Telegram, or if there is no bot.")
        polling.set_function(lambda: self.health.polling is not False)
        ProcessCollector(registry=self.registry)

    @property
    def health(self) -> Health:
        """Tell how the process is doing."""
        is_heard = time.monotonic() - self._pulse_at < MAX_SILENCE_S
        pulse = self._pulse
        is_polling = None if pulse.is_polling is None else pulse.is_polling and is_heard
        return Health(is_heard, is_polling, self._synced_at, pulse.waiting_updates)

    def beat(self, pulse: Pulse) -> None:
        """Note that the process works; to be called every second from when it can answer."""
        self._pulse, self._pulse_at = pulse, time.monotonic()
        self._waiting_questions.set(pulse.waiting_questions)
        self._waiting_updates.set(pulse.waiting_updates)
        self._set_aside.set(pulse.set_aside)

    async def observe(self, channel: Channel, ask: Callable[[], Awaitable[Result]]) -> Result:
        """Ask for an answer or a listing, time and count it; a question that is cancelled does not count."""
        began = time.perf_counter()
        try:
            result = await ask()
        except QuestionError:
            self._questions.labels(channel, "refused").inc()
            raise
        except Exception:
            self._questions.labels(channel, "failed").inc()
            raise
        self._seconds.labels(channel).observe(time.perf_counter() - began)
        outcome = result.verdict if isinstance(result, Answer) else "listed"
        self._questions.labels(channel, outcome).inc()
        return result

    def note_sync(self, documents: int, unreadable: int) -> None:
        """Note that the index equals the documents, as far as they can be read."""
        self._synced_at = datetime.now(UTC)
        self._last_sync.set(self._synced_at.timestamp())
        self._documents.set(documents)
        self._unreadable.set(unreadable)

    def note_failed_sync(self) -> None:
        """Note that the index could not be made equal to the documents."""
        self._sync_failures.inc()

    def note_logged(self, level: str) -> None:
        """Count a warning or an error in the log."""
        self._logged.labels(level).inc()
