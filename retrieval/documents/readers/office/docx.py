"""DOCX: paragraphs, list items, table rows and footnotes, in the document's order.

Read from its XML: python-docx gives neither insertions that are not accepted yet, nor what stands in content
controls, text boxes and footnotes, and it fails where a relation leads nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder, one_line
from retrieval.documents.readers.packed import Package, attribute, local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\N{NON-BREAKING HYPHEN}"}
# Deleted text, alternatives to what is read already, pronunciation, and properties.
_UNREAD = {
    "del", "moveFrom", "Fallback", "rt", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr", "tabs",
}  # fmt: skip
_HEADING = re.compile(r"heading [1-9]|title", re.IGNORECASE)
_CELL_PARAGRAPHS = 3
"""In a cell with more, or with a table of its own, the table is there for the page's looks."""


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is the paragraph with that style, else what its properties say.

    Raises:
        DocumentError: it is damaged or protected, or holds too much.
    """
    package = Package(data, limits)
    name = package.main()
    reader = _Reader(package, name, limits)
    reader.blocks(package.xml(name))
    return reader.builder.content(reader.title or package.title())


class _Reader:
    def __init__(self, package: Package, name: str, limits: Limits) -> None:
        self.builder = Builder(limits)
        self.title: str | None = None
        parts = {kind: part for _, kind, part in package.relations(name)}
        self._styles = {
            attribute(style, "styleId"): style for style in package.optional(parts.get("styles")).iter("{*}style")
        }
        self._notes = {
            (local(note), attribute(note, "id")): note
            for kind in ("footnotes", "endnotes")
            for note in package.optional(parts.get(kind)).iterchildren("{*}footnote", "{*}endnote")
        }

    def blocks(self, element: Element) -> None:
        """Add all that stands in the body, or in a cell, a box or a note."""
        for child in element:
            tag = local(child)
            if tag == "p":
                self._paragraph(child)
            elif tag == "tbl":
                self._table(child)
            elif tag not in _UNREAD:
                self.blocks(child)

    def _paragraph(self, paragraph: Element) -> None:
        aside: list[Element] = []
        text = _text(paragraph, aside)
        style = self._style(paragraph)
        if style == "title" and self.title is None:
            self.title = one_line(text)
        if _HEADING.fullmatch(style) or self._has(paragraph, "outlineLvl"):
            self.builder.heading(text)
        elif not style.startswith("toc "):
            self.builder.block(text, tight=self._has(paragraph, "numPr"))
        self._aside(aside)

    def _aside(self, elements: list[Element]) -> None:
        """Add boxes and notes."""
        for element in elements:
            note = self._notes.get((local(element).removesuffix("Reference"), attribute(element, "id")))
            self.blocks(element if note is None else note)

    def _table(self, table: Element) -> None:
        for row in table.iter("{*}tr"):
            if next(row.iterancestors("{*}tbl")) is not table:
                continue
            cells = [*row.iter("{*}tc")]
            if len(cells) == 1 or any(_is_laid_out(cell) for cell in cells):
                self.blocks(row)
            else:
                aside: list[Element] = []
                texts = [" ".join(_text(p, aside) for p in _paragraphs(cell)).split() for cell in cells]
                self.builder.block(" | ".join(filter(None, map(" ".join, texts))), tight=True)
                self._aside(aside)

    def _style(self, paragraph: Element) -> str:
        """The name of the paragraph's style, in lower case; those that come with Word are named in English."""
        style = self._styles.get(attribute(paragraph.find("{*}pPr/{*}pStyle"), "val"))
        return "" if style is None else attribute(style.find("{*}name"), "val").lower()

    def _has(self, paragraph: Element, prop: str) -> bool:
        """Whether the paragraph, its style or one that its style is based on has a property."""
        style, seen = attribute(paragraph.find("{*}pPr/{*}pStyle"), "val"), set()
        found = paragraph.find(f"{{*}}pPr/{{*}}{prop}")
        while found is None and style in self._styles and style not in seen:
            seen.add(style)
            found = self._styles[style].find(f"{{*}}pPr/{{*}}{prop}")
            style = attribute(self._styles[style].find("{*}basedOn"), "val")
        if found is None:
            return False
        # Level 9 is body text, and list 0 no list.
        return attribute(found, "val") != "9" and attribute(found.find("{*}numId"), "val") != "0"


def _text(element: Element, aside: list[Element]) -> str:
    """The words of a paragraph; boxes and notes that hang on it are put aside."""
    parts = []
    for child in element:
        tag = local(child)
        if tag == "t":
            parts.append(child.text or "")
        elif tag in _CHARACTERS:
            parts.append(_CHARACTERS[tag])
        elif tag in {"txbxContent", "footnoteReference", "endnoteReference"}:
            aside.append(child)
        elif tag not in _UNREAD and child.find("{*}rPr/{*}vanish") is None:
            parts.append(_text(child, aside))
    return "".join(parts)


def _paragraphs(cell: Element) -> list[Element]:
    """Those of a cell, without those of boxes that hang on them."""
    return [p for p in cell.iter("{*}p") if next(p.iterancestors("{*}txbxContent", "{*}tc")) is cell]


def _is_laid_out(cell: Element) -> bool:
    filled = [p for p in _paragraphs(cell) if _text(p, []).strip()]
    return len(filled) > _CELL_PARAGRAPHS or next(cell.iter("{*}tbl"), None) is not None
