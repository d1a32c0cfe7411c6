"""The lines of pages and photographs that are pictures, for those who have installed the extra `ocr`.

A recognised text may hold mistakes, unlike the text of all other readers. Its pieces are put into reading order:
column after column, and the pieces of a row as one line.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING

from retrieval.documents.readers.pdf.lines import PdfLine
from retrieval.documents.readers.scan.budget import begin_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pypdfium2 import PdfPage

    from retrieval.documents.readers.scan.recognition import Pixels

_PIXELS_PER_POINT = 200 / 72
_FONT_SIZE = 0.7
"""The font's size as a part of the line's height, as nearly as matters."""
_USUAL_SIZE = 10.0
"""Of a font, in points."""
_SIZE_VARIATION = 1.4
"""Lines that differ less in height have one size: which letters are in them makes that much."""
_MIN_COLUMN_LINES = 3
_MIN_COLUMN_WIDTH = 12.0
"""In parts of the font's size; a narrower column belongs to a table, which is read row by row."""
_MAX_CROSSING = 0.2
"""The share of lines that may stand over several columns, as headings do."""


def is_installed() -> bool:
    """Decide whether pages can be recognised."""
    return find_spec("rapidocr") is not None and find_spec("openvino") is not None


def recognise_lines(page: PdfPage, number: int) -> list[PdfLine]:
    """Recognise the lines of a page, in reading order."""
    begin_page()
    from retrieval.documents.readers.scan.recognition import fit  # noqa: PLC0415 - its libraries may be missing

    width, height = page.get_size()
    scale = fit(width, height, _PIXELS_PER_POINT)
    return recognise_picture(page.render(scale=scale).to_numpy(), number, scale)


def recognise_picture(pixels: Pixels, number: int, scale: float | None = None) -> list[PdfLine]:
    """Recognise the lines of a picture of page `number`; the caller has called `begin_page`.

    Args:
        pixels: no more than `recognition.fit` allows.
        number: from 1.
        scale: pixels a point; by default, so many that most lines have a usual size.
    """
    from retrieval.documents.readers.scan.recognition import recognise  # noqa: PLC0415 - its libraries may be missing

    pieces = recognise(pixels)
    if not pieces:
        return []
    scale = scale or _FONT_SIZE * median(piece.height for piece in pieces) / _USUAL_SIZE
    lines = [
        PdfLine(
            text=piece.text,
            page=number,
            left=piece.left / scale,
            right=piece.right / scale,
            base=piece.base / scale,
            size=_FONT_SIZE * piece.height / scale,
            bold=False,
        )
        for piece in pieces
    ]
    return order_lines(_level_sizes(lines))


def _level_sizes(lines: list[PdfLine]) -> list[PdfLine]:
    """Give lines of about the usual size exactly that size."""
    usual = median(line.size for line in lines) if lines else 0.0
    low, high = usual / _SIZE_VARIATION, usual * _SIZE_VARIATION
    return [replace(line, size=usual) if low < line.size < high else line for line in lines]


def order_lines(pieces: Sequence[PdfLine]) -> list[PdfLine]:
    """Put recognised pieces into reading order, those of a row joined to one line."""
    gutter = _find_gutter(pieces)
    if gutter is None:
        return _join_rows(pieces)
    lines: list[PdfLine] = []
    left: list[PdfLine] = []
    right: list[PdfLine] = []
    for piece in sorted(pieces, key=lambda piece: -piece.base):
        if piece.right <= gutter:
            left.append(piece)
        elif piece.left >= gutter:
            right.append(piece)
        else:
            lines += [*_join_rows(left), *order_lines(right), piece]
            left, right = [], []
    return [*lines, *_join_rows(left), *order_lines(right)]


def _find_gutter(pieces: Sequence[PdfLine]) -> float | None:
    """Find where the first of several columns ends: where the fewest pieces stand on both sides."""
    gutter, fewest = None, _MAX_CROSSING * len(pieces)
    for x in sorted({piece.right for piece in pieces}):
        left = [piece for piece in pieces if piece.right <= x]
        right = [piece for piece in pieces if piece.left >= x]
        crossing = len(pieces) - len(left) - len(right)
        if crossing < fewest and _is_column(left) and _is_column(right):
            gutter, fewest = x, crossing
    return gutter


def _is_column(pieces: Sequence[PdfLine]) -> bool:
    return len(pieces) >= _MIN_COLUMN_LINES and (
        median(piece.right - piece.left for piece in pieces)
        >= _MIN_COLUMN_WIDTH * median(piece.size for piece in pieces)
    )


def _join_rows(pieces: Sequence[PdfLine]) -> list[PdfLine]:
    """Join pieces side by side to one line, from the top down."""
    rows: list[list[PdfLine]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.base):
        if rows and rows[-1][0].base - piece.base < piece.size / 2:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_join(sorted(row, key=lambda piece: piece.left)) for row in rows]


def _join(row: Sequence[PdfLine]) -> PdfLine:
    return replace(
        row[0],
        text=" ".join(piece.text for piece in row),
        right=max(piece.right for piece in row),
        base=median(piece.base for piece in row),
        size=median(piece.size for piece in row),
    )
