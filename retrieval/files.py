"""Atomic writes: a file is whole or absent, whatever other processes write and whenever this one is killed."""

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
        partial.replace(path)
        if is_durable and os.name == "posix":  # elsewhere, a folder cannot be opened
            _flush(path.parent, os.O_RDONLY)
    finally:
        partial.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Delete the partial files in a folder of processes that were killed while they wrote."""
    for partial in folder.glob(f".*{_SUFFIX}"):
        with suppress(FileNotFoundError):  # its writer may have just finished
            if time.time() - partial.stat().st_mtime > _LEFTOVER_S:
                partial.unlink()


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
