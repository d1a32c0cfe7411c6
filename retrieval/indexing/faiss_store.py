"""FaissStore: vectors in this process, in a FAISS file for each collection in the data folder.

A search sees all vectors of the database: those that the files lack are read from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from retrieval.indexing.faiss_index import FaissIndex
from retrieval.indexing.vector_store import SAVE_SHARE, FileGenerations, VectorReport, batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.records import Collection, IndexState, PassageIds
    from retrieval.storage.store import Store

_BATCH = 256
"""Documents whose vectors are in memory at once while catching up."""


class FaissStore:
    """The vector store that needs nothing but the data folder."""

    is_shared = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._identity = ""
        self._open: dict[int, CollectionVectors] = {}
        """By the collection's id, for searching."""

    def searcher(self, store: Store, state: IndexState, collections: Sequence[Collection]) -> _FaissSearcher:
        """Open the vectors of these collections, all that the database holds now."""
        if state.identity != self._identity:
            self._identity = state.identity
            self._open.clear()
        return _FaissSearcher([self._load(store, state, collection) for collection in collections])

    def _load(self, store: Store, state: IndexState, collection: Collection) -> CollectionVectors:
        vectors = self._open.get(collection.id)
        if vectors is None or vectors.generation < state.oldest_change or self._is_outgrown(vectors, state):
            vectors = CollectionVectors(self._folder, collection, state, self._saved(state, collection))
            self._open[collection.id] = vectors
        vectors.catch_up(store, state)
        return vectors

    def _is_outgrown(self, vectors: CollectionVectors, state: IndexState) -> bool:
        """Check whether so much was added that the file, if it has that too by now, is better searched."""
        is_large = vectors.added > SAVE_SHARE * len(vectors.index)
        return is_large and self._saved(state, vectors.collection) >= vectors.generation

    def _saved(self, state: IndexState, collection: Collection) -> int:
        return FileGenerations.read(self._folder, state.identity).dense.get(str(collection.id), 0)

    def catch_up(self, store: Store, collection: Collection, share: float) -> None:
        """Write the file anew, if that share of the collection's sentences is new."""
        state = store.log.read_state()
        files = FileGenerations.read(self._folder, state.identity)
        dense = dict(files.dense)
        saved = dense.get(str(collection.id), 0)
        if not self._is_written(store, state, collection, saved, share):
            vectors = CollectionVectors(self._folder, collection, state, saved)
            vectors.catch_up(store, state)
            vectors.save()
            dense[str(collection.id)] = state.generation
        for stored in store.collections.all():
            shown = dense.get(str(stored.id), 0)
            if shown >= state.oldest_change and not store.log.count_changed_sentences(shown, stored):
                dense[str(stored.id)] = state.generation
        replace(files, dense=dense).write(self._folder)

    def generations(self, store: Store) -> dict[int, int]:
        """Read collection's id → the generation of its file; a search adds the rest from the database."""
        dense = FileGenerations.read(self._folder, store.log.read_state().identity).dense
        return {int(collection_id): generation for collection_id, generation in dense.items()}

    def drop(self, store: Store, collection: Collection) -> None:  # noqa: ARG002
        """Delete the file of a collection that is no longer in the database."""
        _file(self._folder, collection).unlink(missing_ok=True)

    def delete_all(self, store: Store) -> None:
        """Delete the files of all collections."""
        for collection in store.collections.all():
            self.drop(store, collection)

    def check(self, store: Store) -> VectorReport:
        """Compare the files with the database."""
        state, shown = store.log.read_state(), self.generations(store)
        return VectorReport(
            damages=tuple(
                f"The vectors of the collection {collection.name} are missing, damaged or behind."
                for collection in store.collections.all()
                if not self._is_written(store, state, collection, shown.get(collection.id, 0), SAVE_SHARE)
            )
        )

    def close(self) -> None:
        """Release the vectors in memory."""
        self._open.clear()

    def _is_written(self, store: Store, state: IndexState, collection: Collection, saved: int, share: float) -> bool:
        """Check whether the file is sound, and not too far behind."""
        sentences = store.documents.count(collection).sentences
        if saved < state.oldest_change or store.log.count_changed_sentences(saved, collection) > share * sentences:
            return False
        return not sentences or FaissIndex.is_whole(_file(self._folder, collection))


class CollectionVectors:
    """The vectors of one collection's sentences.

    `saved` is the generation of the file; 0 to ignore it.
    """

    def __init__(self, folder: Path, collection: Collection, state: IndexState, saved: int) -> None:
        self._file = _file(folder, collection)
        self.collection = collection
        self._dimension = state.dimension
        self.added = 0
        """Sentences that were not in the file."""
        loaded = FaissIndex.load(self._file, self._dimension) if saved else None
        self.index = loaded or FaissIndex(self._dimension)
        self.generation = saved if loaded else 0

    def catch_up(self, store: Store, state: IndexState) -> None:
        """Add and remove what the database has changed since."""
        if state.generation == self.generation:
            return
        if self.generation < state.oldest_change:
            self.index, self.generation = FaissIndex(self._dimension), 0
        changes = store.log.read_changes(self.generation, self.collection)
        removed = chain.from_iterable(removal.sentences for removal in changes.removals)
        self.index.remove(np.fromiter(removed, np.int64))
        for documents in batches(changes.document_ids, _BATCH):
            rows = store.vectors.read_rows(documents)
            self.index.remove(rows.ids)
            self.index.add(rows.ids, rows.vectors)
            self.added += len(rows.ids)
        self.generation = state.generation

    def save(self) -> None:
        """Write the file.

        Raises:
            OSError: it cannot be written.
        """
        self.index.save(self._file)


@dataclass(frozen=True, slots=True)
class _FaissSearcher:
    collections: list[CollectionVectors]

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        if not self.collections:
            return []
        parts = [vectors.index.search(vector, k) for vectors in self.collections]
        ids, cosines = map(np.concatenate, zip(*parts, strict=True))
        best: list[int] = ids[np.argsort(-cosines, kind="stable")[:k]].tolist()
        return best

    def read(self, passages: Sequence[PassageIds]) -> Iterator[tuple[PassageIds, Vectors]]:
        for vectors in self.collections:
            own = [passage for passage in passages if passage.collection_id == vectors.collection.id]
            if own:
                sentence_ids = np.fromiter(chain(*(passage.sentences for passage in own)), np.int64)
                ends = np.cumsum([len(passage.sentences) for passage in own])
                yield from zip(own, np.split(vectors.index.get(sentence_ids), ends[:-1]), strict=True)


def _file(folder: Path, collection: Collection) -> Path:
    return folder / f"sentences-{collection.id}.faiss"
