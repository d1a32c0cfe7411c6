"""Withheld: removals that look like an accident, such as a disk that is not mounted, and wait for a confirmation."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.storage.records import DEFAULT_COLLECTION

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.storage.records import Collection

MAX_SMALL = 10
"""Documents of a collection of which more than half may go at once: fewer tell nothing."""


class WithheldCause(StrEnum):
    """Why documents were not removed."""

    EMPTY = "empty"
    """Their folder holds no document any more."""
    OTHER_FOLDER = "other folder"
    """The folder is another than the last time, and does not hold all of them."""
    MANY_GONE = "many gone"
    """More than half of more than ten are gone."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A removal of documents that a person has to confirm; until then, answers come from them."""

    collection: str
    cause: WithheldCause
    gone: int
    """How many documents would be removed or replaced."""
    known: int
    """How many documents the collection has."""
    message: str
    """What was withheld, and the command that does it."""


def withhold(
    former: Collection, folder: Path, *, gone: int, replaced: int, known: int, is_empty: bool
) -> Withheld | None:
    """Decide whether removing documents has to be confirmed.

    Args:
        former: the collection as it was the last time.
        folder: its folder now.
        gone: how many of its documents are not in the folder, under any path.
        replaced: how many have other content there.
        known: how many documents it has.
        is_empty: whether the folder holds no file that can be read.
    """
    name = former.name
    if gone + replaced and folder.resolve() != former.folder.resolve():
        what = (
            f"The {known:,} documents of the collection {name} are from {former.folder}. {gone:,} of them are not in "
            f"{folder}, and {replaced:,} have other content there, so nothing was changed. If it is to take the place"
        )
        command = _command(name, str(folder))
        return Withheld(name, WithheldCause.OTHER_FOLDER, gone + replaced, known, f"{what}: {command}")
    if gone and is_empty:
        cause, what = WithheldCause.EMPTY, f"The folder {folder} of the collection {name} is empty"
    elif known > MAX_SMALL and gone * 2 > known:
        cause, what = WithheldCause.MANY_GONE, f"Of the collection {name}, most files are gone from {folder}"
    else:
        return None
    kept = f"{gone:,} of its {known:,} indexed documents are kept, in case that was not meant"
    return Withheld(name, cause, gone, known, f"{what}: {kept}. To remove them: {_command(name)}")


def _command(collection: str, folder: str = "") -> str:
    option = [] if collection == DEFAULT_COLLECTION and not folder else ["--collection", collection]
    return " ".join(["quoth index", *([shlex.quote(folder)] if folder else []), *option, "--yes"])
