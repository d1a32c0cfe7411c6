"""UploadStorage: the folders of what people send, one a collection; a file's name is never taken for a path."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from contextlib import contextmanager
from itertools import count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from retrieval import QuothError, atomic_write, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_STEM = 120
"""Bytes of a name without its end; a file system takes 255 for all."""
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices."""


class UploadStorageError(QuothError):
    """What people send cannot be kept."""


class SavedFile(NamedTuple):
    """Where a file stands now."""

    path: str
    is_new: bool
    """Whether its bytes were not there before."""


class UploadStorage:
    """Files below a folder, which all replicas of the bot see. One thread at a time.

    Args:
        root: the folder.
        set_title: called with collection, path and title of a file, before it is there and after it was deleted.

    Raises:
        UploadStorageError: from every method that writes, if it cannot.
    """

    def __init__(self, root: Path, set_title: Callable[[str, str, str], None]) -> None:
        self._root = root
        self._set_title = set_title

    def folder(self, collection: str) -> Path:
        """The collection's, made if there is none."""
        folder = self._root / collection
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def paths(self, collection: str) -> list[str]:
        """The names of all files in a collection."""
        return sorted(path.name for path in _files(self.folder(collection)))

    def save(self, collection: str, name: str, data: bytes, title: str) -> SavedFile:
        """Write a file under a safe name, as a whole or not at all; one with the same bytes stays as it is."""
        folder = self.folder(collection)
        with _explained(folder):
            same = next((path for path in _files(folder) if _holds(path, data)), None)
            path = same or next(path for path in _candidates(folder, safe_name(name)) if not path.exists())
            if not same:
                remove_leftovers(folder)
                self._set_title(collection, path.name, title)
                with atomic_write(path) as partial:
                    partial.write_bytes(data)
        return SavedFile(path.name, is_new=not same)

    def remove(self, collection: str, path: str) -> None:
        """Delete a file, if it is there."""
        folder = self.folder(collection)
        with _explained(folder):
            (folder / path).unlink(missing_ok=True)
        self._set_title(collection, path, "")


def safe_name(name: str) -> str:
    """What is left of a file's name when nothing in it can do harm: no path, no hidden or reserved name."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Such as those that turn the direction of writing, which hide how a name ends.
    visible = "".join(each for each in name if unicodedata.category(each)[0] != "C")
    plain = _NOT_IN_NAMES.sub("_", " ".join(visible.split())).strip(". ")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    suffix = PurePosixPath(plain).suffix
    stem = plain.removesuffix(suffix).encode()[:MAX_STEM].decode(errors="ignore").rstrip(". ")
    return f"{stem}{suffix}"


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    """The name, then the same with a number."""
    first = folder / name
    yield first
    for number in count(2):
        yield first.with_name(f"{first.stem} ({number}){first.suffix}")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _holds(path: Path, data: bytes) -> bool:
    if path.stat().st_size != len(data):
        return False
    return hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data).digest()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"Cannot use {folder}: {error.strerror or error}. "
            "Make sure that it can be written and the disk is not full."
        )
        raise UploadStorageError(message) from error
