"""`quoth read`: the text that Quoth has of a file."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import output
from bot.settings import load_settings
from retrieval import IsolatedReader, load_file

if TYPE_CHECKING:
    from retrieval import Document


def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any file; it need not be indexed.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print its blocks with their places, and what was left out.")
    ] = False,
) -> None:
    """Print the text that Quoth reads in a file.

    It is read as `quoth index` does it, with the same limits. Exit status: 0; 1 if the file cannot be read.
    """
    limits, path = load_settings().limits, file.resolve()
    with closing(IsolatedReader(limits)) as reader:
        document = reader.read(file.name, load_file(path.parent, path.name, limits))
    if as_json:
        output.print_json(describe(document))
    else:
        typer.echo(output.visible(document.text))


def describe(document: Document) -> dict[str, object]:
    """Describe a document for programs: offsets count characters of its text, and their end is exclusive."""
    return {
        "path": document.path,
        "sha256": document.sha256,
        "reader": document.reader,
        "title": document.title,
        "text": document.text,
        "blocks": [
            {
                "start": block.start,
                "end": block.end,
                "text": document.text[block.start : block.end],
                "heading": block.heading,
                "place": block.place and asdict(block.place),
            }
            for block in document.blocks
        ],
        "left_out": document.left_out,
    }
