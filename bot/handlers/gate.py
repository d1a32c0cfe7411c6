"""Gate: every update passes here first, and some stop here."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from telegram.ext import ApplicationHandlerStop, ContextTypes

if TYPE_CHECKING:
    from telegram import Message, Update

REMEMBERED_UPDATES = 1000


class Gate:
    """Lets an update through once, and only if it comes from a person."""

    def __init__(self) -> None:
        self._seen: deque[int] = deque(maxlen=REMEMBERED_UPDATES)

    async def admit(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Return if the update may go on.

        Raises:
            ApplicationHandlerStop: it ends here.
        """
        repeated = update.update_id in self._seen
        self._seen.append(update.update_id)
        if repeated or not _is_from_a_person(update):
            raise ApplicationHandlerStop


def _is_from_a_person(update: Update) -> bool:
    if update.callback_query:
        return not update.callback_query.from_user.is_bot
    return update.message is not None and _is_by_a_person(update.message)


def _is_by_a_person(message: Message) -> bool:
    """Not by this or another bot, nor copied into the group from its channel.

    Anonymous administrators come as a bot that Telegram provides, with the group as `sender_chat`.
    """
    if message.is_automatic_forward or message.via_bot or message.from_user is None:
        return False
    return not message.from_user.is_bot or message.sender_chat is not None
