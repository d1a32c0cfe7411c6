"""The server of `quoth mcp`, on standard input and output or over HTTP."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, closing, contextmanager
from typing import TYPE_CHECKING

import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from bot.mcp.service import DocumentService, VerificationService
from bot.mcp.tools import INSTRUCTIONS, Tools
from bot.monitoring.logs import log_to_stderr
from bot.web.authentication import Authentication, is_loopback
from bot.web.connections import configure, listen
from retrieval import SettingsError

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from bot.settings import Settings

PATH = "/mcp"
MAX_BODY = 256 * 1024
"""Bytes of a request; a question has 2,000 characters at most."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def serve_stdio(settings: Settings, collections: Sequence[str], version: str, message: Callable[[str], None]) -> None:
    """Serve on standard input and output until the input ends; all else is on standard error.

    Args:
        settings: where documents and data are.
        collections: names of those that may be seen; none for all.
        version: of Quoth, for the client.
        message: called with what a person who waits should know.
    """

    async def run(server: MCPServer, tools: Tools) -> None:
        async with _preparing(tools):
            await server.run_stdio_async()

    log_to_stderr(settings)
    # A thread waits for standard input, which no exception ends: Ctrl-C does what SIGTERM does, and nothing is lost.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with _tools(settings, collections, message) as tools:
        asyncio.run(run(make_server(tools, version), tools))


def serve_http(
    settings: Settings,
    collections: Sequence[str],
    version: str,
    message: Callable[[str], None],
    *,
    host: str,
    port: int,
    names: Sequence[str] = (),
) -> None:
    """Serve over HTTP until SIGTERM or SIGINT.

    Args:
        settings: where documents and data are, and the token that requests must have, if there is one.
        collections: names of those that may be seen; none for all.
        version: of Quoth, for the client.
        message: called with what a person who waits should know.
        host: the address to listen on.
        port: the port; 0 for any that is free.
        names: by which clients may call this machine, besides its loopback names and `host`.

    Raises:
        SettingsError: it cannot listen there, or others could ask without a token.
    """
    authentication = Authentication(settings)
    if not authentication.has_tokens:
        _check_is_local(settings, host, names)
    elif host in {"0.0.0.0", "::"} and not names:  # noqa: S104 - it is refused
        raise SettingsError(
            "Clients need a name to call this machine by. Add --allow-host docs.example.org, or the like."
        )
    log_to_stderr(settings)
    with (
        closing(listen(host, port, "Choose others with --host and --port.")) as listener,
        _tools(settings, collections, message) as tools,
    ):
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}{PATH}"
        tokens = _Tokens(authentication) if authentication.has_tokens else None
        server = make_server(tools, version, address, tokens)
        app = server.streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=True,
            max_request_body_size=MAX_BODY,
            transport_security=_make_security([*_LOOPBACK, shown, *names]),
        )
        # uvicorn ends at a signal, and then hands it on to the handlers from before.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        message(f"MCP is served at {address}; Ctrl-C ends it.")
        asyncio.run(_serve(uvicorn.Server(configure(app, lifespan="auto")), listener, tools))


async def _serve(server: uvicorn.Server, listener: socket.socket, tools: Tools) -> None:
    async with _preparing(tools):
        await server.serve(sockets=[listener])


@asynccontextmanager
async def _preparing(tools: Tools) -> AsyncIterator[None]:
    """Open the documents meanwhile."""
    task = asyncio.create_task(tools.prepare())
    try:
        yield
    finally:
        task.cancel()


@contextmanager
def _tools(settings: Settings, collections: Sequence[str], message: Callable[[str], None]) -> Iterator[Tools]:
    services = DocumentService(settings, collections, message), VerificationService(settings)
    with closing(Tools(*services, collections, settings.questions_a_minute)) as tools:
        yield tools


def make_server(tools: Tools, version: str, address: str = "", tokens: TokenVerifier | None = None) -> MCPServer:
    """Make the server; with `tokens`, `address` is its own, and requests over HTTP must have one of them."""
    return MCPServer(
        "quoth",
        title="Quoth",
        instructions=INSTRUCTIONS,
        version=version,
        tools=tools.list(),
        subscriptions=False,
        # The SDK wants to know who issues the tokens; it tells nobody.
        auth=AuthSettings(issuer_url=AnyHttpUrl(address), resource_server_url=None) if tokens else None,
        token_verifier=tokens,
    )


class _Tokens(TokenVerifier):
    """Knows the tokens of the settings."""

    def __init__(self, authentication: Authentication) -> None:
        self._authentication = authentication

    async def verify_token(self, token: str) -> AccessToken | None:
        """Find who has a token; nobody needs the token itself any more."""
        visitor = self._authentication.find(token)
        if visitor is None:
            return None
        return AccessToken(token="", client_id=str(visitor.number), scopes=[], claims={"visitor": visitor})


def _check_is_local(settings: Settings, host: str, names: Sequence[str]) -> None:
    """Refuse to let other machines ask without a token: all who come through a server in front look as from here."""
    if names or settings.public_url or not is_loopback(host):
        raise SettingsError(
            "Other machines could ask. Set QUOTH_API_TOKEN to a token that requests must have, or leave out --host, "
            "--allow-host and QUOTH_PUBLIC_URL."
        )


def _make_security(names: Sequence[str]) -> TransportSecuritySettings:
    """Answer only to these names, with any port: a page in a browser may point a name of its own to this machine."""
    hosts = [host for name in names for host in (name, f"{name}:*")]
    return TransportSecuritySettings(
        allowed_hosts=hosts,
        allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts],
    )
