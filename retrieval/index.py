"""Index: collections of documents that can be searched.

The store is the truth; the vectors' and the words' indexes are caches that catch up with it.
"""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from retrieval import folder, passages, readers, store
from retrieval.confidence import DEFAULT, Calibration
from retrieval.errors import QuestionError, QuestionFault, StoreError, UnreachableError
from retrieval.indexing import bm25
from retrieval.indexing.faiss_store import Embedded
from retrieval.indexing.sync import FileReport, FileState, Sync, SyncReport, differences
from retrieval.indexing.updater import Caches, CacheWriter
from retrieval.isolation import IsolatedReader
from retrieval.passages import Splitter
from retrieval.receipts import QUESTION_DAYS, Receipts
from retrieval.search import Search
from retrieval.store import DEFAULT_COLLECTION, Manifest, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from retrieval.encoder import Encoder
    from retrieval.indexing.sync import Progress, Reader
    from retrieval.indexing.vector_store import Engine, VectorWriter
    from retrieval.receipts import Span
    from retrieval.reranker import Reranker
    from retrieval.search import Hit
    from retrieval.store import StoredDocument, StoredPassage
    from retrieval.vectors import Query

VERSION = f"{readers.VERSION}.{passages.VERSION}.{bm25.VERSION}"
"""How documents are read, cut and found by their words."""
_CATCH_UP_S = 2.0
"""How often a sync lets the caches follow: in between, others see new documents by their vectors only."""
_TRY_AGAIN_S = 60.0
"""How long a sync goes on without an engine that did not answer."""
_SAVE_SHARE = 0.5
"""Of the vectors that must be new for a sync to write them before its end: a long one then writes each twice."""


def _silent(_: object) -> None:
    pass


def _followed(
    run: Iterator[FileReport], caches: CacheWriter, collection: store.Collection
) -> Iterator[FileReport]:
    """Let the caches follow now and then, so that a long run can be searched while it lasts."""
    next_time = time.monotonic() + _CATCH_UP_S
    for report in run:
        yield replace(report, collection=collection.name)
        if time.monotonic() > next_time:
            try:
                caches.catch_up(collection, share=_SAVE_SHARE)
                pause = _CATCH_UP_S
            except UnreachableError:
                # The documents are kept all the same; if it lasts until the end, the sync says so.
                pause = _TRY_AGAIN_S
            next_time = time.monotonic() + pause


class Index:
    """Documents that can be searched. Threads may sync, one after another, while another does all the rest.

    Args:
        data: the folder for everything that Quoth keeps.
        encoder: makes the vectors.
        reranker: orders the first hits instead of the encoder's token vectors, if given.
        reader: reads the files; by default, in a process of its own.
        question_days: how long receipts keep the questions.
        database: the URL of a database that several machines share, instead of files in the data folder.
        engine: where the vectors are kept; by default, in the data folder. It is closed with the index.

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
        engine: Engine | None = None,
    ) -> None:
        self._data = data
        self._database = database
        self._engine = engine or Embedded()
        self._encoder = encoder
        self._encoded: dict[str, Query] = {}
        self._reader = reader or IsolatedReader()
        self._splitter = Splitter(encoder.count_tokens, encoder.window)
        self._manifest = Manifest(
            model=encoder.fingerprint,
            dimension=encoder.dimension,
            passages=VERSION,
        )
        self._store = self._open()
        self.receipts = Receipts(data, question_days, database)
        self._caches = Caches(data, self._engine.reader(data, encoder.dimension))
        self._search = Search(self._store, self._caches, encoder, reranker)
        self._turn = Lock()
        """To use the store and the caches. A sync has its own, so that nobody waits for it."""
        self._one_sync = Lock()

    def _open(self) -> Store:
        return Store(self._data, self._database)

    def _cache_writer(self, opened: Store) -> CacheWriter:
        return CacheWriter(self._data, opened, self._vector_writer(opened))

    def _vector_writer(self, opened: Store) -> VectorWriter:
        return self._engine.writer(self._data, self._encoder.dimension, opened)

    def close(self) -> None:
        """Release the files."""
        self._store.close()
        self.receipts.close()
        self._engine.close()

    def discard(self) -> None:
        """Forget what is kept outside the data folder, because that is about to be deleted.

        Raises:
            UnreachableError: the engine does not answer.
        """
        with self._turn:
            self._vector_writer(self._store).forget()

    def collections(self) -> list[store.Collection]:
        """All collections, in the order in which they were made."""
        with self._turn:
            return self._store.collections()

    def documents(self) -> list[StoredDocument]:
        """All documents, by collection and path."""
        with self._turn:
            return self._store.documents()

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
            UnreachableError: the engine does not answer. What was read is kept, and the next sync brings it there.
        """
        folder.check(documents)
        with self._writing(message) as opened:
            caches = self._cache_writer(opened)
            caches.sweep()
            rebuilt = self._prepare(opened)
            if rebuilt:
                message(rebuilt)
            kept = opened.keep_collection(collection, documents.absolute())
            if rebuild:
                opened.empty(kept)
            run = Sync(kept, opened, self._reader, self._splitter, self._encoder, progress=progress)
            with closing(self._reader):
                files = list(_followed(run.run(), caches, kept))
            try:
                caches.catch_up(kept)
            except UnreachableError as error:
                message_ = f"The documents were read and are kept, but are not found by meaning yet. {error}"
                raise UnreachableError(message_) from error
        return SyncReport(sorted(files, key=lambda file: file.path), rebuilt)

    def follow(self) -> None:
        """Let the files in the data folder show what was indexed with another one, on the same database.

        Raises:
            StoreError: they cannot be written.
        """
        with self._turn:
            is_behind = self._store.manifest() == self._manifest and self._cache_writer(self._store).is_behind
        if is_behind:
            with self._one_sync, closing(self._open()) as opened:
                self._cache_writer(opened).follow()

    def drop(self, collection: str, message: Callable[[str], None] = _silent) -> None:
        """Forget a collection, if there is one of this name, and its documents; their files stay as they are."""
        with self._writing(message) as opened:
            for found in opened.collections():
                if found.name == collection:
                    opened.drop_collection(found)
                    self._cache_writer(opened).drop(found)

    @property
    def is_being_written(self) -> bool:
        """Whether another process, or another thread of this one, is changing the index now."""
        with self._turn:
            is_free = self._store.acquire(wait=False)
            if is_free:
                self._store.release()
        return not is_free

    @property
    def can_be_searched(self) -> bool:
        """Whether there is an index that fits the model."""
        with self._turn:
            return self._store.manifest() == self._manifest

    @contextmanager
    def _writing(self, message: Callable[[str], None]) -> Iterator[Store]:
        # Between the threads of this process, whose wait is nobody's concern.
        with self._one_sync, closing(self._open()) as opened:
            if not opened.acquire(wait=False):
                message("Another process is indexing; waiting for it to finish.")
                opened.acquire(wait=True)
            try:
                yield opened
            finally:
                opened.release()

    def _prepare(self, opened: Store) -> str:
        """Empty the store if what is in it does not fit; say why."""
        found = opened.manifest()
        if found == self._manifest:
            return ""
        opened.clear(self._manifest)
        if found is None:
            return ""
        if found.model != self._manifest.model:
            return "The index was made with another model. Indexing all documents anew."
        return "The index was made by another version of Quoth. Indexing all documents anew."

    # --- whether all is well

    def damages(self) -> list[str]:
        """What is wrong with the database itself; empty if it is sound. Reads all of it."""
        with self._turn:
            return self._store.damages()

    def cache_damages(self) -> list[str]:
        """What the next sync mends by itself, from the database."""
        with self._turn:
            return self._cache_writer(self._store).damages()

    def engine_report(self) -> list[str]:
        """What there is to know of an engine on another machine; empty if it is none.

        Raises:
            UnreachableError: it does not answer.
        """
        with self._turn:
            return self._vector_writer(self._store).report()

    def failures(self) -> list[FileReport]:
        """The files that could not be read the last time."""
        with self._turn:
            return [
                FileReport(path, FileState.FAILED, str(error), error.fault, collection=each.name)
                for each in self._store.collections()
                for path, (_, error) in self._store.failures(each).items()
            ]

    def differences(self) -> dict[str, list[str]]:
        """Collection → paths of the files that are new, changed or gone; of collections whose folder is there."""
        with self._turn:
            return {
                each.name: differences(each, self._store, self._reader.limits)
                for each in self._store.collections()
                if each.folder.is_dir()
            }

    # --- searching

    @property
    def calibration(self) -> Calibration:
        """Of the confidence: what `calibrate` kept, else the default."""
        with self._turn:
            kept = self._store.calibration()
        return Calibration.from_json(kept) if kept else DEFAULT

    def calibrate(self, calibration: Calibration) -> None:
        """Keep parameters of the confidence that were fitted to this index's model."""
        with self._turn:
            if self._store.manifest() is None:
                self._store.clear(self._manifest)
            self._store.keep_calibration(calibration.to_json())

    def search(
        self,
        question: str,
        k: int,
        *,
        collections: Collection[str] | None = None,
        hidden: Collection[str] = (),
        taken_over: int = 0,
        rerank: bool = True,
    ) -> list[Hit]:
        """The passages that are most likely to answer, best first: k, or some more that ranking needed.

        Args:
            question: what is asked.
            k: how many the caller wants; fewer come if there are not so many.
            collections: names of those to search in; None for all.
            hidden: paths of documents to act as if they were not there.
            taken_over: how many characters at the question's beginning are from the question before, so that
                the sentence that answers is chosen rather by the others.
            rerank: whether to rank the first ones anew. Without, a search takes a tenth of the time, the order is
                a little worse, and the evidence is a guess that no confidence can be taken from.

        Raises:
            QuestionError: the question is longer than the encoder can read at once.
            StoreError: nothing has been indexed yet, or it was with another model.
        """
        if not self.can_be_searched:
            raise StoreError("There is no index that fits this model yet. Run `quoth index` first.")
        (tokens,) = self._encoder.count_tokens([question])
        if tokens > self._encoder.window:
            excess = tokens - self._encoder.window
            message = f"The question is too long for the model by {excess:,} tokens. Ask more briefly."
            raise QuestionError(message, QuestionFault.TOO_LONG)
        with self._turn:
            hidden_ids = self._store.passage_ids_of(hidden)
            return self._search.hits(
                question, k, collections, hidden_ids, taken_over=taken_over, rerank=rerank
            )

    # --- answers that were given

    @property
    def model(self) -> str:
        """The encoder's fingerprint."""
        return self._manifest.model

    @property
    def generation(self) -> int:
        """How many changes of documents there have been."""
        with self._turn:
            return self._store.generation

    def passage_at(self, span: Span) -> StoredPassage | None:
        """The passage with this span in a document of these bytes: where the span says, or wherever it was moved."""
        with self._turn:
            found = self._store.passages_at(span.document_sha256, span.start, span.end)
        found.sort(
            key=lambda each: (each.collection == span.collection, each.path == span.path), reverse=True
        )
        return next(iter(found), None)

    def text_around(self, passage: StoredPassage) -> str | None:
        """The whole text that a passage stands in, if it still does."""
        with self._turn:
            return self._store.text(passage.document_id)

    def texts(self, collection: str, path: str, sha256: str = "") -> list[tuple[int, str]]:
        """Id and text of the documents of a collection at this path or made of these bytes, which come first."""
        with self._turn:
            return self._store.texts(collection, path, sha256)

    def passages_of(self, document_id: int) -> list[StoredPassage]:
        """All passages of a document, in its order, with their sentences."""
        with self._turn:
            return self._store.passages([each.id for each in self._store.passages_of(document_id)])

    # --- questions

    def encoded(self, questions: Sequence[str]) -> list[Query]:
        """What the encoder makes of questions, to compare them; remembered until others are compared."""
        self.encode_some(questions, len(questions))
        self._encoded = {question: self._encoded[question] for question in questions}
        return [self._encoded[question] for question in questions]

    def encode_some(self, questions: Iterable[str], most: int) -> bool:
        """Get ahead with `encoded`, by so many questions at most; whether more are left."""
        new = [question for question in dict.fromkeys(questions) if question not in self._encoded]
        self._encoded |= {question: self._encoder.encode_query(question) for question in new[:most]}
        return len(new) > most
