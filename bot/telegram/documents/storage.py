"""UploadStorage: the folders of uploads, one a collection. A file's name from Telegram is never used as a path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from retrieval import QuothError, atomic_write, remove_leftovers

MAX_STEM = 120
"""Bytes of a name without its suffix; file systems allow 255 for both."""
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Device names of Windows."""


class UploadStorageError(QuothError):
    """An upload cannot be stored."""


class UploadsFullError(UploadStorageError):
    """The space for uploads is used up."""


class SavedFile(NamedTuple):
    """The name of a stored file in its collection."""

    path: str
    is_new: bool
    """Whether no file there had its bytes before."""


class UploadStorage:
    """Stores files below a folder that all replicas of the bot share. Not thread-safe.

    Args:
        root: the folder.
        set_title: called with collection, path and title before a file is written, and with "" after it was deleted.
        max_bytes: of all files together.

    Raises:
        UploadStorageError: from every method that writes, if it cannot.
    """

    def __init__(self, root: Path, set_title: Callable[[str, str, str], None], max_bytes: float = float("inf")) -> None:
        self.max_bytes = max_bytes
        self._root = root
        self._set_title = set_title

    def folder(self, collection: str) -> Path:
        """Get the folder of a collection, which is made if it is missing."""
        folder = self._root / collection
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def paths(self, collection: str) -> list[str]:
        """List the names of all files in a collection."""
        return sorted(path.name for path in _files(self.folder(collection)))

    def save(self, collection: str, name: str, data: bytes, title: str) -> SavedFile:
        """Write a file atomically under a safe name; an existing file with the same bytes stays as it is.

        Raises:
            UploadsFullError: there is no space for it.
        """
        folder = self.folder(collection)
        with _explained(folder):
            same_size = (path for path in _files(folder) if path.stat().st_size == len(data))
            same = next((path for path in same_size if path.read_bytes() == data), None)
            path = same or next(path for path in _candidates(folder, safe_name(name)) if not path.exists())
            if not same:
                self._check_space(len(data))
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

    def _check_space(self, size: int) -> None:
        if measure_uploads(self._root) + size > self.max_bytes:
            raise UploadsFullError("The space for uploads is used up. Delete some, or raise QUOTH_MAX_UPLOADS_MIB.")


def measure_uploads(root: Path) -> int:
    """Add up the bytes of all uploads."""
    size = 0
    for folder in root.glob("[!.]*/"):
        for path in _files(folder):
            with suppress(FileNotFoundError):  # another replica deletes as well
                size += path.stat().st_size
    return size


def safe_name(name: str) -> str:
    """Make a file's name harmless: no path, no hidden or reserved name."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Control characters can reverse the direction of writing, which hides the suffix.
    visible = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    plain = _NOT_IN_NAMES.sub("_", " ".join(visible.split())).strip(". ")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    suffix = PurePosixPath(plain).suffix
    stem = plain.removesuffix(suffix).encode()[:MAX_STEM].decode(errors="ignore").rstrip(". ")
    return f"{stem}{suffix}"


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    first = folder / name
    yield first
    for number in count(2):
        yield first.with_name(f"{first.stem} ({number}){first.suffix}")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


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
