"""The web server, in a thread with an event loop of its own, so that its failures do not stop the bot."""

from __future__ import annotations

import signal
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

import uvicorn

from bot.monitoring.monitor import Monitor, Pulse
from bot.services.background import BackgroundThread
from bot.services.receipts import ReceiptService
from bot.services.supervision import start_thread
from bot.services.watcher import watching
from bot.web.announcement import announcing
from bot.web.app import web_app
from bot.web.asking import Asking
from bot.web.authentication import Authentication
from bot.web.connections import configure, listen

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from bot.services.library import Library
    from bot.settings import Settings

MAX_WAITING = 16
"""Requests, with the running one; more are sent away."""
READING_S = 20
"""How long reading one file may take: others wait for their receipts meanwhile."""
_POLL_S = 1
"""How often a process that only serves checks whether it should end: on Windows, no signal wakes it."""


_NOBODY_ASKS = "Nobody can ask there: set QUOTH_API_TOKEN, or QUOTH_SERVE_LISTEN to 127.0.0.1 without QUOTH_PUBLIC_URL."


@contextmanager
def serving(
    settings: Settings,
    library: Library | None = None,
    listener: socket.socket | None = None,
    monitor: Monitor | None = None,
) -> Iterator[str]:
    """Serve the pages while the context lasts, which gives the address.

    Args:
        settings: where to listen, and who may ask.
        library: answers questions; without it, there are receipts only.
        listener: what `listen_for_pages` gives, if that was called before.
        monitor: told of the questions.

    Raises:
        SettingsError: the server cannot listen there.
        StoreError: the data folder cannot be used.
    """
    limited = settings.model_copy(update={"max_seconds": min(settings.max_seconds, READING_S)})
    with (
        closing(listener or listen_for_pages(settings)) as opened,
        closing(ReceiptService(limited)) as receipts,
        closing(BackgroundThread("web", MAX_WAITING)) as background,
        closing(BackgroundThread("answers", MAX_WAITING)) as answers,
    ):
        asking = Asking(library.index, answers, settings, monitor or Monitor()) if library else None
        prefix = unquote(settings.public_url.path or "").rstrip("/") if settings.public_url else ""
        app = web_app(receipts, background, prefix, asking)
        with (
            run_in_thread(app, opened, "web-server", "The server of the pages") as address,
            announcing(settings.data, address),
        ):
            yield address


@contextmanager
def run_in_thread(app: ASGIApp, listener: socket.socket, name: str, title: str) -> Iterator[str]:
    """Serve an application in a thread of its own while the context lasts, which gives the address.

    Args:
        app: what is served.
        listener: the socket to serve it on.
        name: of the thread.
        title: what is said of it in the log.
    """
    config = configure(app, lifespan="off")
    stop, running = threading.Event(), list[uvicorn.Server]()

    def run() -> None:
        server = uvicorn.Server(config)
        running[:] = [server]
        # It closes the socket that it is given, and another server may have to follow.
        if not stop.is_set():
            server.run(sockets=[listener.dup()])

    # uvicorn takes over the signals only in the main thread.
    thread = start_thread(name, title, run, stop)
    try:
        host, port = listener.getsockname()[:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        stop.set()
        for server in running:
            server.should_exit = True
        thread.join()


def serve(
    settings: Settings, library: Library, listener: socket.socket, monitor: Monitor, message: Callable[[str], None]
) -> None:
    """Answer questions, and serve the pages of receipts, until SIGTERM or SIGINT.

    Raises:
        StoreError: the data folder cannot be used.
    """
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    pages = serving(settings, library, listener, monitor)
    with suppress(KeyboardInterrupt), watching(library, monitor), pages as address:
        url = f"{str(settings.public_url or address).rstrip('/')}/"
        is_for_somebody = Authentication(settings).answers_somebody
        message(f"Ask at {url}; Ctrl-C ends it." if is_for_somebody else f"Receipts are at {url}. {_NOBODY_ASKS}")
        while not ended.wait(_POLL_S):
            monitor.beat(Pulse())


def listen_for_pages(settings: Settings) -> socket.socket:
    """Listen where the pages are to be; browsers wait from then on.

    Raises:
        SettingsError: that is not possible.
    """
    remedy = "Set QUOTH_SERVE_LISTEN and QUOTH_SERVE_PORT to what is free on this machine."
    return listen(settings.serve_listen, settings.serve_port, remedy)
