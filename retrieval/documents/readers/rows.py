"""Rows of a sheet: each is a block that names its columns, as the first row does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.documents.document import Location, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.documents.readers.building import Builder
    from retrieval.documents.readers.limits import Limits

_NAME_LIMIT = 100


class Rows:
    """Adds rows to a document, those of all its sheets together within the limit."""

    def __init__(self, builder: Builder, limits: Limits) -> None:
        self._builder = builder
        self._limits = limits
        self._count = 0

    def write(self, rows: Iterable[Sequence[str]], sheet: str | None = None) -> None:
        """Add the rows of a sheet; empty ones too count as rows, as a person counts them.

        The first row with several cells names the columns if all of them are different words. Where it
        does not, and in columns without a name, a cell stands for itself.
        """
        names: Sequence[str] | None = None
        header: tuple[int, Sequence[str]] | None = None
        for number, row in enumerate(rows, 1):
            self._count += 1
            self._limits.check_rows(self._count)
            cells = [" ".join(cell.split()) for cell in row]
            if names is None and sum(map(bool, cells)) > 1:
                names = cells if _are_names(cells) else ()
                header = (number, cells) if names else None
                if header:
                    continue
            if any(cells):
                header = None
            self._row(number, cells, names or (), sheet)
        if header:
            self._row(*header, (), sheet)

    def _row(self, number: int, cells: Sequence[str], names: Sequence[str], sheet: str | None) -> None:
        parts = []
        for column, cell in enumerate(cells):
            name = names[column] if column < len(names) else ""
            if cell:
                parts.append(f"{name.rstrip(' :')}: {cell}" if name else cell)
        self._builder.block("; ".join(parts), Location(Unit.ROW, number, number, sheet), tight=True)


def _are_names(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(set(filled)) == len(filled) and all(
        len(cell) <= _NAME_LIMIT and any(map(str.isalpha, cell)) for cell in filled
    )
