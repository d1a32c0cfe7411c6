"""Lines: the blocks of a text file, found line by line. The text stays exactly as the file has it."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from retrieval.documents.document import Block, Content, Omission
from retrieval.documents.readers.building import count_characters, join_lines
from retrieval.documents.readers.text import decode, strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from retrieval.documents.readers.limits import Limits

_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|$)")


class Line(NamedTuple):
    """A line: `text[start:end]`, without its line end."""

    start: int
    end: int
    text: str

    @property
    def is_blank(self) -> bool:
        """Whether it holds only white space."""
        return not self.text.strip()

    @property
    def indent(self) -> int:
        """How many characters of white space it begins with."""
        return len(self.text) - len(self.text.lstrip())


class Kind(Enum):
    """What a line, or a part of one, is to the document."""

    TEXT = auto()
    """Goes on with a block, or begins one."""
    START = auto()
    """Begins a block: a list item."""
    ALONE = auto()
    """Is a block by itself: a row."""
    GAP = auto()
    """Ends a block, and is no text: a blank line, markup."""
    HIDDEN = auto()
    """Ends a block, and is text that readers of the document do not see: a comment."""
    HEADING = auto()
    TITLE = auto()
    """Names the document, and is no heading of what follows."""


class Part(NamedTuple):
    """A part of the text, and what it is. The words of a heading or title come without their markup."""

    kind: Kind
    start: int
    end: int
    words: str = ""
    is_title: bool = False
    """Whether a heading may be the document's title."""


def part(kind: Kind, line: Line, skip: int = 0, words: str = "", *, is_title: bool = False) -> Part:
    """Make a part of a line, without its first `skip` characters."""
    return Part(kind, line.start + skip, line.end, words, is_title)


def split_lines(text: str) -> list[Line]:
    """Split a text into lines as editors do."""
    return [Line(match.start(), match.end(1), match[1]) for match in _LINE.finditer(text)]


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read a log: each line is a block."""
    text = decode(data)
    return assemble(text, (part(Kind.GAP if line.is_blank else Kind.ALONE, line) for line in split_lines(text)))


def assemble(text: str, parts: Iterable[Part]) -> Content:
    """Make blocks of the parts of a text, in their order; where there are only headings, they are the blocks."""
    title: str | None = None
    first_heading: str | None = None
    left_out: Counter[Omission] = Counter()
    headings: list[Block] = []
    blocks: list[Block] = []
    for heading, kind, start, end, words, is_title in _join(parts):
        if kind is Kind.HIDDEN:
            left_out[Omission.HIDDEN] += count_characters(text[start:end])
        elif kind is Kind.TITLE:
            title = title or join_lines(words)
        elif kind is Kind.HEADING:
            first_heading = first_heading or (join_lines(words) if is_title else None)
            headings += _make_block(text, start, end, None)
        else:
            blocks += _make_block(text, start, end, heading)
    return Content(text, tuple(blocks or headings), title or first_heading, has_lines=True, left_out=+left_out)


def _join(parts: Iterable[Part]) -> Iterator[tuple[str | None, Kind, int, int, str, bool]]:
    """Join the parts of each block; each comes with the heading that it stands under."""
    heading: str | None = None
    block: tuple[int, int] | None = None
    for kind, start, end, words, is_title in parts:
        if kind is Kind.TEXT and block:
            block = block[0], end
            continue
        if block:
            yield heading, Kind.TEXT, *block, "", False
        block = (start, end) if kind in {Kind.TEXT, Kind.START} else None
        if kind is Kind.HEADING:
            heading = join_lines(words)
        if kind not in {Kind.TEXT, Kind.START, Kind.GAP}:
            yield heading, kind, start, end, words, is_title
    if block:
        yield heading, Kind.TEXT, *block, "", False


def _make_block(text: str, start: int, end: int, heading: str | None) -> list[Block]:
    start, end = strip(text, start, end)
    return [Block(start, end, heading)] if start < end else []
