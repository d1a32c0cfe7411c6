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
from pathlib import Path, PurePosixPath
from threading import Event, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO

from retrieval.documents import readers
from retrieval.documents.containment import Containment, Freedom, contain_reader, forbid_inspection
from retrieval.documents.conversion import convert
from retrieval.documents.document import Block, Document, Location, Omission, Unit
from retrieval.documents.readers.legacy import LEGACY, guess_suffix
from retrieval.documents.readers.limits import DEFAULT_LIMITS, MIB, Limits
from retrieval.documents.readers.scan.budget import before_page
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
_PYTHON = [sys.executable, "-P", "-c", _STAND_IN]
_COMMAND = [*_PYTHON[:-1], _STAND_IN + _MAIN]
_OUT_OF_MEMORY_STATUS = 77
_PIECE, _BATCH = 1 << 20, 10_000
"""Characters and blocks in a line of a reply."""
_SCANNING = b"scanning\n"
"""What the process writes before it recognises a page; all other lines are replies."""
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
        reply, *pieces = self._request(*self._convert(path, data))
        reply["reader"] = readers.name_reader(path)
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

    def _convert(self, path: str, data: bytes) -> tuple[dict[str, object], bytes]:
        """Convert a file of an old format; give the request for what comes of it, or of the file itself."""
        suffix = PurePosixPath(path).suffix.lower()
        if suffix not in LEGACY or readers.is_page(path):
            return {"path": path}, data
        self.limits.check("file_mib", len(data) / MIB)
        guessed = guess_suffix(path, data) if data else LEGACY[suffix].suffix
        if guessed != suffix:
            return {"path": f"file{guessed}"}, data
        return {"path": f"file{LEGACY[suffix].suffix}"}, convert(path, data, self.limits, _PYTHON)

    def draw_page(self, path: str, data: bytes, page: int, marks: Sequence[str]) -> bytes:
        """Draw a page of a PDF as PNG, with a quote, and perhaps a part of it, marked.

        Raises:
            DocumentError: it has no such page, is damaged, or takes more than the limits.
        """
        reply, *_ = self._request({"path": path, "page": page, "marks": marks}, data)
        return b64decode(reply["picture"])

    def describe_containment(self) -> Containment:
        """Ask the process what a hostile file could do that had taken it over."""
        reply, *_ = self._request({"containment": True}, b"")
        return Containment({Freedom(freedom): reason for freedom, reason in reply["left"].items()})

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _request(self, request: dict[str, object], data: bytes) -> list[Any]:
        process = self._process = self._process or _start(self.limits)
        deadline = _Deadline(self.limits, process)
        try:
            lines = _exchange(process, request | {"size": len(data)}, data, deadline)
        finally:
            deadline.cancel()
        if not lines:
            self._process = None
            status = _end(process)
            raise deadline.explain() if deadline.is_over else self._describe_breakdown(status, deadline.scanned)
        reply, *pieces = map(json.loads, lines)
        if "error" in reply:
            fault = DocumentFault(reply["fault"])
            if fault is DocumentFault.TOO_HEAVY:
                # Memory that is used up would not suffice for the next file either.
                self.close()
            raise DocumentError(reply["error"], fault)
        return [reply, *pieces]

    def _describe_breakdown(self, status: int, scanned: int) -> DocumentError:
        if status == _OUT_OF_MEMORY_STATUS:
            return self.limits.explain_excess("memory_mib")
        if scanned:
            return DocumentError(
                f"The program that reads such files broke down (status {status}) at picture {scanned} of the file, "
                "perhaps as its memory was too little. Raise QUOTH_MAX_SCAN_MEMORY_MIB, or save the file again.",
                DocumentFault.TOO_HEAVY,
            )
        return DocumentError(
            f"The program that reads such files broke down (status {status}). "
            "The file is probably damaged: open it and save it again.",
            DocumentFault.DAMAGED,
        )


class _Deadline:
    """Ends a process that takes too long. Every scanned page puts it off."""

    def __init__(self, limits: Limits, process: subprocess.Popen[bytes]) -> None:
        self.scanned = 0
        self._limits = limits
        self._process = process
        self._end = monotonic() + limits.seconds
        self._over = Event()
        self._timer = self._start_timer()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def put_off(self) -> None:
        """Give the time for one more page; a process that was taken over cannot ask for ever."""
        if self.scanned < self._limits.scan_pages:
            self.scanned += 1
            self._end += self._limits.scan_seconds
            self._timer.cancel()
            self._timer = self._start_timer()

    def cancel(self) -> None:
        self._timer.cancel()

    def explain(self) -> DocumentError:
        return self._limits.explain_excess("scan_seconds" if self.scanned else "seconds")

    def _start_timer(self) -> Timer:
        timer = Timer(self._end - monotonic(), self._kill)
        timer.start()
        return timer

    def _kill(self) -> None:
        self._over.set()
        self._process.kill()


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    secret = ("TELEGRAM_", "QUOTH_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(secret)}
    variables["PYTHONPATH"] = str(Path(__file__).parents[2])
    # numpy, which openpyxl imports, would else reserve memory for each core, and that counts.
    variables["OPENBLAS_NUM_THREADS"] = "1"
    # So would each thread that recognises scans: 400 MiB on two cores, and more with every core.
    variables["MALLOC_ARENA_MAX"] = "1"
    forbid_inspection()
    return subprocess.Popen(  # noqa: S603 - our own program
        [*_COMMAND, json.dumps(asdict(limits))],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _exchange(
    process: subprocess.Popen[bytes], request: dict[str, object], data: bytes, deadline: _Deadline
) -> list[bytes]:
    """Send a request and wait for all lines of the reply; nothing comes if the process broke down."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n" + data)
        process.stdin.flush()
        while (count := process.stdout.readline()) == _SCANNING:
            deadline.put_off()
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
    containment = contain_reader()
    memory = _contain_memory(limits)
    while line := requests.readline():
        request = json.loads(line)
        if "containment" in request:
            replies.write(b"1\n%s\n" % json.dumps(asdict(containment)).encode())
            replies.flush()
            continue
        _set_alarm(limits.seconds + _ORPHAN_GRACE_S)
        before_page.set(_Grant(limits, memory, replies))
        # No variable holds the file's bytes, so that they are gone when the reply is written.
        count, lines = _reply(request, _receive(requests, request["size"]), limits)
        replies.write(b"%d\n" % count)
        for value in lines:
            replies.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
        replies.flush()
        _set_alarm(0)


class _Grant:
    """Grants time and memory to recognise the pages of one file."""

    def __init__(self, limits: Limits, memory: int, replies: BinaryIO) -> None:
        self._limits = limits
        self._memory = memory
        self._replies = replies
        self._pages = 0

    def __call__(self) -> None:
        self._pages += 1
        self._limits.check("scan_pages", self._pages)
        _limit_memory(self._memory + self._limits.scan_memory_mib * MIB)
        if sys.platform != "win32":
            _set_alarm(signal.alarm(0) + self._limits.scan_seconds)
        self._replies.write(_SCANNING)
        self._replies.flush()


def _contain_memory(limits: Limits) -> int:
    """Limit the memory of this process; give the bytes that it may use.

    Memory can still be raised by what scans may take: a library that recognises them is loaded with the first one.
    """
    if sys.platform != "linux":
        return 0
    import resource  # noqa: PLC0415 - Windows has no such module

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    memory = pages * resource.getpagesize() + limits.memory_mib * MIB
    most = memory + limits.scan_memory_mib * MIB
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    return memory


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


def _limit_memory(size: int) -> None:
    """Limit the memory on Linux; other systems have no limit that holds for one process."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has no such module

        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _set_alarm(seconds: int) -> None:
    if sys.platform != "win32":
        signal.alarm(seconds)
