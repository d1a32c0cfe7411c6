"""Uploaders: who may add documents, and delete them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import TTLCache
from telegram import ChatMember
from telegram.constants import ChatType

from bot.state import Role

if TYPE_CHECKING:
    from telegram import Chat, Message, User

    from bot.access import Access
    from bot.state import State

REMEMBERED_S = 60
"""How long somebody counts as an administrator, or not, before Telegram is asked again."""
ADMINISTRATORS = {ChatMember.ADMINISTRATOR, ChatMember.OWNER}


class Uploaders:
    """Owners everywhere; in a group that an owner has opened for that, its administrators too."""

    def __init__(self, access: Access, state: State) -> None:
        self._access = access
        self._state = state
        self._administrators: TTLCache[tuple[int, int], bool] = TTLCache(1000, REMEMBERED_S)

    async def includes_author_of(self, message: Message) -> bool:
        """Whether who wrote this may add documents where it stands."""
        sender = message.sender_chat
        if sender and sender.id == message.chat.id and self._is_open(message.chat):
            return True  # an administrator who does not show who they are
        return message.from_user is not None and await self.include(message.from_user, message.chat)

    async def include(self, user: User, chat: Chat) -> bool:
        """Whether this person may add documents in this chat."""
        if self._access.role(user.id) is Role.OWNER:
            return True
        if not self._is_open(chat):
            return False
        key = (chat.id, user.id)
        if key not in self._administrators:
            member = await chat.get_member(user.id)
            self._administrators[key] = member.status in ADMINISTRATORS
        return self._administrators[key]

    def _is_open(self, chat: Chat) -> bool:
        return chat.type != ChatType.PRIVATE and self._state.is_open_to_uploads(self._state.moved_to(chat.id))
