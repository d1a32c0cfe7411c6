"""The search structures that are made from the store, and how they catch up with it.

A file `caches.json` says which generation of which store the files of the vectors and of the words show. It is
written last, and catching up may be done twice without harm, so a process may die at any moment.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from retrieval.dense import DenseIndex
from retrieval.lexical import Entry, LexicalIndex, passage_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.dense import Ids
    from retrieval.store import Store

_BATCH = 256
"""Documents whose vectors are in memory at once while catching up."""
_SAVE_SHARE = 0.05
"""Vectors are written to disk when this share of them is new; until then, reading the few from the store is
quicker than writing all."""


@dataclass(frozen=True, slots=True)
class _State:
    """What the files show."""

    identity: str = ""
    dense: int = 0
    lexical: int = 0


class Caches:
    """Vectors of sentences, vectors of passages, and words of passages.

    Args:
        folder: where their files are.
        dimension: length of a vector.
    """

    def __init__(self, folder: Path, dimension: int) -> None:
        self._folder = folder
        self._dimension = dimension
        self._saved = self._read_state()
        sentences = DenseIndex.load(self._file("sentences"), dimension)
        passages = DenseIndex.load(self._file("passages"), dimension)
        self._unsaved = 0
        self.lexical = LexicalIndex(folder / "lexical")
        if sentences is None or passages is None:
            self._clear_dense()
        else:
            self.sentences, self.passages = sentences, passages
            self._dense_generation = self._saved.dense

    def catch_up(self, store: Store, *, writing: bool) -> None:
        """Show what the store holds now.

        Args:
            store: the truth.
            writing: whether this process holds the lock for writing. One that does not still sees all vectors,
                and the words as far as the writer has come.
        """
        if writing:
            self._saved = self._read_state()  # another process may have written since
        if store.identity != self._saved.identity:
            self._saved = _State(store.identity)
            self._clear_dense()
            if writing:
                self.lexical.clear()
        self.lexical.reload()  # before the vectors: what the words show must have some
        generation = store.generation
        if generation != self._dense_generation:
            self._catch_up_dense(store)
            self._dense_generation = generation
        if writing:
            self._mend(store)
            self._save(store, generation)

    def _mend(self, store: Store) -> None:
        """A damaged file has lost its rows: make them anew."""
        _, passages, sentences = store.count()
        if (len(self.passages), len(self.sentences)) != (passages, sentences):
            self._clear_dense()
            self._catch_up_dense(store)
            self._dense_generation = store.generation
        self._catch_up_lexical(store, self._saved.lexical)
        if len(self.lexical) != passages:
            self.lexical.clear()
            self._catch_up_lexical(store, 0)

    def _save(self, store: Store, generation: int) -> None:
        dense = self._saved.dense
        if self._unsaved > _SAVE_SHARE * len(self.sentences):
            self.sentences.save(self._file("sentences"))
            self.passages.save(self._file("passages"))
            self._unsaved = 0
            dense = generation
        state = _State(store.identity, dense=dense, lexical=generation)
        if state != self._saved or not self._state_file.exists():
            partial = self._state_file.with_suffix(".partial")
            partial.write_text(json.dumps(asdict(state)))
            partial.replace(self._state_file)
            self._saved = state

    def _clear_dense(self) -> None:
        self.sentences, self.passages = DenseIndex(self._dimension), DenseIndex(self._dimension)
        self._dense_generation = 0

    def _catch_up_dense(self, store: Store) -> None:
        changes = store.changes_since(self._dense_generation)
        self.sentences.remove(_ids([removal.sentences for removal in changes.removals]))
        self.passages.remove(_ids([removal.passages for removal in changes.removals]))
        self._unsaved += len(changes.removals)
        for documents in _batches(changes.document_ids):
            for index, rows in (
                (self.sentences, store.sentence_vectors(documents)),
                (self.passages, store.passage_vectors(documents)),
            ):
                if len(rows.ids):
                    index.remove(rows.ids)
                    index.add(rows.ids, rows.vectors)
                    self._unsaved += len(rows.ids)

    def _catch_up_lexical(self, store: Store, generation: int) -> None:
        if generation == store.generation:
            return
        changes = store.changes_since(generation)
        gone = chain((removal.document_id for removal in changes.removals), changes.document_ids)
        self.lexical.update(gone, self._entries(store, changes.document_ids))

    def _entries(self, store: Store, document_ids: Sequence[int]) -> Iterator[Entry]:
        for document_id in document_ids:
            for passage in store.passages_of(document_id):
                # Its title and heading help to find a passage; they are no part of its text.
                found_by = f"{passage.title}\n{passage.heading or ''}\n{passage.text}"
                yield Entry(passage.id, document_id, passage_terms(found_by, passage.language))

    @property
    def _state_file(self) -> Path:
        return self._folder / "caches.json"

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.faiss"

    def _read_state(self) -> _State:
        try:
            return _State(**json.loads(self._state_file.read_text()))
        except (OSError, ValueError, TypeError):
            # Missing or damaged: an empty state makes both caches anew.
            return _State()


def _ids(ranges: Sequence[range]) -> Ids:
    return np.fromiter(chain.from_iterable(ranges), np.int64)


def _batches(documents: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(documents), _BATCH):
        yield documents[start : start + _BATCH]
