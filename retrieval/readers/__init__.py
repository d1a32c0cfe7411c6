"""Readers: the bytes of a file → its Content. One module a format family.

A new format is a module with a `read` function and a line in `READERS`.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.errors import DocumentError
from retrieval.readers import markdown, text
from retrieval.readers.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from retrieval.documents import Content

VERSION = 1
"""Raised whenever the same file would be read otherwise, so that an older index is made anew."""

READERS: Mapping[str, Callable[[bytes, Limits], Content]] = {
    ".txt": text.read,
    ".md": markdown.read,
    ".markdown": markdown.read,
}


def reads(path: str) -> bool:
    """Whether there is a reader for files with this name."""
    return PurePosixPath(path).suffix.lower() in READERS


def refusal(path: str) -> str:
    """Why a file that no reader is for is left out, and what to do."""
    suffix = PurePosixPath(path).suffix
    kind = f"{suffix} files" if suffix else "files without an extension"
    return f"Quoth does not read {kind}. Convert it to one of: {', '.join(sorted(READERS))}."


def fingerprint(data: bytes) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(path: str, data: bytes, limits: Limits = DEFAULT) -> Document:
    """The document that the bytes of the file at `path` hold.

    Raises:
        DocumentError: there is no reader for such a file, or it holds no text.
    """
    name = PurePosixPath(path)
    reader = READERS.get(name.suffix.lower())
    if reader is None:
        raise DocumentError(refusal(path))
    content = reader(data, limits)
    if not content.blocks:
        raise DocumentError("The file holds no text. Remove it, or fill it.")
    return Document(
        path=path,
        sha256=fingerprint(data),
        title=content.title,
        text=content.text,
        blocks=content.blocks,
        has_lines=content.has_lines,
    )
