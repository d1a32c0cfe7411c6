"""Readers: the bytes of a file → its Content. One module a format family.

A new format is a line in `_FAMILIES` and a module with a function `read(data, limits)`. The function raises a
DocumentError where a file is protected, not text or over the limits; any other error counts as a damaged file.
"""

from __future__ import annotations

import hashlib
import platform
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from retrieval.documents.document import Content, Document
from retrieval.documents.readers import legacy
from retrieval.documents.readers.legacy import LEGACY
from retrieval.documents.readers.limits import DEFAULT_LIMITS, MIB, Limits
from retrieval.documents.readers.scan.budget import ScanMemoryError
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

READERS_VERSION = 2
"""Raised whenever the same file would be read otherwise, so that an older index is made anew."""


class Family(NamedTuple):
    """A module of this package, the files that it reads, and the libraries that take part."""

    name: str
    """Stands in every receipt, so it stays when the module gets another place."""
    module: str
    suffixes: tuple[str, ...]
    libraries: tuple[str, ...]


_FAMILIES = (
    Family("text", "text", (".txt", ".text"), ("chardet",)),
    Family("asciidoc", "plain.asciidoc", (".adoc",), ("chardet",)),
    Family("latex", "plain.tex", (".tex",), ("chardet",)),
    Family("log", "plain.lines", (".log",), ("chardet",)),
    Family("org", "plain.org", (".org",), ("chardet",)),
    Family("rst", "plain.rst", (".rst",), ("chardet",)),
    Family("subtitles", "plain.subtitles", (".srt", ".vtt"), ("chardet",)),
    Family("json", "json.values", (".json", ".jsonl"), ("chardet",)),
    Family("notebook", "json.notebook", (".ipynb",), ("chardet",)),
    Family("markdown", "plain.markdown", (".md", ".markdown"), ("chardet",)),
    Family("delimited", "plain.delimited", (".csv", ".tsv"), ("chardet",)),
    Family("docx", "office.docx", (".docx", ".docm", ".dotx", ".dotm"), ("lxml",)),
    Family("rtf", "office.rtf", (".rtf",), ()),
    Family("pptx", "office.pptx", (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"), ("lxml",)),
    Family("xlsx", "office.xlsx", (".xlsx", ".xlsm", ".xltx"), ("openpyxl",)),
    Family("odt", "opendocument.odt", (".odt",), ("lxml",)),
    Family("ods", "opendocument.ods", (".ods",), ("lxml",)),
    Family("odp", "opendocument.odp", (".odp",), ("lxml",)),
    Family("html", "web.html", (".html", ".htm", ".xhtml"), ("lxml", "trafilatura")),
    Family("mhtml", "web.mhtml", (".mhtml", ".mht"), ("lxml", "trafilatura")),
    Family("epub", "web.epub", (".epub",), ("lxml",)),
    Family("fb2", "web.fb2", (".fb2",), ("lxml",)),
    Family("eml", "mail.eml", (".eml",), ("lxml",)),
    Family("mbox", "mail.mbox", (".mbox",), ("chardet", "lxml")),
    Family("ics", "mail.ics", (".ics",), ("chardet",)),
    Family("pdf", "pdf.pdf", (".pdf",), ("pypdfium2", "rapidocr", "openvino")),
    Family(
        "picture",
        "scan.picture",
        (".bmp", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"),
        ("pillow", "rapidocr", "openvino", "pi-heif"),
    ),
)
_PAGES = ("http://", "https://")
"""What the paths of web pages begin with: they are their addresses. Each is read from its snapshot."""
READERS: Mapping[str, Family] = {suffix: family for family in _FAMILIES for suffix in family.suffixes}
"""Suffix → family. A module is imported with its first file, as its libraries load slowly."""

_PICTURES = next(family for family in _FAMILIES if family.name == "picture").suffixes


def is_page(path: str) -> bool:
    """Decide whether this is the address of a web page, which no file has for its path."""
    return path.startswith(_PAGES)


def reads(path: str) -> bool:
    """Decide by the file's name whether there is a reader for it, and what that needs is installed."""
    if is_page(path):
        return True
    suffix = _get_suffix(path)
    if suffix in LEGACY:
        return legacy.find_libreoffice() is not None
    return suffix in READERS and (suffix not in _PICTURES or _can_recognise(suffix))


def _can_recognise(suffix: str) -> bool:
    needed = ("rapidocr", "openvino", *(("pi_heif",) if suffix == ".heic" else ()))
    return all(find_spec(library) for library in needed)


def is_picture(path: str) -> bool:
    """Decide by the file's name whether it is a picture, which need not hold text."""
    return _get_suffix(path) in _PICTURES


def explain_refusal(path: str) -> DocumentError:
    """Describe a file that no reader is for."""
    suffix = _get_suffix(path)
    if suffix in LEGACY:
        return legacy.explain_absence(path)
    if suffix in _PICTURES:
        message = f'Quoth reads the text in {suffix} files once `pip install ".[ocr]"` is done.'
        return DocumentError(message, DocumentFault.UNKNOWN_KIND)
    kind = f"{PurePosixPath(path).suffix} files" if suffix else "files without an extension"
    message = f"Quoth does not read {kind}. Convert it to one of: {', '.join(FORMATS)}."
    return DocumentError(message, DocumentFault.UNKNOWN_KIND)


def fingerprint(data: bytes) -> str:
    """Give the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def name_reader(path: str) -> str:
    """Name the versions that read the file at this path: the same ones make the same text of the same bytes."""
    if is_page(path):
        return ", ".join(_list_page_versions())
    suffix = _get_suffix(path)
    if suffix in LEGACY:
        name, converted, _ = LEGACY[suffix]
        return ", ".join((*_list_versions(name, converted), legacy.name_libreoffice()))
    return ", ".join(_list_versions(READERS[suffix].name, suffix))


@cache
def _list_versions(name: str, suffix: str) -> tuple[str, ...]:
    # The family, since a renamed file may be read by another one; Python, since csv, email and others come with it.
    return _describe_versions(name, READERS[suffix].libraries)


@cache
def _list_page_versions() -> tuple[str, ...]:
    # Only its bytes say what a page is, and the same address may be another kind of file tomorrow.
    libraries = dict.fromkeys(library for family in _FAMILIES for library in family.libraries)
    return _describe_versions("page", ("warcio", *libraries))


def _describe_versions(name: str, libraries: Sequence[str]) -> tuple[str, ...]:
    versions = [f"{name} {READERS_VERSION}", f"Python {platform.python_version()}"]
    for library in libraries:
        with suppress(metadata.PackageNotFoundError):
            versions.append(f"{library} {metadata.version(library)}")
    return tuple(versions)


def read(path: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read the document that the bytes of the file at `path` hold.

    Raises:
        DocumentError: there is no reader for such a file, it is damaged, or holds no text or too much of it.
    """
    if not reads(path):
        raise explain_refusal(path)
    limits.check("file_mib", len(data) / MIB)
    name, content_bytes = _unpack_page(path, data, limits)
    module = _load_module(READERS[_get_suffix(name)].module)
    with _document_errors(limits):
        content: Content = module.read(content_bytes, limits) if content_bytes else Content("", ())
    limits.check("characters", len(content.text))
    if not content.blocks:
        raise DocumentError("The file holds no text. Remove it, or fill it.", DocumentFault.EMPTY)
    return Document(
        path=path,
        sha256=fingerprint(data),
        reader=name_reader(path),
        title=content.title,
        text=content.text,
        blocks=content.blocks,
        has_lines=content.has_lines,
        left_out=content.left_out,
    )


def _unpack_page(path: str, data: bytes, limits: Limits) -> tuple[str, bytes]:
    """Give the name and the bytes of the file that a snapshot of a web page holds, or those of a file itself."""
    if not is_page(path):
        return path, data
    with _document_errors(limits):
        name, data = _load_module("web.snapshot").unpack(data, limits)
    if _get_suffix(name) not in READERS or not reads(name):
        raise explain_refusal(name)
    return name, data


def draw_page(path: str, data: bytes, page: int, marks: Sequence[str], limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Draw a page of the PDF at `path` as PNG, with a quote, and perhaps a part of it, marked.

    Raises:
        DocumentError: it is no PDF, is damaged, or has no such page.
    """
    name, data = _unpack_page(path, data, limits)
    if _get_suffix(name) != ".pdf":
        raise DocumentError("Only a PDF has pages that can be shown. Read its text.", DocumentFault.UNKNOWN_KIND)
    module = _load_module("pdf.picture")
    with _document_errors(limits):
        png: bytes = module.draw_page(data, page, marks)
    return png


def _get_suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _load_module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


@contextmanager
def _document_errors(limits: Limits) -> Iterator[None]:
    """Turn every error into a DocumentError."""
    try:
        yield
    except DocumentError:
        raise
    except ScanMemoryError as error:
        raise limits.explain_excess("scan_memory_mib") from error
    except MemoryError as error:
        raise limits.explain_excess("memory_mib") from error
    except Exception as error:
        # A hostile file makes a library raise nearly anything: KeyError, struct.error, RecursionError, …
        raise DocumentError(
            "The file is damaged, or not what its name says. Save it anew in the program that made it.",
            DocumentFault.DAMAGED,
        ) from error


FORMATS = tuple(sorted(suffix for suffix in READERS if reads(f"any{suffix}")))
"""File name extensions that can be read here: `.csv`, …"""
