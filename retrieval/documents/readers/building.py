"""Builder: puts a document's text together, block by block; and RowWriter, which adds the rows of sheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents.document import Block, Content, Location, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.documents.readers.limits import Limits

_MAX_HEADING = 200
_MAX_COLUMN_NAME = 100
# Control characters, half characters, and the soft hyphen, which marks where a word may be broken and is not shown.
_INVISIBLE = re.compile("[\0-\x08\x0e-\x1f\x7f\xad\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


class Builder:
    """Collects headings and blocks in their order."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._headings: list[Block] = []
        self._length = 0
        self._heading: str | None = None
        self._is_tight = False

    def add_heading(self, text: str, place: Location | None = None) -> None:
        """Begin a section, if there is more than white space. A text too long for a heading becomes a block."""
        line = join_lines(text)
        if line:
            self._heading = line
            start = self._append(line, tight=False)
            self._headings.append(Block(start, self._length, None, place))
        else:
            self.add_block(text, place)

    def end_section(self) -> None:
        """Put the blocks that follow under no heading."""
        self._heading = None

    def add_block(self, text: str, place: Location | None = None, *, tight: bool = False) -> None:
        """Add a block, if there is more than white space in it.

        Args:
            text: without a mark of its own for where it ends.
            place: its location in the file.
            tight: put no blank line between it and another tight block: rows, list items.
        """
        text = clean(text)
        if text:
            start = self._append(text, tight=tight)
            self._blocks.append(Block(start, self._length, self._heading, place))

    def build(self, title: str | None = None) -> Content:
        """Give all that was added; where there are only headings, they are the blocks."""
        return Content("".join(self._parts), tuple(self._blocks or self._headings), join_lines(title or ""))

    def _append(self, text: str, *, tight: bool) -> int:
        separator = ("\n" if tight and self._is_tight else "\n\n") if self._parts else ""
        self._is_tight = tight
        start = self._length + len(separator)
        self._parts += (separator, text)
        self._length = start + len(text)
        self._limits.check("characters", self._length)
        return start


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


def clean(text: str) -> str:
    r"""Remove invisible characters and the white space around a text, and write \n for all line ends."""
    return _LINE_END.sub("\n", _INVISIBLE.sub("", text)).strip()


def join_lines(text: str) -> str | None:
    """Put a heading or title on one line; None if the text is empty, or too long to be one."""
    line = " ".join(clean(text).split())
    return line if 0 < len(line) <= _MAX_HEADING else None
