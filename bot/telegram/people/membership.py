"""Handlers for what happens to chats: the bot is removed or blocked, a group becomes a supergroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ChatMember

if TYPE_CHECKING:
    from telegram import ChatMemberUpdated, Message

    from bot.telegram.access.access import Access
    from bot.telegram.state.chats import ChatRepository

GONE = {ChatMember.LEFT, ChatMember.BANNED}


class Chats:
    """Remembers where the bot can write, and which id a group has."""

    def __init__(self, access: Access, chats: ChatRepository) -> None:
        self._access = access
        self._chats = chats

    async def membership(self, change: ChatMemberUpdated) -> None:
        """The bot was removed from a group or blocked by a person, or is back."""
        self._chats.set_closed(change.chat.id, closed=change.new_chat_member.status in GONE)

    async def moved(self, message: Message) -> None:
        """A group has become a supergroup; both of them say so."""
        old_id = message.migrate_from_chat_id or message.chat.id
        self._access.move(old_id, message.migrate_to_chat_id or message.chat.id)
