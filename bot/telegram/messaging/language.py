"""texts_for: what the bot says to a person, in their language or that of their group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.messaging.context import settings_here
from bot.texts import Texts, in_language

if TYPE_CHECKING:
    from telegram import User


def texts_for(user: User | None) -> Texts:
    """In the language of the group, if it has one; else of the person's app, as far as Telegram tells it."""
    return in_language(settings_here.get().language or (user.language_code if user else None))
