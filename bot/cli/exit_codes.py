"""The exit codes of all commands; docs/commands.md has the same table."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends."""

    OK = 0
    """All is well."""
    ERROR = 1
    """Something went wrong, or what was checked is not as it should be."""
    MISUSE = 2
    """The command or the question cannot be understood, or what it names is not there."""
    NOTHING_FOUND = 3
    """The documents do not answer the question."""
    INTERRUPTED = 130
    """Ctrl-C: 128 and the number of SIGINT, as in shells."""
