"""show_typing: shows a person that the bot is at work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Message
from telegram.constants import ChatAction
from telegram.error import TelegramError

logger = logging.getLogger(__name__)

RENEWAL_S = 4.0
"""Telegram shows an action for five seconds."""


@asynccontextmanager
async def show_typing(message: Message) -> AsyncIterator[None]:
    """Show "typing" in the message's chat and topic until the block ends."""
    done = asyncio.Event()
    shown = asyncio.create_task(_keep_typing(message, done))
    try:
        yield
    finally:
        # Waiting for a request that is under way keeps "typing" from appearing behind the answer.
        done.set()
        await shown


async def _keep_typing(message: Message, done: asyncio.Event) -> None:
    while not done.is_set():
        try:
            await message.reply_chat_action(ChatAction.TYPING)
        except TelegramError as error:
            logger.info("Typing could not be shown: %s", error)
        try:
            await asyncio.wait_for(done.wait(), RENEWAL_S)
        except TimeoutError:
            continue
