"""The error handler: something useful for the person, the rest for the log."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from telegram import Update
from telegram.error import Forbidden, TelegramError
from telegram.ext import ApplicationHandlerStop

from bot.services.background import BusyError
from bot.telegram.messaging.language import texts_for
from retrieval import QuestionError, QuothError, StoreError, UnreachableError

if TYPE_CHECKING:
    from telegram.ext import ContextTypes

    from bot.telegram.messaging.replies import Replies
    from bot.texts import Texts

logger = logging.getLogger(__name__)


class Errors:
    """Reports errors."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    async def report(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Tell the person what they can do about an error, and log it without their words.

        Raises:
            ApplicationHandlerStop: always, as otherwise an error in the gate would let the update through.
        """
        error = context.error
        _log(error)
        if isinstance(update, Update) and error and not isinstance(error, Forbidden):
            try:
                await self._tell(update, _said(error, texts_for(update.effective_user)))
            except UnreachableError:
                logger.info("Without the database, the person is told nothing; the answer comes when it is back.")
            except (TelegramError, StoreError) as failure:
                logger.warning("The person could not be told about an error: %s", failure)
        raise ApplicationHandlerStop

    async def _tell(self, update: Update, text: str) -> None:
        message = update.message or update.edited_message
        if message:
            await self._replies.reply(message, text)
        elif update.effective_message:
            # A button was pressed below it.
            await update.effective_message.reply_text(text)


def _said(error: Exception, say: Texts) -> str:
    """What people can do something about is said; what only the bot's owner can mend stands in the log."""
    if isinstance(error, QuestionError):
        return say.faults[error.fault]
    if isinstance(error, UnreachableError):
        return say.unreachable
    return say.busy if isinstance(error, BusyError) else say.failed


def _log(error: Exception | None) -> None:
    if isinstance(error, QuestionError | BusyError | UnreachableError):
        # What does not answer is named once, by who asks it.
        logger.info("Not answered: %s", type(error).__name__)
    elif isinstance(error, QuothError | TelegramError):
        logger.warning("Not answered: %s: %s", type(error).__name__, error)
    elif error is not None:
        # Not its message: that may hold the question.
        stack = "".join(traceback.format_tb(error.__traceback__))
        logger.error("Not answered: %s\n%s", type(error).__name__, stack)
