"""The lines of an export: what each may hold, and how it becomes JSON.

What is read back may come from anybody, so every line is checked against these, to the last type.
"""

from __future__ import annotations

import math
import zlib
from base64 import b64decode, b64encode
from functools import cache
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from retrieval.documents import Place  # noqa: TC001 - pydantic needs it
from retrieval.errors import DocumentFault  # noqa: TC001 - pydantic needs it
from retrieval.receipts import Receipt, Statement, seal, text_hash, unpack

if TYPE_CHECKING:
    from retrieval.vectors import Vectors

_VECTOR = np.dtype("<f2")
_UNIT_WITHIN = 0.01
"""Half precision and the encoder's own rounding change a vector's length by less."""
_MOST_DIMENSIONS = 1 << 16
_LARGEST = (1 << 63) - 1


def _relative(path: str) -> str:
    """A path that a listing of a folder can hold."""
    parts = PurePosixPath(path).parts
    is_clean = parts and "/".join(parts) == path and not any(part.startswith(".") for part in parts)
    if not is_clean or PurePath(path).anchor or "\0" in path:
        raise ValueError("the path leads out of its folder, or to what is hidden there")
    return path


def _folder(path: str) -> str:
    is_absolute = PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()
    if not is_absolute or ".." in PureWindowsPath(path).parts or "\0" in path:
        raise ValueError("the folder is not written as a whole path")
    return path


def _inner_folder(path: str) -> str:
    if not path.startswith(".") or ".." in PurePosixPath(path).parts or PurePath(path).anchor or "\0" in path:
        raise ValueError("the folder is not one that Quoth keeps in its own")
    return path


def _from_hex(text: object) -> bytes:
    if not isinstance(text, str) or len(text) % 2 or not set(text) <= set("0123456789abcdef"):
        raise ValueError("these are no bytes in hexadecimal")
    return bytes.fromhex(text)


def _packed(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("this is no text")  # noqa: TRY004 - pydantic makes lines of these
    return zlib.compress(text.encode())


def _unpacked(data: bytes) -> str:
    return zlib.decompress(data).decode()


def unpacked_vectors(encoded: list[str], dimension: int) -> Vectors:
    """Vectors as `packed_vector` gave them, in rows.

    Raises:
        ValueError: one is none of this length, or not of unit length.
    """
    data = [b64decode(each, validate=True) for each in encoded]
    if any(len(each) != dimension * _VECTOR.itemsize for each in data):
        message = f"a vector has not {dimension} numbers"
        raise ValueError(message)
    rows = np.frombuffer(b"".join(data), _VECTOR).astype(np.float32).reshape(len(data), dimension)
    # Not a number is near nothing.
    if not np.all(np.abs(np.linalg.norm(rows, axis=1) - 1) < _UNIT_WITHIN):
        raise ValueError("a vector is not of unit length")
    return rows


def packed_vector(row: Vectors) -> str:
    """A vector in half precision, as the store keeps it."""
    return b64encode(row.astype(_VECTOR).tobytes()).decode()


Number = Annotated[int, Field(ge=0, le=_LARGEST)]
Offset = Annotated[int, Field(ge=0, le=_LARGEST)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
RelativePath = Annotated[str, AfterValidator(_relative)]
Blob = Annotated[bytes, PlainValidator(_from_hex), PlainSerializer(bytes.hex)]
Packed = Annotated[bytes, PlainValidator(_packed), PlainSerializer(_unpacked)]
"""Compressed in the store, a text in the export."""


class Line(BaseModel):
    """One line."""

    # Only who moves an index waits until pydantic has made what checks them.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class ManifestLine(Line):
    """What the index was made with."""

    model: str
    dimension: Annotated[int, Field(gt=0, le=_MOST_DIMENSIONS)]
    passages: str


class Header(Line):
    """The first."""

    type: Literal["header"] = "header"
    format: Literal[1] = 1
    quoth: str
    manifest: ManifestLine | None
    """None without an index."""
    generation: Number


class CalibrationLine(Line):
    """Of the confidence."""

    type: Literal["calibration"] = "calibration"
    intercept: Real
    slope: Real


class CollectionLine(Line):
    """A collection; the lines of its documents come later."""

    type: Literal["collection"] = "collection"
    name: Annotated[str, Field(min_length=1)]
    folder: Annotated[str, AfterValidator(_folder)] | None = None
    inner_folder: Annotated[str, AfterValidator(_inner_folder)] | None = None
    """In the data folder, in place of `folder`."""

    @model_validator(mode="after")
    def _has_one_folder(self) -> Self:
        if (self.folder is None) == (self.inner_folder is None):
            raise ValueError("a collection has one folder")
        return self


class DocumentLine(Line):
    """A document; the lines of its passages follow."""

    type: Literal["document"] = "document"
    collection: str
    path: RelativePath
    sha256: Sha256
    reader: str
    title: str | None
    passages: Number
    """How many."""
    text: str


class PassageLine(Line):
    """A passage of the document before; offsets are into its text, end exclusive."""

    type: Literal["passage"] = "passage"
    start: Offset
    end: Offset
    heading: str | None
    place: Place | None
    language: Annotated[str, Field(pattern="^([a-z]{2})?$")]
    vector: str
    sentences: Annotated[list[tuple[Offset, Offset, str]], Field(min_length=1)]
    """Start, end and vector."""

    @model_validator(mode="after")
    def _has_its_sentences_in_it(self) -> Self:
        spans = [(start, end) for start, end, _ in self.sentences]
        if any(not self.start <= start < end <= self.end for start, end in spans):
            raise ValueError("a sentence is outside its passage")
        if self.place and not 0 < self.place.first <= self.place.last <= _LARGEST:
            raise ValueError("there is no such place")
        return self


class FailureLine(Line):
    """A file that could not be read."""

    type: Literal["failure"] = "failure"
    collection: str
    path: RelativePath
    attempt: str
    reason: str
    fault: DocumentFault | None = None
    """None in an export of an older Quoth."""


class Row(Line):
    """A row of a table of the receipts' file: what follows the type are the columns."""


class FactRow(Row):
    """Such as the key that people's names are hashed with."""

    type: Literal["facts"] = "facts"
    name: str
    value: Blob


class ReceiptRow(Row):
    """A receipt."""

    type: Literal["receipts"] = "receipts"
    number: Number
    id: str
    given_at: Real
    person: Blob | None
    question: str | None
    question_key: Blob | None
    revoked_at: Real | None
    verdict: str | None
    """As under the seal."""
    said: Packed
    """What is under the seal, to the letter."""

    @model_validator(mode="after")
    def _is_as_it_was_given(self) -> Self:
        said = unpack(self.said)
        if seal(said) != self.id:
            raise ValueError("the seal does not fit: this is not the receipt that was given")
        try:
            statement = Statement.from_json(said)
            at = statement.at.timestamp()
            spans = [span for each in statement.citations for span in (each.span, *each.copies)]
        except TypeError as error:
            raise ValueError("what is under the seal is no receipt") from error
        if not math.isclose(at, self.given_at, rel_tol=0, abs_tol=0.002):
            raise ValueError("it was not given when it says so")
        if self.verdict != statement.verdict:
            raise ValueError("its verdict is not the one under the seal")
        for span in spans:
            _relative(span.path)
        receipt = Receipt(self.id, statement, is_intact=True, question_key=self.question_key)
        if self.question is not None and not receipt.asked(self.question):
            raise ValueError("this is not the question that was asked")
        return self


class TextRow(Row):
    """The words of a quote."""

    type: Literal["texts"] = "texts"
    sha256: Blob
    text: str

    @model_validator(mode="after")
    def _has_its_hash(self) -> Self:
        if text_hash(self.text) != self.sha256.hex():
            raise ValueError("these are not the words that were quoted")
        return self


class RatingRow(Row):
    """What a person thinks of an answer."""

    type: Literal["ratings"] = "ratings"
    receipt: Number
    person: Blob
    is_good: Annotated[int, Field(ge=0, le=1)]
    rated_at: Real


class PinRow(Row):
    """A passage that an owner has pinned to a question."""

    type: Literal["pins"] = "pins"
    number: Number
    pinned_at: Real
    question: Annotated[str, Field(min_length=1)]
    collection: str
    path: RelativePath
    document_sha256: Sha256
    start: Offset
    end: Offset
    sentence_start: Offset
    sentence_end: Offset
    text: str

    @model_validator(mode="after")
    def _has_its_sentence_in_it(self) -> Self:
        if not self.start <= self.sentence_start < self.sentence_end <= self.end:
            raise ValueError("the sentence is outside its passage")
        return self


ROWS: tuple[type[Row], ...] = (FactRow, ReceiptRow, TextRow, RatingRow, PinRow)
"""The tables of the receipts' file, each after those that it refers to. A new one is a class, here and in `AnyLine`."""


def table_of(kind: type[Row]) -> tuple[str, list[str]]:
    """The name of a table, and those of its columns."""
    return str(kind.model_fields["type"].default), [name for name in kind.model_fields if name != "type"]


def columns_of(kind: type[Row]) -> str:
    """The columns of a table, as SQL has them."""
    return ", ".join(f'"{column}"' for column in table_of(kind)[1])


class End(Line):
    """The last."""

    type: Literal["end"] = "end"
    lines: Number
    """How many stand before it."""


AnyLine = (
    Header
    | CalibrationLine
    | CollectionLine
    | DocumentLine
    | PassageLine
    | FailureLine
    | FactRow
    | ReceiptRow
    | TextRow
    | RatingRow
    | PinRow
    | End
)


@cache
def _lines() -> TypeAdapter[AnyLine]:
    return TypeAdapter(Annotated[AnyLine, Field(discriminator="type")])


def parsed(line: bytes) -> AnyLine:
    """What a line holds.

    Raises:
        ValueError: it is not one of an export; what is wrong is said in a few words.
    """
    try:
        return _lines().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"][1:]))
        what = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{where}: {what}" if where else what) from None
