"""Takes from a process that reads hostile files what no reader needs: other files, the network, other programs.

Every measure is taken where the system has it, and none is fatal where it does not: `Containment` says what is missing.
Only a process that has one thread, and that has seen no hostile byte yet, can be contained.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.documents.containment import landlock, seccomp
from retrieval.documents.containment.calls import (
    ContainmentError,
    drop_capabilities,
    forbid_inspection,
    forbid_privileges,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_OPEN_FILES = 256
_SYSTEM = ("/usr", "/lib", "/lib64", "/nix/store", "/gnu/store", "/home/linuxbrew/.linuxbrew")
"""Where libraries and fonts are."""
_SYSTEM_FILES = (
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf"),
    *("/dev/null", "/dev/urandom", "/dev/random", "/dev/zero"),
    # How many cores and how much memory there are.
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm", "/sys/devices/system", "/sys/fs/cgroup"),
)
_OFFICE_FILES = (
    *("/etc/fonts", "/etc/libreoffice", "/etc/alternatives", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),
    *("/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/locale.alias", "/etc/papersize"),
    *("/bin", "/sbin", "/proc/filesystems", "/proc/version"),
    *("/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice"),
)

__all__ = ["Containment", "Freedom", "contain_conversion", "contain_reader", "forbid_inspection"]


class Freedom(StrEnum):
    """What a contained process cannot do; the words follow "it can"."""

    READ = "read other files"
    WRITE = "change files"
    CONNECT = "use the network"
    START = "start programs"
    INSPECT = "look into other programs"


_TAKEN_BY_BOTH = (Freedom.WRITE, Freedom.INSPECT)
"""Either Landlock or seccomp takes them."""


@dataclass(frozen=True, slots=True)
class Containment:
    """What a process could still do, had a hostile file taken it over, and why."""

    left: Mapping[Freedom, str]


def contain_reader() -> Containment:
    """Contain this process, which from now on only reads its libraries and answers."""
    # Whatever Python compiles from now on cannot be kept.
    sys.dont_write_bytecode = True
    _limit_resources()
    if sys.platform != "linux":
        return Containment(dict.fromkeys(Freedom, "Quoth can contain it on Linux only"))
    forbid_privileges()
    drop_capabilities()
    no_landlock = _try_landlock(dict.fromkeys(_list_libraries(), landlock.READ))
    no_seccomp = _try_seccomp(seccomp.READER)
    return Containment(_list_freedoms(no_landlock, no_seccomp))


def contain_conversion(folder: Path, program: Path) -> None:
    """Contain this process, which then becomes `program`: it may start others, and write below `folder`."""
    if sys.platform != "linux":
        return
    forbid_privileges()
    drop_capabilities()
    program = program.resolve()
    paths = [*_SYSTEM, *_SYSTEM_FILES, *_OFFICE_FILES, str(program.parents[1])]
    rules = dict.fromkeys(paths, landlock.READ | landlock.EXECUTE)
    rules["/dev/null"] = landlock.READ | landlock.WRITE
    rules[str(folder)] = landlock.ALL
    # LibreOffice makes and removes a socket there, whatever TMPDIR says.
    rules["/tmp"] = landlock.MAKE_SOCKET | landlock.REMOVE_FILE  # noqa: S108 - no file is made there
    _try_landlock(rules)
    _try_seccomp(seccomp.CONVERSION)


def _list_freedoms(no_landlock: str, no_seccomp: str) -> dict[Freedom, str]:
    left: dict[Freedom, str] = {}
    if no_landlock:
        left[Freedom.READ] = no_landlock
    if no_seccomp:
        left |= dict.fromkeys((Freedom.CONNECT, Freedom.START), no_seccomp)
    if no_landlock and no_seccomp:
        left |= dict.fromkeys(_TAKEN_BY_BOTH, no_seccomp)
    return left


def _try_landlock(rules: Mapping[str, int]) -> str:
    """Give why it failed, or nothing."""
    try:
        landlock.restrict(rules)
    except ContainmentError as error:
        return str(error)
    return ""


def _try_seccomp(policy: seccomp.Policy) -> str:
    try:
        seccomp.restrict(policy)
    except ContainmentError as error:
        return str(error)
    return ""


def _limit_resources() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has no such module

    limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: _MAX_OPEN_FILES}
    if sys.platform == "darwin":
        # Linux counts the threads of the user here, other programs' among them.
        limits[resource.RLIMIT_NPROC] = 0
    for kind, limit in limits.items():
        with suppress(ValueError, OSError):  # a lower limit is there already
            resource.setrlimit(kind, (limit, limit))


def _list_libraries() -> Iterator[str]:
    """List what a reader may read: the libraries that it imports, and not what else lies beside them."""
    package = Path(__file__).parents[2]
    yield from _SYSTEM
    yield from _SYSTEM_FILES
    yield str(package)
    for prefix in {sys.prefix, sys.base_prefix}:
        yield from (f"{prefix}/lib", f"{prefix}/lib64")
    yield from (folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder.startswith("/"))
    for entry in sys.path:
        # In a checkout, the folder around the package holds `.env`, and perhaps the data and the documents.
        if entry != str(package.parent) or any(package.parent.glob("*.dist-info")):
            yield entry
