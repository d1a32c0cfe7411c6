"""Handlers for owners: /allow, /deny and /members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import ChatType

from bot.telegram.access.command_menu import show_menu
from bot.telegram.messaging.language import texts_for
from bot.telegram.messaging.mentions import replied_message
from bot.telegram.people.gate import contact_of
from bot.telegram.state.people import Contact, Role

if TYPE_CHECKING:
    from telegram import Message

    from bot.telegram.access.access import Access
    from bot.telegram.state.people import PeopleRepository
    from bot.texts import Texts

MAX_LISTED = 15
"""Of each role; a message holds no more, if names are long."""
MAX_NAME = 20
"""Characters of a name."""


class Owners:
    """Lets people and groups in, and shuts them out."""

    def __init__(self, access: Access, people: PeopleRepository) -> None:
        self._access = access
        self._people = people

    async def allow(self, message: Message) -> None:
        """/allow, in reply to somebody's message, or with their number or name, or alone in a group."""
        await self._set_role(message, Role.MEMBER)

    async def deny(self, message: Message) -> None:
        """/deny, in the same ways."""
        await self._set_role(message, Role.DENIED)

    async def members(self, message: Message) -> None:
        """/members."""
        say = texts_for(message.from_user)
        if not self._access.is_owner(message.from_user):
            await message.reply_text(say.owners_only)
            return
        lists = {
            say.owners: self._access.contacts(Role.OWNER),
            say.members: self._access.contacts(Role.MEMBER),
            say.shut_out: self._access.contacts(Role.DENIED),
            say.knocked: self._access.contacts(None),
        }
        blocks = [_listed(heading, contacts, say) for heading, contacts in lists.items() if contacts]
        await message.reply_text("\n\n".join([say.everybody, *blocks] if self._access.is_public else blocks))

    async def _set_role(self, message: Message, role: Role) -> None:
        say = texts_for(message.from_user)
        if not self._access.is_owner(message.from_user):
            await message.reply_text(say.owners_only)
            return
        _, *names = (message.text or "").split()
        contact = self._named(names[0]) if names else _meant(message)
        if contact is None:
            who = say.isolated(names[0][:MAX_NAME]) if names else ""
            await message.reply_text(say.unknown_person.format(who=who) if names else say.whom)
            return
        who = _shown(contact, say)
        if not self._access.set_role(contact, role):
            await message.reply_text(say.stays_owner.format(who=who))
            return
        await message.reply_text((say.allowed if role is Role.MEMBER else say.denied).format(who=who))
        await show_menu(message.get_bot(), contact, role)

    def _named(self, name: str) -> Contact | None:
        """By number or @name."""
        digits = name.removeprefix("-")
        if digits.isdecimal() and digits.isascii() and len(digits) <= len(str(1 << 52)):
            return self._people.contact(int(name)) or Contact(int(name), "")
        return self._people.contact_named(name.removeprefix("@"))


def _meant(message: Message) -> Contact | None:
    """Who wrote the message that the command replies to; else the group."""
    replied = replied_message(message)
    if replied:
        author = replied.sender_chat or replied.from_user
        is_bot = author is replied.from_user and author is not None and author.is_bot
        return None if author is None or is_bot else contact_of(author)
    return None if message.chat.type == ChatType.PRIVATE else contact_of(message.chat)


def _shown(contact: Contact, say: Texts) -> str:
    name = " ".join(contact.name.split())[:MAX_NAME] or (f"@{contact.username}" if contact.username else "")
    return f"{say.isolated(name)} ({contact.id})" if name else str(contact.id)


def _listed(heading: str, contacts: list[Contact], say: Texts) -> str:
    lines = [f"{say.line_start}• {_shown(contact, say)}" for contact in contacts[:MAX_LISTED]]
    rest = len(contacts) - len(lines)
    return "\n".join([heading, *lines, *([say.more_documents(rest)] if rest else [])])
