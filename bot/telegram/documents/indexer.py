"""UploadIndexer: stores what people send and puts it into the index, off the event loop."""

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
    """What became of a file; with neither passages nor a fault, it is not there."""

    passages: int = 0
    """That can be quoted; of its last good version, if this one could not be read."""
    fault: DocumentFault | None = None
    """Why it could not be read."""


class UploadIndexer:
    """Keeps files at once, one after another, and reads them in a thread of its own, which may take long."""

    def __init__(self, library: Library, storage: UploadStorage) -> None:
        self._library = library
        self._storage = storage
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uploads")
        self._turn = asyncio.Lock()
        self._stop = Event()

    async def save(self, collection: str, name: str, data: bytes, title: str) -> SavedFile:
        """Write a file; it is safe on the disk from then on."""
        async with self._turn:
            return await asyncio.to_thread(self._storage.save, collection, name, data, title)

    async def retitle(self, collection: str, path: str, title: str) -> None:
        """Give a file another title; until the collection was read, it has its old one."""
        async with self._turn:
            await asyncio.to_thread(self._library.index.set_title, collection, path, title)

    async def remove(self, collection: str, path: str) -> None:
        """Delete a file; until the collection was read, it can still be quoted."""
        async with self._turn:
            await asyncio.to_thread(self._storage.remove, collection, path)

    async def read(self, collection: str, path: str, progress: Callable[[float], None]) -> Outcome:
        """Make the collection equal to its folder, and say what became of one of its files.

        Args:
            collection: its name.
            path: the file's.
            progress: called, in another thread, with the share that is done.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._read, collection, path, progress)

    async def paths(self, collection: str) -> list[str]:
        """The names of all files in a collection, also of those that could not be read."""
        return await asyncio.to_thread(self._storage.paths, collection)

    async def documents(self) -> Sequence[StoredDocument]:
        """All documents, by collection and path."""
        return await asyncio.to_thread(self._library.index.documents)

    def close(self) -> None:
        """End within seconds, also in the middle of a file; what is not read yet is at the next start."""
        self._stop.set()
        # It may wait for a sync that ends only after the bot.
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
        found = (each.passages for each in documents if (each.collection, each.path) == (collection, path))
        return Outcome(next(found, 0), failed.get(path))

    def _end_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Leaves a sync that may have hours to go; what it has indexed is kept."""
