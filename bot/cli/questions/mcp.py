"""`quoth mcp`: the documents for assistants."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli import output
from bot.cli.options import Data, Documents
from bot.settings import load_settings
from retrieval import SettingsError

_HOST, _PORT = "127.0.0.1", 8090


def mcp(
    *,
    collection: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Show only this collection; may be repeated.")
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP, not on standard input and output.")] = False,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="With --http: where to listen. [default: 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", min=0, max=65535, help="With --http: on which port. [default: 8090]")
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="With --http: a name of this machine, besides ADDRESS; may be repeated."),
    ] = None,
    documents: Documents = None,
    data: Data = None,
) -> None:
    """Let assistants ask, over the Model Context Protocol.

    An assistant starts it and talks to it on standard input and output. With --http, it serves many until Ctrl-C;
    then QUOTH_API_TOKEN is the token that requests must have.
    """
    if not http and (host is not None or port is not None or allow_host):
        raise typer.BadParameter("--host, --port and --allow-host are for --http.")
    try:
        from bot.mcp.server import serve_http, serve_stdio  # noqa: PLC0415 - the other commands need no such library
    except ImportError as error:
        if not str(error.name).startswith("mcp"):
            raise
        raise SettingsError('`quoth mcp` needs what is not installed: pip install ".[mcp]"') from error
    common = load_settings(documents, data), collection or [], output.version(), output.say
    if http:
        serve_http(*common, host=host or _HOST, port=_PORT if port is None else port, names=allow_host or [])
    else:
        serve_stdio(*common)
