"""The context of the update that is being handled: the settings of its group, and the language to answer in.

The gate, which sees each update first, sets `group_settings`. Each update is handled in a task with its own context.
"""

from __future__ import annotations

from contextvars import ContextVar

from telegram import User

from bot.telegram.state.chats import ChatSettings
from bot.texts import Texts, in_language

group_settings: ContextVar[ChatSettings] = ContextVar("group_settings", default=ChatSettings())  # noqa: B039 - frozen


def texts_for(user: User | None) -> Texts:
    """Choose the language: that of the group, if one is set, else that of the person's app, as Telegram tells it."""
    return in_language(group_settings.get().language or (user.language_code if user else None))
