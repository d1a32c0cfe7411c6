"""Pinning: an owner who dislikes an answer, or sees what was missed, says which passage answers the question."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.handlers.keyboards import Action, Press, below_choice, below_pinned
from bot.handlers.presses import acknowledge, change, has_button
from bot.render import (
    PINNED,
    count_passages,
    heading_of,
    render_choice,
    render_not_pinned,
    render_pinned,
)
from bot.telegram.state.people import Role

if TYPE_CHECKING:
    from telegram import CallbackQuery, Message, User

    from bot.access import Access
    from bot.desk import Desk
    from bot.texts import Texts
    from bot.worker import Worker

logger = logging.getLogger(__name__)

Shown = tuple[str, InlineKeyboardMarkup | None]


class Pinning:
    """Shows owners which passages they can pin, and pins them.

    What it shows takes an answer's place, with a way back to that, or is a message of its own, without. Nobody but
    the pressed button knows which, so that it works after a restart.
    """

    def __init__(self, worker: Worker, desk: Desk, access: Access) -> None:
        self._worker = worker
        self._desk = desk
        self._access = access

    async def offer(self, user: User, message: Message, receipt_id: str, say: Texts) -> None:
        """Give a disliked answer one more button if an owner dislikes it; in a group, others can see it as well."""
        button = Press(Action.CHOOSE, receipt_id).button(f"{PINNED}{say.pin_button}")
        if not self._is_owner(user) or has_button(message, str(button.callback_data)):
            return
        rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
        try:
            await message.edit_reply_markup(InlineKeyboardMarkup([*rows, [button]]))
        except BadRequest as error:
            # Pressed twice, or the message was deleted meanwhile.
            logger.info("An answer could not be changed: %s", error)

    async def pressed(self, query: CallbackQuery, message: Message, press: Press, say: Texts) -> None:
        """One of the buttons to choose, to pin or to undo that."""
        if not self._is_owner(query.from_user):
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
            await self._worker.unpin(press.rank)
        first = press.rank if press.action is Action.CHOOSE else 1
        await change(message, *await self.choice(message, press.receipt_id, say, heading, first=first))

    async def choice(
        self, message: Message, receipt_id: str, say: Texts, heading: str | None = None, *, first: int = 1
    ) -> Shown:
        """The passages of an answer, from a rank on, as the message's chat sees them; with buttons to pin one."""
        question, way_back = await self._desk.question_of(receipt_id), heading is not None
        if question is None:
            return _forgotten(receipt_id, heading, say)
        view = self._access.collections_for(message.chat.id)
        quotes = [each for each in await self._worker.quotes_of(receipt_id, view) if each.rank >= first]
        text = render_choice(heading or "", question, quotes, say)
        return text, below_choice(receipt_id, quotes, count_passages(text), say, way_back=way_back)

    async def _pin(self, message: Message, press: Press, say: Texts, heading: str | None) -> Shown:
        receipt_id, way_back = press.receipt_id, heading is not None
        question = await self._desk.question_of(receipt_id)
        if question is None:
            return _forgotten(receipt_id, heading, say)
        view = self._access.collections_for(message.chat.id)
        made = await self._worker.pin(question, receipt_id, press.rank, view)
        if made is None:
            text = render_not_pinned(heading or "", say.answer_is_gone)
            return text, below_choice(receipt_id, (), 0, say, way_back=way_back)
        pin, quote = made
        text = render_pinned(heading or "", question, replace(quote, is_pinned=True), say)
        return text, below_pinned(receipt_id, pin.number, say, way_back=way_back)

    def _is_owner(self, user: User) -> bool:
        return self._access.role(user.id) is Role.OWNER


def _forgotten(receipt_id: str, heading: str | None, say: Texts) -> Shown:
    text = render_not_pinned(heading or "", say.pin_forgotten)
    return text, below_choice(receipt_id, (), 0, say, way_back=heading is not None)
