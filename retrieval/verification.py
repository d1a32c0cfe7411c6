"""Verification: are the words that a receipt quotes still where it says, and did they ever stand there?

The files are read again; nothing that the index keeps is trusted. Each file is read once, however many receipts quote
it, and each quote is compared once, however often it was given.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import chain
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache

from retrieval import folder, readers, store
from retrieval.documents import Document
from retrieval.errors import DocumentError
from retrieval.receipts import Span, text_hash
from retrieval.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from retrieval.documents import Place
    from retrieval.receipts import Receipt, Receipts
    from retrieval.sync import Reader


class State(StrEnum):
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
    FALSE = "false"
    """They never stood there, or the receipt is not the one that was given."""


@dataclass(frozen=True, slots=True)
class Now:
    """Where the words stand now, or what comes nearest to them; offsets are into the file's text, end exclusive."""

    collection: str
    path: str
    start: int
    end: int
    text: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a quote."""

    state: State
    same_file: bool
    """Whether there is a file of the same bytes, perhaps under another path."""
    quoted: str | None = None
    """The words that were quoted, unless they are `now.text`; None also if they were altered."""
    now: Now | None = None
    """None if nothing there is like them."""
    reason: str = ""
    """Why it could not be checked."""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of the quotes of a receipt."""

    receipt: Receipt
    findings: tuple[Finding, ...]
    """For each citation; none if the receipt was altered."""

    @property
    def state(self) -> State:
        """The worst of its quotes'; `false` also if the receipt itself was altered."""
        if not self.receipt.is_intact:
            return State.FALSE
        states = list(State)
        return max((each.state for each in self.findings), key=states.index, default=State.UNCHANGED)


class Change(NamedTuple):
    """A part of two texts: what the old one says, and what the new one says instead."""

    old: str
    new: str

    @property
    def is_none(self) -> bool:
        """Whether both say the same."""
        return self.old == self.new


def changes(old: str, new: str) -> list[Change]:
    """Two texts, word by word."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [Change("".join(before[a:b]), "".join(after[c:d])) for _, a, b, c, d in steps]


class _Key(NamedTuple):
    """What there is to check of a citation: once, however many receipts have it."""

    span: Span
    text_sha256: str
    reader: str

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
    """

    def __init__(self, data: Path, receipts: Receipts, reader: Reader, *, is_quick: bool = False) -> None:
        self._receipts = receipts
        self._store = Store(data / store.FILE)
        self._reader = reader
        self._is_quick = is_quick
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
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Iterator[Check]:
        """Many receipts, in their order.

        Args:
            receipts: called twice, and gives the same each time, so that they need not all fit into memory.
            progress: called with how many files have been read, and how many there are.

        Raises:
            StoreError: the data folder cannot be read.
        """
        self._elsewhere = None
        keys: dict[tuple[str, str, str], set[_Key]] = defaultdict(set)
        for key in chain.from_iterable(map(_keys, receipts())):
            keys[key.file].add(key)
        found: dict[_Key, Finding] = {}
        for done, same_file in enumerate(keys.values()):
            progress(done, len(keys))
            found |= self._compare(same_file)
        progress(len(keys), len(keys))
        for receipt in receipts():
            yield Check(receipt, tuple(found[key] for key in _keys(receipt)))

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
        # The receipts may come from somebody else's export.
        if at is None or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise DocumentError(_NO_FILE)
        return folder.load(at, path, self._reader.limits)

    def _stored(self, path: str, sha256: str) -> Document | None:
        """What the index has of it: the text, without its blocks."""
        if not self._is_quick or not readers.reads(path):
            return None
        reader = readers.reader_of(path)
        text = self._store.text_of(sha256, reader)
        return None if text is None else Document(path, sha256, reader, None, text, ())

    def _is_there(self, collection: str, path: str) -> bool:
        at = self._folders().get(collection)
        return at is not None and os.path.lexists(at / path)

    def _fingerprint(self, collection: str, path: str) -> str | None:
        try:
            return readers.fingerprint(self.file(collection, path))
        except DocumentError:
            return None

    def _where(self, file: tuple[str, str, str]) -> tuple[str, str] | None:
        """Collection and path of a file of these bytes, at its old place if it can be."""
        collection, path, sha256 = file
        candidates = chain(
            [(collection, path)], self._store.paths_of(sha256), self._all_files().get(sha256, ())
        )
        return next((each for each in candidates if self._fingerprint(*each) == sha256), None)

    def _all_files(self) -> dict[str, list[tuple[str, str]]]:
        """SHA-256 → collections and paths of all files that there are now."""
        if self._is_quick:
            return {}
        if self._elsewhere is None:
            self._elsewhere = defaultdict(list)
            for collection, at in self._folders().items():
                for path in folder.listing(at).files if at.is_dir() else ():
                    self._elsewhere[self._fingerprint(collection, path) or ""].append((collection, path))
        return self._elsewhere

    def _folders(self) -> dict[str, Path]:
        return {each.name: each.folder for each in self._store.collections()}

    # --- the comparison

    def _compare(self, keys: set[_Key]) -> dict[_Key, Finding]:
        """Quotes of one file."""
        file = next(iter(keys)).file
        where = self._where(file)
        collection, path = where or file[:2]
        if where is None and not self._is_there(collection, path):
            return {key: Finding(State.GONE, same_file=False, quoted=self._quoted(key)) for key in keys}
        try:
            document = self.document(collection, path)
        except DocumentError as error:
            unread = Finding(State.UNCHECKED, same_file=where is not None, reason=str(error))
            return {key: replace(unread, quoted=self._quoted(key)) for key in keys}
        return {key: self._compared(key, collection, document) for key in keys}

    def _compared(self, key: _Key, collection: str, document: Document) -> Finding:
        span, text = key.span, document.text
        same_file = document.sha256 == span.document_sha256
        there = text[span.start : span.end]
        if text_hash(there) == key.text_sha256:
            is_moved = (collection, document.path) != (span.collection, span.path)
            now = _now(collection, document, span.start, span.end)
            return Finding(State.MOVED if is_moved else State.UNCHANGED, same_file, now=now)
        quoted = self._quoted(key)
        if same_file and document.reader == key.reader:
            now = _now(collection, document, span.start, span.end)
            return Finding(State.FALSE, same_file, quoted, now)
        starts = _occurrences(text, quoted) if quoted else []
        if starts:
            start = min(starts, key=lambda each: abs(each - span.start))
            return Finding(
                State.MOVED, same_file, now=_now(collection, document, start, start + len(quoted or ""))
            )
        nearest = _nearest(text, quoted) if quoted else None
        alike = _now(collection, document, *nearest) if nearest else None
        if same_file:
            reason = f"The file is the same, but is read otherwise now: by {document.reader}, then by {key.reader}."
            return Finding(State.UNCHECKED, same_file, quoted, alike, reason)
        return Finding(State.CHANGED, same_file, quoted, alike)

    def _quoted(self, key: _Key) -> str | None:
        return self._receipts.text(key.text_sha256)


_REMEMBERED = 8
"""Documents."""
_NO_FILE = "There is no such file."
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]|\w+|\s+|[^\w\s]")
"""Scripts without spaces by the letter."""
_LEAST_ALIKE = 3
"""Words in a row that must be the same for a text to be what a quote has become."""


def _keys(receipt: Receipt) -> Iterator[_Key]:
    if receipt.is_intact:
        for each in receipt.statement.citations:
            yield _Key(each.span, each.text_sha256, each.reader)


def _now(collection: str, document: Document, start: int, end: int) -> Now:
    text = document.text[start:end]
    return Now(collection, document.path, start, end, text, document.place(start, end))


def _occurrences(text: str, quoted: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(quoted), text)]


def _nearest(text: str, quoted: str) -> tuple[int, int] | None:
    """Where the text is most like the quoted one: around the longest row of words that both have."""
    spans = [match.span() for match in _WORD.finditer(text)]
    there, wanted = [text[start:end] for start, end in spans], _WORD.findall(quoted)
    match = SequenceMatcher(None, wanted, there, autojunk=False).find_longest_match()
    if sum(not word.isspace() for word in wanted[match.a : match.a + match.size]) < _LEAST_ALIKE:
        return None
    first = max(0, match.b - match.a)
    last = min(len(spans), match.b - match.a + len(wanted)) - 1
    return spans[first][0], spans[last][1]
