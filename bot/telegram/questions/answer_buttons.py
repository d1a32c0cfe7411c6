"""Handlers of buttons below answers. The new text takes the answer's place, so that a question stays one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import CallbackQuery, Message
from telegram.constants import ChatType

from bot.services.background import BackgroundThread
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import Shown, acknowledge, edit, message_of
from bot.telegram.messaging.context import texts_for
from bot.telegram.questions import keyboards
from bot.telegram.questions.keyboards import Action, Press
from bot.telegram.questions.pinning import Pinning
from bot.telegram.questions.receipts import ReceiptViews
from bot.telegram.render import answer
from bot.texts import Texts
from retrieval import Index, Quote, mark_shown, read_context, read_quotes

CONTEXT = 600
"""Characters that are shown on each side of a passage."""


@dataclass(frozen=True)
class Buttons:
    """Does what a pressed button says."""

    index: Index
    background: BackgroundThread
    receipts: ReceiptViews
    pinning: Pinning
    access: Access

    async def press(self, query: CallbackQuery) -> None:
        """Acknowledge the callback query, so that Telegram shows the button as done, and then act."""
        texts, press = texts_for(query.from_user), Press.parse(query.data or "")
        message = await message_of(query, texts)
        if message is None:
            return
        if press is None:
            await acknowledge(query, texts.button_is_old)
        elif press.action in {Action.GOOD, Action.BAD}:
            await self.pinning.rate(query, message, press, texts)
        elif press.action in {Action.CHOOSE, Action.PIN, Action.UNPIN}:
            await self.pinning.press(query, message, press, texts)
        else:
            await acknowledge(query)
            await edit(message, *await self._view(message, press, texts))

    async def _view(self, message: Message, press: Press, texts: Texts) -> Shown:
        heading, receipt_id = answer.extract_heading(message.text or ""), press.receipt_id
        if press.action is Action.RECEIPT:
            return await self.receipts.view(message, receipt_id, texts, heading)
        view = self.access.collections_for(message.chat.id)
        if press.action is Action.CONTEXT:
            in_context = await self.background.run(read_context, self.index, receipt_id, CONTEXT, view)
            if in_context is None:
                return answer.render_gone(heading, texts), keyboards.below_nothing(receipt_id, texts, are_close=False)
            text = answer.render_context(heading, *in_context, texts)
            await self._mark_shown(receipt_id, in_context[:1])
            return text, keyboards.below_view(receipt_id, (), texts)
        quotes = await self.background.run(read_quotes, self.index, receipt_id, view)
        if press.action is Action.CLOSEST:
            text = answer.render_closest(quotes, texts, heading)
            await self._mark_shown(receipt_id, quotes[: answer.count_passages(text)])
            return text, keyboards.below_closest(receipt_id, texts)
        if press.action is Action.NOTHING:
            return answer.escape_html(heading), keyboards.below_nothing(receipt_id, texts, are_close=bool(quotes))
        return await self._passages(message, heading, quotes, press, texts)

    async def _passages(
        self, message: Message, heading: str, quotes: Sequence[Quote], press: Press, texts: Texts
    ) -> Shown:
        """Show the answer again, or its further passages from a rank on."""
        if not quotes or quotes[0].rank > 1:
            # The second best passage must not stand in the place of the best.
            return answer.render_gone(heading, texts), keyboards.below_nothing(press.receipt_id, texts, are_close=False)
        if press.action is Action.ANSWER:
            text = answer.render_again(heading, quotes, texts, brief=message.chat.type != ChatType.PRIVATE)
            return text, keyboards.below_passages(press.receipt_id, quotes[1:], texts)
        further = [quote for quote in quotes if quote.rank >= press.rank]
        text = answer.render_further(heading, further, texts)
        count = answer.count_passages(text)
        await self._mark_shown(press.receipt_id, further[:count])
        return text, keyboards.below_view(press.receipt_id, further[count:], texts)

    async def _mark_shown(self, receipt_id: str, quotes: Sequence[Quote]) -> None:
        """Put quotes that are about to be shown on the receipt."""
        if quotes:
            await self.background.run(mark_shown, self.index, receipt_id, quotes)
