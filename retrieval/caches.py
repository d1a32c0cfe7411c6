"""The search structures that are made from the store, and how they catch up with it.

A file `caches.json` says which generation of which store the files of the vectors and of the words show. It is
written last, and catching up may be done twice without harm, so a process may die at any moment.

Whoever searches has `Caches`, which see all vectors that the store holds, and the words as far as they were written.
Whoever holds the lock for writing has a `CacheWriter`; the two share nothing but the files.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from retrieval.dense import DenseIndex
from retrieval.errors import StoreError
from retrieval.lexical import Entry, LexicalIndex, passage_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.dense import Ids
    from retrieval.store import Collection, Store

SAVE_SHARE = 0.05
"""Vectors are written to disk when this share of them is new; until then, reading the few from the store is
quicker than writing all."""
_BATCH = 256
"""Documents whose vectors are in memory at once while catching up."""


@dataclass(frozen=True, slots=True)
class _State:
    """What the files show."""

    identity: str = ""
    """Of the store."""
    lexical: int = 0
    dense: dict[str, int] = field(default_factory=dict)
    """By the collection's id, which JSON wants to be a string."""

    @classmethod
    def read(cls, folder: Path, identity: str) -> _State:
        """What the files in a folder show of this store."""
        try:
            state = cls(**json.loads(_state_file(folder).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            # Missing or damaged: an empty state makes all caches anew.
            return cls(identity)
        return state if state.identity == identity else cls(identity)

    def write(self, folder: Path) -> None:
        partial = _state_file(folder).with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self)), "utf-8")
        partial.replace(_state_file(folder))


def _state_file(folder: Path) -> Path:
    return folder / "caches.json"


class DenseCache:
    """Vectors of the sentences and of the passages of one collection.

    Args:
        folder: where their files are.
        collection: the one.
        dimension: length of a vector.
        saved: which generation the files show; 0 if they are not to be used.
    """

    def __init__(self, folder: Path, collection: Collection, dimension: int, saved: int) -> None:
        self._files = _dense_files(folder, collection)
        self._collection = collection
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
        changes = store.changes_since(self.generation, self._collection)
        self.sentences.remove(_ids([removal.sentences for removal in changes.removals]))
        self.passages.remove(_ids([removal.passages for removal in changes.removals]))
        for documents in _batches(changes.document_ids):
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


class Caches:
    """Vectors by collection, and the words of all, to be searched.

    Args:
        folder: where their files are.
        dimension: length of a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._identity = ""
        self._dense: dict[int, DenseCache] = {}
        self.lexical = LexicalIndex(folder / "lexical")

    def current(self, store: Store, collections: Sequence[Collection]) -> list[DenseCache]:
        """The vectors of these collections, all that the store holds now."""
        self.lexical.reload()  # before the vectors: what the words show must have some
        if store.identity != self._identity:
            self._identity = store.identity
            self._dense.clear()
        return [self._dense_of(store, collection) for collection in collections]

    def _dense_of(self, store: Store, collection: Collection) -> DenseCache:
        cache = self._dense.get(collection.id)
        if cache is None or cache.generation < store.pruned or self._is_outgrown(cache, collection):
            saved = _State.read(self._folder, self._identity).dense.get(str(collection.id), 0)
            cache = DenseCache(self._folder, collection, self._dimension, saved)
            self._dense[collection.id] = cache
        cache.catch_up(store)
        return cache

    def _is_outgrown(self, cache: DenseCache, collection: Collection) -> bool:
        """Whether so much was added that the file, if it has that too by now, is better searched."""
        if cache.added <= SAVE_SHARE * len(cache.sentences):
            return False
        saved = _State.read(self._folder, self._identity).dense.get(str(collection.id), 0)
        return saved >= cache.generation


class CacheWriter:
    """Writes the files; only for the process, and the thread, that holds the lock for writing.

    Args:
        folder: where they are.
        dimension: length of a vector.
        store: the truth.
    """

    def __init__(self, folder: Path, dimension: int, store: Store) -> None:
        self._folder = folder
        self._dimension = dimension
        self._store = store
        self._lexical = LexicalIndex(folder / "lexical")

    def sweep(self) -> None:
        """Delete what a process left behind that was killed while it wrote."""
        for partial in self._folder.glob("*.partial"):
            partial.unlink(missing_ok=True)

    def catch_up(self, collection: Collection, share: float = SAVE_SHARE) -> None:
        """Write what the store holds now.

        Args:
            collection: the one that was changed.
            share: of its sentences that must be new for the vectors to be written.

        Raises:
            StoreError: a file cannot be written.
        """
        generation = self._store.generation
        state = _State.read(self._folder, self._store.identity)
        dense = dict(state.dense)
        try:
            self._catch_up_lexical(state.lexical)
            if not self._is_written(collection, dense.get(str(collection.id), 0), share):
                cache = DenseCache(
                    self._folder, collection, self._dimension, dense.get(str(collection.id), 0)
                )
                cache.catch_up(self._store)
                cache.save()
                dense[str(collection.id)] = generation
            dense |= {str(each.id): generation for each in self._unchanged(dense)}
            new = _State(state.identity, generation, dense)
            if new != state or not _state_file(self._folder).exists():
                new.write(self._folder)
        except OSError as error:
            reason = error.strerror or "a file cannot be written"
            message = (
                f"Cannot write the index's files in {self._folder}: {reason}. Free some space, "
                "check the permissions, and do it again: what was indexed before is still there."
            )
            raise StoreError(message) from error
        self._prune(dense)

    def drop(self, collection: Collection) -> None:
        """Forget a collection that is no longer in the store."""
        self._lexical.drop(collection.id)
        for file in _dense_files(self._folder, collection):
            file.unlink(missing_ok=True)

    def damages(self) -> list[str]:
        """What the next sync has to mend before the files on disk show what the store holds; none of it is lost."""
        if not _state_file(self._folder).exists():
            return ["The files for searching are missing."]
        state = _State.read(self._folder, self._store.identity)
        if not state.lexical:
            return ["The files for searching are damaged, or of another index."]
        found = [
            f"The vectors of the collection {each.name} are missing, damaged or behind."
            for each in self._store.collections()
            if not self._is_written(each, state.dense.get(str(each.id), 0), SAVE_SHARE)
        ]
        if state.lexical != self._store.generation:
            found.append("The index of words is behind the database.")
        elif len(self._lexical) != self._store.count().passages:
            found.append("The index of words is damaged.")
        return found

    def _is_written(self, collection: Collection, saved: int, share: float) -> bool:
        """Whether the files of the vectors are sound, and not too far behind."""
        sentences = self._store.count(collection).sentences
        if saved < self._store.pruned or self._store.sentences_since(saved, collection) > share * sentences:
            return False
        return not sentences or all(map(DenseIndex.is_whole, _dense_files(self._folder, collection)))

    def _unchanged(self, dense: dict[str, int]) -> Iterator[Collection]:
        """Collections whose files show the present generation too."""
        for each in self._store.collections():
            saved = dense.get(str(each.id), 0)
            if saved >= self._store.pruned and not self._store.sentences_since(saved, each):
                yield each

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

    def _prune(self, dense: dict[str, int]) -> None:
        """Forget removals that all files show."""
        shown = min((dense.get(str(each.id), 0) for each in self._store.collections()), default=0)
        if shown > self._store.pruned:
            self._store.prune(shown)


def _dense_files(folder: Path, collection: Collection) -> list[Path]:
    return [folder / f"{name}-{collection.id}.faiss" for name in ("sentences", "passages")]


def _ids(ranges: Sequence[range]) -> Ids:
    return np.fromiter(chain.from_iterable(ranges), np.int64)


def _batches(documents: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(documents), _BATCH):
        yield documents[start : start + _BATCH]
