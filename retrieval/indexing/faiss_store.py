"""FaissStore: vectors in this process; two files of FAISS for each collection, in the data folder.

Whoever searches sees all vectors that the database holds: what is not in the files yet, is read from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from retrieval.indexing.faiss_index import FaissIndex
from retrieval.indexing.file_generations import FileGenerations
from retrieval.indexing.vector_store import SAVE_SHARE, VectorReport, batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.encoding.vectors import Vectors
    from retrieval.indexing.faiss_index import Ids
    from retrieval.storage.records import Collection, IndexState, PassageIds
    from retrieval.storage.store import Store

_BATCH = 256
"""Documents whose vectors are in memory at once while catching up."""


class FaissStore:
    """The vector store that needs nothing but the data folder.

    Args:
        folder: where the files are.
    """

    is_shared = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._identity = ""
        self._open: dict[int, CollectionVectors] = {}
        """By the collection's id; only for who searches."""

    def searcher(self, store: Store, state: IndexState, collections: Sequence[Collection]) -> _FaissSearcher:
        """Open the vectors of these collections, all that the database holds now."""
        if state.identity != self._identity:
            self._identity = state.identity
            self._open.clear()
        return _FaissSearcher([self._current(store, state, collection) for collection in collections])

    def _current(self, store: Store, state: IndexState, collection: Collection) -> CollectionVectors:
        vectors = self._open.get(collection.id)
        if vectors is None or vectors.generation < state.oldest_change or self._is_outgrown(vectors, state, collection):
            vectors = CollectionVectors(self._folder, collection, state, self._saved(state, collection))
            self._open[collection.id] = vectors
        vectors.catch_up(store, state)
        return vectors

    def _is_outgrown(self, vectors: CollectionVectors, state: IndexState, collection: Collection) -> bool:
        """Whether so much was added that the file, if it has that too by now, is better searched."""
        if vectors.added <= SAVE_SHARE * len(vectors.sentences):
            return False
        return self._saved(state, collection) >= vectors.generation

    def _saved(self, state: IndexState, collection: Collection) -> int:
        return FileGenerations.read(self._folder, state.identity).dense.get(str(collection.id), 0)

    def catch_up(self, store: Store, collection: Collection, share: float) -> None:
        """Write what the database holds now, if that share of the collection's sentences is new."""
        state = store.log.state()
        files = FileGenerations.read(self._folder, state.identity)
        dense = dict(files.dense)
        saved = dense.get(str(collection.id), 0)
        if not self._is_written(store, state, collection, saved, share):
            vectors = CollectionVectors(self._folder, collection, state, saved)
            vectors.catch_up(store, state)
            vectors.save()
            dense[str(collection.id)] = state.generation
        for each in store.collections.all():
            shown = dense.get(str(each.id), 0)
            if shown >= state.oldest_change and not store.log.sentences_since(shown, each):
                dense[str(each.id)] = state.generation
        replace(files, dense=dense).write(self._folder)

    def generations(self, store: Store) -> dict[int, int]:
        """Collection's id → what its files show: others may add the rest to it from the database."""
        dense = FileGenerations.read(self._folder, store.log.state().identity).dense
        return {int(collection_id): generation for collection_id, generation in dense.items()}

    def drop(self, store: Store, collection: Collection) -> None:  # noqa: ARG002
        """Delete the files of a collection that is no longer in the database."""
        for file in _files(self._folder, collection):
            file.unlink(missing_ok=True)

    def delete_all(self, store: Store) -> None:
        """Delete the files of all collections."""
        for collection in store.collections.all():
            self.drop(store, collection)

    def check(self, store: Store) -> VectorReport:
        """Say what the next sync has to mend before the files show what the database holds."""
        state, shown = store.log.state(), self.generations(store)
        return VectorReport(
            damages=tuple(
                f"The vectors of the collection {each.name} are missing, damaged or behind."
                for each in store.collections.all()
                if not self._is_written(store, state, each, shown.get(each.id, 0), SAVE_SHARE)
            )
        )

    def close(self) -> None:
        """Let go of the vectors in memory."""
        self._open.clear()

    def _is_written(self, store: Store, state: IndexState, collection: Collection, saved: int, share: float) -> bool:
        """Whether the files of the vectors are sound, and not too far behind."""
        sentences = store.documents.count(collection).sentences
        if saved < state.oldest_change or store.log.sentences_since(saved, collection) > share * sentences:
            return False
        return not sentences or all(map(FaissIndex.is_whole, _files(self._folder, collection)))


class CollectionVectors:
    """Vectors of the sentences and of the passages of one collection.

    Args:
        folder: where their files are.
        collection: the one.
        state: of the index, for the length of a vector.
        saved: which generation the files show; 0 if they are not to be used.
    """

    def __init__(self, folder: Path, collection: Collection, state: IndexState, saved: int) -> None:
        self._files = _files(folder, collection)
        self.collection = collection
        self._dimension = state.dimension
        self.added = 0
        """Sentences that were not in the file."""
        loaded = [FaissIndex.load(file, self._dimension) if saved else None for file in self._files]
        sentences, passages = loaded
        if sentences is None or passages is None:
            self._clear()
        else:
            self.sentences, self.passages, self.generation = sentences, passages, saved

    def _clear(self) -> None:
        self.sentences, self.passages = FaissIndex(self._dimension), FaissIndex(self._dimension)
        self.generation = 0

    def catch_up(self, store: Store, state: IndexState) -> None:
        """Show what the database holds in this state."""
        if state.generation == self.generation:
            return
        if self.generation < state.oldest_change:
            self._clear()
        changes = store.log.changes_since(self.generation, self.collection)
        self.sentences.remove(_ids([removal.sentences for removal in changes.removals]))
        self.passages.remove(_ids([removal.passages for removal in changes.removals]))
        for documents in batches(changes.document_ids, _BATCH):
            for index, rows in (
                (self.sentences, store.vectors.of_sentences(documents)),
                (self.passages, store.vectors.of_passages(documents)),
            ):
                index.remove(rows.ids)
                index.add(rows.ids, rows.vectors)
            self.added += len(rows.ids)
        self.generation = state.generation

    def save(self) -> None:
        """Write the files.

        Raises:
            OSError: one cannot be written.
        """
        for index, file in zip((self.sentences, self.passages), self._files, strict=True):
            index.save(file)


@dataclass(frozen=True, slots=True)
class _FaissSearcher:
    collections: list[CollectionVectors]

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        return _nearest([each.sentences for each in self.collections], vector, k)

    def nearest_passages(self, vector: Vectors, k: int) -> list[int]:
        return _nearest([each.passages for each in self.collections], vector, k)

    def cosines(self, passages: Sequence[PassageIds], vector: Vectors) -> Iterator[tuple[PassageIds, float, Vectors]]:
        for each in self.collections:
            own = [one for one in passages if one.collection_id == each.collection.id]
            if own:
                yield from _cosines(each, own, vector)


def _nearest(indexes: Sequence[FaissIndex], vector: Vectors, k: int) -> list[int]:
    """Ids of the k nearest rows of all the indexes together, best first."""
    found = [index.search(vector, k) for index in indexes]
    if not found:
        return []
    ids, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
    best: list[int] = ids[np.argsort(-cosines, kind="stable")[:k]].tolist()
    return best


def _cosines(
    vectors: CollectionVectors, passages: Sequence[PassageIds], vector: Vectors
) -> Iterator[tuple[PassageIds, float, Vectors]]:
    own = vectors.passages.get(np.array([each.passage_id for each in passages])) @ vector
    ids = np.fromiter(chain(*(each.sentences for each in passages)), np.int64)
    ends = np.cumsum([len(each.sentences) for each in passages])
    sentences = np.split(vectors.sentences.get(ids) @ vector, ends[:-1])
    yield from zip(passages, map(float, own), sentences, strict=True)


def _files(folder: Path, collection: Collection) -> list[Path]:
    return [folder / f"{name}-{collection.id}.faiss" for name in ("sentences", "passages")]


def _ids(ranges: Sequence[range]) -> Ids:
    return np.fromiter(chain.from_iterable(ranges), np.int64)
