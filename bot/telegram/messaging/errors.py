"""The error handler: it tells the person what they can do, and logs the rest."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from telegram import Update
from telegram.error import Forbidden, TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.services.background import BusyError
from bot.services.supervision import describe
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.replies import Replies
from bot.texts import Texts
from retrieval import QuestionError, QuothError, StoreError, UnreachableError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Errors:
    """Reports errors of handlers."""

    replies: Replies

    async def report(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Tell the person what they can do about an error, and log it without their words.

        Raises:
            ApplicationHandlerStop: always, as otherwise an error in the gate would let the update through.
        """
        error = context.error
        _log(error)
        if isinstance(update, Update) and error and not isinstance(error, Forbidden):
            text, message = _explain(error, texts_for(update.effective_user)), update.message or update.edited_message
            try:
                if message:
                    await self.replies.reply(message, text)
                elif update.effective_message:  # of a callback query
                    await update.effective_message.reply_text(text)
            except UnreachableError:
                logger.info("Without the database, the person is told nothing; the answer comes when it is back.")
            except (TelegramError, StoreError) as failure:
                logger.warning("The person could not be told about an error: %s", failure)
        raise ApplicationHandlerStop


def _explain(error: Exception, texts: Texts) -> str:
    """Explain what the person can mend; what only the bot's owner can mend is in the log."""
    if isinstance(error, QuestionError):
        return texts.faults[error.fault].format(limit=texts.number(error.max_length))
    if isinstance(error, UnreachableError):
        return texts.unreachable
    return texts.busy if isinstance(error, BusyError) else texts.failed


def _log(error: Exception | None) -> None:
    if isinstance(error, QuestionError | BusyError | UnreachableError):
        # A failure log has already named an unreachable service.
        logger.info("Not answered: %s", type(error).__name__)
    elif isinstance(error, QuothError | TelegramError):
        logger.warning("Not answered: %s: %s", type(error).__name__, error)
    elif error is not None:
        logger.error("Not answered: %s", describe(error))
