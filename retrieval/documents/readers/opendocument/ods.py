"""ODS: the rows of each sheet that is not hidden, with values as the sheet shows them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.headers import Row
from retrieval.documents.readers.opendocument.parts import (
    get_cell_text,
    get_count,
    is_covered,
    list_cells,
    open_package,
    read_title,
)
from retrieval.documents.readers.packed import get_attribute, strip_namespace
from retrieval.documents.readers.tables import RowWriter
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits
    from retrieval.documents.readers.packed import Package

_MAX_COLUMN = 16_384
"""The last column that LibreOffice can show."""
_MAX_REPEATED = 200
"""A merged cell with a longer text is written once."""
_HIDDEN = {"collapse", "filter"}
_VALUES = ("string-value", "date-value", "time-value", "boolean-value", "value")


def read(data: bytes, limits: Limits) -> Content:
    """Read a workbook; formulas give the value that they had when it was saved."""
    package = open_package(data, limits)
    styles = _Styles(package)
    builder = Builder(limits)
    writer = RowWriter(builder, limits)
    # Row by row: the whole tree would take ten times the memory.
    elements = package.iterate_part("content.xml", "{*}table-column", "{*}table-row")
    for table, parts in groupby(elements, _find_sheet):
        if table is not None:
            name = get_attribute(table, "name")
            is_hidden = get_attribute(table, "style-name") in styles.hidden
            if styles.shown_sheets > 1 and not is_hidden:
                builder.add_heading(name)
            writer.write(_SheetReader(styles, builder, is_hidden=is_hidden).read_rows(parts), name)
    return builder.build(read_title(package))


def _find_sheet(element: Element) -> Element | None:
    """Find the sheet that a row or column is of; None if it is of a table in a cell."""
    table = next(element.iterancestors("{*}table"), None)
    return table if table is not None and strip_namespace(table.getparent()) == "spreadsheet" else None


class _Styles:
    """What must be known of a workbook before its rows are read."""

    def __init__(self, package: Package) -> None:
        self.bold: set[str] = set()
        """Names of styles."""
        self.hidden: set[str] = set()
        used = []
        self._add(package.parse_optional("styles.xml").iter("{*}style"))
        for element in package.iterate_part("content.xml", "{*}automatic-styles", "{*}table", "{*}table-row"):
            if strip_namespace(element) == "automatic-styles":
                self._add(element.iterchildren("{*}style"))
            elif strip_namespace(element) == "table" and strip_namespace(element.getparent()) == "spreadsheet":
                used.append(get_attribute(element, "style-name"))
        self.shown_sheets = sum(style not in self.hidden for style in used)

    def _add(self, styles: Iterable[Element]) -> None:
        for style in styles:
            name = get_attribute(style, "name")
            weight = get_attribute(style.find("{*}text-properties"), "font-weight")
            if weight == "bold" or (not weight and get_attribute(style, "parent-style-name") in self.bold):
                self.bold.add(name)
            if get_attribute(style.find("{*}table-properties"), "display") == "false":
                self.hidden.add(name)


class _SheetReader:
    """Reads the rows of one sheet."""

    def __init__(self, styles: _Styles, builder: Builder, *, is_hidden: bool) -> None:
        self._styles = styles
        self._builder = builder
        self._is_hidden = is_hidden
        self._hidden_columns: set[int] = set()
        self._columns = 0
        self._above: dict[int, tuple[str, int]] = {}
        """Column → the text of a merged cell that covers several rows, and how many columns it covers."""

    def read_rows(self, elements: Iterable[Element]) -> Iterator[Row]:
        """Read the rows with text; what is hidden is only counted."""
        number = 0
        for element in elements:
            if strip_namespace(element) == "table-column":
                self._add_columns(element)
                continue
            count = get_count(element, "number-rows-repeated")
            row = self._read_row(element)
            if row.cells and not self._is_hidden:
                for repeated in range(number + 1, number + count + 1):
                    yield self._leave_out_hidden(row._replace(number=repeated), element)
            elif row.cells:
                self._builder.leave_out(Omission.HIDDEN, " ".join(row.cells.values()))
            number += count

    def _add_columns(self, column: Element) -> None:
        count = min(get_count(column, "number-columns-repeated"), _MAX_COLUMN)
        if get_attribute(column, "visibility") in _HIDDEN:
            self._hidden_columns.update(range(self._columns, self._columns + count))
        self._columns += count

    def _leave_out_hidden(self, row: Row, element: Element) -> Row:
        is_hidden = get_attribute(element, "visibility") in _HIDDEN
        hidden = {*row.cells} if is_hidden else self._hidden_columns.intersection(row.cells)
        if not hidden:
            return row
        self._builder.leave_out(Omission.HIDDEN, " ".join(row.cells[column] for column in hidden))
        cells = {column: text for column, text in row.cells.items() if column not in hidden}
        return row._replace(cells=cells, spans={column: n for column, n in row.spans.items() if column in cells})

    def _read_row(self, element: Element) -> Row:
        cells: dict[int, str] = {}
        spans: dict[int, int] = {}
        column, is_bold, has_text = 0, True, False
        for cell in list_cells(element):
            count = get_count(cell, "number-columns-repeated")
            if is_covered(cell):
                for covered in range(column, column + min(count, _MAX_COLUMN)):
                    if covered in self._above:
                        cells[covered], width = self._above[covered]
                        spans |= {covered: width} if width > 1 else {}
            elif text := _read_value(cell):
                has_text = True
                is_bold = is_bold and get_attribute(cell, "style-name") in self._styles.bold
                self._add_cell(cell, text, range(column, column + count), cells, spans)
            else:
                self._end_merged(column, count)
            column += count
        is_header = strip_namespace(element.getparent()) == "table-header-rows"
        return Row(0, cells if has_text else {}, spans, is_bold, is_header)

    def _add_cell(self, cell: Element, text: str, columns: range, cells: dict[int, str], spans: dict[int, int]) -> None:
        if columns.stop > _MAX_COLUMN:
            message = "The file is damaged: it has cells where no sheet has any. Save it anew."
            raise DocumentError(message, DocumentFault.DAMAGED)
        cells |= dict.fromkeys(columns, text)
        self._end_merged(columns.start, len(columns))
        width = get_count(cell, "number-columns-spanned")
        if width > 1:
            spans[columns.start] = min(width, _MAX_COLUMN)
        if get_count(cell, "number-rows-spanned") > 1 and len(text) <= _MAX_REPEATED:
            self._above[columns.start] = text, min(width, _MAX_COLUMN)

    def _end_merged(self, column: int, count: int) -> None:
        for ended in [ended for ended in self._above if column <= ended < column + count]:
            del self._above[ended]


def _read_value(cell: Element) -> str:
    """Read what a cell shows; without that, its value."""
    if any(value == "error" for name, value in cell.attrib.items() if str(name).endswith("}value-type")):
        return ""
    text = get_cell_text(cell)
    return text or next(filter(None, (get_attribute(cell, name) for name in _VALUES)), "")
