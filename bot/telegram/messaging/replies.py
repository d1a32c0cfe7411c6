"""Replies: one message answers one, and changes when that is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.telegram.messaging.callback_queries import tolerate_no_change

if TYPE_CHECKING:
    from telegram import InlineKeyboardMarkup, Message

    from bot.telegram.state.conversations import ConversationRepository


class Replies:
    """Remembers which message of the bot answers which."""

    def __init__(self, conversations: ConversationRepository) -> None:
        self._conversations = conversations

    async def reply(self, message: Message, html: str, buttons: InlineKeyboardMarkup | None = None) -> int:
        """Answer a message; if it was answered in the last two days, change that answer.

        Returns:
            the id of the answering message.
        """
        earlier = self.answer_to(message)
        if earlier is None:
            sent = await message.reply_html(html, reply_markup=buttons)
            self._conversations.keep_answer(message.chat.id, message.message_id, sent.message_id)
            return sent.message_id
        with tolerate_no_change():
            await message.get_bot().edit_message_text(
                html, message.chat.id, earlier, parse_mode="HTML", reply_markup=buttons
            )
        return earlier

    def answer_to(self, message: Message) -> int | None:
        """Find the answer to a message of the last two days."""
        return self._conversations.answer_to(message.chat.id, message.message_id)
