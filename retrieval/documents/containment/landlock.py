"""Landlock: a process says which files it will still use, and the kernel holds it to that (Linux 5.13)."""

from __future__ import annotations

import errno
import os
import stat
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.documents.containment.calls import ContainmentError, call

if TYPE_CHECKING:
    from collections.abc import Mapping

# The same numbers on every processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE = 1 << 1
READ = 1 << 2 | 1 << 3
"""Of files and of folders."""
REMOVE_FILE = 1 << 5
MAKE_SOCKET = 1 << 9
ALL = (1 << 15) - 1
"""All but `ioctl` on devices."""
_OF_FILES = EXECUTE | WRITE | 1 << 2 | 1 << 14
"""What can be said of a file; all else is said of a folder."""
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: ALL}
"""The version that the kernel knows, and the rights that it can take."""
_NETWORK_VERSION, _NETWORK = 4, 1 << 0 | 1 << 1
"""Listening and connecting by TCP."""
_SCOPES_VERSION, _SCOPES = 6, 1 << 0 | 1 << 1
"""Abstract sockets and signals of processes outside."""
_REASONS = {
    errno.ENOSYS: "this system has no Landlock, which Linux has from 5.13 on",
    errno.EOPNOTSUPP: "Landlock is switched off in this system: add it to lsm= where the kernel is started",
    errno.EPERM: "Landlock is forbidden here, perhaps by the settings of the container",
}


def restrict(rules: Mapping[str, int]) -> None:
    """Take from this process and its children all files but those at or below these paths.

    Args:
        rules: paths, and what may be done there: `READ`, `EXECUTE`, `WRITE`, or `ALL`. What does not exist is left out.

    Raises:
        ContainmentError: the system has no Landlock, or refuses it.
    """
    try:
        version = call(_CREATE_RULESET, None, 0, _ASK_VERSION)
        rights = _RIGHTS.get(version, ALL)
        network = _NETWORK if version >= _NETWORK_VERSION else 0
        scopes = _SCOPES if version >= _SCOPES_VERSION else 0
        attributes = struct.pack("=QQQ", rights, network, scopes)
        ruleset = call(_CREATE_RULESET, attributes, len(attributes), 0)
        try:
            for path, allowed in rules.items():
                _allow(ruleset, path, allowed & rights)
            call(_RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"Landlock fails here: {error.strerror}")
        raise ContainmentError(reason) from None


def _allow(ruleset: int, path: str, rights: int) -> None:
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                rights &= _OF_FILES
            call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
        finally:
            os.close(descriptor)
