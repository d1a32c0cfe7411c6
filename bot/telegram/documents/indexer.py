"""UploadIndexer: stores uploads and indexes them, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import ParamSpec, TypeVar

from bot.services.library import Library
from bot.services.supervision import call_safely
from bot.telegram.documents.storage import UploadStorage
from retrieval import DocumentFault, Progress, Removals

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """The result of indexing a file; with neither passages nor a fault, the file is gone."""

    passages: int = 0
    """Passages that can be quoted; of the last good version, if this one could not be read."""
    fault: DocumentFault | None = None

    @property
    def is_there(self) -> bool:
        """Whether the file is there."""
        return bool(self.passages or self.fault)


class UploadIndexer:
    """Stores files at once, and indexes them one after another in a thread of its own, which may take long."""

    def __init__(self, library: Library, storage: UploadStorage) -> None:
        self.index, self.storage = library.index, storage
        self._library = library
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uploads")
        self._lock = asyncio.Lock()
        self._stop = Event()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function of the storage or of the index, one at a time."""
        async with self._lock:
            return await asyncio.to_thread(call_safely, partial(function, *args, **kwargs))

    async def read(
        self, collection: str, paths: list[str], progress: Callable[[float], None]
    ) -> dict[str, UploadOutcome]:
        """Sync a collection with its folder, and report on some of its files, by path; they may have been deleted.

        `progress` is called, in another thread, with the share that is done; at first when it begins.
        """
        loop = asyncio.get_running_loop()
        read = partial(self._read, collection, paths, progress)
        return await loop.run_in_executor(self._thread, call_safely, read)

    def close(self) -> None:
        """End within seconds, also in the middle of a file; the next start goes on from there."""
        self._stop.set()
        # A sync may end only after the bot.
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self, collection: str, paths: list[str], progress: Callable[[float], None]) -> dict[str, UploadOutcome]:
        def report(state: Progress) -> None:
            self._end_if_stopped()
            progress(state.done / state.total if state.total else 0)

        self._end_if_stopped()
        progress(0.0)
        removals = Removals(deleted=paths)
        synced = self._library.sync_collection(collection, self.storage.folder(collection), report, removals=removals)
        self._end_if_stopped()
        failed = {file.path: file.fault for file in synced.files if file.fault}
        documents = self.index.documents()
        passages = {document.path: document.passages for document in documents if document.collection == collection}
        return {path: UploadOutcome(passages.get(path, 0), failed.get(path)) for path in paths}

    def _end_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Interrupts a sync that may have hours to go; the files that it has indexed are kept."""
