"""Access: who may ask, and which documents. Nobody may until an owner lets them in, or the settings do."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from bot.services.visibility import COMMON, View
from bot.telegram.state.people import Contact, Role

if TYPE_CHECKING:
    from telegram import User

    from bot.settings import Settings
    from bot.telegram.state import State

PAIRING = "pair_"
"""In front of the secret in a pairing link."""


class Access:
    """Roles from the settings and from what owners said since; an owner is one everywhere, and for good."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._owners = settings.owners
        self._allowed = settings.allowed
        self.is_public = settings.public
        self._state = state

    def role(self, contact_id: int) -> Role | None:
        """What a person or a group may do."""
        if contact_id in self._owners:
            return Role.OWNER
        role = self._state.people.role(contact_id)
        return Role.MEMBER if role is None and contact_id in self._allowed else role

    def is_owner(self, person: User | None) -> bool:
        """Whether this person owns the bot; who is anonymous does not."""
        return person is not None and self.role(person.id) is Role.OWNER

    def may_ask(self, user_id: int, chat_id: int) -> bool:
        """Whether this person may ask in this chat: a member in every chat, everybody in a member's."""
        role = self.role(user_id)
        if role in {Role.OWNER, Role.DENIED}:
            return role is Role.OWNER
        if self.role(chat_id) is Role.DENIED:
            return False
        return self.is_public or Role.MEMBER in {role, self.role(chat_id)}

    def collections_for(self, chat_id: int) -> View:
        """What can be asked in a chat: what is common to all, and in a group its own; owners, in private, see all.

        In a group, an owner sees no more than the group, which reads along.
        """
        if chat_id < 0:
            chat_id = self._state.chats.moved_to(chat_id)
            is_alone = not self._state.chats.settings(chat_id).common
            return View(f"chat{self._state.chats.first_id(chat_id)}", is_owners=False, is_alone=is_alone)
        return View(COMMON, is_owners=self.role(chat_id) is Role.OWNER)

    def set_role(self, contact: Contact, role: Role) -> bool:
        """Give a role to a person or a group; false for owners, who stay what they are."""
        if self.role(contact.id) is Role.OWNER:
            return False
        self._state.people.set_role(contact, role)
        return True

    def move(self, old_id: int, new_id: int) -> None:
        """A group got another id, and may do what it might."""
        role = self.role(old_id)
        self._state.move(old_id, new_id)
        if role and self.role(new_id) is None:
            self._state.people.set_role(Contact(new_id, ""), role)

    def contacts(self, role: Role | None) -> list[Contact]:
        """Everybody who has this role; with none, the strangers who asked."""
        settled = {Role.OWNER: self._owners, Role.MEMBER: self._allowed}
        ids = settled.get(role, frozenset()) if role else frozenset()
        listed = [self._state.people.contact(each) or Contact(each, "") for each in sorted(ids)]
        listed += [each for each in self._state.people.contacts(role) if each not in listed]
        return [each for each in listed if self.role(each.id) is role]

    def pairing_link(self, bot_name: str) -> str | None:
        """The link that makes an owner of whoever opens it first; none if there is an owner.

        Every start makes a new one, but for replicas side by side, which have one together.
        """
        if self.contacts(Role.OWNER):
            return None
        # 192 random bits, of the letters that Telegram takes in a link.
        secret = self._state.people.pairing(PAIRING + secrets.token_urlsafe(24))
        return f"https://t.me/{bot_name}?start={secret}"

    def pair(self, contact: Contact, payload: str) -> bool:
        """Make an owner of who brings the secret of the pairing link, which is worth nothing from then on."""
        if not payload.startswith(PAIRING) or self.contacts(Role.OWNER):
            return False
        return self._state.people.pair(contact, payload)
