"""Inline: what is written behind the bot's name in any chat becomes a list of passages to choose from."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent
from telegram.error import BadRequest

from bot.services.visibility import COMMON, View
from bot.telegram.messaging.language import texts_for
from bot.telegram.questions.receipts import link_to
from bot.telegram.render.answer import preview_of, render_quote, title_of
from retrieval import Asker, Channel, Listing, QuestionError, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import InlineQuery

    from bot.services.background import BackgroundThread
    from bot.texts import Texts
    from retrieval import Index, Quote

logger = logging.getLogger(__name__)

EVERYBODYS = View(COMMON, is_owners=False)
PAGE = 10
"""Passages that are listed at a time."""
MOST = 50
"""Passages for one query, however far somebody scrolls."""
REMEMBERED_S = 60
"""How long Telegram may show a person the same passages again: documents change, but not between two letters."""
_NOTHING = Listing((), goes_on=False, receipt_id=None)
START_PARAMETER = "inline"
"""What /start comes with from the button: Telegram wants one."""


class Inline:
    """Searches for the newest query of each person; those that it overtook while they waited are not answered."""

    def __init__(self, index: Index, background: BackgroundThread) -> None:
        self._index = index
        self._background = background
        self._searches: dict[int, asyncio.Task[Listing]] = {}

    async def search(self, query: InlineQuery) -> None:
        """List what may answer, or say in a button why there is nothing to list."""
        say = texts_for(query.from_user)
        if not query.query.strip():
            await answer_with_button(query, say.inline_hint)
            return
        start = _start(query.offset)
        try:
            found = await self._newest(query.from_user.id, query.query, range(start, start + PAGE))
        except QuestionError:
            found = _NOTHING
        if found is None:
            return
        if not found.quotes:
            await answer_with_button(query, say.inline_nothing)
            return
        end = start + PAGE
        # Not an empty text where the list ends: python-telegram-bot would make "[]" of it.
        goes_on = found.goes_on and end < MOST
        link = link_to(found.receipt_id or "", query.get_bot())
        results = [_result(each, link, say) for each in found.quotes]
        await _answer(query, results, next_offset=str(end) if goes_on else None)

    async def _newest(self, person_id: int, question: str, page: range) -> Listing | None:
        """What is found; None if the person wrote something else before the search began."""
        search = asyncio.create_task(self._find(person_id, question, page))
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

    async def _find(self, person_id: int, question: str, page: range) -> Listing:
        asker = Asker(Channel.INLINE, str(person_id))
        # What is chosen is sent to any chat, so an owner finds no more than others.
        return await self._background.run_hurried(find, self._index, question, page, EVERYBODYS, asker)


async def answer_with_button(query: InlineQuery, text: str) -> None:
    """List nothing, and offer a way to the private chat with the bot."""
    button = InlineQueryResultsButton(text, start_parameter=START_PARAMETER)
    await _answer(query, [], button=button)


async def _answer(
    query: InlineQuery,
    results: Sequence[InlineQueryResultArticle],
    next_offset: str | None = None,
    button: InlineQueryResultsButton | None = None,
) -> None:
    # Somebody who was let in, or whose documents are there now, should see that at once.
    cache_time = REMEMBERED_S if results else 0
    try:
        await query.answer(results, cache_time, is_personal=True, next_offset=next_offset, button=button)
    except BadRequest as error:
        # It has waited for so long that Telegram takes no answer any more.
        logger.info("An inline query could not be answered: %s", error)


def _start(offset: str) -> int:
    """Where the page begins; apps can send any offset."""
    starts = {str(start): start for start in range(0, MOST, PAGE)}
    return starts.get(offset, 0)


def _result(quote: Quote, link: str, say: Texts) -> InlineQueryResultArticle:
    content = InputTextMessageContent(render_quote(quote, link, say), parse_mode="HTML")
    return InlineQueryResultArticle(str(quote.rank), title_of(quote, say), content, description=preview_of(quote))
