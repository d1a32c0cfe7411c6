"""Refresh: asks the sites for the newest version of each page, one request for one that is unchanged."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from retrieval.errors import FetchError, FetchFault
from retrieval.sources.fetching.fetcher import Validators
from retrieval.sources.links import list_below
from retrieval.sources.sitemap import list_pages
from retrieval.sources.snapshots import describe_time, write_record
from retrieval.storage.pages import Page, PageState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from retrieval.sources.fetching.fetcher import Fetcher, Response
    from retrieval.sources.snapshots import Snapshots
    from retrieval.storage.pages import PageRepository, WebSource

_DAY_S = 24 * 60 * 60
_STATES = {
    FetchFault.ADDRESS: PageState.REFUSED,
    FetchFault.PRIVATE: PageState.REFUSED,
    FetchFault.ROBOTS: PageState.REFUSED,
    FetchFault.FORBIDDEN: PageState.REFUSED,
    FetchFault.TOO_LARGE: PageState.REFUSED,
    FetchFault.GONE: PageState.GONE,
    FetchFault.FAILED: PageState.FAILED,
}


class PageChange(StrEnum):
    """What a refresh found out about a page."""

    FETCHED = "fetched"
    """It is new, or has changed."""
    UNCHANGED = "unchanged"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PageReport:
    """A page, or a sitemap that could not be read, after a refresh."""

    collection: str
    address: str
    change: PageChange
    reason: str = ""
    """Why it was not fetched, and what to do."""
    moved_to: str = ""
    """Where its redirects lead, if there are any."""
    fault: FetchFault | None = None
    """The kind of that reason."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """One run over some sources. If it is ended, the next one goes on where it stopped."""

    pages: PageRepository
    snapshots: Snapshots
    fetcher: Fetcher
    now: Callable[[], float]
    due_before: float
    """Pages that were checked later are left alone."""
    keep_gone_days: int
    """How long the last version of a page is kept that is gone."""

    def run(self, sources: Iterable[WebSource]) -> Iterator[PageReport]:
        """Refresh the pages of sources; each is reported once the database and its file have it."""
        for source in sources:
            yield from self._list_new_pages(source)
            known = [page for page in self.pages.pages(source.collection) if page.source == source.address]
            queue = deque(filter(self._is_due, known))
            addresses = {page.address for page in known}
            while queue:
                page, body = queue.popleft(), None
                report, body = self._refresh(page, source)
                if body and source.kind is SourceKind.BELOW:
                    found = list_below(source.address, report.moved_to or page.address, body)
                    new = [it for it in found if it not in addresses][: max(0, source.max_pages - len(addresses))]
                    self.pages.add_pages(source, new)
                    addresses.update(new)
                    queue.extend(Page(source.collection, address, source.address) for address in new)
                yield report

    def _list_new_pages(self, source: WebSource) -> Iterator[PageReport]:
        """Add the pages that a source names itself; those that a page links to follow when it was fetched."""
        reason = ""
        if source.kind is not SourceKind.SITEMAP:
            self.pages.add_pages(source, [source.address])
        elif source.checked_at is None or source.checked_at <= self.due_before:
            try:
                found = list_pages(source.address, lambda it: self.fetcher.fetch(it).body or b"", source.max_pages)
                self.pages.add_pages(source, found)
            except FetchError as error:
                reason = str(error)
                change = PageChange(_STATES[error.fault])
                yield PageReport(source.collection, source.address, change, reason, fault=error.fault)
        self.pages.save_source(replace(source, checked_at=self.now(), reason=reason))

    def _is_due(self, page: Page) -> bool:
        return page.checked_at is None or page.checked_at <= self.due_before

    def _refresh(self, page: Page, source: WebSource) -> tuple[PageReport, bytes | None]:
        """Fetch a page if it has changed; give its bytes then."""
        known = Validators(page.etag, page.last_modified) if page.sha256 else Validators()
        try:
            response = self.fetcher.fetch(page.address, known)
        except FetchError as error:
            return self._note_failure(page, source, error), None
        moved_to = response.address if response.address != page.address else ""
        page = replace(page, state=PageState.OK, reason="", moved_to=moved_to, checked_at=self.now(), gone_at=None)
        body_sha256 = sha256(response.body).hexdigest() if response.body is not None else page.body_sha256
        if page.sha256 and body_sha256 == page.body_sha256:
            self.pages.save_page(_with_validators(page, response) if response.body is not None else page)
            return _report(page, PageChange.UNCHANGED), None
        snapshot = self.snapshots.save(write_record(response))
        page = replace(_with_validators(page, response), body_sha256=body_sha256, sha256=snapshot)
        self.pages.save_page(page, describe_time(response.fetched_at))
        return _report(page, PageChange.FETCHED), response.body

    def _note_failure(self, page: Page, source: WebSource, error: FetchError) -> PageReport:
        state, now = _STATES[error.fault], self.now()
        gone_at = (page.gone_at or now) if state is PageState.GONE else page.gone_at
        page = replace(page, state=state, reason=str(error), checked_at=now, gone_at=gone_at)
        is_over = state is PageState.GONE and gone_at is not None and now - gone_at >= self.keep_gone_days * _DAY_S
        if is_over or (state is PageState.GONE and not page.sha256):
            page = replace(page, sha256="", body_sha256="")
        if state is PageState.GONE and not page.sha256 and page.address != source.address:
            self.pages.remove_page(page)  # the owner did not name it, and it may never come back
        else:
            self.pages.save_page(page)
        return _report(page, PageChange(state), error.fault)


def _with_validators(page: Page, response: Response) -> Page:
    validators = response.validators
    return replace(page, etag=validators.etag, last_modified=validators.last_modified)


def _report(page: Page, change: PageChange, fault: FetchFault | None = None) -> PageReport:
    return PageReport(page.collection, page.address, change, page.reason, page.moved_to, fault)
