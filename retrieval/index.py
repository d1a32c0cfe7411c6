"""Index: a folder of documents that can be searched.

The store is the truth; the vectors' and the words' indexes are caches that catch up with it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from retrieval import folder, lexical, passages, readers, store
from retrieval.caches import Caches
from retrieval.confidence import DEFAULT, Calibration
from retrieval.errors import DocumentError, QuestionError, QuestionFault, StoreError
from retrieval.passages import Splitter
from retrieval.search import Search
from retrieval.store import Manifest, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from retrieval.encoder import Encoder
    from retrieval.reranker import Reranker
    from retrieval.search import Hit
    from retrieval.store import KeptQuote


class FileState(StrEnum):
    """What a sync did with a file."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file after a sync."""

    path: str
    state: FileState
    reason: str = ""
    """Why it was skipped or failed, and what to do."""
    passages: int = 0
    cut: int = 0
    """How many of its sentences were cut in parts, because they were too long."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync has come."""

    path: str
    done: int
    """Files."""
    total: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All files after a sync."""

    files: list[FileReport]
    rebuilt: str = ""
    """Why the whole index had to be made anew; empty if it had not."""

    def count(self, state: FileState) -> int:
        """How many files are in this state."""
        return sum(file.state is state for file in self.files)


def _silent(_: object) -> None:
    pass


class Index:
    """Documents that can be searched. May be used by one thread at a time.

    Args:
        data: the folder for everything that Quoth keeps.
        encoder: makes the vectors.
        reranker: orders the first hits instead of the encoder's token vectors, if given.

    Raises:
        StoreError: the data folder cannot be used.
    """

    def __init__(self, data: Path, encoder: Encoder, reranker: Reranker | None = None) -> None:
        self._data = data
        self._encoder = encoder
        self._splitter = Splitter(encoder.count_tokens, encoder.window)
        self._manifest = Manifest(
            format=store.FORMAT,
            model=encoder.fingerprint,
            dimension=encoder.dimension,
            passages=f"{passages.VERSION}.{lexical.VERSION}",
        )
        self._store = Store(data / "quoth.db")
        self._caches = Caches(data, encoder.dimension)
        self._search = Search(self._store, self._caches, encoder, reranker)

    def close(self) -> None:
        """Release the files."""
        self._store.close()

    def titles(self) -> dict[str, str]:
        """Path → title of every document."""
        return self._store.titles()

    # --- keeping up with the documents

    def sync(
        self,
        documents: Path,
        *,
        rebuild: bool = False,
        progress: Callable[[Progress], None] = _silent,
        message: Callable[[str], None] = _silent,
    ) -> SyncReport:
        """Make the index equal to the folder: only what is new or changed is read into it.

        Args:
            documents: the folder.
            rebuild: begin again from nothing.
            progress: called before each file.
            message: called with what a person who waits should know.

        Raises:
            SettingsError: there is no such folder.
            StoreError: the data folder cannot be written.
        """
        paths = folder.files(documents)
        with self._writing(message):
            rebuilt = self._prepare(rebuild=rebuild)
            if rebuilt:
                message(rebuilt)
            known = self._store.hashes()
            reports = []
            for done, path in enumerate(paths):
                progress(Progress(path, done, len(paths)))
                reports.append(self._sync_file(documents, path, known.get(path)))
            for path in known.keys() - set(paths):
                self._store.remove(path)
                reports.append(FileReport(path, FileState.REMOVED))
            self._caches.catch_up(self._store, writing=True)
        return SyncReport(sorted(reports, key=lambda report: report.path), rebuilt)

    @contextmanager
    def _writing(self, message: Callable[[str], None]) -> Iterator[None]:
        lock = FileLock(self._data / "write.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message("Another process is indexing; waiting for it to finish.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _prepare(self, *, rebuild: bool) -> str:
        """Empty the store if what is in it does not fit; say why."""
        found = self._store.manifest()
        if found == self._manifest and not rebuild:
            return ""
        self._store.clear(self._manifest)
        if found is None or rebuild:
            return ""
        if found.model != self._manifest.model:
            return "The index was made with another model. Indexing all documents anew."
        return "The index was made by another version of Quoth. Indexing all documents anew."

    def _sync_file(self, documents: Path, path: str, known: str | None) -> FileReport:
        if not readers.reads(path):
            return FileReport(path, FileState.SKIPPED, readers.refusal(path))
        try:
            data = readers.load(documents, path)
            if readers.fingerprint(data) == known:
                return FileReport(path, FileState.UNCHANGED)
            document = readers.read(path, data)
        except DocumentError as error:
            return FileReport(path, FileState.FAILED, str(error))
        split = self._splitter.split(document)
        sentences = [s for passage in split.passages for s in passage.sentences]
        self._store.put(
            document,
            split.passages,
            self._encoder.encode_passages([document.text[p.start : p.end] for p in split.passages]),
            self._encoder.encode_passages([document.text[s.start : s.end] for s in sentences]),
        )
        return FileReport(path, FileState.INDEXED, passages=len(split.passages), cut=split.cut)

    # --- searching

    @property
    def calibration(self) -> Calibration:
        """Of the confidence: what `calibrate` kept, else the default."""
        kept = self._store.calibration()
        return Calibration.from_json(kept) if kept else DEFAULT

    def calibrate(self, calibration: Calibration) -> None:
        """Keep parameters of the confidence that were fitted to this index's model."""
        if self._store.manifest() is None:
            self._store.clear(self._manifest)
        self._store.keep_calibration(calibration.to_json())

    def search(self, question: str, k: int, hidden: Collection[str] = ()) -> list[Hit]:
        """The passages that are most likely to answer, best first: k, or some more that ranking needed.

        Args:
            question: what is asked.
            k: how many the caller wants; fewer come if there are not so many.
            hidden: paths of documents to act as if they were not there.

        Raises:
            QuestionError: the question is longer than the encoder can read at once.
            StoreError: nothing has been indexed yet, or it was with another model.
        """
        if self._store.manifest() != self._manifest:
            raise StoreError("There is no index that fits this model yet. Run `quoth index` first.")
        (tokens,) = self._encoder.count_tokens([question])
        if tokens > self._encoder.window:
            excess = tokens - self._encoder.window
            message = f"The question is too long for the model by {excess:,} tokens. Ask more briefly."
            raise QuestionError(message, QuestionFault.TOO_LONG)
        self._caches.catch_up(self._store, writing=False)
        return self._search.hits(question, k, self._store.passage_ids_of(hidden))

    # --- answers that were given

    def keep(self, answer_id: str, hits: Sequence[Hit]) -> None:
        """Keep the hits that an answer quotes, so that `kept` gives them also after a restart.

        Raises:
            StoreError: the data folder cannot be written.
        """
        self._store.keep_quotes(answer_id, [(hit.sentence.id, hit.score) for hit in hits], time.time())

    def kept(self, answer_id: str) -> list[KeptQuote]:
        """What was kept of an answer in the last 30 days, less what its documents do not say any more."""
        return self._store.kept_quotes(answer_id)
