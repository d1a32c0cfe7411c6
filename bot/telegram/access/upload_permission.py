"""UploadPermission: who may add documents, and delete them again."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Chat, Message, User
from telegram.constants import ChatType

from bot.telegram.access.access import Access
from bot.telegram.access.administrators import Administrators
from bot.telegram.state.chats import ChatRepository


@dataclass(frozen=True)
class UploadPermission:
    """Permits owners everywhere and, in a group that an owner has opened to uploads, its administrators."""

    access: Access
    administrators: Administrators
    chats: ChatRepository

    async def includes_author_of(self, message: Message) -> bool:
        """Tell whether the author of this message may add documents in its chat."""
        if self.access.is_owner(message.from_user):
            return True
        return self._is_open(message.chat) and await self.administrators.wrote(message)

    async def includes(self, user: User, chat: Chat) -> bool:
        """Tell whether this person may add documents in this chat."""
        return self.access.is_owner(user) or (self._is_open(chat) and await self.administrators.include(user, chat))

    def _is_open(self, chat: Chat) -> bool:
        return chat.type != ChatType.PRIVATE and self.chats.is_open_to_uploads(self.chats.moved_to(chat.id))
