"""People: their roles, the strangers who asked, and the secret that makes the first owner."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.telegram.state.facts import Facts
from retrieval import Database, Repository

REFUSAL_INTERVAL_S = 24 * 60 * 60
STRANGERS_REMEMBERED_S = 30 * 24 * 60 * 60
_PAIRING = "pairing"
_CONTACTS = "SELECT id, name, username, language FROM people"


class Role(StrEnum):
    """The role of a person or a group; a stranger has none."""

    OWNER = "owner"
    MEMBER = "member"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or a group, whose ids are below zero, that the bot has met."""

    id: int
    name: str
    username: str | None = None
    language: str | None = None
    """As the person's app says it."""


class PeopleRepository(Repository):
    """The table of people and groups."""

    def __init__(self, database: Database, facts: Facts) -> None:
        super().__init__(database)
        self._facts = facts

    def role(self, contact_id: int) -> Role | None:
        """Get the role of a person or a group."""
        role = self._value("SELECT role FROM people WHERE id = ?", contact_id)
        return Role(role) if role else None

    def set_role(self, contact: Contact, role: Role) -> None:
        """Set the role of a person or a group."""
        with self._db.transaction() as db:
            self._meet(contact)
            db.execute("UPDATE people SET role = ? WHERE id = ?", (role, contact.id))

    def contacts(self, role: Role | None) -> list[Contact]:
        """List everybody who has this role; with None, the strangers who asked."""
        which, values = ("role = ?", (role,)) if role else ("role IS NULL", ())
        return self._contacts(f"{which} ORDER BY name, id", *values)

    def contact(self, contact_id: int) -> Contact | None:
        """Find the person or group with this id, if the bot has met them."""
        return next(iter(self._contacts("id = ?", contact_id)), None)

    def contact_named(self, username: str) -> Contact | None:
        """Find the person with this name, written without the @, if the bot has met them."""
        return next(iter(self._contacts("lower(username) = lower(?)", username)), None)

    def tell(self, stranger: Contact) -> bool:
        """Tell whether to refuse a stranger in words: once a day, which this call counts as."""
        now = time.time()
        with self._db.transaction() as db:
            db.execute("DELETE FROM people WHERE role IS NULL AND told_at < ?", (now - STRANGERS_REMEMBERED_S,))
            self._meet(stranger)
            self._see(stranger.id)
            update = "UPDATE people SET told_at = ? WHERE id = ? AND (told_at IS NULL OR told_at <= ?)"
            return bool(db.execute(update, (now, stranger.id, now - REFUSAL_INTERVAL_S)).rowcount)

    def see(self, person: Contact) -> None:
        """Note the present name of a person who writes, if the bot knows them."""
        with self._db.transaction():
            if self.contact(person.id):
                self._meet(person)
                self._see(person.id)

    def seen_at(self, contact_id: int) -> datetime | None:
        """Get the time when a person last wrote, to the hour; None if they never did."""
        return self._time("seen_at", contact_id)

    def told_at(self, person_id: int) -> datetime | None:
        """Get the time of the last refusal of a stranger."""
        return self._time("told_at", person_id)

    def move(self, old_id: int, new_id: int) -> None:
        """Give a group its new id."""
        if self.contact(old_id):
            self._db.run("DELETE FROM people WHERE id = ?", (new_id,))
            self._db.run("UPDATE people SET id = ? WHERE id = ?", (new_id, old_id))

    def forget(self, person_id: int) -> None:
        """Forget a person, except for the number and role of one who has a role."""
        self._db.run("DELETE FROM people WHERE id = ? AND role IS NULL", (person_id,))
        bare = (
            "UPDATE people SET name = '', username = NULL, language = NULL, told_at = NULL, seen_at = NULL WHERE id = ?"
        )
        self._db.run(bare, (person_id,))

    def pairing(self, new: str) -> str:
        """Get the secret that makes an owner: the new one, unless a replica that still runs has set one."""
        with self._db.transaction():
            if self._db.acquire_replica_lock(_PAIRING) or not self._facts.get(_PAIRING):
                self._facts.set(_PAIRING, new)
            return self._facts.get(_PAIRING)

    def pair(self, contact: Contact, secret: str) -> bool:
        """Make a contact with the right secret an owner; the secret is void from then on."""
        with self._db.transaction():
            known = self._facts.get(_PAIRING)
            if not known or not hmac.compare_digest(known.encode(), secret.encode()):
                return False
            self._facts.delete(_PAIRING)
            if self.contacts(Role.OWNER):
                return False
            self.set_role(contact, Role.OWNER)
        self._db.release_replica_lock(_PAIRING)
        return True

    def _time(self, column: str, contact_id: int) -> datetime | None:
        moment = self._value(f"SELECT {column} FROM people WHERE id = ?", contact_id)  # noqa: S608 - our own names
        return None if moment is None else datetime.fromtimestamp(moment, UTC)

    def _see(self, person_id: int) -> None:
        self._db.run("UPDATE people SET seen_at = ? WHERE id = ?", (time.time(), person_id))

    def _contacts(self, which: str, *values: object) -> list[Contact]:
        return [Contact(*row) for row in self._db.run(f"{_CONTACTS} WHERE {which}", values)]

    def _meet(self, contact: Contact) -> None:
        """Store a contact; fields that are unknown now keep their values."""
        # A person who gave up a username may not be taken for the one who has it now.
        take = "UPDATE people SET username = NULL WHERE lower(username) = lower(?) AND id <> ?"
        self._db.run(take, (contact.username, contact.id))
        self._db.run(
            "INSERT INTO people (id, name, username, language) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET name = CASE excluded.name WHEN '' THEN people.name ELSE excluded.name END, "
            "username = coalesce(excluded.username, people.username), "
            "language = coalesce(excluded.language, people.language)",
            (contact.id, contact.name, contact.username, contact.language),
        )
