"""Pinning: an owner who dislikes an answer, or sees what was missed, says which passage answers the question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup

from bot.telegram.messaging.callback_queries import acknowledge, change, has_button, tolerate_no_change
from bot.telegram.questions.keyboards import Action, Press, below_choice, below_pinned
from bot.telegram.render.answer import (
    PINNED,
    count_passages,
    heading_of,
    render_choice,
    render_not_pinned,
    render_pinned,
)
from retrieval import PinError, pin, quotes_of, unpin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message, User

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.telegram.access.access import Access
    from bot.telegram.messaging.callback_queries import Shown
    from bot.texts import Texts
    from retrieval import Index, Quote


class Pinning:
    """Shows owners which passages they can pin, and pins them.

    What it shows takes an answer's place, with a way back to that, or is a message of its own, without. Nobody but
    the pressed button knows which, so that it works after a restart.
    """

    def __init__(
        self,
        index: Index,
        background: BackgroundThread,
        receipts: ReceiptService,
        receipts_thread: BackgroundThread,
        access: Access,
    ) -> None:
        self._index = index
        self._background = background
        self._receipts = receipts
        self._receipts_thread = receipts_thread
        self._access = access

    async def rate(self, query: CallbackQuery, message: Message, press: Press, say: Texts) -> None:
        """Count what a person thinks of an answer; an owner who dislikes it can pin another."""
        await acknowledge(query, say.rated)
        person, is_good = query.from_user, press.action is Action.GOOD
        rate = self._receipts.ledger.rate
        await self._receipts_thread.run(rate, press.receipt_id, str(person.id), is_good=is_good)
        if not is_good:
            await self._offer(person, message, press.receipt_id, say)

    async def _offer(self, user: User, message: Message, receipt_id: str, say: Texts) -> None:
        """Give the answer one more button; in a group, others can see it as well."""
        button = Press(Action.CHOOSE, receipt_id).button(f"{PINNED}{say.pin_button}")
        if not self._access.is_owner(user) or has_button(message, str(button.callback_data)):
            return
        rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
        with tolerate_no_change():
            await message.edit_reply_markup(InlineKeyboardMarkup([*rows, [button]]))

    async def pressed(self, query: CallbackQuery, message: Message, press: Press, say: Texts) -> None:
        """One of the buttons to choose, to pin or to undo that."""
        if not self._access.is_owner(query.from_user):
            await acknowledge(query, say.owners_only, show_alert=True)
            return
        await acknowledge(query)
        # Below an answer, or what takes its place.
        is_of_answer = any(
            has_button(message, Press(each, press.receipt_id).data) for each in (Action.BAD, Action.ANSWER)
        )
        heading = heading_of(message.text or "") if is_of_answer else None
        if press.action is Action.PIN:
            await change(message, *await self._pin(message, press, say, heading))
            return
        if press.action is Action.UNPIN:
            await self._background.run(unpin, self._index, press.rank)
        first = press.rank if press.action is Action.CHOOSE else 1
        await change(message, *await self.choice(message, press.receipt_id, say, heading, first=first))

    async def choice(
        self, message: Message, receipt_id: str, say: Texts, heading: str | None = None, *, first: int = 1
    ) -> Shown:
        """The passages of an answer, from a rank on, as the message's chat sees them; with buttons to pin one."""
        question, way_back = await self._question(receipt_id), heading is not None
        if question is None:
            return _not_pinned(receipt_id, heading, say.pin_forgotten, say)
        quotes = [each for each in await self._quotes(message, receipt_id) if each.rank >= first]
        text = render_choice(heading or "", question, quotes, say)
        return text, below_choice(receipt_id, quotes, count_passages(text), say, way_back=way_back)

    async def _pin(self, message: Message, press: Press, say: Texts, heading: str | None) -> Shown:
        receipt_id, way_back = press.receipt_id, heading is not None
        question = await self._question(receipt_id)
        if question is None:
            return _not_pinned(receipt_id, heading, say.pin_forgotten, say)
        quotes = await self._quotes(message, receipt_id)
        quote = next((each for each in quotes if each.rank == press.rank), None)
        if quote is None:
            return _not_pinned(receipt_id, heading, say.answer_is_gone, say)
        try:
            pinned = await self._background.run(pin, self._index, question, receipt_id, press.rank)
        except PinError:  # it has gone at this very moment
            return _not_pinned(receipt_id, heading, say.answer_is_gone, say)
        text = render_pinned(heading or "", question, replace(quote, is_pinned=True), say)
        return text, below_pinned(receipt_id, pinned.number, say, way_back=way_back)

    async def _quotes(self, message: Message, receipt_id: str) -> Sequence[Quote]:
        """The passages of an answer that the message's chat sees."""
        view = self._access.collections_for(message.chat.id)
        return await self._background.run(quotes_of, self._index, receipt_id, view)

    async def _question(self, receipt_id: str) -> str | None:
        """What was asked, as long as that is kept."""
        receipt = await self._receipts_thread.run(self._receipts.ledger.get, receipt_id)
        return receipt.question if receipt else None


def _not_pinned(receipt_id: str, heading: str | None, why: str, say: Texts) -> Shown:
    text = render_not_pinned(heading or "", why)
    return text, below_choice(receipt_id, (), 0, say, way_back=heading is not None)
