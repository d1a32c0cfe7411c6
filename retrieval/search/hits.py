"""Candidates of a question, and Hits: the passages that may answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.encoding.vectors import Vectors
    from retrieval.search.scoring import Evidence
    from retrieval.storage.records import IndexState, StoredPassage, StoredSentence


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, and why."""

    passage: StoredPassage
    sentence: StoredSentence
    """The one that answers, if any does."""
    sentences: tuple[StoredSentence, ...]
    """All that may answer, in the passage's order."""
    evidence: Evidence
    score: float
    """The higher, the better; comparable within one search."""
    copies: tuple[StoredPassage, ...]
    """Passages elsewhere with the same words."""

    @property
    def passages(self) -> tuple[StoredPassage, ...]:
        """The passage and its copies."""
        return self.passage, *self.copies

    def is_in(self, passage: StoredPassage) -> bool:
        """Whether a passage is this one, a copy, or holds the sentence that answers."""
        return passage.id in {same.id for same in self.passages} or passage.holds(self.passage, self.sentence)


class Hits(list[Hit]):
    """Hits, best first, and the state of the index that they were found in."""

    def __init__(self, hits: Iterable[Hit], state: IndexState) -> None:
        super().__init__(hits)
        self.state = state


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a search has named, by its scores."""

    passage_id: int
    vectors: Vectors
    """(sentences, dimension)"""
    cosines: Vectors
    """(sentences,)"""
    bm25: float
    coverage: float


@dataclass(frozen=True, slots=True)
class ReadCandidate:
    """A candidate with its text."""

    candidate: Candidate
    passage: StoredPassage
    copies: tuple[StoredPassage, ...]
