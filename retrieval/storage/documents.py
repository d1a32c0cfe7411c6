"""Documents, their passages and sentences: in and out of the database, each document in one transaction.

Ids are never used twice, so an index that lags behind can miss a passage but never show another in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.documents.document import Location, Unit
from retrieval.errors import DocumentError, DocumentFault
from retrieval.storage.database import MAX_VALUES, next_ids, upsert
from retrieval.storage.records import (
    Collection,
    Counts,
    PassageIds,
    StoredDocument,
    StoredPassage,
    StoredSentence,
    title_of,
)
from retrieval.storage.vectors import pack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.documents.document import Document
    from retrieval.documents.passages import Passage
    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.change_log import ChangeLog
    from retrieval.storage.database import Database, Row, Transaction


class Collections:
    """The table `collections`."""

    def __init__(self, database: Database, log: ChangeLog) -> None:
        self._db = database
        self._log = log

    def all(self) -> list[Collection]:
        """Read all of them, in the order in which they were made."""
        rows = self._db.run("SELECT id, name, folder FROM collections ORDER BY id")
        return [Collection(number, name, Path(folder)) for number, name, folder in rows]

    def save(self, name: str, folder: Path) -> Collection:
        """Give the collection of this name this folder; it is made if there is none."""
        found = next((each for each in self.all() if each.name == name), None)
        if found and found.folder == folder:
            return found
        with self._db.transaction() as db:
            number = found.id if found else next_ids(db, "collections", "id")[0]
            db.execute(upsert("collections", ["id"], ["name", "folder"]), (number, name, str(folder)))
        return Collection(number, name, folder)

    def drop(self, collection: Collection) -> None:
        """Forget the collection and all its documents."""
        with self._db.transaction() as db:
            self._log.advance()
            db.execute("DELETE FROM collections WHERE id = ?", (collection.id,))


class Documents:
    """The table `documents`; each is put in and taken out with all its passages and sentences."""

    def __init__(self, database: Database, log: ChangeLog) -> None:
        self._db = database
        self._log = log

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
            generation = self._log.advance()
            self._remove(db, "collection_id = ? AND path = ?", (collection.id, document.path), generation)
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
                        passage.start,
                        passage.end,
                        passage.heading,
                        *_columns(passage.place),
                        passage.language,
                        document.text[passage.start : passage.end],
                        vector,
                    )
                    for passage_id, passage, vector in zip(passage_ids, passages, pack(passage_vectors), strict=True)
                ),
            )
            sentence_ids = next_ids(db, "sentences", "id", len(sentences))
            owners = (i for i, each in zip(passage_ids, passages, strict=True) for _ in each.sentences)
            db.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
                (
                    (sentence_id, passage_id, sentence.start, sentence.end, vector)
                    for sentence_id, passage_id, sentence, vector in zip(
                        sentence_ids, owners, sentences, pack(sentence_vectors), strict=True
                    )
                ),
            )

    def move(self, collection: Collection, path: str, new_path: str) -> None:
        """Give a document another path."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE documents SET path = ?, generation = ? WHERE collection_id = ? AND path = ?",
                (new_path, self._log.advance(), collection.id, path),
            )
            db.execute("DELETE FROM failures WHERE collection_id = ? AND path = ?", (collection.id, new_path))

    def remove(self, collection: Collection, path: str) -> None:
        """Take a document out."""
        with self._db.transaction() as db:
            where = "collection_id = ? AND path = ?"
            self._remove(db, where, (collection.id, path), self._log.advance())

    def remove_all(self, collection: Collection) -> None:
        """Take all documents of a collection out."""
        with self._db.transaction() as db:
            self._remove(db, "collection_id = ?", (collection.id,), self._log.advance())

    def _remove(self, db: Transaction, where: str, values: tuple[object, ...], generation: int) -> None:
        self._log.add_removals(where, values, generation)
        for table in ("documents", "failures"):
            db.execute(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608 - our own words

    def hashes(self, collection: Collection) -> dict[str, str]:
        """Path → SHA-256 of every document of a collection, in the order of their paths."""
        query = "SELECT path, sha256 FROM documents WHERE collection_id = ? ORDER BY path"
        return dict(self._db.run(query, (collection.id,)))

    def all(self) -> list[StoredDocument]:
        """Read all documents, by collection and path."""
        rows = self._db.run(
            """SELECT c.name, d.path, d.sha256, d.title, d.passages
               FROM documents d JOIN collections c ON c.id = d.collection_id ORDER BY c.id, d.path"""
        )
        return [
            StoredDocument(name, path, sha256, title_of(title, path), passages)
            for name, path, sha256, title, passages in rows
        ]

    def count(self, collection: Collection | None = None) -> Counts:
        """Count what there is, in one collection or in all."""
        query = "SELECT count(*), coalesce(sum(passages), 0), coalesce(sum(sentences), 0) FROM documents"
        where, values = (" WHERE collection_id = ?", (collection.id,)) if collection else ("", ())
        return Counts(*map(int, self._db.run(query + where, values)[0]))

    def text(self, document_id: int) -> str | None:
        """Read the text of a document, if it still exists."""
        rows = self._db.run("SELECT text FROM documents WHERE id = ?", (document_id,))
        return next((text for (text,) in rows), None)

    def text_of(self, sha256: str, reader: str) -> str | None:
        """Read the text that these versions made of these bytes, if they are in the index."""
        query = "SELECT text FROM documents WHERE sha256 = ? AND reader = ? LIMIT 1"
        return next((text for (text,) in self._db.run(query, (sha256, reader))), None)

    def texts_at(self, collection: str, path: str, sha256: str = "") -> list[tuple[int, str]]:
        """Read id and text of the documents at this path or made of these bytes; best first is who is both."""
        return self._db.run(
            """SELECT d.id, d.text FROM documents d JOIN collections c ON c.id = d.collection_id
               WHERE c.name = ? AND (d.path = ? OR d.sha256 = ?) ORDER BY d.sha256 <> ?, d.path <> ?, d.id""",
            (collection, path, sha256, sha256, path),
        )

    def paths_of(self, sha256: str) -> list[tuple[str, str]]:
        """Collection and path of all documents made of these bytes."""
        return self._db.run(
            "SELECT c.name, d.path FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.sha256 = ?",
            (sha256,),
        )


class Failures:
    """The table `failures`: which files could not be read, so that the same need not be tried again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, collection: Collection) -> dict[str, tuple[str, DocumentError]]:
        """Path → which attempt to read it failed, and why."""
        rows = self._db.run(
            "SELECT path, attempt, reason, fault FROM failures WHERE collection_id = ?", (collection.id,)
        )
        return {path: (attempt, DocumentError(reason, DocumentFault(fault))) for path, attempt, reason, fault in rows}

    def save(self, collection: Collection, path: str, attempt: str, error: DocumentError) -> None:
        """Remember that this attempt, of these bytes with these limits, need not be repeated."""
        with self._db.transaction() as db:
            db.execute(
                upsert("failures", ["collection_id", "path"], ["attempt", "reason", "fault"]),
                (collection.id, path, attempt, str(error), error.fault.value),
            )

    def forget(self, collection: Collection, paths: Iterable[str]) -> None:
        """Forget files that are gone, or can be read now."""
        rows = [(collection.id, path) for path in paths]
        if rows:
            with self._db.transaction() as db:
                db.executemany("DELETE FROM failures WHERE collection_id = ? AND path = ?", rows)


Parts = Mapping[str, Sequence[tuple[int, int]] | None]
"""Path → parts of the document, each by its start and end in characters; None for the whole of it."""


class Passages:
    """The tables `passages` and `sentences`, read together; `Documents.put` writes them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, passage_ids: Sequence[int]) -> list[StoredPassage]:
        """Read those of the passages that still exist, in the order of `passage_ids`."""
        rows = self._db.among(_PASSAGES.format(where="p.id IN ({values})"), passage_ids)
        found = {passage.id: passage for passage in _passages(rows)}
        return [found[passage_id] for passage_id in passage_ids if passage_id in found]

    def of_document(self, document_id: int) -> list[StoredPassage]:
        """Read all passages of a document, in its order."""
        return _passages(self._db.run(_PASSAGES.format(where="d.id = ?"), (document_id,)))

    def at(self, sha256: str, start: int, end: int) -> list[StoredPassage]:
        """Read the passages with this span in documents made of these bytes, wherever these lie."""
        where = 'd.sha256 = ? AND p.start = ? AND p."end" = ?'
        return _passages(self._db.run(_PASSAGES.format(where=where), (sha256, start, end)))

    def ids_in(self, parts: Parts) -> list[int]:
        """Read the ids of the passages that overlap parts of documents."""
        query = """
            SELECT p.id, d.path, p.start, p."end" FROM passages p JOIN documents d ON d.id = p.document_id
            WHERE d.path IN ({values})
        """
        return [
            passage_id
            for passage_id, path, start, end in self._db.among(query, list(parts))
            if (spans := parts[path]) is None or any(start < last and first < end for first, last in spans)
        ]

    def locate(self, passage_ids: Sequence[int], sentence_ids: Sequence[int]) -> dict[int, PassageIds]:
        """Id → ids of these passages, and of those that have these sentences, as far as they still exist."""
        query = """
            SELECT p.id, d.collection_id, min(s.id), max(s.id) + 1
            FROM passages p JOIN documents d ON d.id = p.document_id JOIN sentences s ON s.passage_id = p.id
            WHERE p.id IN (
                SELECT id FROM passages WHERE id IN ({}) UNION SELECT passage_id FROM sentences WHERE id IN ({})
            ) GROUP BY p.id, d.collection_id
        """
        found = {}
        for start in range(0, max(len(passage_ids), len(sentence_ids)), MAX_VALUES):
            parts = [ids[start : start + MAX_VALUES] for ids in (passage_ids, sentence_ids)]
            marks = [", ".join("?" * len(part)) or "NULL" for part in parts]
            for passage_id, collection_id, first, end in self._db.run(query.format(*marks), [*chain(*parts)]):
                found[passage_id] = PassageIds(passage_id, collection_id, range(first, end))
        return found

    def languages(self) -> list[str]:
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
SELECT p.id, d.id, c.name, d.path, d.sha256, d.reader, d.title, p.heading, p.unit, p.first, p.last, p.part,
       p.language, p.start, p."end", p.text, s.id, s.start, s."end"
FROM passages p JOIN documents d ON d.id = p.document_id JOIN collections c ON c.id = d.collection_id
                LEFT JOIN sentences s ON s.passage_id = p.id
WHERE {where} ORDER BY p.id, s.id
"""


def _passages(rows: Iterable[Row]) -> list[StoredPassage]:
    """Of rows of _PASSAGES, of which each passage has one for each of its sentences."""
    return [_passage(list(own)) for _, own in groupby(rows, key=itemgetter(0))]


def _passage(rows: Sequence[tuple[Any, ...]]) -> StoredPassage:
    passage_id, document_id, collection, path, sha256, reader, *rest = rows[0][:-3]
    title, heading, unit, first, last, part, language, start, end, text = rest
    return StoredPassage(
        id=passage_id,
        document_id=document_id,
        collection=collection,
        path=path,
        sha256=sha256,
        reader=reader,
        title=title_of(title, path),
        heading=heading,
        place=Location(Unit(unit), first, last, part) if unit else None,
        language=language,
        start=start,
        end=end,
        text=text,
        sentences=tuple(StoredSentence(*row[-3:]) for row in rows if row[-3] is not None),
    )


def _columns(place: Location | None) -> tuple[object, ...]:
    return (place.unit, place.first, place.last, place.name) if place else (None,) * 4
