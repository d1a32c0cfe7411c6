"""XLSX: the rows of each sheet that is not hidden, with values as a person would write them.

Read from its XML: openpyxl refuses whole workbooks for links, styles, names or filters that no row needs, and gives no
merged cells where it reads row by row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from openpyxl.cell.cell import ERROR_CODES

from retrieval.documents.document import Omission
from retrieval.documents.readers.building import Builder
from retrieval.documents.readers.headers import Row
from retrieval.documents.readers.office.numbers import CellFormat, make_formats
from retrieval.documents.readers.packed import Package, get_attribute, parse_xml, strip_namespace
from retrieval.documents.readers.tables import RowWriter
from retrieval.documents.readers.titles import choose_title
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from retrieval.documents.document import Content
    from retrieval.documents.readers.limits import Limits

_MAX_ROW, _MAX_COLUMN = 1_048_576, 16_384
"""The last row and column that Excel can show."""
_DATA_START = re.compile(rb"<(?:\w+:)?sheetData\s*>")
_DATA_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_CHUNK, _MAX_TAG = 1 << 20, 100
_MAX_REPEATED = 200
"""A merged cell with a longer text is written once."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TRUE = {"1", "true"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a workbook; formulas give the value that they had when it was saved."""
    package = Package(data, limits)
    book = _Book(package)
    builder = Builder(limits)
    writer = RowWriter(builder, limits)
    shown = [sheet for sheet in book.sheets if not sheet.is_hidden]
    for sheet in book.sheets:
        rows = _SheetReader(book, sheet.part, builder).read_rows(is_hidden=sheet.is_hidden)
        if len(shown) > 1 and not sheet.is_hidden:
            builder.add_heading(sheet.name)
        writer.write(rows, sheet.name)
    return builder.build(choose_title(package.read_title()))


class _Sheet(NamedTuple):
    name: str
    part: str
    is_hidden: bool


class _Book:
    """What the sheets of a workbook share."""

    def __init__(self, package: Package) -> None:
        self.package = package
        name = package.find_main_part()
        root = package.parse_part(name)
        relations = package.list_relations(name)
        sheets = {key: part for key, kind, part in relations if kind == "worksheet" and part in package}
        parts = {kind: part for _, kind, part in relations if part in package}
        self.sheets = [
            _Sheet(get_attribute(sheet, "name"), sheets[key], get_attribute(sheet, "state") not in {"", "visible"})
            for sheet in root.iterfind("{*}sheets/{*}sheet")
            if (key := _get_relation(sheet)) in sheets
        ]
        self.strings: list[str] = []
        if "sharedStrings" in parts:
            self.strings = [_read_text(item) for item in package.iterate_part(parts["sharedStrings"], "{*}si")]
        is_1904 = get_attribute(root.find("{*}workbookPr"), "date1904") in _TRUE
        self.formats, self.bold = _read_styles(package.parse_optional(parts.get("styles")), is_1904=is_1904)


def _get_relation(element: Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _read_styles(root: Element, *, is_1904: bool) -> tuple[list[CellFormat], list[bool]]:
    """Read of each style how it writes numbers, and whether it is bold."""
    codes = {
        _to_int(get_attribute(code, "numFmtId")): get_attribute(code, "formatCode")
        for code in root.iterfind("{*}numFmts/{*}numFmt")
    }
    fonts = [font.find("{*}b") for font in root.iterfind("{*}fonts/{*}font")]
    are_bold = [bold is not None and get_attribute(bold, "val") not in {"0", "false"} for bold in fonts]
    styles = [*root.iterfind("{*}cellXfs/{*}xf")]
    ids = [_to_int(get_attribute(style, "numFmtId")) for style in styles]
    fonts_used = [_to_int(get_attribute(style, "fontId")) for style in styles]
    bold = [0 <= font < len(are_bold) and are_bold[font] for font in fonts_used]
    return make_formats(codes, ids or [0], is_1904=is_1904), bold or [False]


class _SheetReader:
    """Reads the rows of one sheet."""

    def __init__(self, book: _Book, part: str, builder: Builder) -> None:
        self._book = book
        self._part = part
        self._builder = builder
        self._columns: dict[str, int] = {}
        frame = _read_frame(book.package, part)
        self._hidden_columns = _list_hidden_columns(frame)
        self._headers = _list_header_rows(book.package, part, frame)
        self._frozen = _find_frozen_row(frame)
        self._merged = _list_merged(frame)
        self._groups: dict[int, tuple[int, int, str]] = {}
        """Column → the last row and the width of a merged cell that covers several rows, and its text."""

    def read_rows(self, *, is_hidden: bool) -> Iterator[Row]:
        """Read the rows with text; what is hidden is only counted."""
        number = 0
        for element in self._book.package.iterate_part(self._part, "{*}row"):
            number = max(number + 1, _to_int(element.get("r", "")))
            if number > _MAX_ROW:
                raise _describe_damage()
            cells, is_bold = self._read_cells(element)
            if not cells:
                continue
            text = " ".join(cells.values())
            spans = self._lay_merged(number, cells) if self._merged or self._groups else {}
            if is_hidden or element.get("hidden") in _TRUE:
                self._builder.leave_out(Omission.HIDDEN, text)
                cells.clear()
            for column in self._hidden_columns.intersection(cells):
                self._builder.leave_out(Omission.HIDDEN, cells.pop(column))
                spans.pop(column, None)
            if not is_hidden:
                yield Row(number, cells, spans, is_bold or number == self._frozen, number in self._headers)

    def _read_cells(self, row: Element) -> tuple[dict[int, str], bool]:
        """Read the cells with text, and whether all of them are bold."""
        cells: dict[int, str] = {}
        is_bold, column, bold = True, -1, self._book.bold
        for cell in row.iterchildren("{*}c"):
            reference = cell.get("r")
            column = self._find_column(reference) if reference else column + 1
            style = int(cell.get("s") or 0)
            text = " ".join(self._read_cell(cell, style).split())
            if text:
                if column >= _MAX_COLUMN:
                    raise _describe_damage()
                cells[column] = text
                is_bold = is_bold and style < len(bold) and bold[style]
        return cells, is_bold

    def _find_column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self._columns:
            self._columns[letters] = _count_column(letters)
        return self._columns[letters]

    def _read_cell(self, cell: Element, style: int) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            text = "".join(_read_text(item) for item in cell.iterchildren("{*}is"))
        else:
            text = next((child.text or "" for child in cell.iterchildren("{*}v")), "")
        if kind == "n" and text:
            formats = self._book.formats
            return formats[style if style < len(formats) else 0].write(text.strip())
        if kind == "s" and text:
            text = self._book.strings[int(text)]
        elif kind == "b":
            return "TRUE" if text in _TRUE else "FALSE"
        return "" if kind == "e" or text in ERROR_CODES else text

    def _lay_merged(self, number: int, cells: dict[int, str]) -> dict[int, int]:
        """Repeat merged cells in each row with text that they cover, and map each to the columns that it covers."""
        spans = {}
        while self._merged and self._merged[-1].first_row <= number:
            first_row, first_column, last_row, last_column = self._merged.pop()
            width = last_column - first_column + 1
            text = cells.get(first_column, "") if first_row == number else ""
            if text and width > 1:
                spans[first_column] = width
            if text and last_row > number and len(text) <= _MAX_REPEATED:
                self._groups[first_column] = last_row, width, text
        for column, (last_row, width, text) in [*self._groups.items()]:
            if last_row < number:
                del self._groups[column]
            elif column not in cells:
                cells[column] = text
                if width > 1:
                    spans[column] = width
        ordered = sorted(cells.items())
        cells.clear()
        cells.update(ordered)
        return spans


def _describe_damage() -> DocumentError:
    return DocumentError(
        "The file is damaged: it has cells where no sheet has any. Save it anew.", DocumentFault.DAMAGED
    )


class _Range(NamedTuple):
    first_row: int
    first_column: int
    last_row: int
    last_column: int


def _read_frame(package: Package, part: str) -> Element:
    """Parse a sheet without its rows: what is merged or hidden stands before or after them."""
    frame, tail = bytearray(), b""
    is_data = False
    with package.open_part(part) as file:
        while chunk := file.read(_CHUNK):
            tail += chunk
            if not is_data and (start := _DATA_START.search(tail)):
                frame += tail[: start.end()]
                tail = tail[start.end() :]
                is_data = True
            if is_data and (end := _DATA_END.search(tail)):
                return parse_xml(bytes(frame + tail[end.start() :] + file.read()))
            if is_data:
                tail = tail[-_MAX_TAG:]
            else:
                frame += tail[:-_MAX_TAG]
                tail = tail[-_MAX_TAG:]
    return parse_xml(bytes(frame + tail))


def _list_hidden_columns(frame: Element) -> set[int]:
    columns: set[int] = set()
    for column in frame.iterfind("{*}cols/{*}col"):
        if get_attribute(column, "hidden") in _TRUE:
            first, last = (_to_int(get_attribute(column, name)) for name in ("min", "max"))
            columns.update(range(max(first, 1) - 1, min(last, _MAX_COLUMN)))
    return columns


def _list_header_rows(package: Package, part: str, frame: Element) -> set[int]:
    """List the rows that the file itself calls headers: of its tables, and of a filter."""
    tables = [package.parse_optional(name) for _, kind, name in package.list_relations(part) if kind == "table"]
    tables = [table for table in tables if get_attribute(table, "headerRowCount") != "0"]
    ranges = (_parse_range(get_attribute(table, "ref")) for table in [*tables, *frame.iterfind("{*}autoFilter")])
    return {found.first_row for found in ranges if found}


def _find_frozen_row(frame: Element) -> int:
    """Find the last row that stays in sight; 0 if there is none."""
    for pane in frame.iterfind("{*}sheetViews/{*}sheetView/{*}pane"):
        if get_attribute(pane, "state").startswith("frozen"):
            return _to_int(get_attribute(pane, "ySplit").partition(".")[0])
    return 0


def _list_merged(frame: Element) -> list[_Range]:
    """List the merged cells, the last one first."""
    ranges = (_parse_range(get_attribute(cell, "ref")) for cell in frame.iterfind("{*}mergeCells/{*}mergeCell"))
    return sorted(filter(None, ranges), reverse=True)


def _parse_range(reference: str) -> _Range | None:
    match = _REFERENCE.fullmatch(reference)
    if not match:
        return None
    first, row, last, last_row = match.groups()
    found = _Range(int(row), _count_column(first), int(last_row or row), _count_column(last or first))
    return found if found.last_column < _MAX_COLUMN else None


def _count_column(letters: str) -> int:
    """Count a column from 0."""
    number = 0
    for letter in letters[:4].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return max(0, number - 1)


def _read_text(item: Element) -> str:
    """Read a string with its formatted parts, without pronunciation."""
    parts = [text.text or "" for text in item.iter("{*}t") if strip_namespace(text.getparent()) != "rPh"]
    text = "".join(parts)
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _to_int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
