"""find_header: which rows of a table name its columns, and how sure that is.

A wrong name makes a true value a false statement, a missing name only makes it harder to find. So every check here
refuses: what is left over has one sensible reading.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MAX_NAME = 100
_MIN_WIDTH = 2
"""A single column is a list."""
_MAX_NUMBER = 40
_MIN_LETTERS = 3
"""A name that begins with a digit has at least so many letters."""
_MAX_LEVELS = 3
_MAX_CANDIDATES = 20
"""A table that begins below so many rows of other text is read without names."""
_MIN_ROWS_FOR_EXCEPTIONS, _EXCEPTIONS = 5, 0.2
"""In a column of so many cells, this share may be of another kind: "unknown" among numbers."""

_NUMBER = re.compile(r"[^\w]*\d[\d\s.,:'’/%-]*\s?[^\d\s]{0,12}")
_DATE = re.compile(
    r"""(?:\d{4}[-/.]\d\d?(?:[-/.]\d\d?)?|\d\d?[-/.]\d\d?[-/.]\d{2,4}|
    \d\d?\.?\ [^\W\d]{3,}\.?\ \d{4}|[^\W\d]{3,}\ \d\d?,\ \d{4})
    (?:[T\ ]\d\d?:\d\d\S*)?|\d\d?:\d\d(?::\d\d)?""",
    re.VERBOSE,
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[/–-]\s?(?:19|20)?\d\d)?")
_SIGNS = {"#", "№", "%", "€", "$", "£"}
_ADDRESS = re.compile(r"@|://|www\.")
_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")


class Row(NamedTuple):
    """A row as a reader of tables gives it. Wholly empty rows are not given; a hidden one has no cells."""

    number: int
    """As people count it, from 1."""
    cells: dict[int, str]
    """Column → text on one line, for the cells with text, in the order of the columns."""
    spans: Mapping[int, int] = {}
    """Column → how many columns the cell covers, if more than one."""
    is_marked: bool = False
    """Whether it looks like a header: bold, or the last row above a frozen pane."""
    is_header: bool = False
    """Whether the file says that it is one."""


class Kind(Enum):
    """What a cell holds. Names of columns are texts."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    MARK = auto()
    """A dash or a tick: it may stand in a column of any kind."""


_VALUES = {Kind.NUMBER, Kind.DATE}


@dataclass(frozen=True, slots=True)
class Header:
    """Neighbouring rows that name columns: `rows[start:end]` of those that were given."""

    start: int
    end: int
    names: Mapping[int, str]
    is_marked: bool
    """Whether the file shows that it is one, and not the words alone."""
    spans: Mapping[int, int]
    """The merged cells of its first row."""

    def is_followed_by(self, row: Row) -> bool:
        """Decide whether a row of another table looks like this header: it is bold too, or merged in the same way."""
        is_alike = self.is_marked and row.is_marked and len(row.cells) >= _MIN_WIDTH
        return (is_alike and all(map(is_name, row.cells.values()))) or (bool(self.spans) and row.spans == self.spans)

    def list_body(self, rows: Sequence[Row]) -> list[Row]:
        """List the rows below, up to those that look like another header; those that repeat this one are left out."""
        repeated = [row.cells for row in rows[self.start : self.end]]
        others = [row for row in rows[self.end :] if row.cells and row.cells not in repeated]
        return list(takewhile(lambda row: not self.is_followed_by(row), others))


def classify(cell: str) -> Kind:
    """Tell numbers with or without a unit, and dates, from other texts."""
    if _DATE.fullmatch(cell):
        return Kind.DATE
    if not any(map(str.isdigit, cell)):
        return Kind.TEXT if any(map(str.isalpha, cell)) else Kind.MARK
    if _NUMBER.fullmatch(cell) or sum(map(str.isdigit, cell)) >= sum(map(str.isalpha, cell)):
        return Kind.NUMBER
    return Kind.TEXT


def list_kinds(rows: Iterable[Row]) -> dict[int, Kind]:
    """Map the columns that hold one kind of cells to that kind; a few exceptions may stand in a long one."""
    columns: dict[int, list[Kind]] = {}
    for row in rows:
        for column, cell in row.cells.items():
            if (kind := classify(cell)) is not Kind.MARK:
                columns.setdefault(column, []).append(kind)
    kinds = {}
    for column, found in columns.items():
        kind = max(Kind, key=found.count)
        exceptions = len(found) - found.count(kind)
        if exceptions <= (len(found) * _EXCEPTIONS if len(found) >= _MIN_ROWS_FOR_EXCEPTIONS else 0):
            kinds[column] = kind
    return kinds


def find_header(rows: Sequence[Row], following: Sequence[Row] = ()) -> Header | None:
    """Find the rows that surely name the columns of those below, if there are any.

    Args:
        rows: neighbouring rows, from the first one of a table or of what stands above it.
        following: the rows after the next empty one.
    """
    for start, row in enumerate(rows):
        if row.is_header:
            return _find_declared(rows, start)
    best, fewest = None, 0
    for is_marked in (True, False):
        widest = 0
        candidates = 0
        for start, row in enumerate(rows[:-1]):
            is_candidate = row.is_marked if is_marked else len(row.cells) > widest or bool(row.spans)
            widest = max(widest, len(row.cells))
            if not is_candidate or not (len(row.cells) > 1 or row.spans):
                continue
            header = _judge(rows, start, following)
            if header and header.is_marked >= is_marked:
                unnamed = _count_unnamed(rows, header)
                if best is None or unnamed < fewest:
                    best, fewest = header, unnamed
            candidates += 1
            if candidates == _MAX_CANDIDATES:
                break
        if best:
            return best
    return None


def _find_declared(rows: Sequence[Row], start: int) -> Header | None:
    end = start
    names: dict[int, str] = {}
    while end < len(rows) and rows[end].is_header:
        names = _join_levels(names, _spread(rows[end]))
        end += 1
    has_rows = any(len(row.cells) > 1 or len(names) == 1 for row in rows[end:])
    return Header(start, end, names, is_marked=True, spans={}) if has_rows else None


def _judge(rows: Sequence[Row], start: int, following: Sequence[Row]) -> Header | None:
    """Give the header that begins at a row, or None if it is none, or not surely one."""
    end, names = _extend(rows, start)
    levels = rows[start:end]
    is_marked = all(row.is_marked for row in levels) and not all(row.is_marked for row in rows[end:])
    header = Header(start, end, names, is_marked, levels[0].spans)
    body = header.list_body(rows)
    if min(len(names), len(levels[-1].cells)) < _MIN_WIDTH or not _are_names(levels[-1], body):
        return None
    if all(len(row.cells) < _MIN_WIDTH for row in body):
        return None  # no row would get a name
    return header if is_marked or _is_sure(rows, header, body, following) else None


def _is_sure(rows: Sequence[Row], header: Header, body: Sequence[Row], following: Sequence[Row]) -> bool:
    """Decide by the words alone whether rows that may be a header are one."""
    levels = rows[header.start : header.end]
    width = max(len(row.cells) for row in levels)
    if any(len(row.cells) >= width for row in rows[: header.start]):
        return False
    if any(_is_pairs(row) or _is_data(row, body) for row in levels):
        return False
    kinds = list_kinds(body)
    found = {kinds.get(column, Kind.TEXT) for column in header.names}
    has_contrast = found != {Kind.TEXT}
    distinct = len({*header.names.values()})
    unnamed = _count_unnamed(rows, header)
    is_odd = distinct < len(header.names) or unnamed * 2 > (len(header.names) if width > _MIN_WIDTH else 0)
    if distinct < _MIN_WIDTH or (is_odd and not has_contrast) or _is_transposed(header.names, body, kinds):
        return False
    if _may_end(header.names, kinds, body):
        return False
    if max(len(row.cells) for row in rows) > _MIN_WIDTH or any(row.cells == levels[0].cells for row in following[:1]):
        return True
    # They may be pairs of a key and a value, above the table itself.
    next_width = max((len(row.cells) for row in following), default=0)
    is_last = next_width < _MIN_WIDTH or (next_width == _MIN_WIDTH and len(following) == 1)
    return is_last or (next_width == _MIN_WIDTH and Kind.NUMBER in found)


def _count_unnamed(rows: Sequence[Row], header: Header) -> int:
    """Count the columns that have text below the header, but no name."""
    return len({column for row in rows[header.end :] for column in row.cells}.difference(header.names))


def _extend(rows: Sequence[Row], start: int) -> tuple[int, dict[int, str]]:
    """Find the end of a header of one or more levels, and the names that the levels make together."""
    names, end = _spread(rows[start]), start + 1
    while end < min(start + _MAX_LEVELS, len(rows) - 1):
        groups = _find_groups(rows[end - 1], rows[end], rows[end + 1 :])
        if not groups:
            break
        names = _join_levels({**names, **groups} if end == start + 1 else names, _spread(rows[end]))
        end += 1
    return end, names


def _find_groups(upper: Row, lower: Row, body: Sequence[Row]) -> dict[int, str]:
    """Map columns to the name that stands above the one in the row below; empty if that row is none of the header."""
    if upper.spans:
        return _find_merged_groups(upper, lower, body)
    kinds = list_kinds(body)
    if not _are_names(lower, body) or len(upper.cells) < _MIN_WIDTH:
        return {}
    is_unit = upper.cells.keys() > lower.cells.keys() and min(upper.cells) not in lower.cells
    if is_unit and all(kinds.get(column, Kind.TEXT) is not Kind.TEXT for column in lower.cells):
        return {column: upper.cells[column] for column in lower.cells}
    grouped = _guess_groups(upper, lower)
    inner = [lower.cells[column] for column in grouped]
    has_contrast = any(kinds.get(column, Kind.TEXT) is not Kind.TEXT for column in grouped)
    is_sure = has_contrast or len(set(inner)) < len(inner)
    return grouped if is_sure and _is_below(lower, upper, grouped) else {}


def _find_merged_groups(upper: Row, lower: Row, body: Sequence[Row]) -> dict[int, str]:
    grouped = {c: upper.cells[first] for first, count in upper.spans.items() for c in range(first, first + count)}
    if len(grouped.keys() & lower.cells.keys()) < _MIN_WIDTH or not _is_below(lower, upper, grouped):
        return {}
    if len(upper.cells) == 1 and lower.cells.keys() <= grouped.keys():
        return {}  # a title, merged over the whole table
    are_names = all(is_name(cell) or _YEAR.fullmatch(cell) for cell in lower.cells.values())
    return grouped if are_names or _are_names(lower, body) else {}


def _guess_groups(upper: Row, lower: Row) -> dict[int, str]:
    """Take a name for that of a group if the cells on its right are empty, but not those below them."""
    grouped: dict[int, str] = {}
    for column, name in upper.cells.items():
        end = column + 1
        while end in lower.cells and end not in upper.cells:
            end += 1
        if end > column + 1 and column in lower.cells:
            grouped |= dict.fromkeys(range(column, end), name)
    return grouped


def _is_below(lower: Row, upper: Row, grouped: Mapping[int, str]) -> bool:
    """Decide whether a row has nothing else below names that are of one level."""
    return all(column in grouped or upper.cells.get(column, cell) == cell for column, cell in lower.cells.items())


def _spread(row: Row) -> dict[int, str]:
    """Give each column that a merged cell covers its text."""
    names = dict(row.cells)
    for column, count in row.spans.items():
        names |= dict.fromkeys(range(column, column + count), row.cells[column])
    return names


def _join_levels(upper: Mapping[int, str], lower: Mapping[int, str]) -> dict[int, str]:
    names = dict(upper)
    for column, name in lower.items():
        above = upper.get(column, name)
        names[column] = name if above == name else f"{above} {name}"
    return names


def _are_names(row: Row, body: Sequence[Row]) -> bool:
    """Decide whether the cells may be names of columns: words, beside them perhaps years or dates in their order."""
    series = {column: cell for column, cell in row.cells.items() if not is_name(cell)}
    return not series or _is_series(row, series, body)


def is_name(cell: str) -> bool:
    """Decide whether a text may be the name of a column."""
    if cell in _SIGNS:
        return True
    if len(cell) > _MAX_NAME or not any(map(str.isalpha, cell)) or _ADDRESS.search(cell):
        return False
    if cell[0].isalpha() or classify(cell) is Kind.TEXT:
        return cell.upper() not in {"TRUE", "FALSE"}
    return not _NUMBER.fullmatch(cell) and not _DATE.fullmatch(cell) and sum(map(str.isalpha, cell)) >= _MIN_LETTERS


def _is_series(row: Row, series: Mapping[int, str], body: Sequence[Row]) -> bool:
    """Decide whether numbers or dates name columns, as the years of a statistic do."""
    cells = [*series.values()]
    below = [found for data in body if (found := [cell for column in series if (cell := data.cells.get(column))])]
    if any(len(cell) > _MAX_NUMBER for cell in cells):
        return False
    if all(map(_YEAR.fullmatch, cells)):
        are_years = [all(map(_YEAR.fullmatch, found)) for found in below]
        if len(cells) == 1:
            return len(row.cells) > 1 and len(below) > 1 and not any(are_years)
        return len(_list_steps(cells) - {(0,)}) == 1 and not all(are_years)
    if all(classify(cell) is Kind.DATE for cell in cells):
        has_dates = any(classify(cell) is Kind.DATE for found in below for cell in found)
        return len(set(cells)) == len(cells) > 1 and not has_dates
    # 1, 2, 3, …: days, rounds, questions. Two numbers may as well be data.
    has_label = len(row.cells) > len(cells) or any(min(data.cells, default=0) < min(series) for data in body)
    return len(cells) > 2 and _list_steps(cells) == {(1,)} and has_label  # noqa: PLR2004


def _list_steps(cells: Sequence[str]) -> set[tuple[int, ...]]:
    """List the differences between the numbers in neighbouring cells."""
    numbers = [[int(number) for number in _DIGITS.findall(cell)] for cell in cells]
    return {tuple(b - a for a, b in zip(one, other, strict=False)) for one, other in pairwise(numbers)}


def _is_pairs(row: Row) -> bool:
    """Decide whether the row holds a key, whose colon tells it from its value."""
    ends = [cell.endswith((":", "：")) for cell in row.cells.values()]
    return any(ends) and not all(ends)


def _is_data(row: Row, body: Sequence[Row]) -> bool:
    """Decide whether a row is like those below it: a text comes again in its column, or a code of the same form."""
    for column, cell in row.cells.items():
        # The form of a year says nothing: other numbers have it too.
        form = _give_form(cell) if is_name(cell) and any(map(str.isdigit, cell)) else ""
        for data in body:
            other = data.cells.get(column)
            if other and (other.casefold() == cell.casefold() or (form and form == _give_form(other))):
                return True
    return False


def _give_form(cell: str) -> str:
    """Give the form of a code such as A-101, or of a name with a number, whose words are a part of its form."""
    form = _DIGITS.sub("0", cell.casefold())
    return form if classify(cell) is Kind.TEXT else _LETTERS.sub("a", form)


def list_odd_words(row: Row, names: Mapping[int, str], columns: Iterable[int]) -> list[tuple[int, str]]:
    """List the words that a row has in all its columns of values, if it may be the header of another table.

    A word that is not capitalised as the name of its column is a value too: "unknown".
    """
    cells = [(column, row.cells[column]) for column in columns if column in row.cells]
    if len(row.cells) < _MIN_WIDTH or not all(map(is_name, row.cells.values())):
        return []
    are_odd = all(
        classify(cell) is Kind.TEXT and cell[0].isupper() == names[column][0].isupper() for column, cell in cells
    )
    return cells if are_odd else []


def _may_end(names: Mapping[int, str], kinds: Mapping[int, Kind], body: Sequence[Row]) -> bool:
    """Decide whether another header may stand among the rows: words in columns of values, that do not come again."""
    mixed = [column for column in names if column not in kinds]
    counts = Counter((column, row.cells[column]) for row in body for column in mixed if column in row.cells)
    with_values = {column for column, cell in counts if classify(cell) in _VALUES}
    mixed = [column for column in mixed if column in with_values]
    odd = (list_odd_words(row, names, mixed) for row in body) if mixed else ()
    return any(words and max(map(counts.__getitem__, words)) == 1 for words in odd)


def _is_transposed(names: Mapping[int, str], body: Sequence[Row], kinds: Mapping[int, Kind]) -> bool:
    """Decide whether the names may stand in the first column: rows then hold one kind of values, and columns many."""
    first = min(names)
    columns = [column for column in names if column != first]
    if len(body) < 2 or any(column in kinds for column in columns):  # noqa: PLR2004
        return False
    return all(
        len({classify(cell) for column, cell in row.cells.items() if column != first} - {Kind.MARK}) <= 1
        for row in body
    ) and all(any(column in row.cells for row in body) for column in columns)
