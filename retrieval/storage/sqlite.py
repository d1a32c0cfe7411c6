"""SqliteDatabase: one SQLite file, whose errors say what to do about them."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from retrieval.errors import StoreError
from retrieval.storage.database import ConstraintError, Database, newer_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from retrieval.storage.database import Row, Schema

_CACHED_KIB = 64 << 10
"""Of the file, in memory: a search reads some hundred rows from all over it."""
_HAS_REVISIONS = 1_000
"""What `user_version` is where `schema_version` says the revision: an older Quoth takes that for a newer one's."""
_BEGIN = "BEGIN IMMEDIATE"


class SqliteDatabase(Database):
    """A file.

    Args:
        path: of the file.
        schema: what it holds.

    Raises:
        StoreError: the file cannot be opened, is no database, or was made by a newer Quoth.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._locks: dict[str, FileLock] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._connect()
        except OSError as error:
            message = f"Cannot use {schema.what} in {path.parent}: {error.strerror}. {_NO_ACCESS}"
            raise StoreError(message) from error
        except sqlite3.Error as error:
            raise self._error(error) from error
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        patience = self._schema.timeout_s
        return sqlite3.connect(self._path, timeout=patience, isolation_level=None, check_same_thread=False)

    def _prepare(self) -> None:
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = NORMAL")
        self.run(f"PRAGMA cache_size = -{_CACHED_KIB}")
        # What a person wants forgotten should be gone from the file, too.
        self.run("PRAGMA secure_delete = ON")
        if self._revision() != self._schema.head:
            self._migrate()
        self.run("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        self._connection.close()

    def run(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def each(self, query: str) -> Iterator[Row]:
        try:
            yield from self._connection.execute(query)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def transaction(self) -> AbstractContextManager[_Transaction]:
        return self._within(_BEGIN)

    def snapshot(self) -> AbstractContextManager[_Transaction]:
        return self._within("BEGIN")

    @contextmanager
    def _within(self, begin: str) -> Iterator[_Transaction]:
        if self._connection.in_transaction:
            yield _Transaction(self._connection)
            return
        try:
            self._connection.execute(begin)
            yield _Transaction(self._connection)
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._error(error) from error
            raise

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

    def claim(self, name: str) -> bool:  # noqa: ARG002
        return True

    def has_claim(self, name: str) -> bool:  # noqa: ARG002
        return True

    def release_claim(self, name: str) -> None:
        pass

    def empty_log(self) -> None:
        """Until then, what was overwritten still stands in the log beside the file."""
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def damages(self) -> list[str]:
        found = self.run("PRAGMA integrity_check") + self.run("PRAGMA foreign_key_check")
        return [" ".join(map(str, row)) for row in found if row != ("ok",)]

    # --- revisions

    def _revision(self) -> str:
        if not self.run("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"):
            return ""
        return next((str(revision) for (revision,) in self.run("SELECT version_num FROM schema_version")), "")

    def _migrate(self) -> None:
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        from retrieval.storage import migrations  # noqa: PLC0415 - takes half a second

        try:
            migrations.upgrade(self._schema.revisions, "sqlite", self._connect, _BEGIN, self._known)
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise self._error(error.orig) from error
            raise
        self.run(f"PRAGMA user_version = {_HAS_REVISIONS}")

    def _known(self, connection: sqlite3.Connection) -> str | None:
        """Which revision a file from before there were revisions is equal to; or empty it."""
        schema = self._schema
        if self._revision():
            if self._revision() > schema.head:
                raise StoreError(self._is_newer())
            return None
        ((version,),) = self.run("PRAGMA user_version")
        if version > max(schema.known_versions):
            raise StoreError(self._is_newer())
        if version in schema.known_versions:
            return schema.known_versions[version]
        old = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        for (table,) in connection.execute(old).fetchall():
            connection.execute(f'DROP TABLE "{table}"')
        return None

    def _is_newer(self) -> str:
        return newer_version(self._schema.what, str(self._path.parent), "name another data folder with --data")

    def _error(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if code else sqlite3.SQLITE_ERROR
        damaged = self._schema.when_damaged.format(name=self._path.name)
        remedy = damaged if primary in _DAMAGE else _REMEDIES.get(primary, _CHECK_ALL)
        return StoreError(f"Cannot use {self._schema.what} in {self._path.parent}: {error}. {remedy}")


class _Transaction:
    """The connection, whose errors about rows are ours."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise ConstraintError(str(error)) from error

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.IntegrityError as error:
            raise ConstraintError(str(error)) from error


_NO_ACCESS = "Check that the folder exists and that you may write to it, or name another with --data."
_CHECK_ALL = "Check the folder's permissions and the disk's free space."
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FULL = "Free some space on the disk and do it again: what was there before still is."
_REMEDIES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "Check whether the disk is full or broken; what was there before still is.",
    sqlite3.SQLITE_READONLY: _NO_ACCESS,
    sqlite3.SQLITE_PERM: _NO_ACCESS,
    sqlite3.SQLITE_CANTOPEN: _NO_ACCESS,
    sqlite3.SQLITE_BUSY: "Another process has been writing for too long. Wait for it to finish, or end it.",
}
"""By SQLite's primary result code."""
