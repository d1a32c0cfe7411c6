"""FB2: a book in one XML file: sections in sections, with their titles, and notes at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.packed import strip_namespace

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_HEADINGS = {"title", "subtitle"}
_PARAGRAPHS = {"p", "v", "text-author", "date"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a book; a chapter is an outermost section of it."""
    # Pictures are in it, as texts longer than the parser takes by default; entities are never resolved.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=True
    )
    book = etree.fromstring(data, parser)
    if strip_namespace(book) != "FictionBook":
        raise ValueError("not an FB2 book")
    builder = Builder(limits)
    number = 0
    for body in book.iterfind("{*}body"):
        for part in body:
            if strip_namespace(part) == "section":
                number += 1
                limits.check("pages", number)
                builder.end_section()
            _write(part, builder, Location(Unit.CHAPTER, max(number, 1), max(number, 1)))
    return builder.build(" ".join(book.findtext("{*}description/{*}title-info/{*}book-title", "").split()))


def _write(part: Element, builder: Builder, place: Location) -> None:
    """Add the headings, paragraphs, verses and rows of a part of the book, in their order."""
    walk = etree.iterwalk(part, events=("start",))
    for _, element in walk:
        kind = strip_namespace(element)
        if kind in _HEADINGS:
            lines = [line for line in element if strip_namespace(line) == "p"] or [element]
            builder.add_heading(" ".join(_get_text(line) for line in lines), place)
        elif kind in _PARAGRAPHS:
            builder.add_block(_get_text(element), place, tight=kind == "v")
        elif kind == "tr":
            cells = (_get_text(cell) for cell in element)
            builder.add_block(" | ".join(filter(None, cells)), place, tight=True)
        else:
            continue
        walk.skip_subtree()


def _get_text(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())
