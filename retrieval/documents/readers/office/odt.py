"""ODT: paragraphs, list items, table rows and footnotes, in the document's order.

Read from its XML, of which a dozen elements are text: a library that also writes would be a hundred times as much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.packed import Package, get_attribute, strip_namespace
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_SPACE = re.compile(r"[ \t\r\n]+")
# Deleted text, remarks, indexes, pronunciation, and fields that are there to be filled in.
_SKIPPED = {
    "tracked-changes", "annotation", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
    "note-citation", "ruby-text", "forms", "sequence-decls", "variable-decls",
}  # fmt: skip
_MAX_CELL_PARAGRAPHS = 3


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is the paragraph of the style Title, else the one in its properties."""
    package = Package(data, limits)
    if next(package.parse_optional("META-INF/manifest.xml").iter("{*}encryption-data"), None) is not None:
        raise DocumentError("The file is protected with a password. Save it without one.", DocumentFault.PROTECTED)
    root = package.parse_part("content.xml")
    reader = _Reader(root, limits)
    for body in root.iterfind("{*}body/{*}text"):
        reader.add_blocks(body)
    return reader.builder.build(choose_title(reader.title, package.parse_optional("meta.xml").findtext(".//{*}title")))


class _Reader:
    def __init__(self, root: Element, limits: Limits) -> None:
        self.builder = Builder(limits)
        self.title: str | None = None
        self._parents = {
            get_attribute(style, "name"): get_attribute(style, "parent-style-name")
            for style in root.iterfind("{*}automatic-styles/{*}style")
        }

    def add_blocks(self, element: Element, *, tight: bool = False) -> None:
        """Add all blocks of the body, or of a list, a cell, a box or a note."""
        for child in element:
            tag = strip_namespace(child)
            if tag in {"p", "h"}:
                self._add_paragraph(child, tight=tight)
            elif tag == "table-row" and _is_data_row(child):
                cells = (_get_cell_text(cell) for cell in child.iterchildren("{*}table-cell"))
                self.builder.add_block(" | ".join(filter(None, cells)), tight=True)
            elif _is_read(child):
                self.add_blocks(child, tight=tight or tag == "list-item")

    def _add_paragraph(self, paragraph: Element, *, tight: bool) -> None:
        aside: list[Element] = []
        text = _get_text(paragraph, aside)
        style = get_attribute(paragraph, "style-name")
        is_title = "Title" in {style, self._parents.get(style)}
        if is_title and self.title is None:
            self.title = join_lines(text)
        if is_title or strip_namespace(paragraph) == "h":
            self.builder.add_heading(text)
        else:
            self.builder.add_block(text, tight=tight)
        for element in aside:
            self.add_blocks(element)


def _get_text(element: Element, aside: list[Element]) -> str:
    """Get the words of a paragraph; boxes and notes that hang on it are put aside."""
    parts = [_SPACE.sub(" ", element.text or "")]
    for child in element:
        match strip_namespace(child):
            case "s":
                parts.append(" " * min(int(get_attribute(child, "c") or 1), 100))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "note" | "text-box":
                aside.append(child)
            case _ if _is_read(child):
                parts.append(_get_text(child, aside))
        parts.append(_SPACE.sub(" ", child.tail or ""))
    return "".join(parts)


def _is_read(element: Element) -> bool:
    # Pictures are described in elements of SVG, one of them called as a field that is read.
    return strip_namespace(element) not in _SKIPPED and "svg" not in str(element.tag)


def _get_cell_text(cell: Element) -> str:
    return " ".join(" ".join(_get_text(p, []) for p in cell.iter("{*}p", "{*}h")).split())


def _is_data_row(row: Element) -> bool:
    """Tell a row of data from one that is there for the page's looks."""
    cells = [*row.iterchildren("{*}table-cell")]
    return len(cells) > 1 and not any(
        len([*cell.iter("{*}p")]) > _MAX_CELL_PARAGRAPHS or next(cell.iter("{*}table"), None) is not None
        for cell in cells
    )
