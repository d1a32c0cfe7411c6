"""Facts: single values by name, such as the id of the bot."""

from __future__ import annotations

from retrieval import Repository, upsert


class Facts(Repository):
    """The table of facts."""

    def get(self, name: str) -> str:
        """Get a value; empty if there is none."""
        return str(self._value("SELECT value FROM facts WHERE name = ?", name, default=""))

    def set(self, name: str, value: str) -> None:
        """Set a value."""
        self._db.run(upsert("facts", ["name"], ["value"]), (name, value))

    def delete(self, name: str) -> None:
        """Delete a value."""
        self._db.run("DELETE FROM facts WHERE name = ?", (name,))
