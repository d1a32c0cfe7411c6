"""Database: where Quoth keeps what it must not lose; a SQLite file, or PostgreSQL, where several machines share it.

Both are asked in the same SQL, with ? for each value, so that whoever uses a database does not know which it is:
what only one of them understands does not stand in a statement.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

Row = tuple[Any, ...]

MAX_VALUES = 10_000
"""In one statement; both databases take some more."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A part of what Quoth keeps: a SQLite file of its own, or a schema in PostgreSQL."""

    name: str
    """In PostgreSQL, behind "quoth_"."""
    what: str
    """As a person is told: "Cannot use … in this folder"."""
    revisions: Path
    """The folder of migrations."""
    head: str
    """The newest of them."""
    when_damaged: str
    """What to do when the file is; `{name}` is the file's."""
    known_versions: Mapping[int, str | None]
    """Files from before there were revisions: their `user_version` → the revision that they are equal to; None for
    none. Tables of any other version are dropped and made anew."""
    timeout_s: float = 60
    """How long to wait for another process that is in a transaction."""


class ConstraintError(ValueError):
    """A row contradicts one that is there, or what the schema says."""


class Result(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchall(self) -> list[Row]:
        """All rows that are left."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a Row, or None, as both drivers have it
        """The next row; None if there is none."""


class Transaction(Protocol):
    """What is done with it happens as a whole or not at all.

    Raises:
        ConstraintError: from both methods, for a row that cannot be.
        StoreError: the database cannot be read or written.
    """

    def execute(self, statement: str, values: Sequence[object] = ()) -> Result:
        """Run a statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row."""


class Database(ABC):
    """May be used by one thread at a time; any number of processes may read while one writes.

    Raises:
        StoreError: from every method, if the database cannot be read or written.
        UnreachableError: the same, if it is on another machine and does not answer.
    """

    @abstractmethod
    def close(self) -> None:
        """Release it."""

    @abstractmethod
    def run(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows that a statement gives; outside a transaction, one that writes is one of its own."""

    @abstractmethod
    def each(self, query: str) -> Iterator[Row]:
        """All rows that a query gives, within a snapshot, a few at a time: they need not fit into memory."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """What is done in this context happens as a whole or not at all. Only one process at a time writes.

        Within another transaction, it is a part of that one.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Transaction]:
        """All that is read in this context is of one moment; others may write meanwhile."""

    @abstractmethod
    def acquire(self, name: str, *, wait: bool) -> bool:
        """Take a lock that only one process, and in it one database, has; it falls back if that process ends.

        Args:
            name: of the lock.
            wait: until it is free.

        Returns:
            whether it was free.
        """

    @abstractmethod
    def release(self, name: str) -> None:
        """Give a lock back."""

    @abstractmethod
    def claim(self, name: str) -> bool:
        """Take a lock, if it is free, for what several processes do side by side where they share a database.

        Where they do not, as there is one at work, it is always free. Taken twice, it is given back once.
        """

    @abstractmethod
    def has_claim(self, name: str) -> bool:
        """Whether it is still so: with the connection to another machine, it is lost."""

    @abstractmethod
    def release_claim(self, name: str) -> None:
        """Let others have it; nothing happens if it was lost."""

    @abstractmethod
    def empty_log(self) -> None:
        """Let nothing be left of what was overwritten, where that is in Quoth's hands."""

    @abstractmethod
    def damages(self) -> list[str]:
        """What is wrong with it as a database; empty if it is sound. Reads all of it."""

    def among(self, query: str, values: Sequence[object]) -> list[Row]:
        """All rows that a query gives for many values, which stand in its `{values}`, so that it is asked in parts."""
        rows = []
        for start in range(0, len(values), MAX_VALUES):
            part = values[start : start + MAX_VALUES]
            rows += self.run(query.format(values=", ".join("?" * len(part))), part)
        return rows


def upsert(table: str, keys: Sequence[str], columns: Sequence[str]) -> str:
    """SQL that inserts a row, or changes the one with its keys; values in the order of the keys, then the columns."""
    names = ", ".join(f'"{name}"' for name in (*keys, *columns))
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    marks = ", ".join("?" * (len(keys) + len(columns)))
    action = f"DO UPDATE SET {changes}" if columns else "DO NOTHING"
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) {action}"  # noqa: S608


def next_ids(db: Transaction, table: str, column: str, count: int = 1) -> range:
    """So many numbers in a row that no row of a table has or had, for a table of a schema with counters."""
    query = f"""
        SELECT max(last) FROM (
            SELECT last FROM counters WHERE name = ? UNION ALL SELECT coalesce(max({column}), 0) FROM {table}
        ) AS known
    """  # noqa: S608 - our own names
    first = int(db.execute(query, (table,)).fetchone()[0]) + 1
    db.execute(upsert("counters", ["name"], ["last"]), (table, first + count - 1))
    return range(first, first + count)


def newer_version(what: str, where: str, remedy: str) -> str:
    """The message when another Quoth has made the database."""
    made = f"{what[:1].upper()}{what[1:]} in {where} was made by a newer version of Quoth."
    return f"{made} Install that version, or {remedy}."
