"""seccomp: the kernel refuses this process the system calls that no reader needs.

The filter is a list of what is forbidden, as libraries may need any of the rest on some system. Calls that came after
Linux 5.15 do not exist for the process: libraries then do as they do on an older kernel.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from retrieval.documents.containment.calls import ContainmentError, call

if TYPE_CHECKING:
    from collections.abc import Iterator


# All calls have their numbers on x86-64 and on aarch64, as arch/x86/entry/syscalls/syscall_64.tbl and
# include/uapi/asm-generic/unistd.h of Linux have them.
# Changing the system, and looking into it and into other processes.
_Calls: TypeAlias = dict[str, tuple[int | None, int | None]]
_NEVER: _Calls = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "tkill": (200, 130),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# Landlock does not know them.
_MARKING: _Calls = {
    "chmod": (90, None),
    "chown": (92, None),
    "fchmodat": (268, 53),
    "fchownat": (260, 54),
    "fremovexattr": (199, 16),
    "fsetxattr": (190, 7),
    "futimesat": (261, None),
    "lchown": (94, None),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "setxattr": (188, 5),
}
# Landlock refuses them as well, where it exists.
_CHANGING: _Calls = {
    "creat": (85, None),
    "fchmod": (91, 52),
    "fchown": (93, 55),
    "link": (86, None),
    "linkat": (265, 37),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "rmdir": (84, None),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "truncate": (76, 45),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "utime": (132, None),
    "utimensat": (280, 88),
    "utimes": (235, None),
}
_NETWORK: _Calls = {
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "connect": (42, 203),
    "listen": (50, 201),
    "msgget": (68, 186),
    "semget": (64, 190),
    "sendmmsg": (307, 269),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    "shmat": (30, 196),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
}
_STARTING: _Calls = {"execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None)}
_FIRST_UNKNOWN = 450
"""The first number that Linux gave out after 5.15; those of the 32-bit calls of x86-64 are higher still."""

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Where they stand in what the kernel hands the filter."""
_SET_FILTER = 1
_WITHOUT_MITIGATION = 1 << 2
"""Else older kernels make the whole process slower, to keep secrets that it has none of."""
_THREAD = 0x00010000
_NAMESPACES = 0x7E020000
_UNIX_SOCKET = 1
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class _Instruction(NamedTuple):
    code: int
    if_true: int
    if_false: int
    value: int


class _Judgement(NamedTuple):
    """Decides about a call by one of its arguments."""

    call: tuple[int | None, int | None]
    argument: int
    test: int
    value: int
    is_allowed: bool
    """Whether it is if the test holds; else it is not."""


class _Architecture(NamedTuple):
    column: int
    audit_number: int
    seccomp: int


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


_ARCHITECTURES = {"x86_64": _Architecture(0, 0xC000003E, 317), "aarch64": _Architecture(1, 0xC00000B7, 277)}
_CLONE, _KILL_CALL, _TGKILL, _PRLIMIT = (56, 220), (62, 129), (234, 131), (302, 261)
# Their flags lie where no filter can see them: without them, libraries call clone and openat.
_HIDDEN = {"clone3": (435, 435), "openat2": (437, 437)}


@dataclass(frozen=True, slots=True)
class Policy:
    """What a kind of process must not call."""

    forbidden: _Calls
    judgements: tuple[_Judgement, ...]
    is_alone: bool
    """Whether it sends signals to itself only."""


READER = Policy(
    _NEVER | _MARKING | _CHANGING | _NETWORK | _STARTING,
    (
        _Judgement(_CLONE, 0, _JUMP_IF_ANY, _THREAD, is_allowed=True),
        _Judgement((2, None), 1, _JUMP_IF_ANY, _TO_WRITE, is_allowed=False),
        _Judgement((257, 56), 2, _JUMP_IF_ANY, _TO_WRITE, is_allowed=False),
        _Judgement(_PRLIMIT, 0, _JUMP_IF_EQUAL, 0, is_allowed=True),
    ),
    is_alone=True,
)
CONVERSION = Policy(
    _NEVER | _MARKING | {"connect": _NETWORK["connect"], "kill": _KILL_CALL},
    (
        _Judgement(_CLONE, 0, _JUMP_IF_ANY, _NAMESPACES, is_allowed=False),
        _Judgement(_NETWORK["socket"], 0, _JUMP_IF_EQUAL, _UNIX_SOCKET, is_allowed=True),
        _Judgement(_PRLIMIT, 0, _JUMP_IF_EQUAL, 0, is_allowed=True),
    ),
    is_alone=False,
)


def restrict(policy: Policy) -> None:
    """Have the kernel refuse what the policy forbids to this process, to its threads, and to all that it starts.

    Raises:
        ContainmentError: the system has no such filters, or it is not known which number each call has here.
    """
    machine = os.uname().machine
    architecture = _ARCHITECTURES.get(machine)
    if not architecture or sys.maxsize < 1 << 32:
        known = " and ".join(_ARCHITECTURES)
        message = f"Quoth knows the numbers of system calls on {known} only"
        raise ContainmentError(message)
    instructions = list(_compile(policy, architecture))
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    program = _Program(len(instructions), code)
    try:
        try:
            call(architecture.seccomp, _SET_FILTER, _WITHOUT_MITIGATION, program)
        except OSError:  # before 4.17
            call(architecture.seccomp, _SET_FILTER, 0, program)
    except OSError as error:
        message = f"this system refuses a seccomp filter: {error.strerror}"
        raise ContainmentError(message) from None


def _compile(policy: Policy, architecture: _Architecture) -> Iterator[_Instruction]:
    yield _Instruction(_LOAD, 0, 0, _ARCHITECTURE)
    yield _Instruction(_JUMP_IF_EQUAL, 1, 0, architecture.audit_number)
    yield _Instruction(_RETURN, 0, 0, _KILL)
    yield _Instruction(_LOAD, 0, 0, _NUMBER)
    yield _Instruction(_JUMP_IF_AT_LEAST, 0, 1, _FIRST_UNKNOWN)
    yield _Instruction(_RETURN, 0, 0, _FAIL | errno.ENOSYS)
    for calls, code in ((policy.forbidden, errno.EPERM), (_HIDDEN, errno.ENOSYS)):
        for numbers in calls.values():
            number = numbers[architecture.column]
            if number is not None:
                yield _Instruction(_JUMP_IF_EQUAL, 0, 1, number)
                yield _Instruction(_RETURN, 0, 0, _FAIL | code)
    for judgement in _judge(policy):
        number = judgement.call[architecture.column]
        if number is not None:
            yield _Instruction(_JUMP_IF_EQUAL, 0, 4, number)
            # The lower half of the argument: both processors put it first.
            yield _Instruction(_LOAD, 0, 0, _ARGUMENTS + 8 * judgement.argument)
            yield _Instruction(judgement.test, *((1, 0) if judgement.is_allowed else (0, 1)), judgement.value)
            yield _Instruction(_RETURN, 0, 0, _FAIL | errno.EPERM)
            yield _Instruction(_RETURN, 0, 0, _ALLOW)
    yield _Instruction(_RETURN, 0, 0, _ALLOW)


def _judge(policy: Policy) -> Iterator[_Judgement]:
    yield from policy.judgements
    if policy.is_alone:
        for number in (_KILL_CALL, _TGKILL):
            yield _Judgement(number, 0, _JUMP_IF_EQUAL, os.getpid(), is_allowed=True)
