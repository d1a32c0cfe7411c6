"""Document: the exact text of one file, and where its parts stand."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINE_END = re.compile(r"\r\n|\r|\n")


class Unit(StrEnum):
    """What a format counts its parts in."""

    LINE = "line"
    PAGE = "page"
    SLIDE = "slide"
    ROW = "row"
    CHAPTER = "chapter"


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands, as the file's own readers would say it: numbers from 1, both ends included."""

    unit: Unit
    first: int
    last: int
    name: str | None = None
    """Of the sheet."""

    def joins(self, other: Location) -> bool:
        """Whether what stands here and what stands at `other`, next to it, may be shown as one passage."""
        if (self.unit, self.name) != (other.unit, other.name):
            return False
        return self.unit in {Unit.LINE, Unit.ROW} or self.last == other.first

    @property
    def page(self) -> int | None:
        """The number of the first page, if it is on one."""
        return self.first if self.unit is Unit.PAGE else None

    @property
    def lines(self) -> tuple[int, int] | None:
        """First and last line, if they are what the format counts in."""
        return (self.first, self.last) if self.unit is Unit.LINE else None

    def to(self, other: Location) -> Location:
        """From here to the end of `other`."""
        return replace(self, last=other.last)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a table row: the largest part that a passage may take as a whole.

    `start` and `end` are offsets into the document's text, end exclusive.
    """

    start: int
    end: int
    heading: str | None = None
    """Of the section that the block stands in."""
    place: Location | None = None
    """None where the format has no such parts, and for lines, which follow from the offsets."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader makes of a file's bytes. Headings stand between the blocks, not in them."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    """None where the file does not name itself."""
    has_lines: bool = False
    """Whether the text has the file's own lines, so that a person can look there."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has been read."""

    path: str
    """Relative to the documents' folder, with forward slashes."""
    sha256: str
    """Of the file's bytes, in hexadecimal."""
    reader: str
    """Which versions read it: the same ones make the same text of the same bytes."""
    title: str | None
    """None where the file does not name itself."""
    text: str
    blocks: tuple[Block, ...]
    has_lines: bool = False

    def place(self, start: int, end: int) -> Location | None:
        """Where the characters from `start` to `end`, end exclusive, stand; None where the format has no parts."""
        return Places(self).of(start, end)


def place_of(blocks: Iterable[Block], start: int, end: int) -> Location | None:
    """Where the characters from `start` to `end`, end exclusive, stand; None if none of these blocks says so."""
    places = [block.place for block in blocks if block.start < end and start < block.end and block.place]
    return places[0].to(places[-1]) if places else None


class Places:
    """Where the parts of a document stand, for those who ask more than once."""

    def __init__(self, document: Document) -> None:
        self._lines = Lines(document.text) if document.has_lines else None
        self._blocks = document.blocks
        self._starts = [block.start for block in document.blocks]
        self._ends = [block.end for block in document.blocks]

    def of(self, start: int, end: int) -> Location | None:
        """The same as the document's `place`."""
        if self._lines:
            return self._lines.place(start, end)
        touched = slice(bisect_right(self._ends, start), bisect_left(self._starts, end))
        return place_of(self._blocks[touched], start, end)


class Lines:
    r"""Line numbers of a text whose lines end in \n, \r\n or \r, as in an editor."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, start: int, end: int) -> Location:
        """The lines of the characters from `start` to `end`, end exclusive."""
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, max(start, end - 1))
        return Location(Unit.LINE, first, last)
