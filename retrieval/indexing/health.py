"""Health: whether an index is sound, complete and up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.indexing.sync import FileReport, FileState, differences
from retrieval.indexing.updater import IndexUpdater

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from retrieval.documents.readers.limits import Limits
    from retrieval.indexing.vector_store import VectorReport, VectorStore
    from retrieval.storage.store import Store


class Health:
    """What `quoth doctor` asks of an index.

    Args:
        folder: where the words' files are.
        reading: gives the store for a moment.
        vectors: where they are searched.
        limits: on the files that can be read.
    """

    def __init__(
        self,
        folder: Path,
        reading: Callable[[], AbstractContextManager[Store]],
        vectors: VectorStore,
        limits: Limits,
    ) -> None:
        self._folder = folder
        self._reading = reading
        self._vectors = vectors
        self._limits = limits

    def damages(self) -> list[str]:
        """Say what is wrong with the database itself; nothing if it is sound. Reads all of it."""
        with self._reading() as store:
            return store.database.damages()

    def check_indexes(self) -> VectorReport:
        """Say what the next sync mends by itself, from the database.

        Raises:
            UnreachableError: the vector store does not answer.
        """
        with self._reading() as store:
            return IndexUpdater(self._folder, store, self._vectors).check()

    def failures(self) -> list[FileReport]:
        """List the files that could not be read the last time."""
        with self._reading() as store:
            return [
                FileReport(path, FileState.FAILED, str(error), error.fault, collection=each.name)
                for each in store.collections.all()
                for path, (_, error) in store.failures.of(each).items()
            ]

    def differences(self) -> dict[str, list[str]]:
        """Collection → paths of the files that are new, changed or gone; of collections whose folder is there."""
        with self._reading() as store:
            return {
                each.name: differences(each, store, self._limits)
                for each in store.collections.all()
                if each.folder.is_dir()
            }
