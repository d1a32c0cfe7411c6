"""CSV and TSV: a text file of rows, whose cells are separated by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import re
from io import StringIO
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.tables import RowWriter, make_row
from retrieval.documents.readers.text import decode
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.documents.document import Content
    from retrieval.documents.readers.headers import Row
    from retrieval.documents.readers.limits import Limits

_DELIMITERS = ",;\t|"
_SAMPLE_LENGTH, _SAMPLE_ROWS = 100_000, 50
_DECLARED = re.compile(r"\ufeff?\"?sep=([^\w\s\"]|\t)\"?\r?\n", re.IGNORECASE)
"""A first line by which Excel learns the delimiter, and does not show."""


def read(data: bytes, limits: Limits) -> Content:
    """Read a table; it has no title."""
    text = decode(data)
    builder = Builder(limits)
    declared = _DECLARED.match(text)
    text = text[declared.end() :] if declared else text
    delimiter = declared[1] if declared else _find_delimiter(text)
    try:
        RowWriter(builder, limits).write(_read_rows(text, delimiter))
    except csv.Error as error:
        message = f"The file is not a table: {error}. Look for a quotation mark that is never closed."
        raise DocumentError(message, DocumentFault.DAMAGED) from error
    return builder.build()


def _read_rows(text: str, delimiter: str) -> Iterator[Row]:
    for number, values in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter), 1):
        row = make_row(number, values)
        if row.cells:
            yield row


def _find_delimiter(text: str) -> str:
    return max(_DELIMITERS, key=lambda delimiter: _count_regular_cells(text[:_SAMPLE_LENGTH], delimiter))


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
