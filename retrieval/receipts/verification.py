"""Verification: do the quoted words still stand where the receipt says, and did they ever stand there?

The files are read again; nothing that the index keeps is trusted. Each file is read once, however many receipts quote
it, and each quote is compared once, however often it was given.

Of a web page, the snapshot is read again that was quoted: it is kept for that. Only if it is asked for, the page of
today is fetched and compared instead.

The file's SHA-256 separates a misquote from a change. While a file of these bytes exists, and the same versions read
it, the words must stand at the same place as then. Once these bytes are lost, nobody can tell.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

from retrieval.documents import folder, readers
from retrieval.documents.document import Document, Location, Locator
from retrieval.errors import DocumentError, DocumentFault, FetchError, FetchFault
from retrieval.indexing.sync import Progress
from retrieval.receipts.statement import Span, hash_text
from retrieval.receipts.text_matching import QuoteFinder
from retrieval.sources.snapshots import Snapshots
from retrieval.sources.text_fragment import link_to_text
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from retrieval.indexing.sync import Reader
    from retrieval.receipts.ledger import Ledger
    from retrieval.receipts.receipt import Receipt

_MAX_CACHED = 8
"""Documents."""
_NO_FILE = "There is no such file."
_NO_WORDS = "The words that were quoted are not kept any more, so that they cannot be looked for."
_OTHER_WORDS = "The file is the one that was quoted, and never had these words there."
_OTHER_PLACE = "The file is the one that was quoted, and has these words at another place than the receipt says."


class QuoteStatus(StrEnum):
    """What became of a quote; the later in this list, the worse."""

    UNCHANGED = "unchanged"
    """The same words stand at the same place of the same file."""
    MOVED = "moved"
    """They stand elsewhere in the file, or the file has another path."""
    CHANGED = "changed"
    """The file does not hold these words any more."""
    GONE = "gone"
    """There is no such file any more."""
    UNCHECKED = "unchecked"
    """The file cannot be read now as it was then; the reason says why."""
    MISQUOTED = "false"
    """They never stood there, or the receipt was altered."""

    def is_as_bad_as(self, other: QuoteStatus) -> bool:
        """Tell whether this is the other, or worse."""
        return _SEVERITY[self] >= _SEVERITY[other]


_SEVERITY = {status: number for number, status in enumerate(QuoteStatus)}


@dataclass(frozen=True, slots=True)
class CurrentPlace:
    """Where the words stand now, or the words most like them; offsets are into the file's text, end exclusive."""

    collection: str
    path: str
    start: int
    end: int
    text: str
    place: Location | None
    url: str | None = None
    """Where a browser shows the words, if they stand in a web page."""


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What became of a quote."""

    state: QuoteStatus
    same_file: bool
    """Whether there is a file of the same bytes, perhaps under another path."""
    quoted: str | None = None
    """The quoted words, unless they are `now.text`; None also if they were altered."""
    now: CurrentPlace | None = None
    """None if no words there are like them."""
    reason: str = ""
    """Why it could not be checked, or what is false."""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of the quotes of a receipt."""

    receipt: Receipt
    quotes: tuple[QuoteCheck, ...]
    """One for each quote that was shown; none if the receipt was altered."""

    @property
    def state(self) -> QuoteStatus:
        """The worst status of its quotes; `false` also if the receipt itself was altered."""
        if not self.receipt.is_intact:
            return QuoteStatus.MISQUOTED
        return max((quote.state for quote in self.quotes), key=_SEVERITY.__getitem__, default=QuoteStatus.UNCHANGED)


class _Key(NamedTuple):
    """The parts of a citation that are checked: once, however many receipts share them."""

    span: Span
    text_sha256: str
    reader: str
    place: Location | None

    @property
    def file(self) -> tuple[str, str, str]:
        return self.span.collection, self.span.path, self.span.document_sha256


class Verifier:
    """Checks receipts against the files.

    Args:
        data: the folder for everything that Quoth keeps; says where the folders are, and where a file may have gone.
        receipts: with the quoted words.
        reader: reads the files again.
        is_quick: to look at a few receipts. A file that is unchanged since it was indexed is not read again, and a
            moved one is found only if the index knows it. Without, nothing that the index says is believed.
        folders: collection → its folder, where that is not what the index says.
        database: the URL of the database that is used instead of files in the data folder, if any.
        fetch: gives a snapshot of the page of today, if quotes of web pages are to be compared with that.
    """

    def __init__(
        self,
        data: Path,
        receipts: Ledger,
        reader: Reader,
        *,
        is_quick: bool = False,
        folders: Mapping[str, Path] | None = None,
        database: str = "",
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        self._receipts = receipts
        self._snapshots = Snapshots(data)
        self._fetch = fetch
        self._store = Store(data, database)
        self._reader = reader
        self._is_quick = is_quick
        self._given_folders = folders or {}
        self._documents: LRUCache[tuple[str, str], Document] = LRUCache(_MAX_CACHED)
        self._paths: dict[str, list[tuple[str, str]]] | None = None

    def close(self) -> None:
        """Release the index's file."""
        self._store.close()

    def check(self, receipt: Receipt) -> Check:
        """Check one receipt."""
        return next(self.check_all(lambda: [receipt]))

    def check_all(
        self, receipts: Callable[[], Iterable[Receipt]], progress: Callable[[Progress], None] = lambda _: None
    ) -> Iterator[Check]:
        """Check many receipts, in their order.

        Args:
            receipts: called twice, so that they need not all fit into memory; the second time, there may be more.
            progress: called with how many files have been read, and how many there are.

        Raises:
            StoreError: the data folder cannot be read.
        """
        self._paths = None
        keys: dict[tuple[str, str, str], set[_Key]] = defaultdict(set)
        for key in chain.from_iterable(map(_keys, receipts())):
            keys[key.file].add(key)
        checks: dict[_Key, QuoteCheck] = {}
        for done, (file, same_file) in enumerate(keys.items()):
            progress(Progress(file[1], done, len(keys)))
            checks |= self._check_quotes(file, same_file)
        for receipt in receipts():
            # A receipt that was given meanwhile is not among the first ones.
            quotes = (checks.get(key) or self._check_quotes(key.file, [key])[key] for key in _keys(receipt))
            yield Check(receipt, tuple(quotes))

    # --- the files

    def read_document(self, collection: str, path: str) -> Document:
        """Read the document at this path, as it is now.

        Raises:
            DocumentError: it cannot be read.
        """
        return self._read(path, self.read_file(collection, path))

    def _read(self, path: str, data: bytes) -> Document:
        sha256 = readers.fingerprint(data)
        if (sha256, path) not in self._documents:
            self._documents[sha256, path] = self._indexed(path, sha256) or self._reader.read(path, data)
        return self._documents[sha256, path]

    def find_section(self, document: Document, start: int, end: int) -> tuple[int, int]:
        """Find start and end of the section that a part of a document stands in: all below the same heading."""
        parts = [(block.start, block.end, block.heading) for block in document.blocks]
        parts = parts or self._store.passages.read_headings(document.sha256, document.reader)
        touched = [number for number, (first, last, _) in enumerate(parts) if first < end and start < last]
        if not touched:
            return start, end
        low, high = touched[0], touched[-1]
        while low and parts[low - 1][2] == parts[low][2]:
            low -= 1
        while high + 1 < len(parts) and parts[high + 1][2] == parts[high][2]:
            high += 1
        # The heading itself stands before its first block.
        first = max(last for _, last, _ in parts[:low]) if low else 0
        last = len(document.text) if high + 1 == len(parts) else max(last for _, last, _ in parts[: high + 1])
        return min(first, start), max(last, end)

    def read_file(self, collection: str, path: str) -> bytes:
        """Read the bytes of a file, or the newest snapshot of a web page.

        Raises:
            DocumentError: there is none, or it cannot be read.
        """
        if readers.is_page(path):
            page = self._store.pages.find_page(collection, path)
            return self._snapshots.load(page.sha256 if page else "")
        root = self._folders().get(collection)
        # Receipts may come from an attacker who would like to see other files.
        if root is None or not folder.may_hold(root, path):
            raise DocumentError(_NO_FILE, DocumentFault.NO_ACCESS)
        return folder.load(root, path, self._reader.limits)

    def _indexed(self, path: str, sha256: str) -> Document | None:
        """Take the text from the index, without its blocks."""
        if not self._is_quick or not readers.reads(path):
            return None
        reader = readers.name_reader(path)
        text = self._store.documents.find_text(sha256, reader)
        return None if text is None else Document(path, sha256, reader, None, text, ())

    def _is_there(self, collection: str, path: str) -> bool:
        root = self._folders().get(collection)
        return root is not None and folder.may_hold(root, path) and (root / path).is_file()

    def _fingerprint(self, collection: str, path: str) -> str | None:
        try:
            return readers.fingerprint(self.read_file(collection, path))
        except DocumentError:
            return None

    def _candidates(self, collection: str, path: str, sha256: str) -> Iterator[tuple[str, str]]:
        """Name where a file of these bytes may be, the most likely place first."""
        yield collection, path
        yield from self._store.documents.find_paths(sha256)
        if not self._is_quick:
            yield from self._all_paths().get(sha256, ())

    def _all_paths(self) -> dict[str, list[tuple[str, str]]]:
        """Map the SHA-256 of all files that there are now to their collections and paths."""
        if self._paths is None:
            self._paths = defaultdict(list)
            for collection, root in self._folders().items():
                for path in filter(readers.reads, folder.list_files(root).files if root.is_dir() else ()):
                    self._paths[self._fingerprint(collection, path) or ""].append((collection, path))
        return self._paths

    def _folders(self) -> dict[str, Path]:
        indexed = {collection.name: collection.folder for collection in self._store.collections.all()}
        return indexed | dict(self._given_folders)

    # --- the comparison

    def _check_quotes(self, file: tuple[str, str, str], keys: Iterable[_Key]) -> dict[_Key, QuoteCheck]:
        """Check quotes of one file, given by collection, path and SHA-256."""
        *_, sha256 = file
        if readers.is_page(file[1]):
            return self._check_page(file, keys)
        place = next((place for place in self._candidates(*file) if self._fingerprint(*place) == sha256), None)
        collection, path = place or file[:2]
        try:
            document = self.read_document(collection, path)
        except DocumentError as error:
            if place is None and not self._is_there(collection, path):
                unread = QuoteCheck(QuoteStatus.GONE, same_file=False)
            else:
                unread = QuoteCheck(QuoteStatus.UNCHECKED, same_file=place is not None, reason=str(error))
            return {key: replace(unread, quoted=self._receipts.text(key.text_sha256)) for key in keys}
        comparison = _Comparison(collection, document, self._receipts)
        return {key: comparison.check(key) for key in keys}

    def _check_page(self, page: tuple[str, str, str], keys: Iterable[_Key]) -> dict[_Key, QuoteCheck]:
        """Check quotes of a web page in the snapshot that was quoted, or in the page of today."""
        collection, address, sha256 = page
        try:
            if self._fetch:
                document = self._read(address, self._fetch(address))
            else:
                document = self._read_snapshot(collection, address, sha256)
        except FetchError as error:
            is_gone = error.fault is FetchFault.GONE
            status = QuoteStatus.GONE if is_gone else QuoteStatus.UNCHECKED
            unread = QuoteCheck(status, same_file=False, reason=str(error))
        except DocumentError as error:
            unread = QuoteCheck(QuoteStatus.UNCHECKED, same_file=False, reason=str(error))
            if self._store.pages.find_page(collection, address) is None:
                unread = QuoteCheck(QuoteStatus.GONE, same_file=False)
        else:
            comparison = _Comparison(collection, document, self._receipts)
            return {key: comparison.check(key) for key in keys}
        return {key: replace(unread, quoted=self._receipts.text(key.text_sha256)) for key in keys}

    def _read_snapshot(self, collection: str, address: str, sha256: str) -> Document:
        """Read what was quoted; once that is not kept any more, the newest snapshot."""
        try:
            return self._read(address, self._snapshots.load(sha256))
        except DocumentError as error:
            if error.fault is not DocumentFault.NO_ACCESS:
                raise
        return self.read_document(collection, address)


class _Comparison:
    """Compares a document with quotes from it, or from an earlier file at its path."""

    def __init__(self, collection: str, document: Document, receipts: Ledger) -> None:
        self._collection = collection
        self._document = document
        self._receipts = receipts
        self._locator = Locator(document)
        self._finder = QuoteFinder(document.text)

    def check(self, key: _Key) -> QuoteCheck:
        """Check a quote; its words are only read if the document does not hold them there."""
        document, span = self._document, key.span
        same_file = document.sha256 == span.document_sha256
        must_hold = same_file and document.reader == key.reader
        now = self._at(span.start, span.end)
        if span.end <= len(document.text) and hash_text(now.text) == key.text_sha256:
            if must_hold and document.blocks and now.place != key.place:
                return QuoteCheck(QuoteStatus.MISQUOTED, same_file, now=now, reason=_OTHER_PLACE)
            is_moved = (self._collection, document.path) != (span.collection, span.path)
            return QuoteCheck(QuoteStatus.MOVED if is_moved else QuoteStatus.UNCHANGED, same_file, now=now)
        quoted = self._receipts.text(key.text_sha256)
        if must_hold:
            return QuoteCheck(QuoteStatus.MISQUOTED, same_file, quoted, now if now.text else None, _OTHER_WORDS)
        if quoted is None:
            return QuoteCheck(QuoteStatus.UNCHECKED, same_file, reason=_NO_WORDS)
        return self._find_elsewhere(key, quoted, same_file=same_file)

    def _find_elsewhere(self, key: _Key, quoted: str, *, same_file: bool) -> QuoteCheck:
        start = self._finder.occurrence(quoted, key.span.start)
        if start is not None:
            return QuoteCheck(QuoteStatus.MOVED, same_file, now=self._at(start, start + len(quoted)))
        nearest = self._finder.nearest(quoted, key.span.start)
        alike = self._at(*nearest) if nearest else None
        if not same_file:
            return QuoteCheck(QuoteStatus.CHANGED, same_file, quoted, alike)
        reason = f"The file is the same, but is read by {self._document.reader} now, and was by {key.reader} then."
        return QuoteCheck(QuoteStatus.UNCHECKED, same_file, quoted, alike, reason)

    def _at(self, start: int, end: int) -> CurrentPlace:
        text = self._document.text[start:end]
        place = self._locator.locate(start, end) if text else None
        return CurrentPlace(
            self._collection, self._document.path, start, end, text, place, self._link(start, end, place)
        )

    def _link(self, start: int, end: int, place: Location | None) -> str | None:
        if not readers.is_page(self._document.path):
            return None
        return link_to_text(self._document.path, self._document.text, start, end, place.page if place else None)


def _keys(receipt: Receipt) -> Iterator[_Key]:
    if receipt.is_intact:
        for quote in receipt.citations:
            yield _Key(quote.span, quote.text_sha256, quote.reader, quote.place)
