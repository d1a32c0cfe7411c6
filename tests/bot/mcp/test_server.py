"""`quoth mcp` as assistants run it: a process of its own, on standard input and output, or over HTTP."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
import sys

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from support.commands import QUOTH, TIMEOUT_S, environment
from support.mcp_client import ask, read

from bot.mcp.server import serve_http
from bot.settings import Settings
from retrieval import SettingsError

TOKEN, OTHER_TOKEN = "all-documents-0123456789", "some-documents-0123456789"
QUESTION = "How many French police officers will work in Madrid?"
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@pytest.fixture(scope="module")
def data(indexed, tmp_path_factory):
    return shutil.copytree(indexed, tmp_path_factory.mktemp("mcp") / "data")


def test_an_assistant_asks_reads_and_verifies_over_standard_input(data):
    process = StdioServerParameters(
        command=sys.executable, args=["-m", "bot", "mcp", "--data", str(data)], env=environment(), cwd=data
    )

    async def talk():
        async with Client(process, mode="legacy") as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            text, answer = await ask(client, QUESTION)
            quote = {"receipt_id": answer["receipt_id"], "rank": 1}
            _, source = read(await client.call_tool("read_source", quote))
            _, check = read(await client.call_tool("verify", {"receipt_id": answer["receipt_id"]}))
            return client.server_info.name, tools, text, answer, source, check

    name, tools, text, answer, source, check = asyncio.run(talk())
    assert (name, tools) == ("quoth", ["ask", "find", "read_source", "verify"])
    first = answer["quotes"][0]
    assert "six French police officers" in first["highlight"]["text"]
    assert answer["missing"] == ["Madrid"]
    assert answer["receipt_id"] in text
    assert source["text"] == first["text"]
    assert source["after"]
    assert {quote["state"] for quote in check["quotes"]} == {"unchanged"}
    assert check["channel"] == "mcp"


@pytest.fixture(scope="module")
def address(data):
    """Of a server over HTTP, which ends without an error."""
    tokens = f"{TOKEN}:*; {OTHER_TOKEN}:elsewhere"
    process = subprocess.Popen(
        [*QUOTH, "mcp", "--http", "--port", "0", "--data", str(data)],
        cwd=data,
        env=environment(QUOTH_API_TOKEN=tokens),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        said = next(iter(process.stderr.readline, ""))
        yield re.fullmatch(r"MCP is served at (http://127\.0\.0\.1:\d+/mcp); Ctrl-C ends it\.\n", said)[1]
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=TIMEOUT_S)[1]
        assert process.returncode == 0
        assert "Traceback" not in log
        assert TOKEN not in log
    finally:
        process.kill()
        process.communicate()


def ask_over_http(address, token):
    headers = {"Authorization": f"Bearer {token}"}

    async def talk():
        async with (
            httpx2.AsyncClient(headers=headers, timeout=TIMEOUT_S, trust_env=False) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            return await ask(client, QUESTION)

    return asyncio.run(talk())


def test_over_http_a_token_shows_its_collections(address):
    _, answer = ask_over_http(address, TOKEN)
    assert "six French police officers" in answer["quotes"][0]["text"]
    _, nothing = ask_over_http(address, OTHER_TOKEN)
    assert nothing["quotes"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
    ],
)
def test_over_http_only_who_has_a_token_is_answered(address, headers, status):
    accepted = {"Accept": "application/json, text/event-stream"}
    response = httpx2.post(address, json=LIST_TOOLS, headers=accepted | headers, trust_env=False)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "Other machines could ask. Set QUOTH_API_TOKEN to a token that requests must have"),
        (TOKEN, "Clients need a name to call this machine by. Add --allow-host"),
    ],
)
def test_other_machines_need_a_token_and_a_name(token, error):
    settings = Settings(_env_file=None, QUOTH_API_TOKEN=token)
    with pytest.raises(SettingsError, match=error):
        serve_http(settings, [], "1.2.3", print, host="0.0.0.0", port=0)  # noqa: S104 - it is refused


@pytest.mark.parametrize(
    ("changes", "names"),
    [({"QUOTH_PUBLIC_URL": "https://quoth.example"}, []), ({}, ["quoth.example"])],
    ids=["a public address", "a name"],
)
def test_behind_a_server_in_front_a_token_is_needed(changes, names):
    settings = Settings(_env_file=None, **changes)
    with pytest.raises(SettingsError, match="Set QUOTH_API_TOKEN"):
        serve_http(settings, [], "1.2.3", print, host="127.0.0.1", port=0, names=names)


def test_without_the_sdk_it_is_said_what_to_install(tmp_path):
    hidden = "import sys; sys.modules['mcp'] = None; sys.argv[1:] = ['mcp']; import bot.__main__ as m; m.main()"
    command = [sys.executable, "-c", hidden]
    result = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert result.returncode == 1
    assert result.stderr == b'Error: `quoth mcp` needs what is not installed: pip install ".[mcp]"\n'
