"""A web site on this machine; `from support.site import Site`."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


class Site:
    """Serves `pages`, path → HTML, or a function that is given the handler and answers by itself.

    Args:
        context: for TLS; None for plain HTTP.
    """

    def __init__(self, context: ssl.SSLContext | None = None):
        self.pages = {}
        self.requests = []
        """Paths that were asked for, in order."""
        self.headers = []
        """Of these requests."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                site.requests.append(self.path)
                site.headers.append(dict(self.headers))
                page = site.pages.get(self.path)
                with suppress(OSError):  # the other side had enough
                    if callable(page):
                        page(self)
                        self.close_connection = True
                    elif page is None:
                        send(self, b"", status=404)
                    else:
                        send_page(self, page)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if context else "http"
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def address(self, path="/", host="127.0.0.1"):
        return f"{self._scheme}://{host}:{self.port}{path}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def send(handler, body, *, status=200, kind="text/html", **headers):
    """Answer with a body; underscores in the names of headers stand for hyphens."""
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def send_page(handler, page):
    """Answer with a page and its ETag, or that it is unchanged."""
    body = page.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if handler.headers["If-None-Match"] == etag:
        send(handler, b"", status=304)
    else:
        send(handler, body, ETag=etag)


def redirect_to(address):
    return lambda handler: send(handler, b"", status=302, Location=address)


@contextmanager
def serving_site(context=None):
    site = Site(context)
    try:
        yield site
    finally:
        site.close()


class Time:
    """A clock that only moves when somebody sleeps, or by `step` each time that it is looked at."""

    def __init__(self, step=0.0):
        self.now = 1_800_000_000.0
        self.slept = []
        self._step = step

    def __call__(self):
        self.now += self._step
        return self.now

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds
