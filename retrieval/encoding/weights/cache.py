"""Folders that are made once from a model's weights, and are there complete or not at all."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from platformdirs import user_cache_dir

from retrieval.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZES = "sizes.json"


def find_default_cache() -> Path:
    """Give the folder that QUOTH_CACHE names, or the user's cache folder on this system."""
    return Path(os.environ.get("QUOTH_CACHE") or user_cache_dir("quoth", appauthor=False))


def make_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Give `folder`, after `make` has filled it, unless it is complete.

    One process makes it while the others wait. It is made under another name and renamed when it is complete, so
    a process that dies leaves nothing that could be taken for it. At every start the sizes of its files are
    checked, not their hashes: reading 500 MB would take as long as everything else together, and a file that a
    full disk or a power cut damages has become shorter.

    Args:
        folder: the result; its parent folders are made.
        make: fills the empty folder that it is given.

    Raises:
        ModelError: the cache cannot be written; or `make` raises it.
    """
    if is_complete(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not is_complete(folder):
                _make(folder, make)
    except OSError as error:
        message = f"Cannot write the model cache {folder.parent}: {error}. Make room there, or set QUOTH_CACHE."
        raise ModelError(message) from error
    return folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    for remains in (partial, folder):
        if remains.exists():
            shutil.rmtree(remains)
    partial.mkdir()
    make(partial)
    files = sorted(path for path in partial.rglob("*") if path.is_file())
    sizes = {path.relative_to(partial).as_posix(): path.stat().st_size for path in files}
    (partial / _SIZES).write_text(json.dumps(sizes), encoding="utf-8")
    partial.rename(folder)


def is_complete(folder: Path) -> bool:
    """Decide whether `make_once` has made the folder, and every file still has the size that it had then."""
    try:
        sizes = json.loads((folder / _SIZES).read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False  # missing or cut off
