"""Turns: what somebody asked just before, for a question that goes on from there."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram.constants import ChatType

from bot.handlers.addressing import is_reply_to, replied_message
from bot.state import Turn
from retrieval import Question, StoreError, follow_up

if TYPE_CHECKING:
    from telegram import Message

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.state import State

logger = logging.getLogger(__name__)

CLEARANCE_S = 60
"""How often questions that are too old are removed from the disk."""


class Turns:
    """Remembers for an hour what each person asks in each chat; nobody's question goes on from somebody else's."""

    def __init__(self, state: State) -> None:
        self._state = state

    def understand(self, message: Message, text: str) -> Question:
        """Make a question of what a message asks; if that leaves something out, with the question before."""
        before = self._before(message)
        joined = follow_up(before.question, text, is_reply=_is_reply(message)) if before else None
        return joined or Question(text)

    def _before(self, message: Message) -> Turn | None:
        """The turn that a message may go on from.

        It is the one whose answer the message replies to, or in a private chat the last one of all.
        """
        if message.from_user is None or message.sender_chat:
            # All anonymous administrators of a group are one user.
            return None
        turns = self._state.turns(message.chat.id, message.from_user.id)
        # An edited question does not go on from itself.
        earlier = [turn for turn in turns if turn.question_id < message.message_id]
        if _is_reply(message):
            replied = replied_message(message)
            earlier = [turn for turn in earlier if replied and turn.answer_id == replied.message_id]
        elif message.chat.type != ChatType.PRIVATE:
            return None
        return next(iter(earlier), None)

    def keep(self, message: Message, question: Question, answer_id: int) -> None:
        """Remember what a message asked, as far as it says enough by itself."""
        if message.from_user and not message.sender_chat:
            said = question.context or question.text
            turn = Turn(message.chat.id, message.message_id, answer_id, message.from_user.id, said)
            self._state.keep_turn(turn)

    def forget(self, message: Message) -> None:
        """The next question of who wrote this begins something new."""
        if message.from_user:
            self._state.forget_turns(message.chat.id, message.from_user.id)


async def keep_forgetting(state: State, receipts: ReceiptService, receipts_thread: BackgroundThread) -> None:
    """Remove questions from the disk when their hour, or their days, are over, also if nobody asks any more."""
    while True:
        try:
            state.forget_old_turns()
            await receipts_thread.run(receipts.ledger.forget_old_questions)
        except StoreError as error:
            logger.warning("Questions that are too old could not be forgotten: %s", error)
        await asyncio.sleep(CLEARANCE_S)


def _is_reply(message: Message) -> bool:
    return is_reply_to(message, message.get_bot())
