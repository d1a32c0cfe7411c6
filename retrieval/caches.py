"""The search structures that are made from the store, and how they catch up with it.

A file `caches.json` says which generation of which store the files of the vectors and of the words show. It is
written last, and catching up may be done twice without harm, so a process may die at any moment.
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
    from retrieval.store import Collection, Removal, Store

_BATCH = 256
"""Documents whose vectors are in memory at once while catching up."""
SAVE_SHARE = 0.05
"""Vectors are written to disk when this share of them is new; until then, reading the few from the store is
quicker than writing all."""


@dataclass(frozen=True, slots=True)
class _State:
    """What the files show."""

    identity: str = ""
    lexical: int = 0
    dense: dict[str, int] = field(default_factory=dict)
    """By the collection's id, which JSON wants to be a string."""


class DenseCache:
    """Vectors of the sentences and of the passages of one collection.

    Args:
        folder: where their files are.
        collection: the one.
        dimension: length of a vector.
        saved: which generation the files show; 0 if they are not to be used.
    """

    def __init__(self, folder: Path, collection: Collection, dimension: int, saved: int) -> None:
        self._files = [folder / f"{name}-{collection.id}.faiss" for name in ("sentences", "passages")]
        self._collection = collection
        self._dimension = dimension
        self._unsaved = 0
        sentences, passages = (DenseIndex.load(file, dimension) if saved else None for file in self._files)
        if sentences is None or passages is None:
            self.clear()
        else:
            self.sentences, self.passages, self.generation = sentences, passages, saved

    def clear(self) -> None:
        """Begin anew."""
        self.sentences, self.passages = DenseIndex(self._dimension), DenseIndex(self._dimension)
        self.generation = 0

    def catch_up(self, store: Store) -> None:
        """Show what the store holds now."""
        generation = store.generation
        if generation == self.generation:
            return
        if self.generation < store.pruned:
            self.clear()
        changes = store.changes_since(self.generation, self._collection)
        self._remove(changes.removals)
        for documents in _batches(changes.document_ids):
            for index, rows in (
                (self.sentences, store.sentence_vectors(documents)),
                (self.passages, store.passage_vectors(documents)),
            ):
                if len(rows.ids):
                    index.remove(rows.ids)
                    index.add(rows.ids, rows.vectors)
                    self._unsaved += len(rows.ids)
        self.generation = generation

    def _remove(self, removals: Sequence[Removal]) -> None:
        self.sentences.remove(_ids([removal.sentences for removal in removals]))
        self.passages.remove(_ids([removal.passages for removal in removals]))
        self._unsaved += len(removals)

    def mend(self, store: Store) -> None:
        """A damaged file has lost its rows: make them anew."""
        counts = store.count(self._collection)
        if (len(self.passages), len(self.sentences)) != (counts.passages, counts.sentences):
            self.clear()
            self.catch_up(store)

    def save(self, share: float) -> bool:
        """Write the files if this share of them is new, and say whether they show the present generation."""
        if self._unsaved > share * len(self.sentences):
            for index, file in zip((self.sentences, self.passages), self._files, strict=True):
                index.save(file)
            self._unsaved = 0
        return not self._unsaved

    def delete(self) -> None:
        """Delete the files."""
        for file in self._files:
            file.unlink(missing_ok=True)


class Caches:
    """Vectors by collection, and the words of all.

    Args:
        folder: where their files are.
        dimension: length of a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._saved = self._read_state()
        self._dense: dict[int, DenseCache] = {}
        self.lexical = LexicalIndex(folder / "lexical")

    def current(self, store: Store, collections: Sequence[Collection]) -> list[DenseCache]:
        """The vectors of these collections, all that the store holds now; the words as far as they were written."""
        self.lexical.reload()  # before the vectors: what the words show must have some
        self._adopt(store)
        return [self._dense_of(store, collection) for collection in collections]

    def _dense_of(self, store: Store, collection: Collection) -> DenseCache:
        cache = self._dense.get(collection.id)
        if cache is None or cache.generation < store.pruned:
            state = self._read_state()
            saved = state.dense.get(str(collection.id), 0) if state.identity == store.identity else 0
            cache = DenseCache(self._folder, collection, self._dimension, saved)
            self._dense[collection.id] = cache
        cache.catch_up(store)
        return cache

    def catch_up(self, store: Store, collection: Collection, share: float = SAVE_SHARE) -> None:
        """Write what the store holds now; only the process that holds the lock for writing may do this.

        All others see all vectors without it, and the words as far as the writer has come.

        Args:
            store: the truth.
            collection: the one that was changed.
            share: of the vectors that must be new for their files to be written.

        Raises:
            StoreError: a file cannot be written.
        """
        self._saved = self._read_state()  # another process may have written since
        if self._adopt(store):
            self.lexical.clear()
        generation = store.generation
        self._catch_up_lexical(store)
        dense = self._dense_of(store, collection)
        dense.mend(store)
        try:
            self._save(store, generation, collection, saved=dense.save(share))
        except OSError as error:
            reason = error.strerror or "a file cannot be written"
            message = (
                f"Cannot write the index's files in {self._folder}: {reason}. Free some space, "
                "check the permissions, and do it again: what was indexed before is still there."
            )
            raise StoreError(message) from error

    def sweep(self) -> None:
        """Delete what a process left behind that was killed while it wrote; for the one that writes now."""
        for partial in self._folder.glob("*.partial"):
            partial.unlink(missing_ok=True)

    def damages(self, store: Store) -> list[str]:
        """What the next sync has to mend before the files on disk show what the store holds; none of it is lost."""
        state = self._read_state()
        if state.identity != store.identity:
            return ["The files for searching are missing, damaged or of another index."]
        found = []
        if state.lexical != store.generation:
            found.append("The index of words is behind the database.")
        elif len(self.lexical) != store.count().passages:
            found.append("The index of words is damaged.")
        for each in store.collections():
            saved = state.dense.get(str(each.id), 0) if store.count(each).sentences else 0
            if saved and DenseCache(self._folder, each, self._dimension, saved).generation != saved:
                found.append(f"The vectors of the collection {each.name} are missing or damaged.")
        return found

    def drop(self, store: Store, collection: Collection) -> None:
        """Forget a collection that is no longer in the store; for the process that holds the lock for writing."""
        self.lexical.drop(collection.id)
        self._dense_of(store, collection).delete()
        del self._dense[collection.id]

    def _adopt(self, store: Store) -> bool:
        """Forget what was made from another store; say whether it was."""
        identity = store.identity
        if identity == self._saved.identity:
            return False
        self._saved = _State(identity)
        self._dense.clear()
        return True

    def _catch_up_lexical(self, store: Store) -> None:
        generation = self._saved.lexical
        if generation < store.pruned:
            self.lexical.clear()
            generation = 0
        self._update_lexical(store, generation)
        if len(self.lexical) != store.count().passages:
            self.lexical.clear()
            self._update_lexical(store, 0)

    def _update_lexical(self, store: Store, generation: int) -> None:
        if generation == store.generation:
            return
        changes = {each: store.changes_since(generation, each) for each in store.collections()}
        gone = [removal.document_id for each in changes.values() for removal in each.removals]
        added = [(each, i) for each, own in changes.items() for i in own.document_ids]
        self.lexical.update(chain(gone, (i for _, i in added)), _entries(store, added))

    def _save(self, store: Store, generation: int, collection: Collection, *, saved: bool) -> None:
        generations = dict(self._saved.dense)
        if saved:
            generations[str(collection.id)] = generation
        state = _State(store.identity, generation, generations)
        if state != self._saved or not self._state_file.exists():
            partial = self._state_file.with_suffix(".partial")
            partial.write_text(json.dumps(asdict(state)))
            partial.replace(self._state_file)
            self._saved = state
        shown = min(generations.get(str(each.id), 0) for each in store.collections())
        if shown > store.pruned:
            store.prune(shown)

    @property
    def _state_file(self) -> Path:
        return self._folder / "caches.json"

    def _read_state(self) -> _State:
        try:
            return _State(**json.loads(self._state_file.read_text()))
        except (OSError, ValueError, TypeError):
            # Missing or damaged: an empty state makes all caches anew.
            return _State()


def _entries(store: Store, added: Sequence[tuple[Collection, int]]) -> Iterator[Entry]:
    for collection, document_id in added:
        for passage in store.passages_of(document_id):
            # Its title and heading help to find a passage; they are no part of its text.
            found_by = f"{passage.title}\n{passage.heading or ''}\n{passage.text}"
            terms = passage_terms(found_by, passage.language)
            yield Entry(passage.id, document_id, collection.id, terms)


def _ids(ranges: Sequence[range]) -> Ids:
    return np.fromiter(chain.from_iterable(ranges), np.int64)


def _batches(documents: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(documents), _BATCH):
        yield documents[start : start + _BATCH]
