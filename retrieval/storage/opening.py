"""open_database: chooses SQLite or PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.storage.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.storage.database import Database, Schema


def open_database(file: Path, schema: Schema, url: str = "") -> Database:
    """Open the database of a schema, and make it or bring it up to date if need be.

    Args:
        file: where it is, in SQLite.
        schema: its tables.
        url: of PostgreSQL; empty for SQLite.

    Raises:
        SettingsError: the URL is none.
        StoreError: it cannot be opened, or was made by a newer Quoth.
    """
    if not url:
        return SqliteDatabase(file, schema)
    from retrieval.storage.postgres import PostgresDatabase  # noqa: PLC0415 - its driver is an extra

    return PostgresDatabase(url, schema)
