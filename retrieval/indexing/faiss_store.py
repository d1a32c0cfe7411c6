"""The engine in this process: files of FAISS, two for each collection, in the data folder.

Whoever searches sees all vectors that the store holds: what is not in the files yet, it reads from the store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from retrieval.indexing.faiss_index import DenseIndex
from retrieval.indexing.file_generations import CacheState
from retrieval.indexing.vector_store import SAVE_SHARE, batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.indexing.faiss_index import Ids
    from retrieval.store import Collection, Span, Store
    from retrieval.vectors import Vectors

_BATCH = 256
"""Documents whose vectors are in memory at once while catching up."""


class Embedded:
    """The engine that needs nothing but the data folder."""

    def reader(self, data: Path, dimension: int) -> EmbeddedReader:
        """For vectors of this length."""
        return EmbeddedReader(data, dimension)

    def writer(self, data: Path, dimension: int, store: Store) -> EmbeddedWriter:
        """For this store, with vectors of this length."""
        return EmbeddedWriter(data, dimension, store)

    def close(self) -> None:
        """There is nothing to let go of."""


class DenseCache:
    """Vectors of the sentences and of the passages of one collection.

    Args:
        folder: where their files are.
        collection: the one.
        dimension: length of a vector.
        saved: which generation the files show; 0 if they are not to be used.
    """

    def __init__(self, folder: Path, collection: Collection, dimension: int, saved: int) -> None:
        self._files = _files(folder, collection)
        self.collection = collection
        self._dimension = dimension
        self.added = 0
        """Sentences that were not in the file."""
        sentences, passages = (DenseIndex.load(file, dimension) if saved else None for file in self._files)
        if sentences is None or passages is None:
            self._clear()
        else:
            self.sentences, self.passages, self.generation = sentences, passages, saved

    def _clear(self) -> None:
        self.sentences, self.passages = DenseIndex(self._dimension), DenseIndex(self._dimension)
        self.generation = 0

    def catch_up(self, store: Store) -> None:
        """Show what the store holds now."""
        generation = store.generation
        if generation == self.generation:
            return
        if self.generation < store.pruned:
            self._clear()
        changes = store.changes_since(self.generation, self.collection)
        self.sentences.remove(_ids([removal.sentences for removal in changes.removals]))
        self.passages.remove(_ids([removal.passages for removal in changes.removals]))
        for documents in batches(changes.document_ids, _BATCH):
            for index, rows in (
                (self.sentences, store.sentence_vectors(documents)),
                (self.passages, store.passage_vectors(documents)),
            ):
                index.remove(rows.ids)
                index.add(rows.ids, rows.vectors)
            self.added += len(rows.ids)
        self.generation = generation

    def save(self) -> None:
        """Write the files.

        Raises:
            OSError: one cannot be written.
        """
        for index, file in zip((self.sentences, self.passages), self._files, strict=True):
            index.save(file)


@dataclass(frozen=True, slots=True)
class _Shelves:
    caches: list[DenseCache]

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        return _nearest([cache.sentences for cache in self.caches], vector, k)

    def nearest_passages(self, vector: Vectors, k: int) -> list[int]:
        return _nearest([cache.passages for cache in self.caches], vector, k)

    def cosines(self, spans: Sequence[Span], vector: Vectors) -> Iterator[tuple[Span, float, Vectors]]:
        for cache in self.caches:
            own = [span for span in spans if span.collection_id == cache.collection.id]
            if own:
                yield from _cosines(cache, own, vector)


class EmbeddedReader:
    """Vectors by collection, to be searched.

    Args:
        folder: where their files are.
        dimension: length of a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._identity = ""
        self._dense: dict[int, DenseCache] = {}

    def current(self, store: Store, collections: Sequence[Collection]) -> _Shelves:
        """The vectors of these collections, all that the store holds now."""
        if store.identity != self._identity:
            self._identity = store.identity
            self._dense.clear()
        return _Shelves([self._dense_of(store, collection) for collection in collections])

    def _dense_of(self, store: Store, collection: Collection) -> DenseCache:
        cache = self._dense.get(collection.id)
        if cache is None or cache.generation < store.pruned or self._is_outgrown(cache, collection):
            cache = DenseCache(self._folder, collection, self._dimension, self._saved(collection))
            self._dense[collection.id] = cache
        cache.catch_up(store)
        return cache

    def _is_outgrown(self, cache: DenseCache, collection: Collection) -> bool:
        """Whether so much was added that the file, if it has that too by now, is better searched."""
        if cache.added <= SAVE_SHARE * len(cache.sentences):
            return False
        return self._saved(collection) >= cache.generation

    def _saved(self, collection: Collection) -> int:
        return CacheState.read(self._folder, self._identity).dense.get(str(collection.id), 0)


class EmbeddedWriter:
    """Writes the files.

    Args:
        folder: where they are.
        dimension: length of a vector.
        store: the truth.
    """

    def __init__(self, folder: Path, dimension: int, store: Store) -> None:
        self._folder = folder
        self._dimension = dimension
        self._store = store

    def catch_up(self, collection: Collection, share: float) -> None:
        """Write what the store holds now, if that many sentences of the collection are new.

        Raises:
            OSError: a file cannot be written.
        """
        generation = self._store.generation
        state = self._state()
        dense = dict(state.dense)
        saved = dense.get(str(collection.id), 0)
        if not self._is_written(collection, saved, share):
            cache = DenseCache(self._folder, collection, self._dimension, saved)
            cache.catch_up(self._store)
            cache.save()
            dense[str(collection.id)] = generation
        dense |= {str(each.id): generation for each in self._unchanged(dense)}
        replace(state, dense=dense).write(self._folder)

    def follow(self) -> None:
        """Write what another machine has indexed, if that is much."""
        for each in self._store.collections():
            self.catch_up(each, SAVE_SHARE)

    def shown(self) -> dict[int, int]:
        """What the files show: others may add the rest to it from the store."""
        return {int(collection_id): generation for collection_id, generation in self._state().dense.items()}

    def drop(self, collection: Collection) -> None:
        """Forget a collection that is no longer in the store."""
        for file in _files(self._folder, collection):
            file.unlink(missing_ok=True)

    def forget(self) -> None:
        """The files go with their folder."""

    def report(self) -> list[str]:
        """What there is to say, the files' own damages say."""
        return []

    def damages(self) -> list[str]:
        """What the next sync has to mend before the files on disk show what the store holds."""
        shown = self.shown()
        return [
            f"The vectors of the collection {each.name} are missing, damaged or behind."
            for each in self._store.collections()
            if not self._is_written(each, shown.get(each.id, 0), SAVE_SHARE)
        ]

    def _state(self) -> CacheState:
        return CacheState.read(self._folder, self._store.identity)

    def _is_written(self, collection: Collection, saved: int, share: float) -> bool:
        """Whether the files of the vectors are sound, and not too far behind."""
        sentences = self._store.count(collection).sentences
        if saved < self._store.pruned or self._store.sentences_since(saved, collection) > share * sentences:
            return False
        return not sentences or all(map(DenseIndex.is_whole, _files(self._folder, collection)))

    def _unchanged(self, dense: dict[str, int]) -> Iterator[Collection]:
        """Collections whose files show the present generation too."""
        for each in self._store.collections():
            saved = dense.get(str(each.id), 0)
            if saved >= self._store.pruned and not self._store.sentences_since(saved, each):
                yield each


def _nearest(indexes: Sequence[DenseIndex], vector: Vectors, k: int) -> list[int]:
    """Ids of the k nearest rows of all the indexes together, best first."""
    found = [index.search(vector, k) for index in indexes]
    if not found:
        return []
    ids, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
    best: list[int] = ids[np.argsort(-cosines, kind="stable")[:k]].tolist()
    return best


def _cosines(
    cache: DenseCache, spans: Sequence[Span], vector: Vectors
) -> Iterator[tuple[Span, float, Vectors]]:
    passages = cache.passages.get(np.array([span.passage_id for span in spans])) @ vector
    ids = np.fromiter(chain(*(span.sentences for span in spans)), np.int64)
    ends = np.cumsum([len(span.sentences) for span in spans])
    sentences = np.split(cache.sentences.get(ids) @ vector, ends[:-1])
    yield from zip(spans, map(float, passages), sentences, strict=True)


def _files(folder: Path, collection: Collection) -> list[Path]:
    return [folder / f"{name}-{collection.id}.faiss" for name in ("sentences", "passages")]


def _ids(ranges: Sequence[range]) -> Ids:
    return np.fromiter(chain.from_iterable(ranges), np.int64)
