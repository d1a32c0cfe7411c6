"""`quoth export` and `quoth import`: files in and out, and what a person should know afterwards."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import terminal
from bot.services.library import engine_of
from bot.services.visibility import is_for_what_is_sent
from retrieval import DEFAULT_COLLECTION, Embedded, ModelError, export_to, import_from, resolve_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from bot.settings import Settings
    from retrieval import Transferred

_ONLY_OWNER = 0o600
STANDARD = "-"
"""In place of a file: standard input or output."""


def export(settings: Settings, path: str, version: str) -> Transferred:
    """Write everything into a file.

    Raises:
        QuothError: there is nothing to export, or it cannot be read.
        OSError: the file cannot be written.
    """
    with _to_write(path) as file, terminal.progress_bar("Exporting") as show:
        return export_to(
            file,
            settings.data,
            version=version,
            question_days=settings.question_days,
            database=settings.database_url,
            progress=show,
        )


def import_(settings: Settings, path: str) -> Transferred:
    """Read everything out of a file.

    Raises:
        QuothError: the file is no export, or there is an index already.
        OSError: the file cannot be read.
    """
    with _to_read(path) as file, terminal.progress_bar("Importing") as show:
        status = os.fstat(file.fileno())
        size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        with closing(engine_of(settings) or Embedded()) as engine:
            return import_from(
                file,
                settings.data,
                size=size,
                database=settings.database_url,
                engine=engine,
                progress=show,
            )


def afterwards(settings: Settings, imported: Transferred) -> Iterator[str]:
    """What a person should know of what was imported, and do."""
    yield f"Imported: {_counts(imported)}."
    for name, folder in imported.folders:
        if folder.is_dir():
            yield f"The documents of {name} are read from {folder} from now on."
        elif is_for_what_is_sent(name):
            yield f"The files of {name} are not here: copy them to {folder}."
        else:
            option = "" if name == DEFAULT_COLLECTION else f" --collection {name}"
            yield f"There is no folder {folder} here. Say where its documents are: quoth index FOLDER{option}"
    if imported.model and not _fits(settings, imported):
        yield (
            "This index was made with another model, or by another version of Quoth: the next `quoth index` makes it "
            "anew from the documents. To use it as it is, install the same ones."
        )


def exported(report: Transferred) -> Iterator[str]:
    """What a person should know of what was exported."""
    yield f"Exported: {_counts(report)}."
    if report.left_out:
        yield (
            f"{report.left_out:,} entries of receipts are not as they were written, and were left out. "
            "`quoth verify` names the receipts."
        )


def _counts(report: Transferred) -> str:
    documents = "document" if report.documents == 1 else "documents"
    receipts = "receipt" if report.receipts == 1 else "receipts"
    return f"{report.documents:,} {documents} and {report.receipts:,} {receipts}"


def _fits(settings: Settings, imported: Transferred) -> bool:
    """Whether the index can be searched as it is; true where there is no model yet to tell."""
    try:
        model = resolve_model(settings.model, cache=settings.cache, progress=terminal.say)
    except ModelError as error:
        terminal.say_error(error)
        return True
    return imported.is_current and model.fingerprint == imported.model


@contextmanager
def _to_write(path: str) -> Iterator[BinaryIO]:
    if path == STANDARD:
        # Past Python's own buffer, which would try again at the end if nobody reads any more.
        sys.stdout.flush()
        with open(sys.stdout.fileno(), "wb", closefd=False) as file:
            yield file
    elif Path(path).exists() and not Path(path).is_file():  # such as a pipe
        with Path(path).open("wb") as file:
            yield file
    else:
        with _written_whole(Path(path)) as file:
            yield file


@contextmanager
def _written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner can read, and that is there as a whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _ONLY_OWNER)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _to_read(path: str) -> Iterator[BinaryIO]:
    if path == STANDARD:
        with open(sys.stdin.fileno(), "rb", closefd=False) as file:
            yield file
    else:
        with Path(path).open("rb") as file:
            yield file


_BINARY = getattr(os, "O_BINARY", 0)
