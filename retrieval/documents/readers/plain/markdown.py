"""Markdown: the source's exact characters; its headings, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from retrieval.documents.document import Block, Content
from retrieval.documents.readers.text import decode, strip

if TYPE_CHECKING:
    from retrieval.documents.readers.limits import Limits

_LEAVES = {"paragraph_open", "tr_open", "fence", "code_block", "html_block"}
_LINE = re.compile(r"[^\n\r]*(?:\r\n|\r|\n|$)")


def read(data: bytes, limits: Limits) -> Content:  # noqa: ARG001 - they hold for any file
    """Read Markdown (CommonMark with tables); the first heading of level 1 is the title."""
    text = decode(data)
    starts = [match.start() for match in _LINE.finditer(text)]
    tokens = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).parse(text)
    title: str | None = None
    heading: str | None = None
    blocks: list[Block] = []
    for i, token in enumerate(tokens):
        if token.type == "heading_open":
            # The next token holds the heading's words, apart from its markup.
            heading = "".join(child.content for child in tokens[i + 1].children or ()).strip() or None
            if title is None and token.tag == "h1":
                title = heading
        elif token.type in _LEAVES and token.map:
            first, last = (starts[line] if line < len(starts) else len(text) for line in token.map)
            start, end = strip(text, first, last)
            if start < end:
                blocks.append(Block(start, end, heading=heading))
    return Content(text=text, blocks=tuple(blocks), title=title, has_lines=True)
