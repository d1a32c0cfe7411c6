"""Where `quoth` begins."""

import ctypes
import os
import sys
from contextlib import suppress

from bot.cli.exit_codes import ExitCode

_M_ARENA_MAX = -8
"""Of glibc's `mallopt`."""
_ARENAS = 2
"""Instead of glibc's 8 a core: a bot on two cores takes 95 MiB less after 23 uploads, and encodes no slower."""


def main() -> None:
    """Run the command; Ctrl-C while Python still imports its modules ends it without a traceback."""
    os.umask(0o077)  # what it writes is for nobody else: questions, uploads, the secret of the pairing link
    _limit_arenas()
    try:
        from bot.cli.app import main as run  # noqa: PLC0415 - takes half a second
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    run()


def _limit_arenas() -> None:
    """Let all threads share two of glibc's arenas; elsewhere, nothing happens.

    An arena keeps what was freed in it. Each update of BM25 starts threads, which leave up to 14 MiB in whichever
    arena they get. `malloc_trim` does not return that: it lies at the arena's end.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # musl has no such function
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


if __name__ == "__main__":
    main()
