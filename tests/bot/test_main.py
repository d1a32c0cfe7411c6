"""What happens before a command runs: in a process of its own, as the limit of arenas cannot be lifted."""

import subprocess
import sys

import pytest
from support.commands import ROOT, environment

COMMAND_WITH_THREADS = """
import ctypes, sys, threading, types
from bot.__main__ import main

def command():
    libc = ctypes.CDLL(None)
    libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
    together = threading.Barrier(6)
    def use_memory():
        libc.malloc(1000)
        together.wait()
    for _ in range(5): threading.Thread(target=use_memory).start()
    together.wait()
    libc.malloc_info(0, ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w")))
    libc.fflush(None)

sys.modules["bot.cli.app"] = types.SimpleNamespace(main=command)
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has arenas")
def test_threads_share_two_arenas(tmp_path):
    report = tmp_path / "arenas.xml"
    subprocess.run([sys.executable, "-c", COMMAND_WITH_THREADS, report], cwd=ROOT, env=environment(), check=True)
    assert report.read_text("ascii").count("<heap nr=") == 2
