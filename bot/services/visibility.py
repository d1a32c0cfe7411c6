"""Visibility: which collections a chat sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMON = "uploads"
"""The collection of the files that owners send in their private chats, for everybody who may ask."""
_GROUP = re.compile(r"chat-\d+")
"""The collections of the files that are sent in groups, one a group; all groups have numbers below zero."""


def is_upload_collection(collection: str) -> bool:
    """Tell whether a collection has the name of one for the files that people send to the bot."""
    return collection == COMMON or is_group_collection(collection)


def is_group_collection(collection: str) -> bool:
    """Tell whether a collection has the name of one that only a group sees, and owners."""
    return _GROUP.fullmatch(collection) is not None


@dataclass(frozen=True, slots=True)
class View:
    """Holds the collections that a chat sees; `ask`, `find` and others take it as `collections`."""

    own: str
    """The collection of the files that are sent in the chat."""
    is_owners: bool
    """Whether it is the private chat of an owner, who sees all."""
    is_alone: bool = False
    """Whether it sees its own collection only, as the administrators of a group can settle."""

    def __contains__(self, collection: object) -> bool:
        """Tell whether the chat sees a collection."""
        if self.is_owners or collection == self.own:
            return True
        return not self.is_alone and not is_group_collection(str(collection))
