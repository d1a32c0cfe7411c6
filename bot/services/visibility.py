"""Visibility: which collections a chat sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval import DEFAULT_COLLECTION

COMMON = "uploads"
"""The collection of the files that owners send in their private chats, for everybody who may ask."""
EVERYBODY = 0
"""Stands in place of a chat's id for all who may ask."""
_GROUP = re.compile(r"chat-\d+")
"""The collections of the files that are sent in groups, one a group; all groups have numbers below zero."""


def is_upload_collection(collection: str) -> bool:
    """Tell whether a collection has the name of one for the files that people send to the bot."""
    return collection == COMMON or is_group_collection(collection)


def is_group_collection(collection: str) -> bool:
    """Tell whether a collection has the name of one that only a group sees, and owners."""
    return _GROUP.fullmatch(collection) is not None


def is_named_collection(collection: str) -> bool:
    """Tell whether an owner decides who sees a collection: whoever may ask sees the folder and the common uploads."""
    return collection != DEFAULT_COLLECTION and not is_upload_collection(collection)


@dataclass(frozen=True, slots=True)
class View:
    """Holds the collections that a chat sees; `ask`, `find` and others take it as `collections`."""

    own: str
    """The collection of the files that are sent in the chat."""
    is_owners: bool
    """Whether it is the private chat of an owner, who sees all."""
    is_alone: bool = False
    """Whether it sees its own collection only, as the administrators of a group can settle."""
    shown: frozenset[str] = frozenset()
    """The named collections that an owner has shown to the chat, or to everybody."""

    def __contains__(self, collection: object) -> bool:
        """Tell whether the chat sees a collection."""
        if self.is_owners or collection == self.own:
            return True
        return not self.is_alone and (collection in {DEFAULT_COLLECTION, COMMON} or collection in self.shown)
