"""Margins: the heads and feet of a Word document's pages, each line once, without page numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.document import Omission
from retrieval.documents.readers.packed import get_attribute, is_on, strip_namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.readers.building import Builder
    from retrieval.documents.readers.packed import Package

_REFERENCES = {"headerReference", "footerReference"}
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|SECTION)\b", re.IGNORECASE)
PAGE = "\0"
"""Stands for the result of a field that gives a page's number: no XML holds it."""
_MAX_PAGE_WORDS = 12
"""Letters beside a page's number that say no more than that it is one: "Page 2 of 9", "Seite 2 von 9"."""
_MAX_FIELDS = 20
"""Fields inside each other."""
_SKIPPED = ("{*}Fallback", "{*}moveFrom", "{*}tabs")


def read_margins(
    package: Package, name: str, root: Element, builder: Builder, prepare: Callable[[Element], None]
) -> tuple[list[str], list[str]]:
    """Read the heads and the feet of the pages: a text for each that differs, without lines that were there before.

    Args:
        package: has the document.
        name: its main part.
        root: that part, parsed.
        builder: counts what is left out.
        prepare: removes hidden text from a part.
    """
    parts = dict(_list_parts(package, name, root))
    if not parts:
        return [], []
    seen = {_normalize("".join(text.text or "" for text in p.iter("{*}t"))) for p in root.iter("{*}p")}
    texts: dict[str, list[str]] = {kind: [] for kind in _REFERENCES}
    for part, kind in parts.items():
        margin = package.parse_optional(part)
        prepare(margin)
        lines = []
        for line in _list_lines(margin, builder):
            if _normalize(line) in seen:
                builder.leave_out(Omission.RUNNING_HEADS, line)
            else:
                lines.append(line)
                seen.add(_normalize(line))
        texts[kind].append("\n".join(lines))
    return texts["headerReference"], texts["footerReference"]


def _list_parts(package: Package, name: str, root: Element) -> Iterator[tuple[str, str]]:
    """List the parts of the heads and feet that are shown, with the kind of reference to each."""
    relations = package.list_relations(name)
    targets = {key: part for key, _, part in relations}
    settings = package.parse_optional(next((part for _, kind, part in relations if kind == "settings"), None))
    has_even = is_on(settings.find("{*}evenAndOddHeaders"))
    for section in root.iter("{*}sectPr"):
        shown = {"default", ""} | ({"first"} if is_on(section.find("{*}titlePg")) else set())
        shown |= {"even"} if has_even else set()
        for reference in section.iterchildren("{*}headerReference", "{*}footerReference"):
            part = targets.get(get_attribute(reference, "id"))
            if part and get_attribute(reference, "type") in shown:
                yield part, strip_namespace(reference)


def _list_lines(margin: Element, builder: Builder) -> Iterator[str]:
    for paragraph in margin.iter("{*}p"):
        for line in "".join(_list_words(paragraph)).splitlines():
            shown = strip_page_number(line, builder)
            if shown:
                yield shown


def strip_page_number(line: str, builder: Builder) -> str:
    """Remove the pages' number, which stands as PAGE in a line, with the few words around it."""
    pieces = []
    for piece in line.split("\t"):
        words = piece.replace(PAGE, "")
        if PAGE in piece and sum(map(str.isalpha, words)) <= _MAX_PAGE_WORDS:
            builder.leave_out(Omission.RUNNING_HEADS, words)
        elif words.strip():
            pieces.append(" ".join(words.split()))
    return "\t".join(pieces)


def _list_words(paragraph: Element) -> Iterator[str]:
    """List the words of a paragraph, but not those of boxes on it, whose own paragraphs come later."""
    fields: list[str] = []
    for element in paragraph.iter():
        tag = strip_namespace(element)
        if tag == "fldChar":
            kind = get_attribute(element, "fldCharType")
            if kind == "begin" and len(fields) < _MAX_FIELDS:
                fields.append("")
            elif kind == "end" and fields:
                yield from _mark(fields.pop())
        elif tag == "instrText" and fields:
            fields[-1] += element.text or ""
        elif tag in {"t", "tab", "ptab", "br", "cr"} and _is_shown(element, paragraph):
            simple = next(element.iterancestors("{*}fldSimple"), None)
            instruction = get_attribute(simple, "instr")
            if _PAGE_FIELD.match(instruction):
                yield PAGE
            elif not any(map(_PAGE_FIELD.match, fields)):
                yield element.text or "" if tag == "t" else "\t" if tag in {"tab", "ptab"} else "\n"
        elif tag == "pgNum":
            yield PAGE


def _mark(instruction: str) -> Iterable[str]:
    return [PAGE] if _PAGE_FIELD.match(instruction) else []


def _is_shown(element: Element, paragraph: Element) -> bool:
    return (
        next(element.iterancestors("{*}p")) is paragraph
        and next(element.iterancestors(*_SKIPPED), None) is None
        and next(element.iterancestors("hidden"), None) is None
    )


def _normalize(line: str) -> str:
    return " ".join(line.casefold().split())
