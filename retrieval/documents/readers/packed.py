"""Package: a file that is a zip archive of XML parts, as office documents and books are."""

from __future__ import annotations

import posixpath
import zipfile
from io import BytesIO
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

from retrieval.documents.readers.limits import MIB
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.readers.limits import Limits

_MAX_PARTS = 20_000
"""A book of pictures has thousands; each costs memory before anything is read."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The parts of a packed file. The sizes that it declares are checked before anything is unpacked.

    Raises:
        BadZipFile: it is no such file.
        DocumentError: it is protected, or over the limits.
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
        limits.check("unpacked_mib", sum(part.file_size for part in parts) / MIB)
        if any(part.flag_bits & 1 for part in parts):
            raise DocumentError("The file is protected with a password. Save it without one.", DocumentFault.PROTECTED)
        self._names = {part.filename for part in parts}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def read_part(self, name: str) -> bytes:
        """Read the bytes of a part; a KeyError if it is not there."""
        return self._archive.read(name)

    def open_part(self, name: str) -> IO[bytes]:
        """Open a part that may be too large to be held at once; a KeyError if it is not there."""
        return self._archive.open(name)

    def parse_part(self, name: str) -> Element:
        """Parse an XML part; a KeyError if it is not there."""
        return parse_xml(self.read_part(name))

    def iterate_part(self, name: str, *tags: str) -> Iterator[Element]:
        """Parse an XML part, and give its elements of these tags as they end; what stands before is removed."""
        with self.open_part(name) as file:
            elements = etree.iterparse(
                file, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
                remove_pis=True,
            )  # fmt: skip
            for _, element in elements:
                yield element
                element.clear(keep_tail=True)  # the parser may still write at its end
                parent = element.getparent()
                while parent is not None and parent[0] is not element:
                    del parent[0]

    def parse_optional(self, name: str | None) -> Element:
        """Parse an XML part; an empty element if it is not there."""
        return self.parse_part(name) if name and name in self else etree.Element("none")

    def find_main_part(self) -> str:
        """Find the name of the part of an OOXML package that is the document itself."""
        return next((part for _, kind, part in self.list_relations("") if kind == "officeDocument"), "")

    def list_relations(self, name: str) -> list[tuple[str, str, str]]:
        """List the parts that an OOXML part refers to: id, last word of the kind, name."""
        folder, file = posixpath.split(name)
        relations = self.parse_optional(posixpath.join(folder, "_rels", f"{file}.rels")).iter(_RELATIONS)
        return [
            (link.get("Id", ""), link.get("Type", "").rpartition("/")[2], resolve(name, link.get("Target", "")))
            for link in relations
            if link.get("TargetMode") != "External"
        ]

    def read_title(self) -> str:
        """Read the title in the properties of an OOXML document."""
        parts = {kind: part for _, kind, part in self.list_relations("")}
        return self.parse_optional(parts.get("core-properties")).findtext("{*}title") or ""


def parse_xml(data: bytes) -> Element:
    """Parse XML. The parser loads no other files, nor from the network."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data, parser)


def strip_namespace(element: Element | None) -> str:
    """Give the tag without its namespace: strict and transitional documents differ in nothing else."""
    return "" if element is None else str(element.tag).rpartition("}")[2]


def get_attribute(element: Element | None, name: str) -> str:
    """Get an attribute by its name without the namespace; empty if it or the element is not there."""
    if element is not None:
        for key, value in element.attrib.items():
            if str(key).rpartition("}")[2] == name:
                return str(value)
    return ""


def is_on(element: Element | None) -> bool:
    """Decide whether a property of OOXML is there and on: `<w:vanish w:val="0"/>` says that it is off."""
    return element is not None and get_attribute(element, "val").lower() not in {"0", "false", "off", "none"}


def resolve(base: str, target: str) -> str:
    """Give the full name of the part that the part `base` calls `target`."""
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), path)).lstrip("/")
