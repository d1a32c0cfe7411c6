"""Reads a file for a test, and looks whether what came of it is sound."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from retrieval.documents import readers
from retrieval.documents.document import Unit
from retrieval.documents.readers.limits import DEFAULT_LIMITS, Limits
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.documents.document import Document

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefghi", "bcdefghij", strict=True)
)
"""A document type of which the entity j stands for two gigabytes. It still lacks its `]>`."""
STRANGER = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">'
"""A document type of which the entity j stands for another file."""


def read(path: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Document:
    """As a reader does, but what must hold for any document is asserted."""
    document = readers.read(path, data, limits)
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end <= len(document.text)
        text = document.text[block.start : block.end]
        assert text == text.strip()
        end = block.end
        if block.heading is not None:
            assert block.heading == block.heading.strip() != ""
        if block.place:
            assert (block.place.unit is not Unit.SECOND) <= block.place.first <= block.place.last
    assert document.blocks
    title = document.title or "none"
    assert title == title.strip()
    assert "\0" not in document.text + title
    document.text.encode()  # fails on half characters
    return document


def parts(document: Document) -> list[tuple[str, str | None]]:
    """Each block's text and heading."""
    return [(document.text[block.start : block.end], block.heading) for block in document.blocks]


def texts(document: Document) -> list[str]:
    return [text for text, _ in parts(document)]


def places(document: Document) -> list[tuple[int, int]]:
    return [(block.place.first, block.place.last) for block in document.blocks if block.place]


FAULTS = {
    "holds no text": DocumentFault.EMPTY,
    "is not text": DocumentFault.NOT_TEXT,
    "is a scan": DocumentFault.SCAN,
    "which letters they draw": DocumentFault.SCAN,
    "is protected": DocumentFault.PROTECTED,
    "is damaged": DocumentFault.DAMAGED,
    "is not a table": DocumentFault.DAMAGED,
    "is not a mail": DocumentFault.DAMAGED,
    "QUOTH_MAX_FILE_MIB": DocumentFault.TOO_LARGE,
    "QUOTH_MAX_CHARACTERS": DocumentFault.TOO_LONG,
    "QUOTH_MAX_PAGES": DocumentFault.TOO_LONG,
    "QUOTH_MAX_ROWS": DocumentFault.TOO_LONG,
    "QUOTH_MAX_UNPACKED_MIB": DocumentFault.TOO_HEAVY,
    "QUOTH_MAX_MEMORY_MIB": DocumentFault.TOO_HEAVY,
    "20,000 parts": DocumentFault.TOO_HEAVY,
    "does not read": DocumentFault.UNKNOWN_KIND,
}
"""What a reason says of each fault."""


def refused(path: str, data: bytes, reason: str, limits: Limits = DEFAULT_LIMITS) -> None:
    with pytest.raises(DocumentError, match=reason) as error:
        readers.read(path, data, limits)
    assert [FAULTS[words] for words in FAULTS if words in str(error.value)] == [error.value.fault]


def assert_harmless(path: str, data: bytes) -> None:
    """The file is refused, or read without what its entity j stands for."""
    try:
        document = read(path, data)
    except DocumentError as error:
        assert "is damaged" in str(error)  # noqa: PT017 - both are right
    else:
        assert len(document.text) < 1_000
        assert "root:" not in f"{document.text} {document.title}"


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def repacked(data: bytes, changes: Mapping[str, str | bytes]) -> bytes:
    """The archive with other or more parts."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        old = {name: archive.read(name) for name in archive.namelist()}
    return packed({**old, **changes})


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name).decode()
