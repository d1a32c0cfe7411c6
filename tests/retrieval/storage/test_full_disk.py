"""A full disk, a read-only folder or a damaged file is an error with the remedy, and nothing is lost."""

from __future__ import annotations

import os
import sys

import pytest
from support.full_disk import full_disk
from support.killed import open_index, text

from retrieval import StoreError, ask
from retrieval.indexing.updater import IndexUpdater

NAMES = [f"{number}.txt" for number in range(12)]
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit.")


@pytest.fixture
def folder(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    for number, name in enumerate(NAMES):
        (documents / name).write_text(text(name, number))
    return documents


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def paths(index):
    return [document.path for document in index.documents()]


def found(index):
    return sorted({hit.passage.path for hit in index.search("word1", 100)})


@ON_POSIX
@pytest.mark.parametrize("most_bytes", [0, 4_096, 70_000, 150_000, 250_000])
def test_a_full_disk_keeps_what_is_indexed_and_the_rest_follows(folder, data, most_bytes):
    with full_disk(most_bytes), pytest.raises(StoreError, match=r"before (is still there|still is)"):
        open_index(data).sync(folder)
    index = open_index(data)
    before = paths(index)
    assert before == sorted(NAMES)[: len(before)]
    index.sync(folder)
    assert paths(index) == found(index) == sorted(NAMES)


@ON_POSIX
@pytest.mark.parametrize("most_bytes", [0, 100, 700, 2_000])
def test_without_room_for_the_index_files_all_is_found(folder, data, monkeypatch, most_bytes):
    catch_up = IndexUpdater.catch_up

    def without_room(*arguments, **options):
        with full_disk(most_bytes):
            catch_up(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(IndexUpdater, "catch_up", without_room)
        with pytest.raises(StoreError, match=r"before (is still there|still is)"):
            open_index(data).sync(folder)
    index = open_index(data)
    assert paths(index) == found(index) == sorted(NAMES)
    index.sync(folder)
    assert open_index(data).health.check_indexes().damages == ()


def test_a_readonly_folder_is_an_error_with_the_remedy(folder, tmp_path, monkeypatch):
    def refuse(*_, **__):  # as permissions would, if this were not run by root
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(StoreError, match=r"Permission denied.*you may write to it.*--data"):
        open_index(tmp_path / "data")


def test_a_readonly_database_is_an_error_with_the_remedy(folder, data):
    open_index(data).sync(folder)
    index = open_index(data)
    for database in (index._store.database, index.receipts._db):
        database._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"Cannot use the index .*readonly database.*you may write to it"):
        index.calibrate(index.calibration)
    with pytest.raises(StoreError, match=r"Cannot use the receipts .*readonly database.*you may write to it"):
        ask(index, "word1")


def test_a_damaged_database_is_an_error_and_is_not_changed(folder, data):
    index = open_index(data)
    index.sync(folder)
    index.close()
    file = data / "quoth.db"
    damaged = file.read_bytes()[:4096] + os.urandom(file.stat().st_size - 4096)
    file.write_bytes(damaged)
    with pytest.raises(StoreError, match=r"Move quoth\.db\* away from there and run `quoth index`"):
        open_index(data).sync(folder)
    assert file.read_bytes()[4096:] == damaged[4096:]


def test_an_index_of_a_newer_version_is_not_changed(folder, data):
    index = open_index(data)
    index.sync(folder)
    index._store.database.run("UPDATE schema_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"made by a newer version of Quoth.*another data folder with --data"):
        open_index(data)
    assert paths(index) == sorted(NAMES)


def test_an_index_of_an_older_version_is_rebuilt(folder, data):
    index = open_index(data)
    index.sync(folder)
    index._store.database.run("DROP TABLE schema_version")
    index._store.database.run("PRAGMA user_version = 1")
    index.close()
    newer = open_index(data)
    assert paths(newer) == []
    newer.sync(folder)
    assert paths(newer) == found(newer) == sorted(NAMES)


def test_partial_files_of_a_killed_process_are_deleted(folder, data):
    data.mkdir()
    (data / "sentences-1.faiss.4711.partial").write_bytes(b"half")
    open_index(data).sync(folder)
    assert not list(data.glob("*.partial"))
