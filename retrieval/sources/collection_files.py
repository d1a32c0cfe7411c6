"""CollectionFiles: what a collection is to hold: the files of its folder, and its web pages beside them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from retrieval.documents import folder, readers
from retrieval.documents.folder import FolderListing
from retrieval.errors import DocumentError, DocumentFault
from retrieval.sources.listing import FILE, SourceList
from retrieval.sources.snapshots import Snapshots
from retrieval.storage.pages import SourceKind

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.documents.readers.limits import Limits
    from retrieval.storage.pages import Page, WebSource
    from retrieval.storage.store import Store


@dataclass(frozen=True, slots=True)
class CollectionFiles:
    """The files of a folder and the snapshots of pages, by their paths; of a page, that is its address."""

    folder: Path
    limits: Limits
    snapshots: Snapshots
    listed: SourceList
    pages: dict[str, Page] = field(default_factory=dict)
    """Those that were fetched."""
    unlisted: dict[str, WebSource] = field(default_factory=dict)
    """Sources whose lines are no longer in sources.txt, by their addresses."""
    leaving: frozenset[str] = frozenset()
    """The pages of these, by their addresses."""

    @classmethod
    def open(
        cls, data: Path, documents: Path, collection: str, store: Store, limits: Limits, *, lists_pages: bool = True
    ) -> CollectionFiles:
        """List the web pages of a collection, as the database and the file sources.txt say.

        Without `lists_pages`, such a file is a document as others are: strangers may have put it there.
        """
        listed = SourceList(documents, collection, limits, lists_pages=lists_pages)
        known = store.pages.sources(collection)
        unlisted = {it.address: it for it in known if it.is_listed and it.address not in listed.sources}
        pages = {page.address: page for page in store.pages.pages(collection) if page.sha256}
        leaving = frozenset(address for address, page in pages.items() if page.source in unlisted)
        staying = {address: page for address, page in pages.items() if address not in leaving}
        return cls(documents, limits, Snapshots(data), listed, staying, unlisted, leaving)

    def list_files(self) -> FolderListing:
        """List the paths of all files and pages, sorted."""
        listing = folder.list_files(self.folder)
        files = [path for path in listing.files if not (path == FILE and self.listed.is_there)]
        unreadable = dict(listing.unreadable)
        if self.listed.faults:
            unreadable[FILE] = DocumentError(" ".join(self.listed.faults), DocumentFault.DAMAGED)
        return FolderListing(sorted([*files, *self.pages]), unreadable)

    def measure(self, path: str) -> tuple[str, int]:
        """Give SHA-256 and size of a file; of a page, they are known without reading it.

        Raises:
            DocumentError: it cannot be read.
        """
        if page := self.pages.get(path):
            return page.sha256, self.snapshots.measure(page.sha256)
        data = folder.load(self.folder, path, self.limits)
        return readers.fingerprint(data), len(data)

    def load(self, path: str) -> bytes:
        """Load the bytes of a file, or the snapshot of a page.

        Raises:
            DocumentError: it cannot be read.
        """
        if page := self.pages.get(path):
            return self.snapshots.load(page.sha256)
        return folder.load(self.folder, path, self.limits)

    def add_sources(self, store: Store) -> None:
        """Save the sources that the file names; one that was added by a command is listed from now on."""
        for source in self.listed.sources.values():
            known = next((it for it in store.pages.sources(source.collection) if it.address == source.address), source)
            merged = replace(source, checked_at=known.checked_at, reason=known.reason)
            store.pages.save_source(merged)
            if source.kind is not SourceKind.SITEMAP:
                store.pages.add_pages(source, [source.address])

    def remove_sources(self, store: Store) -> None:
        """Delete the sources that the file does not name any more."""
        for source in self.unlisted.values():
            store.pages.remove_source(source)
