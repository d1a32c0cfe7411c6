"""Readers: the bytes of a file → its Content. One module a format family.

A new format is a module with a `read` function and a line in `READERS`.
"""

from __future__ import annotations

import hashlib
import platform
from contextlib import suppress
from functools import cache
from importlib import import_module, metadata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from retrieval.documents.document import Content, Document
from retrieval.documents.readers.limits import DEFAULT, Limits
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

T = TypeVar("T")

VERSION = 1
"""Raised whenever the same file would be read otherwise, so that an older index is made anew."""


class Family(NamedTuple):
    """A module of this package, and the libraries that take part in what it reads."""

    name: str
    """Stands in every receipt, so it stays when the module gets another place."""
    module: str
    libraries: tuple[str, ...] = ()


_DELIMITED, _MARKDOWN, _HTML = (
    Family("delimited", "delimited", ("chardet",)),
    Family("markdown", "markdown", ("chardet",)),
    Family("html", "web.html", ("lxml",)),
)

READERS: Mapping[str, Family] = {
    ".csv": _DELIMITED,
    ".docx": Family("docx", "office.docx", ("lxml",)),
    ".eml": Family("eml", "web.eml", ("lxml",)),
    ".epub": Family("epub", "web.epub", ("lxml",)),
    ".htm": _HTML,
    ".html": _HTML,
    ".markdown": _MARKDOWN,
    ".md": _MARKDOWN,
    ".odt": Family("odt", "office.odt", ("lxml",)),
    ".pdf": Family("pdf", "pdf.pdf", ("pypdfium2", "rapidocr", "openvino")),
    ".pptx": Family("pptx", "office.pptx", ("lxml",)),
    ".tsv": _DELIMITED,
    ".txt": Family("text", "text", ("chardet",)),
    ".xlsx": Family("xlsx", "office.xlsx", ("openpyxl",)),
}
"""Which module reads which files. Each is imported when its first file comes: their libraries take a while."""

FORMATS = tuple(sorted(READERS))
"""As the ends of names: `.csv`, …"""


def reads(path: str) -> bool:
    """Whether there is a reader for files with this name."""
    return PurePosixPath(path).suffix.lower() in READERS


def refusal(path: str) -> DocumentError:
    """Why a file that no reader is for is left out, and what to do."""
    suffix = PurePosixPath(path).suffix
    kind = f"{suffix} files" if suffix else "files without an extension"
    message = f"Quoth does not read {kind}. Convert it to one of: {', '.join(FORMATS)}."
    return DocumentError(message, DocumentFault.UNKNOWN_KIND)


def fingerprint(data: bytes) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def reader_of(path: str) -> str:
    """Names the versions that read the file at this path: the same ones make the same text of the same bytes."""
    return _versions(PurePosixPath(path).suffix.lower())


@cache
def _versions(suffix: str) -> str:
    # Two readers may read the same bytes, once a file has another name; csv, email and others come with Python.
    found = [f"{READERS[suffix].name} {VERSION}", f"Python {platform.python_version()}"]
    for library in READERS[suffix].libraries:
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{library} {metadata.version(library)}")
    return ", ".join(found)


def read(path: str, data: bytes, limits: Limits = DEFAULT) -> Document:
    """The document that the bytes of the file at `path` hold.

    Raises:
        DocumentError: there is no reader for such a file, it is damaged, or holds no text or too much of it.
    """
    name = PurePosixPath(path)
    if not reads(path):
        raise refusal(path)
    limits.check_file(len(data))
    reader: Callable[[bytes, Limits], Content] = _module(READERS[name.suffix.lower()].module).read
    content = _guarded(lambda: reader(data, limits), limits) if data else Content("", ())
    limits.check_characters(len(content.text))
    if not content.blocks:
        raise DocumentError("The file holds no text. Remove it, or fill it.", DocumentFault.EMPTY)
    return Document(
        path=path,
        sha256=fingerprint(data),
        reader=reader_of(path),
        title=content.title,
        text=content.text,
        blocks=content.blocks,
        has_lines=content.has_lines,
    )


def picture(path: str, data: bytes, page: int, marks: Sequence[str], limits: Limits = DEFAULT) -> bytes:
    """A page of the PDF at `path` as PNG, with a quote, and perhaps a part of it, marked.

    Raises:
        DocumentError: it is no PDF, is damaged, or has no such page.
    """
    if PurePosixPath(path).suffix.lower() != ".pdf":
        raise DocumentError("Only a PDF has pages that can be shown. Read its text.", DocumentFault.UNKNOWN_KIND)
    draw: Callable[[bytes, int, Sequence[str]], bytes] = _module("pdf.picture").picture
    return _guarded(lambda: draw(data, page, marks), limits)


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


def _guarded(work: Callable[[], T], limits: Limits) -> T:
    try:
        return work()
    except DocumentError:
        raise
    except MemoryError as error:
        raise limits.out_of_memory() from error
    except Exception as error:
        # A hostile file makes a library raise nearly anything: KeyError, struct.error, RecursionError, …
        raise DocumentError(
            "The file is damaged, or not what its name says. Save it anew in the program that made it.",
            DocumentFault.DAMAGED,
        ) from error
