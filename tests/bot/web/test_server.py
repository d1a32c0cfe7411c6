"""`quoth serve` as people run it: a process of its own."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from support.commands import QUOTH, TIMEOUT_S, environment, run
from support.receipt_pages import Archive

from bot.services import supervision
from bot.settings import Settings
from bot.web.server import serving

WORDS = "Six ships may pass."


@pytest.fixture
def archive(tmp_path):
    made = Archive(tmp_path)
    made.holds("rules.txt", f"The gate is open. {WORDS}")
    made.is_indexed()
    return made


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def quoth_serve(indexed, tmp_path):
    started = []

    def start(**changes):
        data = shutil.copytree(indexed, tmp_path / "seeds")
        process = subprocess.Popen(
            [*QUOTH, "serve", "--data", data],
            cwd=data,
            env=environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_person_asks_in_a_browser_until_a_signal_ends_it(quoth_serve, ending):
    address, token = f"http://127.0.0.1:{(port := free_port())}", "a-token-for-programs"
    process = quoth_serve(QUOTH_SERVE_PORT=port, QUOTH_API_TOKEN=token, QUOTH_LOG_LEVEL="debug")
    assert f"Ask at {address}/; Ctrl-C ends it.\n" in iter(process.stdout.readline, "")
    with httpx.Client(base_url=address, timeout=TIMEOUT_S, trust_env=False, follow_redirects=True) as browser:
        assert browser.post("/sign-in", data={"token": token}).status_code == 200
        page = browser.post("/", data={"question": "How many British police officers will work in Coquelles?"}).text
        assert "six British police officers" in page
        (link,) = re.findall(r'"(r/[\w-]{20,})"', page)
        assert "six British police officers" in browser.get(f"/{link}").text
    process.send_signal(ending)
    log = process.communicate(timeout=TIMEOUT_S)[0]
    assert process.returncode == 0
    assert not any(secret in log for secret in (token, link, "Coquelles", "Traceback"))


def test_health_is_on_its_own_port_and_every_line_is_json(quoth_serve):
    port, metrics_port = free_port(), free_port()
    process = quoth_serve(QUOTH_SERVE_PORT=port, QUOTH_METRICS_PORT=metrics_port, QUOTH_LOG_FORMAT="json")
    first = json.loads(process.stdout.readline())
    assert first.pop("time").endswith("+00:00")
    message = f"Ask at http://127.0.0.1:{port}/; Ctrl-C ends it."
    assert first == {"level": "info", "logger": "bot.cli.output", "message": message}
    health = f"http://127.0.0.1:{metrics_port}/healthz"
    # The first sync runs beside the first answers.
    while not (said := httpx.get(health, trust_env=False).json())["ready"] or not said["last_sync"]:
        assert process.poll() is None
    assert datetime.fromisoformat(said.pop("last_sync")).tzinfo == UTC
    assert (httpx.get(health, trust_env=False).status_code, said) == (200, {"ready": True, "polling": None, "queue": 0})
    for path in ("/healthz", "/metrics"):
        assert httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code == 404
    process.terminate()
    assert [json.loads(line) for line in process.communicate(timeout=TIMEOUT_S)[0].splitlines()] == []
    assert process.returncode == 0


@pytest.mark.parametrize("error", [RuntimeError("what somebody wrote"), SystemExit(1)])
def test_the_thread_of_the_pages_outlives_an_error(archive, monkeypatch, log, error):
    monkeypatch.setattr(supervision, "DELAYS_S", (0.01,))
    run_server, errors = uvicorn.Server.run, [error]

    def fail_at_its_end(server, sockets):
        run_server(server, sockets)
        if errors:
            raise errors.pop()

    monkeypatch.setattr(uvicorn.Server, "run", fail_at_its_end)
    monkeypatch.setattr(uvicorn.Server, "on_tick", end_after_a_while(uvicorn.Server.on_tick, errors))
    receipt_id = archive.quote("rules.txt", WORDS)
    settings = Settings(QUOTH_DATA=archive.data, QUOTH_SERVE_PORT=free_port(), _env_file=None)
    with serving(settings) as address:
        log.waits_for("The server of the pages ended and begins again")
        assert WORDS in httpx.get(address + archive.link(receipt_id), trust_env=False).text
    assert "what somebody wrote" not in log.text


def end_after_a_while(on_tick, errors):
    """Makes a server end by itself, as long as there are errors."""

    async def tick(server, counter):
        return await on_tick(server, counter) or bool(errors)

    return tick


def test_a_port_that_is_taken_is_one_clear_line_and_status_1(archive):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--data", str(archive.data), folder=archive.data, QUOTH_SERVE_PORT=port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use")
    assert "QUOTH_SERVE_PORT" in done.stderr
