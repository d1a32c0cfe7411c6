"""Numerals: which numbers a text holds, however they are written; pure functions.

"1,5" is 1.5, "1 500" and "1.500" are 1500, "5th" is 5, "XIV" is 14, "twelve" and "十二" are 12. Where a numeral can be
read in two ways, both count: what is looked for should be found.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from retrieval.indexing.bm25 import fold

NUMERAL = r"\d+(?:[.,'’ \u00a0\u202f]\d{2,3}(?!\d))*(?:[.,]\d+)?"
"""Digits in groups, with decimals; "12.05.2003" is two of them."""
_NUMERAL = re.compile(NUMERAL)
_GROUP_LENGTHS = {2, 3}
_WORD = re.compile(r"[^\W\d_]+")
_WORDS = """
    zero zéro cero null ноль нуль صفر
    one first un une premier première uno una primero primera ein eins eine erste один одна первый первая واحد الأول
    two second deux deuxième dos segundo segunda zwei zweite два две второй вторая اثنان الثاني
    three third trois troisième tres tercero tercera drei dritte три третий третья ثلاثة الثالث
    four fourth quatre quatrième cuatro cuarto cuarta vier vierte четыре четвертый четвертая أربعة الرابع
    five fifth cinq cinquième cinco quinto quinta fünf fünfte пять пятый пятая خمسة الخامس
    six sixth sixième seis sexto sexta sechs sechste шесть шестой шестая ستة السادس
    seven seventh sept septième siete séptimo séptima sieben siebte семь седьмой седьмая سبعة السابع
    eight eighth huit huitième ocho octavo octava acht achte восемь восьмой восьмая ثمانية الثامن
    nine ninth neuf neuvième nueve noveno novena neun neunte девять девятый девятая تسعة التاسع
    ten tenth dix dixième diez décimo décima zehn zehnte десять десятый десятая عشرة العاشر
    eleven eleventh onze onzième once elf elfte одиннадцать одиннадцатый
    twelve twelfth douze douzième doce zwölf zwölfte двенадцать двенадцатый
"""
_OF_WORD = {fold(word): str(n) for n, line in enumerate(_WORDS.strip().splitlines()) for word in line.split()}
_ROMAN = re.compile(r"\b(?=[IVXLC]{2}|I?er\b)(X{0,3}|XL|LX{0,3}|XC|C{1,3})(I[XV]|V?I{0,3})(?:er?|è?me)?\b")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_CHINESE = re.compile(r"[〇零一二两三四五六七八九十百千万]+")
_CHINESE_DIGITS = {
    character: n for n, pair in enumerate(["〇零", "一", "二两", *"三四五六七八九"]) for character in pair
}
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1_000}
_DECADE = re.compile(r"\d0")
_YEAR = 4
"""Digits."""


def use_plain_digits(text: str) -> str:
    """Write the digits of all scripts as 0 to 9; the text stays as long as it is."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def find_numbers(text: str) -> frozenset[str]:
    """Find all numbers of a text, and the groups of digits that they are written in."""
    text = use_plain_digits(unicodedata.normalize("NFKC", text))
    numbers: set[str] = set()
    for numeral in _NUMERAL.findall(text):
        numbers |= _read_values(numeral) | set(map(_strip_zeros, _split_groups(numeral)))
    numbers |= {_OF_WORD[word] for word in _WORD.findall(fold(text.lower())) if word in _OF_WORD}
    numbers |= {_read_roman(tens + ones) for tens, ones in _ROMAN.findall(text)}
    numbers |= set(map(_read_chinese, _CHINESE.findall(text)))
    return frozenset(numbers)


def holds(numbers: frozenset[str], numeral: str) -> bool:
    """Whether one of `numbers` may be meant by a numeral; by that of a decade ("80s"), any year of that name."""
    if not numbers.isdisjoint(_read_values(numeral)) or numbers.issuperset(map(_strip_zeros, _split_groups(numeral))):
        return True
    return bool(_DECADE.fullmatch(numeral)) and any(len(year) == _YEAR and year.endswith(numeral) for year in numbers)


def _split_groups(numeral: str) -> list[str]:
    return re.findall(r"\d+", numeral)


def _read_values(numeral: str) -> set[str]:
    """Read a numeral in each way that it may be meant: "1.500" is 1500, or 1.5."""
    first, *others = _split_groups(numeral)
    if not others:
        return {_strip_zeros(first)}
    values = set()
    if all(len(digits) in _GROUP_LENGTHS for digits in others):
        values.add(_strip_zeros(first + "".join(others)))
    *thousands, decimals = others
    if numeral[-len(decimals) - 1] in ".,":
        values.add(f"{_strip_zeros(first + ''.join(thousands))}.{decimals.rstrip('0')}".rstrip("."))
    return values


def _strip_zeros(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _read_roman(letters: str) -> str:
    values = [_ROMAN_VALUES[letter] for letter in letters]
    return str(sum(-value if value < after else value for value, after in pairwise([*values, 0])))


def _read_chinese(characters: str) -> str:
    """Read "十二" as 12, "二千三百" as 2300; digits in a row, as in years, "一九八七", as 1987."""
    if not any(character in _CHINESE_UNITS or character == "万" for character in characters):
        return _strip_zeros("".join(str(_CHINESE_DIGITS[character]) for character in characters))
    total = section = digit = 0
    for character in characters:
        if character == "万":
            total, section, digit = (section + digit) * 10_000, 0, 0
        elif character in _CHINESE_UNITS:
            section, digit = section + (digit or 1) * _CHINESE_UNITS[character], 0
        else:
            digit = _CHINESE_DIGITS[character]
    return str(total + section + digit)
