"""MilvusStore: vectors on a Milvus server, for more than one machine holds, or for several processes.

Milvus is a rebuildable index. Each database has a collection of sentences there. Its name holds the database's
identity and a build, which is new whenever it is made anew: no search reads what another index left there. A row is an
id of the database, the id of its collection, which is the partition key, and a vector.

After each write we count the rows with `Strong` consistency, and then record in the table `milvus` which generation
Milvus holds: a search reads without waiting for what is written at this moment.

Milvus 2.3 does not sort the newest rows, and finds .84 of the nearest ten among them, whatever the search parameters.
So we flush after some thousands of rows, which sorts them; after fewer, there would be so many segments that sorting
takes many times as long. Of 100,000 sorted rows, a search with these settings finds .99 (benchmarks/vectors.py).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from retrieval.errors import StoreError
from retrieval.indexing.milvus_client import MilvusClient, MissingError, pymilvus
from retrieval.indexing.vector_store import VectorReport, batches
from retrieval.storage.database import Repository, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.records import Collection, IndexState, PassageIds, VectorRows
    from retrieval.storage.store import Store

_WRITE_S = 120.0
"""How long a sync waits for one batch, and for a collection to be created or flushed."""
_INDEX = {"index_type": "HNSW", "metric_type": "IP", "params": {"M": 24, "efConstruction": 200}}
_EF = 600
"""How many neighbours a search looks at."""
_PARTITIONS = 16
"""Into which Milvus spreads the collections by their ids."""
_DOCUMENTS = 256
"""Documents whose vectors are in memory at once while catching up."""
_ROWS = 4_096
"""In one message, which may have 16 MB: 6 MB with 384 numbers each."""


@dataclass(frozen=True, slots=True)
class _Build:
    """The collection in Milvus for one content of the database."""

    identity: str
    """Of the database."""
    name: str
    """Empty if nothing was made yet."""
    generations: Mapping[int, int]
    """Collection's id → the generation that Milvus holds; also of collections that are gone from the database."""

    @property
    def sentences(self) -> str:
        """Return the name of the collection in Milvus."""
        return f"quoth_{self.identity}_{self.name}_sentences"


class _BuildRepository(Repository):
    """The table `milvus`: a row for each collection, and one with the collection's id 0 for the build itself."""

    def get(self, identity: str) -> _Build:
        rows = self._db.run("SELECT collection_id, build, generation FROM milvus WHERE identity = ?", (identity,))
        generations = {collection_id: generation for collection_id, _, generation in rows if collection_id}
        return _Build(identity, next((build for _, build, _ in rows), ""), generations)

    def former_identities(self, identity: str) -> list[str]:
        rows = self._db.run("SELECT DISTINCT identity FROM milvus WHERE identity <> ?", (identity,))
        return [former for (former,) in rows]

    def begin(self, build: _Build) -> None:
        with self._db.transaction():
            self.forget(build.identity)
            self.save(build, {0: 0})

    def save(self, build: _Build, generations: Mapping[int, int]) -> None:
        rows = [(build.identity, number, build.name, generation) for number, generation in generations.items()]
        with self._db.transaction() as db:
            db.executemany(upsert("milvus", ["identity", "collection_id"], ["build", "generation"]), rows)

    def forget(self, identity: str) -> None:
        self._db.run("DELETE FROM milvus WHERE identity = ?", (identity,))

    def forget_collection(self, build: _Build, collection_id: int) -> None:
        self._db.run("DELETE FROM milvus WHERE identity = ? AND collection_id = ?", (build.identity, collection_id))


class MilvusStore:
    """The vector store on a Milvus server. Any number of processes may search; one at a time writes.

    Args:
        url: `milvus://host:port`.
        token: that Milvus wants, such as `user:password`; empty if none.
        tls: a file with the authority that signed Milvus's certificate, `yes` for the usual ones, empty for no TLS.
        database: of Milvus; empty for its default.

    Raises:
        SettingsError: the address cannot be one, or pymilvus is not installed.
    """

    is_shared = True

    def __init__(self, url: str, *, token: str = "", tls: str = "", database: str = "") -> None:
        self._client = MilvusClient(url, token=token, tls=tls, database=database)
        self._unsorted = 0
        """Rows that this process has inserted since the last flush."""

    def searcher(self, store: Store, state: IndexState, collections: Sequence[Collection]) -> _MilvusSearcher:
        """Open these collections, as far as the writer has come."""
        build = _BuildRepository(store.database).get(state.identity)
        return _MilvusSearcher(self._client, store, build, [collection.id for collection in collections])

    def catch_up(self, store: Store, collection: Collection, share: float) -> None:  # noqa: ARG002 - each row is written once
        """Insert and delete the rows of a collection that changed; insert all, if rows are missing.

        Raises:
            UnreachableError: Milvus does not answer; what it confirmed is not inserted again.
        """
        state = store.log.read_state()
        build = self._prepare(store, state)
        collections = store.collections.all()
        for gone in build.generations.keys() - {stored.id for stored in collections}:
            self._drop(store, build, gone)
        shown = build.generations.get(collection.id, 0)
        is_known = shown > 0 and shown >= state.oldest_change
        if is_known and shown < state.generation:
            self._update(store, build, collection, shown)
        if not is_known or not self._is_whole(store, build, collection):
            self._refill(store, build, collection)
        known = [stored for stored in collections if stored.id in build.generations]
        unchanged = [stored.id for stored in known if _is_current(store, state, build, stored)]
        new = dict.fromkeys((collection.id, *unchanged), state.generation)
        if new.items() - build.generations.items():
            _BuildRepository(store.database).save(build, new)

    def generations(self, store: Store) -> Mapping[int, int]:
        """Read collection's id → the generation that Milvus has confirmed."""
        return _read_build(store).generations

    def drop(self, store: Store, collection: Collection) -> None:
        """Delete the rows of a collection that is no longer in the database."""
        build = _read_build(store)
        if build.name:
            self._drop(store, build, collection.id)

    def delete_all(self, store: Store) -> None:
        """Delete all collections that were made for this database."""
        identity = store.log.read_state().identity
        for own in (*_BuildRepository(store.database).former_identities(identity), identity):
            self._delete_collections(own, keep=())

    def check(self, store: Store) -> VectorReport:
        """Report the version of Milvus, how many rows it holds, and what the next sync repairs."""
        state, build, collections = store.log.read_state(), _read_build(store), store.collections.all()
        version = self._client.call("get_server_version")
        sentences, rows = store.documents.count().sentences, self._count(build, collections)
        return VectorReport(
            f"Milvus {version} at {self._client.address.shown} answers, and holds the vectors of "
            f"{rows:,} of {sentences:,} sentences.",
            tuple(
                f"The vectors of the collection {collection.name} in Milvus are missing or behind."
                for collection in collections
                if not _is_current(store, state, build, collection) or not self._is_whole(store, build, collection)
            ),
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    # --- the collections of Milvus

    def _prepare(self, store: Store, state: IndexState) -> _Build:
        """Create the collection if it is missing, and delete those of former identities."""
        builds = _BuildRepository(store.database)
        for former in builds.former_identities(state.identity):
            self._delete_collections(former, keep=())
            builds.forget(former)
        build = builds.get(state.identity)
        if build.name and self._client.call("has_collection", build.sentences):
            # Or else nothing can be deleted by a condition.
            self._client.call("load_collection", build.sentences, timeout=_WRITE_S)
            return build
        build = _Build(state.identity, uuid4().hex[:8], {})
        self._create(build.sentences, state.dimension)
        builds.begin(build)
        self._delete_collections(state.identity, keep=[build.sentences])
        return build

    def _create(self, name: str, dimension: int) -> None:
        types, client = pymilvus().DataType, pymilvus().MilvusClient
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", types.INT64, is_primary=True)
        schema.add_field("collection", types.INT64, is_partition_key=True)
        schema.add_field("vector", types.FLOAT_VECTOR, dim=dimension)
        index = client.prepare_index_params()
        index.add_index("vector", **_INDEX)
        options = {"num_partitions": _PARTITIONS, "consistency_level": "Bounded", "timeout": _WRITE_S}
        self._client.call("create_collection", name, schema=schema, index_params=index, **options)

    def _delete_collections(self, identity: str, keep: Iterable[str]) -> None:
        for name in self._client.call("list_collections"):
            if identity and name.startswith(f"quoth_{identity}_") and name not in keep:
                self._client.call("drop_collection", name, timeout=_WRITE_S)

    # --- rows in and out

    def _refill(self, store: Store, build: _Build, collection: Collection) -> None:
        self._delete(build, f"collection == {collection.id}")
        documents = store.log.read_changes(0, collection).document_ids
        self._insert(store, build, collection, documents, are_known=False)
        if not self._is_whole(store, build, collection):
            message = (
                f"Milvus at {self._client.address.shown} took the vectors of the collection {collection.name}, but "
                "has not as many as it was given. Run `quoth index` again; if that does not help, look into its logs."
            )
            raise StoreError(message)

    def _update(self, store: Store, build: _Build, collection: Collection, shown: int) -> None:
        changes = store.log.read_changes(shown, collection)
        gone = chain.from_iterable(removal.sentences for removal in changes.removals)
        self._delete_ids(build, collection, list(gone))
        self._insert(store, build, collection, changes.document_ids, are_known=True)

    def _insert(
        self, store: Store, build: _Build, collection: Collection, documents: Sequence[int], *, are_known: bool
    ) -> None:
        """Insert all rows of some documents; if Milvus may have them, delete these first, so that none is there twice.

        An upsert would do both, but Milvus 2.3 then loses the partition of the row.
        """
        for some in batches(documents, _DOCUMENTS):
            rows = store.vectors.read_rows(some)
            if are_known:
                self._delete_ids(build, collection, rows.ids.tolist())
            self._insert_rows(build, collection, rows)
        if self._unsorted > _ROWS:
            self._client.call("flush", build.sentences, timeout=_WRITE_S)
            self._unsorted = 0

    def _insert_rows(self, build: _Build, collection: Collection, rows: VectorRows) -> None:
        for some in batches(range(len(rows.ids)), _ROWS):
            messages = [{"id": int(rows.ids[i]), "collection": collection.id, "vector": rows.vectors[i]} for i in some]
            self._client.call("insert", build.sentences, messages, timeout=_WRITE_S)
            self._unsorted += len(some)

    def _delete_ids(self, build: _Build, collection: Collection, ids: Sequence[int]) -> None:
        for some in batches(ids, _ROWS):
            self._delete(build, f"collection == {collection.id} and id in {list(some)}")

    def _delete(self, build: _Build, condition: str) -> None:
        self._client.call("delete", build.sentences, filter=condition, timeout=_WRITE_S)

    def _drop(self, store: Store, build: _Build, collection_id: int) -> None:
        self._delete(build, f"collection == {collection_id}")
        _BuildRepository(store.database).forget_collection(build, collection_id)

    # --- counting

    def _count(self, build: _Build, collections: Sequence[Collection]) -> int:
        """Count the rows that a search sees, after all writes."""
        if build.name and collections:
            condition = _filter([collection.id for collection in collections])
            options = {"filter": condition, "output_fields": ["count(*)"], "consistency_level": "Strong"}
            with suppress(MissingError):
                (row,) = self._client.call("query", build.sentences, **options, timeout=_WRITE_S)
                return int(row["count(*)"])
        return 0

    def _is_whole(self, store: Store, build: _Build, collection: Collection) -> bool:
        """Check whether Milvus has as many rows as the database."""
        return self._count(build, [collection]) == store.documents.count(collection).sentences


@dataclass(frozen=True, slots=True)
class _MilvusSearcher:
    client: MilvusClient
    store: Store
    build: _Build
    collection_ids: list[int]

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        if not self.build.name or not self.collection_ids:
            return []
        query = [vector.astype(np.float32)]
        where = {"filter": _filter(self.collection_ids), "consistency_level": "Bounded"}
        options = {"output_fields": ["id"], "search_params": {"metric_type": "IP", "params": {"ef": max(k, _EF)}}}
        (hits,) = self.client.call("search", self.build.sentences, query, limit=k, **where, **options)
        return [int(hit["id"]) for hit in hits]

    def read(self, passages: Sequence[PassageIds]) -> Iterator[tuple[PassageIds, Vectors]]:
        """Read the vectors from the database, which is quicker than Milvus, and has the same numbers."""
        own = [ids for collection_id in self.collection_ids for ids in passages if ids.collection_id == collection_id]
        vectors = self.store.vectors.read_sentences([ids.passage_id for ids in own])
        return ((ids, vectors[ids.passage_id]) for ids in own if ids.passage_id in vectors)


def _read_build(store: Store) -> _Build:
    return _BuildRepository(store.database).get(store.log.read_state().identity)


def _is_current(store: Store, state: IndexState, build: _Build, collection: Collection) -> bool:
    """Check whether Milvus has all changes of a collection."""
    shown = build.generations.get(collection.id, 0)
    return shown >= state.oldest_change and not store.log.count_changed_sentences(shown, collection)


def _filter(collection_ids: Sequence[int]) -> str:
    return f"collection in {list(collection_ids)}"
