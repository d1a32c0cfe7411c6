"""What Telegram shows about the bot: its commands, by role and language, and its descriptions."""

from __future__ import annotations

import logging
from hashlib import sha256
from typing import TYPE_CHECKING

from telegram import (
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.telegram.state.people import Role
from bot.texts import ENGLISH, LANGUAGES, in_language
from retrieval import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import Bot

    from bot.telegram.access.access import Access
    from bot.telegram.state.facts import Facts
    from bot.telegram.state.people import Contact
    from bot.texts import Texts

logger = logging.getLogger(__name__)

INTRODUCTION = "introduction"
"""The fact that holds a digest of what Telegram shows."""
IN_GROUPS = ("ask", "receipt")
FOR_ADMINISTRATORS = (*IN_GROUPS, "settings")
FOR_EVERYBODY = ("forget_me",)
IN_PRIVATE = ("ask", "new", "sources", "receipt", "help", *FOR_EVERYBODY)
FOR_OWNERS = (*IN_PRIVATE, "allow", "deny", "members", "documents", "missed")


async def introduce(bot: Bot, access: Access, facts: Facts) -> None:
    """Tell Telegram what to show about the bot, unless it shows that already.

    A failure is only logged, as people can ask without.
    """
    try:
        await _introduce_all(bot, access, facts)
    except (TelegramError, StoreError) as error:
        logger.warning("The command menu and the descriptions are not up to date: %s", error)


async def _introduce_all(bot: Bot, access: Access, facts: Facts) -> None:
    known = {role: access.contacts(role) for role in (Role.OWNER, Role.MEMBER)}
    digest = sha256(repr((LANGUAGES, access.is_public, known)).encode()).hexdigest()
    if digest == facts.get(INTRODUCTION):
        return
    for say in LANGUAGES.values():
        await _introduce(bot, say, IN_PRIVATE if access.is_public else FOR_EVERYBODY)
    for role, contacts in known.items():
        for contact in contacts:
            await show_menu(bot, contact, role)
    facts.set(INTRODUCTION, digest)
    logger.info("The command menu and the descriptions are up to date.")


async def show_menu(bot: Bot, contact: Contact, role: Role) -> None:
    """Show a person the commands that they may use; for groups there is one menu."""
    if contact.id < 0:
        return
    scope, say = BotCommandScopeChat(contact.id), in_language(contact.language)
    names = {Role.OWNER: FOR_OWNERS, Role.MEMBER: IN_PRIVATE, Role.DENIED: FOR_EVERYBODY}[role]
    try:
        await bot.set_my_commands(_commands(say, names), scope)
    except TelegramError as error:
        # Such as for somebody who was let in by their number and has not written yet.
        logger.info("A person's menu could not be set: %s", error)


async def _introduce(bot: Bot, say: Texts, in_private: Iterable[str]) -> None:
    # Telegram shows what has no language to all whose language the bot does not speak.
    language = None if say is ENGLISH else say.language
    await bot.set_my_commands(_commands(say, in_private), BotCommandScopeAllPrivateChats(), language)
    await bot.set_my_commands(_commands(say, IN_GROUPS), BotCommandScopeAllGroupChats(), language)
    for_administrators = _commands(say, FOR_ADMINISTRATORS)
    await bot.set_my_commands(for_administrators, BotCommandScopeAllChatAdministrators(), language)
    await bot.set_my_description(say.description, language)
    await bot.set_my_short_description(say.short_description, language)


def _commands(say: Texts, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, say.commands[name]) for name in names]
