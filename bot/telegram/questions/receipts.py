"""Handlers for receipts: /receipt, the link to one, and what the button below an answer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.telegram.messaging.language import texts_for
from bot.telegram.messaging.mentions import own_words, replied_message
from bot.telegram.messaging.typing import show_typing
from bot.telegram.questions.keyboards import Press, below_receipt
from bot.telegram.render.answer import escaped
from bot.telegram.render.receipt import entries_for, render_receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import Bot, Message

    from bot.services.background import BackgroundThread
    from bot.services.receipts import ReceiptService
    from bot.telegram.access.access import Access
    from bot.telegram.messaging.callback_queries import Shown
    from bot.texts import Texts

START = "r_"
"""In front of the receipt's id in a link to it; no id holds it."""


class ShownReceipts:
    """Shows receipts to those who may see them.

    Args:
        receipts: has them.
        receipts_thread: where they are checked.
        access: says which collections a chat sees.
        page_of: the address where a receipt can be read in a browser, if there is one.
    """

    def __init__(
        self,
        receipts: ReceiptService,
        receipts_thread: BackgroundThread,
        access: Access,
        page_of: Callable[[str], str | None],
    ) -> None:
        self._receipts = receipts
        self._receipts_thread = receipts_thread
        self._access = access
        self._page_of = page_of

    async def show(self, message: Message) -> None:
        """/receipt with an id or in reply to an answer, or /start from a link."""
        say, receipt_id = texts_for(message.from_user), _meant(message)
        if receipt_id is None:
            await message.reply_text(say.which_receipt)
            return
        async with show_typing(message):
            text, buttons = await self.view(message, receipt_id, say)
        await message.reply_html(text, reply_markup=buttons)

    async def view(self, message: Message, receipt_id: str, say: Texts, heading: str | None = None) -> Shown:
        """A receipt as the message's chat may see it; with a heading, in place of the answer below that."""
        view, way_back = self._access.collections_for(message.chat.id), heading is not None
        check = await self._receipts_thread.run(self._receipts.check, receipt_id)
        verdict = check.receipt.statement.verdict if check else None
        entries = entries_for(check, view) if check else None
        if check is None or entries is None:
            text = f"{escaped(heading)}\n\n{say.no_receipt}" if heading else say.no_receipt
            return text, below_receipt(receipt_id, verdict, None, say, way_back=way_back)
        text = render_receipt(check, entries, view, link_to(receipt_id, message.get_bot()), say, heading=heading)
        page = _openable(self._page_of(receipt_id))
        return text, below_receipt(receipt_id, verdict, page, say, way_back=way_back)


def link_to(receipt_id: str, bot: Bot) -> str:
    """The address that opens a receipt in Telegram."""
    return f"https://t.me/{bot.username}?start={START}{receipt_id}"


def _openable(page: str | None) -> str | None:
    """The address, unless Telegram would refuse the whole message for it, as for one on this machine."""
    return page if page and "." in (urlsplit(page).hostname or "") else None


def _meant(message: Message) -> str | None:
    """The receipt that is named, also by a link to it; else that of the answer which the message replies to."""
    named = own_words(message, message.get_bot()).rpartition(START)[2].strip().lower()
    if named:
        return named
    replied = replied_message(message)
    rows = replied.reply_markup.inline_keyboard if replied and replied.reply_markup else ()
    presses = (Press.of(str(button.callback_data)) for row in rows for button in row)
    return next((press.receipt_id for press in presses if press), None)
