"""Builder: puts a document's text together, block by block."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from retrieval.documents.document import Block, Content, Location

if TYPE_CHECKING:
    from retrieval.documents.document import Omission
    from retrieval.documents.readers.limits import Limits

_MAX_HEADING = 200
# Control characters, half characters, and the soft hyphen, which marks where a word may be broken and is not shown.
_INVISIBLE = re.compile("[\0-\x08\x0e-\x1f\x7f\xad\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


class Builder:
    """Collects headings and blocks in their order."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._headings: list[Block] = []
        self._length = 0
        self._heading: str | None = None
        self._is_tight = False
        self._left_out: Counter[Omission] = Counter()

    def leave_out(self, kind: Omission, text: str) -> None:
        """Count a text that is left out on purpose."""
        self._left_out[kind] += count_characters(text)

    def add_heading(self, text: str, place: Location | None = None) -> None:
        """Begin a section, if there is more than white space. A text too long for a heading becomes a block."""
        line = join_lines(text)
        if line:
            self._heading = line
            start = self._append(line, tight=False)
            self._headings.append(Block(start, self._length, None, place))
        else:
            self.add_block(text, place)

    def end_section(self) -> None:
        """Put the blocks that follow under no heading."""
        self._heading = None

    def add_block(self, text: str, place: Location | None = None, *, tight: bool = False) -> None:
        """Add a block, if there is more than white space in it.

        Args:
            text: without a mark of its own for where it ends.
            place: its location in the file.
            tight: put no blank line between it and another tight block: rows, list items.
        """
        text = clean(text)
        if text:
            start = self._append(text, tight=tight)
            self._blocks.append(Block(start, self._length, self._heading, place))

    def build(self, title: str | None = None) -> Content:
        """Give all that was added; where there are only headings, they are the blocks."""
        blocks = tuple(self._blocks or self._headings)
        return Content("".join(self._parts), blocks, join_lines(title or ""), left_out=+self._left_out)

    def _append(self, text: str, *, tight: bool) -> int:
        separator = ("\n" if tight and self._is_tight else "\n\n") if self._parts else ""
        self._is_tight = tight
        start = self._length + len(separator)
        self._parts += (separator, text)
        self._length = start + len(text)
        self._limits.check("characters", self._length)
        return start


def count_characters(text: str) -> int:
    """Count the characters of a text without its white space."""
    return len("".join(text.split()))


def clean(text: str) -> str:
    r"""Remove invisible characters and the white space around a text, and write \n for all line ends."""
    return _LINE_END.sub("\n", _INVISIBLE.sub("", text)).strip()


def join_lines(text: str) -> str | None:
    """Put a heading or title on one line; None if the text is empty, or too long to be one."""
    line = " ".join(clean(text).split())
    return line if 0 < len(line) <= _MAX_HEADING else None
