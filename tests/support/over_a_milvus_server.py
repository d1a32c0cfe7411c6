"""Several processes use a real Milvus server, which is killed and restarted; test_milvus_server.py runs this.

The server listens on all interfaces, so this runs in a network namespace with nothing but loopback.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from milvus import MilvusServer

ASKED = Path(__file__).with_name("asked.py")
CATS = "The cat sleeps. A kitten plays."
SEA = "The whale dives. Ships sail by."
TIMEOUT_S = 120
PERSON_S = 12
"""Longer than a person waits for an error, and shorter than for no answer at all."""


class Process:
    def __init__(self, running):
        self._running = running

    def __call__(self, what, words):
        self._running.stdin.write(json.dumps([what, str(words)]) + "\n")
        self._running.stdin.flush()
        return json.loads(self._running.stdout.readline())


@contextmanager
def process(data, url):
    command = [sys.executable, str(ASKED), str(data), url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield Process(running)
        running.stdin.close()
        assert running.wait(30) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = MilvusServer()
    running.set_base_dir(str(tmp_path_factory.mktemp("milvus")))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def url(server):
    return f"milvus://127.0.0.1:{server.listen_port}"


@pytest.fixture
def folder(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "cats.txt").write_text(CATS)
    (documents / "sea.txt").write_text(SEA)
    return documents


def test_another_process_finds_new_documents_at_once(url, folder, tmp_path):
    with process(tmp_path / "data", url) as indexer, process(tmp_path / "data", url) as searcher:
        indexer("sync", folder)
        assert searcher("search", "feline") == [CATS, SEA]
        (folder / "new.txt").write_text("A feline.")
        (folder / "sea.txt").unlink()
        indexer("sync", folder)
        assert searcher("search", "feline") == ["A feline.", CATS]
        (folder / "new.txt").unlink()
        indexer("sync", folder)
        assert searcher("search", "feline") == [CATS]


def test_after_milvus_was_killed_and_restarted_all_go_on(server, url, folder, tmp_path):
    with process(tmp_path / "data", url) as indexer, process(tmp_path / "data", url) as searcher:
        indexer("sync", folder)
        assert searcher("search", "feline") == [CATS, SEA]
        restart = kill(server)
        began = time.monotonic()
        (error,) = searcher("search", "feline").items()
        assert time.monotonic() - began < PERSON_S
        assert error[0] == "UnreachableError"
        assert f"Milvus at {url.removeprefix('milvus://')} does not answer" in error[1]
        (folder / "new.txt").write_text("A kitten purrs.")  # shares no word with the question
        (error,) = indexer("sync", folder).items()
        assert error[0] == "UnreachableError"
        assert error[1].startswith("The documents were read and are kept")
        restart()
        assert retry(lambda: searcher("search", "feline")) == [CATS, SEA]
        synced = retry(lambda: indexer("sync", folder))
        assert synced == {"cats.txt": "unchanged", "new.txt": "unchanged", "sea.txt": "unchanged"}
        assert searcher("search", "feline") == ["A kitten purrs.", CATS, SEA]


def kill(server):
    """Kill the server, and return a function that starts it again, with the same port."""
    process = server.server_proc
    environment = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
    folder = Path(f"/proc/{process.pid}/cwd").readlink()
    process.kill()
    process.wait()

    def restart():
        variables = dict(variable.split("=", 1) for variable in environment if variable)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server.server_proc = subprocess.Popen(process.args, env=variables, cwd=folder, **quiet)

    return restart


def retry(ask):
    """Ask until the answer is no error: a server that has just started refuses for some seconds."""
    deadline = time.monotonic() + TIMEOUT_S
    while "UnreachableError" in (answer := ask()) and time.monotonic() < deadline:
        pass  # an answer takes its time
    return answer
