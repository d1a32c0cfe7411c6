"""The options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Documents = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Your documents. [default: QUOTH_DOCUMENTS, else the folder of the last time, else seeds]",
    ),
]
Data = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Where the index is kept. [default: QUOTH_DATA, else .quoth]")
]
