"""The vectors of sentences and the codes of their tokens in the database, and spare ones."""

from __future__ import annotations

import hashlib
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from retrieval.encoding.token_codes import CodedText
from retrieval.storage.database import Repository, upsert
from retrieval.storage.records import VectorRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.records import Collection

FORMER_KEPT_S = 7 * 24 * 60 * 60
"""For so long, a document that was removed can come back without being encoded again."""
_DTYPE = np.dtype("<f2")
"""Half precision: half the room, and its rounding is smaller than the encoder's own (bf16)."""
_LENGTH = np.dtype("<u4")


class StoredVectors(Repository):
    """The column `vector` of sentences, as float32, and the table `token_codes`, with a row for each passage."""

    def read_rows(self, document_ids: Sequence[int]) -> VectorRows:
        """Read the vectors of all sentences of these documents."""
        query = """
            SELECT s.id, s.vector FROM sentences s JOIN passages p ON p.id = s.passage_id
            WHERE p.document_id IN ({values})
        """
        rows = self._db.run_in_parts(query, document_ids)
        vectors = unpack(b"".join(row[1] for row in rows))
        ids = np.array([row[0] for row in rows], np.int64)
        return VectorRows(ids, vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0))

    def read_sentences(self, passage_ids: Sequence[int]) -> dict[int, Vectors]:
        """Read passage id → the (sentences, dimension) vectors of its sentences, if it exists."""
        query = "SELECT passage_id, vector FROM sentences WHERE passage_id IN ({values}) ORDER BY id"
        stored: dict[int, list[bytes]] = {}
        for passage_id, vector in self._db.run_in_parts(query, passage_ids):
            stored.setdefault(passage_id, []).append(vector)
        return {number: unpack(b"".join(rows)).reshape(len(rows), -1) for number, rows in stored.items()}

    def read_codes(self, passage_ids: Sequence[int]) -> dict[int, list[bytes]]:
        """Read passage id → the codes of the tokens of each of its sentences, if it exists."""
        query = "SELECT passage_id, codes FROM token_codes WHERE passage_id IN ({values})"
        return {number: unpack_codes(codes) for number, codes in self._db.run_in_parts(query, passage_ids)}

    def read_by_text(self, collection: Collection, path: str, sha256: str) -> dict[str, CodedText]:
        """Read text → vectors of all sentences of the document at this path and of one with these bytes."""
        query = """
            SELECT p.id, p.start, p.text, s.start, s."end", s.vector
            FROM passages p JOIN sentences s ON s.passage_id = p.id WHERE p.document_id IN (
                SELECT id FROM documents WHERE collection_id = ? AND path = ?
                UNION SELECT min(id) FROM documents WHERE sha256 = ?
            ) ORDER BY s.id
        """
        rows = self._db.run(query, (collection.id, path, sha256))
        codes = {number: iter(own) for number, own in self.read_codes(list({row[0] for row in rows})).items()}
        return {
            text[start - offset : end - offset]: CodedText(unpack(vector), next(codes[number]))
            for number, offset, text, start, end, vector in rows
        }


class SpareVectors(Repository):
    """The table `spare_vectors`: vectors of texts that no document holds, so that they need not be encoded again.

    Those of a sync that was interrupted are kept until it is finished; those of former documents for a week.
    """

    def get(self, texts: Iterable[str]) -> dict[str, CodedText]:
        """Read text → vectors, for those of the texts that were saved."""
        digests = {_digest(text): text for text in texts}
        query = "SELECT text_sha256, vector, codes FROM spare_vectors WHERE text_sha256 IN ({values})"
        rows = self._db.run_in_parts(query, list(digests))
        return {digests[bytes(digest)]: CodedText(unpack(vector), bytes(codes)) for digest, vector, codes in rows}

    def save(self, vectors: Mapping[str, CodedText], *, is_former: bool = False) -> None:
        """Save text → vectors; former ones are those of documents that were removed."""
        if not vectors:
            return
        removed_at = time.time() if is_former else None
        rows = [(_digest(text), removed_at, *pack(coded)) for text, coded in vectors.items()]
        with self._db.transaction() as db:
            db.executemany(upsert("spare_vectors", ["text_sha256"], ["removed_at", "vector", "codes"]), rows)

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


def pack(coded: CodedText) -> tuple[bytes, bytes]:
    """Convert vectors to the bytes of two columns."""
    return coded.vector.astype(_DTYPE).tobytes(), coded.codes


def pack_codes(sentences: Sequence[bytes]) -> bytes:
    """Join the codes of a passage's sentences, after their number and their lengths."""
    header = np.array([len(sentences), *map(len, sentences)], _LENGTH)
    return header.tobytes() + b"".join(sentences)


def unpack_codes(data: bytes) -> list[bytes]:
    """Split what `pack_codes` joined."""
    (count,) = np.frombuffer(data, _LENGTH, 1).tolist()
    lengths = np.frombuffer(data, _LENGTH, count, offset=_LENGTH.itemsize)
    ends = np.cumsum([_LENGTH.itemsize * (1 + count), *lengths.tolist()]).tolist()
    return [bytes(data[start:end]) for start, end in pairwise(ends)]


def unpack(data: bytes) -> Vectors:
    """Convert the bytes of a column, or of several joined, to float32."""
    return np.frombuffer(data, _DTYPE).astype(np.float32)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
