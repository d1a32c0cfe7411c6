"""Sync: makes a collection in the store equal to its folder, reading no more than it must.

Files are compared by the SHA-256 of their bytes. One that only moved keeps its vectors; of one that changed, only
the sentences that are new are encoded. Each document goes into the store in one transaction.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from retrieval.documents import folder, readers
from retrieval.errors import DocumentError
from retrieval.storage.records import DEFAULT_COLLECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from retrieval.documents.document import Document
    from retrieval.documents.passages import Splitter
    from retrieval.documents.readers.limits import Limits
    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.vectors import Vectors
    from retrieval.errors import DocumentFault
    from retrieval.storage.records import Collection
    from retrieval.storage.store import Store

_CHUNK = 50_000
"""Characters that are encoded between two reports of progress: a few seconds of work on two cores."""


class Reader(Protocol):
    """Reads documents, as an `IsolatedReader` does."""

    limits: Limits

    def read(self, path: str, data: bytes) -> Document:
        """The document that the bytes of the file at `path` hold.

        Raises:
            DocumentError: it cannot be read.
        """

    def close(self) -> None:
        """Give back what reading took; it may be used again."""


class FileState(StrEnum):
    """What a sync did with a file."""

    INDEXED = "indexed"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file after a sync."""

    path: str
    """Relative to the collection's folder, with forward slashes."""
    state: FileState
    reason: str = ""
    """Why it was skipped or failed, and what to do."""
    fault: DocumentFault | None = None
    """The same, for those who say it in another language."""
    passages: int = 0
    cut: int = 0
    """How many of its sentences were cut in parts, because they were too long."""
    encoded: int = 0
    """How many of its passages and sentences had no vector yet."""
    moved_from: str = ""
    """The path that it had before."""
    collection: str = DEFAULT_COLLECTION
    """Which it belongs to."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync has come."""

    path: str
    """What is being read."""
    done: float
    """Bytes of new and changed files, as far as a file's share that is encoded says."""
    total: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All files of a collection after a sync."""

    files: list[FileReport]
    rebuilt: str = ""
    """Why the whole index had to be made anew; empty if it had not."""

    def count(self, state: FileState) -> int:
        """How many files are in this state."""
        return sum(file.state is state for file in self.files)


def differences(collection: Collection, store: Store, limits: Limits) -> list[str]:
    """Paths of the files that the next sync of the collection would read or take out."""
    known = store.documents.hashes(collection)
    failures = store.failures.of(collection)
    files = [path for path in folder.listing(collection.folder).files if readers.reads(path)]
    found = list(known.keys() - set(files))
    for path in files:
        try:
            sha256 = readers.fingerprint(folder.load(collection.folder, path, limits))
        except DocumentError:
            continue
        if known.get(path) != sha256 and failures.get(path, ("", None))[0] != _attempt(sha256, limits):
            found.append(path)
    return sorted(found)


class Sync:
    """One run.

    Args:
        collection: with the folder that it is to be equal to.
        store: where it goes; the caller holds the lock for writing.
        reader: reads new and changed files.
        splitter: cuts them.
        encoder: makes their vectors.
        progress: called again and again while files are read and encoded.
    """

    def __init__(
        self,
        collection: Collection,
        store: Store,
        reader: Reader,
        splitter: Splitter,
        encoder: Encoder,
        *,
        progress: Callable[[Progress], None],
    ) -> None:
        self._collection = collection
        self._store = store
        self._reader = reader
        self._splitter = splitter
        self._encoder = encoder
        self._progress = progress
        self._failures: dict[str, tuple[str, DocumentError]] = {}
        self._titles: dict[str, str] = {}
        self._retitled: set[str] = set()
        self._done = 0.0
        self._total = 0

    def run(self) -> Iterator[FileReport]:
        """Compare, then take out what is gone, then read what is new; each file as soon as the store has it.

        Raises:
            StoreError: the data folder cannot be written.
        """
        listing = folder.listing(self._collection.folder)
        known = self._store.documents.hashes(self._collection)
        self._failures = self._store.failures.of(self._collection)
        self._titles = self._kept_titles()
        self._retitled = self._with_other_titles() if self._titles else set()
        for path, error in listing.unreadable.items():
            yield self._failed(path, error, is_known=False)
        there = set(listing.files)
        gone = {
            path: sha256
            for path, sha256 in known.items()
            if path not in there and not _is_below(path, listing.unreadable)
        }
        to_read: dict[str, int] = {}
        for path in listing.files:
            report = self._compared(path, known, gone, to_read)
            if report:
                yield report
        for path in gone:
            self._store.documents.remove(self._collection, path)
            yield FileReport(path, FileState.REMOVED)
        self._total = sum(to_read.values())
        for path, size in to_read.items():
            yield self._read(path, size, is_known=path in known)
            self._done += size
        self._store.failures.forget(self._collection, self._failures)  # of what was mended or is gone
        self._store.partial_vectors.clear()

    def _compared(
        self, path: str, known: Mapping[str, str], gone: dict[str, str], to_read: dict[str, int]
    ) -> FileReport | None:
        """What can be said of a file without reading its text; None if it has to be read.

        Args:
            path: the file's.
            known: path → SHA-256 of all documents.
            gone: of those whose files are not there any more; loses one that this file turns out to be.
            to_read: path → size of the files that have to be read; gets this one if it is one of them.
        """
        if not readers.reads(path):
            refusal = readers.refusal(path)
            return FileReport(path, FileState.SKIPPED, str(refusal), refusal.fault)
        try:
            data = self._load(path)
        except DocumentError as error:
            return self._failed(path, error, is_known=path in known)
        sha256 = readers.fingerprint(data)
        if known.get(path) == sha256 and path not in self._retitled:
            return FileReport(path, FileState.UNCHANGED)
        attempt, failure = self._failures.pop(path, ("", None))
        if failure and attempt == _attempt(sha256, self._reader.limits):
            return self._failed(path, failure, is_known=path in known)
        moved_from = next((old for old, each in gone.items() if each == sha256), None)
        if moved_from is not None and path not in known:
            del gone[moved_from]
            self._store.documents.move(self._collection, moved_from, path)
            return FileReport(path, FileState.MOVED, moved_from=moved_from)
        to_read[path] = len(data)
        return None

    def _kept_titles(self) -> dict[str, str]:
        """Those in the database, which takes over what an older Quoth kept in the folder."""
        place, name = self._collection.folder, self._collection.name
        if older := folder.titles(place, self._reader.limits):
            self._store.titles.add(name, older)
            with suppress(OSError):  # such as where the folder may only be read
                (place / folder.TITLES).unlink()
        return self._store.titles.of(name)

    def _with_other_titles(self) -> set[str]:
        """The documents that a person has given another title since they were read."""
        own = [each for each in self._store.documents.all() if each.collection == self._collection.name]
        return {each.path for each in own if self._titles.get(each.path, each.title) != each.title}

    def _load(self, path: str) -> bytes:
        return folder.load(self._collection.folder, path, self._reader.limits)

    def _failed(self, path: str, error: DocumentError, *, is_known: bool) -> FileReport:
        kept = " Until then, answers come from its last good version." if is_known else ""
        return FileReport(path, FileState.FAILED, f"{error}{kept}", error.fault)

    def _read(self, path: str, size: int, *, is_known: bool) -> FileReport:
        self._progress(Progress(path, self._done, self._total))
        try:
            data = self._load(path)
        except DocumentError as error:
            return self._failed(path, error, is_known=is_known)
        try:
            document = self._reader.read(path, data)
        except DocumentError as error:
            attempt = _attempt(readers.fingerprint(data), self._reader.limits)
            self._store.failures.save(self._collection, path, attempt, error)
            return self._failed(path, error, is_known=is_known)
        return self._put(replace(document, title=self._titles.get(path, document.title)), size)

    def _put(self, document: Document, size: int) -> FileReport:
        split = self._splitter.split(document)
        passages = [document.text[p.start : p.end] for p in split.passages]
        sentences = [document.text[s.start : s.end] for p in split.passages for s in p.sentences]
        vectors = self._store.vectors.by_text(self._collection, document.path, document.sha256)
        missing = [text for text in dict.fromkeys(passages + sentences) if text not in vectors]
        vectors |= self._encoded(document.path, missing, size)
        self._store.documents.put(
            self._collection,
            document,
            split.passages,
            np.stack([vectors[text] for text in passages]),
            np.stack([vectors[text] for text in sentences]),
        )
        return FileReport(
            document.path,
            FileState.INDEXED,
            passages=len(passages),
            encoded=len(missing),
            cut=split.cut,
        )

    def _encoded(self, path: str, texts: Sequence[str], size: int) -> dict[str, Vectors]:
        """Vectors of all these texts; those of a run that was interrupted are taken over."""
        vectors = self._store.partial_vectors.get(texts)
        missing = [text for text in texts if text not in vectors]
        characters = sum(map(len, missing))
        done = 0
        # Texts of about the same length are encoded together.
        for chunk in _chunks(sorted(missing, key=len, reverse=True)):
            new = dict(zip(chunk, self._encoder.encode_passages(chunk), strict=True))
            vectors |= new
            done += sum(map(len, chunk))
            if done < characters:
                self._store.partial_vectors.save(new)
            self._progress(Progress(path, self._done + size * done / characters, self._total))
        return vectors


def _attempt(sha256: str, limits: Limits) -> str:
    """Names the bytes and the limits: reading the same with the same would fail again."""
    return f"{sha256} {limits}"


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path.startswith(folder) or folder == "." for folder in folders)


def _chunks(texts: Sequence[str]) -> Iterable[list[str]]:
    chunk: list[str] = []
    characters = 0
    for text in texts:
        chunk.append(text)
        characters += len(text)
        if characters >= _CHUNK:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
