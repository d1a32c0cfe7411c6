"""Milvus is a rebuildable index: it follows the database, and may be unreachable."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from support.doubles import ReaderHere, WordEncoder

from retrieval import (
    Index,
    MilvusAddress,
    MilvusStore,
    SettingsError,
    StoreError,
    UnreachableError,
)
from retrieval.indexing.milvus_client import MilvusClient
from retrieval.indexing.milvus_store import _BuildRepository
from retrieval.storage.store import Store

CATS = "The cat sleeps. A kitten plays."
SEA = "The whale dives. Ships sail by."
TOKEN = "root:very-secret"  # noqa: S105


@pytest.fixture
def encoder():
    return WordEncoder("cat kitten feline", "whale", "ships vessels")


@pytest.fixture
def folder(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "cats.txt").write_text(CATS)
    (documents / "sea.txt").write_text(SEA)
    return documents


@pytest.fixture
def opened(tmp_path, encoder):
    indexes = []

    def open_index(url, data="data", **options):
        milvus = MilvusStore(url, **options) if url else None
        indexes.append(Index(tmp_path / data, encoder, reader=ReaderHere(), vector_store=milvus))
        return indexes[-1]

    yield open_index
    for index in indexes:
        index.close()


@pytest.fixture
def nowhere():
    """The address of a port that nobody listens on."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        yield f"milvus://127.0.0.1:{taken.getsockname()[1]}"


def found(index, question):
    return [hit.passage.text for hit in index.search(question, 10)]


def collections_of(url, store):
    with closing(Store(store)) as opened:
        identity = opened.log.read_state().identity
    with closing(MilvusClient(url)) as milvus:
        return [name for name in milvus.call("list_collections") if identity in name]


def test_lost_collections_come_back_and_nothing_is_encoded(opened, folder, milvus_url, encoder, tmp_path):
    index = opened(milvus_url)
    index.sync(folder)
    with closing(MilvusClient(milvus_url)) as milvus:
        for name in collections_of(milvus_url, tmp_path / "data"):
            milvus.call("drop_collection", name)
    with pytest.raises(StoreError, match=r"has lost the vectors.*quoth index"):
        index.search("feline", 1)
    missing = "The vectors of the collection default in Milvus are missing or behind."
    assert index.health.check_indexes().damages == (missing,)
    encoder.encoded.clear()
    index.sync(folder)
    assert encoder.encoded == []
    assert found(index, "feline") == [CATS, SEA]
    assert index.health.check_indexes().damages == ()


def test_missing_rows_are_inserted_again(opened, folder, milvus_url, tmp_path):
    index = opened(milvus_url)
    index.sync(folder)
    with closing(MilvusClient(milvus_url)) as milvus:
        for name in collections_of(milvus_url, tmp_path / "data"):
            milvus.call("delete", name, filter="collection == 1 and id in [1]")
    report = index.health.check_indexes()
    assert report.damages != ()
    assert report.summary.endswith("holds the vectors of 3 of 4 sentences.")
    index.sync(folder)
    assert index.health.check_indexes().damages == ()


def test_a_rebuilt_index_deletes_the_old_collections(opened, folder, milvus_url, tmp_path):
    opened(milvus_url).sync(folder)
    before = collections_of(milvus_url, tmp_path / "data")
    other = Index(tmp_path / "data", WordEncoder("cat"), reader=ReaderHere(), vector_store=MilvusStore(milvus_url))
    with closing(other):
        other.sync(folder)
        assert len(found(other, "cat")) == 2
    with closing(MilvusClient(milvus_url)) as milvus:
        names = milvus.call("list_collections")
    assert len(before) == 1
    assert not set(before) & set(names)


def test_two_indexes_on_one_milvus_are_separate(opened, folder, milvus_url, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "secret.txt").write_text("A secret cat.")
    one, two = opened(milvus_url, "one"), opened(milvus_url, "two")
    one.sync(folder)
    two.sync(other)
    assert found(one, "feline") == [CATS, SEA]
    assert found(two, "feline") == ["A secret cat."]
    one.delete_vectors()
    assert collections_of(milvus_url, tmp_path / "one") == []
    assert found(two, "feline") == ["A secret cat."]


def test_a_batch_that_is_inserted_twice_is_there_once(opened, folder, milvus_url, tmp_path):
    index = opened(milvus_url)
    index.sync(folder)
    with closing(Store(tmp_path / "data")) as store:
        # As a process that was killed after Milvus had confirmed, and before the store knew.
        builds = _BuildRepository(store.database)
        builds.save(builds.get(store.log.read_state().identity), {1: 1})
    index.sync(folder)
    summary = index.health.check_indexes().summary
    assert summary.endswith("holds the vectors of 4 of 4 sentences.")


def test_without_milvus_documents_are_kept_and_follow_later(opened, folder, milvus_url, nowhere, encoder):
    index = opened(nowhere, token=TOKEN)
    address = nowhere.removeprefix("milvus://")
    with pytest.raises(UnreachableError, match=rf"are kept.*Milvus at {address}.*QUOTH_INDEX") as caught:
        index.sync(folder)
    assert TOKEN not in str(caught.value)
    assert [document.path for document in index.documents()] == ["cats.txt", "sea.txt"]
    encoder.encoded.clear()
    later = opened(milvus_url)
    later.sync(folder)
    assert encoder.encoded == []
    assert found(later, "feline") == [CATS, SEA]
    with pytest.raises(UnreachableError, match=rf"Milvus at {address}"):
        index.search("feline", 1)


def test_from_files_to_milvus_and_back_nothing_is_encoded(opened, folder, milvus_url, encoder):
    first = opened("")
    first.sync(folder)
    expected = found(first, "kitten feline vessels")
    for url in (milvus_url, ""):
        encoder.encoded.clear()
        index = opened(url)
        index.sync(folder)
        assert encoder.encoded == []
        assert index.health.check_indexes().damages == ()
        assert found(index, "kitten feline vessels") == expected


@pytest.mark.parametrize(
    ("url", "tls", "uri", "shown"),
    [
        ("milvus://db.example:4711", False, "http://db.example:4711", "db.example:4711"),
        ("milvus://db.example", True, "https://db.example:19530", "db.example:19530"),
        ("milvus:///var/vectors.db", False, "/var/vectors.db", "/var/vectors.db"),
    ],
)
def test_an_address_is_parsed(url, tls, uri, shown):
    assert MilvusAddress.of(url, tls=tls) == MilvusAddress(uri, shown)


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("http://db.example:19530", r"Take milvus://host:19530"),
        ("milvus://db.example:port", r"Take milvus://host:19530"),
        ("milvus:///vectors", r"Take milvus://host:19530"),
        ("milvus://me:hidden@db.example", r"QUOTH_MILVUS_TOKEN"),
        ("milvus://db.example/mine", r"QUOTH_MILVUS_DATABASE"),
    ],
)
def test_a_wrong_address_is_refused_with_the_remedy(url, match):
    with pytest.raises(SettingsError, match=match) as caught:
        MilvusAddress.of(url)
    assert "hidden" not in str(caught.value)


def test_without_pymilvus_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r'pip install "\.\[milvus\]"'):
        MilvusStore("milvus://db.example")


def test_pymilvus_is_imported_late_and_reads_no_env_file(tmp_path):
    (tmp_path / ".env").write_text("FROM_A_FILE=1")
    program = (
        "import os, sys, retrieval; assert 'pymilvus' not in sys.modules;"
        "from retrieval.indexing import milvus_client; milvus_client.pymilvus();"
        "assert 'pymilvus' in sys.modules; print(os.environ.get('FROM_A_FILE'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "None\n"
