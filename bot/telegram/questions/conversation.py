"""Turns: what somebody asked just before, for a question that goes on from there."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram.constants import ChatType

from bot.telegram.messaging.mentions import is_reply_to, replied_message
from bot.telegram.state.conversations import Exchange
from retrieval import Question, StoreError, follow_up

if TYPE_CHECKING:
    from telegram import Message

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.telegram.state.conversations import ConversationRepository

logger = logging.getLogger(__name__)

CLEARANCE_S = 60
"""How often questions that are too old are removed from the disk."""


class Turns:
    """Remembers for an hour what each person asks in each chat; nobody's question goes on from somebody else's."""

    def __init__(self, conversations: ConversationRepository) -> None:
        self._conversations = conversations

    def understand(self, message: Message, text: str) -> Question:
        """Make a question of what a message asks; if that leaves something out, with the question before."""
        before = self._before(message)
        joined = follow_up(before.question, text, is_reply=_is_reply(message)) if before else None
        return joined or Question(text)

    def _before(self, message: Message) -> Exchange | None:
        """The exchange that a message may go on from.

        It is the one whose answer the message replies to, or in a private chat the last one of all.
        """
        if message.from_user is None or message.sender_chat:
            # All anonymous administrators of a group are one user.
            return None
        exchanges = self._conversations.exchanges(message.chat.id, message.from_user.id)
        # An edited question does not go on from itself.
        earlier = [exchange for exchange in exchanges if exchange.question_id < message.message_id]
        if _is_reply(message):
            replied = replied_message(message)
            earlier = [each for each in earlier if replied and each.answer_id == replied.message_id]
        elif message.chat.type != ChatType.PRIVATE:
            return None
        return next(iter(earlier), None)

    def keep(self, message: Message, question: Question, answer_id: int) -> None:
        """Remember what a message asked, as far as it says enough by itself."""
        if message.from_user and not message.sender_chat:
            said = question.context or question.text
            exchange = Exchange(message.chat.id, message.message_id, answer_id, message.from_user.id, said)
            self._conversations.keep(exchange)

    def forget(self, message: Message) -> None:
        """The next question of who wrote this begins something new."""
        if message.from_user:
            self._conversations.end(message.chat.id, message.from_user.id)


async def keep_forgetting(
    conversations: ConversationRepository, receipts: ReceiptService, receipts_thread: BackgroundThread
) -> None:
    """Remove questions from the disk when their hour, or their days, are over, also if nobody asks any more."""
    while True:
        try:
            conversations.forget_old()
            await receipts_thread.run(receipts.ledger.forget_old_questions)
        except StoreError as error:
            logger.warning("Questions that are too old could not be forgotten: %s", error)
        await asyncio.sleep(CLEARANCE_S)


def _is_reply(message: Message) -> bool:
    return is_reply_to(message, message.get_bot())
