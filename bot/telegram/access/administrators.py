"""Administrators: who administers a group, according to Telegram."""

from __future__ import annotations

import logging

from cachetools import TTLCache
from telegram import Chat, Message, User
from telegram.error import BadRequest

logger = logging.getLogger(__name__)

ADMINISTRATORS_CACHE_S = 60
"""How long a group's list of administrators is cached."""


class Administrators:
    """Asks Telegram for the administrators of groups, at most once a minute for each."""

    def __init__(self) -> None:
        self._of_groups: TTLCache[int, frozenset[int]] = TTLCache(1000, ADMINISTRATORS_CACHE_S)

    async def wrote(self, message: Message) -> bool:
        """Tell whether an administrator wrote this; an anonymous one writes in the name of the group itself."""
        sender = message.sender_chat
        if sender and sender.id == message.chat.id:
            return True
        return message.from_user is not None and await self.include(message.from_user, message.chat)

    async def include(self, user: User, chat: Chat) -> bool:
        """Tell whether this person administers this group."""
        known = self._of_groups.get(chat.id)
        if known is None:
            try:
                # Telegram answers `getChatMember` only to bots that are administrators themselves.
                administrators = await chat.get_administrators()
            except BadRequest as error:
                logger.info("The administrators of a group are not known: %s", error)
                return False
            known = self._of_groups[chat.id] = frozenset(member.user.id for member in administrators)
        return user.id in known
