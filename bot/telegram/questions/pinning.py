"""Pinning: an owner chooses the passage that answers a disliked or unanswered question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import CallbackQuery, InlineKeyboardMarkup, Message

from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import Shown, acknowledge, data_of_buttons, edit, tolerate_no_change
from bot.telegram.questions.keyboards import Action, Press, below_choice, below_pinned
from bot.telegram.render import answer
from bot.telegram.render.answer import PIN_SIGN
from bot.texts import Texts
from retrieval import Index, PinError, Quote, mark_shown, pin, read_quotes, unpin


@dataclass(frozen=True)
class Pinning:
    """Shows owners the passages that they can pin, and pins them.

    Its texts either take an answer's place, below the answer's heading and with a button back to it, or are messages
    of their own, where `heading` is None. The buttons of the message tell which, also after a restart.
    """

    index: Index
    background: BackgroundThread
    receipts: ReceiptService
    receipts_thread: BackgroundThread
    access: Access

    async def rate(self, query: CallbackQuery, message: Message, press: Press, texts: Texts) -> None:
        """Count a person's rating of an answer; an owner who dislikes it can pin another."""
        await acknowledge(query, texts.rated)
        person, is_good = query.from_user, press.action is Action.GOOD
        rate = self.receipts.ledger.rate
        await self.receipts_thread.run(rate, press.receipt_id, str(person.id), is_good=is_good)
        offer = Press(Action.CHOOSE, press.receipt_id)
        if is_good or not self.access.is_owner(person) or offer.data in data_of_buttons(message):
            return
        # In a group, others see the button as well.
        rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
        with tolerate_no_change():
            button = offer.button(f"{PIN_SIGN}{texts.pin_button}")
            await message.edit_reply_markup(InlineKeyboardMarkup([*rows, [button]]))

    async def press(self, query: CallbackQuery, message: Message, press: Press, texts: Texts) -> None:
        """Handle a button that chooses, pins or unpins."""
        if not self.access.is_owner(query.from_user):
            await acknowledge(query, texts.owners_only, show_alert=True)
            return
        await acknowledge(query)
        # One of these is below each answer, or below a text in its place.
        of_answers = {Press(action, press.receipt_id).data for action in (Action.BAD, Action.ANSWER)}
        is_of_answer = not of_answers.isdisjoint(data_of_buttons(message))
        heading = answer.extract_heading(message.text or "") if is_of_answer else None
        if press.action is Action.PIN:
            await edit(message, *await self._pin(message, press, texts, heading))
            return
        if press.action is Action.UNPIN:
            await self.background.run(unpin, self.index, press.rank)
        first = press.rank if press.action is Action.CHOOSE else 1
        await edit(message, *await self.choice(message, press.receipt_id, texts, heading, first=first))

    async def choice(
        self, message: Message, receipt_id: str, texts: Texts, heading: str | None = None, *, first: int = 1
    ) -> Shown:
        """Show the passages of an answer that the chat sees, from a rank on, with buttons to pin one."""
        question = await self._question(receipt_id)
        if question is None:
            return _refusal(receipt_id, heading, texts.pin_forgotten, texts)
        quotes = [quote for quote in await self._quotes(message, receipt_id) if quote.rank >= first]
        text = answer.render_choice(heading or "", question, quotes, texts)
        count = answer.count_passages(text)
        if heading is not None and count:  # in the place of the answer, the person who asked sees them, too
            await self.background.run(mark_shown, self.index, receipt_id, quotes[:count])
        return text, below_choice(receipt_id, quotes, count, texts, way_back=heading is not None)

    async def _pin(self, message: Message, press: Press, texts: Texts, heading: str | None) -> Shown:
        receipt_id = press.receipt_id
        question = await self._question(receipt_id)
        if question is None:
            return _refusal(receipt_id, heading, texts.pin_forgotten, texts)
        quotes = await self._quotes(message, receipt_id)
        quote = next((quote for quote in quotes if quote.rank == press.rank), None)
        if quote is None:
            return _refusal(receipt_id, heading, texts.answer_is_gone, texts)
        try:
            pinned = await self.background.run(pin, self.index, question, receipt_id, press.rank)
        except PinError:  # the passage was removed at this very moment
            return _refusal(receipt_id, heading, texts.answer_is_gone, texts)
        text = answer.render_pinned(heading or "", question, replace(quote, is_pinned=True), texts)
        return text, below_pinned(receipt_id, pinned.number, texts, way_back=heading is not None)

    async def _quotes(self, message: Message, receipt_id: str) -> Sequence[Quote]:
        view = self.access.collections_for(message.chat.id)
        return await self.background.run(read_quotes, self.index, receipt_id, view)

    async def _question(self, receipt_id: str) -> str | None:
        """Get the question of an answer, for as long as it is stored."""
        receipt = await self.receipts_thread.run(self.receipts.ledger.get, receipt_id)
        return receipt.question if receipt else None


def _refusal(receipt_id: str, heading: str | None, why: str, texts: Texts) -> Shown:
    text = answer.escape_html("\n\n".join(filter(None, [heading, why])))
    return text, below_choice(receipt_id, (), 0, texts, way_back=heading is not None)
