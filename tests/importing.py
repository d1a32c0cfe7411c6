"""What the processes of test_transfer.py do until they are killed; a module of its own, so that they can import it."""

from __future__ import annotations

import itertools
import os

from retrieval import import_from, transfer_lines

# Here, and not in each process, which lives hardly longer than this takes.
transfer_lines._lines()


def import_again_and_again(file, folders, ready, first):
    """Import a file into one new folder after another; `ready` is set after so many."""
    for number in itertools.count():
        if number == first:
            ready.set()
        with file.open("rb") as lines:
            import_from(lines, folders / f"{os.getpid()}-{number}")
