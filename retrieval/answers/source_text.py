"""Source text: any part of an indexed document, with what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.answers.context import Context
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Container

    from retrieval.index import Index


@dataclass(frozen=True, slots=True)
class SourceText:
    """A part of a document: `before + text + after` stands there word for word."""

    collection: str
    path: str
    start: int
    """Where `text` begins, in characters of the document's text."""
    end: int
    text: str
    before: str
    after: str
    length: int
    """Characters of the whole document."""


def read_source(
    index: Index,
    collection: str,
    path: str,
    span: tuple[int, int],
    *,
    around: int = 0,
    collections: Container[str] | None = None,
) -> SourceText:
    """Read a part of a document from the index; its file is not opened.

    Args:
        index: the documents.
        collection: the document's collection.
        path: of the document, as quotes name it.
        span: start and end of the part, in characters; what lies past the document's end is left out.
        around: characters to read on each side of it, at most; a word that would be cut is left out.
        collections: names of those that may be read; None for all.

    Raises:
        DocumentError: there is no such document in these collections, or it ends before the part begins.
    """
    is_visible = collections is None or collection in collections
    text = _read_text(index, collection, path) if is_visible else None
    if text is None:
        message = f"There is no document {path} in the collection {collection}. Take both from a quote's source."
        raise DocumentError(message, DocumentFault.NO_ACCESS)
    start, end = span[0], min(span[1], len(text))
    if not 0 <= start < end:
        message = f"{path} has {len(text):,} characters, and none from {start:,} to {span[1]:,}."
        raise DocumentError(message, DocumentFault.NO_ACCESS)
    context = Context.around(text, start, end, around)
    return SourceText(collection, path, start, end, text[start:end], context.before, context.after, len(text))


def _read_text(index: Index, collection: str, path: str) -> str | None:
    if "\0" in path:  # no file has it in its name, and PostgreSQL refuses it
        return None
    with index.reading() as store:
        return next((text for _, text in store.documents.find_texts(collection, path)), None)
