"""Builder: puts a document's text together, part by part, and knows where each part stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.document import Block, Content

if TYPE_CHECKING:
    from retrieval.documents.document import Location
    from retrieval.documents.readers.limits import Limits

_HEADING_LIMIT = 200
# Control characters, half characters, and the soft hyphen, which says where a word may be broken and is seen by nobody.
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
        self._tight = False

    def heading(self, text: str, place: Location | None = None) -> None:
        """Begin a section, if there is more than white space. What is too long for a heading is a block."""
        line = one_line(text)
        if line:
            self._heading = line
            start = self._append(line, tight=False)
            self._headings.append(Block(start, self._length, None, place))
        else:
            self.block(text, place)

    def end_section(self) -> None:
        """What comes next stands under no heading."""
        self._heading = None

    def block(self, text: str, place: Location | None = None, *, tight: bool = False) -> None:
        """Add a block, if there is more than white space in it.

        Args:
            text: without a mark of its own for where it ends.
            place: where it stands in the file.
            tight: whether no blank line parts it from another such block: rows, list items.
        """
        text = clean(text)
        if text:
            start = self._append(text, tight=tight)
            self._blocks.append(Block(start, self._length, self._heading, place))

    def content(self, title: str | None = None) -> Content:
        """All that was added; where there is nothing but headings, they are the text."""
        return Content("".join(self._parts), tuple(self._blocks or self._headings), one_line(title or ""))

    def _append(self, text: str, *, tight: bool) -> int:
        if self._parts:
            text_before = "\n" if tight and self._tight else "\n\n"
            self._parts.append(text_before)
            self._length += len(text_before)
        self._tight = tight
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        self._limits.check_characters(self._length)
        return start


def clean(text: str) -> str:
    r"""The text without invisible characters and white space around it, with \n at all line ends."""
    return _LINE_END.sub("\n", _INVISIBLE.sub("", text)).strip()


def one_line(text: str) -> str | None:
    """The text on one line, as a heading or title; None if there is none, or too much to be one."""
    line = " ".join(clean(text).split())
    return line if 0 < len(line) <= _HEADING_LIMIT else None
