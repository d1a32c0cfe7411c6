"""`quoth backup` and `quoth restore`: files in and out, and what a person is asked and told."""

from __future__ import annotations

import glob
import os
import shutil
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import TYPE_CHECKING

from bot.cli import output
from bot.services.library import open_vector_store
from bot.services.visibility import is_upload_collection
from bot.telegram.state import FILE as BOT_FILE
from bot.telegram.state import SCHEMA as BOT_SCHEMA
from retrieval import (
    DEFAULT_COLLECTION,
    INDEX_FILE,
    INDEX_SCHEMA,
    RECEIPTS_FILE,
    RECEIPTS_SCHEMA,
    BackupError,
    FaissStore,
    Ledger,
    Storage,
    restore_backup,
    write_backup,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from typing import BinaryIO

    from bot.settings import Settings

_STANDARD = "-"
"""In place of a file: standard input or output."""
_SCHEMAS = {
    INDEX_FILE: INDEX_SCHEMA,
    RECEIPTS_FILE: RECEIPTS_SCHEMA,
    BOT_FILE: BOT_SCHEMA,
}


def back_up(settings: Settings, path: str, version: str, *, force: bool) -> str:
    """Write everything into a file, and say what was written.

    Raises:
        BackupError: there is a file already, or nothing to back up.
        StoreError: a database cannot be read.
        OSError: the file cannot be written.
    """
    storage = _storage(settings)
    if not storage.database and not any((storage.data / file).exists() for file in _SCHEMAS):
        message = f"There is nothing in {storage.data}. Name another folder with --data."
        raise BackupError(message)
    # Questions that are too old are forgotten now, as they would come back otherwise.
    Ledger(settings.data, settings.question_days, settings.database_url).close()
    with _file_to_write(path, force=force) as file, output.progress_bar("Backing up"):
        return f"Backed up: {_describe(write_backup(file, storage, version))}."


def restore(settings: Settings, path: str, *, force: bool) -> Iterator[str]:
    """Put back everything out of a file, and say what a person should know afterwards.

    Raises:
        BackupError: the file cannot be restored, or there is something already.
        StoreError: a database cannot be written, or another process is indexing.
        OSError: the file cannot be read.
    """
    folders: dict[str, Path] = {}

    def find_folder(name: str, former: Path) -> Path:
        given = settings.documents if name == DEFAULT_COLLECTION else None
        folders[name] = given or (former if former.is_dir() else _ask_folder(name, former))
        return folders[name]

    with (
        _file_to_read(path) as file,
        closing(open_vector_store(settings) or FaissStore(settings.data)) as vectors,
    ):
        counts = restore_backup(file, _storage(settings), vectors, find_folder=find_folder, force=force)
    yield f"Restored: {_describe(counts)}."
    for name, folder in folders.items():
        if folder.is_dir():
            yield f"The documents of {name} are read from {folder} from now on."
        else:
            option = "" if name == DEFAULT_COLLECTION else f" --collection {name}"
            yield f"There is no folder {folder} here. Say where its documents are: quoth index FOLDER{option}"


def _storage(settings: Settings) -> Storage:
    return Storage(settings.data, settings.folder_of_uploads, is_upload_collection, _SCHEMAS, settings.database_url)


def _ask_folder(name: str, former: Path) -> Path:
    """Ask at a terminal for the folder of a collection; elsewhere, or without an answer, it stays the former."""
    question = f"There is no folder {former} here. Where are the documents of {name}? [Enter: I say it later] "
    while sys.stdin.isatty() and (answer := input(output.one_line(question)).strip()):
        folder = Path(answer).expanduser().absolute()
        if folder.is_dir():
            return folder
        output.say(f"There is no folder {folder}.")
    return former


def _describe(counts: Counter[str]) -> str:
    shown = {"documents": "document", "receipts": "receipt", "uploads": "upload"}
    return ", ".join(output.count(counts[table], noun) for table, noun in shown.items())


@contextmanager
def _file_to_write(path: str, *, force: bool) -> Iterator[BinaryIO]:
    """Open a file that only its owner can read, and that is there as a whole or not at all."""
    if path == _STANDARD:
        with TemporaryFile() as file:
            yield file
            file.seek(0)
            # Past Python's own buffer, which would try again at the end if nobody reads any more.
            with open(sys.stdout.fileno(), "wb", closefd=False) as out:
                shutil.copyfileobj(file, out)
        return
    target = Path(path)
    if target.exists() and not (force and target.is_file()):
        message = f"There is {target} already. Name another file, or replace this one with --force."
        raise BackupError(message)
    prefix, suffix = f".{target.name}.", ".partial"
    for left_behind in target.parent.glob(f"{glob.escape(prefix)}*{suffix}"):
        left_behind.unlink()
    descriptor, partial = mkstemp(dir=target.parent, prefix=prefix, suffix=suffix)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        Path(partial).replace(target)
    finally:
        Path(partial).unlink(missing_ok=True)


@contextmanager
def _file_to_read(path: str) -> Iterator[BinaryIO]:
    if path != _STANDARD:
        with Path(path).open("rb") as file:
            yield file
        return
    with TemporaryFile() as file:  # as it is read twice
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.seek(0)
        yield file
