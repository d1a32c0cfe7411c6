"""Engine: where vectors are kept. One is chosen when an index is opened, and nothing else knows which it is.

The store is the truth, and an engine a cache of its vectors, which may lag behind: ids are never used twice, so it can
miss a passage, but never show another in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from retrieval.store import Collection, Span, Store
    from retrieval.vectors import Vectors

SAVE_SHARE = 0.05
"""Vectors are written to disk when this share of them is new; until then, reading the few from the store is
quicker than writing all."""


class Shelves(Protocol):
    """Vectors of some collections, for one search."""

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        """Ids of the k nearest sentences to a (dimension,) vector, best first; fewer if there are."""

    def nearest_passages(self, vector: Vectors, k: int) -> list[int]:
        """Ids of the k nearest passages, best first; fewer if there are."""

    def cosines(self, spans: Sequence[Span], vector: Vectors) -> Iterable[tuple[Span, float, Vectors]]:
        """Each passage of these collections with its own cosine to a vector, and those of its sentences."""


class VectorReader(Protocol):
    """What a search needs; used by one thread at a time."""

    def current(self, store: Store, collections: Sequence[Collection]) -> Shelves:
        """The vectors of these collections, as far as the engine has come."""


class VectorWriter(Protocol):
    """Lets the engine follow a store; only for the process, and the thread, that holds the lock for writing."""

    def catch_up(self, collection: Collection, share: float) -> None:
        """Show what the store holds now.

        Args:
            collection: the one that was changed.
            share: of its sentences that must be new, if that many are better written at once.

        Raises:
            OSError: a file cannot be written.
            UnreachableError: the engine does not answer.
        """

    def follow(self) -> None:
        """Let what lies on this machine, if anything does, follow what another one has indexed.

        Raises:
            OSError: a file cannot be written.
        """

    def shown(self) -> Mapping[int, int]:
        """Collection's id → the generation that all who search are shown at least."""

    def drop(self, collection: Collection) -> None:
        """Forget a collection that is no longer in the store.

        Raises:
            UnreachableError: the engine does not answer; the next `catch_up` forgets it.
        """

    def forget(self) -> None:
        """Forget all of this store, which will not be used any more.

        Raises:
            UnreachableError: the engine does not answer.
        """

    def report(self) -> list[str]:
        """What a person may want to know of an engine on another machine.

        Raises:
            UnreachableError: it does not answer.
        """

    def damages(self) -> list[str]:
        """What the next sync mends.

        Raises:
            UnreachableError: the engine does not answer.
        """


class Engine(Protocol):
    """Makes both for a data folder."""

    def reader(self, data: Path, dimension: int) -> VectorReader:
        """For vectors of this length."""

    def writer(self, data: Path, dimension: int, store: Store) -> VectorWriter:
        """For this store, with vectors of this length."""

    def close(self) -> None:
        """Let go of the engine, which is asked for nothing any more."""


def batches(ids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    """So many at a time."""
    return (ids[start : start + size] for start in range(0, len(ids), size))
