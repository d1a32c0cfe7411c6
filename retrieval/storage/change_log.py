"""ChangeLog: each change of documents has a number, the generation, and an index can ask for changes since one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import uuid4

from retrieval.storage.database import Repository, upsert
from retrieval.storage.records import Changes, IndexState, Manifest, Removal

if TYPE_CHECKING:
    from retrieval.storage.records import Collection


class ChangeLog(Repository):
    """The tables `manifest` and `removals`."""

    def read_state(self) -> IndexState:
        """Read the state of the index, in one statement."""
        values: dict[str, str] = dict(self._db.run("SELECT key, value FROM manifest"))
        model, dimension, passages = (values.get(f"manifest.{key}", "") for key in ("model", "dimension", "passages"))
        return IndexState(
            identity=values.get("identity", ""),
            generation=int(values.get("generation", 0)),
            oldest_change=int(values.get("oldest_change", 0)),
            manifest=Manifest(model, int(dimension), passages) if dimension else None,
            calibration=values.get("calibration"),
        )

    def reset(self, manifest: Manifest) -> None:
        """Begin again at generation 0, under another identity."""
        made_with = {f"manifest.{key}": str(value) for key, value in asdict(manifest).items()}
        self._set(generation="0", identity=uuid4().hex, **made_with)

    def set_calibration(self, calibration: str) -> None:
        """Save parameters that fit this model, until the index is made with another."""
        self._set(calibration=calibration)

    def advance(self) -> int:
        """Increment the generation, within the transaction that makes the change, and return it."""
        generation = self.read_state().generation + 1
        self._set(generation=str(generation))
        return generation

    def add_removals(self, where: str, values: tuple[object, ...], generation: int) -> None:
        """Record which documents a change is about to remove; `where` is an SQL condition on them."""
        # The ids of one document are consecutive: all were given within one transaction.
        query = f"""
            INSERT INTO removals
            SELECT d.id, d.collection_id, coalesce(min(s.id), 0), coalesce(max(s.id), -1), ?
            FROM documents d LEFT JOIN passages p ON p.document_id = d.id LEFT JOIN sentences s ON s.passage_id = p.id
            WHERE {where} GROUP BY d.id
        """  # noqa: S608 - our own words
        self._db.run(query, (generation, *values))

    def read_changes(self, generation: int, collection: Collection) -> Changes:
        """Read the changes of a collection since a generation: 0, or not older than the oldest change."""
        where = "WHERE collection_id = ? AND generation > ?"
        ids = "document_id, first_sentence, last_sentence"
        removals = self._db.run(f"SELECT {ids} FROM removals {where}", (collection.id, generation))  # noqa: S608
        added = self._db.run(f"SELECT id FROM documents {where} ORDER BY id", (collection.id, generation))  # noqa: S608
        return Changes(
            removals=[Removal(document_id, range(first, last + 1)) for document_id, first, last in removals],
            document_ids=[row[0] for row in added],
        )

    def count_changed_sentences(self, generation: int, collection: Collection) -> int:
        """Count the sentences that were added, moved or removed since a generation, as for `read_changes`."""
        query = """
            SELECT (SELECT coalesce(sum(sentences), 0) FROM documents WHERE collection_id = ? AND generation > ?)
                 + (SELECT coalesce(sum(last_sentence - first_sentence + 1), 0) FROM removals
                    WHERE collection_id = ? AND generation > ?)
        """
        return int(self._db.run(query, (collection.id, generation) * 2)[0][0])

    def prune(self, generation: int) -> None:
        """Delete the removals up to this generation, which every index shows."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM removals WHERE generation <= ?", (generation,))
            self._set(oldest_change=str(generation))

    def _set(self, **values: str) -> None:
        with self._db.transaction() as db:
            db.executemany(upsert("manifest", ["key"], ["value"]), values.items())
