"""Replies: the bot answers a message with one message, and edits its answer when the message is edited."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, Message
from telegram.error import BadRequest

from bot.telegram.state.conversations import ConversationRepository

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Replies:
    """Sends and edits answers, and remembers for two days which message of the bot answers which."""

    conversations: ConversationRepository

    async def reply(self, message: Message, html: str, buttons: InlineKeyboardMarkup | None = None) -> int:
        """Answer a message, or edit the answer that it has, and return the id of the answer."""
        earlier = self.answer_to(message)
        if earlier is not None and await _edit(message, earlier, html, buttons):
            return earlier
        sent = await message.reply_html(html, reply_markup=buttons)
        self.conversations.keep_answer(message.chat.id, message.message_id, sent.message_id)
        return sent.message_id

    def answer_to(self, message: Message) -> int | None:
        """Find the answer to a message."""
        return self.conversations.answer_to(message.chat.id, message.message_id)


async def _edit(message: Message, answer_id: int, html: str, buttons: InlineKeyboardMarkup | None) -> bool:
    """Edit the answer to a message; false if somebody has deleted it."""
    bot, chat_id = message.get_bot(), message.chat.id
    try:
        await bot.edit_message_text(html, chat_id, answer_id, parse_mode="HTML", reply_markup=buttons)
    except BadRequest as error:
        logger.info("An answer could not be edited: %s", error)
        return "not found" not in str(error).lower()
    return True
