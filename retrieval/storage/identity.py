"""Identity: whether a SQLite file is Quoth's own, found out without changing a byte of it.

Each kind of file has an application id in its header. Files from before that are known by their tables.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from retrieval.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from retrieval.storage.database import Schema

_MAX_NAMED = 3
"""Tables that a message names."""


def has_identity(file: Path, schema: Schema) -> bool:
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
    with closing(_connect(file)) as connection:
        ((number,),) = connection.execute("PRAGMA application_id")
        if number == schema.application_id:
            return True
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        tables = {str(name) for (name,) in connection.execute(query)}
        ((version,),) = connection.execute("PRAGMA user_version")
    if number or not _is_older(tables, version, schema):
        raise StoreError(describe_foreign(f"The file {file}", schema, tables, "name another data folder with --data"))
    return False


def describe_foreign(where: str, schema: Schema, tables: Collection[str], remedy: str) -> str:
    """Write the message for a database that is not Quoth's."""
    named = ", ".join(sorted(tables)[:_MAX_NAMED]) or "none that can be read"
    return (
        f"{where} does not hold {schema.what}, but something else, with the tables: {named}. It was left as it is. "
        f"Move it elsewhere, or {remedy}."
    )


def _connect(file: Path) -> sqlite3.Connection:
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
    is_own = schema.core in tables and schema.older_tables.issuperset(tables)
    return not tables or (is_own and (has_version or schema.can_be_rebuilt))
