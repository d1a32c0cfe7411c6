"""Index: collections of documents that can be searched, as a front end opens them."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from retrieval.documents.isolation import IsolatedReader
from retrieval.encoding.encoder import QueryCache
from retrieval.indexing.faiss_store import FaissStore
from retrieval.indexing.file_generations import FileGenerations
from retrieval.indexing.health import Health
from retrieval.indexing.indexer import Indexer, manifest_of
from retrieval.indexing.updater import SearchIndexes
from retrieval.receipts.ledger import QUESTION_DAYS, Ledger
from retrieval.search.confidence import Calibration, calibration_of
from retrieval.search.questions import Question
from retrieval.search.search import Search
from retrieval.storage.records import DEFAULT_COLLECTION
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterator
    from pathlib import Path

    from retrieval.encoding.encoder import Encoder
    from retrieval.indexing.sync import Progress, Reader, SyncReport
    from retrieval.indexing.vector_store import VectorStore
    from retrieval.search.reranker import Reranker
    from retrieval.search.search import Hits
    from retrieval.storage import records
    from retrieval.storage.records import StoredDocument


def _silent(_: object) -> None:
    pass


class Index:
    """Documents that can be searched. Threads may sync, one after another, while another does all the rest.

    Its parts: `receipts` of the answers, `health` for `quoth doctor`, and `queries`, questions that are compared.

    Args:
        data: the folder for everything that Quoth keeps.
        encoder: makes the vectors.
        reranker: orders the first hits instead of the encoder's token vectors, if given.
        reader: reads the files; by default, in a process of its own.
        question_days: how long receipts keep the questions.
        database: the URL of a database that several machines share, instead of files in the data folder.
        vector_store: where the vectors are searched; by default, in the data folder. It is closed with the index.

    Raises:
        StoreError: the data folder cannot be used.
    """

    def __init__(
        self,
        data: Path,
        encoder: Encoder,
        reranker: Reranker | None = None,
        reader: Reader | None = None,
        *,
        question_days: int = QUESTION_DAYS,
        database: str = "",
        vector_store: VectorStore | None = None,
    ) -> None:
        self._data = data
        self._database = database
        self._vectors = vectors = vector_store or FaissStore(data)
        reader = reader or IsolatedReader()
        self._manifest = manifest_of(encoder)
        self._store = self._open()
        self._turn = Lock()
        """To use the store. A sync has its own, so that nobody waits for it."""
        indexes = SearchIndexes(data, self._store, vectors)
        self._search = Search(self._store, indexes, self._manifest, encoder, reranker)
        self._indexer = Indexer(data, self._open, vectors, reader, encoder)
        self.receipts = Ledger(data, question_days, database)
        self.health = Health(data, self.reading, vectors, reader.limits)
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
        """Have what is kept of the documents for yourself, to read a moment in it."""
        with self._turn:
            yield self._store

    def collections(self) -> list[records.Collection]:
        """List all collections, in the order in which they were made."""
        with self.reading() as store:
            return store.collections.all()

    def documents(self) -> list[StoredDocument]:
        """List all documents, by collection and path."""
        with self.reading() as store:
            return store.documents.all()

    def set_title(self, collection: str, path: str, title: str) -> None:
        """Let a file have this title from the next sync on; with an empty one, its own when it is read anew.

        To be called before the file is put there. Replicas may do so at once.
        """
        with self.reading() as store:
            store.titles.set(collection, path, title)

    # --- keeping up with the documents

    def sync(
        self,
        documents: Path,
        *,
        collection: str = DEFAULT_COLLECTION,
        rebuild: bool = False,
        progress: Callable[[Progress], None] = _silent,
        message: Callable[[str], None] = _silent,
    ) -> SyncReport:
        """Make a collection equal to a folder: only what is new or changed is read into it.

        Args:
            documents: the folder, which is the collection's from now on.
            collection: its name; it is made if there is none.
            rebuild: begin again from nothing.
            progress: called while files are read and encoded.
            message: called with what a person who waits should know.

        Raises:
            SettingsError: there is no such folder.
            StoreError: the data folder cannot be written.
            UnreachableError: the vector store does not answer. What was read is kept, and the next sync brings it
                there.
        """
        return self._indexer.sync(documents, collection, rebuild=rebuild, progress=progress, message=message)

    def follow(self) -> None:
        """Let the files in the data folder show what was indexed with another one, on the same database.

        Raises:
            StoreError: they cannot be written.
        """
        with self.reading() as store:
            state = store.log.state()
        shown = FileGenerations.read(self._data, state.identity).lexical
        if state.manifest == self._manifest and shown != state.generation:
            self._indexer.follow()

    def drop(self, collection: str, message: Callable[[str], None] = _silent) -> None:
        """Forget a collection, if there is one of this name, and its documents; their files stay as they are."""
        self._indexer.drop(collection, message)

    def delete_vectors(self) -> None:
        """Delete the vectors, which may be outside the data folder, because that is about to be deleted.

        Raises:
            UnreachableError: the vector store does not answer.
        """
        with self.reading() as store:
            self._vectors.delete_all(store)

    @property
    def is_being_written(self) -> bool:
        """Whether another process, or another thread of this one, is changing the index now."""
        with self.reading() as store:
            is_free = store.acquire(wait=False)
            if is_free:
                store.release()
        return not is_free

    # --- searching

    @property
    def can_be_searched(self) -> bool:
        """Whether there is an index that fits the model."""
        with self.reading() as store:
            return store.log.state().manifest == self._manifest

    @property
    def calibration(self) -> Calibration:
        """Of the confidence: what `calibrate` kept, else the default."""
        with self.reading() as store:
            return calibration_of(store.log.state())

    def calibrate(self, calibration: Calibration) -> None:
        """Keep parameters of the confidence that were fitted to this index's model."""
        with self.reading() as store:
            if store.log.state().manifest is None:
                store.clear(self._manifest)
            store.log.set_calibration(calibration.to_json())

    def search(
        self,
        question: Question | str,
        k: int,
        *,
        collections: Container[str] | None = None,
        hidden: Collection[str] = (),
        rerank: bool = True,
    ) -> Hits:
        """Find the passages that are most likely to answer, best first: k, or some more that ranking needed.

        Args:
            question: what is asked; not blank.
            k: how many the caller wants; fewer come if there are not so many.
            collections: names of those to search in; None for all.
            hidden: paths of documents to act as if they were not there.
            rerank: whether to rank the first ones anew. Without, a search takes a tenth of the time, the order is
                a little worse, and the evidence is a guess that no confidence can be taken from.

        Raises:
            QuestionError: the question is longer than the encoder can read at once.
            StoreError: nothing has been indexed yet, or it was with another model.
        """
        question = question if isinstance(question, Question) else Question(question)
        with self._turn:
            return self._search.hits(question, k, collections, hidden, rerank=rerank)
