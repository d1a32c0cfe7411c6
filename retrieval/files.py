"""Files: atomic writes, so that a file is whole or absent whenever a process is killed, and private permissions."""

from __future__ import annotations

import os
import secrets
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SUFFIX = ".partial"
_LEFTOVER_S = 60 * 60
"""No write takes as long: an older partial file belongs to a process that was killed."""


@contextmanager
def atomic_write(path: Path, *, is_durable: bool = True) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to `path` at the end; after an error, `path` is as it was.

    Args:
        path: the file, in a folder that exists.
        is_durable: whether it must outlast a power cut; a file that can be rebuilt need not wait for the disk.

    Raises:
        OSError: the file cannot be written.
    """
    # Hidden, so that no sync reads it. Random, as replicas on two machines may have the same process id.
    partial = path.with_name(f".{secrets.token_hex(8)}{_SUFFIX}")
    try:
        yield partial
        if is_durable:
            _flush(partial, os.O_RDWR)
        rename(partial, path, is_durable=is_durable)
    finally:
        partial.unlink(missing_ok=True)


def rename(source: Path, target: Path, *, is_durable: bool = True) -> None:
    """Rename a file within its folder, in place of one that has the name.

    Raises:
        OSError: it cannot be renamed.
    """
    source.replace(target)
    if is_durable and os.name == "posix":  # elsewhere, a folder cannot be opened
        _flush(target.parent, os.O_RDONLY)


def remove_leftovers(folder: Path) -> None:
    """Delete the partial files in a folder of processes that were killed while they wrote."""
    for partial in folder.glob(f".*{_SUFFIX}"):
        with suppress(FileNotFoundError):  # its writer may have just finished
            if time.time() - partial.stat().st_mtime > _LEFTOVER_S:
                partial.unlink()


def make_private(path: Path) -> bool:
    """Take away what other users may do with a file or folder; true if it is changed, false if there is nothing to do.

    Links are left alone, and so are folders that all users share, such as that of temporary files.

    Raises:
        OSError: it belongs to somebody else.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    is_shared = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
    if os.name != "posix" or is_shared or not mode & _OTHERS or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        return False
    path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    return True


def make_all_private(folder: Path) -> tuple[list[Path], list[Path]]:
    """Take away what other users may do with a folder and all in it; give what was changed, and what could not be."""
    changed: list[Path] = []
    refused: list[Path] = []
    below = (Path(root, name) for root, folders, files in os.walk(folder) for name in (*folders, *files))
    for path in (folder, *below):
        try:
            if make_private(path):
                changed.append(path)
        except OSError:
            refused.append(path)
    return changed, refused


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
