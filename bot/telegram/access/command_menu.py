"""What Telegram shows about the bot: its commands, by role and language, and its descriptions."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from hashlib import sha256

import telegram
from telegram.error import TelegramError

from bot.telegram.access.access import Access
from bot.telegram.state.facts import Facts
from bot.telegram.state.people import Contact, Role
from bot.texts import ENGLISH, LANGUAGES, Texts, in_language
from retrieval import StoreError

logger = logging.getLogger(__name__)

INTRODUCTION = "introduction"
"""The fact that holds a digest of what Telegram shows."""
IN_GROUPS = ("ask", "receipt", "help")
FOR_ADMINISTRATORS = (*IN_GROUPS, "settings")
FOR_EVERYBODY = ("forget_me",)
IN_PRIVATE = ("ask", "new", "sources", "receipt", "help", *FOR_EVERYBODY)
FOR_OWNERS = (*IN_PRIVATE, "allow", "deny", "members", "documents", "collections", "unanswered", "stats")
OF_ROLES = {Role.OWNER: FOR_OWNERS, Role.MEMBER: IN_PRIVATE, Role.DENIED: FOR_EVERYBODY}


async def introduce(bot: telegram.Bot, access: Access, facts: Facts) -> None:
    """Tell Telegram what to show about the bot, unless it shows that already.

    A failure is only logged, as people can ask without.
    """
    try:
        known = {role: access.contacts(role) for role in (Role.OWNER, Role.MEMBER)}
        digest = sha256(repr((LANGUAGES, access.is_public, known)).encode()).hexdigest()
        if digest == facts.get(INTRODUCTION):
            return
        for texts in LANGUAGES.values():
            await _introduce(bot, texts, IN_PRIVATE if access.is_public else FOR_EVERYBODY)
        for role, contacts in known.items():
            for contact in contacts:
                await show_menu(bot, contact, role)
        facts.set(INTRODUCTION, digest)
    except (TelegramError, StoreError) as error:
        logger.warning("The command menu and the descriptions are not up to date: %s", error)
    else:
        logger.info("The command menu and the descriptions are up to date.")


async def show_menu(bot: telegram.Bot, contact: Contact, role: Role) -> None:
    """Show a person the commands that they may use; all groups share one menu."""
    if contact.id < 0:
        return
    commands = _commands(in_language(contact.language), OF_ROLES[role])
    try:
        await bot.set_my_commands(commands, telegram.BotCommandScopeChat(contact.id))
    except TelegramError as error:
        # Such as for a person who was let in by number and has not written yet.
        logger.info("A person's menu could not be set: %s", error)


async def _introduce(bot: telegram.Bot, texts: Texts, in_private: Iterable[str]) -> None:
    # Texts without a language are shown to people whose language the bot does not speak.
    language = None if texts is ENGLISH else texts.language
    scopes: dict[telegram.BotCommandScope, Iterable[str]] = {
        telegram.BotCommandScopeAllPrivateChats(): in_private,
        telegram.BotCommandScopeAllGroupChats(): IN_GROUPS,
        telegram.BotCommandScopeAllChatAdministrators(): FOR_ADMINISTRATORS,
    }
    for scope, names in scopes.items():
        await bot.set_my_commands(_commands(texts, names), scope, language)
    await bot.set_my_description(texts.description, language)
    await bot.set_my_short_description(texts.short_description, language)


def _commands(texts: Texts, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, texts.commands[name]) for name in names]
