"""BlockReader: reads paragraphs, list items, table rows and notes of OpenDocument files, in the document's order.

Read from their XML, of which a dozen elements are text: a library that also writes would be a hundred times as much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.grids import Cell, Grid, join_cells
from retrieval.documents.readers.packed import Package, get_attribute, strip_namespace
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Location
    from retrieval.documents.readers.limits import Limits

_SPACE = re.compile(r"[ \t\r\n]+")
# Deleted text, remarks, indexes, pronunciation, and fields that are there to be filled in.
_SKIPPED = {
    "tracked-changes", "annotation", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
    "note-citation", "ruby-text", "forms", "sequence-decls", "variable-decls",
}  # fmt: skip
_SLIDE_BOILERPLATE = {"page", "header", "footer", "date-time", "page-number"}
_MAX_CELL_PARAGRAPHS = 3
_MAX_REPEATED_COLUMNS = 100


def open_package(data: bytes, limits: Limits) -> Package:
    """Open a file that is not protected with a password."""
    package = Package(data, limits)
    if next(package.parse_optional("META-INF/manifest.xml").iter("{*}encryption-data"), None) is not None:
        raise DocumentError("The file is protected with a password. Save it without one.", DocumentFault.PROTECTED)
    return package


def read_title(package: Package, *better: str | None) -> str | None:
    """Choose the title: one of these, else the one in the properties of the document."""
    return choose_title(*better, package.parse_optional("meta.xml").findtext(".//{*}title"))


class BlockReader:
    """Adds the text of elements to a document, block by block."""

    def __init__(self, root: Element, limits: Limits) -> None:
        self.builder = Builder(limits)
        self.title: str | None = None
        """The first paragraph of the style Title."""
        self.place: Location | None = None
        self._parents = {
            get_attribute(style, "name"): get_attribute(style, "parent-style-name")
            for style in root.iterfind("{*}automatic-styles/{*}style")
        }
        self._grids: dict[Element, Grid] = {}

    def add_blocks(self, element: Element, *, tight: bool = False) -> None:
        """Add all blocks of the body, or of a list, a cell, a box or a note."""
        for child in element:
            tag = strip_namespace(child)
            if tag in {"p", "h"}:
                self._add_paragraph(child, tight=tight)
            elif tag == "table-row" and _is_data_row(child):
                table = next(child.iterancestors("{*}table"), element)
                grid = self._grids.setdefault(table, Grid(lists_covered=True))
                texts = grid.lay_out([*_read_cells(child)])
                self.builder.add_block(join_cells(texts), self.place, tight=True)
            elif is_read(child):
                self.add_blocks(child, tight=tight or tag == "list-item")

    def _add_paragraph(self, paragraph: Element, *, tight: bool) -> None:
        aside: list[Element] = []
        text = get_text(paragraph, aside)
        style = get_attribute(paragraph, "style-name")
        is_title = "Title" in {style, self._parents.get(style)}
        if is_title and self.title is None:
            self.title = join_lines(text)
        if is_title or strip_namespace(paragraph) == "h":
            self.builder.add_heading(text, self.place)
        else:
            self.builder.add_block(text, self.place, tight=tight)
        for element in aside:
            self.add_blocks(element)


def get_text(element: Element, aside: list[Element]) -> str:
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
            case _ if is_read(child):
                parts.append(get_text(child, aside))
        parts.append(_SPACE.sub(" ", child.tail or ""))
    return "".join(parts)


def is_read(element: Element) -> bool:
    """Decide whether the text in an element is a part of the document."""
    # Pictures are described in elements of SVG, one of them called as a field that is read.
    tag = strip_namespace(element)
    is_boilerplate = tag == "frame" and get_attribute(element, "class") in _SLIDE_BOILERPLATE
    return tag not in _SKIPPED and not is_boilerplate and "svg" not in str(element.tag)


def get_cell_text(cell: Element) -> str:
    """Get the words of a cell on one line."""
    return " ".join(" ".join(get_text(paragraph, []) for paragraph in _list_paragraphs(cell)).split())


def get_count(element: Element, name: str) -> int:
    """Get how often an element is repeated, or how much it covers: 1 if it does not say."""
    text = get_attribute(element, name)
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1  # noqa: PLR2004


def list_cells(row: Element) -> Iterator[Element]:
    """List the cells of a row, also the places that merged cells cover."""
    return row.iterchildren("{*}table-cell", "{*}covered-table-cell")


def is_covered(cell: Element) -> bool:
    """Decide whether a cell is a place that another one covers."""
    return strip_namespace(cell) == "covered-table-cell"


def _read_cells(row: Element) -> Iterator[Cell]:
    for element in list_cells(row):
        cell = (
            Cell(None)
            if is_covered(element)
            else Cell(get_cell_text(element), rows=get_count(element, "number-rows-spanned"))
        )
        for _ in range(min(get_count(element, "number-columns-repeated"), _MAX_REPEATED_COLUMNS)):
            yield cell


def _list_paragraphs(element: Element) -> Iterator[Element]:
    for child in element:
        if strip_namespace(child) in {"p", "h"}:
            yield child
        elif is_read(child):
            yield from _list_paragraphs(child)


def _is_data_row(row: Element) -> bool:
    """Tell a row of data from one that is there for the page's looks."""
    cells = [*list_cells(row)]
    return len(cells) > 1 and not any(
        len([*cell.iter("{*}p")]) > _MAX_CELL_PARAGRAPHS or next(cell.iter("{*}table"), None) is not None
        for cell in cells
    )
