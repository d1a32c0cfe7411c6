"""Databases: which one it is that keeps a part of what Quoth knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.storage.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.storage.database import Database, Schema


def open_database(file: Path, schema: Schema, url: str = "") -> Database:
    """The database of a schema, made or brought up to date if need be.

    Args:
        file: where it is, in SQLite.
        schema: what it holds.
        url: of PostgreSQL; empty for SQLite.

    Raises:
        SettingsError: the URL is none.
        StoreError: it cannot be opened, or was made by a newer Quoth.
    """
    if not url:
        return SqliteDatabase(file, schema)
    from retrieval.storage.postgres import PostgresDatabase  # noqa: PLC0415 - its driver is there for those who asked for it

    return PostgresDatabase(url, schema)
