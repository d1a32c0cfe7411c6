"""What all handlers of callback queries share. Telegram sends a callback query when somebody presses a button."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest, TelegramError

from bot.texts import Texts

logger = logging.getLogger(__name__)

Shown = tuple[str, InlineKeyboardMarkup | None]
"""A message's text in Telegram's HTML, and its buttons."""


def keyboard(rows: Sequence[Sequence[InlineKeyboardButton]]) -> InlineKeyboardMarkup | None:
    """Make a keyboard of those rows that are not empty; None without any."""
    rows = [row for row in rows if row]
    return InlineKeyboardMarkup(rows) if rows else None


def data_of_buttons(message: Message) -> list[str]:
    """List the data of a message's buttons."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return [str(button.callback_data) for row in rows for button in row]


async def message_of(query: CallbackQuery, texts: Texts, *, in_private: bool = False) -> Message | None:
    """Get the message of a pressed button; None, after telling the person, if it has no such button.

    With `in_private`, the message must stand in the person's own chat with the bot.
    """
    message = query.message
    if (
        isinstance(message, Message)
        and query.data in data_of_buttons(message)  # modified apps can send any data
        and (not in_private or message.chat.id == query.from_user.id)
    ):
        return message
    await acknowledge(query, texts.button_is_old)
    return None


async def acknowledge(query: CallbackQuery, text: str | None = None, *, show_alert: bool = False) -> None:
    """Answer a callback query, so that Telegram shows the button as done; a text with an alert has to be closed."""
    try:
        await query.answer(text, show_alert=show_alert)
    except TelegramError as error:
        # Telegram takes no answer to an old query, such as one from a time when the bot was away.
        logger.info("A callback query could not be answered: %s", error)


async def edit(message: Message, html: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Replace a message's text and buttons; with None, it loses its buttons."""
    with tolerate_no_change():
        await message.edit_text(html, parse_mode="HTML", reply_markup=buttons)


@contextmanager
def tolerate_no_change() -> Iterator[None]:
    """Go on where a message cannot be edited: its text is the same already, or it was deleted meanwhile."""
    try:
        yield
    except BadRequest as error:
        logger.info("A message could not be edited: %s", error)
