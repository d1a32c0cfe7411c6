"""The indexes that are made from the database, of vectors and of words, and how they catch up with it.

The vectors are where the vector store keeps them; the words are in files in the data folder, whatever the vector
store, so that words count the same everywhere. Catching up may be done twice without harm, so a process may die at
any moment.

Whoever searches has `SearchIndexes`; whoever holds the lock for writing has an `IndexUpdater`. The two share nothing
but the vector store and the files.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from filelock import FileLock

from retrieval.errors import StoreError
from retrieval.indexing.bm25 import Bm25Index, Entry, passage_terms
from retrieval.indexing.file_generations import FileGenerations
from retrieval.indexing.vector_store import SAVE_SHARE
from retrieval.storage.records import IndexState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.indexing.vector_store import VectorReport, VectorSearcher, VectorStore
    from retrieval.storage.records import Collection
    from retrieval.storage.store import Store

LOCK = "caches.lock"
"""Of the one process on this machine that may write the files."""
KEPT = 10_000
"""Generations whose removals are kept: what is further behind is made anew."""


class SearchIndexes:
    """What a search reads beside the database; for one thread at a time.

    Args:
        folder: where the words' files are.
        store: the truth.
        vectors: where they are searched.
    """

    def __init__(self, folder: Path, store: Store, vectors: VectorStore) -> None:
        self._store = store
        self._vectors = vectors
        self._shown = IndexState()
        self.words = Bm25Index(folder / "lexical")
        self.collections: list[Collection] = []
        self.languages: list[str] = []
        """Of all passages; like the collections, they change with the generation only, and are read when it does."""

    def refresh(self) -> IndexState:
        """See what is there now."""
        self.words.reload()  # before the vectors: what the words show must have some
        state = self._store.log.state()
        if (state.identity, state.generation) != (self._shown.identity, self._shown.generation):
            self.collections = self._store.collections.all()
            self.languages = self._store.passages.languages()
            self._shown = state
        return state

    def searcher(self, state: IndexState, collections: Sequence[Collection]) -> VectorSearcher:
        """Open the vectors of these collections."""
        return self._vectors.searcher(self._store, state, collections)


class IndexUpdater:
    """Lets vectors and words catch up; only for the process, and the thread, that holds the lock for writing.

    Args:
        folder: where the words' files are.
        store: the truth.
        vectors: where they are searched.
    """

    def __init__(self, folder: Path, store: Store, vectors: VectorStore) -> None:
        self._folder = folder
        self._store = store
        self._vectors = vectors
        self._words = Bm25Index(folder / "lexical")

    def sweep(self) -> None:
        """Delete what a process left behind that was killed while it wrote."""
        for partial in self._folder.glob("*.partial"):
            partial.unlink(missing_ok=True)

    def catch_up(self, collection: Collection, share: float = SAVE_SHARE) -> None:
        """Write what the database holds now.

        Args:
            collection: the one that was changed.
            share: of its sentences that must be new for the vectors to be written, if they are written many at once.

        Raises:
            StoreError: a file cannot be written.
            UnreachableError: the vector store does not answer.
        """
        with self._writing():
            self._catch_up_words()
            self._vectors.catch_up(self._store, collection, share)
        self._prune()

    def follow(self) -> None:
        """Write what another machine has indexed, whose own files nobody here can see, if that is much.

        Raises:
            StoreError: a file cannot be written.
        """
        with self._writing():
            self._catch_up_words()
            for collection in () if self._vectors.is_shared else self._store.collections.all():
                self._vectors.catch_up(self._store, collection, SAVE_SHARE)

    def drop(self, collection: Collection) -> None:
        """Forget a collection that is no longer in the database."""
        with self._writing():
            self._words.drop(collection.id)
        self._vectors.drop(self._store, collection)

    def check(self) -> VectorReport:
        """Say what the next sync has to mend before all indexes show what the database holds; none of it is lost.

        Raises:
            UnreachableError: the vector store does not answer.
        """
        report, state = self._vectors.check(self._store), self._store.log.state()
        files = FileGenerations.read(self._folder, state.identity)
        if not FileGenerations.exists(self._folder):
            return replace(report, damages=("The files for searching are missing.",))
        if not files.lexical:
            return replace(report, damages=("The files for searching are damaged, or of another index.",))
        if files.lexical != state.generation:
            return replace(report, damages=(*report.damages, "The index of words is behind the database."))
        if len(self._words) != self._store.documents.count().passages:
            return replace(report, damages=(*report.damages, "The index of words is damaged."))
        return report

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone on this machine: whoever holds the lock for writing may be on another."""
        try:
            with FileLock(self._folder / LOCK):
                yield
        except OSError as error:
            reason = error.strerror or "a file cannot be written"
            message = (
                f"Cannot write the index's files in {self._folder}: {reason}. Free some space, "
                "check the permissions, and do it again: what was indexed before is still there."
            )
            raise StoreError(message) from error

    def _catch_up_words(self) -> None:
        state = self._store.log.state()
        files = FileGenerations.read(self._folder, state.identity)
        shown = files.lexical
        if shown < state.oldest_change:
            self._words.clear()
            shown = 0
        self._update_words(shown, state)
        if len(self._words) != self._store.documents.count().passages:
            self._words.clear()
            self._update_words(0, state)
        replace(files, lexical=state.generation).write(self._folder)

    def _update_words(self, shown: int, state: IndexState) -> None:
        if shown == state.generation:
            return
        changes = {each: self._store.log.changes_since(shown, each) for each in self._store.collections.all()}
        gone = [removal.document_id for each in changes.values() for removal in each.removals]
        added = [(each, i) for each, own in changes.items() for i in own.document_ids]
        self._words.update(chain(gone, (i for _, i in added)), self._entries(added))

    def _entries(self, added: Sequence[tuple[Collection, int]]) -> Iterator[Entry]:
        for collection, document_id in added:
            for passage in self._store.passages.of_document(document_id):
                # Its title and heading help to find a passage; they are no part of its text.
                found_by = f"{passage.title}\n{passage.heading or ''}\n{passage.text}"
                terms = passage_terms(found_by, passage.language)
                yield Entry(passage.id, document_id, collection.id, terms)

    def _prune(self) -> None:
        """Forget removals that all indexes show, but the newest, as those of another machine may be behind."""
        generations = self._vectors.generations(self._store)
        shown = [generations.get(each.id, 0) for each in self._store.collections.all()]
        oldest_change = min(shown, default=0) - KEPT
        if oldest_change > self._store.log.state().oldest_change:
            self._store.log.prune(oldest_change)
