"""Uploaders: who may add documents, and delete them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import ChatType

if TYPE_CHECKING:
    from telegram import Chat, Message, User

    from bot.telegram.access.access import Access
    from bot.telegram.access.administrators import Administrators
    from bot.telegram.state.chats import ChatRepository


class Uploaders:
    """Owners everywhere; in a group that an owner has opened for that, its administrators too."""

    def __init__(self, access: Access, administrators: Administrators, chats: ChatRepository) -> None:
        self._access = access
        self._administrators = administrators
        self._chats = chats

    async def includes_author_of(self, message: Message) -> bool:
        """Whether who wrote this may add documents where it stands."""
        if self._access.is_owner(message.from_user):
            return True
        return self._is_open(message.chat) and await self._administrators.wrote(message)

    async def include(self, user: User, chat: Chat) -> bool:
        """Whether this person may add documents in this chat."""
        if self._access.is_owner(user):
            return True
        return self._is_open(chat) and await self._administrators.include(user, chat)

    def _is_open(self, chat: Chat) -> bool:
        return chat.type != ChatType.PRIVATE and self._chats.is_open_to_uploads(self._chats.moved_to(chat.id))
