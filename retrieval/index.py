"""Index: a folder of documents that can be searched.

The store is the truth; the vectors' and the words' indexes are caches that catch up with it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock, Timeout

from retrieval import folder, fusion, lexical, passages, readers, store
from retrieval.caches import Caches
from retrieval.errors import DocumentError, QuestionError, StoreError
from retrieval.lexical import question_words
from retrieval.passages import Splitter
from retrieval.store import Manifest, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from retrieval.encoder import Encoder
    from retrieval.lexical import LexicalHit, Word
    from retrieval.store import StoredPassage, StoredSentence

POOL = 50
"""How many candidates each of the three searches gives."""


class FileState(StrEnum):
    """What a sync did with a file."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file after a sync."""

    path: str
    state: FileState
    reason: str = ""
    """Why it was skipped or failed, and what to do."""
    passages: int = 0
    cut: int = 0
    """How many of its sentences were cut in parts, because they were too long."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync has come."""

    path: str
    done: int
    """Files."""
    total: int


@dataclass(frozen=True, slots=True)
class SyncReport:
    """All files after a sync."""

    files: list[FileReport]
    rebuilt: str = ""
    """Why the whole index had to be made anew; empty if it had not."""

    def count(self, state: FileState) -> int:
        """How many files are in this state."""
        return sum(file.state is state for file in self.files)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that may answer, with the evidence for it."""

    passage: StoredPassage
    score: float
    """From 0 to 1; comparable only within one search."""
    sentence: StoredSentence
    """The one whose vector is nearest to the question's."""
    sentence_cosine: float
    passage_cosine: float
    bm25: float
    coverage: float
    """Share of the question's IDF that the passage's words cover, from 0 to 1."""


def _silent(_: object) -> None:
    pass


class Index:
    """Documents that can be searched. May be used by one thread at a time.

    Args:
        data: the folder for everything that Quoth keeps.
        encoder: makes the vectors.

    Raises:
        StoreError: the data folder cannot be used.
    """

    def __init__(self, data: Path, encoder: Encoder) -> None:
        self._data = data
        self._encoder = encoder
        self._splitter = Splitter(encoder.count_tokens, encoder.window)
        self._manifest = Manifest(
            format=store.FORMAT,
            model=encoder.fingerprint,
            dimension=encoder.dimension,
            passages=f"{passages.VERSION}.{lexical.VERSION}",
        )
        self._store = Store(data / "quoth.db")
        self._caches = Caches(data, encoder.dimension)

    def close(self) -> None:
        """Release the files."""
        self._store.close()

    def titles(self) -> dict[str, str]:
        """Path → title of every document."""
        return self._store.titles()

    # --- keeping up with the documents

    def sync(
        self,
        documents: Path,
        *,
        rebuild: bool = False,
        progress: Callable[[Progress], None] = _silent,
        message: Callable[[str], None] = _silent,
    ) -> SyncReport:
        """Make the index equal to the folder: only what is new or changed is read into it.

        Args:
            documents: the folder.
            rebuild: begin again from nothing.
            progress: called before each file.
            message: called with what a person who waits should know.

        Raises:
            SettingsError: there is no such folder.
            StoreError: the data folder cannot be written.
        """
        paths = folder.files(documents)
        with self._writing(message):
            rebuilt = self._prepare(rebuild=rebuild)
            if rebuilt:
                message(rebuilt)
            known = self._store.hashes()
            reports = []
            for done, path in enumerate(paths):
                progress(Progress(path, done, len(paths)))
                reports.append(self._sync_file(documents, path, known.get(path)))
            for path in known.keys() - set(paths):
                self._store.remove(path)
                reports.append(FileReport(path, FileState.REMOVED))
            self._caches.catch_up(self._store, writing=True)
        return SyncReport(sorted(reports, key=lambda report: report.path), rebuilt)

    @contextmanager
    def _writing(self, message: Callable[[str], None]) -> Iterator[None]:
        lock = FileLock(self._data / "write.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message("Another process is indexing; waiting for it to finish.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _prepare(self, *, rebuild: bool) -> str:
        """Empty the store if what is in it does not fit; say why."""
        found = self._store.manifest()
        if found == self._manifest and not rebuild:
            return ""
        self._store.clear(self._manifest)
        if found is None or rebuild:
            return ""
        if found.model != self._manifest.model:
            return "The index was made with another model. Indexing all documents anew."
        return "The index was made by another version of Quoth. Indexing all documents anew."

    def _sync_file(self, documents: Path, path: str, known: str | None) -> FileReport:
        if not readers.reads(path):
            return FileReport(path, FileState.SKIPPED, readers.refusal(path))
        try:
            data = readers.load(documents, path)
            if readers.fingerprint(data) == known:
                return FileReport(path, FileState.UNCHANGED)
            document = readers.read(path, data)
        except DocumentError as error:
            return FileReport(path, FileState.FAILED, str(error))
        split = self._splitter.split(document)
        sentences = [s for passage in split.passages for s in passage.sentences]
        self._store.put(
            document,
            split.passages,
            self._encoder.encode_passages([document.text[p.start : p.end] for p in split.passages]),
            self._encoder.encode_passages([document.text[s.start : s.end] for s in sentences]),
        )
        return FileReport(path, FileState.INDEXED, passages=len(split.passages), cut=split.cut)

    # --- searching

    def search(self, question: str, k: int) -> list[Hit]:
        """The k passages that are most likely to answer, best first; fewer if there are not so many.

        Raises:
            QuestionError: the question is longer than the encoder can read at once.
            StoreError: nothing has been indexed yet, or it was with another model.
        """
        if self._store.manifest() != self._manifest:
            raise StoreError("There is no index that fits this model yet. Run `quoth index` first.")
        (tokens,) = self._encoder.count_tokens([question])
        if tokens > self._encoder.window:
            message = f"The question is too long for the model by {tokens - self._encoder.window:,} tokens. Ask more briefly."
            raise QuestionError(message)
        self._caches.catch_up(self._store, writing=False)
        candidates = self._candidates(question)
        if not candidates:
            return []
        coverage = max(candidate.coverage for candidate in candidates)
        scores = fusion.fused(
            np.array([candidate.lexical.score for candidate in candidates]),
            np.array([candidate.sentence_cosine for candidate in candidates]),
            np.array([candidate.passage_cosine for candidate in candidates]),
            lexical_share=coverage / 2,
        )
        best = np.argsort(-scores, kind="stable")[:k]
        return [hit for i in best if (hit := self._hit(candidates[i], float(scores[i])))]

    def _candidates(self, question: str) -> list[_Candidate]:
        """The best of the three searches, each scored in all three ways."""
        (vector,) = self._encoder.encode_queries([question])
        words = question_words(question, self._store.languages())
        by_words = [hit.passage_id for hit in self._caches.lexical.search(words, POOL)]
        by_sentences = self._store.passage_ids(self._caches.sentences.search(vector, POOL)[0])
        by_passages = self._caches.passages.search(vector, POOL)[0].tolist()
        sentences = self._store.sentence_ids(list(dict.fromkeys([*by_words, *by_sentences, *by_passages])))
        if not sentences:
            return []
        ids = list(sentences)
        own = self._caches.passages.get(np.array(ids)) @ vector
        each = self._caches.sentences.get(np.fromiter(chain(*sentences.values()), np.int64)) @ vector
        firsts = np.cumsum([0, *map(len, sentences.values())])[:-1]
        hits = {hit.passage_id: hit for hit in self._caches.lexical.score(words, ids)}
        idf = {word: self._caches.lexical.idf(word) for word in words}
        return [
            _Candidate(
                lexical=hits[passage_id],
                coverage=_coverage(idf, hits[passage_id].terms),
                passage_cosine=float(own[i]),
                sentence_cosine=float(cosines.max()),
                sentence=int(cosines.argmax()),
            )
            for i, (passage_id, cosines) in enumerate(zip(ids, np.split(each, firsts[1:]), strict=True))
            if passage_id in hits
        ]

    def _hit(self, candidate: _Candidate, score: float) -> Hit | None:
        for passage in self._store.passages([candidate.lexical.passage_id]):
            return Hit(
                passage=passage,
                score=score,
                sentence=passage.sentences[candidate.sentence],
                sentence_cosine=candidate.sentence_cosine,
                passage_cosine=candidate.passage_cosine,
                bm25=candidate.lexical.score,
                coverage=candidate.coverage,
            )
        return None


@dataclass(frozen=True, slots=True)
class _Candidate:
    lexical: LexicalHit
    coverage: float
    passage_cosine: float
    sentence_cosine: float
    sentence: int
    """Which of the passage's sentences is nearest, from 0."""


def _coverage(idf: dict[Word, float], terms: frozenset[str]) -> float:
    total = sum(idf.values())
    return sum(value for word, value in idf.items() if not terms.isdisjoint(word.terms)) / total if total else 0.0
