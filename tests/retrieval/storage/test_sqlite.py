"""Only Quoth's own databases are opened; another program's are left alone, byte for byte."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.telegram.state import BOT_FILE, BOT_SCHEMA
from retrieval import INDEX_FILE, INDEX_SCHEMA, RECEIPTS_FILE, RECEIPTS_SCHEMA, StoreError, open_database

SCHEMAS = {INDEX_FILE: INDEX_SCHEMA, RECEIPTS_FILE: RECEIPTS_SCHEMA, BOT_FILE: BOT_SCHEMA}
EACH = pytest.mark.parametrize("name", SCHEMAS)
NOTES = "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine');"
FOREIGN = {
    "plain": NOTES,
    "with a version": f"{NOTES} PRAGMA user_version = 1;",
    "with an old version": f"{NOTES} PRAGMA user_version = -3;",
    "of another program": f"{NOTES} PRAGMA application_id = 252006673;",
    "with a log": f"PRAGMA journal_mode = WAL; {NOTES}",
    "with a table of ours": f"{NOTES} CREATE TABLE facts (name TEXT);",
    "with revisions": f"{NOTES} CREATE TABLE schema_version (version_num TEXT);",
    "with some tables of ours": "CREATE TABLE facts (name TEXT); CREATE TABLE documents (id INTEGER);",
}


def make(file, script):
    with closing(sqlite3.connect(file)) as database:
        database.executescript(script)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}


def opened(folder, name):
    return closing(open_database(folder / name, SCHEMAS[name]))


@EACH
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_refused_and_left_alone(tmp_path, name, kind):
    make(tmp_path / name, FOREIGN[kind])
    before = contents(tmp_path)
    for _ in range(2):
        with pytest.raises(
            StoreError, match=rf"The file .*{name} does not hold .*, but something else, with the tables"
        ):
            open_database(tmp_path / name, SCHEMAS[name])
    assert contents(tmp_path) == before


@EACH
def test_a_foreign_file_with_a_log_that_was_not_emptied_is_left_alone(tmp_path, name):
    made = sqlite3.connect(tmp_path / "made.db", isolation_level=None)
    made.executescript("PRAGMA journal_mode = WAL; CREATE TABLE a (b TEXT); PRAGMA wal_checkpoint(TRUNCATE);")
    made.execute("CREATE TABLE notes (text TEXT)")
    (tmp_path / "data").mkdir()
    for log in ("", "-wal"):
        (tmp_path / "data" / f"{name}{log}").write_bytes((tmp_path / f"made.db{log}").read_bytes())
    made.close()
    before = contents(tmp_path / "data")
    with pytest.raises(StoreError, match="with the tables: a, notes"):
        open_database(tmp_path / "data" / name, SCHEMAS[name])
    assert contents(tmp_path / "data") == before


@EACH
def test_a_file_that_is_no_database_is_left_alone(tmp_path, name):
    (tmp_path / name).write_bytes(b"My notes of the year. " * 500)
    before = contents(tmp_path)
    with pytest.raises(StoreError, match="file is not a database"):
        open_database(tmp_path / name, SCHEMAS[name])
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "other"), [(INDEX_FILE, RECEIPTS_FILE), (RECEIPTS_FILE, BOT_FILE), (BOT_FILE, INDEX_FILE)]
)
def test_a_file_of_quoth_in_the_place_of_another_is_refused(tmp_path, name, other):
    with opened(tmp_path, other):
        pass
    (tmp_path / other).rename(tmp_path / name)
    before = contents(tmp_path)
    with pytest.raises(StoreError, match="but something else"):
        open_database(tmp_path / name, SCHEMAS[name])
    assert contents(tmp_path) == before


@EACH
def test_a_file_from_before_gets_its_id(tmp_path, name):
    with opened(tmp_path, name) as database:
        tables = {table for (table,) in database.run("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in tables - SCHEMAS[name].older_tables:
            database.run(f"DROP TABLE {table}")
        database.run("PRAGMA application_id = 0")
    with opened(tmp_path, name) as database:
        assert database.run("PRAGMA application_id") == [(SCHEMAS[name].application_id,)]


@EACH
def test_an_empty_file_is_new(tmp_path, name):
    (tmp_path / name).touch()
    with opened(tmp_path, name) as database:
        assert database.run("PRAGMA application_id") == [(SCHEMAS[name].application_id,)]


def test_only_an_index_of_an_unknown_version_is_made_anew(tmp_path):
    for name, schema in SCHEMAS.items():
        make(tmp_path / name, "".join(f"CREATE TABLE {table} (id INTEGER);" for table in schema.core))
    with opened(tmp_path, INDEX_FILE) as database:
        assert database.run("SELECT count(*) FROM collections") == [(0,)]
    before = contents(tmp_path)
    for name in (RECEIPTS_FILE, BOT_FILE):
        with pytest.raises(StoreError, match="but something else"):
            open_database(tmp_path / name, SCHEMAS[name])
    assert contents(tmp_path) == before


def test_a_foreign_schema_in_postgres_is_refused(tmp_path, postgres):
    url = postgres.create()
    with closing(open_database(tmp_path, INDEX_SCHEMA, url)) as database, database.transaction() as db:
        db.execute("CREATE SCHEMA quoth_bot")
        db.execute("CREATE TABLE quoth_bot.ratings (stars INTEGER)")
    with pytest.raises(StoreError, match=r"The schema quoth_bot .* does not hold what the bot remembers"):
        open_database(tmp_path, BOT_SCHEMA, url)
    with closing(open_database(tmp_path, INDEX_SCHEMA, url)) as database:
        assert database.run("SELECT count(*) FROM quoth_bot.ratings") == [(0,)]


# --- permissions


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}


@EACH
def test_new_files_are_private_whatever_the_umask(tmp_path, name):
    with opened(tmp_path / "data", name):
        assert modes(tmp_path / "data") == {"data": 0o700, name: 0o600, f"{name}-wal": 0o600, f"{name}-shm": 0o600}


@EACH
def test_files_from_before_become_private(tmp_path, name):
    with opened(tmp_path, name):
        pass
    Path(tmp_path / name).chmod(0o644)
    with opened(tmp_path, name):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
