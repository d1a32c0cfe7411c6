"""System calls of Linux that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import suppress

_SET_DUMPABLE = 4
_SET_NO_NEW_PRIVILEGES = 38
_CAPABILITIES_VERSION = 0x20080522
_READ_ANY_FILE = 1 << 2
"""CAP_DAC_READ_SEARCH: the libraries may belong to another user than root."""


class ContainmentError(Exception):
    """The system refuses a measure; the message says why."""


def call(number: int, *arguments: int | bytes | ctypes.Structure | None) -> int:
    """Make the system call of this number.

    Raises:
        OSError: it fails.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    # ctypes would pass an int in 32 bits, but the kernel reads 64.
    words = (ctypes.c_long(word) if isinstance(word, int) else word for word in arguments)
    pointers = (ctypes.byref(word) if isinstance(word, ctypes.Structure) else word for word in words)
    return _check(libc.syscall(ctypes.c_long(number), *pointers))


def forbid_privileges() -> None:
    """Let no program that is started gain rights; an unprivileged process is contained only then."""
    with suppress(OSError):
        _prctl(_SET_NO_NEW_PRIVILEGES, 1)


def forbid_inspection() -> None:
    """Keep other processes of the same user out of the memory and the variables of this one."""
    with suppress(OSError):
        _prctl(_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up what root may do, but for reading files."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("=Ii", _CAPABILITIES_VERSION, 0)
    kept = ctypes.create_string_buffer(24)
    with suppress(OSError, AttributeError):
        _check(libc.capget(header, kept))
        effective, permitted = struct.unpack("=II", kept.raw[:8])
        rights = effective & _READ_ANY_FILE, permitted & _READ_ANY_FILE, 0
        _check(libc.capset(header, struct.pack("=6I", *rights, 0, 0, 0)))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))))


def _check(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
