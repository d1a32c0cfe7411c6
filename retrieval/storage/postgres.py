"""PostgresDatabase: a schema of its own in a PostgreSQL database that several machines share.

SQLite lets one process write at a time. Here, each transaction that may write takes an advisory lock, so that the same
code is right for both. Locks belong to the connection: a killed process holds none.
"""

from __future__ import annotations

import time
import zlib
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from retrieval.errors import SettingsError, StoreError, UnreachableError
from retrieval.storage.database import ConstraintError, Database, describe_foreign, describe_newer_version

try:
    import psycopg
except ImportError:
    raise SettingsError(
        "QUOTH_DATABASE needs PostgreSQL's driver. In the folder of Quoth's source: pip install \".[postgres]\""
    ) from None
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from retrieval.storage.database import Row, Schema

_CONNECT_S = 5
_SILENT_S = 15
"""We close a connection on which nothing comes back for so long."""
_KEEPALIVE = f"-c tcp_keepalives_idle={_SILENT_S} -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""The server does the same: it releases the locks of a vanished machine in half a minute, not in hours."""
_BACKOFF_S = 1.0
"""After a failed connection, calls fail at once for so long, or the bot would stand still for each message."""
_POLL_S = 0.2
_FETCHED = 500
"""Rows of a long query in memory at once."""

_Connection = psycopg.Connection[Any]


class PostgresDatabase(Database):
    """A schema "quoth_…" in the database.

    Args:
        url: as libpq takes it, `postgresql://user:password@host:5432/name?sslmode=verify-full`; no error shows it.
        schema: its tables.

    Raises:
        SettingsError: this is no URL of PostgreSQL.
        StoreError: the database does not answer or may not be used, or was made by a newer Quoth.
    """

    def __init__(self, url: str, schema: Schema) -> None:
        self._schema = schema
        self._namespace = f"quoth_{schema.name}"
        self._address = _parse(url)
        self._where = f" at {host}" if (host := self._address.get("host")) else ""
        self._options = f"-c search_path={self._namespace} -c lock_timeout={int(schema.timeout_s * 1_000)}"
        self._begin = f"BEGIN; SELECT pg_advisory_xact_lock({_lock_number(self._namespace)})"
        self._open: _Connection | None = None
        self._retry_at, self._last_error = 0.0, ""
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

    # --- statements

    def run(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        only_reads = statement.split(None, 1)[0].upper() in {"SELECT", "WITH", "SHOW"}
        if not only_reads and not self._is_within:
            with self.transaction() as db:
                return _fetch(db.execute(statement, values))
        with self._explained():
            return _fetch(self._retry(lambda connection: _execute(connection, statement, values)))

    def stream(self, query: str) -> Iterator[Row]:
        with self._explained(), self._connection().cursor(name="stream") as cursor:
            cursor.itersize = _FETCHED
            yield from cursor.execute(_translate(query))

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
            try:
                connection = self._retry(lambda connection: connection.execute(begin)).connection
                self._is_within = True
                yield _Transaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                if self._open and not self._open.closed:
                    with suppress(psycopg.OperationalError):  # the connection is gone, and the transaction with it
                        self._open.execute("ROLLBACK")
                raise
            finally:
                self._is_within = False

    def _retry(self, action: Callable[[_Connection], psycopg.Cursor[Any]]) -> psycopg.Cursor[Any]:
        """Run a read, or the beginning of a transaction; twice, if the server has restarted since the last one."""
        connection = self._connection()
        try:
            return action(connection)
        except psycopg.OperationalError:
            if not connection.closed:
                raise
            return action(self._connection())

    # --- locks

    def acquire(self, name: str, *, wait: bool) -> bool:
        number = (_lock_number(f"{self._namespace} {name}"),)
        while not self.run("SELECT pg_try_advisory_lock(?)", number)[0][0]:
            if not wait:
                return False
            time.sleep(_POLL_S)
        self._locks.add(name)
        return True

    def release(self, name: str) -> None:
        if name in self._locks:
            self._locks.remove(name)
            # Without the connection, the lock is gone too.
            with suppress(UnreachableError):
                self.run("SELECT pg_advisory_unlock(?)", (_lock_number(f"{self._namespace} {name}"),))

    def acquire_replica_lock(self, name: str) -> bool:
        return name in self._locks or self.acquire(name, wait=False)

    def has_replica_lock(self, name: str) -> bool:
        if name in self._locks:
            self.run("SELECT 1")
        return name in self._locks

    def release_replica_lock(self, name: str) -> None:
        self.release(name)

    # --- the server's own affairs

    def empty_log(self) -> None:
        """Do nothing: the server deletes what was overwritten."""

    def find_damages(self) -> list[str]:
        """Return nothing: the server checks what it reads."""
        return []

    # --- the connection

    def _connection(self) -> _Connection:
        if self._open and not self._open.closed:
            return self._open
        if self._open and (self._locks or self._is_within):
            # What was begun in a transaction, or under locks that another process may have by now, may not go on.
            self._locks.clear()
            raise psycopg.OperationalError("the connection was lost in the midst of work")
        if time.monotonic() < self._retry_at:
            raise psycopg.OperationalError(self._last_error)
        try:
            self._open = self._connect()
        except psycopg.OperationalError as error:
            self._last_error, self._retry_at = _read_message(error), time.monotonic() + _BACKOFF_S
            raise
        return self._open

    def _connect(self) -> _Connection:
        defaults = {
            "connect_timeout": _CONNECT_S,
            "tcp_user_timeout": _SILENT_S * 1_000,
            "keepalives_idle": _SILENT_S,
            "application_name": "quoth",
        }
        options = f"{_KEEPALIVE} {self._address.get('options') or ''} {self._options}"
        parameters: dict[str, Any] = defaults | self._address | {"options": options, "client_encoding": "UTF8"}
        return psycopg.connect(**parameters, autocommit=True)

    def _prepare(self) -> None:
        (encoding,) = self.run("SHOW server_encoding")[0]
        if encoding != "UTF8":
            message = f"The database{self._where} keeps texts as {encoding}. Make one with ENCODING 'UTF8'."
            raise SettingsError(message)
        tables = self._list_tables()  # first: another process may make all of them at this moment
        revision = self._read_revision()
        if revision > self._schema.head:
            where = f"the database{self._where}"
            raise StoreError(describe_newer_version(self._schema.what, where, "name another database"))
        if tables and not (revision and self._schema.core <= tables):
            where = f"The schema {self._namespace} of the database{self._where}"
            raise StoreError(describe_foreign(where, self._schema, tables, "name another database"))
        if revision != self._schema.head:
            self._migrate()

    def _read_revision(self) -> str:
        (table,) = self.run("SELECT to_regclass(?)", (f"{self._namespace}.schema_version",))[0]
        rows = self.run("SELECT version_num FROM schema_version") if table else []
        return next((str(revision) for (revision,) in rows), "")

    def _list_tables(self) -> set[str]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = ?"
        return {str(name) for (name,) in self.run(query, (self._namespace,))}

    def _migrate(self) -> None:
        from retrieval.storage import migrations  # noqa: PLC0415 - takes half a second

        begin = f"{self._begin}; CREATE SCHEMA IF NOT EXISTS {self._namespace}"
        with self._explained():
            migrations.upgrade(self._schema.revisions, "postgresql+psycopg", self._connect, begin)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except psycopg.Error as error:
            reason = _read_message(error)
            is_lost = self._open is None or self._open.closed
            if isinstance(error, psycopg.OperationalError) and is_lost:
                message = (
                    f"The database{self._where} does not answer: {reason}. Check that it runs, and QUOTH_DATABASE. "
                    "As soon as it answers, Quoth goes on."
                )
                raise UnreachableError(message) from None
            remedy = next((text for kind, text in _REMEDIES.items() if isinstance(error, kind)), _CHECK_LOG)
            message = f"Cannot use {self._schema.what} in the database{self._where}: {reason}. {remedy}"
            raise StoreError(message) from error


class _Transaction:
    """A connection that takes the SQL that all databases share."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = (), /) -> psycopg.Cursor[Any]:
        with _constraint_errors():
            return _execute(self._connection, statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> None:
        with _constraint_errors(), self._connection.cursor() as cursor:
            cursor.executemany(_translate(statement), [[*map(_to_number, row)] for row in rows])


@contextmanager
def _constraint_errors() -> Iterator[None]:
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        raise ConstraintError(_read_message(error)) from error


def _execute(connection: _Connection, statement: str, values: Sequence[object]) -> psycopg.Cursor[Any]:
    return connection.execute(_translate(statement), [*map(_to_number, values)])


def _fetch(cursor: psycopg.Cursor[Any]) -> list[Row]:
    return cursor.fetchall() if cursor.description else []


@cache
def _translate(statement: str) -> Any:  # noqa: ANN401 - psycopg wants literals, against injection
    return statement.replace("%", "%%").replace("?", "%s")


def _to_number(value: object) -> object:
    """SQLite has no booleans, so the tables have numbers."""
    return int(value) if isinstance(value, bool) else value


def _lock_number(name: str) -> int:
    """PostgreSQL's locks have numbers; two names with the same one would wait for each other needlessly."""
    return zlib.crc32(name.encode())


def _parse(url: str) -> dict[str, Any]:
    try:
        address = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        address = {}
    ports = str(address.get("port", "5432")).split(",")
    if not address or not all(map(str.isdecimal, ports)):
        # We repeat neither the URL nor the driver's message: a password may stand anywhere in it.
        raise SettingsError(
            "QUOTH_DATABASE is no address of PostgreSQL. Write it as postgresql://user:password@host:5432/name, "
            "with %XX for each character of the password that is no letter or digit."
        )
    return address


def _read_message(error: psycopg.Error) -> str:
    return " ".join(str(error.diag.message_primary or error).split()).rstrip(".?")


_CHECK_LOG = "Check the server's own log."
_REMEDIES: dict[type[psycopg.Error], str] = {
    errors.DiskFull: "Free some space on the server's disk and do it again: what was there before still is.",
    errors.LockNotAvailable: "Another process has been writing for too long. Wait for it to finish, or end it.",
    errors.InsufficientPrivilege: "Let the user of QUOTH_DATABASE make schemas and tables: GRANT CREATE ON DATABASE.",
    errors.ReadOnlySqlTransaction: "QUOTH_DATABASE must name the server that writes, and no copy of it.",
}
