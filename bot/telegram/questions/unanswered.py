"""Handlers of /unanswered, which shows owners the questions that the documents do not answer, and of its buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import CallbackQuery, InlineKeyboardButton, Message
from telegram.constants import ChatType

from bot.services.background import BackgroundThread
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import Shown, acknowledge, edit, keyboard, message_of
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.typing import show_typing
from bot.telegram.questions.pinning import Pinning
from bot.telegram.render.answer import PIN_SIGN
from bot.telegram.render.unanswered import render_unanswered, unpinned
from bot.texts import Texts
from retrieval import Index, UnansweredGroup, prepare_unanswered, unanswered_questions

UNANSWERED = "missed:"
"""The prefix of a button's data, which keeps its first name: messages with such buttons stay in chats."""
CHOOSE = f"{UNANSWERED}pin:"
"""The prefix of a receipt's id."""
MAX_GROUPS = 5
"""On a page."""

Rank = tuple[int, int, int]
"""The sort key of a group in the list, ascending."""


@dataclass(frozen=True, slots=True)
class PageTurn:
    """The data of a button to another page. A page begins behind a group's rank, as new questions shift the numbers."""

    is_back: bool
    rank: Rank
    made_at: int
    """When the page with the button was made, in microseconds."""

    @classmethod
    def parse(cls, data: str) -> PageTurn | None:
        """Parse a button's data; None if it is no page turn."""
        match = re.fullmatch(rf"{UNANSWERED}([<>]):(\d+):(\d+):(\d+):(\d+)", data, re.ASCII)
        if match is None:
            return None
        people, asked, newest, made_at = map(int, match.groups()[1:])
        return cls(match[1] == "<", (-people, -asked, -newest), made_at)

    def button(self) -> InlineKeyboardButton:
        """Make the button, whose data must fit into 64 bytes."""
        people, asked, newest = (-number for number in self.rank)
        direction, label = ("<", "◀") if self.is_back else (">", "▶")
        data = f"{UNANSWERED}{direction}:{people}:{asked}:{newest}:{self.made_at}"
        return InlineKeyboardButton(label, callback_data=data)

    def page(self, groups: Sequence[UnansweredGroup]) -> list[int]:
        """Get the indices of the groups on the page.

        A page forward includes groups that moved to the front since the button was made: nobody has seen them there.
        """
        if self.is_back:
            return [i for i, group in enumerate(groups) if _rank(group) < self.rank][-MAX_GROUPS:]
        is_new = [_rank(group) > self.rank or _microseconds(group.newest) > self.made_at for group in groups]
        return [i for i in range(len(groups)) if is_new[i]][:MAX_GROUPS] or list(range(len(groups)))[-MAX_GROUPS:]


@dataclass(frozen=True)
class Unanswered:
    """Lists unanswered questions in owners' private chats only, as they may be from any chat."""

    index: Index
    background: BackgroundThread
    pinning: Pinning
    access: Access

    async def list(self, message: Message) -> None:
        """Handle /unanswered."""
        texts = texts_for(message.from_user)
        if not self.access.is_owner(message.from_user):
            await message.reply_text(texts.owners_only)
        elif message.chat.type != ChatType.PRIVATE:
            await message.reply_text(texts.unanswered_in_private)
        else:
            async with show_typing(message):
                text, buttons = await self._page(None, texts)
            await message.reply_html(text, reply_markup=buttons)

    async def press(self, query: CallbackQuery) -> None:
        """Handle a button below the list."""
        data, texts = query.data or "", texts_for(query.from_user)
        message = await message_of(query, texts, in_private=True)
        if message is None:
            return
        if not self.access.is_owner(query.from_user):
            await acknowledge(query, texts.owners_only)
            return
        await acknowledge(query)
        is_choice = data.startswith(CHOOSE)
        async with show_typing(message):
            if is_choice:
                text, buttons = await self.pinning.choice(message, data.removeprefix(CHOOSE), texts)
            else:
                text, buttons = await self._page(PageTurn.parse(data), texts)
        if is_choice:
            await message.reply_html(text, reply_markup=buttons)
        else:
            await edit(message, text, buttons)

    async def _page(self, turn: PageTurn | None, texts: Texts) -> Shown:
        # Before the work begins: a question that is asked meanwhile is on no page yet.
        made_at = _microseconds(datetime.now(UTC))
        while await self.background.run(prepare_unanswered, self.index):
            pass  # other questions are answered in between
        groups = await self.background.run(unanswered_questions, self.index)
        if not groups:
            return texts.unanswered_nothing, None
        page = (turn.page(groups) if turn else []) or list(range(len(groups)))[:MAX_GROUPS]
        pins = [_pin_button(i + 1, groups[i]) for i in page if unpinned(groups[i])]
        # The last run of neighbours: groups that moved to the front stand before it.
        first = next(i for i in page if page[-1] - i == len(page) - 1 - page.index(i))
        turns = [PageTurn(is_back=True, rank=_rank(groups[first]), made_at=made_at)] if first else []
        if page[-1] < len(groups) - 1:
            turns.append(PageTurn(is_back=False, rank=_rank(groups[page[-1]]), made_at=made_at))
        text = render_unanswered({i + 1: groups[i] for i in page}, len(groups), texts)
        return text, keyboard([pins, [turn.button() for turn in turns]])


def _rank(group: UnansweredGroup) -> Rank:
    return -group.people, -group.asked, -_microseconds(group.newest)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _pin_button(number: int, group: UnansweredGroup) -> InlineKeyboardButton:
    return InlineKeyboardButton(f"{PIN_SIGN}{number}", callback_data=f"{CHOOSE}{unpinned(group)[0].receipt_ids[0]}")
