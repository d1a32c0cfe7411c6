"""SmallLibrary: a library whose vectors can be computed by hand, and what people do with buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.library import Library
from retrieval import Index, Removals
from support.doubles import ReaderHere, WordEncoder

if TYPE_CHECKING:
    from pathlib import Path


class SmallLibrary(Library):
    """Documents in `documents` of a folder, and everything that is kept of them in its `data`."""

    def __init__(self, folder: Path):
        index = Index(folder / "data", WordEncoder("rain", "snow"), reader=ReaderHere())
        super().__init__(index, folder / "documents")
        self.sync()

    @property
    def documents(self):
        return self._documents

    def set_title(self, collection, path, title):
        self._index.set_title(collection, path, title)

    def empty(self):
        for path in self.documents.iterdir():
            path.unlink()
        self.sync(removals=Removals(are_confirmed=True))


def labels(message):
    return [button.text for button in message.buttons]


def presses(who, message, label):
    """Press the button with this label below a message."""
    return who.presses(next(button for button in message.buttons if button.text == label))


def pressed(who, message, label):
    """The message after its button was pressed, whose press is answered without a word."""
    assert presses(who, message, label).reads() == ""
    return who.reads_edited()
