"""Indexer: keeps collections equal to their folders, and lets the indexes of vectors and words catch up."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from retrieval.documents import folder, passages, readers
from retrieval.documents.passages import Splitter
from retrieval.errors import UnreachableError
from retrieval.indexing import bm25
from retrieval.indexing.sync import Sync, SyncReport
from retrieval.indexing.updater import IndexUpdater
from retrieval.storage.records import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from retrieval.encoding.encoder import Encoder
    from retrieval.indexing.sync import FileReport, Progress, Reader
    from retrieval.indexing.vector_store import VectorStore
    from retrieval.storage.records import Collection
    from retrieval.storage.store import Store

VERSION = f"{readers.READERS_VERSION}.{passages.SPLIT_VERSION}.{bm25.VERSION}"
"""How documents are read, cut and found by their words."""
_CATCH_UP_S = 2.0
"""How often a sync lets the indexes follow: in between, others see new documents by their vectors only."""
_TRY_AGAIN_S = 60.0
"""How long a sync goes on without a vector store that did not answer."""
_SAVE_SHARE = 0.5
"""Of the vectors that must be new for a sync to write them before its end: a long one then writes each twice."""


def manifest_of(encoder: Encoder) -> Manifest:
    """Say what an index depends on that is made with this encoder and this version of Quoth."""
    return Manifest(model=encoder.fingerprint, dimension=encoder.dimension, passages=VERSION)


class Indexer:
    """Changes an index. Threads may use it, one after another: each opens the database for itself.

    Args:
        data: where the words' files are.
        open_store: opens the database.
        vectors: where they are searched.
        reader: reads the files.
        encoder: makes the vectors.
    """

    def __init__(
        self,
        data: Path,
        open_store: Callable[[], Store],
        vectors: VectorStore,
        reader: Reader,
        encoder: Encoder,
    ) -> None:
        self._data = data
        self._open_store = open_store
        self._vectors = vectors
        self._reader = reader
        self._encoder = encoder
        self._splitter = Splitter(encoder.count_tokens, encoder.window)
        self._manifest = manifest_of(encoder)
        self._one_sync = Lock()

    def sync(
        self,
        documents: Path,
        collection: str,
        *,
        rebuild: bool,
        progress: Callable[[Progress], None],
        message: Callable[[str], None],
    ) -> SyncReport:
        """Make a collection equal to a folder; arguments and errors are those of `Index.sync`."""
        folder.check(documents)
        with self._writing(message) as store:
            updater = IndexUpdater(self._data, store, self._vectors)
            updater.sweep()
            rebuilt = self._prepare(store)
            if rebuilt:
                message(rebuilt)
            kept = store.collections.save(collection, documents.absolute())
            if rebuild:
                store.documents.remove_all(kept)
                store.partial_vectors.clear()
            run = Sync(kept, store, self._reader, self._splitter, self._encoder, progress=progress)
            with closing(self._reader):
                files = list(_followed(run.run(), updater, kept))
            try:
                updater.catch_up(kept)
            except UnreachableError as error:
                message_ = f"The documents were read and are kept, but are not found by meaning yet. {error}"
                raise UnreachableError(message_) from error
        return SyncReport(sorted(files, key=lambda file: file.path), rebuilt)

    def follow(self) -> None:
        """Let the files in the data folder show what was indexed with another one, on the same database."""
        with self._one_sync, closing(self._open_store()) as store:
            IndexUpdater(self._data, store, self._vectors).follow()

    def drop(self, name: str, message: Callable[[str], None]) -> None:
        """Forget a collection, if there is one of this name, and its documents."""
        with self._writing(message) as store:
            for collection in store.collections.all():
                if collection.name == name:
                    store.collections.drop(collection)
                    IndexUpdater(self._data, store, self._vectors).drop(collection)

    @contextmanager
    def _writing(self, message: Callable[[str], None]) -> Iterator[Store]:
        # Between the threads of this process, whose wait is nobody's concern.
        with self._one_sync, closing(self._open_store()) as store:
            if not store.acquire(wait=False):
                message("Another process is indexing; waiting for it to finish.")
                store.acquire(wait=True)
            try:
                yield store
            finally:
                store.release()

    def _prepare(self, store: Store) -> str:
        """Empty the database if what is in it does not fit; say why."""
        found = store.log.state().manifest
        if found == self._manifest:
            return ""
        store.clear(self._manifest)
        if found is None:
            return ""
        if found.model != self._manifest.model:
            return "The index was made with another model. Indexing all documents anew."
        return "The index was made by another version of Quoth. Indexing all documents anew."


def _followed(run: Iterator[FileReport], updater: IndexUpdater, collection: Collection) -> Iterator[FileReport]:
    """Let the indexes follow now and then, so that a long run can be searched while it lasts."""
    next_time = time.monotonic() + _CATCH_UP_S
    for report in run:
        yield replace(report, collection=collection.name)
        if time.monotonic() > next_time:
            try:
                updater.catch_up(collection, share=_SAVE_SHARE)
                pause = _CATCH_UP_S
            except UnreachableError:
                # The documents are kept all the same; if it lasts until the end, the sync says so.
                pause = _TRY_AGAIN_S
            next_time = time.monotonic() + pause
