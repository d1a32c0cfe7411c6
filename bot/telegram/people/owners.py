"""Handlers of commands for owners: /allow, /deny and /members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from telegram import Message
from telegram.constants import ChatType

from bot.telegram.access.access import Access
from bot.telegram.access.command_menu import show_menu
from bot.telegram.messaging.context import texts_for
from bot.telegram.messaging.mentions import replied_message
from bot.telegram.people.forget_me import label_of
from bot.telegram.people.gate import contact_of
from bot.telegram.state.people import Contact, PeopleRepository, Role
from bot.texts import Texts

MAX_CONTACTS = 15
"""People and groups listed of each role, so that long names fit into a message."""
MAX_NAME = 20
"""Characters."""
NAME_LIFETIME = timedelta(days=1)
"""How long a @name is taken for the person who had it last."""


@dataclass(frozen=True)
class Owners:
    """Lets people and groups in, and shuts them out."""

    access: Access
    people: PeopleRepository

    async def allow(self, message: Message) -> None:
        """Handle /allow, in reply to a person's message, or with their number or name, or alone in a group."""
        await self._set_role(message, Role.MEMBER)

    async def deny(self, message: Message) -> None:
        """Handle /deny, in the same ways."""
        await self._set_role(message, Role.DENIED)

    async def members(self, message: Message) -> None:
        """Handle /members."""
        texts = texts_for(message.from_user)
        if not self.access.is_owner(message.from_user):
            await message.reply_text(texts.owners_only)
            return
        lists = [_list(role, self.access.contacts(role), texts) for role in (*Role, None)]
        await message.reply_text("\n\n".join(filter(None, [texts.everybody if self.access.is_public else "", *lists])))

    async def _set_role(self, message: Message, role: Role) -> None:
        texts = texts_for(message.from_user)
        if not self.access.is_owner(message.from_user):
            await message.reply_text(texts.owners_only)
            return
        _, *names = (message.text or "").split()
        contact = self._contact_named(names[0]) if names else _contact_meant(message)
        if contact is None:
            await message.reply_text(_explain_nobody(message, names, texts))
            return
        who = label_contact(contact, texts)
        if names and role is Role.MEMBER and self._may_be_another(names[0], contact):
            await message.reply_text(texts.name_is_old.format(who=who, name=names[0], number=contact.id))
            return
        if not self.access.set_role(contact, role):
            await message.reply_text(texts.stays_owner.format(who=who))
            return
        await message.reply_text((texts.allowed if role is Role.MEMBER else texts.denied).format(who=who))
        await show_menu(message.get_bot(), contact, role)

    def _may_be_another(self, name: str, contact: Contact) -> bool:
        """Tell whether a @name was last seen so long ago that somebody else may have it now."""
        seen_at = self.people.seen_at(contact.id)
        is_new = seen_at is not None and datetime.now(UTC) - seen_at < NAME_LIFETIME
        return not _is_id(name) and not is_new

    def _contact_named(self, name: str) -> Contact | None:
        """Find a contact by number or @name."""
        if _is_id(name):
            return self.people.contact(int(name)) or Contact(int(name), "")
        return self.people.contact_named(name.removeprefix("@"))


def _is_id(name: str) -> bool:
    """Tell whether this can be a Telegram ID, not a @name."""
    digits = name.removeprefix("-")
    return digits.isdecimal() and digits.isascii() and len(digits) <= len(str(1 << 52))


def _contact_meant(message: Message) -> Contact | None:
    """Get the author of the message that the command replies to, else the group."""
    if replied := replied_message(message):
        if _is_anonymous(replied):
            return None
        author = replied.sender_chat or replied.from_user
        is_bot = author is replied.from_user and author is not None and author.is_bot
        return None if author is None or is_bot else contact_of(author)
    return None if message.chat.type == ChatType.PRIVATE else contact_of(message.chat)


def _is_anonymous(message: Message) -> bool:
    """Tell whether an administrator wrote this in the name of the group."""
    return message.sender_chat is not None and message.sender_chat.id == message.chat.id


def _explain_nobody(message: Message, names: list[str], texts: Texts) -> str:
    if names:
        return texts.unknown_person.format(who=texts.isolated(names[0][:MAX_NAME]))
    replied = replied_message(message)
    return texts.anonymous_administrator if replied and _is_anonymous(replied) else texts.whom


def label_contact(contact: Contact, texts: Texts) -> str:
    """Name a person or a group, with their id."""
    name = " ".join(contact.name.split())[:MAX_NAME] or (f"@{contact.username}" if contact.username else "")
    return f"{texts.isolated(name)} ({contact.id})" if name else str(contact.id)


def _list(role: Role | None, contacts: list[Contact], texts: Texts) -> str:
    """List contacts below the heading of their role; without any, return an empty text."""
    lines = [f"{texts.line_start}• {label_contact(contact, texts)}" for contact in contacts[:MAX_CONTACTS]]
    rest = [texts.more_documents(len(contacts) - len(lines))] if len(contacts) > len(lines) else []
    return "\n".join([label_of(role, len(contacts), texts), *lines, *rest]) if contacts else ""
