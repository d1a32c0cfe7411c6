"""Store: the one truth. Everything that a person would miss stands here; FAISS and tantivy are caches of it.

Every change of a document is one transaction and raises the generation by one. A cache remembers the
generation that it shows, and `changes_since` tells it what it lacks. Ids are never used twice, so a cache
that lags behind can miss a passage but never show another in its place.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from retrieval.database import Schema, next_ids, upsert
from retrieval.databases import open_database
from retrieval.documents import Document, Place, Unit
from retrieval.errors import DocumentError, DocumentFault
from retrieval.storage.titles import Titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from retrieval.database import Transaction
    from retrieval.passages import Passage
    from retrieval.vectors import Vectors

DEFAULT_COLLECTION = "default"
FILE = "quoth.db"
_WRITE = "write"
"""The lock of the one process that may write."""

_SCHEMA = Schema(
    name="index",
    what="the index",
    revisions=Path(__file__).parent / "migrations" / "index",
    head="0005",
    when_damaged=(
        "The file is damaged. Move {name}* away from there and run `quoth index`, "
        "which builds it anew from your documents."
    ),
    known_versions={4: "0001"},
)

_VECTOR = np.dtype("<f2")
"""Half precision: half the room, and its rounding is smaller than the encoder's own (bf16)."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the vectors and spans in a store depend on; if one of these differs, all must be made anew."""

    model: str
    """The encoder's fingerprint."""
    dimension: int
    passages: str
    """How documents were read and cut."""


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
    place: Place | None
    language: str
    start: int
    end: int
    text: str
    sentences: tuple[StoredSentence, ...]

    def text_of(self, sentence: StoredSentence) -> str:
        """The text of one of its sentences."""
        return self.text[sentence.start - self.start : sentence.end - self.start]

    def holds(self, other: StoredPassage, sentence: StoredSentence) -> bool:
        """Whether a sentence of another passage stands in this one, as they may overlap."""
        is_within = self.start <= sentence.start and sentence.end <= self.end
        return self.document_id == other.document_id and is_within


@dataclass(frozen=True, slots=True)
class Span:
    """The ids of a passage's sentences, which are consecutive."""

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
class Rows:
    """Vectors and the ids that they belong to."""

    ids: np.ndarray[Any, np.dtype[np.int64]]
    vectors: Vectors


class Store:
    """May be used by one thread at a time; any number of processes may read it.

    Args:
        data: the folder for everything that Quoth keeps.
        database: the URL of the database that is used instead of a file there, if any.

    Raises:
        StoreError: from every method, if the database cannot be used.
    """

    def __init__(self, data: Path, database: str = "") -> None:
        self._db = open_database(data / FILE, _SCHEMA, database)
        self._read = self._db.run
        self.titles = Titles(self._db)

    def close(self) -> None:
        """Release the database."""
        self._db.close()

    def acquire(self, *, wait: bool) -> bool:
        """Become the one that writes, until `release`; false if another is and shall not be waited for."""
        return self._db.acquire(_WRITE, wait=wait)

    def release(self) -> None:
        """Let others write."""
        self._db.release(_WRITE)

    def damages(self) -> list[str]:
        """What is wrong with it as a database; empty if it is sound. Reads all of it."""
        return self._db.damages()

    def transaction(self) -> AbstractContextManager[object]:
        """All changes in this context happen together or not at all."""
        return self._db.transaction()

    def snapshot(self) -> AbstractContextManager[object]:
        """All that is read in this context is of one moment; others may write meanwhile."""
        return self._db.snapshot()

    # --- the state as a whole

    @property
    def generation(self) -> int:
        """How many changes there have been."""
        return int(self._get("generation") or 0)

    def advance_to(self, generation: int) -> None:
        """Count as many changes as another store did that held the same; never fewer than there have been."""
        with self._db.transaction() as db:
            _set(db, "generation", str(max(generation, self.generation)))

    @property
    def identity(self) -> str:
        """Names this store: caches of another are worthless even at the same generation."""
        return self._get("identity") or ""

    def manifest(self) -> Manifest | None:
        """What the content was made with; None in a new store."""
        values = [self._get(f"manifest.{field.name}") for field in fields(Manifest)]
        if any(value is None for value in values):
            return None
        model, dimension, passages = map(str, values)
        return Manifest(model, int(dimension), passages)

    def calibration(self) -> str | None:
        """What `keep_calibration` kept."""
        return self._get("calibration")

    def keep_calibration(self, calibration: str) -> None:
        """Keep parameters that fit this model, until the index is made with another."""
        with self._db.transaction() as db:
            _set(db, "calibration", calibration)

    def clear(self, manifest: Manifest) -> None:
        """Forget all documents, but not the collections, and begin again with another manifest."""
        found = self.manifest()
        with self._db.transaction() as db:
            if found is not None and found.model != manifest.model:
                db.execute("DELETE FROM manifest WHERE key = 'calibration'")
                db.execute("DELETE FROM spare_vectors")
            for table in ("documents", "removals", "failures"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            if self.shelf:
                _set(db, f"former.{self.identity}", "")
            db.execute("DELETE FROM manifest WHERE key = 'shelf' OR key LIKE 'shown.%'")
            _set(db, "generation", "0")
            _set(db, "identity", uuid4().hex)
            for field in fields(Manifest):
                _set(db, f"manifest.{field.name}", str(getattr(manifest, field.name)))

    def _get(self, key: str) -> str | None:
        rows = self._read("SELECT value FROM manifest WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    # --- vectors that are kept elsewhere, too

    @property
    def shelf(self) -> str:
        """Names what was made elsewhere for the vectors of this store; empty if nothing was."""
        return self._get("shelf") or ""

    def begin_shelf(self, shelf: str) -> None:
        """Something new and empty was made for them."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM manifest WHERE key LIKE 'shown.%'")
            _set(db, "shelf", shelf)

    def shown(self) -> dict[int, int]:
        """Collection's id → the generation that the shelf shows; also of collections that are gone from the store."""
        rows = self._read("SELECT key, value FROM manifest WHERE key LIKE 'shown.%'")
        return {int(key.removeprefix("shown.")): int(generation) for key, generation in rows}

    def keep_shown(self, shown: Mapping[int, int]) -> None:
        """Remember what the shelf shows now of these collections."""
        with self._db.transaction() as db:
            for collection_id, generation in shown.items():
                _set(db, f"shown.{collection_id}", str(generation))

    def forget_shown(self, collection_id: int) -> None:
        """The shelf holds nothing of this collection any more."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM manifest WHERE key = ?", (f"shown.{collection_id}",))

    def former(self) -> list[str]:
        """Identities that this store had before, and under which there may still be a shelf."""
        rows = self._read("SELECT key FROM manifest WHERE key LIKE 'former.%' ORDER BY key")
        return [key.removeprefix("former.") for (key,) in rows]

    def forget_former(self, identity: str) -> None:
        """There is no shelf of this identity any more."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM manifest WHERE key = ?", (f"former.{identity}",))

    # --- collections

    def collections(self) -> list[Collection]:
        """All of them, in the order in which they were made."""
        rows = self._read("SELECT id, name, folder FROM collections ORDER BY id")
        return [Collection(number, name, Path(folder)) for number, name, folder in rows]

    def keep_collection(self, name: str, folder: Path) -> Collection:
        """The collection of this name, made if there is none, with this folder from now on."""
        found = [each for each in self.collections() if each.name == name]
        if found and found[0].folder == folder:
            return found[0]
        with self._db.transaction() as db:
            if (
                db.execute("UPDATE collections SET folder = ? WHERE name = ?", (str(folder), name)).rowcount
                == 0
            ):
                (number,) = next_ids(db, "collections", "id")
                db.execute(
                    "INSERT INTO collections (id, name, folder) VALUES (?, ?, ?)", (number, name, str(folder))
                )
        return next(each for each in self.collections() if each.name == name)

    def drop_collection(self, collection: Collection) -> None:
        """Forget the collection and all its documents."""
        with self._db.transaction() as db:
            _advance(db)
            db.execute("DELETE FROM collections WHERE id = ?", (collection.id,))

    # --- documents in and out

    def put(
        self,
        collection: Collection,
        document: Document,
        passages: Sequence[Passage],
        passage_vectors: Vectors,
        sentence_vectors: Vectors,
    ) -> None:
        """Add a document, in place of the one with its path.

        Args:
            collection: where it belongs.
            document: what was read.
            passages: its passages.
            passage_vectors: (passages, dimension) float32.
            sentence_vectors: (sentences of all passages in order, dimension) float32.
        """
        sentences = [sentence for passage in passages for sentence in passage.sentences]
        with self._db.transaction() as db:
            generation = _advance(db)
            _remove(db, collection, document.path, generation)
            (document_id,) = next_ids(db, "documents", "id")
            db.execute(
                """INSERT INTO documents
                   (id, collection_id, path, sha256, title, text, passages, sentences, generation, reader)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    document_id,
                    collection.id,
                    document.path,
                    document.sha256,
                    document.title,
                    document.text,
                    len(passages),
                    len(sentences),
                    generation,
                    document.reader,
                ),
            )
            passage_ids = next_ids(db, "passages", "id", len(passages))
            db.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        passage_id,
                        document_id,
                        each.start,
                        each.end,
                        each.heading,
                        *_columns(each.place),
                        each.language,
                        document.text[each.start : each.end],
                        vector.tobytes(),
                    )
                    for passage_id, each, vector in zip(
                        passage_ids, passages, passage_vectors.astype(_VECTOR), strict=True
                    )
                ),
            )
            sentence_ids = next_ids(db, "sentences", "id", len(sentences))
            owners = (i for i, each in zip(passage_ids, passages, strict=True) for _ in each.sentences)
            db.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
                (
                    (sentence_id, passage_id, each.start, each.end, vector.tobytes())
                    for sentence_id, passage_id, each, vector in zip(
                        sentence_ids, owners, sentences, sentence_vectors.astype(_VECTOR), strict=True
                    )
                ),
            )

    def move(self, collection: Collection, path: str, new_path: str) -> None:
        """Give a document another path."""
        with self._db.transaction() as db:
            generation = _advance(db)
            db.execute(
                "UPDATE documents SET path = ?, generation = ? WHERE collection_id = ? AND path = ?",
                (new_path, generation, collection.id, path),
            )
            db.execute("DELETE FROM failures WHERE collection_id = ? AND path = ?", (collection.id, new_path))

    def remove(self, collection: Collection, path: str) -> None:
        """Take a document out."""
        with self._db.transaction() as db:
            _remove(db, collection, path, _advance(db))

    def empty(self, collection: Collection) -> None:
        """Take all documents of a collection out."""
        with self._db.transaction() as db:
            _remove(db, collection, None, _advance(db))
            db.execute("DELETE FROM spare_vectors")

    def prune(self, generation: int) -> None:
        """Forget which documents were removed up to this generation: all caches on disk show it."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM removals WHERE generation <= ?", (generation,))
            _set(db, "pruned", str(generation))

    @property
    def pruned(self) -> int:
        """A cache that shows an older generation than this cannot catch up, and must begin anew."""
        return int(self._get("pruned") or 0)

    # --- work that need not be done again

    def failures(self, collection: Collection) -> dict[str, tuple[str, DocumentError]]:
        """Path → which attempt to read it failed, and why."""
        rows = self._read(
            "SELECT path, attempt, reason, fault FROM failures WHERE collection_id = ?", (collection.id,)
        )
        return {
            path: (attempt, DocumentError(reason, DocumentFault(fault)))
            for path, attempt, reason, fault in rows
        }

    def keep_failure(self, collection: Collection, path: str, attempt: str, error: DocumentError) -> None:
        """Remember that this attempt, of these bytes with these limits, need not be repeated."""
        with self._db.transaction() as db:
            db.execute(
                upsert("failures", ["collection_id", "path"], ["attempt", "reason", "fault"]),
                (collection.id, path, attempt, str(error), error.fault.value),
            )

    def forget_failures(self, collection: Collection, paths: Iterable[str]) -> None:
        """These files are gone, or can be read now."""
        rows = [(collection.id, path) for path in paths]
        if rows:
            with self._db.transaction() as db:
                db.executemany("DELETE FROM failures WHERE collection_id = ? AND path = ?", rows)

    def known_vectors(self, collection: Collection, path: str, sha256: str) -> dict[str, Vectors]:
        """Text → vector of all passages and sentences of the document at this path and of one with these bytes."""
        rows = self._read(
            """SELECT id FROM documents WHERE collection_id = ? AND path = ?
               UNION SELECT min(id) FROM documents WHERE sha256 = ?""",
            (collection.id, path, sha256),
        )
        known = {}
        for (document_id,) in rows:
            for start, text, vector, sentence_start, sentence_end, sentence_vector in self._read(
                """SELECT p.start, p.text, p.vector, s.start, s."end", s.vector
                   FROM passages p JOIN sentences s ON s.passage_id = p.id WHERE p.document_id = ?""",
                (document_id,),
            ):
                known[text] = _vector(vector)
                known[text[sentence_start - start : sentence_end - start]] = _vector(sentence_vector)
        return known

    def keep_spare_vectors(self, vectors: Mapping[str, Vectors]) -> None:
        """Keep vectors of a document that is not yet whole, in case its encoding is interrupted."""
        rows = [(_digest(text), vector.astype(_VECTOR).tobytes()) for text, vector in vectors.items()]
        with self._db.transaction() as db:
            db.executemany(upsert("spare_vectors", ["text_sha256"], ["vector"]), rows)

    def spare_vectors(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """Those of these texts' vectors that were kept."""
        query = "SELECT vector FROM spare_vectors WHERE text_sha256 = ?"
        rows = ((text, self._read(query, (_digest(text),))) for text in texts)
        return {text: _vector(row[0][0]) for text, row in rows if row}

    def forget_spare_vectors(self) -> None:
        """Nothing is being encoded any more."""
        if self._read("SELECT 1 FROM spare_vectors LIMIT 1"):
            with self._db.transaction() as db:
                db.execute("DELETE FROM spare_vectors")

    # --- documents seen

    def hashes(self, collection: Collection) -> dict[str, str]:
        """Path → SHA-256 of every document, in the order of their paths."""
        query = "SELECT path, sha256 FROM documents WHERE collection_id = ? ORDER BY path"
        return dict(self._read(query, (collection.id,)))

    def documents(self) -> list[StoredDocument]:
        """All documents, by collection and path."""
        query = """
            SELECT c.name, d.path, d.sha256, d.title, d.passages
            FROM documents d JOIN collections c ON c.id = d.collection_id ORDER BY c.id, d.path
        """
        rows = self._read(query)
        return [
            StoredDocument(name, path, sha256, _title(title, path), passages)
            for name, path, sha256, title, passages in rows
        ]

    def document_ids(self) -> list[int]:
        """Of all documents, in the order in which they came."""
        return [row[0] for row in self._read("SELECT id FROM documents ORDER BY id")]

    def document(self, document_id: int) -> tuple[str, Document]:
        """The collection that a document belongs to, and what was read of it, without its blocks.

        Raises:
            LookupError: there is no such document.
        """
        query = """
            SELECT c.name, d.path, d.sha256, d.reader, d.title, d.text
            FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.id = ?
        """
        ((collection, path, sha256, reader, title, text),) = self._read(query, (document_id,)) or [()]
        return collection, Document(path, sha256, reader, title, text, blocks=())

    def text(self, document_id: int) -> str | None:
        """Of a document, if it still exists."""
        rows = self._read("SELECT text FROM documents WHERE id = ?", (document_id,))
        return next((text for (text,) in rows), None)

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

    def count(self, collection: Collection | None = None) -> Counts:
        """How much there is, in one collection or in all."""
        query = """
            SELECT count(*), coalesce(sum(passages), 0), coalesce(sum(sentences), 0) FROM documents
        """
        where, values = (" WHERE collection_id = ?", (collection.id,)) if collection else ("", ())
        return Counts(*map(int, self._read(query + where, values)[0]))

    # --- what the caches and a search read

    def changes_since(self, generation: int, collection: Collection) -> Changes:
        """What a cache lacks that shows `generation`, which must not be older than `pruned`, or 0."""
        removals = self._read(
            """SELECT document_id, first_passage, last_passage, first_sentence, last_sentence
               FROM removals WHERE collection_id = ? AND generation > ?""",
            (collection.id, generation),
        )
        added = self._read(
            "SELECT id FROM documents WHERE collection_id = ? AND generation > ? ORDER BY id",
            (collection.id, generation),
        )
        return Changes(
            removals=[
                Removal(row[0], range(row[1], row[2] + 1), range(row[3], row[4] + 1)) for row in removals
            ],
            document_ids=[row[0] for row in added],
        )

    def sentences_since(self, generation: int, collection: Collection) -> int:
        """How many sentences came, moved or went since a generation that is not older than `pruned`, or 0."""
        query = """
            SELECT (SELECT coalesce(sum(sentences), 0) FROM documents WHERE collection_id = ? AND generation > ?)
                 + (SELECT coalesce(sum(last_sentence - first_sentence + 1), 0) FROM removals
                    WHERE collection_id = ? AND generation > ?)
        """
        return int(self._read(query, (collection.id, generation) * 2)[0][0])

    def passages_of(self, document_id: int) -> list[StoredPassage]:
        """All passages of a document, in its order, without their sentences."""
        rows = self._read(f"{_PASSAGES} WHERE d.id = ? ORDER BY p.id", (document_id,))
        return [_passage(row, ()) for row in rows]

    def passages(self, passage_ids: Sequence[int]) -> list[StoredPassage]:
        """Those of the passages that still exist, in the order of `passage_ids`."""
        rows = {row[0]: row for row in self._db.among(_PASSAGES + " WHERE p.id IN ({values})", passage_ids)}
        sentences: dict[int, list[StoredSentence]] = defaultdict(list)
        query = (
            'SELECT passage_id, id, start, "end" FROM sentences WHERE passage_id IN ({values}) ORDER BY id'
        )
        for passage_id, *sentence in self._db.among(query, list(rows)):
            sentences[passage_id].append(StoredSentence(*sentence))
        return [_passage(rows[i], tuple(sentences[i])) for i in passage_ids if i in rows]

    def passages_at(self, sha256: str, start: int, end: int) -> list[StoredPassage]:
        """The passages with this span in documents made of these bytes, wherever these lie."""
        rows = self._read(
            """SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id
               WHERE d.sha256 = ? AND p.start = ? AND p."end" = ?""",
            (sha256, start, end),
        )
        return self.passages([row[0] for row in rows])

    def text_of(self, sha256: str, reader: str) -> str | None:
        """The text that these versions made of these bytes, if they are in the index."""
        query = "SELECT text FROM documents WHERE sha256 = ? AND reader = ? LIMIT 1"
        return next((text for (text,) in self._read(query, (sha256, reader))), None)

    def texts(self, collection: str, path: str, sha256: str = "") -> list[tuple[int, str]]:
        """Id and text of the documents at this path or made of these bytes; best first is who is both."""
        return self._read(
            """SELECT d.id, d.text FROM documents d JOIN collections c ON c.id = d.collection_id
               WHERE c.name = ? AND (d.path = ? OR d.sha256 = ?) ORDER BY d.sha256 <> ?, d.path <> ?, d.id""",
            (collection, path, sha256, sha256, path),
        )

    def paths_of(self, sha256: str) -> list[tuple[str, str]]:
        """Collection and path of all documents made of these bytes."""
        return self._read(
            "SELECT c.name, d.path FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.sha256 = ?",
            (sha256,),
        )

    def passage_ids_of(self, paths: Iterable[str]) -> list[int]:
        """Of all passages of the documents at these paths."""
        query = "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id WHERE d.path = ?"
        return [row[0] for path in paths for row in self._read(query, (path,))]

    def passage_vectors(self, document_ids: Sequence[int]) -> Rows:
        """Of all passages of these documents."""
        return self._rows("SELECT id, vector FROM passages WHERE document_id IN ({values})", document_ids)

    def sentence_vectors(self, document_ids: Sequence[int]) -> Rows:
        """Of all sentences of these documents."""
        return self._rows(
            """SELECT s.id, s.vector FROM sentences s JOIN passages p ON p.id = s.passage_id
               WHERE p.document_id IN ({values})""",
            document_ids,
        )

    def _rows(self, query: str, document_ids: Sequence[int]) -> Rows:
        rows = self._db.among(query, document_ids)
        ids = np.array([row[0] for row in rows], np.int64)
        vectors = _vector(b"".join(row[1] for row in rows))
        return Rows(ids, vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0))

    def spans(self, passage_ids: Sequence[int]) -> list[Span]:
        """Of those of the passages that still exist, in the order of `passage_ids`."""
        query = """
            SELECT p.id, d.collection_id, min(s.id), max(s.id) + 1
            FROM passages p JOIN documents d ON d.id = p.document_id JOIN sentences s ON s.passage_id = p.id
            WHERE p.id IN ({values}) GROUP BY p.id, d.collection_id
        """
        rows = {row[0]: row for row in self._db.among(query, passage_ids)}
        return [
            Span(passage_id, collection_id, range(first, end))
            for passage_id, collection_id, first, end in (rows[i] for i in passage_ids if i in rows)
        ]

    def vectors_of(self, passage_ids: Sequence[int]) -> dict[int, tuple[Vectors, Vectors]]:
        """Passage → its own (dimension,) vector and those of its sentences, in order; of those that still exist."""
        own: dict[int, bytes] = dict(
            self._db.among("SELECT id, vector FROM passages WHERE id IN ({values})", passage_ids)
        )
        sentences: dict[int, list[bytes]] = {}
        query = "SELECT passage_id, vector FROM sentences WHERE passage_id IN ({values}) ORDER BY id"
        for passage_id, vector in self._db.among(query, passage_ids):
            sentences.setdefault(passage_id, []).append(vector)
        return {
            passage_id: (_vector(vector), _vector(b"".join(rows)).reshape(len(rows), -1))
            for passage_id, vector in own.items()
            if (rows := sentences.get(passage_id))
        }

    def passage_ids(self, sentence_ids: Sequence[int]) -> list[int]:
        """The passages of these sentences, in their order, each once; sentences that are gone are left out."""
        rows: dict[int, int] = dict(
            self._db.among("SELECT id, passage_id FROM sentences WHERE id IN ({values})", sentence_ids)
        )
        return list(dict.fromkeys(rows[sentence_id] for sentence_id in sentence_ids if sentence_id in rows))


_PASSAGES = """
SELECT p.id, d.id, c.name, d.path, d.sha256, d.reader, d.title, p.heading, p.unit, p.first, p.last, p.part,
       p.language, p.start, p."end", p.text
FROM passages p JOIN documents d ON d.id = p.document_id JOIN collections c ON c.id = d.collection_id
"""


def _passage(row: tuple[Any, ...], sentences: tuple[StoredSentence, ...]) -> StoredPassage:
    passage_id, document_id, collection, path, sha256, reader, *rest = row
    title, heading, unit, first, last, part, language, start, end, text = rest
    return StoredPassage(
        id=passage_id,
        document_id=document_id,
        collection=collection,
        path=path,
        sha256=sha256,
        reader=reader,
        title=_title(title, path),
        heading=heading,
        place=Place(Unit(unit), first, last, part) if unit else None,
        language=language,
        start=start,
        end=end,
        text=text,
        sentences=sentences,
    )


def _title(title: str | None, path: str) -> str:
    return title or PurePosixPath(path).stem


def _columns(place: Place | None) -> tuple[object, ...]:
    return (place.unit, place.first, place.last, place.name) if place else (None,) * 4


def _vector(data: bytes) -> Vectors:
    return np.frombuffer(data, _VECTOR).astype(np.float32)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _set(db: Transaction, key: str, value: str) -> None:
    db.execute(upsert("manifest", ["key"], ["value"]), (key, value))


def _advance(db: Transaction) -> int:
    """The number of the change that this transaction makes."""
    generation = int(db.execute("SELECT value FROM manifest WHERE key = 'generation'").fetchone()[0]) + 1
    _set(db, "generation", str(generation))
    return generation


def _remove(db: Transaction, collection: Collection, path: str | None, generation: int) -> None:
    """Take out one document, or with no path all of the collection."""
    which, values = "collection_id = ?", tuple[object, ...]((collection.id,))
    if path is not None:
        which, values = f"{which} AND path = ?", (*values, path)
    # The ids of one document are consecutive: all were given within one transaction.
    db.execute(
        f"""INSERT INTO removals
            SELECT d.id, d.collection_id, coalesce(min(p.id), 0), coalesce(max(p.id), -1),
                   coalesce(min(s.id), 0), coalesce(max(s.id), -1), ?
            FROM documents d LEFT JOIN passages p ON p.document_id = d.id
                             LEFT JOIN sentences s ON s.passage_id = p.id
            WHERE {which} GROUP BY d.id""",  # noqa: S608 - our own words
        (generation, *values),
    )
    for table in ("documents", "failures"):
        db.execute(f"DELETE FROM {table} WHERE {which}", values)  # noqa: S608 - our own words
