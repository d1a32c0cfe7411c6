"""Snapshot: a web page as it was fetched, in a WARC file → a name with a suffix, and the bytes of the page.

The suffix follows from the bytes, then the header Content-Type, then the address: many sites get one of them wrong.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from contextlib import suppress
from email.message import Message
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from retrieval.documents.readers.limits import MIB
from retrieval.documents.readers.text import BYTE_ORDER_MARKS, is_utf8
from retrieval.documents.readers.web.html import ENCODINGS
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from retrieval.documents.readers.limits import Limits

_SUFFIXES = {
    "application/epub+zip": ".epub",
    "application/json": ".json",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/xhtml+xml": ".html",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/rtf": ".rtf",
    "text/tab-separated-values": ".tsv",
    "text/vtt": ".vtt",
}
_VAGUE = {"", "application/octet-stream", "binary/octet-stream", "text/plain", "application/x-download"}
"""What servers say of files that they do not know."""
_SIGNATURES = (
    (re.compile(rb"%PDF-"), ".pdf"),
    (re.compile(rb"\{\\rtf"), ".rtf"),
    (re.compile(rb"\x89PNG\r\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
)
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)*<(?:!doctype html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_TEXTS = {".html", ".txt", ".md", ".csv", ".tsv", ".json", ".vtt", ".srt", ".ics"}
_SNIFFED = 1_000


def unpack(data: bytes, limits: Limits) -> tuple[str, bytes]:
    """Unpack a page from a WARC file, and name it for its reader, such as "page.html".

    Text is UTF-8 afterwards, where the header names another charset that its bytes fit.

    Raises:
        DocumentError: this is no such file, or the page is too large.
    """
    record = next(ArchiveIterator(BytesIO(data)), None)
    if record is None or record.rec_type != "response" or record.http_headers is None:
        raise DocumentError("This is no snapshot of a web page. Refresh the page.", DocumentFault.DAMAGED)
    body = record.content_stream().read(limits.file_mib * MIB + 1)
    limits.check("file_mib", len(body) / MIB)
    header = Message()
    header["Content-Type"] = record.http_headers.get_header("Content-Type", "")
    kind = header.get_content_type() if header["Content-Type"] else ""
    path = urlsplit(record.rec_headers.get_header("WARC-Target-URI", "")).path
    suffix = _find_suffix(kind, path, body)
    return f"page{suffix}", _decode(body, header.get_content_charset("")) if suffix in _TEXTS else body


def _find_suffix(kind: str, path: str, body: bytes) -> str:
    start = body[:_SNIFFED]
    for signature, suffix in _SIGNATURES:
        if signature.match(start):
            return suffix
    named = PurePosixPath(path).suffix.lower()
    if zipfile.is_zipfile(BytesIO(body)):
        return named if kind in _VAGUE | {"application/zip"} and named else _SUFFIXES.get(kind, ".zip")
    if _HTML.match(start):
        return ".html"
    if kind in _VAGUE:
        return named or ".txt"
    return _SUFFIXES.get(kind) or (".txt" if kind.startswith("text/") else named or ".bin")


def _decode(body: bytes, charset: str) -> bytes:
    """Turn text of the charset that the header names into UTF-8; that its bytes are already comes before it."""
    if not charset or body.startswith(tuple(BYTE_ORDER_MARKS)) or (is_utf8(body) and not _is_seven_bit(charset)):
        return body
    with suppress(LookupError, UnicodeDecodeError):
        name = codecs.lookup(charset).name
        return codecs.BOM_UTF8 + body.decode(ENCODINGS.get(name, name)).encode()
    return body


def _is_seven_bit(charset: str) -> bool:
    """Decide whether text in a charset looks like ASCII."""
    return charset.lower().startswith(("iso-2022", "hz", "utf-7"))
