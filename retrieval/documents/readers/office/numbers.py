"""CellFormat: writes a number of a workbook as the sheet shows it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

if TYPE_CHECKING:
    from collections.abc import Mapping

_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DECIMALS = re.compile(r"[0#?]\.(0+)")
_WHOLE = re.compile(r"-?\d+")
_MAX_WHOLE = 1e21
"""A larger number is written with an exponent."""


class CellFormat:
    """A number format of a workbook.

    Args:
        code: as the file has it, such as `0.0%`.
        is_1904: whether days are counted from 1904, as old workbooks of the Macintosh do.
    """

    def __init__(self, code: str, *, is_1904: bool) -> None:
        pattern = _LITERALS.sub("", code.partition(";")[0])
        decimals = _DECIMALS.search(pattern)
        self._decimals = len(decimals[1]) if decimals else 0
        self._is_percent = "%" in pattern
        self._is_fixed = bool(decimals) and "E" not in pattern.upper()
        self._digits = len(pattern) if pattern.strip("0") == "" else 0
        self._epoch = MAC_EPOCH if is_1904 else WINDOWS_EPOCH
        self._is_duration = is_timedelta_format(code)
        self._is_date = is_date_format(code) or self._is_duration

    def write(self, text: str) -> str:
        """Write a number, of which the file has this text; dates and times always in the order of ISO 8601."""
        if not self._is_date and not self._is_percent and _WHOLE.fullmatch(text):
            # Exactly: a float has not as many digits.
            return f"{text}.{'0' * self._decimals}" if self._is_fixed else text.zfill(self._digits)
        with suppress(ValueError, OverflowError):
            number = float(text)
            if self._is_date:
                return _write_date(from_excel(number, self._epoch, timedelta=self._is_duration))
            return self._write_number(number)
        return text

    def _write_number(self, number: float) -> str:
        if self._is_percent:
            return f"{number * 100:.{self._decimals}f}%"
        if self._is_fixed:
            return f"{number:.{self._decimals}f}"
        if number.is_integer() and abs(number) < _MAX_WHOLE:
            return f"{int(number):0{self._digits}}"
        return f"{number:.15g}"


def make_formats(codes: Mapping[int, str], ids: list[int], *, is_1904: bool) -> list[CellFormat]:
    """Make the format of each cell style.

    Args:
        codes: the formats that the file defines.
        ids: the format of each style, defined by the file or by Excel.
        is_1904: whether days are counted from 1904.
    """
    made: dict[int, CellFormat] = {}
    for number in ids:
        if number not in made:
            made[number] = CellFormat(codes.get(number) or BUILTIN_FORMATS.get(number, ""), is_1904=is_1904)
    return [made[number] for number in ids]


def _write_date(value: datetime | date | time | timedelta) -> str:
    match value:
        case datetime():
            return value.isoformat(" ", "seconds").removesuffix(":00").removesuffix(" 00:00")
        case time():
            return value.isoformat("seconds").removesuffix(":00")
        case timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)
