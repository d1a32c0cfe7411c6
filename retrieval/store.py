"""SQLite: the one truth. Everything that a person would miss stands here; FAISS and tantivy are caches of it.

Every change of a document is one transaction and raises the generation by one. A cache remembers the
generation that it shows, and `changes_since` tells it what it lacks. Ids are never used twice, so a cache
that lags behind can miss a passage but never show another in its place.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from retrieval.documents import Place, Unit
from retrieval.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from retrieval.documents import Document
    from retrieval.passages import Passage
    from retrieval.vectors import Vectors

FORMAT = 2
"""Raised whenever documents are stored otherwise."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    generation INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_by_generation ON documents (generation);
CREATE TABLE IF NOT EXISTS passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT,
    unit TEXT,
    first INTEGER,
    last INTEGER,
    part TEXT,
    language TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS passages_by_document ON passages (document_id);
CREATE INDEX IF NOT EXISTS passages_by_language ON passages (language);
CREATE TABLE IF NOT EXISTS sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS sentences_by_passage ON sentences (passage_id);
CREATE TABLE IF NOT EXISTS removals (
    document_id INTEGER PRIMARY KEY,
    first_passage INTEGER NOT NULL,
    last_passage INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL,
    last_sentence INTEGER NOT NULL,
    generation INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS kept_quotes (
    answer_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    score REAL NOT NULL,
    sentence_id INTEGER NOT NULL REFERENCES sentences (id) ON DELETE CASCADE,
    kept_at REAL NOT NULL,
    PRIMARY KEY (answer_id, rank)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_quotes_by_sentence ON kept_quotes (sentence_id);
CREATE INDEX IF NOT EXISTS kept_quotes_by_time ON kept_quotes (kept_at);
"""

KEPT_S = 30 * 24 * 60 * 60
"""How long the quotes of an answer are kept, in seconds."""

_CACHED_KIB = 64 << 10
"""Of the file, in memory: a search reads some hundred rows from all over it."""

_VECTOR = np.dtype("<f2")
"""Half precision: half the room, and its rounding is smaller than the encoder's own (bf16)."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the vectors and spans in a store depend on; if one of these differs, all must be made anew."""

    format: int
    model: str
    """The encoder's fingerprint."""
    dimension: int
    passages: str
    """How documents were cut."""


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
    path: str
    sha256: str
    title: str
    heading: str | None
    place: Place | None
    language: str
    start: int
    end: int
    text: str
    sentences: tuple[StoredSentence, ...]

    def text_of(self, sentence: StoredSentence) -> str:
        """The text of one of its sentences."""
        return self.text[sentence.start - self.start : sentence.end - self.start]


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """A quote of an earlier answer."""

    rank: int
    score: float
    passage: StoredPassage
    sentence: StoredSentence
    """The one that was highlighted."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The ids of a document that is gone or was replaced."""

    document_id: int
    passages: range
    sentences: range


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened between two generations."""

    removals: list[Removal]
    document_ids: list[int]
    """Of the documents that were added."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors and the ids that they belong to."""

    ids: np.ndarray[Any, np.dtype[np.int64]]
    vectors: Vectors


class Store:
    """One SQLite file. May be used by one thread at a time; any number of processes may read it.

    Raises:
        StoreError: the file cannot be opened, or is no database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute(f"PRAGMA cache_size = -{_CACHED_KIB}")
            self._db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(_unusable(path, error)) from error

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    # --- the state as a whole

    @property
    def generation(self) -> int:
        """How many changes there have been."""
        return int(self._get("generation") or 0)

    @property
    def identity(self) -> str:
        """Names this store: caches of another are worthless even at the same generation."""
        return self._get("identity") or ""

    def manifest(self) -> Manifest | None:
        """What the content was made with; None in a new store."""
        values = [self._get(f"manifest.{field.name}") for field in fields(Manifest)]
        if any(value is None for value in values):
            return None
        version, model, dimension, passages = map(str, values)
        return Manifest(int(version), model, int(dimension), passages)

    def calibration(self) -> str | None:
        """What `keep_calibration` kept."""
        return self._get("calibration")

    def keep_calibration(self, calibration: str) -> None:
        """Keep parameters that fit this model, until the index is made with another."""
        with self._transaction():
            self._set("calibration", calibration)

    def clear(self, manifest: Manifest) -> None:
        """Forget all documents, and begin again with another manifest."""
        found = self.manifest()
        with self._transaction():
            if found is not None and found.model != manifest.model:
                self._db.execute("DELETE FROM manifest WHERE key = 'calibration'")
            self._db.execute("DELETE FROM documents")
            self._db.execute("DELETE FROM removals")
            self._set("generation", "0")
            self._set("identity", uuid4().hex)
            for field in fields(Manifest):
                self._set(f"manifest.{field.name}", str(getattr(manifest, field.name)))

    def _get(self, key: str) -> str | None:
        rows = self._read("SELECT value FROM manifest WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def _set(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO manifest VALUES (?, ?)", (key, value))

    def _read(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(_unusable(self._path, error)) from error

    # --- documents in and out

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        passage_vectors: Vectors,
        sentence_vectors: Vectors,
    ) -> None:
        """Add a document, in place of the one with its path.

        Args:
            document: what was read.
            passages: its passages.
            passage_vectors: (passages, dimension) float32.
            sentence_vectors: (sentences of all passages in order, dimension) float32.
        """
        rows = iter(sentence_vectors.astype(_VECTOR))
        with self._transaction():
            generation = self._advance()
            self._remove(document.path, generation)
            document_id = self._insert(
                "documents (path, sha256, title, text, generation)",
                (document.path, document.sha256, document.title, document.text, generation),
            )
            for passage, vector in zip(passages, passage_vectors.astype(_VECTOR), strict=True):
                at = passage.place
                place = (at.unit, at.first, at.last, at.name) if at else (None,) * 4
                passage_id = self._insert(
                    'passages (document_id, start, "end", heading, unit, first, last, part, language, vector)',
                    (
                        document_id,
                        passage.start,
                        passage.end,
                        passage.heading,
                        *place,
                        passage.language,
                        vector.tobytes(),
                    ),
                )
                for sentence in passage.sentences:
                    self._insert(
                        'sentences (passage_id, start, "end", vector)',
                        (passage_id, sentence.start, sentence.end, next(rows).tobytes()),
                    )

    def remove(self, path: str) -> None:
        """Take a document out."""
        with self._transaction():
            self._remove(path, self._advance())

    def _remove(self, path: str, generation: int) -> None:
        # The ids of one document are consecutive: all were given within one transaction.
        self._db.execute(
            """INSERT INTO removals
               SELECT d.id, ifnull(min(p.id), 0), ifnull(max(p.id), -1),
                      ifnull(min(s.id), 0), ifnull(max(s.id), -1), ?
               FROM documents d LEFT JOIN passages p ON p.document_id = d.id
                                LEFT JOIN sentences s ON s.passage_id = p.id
               WHERE d.path = ? GROUP BY d.id""",
            (generation, path),
        )
        self._db.execute("DELETE FROM documents WHERE path = ?", (path,))

    def _insert(self, columns: str, values: tuple[object, ...]) -> int:
        marks = ", ".join("?" * len(values))
        return int(self._db.execute(f"INSERT INTO {columns} VALUES ({marks})", values).lastrowid or 0)  # noqa: S608

    def _advance(self) -> int:
        generation = self.generation + 1
        self._set("generation", str(generation))
        return generation

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                message = (
                    f"Cannot write {self._path}: {error}. Check its permissions and the disk's free space."
                )
                raise StoreError(message) from error
            raise

    # --- documents seen

    def hashes(self) -> dict[str, str]:
        """Path → SHA-256 of every document, in the order of their paths."""
        return dict(self._read("SELECT path, sha256 FROM documents ORDER BY path"))

    def titles(self) -> dict[str, str]:
        """Path → title of every document, in the order of their paths."""
        return dict(self._read("SELECT path, title FROM documents ORDER BY path"))

    def languages(self) -> list[str]:
        """Of all passages, each once."""
        # Jumps from one to the next in the index; DISTINCT would read a million passages.
        query = """
            WITH RECURSIVE each(language) AS (
                SELECT min(language) FROM passages
                UNION ALL
                SELECT (SELECT min(language) FROM passages WHERE language > each.language)
                FROM each WHERE each.language IS NOT NULL
            )
            SELECT language FROM each WHERE language IS NOT NULL
        """
        return [row[0] for row in self._read(query)]

    def count(self) -> tuple[int, int, int]:
        """How many documents, passages and sentences there are."""
        documents, passages, sentences = (
            self._read(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
            for table in ("documents", "passages", "sentences")
        )
        return documents, passages, sentences

    # --- what the caches and a search read

    def changes_since(self, generation: int) -> Changes:
        """What a cache lacks that shows `generation`."""
        removals = self._read(
            """SELECT document_id, first_passage, last_passage, first_sentence, last_sentence
               FROM removals WHERE generation > ?""",
            (generation,),
        )
        added = self._read("SELECT id FROM documents WHERE generation > ? ORDER BY id", (generation,))
        return Changes(
            removals=[
                Removal(row[0], range(row[1], row[2] + 1), range(row[3], row[4] + 1)) for row in removals
            ],
            document_ids=[row[0] for row in added],
        )

    def passages_of(self, document_id: int) -> list[StoredPassage]:
        """All passages of a document, in its order, without their sentences."""
        rows = self._read(f"{_PASSAGES} WHERE d.id = ? ORDER BY p.id", (document_id,))
        return [_passage(row, ()) for row in rows]

    def passages(self, passage_ids: Sequence[int]) -> list[StoredPassage]:
        """Those of the passages that still exist, in the order of `passage_ids`."""
        found = []
        for passage_id in passage_ids:
            for row in self._read(f"{_PASSAGES} WHERE p.id = ?", (int(passage_id),)):
                sentences = self._read(
                    'SELECT id, start, "end" FROM sentences WHERE passage_id = ? ORDER BY id', (row[0],)
                )
                found.append(_passage(row, tuple(StoredSentence(*sentence) for sentence in sentences)))
        return found

    def passage_ids_of(self, paths: Collection[str]) -> list[int]:
        """Of all passages of the documents at these paths."""
        query = "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id WHERE d.path = ?"
        return [row[0] for path in paths for row in self._read(query, (path,))]

    def passage_vectors(self, document_ids: Sequence[int]) -> Rows:
        """Of all passages of these documents."""
        return self._rows("SELECT id, vector FROM passages WHERE document_id = ?", document_ids)

    def sentence_vectors(self, document_ids: Sequence[int]) -> Rows:
        """Of all sentences of these documents."""
        return self._rows(
            """SELECT s.id, s.vector FROM sentences s JOIN passages p ON p.id = s.passage_id
               WHERE p.document_id = ?""",
            document_ids,
        )

    def _rows(self, query: str, document_ids: Sequence[int]) -> Rows:
        rows = [row for document_id in document_ids for row in self._read(query, (document_id,))]
        vectors = np.frombuffer(b"".join(row[1] for row in rows), _VECTOR).astype(np.float32)
        ids = np.array([row[0] for row in rows], np.int64)
        return Rows(ids, vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0))

    def sentence_ids(self, passage_ids: Sequence[int]) -> dict[int, range]:
        """The sentences of each passage that still exists; a passage's ids are consecutive."""
        query = "SELECT min(id), max(id) + 1 FROM sentences WHERE passage_id = ?"
        rows = {int(i): self._read(query, (int(i),))[0] for i in passage_ids}
        return {passage_id: range(*row) for passage_id, row in rows.items() if row[0] is not None}

    def passage_ids(self, sentence_ids: Sequence[int]) -> list[int]:
        """The passages of these sentences, in their order, each once; sentences that are gone are left out."""
        query = "SELECT passage_id FROM sentences WHERE id = ?"
        rows = (row for sentence_id in sentence_ids for row in self._read(query, (int(sentence_id),)))
        return list(dict.fromkeys(row[0] for row in rows))

    # --- answers that were given

    def keep_quotes(self, answer_id: str, sentences: Sequence[tuple[int, float]], now: float) -> None:
        """Keep the quotes of an answer, and forget those of answers that are older than KEPT_S.

        Args:
            answer_id: for `kept_quotes`.
            sentences: of each quote, the best one first, the highlighted sentence's id and the score.
            now: seconds since the epoch.
        """
        rows = [
            (answer_id, rank, score, now, sentence_id)
            for rank, (sentence_id, score) in enumerate(sentences, start=1)
        ]
        with self._transaction():
            self._db.execute("DELETE FROM kept_quotes WHERE kept_at < ?", (now - KEPT_S,))
            # Another process may have removed a sentence since it was found.
            self._db.executemany(
                """INSERT INTO kept_quotes (answer_id, rank, score, kept_at, sentence_id)
                   SELECT ?, ?, ?, ?, id FROM sentences WHERE id = ?""",
                rows,
            )

    def kept_quotes(self, answer_id: str) -> list[KeptQuote]:
        """What `keep_quotes` kept, without the quotes whose documents were changed or removed since."""
        rows = self._read(
            """SELECT q.rank, q.score, s.passage_id, s.id, s.start, s."end"
               FROM kept_quotes q JOIN sentences s ON s.id = q.sentence_id
               WHERE q.answer_id = ? ORDER BY q.rank""",
            (answer_id,),
        )
        return [
            KeptQuote(rank, score, passage, StoredSentence(*sentence))
            for rank, score, passage_id, *sentence in rows
            for passage in self.passages([passage_id])
        ]


_PASSAGES = """
SELECT p.id, d.id, d.path, d.sha256, d.title, p.heading, p.language, p.unit, p.first, p.last, p.part,
       p.start, p."end", substr(d.text, p.start + 1, p."end" - p.start)
FROM passages p JOIN documents d ON d.id = p.document_id
"""


def _unusable(path: Path, error: Exception) -> str:
    return (
        f"Cannot use the index in {path.parent}: {error}. Check the folder's permissions and free space, or delete "
        f"{path.name}* there and run `quoth index`, which builds it anew from your documents."
    )


def _passage(row: tuple[Any, ...], sentences: tuple[StoredSentence, ...]) -> StoredPassage:
    (
        passage_id,
        document_id,
        path,
        sha256,
        title,
        heading,
        language,
        unit,
        first,
        last,
        part,
        start,
        end,
        text,
    ) = row
    return StoredPassage(
        id=passage_id,
        document_id=document_id,
        path=path,
        sha256=sha256,
        title=title,
        heading=heading,
        place=Place(Unit(unit), first, last, part) if unit else None,
        language=language,
        start=start,
        end=end,
        text=text,
        sentences=sentences,
    )
