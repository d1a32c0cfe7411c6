"""CSV and TSV: a text file of rows, whose cells are separated by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.tables import RowWriter
from retrieval.documents.readers.text import decode
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_DELIMITERS = ",;\t|"
_SAMPLE_LENGTH, _SAMPLE_ROWS = 100_000, 50


def read(data: bytes, limits: Limits) -> Content:
    """Read a table; it has no title."""
    text = decode(data)
    builder = Builder(limits)
    delimiter = max(_DELIMITERS, key=lambda delimiter: _count_regular_cells(text[:_SAMPLE_LENGTH], delimiter))
    try:
        RowWriter(builder, limits).write(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        message = f"The file is not a table: {error}. Look for a quotation mark that is never closed."
        raise DocumentError(message, DocumentFault.DAMAGED) from error
    return builder.build()


def _count_regular_cells(text: str, delimiter: str) -> int:
    """Count the cells that the delimiter makes in the first rows that have as many as the row before."""
    # csv.Sniffer guesses from how often characters come, and takes letters or spaces of prose for delimiters.
    try:
        rows = list(islice(csv.reader(StringIO(text, newline=""), delimiter=delimiter), _SAMPLE_ROWS))
    except csv.Error:
        return 0
    widths = [len(row) for row in rows if row]
    if len(widths) == 1:
        return widths[0] - 1
    return sum(one - 1 for one, other in pairwise(widths) if one == other)
