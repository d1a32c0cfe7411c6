"""WebSources: the pages that an owner has named, as front ends add, list, refresh and remove them."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.errors import BusyError, SettingsError
from retrieval.sources.fetching.addresses import normalize
from retrieval.sources.refresh import Refresh
from retrieval.sources.snapshots import Snapshots, write_record
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from retrieval.sources.fetching.fetcher import Fetcher
    from retrieval.sources.refresh import PageReport
    from retrieval.storage.pages import Page, PageState, WebSource

KEEP_GONE_DAYS = 30
_LOCK = "sources"
"""Of the one process that fetches pages."""


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A source and its pages."""

    source: WebSource
    pages: tuple[Page, ...]

    @property
    def counts(self) -> Mapping[PageState, int]:
        """How many pages are in each state."""
        return Counter(page.state for page in self.pages)

    @property
    def checked_at(self) -> float | None:
        """When a page of it was last refreshed, in seconds since 1970."""
        return max((page.checked_at for page in self.pages if page.checked_at), default=self.source.checked_at)


class WebSources:
    """The sources of all collections. For one thread at a time; several processes may share them.

    Args:
        data: the folder for everything that Quoth keeps.
        fetcher: fetches the pages.
        database: the URL of the database that is used instead of files there, if any.
        keep_gone_days: how long the last version of a page is kept that is gone.
        now: gives the time, as `time.time` does.

    Raises:
        StoreError: from every method, if the data folder cannot be used.
    """

    def __init__(
        self,
        data: Path,
        fetcher: Fetcher,
        database: str = "",
        *,
        keep_gone_days: int = KEEP_GONE_DAYS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = Store(data, database)
        self._snapshots = Snapshots(data)
        self._fetcher = fetcher
        self._keep_gone_days = keep_gone_days
        self._now = now

    def close(self) -> None:
        """Release the database and all connections."""
        self._store.close()
        self._fetcher.close()

    def all(self) -> list[ListedSource]:
        """List all sources with their pages, by collection and address."""
        pages: dict[tuple[str, str], list[Page]] = {}
        for page in self._store.pages.pages():
            pages.setdefault((page.collection, page.source), []).append(page)
        sources = self._store.pages.sources()
        return [ListedSource(it, tuple(pages.get((it.collection, it.address), ()))) for it in sources]

    def add(self, source: WebSource) -> WebSource:
        """Add a source, or change the kind of one that is known; its pages are fetched by the next `refresh`.

        Raises:
            FetchError: its address is none.
        """
        source = replace(source, address=normalize(source.address))
        known = self._find(source.collection, source.address)
        if known and known.is_listed:
            source = known
        elif known is None or (known.kind, known.max_pages) != (source.kind, source.max_pages):
            self._store.pages.save_source(source)
        return source

    def remove(self, collection: str, address: str) -> list[str]:
        """Remove a source, and give the addresses of its pages; the next sync removes their documents.

        Raises:
            FetchError: the address is none.
            SettingsError: there is no such source, or the file sources.txt names it.
        """
        source = self._find(collection, normalize(address))
        if source is None:
            message = f"There is no source {address} in the collection {collection}: quoth sources lists them."
            raise SettingsError(message)
        if source.is_listed:
            message = f"{address} is named in the file sources.txt of its folder. Delete that line."
            raise SettingsError(message)
        pages = [page.address for page in self._store.pages.pages(collection) if page.source == source.address]
        self._store.pages.remove_source(source)
        return pages

    def refresh(
        self, *, due_before: float | None = None, chosen: Callable[[WebSource], bool] = lambda _: True
    ) -> Iterator[PageReport]:
        """Fetch what is new or has changed, and report on each page; then sync its collection.

        Args:
            due_before: leave alone what was checked after this time; by default, all is due.
            chosen: tells which sources to refresh.

        Raises:
            BusyError: another process, or another thread, is fetching pages.
        """
        due = self._now() if due_before is None else due_before
        with self._fetching():
            run = Refresh(self._store.pages, self._snapshots, self._fetcher, self._now, due, self._keep_gone_days)
            yield from run.run(filter(chosen, self._store.pages.sources()))

    def is_due(self, due_before: float) -> bool:
        """Tell whether a page waits for its first fetch, or was not checked since a time."""
        return self._store.pages.are_due(due_before)

    def prune(self, read_quoted: Callable[[], set[str]]) -> int:
        """Delete the snapshots that no page, no document and no receipt needs, and count them.

        Args:
            read_quoted: gives the SHA-256 of all documents that receipts quote; called only if it matters.
        """
        needed = {page.sha256 for page in self._store.pages.pages()}
        needed |= {document.sha256 for document in self._store.documents.all()}
        spare = set(self._snapshots.all()) - needed
        spare -= read_quoted() if spare else set()
        self._store.pages.forget_snapshots(spare)
        return self._snapshots.remove(spare)

    def _find(self, collection: str, address: str) -> WebSource | None:
        return next((it for it in self._store.pages.sources(collection) if it.address == address), None)

    @contextmanager
    def _fetching(self) -> Iterator[None]:
        if not self._store.database.acquire(_LOCK, wait=False):
            raise BusyError("Another process is fetching pages now. Wait until it has finished.")
        try:
            yield
        finally:
            self._store.database.release(_LOCK)


def fetch_record(fetcher: Fetcher, address: str) -> bytes:
    """Fetch a page as it is now, and give it as a snapshot that is not kept.

    Raises:
        FetchError: it cannot be fetched.
    """
    return write_record(fetcher.fetch(address))
