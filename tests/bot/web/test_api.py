"""The HTTP API: what programs with a token get, and what all others do not."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from dataclasses import asdict
from urllib.parse import urlsplit

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from support.asking import HANDBOOK_TOKEN, RAIN, TOKEN, TOKENS, AskSite
from support.commands import ROOT

from bot.services.background import BackgroundThread, BusyError
from bot.services.for_programs import json_line
from bot.web.pages import MAX_BODY
from retrieval import StoreError, UnreachableError, ask


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    with AskSite(folder, api_token=SecretStr(TOKENS), questions_a_minute=10_000) as made:
        yield made


def post(site, content, *, path="/api/ask", **headers):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"} | headers
    return site.post(path, content, **headers)


# --- answers


def test_an_answer_is_the_json_of_the_command_line(site):
    status, given = site.call("ask", question="rain", k=1)
    expected = json.loads(json_line(asdict(ask(site.library.index, "rain", 1, {"default"}))))
    varying = {"receipt_id", "elapsed_ms"}
    assert status == 200
    assert given["quotes"][0]["highlight"]["text"] == RAIN
    assert {key: given[key] for key in given.keys() - varying} == {
        key: expected[key] for key in expected.keys() - varying
    }


def test_the_examples_of_the_documents_work(site):
    examples = re.findall(r"^curl .*?'$", (ROOT / "docs" / "http.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    receipt_id = site.call("ask", question="rain")[1]["receipt_id"]
    statuses = {}
    for example in examples:
        _, url, *options = shlex.split(example.replace("$TOKEN", TOKEN).replace("gk54d2rzuscdww7ust5y", receipt_id))
        headers = dict(each.split(": ") for option, each in itertools.pairwise(options) if option == "-H")
        statuses[url] = site.post(urlsplit(url).path, options[-1].encode(), **headers).status_code
    assert statuses == {f"http://127.0.0.1:8080/api/{name}": 200 for name in ("ask", "find", "verify")}


def test_passages_are_listed_page_by_page_without_a_verdict(site):
    status, first = site.call("find", token=HANDBOOK_TOKEN, question="rain")
    assert (status, [quote["rank"] for quote in first["quotes"]], first["goes_on"]) == (200, [1], False)
    assert "verdict" not in first
    assert site.call("find", question="rain", start=7)[1]["quotes"] == []


def test_a_receipt_is_checked_against_the_files(site):
    receipt_id = site.call("ask", question="rain")[1]["receipt_id"]
    status, checked = site.call("verify", receipt_id=receipt_id.upper())
    assert (status, checked["receipt_id"], checked["state"]) == (200, receipt_id, "unchanged")
    assert (checked["channel"], checked["quotes"][0]["path"]) == ("http", "rain.md")


# --- who may ask, and what


@pytest.mark.parametrize("name", ["ask", "find", "verify", "openapi.json", ""])
def test_without_a_token_there_is_no_api(tmp_path, name):
    with AskSite(tmp_path) as site:
        statuses = {site.post(f"/api/{name}", b"{}").status_code, site.get(f"/api/{name}").status_code}
    assert statuses == {404}


@pytest.mark.parametrize("sent", ["", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xff"])
def test_a_wrong_token_gets_nothing(site, sent):
    response = post(site, b'{"question": "rain"}', Authorization=sent.encode("latin-1"))
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert TOKEN not in response.text


def test_a_token_sees_its_collections_only(site):
    paths = {
        token: [quote["source"]["path"] for quote in site.call("ask", token=token, question="rain")[1]["quotes"]]
        for token in (TOKEN, HANDBOOK_TOKEN)
    }
    assert paths == {TOKEN: ["rain.md"], HANDBOOK_TOKEN: ["secret.md"]}


@pytest.mark.parametrize("name", ["ask", "find"])
@pytest.mark.parametrize("collection", ["handbook", "elsewhere", "chat-1"])
def test_a_collection_of_others_looks_like_none(site, name, collection):
    status, problem = site.call(name, question="rain", collections=[collection])
    assert status == 404
    assert problem["detail"] == f"There is no collection {collection} that you may see. There are: default."


def test_a_receipt_of_hidden_documents_looks_like_none(site):
    receipt_id = site.call("ask", token=HANDBOOK_TOKEN, question="rain")[1]["receipt_id"]
    hidden, unknown = site.call("verify", receipt_id=receipt_id), site.call("verify", receipt_id="a" * 20)
    assert hidden == unknown
    assert hidden[0] == 404
    assert site.call("verify", token=HANDBOOK_TOKEN, receipt_id=receipt_id)[0] == 200


def test_a_star_sees_all_collections(tmp_path):
    with AskSite(tmp_path, api_token=SecretStr(f"{TOKEN}:*")) as site:
        quotes = site.call("ask", question="rain")[1]["quotes"]
    assert {quote["source"]["collection"] for quote in quotes} == {"default", "handbook"}


def test_each_token_has_its_own_questions_a_minute(tmp_path):
    with AskSite(tmp_path, api_token=SecretStr(TOKENS), questions_a_minute=2) as site:
        statuses = [site.call("ask", question="rain")[0] for _ in range(3)]
        other = site.call("ask", token=HANDBOOK_TOKEN, question="rain")[0]
        refused = post(site, b'{"question": "rain"}')
    assert (statuses, other) == ([200, 200, 429], 200)
    assert refused.headers["Retry-After"] == "60"


# --- what is wrong with a request


@pytest.mark.parametrize(
    ("question", "fault", "detail"),
    [
        (" ", "empty", "The question is empty. Ask in a few words or a sentence."),
        ("x" * 2_001, "too long", "The question has 2,001 characters. Ask in at most 2,000."),
        ("a\0b", "not text", "The question holds characters that are not text. Type it again as plain text."),
        ("Thanks!", "thanks", "You are welcome!"),
    ],
)
def test_what_cannot_be_asked_has_the_sentence_of_the_command_line(site, question, fault, detail):
    status, problem = site.call("ask", question=question)
    assert status == 422
    assert problem == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": detail,
        "fault": fault,
    }


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"{", 400, "no JSON"),
        (b'{"question": "\\ud800"}', 400, "no JSON"),
        (b"\xff", 400, "no JSON"),
        (b"{}", 422, "question: Field required"),
        (b"[]", 422, "body: "),
        (b'{"question": "rain", "k": 101}', 422, "k: Input should be less than or equal to 100"),
        (b'{"question": "rain", "colections": []}', 422, "colections: Extra inputs are not permitted"),
        (b'{"question": "rain", "collections": []}', 422, "collections: "),
        (b" " * (MAX_BODY + 1), 413, "too large"),
    ],
)
def test_a_wrong_body_is_named(site, content, status, reason):
    response = post(site, content)
    assert response.status_code == status
    assert reason in response.json()["detail"]


def test_what_is_no_json_by_its_type_is_refused(site):
    assert post(site, b'{"question": "rain"}', **{"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize(("path", "status"), [("/api/ask", 405), ("/api/nothing", 404), ("/api/", 404)])
def test_wrong_addresses_and_methods_are_problems_too(site, path, status):
    response = site.get(path)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert response.headers["Content-Type"] == "application/problem+json"


# --- what fails here


@pytest.mark.parametrize(
    ("error", "status", "logged"),
    [
        (StoreError("The disk is full."), 500, "A question cannot be answered: The disk is full."),
        (UnreachableError("No answer from there."), 503, "A question cannot be answered: No answer from there."),
        (BusyError("Too many."), 503, ""),
        (TimeoutError(), 503, ""),
        (RuntimeError("what somebody asked"), 500, "A page failed: RuntimeError"),
    ],
)
def test_the_reason_of_a_failure_is_for_the_log_only(tmp_path, monkeypatch, log, error, status, logged):
    async def fail(*_):
        raise error

    monkeypatch.setattr(BackgroundThread, "run", fail)
    with AskSite(tmp_path, api_token=SecretStr(TOKEN)) as site:
        response = post(site, b'{"question": "rain"}')
        log.waits_for(logged)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert "disk" not in response.text
    assert ("ERROR" in log.text) == bool(logged)
    assert "what somebody asked" not in response.text + log.text


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (BusyError("Too many."), "Too many requests are waiting, or a database does not answer."),
        (TimeoutError(), "The answer took longer than 50 seconds, with its wait for others."),
    ],
)
def test_too_many_and_too_slow_have_sentences_of_their_own(tmp_path, monkeypatch, error, detail):
    async def fail(*_):
        raise error

    monkeypatch.setattr(BackgroundThread, "run", fail)
    with AskSite(tmp_path, api_token=SecretStr(TOKEN)) as site:
        response = post(site, b'{"question": "rain"}')
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()["detail"] == f"{detail} Try again in a few seconds."


# --- the description


@pytest.mark.parametrize("url", ["", "https://example.org/quoth"])
def test_the_description_names_all_addresses_and_where_they_are(tmp_path, url):
    with AskSite(tmp_path, api_token=SecretStr(TOKENS), public_url=url) as site:
        document = site.get("/api/openapi.json").json()
    assert set(document["paths"]) == {"/api/ask", "/api/find", "/api/verify"}
    assert document["servers"] == [{"url": url or "/"}]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("name", ["ask", "find", "verify"])
def test_the_api_does_what_its_description_says(site, name, mode):
    document = httpx.get(f"{site.address}/api/openapi.json", trust_env=False).json()
    operation = schemathesis.openapi.from_dict(document)[f"/api/{name}"]["POST"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=10,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def conforms(case):
        # What fits the description may still be no question, or no receipt.
        case.call_and_validate(
            base_url=site.address,
            headers={"Authorization": f"Bearer {TOKEN}"},
            excluded_checks=[positive_data_acceptance],
        )

    conforms()
