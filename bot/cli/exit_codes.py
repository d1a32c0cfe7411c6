"""The exit codes of all commands; docs/commands.md has the same table."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends."""

    OK = 0
    """All is well; a question was answered."""
    ERROR = 1
    """Something went wrong, or what was to be checked is not as it should be."""
    MISUSE = 2
    """The command or the question cannot be understood, or there is nothing of this name or nothing to read."""
    NOTHING_FOUND = 3
    """The documents do not answer the question."""
    INTERRUPTED = 130
    """Ctrl-C, as shells have it: 128 and the number of SIGINT."""
