"""Inline mode: text behind the bot's name in any chat becomes a list of passages to choose from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from telegram import (
    Bot,
    ChosenInlineResult,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.error import BadRequest

from bot.monitoring.monitor import Monitor
from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.telegram.access.access import Access
from bot.telegram.messaging.context import texts_for
from bot.telegram.questions.receipts import link_to
from bot.telegram.render.answer import format_preview, format_title, render_quote
from bot.texts import Texts
from retrieval import Asker, Channel, Index, Listing, QuestionError, Quote, find

logger = logging.getLogger(__name__)

PAGE_SIZE = 10
"""Passages that are listed at a time."""
MAX_PASSAGES_A_QUERY = 50
"""However far somebody scrolls."""
CACHE_S = 60
"""How long Telegram may show a person the same passages: no document changes between two letters."""
SEPARATOR = ":"
"""Between the receipt's id and the rank, in the id of a result."""
START_PARAMETER = "inline"
"""The parameter of /start from the button, without which Telegram refuses a button."""


class Inline:
    """Searches for the newest query of each person; a new query cancels the one before, while that waits."""

    def __init__(
        self,
        index: Index,
        background: BackgroundThread,
        receipts: ReceiptService,
        receipts_thread: BackgroundThread,
        access: Access,
        *,
        monitor: Monitor,
    ) -> None:
        self._index = index
        self._access = access
        self._receipts = receipts
        self._receipts_thread = receipts_thread
        self._background = background
        self._monitor = monitor
        self._searches: dict[int, asyncio.Task[Listing]] = {}

    async def search(self, query: InlineQuery) -> None:
        """List passages that may answer, or explain in a button why there are none."""
        texts = texts_for(query.from_user)
        if not query.query.strip():
            await answer_with_button(query, texts.inline_hint)
            return
        # Modified apps can send any offset.
        starts = {str(start): start for start in range(0, MAX_PASSAGES_A_QUERY, PAGE_SIZE)}
        start = starts.get(query.offset, 0)
        end = start + PAGE_SIZE
        try:
            listing = await self._find_newest(query.from_user.id, query.query, range(start, end))
        except QuestionError:
            listing = Listing((), goes_on=False, receipt_id=None)
        if listing is None:
            return
        if not listing.quotes:
            await answer_with_button(query, texts.inline_nothing)
            return
        receipt_id = listing.receipt_id or ""
        results = [_result(quote, receipt_id, query.get_bot(), texts) for quote in listing.quotes]
        # None, as python-telegram-bot would send an empty text as "[]".
        next_offset = str(end) if listing.goes_on and end < MAX_PASSAGES_A_QUERY else None
        await _answer(query, results, next_offset=next_offset)

    async def choose(self, chosen: ChosenInlineResult) -> None:
        """Put the passage that a person has chosen on the receipt, which would be forgotten otherwise.

        Telegram tells of it where `/setinlinefeedback` at @BotFather says so; elsewhere, the message's link does.
        """
        receipt_id, _, rank = chosen.result_id.partition(SEPARATOR)
        if rank.isdecimal():
            await self._receipts_thread.run(self._receipts.choose, receipt_id, int(rank))

    async def _find_newest(self, person_id: int, question: str, page: range) -> Listing | None:
        """Find passages; None if the person sent another query before the search began."""
        # The chosen passage is sent to any chat, so an owner finds no more than others.
        asker, view = Asker(Channel.INLINE, str(person_id)), self._access.public_collections()
        find_first = partial(self._background.run_hurried, find, self._index, question, page, view, asker)
        search = asyncio.create_task(self._monitor.observe(Channel.INLINE, find_first))
        if earlier := self._searches.get(person_id):
            earlier.cancel()
        self._searches[person_id] = search
        try:
            await asyncio.wait([search])
        finally:
            search.cancel()
            if self._searches.get(person_id) is search:
                del self._searches[person_id]
        return None if search.cancelled() else search.result()


async def answer_with_button(query: InlineQuery, text: str) -> None:
    """List nothing, and offer a button to the private chat with the bot."""
    await _answer(query, [], button=InlineQueryResultsButton(text, start_parameter=START_PARAMETER))


async def answer_with_nothing(query: InlineQuery) -> None:
    """List nothing: the app stops to wait."""
    await _answer(query, [])


async def _answer(
    query: InlineQuery,
    results: Sequence[InlineQueryResultArticle],
    next_offset: str | None = None,
    button: InlineQueryResultsButton | None = None,
) -> None:
    # An empty list is not cached: a person may be let in, or a document added, at any time.
    cache_time = CACHE_S if results else 0
    try:
        await query.answer(results, cache_time, is_personal=True, next_offset=next_offset, button=button)
    except BadRequest as error:
        # Telegram takes no answer to a query that has waited for too long.
        logger.info("An inline query could not be answered: %s", error)


def _result(quote: Quote, receipt_id: str, bot: Bot, texts: Texts) -> InlineQueryResultArticle:
    link = link_to(receipt_id, bot, quote.rank)
    content = InputTextMessageContent(render_quote(quote, link, texts), parse_mode="HTML")
    return InlineQueryResultArticle(
        f"{receipt_id}{SEPARATOR}{quote.rank}", format_title(quote, texts), content, description=format_preview(quote)
    )
