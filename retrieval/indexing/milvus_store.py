"""The engine on other machines: a Milvus server, for more vectors than one machine holds, or for several processes.

Each store has two collections there, one of sentences and one of passages, whose names hold the store's identity and
the name of its shelf, which is new whenever they are made anew: what another index left there is never searched.
A row is an id of the store, the id of its collection, which is the partition key, and a vector.

Which generation Milvus shows is kept in the store, and only after Milvus has counted the rows with `Strong`
consistency: whoever searches reads without waiting for what is written at this moment.

Rows that came last lie unsorted in Milvus 2.3, whose search then finds .84 of the nearest ten whatever it is told. So
the writer lets Milvus put them away, to be sorted, when it has brought some thousands; sooner, and there would be so
many heaps of them that sorting takes many times as long. Of rows that are sorted, 100,000 as
benchmarks/scale.py grows them, a search with these settings finds .99.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np

from retrieval.errors import SettingsError, StoreError, UnreachableError
from retrieval.indexing.vector_store import batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from retrieval.store import Collection, Rows, Span, Store
    from retrieval.vectors import Vectors

PORT = 19530
ANSWER_S = 5.0
"""How long a person waits for a search."""
_WRITE_S = 120.0
"""How long a sync waits for one batch, and for a collection to be made or put away."""
_INDEX = {
    "index_type": "HNSW",
    "metric_type": "IP",
    "params": {"M": 24, "efConstruction": 200},
}
_SEARCH = {"metric_type": "IP", "params": {"ef": 600}}
_PARTITIONS = 16
"""Into which Milvus spreads the collections by their ids."""
_DOCUMENTS = 256
"""Documents whose vectors are in memory at once while catching up."""
_ROWS = 4_096
"""In one message, which may have 16 MB: 6 MB with 384 numbers each."""
_NOT_FOUND = 100
_NOT_LOADED = 101
_KINDS = ("sentences", "passages")
_EXAMPLE = "milvus://host:19530"


@dataclass(frozen=True, slots=True)
class Address:
    """Where Milvus is."""

    uri: str
    """As pymilvus wants it."""
    shown: str
    """As a person knows it."""

    @classmethod
    def of(cls, url: str, *, tls: bool = False) -> Address:
        """Of `milvus://host:port`, or of `milvus:///path/to/file.db`, which milvus-lite keeps in this process.

        Raises:
            SettingsError: it is neither.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or PORT
        except ValueError as error:
            message = f"The address of the index is wrong: {error}. Take {_EXAMPLE}."
            raise SettingsError(message) from None
        if parts.scheme != "milvus" or parts.query or parts.fragment:
            message = f"The address of the index is wrong. Take {_EXAMPLE}."
            raise SettingsError(message)
        if "@" in parts.netloc:
            message = (
                f"The address of the index must not hold a password. Take {_EXAMPLE}, and QUOTH_MILVUS_TOKEN."
            )
            raise SettingsError(message)
        if not host and parts.path.endswith(".db"):
            return cls(parts.path, parts.path)
        if not host or ":" in host or parts.path.strip("/"):
            message = (
                f"The address of the index is wrong. Take {_EXAMPLE}; QUOTH_MILVUS_DATABASE names a database."
            )
            raise SettingsError(message)
        return cls(f"{'https' if tls else 'http'}://{host}:{port}", f"{host}:{port}")


class Milvus:
    """The engine at an address. Any number of processes may search; one at a time writes.

    Args:
        url: `milvus://host:port`.
        token: that Milvus wants, such as `user:password`; empty if none.
        tls: a file with the authority that signed Milvus's certificate, `yes` for the usual ones, empty for no TLS.
        database: of Milvus; empty for its default.

    Raises:
        SettingsError: the address cannot be one, or pymilvus is not installed.
    """

    def __init__(self, url: str, *, token: str = "", tls: str = "", database: str = "") -> None:
        self.address = Address.of(url, tls=bool(tls))
        if importlib.util.find_spec("pymilvus") is None:
            raise SettingsError('QUOTH_INDEX needs what is not installed: pip install "quoth[milvus]"')
        self._token = token
        self._tls = tls
        self._database = database
        self._client: Any = None
        self._lock = Lock()

    def reader(self, data: Path, dimension: int) -> MilvusReader:  # noqa: ARG002
        """For vectors of any length, as the store knows it."""
        return MilvusReader(self)

    def writer(self, data: Path, dimension: int, store: Store) -> MilvusWriter:  # noqa: ARG002
        """For this store, with vectors of this length."""
        return MilvusWriter(self, dimension, store)

    def close(self) -> None:
        """Hang up; whoever asks after that is connected again."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def call(self, method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - pymilvus has no types
        """Ask for something by the name of the client's method.

        Raises:
            MissingError: there is no such collection.
            UnloadedError: Milvus has not read the collection into its memory.
            UnreachableError: there is no answer, or a refusal.
        """
        from grpc import RpcError  # noqa: PLC0415 - only those with Milvus have it

        options.setdefault("timeout", ANSWER_S)
        try:
            client = self._connected()
            return getattr(client, method)(*arguments, **options)
        except _milvus().MilvusException as error:
            code = error.code
            if code == _NOT_FOUND:
                message = (
                    f"Milvus at {self.address.shown} has lost the vectors of this index. Run `quoth index`, "
                    "which brings them there from the database."
                )
                raise MissingError(message) from None
            if code == _NOT_LOADED:
                raise UnloadedError(self._what_is_wrong(str(error.message))) from None
            self.close()
            raise UnreachableError(self._what_is_wrong(str(error.message))) from None
        except (RpcError, ValueError) as error:  # ValueError: another thread has just hung up
            self.close()
            reason = error.details() if isinstance(error, RpcError) and hasattr(error, "details") else error
            raise UnreachableError(self._what_is_wrong(str(reason))) from None

    def _connected(self) -> Any:  # noqa: ANN401
        with self._lock:
            if self._client is None:
                options: dict[str, Any] = {"secure": True} if self._tls else {}
                if self._tls not in {"", "yes"}:
                    options["server_pem_path"] = self._tls
                self._client = _milvus().MilvusClient(
                    self.address.uri,
                    token=self._token,
                    db_name=self._database,
                    timeout=ANSWER_S,
                    dedicated=True,
                    **options,
                )
            return self._client

    def _what_is_wrong(self, reason: str) -> str:
        told = reason.replace(self._token, "…") if self._token else reason
        short = " ".join(told.split())[:200] or "no answer"
        return (
            f"Milvus at {self.address.shown} does not answer as it should ({short}). Check that it runs, and that "
            "QUOTH_INDEX and the settings QUOTH_MILVUS_… are right; nothing is lost, and it can be asked again at once."
        )


class MissingError(StoreError):
    """Milvus has no collection of this name."""


class UnloadedError(UnreachableError):
    """Milvus has the collection, but not in its memory."""


def _milvus() -> Any:  # noqa: ANN401 - pymilvus has no types
    """Pymilvus, without what else its import does: it reads any .env into the environment, and logs tracebacks."""
    global _imported  # noqa: PLW0603
    if _imported is None:
        before = dict(os.environ)
        import pymilvus  # noqa: PLC0415 - only those with Milvus have it

        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        for name in ("pymilvus", "pymilvus.milvus_client", "pymilvus.bulk_writer"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        _imported = pymilvus
    return _imported


_imported: Any = None


def _names(identity: str, shelf: str) -> dict[str, str]:
    """Kind → the name of its collection in Milvus."""
    return {kind: f"quoth_{identity}_{shelf}_{kind}" for kind in _KINDS}


def _filter(collection_ids: Sequence[int]) -> str:
    return f"collection in {[int(each) for each in collection_ids]}"


class MilvusReader:
    """What a search asks."""

    def __init__(self, milvus: Milvus) -> None:
        self._milvus = milvus

    def current(self, store: Store, collections: Sequence[Collection]) -> _Shelves:
        """The vectors of these collections, as far as the writer has come."""
        return _Shelves(self._milvus, store, [each.id for each in collections])


@dataclass(frozen=True, slots=True)
class _Shelves:
    milvus: Milvus
    store: Store
    collection_ids: list[int]

    def nearest_sentences(self, vector: Vectors, k: int) -> list[int]:
        return self._nearest("sentences", vector, k)

    def nearest_passages(self, vector: Vectors, k: int) -> list[int]:
        return self._nearest("passages", vector, k)

    def cosines(self, spans: Sequence[Span], vector: Vectors) -> Iterator[tuple[Span, float, Vectors]]:
        """From the store, which is quicker than Milvus, and has the same numbers."""
        own = [span for each in self.collection_ids for span in spans if span.collection_id == each]
        vectors = self.store.vectors_of([span.passage_id for span in own])
        for span in own:
            if span.passage_id in vectors:
                passage, sentences = vectors[span.passage_id]
                yield span, float(passage @ vector), sentences @ vector

    def _nearest(self, kind: str, vector: Vectors, k: int) -> list[int]:
        shelf = self.store.shelf
        if not shelf or not self.collection_ids:
            return []
        name = _names(self.store.identity, shelf)[kind]
        try:
            return self._searched(name, vector, k)
        except UnloadedError:
            self._load(name)
            return self._searched(name, vector, k)

    def _searched(self, name: str, vector: Vectors, k: int) -> list[int]:
        (found,) = self.milvus.call(
            "search",
            name,
            [vector.astype(np.float32)],
            filter=_filter(self.collection_ids),
            limit=k,
            search_params=_SEARCH | {"params": {"ef": max(k, _SEARCH["params"]["ef"])}},  # type: ignore[index]
            output_fields=["id"],
            consistency_level="Bounded",
        )
        return [int(hit["id"]) for hit in found]

    def _load(self, name: str) -> None:
        """Of a server that has just been started, it may take longer than a person waits; then it goes on there."""
        self.milvus.call("load_collection", name)


class MilvusWriter:
    """Lets Milvus follow a store.

    Args:
        milvus: the engine.
        dimension: length of a vector.
        store: the truth.
    """

    def __init__(self, milvus: Milvus, dimension: int, store: Store) -> None:
        self._milvus = milvus
        self._dimension = dimension
        self._store = store
        self._loose = 0
        """Rows that this writer has brought, and Milvus has not put away."""

    def catch_up(self, collection: Collection, share: float) -> None:  # noqa: ARG002 - each row is written once
        """Bring Milvus what it lacks of a collection; all of it, if rows are missing that it had.

        Raises:
            UnreachableError: Milvus does not answer; what it confirmed is not brought again.
        """
        store = self._store
        generation = store.generation
        names = self._made()
        for gone in store.shown().keys() - {each.id for each in store.collections()}:
            self._drop(names, gone)
        shown = store.shown().get(collection.id, 0)
        is_known = shown > 0 and shown >= store.pruned
        if is_known and shown < generation:
            self._update(names, collection, shown)
        if not is_known or not self._is_whole(collection):
            self._refill(names, collection)
            self._check(collection)
        new = dict.fromkeys((collection.id, *self._unchanged()), generation)
        if new.items() - store.shown().items():
            store.keep_shown(new)

    def follow(self) -> None:
        """Nothing lies here: what one machine has brought to Milvus, all can search."""

    def shown(self) -> Mapping[int, int]:
        """What Milvus has confirmed."""
        return self._store.shown()

    def drop(self, collection: Collection) -> None:
        """Forget a collection that is no longer in the store."""
        if self._store.shelf:
            self._drop(_names(self._store.identity, self._store.shelf), collection.id)

    def forget(self) -> None:
        """Forget all of this store."""
        for identity in (*self._store.former(), self._store.identity):
            self._drop_names(identity, keep=())

    def report(self) -> list[str]:
        """Which Milvus answers, and how much it holds."""
        version = self._milvus.call("get_server_version")
        where = f"Milvus {version} at {self._milvus.address.shown} answers"
        counts = self._store.count()
        held = self._held(self._store.collections())
        return [
            f"{where}, and holds the vectors of {held['sentences']:,} of {counts.sentences:,} sentences "
            f"and {held['passages']:,} of {counts.passages:,} passages."
        ]

    def damages(self) -> list[str]:
        """What the next sync brings."""
        return [
            f"The vectors of the collection {each.name} in Milvus are missing or behind."
            for each in self._store.collections()
            if not self._is_shown(each) or not self._is_whole(each)
        ]

    # --- which collections of Milvus are meant

    def _made(self) -> dict[str, str]:
        """The names of the two collections, which are there."""
        store = self._store
        for identity in store.former():
            self._drop_names(identity, keep=())
            store.forget_former(identity)
        names = _names(store.identity, store.shelf)
        if store.shelf and all(self._milvus.call("has_collection", name) for name in names.values()):
            for name in names.values():  # or else nothing can be deleted by a condition
                self._milvus.call("load_collection", name, timeout=_WRITE_S)
            return names
        shelf = uuid4().hex[:8]
        names = _names(store.identity, shelf)
        for name in names.values():
            self._create(name)
        store.begin_shelf(shelf)
        self._drop_names(store.identity, keep=names.values())
        return names

    def _create(self, name: str) -> None:
        pymilvus = _milvus()
        schema = pymilvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", pymilvus.DataType.INT64, is_primary=True)
        schema.add_field("collection", pymilvus.DataType.INT64, is_partition_key=True)
        schema.add_field("vector", pymilvus.DataType.FLOAT_VECTOR, dim=self._dimension)
        index = pymilvus.MilvusClient.prepare_index_params()
        index.add_index("vector", **_INDEX)
        self._milvus.call(
            "create_collection",
            name,
            schema=schema,
            index_params=index,
            num_partitions=_PARTITIONS,
            consistency_level="Bounded",
            timeout=_WRITE_S,
        )

    def _drop_names(self, identity: str, keep: Iterable[str]) -> None:
        for name in self._milvus.call("list_collections"):
            if identity and name.startswith(f"quoth_{identity}_") and name not in keep:
                self._milvus.call("drop_collection", name, timeout=_WRITE_S)

    # --- rows in and out

    def _refill(self, names: Mapping[str, str], collection: Collection) -> None:
        self._delete(names, f"collection == {collection.id}")
        documents = self._store.changes_since(0, collection).document_ids
        self._insert(names, collection, documents, known=False)

    def _update(self, names: Mapping[str, str], collection: Collection, shown: int) -> None:
        changes = self._store.changes_since(shown, collection)
        for kind, ranges in (
            ("sentences", [each.sentences for each in changes.removals]),
            ("passages", [each.passages for each in changes.removals]),
        ):
            self._delete_ids(names[kind], collection, list(chain.from_iterable(ranges)))
        self._insert(names, collection, changes.document_ids, known=True)

    def _insert(
        self, names: Mapping[str, str], collection: Collection, documents: Sequence[int], *, known: bool
    ) -> None:
        """Bring all rows of some documents; where Milvus may know them, these go first, so that none is there twice.

        Milvus 2.3 loses sight of the partition of what is upserted.
        """
        for some in batches(documents, _DOCUMENTS):
            for kind, rows in (
                ("sentences", self._store.sentence_vectors(some)),
                ("passages", self._store.passage_vectors(some)),
            ):
                if known:
                    self._delete_ids(names[kind], collection, rows.ids.tolist())
                self._insert_rows(names[kind], collection, rows)
        if self._loose > _ROWS:
            self._put_away(names)

    def _insert_rows(self, name: str, collection: Collection, rows: Rows) -> None:
        for some in batches(range(len(rows.ids)), _ROWS):
            self._milvus.call(
                "insert",
                name,
                [
                    {"id": int(rows.ids[i]), "collection": collection.id, "vector": rows.vectors[i]}
                    for i in some
                ],
                timeout=_WRITE_S,
            )
            self._loose += len(some)

    def _put_away(self, names: Mapping[str, str]) -> None:
        for name in names.values():
            self._milvus.call("flush", name, timeout=_WRITE_S)
        self._loose = 0

    def _delete(self, names: Mapping[str, str], condition: str) -> None:
        for name in names.values():
            self._milvus.call("delete", name, filter=condition, timeout=_WRITE_S)

    def _delete_ids(self, name: str, collection: Collection, ids: Sequence[int]) -> None:
        for some in batches(ids, _ROWS):
            condition = f"collection == {collection.id} and id in {[int(each) for each in some]}"
            self._milvus.call("delete", name, filter=condition, timeout=_WRITE_S)

    def _drop(self, names: Mapping[str, str], collection_id: int) -> None:
        self._delete(names, f"collection == {collection_id}")
        self._store.forget_shown(collection_id)

    # --- how much there is

    def _held(self, collections: Sequence[Collection]) -> dict[str, int]:
        """Kind → rows that whoever searches is shown; the answer waits for all that was written."""
        shelf = self._store.shelf
        if not shelf or not collections:
            return dict.fromkeys(_KINDS, 0)
        names = _names(self._store.identity, shelf)
        return {kind: self._counted(name, [each.id for each in collections]) for kind, name in names.items()}

    def _counted(self, name: str, collection_ids: Sequence[int]) -> int:
        options = {"filter": _filter(collection_ids), "output_fields": ["count(*)"]}
        try:
            (row,) = self._milvus.call("query", name, **options, consistency_level="Strong", timeout=_WRITE_S)
        except MissingError:
            return 0
        except UnloadedError:
            self._milvus.call("load_collection", name, timeout=_WRITE_S)
            return self._counted(name, collection_ids)
        return int(row["count(*)"])

    def _is_whole(self, collection: Collection) -> bool:
        """Whether there are as many rows as there should be."""
        counts = self._store.count(collection)
        held = self._held([collection])
        return (held["sentences"], held["passages"]) == (counts.sentences, counts.passages)

    def _check(self, collection: Collection) -> None:
        if not self._is_whole(collection):
            message = (
                f"Milvus at {self._milvus.address.shown} took the vectors of the collection {collection.name}, but "
                "has not as many as it was given. Run `quoth index` again; if that does not help, look into its logs."
            )
            raise StoreError(message)

    def _is_shown(self, collection: Collection) -> bool:
        """Whether Milvus was brought all that there is of a collection."""
        shown = self._store.shown().get(collection.id, 0)
        if shown < self._store.pruned:
            return False
        return not self._store.sentences_since(shown, collection)

    def _unchanged(self) -> Iterator[int]:
        """Collections of which Milvus shows the present generation too."""
        known = self._store.shown()
        for each in self._store.collections():
            if each.id in known and self._is_shown(each):
                yield each.id
