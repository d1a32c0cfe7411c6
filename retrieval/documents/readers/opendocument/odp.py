"""ODP: the paragraphs, tables and notes of each slide, under its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import join_lines
from retrieval.documents.readers.opendocument.parts import BlockReader, get_cell_text, is_read, open_package, read_title
from retrieval.documents.readers.packed import get_attribute, strip_namespace

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits


def read(data: bytes, limits: Limits) -> Content:
    """Read a presentation; its title is that of the first slide that has one, else the one in its properties."""
    package = open_package(data, limits)
    root = package.parse_part("content.xml")
    slides = [*root.iterfind("{*}body/{*}presentation/{*}page")]
    limits.check("pages", len(slides))
    reader = BlockReader(root, limits)
    title = None
    for number, slide in enumerate(slides, 1):
        reader.place = Location(Unit.SLIDE, number, number)
        heading = _add_slide(slide, reader)
        title = title or heading
    return reader.builder.build(read_title(package, title))


def _add_slide(slide: Element, reader: BlockReader) -> str | None:
    """Add a slide, and give its title."""
    titles = [shape for shape in slide if get_attribute(shape, "class") == "title"]
    heading = " ".join(filter(None, map(get_cell_text, titles)))
    reader.builder.end_section()
    reader.builder.add_heading(heading, reader.place)
    notes = [shape for shape in slide if strip_namespace(shape) == "notes"]
    for shape in [shape for shape in slide if shape not in titles and shape not in notes] + notes:
        if is_read(shape):
            reader.add_blocks(shape, tight=True)
    return join_lines(heading)
