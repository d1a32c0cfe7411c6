"""DOCX: paragraphs, list items, table rows, notes and comments, in the document's order.

Heads and feet of pages stand once, before and after the text.

Read from its XML: python-docx leaves out insertions that are not accepted yet, and the text of content controls, text
boxes and footnotes; and it fails where a relation leads nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.grids import Cell, Grid, join_cells
from retrieval.documents.readers.office.drawings import DRAWINGS, list_drawing_texts
from retrieval.documents.readers.office.margins import read_margins
from retrieval.documents.readers.office.numbering import Numbering
from retrieval.documents.readers.packed import Package, get_attribute, is_on, strip_namespace
from retrieval.documents.readers.titles import choose_title

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\N{NON-BREAKING HYPHEN}", "ptab": "\t"}
_ASIDE = {"txbxContent", "footnoteReference", "endnoteReference", "commentReference", *DRAWINGS}
# Deleted text, alternatives to text that is read already, pronunciation, and properties.
_SKIPPED = {
    "del", "moveFrom", "Fallback", "rt", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr", "tabs",
    "hidden",
}  # fmt: skip
_HEADING = re.compile(r"heading [1-9]|title", re.IGNORECASE)
_MAX_BASES = 10
_MAX_CELL_PARAGRAPHS = 3
"""A table with more in a cell, or with a table in a cell, is there for the page's looks."""


def read(data: bytes, limits: Limits) -> Content:
    """Read a document; its title is that of the style Title, of its properties or the first heading."""
    package = Package(data, limits)
    name = package.find_main_part()
    reader = _Reader(package, name, limits)
    root = package.parse_part(name)
    reader.remove_hidden(root)
    heads, feet = read_margins(package, name, root, reader.builder, reader.remove_hidden)
    for text in heads:
        reader.builder.add_block(text)
    reader.add_blocks(root)
    reader.builder.end_section()
    for text in feet:
        reader.builder.add_block(text)
    return reader.builder.build(choose_title(reader.title, package.read_title(), reader.first_heading))


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style says of its paragraphs, with what it takes over from the styles that it is based on."""

    name: str = ""
    outline_level: str = ""
    list_id: str = ""
    list_level: str = ""
    ids: tuple[str, ...] = ()
    """Its own and those that it is based on."""
    is_hidden: bool = False


class _Reader:
    def __init__(self, package: Package, name: str, limits: Limits) -> None:
        self.builder = Builder(limits)
        self.title: str | None = None
        self.first_heading: str | None = None
        self._package = package
        relations = package.list_relations(name)
        parts = {kind: part for _, kind, part in relations}
        self._targets = {key: part for key, _, part in relations}
        styles = package.parse_optional(parts.get("styles")).iter("{*}style")
        self._style_elements = {get_attribute(style, "styleId"): style for style in styles}
        self._styles: dict[str, _Style] = {}
        self._numbering = Numbering(package.parse_optional(parts.get("numbering")))
        self._notes = {
            (strip_namespace(note), get_attribute(note, "id")): note
            for kind in ("footnotes", "endnotes", "comments")
            for note in package.parse_optional(parts.get(kind)).iterchildren("{*}footnote", "{*}endnote", "{*}comment")
        }

    def remove_hidden(self, root: Element) -> None:
        """Remove hidden text, and count it and deleted text as left out."""
        has_hidden_styles = any(self._get_style(style).is_hidden for style in self._style_elements)
        for run in root.iter("{*}r"):
            vanish = run.find("{*}rPr/{*}vanish")
            if vanish is None and has_hidden_styles:
                paragraph = next(run.iterancestors("{*}p"), None)
                names = run.find("{*}rPr/{*}rStyle"), None if paragraph is None else paragraph.find("{*}pPr/{*}pStyle")
                is_hidden = any(self._get_style(get_attribute(name, "val")).is_hidden for name in names)
            else:
                is_hidden = is_on(vanish)
            if is_hidden:
                self.builder.leave_out(Omission.HIDDEN, _get_text(run, []))
                run.tag = "hidden"
        for text in root.iter("{*}delText"):
            self.builder.leave_out(Omission.HIDDEN, text.text or "")

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
        style = self._get_style(get_attribute(paragraph.find("{*}pPr/{*}pStyle"), "val"))
        level = get_attribute(paragraph.find("{*}pPr/{*}outlineLvl"), "val") or style.outline_level
        number, is_listed = self._count(paragraph, style)
        if style.name == "title" and self.title is None:
            self.title = join_lines(text)
        if self.first_heading is None and (style.name == "heading 1" or level == "0"):
            self.first_heading = join_lines(text)
        text = number + text if text.strip() else ""
        # Level 9 is body text.
        if _HEADING.fullmatch(style.name) or level not in {"", "9"}:
            self.builder.add_heading(text)
        elif not style.name.startswith("toc "):
            self.builder.add_block(text, tight=is_listed)
        self._add_aside(aside)

    def _count(self, paragraph: Element, style: _Style) -> tuple[str, bool]:
        """Give the number that Word writes before a paragraph, and whether the paragraph is in a list."""
        prop = paragraph.find("{*}pPr/{*}numPr")
        own_list = get_attribute(None if prop is None else prop.find("{*}numId"), "val")
        level = get_attribute(None if prop is None else prop.find("{*}ilvl"), "val")
        list_id = own_list or style.list_id
        if list_id in {"", "0"}:  # list 0 is none
            return "", False
        if not level:
            found = (self._numbering.find_level(list_id, each) for each in style.ids)
            level = next((str(each) for each in found if each is not None), style.list_level or "0")
        return self._numbering.count(list_id, int(level)) if level in "012345678" else "", True

    def _add_aside(self, elements: list[Element]) -> None:
        """Add boxes, notes, comments, charts and diagrams."""
        for element in elements:
            kind = strip_namespace(element)
            if kind in DRAWINGS:
                for text in list_drawing_texts(self._package, element, self._targets):
                    self.builder.add_block(text, tight=True)
                continue
            note = self._notes.get((kind.removesuffix("Reference"), get_attribute(element, "id")))
            if kind == "commentReference":
                if note is not None:
                    self._add_comment(note)
            else:
                self.add_blocks(element if note is None else note)

    def _add_comment(self, comment: Element) -> None:
        author = get_attribute(comment, "author").strip()
        text = "\n".join(filter(None, (_get_text(paragraph, []).strip() for paragraph in comment.iter("{*}p"))))
        self.builder.add_block(f"{author}: {text}" if author and text else text)

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

    def _get_style(self, style_id: str) -> _Style:
        """Get a style, with what it takes over from those that it is based on."""
        chain: list[str] = []
        while style_id in self._style_elements and style_id not in self._styles and style_id not in chain:
            chain.append(style_id)
            style_id = get_attribute(self._style_elements[style_id].find("{*}basedOn"), "val")
        style = self._styles.get(style_id, _Style())
        for each in reversed(chain):
            element = self._style_elements[each]
            props = {
                path: get_attribute(element.find(f"{{*}}pPr/{path}"), "val")
                for path in ("{*}outlineLvl", "{*}numPr/{*}numId", "{*}numPr/{*}ilvl")
            }
            vanish = element.find("{*}rPr/{*}vanish")
            style = _Style(
                # The styles that come with Word are named in English.
                get_attribute(element.find("{*}name"), "val").lower(),
                props["{*}outlineLvl"] or style.outline_level,
                props["{*}numPr/{*}numId"] or style.list_id,
                props["{*}numPr/{*}ilvl"] or style.list_level,
                (each, *style.ids[:_MAX_BASES]),
                style.is_hidden if vanish is None else is_on(vanish),
            )
            self._styles[each] = style
        return style


def _get_text(element: Element, aside: list[Element]) -> str:
    """Get the words of a paragraph; boxes and notes that hang on it are put aside."""
    parts = []
    for child in element:
        tag = strip_namespace(child)
        if tag == "t":
            parts.append(child.text or "")
        elif tag in _CHARACTERS:
            parts.append(_CHARACTERS[tag])
        elif tag in _ASIDE:
            aside.append(child)
        elif tag not in _SKIPPED:
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
