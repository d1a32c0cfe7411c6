"""Handlers that show receipts: /receipt, the link to one, and the button below an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from telegram import Bot, Message

from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import Shown, data_of_buttons
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.mentions import replied_message, text_without_command
from bot.telegram.messaging.typing import show_typing
from bot.telegram.questions.keyboards import Press, below_receipt
from bot.telegram.render.answer import escape_html
from bot.telegram.render.receipt import entries_for, render_receipt
from bot.texts import Texts

START = "r_"
"""The prefix of a receipt's id in a link to it, which no id contains."""
SEPARATOR = "_"
"""Between a receipt's id and the rank of a passage, in a link."""


@dataclass(frozen=True)
class ReceiptViews:
    """Shows receipts to those who may see them."""

    receipts: ReceiptService
    receipts_thread: BackgroundThread
    access: Access
    page_of: Callable[[str], str | None]
    """Makes the address of a web page from its secret; None where there are no pages."""

    async def show(self, message: Message) -> None:
        """Handle /receipt with an id or in reply to an answer, and /start from a link."""
        texts, receipt_id, rank = texts_for(message.from_user), *_receipt_meant(message)
        if receipt_id is None:
            await message.reply_text(texts.which_receipt)
            return
        async with show_typing(message):
            if rank.isdecimal():
                # The link stands in a message that somebody has chosen; Telegram need not have told so.
                await self.receipts_thread.run(self.receipts.choose, receipt_id, int(rank))
            text, buttons = await self.view(message, receipt_id, texts)
        await message.reply_html(text, reply_markup=buttons)

    async def view(self, message: Message, receipt_id: str, texts: Texts, heading: str | None = None) -> Shown:
        """Show a receipt as the message's chat may see it; with a heading, in the place of the answer below that."""
        view, way_back = self.access.collections_for(message.chat.id), heading is not None
        check = await self.receipts_thread.run(self.receipts.check, receipt_id)
        verdict = check.receipt.statement.verdict if check else None
        entries = entries_for(check, view) if check else None
        if check is None or entries is None:
            text = f"{escape_html(heading)}\n\n{texts.no_receipt}" if heading else texts.no_receipt
            return text, below_receipt(receipt_id, verdict, None, texts, way_back=way_back)
        text = render_receipt(check, entries, view, link_to(receipt_id, message.get_bot()), texts, heading=heading)
        page = await self._page(receipt_id)
        # Telegram would refuse the whole message for an address without a dot, such as localhost.
        page = page if page and "." in (urlsplit(page).hostname or "") else None
        return text, below_receipt(receipt_id, verdict, page, texts, way_back=way_back)

    async def _page(self, receipt_id: str) -> str | None:
        """Make the address of a receipt's page, if there are pages."""
        if self.page_of("") is None:
            return None
        link = await self.receipts_thread.run(self.receipts.ledger.links.make, receipt_id)
        return self.page_of(link) if link else None


def link_to(receipt_id: str, bot: Bot, rank: int | None = None) -> str:
    """Make the address that opens a receipt in Telegram; with a rank, that of the passage chosen from a list."""
    return f"https://t.me/{bot.username}?start={START}{receipt_id}{f'{SEPARATOR}{rank}' if rank else ''}"


def _receipt_meant(message: Message) -> tuple[str | None, str]:
    """Get the id that is named, also by a link with a rank, else that of the answer to which the message replies."""
    named = text_without_command(message, message.get_bot()).rpartition(START)[2].strip().lower()
    if named:
        receipt_id, _, rank = named.partition(SEPARATOR)
        return receipt_id, rank
    replied = replied_message(message)
    presses = map(Press.parse, data_of_buttons(replied) if replied else ())
    return next((press.receipt_id for press in presses if press), None), ""
