"""FileGenerations: which generation the index files of a data folder show, in `caches.json`, written after them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from retrieval.files import atomic_write

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileGenerations:
    """Which generation of which store the files show."""

    identity: str = ""
    """Of the store."""
    lexical: int = 0
    dense: dict[str, int] = field(default_factory=dict)
    """By the collection's id, which JSON wants to be a string."""

    @classmethod
    def read(cls, folder: Path, identity: str) -> FileGenerations:
        """What the files in a folder show of this store."""
        try:
            state = cls(**json.loads(_file(folder).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            # Missing or damaged: an empty state makes all caches anew.
            return cls(identity)
        return state if state.identity == identity else cls(identity)

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether any was written there."""
        return _file(folder).exists()

    def write(self, folder: Path) -> None:
        """Keep it, if it is not there already.

        Raises:
            OSError: it cannot be written.
        """
        if self.exists(folder) and self.read(folder, self.identity) == self:
            return
        with atomic_write(_file(folder), is_durable=False) as partial:
            partial.write_text(json.dumps(asdict(self)), "utf-8")


def _file(folder: Path) -> Path:
    return folder / "caches.json"
