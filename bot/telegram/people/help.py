"""Handlers that need no documents: /start, /help, and messages that are neither questions nor commands."""

from __future__ import annotations

from dataclasses import dataclass, field

from cachetools import LRUCache
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.telegram.access.access import Access
from bot.telegram.access.command_menu import show_menu
from bot.telegram.messaging.callback_queries import acknowledge, edit, message_of
from bot.telegram.messaging.context import texts_for
from bot.telegram.people.gate import contact_of
from bot.texts import Texts

MORE_HELP = "help"
"""The data of the button below /help."""


@dataclass(frozen=True)
class Help:
    """Explains what the bot does and how to use it."""

    access: Access
    _albums: LRUCache[str, None] = field(default_factory=lambda: LRUCache(1_000), init=False)
    """The albums that were answered: each of their pictures is a message."""

    async def start(self, message: Message) -> None:
        """Greet, and explain what the bot does."""
        await message.reply_html(texts_for(message.from_user).start)
        role = self.access.role(message.from_user.id) if message.from_user else None
        if message.from_user and role:
            # Telegram takes no menu for people who have never written, such as a person who was let in by number.
            await show_menu(message.get_bot(), contact_of(message.from_user), role)

    async def help(self, message: Message) -> None:
        """Explain how to ask, to owners first the commands that only they have; a button shows the rest."""
        texts = texts_for(message.from_user)
        parts = [texts.help]
        if self.access.is_owner(message.from_user):
            parts = [texts.help_for_owners, texts.help_on_documents, texts.help]
        button = InlineKeyboardButton(texts.help_button, callback_data=MORE_HELP)
        await message.reply_html("\n\n".join(parts), reply_markup=InlineKeyboardMarkup([[button]]))

    async def explain_answers(self, query: CallbackQuery) -> None:
        """Handle the button below /help: explain what the answers mean."""
        texts = texts_for(query.from_user)
        if message := await message_of(query, texts):
            await acknowledge(query)
            await edit(message, _explain_answers(texts, query.get_bot()), None)

    async def explain_in_group(self, message: Message) -> None:
        """Explain briefly how a group asks."""
        await message.reply_html(texts_for(message.from_user).help_in_group)

    async def unknown_command(self, message: Message) -> None:
        """Answer that there is no such command."""
        await message.reply_text(texts_for(message.from_user).unknown_command)

    async def no_text(self, message: Message) -> None:
        """Answer that only text is a question; of an album, once."""
        if self.is_first_of_album(message):
            await message.reply_text(texts_for(message.from_user).only_text)

    def is_first_of_album(self, message: Message) -> bool:
        """Note that a message is answered, and tell whether no other one of its album was."""
        album = message.media_group_id
        if album is None:
            return True
        is_first = album not in self._albums
        self._albums[album] = None
        return is_first


def _explain_answers(texts: Texts, bot: Bot) -> str:
    parts = [texts.help_on_verdicts, texts.help_with_answers, texts.help_on_receipts]
    if bot.supports_inline_queries:
        parts.append(texts.help_in_any_chat.format(bot=f"@{bot.username}"))
    return "\n\n".join(parts)
