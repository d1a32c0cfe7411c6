"""The search structures that are made from the store, and how they catch up with it: vectors and words.

The vectors are where the engine keeps them; the words are in files in the data folder, whatever the engine, so that
words count the same everywhere. Catching up may be done twice without harm, so a process may die at any moment.

Whoever searches has `Caches`; whoever holds the lock for writing has a `CacheWriter`. The two share nothing but what
the engine keeps, and the files.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from filelock import FileLock

from retrieval.errors import StoreError
from retrieval.indexing.bm25 import Entry, LexicalIndex, passage_terms
from retrieval.indexing.file_generations import CacheState
from retrieval.indexing.vector_store import SAVE_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.indexing.vector_store import Shelves, VectorReader, VectorWriter
    from retrieval.store import Collection, Store


LOCK = "caches.lock"
"""Of the one process on this machine that may write the files."""
KEPT = 10_000
"""Generations whose removals are kept: what is further behind is made anew."""


class Caches:
    """Vectors by collection, and the words of all, to be searched.

    Args:
        folder: where the words' files are.
        vectors: of the engine.
    """

    def __init__(self, folder: Path, vectors: VectorReader) -> None:
        self._vectors = vectors
        self.lexical = LexicalIndex(folder / "lexical")

    def current(self, store: Store, collections: Sequence[Collection]) -> Shelves:
        """The vectors of these collections."""
        self.lexical.reload()  # before the vectors: what the words show must have some
        return self._vectors.current(store, collections)


class CacheWriter:
    """Lets vectors and words catch up; only for the process, and the thread, that holds the lock for writing.

    Args:
        folder: where the words' files are.
        store: the truth.
        vectors: of the engine.
    """

    def __init__(self, folder: Path, store: Store, vectors: VectorWriter) -> None:
        self._folder = folder
        self._store = store
        self._vectors = vectors
        self._lexical = LexicalIndex(folder / "lexical")

    def sweep(self) -> None:
        """Delete what a process left behind that was killed while it wrote."""
        for partial in self._folder.glob("*.partial"):
            partial.unlink(missing_ok=True)

    def catch_up(self, collection: Collection, share: float = SAVE_SHARE) -> None:
        """Write what the store holds now.

        Args:
            collection: the one that was changed.
            share: of its sentences that must be new for the vectors to be written, if the engine writes many at once.

        Raises:
            StoreError: a file cannot be written.
            UnreachableError: the engine does not answer.
        """
        with self._writing():
            self._catch_up_words()
            self._vectors.catch_up(collection, share)
        self._prune()

    def follow(self) -> None:
        """Write what another machine has indexed, whose own files nobody here can see.

        Raises:
            StoreError: a file cannot be written.
        """
        with self._writing():
            self._catch_up_words()
            self._vectors.follow()

    @property
    def is_behind(self) -> bool:
        """Whether the words do not show yet what the store holds now."""
        return CacheState.read(self._folder, self._store.identity).lexical != self._store.generation

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
        generation = self._store.generation
        state = CacheState.read(self._folder, self._store.identity)
        self._catch_up_lexical(state.lexical)
        replace(state, lexical=generation).write(self._folder)

    def drop(self, collection: Collection) -> None:
        """Forget a collection that is no longer in the store."""
        with self._writing():
            self._lexical.drop(collection.id)
        self._vectors.drop(collection)

    def damages(self) -> list[str]:
        """What the next sync has to mend before all caches show what the store holds; none of it is lost."""
        if not CacheState.exists(self._folder):
            return ["The files for searching are missing."]
        state = CacheState.read(self._folder, self._store.identity)
        if not state.lexical:
            return ["The files for searching are damaged, or of another index."]
        found = self._vectors.damages()
        if state.lexical != self._store.generation:
            found.append("The index of words is behind the database.")
        elif len(self._lexical) != self._store.count().passages:
            found.append("The index of words is damaged.")
        return found

    def _catch_up_lexical(self, generation: int) -> None:
        if generation < self._store.pruned:
            self._lexical.clear()
            generation = 0
        self._update_lexical(generation)
        if len(self._lexical) != self._store.count().passages:
            self._lexical.clear()
            self._update_lexical(0)

    def _update_lexical(self, generation: int) -> None:
        if generation == self._store.generation:
            return
        changes = {each: self._store.changes_since(generation, each) for each in self._store.collections()}
        gone = [removal.document_id for each in changes.values() for removal in each.removals]
        added = [(each, i) for each, own in changes.items() for i in own.document_ids]
        self._lexical.update(chain(gone, (i for _, i in added)), self._entries(added))

    def _entries(self, added: Sequence[tuple[Collection, int]]) -> Iterator[Entry]:
        for collection, document_id in added:
            for passage in self._store.passages_of(document_id):
                # Its title and heading help to find a passage; they are no part of its text.
                found_by = f"{passage.title}\n{passage.heading or ''}\n{passage.text}"
                terms = passage_terms(found_by, passage.language)
                yield Entry(passage.id, document_id, collection.id, terms)

    def _prune(self) -> None:
        """Forget removals that all caches show, but the newest, as those of another machine may be behind."""
        generations = self._vectors.shown()
        shown = min((generations.get(each.id, 0) for each in self._store.collections()), default=0) - KEPT
        if shown > self._store.pruned:
            self._store.prune(shown)
