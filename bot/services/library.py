"""Library: what the front ends stand on, which is an index over the documents' folders, kept up to date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import texts
from retrieval import (
    DEFAULT_COLLECTION,
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
    load_encoder,
    resolve_model,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from bot.settings import Settings
    from retrieval import Encoder, Progress, Reranker, VectorStore

DEFAULT_FOLDER = Path("seeds")


@dataclass(frozen=True, slots=True)
class ListedCollection:
    """A collection as people know it."""

    name: str
    folder: str
    documents: int
    """How many."""


class Library:
    """An index and the folders of its collections. Blocking; threads may sync, one after another, while another asks.

    Args:
        index: the documents; it is closed with the library.
        documents: the folder of the default collection; None for the one that it had the last time.
        message: called with what a person who waits should know.
    """

    def __init__(
        self, index: Index, documents: Path | None = None, message: Callable[[str], None] = lambda _: None
    ) -> None:
        self.index = index
        self._documents = documents
        self._message = message

    def folders(self) -> dict[str, Path]:
        """Collection → its folder: as the settings say, else as it was the last time."""
        known = {each.name: each.folder for each in self.index.collections()}
        if self._documents or not known:
            known[DEFAULT_COLLECTION] = self._documents or DEFAULT_FOLDER
        return known

    def sync(self, progress: Callable[[Progress], None] = lambda _: None, *, rebuild: bool = False) -> SyncReport:
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
                failed = FileReport(str(folder), FileState.FAILED, str(error), DocumentFault.NO_ACCESS, collection=name)
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
            message = f"There is no collection {name} yet. Name its folder: quoth index FOLDER --collection {name}"
            raise SettingsError(message)
        return self.index.sync(folder, collection=name, rebuild=rebuild, progress=progress, message=self._message)

    def collections(self) -> list[ListedCollection]:
        """All collections, with how many documents each has."""
        documents = Counter(document.collection for document in self.index.documents())
        return [
            ListedCollection(each.name, str(each.folder), documents[each.name]) for each in self.index.collections()
        ]

    def check_collection(self, name: str) -> None:
        """Go on only if there is such a collection.

        Raises:
            SettingsError: there is none.
        """
        names = [each.name for each in self.index.collections()]
        if name not in names:
            message = f"There is no collection {name}. There are: {', '.join(names) or 'none yet'}."
            raise SettingsError(message)

    def drop_collection(self, name: str) -> None:
        """Forget a collection and its documents, whose files stay as they are.

        Raises:
            SettingsError: there is no such collection.
        """
        self.check_collection(name)
        self.index.drop(name, self._message)

    def close(self) -> None:
        """Release the index's files."""
        self.index.close()


def titles(index: Index, collections: Container[str] | None = None) -> dict[str, str]:
    """Path → title of every document in the index, or in some of its collections."""
    return {
        texts.path(document.collection, document.path): document.title
        for document in index.documents()
        if collections is None or document.collection in collections
    }


def open_library(settings: Settings, message: Callable[[str], None]) -> Library:
    """Load the models, and open the index in the data folder.

    Args:
        settings: where the documents and the index are, and which models to use.
        message: called with what a person who waits should know.

    Raises:
        QuothError: the model or the data folder cannot be used.
    """
    return Library(index_of(settings, load_models(settings, message)), settings.documents, message)


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
