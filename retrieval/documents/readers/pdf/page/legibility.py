"""Decides whether the text of a page is what its fonts draw.

Fonts may say nothing of their letters, or the wrong ones: "7KH OLJKWKRXVH" for "The lighthouse". Such text is known by
signs without meaning, by words without vowels, by accents on most letters, and by sentences without spaces.
"""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import category, normalize

_MEANINGLESS = {"Cc", "Cn", "Co", "Cs"}
_REPLACEMENT = "\ufffd"
_MIN_SIGNS, _MAX_MEANINGLESS, _MAX_PUNCTUATION = 5, 0.3, 0.45
_MIN_PUNCTUATION = 100
_REPEATED = re.compile(r"(\W)\1+")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")

_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{5,}")
"""Codes and acronyms are shorter."""
_ACCENTED = re.compile(r"[\u00c0-\u00ff]")
_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{5}")
_MIN_LETTERS, _MIN_DIFFERENT = 60, 10
"""Fewer letters in words tell nothing; sequences of genes have few different ones."""
_MIN_VOWELS, _MAX_CONSONANTS, _MAX_ACCENTED = 0.22, 0.3, 0.5

_SPACED = (
    r"A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u05d0-\u05ea\u0620-\u06ff\u0900-\u0dff\u10a0-\u10ff"
)
_LETTER, _GLUED = re.compile(f"[{_SPACED}]"), re.compile(f"[{_SPACED}]{{28,}}")
"""Letters of scripts that put spaces between words, and so many without one."""
_MIN_GLUED, _MAX_GLUED = 100, 0.5


def is_legible(text: str) -> bool:
    """Decide whether a text, such as that of a page, can be read by a person; in doubt, it can."""
    return _has_meaning(text) and _has_words(text) and _has_spaces(text)


def _has_meaning(text: str) -> bool:
    signs = "".join(text.split())
    if len(signs) < _MIN_SIGNS:
        return True
    meaningless = sum(sign == _REPLACEMENT or category(sign) in _MEANINGLESS for sign in signs)
    once = _REPEATED.sub(r"\1", signs)
    punctuation = len(_PUNCTUATION.findall(once))
    return meaningless <= _MAX_MEANINGLESS * len(signs) and (
        len(once) < _MIN_PUNCTUATION or punctuation <= _MAX_PUNCTUATION * len(once)
    )


def _has_words(text: str) -> bool:
    words = _LATIN_WORD.findall(text)
    letters = "".join(words)
    plain = [normalize("NFD", word).lower() for word in words]
    different = Counter("".join(plain))
    if len(letters) < _MIN_LETTERS or len(different) < _MIN_DIFFERENT:
        return True
    vowels = sum(different[vowel] for vowel in "aeiouyæøœıəɛɔ")
    hard = sum(len(word) for word in plain if _CONSONANTS.search(word))
    return (
        vowels >= _MIN_VOWELS * len(letters)
        and hard <= _MAX_CONSONANTS * len(letters)
        and len(_ACCENTED.findall(letters)) <= _MAX_ACCENTED * len(letters)
    )


def _has_spaces(text: str) -> bool:
    letters = len(_LETTER.findall(text))
    # Sequences of genes and proteins are in capitals.
    glued = sum(len(run) for run in _GLUED.findall(text) if not run.isupper())
    return letters < _MIN_GLUED or glued <= _MAX_GLUED * letters
