"""What handlers of buttons have in common."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from telegram import InlineKeyboardMarkup, Message
from telegram.error import BadRequest, TelegramError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telegram import CallbackQuery

    from bot.texts import Texts

logger = logging.getLogger(__name__)

Shown = tuple[str, InlineKeyboardMarkup | None]
"""A text in Telegram's HTML, and what stands below it."""


def has_button(message: Message, data: str) -> bool:
    """Whether there is a button with this data below the message: apps of strangers can send anything."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return any(button.callback_data == data for row in rows for button in row)


async def pressed_message(query: CallbackQuery, say: Texts, *, in_private: bool = False) -> Message | None:
    """Get the message above a pressed button; None, and the person is told so, if it has no such button.

    Args:
        query: the press.
        say: the person's language.
        in_private: whether the message must stand in the person's own chat with the bot.
    """
    message = query.message
    if (
        isinstance(message, Message)
        and has_button(message, query.data or "")
        and (not in_private or message.chat.id == query.from_user.id)
    ):
        return message
    await acknowledge(query, say.button_is_old)
    return None


async def acknowledge(query: CallbackQuery, text: str | None = None, *, show_alert: bool = False) -> None:
    """Answer a press, so that Telegram shows it as done; a text with an alert has to be closed."""
    try:
        await query.answer(text, show_alert=show_alert)
    except TelegramError as error:
        # Telegram takes no answer to a press from long ago, such as one while the bot was away.
        logger.info("A press of a button could not be answered: %s", error)


async def change(message: Message, html: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Put something else in a message's place; without buttons given, it loses those that it has."""
    with tolerate_no_change():
        await message.edit_text(html, parse_mode="HTML", reply_markup=buttons)


@contextmanager
def tolerate_no_change() -> Iterator[None]:
    """Go on where a message cannot be changed: it says so already, or was deleted meanwhile."""
    try:
        yield
    except BadRequest as error:
        logger.info("A message could not be changed: %s", error)
