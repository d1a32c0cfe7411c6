"""The tools over a small library, whose encoder knows towers and bells."""

from __future__ import annotations

from contextlib import closing
from functools import partial

import pytest
from support.doubles import ReaderHere, WordEncoder
from support.mcp_client import HOSTILE, TOWER, call, make_tools

from bot.mcp.server import make_server
from bot.services.library import open_library
from bot.settings import Settings

DOCUMENTS = {"papers/tower.txt": TOWER, "papers/bell.txt": HOSTILE, "vault/plan.txt": "A tower of gold."}


@pytest.fixture(scope="module")
def _small_model():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.services.library.resolve_model", lambda *_, **__: None)
        patched.setattr("bot.services.library.load_encoder", lambda *_, **__: WordEncoder("tower", "bell"))
        for module in ("library", "receipts"):
            patched.setattr(f"bot.services.{module}.IsolatedReader", lambda _: ReaderHere())
        yield


@pytest.fixture(scope="module")
def settings(_small_model, tmp_path_factory):
    """Of documents in the collections default and vault."""
    folder = tmp_path_factory.mktemp("mcp")
    for name, text in DOCUMENTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())
    settings = Settings(
        _env_file=None,
        QUOTH_DATA=folder / "data",
        QUOTH_DOCUMENTS=folder / "papers",
        QUOTH_PUBLIC_URL="https://quoth.example",
    )
    with closing(open_library(settings, lambda _: None)) as library:
        library.sync()
        library.sync_collection("vault", folder / "vault")
    return settings


@pytest.fixture(scope="module")
def server(settings):
    """A server that shows all documents."""
    with closing(make_tools(settings)) as tools:
        yield make_server(tools, "1.2.3")


@pytest.fixture(scope="module")
def restricted_server(settings):
    """A server that shows the collection default only."""
    with closing(make_tools(settings, "default")) as tools:
        yield make_server(tools, "1.2.3")


@pytest.fixture
def use(server):
    """Calls a tool that sees all documents."""
    return partial(call, server)


@pytest.fixture
def use_restricted(restricted_server):
    """Calls a tool that sees the collection default only."""
    return partial(call, restricted_server)
