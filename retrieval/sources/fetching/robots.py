"""Robots: what a site asks of programs in its robots.txt (RFC 9309)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from protego import Protego

from retrieval.errors import FetchError, FetchFault

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "Quoth"
"""That robots.txt calls Quoth by."""
MAX_BYTES = 500 << 10
"""Of robots.txt that are read, as the standard asks for at least."""
_MAX_DELAY_S = 30.0


class Robots:
    """The rules of the sites of one run; each robots.txt is fetched once.

    Args:
        fetch: gives the bytes of a robots.txt.
    """

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._rules: dict[str, Protego | FetchError] = {}

    def check(self, address: str) -> float:
        """Check that a page may be fetched, and give the seconds that the site asks to wait between two.

        Raises:
            FetchError: robots.txt forbids it, or cannot be fetched now.
        """
        rules = self._read(address)
        if isinstance(rules, FetchError):
            raise rules
        if not rules.can_fetch(address, NAME):
            message = "The site's robots.txt asks programs not to fetch this page. Save it in a browser, as a file."
            raise FetchError(message, FetchFault.ROBOTS)
        return min(float(rules.crawl_delay(NAME) or 0), _MAX_DELAY_S)

    def _read(self, address: str) -> Protego | FetchError:
        url = httpx.URL(address)
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if site not in self._rules:
            self._rules[site] = self._parse(f"{site}/robots.txt")
        return self._rules[site]

    def _parse(self, address: str) -> Protego | FetchError:
        try:
            return Protego.parse(self._fetch(address)[:MAX_BYTES].decode(errors="replace"))
        except FetchError as error:
            # Without a robots.txt, all may be fetched; while it cannot be read, nothing.
            return error if error.fault is FetchFault.FAILED else Protego.parse("")
