"""PPTX: the paragraphs, tables, charts and notes of each slide that is shown, under its title.

Read from its XML, as DOCX is: python-pptx has had no release since 2024 and gives no text of diagrams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Omission, Unit
from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.grids import Cell, Grid, join_cells
from retrieval.documents.readers.office.drawings import DRAWINGS, list_drawing_texts
from retrieval.documents.readers.packed import Package, get_attribute, strip_namespace
from retrieval.documents.readers.titles import choose_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_TITLES = {"title", "ctrTitle"}
_TRUE = {"1", "true"}
_BOILERPLATE = {"dt", "ftr", "hdr", "sldImg", "sldNum"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a presentation; its title is that of the first slide that has one, else the one in its properties."""
    package = Package(data, limits)
    name = package.find_main_part()
    parts = {key: part for key, _, part in package.list_relations(name)}
    slides = [*package.parse_part(name).iterfind("{*}sldIdLst/{*}sldId")]
    limits.check("pages", len(slides))
    builder = Builder(limits)
    titles = []
    for number, slide in enumerate(slides, 1):
        relation = next((str(value) for key, value in slide.attrib.items() if str(key).endswith("}id")), "")
        titles.append(_add_slide(package, parts.get(relation, ""), builder, Location(Unit.SLIDE, number, number)))
    return builder.build(choose_title(*titles, package.read_title()))


def _add_slide(package: Package, name: str, builder: Builder, place: Location) -> str | None:
    """Add a slide, and give its title."""
    root = package.parse_part(name)
    # A fallback repeats the shape before it, for older programs.
    shapes = [
        shape
        for shape in root.iter("{*}sp", "{*}tbl", *(f"{{*}}{drawing}" for drawing in DRAWINGS))
        if next(shape.iterancestors("{*}Fallback"), None) is None
    ]
    relations = package.list_relations(name)
    notes = [package.parse_optional(part) for _, kind, part in relations if kind == "notesSlide"]
    noted = [shape for notes_page in notes for shape in notes_page.iter("{*}sp") if _get_kind(shape) == "body"]
    if root.get("show") in {"0", "false"}:
        builder.leave_out(Omission.HIDDEN, "".join(_list_texts([root, *noted])))
        return None
    heading = " ".join(_list_texts(shape for shape in shapes if _get_kind(shape) in _TITLES))
    builder.end_section()
    builder.add_heading(heading, place)
    targets = {key: part for key, _, part in relations}
    shown = [shape for shape in shapes if _get_kind(shape) not in _TITLES | _BOILERPLATE]
    for element in [*shown, *noted]:
        tag = strip_namespace(element)
        if tag == "tbl":
            texts = _list_rows(element)
        elif tag in DRAWINGS:
            texts = list_drawing_texts(package, element, targets)
        else:
            texts = _list_texts([element])
        for text in texts:
            builder.add_block(text, place, tight=True)
    return join_lines(heading)


def _list_rows(table: Element) -> list[str]:
    grid = Grid(lists_covered=True)
    rows = ([_read_cell(cell) for cell in row.iterfind("{*}tc")] for row in table.iterfind("{*}tr"))
    return [join_cells(grid.lay_out(row)) for row in rows]


def _read_cell(cell: Element) -> Cell:
    if cell.get("vMerge") in _TRUE:
        return Cell(None)
    text = "" if cell.get("hMerge") in _TRUE else " ".join(" ".join(_list_texts([cell])).split())
    return Cell(text, rows=1 if cell.get("rowSpan", "1") == "1" else 2)


def _list_texts(elements: Iterable[Element]) -> list[str]:
    """List the texts of all paragraphs in the elements."""
    return [_get_text(paragraph) for element in elements for paragraph in element.iter("{*}p")]


def _get_kind(shape: Element) -> str:
    """Get which placeholder of the layout the shape fills, if any."""
    return get_attribute(shape.find("{*}nvSpPr/{*}nvPr/{*}ph"), "type")


def _get_text(paragraph: Element) -> str:
    runs = paragraph.iter("{*}t", "{*}br")
    return "".join("\n" if strip_namespace(run) == "br" else run.text or "" for run in runs)
