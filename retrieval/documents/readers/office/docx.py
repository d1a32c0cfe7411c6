"""DOCX: paragraphs, list items, table rows and footnotes, in the document's order.

Read from its XML: python-docx leaves out insertions that are not accepted yet, and the text of content controls, text
boxes and footnotes; and it fails where a relation leads nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.grids import Cell, Grid, join_cells
from retrieval.documents.readers.packed import Package, get_attribute, strip_namespace

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\N{NON-BREAKING HYPHEN}"}
# Deleted text, alternatives to text that is read already, pronunciation, and properties.
_SKIPPED = {
    "del", "moveFrom", "Fallback", "rt", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr", "tabs",
}  # fmt: skip
_HEADING = re.compile(r"heading [1-9]|title", re.IGNORECASE)
_MAX_CELL_PARAGRAPHS = 3
"""A table with more in a cell, or with a table in a cell, is there for the page's looks."""


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is the paragraph of the style Title, else the one in its properties."""
    package = Package(data, limits)
    name = package.find_main_part()
    reader = _Reader(package, name, limits)
    reader.add_blocks(package.parse_part(name))
    return reader.builder.build(reader.title or package.read_title())


class _Reader:
    def __init__(self, package: Package, name: str, limits: Limits) -> None:
        self.builder = Builder(limits)
        self.title: str | None = None
        parts = {kind: part for _, kind, part in package.list_relations(name)}
        styles = package.parse_optional(parts.get("styles")).iter("{*}style")
        self._styles = {get_attribute(style, "styleId"): style for style in styles}
        self._notes = {
            (strip_namespace(note), get_attribute(note, "id")): note
            for kind in ("footnotes", "endnotes")
            for note in package.parse_optional(parts.get(kind)).iterchildren("{*}footnote", "{*}endnote")
        }

    def add_blocks(self, element: Element) -> None:
        """Add all blocks of the body, or of a cell, a box or a note."""
        for child in element:
            tag = strip_namespace(child)
            if tag == "p":
                self._add_paragraph(child)
            elif tag == "tbl":
                self._add_table(child)
            elif tag not in _SKIPPED:
                self.add_blocks(child)

    def _add_paragraph(self, paragraph: Element) -> None:
        aside: list[Element] = []
        text = _get_text(paragraph, aside)
        # The styles that come with Word are named in English.
        style = self._styles.get(get_attribute(paragraph.find("{*}pPr/{*}pStyle"), "val"))
        style_name = "" if style is None else get_attribute(style.find("{*}name"), "val").lower()
        if style_name == "title" and self.title is None:
            self.title = join_lines(text)
        if _HEADING.fullmatch(style_name) or self._has_property(paragraph, "outlineLvl"):
            self.builder.add_heading(text)
        elif not style_name.startswith("toc "):
            self.builder.add_block(text, tight=self._has_property(paragraph, "numPr"))
        self._add_aside(aside)

    def _add_aside(self, elements: list[Element]) -> None:
        """Add boxes and notes."""
        for element in elements:
            note = self._notes.get((strip_namespace(element).removesuffix("Reference"), get_attribute(element, "id")))
            self.add_blocks(element if note is None else note)

    def _add_table(self, table: Element) -> None:
        grid = Grid(lists_covered=True)
        for row in table.iter("{*}tr"):
            if next(row.iterancestors("{*}tbl")) is not table:
                continue
            cells = [*row.iter("{*}tc")]
            if len(cells) == 1 or any(_is_layout(cell) for cell in cells):
                self.add_blocks(row)
            else:
                aside: list[Element] = []
                before = get_attribute(row.find("{*}trPr/{*}gridBefore"), "val")
                laid = [Cell("", int(before))] if before.isdigit() and int(before) else []
                laid += [_read_cell(cell, aside) for cell in cells]
                self.builder.add_block(join_cells(grid.lay_out(laid)), tight=True)
                self._add_aside(aside)

    def _has_property(self, paragraph: Element, name: str) -> bool:
        """Decide whether the paragraph, its style or one that its style is based on has a property."""
        path = f"{{*}}pPr/{{*}}{name}"
        style, seen = get_attribute(paragraph.find("{*}pPr/{*}pStyle"), "val"), set()
        prop = paragraph.find(path)
        while prop is None and style in self._styles and style not in seen:
            seen.add(style)
            prop = self._styles[style].find(path)
            style = get_attribute(self._styles[style].find("{*}basedOn"), "val")
        if prop is None:
            return False
        # Level 9 is body text, and list 0 no list.
        return get_attribute(prop, "val") != "9" and get_attribute(prop.find("{*}numId"), "val") != "0"


def _get_text(element: Element, aside: list[Element]) -> str:
    """Get the words of a paragraph; boxes and notes that hang on it are put aside."""
    parts = []
    for child in element:
        tag = strip_namespace(child)
        if tag == "t":
            parts.append(child.text or "")
        elif tag in _CHARACTERS:
            parts.append(_CHARACTERS[tag])
        elif tag in {"txbxContent", "footnoteReference", "endnoteReference"}:
            aside.append(child)
        elif tag not in _SKIPPED and child.find("{*}rPr/{*}vanish") is None:
            parts.append(_get_text(child, aside))
    return "".join(parts)


def _read_cell(cell: Element, aside: list[Element]) -> Cell:
    merged = cell.find("{*}tcPr/{*}vMerge")
    if merged is not None and get_attribute(merged, "val") != "restart":
        return Cell(None)
    text = " ".join(" ".join(_get_text(p, aside) for p in _list_paragraphs(cell)).split())
    width = get_attribute(cell.find("{*}tcPr/{*}gridSpan"), "val")
    return Cell(text, int(width) if width.isdigit() else 1, 1 if merged is None else 2)


def _list_paragraphs(cell: Element) -> list[Element]:
    """List the paragraphs of a cell, without those of boxes that hang on them."""
    return [p for p in cell.iter("{*}p") if next(p.iterancestors("{*}txbxContent", "{*}tc")) is cell]


def _is_layout(cell: Element) -> bool:
    filled = [p for p in _list_paragraphs(cell) if _get_text(p, []).strip()]
    return len(filled) > _MAX_CELL_PARAGRAPHS or next(cell.iter("{*}tbl"), None) is not None
