"""Vectors as the database holds them: of sentences and passages, and of what is only half encoded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from retrieval.storage.database import upsert
from retrieval.storage.records import VectorRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.database import Database
    from retrieval.storage.records import Collection

_HALF = np.dtype("<f2")
"""Half precision: half the room, and its rounding is smaller than the encoder's own (bf16)."""


class StoredVectors:
    """The column `vector` of passages and sentences; all are float32 on their way out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of_passages(self, document_ids: Sequence[int]) -> VectorRows:
        """Read the vectors of all passages of these documents."""
        return self._rows("SELECT id, vector FROM passages WHERE document_id IN ({values})", document_ids)

    def of_sentences(self, document_ids: Sequence[int]) -> VectorRows:
        """Read the vectors of all sentences of these documents."""
        return self._rows(
            """SELECT s.id, s.vector FROM sentences s JOIN passages p ON p.id = s.passage_id
               WHERE p.document_id IN ({values})""",
            document_ids,
        )

    def of_both(self, passage_ids: Sequence[int]) -> dict[int, tuple[Vectors, Vectors]]:
        """Passage → its (dimension,) vector and the (sentences, dimension) of its sentences, if it still exists."""
        query = """
            SELECT p.id, p.vector, s.vector FROM passages p JOIN sentences s ON s.passage_id = p.id
            WHERE p.id IN ({values}) ORDER BY s.id
        """
        own: dict[int, bytes] = {}
        sentences: dict[int, list[bytes]] = {}
        for passage_id, vector, sentence in self._db.among(query, passage_ids):
            own[passage_id] = vector
            sentences.setdefault(passage_id, []).append(sentence)
        return {
            passage_id: (unpack(own[passage_id]), unpack(b"".join(rows)).reshape(len(rows), -1))
            for passage_id, rows in sentences.items()
        }

    def by_text(self, collection: Collection, path: str, sha256: str) -> dict[str, Vectors]:
        """Text → vector of all passages and sentences of the document at this path and of one with these bytes."""
        query = """
            SELECT p.start, p.text, p.vector, s.start, s."end", s.vector
            FROM passages p JOIN sentences s ON s.passage_id = p.id WHERE p.document_id IN (
                SELECT id FROM documents WHERE collection_id = ? AND path = ?
                UNION SELECT min(id) FROM documents WHERE sha256 = ?
            ) ORDER BY s.id
        """
        known = {}
        for start, text, vector, sentence_start, sentence_end, sentence_vector in self._db.run(
            query, (collection.id, path, sha256)
        ):
            known[text] = unpack(vector)
            known[text[sentence_start - start : sentence_end - start]] = unpack(sentence_vector)
        return known

    def _rows(self, query: str, document_ids: Sequence[int]) -> VectorRows:
        rows = self._db.among(query, document_ids)
        ids = np.array([row[0] for row in rows], np.int64)
        vectors = unpack(b"".join(row[1] for row in rows))
        return VectorRows(ids, vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0))


class PartialVectors:
    """The table `partial_vectors`: a document that is not yet whole is not encoded again after an interruption."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """Text → vector, of those of the texts that were kept."""
        digests = {_digest(text): text for text in texts}
        query = "SELECT text_sha256, vector FROM partial_vectors WHERE text_sha256 IN ({values})"
        rows = self._db.among(query, list(digests))
        return {digests[bytes(digest)]: unpack(vector) for digest, vector in rows}

    def save(self, vectors: Mapping[str, Vectors]) -> None:
        """Keep the vectors of some texts."""
        rows = [(_digest(text), packed) for text, packed in zip(vectors, pack(vectors.values()), strict=True)]
        with self._db.transaction() as db:
            db.executemany(upsert("partial_vectors", ["text_sha256"], ["vector"]), rows)

    def clear(self) -> None:
        """Forget all of them, as nothing is being encoded any more."""
        if self._db.run("SELECT 1 FROM partial_vectors LIMIT 1"):
            with self._db.transaction() as db:
                db.execute("DELETE FROM partial_vectors")


def pack(vectors: Iterable[Vectors]) -> list[bytes]:
    """Turn each vector into what a column holds."""
    return [vector.astype(_HALF).tobytes() for vector in vectors]


def unpack(data: bytes) -> Vectors:
    """Turn what a column holds, or several joined, into numbers."""
    return np.frombuffer(data, _HALF).astype(np.float32)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
