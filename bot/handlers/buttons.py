"""Handlers for buttons: what they show takes the answer's place, so that one question stays one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import ChatType

from bot import render
from bot.handlers.keyboards import (
    Action,
    Press,
    below_closest,
    below_gone,
    below_nothing,
    below_passages,
    below_view,
)
from bot.handlers.language import texts_for
from bot.handlers.presses import acknowledge, change, has_button

if TYPE_CHECKING:
    from telegram import CallbackQuery

    from bot.access import Access, View
    from bot.desk import Desk
    from bot.handlers.pinning import Pinning
    from bot.handlers.receipts import ShownReceipts
    from bot.texts import Texts
    from bot.worker import Worker

Shown = tuple[str, InlineKeyboardMarkup | None]
"""A text in Telegram's HTML, and what stands below it."""


class Buttons:
    """Does what a pressed button says."""

    def __init__(
        self, worker: Worker, desk: Desk, receipts: ShownReceipts, pinning: Pinning, access: Access
    ) -> None:
        self._worker = worker
        self._desk = desk
        self._pinning = pinning
        self._receipts = receipts
        self._access = access

    async def pressed(self, query: CallbackQuery) -> None:
        """Answer at once, so that Telegram shows the press as done, and then do it."""
        message, data = query.message, query.data or ""
        say, press = texts_for(query.from_user), Press.of(data)
        # Telegram's own apps send only what is on a button, but others can send anything.
        if not isinstance(message, Message) or not has_button(message, data) or press is None:
            await acknowledge(query, say.button_is_old)
        elif press.action in {Action.GOOD, Action.BAD}:
            is_good = press.action is Action.GOOD
            await acknowledge(query, say.rated)
            await self._desk.rate(press.receipt_id, query.from_user.id, is_good=is_good)
            if not is_good:
                await self._pinning.offer(query.from_user, message, press.receipt_id, say)
        elif press.action in {Action.CHOOSE, Action.PIN, Action.UNPIN}:
            await self._pinning.pressed(query, message, press, say)
        else:
            await acknowledge(query)
            await change(message, *await self._view(message, press, say))

    async def _view(self, message: Message, press: Press, say: Texts) -> Shown:
        heading = render.heading_of(message.text or "")
        seen = self._access.collections_for(message.chat.id)
        match press.action:
            case Action.CLOSEST:
                quotes = await self._worker.quotes_of(press.receipt_id, seen)
                return render.render_closest(quotes, say, heading), below_closest(press.receipt_id, say)
            case Action.NOTHING:
                quotes = await self._worker.quotes_of(press.receipt_id, seen)
                return render.escaped(heading), below_nothing(press.receipt_id, say, are_close=bool(quotes))
            case Action.RECEIPT:
                return await self._receipts.view(message, press.receipt_id, say, heading)
            case Action.CONTEXT:
                context = await self._worker.context_of(press.receipt_id, seen)
                text = render.render_context(heading, context, say) if context else None
            case _:
                return await self._passages(message, press, say, seen)
        back = below_view(press.receipt_id, (), say)
        return (text, back) if text else _gone(press, heading, say)

    async def _passages(self, message: Message, press: Press, say: Texts, seen: View) -> Shown:
        """The answer again, or its further passages from a rank on."""
        heading = render.heading_of(message.text or "")
        quotes = await self._worker.quotes_of(press.receipt_id, seen)
        if not quotes or quotes[0].rank > 1:
            # The next best must not stand where the best one did.
            return _gone(press, heading, say)
        if press.action is Action.ANSWER:
            in_group = message.chat.type != ChatType.PRIVATE
            text = render.render_answer_again(heading, quotes, say, brief=in_group)
            return text, below_passages(press.receipt_id, quotes[render.count_passages(text) :], say)
        further = [quote for quote in quotes if quote.rank >= press.rank]
        text = render.render_further(heading, further, say)
        return text, below_view(press.receipt_id, further[render.count_passages(text) :], say)


def _gone(press: Press, heading: str, say: Texts) -> Shown:
    return render.render_gone(heading, say), below_gone(press.receipt_id, say)
