"""Where `quoth` begins."""

import ctypes
import os
import sys
from contextlib import suppress

from bot import INTERRUPTED

_M_ARENA_MAX = -8
"""Of glibc's `mallopt`."""
_ARENAS = 2
"""With 2 instead of glibc's 8 a core, a bot on two cores has 100 MiB less after 23 uploads, and encodes no slower."""


def main() -> None:
    """Run the command; Ctrl-C while Python still imports its modules ends it without a traceback."""
    os.umask(0o077)  # what it writes is for nobody else: questions, uploads, the secret of the pairing link
    limit_arenas()
    try:
        from bot.cli.app import main as run  # noqa: PLC0415 - takes half a second
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    run()


def limit_arenas() -> None:
    """Let all threads share two of glibc's heaps; elsewhere, nothing happens.

    A heap keeps what was freed in it, and each update of BM25 starts threads of its own, which need 14 MiB.
    `malloc_trim` does not give that back, as it lies at the end of the heap.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # musl has no such function
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


if __name__ == "__main__":
    main()
