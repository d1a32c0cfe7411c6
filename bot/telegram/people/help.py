"""Handlers that need no documents: /start, /help and what the bot does not understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.access.command_menu import show_menu
from bot.telegram.messaging.language import texts_for
from bot.telegram.people.gate import contact_of

if TYPE_CHECKING:
    from telegram import Message

    from bot.telegram.access.access import Access


class Information:
    """Says what the bot does and how to use it."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def start(self, message: Message) -> None:
        """Greet, and say what the bot does."""
        await message.reply_html(texts_for(message.from_user).start)
        role = self._access.role(message.from_user.id) if message.from_user else None
        if message.from_user and role:
            # Telegram takes no menu for people who have never written, such as somebody let in by their number.
            await show_menu(message.get_bot(), contact_of(message.from_user), role)

    async def help(self, message: Message) -> None:
        """Say how to ask, what the answers mean, and to owners what only they can do."""
        say, bot = texts_for(message.from_user), message.get_bot()
        parts = [say.help, say.help_with_answers, say.help_on_receipts]
        if bot.supports_inline_queries:
            parts.append(say.help_in_any_chat.format(bot=f"@{bot.username}"))
        if self._access.is_owner(message.from_user):
            parts += [say.help_for_owners, say.help_on_documents]
        await message.reply_html("\n\n".join(parts))

    async def unknown_command(self, message: Message) -> None:
        """Say that there is no such command."""
        await message.reply_text(texts_for(message.from_user).unknown_command)

    async def no_text(self, message: Message) -> None:
        """Say that only text is a question."""
        await message.reply_text(texts_for(message.from_user).only_text)
