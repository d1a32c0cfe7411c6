"""UploadIndexer: stores uploads, fetches web pages and indexes both, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import ParamSpec, TypeVar

from bot.services.library import Library
from bot.services.sources import FetchedPages, fetch_pages, make_source
from bot.services.supervision import call_safely
from bot.telegram.documents.storage import UploadStorage
from retrieval import DocumentFault, FetchFault, Progress, Removals, WebSources, is_page

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """The result of indexing a file or web pages; with neither passages nor a fault, they are gone."""

    passages: int = 0
    """Passages that can be quoted; of the last good version, if this one could not be read."""
    fault: DocumentFault | None = None
    pages: int = 1
    """Web pages that these passages are from."""
    fetch_fault: FetchFault | None = None
    """Why a page could not be fetched; without an earlier version, it is not kept."""

    @property
    def is_there(self) -> bool:
        """Whether the file or page is there."""
        return bool(self.passages or self.fault)


class UploadIndexer:
    """Stores files at once, and indexes them one after another in a thread of its own, which may take long.

    Web pages are fetched in another thread, so that files do not wait for slow sites.
    """

    def __init__(self, library: Library, storage: UploadStorage, open_sources: Callable[[], WebSources]) -> None:
        self.index, self.storage = library.index, storage
        self._library = library
        self._open_sources = open_sources
        self._fetching = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetching")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uploads")
        self._lock = asyncio.Lock()
        self._stop = Event()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function of the storage or of the index, one at a time."""
        async with self._lock:
            return await asyncio.to_thread(call_safely, partial(function, *args, **kwargs))

    async def add_page(self, collection: str, address: str, max_below: int | None) -> None:
        """Add a web page to a collection, perhaps with pages below it; `read` fetches it."""
        await self.run(self._add_page, collection, address, max_below)

    async def remove_page(self, collection: str, address: str) -> None:
        """Remove a web page and those below it; `read` removes their documents."""
        await self.run(self._remove_page, collection, address)

    async def read(
        self, collection: str, paths: list[str], progress: Callable[[float], None]
    ) -> dict[str, UploadOutcome]:
        """Sync a collection with its folder, and report on some of its files and pages, by path.

        They may have been deleted; pages that were not are fetched first.

        `progress` is called, in another thread, with the share that is done; at first when it begins.
        """
        loop = asyncio.get_running_loop()
        fetched: dict[str, FetchedPages] = {}
        for address in filter(is_page, paths):
            fetch = partial(self._fetch, collection, address, progress)
            if pages := await loop.run_in_executor(self._fetching, call_safely, fetch):
                fetched[address] = pages
        read = partial(self._read, collection, paths, fetched, progress)
        return await loop.run_in_executor(self._thread, call_safely, read)

    def close(self) -> None:
        """End within seconds, also in the middle of a file; the next start goes on from there."""
        self._stop.set()
        # A sync may end only after the bot.
        for thread in (self._fetching, self._thread):
            thread.shutdown(wait=False, cancel_futures=True)

    def _add_page(self, collection: str, address: str, max_below: int | None) -> None:
        if collection not in self._library.folders():
            # Another thread may fetch the page before `read` does, and finds the collection then.
            self._library.sync_collection(collection, self.storage.folder(collection))
        with closing(self._open_sources()) as sources:
            sources.add(make_source(collection, address, max_below))

    def _remove_page(self, collection: str, address: str) -> None:
        with closing(self._open_sources()) as sources:
            # A bot that was killed has removed it already.
            if any((it.source.collection, it.source.address) == (collection, address) for it in sources.all()):
                sources.remove(collection, address)

    def _fetch(self, collection: str, address: str, progress: Callable[[float], None]) -> FetchedPages | None:
        def wait(seconds: float) -> None:
            self._stop.wait(seconds)
            self._end_if_stopped()

        self._end_if_stopped()
        progress(0.0)
        with closing(self._open_sources()) as sources:
            return fetch_pages(sources, collection, address, wait)

    def _read(
        self,
        collection: str,
        paths: list[str],
        fetched: dict[str, FetchedPages],
        progress: Callable[[float], None],
    ) -> dict[str, UploadOutcome]:
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

        def describe(path: str) -> UploadOutcome:
            if path not in fetched:
                return UploadOutcome(passages.get(path, 0), failed.get(path))
            # Another source may have fetched the page itself.
            quoted = [passages[it] for it in fetched[path].addresses | {path} if it in passages]
            return UploadOutcome(sum(quoted), failed.get(path), len(quoted), fetched[path].fault)

        return {path: describe(path) for path in paths}

    def _end_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Interrupts a sync that may have hours to go; the files that it has indexed are kept."""
