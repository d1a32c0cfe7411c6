"""Atomic writes: a file is there as a whole or not at all, whoever else writes beside it and whenever it is killed."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUFFIX = ".partial"
_LEFTOVER_S = 60 * 60
"""No write takes as long, so a partial file of this age belongs to a process that was killed."""


@contextmanager
def atomic_write(path: Path, *, is_durable: bool = True) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to `path` at the end; after an error, `path` is as it was.

    Args:
        path: the file, in a folder that is there.
        is_durable: whether it must outlast a power cut. What can be made anew need not wait for the disk.

    Raises:
        OSError: the file cannot be written.
    """
    # Hidden, so that no sync takes it for a document. Random, as replicas on two machines may have one process id.
    partial = path.with_name(f".{secrets.token_hex(8)}{_SUFFIX}")
    try:
        yield partial
        if is_durable:
            _flush(partial, os.O_RDWR)
        partial.replace(path)
        if is_durable and os.name == "posix":  # elsewhere, a folder cannot be opened
            _flush(path.parent, os.O_RDONLY)
    finally:
        partial.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Delete what processes left in a folder that were killed while they wrote."""
    for partial in folder.glob(f".*{_SUFFIX}"):
        with suppress(FileNotFoundError):  # who wrote it may have just finished
            if time.time() - partial.stat().st_mtime > _LEFTOVER_S:
                partial.unlink()


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
