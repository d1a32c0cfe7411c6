"""Reads files in a process of its own: what crashes it, hangs or eats memory harms no more than that one file.

The process is sent a line of JSON and a file's bytes, and answers with a line of JSON.
No pickle: whoever takes over a reader with a hostile file can still send nothing but text.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import asdict, astuple
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Any, BinaryIO

from retrieval.documents import readers
from retrieval.documents.document import Block, Document, Location, Unit
from retrieval.documents.readers.limits import DEFAULT, MIB, Limits
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

# An empty package with the modules of `retrieval`: to read files, the process needs none of the large libraries that
# the package itself imports, which takes half a second.
_BARE = f"""
import sys, types
sys.modules["retrieval"] = types.ModuleType("retrieval")
sys.modules["retrieval"].__path__ = [{str(Path(__file__).parents[1])!r}]
"""
_MAIN = "from retrieval.documents.isolation import main; main(sys.argv[1])"
# Without -P, Python would look for modules in the current folder, which may hold anything.
_COMMAND = [sys.executable, "-P", "-c", _BARE + _MAIN]
_OUT_OF_MEMORY = 77
"""Exit status."""
_LAST_WORDS_S = 5
"""How long a process that answers nothing may take to end."""
_ORPHANED_S = 5
"""How much longer than its parent the process waits for itself, in case it has lost its parent."""


class IsolatedReader:
    """Reads one file after another.

    The process is started for the first file, and again for the next one after it broke down or was closed.

    Args:
        limits: the most that one file may take.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: str, data: bytes) -> Document:
        """The document that the bytes of the file at `path` hold.

        Raises:
            DocumentError: it holds no text, is damaged, or takes more than the limits.
        """
        return _document(path, data, self._ask({"path": path}, data))

    def picture(self, path: str, data: bytes, page: int, marks: Sequence[str]) -> bytes:
        """A page of a PDF as PNG, with a quote, and perhaps a part of it, marked.

        Raises:
            DocumentError: it has no such page, is damaged, or takes more than the limits.
        """
        reply = self._ask({"path": path, "page": page, "marks": marks}, data)
        return b64decode(reply["picture"])

    def _ask(self, request: dict[str, object], data: bytes) -> dict[str, Any]:
        process = self._process = self._process or _started(self.limits)
        is_late = Event()

        def end() -> None:
            is_late.set()
            process.kill()

        timer = Timer(self.limits.seconds, end)
        timer.start()
        try:
            reply = _exchange(process, request | {"size": len(data)}, data)
        finally:
            timer.cancel()
        if not reply:
            self._process = None
            raise self._breakdown(_status(process), is_late=is_late.is_set())
        answer: dict[str, Any] = json.loads(reply)
        if "error" in answer:
            raise DocumentError(answer["error"], DocumentFault(answer["fault"]))
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _breakdown(self, status: int, *, is_late: bool) -> DocumentError:
        if is_late:
            return DocumentError(
                f"Reading it took longer than {self.limits.seconds} s. Split it, or raise QUOTH_MAX_SECONDS.",
                DocumentFault.TOO_HEAVY,
            )
        if status == _OUT_OF_MEMORY:
            return self.limits.out_of_memory()
        return DocumentError(
            f"The program that reads such files broke down (status {status}). "
            "The file is probably damaged: open it and save it again.",
            DocumentFault.DAMAGED,
        )


def _started(limits: Limits) -> subprocess.Popen[bytes]:
    secret = ("TELEGRAM_", "QUOTH_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    variables["PYTHONPATH"] = str(Path(__file__).parents[2])
    # numpy, which openpyxl imports, would else set aside memory for each core, and that counts.
    variables["OPENBLAS_NUM_THREADS"] = "1"
    return subprocess.Popen(  # noqa: S603 - our own program
        [*_COMMAND, json.dumps(asdict(limits))],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _exchange(process: subprocess.Popen[bytes], request: dict[str, object], data: bytes) -> bytes:
    """What the process answers; nothing if it broke down."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n" + data)
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return b""


def _status(process: subprocess.Popen[bytes]) -> int:
    """What a process that broke down has ended with."""
    try:
        process.wait(_LAST_WORDS_S)
    except subprocess.TimeoutExpired:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(BrokenPipeError):  # what was not written yet is lost
                pipe.close()
    return process.wait()


def _document(path: str, data: bytes, reply: dict[str, Any]) -> Document:
    return Document(
        path=path,
        sha256=readers.fingerprint(data),
        reader=reply["reader"],
        title=reply["title"],
        text=reply["text"],
        blocks=tuple(
            Block(start, end, heading, Location(Unit(place[0]), *place[1:]) if place else None)
            for start, end, heading, place in reply["blocks"]
        ),
        has_lines=reply["has_lines"],
    )


# --- in the process


def main(limits: str) -> None:
    """Answer until the parent ends; the limits are `Limits` as JSON."""
    try:
        _answer(Limits(**json.loads(limits)))
    except MemoryError:
        # There may be none left to say so in words.
        os._exit(_OUT_OF_MEMORY)


def _answer(limits: Limits) -> None:
    requests = sys.stdin.buffer
    # What a library prints must not get between the replies.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_memory(limits)
    while line := requests.readline():
        request = json.loads(line)
        _set_alarm(limits.seconds + _ORPHANED_S)
        reply = _reply(request, _whole(requests, request["size"]), limits)
        _set_alarm(0)
        replies.write(reply + b"\n")
        replies.flush()


def _whole(requests: BinaryIO, size: int) -> bytes:
    data = requests.read(size)
    if len(data) < size:
        sys.exit(1)  # the parent has died
    return data


def _reply(request: dict[str, Any], data: bytes, limits: Limits) -> bytes:
    try:
        make = _picture if "page" in request else _text
        return json.dumps(make(request, data, limits), ensure_ascii=False).encode()
    except DocumentError as error:
        return json.dumps({"error": str(error), "fault": error.fault}).encode()


def _picture(request: dict[str, Any], data: bytes, limits: Limits) -> dict[str, object]:
    drawn = readers.picture(request["path"], data, request["page"], request["marks"], limits)
    return {"picture": b64encode(drawn).decode()}


def _text(request: dict[str, Any], data: bytes, limits: Limits) -> dict[str, object]:
    document = readers.read(request["path"], data, limits)
    return {
        "reader": document.reader,
        "title": document.title,
        "text": document.text,
        "blocks": [
            (each.start, each.end, each.heading, each.place and astuple(each.place)) for each in document.blocks
        ],
        "has_lines": document.has_lines,
    }


def _limit_memory(limits: Limits) -> None:
    """On Linux; other systems have no limit that holds for one process."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has no such module

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * resource.getpagesize() + limits.memory_mib * MIB
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _set_alarm(seconds: int) -> None:
    if sys.platform != "win32":
        signal.alarm(seconds)
