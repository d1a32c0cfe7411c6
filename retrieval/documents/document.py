"""Document: the exact text of one file, and the location of its parts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum

_LINE_END = re.compile(r"\r\n|\r|\n")


class Unit(StrEnum):
    """The unit that a format counts its parts in."""

    LINE = "line"
    PAGE = "page"
    SLIDE = "slide"
    ROW = "row"
    CHAPTER = "chapter"


@dataclass(frozen=True, slots=True)
class Location:
    """Lines, pages or other parts of a file, with the numbers that people know them by: from 1, both ends included."""

    unit: Unit
    first: int
    last: int
    name: str | None = None
    """The name of the sheet."""

    def can_join(self, next_one: Location) -> bool:
        """Decide whether one passage may hold both this location and the next one."""
        if (self.unit, self.name) != (next_one.unit, next_one.name):
            return False
        return self.unit in {Unit.LINE, Unit.ROW} or self.last == next_one.first

    @property
    def page(self) -> int | None:
        """The number of the first page; None unless the unit is the page."""
        return self.first if self.unit is Unit.PAGE else None

    @property
    def lines(self) -> tuple[int, int] | None:
        """The first and the last line; None unless the unit is the line."""
        return (self.first, self.last) if self.unit is Unit.LINE else None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a table row: the largest part that a passage may take as a whole.

    `start` and `end` are offsets into the document's text, end exclusive.
    """

    start: int
    end: int
    heading: str | None = None
    place: Location | None = None
    """None where the format has no such parts, and for lines, which follow from the offsets."""


@dataclass(frozen=True, slots=True)
class Content:
    """Text, blocks and title that a reader extracts from a file. Headings stand between the blocks, not in them."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    has_lines: bool = False
    """Whether the text has the file's own lines, so that a person can look there."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has been read."""

    path: str
    """Relative to the documents' folder, with forward slashes."""
    sha256: str
    """SHA-256 of the file's bytes, in hexadecimal."""
    reader: str
    """Versions of the reader and its libraries: the same ones make the same text of the same bytes."""
    title: str | None
    text: str
    blocks: tuple[Block, ...]
    has_lines: bool = False


class Locator:
    """Finds the location of any part of a document."""

    def __init__(self, document: Document) -> None:
        self._blocks = document.blocks
        self._starts = [block.start for block in document.blocks]
        self._ends = [block.end for block in document.blocks]
        self._lines = [0, *(end.end() for end in _LINE_END.finditer(document.text))] if document.has_lines else []

    def locate(self, start: int, end: int) -> Location | None:
        """Find the location of the characters from `start` to `end`, end exclusive; None where no block has one."""
        if self._lines:
            first, last = (bisect_right(self._lines, offset) for offset in (start, max(start, end - 1)))
            return Location(Unit.LINE, first, last)
        blocks = self._blocks[bisect_right(self._ends, start) : bisect_left(self._starts, end)]
        locations = [block.place for block in blocks if block.place]
        return replace(locations[0], last=locations[-1].last) if locations else None
