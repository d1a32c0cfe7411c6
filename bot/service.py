"""What both front ends stand on: the index over the documents' folders, kept up to date, and its answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import texts
from retrieval import (
    DEFAULT_COLLECTION,
    MOST_KEPT,
    CrossEncoderReranker,
    DocumentFault,
    FileReport,
    FileState,
    Index,
    IsolatedReader,
    Limits,
    MilvusStore,
    SettingsError,
    SyncReport,
    ask,
    cases,
    context_of,
    find,
    gaps,
    load_encoder,
    pin,
    pin_words,
    pins,
    prepare_gaps,
    quotes_of,
    resolve_model,
    unpin,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from bot.settings import Settings
    from retrieval import (
        Answer,
        Asker,
        Cases,
        Context,
        Encoder,
        Gap,
        ListedPin,
        Listing,
        Progress,
        Quote,
        Reranker,
        StoredDocument,
        VectorStore,
    )

DEFAULT_FOLDER = Path("seeds")
CONTEXT = 600
"""Characters that are shown on each side of a passage."""


@dataclass(frozen=True, slots=True)
class ListedCollection:
    """A collection as people know it."""

    name: str
    folder: str
    documents: int
    """How many."""


class Service:
    """Questions in, answers out. Blocking; threads may sync, one after another, while another does all the rest.

    Args:
        settings: where the documents and the index are, and which models to use.
        message: called with what a person who waits should know.

    Raises:
        QuothError: the model or the data folder cannot be used.
    """

    def __init__(self, settings: Settings, message: Callable[[str], None]) -> None:
        self._documents = settings.documents
        self._message = message
        self._index = index_of(settings, load_models(settings, message))

    def folders(self) -> dict[str, Path]:
        """Collection → its folder: as the settings say, else as it was the last time."""
        known = {each.name: each.folder for each in self._index.collections()}
        if self._documents or not known:
            known[DEFAULT_COLLECTION] = self._documents or DEFAULT_FOLDER
        return known

    def sync(
        self, progress: Callable[[Progress], None] = lambda _: None, *, rebuild: bool = False
    ) -> SyncReport:
        """Make all collections equal to their folders; one whose folder is missing is reported as failed.

        Raises:
            SettingsError: the default collection's folder is missing.
        """
        reports = []
        for name, folder in self.folders().items():
            try:
                reports.append(self.sync_collection(name, folder, progress, rebuild=rebuild))
            except SettingsError as error:
                if name == DEFAULT_COLLECTION:
                    raise
                failed = FileReport(
                    str(folder), FileState.FAILED, str(error), DocumentFault.NO_ACCESS, collection=name
                )
                reports.append(SyncReport([failed]))
        files = [file for report in reports for file in report.files]
        return SyncReport(files, next((report.rebuilt for report in reports if report.rebuilt), ""))

    def sync_collection(
        self,
        name: str,
        folder: Path | None,
        progress: Callable[[Progress], None] = lambda _: None,
        *,
        rebuild: bool = False,
    ) -> SyncReport:
        """Make one collection equal to its folder, which is this one from now on.

        Raises:
            SettingsError: there is no such folder, or the collection is new and no folder is given.
        """
        folder = folder or self.folders().get(name)
        if folder is None:
            message = (
                f"There is no collection {name} yet. Name its folder: quoth index FOLDER --collection {name}"
            )
            raise SettingsError(message)
        return self._index.sync(
            folder, collection=name, rebuild=rebuild, progress=progress, message=self._message
        )

    def collections(self) -> list[ListedCollection]:
        """All collections, with how many documents each has."""
        documents = Counter(document.collection for document in self._index.documents())
        return [
            ListedCollection(each.name, str(each.folder), documents[each.name])
            for each in self._index.collections()
        ]

    def check_collection(self, name: str) -> None:
        """Go on only if there is such a collection.

        Raises:
            SettingsError: there is none.
        """
        names = self.collection_names()
        if name not in names:
            message = f"There is no collection {name}. There are: {', '.join(names) or 'none yet'}."
            raise SettingsError(message)

    def drop_collection(self, name: str) -> None:
        """Forget a collection and its documents, whose files stay as they are.

        Raises:
            SettingsError: there is no such collection.
        """
        self.check_collection(name)
        self._index.drop(name, self._message)

    def follow(self) -> None:
        """Let the files of this machine show what another one has indexed.

        Raises:
            StoreError: they cannot be written.
        """
        self._index.follow()

    @property
    def can_answer(self) -> bool:
        """Whether there is an index that fits the model."""
        return self._index.can_be_searched

    @property
    def is_being_indexed(self) -> bool:
        """Whether a sync is under way, also in another process."""
        return self._index.is_being_written

    def collection_names(self) -> list[str]:
        """Of all collections."""
        return [each.name for each in self._index.collections()]

    def documents(self) -> list[StoredDocument]:
        """All documents, by collection and path."""
        return self._index.documents()

    def set_title(self, collection: str, path: str, title: str) -> None:
        """Let a file have this title from the next sync on."""
        self._index.set_title(collection, path, title)

    def ask(
        self,
        question: str,
        asker: Asker,
        k: int = MOST_KEPT,
        collections: Collection[str] | None = None,
        taken_over: int = 0,
    ) -> Answer:
        """Answer from what is in the index, or in some of its collections.

        Args:
            question: what is asked.
            asker: who asks, for the receipt.
            k: how many quotes at most.
            collections: names of those to search in; None for all.
            taken_over: how many characters at the question's beginning are from the one before.

        Raises:
            QuestionError: the question cannot be asked as it stands.
        """
        return ask(self._index, question, k, collections, asker, taken_over=taken_over)

    def find(
        self, question: str, page: range, asker: Asker, collections: Collection[str] | None = None
    ) -> Listing:
        """Passages that may answer, faster than `ask`, and without saying whether they do.

        Raises:
            QuestionError: the question cannot be asked as it stands.
        """
        return find(self._index, question, page, collections, asker)

    def quotes_of(self, receipt_id: str) -> tuple[Quote, ...]:
        """The first passages of an earlier answer, as far as they still stand in the documents."""
        return quotes_of(self._index, receipt_id)

    def context_of(self, receipt_id: str) -> Context | None:
        """What stands around the first passage of an earlier answer; None if that is gone."""
        return context_of(self._index, receipt_id, CONTEXT)

    def gaps(self, collections: Collection[str] | None = None) -> list[Gap]:
        """What was asked and not found, or disliked, grouped by meaning; all of it for an owner. Takes seconds."""
        return gaps(self._index, collections)

    def prepare_gaps(self) -> bool:
        """Do some of what takes `gaps` long; whether more of it is left."""
        return prepare_gaps(self._index)

    def cases(self, found: Iterable[Gap], earlier: Iterable[str], collection: str) -> Cases:
        """Labelled questions for `quoth eval`, from gaps and pins."""
        return cases(self._index, found, earlier, collection)

    def pin(self, question: str, receipt_id: str, rank: int = 1) -> ListedPin:
        """Let who asks this question get a quote of an earlier answer first, from now on.

        Raises:
            QuestionError: the question cannot be asked as it stands.
            PinError: there is no such quote, or its passage is gone.
        """
        return pin(self._index, question, receipt_id, rank)

    def pin_words(self, question: str, path: str, words: str, collection: str) -> ListedPin:
        """Let who asks this question get the passage of a document first that holds these words.

        Raises:
            QuestionError: the question cannot be asked as it stands.
            PinError: there is no such passage, or more than one.
        """
        return pin_words(self._index, question, path, words, collection)

    def pins(self) -> list[ListedPin]:
        """All pins, oldest first, and whether they hold."""
        return pins(self._index)

    def unpin(self, number: int) -> bool:
        """Forget a pin; false if there is none with this number."""
        return unpin(self._index, number)

    def sources(self, collections: Collection[str] | None = None) -> dict[str, str]:
        """Path → title of every document in the index, or in some of its collections."""
        return {
            texts.path(document.collection, document.path): document.title
            for document in self._index.documents()
            if collections is None or document.collection in collections
        }

    def close(self) -> None:
        """Release the index's files."""
        self._index.close()


def load_models(settings: Settings, message: Callable[[str], None]) -> tuple[Encoder, Reranker | None]:
    """Load the encoder, and the re-ranking model if one is set.

    Raises:
        ModelError: one of them cannot be loaded.
    """
    model = resolve_model(settings.model, cache=settings.cache, progress=message)
    reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
    return load_encoder(model, progress=message), reranker


def index_of(settings: Settings, models: tuple[Encoder, Reranker | None]) -> Index:
    """The index in the data folder.

    Raises:
        SettingsError: the vector store cannot be used.
        StoreError: the data folder cannot be used.
    """
    reader = IsolatedReader(limits_of(settings))
    return Index(
        settings.data,
        *models,
        reader=reader,
        question_days=settings.question_days,
        database=settings.database_url,
        vector_store=vector_store_of(settings),
    )


def vector_store_of(settings: Settings) -> VectorStore | None:
    """Where the vectors are searched; None for the data folder.

    Raises:
        SettingsError: what it needs is not installed.
    """
    if not settings.index:
        return None
    return MilvusStore(
        settings.index,
        token=settings.milvus_token.get_secret_value(),
        tls=settings.milvus_tls,
        database=settings.milvus_database,
    )


def limits_of(settings: Settings) -> Limits:
    """The most that one file may take."""
    return Limits(
        file_mib=settings.max_file_mib,
        unpacked_mib=settings.max_unpacked_mib,
        characters=settings.max_characters,
        pages=settings.max_pages,
        rows=settings.max_rows,
        seconds=settings.max_seconds,
        memory_mib=settings.max_memory_mib,
    )
