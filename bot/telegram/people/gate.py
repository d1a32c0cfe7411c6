"""Gate: everything that a person can send passes here first, and some of it stops here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from telegram import User
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.telegram.access.command_menu import show_menu
from bot.telegram.access.rate_limit import Read
from bot.telegram.messaging.context import settings_here
from bot.telegram.messaging.language import texts_for
from bot.telegram.messaging.mentions import is_addressed
from bot.telegram.people.forget_me import is_about_oneself
from bot.telegram.questions.inline import answer_with_button
from bot.telegram.state.people import Contact, Role

if TYPE_CHECKING:
    from telegram import Bot, Chat, Message, Update

    from bot.telegram.access.access import Access
    from bot.telegram.access.rate_limit import Pace
    from bot.telegram.people.forget_me import Forgetting
    from bot.telegram.state.chats import ChatRepository
    from bot.telegram.state.people import PeopleRepository


class Gate:
    """Lets through what people who may ask say to the bot; beyond it, only what owners alone may do is checked.

    What is kept of them, everybody may ask.
    """

    def __init__(
        self,
        access: Access,
        people: PeopleRepository,
        chats: ChatRepository,
        forgetting: Forgetting,
        *,
        pace: Pace,
        inline_pace: Pace,
    ) -> None:
        self._access = access
        self._people = people
        self._chats = chats
        self._forgetting = forgetting
        self._pace = pace
        self._inline_pace = inline_pace

    async def admit(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Return if the update may go on.

        Raises:
            ApplicationHandlerStop: it ends here.
        """
        user = update.effective_user
        if user is None or not _is_from_a_person(update):
            raise ApplicationHandlerStop
        chat_id = self._chats.moved_to(update.effective_chat.id) if update.effective_chat else user.id
        settings_here.set(self._chats.settings(chat_id))
        if not _is_for(update, context.bot):
            raise ApplicationHandlerStop
        if self._chats.is_closed(chat_id):
            # What was asked before the bot was blocked or removed.
            raise ApplicationHandlerStop
        if await self._is_paired(update, context.bot):
            raise ApplicationHandlerStop
        may_ask = self._access.may_ask(user.id, chat_id)
        if not may_ask and not is_about_oneself(update, context.bot):
            await self._turn_away(update, user)
            raise ApplicationHandlerStop
        if self._access.is_owner(user):
            return  # who may send a hundred files at once
        # All anonymous administrators are one user, but not one sender.
        sender = update.effective_sender or user
        pace = self._inline_pace if update.inline_query else self._pace
        read = pace.take(sender.id, _written(update))
        if read is Read.TELL:
            await _tell(update, texts_for(user).slow_down)
        if read is Read.YES and not may_ask:
            # Here, so that whatever else it holds leads to no other handler.
            await self._forgetting.answer(update)
        if read is not Read.YES or not may_ask:
            raise ApplicationHandlerStop

    async def _is_paired(self, update: Update, bot: Bot) -> bool:
        """Whether the sender became the owner by this message."""
        user, message = update.effective_user, update.message
        command, _, payload = ((message.text if message else "") or "").partition(" ")
        if user is None or message is None or command != "/start":
            return False
        contact = contact_of(user)
        if not self._access.pair(contact, payload):
            return False
        await message.reply_text(texts_for(user).new_owner)
        await show_menu(bot, contact, Role.OWNER)
        return True

    async def _turn_away(self, update: Update, user: User) -> None:
        """Say why there is no answer: once a day, and in a group to all together."""
        chat = update.effective_chat
        if update.inline_query:
            await answer_with_button(update.inline_query, texts_for(user).inline_stranger)
        if chat is None:
            return
        if chat.type == ChatType.PRIVATE:
            stranger, text = contact_of(user), texts_for(user).stranger.format(number=user.id)
        elif self._access.role(user.id) is Role.DENIED:
            return
        else:
            stranger, text = contact_of(chat), texts_for(user).strange_group
        if self._people.tell(stranger):
            await _tell(update, text)
        elif update.callback_query:
            await update.callback_query.answer()


def contact_of(who: User | Chat) -> Contact:
    """As they are remembered."""
    if isinstance(who, User):
        return Contact(who.id, who.full_name, who.username, who.language_code)
    return Contact(who.id, who.effective_name or "", who.username)


async def _tell(update: Update, text: str) -> None:
    if update.callback_query:
        await update.callback_query.answer(text, show_alert=True)
    elif update.effective_message:
        await update.effective_message.reply_text(text)


def _written(update: Update) -> datetime:
    message = update.message or update.edited_message
    return (message.edit_date or message.date) if message else datetime.now(UTC)


def _is_for(update: Update, bot: Bot) -> bool:
    """Whether it speaks to the bot, as everything does that does not stand in a group."""
    message = update.message or update.edited_message
    if message is None or message.chat.type == ChatType.PRIVATE:
        return True
    return is_addressed(message, bot, mentions=settings_here.get().mentions)


def _is_from_a_person(update: Update) -> bool:
    request = update.callback_query or update.inline_query
    if request:
        return not request.from_user.is_bot
    message = update.message or update.edited_message
    return message is not None and _is_by_a_person(message)


def _is_by_a_person(message: Message) -> bool:
    """Not by this or another bot, nor copied into the group from its channel.

    Anonymous administrators come as a bot that Telegram provides, with the group as `sender_chat`.
    """
    if message.is_automatic_forward or message.via_bot or message.from_user is None:
        return False
    return not message.from_user.is_bot or message.sender_chat is not None
