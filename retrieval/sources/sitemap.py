"""Sitemap: the addresses of the pages of a site, as it lists them (sitemaps.org): XML, perhaps packed, or plain text.

A sitemap may list others. A hostile one may list itself, or hold entities that unpack to gigabytes: both are refused.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from retrieval.documents.readers.limits import MIB
from retrieval.errors import FetchError
from retrieval.sources.fetching.addresses import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_SITEMAPS = 100
_MAX_BYTES = 50 * MIB
"""Of one of them, unpacked: as much as the standard allows."""
_GZIP = b"\x1f\x8b"


def list_pages(address: str, fetch: Callable[[str], bytes], max_pages: int) -> list[str]:
    """List the pages of a sitemap and of those that it names, at most `max_pages`, each once.

    Only pages of the sitemap's own host are listed.

    Args:
        address: of the sitemap.
        fetch: gives the bytes at an address.
        max_pages: the most that are listed.

    Raises:
        FetchError: one of them cannot be fetched, or is none.
    """
    pages: dict[str, None] = {}
    waiting, seen = [address], {address}
    while waiting and len(pages) < max_pages:
        for kind, found in _parse(_unpack(fetch(waiting.pop(0)))):
            link = _normalize_near(address, found)
            if not link:
                continue
            if kind == "url":
                pages[link] = None
                if len(pages) == max_pages:
                    break
            elif link not in seen and len(seen) < _MAX_SITEMAPS:
                seen.add(link)
                waiting.append(link)
    return list(pages)


def _normalize_near(address: str, link: str) -> str:
    """Normalize the address of a page, if it is on the same host: a sitemap speaks for its own site only."""
    with suppress(FetchError):
        link = normalize(link)
        if httpx.URL(link).host == httpx.URL(address).host:
            return link
    return ""


def _unpack(data: bytes) -> bytes:
    if data.startswith(_GZIP):
        try:
            data = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _MAX_BYTES + 1)
        except zlib.error:
            raise FetchError("The sitemap is damaged: it cannot be unpacked.") from None
    if len(data) > _MAX_BYTES:
        message = f"The sitemap is larger than {_MAX_BYTES // MIB} MiB."
        raise FetchError(message)
    return data


def _parse(data: bytes) -> Iterator[tuple[str, str]]:
    """Give each entry, "url" or "sitemap", and its address."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield from (("url", line) for line in data.decode(errors="replace").splitlines() if line.strip())
        return
    try:
        events = iterparse(BytesIO(data), forbid_dtd=True)
        for _, element in events:
            kind = element.tag.rpartition("}")[2]
            if kind in {"url", "sitemap"}:
                yield from (
                    (kind, (part.text or "").strip()) for part in element if part.tag.rpartition("}")[2] == "loc"
                )
                element.clear()
    except (ParseError, DefusedXmlException, ValueError):
        message = "This is no sitemap. Name the address of one: it often ends in /sitemap.xml."
        raise FetchError(message) from None
