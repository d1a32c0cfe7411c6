"""Handlers that need no documents: /start, /help and what the bot does not understand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.handlers.language import texts_for

if TYPE_CHECKING:
    from telegram import Message


async def start(message: Message) -> None:
    """Greet, and say what the bot does."""
    await message.reply_html(texts_for(message.from_user).start)


async def show_help(message: Message) -> None:
    """Say how to ask, and what the answers mean."""
    await message.reply_html(texts_for(message.from_user).help)


async def unknown_command(message: Message) -> None:
    """Say that there is no such command."""
    await message.reply_html(texts_for(message.from_user).unknown_command)
