"""AsciiDoc: the source's exact characters; its sections, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.plain.lines import Kind, Line, Part, assemble, part, split_lines
from retrieval.documents.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_HEADING = re.compile(r"(={1,6}|#{1,6})\s+(\S.*)")
_UNDERLINE = re.compile(r"([=~^+-])\1{3,}")
_DELIMITER = re.compile(r"(?:([-=*._+])\1{3,}|--|[|,:!]={3,}|'{3,}|<{3,}|\+)\s*")
_VERBATIM = re.compile(r"(?:-{4,}|\.{4,}|\+{4,}|```.*)\s*")
_COMMENT_BLOCK = re.compile(r"/{4,}\s*")
_MARKUP = re.compile(
    r":!?[\w-]+!?:(?:\s.*)?|\[\[.*\]\]\s*|\[[^\]]*\]\s*"
    r"|(?:include|image|video|audio|toc|ifdef|ifndef|ifeval|endif)::.*"
)
"""An attribute, an anchor, the attributes of a block, a macro that is no text."""
_ITEM = re.compile(r"\s*(?:[*.-]+|\d+\.|[a-zA-Z]\.|<\d+>)\s+\S|\S.*?:{2,4}(?:\s|$)|\|")
_BLOCK_TITLE = re.compile(r"\.[^\s.]")


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read AsciiDoc; the heading of level 0 is the title. Comments are left out."""
    text = decode(data)
    return assemble(text, _find_parts(split_lines(text)))


def _find_parts(lines: Sequence[Line]) -> Iterator[Part]:
    number = 0
    while number < len(lines):
        line = lines[number]
        if _COMMENT_BLOCK.fullmatch(line.text):
            end = _find_closing(lines, number)
            yield from (part(Kind.HIDDEN, hidden) for hidden in lines[number + 1 : end])
            number = end + 1
        elif _has_underline(lines, number):
            yield part(Kind.HEADING, line, 0, line.text, is_title=lines[number + 1].text.startswith("="))
            number += 2
        elif _VERBATIM.fullmatch(line.text):
            end = _find_closing(lines, number)
            yield part(Kind.GAP, line)
            yield from (part(Kind.GAP if inner.is_blank else Kind.TEXT, inner) for inner in lines[number + 1 : end])
            yield part(Kind.GAP, line)
            number = end + 1
        else:
            yield _read_line(line)
            number += 1


def _read_line(line: Line) -> Part:
    if heading := _HEADING.fullmatch(line.text):
        words = heading[2].rstrip()
        words = words.removesuffix(f" {heading[1]}")
        return part(Kind.HEADING, line, 0, words, is_title=len(heading[1]) == 1)
    if line.text.startswith("//"):
        return part(Kind.HIDDEN, line)
    if line.is_blank or _DELIMITER.fullmatch(line.text) or _MARKUP.fullmatch(line.text):
        return part(Kind.GAP, line)
    if _BLOCK_TITLE.match(line.text):
        return part(Kind.START, line, 1)
    return part(Kind.START if _ITEM.match(line.text) else Kind.TEXT, line)


def _find_closing(lines: Sequence[Line], number: int) -> int:
    """Find the line that closes the block that this line opens; the last line if nothing closes it."""
    opening = lines[number].text.strip()
    opening = "```" if opening.startswith("```") else opening
    closing = (end for end in range(number + 1, len(lines)) if lines[end].text.strip() == opening)
    return next(closing, len(lines))


def _has_underline(lines: Sequence[Line], number: int) -> bool:
    """Decide whether this line is a heading of two lines, which are nearly as long, as older files have them."""
    if number + 1 == len(lines) or (number and not lines[number - 1].is_blank):
        return False
    words, below = lines[number].text.rstrip(), lines[number + 1].text.rstrip()
    is_text = words[:1].isalnum() or words[:1] in "¿¡\"'(`"
    return bool(words) and is_text and bool(_UNDERLINE.fullmatch(below)) and abs(len(words) - len(below)) <= 2  # noqa: PLR2004
