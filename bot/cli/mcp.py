"""`quoth mcp`: the documents for assistants."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli import output
from bot.cli.options import Data, Documents
from bot.settings import load_settings
from retrieval import SettingsError


def mcp(
    *,
    collection: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Show only this collection; may be repeated.")
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Serve over HTTP, not on standard input and output.")] = False,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="With --http: where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="With --http: on which port.")] = 8090,
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
    try:
        from bot.mcp.server import serve_http, serve_stdio  # noqa: PLC0415 - the other commands need no such library
    except ImportError as error:
        if not str(error.name).startswith("mcp"):
            raise
        raise SettingsError('`quoth mcp` needs what is not installed: pip install ".[mcp]"') from error
    common = load_settings(documents, data), collection or [], output.version(), output.say
    if http:
        serve_http(*common, host=host, port=port, names=allow_host or [])
    else:
        serve_stdio(*common)
