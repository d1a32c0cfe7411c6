"""Sources: web pages as documents, as all front ends add, refresh and remove them."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from bot.services.failure_log import FailureLog
from bot.services.privacy import protect
from bot.services.receipts import open_ledger
from bot.services.supervision import start_thread
from retrieval import (
    BusyError,
    Fetcher,
    FetchSettings,
    FileState,
    PageChange,
    PageReport,
    QuothError,
    Removals,
    SourceKind,
    WebSource,
    WebSources,
    is_page,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from bot.services.library import Library
    from bot.settings import Settings
    from retrieval import FetchFault

logger = logging.getLogger(__name__)

_SYNC_S = 60.0
"""How often new pages can be asked for while many are fetched."""
_LOOK_S = 10.0
"""How often it is looked for pages that are due."""
_BUSY_S = 0.5
"""Until it is tried again to fetch pages, while others do."""
_JITTER = 0.05
"""By this part of it, the time between two refreshes varies, so that not all machines ask a site at once."""


def open_sources(settings: Settings) -> WebSources:
    """Open the web pages that are documents. It connects to no site yet.

    Raises:
        StoreError: the data folder cannot be used.
    """
    protect(settings)
    fetcher = open_fetcher(settings)
    return WebSources(settings.data, fetcher, settings.database_url, keep_gone_days=settings.keep_gone_days)


def open_fetcher(settings: Settings) -> Fetcher:
    """Make what fetches pages."""
    return Fetcher(FetchSettings(allows_private=settings.allow_private_addresses, max_mib=settings.max_file_mib))


def make_source(collection: str, address: str, below: int | None = None, sitemap: int | None = None) -> WebSource:
    """Make a source of a page, of at most `below` pages from it on, or of at most `sitemap` pages of a sitemap."""
    if sitemap is not None:
        return WebSource(collection, address, SourceKind.SITEMAP, sitemap)
    if below is not None:
        return WebSource(collection, address, SourceKind.BELOW, below)
    return WebSource(collection, address)


def refresh_pages(
    sources: WebSources,
    library: Library,
    *,
    due_before: float | None = None,
    chosen: Callable[[WebSource], bool] = lambda _: True,
    clock: Callable[[], float] = time.monotonic,
) -> Generator[PageReport, None, None]:
    """Fetch new and changed pages, and bring them into the index; a page that cannot be read is reported as failed.

    Args:
        sources: the pages.
        library: the index.
        due_before: leave alone what was checked after this time; by default, all is due.
        chosen: tells which sources to refresh.
        clock: gives seconds that only grow.

    Raises:
        QuothError: another process is fetching pages, or the index cannot be written.
    """
    changed: set[str] = set()
    next_sync = clock() + _SYNC_S
    for report in sources.refresh(due_before=due_before, chosen=chosen):
        yield report
        if report.change in {PageChange.FETCHED, PageChange.GONE}:
            changed.add(report.collection)
        if changed and clock() >= next_sync:
            yield from _sync(library, changed)
            changed.clear()
            next_sync = clock() + _SYNC_S
    yield from _sync(library, changed)


def _sync(library: Library, collections: set[str]) -> Iterator[PageReport]:
    for collection in sorted(collections):
        for file in library.sync_collection(collection, None).files:
            if file.state is FileState.FAILED and is_page(file.path):
                yield PageReport(collection, file.path, PageChange.FAILED, file.reason)


def remove_source(sources: WebSources, library: Library, collection: str, address: str) -> int:
    """Remove a source and the documents of its pages, and count these.

    Raises:
        QuothError: there is no such source, or the file sources.txt names it.
    """
    pages = sources.remove(collection, address)
    report = library.sync_collection(collection, None, removals=Removals(deleted=pages))
    return report.count(FileState.REMOVED)


@dataclass(frozen=True, slots=True)
class FetchedPages:
    """What became of the pages of a source."""

    addresses: frozenset[str]
    """Of those that were fetched, now or before."""
    fault: FetchFault | None
    """Why the page of the source itself was not fetched now."""


def fetch_pages(
    sources: WebSources, collection: str, address: str, wait: Callable[[float], object]
) -> FetchedPages | None:
    """Fetch the pages of a source; None if there is no such source. One without any page is forgotten.

    Args:
        sources: the pages.
        collection: of the source.
        address: of the source, in the form that `WebSources.add` gives it.
        wait: called with 0 after each page, and with seconds to wait while others fetch pages; it may raise an error.
    """

    def is_meant(source: WebSource) -> bool:
        return (source.collection, source.address) == (collection, address)

    fault = None
    while True:
        try:
            for report in sources.refresh(chosen=is_meant):
                fault = report.fault if report.address == address else fault
                wait(0)
            break
        except BusyError:
            wait(_BUSY_S)
    listed = next((it for it in sources.all() if is_meant(it.source)), None)
    if listed is None:
        return None
    fetched = frozenset(page.address for page in listed.pages if page.sha256)
    if fault and not fetched:
        sources.remove(collection, address)
    return FetchedPages(fetched, fault)


def prune(sources: WebSources, settings: Settings) -> int:
    """Delete the snapshots that no page, document or receipt needs any more, and count them."""

    def read_quoted() -> set[str]:
        with closing(open_ledger(settings)) as ledger:
            return {one.span.document_sha256 for receipt in ledger.all() for one in receipt.found}

    return sources.prune(read_quoted)


@contextmanager
def refreshing(library: Library, settings: Settings) -> Iterator[None]:
    """Refresh pages as soon as they are due in a thread of its own while the context lasts, and log it."""
    stop = Event()

    def run() -> None:
        with closing(open_sources(settings)) as sources:
            refresher = PageRefresher(sources, library, settings)
            while not stop.wait(_LOOK_S):
                refresher.refresh_due(stop)

    thread = start_thread("pages", "The refresh of web pages", run, stop)
    try:
        yield
    finally:
        stop.set()
        thread.join()


class PageRefresher:
    """Refreshes pages when they are due, also those that were due while the machine slept."""

    def __init__(self, sources: WebSources, library: Library, settings: Settings) -> None:
        self._sources = sources
        self._library = library
        self._settings = settings
        self._period_s = settings.refresh_s * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
        self._failures = FailureLog("Web pages cannot be refreshed", "Web pages are refreshed.")

    def refresh_due(self, stop: Event) -> None:
        """Refresh what is due, and log what cannot be fetched; it ends early once `stop` is set."""
        due_before = time.time() - self._period_s
        if not self._sources.is_due(due_before):
            return
        counts = Counter[PageChange]()
        try:
            with closing(refresh_pages(self._sources, self._library, due_before=due_before)) as reports:
                for report in reports:
                    counts[report.change] += 1
                    if report.change not in {PageChange.FETCHED, PageChange.UNCHANGED}:
                        logger.warning("Cannot fetch %s: %s", report.address, report.reason)
                    if stop.is_set():
                        return
            prune(self._sources, self._settings)
        except QuothError as error:
            self._failures.note(error)
            return
        self._failures.end()
        logger.info("Web pages: %s.", ", ".join(f"{count} {change}" for change, count in counts.items()))
