"""Handlers of changes to chats: the bot is removed or blocked, or a group becomes a supergroup."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import ChatMember, ChatMemberUpdated, Message

from bot.telegram.access.access import Access
from bot.telegram.state.chats import ChatRepository


@dataclass(frozen=True)
class Membership:
    """Stores where the bot can write, and which id a group has."""

    access: Access
    chats: ChatRepository

    async def update(self, change: ChatMemberUpdated) -> None:
        """Note that the bot was removed from a group or blocked by a person, or is back."""
        is_gone = change.new_chat_member.status in {ChatMember.LEFT, ChatMember.BANNED}
        self.chats.set_closed(change.chat.id, closed=is_gone)

    async def migrate(self, message: Message) -> None:
        """Move a group to its supergroup; Telegram sends a message in both."""
        old_id = message.migrate_from_chat_id or message.chat.id
        self.access.move(old_id, message.migrate_to_chat_id or message.chat.id)
