"""Gate: the first handler, which decides whether an update goes on to the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from cachetools import TTLCache
from telegram import Bot, Chat, Message, Update, User
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.services.rate_limit import RateLimiter, Read
from bot.telegram.access.access import Access
from bot.telegram.access.command_menu import show_menu
from bot.telegram.messaging.callback_queries import acknowledge
from bot.telegram.messaging.context import group_settings, texts_for
from bot.telegram.messaging.mentions import is_addressed
from bot.telegram.people.forget_me import ForgetMe, is_about_oneself
from bot.telegram.questions.inline import answer_with_button, answer_with_nothing
from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.people import Contact, PeopleRepository, Role
from bot.texts import Texts

SEEN_INTERVAL_S = 60 * 60
"""How often it is noted that a person writes."""


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
    _seen: TTLCache[int, Contact] = field(default_factory=lambda: TTLCache(10_000, SEEN_INTERVAL_S), init=False)
    """People as they were noted within the hour."""

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
        if self.access.is_owner(user):
            self._note(user)
            return True  # without a limit, as owners may send a hundred files at once
        author = _author_of(update) or user
        may_ask = self.access.may_ask(author.id, chat_id)
        if update.chosen_inline_result:
            return may_ask  # the query before was counted
        is_heard = may_ask or is_about_oneself(update, bot)
        read = self._count(update, user)
        if read is not Read.YES:
            # Strangers get no more than their daily notice.
            await _refuse(update, texts_for(user).slow_down if read is Read.TELL and is_heard else None)
        elif not is_heard:
            await self._turn_away(update, author, texts_for(user))
        elif not may_ask:
            # We handle it here, so that no other handler sees the update.
            await self.forget_me.handle(update)
        elif author is user:
            self._note(user)
        return read is Read.YES and may_ask

    def _count(self, update: Update, user: User) -> Read:
        """Count an update, and tell whether its sender sent too many."""
        # All anonymous administrators are one user, but not one sender.
        sender = update.effective_sender or user
        limiter = self.inline_rate_limiter if update.inline_query else self.rate_limiter
        message = _message_of(update)
        return limiter.check(sender.id, (message.edit_date or message.date) if message else None)

    def _note(self, user: User) -> None:
        """Note the name of a person who has a role: whoever was let in by number has none until they write."""
        contact = contact_of(user)
        if self._seen.get(user.id) != contact:
            self.people.see(contact)
            self._seen[user.id] = contact

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

    async def _turn_away(self, update: Update, author: User | Chat, texts: Texts) -> None:
        """Explain why there is no answer: once a day, and in a group once to everybody."""
        chat = update.effective_chat
        if update.inline_query:
            await answer_with_button(update.inline_query, texts.inline_stranger)
        if chat is None:
            return
        if chat.type == ChatType.PRIVATE:
            is_told = self.people.tell(contact_of(author))
            await _refuse(update, texts.stranger.format(number=author.id) if is_told else None)
        elif self.access.role(author.id) is Role.DENIED:
            await _refuse(update, None)
        elif update.callback_query:
            await _refuse(update, texts.strange_group)  # only this person sees it, so the group is not told yet
        elif self.people.tell(contact_of(chat)):
            await _refuse(update, texts.strange_group)


def contact_of(who: User | Chat) -> Contact:
    """Make the contact to store for a person or a group."""
    if isinstance(who, User):
        return Contact(who.id, who.full_name, who.username, who.language_code)
    return Contact(who.id, who.effective_name or "", who.username)


async def _refuse(update: Update, text: str | None) -> None:
    """Say why there is no answer; without a text, only end the clock that Telegram shows on a button or a list."""
    if update.callback_query:
        await acknowledge(update.callback_query, text, show_alert=text is not None)
    elif update.inline_query:
        await answer_with_nothing(update.inline_query)
    elif update.effective_message and text:
        await update.effective_message.reply_text(text)


def _author_of(update: Update) -> User | Chat | None:
    """Find who wrote or pressed this: a person, or the channel in whose name they write."""
    message = _message_of(update)
    if message and message.sender_chat and message.sender_chat.id != message.chat.id:
        return message.sender_chat
    # An anonymous administrator writes in the name of the group, but is not the group.
    return update.effective_user


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
