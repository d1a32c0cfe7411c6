"""Converts a file with LibreOffice, in a process and a folder of its own.

The file is hostile: LibreOffice runs no macro of it, follows none of its links, and sees no variable of this process.
All that it writes lies in the folder, which is deleted afterwards. Where the system can contain a process, LibreOffice
has no network, and reads no file but its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from retrieval.documents.containment import contain_conversion
from retrieval.documents.readers.legacy import LEGACY, explain_absence, find_libreoffice
from retrieval.documents.readers.limits import MIB, Limits
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOWHERE = "127.0.0.1"
"""A proxy where none listens: whatever would load something from the network cannot."""
_NOWHERE_PORT = 9
_SETTINGS: tuple[tuple[str, str, object], ...] = (
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", 3),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", True),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", True),
    # Two is: never.
    ("org.openoffice.Office.Writer/Content/Update", "Link", 2),
    ("org.openoffice.Office.Calc/Content/Update", "Link", 2),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", 2),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", _NOWHERE),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", _NOWHERE_PORT),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", _NOWHERE),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", _NOWHERE_PORT),
)
_LAUNCH = "from retrieval.documents.conversion import launch; launch(*sys.argv[1:])"
_OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard")


def convert(path: str, data: bytes, limits: Limits, python: Sequence[str]) -> bytes:
    """Convert the bytes of a file of an old format to the one that `LEGACY` says.

    Args:
        path: only for its suffix.
        data: the file.
        limits: the most that it may take.
        python: the command that runs a statement of this package in a new process.

    Raises:
        DocumentError: LibreOffice is not there, or the file is damaged or protected, or takes more than the limits.
    """
    program = find_libreoffice()
    if not program:
        raise explain_absence(path)
    suffix = PurePosixPath(path).suffix.lower()
    new_suffix = LEGACY[suffix].suffix
    with TemporaryDirectory(prefix="quoth-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = folder / f"source{suffix}"
        source.write_bytes(data)
        _write_profile(folder)
        command = [
            str(program),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *_OPTIONS,
            *("--convert-to", new_suffix.removeprefix("."), "--outdir", str(folder / "converted"), str(source)),
        ]
        limit = str(limits.seconds), str(limits.memory_mib), str(limits.unpacked_mib)
        _run([*python[:-1], python[-1] + _LAUNCH, *limit, name, json.dumps(command)], folder, limits)
        converted = folder / "converted" / f"source{new_suffix}"
        # A link would lead out of the folder.
        if converted.is_symlink() or not converted.is_file():
            raise _explain_failure(new_suffix)
        limits.check("unpacked_mib", converted.stat().st_size / MIB)
        return converted.read_bytes()


def _explain_failure(suffix: str) -> DocumentError:
    message = (
        "LibreOffice cannot convert the file: it is damaged, or protected with a password. "
        f"Open it in the program that made it, and save it as {suffix} without a password."
    )
    return DocumentError(message, DocumentFault.DAMAGED)


def launch(seconds: str, memory_mib: str, file_mib: str, folder: str, command: str) -> None:
    """Become LibreOffice, within limits: what it starts has them too."""
    arguments = json.loads(command)
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has no such module

        for kind, limit in (
            (resource.RLIMIT_AS, int(memory_mib) * MIB),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, int(seconds)),
            (resource.RLIMIT_FSIZE, int(file_mib) * MIB),
        ):
            resource.setrlimit(kind, (limit, limit))
    contain_conversion(Path(folder), Path(arguments[0]))
    os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted


def _write_profile(folder: Path) -> None:
    kinds = {bool: "boolean", int: "int", str: "string"}
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse" oor:type="xs:{kinds[type(value)]}">'
        f"<value>{str(value).lower()}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>',
        "utf-8",
    )


def _run(command: list[str], folder: Path, limits: Limits) -> None:
    """Run a command until it ends or the time is over, and end all that it has started."""
    proxy = f"http://{_NOWHERE}:{_NOWHERE_PORT}"
    variables = {
        **{name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ},
        **dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(folder)),
        **dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), proxy),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SAL_USE_VCLPLUGIN": "svp",
    }
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - the file's name is our own
        command, env=variables, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        raise limits.explain_excess("seconds") from None
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
