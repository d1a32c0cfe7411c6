"""Folders that are made once from a model's weights, and are there whole or not at all."""

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


def default_cache() -> Path:
    """The folder that QUOTH_CACHE names, or the user's cache folder on this system."""
    return Path(os.environ.get("QUOTH_CACHE") or user_cache_dir("quoth", appauthor=False))


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Give `folder`, after `make` has filled it if it was not there whole.

    One process makes it while the others wait. It is made under another name and renamed when it is whole, so
    a process that dies leaves nothing that could be taken for it. At every start the sizes of its files are
    checked, not their hashes: reading 500 MB would take as long as everything else together, and what a full
    disk or a power cut damages has become shorter.

    Args:
        folder: where the result belongs; its parent folders are made.
        make: fills the empty folder that it is given.

    Raises:
        ModelError: the cache cannot be written; or what `make` raises.
    """
    if is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not is_whole(folder):
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
    sizes = {path.relative_to(partial).as_posix(): path.stat().st_size for path in _files(partial)}
    (partial / _SIZES).write_text(json.dumps(sizes), encoding="utf-8")
    partial.rename(folder)


def is_whole(folder: Path) -> bool:
    """Whether `made_once` has made the folder, and every file still has the size that it had then."""
    try:
        sizes = json.loads((folder / _SIZES).read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        # Missing or cut off: either way it is to be made anew.
        return False


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
