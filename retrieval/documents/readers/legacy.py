"""Formats of old office programs, which LibreOffice turns into those of today where it is installed."""

from __future__ import annotations

import re
import shutil
import sys
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Mapping


class LegacyFormat(NamedTuple):
    """An old format, and the one that LibreOffice turns it into."""

    family: str
    """Stands in every receipt."""
    suffix: str
    """Of the format of today."""
    package: str
    """Of Debian; other systems have it all in one."""


_DOC = LegacyFormat("doc", ".docx", "libreoffice-writer-nogui")
_XLS = LegacyFormat("xls", ".xlsx", "libreoffice-calc-nogui")
_PPT = LegacyFormat("ppt", ".pptx", "libreoffice-impress-nogui")
LEGACY: Mapping[str, LegacyFormat] = {
    ".doc": _DOC,
    ".dot": _DOC,
    ".pps": _PPT,
    ".ppt": _PPT,
    ".xls": _XLS,
    ".xlt": _XLS,
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Old office files begin with it."""
_SNIFFED = 1_000
# Programs that call a web page or a table .xls, so that Excel opens it, are many.
_CONTENTS = (
    (re.compile(rb"\s*\{\\rtf"), ".rtf"),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body|table|meta)\b", re.I),
        ".html",
    ),
)
_PLACES = {
    "darwin": "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "win32": r"C:\Program Files\LibreOffice\program\soffice.exe",
}
"""Where it is although no PATH leads there."""


def find_libreoffice() -> Path | None:
    """Find the program of LibreOffice."""
    found = shutil.which("soffice") or shutil.which("libreoffice") or shutil.which(_PLACES.get(sys.platform, "soffice"))
    return Path(found) if found else None


def name_libreoffice() -> str:
    """Name the version of LibreOffice."""
    program = find_libreoffice()
    return _name_version(program) if program else "LibreOffice"


@cache
def _name_version(program: Path) -> str:
    # Asking the program itself takes a second.
    try:
        text = program.resolve().with_name("versionrc").read_text("utf-8", "replace")
    except OSError:
        return "LibreOffice"
    build = re.search(r"^buildid=(.+)$", text, re.MULTILINE)
    return f"LibreOffice {build[1].strip()}" if build else "LibreOffice"


def explain_absence(path: str) -> DocumentError:
    """Describe a file that only LibreOffice could convert."""
    suffix = PurePosixPath(path).suffix.lower()
    known = LEGACY[suffix]
    message = (
        f"Quoth reads {suffix} files with LibreOffice, which is not installed. Install it, for example with "
        f"`apt install {known.package}`, or save the file as {known.suffix}."
    )
    return DocumentError(message, DocumentFault.UNKNOWN_KIND)


def guess_suffix(path: str, data: bytes) -> str:
    """Guess by its first bytes what a file with the name of an old format is; its own suffix if that is right."""
    suffix = PurePosixPath(path).suffix.lower()
    if data.startswith(OLE):
        return suffix
    if data.startswith(b"PK\x03\x04"):
        return LEGACY[suffix].suffix
    known = next((known for pattern, known in _CONTENTS if pattern.match(data[:_SNIFFED])), None)
    if known:
        return known
    if LEGACY[suffix] is _XLS and b"\t" in data[:_SNIFFED] and b"\0" not in data[:_SNIFFED]:
        return ".tsv"
    message = f"The file is damaged, or not what its name says. Save it anew, as {LEGACY[suffix].suffix}."
    raise DocumentError(message, DocumentFault.DAMAGED)
