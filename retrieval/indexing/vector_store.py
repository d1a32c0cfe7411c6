"""VectorStore: the interface of what searches vectors, and `FileGenerations`, the state of the index files.

A vector store is an index of the database that may lag behind: ids are never used twice, so it can miss a passage, but
never show another in its place. It is chosen when an index is opened; nothing else knows which one it is.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from retrieval.files import atomic_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.records import Collection, IndexState, PassageIds
    from retrieval.storage.store import Store

_Item = TypeVar("_Item")

SAVE_SHARE = 0.05
"""Files are written when this share of the vectors is new; until then, reading the few from the database is quicker."""


@dataclass(frozen=True, slots=True)
class VectorReport:
    """The state of a vector store."""

    summary: str = ""
    """About a server on another machine; empty for files, where the damages say all."""
    damages: tuple[str, ...] = ()
    """What the next sync repairs."""


class VectorSearcher(Protocol):
    """Searches the vectors of some collections, for one question."""

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        """Find the ids of the k sentences nearest to a (dimension,) vector, best first; fewer if there are."""

    def read(self, passages: Sequence[PassageIds]) -> Iterable[tuple[PassageIds, Vectors]]:
        """Read the (sentences, dimension) vectors of each of these passages, if its collection is among these."""


class VectorStore(Protocol):
    """The vectors of all collections. One thread at a time searches; the holder of the lock for writing writes.

    Raises:
        UnreachableError: from every method, if it is on another machine and does not answer.
    """

    is_shared: bool
    """Whether all machines share it; else each has its own, which has to follow what another indexes."""

    def searcher(self, store: Store, state: IndexState, collections: Sequence[Collection]) -> VectorSearcher:
        """Open the vectors of these collections."""

    def catch_up(self, store: Store, collection: Collection, share: float) -> None:
        """Write the changes of a collection since the last time.

        Args:
            store: the database.
            collection: the one that was changed.
            share: of its sentences that must be new, if the store writes many at once.

        Raises:
            OSError: a file cannot be written.
        """

    def generations(self, store: Store) -> Mapping[int, int]:
        """Read collection's id → the generation that every search shows at least."""

    def drop(self, store: Store, collection: Collection) -> None:
        """Delete the vectors of a collection that was dropped; else the next `catch_up` does."""

    def delete_all(self, store: Store) -> None:
        """Delete all vectors of a database that nobody will use again."""

    def check(self, store: Store) -> VectorReport:
        """Compare it with the database."""

    def close(self) -> None:
        """Release connections and memory."""


@dataclass(frozen=True, slots=True)
class FileGenerations:
    """The generations that the index files of a data folder show; `caches.json`, written after them."""

    identity: str = ""
    """Of the database."""
    lexical: int = 0
    dense: dict[str, int] = field(default_factory=dict)
    """By the collection's id, which JSON wants to be a string."""

    @classmethod
    def read(cls, folder: Path, identity: str) -> FileGenerations:
        """Read them for this database; all are 0 if the file is missing, damaged or of another one."""
        try:
            state = cls(**json.loads(_file(folder).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return cls(identity)
        return state if state.identity == identity else cls(identity)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Check whether the file is there."""
        return _file(folder).exists()

    def write(self, folder: Path) -> None:
        """Write the file, if that changes anything.

        Raises:
            OSError: it cannot be written.
        """
        if not self.exists(folder) or self.read(folder, self.identity) != self:
            with atomic_write(_file(folder), is_durable=False) as partial:
                partial.write_text(json.dumps(asdict(self)), "utf-8")


def batches(items: Sequence[_Item], size: int) -> Iterable[Sequence[_Item]]:
    """Split items into parts of this size."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _file(folder: Path) -> Path:
    return folder / "caches.json"
