"""The tools, as the SDK's client calls them in the same process."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from threading import Event

import pytest
from mcp import Client
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from support.mcp_client import TOWER, make_tools, read
from typer.testing import CliRunner

from bot.cli.app import app
from bot.mcp.server import make_server
from bot.web.authentication import Visitor


def test_ask_quotes_word_for_word_with_a_receipt(use):
    text, answer = use("ask", question="How high is the tower?", k=1, collections=["default"])
    (quote,) = answer["quotes"]
    assert quote["text"] == TOWER
    assert quote["highlight"]["text"] == "The tower is 96 metres high."
    assert (quote["source"]["path"], quote["source"]["start"]) == ("tower.txt", 0)
    assert answer["link"].startswith("https://quoth.example/r/")
    assert text.endswith(f"\nReceipt {answer['receipt_id']}: {answer['link']}")


def test_an_answer_is_the_json_of_the_command_line(use, settings):
    _, answer = use("ask", question="Where is the bell?")
    folders = ["--data", str(settings.data), "--documents", str(settings.documents)]
    printed = json.loads(CliRunner().invoke(app, ["ask", "Where is the bell?", "--json", *folders]).stdout)
    own = {"receipt_id": "", "elapsed_ms": 0, "link": None, "is_indexing": False}
    assert answer | own == printed | own


def test_find_lists_passages_page_by_page(use):
    _, first = use("find", question="tower", k=1)
    _, second = use("find", question="tower", start=1, k=1)
    assert {listing["quotes"][0]["text"] for listing in (first, second)} == {TOWER, "A tower of gold."}
    assert first["goes_on"]


def test_find_says_when_there_is_nothing_more(use):
    nothing = {"quotes": [], "goes_on": False, "receipt_id": None}
    assert use("find", question="tower", start=900) == ("There are no such passages.", nothing)


def test_read_source_gives_the_words_around_a_quote(use):
    _, listing = use("find", question="tower", collections=["default"], k=1)
    _, source = use("read_source", receipt_id=f" {listing['receipt_id'].upper()} ")
    place = {"collection": "default", "path": "tower.txt", "start": 0, "end": 49, "length": 49}
    assert source == place | {"before": "", "text": TOWER, "after": ""}


def test_read_source_gives_any_part_of_a_document(use):
    _, source = use("read_source", path="tower.txt", start=4, end=9, around=9)
    assert (source["before"], source["text"], source["after"]) == ("The ", "tower", " is 96")


@pytest.mark.parametrize("path", ["../data/quoth.db", "/etc/passwd", "../vault/plan.txt", "plan.txt", "tower.txt\0"])
def test_read_source_reads_documents_of_the_index_only(use, path):
    assert use("read_source", path=path).startswith(f"There is no document {path} in the collection default.")


def test_read_source_is_bounded(use):
    too_much = "end must be greater than start, by at most 10,000 characters."
    assert use("read_source", path="tower.txt", end=10_001) == too_much
    assert "less than or equal to 5000" in use("read_source", path="tower.txt", around=5_001)
    assert use("read_source", path="tower.txt", start=60) == "tower.txt has 49 characters, and none from 60 to 10,060."


def test_read_source_wants_a_receipt_or_a_path(use):
    either = "Give either receipt_id, with a rank, or path, with start and end."
    assert use("read_source") == use("read_source", receipt_id="a", path="tower.txt") == either


def test_verify_tells_what_became_of_each_quote(use, settings):
    _, answer = use("ask", question="tower", collections=["default"], k=1)
    _, check = use("verify", receipt_id=answer["receipt_id"])
    assert [quote["state"] for quote in check["quotes"]] == ["unchanged"]
    tower = settings.documents / "tower.txt"
    tower.write_text(TOWER.replace("96", "97"))
    try:
        text, check = use("verify", receipt_id=answer["receipt_id"])
    finally:
        tower.write_text(TOWER)
    assert [quote["state"] for quote in check["quotes"]] == ["changed"]
    told = "1. changed: tower, tower.txt, line 1. The document does not say these words any more."
    assert text.splitlines()[1:] == [told]


def test_verify_says_that_there_is_no_such_receipt(use):
    assert use("verify", receipt_id="73agozvb65vgephpqire").startswith("There is no such receipt")
    assert "String should match pattern" in use("verify", receipt_id="\0")


def test_a_restriction_holds_for_every_tool(use, use_restricted):
    _, listing = use("find", question="tower", collections=["vault"])
    assert [quote["text"] for quote in listing["quotes"]] == ["A tower of gold."]
    for tool in ("ask", "find"):
        _, found = use_restricted(tool, question="tower of gold", k=20)
        assert {quote["source"]["collection"] for quote in found["quotes"]} == {"default"}
        refused = use_restricted(tool, question="tower", collections=["vault"])
        assert refused == "There is no collection vault that you may see. There are: default."
    hidden = use_restricted("read_source", path="plan.txt", collection="vault")
    assert hidden.startswith("There is no document plan.txt")
    receipt_id = listing["receipt_id"]
    assert use_restricted("read_source", receipt_id=receipt_id).startswith("There is no quote 1 of the receipt")
    assert use_restricted("verify", receipt_id=receipt_id).startswith("There is no such receipt")
    assert use("verify", receipt_id=receipt_id)[1]["state"] == "unchanged"


def test_a_token_is_answered_so_often_a_minute(settings):
    visitor = Visitor(frozenset({"default"}), number=0)
    token = AccessToken(token="", client_id="0", scopes=[], claims={"visitor": visitor})

    async def run(tools):
        auth_context_var.set(AuthenticatedUser(token))
        async with Client(make_server(tools, "1.2.3")) as client:
            return [read(await client.call_tool("find", {"question": "tower"})) for _ in range(3)]

    with closing(make_tools(settings.model_copy(update={"questions_a_minute": 2}))) as tools:
        first, second, third = asyncio.run(run(tools))
    for _, listing in (first, second):
        assert {quote["source"]["collection"] for quote in listing["quotes"]} == {"default"}
    assert third == "That was a lot at once. Try again in a minute."


def test_a_question_that_cannot_be_asked_is_named(use):
    assert use("ask", question=" ") == "The question is empty. Ask in a few words or a sentence."
    assert use("ask", question="a" * 2_001).startswith("The question has 2,001 characters.")


def test_a_misspelled_argument_is_refused(use):
    assert "Extra inputs are not permitted" in use("ask", question="tower", colections=["vault"])


def test_an_unforeseen_error_tells_nothing_of_its_words(use, monkeypatch, log):
    def fail(*_, **__):
        raise RuntimeError(TOWER)

    monkeypatch.setattr("bot.web.api.operations.ask", fail)
    assert use("ask", question="tower").startswith("Something went wrong here.")
    assert "RuntimeError" in log.text
    assert TOWER not in log.text


def test_every_tool_says_that_it_only_reads(server):
    async def run():
        async with Client(server) as client:
            return client.instructions, (await client.list_tools()).tools

    instructions, tools = asyncio.run(run())
    assert "A paraphrase is never a quote." in instructions
    assert [tool.name for tool in tools] == ["ask", "find", "read_source", "verify"]
    for tool in tools:
        assert (tool.annotations.read_only_hint, tool.annotations.open_world_hint) == (True, False)
        assert tool.output_schema["properties"]
        assert all("description" in argument for argument in tool.input_schema["properties"].values())


def test_nobody_waits_for_the_model_to_list_the_tools(settings, monkeypatch):
    may_load = Event()

    def load(*_, **__):
        may_load.wait(20)
        raise RuntimeError

    async def run(tools):
        preparing = asyncio.create_task(tools.prepare())
        async with Client(make_server(tools, "1.2.3")) as client:
            listed = await client.list_tools()
            asked = await client.call_tool("ask", {"question": "tower"})
        may_load.set()
        await preparing
        return len(listed.tools), read(asked)

    monkeypatch.setattr("bot.services.library.load_encoder", load)
    monkeypatch.setattr("bot.mcp.tools.TIMEOUT_S", 0.01)
    with closing(make_tools(settings)) as tools:
        assert asyncio.run(run(tools)) == (4, "Quoth is starting. Try again in a minute.")
