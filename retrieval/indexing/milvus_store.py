"""MilvusStore: vectors on a Milvus server, for more than one machine holds, or for several processes.

Milvus is a rebuildable index. Each database has two collections there, one of sentences and one of passages. Their
names hold the database's identity and a build, which is new whenever they are made anew: what another index left there
is never searched. A row is an id of the database, the id of its collection, which is the partition key, and a vector.

After each write we count the rows with `Strong` consistency, and then record in the table `milvus` which generation
Milvus holds: whoever searches reads without waiting for what is written at this moment.

Rows that came last lie unsorted in Milvus 2.3, whose search then finds .84 of the nearest ten whatever it is told. So
we let Milvus put them away, to be sorted, after some thousands; sooner, and there would be so many heaps of them that
sorting takes many times as long. Of rows that are sorted, 100,000 as benchmarks/scale.py grows them, a search with
these settings finds .99.
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
from retrieval.storage.database import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from retrieval.encoding.vectors import Vectors
    from retrieval.storage.database import Database
    from retrieval.storage.records import Collection, IndexState, PassageIds, VectorRows
    from retrieval.storage.store import Store

_WRITE_S = 120.0
"""How long a sync waits for one batch, and for a collection to be made or put away."""
_INDEX = {
    "index_type": "HNSW",
    "metric_type": "IP",
    "params": {"M": 24, "efConstruction": 200},
}
_EF = 600
"""How many neighbours a search looks at."""
_PARTITIONS = 16
"""Into which Milvus spreads the collections by their ids."""
_DOCUMENTS = 256
"""Documents whose vectors are in memory at once while catching up."""
_ROWS = 4_096
"""In one message, which may have 16 MB: 6 MB with 384 numbers each."""
_KINDS = ("sentences", "passages")


@dataclass(frozen=True, slots=True)
class _Build:
    """What was made in Milvus for one content of the database."""

    identity: str
    """Of the database."""
    name: str
    """Empty if nothing was made yet."""
    generations: Mapping[int, int]
    """Collection's id → the generation that Milvus holds; also of collections that are gone from the database."""

    @property
    def names(self) -> dict[str, str]:
        """Kind → the name of its collection in Milvus."""
        return {kind: f"quoth_{self.identity}_{self.name}_{kind}" for kind in _KINDS}


class _Builds:
    """The table `milvus`: a row for each collection, and one with the collection's id 0 for the build itself."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, identity: str) -> _Build:
        rows = self._db.run("SELECT collection_id, build, generation FROM milvus WHERE identity = ?", (identity,))
        generations = {collection_id: generation for collection_id, _, generation in rows if collection_id}
        return _Build(identity, next((build for _, build, _ in rows), ""), generations)

    def former(self, identity: str) -> list[str]:
        """Identities that the database had before."""
        rows = self._db.run("SELECT DISTINCT identity FROM milvus WHERE identity <> ?", (identity,))
        return [former for (former,) in rows]

    def begin(self, build: _Build) -> None:
        with self._db.transaction():
            self.forget(build.identity)
            self.save(build, {0: 0})

    def save(self, build: _Build, generations: Mapping[int, int]) -> None:
        rows = [(build.identity, number, build.name, each) for number, each in generations.items()]
        with self._db.transaction() as db:
            db.executemany(upsert("milvus", ["identity", "collection_id"], ["build", "generation"]), rows)

    def forget(self, identity: str, collection_id: int | None = None) -> None:
        """Forget one collection, or all of an identity."""
        where, values = ("", ()) if collection_id is None else (" AND collection_id = ?", (collection_id,))
        with self._db.transaction() as db:
            db.execute(f"DELETE FROM milvus WHERE identity = ?{where}", (identity, *values))  # noqa: S608


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
        """Rows that this process has brought, and Milvus has not put away."""

    def searcher(self, store: Store, state: IndexState, collections: Sequence[Collection]) -> _MilvusSearcher:
        """Open these collections, as far as the writer has come."""
        build = _Builds(store.database).get(state.identity)
        return _MilvusSearcher(self._client, store, build, [each.id for each in collections])

    def catch_up(self, store: Store, collection: Collection, share: float) -> None:  # noqa: ARG002 - each row is written once
        """Bring Milvus what it lacks of a collection; all of it, if rows are missing that it had.

        Raises:
            UnreachableError: Milvus does not answer; what it confirmed is not brought again.
        """
        state = store.log.state()
        build = self._prepare(store, state)
        collections = store.collections.all()
        for gone in build.generations.keys() - {each.id for each in collections}:
            self._drop(store, build, gone)
        shown = build.generations.get(collection.id, 0)
        is_known = shown > 0 and shown >= state.oldest_change
        if is_known and shown < state.generation:
            self._update(store, build, collection, shown)
        if not is_known or not self._is_whole(store, build, collection):
            self._refill(store, build, collection)
        unchanged = [
            each.id for each in collections if each.id in build.generations and _is_current(store, state, build, each)
        ]
        new = dict.fromkeys((collection.id, *unchanged), state.generation)
        if new.items() - build.generations.items():
            _Builds(store.database).save(build, new)

    def generations(self, store: Store) -> Mapping[int, int]:
        """Collection's id → what Milvus has confirmed."""
        return _build(store).generations

    def drop(self, store: Store, collection: Collection) -> None:
        """Delete the rows of a collection that is no longer in the database."""
        build = _build(store)
        if build.name:
            self._drop(store, build, collection.id)

    def delete_all(self, store: Store) -> None:
        """Delete all that was made for this database."""
        identity = store.log.state().identity
        for each in (*_Builds(store.database).former(identity), identity):
            self._delete_collections(each, keep=())

    def check(self, store: Store) -> VectorReport:
        """Say which Milvus answers, how much it holds, and what the next sync brings."""
        state, build, collections = store.log.state(), _build(store), store.collections.all()
        version = self._client.call("get_server_version")
        counts = store.documents.count()
        held = self._count(build, collections)
        return VectorReport(
            f"Milvus {version} at {self._client.address.shown} answers, and holds the vectors of "
            f"{held['sentences']:,} of {counts.sentences:,} sentences "
            f"and {held['passages']:,} of {counts.passages:,} passages.",
            tuple(
                f"The vectors of the collection {each.name} in Milvus are missing or behind."
                for each in collections
                if not _is_current(store, state, build, each) or not self._is_whole(store, build, each)
            ),
        )

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    # --- the collections of Milvus

    def _prepare(self, store: Store, state: IndexState) -> _Build:
        """See to it that the two collections are there, and those of former identities are not."""
        builds = _Builds(store.database)
        for former in builds.former(state.identity):
            self._delete_collections(former, keep=())
            builds.forget(former)
        build = builds.get(state.identity)
        if build.name and all(self._client.call("has_collection", name) for name in build.names.values()):
            for name in build.names.values():  # or else nothing can be deleted by a condition
                self._client.call("load_collection", name, timeout=_WRITE_S)
            return build
        build = _Build(state.identity, uuid4().hex[:8], {})
        for name in build.names.values():
            self._create(name, state.dimension)
        builds.begin(build)
        self._delete_collections(state.identity, keep=build.names.values())
        return build

    def _create(self, name: str, dimension: int) -> None:
        types, client = pymilvus().DataType, pymilvus().MilvusClient
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", types.INT64, is_primary=True)
        schema.add_field("collection", types.INT64, is_partition_key=True)
        schema.add_field("vector", types.FLOAT_VECTOR, dim=dimension)
        index = client.prepare_index_params()
        index.add_index("vector", **_INDEX)
        self._client.call(
            "create_collection",
            name,
            schema=schema,
            index_params=index,
            num_partitions=_PARTITIONS,
            consistency_level="Bounded",
            timeout=_WRITE_S,
        )

    def _delete_collections(self, identity: str, keep: Iterable[str]) -> None:
        for name in self._client.call("list_collections"):
            if identity and name.startswith(f"quoth_{identity}_") and name not in keep:
                self._client.call("drop_collection", name, timeout=_WRITE_S)

    # --- rows in and out

    def _refill(self, store: Store, build: _Build, collection: Collection) -> None:
        for name in build.names.values():
            self._delete(name, f"collection == {collection.id}")
        documents = store.log.changes_since(0, collection).document_ids
        self._insert(store, build, collection, documents, known=False)
        if not self._is_whole(store, build, collection):
            message = (
                f"Milvus at {self._client.address.shown} took the vectors of the collection {collection.name}, but "
                "has not as many as it was given. Run `quoth index` again; if that does not help, look into its logs."
            )
            raise StoreError(message)

    def _update(self, store: Store, build: _Build, collection: Collection, shown: int) -> None:
        changes = store.log.changes_since(shown, collection)
        for kind in _KINDS:
            gone = chain.from_iterable(getattr(removal, kind) for removal in changes.removals)
            self._delete_ids(build.names[kind], collection, list(gone))
        self._insert(store, build, collection, changes.document_ids, known=True)

    def _insert(
        self, store: Store, build: _Build, collection: Collection, documents: Sequence[int], *, known: bool
    ) -> None:
        """Bring all rows of some documents; where Milvus may know them, these go first, so that none is there twice.

        Milvus 2.3 loses sight of the partition of what is upserted.
        """
        for some in batches(documents, _DOCUMENTS):
            for kind, rows in (
                ("sentences", store.vectors.of_sentences(some)),
                ("passages", store.vectors.of_passages(some)),
            ):
                if known:
                    self._delete_ids(build.names[kind], collection, rows.ids.tolist())
                self._insert_rows(build.names[kind], collection, rows)
        if self._unsorted > _ROWS:
            for name in build.names.values():
                self._client.call("flush", name, timeout=_WRITE_S)
            self._unsorted = 0

    def _insert_rows(self, name: str, collection: Collection, rows: VectorRows) -> None:
        for some in batches(range(len(rows.ids)), _ROWS):
            messages = [{"id": int(rows.ids[i]), "collection": collection.id, "vector": rows.vectors[i]} for i in some]
            self._client.call("insert", name, messages, timeout=_WRITE_S)
            self._unsorted += len(some)

    def _delete_ids(self, name: str, collection: Collection, ids: Sequence[int]) -> None:
        for some in batches(ids, _ROWS):
            self._delete(name, f"collection == {collection.id} and id in {list(some)}")

    def _delete(self, name: str, condition: str) -> None:
        self._client.call("delete", name, filter=condition, timeout=_WRITE_S)

    def _drop(self, store: Store, build: _Build, collection_id: int) -> None:
        for name in build.names.values():
            self._delete(name, f"collection == {collection_id}")
        _Builds(store.database).forget(build.identity, collection_id)

    # --- how much there is

    def _count(self, build: _Build, collections: Sequence[Collection]) -> dict[str, int]:
        """Kind → rows that whoever searches is shown; the answer waits for all that was written."""
        held = dict.fromkeys(_KINDS, 0)
        if build.name and collections:
            condition = _filter([each.id for each in collections])
            options = {"filter": condition, "output_fields": ["count(*)"], "consistency_level": "Strong"}
            for kind, name in build.names.items():
                with suppress(MissingError):
                    (row,) = self._client.call("query", name, **options, timeout=_WRITE_S)
                    held[kind] = int(row["count(*)"])
        return held

    def _is_whole(self, store: Store, build: _Build, collection: Collection) -> bool:
        """Whether there are as many rows as there should be."""
        counts, held = store.documents.count(collection), self._count(build, [collection])
        return (held["sentences"], held["passages"]) == (counts.sentences, counts.passages)


@dataclass(frozen=True, slots=True)
class _MilvusSearcher:
    client: MilvusClient
    store: Store
    build: _Build
    collection_ids: list[int]

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        return self._nearest("sentences", vector, k)

    def nearest_passages(self, vector: Vectors, k: int) -> list[int]:
        return self._nearest("passages", vector, k)

    def cosines(self, passages: Sequence[PassageIds], vector: Vectors) -> Iterator[tuple[PassageIds, float, Vectors]]:
        """Read the vectors from the database, which is quicker than Milvus, and has the same numbers."""
        own = [one for each in self.collection_ids for one in passages if one.collection_id == each]
        vectors = self.store.vectors.of_both([one.passage_id for one in own])
        for one in own:
            if one.passage_id in vectors:
                passage, sentences = vectors[one.passage_id]
                yield one, float(passage @ vector), sentences @ vector

    def _nearest(self, kind: str, vector: Vectors, k: int) -> list[int]:
        if not self.build.name or not self.collection_ids:
            return []
        (found,) = self.client.call(
            "search",
            self.build.names[kind],
            [vector.astype(np.float32)],
            filter=_filter(self.collection_ids),
            limit=k,
            search_params={"metric_type": "IP", "params": {"ef": max(k, _EF)}},
            output_fields=["id"],
            consistency_level="Bounded",
        )
        return [int(hit["id"]) for hit in found]


def _build(store: Store) -> _Build:
    return _Builds(store.database).get(store.log.state().identity)


def _is_current(store: Store, state: IndexState, build: _Build, collection: Collection) -> bool:
    """Whether Milvus was brought all that there is of a collection."""
    shown = build.generations.get(collection.id, 0)
    return shown >= state.oldest_change and not store.log.sentences_since(shown, collection)


def _filter(collection_ids: Sequence[int]) -> str:
    return f"collection in {list(collection_ids)}"
