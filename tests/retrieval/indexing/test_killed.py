"""An indexing process may be killed at any moment: nothing is lost, halved or resurrected."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import sys
import threading
from contextlib import closing

import pytest
from support.killed import MEANINGS, change_and_sync, open_index

from retrieval.storage.store import Store

KILLS = 200
PROCESSES = "forkserver" if sys.platform != "win32" else "spawn"


@pytest.fixture
def processes(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context = multiprocessing.get_context(PROCESSES)
    if PROCESSES == "forkserver":
        context.set_forkserver_preload(["killed"])
    return context


def test_an_index_survives_any_kill(processes, tmp_path):
    folder, data = tmp_path / "documents", tmp_path / "data"
    folder.mkdir()
    chance = random.Random(1)
    caches_lagged = 0
    for seed in range(KILLS):
        ready = processes.Event()
        process = processes.Process(target=change_and_sync, args=(folder, data, seed, ready), daemon=True)
        process.start()
        assert ready.wait(60)
        # Not to wait for anything, but to hit it in the middle of something.
        threading.Event().wait(chance.uniform(0, 0.1))
        process.kill()
        process.join()
        caches_lagged += lags(data)
        if (data / "quoth.db").exists():
            check(folder, data)
    assert caches_lagged > KILLS / 20  # or it was never killed between the store's writes and the caches'


def lags(data):
    """Whether the caches were to be written next."""
    if not (data / "caches.json").exists():
        return False
    with closing(Store(data)) as store:
        return json.loads((data / "caches.json").read_text())["lexical"] != store.log.state().generation


def check(folder, data):
    with closing(open_index(data)) as index:
        if index.can_be_searched:
            found = everything(index)
            assert found.keys() == {document.path for document in index.documents()}
            assert all(map(is_whole, found.values()))
        index.sync(folder)
        assert {document.path for document in index.documents()} == {path.name for path in visible(folder)}
        assert everything(index) == {path.name: path.read_text() for path in visible(folder)}


def visible(folder):
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def everything(index):
    """Path → all text of the document: there are so few passages that every question finds all."""
    found = {}
    for hit in index.search(MEANINGS[0], 100):
        found.setdefault(hit.passage.path, []).append((hit.passage.start, hit.passage.text))
    return {path: "\n\n".join(text for _, text in sorted(texts)) for path, texts in found.items()}


def is_whole(text):
    """Whether these are all parts of one version of one file."""
    parts = re.findall(r"Of (\S+) in version (\d+), word\d part (\d+)\.", text)
    return len({part[:2] for part in parts}) == 1 and [int(part[2]) for part in parts] == [*range(12)]
