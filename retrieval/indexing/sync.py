"""Sync: makes a collection in the database equal to its folder, reading no more than it must.

Files are compared by the SHA-256 of their bytes. A moved file keeps its vectors; of a changed file, only the new
sentences are encoded. Each document is written in one transaction.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from retrieval.documents import folder, readers
from retrieval.errors import DocumentError, DocumentFault
from retrieval.indexing.sentence_encoder import CHUNK, ReadFile, SentenceEncoder
from retrieval.indexing.withheld import WithheldCause, withhold
from retrieval.storage.records import DEFAULT_COLLECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from retrieval.documents.document import Document, Omission
    from retrieval.documents.passages import Splitter
    from retrieval.documents.readers.limits import Limits
    from retrieval.encoding.encoder import Encoder
    from retrieval.indexing.withheld import Withheld
    from retrieval.sources.collection_files import CollectionFiles
    from retrieval.storage.records import Collection
    from retrieval.storage.store import Store


class Reader(Protocol):
    """Reads documents, as an `IsolatedReader` does."""

    limits: Limits

    def read(self, path: str, data: bytes) -> Document:
        """Read a document from the bytes of the file at `path`.

        Raises:
            DocumentError: it cannot be read.
        """

    def close(self) -> None:
        """Release processes and memory; it may be used again."""


class FileState(StrEnum):
    """The result of a sync for a file."""

    INDEXED = "indexed"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file after a sync."""

    path: str
    """Relative to the collection's folder, with forward slashes."""
    state: FileState
    reason: str = ""
    """Why it was skipped or failed, and what to do."""
    fault: DocumentFault | None = None
    """The same, for other languages."""
    passages: int = 0
    cut: int = 0
    """Sentences that were cut in parts, because they were too long."""
    encoded: int = 0
    """Passages and sentences that had no vector yet."""
    moved_from: str = ""
    """Its path before."""
    collection: str = DEFAULT_COLLECTION
    characters: int = 0
    """Of its text."""
    left_out: Mapping[Omission, int] = field(default_factory=dict, hash=False)
    """The characters, without white space, that the reader left out on purpose."""
    is_known: bool = field(default=False, compare=False)
    """Whether it failed the last time, too, for the same reason."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a sync."""

    path: str
    """Of the file that is being read."""
    done: float
    """Bytes of new and changed files; a file that is half encoded counts half."""
    total: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All files of a collection after a sync."""

    files: list[FileReport]
    rebuilt: str = ""
    """Why the whole index had to be made anew; empty if it had not."""
    withheld: tuple[Withheld, ...] = ()
    """Removals that a person has to confirm."""

    def count(self, state: FileState) -> int:
        """Count the files in this state."""
        return sum(file.state is state for file in self.files)


def find_differences(collection: Collection, store: Store, collection_files: CollectionFiles) -> list[str]:
    """List the files that the next sync of the collection would read or remove."""
    known = store.documents.read_hashes(collection)
    failures = store.failures.read(collection)
    files = [path for path in collection_files.list_files().files if readers.reads(path)]
    different = list(known.keys() - set(files))
    for path in files:
        with suppress(DocumentError):
            sha256, _ = collection_files.measure(path)
            attempt = _attempt(path, sha256, collection_files.limits)
            if known.get(path) != sha256 and failures.get(path, ("", None))[0] != attempt:
                different.append(path)
    return sorted(different)


@dataclass(frozen=True, slots=True)
class Removals:
    """Which documents a sync may remove, if it looks as though they were lost by accident."""

    are_confirmed: bool = False
    """Whether a person has said that all may go."""
    deleted: Container[str] = ()
    """Paths of files that were deleted on purpose."""


UNCONFIRMED = Removals()


@dataclass(slots=True)
class _Plan:
    """The differences between a folder and its collection."""

    files: list[FileReport]
    """About which there is nothing to do."""
    gone: dict[str, str]
    """Path → SHA-256 of documents without a file."""
    moves: dict[str, str] = field(default_factory=dict)
    """New path → former path."""
    to_read: dict[str, int] = field(default_factory=dict)
    """Path → size of new and changed files."""


@dataclass
class Sync:
    """One run; the caller holds the lock for writing."""

    collection: Collection
    """As it was the last time."""
    files: CollectionFiles
    """That it is to be equal to."""
    store: Store
    reader: Reader
    splitter: Splitter
    encoder: Encoder
    progress: Callable[[Progress], None]
    """Called again and again while files are read and encoded."""
    removals: Removals
    is_rebuild: bool
    """Whether to begin again from nothing."""
    withheld: Withheld | None = field(default=None, init=False)
    _known: dict[str, str] = field(default_factory=dict, init=False)
    """Path → SHA-256 of all documents."""
    _failures: dict[str, tuple[str, DocumentError]] = field(default_factory=dict, init=False)
    _unopened: dict[str, DocumentError] = field(default_factory=dict, init=False)
    """Path → why it could not be opened, where that is new."""
    _titles: dict[str, str] = field(default_factory=dict, init=False)
    _done: float = field(default=0.0, init=False)
    _total: int = field(default=0, init=False)

    @property
    def folder(self) -> Path:
        """The folder of the files."""
        return self.files.folder

    def run(self) -> Iterator[FileReport]:
        """Compare, then remove what is gone, then read what is new; yields each file once the database has it."""
        plan = self._compare_all()
        self.withheld = self._withhold(plan)
        if self.withheld and (self.is_rebuild or self.withheld.cause is WithheldCause.OTHER_FOLDER):
            return
        self.collection = self.store.collections.save(self.collection.name, self.folder)
        if self.is_rebuild:
            self.store.documents.remove(self.collection)
            self.store.spare_vectors.clear(also_former=True)
            plan = self._compare_all()
        yield from plan.files
        for path, former in plan.moves.items():
            self.store.documents.move(self.collection, former, path)
            yield FileReport(path, FileState.MOVED, moved_from=former)
        for path in plan.gone:
            if not self.withheld or self._is_deliberate(path):
                self._remove(path)
                yield FileReport(path, FileState.REMOVED)
        self._total = sum(plan.to_read.values())
        yield from self._read_all(plan.to_read)
        self.store.failures.forget(self.collection, self._failures)  # of files that were repaired or are gone
        for path, error in self._unopened.items():
            self.store.failures.save(self.collection, path, "", error)
        self.store.spare_vectors.clear()

    def _compare_all(self) -> _Plan:
        """Compare the folder with the collection, reading bytes but no text."""
        listing = self.files.list_files()
        self._known = self.store.documents.read_hashes(self.collection)
        self._failures = self.store.failures.read(self.collection)
        self._titles = self._read_titles()
        retitled = self._find_retitled()
        there = set(listing.files)
        plan = _Plan(
            files=[self._report_unopened(path, error) for path, error in listing.unreadable.items()],
            gone={
                path: sha256
                for path, sha256 in self._known.items()
                if path not in there and not _is_below(path, listing.unreadable)
            },
        )
        for path in listing.files:
            if report := self._compare(path, plan, is_retitled=path in retitled):
                plan.files.append(report)
        return plan

    def _withhold(self, plan: _Plan) -> Withheld | None:
        """Find out whether the removals of a plan have to be confirmed first."""
        if self.removals.are_confirmed:
            return None
        in_folder = [report for report in plan.files if not readers.is_page(report.path)]
        is_empty = (
            not self.files.listed.is_there
            and all(map(readers.is_page, plan.to_read))
            and not plan.moves
            and not any(report.path in self._known or report.state is FileState.FAILED for report in in_folder)
        )
        return withhold(
            self.collection,
            self.folder,
            gone=sum(not self._is_deliberate(path) for path in plan.gone),
            replaced=sum(path in self._known for path in plan.to_read),
            known=len(self._known),
            is_empty=is_empty,
        )

    def _is_deliberate(self, path: str) -> bool:
        """Decide whether a person has removed a document: a page goes by a command, or with a line of sources.txt."""
        return path in self.removals.deleted or (readers.is_page(path) and path not in self.files.leaving)

    def _remove(self, path: str) -> None:
        """Remove a document, and keep its vectors for a while, in case that it comes back."""
        former = self.store.vectors.read_by_text(self.collection, path, "")
        self.store.spare_vectors.save(former, is_former=True)
        self.store.documents.remove(self.collection, path)

    def _compare(self, path: str, plan: _Plan, *, is_retitled: bool) -> FileReport | None:
        """Compare a file without reading its text; if that is not enough, plan to read or to move it."""
        if not readers.reads(path):
            refusal = readers.explain_refusal(path)
            return FileReport(path, FileState.SKIPPED, str(refusal), refusal.fault)
        try:
            sha256, size = self.files.measure(path)
        except DocumentError as error:
            return self._report_unopened(path, error)
        if self._known.get(path) == sha256 and not is_retitled:
            return FileReport(path, FileState.UNCHANGED)
        attempt, failure = self._failures.pop(path, ("", None))
        if failure and attempt == _attempt(path, sha256, self.reader.limits):
            return self._report_failure(path, failure, is_known=True)
        moved_from = next((old for old, old_sha256 in plan.gone.items() if old_sha256 == sha256), None)
        if moved_from is not None and path not in self._known:
            del plan.gone[moved_from]
            plan.moves[path] = moved_from
            return None
        plan.to_read[path] = size
        return None

    def _read_titles(self) -> dict[str, str]:
        """Read the titles in the database, which takes over those that an older Quoth kept in the folder."""
        is_same = self.folder == self.collection.folder  # another one may not be its folder at all
        if is_same and (older := folder.read_titles(self.folder, self.reader.limits)):
            self.store.titles.add(self.collection.name, older)
            with suppress(OSError):  # such as where the folder may only be read
                (self.folder / folder.TITLES).unlink()
        return self.store.titles.read(self.collection.name)

    def _find_retitled(self) -> set[str]:
        """Find the documents that a person has given another title since they were read."""
        documents = self.store.documents.all() if self._titles else ()
        own = [document for document in documents if document.collection == self.collection.name]
        return {document.path for document in own if self._titles.get(document.path, document.title) != document.title}

    def _report_unopened(self, path: str, error: DocumentError) -> FileReport:
        """Report a file or folder that cannot be opened, and remember it until the end."""
        name = path.encode("utf-8", "backslashreplace").decode()  # as no database takes what is not Unicode
        _, former = self._failures.pop(name, ("", None))
        if is_new := str(former) != str(error):
            self._unopened[name] = error
        return self._report_failure(path, error, is_known=not is_new)

    def _report_failure(self, path: str, error: DocumentError, *, is_known: bool = False) -> FileReport:
        kept = " Until then, answers come from its last good version." if path in self._known else ""
        state = FileState.SKIPPED if is_no_loss(path, error) else FileState.FAILED
        return FileReport(path, state, f"{error}{kept}", error.fault, is_known=is_known)

    def _read_all(self, sizes: Mapping[str, int]) -> Iterator[FileReport]:
        """Read files, and encode and write those together that have a chunk of text."""
        ready: list[ReadFile] = []
        for path, size in sizes.items():
            self.progress(Progress(path, self._done + sum(file.size for file in ready), self._total))
            read = self._read(path, size)
            if isinstance(read, FileReport):
                yield read
                self._done += size
                continue
            ready.append(read)
            if sum(len(file.document.text) for file in ready) >= CHUNK:
                yield from self._put_all(ready)
                ready = []
        yield from self._put_all(ready)

    def _read(self, path: str, size: int) -> ReadFile | FileReport:
        """Read a file, or report why it cannot be read."""
        try:
            data = self.files.load(path)
        except DocumentError as error:
            return self._report_unopened(path, error)
        try:
            document = self.reader.read(path, data)
        except DocumentError as error:
            attempt = _attempt(path, readers.fingerprint(data), self.reader.limits)
            self.store.failures.save(self.collection, path, attempt, error)
            return self._report_failure(path, error)
        document = replace(document, title=self._titles.get(path, document.title))
        known = self.store.vectors.read_by_text(self.collection, path, document.sha256)
        return ReadFile.of(document, self.splitter.split(document), known, size)

    def _put_all(self, files: Sequence[ReadFile]) -> Iterator[FileReport]:
        """Encode the sentences of files that have no vectors yet, and write one file after the other."""
        if not files:
            return
        encoder = SentenceEncoder(self.encoder, self.store.spare_vectors)
        size = sum(file.size for file in files)
        for share in encoder.encode(files):
            self.progress(Progress(files[-1].document.path, self._done + size * share, self._total))
        for file in files:
            vectors = {**encoder.vectors, **file.known}
            self.store.documents.put(self.collection, file.document, file.split.passages, vectors)
            # A document that is put back as it was costs nothing.
            self.store.spare_vectors.save(file.former, is_former=True)
            self._done += file.size
            yield FileReport(
                file.document.path,
                FileState.INDEXED,
                passages=len(file.split.passages),
                encoded=len(file.missing),
                cut=file.split.cut,
                characters=len(file.document.text),
                left_out=file.document.left_out,
            )


def is_no_loss(path: str, error: DocumentError) -> bool:
    """Tell whether a file that failed is a picture without text: most in a folder of documents show something else."""
    return error.fault is DocumentFault.EMPTY and readers.is_picture(path)


def _attempt(path: str, sha256: str, limits: Limits) -> str:
    """Name bytes, limits and reader: reading the same with the same would fail again."""
    return f"{sha256} {limits} {readers.name_reader(path)}"


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(path.startswith(folder) or folder == "." for folder in folders)
