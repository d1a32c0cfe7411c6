"""Repository: the base of all classes that read and write tables of the bot's database."""

from __future__ import annotations

from typing import Any

from retrieval import Database


class Repository:
    """Reads and writes some tables; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def _value(self, query: str, *values: object, default: Any = None) -> Any:  # noqa: ANN401 - as the column has it
        """Get the first column of the first row; the default without any row."""
        return next((row[0] for row in self._db.run(query, values)), default)
