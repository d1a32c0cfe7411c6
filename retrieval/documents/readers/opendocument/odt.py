"""ODT: headings, paragraphs, list items, table rows and footnotes, in the document's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.readers.opendocument.parts import BlockReader, open_package, read_title

if TYPE_CHECKING:
    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is the paragraph of the style Title, else the one in its properties."""
    package = open_package(data, limits)
    root = package.parse_part("content.xml")
    reader = BlockReader(root, limits)
    for body in root.iterfind("{*}body/{*}text"):
        reader.add_blocks(body)
    return reader.builder.build(read_title(package, reader.title))
