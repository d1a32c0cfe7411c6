"""What the bot says to people, in their language; a terminal speaks English."""

from __future__ import annotations

from bot.texts.ar import ARABIC
from bot.texts.catalogue import Texts
from bot.texts.de import GERMAN
from bot.texts.en import ENGLISH
from bot.texts.es import SPANISH
from bot.texts.fr import FRENCH
from bot.texts.ru import RUSSIAN
from bot.texts.zh import CHINESE
from retrieval import DEFAULT_COLLECTION

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "NO_DOCUMENTS",
    "VERDICTS",
    "Texts",
    "also_in",
    "in_language",
    "path",
    "place",
]

LANGUAGES = {each.language: each for each in (ENGLISH, FRENCH, SPANISH, GERMAN, RUSSIAN, ARABIC, CHINESE)}

VERDICTS = ENGLISH.verdicts
NO_DOCUMENTS = ENGLISH.no_documents
also_in = ENGLISH.also_in
place = ENGLISH.place


def path(collection: str, path: str) -> str:
    """Which file it is: only those who have several collections need to know which."""
    return path if collection == DEFAULT_COLLECTION else f"{collection}: {path}"


def in_language(code: str | None) -> Texts:
    """The texts for what an app of Telegram calls its language, such as "de" or "zh-hans"; else in English."""
    return LANGUAGES.get((code or "").lower().partition("-")[0], ENGLISH)
