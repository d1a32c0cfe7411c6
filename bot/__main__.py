"""Where `quoth` begins."""

import os
import sys

from bot.cli.exit_codes import ExitCode


def main() -> None:
    """Run the command; Ctrl-C while Python still imports its modules ends it without a traceback."""
    os.umask(0o077)  # what it writes is for nobody else: questions, uploads, the secret of the pairing link
    try:
        from bot.cli.app import main as run  # noqa: PLC0415 - takes half a second
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
