"""What handlers of buttons have in common."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram.error import BadRequest, TelegramError

if TYPE_CHECKING:
    from telegram import CallbackQuery, InlineKeyboardMarkup, Message

logger = logging.getLogger(__name__)


def has_button(message: Message, data: str) -> bool:
    """Whether there is a button with this data below the message: apps of strangers can send anything."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return any(button.callback_data == data for row in rows for button in row)


async def acknowledge(query: CallbackQuery, text: str | None = None, *, show_alert: bool = False) -> None:
    """Answer a press, so that Telegram shows it as done; a text with an alert has to be closed."""
    try:
        await query.answer(text, show_alert=show_alert)
    except TelegramError as error:
        # Telegram takes no answer to a press from long ago, such as one while the bot was away.
        logger.info("A press of a button could not be answered: %s", error)


async def change(message: Message, html: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Put something else in a message's place; without buttons given, it loses those that it has."""
    try:
        await message.edit_text(html, parse_mode="HTML", reply_markup=buttons)
    except BadRequest as error:
        # Pressed twice, or the message was deleted meanwhile.
        logger.info("A message could not be changed: %s", error)
