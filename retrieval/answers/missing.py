"""Missing words: names, numbers and dates of a question that do not stand in a passage; pure functions.

A verdict from vectors is fooled by a near miss: "How many officers will work in Dunkirk?" is as near to a passage on
Calais as the question that it answers. Whether "Dunkirk" stands there can be looked up. In doubt a word counts as
found: it may be inflected, folded, spaced, shortened to initials, or a number written in words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

from retrieval.answers import numerals
from retrieval.documents.language import detect_by_stop_words, guess, load_stemmer, load_stop_words
from retrieval.indexing.bm25 import UNSPACED, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.search.questions import Question
    from retrieval.storage.records import StoredPassage

_CASED = "A-Za-z\u00c0-\u058f"
"""Latin, Greek, Cyrillic and Armenian letters; only these have capitals, and these stand apart from a number."""
_NUMBER = re.compile(rf"(?<![\d{_CASED}])({numerals.NUMERAL})(?:[{_CASED}]{{1,3}})?(?![\d{_CASED}])")
"""With what is written behind it: "5th", "80s", "10km"."""
_WORD = re.compile(rf"(?:[^\W_{UNSPACED}][\u0300-\u036f]*)+")
_BETWEEN = re.compile(r"[\s\-‐‑'’.&/]*")
"""What parts the words of one name."""
_SENTENCE_START = re.compile(r"(?:\A|[.!?:;…¿¡])[\W_]*\Z")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ـ": ""})
"""Those that no normalisation takes apart."""
_MIN_PREFIX = 4
"""Letters of a stem that may begin another word: "German" is found in "Germany", but not "Al" in "Alsace"."""
_MAX_INITIALS = 6
_CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Languages in which all nouns have capitals."""


@dataclass(frozen=True, slots=True)
class MissingWord:
    """A part of a question that does not stand in a passage; offsets are into the question, end exclusive."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A number, or a word that names something."""

    start: int
    end: int
    text: str
    numeral: str = ""
    """Empty if it is no number."""


def read_missing_words(question: str | None, spans: Iterable[tuple[int, int]]) -> tuple[MissingWord, ...]:
    """Read the missing words of a receipt, which has their places in its question; none if that was forgotten."""
    return tuple(MissingWord(start, end, question[start:end]) for start, end in spans) if question else ()


def find_missing(question: Question, passage: StoredPassage) -> tuple[MissingWord, ...]:
    """Find what a question names and a passage, its title and its heading do not.

    Words that follow one another count as one. Of a follow-up, only its own words are looked for. Across languages,
    only numbers are: a name may have been translated.
    """
    texts = (passage.title, passage.heading or "", passage.text)
    start = len(question.whole) - len(question.text)
    return find_missing_words(question.whole, texts, passage.language, start)


def find_missing_words(question: str, texts: Iterable[str], language: str, start: int = 0) -> tuple[MissingWord, ...]:
    """Find what a question names, from `start` on, and none of some texts in a language does, as in `find_missing`."""
    names = [name for name in _find_names(question, language) if name.start >= start]
    passage = _Passage("\n".join(texts), language)
    missing = [
        name
        for run in _group_runs(question, names)
        for name in run
        if not passage.holds(name, "".join(word.text for word in run))
    ]
    # Loading what tells languages takes half a second, so it is asked only where it matters.
    if not all(name.numeral for name in missing) and language != guess(question):
        missing = [name for name in missing if name.numeral]
    return tuple(
        MissingWord(run[0].start, run[-1].end, question[run[0].start : run[-1].end])
        for run in _group_runs(question, missing)
    )


def _find_names(question: str, language: str) -> list[_Name]:
    """Find what names something, in the question's order."""
    plain = numerals.use_plain_digits(question)
    names = [_Name(match.start(), match.end(), match[0], match[1]) for match in _NUMBER.finditer(plain)]
    taken = {position for name in names for position in range(name.start, name.end)}
    words = [word for word in _WORD.finditer(question) if word.start() not in taken]
    stop = load_stop_words(language) | load_stop_words(detect_by_stop_words([word[0].lower() for word in words]))
    has_capitals = language not in _CAPITAL_NOUNS and _has_capitals([word[0] for word in words], stop)
    known = _load_known_names(language)
    for word in words:
        text = word[0]
        is_capital = has_capitals and text.lower() not in stop and _is_capital(text, question[: word.start()])
        is_known = text in known or load_stemmer(language)(text.lower()) in known
        if is_capital or is_known or any(map(str.isdigit, text)):
            names.append(_Name(word.start(), word.end(), text))
    return sorted(names, key=lambda name: name.start)


def _has_capitals(words: Sequence[str], stop: frozenset[str]) -> bool:
    """Whether capitals say something: not in "WHO IS IT" or "Who Is It"."""
    others = words[1:]
    return not all(word[0].isupper() for word in others) or not any(word.lower() in stop for word in others)


def _is_capital(word: str, before: str) -> bool:
    """Whether a word is written as a name is; at the start of a sentence, only with two capitals."""
    is_first = _SENTENCE_START.search(before) is not None
    return len(word) > 1 and (sum(map(str.isupper, word)) > 1 if is_first else word[0].isupper())


@cache
def _load_known_names(language: str) -> frozenset[str]:
    """Get the names of months, days, countries and great cities; what has no capital, also as a stem."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return frozenset()
    calendar = [
        name for part in (locale.months, locale.days) for style in part.values() for name in style["wide"].values()
    ]
    countries = [name for code, name in locale.territories.items() if code.isalpha()]
    cities = [zone["city"] for zone in locale.time_zones.values() if "city" in zone]
    names = {name for name in (*calendar, *countries, *cities) if len(name) > 1 and not any(map(str.isdigit, name))}
    stems = {load_stemmer(language)(name) for name in names if name == name.lower()}
    return frozenset(names | {stem for stem in stems if len(stem) >= _MIN_PREFIX})


def _group_runs(question: str, names: Sequence[_Name]) -> Iterator[list[_Name]]:
    """Group the words that follow one another, as in "New York"; a number stands alone."""
    run: list[_Name] = []
    for name in names:
        follows = run and not (run[-1].numeral or name.numeral)
        if run and not (follows and _BETWEEN.fullmatch(question, run[-1].end, name.start)):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


class _Passage:
    """What stands in a text of a language, in each way that a question may write it."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._stem = load_stemmer(language)
        self._folded = _fold_letters(text)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return numerals.find_numbers(self._text)

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(stem for word in _WORD.findall(self._text) for stem in self._stems_of(word))

    @cached_property
    def _initials(self) -> str:
        return "".join(word[0] for word in _WORD.findall(self._text) if word[0].isupper()).casefold()

    def _stems_of(self, word: str) -> set[str]:
        return {_fold_letters(self._stem(word.lower())), _fold_letters(word)}

    def holds(self, name: _Name, run: str) -> bool:
        """Whether a name stands in the text, or all the words that it stands among, written as one."""
        if name.numeral:
            return numerals.holds(self._numbers, name.numeral)
        return self._holds_word(name.text) or (run != name.text and _fold_letters(run) in self._folded)

    def _holds_word(self, word: str) -> bool:
        plain, stems = _fold_letters(word), self._stems_of(word)
        in_numbers = numerals.find_numbers(word)
        return (
            not stems.isdisjoint(self._stems)
            or (len(plain) >= _MIN_PREFIX and plain in self._folded)
            or self._has_spaced(plain)
            or any(self._begins_word(stem) for stem in stems if len(stem) >= _MIN_PREFIX)
            or (word.isupper() and len(word) <= _MAX_INITIALS and plain in self._initials)
            or (bool(in_numbers) and in_numbers <= self._numbers)
        )

    def _has_spaced(self, plain: str) -> bool:
        spaced = r"[\W_]*".join(map(re.escape, plain))
        return re.search(rf"(?<![^\W_]){spaced}(?![^\W_])", self._folded) is not None

    def _begins_word(self, stem: str) -> bool:
        return re.search(rf"(?<![^\W_]){re.escape(stem)}", self._folded) is not None


def _fold_letters(text: str) -> str:
    """Remove case, marks and ligatures."""
    return fold(unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS))
