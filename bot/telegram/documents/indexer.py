"""UploadIndexer: stores uploads and indexes them, off the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from retrieval import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.services.library import Library
    from bot.telegram.documents.storage import SavedFile, UploadStorage
    from retrieval import DocumentFault, Progress, StoredDocument


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of indexing a file; with neither passages nor a fault, the file is gone."""

    passages: int = 0
    """Passages that can be quoted; of the last good version, if this one could not be read."""
    fault: DocumentFault | None = None


class UploadIndexer:
    """Stores files at once, one at a time, and indexes them in a thread of its own, which may take long."""

    def __init__(self, library: Library, storage: UploadStorage) -> None:
        self._library = library
        self._storage = storage
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uploads")
        self._storage_lock = asyncio.Lock()
        self._stop = Event()

    async def save(self, collection: str, name: str, data: bytes, title: str) -> SavedFile:
        """Write a file, which is safe on the disk when this returns."""
        async with self._storage_lock:
            return await asyncio.to_thread(self._storage.save, collection, name, data, title)

    async def retitle(self, collection: str, path: str, title: str) -> None:
        """Give a file another title, which holds once the collection was read."""
        async with self._storage_lock:
            await asyncio.to_thread(self._library.index.set_title, collection, path, title)

    async def remove(self, collection: str, path: str) -> None:
        """Delete a file, which can be quoted until the collection was read."""
        async with self._storage_lock:
            await asyncio.to_thread(self._storage.remove, collection, path)

    async def read(self, collection: str, path: str, progress: Callable[[float], None]) -> Outcome:
        """Sync a collection with its folder, and report on one of its files.

        `progress` is called, in another thread, with the share that is done.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._read, collection, path, progress)

    async def paths(self, collection: str) -> list[str]:
        """List the names of all files in a collection, also of those that could not be read."""
        return await asyncio.to_thread(self._storage.paths, collection)

    async def documents(self) -> Sequence[StoredDocument]:
        """List all documents, by collection and path."""
        return await asyncio.to_thread(self._library.index.documents)

    def close(self) -> None:
        """End within seconds, also in the middle of a file; the next start goes on from there."""
        self._stop.set()
        # A sync may end only after the bot.
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self, collection: str, path: str, progress: Callable[[float], None]) -> Outcome:
        def report(state: Progress) -> None:
            self._end_if_stopped()
            progress(state.done / state.total if state.total else 0)

        self._end_if_stopped()
        synced = self._library.sync_collection(collection, self._storage.folder(collection), report)
        self._end_if_stopped()
        failed = {file.path: file.fault for file in synced.files if file.state is FileState.FAILED}
        documents = self._library.index.documents()
        passages = {document.path: document.passages for document in documents if document.collection == collection}
        return Outcome(passages.get(path, 0), failed.get(path))

    def _end_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Interrupts a sync that may have hours to go; the files that it has indexed are kept."""
