"""Index: collections of documents that can be searched, as a front end opens them."""

from __future__ import annotations

from contextlib import closing, contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from retrieval.documents import folder, passages, readers
from retrieval.documents.isolation import IsolatedReader
from retrieval.documents.passages import Splitter
from retrieval.encoding import token_codes
from retrieval.encoding.encoder import QueryCache
from retrieval.errors import SettingsError, UnreachableError
from retrieval.indexing import bm25
from retrieval.indexing.faiss_store import FaissStore
from retrieval.indexing.sync import UNCONFIRMED, Removals, Sync, SyncReport
from retrieval.indexing.updater import Health, IndexUpdater, SearchIndexes
from retrieval.indexing.vector_store import FileGenerations
from retrieval.receipts.ledger import QUESTION_DAYS, Ledger
from retrieval.search.confidence import Calibration, read_calibration
from retrieval.search.questions import Question
from retrieval.search.search import Search
from retrieval.sources.collection_files import CollectionFiles
from retrieval.sources.snapshots import forget_page
from retrieval.storage.records import DEFAULT_COLLECTION, Manifest
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from pathlib import Path

    from retrieval.encoding.encoder import Encoder
    from retrieval.indexing.sync import FileReport, Progress, Reader
    from retrieval.indexing.vector_store import VectorStore
    from retrieval.search.hits import Hits
    from retrieval.search.reranker import Reranker
    from retrieval.storage import records
    from retrieval.storage.documents import Parts
    from retrieval.storage.pages import Page
    from retrieval.storage.records import StoredDocument

_VERSION = ".".join(
    map(str, (readers.READERS_VERSION, passages.SPLIT_VERSION, bm25.TERMS_VERSION, token_codes.CODES_VERSION))
)
"""Of how documents are read, cut, split into words and encoded."""


class Index:
    """Documents that can be searched. Threads may sync, one after another, while another does all the rest.

    Its parts: `receipts` of the answers, `health` for `quoth doctor`, and `queries`, questions that are compared.

    Args:
        data: the folder for everything that Quoth keeps.
        encoder: makes the vectors.
        reranker: orders the first hits instead of the encoder's token vectors, if given.
        reader: reads the files; by default, in a process of its own.
        question_days: how long receipts keep the questions.
        secret_file: the file with the key that persons are hashed with, if it is not to be in the database.
        database: the URL of a database that several machines share, instead of files in the data folder.
        vector_store: where the vectors are searched; by default, in the data folder. It is closed with the index.

    Raises:
        StoreError: from every method, if the data folder cannot be used, or the vector store does not answer.
    """

    def __init__(
        self,
        data: Path,
        encoder: Encoder,
        reranker: Reranker | None = None,
        reader: Reader | None = None,
        *,
        question_days: int = QUESTION_DAYS,
        secret_file: Path | None = None,
        database: str = "",
        vector_store: VectorStore | None = None,
    ) -> None:
        self._data = data
        self._database = database
        self._encoder = encoder
        self._vectors = vector_store or FaissStore(data)
        self._reader = reader or IsolatedReader()
        self._splitter = Splitter(encoder.count_tokens, encoder.window)
        self._manifest = Manifest(encoder.fingerprint, encoder.dimension, _VERSION)
        self._store = self._open()
        self._store_lock = Lock()
        """A sync opens a store of its own, so that nobody waits for it."""
        self._sync_lock = Lock()
        indexes = SearchIndexes(data, self._store, self._vectors)
        self._search = Search(self._store, indexes, self._manifest, encoder, reranker)
        self.receipts = Ledger(data, question_days, database, secret_file)
        self.health = Health(data, self.reading, self._vectors, self._reader.limits)
        self.queries = QueryCache(encoder)

    def _open(self) -> Store:
        return Store(self._data, self._database)

    def close(self) -> None:
        """Release the files."""
        self._store.close()
        self.receipts.close()
        self._vectors.close()

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """Lock the database of documents, to read a moment in it."""
        with self._store_lock:
            yield self._store

    def collections(self) -> list[records.Collection]:
        """List all collections, oldest first."""
        with self.reading() as store:
            return store.collections.all()

    def documents(self) -> list[StoredDocument]:
        """List all documents, by collection and path."""
        with self.reading() as store:
            return store.documents.all()

    def set_title(self, collection: str, path: str, title: str) -> None:
        """Set the title of a file from the next sync on; an empty one restores the file's own.

        Call it before the file is put there. Replicas may do so at once.
        """
        with self.reading() as store:
            store.titles.set(collection, path, title)

    # --- keeping up with the documents

    def sync(
        self,
        documents: Path,
        collection: str = DEFAULT_COLLECTION,
        *,
        removals: Removals = UNCONFIRMED,
        rebuild: bool = False,
        lists_pages: bool = True,
        progress: Callable[[Progress], None] = lambda _: None,
        report: Callable[[FileReport], None] = lambda _: None,
        message: Callable[[str], None] = lambda _: None,
    ) -> SyncReport:
        """Make a collection equal to a folder: read what is new or changed, remove what is gone.

        While another process is indexing, this waits for it.

        Args:
            documents: the folder.
            collection: its name. If it had another folder before, that is replaced only if it loses nothing.
            removals: which documents may go although it looks like an accident; the report tells what was withheld.
            rebuild: begin again from nothing.
            lists_pages: whether a file sources.txt in the folder names web pages; not where strangers add files.
            progress: called while files are read and encoded.
            report: called with each file once the database has it.
            message: called with what a person who waits should know.

        Raises:
            SettingsError: there is no such folder.
            UnreachableError: the vector store does not answer. What was read is kept, and the next sync brings it
                there.
        """
        folder.check(documents)
        with self._writing(message) as (store, updater):
            updater.remove_leftovers()
            rebuilt = self._prepare(store)
            if rebuilt:
                message(rebuilt)
            target = _find_collection(store, collection) or store.collections.save(collection, documents.absolute())
            parts = store, self._reader, self._splitter, self._encoder
            place = self._data, documents.absolute(), collection, store, self._reader.limits
            there = CollectionFiles.open(*place, lists_pages=lists_pages)
            there.add_sources(store)
            sync = Sync(target, there, *parts, progress, removals, rebuild)
            with closing(self._reader):
                files = []
                for file in updater.catch_up_during(sync.run(), target):
                    files.append(file)
                    report(file)
            if not sync.withheld:
                there.remove_sources(store)
            try:
                updater.catch_up(target)
            except UnreachableError as error:
                text = f"The documents were read and are kept, but are not found by meaning yet. {error}"
                raise UnreachableError(text) from error
        files.sort(key=lambda file: file.path)
        return SyncReport(files, rebuilt, (sync.withheld,) if sync.withheld else ())

    def follow(self) -> None:
        """Update the files in the data folder after another machine has indexed into the same database."""
        with self.reading() as store:
            state = store.log.read_state()
        shown = FileGenerations.read(self._data, state.identity).lexical
        if state.manifest == self._manifest and shown != state.generation:
            with self._sync_lock, closing(self._open()) as store:
                IndexUpdater(self._data, store, self._vectors).follow()

    def drop(self, collection: str, message: Callable[[str], None] = lambda _: None) -> None:
        """Delete a collection, if there is one of this name, and its documents; their files stay as they are."""
        with self._writing(message) as (store, updater):
            if stored := _find_collection(store, collection):
                store.collections.drop(stored)
                store.pages.drop(collection)
                updater.drop(stored)

    def forget(self, collection: str, path: str, message: Callable[[str], None] = lambda _: None) -> int:
        """Erase all that is kept of a document that had to go, and count its quotes on receipts.

        What stays are the statements of the receipts, with its path, title and headings, and hashes of its words.

        Raises:
            SettingsError: its file or source is still there, so that the next sync would read it again.
        """
        with self._writing(message) as (store, updater):
            known = _find_collection(store, collection)
            sha256 = store.documents.read_hashes(known).get(path, "") if known else ""
            if known:
                folders = {one.name: one.folder for one in store.collections.all()}
                copies = store.documents.find_paths(sha256) if sha256 else []
                _check_is_gone(folders[name] / copy for name, copy in [(collection, path), *copies])
                forget_page(self._data, store, path)
                store.documents.remove(known, path)
                store.titles.set(collection, path, "")
                store.spare_vectors.clear(also_former=True)
                updater.rewrite(known)
                store.database.empty_log()
            standing = {document.sha256 for document in store.documents.all()}
        with self._store_lock:
            return self.receipts.forget_document(collection, path, {sha256} - {""}, standing)

    def delete_vectors(self) -> None:
        """Delete the vectors, which may be outside the data folder, because that is about to be deleted."""
        with self.reading() as store:
            self._vectors.delete_all(store)

    @property
    def is_being_written(self) -> bool:
        """Check whether another process, or another thread of this one, is changing the index now."""
        with self.reading() as store:
            is_free = store.acquire(wait=False)
            if is_free:
                store.release()
        return not is_free

    @contextmanager
    def _writing(self, message: Callable[[str], None]) -> Iterator[tuple[Store, IndexUpdater]]:
        # Threads of this process wait without a message.
        with self._sync_lock, closing(self._open()) as store:
            if not store.acquire(wait=False):
                message("Another process is indexing; waiting for it to finish.")
                store.acquire(wait=True)
            try:
                yield store, IndexUpdater(self._data, store, self._vectors)
            finally:
                store.release()

    def _prepare(self, store: Store) -> str:
        """Empty the database if it was made with other versions, and say why."""
        old = store.log.read_state().manifest
        if old == self._manifest:
            return ""
        store.clear(self._manifest)
        if old is None:
            return ""
        reason = "with another model" if old.model != self._manifest.model else "by another version of Quoth"
        return f"The index was made {reason}. Indexing all documents anew."

    # --- searching

    @property
    def can_be_searched(self) -> bool:
        """Check whether there is an index that fits the model."""
        with self.reading() as store:
            return store.log.read_state().manifest == self._manifest

    @property
    def calibration(self) -> Calibration:
        """Read the parameters of the confidence: those that `calibrate` saved, else the default."""
        with self.reading() as store:
            return read_calibration(store.log.read_state())

    def calibrate(self, calibration: Calibration) -> None:
        """Save parameters of the confidence that were fitted to this index's model."""
        with self.reading() as store:
            if store.log.read_state().manifest is None:
                store.clear(self._manifest)
            store.log.set_calibration(calibration.to_json())

    def search(
        self,
        question: Question | str,
        k: int,
        *,
        collections: Container[str] | None = None,
        hidden: Parts | None = None,
    ) -> Hits:
        """Find the passages that are most likely to answer, best first: k, or some more that ranking needed.

        Args:
            question: what is asked; not blank.
            k: how many the caller wants; fewer come if there are not so many.
            collections: names of those to search in; None for all.
            hidden: documents, or parts of them whose passages are, to act as if they were not there.

        Raises:
            QuestionError: the question is longer than the encoder can read at once.
            StoreError: nothing has been indexed yet, or it was with another model.
        """
        question = question if isinstance(question, Question) else Question(question)
        with self._store_lock:
            return self._search.hits(question, k, collections, hidden)


def title_of(index: Index, collection: str, path: str) -> str:
    """Get the title that was set for a file; empty without one."""
    with index.reading() as store:
        return store.titles.read(collection).get(path, "")


def has_due_pages(index: Index, due_before: float) -> bool:
    """Tell whether a web page waits for its first fetch, or was not checked since a time, in seconds since 1970."""
    with index.reading() as store:
        return store.pages.are_due(due_before)


def pages_of(index: Index, collection: str) -> list[Page]:
    """List the web pages of a collection, by address."""
    with index.reading() as store:
        return store.pages.pages(collection)


def _find_collection(store: Store, name: str) -> records.Collection | None:
    return next((collection for collection in store.collections.all() if collection.name == name), None)


def _check_is_gone(files: Iterable[Path]) -> None:
    for file in files:
        if file.exists():
            message = f"{file} is still there, and would be read again. Delete it first, and all copies of it."
            raise SettingsError(message)
