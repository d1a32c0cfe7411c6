"""PostgresDatabase: a schema of its own in a PostgreSQL database that several machines share.

Where SQLite lets one process write at a time, a transaction that may write takes a lock here, so that what is right
for the one is right for the other. Locks belong to the connection: whoever is killed holds none any more.
"""

from __future__ import annotations

import time
import zlib
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from retrieval.errors import SettingsError, StoreError, UnreachableError
from retrieval.storage.database import ConstraintError, Database, newer_version

try:
    import psycopg
except ImportError:
    raise SettingsError(
        'QUOTH_DATABASE needs PostgreSQL\'s driver. Install it: pip install "quoth[postgres]"'
    ) from None
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from retrieval.storage.database import Row, Schema

_CONNECT_S = 5
_SILENT_S = 15
"""A connection on which nothing comes back for so long is given up."""
_NOTICED = f"-c tcp_keepalives_idle={_SILENT_S} -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""The server does the same: the locks of a machine that has vanished fall back in half a minute, not in hours."""
_AGAIN_S = 1.0
"""After it could not be reached, how long nobody tries again: the bot does not stand still for each message."""
_LOOK_AGAIN_S = 0.2
_FETCHED = 500
"""Rows of a long query in memory at once."""

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresDatabase(Database):
    """A schema "quoth_…" in the database.

    Args:
        url: as libpq takes it, `postgresql://user:password@host:5432/name?sslmode=verify-full`; it is in no error.
        schema: what it holds.

    Raises:
        SettingsError: this is no URL of PostgreSQL.
        StoreError: the database does not answer or may not be used, or was made by a newer Quoth.
    """

    def __init__(self, url: str, schema: Schema) -> None:
        self._schema = schema
        self._namespace = f"quoth_{schema.name}"
        self._address = _checked(url)
        self._options = f"-c search_path={self._namespace} -c lock_timeout={int(schema.timeout_s * 1_000)}"
        self._begin = f"BEGIN; SELECT pg_advisory_xact_lock({_number(self._namespace)})"
        self._open: Connection | None = None
        self._again_at, self._why = 0.0, ""
        self._locks: set[str] = set()
        self._is_within = False
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        if self._open:
            self._open.close()
        self._open = None
        self._locks.clear()

    # --- asking

    def run(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        if not _only_reads(statement) and not self._is_within:
            with self.transaction() as db:
                return db.execute(statement, values).fetchall()
        with self._explained():
            connection = self._connection()
            try:
                return _execute(connection, statement, values).fetchall()
            except psycopg.OperationalError:
                # The server may have been started anew since it was asked last, and what only reads may be asked twice.
                if not connection.closed:
                    raise
                return _execute(self._connection(), statement, values).fetchall()

    def each(self, query: str) -> Iterator[Row]:
        with self._explained(), self._connection().cursor(name="each") as cursor:
            cursor.itersize = _FETCHED
            yield from cursor.execute(_marked(query))

    def transaction(self) -> AbstractContextManager[_Transaction]:
        return self._within(self._begin)

    def snapshot(self) -> AbstractContextManager[_Transaction]:
        return self._within("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @contextmanager
    def _within(self, begin: str) -> Iterator[_Transaction]:
        if self._is_within:
            yield _Transaction(self._connection())
            return
        with self._explained():
            connection = self._begun(begin)
            self._is_within = True
            try:
                yield _Transaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(psycopg.OperationalError):  # it is gone, and the transaction with it
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._is_within = False

    def _begun(self, begin: str) -> Connection:
        """The connection, in a transaction; nothing was done before, so it may be tried twice."""
        connection = self._connection()
        try:
            connection.execute(begin)
        except psycopg.OperationalError:
            if not connection.closed:
                connection.execute("ROLLBACK")
                raise
            connection = self._connection()
            connection.execute(begin)
        return connection

    # --- locks

    def acquire(self, name: str, *, wait: bool) -> bool:
        number = (_number(f"{self._namespace} {name}"),)
        while not self.run("SELECT pg_try_advisory_lock(?)", number)[0][0]:
            if not wait:
                return False
            time.sleep(_LOOK_AGAIN_S)
        self._locks.add(name)
        return True

    def release(self, name: str) -> None:
        if name in self._locks:
            self._locks.remove(name)
            # Without the connection, the lock is gone too.
            with suppress(UnreachableError):
                self.run("SELECT pg_advisory_unlock(?)", (_number(f"{self._namespace} {name}"),))

    def claim(self, name: str) -> bool:
        return name in self._locks or self.acquire(name, wait=False)

    def has_claim(self, name: str) -> bool:
        if name in self._locks:
            self.run("SELECT 1")
        return name in self._locks

    def release_claim(self, name: str) -> None:
        self.release(name)

    # --- as a whole

    def empty_log(self) -> None:
        """The server's own affair: what was overwritten is gone when it has cleaned up."""

    def damages(self) -> list[str]:
        """The server checks what it reads."""
        return []

    # --- the connection

    @property
    def _is_lost(self) -> bool:
        return self._open is None or self._open.closed

    def _connection(self) -> Connection:
        if self._open and not self._open.closed:
            return self._open
        if self._open and (self._locks or self._is_within):
            # What was begun in a transaction, or under locks that another process may have by now, may not go on.
            self._locks.clear()
            raise psycopg.OperationalError("the connection was lost in the midst of work")
        if time.monotonic() < self._again_at:
            raise psycopg.OperationalError(self._why)
        try:
            self._open = self._connect()
        except psycopg.OperationalError as error:
            self._why, self._again_at = _said(error), time.monotonic() + _AGAIN_S
            raise
        return self._open

    def _connect(self) -> Connection:
        given = str(self._address.get("options") or "")
        own = {
            "connect_timeout": _CONNECT_S,
            "tcp_user_timeout": _SILENT_S * 1_000,
            "keepalives_idle": _SILENT_S,
            "application_name": "quoth",
        }
        options: dict[str, Any] = (
            own | self._address | {"options": f"{_NOTICED} {given} {self._options}", "client_encoding": "UTF8"}
        )
        return psycopg.connect(**options, autocommit=True)

    def _prepare(self) -> None:
        (encoding,) = self.run("SHOW server_encoding")[0]
        if encoding != "UTF8":
            message = f"The database{self._where} keeps texts as {encoding}. Make one with ENCODING 'UTF8'."
            raise SettingsError(message)
        revision = self._revision()
        if revision > self._schema.head:
            raise StoreError(newer_version(self._schema.what, f"the database{self._where}", "name another database"))
        if revision != self._schema.head:
            self._migrate()

    def _revision(self) -> str:
        (table,) = self.run("SELECT to_regclass(?)", (f"{self._namespace}.schema_version",))[0]
        rows = self.run("SELECT version_num FROM schema_version") if table else []
        return next((str(revision) for (revision,) in rows), "")

    def _migrate(self) -> None:
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        from retrieval.storage import migrations  # noqa: PLC0415 - takes half a second

        begin = f"{self._begin}; CREATE SCHEMA IF NOT EXISTS {self._namespace}"
        with self._explained():
            try:
                migrations.upgrade(self._schema.revisions, "postgresql+psycopg", self._connect, begin)
            except DBAPIError as error:
                raise (error.orig or error) from error

    # --- errors

    @property
    def _where(self) -> str:
        return f" at {host}" if (host := self._address.get("host")) else ""

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            said = _said(error)
            if isinstance(error, psycopg.OperationalError) and self._is_lost:
                message = (
                    f"The database{self._where} does not answer: {said}. Check that it runs, and QUOTH_DATABASE. "
                    "As soon as it answers, Quoth goes on."
                )
                raise UnreachableError(message) from None
            message = f"Cannot use {self._schema.what} in the database{self._where}: {said}. {_remedy(error)}"
            raise StoreError(message) from error


class _Transaction:
    """The connection, asked in the SQL that all databases share."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> _Result:
        try:
            return _execute(self._connection, statement, values)
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise ConstraintError(_said(error)) from error

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            with self._connection.cursor() as cursor:
                cursor.executemany(_marked(statement), [[*map(_plain, row)] for row in rows])
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise ConstraintError(_said(error)) from error


class _Result:
    """Rows, and none where a statement gives none."""

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]]) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    def fetchall(self) -> list[Row]:
        return self._cursor.fetchall() if self._cursor.description else []

    def fetchone(self) -> Row | None:
        return self._cursor.fetchone() if self._cursor.description else None


def _execute(connection: Connection, statement: str, values: Sequence[object]) -> _Result:
    return _Result(connection.execute(_marked(statement), [*map(_plain, values)]))


@cache
def _marked(statement: str) -> Any:  # noqa: ANN401 - psycopg wants literals, against injection
    """As psycopg has it: %s for each value."""
    return statement.replace("%", "%%").replace("?", "%s")


def _plain(value: object) -> object:
    """SQLite has no truth values, so the tables have numbers."""
    return int(value) if isinstance(value, bool) else value


def _only_reads(statement: str) -> bool:
    return statement.split(None, 1)[0].upper() in {"SELECT", "WITH", "SHOW"}


def _number(name: str) -> int:
    """PostgreSQL's locks have numbers; two names with the same one would wait for each other needlessly."""
    return zlib.crc32(name.encode())


def _checked(url: str) -> dict[str, Any]:
    try:
        address = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        address = {}
    port = str(address.get("port", "5432"))
    if not address or not all(each.isdecimal() for each in port.split(",")):
        # Not what it is, nor the driver's own words: a password may stand anywhere in it.
        raise SettingsError(
            "QUOTH_DATABASE is no address of PostgreSQL. Write it as postgresql://user:password@host:5432/name, "
            "with %XX for each character of the password that is no letter or digit."
        )
    return address


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error.diag.message_primary or error).split()).rstrip(".?")


def _remedy(error: psycopg.Error) -> str:
    for kinds, remedy in _REMEDIES.items():
        if isinstance(error, kinds):
            return remedy
    return "Check the server's own log."


_REMEDIES: dict[tuple[type[psycopg.Error], ...], str] = {
    (errors.DiskFull,): "Free some space on the server's disk and do it again: what was there before still is.",
    (errors.LockNotAvailable,): "Another process has been writing for too long. Wait for it to finish, or end it.",
    (
        errors.InsufficientPrivilege,
    ): "Let the user of QUOTH_DATABASE make schemas and tables: GRANT CREATE ON DATABASE.",
    (errors.ReadOnlySqlTransaction,): "QUOTH_DATABASE must name the server that writes, and no copy of it.",
}
