"""Texts of the bot, in the language of each person; a terminal speaks English."""

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

__all__ = ["ENGLISH", "LANGUAGES", "NO_DOCUMENTS", "VERDICTS", "Texts", "also_in", "in_language", "path", "place"]

LANGUAGES = {texts.language: texts for texts in (ENGLISH, FRENCH, SPANISH, GERMAN, RUSSIAN, ARABIC, CHINESE)}

VERDICTS = ENGLISH.verdicts
NO_DOCUMENTS = ENGLISH.no_documents
also_in = ENGLISH.also_in
place = ENGLISH.place


def path(collection: str, path: str) -> str:
    """Name a file, with its collection only if that is not the default one."""
    return path if collection == DEFAULT_COLLECTION else f"{collection}: {path}"


def in_language(code: str | None) -> Texts:
    """Get the texts in the language that an app of Telegram names, such as "de" or "zh-hans"; else in English."""
    return LANGUAGES.get((code or "").lower().partition("-")[0], ENGLISH)
