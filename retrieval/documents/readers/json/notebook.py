"""Notebook (Jupyter): the text and the code of its cells, and those outputs that are text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from retrieval.documents.document import Location, Unit
from retrieval.documents.readers.building import Builder, join_lines
from retrieval.documents.readers.json.tokens import explain
from retrieval.documents.readers.plain import markdown
from retrieval.documents.readers.text import decode, split_paragraphs
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""How programs colour what they print on a terminal."""
_TEXTS = ("text/markdown", "text/plain")
"""Kinds of outputs that are read, the first that is there."""


def read(data: bytes, limits: Limits) -> Content:
    """Read a notebook; its title is that in its properties, else the first heading of level 1."""
    text = decode(data)
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise explain(text, error.pos) from error
    cells = list(_list_cells(notebook))
    if not cells and not (isinstance(notebook, dict) and "nbformat" in notebook):
        message = "The file is damaged: it is no notebook. Save it anew in the program that made it."
        raise DocumentError(message, DocumentFault.DAMAGED)
    builder = Builder(limits)
    title = _get(_get(notebook, "metadata"), "title")
    title = title if isinstance(title, str) else None
    for number, cell in enumerate(cells, 1):
        title = _write(cell, builder, Location(Unit.CELL, number, number), title)
    return builder.build(title)


def _list_cells(notebook: object) -> Iterator[dict[str, Any]]:
    """List the cells; notebooks before version 4 keep them in worksheets."""
    sheets = _get(notebook, "worksheets")
    for sheet in sheets if isinstance(sheets, list) else [notebook]:
        cells = _get(sheet, "cells")
        for cell in cells if isinstance(cells, list) else ():
            yield cell if isinstance(cell, dict) else {}


def _write(cell: dict[str, Any], builder: Builder, place: Location, title: str | None) -> str | None:
    """Add a cell; gives the title, which may be a heading in it."""
    kind, source = cell.get("cell_type"), _join(cell.get("source", cell.get("input")))
    if kind == "markdown":
        for piece in markdown.split(source):
            if piece.level:
                builder.add_heading(piece.words, place)
                title = title or (join_lines(piece.words) if piece.level == 1 else None)
            else:
                builder.add_block(source[piece.start : piece.end], place)
    elif kind == "heading":
        builder.add_heading(source, place)
        title = title or (join_lines(source) if cell.get("level") == 1 else None)
    else:
        builder.add_block(source, place)
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        text = _STYLE.sub("", _read_output(output))
        for block in split_paragraphs(text):
            builder.add_block(text[block.start : block.end], place)
    return title


def _read_output(output: object) -> str:
    """Read what a cell printed, its result, or why it failed."""
    if _get(output, "output_type") in {"error", "pyerr"}:
        return ": ".join(filter(None, (_join(_get(output, key)) for key in ("ename", "evalue"))))
    data = _get(output, "data")
    texts = (_join(_get(data, kind)) for kind in _TEXTS)
    return next(filter(None, texts), "") or _join(_get(output, "text"))


def _join(source: object) -> str:
    """Join lines, which stand in a list or in one string."""
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _get(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
