"""SmallLibrary: a service like the real one, but for its encoder, and what people do with buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doubles import ReaderHere, WordEncoder

from retrieval import Index, ask, context_of, find, gaps, pin, prepare_gaps, quotes_of, unpin

if TYPE_CHECKING:
    from pathlib import Path


class SmallLibrary:
    """Documents in `documents` of a folder, and everything that is kept of them in its `data`."""

    def __init__(self, folder: Path):
        self.documents = folder / "documents"
        self._index = Index(folder / "data", WordEncoder("rain", "snow"), reader=ReaderHere())
        self.sync()

    def sync(self, **options):
        self._index.sync(self.documents, **options)

    def sync_collection(self, name, folder):
        self._index.sync(folder, collection=name)

    def set_title(self, collection, path, title):
        self._index.set_title(collection, path, title)

    def empty(self):
        for path in self.documents.iterdir():
            path.unlink()
        self.sync()

    def collection_names(self):
        return [each.name for each in self._index.collections()]

    def find(self, question, page, asker, collections):
        return find(self._index, question, page, collections, asker)

    def ask(self, question, asker, collections, taken_over=0):
        return ask(self._index, question, 10, collections, asker, taken_over=taken_over)

    def quotes_of(self, receipt_id):
        return quotes_of(self._index, receipt_id)

    def prepare_gaps(self):
        return prepare_gaps(self._index)

    def gaps(self):
        return gaps(self._index)

    def pin(self, question, receipt_id, rank):
        return pin(self._index, question, receipt_id, rank)

    def unpin(self, number):
        return unpin(self._index, number)

    def context_of(self, receipt_id):
        return context_of(self._index, receipt_id, 40)

    def close(self):
        self._index.close()


def labels(message):
    return [button.text for button in message.buttons]


def presses(who, message, label):
    """Press the button with this label below a message."""
    return who.presses(next(button for button in message.buttons if button.text == label))


def pressed(who, message, label):
    """The message after its button was pressed, whose press is answered without a word."""
    assert presses(who, message, label).reads() == ""
    return who.reads_edited()
