"""reStructuredText: the source's exact characters; its sections, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.readers.plain.lines import Kind, Line, Part, assemble, part, split_lines
from retrieval.documents.readers.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*")
_MIN_ADORNMENT = 4
"""A shorter line of punctuation underlines only a heading that is as short."""
_ITEM = re.compile(r"\s*(?:[-*+•‣⁃]|\(?(?:\d+|[A-Za-z]|[ivxIVX]+|#)[.)]|:[^:\s][^:]*:)(?:\s|$)")
_GRID_BORDER = re.compile(r"\s*\+(?:[-=]+\+)+\s*")
_GRID_ROW = re.compile(r"\s*\|.*\|\s*")
_SIMPLE_BORDER = re.compile(r"\s*=+(?: +=+)+\s*")
_EXPLICIT = re.compile(r"\s*\.\.(?:\s+|$)")
_DIRECTIVE = re.compile(r"(?:\|[^|]+\|\s+)?([\w.+:-]*?[\w.+-])\s?::(?:\s+|$)")
_TARGET = re.compile(r"_[^:]*:|__")
_NOTE = re.compile(r"\[[^\]\s]+\]\s")
_OPTION = re.compile(r"\s+:[\w-]+:(?:\s|$)")
_WITHOUT_TEXT = {
    "contents", "csv-table", "default-role", "graphviz", "highlight", "image", "include", "index", "literalinclude",
    "meta", "raw", "role", "sectnum", "tabularcolumns", "target-notes", "title", "toctree",
}  # fmt: skip
"""Directives whose argument and content are names, addresses or settings."""
_WITH_SETTING = {
    "class",
    "code",
    "code-block",
    "container",
    "figure",
    "highlight",
    "only",
    "parsed-literal",
    "sourcecode",
}
"""Directives whose argument is a setting, and whose content is text."""


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read reStructuredText; the first heading is the title. Comments are left out."""
    text = decode(data)
    return assemble(text, _find_parts(split_lines(text)))


def _find_parts(lines: Sequence[Line]) -> Iterator[Part]:
    number = 0
    is_first = has_tables = True
    while number < len(lines):
        line = lines[number]
        if explicit := _EXPLICIT.match(line.text):
            end = _find_end_of_body(lines, number)
            yield from _read_explicit(lines[number:end], explicit.end())
            # What is not read here is text as any other: the content of a note.
            number += _count_read(lines[number:end], explicit.end())
        elif length := _count_heading_lines(lines, number):
            words = lines[number + length - 2].text.strip()
            yield Part(Kind.HEADING, lines[number + length - 2].start, lines[number + length - 2].end, words, is_first)
            is_first = False
            number += length
        elif has_tables and _SIMPLE_BORDER.fullmatch(line.text):
            end = _find_end_of_table(lines, number)
            has_tables = end > number + 1  # where this one has no end, no later one has
            for row in lines[number:end]:
                yield part(Kind.GAP if row.is_blank or not row.text.strip("=- ") else Kind.ALONE, row)
            number = end
        else:
            yield part(_classify(line), line)
            number += 1


def _classify(line: Line) -> Kind:
    text = line.text.strip()
    if not text or _GRID_BORDER.fullmatch(line.text) or (len(text) >= _MIN_ADORNMENT and _ADORNMENT.fullmatch(text)):
        return Kind.GAP
    if _GRID_ROW.fullmatch(line.text):
        return Kind.ALONE
    return Kind.START if _ITEM.match(line.text) else Kind.TEXT


def _count_heading_lines(lines: Sequence[Line], number: int) -> int:
    """Count the lines of the heading that begins here: two, or three with a line above it; 0 if there is none."""
    if _is_adornment(lines[number].text) and number + 2 < len(lines):
        above, words, below = (line.text.rstrip() for line in lines[number : number + 3])
        if above == below and words.strip() and not _is_adornment(words) and len(above) >= len(words):
            return 3
    if number + 1 < len(lines) and not lines[number].indent and not lines[number].is_blank:
        words, below = (line.text.rstrip() for line in lines[number : number + 2])
        is_long = len(below) >= min(len(words), _MIN_ADORNMENT)
        if _is_adornment(below) and is_long and not _is_adornment(words):
            return 2
    return 0


def _is_adornment(text: str) -> bool:
    return bool(_ADORNMENT.fullmatch(text.rstrip()))


def _find_end_of_body(lines: Sequence[Line], number: int) -> int:
    """Find the line behind those that belong to the explicit markup that begins here."""
    indent = lines[number].indent
    if lines[number].text.strip() == ".." and number + 1 < len(lines) and lines[number + 1].is_blank:
        return number + 1
    end = number + 1
    while end < len(lines) and (lines[end].is_blank or lines[end].indent > indent):
        end += 1
    return end


def _read_explicit(lines: Sequence[Line], skip: int) -> Iterator[Part]:
    """Read a comment, the first lines of a directive, a footnote or a target."""
    first = lines[0]
    rest = first.text[skip:]
    if directive := _DIRECTIVE.match(rest):
        name = directive[1].rpartition(":")[2]
        has_text = rest[directive.end() :].strip() and name not in _WITHOUT_TEXT | _WITH_SETTING
        yield part(Kind.START if has_text else Kind.GAP, first, skip + directive.end())
    elif _NOTE.match(rest):
        yield part(Kind.START, first, skip)
    elif _TARGET.match(rest):
        yield part(Kind.GAP, first)
    else:
        for line in lines:
            yield part(Kind.GAP if line.is_blank else Kind.HIDDEN, line)


def _count_read(lines: Sequence[Line], skip: int) -> int:
    """Count the lines that `_read_explicit` has dealt with, and those of options."""
    rest = lines[0].text[skip:]
    directive = _DIRECTIVE.match(rest)
    if directive and directive[1].rpartition(":")[2] not in _WITHOUT_TEXT:
        return next(
            (number for number, line in enumerate(lines) if number and not _OPTION.match(line.text)), len(lines)
        )
    return 1 if not directive and (_NOTE.match(rest) or _TARGET.match(rest)) else len(lines)


def _find_end_of_table(lines: Sequence[Line], number: int) -> int:
    """Find the line behind a simple table: a blank one behind its second border or a later one."""
    borders = 0
    for end in range(number, len(lines)):
        borders += bool(_SIMPLE_BORDER.fullmatch(lines[end].text))
        is_last = end + 1 == len(lines) or lines[end + 1].is_blank
        if is_last and borders > 1 and _SIMPLE_BORDER.fullmatch(lines[end].text):
            return end + 1
    return number + 1
