"""Records: what the database holds of documents, as values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from retrieval.documents.document import Location
    from retrieval.encoding.vectors import Vectors

DEFAULT_COLLECTION = "default"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the vectors and passages depend on; if one of these differs, all must be made anew."""

    model: str
    """The encoder's fingerprint."""
    dimension: int
    passages: str
    """How documents were read and cut."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """The index as a whole, at one moment."""

    identity: str = ""
    """Names the database's content: an index made from another is worthless even at the same generation."""
    generation: int = 0
    """How many changes of documents there have been."""
    oldest_change: int = 0
    """Removals up to this generation are forgotten: an index that shows an older one must be made anew."""
    manifest: Manifest | None = None
    """None in a new database."""
    calibration: str | None = None
    """Parameters of the confidence that fit the manifest's model, if any were kept."""

    @property
    def model(self) -> str:
        """The encoder's fingerprint; empty in a new database."""
        return self.manifest.model if self.manifest else ""

    @property
    def dimension(self) -> int:
        """Length of a vector; 0 in a new database."""
        return self.manifest.dimension if self.manifest else 0


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents that are searched together, from one folder."""

    id: int
    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document without its text."""

    collection: str
    path: str
    sha256: str
    title: str
    passages: int
    """How many."""


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence; offsets are into the document's text, end exclusive."""

    id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with what a person is told of it; offsets are into the document's text, end exclusive."""

    id: int
    document_id: int
    collection: str
    path: str
    sha256: str
    reader: str
    """Which versions read the document."""
    title: str
    heading: str | None
    place: Location | None
    language: str
    start: int
    end: int
    text: str
    sentences: tuple[StoredSentence, ...]

    def text_of(self, sentence: StoredSentence) -> str:
        """Cut one of its sentences out of its text."""
        return self.text[sentence.start - self.start : sentence.end - self.start]

    def holds(self, other: StoredPassage, sentence: StoredSentence) -> bool:
        """Whether a sentence of another passage stands in this one, as they may overlap."""
        is_within = self.start <= sentence.start and sentence.end <= self.end
        return self.document_id == other.document_id and is_within


@dataclass(frozen=True, slots=True)
class PassageIds:
    """A passage's ids; those of its sentences are consecutive."""

    passage_id: int
    collection_id: int
    sentences: range


@dataclass(frozen=True, slots=True)
class Removal:
    """The ids of a document that is gone or was replaced."""

    document_id: int
    passages: range
    sentences: range


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to a collection between two generations."""

    removals: list[Removal]
    document_ids: list[int]
    """Of the documents that were added or moved."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    documents: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class VectorRows:
    """Vectors and the ids that they belong to."""

    ids: np.ndarray[Any, np.dtype[np.int64]]
    vectors: Vectors


def title_of(title: str | None, path: str) -> str:
    """Call a document by its own title, or else by its file's name."""
    return title or PurePosixPath(path).stem
