"""Org mode: the source's exact characters; its headlines, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.plain.lines import Kind, Line, Part, assemble, part, split_lines
from retrieval.documents.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_HEADLINE = re.compile(r"(\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED|CANCELED)\s+)?(?:\[#\w\]\s+)?(.*)")
_TAGS = re.compile(r":[\w@#%:]+:")
_TITLE = re.compile(r"\s*#\+title:(.*)", re.IGNORECASE)
_CAPTION = re.compile(r"\s*#\+(?:caption|author|date|subtitle|description):\s*", re.IGNORECASE)
_COMMENT = re.compile(r"\s*#(?:\s.*)?")
_COMMENT_BLOCK = re.compile(r"\s*#\+begin_comment\b.*", re.IGNORECASE)
_COMMENT_END = re.compile(r"\s*#\+end_comment\s*", re.IGNORECASE)
_DRAWER = re.compile(r"\s*:(?:properties|logbook):\s*", re.IGNORECASE)
_DRAWER_END = re.compile(r"\s*:end:\s*", re.IGNORECASE)
_MARKUP = re.compile(r"\s*(?:#\+\w+.*|\|[-+|]+|-{5,}|:[\w-]+:)\s*")
_ROW = re.compile(r"\s*\|.*")
_ITEM = re.compile(r"\s*(?:[-+]|\d+[.)]|[a-zA-Z][.)])\s|\s+\*\s")


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read an Org file; its title is `#+TITLE`, else its first headline. Comments and properties are left out."""
    text = decode(data)
    return assemble(text, _find_parts(split_lines(text)))


def _find_parts(lines: Sequence[Line]) -> Iterator[Part]:
    end: re.Pattern[str] | None = None
    """What ends a comment or a drawer."""
    for line in lines:
        if end:
            yield part(Kind.HIDDEN, line)
            # A headline ends a drawer that is never closed.
            if end.fullmatch(line.text) or (end is _DRAWER_END and line.text.startswith("* ")):
                end = None
        elif _COMMENT_BLOCK.fullmatch(line.text):
            end = _COMMENT_END
        elif _DRAWER.fullmatch(line.text):
            end = _DRAWER_END
        else:
            yield _read_line(line)


def _read_line(line: Line) -> Part:
    if headline := _HEADLINE.fullmatch(line.text):
        *words, last = headline[2].split() or [""]
        words += [] if _TAGS.fullmatch(last) else [last]
        return part(Kind.HEADING, line, 0, " ".join(words), is_title=len(headline[1]) == 1)
    if title := _TITLE.fullmatch(line.text):
        return part(Kind.TITLE, line, 0, title[1])
    if caption := _CAPTION.match(line.text):
        return part(Kind.ALONE, line, caption.end())
    if _COMMENT.fullmatch(line.text):
        return part(Kind.HIDDEN, line)
    if line.is_blank or _MARKUP.fullmatch(line.text):
        return part(Kind.GAP, line)
    kind = Kind.ALONE if _ROW.fullmatch(line.text) else Kind.START if _ITEM.match(line.text) else Kind.TEXT
    return part(kind, line)
