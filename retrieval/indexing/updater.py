"""The search indexes, BM25 and vectors: how searches open them, and how they catch up with the database.

The vector store decides where vectors lie. BM25 lies in files of the data folder whatever the vector store, so that
words count the same everywhere. A process may be killed at any moment: to catch up twice does no harm.

A search has `SearchIndexes`; the holder of the lock for writing has an `IndexUpdater`. They share only the vector
store and the files.
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from filelock import FileLock

from retrieval.errors import StoreError, UnreachableError
from retrieval.indexing.bm25 import Bm25Entry, Bm25Index, passage_terms
from retrieval.indexing.sync import FileReport, FileState, find_differences, is_no_loss
from retrieval.indexing.vector_store import SAVE_SHARE, FileGenerations
from retrieval.sources.collection_files import CollectionFiles
from retrieval.storage.records import IndexState
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from retrieval.documents.readers.limits import Limits
    from retrieval.indexing.vector_store import VectorReport, VectorSearcher, VectorStore
    from retrieval.storage.records import Collection

_LOCK = "caches.lock"
"""Of the one process on this machine that may write the files."""
_MAX_BEHIND = 10_000
"""Generations whose removals are kept: an index that is further behind is made anew."""
_CATCH_UP_S = 2.0
"""Pause between updates while a sync runs: in between, others find new documents by their vectors only."""
_RETRY_S = 60.0
"""The same, after the vector store did not answer."""
_LONG_SYNC_SHARE = 0.5
"""Of the vectors that must be new to be written while a sync runs: a long sync then writes each twice."""


class SearchIndexes:
    """The indexes that a search reads beside the database; for one thread at a time. BM25 lies in `folder`."""

    def __init__(self, folder: Path, store: Store, vectors: VectorStore) -> None:
        self._store = store
        self._vectors = vectors
        self._shown = IndexState()
        self.words = Bm25Index(folder / "lexical")
        self.collections: list[Collection] = []
        self.languages: list[str] = []
        """Of all passages; like the collections, read only when the generation changes."""

    def refresh(self) -> IndexState:
        """Show what is there now."""
        self.words.reload()  # before the vectors: each passage that the words find must have some
        state = self._store.log.read_state()
        if (state.identity, state.generation) != (self._shown.identity, self._shown.generation):
            self.collections = self._store.collections.all()
            self.languages = self._store.passages.read_languages()
            self._shown = state
        return state

    def searcher(self, state: IndexState, collections: Sequence[Collection]) -> VectorSearcher:
        """Open the vectors of these collections."""
        return self._vectors.searcher(self._store, state, collections)


class IndexUpdater:
    """Updates BM25 in `folder` and the vectors; only for the thread that holds the lock for writing.

    Raises:
        StoreError: from every method, if a file cannot be written.
        UnreachableError: from every method, if the vector store does not answer.
    """

    def __init__(self, folder: Path, store: Store, vectors: VectorStore) -> None:
        self._folder = folder
        self._store = store
        self._vectors = vectors
        self._words = Bm25Index(folder / "lexical")

    def remove_leftovers(self) -> None:
        """Delete the partial files of a process that was killed while it wrote."""
        # Older versions had vectors of passages, too.
        for leftover in (*self._folder.glob("*.partial"), *self._folder.glob("passages-*.faiss")):
            leftover.unlink(missing_ok=True)

    def catch_up(self, collection: Collection, share: float = SAVE_SHARE) -> None:
        """Update all indexes after a change of a collection; `share` as for `VectorStore.catch_up`."""
        with self._writing():
            self._catch_up_words()
            self._vectors.catch_up(self._store, collection, share)
        self._prune()

    def rewrite(self, collection: Collection) -> None:
        """Write the files anew: after a removal, they may hold parts of the document for a long time."""
        with self._writing():
            state = self._store.log.read_state()
            self._words.clear()
            self._add_words(0, state)
            replace(FileGenerations.read(self._folder, state.identity), lexical=state.generation).write(self._folder)
            self._vectors.catch_up(self._store, collection, share=0)

    def catch_up_during(self, sync: Iterator[FileReport], collection: Collection) -> Iterator[FileReport]:
        """Update the indexes now and then, so that a long sync can be searched while it runs."""
        next_time = time.monotonic() + _CATCH_UP_S
        for report in sync:
            yield replace(report, collection=collection.name)
            if time.monotonic() > next_time:
                try:
                    self.catch_up(collection, share=_LONG_SYNC_SHARE)
                    pause = _CATCH_UP_S
                except UnreachableError:
                    # The documents are kept all the same; if it lasts until the end, the sync says so.
                    pause = _RETRY_S
                next_time = time.monotonic() + pause

    def follow(self) -> None:
        """Update this machine's files after another machine has indexed."""
        with self._writing():
            self._catch_up_words()
            for collection in () if self._vectors.is_shared else self._store.collections.all():
                self._vectors.catch_up(self._store, collection, SAVE_SHARE)

    def drop(self, collection: Collection) -> None:
        """Delete a collection that is no longer in the database."""
        with self._writing():
            self._words.drop(collection.id)
        self._vectors.drop(self._store, collection)

    def check(self) -> VectorReport:
        """Compare all indexes with the database; the next sync repairs every damage."""
        report, state = self._vectors.check(self._store), self._store.log.read_state()
        files = FileGenerations.read(self._folder, state.identity)
        if not state.generation:  # nothing was ever indexed, so there is nothing to show
            return report
        if not FileGenerations.exists(self._folder):
            return replace(report, damages=("The files for searching are missing.",))
        if not files.lexical:
            return replace(report, damages=("The files for searching are damaged, or of another index.",))
        if files.lexical != state.generation:
            return replace(report, damages=(*report.damages, "The index of words is behind the database."))
        if not self._has_all_words():
            return replace(report, damages=(*report.damages, "The index of words is damaged."))
        return report

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Lock the files on this machine: the holder of the lock for writing may be on another."""
        try:
            with FileLock(self._folder / _LOCK):
                yield
        except OSError as error:
            reason = error.strerror or "a file cannot be written"
            message = (
                f"Cannot write the index's files in {self._folder}: {reason}. Free some space, "
                "check the permissions, and do it again: what was indexed before is still there."
            )
            raise StoreError(message) from error

    def _catch_up_words(self) -> None:
        state = self._store.log.read_state()
        files = FileGenerations.read(self._folder, state.identity)
        if files.lexical >= state.oldest_change:
            self._add_words(files.lexical, state)
        if files.lexical < state.oldest_change or not self._has_all_words():
            self._words.clear()
            self._add_words(0, state)
        replace(files, lexical=state.generation).write(self._folder)

    def _has_all_words(self) -> bool:
        return len(self._words) == self._store.documents.count().passages

    def _add_words(self, shown: int, state: IndexState) -> None:
        if shown == state.generation:
            return
        removed, added = [], []
        for collection in self._store.collections.all():
            changes = self._store.log.read_changes(shown, collection)
            removed += [removal.document_id for removal in changes.removals]
            added += [(collection, document_id) for document_id in changes.document_ids]
        self._words.update([*removed, *(document_id for _, document_id in added)], self._entries(added))

    def _entries(self, documents: Sequence[tuple[Collection, int]]) -> Iterator[Bm25Entry]:
        for collection, document_id in documents:
            for passage in self._store.passages.read_document(document_id):
                # Its title and heading help to find a passage; they are no part of its text.
                indexed = f"{passage.title}\n{passage.heading or ''}\n{passage.text}"
                terms = passage_terms(indexed, passage.language)
                yield Bm25Entry(passage.id, document_id, collection.id, terms)

    def _prune(self) -> None:
        """Delete removals that all indexes show, but the newest: the files of another machine may be behind."""
        generations = self._vectors.generations(self._store)
        shown = [generations.get(collection.id, 0) for collection in self._store.collections.all()]
        oldest_change = min(shown, default=0) - _MAX_BEHIND
        if oldest_change > self._store.log.read_state().oldest_change:
            self._store.log.prune(oldest_change)


@dataclass(frozen=True, slots=True)
class Health:
    """The checks of `quoth doctor`."""

    folder: Path
    """Where the files of BM25 are."""
    reading: Callable[[], AbstractContextManager[Store]]
    """Gives the database for a moment."""
    vectors: VectorStore
    limits: Limits
    """On the files that can be read."""

    def find_damages(self) -> list[str]:
        """Check the whole database, and describe each damage; an empty list if it is sound."""
        with self.reading() as store:
            return store.database.find_damages()

    def check_indexes(self) -> VectorReport:
        """Compare all indexes with the database; errors are those of `IndexUpdater.check`."""
        with self.reading() as store:
            return IndexUpdater(self.folder, store, self.vectors).check()

    def count_documents(self) -> int:
        """Count the documents of all collections."""
        with self.reading() as store:
            return store.documents.count().documents

    def list_failures(self) -> list[FileReport]:
        """List the files that the last sync could not read."""
        with self.reading() as store:
            return _list_failures(store)

    def list_differences(self) -> dict[str, list[str]]:
        """List the new, changed and gone files of each collection whose folder is there."""
        with self.reading() as store:
            collections = [collection for collection in store.collections.all() if collection.folder.is_dir()]
            return {it.name: find_differences(it, store, self._open_files(it, store)) for it in collections}

    def _open_files(self, collection: Collection, store: Store) -> CollectionFiles:
        return CollectionFiles.open(self.folder, collection.folder, collection.name, store, self.limits)


def list_failures(data: Path, database: str = "") -> list[FileReport]:
    """List the files that the last sync could not read, without an index.

    Args:
        data: the folder for everything that Quoth keeps.
        database: the URL of a database to use instead of a file there, if any.

    Raises:
        StoreError: the database cannot be used.
    """
    with closing(Store(data, database)) as store:
        return _list_failures(store)


def _list_failures(store: Store) -> list[FileReport]:
    return [
        FileReport(path, FileState.FAILED, str(error), error.fault, collection=collection.name)
        for collection in store.collections.all()
        for path, (_, error) in store.failures.read(collection).items()
        if not is_no_loss(path, error)
    ]
