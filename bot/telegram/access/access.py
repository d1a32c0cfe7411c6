"""Access: who may ask, and which documents. Nobody may, unless an owner or the settings let them in."""

from __future__ import annotations

import secrets

from telegram import User

from bot.services.visibility import COMMON, EVERYBODY, View
from bot.settings import Settings
from bot.telegram.state import State
from bot.telegram.state.people import Contact, Role

PAIRING = "pair_"
"""The prefix of the secret in a pairing link."""


class Access:
    """Combines the roles in the settings with those that owners gave since; an owner stays one everywhere."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._owners = settings.owners
        self._allowed = settings.allowed
        self.is_public = settings.public
        self._state = state

    def role(self, contact_id: int) -> Role | None:
        """Get the role of a person or a group."""
        if contact_id in self._owners:
            return Role.OWNER
        role = self._state.people.role(contact_id)
        return Role.MEMBER if role is None and contact_id in self._allowed else role

    def is_owner(self, person: User | None) -> bool:
        """Tell whether this person owns the bot; an anonymous one does not."""
        return person is not None and self.role(person.id) is Role.OWNER

    def may_ask(self, user_id: int, chat_id: int) -> bool:
        """Tell whether this person may ask in this chat: members in every chat, everybody in a member group."""
        role = self.role(user_id)
        if role in {Role.OWNER, Role.DENIED}:
            return role is Role.OWNER
        if self.role(chat_id) is Role.DENIED:
            return False
        return self.is_public or Role.MEMBER in {role, self.role(chat_id)}

    def collections_for(self, chat_id: int) -> View:
        """Get the collections that a chat sees: the common ones, and a group's own; an owner's private chat sees all.

        In a group, an owner sees no more than the group, which reads along.
        """
        chats = self._state.chats
        if chat_id < 0:
            chat_id = chats.moved_to(chat_id)
            is_alone, shown = not chats.settings(chat_id).common, chats.shown_collections(chat_id, EVERYBODY)
            return View(f"chat{chats.first_id(chat_id)}", is_owners=False, is_alone=is_alone, shown=shown)
        shown = chats.shown_collections(chat_id, EVERYBODY)
        return View(COMMON, is_owners=self.role(chat_id) is Role.OWNER, shown=shown)

    def public_collections(self) -> View:
        """Get the collections that everybody sees who may ask."""
        return View(COMMON, is_owners=False, shown=self._state.chats.shown_collections(EVERYBODY))

    def set_role(self, contact: Contact, role: Role) -> bool:
        """Give a role to a person or a group; return false for owners, who stay owners."""
        if self.role(contact.id) is Role.OWNER:
            return False
        self._state.people.set_role(contact, role)
        return True

    def move(self, old_id: int, new_id: int) -> None:
        """Give a group its new id, with the role that it had."""
        role = self.role(old_id)
        self._state.move(old_id, new_id)
        if role and self.role(new_id) is None:
            self._state.people.set_role(Contact(new_id, ""), role)

    def contacts(self, role: Role | None) -> list[Contact]:
        """List everybody who has this role; with None, the strangers who asked."""
        people = self._state.people
        settled: dict[Role | None, frozenset[int]] = {Role.OWNER: self._owners, Role.MEMBER: self._allowed}
        contacts = [people.contact(number) or Contact(number, "") for number in sorted(settled.get(role, ()))]
        contacts += [contact for contact in people.contacts(role) if contact not in contacts]
        return [contact for contact in contacts if self.role(contact.id) is role]

    def pairing_link(self, bot_name: str) -> str | None:
        """Make the link that makes its first visitor an owner; None if there is an owner.

        Every start makes a new link; replicas that run side by side share one.
        """
        if self.contacts(Role.OWNER):
            return None
        # 192 random bits, in characters that Telegram allows in a link.
        secret = self._state.people.pairing(PAIRING + secrets.token_urlsafe(24))
        return f"https://t.me/{bot_name}?start={secret}"

    def pair(self, contact: Contact, payload: str) -> bool:
        """Make a contact with the secret of the pairing link an owner; the secret is void from then on."""
        if not payload.startswith(PAIRING) or self.contacts(Role.OWNER):
            return False
        return self._state.people.pair(contact, payload)
