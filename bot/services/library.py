"""Library: an index over the documents' folders, kept up to date, as all front ends use it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import texts
from bot.services.privacy import protect
from bot.services.visibility import is_upload_collection
from retrieval import (
    DEFAULT_COLLECTION,
    UNCONFIRMED,
    CrossEncoderReranker,
    DocumentFault,
    FileReport,
    FileState,
    Index,
    IsolatedReader,
    MilvusStore,
    SettingsError,
    SyncReport,
    has_due_pages,
    load_encoder,
    resolve_model,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from bot.settings import Settings
    from retrieval import Encoder, Progress, Removals, Reranker, VectorStore

DEFAULT_FOLDER = Path("seeds")


@dataclass(frozen=True, slots=True)
class ListedCollection:
    """A collection with the number of its documents."""

    name: str
    folder: str
    documents: int


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
        """Map each collection to its folder: as the settings say, else as it was the last time."""
        known = self._indexed()
        if self._documents or not known:
            known[DEFAULT_COLLECTION] = self._documents or DEFAULT_FOLDER
        return known

    def sync(
        self,
        progress: Callable[[Progress], None] = lambda _: None,
        report: Callable[[FileReport], None] = lambda _: None,
        *,
        rebuild: bool = False,
        removals: Removals = UNCONFIRMED,
    ) -> SyncReport:
        """Make all collections equal to their folders; one whose folder is missing is reported as failed.

        Raises:
            SettingsError: the default collection's folder is missing.
        """
        reports = []
        for name, folder in self.folders().items():
            try:
                synced = self.sync_collection(name, folder, progress, report, rebuild=rebuild, removals=removals)
                reports.append(synced)
            except SettingsError as error:
                if name == DEFAULT_COLLECTION:
                    raise
                failed = FileReport(str(folder), FileState.FAILED, str(error), DocumentFault.NO_ACCESS, collection=name)
                report(failed)
                reports.append(SyncReport([failed]))
        files = [file for synced in reports for file in synced.files]
        withheld = tuple(withheld for synced in reports for withheld in synced.withheld)
        return SyncReport(files, next((synced.rebuilt for synced in reports if synced.rebuilt), ""), withheld)

    def sync_collection(
        self,
        name: str,
        folder: Path | None,
        progress: Callable[[Progress], None] = lambda _: None,
        report: Callable[[FileReport], None] = lambda _: None,
        *,
        rebuild: bool = False,
        removals: Removals = UNCONFIRMED,
    ) -> SyncReport:
        """Make one collection equal to its folder, which is this one from now on; the arguments are those of `Index`.

        Raises:
            SettingsError: there is no such folder, or the collection is new and no folder is given.
        """
        folder = folder or self.folders().get(name)
        if folder is None:
            message = f"There is no collection {name} yet. Name its folder: quoth index FOLDER --collection {name}"
            raise SettingsError(message)
        return self.index.sync(
            folder,
            collection=name,
            rebuild=rebuild,
            removals=removals,
            # Whoever may send files need not be one who may let Quoth fetch a thousand pages.
            lists_pages=not is_upload_collection(name),
            progress=progress,
            report=report,
            message=self._message,
        )

    def has_due_pages(self, due_before: float) -> bool:
        """Tell whether a web page waits for its first fetch, or was not checked since a time."""
        return has_due_pages(self.index, due_before)

    def has_lost_its_folder(self) -> bool:
        """Tell whether the default collection has documents, and their folder is missing, such as with its disk."""
        former, folder = self._indexed().get(DEFAULT_COLLECTION), self.folders()[DEFAULT_COLLECTION]
        if former is None or folder.is_dir() or folder.absolute() != former:
            return False
        return any(document.collection == DEFAULT_COLLECTION for document in self.index.documents())

    def collections(self) -> list[ListedCollection]:
        """List all collections."""
        documents = Counter(document.collection for document in self.index.documents())
        return [ListedCollection(name, str(folder), documents[name]) for name, folder in self._indexed().items()]

    def check_collection(self, name: str) -> None:
        """Raise an error unless there is such a collection.

        Raises:
            SettingsError: there is none.
        """
        names = self._indexed()
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

    def _indexed(self) -> dict[str, Path]:
        return {collection.name: collection.folder for collection in self.index.collections()}


def titles(index: Index, collections: Container[str] | None = None) -> dict[str, str]:
    """Map the path of each document in the index, or in some of its collections, to its title."""
    return {
        texts.path(document.collection, document.path): document.title
        for document in index.documents()
        if collections is None or document.collection in collections
    }


def open_library(
    settings: Settings, message: Callable[[str], None], progress: Callable[[str], None] | None = None
) -> Library:
    """Load the models, and open the index in the data folder.

    Args:
        settings: name the models, the data folder and the documents.
        message: is called with what a person who waits should know, as long as the library is open.
        progress: is called instead, until it is open, before each step that takes seconds.

    Raises:
        QuothError: the model or the data folder cannot be used.
    """
    protect(settings)
    return Library(open_index(settings, load_models(settings, progress or message)), settings.documents, message)


def load_models(settings: Settings, message: Callable[[str], None]) -> tuple[Encoder, Reranker | None]:
    """Load the encoder, and the re-ranking model if one is set.

    Raises:
        ModelError: one of them cannot be loaded.
    """
    model = resolve_model(settings.model, cache=settings.cache, progress=message)
    reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
    return load_encoder(model, progress=message), reranker


def open_index(settings: Settings, models: tuple[Encoder, Reranker | None]) -> Index:
    """Open the index in the data folder.

    Raises:
        SettingsError: the vector store cannot be used.
        StoreError: the data folder cannot be used.
    """
    return Index(
        settings.data,
        *models,
        reader=IsolatedReader(settings.limits),
        question_days=settings.question_days,
        secret_file=settings.secret_file,
        database=settings.database_url,
        vector_store=open_vector_store(settings),
    )


def open_vector_store(settings: Settings) -> VectorStore | None:
    """Connect to the vector store; None for the data folder.

    Raises:
        SettingsError: its client is not installed.
    """
    if not settings.index:
        return None
    return MilvusStore(
        settings.index,
        token=settings.milvus_token.get_secret_value(),
        tls=settings.milvus_tls,
        database=settings.milvus_database,
    )
