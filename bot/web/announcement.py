"""Tells other processes on the same data folder where its pages are shown now."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ADDRESS = "serving.address"
_LOCK = "serving.lock"
"""Its holder shows the pages: a process that was killed leaves the address, but not the lock."""
_BRIEFLY_S = 1
"""Somebody may be looking just now."""


@contextmanager
def announcing(data: Path, address: str) -> Iterator[None]:
    """Announce an address while the context lasts, unless another process has announced one."""
    lock = FileLock(data / _LOCK, timeout=_BRIEFLY_S)
    try:
        lock.acquire()
    except Timeout:
        yield
        return
    try:
        # Not by `atomic_write`: a sync that begins now deletes the partial files that it finds in this folder.
        (data / _ADDRESS).write_text(address, "utf-8")
        yield
    finally:
        (data / _ADDRESS).unlink(missing_ok=True)
        lock.release()


def find_announced(data: Path) -> str | None:
    """Find the address at which a process shows the pages of this data folder; None if none does."""
    try:
        address = (data / _ADDRESS).read_text("utf-8")
    except FileNotFoundError:
        return None
    try:
        with FileLock(data / _LOCK, timeout=0):
            return None
    except Timeout:
        return address or None  # it is being written
