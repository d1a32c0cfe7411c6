"""Facts: single values by name, such as the id of the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval import upsert

if TYPE_CHECKING:
    from retrieval import Database


class Facts:
    """The table of facts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, name: str) -> str:
        """Get a value; empty if there is none."""
        rows = self._db.run("SELECT value FROM facts WHERE name = ?", (name,))
        return next((value for (value,) in rows), "")

    def set(self, name: str, value: str) -> None:
        """Set a value."""
        self._db.run(upsert("facts", ["name"], ["value"]), (name, value))

    def delete(self, name: str) -> None:
        """Delete a value."""
        self._db.run("DELETE FROM facts WHERE name = ?", (name,))
