"""Handlers for /missed, where owners see what the documents do not answer, and for the buttons below."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatType

from bot.telegram.messaging.callback_queries import acknowledge, change, pressed_message
from bot.telegram.messaging.language import texts_for
from bot.telegram.messaging.typing import show_typing
from bot.telegram.render.answer import PINNED
from bot.telegram.render.unanswered import render_gaps, unpinned
from retrieval import prepare_unanswered, unanswered_questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message

    from bot.services.background import BackgroundThread
    from bot.telegram.access.access import Access
    from bot.telegram.messaging.callback_queries import Shown
    from bot.telegram.questions.pinning import Pinning
    from bot.texts import Texts
    from retrieval import Index, UnansweredGroup, UnansweredQuestion

MISSED = "missed:"
"""In front of what a button says."""
PIN = f"{MISSED}pin:"
"""In front of the id of an answer."""
MAX_ON_A_PAGE = 5

Rank = tuple[int, int, int]
"""Of a gap in the list: the least comes first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """To another page: from which gap on or back, and when the page with the button was made.

    Not by number: what is asked meanwhile moves the others.
    """

    is_back: bool
    rank: Rank
    made_at: int
    """In microseconds."""

    @classmethod
    def of(cls, data: str) -> Turn | None:
        """From a button's data."""
        match = re.fullmatch(rf"{MISSED}([<>]):(\d+):(\d+):(\d+):(\d+)", data, re.ASCII)
        if match is None:
            return None
        people, asked, newest, made_at = map(int, match.groups()[1:])
        return cls(match[1] == "<", (-people, -asked, -newest), made_at)

    @property
    def data(self) -> str:
        """For the button; 64 bytes at most."""
        people, asked, newest = (-each for each in self.rank)
        return f"{MISSED}{'<' if self.is_back else '>'}:{people}:{asked}:{newest}:{self.made_at}"

    def page(self, found: Sequence[UnansweredGroup]) -> list[int]:
        """Which of the gaps are on the other page.

        Forward, also those that moved to the front since the button was shown, as otherwise nobody would see them.
        """
        if self.is_back:
            before = [i for i, each in enumerate(found) if _rank(each) < self.rank]
            return before[-MAX_ON_A_PAGE:]
        after = [
            i for i, each in enumerate(found) if _rank(each) > self.rank or _microseconds(each.newest) > self.made_at
        ]
        return after[:MAX_ON_A_PAGE] or list(range(len(found)))[-MAX_ON_A_PAGE:]


class Missed:
    """Lists gaps to owners, alone with the bot: what was asked elsewhere is not for all to read."""

    def __init__(self, index: Index, background: BackgroundThread, pinning: Pinning, access: Access) -> None:
        self._index = index
        self._background = background
        self._pinning = pinning
        self._access = access

    async def list(self, message: Message) -> None:
        """/missed."""
        say = texts_for(message.from_user)
        if not self._access.is_owner(message.from_user):
            await message.reply_text(say.owners_only)
            return
        if message.chat.type != ChatType.PRIVATE:
            await message.reply_text(say.missed_in_private)
            return
        async with show_typing(message):
            text, buttons = await self._page(None, say)
        await message.reply_html(text, reply_markup=buttons)

    async def pressed(self, query: CallbackQuery) -> None:
        """One of the buttons below."""
        data, say = query.data or "", texts_for(query.from_user)
        message = await pressed_message(query, say, in_private=True)
        if message is None:
            return
        if not self._access.is_owner(query.from_user):
            await acknowledge(query, say.owners_only)
            return
        await acknowledge(query)
        async with show_typing(message):
            if data.startswith(PIN):
                shown = await self._pinning.choice(message, data.removeprefix(PIN), say)
            else:
                shown = await self._page(Turn.of(data), say)
        text, buttons = shown
        if data.startswith(PIN):
            await message.reply_html(text, reply_markup=buttons)
        else:
            await change(message, text, buttons)

    async def _page(self, turn: Turn | None, say: Texts) -> Shown:
        # Before it begins: what is asked while it is being made is on no page yet.
        made_at = _microseconds(datetime.now(UTC))
        while await self._background.run(prepare_unanswered, self._index):
            pass  # in between, others are answered
        found = await self._background.run(unanswered_questions, self._index)
        if not found:
            return say.missed_nothing, None
        page = (turn.page(found) if turn else []) or list(range(len(found)))[:MAX_ON_A_PAGE]
        numbered = {i + 1: found[i] for i in page}
        rows = [[_pin_button(i + 1, each) for i in page for each in unpinned(found[i])[:1]]]
        # Without those that moved to the front.
        first = next(i for i in page if page[-1] - i == len(page) - 1 - page.index(i))
        turns = [("◀", Turn(is_back=True, rank=_rank(found[first]), made_at=made_at))] if first else []
        if page[-1] < len(found) - 1:
            turns.append(("▶", Turn(is_back=False, rank=_rank(found[page[-1]]), made_at=made_at)))
        rows.append([InlineKeyboardButton(sign, callback_data=each.data) for sign, each in turns])
        markup = InlineKeyboardMarkup([row for row in rows if row])
        return render_gaps(numbered, len(found), say), markup if markup.inline_keyboard else None


def _rank(gap: UnansweredGroup) -> Rank:
    return -gap.people, -gap.asked, -_microseconds(gap.newest)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _pin_button(number: int, question: UnansweredQuestion) -> InlineKeyboardButton:
    return InlineKeyboardButton(f"{PINNED}{number}", callback_data=f"{PIN}{question.receipt_ids[0]}")
