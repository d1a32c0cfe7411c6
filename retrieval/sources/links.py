"""Links: the pages that a page of the web links to, and that lie below an address."""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser
from posixpath import dirname
from typing import TYPE_CHECKING

import httpx

from retrieval.errors import FetchError
from retrieval.sources.fetching.addresses import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHARACTERS = 5_000_000
"""Of a page in which links are looked for."""
_MAX_LINKS = 10_000


def list_below(root: str, address: str, page: bytes) -> list[str]:
    """List the addresses below `root` that a page links to, in its order, each once.

    Args:
        root: an address; what begins as its folder does is below it.
        address: of the page.
        page: its bytes, whatever they are.
    """
    finder = _LinkFinder()
    # Of addresses, only ASCII matters; a page in UTF-16 has none that is found.
    finder.feed(page[:_MAX_CHARACTERS].decode("utf-8", "replace"))
    base = address
    with suppress(httpx.InvalidURL, ValueError):
        base = str(httpx.URL(address).join(finder.base))
    found = (link for link in _resolve(base, finder.links) if is_below(root, link))
    return list(dict.fromkeys(found))


def is_below(root: str, address: str) -> bool:
    """Decide whether an address is on the same site as `root`, and in the same folder or one below."""
    one, other = httpx.URL(root), httpx.URL(address)
    folder = one.path if one.path.endswith("/") else f"{dirname(one.path).rstrip('/')}/"
    same_site = (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)
    return same_site and (other.path == one.path or other.path.startswith(folder))


def _resolve(base: str, links: list[str]) -> Iterator[str]:
    for link in links:
        with suppress(httpx.InvalidURL, ValueError, FetchError):
            yield normalize(str(httpx.URL(base).join(link.strip())))


class _LinkFinder(HTMLParser):
    """Python's own parser: it is slow, but a hostile page cannot break into it."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"a", "area", "base"}:
            return
        attributes = {name: value or "" for name, value in attrs}
        target = attributes.get("href", "")
        if tag == "base":
            self.base = self.base or target
        elif target and "nofollow" not in attributes.get("rel", "").lower() and len(self.links) < _MAX_LINKS:
            self.links.append(target)
