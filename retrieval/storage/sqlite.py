"""SqliteDatabase: one SQLite file, whose errors name the remedy.

Each kind of file has an application id in its header, and files from before that are known by their tables: a file of
another program is refused before a byte of it is changed.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from retrieval.errors import StoreError
from retrieval.files import make_private
from retrieval.storage.database import ConstraintError, Database, describe_foreign, describe_newer_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from retrieval.storage.database import Row, Schema

_CACHE_KIB = 64 << 10
"""Of the file, in memory: a search reads some hundred rows from all over it."""
_HAS_REVISIONS = 1_000
"""The `user_version` of files whose `schema_version` names the revision: an older Quoth takes it for a newer one's."""
_BEGIN = "BEGIN IMMEDIATE"
_LOGS = ("-wal", "-shm")
_OTHER_FOLDER = "name another data folder with --data"


class SqliteDatabase(Database):
    """A SQLite file.

    Raises:
        StoreError: the file cannot be opened, is no database, or was made by a newer Quoth.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._locks: dict[str, FileLock] = {}
        with self._explained():
            self._has_identity = _has_identity(path, schema)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for file in (path, *(path.with_name(f"{path.name}{log}") for log in _LOGS)):
                make_private(file)
            with suppress(FileExistsError):  # SQLite gives its logs the rights that the file has
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            message = f"Cannot use {schema.what} in {path.parent}: {error.strerror}. {_NO_ACCESS}"
            raise StoreError(message) from error
        with self._explained():
            self._connection = self._connect()
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def run(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        with self._explained():
            return self._connection.execute(statement, values).fetchall()

    def stream(self, query: str) -> Iterator[Row]:
        with self._explained():
            yield from self._connection.execute(query)

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._within(_BEGIN)

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        if not self._schema.is_durable or self._connection.in_transaction:
            yield
            return
        self.run("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self.run("PRAGMA synchronous = FULL")

    def snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._within("BEGIN")

    @contextmanager
    def _within(self, begin: str) -> Iterator[sqlite3.Connection]:
        if self._connection.in_transaction:
            yield self._connection
            return
        with self._explained():
            try:
                self._connection.execute(begin)
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.IntegrityError as error:
                raise ConstraintError(str(error)) from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def acquire(self, name: str, *, wait: bool) -> bool:
        # Not a lock that belongs to the thread: two threads of one process are two writers.
        lock = FileLock(self._path.parent / f"{name}.lock", thread_local=False)
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            return False
        self._locks[name] = lock
        return True

    def release(self, name: str) -> None:
        self._locks.pop(name).release()

    def empty_log(self) -> None:
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def find_damages(self) -> list[str]:
        rows = self.run("PRAGMA integrity_check") + self.run("PRAGMA foreign_key_check")
        return [" ".join(map(str, row)) for row in rows if row != ("ok",)]

    # --- opening

    def _connect(self) -> sqlite3.Connection:
        timeout = self._schema.timeout_s
        return sqlite3.connect(self._path, timeout=timeout, isolation_level=None, check_same_thread=False)

    def _prepare(self) -> None:
        if self._path.stat().st_size == 0:
            self._set_identity()  # first of all, so that another process never sees the file without
        self.run("PRAGMA journal_mode = WAL")
        self.run(f"PRAGMA synchronous = {'FULL' if self._schema.is_durable else 'NORMAL'}")
        self.run(f"PRAGMA cache_size = -{_CACHE_KIB}")
        # What a person wants forgotten should be gone from the file, too.
        self.run("PRAGMA secure_delete = ON")
        if self._read_revision() != self._schema.head:
            self._migrate()
        if not self._has_identity:
            self._set_identity()
        self.run("PRAGMA foreign_keys = ON")

    def _set_identity(self) -> None:
        self.run(f"PRAGMA application_id = {self._schema.application_id}")
        self._has_identity = True

    def _read_revision(self) -> str:
        if not self.run("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"):
            return ""
        return next((str(revision) for (revision,) in self.run("SELECT version_num FROM schema_version")), "")

    def _migrate(self) -> None:
        from retrieval.storage import migrations  # noqa: PLC0415 - takes half a second

        with self._explained():
            migrations.upgrade(self._schema.revisions, "sqlite", self._connect, _BEGIN, self._adopt)
        self.run(f"PRAGMA user_version = {_HAS_REVISIONS}")

    def _adopt(self, connection: sqlite3.Connection) -> str | None:
        """Find the revision that a file from before there were revisions is equal to; an index without is emptied."""
        known, revision = self._schema.known_versions, self._read_revision()
        ((version,),) = self.run("PRAGMA user_version")
        if revision > self._schema.head or (not revision and version > max(known)):
            raise StoreError(describe_newer_version(self._schema.what, str(self._path.parent), _OTHER_FOLDER))
        if revision:
            return None
        if version in known:
            return known[version]
        old = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        for (table,) in connection.execute(old).fetchall() if self._schema.can_be_rebuilt else ():
            connection.execute(f'DROP TABLE "{table}"')
        return None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.Error as error:
            primary = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF
            damaged = self._schema.when_damaged.format(name=self._path.name)
            remedy = damaged if primary in _DAMAGE else _REMEDIES.get(primary, _CHECK_ALL)
            message = f"Cannot use {self._schema.what} in {self._path.parent}: {error}. {remedy}"
            raise StoreError(message) from error


def _has_identity(file: Path, schema: Schema) -> bool:
    """Tell whether a file has the application id of a schema; a new or an older file has none yet.

    Raises:
        StoreError: the file belongs to another program, or holds another schema.
        sqlite3.Error: it is damaged, or no SQLite file.
    """
    try:
        if not file.stat().st_size:
            return False
    except OSError:  # there is none yet; if it cannot be read, the connection will say why
        return False
    with closing(_open_to_read(file)) as connection:
        ((number,),) = connection.execute("PRAGMA application_id")
        if number == schema.application_id:
            return True
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        tables = {str(name) for (name,) in connection.execute(query)}
        ((version,),) = connection.execute("PRAGMA user_version")
    if number or not _is_older(tables, version, schema):
        raise StoreError(describe_foreign(f"The file {file}", schema, tables, _OTHER_FOLDER))
    return False


def _open_to_read(file: Path) -> sqlite3.Connection:
    """Open a file only to read: an ordinary connection would replay and empty its logs.

    It is opened by SQLite alone, as closing a file by other means would release the locks that this process has on it.
    """
    log = file.with_name(f"{file.name}-wal")
    # `immutable` does not look at the log at all; where there is one, some tables may be in it alone.
    options = "mode=ro" if log.is_file() and log.stat().st_size else "mode=ro&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{options}", uri=True)


def _is_older(tables: set[str], version: int, schema: Schema) -> bool:
    """Tell whether a file without an application id is from an older Quoth, or holds nothing."""
    has_version = "schema_version" in tables or version in schema.known_versions or version > max(schema.known_versions)
    is_own = schema.core <= tables <= schema.older_tables
    return not tables or (is_own and (has_version or schema.can_be_rebuilt))


_NO_ACCESS = "Check that the folder exists and that you may write to it, or name another with --data."
_CHECK_ALL = "Check the folder's permissions and the disk's free space."
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REMEDIES = {
    sqlite3.SQLITE_FULL: "Free some space on the disk and do it again: what was there before still is.",
    sqlite3.SQLITE_IOERR: "Check whether the disk is full or broken; what was there before still is.",
    sqlite3.SQLITE_READONLY: _NO_ACCESS,
    sqlite3.SQLITE_PERM: _NO_ACCESS,
    sqlite3.SQLITE_CANTOPEN: _NO_ACCESS,
    sqlite3.SQLITE_BUSY: "Another process has been writing for too long. Wait for it to finish, or end it.",
}
"""By SQLite's primary result code."""
