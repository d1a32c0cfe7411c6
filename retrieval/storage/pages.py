"""The tables of web pages: the sources that an owner names, their pages, and the snapshots of these.

All are by the collection's name, as they outlive the index: no file holds them.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.storage.database import Repository, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.storage.database import Row

SNAPSHOTS = "pages"
"""The folder in the data folder with what sites sent: files that are named for their SHA-256."""


class SourceKind(StrEnum):
    """What an address stands for."""

    PAGE = "page"
    BELOW = "below"
    """The page, and those that it links to, directly or not, whose addresses begin as its own."""
    SITEMAP = "sitemap"
    """All pages that a sitemap lists."""


class PageState(StrEnum):
    """What the last fetch of a page gave."""

    WAITING = "waiting"
    """It was not fetched yet."""
    OK = "ok"
    GONE = "gone"
    """The site says that there is no such page any more. Its last version is kept for a while."""
    REFUSED = "refused"
    """It may not be fetched."""
    FAILED = "failed"
    """The site did not answer as it should; the last version is kept."""


@dataclass(frozen=True, slots=True)
class WebSource:
    """An address that an owner has named."""

    collection: str
    address: str
    kind: SourceKind = SourceKind.PAGE
    max_pages: int = 1
    is_listed: bool = False
    """Whether it stands in the file sources.txt, which alone removes it then."""
    checked_at: float | None = None
    """When it was last refreshed, in seconds since 1970."""
    reason: str = ""
    """Why its pages could not be listed."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a source. Its document has the address for its path."""

    collection: str
    address: str
    source: str
    """The address of the source."""
    state: PageState = PageState.WAITING
    reason: str = ""
    """Why it was not fetched."""
    moved_to: str = ""
    """Where its redirects lead, if there are any."""
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    """Of what the site sent, unpacked: the same bytes are no new version."""
    sha256: str = ""
    """Of the snapshot; empty while there is none."""
    checked_at: float | None = None
    """When it was last fetched, or found unchanged, or neither, in seconds since 1970."""
    gone_at: float | None = None
    """Since when the site says that it is gone."""


_SOURCE_COLUMNS = [field.name for field in fields(WebSource)]
_PAGE_COLUMNS = [field.name for field in fields(Page)]


class PageRepository(Repository):
    """The tables `sources`, `pages` and `snapshots`."""

    def sources(self, collection: str | None = None) -> list[WebSource]:
        """Read the sources of a collection, or of all, by collection and address."""
        where, values = ("WHERE collection = ?", (collection,)) if collection is not None else ("", ())
        query = f"SELECT {', '.join(_SOURCE_COLUMNS)} FROM sources {where} ORDER BY collection, address"  # noqa: S608
        return [
            WebSource(collection, address, SourceKind(kind), max_pages, bool(is_listed), checked_at, reason)
            for collection, address, kind, max_pages, is_listed, checked_at, reason in self._db.run(query, values)
        ]

    def save_source(self, source: WebSource) -> None:
        """Add a source, or change it."""
        row = list(astuple(source))
        row[_SOURCE_COLUMNS.index("is_listed")] = int(source.is_listed)
        self._db.run(upsert("sources", _SOURCE_COLUMNS[:2], _SOURCE_COLUMNS[2:]), row)

    def remove_source(self, source: WebSource) -> None:
        """Delete a source and its pages."""
        key = source.collection, source.address
        with self._db.transaction() as db:
            db.execute("DELETE FROM sources WHERE collection = ? AND address = ?", key)
            db.execute("DELETE FROM pages WHERE collection = ? AND source = ?", key)

    def drop(self, collection: str) -> None:
        """Delete all sources and pages of a collection."""
        with self._db.transaction() as db:
            for table in ("sources", "pages"):
                db.execute(f"DELETE FROM {table} WHERE collection = ?", (collection,))  # noqa: S608 - our own names

    def pages(self, collection: str | None = None) -> list[Page]:
        """Read the pages of a collection, or of all, by collection and address."""
        where, values = ("WHERE collection = ?", (collection,)) if collection is not None else ("", ())
        query = f"SELECT {', '.join(_PAGE_COLUMNS)} FROM pages {where} ORDER BY collection, address"  # noqa: S608
        return list(map(_page, self._db.run(query, values)))

    def find_page(self, collection: str, address: str) -> Page | None:
        """Read the page at an address."""
        query = f"SELECT {', '.join(_PAGE_COLUMNS)} FROM pages WHERE collection = ? AND address = ?"  # noqa: S608
        return next(map(_page, self._db.run(query, (collection, address))), None)

    def add_pages(self, source: WebSource, addresses: Iterable[str]) -> None:
        """Add pages of a source that are to be fetched; those that are known stay as they are."""
        rows = [astuple(Page(source.collection, address, source.address)) for address in addresses]
        marks = ", ".join("?" * len(_PAGE_COLUMNS))
        with self._db.transaction() as db:
            db.executemany(f"INSERT INTO pages VALUES ({marks}) ON CONFLICT DO NOTHING", rows)  # noqa: S608

    def save_page(self, page: Page, fetched_at: str = "") -> None:
        """Save what a fetch gave; with a time in ISO 8601, its snapshot was taken then."""
        with self._db.transaction() as db:
            if fetched_at:
                row = page.sha256, page.address, fetched_at
                db.execute(upsert("snapshots", ["sha256"], ["address", "fetched_at"]), row)
            db.execute(upsert("pages", _PAGE_COLUMNS[:2], _PAGE_COLUMNS[2:]), astuple(page))

    def remove_page(self, page: Page) -> None:
        """Delete a page."""
        self._db.run("DELETE FROM pages WHERE collection = ? AND address = ?", (page.collection, page.address))

    def are_due(self, due_before: float) -> bool:
        """Tell whether a page or a source was not checked since a time, or never."""
        tables = ("pages", "sources")
        where = "checked_at IS NULL OR checked_at <= ?"
        return any(
            self._db.run(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1", (due_before,))  # noqa: S608 - our own names
            for table in tables
        )

    def snapshots_of(self, addresses: Iterable[str]) -> list[str]:
        """Read the hashes of all snapshots that were taken of these pages."""
        query = "SELECT sha256 FROM snapshots WHERE address IN ({values})"
        return [sha256 for (sha256,) in self._db.run_in_parts(query, list(addresses))]

    def forget_snapshots(self, hashes: Iterable[str]) -> None:
        """Forget when these snapshots were taken: their files are gone."""
        with self._db.transaction() as db:
            db.executemany("DELETE FROM snapshots WHERE sha256 = ?", [(sha256,) for sha256 in hashes])


def _page(row: Row) -> Page:
    collection, address, source, state, *rest = row
    return Page(collection, address, source, PageState(state), *rest)
