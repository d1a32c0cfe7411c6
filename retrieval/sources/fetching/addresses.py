"""Addresses of web pages: which may be fetched, and which machines Quoth may connect to."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

import httpx

from retrieval.errors import FetchError, FetchFault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Resolve = Callable[[str, int], Sequence[str]]
    """Gives the IP addresses of a host and a port."""

MAX_LENGTH = 2_000
"""Characters of an address."""
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f]")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Its last 32 bits are an IPv4 address that a gateway connects to."""


def normalize(address: str) -> str:
    """Write an address in the one way that stands for it: without fragment, with `/` as the shortest path.

    Raises:
        FetchError: it is no address of a web page, or holds a password.
    """
    address = address.strip()
    if len(address) > MAX_LENGTH or _UNWRITABLE.search(address):
        raise _refuse("The address is too long, or has white space in it. Write it as a browser shows it.")
    try:
        url = httpx.URL(address)
        url = url.copy_with(raw_path=url.raw_path, fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise _refuse("This is no address. Write it as a browser shows it: https://example.org/page") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise _refuse("Only pages of the web can be read: an address begins with https:// or http://.")
    if url.userinfo:
        raise _refuse("The address holds a name or a password, which every answer would show. Leave it out.")
    return str(url)


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the IP addresses of a host.

    Raises:
        OSError: it is not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def choose_public(host: str, found: Sequence[str], *, allows_private: bool) -> list[str]:
    """Choose the IP addresses that may be connected to; all of them where private ones are allowed.

    Raises:
        FetchError: none may.
    """
    allowed = [address for address in found if allows_private or is_public(address)]
    if not allowed:
        message = (
            f"{host} is a machine of a private network, or this one. Such pages are not fetched, unless the owner of "
            "the bot sets QUOTH_ALLOW_PRIVATE_ADDRESSES=true."
        )
        raise FetchError(message, FetchFault.PRIVATE)
    return allowed


def is_public(address: str) -> bool:
    """Decide whether an IP address is one of the whole internet, also where it holds another one."""
    ip = ip_address(address)
    inner = _find_inner(ip) if isinstance(ip, IPv6Address) else None
    return ip.is_global and not ip.is_multicast and (inner is None or (inner.is_global and not inner.is_multicast))


def _find_inner(ip: IPv6Address) -> IPv4Address | None:
    """Find the IPv4 address that an IPv6 address leads to."""
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _refuse(message: str) -> FetchError:
    return FetchError(message, FetchFault.ADDRESS)
