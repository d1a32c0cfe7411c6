"""The lines of pages that are pictures, recognised by RapidOCR for those who have installed the extra `ocr`.

What is recognised may hold mistakes, unlike all that other readers give.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any

from retrieval.documents.readers.pdf.lines import Line
from retrieval.documents.readers.pdf.ocr_order import in_order

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

_PIXELS_PER_POINT = 200 / 72
_MAX_PIXELS = 4_000
"""Along an edge: a hostile page is kilometres long."""

_LETTERS = 0.7
"""Of the height of a line is the font's size, as nearly as matters."""
_VARIATION = 1.4
"""Lines that differ less in height have one size: which letters are in them makes that much."""


def is_installed() -> bool:
    """Whether pages can be recognised."""
    return find_spec("rapidocr") is not None and find_spec("openvino") is not None


def lines_of(page: PdfPage, number: int) -> list[Line]:
    """The lines that are recognised on a page, in the order in which they are read."""
    width, height = page.get_size()
    scale = min(_PIXELS_PER_POINT, _MAX_PIXELS / max(width, height))
    try:
        found = _engine()(page.render(scale=scale).to_numpy(), use_cls=False)
    except RuntimeError as error:
        if "allocate" in str(error):  # OpenVINO has no other word for it
            raise MemoryError from error
        raise
    if found.boxes is None:
        return []
    lines = []
    for box, text in zip(found.boxes, found.txts, strict=True):
        across, down = [float(x) / scale for x, _ in box], [float(y) / scale for _, y in box]
        if text.strip():
            lines.append(
                Line(
                    text=text.strip(),
                    page=number,
                    left=min(across),
                    right=max(across),
                    base=height - max(down),
                    size=_LETTERS * (max(down) - min(down)),
                    bold=False,
                )
            )
    return in_order(_evened(lines))


@cache
def _engine() -> Any:  # noqa: ANN401 - it has no types
    from rapidocr import EngineType, RapidOCR  # noqa: PLC0415 - it is not there for all, and slow to load

    # The weights come with the package for any engine. Quoth has OpenVINO already.
    engines = {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Cls", "Rec")}
    return RapidOCR(params={**engines, "Global.log_level": "error"})


def _evened(lines: list[Line]) -> list[Line]:
    """The lines with one size where they are meant to have one."""
    usual = median(line.size for line in lines) if lines else 0.0
    return [
        replace(line, size=usual) if usual / _VARIATION < line.size < usual * _VARIATION else line for line in lines
    ]
