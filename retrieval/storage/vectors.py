"""The vectors of sentences and passages in the database, and spare ones."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import numpy as np

from retrieval.storage.database import Repository, upsert
from retrieval.storage.records import VectorRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.records import Collection

FORMER_KEPT_S = 7 * 24 * 60 * 60
"""For so long, a document that was removed can come back without being encoded again."""
KINDS = ("sentences", "passages")
"""Of vectors, as the tables are called."""
_DTYPE = np.dtype("<f2")
"""Half precision: half the room, and its rounding is smaller than the encoder's own (bf16)."""


class StoredVectors(Repository):
    """The column `vector` of passages and sentences; every method returns float32."""

    def read_rows(self, kind: str, document_ids: Sequence[int]) -> VectorRows:
        """Read the vectors of all sentences, or of all passages, of these documents."""
        rows = self._db.run_in_parts(_OF_DOCUMENTS[kind], document_ids)
        vectors = unpack(b"".join(row[1] for row in rows))
        ids = np.array([row[0] for row in rows], np.int64)
        return VectorRows(ids, vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0))

    def read_pairs(self, passage_ids: Sequence[int]) -> dict[int, tuple[Vectors, Vectors]]:
        """Read passage id → its (dimension,) vector and the (sentences, dimension) of its sentences, if it exists."""
        query = """
            SELECT p.id, p.vector, s.vector FROM passages p JOIN sentences s ON s.passage_id = p.id
            WHERE p.id IN ({values}) ORDER BY s.id
        """
        stored: dict[int, tuple[bytes, list[bytes]]] = {}
        for passage_id, vector, sentence in self._db.run_in_parts(query, passage_ids):
            stored.setdefault(passage_id, (vector, []))[1].append(sentence)
        return {
            passage_id: (unpack(vector), unpack(b"".join(sentences)).reshape(len(sentences), -1))
            for passage_id, (vector, sentences) in stored.items()
        }

    def read_by_text(self, collection: Collection, path: str, sha256: str) -> dict[str, Vectors]:
        """Read text → vector of all passages and sentences of the document at this path and of one with these bytes."""
        query = """
            SELECT p.start, p.text, p.vector, s.start, s."end", s.vector
            FROM passages p JOIN sentences s ON s.passage_id = p.id WHERE p.document_id IN (
                SELECT id FROM documents WHERE collection_id = ? AND path = ?
                UNION SELECT min(id) FROM documents WHERE sha256 = ?
            ) ORDER BY s.id
        """
        known = {}
        for offset, text, vector, start, end, sentence_vector in self._db.run(query, (collection.id, path, sha256)):
            known[text] = unpack(vector)
            known[text[start - offset : end - offset]] = unpack(sentence_vector)
        return known


_OF_DOCUMENTS = {
    "passages": "SELECT id, vector FROM passages WHERE document_id IN ({values})",
    "sentences": """SELECT s.id, s.vector FROM sentences s JOIN passages p ON p.id = s.passage_id
                    WHERE p.document_id IN ({values})""",
}


class SpareVectors(Repository):
    """The table `spare_vectors`: vectors of texts that no document holds, so that they need not be encoded again.

    Those of a sync that was interrupted are kept until it is finished; those of former documents for a week.
    """

    def get(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """Read text → vector, for those of the texts that were saved."""
        digests = {_digest(text): text for text in texts}
        query = "SELECT text_sha256, vector FROM spare_vectors WHERE text_sha256 IN ({values})"
        return {
            digests[bytes(digest)]: unpack(vector) for digest, vector in self._db.run_in_parts(query, list(digests))
        }

    def save(self, vectors: Mapping[str, Vectors], *, is_former: bool = False) -> None:
        """Save text → vector; former ones are those of documents that were removed."""
        if not vectors:
            return
        removed_at = time.time() if is_former else None
        rows = zip(map(_digest, vectors), [removed_at] * len(vectors), pack(vectors.values()), strict=True)
        with self._db.transaction() as db:
            db.executemany(upsert("spare_vectors", ["text_sha256"], ["removed_at", "vector"]), rows)

    def clear(self, *, also_former: bool = False) -> None:
        """Delete those that were encoded for nothing yet, as nothing is being encoded, and former ones that are old."""
        old = time.time() + 1 if also_former else time.time() - FORMER_KEPT_S
        where = "WHERE removed_at IS NULL OR removed_at < ?"
        if self._db.run(f"SELECT 1 FROM spare_vectors {where} LIMIT 1", (old,)):  # noqa: S608 - our own words
            self._db.run(f"DELETE FROM spare_vectors {where}", (old,))  # noqa: S608

    def forget(self, texts: Iterable[str]) -> None:
        """Delete those of these texts."""
        with self._db.transaction() as db:
            db.executemany("DELETE FROM spare_vectors WHERE text_sha256 = ?", [(_digest(text),) for text in texts])


def pack(vectors: Iterable[Vectors]) -> list[bytes]:
    """Convert each vector to the bytes of a column."""
    return [vector.astype(_DTYPE).tobytes() for vector in vectors]


def unpack(data: bytes) -> Vectors:
    """Convert the bytes of a column, or of several joined, to float32."""
    return np.frombuffer(data, _DTYPE).astype(np.float32)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
