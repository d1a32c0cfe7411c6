"""ODT: paragraphs, list items, table rows and footnotes, in the document's order.

Read from its XML, of which a dozen elements are text: a library that also writes would be a hundred times as much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder, one_line
from retrieval.documents.readers.packed import Package, attribute, local
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_SPACE = re.compile(r"[ \t\r\n]+")
# Deleted text, remarks, indexes, pronunciation, and what is there to be filled in.
_UNREAD = {
    "tracked-changes", "annotation", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
    "note-citation", "ruby-text", "forms", "sequence-decls", "variable-decls",
}  # fmt: skip
_CELL_PARAGRAPHS = 3


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is the paragraph with that style, else what its properties say.

    Raises:
        DocumentError: it is damaged or protected, or holds too much.
    """
    package = Package(data, limits)
    if next(package.optional("META-INF/manifest.xml").iter("{*}encryption-data"), None) is not None:
        raise DocumentError("The file is protected with a password. Save it without one.", DocumentFault.PROTECTED)
    root = package.xml("content.xml")
    reader = _Reader(root, limits)
    for body in root.iterfind("{*}body/{*}text"):
        reader.blocks(body)
    return reader.builder.content(reader.title or package.optional("meta.xml").findtext(".//{*}title"))


class _Reader:
    def __init__(self, root: Element, limits: Limits) -> None:
        self.builder = Builder(limits)
        self.title: str | None = None
        self._parents = {
            attribute(style, "name"): attribute(style, "parent-style-name")
            for style in root.iterfind("{*}automatic-styles/{*}style")
        }

    def blocks(self, element: Element, *, tight: bool = False) -> None:
        """Add all that stands in the body, or in a list, a cell, a box or a note."""
        for child in element:
            tag = local(child)
            if tag in {"p", "h"}:
                self._paragraph(child, tight=tight)
            elif tag == "table-row" and _is_row(child):
                cells = (_cell(cell) for cell in child.iterchildren("{*}table-cell"))
                self.builder.block(" | ".join(filter(None, cells)), tight=True)
            elif _is_read(child):
                self.blocks(child, tight=tight or tag == "list-item")

    def _paragraph(self, paragraph: Element, *, tight: bool) -> None:
        aside: list[Element] = []
        text = _text(paragraph, aside)
        style = attribute(paragraph, "style-name")
        is_title = "Title" in {style, self._parents.get(style)}
        if is_title and self.title is None:
            self.title = one_line(text)
        if is_title or local(paragraph) == "h":
            self.builder.heading(text)
        else:
            self.builder.block(text, tight=tight)
        for element in aside:
            self.blocks(element)


def _text(element: Element, aside: list[Element]) -> str:
    """The words of a paragraph; boxes and notes that hang on it are put aside."""
    parts = [_SPACE.sub(" ", element.text or "")]
    for child in element:
        match local(child):
            case "s":
                parts.append(" " * min(int(attribute(child, "c") or 1), 100))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "note" | "text-box":
                aside.append(child)
            case _ if _is_read(child):
                parts.append(_text(child, aside))
        parts.append(_SPACE.sub(" ", child.tail or ""))
    return "".join(parts)


def _is_read(element: Element) -> bool:
    # What a picture shows is described in elements of SVG, one of them called as a field that is read.
    return local(element) not in _UNREAD and "svg" not in str(element.tag)


def _cell(cell: Element) -> str:
    return " ".join(" ".join(_text(p, []) for p in cell.iter("{*}p", "{*}h")).split())


def _is_row(row: Element) -> bool:
    """Whether it is a row of data: tables are also there for the page's looks."""
    cells = [*row.iterchildren("{*}table-cell")]
    return len(cells) > 1 and not any(
        len([*cell.iter("{*}p")]) > _CELL_PARAGRAPHS or next(cell.iter("{*}table"), None) is not None for cell in cells
    )
