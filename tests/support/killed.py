"""The work of the processes that test_killed.py kills; a module of its own, so that they can import it."""

from __future__ import annotations

import itertools
import os
import random
import sys
from pathlib import Path

from retrieval import Index
from retrieval.documents.language import detect
from support.doubles import ReaderHere, WordEncoder

NAMES = [f"{number}.txt" for number in range(4)]
DIED = 77
MEANINGS = [f"word{number}" for number in range(8)]


detect("What tells languages apart is loaded here, once for all processes that are forked.")


def open_index(data):
    return Index(data, WordEncoder(*MEANINGS), reader=ReaderHere())


def text(name, version):
    """Name file and version in every sentence, so that a mixture of two versions shows."""
    number = version % len(MEANINGS)
    return "\n\n".join(f"Of {name} in version {version}, word{number} part {part}." for part in range(12))


def change_and_sync(folder, data, seed, last_call):
    """Change files and sync, again and again, until the process dies at its call number `last_call`."""
    chance = random.Random(seed)
    index = open_index(data)
    die_at(last_call)
    for step in itertools.count():
        change(Path(folder), chance, version=seed * 1_000 + step)
        index.sync(Path(folder))


def die_at(last_call):
    """End this process, without any clean-up, at a later call of any function, Python's or C's.

    So it dies at the same point of its work, however busy the machine is.
    """
    calls = itertools.count(1)

    def count(_frame, event, _argument):
        if event in {"call", "c_call"} and next(calls) == last_call:
            os._exit(DIED)

    sys.setprofile(count)


def change(folder, chance, version):
    """Write, remove or move a file atomically, so that a kill leaves the folder itself in order."""
    name = chance.choice(NAMES)
    path = folder / name
    match chance.choice(["write", "write", "remove", "move"]):
        case "write":
            hidden = folder / f".{name}"
            hidden.write_text(text(name, version))
            os.replace(hidden, path)  # noqa: PTH105
        case "remove":
            path.unlink(missing_ok=True)
        case "move" if path.exists():
            os.replace(path, folder / f"moved {name}")  # noqa: PTH105
