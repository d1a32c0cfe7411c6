"""Watcher: keeps the index equal to the documents' folders while they change."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

from bot.services.failure_log import FailureLog
from bot.services.supervision import start_thread
from retrieval import FileState, QuothError, SettingsError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.monitoring.monitor import Monitor
    from bot.services.library import Library
    from retrieval import FileReport, SyncReport, WithheldCause

logger = logging.getLogger(__name__)

_QUIET_MS = 300
"""Changes are taken together until none came for so long: programs write a file in several steps."""
_TIMEOUT_MS = 1_200
"""The longest that changes are taken together."""
_REFRESH_MS = 5_000
"""How often the list of folders is read again."""
_POLL_MS = 1_000
"""How often the files are polled where the system reports no changes."""
_NOT_TOLD = (
    "The system does not tell of changes in so many folders: they are looked through every second instead. "
    "On Linux, raise fs.inotify.max_user_watches and fs.inotify.max_user_instances"
)


def follow_changes(library: Library, failed: Callable[[QuothError], None], stop: Event) -> Iterator[SyncReport]:
    """Sync now, and whenever a file in the collections' folders changes, until `stop` is set.

    A file that still cannot be read is reported once, and so is a removal that has to be confirmed.

    Args:
        library: what to sync.
        failed: called when that is not possible; it is tried again at the next change, or within seconds if another
            machine did not answer.
        stop: ends it within seconds, also in the middle of a sync.
    """
    failed_before: set[FileReport] = set()
    withheld_before: set[tuple[str, WithheldCause]] = set()
    polling = False
    is_behind = Event()
    while not stop.is_set():
        try:
            for _ in _wait_for_changes(library, stop, is_behind, polling=polling):
                is_behind.clear()
                try:
                    report = library.sync(lambda _: _end_if(stop))
                except QuothError as error:
                    if isinstance(error, UnreachableError):
                        is_behind.set()
                    failed(error)
                else:
                    withheld = {(withheld.collection, withheld.cause): withheld for withheld in report.withheld}
                    yield replace(
                        report,
                        files=[file for file in report.files if file not in failed_before],
                        withheld=tuple(new for key, new in withheld.items() if key not in withheld_before),
                    )
                    withheld_before = set(withheld)
                    failed_before = {file for file in report.files if file.state is FileState.FAILED}
        except _StoppedError:
            return
        except QuothError as error:
            failed(error)
            stop.wait(_REFRESH_MS / 1_000)
        except (OSError, WatchfilesRustInternalError) as error:  # the latter where no watch can begin
            if polling and not isinstance(error, OSError):
                raise
            failed(SettingsError(f"{_NOT_TOLD} ({error})."))
            polling = True


@contextmanager
def watching(library: Library, monitor: Monitor | None = None) -> Iterator[None]:
    """Follow changes in a thread of its own while the context lasts, and log them; a monitor is told of each sync."""
    stop = Event()
    failures = FailureLog("The documents cannot be followed as usual", "The documents are followed.")

    def note_failure(error: QuothError) -> None:
        failures.note(error)
        if monitor:
            monitor.note_failed_sync()

    def run() -> None:
        for report in follow_changes(library, note_failure, stop):
            failures.end()
            log_report(report)
            if monitor:
                health = library.index.health
                monitor.note_sync(health.count_documents(), len(health.list_failures()))

    thread = start_thread("watch", "The watcher of the documents", run, stop)
    try:
        yield
    finally:
        stop.set()
        thread.join()


class _StoppedError(Exception):
    """Leaves a sync that may have hours to go; the documents that it has indexed are kept."""


def _end_if(stop: Event) -> None:
    if stop.is_set():
        raise _StoppedError


def log_report(report: SyncReport) -> None:
    """Log what a sync has changed, and what it could not read."""
    for file in report.files:
        if file.state is FileState.FAILED:
            logger.warning("Cannot read %s: %s", file.path, file.reason)
    for withheld in report.withheld:
        logger.warning("%s", withheld.message)
    counts = {state: report.count(state) for state in (FileState.INDEXED, FileState.MOVED, FileState.REMOVED)}
    if any(counts.values()):
        logger.info("Documents: %s.", ", ".join(f"{count} {state}" for state, count in counts.items() if count))


def _folders(library: Library) -> set[Path]:
    return {folder.absolute() for folder in library.folders().values() if folder.is_dir()}


def _wait_for_changes(library: Library, stop: Event, is_behind: Event, *, polling: bool) -> Iterator[None]:
    """Yield at once, then after each change until the folders are others, and now and then while it is behind.

    In between, follow the documents that other machines index.

    Raises:
        OSError, WatchfilesRustInternalError: the system does not tell of changes in so many folders.
    """
    yield
    folders = _folders(library)
    if not folders:
        library.index.follow()
        stop.wait(_REFRESH_MS / 1_000)
        return
    is_first = True  # changes from before the watch began are synced once nothing happens for a while

    def is_visible(_: watchfiles.Change, path: str) -> bool:
        root = next((folder for folder in folders if Path(path).is_relative_to(folder)), Path(path))
        return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)

    with suppress(FileNotFoundError):  # a folder was removed just now
        for changes in watchfiles.watch(
            *folders,
            watch_filter=is_visible,
            step=_QUIET_MS,
            debounce=_TIMEOUT_MS,
            rust_timeout=_REFRESH_MS,
            yield_on_timeout=True,
            stop_event=stop,
            ignore_permission_denied=True,
            force_polling=polling or None,
            poll_delay_ms=_POLL_MS,
        ):
            if changes or is_first or is_behind.is_set():
                is_first = False
                yield
            elif folders != _folders(library):
                return
            else:
                library.index.follow()
