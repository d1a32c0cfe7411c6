"""Gate: the first handler, which decides whether an update goes on to the others."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, Chat, Message, Update, User
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.telegram.access.access import Access
from bot.telegram.access.command_menu import show_menu
from bot.telegram.access.rate_limit import RateLimiter, Read
from bot.telegram.messaging.context import group_settings, texts_for
from bot.telegram.messaging.mentions import is_addressed
from bot.telegram.people.forget_me import ForgetMe, is_about_oneself
from bot.telegram.questions.inline import answer_with_button
from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.people import Contact, PeopleRepository, Role


@dataclass(frozen=True)
class Gate:
    """Admits updates that address the bot, from people who may ask. Later handlers check only for owners.

    Everybody, also without permission to ask, may use /forget_me.
    """

    access: Access
    people: PeopleRepository
    chats: ChatRepository
    forget_me: ForgetMe
    rate_limiter: RateLimiter
    inline_rate_limiter: RateLimiter

    async def admit(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Return if the update may go on.

        Raises:
            ApplicationHandlerStop: it may not.
        """
        if not await self._is_admitted(update, context.bot):
            raise ApplicationHandlerStop

    async def _is_admitted(self, update: Update, bot: Bot) -> bool:
        user = update.effective_user
        if user is None or not _is_from_a_person(update):
            return False
        chat_id = self.chats.moved_to(update.effective_chat.id) if update.effective_chat else user.id
        group_settings.set(self.chats.settings(chat_id))
        # A closed chat has updates from before the bot was blocked or removed.
        if not _is_addressed(update, bot) or self.chats.is_closed(chat_id) or await self._is_paired(update, bot):
            return False
        may_ask = self.access.may_ask(user.id, chat_id)
        if not may_ask and not is_about_oneself(update, bot):
            await self._turn_away(update, user)
            return False
        if update.chosen_inline_result:
            return may_ask  # the query before was counted
        if self.access.is_owner(user):
            return True  # without a limit, as owners may send a hundred files at once
        # All anonymous administrators are one user, but not one sender.
        sender = update.effective_sender or user
        limiter = self.inline_rate_limiter if update.inline_query else self.rate_limiter
        message = _message_of(update)
        written_at = (message.edit_date or message.date) if message else None
        read = limiter.check(sender.id, written_at)
        if read is Read.TELL:
            await _tell(update, texts_for(user).slow_down)
        if read is Read.YES and not may_ask:
            # We handle it here, so that no other handler sees the update.
            await self.forget_me.handle(update)
        return read is Read.YES and may_ask

    async def _is_paired(self, update: Update, bot: Bot) -> bool:
        """Tell whether this message makes the sender the owner."""
        user, message = update.effective_user, update.message
        command, _, payload = ((message.text if message else "") or "").partition(" ")
        if user is None or message is None or command != "/start":
            return False
        contact = contact_of(user)
        if not self.access.pair(contact, payload):
            return False
        await message.reply_text(texts_for(user).new_owner)
        await show_menu(bot, contact, Role.OWNER)
        return True

    async def _turn_away(self, update: Update, user: User) -> None:
        """Explain why there is no answer: once a day, and in a group once to everybody."""
        chat = update.effective_chat
        if update.inline_query:
            await answer_with_button(update.inline_query, texts_for(user).inline_stranger)
        if chat is None:
            return
        if chat.type == ChatType.PRIVATE:
            stranger, text = contact_of(user), texts_for(user).stranger.format(number=user.id)
        elif self.access.role(user.id) is Role.DENIED:
            return
        else:
            stranger, text = contact_of(chat), texts_for(user).strange_group
        if self.people.tell(stranger):
            await _tell(update, text)
        elif update.callback_query:
            await update.callback_query.answer()


def contact_of(who: User | Chat) -> Contact:
    """Make the contact to store for a person or a group."""
    if isinstance(who, User):
        return Contact(who.id, who.full_name, who.username, who.language_code)
    return Contact(who.id, who.effective_name or "", who.username)


async def _tell(update: Update, text: str) -> None:
    if update.callback_query:
        await update.callback_query.answer(text, show_alert=True)
    elif update.effective_message:
        await update.effective_message.reply_text(text)


def _message_of(update: Update) -> Message | None:
    return update.message or update.edited_message


def _is_addressed(update: Update, bot: Bot) -> bool:
    """Tell whether the update addresses the bot; only messages in groups may not."""
    message = _message_of(update)
    if message is None or message.chat.type == ChatType.PRIVATE:
        return True
    return is_addressed(message, bot, mentions=group_settings.get().mentions)


def _is_from_a_person(update: Update) -> bool:
    """Tell whether a person caused this: no bot, and no channel whose posts Telegram copies into its group."""
    if request := update.callback_query or update.inline_query or update.chosen_inline_result:
        return not request.from_user.is_bot
    message = _message_of(update)
    if message is None or message.is_automatic_forward or message.via_bot or message.from_user is None:
        return False
    # Anonymous administrators come as a bot that Telegram provides, with the group as `sender_chat`.
    return not message.from_user.is_bot or message.sender_chat is not None
