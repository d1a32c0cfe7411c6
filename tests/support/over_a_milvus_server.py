"""Several processes on a real Milvus server, which is killed and comes back; test_milvus_server.py runs this.

The server listens on all interfaces, so all of this happens in a network of its own, where there is none but loopback.
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
    made = MilvusServer()
    made.set_base_dir(str(tmp_path_factory.mktemp("milvus")))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def url(server):
    return f"milvus://127.0.0.1:{server.listen_port}"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "documents"
    made.mkdir()
    (made / "cats.txt").write_text(CATS)
    (made / "sea.txt").write_text(SEA)
    return made


def test_what_one_process_indexes_another_finds_at_once(url, folder, tmp_path):
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


def test_milvus_is_killed_and_comes_back_and_all_go_on_by_themselves(server, url, folder, tmp_path):
    with process(tmp_path / "data", url) as indexer, process(tmp_path / "data", url) as searcher:
        indexer("sync", folder)
        assert searcher("search", "feline") == [CATS, SEA]
        start_again = killed(server)
        began = time.monotonic()
        (error,) = searcher("search", "feline").items()
        assert time.monotonic() - began < PERSON_S
        assert error[0] == "UnreachableError"
        assert f"Milvus at {url.removeprefix('milvus://')} does not answer" in error[1]
        (folder / "new.txt").write_text("A kitten purrs.")  # shares no word with the question
        (error,) = indexer("sync", folder).items()
        assert error[0] == "UnreachableError"
        assert error[1].startswith("The documents were read and are kept")
        start_again()
        assert eventually(lambda: searcher("search", "feline")) == [CATS, SEA]
        synced = eventually(lambda: indexer("sync", folder))
        assert synced == {"cats.txt": "unchanged", "new.txt": "unchanged", "sea.txt": "unchanged"}
        assert searcher("search", "feline") == ["A kitten purrs.", CATS, SEA]


def killed(server):
    """End the server with no warning; what is returned starts it again, with the port that it had."""
    process = server.server_proc
    environment = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
    folder = Path(f"/proc/{process.pid}/cwd").readlink()
    process.kill()
    process.wait()

    def start_again():
        variables = dict(each.split("=", 1) for each in environment if each)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server.server_proc = subprocess.Popen(process.args, env=variables, cwd=folder, **quiet)

    return start_again


def eventually(ask):
    """What is answered once it is no error: a server that has just started refuses for some seconds."""
    deadline = time.monotonic() + TIMEOUT_S
    while "UnreachableError" in (answer := ask()) and time.monotonic() < deadline:
        pass  # each takes its time
    return answer
