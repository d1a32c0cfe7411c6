"""Handlers that need no documents: /start, /help, and messages that are neither questions nor commands."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message

from bot.telegram.access.access import Access
from bot.telegram.access.command_menu import show_menu
from bot.telegram.messaging.context import texts_for
from bot.telegram.people.gate import contact_of


@dataclass(frozen=True)
class Help:
    """Explains what the bot does and how to use it."""

    access: Access

    async def start(self, message: Message) -> None:
        """Greet, and explain what the bot does."""
        await message.reply_html(texts_for(message.from_user).start)
        role = self.access.role(message.from_user.id) if message.from_user else None
        if message.from_user and role:
            # Telegram takes no menu for people who have never written, such as a person who was let in by number.
            await show_menu(message.get_bot(), contact_of(message.from_user), role)

    async def help(self, message: Message) -> None:
        """Explain how to ask and what the answers mean, and to owners the commands that only they have."""
        texts, bot = texts_for(message.from_user), message.get_bot()
        parts = [texts.help, texts.help_with_answers, texts.help_on_receipts]
        if bot.supports_inline_queries:
            parts.append(texts.help_in_any_chat.format(bot=f"@{bot.username}"))
        if self.access.is_owner(message.from_user):
            parts += [texts.help_for_owners, texts.help_on_documents]
        await message.reply_html("\n\n".join(parts))

    async def unknown_command(self, message: Message) -> None:
        """Answer that there is no such command."""
        await message.reply_text(texts_for(message.from_user).unknown_command)

    async def no_text(self, message: Message) -> None:
        """Answer that only text is a question."""
        await message.reply_text(texts_for(message.from_user).only_text)
