"""Runs `quoth` as people do: a process of its own, with the real model, outside the project's folder."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120
QUOTH = [sys.executable, "-m", "bot"]


_DISPLAY = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"}
_DISPLAY |= {"TTY_COMPATIBLE", "TTY_INTERACTIVE"}


def forget_settings():
    """Remove the variables that change what Quoth does or how it looks from this process and all that it starts."""
    for name in list(os.environ):
        is_setting = name.startswith(("QUOTH_", "TELEGRAM_")) and name != "QUOTH_CACHE"
        if is_setting or name in _DISPLAY or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(HF_HUB_OFFLINE="1", TERM="xterm")


def environment(**changes):
    """Return the variables of a process that runs Quoth."""
    return os.environ | {"PYTHONPATH": str(ROOT)} | changes


def run(*arguments, folder, typed="", **variables):
    """Run `quoth` in `folder`, and give what it writes and how it ends."""
    result = subprocess.run(
        [*QUOTH, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        check=False,
        input=typed,
    )
    assert "Traceback" not in result.stderr
    return result


class Terminal:
    """`quoth` on a terminal of its own; a context manager."""

    def __init__(self, *arguments, folder, columns, **variables):
        import pty  # noqa: PLC0415 - Windows has no such module
        import termios  # noqa: PLC0415

        self._screen, keyboard = pty.openpty()
        termios.tcsetwinsize(keyboard, (40, columns))
        self._process = subprocess.Popen(
            [*QUOTH, *arguments],
            cwd=folder,
            # The answer to the question where the cursor is would have to come from a real terminal.
            env=environment(PROMPT_TOOLKIT_NO_CPR="1", **variables),
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
        )
        os.close(keyboard)
        self._seen = b""

    @property
    def seen(self):
        """Give all output, with what steers the terminal."""
        return self._seen.decode(errors="replace").replace("\r\n", "\n")

    def waits_for(self, text, times=1):
        deadline = time.monotonic() + TIMEOUT_S
        while self.seen.count(text) < times:
            assert self._read(deadline), f"{text!r} is not there {times} times:\n{self.seen}"

    def types(self, keys):
        os.write(self._screen, keys.encode())

    def interrupts(self):
        self._process.send_signal(signal.SIGINT)

    def ends(self):
        """Wait for the end, and give the exit status."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._read(deadline):
            pass
        return self._process.wait(TIMEOUT_S)

    def _read(self, deadline):
        """Wait for more output, and say whether there was any before the end."""
        left = deadline - time.monotonic()
        is_ready = left > 0 and select.select([self._screen], [], [], left)[0]
        assert is_ready, f"What is waited for does not come after:\n{self.seen}"
        try:
            data = os.read(self._screen, 65536)
        except OSError:
            # So Linux says that no process has the terminal open any more.
            data = b""
        self._seen += data
        return bool(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait(TIMEOUT_S)
        os.close(self._screen)
