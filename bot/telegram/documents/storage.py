"""UploadStorage: the folders of uploads, one a collection. A file's name from Telegram is never used as a path."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bot.telegram.state.uploads import UploadState
from retrieval import QuothError, atomic_write, remove_leftovers, rename

MAX_STEM = 120
"""Bytes of a name without its suffix; file systems allow 255 for both."""
DAY_S = 24 * 60 * 60
_WAITING, _FORMER = ".waiting", ".former"
"""The ends of the names of hidden files. A backup holds them."""
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


def _no_title(_: str, __: str) -> str:
    return ""


class UploadStorage:
    """Stores files below a folder that all replicas of the bot share. Not thread-safe.

    Args:
        root: the folder.
        set_title: called with collection, path and title before a file is written, and with "" after it was deleted.
        title: gets the title that was set; without it, a file that takes another's place does not get its title.
        max_bytes: of all files together, also of those that wait or were replaced.

    Raises:
        UploadStorageError: from every method that writes, if it cannot.
    """

    def __init__(
        self,
        root: Path,
        set_title: Callable[[str, str, str], None],
        title: Callable[[str, str], str] = _no_title,
        max_bytes: float = float("inf"),
    ) -> None:
        self.max_bytes = max_bytes
        self._root = root
        self._set_title = set_title
        self._title = title

    def folder(self, collection: str) -> Path:
        """Get the folder of a collection, which is made if it is missing."""
        folder = self._root / collection
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def paths(self, collection: str) -> list[str]:
        """List the names of all files in a collection."""
        return sorted(path.name for path in _files(self.folder(collection)))

    def save(self, collection: str, name: str, data: bytes, title: str) -> SavedFile | None:
        """Write a file atomically under a safe name; None if another file has that name.

        An existing file with the same bytes stays as it is.

        Raises:
            UploadsFullError: there is no space for it.
        """
        folder = self.folder(collection)
        with _explained(folder):
            same_size = (path for path in _files(folder) if path.stat().st_size == len(data))
            same = next((path for path in same_size if path.read_bytes() == data), None)
            path = same or folder / safe_name(name)
            if not same and path.exists():
                return None
            if not same:
                self._check_space(len(data))
                remove_leftovers(folder)
                self._write(collection, path, data, title)
        return SavedFile(path.name, is_new=not same)

    def hold(self, collection: str, upload_id: str, data: bytes, title: str) -> str:
        """Keep a file out of the index until somebody has decided about its name; give its path until then.

        Raises:
            UploadsFullError: there is no space for it.
        """
        folder = self.folder(collection)
        with _explained(folder):
            self._check_space(len(data))
            self._write(collection, folder / _waiting(upload_id), data, title)
        return _waiting(upload_id)

    def replace(self, collection: str, upload_id: str, name: str) -> UploadState:
        """Put a waiting file in the place of the one with this name, which is kept. A title stays, if no other comes.

        A second call goes on after one that was interrupted.
        """
        folder = self.folder(collection)
        waiting, former, path = folder / _waiting(upload_id), folder / _former(upload_id), folder / name
        with _explained(folder):
            if waiting.exists():
                if path.exists() and not former.exists():
                    self._write(collection, former, path.read_bytes(), self._title(collection, name))
                title = self._title(collection, waiting.name) or self._title(collection, former.name)
                self._set_title(collection, name, title)
                rename(waiting, path)
                self._set_title(collection, waiting.name, "")
                return UploadState.REPLACED if former.exists() else UploadState.DOCUMENT
            return UploadState.REPLACED if former.exists() else UploadState.DROPPED

    def restore(self, collection: str, upload_id: str, name: str) -> None:
        """Put back the file that was replaced, with its title; a second call does nothing."""
        folder = self.folder(collection)
        former = folder / _former(upload_id)
        with _explained(folder):
            if former.exists():
                self._set_title(collection, name, self._title(collection, former.name))
                rename(former, folder / name)
                self._set_title(collection, former.name, "")

    def is_waiting(self, collection: str, upload_id: str) -> bool:
        """Tell whether a file waits under this id."""
        return (self.folder(collection) / _waiting(upload_id)).exists()

    def free_name(self, collection: str, name: str) -> str:
        """Find a name like this one that no file has."""
        return next(path for path in _candidates(self.folder(collection), name) if not path.exists()).name

    def release(self, collection: str, upload_id: str, name: str) -> UploadState:
        """Put a waiting file beside the others; a second call does nothing."""
        folder = self.folder(collection)
        waiting, path = folder / _waiting(upload_id), folder / name
        with _explained(folder):
            if waiting.exists():
                self._set_title(collection, name, self._title(collection, waiting.name))
                rename(waiting, path)
                self._set_title(collection, waiting.name, "")
            return UploadState.DOCUMENT if path.exists() else UploadState.DROPPED

    def discard(self, collection: str, upload_id: str) -> None:
        """Delete the hidden files of an upload."""
        for name in (_waiting(upload_id), _former(upload_id)):
            self.remove(collection, name)

    def discard_old(self, known: Container[str]) -> None:
        """Delete the hidden files, older than a day, of all other uploads than these."""
        with _explained(self._root):
            for path in [*self._root.glob(f"*/.*{_WAITING}"), *self._root.glob(f"*/.*{_FORMER}")]:
                if path.stem[1:] not in known and time.time() - path.stat().st_mtime > DAY_S:
                    self.remove(path.parent.name, path.name)

    def remove(self, collection: str, path: str) -> None:
        """Delete a file, if it is there."""
        folder = self.folder(collection)
        with _explained(folder):
            (folder / path).unlink(missing_ok=True)
        self._set_title(collection, path, "")

    def _write(self, collection: str, path: Path, data: bytes, title: str) -> None:
        self._set_title(collection, path.name, title)
        with atomic_write(path) as partial:
            partial.write_bytes(data)

    def _check_space(self, size: int) -> None:
        if measure_uploads(self._root) + size > self.max_bytes:
            raise UploadsFullError("The space for uploads is used up. Delete some, or raise QUOTH_MAX_UPLOADS_MIB.")


def measure_uploads(root: Path) -> int:
    """Add up the bytes of all uploads."""
    size = 0
    for path in root.glob("[!.]*/*"):
        with suppress(FileNotFoundError):  # another replica deletes as well
            size += path.stat().st_size if path.is_file() else 0
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


def _waiting(upload_id: str) -> str:
    return f".{upload_id}{_WAITING}"


def _former(upload_id: str) -> str:
    return f".{upload_id}{_FORMER}"


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
