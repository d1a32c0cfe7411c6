"""Visibility: which collections a chat sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMON = "uploads"
"""The collection of what owners send in their private chats, for everybody who may ask."""
_OF_A_GROUP = re.compile(r"chat-\d+")
"""The collections of what is sent in groups, each for that group; all groups have numbers below zero."""


def is_for_what_is_sent(collection: str) -> bool:
    """Whether this is the name of a collection that holds what people send to the bot."""
    return collection == COMMON or is_of_a_group(collection)


def is_of_a_group(collection: str) -> bool:
    """Whether this is the name of a collection that only one group sees, and owners."""
    return _OF_A_GROUP.fullmatch(collection) is not None


@dataclass(frozen=True, slots=True)
class View:
    """The names of the collections that a chat sees: given to `ask` and its like, it limits them to these."""

    own: str
    """The one that what is sent in the chat belongs to."""
    is_owners: bool
    """Whether it is the private chat of an owner, who sees all."""
    is_alone: bool = False
    """Whether it sees nothing but its own, as the administrators of a group can settle."""

    def __contains__(self, collection: object) -> bool:
        """Whether the chat sees this one."""
        if self.is_owners or collection == self.own:
            return True
        return not self.is_alone and not is_of_a_group(str(collection))
