"""The documents' folder: which files are in it."""

from __future__ import annotations

import os
from pathlib import Path

from retrieval.errors import SettingsError


def files(folder: Path) -> list[str]:
    """Paths of all files below `folder`, relative to it, with forward slashes, sorted.

    Hidden files and folders are left out, and so is what a symbolic link points to: it may lie outside.

    Raises:
        SettingsError: there is no such folder.
    """
    if not folder.is_dir():
        message = (
            f"There is no folder {folder}. Make it and put documents in it, or name another with --documents."
        )
        raise SettingsError(message)
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(parent, name) for name in names if not name.startswith("."))
        found += [
            path.relative_to(folder).as_posix() for path in paths if path.is_file() and not path.is_symlink()
        ]
    return sorted(found)
