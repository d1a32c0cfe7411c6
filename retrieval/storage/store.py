"""Store: the database of documents. All indexes can be rebuilt from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.storage import documents
from retrieval.storage.change_log import ChangeLog
from retrieval.storage.database import Schema
from retrieval.storage.opening import open_database
from retrieval.storage.pages import PageRepository
from retrieval.storage.vectors import SpareVectors, StoredVectors

if TYPE_CHECKING:
    from retrieval.storage.records import Manifest

INDEX_FILE = "quoth.db"
_WRITE = "write"
"""The lock of the one process that may write."""

# fmt: off
INDEX_SCHEMA = Schema(
    name="index",
    what="the index",
    revisions=Path(__file__).parent / "migrations" / "index",
    head="0009",
    when_damaged=(
        "The file is damaged. Move {name}* away from there and run `quoth index`, "
        "which builds it anew from your documents."
    ),
    known_versions={4: "0001"},
    application_id=0x51756F31,
    core=frozenset({"documents", "manifest", "passages", "sentences"}),
    older_tables=frozenset({
        "collections", "counters", "documents", "failures", "kept_quotes", "manifest", "milvus", "partial_vectors",
        "passages", "removals", "schema_version", "sentences", "spare_vectors", "titles",
    }),
    can_be_rebuilt=True,
)
# fmt: on


class Store:
    """Opens the database and its tables. One thread at a time may use it; any number of processes may read.

    Args:
        data: the folder for everything that Quoth keeps.
        database: the URL of a database to use instead of a file there, if any.

    Raises:
        StoreError: from every method, also of the parts, if the database cannot be used.
    """

    def __init__(self, data: Path, database: str = "") -> None:
        self.database = open_database(data / INDEX_FILE, INDEX_SCHEMA, database)
        self.log = ChangeLog(self.database)
        self.collections = documents.CollectionRepository(self.database, self.log)
        self.documents = documents.DocumentRepository(self.database, self.log)
        self.passages = documents.PassageRepository(self.database)
        self.failures = documents.FailureRepository(self.database)
        self.titles = documents.TitleRepository(self.database)
        self.pages = PageRepository(self.database)
        self.vectors = StoredVectors(self.database)
        self.spare_vectors = SpareVectors(self.database)

    def close(self) -> None:
        """Release the database."""
        self.database.close()

    def acquire(self, *, wait: bool) -> bool:
        """Acquire the lock for writing; without `wait`, return false if another process has it."""
        return self.database.acquire(_WRITE, wait=wait)

    def release(self) -> None:
        """Release the lock for writing."""
        self.database.release(_WRITE)

    def clear(self, manifest: Manifest) -> None:
        """Delete all documents, but not the collections, and begin again with another manifest."""
        old = self.log.read_state().manifest
        with self.database.transaction() as db:
            if old is not None and old.model != manifest.model:
                db.execute("DELETE FROM manifest WHERE key = 'calibration'")
                db.execute("DELETE FROM spare_vectors")
            for table in ("documents", "removals", "failures"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            self.log.reset(manifest)
