"""Document: the exact text of one file, and the location of its parts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINK = re.compile(r"https://[!-~]{1,1000}")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Unit(StrEnum):
    """The unit that a format counts its parts in."""

    LINE = "line"
    PAGE = "page"
    SLIDE = "slide"
    ROW = "row"
    CHAPTER = "chapter"
    CELL = "cell"
    """Of a notebook."""
    MESSAGE = "message"
    """Of a mailbox or a chat."""
    SECOND = "second"
    """Of a film or a recording, from 0."""


_JOINED = {Unit.LINE, Unit.ROW, Unit.MESSAGE}
"""Units so small that a passage may hold several."""
_MAX_SILENCE_S = 60
"""What is said in a film after a longer silence is another passage."""


@dataclass(frozen=True, slots=True)
class Location:
    """Lines, pages or other parts of a file, with the numbers that people know them by: from 1, both ends included."""

    unit: Unit
    first: int
    last: int
    name: str | None = None
    """The name of the sheet."""
    url: str | None = None
    """Where a browser shows the first part, if there is such an address."""

    def can_join(self, next_one: Location) -> bool:
        """Decide whether one passage may hold both this location and the next one."""
        if (self.unit, self.name) != (next_one.unit, next_one.name):
            return False
        if self.unit is Unit.SECOND:
            return next_one.first - self.last <= _MAX_SILENCE_S
        return self.unit in _JOINED or self.last == next_one.first

    @property
    def link(self) -> str | None:
        """The address, if it is one that people may be sent to: places come from files and receipts of strangers."""
        return self.url if self.url and _LINK.fullmatch(self.url) else None

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


class Omission(StrEnum):
    """A kind of text that a reader leaves out on purpose."""

    RUNNING_HEADS = "running heads"
    """Heads, feet and page numbers that repeat on the pages."""
    LINE_NUMBERS = "line numbers"
    BOILERPLATE = "boilerplate"
    """Navigation, comments, advertisements: the parts of a web page around its content."""
    HIDDEN = "hidden text"
    """What its program does not show: hidden sheets, deleted words."""
    REPETITIONS = "repetitions"
    """The same text in another part of the file: a mail that is quoted again, a page as text and as HTML."""
    UNREADABLE = "unreadable text"
    """Letters that a font draws otherwise than the file says, and signs without meaning."""
    SERVICE = "service messages"
    """What a chat says of itself: who joined, who changed the picture."""
    DELETED = "messages of deleted accounts"


@dataclass(frozen=True, slots=True)
class Content:
    """Text, blocks and title that a reader extracts from a file. Headings stand between the blocks, not in them."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    has_lines: bool = False
    """Whether the text has the file's own lines, so that a person can look there."""
    left_out: Mapping[Omission, int] = field(default_factory=dict, hash=False)
    """The characters, without white space, that the reader left out on purpose."""


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
    left_out: Mapping[Omission, int] = field(default_factory=dict, hash=False)
    """The characters, without white space, that the reader left out on purpose."""


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
