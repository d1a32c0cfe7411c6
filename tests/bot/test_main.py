"""What happens before a command runs. A limit on heaps cannot be lifted again, so each test has a process of its own."""

import subprocess
import sys

import pytest
from support.commands import ROOT, environment

USE_MEMORY_IN_THREADS = """
import ctypes, sys, threading
from bot.__main__ import limit_arenas
limit_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(6)
def use_memory():
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=use_memory) for _ in range(5)]
for thread in threads: thread.start()
together.wait()
libc.malloc_info(0, ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has these heaps")
def test_threads_share_two_heaps(tmp_path):
    report = tmp_path / "heaps.xml"
    subprocess.run([sys.executable, "-c", USE_MEMORY_IN_THREADS, report], cwd=ROOT, env=environment(), check=True)
    assert report.read_text("ascii").count("<heap nr=") == 2
