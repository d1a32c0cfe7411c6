"""Conversation: the question before, which a follow-up question refers to."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from telegram import Message
from telegram.constants import ChatType

from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.telegram.messaging.mentions import is_reply_to, replied_message
from bot.telegram.state.conversations import ConversationRepository, Exchange
from retrieval import Question, StoreError, follow_up

logger = logging.getLogger(__name__)

CLEANUP_INTERVAL_S = 60


@dataclass(frozen=True)
class Conversation:
    """Remembers each person's questions in each chat for an hour; nobody follows up on another person's question."""

    repository: ConversationRepository

    def understand(self, message: Message, text: str) -> Question:
        """Make a question of a message; a follow-up gets the question before as its context."""
        before = self._exchange_before(message)
        is_reply = is_reply_to(message, message.get_bot())
        joined = follow_up(before.question, text, is_reply=is_reply) if before else None
        return joined or Question(text)

    def _exchange_before(self, message: Message) -> Exchange | None:
        """Find the exchange whose answer the message replies to, or in a private chat the last one."""
        is_reply = is_reply_to(message, message.get_bot())
        if message.from_user is None or message.sender_chat:
            # All anonymous administrators of a group are one user.
            return None
        if message.chat.type != ChatType.PRIVATE and not is_reply:
            return None
        replied = replied_message(message) if is_reply else None
        exchanges = self.repository.exchanges(message.chat.id, message.from_user.id)
        # An edited question does not follow up on itself.
        earlier = (exchange for exchange in exchanges if exchange.question_id < message.message_id)
        return next((exchange for exchange in earlier if not replied or exchange.answer_id == replied.message_id), None)

    def keep(self, message: Message, question: Question, answer_id: int) -> None:
        """Store the question of a message; of a follow-up, the question before."""
        if message.from_user and not message.sender_chat:
            text = question.context or question.text
            exchange = Exchange(message.chat.id, message.message_id, answer_id, message.from_user.id, text)
            self.repository.keep(exchange)

    def forget(self, message: Message) -> None:
        """Make the author's next question in this chat a new one."""
        if message.from_user:
            self.repository.end(message.chat.id, message.from_user.id)


async def keep_forgetting(
    conversations: ConversationRepository, receipts: ReceiptService, receipts_thread: BackgroundThread
) -> None:
    """Delete old questions from the database for as long as the bot runs, also if nobody asks."""
    while True:
        try:
            conversations.forget_old()
            await receipts_thread.run(receipts.ledger.forget_old)
        except StoreError as error:
            logger.warning("Questions that are too old could not be forgotten: %s", error)
        await asyncio.sleep(CLEANUP_INTERVAL_S)
