"""Document: the exact text of one file, and where its parts stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a table row: the largest part that a passage may take as a whole.

    `start` and `end` are offsets into the document's text, end exclusive.
    """

    start: int
    end: int
    heading: str | None = None
    """Of the section that the block stands in."""
    page: int | None = None
    """From 1; None where the format has no pages."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader makes of a file's bytes. Headings stand between the blocks, not in them."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    """None where the file does not name itself."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has been read."""

    path: str
    """Relative to the documents' folder, with forward slashes."""
    sha256: str
    """Of the file's bytes, in hexadecimal."""
    title: str
    text: str
    blocks: tuple[Block, ...]


class Lines:
    r"""Line numbers of a text whose lines end in \n, \r\n or \r, as in an editor."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """First and last line, from 1, of the characters from `start` to `end`, end exclusive."""
        return bisect_right(self._starts, start), bisect_right(self._starts, max(start, end - 1))
