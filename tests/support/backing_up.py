"""What test_backup.py does in processes that are killed; a module of its own, so that they can import it."""

from __future__ import annotations

import os
import signal
import sys
from itertools import count

from bot.cli import backup
from bot.settings import Settings
from retrieval.indexing import restore
from retrieval.storage import backup as storage_backup
from retrieval.storage.sqlite import SqliteDatabase

_SLOW = {"_copy_tables", "_tables", "upload_files", "run", "stream"}
"""Functions with many lines that write nothing which can be seen before the commit."""


def settings(data, **values):
    return Settings(_env_file=None, QUOTH_DATA=data, **values)


def back_up(data, file, *, force=False, **values):
    return backup.back_up(settings(data, **values), str(file), "1.2.3", force=force)


def restored(data, file, *, force=False, **values):
    return list(backup.restore(settings(data, **values), str(file), force=force))


def do_until(line, function, *arguments, lines=None, **options):
    """Call a function, and be killed at this line that it runs; `lines` becomes how many there are."""
    number = count(1)
    files = {each.__file__ for each in (backup, storage_backup, restore)}

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
