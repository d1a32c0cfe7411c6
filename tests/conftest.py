"""The real model, loaded once for all tests that need it, and what the tests of the bot have in common."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import settings
from support.commands import ROOT, forget_settings, run
from support.postgres_server import PostgresServer
from support.running_bot import Log, RunningBot, made_up_library
from support.telegram_double import TelegramDouble

from bot.telegram.transport import flood_control
from retrieval.encoding.encoder import load_encoder
from retrieval.encoding.weights.models import resolve_model
from retrieval.indexing.milvus_store import MilvusStore
from retrieval.storage.sqlite import _HAS_REVISIONS, SqliteDatabase
from retrieval.storage.store import Store

if TYPE_CHECKING:
    from retrieval.encoding.encoder import Encoder
    from retrieval.encoding.weights.models import Model

forget_settings()
# Where it is set, as in many a container, each process that a test starts would compile all of Quoth anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Threads that wait for work would take it from the other processes: up to nine tenths of all time, in some tests.
os.environ["OMP_WAIT_POLICY"] = "passive"
# gRPC, which Milvus runs on, would handle each start of a process, and some of them would fail.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
# No bot of a test speaks TLS: without this, each would load all authorities of the world, twice, which takes 0.2 s.
os.environ["SSL_CERT_DIR"] = os.devnull
os.environ.pop("SSL_CERT_FILE", None)  # it would come first
# On a busy machine, an example may take longer than the fifth of a second that Hypothesis gives it.
hypothesis.settings.register_profile("quoth", deadline=None)
hypothesis.settings.load_profile("quoth")
# A shell starts its background jobs with SIGINT ignored, and each process that a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# No test is timed: one example takes more than hypothesis allows where the machine is busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="fail tests that would be skipped")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """With --no-skips, a test fails where it would be skipped, unless it needs a Milvus server."""
    report = yield
    is_skipped = report.skipped and not hasattr(report, "wasxfail")
    if is_skipped and item.config.getoption("no_skips") and "needs_milvus_server" not in item.keywords:
        report.outcome, report.longrepr = "failed", report.longrepr[2]
    return report


@pytest.fixture(scope="session", autouse=True)
def _alembic_once():
    """A new SQLite file gets the tables that alembic has made in the first of its kind, which takes it 20 ms."""
    by_alembic, made = SqliteDatabase._migrate, {}

    def migrate(database):
        kind = database._schema.revisions
        with database.transaction() as new:
            tables = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
            is_new = not database.run(tables) and database.run("PRAGMA user_version") == [(0,)]
            if is_new and kind in made:
                for table in made[kind]:
                    new.execute(table)
                new.execute("INSERT INTO schema_version VALUES (?)", [database._schema.head])
                new.execute(f"PRAGMA user_version = {_HAS_REVISIONS}")
                return
        by_alembic(database)
        if is_new:
            made[kind] = [sql for (sql,) in database.run(tables)]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SqliteDatabase, "_migrate", migrate)
        yield


@pytest.fixture(scope="session")
def model() -> Model:
    """The bundled one, in the cache that Quoth itself would use."""
    return resolve_model()


@pytest.fixture(scope="session")
def encoder(model: Model) -> Encoder:
    return load_encoder(model, backend="openvino")


@pytest.fixture(scope="session")
def indexed(tmp_path_factory):
    """A data folder with the index of the seeds, to be copied: processes are ready with it seconds sooner."""
    data = tmp_path_factory.mktemp("indexed") / "data"
    assert run("index", str(ROOT / "seeds"), "--data", str(data), folder=data.parent).returncode == 0
    return data


@pytest.fixture(scope="session")
def postgres():
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """The URL of each kind of database; empty for files in the data folder."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres").create()


@pytest.fixture(scope="session")
def milvus_url(tmp_path_factory):
    """Of a Milvus in this process. Indexes do not meet there: each has collections of its own."""
    file = tmp_path_factory.mktemp("milvus") / "vectors.db"
    yield f"milvus://{file}"
    if "milvus_lite.server_manager" in sys.modules:
        sys.modules["milvus_lite.server_manager"].server_manager_instance.release_server(str(file))


@pytest.fixture(params=["faiss", "milvus", "postgresql"])
def engine(request, monkeypatch):
    """What an index keeps its vectors in, or else its documents, unless a test says so itself."""
    with ExitStack() as opened:
        if request.param == "postgresql":
            url = request.getfixturevalue("postgres").create()
            monkeypatch.setattr(
                "retrieval.index.Store", lambda data, _: opened.enter_context(closing(Store(data, url)))
            )
        if request.param == "milvus":
            url = request.getfixturevalue("milvus_url")
            monkeypatch.setattr("retrieval.index.FaissStore", lambda _: MilvusStore(url))
        yield request.param


@pytest.fixture
def log():
    handler = Log()
    logging.root.addHandler(handler)
    level = logging.root.level
    logging.root.setLevel(logging.INFO)
    yield handler
    logging.root.setLevel(level)
    logging.root.removeHandler(handler)


@pytest.fixture
def telegram(monkeypatch):
    # Otherwise python-telegram-bot warns, inside its own code, of how it will tell periods in the future.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    # The double has flood limits only where a test sets some, and the bot need not keep within others.
    for limit in ("PRIVATE", "GROUP"):
        monkeypatch.setattr(flood_control, limit, (1000, 1.0))
    with TelegramDouble() as double:
        yield double
    assert double.complaints == []


@pytest.fixture
def service():
    return made_up_library()


@pytest.fixture
def bot(telegram, service, tmp_path):
    running = RunningBot(telegram, service, tmp_path)
    yield running
    service.may_answer.set()
    running.stop()
    running.wait()


@pytest.fixture
def ann(telegram, bot):
    return telegram.person("Ann")


@pytest.fixture
def bea(telegram, bot):
    return telegram.person("Bea")
