"""Connections: how each of our servers listens and is configured.

`BoundedProtocol` is HTTP/1.1 for strangers, who may open any number of connections and send or read nothing on them.
"""

from __future__ import annotations

import logging
import socket
import sys
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from retrieval import SettingsError

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp
    from uvicorn.config import LifespanType

MAX_CONNECTIONS = 200
BACKLOG = 64
"""Connections that the system accepts ahead: asyncio takes all of them at once, each with a file descriptor."""
REQUEST_S = 60
"""How long a request may take, from the connection's first byte to the last one of the response."""
GRACE_S = 2
"""How long a begun response may take when the server ends."""
_KEPT_BACK = 0.5
"""The share of the process's file descriptors that the bot, the index and the readers keep."""


def listen(host: str, port: int, remedy: str) -> socket.socket:
    """Listen on an address; clients wait from then on. The error ends with `remedy`.

    Raises:
        SettingsError: that is not possible.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        message = f"Cannot listen on {host}:{port}: {error.strerror or error}. {remedy}"
        raise SettingsError(message) from error
    # asyncio sets it only on its own sockets; without, a small page waits 40 ms for the browser's kernel.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def configure(app: ASGIApp, *, lifespan: LifespanType) -> uvicorn.Config:
    """Configure the server of an application, which is to be given a socket of `listen`."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        loop="asyncio",
        lifespan=lifespan,
        interface="asgi3",
        log_config=None,
        # It warns of each request that is no HTTP, and anybody could fill the log.
        log_level=logging.ERROR,
        # The log would hold the links, and everybody who reads it could open them.
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_S,
    )


def count_allowed() -> int:
    """Count the connections that leave enough file descriptors to the rest of the process."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource  # noqa: PLC0415 - Windows has no such module

    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, int(descriptors * (1 - _KEPT_BACK)) - BACKLOG))


class BoundedProtocol(H11Protocol):
    """Closes a connection whose request takes too long, and the oldest idle one where there are too many."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, in place of one that is idle if there are too many."""
        super().connection_made(transport)
        self._set_deadline()
        if len(self.connections) > count_allowed():
            self._find_idlest().drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        if self._deadline:
            self._deadline.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._set_deadline()
        super().on_response_complete()

    def drop(self) -> None:
        """Close the connection at once, whatever is still to be sent."""
        self.connections.discard(self)
        self.transport.abort()

    @property
    def waits_since(self) -> float:
        """When it began to wait for a request, by the loop's clock; infinite while one is answered."""
        is_answered = self.conn.our_state in {h11.SEND_RESPONSE, h11.SEND_BODY}
        return float("inf") if is_answered or not self._deadline else self._deadline.when() - REQUEST_S

    def _find_idlest(self) -> BoundedProtocol:
        others = (other for other in self.connections if isinstance(other, BoundedProtocol) and other is not self)
        idlest = min(others, key=lambda other: other.waits_since, default=self)
        return self if idlest.waits_since == float("inf") else idlest

    def _set_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(REQUEST_S, self.drop)
