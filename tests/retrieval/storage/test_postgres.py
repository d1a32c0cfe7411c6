"""PostgreSQL instead of files: restarts, lost locks and several machines."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from support.doubles import ReaderHere, WordEncoder
from support.postgres_server import PostgresServer

from bot.telegram.state import State
from retrieval import Index, SettingsError, StoreError, UnreachableError, ask
from retrieval.receipts.ledger import Ledger
from retrieval.storage.database import ConstraintError
from retrieval.storage.store import Store


@pytest.fixture
def url(postgres):
    return postgres.create()


@pytest.fixture
def server():
    """A server that a test may stop."""
    with PostgresServer() as own:
        yield own


def open_index(data, database):
    return Index(data, WordEncoder("rain", "snow"), reader=ReaderHere(), database=database)


@pytest.fixture
def folder(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "rain.txt").write_text("It will rain. Take an umbrella.")
    return documents


# --- restarts


def test_a_restarted_server_is_used_without_an_error(server, tmp_path):
    with closing(Store(tmp_path, server.url())) as store:
        store.collections.save("default", tmp_path)
        server.stop()
        server.start()
        assert [collection.name for collection in store.collections.all()] == ["default"]
        server.stop()
        server.start()
        store.collections.save("other", tmp_path)
        assert [collection.name for collection in store.collections.all()] == ["default", "other"]


def test_a_stopped_server_is_explained_and_used_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.storage.postgres._BACKOFF_S", 0)
    with closing(Store(tmp_path, server.url())) as store:
        server.stop()
        for _ in range(2):
            with pytest.raises(UnreachableError, match=r"^The database at /.* does not answer: .*Quoth goes on\.$"):
                store.collections.all()
            with pytest.raises(UnreachableError):
                store.collections.save("default", tmp_path)
        server.start()
        assert store.collections.all() == []


def test_after_a_failed_connection_calls_fail_at_once(server, tmp_path):
    with closing(Store(tmp_path, server.url())) as store:
        server.stop()
        with pytest.raises(UnreachableError):
            store.collections.all()
        server.start()
        with pytest.raises(UnreachableError, match="No such file or directory"):
            store.collections.all()


def test_a_lost_lock_ends_the_work_under_it(server, tmp_path):
    with closing(Store(tmp_path, server.url())) as store, closing(Store(tmp_path, server.url())) as other:
        assert store.acquire(wait=False)
        server.stop()
        server.start()
        assert other.acquire(wait=False)
        with pytest.raises(UnreachableError, match=r"lost in the midst of work"):
            store.collections.save("default", tmp_path)
        store.release()
        assert not store.acquire(wait=False)


def test_a_transaction_ends_when_its_connection_is_lost(server, tmp_path):
    with closing(State(tmp_path, "42", server.url())) as state:

        def begin_and_go_on():
            with state._db.transaction():
                state.updates.add(7, "seven")
                server.stop()
                server.start()
                state.updates.queues()  # outside a transaction, a read is repeated

        with pytest.raises(UnreachableError, match="lost in the midst of work"):
            begin_and_go_on()
        assert state.updates.queues() == []
        assert state.updates.add(7, "seven")


HOLDING = """
import sys
from pathlib import Path
from retrieval.storage.store import Store
store = Store(Path(sys.argv[1]), sys.argv[2])
store.acquire(wait=True)
with store.database.transaction():
    store.collections.save("half done", Path("documents"))
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_killed_process_holds_no_lock_and_no_half_transaction(url, tmp_path):
    arguments = [sys.executable, "-c", HOLDING, str(tmp_path), url]
    with (
        closing(Store(tmp_path, url)) as store,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout.readline() == b"locked\n"
        assert not store.acquire(wait=False)
        process.kill()
        assert store.acquire(wait=True)
        assert store.collections.all() == []


def test_processes_that_start_at_once_create_one_database(url, tmp_path):
    def begin(number):
        with closing(State(tmp_path, "42", url)) as state, closing(Ledger(tmp_path, database=url)):
            return state.updates.add(7, str(number))

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(begin, range(4))) == [False, False, False, True]


# --- errors


@pytest.mark.parametrize("url", ["postgresql://ann:s3cret/word@host/x", "postgresql://ann:s3cret@host:port/x"])
def test_a_wrong_address_is_refused_without_the_password(url, tmp_path):
    with pytest.raises(SettingsError, match=r"^QUOTH_DATABASE is no address of PostgreSQL") as refused:
        Store(tmp_path, url)
    assert "s3cret" not in str(refused.value)


def test_an_unreachable_server_is_named_without_the_password(tmp_path):
    with pytest.raises(UnreachableError, match=r"^The database at 127\.0\.0\.1 .*Connection refused") as refused:
        Store(tmp_path, "postgresql://ann:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(refused.value)


def test_a_database_of_a_newer_version_is_not_changed(url, tmp_path):
    with closing(Store(tmp_path, url)) as store:
        store.database.run("UPDATE schema_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"The index in the database at .* made by a newer version of Quoth"):
        Store(tmp_path, url)


def test_a_refused_row_is_a_constraint_error(url, tmp_path):
    with closing(Store(tmp_path, url)) as store:
        insert = "INSERT INTO collections VALUES (?, ?, ?)"
        with store.database.transaction() as db:
            db.execute(insert, (1, "one", "folder"))
        for row in ((2, "one", "folder"), (3, "three", None), (4, "fo\0ur", "folder")):
            with pytest.raises(ConstraintError), store.database.transaction() as db:
                db.execute(insert, row)
        assert store.database.run("SELECT id FROM collections") == [(1,)]
        assert store.database.run_in_parts("SELECT id FROM collections WHERE id IN ({values})", range(20_001)) == [(1,)]


# --- several machines


def test_index_files_follow_another_machine(url, folder, tmp_path):
    with (
        closing(open_index(tmp_path / "one", url)) as one,
        closing(open_index(tmp_path / "other", url)) as other,
    ):
        one.sync(folder)
        other.follow()
        assert other.health.check_indexes().damages == ()
        (folder / "rain.txt").write_text("Unicorns gallop.")
        one.sync(folder)
        assert other.health.check_indexes().damages[-1] == "The index of words is behind the database."
        other.follow()
        assert other.health.check_indexes().damages == ()
        assert other.search("unicorns", 1)[0].evidence.coverage == 1


def test_with_postgres_the_data_folder_holds_index_files_only(url, folder, tmp_path):
    with closing(open_index(tmp_path / "data", url)) as index:
        index.sync(folder)
        ask(index, "Will it rain?")
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "caches.json",
        "caches.lock",
        "lexical",
        "sentences-1.faiss",
    ]
