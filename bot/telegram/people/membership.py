"""Handlers of changes to chats: the bot is added, removed or blocked, or a group becomes a supergroup."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from telegram import (
    Bot,
    CallbackQuery,
    ChatMember,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden

from bot.services.rate_limit import RateLimiter, Read
from bot.telegram.access.access import Access
from bot.telegram.messaging.callback_queries import acknowledge, edit, message_of
from bot.telegram.messaging.context import group_settings, texts_for
from bot.telegram.people.gate import contact_of
from bot.telegram.people.owners import label_contact
from bot.telegram.render.answer import escape_html
from bot.telegram.state.chats import ChatRepository
from bot.telegram.state.people import Contact, PeopleRepository, Role
from bot.texts import in_language

logger = logging.getLogger(__name__)

LET_IN = "letin:"
"""The prefix of a button's data; the id of the group follows."""
_GONE = {ChatMember.LEFT, ChatMember.BANNED}
_GROUPS = {ChatType.GROUP, ChatType.SUPERGROUP}


@dataclass(frozen=True)
class Membership:
    """Stores where the bot can write, and which id a group has; tells a new group, and the owners, how it gets in."""

    access: Access
    people: PeopleRepository
    chats: ChatRepository
    rate_limiter: RateLimiter

    async def update(self, change: ChatMemberUpdated) -> None:
        """Note that the bot was removed from a group or blocked by a person, or is back."""
        is_gone = change.new_chat_member.status in _GONE
        self.chats.set_closed(change.chat.id, closed=is_gone)
        is_new = change.old_chat_member.status in _GONE and not is_gone
        # Whoever adds the bot to one group after another tires neither the groups nor the owners.
        if (
            is_new
            and change.chat.type in _GROUPS
            and self.rate_limiter.check(change.from_user.id, change.date) is Read.YES
        ):
            await self._greet(change)

    async def let_in(self, query: CallbackQuery) -> None:
        """Handle the button below the note to an owner."""
        texts = texts_for(query.from_user)
        message = await message_of(query, texts, in_private=True)
        if message is None:
            return
        if not self.access.is_owner(query.from_user):
            await acknowledge(query, texts.owners_only, show_alert=True)
            return
        number = self.chats.moved_to(int((query.data or "").removeprefix(LET_IN)))
        group = self.people.contact(number) or Contact(number, "")
        await acknowledge(query)
        self.access.set_role(group, Role.MEMBER)
        await edit(message, escape_html(texts.allowed.format(who=label_contact(group, texts))), None)
        language = self.chats.settings(number).language or query.from_user.language_code
        await _try_to_send(query.get_bot(), number, in_language(language).help_in_group)

    async def migrate(self, message: Message) -> None:
        """Move a group to its supergroup; Telegram sends a message in both."""
        old_id = message.migrate_from_chat_id or message.chat.id
        self.access.move(old_id, message.migrate_to_chat_id or message.chat.id)

    async def _greet(self, change: ChatMemberUpdated) -> None:
        """Tell a group how to ask, or else how it is let in; then tell the owners too."""
        bot, chat = change.get_bot(), change.chat
        group_settings.set(self.chats.settings(chat.id))
        texts = texts_for(change.from_user)
        if self.access.is_public or self.access.role(chat.id) is Role.MEMBER:
            await _try_to_send(bot, chat.id, texts.help_in_group)
        elif self.access.role(chat.id) is not Role.DENIED and self.people.tell(contact_of(chat)):
            await _try_to_send(bot, chat.id, texts.strange_group)
            for owner in self.access.contacts(Role.OWNER):
                await self._ask_owner(bot, owner, change)

    async def _ask_owner(self, bot: Bot, owner: Contact, change: ChatMemberUpdated) -> None:
        texts = in_language(owner.language)
        who, group = (label_contact(contact_of(one), texts) for one in (change.from_user, change.chat))
        button = InlineKeyboardButton(texts.let_in_button, callback_data=f"{LET_IN}{change.chat.id}")
        text = texts.group_request.format(who=escape_html(who), group=escape_html(group))
        await _try_to_send(bot, owner.id, text, InlineKeyboardMarkup([[button]]))


async def _try_to_send(bot: Bot, chat_id: int, html: str, buttons: InlineKeyboardMarkup | None = None) -> None:
    """Send a message, unless the bot may not write there: a group may be muted, an owner may never have written."""
    try:
        await bot.send_message(chat_id, html, parse_mode="HTML", reply_markup=buttons)
    except (BadRequest, Forbidden) as error:
        logger.info("A message could not be sent: %s", error)
