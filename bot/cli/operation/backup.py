"""`quoth backup` and `quoth restore`: everything that a person would miss in one file, and back."""

from __future__ import annotations

import glob
import os
import shutil
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import output
from bot.cli.options import Data, Documents
from bot.services.library import open_vector_store
from bot.services.receipts import open_ledger
from bot.services.visibility import is_upload_collection
from bot.settings import load_settings
from bot.telegram.state import BOT_FILE, BOT_SCHEMA
from retrieval import (
    DEFAULT_COLLECTION,
    INDEX_FILE,
    INDEX_SCHEMA,
    RECEIPTS_FILE,
    RECEIPTS_SCHEMA,
    BackupError,
    FaissStore,
    Storage,
    restore_backup,
    write_backup,
)

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from typing import BinaryIO

    from bot.settings import Settings

Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]

_STANDARD = "-"
"""This path stands for standard input or output."""
_SCHEMAS = {INDEX_FILE: INDEX_SCHEMA, RECEIPTS_FILE: RECEIPTS_SCHEMA, BOT_FILE: BOT_SCHEMA}


def backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - is standard output.")],
    *,
    force: Force = False,
    data: Data = None,
) -> None:
    """Write everything that a person would miss into a file.

    This is the index, the receipts, who may ask, all settings of groups, what people sent and what was fetched of web
    pages, but not the folder of your documents. The bot may go on meanwhile. Only you can read FILE: keep it as you
    keep the data folder. Exit status: 0, or 1 after an error.
    """
    settings = load_settings(None, data)
    storage = _storage(settings)
    if not storage.database and not any((storage.data / name).exists() for name in _SCHEMAS):
        message = f"There is nothing in {storage.data}. Name another folder with --data."
        raise BackupError(message)
    # The ledger forgets old questions when it opens: they would come back otherwise.
    open_ledger(settings).close()
    with _file_to_write(file, force=force) as opened, output.progress_bar("Backing up"):
        counts = write_backup(opened, storage, output.version())
    output.say(f"Backed up: {_describe(counts)}.")


def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where from; - is standard input.")],
    *,
    force: Force = False,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Put back all that `quoth backup` wrote, or nothing.

    Stop the bot before. A backup of SQLite can be restored into PostgreSQL, and the other way round. No document is
    read or encoded again. If it is killed, run it again. Exit status: 0, or 1 after an error.
    """
    settings = load_settings(documents, data)
    folders: dict[str, Path] = {}

    def find_folder(name: str, former: Path) -> Path:
        given = settings.documents if name == DEFAULT_COLLECTION else None
        folders[name] = given or (former if former.is_dir() else _ask_folder(name, former))
        return folders[name]

    with _file_to_read(file) as opened, closing(open_vector_store(settings) or FaissStore(settings.data)) as vectors:
        counts = restore_backup(opened, _storage(settings), vectors, find_folder=find_folder, force=force)
    output.say(f"Restored: {_describe(counts)}.")
    for name, folder in folders.items():
        if folder.is_dir():
            output.say(f"The documents of {name} are read from {folder} from now on.")
        else:
            option = "" if name == DEFAULT_COLLECTION else f" --collection {name}"
            output.say(f"There is no folder {folder} here. Say where its documents are: quoth index FOLDER{option}")


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
    nouns = {"documents": "document", "receipts": "receipt", "uploads": "upload"}
    return ", ".join(output.format_count(counts[table], noun) for table, noun in nouns.items())


@contextmanager
def _file_to_write(path: str, *, force: bool) -> Iterator[BinaryIO]:
    """Open a file that only its owner can read, and that is there as a whole or not at all."""
    if path == _STANDARD:
        with TemporaryFile() as file:
            yield file
            file.seek(0)
            # Python's own buffer would try again at the end if nobody reads any more.
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
