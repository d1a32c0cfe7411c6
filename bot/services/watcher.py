"""Watcher: keeps the index equal to the documents' folders while they change."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import watchfiles

from bot.services.failure_log import FailureLog
from retrieval import FileState, QuothError, SettingsError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.services.library import Library
    from retrieval import FileReport, SyncReport

logger = logging.getLogger(__name__)

_QUIET_MS = 300
"""Changes are taken together until there was none for so long: programs write a file in several steps."""
_TIMEOUT_MS = 1_200
"""But for no longer than this."""
_LOOK_AGAIN_MS = 5_000
"""How often it looks whether there are other folders to watch."""

_POLL_MS = 1_000
"""How often the files are looked at where the system does not tell of changes."""
_NOT_TOLD = (
    "The system does not tell of changes in so many folders: they are looked through every second instead. "
    "On Linux, raise fs.inotify.max_user_watches"
)


def changes(library: Library, failed: Callable[[QuothError], None], stop: Event) -> Iterator[SyncReport]:
    """Sync now, and whenever something in the collections' folders has changed, until `stop` is set.

    A file that still cannot be read is reported once.

    Args:
        library: what to sync.
        failed: called when that is not possible; it is tried again at the next change, or within seconds if another
            machine did not answer.
        stop: ends it within seconds, also in the middle of a sync.
    """
    failed_before: set[FileReport] = set()
    polling = False
    behind = False

    def is_behind() -> bool:
        return behind

    while not stop.is_set():
        try:
            for _ in _changes_in(library, stop, is_behind, polling=polling):
                try:
                    report = library.sync(lambda _: _end_if(stop))
                except QuothError as error:
                    behind = isinstance(error, UnreachableError)
                    failed(error)
                else:
                    behind = False
                    yield replace(report, files=[file for file in report.files if file not in failed_before])
                    failed_before = {file for file in report.files if file.state is FileState.FAILED}
        except _StoppedError:
            return
        except QuothError as error:
            failed(error)
            stop.wait(_LOOK_AGAIN_MS / 1_000)
        except OSError as error:
            failed(SettingsError(f"{_NOT_TOLD} ({error})."))
            polling = True


@contextmanager
def watching(library: Library) -> Iterator[None]:
    """The same in a thread of its own, while the context lasts; what happens goes into the log."""
    stop = Event()
    failures = FailureLog("The documents cannot be looked through", "The documents can be looked through again.")

    def run() -> None:
        for report in changes(library, failures.note, stop):
            failures.end()
            _log(report)

    thread = Thread(target=run, name="watch")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class _StoppedError(Exception):
    """Leaves a sync that may have hours to go; what it has indexed is kept."""


def _end_if(stop: Event) -> None:
    if stop.is_set():
        raise _StoppedError


def _log(report: SyncReport) -> None:
    for file in report.files:
        if file.state is FileState.FAILED:
            logger.warning("Cannot read %s: %s", file.path, file.reason)
    done = {state: report.count(state) for state in (FileState.INDEXED, FileState.MOVED, FileState.REMOVED)}
    if any(done.values()):
        logger.info("Documents: %s.", ", ".join(f"{count} {state}" for state, count in done.items() if count))


def _folders(library: Library) -> set[Path]:
    return {folder.absolute() for folder in library.folders().values() if folder.is_dir()}


def _changes_in(library: Library, stop: Event, is_behind: Callable[[], bool], *, polling: bool) -> Iterator[None]:
    """At once, then after each change for as long as the folders are the same, and now and then while it is behind.

    In between, it follows what other machines index.

    Raises:
        OSError: the system does not tell of changes in so many folders.
    """
    yield
    folders = _folders(library)
    if not folders:
        library.index.follow()
        stop.wait(_LOOK_AGAIN_MS / 1_000)
        return
    is_first = True  # what happened before they were watched is seen when nothing has for a while

    def concerns(_: watchfiles.Change, path: str) -> bool:
        return not any(part.startswith(".") for part in _below(Path(path), folders))

    with suppress(FileNotFoundError):  # one was removed just now
        for changed in watchfiles.watch(
            *folders,
            watch_filter=concerns,
            step=_QUIET_MS,
            debounce=_TIMEOUT_MS,
            rust_timeout=_LOOK_AGAIN_MS,
            yield_on_timeout=True,
            stop_event=stop,
            ignore_permission_denied=True,
            force_polling=polling or None,
            poll_delay_ms=_POLL_MS,
        ):
            if changed or is_first or is_behind():
                is_first = False
                yield
            elif folders != _folders(library):
                return
            else:
                library.index.follow()


def _below(path: Path, folders: set[Path]) -> tuple[str, ...]:
    """The parts of the path that are not those of its folder."""
    return next((path.relative_to(each).parts for each in folders if path.is_relative_to(each)), ())
