"""PPTX: the paragraphs, tables and notes of each slide, under its title.

Read from its XML, as DOCX is: python-pptx has had no release since 2024 and gives no text of diagrams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder, one_line
from retrieval.documents.readers.packed import Package, attribute, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_TITLES = {"title", "ctrTitle"}
_PARTS = {"diagramData", "notesSlide"}
_AROUND = {"dt", "ftr", "hdr", "sldImg", "sldNum"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a presentation; its title is that of the first slide that has one, else what its properties say.

    Raises:
        DocumentError: it is damaged or protected, or holds too much.
    """
    package = Package(data, limits)
    name = package.main()
    parts = {key: part for key, _, part in package.relations(name)}
    slides = [*package.xml(name).iterfind("{*}sldIdLst/{*}sldId")]
    limits.check_pages(len(slides))
    builder = Builder(limits)
    title = None
    for number, slide in enumerate(slides, 1):
        relation = next((str(value) for key, value in slide.attrib.items() if str(key).endswith("}id")), "")
        heading = _slide(package, parts.get(relation, ""), builder, Location(Unit.SLIDE, number, number))
        title = title or heading
    return builder.content(title or package.title())


def _slide(package: Package, name: str, builder: Builder, place: Location) -> str | None:
    """Add a slide; its title."""
    # What stands in a fallback stands before it already, for newer programs.
    shapes = [
        shape
        for shape in package.xml(name).iter("{*}sp", "{*}tbl")
        if next(shape.iterancestors("{*}Fallback"), None) is None
    ]
    heading = " ".join(_texts(shape for shape in shapes if _kind(shape) in _TITLES))
    builder.end_section()
    builder.heading(heading, place)
    parts = [(kind, package.optional(part)) for _, kind, part in package.relations(name) if kind in _PARTS]
    diagrams = [root for kind, root in parts if kind == "diagramData"]
    notes = [shape for kind, root in parts if kind == "notesSlide" for shape in root.iter("{*}sp")]
    shown = [shape for shape in shapes if _kind(shape) not in _TITLES | _AROUND]
    for element in [*shown, *diagrams, *(shape for shape in notes if _kind(shape) == "body")]:
        if local(element) == "tbl":
            texts = [" | ".join(filter(None, _cells(row))) for row in element.iterfind("{*}tr")]
        else:
            texts = _texts([element])
        for text in texts:
            builder.block(text, place, tight=True)
    return one_line(heading)


def _cells(row: Element) -> Iterator[str]:
    for cell in row.iterfind("{*}tc"):
        yield " ".join(" ".join(_texts([cell])).split())


def _texts(elements: Iterable[Element]) -> list[str]:
    """Of all paragraphs in them."""
    return [_text(paragraph) for element in elements for paragraph in element.iter("{*}p")]


def _kind(shape: Element) -> str:
    """Which of the layout's places the shape fills, if any."""
    placeholder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    return "" if placeholder is None else attribute(placeholder, "type")


def _text(paragraph: Element) -> str:
    runs = paragraph.iter("{*}t", "{*}br")
    return "".join("\n" if local(run) == "br" else run.text or "" for run in runs)
