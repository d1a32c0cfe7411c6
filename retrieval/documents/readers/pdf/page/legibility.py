"""Decides whether the text of a page is what its fonts draw.

Fonts may say nothing of their letters, or the wrong ones: "7KH OLJKWKRXVH" for "The lighthouse". Such text is known by
signs without meaning, by words without vowels, by accents on most letters, and by sentences without spaces.
"""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import normalize

_WITHOUT_MEANING = re.compile("[\0\1\3-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
"""Control characters but the hyphen of pdfium, private ones, and the one that stands for an unknown one."""
_MIN_SIGNS, _MAX_WITHOUT_MEANING = 5, 0.3
_REPEATED = re.compile(r"([\W_])\1+")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_MIN_PUNCTUATION, _MAX_PUNCTUATION = 100, 0.45

_LATIN_WORD = re.compile(r"(?<![A-Za-z\u00c0-\u024f])[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{5,15}(?![A-Za-z\u00c0-\u024f])")
"""Codes and acronyms are shorter, alphabets longer."""
_MIN_VARIETY = 0.5
"""Different letters of a word, in parts of its length: "XXXX" and the sequences of genes have fewer."""
_ACCENTED = re.compile(r"[\u00c0-\u00ff]")
_VOWEL = re.compile(r"[aeiouyæøœıəɛɔ]")
_HARD_WORD = re.compile(r"\w*[b-df-hj-np-tv-xz]{5}\w*")
_MIN_LETTERS = 40
"""Fewer letters in words tell nothing."""
_MIN_VOWELS, _MIN_VOWELS_OF_HARD, _MAX_HARD, _MAX_ACCENTED = 0.22, 0.3, 0.3, 0.5

_SPACED = (
    r"A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f\u0531-\u0587\u05d0-\u05ea\u0620-\u06ff\u0900-\u0dff\u10a0-\u10ff"
)
_LETTER, _GLUED = re.compile(f"[{_SPACED}]"), re.compile(f"[{_SPACED}]{{28,}}")
"""Letters of scripts that put spaces between words, and so many without one."""
_MIN_GLUED, _MAX_GLUED, _MIN_DIFFERENT = 100, 0.5, 10


def is_legible(text: str) -> bool:
    """Decide whether a text, such as that of a page, can be read by a person; in doubt, it can."""
    return _has_meaning(text) and _has_words(text) and _has_spaces(text)


def _has_meaning(text: str) -> bool:
    signs = "".join(text.split())
    if len(signs) < _MIN_SIGNS:
        return True
    if len(_WITHOUT_MEANING.findall(signs)) > _MAX_WITHOUT_MEANING * len(signs):
        return False
    # Lines of dots or underscores are to be written on.
    once = _REPEATED.sub(r"\1", signs)
    return len(once) < _MIN_PUNCTUATION or len(_PUNCTUATION.findall(once)) <= _MAX_PUNCTUATION * len(once)


def _has_words(text: str) -> bool:
    words = [word for word in dict.fromkeys(_LATIN_WORD.findall(text)) if len(set(word)) >= _MIN_VARIETY * len(word)]
    said = " ".join(words)
    letters = len(said) - len(words) + 1
    if letters < _MIN_LETTERS:
        return True
    plain = normalize("NFD", said).lower()
    vowels = len(_VOWEL.findall(plain)) / letters
    hard = sum(map(len, _HARD_WORD.findall(plain))) / letters
    accented = len(_ACCENTED.findall(said)) / letters
    return vowels >= (_MIN_VOWELS_OF_HARD if hard > _MAX_HARD else _MIN_VOWELS) and accented <= _MAX_ACCENTED


def _has_spaces(text: str) -> bool:
    # Sequences of genes and proteins are in capitals.
    glued = "".join(run for run in _GLUED.findall(text) if not run.isupper())
    if len(glued) < _MIN_GLUED or len(Counter(glued)) < _MIN_DIFFERENT:
        return True
    return len(glued) <= _MAX_GLUED * len(_LETTER.findall(text))
