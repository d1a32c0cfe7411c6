"""Drawings: the words and values of charts and diagrams in Word documents and presentations."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from retrieval.documents.readers.packed import get_attribute, strip_namespace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element

    from retrieval.documents.readers.packed import Package

DRAWINGS = {"chart", "relIds"}
"""Elements that refer to a chart or a diagram."""
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a sheet have no time zone
_MAX_DAY = 2_958_465
"""The last day of the year 9999."""
_MAX_LEVELS = 9
"""Of categories, each of which all points are gone through for."""
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|General', re.IGNORECASE)
_DECIMALS = re.compile(r"[0#?]\.(0+)")


def list_drawing_texts(package: Package, element: Element, relations: Mapping[str, str]) -> list[str]:
    """List the texts of the chart or diagram that an element refers to: titles, then a row for each category.

    Args:
        package: has the part.
        element: refers to it.
        relations: id → the name of a part.
    """
    is_chart = strip_namespace(element) == "chart"
    part = package.parse_optional(relations.get(get_attribute(element, "id" if is_chart else "dm")))
    if not is_chart:
        return [text for paragraph in part.iter("{*}p") if (text := _join(paragraph))]
    titles = [_join(title.find("{*}tx")) for title in part.iter("{*}title")]
    return [*dict.fromkeys(filter(None, titles)), *_list_rows(part)]


def _list_rows(chart: Element) -> list[str]:
    """List the rows of the table that a chart shows: a category, and its value in each series."""
    rows: dict[tuple[int, str], list[str]] = {}
    for series in chart.iter("{*}ser"):
        name = _join(series.find("{*}tx"))
        categories = _read_points(series, ("{*}cat", "{*}xVal"))
        for index, value in _read_points(series, ("{*}val", "{*}yVal")).items():
            category = categories.get(index, "")
            # Series of a scatter chart have their own categories.
            rows.setdefault((index, category), [category] if category else []).append(
                f"{name}: {value}" if name else value
            )
    return ["; ".join(row) for row in rows.values()]


def _read_points(series: Element, paths: tuple[str, ...]) -> dict[int, str]:
    """Read index → label or value, as the chart showed them when the file was saved."""
    points: dict[int, list[str]] = {}
    for source in (found for path in paths for found in series.iterchildren(path)):
        number_format = source.findtext(".//{*}formatCode") or ""
        # The outer of several levels comes last, and names only the first of its points.
        for level in [*source.iter("{*}lvl")][:_MAX_LEVELS] or [source]:
            label = ""
            marks = {_read_index(point): point for point in level.iter("{*}pt")}
            for index in sorted(marks if level is source or not points else points):
                if index in marks:
                    label = _format(marks[index].findtext("{*}v") or "", number_format)
                if label:
                    points.setdefault(index, []).insert(0, label)
    return {index: " ".join(labels) for index, labels in points.items()}


def _read_index(point: Element) -> int:
    index = get_attribute(point, "idx")
    return int(index) if index.isascii() and index.isdecimal() and len(index) < 10 else 0  # noqa: PLR2004


def _format(text: str, number_format: str) -> str:
    """Write a value as the chart shows it, but dates in the order of ISO 8601."""
    try:
        value = float(text)
    except ValueError:
        return " ".join(text.split())
    if not math.isfinite(value):
        return ""
    pattern = _LITERALS.sub("", number_format.partition(";")[0])
    if re.search("[dy]", pattern, re.IGNORECASE) and 0 <= value <= _MAX_DAY:
        return (_DAY_ZERO + timedelta(days=value)).date().isoformat()
    decimals = _DECIMALS.search(pattern)
    places = len(decimals[1]) if decimals else 0
    if "%" in pattern:
        return f"{value * 100:.{places}f}%"
    return f"{value:.{places}f}" if places and "E" not in pattern.upper() else f"{value:.15g}"


def _join(element: Element | None) -> str:
    """Join the words of a title, of a name's cell or of a paragraph."""
    if element is None:
        return ""
    parts = []
    for child in element.iter("{*}t", "{*}v", "{*}p"):
        parts += [child.text or ""] if strip_namespace(child) == "t" else [" ", child.text or ""]
    return " ".join("".join(parts).split())
