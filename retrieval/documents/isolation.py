"""IsolatedReader: reads files in a process of its own. A file that crashes it, hangs or eats memory harms no other.

The process is sent a line of JSON and a file's bytes, and answers with lines of JSON: the first says how many follow.
A text and its blocks come in pieces, as the process has no memory to write a long one whole.
Pickle would let a hostile file that takes over a reader run code here; JSON lets it send nothing but text.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Any, BinaryIO

from retrieval.documents import readers
from retrieval.documents.document import Block, Document, Location, Omission, Unit
from retrieval.documents.readers.limits import DEFAULT_LIMITS, MIB, Limits
from retrieval.errors import DocumentError, DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# A stand-in for the package `retrieval`, which imports large libraries in half a second: readers need none of them.
_STAND_IN = f"""
import sys, types
sys.modules["retrieval"] = types.ModuleType("retrieval")
sys.modules["retrieval"].__path__ = [{str(Path(__file__).parents[1])!r}]
"""
_MAIN = "from retrieval.documents.isolation import main; main(sys.argv[1])"
# Without -P, Python would look for modules in the current folder, which may hold anything.
_COMMAND = [sys.executable, "-P", "-c", _STAND_IN + _MAIN]
_OUT_OF_MEMORY_STATUS = 77
_PIECE, _BATCH = 1 << 20, 10_000
"""Characters and blocks in a line of a reply."""
_EXIT_TIMEOUT_S = 5
"""How long a process that answers nothing may take to end."""
_ORPHAN_GRACE_S = 5
"""How much longer than its parent the process waits for itself, in case it has lost its parent."""


class IsolatedReader:
    """Reads one file after another.

    The process starts with the first file, and again with the next one after it broke down or was closed.

    Args:
        limits: the most that one file may take.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: str, data: bytes) -> Document:
        """Read the document that the bytes of the file at `path` hold.

        Raises:
            DocumentError: it holds no text, is damaged, or takes more than the limits.
        """
        reply, *pieces = self._request({"path": path}, data)
        texts = reply.pop("texts")
        blocks = tuple(
            Block(start, end, heading, Location(Unit(place[0]), *place[1:]) if place else None)
            for piece in pieces[texts:]
            for start, end, heading, place in piece
        )
        left_out = {Omission(kind): count for kind, count in reply.pop("left_out").items()}
        text = "".join(pieces[:texts])
        sha256 = readers.fingerprint(data)
        return Document(path=path, sha256=sha256, text=text, blocks=blocks, left_out=left_out, **reply)

    def draw_page(self, path: str, data: bytes, page: int, marks: Sequence[str]) -> bytes:
        """Draw a page of a PDF as PNG, with a quote, and perhaps a part of it, marked.

        Raises:
            DocumentError: it has no such page, is damaged, or takes more than the limits.
        """
        reply, *_ = self._request({"path": path, "page": page, "marks": marks}, data)
        return b64decode(reply["picture"])

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _request(self, request: dict[str, object], data: bytes) -> list[Any]:
        process = self._process = self._process or _start(self.limits)
        is_late = Event()

        def end() -> None:
            is_late.set()
            process.kill()

        timer = Timer(self.limits.seconds, end)
        timer.start()
        try:
            lines = _exchange(process, request | {"size": len(data)}, data)
        finally:
            timer.cancel()
        if not lines:
            self._process = None
            status = _end(process)
            raise self.limits.explain_excess("seconds") if is_late.is_set() else self._describe_breakdown(status)
        reply, *pieces = map(json.loads, lines)
        if "error" in reply:
            raise DocumentError(reply["error"], DocumentFault(reply["fault"]))
        return [reply, *pieces]

    def _describe_breakdown(self, status: int) -> DocumentError:
        if status == _OUT_OF_MEMORY_STATUS:
            return self.limits.explain_excess("memory_mib")
        return DocumentError(
            f"The program that reads such files broke down (status {status}). "
            "The file is probably damaged: open it and save it again.",
            DocumentFault.DAMAGED,
        )


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    secret = ("TELEGRAM_", "QUOTH_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    variables["PYTHONPATH"] = str(Path(__file__).parents[2])
    # numpy, which openpyxl imports, would else reserve memory for each core, and that counts.
    variables["OPENBLAS_NUM_THREADS"] = "1"
    return subprocess.Popen(  # noqa: S603 - our own program
        [*_COMMAND, json.dumps(asdict(limits))],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _exchange(process: subprocess.Popen[bytes], request: dict[str, object], data: bytes) -> list[bytes]:
    """Send a request and wait for all lines of the reply; nothing comes if the process broke down."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n" + data)
        process.stdin.flush()
        count = process.stdout.readline()
        lines = [process.stdout.readline() for _ in range(int(count or 0))]
    except BrokenPipeError:
        return []
    return lines if all(line.endswith(b"\n") for line in lines) else []


def _end(process: subprocess.Popen[bytes]) -> int:
    """End a process that broke down, and give its exit status."""
    try:
        process.wait(_EXIT_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(BrokenPipeError):  # bytes that were not written yet are lost
                pipe.close()
    return process.wait()


# --- in the process


def main(limits: str) -> None:
    """Answer until the parent ends; the limits are `Limits` as JSON."""
    try:
        _answer(Limits(**json.loads(limits)))
    except MemoryError:
        # There may be none left to describe it in a reply.
        os._exit(_OUT_OF_MEMORY_STATUS)


def _answer(limits: Limits) -> None:
    requests = sys.stdin.buffer
    # A library that prints must not print between the replies.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_memory(limits)
    while line := requests.readline():
        request = json.loads(line)
        _set_alarm(limits.seconds + _ORPHAN_GRACE_S)
        # No variable holds the file's bytes, so that they are gone when the reply is written.
        count, lines = _reply(request, _receive(requests, request["size"]), limits)
        replies.write(b"%d\n" % count)
        for value in lines:
            replies.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
        replies.flush()
        _set_alarm(0)


def _receive(requests: BinaryIO, size: int) -> bytes:
    data = requests.read(size)
    if len(data) < size:
        sys.exit(1)  # the parent has died
    return data


def _reply(request: dict[str, Any], data: bytes, limits: Limits) -> tuple[int, Iterable[object]]:
    """Give the number of lines to answer, and their values."""
    path = request["path"]
    try:
        if "page" in request:
            picture = readers.draw_page(path, data, request["page"], request["marks"], limits)
            return 1, [{"picture": b64encode(picture).decode()}]
        document = readers.read(path, data, limits)
    except DocumentError as error:
        return 1, [{"error": str(error), "fault": error.fault}]
    texts, batches = range(0, len(document.text), _PIECE), range(0, len(document.blocks), _BATCH)
    return 1 + len(texts) + len(batches), _describe(document, texts, batches)


def _describe(document: Document, texts: range, batches: range) -> Iterator[object]:
    """Describe a document, then give the pieces of its text, then its blocks."""
    fields = ("reader", "title", "has_lines", "left_out")
    yield {"texts": len(texts)} | {field: getattr(document, field) for field in fields}
    for start in texts:
        yield document.text[start : start + _PIECE]
    for start in batches:
        yield [
            (
                block.start,
                block.end,
                block.heading,
                place and (place.unit, place.first, place.last, place.name, place.url),
            )
            for block in document.blocks[start : start + _BATCH]
            for place in [block.place]
        ]


def _limit_memory(limits: Limits) -> None:
    """Limit the memory on Linux; other systems have no limit that holds for one process."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has no such module

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limit = pages * resource.getpagesize() + limits.memory_mib * MIB
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _set_alarm(seconds: int) -> None:
    if sys.platform != "win32":
        signal.alarm(seconds)
