"""Database: one SQLite file, whose errors say what to do about them."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from retrieval.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

_CACHED_KIB = 64 << 10
"""Of the file, in memory: a search reads some hundred rows from all over it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file holds, and how it gets there from older versions."""

    what: str
    """As a person is told: "Cannot use … in this folder"."""
    tables: str
    """SQL that makes all of them."""
    version: int
    """Raised whenever they change."""
    when_damaged: str
    """What to do then; `{name}` is the file's."""
    upgrades: Mapping[int, str] | None = None
    """Version → SQL that makes it from the one before. Without, tables of an older one are dropped and made anew."""
    patience_s: float = 60
    """How long to wait for another process that is in a transaction."""


class Database:
    """May be used by one thread at a time; any number of processes may read while one writes.

    Args:
        path: of the file.
        schema: what it holds.

    Raises:
        StoreError: the file cannot be opened, is no database, or was made by a newer Quoth.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=schema.patience_s, isolation_level=None, check_same_thread=False
            )
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

    def _prepare(self) -> None:
        self.run("PRAGMA journal_mode = WAL")
        self.run("PRAGMA synchronous = NORMAL")
        self.run(f"PRAGMA cache_size = -{_CACHED_KIB}")
        # What a person wants forgotten should be gone from the file, too.
        self.run("PRAGMA secure_delete = ON")
        if self._version() != self._schema.version:
            self._migrate()
        self.run("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def read(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows that a query gives.

        Raises:
            StoreError: the file cannot be read.
        """
        return self.run(query, values)

    def run(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows that a statement gives; outside a transaction, one that writes is one of its own.

        Raises:
            StoreError: the file cannot be read or written.
        """
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """What is done with the connection in this context happens as a whole or not at all.

        Within another transaction, it is a part of that one.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._within("BEGIN IMMEDIATE")

    def snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        """All that is read with the connection in this context is of one moment; others may write meanwhile.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._within("BEGIN")

    @contextmanager
    def _within(self, begin: str) -> Iterator[sqlite3.Connection]:
        if self._connection.in_transaction:
            yield self._connection
            return
        try:
            self._connection.execute(begin)
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._error(error) from error
            raise

    def empty_log(self) -> None:
        """Let the file alone say what it says: until then, what was overwritten still stands in the log beside it.

        Raises:
            StoreError: the file cannot be written.
        """
        self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    def damages(self) -> list[str]:
        """What SQLite finds wrong when it reads the whole file; empty if it is sound."""
        found = self.read("PRAGMA integrity_check") + self.read("PRAGMA foreign_key_check")
        return [" ".join(map(str, row)) for row in found if row != ("ok",)]

    def _version(self) -> int:
        return int(self.run("PRAGMA user_version")[0][0])

    def _migrate(self) -> None:
        schema = self._schema
        with self.transaction() as connection:
            found = self._version()
            if found > schema.version:
                message = (
                    f"{_sentence(schema.what)} in {self._path.parent} was made by a newer version of Quoth. "
                    "Install that version, or name another data folder with --data."
                )
                raise StoreError(message)
            if found and schema.upgrades is not None:
                steps = [schema.upgrades[version] for version in range(found + 1, schema.version + 1)]
            elif found == schema.version:  # another process was quicker
                return
            else:
                old = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                drops = [f'DROP TABLE "{table}"' for (table,) in connection.execute(old)]
                steps = [*drops, schema.tables]
            for statement in chain.from_iterable(step.split(";") for step in steps):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {schema.version}")

    def _error(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if code else sqlite3.SQLITE_ERROR
        damaged = self._schema.when_damaged.format(name=self._path.name)
        remedy = damaged if primary in _DAMAGE else _REMEDIES.get(primary, _CHECK_ALL)
        return StoreError(f"Cannot use {self._schema.what} in {self._path.parent}: {error}. {remedy}")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


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
