"""Transfer: everything that the store and the receipts know, as lines of JSON, and back.

An export needs no model, and neither does an import: vectors go with their texts. Neither holds more than one
document in memory. What is imported is checked as the work of somebody who means harm.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval import index, receipts, store
from retrieval.confidence import Calibration
from retrieval.databases import open_database
from retrieval.documents import Document
from retrieval.errors import DocumentError, StoreError, TransferError, UnreachableError
from retrieval.indexing.faiss_store import Embedded
from retrieval.indexing.sync import Progress
from retrieval.indexing.updater import CacheWriter
from retrieval.passages import Passage, Sentence
from retrieval.receipts import Receipts
from retrieval.store import Manifest, Store
from retrieval.transfer_lines import (
    ROWS,
    AnyLine,
    CalibrationLine,
    CollectionLine,
    DocumentLine,
    End,
    FailureLine,
    Header,
    ManifestLine,
    PassageLine,
    ReceiptRow,
    Row,
    columns_of,
    packed_vector,
    parsed,
    table_of,
    unpacked_vectors,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from retrieval.database import Transaction
    from retrieval.indexing.vector_store import Engine
    from retrieval.store import Collection
    from retrieval.transfer_lines import Line
    from retrieval.vectors import Vectors

_LONGEST = 1 << 29
"""Bytes of a line: more than the text of the largest document."""
_REPORTED = 1_000
"""Rows between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Transferred:
    """What was exported or imported."""

    documents: int
    receipts: int
    left_out: int = 0
    """Rows that are not as they were written: somebody, or the disk, has altered them."""
    folders: tuple[tuple[str, Path], ...] = ()
    """Collections, and where their documents are."""
    model: str | None = None
    """The fingerprint of the one that made the index."""
    is_current: bool = True
    """Whether this version reads and cuts documents as the one did that made the index."""


def _ignore(_: Progress) -> None:
    pass


# --- out


def export_to(
    file: BinaryIO,
    data: Path,
    *,
    version: str,
    question_days: int,
    database: str = "",
    progress: Callable[[Progress], None] = _ignore,
) -> Transferred:
    """Write everything that the index and the receipts in a data folder know.

    Args:
        file: where to.
        data: the folder for everything that Quoth keeps.
        version: of Quoth, for people to read.
        question_days: how long receipts keep the questions; older ones are forgotten before.
        database: the URL of the database that is used instead of files in the data folder, if any.
        progress: called while it goes on.

    Raises:
        StoreError: there is nothing, or it cannot be read.
        OSError: the file cannot be written.
    """
    if not database and not (data / store.FILE).exists() and not (data / receipts.FILE).exists():
        message = f"There is no index in {data}. Run `quoth index` first, or name another folder with --data."
        raise StoreError(message)
    Receipts(data, question_days, database).close()  # which forgets the questions that are too old
    with closing(_Exporter(file, data, database, progress)) as exporter:
        return exporter.run(version)


class _Exporter:
    def __init__(
        self, file: BinaryIO, data: Path, database: str, progress: Callable[[Progress], None]
    ) -> None:
        self._file = file
        self._data = data.absolute()
        self._progress = progress
        self._store = Store(data, database)
        self._receipts = open_database(data / receipts.FILE, receipts.SCHEMA, database)
        self._lines = 0
        self._altered: set[int] = set()
        self._left_out = 0

    def close(self) -> None:
        self._store.close()
        self._receipts.close()

    def run(self, version: str) -> Transferred:
        with self._store.snapshot(), self._receipts.snapshot():
            documents = self._store.document_ids()
            count = int(self._receipts.run("SELECT count(*) FROM receipts")[0][0])
            total = len(documents) + count
            self._write_index(version, documents, total)
            for row in ROWS:
                self._write_table(row, len(documents), total)
        self._write(End(lines=self._lines))
        self._file.flush()
        self._progress(Progress("", total, total))
        return Transferred(len(documents), count - len(self._altered), self._left_out)

    def _write(self, line: Line) -> None:
        self._file.write(line.model_dump_json().encode() + b"\n")
        self._lines += 1

    def _write_index(self, version: str, documents: list[int], total: int) -> None:
        found = self._store.manifest()
        manifest = ManifestLine(**asdict(found)) if found else None
        self._write(Header(quoth=version, manifest=manifest, generation=self._store.generation))
        calibration = self._store.calibration()
        if calibration:
            kept = Calibration.from_json(calibration)
            self._write(CalibrationLine(intercept=kept.intercept, slope=kept.slope))
        collections = self._store.collections()
        for each in collections:
            self._write(self._collection(each))
        for done, document_id in enumerate(documents):
            self._progress(Progress(self._write_document(document_id), done, total))
        for each in collections:
            for path, (attempt, error) in sorted(self._store.failures(each).items()):
                self._write(
                    FailureLine(
                        collection=each.name,
                        path=path,
                        attempt=attempt,
                        reason=str(error),
                        fault=error.fault,
                    )
                )

    def _collection(self, collection: Collection) -> CollectionLine:
        folder = collection.folder
        inner = folder.relative_to(self._data).as_posix() if folder.is_relative_to(self._data) else ""
        # What Quoth itself keeps there, such as the files that people send.
        if inner.startswith(".") and inner != ".":
            return CollectionLine(name=collection.name, inner_folder=inner)
        return CollectionLine(name=collection.name, folder=str(folder))

    def _write_document(self, document_id: int) -> str:
        """Its path."""
        collection, document = self._store.document(document_id)
        passages = self._store.passages([each.id for each in self._store.passages_of(document_id)])
        self._write(
            DocumentLine(
                collection=collection,
                path=document.path,
                sha256=document.sha256,
                reader=document.reader,
                title=document.title,
                passages=len(passages),
                text=document.text,
            )
        )
        vectors, own = (
            dict(zip(rows.ids.tolist(), rows.vectors, strict=True))
            for rows in (
                self._store.sentence_vectors([document_id]),
                self._store.passage_vectors([document_id]),
            )
        )
        for each in passages:
            self._write(
                PassageLine(
                    start=each.start,
                    end=each.end,
                    heading=each.heading,
                    place=each.place,
                    language=each.language,
                    vector=packed_vector(own[each.id]),
                    sentences=[
                        (one.start, one.end, packed_vector(vectors[one.id])) for one in each.sentences
                    ],
                )
            )
        return document.path

    def _write_table(self, kind: type[Row], done: int, total: int) -> None:
        table, columns = table_of(kind)
        rows = self._receipts.each(f"SELECT {columns_of(kind)} FROM {table} ORDER BY 1, 2")  # noqa: S608
        for number, values in enumerate(rows):
            if number % _REPORTED == 0:
                self._progress(Progress("", done + number if kind is ReceiptRow else done, total))
            row = kind.model_construct(**dict(zip(columns, values, strict=True)))
            if self._is_altered(row):
                self._left_out += 1
            else:
                self._write(row)

    def _is_altered(self, row: Row) -> bool:
        """Whether an import would refuse it; and with a receipt, what belongs to it."""
        if getattr(row, "receipt", None) in self._altered:
            return True
        try:
            parsed(row.model_dump_json().encode())
        except ValueError:
            if isinstance(row, ReceiptRow):
                self._altered.add(row.number)
            return True
        return False


# --- in


def import_from(
    file: BinaryIO,
    data: Path,
    *,
    size: int = 0,
    database: str = "",
    engine: Engine | None = None,
    progress: Callable[[Progress], None] = _ignore,
) -> Transferred:
    """Read what `export_to` wrote into a data folder that knows nothing yet, all of it or nothing.

    Args:
        file: where from.
        data: the folder for everything that Quoth keeps.
        size: of the file in bytes; 0 if nobody knows.
        database: the URL of the database that is used instead of files in the data folder, if any.
        engine: where the vectors are to be searched; by default, in the data folder.
        progress: called while it goes on.

    Raises:
        TransferError: it is no export, or no whole one, or was tampered with.
        UnreachableError: all was imported, but the engine does not answer.
        StoreError: there is an index already, or the data folder cannot be written.
        OSError: the file cannot be read.
    """
    lines = _Lines(file, size, progress)
    header = lines.header()
    with closing(_Importer(data, database, engine or Embedded(), header)) as importer:
        return importer.run(lines)


class _Lines:
    """The lines of a file, each checked by itself."""

    def __init__(self, file: BinaryIO, size: int, progress: Callable[[Progress], None]) -> None:
        self._file = file
        self._size = size
        self._progress = progress
        self._done = 0
        self._number = 0

    def header(self) -> Header:
        """The first."""
        try:
            line = self._next()
        except ValueError as error:
            message = (
                f"This is no export that this version of Quoth can read. Its first line is wrong: {error}."
            )
            raise TransferError(message) from None
        if not isinstance(line, Header):
            raise TransferError("This is no export of Quoth, or not its beginning.")
        return line

    def each(self, take: Callable[[AnyLine], None]) -> None:
        """Let all others but the last be taken; what is wrong with one is said with its number."""
        try:
            while not isinstance(line := self._next(), End):
                take(line)
            take(line)
            if line.lines != self._number - 1:
                message = f"{line.lines:,} lines should stand before this one"
                raise ValueError(message)  # noqa: TRY301 - as what the lines say
            if self._file.read(1):
                raise ValueError("something stands behind it, which is the last")  # noqa: TRY301
        except ValueError as error:
            message = f"Line {self._number:,} cannot be imported: {error}. Nothing was imported."
            raise TransferError(message) from error

    def _next(self) -> AnyLine:
        self._number += 1
        if self._number % _REPORTED == 0:
            self._progress(Progress("", self._done, self._size))
        line = self._file.readline(_LONGEST)
        self._done += len(line)
        if not line:
            message = "The export ends early: its last line is missing. Nothing was imported. Export or copy it again."
            raise TransferError(message)
        if len(line) == _LONGEST:
            raise ValueError("it is longer than any that Quoth writes")
        return parsed(line)


class _Importer:
    def __init__(self, data: Path, database: str, engine: Engine, header: Header) -> None:
        self._data = data.absolute()
        self._database = database
        self._engine = engine
        self._header = header
        self._store = Store(data, database)
        self._receipts = open_database(data / receipts.FILE, receipts.SCHEMA, database)
        self._collections: dict[str, Collection] = {}
        self._paths: set[tuple[str, str]] = set()
        self._document: DocumentLine | None = None
        self._passages: list[Passage] = []
        self._vectors: list[Vectors] = []
        """For each passage, its own and those of its sentences."""
        self._kept = 0

    def close(self) -> None:
        self._store.close()
        self._receipts.close()

    def run(self, lines: _Lines) -> Transferred:
        if not self._store.acquire(wait=False):
            message = f"Another process is indexing in {self._data}. Wait for it to finish, or end it."
            raise StoreError(message)
        try:
            self._import(lines)
            self._make_caches()
        finally:
            self._store.release()
        manifest = self._header.manifest
        return Transferred(
            documents=len(self._paths),
            receipts=self._kept,
            folders=tuple((each.name, each.folder) for each in self._collections.values()),
            model=manifest.model if manifest else None,
            is_current=manifest is None or manifest.passages == index.VERSION,
        )

    def _import(self, lines: _Lines) -> None:
        # The index, which is far larger, is kept first: if there is no room for it, the receipts are not kept either.
        with self._receipts.transaction() as rows, self._store.transaction():
            self._check_empty(rows)
            rows.execute("DELETE FROM facts")
            manifest = self._header.manifest
            if manifest:
                self._store.clear(Manifest(manifest.model, manifest.dimension, manifest.passages))
            lines.each(lambda line: self._take(line, rows))
            self._store.advance_to(self._header.generation)

    def _check_empty(self, rows: Transaction) -> None:
        tables = [table_of(kind)[0] for kind in ROWS[1:]]
        is_used = any(rows.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables)  # noqa: S608
        if is_used or self._store.collections() or self._store.manifest():
            where, remedy = (
                f"in {self._data}",
                (
                    f"Name an empty folder with --data, or move {store.FILE}* and {receipts.FILE}* away from there."
                ),
            )
            if self._database:
                where, remedy = "in the database", "Name an empty one in QUOTH_DATABASE."
            message = (
                f"There are documents or receipts {where} already, and an import would mix them. {remedy}"
            )
            raise StoreError(message)

    def _take(self, line: AnyLine, rows: Transaction) -> None:
        if isinstance(line, PassageLine):
            self._take_passage(line)
            return
        self._keep_document()
        match line:
            case CollectionLine():
                self._take_collection(line)
            case DocumentLine():
                self._take_document(line)
            case FailureLine():
                self._take_failure(line)
            case CalibrationLine():
                self._store.keep_calibration(Calibration(line.intercept, line.slope).to_json())
            case Row():
                table, columns = table_of(type(line))
                marks = ", ".join("?" * len(columns))
                insert = f"INSERT INTO {table} ({columns_of(type(line))}) VALUES ({marks})"  # noqa: S608
                rows.execute(insert, [getattr(line, column) for column in columns])
                self._kept += isinstance(line, ReceiptRow)
            case Header():
                raise ValueError("there is a header already")

    def _of(self, collection: str) -> Collection:
        if collection not in self._collections:
            raise ValueError("there is no such collection")
        return self._collections[collection]

    def _take_collection(self, line: CollectionLine) -> None:
        if line.name in self._collections:
            raise ValueError("there is a collection of this name already")
        folder = Path(line.folder) if line.folder else self._data / str(line.inner_folder)
        self._collections[line.name] = self._store.keep_collection(line.name, folder)

    def _take_document(self, line: DocumentLine) -> None:
        if self._header.manifest is None:
            raise ValueError("the header says nothing of an index")
        self._of(line.collection)
        if (line.collection, line.path) in self._paths:
            raise ValueError("there is a document at this path already")
        if len(self._paths) >= self._header.generation:
            raise ValueError("there are more documents than the header's generation allows")
        self._paths.add((line.collection, line.path))
        self._document = line

    def _take_failure(self, line: FailureLine) -> None:
        collection = self._of(line.collection)
        if line.fault:  # else the file is tried again, which tells
            error = DocumentError(line.reason, line.fault)
            self._store.keep_failure(collection, line.path, line.attempt, error)

    def _take_passage(self, line: PassageLine) -> None:
        if self._document is None or self._header.manifest is None:
            raise ValueError("it follows no document")
        if line.end > len(self._document.text):
            raise ValueError("it goes on behind the end of the text")
        encoded = [line.vector, *(vector for _, _, vector in line.sentences)]
        self._vectors.append(unpacked_vectors(encoded, self._header.manifest.dimension))
        sentences = tuple(Sentence(start, end) for start, end, _ in line.sentences)
        passage = Passage(line.start, line.end, line.heading, line.place, line.language, sentences)
        self._passages.append(passage)

    def _keep_document(self) -> None:
        """Of which all lines have been read."""
        line = self._document
        if line is None:
            return
        if len(self._passages) != line.passages:
            message = (
                f"the document before has {len(self._passages):,} passages, and should have {line.passages:,}"
            )
            raise ValueError(message)
        document = Document(line.path, line.sha256, line.reader, line.title, line.text, blocks=())
        none = np.zeros((0, 0), np.float32)
        self._store.put(
            self._of(line.collection),
            document,
            self._passages,
            np.stack([each[0] for each in self._vectors]) if self._vectors else none,
            np.concatenate([each[1:] for each in self._vectors]) if self._vectors else none,
        )
        self._document, self._passages, self._vectors = None, [], []

    def _make_caches(self) -> None:
        manifest = self._header.manifest
        if manifest:
            vectors = self._engine.writer(self._data, manifest.dimension, self._store)
            caches = CacheWriter(self._data, self._store, vectors)
            caches.sweep()
            try:
                for each in self._collections.values():
                    caches.catch_up(each)
            except UnreachableError as error:
                message = f"All was imported, but is not ready to be searched. {error}"
                raise UnreachableError(message) from error
            except StoreError as error:
                message = (
                    "All was imported, but there is no room for what is made of it, so it is not made ready to be "
                    "searched. Free some space, and run `quoth index`."
                )
                raise StoreError(message) from error
