"""The tables of documents, their passages and sentences; each document is written in one transaction.

Ids are never used twice, so an index that lags behind can miss a passage but never show another in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from retrieval.documents.document import Location, Unit
from retrieval.errors import DocumentError, DocumentFault
from retrieval.storage.database import MAX_VALUES, Repository, next_ids, upsert
from retrieval.storage.records import Collection, Counts, PassageIds, StoredDocument, StoredPassage, StoredSentence
from retrieval.storage.vectors import pack, pack_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.documents.document import Document
    from retrieval.documents.passages import Passage
    from retrieval.encoding.token_codes import CodedText
    from retrieval.storage.change_log import ChangeLog
    from retrieval.storage.database import Database, Row, Transaction


class _LoggedRepository(Repository):
    """Base of the repositories whose changes have a generation."""

    def __init__(self, database: Database, log: ChangeLog) -> None:
        super().__init__(database)
        self._log = log


class CollectionRepository(_LoggedRepository):
    """The table `collections`."""

    def all(self) -> list[Collection]:
        """Read all collections, oldest first."""
        rows = self._db.run("SELECT id, name, folder FROM collections ORDER BY id")
        return [Collection(number, name, Path(folder)) for number, name, folder in rows]

    def save(self, name: str, folder: Path) -> Collection:
        """Add a collection, or set the folder of the one with this name."""
        known = next((collection for collection in self.all() if collection.name == name), None)
        if known and known.folder == folder:
            return known
        with self._db.transaction() as db:
            number = known.id if known else next_ids(db, "collections", "id")[0]
            db.execute(upsert("collections", ["id"], ["name", "folder"]), (number, name, str(folder)))
        return Collection(number, name, folder)

    def drop(self, collection: Collection) -> None:
        """Delete the collection and all its documents."""
        with self._db.transaction() as db:
            self._log.advance()
            db.execute("DELETE FROM collections WHERE id = ?", (collection.id,))


class DocumentRepository(_LoggedRepository):
    """The table `documents`; each is added and removed with all its passages and sentences."""

    def put(
        self,
        collection: Collection,
        document: Document,
        passages: Sequence[Passage],
        vectors: Mapping[str, CodedText],
    ) -> None:
        """Add a document with the vectors of all its sentences, by their text, in place of the one with its path."""
        sentences = [sentence for passage in passages for sentence in passage.sentences]
        packed = [pack(vectors[document.text[sentence.start : sentence.end]]) for sentence in sentences]
        with self._db.transaction() as db:
            generation = self._log.advance()
            self._remove(db, "collection_id = ? AND path = ?", (collection.id, document.path), generation)
            (document_id,) = next_ids(db, "documents", "id")
            values = (document_id, collection.id, document.path, document.sha256, document.title, document.text)
            db.execute(
                """INSERT INTO documents
                   (id, collection_id, path, sha256, title, text, reader, passages, sentences, generation)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (*values, document.reader, len(passages), len(sentences), generation),
            )
            passage_ids = next_ids(db, "passages", "id", len(passages))
            db.executemany(
                """INSERT INTO passages
                   (id, document_id, start, "end", heading, unit, first, last, part, language, text, url)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    (passage_id, document_id, *_passage_columns(passage, document.text))
                    for passage_id, passage in zip(passage_ids, passages, strict=True)
                ),
            )
            sentence_ids = next_ids(db, "sentences", "id", len(sentences))
            owners = [i for i, passage in zip(passage_ids, passages, strict=True) for _ in passage.sentences]
            rows = list(zip(sentence_ids, owners, sentences, packed, strict=True))
            db.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
                ((i, owner, sentence.start, sentence.end, vector) for i, owner, sentence, (vector, _) in rows),
            )
            db.executemany(
                "INSERT INTO token_codes VALUES (?, ?)",
                (
                    (owner, pack_codes([codes for *_, (_, codes) in own]))
                    for owner, own in groupby(rows, key=itemgetter(1))
                ),
            )

    def move(self, collection: Collection, path: str, new_path: str) -> None:
        """Change the path of a document."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE documents SET path = ?, generation = ? WHERE collection_id = ? AND path = ?",
                (new_path, self._log.advance(), collection.id, path),
            )
            db.execute("DELETE FROM failures WHERE collection_id = ? AND path = ?", (collection.id, new_path))

    def remove(self, collection: Collection, path: str | None = None) -> None:
        """Remove a document; without a path, all documents of a collection."""
        where, values = ("", ()) if path is None else (" AND path = ?", (path,))
        with self._db.transaction() as db:
            self._remove(db, f"collection_id = ?{where}", (collection.id, *values), self._log.advance())

    def _remove(self, db: Transaction, where: str, values: tuple[object, ...], generation: int) -> None:
        self._log.add_removals(where, values, generation)
        for table in ("documents", "failures"):
            db.execute(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608 - our own words

    def read_hashes(self, collection: Collection) -> dict[str, str]:
        """Read path → SHA-256 of all documents of a collection, ordered by path."""
        query = "SELECT path, sha256 FROM documents WHERE collection_id = ? ORDER BY path"
        return dict(self._db.run(query, (collection.id,)))

    def all(self) -> list[StoredDocument]:
        """Read all documents, by collection and path."""
        rows = self._db.run(
            """SELECT c.name, d.path, d.sha256, d.title, d.passages
               FROM documents d JOIN collections c ON c.id = d.collection_id ORDER BY c.id, d.path"""
        )
        return [
            StoredDocument(name, path, sha256, _title(title, path), passages)
            for name, path, sha256, title, passages in rows
        ]

    def count(self, collection: Collection | None = None) -> Counts:
        """Count documents, passages and sentences, in one collection or in all."""
        query = "SELECT count(*), coalesce(sum(passages), 0), coalesce(sum(sentences), 0) FROM documents"
        where, values = (" WHERE collection_id = ?", (collection.id,)) if collection else ("", ())
        return Counts(*map(int, self._db.run(query + where, values)[0]))

    def read_text(self, document_id: int) -> str | None:
        """Read the text of a document, if it still exists."""
        rows = self._db.run("SELECT text FROM documents WHERE id = ?", (document_id,))
        return next((text for (text,) in rows), None)

    def find_text(self, sha256: str, reader: str) -> str | None:
        """Read the text that this version of a reader made of these bytes, if they are in the index."""
        query = "SELECT text FROM documents WHERE sha256 = ? AND reader = ? LIMIT 1"
        return next((text for (text,) in self._db.run(query, (sha256, reader))), None)

    def find_texts(self, collection: str, path: str, sha256: str = "") -> list[tuple[int, str]]:
        """Read id and text of the documents at this path or made of these bytes; first the one that is both."""
        return self._db.run(
            """SELECT d.id, d.text FROM documents d JOIN collections c ON c.id = d.collection_id
               WHERE c.name = ? AND (d.path = ? OR d.sha256 = ?) ORDER BY d.sha256 <> ?, d.path <> ?, d.id""",
            (collection, path, sha256, sha256, path),
        )

    def find_paths(self, sha256: str) -> list[tuple[str, str]]:
        """Read collection and path of all documents made of these bytes."""
        query = "SELECT c.name, d.path FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.sha256 = ?"
        return self._db.run(query, (sha256,))


class FailureRepository(Repository):
    """The table `failures`: which files could not be read, so that a sync does not repeat the attempt."""

    def read(self, collection: Collection) -> dict[str, tuple[str, DocumentError]]:
        """Read path → the attempt that failed, and its error."""
        query = "SELECT path, attempt, reason, fault FROM failures WHERE collection_id = ?"
        return {
            path: (attempt, DocumentError(reason, DocumentFault(fault)))
            for path, attempt, reason, fault in self._db.run(query, (collection.id,))
        }

    def save(self, collection: Collection, path: str, attempt: str, error: DocumentError) -> None:
        """Save that this attempt, which names bytes and limits, failed."""
        statement = upsert("failures", ["collection_id", "path"], ["attempt", "reason", "fault"])
        self._db.run(statement, (collection.id, path, attempt, str(error), error.fault.value))

    def forget(self, collection: Collection, paths: Iterable[str]) -> None:
        """Delete the failures of files that are gone, or can be read now."""
        rows = [(collection.id, path) for path in paths]
        if rows:
            with self._db.transaction() as db:
                db.executemany("DELETE FROM failures WHERE collection_id = ? AND path = ?", rows)


class TitleRepository(Repository):
    """The table `titles`: titles that people gave to files. No file holds them, so they outlive the index."""

    def read(self, collection: str) -> dict[str, str]:
        """Read path → title for a collection."""
        return dict(self._db.run("SELECT path, title FROM titles WHERE collection = ?", (collection,)))

    def set(self, collection: str, path: str, title: str) -> None:
        """Set the title of a file from the next sync on; an empty one restores the file's own."""
        if title:
            self._db.run(upsert("titles", ["collection", "path"], ["title"]), (collection, path, title))
        else:
            self._db.run("DELETE FROM titles WHERE collection = ? AND path = ?", (collection, path))

    def add(self, collection: str, titles: Mapping[str, str]) -> None:
        """Add titles for the files that have none yet."""
        rows = [(collection, path, title) for path, title in titles.items()]
        with self._db.transaction() as db:
            db.executemany("INSERT INTO titles VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)


Parts = Mapping[str, Sequence[tuple[int, int]] | None]
"""Path → parts of the document, each by its start and end in characters; None for the whole of it."""


class PassageRepository(Repository):
    """The tables `passages` and `sentences`, read together; `DocumentRepository.put` writes them."""

    def get(self, passage_ids: Sequence[int]) -> list[StoredPassage]:
        """Read those of the passages that still exist, in the order of `passage_ids`."""
        passages = _passages(self._db.run_in_parts(_PASSAGES.format(where="p.id IN ({values})"), passage_ids))
        by_id = {passage.id: passage for passage in passages}
        return [by_id[passage_id] for passage_id in passage_ids if passage_id in by_id]

    def read_document(self, document_id: int) -> list[StoredPassage]:
        """Read all passages of a document, in its order."""
        return _passages(self._db.run(_PASSAGES.format(where="d.id = ?"), (document_id,)))

    def find(self, sha256: str, start: int, end: int) -> list[StoredPassage]:
        """Read the passages with this span in all documents made of these bytes."""
        where = 'd.sha256 = ? AND p.start = ? AND p."end" = ?'
        return _passages(self._db.run(_PASSAGES.format(where=where), (sha256, start, end)))

    def read_headings(self, sha256: str, reader: str) -> list[tuple[int, int, str | None]]:
        """Read start, end and heading of all passages of a document that this reader made of these bytes."""
        return self._db.run(
            """SELECT start, "end", heading FROM passages WHERE document_id = (
                   SELECT min(id) FROM documents WHERE sha256 = ? AND reader = ?
               ) ORDER BY start, "end" """,
            (sha256, reader),
        )

    def find_ids(self, parts: Parts) -> list[int]:
        """Read the ids of the passages that overlap parts of documents."""
        query = """
            SELECT p.id, d.path, p.start, p."end" FROM passages p JOIN documents d ON d.id = p.document_id
            WHERE d.path IN ({values})
        """
        return [
            passage_id
            for passage_id, path, start, end in self._db.run_in_parts(query, list(parts))
            if (spans := parts[path]) is None or any(start < last and first < end for first, last in spans)
        ]

    def locate(self, passage_ids: Sequence[int], sentence_ids: Sequence[int]) -> dict[int, PassageIds]:
        """Read id → ids of these passages, and of those with these sentences, as far as they still exist."""
        query = """
            SELECT p.id, d.collection_id, min(s.id), max(s.id) + 1
            FROM passages p JOIN documents d ON d.id = p.document_id JOIN sentences s ON s.passage_id = p.id
            WHERE p.id IN (
                SELECT id FROM passages WHERE id IN ({}) UNION SELECT passage_id FROM sentences WHERE id IN ({})
            ) GROUP BY p.id, d.collection_id
        """
        located = {}
        for start in range(0, max(len(passage_ids), len(sentence_ids)), MAX_VALUES):
            parts = [ids[start : start + MAX_VALUES] for ids in (passage_ids, sentence_ids)]
            marks = [", ".join("?" * len(part)) or "NULL" for part in parts]
            for passage_id, collection_id, first, end in self._db.run(query.format(*marks), [*chain(*parts)]):
                located[passage_id] = PassageIds(passage_id, collection_id, range(first, end))
        return located

    def read_languages(self) -> list[str]:
        """Read the languages of all passages, each once."""
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
        return [row[0] for row in self._db.run(query)]


_PASSAGES = """
SELECT p.id, d.id, c.name, d.path, d.sha256, d.reader, d.title, p.heading, p.unit, p.first, p.last, p.part, p.url,
       p.language, p.start, p."end", p.text, w.fetched_at, g.gone_at, s.id, s.start, s."end"
FROM passages p JOIN documents d ON d.id = p.document_id JOIN collections c ON c.id = d.collection_id
                LEFT JOIN snapshots w ON w.sha256 = d.sha256
                LEFT JOIN pages g ON g.collection = c.name AND g.address = d.path
                LEFT JOIN sentences s ON s.passage_id = p.id
WHERE {where} ORDER BY p.id, s.id
"""


def _passages(rows: Iterable[Row]) -> list[StoredPassage]:
    """Build passages from rows of _PASSAGES, of which each passage has one for each of its sentences."""
    return [_passage(list(own)) for _, own in groupby(rows, key=itemgetter(0))]


def _passage(rows: Sequence[tuple[Any, ...]]) -> StoredPassage:
    passage_id, document_id, collection, path, sha256, reader, *content, _, _, _ = rows[0]
    title, heading, unit, first, last, part, url, language, start, end, text, fetched_at, gone_at = content
    place = Location(Unit(unit), first, last, part, url) if unit else None
    sentences = tuple(StoredSentence(*row[-3:]) for row in rows if row[-3] is not None)
    shown = (
        _title(title, path),
        heading,
        place,
        language,
        start,
        end,
        text,
        sentences,
        fetched_at,
        gone_at is not None,
    )
    return StoredPassage(passage_id, document_id, collection, path, sha256, reader, *shown)


def _passage_columns(passage: Passage, text: str) -> tuple[object, ...]:
    place = passage.place
    location = (place.unit, place.first, place.last, place.name) if place else (None,) * 4
    own_text, url = text[passage.start : passage.end], place and place.url
    return (passage.start, passage.end, passage.heading, *location, passage.language, own_text, url)


def _title(title: str | None, path: str) -> str:
    return title or PurePosixPath(path).stem
