"""Package: a file that is a zip archive of XML parts, as office documents and books are."""

from __future__ import annotations

import posixpath
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.readers.limits import Limits

_MAX_PARTS = 20_000
"""A book of pictures has thousands; each costs memory before anything is read."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The parts of a packed file. Nothing is unpacked before the sizes that it declares are checked.

    Raises:
        BadZipFile: it is no such file.
        DocumentError: it is protected, or it holds too much.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        if data.startswith(_OLE):
            raise DocumentError(
                "The file is protected with a password, or of an older format than its name says. "
                "Open it in the program that made it, and save it anew without a password.",
                DocumentFault.PROTECTED,
            )
        self._archive = zipfile.ZipFile(BytesIO(data))
        parts = self._archive.infolist()
        if len(parts) > _MAX_PARTS:
            message = f"The file holds more than {_MAX_PARTS:,} parts. Split it."
            raise DocumentError(message, DocumentFault.TOO_HEAVY)
        # zipfile never gives more of a part than is declared here.
        limits.check_unpacked(sum(part.file_size for part in parts))
        if any(part.flag_bits & 1 for part in parts):
            raise DocumentError("The file is protected with a password. Save it without one.", DocumentFault.PROTECTED)
        self._names = {part.filename for part in parts}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def part(self, name: str) -> bytes:
        """The bytes of a part that must be there, else a KeyError."""
        return self._archive.read(name)

    def xml(self, name: str) -> Element:
        """The root of an XML part that must be there, else a KeyError."""
        return parse(self.part(name))

    def optional(self, name: str | None) -> Element:
        """The root of an XML part, an empty one if it is not there."""
        return self.xml(name) if name and name in self else etree.Element("none")

    def main(self) -> str:
        """The name of the part of an OOXML package that is the document itself."""
        return next((part for _, kind, part in self.relations("") if kind == "officeDocument"), "")

    def relations(self, name: str) -> list[tuple[str, str, str]]:
        """What an OOXML part refers to inside the package: id, last word of the kind, name of the part."""
        folder, file = posixpath.split(name)
        found = []
        for relation in self.optional(posixpath.join(folder, "_rels", f"{file}.rels")).iter(_RELATIONS):
            if relation.get("TargetMode") != "External":
                kind = relation.get("Type", "").rpartition("/")[2]
                found.append((relation.get("Id", ""), kind, resolve(name, relation.get("Target", ""))))
        return found

    def title(self) -> str:
        """What the properties of an OOXML document call it."""
        parts = {kind: part for _, kind, part in self.relations("")}
        return self.optional(parts.get("core-properties")).findtext("{*}title") or ""


def parse(data: bytes) -> Element:
    """The root of an XML document; it gets nothing from other files or the network."""
    return etree.fromstring(
        data,
        etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True),
    )


def local(element: Element) -> str:
    """The tag without its namespace: strict and transitional documents differ in nothing else."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str:
    """An attribute by its name without the namespace; empty if it or the element is not there."""
    if element is not None:
        for key, value in element.attrib.items():
            if str(key).rpartition("}")[2] == name:
                return str(value)
    return ""


def resolve(base: str, target: str) -> str:
    """The name of the part that the part `base` calls `target`."""
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), path)).lstrip("/")
