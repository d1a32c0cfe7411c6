"""The server of the pages, in a thread with an event loop of its own: whatever it comes to, the bot goes on."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

import uvicorn

from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.web.app import web_app
from bot.web.receipt_page import Exhibits
from retrieval import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.settings import Settings

logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 200
MAX_WAITING = 16
"""Requests, with the one that is being worked on; more are sent away."""
GRACE_S = 2
"""How long a response that was begun may take when the server ends."""
READING_S = 20
"""How long reading one file may take, at most: others wait for their receipts meanwhile."""
_LOOK_S = 1
"""How often a process that only serves looks whether it should end: on Windows, nothing wakes it."""


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve the pages while the context lasts; gives the address where.

    Raises:
        SettingsError: the server cannot listen there.
        StoreError: the data folder cannot be used.
    """
    with (
        closing(_listening(settings)) as listener,
        closing(_receipts(settings)) as receipts,
        closing(BackgroundThread("web", MAX_WAITING)) as background,
    ):
        prefix = unquote(settings.public_url.path or "").rstrip("/") if settings.public_url else ""
        config = uvicorn.Config(
            web_app(Exhibits(receipts), background, prefix),
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level=logging.WARNING,
            # Whoever reads the log could open the links.
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = uvicorn.Server(config)
        # uvicorn takes over the signals only where it runs in the main thread.
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web-server")
        thread.start()
        try:
            host, port = listener.getsockname()[:2]
            yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        finally:
            server.should_exit = True
            thread.join()


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve the pages until SIGTERM or SIGINT.

    Raises:
        SettingsError, StoreError: as `serving` does.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=settings.log_level.upper())
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with suppress(KeyboardInterrupt), serving(settings) as address:
        say(f"Receipts are shown at {settings.public_url or address}; Ctrl-C ends it.")
        while not ended.wait(_LOOK_S):
            pass


def _receipts(settings: Settings) -> ReceiptService:
    return ReceiptService(settings.model_copy(update={"max_seconds": min(settings.max_seconds, READING_S)}))


def _listening(settings: Settings) -> socket.socket:
    host, port = settings.serve_listen, settings.serve_port
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        message = (
            f"Cannot listen on {host}:{port}: {error.strerror or error}. Set QUOTH_SERVE_LISTEN and "
            "QUOTH_SERVE_PORT to what is free on this machine."
        )
        raise SettingsError(message) from error
    # asyncio does so only for sockets that it made itself; else a small page waits 40 ms for the browser's kernel.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
