"""The documents' folder: which files are in it, and their bytes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from retrieval.documents.readers.limits import MIB, Limits
from retrieval.errors import DocumentError, DocumentFault, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

TITLES = ".titles.json"
"""Where an older Quoth kept titles that people gave to files."""
# A file may become a link or a pipe after it was listed: a link is not followed, a pipe not waited for.
_OPEN_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
# Without O_PATH, a folder could be passed through only where it may be listed.
_FOLDER_FLAGS = sum(getattr(os, name, 0) for name in ("O_DIRECTORY", "O_CLOEXEC", "O_PATH"))


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The files of a folder: paths relative to it, with forward slashes, sorted."""

    files: list[str]
    unreadable: dict[str, DocumentError]
    """Folders that cannot be listed, and why."""


def check(folder: Path) -> None:
    """Raise a SettingsError if there is no such folder."""
    if not folder.is_dir():
        message = f"There is no folder {folder}. Make it and put documents in it, or name another with --documents."
        raise SettingsError(message)


def list_files(folder: Path) -> FolderListing:
    """List all files below `folder`, without hidden ones and symbolic links, whose targets may lie outside."""
    files: list[str] = []
    unreadable: dict[str, DocumentError] = {}
    folders = [""]
    while folders:
        parent = folders.pop()
        try:
            with os.scandir(folder / parent) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{parent}{entry.name}/")
                    elif entry.is_file(follow_symlinks=False):
                        files.append(f"{parent}{entry.name}")
        except OSError as error:
            reason = f"Cannot look into the folder: {error.strerror}. Check that it may be read."
            unreadable[parent or "."] = DocumentError(reason, DocumentFault.NO_ACCESS)
    return FolderListing(sorted(files), unreadable)


def may_hold(folder: Path, path: str) -> bool:
    """Decide whether `listing` could name this path: no hidden part, no `..`, and no link above the file."""
    parts = PurePath(path).parts
    if not parts or PurePath(path).anchor or "\0" in path or any(part.startswith(".") for part in parts):
        return False
    parents = [folder.joinpath(*parts[:depth]) for depth in range(1, len(parts))]
    return not any(map(os.path.islink, parents))


def load(folder: Path, path: str, limits: Limits) -> bytes:
    """Read the bytes of the file at `path`, relative to `folder`; no link below it is followed.

    Raises:
        DocumentError: the file cannot be opened, is too large, or its name is not Unicode.
    """
    try:
        path.encode()
        with os.fdopen(_open(folder, path), "rb") as file:
            data = file.read(limits.file_mib * MIB + 1)
    except UnicodeEncodeError:
        raise DocumentError("The file's name is not valid Unicode. Rename it.", DocumentFault.NO_ACCESS) from None
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"Cannot open the file: {reason}. Check that it still exists and may be read."
        raise DocumentError(message, DocumentFault.NO_ACCESS) from error
    limits.check("file_mib", len(data) / MIB)
    return data


def _open(folder: Path, path: str) -> int:
    if os.open not in os.supports_dir_fd:
        return os.open(folder / path, _OPEN_FLAGS)
    *parents, name = PurePath(path).parts
    # Part by part: a folder may be exchanged for a link after it was listed.
    parent = os.open(folder, _FOLDER_FLAGS)
    try:
        for part in parents:
            child = os.open(part, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=parent)
            os.close(parent)
            parent = child
        return os.open(name, _OPEN_FLAGS, dir_fd=parent)
    finally:
        os.close(parent)


def read_titles(folder: Path, limits: Limits) -> dict[str, str]:
    """Read path → title from the file of an older Quoth; none if it is missing or damaged."""
    try:
        content = json.loads(load(folder, TITLES, limits))
    except (DocumentError, ValueError):
        return {}
    pairs = content.items() if isinstance(content, dict) else ()
    return {path: title for path, title in pairs if isinstance(title, str) and title.strip()}
