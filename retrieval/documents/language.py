"""Languages: detects the one of a text, and gives its stemmer and its stop words; all offline."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import Stemmer
import stopwords

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN = ""
_MIN_LETTERS = 40
_loading = Lock()

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_WITHOUT_STEMMER = {"bg", "bn", "he", "hr", "ja", "ko", "lv", "sk", "sl", "sw", "th", "uk", "ur", "vi", "zh"}


def detect(text: str, default: str = UNKNOWN) -> str:
    """Give the ISO 639-1 code of the language of `text`; `default` where the text is too short to tell."""
    if sum(map(str.isalpha, text)) < _MIN_LETTERS:
        return default
    return guess(text)


def guess(text: str) -> str:
    """ISO 639-1 code of the language that `text` is most probably in, however short it is."""
    return _get_classifier()(text)


def prepare() -> None:
    """Load what tells languages apart, for a thread to do while something else is loaded."""
    _get_classifier()


def _get_classifier() -> Callable[[str], str]:
    with _loading:
        return _load_classifier()


@cache
def _load_classifier() -> Callable[[str], str]:
    # Loaded when first needed: it takes half a second, and some questions need none.
    from py3langid import langid  # noqa: PLC0415

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    identifier.set_languages(sorted(_SNOWBALL.keys() | _WITHOUT_STEMMER))
    return lambda text: str(identifier.classify(text)[0])


@cache
def load_stemmer(language: str) -> Callable[[str], str]:
    """Give the Snowball stemmer of a language; one that leaves words as they are where there is none."""
    if language not in _SNOWBALL:
        return str
    stem: Callable[[str], str] = Stemmer.Stemmer(_SNOWBALL[language]).stemWord
    return stem


@cache
def load_stop_words(language: str) -> frozenset[str]:
    """Give the words that say nothing about a text's subject, in lower case; none where the list is missing."""
    if language not in stopwords.LANGUAGE_MAPPING:
        return frozenset()
    return frozenset(filter(None, stopwords.get_stopwords(language)))


def detect_by_stop_words(words: list[str]) -> str:
    """Detect a language by the stop words among `words`: a question is too short for `detect`."""
    counts = {code: sum(word in load_stop_words(code) for word in words) for code in stopwords.LANGUAGE_MAPPING}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else UNKNOWN
