"""Handlers for buttons: what they show takes the answer's place, so that one question stays one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import ChatType

from bot.telegram.messaging.callback_queries import acknowledge, change, pressed_message
from bot.telegram.messaging.language import texts_for
from bot.telegram.questions.keyboards import (
    Action,
    Press,
    below_closest,
    below_gone,
    below_nothing,
    below_passages,
    below_view,
)
from bot.telegram.render import answer
from retrieval import context_of, quotes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message

    from bot.services.background import BackgroundThread
    from bot.telegram.access.access import Access
    from bot.telegram.messaging.callback_queries import Shown
    from bot.telegram.questions.pinning import Pinning
    from bot.telegram.questions.receipts import ShownReceipts
    from bot.texts import Texts
    from retrieval import Index, Quote

CONTEXT = 600
"""Characters that are shown on each side of a passage."""


class Buttons:
    """Does what a pressed button says."""

    def __init__(
        self,
        index: Index,
        background: BackgroundThread,
        receipts: ShownReceipts,
        pinning: Pinning,
        access: Access,
    ) -> None:
        self._index = index
        self._background = background
        self._receipts = receipts
        self._pinning = pinning
        self._access = access

    async def pressed(self, query: CallbackQuery) -> None:
        """Answer at once, so that Telegram shows the press as done, and then do it."""
        say, press = texts_for(query.from_user), Press.of(query.data or "")
        message = await pressed_message(query, say)
        if message is None:
            return
        if press is None:
            await acknowledge(query, say.button_is_old)
        elif press.action in {Action.GOOD, Action.BAD}:
            await self._pinning.rate(query, message, press, say)
        elif press.action in {Action.CHOOSE, Action.PIN, Action.UNPIN}:
            await self._pinning.pressed(query, message, press, say)
        else:
            await acknowledge(query)
            await change(message, *await self._view(message, press, say))

    async def _view(self, message: Message, press: Press, say: Texts) -> Shown:
        heading = answer.heading_of(message.text or "")
        match press.action:
            case Action.CLOSEST:
                quotes = await self._quotes(message, press)
                return answer.render_closest(quotes, say, heading), below_closest(press.receipt_id, say)
            case Action.NOTHING:
                quotes = await self._quotes(message, press)
                return answer.escaped(heading), below_nothing(press.receipt_id, say, are_close=bool(quotes))
            case Action.RECEIPT:
                return await self._receipts.view(message, press.receipt_id, say, heading)
            case Action.CONTEXT:
                view = self._access.collections_for(message.chat.id)
                found = await self._background.run(context_of, self._index, press.receipt_id, CONTEXT, view)
                if found is None:
                    return _gone(press, heading, say)
                return answer.render_context(heading, *found, say), below_view(press.receipt_id, (), say)
            case _:
                return await self._passages(message, press, say)

    async def _quotes(self, message: Message, press: Press) -> Sequence[Quote]:
        """The passages that the message's chat sees."""
        view = self._access.collections_for(message.chat.id)
        return await self._background.run(quotes_of, self._index, press.receipt_id, view)

    async def _passages(self, message: Message, press: Press, say: Texts) -> Shown:
        """The answer again, or its further passages from a rank on."""
        heading = answer.heading_of(message.text or "")
        quotes = await self._quotes(message, press)
        if not quotes or quotes[0].rank > 1:
            # The next best must not stand where the best one did.
            return _gone(press, heading, say)
        if press.action is Action.ANSWER:
            in_group = message.chat.type != ChatType.PRIVATE
            text = answer.render_answer_again(heading, quotes, say, brief=in_group)
            return text, below_passages(press.receipt_id, quotes[1:], say)
        further = [quote for quote in quotes if quote.rank >= press.rank]
        text = answer.render_further(heading, further, say)
        return text, below_view(press.receipt_id, further[answer.count_passages(text) :], say)


def _gone(press: Press, heading: str, say: Texts) -> Shown:
    return answer.render_gone(heading, say), below_gone(press.receipt_id, say)
