"""sources.txt: a file in a folder of documents that names web pages, one address a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.documents import folder
from retrieval.errors import DocumentError, FetchError
from retrieval.storage.pages import SourceKind, WebSource

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.documents.readers.limits import Limits

FILE = "sources.txt"
DEFAULT_MAX_PAGES = 1_000
"""Pages of a sitemap, where the owner names no other number."""
_LINE = re.compile(r"(?P<address>\S+)(?:\s+--(?P<kind>below|sitemap))?(?:\s+(?:--max\s+)?(?P<count>\d{1,6}))?")
_COMMENT = re.compile(r"(?:^|\s)#.*")


class SourceList:
    """The sources that the file of a folder names.

    A document that happens to be called sources.txt is left alone: the first line of a list is an address.

    Args:
        documents: the folder.
        collection: its name.
        limits: on the file.
        lists_pages: whether the file is looked for.
    """

    def __init__(self, documents: Path, collection: str, limits: Limits, *, lists_pages: bool = True) -> None:
        self.sources: dict[str, WebSource] = {}
        self.faults: list[str] = []
        """Lines that name no address, and why."""
        self.is_there = False
        if not lists_pages:
            return
        try:
            text = folder.load(documents, FILE, limits).decode("utf-8-sig", "replace")
        except DocumentError:
            return
        lines = [(number, _COMMENT.sub("", line).strip()) for number, line in enumerate(text.splitlines(), start=1)]
        lines = [(number, line) for number, line in lines if line]
        self.is_there = bool(lines) and lines[0][1].startswith(("http://", "https://"))
        for number, line in lines if self.is_there else ():
            try:
                source = parse_source(line, collection)
                self.sources[source.address] = source
            except FetchError as error:
                self.faults.append(f"Line {number}: {error}")


def parse_source(line: str, collection: str) -> WebSource:
    """Parse a line: an address, then perhaps `--below N` or `--sitemap`, with `--max N`.

    Raises:
        FetchError: it is none.
    """
    from retrieval.sources.fetching.addresses import normalize  # noqa: PLC0415 - httpx takes 0.1 s to import

    match = _LINE.fullmatch(line)
    if not match:
        raise FetchError("Write an address, and after it nothing, --below N, or --sitemap --max N.")
    kind = SourceKind(match["kind"] or SourceKind.PAGE)
    count = int(match["count"] or (DEFAULT_MAX_PAGES if kind is SourceKind.SITEMAP else 1))
    return WebSource(collection, normalize(match["address"]), kind, count, is_listed=True)
