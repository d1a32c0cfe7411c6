"""Leaning sentences: those that are understood only with the sentence before them; pure functions."""

from __future__ import annotations

import re

_WORDS = 4
"""At the beginning of a sentence, where its subject stands in most of them."""
_CHINESE_CHARACTERS = 6
_CHINESE = re.compile("[他她它这那其该此]|^(?:是的|不是|但)")
_WORD = re.compile(r"[^\W\d_]+")

_PRONOUNS = {
    "en": "he she it they him her his hers its their them this these those such",
    "fr": "il elle ils elles lui leur leurs son sa ses ce cet cette ces c celui celle ceux celles cela ça ceci",
    "de": "er sie es ihm ihn ihr ihre ihrer ihren ihrem sein seine seiner seinen dies diese dieser dieses diesem "
    "diesen dort dafür damit dabei dazu davon daher deshalb darin",
    "es": "él ella ellos ellas ello su sus este esta estos estas esto ese esa esos esas eso aquel aquella aquello",
    "ru": "он она оно они его её ее их ему ей им этот эта это эти этого этой этих этом там такой такая такое такие",
    "ar": "هو هي هم هما هذا هذه هؤلاء ذلك تلك هناك وهو وهي وهم وهذا وهذه وذلك لذلك",
}
_OPENERS = {
    "en": "that there then thus therefore however but also yes no otherwise instead",
    "fr": "oui non mais donc ainsi aussi sinon",
    "de": "ja nein aber auch doch sonst",
    "es": "sí no pero también así",
    "ru": "да нет но также поэтому иначе",
    "ar": "نعم لا لكن ولكن كما",
}


def is_leaning(sentence: str, language: str) -> bool:
    """Check whether a sentence begins with a word for something before it: a pronoun, "this", "yes", "but"."""
    if language == "zh":
        return _CHINESE.search(sentence.lstrip()[:_CHINESE_CHARACTERS]) is not None
    first, *others = _WORD.findall(sentence)[:_WORDS] or [""]
    # Within a sentence as it is written: German "Sie" is who reads.
    pronouns = set(_PRONOUNS.get(language, "").split())
    return first.lower() in pronouns.union(_OPENERS.get(language, "").split()) or not pronouns.isdisjoint(others)
