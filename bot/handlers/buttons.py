"""Handlers for buttons: the one that shows the closest passages, and those that do not work any more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest

from bot.handlers.language import texts_for
from bot.handlers.presses import acknowledge, has_button
from bot.render import render_closest

if TYPE_CHECKING:
    from telegram import CallbackQuery

    from bot.access import Access
    from bot.texts import Texts
    from bot.worker import Worker
    from retrieval import Answer

logger = logging.getLogger(__name__)

CLOSEST = "closest:"
"""In front of the answer's id."""


def closest_button(answer: Answer, say: Texts) -> InlineKeyboardMarkup | None:
    """The button that shows the closest passages, below an answer that found nothing."""
    if answer.verdict.found or not answer.quotes:
        return None
    button = InlineKeyboardButton(say.show_closest, callback_data=f"{CLOSEST}{answer.answer_id}")
    return InlineKeyboardMarkup.from_button(button)


class Buttons:
    """Does what a pressed button says."""

    def __init__(self, worker: Worker, access: Access) -> None:
        self._worker = worker
        self._access = access

    async def pressed(self, query: CallbackQuery) -> None:
        """Answer at once, so that Telegram shows the press as done, and then do it."""
        message, data = query.message, query.data or ""
        say = texts_for(query.from_user)
        # Telegram's own apps send only what is on a button, but others can send anything.
        if isinstance(message, Message) and has_button(message, data) and data.startswith(CLOSEST):
            await acknowledge(query)
            await self._show_closest(message, data.removeprefix(CLOSEST), say)
        else:
            await acknowledge(query, say.button_is_old)

    async def _show_closest(self, message: Message, answer_id: str, say: Texts) -> None:
        view = self._access.collections_for(message.chat.id)
        text = render_closest(await self._worker.quotes_of(answer_id, view), say)
        try:
            # Without a keyboard given, Telegram removes the button.
            await message.edit_text(text, parse_mode="HTML")
        except BadRequest as error:
            # Pressed twice, or the message was deleted meanwhile.
            logger.info("An answer could not be changed: %s", error)
