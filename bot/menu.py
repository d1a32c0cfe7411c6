"""introduce: what Telegram shows about the bot in each language, which is its commands and its descriptions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from telegram import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot.texts import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from telegram.ext import ExtBot

    from bot.texts import Texts

logger = logging.getLogger(__name__)

IN_GROUPS = ("ask",)
IN_PRIVATE = ("ask", "sources", "help")


async def introduce(bot: ExtBot[Any]) -> None:
    """Set what Telegram shows about the bot; a failure is only logged, as people can ask without."""
    try:
        for say in LANGUAGES.values():
            await _introduce(bot, say)
    except TelegramError as error:
        logger.warning("The command menu and the descriptions are not up to date: %s", error)


async def _introduce(bot: ExtBot[Any], say: Texts) -> None:
    # Telegram shows what has no language to all whose language the bot does not speak.
    language = None if say is ENGLISH else say.language
    for scope, names in (
        (BotCommandScopeAllPrivateChats(), IN_PRIVATE),
        (BotCommandScopeAllGroupChats(), IN_GROUPS),
    ):
        await bot.set_my_commands([(name, say.commands[name]) for name in names], scope, language)
    await bot.set_my_description(say.description, language)
    await bot.set_my_short_description(say.short_description, language)
