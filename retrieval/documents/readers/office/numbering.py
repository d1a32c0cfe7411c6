"""Numbering: the numbers that Word writes before headings and list items, which are not in their text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.documents.readers.packed import get_attribute, is_on, strip_namespace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element as Element

_LEVELS = 9
_MAX_PATTERN = 60
_PLACEHOLDER = re.compile("%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MAX_ROMAN, _MAX_LETTERS = 3_999, 30
_ALPHABETS = {"letter": "abcdefghijklmnopqrstuvwxyz", "russian": "абвгдежзиклмнопрстуфхцчшщыэюя"}


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    pattern: str = ""
    is_legal: bool = False
    """All its numbers are decimal."""
    space: str = " "
    restarts_after: int | None = None
    """It begins anew after this level, counted from 1, or one above; never if 0; None: after any above."""


@dataclass(frozen=True, slots=True)
class _List:
    abstract: str
    overrides: Mapping[int, int]
    """Level → the number that it starts with in this list."""
    levels: Mapping[int, _Level]
    levels_of_styles: Mapping[str, int]


class Numbering:
    """Counts the numbered paragraphs of a document, which come in their order."""

    def __init__(self, part: Element) -> None:
        abstracts = {get_attribute(each, "abstractNumId"): each for each in part.iterchildren("{*}abstractNum")}
        by_style = {get_attribute(each.find("{*}styleLink"), "val"): each for each in abstracts.values()}
        self._lists: dict[str, _List] = {}
        definitions: dict[str, tuple[dict[int, _Level], dict[str, int]]] = {}
        for number in part.iterchildren("{*}num"):
            key = get_attribute(number.find("{*}abstractNumId"), "val")
            if key not in abstracts:
                continue
            if key not in definitions:
                link = get_attribute(abstracts[key].find("{*}numStyleLink"), "val")
                definitions[key] = _read_levels(by_style.get(link, abstracts[key]) if link else abstracts[key])
            levels, styles = definitions[key]
            own, _ = _read_levels(number, "{*}lvlOverride/{*}lvl")
            starts = {
                level: start
                for level, each in _iterate_levels(number, "{*}lvlOverride")
                if (start := _read_number(each.find("{*}startOverride"))) is not None
            }
            self._lists[get_attribute(number, "numId")] = _List(
                key, starts, {**levels, **own} if own else levels, styles
            )
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()

    def find_level(self, list_id: str, style: str) -> int | None:
        """Find the level of a list that a style stands for."""
        return self._lists[list_id].levels_of_styles.get(style) if list_id in self._lists else None

    def count(self, list_id: str, level: int) -> str:
        """Count a paragraph, and give its number with the space after it; empty for a bullet."""
        listed = self._lists.get(list_id)
        if listed is None or level not in listed.levels:
            return ""
        counts = self._counts.setdefault(listed.abstract, [None] * _LEVELS)
        shown = listed.levels[level]
        count = counts[level]
        if level in listed.overrides and (list_id, level) not in self._started:
            count = listed.overrides[level] - 1
        self._started.add((list_id, level))
        counts[level] = shown.start if count is None else count + 1
        for below in range(level + 1, _LEVELS):
            after = listed.levels.get(below, _Level()).restarts_after
            if after is None or level < after:
                counts[below] = None
        if shown.format == "bullet":
            return ""
        text = _PLACEHOLDER.sub(lambda place: _write_place(listed, shown, counts, int(place[1]) - 1), shown.pattern)
        return text.strip() + shown.space if text.strip() else ""


def _iterate_levels(element: Element, path: str) -> Iterator[tuple[int, Element]]:
    for each in element.iterfind(path):
        level = get_attribute(each, "ilvl")
        if len(level) == 1 and level in "012345678":
            yield int(level), each


def _read_levels(element: Element, path: str = "{*}lvl") -> tuple[dict[int, _Level], dict[str, int]]:
    levels, styles = dict[int, _Level](), dict[str, int]()
    for number, each in _iterate_levels(element, path):
        parts = {strip_namespace(child): child for child in each.iterchildren("{*}*")}
        start = _read_number(parts.get("start"))
        levels[number] = _Level(
            1 if start is None else start,
            get_attribute(parts.get("numFmt"), "val") or "decimal",
            get_attribute(parts.get("lvlText"), "val")[:_MAX_PATTERN],
            is_on(parts.get("isLgl")),
            "" if get_attribute(parts.get("suff"), "val") == "nothing" else " ",
            _read_number(parts.get("lvlRestart")),
        )
        style = get_attribute(parts.get("pStyle"), "val")
        if style:
            styles[style] = number
    return levels, styles


def _read_number(element: Element | None) -> int | None:
    value = get_attribute(element, "val")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < _LEVELS else None


def _write_place(listed: _List, shown: _Level, counts: list[int | None], level: int) -> str:
    own = listed.levels.get(level, _Level())
    number = counts[level]
    return _write_number(own.start if number is None else number, "decimal" if shown.is_legal else own.format)


def _write_number(number: int, number_format: str) -> str:
    """Write a number as Word does; in digits where it has no other form here."""
    kind = number_format.lower().removeprefix("upper").removeprefix("lower").removesuffix("upper").removesuffix("lower")
    text = str(number)
    if kind == "roman" and 0 < number <= _MAX_ROMAN:
        text = ""
        for value, letters in _ROMAN:
            text += letters * (number // value)
            number %= value
    elif kind in _ALPHABETS and 0 < number <= _MAX_LETTERS * len(_ALPHABETS[kind]):
        alphabet = _ALPHABETS[kind]
        text = alphabet[(number - 1) % len(alphabet)] * ((number - 1) // len(alphabet) + 1)
    elif kind == "decimalzero":
        text = f"{number:02}"
    elif kind in {"bullet", "none"}:
        text = ""
    return text.upper() if "upper" in number_format.lower() else text
