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


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths relative to the folder, with forward slashes, sorted."""

    files: list[str]
    unreadable: dict[str, DocumentError]
    """Folders that cannot be looked into, and why."""


def check(folder: Path) -> None:
    """Go on only if there is such a folder.

    Raises:
        SettingsError: there is none.
    """
    if not folder.is_dir():
        message = f"There is no folder {folder}. Make it and put documents in it, or name another with --documents."
        raise SettingsError(message)


def listing(folder: Path) -> Listing:
    """All files below `folder`.

    Hidden files and folders are left out, and so is what a symbolic link points to: it may lie outside.
    """
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
    return Listing(sorted(files), unreadable)


def may_hold(folder: Path, path: str) -> bool:
    """Whether `listing` could name this path: nothing hidden, and nothing that a link or `..` leads to."""
    parts = PurePath(path).parts
    if not parts or PurePath(path).anchor or "\0" in path or any(part.startswith(".") for part in parts):
        return False
    above = [folder.joinpath(*parts[:depth]) for depth in range(1, len(parts))]
    return not any(map(os.path.islink, above))


def load(folder: Path, path: str, limits: Limits) -> bytes:
    """The bytes of the file at `path`, relative to `folder`.

    Raises:
        DocumentError: the file cannot be opened, is too large, or its name is not Unicode.
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        raise DocumentError("The file's name is not valid Unicode. Rename it.", DocumentFault.NO_ACCESS) from None
    try:
        # It may have become a link or a pipe since it was listed.
        descriptor = os.open(folder / path, os.O_RDONLY | _SAFELY)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limits.file_mib * MIB + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"Cannot open the file: {reason}. Check that it still exists and may be read."
        raise DocumentError(message, DocumentFault.NO_ACCESS) from error
    limits.check_file(len(data))
    return data


def titles(folder: Path, limits: Limits) -> dict[str, str]:
    """Path → the title that an older Quoth wrote into a file of the folder; a damaged file counts as none."""
    try:
        found = json.loads(load(folder, TITLES, limits))
    except (DocumentError, ValueError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {path: title for path, title in pairs if isinstance(title, str) and title.strip()}


_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
