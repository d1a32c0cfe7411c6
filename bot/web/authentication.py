"""Authentication: who may ask over HTTP, and which collections they see.

Whoever has a token may ask. Where there is none, the page answers those who sit at this machine, as a terminal does.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.services.visibility import COMMON, View

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from starlette.requests import Request

    from bot.settings import Settings

COOKIE = "quoth_session"
_ALL = "*"
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers that a server in front adds: who asks through one does not sit at this machine."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may ask."""

    view: Container[str]
    """The collections that they see."""
    number: int | None = None
    """Of their token, from 0; None for a person at this machine."""


@dataclass(frozen=True, slots=True)
class _Token:
    visitor: Visitor
    digest: bytes = field(repr=False)
    session: str = field(repr=False)
    """The cookie's value: it opens the page, and does not tell the token."""


class Authentication:
    """Knows the tokens; it compares them in the same time, whether they are right or wrong."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = [
            _Token(Visitor(_view(names), number), _digest(token), _session(token))
            for number, (token, names) in enumerate(settings.api_tokens.items())
        ]
        # With a public address, a server in front may hand on what anybody asks.
        self._is_for_this_machine = not self._tokens and not settings.public_url and is_loopback(settings.serve_listen)
        self._own_names = {"localhost", "127.0.0.1", "::1", settings.serve_listen}

    @property
    def has_tokens(self) -> bool:
        """Whether there is any token."""
        return bool(self._tokens)

    @property
    def answers_somebody(self) -> bool:
        """Whether anybody may ask."""
        return self.has_tokens or self._is_for_this_machine

    def program(self, request: Request) -> Visitor | None:
        """Find who sends a request of the API by its bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.find(token.strip()) if scheme.lower() == "bearer" else None

    def person(self, request: Request) -> Visitor | None:
        """Find who looks at the page: by the cookie, or because they sit at this machine."""
        if self._is_for_this_machine:
            return Visitor(View(COMMON, is_owners=True)) if self._is_local(request) else None
        session = request.cookies.get(COOKIE, "").encode()
        known = _only(known for known in self._tokens if hmac.compare_digest(session, known.session.encode()))
        return known.visitor if known else None

    def find(self, token: str) -> Visitor | None:
        """Find who has a token."""
        known = self._find(token)
        return known.visitor if known else None

    def sign_in(self, token: str) -> str | None:
        """Give the cookie's value for a token; None for a wrong one."""
        known = self._find(token)
        return known.session if known else None

    def _find(self, token: str) -> _Token | None:
        digest = _digest(token)
        return _only(known for known in self._tokens if hmac.compare_digest(digest, known.digest))

    def _is_local(self, request: Request) -> bool:
        """Tell whether the address is this machine's own: a page elsewhere may have a name that leads here."""
        return _host_name(request) in self._own_names and not any(name in request.headers for name in _FORWARDED)


def is_same_origin(request: Request) -> bool:
    """Tell whether a form was sent from this very site; a program that is no browser tells nothing, and may."""
    if site := request.headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _view(names: tuple[str, ...]) -> Container[str]:
    if not names or _ALL in names:
        return View(COMMON, is_owners=_ALL in names)
    return frozenset(names)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _session(token: str) -> str:
    return hmac.new(token.encode(), b"session", hashlib.sha256).hexdigest()


def _only(matching: Iterable[_Token]) -> _Token | None:
    """Go through all, so that the time does not tell which one matches."""
    return next(iter(list(matching)), None)


def _host_name(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None
