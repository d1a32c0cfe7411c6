"""RowWriter: adds the rows of sheets to a document, each as a block that names its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.documents.readers.building import Builder
    from retrieval.documents.readers.limits import Limits

_MAX_COLUMN_NAME = 100


class RowWriter:
    """Adds the rows of sheets to a document, each as a block that names its columns."""

    def __init__(self, builder: Builder, limits: Limits) -> None:
        self._builder = builder
        self._limits = limits
        self._count = 0

    def write(self, rows: Iterable[Sequence[str]], sheet: str | None = None) -> None:
        """Add the rows of a sheet; empty rows are counted too, as people count them.

        The first row with several cells names the columns if its cells are different words. Without such a row,
        and in columns without a name, a cell stands for itself.
        """
        names: Sequence[str] | None = None
        header: tuple[int, Sequence[str]] | None = None
        for number, row in enumerate(rows, 1):
            self._count += 1
            self._limits.check("rows", self._count)
            cells = [" ".join(cell.split()) for cell in row]
            if names is None and sum(map(bool, cells)) > 1:
                names = cells if _are_names(cells) else ()
                if names:
                    header = number, cells
                    continue
            if any(cells):
                header = None
            self._write_row(number, cells, names or (), sheet)
        if header:  # no row follows that it could name the columns of
            self._write_row(*header, (), sheet)

    def _write_row(self, number: int, cells: Sequence[str], names: Sequence[str], sheet: str | None) -> None:
        parts = []
        for column, cell in enumerate(cells):
            name = names[column] if column < len(names) else ""
            if cell:
                parts.append(f"{name.rstrip(' :')}: {cell}" if name else cell)
        self._builder.add_block("; ".join(parts), Location(Unit.ROW, number, number, sheet), tight=True)


def _are_names(cells: Sequence[str]) -> bool:
    names = [cell for cell in cells if cell]
    return len(set(names)) == len(names) and all(
        len(name) <= _MAX_COLUMN_NAME and any(map(str.isalpha, name)) for name in names
    )
