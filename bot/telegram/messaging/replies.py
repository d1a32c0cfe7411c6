"""Replies: the bot answers a message with one message, and edits its answer when the message is edited."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, Message

from bot.telegram.messaging.callback_queries import tolerate_no_change
from bot.telegram.state.conversations import ConversationRepository


@dataclass(frozen=True)
class Replies:
    """Sends and edits answers, and remembers for two days which message of the bot answers which."""

    conversations: ConversationRepository

    async def reply(self, message: Message, html: str, buttons: InlineKeyboardMarkup | None = None) -> int:
        """Answer a message, or edit the answer that it has, and return the id of the answer."""
        earlier, chat_id = self.answer_to(message), message.chat.id
        if earlier is None:
            sent = await message.reply_html(html, reply_markup=buttons)
            self.conversations.keep_answer(chat_id, message.message_id, sent.message_id)
            return sent.message_id
        with tolerate_no_change():
            await message.get_bot().edit_message_text(html, chat_id, earlier, parse_mode="HTML", reply_markup=buttons)
        return earlier

    def answer_to(self, message: Message) -> int | None:
        """Find the answer to a message."""
        return self.conversations.answer_to(message.chat.id, message.message_id)
