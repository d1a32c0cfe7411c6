"""Backups: all tables of all schemas, the uploads and what was fetched of web pages, in one tar with a hash at its end.

The tar holds a manifest, a SQLite file for each schema, whatever the database was, and these files. The last 32 bytes
are the SHA-256 of all bytes before them, so that a truncated or altered file is refused before anything is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from collections import Counter
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from io import BytesIO
from itertools import chain, islice
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING

from filelock import FileLock

from retrieval.errors import BackupError
from retrieval.storage.database import ConstraintError
from retrieval.storage.opening import open_database
from retrieval.storage.pages import SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from retrieval.storage.database import Database, Schema

_FORMAT = 1
_MANIFEST = "manifest.json"
_UPLOADS = "uploads"
_TITLES = ".titles.json"
"""Of uploads, from an older Quoth."""
_VERSIONS = {".waiting", ".former"}
"""The ends of hidden uploads that wait for a decision, or were replaced; other hidden files may be half written."""
_DIGEST_BYTES = 32
_ROWS = 100
"""In memory at once."""
_ALWAYS_FILLED = {"facts", "counters"}
"""Tables that have rows as soon as a database is used."""
_SCRATCH = ".backup"
_RESTORING = "restoring"
"""In the data folder, while a restore replaces databases and uploads one after another: the digest of the backup."""
_NOT_WHOLE = "This is no whole backup of Quoth: it was cut off or altered, or never was one. Copy it again."


@dataclass(frozen=True, slots=True)
class Storage:
    """All data that a backup holds."""

    data: Path
    """The folder of the SQLite files."""
    uploads: Path
    """The folder with a subfolder for each collection of uploads."""
    is_upload: Callable[[str], bool]
    """Tells by its name whether a collection holds uploads."""
    schemas: Mapping[str, Schema]
    """Name of the SQLite file → its schema."""
    database: str = ""
    """The URL of PostgreSQL; empty for SQLite files."""

    @contextmanager
    def open(self) -> Iterator[list[Database]]:
        """Open the databases, in the order of the schemas."""
        with ExitStack() as opened:
            yield [
                opened.enter_context(closing(open_database(self.data / file, schema, self.database)))
                for file, schema in self.schemas.items()
            ]

    def upload_folders(self) -> list[Path]:
        """List the folders of uploads; other files beside them are left alone."""
        folders = self.uploads.iterdir() if self.uploads.is_dir() else ()
        return [folder for folder in folders if self.is_upload(folder.name) and folder.is_dir()]

    def upload_files(self) -> Iterator[Path]:
        """List the files in them."""
        for path in chain.from_iterable(folder.iterdir() for folder in self.upload_folders()):
            is_whole = not path.name.startswith(".") or path.name == _TITLES or path.suffix in _VERSIONS
            if is_whole and path.is_file() and not path.is_symlink():
                yield path

    def snapshot_files(self) -> Iterator[Path]:
        """List the files with what was fetched of web pages."""
        return (self.data / SNAPSHOTS).glob("??/[!.]*")


def write_backup(file: BinaryIO, storage: Storage, version: str) -> Counter[str]:
    """Write a snapshot of everything into a file, and count the rows of each table.

    The file is open for writing and reading; others may write to the databases meanwhile.

    Raises:
        StoreError: a database cannot be read.
        OSError: a file cannot be written.
    """
    with _scratch(storage) as copy:
        with storage.open() as sources, copy.open() as targets, ExitStack() as snapshots:
            for source in sources:
                snapshots.enter_context(source.snapshot())
                source.run("SELECT version_num FROM schema_version")  # SQLite's snapshot begins with a read
            counts = sum(map(_copy_tables, sources, targets, map(_tables, targets)), Counter[str]())
        with tarfile.open(mode="w", fileobj=file) as tar:
            revisions = {schema.name: schema.head for schema in storage.schemas.values()}
            manifest = json.dumps({"format": _FORMAT, "quoth": version, "revisions": revisions}).encode()
            info = tarfile.TarInfo(_MANIFEST)
            info.size = len(manifest)
            tar.addfile(info, BytesIO(manifest))
            for name in storage.schemas:
                tar.add(copy.data / name, name)
            files = {path: f"{_UPLOADS}/{path.parent.name}/{path.name}" for path in storage.upload_files()}
            files |= {path: str(path.relative_to(storage.data)) for path in storage.snapshot_files()}
            for path, name in files.items():
                # Somebody may delete the file meanwhile; once it is open, it stays readable.
                with suppress(FileNotFoundError), path.open("rb") as opened:
                    tar.addfile(tar.gettarinfo(arcname=name, fileobj=opened), opened)
    file.seek(0)
    file.write(hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]  # it has `readinto`
    return counts


@contextmanager
def unpack_backup(file: BinaryIO, storage: Storage) -> Iterator[tuple[Storage, str]]:
    """Check a backup, and unpack it beside the storage that it is to replace.

    Yields:
        its content, and its SHA-256 in hexadecimal. Opening the content of an older one upgrades it.

    Raises:
        BackupError: it is no whole backup, or a newer Quoth has written it.
        OSError: the file, a real one, cannot be read, or the data folder not be written.
    """
    with _scratch(storage) as unpacked:
        try:
            with mmap(file.fileno(), 0, access=ACCESS_READ) as mapped, memoryview(mapped) as data:
                sha256 = hashlib.sha256(data[:-_DIGEST_BYTES])
                if data[-_DIGEST_BYTES:] != sha256.digest():
                    raise BackupError(_NOT_WHOLE)
            with tarfile.open(fileobj=file, mode="r:") as tar:
                manifest = json.load(tar.extractfile(_MANIFEST) or BytesIO())
                is_newer = any(manifest["revisions"][schema.name] > schema.head for schema in storage.schemas.values())
                if manifest["format"] > _FORMAT or is_newer:
                    message = f"This backup was written by a newer Quoth, {manifest['quoth']}. Install that version."
                    raise BackupError(message)
                tar.extractall(unpacked.data, filter="data")
        except (tarfile.TarError, KeyError, ValueError) as error:
            raise BackupError(_NOT_WHOLE) from error
        yield unpacked, sha256.hexdigest()


def replace_all(storage: Storage, unpacked: Storage, digest: str, *, force: bool) -> Counter[str]:
    """Replace a storage by the content of a backup.

    If this fails or is killed before the first database is committed, the storage is as it was. After that, a file
    with the backup's digest lies there, and restoring the same backup again, without force, completes it.

    Raises:
        BackupError: there is something already, or the database cannot hold the content of the backup.
        StoreError: a database cannot be written.
        OSError: a file cannot be written.
    """
    marker, incoming = storage.data / _RESTORING, storage.uploads / _SCRATCH
    with unpacked.open() as sources, storage.open() as targets:
        tables = [*map(_tables, sources)]
        is_begun = marker.is_file() and marker.read_text() == digest
        if not (force or is_begun) and (any(storage.upload_files()) or any(map(_is_used, targets, tables))):
            where = "in the database" if storage.database else f"in {storage.data}"
            message = f"There are documents, receipts or settings {where} already. --force replaces all of them."
            raise BackupError(message)
        # Named for their content, they replace nothing; those that nobody needs are deleted later.
        for path in unpacked.snapshot_files():
            place = storage.data / path.relative_to(unpacked.data)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.replace(place)
        # Onto their own file system, so that they only have to be renamed.
        shutil.rmtree(incoming, ignore_errors=True)
        storage.uploads.mkdir(parents=True, exist_ok=True)
        unpacked.uploads.mkdir(exist_ok=True)
        shutil.move(unpacked.uploads, incoming)
        try:
            with ExitStack() as transactions:  # the index, which is large, is committed last
                for target in targets:
                    transactions.enter_context(target.transaction())
                counts = sum(map(_copy_tables, sources, targets, tables), Counter[str]())
                marker.write_text(digest)
        except ConstraintError as error:
            message = f"The database cannot hold what is in this backup: {error}."
            raise BackupError(message) from error
        for target in targets:
            target.empty_log()  # which brings all of it to the disk
    for folder in storage.upload_folders():
        shutil.rmtree(folder)
    for folder in incoming.iterdir():
        folder.rename(storage.uploads / folder.name)
    incoming.rmdir()
    marker.unlink()
    return counts


@contextmanager
def _scratch(storage: Storage) -> Iterator[Storage]:
    """Make a folder for copies, for one process at a time; the leftovers of a killed one are deleted."""
    folder = storage.data / _SCRATCH
    storage.data.mkdir(parents=True, exist_ok=True)
    with FileLock(storage.data / "backup.lock"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield replace(storage, data=folder, uploads=folder / _UPLOADS, database="")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _tables(sqlite: Database) -> dict[str, list[str]]:
    """List the tables of a SQLite file with their columns, each after those that it refers to."""
    names = sqlite.run(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_version'"
    )
    parents = {
        table: {row[2] for row in sqlite.run(f"PRAGMA foreign_key_list({table})")} - {table} for (table,) in names
    }
    return {
        table: [row[1] for row in sqlite.run(f"PRAGMA table_info({table})")]
        for table in TopologicalSorter(parents).static_order()
    }


def _is_used(database: Database, tables: dict[str, list[str]]) -> bool:
    return any(database.run(f"SELECT 1 FROM {table} LIMIT 1") for table in tables.keys() - _ALWAYS_FILLED)  # noqa: S608


def _copy_tables(source: Database, target: Database, tables: dict[str, list[str]]) -> Counter[str]:
    """Replace the target's rows by the source's; both have the same revision."""
    counts = Counter[str]()
    with target.transaction() as db:
        for table in reversed(tables):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        for table, columns in tables.items():
            names = ", ".join(f'"{column}"' for column in columns)
            insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
            rows = source.stream(f"SELECT {names} FROM {table}")  # noqa: S608
            while batch := list(islice(rows, _ROWS)):
                db.executemany(insert, batch)
                counts[table] += len(batch)
    return counts
