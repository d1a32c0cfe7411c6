"""A reader that a hostile file has taken over reaches no other file, no network and no other program."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import socket
import sys
from pathlib import Path

import pytest
from support.commands import ROOT
from support.made_files import samples

from retrieval.documents import containment, isolation, readers
from retrieval.documents.containment import Freedom
from retrieval.documents.isolation import IsolatedReader
from retrieval.documents.readers.limits import Limits
from retrieval.errors import DocumentError

WITHOUT = {
    "Landlock": "from retrieval.documents.containment import landlock\nlandlock._CREATE_RULESET = 99999\n",
    "seccomp": "from retrieval.documents.containment import seccomp\nseccomp._ARCHITECTURES = {}\n",
}
LEFT = {
    (): set(),
    ("Landlock",): {Freedom.READ},
    ("seccomp",): {Freedom.CONNECT, Freedom.START},
    ("Landlock", "seccomp"): {*Freedom},
}
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Processes are contained on Linux only.")


def lacking():
    """The measures that this machine does not have, by other means than the program's."""
    missing = set()
    if ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) < 1:
        missing.add("Landlock")
    has_filters = "\nSeccomp:" in Path("/proc/self/status").read_text("ascii")
    if not has_filters or platform.machine() not in {"x86_64", "aarch64"}:
        missing.add("seccomp")
    return missing


@pytest.fixture
def start(monkeypatch):
    """Starts a reader that a hostile file has taken over, as on a system without some measures."""
    started = []

    def start(*without):
        prelude = "".join(WITHOUT[measure] for measure in without)
        code = isolation._STAND_IN + prelude + (ROOT / "tests" / "support" / "escaping.py").read_text()
        monkeypatch.setattr(isolation, "_COMMAND", [sys.executable, "-P", "-c", code])
        started.append(IsolatedReader(Limits(seconds=20)))
        return started[-1]

    yield start
    for reader in started:
        reader.close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "document.txt").write_text("Secret.")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        yield tmp_path


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def reader():
    reader = IsolatedReader()
    yield reader
    reader.close()


@pytest.mark.parametrize(("suffix", "data"), samples().items(), ids=samples())
def test_a_contained_reader_reads_every_format(reader, suffix, data):
    """Its libraries are imported, and their files read, when it is contained already."""
    assert reader.read(f"a{suffix}", data) == readers.read(f"a{suffix}", data)


@on_linux
@pytest.mark.parametrize("without", LEFT)
def test_a_reader_can_do_only_what_it_is_said_to(start, folder, port, without):
    reader = start(*without)
    left = {*reader.describe_containment().left}
    assert left == LEFT[tuple(sorted({*without} | lacking()))]
    request = json.dumps({"folder": str(folder), "port": port}).encode()
    outcomes = json.loads(reader.read("escape.txt", request).text)
    taken = [freedom for freedom in Freedom if freedom not in left]
    done = [
        (freedom.name, name)
        for freedom in taken
        for name, outcome in outcomes[freedom.name.lower()].items()
        if outcome != "PermissionError"
    ]
    assert done == []
    if Freedom.WRITE in taken:
        assert (folder / "document.txt").read_text() == "Secret."
    assert all(outcomes[freedom.name.lower()] for freedom in Freedom)


@on_linux
def test_the_attempts_succeed_where_nothing_is_contained(start, folder, port):
    reader = start("Landlock", "seccomp")
    request = json.dumps({"folder": str(folder), "port": port}).encode()
    outcomes = json.loads(reader.read("escape.txt", request).text)
    assert set(outcomes["read"].values()) == {"done"}
    assert set(outcomes["connect"].values()) == {"done"}
    assert outcomes["start"]["fork"] == outcomes["start"]["a program"] == "done"
    assert outcomes["write"]["no document"] == "FileNotFoundError"  # it was renamed before


@on_linux
def test_variables_of_the_bot_are_hidden_without_measures(start, folder, port):
    reader = start("Landlock", "seccomp")
    request = json.dumps({"folder": str(folder), "port": port}).encode()
    outcomes = json.loads(reader.read("escape.txt", request).text)["inspect"]
    assert (outcomes["variables"], outcomes["memory"]) == ("PermissionError", "PermissionError")


@on_linux
def test_rights_of_files_stay_as_they_are(start, folder):
    if "seccomp" in lacking():
        pytest.fail("This test needs seccomp: run it on Linux with x86-64 or aarch64.")
    folder.chmod(0o700)
    request = json.dumps({"folder": str(folder)}).encode()
    assert json.loads(start().read("rights.txt", request).text) == {"mode": "PermissionError"}


@on_linux
def test_a_contained_reader_may_start_threads(start):
    assert json.loads(start().read("thread.txt", b"").text) == {"said": ["a thread"]}


@on_linux
@pytest.mark.parametrize("measure", WITHOUT)
def test_a_missing_measure_is_named(start, measure):
    reasons = {*start(measure).describe_containment().left.values()}
    assert [reason for reason in reasons if measure in reason or "system calls" in reason]


def test_elsewhere_a_reader_says_that_it_is_not_contained(monkeypatch):
    monkeypatch.setattr(sys, "platform", "freebsd")
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    monkeypatch.setattr(containment, "_limit_resources", lambda: None)
    assert {*containment.contain_reader().left} == {*Freedom}


@on_linux
def test_a_process_that_is_ended_leaves_the_reader_usable(start):
    reader = start()
    reader.describe_containment()
    os.kill(reader._process.pid, 9)
    with pytest.raises(DocumentError, match="broke down"):
        reader.describe_containment()
    assert reader.describe_containment()
