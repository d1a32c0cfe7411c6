"""Verification: are the words that a receipt quotes still where it says, and did they ever stand there?

The files are read again; nothing that the index keeps is trusted. Each file is read once, however many receipts quote
it, and each quote is compared once, however often it was given.

What was never in a document is told from what is not there any more by the file's SHA-256: as long as a file of these
bytes is there, and the same versions read it, it must say what it said then, at the same place. Once these bytes are
nowhere any more, nobody can tell.
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
from retrieval.errors import DocumentError, DocumentFault
from retrieval.indexing.sync import Progress
from retrieval.receipts.ledger import Span, text_hash
from retrieval.receipts.text_matching import QuoteFinder
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from retrieval.indexing.sync import Reader
    from retrieval.receipts.ledger import Ledger, Receipt


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
    """They never stood there, or the receipt is not the one that was given."""


_BADNESS = {state: number for number, state in enumerate(QuoteStatus)}


@dataclass(frozen=True, slots=True)
class CurrentPlace:
    """Where the words stand now, or what comes nearest to them; offsets are into the file's text, end exclusive."""

    collection: str
    path: str
    start: int
    end: int
    text: str
    place: Location | None


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What became of a quote."""

    state: QuoteStatus
    same_file: bool
    """Whether there is a file of the same bytes, perhaps under another path."""
    quoted: str | None = None
    """The words that were quoted, unless they are `now.text`; None also if they were altered."""
    now: CurrentPlace | None = None
    """None if nothing there is like them."""
    reason: str = ""
    """Why it could not be checked, or what is false."""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of the quotes of a receipt."""

    receipt: Receipt
    findings: tuple[QuoteCheck, ...]
    """For each citation; none if the receipt was altered."""

    @property
    def state(self) -> QuoteStatus:
        """The worst of its quotes'; `false` also if the receipt itself was altered."""
        if not self.receipt.is_intact:
            return QuoteStatus.MISQUOTED
        return max((each.state for each in self.findings), key=_BADNESS.__getitem__, default=QuoteStatus.UNCHANGED)


class _Key(NamedTuple):
    """What there is to check of a citation: once, however many receipts have it."""

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
        is_quick: to look at a few receipts: a file that was not changed since it was indexed is not read again, and
            a moved one is found only if the index knows it. Without, nothing that the index says is believed.
        folders: collection → its folder, where that is not what the index says.
        database: the URL of the database that is used instead of files in the data folder, if any.
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
    ) -> None:
        self._receipts = receipts
        self._store = Store(data, database)
        self._reader = reader
        self._is_quick = is_quick
        self._given_folders = folders or {}
        self._read: LRUCache[tuple[str, str], Document] = LRUCache(_REMEMBERED)
        self._elsewhere: dict[str, list[tuple[str, str]]] | None = None

    def close(self) -> None:
        """Release the index's file."""
        self._store.close()

    def check(self, receipt: Receipt) -> Check:
        """One receipt."""
        return next(self.check_all(lambda: [receipt]))

    def check_all(
        self,
        receipts: Callable[[], Iterable[Receipt]],
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Iterator[Check]:
        """Many receipts, in their order.

        Args:
            receipts: called twice, so that they need not all fit into memory; the second time, there may be more.
            progress: called with how many files have been read, and how many there are.

        Raises:
            StoreError: the data folder cannot be read.
        """
        self._elsewhere = None
        keys: dict[tuple[str, str, str], set[_Key]] = defaultdict(set)
        for key in chain.from_iterable(map(_keys, receipts())):
            keys[key.file].add(key)
        found: dict[_Key, QuoteCheck] = {}
        for done, (file, same_file) in enumerate(keys.items()):
            progress(Progress(file[1], done, len(keys)))
            found |= self._compared(file, same_file)
        for receipt in receipts():
            # One that was given meanwhile is not among those.
            findings = (found.get(key) or self._compared(key.file, [key])[key] for key in _keys(receipt))
            yield Check(receipt, tuple(findings))

    def document(self, collection: str, path: str) -> Document:
        """The document at this path, as it is now.

        Raises:
            DocumentError: it cannot be read.
        """
        data = self.file(collection, path)
        sha256 = readers.fingerprint(data)
        if (sha256, path) not in self._read:
            self._read[sha256, path] = self._stored(path, sha256) or self._reader.read(path, data)
        return self._read[sha256, path]

    # --- the files

    def file(self, collection: str, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            DocumentError: there is none, or it cannot be read.
        """
        at = self._folders().get(collection)
        # The receipts may come from somebody who would like to see other files.
        if at is None or not folder.may_hold(at, path):
            raise DocumentError(_NO_FILE, DocumentFault.NO_ACCESS)
        return folder.load(at, path, self._reader.limits)

    def _stored(self, path: str, sha256: str) -> Document | None:
        """What the index has of it: the text, without its blocks."""
        if not self._is_quick or not readers.reads(path):
            return None
        reader = readers.reader_of(path)
        text = self._store.documents.text_of(sha256, reader)
        return None if text is None else Document(path, sha256, reader, None, text, ())

    def _is_there(self, collection: str, path: str) -> bool:
        at = self._folders().get(collection)
        return at is not None and folder.may_hold(at, path) and (at / path).is_file()

    def _fingerprint(self, collection: str, path: str) -> str | None:
        try:
            return readers.fingerprint(self.file(collection, path))
        except DocumentError:
            return None

    def _where(self, file: tuple[str, str, str]) -> tuple[str, str] | None:
        """Collection and path of a file of these bytes, at its old place if it can be."""
        return next((each for each in self._candidates(file) if self._fingerprint(*each) == file[2]), None)

    def _candidates(self, file: tuple[str, str, str]) -> Iterator[tuple[str, str]]:
        """Where it may be, the most likely first."""
        collection, path, sha256 = file
        yield collection, path
        yield from self._store.documents.paths_of(sha256)
        if not self._is_quick:
            yield from self._all_files().get(sha256, ())

    def _all_files(self) -> dict[str, list[tuple[str, str]]]:
        """SHA-256 → collections and paths of all files that there are now."""
        if self._elsewhere is None:
            self._elsewhere = defaultdict(list)
            for collection, at in self._folders().items():
                for path in filter(readers.reads, folder.listing(at).files if at.is_dir() else ()):
                    self._elsewhere[self._fingerprint(collection, path) or ""].append((collection, path))
        return self._elsewhere

    def _folders(self) -> dict[str, Path]:
        return {each.name: each.folder for each in self._store.collections.all()} | dict(self._given_folders)

    # --- the comparison

    def _compared(self, file: tuple[str, str, str], keys: Iterable[_Key]) -> dict[_Key, QuoteCheck]:
        """Quotes of one file."""
        where = self._where(file)
        collection, path = where or file[:2]
        if where is None and not self._is_there(collection, path):
            return {key: QuoteCheck(QuoteStatus.GONE, same_file=False, quoted=self._quoted(key)) for key in keys}
        try:
            document = self.document(collection, path)
        except DocumentError as error:
            unread = QuoteCheck(QuoteStatus.UNCHECKED, same_file=where is not None, reason=str(error))
            return {key: replace(unread, quoted=self._quoted(key)) for key in keys}
        compared = _Comparison(collection, document)
        return {key: compared.finding(key, self._quoted) for key in keys}

    def _quoted(self, key: _Key) -> str | None:
        return self._receipts.text(key.text_sha256)


class _Comparison:
    """Of a document with what was quoted from it, or from what was at its path before."""

    def __init__(self, collection: str, document: Document) -> None:
        self._collection = collection
        self._document = document
        self._locator = Locator(document)
        self._text = QuoteFinder(document.text)

    def finding(self, key: _Key, words_of: Callable[[_Key], str | None]) -> QuoteCheck:
        """What became of a quote; its words are only asked for if the document does not say them there."""
        document, span = self._document, key.span
        same_file = document.sha256 == span.document_sha256
        must_hold = same_file and document.reader == key.reader
        now = self._now(span.start, span.end)
        if span.end <= len(document.text) and text_hash(now.text) == key.text_sha256:
            if must_hold and document.blocks and now.place != key.place:
                return QuoteCheck(QuoteStatus.MISQUOTED, same_file, now=now, reason=_OTHER_PLACE)
            is_moved = (self._collection, document.path) != (span.collection, span.path)
            return QuoteCheck(QuoteStatus.MOVED if is_moved else QuoteStatus.UNCHANGED, same_file, now=now)
        quoted = words_of(key)
        if must_hold:
            return QuoteCheck(QuoteStatus.MISQUOTED, same_file, quoted, now if now.text else None, _OTHER_WORDS)
        if quoted is None:
            return QuoteCheck(QuoteStatus.UNCHECKED, same_file, reason=_NO_WORDS)
        return self._elsewhere(key, quoted, same_file=same_file)

    def _elsewhere(self, key: _Key, quoted: str, *, same_file: bool) -> QuoteCheck:
        start = self._text.occurrence(quoted, key.span.start)
        if start is not None:
            return QuoteCheck(QuoteStatus.MOVED, same_file, now=self._now(start, start + len(quoted)))
        nearest = self._text.nearest(quoted, key.span.start)
        alike = self._now(*nearest) if nearest else None
        if not same_file:
            return QuoteCheck(QuoteStatus.CHANGED, same_file, quoted, alike)
        reason = f"The file is the same, but is read by {self._document.reader} now, and was by {key.reader} then."
        return QuoteCheck(QuoteStatus.UNCHECKED, same_file, quoted, alike, reason)

    def _now(self, start: int, end: int) -> CurrentPlace:
        text = self._document.text[start:end]
        place = self._locator.locate(start, end) if text else None
        return CurrentPlace(self._collection, self._document.path, start, end, text, place)


_REMEMBERED = 8
"""Documents."""
_NO_FILE = "There is no such file."
_NO_WORDS = "The words that were quoted are not kept any more, so that they cannot be looked for."
_OTHER_WORDS = "The file is the one that was quoted, and never had these words there."
_OTHER_PLACE = "The file is the one that was quoted, and has these words at another place than the receipt says."


def _keys(receipt: Receipt) -> Iterator[_Key]:
    if receipt.is_intact:
        for each in receipt.statement.citations:
            yield _Key(each.span, each.text_sha256, each.reader, each.place)
