"""VectorStore: where vectors are searched. One is chosen when an index is opened, and nothing else knows which it is.

The database is the truth, and a vector store an index of it that may lag behind: ids are never used twice, so it can
miss a passage, but never show another in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.records import Collection, IndexState, PassageIds
    from retrieval.storage.store import Store

_Item = TypeVar("_Item")

SAVE_SHARE = 0.05
"""Vectors are written to disk when this share of them is new; until then, reading the few from the database is
quicker than writing all."""


@dataclass(frozen=True, slots=True)
class VectorReport:
    """How a vector store is."""

    summary: str = ""
    """What a person may want to know of one on another machine; empty for files, of which the damages say all."""
    damages: tuple[str, ...] = ()
    """What the next sync mends."""


class VectorSearcher(Protocol):
    """Searches the vectors of some collections, for one question."""

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        """Find the ids of the k nearest sentences to a (dimension,) vector, best first; fewer if there are."""

    def nearest_passages(self, vector: Vectors, k: int) -> list[int]:
        """Find the ids of the k nearest passages, best first; fewer if there are."""

    def cosines(self, passages: Sequence[PassageIds], vector: Vectors) -> Iterable[tuple[PassageIds, float, Vectors]]:
        """Compare each passage of these collections with a vector: its own cosine, and those of its sentences."""


class VectorStore(Protocol):
    """Vectors of all collections. Searched by one thread at a time; written beside it by the one that may write.

    Raises:
        UnreachableError: from every method, if it is on another machine and does not answer.
    """

    is_shared: bool
    """Whether it is one for all machines; else each machine has its own, and has to follow what another indexes."""

    def searcher(self, store: Store, state: IndexState, collections: Sequence[Collection]) -> VectorSearcher:
        """Open these collections, as far as the vectors have come."""

    def catch_up(self, store: Store, collection: Collection, share: float) -> None:
        """Show what the database holds now of a collection.

        Args:
            store: the database.
            collection: the one that was changed.
            share: of its sentences that must be new, if that many are better written at once.

        Raises:
            OSError: a file cannot be written.
        """

    def generations(self, store: Store) -> Mapping[int, int]:
        """Collection's id → the generation that all who search are shown at least."""

    def drop(self, store: Store, collection: Collection) -> None:
        """Delete the vectors of a collection that is no longer in the database; else the next `catch_up` does."""

    def delete_all(self, store: Store) -> None:
        """Delete all vectors of a database that will not be used any more."""

    def check(self, store: Store) -> VectorReport:
        """Look whether it shows all that the database holds."""

    def close(self) -> None:
        """Let go of connections and memory."""


def batches(items: Sequence[_Item], size: int) -> Iterable[Sequence[_Item]]:
    """Split items into parts of this size."""
    return (items[start : start + size] for start in range(0, len(items), size))
