"""Values that the database holds of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from retrieval.documents.document import Location
    from retrieval.encoding.vectors import Vectors

DEFAULT_COLLECTION = "default"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The versions that vectors and passages depend on; if one differs, all must be made anew."""

    model: str
    """The encoder's fingerprint."""
    dimension: int
    passages: str
    """The versions that read and cut the documents."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """The index as a whole, at one moment."""

    identity: str = ""
    """Names the content of the database: an index of another content is useless even at the same generation."""
    generation: int = 0
    """How many changes of documents there have been."""
    oldest_change: int = 0
    """Removals up to this generation were deleted: an index that shows an older one must be made anew."""
    manifest: Manifest | None = None
    """None in a new database."""
    calibration: str | None = None
    """Parameters of the confidence that fit the manifest's model, if any were saved."""

    @property
    def model(self) -> str:
        """Return the encoder's fingerprint; empty in a new database."""
        return self.manifest.model if self.manifest else ""

    @property
    def dimension(self) -> int:
        """Return the length of a vector; 0 in a new database."""
        return self.manifest.dimension if self.manifest else 0


@dataclass(frozen=True, slots=True)
class Collection:
    """The documents of one folder; a search takes in some collections."""

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


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence; offsets are into the document's text, end exclusive."""

    id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage and its source; offsets are into the document's text, end exclusive."""

    id: int
    document_id: int
    collection: str
    path: str
    sha256: str
    reader: str
    """The reader's name and version."""
    title: str
    heading: str | None
    place: Location | None
    language: str
    start: int
    end: int
    text: str
    sentences: tuple[StoredSentence, ...]
    fetched_at: str | None = None
    """When the document was fetched, in ISO 8601; None unless it is a web page."""
    is_gone: bool = False
    """Whether that page is gone, so that this is its last version."""

    def text_of(self, sentence: StoredSentence) -> str:
        """Cut one of its sentences out of its text."""
        return self.text[sentence.start - self.start : sentence.end - self.start]

    def holds(self, other: StoredPassage, sentence: StoredSentence) -> bool:
        """Check whether a sentence of another passage stands in this one, as they may overlap."""
        is_within = self.start <= sentence.start and sentence.end <= self.end
        return self.document_id == other.document_id and is_within


@dataclass(frozen=True, slots=True)
class PassageIds:
    """The ids of a passage; those of its sentences are consecutive."""

    passage_id: int
    collection_id: int
    sentences: range


@dataclass(frozen=True, slots=True)
class Removal:
    """The ids of a document that was removed or replaced."""

    document_id: int
    sentences: range


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a collection between two generations."""

    removals: list[Removal]
    document_ids: list[int]
    """Of the documents that were added or moved."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of a collection or of the whole index."""

    documents: int
    passages: int
    sentences: int


@dataclass(frozen=True, slots=True)
class VectorRows:
    """Ids, and in the same order the vectors that belong to them."""

    ids: np.ndarray[Any, np.dtype[np.int64]]
    vectors: Vectors
