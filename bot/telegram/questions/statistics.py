"""The handler of /stats, which shows owners how much is asked and answered."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message
from telegram.constants import ChatType

from bot.monitoring.statistics import collect_statistics
from bot.services.background import BackgroundThread
from bot.telegram.access.access import Access
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.typing import show_typing
from bot.telegram.render.statistics import render_statistics
from retrieval import Index


@dataclass(frozen=True)
class StatisticsView:
    """Shows statistics in owners' private chats only: they name documents of all collections."""

    index: Index
    background: BackgroundThread
    access: Access

    async def show(self, message: Message) -> None:
        """Handle /stats."""
        texts = texts_for(message.from_user)
        if not self.access.is_owner(message.from_user):
            await message.reply_text(texts.owners_only)
        elif message.chat.type != ChatType.PRIVATE:
            await message.reply_text(texts.stats_in_private)
        else:
            async with show_typing(message):
                failures = await self.background.run(self.index.health.list_failures)
                statistics = await self.background.run(collect_statistics, self.index.receipts, failures)
            await message.reply_html(render_statistics(statistics, texts))
