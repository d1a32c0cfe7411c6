"""Markdown: the source's exact characters; its headings, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from retrieval.documents.document import Block, Content
from retrieval.documents.readers.text import decode, strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.readers.limits import Limits

_LEAVES = {"paragraph_open", "tr_open", "fence", "code_block", "html_block"}
_LINE = re.compile(r"[^\n\r]*(?:\r\n|\r|\n|$)")


class Piece(NamedTuple):
    """A heading or a block: `text[start:end]`."""

    start: int
    end: int
    level: int = 0
    """Of a heading, from 1."""
    words: str = ""
    """Of a heading, apart from its markup."""


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read Markdown (CommonMark with tables); the first heading of level 1 is the title."""
    text = decode(data)
    title: str | None = None
    heading: str | None = None
    blocks: list[Block] = []
    for piece in split(text):
        if piece.level:
            heading = piece.words or None
            title = heading if title is None and piece.level == 1 else title
        else:
            blocks.append(Block(piece.start, piece.end, heading=heading))
    return Content(text=text, blocks=tuple(blocks), title=title, has_lines=True)


def split(text: str) -> Iterator[Piece]:
    """Split Markdown into its headings and blocks."""
    starts = [match.start() for match in _LINE.finditer(text)]
    tokens = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).parse(text)
    for i, token in enumerate(tokens):
        if not token.map:
            continue
        first, last = (starts[line] if line < len(starts) else len(text) for line in token.map)
        start, end = strip(text, first, last)
        if token.type == "heading_open":
            # The next token holds the heading's words, apart from its markup.
            words = "".join(child.content for child in tokens[i + 1].children or ()).strip()
            yield Piece(start, end, int(token.tag[1:]), words)
        elif token.type in _LEAVES and start < end:
            yield Piece(start, end)
