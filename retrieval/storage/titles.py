"""Titles that people gave to files. No file holds them, so they stay when the index is made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.storage.database import upsert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.storage.database import Database


class Titles:
    """The table of titles, by collection and path.

    Raises:
        StoreError: from every method, if the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, collection: str) -> dict[str, str]:
        """Give path → title for a collection."""
        return dict(self._db.run("SELECT path, title FROM titles WHERE collection = ?", (collection,)))

    def set(self, collection: str, path: str, title: str) -> None:
        """Let a file have this title from the next sync on; with an empty one, its own when it is read anew."""
        if title:
            self._db.run(upsert("titles", ["collection", "path"], ["title"]), (collection, path, title))
        else:
            self._db.run("DELETE FROM titles WHERE collection = ? AND path = ?", (collection, path))

    def add(self, collection: str, titles: Mapping[str, str]) -> None:
        """Take titles over for the files that have none yet."""
        rows = [(collection, path, title) for path, title in titles.items()]
        with self._db.transaction() as db:
            db.executemany("INSERT INTO titles VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)
