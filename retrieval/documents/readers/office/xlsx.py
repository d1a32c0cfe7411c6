"""XLSX: the rows of each sheet that is not hidden, with values as a person would write them."""

from __future__ import annotations

import re
import warnings
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.cell.cell import ERROR_CODES

from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.packed import Package
from retrieval.documents.readers.tables import RowWriter
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_MAX_ROW, _MAX_COLUMN = 1_048_576, 16_384
"""The last row and column that Excel can show."""
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DECIMALS = re.compile(r"[0#?]\.(0+)")


def read(data: bytes, limits: Limits) -> Content:
    """Read a workbook; formulas give the value that they had when it was saved."""
    Package(data, limits)  # checks what it declares
    builder = Builder(limits)
    writer = RowWriter(builder, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of parts that it would not write again
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()  # the size that a file declares may be wrong
            if len(sheets) > 1:
                builder.add_heading(sheet.title)
            writer.write(_read_rows(sheet), sheet.title)
    return builder.build(choose_title(book.properties.title))


def _read_rows(sheet: ReadOnlyWorksheet) -> Iterator[list[str]]:
    empty = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > _MAX_ROW or len(row) > _MAX_COLUMN:
            message = "The file is damaged: it has cells where no sheet has any. Save it anew."
            raise DocumentError(message, DocumentFault.DAMAGED)
        cells = [_format(cell.value, cell.number_format or "") for cell in row]
        if any(cells):
            yield from ([] for _ in range(empty))
            empty = 0
            yield cells
        else:
            empty += 1


def _format(value: object, number_format: str) -> str:
    """Write a cell's value as the sheet shows it, but dates and times always in the order of ISO 8601."""
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return _format_number(value, number_format)
        case datetime():
            return value.isoformat(" ", "seconds").removesuffix(":00").removesuffix(" 00:00")
        case time():
            return value.isoformat("seconds").removesuffix(":00")
        case timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return "" if value is None or value in ERROR_CODES else str(value)


def _format_number(value: float, number_format: str) -> str:
    pattern = _LITERALS.sub("", number_format.partition(";")[0])
    decimals = _DECIMALS.search(pattern)
    if "%" in pattern:
        return f"{value * 100:.{len(decimals[1]) if decimals else 0}f}%"
    if decimals and "E" not in pattern.upper():
        return f"{value:.{len(decimals[1])}f}"
    return f"{value:.15g}"
