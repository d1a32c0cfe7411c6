"""Tables in documents, pages and slides: merged cells are laid out, and each row is one line, as a person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_REPEATED = 200
"""A merged cell with a longer text holds part of a page, and is written once."""
_MAX_SPAN = 100


class Cell(NamedTuple):
    """A cell of a table, perhaps merged with those beside and below it."""

    text: str | None
    """None for a place that the cell above covers, in formats that list it."""
    columns: int = 1
    rows: int = 1
    """How many it covers. Formats that list covered places need not tell more than whether it is more than one."""


class Grid:
    """Lays out the rows of one table, so that each cell stands in its column.

    The text of a cell that covers several rows belongs to each of them. One that covers several columns stands in the
    first, and the others are empty.

    Args:
        lists_covered: whether rows list the places that a cell above covers.
    """

    def __init__(self, *, lists_covered: bool) -> None:
        self._lists_covered = lists_covered
        self._above: dict[int, tuple[str, int]] = {}
        """Column → the text that a merged cell puts into it, and for how many rows."""

    def lay_out(self, cells: Sequence[Cell]) -> list[str]:
        """Give the texts of a row, one for each column; none if it has no text of its own."""
        row: list[str] = []
        covered: dict[int, tuple[str, int]] = {}
        for cell in cells:
            if not self._lists_covered:
                self._fill(row, covered)
            if cell.text is None:
                row.append(self._above.get(len(row), ("", 0))[0])
                continue
            columns = max(1, min(cell.columns, _MAX_SPAN))
            for column in range(len(row), len(row) + columns):
                self._above.pop(column, None)
                if cell.rows > 1:
                    is_repeated = column == len(row) and len(cell.text) <= _MAX_REPEATED
                    covered[column] = cell.text if is_repeated else "", cell.rows
            row += [cell.text, *[""] * (columns - 1)]
        if not self._lists_covered:
            self._fill(row, covered)
        self._above |= {column: (text, rows - 1) for column, (text, rows) in covered.items()}
        return row if any(cell.text for cell in cells) else []

    def _fill(self, row: list[str], covered: dict[int, tuple[str, int]]) -> None:
        """Put in the places that cells above cover, and that the row does not list."""
        while len(row) in self._above:
            text, rows = self._above.pop(len(row))
            if rows > 1:
                covered[len(row)] = text, rows
            row.append(text)


def join_cells(cells: Sequence[str]) -> str:
    """Write a row on one line. Empty cells keep their columns; those at the end need not be there."""
    texts = [" ".join(cell.split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts)
