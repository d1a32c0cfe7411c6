"""A process that indexes may be killed at any moment: no document is lost, halved or restored."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import sys
from contextlib import closing

import pytest
from support.killed import DIED, MEANINGS, change_and_sync, open_index

from retrieval.storage.store import Store

KILLS = 60
CALLS = 20_000
"""Of functions: the first sync imports modules and makes about 10,000, each of the next 3,000 to 7,000."""
PROCESSES = "forkserver" if sys.platform != "win32" else "spawn"


@pytest.fixture
def processes(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    context = multiprocessing.get_context(PROCESSES)
    if PROCESSES == "forkserver":
        context.set_forkserver_preload(["support.killed"])
    return context


def test_an_index_survives_any_kill(processes, tmp_path):
    folder, data = tmp_path / "documents", tmp_path / "data"
    folder.mkdir()
    lagged = 0
    for seed in range(KILLS):
        last_call = 1 + seed * CALLS // KILLS
        process = processes.Process(target=change_and_sync, args=(folder, data, seed, last_call), daemon=True)
        process.start()
        process.join()
        assert process.exitcode == DIED
        lagged += is_behind(data)
        check(folder, data)
    assert lagged  # or none died between the database and the index files


def is_behind(data):
    """Check whether the index files are behind the database."""
    if not (data / "caches.json").exists():
        return False
    with closing(Store(data)) as store:
        return json.loads((data / "caches.json").read_text())["lexical"] != store.log.read_state().generation


def check(folder, data):
    with closing(open_index(data)) as index:
        if index.can_be_searched:
            texts = read_all(index)
            assert texts.keys() == {document.path for document in index.documents()}
            assert all(map(is_whole, texts.values()))
        index.sync(folder)
        assert {document.path for document in index.documents()} == {path.name for path in visible(folder)}
        assert read_all(index) == {path.name: path.read_text() for path in visible(folder)}


def visible(folder):
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def read_all(index):
    """Read path → all text of the document: there are so few passages that every question finds all."""
    parts = {}
    for hit in index.search(MEANINGS[0], 100):
        parts.setdefault(hit.passage.path, []).append((hit.passage.start, hit.passage.text))
    return {path: "\n\n".join(text for _, text in sorted(texts)) for path, texts in parts.items()}


def is_whole(text):
    """Check whether these are all parts of one version of one file."""
    parts = re.findall(r"Of (\S+) in version (\d+), word\d part (\d+)\.", text)
    return len({part[:2] for part in parts}) == 1 and [int(part[2]) for part in parts] == [*range(12)]
