"""Database: the interface of SQLite files and of PostgreSQL, which several machines share.

Both understand the same SQL, with ? for each value, so that callers need not know which one they use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

Row = tuple[Any, ...]

MAX_VALUES = 10_000
"""In one statement; both databases take some more."""
_MAX_NAMED = 3
"""Tables that a message names."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A set of tables: a SQLite file of its own, or a schema in PostgreSQL."""

    name: str
    """In PostgreSQL, after "quoth_"."""
    what: str
    """For messages: "Cannot use … in this folder"."""
    revisions: Path
    """The folder of migrations."""
    head: str
    """The newest revision."""
    when_damaged: str
    """The remedy for a damaged file; `{name}` is the file's."""
    known_versions: Mapping[int, str | None]
    """For files from before there were revisions: `user_version` → the equal revision; None for none."""
    application_id: int
    """In the header of SQLite files."""
    core: frozenset[str]
    """The tables that every version has."""
    older_tables: frozenset[str]
    """All tables of files from before they had an application id."""
    can_be_rebuilt: bool = False
    """Whether tables of another version may be dropped and made anew, as nothing is lost with them."""
    is_durable: bool = False
    """Whether each transaction must outlast a power cut, as it cannot be made again."""
    timeout_s: float = 60
    """How long to wait for another process that is in a transaction."""


class ConstraintError(ValueError):
    """A row contradicts another row or the schema."""


class Result(Protocol):
    """The result of a statement."""

    @property
    def rowcount(self) -> int:
        """Count the rows that the statement changed."""

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a Row, or None, as both drivers have it
        """Return the next row; None if there is none."""


class Transaction(Protocol):
    """Statements that take effect together or not at all.

    Raises:
        ConstraintError: a row contradicts another row or the schema.
        StoreError: the database cannot be read or written.
    """

    def execute(self, statement: str, values: Sequence[object] = (), /) -> Result:
        """Run a statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run a statement once for each row."""


class Database(ABC):
    """One thread at a time may use it; any number of processes may read while one writes.

    Raises:
        StoreError: from every method, if the database cannot be read or written.
        UnreachableError: from every method, if the database is on another machine and does not answer.
    """

    @abstractmethod
    def close(self) -> None:
        """Release the file or the connection."""

    @abstractmethod
    def run(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a statement and return its rows; outside a transaction, one that writes gets its own."""

    @abstractmethod
    def stream(self, query: str) -> Iterator[Row]:
        """Stream the rows of a query within a snapshot: they need not fit into memory."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction, which commits at the end of the context and rolls back on an error.

        Only one process at a time writes. Within another transaction, it is a part of that one.
        """

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """Let what is written meanwhile reach the disk with the next other write: a power cut may undo it."""
        yield

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction whose reads all show the same moment; others may write meanwhile."""

    @abstractmethod
    def acquire(self, name: str, *, wait: bool) -> bool:
        """Acquire a lock that one process, and in it one database, can hold; it is released if that process ends.

        Without `wait`, return false if another process has it.
        """

    @abstractmethod
    def release(self, name: str) -> None:
        """Release a lock; nothing happens if the connection that held it was lost."""

    def acquire_replica_lock(self, name: str) -> bool:  # noqa: ARG002
        """Acquire a lock between replicas, if it is free. Acquired twice, it is released once.

        A SQLite file has no replicas, so there the lock is always free.
        """
        return True

    def has_replica_lock(self, name: str) -> bool:  # noqa: ARG002
        """Check that this replica still holds the lock: a lost connection loses it."""
        return True

    def release_replica_lock(self, name: str) -> None:  # noqa: B027 - nothing to do for a file
        """Release the lock between replicas; nothing happens if it was lost."""

    @abstractmethod
    def empty_log(self) -> None:
        """Delete overwritten data from the log of writes, if Quoth can."""

    @abstractmethod
    def find_damages(self) -> list[str]:
        """Check the whole database, and describe each damage; an empty list if it is sound."""

    def run_in_parts(self, query: str, values: Sequence[object]) -> list[Row]:
        """Run a query with many values in its `{values}`, in parts of MAX_VALUES, and return all rows."""
        rows = []
        for start in range(0, len(values), MAX_VALUES):
            part = values[start : start + MAX_VALUES]
            rows += self.run(query.format(values=", ".join("?" * len(part))), part)
        return rows


class Repository:
    """Reads and writes some tables; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def _value(self, query: str, *values: object, default: Any = None) -> Any:  # noqa: ANN401 - as the column has it
        """Get the first column of the first row; the default without any row."""
        return next((row[0] for row in self._db.run(query, values)), default)


def upsert(table: str, keys: Sequence[str], columns: Sequence[str]) -> str:
    """Build SQL that inserts a row or updates the one with its keys; values stand in the order keys, columns."""
    names = ", ".join(f'"{name}"' for name in (*keys, *columns))
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    marks = ", ".join("?" * (len(keys) + len(columns)))
    action = f"DO UPDATE SET {changes}" if columns else "DO NOTHING"
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) {action}"  # noqa: S608


def next_ids(db: Transaction, table: str, column: str, count: int = 1) -> range:
    """Reserve consecutive ids that no row of a table ever had; the schema needs a table of counters."""
    query = f"""
        SELECT max(last) FROM (
            SELECT last FROM counters WHERE name = ? UNION ALL SELECT coalesce(max({column}), 0) FROM {table}
        ) AS known
    """  # noqa: S608 - our own names
    first = int(db.execute(query, (table,)).fetchone()[0]) + 1
    db.execute(upsert("counters", ["name"], ["last"]), (table, first + count - 1))
    return range(first, first + count)


def describe_newer_version(what: str, where: str, remedy: str) -> str:
    """Write the message for a database that a newer Quoth has made."""
    return (
        f"{what[:1].upper()}{what[1:]} in {where} was made by a newer version of Quoth. "
        f"Install that version, or {remedy}."
    )


def describe_foreign(where: str, schema: Schema, tables: Collection[str], remedy: str) -> str:
    """Write the message for a database that is not Quoth's."""
    named = ", ".join(sorted(tables)[:_MAX_NAMED]) or "none that can be read"
    return (
        f"{where} does not hold {schema.what}, but something else, with the tables: {named}. It was left as it is. "
        f"Move it elsewhere, or {remedy}."
    )
