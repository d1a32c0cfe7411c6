"""What test_backup.py does in processes that are killed; a module of its own, so that they can import it."""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from unittest.mock import patch

from bot.cli.operation import backup
from bot.settings import Settings
from retrieval.indexing import restore as indexing_restore
from retrieval.storage import backup as storage_backup
from retrieval.storage.sqlite import SqliteDatabase

_SLOW = {"_copy_tables", "_tables", "upload_files", "run", "stream"}
"""Functions with many lines that write nothing which can be seen before the commit."""


def back_up(data, file, *, force=False, **values):
    """Run `quoth backup`, and give the lines that it says."""
    return _run(backup.backup, data, file, force, values)


def restore(data, file, *, force=False, **values):
    """Run `quoth restore`, and give the lines that it says."""
    return _run(backup.restore, data, file, force, values)


def _run(command, data, file, force, values):
    said = []
    settings = Settings(_env_file=None, QUOTH_DATA=data, **values)
    with (
        patch.object(backup, "load_settings", lambda *_: settings),
        patch.object(backup.output, "version", lambda: "1.2.3"),
        patch.object(backup.output, "say", said.append),
    ):
        command(str(file), force=force)
    return said


def do_until(line, function, *arguments, lines=None, **options):
    """Call a function, and be killed at this line that it runs; `lines` becomes how many there are."""
    number = count(1)
    files = {module.__file__ for module in (backup, storage_backup, indexing_restore)}

    def trace(frame, event, argument):
        code = frame.f_code
        is_ours = code.co_filename in files or code is SqliteDatabase._within.__wrapped__.__code__
        if not is_ours or code.co_name in _SLOW:
            return None
        if event == "line":
            ran = next(number)
            if lines is not None:
                lines.value = ran
            if ran == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    function(*arguments, **options)
